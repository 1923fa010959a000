"""For what goods wait: why an operation cannot begin, or a service not leave, at a minute."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

from coldchain.itinerary import Step, StepKind
from coldchain.network import Network, Operation, Season, Service
from coldchain.timetable import (
    MIDNIGHT,
    MONTHS,
    Timetable,
    local_time,
    minute,
    minutes_of,
)

WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


def why_shut(timetable: Timetable, operation: Operation, at: int) -> str:
    """Why ``operation`` cannot begin at minute ``at``; empty if it can.

    To be read after "shut": ``for the night``, ``: snow``.
    """
    if timetable.next_open(operation, at) == at:
        return ""
    network = timetable.network
    node = network.nodes[operation.node]
    closed = _closure(network, (node.id,), at)
    if closed:
        return f": {closed}"
    local = local_time(at, node.timezone)
    day = local.date()
    if operation.closes <= operation.opens and local.time() < operation.closes != MIDNIGHT:
        # Hours over midnight belong to the day on which they begin.
        day -= timedelta(days=1)
    why = _idle_day(network, day, node.open_season, operation.days, operation.closed_on)
    return why or "for the night"


def why_kept(timetable: Timetable, service: Service, at: int) -> str:
    """Why ``service`` cannot leave at minute ``at``, its times of day aside; empty if it can.

    To be read after the service.
    """
    network = timetable.network
    node = network.nodes[service.origin]
    closed = _closure(network, (service.id,), at)
    if closed:
        return f"shut: {closed}"
    closed = _closure(network, (node.id,), at)
    if closed:
        return f"held while {node.id} is shut: {closed}"
    day = local_time(at, node.timezone).date()
    why = _idle_day(network, day, node.open_season, service.days, service.closed_on)
    if why:
        return f"does not run {why}"
    if not timetable.runs_on(service, day):
        return "out of season" if service.season and not service.season.holds(day) else "not due"
    if timetable.let_go(service, at) != at:
        arrives = timetable.arrival(service, at)
        for closure in network.closures:
            shut = minute(closure.begins_at) < arrives and at < minute(closure.ends_at)
            if closure.subject in service.passes and shut:
                return f"held while {closure.subject} on its way is shut: {closure.why}"
    return ""


def _closure(network: Network, subjects: Iterable[str], at: int) -> str:
    for closure in network.closures:
        begins, ends = minute(closure.begins_at), closure.ends_at.timestamp() / 60
        if closure.subject in subjects and begins <= at < ends:
            return closure.why
    return ""


def _idle_day(
    network: Network,
    day: date,
    season: Season | None,
    days: frozenset[int],
    observed: Iterable[str],
) -> str:
    """Why nothing is done on a local day."""
    if season is not None and not season.holds(day):
        return "out of season"
    for name in sorted(observed):
        calendar = network.calendars[name]
        if not calendar.knows(day):
            return f"in {day.year}, of which {name} knows no holidays"
        if day in calendar.days:
            return f"for {calendar.days[day]}"
    return "" if day.isoweekday() in days else f"on {WEEKDAYS[day.isoweekday() - 1]}"


def waiting_for(timetable: Timetable, step: Step) -> str:
    """What a wait is for, in words with local times; empty if ``step`` is none.

    ``CN-KHX-BX shut for Dragon Boat Festival (CN), opens 10 Jun 10:00``.
    """
    if step.kind is not StepKind.WAIT:
        return ""
    network = timetable.network
    if step.subject in network.operations:
        return _for_operation(timetable, network.operations[step.subject], step)
    if step.subject in network.services:
        return _for_service(timetable, network.services[step.subject], step)
    return f"until {step.subject} is over"


def _for_operation(timetable: Timetable, operation: Operation, step: Step) -> str:
    zone = timetable.network.nodes[operation.node].timezone
    whys = [why_shut(timetable, operation, at) for at in _moments(step.begins, step.ends, zone)]
    told = list(dict.fromkeys(why for why in whys if why))
    if len(told) > 1 and told[-1] == "for the night":
        told.pop()
    if not told:
        return f"for {operation.name}"
    words = f"shut {' and '.join(told)}".replace(" : ", ": ")
    return f"{operation.node} {words}, opens {_short(step.ends, zone)}"


def _for_service(timetable: Timetable, service: Service, step: Step) -> str:
    zone = timetable.network.nodes[service.origin].timezone
    cutoff = minutes_of(service.cutoff_h)
    if step.ends - step.begins == cutoff and timetable.let_go(service, step.ends) == step.ends:
        return f"cut-off of {service.id}"
    whys = [
        f"{service.id} {why}"
        for at in _chances(service, step.begins + cutoff, step.ends, zone)
        if (why := why_kept(timetable, service, at)) and "not due" not in why
    ]
    told = list(dict.fromkeys(whys))
    return "; ".join([*told, f"for departure {service.id}"])


def _chances(service: Service, first: int, last: int, zone: str) -> Iterator[int]:
    """Minutes before ``last`` at which the service would have left, had nothing kept it."""
    if service.on_demand:
        yield from _moments(first, last, zone)
        return
    day = local_time(first, zone).date()
    while day <= local_time(last, zone).date():
        for at in service.departure_times:
            departs = minute(datetime.combine(day, at, local_time(first, zone).tzinfo))
            if first <= departs < last and day.isoweekday() in service.days:
                yield departs
        day += timedelta(days=1)


def _moments(first: int, last: int, zone: str) -> Iterator[int]:
    """The first minute, then noon of every local day until before the last."""
    yield first
    local = local_time(first, zone)
    day = local.date()
    noon = first
    while noon < last:
        if noon > first:
            yield noon
        noon = minute(datetime.combine(day, time(12), local.tzinfo))
        day += timedelta(days=1)


def _short(at: int, zone: str) -> str:
    local = local_time(at, zone)
    return f"{local.day} {MONTHS[local.month - 1]} {local:%H:%M}"
