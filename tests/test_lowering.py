"""Freight to integers and back: the same money, to the cent, and the same slots."""

from dataclasses import replace
from datetime import date, time

import numpy as np
import pytest
from conftest import (
    consignment,
    flight,
    lagging,
    network,
    node,
    operation,
    random_scenario,
    scenario,
    service,
    store,
    train,
)
from enumeration import Choice, Oracle
from hypothesis import given
from hypothesis import strategies as st

from coldchain.audit import check
from coldchain.candidates import enumerate_itineraries
from coldchain.engines import ENGINES, stand_alone_cost
from coldchain.engines.record import silent
from coldchain.goods import Packaging
from coldchain.itinerary import Reason
from coldchain.lowering import Lifting, Lowered, cents, lower
from coldchain.network import Trigger
from coldchain.plan import Plan
from coldchain.scenario import Scenario
from coldchain.selection import Effort

PROVEN = Effort(seconds=30.0, gap=0.0, threads=1, seed=1)


def planned(given_: Scenario) -> tuple[Lowered, Plan]:
    lowered = lower(enumerate_itineraries(given_))
    selection = ENGINES["exact"](lowered.problem, PROVEN, silent)
    alone = stand_alone_cost(lowered.problem) / 100
    return lowered, Lifting(lowered).plan(selection, greedy_usd=alone, effort=PROVEN)


@given(st.integers(-(10**9), 10**9))
def test_cents_are_exact_for_whole_cents_and_round_half_up(n):
    assert cents(n / 100) == n
    assert cents(0.125) == 13
    assert cents(-0.125) == -12


@pytest.mark.parametrize("seed", range(30))
def test_the_plan_costs_what_the_engine_was_told(seed: int):
    lowered, plan = planned(random_scenario(seed))
    amounts = len(plan.itineraries) + len(plan.load_units) + len(plan.unserved)
    charged = plan.total.total - lowered.constant_usd
    assert charged == pytest.approx(plan.proof.cost_usd, abs=0.005 * amounts + 1e-6)
    assert check(plan) == ()


@pytest.mark.parametrize("seed", range(30))
def test_a_plan_for_goods_that_lag_in_open_packaging_is_audited(seed: int):
    given_ = lagging(random_scenario(seed))
    open_ = tuple(replace(c, packaging=Packaging.ANY) for c in given_.consignments)
    lowered, plan = planned(replace(given_, consignments=open_))
    amounts = len(plan.itineraries) + len(plan.load_units) + len(plan.unserved)
    charged = plan.total.total - lowered.constant_usd
    assert charged == pytest.approx(plan.proof.cost_usd, abs=0.005 * amounts + 1e-6)
    assert check(plan) == ()


@pytest.mark.parametrize("seed", range(30))
def test_the_plan_is_the_cheapest_of_all_combinations(seed: int):
    lowered, plan = planned(random_scenario(seed))
    assert plan.proof.status == "optimal"
    assert round(100 * plan.proof.cost_usd) == Choice.of(lowered.problem).least()


@pytest.mark.parametrize("seed", range(30))
def test_limits_that_are_left_out_could_not_bind(seed: int):
    given_ = random_scenario(seed)
    oracle = Oracle(given_)
    _, plan = planned(given_)
    used: dict[tuple[str, object], int] = {}
    for unit in plan.load_units:
        for leg in unit.carriage.legs:
            ridden = given_.network.services[leg.service]
            day = given_.timetable.local_day(ridden, leg.departs)
            amount = 1
            if ridden.shared_by_kg:
                amount = sum(given_.consignment(name).gross_kg for name, _ in unit.contents)
            key = (ridden.id, day if ridden.on_demand else leg.departs)
            used[key] = used.get(key, 0) + amount
    for (name, _), amount in used.items():
        assert amount <= given_.network.services[name].capacity_units
    assert oracle.choice().least() <= round(100 * plan.proof.cost_usd) + 10 + sum(
        round(100 * oracle.unserved_usd(c))
        for c in given_.consignments
        if c.id in {r.consignment for r in lower(enumerate_itineraries(given_)).candidates.refusals}
    )


def boxes_and_a_train(capacity: int, *pallets: int) -> Scenario:
    return scenario(
        network(
            map(node, "AB"),
            [train("T", "A>B", 10, 100.0, capacity_units=capacity, days=frozenset({1}))],
            [store("A", 0.0)],
        ),
        [consignment(f"C{n}", "A>B", p, "24 00:00", "27 00:00") for n, p in enumerate(pallets)],
    )


@pytest.mark.parametrize(("capacity", "limits"), [(1, 1), (2, 1), (3, 0)])
def test_a_limit_is_listed_only_where_it_can_bind(capacity, limits):
    # Each alone would fill one box, 25 pallets two.
    lowered = lower(enumerate_itineraries(boxes_and_a_train(capacity, 25, 8)))
    assert lowered.problem.n_limits == limits
    assert lowered.problem.limit_capacity.tolist() == [capacity] * limits


