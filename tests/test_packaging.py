"""How goods are packed is a choice: bought where it pays, in the books, boxed by groups."""

from dataclasses import replace
from itertools import product

import pytest
from conftest import (
    consignment,
    lagging,
    network,
    node,
    packing,
    perishable,
    random_scenario,
    scenario,
    service,
)
from enumeration import Choice

from coldchain.candidates import enumerate_itineraries
from coldchain.charges import freshness_usd
from coldchain.engines import ENGINES, stand_alone_cost
from coldchain.engines.record import silent
from coldchain.goods import Packaging
from coldchain.itinerary import Itinerary, Reason
from coldchain.lowering import Lifting, lower
from coldchain.plan import Plan
from coldchain.scenario import Scenario
from coldchain.selection import Effort

PROVEN = Effort(seconds=30.0, gap=0.0, threads=1, seed=1)
PENNIES = 10
BOTH = frozenset({Packaging.NAKED, Packaging.MAP})


def planned(given: Scenario) -> Plan:
    lowered = lower(enumerate_itineraries(given))
    selection = ENGINES["exact"](lowered.problem, PROVEN, silent)
    alone = stand_alone_cost(lowered.problem) / 100
    return Lifting(lowered).plan(selection, greedy_usd=alone, effort=PROVEN)


def least(given: Scenario) -> float:
    """Least cost of everything (cents), the constant included, by all combinations."""
    lowered = lower(enumerate_itineraries(given))
    return Choice.of(lowered.problem).least() + 100 * lowered.constant_usd


def packed_as(given: Scenario, packagings: tuple[Packaging, ...]) -> Scenario:
    """The same with consignments in these packagings, in order."""
    packed = zip(given.consignments, packagings, strict=True)
    return replace(given, consignments=tuple(replace(c, packaging=p) for c, p in packed))


def priced(given: Scenario, *, map_usd_per_kg: float, naked_usd_per_kg: float = 0.0) -> Scenario:
    prices = {Packaging.MAP: map_usd_per_kg, Packaging.NAKED: naked_usd_per_kg}
    return replace(
        given,
        packagings=BOTH,
        packaging={
            name: replace(terms, usd_per_kg=prices.get(terms.packaging_id, 0.0))
            for name, terms in given.packaging.items()
        },
    )


