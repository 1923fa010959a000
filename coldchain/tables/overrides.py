"""Overrides of a scenario: gathered from its files and the command line, and made.

Cells and keys are changed before anything is checked, so that a changed cell is judged as one that
was written so. Closures and delays follow, on places as they then are. A fault is told of the
statement after which it stood.
"""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import pairwise
from typing import Any, cast

from coldchain.calendars import Closure, Delay
from coldchain.columns import CONSIGNMENTS, OVERRIDES, PRICED, SCENARIO, Column, Kind
from coldchain.errors import Fault
from coldchain.scenario import Override
from coldchain.tables import cells
from coldchain.tables.cells import NUMBER, Refused, nearest, odd_character
from coldchain.tables.extends import ScenarioFile
from coldchain.tables.network_tables import NetworkSheets, distance_km
from coldchain.tables.rows import MAX_SHOWN, Row, Sheet
from coldchain.tables.statements import (
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
    columns_of,
    id_fits,
    number,
    parse,
    plain_number,
    written,
)

NUMERIC = (Kind.NUMBER, Kind.INTEGER)
MAX_WORDS = 500
"""Characters of why and source."""
DECIMALS = 15

SCALED: Mapping[str, Callable[[Decimal], int]] = {
    "net_kg": math.floor,
    "gross_kg": math.floor,
    "pallets": math.ceil,
}
"""Columns of consignments that demand scales, and how to whole numbers."""

WINDOW = ("ready_local", "due_local")
"""Columns of consignments that a shift of demand moves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A statement as it was given, with where that was.

    ``statement`` is None if it cannot be read; ``unread`` says what was expected.
    """

    text: str
    statement: Statement | None
    file: str
    why: str = ""
    source: str = ""
    row: int = 0
    column: str = ""
    unread: str = ""

    @property
    def stated_in(self) -> str:
        return f"{self.file}:{self.row}" if self.row else self.file

    def fault(self, expected: str) -> Fault:
        return Fault(
            file=self.file,
            row=self.row,
            column=self.column,
            value=self.text[:MAX_SHOWN],
            expected=expected,
        )


def asked_on_the_command_line(statements: Sequence[str]) -> list[Asked]:
    """Statements of ``--set``, counted from 1."""
    return [_read(text, file=f"--set {place}") for place, text in enumerate(statements, start=1)]


def asked_in_files(files: Sequence[ScenarioFile]) -> tuple[list[Asked], list[Fault]]:
    """Statements of scenario files in their order, and the faults of the sections they are in."""
    asked: list[Asked] = []
    faults: list[Fault] = []
    for file in files:
        given = file.document.get("overrides", [])
        if not isinstance(given, list):
            faults.append(file.fault("overrides", given, "sections [[overrides]]"))
            continue
        blocks = _blocks(file.text)
        for place, item in enumerate(cast("list[object]", given)):
            block = blocks[place] if place < len(blocks) else (file.lines.get("overrides", 0), "")
            asked += _read_block(faults, file, item, block)
    return asked, faults


def _blocks(text: str) -> list[tuple[int, str]]:
    """Line and text of each ``[[overrides]]``."""
    lines = text.splitlines()
    heads = [n for n, line in enumerate(lines) if re.match(r"\s*\[\[overrides\]\]", line)]
    ends = [*heads[1:], len(lines)]
    return [(a + 1, "\n".join(lines[a:b])) for a, b in zip(heads, ends, strict=False)]


def _read_block(
    faults: list[Fault], file: ScenarioFile, item: object, block: tuple[int, str]
) -> Iterator[Asked]:
    first, text = block

    def blame(key: str, value: object, expected: str) -> None:
        faults.append(file.fault(key, value, expected, row=first + _line(text, key)))

    if not isinstance(item, dict):
        blame("overrides", item, "sections [[overrides]] with set and why")
        return
    keys = cast("dict[str, object]", item)
    known = {c.name for c in OVERRIDES}
    for name in keys.keys() - known:
        blame(name, keys[name], f"a known key of [[overrides]]{nearest(name, known - keys.keys())}")
    words: dict[str, str] = {}
    for column in OVERRIDES[1:]:
        value = keys.get(column.name)
        odd = odd_character(value) if isinstance(value, str) else None
        if value is None and not column.required:
            continue
        if not isinstance(value, str) or not value.strip() or len(value) > MAX_WORDS or odd:
            hint = f" without {odd}" if odd else f" in quotes, at most {MAX_WORDS} characters"
            blame(column.name, value, f"text{hint}: {column.meaning}")
        else:
            words[column.name] = value
    given = keys.get("set")
    statements = cast("list[object]", given if isinstance(given, list) else [given])
    if not statements:
        blame("set", None, f"at least one statement: {OVERRIDES[0].meaning}")
    for statement in statements:
        if not isinstance(statement, str):
            blame("set", statement, f"text in quotes: {OVERRIDES[0].meaning}")
            continue
        row = first + _line(text, statement, otherwise="set")
        yield _read(
            statement,
            file=file.shown,
            row=row,
            column="set",
            why=words.get("why", ""),
            source=words.get("source", ""),
        )


