"""Where closures and delays fall: nodes, services, operations and borders by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import pairwise

from coldchain.calendars import Closure, Delay
from coldchain.tables.cells import Refused, nearest
from coldchain.tables.network_tables import NetworkSheets, distance_km
from coldchain.tables.rows import Row
from coldchain.tables.statements import Span


class Places:
    """Nodes, services and operations by id, as far as their rows can be read."""

    def __init__(self, sheets: NetworkSheets) -> None:
        self._sheets = sheets
        self._nodes = {r.text("node_id"): r for r in sheets.nodes.rows}
        self._services = {r.text("service_id"): r for r in sheets.services.rows}
        self._operations = {r.text("op_id"): r for r in sheets.operations.rows}

    def closure(self, name: str, span: Span, why: str) -> Closure:
        """The closure of a node or service, by the clock of the node or of where it leaves."""
        if name in self._nodes and name in self._services:
            raise Refused(f"an id that is not a node's and a service's too, as {name} is")
        node = self._services[name].text("from_node") if name in self._services else name
        if name not in self._nodes and name not in self._services:
            known = {*self._nodes, *self._services}
            raise Refused(f"a node or a service, not {name}{nearest(name, known)}")
        begins, ends = span.instants(self._zone(node))
        return Closure(subject=name, begins_at=begins, ends_at=ends, why=why)

    def delay(self, name: str, span: Span, hours: float, why: str) -> Delay:
        """The delay of an operation, a service, or the one operation on arrival at a node."""
        subject = self._delayed(name)
        if subject in self._operations:
            node = self._operations[subject].text("node_id")
        else:
            node = self._services[subject].text("from_node")
        begins, ends = span.instants(self._zone(node))
        return Delay(subject=subject, begins_at=begins, ends_at=ends, hours=hours, why=why)

    def _delayed(self, name: str) -> str:
        if name in self._operations or name in self._services:
            if name in self._operations and name in self._services:
                raise Refused(f"an id that is not an operation's and a service's too, as {name} is")
            return name
        if name not in self._nodes:
            known = {*self._nodes, *self._services, *self._operations}
            raise Refused(f"an operation, a service or a node, not {name}{nearest(name, known)}")
        there = [
            f"{row.text('op_id')} ({row.text('op_name')})"
            for row in self._operations.values()
            if row.text("node_id") == name and row.text("trigger") == "arrive"
        ]
        if len(there) != 1:
            what = f"has {', '.join(there)}" if there else "has none"
            raise Refused(f"an operation, or a node with one operation on arrival; {name} {what}")
        return there[0].partition(" ")[0]

    def over_border(self, pair: tuple[str, str]) -> tuple[str, ...]:
        """Services over the border of two countries, in either direction."""
        over = self._over
        if frozenset(pair) not in over:
            known = {"-".join(sorted(countries)) for countries in over}
            near = nearest("-".join(pair), known)
            raise Refused(f"a border that some service crosses; {'-'.join(pair)} has none{near}")
        return tuple(over[frozenset(pair)])

    @cached_property
    def _over(self) -> Mapping[frozenset[str], list[str]]:
        """Services over each border, by its two countries."""
        over: dict[frozenset[str], list[str]] = {}
        for name, row in self._services.items():
            countries = [place.text("country") for place in self._way_of(row)]
            for border in {frozenset(pair) for pair in pairwise(countries)}:
                if len(border) == 2:
                    over.setdefault(border, []).append(name)
        return over

    def _way_of(self, service: Row) -> list[Row]:
        """Nodes of a service on its way: its ends, and those its row says it goes by.

        Those stand there in any order; the nearer to where it leaves, the earlier it passes.
        """
        named = (service.text("from_node"), service.text("to_node"))
        begin, end = (self._nodes.get(name) for name in named)
        by = [self._nodes.get(name) for name in service.cells.get("passes", "").split(";")]
        if begin is None or end is None or not begin.sound:
            return []
        passed = [place for place in by if place is not None and place.sound]
        return [begin, *sorted(passed, key=lambda place: distance_km(begin, place)), end]

    def _zone(self, node: str) -> str:
        """Time zone of a node; UTC where its row cannot be read, which is a fault already."""
        row = self._nodes.get(node)
        return (row.text("timezone") if row is not None else "") or "UTC"
