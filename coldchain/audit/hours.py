"""The audit's own reading of durations, opening hours and running days; see replay.py."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta
from statistics import NormalDist
from zoneinfo import ZoneInfo

from coldchain.network import Operation, Service, Spread

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MIDNIGHT = time(0, 0)
WEEK_ZERO = date(1970, 1, 5)
"""The Monday from which every n-th week is counted where no first departure is stated."""


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


def _is_open(operation: Operation, at: datetime) -> bool:
    """Whether work on ``operation`` may begin at local ``at``; closing at 00:00 is midnight."""
    today, now = at.isoweekday() in operation.days, at.time()
    if operation.closes == MIDNIGHT:
        return today and now >= operation.opens
    if operation.opens < operation.closes:
        return today and operation.opens <= now < operation.closes
    # Hours over midnight belong to the day on which they begin.
    yesterday = (at - timedelta(days=1)).isoweekday() in operation.days
    return (today and now >= operation.opens) or (yesterday and now < operation.closes)


def next_open(operation: Operation, at: int, *, zone: str) -> int:
    """First minute from ``at`` on at which ``operation`` may begin."""
    for minutes in range(at, at + 8 * 24 * 60 + 1):
        if _is_open(operation, local(minutes, zone=zone)):
            return minutes
    raise ValueError(f"{operation.id} is open on no day of the week")


def runs_on(service: Service, day: date) -> bool:
    """Whether ``service`` runs on local ``day``: its weekday, season and n-th week."""
    if service.season is not None:
        first, last, this = service.season.first, service.season.last, (day.month, day.day)
        inside = first <= this <= last if first <= last else this >= first or this <= last
        if not inside:
            return False
    if service.first_departure is not None and day < service.first_departure:
        return False
    anchor = service.first_departure or WEEK_ZERO
    monday = day - timedelta(days=day.weekday())
    anchor_monday = anchor - timedelta(days=anchor.weekday())
    weeks = (monday - anchor_monday).days // 7
    return day.isoweekday() in service.days and weeks % service.every_n_weeks == 0