def _line(text: str, wanted: str, *, otherwise: str = "") -> int:
    """How many lines below its first ``text`` has ``wanted``, or the key ``otherwise``; else 0."""
    for word in filter(None, (wanted, otherwise)):
        for place, line in enumerate(text.splitlines()):
            if word in line:
                return place
    return 0


def _read(text: str, **known: Any) -> Asked:
    try:
        return Asked(text=text, statement=parse(text), **known)
    except Refused as refused:
        return Asked(text=text, statement=None, unread=str(refused), **known)


class Overrides:
    """Statements being made, one after the other; ``faults`` are those of the statements."""

    def __init__(self, asked: Sequence[Asked]) -> None:
        self.asked = asked
        self.faults = [one.fault(one.unread) for one in asked if one.unread]
        self._changes = [0] * len(asked)
        self._tables: set[str] = set()

    def told(self) -> tuple[Override, ...]:
        """What was asked, once it has been made."""
        return tuple(
            Override(
                statement=written(cast("Statement", one.statement)),
                why=one.why,
                source=one.source,
                stated_in=one.stated_in,
                changes=changes,
            )
            for one, changes in zip(self.asked, self._changes, strict=True)
        )

    # ------------------------------------------------------------ keys of the scenario file

    def document(self, given: Mapping[str, object]) -> dict[str, object]:
        """The document of a scenario with its keys changed."""
        document = copy.deepcopy(dict(given))
        for place, one in enumerate(self.asked):
            try:
                if isinstance(one.statement, Key):
                    self._changes[place] += _change_key(document, one.statement)
                elif isinstance(one.statement, Reckon):
                    self._changes[place] += _change_status(document, one.statement)
            except Refused as refused:
                self.faults.append(one.fault(str(refused)))
        return document

    # ------------------------------------------------------------ cells

    def edit(self, sheet: Sheet) -> None:
        """Change the cells of ``sheet`` that statements name."""
        self._tables.add(sheet.table.name)
        for place, one in enumerate(self.asked):
            try:
                if isinstance(one.statement, Cells) and one.statement.table == sheet.table.name:
                    self._changes[place] += _change_cells(sheet, one.statement)
                elif isinstance(one.statement, Demand) and sheet.table is CONSIGNMENTS:
                    self._changes[place] += _scale(sheet, one.statement)
                elif isinstance(one.statement, Shift) and sheet.table is CONSIGNMENTS:
                    self._changes[place] += _move(sheet, one.statement)
            except Refused as refused:
                self.faults.append(one.fault(str(refused)))

    def check_tables(self) -> None:
        """Blame statements on tables that were not there to be changed; once all are read."""
        for one in self.asked:
            if isinstance(one.statement, Cells) and one.statement.table not in self._tables:
                words = f"one of the tables this scenario reads: {', '.join(sorted(self._tables))}"
                self.faults.append(one.fault(words))

    # ------------------------------------------------------------ closures and delays

    def events(self, sheets: NetworkSheets) -> tuple[tuple[Closure, ...], tuple[Delay, ...]]:
        """Closures and delays on the network as it is after all changes of cells."""
        places = _Places(sheets)
        closures: dict[Closure, None] = {}
        delays: dict[Delay, None] = {}
        for place, one in enumerate(self.asked):
            before = len(closures) + len(delays)
            for event in self._events_of(one, places):
                if isinstance(event, Closure):
                    closures[event] = None
                else:
                    delays[event] = None
            self._changes[place] += len(closures) + len(delays) - before
        return tuple(closures), tuple(delays)

    def _events_of(self, one: Asked, places: _Places) -> Iterator[Closure | Delay]:
        statement = one.statement
        if not isinstance(statement, (Close, Slow)):
            return
        try:
            subjects = (
                places.over_border(statement.border)
                if isinstance(statement, Close) and statement.border
                else statement.subjects
            )
        except Refused as refused:
            self.faults.append(one.fault(str(refused)))
            return
        why = one.why or written(statement)
        for name in subjects:
            try:
                if isinstance(statement, Slow):
                    yield places.delay(name, statement.span, float(statement.hours), why)
                else:
                    yield places.closure(name, statement.span, why)
            except Refused as refused:
                self.faults.append(one.fault(str(refused)))


