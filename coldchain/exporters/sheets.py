"""CSV as a forwarder's desk opens it: one table, its column map, its rows.

UTF-8 with a byte-order mark (Excel shows mojibake without one), CRLF, comma, decimal points, ISO
dates with offset. Text that a spreadsheet would take for a formula gets a leading apostrophe;
numbers never do, or a setpoint of -0.5 would become text.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from coldchain.columns import Kind, Table

BYTE_ORDER_MARK = "\ufeff"
FORMULA_TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
NUMERIC = frozenset({Kind.NUMBER, Kind.INTEGER})

Row = Mapping[str, str]
"""Cells by column name, numbers already written as they shall appear."""


def csv_bytes(table: Table, rows: Iterable[Row]) -> bytes:
    """The whole file of ``table``; every row must have exactly the table's columns."""
    sink = io.StringIO(newline="")
    writer = csv.writer(sink, lineterminator="\r\n")
    names = [column.name for column in table.columns]
    writer.writerow(names)
    for row in rows:
        odd = sorted(set(row) ^ set(names))
        if odd:
            raise ValueError(f"{table.file}: columns {odd} are not those declared")
        writer.writerow(
            row[c.name] if c.kind in NUMERIC else _inert(row[c.name]) for c in table.columns
        )
    return (BYTE_ORDER_MARK + sink.getvalue()).encode()


def _inert(text: str) -> str:
    """``text``, which a spreadsheet will not take for a formula."""
    return f"'{text}" if text.startswith(FORMULA_TRIGGERS) else text


def decimal(value: float, places: int) -> str:
    """``value`` with a decimal point and ``places`` digits after it; no minus before a zero."""
    text = f"{value:.{places}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def signed(setpoint_c: float) -> str:
    """A setpoint as booking forms want it: ``+0.0``, ``-0.5``; more digits only if it has them."""
    value = setpoint_c + 0.0  # -0.0 becomes 0.0
    short = f"{value:+.1f}"
    return short if float(short) == value else f"{value:+}"


def hs_code(hs6: str) -> str:
    """Six digits of the Harmonized System as text: ``HS 0809.10``.

    With or without its dot a bare code is a number to a spreadsheet, which drops its zeros.
    """
    return f"HS {hs6[:4]}.{hs6[4:]}" if hs6 else ""
