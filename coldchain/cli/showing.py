"""``coldchain show``: the tables of a scenario as a planner looks at them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.text import Text

from coldchain.cli.exits import Exit
from coldchain.cli.places import node_called
from coldchain.cli.screen import print_json, print_tables
from coldchain.exporters.page import plain, table
from coldchain.exporters.wording import VEHICLE, instant, places
from coldchain.goods import Consignment
from coldchain.network import Service
from coldchain.plan_folder.documents import encode
from coldchain.scenario import Scenario
from coldchain.tables import read_scenario

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


def show_network(scenario: str, changes: Sequence[str] = (), *, as_json: bool) -> Exit:
    """Nodes, and how many services of which kind there are."""
    given = read_scenario(scenario, overrides=changes)
    network = given.network
    kinds = Counter(
        (s.mode, s.equipment, "on demand" if s.on_demand else "scheduled") for s in network
    )
    usable = Counter(
        (s.mode, s.equipment, "on demand" if s.on_demand else "scheduled")
        for s in network
        if s.status in given.service_status
    )
    if as_json:
        document = encode(network)
        print_json(
            {
                "nodes": list(document["nodes"].values()),
                "equipment": list(document["equipment"].values()),
                "services": [
                    {
                        "mode": mode.value,
                        "equipment": equipment,
                        "runs": runs,
                        "services": number,
                        "planned_with": usable[mode, equipment, runs],
                    }
                    for (mode, equipment, runs), number in sorted(kinds.items())
                ],
            }
        )
        return Exit.DONE
    print_tables(
        table(
            f"{len(network.nodes)} nodes",
            (
                ("node", "left"),
                ("name", "words"),
                ("name_zh", "words"),
                ("UN/LOCODE", "left"),
                ("type", "left"),
                ("cross-dock", "left"),
                ("leave", "right"),
            ),
            (
                (
                    node.id,
                    node.name,
                    node.name_zh,
                    node.unlocode,
                    node.node_type,
                    "yes" if node.cross_dock else "",
                    str(len(network.services_from(node.id))),
                )
                for node in network.nodes.values()
            ),
            limit=None,
        ),
        Text(),
        table(
            f"{len(network.services)} services",
            (
                ("mode", "left"),
                ("equipment", "left"),
                ("runs", "left"),
                ("services", "right"),
                ("planned with", "right"),
            ),
            (
                (mode.value, equipment, runs, str(number), str(usable[mode, equipment, runs]))
                for (mode, equipment, runs), number in sorted(kinds.items())
            ),
        ),
    )
    return Exit.DONE


def show_services(
    scenario: str, changes: Sequence[str] = (), *, origin: str, destination: str, as_json: bool
) -> Exit:
    """Services, all or those from one node or to one node."""
    given = read_scenario(scenario, overrides=changes)
    network = given.network
    for name in (origin, destination):
        if name:
            node_called(network, name)
    chosen = [
        service
        for service in network
        if origin in ("", service.origin) and destination in ("", service.destination)
    ]
    if as_json:
        print_json({"services": [encode(service) for service in chosen]})
        return Exit.DONE
    if not chosen:
        ends = (("from", origin), ("to", destination))
        asked = "".join(f" {word} {name}" for word, name in ends if name)
        print_tables(plain(f"no service{asked}"))
        return Exit.DONE
    called = places(network.nodes[end] for s in chosen for end in (s.origin, s.destination))
    print_tables(
        table(
            f"{len(chosen)} services",
            (
                ("id", "left"),
                ("from → to", "words"),
                ("by", "words"),
                ("kind", "left"),
                ("h p50", "right"),
                ("runs", "words"),
                ("units", "right"),
                ("USD", "right"),
                ("status", "left"),
            ),
            (_service_row(called, service) for service in chosen),
            limit=None,
        )
    )
    return Exit.DONE


def _price(service: Service) -> str:
    """Of a slot, by air of a kilogram, beside that of a chartered departure."""
    slot = (
        f"{service.linehaul_usd_per_kg:.2f}/kg"
        if service.shared_by_kg
        else f"{service.linehaul_usd_per_unit:,.0f}"
    )
    return f"{service.charter_usd_per_departure:,.0f} + {slot}" if service.chartered else slot


def _service_row(called: Mapping[str, str], service: Service) -> tuple[str, ...]:
    days = (
        "daily" if len(service.days) == 7 else " ".join(DAYS[d - 1] for d in sorted(service.days))
    )
    times = " ".join(f"{at:%H:%M}" for at in service.departure_times)
    weeks = f" every {service.every_n_weeks} weeks" if service.every_n_weeks > 1 else ""
    return (
        service.id,
        f"{called[service.origin]} → {called[service.destination]}",
        VEHICLE[service.mode],
        service.equipment,
        f"{service.transit.p50:g}",
        f"{days}{weeks} {times}".strip(),
        f"{service.capacity_units:,} kg" if service.shared_by_kg else f"{service.capacity_units:,}",
        _price(service),
        service.status,
    )


def show_commodities(scenario: str, changes: Sequence[str] = (), *, as_json: bool) -> Exit:
    """Commodities with their temperatures and lives."""
    given = read_scenario(scenario, overrides=changes)
    carried = Counter(c.commodity for c in given.consignments)
    if as_json:
        print_json(
            {
                "commodities": [
                    {**encode(goods), "consignments": carried[goods.code]}
                    for goods in given.perishables.values()
                ]
            }
        )
        return Exit.DONE
    print_tables(
        table(
            f"{len(given.perishables)} commodities",
            (
                ("commodity", "left"),
                ("name", "words"),
                ("name_zh", "words"),
                ("HS", "left"),
                ("setpoint °C", "right"),
                ("days", "right"),
                ("at °C", "right"),
                ("consigned", "right"),
            ),
            (
                (
                    goods.code,
                    goods.name,
                    goods.name_zh,
                    goods.hs6,
                    f"{goods.setpoint_min_c:g} to {goods.setpoint_max_c:g}",
                    f"{goods.life_min_d:g} / {goods.life_typ_d:g} / {goods.life_max_d:g}",
                    f"{goods.life_ref_c:g}",
                    str(carried[goods.code] or ""),
                )
                for goods in given.perishables.values()
            ),
            limit=None,
        )
    )
    return Exit.DONE


def show_consignments(scenario: str, changes: Sequence[str] = (), *, as_json: bool) -> Exit:
    """Consignments with their windows and floors."""
    given = read_scenario(scenario, overrides=changes)
    if as_json:
        print_json({"consignments": [encode(c) for c in given.consignments]})
        return Exit.DONE
    nodes = given.network.nodes
    called = places(nodes[end] for c in given.consignments for end in (c.origin, c.destination))
    tonnes = sum(c.net_kg for c in given.consignments) / 1000
    print_tables(
        plain(given.title, "bold"),
        table(
            f"{len(given.consignments)} consignments, {tonnes:,.1f} t",
            (
                ("id", "left"),
                ("commodity", "left"),
                ("from → to", "words"),
                ("t", "right"),
                ("pallets", "right"),
                ("packed", "left"),
                ("ready (local)", "right"),
                ("due (local)", "right"),
                ("days left", "right"),
            ),
            (_consignment_row(given, called, c) for c in given.consignments),
            limit=None,
        ),
    )
    return Exit.DONE


def _consignment_row(given: Scenario, called: Mapping[str, str], c: Consignment) -> tuple[str, ...]:
    network = given.network
    return (
        c.id,
        c.commodity,
        f"{called[c.origin]} → {called[c.destination]}",
        f"{c.net_kg / 1000:,.1f}",
        str(c.pallets),
        c.packaging.value,
        _day_and_time(instant(network, c.origin, c.ready_at)),
        _day_and_time(instant(network, c.destination, c.due_at)),
        f"{c.shelf_life_required_h / 24:g} at {c.retail_c:g} °C",
    )


def _day_and_time(moment: str) -> str:
    """ISO 8601 without the offset, which the heading says is local."""
    return moment[:16].replace("T", " ")