def attributed(asked: Sequence[Asked], faults_of: Callable[[int], Sequence[Fault]]) -> list[Fault]:
    """Faults of files and cells, those that a statement brought about told of that statement.

    ``faults_of(n)`` are those with the first ``n`` statements made. A fault is that of the
    statement that brought it about; one that stands without any is the files' own.
    """

    @cache
    def standing(made: int) -> frozenset[Fault]:
        return frozenset(faults_of(made))

    final = faults_of(len(asked))
    owners = _owners(standing(len(asked)), len(asked), standing)
    told = [fault for fault in final if fault not in owners]
    for place, one in enumerate(asked):
        alike: dict[tuple[str, str, str], list[Fault]] = {}
        for fault in final:
            if owners.get(fault) == place:
                alike.setdefault((fault.column, fault.value, fault.expected), []).append(fault)
        for (column, value, expected), found in alike.items():
            where = found[0].file + (f":{found[0].row}" if found[0].row else "")
            more = f" and {len(found) - 1} more" if len(found) > 1 else ""
            told.append(one.fault(f"{expected} ({where}: {column} = {value!r}{more})"))
    return told


def _owners(
    faults: frozenset[Fault], made: int, faults_of: Callable[[int], frozenset[Fault]]
) -> dict[Fault, int]:
    """Of each of ``faults``, which stand with ``made`` statements, the one that brought it about.

    Asked by halves, as reading all tables again after each of thousands would take minutes: of a
    fault that was made, mended and made again, it is one of those that made it.
    """
    owners: dict[Fault, int] = {}
    for fault in faults - faults_of(0):
        without, with_it = 0, made
        while with_it - without > 1:
            middle = (without + with_it) // 2
            if fault in faults_of(middle):
                with_it = middle
            else:
                without = middle
        owners[fault] = without
    return owners


def in_order(asked: Sequence[Asked], faults: Iterable[Fault]) -> list[Fault]:
    """Faults of the files first, then those of statements as these were given."""
    places: dict[tuple[str, int, str], int] = {}
    for one in asked:
        fault = one.fault("")
        places.setdefault((fault.file, fault.row, fault.value), len(places) + 1)
    return sorted(faults, key=lambda f: places.get((f.file, f.row, f.value), 0))


# ---------------------------------------------------------------- keys


def _parent(document: dict[str, object], path: Sequence[str]) -> dict[str, object] | None:
    """The section that holds the last name of ``path``; None if the file lacks it."""
    here = document
    for name in path[:-1]:
        if name not in here and name in ("parties", "per_usd"):
            here[name] = {}
        inside = here.get(name)
        if not isinstance(inside, dict):
            return None
        here = cast("dict[str, object]", inside)
    return here


def _change_key(document: dict[str, object], key: Key) -> int:
    section = _parent(document, key.path)
    if section is None:
        return 0  # that the section is missing is a fault of the file
    name = key.path[-1]
    column = _column_of(key)
    old = section.get(name)
    if key.operator is Operator.SET and key.value == BLANK and not column.required:
        return int(section.pop(name, None) is not None)
    if key.operator is Operator.SET:
        new = _toml_value(column, key.value)
    else:
        if isinstance(old, bool) or not isinstance(old, (int, float)):
            shown = f"is not stated{_of_table(key)}" if old is None else f"is {old!r}"
            raise Refused(f"a key with a number for {key.operator}; {'.'.join(key.path)} {shown}")
        text = _reckoned(column, str(Decimal(str(old))), key.operator, number(key.value))
        new = _toml_value(column, text)
    section[name] = new
    return int(new != old)


def _of_table(key: Key) -> str:
    """Where a number that the scenario file may state is, if it does not."""
    name = key.path[-1]
    if key.path[:2] == ("currency", "per_usd"):
        return f", but may be in a table: currencies.{name}.per_usd {key.operator} {key.value}"
    if name in {column.name for column in PRICED}:
        return f", but may be in a table: prices.{name}.value {key.operator} {key.value}"
    return ""


def _column_of(key: Key) -> Column:
    if key.path[:2] == ("currency", "per_usd"):
        return Column(name=key.path[-1], kind=Kind.NUMBER, meaning="a rate", required=False)
    section, name = (key.path if len(key.path) > 1 else ("", *key.path))[:2]
    if not SCENARIO[section]:
        return Column(name=name, kind=Kind.TEXT, meaning="a name", required=False)
    return next(c for c in SCENARIO[section] if c.name == name)


