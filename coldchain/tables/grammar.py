"""The grammar of overrides: one short statement to one change of the world, and back.

::

    close KZ-NZH-BX 2027-05-24..2027-05-28      delay O148 96 h 2027-05-24..2027-06-05
    close border TJ-KG always                   demand[commodity=cherry_sweet] *= 0.5
    routes.L198.capacity_units = 10             use proposed
    routes[mode=rail].transit_h *= 1.2          planning.quantile = 0.8
    shift demand[commodity=apricot] -7 d

``parse(written(s)) == s``.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

from coldchain.columns import SCENARIO, TABLES, Column
from coldchain.tables.cells import DATE, ID, NUMBER, Refused, nearest, odd_character
from coldchain.tables.statements import (
    ALWAYS,
    BLANK,
    Cells,
    Close,
    Condition,
    Demand,
    Key,
    Operator,
    Reckon,
    Shift,
    Slow,
    Span,
    Statement,
    plain_number,
)

MAX_STATEMENT = 500
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
DURATION = re.compile(r"([0-9.]+)\s*([hd])")
SHIFT = re.compile(r"shift demand\s*(?:\[(?P<where>[^\[\]]*)\])?\s*(?P<days>[+-]?[0-9]{1,5})\s*d")
MAX_SHIFT_D = 3650


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


@cache
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


def _span(text: str) -> Span:
    if text == ALWAYS:
        return Span()
    begins, dots, ends = text.partition("..")
    if not begins or (not dots and not DATE.fullmatch(begins)):
        raise Refused(f"days such as 2027-05-24..2027-05-28, or always, not {text}")
    span = Span(begins=begins, ends=ends if dots else begins)
    span.instants("UTC")  # both ends are moments, in order
    return span


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
