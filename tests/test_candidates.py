"""The search loses nothing: against an oracle that tries everything, on networks with traps."""

import random
from dataclasses import replace
from datetime import time

import pytest
from conftest import (
    DAILY,
    consignment,
    flight,
    network,
    node,
    operation,
    perishable,
    scenario,
    service,
    store,
    train,
    transfer,
)
from enumeration import Choice, Oracle

from coldchain.candidates import Candidates, enumerate_itineraries
from coldchain.itinerary import Reason
from coldchain.lowering import lower
from coldchain.network import Operation, Service, Trigger
from coldchain.scenario import Scenario

PENNIES = 10
"""Rounding to cents, of a dozen amounts at most."""


def random_scenario(seed: int) -> Scenario:
    """Up to two layers between packhouses and cities; boxes, trucks, trains, planes, a border."""
    rng = random.Random(seed)
    origins = ["P1", "P2"][: rng.choice([1, 2, 2])]
    hubs = ["H", "T"][: rng.choice([1, 2, 2])]
    border = ["X"][: rng.choice([0, 1])]
    cities = ["D1", "D2"][: rng.choice([1, 2])]
    docks = {h for h in [*hubs, *border] if rng.random() < 0.7} | {"H"}
    services: list[Service] = []

    def days() -> frozenset[int]:
        return DAILY if rng.random() < 0.6 else frozenset(rng.sample(range(1, 8), 5))

    def offer(a: str, b: str) -> None:
        name = f"{a}{b}{len(services)}"
        usd = float(rng.randint(10, 40) * 10)
        reefer = float(rng.choice([2, 3, 5]))
        kind = rng.choice(["truck", "truck", "cn", "box", "rail", "rail", "air", "timed"])
        pallets = rng.choice([8, 10, 10])
        common = {"reefer_usd_per_unit_h": reefer, "pallets_per_unit": pallets}
        hours = rng.choice([3.0, 5.5, 9.0, 16.0])
        cutoff = rng.choice([0.0, 1.0, 2.5])
        if kind in ("truck", "cn", "box"):
            equipment = {"truck": "TRUCK_CA", "cn": "TRUCK_CN", "box": "FEU"}[kind]
            services.append(
                service(
                    name,
                    f"{a}>{b}",
                    hours,
                    usd,
                    equipment=equipment,
                    cutoff_h=cutoff,
                    border_included=rng.random() < 0.2,
                    **common,
                )
            )
        elif kind == "timed":
            services.append(
                service(
                    name,
                    f"{a}>{b}",
                    hours,
                    usd,
                    departure_times=(time(rng.randrange(24)),),
                    cutoff_h=cutoff,
                    days=days(),
                    capacity_units=rng.choice([1, 2, 9]),
                    **common,
                )
            )
        elif kind == "rail":
            services.append(
                train(
                    name,
                    f"{a}>{b}",
                    rng.choice([8.0, 14.0, 21.0]),
                    usd,
                    departure_times=(time(rng.randrange(24), rng.choice([0, 30])),),
                    cutoff_h=rng.choice([1.0, 3.0]),
                    days=days(),
                    capacity_units=rng.choice([1, 1, 2, 9]),
                    **common,
                )
            )
        else:
            services.append(
                flight(
                    name,
                    f"{a}>{b}",
                    rng.choice([1.5, 4.0]),
                    rng.choice([0.1, 0.3]),
                    departure_times=(time(rng.randrange(24)),),
                    days=days(),
                    capacity_units=rng.choice([3000, 20_000]),
                    temperature_c=rng.choice([None, 8.0]),
                )
            )

    for a in origins:
        for b in hubs:
            for _ in range(rng.choice([1, 2])):
                offer(a, b)
        if rng.random() < 0.4:
            offer(a, rng.choice([*border, *cities]))
    if len(hubs) == 2 and rng.random() < 0.5:
        offer("H", "T")
        if rng.random() < 0.5:
            offer("T", "H")
    for a in [*hubs, *border]:
        for b in [*([] if a in border else border), *cities]:
            for _ in range(rng.choice([0, 1, 1, 2])):
                offer(a, b)
    operations: list[Operation] = []
    # Goods never pay to wait in one store rather than in another, nor would they for a later truck.
    everywhere = rng.random() < 0.3
    rate = 0.5 if everywhere else 0.0
    for place in origins:
        operations.append(
            operation(
                f"PACK-{place}",
                place,
                Trigger.ORIGIN,
                rng.choice([1.0, 4.0]),
                exposed_h=rng.choice([0.0, 1.0]),
                usd_per_kg=0.05,
                usd_per_unit=rng.choice([0.0, 30.0]),
            )
        )
        if rng.random() < 0.3:
            operations.append(
                operation(
                    f"EMPTY-{place}",
                    place,
                    Trigger.ORIGIN_EQUIPMENT,
                    rng.choice([0.0, 2.0]),
                    equipment_out=frozenset({"FEU_C", "FEU_R"}),
                    charge="reefer",
                    usd_per_unit=50.0,
                    usd_per_kg=rng.choice([0.0, 0.01]),
                )
            )
    for place in [*origins, *hubs, *border]:
        if everywhere or rng.random() < 0.6:
            operations.append(store(place, rate))
        operations.append(
            operation(
                f"PLUG-{place}",
                place,
                Trigger.UNIT_STORAGE,
                charge="storage",
                usd_per_t_day=1.0,
            )
        )
    for place in [*hubs, *border]:
        if rng.random() < 0.6:
            operations.append(
                transfer(
                    f"LIFT-{place}",
                    place,
                    "FEU_C|FEU_R>FEU_C|FEU_R",
                    rng.choice([1.0, 3.0]),
                    usd_per_unit=20.0,
                    exposed_h=rng.choice([0.0, 0.5]),
                )
            )
        if place in docks:
            office = rng.random() < 0.4
            operations.append(
                operation(
                    f"DOCK-{place}",
                    place,
                    Trigger.TRANSFER,
                    rng.choice([1.0, 3.0]),
                    opens_unit=True,
                    exposed_h=rng.choice([0.0, 0.5]),
                    usd_per_unit=rng.choice([0.0, 20.0]),
                    usd_per_kg=rng.choice([0.0, 0.02]),
                    opens=time(7) if office else time(0),
                    closes=time(19) if office else time(0),
                    days=days() if office else DAILY,
                )
            )
    for place in border:
        operations.append(
            operation(
                "BORDER",
                place,
                Trigger.ARRIVE,
                rng.choice([1.0, 4.0]),
                charge="border",
                usd_per_unit=40.0,
                equipment_in=frozenset(
                    rng.choice([(), ("TRUCK_CA", "TRUCK_CN"), ("FEU_C", "FEU_R")])
                ),
                opens=time(9),
                closes=time(rng.choice([13, 18])),
                days=days(),
            )
        )
    for place in cities:
        operations.append(
            operation(
                f"UNLOAD-{place}",
                place,
                Trigger.DESTINATION,
                1.0,
                exposed_h=0.5,
                usd_per_unit=20.0,
                opens=time(rng.choice([0, 5])),
                closes=time(0),
            )
        )
    goods = {
        code: perishable(code, life_min_d=life, life_typ_d=life, life_max_d=life, **known)
        for code, life, known in (
            ("fruit", 8.0, {}),
            ("berry", 4.0, {"setpoint_max_c": rng.choice([1.0, 6.0])}),
        )
    }
    carried = [
        consignment(
            f"C{i}",
            f"{rng.choice(origins)}>{rng.choice(cities)}",
            rng.choice([1, 2, 3, 5, 7, 10, 12]),
            f"24 {rng.choice([0, 6, 11, 17]):02}:{rng.choice([0, 20])}0",
            f"{rng.choice([26, 27, 27])} {rng.choice([0, 12, 18]):02}:00",
            commodity=rng.choice(["fruit", "fruit", "berry"]),
            shelf_life_required_h=rng.choice([0.0, 24.0, 48.0]),
            life_used_at_ready=rng.choice([0.0, 0.03]),
        )
        for i in range(rng.choice([2, 3, 3, 4]))
    ]
    return scenario(
        network(
            [node(n, cross_dock=n in docks) for n in [*origins, *hubs, *border, *cities]],
            services,
            operations,
        ),
        carried,
        perishables=goods,
        setpoints_c=rng.choice([(0.0,), (0.0,), (0.0, 3.0)]),
        max_cross_docks=rng.choice([1, 2, 2]),
        freshness_usd_per_kg_d=rng.choice([0.0, 0.02]),
        unserved_usd_per_kg=rng.choice([0.6, 4.0]),
    )


