"""Rules of the books: charges by consignment and kind, and what the proof claims."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import fields
from itertools import pairwise

from coldchain.audit.boxes import by_kg, pallets_per_unit
from coldchain.audit.case import Case, Run
from coldchain.audit.climate import haulage_kg
from coldchain.audit.hours import delay, duration
from coldchain.audit.replay import Ride
from coldchain.audit.tasks import operations, origin_equipment, rides_as
from coldchain.audit.treatment import in_transit
from coldchain.audit.violation import Violation
from coldchain.charges import Charges
from coldchain.goods import Consignment
from coldchain.itinerary import StepKind
from coldchain.network import Operation, Service, Trigger
from coldchain.scenario import Scenario
from coldchain.selection import Status

CENT = 0.01
NEAR = 1e-6
"""Floats that stand for one number of cents."""

KINDS = tuple(field.name for field in fields(Charges))
Entry = tuple[str, float]
"""A line of the books: kind of charge, USD."""


def _per_unit(task: Operation) -> Entry:
    return task.charge, task.usd_per_unit


def _charged_h(minutes: float, free_h: float) -> float:
    """Hours of a stay that are charged."""
    return max(0.0, minutes / 60 - free_h)


def _kept(scenario: Scenario, one: Ride) -> list[int]:
    """Minutes a unit waits after each of its legs, as its diary has them, queues included."""
    kept: list[int] = []
    for stretch in one.stretches:
        if stretch.kind is StepKind.LEG:
            kept.append(0)
        elif stretch.kind is StepKind.WAIT and kept:
            kept[-1] += stretch.ends - stretch.begins
        elif kept:
            kept[-1] += delay(scenario.network, stretch.subject, stretch.begins)
    return kept


def _detention(service: Service, minutes: float) -> float:
    return service.detention_usd_per_unit_h * _charged_h(minutes, service.detention_free_h)


def _by_the_hour(scenario: Scenario, services: Iterable[Service], hours: float) -> list[Entry]:
    """Lease, diesel and carbon of one unit: each at its highest rate among the legs."""
    legs = list(services)
    litres = max(service.genset_l_per_h for service in legs)
    kg = max(service.genset_kgco2e_per_h for service in legs)
    return [
        ("reefer", max(service.reefer_usd_per_unit_h for service in legs) * hours),
        ("genset", litres * scenario.prices.diesel_usd_per_l * hours),
        ("carbon", kg * hours / 1000 * scenario.objective.carbon_usd_per_t),
    ]


def unit_entries(scenario: Scenario, one: Ride) -> list[Entry]:
    """What one load unit costs from stuffing to hand-over; nothing by the kilogram of a flight."""
    services, first = one.services, one.services[0]
    if any(service.shared_by_kg for service in services):
        return []
    entries: list[Entry] = []
    for service, minutes in zip(services, _kept(scenario, one), strict=True):
        # By the hour it is paid for the transit agreed, not for delays.
        transit = duration(service.transit, quantile=scenario.quantile)
        by_the_hour = service.linehaul_usd_per_unit_h * transit / 60
        entries.append(("freight", service.linehaul_usd_per_unit + by_the_hour))
        entries.append(("detention", _detention(service, minutes)))
    entries += _by_the_hour(scenario, services, (one.handed_over - one.stuffed) / 60)
    at_origin = operations(scenario, first.origin, Trigger.ORIGIN)
    at_origin = (*at_origin, *origin_equipment(scenario, first))
    entries += [_per_unit(task) for task in (*at_origin, *one.performed)]
    tonnes = min(service.payload_kg for service in services) / 1000
    for stop in one.stops:
        minutes = max(0, stop.departs - stop.ready)
        for plug in operations(scenario, stop.after.origin, Trigger.UNIT_STORAGE):
            if not plug.equipment_in or rides_as(stop.before) in plug.equipment_in:
                a_day = plug.usd_per_t_day * tonnes + plug.usd_per_unit_day
                days = _charged_h(minutes, plug.free_h) / 24
                entries.append((plug.charge, a_day * days))
    return entries


def _opened(case: Case, run: Run) -> Iterable[tuple[Operation, int | None]]:
    """Operations that open units, and the pallets per unit they are priced by (None: kg only)."""
    sizes = [
        None if by_kg(case, carriage) else pallets_per_unit(case, carriage)
        for carriage in run.itinerary.carriages
    ]
    for dock, (came, goes) in zip(run.replay.cross_docks, pairwise(sizes), strict=True):
        if dock is not None:
            yield dock, goes if came is None else came
    for task in run.replay.at_destination:
        yield task, sizes[-1]


def own_entries(case: Case, run: Run) -> list[Entry]:
    """What a consignment costs by itself, load units apart."""
    scenario, goods = case.scenario, run.consignment
    entries: list[Entry] = []
    for one, available in zip(run.replay.rides, run.replay.available, strict=True):
        for service in one.services:
            entries.append(("freight", service.linehaul_usd_per_kg * goods.gross_kg))
            tonnes = haulage_kg(service, goods) / 1000
            entries.append(("carbon", tonnes * scenario.objective.carbon_usd_per_t))
        stayed = max(0, one.stuffed - available)
        for store in operations(scenario, one.services[0].origin, Trigger.GOODS_STORAGE):
            days = _charged_h(stayed, store.free_h) / 24
            entries.append(("storage", store.usd_per_t_day * goods.gross_kg / 1000 * days))
    for task in run.replay.performed:
        entries.append(("handling", task.usd_per_kg * goods.gross_kg))
    for task, places in _opened(case, run):
        if places is not None:
            entries.append(("handling", task.usd_per_unit * goods.pallets / places))
    treating = in_transit(scenario, goods)
    if treating is not None:
        entries.append(("handling", treating.usd_per_kg * goods.gross_kg))
        last = run.replay.rides[-1]
        if not last.services[0].shared_by_kg:
            places = pallets_per_unit(case, run.itinerary.carriages[-1])
            units = math.ceil(goods.pallets / places)
            held = sum(
                s.ends - s.begins
                for s in run.replay.stretches
                if s.kind is StepKind.WAIT and s.subject == treating.treatment
            )
            entries += [
                (kind, usd * units)
                for kind, usd in _by_the_hour(scenario, last.services, held / 60)
            ]
            before, service = _kept(scenario, last)[-1], last.services[-1]
            more = _detention(service, before + held) - _detention(service, before)
            entries.append(("detention", more * units))
    entries += _by_value(scenario, goods)
    terms = case.terms(run)
    if terms is not None:
        entries.append(("packaging", terms.usd_per_kg * goods.gross_kg))
        # The life reckoned that the plan states is another rule's business.
        on_the_way = run.itinerary.life_reckoned - goods.life_used_at_ready
        life_d = case.kinds[run.cargo].pace.keeping_quality_h(goods.retail_c) / 24
        missed_d = case.longest_h(goods) / 24 - life_d
        lost_d = on_the_way * life_d + (1 - goods.life_used_at_ready) * missed_d
        price = scenario.objective.freshness_usd_per_kg_d
        entries.append(("freshness", price * goods.net_kg * lost_d))
    return entries


def _by_value(scenario: Scenario, goods: Consignment) -> list[Entry]:
    """Insurance; and where goods end abroad, duty on their value, VAT on value and duty."""
    value = goods.value_usd
    entries: list[Entry] = [("insurance", value * scenario.prices.insurance_pct / 100)]
    nodes = scenario.network.nodes
    start, end = nodes[goods.origin].country, nodes[goods.destination].country
    hs6 = scenario.perishables[goods.commodity].hs6
    rows = [
        row
        for row in scenario.duties
        if hs6[: len(row.hs)] == row.hs
        and start in (row.from_countries or {start})
        and end in (row.to_countries or {end})
    ]
    if start != end and rows:
        duty = value * rows[0].duty_pct / 100
        entries += [("duty", duty), ("vat", (value + duty) * rows[0].vat_pct / 100)]
    return entries


def shared_entries(case: Case, run: Run) -> list[Entry]:
    """A consignment's share, by pallets, of the load units of its carriages."""
    entries: list[Entry] = []
    for carriage, one in zip(run.itinerary.carriages, run.replay.rides, strict=True):
        pallets = case.pallets_on(carriage)
        if pallets:
            share = case.pallets_on(carriage, run.consignment.id) / pallets
            units = len(case.units[carriage])
            costs = unit_entries(case.scenario, one)
            entries += [(kind, usd * units * share) for kind, usd in costs]
    return entries


