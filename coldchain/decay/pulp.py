r"""Pulp, not air: the temperature of the goods themselves, in two nodes, along a history of air.

A pallet is two halves. The *outer* half exchanges heat with the air, the *core* only with the
outer half, and both breathe:

.. math::
    \dot T_o = k_o (T_a - T_o) + m (T_c - T_o) + q(T_o), \qquad
    \dot T_c = k_c (T_a - T_c) + m (T_o - T_c) + q(T_c)

with :math:`k_o = \ln 2 / H_o`, :math:`m = \ln 2 / H_c` and :math:`k_c = 0` for a pallet of the
half-cooling times :math:`H_o` (outer half after the air) and :math:`H_c` (core after the outer
half). While goods are cooled loose or by forced air, both halves follow the air alike:
:math:`k_o = k_c = \ln 2 / H`, :math:`m = 0`. The heat of respiration is linear in temperature,
:math:`q(T) = \alpha + \beta T`, so along air that is constant by pieces the temperatures are sums
of exponentials, known in closed form.

**A bound that adds up.** On a pallet the nodes are a linear filter: the temperature of node ``i``
is a weighted average of :math:`\bar u_i(s) = G_i T_a(s) + c_i`, the temperatures it would settle at
in the air of each moment before. For any rate convex in temperature, Jensen's inequality gives

.. math:: \int r(T_i)\,dt \le \int r(\bar u_i(s))\,ds
          + \Lambda_i\,[r(\bar u_i(u_{hot})) - r(\bar u_i(u_{min}))],

where :math:`\Lambda_i` is the node's mean lag, :math:`u_{hot}` air that would have brought the
goods to the temperature they start with and :math:`u_{min}` the coldest air to come. So what a
search reckons hour by hour, in whatever order, is never fresher than what the goods go through,
and equal to it where nothing changes.

References
----------
The slow one of the pair is the lumped cooling law :math:`(T - T_a)/(T_0 - T_a) = j e^{-Ct}` with
its half-cooling time :math:`H = \ln(2j)/C`. Heat of respiration: 2816 kJ per 6 mol of CO2, that is
10.67 J per mg (USDA Agriculture Handbook 66).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from coldchain.errors import OutOfDomain

Floats = NDArray[np.float64]

RESPIRATION_J_PER_MG = 2816e3 / (6 * 44.0095e3)
"""Heat set free per mg of CO2 breathed out: glucose burnt, 2816 kJ per 6 mol of CO2 (J/mg)."""

COLD_END_C = 10.0
"""Respiration is drawn through the measurements up to here where there are two: goods on the way
are cold, and a line through all would miss most where it matters most."""

PANELS, POINTS = 8, 4
"""The quadrature of a stretch: so many panels, each twice as long as the one before, of so many
Gauss-Legendre points. The pulp changes quickly when the air has just changed, and slowly later."""


def half_cooling_h(lag: float, rate_per_h: float) -> float:
    r"""Hours until the temperature difference is halved, :math:`H = \ln(2j)/C`.

    ``lag`` is the lag factor ``j`` (1: none), ``rate_per_h`` the cooling coefficient ``C`` (1/h).
    A lag below 1/2 would have the goods half cooled before they begin, and is refused.

    Examples
    --------
    >>> round(half_cooling_h(1.2, 0.3466), 3)
    2.526
    """
    return _hours_until(2.0, lag, rate_per_h)


def seven_eighths_cooling_h(lag: float, rate_per_h: float) -> float:
    r"""Hours until an eighth of the temperature difference is left, :math:`S = \ln(8j)/C`.

    A lag below 1/8 is refused.

    Examples
    --------
    >>> round(seven_eighths_cooling_h(1.2, 0.3466), 3)
    6.526
    """
    return _hours_until(8.0, lag, rate_per_h)


def _hours_until(times_less: float, lag: float, rate_per_h: float) -> float:
    """Hours until the temperature difference is so many times less."""
    if not (1 <= times_less * lag < math.inf and 0 < rate_per_h < math.inf):
        raise ValueError(
            f"a lag factor is at least 1/{times_less:g} and a cooling coefficient above 0, "
            f"not {lag} and {rate_per_h}"
        )
    return math.log(times_less * lag) / rate_per_h


def respiration_heat_w_t(respiration_mg_kg_h: float) -> float:
    """Heat of respiration (W per tonne) from the CO2 breathed out (mg per kg and hour).

    Examples
    --------
    The rule of thumb 1 ml CO2/kg/h = 122 kcal/t/d = 5.91 W/t (UC Davis), 1.964 mg per ml at 0 °C:

    >>> round(respiration_heat_w_t(1.964), 2)
    5.82
    """
    return respiration_mg_kg_h * RESPIRATION_J_PER_MG * 1000 / 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfHeating:
    """Warming by respiration, linear in the pulp temperature: ``at_0_c_k_h + slope_per_h * T``.

    ``at_0_c_k_h`` in K/h, ``slope_per_h`` in 1/h.
    """

    at_0_c_k_h: float = 0.0
    slope_per_h: float = 0.0

    @classmethod
    def of(
        cls, respiration_mg_kg_h: Sequence[tuple[float, float]], heat_capacity_kj_kg_k: float
    ) -> SelfHeating:
        """From respiration at temperatures: (°C, mg CO2 per kg and hour), and the heat capacity.

        The line is the least squares of the relative error through the points up to 10 °C, or
        through all if those are fewer than two; one point alone is taken at all temperatures.

        Examples
        --------
        Sweet cherry, 7.9 / 13.5 / 30.3 mg at 0 / 5 / 10 °C: an insulated pallet at 0 °C warms by
        about half a degree a day.

        >>> heating = SelfHeating.of([(0, 7.9), (5, 13.5), (10, 30.3)], 3.52)
        >>> round(24 * heating.at_0_c_k_h, 2)
        0.54
        """
        points = [p for p in respiration_mg_kg_h if p[0] <= COLD_END_C]
        if len(points) < 2:
            points = list(respiration_mg_kg_h)
        if not points:
            return cls()
        weight = [1 / (rate * rate) for _, rate in points]
        total = sum(weight)
        mean_t = sum(w * t for w, (t, _) in zip(weight, points, strict=True)) / total
        mean_r = sum(w * r for w, (_, r) in zip(weight, points, strict=True)) / total
        spread = sum(w * (t - mean_t) ** 2 for w, (t, _) in zip(weight, points, strict=True))
        moment = sum(
            w * (t - mean_t) * (r - mean_r) for w, (t, r) in zip(weight, points, strict=True)
        )
        several = len({t for t, _ in points}) > 1  # the spread of one point is rounding alone
        slope = moment / spread if several else 0.0
        per_mg = RESPIRATION_J_PER_MG / (1000 * heat_capacity_kj_kg_k)
        return cls(
            at_0_c_k_h=(mean_r - slope * mean_t) * per_mg, slope_per_h=max(0.0, slope) * per_mg
        )

    def k_h(self, temperature_c: float) -> float:
        """Warming of goods at ``temperature_c`` if no heat left them (K/h)."""
        return self.at_0_c_k_h + self.slope_per_h * temperature_c


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """A stretch of time in one air.

    ``half_cooling_h``: both halves of the goods follow the air with this half-cooling time, as
    loose fruit or forced-air cooled cartons do; None: they stand as a pallet.
    """

    hours: float
    air_c: float
    half_cooling_h: float | None = None
    relative_humidity_pct: float | None = None

    def __post_init__(self) -> None:
        if not (self.hours >= 0 and math.isfinite(self.hours)):
            raise ValueError(f"a stretch lasts 0 hours or more, not {self.hours}")
        if not math.isfinite(self.air_c):
            raise ValueError(f"a temperature is a finite number, not {self.air_c}")
        if self.half_cooling_h is not None and not self.half_cooling_h > 0:
            raise ValueError(f"a half-cooling time is longer than 0 h, not {self.half_cooling_h}")


def merged(history: Iterable[Surroundings]) -> list[Surroundings]:
    """The same history with neighbours in one air made one, and nothing that takes no time."""
    out: list[Surroundings] = []
    for s in history:
        if not s.hours:
            continue
        if out and replace(out[-1], hours=s.hours) == s:
            out[-1] = replace(s, hours=out[-1].hours + s.hours)
        else:
            out.append(s)
    return out


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trace:
    """The pulp along histories, as the points of a quadrature.

    Attributes
    ----------
    hours : float64[n, p]
        Weight of each point; a row adds up to the length of its history.
    outer_c, core_c : float64[n, p]
        Pulp temperatures at the points (°C).
    air_c, relative_humidity_pct : float64[n, p]
        Air there; its humidity is NaN where it was not stated.
    end_c : float64[n, 2]
        Temperatures of outer half and core at the end of each history (°C).
    coldest_c, warmest_c : float64[n]
        Lowest and highest pulp temperature along each history, ends of stretches included (°C).
    """

    hours: Floats
    outer_c: Floats
    core_c: Floats
    air_c: Floats
    relative_humidity_pct: Floats
    end_c: Floats
    coldest_c: Floats
    warmest_c: Floats

    @classmethod
    def measured(cls, *, hours: Floats, pulp_c: Floats, relative_humidity_pct: Floats) -> Trace:
        """One history of pulp temperatures that are known: both halves have them, and their air.

        All float64[p]; ``hours`` are the weights of the points.
        """
        pulp = pulp_c[None]
        return cls(
            hours=hours[None],
            outer_c=pulp,
            core_c=pulp,
            air_c=pulp,
            relative_humidity_pct=relative_humidity_pct[None],
            end_c=pulp[:, [-1, -1]],
            coldest_c=pulp.min(axis=1),
            warmest_c=pulp.max(axis=1),
        )

    def rows(self, which: NDArray[np.int64]) -> Trace:
        """The histories of these numbers alone."""
        return Trace(**{f.name: getattr(self, f.name)[which] for f in fields(self)})


class _Linear:
    """x' = A x + b of two nodes with symmetric A, solved by its eigenvectors."""

    def __init__(self, outer: float, core: float, exchange: float, heating: SelfHeating) -> None:
        self.coupling: Floats = np.array([outer, core])
        self.heat = heating.at_0_c_k_h
        slope = heating.slope_per_h
        self.matrix: Floats = np.array(
            [[slope - outer - exchange, exchange], [exchange, slope - core - exchange]]
        )
        self.values, self.vectors = np.linalg.eigh(self.matrix)

    def after(self, x: Floats, air_c: Floats, hours: Floats) -> Floats:
        """Temperatures [2, n, p] after ``hours`` [n, p] from ``x`` [n, 2] in ``air_c`` [n]."""
        speed = x @ self.matrix + self.coupling * air_c[:, None] + self.heat
        along = speed @ self.vectors
        out = np.empty((2, *hours.shape))
        grown = [
            along[:, i, None] * (np.expm1(v * hours) / v if v else hours)
            for i, v in enumerate(self.values.tolist())
        ]
        for node in (0, 1):
            first, second = self.vectors[node].tolist()
            out[node] = x[:, node, None] + first * grown[0] + second * grown[1]
        return out


