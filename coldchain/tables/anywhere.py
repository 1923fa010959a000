"""Operations of ``any`` place: what holds at a cross-dock that lists none of its own.

So a new hub is a row of nodes.csv: until somebody asks what it really takes, it works as hubs do.
"""

from __future__ import annotations

from dataclasses import replace

from coldchain.tables.rows import Row, Sheet

ANY = "any"
"""What stands for a node."""


def spread(nodes: Sheet, operations: Sheet) -> None:
    """Put rows of ``any`` place at each cross-dock that has none, in place of themselves.

    There they hold unless the node lists an operation with their trigger. Their ids become
    ``<op_id>.<node_id>``.
    """
    anywhere = [row for row in operations.rows if row.text("node_id") == ANY]
    listed = [row for row in operations.rows if row.text("node_id") != ANY]
    known = {(row.text("node_id"), row.text("trigger")) for row in listed}
    opened = {row.text("node_id") for row in listed if opens(row)}
    bare = [
        row.text("node_id")
        for row in nodes.rows
        if row.has("node_id", "cross_dock") and row.yes("cross_dock")
    ]
    operations.put_in_place(
        [
            *listed,
            *(
                _at(row, node)
                for node in bare
                if node not in opened
                for row in anywhere
                if (node, row.text("trigger")) not in known
            ),
        ]
    )


def opens(row: Row) -> bool:
    """Whether the operation moves goods from one unit into another."""
    return row.text("trigger") == "transfer" and row.yes("opens_unit")


def _at(row: Row, node: str) -> Row:
    named = {"op_id": f"{row.text('op_id')}.{node}", "node_id": node}
    return replace(row, cells={**row.cells, **named}, values={**row.values, **named})
