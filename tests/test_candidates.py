"""The search loses nothing: against an oracle that tries everything, on networks with traps."""

from dataclasses import replace

import pytest
from conftest import random_scenario
from enumeration import Choice, Oracle

from coldchain.candidates import Candidates, enumerate_itineraries
from coldchain.itinerary import Reason
from coldchain.lowering import lower

PENNIES = 10
"""Rounding to cents, of a dozen amounts at most."""


def oracle_unit(oracle: Oracle, candidates: Candidates, row: int):
    """The chain of a candidate as the oracle reckons it; a departure that is none is an error."""
    timetable = candidates.scenario.timetable
    chain = []
    for rated, setpoint in candidates.chain(row):
        for ridden, leg in zip(rated.ride.services, rated.ride.legs, strict=True):
            day = timetable.local_day(ridden, leg.departs)
            assert timetable.runs_on(ridden, day)
            if not ridden.on_demand:
                runs = timetable.departures(ridden, leg.departs, leg.departs)
                assert [run.departs for run in runs] == [leg.departs]
        departs = [leg.departs for leg in rated.ride.legs]
        unit = oracle.sealed(rated.ride.services, departs)
        assert (unit.stuffed, unit.handed_over) == (rated.ride.stuffed, rated.ride.handed_over)
        assert unit.pallets == rated.pallets
        assert unit.unit_usd == pytest.approx(rated.unit_usd, abs=1e-6)
        chain.append((unit, setpoint))
    return chain


def searched_usd(candidates: Candidates, oracle: Oracle) -> int:
    """Least joint cost (cents) of what an engine is asked, by all combinations."""
    lowered = lower(candidates)
    refused = {r.consignment for r in candidates.refusals}
    left = [c for c in candidates.scenario.consignments if c.id in refused]
    assert len(left) + len(lowered.customers) == len(candidates.scenario.consignments)
    return Choice.of(lowered.problem).least() + sum(
        round(100 * oracle.unserved_usd(c)) for c in left
    )


SEEDS = range(60)


@pytest.mark.parametrize("seed", SEEDS)
def test_candidates_hold_a_plan_as_cheap_as_any_within_the_cut_by_money(seed: int):
    given = random_scenario(seed)
    oracle = Oracle(given)
    searched = searched_usd(enumerate_itineraries(given), oracle)
    assert oracle.choice().least() - PENNIES <= searched
    assert searched <= oracle.choice(oracle.ways_worth_taking).least() + PENNIES


@pytest.mark.parametrize("seed", SEEDS)
def test_every_candidate_keeps_the_clock_the_cold_and_the_books(seed: int):
    given = random_scenario(seed)
    oracle = Oracle(given)
    candidates = enumerate_itineraries(given)
    for row in range(len(candidates)):
        carried = given.consignments[int(candidates.consignment[row])]
        chain = oracle_unit(oracle, candidates, row)
        nodes = [carried.origin, *(n for unit, _ in chain for n in unit.nodes[1:])]
        assert len(nodes) == len(set(nodes))
        assert len(chain) <= given.max_cross_docks + 1
        way = oracle.reckon(carried, chain)
        assert way is not None, f"{carried.id} is late or not fresh"
        assert way.delivered == candidates.delivered[row]
        assert way.life_used == pytest.approx(candidates.life_used[row], abs=1e-9)
        assert way.own_usd == pytest.approx(candidates.own_usd[row], abs=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_refusals_say_what_the_oracle_says(seed: int):
    given = random_scenario(seed)
    refusals = {r.consignment: r for r in enumerate_itineraries(given).refusals}
    for carried in given.consignments:
        one = replace(given, consignments=(carried,))
        if carried.id not in refusals:
            assert Oracle(one).ways[carried.id]
            continue
        refusal = refusals[carried.id]
        grace_d = 2.0
        ways = Oracle(one, limits=False, grace_d=grace_d).ways[carried.id]
        due = int(carried.due_at.timestamp()) // 60
        in_time = [way for way in ways if way.delivered <= due]
        if not ways:
            late = refusal.reason is Reason.TOO_LATE and refusal.shortfall > 24 * grace_d
            assert late or refusal.reason is Reason.NO_PATH
        elif not in_time:
            assert refusal.reason is Reason.TOO_LATE
            earliest = min(way.delivered for way in ways)
            assert refusal.shortfall == pytest.approx((earliest - due) / 60)
        else:
            assert refusal.reason is Reason.NOT_FRESH
            law = given.law(carried.commodity, carried.packaging)
            left = 1 - min(way.life_used for way in in_time)
            left_h = max(0.0, left) * law.keeping_quality_h(carried.retail_c)
            assert refusal.shortfall == pytest.approx((carried.shelf_life_required_h - left_h) / 24)
            assert refusal.shortfall > 0
        assert refusal.where == carried.destination
