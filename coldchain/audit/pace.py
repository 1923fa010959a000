"""The audit's own pace: what the search must have reckoned, from docs/science.md.

"A bound that adds up" defines a life per hour in each air. It is the sum freshness is priced by,
so it is recomputed to the last digit; that it is never too fresh is another rule's business.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from coldchain.audit.limits import QUALITY, Limits, saturation_pa
from coldchain.audit.lots import Lots, used_along
from coldchain.audit.pulp import Air, Course, Pair, Pallet
from coldchain.audit.setpoints import suitable
from coldchain.audit.tasks import air_in
from coldchain.network import Trigger
from coldchain.scenario import Scenario

Floats = NDArray[np.float64]

LEADS_FROM = 0.9
ABOVE_WARMEST_K = 4.0
APART_K = 0.02
STRAIGHT = 1e-12
"""Slopes that differ by less do not bend."""


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Life per hour of goods so packed, by the ``law`` planned with, in the airs there are.

    ``airs`` are all the goods can meet once they are packed, with their humidity; ``units_c`` the
    setpoints that suit them.
    """

    limits: Limits
    pallet: Pallet
    law: Lots
    airs: Mapping[float, float | None]
    units_c: Sequence[float]

    # What leads ---------------------------------------------------------------------------------

    @cached_property
    def _driest(self) -> tuple[float, float]:
        """Air and humidity with the least vapour."""
        known = sorted(self.airs) or [self.limits.goods.setpoint_min_c]

        def vapour(air_c: float) -> float:
            humid = self._humidity(air_c)
            return float(saturation_pa(air_c)) * (100.0 if math.isnan(humid) else humid)

        driest = min(known, key=vapour)
        return driest, self._humidity(driest)

    def _rates(self, pulp_c: Floats) -> dict[str, Floats]:
        """Rate of each limit by the law planned with.

        Goods that lag are in the driest air there is, others in air as warm as they are.
        """
        rates = {QUALITY: self.limits.ageing(self.law.energy_j_mol, pulp_c, pulp_c)[0]}
        rates[QUALITY] = rates[QUALITY] / self.law.life_h[0]
        if self.pallet.lags:
            air, humid = self._driest
            airs, humidity = np.full_like(pulp_c, air), np.full_like(pulp_c, humid)
        else:
            airs, humidity = pulp_c, np.array([self._humidity(air) for air in pulp_c.tolist()])
        rates.update(self.limits.others(pulp_c, pulp_c, airs, humidity))
        return rates

    def _humidity(self, air_c: float) -> float:
        """Humidity of air: as stated, or the least the goods want; NaN if neither is known."""
        stated = self.airs.get(air_c)
        least = self.limits.goods.humidity_min_pct if stated is None else stated
        return math.nan if least is None else least

    def _fastest(self, pulp_c: Floats) -> Floats:
        rates = self._rates(pulp_c)
        return np.max([rates[name] for name in self.leading], axis=0)

    @cached_property
    def leading(self) -> frozenset[str]:
        """Ageing, and what reaches nine tenths of it in some unit."""
        goods = self.limits.goods
        met = [max(self.pallet.settled(unit)) for unit in self.units_c]
        met = [t for t in met if goods.domain_min_c <= t <= goods.domain_max_c]
        rates = self._rates(np.array(met))
        return frozenset(
            name
            for name, rate in rates.items()
            if name == QUALITY or bool(np.any(rate >= LEADS_FROM * rates[QUALITY]))
        )

    # The table ----------------------------------------------------------------------------------

    @cached_property
    def coldest_air_c(self) -> float:
        """The coldest of the airs in which no half leaves the domain."""
        low = self.limits.goods.domain_min_c
        known = [air for air in self.airs if min(self.pallet.settled(air)) >= low]
        return min(known, default=math.inf)

    @cached_property
    def ceiling_c(self) -> float:
        """The warmest pulp that is reckoned with."""
        highest = self.limits.goods.domain_max_c
        if not self.pallet.lags:
            return highest
        warmest = max((max(self.pallet.settled(unit)) for unit in self.units_c), default=highest)
        ceiling = min(highest, warmest + ABOVE_WARMEST_K)
        bursts = self.limits.terms.max_c
        return bursts if bursts is not None and warmest < bursts < ceiling else ceiling

    @cached_property
    def _table(self) -> tuple[Floats, Floats]:
        """Pulp temperatures, and the convex rate at each."""
        coldest = min(self.pallet.settled(self.coldest_air_c))
        intervals = max(1, math.ceil((self.ceiling_c - coldest) / APART_K))
        pulp_c = np.linspace(coldest, self.ceiling_c, intervals + 1)
        return pulp_c, straightened(self._fastest(pulp_c))

    def _at(self, pulp_c: float) -> float:
        """The convex rate, beyond its table as the rate is below it and straight on above it."""
        known, rate = self._table
        if pulp_c < known[0]:
            return float(self._fastest(np.array([pulp_c]))[0])
        if pulp_c <= known[-1]:
            return float(np.interp(pulp_c, known, rate))
        steepness = (rate[-1] - rate[-2]) / (known[-1] - known[-2])
        return float(rate[-1] + steepness * (pulp_c - known[-1]))

    def per_h(self, air_c: float) -> float:
        """Life per hour in air of ``air_c``; infinite in air that is not reckoned with."""
        goods, settled = self.limits.goods, self.pallet.settled(air_c)
        if not self.pallet.lags:
            known = goods.domain_min_c <= air_c <= goods.domain_max_c
            return float(self._fastest(np.array([air_c]))[0]) if known else math.inf
        if min(settled) < min(self.pallet.settled(self.coldest_air_c)):
            return math.inf
        return max(self._at(pulp_c) for pulp_c in settled)

    def keeping_quality_h(self, temperature_c: float) -> float:
        """Hours that fresh goods keep, by the law planned with and the limits that lead."""
        here = np.array([temperature_c])
        rates = {
            QUALITY: float(self.limits.ageing(self.law.energy_j_mol, here, here)[0, 0])
            / float(self.law.life_h[0]),
            **self.limits.at_rest(temperature_c),
        }
        fastest = max(rate for name, rate in rates.items() if name in self.leading)
        return 1 / fastest if fastest else math.inf

    # The sum ------------------------------------------------------------------------------------

    def reckoned(self, packing: Course, rest: Iterable[Air], *, before: float) -> float:
        """Life used before, until the goods are packed, by the warmth they keep, and after."""
        used = used_along(self.limits, self.law, packing, before=0.0)
        at_origin = max(float(half[0]) for name in self.leading for half in used[name])
        after = math.fsum(air.hours * self.per_h(air.air_c) for air in rest)
        return before + at_origin + self._warmth(packing.end_c) + after

    def _warmth(self, pulp_c: Pair) -> float:
        """What goods packed at ``pulp_c`` use more than such as their air has made so."""
        if not (self.pallet.lags and math.isfinite(self.coldest_air_c)):
            return 0.0
        # Pulp settles the warmer, the warmer the air is: evenly.
        at_zero, at_one = self.pallet.settled(0.0), self.pallet.settled(1.0)
        behind = [
            (pulp - zero) / (one - zero)
            for pulp, zero, one in zip(pulp_c, at_zero, at_one, strict=True)
        ]
        least = self.limits.goods.domain_min_c
        fastest = max(
            self._at(max(settled, least)) for air in behind for settled in self.pallet.settled(air)
        )
        slowest = min(self.per_h(air) for air in self.airs if air >= self.coldest_air_c)
        return max(self.pallet.lag_h) * max(0.0, fastest - slowest)


