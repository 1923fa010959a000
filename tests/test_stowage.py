"""Pallets into load units: none lost, none over, no unit more than it takes."""

from dataclasses import replace

import pytest
from conftest import at, consignment, flight, network, node, perishable, scenario, service
from hypothesis import given
from hypothesis import strategies as st

from coldchain.clock import Clock, itinerary_of
from coldchain.itinerary import Itinerary
from coldchain.plan import LoadUnit
from coldchain.scenario import Scenario
from coldchain.stowage import plan_charges, stow


def truck_scenario(pallets: list[int], capacity: int) -> Scenario:
    return scenario(
        network(
            map(node, "AB"),
            [
                service("S1", "A>B", 5, 600.0, pallets_per_unit=capacity),
                service("S2", "A>B", 5, 600.0, pallets_per_unit=capacity),
                flight("F", "A>B", 2, 1.0),
            ],
        ),
        [consignment(f"C{n}", "A>B", p, "24 00:00", "26 00:00") for n, p in enumerate(pallets)],
    )


def riding(given_: Scenario, service_ids: list[str]) -> list[Itinerary]:
    """Every consignment on the truck (or flight) named for it, all at ten o'clock."""
    clock = Clock(given_)
    return [
        itinerary_of(
            clock,
            carried,
            [(clock.ride([given_.network.services[name]], [at("24 10:00")]), 0.0)],
            packaging=carried.packaging,
            stowage_group=given_.group_of(carried),
        )
        for carried, name in zip(given_.consignments, service_ids, strict=True)
    ]


def stowed(pallets: list[int], capacity: int) -> tuple[LoadUnit, ...]:
    given_ = truck_scenario(pallets, capacity)
    return stow(given_, riding(given_, ["S1"] * len(pallets)))


loads = st.lists(st.integers(1, 45), min_size=1, max_size=7)
capacities = st.integers(1, 22)


@given(loads, capacities)
def test_pallets_are_conserved(pallets, capacity):
    held = dict.fromkeys((f"C{n}" for n in range(len(pallets))), 0)
    for unit in stowed(pallets, capacity):
        for name, count in unit.contents:
            assert count > 0
            held[name] += count
    assert list(held.values()) == pallets


@given(loads, capacities)
def test_no_unit_holds_more_than_its_places_and_none_is_empty(pallets, capacity):
    for unit in stowed(pallets, capacity):
        assert 0 < sum(count for _, count in unit.contents) <= capacity


@given(loads, capacities)
def test_units_are_as_few_as_pallets_allow(pallets, capacity):
    assert len(stowed(pallets, capacity)) == -(-sum(pallets) // capacity)


@given(loads, capacities)
def test_a_consignment_stands_once_in_a_unit_and_units_have_names_of_their_own(pallets, capacity):
    units = stowed(pallets, capacity)
    assert len({unit.id for unit in units}) == len(units)
    for unit in units:
        names = [name for name, _ in unit.contents]
        assert len(set(names)) == len(names)


@given(loads, capacities, st.data())
def test_stowing_depends_on_who_rides_and_not_on_the_order_asked(pallets, capacity, data):
    given_ = truck_scenario(pallets, capacity)
    ways = riding(given_, ["S1"] * len(pallets))
    shuffled = data.draw(st.permutations(ways))
    assert stow(given_, ways) == stow(given_, ways) == stow(given_, shuffled)


@given(st.lists(st.integers(1, 20), min_size=1, max_size=7))
def test_what_fits_into_one_unit_whole_is_not_split_while_room_is_left(pallets):
    units = stowed(pallets, 20)
    room = sum(20 - sum(count for _, count in unit.contents) for unit in units)
    parts = [name for unit in units for name, _ in unit.contents]
    split = {name for name in parts if parts.count(name) > 1}
    # With a whole unit's worth of places free, the largest could stand alone: nothing need split.
    assert not split or room < 20


def test_large_consignments_fill_units_and_the_rest_shares_the_fullest_that_fits():
    contents = [unit.contents for unit in stowed([25, 6, 9], 20)]
    assert contents == [(("C0", 20),), (("C2", 9), ("C1", 6), ("C0", 5))]


def test_one_is_split_where_the_fewest_units_demand_it():
    contents = [dict(unit.contents) for unit in stowed([12, 14, 14], 20)]
    assert len(contents) == 2
    assert sum("C0" in unit for unit in contents) == 2
    assert sum("C1" in unit for unit in contents) == sum("C2" in unit for unit in contents) == 1


def test_only_equal_carriages_share():
    given_ = truck_scenario([4, 4, 4], 20)
    apart = stow(given_, riding(given_, ["S1", "S2", "S1"]))
    assert sorted(tuple(dict(unit.contents)) for unit in apart) == [("C0", "C2"), ("C1",)]


def test_goods_of_two_groups_never_share():
    given_ = truck_scenario([4, 4], 20)
    meat, fruit = perishable("meat", category="meat"), perishable("fruit")
    mixed = replace(
        given_,
        perishables={"fruit": fruit, "meat": meat},
        consignments=(given_.consignments[0], replace(given_.consignments[1], commodity="meat")),
    )
    assert len(stow(mixed, riding(mixed, ["S1", "S1"]))) == 2


def test_by_air_there_is_one_entry_for_each_flight():
    given_ = truck_scenario([30, 4], 20)
    units = stow(given_, riding(given_, ["F", "F"]))
    assert [unit.id for unit in units] == ["A001"]
    assert dict(units[0].contents) == {"C0": 30, "C1": 4}


@given(loads, capacities)
def test_units_are_paid_in_full_by_those_in_them_by_the_pallet(pallets, capacity):
    given_ = truck_scenario(pallets, capacity)
    ways = riding(given_, ["S1"] * len(pallets))
    units = stow(given_, ways)
    paid = plan_charges(Clock(given_), ways, units)
    assert sum(c.freight for c in paid.values()) == pytest.approx(600.0 * len(units))
    for carried in given_.consignments:
        share = 600.0 * len(units) * carried.pallets / sum(pallets)
        assert paid[carried.id].freight == pytest.approx(share)


def test_who_stays_behind_is_charged_for_it():
    given_ = truck_scenario([4, 5], 20)
    ways = riding(given_, ["S1", "S1"])[:1]
    paid = plan_charges(Clock(given_), ways, stow(given_, ways))
    assert paid["C0"].unserved == 0
    assert paid["C1"].unserved == paid["C1"].total == 4.0 * 5 * 800
