"""Names in a scenario that lead nowhere, for a scenario that did not come through the tables.

Names in the plan itself are for the auditor to judge: one that leads nowhere is a broken rule.
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from coldchain.admission import ANY
from coldchain.errors import UnknownName
from coldchain.goods import Packaging
from coldchain.scenario import Scenario

LooseEnd = tuple[str, str, str]
"""Path in the document, the name that stands there, what was expected."""

KIND_OF_UNIT = "kind of load unit"


def loose_ends(scenario: Scenario) -> Iterator[LooseEnd]:
    """Every name of ``scenario`` that leads nowhere, or to two things."""
    network = scenario.network
    ids: set[str] = set()
    for at, c in enumerate(scenario.consignments):
        path = f"scenario.consignments[{at}]"
        if c.id in ids:
            yield f"{path}.id", c.id, "an id that no other consignment has"
        ids.add(c.id)
        yield from _known(f"{path}.commodity", c.commodity, scenario.perishables, "commodity")
        yield from _known(f"{path}.origin", c.origin, network.nodes, "node")
        yield from _known(f"{path}.destination", c.destination, network.nodes, "node")
        if c.packaging is not Packaging.ANY:
            yield from _known(f"{path}.packaging", c.packaging, scenario.packaging, "packaging")
        for name in c.via or ():
            yield from _known(f"{path}.via", name, network.nodes, "node")
        there = [o for o in network.operations.values() if o.node in (c.origin, c.destination)]
        if c.treatment and c.treatment not in {o.treatment for o in there}:
            yield f"{path}.treatment", c.treatment, "a treatment had at its origin or destination"
    tables = {
        "network.nodes": {key: node.id for key, node in network.nodes.items()},
        "network.services": {key: service.id for key, service in network.services.items()},
        "network.operations": {key: operation.id for key, operation in network.operations.items()},
        "network.calendars": {key: days.id for key, days in network.calendars.items()},
        "network.equipment": {key: kind.id for key, kind in network.equipment.items()},
        "perishables": {key: goods.code for key, goods in scenario.perishables.items()},
        "packaging": {key: terms.packaging_id for key, terms in scenario.packaging.items()},
    }
    for table, ids_by_key in tables.items():
        for key, name in ids_by_key.items():
            if key != name:
                yield f"scenario.{table}.{key}", name, "the id it is filed under"
    for s in network.services.values():
        path = f"scenario.network.services.{s.id}"
        yield from _known(f"{path}.origin", s.origin, network.nodes, "node")
        yield from _known(f"{path}.destination", s.destination, network.nodes, "node")
        yield from _known(f"{path}.equipment", s.equipment, network.equipment, KIND_OF_UNIT)
        if s.enters_at:
            yield from _known(f"{path}.enters_at", s.enters_at, network.nodes, "node")
        for name in sorted(s.closed_on):
            yield from _known(f"{path}.closed_on", name, network.calendars, "calendar")
        for name in sorted(s.passes):
            yield from _known(f"{path}.passes", name, network.nodes, "node")
    for o in network.operations.values():
        path = f"scenario.network.operations.{o.id}"
        yield from _known(f"{path}.node", o.node, network.nodes, "node")
        for name in sorted(o.closed_on):
            yield from _known(f"{path}.closed_on", name, network.calendars, "calendar")
    places = {*network.nodes, *network.services}
    for at, closure in enumerate(network.closures):
        path = f"scenario.network.closures[{at}].subject"
        yield from _known(path, closure.subject, places, "node or service")
    work = {*network.operations, *network.services}
    for at, delay in enumerate(network.delays):
        path = f"scenario.network.delays[{at}].subject"
        yield from _known(path, delay.subject, work, "service or operation")
    for name in scenario.via:
        yield from _known("scenario.via", name, network.nodes, "node")
    rules: set[str] = set()
    for at, rule in enumerate(scenario.entry_rules):
        path = f"scenario.entry_rules[{at}]"
        if rule.id in rules:
            yield f"{path}.id", rule.id, "an id that no other rule has"
        rules.add(rule.id)
        if rule.entry_node != ANY:
            yield from _known(f"{path}.entry_node", rule.entry_node, network.nodes, "node")
    for at, c in enumerate(scenario.consignments):
        known = {c.origin, c.destination} <= network.nodes.keys()
        if not known or c.commodity not in scenario.perishables:
            continue
        try:
            scenario.duty(c)
        except UnknownName as unknown:
            yield f"scenario.consignments[{at}].destination", c.destination, f"a duty: {unknown}"
    if scenario.reporting_currency not in {"USD", *scenario.usd_rates}:
        yield "scenario.reporting_currency", scenario.reporting_currency, "a currency with a rate"


def _known(path: str, name: str, names: Container[str], noun: str) -> Iterator[LooseEnd]:
    if name not in names:
        yield path, name, f"a {noun} of the scenario"
