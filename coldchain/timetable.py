"""When things can happen: opening hours, running days, and services expanded to departures.

Inside the search time is a whole number of minutes since 1970-01-01T00:00Z (:func:`minute`,
:func:`moment`), so that equal instants are equal.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from coldchain.network import Network, Operation, Service, Spread

DAY_MIN = 24 * 60
MIDNIGHT = time(0, 0)
ALL_DAYS = frozenset(range(1, 8))
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

NEVER = 2**40
"""A minute after every plan: when a place opens that opens on no day anything is known of."""
FAR = timedelta(days=366 * 41)
"""Within it every weekday falls on every day of the year, 29 February too."""


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


def _rounded_up(at: datetime) -> int:
    """The first minute that is not before ``at``."""
    return -int(-at.timestamp() // 60)


Span = tuple[int, int]
"""Minutes from the first, included, to the second, left out."""


def _past(spans: tuple[Span, ...], at: int) -> int:
    """First minute from ``at`` on that lies in none of ``spans``, which are in order and apart."""
    for begins, ends in spans:
        if begins <= at < ends:
            return ends
    return at


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    out: list[Span] = []
    for begins, ends in sorted(spans):
        if out and begins <= out[-1][1]:
            out[-1] = out[-1][0], max(out[-1][1], ends)
        else:
            out.append((begins, ends))
    return tuple(out)


class _Office:
    """When work may begin: hours, weekdays, holidays, season and closures, worked out once.

    A day of which a calendar says nothing counts as a holiday.
    """

    def __init__(self, network: Network, operation: Operation, shut: tuple[Span, ...]) -> None:
        node = network.nodes[operation.node]
        self.operation = operation
        self._zone = node.timezone
        self._season = node.open_season
        self._calendars = tuple(network.calendars[name] for name in sorted(operation.closed_on))
        self._shut = shut
        self._over_midnight = operation.closes <= operation.opens
        self._windows: dict[date, Span | None] = {}
        self._next: dict[int, int] = {}
        self.always = (
            operation.days == ALL_DAYS
            and operation.opens == operation.closes == MIDNIGHT
            and node.open_season is None
            and not self._calendars
            and not shut
        )

    def next(self, at: int) -> int:
        """First minute from ``at`` on at which work may begin; ``NEVER`` if there is none."""
        if self.always or at >= NEVER:
            return at
        if at not in self._next:
            self._next[at] = self._find(at)
        return self._next[at]

    def _find(self, at: int) -> int:
        day = local_time(at, self._zone).date()
        if self._over_midnight:
            day -= timedelta(days=1)
        last = min((c.last for c in self._calendars), default=day + FAR)
        while day <= last:
            window = self._windows[day] if day in self._windows else self._window(day)
            if window is not None and at < window[1]:
                begins = _past(self._shut, max(at, window[0]))
                if begins < window[1]:
                    return begins
                at = begins
                day = max(day, local_time(at, self._zone).date() - timedelta(days=2))
            day += timedelta(days=1)
        return NEVER

    def _window(self, day: date) -> Span | None:
        """Minutes of the hours that begin on ``day``, None if it is no day for work."""
        self._windows[day] = None
        works = (
            day.isoweekday() in self.operation.days
            and (self._season is None or self._season.holds(day))
            and all(c.knows(day) and day not in c.days for c in self._calendars)
        )
        if works:
            until = day + timedelta(days=1) if self._over_midnight else day
            self._windows[day] = (
                _local_minute(day, self.operation.opens, self._zone),
                _local_minute(until, self.operation.closes, self._zone),
            )
        return self._windows[day]


class _Runs:
    """When a service may leave, but for its times of day and its transit; worked out once."""

    def __init__(self, network: Network, service: Service, shut: Mapping[str, tuple[Span, ...]]):
        origin = network.nodes[service.origin]
        self.service = service
        self._seasons = tuple(s for s in (service.season, origin.open_season) if s is not None)
        self._calendars = tuple(network.calendars[name] for name in sorted(service.closed_on))
        self._days: dict[date, bool] = {}
        self.zone = origin.timezone
        self.shut = _merged([*shut.get(service.id, ()), *shut.get(service.origin, ())])
        self.passed = _merged(span for n in service.passes for span in shut.get(n, ()))
        self.any_day = (
            service.days == ALL_DAYS
            and not self._seasons
            and not self._calendars
            and service.first_departure is None
            and service.every_n_weeks == 1
        )

    def on(self, day: date) -> bool:
        """Whether the service runs on local ``day``."""
        if day not in self._days:
            self._days[day] = self._on(day)
        return self._days[day]

    def _on(self, day: date) -> bool:
        service = self.service
        if day.isoweekday() not in service.days:
            return False
        if not all(season.holds(day) for season in self._seasons):
            return False
        if not all(c.knows(day) and day not in c.days for c in self._calendars):
            return False
        if service.every_n_weeks > 1:
            anchor = service.first_departure or date(1970, 1, 5)
            weeks = (day - timedelta(days=day.isoweekday() - 1)) - (
                anchor - timedelta(days=anchor.isoweekday() - 1)
            )
            if (weeks.days // 7) % service.every_n_weeks:
                return False
        return service.first_departure is None or day >= service.first_departure


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """The clock of one network at one quantile of transit and operation times."""

    network: Network
    quantile: float
    _shut: dict[str, tuple[Span, ...]] = field(
        init=False, repr=False, compare=False, default_factory=dict[str, tuple[Span, ...]]
    )
    """When nodes and services are shut, by their ids."""
    _queues: dict[str, list[tuple[int, int, int]]] = field(
        init=False, repr=False, compare=False, default_factory=dict[str, list[tuple[int, int, int]]]
    )
    """Delays by their subject: minutes they begin and end at, and last."""
    _offices: dict[str, _Office] = field(
        init=False, repr=False, compare=False, default_factory=dict[str, _Office]
    )
    _services: dict[str, _Runs] = field(
        init=False, repr=False, compare=False, default_factory=dict[str, _Runs]
    )

    def __post_init__(self) -> None:
        shut: dict[str, list[Span]] = {}
        for c in self.network.closures:
            span = _rounded_up(c.begins_at), _rounded_up(c.ends_at)
            shut.setdefault(c.subject, []).append(span)
        self._shut.update({subject: _merged(spans) for subject, spans in shut.items()})
        for d in self.network.delays:
            queue = _rounded_up(d.begins_at), _rounded_up(d.ends_at), minutes_of(d.hours)
            self._queues.setdefault(d.subject, []).append(queue)

    def _office(self, operation: Operation) -> _Office:
        office = self._offices.get(operation.id)
        if office is None or office.operation is not operation:
            shut = self._shut.get(operation.node, ())
            office = self._offices[operation.id] = _Office(self.network, operation, shut)
        return office

    def _runs(self, service: Service) -> _Runs:
        runs = self._services.get(service.id)
        if runs is None or runs.service is not service:
            runs = self._services[service.id] = _Runs(self.network, service, self._shut)
        return runs

    def delay_minutes(self, subject: str, at: int) -> int:
        """How much longer an operation or service begun at ``at`` takes: the longest queue.

        Within a delay its hours; later what is left of them, so that nobody overtakes.
        """
        extra = 0
        for begins, ends, minutes in self._queues.get(subject, ()):
            if at >= begins:
                extra = max(extra, minutes if at < ends else ends + minutes - at)
        return extra

    def always_open(self, operation: Operation) -> bool:
        """Whether the operation begins whenever its turn comes, and never takes longer."""
        return self._office(operation).always and operation.id not in self._queues

    def leaves_any_time(self, service: Service) -> bool:
        """Whether an on-demand service leaves at any minute, and never takes longer."""
        runs = self._runs(service)
        held = runs.shut or runs.passed or service.id in self._queues
        return service.on_demand and runs.any_day and not held

    def next_open(self, operation: Operation, at: int) -> int:
        """First minute from ``at`` on at which the operation's node works on it.

        ``NEVER`` if it does on no day whose holidays are known.
        """
        return self._office(operation).next(at)

    def operation_minutes(self, operation: Operation) -> int:
        """How long the operation takes once begun, if nothing delays it."""
        return spread_minutes(operation.hours, self.quantile)

    def ends(self, operation: Operation, begins: int) -> int:
        """When the operation is done if it begins at ``begins``."""
        extra = self.delay_minutes(operation.id, begins) if self._queues else 0
        return begins + self.operation_minutes(operation) + extra

    def finish(self, operation: Operation, at: int) -> int:
        """When an operation whose turn comes at ``at`` is done.

        It begins when its node is open, then takes its elapsed time without a break. Whose turn
        comes later is never done earlier.
        """
        return self.ends(operation, self.next_open(operation, at))

    def transit_minutes(self, service: Service) -> int:
        """Minutes from departure to arrival, if nothing delays it."""
        return spread_minutes(service.transit, self.quantile)

    def arrival(self, service: Service, departs: int) -> int:
        """When the run of ``service`` that leaves at ``departs`` arrives."""
        extra = self.delay_minutes(service.id, departs) if self._queues else 0
        return departs + self.transit_minutes(service) + extra

    def departure(self, service: Service, departs: int) -> Departure:
        """The run of ``service`` that leaves at ``departs``."""
        return Departure(
            departs=departs, arrives=self.arrival(service, departs), service=service.id
        )

    def runs_on(self, service: Service, day: date) -> bool:
        """Whether ``service`` runs on local ``day``: weekday, season, holidays, n-th week."""
        return self._runs(service).on(day)

    def let_go(self, service: Service, at: int) -> int:
        """First minute from ``at`` on at which no closure keeps ``service`` from leaving."""
        runs = self._runs(service)
        if not runs.shut and not runs.passed:
            return at
        while True:
            free = _past(runs.shut, at)
            for begins, ends in runs.passed:
                # It would be under way past a shut node.
                if free < ends and self.arrival(service, free) > begins:
                    free = ends
            if free == at:
                return at
            at = free

    def next_on_demand(self, service: Service, at: int, horizon: int) -> int | None:
        """First minute from ``at`` up to ``horizon`` at which an on-demand service may leave."""
        runs = self._runs(service)
        horizon = min(horizon, NEVER - 1)
        while at <= horizon:
            if not runs.any_day:
                day = local_time(at, runs.zone).date()
                if not runs.on(day):
                    at = _local_minute(day + timedelta(days=1), MIDNIGHT, runs.zone)
                    continue
            free = self.let_go(service, at)
            if free == at:
                return at
            at = free
        return None

    def departures(self, service: Service, first: int, last: int) -> Iterator[Departure]:
        """Scheduled runs that leave between minutes ``first`` and ``last``, both included."""
        if first >= NEVER:
            return
        zone = self.network.nodes[service.origin].timezone
        day = local_time(first, zone).date()
        end = local_time(last, zone).date()
        while day <= end:
            if self.runs_on(service, day):
                for at in service.departure_times:
                    departs = _local_minute(day, at, zone)
                    if first <= departs <= last and self.let_go(service, departs) == departs:
                        yield self.departure(service, departs)
            day += timedelta(days=1)

    def day_begun(self, operation: Operation, begins: int) -> date:
        """Local date at which an operation begins, by which its units a day are counted.

        The last date there is where it never does.
        """
        if begins >= NEVER:
            return date.max
        return local_time(begins, self.network.nodes[operation.node].timezone).date()

    def local_day(self, service: Service, departs: int) -> date:
        """Local date of a departure, by which the daily capacity of on-demand services is kept."""
        return local_time(departs, self.network.nodes[service.origin].timezone).date()
