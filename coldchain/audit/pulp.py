"""The audit's own pulp: two halves of a pallet, stepped through their air by Runge and Kutta.

Written from docs/concepts.md, "The pulp". The search knows the temperatures in closed form; here
the same two equations are walked along in small steps, and what is made of them is added up by
Simpson's rule. A step is short against the fastest exchange of heat, so that both are good to a
few parts in a million.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coldchain.goods import PackagingTerms, Perishable

Floats = NDArray[np.float64]
Pair = tuple[float, float]
"""Of the outer half and of the core."""

RESPIRATION_J_MG = 2816e6 / (6 * 44_009.5) / 1000
"""2816 kJ for the 6 mol of CO2 that a mol of sugar makes, 44.0095 g each."""

RESPIRATION_TO_C = 10.0

STEP = 0.1
"""Length of a step, in times of the fastest exchange of heat."""

UNSURE = 0.2
"""Of the time since a change of air when a half passes a jump: so much too early or too late may a
quadrature place that whose points stand the wider the longer the air has not changed."""

SOONEST = 0.01
"""Of a stretch in one air: the time its change counts as at least."""

EDGE_K = 0.05
"""Pulp so near a jump may be on its other side."""

AT_IT_K = 1e-9
"""Temperatures nearer than this are one: pulp that was followed just as far as a jump is at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Air:
    """Hours in one air; ``half_cooling_h`` where both halves follow it by themselves."""

    hours: float
    air_c: float
    half_cooling_h: float | None = None
    humidity_pct: float | None = None


def joined(airs: Iterable[Air]) -> list[Air]:
    """The same airs, none of them for no time and no two alike in a row."""
    out: list[Air] = []
    for air in airs:
        if air.hours <= 0:
            continue
        if out and replace(out[-1], hours=air.hours) == air:
            out[-1] = replace(air, hours=out[-1].hours + air.hours)
        else:
            out.append(air)
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Pallet:
    """Rates (1/h) at which heat moves from air to outer half to core; warming at 0 °C and per K.

    Without lag (``lags``) both halves are as warm as the air around them at once.
    """

    outer: float
    core: float
    warming_k_h: float
    warming_per_h: float
    lags: bool = True

    def change(self, air: Air, outer_c: float, core_c: float) -> Pair:
        """How fast both halves warm in ``air`` (K/h)."""
        breath_outer = self.warming_k_h + self.warming_per_h * outer_c
        breath_core = self.warming_k_h + self.warming_per_h * core_c
        if air.half_cooling_h is not None:
            rate = math.log(2) / air.half_cooling_h
            return (
                rate * (air.air_c - outer_c) + breath_outer,
                rate * (air.air_c - core_c) + breath_core,
            )
        inwards = self.core * (outer_c - core_c)
        return self.outer * (air.air_c - outer_c) - inwards + breath_outer, inwards + breath_core

    def fastest(self, air: Air) -> float:
        """A rate (1/h) that nothing in ``air`` exceeds."""
        if air.half_cooling_h is not None:
            return math.log(2) / air.half_cooling_h
        return self.outer + 2 * self.core

    def settled(self, air_c: float) -> Pair:
        """Where both halves come to rest in air of ``air_c``."""
        if not self.lags:
            return air_c, air_c
        outer, core = self._rest(self.outer * air_c + self.warming_k_h, self.warming_k_h)
        return outer, core

    @property
    def lag_h(self) -> Pair:
        """Hours by which a kelvin of warmth in both halves adds up in each."""
        if not self.lags:
            return 0.0, 0.0
        return self._rest(1.0, 1.0)

    def _rest(self, into_outer: float, into_core: float) -> Pair:
        out = self.outer + self.core - self.warming_per_h
        within = self.core - self.warming_per_h
        exchange = np.array([[out, -self.core], [-self.core, within]])
        outer, core = np.linalg.solve(exchange, np.array([into_outer, into_core])).tolist()
        return outer, core


