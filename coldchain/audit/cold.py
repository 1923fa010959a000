"""Rules of the cold: setpoints, packaging, the air told, the pulp, and what it leaves of a life.

A search knows the pulp in closed form and adds up rates by another quadrature; so numbers that
follow from the pulp are compared to a tolerance, and those that do not to the last digits.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from coldchain.audit.case import Case, Run
from coldchain.audit.fates import Told, packagings
from coldchain.audit.pulp import Air
from coldchain.audit.setpoints import LONG_K, bears, suits
from coldchain.audit.violation import Violation
from coldchain.itinerary import StepKind

NEAR = 1e-4
"""Of a whole life: how far two ways of adding up one life may be apart."""

NEAR_K = 0.2
"""The same of the pulp's extremes, which a search may look for at the points of a quadrature."""

SAME = 1e-9
"""Hours, degrees and shares nearer than this are equal."""

PERCENTILES = ("shelf_life_left_p10_h", "shelf_life_left_p50_h", "shelf_life_left_p90_h")

Stay = tuple[int, StepKind, Air]
"""Carriage and kind of step, and the air meanwhile."""


def _told(case: Case) -> Iterable[tuple[Run, Told]]:
    return ((run, case.told[run.consignment.id]) for run in case.runs if _is_told(case, run))


def _is_told(case: Case, run: Run) -> bool:
    return run.consignment.id in case.told


def _near_life(told: Told) -> float:
    """How much life two ways of adding it up may be apart."""
    return NEAR * max(1.0, told.life_used) + told.unsure_h / told.shortest_h


def _near_h(told: Told) -> float:
    """The same in hours at the retail temperature."""
    return _near_life(told) * told.fate.whole_h


def setpoint_listed(case: Case) -> Iterable[Violation]:
    """A carriage is set to a temperature the scenario allows."""
    for carriage in case.carriages:
        if carriage.setpoint_c not in case.scenario.setpoints_c:
            yield Violation(
                rule="setpoint_listed",
                subject=">".join(leg.service for leg in carriage.legs),
                found=f"{carriage.setpoint_c:g} °C",
                expected=", ".join(f"{setpoint:g}" for setpoint in case.scenario.setpoints_c),
                message="the scenario has no such setpoint",
            )


def setpoint_suits(case: Case) -> Iterable[Violation]:
    """A carriage's setpoint lies within the range of the commodity, or as near as it bears."""
    for run in case.runs:
        low, high = bears(run.goods, LONG_K)
        for number, carriage in enumerate(run.itinerary.carriages, start=1):
            if not suits(run.goods, carriage.setpoint_c):
                yield Violation(
                    rule="setpoint_suits",
                    subject=run.consignment.id,
                    found=f"{carriage.setpoint_c:g} °C",
                    expected=f"{low:g} to {high:g} °C",
                    message=f"carriage {number} does not suit {run.goods.code}",
                )


def packaging(case: Case) -> Iterable[Violation]:
    """Goods are packed as asked, in something the scenario has and the commodity can be in."""
    for run in case.runs:
        if case.terms(run) is None:
            ways = packagings(case.scenario, run.consignment)
            yield Violation(
                rule="packaging",
                subject=run.consignment.id,
                found=run.itinerary.packaging,
                expected=", ".join(ways) or "another consignment",
                message=f"{run.goods.code} is not to be packed so",
            )


def _near(a: float | None, b: float | None) -> bool:
    return a == b if a is None or b is None else math.isclose(a, b, abs_tol=SAME)


def _same_air(a: Air, b: Air) -> bool:
    return (
        _near(a.air_c, b.air_c)
        and _near(a.half_cooling_h, b.half_cooling_h)
        and _near(a.humidity_pct, b.humidity_pct)
    )


def _stays(stays: Iterable[Stay]) -> list[Stay]:
    """Stays in one air are one stay, and none takes no time."""
    out: list[Stay] = []
    for carriage, kind, air in stays:
        if air.hours <= SAME:
            continue
        if out and out[-1][:2] == (carriage, kind) and _same_air(out[-1][2], air):
            together = out.pop()[2].hours + air.hours
            out.append((carriage, kind, replace(air, hours=together)))
        else:
            out.append((carriage, kind, air))
    return out


def surroundings(case: Case) -> Iterable[Violation]:
    """The air told is the recomputed one: which, how humid, for how long, one after the other."""
    for run in case.runs:
        found = _stays(
            (
                step.carriage,
                step.kind,
                Air(
                    hours=one.hours,
                    air_c=one.air_c,
                    half_cooling_h=one.half_cooling_h,
                    humidity_pct=one.relative_humidity_pct,
                ),
            )
            for step in run.itinerary.steps
            for one in step.surroundings
        )
        expected = _stays(
            (stretch.carriage, stretch.kind, air)
            for stretch in run.replay.stretches
            for air in stretch.airs
        )
        for number in range(max(len(found), len(expected))):
            told, meant = found[number : number + 1], expected[number : number + 1]
            if not (told and meant and _same_stay(told[0], meant[0])):
                yield Violation(
                    rule="surroundings",
                    subject=run.consignment.id,
                    found=_worded(told),
                    expected=_worded(meant),
                    message=f"air {number + 1} around the goods is not what follows",
                )
                break


def _same_stay(a: Stay, b: Stay) -> bool:
    alike = a[:2] == b[:2] and _same_air(a[2], b[2])
    return alike and math.isclose(a[2].hours, b[2].hours, rel_tol=SAME, abs_tol=SAME)


