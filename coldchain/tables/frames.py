"""Scenarios, networks and plans as data frames, for analysts.

Names of columns carry the unit; moments are UTC with their zone. A frame without rows has the
same columns and types. pandas is imported when the first frame is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from coldchain.charges import Charges
from coldchain.itinerary import Carriage, Itinerary, StepKind
from coldchain.network import Network
from coldchain.plan import Plan
from coldchain.scenario import Scenario
from coldchain.timetable import minute, moment

if TYPE_CHECKING:
    import pandas  # pyright: ignore[reportMissingTypeStubs]

Row = tuple[object, ...]

TEXT, WHOLE, REAL, FLAG = "str", "int64", "float64", "bool"
MOMENT = "datetime64[us, UTC]"


def _frame(columns: Mapping[str, str], rows: Iterable[Row]) -> pandas.DataFrame:
    import pandas  # pyright: ignore[reportMissingTypeStubs]

    listed = list(rows)
    data = {
        name: pandas.Series([row[place] for row in listed], dtype=kind)  # pyright: ignore[reportArgumentType, reportCallIssue]
        for place, (name, kind) in enumerate(columns.items())
    }
    return pandas.DataFrame(data)


def consignments_frame(scenario: Scenario) -> pandas.DataFrame:
    """One row for each consignment of ``scenario``."""
    columns = {
        "consignment": TEXT,
        "commodity": TEXT,
        "origin": TEXT,
        "destination": TEXT,
        "net_kg": WHOLE,
        "gross_kg": WHOLE,
        "pallets": WHOLE,
        "ready_at": MOMENT,
        "due_at": MOMENT,
        "shelf_life_required_d": REAL,
        "retail_c": REAL,
        "life_used_at_ready": REAL,
        "pulp_at_ready_c": REAL,
        "value_usd": REAL,
        "packaging": TEXT,
        "shipper": TEXT,
        "consignee": TEXT,
        "note": TEXT,
    }
    return _frame(
        columns,
        (
            (
                *(c.id, c.commodity, c.origin, c.destination),
                *(c.net_kg, c.gross_kg, c.pallets),
                *(c.ready_at.astimezone(UTC), c.due_at.astimezone(UTC)),
                *(c.shelf_life_required_h / 24, c.retail_c),
                *(c.life_used_at_ready, c.pulp_at_ready_c, c.value_usd),
                *(c.packaging.value, c.shipper, c.consignee, c.note),
            )
            for c in scenario.consignments
        ),
    )


def services_frame(network: Network) -> pandas.DataFrame:
    """One row for each service of ``network``."""
    columns = {
        "service": TEXT,
        "origin": TEXT,
        "destination": TEXT,
        "mode": TEXT,
        "equipment": TEXT,
        "name": TEXT,
        "service_type": TEXT,
        "status": TEXT,
        "on_demand": FLAG,
        "distance_km": REAL,
        "transit_p10_h": REAL,
        "transit_p50_h": REAL,
        "transit_p90_h": REAL,
        "cutoff_h": REAL,
        "capacity_units": WHOLE,
        "payload_kg": WHOLE,
        "linehaul_usd_per_unit": REAL,
        "linehaul_usd_per_kg": REAL,
        "reefer_usd_per_unit_h": REAL,
        "gco2e_per_tkm": REAL,
        "source": TEXT,
        "confidence": TEXT,
    }
    return _frame(
        columns,
        (
            (
                *(s.id, s.origin, s.destination, s.mode.value, s.equipment),
                *(s.name, s.service_type, s.status, s.on_demand),
                *(s.distance_km, s.transit.p10, s.transit.p50, s.transit.p90, s.cutoff_h),
                *(s.capacity_units, s.payload_kg),
                *(s.linehaul_usd_per_unit, s.linehaul_usd_per_kg, s.reefer_usd_per_unit_h),
                *(s.gco2e_per_tkm, s.source, s.confidence),
            )
            for s in network.services.values()
        ),
    )


def legs_frame(plan: Plan) -> pandas.DataFrame:
    """One row for each leg of each consignment, in the order travelled.

    ``carriage`` and ``leg`` count from 1; goods stay in one unit through a carriage. Transit is
    as planned, at the scenario's quantile.
    """
    columns = {
        "consignment": TEXT,
        "carriage": WHOLE,
        "leg": WHOLE,
        "service": TEXT,
        "service_name": TEXT,
        "mode": TEXT,
        "equipment": TEXT,
        "origin": TEXT,
        "destination": TEXT,
        "departs_at": MOMENT,
        "arrives_at": MOMENT,
        "transit_h": REAL,
        "distance_km": REAL,
        "setpoint_c": REAL,
        "net_kg": WHOLE,
        "pallets": WHOLE,
    }
    return _frame(columns, (row for i in plan.itineraries for row in _legs(plan, i)))


def _legs(plan: Plan, itinerary: Itinerary) -> Iterator[Row]:
    services = plan.scenario.network.services
    goods = plan.scenario.consignment(itinerary.consignment)
    leg = 0
    for carriage, ridden in enumerate(itinerary.carriages, start=1):
        for departure in ridden.legs:
            leg += 1
            s = services[departure.service]
            yield (
                *(goods.id, carriage, leg, s.id, s.name, s.mode.value, ridden.equipment),
                *(s.origin, s.destination, moment(departure.departs), moment(departure.arrives)),
                *((departure.arrives - departure.departs) / 60, s.distance_km),
                *(ridden.setpoint_c, goods.net_kg, goods.pallets),
            )


def itineraries_frame(plan: Plan) -> pandas.DataFrame:
    """One row for each consignment, also for those left behind.

    ``served`` tells them apart; what is left behind has a ``reason``, no ``delivered_at`` and no
    numbers of a journey.
    """
    columns = {
        "consignment": TEXT,
        "served": FLAG,
        "reason": TEXT,
        "commodity": TEXT,
        "origin": TEXT,
        "destination": TEXT,
        "net_kg": WHOLE,
        "ready_at": MOMENT,
        "delivered_at": MOMENT,
        "due_at": MOMENT,
        "door_to_door_h": REAL,
        "in_transit_h": REAL,
        "waiting_h": REAL,
        "slack_h": REAL,
        "life_used": REAL,
        "shelf_life_left_d": REAL,
        "shelf_life_required_d": REAL,
        "carriages": WHOLE,
        "legs": WHOLE,
        "modes": TEXT,
        "distance_km": REAL,
        "total_usd": REAL,
        "total_usd_per_kg": REAL,
    }
    found = {i.consignment: i for i in plan.itineraries}
    reasons = {refusal.consignment: refusal.reason.value for refusal in plan.unserved}
    return _frame(
        columns,
        (
            _journey(plan, c.id, found.get(c.id), reasons.get(c.id, ""))
            for c in plan.scenario.consignments
        ),
    )


def _journey(plan: Plan, name: str, itinerary: Itinerary | None, reason: str) -> Row:
    c = plan.scenario.consignment(name)
    delivered: datetime | None = None
    figures: Row = (None,) * 6
    counts: Row = (0, 0, "", None)
    if itinerary is not None:
        services = plan.scenario.network.services
        ridden = [services[leg.service] for part in itinerary.carriages for leg in part.legs]
        delivered = moment(itinerary.delivered)
        figures = (
            (itinerary.delivered - minute(c.ready_at)) / 60,
            _hours(itinerary, StepKind.LEG),
            _hours(itinerary, StepKind.WAIT),
            (minute(c.due_at) - itinerary.delivered) / 60,
            itinerary.life_used,
            itinerary.shelf_life_left_h / 24,
        )
        modes = "-".join(dict.fromkeys(s.mode.value for s in ridden))
        km = sum(s.distance_km for s in ridden)
        counts = (len(itinerary.carriages), len(ridden), modes, km)
    usd = plan.charges.get(name, Charges()).total
    return (
        *(name, itinerary is not None, reason, c.commodity, c.origin, c.destination, c.net_kg),
        *(c.ready_at.astimezone(UTC), delivered, c.due_at.astimezone(UTC)),
        *(*figures, c.shelf_life_required_h / 24, *counts, usd, usd / c.net_kg),
    )


def _hours(itinerary: Itinerary, kind: StepKind) -> float:
    return sum(step.ends - step.begins for step in itinerary.steps if step.kind is kind) / 60


def load_units_frame(plan: Plan) -> pandas.DataFrame:
    """One row for each load unit and consignment in it.

    By air a row is what one carriage holds of a flight, by the kilogram: ``pallets_per_unit`` 0.
    """
    columns = {
        "load_unit": TEXT,
        "consignment": TEXT,
        "pallets": WHOLE,
        "pallets_per_unit": WHOLE,
        "equipment": TEXT,
        "setpoint_c": REAL,
        "stowage_group": TEXT,
        "origin": TEXT,
        "destination": TEXT,
        "services": TEXT,
        "departs_at": MOMENT,
        "arrives_at": MOMENT,
    }
    return _frame(
        columns,
        (
            (unit.id, name, pallets, *_unit(plan.scenario.network, unit.carriage))
            for unit in plan.load_units
            for name, pallets in unit.contents
        ),
    )


def _unit(network: Network, carriage: Carriage) -> Row:
    ridden = [network.services[leg.service] for leg in carriage.legs]
    return (
        min(s.pallets_per_unit for s in ridden),
        *(carriage.equipment, carriage.setpoint_c, carriage.stowage_group),
        *(ridden[0].origin, ridden[-1].destination, ";".join(s.id for s in ridden)),
        *(moment(carriage.legs[0].departs), moment(carriage.legs[-1].arrives)),
    )


def charges_frame(plan: Plan) -> pandas.DataFrame:
    """One row for each consignment: its own charges and its share of the units it rides in."""
    kinds = [f.name for f in fields(Charges)]
    columns = {
        "consignment": TEXT,
        **{f"{kind}_usd": REAL for kind in kinds},
        "invoiced_usd": REAL,
        "total_usd": REAL,
    }
    return _frame(
        columns,
        (
            (name, *(getattr(c, kind) for kind in kinds), c.invoiced, c.total)
            for name, c in sorted(plan.charges.items())
        ),
    )
