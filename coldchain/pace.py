r"""Pace: how fast goods age in the air they stand in, as a search reckons it.

A search adds up life hour by hour. What it adds must be a number of the air of that hour alone, but
goods on a pallet lag behind their air, breathe, dry and chill. :class:`Pace` is such a number, and
never too fresh: along any history of air the life it adds up is at least what the goods really use
(:mod:`coldchain.decay.pulp` says why). Three steps make it so.

1. *Several limits are one.* The rate at a temperature is that of the fastest limit there; its sum
   bounds each of them, and is exact where one limit leads throughout. Only limits that lead in some
   unit are reckoned so. Others have a pace of their own, ``aside_per_h``: whoever uses the pace
   looks in full at the few histories where that, too, comes to a whole life.
2. *The rate is made convex*, which is what the bound rests on. Most laws are; a sealed liner that
   gives up at 5 °C and a band of chilling are not, and get a straight line from the coldest pulp
   there can be across the place where they bend the wrong way.
3. *The air is read as the pulp it would lead to.* Air too hot to be reached by the pulp is charged
   along the tangent at ``ceiling_c``, the warmest the pulp may become for the bound to hold;
   histories in which it may become warmer are looked at in full, too.

Goods whose pulp follows the air at once age as their laws say, exactly; air outside a domain is
then out of bounds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coldchain.decay import (
    FirstLimit,
    Limit,
    Surroundings,
    Trace,
    saturation_vapour_pressure_pa,
)
from coldchain.errors import OutOfDomain
from coldchain.lots import ENDED_H, Lots

Floats = NDArray[np.float64]

HEADROOM_K = 4.0
"""How much warmer than in the warmest unit the pulp may become before a history is looked at in
full. Less makes the pace tighter and more histories to look at."""

ABREAST = 0.9
"""A limit that reaches this share of the pace of ageing in some unit leads there as well."""

GRID_K = 0.02
"""Step of the table a convex rate is read from; between its points lies a chord, never too low."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Begin:
    """What is known of goods when they are packed: life used, and what their warmth will cost.

    Attributes
    ----------
    life, warmth : float
        Used until then; a bound on what the pulp, not yet at the temperature of its unit, will
        use beyond the pace of the air.
    aside, aside_warmth : float
        The same of the limits that do not lead.
    outer_c, core_c : float
        Temperatures of the pulp (°C).
    used : float64[limits, 2]
        Of each limit, by the outer half and the core.
    """

    life: float
    warmth: float
    aside: float
    aside_warmth: float
    outer_c: float
    core_c: float
    used: Floats


