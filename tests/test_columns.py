"""The one column schema, and the page made from it."""

from pathlib import Path

import pytest

from coldchain import exporters
from coldchain.columns import SCENARIO, TABLES, Column, Kind, columns_markdown

PAGE = Path(__file__).parents[1] / "docs" / "columns.md"
ALL = [
    *((table.name, column) for table in TABLES.values() for column in table.columns),
    *((section, column) for section, columns in SCENARIO.items() for column in columns),
]


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == columns_markdown(exporters.TABLES)


def test_names_are_unique_in_their_table():
    for table in TABLES.values():
        names = [c.name for c in table.columns]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize(("table", "column"), ALL, ids=[f"{t}-{c.name}" for t, c in ALL])
def test_a_column_says_all_it_must(table: str, column: Column):
    assert column.meaning
    assert (column.kind in (Kind.CHOICE, Kind.CHOICES)) == bool(column.allowed)
    assert (column.kind is Kind.CODE) == bool(column.pattern) == bool(column.pattern_words)
    assert not column.refers_to or column.refers_to in TABLES
    if column.kind in (Kind.NUMBER, Kind.INTEGER, Kind.NUMBERS):
        assert column.minimum is not None
        assert column.maximum is not None
        assert column.minimum < column.maximum


@pytest.mark.parametrize(
    ("suffix", "unit"),
    [
        ("_c", "°C"),
        ("_required_d", "d"),
        ("_km", "km"),
        ("_days", "d"),
        ("_pct", "%"),
        ("_usd_per_kg", "USD/kg"),
    ],
)
def test_the_name_carries_the_unit(suffix: str, unit: str):
    numbers = (Kind.NUMBER, Kind.INTEGER, Kind.NUMBERS)
    named = [c for _, c in ALL if c.name.endswith(suffix) and c.kind in numbers]
    assert named
    for column in named:
        assert column.unit == unit, column.name


def test_every_table_has_a_source_and_a_grade():
    for table in TABLES.values():
        assert table.column("source").required
        assert table.column("confidence").required


def test_the_range_in_words():
    column = Column(name="x", kind=Kind.NUMBER, unit="h", meaning="x", minimum=0, maximum=40)
    assert column.range_words == "from 0 to 40 h"
    assert Column(name="x", kind=Kind.TEXT, meaning="x").range_words == ""
