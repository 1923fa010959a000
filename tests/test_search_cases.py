"""Cases in which a search that cuts too much pays more than all ways tried one by one."""

from dataclasses import replace
from datetime import time

import pytest
from conftest import (
    consignment,
    cross_dock,
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

from coldchain.candidates import enumerate_itineraries
from coldchain.network import Operation, Trigger
from coldchain.planner import solve
from coldchain.search import Search
from coldchain.selection import Effort

E = Effort(seconds=10, gap=0.0, threads=1)


def agrees(given):
    plan = solve(given, effort=E)
    best = Oracle(given).choice().least() / 100
    assert abs(plan.total.total - best) < 0.1, (plan.total.total, best, plan.unserved)


def test_a_full_departure_is_passed_over_for_one_nobody_else_can_take():
    agrees(
        scenario(
            network(
                map(node, "AD"), [train("T", "A>D", 10, 500.0, capacity_units=1)], [store("A")]
            ),
            [
                consignment("EARLY", "A>D", 20, "24 00:00", "25 12:00"),
                consignment("LATE", "A>D", 20, "24 00:00", "27 12:00"),
            ],
        )
    )


@pytest.mark.parametrize(("dwell_h", "carried"), [(23.0, 1), (24.0, 2), (47.0, 2), (48.0, 3)])
def test_a_sealed_unit_waits_for_later_trains_no_longer_than_goods_may(
    dwell_h: float, carried: int
):
    """Three boxes come by one train; the next has a slot a day."""
    given = scenario(
        network(
            map(node, "AHB"),
            [train("T", "A>H", 5, 10.0), train("U", "H>B", 5, 10.0, capacity_units=1)],
        ),
        [consignment(f"C{n}", "A>B", 20, "24 14:00", "30 00:00") for n in range(3)],
        max_dwell_h=dwell_h,
        max_dwell_without_store_h=4.0,
    )
    assert len(solve(given, effort=E).itineraries) == carried
    agrees(given)


def test_what_is_waited_for_later_trains_adds_up():
    """Who lets the second train go on the 26th to another finds the third one full on the 27th."""
    given = scenario(
        network(
            map(node, "AHIB"),
            [
                train("T", "A>H", 5, 10.0),
                train("U", "H>I", 5, 10.0, capacity_units=1),
                train("V", "I>B", 5, 10.0, capacity_units=1),
            ],
        ),
        [
            consignment("FIRST", "A>I", 20, "24 14:00", "26 12:00"),
            consignment("THEN", "I>B", 20, "27 14:00", "28 12:00"),
            consignment("BOTH", "A>B", 20, "24 14:00", "30 00:00"),
        ],
        max_dwell_h=24.0,
        max_dwell_without_store_h=4.0,
    )
    for dwell_h, unserved in ((24.0, 1), (48.0, 0)):
        other = replace(given, max_dwell_h=dwell_h)
        assert len(solve(other, effort=E).unserved) == unserved
        agrees(other)


def test_a_truck_stays_a_candidate_though_a_train_that_may_fill_up_is_cheaper():
    agrees(
        scenario(
            network(
                map(node, "AD"),
                [
                    train("T", "A>D", 10, 500.0, capacity_units=1, days=frozenset({1})),
                    service("AD", "A>D", 30, 600.0, equipment="TRUCK_CN"),
                ],
                [store("A")],
            ),
            [
                consignment("BIG", "A>D", 20, "24 00:00", "25 12:00"),
                consignment("OTHER", "A>D", 20, "24 00:00", "27 12:00"),
            ],
        )
    )


def test_leaving_later_for_the_same_train_may_be_cheaper():
    agrees(
        scenario(
            network(
                map(node, "ABC"),
                [
                    train("T1", "A>B", 5, 100.0, cutoff_h=1.0, reefer_usd_per_unit_h=5.0),
                    train(
                        "T2",
                        "B>C",
                        5,
                        100.0,
                        departure_times=(time(8),),
                        days=frozenset({3}),
                        reefer_usd_per_unit_h=5.0,
                    ),
                ],
                [store("A", 0.9)],
            ),
            [consignment("X", "A>C", 10, "24 00:00", "29 00:00")],
        )
    )


def test_a_dominating_ride_may_visit_a_node_needed_later():
    agrees(
        scenario(
            network(
                [node("A"), node("X1"), node("Y"), node("H", cross_dock=True), node("D")],
                [
                    train("AX", "A>X1", 5, 10.0, departure_times=(time(8),)),
                    service("XH", "X1>H", 1, 10.0, equipment="FEU"),
                    train("AY", "A>Y", 5, 100.0, departure_times=(time(8),)),
                    service("YH", "Y>H", 1, 100.0, equipment="FEU"),
                    service("HX", "H>X1", 1, 10.0, equipment="TRUCK_CN"),
                    service("XD", "X1>D", 1, 10.0, equipment="TRUCK_CN"),
                ],
                [
                    store("A", 0.0),
                    store("H", 0.0),
                    transfer("LX", "X1", "FEU_R>FEU_C", 1),
                    transfer("LY", "Y", "FEU_R>FEU_C", 1),
                    cross_dock("DK", "H", "FEU_C|FEU_R>TRUCK_CN", 1),
                ],
            ),
            [consignment("X", "A>D", 5, "24 00:00", "29 00:00")],
        )
    )


def test_feeder_and_train_may_meet_the_same_node():
    agrees(
        scenario(
            network(
                [node(n) for n in ("A", "B", "RT", "D")],
                [
                    service("AB", "A>B", 1, 10.0, equipment="FEU"),
                    service("BR", "B>RT", 1, 10.0, equipment="FEU"),
                    train("RB", "RT>B", 5, 10.0),
                    train("BD", "B>D", 5, 10.0),
                ],
                [transfer("LIFT", "RT", "FEU_C>FEU_R", 1)],
            ),
            [consignment("X", "A>D", 5, "24 00:00", "29 00:00")],
        )
    )


def test_off_an_aircraft_pallets_of_the_unit_really_taken():
    given = scenario(
        network(
            [node("AP"), node("BP", cross_dock=True), node("D"), node("E")],
            [
                flight("F", "AP>BP", 4, 1.0),
                service("LORRY", "BP>D", 2, 90.0, equipment="TRUCK_CN"),
                service("VAN", "BP>E", 2, 90.0, equipment="TRUCK_CN", pallets_per_unit=4),
            ],
            [cross_dock("IN", "BP", "AIR>TRUCK_CN", 2, usd_per_unit=100.0)],
        ),
        [consignment("X", "AP>D", 4, "24 00:00", "27 12:00")],
    )
    assert enumerate_itineraries(given).own_usd[0] == 3400 + 100 * 4 / 20


@pytest.mark.parametrize(
    ("second", "scarce"),
    [
        (("24 00:00", "25 12:00"), True),
        (("25 00:00", "26 12:00"), True),  # the train of the 25th at noon
        (("25 13:00", "27 00:00"), False),
        (("30 00:00", "31 12:00"), False),
    ],
)
def test_slots_are_scarce_if_those_of_one_departure_are(second: tuple[str, str], scarce: bool):
    goods = [
        consignment("X", "A>B", 10, "24 00:00", "25 18:00"),
        consignment("Y", "A>B", 10, *second),
    ]
    daily = train("T", "A>B", 5, 10.0, departure_times=(time(12),), cutoff_h=1.0, capacity_units=1)
    given = scenario(network(map(node, "AB"), [daily], [store("A")]), goods)
    search = Search(given, given.consignments)
    assert search.dating.few_slots(given.network.services["T"]) == scarce
    agrees(given)


def test_slots_on_demand_are_those_of_a_day():
    goods = [
        consignment("X", "A>B", 10, "24 00:00", "24 08:00"),
        consignment("Y", "A>B", 10, "24 12:00", "24 20:00"),
        consignment("Z", "A>B", 10, "27 12:00", "27 20:00"),
    ]
    one = service("S", "A>B", 5, 10.0, capacity_units=1)
    two = service("S", "A>B", 5, 10.0, capacity_units=2)
    for truck, scarce in ((one, True), (two, False)):
        given = scenario(network(map(node, "AB"), [truck], [store("A")]), goods)
        search = Search(given, given.consignments)
        assert search.dating.few_slots(truck) == scarce
        agrees(given)


def passing(country: str, limit_h: float):
    """A truck to A, over a border post that is shut at night, and a dearer train past it."""
    net = network(
        [
            node("P"),
            node("U", country="UZ"),
            node("X", country=country),
            node("D", country="CN"),
        ],
        [
            service("PU", "P>U", 6, 50.0),
            service("UX", "U>X", 6, 50.0),
            service("XD", "X>D", 6, 50.0, days=frozenset({3})),
            service("PD", "P>D", 60, 900.0, equipment="FEU"),
        ],
        [store("P")],
    )
    return scenario(
        replace(net, transit_limits_h={"UZ": limit_h}),
        [consignment("C", "P>D", 20, "24 00:00", "30 00:00")],
    )


@pytest.mark.parametrize(("limit_h", "by"), [(42.0, {"PU", "UX", "XD"}), (41.9, {"PD"})])
def test_a_truck_that_would_overstay_in_a_country_does_not_go(limit_h: float, by: set[str]):
    """It comes at 06:00 on Monday and leaves at midnight before Wednesday, 42 h later."""
    given = passing("UZ", limit_h)
    agrees(given)
    (way,) = solve(given, effort=E).itineraries
    assert {leg.service for c in way.carriages for leg in c.legs} == by


def test_a_truck_may_stay_as_long_as_it_likes_where_it_is_opened_or_no_limit_is():
    (way,) = solve(passing("KZ", 1e-9 + 6.0), effort=E).itineraries
    assert len(way.carriages[0].legs) == 3


def test_a_service_no_other_can_follow_on_one_day_counts_those_of_its_own_zone():
    # In Shanghai (UTC+8) 15:00 and 17:00 UTC are 23:00 of one day and 01:00 of the next.
    goods = [
        consignment("X", "A>B", 10, "24 15:00", "24 20:30"),
        consignment("Y", "A>B", 10, "24 17:00", "24 22:30"),
    ]
    truck = service("S", "A>B", 5, 10.0, capacity_units=1)
    nodes = [node("A", timezone="Asia/Shanghai"), node("B")]
    given = scenario(network(nodes, [truck], [store("A")]), goods)
    plan = solve(given, effort=E)
    assert not plan.unserved
    agrees(given)


APART = {
    f"f{n}": perishable(f"f{n}", setpoint_min_c=9.0 * n, setpoint_max_c=9.0 * n + 2.0)
    for n in range(3)
}
"""Goods that never share a box: no setpoint suits two of them."""


@pytest.mark.parametrize(("slots", "scarce"), [(2, True), (3, False)])
def test_units_that_may_not_be_shared_are_counted_though_they_are_half_full(
    slots: int, scarce: bool
):
    # Eighteen pallets would go into one box of twenty.
    daily = train("T", "A>B", 5, 10.0, capacity_units=slots)
    given = scenario(
        network(map(node, "AB"), [daily], [store("A")]),
        [consignment(f"C{n}", "A>B", 6, "24 00:00", "27 00:00", commodity=f"f{n}") for n in (0, 1)]
        + [consignment("C2", "A>B", 6, "24 00:00", "26 12:00", commodity="f2")],
        perishables=APART,
        setpoints_c=(0.0, 9.0, 18.0),
    )
    search = Search(given, given.consignments)
    assert search.dating.few_slots(daily) == scarce
    assert not solve(given, effort=E).unserved
    agrees(given)


@pytest.mark.parametrize(("slots", "scarce"), [(1, True), (2, False)])
def test_goods_of_more_than_one_unit_take_a_slot_for_each(slots: int, scarce: bool):
    # The box that comes by the lorry holds eight pallets, so ten are two boxes on the train too.
    lorry = service("L", "A>B", 2, 10.0, equipment="FEU", pallets_per_unit=8)
    daily = train("T", "B>C", 5, 10.0, capacity_units=slots)
    given = scenario(
        network(
            map(node, "ABC"),
            [lorry, daily],
            [store("A", 0.0), transfer("L", "B", "FEU_C>FEU_R", 1)],
        ),
        [consignment("X", "A>C", 10, "24 00:00", "27 00:00")],
    )
    search = Search(given, given.consignments)
    assert search.dating.few_slots(daily) == scarce
    assert len(solve(given, effort=E).unserved) == (1 if scarce else 0)
    agrees(given)


@pytest.mark.parametrize(("kg", "scarce"), [(16_999, True), (17_000, False)])
def test_slots_by_air_are_gross_kilograms(kg: int, scarce: bool):
    # Ten pallets of 850 kg each.
    plane = flight("F", "A>B", 5, 0.1, capacity_units=kg)
    given = scenario(
        network(map(node, "AB"), [plane], [store("A")]),
        [
            consignment("X", "A>B", 10, "24 00:00", "24 20:00"),
            consignment("Y", "A>B", 10, "24 00:00", "26 20:00"),
        ],
    )
    search = Search(given, given.consignments)
    assert search.dating.few_slots(plane) == scarce
    assert not solve(given, effort=E).unserved
    agrees(given)


def test_of_several_departures_a_day_each_has_its_own_slots():
    often = train(
        "T", "A>B", 5, 10.0, departure_times=(time(8), time(20)), cutoff_h=1.0, capacity_units=1
    )
    goods = [
        consignment("X", "A>B", 20, "24 00:00", "24 14:00"),
        consignment("Y", "A>B", 20, "24 00:00", "25 02:00"),
        consignment("Z", "A>B", 20, "24 00:00", "25 14:00"),
    ]
    given = scenario(network(map(node, "AB"), [often], [store("A")]), goods)
    assert Search(given, given.consignments).dating.few_slots(often)
    assert not solve(given, effort=E).unserved
    agrees(given)


def there_and_back(slots: int, *work: Operation):
    """By truck over ``AX`` to the hub ``H``, where goods must go, back to ``A``, and over it again.

    A dear way from the hub does without it.
    """
    return scenario(
        network(
            [node("P"), node("A"), node("X"), node("H", cross_dock=True), node("D")],
            [
                service("PA", "P>A", 1, 10.0),
                service("AX", "A>X", 1, 10.0, capacity_units=slots),
                service("XH", "X>H", 1, 10.0),
                service("HA", "H>A", 1, 10.0),
                service("XD", "X>D", 1, 10.0),
                train("HD", "H>D", 9, 900.0),
            ],
            [
                store("P"),
                store("H"),
                cross_dock("DOCK", "H", "TRUCK_CA>TRUCK_CA|FEU_R", 1),
                *work,
            ],
        ),
        [consignment("X", "P>D", 20, "24 00:00", "25 20:00")],
        via=("H",),
        max_cross_docks=1,
    )


@pytest.mark.parametrize(
    ("given", "usd"),
    [
        (there_and_back(1), 30 + 900),
        (there_and_back(2), 60),
        (there_and_back(9, operation("CHECK", "X", Trigger.ARRIVE, units_per_day=1)), 30 + 900),
        (there_and_back(9, operation("CHECK", "X", Trigger.ARRIVE, units_per_day=2)), 60),
    ],
)
def test_who_comes_twice_a_day_takes_two_slots(given, usd: float):
    plan = solve(given, effort=E)
    assert plan.proof.cost_usd - plan.total.storage == pytest.approx(usd)
    agrees(given)


def test_sealed_units_wait_longer_than_goods_may():
    # Three boxes come on Monday to where one goes on each day, and no goods may wait two hours.
    given = scenario(
        network(
            map(node, "ABC"),
            [
                train("T1", "A>B", 5, 100.0, days=frozenset({1})),
                train("T2", "B>C", 5, 100.0, capacity_units=1),
            ],
            [store("A", 0.0)],
        ),
        [consignment(f"C{n}", "A>C", 20, "24 00:00", "29 00:00") for n in range(3)],
        max_dwell_without_store_h=2.0,
    )
    assert solve(given, effort=E).proof.cost_usd == pytest.approx(600)
    agrees(given)


def test_a_sealed_unit_waits_where_it_is_cheap_for_a_train_farther_on():
    plug = operation("PLUG", "C", Trigger.UNIT_STORAGE, charge="storage", usd_per_t_day=9.0)
    given = scenario(
        network(
            map(node, "ABCD"),
            [
                train("T1", "A>B", 5, 100.0),
                train("T2", "B>C", 5, 100.0),
                train("T3", "C>D", 5, 100.0, days=frozenset({5})),
            ],
            [store("A", 9.0), plug],
        ),
        [consignment("X", "A>D", 20, "24 00:00", "30 00:00")],
    )
    agrees(given)


def test_goods_wait_for_a_chartered_truck_that_others_share_in_units_bound_elsewhere():
    # Boxes for two cities on one chartered truck and ferry, though nobody else goes to E.
    given = scenario(
        network(
            map(node, "ABDE"),
            [
                service("AB", "A>B", 2, 10.0, charter_usd_per_departure=500.0),
                service("BD", "B>D", 2, 10.0),
                service("BE", "B>E", 2, 10.0),
            ],
            [store("A", 0.0)],
        ),
        [
            consignment("EARLY", "A>E", 20, "24 00:00", "25 12:00"),
            consignment("LATE", "A>D", 20, "24 09:00", "25 12:00"),
        ],
    )
    assert solve(given, effort=E).proof.cost_usd == pytest.approx(500 + 4 * 10)
    agrees(given)
