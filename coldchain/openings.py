"""Day by day: when an operation may begin, when a service may leave, and why not otherwise.

:class:`~coldchain.timetable.Timetable` answers for one minute; here its answers are put together to
what an office would write on its door. Days are local at the node.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from coldchain.network import Network, Operation, Service
from coldchain.timetable import MIDNIGHT, Departure, Span, Timetable, minute
from coldchain.waits import why_kept, why_shut

NIGHT = "for the night"
"""Why an office is shut before it opens and after it shuts, which its hours say already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDay:
    """One local day: the spans of minutes in which something may begin, and why not else.

    ``begins`` and ``ends`` are the day's first minute and the next one's. ``whys`` are to be read
    after "shut" for an operation, after the service's id for a service; a night is none.
    """

    day: date
    begins: int
    ends: int
    spans: tuple[Span, ...]
    whys: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether it may begin at any minute of the day."""
        return self.spans == ((self.begins, self.ends),)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRun:
    """A scheduled run that does not take place: the minute it would have left at, and why."""

    departs: int
    why: str


def open_days(
    timetable: Timetable, operation: Operation, first: date, days: int
) -> Iterator[OpenDay]:
    """When ``operation`` may begin, on so many local days from ``first`` on."""
    network = timetable.network
    zone = ZoneInfo(network.nodes[operation.node].timezone)
    shut = _closed(network, {operation.node})
    for number in range(days):
        day = first + timedelta(days=number)
        # Hours over midnight begin the day before; nothing else changes on the way.
        hours = [
            minute(datetime.combine(day, at, zone)) for at in (operation.opens, operation.closes)
        ]
        yield _day(
            day,
            zone,
            [*hours, *shut],
            lambda at: timetable.next_open(operation, at) == at,
            lambda at: why_shut(timetable, operation, at),
        )


def leaving_days(
    timetable: Timetable, service: Service, first: date, days: int
) -> Iterator[OpenDay]:
    """When an on-demand ``service`` may leave, on so many local days from ``first`` on."""
    network = timetable.network
    zone = ZoneInfo(network.nodes[service.origin].timezone)
    held = network.closures and bool(
        _closed(network, {service.id, service.origin, *service.passes})
    )
    for number in range(days):
        day = first + timedelta(days=number)
        begins, ends = _bounds(day, zone)
        yield _day(
            day,
            zone,
            # It may not be under way past a shut node: that depends on how long it takes.
            range(begins, ends) if held else (),
            lambda at: timetable.next_on_demand(service, at, at) == at,
            lambda at: why_kept(timetable, service, at),
        )


def runs(
    timetable: Timetable, service: Service, first: date, last: date
) -> Iterator[Departure | NotRun]:
    """Scheduled runs of ``service`` on local days, and those that something keeps from leaving.

    A week in which it is not due, since it runs every n-th, has none.
    """
    zone = ZoneInfo(timetable.network.nodes[service.origin].timezone)
    day = first
    while day <= last:
        for at in service.departure_times if day.isoweekday() in service.days else ():
            departs = minute(datetime.combine(day, at, zone))
            why = why_kept(timetable, service, departs)
            if not why:
                yield timetable.departure(service, departs)
            elif why != "not due":
                yield NotRun(departs=departs, why=why)
        day += timedelta(days=1)


def _bounds(day: date, zone: ZoneInfo) -> Span:
    return (
        minute(datetime.combine(day, MIDNIGHT, zone)),
        minute(datetime.combine(day + timedelta(days=1), time(0), zone)),
    )


def _closed(network: Network, subjects: Iterable[str]) -> list[int]:
    """Minutes at which a closure of one of ``subjects`` begins or ends, rounded up."""
    names = set(subjects)
    return [
        -int(-at.timestamp() // 60)
        for closure in network.closures
        if closure.subject in names
        for at in (closure.begins_at, closure.ends_at)
    ]


def _day(
    day: date,
    zone: ZoneInfo,
    changes: Iterable[int],
    may: Callable[[int], bool],
    why_not: Callable[[int], str],
) -> OpenDay:
    """The day, of which each part between two ``changes`` is as its first minute."""
    begins, ends = _bounds(day, zone)
    marks = sorted({begins, ends, *(at for at in changes if begins < at < ends)})
    spans: list[Span] = []
    whys: dict[str, None] = {}
    for at, until in pairwise(marks):
        if not may(at):
            whys[why_not(at)] = None
        elif spans and spans[-1][1] == at:
            spans[-1] = spans[-1][0], until
        else:
            spans.append((at, until))
    if spans:
        whys.pop(NIGHT, None)
    return OpenDay(
        day=day, begins=begins, ends=ends, spans=tuple(spans), whys=tuple(filter(None, whys))
    )
