"""From the bytes of a logger file to the rows of its table: encoding, separator, header.

Makers write lines about the logger before the table. The header is the first line that names a
column of times and one of temperatures and is followed by a line that begins to look like a
reading; the separator is the one by which it does.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from coldchain.errors import DataError
from coldchain.tables.encoding import MAX_BYTES, read_text
from coldchain.tables.loggers.faults import Faults
from coldchain.tables.loggers.words import Heading, Role, Unit, heading, unit_in

SEPARATORS = (",", ";", "\t")
CALLED = {",": "comma", ";": "semicolon", "\t": "tab"}
MAX_PREAMBLE = 200
MAX_CELLS = 100
MAX_READINGS = 600_000
"""Over a year at one a minute."""

OTHER_ENCODINGS = (
    ("utf-16-le", "UTF-16"),
    ("utf-16-be", "UTF-16"),
    ("cp1252", "Windows-1252"),
    ("cp1251", "Windows-1251"),
    ("gb18030", "GBK"),
)
LINE_ENDS = re.compile(r"\r\n|\r|\n")
MOMENT_BEGINS = re.compile(r"\d\D{1,3}\d")
UNIT_LINE = re.compile(r"\b(?:unit|einheit)|единиц|单位|單位", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggerSheet:
    """The table of a logger file, still text.

    ``rows`` are (line number, cells); ``unit`` is the one that lines before the table state.
    """

    header_row: int
    headings: tuple[Heading, ...]
    rows: list[tuple[int, list[str]]]
    unit: Unit | None
    separator: str
    encoding: str

    def columns(self, role: Role) -> tuple[int, ...]:
        """Places of the columns with this role."""
        return tuple(i for i, h in enumerate(self.headings) if h.role is role)


def read_logger_sheet(path: Path, faults: Faults) -> LoggerSheet:
    """The table in the file at ``path``.

    Strict UTF-8 and UTF-16 with its mark are read as everywhere in coldchain. A file that is
    neither is read in the one encoding in which its header makes sense, which is reported.

    Raises
    ------
    DataError
        No file, no text, no table; or lines of it that cannot be taken apart.
    """
    try:
        text = read_text(path, shown=faults.file)
    except DataError:
        found = _other_encoding(path)
        if found is None:
            raise
        text, encoding = found
    else:
        with path.open("rb") as source:
            marked = source.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        encoding = "UTF-16" if marked else "UTF-8"
    lines = LINE_ENDS.split(text)
    if not any(line.strip() for line in lines):
        faults.tell("readings of a logger; this file is empty")
        faults.check()
    header = _find_header(lines)
    if header is None:
        first = next(line for line in lines if line.strip()).strip()
        faults.blame(
            0,
            "",
            first,
            "a header with a column of times and one of temperatures, such as "
            "'Time,Temperature (°C)', within the first "
            f"{MAX_PREAMBLE} lines",
        )
        faults.check()
        raise AssertionError("check raises")
    at, separator, headings, body = header
    rows = list(_records(lines, body, separator, len(headings), faults))
    if not rows and not faults.gathered:
        faults.tell("readings below the header", at + 1)
    faults.check()
    return LoggerSheet(
        header_row=at + 1,
        headings=tuple(headings),
        rows=rows,
        unit=_stated_unit(lines[:at]),
        separator=separator,
        encoding=encoding,
    )


def _cells(line: str, separator: str) -> list[str]:
    try:
        return [c.strip() for record in csv.reader([line], delimiter=separator) for c in record]
    except csv.Error:
        return []


def _find_header(lines: Sequence[str]) -> tuple[int, str, list[Heading], int] | None:
    """Line, separator and headings of the header, and the line at which readings begin."""
    promising: tuple[int, str, list[Heading], int] | None = None
    filled = [i for i, line in enumerate(lines[:MAX_PREAMBLE]) if line.strip(" ,;\t")]
    for place, at in enumerate(filled):
        for separator in SEPARATORS:
            cells = _cells(lines[at], separator)
            headings = [heading(cell) for cell in cells]
            moment, temperature = _first_two(headings)
            if len(cells) > MAX_CELLS or moment is None or temperature is None:
                continue
            below = [(i, _cells(lines[i], separator)) for i in filled[place + 1 : place + 3]]
            if len(below) > 1 and not re.search(r"\d", lines[below[0][0]]):
                # A line of units below the labels.
                units = below[0][1] + [""] * len(cells)
                headings = [heading(f"{c} {u}".strip()) for c, u in zip(cells, units, strict=False)]
                below = below[1:]
            begins, record = below[0] if below else (at + 1, [""])
            found = (at, separator, headings, begins)
            if len(record) > max(moment, temperature) and MOMENT_BEGINS.search(record[moment]):
                return found
            promising = promising or found
    return promising


def _first_two(headings: Sequence[Heading]) -> tuple[int | None, int | None]:
    moments = (Role.MOMENT, Role.DATE, Role.TIME)
    return (
        next((i for i, h in enumerate(headings) if h.role in moments), None),
        next((i for i, h in enumerate(headings) if h.role is Role.TEMPERATURE), None),
    )


def _records(
    lines: Sequence[str], begin: int, separator: str, width: int, faults: Faults
) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines[begin:], delimiter=separator, strict=True)
    count = 0
    try:
        for record in reader:
            if not any(cell.strip() for cell in record):
                continue
            count += 1
            number = begin + reader.line_num
            if count > MAX_READINGS:
                faults.tell(f"at most {MAX_READINGS:,} readings", number)
                return
            if len(record) < width:
                record.extend([""] * (width - len(record)))
            elif any(cell.strip() for cell in record[width:]):
                hint = (
                    "; numbers with a decimal comma need ';' between the columns, or quotes"
                    if separator == ","
                    else ""
                )
                faults.tell(f"{width} cells as in the header, not {len(record)}{hint}", number)
                continue
            yield number, record
    except csv.Error as error:
        faults.tell(f"well-formed CSV: {error}", begin + reader.line_num)


def _stated_unit(preamble: Sequence[str]) -> Unit | None:
    """Unit that a line such as ``Temperature unit: °C`` states."""
    found = {unit_in(line) for line in preamble if UNIT_LINE.search(line)} - {None}
    return found.pop() if len(found) == 1 else None


def _other_encoding(path: Path) -> tuple[str, str] | None:
    """Text in the encoding that makes most of the header readable, and its name.

    Two encodings that make equally much of it tell the same about the columns, so that either
    does.
    """
    try:
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            return None
        raw = path.read_bytes()
    except (OSError, ValueError):
        return None
    best: tuple[int, str, str] | None = None
    for codec, name in OTHER_ENCODINGS:
        try:
            text = raw.decode(codec)
        except UnicodeDecodeError:
            continue
        header = _find_header(LINE_ENDS.split(text))
        if header is None:
            continue
        understood = sum(bool(h.role) + bool(h.unit) for h in header[2])
        if best is None or understood > best[0]:
            best = (understood, text, name)
    return best[1:] if best else None