def straightened(rate: Floats) -> Floats:
    """An evenly spaced table with a straight line up to the last place where it bends down."""
    slopes = np.diff(rate)
    limit = -STRAIGHT * max(1.0, float(np.abs(slopes).max(initial=0.0)))
    bends = [place for place in range(1, len(slopes)) if slopes[place] - slopes[place - 1] < limit]
    if not bends:
        return rate
    last = bends[-1]
    steepest = max((float(rate[place]) - float(rate[0])) / place for place in range(1, last + 1))
    out = [float(rate[0])]
    for place, slope in enumerate(slopes.tolist()):
        out.append(out[-1] + (steepest if place < last else max(slope, steepest)))
    return np.array(out)


def pace_of(scenario: Scenario, limits: Limits, pallet: Pallet, law: Lots) -> Pace:
    """The pace of goods in a scenario, and the airs they can meet there."""
    units = suitable(scenario, limits.goods)
    humidity: dict[float, float] = {}
    airs: set[float] = set(units)
    for service in scenario.network.services.values():
        if service.temperature_c is not None:
            airs.add(service.temperature_c)
    for operation in scenario.network.operations.values():
        at_origin = operation.trigger in (Trigger.ORIGIN, Trigger.ORIGIN_EQUIPMENT)
        if at_origin or not operation.exposed_h:
            continue
        for unit in units:
            air = air_in(operation, unit)
            airs.add(air)
            if operation.exposed_rh_pct is not None:
                humidity[air] = min(operation.exposed_rh_pct, humidity.get(air, 100.0))
    return Pace(
        limits=limits,
        pallet=pallet,
        law=law,
        airs={air: humidity.get(air) for air in airs},
        units_c=units,
    )
