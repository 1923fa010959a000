"""Faults of a logger file: all of them, but of one kind no more rows than a reader looks at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from coldchain.errors import DataError, Fault
from coldchain.tables.cells import odd_character
from coldchain.tables.rows import MAX_SHOWN

SHOWN_ROWS = 10
"""Rows of one kind of fault that are listed; the others are counted."""


@dataclass(slots=True)
class Faults:
    """What is wrong with one file, gathered while it is read."""

    file: str
    gathered: list[Fault] = field(default_factory=list[Fault])
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])

    def blame(self, row: int, column: str, value: str, expected: str) -> None:
        """Add the fault of one cell; its kind is its column and what was expected."""
        kind = (column, expected)
        self.kinds[kind] += 1
        if self.kinds[kind] <= SHOWN_ROWS:
            # A hostile file's control characters must not reach a terminal.
            shown = "".join("\ufffd" if odd_character(c) else c for c in value[:MAX_SHOWN])
            self.gathered.append(
                Fault(file=self.file, row=row, column=column, value=shown, expected=expected)
            )

    def tell(self, expected: str, row: int = 0) -> None:
        """Add a fault of a line or, in row 0, of the whole file."""
        self.blame(row, "", "", expected)

    def check(self) -> None:
        """Raise what was gathered, if anything was.

        Raises
        ------
        DataError
            With every fault, in the order of the rows.
        """
        if not self.gathered:
            return
        more = [
            Fault(
                file=self.file,
                row=0,
                column=column,
                value="",
                expected=f"{expected} – in {count - SHOWN_ROWS:,} more rows",
            )
            for (column, expected), count in self.kinds.items()
            if count > SHOWN_ROWS
        ]
        raise DataError([*sorted(self.gathered, key=lambda fault: fault.row), *more])
