"""Nothing is given up that somebody can gain by: no bound on time or money is too high."""

import math

import numpy as np
import pytest
from conftest import (
    at,
    bordered,
    consignment,
    cross_dock,
    disturbed,
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

from coldchain.cost_to_go import SPAN_MIN
from coldchain.prospects import Means
from coldchain.scenario import Scenario
from coldchain.search import Search
from coldchain.timetable import minute

MADE = pytest.mark.parametrize("made", [with_all_charges, bordered, disturbed])


@MADE
@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("seed", range(40))
def test_whoever_can_just_afford_a_way_is_not_kept_from_any_part_of_it(seed: int, full: bool, made):
    given = with_all_charges(made(random_scenario(seed), seed), seed)
    oracle = Oracle(given)
    for carried in given.consignments:
        for way in oracle.ways[carried.id][:20]:
            usd = np.array([way.cost_usd(carried, full=full)])
            nothing = np.array([-math.inf])
            means = Means(usd, nothing) if full else Means(nothing, usd)
            prospects = Search(given, [carried], means=means).prospects
            for unit in way.sealed:
                for ridden, departs in zip(unit.services, unit.departs, strict=True):
                    assert ridden.id in prospects.ridden()
                    party = prospects.party([(ridden, departs)])
                    assert party
                    done = oracle.after_arrival(ridden, departs)
                    before = party.before(ridden, departs)
                    assert party.gains(ridden, done, before, opened=False)


@pytest.mark.parametrize("seed", range(40))
def test_every_ride_of_a_way_that_is_afforded_is_useful(seed: int):
    given = with_all_charges(random_scenario(seed), seed)
    oracle = Oracle(given)
    for carried in given.consignments:
        for way in oracle.ways[carried.id][:20]:
            usd = np.array([way.cost_usd(carried, full=True)])
            search = Search(given, [carried], means=Means(usd, np.array([-math.inf])))
            for unit in way.sealed:
                number = search.number(unit.services, unit.departs)
                assert search.prospects.useful(search.rides[number])


@MADE
@pytest.mark.parametrize("seed", range(40))
def test_nobody_is_delivered_sooner_than_the_soonest(seed: int, made):
    given = made(random_scenario(seed), seed)
    oracle = Oracle(given)
    for carried in given.consignments:
        soonest = Search(given, [carried], limits=False).soonest(0)
        assert all(soonest <= way.delivered for way in oracle.ways[carried.id])


def test_the_soonest_may_wait_as_long_as_it_likes_but_not_for_ever():
    given = weekly(1e6)
    [carried] = given.consignments
    # By truck: two legs of one vehicle.
    assert Search(given, [carried]).soonest(0) == minute(carried.ready_at) + 15 * 60
    by_train = Search(given, [carried], without=frozenset({"OUT"}))
    assert by_train.soonest(0) == at("31 06:00")
    nothing = Search(given, [carried], without=frozenset({"OUT", "SUN"}))
    assert nothing.soonest(0) == math.inf


def weekly(usd: float) -> Scenario:
    """A truck to a hub; from there a cheap train on Sundays, or a dear truck at once."""
    return scenario(
        network(
            [node("A"), node("H", cross_dock=True), node("B")],
            [
                service("IN", "A>H", 5, 100.0),
                train("SUN", "H>B", 10, 100.0, days=frozenset({7})),
                service("OUT", "H>B", 10, usd),
            ],
            [store("A"), store("H"), cross_dock("D", "H", "TRUCK_CA>FEU_R", 2)],
        ),
        [consignment("X", "A>B", 20, "24 00:00", "31 12:00")],
        freshness_usd_per_kg_d=0.05,
        max_dwell_h=400.0,
    )


def test_a_wait_for_a_train_costs_what_goods_lose_meanwhile():
    """24 May 2027 is a Monday: who comes on Monday waits longer for Sunday's train."""
    given = weekly(1e6)
    search = Search(given, given.consignments, means=Means(np.array([1e9]), np.array([-math.inf])))
    to_go = search.prospects.to_go
    assert to_go is not None
    row = search.connections.number["IN"]
    day = 24 * 60 // SPAN_MIN
    values = to_go.any[row, :, 0]
    lost = 20 * (values[: 5 * day : day][:-1] - values[: 5 * day : day][1:])
    per_day = 24 * 60 * float(search.prospects.tariff.usd_per_min[0])
    assert per_day > 0
    assert lost == pytest.approx([per_day] * 4, rel=1e-6)
