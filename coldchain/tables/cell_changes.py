"""Cells of a table, changed by statements as if they had been written so."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fnmatch import fnmatchcase
from typing import cast

from coldchain.columns import Column, Kind
from coldchain.tables import cells
from coldchain.tables.cells import NUMBER, Refused, nearest
from coldchain.tables.grammar import columns_of, number
from coldchain.tables.rows import Row, Sheet
from coldchain.tables.statements import Cells, Condition, Demand, Operator, Shift, plain_number

NUMERIC = (Kind.NUMBER, Kind.INTEGER)
DECIMALS = 15

SCALED: Mapping[str, Callable[[Decimal], int]] = {
    "net_kg": math.floor,
    "gross_kg": math.floor,
    "pallets": math.ceil,
}
"""Columns of consignments that demand scales, and how to whole numbers."""

WINDOW = ("ready_local", "due_local")
"""Columns of consignments that a shift of demand moves."""


class Editor:
    """Changes cells of one sheet, statement by statement.

    Which rows have an id, and for which texts a condition holds, is found once and not for every
    statement. No statement changes an id.
    """

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self._named: dict[str, list[Row]] = {}
        for row in sheet.rows:
            self._named.setdefault(row.cells.get(sheet.table.key, ""), []).append(row)
        self._holding: dict[Condition, dict[str, bool]] = {}

    def change(self, statement: Cells | Demand | Shift) -> int:
        """How many values are others once ``statement`` is made.

        Raises
        ------
        Refused
            It means no row, or none that it can change so.
        """
        if isinstance(statement, Cells):
            return _change_cells(self.sheet, self._meant(statement), statement)
        if isinstance(statement, Demand):
            return _scale(self.sheet, self._meant(statement), statement)
        return _move(self.sheet, self._meant(statement), statement)

    def _meant(self, statement: Cells | Demand | Shift) -> list[Row]:
        """Rows a statement is about.

        Raises
        ------
        Refused
            There is none.
        """
        sheet = self.sheet
        name = statement.id if isinstance(statement, Cells) else ""
        rows = self._called(name) if name else sheet.rows
        if not rows and name:
            near = nearest(name, sheet.ids)
            raise Refused(f"an id of {sheet.shown}; {name} matches nothing{near}")
        for condition in statement.where:
            kept = self._kept(rows, condition)
            if not kept:
                written_there = {r.cells.get(condition.column, "") for r in rows} - {""}
                near = "; ".join(
                    nearest(pattern, written_there).removeprefix("; ")
                    for pattern in condition.patterns
                )
                raise Refused(
                    f"conditions that some row of {sheet.shown} meets; {condition} leaves none"
                    + (f"; {near}" if near else "")
                )
            rows = kept
        if not rows and sheet.whole:
            raise Refused(f"a row of {sheet.shown}; it has none")
        return rows

    def _called(self, pattern: str) -> list[Row]:
        """Rows whose id is meant; ``*`` stands for any text."""
        if "*" not in pattern:
            return self._named.get(pattern, [])
        meant = {name for name in self._named if fnmatchcase(name, pattern)}
        return [row for row in self.sheet.rows if row.cells.get(self.sheet.table.key, "") in meant]

    def _kept(self, rows: list[Row], condition: Condition) -> list[Row]:
        """Those of ``rows`` for which ``condition`` holds."""
        column = self.sheet.table.column(condition.column)
        holding = self._holding.setdefault(condition, {})
        kept: list[Row] = []
        for row in rows:
            cell = row.cells.get(column.name, "")
            holds = holding.get(cell)
            if holds is None:
                holds = holding[cell] = condition.holds(column, cell)
            if holds:
                kept.append(row)
        return kept


def _change_cells(sheet: Sheet, rows: list[Row], statement: Cells) -> int:
    columns = columns_of(sheet.table.name, statement.column)
    if statement.operator is not Operator.SET and columns[0].kind not in NUMERIC:
        kind = columns[0].kind.value
        raise Refused(f"{statement.column} = and a value: it is no number but {kind}")
    changed, touched = 0, False
    for row in rows:
        for column in columns:
            old = row.cells.get(column.name, "")
            text = statement.value
            if statement.operator is not Operator.SET:
                if not NUMBER.fullmatch(old):
                    continue
                text = reckoned(column, old, statement.operator, number(text))
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


def reckoned(column: Column, old: str, operator: Operator, by: Decimal) -> str:
    """``old`` times or plus ``by``; a whole number is rounded to the nearest, halves up."""
    result = Decimal(old) * by if operator is Operator.TIMES else Decimal(old) + by
    if column.kind is Kind.INTEGER:
        result = result.to_integral_value(ROUND_HALF_UP)
    elif -cast("int", result.as_tuple().exponent) > DECIMALS:
        result = round(result, DECIMALS)
    return plain_number(result)


def _scale(sheet: Sheet, rows: list[Row], statement: Demand) -> int:
    """Scale weights, rounded down, and pallets, rounded up.

    Then no pallet becomes heavier than it was, and gross stays at least net.
    """
    changed = 0
    for row in rows:
        for name, to_whole in SCALED.items():
            column = sheet.table.column(name)
            old = row.values.get(name)
            if isinstance(old, int):
                changed += _put(sheet, row, column, str(to_whole(old * statement.factor)))
    return changed


def _move(sheet: Sheet, rows: list[Row], statement: Shift) -> int:
    """Move windows by whole days; the time of day stays what the clocks there show.

    Raises
    ------
    Refused
        A window would leave the days that tables may state.
    """
    changed = 0
    for row in rows:
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
