"""What is found within a sum is the cheapest of all, and what is sure stays so."""

from dataclasses import replace

import pytest
from conftest import (
    chartered,
    consignment,
    network,
    node,
    random_scenario,
    scenario,
    service,
    store,
    train,
    with_all_charges,
)
from enumeration import Oracle

from coldchain.appraisal import Appraisal, affordable, appraise, departures_taken
from coldchain.carriages import NOTHING_SCARCE
from coldchain.scenario import Scenario
from coldchain.search import Search


def silent(phase: str) -> None:
    """Nobody listens."""


def appraised(given: Scenario) -> tuple[Search, list[Appraisal]]:
    search = Search(given, given.consignments, scarcity=NOTHING_SCARCE)
    return search, appraise(search, silent)[0]


@pytest.mark.parametrize("seed", range(40))
def test_the_least_of_all_ways_is_found_within_a_sum(seed: int):
    whole = with_all_charges(random_scenario(seed), seed)
    for carried in whole.consignments:
        given = replace(whole, consignments=(carried,))
        ways = Oracle(given).ways[carried.id]
        _, [found] = appraised(given)
        if not ways:
            assert found == Appraisal()
            continue
        least = {by: min(w.cost_usd(carried, full=by) for w in ways) for by in (True, False)}
        assert found.full_usd == pytest.approx(least[True], abs=1e-6)
        assert found.alone is not None
        assert found.alone[1].usd == pytest.approx(least[False], abs=1e-6)


@pytest.mark.parametrize("seed", range(40))
def test_sure_ways_take_nothing_that_may_run_out(seed: int):
    given = chartered(random_scenario(seed), seed)
    search, found = appraised(given)
    sought = departures_taken(search, found)
    rare = Search(
        given, given.consignments, like=search, means=affordable(given, found), sought=sought
    ).dating.run_out
    for appraisal in found:
        if appraisal.sure is None:
            continue
        n = len(search.rates.setpoints_c)
        for link in appraisal.sure[1].links:
            ride = search.rides[link // n]
            assert not ride.chartered
            assert rare.isdisjoint(s.id for s in ride.ride.services)


def test_whoever_would_be_left_without_a_slot_knows_a_dearer_way():
    given = scenario(
        network(
            map(node, "AB"),
            [
                train("T", "A>B", 10, 500.0, capacity_units=1),
                service("DEAR", "A>B", 12, 5000.0, equipment="TRUCK_CN"),
            ],
            [store("A", 0.0)],
        ),
        [consignment(f"C{n}", "A>B", 20, "24 00:00", "26 00:00") for n in range(2)],
        max_detour=0.1,
    )
    search, found = appraised(given)
    n = len(search.rates.setpoints_c)
    for appraisal in found:
        assert appraisal.full_usd == 500.0
        assert appraisal.alone is not None
        assert appraisal.sure is not None
        [link] = appraisal.sure[1].links
        assert [s.id for s in search.rides[link // n].ride.services] == ["DEAR"]
