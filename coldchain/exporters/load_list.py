"""``load-list.csv``: what is in which load unit, where it is stuffed and where stripped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from coldchain.columns import Column, Kind, Table
from coldchain.exporters.cargo import (
    PACKAGINGS,
    TREATMENT,
    UNCONFIRMED,
    assumptions,
    contents,
    in_order,
    itineraries_of,
    treatment,
)
from coldchain.exporters.files import put
from coldchain.exporters.sheets import Row, csv_bytes, hs_code, signed
from coldchain.exporters.wording import at_node, handed_over, routed
from coldchain.plan import Plan

TABLE = Table(
    name="load-list",
    file="load-list.csv",
    meaning="What is in which load unit: one row for each consignment in each unit.",
    columns=(
        Column(name="load_unit", kind=Kind.ID, meaning="load unit of the plan"),
        Column(name="equipment", kind=Kind.ID, meaning="kind of load unit", refers_to="equipment"),
        Column(
            name="iso_size_type",
            kind=Kind.CODE,
            meaning="ISO 6346 size-type code, blank where none applies (trucks, air)",
            required=False,
        ),
        Column(
            name="setpoint_c", kind=Kind.NUMBER, unit="°C", meaning="setpoint, always with its sign"
        ),
        Column(name="consignment", kind=Kind.ID, meaning="consignment", refers_to="consignments"),
        Column(name="commodity", kind=Kind.ID, meaning="what it is", refers_to="perishables"),
        Column(name="commodity_name", kind=Kind.TEXT, meaning="its name"),
        Column(name="commodity_name_zh", kind=Kind.TEXT, meaning="its name in Chinese"),
        Column(
            name="hs_code",
            kind=Kind.CODE,
            meaning="Harmonized System: `HS 0809.10`; bare digits would lose their zero in Excel",
        ),
        Column(
            name="packaging",
            kind=Kind.CHOICE,
            meaning="what it must be packed in before it is stuffed: open cartons, a liner, a "
            "modified-atmosphere liner",
            allowed=PACKAGINGS,
        ),
        *TREATMENT,
        Column(name="pallets", kind=Kind.INTEGER, meaning="pallets of it in this unit"),
        Column(name="net_kg", kind=Kind.INTEGER, unit="kg", meaning="net weight in this unit"),
        Column(name="gross_kg", kind=Kind.INTEGER, unit="kg", meaning="gross weight in this unit"),
        Column(name="shipper", kind=Kind.TEXT, meaning="who sends it", required=False),
        Column(name="consignee", kind=Kind.TEXT, meaning="who receives it", required=False),
        Column(name="stuffed_node", kind=Kind.ID, meaning="where it is stuffed", refers_to="nodes"),
        Column(name="stuffed_name", kind=Kind.TEXT, meaning="that place's name"),
        Column(name="stuffed_at", kind=Kind.LOCAL, meaning="when, on the clock there with offset"),
        Column(name="stripped_node", kind=Kind.ID, meaning="where it is opened", refers_to="nodes"),
        Column(name="stripped_name", kind=Kind.TEXT, meaning="that place's name"),
        Column(
            name="stripped_at",
            kind=Kind.LOCAL,
            meaning="when it may be opened at the earliest, on the clock there with offset",
        ),
        UNCONFIRMED,
        Column(name="note", kind=Kind.TEXT, meaning="the consignment's note", required=False),
    ),
)


def rows(plan: Plan) -> Iterator[Row]:
    """One row for each consignment in each load unit."""
    network = plan.scenario.network
    cargo = contents(plan)
    itineraries = itineraries_of(plan)
    for unit in in_order(plan):
        route = routed(network, unit.carriage)
        equipment = network.equipment[unit.carriage.equipment]
        origin, destination = network.nodes[route.origin], network.nodes[route.destination]
        for item in cargo[unit.id]:
            goods = plan.scenario.perishable(item.consignment.commodity)
            itinerary = itineraries[item.consignment.id]
            opened = handed_over(network, itinerary, itinerary.carriages.index(unit.carriage))
            yield {
                "load_unit": unit.id,
                "equipment": equipment.id,
                "iso_size_type": equipment.iso_size_type,
                "setpoint_c": signed(unit.carriage.setpoint_c),
                "consignment": item.consignment.id,
                "commodity": goods.code,
                "commodity_name": goods.name,
                "commodity_name_zh": goods.name_zh,
                "hs_code": hs_code(goods.hs6),
                "packaging": itinerary.packaging.value,
                **treatment(plan.scenario, item.consignment),
                "pallets": str(item.pallets),
                "net_kg": str(item.net_kg),
                "gross_kg": str(item.gross_kg),
                "shipper": item.consignment.shipper,
                "consignee": item.consignment.consignee,
                "stuffed_node": origin.id,
                "stuffed_name": origin.name,
                "stuffed_at": at_node(network, origin.id, route.stuffed),
                "stripped_node": destination.id,
                "stripped_name": destination.name,
                "stripped_at": at_node(network, destination.id, opened),
                "unconfirmed": "; ".join(assumptions(plan.scenario, itinerary)),
                "note": item.consignment.note,
            }


def write_load_list(plan: Plan, folder: Path) -> tuple[Path, ...]:
    """Write ``load-list.csv`` into ``folder``."""
    return (put(folder / TABLE.file, csv_bytes(TABLE, rows(plan))),)