def _toml_value(column: Column, text: str) -> object:
    """The value of a key, as TOML would give it."""
    if column.kind in (Kind.CHOICES, Kind.IDS):
        return [part.strip() for part in text.split(",")]
    if column.kind is Kind.NUMBERS:
        return [float(number(part.strip())) for part in text.split(",")]
    value = cells.parse(column, text)
    if isinstance(value, (int, float, date)) and not isinstance(value, (bool, datetime)):
        return value
    return text


def _change_status(document: dict[str, object], statement: Reckon) -> int:
    section = _parent(document, ("planning", "service_status"))
    given = section.get("service_status") if section is not None else None
    if section is None or not isinstance(given, list):
        return 0
    old = cast("list[object]", given)
    names = statement.status
    if statement.use:
        new = [*old, *(n for n in names if n not in old)]
    else:
        new = [n for n in old if n not in names]
    section["service_status"] = new
    return int(new != old)


# ---------------------------------------------------------------- cells


def _meant(sheet: Sheet, statement: Cells | Demand | Shift) -> list[Row]:
    """Rows a statement is about.

    Raises
    ------
    Refused
        There is none.
    """
    key = sheet.table.key
    name = statement.id if isinstance(statement, Cells) else ""
    rows = [r for r in sheet.rows if not name or id_fits(name, r.cells.get(key, ""))]
    if not rows and name:
        raise Refused(f"an id of {sheet.shown}; {name} matches nothing{nearest(name, sheet.ids)}")
    for condition in statement.where:
        kept = [r for r in rows if _holds(sheet, condition, r)]
        if not kept:
            written_there = {r.cells.get(condition.column, "") for r in rows} - {""}
            near = "; ".join(
                nearest(pattern, written_there).removeprefix("; ") for pattern in condition.patterns
            )
            raise Refused(
                f"conditions that some row of {sheet.shown} meets; {condition} leaves none"
                + (f"; {near}" if near else "")
            )
        rows = kept
    if not rows and sheet.whole:
        raise Refused(f"a row of {sheet.shown}; it has none")
    return rows


def _holds(sheet: Sheet, condition: Condition, row: Row) -> bool:
    column = sheet.table.column(condition.column)
    return condition.holds(column, row.cells.get(condition.column, ""))


def _change_cells(sheet: Sheet, statement: Cells) -> int:
    columns = columns_of(sheet.table.name, statement.column)
    if statement.operator is not Operator.SET and columns[0].kind not in NUMERIC:
        kind = columns[0].kind.value
        raise Refused(f"{statement.column} = and a value: it is no number but {kind}")
    changed, touched = 0, False
    for row in _meant(sheet, statement):
        for column in columns:
            old = row.cells.get(column.name, "")
            text = statement.value
            if statement.operator is not Operator.SET:
                if not NUMBER.fullmatch(old):
                    continue
                text = _reckoned(column, old, statement.operator, number(text))
            touched = True
            changed += _put(sheet, row, column, text)
    if not touched:
        words = f"cells with a number for {statement.operator}"
        raise Refused(f"{words}; {statement.column} is blank in every row that is meant")
    return changed


def _put(sheet: Sheet, row: Row, column: Column, text: str) -> bool:
    """Write into a cell; whether its value is another now."""
    old = row.values.get(column.name)
    new = sheet.put(row, column, text).values.get(column.name)
    return new != old


def _reckoned(column: Column, old: str, operator: Operator, by: Decimal) -> str:
    """``old`` times or plus ``by``; a whole number is rounded to the nearest, halves up."""
    result = Decimal(old) * by if operator is Operator.TIMES else Decimal(old) + by
    if column.kind is Kind.INTEGER:
        result = result.to_integral_value(ROUND_HALF_UP)
    elif -cast("int", result.as_tuple().exponent) > DECIMALS:
        result = round(result, DECIMALS)
    return plain_number(result)


def _scale(sheet: Sheet, statement: Demand) -> int:
    """Scale weights, rounded down, and pallets, rounded up.

    Then no pallet becomes heavier than it was, and gross stays at least net.
    """
    changed = 0
    for row in _meant(sheet, statement):
        for name, to_whole in SCALED.items():
            column = sheet.table.column(name)
            old = row.values.get(name)
            if isinstance(old, int):
                changed += _put(sheet, row, column, str(to_whole(old * statement.factor)))
    return changed


