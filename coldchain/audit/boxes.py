"""Rules of the boxes: who is in which load unit, what it holds, and the slots of departures."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable

from coldchain.audit.case import Case, name_of
from coldchain.audit.hours import local
from coldchain.audit.replay import ride
from coldchain.audit.tasks import local_day
from coldchain.audit.violation import Violation, clock
from coldchain.itinerary import Carriage, StepKind
from coldchain.plan import LoadUnit

ROUNDING_KG = 1e-6


def by_kg(case: Case, carriage: Carriage) -> bool:
    """Whether a carriage is kilograms of an aircraft rather than boxes."""
    return any(service.shared_by_kg for service in case.services(carriage))


def _boxes(case: Case, *, kg: bool) -> Iterable[LoadUnit]:
    return (
        unit
        for unit in case.plan.load_units
        if case.services(unit.carriage) and by_kg(case, unit.carriage) is kg
    )


def pallets_per_unit(case: Case, carriage: Carriage) -> int:
    """Pallets one unit of a carriage holds: the fewest among its legs."""
    return min(service.pallets_per_unit for service in case.services(carriage))


def unit_ids(case: Case) -> Iterable[Violation]:
    """Load units have names of their own."""
    for name, times in Counter(unit.id for unit in case.plan.load_units).items():
        if times > 1:
            yield Violation(
                rule="unit_ids",
                subject=name,
                found=f"{times} load units",
                expected="1",
                message="load units share a name",
            )


def unit_filled(case: Case) -> Iterable[Violation]:
    """A load unit is not empty: whole pallets, at least one of each consignment listed."""
    for unit in case.plan.load_units:
        pallets = [count for _, count in unit.contents]
        if not pallets or min(pallets) < 1:
            yield Violation(
                rule="unit_filled",
                subject=unit.id,
                found=f"{unit.contents}",
                expected="one pallet or more of each consignment in it",
                message="a load unit travels empty",
            )


def unit_held(case: Case) -> Iterable[Violation]:
    """Whoever is in a load unit holds its carriage."""
    holders = {
        (one.consignment, carriage) for one in case.plan.itineraries for carriage in one.carriages
    }
    for unit in case.plan.load_units:
        for name, _ in unit.contents:
            if (name, unit.carriage) not in holders:
                yield Violation(
                    rule="unit_held",
                    subject=unit.id,
                    found=name,
                    expected=f"consignments whose itinerary has this {name_of(unit.carriage)}",
                    message="something is in a unit it does not travel by",
                )


def pallets_stowed(case: Case) -> Iterable[Violation]:
    """On each of its carriages all pallets of a consignment are stowed, and no more."""
    for run in case.runs:
        for carriage in dict.fromkeys(run.itinerary.carriages):
            stowed = case.pallets_on(carriage, run.consignment.id)
            if stowed != run.consignment.pallets:
                yield Violation(
                    rule="pallets_stowed",
                    subject=run.consignment.id,
                    found=f"{stowed} pallets in units of {name_of(carriage)}",
                    expected=f"{run.consignment.pallets}",
                    message="its pallets are not all in load units, or in too many",
                )


def unit_pallets(case: Case) -> Iterable[Violation]:
    """A box holds no more pallets than it has places."""
    for unit in _boxes(case, kg=False):
        pallets = sum(count for _, count in unit.contents)
        places = pallets_per_unit(case, unit.carriage)
        if pallets > places:
            yield Violation(
                rule="unit_pallets",
                subject=unit.id,
                found=f"{pallets} pallets",
                expected=f"at most {places}",
                message="there are more pallets than places",
            )


def unit_payload(case: Case) -> Iterable[Violation]:
    """A box carries no more than its payload."""
    for unit in _boxes(case, kg=False):
        gross_kg = case.gross_kg(unit)
        payload = min(service.payload_kg for service in case.services(unit.carriage))
        if gross_kg > payload + ROUNDING_KG:
            yield Violation(
                rule="unit_payload",
                subject=unit.id,
                found=f"{gross_kg:.0f} kg",
                expected=f"at most {payload} kg",
                message="it is too heavy",
            )


def fewest_units(case: Case) -> Iterable[Violation]:
    """A carriage has no more boxes than its pallets fill."""
    for carriage, units in case.units.items():
        if not case.services(carriage) or by_kg(case, carriage):
            continue
        used = sum(1 for unit in units if unit.contents)
        needed = math.ceil(case.pallets_on(carriage) / pallets_per_unit(case, carriage))
        if used > needed:
            yield Violation(
                rule="fewest_units",
                subject=name_of(carriage),
                found=f"{used} load units",
                expected=str(needed),
                message="its pallets fit into fewer load units",
            )


def one_air_unit(case: Case) -> Iterable[Violation]:
    """What shares a flight by the kilogram stands in one load unit per carriage."""
    for carriage, units in case.units.items():
        if by_kg(case, carriage) and len(units) > 1:
            yield Violation(
                rule="one_air_unit",
                subject=name_of(carriage),
                found=f"{len(units)} load units",
                expected="1",
                message="kilograms of one flight are told in several units",
            )


def slots(case: Case) -> Iterable[Violation]:
    """Units (gross kg by air) of all carriages fit a departure, or a local day when on demand."""
    taken: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for unit in case.plan.load_units:
        for leg in unit.carriage.legs:
            service = case.scenario.network.services.get(leg.service)
            if service is None:
                continue
            if service.departure_times:
                when = clock(leg.departs)
            else:
                when = str(local_day(case.scenario, service, leg.departs))
            size = case.gross_kg(unit) if service.shared_by_kg else 1
            taken[service.id, when].append(size)
    for (name, when), sizes in taken.items():
        service = case.scenario.network.services[name]
        what = "kg" if service.shared_by_kg else "load units"
        if math.fsum(sizes) > service.capacity_units + ROUNDING_KG:
            yield Violation(
                rule="slots",
                subject=f"{name} {when}",
                found=f"{math.fsum(sizes):.0f} {what}",
                expected=f"at most {service.capacity_units}",
                message="more is booked than it takes",
            )


def capacity(case: Case) -> Iterable[Violation]:
    """An operation begins on no more sealed units on one local day than it takes a day.

    What flies by the kilogram is no unit.
    """
    begun: Counter[tuple[str, str]] = Counter()
    known = case.scenario.network
    for unit in case.plan.load_units:
        legs = unit.carriage.legs
        if by_kg(case, unit.carriage) or any(leg.service not in known.services for leg in legs):
            continue
        for stretch in ride(case.scenario, unit.carriage).stretches:
            if stretch.subject in known.operations and stretch.kind is StepKind.OPERATION:
                zone = known.nodes[stretch.node].timezone
                begun[stretch.subject, str(local(stretch.begins, zone=zone).date())] += 1
    for (name, day), units in begun.items():
        most = known.operations[name].units_per_day
        if most is not None and units > most:
            yield Violation(
                rule="capacity",
                subject=f"{name} {day}",
                found=f"{units} load units",
                expected=f"at most {most}",
                message="more units come than it takes in a day",
            )
