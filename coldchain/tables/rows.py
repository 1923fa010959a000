"""A CSV file to rows of values: header, shape, cells and double ids; all faults are gathered."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import time
from pathlib import Path
from typing import TypeVar, cast

from coldchain.columns import CURRENCY, Column, Table
from coldchain.errors import DataError, Fault
from coldchain.tables.cells import Refused, nearest, parse
from coldchain.tables.encoding import read_text

MAX_ROWS = 200_000
MAX_FIELDS = 200
MAX_SHOWN = 100
"""Characters of a cell that a fault repeats."""
DELIMITERS = (",", ";", "\t")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line: its cells as written, and the values of those that could be read.

    ``position`` counts as a spreadsheet does. A cell left blank has no value.
    """

    position: int
    cells: dict[str, str]
    values: dict[str, object]
    sound: bool

    def has(self, *columns: str) -> bool:
        """Whether all these cells have values."""
        return all(c in self.values for c in columns)

    def text(self, column: str) -> str:
        """Text of a cell, empty if blank."""
        value = self.values.get(column, "")
        assert isinstance(value, str)
        return value

    def number(self, column: str, *, blank: float | None = None) -> float:
        """Number in a cell; ``blank`` if there is none."""
        value = self.values.get(column, blank)
        assert isinstance(value, (int, float))
        return float(value)

    def maybe(self, column: str) -> float | None:
        """Number in a cell, None if blank."""
        return self.number(column) if column in self.values else None

    def whole(self, column: str, *, blank: int | None = None) -> int:
        """Whole number in a cell; ``blank`` if there is none."""
        value = self.values.get(column, blank)
        assert isinstance(value, int)
        return value

    def yes(self, column: str) -> bool:
        """Whether a cell says yes."""
        return self.values.get(column) is True

    def get(self, column: str, kind: type[T]) -> T:
        """Value of a cell that is a ``kind``."""
        value = self.values[column]
        assert isinstance(value, kind)
        return value

    def names(self, column: str) -> frozenset[str]:
        """Names in a cell; none if blank."""
        return cast("frozenset[str]", self.values.get(column, frozenset[str]()))

    def times(self, column: str) -> tuple[time, ...]:
        """Times of day in a cell; none if blank."""
        return cast("tuple[time, ...]", self.values.get(column, ()))

    def days(self, column: str) -> frozenset[int]:
        """ISO weekdays in a cell."""
        return cast("frozenset[int]", self.values[column])


@dataclass(slots=True, kw_only=True)
class Sheet:
    """A table as read: its rows, its faults, and every id that some row claims.

    An id is claimed also by a row that is faulty otherwise, so that a fault there is told once
    and not again at every row that refers to it. ``whole`` is False if rows may be missing.
    """

    table: Table
    shown: str
    rows: list[Row] = field(default_factory=list[Row])
    faults: list[Fault] = field(default_factory=list[Fault])
    whole: bool = True

    _ids: frozenset[str] | None = None

    @property
    def ids(self) -> frozenset[str]:
        if self._ids is None:
            self._ids = frozenset(row.cells.get(self.table.key, "") for row in self.rows) - {""}
        return self._ids

    def put_in_place(self, rows: Iterable[Row]) -> None:
        """Other rows instead of those that were read; ids are those of the new ones."""
        self.rows[:] = rows
        self._ids = None

    def blame(self, row: Row, column: str, expected: str) -> None:
        """Add a fault of one cell."""
        self.faults.append(
            Fault(
                file=self.shown,
                row=row.position,
                column=column,
                value=row.cells.get(column, "")[:MAX_SHOWN],
                expected=expected,
            )
        )

    def put(self, row: Row, column: Column, text: str) -> Row:
        """Write ``text`` into a cell as if it had been read so; the row in place of ``row``."""
        row.cells[column.name] = text
        row.values.pop(column.name, None)
        try:
            if text:
                row.values[column.name] = parse(column, text)
                return row
            if not column.required:
                return row
            words = f"a value: {column.meaning}"
        except Refused as refused:
            words = str(refused)
        self.blame(row, column.name, words)
        unsound = replace(row, sound=False)
        place = next(n for n, r in enumerate(self.rows) if r.position == row.position)
        self.rows[place] = unsound
        return unsound

    def sound_rows(self) -> Iterator[Row]:
        """Rows all of whose cells could be read."""
        return (row for row in self.rows if row.sound)


Edit = Callable[[Sheet], None]
"""Changes cells of a sheet as if they had been written so."""


def read_sheet(
    path: Path, *, table: Table, shown: str | None = None, edit: Edit | None = None
) -> Sheet:
    """Rows of one CSV file, with every fault that a look at this file alone can find.

    An optional file that is not there has no rows and no faults. What ``edit`` does to the
    rows comes before any check of more than one cell.
    """
    sheet = Sheet(table=table, shown=shown or path.name)
    if table.optional and not os.path.lexists(path):
        return sheet
    try:
        text = read_text(path, shown=sheet.shown)
    except DataError as error:
        sheet.faults += error.faults
        sheet.whole = False
        return sheet
    _fill(sheet, text)
    if edit is not None:
        edit(sheet)
    _double_ids(sheet)
    return sheet


