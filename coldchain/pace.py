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
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coldchain.decay import FirstLimit, Limit, Surroundings, Trace
from coldchain.errors import OutOfDomain
from coldchain.lots import Lots

Floats = NDArray[np.float64]

HEADROOM_K = 4.0
"""How much warmer than in the warmest unit the pulp may become before a history is looked at in
full. Less makes the pace tighter and more histories to look at."""

ABREAST = 0.9
"""A limit that reaches this share of the pace of ageing in some unit leads there as well."""

GRID_K = 0.02
"""Step of the table a convex rate is read from; between its points lies a chord, never too low."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin:
    """What is known of goods when they are packed: life used, and what their warmth will cost.

    ``life`` is used until then; ``warmth`` bounds what the pulp, not yet at the temperature of its
    unit, will use beyond the pace of the air. ``outer_c`` and ``core_c`` are its temperatures.
    """

    life: float
    warmth: float
    outer_c: float
    core_c: float


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
    """

    def __init__(
        self,
        lots: Lots,
        *,
        confidence: float,
        airs_c: Iterable[float],
        units_c: Iterable[float],
    ) -> None:
        self.lots = lots
        self.limits: FirstLimit = lots.planned(confidence)
        self.pallet = lots.pallet
        airs = sorted(set(airs_c))
        units = sorted(set(units_c))
        pulps = [self.pallet.warmest_settled(u) for u in units]
        self._driest_c = airs[0] if airs else lots.goods.setpoint_min_c
        self.ceiling_c = self._ceiling(pulps)
        coldest = [c for u in airs if (c := min(self.pallet.settled(u))) >= self._low_c]
        self._floor_c = min(coldest, default=math.inf)
        leading = self._leading(pulps)
        aside = tuple(limit for limit in self.limits.limits if limit not in leading)
        self._leading_rate = self._rate(leading)
        self._aside_rate = self._rate(aside) if aside else None
        self._known: dict[float, float] = {}

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

    def _rates_of(self, limit: Limit, pulp_c: Floats) -> Floats:
        """Rate of one limit at each temperature, in the driest air there is (1/h)."""
        humidity = self.lots.goods.humidity_min_pct
        return limit.rate_per_h(
            pulp_c,
            air_c=np.minimum(pulp_c, self._driest_c),
            relative_humidity_pct=None if humidity is None else np.full_like(pulp_c, humidity),
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

    def _in_air(self, rate: _Rate, air_c: float) -> float:
        if self.pallet.lags:
            settled = self.pallet.settled(air_c)
            return rate.at(max(settled)) if min(settled) >= self._floor_c else math.inf
        try:
            return rate.at(air_c)
        except OutOfDomain:
            return math.inf

    def begin(
        self, history: Iterable[Surroundings], *, pulp_c: float | None, coldest_c: float
    ) -> Begin:
        """What ``history``, before goods are packed away, does to them.

        ``pulp_c`` is the temperature they come with (None: that of the first air), ``coldest_c``
        the coldest air to come. Life is infinite where the pulp leaves its domain.
        """
        trace = self.pallet.trace(history, start_c=pulp_c)
        try:
            life = float(self.life_used(trace)[0])
        except OutOfDomain:
            return Begin(life=math.inf, warmth=0.0, outer_c=math.nan, core_c=math.nan)
        outer_c, core_c = trace.end_c[0].tolist()
        if math.isnan(outer_c):  # nothing happens to them, and nothing is known of their warmth
            outer_c, core_c = self.pallet.settled(coldest_c)
        warmth = self._warmth(outer_c, core_c, coldest_c)
        return Begin(life=life, warmth=warmth, outer_c=outer_c, core_c=core_c)

    def _warmth(self, outer_c: float, core_c: float, coldest_c: float) -> float:
        """Bound on what goods use beyond the pace because they come warmer than their air."""
        if not self.pallet.lags:
            return 0.0
        hot = self.pallet.air_behind(outer_c, core_c)
        if hot <= coldest_c:
            return 0.0
        return max(self.pallet.lag_h) * (self.per_h(hot) - self.per_h(coldest_c))

    def life_used(self, trace: Trace) -> Floats:
        """Life used along each history of ``trace``, pulp and all, by the law to plan with.

        Raises
        ------
        OutOfDomain
            The pulp of one leaves the domain.
        """
        humidity = np.where(
            np.isnan(trace.relative_humidity_pct),
            math.nan
            if self.lots.goods.humidity_min_pct is None
            else self.lots.goods.humidity_min_pct,
            trace.relative_humidity_pct,
        )
        worst = np.zeros(len(trace.hours))
        for pulp in (trace.outer_c, trace.core_c):
            for limit in self.limits.limits:
                rate = limit.rate_per_h(pulp, air_c=trace.air_c, relative_humidity_pct=humidity)
                worst = np.maximum(worst, np.sum(trace.hours * rate, axis=1))
        return worst


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
        if self._convex is None:
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
