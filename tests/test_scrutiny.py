"""Scrutiny: what is struck is what a full evaluation finds short, and its bounds are bounds."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from conftest import (
    consignment,
    lagging,
    network,
    node,
    operation,
    perishable,
    random_scenario,
    scenario,
    service,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from coldchain.audit import check
from coldchain.boards import Lone, scheduled_boards
from coldchain.candidates import enumerate_itineraries
from coldchain.chains import Rows
from coldchain.clock import way_of
from coldchain.decay import Limit, Surroundings, Trace, merged
from coldchain.engines import ENGINES
from coldchain.engines.record import silent
from coldchain.goods import Packaging
from coldchain.itinerary import Reason
from coldchain.lowering import Lifting, lower
from coldchain.network import Trigger
from coldchain.pace import Pace
from coldchain.scenario import Scenario
from coldchain.scrutiny import Scrutiny, warmth
from coldchain.search import Search
from coldchain.selection import Effort

TINY = 1e-6

WATER = {
    "transpiration_mg_kg_s_mpa": 150.0,
    "max_weight_loss_pct": 0.65,
    "humidity_min_pct": 95.0,
    "longer": 2.0,
}
ZONE = {
    "chill_zone_min_c": 4.0,
    "chill_zone_max_c": 9.0,
    "chill_zone_limit_d": 0.75,
    "longer": 4.0,
}
DOSE = {
    "chill_threshold_c": 9.0,
    "chill_dose_k_d": 4.0,
    "setpoint_min_c": 10.0,
    "setpoint_max_c": 14.0,
    "life_ref_c": 12.0,
}


def harsh(
    given_: Scenario,
    *,
    exposed_h: float = 3.0,
    exposed_c: float = 28.0,
    held_c: float | None = None,
    setpoints_c: tuple[float, ...] = (0.0, 4.0),
    pulp_c: float | None = None,
    origin_pct: float | None = None,
) -> Scenario:
    """The same with long exposures, flights at ``held_c`` and goods that come at ``pulp_c``.

    ``origin_pct`` is how humid it is where they are packed.
    """
    net = given_.network
    operations = {
        o.id: replace(
            o,
            exposed_h=exposed_h,
            exposed_c=exposed_c,
            exposed_rh_pct=origin_pct if o.trigger is Trigger.ORIGIN else None,
        )
        if o.exposed_h
        else o
        for o in net.operations.values()
    }
    services = {
        s.id: replace(s, temperature_c=held_c) if s.shared_by_kg and held_c is not None else s
        for s in net
    }
    return replace(
        given_,
        network=replace(net, operations=operations, services=services),
        setpoints_c=setpoints_c,
        consignments=tuple(replace(c, pulp_at_ready_c=pulp_c) for c in given_.consignments),
    )


CASES: dict[str, Any] = {
    "plain": ({}, {}),
    "warm": ({"longer": 2.0}, {"pulp_c": 20.0, "setpoints_c": (0.0,)}),
    "water": (WATER, {"pulp_c": 18.0, "setpoints_c": (0.0,), "origin_pct": 5.0}),
    "zone": (ZONE, {"held_c": 6.0, "pulp_c": 10.0, "exposed_h": 0.5, "setpoints_c": (0.0,)}),
    "dose": (DOSE, {"held_c": 2.0, "setpoints_c": (12.0,), "pulp_c": 20.0, "exposed_h": 0.5}),
    "prompt": ({**DOSE, "half_cooling_h": None}, {"held_c": 2.0, "setpoints_c": (12.0,)}),
    "cold": (DOSE, {"held_c": 2.0, "setpoints_c": (12.0,), "pulp_c": 4.0, "exposed_h": 0.5}),
}
"""Commodity, and what it goes through: each but the first strikes somebody."""


def case_of(name: str, seed: int) -> Scenario:
    known, circumstances = CASES[name]
    return lagging(harsh(random_scenario(seed), **circumstances), **known)


def rows_of(search: Search, k: int, packaging: Packaging) -> Rows:
    choices = Lone(search, scheduled_boards(search)).choices
    return search.chains(k, choices, packaging).rows()


def evaluated(search: Search, k: int, pace: Pace, links: tuple[int, ...]):
    """Of each limit the share used on the way, by the worse half; and the warmest pulp packed."""
    c, n = search.consignments[k], len(search.rates.setpoints_c)
    chain = [(search.rides[link // n].ride, search.rates.setpoints_c[link % n]) for link in links]
    way = way_of(search.clock, c, chain)
    packing = [a for s in way.packing for a in s.surroundings(chain[0][1])]
    rest = [a for position, s in way.rest for a in s.surroundings(chain[position][1])]
    start_c = c.pulp_at_ready_c
    if start_c is None and not packing:
        start_c = pace.pallet.settled(chain[0][1])
    before = pace.pallet.trace(merged(packing), start_c=start_c, jumps_c=pace.lots.jumps_c)
    if packing:
        start_c = float(before.end_c[0, 0]), float(before.end_c[0, 1])
    after = pace.pallet.trace(merged(rest), start_c=start_c, jumps_c=pace.lots.jumps_c)
    used = {}
    for limit in pace.limits.limits:
        halves = [
            sum(spent(limit, pace, trace, core=core) for trace in (before, after))
            for core in (False, True)
        ]
        used[limit.name] = max(halves)
    used["quality"] += c.life_used_at_ready
    return used, float(after.warmest_c[0])


def spent(limit: Limit, pace: Pace, trace: Trace, *, core: bool) -> float:
    """What one half of a pallet uses of a limit; inside, the air is as warm as the goods."""
    least = pace.lots.goods.humidity_min_pct
    stated = trace.relative_humidity_pct
    humidity = np.where(np.isnan(stated), np.nan if least is None else least, stated)
    pulp_c, air_c = (trace.core_c,) * 2 if core else (trace.outer_c, trace.air_c)
    rate = limit.rate_per_h(pulp_c, air_c=air_c, relative_humidity_pct=humidity)
    return float(np.sum(trace.hours * rate))


def left_h(pace: Pace, used: dict[str, float], retail_c: float) -> float:
    """Hours left at retail by the limit that ends them first."""
    left = []
    for limit in pace.limits.limits:
        rate = limit.rate_per_h(
            retail_c, air_c=retail_c, relative_humidity_pct=pace.lots.goods.humidity_min_pct
        )
        rest = 1.0 - used[limit.name]
        left.append(rest / rate if rate else np.inf if rest > 0 else -1.0)
    return min(left)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("seed", range(12))
def test_those_struck_are_those_a_full_evaluation_finds_short(name: str, seed: int):
    given_ = case_of(name, seed)
    search = Search(given_, given_.consignments)
    scrutiny = Scrutiny(search)
    for k, c in enumerate(given_.consignments):
        pace = given_.pace(c.commodity, c.packaging)
        rows = rows_of(search, k, c.packaging)
        kept, best = scrutiny.keep(k, c.packaging, rows)
        fresh, lefts = [], []
        for links in rows.links:
            used, _ = evaluated(search, k, pace, links)
            left = left_h(pace, used, c.retail_c)
            if left >= c.shelf_life_required_h - TINY:
                fresh.append(links)
            else:
                lefts.append(left)
        assert kept.links == fresh
        assert (best is None) is not bool(lefts)
        if best is not None:
            assert best.left_h == pytest.approx(max(lefts), abs=TINY)


@pytest.mark.parametrize("name", sorted(set(CASES) - {"plain"}))
def test_the_cases_strike_somebody_and_spare_somebody(name: str):
    before = after = 0
    for seed in range(12):
        given_ = case_of(name, seed)
        search = Search(given_, given_.consignments)
        for k, c in enumerate(given_.consignments):
            rows = rows_of(search, k, c.packaging)
            before += len(rows.links)
            after += len(Scrutiny(search).keep(k, c.packaging, rows)[0].links)
    assert 0 < after < before


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("seed", range(12))
def test_its_bounds_are_never_below_what_really_happens(name: str, seed: int):
    given_ = case_of(name, seed)
    search = Search(given_, given_.consignments)
    scrutiny = Scrutiny(search)
    for k, c in enumerate(given_.consignments):
        number = search.pace_of[c.commodity, c.packaging]
        pace = search.rates.paces[number]
        rows = rows_of(search, k, c.packaging)
        for links, delivered in zip(rows.links, rows.delivered, strict=True):
            bounds = scrutiny.bounds(k, number, links, delivered)
            used, warmest_c = evaluated(search, k, pace, links)
            assert warmest_c <= bounds.warmest_c + TINY
            if warmest_c <= pace.ceiling_c:
                leads = pace._leads.tolist()
                aside = [u for u, led in zip(used.values(), leads, strict=True) if not led]
                assert max(aside, default=0.0) <= bounds.aside + TINY


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("seed", range(10))
def test_what_it_keeps_the_audit_keeps(name: str, seed: int):
    given_ = case_of(name, seed)
    lowered = lower(enumerate_itineraries(given_))
    for row in range(len(lowered.candidates)):
        way = Lifting(lowered).itinerary(row)
        required_h = given_.consignment(way.consignment).shelf_life_required_h
        assert way.shelf_life_left_h >= required_h - TINY
        assert way.sure >= given_.confidence
    effort = Effort(seconds=30.0, gap=0.0, threads=1, seed=1)
    selection = ENGINES["exact"](lowered.problem, effort, silent)
    assert check(Lifting(lowered).plan(selection, greedy_usd=0.0, effort=effort)) == ()


airs = st.lists(st.tuples(st.floats(0.0, 20.0), st.floats(-2.0, 30.0)), min_size=1, max_size=8)


@settings(max_examples=100, deadline=None)
@given(airs, st.floats(-1.0, 6.0), st.floats(0.0, 25.0), st.floats(0.0, 25.0))
def test_warmth_is_never_below_that_of_the_pulp(parts, setpoint_c, outer_c, core_c):
    goods = lagging(case_of("plain", 0)).pace("fruit", Packaging.NAKED)
    history = [Surroundings(hours=hours, air_c=air_c) for hours, air_c in parts]
    met = warmth(goods, history, setpoint_c)
    behind_c = goods.pallet.air_behind(outer_c, core_c)
    warm = max(0.0, behind_c - setpoint_c)
    trace = goods.pallet.trace(history, start_c=(outer_c, core_c))
    most_c = goods.pallet.warmest_settled(setpoint_c + warm + met.peak)
    assert max(trace.warmest_c[0], outer_c, core_c) <= most_c + TINY
    after_c = goods.pallet.air_behind(*trace.end_c[0].tolist())
    assert after_c <= setpoint_c + met.fade * warm + met.rise + TINY
    assert met.hours == pytest.approx(sum(hours for hours, _ in parts))


# Refusals ---------------------------------------------------------------------------------------


DRY = {**WATER, "max_weight_loss_pct": 0.8}


def road(commodity: dict[str, Any], *, pulp_c: float | None, held_c: float | None = None, **pack):
    """Two days by road, after packing in the open at 28 °C: one way, one consignment.

    It is sold where neither the zone nor the dose goes on.
    """
    home_c = 12.0 if commodity is DOSE else 0.0
    return lagging(
        scenario(
            network(
                [node("A"), node("B")],
                [service("S", "A>B", 48, 500.0, temperature_c=held_c)],
                [operation("PACK", "A", Trigger.ORIGIN, 3, exposed_c=28.0, **pack)],
            ),
            [
                consignment(
                    "X",
                    "A>B",
                    5,
                    "24 00:00",
                    "28 00:00",
                    shelf_life_required_h=24.0,
                    pulp_at_ready_c=pulp_c,
                    retail_c=home_c,
                )
            ],
            perishables={"fruit": perishable("fruit")},
            setpoints_c=(home_c,),
        ),
        **{**commodity, "longer": 1.0},
    )


@pytest.mark.parametrize(
    ("limit", "given_", "harmless"),
    [
        (
            "water loss",
            road(DRY, pulp_c=22.0, exposed_h=3.0, exposed_rh_pct=5.0),
            road({**DRY, "max_weight_loss_pct": 4.0}, pulp_c=22.0, exposed_h=3.0),
        ),
        (
            "internal breakdown",
            road(ZONE, pulp_c=1.0, held_c=6.0),
            road(ZONE, pulp_c=1.0, held_c=0.5),
        ),
        (
            "chilling injury",
            road(DOSE, pulp_c=12.0, held_c=2.0),
            road(DOSE, pulp_c=12.0, held_c=10.0),
        ),
    ],
)
def test_a_refusal_says_which_limit_was_reached(limit: str, given_: Scenario, harmless: Scenario):
    pace = given_.pace("fruit", Packaging.NAKED)
    assert [x.name for x in pace.limits.limits] == ["quality", limit]
    assert pace._leads.tolist() == [True, False]
    search = Search(given_, given_.consignments)
    rows = rows_of(search, 0, Packaging.NAKED)
    assert rows.links
    candidates = enumerate_itineraries(given_)
    assert len(candidates) == 0
    [refusal] = candidates.refusals
    assert refusal.reason is Reason.NOT_FRESH
    assert f"limited by {limit}" in refusal.detail
    used, _ = evaluated(search, 0, pace, rows.links[0])
    left = left_h(pace, used, given_.consignments[0].retail_c)
    assert refusal.shortfall == pytest.approx(1.0 - left / 24.0, abs=TINY)
    assert len(enumerate_itineraries(harmless)) == 1


def test_goods_that_follow_their_air_at_once_are_not_looked_at(three_node: Scenario):
    search = Search(three_node, three_node.consignments)
    rows = rows_of(search, 0, Packaging.NAKED)
    scrutiny = Scrutiny(search)
    kept, best = scrutiny.keep(0, Packaging.NAKED, rows)
    assert kept is rows
    assert best is None


# What is struck must not stand in the way of what is not ------------------------------------------


def two_trucks(commodity: dict[str, Any], *, held_c: float, usd: float, **known: Any) -> Scenario:
    """The same road by a truck at ``held_c`` that injures, and for ``usd`` by one that does not."""
    given_ = road(commodity, pulp_c=12.0 if commodity is DOSE else 1.0, held_c=held_c)
    sound = service("SOUND", "A>B", 48, usd)
    services = {**given_.network.services, sound.id: sound}
    return replace(given_, network=replace(given_.network, services=services), **known)


def taken(given_: Scenario) -> list[str]:
    candidates = enumerate_itineraries(given_)
    return [
        leg.service
        for row in range(len(candidates))
        for rated, _ in candidates.chain(row)
        for leg in rated.ride.legs
    ]


def test_a_way_that_injures_sets_no_price_for_a_detour():
    assert taken(two_trucks(ZONE, held_c=6.0, usd=5000.0, max_detour=0.1)) == ["SOUND"]


def test_a_ride_that_injures_replaces_none_that_does_not():
    # By age alone the colder truck is better, and cheaper at that.
    assert taken(two_trucks(DOSE, held_c=2.0, usd=600.0)) == ["SOUND"]