def _fill(sheet: Sheet, text: str) -> None:
    delimiter = _delimiter(sheet.table, text)
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[Column | None] | None = None
    number = 0
    try:
        for number, record in enumerate(records, start=1):
            if columns is None:
                if not any(record):
                    break
                columns = _header(sheet, record)
            elif number > MAX_ROWS + 1:
                _tell(sheet, number, f"at most {MAX_ROWS:,} rows")
                sheet.whole = False
                return
            elif any(record):
                # A spreadsheet leaves lines of nothing but separators behind; they say nothing.
                _row(sheet, number, record, columns)
    except csv.Error as error:
        # What follows a broken quote may be anything, so reading ends here.
        _tell(sheet, number + 1, f"well-formed CSV: {_csv_words(str(error))}")
        sheet.whole = False
    if columns is None and not sheet.faults:
        _tell(sheet, 1, f"a header: {delimiter.join(c.name for c in sheet.table.columns)}")
        sheet.whole = False


def _csv_words(message: str) -> str:
    if "unexpected end of data" in message:
        return "the quote opened in this row is never closed"
    if "expected after" in message:
        return "text goes on after a closing quote; write a quote inside quotes twice"
    if "field larger" in message:
        return "a cell is far too long; is a quote never closed?"
    return message


def _delimiter(table: Table, text: str) -> str:
    """The delimiter by which the first line holds the most names that are known."""
    known = {c.name for c in table.columns}
    first = re.split(r"[\r\n]", text, maxsplit=1)[0]
    counts = {d: sum(cell.strip('"') in known for cell in first.split(d)) for d in DELIMITERS}
    return max(DELIMITERS, key=lambda d: counts[d])


def _header(sheet: Sheet, record: list[str]) -> list[Column | None]:
    known = {c.name: c for c in sheet.table.columns}
    columns: list[Column | None] = []
    if len(record) > MAX_FIELDS:
        _tell(sheet, 1, f"at most {MAX_FIELDS} columns, not {len(record)}")
        record = record[:MAX_FIELDS]
    seen: dict[str, int] = {}
    for place, name in enumerate(record, start=1):
        column = known.get(name)
        if name in seen:
            _tell(sheet, 1, f"each column once; {name!r} is column {seen[name]} and {place}")
            column = None
        elif column is None:
            words = (
                f"only known columns, not {name[:80]!r}{nearest(name, known.keys() - set(record))}"
            )
            _tell(sheet, 1, words)
        seen.setdefault(name, place)
        columns.append(column)
    for name, column in known.items():
        if column.required and name not in seen:
            _tell(sheet, 1, f"a column {name!r}: {column.meaning}")
            sheet.whole = sheet.whole and name != sheet.table.key
    return columns


def _row(sheet: Sheet, number: int, record: list[str], columns: list[Column | None]) -> None:
    cells = {c.name: cell for c, cell in zip(columns, record, strict=False) if c is not None}
    row = Row(position=number, cells=cells, values={}, sound=False)
    if len(record) != len(columns):
        hint = (
            "; put quotes around text with a separator in it" if len(record) > len(columns) else ""
        )
        _tell(sheet, number, f"{len(columns)} cells as in the header, not {len(record)}{hint}")
        # Cells may have slid sideways, so only the id of such a row is used.
        key = sheet.table.key
        sheet.rows.append(
            Row(position=number, cells={key: cells.get(key, "")}, values={}, sound=False)
        )
        return
    before = len(sheet.faults)
    for column in sheet.table.columns:
        if column.name not in cells:
            continue
        text = cells[column.name]
        if text == "":
            if column.required:
                sheet.blame(row, column.name, f"a value: {column.meaning}")
            continue
        try:
            row.values[column.name] = parse(_measured(column, cells), text)
        except Refused as refused:
            sheet.blame(row, column.name, str(refused))
    missing = any(c.required and c.name not in cells for c in sheet.table.columns)
    sound = len(sheet.faults) == before and not missing
    sheet.rows.append(Row(position=number, cells=cells, values=row.values, sound=sound))


def _measured(column: Column, cells: dict[str, str]) -> Column:
    """``column`` as a cell is held against it: money has its range in USD, once it is converted."""
    if column.money and cells.get(CURRENCY.name) not in (None, "", "USD"):
        return replace(column, maximum=None)
    return column


def _double_ids(sheet: Sheet) -> None:
    first: dict[str, Row] = {}
    key = sheet.table.key
    for row in sheet.rows:
        name = row.cells.get(key, "")
        if not name:
            continue
        # Ids become file names, and not every file system tells case apart.
        other = first.setdefault(name.lower(), row)
        if other is not row:
            same = "it" if other.cells[key] == name else repr(other.cells[key][:MAX_SHOWN])
            words = f"an id of its own; row {other.position} has {same} too"
            sheet.blame(row, key, words)


def _tell(sheet: Sheet, number: int, expected: str) -> None:
    sheet.faults.append(Fault(file=sheet.shown, row=number, column="", value="", expected=expected))
