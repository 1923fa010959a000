"""Rules of the cold: setpoints, thermal history, life used and shelf life left."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from coldchain.audit.case import Case, Run
from coldchain.audit.hours import quantile_of
from coldchain.audit.violation import Violation
from coldchain.errors import UnknownName
from coldchain.goods import Consignment, Packaging, Perishable
from coldchain.itinerary import StepKind

RELATIVE = 1e-9
"""How far two ways of adding up one history may be apart."""

GAS_CONSTANT_J_MOL_K = 8.314462618


def _arrhenius(goods: Perishable, life_h: float, temperature_c: float) -> float:
    ea_over_r = 1000 * goods.activation_energy_kj_mol / GAS_CONSTANT_J_MOL_K
    inverse = 1 / (273.15 + temperature_c) - 1 / (273.15 + goods.life_ref_c)
    return life_h * math.exp(ea_over_r * inverse)


KEEPING_QUALITY: Mapping[str, Callable[[Perishable, float, float], float]] = {
    "arrhenius": _arrhenius,
}
"""Keeping quality (h) by decay law: commodity, life at its reference (h), temperature (°C)."""


def keeping_quality_h(
    consignment: Consignment, *, goods: Perishable, confidence: float, temperature_c: float
) -> float:
    """Hours that a share ``confidence`` of lots keep at ``temperature_c`` or longer."""
    days = quantile_of(
        goods.life_min_d, goods.life_typ_d, goods.life_max_d, share=1 - confidence, tail=0.95
    )
    if consignment.packaging is Packaging.MAP:
        if goods.map_life_factor is None:
            raise ValueError(f"{goods.code} has no map_life_factor, so MAP means nothing to it")
        days *= goods.map_life_factor
    if goods.decay_law not in KEEPING_QUALITY:
        raise UnknownName("decay law the audit can recompute", goods.decay_law, KEEPING_QUALITY)
    return KEEPING_QUALITY[goods.decay_law](goods, 24 * days, temperature_c)


def _life_h(case: Case, run: Run, temperature_c: float) -> float:
    return keeping_quality_h(
        run.consignment,
        goods=run.goods,
        confidence=case.scenario.confidence,
        temperature_c=temperature_c,
    )


def life_used_of(case: Case, run: Run) -> float:
    """Life used at delivery, recomputed."""
    parts = [
        hours / _life_h(case, run, temperature)
        for stretch in run.replay.stretches
        for temperature, hours in stretch.exposures.items()
    ]
    return math.fsum([run.consignment.life_used_at_ready, *parts])


def shelf_life_left_of(case: Case, run: Run) -> float:
    """Shelf life left at delivery (h at the retail temperature), recomputed."""
    return (1 - life_used_of(case, run)) * _life_h(case, run, run.consignment.retail_c)


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
    """A carriage's setpoint lies within the range of the commodity."""
    for run in case.runs:
        low, high = run.goods.setpoint_min_c, run.goods.setpoint_max_c
        for number, carriage in enumerate(run.itinerary.carriages, start=1):
            if not low <= carriage.setpoint_c <= high:
                yield Violation(
                    rule="setpoint_suits",
                    subject=run.consignment.id,
                    found=f"{carriage.setpoint_c:g} °C",
                    expected=f"{low:g} to {high:g} °C",
                    message=f"carriage {number} does not suit {run.goods.code}",
                )


def within_domain(case: Case) -> Iterable[Violation]:
    """Goods are never at a temperature at which nothing is known of their life."""
    for run in case.runs:
        low, high = run.goods.domain_min_c, run.goods.domain_max_c
        met = {t for stretch in run.replay.stretches for t in stretch.exposures}
        for temperature in sorted(met):
            if not low <= temperature <= high:
                yield Violation(
                    rule="within_domain",
                    subject=run.consignment.id,
                    found=f"{temperature:g} °C",
                    expected=f"{low:g} to {high:g} °C",
                    message=f"the decay law of {run.goods.code} does not hold there",
                )


def exposures(case: Case) -> Iterable[Violation]:
    """The thermal history told is the recomputed one: hours by temperature, carriage and doing."""
    for run in case.runs:
        found: defaultdict[tuple[int, StepKind, float], list[float]] = defaultdict(list)
        expected: defaultdict[tuple[int, StepKind, float], list[float]] = defaultdict(list)
        for step in run.itinerary.steps:
            for one in step.exposures:
                found[step.carriage, step.kind, one.temperature_c].append(one.hours)
        for stretch in run.replay.stretches:
            for temperature, hours in stretch.exposures.items():
                expected[stretch.carriage, stretch.kind, temperature].append(hours)
        for key in sorted({*found, *expected}):
            told, meant = math.fsum(found[key]), math.fsum(expected[key])
            if not math.isclose(told, meant, rel_tol=RELATIVE, abs_tol=1e-9):
                number, kind, temperature = key
                yield Violation(
                    rule="exposures",
                    subject=run.consignment.id,
                    found=f"{told:.4f} h",
                    expected=f"{meant:.4f} h",
                    message=f"hours at {temperature:g} °C ({kind}, carriage {number + 1})",
                )


def life_used(case: Case) -> Iterable[Violation]:
    """The life used stated is the one the recomputed history uses."""
    for run in case.runs:
        expected = life_used_of(case, run)
        if not math.isclose(run.itinerary.life_used, expected, rel_tol=RELATIVE):
            yield Violation(
                rule="life_used",
                subject=run.consignment.id,
                found=f"{run.itinerary.life_used:.12g}",
                expected=f"{expected:.12g}",
                message="its life used does not follow from its history",
            )


def shelf_life_left(case: Case) -> Iterable[Violation]:
    """The shelf life left stated is what the recomputed life used leaves."""
    for run in case.runs:
        expected = shelf_life_left_of(case, run)
        # Near the end of life the difference 1 - life used cancels: measure against the whole.
        scale = _life_h(case, run, run.consignment.retail_c)
        if not abs(run.itinerary.shelf_life_left_h - expected) <= RELATIVE * scale:
            yield Violation(
                rule="shelf_life_left",
                subject=run.consignment.id,
                found=f"{run.itinerary.shelf_life_left_h:.9g} h",
                expected=f"{expected:.9g} h",
                message="its shelf life left does not follow from its life used",
            )


def fresh_enough(case: Case) -> Iterable[Violation]:
    """At delivery at least the shelf life required is left."""
    for run in case.runs:
        left, required = shelf_life_left_of(case, run), run.consignment.shelf_life_required_h
        if left < required - RELATIVE * _life_h(case, run, run.consignment.retail_c):
            yield Violation(
                rule="fresh_enough",
                subject=run.consignment.id,
                found=f"{left / 24:.3f} d",
                expected=f"{required / 24:.3f} d or more at {run.consignment.retail_c:g} °C",
                message="too little shelf life is left at delivery",
            )
