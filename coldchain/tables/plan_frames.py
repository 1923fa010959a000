"""Plans as data frames, for analysts: journeys, their legs and airs, load units, money."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from coldchain.charges import Charges
from coldchain.itinerary import Carriage, Itinerary, StepKind
from coldchain.network import Network
from coldchain.plan import Plan
from coldchain.scenario import Scenario
from coldchain.tables.frames import FLAG, MOMENT, REAL, TEXT, WHOLE, Row, frame
from coldchain.timetable import minute, moment
from coldchain.waits import waiting_for

if TYPE_CHECKING:
    import pandas  # pyright: ignore[reportMissingTypeStubs]


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
    return frame(columns, (row for i in plan.itineraries for row in _legs(plan, i)))


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
    numbers of a journey. ``packaging`` is what was chosen; ``life_reckoned`` is what freshness is
    priced by, all other freshness is of the pulp followed door to door: ``life_used`` and
    ``shelf_life_left_d`` of the scenario's confidence of lots, the rest of all of them.
    ``unconfirmed`` are entry rules it relies on though they are not confirmed, ``;`` between them.
    ``landed_usd`` is the value and everything invoiced; ``co2e_kg`` from well to wheel.
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
        "packaging": TEXT,
        "life_reckoned": REAL,
        "life_used": REAL,
        "shelf_life_left_d": REAL,
        "shelf_life_left_p10_d": REAL,
        "shelf_life_left_p50_d": REAL,
        "shelf_life_left_p90_d": REAL,
        "lots_fresh_pct": REAL,
        "limited_by": TEXT,
        "pulp_warmest_c": REAL,
        "shelf_life_required_d": REAL,
        "unconfirmed": TEXT,
        "carriages": WHOLE,
        "legs": WHOLE,
        "modes": TEXT,
        "distance_km": REAL,
        "total_usd": REAL,
        "total_usd_per_kg": REAL,
        "landed_usd": REAL,
        "landed_usd_per_kg": REAL,
        "co2e_kg": REAL,
    }
    found = {i.consignment: i for i in plan.itineraries}
    reasons = {refusal.consignment: refusal.reason.value for refusal in plan.unserved}
    return frame(
        columns,
        (
            _journey(plan, c.id, found.get(c.id), reasons.get(c.id, ""))
            for c in plan.scenario.consignments
        ),
    )


def _journey(plan: Plan, name: str, itinerary: Itinerary | None, reason: str) -> Row:
    c = plan.scenario.consignment(name)
    delivered: datetime | None = None
    figures: Row = (None,) * 4
    fresh: Row = ("", *(None,) * 7, "", None)
    counts: Row = (0, 0, "", None)
    rules = ""
    if itinerary is not None:
        services = plan.scenario.network.services
        ridden = [services[leg.service] for part in itinerary.carriages for leg in part.legs]
        delivered = moment(itinerary.delivered)
        figures = (
            (itinerary.delivered - minute(c.ready_at)) / 60,
            _hours(itinerary, StepKind.LEG),
            _hours(itinerary, StepKind.WAIT),
            (minute(c.due_at) - itinerary.delivered) / 60,
        )
        fresh = _freshness(itinerary)
        rules = ";".join(itinerary.unconfirmed)
        modes = "-".join(dict.fromkeys(s.mode.value for s in ridden))
        km = sum(s.distance_km for s in ridden)
        counts = (len(itinerary.carriages), len(ridden), modes, km)
    usd = plan.charges.get(name, Charges()).total
    landed = (plan.landed_usd(name), plan.landed_usd(name) / c.net_kg, plan.co2e_kg.get(name))
    return (
        *(name, itinerary is not None, reason, c.commodity, c.origin, c.destination, c.net_kg),
        *(c.ready_at.astimezone(UTC), delivered, c.due_at.astimezone(UTC)),
        *(*figures, *fresh, c.shelf_life_required_h / 24, rules, *counts, usd, usd / c.net_kg),
        *(landed if itinerary is not None else (None, None, None)),
    )


def _freshness(itinerary: Itinerary) -> Row:
    i = itinerary
    return (
        *(i.packaging.value, i.life_reckoned, i.life_used, i.shelf_life_left_h / 24),
        *(i.shelf_life_left_p10_h / 24, i.shelf_life_left_p50_h / 24, i.shelf_life_left_p90_h / 24),
        *(100 * i.sure, i.limited_by, i.pulp_warmest_c),
    )


def _hours(itinerary: Itinerary, kind: StepKind) -> float:
    return sum(step.ends - step.begins for step in itinerary.steps if step.kind is kind) / 60


def steps_frame(plan: Plan) -> pandas.DataFrame:
    """One row for each stretch of time in one air, door to door, and the pulp at its end.

    ``step`` and ``carriage`` count from 1; a step has two rows where its goods stand exposed first
    and are cold again after. Of a wait ``waits_for`` says what it is for. Goods whose packaging has
    no half-cooling time, or that are cooled at ``half_cooling_h``, have both halves alike.
    """
    columns = {
        "consignment": TEXT,
        "carriage": WHOLE,
        "step": WHOLE,
        "kind": TEXT,
        "node": TEXT,
        "subject": TEXT,
        "waits_for": TEXT,
        "begins_at": MOMENT,
        "ends_at": MOMENT,
        "hours": REAL,
        "air_c": REAL,
        "relative_humidity_pct": REAL,
        "half_cooling_h": REAL,
        "pulp_outer_c": REAL,
        "pulp_core_c": REAL,
    }
    return frame(columns, (row for i in plan.itineraries for row in _steps(plan.scenario, i)))


def _steps(scenario: Scenario, itinerary: Itinerary) -> Iterator[Row]:
    c = scenario.consignment(itinerary.consignment)
    pallet = scenario.lots(c.commodity, itinerary.packaging).pallet
    pulp: float | tuple[float, float] | None = c.pulp_at_ready_c
    for number, step in enumerate(itinerary.steps, start=1):
        begins = moment(step.begins)
        for air in step.surroundings:
            ends = begins + timedelta(hours=air.hours)
            outer, core = pallet.trace([air], start_c=pulp).end_c[0].tolist()
            pulp = (outer, core)
            yield (
                *(c.id, step.carriage + 1, number, step.kind.value, step.node, step.subject),
                waiting_for(scenario.timetable, step),
                *(begins, ends, air.hours, air.air_c),
                *(air.relative_humidity_pct, air.half_cooling_h, outer, core),
            )
            begins = ends


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
    return frame(
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
    return frame(
        columns,
        (
            (name, *(getattr(c, kind) for kind in kinds), c.invoiced, c.total)
            for name, c in sorted(plan.charges.items())
        ),
    )
