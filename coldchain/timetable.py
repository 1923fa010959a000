"""When things can happen: opening hours, running days, and services expanded to departures.

Inside the search time is a whole number of minutes since 1970-01-01T00:00Z (:func:`minute`,
:func:`moment`), so that equal instants are equal.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from coldchain.network import Network, Operation, Service, Spread

DAY_MIN = 24 * 60
MIDNIGHT = time(0, 0)
ALL_DAYS = frozenset(range(1, 8))


def minute(at: datetime) -> int:
    """Minutes since 1970-01-01T00:00Z, seconds cut off."""
    return int(at.timestamp() // 60)


def moment(minutes: int) -> datetime:
    """The instant of :func:`minute`, in UTC."""
    return datetime.fromtimestamp(minutes * 60, UTC)


def minutes_of(hours: float) -> int:
    """Hours as whole minutes, rounded half up."""
    return math.floor(hours * 60 + 0.5)


@lru_cache(maxsize=10_000)
def spread_minutes(spread: Spread, quantile: float) -> int:
    """Duration at ``quantile`` in whole minutes: the one rounding every clock here uses."""
    return minutes_of(spread.at(quantile))


def local_time(minutes: int, zone: str) -> datetime:
    """The instant as a wall clock in ``zone`` shows it, with its offset."""
    return datetime.fromtimestamp(minutes * 60, ZoneInfo(zone))


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Departure:
    """One dated run of a service; minutes since 1970-01-01T00:00Z."""

    departs: int
    arrives: int
    service: str


def _local_minute(day: date, at: time, zone: str) -> int:
    return minute(datetime.combine(day, at, ZoneInfo(zone)))


@lru_cache(maxsize=200_000)
def _next_open(opens: time, closes: time, days: frozenset[int], zone: str, at: int) -> int:
    if days == ALL_DAYS and opens == closes == MIDNIGHT:
        return at
    local = local_time(at, zone)
    for offset in range(8):
        day = local.date() + timedelta(days=offset)
        if day.isoweekday() not in days:
            continue
        start = _local_minute(day, opens, zone)
        end = (
            _local_minute(day + timedelta(days=1), MIDNIGHT, zone)
            if closes == MIDNIGHT
            else _local_minute(day, closes, zone)
        )
        if at < end:
            return max(at, start)
    raise ValueError("open on no day of the week")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """The clock of one network at one quantile of transit and operation times."""

    network: Network
    quantile: float

    def next_open(self, operation: Operation, at: int) -> int:
        """First minute from ``at`` on at which the operation's node works on it."""
        zone = self.network.nodes[operation.node].timezone
        return _next_open(operation.opens, operation.closes, operation.days, zone, at)

    def operation_minutes(self, operation: Operation) -> int:
        """How long the operation takes once begun."""
        return spread_minutes(operation.hours, self.quantile)

    def finish(self, operation: Operation, at: int) -> int:
        """When an operation whose turn comes at ``at`` is done.

        It begins when its node is open, then takes its elapsed time without a break.
        """
        return self.next_open(operation, at) + self.operation_minutes(operation)

    def transit_minutes(self, service: Service) -> int:
        """Minutes from departure to arrival."""
        return spread_minutes(service.transit, self.quantile)

    def departure(self, service: Service, departs: int) -> Departure:
        """The run of ``service`` that leaves at ``departs``."""
        return Departure(
            departs=departs, arrives=departs + self.transit_minutes(service), service=service.id
        )

    def runs_on(self, service: Service, day: date) -> bool:
        """Whether ``service`` runs on local ``day``: weekday, season and every n-th week."""
        if day.isoweekday() not in service.days:
            return False
        if service.season is not None and not service.season.holds(day):
            return False
        if service.every_n_weeks > 1:
            anchor = service.first_departure or date(1970, 1, 5)
            weeks = (day - timedelta(days=day.isoweekday() - 1)) - (
                anchor - timedelta(days=anchor.isoweekday() - 1)
            )
            if (weeks.days // 7) % service.every_n_weeks:
                return False
        return service.first_departure is None or day >= service.first_departure

    def next_on_demand(self, service: Service, at: int, horizon: int) -> int | None:
        """First minute from ``at`` up to ``horizon`` at which an on-demand service may leave."""
        if service.days == ALL_DAYS and service.season is None and service.first_departure is None:
            return at if at <= horizon else None
        zone = self.network.nodes[service.origin].timezone
        day = local_time(at, zone).date()
        while at <= horizon:
            if self.runs_on(service, day):
                return at
            day += timedelta(days=1)
            at = _local_minute(day, MIDNIGHT, zone)
        return None

    def departures(self, service: Service, first: int, last: int) -> Iterator[Departure]:
        """Scheduled runs that leave between minutes ``first`` and ``last``, both included."""
        zone = self.network.nodes[service.origin].timezone
        day = local_time(first, zone).date()
        end = local_time(last, zone).date()
        while day <= end:
            if self.runs_on(service, day):
                for at in service.departure_times:
                    departs = _local_minute(day, at, zone)
                    if first <= departs <= last:
                        yield self.departure(service, departs)
            day += timedelta(days=1)

    def day_begun(self, operation: Operation, begins: int) -> date:
        """Local date at which an operation begins, by which its units a day are counted."""
        return local_time(begins, self.network.nodes[operation.node].timezone).date()

    def local_day(self, service: Service, departs: int) -> date:
        """Local date of a departure, by which the daily capacity of on-demand services is kept."""
        return local_time(departs, self.network.nodes[service.origin].timezone).date()
