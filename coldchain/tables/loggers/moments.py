"""Cells of date and time to seconds; the order of day and month is found from all rows at once.

``05/06/2026`` is a day in May or in June. The rules, in this order:

1. an order in which some date does not exist is not the order;
2. midnight leads to the next day: an order in which every change of date is one to the following
   day stands before one in which it is not;
3. dates with dots are written day first.

What is still open is refused. Years of two digits may also stand first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from coldchain.tables.cells import FIRST_DAY, LAST_DAY
from coldchain.tables.loggers.faults import Faults

DAY_S = 86_400


class DateOrder(StrEnum):
    """In what order the numbers of a date stand."""

    DMY = "dmy"
    MDY = "mdy"
    YMD = "ymd"


ORDER_WORDS = {
    DateOrder.DMY: "day first",
    DateOrder.MDY: "month first",
    DateOrder.YMD: "year first",
}

CLOCK = re.compile(
    r"(?P<before>上午|下午|[ap]\.?m\.?)?\s*"
    r"(?P<hour>\d{1,2}):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?P<part>[.,]\d{1,9})?)?"
    r"\s*(?P<after>上午|下午|[ap]\.?m\.?)?"
    r"\s*(?P<zone>z|utc|gmt|[+-](?:0\d|1[0-4]):?[0-5]\d)?",
    re.IGNORECASE,
)
YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})")
NAMED = re.compile(
    r"(?P<day>\d{1,2})[ -]?(?P<month>[a-z]{3,9})\.?[ ,-]+(?P<year>\d{4})"
    r"|(?P<month2>[a-z]{3,9})\.? (?P<day2>\d{1,2}),? (?P<year2>\d{4})",
    re.IGNORECASE,
)
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            *("jan january", "feb february", "mar march", "apr april", "may", "jun june"),
            *("jul july", "aug august", "sep sept september", "oct october", "nov november"),
            "dec december",
        ),
        start=1,
    )
    for name in names.split()
}
AFTERNOON = {"pm": 12, "下午": 12, "am": 0, "上午": 0}


@dataclass(frozen=True, slots=True)
class Open:
    """A date whose order is not known yet; two digits of a year may stand first or last."""

    parts: tuple[int, int, int]
    dots: bool
    whole_year: bool

    def day(self, order: DateOrder) -> int | None:
        """Ordinal of the day under ``order``; None if there is no such day."""
        a, b, c = self.parts
        if order is DateOrder.YMD:
            return None if self.whole_year else _ordinal(2000 + a, b, c)
        year = c if self.whole_year else 2000 + c
        return _ordinal(year, b, a) if order is DateOrder.DMY else _ordinal(year, a, b)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Seconds of each row since the beginning of 1 January of the year 1, and how they were read.

    ``utc`` says that the file states offsets, and the seconds are UTC; else they are on the
    logger's own clock.
    """

    seconds: npt.NDArray[np.float64]
    utc: bool
    note: str


def read_moments(
    cells: Sequence[tuple[int, str]], *, column: str, order: DateOrder | None, faults: Faults
) -> Moments | None:
    """Moments of all rows, or None and faults."""
    before = len(faults.gathered)
    expected = "a date and time such as 2026-05-24 06:30"
    dates: dict[str, int | Open | None] = {}
    days: list[int | Open] = []
    clocks = np.zeros(len(cells))
    zoned = 0
    for place, (row, text) in enumerate(cells):
        found = CLOCK.search(text)
        clock = None if found is None else _clock(found)
        if found is None or clock is None:
            faults.blame(row, column, text, expected)
            continue
        rest = f"{text[: found.start()]} {text[found.end() :]}".strip().rstrip("Tt,").strip()
        if rest not in dates:
            dates[rest] = _date(rest)
        day = dates[rest]
        if day is None:
            faults.blame(row, column, text, expected)
            continue
        clocks[place], has_zone = clock
        zoned += has_zone
        days.append(day)
    if len(faults.gathered) > before:
        return None
    if zoned not in (0, len(cells)):
        faults.tell(f"an offset from UTC in all times or in none, not in {zoned} of {len(cells)}")
        return None
    chosen = _chosen(days, cells, column=column, order=order, faults=faults)
    if chosen is None:
        return None
    use, note = chosen
    ordinals: dict[int | Open, int] = {
        day: day if isinstance(day, int) else day.day(use) or 0 for day in set(days)
    }
    whole = np.array([ordinals[day] for day in days], dtype=np.float64)
    return Moments(seconds=whole * DAY_S + clocks, utc=zoned > 0, note=note)