def test_equal_carriages_are_one_pool_and_others_are_not():
    lowered = lower(enumerate_itineraries(boxes_and_a_train(9, 5, 8)))
    assert lowered.problem.n_pools == 1
    assert lowered.problem.option_load.tolist() == [5, 8]
    assert lowered.problem.pool_capacity.tolist() == [20]
    assert lowered.problem.pool_cost.tolist() == [100_00]
    two = boxes_and_a_train(9, 5, 8)
    warm = replace(two, setpoints_c=(0.0, 3.0))
    assert lower(enumerate_itineraries(warm)).problem.n_pools == 2


def test_air_is_sold_by_the_kilogram():
    given_ = scenario(
        network(
            map(node, "AB"),
            [flight("F", "A>B", 2, 1.0, capacity_units=5000, days=frozenset({1}))],
        ),
        [consignment(f"C{n}", "A>B", 4, "24 00:00", "25 00:00") for n in range(2)],
    )
    problem = lower(enumerate_itineraries(given_)).problem
    assert problem.option_load.tolist() == [3400, 3400]
    assert (problem.pool_capacity.tolist(), problem.pool_cost.tolist()) == ([1], [0])
    assert problem.limit_capacity.tolist() == [5000]
    _, plan = planned(given_)
    assert [r.reason for r in plan.unserved] == [Reason.NO_SLOT]


def test_on_demand_slots_are_counted_by_the_local_day():
    given_ = scenario(
        network(
            [node("A", timezone="Asia/Shanghai"), node("B")],
            [service("S", "A>B", 5, 100.0, capacity_units=1)],
        ),
        [
            consignment("C0", "A>B", 20, "24 01:00", "25 00:00"),
            consignment("C1", "A>B", 20, "24 15:59", "25 00:00"),  # still the 24th in Shanghai
            consignment("C2", "A>B", 20, "24 16:00", "25 00:00"),
        ],
    )
    _, plan = planned(given_)
    runs = given_.network.services["S"]
    days = [
        given_.timetable.local_day(runs, leg.departs)
        for unit in plan.load_units
        for leg in unit.carriage.legs
    ]
    assert days == [date(2027, 5, 24), date(2027, 5, 25)]
    assert [r.reason for r in plan.unserved] == [Reason.NO_SLOT]


def test_staying_behind_saves_the_packing():
    given_ = boxes_and_a_train(9, 5)
    pack = operation("PACK", "A", Trigger.ORIGIN, 1, usd_per_kg=0.3)
    net = replace(given_.network, operations={**given_.network.operations, "PACK": pack})
    lowered = lower(enumerate_itineraries(replace(given_, network=net)))
    packing = 0.3 * 5 * 850
    assert lowered.constant_usd == pytest.approx(packing)
    assert lowered.problem.skip_cost.tolist() == [cents(4.0 * 5 * 800 - packing)]


def test_a_refused_consignment_is_a_constant(three_node: Scenario):
    late = replace(three_node.consignment("A"), due_at=three_node.consignment("A").ready_at)
    given_ = replace(three_node, consignments=(late, three_node.consignment("B")))
    lowered, plan = planned(given_)
    assert lowered.customers == (1,)
    assert lowered.constant_usd == pytest.approx(4.0 * 6400)
    assert [(r.consignment, r.reason) for r in plan.unserved] == [("A", Reason.TOO_LATE)]
    assert plan.charges["A"].unserved == pytest.approx(4.0 * 6400)


def test_nothing_to_choose_is_a_plan_of_nothing(three_node: Scenario):
    _, plan = planned(replace(three_node, consignments=()))
    assert (plan.itineraries, plan.load_units, plan.unserved) == ((), (), ())
    assert plan.total.total == 0


def test_what_shares_a_box_is_cheaper_than_what_goes_alone(one_train: Scenario):
    lowered, plan = planned(one_train)
    assert plan.proof.cost_usd < plan.proof.greedy_usd
    together = [u for u in plan.load_units if len(u.contents) > 1]
    assert together
    assert np.all(lowered.problem.option_cost >= 0)


def test_a_consignment_larger_than_the_slots_left_stays_behind_whole():
    _, plan = planned(boxes_and_a_train(2, 45))
    assert [r.reason for r in plan.unserved] == [Reason.NO_SLOT]


def test_departures_of_one_service_keep_slots_of_their_own():
    given_ = boxes_and_a_train(1, 20, 20)
    runs = replace(given_.network.services["T"], departure_times=(time(6), time(20)))
    two = replace(given_, network=replace(given_.network, services={"T": runs}))
    lowered, plan = planned(two)
    assert plan.unserved == ()
    assert lowered.problem.limit_capacity.tolist() == [1, 1]
    assert {u.carriage.legs[0].departs for u in plan.load_units} == {
        leg.departs for u in plan.load_units for leg in u.carriage.legs
    }
