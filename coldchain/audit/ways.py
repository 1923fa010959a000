"""Rules of the way: who travels, from where to where, on what, and where units are opened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from coldchain.audit.case import Case, Run, name_of
from coldchain.audit.fates import packagings
from coldchain.audit.setpoints import suitable as setpoints
from coldchain.audit.tasks import cross_dock, rides_as, sealed_transfer
from coldchain.audit.treatment import held_cold, in_transit, treated_at
from coldchain.audit.violation import Violation
from coldchain.itinerary import Itinerary, Reason
from coldchain.network import Trigger


def once(case: Case) -> Iterable[Violation]:
    """Every consignment is carried or left behind, exactly once, and no other is."""
    told = [one.consignment for one in case.plan.itineraries]
    told += [refusal.consignment for refusal in case.plan.unserved]
    times = Counter(told)
    for name in dict.fromkeys([*case.consignments, *told]):
        expected = 1 if name in case.consignments else 0
        if times[name] != expected:
            yield Violation(
                rule="once",
                subject=name,
                found=f"{times[name]} times",
                expected=f"{expected} times",
                message="a consignment stands in the plan exactly once"
                if expected
                else "the scenario has no such consignment",
            )


def refusal_reason(case: Case) -> Iterable[Violation]:
    """A refusal gives one of the known reasons."""
    for refusal in case.plan.unserved:
        if refusal.reason not in list(Reason):
            yield Violation(
                rule="refusal_reason",
                subject=refusal.consignment,
                found=str(refusal.reason),
                expected=", ".join(Reason),
                message="the reason for leaving it behind is unknown",
            )


def refusal_shortfall(case: Case) -> Iterable[Violation]:
    """A refusal falls short by zero or more."""
    for refusal in case.plan.unserved:
        if not refusal.shortfall >= 0:
            yield Violation(
                rule="refusal_shortfall",
                subject=refusal.consignment,
                found=f"{refusal.shortfall:g} {refusal.unit}",
                expected="0 or more",
                message="a shortfall is never negative",
            )


def refusal_setpoint(case: Case) -> Iterable[Violation]:
    """A consignment has no setpoint only if none of the scenario's suits it."""
    for refusal in case.plan.unserved:
        consignment = case.consignments.get(refusal.consignment)
        if refusal.reason is not Reason.NO_SETPOINT or consignment is None:
            continue
        goods = case.scenario.perishables[consignment.commodity]
        treating = in_transit(case.scenario, consignment)
        suitable = [
            setpoint
            for setpoint in setpoints(case.scenario, goods)
            if treating is None
            or all(
                held_cold(treating, setpoint, goods=goods, terms=terms)
                for terms in packagings(case.scenario, consignment).values()
            )
        ]
        if suitable:
            yield Violation(
                rule="refusal_setpoint",
                subject=refusal.consignment,
                found=refusal.reason,
                expected=f"another reason: {suitable[0]:g} °C suits it",
                message="it is left behind for want of a setpoint",
            )


def service_exists(case: Case) -> Iterable[Violation]:
    """Every leg is a run of a service of the network, and every itinerary has a leg."""
    for one in case.plan.itineraries:
        legs = [leg for carriage in one.carriages for leg in carriage.legs]
        unknown = [leg.service for leg in legs if leg.service not in case.scenario.network.services]
        if not legs or unknown:
            yield Violation(
                rule="service_exists",
                subject=one.consignment,
                found=", ".join(unknown) or "no leg",
                expected="services of the network",
                message="it travels by what does not exist",
            )


def service_status(case: Case) -> Iterable[Violation]:
    """Services are of a status the scenario may use."""
    for name, service, _, _ in case.legs():
        if service.status not in case.scenario.service_status:
            yield Violation(
                rule="service_status",
                subject=name,
                found=f"{service.id} ({service.status})",
                expected=", ".join(sorted(case.scenario.service_status)),
                message="it travels by a service the scenario does not use",
            )


def _places(case: Case, one: Itinerary) -> list[str]:
    services = [service for carriage in one.carriages for service in case.services(carriage)]
    return [service.origin for service in services[:1]] + [s.destination for s in services]


def door_to_door(case: Case) -> Iterable[Violation]:
    """An itinerary starts at the consignment's origin and ends at its destination."""
    for run in case.runs:
        places = _places(case, run.itinerary)
        wanted = (run.consignment.origin, run.consignment.destination)
        if (places[0], places[-1]) != wanted:
            yield Violation(
                rule="door_to_door",
                subject=run.consignment.id,
                found=f"{places[0]} to {places[-1]}",
                expected=" to ".join(wanted),
                message="it does not travel from door to door",
            )


