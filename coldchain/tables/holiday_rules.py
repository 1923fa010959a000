"""Calendars: from rules of the table, by country and holiday, to dated holidays.

The PyPI library ``holidays`` knows the days; it is imported only where a rule asks for one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from coldchain.calendars import Calendar
from coldchain.columns import CALENDARS
from coldchain.tables.cells import nearest
from coldchain.tables.rows import Edit, Row, Sheet, read_sheet

KNOWN_YEARS = range(2000, 2050)
"""Years a network read without a scenario has holidays for, and names of holidays come from."""

AROUND = 1
"""Years before and after that of its season for which a scenario has holidays."""

MARKS = re.compile(r" \((observed|estimated)(, (observed|estimated))*\)$")
FIXED = re.compile(r"[0-9]{2}-[0-9]{2}")
ALL = "all"

Day = tuple[date, str, bool, bool]
"""A public holiday: its day, its name without marks, whether observed, whether estimated."""


def season_years(season: date) -> range:
    """Years for which the calendars of a scenario of that season are worked out."""
    return range(season.year - AROUND, season.year + AROUND + 1)


def read_calendars_sheet(folder: Path, *, edit: Edit | None = None) -> Sheet:
    """The rules in ``folder``, with all their faults; none if it has no such file."""
    sheet = read_sheet(folder / CALENDARS.file, table=CALENDARS, edit=edit)
    for row in sheet.rows:
        _check_rule(sheet, row)
    return sheet


def _check_rule(sheet: Sheet, row: Row) -> None:
    if not row.has("country", "holiday"):
        return
    country, holiday = row.text("country"), row.text("holiday")
    if FIXED.fullmatch(holiday):
        if _fixed(holiday, 2028) is None:
            sheet.blame(row, "holiday", "a day that exists in the calendar: 05-09")
        return
    supported = _countries()
    if country not in supported:
        words = f"a country the library holidays knows{nearest(country, supported)}"
        sheet.blame(row, "country", words)
        return
    names = {name for _, name, _, _ in _public(country, KNOWN_YEARS)}
    if holiday != ALL and holiday not in names:
        words = f"all, a day such as 05-09, or a holiday of {country}{nearest(holiday, names)}"
        sheet.blame(row, "holiday", words)


def calendar_ids(sheet: Sheet) -> frozenset[str]:
    """Every calendar that some rule claims to belong to."""
    return frozenset(row.cells.get("calendar_id", "") for row in sheet.rows) - {""}


def calendars(sheet: Sheet, years: range) -> Mapping[str, Calendar]:
    """The calendars of a sheet without faults, with their holidays of ``years``.

    The order of the rows changes nothing, not even how a day of two holidays is called.
    """
    rules: dict[str, list[Row]] = {}
    for row in sorted(sheet.rows, key=lambda row: row.text("rule_id")):
        rules.setdefault(row.text("calendar_id"), []).append(row)
    return {name: _calendar(name, rules[name], years) for name in sorted(rules)}


def _calendar(name: str, rules: list[Row], years: range) -> Calendar:
    days: dict[date, list[str]] = {}
    for rule in rules:
        for day, words in _days(rule, years):
            told = days.setdefault(day, [])
            if words not in told:
                told.append(words)
    return Calendar(
        id=name,
        days={day: " and ".join(days[day]) for day in sorted(days)},
        first=date(years[0], 1, 1),
        last=date(years[-1], 12, 31),
        source="; ".join(dict.fromkeys(rule.text("source") for rule in rules)),
        # No better than its weakest rule.
        confidence=max(rule.text("confidence") for rule in rules),
    )


def _days(rule: Row, years: range) -> Iterator[tuple[date, str]]:
    """Days of one rule, each with the name of the holiday and its country."""
    country, holiday = rule.text("country"), rule.text("holiday")
    if FIXED.fullmatch(holiday):
        for year in years:
            day = _fixed(holiday, year)
            if day is not None:
                yield day, f"{day.day} {day:%B} ({country})"
        return
    asked = [
        (day, name, estimated)
        for day, name, observed, estimated in _public(country, years)
        if holiday in (ALL, name) and (rule.yes("observed") or not observed)
    ]
    most = rule.whole("first_days") if rule.has("first_days") else None
    for name, group in groupby(sorted(asked, key=lambda d: (d[1], d[0])), key=lambda d: d[1]):
        run = 0
        before = date.min
        for day, _, estimated in group:
            run = run + 1 if day - before == timedelta(days=1) else 1
            before = day
            if most is None or run <= most:
                yield day, f"{name}{' (estimated)' if estimated else ''} ({country})"


def _fixed(holiday: str, year: int) -> date | None:
    try:
        return date(year, int(holiday[:2]), int(holiday[3:]))
    except ValueError:
        return None


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    import holidays

    return frozenset(holidays.list_supported_countries())


@lru_cache(maxsize=64)
def _public(country: str, years: range) -> tuple[Day, ...]:
    """Public holidays of ``country`` in ``years``, in order."""
    import holidays

    found = holidays.country_holidays(country, years=years, language="en_US")
    out: list[Day] = []
    for day in sorted(found):
        for told in found.get_list(day):
            mark = MARKS.search(told)
            marks = mark.group() if mark else ""
            out.append((day, MARKS.sub("", told), "observed" in marks, "estimated" in marks))
    return tuple(out)
