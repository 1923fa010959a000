"""What a search cuts by is never more than any itinerary takes."""

import math

import pytest
from conftest import (
    consignment,
    cross_dock,
    network,
    node,
    random_scenario,
    scenario,
    service,
    with_all_charges,
)
from enumeration import Oracle

from coldchain.clock import Clock
from coldchain.goods import Consignment
from coldchain.onward import Connections, minutes_onward, minutes_to_depart, usd_onward
from coldchain.scenario import Scenario
from coldchain.timetable import minute

SEEDS = range(30)


def connections_of(given: Scenario) -> Connections:
    allowed = [s for s in given.network if s.status in given.service_status]
    return Connections(Clock(given), allowed)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_itinerary_takes_fewer_minutes_to_the_destination(seed: int):
    given = random_scenario(seed)
    oracle = Oracle(given)
    onward = minutes_onward(
        connections_of(given), sorted({c.destination for c in given.consignments})
    )
    for carried in given.consignments:
        least = onward[carried.destination]
        for way in oracle.ways[carried.id]:
            for unit in way.sealed:
                for ridden, departs in zip(unit.services, unit.departs, strict=True):
                    done = oracle.after_arrival(ridden, departs)
                    assert done + least.any[ridden.id] <= way.delivered
                assert unit.handed_over + least.open[unit.services[-1].id] <= way.delivered


@pytest.mark.parametrize("seed", SEEDS)
def test_no_itinerary_departs_sooner(seed: int):
    given = random_scenario(seed)
    oracle, connections = Oracle(given), connections_of(given)
    for carried in given.consignments:
        least = minutes_to_depart(connections, carried.origin)
        for way in oracle.ways[carried.id]:
            for unit in way.sealed:
                for ridden, departs in zip(unit.services, unit.departs, strict=True):
                    assert minute(carried.ready_at) + least[ridden.id] <= departs


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("seed", SEEDS)
def test_no_itinerary_costs_less_from_where_it_is(seed: int, full: bool):
    given = with_all_charges(random_scenario(seed), seed)
    oracle, connections = Oracle(given), connections_of(given)

    for carried in given.consignments:
        least = onward_usd(connections, carried, full=full)
        for way in oracle.ways[carried.id]:
            paid = []
            for unit in way.sealed:
                share = carried.pallets / unit.pallets if unit.pallets else 0.0
                units = unit.unit_usd * (share if full else math.ceil(share))
                paid.append(unit.kg_usd * carried.gross_kg + units)
            rest = way.own_usd - sum(u.kg_usd for u in way.sealed) * carried.gross_kg
            for position, unit in enumerate(way.sealed):
                so_far = sum(paid[: position + 1])
                to_come = least[unit.services[-1].id]
                assert so_far + to_come <= sum(paid) + rest + 1e-6


def onward_usd(connections: Connections, carried: Consignment, *, full: bool):
    return usd_onward(
        connections,
        carried.destination,
        gross_kg=carried.gross_kg,
        pallets=carried.pallets,
        full=full,
    ).open


def hub_scenario() -> Scenario:
    return scenario(
        network(
            map(node, ("A", "HUB", "B", "C")),
            [
                service("IN", "A>HUB", 5, 100.0, cutoff_h=1.0),
                service("SAME", "HUB>B", 6, 200.0, cutoff_h=1.0),
                service("OTHER", "HUB>B", 4, 300.0, equipment="TRUCK_CN", cutoff_h=2.0),
                service("AWAY", "B>C", 1, 1.0),
            ],
            [cross_dock("DOCK", "HUB", "TRUCK_CA>TRUCK_CN", 3, usd_per_kg=0.01)],
        ),
        [consignment("X", "A>B", 5, "24 00:00", "26 00:00")],
    )


def test_sealed_and_opened_ways_are_told_apart():
    given = hub_scenario()
    least = minutes_onward(connections_of(given), ["B"])["B"]
    # Sealed on the same truck, or over the dock into the faster one.
    assert least.any["IN"] == 6 * 60
    assert least.open["IN"] == (3 + 4) * 60
    assert least.any["SAME"] == least.open["SAME"] == 0
    assert "AWAY" not in least.any


def test_cutoffs_count_on_the_way_to_a_departure_but_not_for_the_same_vehicle():
    least = minutes_to_depart(connections_of(hub_scenario()), "A")
    assert least == {
        "IN": 60,
        "SAME": 60 + 300,
        "OTHER": 60 + 300 + 180 + 120,
        "AWAY": 60 + 300 + 360,
    }


def test_full_units_cost_a_share_and_own_units_whole_ones():
    given = hub_scenario()
    carried = given.consignments[0]
    full = onward_usd(connections_of(given), carried, full=True)
    alone = onward_usd(connections_of(given), carried, full=False)
    assert full["IN"] == pytest.approx(300 * 5 / 20 + 0.01 * 4250)
    assert alone["IN"] == pytest.approx(300 + 0.01 * 4250)