class Pace:
    """The pace of one commodity in one packaging, at one confidence.

    Parameters
    ----------
    lots
        The goods.
    confidence : float
        Share of lots the pace holds for.
    airs_c : iterable of float
        Every temperature of air the goods may meet once packed (°C).
    units_c : iterable of float
        Those of them that units are set to.
    humidity_pct : mapping of float to float, optional
        Relative humidity of airs that are not kept as humid as the goods like it.
    """

    def __init__(
        self,
        lots: Lots,
        *,
        confidence: float,
        airs_c: Iterable[float],
        units_c: Iterable[float],
        humidity_pct: Mapping[float, float] | None = None,
    ) -> None:
        self.lots = lots
        self.limits: FirstLimit = lots.planned(confidence)
        self.pallet = lots.pallet
        airs = self.airs_c = tuple(sorted(set(airs_c)))
        units = sorted(set(units_c))
        pulps = [self.pallet.warmest_settled(u) for u in units]
        self._humidity = humidity_pct or {}
        self._driest_c = min(airs, key=self._vapour_pa, default=lots.goods.setpoint_min_c)
        self.ceiling_c = self._ceiling(pulps)
        known = [u for u in airs if min(self.pallet.settled(u)) >= self._low_c]
        self.coldest_air_c = min(known, default=lots.goods.setpoint_min_c)
        self._floor_c = min(self.pallet.settled(known[0])) if known else math.inf
        leading = self._leading(pulps)
        aside = tuple(limit for limit in self.limits.limits if limit not in leading)
        self._leads = np.array([limit in leading for limit in self.limits.limits])
        self._leading_rate = self._rate(leading)
        self._aside_rate = self._rate(aside) if aside else None
        self._known: dict[float, float] = {}
        self._begun: dict[tuple[tuple[Surroundings, ...], float | None, float], Begin] = {}

    @property
    def _low_c(self) -> float:
        return self.limits.domain_min_c

    def _ceiling(self, pulps_c: Sequence[float]) -> float:
        """The warmest pulp the pace reckons with: somewhat warmer than in the warmest unit."""
        if not self.pallet.lags:
            return self.limits.domain_max_c
        warmest = max(pulps_c, default=self.limits.domain_max_c)
        ceiling = min(self.limits.domain_max_c, warmest + HEADROOM_K)
        liner = self.lots.terms.max_c
        # A liner that holds in every unit need not be reckoned with where it gives up.
        return liner if liner is not None and warmest < liner < ceiling else ceiling

    def _leading(self, pulps_c: Sequence[float]) -> tuple[Limit, ...]:
        """The law of temperature, and every limit as fast as it in some unit."""
        first, *others = self.limits.limits
        leads = [first]
        met = [p for p in pulps_c if self._low_c <= p <= self.limits.domain_max_c]
        for limit in others:
            rates = [
                (self._rates_of(limit, np.array([p])), self._rates_of(first, np.array([p])))
                for p in met
            ]
            if any(float(own[0]) >= ABREAST * float(law[0]) for own, law in rates):
                leads.append(limit)
        return tuple(leads)

    def _humidity_pct(self, air_c: float) -> float | None:
        return self._humidity.get(air_c, self.lots.goods.humidity_min_pct)

    def _vapour_pa(self, air_c: float) -> float:
        humidity = self._humidity_pct(air_c)
        return saturation_vapour_pressure_pa(air_c) * (100.0 if humidity is None else humidity)

    def _rates_of(self, limit: Limit, pulp_c: Floats) -> Floats:
        """Rate of one limit at each temperature (1/h).

        Goods that lag are in the driest air there is; others in air as warm as they are.
        """
        airs = np.full_like(pulp_c, self._driest_c) if self.pallet.lags else pulp_c
        humidity = [self._humidity_pct(air) for air in airs.tolist()]
        known = [h for h in humidity if h is not None]
        return limit.rate_per_h(
            pulp_c,
            air_c=airs,
            relative_humidity_pct=np.array(known) if len(known) == len(airs) else None,
        )

    def _rate(self, limits: Sequence[Limit]) -> _Rate:
        def rates(pulp_c: Floats) -> Floats:
            return np.max([self._rates_of(limit, pulp_c) for limit in limits], axis=0)

        return _Rate(rates, self._floor_c, self.ceiling_c) if self.pallet.lags else _Rate(rates)

    def per_h(self, air_c: float) -> float:
        """Life used per hour in air of ``air_c``; infinite where nothing is known of it."""
        if air_c not in self._known:
            self._known[air_c] = self._in_air(self._leading_rate, air_c)
        return self._known[air_c]

    def aside_per_h(self, air_c: float) -> float:
        """Share of the limits that do not lead, used per hour in air of ``air_c``."""
        return 0.0 if self._aside_rate is None else self._in_air(self._aside_rate, air_c)

    @property
    def has_aside(self) -> bool:
        """Whether there are limits that do not lead."""
        return self._aside_rate is not None

    @property
    def stands_alone(self) -> bool:
        """Whether the pace says all there is to say: no lag, and no limit beside it."""
        return not self.pallet.lags and not self.has_aside

    def _in_air(self, rate: _Rate, air_c: float) -> float:
        if self.pallet.lags:
            settled = self.pallet.settled(air_c)
            known = min(settled) >= self._floor_c
            # Mostly the warmer half; the colder one if it is cold that injures.
            return max(map(rate.at, settled)) if known else math.inf
        try:
            return rate.at(air_c)
        except OutOfDomain:
            return math.inf

    def keeping_quality_h(self, pulp_c: float) -> float:
        """Hours fresh goods keep with their pulp at ``pulp_c``, by the limits that lead."""
        return self._keep_h(pulp_c, leading=True)

    def aside_keeping_quality_h(self, pulp_c: float) -> float:
        """The same by the limits that do not lead; infinite without any."""
        return self._keep_h(pulp_c, leading=False)

    def _keep_h(self, pulp_c: float, *, leading: bool) -> float:
        humidity = self.lots.goods.humidity_min_pct
        rates = [
            limit.rate_per_h(pulp_c, air_c=pulp_c, relative_humidity_pct=humidity)
            for limit, leads in zip(self.limits.limits, self._leads.tolist(), strict=True)
            if leads == leading
        ]
        fastest = max(rates, default=0.0)
        return 1.0 / fastest if fastest else math.inf

    def begin(
        self, history: Iterable[Surroundings], *, pulp_c: float | None, unit_c: float
    ) -> Begin:
        """What ``history``, before goods are packed away, does to them.

        ``pulp_c`` is the temperature they come with; None: that of the first air, which is that of
        their first unit, set to ``unit_c``, if nothing is done to them before. Life is infinite
        where the pulp leaves its domain.
        """
        key = tuple(history), pulp_c, unit_c
        if key not in self._begun:
            self._begun[key] = self._begin(*key)
        return self._begun[key]

    def _begin(self, history: Sequence[Surroundings], pulp_c: float | None, unit_c: float) -> Begin:
        trace = self.pallet.trace(history, start_c=pulp_c, jumps_c=self.lots.jumps_c)
        try:
            used = self.used(trace)[:, :, 0]
        except OutOfDomain:
            used = np.full((len(self.limits.limits), 2), math.inf)
        outer_c, core_c = trace.end_c[0].tolist()
        if math.isnan(outer_c):  # nothing happens to them, and nothing is known of their warmth
            outer_c, core_c = self.pallet.settled(unit_c)
        aside = used[~self._leads].max(initial=0.0)
        return Begin(
            life=float(used[self._leads].max()),
            warmth=self._warmth(outer_c, core_c, self._leading_rate),
            aside=float(aside),
            aside_warmth=self._warmth(outer_c, core_c, self._aside_rate),
            outer_c=outer_c,
            core_c=core_c,
            used=used,
        )

    def _warmth(self, outer_c: float, core_c: float, rate: _Rate | None) -> float:
        """Bound on what goods use beyond the pace because they come warmer than their air.

        Or colder, if it is cold that injures.
        """
        if not self.pallet.lags or rate is None or math.isinf(self._floor_c):
            return 0.0
        behind = self.pallet.airs_behind(outer_c, core_c)
        fastest = max(
            rate.at(max(settled, self._low_c))
            for air in behind
            for settled in self.pallet.settled(air)
        )
        slowest = min(self._in_air(rate, air) for air in self.airs_c if air >= self.coldest_air_c)
        return max(self.pallet.lag_h) * max(0.0, fastest - slowest)

    def used(self, trace: Trace) -> Floats:
        """Share of each limit used along each history, pulp and all: float64[limits, 2, n].

        By the law to plan with; of the outer half and of the core.

        Raises
        ------
        OutOfDomain
            The pulp of one leaves the domain.
        """
        humidity = self.lots.humidity_pct(trace)
        out = np.empty((len(self.limits.limits), 2, len(trace.hours)))
        for node, pulp in enumerate((trace.outer_c, trace.core_c)):
            for number, limit in enumerate(self.limits.limits):
                # Inside the pallet the air is as warm as the goods.
                air = pulp if node else trace.air_c
                rate = limit.rate_per_h(pulp, air_c=air, relative_humidity_pct=humidity)
                out[number, node] = np.sum(trace.hours * rate, axis=1)
        return out

    def left_h(self, used: Floats, retail_c: float) -> tuple[Floats, list[str]]:
        """Shelf life left (h) at ``retail_c`` after what was ``used``, and by which limit."""
        humidity = self.lots.goods.humidity_min_pct
        rest = 1.0 - used.max(axis=1)
        left = np.empty_like(rest)
        for number, limit in enumerate(self.limits.limits):
            rate = limit.rate_per_h(retail_c, air_c=retail_c, relative_humidity_pct=humidity)
            never = np.where(rest[number] > 0, math.inf, ENDED_H)
            left[number] = rest[number] / rate if rate else never
        nearest: list[int] = left.argmin(axis=0).tolist()
        return left.min(axis=0), [self.limits.limits[number].name for number in nearest]