def oracle_unit(oracle: Oracle, candidates: Candidates, row: int):
    """The chain of a candidate as the oracle reckons it; a departure that is none is an error."""
    timetable = candidates.scenario.timetable
    chain = []
    for rated, setpoint in candidates.chain(row):
        for ridden, leg in zip(rated.ride.services, rated.ride.legs, strict=True):
            day = timetable.local_day(ridden, leg.departs)
            assert timetable.runs_on(ridden, day)
            if not ridden.on_demand:
                runs = timetable.departures(ridden, leg.departs, leg.departs)
                assert [run.departs for run in runs] == [leg.departs]
        departs = [leg.departs for leg in rated.ride.legs]
        unit = oracle.sealed(rated.ride.services, departs)
        assert (unit.stuffed, unit.handed_over) == (rated.ride.stuffed, rated.ride.handed_over)
        assert unit.pallets == rated.pallets
        assert unit.unit_usd == pytest.approx(rated.unit_usd, abs=1e-6)
        chain.append((unit, setpoint))
    return chain


def searched_usd(candidates: Candidates, oracle: Oracle) -> int:
    """Least joint cost (cents) of what an engine is asked, by all combinations."""
    lowered = lower(candidates)
    refused = {r.consignment for r in candidates.refusals}
    left = [c for c in candidates.scenario.consignments if c.id in refused]
    assert len(left) + len(lowered.customers) == len(candidates.scenario.consignments)
    return Choice.of(lowered.problem).least() + sum(
        round(100 * oracle.unserved_usd(c)) for c in left
    )


