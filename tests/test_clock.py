"""The clock by hand, to the minute; and that nobody gains by leaving later."""

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from conftest import (
    at,
    consignment,
    lagging,
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


# The cold, on pallets that lag --------------------------------------------------------------------


def sent(
    *, pack: dict[str, Any] | None = None, stop: dict[str, Any] | None = None, **known: Any
) -> Itinerary:
    """Three days from A over B to C: packed in four hours, stopped, shut, for another four."""
    truck = {key: known.pop(key) for key in ("temperature_c",) if key in known}
    given_ = lagging(
        scenario(
            network(
                map(node, "ABC"),
                [service("AB", "A>B", 24), service("BC", "B>C", 48, **truck)],
                [
                    operation("PACK", "A", Trigger.ORIGIN, 4, **(pack or {})),
                    operation("STOP", "B", Trigger.ARRIVE, 4, **(stop or {})),
                ],
            ),
            [consignment("X", "A>C", 5, "24 00:00", "28 00:00", **known)],
        )
    )
    candidates = enumerate_itineraries(given_)
    assert len(candidates) == 1
    return Lifting(lower(candidates)).itinerary(0)


def ages_more(*ways: Itinerary) -> None:
    """Each of the ways ages goods more than the one before, followed or reckoned."""
    for one, other in pairwise(ways):
        assert one.life_used < other.life_used
        assert one.life_reckoned < other.life_reckoned
        assert one.shelf_life_left_h > other.shelf_life_left_h
        assert one.delivered == other.delivered


def test_a_stop_without_power_ages_less_than_doors_open_and_more_than_a_plug():
    heat = {"exposed_h": 4.0, "exposed_c": 30.0}
    powered, shut, ajar = sent(), sent(stop={**heat, "warming_per_h": 0.05}), sent(stop=heat)
    ages_more(powered, shut, ajar)
    drift_c = 30.0 * (1.0 - math.exp(-0.05 * 4.0))
    [air] = next(s for s in shut.steps if s.subject == "STOP").surroundings
    assert (air.hours, air.air_c) == (4.0, pytest.approx(drift_c))


def test_the_longer_and_the_leakier_a_dark_stop_the_more_it_ages():
    def dark(hours: float, share: float) -> Itinerary:
        return sent(stop={"exposed_h": hours, "exposed_c": 30.0, "warming_per_h": share})

    ages_more(dark(2.0, 0.05), dark(4.0, 0.05), dark(4.0, 0.2))


def test_goods_cooled_late_age_more_than_goods_cooled_at_once():
    prompt = sent(pulp_at_ready_c=25.0, pack={"half_cooling_h": 0.2})
    slow = sent(pulp_at_ready_c=25.0, pack={"half_cooling_h": 1.0})
    late = sent(pulp_at_ready_c=25.0)
    cold = sent(pulp_at_ready_c=0.0)
    ages_more(cold, prompt, slow, late)
    assert late.pulp_warmest_c > 20.0
    assert prompt.pulp_warmest_c < 5.0
    # They stood in the same air all the while.
    assert {a.air_c for a in late.history} == {a.air_c for a in prompt.history} == {0.0}


def test_fruit_in_the_sun_before_it_is_cooled_ages_more():
    shade, sun = (
        sent(pack={"half_cooling_h": 0.2, "exposed_h": 2.0, "exposed_c": c}) for c in (15.0, 28.0)
    )
    ages_more(shade, sun)


def test_a_warm_truck_shows():
    cold, cool, warm = (sent(temperature_c=c) for c in (None, 4.0, 8.0))
    ages_more(cold, cool, warm)
    assert cold.pulp_warmest_c < 2.0
    assert warm.pulp_warmest_c > 8.0


@pytest.mark.parametrize("seed", range(12))
def test_what_is_stated_of_lots_agrees_with_itself(seed: int):
    given_ = lagging(random_scenario(seed))
    candidates = enumerate_itineraries(given_)
    lifting = Lifting(lower(candidates))
    for row in range(len(candidates)):
        way = lifting.itinerary(row)
        carried = given_.consignment(way.consignment)
        left = (way.shelf_life_left_p10_h, way.shelf_life_left_h, way.shelf_life_left_p50_h)
        assert list(left) == sorted(left)
        assert way.shelf_life_left_p50_h <= way.shelf_life_left_p90_h
        assert carried.life_used_at_ready < way.life_used <= 1.0
        kept = way.shelf_life_left_h >= carried.shelf_life_required_h
        assert kept is (way.sure >= given_.confidence)


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
