"""Rules of the clock: departures, cut-offs, waits and delivery."""

from __future__ import annotations

from collections.abc import Iterable

from coldchain.audit.case import Case, name_of
from coldchain.audit.hours import (
    NEVER,
    holiday,
    in_season,
    local,
    minute_of,
    next_open,
    runs_on,
    shut_between,
    shut_by,
    whole_minutes,
)
from coldchain.audit.replay import ride
from coldchain.audit.tasks import local_day, operations, transit
from coldchain.audit.violation import Violation, clock
from coldchain.itinerary import StepKind
from coldchain.network import Service, Trigger

Told = tuple[StepKind, str, str, int, int, int]
"""A step as it is compared: kind, node, subject, begins, ends, carriage."""


def runs(case: Case) -> Iterable[Violation]:
    """A service departs at a time, on a day, in a season and a week in which it runs."""
    for name, service, departs, _ in case.legs():
        zone = case.scenario.network.nodes[service.origin].timezone
        at = local(departs, zone=zone)
        timed = not service.departure_times or at.time() in service.departure_times
        if not (timed and runs_on(service, local_day(case.scenario, service, departs))):
            times = ", ".join(f"{t:%H:%M}" for t in service.departure_times) or "any time"
            days = ",".join(map(str, sorted(service.days)))
            yield Violation(
                rule="runs",
                subject=name,
                found=f"{at:%a %Y-%m-%d %H:%M} local",
                expected=f"{times} on days {days} of its season and weeks",
                message=f"{service.id} has no such departure",
            )


def not_closed(case: Case) -> Iterable[Violation]:
    """Nothing departs, is done or goes by where it is closed.

    No service departs on a holiday of its own, from a node out of season or shut, or while it is
    shut itself; none is under way past a shut node; no operation begins where it may not.
    """
    network = case.scenario.network
    for name, service, departs, arrival in case.legs():
        for why in _kept_back(case, service, departs, arrival):
            yield Violation(
                rule="not_closed",
                subject=name,
                found=f"{service.id} at {clock(departs)}",
                expected="a departure while nothing is closed",
                message=f"it travels in spite of {why}",
            )
    for run in case.runs:
        for step in run.itinerary.steps:
            task = network.operations.get(step.subject)
            if step.kind is not StepKind.OPERATION or task is None:
                continue
            opens = next_open(network, task, step.begins)
            if opens != step.begins:
                yield Violation(
                    rule="not_closed",
                    subject=run.consignment.id,
                    found=f"{task.id} at {clock(step.begins)}",
                    expected="never" if opens >= NEVER else f"{clock(opens)} or later",
                    message=f"{task.name} begins where {task.node} does not work on it",
                )


def _kept_back(case: Case, service: Service, departs: int, arrival: int) -> Iterable[str]:
    network, origin = case.scenario.network, case.scenario.network.nodes[service.origin]
    day = local_day(case.scenario, service, departs)
    feast = holiday(network, service.closed_on, day)
    if feast is not None:
        yield feast
    if origin.open_season is not None and not in_season(origin.open_season, day):
        yield f"the season of {origin.id}"
    for subject in (service.id, origin.id):
        closure = shut_by(network, subject, departs)
        if closure is not None:
            yield f"{subject} being shut: {closure.why}"
    for node in sorted(service.passes):
        closure = shut_between(network, node, departs, arrival)
        if closure is not None:
            yield f"{node} on its way being shut: {closure.why}"


def arrives(case: Case) -> Iterable[Violation]:
    """A leg arrives its transit, at the scenario's quantile and with delays, after it departs."""
    for name, service, departs, arrival in case.legs():
        expected = departs + transit(case.scenario, service, departs)
        if arrival != expected:
            yield Violation(
                rule="arrives",
                subject=name,
                found=clock(arrival),
                expected=clock(expected),
                message=f"{service.id} does not arrive then",
            )


def transit_limit(case: Case) -> Iterable[Violation]:
    """A unit that comes into a country by road and leaves it by road does not stay too long."""
    limits = case.scenario.network.transit_limits_h
    for carriage in case.carriages:
        services = case.services(carriage)
        if len(services) < len(carriage.legs):
            continue
        came: tuple[str, int] | None = None
        for leg, service in zip(carriage.legs, services, strict=True):
            ends = [case.scenario.network.nodes[n] for n in (service.origin, service.destination)]
            here, there = (node.country for node in ends)
            if service.mode != "road":
                came = None
                continue
            if here == there:
                continue
            if came is not None and came[0] == here and here in limits:
                stayed = leg.departs - came[1]
                if stayed > whole_minutes(limits[here]):
                    yield Violation(
                        rule="transit_limit",
                        subject=name_of(carriage),
                        found=f"{stayed / 60:.2f} h in {here}",
                        expected=f"at most {limits[here]:g} h",
                        message="the unit stays too long in a country it only passes",
                    )
            came = (there, leg.departs + transit(case.scenario, service, leg.departs))