def connected(case: Case) -> Iterable[Violation]:
    """Each leg starts where the one before it ended."""
    for run in case.runs:
        services = [s for carriage in run.itinerary.carriages for s in case.services(carriage)]
        for before, after in pairwise(services):
            if before.destination != after.origin:
                yield Violation(
                    rule="connected",
                    subject=run.consignment.id,
                    found=f"{after.id} from {after.origin}",
                    expected=f"a service from {before.destination}",
                    message=f"legs {before.id} and {after.id} do not meet",
                )


def no_node_twice(case: Case) -> Iterable[Violation]:
    """Goods are stuffed, opened or delivered at no node twice."""
    for run in case.runs:
        carriages = [case.services(carriage) for carriage in run.itinerary.carriages]
        places = Counter([*(legs[0].origin for legs in carriages), carriages[-1][-1].destination])
        for node, count in places.items():
            if count > 1:
                yield Violation(
                    rule="no_node_twice",
                    subject=run.consignment.id,
                    found=f"{node} {count} times",
                    expected="once",
                    message="the goods come back to where they were",
                )


def equipment(case: Case) -> Iterable[Violation]:
    """A carriage's equipment is that of all its services."""
    for carriage in case.carriages:
        for service in case.services(carriage):
            if service.equipment != carriage.equipment:
                yield Violation(
                    rule="equipment",
                    subject=name_of(carriage),
                    found=carriage.equipment,
                    expected=f"{service.equipment} ({service.id})",
                    message="the load unit cannot ride this service",
                )


def sealed(case: Case) -> Iterable[Violation]:
    """A unit stays sealed from leg to leg: a transfer is listed where it rides differently.

    What is carried by the kilogram is broken up after every flight, so such a carriage is one leg.
    """
    for carriage in case.carriages:
        for before, after in pairwise(case.services(carriage)):
            moved = sealed_transfer(case.scenario, before, after) is not None
            same = rides_as(before) == rides_as(after) and not before.shared_by_kg
            if not (same or moved):
                yield Violation(
                    rule="sealed",
                    subject=name_of(carriage),
                    found=f"{rides_as(before)} on {before.id}, {rides_as(after)} on {after.id}",
                    expected=f"a sealed transfer listed at {before.destination}",
                    message="the unit cannot go on sealed",
                )


def cross_docked(case: Case) -> Iterable[Violation]:
    """Goods change units only where an operation that opens the one for the other is listed."""
    for run in case.runs:
        for before, after in pairwise(run.replay.rides):
            came, goes = before.services[-1], after.services[0]
            if cross_dock(case.scenario, came, goes) is None:
                yield Violation(
                    rule="cross_docked",
                    subject=run.consignment.id,
                    found=f"{rides_as(came)} into {rides_as(goes)} at {came.destination}",
                    expected="a transfer operation that opens the unit",
                    message="goods change units where nobody moves them",
                )


def max_cross_docks(case: Case) -> Iterable[Violation]:
    """Goods change units at most as often as the scenario allows."""
    for run in case.runs:
        docks, allowed = len(run.itinerary.carriages) - 1, case.scenario.max_cross_docks
        if docks > allowed:
            yield Violation(
                rule="max_cross_docks",
                subject=run.consignment.id,
                found=str(docks),
                expected=f"at most {allowed}",
                message="its goods change units too often",
            )


def via(case: Case) -> Iterable[Violation]:
    """Goods bound to a hub are opened at one of its nodes, or start or end there."""
    for run in case.runs:
        own = run.consignment.via
        asked = case.scenario.via if own is None else own
        opened = [services[0].origin for services in map(case.services, run.itinerary.carriages)]
        opened.append(case.services(run.itinerary.carriages[-1])[-1].destination)
        if asked and not any(node in asked for node in opened):
            yield Violation(
                rule="via",
                subject=run.consignment.id,
                found=" ".join(opened),
                expected=f"one of {', '.join(asked)}",
                message="its goods pass by the hub they must be opened at",
            )


def treated(case: Case) -> Iterable[Violation]:
    """Goods that must undergo a treatment do: somewhere, or in a last unit that is cold enough.

    That they do for long enough, the rules of the clock say.
    """
    for run in case.runs:
        treatment, terms = run.consignment.treatment, case.terms(run)
        if not treatment:
            continue
        found = treated_at(case.scenario, run.consignment)
        if found is None:
            yield _untreated(run, "no operation that is it", "one at the origin or destination")
            continue
        place, operation = found
        if place is not Trigger.IN_TRANSIT:
            continue
        setpoint_c = run.itinerary.carriages[-1].setpoint_c
        if terms is not None and not held_cold(operation, setpoint_c, goods=run.goods, terms=terms):
            yield _untreated(
                run,
                f"a last unit at {setpoint_c:g} °C",
                f"one that brings the pulp to {operation.exposed_c:g} °C",
            )


def _untreated(run: Run, found: str, expected: str) -> Violation:
    return Violation(
        rule="treated",
        subject=run.consignment.id,
        found=found,
        expected=expected,
        message=f"it does not undergo {run.consignment.treatment}",
    )