def _worded(stays: list[Stay]) -> str:
    if not stays:
        return "nothing"
    carriage, kind, air = stays[0]
    words = [f"{air.hours:.4f} h at {air.air_c:g} °C"]
    words += [] if air.humidity_pct is None else [f"{air.humidity_pct:g} %"]
    words += [] if air.half_cooling_h is None else [f"half-cooled in {air.half_cooling_h:g} h"]
    return f"{', '.join(words)} ({kind}, carriage {carriage + 1})"


def within_domain(case: Case) -> Iterable[Violation]:
    """Goods are never at a temperature at which nothing is known of their life."""
    for run, told in _told(case):
        low, high = run.goods.domain_min_c, run.goods.domain_max_c
        coldest, warmest = told.pulp_met_c
        for met, outside in (
            (coldest, coldest < low - NEAR_K),
            (warmest, warmest > high + NEAR_K),
        ):
            if outside:
                yield Violation(
                    rule="within_domain",
                    subject=run.consignment.id,
                    found=f"pulp of {met:.2f} °C",
                    expected=f"{low:g} to {high:g} °C",
                    message=f"the decay law of {run.goods.code} does not hold there",
                )


def pulp_warmest(case: Case) -> Iterable[Violation]:
    """The warmest pulp stated is the warmest the goods are, once they are packed."""
    for run, told in _told(case):
        if not abs(run.itinerary.pulp_warmest_c - told.pulp_warmest_c) <= NEAR_K:
            yield Violation(
                rule="pulp_warmest",
                subject=run.consignment.id,
                found=f"{run.itinerary.pulp_warmest_c:.3f} °C",
                expected=f"{told.pulp_warmest_c:.3f} °C",
                message="its pulp does not become as warm as that",
            )


def life_reckoned(case: Case) -> Iterable[Violation]:
    """The life reckoned is the sum of the pace over the recomputed air."""
    for run, told in _told(case):
        stated, expected = run.itinerary.life_reckoned, told.life_reckoned
        same = stated == expected  # both without end: air that is not reckoned with
        if not (same or abs(stated - expected) <= _near_life(told)):
            yield Violation(
                rule="life_reckoned",
                subject=run.consignment.id,
                found=f"{stated:.9g}",
                expected=f"{expected:.9g}",
                message="the life it was planned by does not follow from its air",
            )


def life_used(case: Case) -> Iterable[Violation]:
    """The life used stated is what enough lots do not exceed, their pulp followed."""
    for run, told in _told(case):
        if not abs(run.itinerary.life_used - told.life_used) <= _near_life(told):
            yield Violation(
                rule="life_used",
                subject=run.consignment.id,
                found=f"{run.itinerary.life_used:.9g}",
                expected=f"{told.life_used:.9g}",
                message="its life used does not follow from its pulp",
            )


def shelf_life_left(case: Case) -> Iterable[Violation]:
    """The shelf life left stated is what enough lots have at least."""
    yield from _left(case, "shelf_life_left", ("shelf_life_left_h",))


def percentiles(case: Case) -> Iterable[Violation]:
    """The percentiles of the shelf life left are those of the lots."""
    yield from _left(case, "percentiles", PERCENTILES)


def _left(case: Case, rule: str, names: Iterable[str]) -> Iterable[Violation]:
    for run, told in _told(case):
        for name in names:
            stated: float = getattr(run.itinerary, name)
            expected: float = getattr(told, name)
            same = stated == expected  # both without end
            if not (same or abs(stated - expected) <= _near_h(told)):
                yield Violation(
                    rule=rule,
                    subject=run.consignment.id,
                    found=f"{stated:.6g} h",
                    expected=f"{expected:.6g} h",
                    message=f"its {name} does not follow from its pulp",
                )


def sure(case: Case) -> Iterable[Violation]:
    """The share of lots said to keep the floor is theirs, but for lots that stand upon it."""
    for run, told in _told(case):
        floor, near = run.consignment.shelf_life_required_h, _near_h(told)
        least, most = told.fate.share_with(floor + near), told.fate.share_with(floor - near)
        if not least - SAME <= run.itinerary.sure <= most + SAME:
            yield Violation(
                rule="sure",
                subject=run.consignment.id,
                found=f"{run.itinerary.sure:.1%}",
                expected=f"{least:.1%}" if least == most else f"{least:.1%} to {most:.1%}",
                message="so many of its lots do not keep the floor",
            )


def limited_by(case: Case) -> Iterable[Violation]:
    """What ends the life of a typical lot is what is said to, or as near to its end."""
    for run, told in _told(case):
        left, stated = told.fate.typical_h, run.itinerary.limited_by
        least = left[told.limited_by]
        if stated not in left or left[stated] > least + _near_h(told):
            yield Violation(
                rule="limited_by",
                subject=run.consignment.id,
                found=stated,
                expected=told.limited_by,
                message="something else ends the life of a typical lot first",
            )


def fresh_enough(case: Case) -> Iterable[Violation]:
    """At delivery enough lots have the shelf life required."""
    for run, told in _told(case):
        required = run.consignment.shelf_life_required_h
        if told.shelf_life_left_h < required - _near_h(told):
            yield Violation(
                rule="fresh_enough",
                subject=run.consignment.id,
                found=f"{told.shelf_life_left_h / 24:.3f} d",
                expected=f"{required / 24:.3f} d or more at {run.consignment.retail_c:g} °C",
                message=f"less than {case.scenario.confidence:.0%} of its lots are fresh enough",
            )
