"""Lots: goods of one harvest and one packhouse, which differ in life and activation energy.

No two lots keep alike. A commodity's life is known by three numbers (its 5th, 50th and 95th
percentile: a two-piece lognormal), its activation energy by three more (a triangular
distribution). :class:`Lots` draws a sample of both, the same draw for every commodity and every
itinerary (*common random numbers*), so that two ways of going are compared on the same fruit.

**A law to plan with.** To ask hundreds of lots about a million itineraries is slow, so a search
asks one law that stands for a share ``confidence`` of them: the Arrhenius law with the life of
that share at both ends of the domain, made shorter until no mixture of the two ends contradicts
it. Along any history within the domain at least that share of lots then uses no more life than the
law. For a history is a mixture of temperatures, and of all mixtures with one mean of ``1/RT`` that
of the two extremes ages every lot most, whatever its activation energy, because ``exp`` is convex.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from coldchain.decay import (
    GAS_CONSTANT_J_MOL_K,
    ZERO_CELSIUS_K,
    ChillingBand,
    ChillingDose,
    FirstLimit,
    Limit,
    ModifiedAtmosphere,
    Pallet,
    SelfHeating,
    Trace,
    WaterLoss,
    life_factor,
    require_domain,
)
from coldchain.errors import OutOfDomain, UnknownName
from coldchain.goods import PackagingTerms, Perishable

Floats = NDArray[np.float64]

ENDED_H = -1.0
"""Shelf life told of goods that a limit ended which no longer moves, as chilling in a warm shop:
how long ago cannot be said, but they pass no floor."""

COUNT = 500
"""Lots in a sample: percentiles are then good to about two points."""

LAWS = ("arrhenius", "square_root")
"""Laws a commodity can be sampled by: names of the column ``decay_law``."""

MIXTURES = 1001
"""Shares of the warm end at which the law to plan with is tried."""

BETWEEN = 1.0005
"""Margin for the mixtures between those tried."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fate:
    """What a history does to a sample of lots.

    Attributes
    ----------
    life_used : float64[n]
        Of each lot at the end, by the limit nearest to its end.
    left_h : float64[n]
        Shelf life left at the retail temperature (h); negative: hours past its end.
    limited_by : str
        The limit a typical lot reaches first if it goes on at the retail temperature.
    """

    life_used: Floats
    left_h: Floats
    limited_by: str

    def used_by(self, share: float) -> float:
        """Life used that a ``share`` of lots does not exceed."""
        return float(np.sort(self.life_used)[rank(share, len(self.life_used))])

    def left_at(self, confidence: float) -> float:
        """Hours of shelf life that a share ``confidence`` of lots have left at least."""
        return float(np.sort(self.left_h)[::-1][rank(confidence, len(self.left_h))])

    def share_with(self, hours: float) -> float:
        """Share of lots that have at least ``hours`` left."""
        return float(np.mean(self.left_h >= hours - 1e-9))


def rank(share: float, count: int) -> int:
    """Position of the lot that completes a ``share`` of ``count`` sorted ones."""
    if not 0 < share < 1:
        raise ValueError(f"a share of lots lies between 0 and 1, not at {share}")
    return max(0, math.ceil(share * count - 1e-9) - 1)