def open_to_both(seed: int) -> Scenario:
    """A random network for one commodity sold at 8 °C, where MAP has given up."""
    given = random_scenario(seed)
    freshness = (0.0, 0.05, 0.3)[seed % 3]
    given = replace(given, objective=replace(given.objective, freshness_usd_per_kg_d=freshness))
    given = lagging(given) if seed % 2 else given
    given = priced(given, map_usd_per_kg=(0.01, 0.05)[seed // 3 % 2], naked_usd_per_kg=0.004)
    one = tuple(
        replace(
            c,
            commodity="fruit",
            packaging=Packaging.ANY,
            retail_c=8.0,
            shelf_life_required_h=2.0 * c.shelf_life_required_h,
        )
        for c in given.consignments
    )
    return replace(given, consignments=one)


@pytest.mark.parametrize("seed", range(24))
def test_an_open_packaging_costs_what_the_best_of_all_fixed_ones_costs(seed: int):
    given = open_to_both(seed)
    ways = product(sorted(BOTH), repeat=len(given.consignments))
    best = min(least(packed_as(given, way)) for way in ways)
    assert least(given) == pytest.approx(best, abs=PENNIES)


def test_the_random_networks_call_for_either():
    plans = (planned(open_to_both(seed)) for seed in range(24))
    assert {way.packaging for plan in plans for way in plan.itineraries} == BOTH


@pytest.mark.parametrize("seed", range(24))
def test_the_books_hold_the_packaging_that_was_chosen(seed: int):
    given = open_to_both(seed)
    lowered = lower(enumerate_itineraries(given))
    plan = planned(given)
    for way in plan.itineraries:
        carried = given.consignment(way.consignment)
        paid = given.packaging[way.packaging].usd_per_kg * carried.gross_kg
        assert plan.charges[carried.id].packaging == pytest.approx(paid)
        assert plan.charges[carried.id].freshness == pytest.approx(
            freshness_usd(given, carried, way.packaging, way.life_reckoned)
        )
    for refusal in plan.unserved:
        assert plan.charges[refusal.consignment].packaging == 0
    amounts = len(plan.itineraries) + len(plan.load_units) + len(plan.unserved)
    charged = plan.total.total - lowered.constant_usd
    assert charged == pytest.approx(plan.proof.cost_usd, abs=0.005 * amounts + 1e-6)


# One road -----------------------------------------------------------------------------------------


def road(**known) -> Scenario:
    """Four days by road for fruit that keeps eight at 0 °C; MAP gives up at 5 °C."""
    required = known.pop("shelf_life_required_h", 0.0)
    given = scenario(
        network([node("A"), node("B")], [service("S", "A>B", 96, 100.0)]),
        [
            consignment(
                "X",
                "A>B",
                5,
                "24 00:00",
                "29 00:00",
                packaging=Packaging.ANY,
                shelf_life_required_h=required,
                retail_c=8.0,
            )
        ],
        perishables={"fruit": perishable("fruit", life_min_d=8, life_typ_d=8, life_max_d=8)},
        freshness_usd_per_kg_d=known.pop("freshness_usd_per_kg_d", 0.0),
    )
    given = priced(given, map_usd_per_kg=0.05, **known)
    map_ = replace(given.packaging["map"], max_c=5.0)
    return replace(given, packaging={**given.packaging, "map": map_})


def chosen(given: Scenario) -> Itinerary:
    [way] = planned(given).itineraries
    return way


def test_map_is_not_bought_for_nothing():
    assert chosen(road()).packaging is Packaging.NAKED


def test_map_is_bought_where_only_it_keeps_the_floor():
    # Half a life is left of naked goods at 8 °C, and 9 / 14 of goods that came in MAP.
    given = road(shelf_life_required_h=50.0)
    keep_h = given.pace("fruit", Packaging.NAKED).keeping_quality_h(8.0)
    naked_h, map_h = (1 - 4 / 8) * keep_h, (1 - 4 / 8 / 1.4) * keep_h
    assert naked_h < 50 < map_h
    assert chosen(given).packaging is Packaging.MAP
    assert chosen(road(shelf_life_required_h=naked_h - 1)).packaging is Packaging.NAKED
    [refusal] = enumerate_itineraries(road(shelf_life_required_h=map_h + 1)).refusals
    assert refusal.reason is Reason.NOT_FRESH
    assert refusal.shortfall == pytest.approx(1 / 24, abs=1e-3)  # short of the better of the two


def test_map_is_bought_where_freshness_is_dear_enough():
    given = road()
    days = given.pace("fruit", Packaging.NAKED).keeping_quality_h(8.0) / 24
    # MAP saves a seventh of a life of `days` for 800 kg net, and costs 0.05 for 850 kg gross.
    even = 0.05 * 850 / (800 * days * (4 / 8) * (1 - 1 / 1.4))
    dear, cheap = (road(freshness_usd_per_kg_d=even * x) for x in (1.01, 0.99))
    assert chosen(dear).packaging is Packaging.MAP
    assert chosen(cheap).packaging is Packaging.NAKED


def test_the_cheapest_packaging_is_a_constant_and_the_rest_a_choice():
    given = road(naked_usd_per_kg=0.02, shelf_life_required_h=50.0)
    candidates = enumerate_itineraries(given)
    lowered = lower(candidates)
    assert candidates.constant_usd.tolist() == [pytest.approx(0.02 * 4250)]
    assert lowered.constant_usd == pytest.approx(0.02 * 4250)
    assert [candidates.packed(row) for row in range(len(candidates))] == [Packaging.MAP]
    assert candidates.own_usd.tolist() == [pytest.approx((0.05 - 0.02) * 4250)]
    # Left behind, goods are not packed.
    assert lowered.problem.skip_cost.tolist() == [round(100 * (4.0 * 4000 - 0.02 * 4250))]
    plan = planned(given)
    assert plan.total.packaging == pytest.approx(0.05 * 4250)


def test_map_is_bought_for_life_in_a_cold_shop_too():
    """At 5 °C the liner holds: the same days are used, and more are left."""
    given = road(freshness_usd_per_kg_d=0.1)
    [carried] = given.consignments
    cool = replace(given, consignments=(replace(carried, retail_c=5.0),))
    assert chosen(cool).packaging is Packaging.MAP


def test_open_packaging_does_not_part_those_who_can_meet():
    """Fruit in any packaging and bare berries share a truck, as bare fruit and berries do."""
    goods = {
        "fruit": perishable("fruit", oxygen_pct=(3.0, 10.0), carbon_dioxide_pct=(10.0, 15.0)),
        "berry": perishable("berry", oxygen_pct=(3.0, 10.0), carbon_dioxide_pct=(2.0, 3.0)),
    }
    net = network([node("A"), node("B")], [service("S", "A>B", 24, usd=100.0)])
    carried = [
        consignment("F", "A>B", 4, "24 00:00", "28 00:00", packaging=Packaging.ANY),
        consignment("G", "A>B", 4, "24 00:00", "28 00:00", commodity="berry"),
    ]
    for allowed in (BOTH, frozenset(Packaging) - {Packaging.ANY}):
        given = replace(scenario(net, carried, perishables=goods), packagings=allowed)
        assert planned(given).total.freight == pytest.approx(100.0)


def test_only_what_the_scenario_allows_is_chosen():
    given = road(shelf_life_required_h=50.0)
    without = replace(given, packagings=frozenset({Packaging.NAKED, Packaging.LINER}))
    candidates = enumerate_itineraries(without)
    assert Packaging.MAP not in candidates.packagings
    assert [r.reason for r in candidates.refusals] == [Reason.NOT_FRESH]


# Who shares a box ---------------------------------------------------------------------------------


def two(one: Packaging, other: Packaging, **known) -> Plan:
    """Two half loads at once, of fruit and of what ``known`` says, each packed so."""
    goods = {"fruit": perishable("fruit"), "berry": perishable("berry")}
    return planned(
        scenario(
            network([node("A"), node("B")], [service("S", "A>B", 10, 100.0)]),
            [
                consignment("X", "A>B", 8, "24 00:00", "26 00:00", packaging=one),
                consignment("Y", "A>B", 8, "24 00:00", "26 00:00", packaging=other, **known),
            ],
            perishables=goods,
        )
    )


@pytest.mark.parametrize(
    ("one", "other", "commodity", "units"),
    [
        (Packaging.NAKED, Packaging.NAKED, "berry", 1),
        (Packaging.NAKED, Packaging.LINER, "berry", 1),
        (Packaging.MAP, Packaging.NAKED, "fruit", 1),
        (Packaging.MAP, Packaging.NAKED, "berry", 2),
        (Packaging.MAP, Packaging.MAP, "berry", 2),
        (Packaging.MAP, Packaging.MAP, "fruit", 1),
    ],
)
def test_packagings_share_a_box_exactly_if_their_group_says_so(one, other, commodity, units):
    plan = two(one, other, commodity=commodity)
    groups = {unit.carriage.stowage_group for unit in plan.load_units}
    assert len(plan.load_units) == len(groups) == units
    of = plan.scenario.group_of
    assert groups == {of(c) for c in plan.scenario.consignments}


def test_an_open_packaging_is_chosen_for_the_box_it_can_share():
    # MAP would be free, but only naked fruit may ride with all the berries there are.
    given = scenario(
        network([node("A"), node("B")], [service("S", "A>B", 10, 100.0)]),
        [
            consignment("X", "A>B", 4, "24 00:00", "26 00:00", packaging=Packaging.ANY),
            consignment("Y", "A>B", 16, "24 00:00", "26 00:00", commodity="berry"),
        ],
        perishables={"fruit": perishable("fruit"), "berry": perishable("berry")},
    )
    given = replace(
        given,
        packagings=BOTH,
        packaging={**given.packaging, "naked": packing(Packaging.NAKED, usd_per_kg=0.01)},
    )
    plan = planned(given)
    assert [w.packaging for w in plan.itineraries] == [Packaging.NAKED, Packaging.NAKED]
    assert len(plan.load_units) == 1
    apart = planned(replace(given, consignments=(given.consignments[0],)))
    assert [w.packaging for w in apart.itineraries] == [Packaging.MAP]