def _posted(entries: Iterable[Entry]) -> Charges:
    kinds: defaultdict[str, list[float]] = defaultdict(list)
    for kind, usd in entries:
        kinds[kind].append(usd)
    return Charges(**{kind: math.fsum(amounts) for kind, amounts in kinds.items()})


def recomputed(case: Case) -> Mapping[str, Charges]:
    """Charges of every consignment that can be replayed or stays behind."""
    books: dict[str, Charges] = {}
    for run in case.runs:
        entries = own_entries(case, run) + shared_entries(case, run)
        books[run.consignment.id] = _posted(entries)
    for refusal in case.plan.unserved:
        goods = case.consignments.get(refusal.consignment)
        if goods is not None and refusal.consignment not in books:
            left = case.scenario.objective.unserved_usd_per_kg * goods.net_kg
            books[refusal.consignment] = Charges(unserved=max(left, goods.value_usd))
    return books


def total_usd(case: Case) -> float:
    """All charges the plan states, added up."""
    return math.fsum(
        getattr(charges, kind) for charges in case.plan.charges.values() for kind in KINDS
    )


def charged(case: Case) -> Iterable[Violation]:
    """Every consignment of the scenario has charges, and nothing else has."""
    for name in sorted(set(case.consignments) ^ set(case.plan.charges)):
        known = name in case.consignments
        yield Violation(
            rule="charged",
            subject=name,
            found="no charges" if known else "charges",
            expected="charges" if known else "none",
            message="the books are not those of the scenario's consignments",
        )


