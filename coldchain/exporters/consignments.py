"""``consignments.csv``: each consignment's way and price, or why it stays behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path

from coldchain.charges import Charges
from coldchain.columns import Column, Kind, Table
from coldchain.emissions import Emissions
from coldchain.exporters.cargo import (
    PACKAGINGS,
    TREATMENT,
    UNCONFIRMED,
    assumptions,
    itineraries_of,
    treatment,
)
from coldchain.exporters.files import put
from coldchain.exporters.sheets import Row, csv_bytes, decimal
from coldchain.exporters.wording import (
    at_node,
    instant,
    passed,
    places,
    shortfall_in,
    waits_in_words,
    way_in_short,
    way_in_words,
)
from coldchain.goods import Consignment, Packaging
from coldchain.itinerary import Itinerary
from coldchain.plan import Plan

KINDS = tuple(field.name for field in fields(Charges))

FRESHNESS: Mapping[str, Callable[[Itinerary], str]] = {
    "life_used": lambda i: decimal(i.life_used, 4),
    "life_reckoned": lambda i: decimal(i.life_reckoned, 4),
    "shelf_life_left_h": lambda i: decimal(i.shelf_life_left_h, 1),
    "shelf_life_left_p10_h": lambda i: decimal(i.shelf_life_left_p10_h, 1),
    "shelf_life_left_p50_h": lambda i: decimal(i.shelf_life_left_p50_h, 1),
    "shelf_life_left_p90_h": lambda i: decimal(i.shelf_life_left_p90_h, 1),
    "lots_fresh_pct": lambda i: decimal(100 * i.sure, 1),
    "limited_by": lambda i: i.limited_by,
    "pulp_warmest_c": lambda i: decimal(i.pulp_warmest_c, 1),
}
"""What is known of the freshness of goods that travel: cells by column."""

ARRIVED: Mapping[str, Callable[[Plan, Consignment], str]] = {
    "landed_usd": lambda plan, c: decimal(plan.landed_usd(c.id), 2),
    "landed_usd_per_kg": lambda plan, c: decimal(plan.landed_usd(c.id) / c.net_kg, 4),
    "co2e_kg": lambda plan, c: decimal(_emitted(plan, c).total_kg, 1),
    "co2e_transport_kg": lambda plan, c: decimal(_emitted(plan, c).transport_kg, 1),
    "co2e_genset_kg": lambda plan, c: decimal(_emitted(plan, c).genset_kg, 1),
    "co2e_kg_per_kg": lambda plan, c: decimal(_emitted(plan, c).total_kg / c.net_kg, 4),
}
"""What goods that travel cost and have emitted when they are there: cells by column."""


def _emitted(plan: Plan, consignment: Consignment) -> Emissions:
    return plan.emissions.get(consignment.id, Emissions())


TABLE = Table(
    name="consignments",
    file="consignments.csv",
    meaning="Each consignment's way, clock, freshness and charges, or why it stays behind.",
    columns=(
        Column(name="consignment", kind=Kind.ID, meaning="consignment", refers_to="consignments"),
        Column(
            name="outcome",
            kind=Kind.CHOICE,
            meaning="whether it travels",
            allowed=("planned", "unserved"),
        ),
        Column(name="commodity", kind=Kind.ID, meaning="what it is", refers_to="perishables"),
        Column(name="from_node", kind=Kind.ID, meaning="origin", refers_to="nodes"),
        Column(name="from_name", kind=Kind.TEXT, meaning="the origin's name"),
        Column(name="to_node", kind=Kind.ID, meaning="destination", refers_to="nodes"),
        Column(name="to_name", kind=Kind.TEXT, meaning="the destination's name"),
        Column(name="net_kg", kind=Kind.INTEGER, unit="kg", meaning="net weight"),
        Column(name="gross_kg", kind=Kind.INTEGER, unit="kg", meaning="gross weight"),
        Column(name="pallets", kind=Kind.INTEGER, meaning="pallets"),
        Column(
            name="packaging_asked",
            kind=Kind.CHOICE,
            meaning="packaging asked for; any: whichever suits the plan best",
            allowed=tuple(packaging.value for packaging in Packaging),
        ),
        Column(
            name="packaging",
            kind=Kind.CHOICE,
            meaning="what it is packed in",
            allowed=PACKAGINGS,
            required=False,
        ),
        *TREATMENT,
        Column(name="ready_at", kind=Kind.LOCAL, meaning="at the origin, on its clock with offset"),
        Column(
            name="departs_at",
            kind=Kind.LOCAL,
            meaning="first departure, on the origin's clock with offset",
            required=False,
        ),
        Column(
            name="delivered_at",
            kind=Kind.LOCAL,
            meaning="unloaded, on the destination's clock with offset",
            required=False,
        ),
        Column(
            name="due_at", kind=Kind.LOCAL, meaning="latest, on the destination's clock with offset"
        ),
        Column(
            name="life_used",
            kind=Kind.NUMBER,
            meaning="share of life used at delivery that the scenario's confidence of the lots "
            "does not exceed, by the pulp: 0 is fresh, 1 the end",
            required=False,
        ),
        Column(
            name="life_reckoned",
            kind=Kind.NUMBER,
            meaning="share of life used as the search reckons it, by the air and on the safe side; "
            "freshness_usd is the price of this",
            required=False,
        ),
        Column(
            name="shelf_life_left_h",
            kind=Kind.NUMBER,
            unit="h",
            meaning="shelf life left at delivery, at the retail temperature, which the scenario's "
            "confidence of the lots has at least",
            required=False,
        ),
        *(
            Column(
                name=f"shelf_life_left_{percentile}_h",
                kind=Kind.NUMBER,
                unit="h",
                meaning=f"the same, of which {words}; below 0: hours past the end",
                required=False,
            )
            for percentile, words in (
                ("p10", "one lot in ten has less"),
                ("p50", "half of the lots have less"),
                ("p90", "nine lots in ten have less"),
            )
        ),
        Column(
            name="shelf_life_required_h",
            kind=Kind.NUMBER,
            unit="h",
            meaning="shelf life required at delivery",
        ),
        Column(
            name="retail_c", kind=Kind.NUMBER, unit="°C", meaning="temperature it is counted at"
        ),
        Column(
            name="lots_fresh_pct",
            kind=Kind.NUMBER,
            unit="%",
            meaning="share of lots that have the shelf life required",
            required=False,
        ),
        Column(
            name="limited_by",
            kind=Kind.TEXT,
            meaning="what ends the life of a typical lot: quality, chilling injury, internal "
            "breakdown, water loss",
            required=False,
        ),
        Column(
            name="pulp_warmest_c",
            kind=Kind.NUMBER,
            unit="°C",
            meaning="warmest the pulp becomes from packing to delivery",
            required=False,
        ),
        Column(name="way", kind=Kind.TEXT, meaning="the way in short", required=False),
        Column(
            name="itinerary",
            kind=Kind.TEXT,
            meaning="the way leg by leg; `;` where the goods change load units",
            required=False,
        ),
        UNCONFIRMED,
        Column(
            name="waits",
            kind=Kind.TEXT,
            meaning="waits of an hour or more in hours, and what for; `;` between them",
            required=False,
        ),
        *(
            Column(
                name=f"{kind}_usd",
                kind=Kind.NUMBER,
                unit="USD",
                meaning=f"charges by kind: {kind}, its own and its share of the units it rides in",
            )
            for kind in KINDS
        ),
        Column(name="total_usd", kind=Kind.NUMBER, unit="USD", meaning="all charges"),
        Column(
            name="usd_per_kg", kind=Kind.NUMBER, unit="USD/kg", meaning="all charges per net kg"
        ),
        Column(name="value_usd", kind=Kind.NUMBER, unit="USD", meaning="value of the goods"),
        Column(
            name="landed_usd",
            kind=Kind.NUMBER,
            unit="USD",
            meaning="landed cost: value and everything invoiced, duty and VAT included; not "
            "freshness_usd, carbon_usd and unserved_usd, which nobody bills",
            required=False,
        ),
        Column(
            name="landed_usd_per_kg",
            kind=Kind.NUMBER,
            unit="USD/kg",
            meaning="the same per net kg; without vat_usd where VAT is recoverable",
            required=False,
        ),
        Column(
            name="co2e_kg",
            kind=Kind.NUMBER,
            unit="kg",
            meaning="greenhouse gases of the way as CO2, from well to wheel",
            required=False,
        ),
        Column(
            name="co2e_transport_kg",
            kind=Kind.NUMBER,
            unit="kg",
            meaning="of these, of haulage",
            required=False,
        ),
        Column(
            name="co2e_genset_kg",
            kind=Kind.NUMBER,
            unit="kg",
            meaning="of these, of its share of the gensets of load units",
            required=False,
        ),
        Column(
            name="co2e_kg_per_kg",
            kind=Kind.NUMBER,
            unit="kg/kg",
            meaning="all of these per net kg",
            required=False,
        ),
        Column(name="reason", kind=Kind.CODE, meaning="why it stays behind", required=False),
        Column(
            name="shortfall",
            kind=Kind.NUMBER,
            meaning="by how much it misses, in shortfall_unit",
            required=False,
        ),
        Column(
            name="shortfall_unit",
            kind=Kind.CHOICE,
            meaning="unit of the shortfall",
            allowed=("h", "d", "K", "USD"),
            required=False,
        ),
        Column(
            name="shortfall_node",
            kind=Kind.ID,
            meaning="where it misses",
            refers_to="nodes",
            required=False,
        ),
        Column(name="detail", kind=Kind.TEXT, meaning="the reason in words", required=False),
    ),
)


def rows(plan: Plan) -> Iterator[Row]:
    """One row for each consignment, in the order of the scenario."""
    network = plan.scenario.network
    itineraries = itineraries_of(plan)
    called = places(passed(network, (c for i in plan.itineraries for c in i.carriages)))
    refusals = {refusal.consignment: refusal for refusal in plan.unserved}
    for consignment in plan.scenario.consignments:
        charges = plan.charges.get(consignment.id, Charges())
        row = {
            "consignment": consignment.id,
            "outcome": "unserved",
            "commodity": consignment.commodity,
            "from_node": consignment.origin,
            "from_name": network.nodes[consignment.origin].name,
            "to_node": consignment.destination,
            "to_name": network.nodes[consignment.destination].name,
            "net_kg": str(consignment.net_kg),
            "gross_kg": str(consignment.gross_kg),
            "pallets": str(consignment.pallets),
            "packaging_asked": consignment.packaging.value,
            "packaging": "",
            **treatment(plan.scenario, consignment),
            "ready_at": instant(network, consignment.origin, consignment.ready_at),
            "departs_at": "",
            "delivered_at": "",
            "due_at": instant(network, consignment.destination, consignment.due_at),
            **dict.fromkeys(FRESHNESS, ""),
            "shelf_life_required_h": decimal(consignment.shelf_life_required_h, 1),
            "retail_c": decimal(consignment.retail_c, 1),
            "way": "",
            "itinerary": "",
            "unconfirmed": "",
            "waits": "",
            **{f"{kind}_usd": decimal(getattr(charges, kind), 2) for kind in KINDS},
            "total_usd": decimal(charges.total, 2),
            "usd_per_kg": decimal(charges.total / consignment.net_kg, 4),
            "value_usd": decimal(consignment.value_usd, 2),
            **dict.fromkeys(ARRIVED, ""),
            "reason": "",
            "shortfall": "",
            "shortfall_unit": "",
            "shortfall_node": "",
            "detail": "",
        }
        if consignment.id in itineraries:
            itinerary = itineraries[consignment.id]
            first = itinerary.carriages[0].legs[0].departs
            row |= {
                "outcome": "planned",
                "departs_at": at_node(network, consignment.origin, first),
                "delivered_at": at_node(network, consignment.destination, itinerary.delivered),
                "packaging": itinerary.packaging.value,
                **{name: write(itinerary) for name, write in FRESHNESS.items()},
                **{name: write(plan, consignment) for name, write in ARRIVED.items()},
                "way": way_in_short(network, itinerary, called),
                "itinerary": way_in_words(network, itinerary, called),
                "unconfirmed": "; ".join(assumptions(plan.scenario, itinerary)),
                "waits": waits_in_words(plan.scenario.timetable, itinerary),
            }
        elif consignment.id in refusals:
            refusal = refusals[consignment.id]
            shortfall, unit = shortfall_in(refusal.shortfall, refusal.unit)
            row |= {
                "reason": refusal.reason.value,
                "shortfall": decimal(shortfall, 2),
                "shortfall_unit": unit,
                "shortfall_node": refusal.where,
                "detail": refusal.detail,
            }
        yield row


def write_consignments(plan: Plan, folder: Path) -> tuple[Path, ...]:
    """Write ``consignments.csv`` into ``folder``."""
    return (put(folder / TABLE.file, csv_bytes(TABLE, rows(plan))),)
