"""The audit's own reading of durations, opening hours and running days; see replay.py."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta
from statistics import NormalDist
from zoneinfo import ZoneInfo

from coldchain.calendars import Closure
from coldchain.network import Network, Operation, Season, Service, Spread

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MIDNIGHT = time(0, 0)
WEEK_ZERO = date(1970, 1, 5)
"""The Monday from which every n-th week is counted where no first departure is stated."""
SOME_DAY = 41 * 366 * 24 * 60
"""Minutes within which every weekday falls on every day of the year."""
NEVER = 2**40
"""A minute at which nothing that ever opens is still waited for."""


def quantile_of(low: float, middle: float, high: float, *, share: float, tail: float) -> float:
    """Two-piece lognormal with median ``middle``, read at ``share``.

    ``low`` and ``high`` are its percentiles at ``1 - tail`` and ``tail``. A side that reaches down
    to zero cannot be lognormal: it falls in a straight line.
    """
    sigmas = NormalDist().inv_cdf(share) / NormalDist().inv_cdf(tail)
    if middle == 0:
        return high if sigmas > 0 else 0.0
    if low == high:
        return middle
    if sigmas > 0:
        return middle * math.exp(sigmas * math.log(high / middle))
    if low == 0:
        return max(0.0, middle * (1 + sigmas))
    return middle * math.exp(-sigmas * math.log(low / middle))


def whole_minutes(hours: float) -> int:
    """Hours as minutes, rounded half up."""
    return math.floor(hours * 60 + 0.5)


def duration(spread: Spread, *, quantile: float) -> int:
    """Minutes a spread lasts at the scenario's quantile."""
    hours = quantile_of(spread.p10, spread.p50, spread.p90, share=quantile, tail=0.9)
    return whole_minutes(hours)


def minute_of(at: datetime) -> int:
    """The whole minute an instant lies in."""
    return (at - EPOCH) // MINUTE


def local(minutes: int, *, zone: str) -> datetime:
    """What a wall clock in ``zone`` shows."""
    return (EPOCH + minutes * MINUTE).astimezone(ZoneInfo(zone))


def _rounded_up(at: datetime) -> int:
    """The first minute that is not before an instant."""
    return -((EPOCH - at) // MINUTE)


def shut_by(network: Network, subject: str, at: int) -> Closure | None:
    """A closure of a node or service at a minute."""
    for closure in network.closures:
        spans = _rounded_up(closure.begins_at), _rounded_up(closure.ends_at)
        if closure.subject == subject and spans[0] <= at < spans[1]:
            return closure
    return None


def shut_between(network: Network, subject: str, first: int, last: int) -> Closure | None:
    """A closure of a node at some minute from ``first`` until before ``last``."""
    for closure in network.closures:
        if closure.subject != subject:
            continue
        if _rounded_up(closure.begins_at) < last and first < _rounded_up(closure.ends_at):
            return closure
    return None


def delay(network: Network, subject: str, at: int) -> int:
    """Minutes longer that an operation or a service takes which begins at ``at``.

    All the hours while the delay lasts; then what is left of the queue. Of several the longest.
    """
    longest = 0
    for one in network.delays:
        begins, ends = _rounded_up(one.begins_at), _rounded_up(one.ends_at)
        if one.subject == subject and at >= begins:
            # The last in the queue joined it when the delay ended.
            queued = min(at, ends)
            longest = max(longest, queued + whole_minutes(one.hours) - at)
    return longest


def works_on(network: Network, operation: Operation, day: date) -> bool:
    """Whether work on ``operation`` is done on local ``day``: weekday, season and no holiday."""
    season = network.nodes[operation.node].open_season
    return (
        day.isoweekday() in operation.days
        and (season is None or in_season(season, day))
        and holiday(network, operation.closed_on, day) is None
    )


def holiday(network: Network, calendars: frozenset[str], day: date) -> str | None:
    """What those who observe ``calendars`` celebrate on ``day``; a day nobody knows counts too."""
    for name in calendars:
        calendar = network.calendars[name]
        if not calendar.first <= day <= calendar.last:
            return f"a day {name} says nothing of"
        if day in calendar.days:
            return calendar.days[day]
    return None


def in_season(season: Season, day: date) -> bool:
    """Whether ``day`` lies in a season, which may run over New Year."""
    first, last, this = season.first, season.last, (day.month, day.day)
    return first <= this <= last if first <= last else this >= first or this <= last


def _is_open(operation: Operation, at: datetime, *, today: bool, yesterday: bool) -> bool:
    """Whether work on ``operation`` may begin at local ``at``; closing at 00:00 is midnight.

    ``today`` and ``yesterday``: whether these are days on which it is done.
    """
    now = at.time()
    if operation.closes == MIDNIGHT:
        return today and now >= operation.opens
    if operation.opens < operation.closes:
        return today and operation.opens <= now < operation.closes
    # Hours over midnight belong to the day on which they begin.
    return (today and now >= operation.opens) or (yesterday and now < operation.closes)


def next_open(network: Network, operation: Operation, at: int) -> int:
    """First minute from ``at`` on at which ``operation`` may begin, ``NEVER`` if there is none.

    It asks minute after minute, but for days on which nothing is done, and closures.
    """
    zone = network.nodes[operation.node].timezone
    closures = any(closure.subject == operation.node for closure in network.closures)
    works: dict[date, bool] = {}
    minutes = at
    while minutes < at + SOME_DAY:
        closure = shut_by(network, operation.node, minutes) if closures else None
        if closure is not None:
            minutes = _rounded_up(closure.ends_at)
            continue
        now = local(minutes, zone=zone)
        today = now.date()
        if today not in works:
            for day in (today - timedelta(days=1), today):
                works[day] = works_on(network, operation, day)
        yesterday = works[today - timedelta(days=1)]
        if not works[today] and not yesterday:
            tomorrow = datetime.combine(today + timedelta(days=1), MIDNIGHT, ZoneInfo(zone))
            minutes = minute_of(tomorrow)
            continue
        if _is_open(operation, now, today=works[today], yesterday=yesterday):
            return minutes
        minutes += 1
    return NEVER


def runs_on(service: Service, day: date) -> bool:
    """Whether ``service`` runs on local ``day``: its weekday, season and n-th week."""
    if service.season is not None and not in_season(service.season, day):
        return False
    if service.first_departure is not None and day < service.first_departure:
        return False
    anchor = service.first_departure or WEEK_ZERO
    monday = day - timedelta(days=day.weekday())
    anchor_monday = anchor - timedelta(days=anchor.weekday())
    weeks = (monday - anchor_monday).days // 7
    return day.isoweekday() in service.days and weeks % service.every_n_weeks == 0