class _Rate:
    """A rate of ageing by pulp temperature: as it is, or convex up to a ceiling and beyond."""

    def __init__(
        self,
        rates: Callable[[Floats], Floats],
        floor_c: float | None = None,
        ceiling_c: float | None = None,
    ) -> None:
        self._rates = rates
        self._convex: tuple[Floats, Floats] | None = None
        if floor_c is not None and ceiling_c is not None and floor_c < ceiling_c:
            steps = max(2, math.ceil((ceiling_c - floor_c) / GRID_K) + 1)
            grid = np.linspace(floor_c, ceiling_c, steps)
            self._convex = grid, convex_majorant(rates(grid))

    def at(self, pulp_c: float) -> float:
        """The rate at ``pulp_c``; above the ceiling along the last tangent."""
        if self._convex is None or pulp_c < self._convex[0][0]:
            return float(self._rates(np.array([pulp_c]))[0])
        grid, rate = self._convex
        if pulp_c <= grid[-1]:
            return float(np.interp(pulp_c, grid, rate))
        slope = (rate[-1] - rate[-2]) / (grid[-1] - grid[-2])
        return float(rate[-1] + slope * (pulp_c - grid[-1]))


def convex_majorant(values: Floats) -> Floats:
    """Least values on an even grid that are convex, nowhere lower, and begin where these begin.

    Where they bend the wrong way for the last time, a straight line leads there from the first.

    Examples
    --------
    >>> convex_majorant(np.array([0.0, 1.0, 2.0, 5.0, 6.0])).tolist()
    [0.0, 1.6666666666666667, 3.3333333333333335, 5.0, 6.666666666666667]
    """
    slopes = np.diff(values)
    bent = np.flatnonzero(np.diff(slopes) < -1e-12 * max(1.0, float(np.abs(slopes).max())))
    if not len(bent):
        return values
    last = int(bent[-1]) + 1
    steps = np.arange(len(values), dtype=np.float64)
    steepest = float(np.max((values[1 : last + 1] - values[0]) / steps[1 : last + 1]))
    out = values[0] + steepest * steps
    beyond = np.maximum(slopes[last:], steepest)
    out[last + 1 :] = out[last] + np.cumsum(beyond)
    return out
