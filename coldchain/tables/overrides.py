"""Overrides of a scenario, made.

Cells and keys are changed before anything is checked, so that a changed cell is judged as one that
was written so. Closures and delays follow, on places as they then are. A fault is told of the
statement after which it stood.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from coldchain.calendars import Closure, Delay
from coldchain.columns import CONSIGNMENTS
from coldchain.errors import Fault
from coldchain.scenario import Override
from coldchain.tables.asked import Asked
from coldchain.tables.cell_changes import Editor
from coldchain.tables.cells import Refused
from coldchain.tables.event_places import Places
from coldchain.tables.key_changes import change_key, change_status
from coldchain.tables.network_tables import NetworkSheets
from coldchain.tables.rows import Sheet
from coldchain.tables.statements import (
    Cells,
    Close,
    Demand,
    Key,
    Reckon,
    Shift,
    Slow,
    Statement,
    written,
)


class Overrides:
    """Statements being made, one after the other.

    ``faults`` are those of the statements; ``written`` has the faults of the cells they wrote, as
    far as each can be told of itself, with the place of the statement.
    """

    def __init__(self, asked: Sequence[Asked]) -> None:
        self.asked = asked
        self.faults = [one.fault(one.unread) for one in asked if one.unread]
        self.written: dict[Fault, int] = {}
        self._changes = [0] * len(asked)
        self._tables: set[str] = set()
        self._places_of: dict[str, list[int]] = {}
        for place, one in enumerate(asked):
            if isinstance(one.statement, Cells):
                self._places_of.setdefault(one.statement.table, []).append(place)
            elif isinstance(one.statement, (Demand, Shift)):
                self._places_of.setdefault(CONSIGNMENTS.name, []).append(place)

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
                    self._changes[place] += change_key(document, one.statement)
                elif isinstance(one.statement, Reckon):
                    self._changes[place] += change_status(document, one.statement)
            except Refused as refused:
                self.faults.append(one.fault(str(refused)))
        return document

    # ------------------------------------------------------------ cells

    def edit(self, sheet: Sheet) -> None:
        """Change the cells of ``sheet`` that statements name."""
        self._tables.add(sheet.table.name)
        editor = Editor(sheet)
        for place in self._places_of.get(sheet.table.name, ()):
            one, before = self.asked[place], len(sheet.faults)
            try:
                statement = cast("Cells | Demand | Shift", one.statement)
                self._changes[place] += editor.change(statement)
            except Refused as refused:
                self.faults.append(one.fault(str(refused)))
            for fault in sheet.faults[before:]:
                self.written.setdefault(fault, place)

    def check_tables(self) -> None:
        """Blame statements on tables that were not there to be changed; once all are read."""
        for one in self.asked:
            if isinstance(one.statement, Cells) and one.statement.table not in self._tables:
                words = f"one of the tables this scenario reads: {', '.join(sorted(self._tables))}"
                self.faults.append(one.fault(words))

    # ------------------------------------------------------------ closures and delays

    def events(self, sheets: NetworkSheets) -> tuple[tuple[Closure, ...], tuple[Delay, ...]]:
        """Closures and delays on the network as it is after all changes of cells."""
        places = Places(sheets)
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

    def _events_of(self, one: Asked, places: Places) -> Iterator[Closure | Delay]:
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