class Lots:
    """A sample of lots of one commodity in one packaging.

    Parameters
    ----------
    goods, terms
        The commodity, and how it is packed.
    seed : int
        Of the draw: the same seed draws the same quantiles for every commodity.
    count : int
        Lots in the sample.

    Raises
    ------
    UnknownName
        The commodity's law of decay is none of :data:`LAWS`.
    ValueError
        It cannot be packed so, or its row lacks what its law needs.
    """

    def __init__(
        self, goods: Perishable, terms: PackagingTerms, *, seed: int, count: int = COUNT
    ) -> None:
        if goods.decay_law not in LAWS:
            raise UnknownName("decay law", goods.decay_law, LAWS)
        if terms.life_factor == "commodity" and goods.map_life_factor is None:
            raise ValueError(f"{goods.code} has no map_life_factor, so it cannot be packed in MAP")
        if goods.decay_law == "square_root" and goods.tmin_sqrt_c is None:
            raise ValueError(f"{goods.code} has no tmin_sqrt_c, which its law needs")
        self.goods = goods
        self.terms = terms
        life, energy = _quantiles(seed, count)
        self.life_h: Floats = 24.0 * np.array([goods.life_d(q) for q in life.tolist()])
        self.energy_j_mol: Floats = 1000.0 * _energies(goods, energy)
        self._planned: dict[float, FirstLimit] = {}

    @cached_property
    def pallet(self) -> Pallet:
        """How these goods, so packed, follow the air around them."""
        goods = self.goods
        heating = SelfHeating()
        if goods.respiration_mg_kg_h and goods.heat_capacity_kj_kg_k:
            heating = SelfHeating.of(goods.respiration_mg_kg_h, goods.heat_capacity_kj_kg_k)
        try:
            return Pallet(
                outer_half_cooling_h=self.terms.outer_half_cooling_h,
                core_half_cooling_h=self.terms.core_half_cooling_h,
                heating=heating,
            )
        except OutOfDomain as error:
            raise OutOfDomain(
                f"{goods.code} packed as {self.terms.packaging_id}: {error}"
            ) from None

    # Limits -------------------------------------------------------------------------------------

    def limits(self, *, life_h: float, energy_j_mol: float) -> FirstLimit:
        """What can end the life of a lot that keeps ``life_h`` at the reference in air."""
        return FirstLimit(limits=(self._law(life_h, energy_j_mol), *self.side_limits))

    def _law(self, life_h: float, energy_j_mol: float) -> Limit:
        """The law of temperature alone."""
        law = self.goods.ageing(life_h, energy_j_mol)
        if self._factor == 1.0:
            return law
        return ModifiedAtmosphere(law=law, life_factor=self._factor, max_c=self.terms.max_c)

    @cached_property
    def jumps_c(self) -> tuple[float, ...]:
        """Temperatures at which a rate jumps: where a liner gives up, the ends of a zone (°C)."""
        jumps = {self.terms.max_c} if self._factor != 1.0 else set[float | None]()
        if self.goods.chill_zone_limit_d is not None:
            jumps |= {self.goods.chill_zone_min_c, self.goods.chill_zone_max_c}
        return tuple(sorted(jump for jump in jumps if jump is not None))

    @cached_property
    def _factor(self) -> float:
        """By what the packaging multiplies life while it is cold enough."""
        if self.terms.life_factor != "commodity":
            return 1.0
        assert self.goods.map_life_factor is not None
        return self.goods.map_life_factor

    @cached_property
    def side_limits(self) -> tuple[Limit, ...]:
        """Limits other than age: chilling and water, as far as the commodity's row knows them."""
        goods = self.goods
        low, high = goods.domain_min_c, goods.domain_max_c
        limits: list[Limit] = []
        if goods.chill_threshold_c is not None and goods.chill_dose_k_d is not None:
            limits.append(
                ChillingDose(
                    threshold_c=goods.chill_threshold_c,
                    critical_dose_k_h=24.0 * goods.chill_dose_k_d,
                    domain_min_c=low,
                    domain_max_c=high,
                )
            )
        if (
            goods.chill_zone_min_c is not None
            and goods.chill_zone_max_c is not None
            and goods.chill_zone_limit_d is not None
        ):
            limits.append(
                ChillingBand(
                    band_min_c=goods.chill_zone_min_c,
                    band_max_c=goods.chill_zone_max_c,
                    critical_h=24.0 * goods.chill_zone_limit_d,
                    domain_min_c=low,
                    domain_max_c=high,
                )
            )
        if (
            goods.transpiration_mg_kg_s_mpa is not None
            and goods.max_weight_loss_pct is not None
            and goods.humidity_min_pct is not None
            and self.terms.water_loss_factor > 0
        ):
            limits.append(
                WaterLoss(
                    transpiration_mg_kg_s_mpa=goods.transpiration_mg_kg_s_mpa,
                    max_loss_share=goods.max_weight_loss_pct / 100,
                    barrier_factor=self.terms.water_loss_factor,
                    domain_min_c=low,
                    domain_max_c=high,
                )
            )
        return tuple(limits)

    @cached_property
    def typical(self) -> FirstLimit:
        """Limits of the lot in the middle: life and activation energy as the table has them."""
        return self.limits(
            life_h=24.0 * self.goods.life_typ_d,
            energy_j_mol=1000.0 * (self.goods.activation_energy_kj_mol or 0.0),
        )

    def planned(self, confidence: float) -> FirstLimit:
        """Limits that a share ``confidence`` of the lots does at least as well as, always."""
        if confidence not in self._planned:
            if self.goods.decay_law == "arrhenius":
                life_h, energy = self._dominating(confidence)
            else:
                at = rank(confidence, len(self.life_h))
                life_h, energy = float(np.sort(self.life_h)[::-1][at]), 0.0
            self._planned[confidence] = self.limits(life_h=life_h, energy_j_mol=energy)
        return self._planned[confidence]

    def _dominating(self, confidence: float) -> tuple[float, float]:
        """Life (h) and activation energy (J/mol) of the law to plan with: see the module."""
        goods = self.goods
        reference = 1.0 / (goods.life_ref_c + ZERO_CELSIUS_K)
        cold, warm = (
            (reference - 1.0 / (c + ZERO_CELSIUS_K)) / GAS_CONSTANT_J_MOL_K
            for c in (goods.domain_min_c, goods.domain_max_c)
        )
        at = rank(confidence, len(self.life_h))
        speed_cold = np.exp(self.energy_j_mol * cold) / self.life_h
        speed_warm = np.exp(self.energy_j_mol * warm) / self.life_h
        planned_cold = float(np.sort(speed_cold)[at])
        planned_warm = float(np.sort(speed_warm)[at])
        share = np.linspace(0.0, 1.0, MIXTURES)[:, None]
        mixed = (1 - share) * (speed_cold / planned_cold) + share * (speed_warm / planned_warm)
        worst = float(np.max(np.partition(mixed, at, axis=1)[:, at])) * BETWEEN
        energy = max(0.0, math.log(planned_warm / planned_cold) / (warm - cold))
        life_h = math.exp(energy * cold) / planned_cold / worst
        return life_h, energy

    # Fate ---------------------------------------------------------------------------------------

    def fate(self, trace: Trace, *, life_used_before: float, retail_c: float, row: int = 0) -> Fate:
        """What the ``row``-th history of ``trace`` does to each lot.

        A lot is as old as the older of its two halves. ``life_used_before`` is of the law of
        temperature; ``retail_c`` is where it goes on.

        Raises
        ------
        OutOfDomain
            The pulp leaves the temperatures the limits hold at.
        """
        met = trace.hours[row] > 0
        hours = trace.hours[row][met]
        air, humidity = trace.air_c[row][met], self.humidity_pct(trace)[row][met]
        used = np.full((2, len(self.life_h)), float(life_used_before))
        side = np.zeros((2, len(self.side_limits)))
        low, high = self.typical.domain_min_c, self.typical.domain_max_c
        if met.any():
            require_domain(np.array([trace.coldest_c[row], trace.warmest_c[row]]), low, high)
        for node, pulp in enumerate((trace.outer_c[row][met], trace.core_c[row][met])):
            relative = self._relative_rates(pulp)
            used[node] += relative @ hours / self.life_h
            for number, limit in enumerate(self.side_limits):
                # Inside the pallet the air is as warm as the goods.
                around = pulp if node else air
                rate = limit.rate_per_h(pulp, air_c=around, relative_humidity_pct=humidity)
                side[node, number] = float(rate @ hours)
        return self._fate(used, side, retail_c)

    def _fate(self, used: Floats, side: Floats, retail_c: float) -> Fate:
        # Halves: the worse of the two, limit by limit.
        worst, side_worst = used.max(axis=0), side.max(axis=0)
        retail = self._relative_rates(np.array([retail_c]))[:, 0] / self.life_h
        left = (1.0 - worst) / retail
        typical = self.typical
        rest = [(1.0 - float(np.median(worst))) / typical.limits[0].rate_per_h(retail_c)]
        for number, limit in enumerate(self.side_limits):
            rate = limit.rate_per_h(
                retail_c, air_c=retail_c, relative_humidity_pct=self.goods.humidity_min_pct
            )
            unused = 1.0 - float(side_worst[number])
            hours = unused / rate if rate else math.inf if unused > 0 else ENDED_H
            rest.append(hours)
            left = np.minimum(left, hours)
        life_used = np.maximum(worst, side_worst.max(initial=0.0))
        limited_by = typical.limits[rest.index(min(rest))].name
        return Fate(life_used=life_used, left_h=left, limited_by=limited_by)

    def humidity_pct(self, trace: Trace) -> Floats:
        """Humidity along the trace: what was stated, else the least the goods are kept at."""
        stated = trace.relative_humidity_pct
        least = self.goods.humidity_min_pct
        return np.where(np.isnan(stated), math.nan if least is None else least, stated)

    def _relative_rates(self, pulp_c: Floats) -> Floats:
        """Rate of ageing of each lot at each temperature, relative to the reference in air."""
        law = self.typical.limits[0]
        in_domain = law.rate_per_h(pulp_c) * (24.0 * self.goods.life_typ_d)  # checks the domain
        if self.goods.decay_law != "arrhenius":
            return np.broadcast_to(in_domain, (len(self.life_h), len(pulp_c)))
        inverse = 1.0 / (self.goods.life_ref_c + ZERO_CELSIUS_K) - 1.0 / (pulp_c + ZERO_CELSIUS_K)
        rates = np.exp(np.outer(self.energy_j_mol / GAS_CONSTANT_J_MOL_K, inverse))
        if self._factor != 1.0:
            rates /= life_factor(pulp_c, self._factor, self.terms.max_c)
        return rates


