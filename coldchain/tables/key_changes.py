"""Keys of a scenario file, changed by statements before anything is checked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import cast

from coldchain.columns import PRICED, SCENARIO, Column, Kind
from coldchain.tables import cells
from coldchain.tables.cell_changes import reckoned
from coldchain.tables.cells import Refused
from coldchain.tables.grammar import number
from coldchain.tables.statements import BLANK, Key, Operator, Reckon


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


def change_key(document: dict[str, object], key: Key) -> int:
    """Change a key; how many values are others now.

    Raises
    ------
    Refused
        The key cannot hold that, or has no number to reckon with.
    """
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
        text = reckoned(column, str(Decimal(str(old))), key.operator, number(key.value))
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


def change_status(document: dict[str, object], statement: Reckon) -> int:
    """Reckon with services of other status classes; how many values are others now."""
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
