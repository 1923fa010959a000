"""The keys of a scenario file: TOML to settings, with every fault told."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import cast

from coldchain.columns import SCENARIO, Column, Kind
from coldchain.errors import Fault
from coldchain.tables.cells import Refused, check_range, nearest, odd_character, parse
from coldchain.tables.extends import APART, Merged
from coldchain.tables.rows import MAX_SHOWN

MAY_LACK = ("parties", "data")
CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(slots=True, kw_only=True)
class Settings:
    """Keys of a scenario by ``section.key``, those that could be read, and the faults."""

    merged: Merged
    values: dict[str, object] = field(default_factory=dict[str, object])
    faults: list[Fault] = field(default_factory=list[Fault])

    def blame(self, key: str, value: object, expected: str) -> None:
        """Add a fault of one key."""
        self.faults.append(self.merged.origin(key).fault(key, value, expected))

    def text(self, key: str) -> str:
        return cast("str", self.values.get(key, ""))

    def number(self, key: str) -> float:
        return float(cast("float", self.values[key]))

    def whole(self, key: str) -> int:
        return cast("int", self.values[key])

    def beside(self, key: str) -> Path:
        """The path under ``key``: it starts where the file lies that states it."""
        return self.merged.origin(key).path.parent / self.text(key)


def read_settings(merged: Merged, document: Mapping[str, object]) -> Settings:
    """Settings in ``document``, that of ``merged`` or one changed from it, with all faults."""
    settings = Settings(merged=merged)
    _take(settings, dict(document))
    return settings


def _take(settings: Settings, document: dict[str, object]) -> None:
    top = {k: v for k, v in document.items() if k not in SCENARIO}
    _take_section(settings, "", top)
    for section in SCENARIO:
        if not section:
            continue
        if section not in document:
            if section not in MAY_LACK:
                settings.blame(section, None, f"a section [{section}]")
            continue
        given = document[section]
        if not isinstance(given, dict):
            settings.blame(section, given, f"a section [{section}], not a single value")
        elif section == "parties":
            _take_parties(settings, cast("dict[str, object]", given))
        else:
            _take_section(settings, section, cast("dict[str, object]", given))


def _take_section(settings: Settings, section: str, given: dict[str, object]) -> None:
    columns = {c.name: c for c in SCENARIO[section]}
    prefix = f"{section}." if section else ""
    known = columns.keys() | ({*SCENARIO, *APART} - {""} if not section else set[str]())
    for name, value in given.items():
        if name not in columns:
            here = f"a known key of [{section}]" if section else "a known key or section"
            settings.blame(prefix + name, value, here + nearest(name, known - given.keys()))
            continue
        if name == "per_usd":
            _take_rates(settings, value)
            continue
        try:
            settings.values[prefix + name] = _setting(columns[name], value)
        except Refused as refused:
            settings.blame(prefix + name, value, str(refused))
    for name, column in columns.items():
        if name not in given and column.required:
            settings.blame(prefix + name, None, f"a value: {column.meaning}")


def _setting(column: Column, value: object) -> object:
    if column.kind is Kind.DATE:
        if isinstance(value, datetime) or not isinstance(value, date):
            hint = ""
            if isinstance(value, str):
                try:
                    parse(column, value)
                    hint = ", without quotes"
                except Refused as refused:
                    hint = f": {refused}"
            raise Refused(f"a date such as 2027-05-24{hint}")
        return parse(column, value.isoformat())
    if column.kind in (Kind.NUMBERS, Kind.CHOICES, Kind.IDS):
        if not isinstance(value, list) or not value:
            raise Refused("a list with something in it")
        items = cast("list[object]", value)
        taken = [LISTED[column.kind](column, item) for item in items]
        if len(set(taken)) != len(taken):
            raise Refused("each value once")
        if column.kind is Kind.CHOICES:
            return frozenset(taken)
        if column.kind is Kind.IDS:
            return tuple(taken)
        return tuple(sorted(cast("list[float]", taken)))
    if column.kind in (Kind.NUMBER, Kind.INTEGER):
        return _finite(column, value)
    if not isinstance(value, str) or not value.strip():
        raise Refused("text in quotes")
    return parse(column, value)


def _finite(column: Column, value: object) -> float:
    whole = column.kind is Kind.INTEGER
    fits = isinstance(value, int) or (isinstance(value, float) and not whole)
    if not fits or isinstance(value, bool) or not math.isfinite(cast("float", value)):
        words = f"a {'whole ' if whole else ''}number {column.range_words}".strip()
        raise Refused(words + (", without quotes" if isinstance(value, str) else ""))
    number = cast("float", value)
    check_range(column, number)
    return number if whole else float(number) + 0.0


def _one_of(column: Column, value: object) -> str:
    if not isinstance(value, str) or value not in column.allowed:
        raise Refused(f"of {', '.join(column.allowed)}, not {repr(value)[:MAX_SHOWN]}")
    return value


def _named(column: Column, value: object) -> str:
    if not isinstance(value, str):
        raise Refused(f"ids in quotes, not {repr(value)[:MAX_SHOWN]}")
    return str(parse(replace(column, kind=Kind.ID), value))


LISTED: Mapping[Kind, Callable[[Column, object], object]] = {
    Kind.NUMBERS: _finite,
    Kind.CHOICES: _one_of,
    Kind.IDS: _named,
}
"""What an item of each kind of list is read by."""


def _take_parties(settings: Settings, given: dict[str, object]) -> None:
    parties: dict[str, str] = {}
    for name, value in given.items():
        odd = odd_character(name + value) if isinstance(value, str) else None
        if not isinstance(value, str) or len(value) > 500 or odd:
            words = f"text without {odd}" if odd else "text in quotes, at most 500 characters"
            settings.blame(f"parties.{name}", value, words)
        else:
            parties[name] = value
    settings.values["parties"] = parties


def _take_rates(settings: Settings, value: object) -> None:
    rates = {"USD": 1.0}
    settings.values["currency.per_usd"] = rates
    if not isinstance(value, dict):
        settings.blame("currency.per_usd", value, "a section [currency.per_usd]")
        return
    for name, rate in cast("dict[str, object]", value).items():
        key = f"currency.per_usd.{name}"
        right = isinstance(rate, (int, float)) and not isinstance(rate, bool)
        if not CURRENCY.fullmatch(name):
            settings.blame(key, rate, "a currency of three capital letters")
        elif not right or not 1e-6 <= cast("float", rate) <= 1e9:
            settings.blame(key, rate, f"how many {name} a USD buys, a number above 0")
        elif name == "USD" and rate != 1:
            settings.blame(key, rate, "1, or nothing at all")
        else:
            rates[name] = float(cast("float", rate))


def check_reporting(settings: Settings, rates: Mapping[str, float]) -> None:
    """Blame a reporting currency of which there is no rate."""
    reporting = settings.text("currency.reporting")
    if reporting and reporting not in rates:
        words = f"a currency of [currency.per_usd] or currencies.csv{nearest(reporting, rates)}"
        settings.blame("currency.reporting", reporting, words)


def check_relative(settings: Settings, key: str) -> str:
    """The path under ``key``, empty if there is none or it does not start at the file's folder."""
    given = settings.text(key)
    if PurePosixPath(given).is_absolute() or PureWindowsPath(given).anchor:
        settings.blame(key, given, "a path beside this file, not from the root of the disk")
        settings.values.pop(key)
        return ""
    return given