def _move(sheet: Sheet, statement: Shift) -> int:
    """Move windows by whole days; the time of day stays what the clocks there show.

    Raises
    ------
    Refused
        A window would leave the days that tables may state.
    """
    changed = 0
    for row in _meant(sheet, statement):
        for name in WINDOW:
            if not row.has(name):
                continue
            old = row.cells[name]
            day = date.fromisoformat(old[:10]) + timedelta(days=statement.days)
            if not cells.FIRST_DAY <= day <= cells.LAST_DAY:
                raise Refused(
                    f"a shift within {cells.FIRST_DAY} to {cells.LAST_DAY}, not of {old} to {day}"
                )
            changed += _put(sheet, row, sheet.table.column(name), f"{day}{old[10:]}")
    return changed


# ---------------------------------------------------------------- places


class _Places:
    """Nodes, services and operations by id, as far as their rows can be read."""

    def __init__(self, sheets: NetworkSheets) -> None:
        self._sheets = sheets
        self._nodes = {r.text("node_id"): r for r in sheets.nodes.rows}
        self._services = {r.text("service_id"): r for r in sheets.services.rows}
        self._operations = {r.text("op_id"): r for r in sheets.operations.rows}

    def closure(self, name: str, span: Span, why: str) -> Closure:
        """The closure of a node or service, by the clock of the node or of where it leaves."""
        if name in self._nodes and name in self._services:
            raise Refused(f"an id that is not a node's and a service's too, as {name} is")
        node = self._services[name].text("from_node") if name in self._services else name
        if name not in self._nodes and name not in self._services:
            known = {*self._nodes, *self._services}
            raise Refused(f"a node or a service, not {name}{nearest(name, known)}")
        begins, ends = span.instants(self._zone(node))
        return Closure(subject=name, begins_at=begins, ends_at=ends, why=why)

    def delay(self, name: str, span: Span, hours: float, why: str) -> Delay:
        """The delay of an operation, a service, or the one operation on arrival at a node."""
        subject = self._delayed(name)
        if subject in self._operations:
            node = self._operations[subject].text("node_id")
        else:
            node = self._services[subject].text("from_node")
        begins, ends = span.instants(self._zone(node))
        return Delay(subject=subject, begins_at=begins, ends_at=ends, hours=hours, why=why)

    def _delayed(self, name: str) -> str:
        if name in self._operations or name in self._services:
            if name in self._operations and name in self._services:
                raise Refused(f"an id that is not an operation's and a service's too, as {name} is")
            return name
        if name not in self._nodes:
            known = {*self._nodes, *self._services, *self._operations}
            raise Refused(f"an operation, a service or a node, not {name}{nearest(name, known)}")
        there = [
            f"{row.text('op_id')} ({row.text('op_name')})"
            for row in self._operations.values()
            if row.text("node_id") == name and row.text("trigger") == "arrive"
        ]
        if len(there) != 1:
            what = f"has {', '.join(there)}" if there else "has none"
            raise Refused(f"an operation, or a node with one operation on arrival; {name} {what}")
        return there[0].partition(" ")[0]

    def over_border(self, pair: tuple[str, str]) -> tuple[str, ...]:
        """Services over the border of two countries, in either direction."""
        over: dict[frozenset[str], list[str]] = {}
        for name, row in self._services.items():
            countries = [place.text("country") for place in self._way_of(row)]
            for border in {frozenset(pair) for pair in pairwise(countries)}:
                if len(border) == 2:
                    over.setdefault(border, []).append(name)
        if frozenset(pair) not in over:
            known = {"-".join(sorted(countries)) for countries in over}
            near = nearest("-".join(pair), known)
            raise Refused(f"a border that some service crosses; {'-'.join(pair)} has none{near}")
        return tuple(over[frozenset(pair)])

    def _way_of(self, service: Row) -> list[Row]:
        """Nodes of a service on its way: its ends, and those its row says it goes by.

        Those stand there in any order; the nearer to where it leaves, the earlier it passes.
        """
        named = (service.text("from_node"), service.text("to_node"))
        begin, end = (self._nodes.get(name) for name in named)
        by = [self._nodes.get(name) for name in service.cells.get("passes", "").split(";")]
        if begin is None or end is None or not begin.sound:
            return []
        passed = [place for place in by if place is not None and place.sound]
        return [begin, *sorted(passed, key=lambda place: distance_km(begin, place)), end]

    def _zone(self, node: str) -> str:
        """Time zone of a node; UTC where its row cannot be read, which is a fault already."""
        row = self._nodes.get(node)
        return (row.text("timezone") if row is not None else "") or "UTC"
