"""The audit's own limits of a life: ageing, chilling and water; docs/concepts.md, "The limits"."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from coldchain.errors import UnknownName
from coldchain.goods import PackagingTerms, Perishable

Floats = NDArray[np.float64]

GAS_CONSTANT_J_MOL_K = 8.314462618
KELVIN = 273.15

QUALITY, CHILLING, BREAKDOWN, WATER = (
    "quality",
    "chilling injury",
    "internal breakdown",
    "water loss",
)
"""What a plan calls the limits."""

LAWS = ("arrhenius", "square_root")


def inverse(reference_c: float, pulp_c: Floats) -> Floats:
    """x(T) = (1/T_ref - 1/T) / R (mol/J)."""
    return (1 / (reference_c + KELVIN) - 1 / (pulp_c + KELVIN)) / GAS_CONSTANT_J_MOL_K


def saturation_pa(temperature_c: Floats | float) -> Floats:
    """Pressure of saturated water vapour."""
    degrees = np.asarray(temperature_c, dtype=np.float64)
    return 610.78 * np.exp(17.27 * degrees / (degrees + 237.3))


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What can end the life of goods so packed.

    Temperatures are those of the pulp; ``side_c`` says on which side of a jump it is.
    """

    goods: Perishable
    terms: PackagingTerms

    @cached_property
    def life_factor(self) -> float:
        """By what the packaging multiplies life where it is cold enough."""
        factor = self.goods.map_life_factor
        return factor if self.terms.life_factor == "commodity" and factor is not None else 1.0

    @property
    def jumps_c(self) -> tuple[float, ...]:
        """Temperatures at which a rate is not smooth."""
        known = [self.goods.chill_threshold_c, self.goods.chill_zone_min_c]
        known.append(self.goods.chill_zone_max_c)
        if self.life_factor != 1:
            known.append(self.terms.max_c)
        return tuple(degrees for degrees in known if degrees is not None)

    def ageing(self, energy_j_mol: Floats, pulp_c: Floats, side_c: Floats) -> Floats:
        """Rate of ageing of each lot at each temperature, 1 being that at the reference in air."""
        goods = self.goods
        if goods.decay_law == "arrhenius":
            rate = np.exp(np.outer(energy_j_mol, inverse(goods.life_ref_c, pulp_c)))
        elif goods.decay_law == "square_root" and goods.tmin_sqrt_c is not None:
            root = (pulp_c - goods.tmin_sqrt_c) / (goods.life_ref_c - goods.tmin_sqrt_c)
            rate = np.tile(root * root, (len(energy_j_mol), 1))
        else:
            raise UnknownName("decay law the audit can recompute", goods.decay_law, LAWS)
        if self.life_factor != 1:
            warmest = math.inf if self.terms.max_c is None else self.terms.max_c
            rate /= np.where(side_c <= warmest + 1e-12, self.life_factor, 1.0)
        return rate

    def others(
        self, pulp_c: Floats, side_c: Floats, air_c: Floats, humidity_pct: Floats
    ) -> Mapping[str, Floats]:
        """Share used per hour of every limit beside ageing that the goods have."""
        goods = self.goods
        rates: dict[str, Floats] = {}
        threshold, dose = goods.chill_threshold_c, goods.chill_dose_k_d
        if threshold is not None and dose is not None:
            rates[CHILLING] = np.maximum(0.0, threshold - pulp_c) / (24 * dose)
        low, high, days = (
            goods.chill_zone_min_c,
            goods.chill_zone_max_c,
            goods.chill_zone_limit_d,
        )
        if low is not None and high is not None and days is not None:
            rates[BREAKDOWN] = ((side_c >= low) & (side_c <= high)) / (24 * days)
        transpiration, most = goods.transpiration_mg_kg_s_mpa, goods.max_weight_loss_pct
        if transpiration is not None and most is not None and goods.humidity_min_pct is not None:
            vapour = humidity_pct / 100 * saturation_pa(air_c)
            deficit_mpa = np.maximum(0.0, saturation_pa(pulp_c) - vapour) / 1e6
            kg_per_kg_s = transpiration * self.terms.water_loss_factor * deficit_mpa / 1e6
            rates[WATER] = 3600 * kg_per_kg_s / (most / 100)
        return rates

    def at_rest(self, temperature_c: float) -> Mapping[str, float]:
        """:meth:`others` where air and pulp are alike, as humid as the goods want it at least."""
        here = np.array([temperature_c])
        humidity = self.goods.humidity_min_pct
        humid = np.array([math.nan if humidity is None else humidity])
        return {name: float(rate[0]) for name, rate in self.others(here, here, here, humid).items()}