def pallet_of(goods: Perishable, terms: PackagingTerms) -> Pallet:
    """How goods so packed exchange heat, and how their breath warms them."""
    at_zero, per_k = 0.0, 0.0
    if goods.respiration_mg_kg_h and goods.heat_capacity_kj_kg_k:
        at_zero, per_k = _breath(goods.respiration_mg_kg_h)
        kelvin_per_mg = RESPIRATION_J_MG / (1000 * goods.heat_capacity_kj_kg_k)
        at_zero, per_k = at_zero * kelvin_per_mg, per_k * kelvin_per_mg
    outer_h, core_h = terms.outer_half_cooling_h, terms.core_half_cooling_h
    lags = outer_h is not None and core_h is not None
    return Pallet(
        outer=0.0 if outer_h is None else math.log(2) / outer_h,
        core=0.0 if core_h is None else math.log(2) / core_h,
        lags=lags,
        warming_k_h=at_zero,
        warming_per_h=per_k,
    )


def _breath(points: Sequence[Pair]) -> Pair:
    """Respiration at 0 °C and by the kelvin: the line of least squared relative error."""
    cold = [point for point in points if point[0] <= RESPIRATION_TO_C]
    used = cold if len(cold) >= 2 else list(points)
    if len(used) == 1:
        return used[0][1], 0.0
    # (a + b T) / R is to be 1 at every point.
    rows = np.array([(1 / rate, degrees / rate) for degrees, rate in used])
    a, b = np.linalg.lstsq(rows, np.ones(len(used)), rcond=None)[0].tolist()
    return a, max(0.0, b)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The pulp along a history, at the points of Simpson's rule.

    ``hours`` are their weights. Within a piece no half passes a temperature at which something
    jumps; ``side_c`` is the pulp in the middle of the piece and tells on which side it is.
    ``unsure_h`` are hours that another way of adding up may count on the other side of a jump.
    """

    hours: Floats
    pulp_c: Floats
    side_c: Floats
    air_c: Floats
    humidity_pct: Floats
    end_c: Pair
    unsure_h: float

    @property
    def coldest_c(self) -> float:
        """The lowest either half is, begin and end included."""
        return float(self.pulp_c.min(initial=min(self.end_c)))

    @property
    def warmest_c(self) -> float:
        """The highest either half is, begin and end included."""
        return float(self.pulp_c.max(initial=max(self.end_c)))

    def then(self, other: Course) -> Course:
        """One course, and after it another."""
        return Course(
            hours=np.concatenate([self.hours, other.hours]),
            pulp_c=np.concatenate([self.pulp_c, other.pulp_c], axis=1),
            side_c=np.concatenate([self.side_c, other.side_c], axis=1),
            air_c=np.concatenate([self.air_c, other.air_c]),
            humidity_pct=np.concatenate([self.humidity_pct, other.humidity_pct]),
            end_c=other.end_c,
            unsure_h=self.unsure_h + other.unsure_h,
        )


def follow(
    pallet: Pallet,
    airs: Iterable[Air],
    start_c: Pair,
    *,
    humidity_pct: float | None,
    jumps_c: Iterable[float],
) -> Course:
    """Follow the pulp from ``start_c`` through ``airs``, piece by piece between ``jumps_c``.

    ``humidity_pct`` is that of air of which nothing is stated.
    """
    jumps = np.array(sorted(set(jumps_c)))
    weights: list[Floats] = []
    points: list[Floats] = []
    sides: list[Floats] = []
    around: list[Pair] = []
    now, unsure_h = start_c, 0.0
    for air in joined(airs):
        humid = humidity_pct if air.humidity_pct is None else air.humidity_pct
        left = air.hours
        while left > 0:
            found, step = _walk(pallet, air, now, left)
            until = _next_jump(pallet, air, found, step, jumps)
            if until is not None:
                unsure_h += UNSURE * (max(air.hours - left, SOONEST * air.hours) + until)
                found, step = _walk(pallet, air, now, until)
            simpson = np.full(len(found), 2.0)
            simpson[1::2], simpson[0], simpson[-1] = 4.0, 1.0, 1.0
            simpson *= step / 3
            at_edge = np.abs(found[:, :, None] - jumps).min(axis=(1, 2), initial=np.inf) < EDGE_K
            unsure_h += float(simpson[at_edge].sum())
            weights.append(simpson)
            points.append(found)
            sides.append(np.broadcast_to(found[len(found) // 2], found.shape))
            around += [(air.air_c, math.nan if humid is None else humid)] * len(found)
            now = (float(found[-1, 0]), float(found[-1, 1]))
            left = 0.0 if until is None else left - until
    if not points:
        nothing = np.empty(0)
        return Course(
            hours=nothing,
            pulp_c=np.empty((2, 0)),
            side_c=np.empty((2, 0)),
            air_c=nothing,
            humidity_pct=nothing,
            end_c=start_c,
            unsure_h=0.0,
        )
    airs_, humidity = np.array(around).T
    return Course(
        hours=np.concatenate(weights),
        pulp_c=np.concatenate(points).T,
        side_c=np.concatenate(sides).T,
        air_c=airs_,
        humidity_pct=humidity,
        end_c=now,
        unsure_h=unsure_h,
    )


def _walk(pallet: Pallet, air: Air, start_c: Pair, hours: float) -> tuple[Floats, float]:
    """Both halves at an even number of steps through ``hours``, and the length of a step."""
    if not pallet.lags and air.half_cooling_h is None:
        return np.full((3, 2), air.air_c), hours / 2
    steps = 2 * max(1, math.ceil(hours * pallet.fastest(air) / STEP / 2))
    step = hours / steps
    found = [start_c]
    for _ in range(steps):
        found.append(_step(pallet, air, found[-1], step))
    return np.array(found), step


def _step(pallet: Pallet, air: Air, at_c: Pair, hours: float) -> Pair:
    """One step of the classical method of Runge and Kutta."""
    outer, core = at_c
    half = hours / 2
    a, b = pallet.change(air, outer, core)
    c, d = pallet.change(air, outer + half * a, core + half * b)
    e, f = pallet.change(air, outer + half * c, core + half * d)
    g, h = pallet.change(air, outer + hours * e, core + hours * f)
    return outer + hours * (a + 2 * (c + e) + g) / 6, core + hours * (b + 2 * (d + f) + h) / 6


def _next_jump(
    pallet: Pallet, air: Air, found: Floats, step: float, jumps_c: Floats
) -> float | None:
    """Hours until a half first passes one of ``jumps_c``; None if none does."""
    if not len(jumps_c):
        return None
    beyond = found[:, :, None] - jumps_c
    side = np.where(np.abs(beyond) < AT_IT_K, 0.0, np.sign(beyond))
    passes = np.argwhere(side[:-1] * side[1:] < 0)
    if not len(passes):
        return None
    number = int(passes[0][0])
    before = (float(found[number, 0]), float(found[number, 1]))
    # Of all that is passed in this step, the first.
    return number * step + min(
        _bisected(pallet, air, before, step, half, float(jumps_c[jump]))
        for place, half, jump in passes.tolist()
        if place == number
    )


def _bisected(
    pallet: Pallet, air: Air, before: Pair, step: float, half: int, jump_c: float
) -> float:
    """Hours into the step at which the ``half`` is at ``jump_c``."""
    low, high = 0.0, step
    above = before[half] > jump_c
    while high - low > 1e-13 * max(1.0, step):
        middle = (low + high) / 2
        here = _step(pallet, air, before, middle)[half]
        if abs(here - jump_c) < AT_IT_K / 10:
            return middle
        low, high = (middle, high) if (here > jump_c) is above else (low, middle)
    return high
