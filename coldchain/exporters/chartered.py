"""``charters.csv``: departures that run because the plan pays for them, to be ordered whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from coldchain.charters import Charter, charters
from coldchain.columns import Column, Kind, Table
from coldchain.exporters.files import put
from coldchain.exporters.sheets import Row, csv_bytes, decimal
from coldchain.exporters.wording import at_node
from coldchain.plan import Plan
from coldchain.timetable import local_time

TABLE = Table(
    name="charters",
    file="charters.csv",
    meaning="What to charter: one row for each chartered departure that runs, in the order of "
    "departure; none where the plan needs none.",
    columns=(
        Column(name="service_id", kind=Kind.ID, meaning="service chartered", refers_to="routes"),
        Column(name="service_name", kind=Kind.TEXT, meaning="what its carrier calls it"),
        Column(name="carrier", kind=Kind.TEXT, required=False, meaning="who runs it, where known"),
        Column(name="from_node", kind=Kind.ID, meaning="where it leaves", refers_to="nodes"),
        Column(name="to_node", kind=Kind.ID, meaning="where it arrives", refers_to="nodes"),
        Column(name="etd", kind=Kind.LOCAL, meaning="departure, on the clock there with offset"),
        Column(name="eta", kind=Kind.LOCAL, meaning="arrival, on the clock there with offset"),
        Column(
            name="slot_unit",
            kind=Kind.CHOICE,
            meaning="what the slots are: load units, or kilograms by air",
            allowed=("unit", "kg"),
        ),
        Column(name="slots", kind=Kind.INTEGER, meaning="slots it has"),
        Column(name="slots_used", kind=Kind.INTEGER, meaning="slots the plan fills"),
        Column(
            name="slots_paid",
            kind=Kind.INTEGER,
            meaning="slots paid by the slot: those used, and at least min_paid_slots",
        ),
        Column(
            name="charter_usd",
            kind=Kind.NUMBER,
            unit="USD",
            meaning="price of the departure whole, beside its slots",
        ),
        Column(
            name="slots_usd",
            kind=Kind.NUMBER,
            unit="USD",
            meaning="price of the slots paid; of those used it is in bookings.csv, too",
        ),
        Column(name="total_usd", kind=Kind.NUMBER, unit="USD", meaning="all of it"),
        Column(
            name="load_units", kind=Kind.TEXT, meaning="load units that ride it, `;` between them"
        ),
        Column(name="scenario", kind=Kind.ID, meaning="scenario planned"),
        Column(
            name="scenario_digest",
            kind=Kind.CODE,
            meaning="first 12 digits of the scenario's SHA-256, to trace this file to its input",
        ),
    ),
)


def rows(plan: Plan) -> Iterator[Row]:
    """One row for each chartered departure that runs."""
    for charter in charters(plan.scenario, plan.load_units):
        yield _row(plan, charter)


def _row(plan: Plan, charter: Charter) -> Row:
    network, service, leg = plan.scenario.network, charter.service, charter.leg
    riding = [unit.id for unit in plan.load_units if leg in unit.carriage.legs]
    return {
        "service_id": service.id,
        "service_name": service.name,
        "carrier": service.carrier,
        "from_node": service.origin,
        "to_node": service.destination,
        "etd": at_node(network, service.origin, leg.departs),
        "eta": at_node(network, service.destination, leg.arrives),
        "slot_unit": "kg" if service.shared_by_kg else "unit",
        "slots": str(service.capacity_units),
        "slots_used": str(charter.used),
        "slots_paid": str(charter.paid),
        "charter_usd": decimal(charter.fixed_usd, 2),
        "slots_usd": decimal(charter.slots_usd, 2),
        "total_usd": decimal(charter.usd, 2),
        "load_units": ";".join(sorted(riding)),
        "scenario": plan.scenario.name,
        "scenario_digest": plan.scenario.digest[:12],
    }


def in_words(plan: Plan) -> tuple[str, ...]:
    """A sentence for each: ``L131 of 24 May runs: 14 of 25 slots used, 20 paid, 31,000 USD``."""
    network = plan.scenario.network
    told: list[str] = []
    for charter in charters(plan.scenario, plan.load_units):
        service = charter.service
        unit = "kg" if service.shared_by_kg else "slots"
        when = local_time(charter.leg.departs, network.nodes[service.origin].timezone)
        paid = f"{charter.paid:,} paid, " if charter.service.min_paid_slots else ""
        told.append(
            f"{service.id} of {when:%d %b} runs: {charter.used:,} of "
            f"{service.capacity_units:,} {unit} used, {paid}{charter.usd:,.0f} USD"
        )
    return tuple(told)


def write_charters(plan: Plan, folder: Path) -> tuple[Path, ...]:
    """Write ``charters.csv`` into ``folder``."""
    return (put(folder / TABLE.file, csv_bytes(TABLE, rows(plan))),)
