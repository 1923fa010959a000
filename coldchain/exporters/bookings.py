"""``bookings.csv``: what to book – one row for each load unit on each leg."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from coldchain.charges import linehaul_usd
from coldchain.clock import Clock
from coldchain.columns import Column, Kind, Table
from coldchain.exporters.cargo import (
    PACKAGINGS,
    UNCONFIRMED,
    assumptions,
    contents,
    in_order,
    itineraries_of,
)
from coldchain.exporters.files import put
from coldchain.exporters.sheets import Row, csv_bytes, decimal, signed
from coldchain.exporters.wording import at_node, goes_on, routed
from coldchain.network import Service
from coldchain.plan import Plan
from coldchain.timetable import minutes_of

TABLE = Table(
    name="bookings",
    file="bookings.csv",
    meaning="What to book: one row for each load unit on each leg, in the order of departure.",
    columns=(
        Column(name="load_unit", kind=Kind.ID, meaning="load unit of the plan"),
        Column(name="leg", kind=Kind.INTEGER, meaning="legs of the load unit, counted from 1"),
        Column(name="service_id", kind=Kind.ID, meaning="service booked", refers_to="routes"),
        Column(name="service_name", kind=Kind.TEXT, meaning="what its carrier calls it"),
        Column(name="carrier", kind=Kind.TEXT, required=False, meaning="who runs it, where known"),
        Column(
            name="mode", kind=Kind.CHOICE, meaning="how it moves", allowed=("rail", "road", "air")
        ),
        Column(name="equipment", kind=Kind.ID, meaning="kind of load unit", refers_to="equipment"),
        Column(
            name="iso_size_type",
            kind=Kind.CODE,
            meaning="ISO 6346 size-type code, blank where none applies (trucks, air)",
            required=False,
        ),
        Column(
            name="units",
            kind=Kind.INTEGER,
            meaning="load units booked by this row; blank by air, where space is booked by weight",
            required=False,
        ),
        Column(
            name="carriage_from",
            kind=Kind.ID,
            meaning="where the unit is stuffed, before its first leg",
            refers_to="nodes",
        ),
        Column(
            name="carriage_to",
            kind=Kind.ID,
            meaning="where the unit is stripped, after its last leg",
            refers_to="nodes",
        ),
        Column(name="from_node", kind=Kind.ID, meaning="where it leaves", refers_to="nodes"),
        Column(
            name="from_unlocode",
            kind=Kind.CODE,
            meaning="its UN/LOCODE, blank if the place has none",
            required=False,
        ),
        Column(name="from_name", kind=Kind.TEXT, meaning="its name"),
        Column(name="from_name_zh", kind=Kind.TEXT, meaning="its name in Chinese", required=False),
        Column(name="to_node", kind=Kind.ID, meaning="where it arrives", refers_to="nodes"),
        Column(
            name="to_unlocode",
            kind=Kind.CODE,
            meaning="its UN/LOCODE, blank if the place has none",
            required=False,
        ),
        Column(name="to_name", kind=Kind.TEXT, meaning="its name"),
        Column(name="to_name_zh", kind=Kind.TEXT, meaning="its name in Chinese", required=False),
        Column(
            name="cut_off",
            kind=Kind.LOCAL,
            meaning="latest moment at the place of departure, on its clock with offset; "
            "blank where the vehicle that brought the unit goes on",
            required=False,
        ),
        Column(name="etd", kind=Kind.LOCAL, meaning="departure, on the clock there with offset"),
        Column(name="eta", kind=Kind.LOCAL, meaning="arrival, on the clock there with offset"),
        Column(
            name="setpoint_c", kind=Kind.NUMBER, unit="°C", meaning="setpoint, always with its sign"
        ),
        Column(name="net_kg", kind=Kind.INTEGER, unit="kg", meaning="net weight of the goods"),
        Column(
            name="gross_kg",
            kind=Kind.INTEGER,
            unit="kg",
            meaning="gross weight of the goods in it, without the unit's own",
        ),
        Column(name="pallets", kind=Kind.INTEGER, meaning="pallets in it"),
        Column(
            name="packagings",
            kind=Kind.TEXT,
            meaning=f"what the goods in it are packed in: {', '.join(PACKAGINGS)}; `;` between "
            "several",
        ),
        Column(
            name="linehaul_usd",
            kind=Kind.NUMBER,
            unit="USD",
            meaning="line-haul of this leg; all other charges are in consignments.csv",
        ),
        Column(
            name="unit_usd",
            kind=Kind.NUMBER,
            unit="USD",
            meaning="line-haul of the unit over all its legs, to book it as one job from "
            "carriage_from to carriage_to; on the row of its first leg only",
            required=False,
        ),
        Column(name="consignments", kind=Kind.TEXT, meaning="what is in it: ids, `;` between them"),
        UNCONFIRMED,
        Column(name="scenario", kind=Kind.ID, meaning="scenario planned"),
        Column(
            name="scenario_digest",
            kind=Kind.CODE,
            meaning="first 12 digits of the scenario's SHA-256, to trace this file to its input",
        ),
    ),
)


def rows(plan: Plan) -> Iterator[Row]:
    """One row for each load unit and leg."""
    network = plan.scenario.network
    clock = Clock(plan.scenario)
    cargo = contents(plan)
    itineraries = itineraries_of(plan)
    for unit in in_order(plan):
        items = cargo[unit.id]
        packed = {itineraries[item.consignment.id].packaging.value for item in items}
        assumed = (
            f"{item.consignment.id} {words}"
            for item in items
            for words in assumptions(plan.scenario, itineraries[item.consignment.id])
        )
        unconfirmed = "; ".join(assumed)
        gross = sum(item.gross_kg for item in items)
        route = routed(network, unit.carriage)
        linehauls = [_linehaul_usd(clock, service, gross) for service in route.services]
        for number, (leg, service) in enumerate(
            zip(unit.carriage.legs, route.services, strict=True), start=1
        ):
            origin = network.nodes[service.origin]
            destination = network.nodes[service.destination]
            yield {
                "load_unit": unit.id,
                "leg": str(number),
                "service_id": service.id,
                "service_name": service.name,
                "carrier": service.carrier,
                "mode": service.mode.value,
                "equipment": service.equipment,
                "iso_size_type": network.equipment[service.equipment].iso_size_type,
                "units": "" if service.shared_by_kg else "1",
                "carriage_from": route.origin,
                "carriage_to": route.destination,
                "from_node": origin.id,
                "from_unlocode": origin.unlocode,
                "from_name": origin.name,
                "from_name_zh": origin.name_zh,
                "to_node": destination.id,
                "to_unlocode": destination.unlocode,
                "to_name": destination.name,
                "to_name_zh": destination.name_zh,
                "cut_off": (
                    ""
                    if goes_on(network, route, number - 1)
                    else at_node(network, origin.id, leg.departs - minutes_of(service.cutoff_h))
                ),
                "etd": at_node(network, origin.id, leg.departs),
                "eta": at_node(network, destination.id, leg.arrives),
                "setpoint_c": signed(unit.carriage.setpoint_c),
                "net_kg": str(sum(item.net_kg for item in items)),
                "gross_kg": str(gross),
                "pallets": str(sum(item.pallets for item in items)),
                "packagings": ";".join(p for p in PACKAGINGS if p in packed),
                "linehaul_usd": decimal(linehauls[number - 1], 2),
                "unit_usd": decimal(sum(linehauls), 2) if number == 1 else "",
                "consignments": ";".join(item.consignment.id for item in items),
                "unconfirmed": unconfirmed,
                "scenario": plan.scenario.name,
                "scenario_digest": plan.scenario.digest[:12],
            }


def _linehaul_usd(clock: Clock, service: Service, gross_kg: int) -> float:
    usd = service.linehaul_usd_per_kg * gross_kg
    return usd if service.shared_by_kg else usd + linehaul_usd(clock, service)


def write_bookings(plan: Plan, folder: Path) -> tuple[Path, ...]:
    """Write ``bookings.csv`` into ``folder``."""
    return (put(folder / TABLE.file, csv_bytes(TABLE, rows(plan))),)
