"""Overrides as statements: what each kind says, and the one form in which it is written.

:mod:`coldchain.tables.grammar` reads them of text. Whether names exist and values may stand where
they are put is asked where a statement is applied (:mod:`coldchain.tables.overrides`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import cast
from zoneinfo import ZoneInfo

from coldchain.columns import Column, Kind
from coldchain.tables.cells import DATE, FIRST_DAY, LAST_DAY, NUMBER, Refused, instant
from coldchain.tables.cells import parse as parse_cell

BLANK = "blank"
"""How a statement writes an empty cell."""
ALWAYS = "always"

DAY = Column(name="day", kind=Kind.DATE, meaning="a day of a closure or a delay")
MOMENT = Column(name="moment", kind=Kind.LOCAL, meaning="a moment of a closure or a delay")


class Operator(StrEnum):
    """What is done to a value."""

    SET = "="
    TIMES = "*="
    PLUS = "+="


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From one day or local moment to another, as written; both empty: always.

    Days are whole, first and last included.
    """

    begins: str = ""
    ends: str = ""

    def __str__(self) -> str:
        if not self.begins:
            return ALWAYS
        return self.begins if self.begins == self.ends else f"{self.begins}..{self.ends}"

    def instants(self, zone: str) -> tuple[datetime, datetime]:
        """Begin and end on the clock of ``zone``, in UTC.

        Raises
        ------
        Refused
            That clock never shows one of them, or shows it twice, or they are in wrong order.
        """
        if not self.begins:
            first, last = FIRST_DAY, LAST_DAY + timedelta(days=1)
            return (
                datetime.combine(first, time(), UTC),
                datetime.combine(last, time(), UTC),
            )
        begins, ends = _moment(self.begins, zone, 0), _moment(self.ends, zone, 1)
        if begins >= ends:
            raise Refused(f"an end after the begin: {self.ends} is not after {self.begins}")
        return begins, ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A column whose cell matches one of ``patterns`` (``*`` is any text), or matches none."""

    column: str
    patterns: tuple[str, ...]
    differs: bool = False

    def __str__(self) -> str:
        return f"{self.column}{'!=' if self.differs else '='}{'|'.join(self.patterns)}"

    def holds(self, column: Column, cell: str) -> bool:
        """Whether a row with this ``cell`` is meant; of a list with ``;`` any part may match."""
        parts = {cell, *cell.split(";")}
        return any(_fits(column, p, part) for p in self.patterns for part in parts) != self.differs


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """Nodes or services shut, or all services over the border of two countries."""

    span: Span
    subjects: tuple[str, ...] = ()
    border: tuple[str, str] | None = None

    def __str__(self) -> str:
        what = " ".join(self.subjects) if self.border is None else f"border {'-'.join(self.border)}"
        return f"close {what} {self.span}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slow:
    """Operations, services or the arrival at nodes take ``hours`` longer."""

    subjects: tuple[str, ...]
    hours: Decimal
    span: Span

    def __str__(self) -> str:
        return f"delay {' '.join(self.subjects)} {plain_number(self.hours)} h {self.span}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckon:
    """Services of these status classes are reckoned with (``use``) or no longer (``drop``)."""

    use: bool
    status: tuple[str, ...]

    def __str__(self) -> str:
        return f"{'use' if self.use else 'drop'} {' '.join(self.status)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Consignments, all or those for which the conditions hold, grow by a factor."""

    factor: Decimal
    where: tuple[Condition, ...] = ()

    def __str__(self) -> str:
        return f"demand{_where(self.where)} *= {plain_number(self.factor)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Consignments, all or those for which the conditions hold, are ready and due days later."""

    days: int
    where: tuple[Condition, ...] = ()

    def __str__(self) -> str:
        return f"shift demand{_where(self.where)} {self.days} d"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """One column (or a stem: three percentiles) of some rows: by id, or by conditions."""

    table: str
    column: str
    operator: Operator
    value: str
    id: str = ""
    where: tuple[Condition, ...] = ()

    def __str__(self) -> str:
        row = f".{self.id}" if self.id else _where(self.where)
        return f"{self.table}{row}.{self.column} {self.operator} {self.value or BLANK}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key of the scenario file: ``("planning", "quantile")``, ``("seed",)``."""

    path: tuple[str, ...]
    operator: Operator
    value: str

    def __str__(self) -> str:
        return f"{'.'.join(self.path)} {self.operator} {self.value}"


Statement = Close | Slow | Reckon | Demand | Shift | Cells | Key


def written(statement: Statement) -> str:
    """The statement in the form in which equal ones are equal."""
    return str(statement)


def plain_number(number: Decimal) -> str:
    """Digits without exponent and without zeros that say nothing."""
    text = f"{number.normalize():f}"
    return "0" if text == "-0" else text


def _moment(text: str, zone: str, after: int) -> datetime:
    """A day's midnight – of the day ``after`` – or a local moment, in UTC."""
    if DATE.fullmatch(text):
        day = cast("date", parse_cell(DAY, text))
        # The first instant of the day, whatever that clock does at midnight.
        midnight = datetime.combine(day + timedelta(days=after), time(), ZoneInfo(zone))
        return midnight.astimezone(UTC)
    try:
        local = parse_cell(MOMENT, text)
    except Refused:
        raise Refused(
            f"days such as 2027-05-24..2027-05-28, local times such as 2027-05-24T18:00, or "
            f"always, not {text}"
        ) from None
    at, offset = cast("tuple[datetime, timedelta | None]", local)
    return instant(at, offset, zone)


def _fits(column: Column, pattern: str, cell: str) -> bool:
    if pattern == BLANK or not cell:
        return not cell and pattern == BLANK
    numeric = column.kind in (Kind.NUMBER, Kind.INTEGER)
    if numeric and NUMBER.fullmatch(pattern) and NUMBER.fullmatch(cell):
        return Decimal(pattern) == Decimal(cell)
    # No character but * is special: brackets cannot stand in a condition, and ? is text.
    return fnmatchcase(cell, pattern.replace("?", "[?]"))


def _where(where: tuple[Condition, ...]) -> str:
    return f"[{','.join(map(str, where))}]" if where else ""
