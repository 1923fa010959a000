"""The clock by hand, to the minute; and that nobody gains by leaving later."""

from dataclasses import replace
from itertools import pairwise

import pytest
from conftest import (
    at,
    consignment,
    network,
    node,
    operation,
    random_scenario,
    scenario,
    service,
    train,
    utc,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from coldchain.candidates import enumerate_itineraries
from coldchain.clock import Clock, itinerary_of
from coldchain.decay import Surroundings
from coldchain.goods import Consignment, Packaging
from coldchain.itinerary import Itinerary, StepKind
from coldchain.lowering import Lifting, lower
from coldchain.network import Trigger
from coldchain.scenario import Scenario
from coldchain.timetable import minute

BY_RAIL = ("DRAY", "TRAIN", "CART")


def ride_of(given_: Scenario, names, times):
    services = [given_.network.services[name] for name in names]
    return Clock(given_).ride(services, [at(t) for t in times])


def followed(given_: Scenario, carried: Consignment, chain) -> Itinerary:
    return itinerary_of(
        Clock(given_), carried, chain, packaging=Packaging.NAKED, stowage_group="fruit"
    )


def test_a_train_journey_keeps_its_hours(one_train: Scenario):
    ride = ride_of(one_train, BY_RAIL, ["24 11:00", "24 20:00", "26 19:00"])
    assert (ride.stuffed, ride.handed_over) == (at("24 11:00"), at("26 22:00"))
    assert [(s.subject, s.begins, s.ends) for s in ride.stretches] == [
        ("DRAY", at("24 11:00"), at("24 13:00")),
        ("LIFT-ON", at("24 13:00"), at("24 16:00")),
        ("TRAIN", at("24 16:00"), at("24 20:00")),  # the wait for the train
        ("TRAIN", at("24 20:00"), at("26 12:00")),
        ("CUSTOMS", at("26 12:00"), at("26 17:00")),
        ("LIFT-OFF", at("26 17:00"), at("26 19:00")),
        ("CART", at("26 19:00"), at("26 22:00")),
    ]
    assert ride.plug_waits == (("RT", "FEU_C", 240),)


def test_customs_waits_for_its_office_but_works_through_closing(one_train: Scenario):
    clock, run = Clock(one_train), one_train.network.services["TRAIN"]
    # Arrivals at 16:59, 17:00 and 07:00 local UTC.
    for departs, done in (
        ("25 00:59", "26 21:59"),
        ("25 01:00", "27 13:00"),
        ("24 15:00", "26 13:00"),
    ):
        assert clock.after_arrival(run, at(departs)) == at(done)


def test_a_sealed_box_is_lifted_between_gauges_and_keeps_the_cutoff(gauge_change: Scenario):
    clock = Clock(gauge_change)
    wide, normal = (gauge_change.network.services[n] for n in ("WIDE", "NORMAL"))
    assert clock.after_arrival(wide, at("24 20:00")) == at("26 10:00")
    assert clock.earliest_onward(wide, normal, at("26 10:00")) == at("26 18:00")
    ride = clock.ride([wide, normal], [at("24 20:00"), at("27 02:00")])
    assert (ride.stuffed, ride.handed_over) == (at("24 16:00"), at("29 04:00"))
    assert ride.plug_waits == (("BX", "FEU_R", 600),)
    assert [o.id for o in ride.operations] == ["BORDER", "LIFT-OVER"]


@pytest.mark.parametrize(
    ("change", "operations"),
    [
        ({}, ["BORDER"]),
        ({"border_included": True}, []),
        ({"mode": "road"}, ["BORDER"]),
    ],
)
def test_a_service_that_includes_the_border_skips_arrival(gauge_change, change, operations):
    wide = replace(gauge_change.network.services["WIDE"], **change)
    assert [o.id for o in Clock(gauge_change).arrival_operations(wide)] == operations


def test_arrival_depends_on_the_country_the_leg_comes_from(gauge_change: Scenario):
    net = gauge_change.network
    nodes = {**net.nodes, "RT": replace(net.nodes["RT"], country="KZ")}
    clock = Clock(replace(gauge_change, network=replace(net, nodes=nodes)))
    assert clock.arrival_operations(net.services["WIDE"]) == ()


def test_one_vehicle_needs_no_second_cutoff_but_a_lift_or_a_train_does():
    first = service("S1", "A>B", 3, cutoff_h=2.0)
    second = service("S2", "B>C", 3, cutoff_h=2.0)
    timed = train("T", "B>C", 3, equipment="TRUCK_CA", mode="road", cutoff_h=4.0)
    clock = Clock(
        scenario(
            network(map(node, "ABC"), [first, second, timed]),
            [consignment("X", "A>C", 1, "24 00:00", "26 00:00")],
        )
    )
    assert clock.earliest_onward(first, second, 1000) == 1000
    assert clock.earliest_onward(first, timed, 1000) == 1240


def test_rare_operations_are_not_waited_for():
    lab = operation("LAB", "B", Trigger.ARRIVE, 72, probability=0.03)
    truck = service("S", "A>B", 3)
    net = network(map(node, "AB"), [truck], [lab])
    goods = [consignment("X", "A>B", 1, "24 00:00", "30 00:00")]
    assert Clock(scenario(net, goods)).after_arrival(truck, 0) == 180
    sure = Clock(scenario(net, goods, quantile=0.98))
    assert sure.after_arrival(truck, 0) == 180 + 72 * 60


def test_an_itinerary_has_no_holes_and_the_cold_by_hand(one_train: Scenario):
    carried = one_train.consignment("A")
    ride = ride_of(one_train, BY_RAIL, ["24 11:00", "24 20:00", "26 19:00"])
    way = followed(one_train, carried, [(ride, 0.0)])
    assert [s.subject for s in way.steps[:3]] == ["PACK", "DRAY", "DRAY"]
    assert way.steps[1].kind is StepKind.WAIT
    assert way.delivered == at("27 00:00")
    law = one_train.lots("fruit", carried.packaging).typical
    by_hand = 69 / law.keeping_quality_h(0.0) + 3 / law.keeping_quality_h(20.0)
    assert way.life_used == pytest.approx(by_hand)
    left = (1 - by_hand) * law.keeping_quality_h(carried.retail_c)
    assert way.shelf_life_left_h == pytest.approx(left)


def test_goods_take_the_setpoint_of_the_carriage_they_wait_for(three_node: Scenario):
    first = ride_of(three_node, ["P1-HUB"], ["24 10:00"])
    second = ride_of(three_node, ["HUB-CITY"], ["24 20:00"])
    way = followed(three_node, three_node.consignment("A"), [(first, 0.0), (second, 4.0)])
    at_c = {}
    for step in way.steps:
        for air in step.surroundings:
            at_c[step.kind, step.subject] = air.air_c
    assert at_c[StepKind.LEG, "P1-HUB"] == 0.0
    assert at_c[StepKind.OPERATION, "DOCK"] == 4.0
    assert at_c[StepKind.WAIT, "HUB-CITY"] == 4.0
    assert at_c[StepKind.OPERATION, "UNLOAD"] == 4.0


def test_a_stated_temperature_of_a_leg_replaces_the_setpoint(three_node: Scenario):
    services = dict(three_node.network.services)
    services["P1-CITY"] = replace(services["P1-CITY"], temperature_c=8.0)
    warm = replace(three_node, network=replace(three_node.network, services=services))
    ride = ride_of(warm, ["P1-CITY"], ["24 10:00"])
    way = followed(warm, warm.consignment("A"), [(ride, 0.0)])
    leg = next(s for s in way.steps if s.kind is StepKind.LEG)
    assert leg.surroundings == (Surroundings(hours=34.0, air_c=8.0),)


@pytest.mark.parametrize("seed", range(12))
def test_every_candidate_is_an_itinerary_without_holes(seed: int):
    given_ = random_scenario(seed)
    candidates = enumerate_itineraries(given_)
    lifting = Lifting(lower(candidates))
    for row in range(len(candidates)):
        way = lifting.itinerary(row)
        carried = given_.consignment(way.consignment)
        assert way.steps[0].begins == minute(carried.ready_at)
        assert way.steps[-1].ends == way.delivered == candidates.delivered[row]
        assert all(a.ends == b.begins for a, b in pairwise(way.steps))
        assert all(
            sum(a.hours for a in s.surroundings) == pytest.approx((s.ends - s.begins) / 60)
            for s in way.steps
        )
        assert way.life_reckoned == pytest.approx(candidates.life_used[row], abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 40), st.integers(0, 3000), st.integers(0, 3000))
def test_leaving_later_never_hands_over_earlier(seed, when, later):
    given_ = random_scenario(seed)
    clock = Clock(given_)
    start = minute(utc("24 00:00")) + when
    for ridden in given_.network:
        one, other = (clock.after_arrival(ridden, t) for t in (start, start + later))
        assert one <= other
        for after in given_.network.services_from(ridden.destination):
            ready = [clock.earliest_onward(ridden, after, t) for t in (one, other)]
            assert one <= ready[0] <= ready[1]
