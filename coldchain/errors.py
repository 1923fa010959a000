"""Errors a coldchain call can raise, and nothing else.

::

    ColdchainError
    ├── DataError(ValueError)        file, row, column, value, expected – all of them at once
    ├── UnknownName(LookupError)     engine, commodity, node: nearest names as suggestion
    ├── OutOfDomain(ValueError)      a law asked outside the temperatures it is valid for
    ├── NoPlanFound                  the limit passed and the engine has nothing
    ├── SolverFailed                 the solver's process ended without an answer
    └── AuditFailure                 our own plan broke a rule: a bug, with the violations
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


class ColdchainError(Exception):
    """Base of every error coldchain raises on purpose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One bad cell or line of input.

    ``row`` counts as a spreadsheet does (the header is row 1); 0 means the whole file.
    """

    file: str
    row: int
    column: str
    value: str
    expected: str

    def __str__(self) -> str:
        place = self.file
        if self.row:
            place += f":{self.row}"
        if self.column:
            place += f": {self.column}"
        shown = f" = {self.value!r}" if self.value or self.column else ""
        return f"{place}{shown}: {self.expected}"


class DataError(ColdchainError, ValueError):
    """Input that cannot be used; carries every fault found, not just the first."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        count = len(self.faults)
        head = f"{count} fault{'s' if count != 1 else ''} in the input"
        super().__init__("\n".join([head, *(f"  {fault}" for fault in self.faults)]))


class UnknownName(ColdchainError, LookupError):
    """A name that is not there; names the nearest ones, never answers with one."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        if not near and 0 < len(names) <= 12:
            hint = f"; known: {', '.join(names)}"
        super().__init__(f"no {kind} is called {name!r}{hint}")


class OutOfDomain(ColdchainError, ValueError):
    """A decay law was asked outside the temperatures it is valid for."""


class NoPlanFound(ColdchainError):
    """The limit passed and the engine has no plan at all."""


class SolverFailed(ColdchainError):
    """The solver's process ended without an answer."""


class AuditFailure(ColdchainError):
    """A plan of our own broke a rule: a bug, with the violations that show it."""

    def __init__(self, violations: Sequence[object]) -> None:
        self.violations: tuple[object, ...] = tuple(violations)
        lines = "\n".join(f"  {violation}" for violation in self.violations)
        super().__init__(f"the plan breaks {len(self.violations)} rule(s)\n{lines}")
