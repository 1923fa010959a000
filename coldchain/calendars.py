"""Days on which nothing moves, and times at which a place is shut or slow.

A :class:`Calendar` holds the holidays some place observes. A :class:`Closure` shuts a node or a
service between two instants; a :class:`Delay` makes an operation or a service take longer for
whatever begins in it, and is a queue: nobody who comes later overtakes. Instants are rounded up to
the minute.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Local days on which those who observe it do not work, with the name of the holiday.

    It knows the days from ``first`` to ``last``, both included, and says nothing of any other.
    """

    id: str
    days: Mapping[date, str]
    first: date
    last: date
    source: str
    confidence: str

    def __post_init__(self) -> None:
        if any(not self.knows(day) for day in self.days):
            raise ValueError(f"{self.id}: a holiday lies outside {self.first} to {self.last}")

    def knows(self, day: date) -> bool:
        """Whether the calendar says anything of ``day``."""
        return self.first <= day <= self.last

    def holiday(self, day: date) -> str | None:
        """The holiday of ``day``, None if it is none.

        Raises
        ------
        ValueError
            The calendar does not reach that day.
        """
        if not self.knows(day):
            raise ValueError(f"{self.id} knows {self.first} to {self.last}, nothing of {day}")
        return self.days.get(day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """A node or a service (``subject``, its id) shut from ``begins_at`` until before ``ends_at``.

    At a shut node no operation begins, nothing departs from it, and no through service is under
    way past it; what arrives waits. A shut service does not depart.
    """

    subject: str
    begins_at: datetime
    ends_at: datetime
    why: str

    def __post_init__(self) -> None:
        _check_span(self.subject, self.begins_at, self.ends_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """``hours`` more for an operation or a service (``subject``, its id) begun within a time.

    What begins from ``begins_at`` until before ``ends_at`` takes that much longer. After
    ``ends_at`` the queue empties: what begins later takes longer by what is left of it, so that
    nothing is done before what came earlier. Of several delays of one subject the longest counts.
    """

    subject: str
    begins_at: datetime
    ends_at: datetime
    hours: float
    why: str

    def __post_init__(self) -> None:
        _check_span(self.subject, self.begins_at, self.ends_at)
        if not 0 < self.hours <= 10_000:
            raise ValueError(f"{self.subject}: a delay is longer than 0 h and ends")


def _check_span(subject: str, begins_at: datetime, ends_at: datetime) -> None:
    if begins_at.tzinfo is None or ends_at.tzinfo is None:
        raise ValueError(f"{subject}: begins_at and ends_at need a time zone")
    if not begins_at < ends_at:
        raise ValueError(f"{subject}: it ends before it begins")
