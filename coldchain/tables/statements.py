"""The grammar of overrides: one short statement to one change of the world, and back.

::

    close KZ-NZH-BX 2027-05-24..2027-05-28      delay O148 96 h 2027-05-24..2027-06-05
    close border TJ-KG always                   demand[commodity=cherry_sweet] *= 0.5
    routes.L198.capacity_units = 10             use proposed
    routes[mode=rail].transit_h *= 1.2          planning.quantile = 0.8
    shift demand[commodity=apricot] -7 d

``parse(written(s)) == s``. Whether names exist and values may stand where they are put is asked
where the statement is applied (:mod:`coldchain.tables.overrides`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import cast
from zoneinfo import ZoneInfo

from coldchain.columns import SCENARIO, TABLES, Column, Kind
from coldchain.tables.cells import (
    DATE,
    FIRST_DAY,
    ID,
    LAST_DAY,
    NUMBER,
    Refused,
    instant,
    nearest,
    odd_character,
)
from coldchain.tables.cells import parse as parse_cell

MAX_STATEMENT = 500
BLANK = "blank"
"""How a statement writes an empty cell."""
ALWAYS = "always"
KINDS = "close, delay, use, drop, shift demand, demand *= …, TABLE.ID.COLUMN = …, SECTION.KEY = …"

OTHER_NAMES = {"services": "routes", "commodities": "perishables"}
"""What tables are called besides by their file."""

FIXED_KEYS = frozenset({"consignments", "extends", "folder"})
"""Keys that say which files are read: stated in a scenario file and nowhere else."""

TARGET = re.compile(
    r"(?P<word>[A-Za-z_0-9]+)\s*(?:\[(?P<where>[^\[\]]*)\])?(?:\.(?P<path>[A-Za-z0-9._*-]+?))?\s*"
    r"(?P<operator>[*+]?=)\s*(?P<value>.*)"
)
CONDITION = re.compile(r"\s*([a-z_0-9]+)\s*(!?=)\s*(.*?)\s*")
BORDER = re.compile(r"([A-Z]{2})-([A-Z]{2})")
DAY = Column(name="day", kind=Kind.DATE, meaning="a day of a closure or a delay")
MOMENT = Column(name="moment", kind=Kind.LOCAL, meaning="a moment of a closure or a delay")
DURATION = re.compile(r"([0-9.]+)\s*([hd])")
SHIFT = re.compile(r"shift demand\s*(?:\[(?P<where>[^\[\]]*)\])?\s*(?P<days>[+-]?[0-9]{1,5})\s*d")
MAX_SHIFT_D = 3650


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


def parse(text: str) -> Statement:
    """The statement that ``text`` writes.

    Raises
    ------
    Refused
        With what was expected.

    Examples
    --------
    >>> str(parse("close  KZ-NZH-BX  2027-05-24"))
    'close KZ-NZH-BX 2027-05-24'
    >>> parse("services.L198.capacity_units*=1.50")  # doctest: +ELLIPSIS
    Cells(table='routes', column='capacity_units', operator=<Operator.TIMES: '*='>, value='1.5', ...
    """
    if len(text) > MAX_STATEMENT:
        raise Refused(f"at most {MAX_STATEMENT} characters")
    odd = odd_character(text)
    if odd:
        raise Refused(f"text without {odd}")
    words = text.split()
    if not words:
        raise Refused(f"a statement: {KINDS}")
    found = TARGET.fullmatch(" ".join(words))
    if found:
        return _assignment(found)
    verb, *rest = words
    if verb == "close":
        return _close(rest)
    if verb == "delay":
        return _slow(rest)
    if verb in ("use", "drop"):
        return _reckon(verb, rest)
    if verb == "shift":
        return _shift(" ".join(words))
    if "=" in text:
        raise Refused(
            "TABLE.ID.COLUMN, TABLE[COLUMN=VALUE].COLUMN or a key of the scenario, then =, *= or "
            "+=, then a value"
        )
    raise Refused(f"a statement: {KINDS}{nearest(verb, _words(), otherwise='')}")


def plain_number(number: Decimal) -> str:
    """Digits without exponent and without zeros that say nothing."""
    text = f"{number.normalize():f}"
    return "0" if text == "-0" else text


def number(text: str) -> Decimal:
    """The number that ``text`` writes."""
    if not NUMBER.fullmatch(text):
        raise Refused(f"a number in plain digits such as 1.2, not {text!r}")
    return Decimal(text)


# ---------------------------------------------------------------- the kinds of statement


def _close(words: list[str]) -> Close:
    form = "close NODE or SERVICE, then days such as 2027-05-24..2027-05-28 or always"
    if len(words) < 2:
        raise Refused(form)
    *subjects, dates = words
    span = _span(dates)
    if subjects[0] != "border":
        return Close(subjects=_ids(subjects), span=span)
    found = BORDER.fullmatch(subjects[1]) if len(subjects) == 2 else None
    if not found or found[1] == found[2]:
        raise Refused("close border, two countries such as TJ-KG, then days or always")
    return Close(border=(found[1], found[2]), span=span)


def _slow(words: list[str]) -> Slow:
    form = "delay OPERATION, SERVICE or NODE, then hours such as 14 h, then days or always"
    found = re.fullmatch(rf"(.+?) {DURATION.pattern} (\S+)", " ".join(words))
    if not found:
        raise Refused(form)
    hours = number(found[2]) * (24 if found[3] == "d" else 1)
    if not 0 < hours <= 10_000:
        raise Refused("a delay above 0 h and of at most 10000 h")
    return Slow(subjects=_ids(found[1].split()), hours=hours, span=_span(found[4]))


def _reckon(verb: str, names: list[str]) -> Reckon:
    known = _status()
    if not names:
        raise Refused(f"{verb} and a status of services: {', '.join(known)}")
    for name in names:
        if name not in known:
            raise Refused(f"a status of services, not {name}{nearest(name, known)}")
    return Reckon(use=verb == "use", status=_once(names))


def _shift(text: str) -> Shift:
    found = SHIFT.fullmatch(text)
    if not found:
        raise Refused("shift demand or shift demand[COLUMN=VALUE], then whole days such as 14 d")
    days = int(found["days"])
    if not 0 < abs(days) <= MAX_SHIFT_D:
        raise Refused(f"a shift of 1 d to {MAX_SHIFT_D} d, later or (with -) earlier")
    where = _conditions(found["where"]) if found["where"] is not None else ()
    _check_conditions("consignments", where)
    return Shift(days=days, where=where)


def _assignment(found: re.Match[str]) -> Statement:
    word, path, value = found["word"], found["path"] or "", found["value"]
    operator = Operator(found["operator"])
    where = _conditions(found["where"]) if found["where"] is not None else ()
    if not value:
        raise Refused(f"a value after {operator} ({BLANK} for an empty cell)")
    if operator is not Operator.SET:
        value = plain_number(number(value))
    if word == "demand" and not path:
        if operator is not Operator.TIMES or Decimal(value) <= 0:
            raise Refused("demand *= and a factor above 0")
        _check_conditions("consignments", where)
        return Demand(factor=Decimal(value), where=where)
    table = OTHER_NAMES.get(word, word)
    # A section and a table may share a name: prices.KEY is a key, prices.ID.COLUMN a cell.
    keyed = word in SCENARIO and "." not in path and found["where"] is None
    if table in TABLES and (path or where) and not keyed:
        return _cells(table, path, where, operator, value, whole=found["where"] is not None)
    if word == "demand":
        raise Refused("demand[consignment_id=C-001] *= and a factor above 0, for some consignments")
    if where:
        raise Refused(f"a table before [, not {word}{nearest(word, _tables())}")
    return _key((word, *path.split(".")) if path else (word,), operator, value)


def _cells(
    table: str,
    path: str,
    where: tuple[Condition, ...],
    operator: Operator,
    value: str,
    *,
    whole: bool,
) -> Cells:
    row, _, column = path.rpartition(".")
    if whole and row:
        raise Refused(f"conditions or an id, not both: {table}[…].{column}")
    if not whole and not row:
        raise Refused(f"{table}.ID.COLUMN or {table}[COLUMN=VALUE].COLUMN")
    known = {c.name for c in TABLES[table].columns}
    if not column:
        raise Refused(f"{table}.ID.COLUMN, with a column after the last dot")
    if not columns_of(table, column):
        raise Refused(f"a column of {table}, not {column}{nearest(column, known | stems(table))}")
    _check_conditions(table, where)
    if column == TABLES[table].key:
        raise Refused(f"another column than {column}, by which rows are known")
    if row and not re.fullmatch(r"[A-Za-z0-9*._-]{1,64}", row):
        raise Refused(f"an id of {table}, not {row}")
    text = "" if value == BLANK else value
    return Cells(table=table, id=row, where=where, column=column, operator=operator, value=text)


def _check_conditions(table: str, where: tuple[Condition, ...]) -> None:
    known = {c.name for c in TABLES[table].columns}
    for condition in where:
        if condition.column not in known:
            near = nearest(condition.column, known)
            raise Refused(f"a column of {table}, not {condition.column}{near}")


def _key(path: tuple[str, ...], operator: Operator, value: str) -> Key:
    section, name = (path if len(path) > 1 else ("", *path))[:2]
    if section not in SCENARIO or (not section and name in SCENARIO):
        word = section or name
        known = {*_words(), *(c.name for c in SCENARIO[""])} - FIXED_KEYS
        raise Refused(f"a table, a section or a key, not {word}{nearest(word, known)}")
    known = {c.name for c in SCENARIO[section]}
    if name in FIXED_KEYS:
        raise Refused(f"a key other than {name}, which only a scenario file states")
    if known and name not in known:
        where = f"of [{section}]" if section else "of the scenario or TABLE.ID.COLUMN"
        raise Refused(f"a key {where}, not {name}{nearest(name, known - FIXED_KEYS)}")
    if (name == "per_usd") != (len(path) == 3):
        raise Refused("currency.per_usd.CNY, say" if name == "per_usd" else f"{section}.{name}")
    return Key(path=path, operator=operator, value=value)


# ---------------------------------------------------------------- their parts


def columns_of(table: str, name: str) -> tuple[Column, ...]:
    """The column called ``name``, or the three percentiles of which it is the stem."""
    columns = {c.name: c for c in TABLES[table].columns}
    if name in columns:
        return (columns[name],)
    percentiles = [f"{name}_{p}" for p in ("p10", "p50", "p90")]
    if all(p in columns for p in percentiles):
        return tuple(columns[p] for p in percentiles)
    return ()


def stems(table: str) -> set[str]:
    """Names that stand for three percentiles."""
    return {c.name[: -len("_p50")] for c in TABLES[table].columns if c.name.endswith("_p50")}


def id_fits(pattern: str, name: str) -> bool:
    """Whether an id is meant; ``*`` stands for any text."""
    return fnmatchcase(name, pattern)


def _fits(column: Column, pattern: str, cell: str) -> bool:
    if pattern == BLANK or not cell:
        return not cell and pattern == BLANK
    numeric = column.kind in (Kind.NUMBER, Kind.INTEGER)
    if numeric and NUMBER.fullmatch(pattern) and NUMBER.fullmatch(cell):
        return Decimal(pattern) == Decimal(cell)
    # No character but * is special: brackets cannot stand in a condition, and ? is text.
    return fnmatchcase(cell, pattern.replace("?", "[?]"))


def _conditions(text: str) -> tuple[Condition, ...]:
    conditions: list[Condition] = []
    for part in text.split(","):
        found = CONDITION.fullmatch(part)
        if not found or not found[3]:
            raise Refused(f"conditions such as [mode=rail,from_node=CN-*], not [{text}]")
        patterns = tuple(p.strip() for p in found[3].split("|"))
        if not all(patterns):
            raise Refused(f"a value on both sides of |, not {found[3]}")
        conditions.append(Condition(column=found[1], patterns=patterns, differs=found[2] == "!="))
    return tuple(conditions)


def _where(where: tuple[Condition, ...]) -> str:
    return f"[{','.join(map(str, where))}]" if where else ""


def _span(text: str) -> Span:
    if text == ALWAYS:
        return Span()
    begins, dots, ends = text.partition("..")
    if not begins or (not dots and not DATE.fullmatch(begins)):
        raise Refused(f"days such as 2027-05-24..2027-05-28, or always, not {text}")
    span = Span(begins=begins, ends=ends if dots else begins)
    span.instants("UTC")  # both ends are moments, in order
    return span


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


def _ids(names: list[str]) -> tuple[str, ...]:
    for name in names:
        if not ID.fullmatch(name):
            raise Refused(f"ids with spaces between them, not {name}")
    return _once(names)


def _once(names: list[str]) -> tuple[str, ...]:
    twice = next((n for n in names if names.count(n) > 1), None)
    if twice:
        raise Refused(f"each name once; {twice} stands twice")
    return tuple(names)


def _status() -> tuple[str, ...]:
    return next(c for c in SCENARIO["planning"] if c.name == "service_status").allowed


def _tables() -> set[str]:
    return {*TABLES, *OTHER_NAMES}


def _words() -> set[str]:
    """Words with which a statement may begin."""
    return {"close", "delay", "use", "drop", "shift", "demand", *_tables(), *filter(None, SCENARIO)}