def _clock(found: re.Match[str]) -> tuple[float, bool] | None:
    """Seconds of the day, less the offset, and whether there was one."""
    hour = int(found["hour"])
    half = (found["before"] or found["after"] or "").lower().replace(".", "")
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + AFTERNOON[half]
    if hour > 23:
        return None
    seconds = 3600.0 * hour + 60 * int(found["minute"]) + int(found["second"] or 0)
    if found["part"]:
        seconds += float(f"0.{found['part'][1:]}")
    zone = (found["zone"] or "").lower().replace(":", "")
    if not zone:
        return seconds, False
    if zone[0] not in "+-":
        return seconds, True
    offset = 3600 * int(zone[1:3]) + 60 * int(zone[3:5])
    return seconds - (offset if zone[0] == "+" else -offset), True


def _date(text: str) -> int | Open | None:
    """Ordinal of the day, or what is known of it."""
    if found := YEAR_FIRST.fullmatch(text):
        return _ordinal(*(int(part) for part in found.groups()))
    if found := YEAR_LAST.fullmatch(text):
        one, sign, two, year = found.groups()
        day = Open((int(one), int(two), int(year)), sign == ".", len(year) == 4)
        return day if any(day.day(order) for order in DateOrder) else None
    if found := NAMED.fullmatch(text):
        month = MONTHS.get((found["month"] or found["month2"]).lower())
        if month is not None:
            year, day_ = found["year"] or found["year2"], found["day"] or found["day2"]
            return _ordinal(int(year), month, int(day_))
    return None


def _ordinal(year: int, month: int, day: int) -> int | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found.toordinal() if FIRST_DAY <= found <= LAST_DAY else None


def _chosen(
    days: Sequence[int | Open],
    cells: Sequence[tuple[int, str]],
    *,
    column: str,
    order: DateOrder | None,
    faults: Faults,
) -> tuple[DateOrder, str] | None:
    """The order of the dates and a note of it; None and faults if it cannot be told."""
    still_open = {day for day in days if isinstance(day, Open)}
    if not still_open:
        return DateOrder.YMD, "dates year first" if order is None else ""
    turns = [day for i, day in enumerate(days) if not i or day != days[i - 1]]
    asked = tuple(DateOrder) if order is None else (order,)
    possible = [o for o in asked if all(day.day(o) for day in still_open)]
    if not possible:
        _blame_mixed(days, cells, column=column, order=order, faults=faults)
        return None
    if order is not None:
        return order, f"dates {ORDER_WORDS[order]}, as asked"
    if len({tuple(_day(day, o) for day in turns) for o in possible}) == 1:
        return possible[0], f"dates {ORDER_WORDS[possible[0]]}: no other order gives other days"
    running = [o for o in possible if len(turns) > 1 and _runs_on(turns, o)]
    if len(running) == 1:
        why = "only so does midnight lead to the next day"
        return running[0], f"dates {ORDER_WORDS[running[0]]}: {why}"
    if DateOrder.DMY in (running or possible) and all(d.dots and d.whole_year for d in still_open):
        return DateOrder.DMY, "dates day first, as dates with dots are written"
    row, text = next(cell for cell, day in zip(cells, days, strict=True) if isinstance(day, Open))
    readings = " or ".join(
        f"{date.fromordinal(day)} (--date-order {o})"
        for o in possible
        if (day := _day(days[cells.index((row, text))], o))
    )
    faults.blame(row, column, text, f"the order of day and month; is it {readings}?")
    return None


def _day(day: int | Open, order: DateOrder) -> int:
    return day if isinstance(day, int) else day.day(order) or 0


def _runs_on(turns: Sequence[int | Open], order: DateOrder) -> bool:
    """Whether every change of date is to the following day, or every one to the day before."""
    steps = {_day(b, order) - _day(a, order) for a, b in pairwise(turns)}
    return steps in ({1}, {-1})


def _blame_mixed(
    days: Sequence[int | Open],
    cells: Sequence[tuple[int, str]],
    *,
    column: str,
    order: DateOrder | None,
    faults: Faults,
) -> None:
    """Blame the rows that do not go with the order of the others."""

    def exist(order: DateOrder) -> int:
        return sum(bool(_day(day, order)) for day in days)

    main = max(DateOrder, key=exist) if order is None else order
    said = "as asked" if order is not None else "as in the other rows"
    for (row, text), day in zip(cells, days, strict=True):
        if not _day(day, main):
            faults.blame(row, column, text, f"a date that exists {ORDER_WORDS[main]}, {said}")