SEEDS = range(60)


@pytest.mark.parametrize("seed", SEEDS)
def test_candidates_hold_a_plan_as_cheap_as_any_within_the_cut_by_money(seed: int):
    given = random_scenario(seed)
    oracle = Oracle(given)
    searched = searched_usd(enumerate_itineraries(given), oracle)
    assert oracle.choice().least() - PENNIES <= searched
    assert searched <= oracle.choice(oracle.ways_worth_taking).least() + PENNIES


@pytest.mark.parametrize("seed", SEEDS)
def test_every_candidate_keeps_the_clock_the_cold_and_the_books(seed: int):
    given = random_scenario(seed)
    oracle = Oracle(given)
    candidates = enumerate_itineraries(given)
    for row in range(len(candidates)):
        carried = given.consignments[int(candidates.consignment[row])]
        chain = oracle_unit(oracle, candidates, row)
        nodes = [carried.origin, *(n for unit, _ in chain for n in unit.nodes[1:])]
        assert len(nodes) == len(set(nodes))
        assert len(chain) <= given.max_cross_docks + 1
        way = oracle.reckon(carried, chain)
        assert way is not None, f"{carried.id} is late or not fresh"
        assert way.delivered == candidates.delivered[row]
        assert way.life_used == pytest.approx(candidates.life_used[row], abs=1e-9)
        assert way.own_usd == pytest.approx(candidates.own_usd[row], abs=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_refusals_say_what_the_oracle_says(seed: int):
    given = random_scenario(seed)
    refusals = {r.consignment: r for r in enumerate_itineraries(given).refusals}
    for carried in given.consignments:
        one = replace(given, consignments=(carried,))
        if carried.id not in refusals:
            assert Oracle(one).ways[carried.id]
            continue
        refusal = refusals[carried.id]
        grace_d = 2.0
        ways = Oracle(one, limits=False, grace_d=grace_d).ways[carried.id]
        due = int(carried.due_at.timestamp()) // 60
        in_time = [way for way in ways if way.delivered <= due]
        if not ways:
            late = refusal.reason is Reason.TOO_LATE and refusal.shortfall > 24 * grace_d
            assert late or refusal.reason is Reason.NO_PATH
        elif not in_time:
            assert refusal.reason is Reason.TOO_LATE
            earliest = min(way.delivered for way in ways)
            assert refusal.shortfall == pytest.approx((earliest - due) / 60)
        else:
            assert refusal.reason is Reason.NOT_FRESH
            law = given.law(carried.commodity, carried.packaging)
            left = 1 - min(way.life_used for way in in_time)
            left_h = max(0.0, left) * law.keeping_quality_h(carried.retail_c)
            assert refusal.shortfall == pytest.approx((carried.shelf_life_required_h - left_h) / 24)
            assert refusal.shortfall > 0
        assert refusal.where == carried.destination
