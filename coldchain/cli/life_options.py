"""Options of ``coldchain life`` from text to what they mean; wrong ones are told together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from coldchain.errors import DataError, Fault
from coldchain.goods import Packaging
from coldchain.tables.logger_file import DateOrder, Unit

Choice = TypeVar("Choice", bound=StrEnum)

PACKAGINGS = (Packaging.NAKED, Packaging.LINER, Packaging.MAP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command was told about the goods."""

    scenario: str
    commodity: str
    packaging: Packaging
    confidence: float
    retail_c: float
    life_used_before: float
    humidity_pct: float | None
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggerOptions:
    """A logger's file, and what the user says of it."""

    path: Path
    unit: Unit | None = None
    date_order: DateOrder | None = None
    column: str = ""
    humidity: bool = True
    allow_gaps: bool = False
    begins: datetime | None = None
    ends: datetime | None = None


def refused(option: str, value: str, expected: str) -> DataError:
    """The error of one option."""
    return DataError([Fault(file=option, row=0, column="", value=value, expected=expected)])


def packaging_called(name: str) -> Packaging:
    """The packaging called ``name``.

    Raises
    ------
    DataError
        Goods cannot be packed so.
    """
    if name.lower() not in PACKAGINGS:
        raise refused("--packaging", name, f"one of {', '.join(PACKAGINGS)}")
    return Packaging(name.lower())


def logger_options(
    path: Path | None,
    *,
    unit: str,
    date_order: str,
    column: str,
    humidity: bool,
    allow_gaps: bool,
    begins: str,
    ends: str,
) -> LoggerOptions | None:
    """The options of the logger's file; None if there is no file.

    Raises
    ------
    DataError
        With every option that cannot be read, or that asks of no file.
    """
    given = {
        "--unit": unit,
        "--date-order": date_order,
        "--column": column,
        "--no-humidity": "" if humidity else "on",
        "--allow-gaps": "on" if allow_gaps else "",
        "--from": begins,
        "--until": ends,
    }
    faults: list[Fault] = []
    if path is None:
        for option, value in given.items():
            if value:
                faults.append(_fault(option, value, "--logger FILE, which it is about"))
    read = LoggerOptions(
        path=path or Path(),
        unit=_choice("--unit", unit.upper(), tuple(Unit), faults),
        date_order=_choice("--date-order", date_order.lower(), tuple(DateOrder), faults),
        column=column,
        humidity=humidity,
        allow_gaps=allow_gaps,
        begins=_moment("--from", begins, faults),
        ends=_moment("--until", ends, faults),
    )
    if faults:
        raise DataError(faults)
    return None if path is None else read


def _fault(option: str, value: str, expected: str) -> Fault:
    return Fault(file=option, row=0, column="", value=value, expected=expected)


def _choice(
    option: str, value: str, choices: Sequence[Choice], faults: list[Fault]
) -> Choice | None:
    if not value:
        return None
    for choice in choices:
        if choice == value:
            return choice
    faults.append(_fault(option, value, f"one of {', '.join(choices)}"))
    return None


def _moment(option: str, value: str, faults: list[Fault]) -> datetime | None:
    """A moment on the logger's clock, whatever that is."""
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None:
        words = "a moment such as 2027-05-24T08:00, on the logger's clock and without offset"
        faults.append(_fault(option, value, words))
        return None
    return moment