def _quantiles(seed: int, count: int) -> tuple[Floats, Floats]:
    """Quantiles of life and of activation energy of each lot: a Latin hypercube."""
    random = np.random.Generator(np.random.PCG64(seed))
    middle = (np.arange(count) + 0.5) / count
    return random.permutation(middle), random.permutation(middle)


def _energies(goods: Perishable, quantile: Floats) -> Floats:
    """Activation energy (kJ/mol) at each quantile; 0 for a law that has none."""
    typical = goods.activation_energy_kj_mol
    if typical is None:
        return np.zeros_like(quantile)
    low, high = goods.activation_energy_low_kj_mol, goods.activation_energy_high_kj_mol
    return _triangular(
        quantile, typical if low is None else low, typical, typical if high is None else high
    )


def _triangular(quantile: Floats, low: float, mode: float, high: float) -> Floats:
    """Quantiles of the triangular distribution."""
    if not low <= mode <= high:
        raise ValueError(f"{low:g} <= {mode:g} <= {high:g} does not hold")
    if low == high:
        return np.full_like(quantile, mode)
    rising = low + np.sqrt(quantile * (high - low) * (mode - low))
    falling = high - np.sqrt((1 - quantile) * (high - low) * (high - mode))
    return np.where(quantile < (mode - low) / (high - low), rising, falling)