def charges(case: Case) -> Iterable[Violation]:
    """Charges are, by consignment and kind, those recomputed, to the cent."""
    for name, expected in recomputed(case).items():
        stated = case.plan.charges.get(name)
        if stated is None:
            continue
        for kind in KINDS:
            told, meant = getattr(stated, kind), getattr(expected, kind)
            if not abs(told - meant) <= CENT + NEAR:
                yield Violation(
                    rule="charges",
                    subject=name,
                    found=f"{told:.2f} USD",
                    expected=f"{meant:.2f} USD",
                    message=f"its charge for {kind} does not follow from its way",
                )


def proof_cost(case: Case) -> Iterable[Violation]:
    """Cost and constant of the proof are the charges of the plan, up to the cents rounded."""
    proof = case.plan.proof
    told, meant = proof.cost_usd + proof.constant_usd, total_usd(case)
    roundings = len(case.consignments) + len(case.plan.load_units)
    if not abs(told - meant) <= CENT * roundings + NEAR:
        yield Violation(
            rule="proof_cost",
            subject="proof",
            found=f"{told:.2f} USD",
            expected=f"{meant:.2f} USD within {CENT * roundings:.2f}",
            message="what was proven is not what the plan costs",
        )


def proof_bound(case: Case) -> Iterable[Violation]:
    """The bound lies below the cost, and below is where it was proven."""
    proof = case.plan.proof
    if not proof.bound_usd <= proof.cost_usd + CENT + NEAR:
        yield Violation(
            rule="proof_bound",
            subject="proof",
            found=f"{proof.bound_usd:.2f} USD",
            expected=f"at most {proof.cost_usd:.2f} USD",
            message="a lower bound lies above the cost",
        )


def proof_gap(case: Case) -> Iterable[Violation]:
    """The gap is the distance of cost and bound as a share of the cost."""
    proof = case.plan.proof
    missing = max(0.0, proof.cost_usd - proof.bound_usd)
    # A cent of rounding on either side is no gap.
    slack = (CENT + NEAR) / max(CENT, abs(proof.cost_usd))
    expected = missing / max(CENT, abs(proof.cost_usd))
    if not abs(proof.gap - expected) <= slack:
        yield Violation(
            rule="proof_gap",
            subject="proof",
            found=f"{proof.gap:.6%}",
            expected=f"{expected:.6%}",
            message="the gap does not follow from cost and bound",
        )


def proof_status(case: Case) -> Iterable[Violation]:
    """A status is one of those known, and optimal is said only of a closed gap."""
    proof = case.plan.proof
    missing = (proof.cost_usd - proof.bound_usd) / max(CENT, abs(proof.cost_usd))
    optimal = proof.status == Status.OPTIMAL
    if proof.status not in list(Status) or (optimal and missing > proof.gap_asked + NEAR):
        yield Violation(
            rule="proof_status",
            subject="proof",
            found=f"{proof.status} with a gap of {missing:.2%}",
            expected=f"one of {', '.join(Status)}; optimal up to {proof.gap_asked:.2%}",
            message="the status claims more than is proven",
        )


def mandate(case: Case) -> Iterable[Violation]:
    """What a plan would cost free of its mandate is told of one it has, and is no more."""
    told, proof = case.plan.mandate, case.plan.proof
    if told is None:
        return
    asked: set[str] = set()
    for goods in case.scenario.consignments:
        asked.update(case.scenario.via if goods.via is None else goods.via)
    if sorted(asked) != list(told.via) or not asked:
        yield Violation(
            rule="mandate",
            subject="mandate",
            found=", ".join(told.via) or "no node",
            expected=", ".join(sorted(asked)) or "no mandate",
            message="it is not what the consignments are bound to",
        )
    cost = proof.cost_usd + proof.constant_usd
    if not told.free_bound_usd - CENT <= told.free_cost_usd <= cost + CENT + NEAR:
        yield Violation(
            rule="mandate",
            subject="mandate",
            found=f"{told.free_cost_usd:.2f} USD",
            expected=f"from {told.free_bound_usd:.2f} to {cost:.2f} USD",
            message="what it costs free of the mandate lies outside its bounds",
        )