def cutoff(case: Case) -> Iterable[Violation]:
    """A sealed unit is ready by the cut-off of its next departure."""
    for carriage in case.carriages:
        if len(case.services(carriage)) < len(carriage.legs):
            continue
        for stop in ride(case.scenario, carriage).stops:
            if stop.departs < stop.ready + stop.cutoff:
                yield Violation(
                    rule="cutoff",
                    subject=name_of(carriage),
                    found=clock(stop.departs),
                    expected=f"{clock(stop.ready + stop.cutoff)} or later",
                    message=f"{stop.after.id} leaves before the unit can be on it",
                )


def stuffed(case: Case) -> Iterable[Violation]:
    """Goods are available when their unit is stuffed."""
    for run in case.runs:
        for available, one in zip(run.replay.available, run.replay.rides, strict=True):
            if available > one.stuffed:
                yield Violation(
                    rule="stuffed",
                    subject=run.consignment.id,
                    found=clock(one.stuffed),
                    expected=f"{clock(available)} or later",
                    message=f"the unit for {one.services[0].id} is stuffed too early for the goods",
                )


def dwell(case: Case) -> Iterable[Violation]:
    """Goods wait for stuffing no longer than the node's store, or the want of one, allows."""
    for run in case.runs:
        for available, one in zip(run.replay.available, run.replay.rides, strict=True):
            node = one.services[0].origin
            stored = bool(operations(case.scenario, node, Trigger.GOODS_STORAGE))
            hours = case.scenario.max_dwell_h if stored else case.scenario.max_dwell_without_store_h
            store = "with a cold store" if stored else "without a cold store"
            if one.stuffed - available > whole_minutes(hours):
                yield Violation(
                    rule="dwell",
                    subject=run.consignment.id,
                    found=f"{(one.stuffed - available) / 60:.2f} h at {node}",
                    expected=f"at most {hours:g} h {store}",
                    message="its goods wait too long",
                )


def in_time(case: Case) -> Iterable[Violation]:
    """Goods are delivered by ``due_at``."""
    for run in case.runs:
        due = minute_of(run.consignment.due_at)
        if run.replay.delivered > due:
            yield Violation(
                rule="in_time",
                subject=run.consignment.id,
                found=clock(run.replay.delivered),
                expected=f"{clock(due)} or earlier",
                message="it is delivered too late",
            )


def delivered(case: Case) -> Iterable[Violation]:
    """The plan states the minute at which the goods are delivered."""
    for run in case.runs:
        if run.itinerary.delivered != run.replay.delivered:
            yield Violation(
                rule="delivered",
                subject=run.consignment.id,
                found=clock(run.itinerary.delivered),
                expected=clock(run.replay.delivered),
                message="the delivery stated is not the one that follows",
            )


def steps(case: Case) -> Iterable[Violation]:
    """The steps tell the recomputed clock: what, where, from when to when, for which carriage.

    Waits that follow on each other are one wait, and a wait is known by where it is and when.
    """
    for run in case.runs:
        found = _told(
            (s.kind, s.node, s.subject, s.begins, s.ends, s.carriage) for s in run.itinerary.steps
        )
        expected = _told(
            (s.kind, s.node, s.subject, s.begins, s.ends, s.carriage) for s in run.replay.stretches
        )
        for number in range(max(len(found), len(expected))):
            told, meant = found[number : number + 1], expected[number : number + 1]
            if told != meant:
                yield Violation(
                    rule="steps",
                    subject=run.consignment.id,
                    found=_worded(told),
                    expected=_worded(meant),
                    message=f"step {number + 1} is not what happens",
                )
                break


def _told(stretches: Iterable[Told]) -> list[Told]:
    told: list[Told] = []
    for kind, node, subject, begins, ends, carriage in stretches:
        if kind is not StepKind.WAIT:
            told.append((kind, node, subject, begins, ends, carriage))
            continue
        if begins == ends:
            continue
        start = begins
        if told:
            last_kind, where, _, since, until, number = told[-1]
            if (last_kind, where, until, number) == (kind, node, begins, carriage):
                start = since
                told.pop()
        told.append((kind, node, "", start, ends, carriage))
    return told


def _worded(steps: list[Told]) -> str:
    if not steps:
        return "nothing"
    kind, node, subject, begins, ends, carriage = steps[0]
    what = f"{kind} {subject}".rstrip()
    return f"{what} at {node} {clock(begins)} to {clock(ends)} (carriage {carriage + 1})"
