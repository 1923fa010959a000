"""The walk through chains: the cheapest is the cheapest, and no bound cuts what is allowed."""

from dataclasses import replace

import pytest
from conftest import (
    consignment,
    cross_dock,
    flight,
    network,
    node,
    operation,
    random_scenario,
    scenario,
    service,
    store,
    train,
)
from enumeration import Oracle

from coldchain.boards import Lone, scheduled_boards
from coldchain.candidates import enumerate_alone, enumerate_itineraries
from coldchain.chains import Chains, Cheapest, Rows
from coldchain.goods import Packaging
from coldchain.network import Trigger
from coldchain.scenario import Scenario
from coldchain.search import Search


def chains_of(given: Scenario) -> tuple[Chains, Search]:
    """Chains of a scenario's only consignment, which waits for nobody."""
    search = Search(given, given.consignments)
    choices = Lone(search, scheduled_boards(search)).choices
    return search.chains(0, choices, Packaging.NAKED), search


def one_by_one(given: Scenario) -> list[Scenario]:
    return [replace(given, consignments=(c,)) for c in given.consignments]


@pytest.mark.parametrize(("alone", "safe"), [(True, False), (True, True), (False, False)])
@pytest.mark.parametrize("seed", range(40))
def test_the_cheapest_is_the_cheapest_of_all_ways(seed: int, alone: bool, safe: bool):
    for given in one_by_one(random_scenario(seed)):
        carried = given.consignments[0]
        ways = Oracle(given).ways[carried.id]

        def units(unit, carried=carried) -> float:
            full = carried.pallets / unit.pallets
            return -(-carried.pallets // unit.pallets) if alone else full

        def sure(way, carried=carried) -> bool:
            return all(
                s.capacity_units
                >= (
                    carried.gross_kg
                    if s.shared_by_kg
                    else -(-carried.pallets // s.pallets_per_unit)
                )
                for unit in way.sealed
                for s in unit.services
            )

        counted = [w for w in ways if sure(w) or not safe]
        least = min((w.own_usd + w.units_usd(units) for w in counted), default=float("inf"))
        found = chains_of(given)[0].cheapest(alone=alone, sure=safe)
        assert found.usd == pytest.approx(least, abs=0.05)
        assert bool(found.links) is bool(counted)


@pytest.mark.parametrize("seed", range(40))
def test_every_row_costs_no_more_than_asked_and_none_of_those_is_missing(seed: int):
    for given in one_by_one(random_scenario(seed)):
        chains, search = chains_of(given)
        carried = given.consignments[0]
        every = chains.rows()
        full = []
        for own, links in zip(every.own_usd, every.links, strict=True):
            rides = [search.rides[link // len(given.setpoints_c)] for link in links]
            shares = [r.unit_usd * carried.pallets / r.pallets for r in rides if r.pallets]
            full.append(own + sum(shares))
        if not full:
            continue
        most = sorted(full)[len(full) // 2]
        cut = chains.rows(most)
        assert set(cut.links) == {
            links for usd, links in zip(full, every.links, strict=True) if usd <= most + 0.01
        }


@pytest.mark.parametrize("seed", range(40))
def test_the_earliest_and_the_freshest_way_are_among_those_that_wait_for_nobody(seed: int):
    for given in one_by_one(random_scenario(seed)):
        carried = given.consignments[0]
        ways = Oracle(given).ways[carried.id]
        found = enumerate_alone(given, carried)
        assert bool(len(found)) is bool(ways)
        if ways:
            assert found.delivered.min() == min(w.delivered for w in ways)
            least = min(w.life_used for w in ways)
            assert found.life_used.min() == pytest.approx(least, abs=1e-9)


def test_no_more_cross_docks_than_allowed():
    stops = ["A", "B", "C", "D"]
    hops = [
        service(f"{a}{b}", f"{a}>{b}", 2, 10.0, equipment=e)
        for a, b, e in zip(stops, stops[1:], ["TRUCK_CA", "TRUCK_CN", "TRUCK_CA"], strict=False)
    ]
    given = scenario(
        network(
            [node(s, cross_dock=True) for s in stops],
            [*hops, service("AD", "A>D", 20, 900.0)],
            [operation(f"DOCK-{s}", s, Trigger.TRANSFER, 1, opens_unit=True) for s in ("B", "C")],
        ),
        [consignment("X", "A>D", 5, "24 00:00", "26 00:00")],
    )
    for docks, most in ((2, 3), (1, 1), (0, 1)):
        few = replace(given, max_cross_docks=docks)
        candidates = enumerate_itineraries(few)
        lengths = {len(candidates.chain(row)) for row in range(len(candidates))}
        assert max(lengths) == most


def test_goods_are_opened_at_no_node_twice():
    # Opened at B, at the hub and at B again, they would go for a hundredth of the price.
    services = [
        service("AB", "A>B", 1, 10.0, equipment="TRUCK_CN"),
        service("BH", "B>H", 1, 10.0),
        service("HB", "H>B", 1, 10.0, equipment="FEU"),
        train("BC", "B>C", 1, 10.0),
        service("AC", "A>C", 9, 5000.0),
    ]
    docks = [
        cross_dock("OUT", "B", "TRUCK_CN>TRUCK_CA", 1),
        cross_dock("HUB", "H", "TRUCK_CA>FEU_C", 1),
        cross_dock("BACK", "B", "FEU_C>FEU_R", 1),
    ]
    places = [node("A"), node("B", cross_dock=True), node("H", cross_dock=True), node("C")]
    given = scenario(
        network(places, services, [*docks, store("B")]),
        [consignment("X", "A>C", 5, "24 00:00", "27 00:00")],
    )

    def rode(asked: Scenario) -> list[list[str]]:
        found = enumerate_itineraries(asked)
        return [
            [leg.service for rated, _ in found.chain(row) for leg in rated.ride.legs]
            for row in range(len(found))
        ]

    assert rode(given) == [["AC"]]
    # The same detour through another place next door is taken.
    moved = [
        replace(services[2], destination="B2"),
        replace(services[3], origin="B2"),
    ]
    next_door = network(
        [*places, node("B2", cross_dock=True)],
        [*services[:2], *moved, services[4]],
        [*docks[:2], cross_dock("BACK", "B2", "FEU_C>FEU_R", 1), store("B2")],
    )
    assert ["AB", "BH", "HB", "BC"] in rode(replace(given, network=next_door))


@pytest.mark.parametrize(("required_h", "reaches"), [(0.0, True), (200.0, True), (290.0, False)])
def test_the_floor_decides_who_may_go(three_node: Scenario, required_h, reaches):
    carried = replace(three_node.consignment("A"), shelf_life_required_h=required_h)
    pace = three_node.pace("fruit", carried.packaging)
    given = replace(three_node, consignments=(carried,))
    assert 200.0 < pace.keeping_quality_h(5.0) < 290.0
    assert bool(len(enumerate_itineraries(given))) is reaches


def test_a_way_is_listed_once():
    rows = Rows()
    way = Cheapest(10.0, 5, 0.1, 7.0, (1, 2))
    rows.add(way)
    rows.add(way)
    rows.add(Cheapest(float("inf"), 0, 0.0, 0.0, ()))
    assert (rows.links, rows.own_usd) == ([(1, 2)], [7.0])


def test_air_and_road_meet_at_the_cross_dock():
    given = scenario(
        network(
            [node("AP"), node("BP", cross_dock=True), node("CITY")],
            [
                flight("F", "AP>BP", 4, 1.0),
                service("VAN", "BP>CITY", 2, 90.0, equipment="TRUCK_CN", pallets_per_unit=10),
            ],
            [cross_dock("IN", "BP", "AIR>TRUCK_CN", 2, usd_per_unit=50.0, usd_per_kg=0.1)],
        ),
        [consignment("X", "AP>CITY", 5, "24 00:00", "26 00:00")],
    )
    found = chains_of(given)[0].cheapest(alone=True)
    assert found.own_usd == pytest.approx(4250 * (1.0 + 0.1) + 50 * 5 / 10)
    assert found.usd == pytest.approx(found.own_usd + 90.0)
