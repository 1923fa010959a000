"""What a search cuts by is never more than any itinerary takes."""

import math

import numpy as np
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
from enumeration import Oracle, Sealed, Way

from coldchain.clock import Clock
from coldchain.goods import Consignment
from coldchain.onward import Connections, Tariff, minutes_onward, minutes_to_depart
from coldchain.scenario import Scenario
from coldchain.timetable import minute

SEEDS = range(30)


def connections_of(given: Scenario) -> Connections:
    allowed = [s for s in given.network if s.status in given.service_status]
    return Connections(Clock(given), allowed)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_itinerary_takes_fewer_minutes_to_the_destination(seed: int):
    given = random_scenario(seed)
    oracle, connections = Oracle(given), connections_of(given)
    targets = sorted({c.destination for c in given.consignments})
    least = minutes_onward(connections, targets)
    for carried in given.consignments:
        to = targets.index(carried.destination)
        for way in oracle.ways[carried.id]:
            for unit in way.sealed:
                for ridden, departs in zip(unit.services, unit.departs, strict=True):
                    done = oracle.after_arrival(ridden, departs)
                    assert done + least.any[connections.number[ridden.id], to] <= way.delivered
                last = connections.number[unit.services[-1].id]
                assert unit.handed_over + least.open[last, to] <= way.delivered


@pytest.mark.parametrize("seed", SEEDS)
def test_no_itinerary_departs_sooner(seed: int):
    given = random_scenario(seed)
    oracle, connections = Oracle(given), connections_of(given)
    for carried in given.consignments:
        least = minutes_to_depart(connections, [(carried.origin, "")])
        for way in oracle.ways[carried.id]:
            for unit in way.sealed:
                for ridden, departs in zip(unit.services, unit.departs, strict=True):
                    row = connections.number[ridden.id]
                    assert minute(carried.ready_at) + least[row, 0] <= departs


def paid_usd(way: Way, carried: Consignment, *, full: bool) -> list[float]:
    """What each unit of ``way`` costs, its freight by the kilogram included."""

    def units(unit: Sealed) -> float:
        share = carried.pallets / unit.pallets if unit.pallets else 0.0
        return share if full else math.ceil(share)

    return [u.kg_usd * carried.gross_kg + u.unit_usd * units(u) for u in way.sealed]


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("seed", SEEDS)
def test_no_itinerary_costs_less_before_and_behind_a_unit(seed: int, full: bool):
    given = with_all_charges(random_scenario(seed), seed)
    oracle, connections = Oracle(given), connections_of(given)
    for carried in given.consignments:
        tariff = Tariff(connections, [carried], np.zeros(1))
        weights = tariff.weights(full=full)
        onward = tariff.onward(weights)
        before = tariff.before(weights, np.zeros(1))
        for way in oracle.ways[carried.id]:
            paid = paid_usd(way, carried, full=full)
            rest = way.own_usd - sum(u.kg_usd for u in way.sealed) * carried.gross_kg
            for position, unit in enumerate(way.sealed):
                first, last = (connections.number[unit.services[n].id] for n in (0, -1))
                to_come = onward.open[last, 0]
                assert sum(paid[: position + 1]) + to_come <= sum(paid) + rest + 1e-6
                so_far = before.open[first, 0]
                assert so_far + sum(paid[position:]) <= sum(paid) + rest + 1e-6


def test_what_goods_lose_by_the_minute_counts_on_the_way():
    given = hub_scenario()
    connections, carried = connections_of(given), given.consignments
    usd = {}
    for per_min in (0.0, 2.0):
        tariff = Tariff(connections, carried, np.array([per_min]))
        weights = tariff.weights(full=True)
        usd[per_min] = tariff.onward(weights).open, tariff.before(weights, np.zeros(1)).any
    row, hub = connections.number["IN"], connections.number["OTHER"]
    # Dock, cut-off and ride; and to depart from the hub, cut-off, ride, dock and cut-off.
    assert usd[2.0][0][row, 0] - usd[0.0][0][row, 0] == pytest.approx(2 * (180 + 120 + 240))
    assert usd[2.0][1][hub, 0] - usd[0.0][1][hub, 0] == pytest.approx(2 * (60 + 300 + 180 + 120))


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
    connections = connections_of(hub_scenario())
    least = minutes_onward(connections, ["B"])
    any_, open_ = (
        {n: x[row, 0] for n, row in connections.number.items()} for x in (least.any, least.open)
    )
    # Sealed on the same truck, or over the dock into the faster one.
    assert any_["IN"] == 6 * 60
    assert open_["IN"] == (3 + 4) * 60
    assert any_["SAME"] == open_["SAME"] == 0
    assert any_["AWAY"] == math.inf


def test_cutoffs_count_on_the_way_to_a_departure_but_not_for_the_same_vehicle():
    connections = connections_of(hub_scenario())
    least = minutes_to_depart(connections, [("A", "")])
    assert {name: least[row, 0] for name, row in connections.number.items()} == {
        "IN": 60,
        "SAME": 60 + 300,
        "OTHER": 60 + 300 + 180 + 120,
        "AWAY": 60 + 300 + 360,
    }


def test_full_units_cost_a_share_and_own_units_whole_ones():
    given = hub_scenario()
    connections = connections_of(given)
    tariff = Tariff(connections, given.consignments, np.zeros(1))
    row = connections.number["IN"]
    full, alone = (tariff.onward(tariff.weights(full=by)).open[row, 0] for by in (True, False))
    assert full == pytest.approx(300 * 5 / 20 + 0.01 * 4250)
    assert alone == pytest.approx(300 + 0.01 * 4250)
