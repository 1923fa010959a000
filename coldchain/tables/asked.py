"""Overrides as they were asked for: gathered from scenario files and the command line."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, cast

from coldchain.columns import OVERRIDES
from coldchain.errors import Fault
from coldchain.tables.cells import Refused, nearest, odd_character
from coldchain.tables.extends import ScenarioFile
from coldchain.tables.grammar import parse
from coldchain.tables.rows import MAX_SHOWN
from coldchain.tables.statements import Statement

MAX_WORDS = 500
"""Characters of why and source."""


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
            block = blocks[place] if place < len(blocks) else _Block(file.lines.get("overrides", 0))
            asked += _read_block(faults, file, item, block)
    return asked, faults


class _Block:
    """The lines of one ``[[overrides]]``, ``first`` the number of the first of them."""

    def __init__(self, first: int, lines: Sequence[str] = ()) -> None:
        self._first = first
        self._text = "\n".join(lines)
        self._ends = list(accumulate(len(line) + 1 for line in lines))
        self._at = 0

    def line(self, *wanted: str) -> int:
        """Number of the first line with the first of ``wanted`` that is there, else of the head."""
        for word in filter(None, wanted):
            at = self._text.find(word)
            if at >= 0:
                return self._line_at(at)
        return self._first

    def statement_line(self, statement: str) -> int:
        """Number of the line of ``statement``, below that of the statement asked for before it."""
        at = self._text.find(statement, self._at) if statement else -1
        if at < 0:
            return self.line(statement, "set")
        self._at = at + len(statement)
        return self._line_at(at)

    def _line_at(self, at: int) -> int:
        return self._first + bisect_right(self._ends, at)


def _blocks(text: str) -> list[_Block]:
    """The text of each ``[[overrides]]``."""
    lines = text.splitlines()
    heads = [n for n, line in enumerate(lines) if re.match(r"\s*\[\[overrides\]\]", line)]
    ends = [*heads[1:], len(lines)]
    return [_Block(a + 1, lines[a:b]) for a, b in zip(heads, ends, strict=False)]


def _read_block(
    faults: list[Fault], file: ScenarioFile, item: object, block: _Block
) -> Iterator[Asked]:
    def blame(key: str, value: object, expected: str) -> None:
        faults.append(file.fault(key, value, expected, row=block.line(key)))

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
        yield _read(
            statement,
            file=file.shown,
            row=block.statement_line(statement),
            column="set",
            why=words.get("why", ""),
            source=words.get("source", ""),
        )


def _read(text: str, **known: Any) -> Asked:
    try:
        return Asked(text=text, statement=parse(text), **known)
    except Refused as refused:
        return Asked(text=text, statement=None, unread=str(refused), **known)
