"""Work that takes so many units a day: later departures where it runs out, and the words for it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import (
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
from enumeration import Oracle
from test_candidates import PENNIES, searched_usd
from test_tables import copy_tables, save, table, the_fault

from coldchain.audit import check
from coldchain.calendars import Closure
from coldchain.candidates import enumerate_itineraries
from coldchain.itinerary import Reason
from coldchain.lowering import lower
from coldchain.network import Network, Operation, Service, Trigger
from coldchain.planner import solve
from coldchain.scenario import Scenario
from coldchain.selection import Effort

MON = frozenset({1})


def check_at(place: str, units: int, **known: object) -> Operation:
    """An inspection of wagons, so many a day."""
    given = {"equipment_in": frozenset({"FEU_R"}), "units_per_day": units, **known}
    return operation(f"CHECK-{place}", place, Trigger.ARRIVE, 1, **given)


def line(services: list[Service], *operations: Operation) -> Network:
    stores = [store(place, 0.0) for place in "AD"]
    return network(map(node, "ABCD"), services, [*stores, *operations])


AT_THE_END = line([train("T", "A>D", 10, 100.0)], check_at("D", 1))
TO_GO_ON = line(
    [train("T", "A>B", 10, 100.0), service("BD", "B>D", 2, 10.0, equipment="FEU")],
    transfer("LIFT", "B", "FEU_R>FEU_C", 1, units_per_day=1),
)
FARTHER_ON = line(
    [train("T1", "A>B", 5, 50.0, days=MON), train("T2", "B>D", 5, 50.0)], check_at("D", 1)
)
FARTHER_ON_TO_GO_ON = line(
    [
        train("T1", "A>B", 5, 50.0, days=MON),
        train("T2", "B>C", 5, 50.0),
        service("CD", "C>D", 2, 10.0, equipment="FEU"),
    ],
    transfer("LIFT", "C", "FEU_R>FEU_C", 1, units_per_day=1),
)
ELSEWHERE = line(
    [
        train("T1", "A>B", 10, 50.0, days=MON),
        train("T2", "B>D", 1, 10.0, days=frozenset({2})),
        train("TY", "A>D", 35, 290.0, days=MON),
    ],
    check_at("B", 1),
)
FEEDERS = line(
    [
        service("AB", "A>B", 5, 10.0, equipment="FEU"),
        service("BC", "B>C", 1, 10.0, equipment="FEU"),
        service("AC", "A>C", 9, 100.0, equipment="FEU"),
        train("T", "C>D", 5, 100.0, days=MON),
    ],
    transfer("LIFT", "C", "FEU_C>FEU_R", 1),
    operation("CHECK", "B", Trigger.ARRIVE, 1, units_per_day=1),
)
SMALL_LEG = line(
    [
        service("AB", "A>B", 2, 10.0, equipment="FEU", pallets_per_unit=10),
        train("T", "B>D", 10, 100.0),
    ],
    transfer("LIFT", "B", "FEU_C>FEU_R", 1),
    # Twenty pallets are two boxes, as one leg takes but ten.
    check_at("D", 3),
)

APART = {
    f"f{n}": perishable(f"f{n}", setpoint_min_c=9.0 * n, setpoint_max_c=9.0 * n + 2.0)
    for n in range(3)
}
"""Goods that never share a box: no setpoint suits two of them."""


def three(net: Network, due: str = "29 00:00") -> Scenario:
    """Three full boxes from A to D, which have nothing to wait for each other for."""
    return scenario(
        net,
        [consignment(f"C{n}", "A>D", 20, "24 00:00", due, commodity=f"f{n}") for n in range(3)],
        perishables=APART,
        setpoints_c=(0.0, 9.0, 18.0),
    )


@pytest.mark.parametrize(
    "net",
    [
        AT_THE_END,
        TO_GO_ON,
        FARTHER_ON,
        FARTHER_ON_TO_GO_ON,
        ELSEWHERE,
        FEEDERS,
        SMALL_LEG,
    ],
)
def test_what_finds_no_place_on_one_day_goes_on_another_or_elsewhere(net: Network):
    given = three(net)
    oracle = Oracle(given)
    least = oracle.choice().least()
    assert least < 100 * 3 * 300
    assert abs(searched_usd(enumerate_itineraries(given), oracle) - least) <= PENNIES
    plan = solve(given, effort=Effort(seconds=10))
    assert not plan.unserved
    assert check(plan) == ()


def test_a_dearer_way_stays_where_the_cheaper_one_may_run_out():
    given = three(ELSEWHERE, due="26 12:00")
    oracle = Oracle(given)
    found = enumerate_itineraries(given)
    assert abs(searched_usd(found, oracle) - oracle.choice().least()) <= PENNIES
    plan = solve(given, effort=Effort(seconds=10))
    # One by the cheap train, whose wagons are inspected one a day; two by the dear one.
    assert plan.proof.cost_usd == pytest.approx(60 + 2 * 290)


def test_work_that_runs_out_where_it_is_shut_for_good_is_gone_round():
    for_good = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
    closure = Closure(subject="B", begins_at=for_good[0], ends_at=for_good[1], why="shut")
    given = three(replace(ELSEWHERE, closures=(closure,)))
    plan = solve(given, effort=Effort(seconds=10))
    assert check(plan) == ()
    assert plan.proof.cost_usd == pytest.approx(3 * 290)


def test_a_day_is_one_of_the_place_where_the_work_is_begun():
    # Trains at 20:00 UTC, there an hour later: 21:00 UTC is the next morning in Shanghai (UTC+8).
    nodes = [node("A"), node("C", timezone="Asia/Shanghai")]
    twice = [
        train("EVENING", "A>C", 1, 100.0, days=MON, cutoff_h=0.0),
        train("NIGHT", "A>C", 4, 100.0, days=MON, cutoff_h=0.0),
    ]
    given = scenario(
        network(nodes, twice, [store("A", 0.0), check_at("C", 1)]),
        [consignment(f"C{n}", "A>C", 20, "24 00:00", "28 00:00") for n in range(2)],
    )
    # 21:00 and 00:00 UTC are two days in UTC and one, the 25th, in Shanghai.
    assert len(solve(given, effort=Effort(seconds=10)).itineraries) == 1


def test_who_finds_no_place_is_told_whose_place_and_when():
    given = three(AT_THE_END, due="26 00:00")
    plan = solve(given, effort=Effort(seconds=10))
    reasons = {r.reason for r in plan.unserved}
    assert reasons == {Reason.NO_SLOT}
    assert "no slot left on CHECK-D CHECK-D at D of 2027-05-25" in plan.unserved[0].detail
    assert check(plan) == ()


def test_an_operation_for_everybody_limits_nothing():
    assert not lower(enumerate_itineraries(three(line([train("T", "A>D", 10, 100.0)])))).limits
    wide = line([train("T", "A>D", 10, 100.0)], check_at("D", 3))
    assert not lower(enumerate_itineraries(three(wide))).limits


def test_what_flies_by_the_kilogram_is_no_unit():
    net = line(
        [flight("F", "A>D", 2, 0.1)],
        replace(check_at("D", 0), equipment_in=frozenset()),
    )
    plan = solve(three(net), effort=Effort(seconds=10))
    assert len(plan.itineraries) == 3
    assert check(plan) == ()


# The table ------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_tables(tmp_path)


def test_only_work_on_sealed_units_is_counted(folder: Path):
    rows = table(folder / "operations.csv")
    trigger, units = (rows[0].index(n) for n in ("trigger", "capacity_units_per_day"))
    number = next(i for i, row in enumerate(rows) if row[trigger] == "destination")
    rows[number][units] = "7"
    save(folder / "operations.csv", rows)
    fault = the_fault(folder)
    assert (fault.row, fault.column) == (number + 1, "capacity_units_per_day")
    assert "where they arrive" in fault.expected


def test_few_reefers_a_day_pass_irkeshtam(cherry_week: Scenario):
    crossing = [
        o
        for o in cherry_week.network.operations.values()
        if o.node == "CN-IRK-BX" and o.units_per_day is not None
    ]
    assert [o.units_per_day for o in crossing] == [5]
    assert all(o.trigger is Trigger.ARRIVE and "TRUCK_CA" in o.equipment_in for o in crossing)