def _graded() -> tuple[Floats, Floats]:
    """Places and weights of the quadrature on a stretch of length 1, dense where it begins."""
    nodes, weights = np.polynomial.legendre.leggauss(POINTS)
    ends = np.array([0.0, *(2.0 ** -np.arange(PANELS - 1, -1, -1))])
    begins, lengths = ends[:-1, None], np.diff(ends)[:, None]
    return (begins + lengths * (nodes + 1) / 2).ravel(), (lengths * weights / 2).ravel()


_PLACES, _SHARES = _graded()


@dataclass(frozen=True, kw_only=True)
class Pallet:
    """How goods on a pallet follow the air around them.

    Parameters
    ----------
    outer_half_cooling_h : float or None
        Half-cooling time of the outer half after the air (h); None: pulp is at the air's
        temperature at once.
    core_half_cooling_h : float or None
        Half-cooling time of the core after the outer half (h); given with the other or not at all.
    heating : SelfHeating
        Of respiration.

    Raises
    ------
    OutOfDomain
        The goods breathe faster than such a pallet lets heat out: no temperature is steady.

    Examples
    --------
    Goods at 20 °C whose halves follow air of 0 °C with a half-cooling time of 2 h (7/8 cooling is
    three times as long):

    >>> pallet = Pallet(outer_half_cooling_h=6.0, core_half_cooling_h=15.0, heating=SelfHeating())
    >>> cooled = [Surroundings(hours=h, air_c=0.0, half_cooling_h=2.0) for h in (2, 2, 2)]
    >>> [round(float(pallet.trace(cooled[:n], start_c=20.0).end_c[0, 1]), 6) for n in (1, 2, 3)]
    [10.0, 5.0, 2.5]
    """

    outer_half_cooling_h: float | None
    core_half_cooling_h: float | None
    heating: SelfHeating

    def __post_init__(self) -> None:
        both = (self.outer_half_cooling_h, self.core_half_cooling_h)
        if (both[0] is None) != (both[1] is None):
            raise ValueError("half-cooling times are given for both halves of a pallet or for none")
        if any(h is not None and not (h > 0 and math.isfinite(h)) for h in both):
            raise ValueError(f"a half-cooling time is longer than 0 h, not {both}")
        if self.lags and self._determinant <= 0:
            raise OutOfDomain(
                "goods that breathe so fast heat themselves without end on a pallet with "
                f"half-cooling times of {both[0]:g} and {both[1]:g} h"
            )

    @property
    def lags(self) -> bool:
        """Whether pulp follows the air with a delay."""
        return self.outer_half_cooling_h is not None

    @cached_property
    def _rates(self) -> tuple[float, float]:
        assert self.outer_half_cooling_h is not None
        assert self.core_half_cooling_h is not None
        return math.log(2) / self.outer_half_cooling_h, math.log(2) / self.core_half_cooling_h

    @property
    def _determinant(self) -> float:
        k, m = self._rates
        slope = self.heating.slope_per_h
        # Both eigenvalues are negative only if the smaller diagonal is, too.
        inner = m - slope
        return (k + m - slope) * inner - m * m if inner > 0 else -1.0

    # What the pulp settles at -----------------------------------------------------------------

    @cached_property
    def _settling(self) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        """Gain on air, offset (°C) and mean lag (h) of the outer half and of the core."""
        k, m = self._rates
        slope, heat = self.heating.slope_per_h, self.heating.at_0_c_k_h
        det = self._determinant
        outer, inner = k + m - slope, m - slope
        lag = ((inner + m) / det, (m + outer) / det)
        gain = (inner * k / det, m * k / det)
        return (gain[0], heat * lag[0], lag[0]), (gain[1], heat * lag[1], lag[1])

    def settled(self, air_c: float) -> tuple[float, float]:
        """Temperatures the outer half and the core settle at in air of ``air_c`` (°C)."""
        if not self.lags:
            return air_c, air_c
        (g0, c0, _), (g1, c1, _) = self._settling
        return g0 * air_c + c0, g1 * air_c + c1

    def warmest_settled(self, air_c: float) -> float:
        """The warmer of the two temperatures the halves settle at in air of ``air_c`` (°C)."""
        return max(self.settled(air_c))

    def airs_behind(self, outer_c: float, core_c: float) -> tuple[float, float]:
        """Warmest air in which both halves settle at no more, coldest in which at no less (°C)."""
        if not self.lags:
            return min(outer_c, core_c), max(outer_c, core_c)
        (g0, c0, _), (g1, c1, _) = self._settling
        airs = (outer_c - c0) / g0, (core_c - c1) / g1
        return min(airs), max(airs)

    def air_behind(self, outer_c: float, core_c: float) -> float:
        """Coldest air in which both halves would settle at no less than these temperatures (°C)."""
        return self.airs_behind(outer_c, core_c)[1]

    @property
    def lag_h(self) -> tuple[float, float]:
        """Mean lag of the outer half and the core behind the air (h)."""
        if not self.lags:
            return 0.0, 0.0
        return self._settling[0][2], self._settling[1][2]

    # Goods are warm by the air that would have made them so: `air_behind`. Counted like that, the
    # warmth of halves that breathe grows only in air that is warmer still.

    def fade(self, hours: float) -> float:
        """Share of a warmth, in kelvin of air, that is left at most after ``hours``."""
        if not self.lags:
            return 0.0 if hours else 1.0
        linear = self._linear(None)
        gain = np.array([g for g, _, _ in self._settling])
        left = linear.vectors @ (np.exp(linear.values * hours) * (gain @ linear.vectors))
        return float((left / gain).max())

    def nearing(self, hours: float) -> float:
        """Share of the way to warmer air, in kelvin of air, gone at most in ``hours``."""
        if not self.lags:
            return 1.0 if hours else 0.0
        return -math.expm1(-self._rates[0] / self._settling[0][0] * hours)

    # What the pulp goes through ---------------------------------------------------------------

    def trace(
        self,
        history: Iterable[Surroundings],
        *,
        start_c: float | tuple[float, float] | None = None,
        jumps_c: Sequence[float] = (),
    ) -> Trace:
        """The pulp along one history (``n`` = 1).

        ``start_c``: temperature of the pulp at its begin, of both halves or of (outer, core); None:
        settled in the first air. ``jumps_c``: temperatures at which a rate jumps; stretches are cut
        where a half passes one, since no quadrature is good across it.
        """
        stretches = [s for s in history if s.hours > 0]
        if start_c is None:
            start_c = (math.nan, math.nan)
            if stretches:
                first = stretches[0]
                loose = first.half_cooling_h is not None
                start_c = (first.air_c, first.air_c) if loose else self.settled(first.air_c)
        start = start_c if isinstance(start_c, tuple) else (start_c, start_c)
        if jumps_c:
            stretches = self._cut(stretches, start, jumps_c)
        humidity = [
            math.nan if s.relative_humidity_pct is None else s.relative_humidity_pct
            for s in stretches
        ]
        return self.traces(
            hours=np.array([[s.hours for s in stretches]], dtype=np.float64),
            air_c=np.array([[s.air_c for s in stretches]], dtype=np.float64),
            relative_humidity_pct=np.array([humidity], dtype=np.float64),
            start_c=np.array([start], dtype=np.float64),
            half_cooling_h=[s.half_cooling_h for s in stretches],
        )

    def traces(
        self,
        *,
        hours: Floats,
        air_c: Floats,
        start_c: Floats,
        relative_humidity_pct: Floats | None = None,
        half_cooling_h: Sequence[float | None] | None = None,
    ) -> Trace:
        """The pulp along ``n`` histories of ``k`` stretches each.

        Temperatures are exact; the integral of a rate over the points is good to a few parts in a
        million.

        Parameters
        ----------
        hours, air_c, relative_humidity_pct : float64[n, k]
            Of each stretch; a history with fewer ends in stretches of 0 h.
        start_c : float64[n, 2]
            Pulp temperature of the outer half and the core at the begin (°C).
        half_cooling_h : sequence of float or None, length k
            As in :class:`Surroundings`, by default None throughout.
        """
        n, k = hours.shape
        loose = [None] * k if half_cooling_h is None else half_cooling_h
        places, shares = _PLACES, _SHARES
        count = len(places)
        pulp = np.empty((2, n, k * count))
        x = start_c
        coldest, warmest = np.full(n, math.inf), np.full(n, -math.inf)
        for j in range(k):
            here = slice(j * count, (j + 1) * count)
            air = air_c[:, j]
            goes_on = hours[:, j] > 0
            if not self.lags and loose[j] is None:
                pulp[:, :, here] = air[None, :, None]
                x = np.where(goes_on[:, None], air[:, None], x)
                ends = [x]
            else:
                linear = self._linear(loose[j])
                pulp[:, :, here] = linear.after(x, air, hours[:, j, None] * places)
                after = linear.after(x, air, hours[:, j, None])[:, :, 0].T
                ends, x = [x, after], after
            met = np.concatenate([*pulp[:, :, here], *ends], axis=1)
            coldest = np.where(goes_on, np.minimum(coldest, met.min(axis=1)), coldest)
            warmest = np.where(goes_on, np.maximum(warmest, met.max(axis=1)), warmest)
        humidity = (
            np.full((n, k), math.nan) if relative_humidity_pct is None else relative_humidity_pct
        )
        return Trace(
            hours=(hours[:, :, None] * shares).reshape(n, k * count),
            outer_c=pulp[0],
            core_c=pulp[1],
            air_c=np.repeat(air_c, count, axis=1),
            relative_humidity_pct=np.repeat(humidity, count, axis=1),
            end_c=x,
            coldest_c=coldest,
            warmest_c=warmest,
        )

    def _cut(
        self,
        stretches: Sequence[Surroundings],
        start: tuple[float, float],
        jumps_c: Sequence[float],
    ) -> list[Surroundings]:
        """The stretches, cut at the moments at which a half passes one of ``jumps_c``."""
        x = np.array([start])
        out: list[Surroundings] = []
        for s in stretches:
            if not self.lags and s.half_cooling_h is None:
                out.append(s)
                x = np.array([[s.air_c, s.air_c]])
                continue
            linear, air = self._linear(s.half_cooling_h), np.array([s.air_c])

            def after(hours: Floats, x: Floats = x, linear: _Linear = linear, air: Floats = air):
                return linear.after(x, air, hours[None, :])[:, 0, :]

            grid = np.concatenate(([0.0], s.hours * _PLACES, [s.hours]))
            met = after(grid)
            cuts: set[float] = set()
            for jump in jumps_c:
                above = met > jump
                for node, place in np.argwhere(above[:, 1:] != above[:, :-1]).tolist():
                    low, high = float(grid[place]), float(grid[place + 1])
                    upper = bool(above[node, place + 1])
                    for _ in range(60):
                        middle = (low + high) / 2
                        passed = bool(after(np.array([middle]))[node, 0] > jump) == upper
                        low, high = (low, middle) if passed else (middle, high)
                    cuts.add(high)
            at = 0.0
            for end in sorted(c for c in cuts if 1e-9 < c < s.hours - 1e-9):
                out.append(replace(s, hours=end - at))
                at = end
            out.append(replace(s, hours=s.hours - at))
            x = after(np.array([s.hours])).T
        return out

    def _linear(self, half_cooling_h: float | None) -> _Linear:
        known = self._systems
        if half_cooling_h not in known:
            if half_cooling_h is None:
                k, m = self._rates
                known[half_cooling_h] = _Linear(k, 0.0, m, self.heating)
            else:
                k = math.log(2) / half_cooling_h
                known[half_cooling_h] = _Linear(k, k, 0.0, self.heating)
        return known[half_cooling_h]

    @cached_property
    def _systems(self) -> dict[float | None, _Linear]:
        return {}
