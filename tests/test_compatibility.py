"""Mixed loads: each rule alone, setpoints that harm nobody, groups against all partitions."""

import math
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import pytest
from conftest import perishable
from hypothesis import assume, given
from hypothesis import strategies as st

from coldchain.compatibility import (
    ODOURS,
    Axis,
    Cargo,
    Severity,
    Verdict,
    box_setpoint_c,
    cheapest_setpoint_c,
    common_range_c,
    judge,
    life_cost,
    stowage_groups,
    tolerance_for,
)
from coldchain.compatibility import groups as grouping
from coldchain.errors import OutOfDomain, UnknownName
from coldchain.goods import Packaging
from coldchain.tables import read_perishables

GOODS = {code: Cargo(perishable=goods) for code, goods in read_perishables().items()}
PAIRS = list(combinations(sorted(GOODS), 2))
PACKED = [
    Cargo(perishable=cargo.perishable, packaging=packaging)
    for cargo in GOODS.values()
    for packaging in Packaging
    if packaging is not Packaging.ANY
]


def cargo(code: str, *, packed: str = "naked", treatment: str = "", **known: Any) -> Cargo:
    goods = perishable(code, **known)
    return Cargo(perishable=goods, packaging=Packaging(packed), treatment=treatment)


def finding(verdict: Verdict, axis: Axis):
    [found] = [f for f in verdict.findings if f.axis is axis]
    return found


# ---------------------------------------------------------------- pairs

DRY = {"humidity_min_pct": 65.0, "humidity_max_pct": 70.0}
MOIST = {"humidity_min_pct": 90.0, "humidity_max_pct": 95.0}
LOW_GAS = {"oxygen_pct": (2.0, 3.0), "carbon_dioxide_pct": (2.0, 3.0)}
HIGH_GAS = {"oxygen_pct": (3.0, 10.0), "carbon_dioxide_pct": (10.0, 15.0)}

# Each rule alone, between goods that differ in nothing else.
FORBIDDEN: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("no_common_setpoint", {"setpoint_max_c": 0.0}, {"setpoint_min_c": 2.1}),
    ("no_common_setpoint", {"setpoint_max_c": 0.0}, {"setpoint_min_c": 1.5, "domain_min_c": 1.5}),
    ("no_common_setpoint", {"setpoint_max_c": 0.0}, {"setpoint_min_c": 1.5, "freezing_c": 1.0}),
    ("no_common_setpoint", {"setpoint_max_c": 0.0}, {"setpoint_min_c": 2, "chill_threshold_c": 2}),
    ("no_common_setpoint", {"setpoint_min_c": 4.0}, {"regulatory_max_c": 2.0}),
    ("dry_beside_moist", DRY, MOIST),
    ("dry_beside_moist", {"humidity_max_pct": 75.0}, {"humidity_min_pct": 76.0}),
    ("ethylene", {"ethylene_production": "M"}, {"ethylene_sensitivity": "H"}),
    ("ethylene", {"ethylene_production": "M-H"}, {"ethylene_sensitivity": "M-H"}),
    ("ethylene_extreme", {"ethylene_production": "L"}, {"ethylene_sensitivity": "X"}),
    ("odour", {"odour_emits": "onion"}, {"odour_absorbs": "apple;onion"}),
    ("odour", {"odour_emits": "citrus"}, {"odour_absorbs": "any"}),
    ("so2_pads", {"so2_or_special": "keep dark;SO2 pads"}, {"so2_or_special": "no SO2 pads"}),
    ("raw_meat", {"category": "meat"}, {"category": "vegetable"}),
    ("raw_meat", {"category": "meat"}, {"category": "dairy"}),
    ("atmosphere", {"packed": "map", **HIGH_GAS}, LOW_GAS),
    ("atmosphere", {"packed": "map", **HIGH_GAS}, {}),
    (
        "atmosphere",
        {"packed": "map", **HIGH_GAS},
        {"packed": "map", "oxygen_pct": (3.0, 5.0), "carbon_dioxide_pct": (0.0, 5.0)},
    ),
    ("treatment", {"treatment": "cold"}, {}),
    ("treatment", {"treatment": "cold"}, {"treatment": "cold"}),
]


@pytest.mark.parametrize(("rule", "one", "other"), FORBIDDEN)
def test_each_rule_forbids_by_itself(rule: str, one: dict[str, Any], other: dict[str, Any]):
    a, b = cargo("a", **one), cargo("b", **other)
    assert judge(cargo("a"), cargo("b")).allowed
    verdict = judge(a, b)
    assert not verdict.allowed
    assert {f.rule for f in verdict.findings if f.severity is Severity.FORBIDDEN} == {rule}
    assert verdict.why_not == verdict.worst.words
    assert a.name in verdict.worst.words
    assert b.name in verdict.worst.words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"setpoint_max_c": 0.0}, {"setpoint_min_c": 2.0}),
        ({"setpoint_max_c": 0.0}, {"setpoint_min_c": 1.5, "freezing_c": 0.9}),
        (DRY, DRY),
        (DRY, {}),
        ({"humidity_max_pct": 75.0}, {"humidity_min_pct": 75.0}),
        ({"ethylene_production": "L"}, {"ethylene_sensitivity": "H"}),
        ({"ethylene_production": "none"}, {"ethylene_sensitivity": "X"}),
        ({"odour_emits": "apple"}, {"odour_absorbs": "onion;earthy"}),
        ({"odour_absorbs": "any"}, {"odour_absorbs": "any"}),
        ({"so2_or_special": "SO2 pads"}, {"so2_or_special": "SO2 pads;red"}),
        ({"category": "meat"}, {"category": "meat"}),
        ({"packed": "map", **HIGH_GAS}, {**LOW_GAS, "carbon_dioxide_pct": (3.0, 10.0)}),
        ({"packed": "liner", **HIGH_GAS}, LOW_GAS),
        ({"mcgregor_group": "1"}, {"mcgregor_group": "7"}),
    ],
)
def test_just_short_of_a_rule_is_allowed(one: dict[str, Any], other: dict[str, Any]):
    assert judge(cargo("a", **one), cargo("b", **other)).why_not is None


@pytest.mark.parametrize(
    ("rule", "one", "other"),
    [
        ("ethylene_somewhat", {"ethylene_production": "VH"}, {"ethylene_sensitivity": "M"}),
        ("humidity_apart", {"humidity_max_pct": 90.0}, {"humidity_min_pct": 95.0}),
    ],
)
def test_what_harms_a_little_warns(rule: str, one: dict[str, Any], other: dict[str, Any]):
    verdict = judge(cargo("a", **one), cargo("b", **other))
    assert verdict.allowed
    assert verdict.worst.rule == rule
    assert verdict.warnings == (verdict.worst.words,)


def test_a_short_journey_allows_two_kelvin_a_long_one_allows_one():
    a, b = cargo("a", setpoint_max_c=0.0), cargo("b", setpoint_min_c=4.0)
    assert judge(a, b, tolerance_k=tolerance_for(2.9)).allowed
    assert not judge(a, b, tolerance_k=tolerance_for(3.0)).allowed


@pytest.mark.parametrize("axis", list(Axis))
def test_every_axis_is_told_and_the_worst_decides(axis: Axis):
    verdict = judge(cargo("a", odour_emits="onion"), cargo("b", odour_absorbs="any"))
    assert finding(verdict, axis).words
    assert verdict.worst is finding(verdict, Axis.ODOUR)


def test_a_group_chart_is_quoted_and_decides_nothing():
    for group, said in (("1", "together"), ("7", "apart"), ("separate", "")):
        verdict = judge(cargo("a", mcgregor_group="1;2"), cargo("b", mcgregor_group=group))
        assert verdict.allowed
        assert said in verdict.chart
        assert bool(verdict.chart) is bool(said)
    both = judge(cargo("a", category="meat"), cargo("b"))
    assert "together" in both.chart
    assert not both.allowed


def test_the_same_commodity_rides_with_itself_however_packed_unless_treated():
    harm = {"ethylene_production": "H", "ethylene_sensitivity": "X", "odour_emits": "onion"}
    smelly = {**harm, "odour_absorbs": "any", "category": "meat", "so2_or_special": "SO2 pads"}
    bare, packed = cargo("a", **smelly), cargo("a", packed="map", **smelly)
    treated = cargo("a", treatment="cold", **smelly)
    assert judge(bare, packed).allowed
    assert judge(treated, treated).allowed
    assert not judge(bare, treated).allowed
    assert not judge(treated, cargo("a", treatment="heat", **smelly)).allowed


def test_a_smell_that_is_no_code_is_refused_rather_than_ignored():
    with pytest.raises(UnknownName, match="no odour is called 'strong'"):
        judge(cargo("a", odour_emits="strong"), cargo("b"))
    with pytest.raises(UnknownName, match="no odour is called 'any'"):
        judge(cargo("a", odour_emits="any"), cargo("b"))


def test_a_packaging_yet_to_be_chosen_cannot_be_judged():
    with pytest.raises(ValueError, match="must be chosen first"):
        cargo("a", packed="any")


# ---------------------------------------------------------------- the bundled commodities


@pytest.mark.parametrize(
    ("one", "other", "rule"),
    [
        ("cherry_sweet", "apricot", ""),
        ("cherry_sweet", "plum", ""),
        ("cherry_sweet", "cherry_sour", ""),
        ("beef_chilled_vacuum", "lamb_chilled_vacuum", ""),
        ("garlic", "onion_dry", ""),
        ("kiwifruit", "apple", "ethylene_extreme"),
        ("kiwifruit", "strawberry", "ethylene_extreme"),
        ("kiwifruit", "cherry_sweet", "ethylene_extreme"),
        ("apricot", "apple", "ethylene"),
        ("persimmon", "plum", "ethylene"),
        ("onion_dry", "cherry_sweet", "dry_beside_moist"),
        ("garlic", "carrot", "dry_beside_moist"),
        ("cherry_sweet", "grape_table", "so2_pads"),
        ("beef_chilled_vacuum", "cherry_sweet", "raw_meat"),
        ("orange_navel", "milk_pasteurised", "odour"),
        ("apple", "butter", "odour"),
        ("cabbage", "mushroom_agaricus", "odour"),
        ("ginger", "eggplant", "odour"),
        ("watermelon", "cherry_sweet", "no_common_setpoint"),
    ],
)
def test_bundled_commodities_share_a_box_by_the_rules(one: str, other: str, rule: str):
    verdict = judge(GOODS[one], GOODS[other])
    forbidding = {f.rule for f in verdict.findings if f.severity is Severity.FORBIDDEN}
    assert (rule in forbidding) if rule else not forbidding


def test_onions_taint_apples_and_pears_as_well_as_rotting_beside_them():
    for fruit in ("apple", "pear_european", "pear_asian_korla"):
        for bulb in ("onion_dry", "garlic"):
            verdict = judge(GOODS[fruit], GOODS[bulb])
            assert finding(verdict, Axis.ODOUR).severity is Severity.FORBIDDEN
            assert finding(verdict, Axis.HUMIDITY).severity is Severity.FORBIDDEN


def test_cherries_in_map_liners_ride_with_strawberries_only():
    packed = Cargo(perishable=GOODS["cherry_sweet"].perishable, packaging=Packaging.MAP)
    friends = {code for code, other in GOODS.items() if judge(packed, other).allowed}
    assert friends >= {"cherry_sweet", "cherry_sour", "strawberry"}
    assert not friends & {"apricot", "plum", "apple", "grape_table", "milk_pasteurised"}


def test_every_pair_of_the_table_is_judged_alike_from_both_sides_and_in_words():
    for a, b in combinations(PACKED, 2):
        verdict = judge(a, b)
        assert verdict == judge(b, a)
        assert [f.axis for f in verdict.findings] == list(Axis)
        assert all(f.words for f in verdict.findings)
        assert all(bool(f.rule) is bool(f.severity) for f in verdict.findings)


def test_more_tolerance_forbids_nothing_that_was_allowed():
    for one, other in PAIRS:
        allowed = [judge(GOODS[one], GOODS[other], tolerance_k=k).allowed for k in (0, 1, 2)]
        assert allowed == sorted(allowed)


def test_smells_of_the_table_are_codes_and_each_is_given_off_by_something():
    given_off = {odour for cargo in GOODS.values() for odour in cargo.emits}
    assert given_off == set(ODOURS)
    assert all(cargo.absorbs <= {*ODOURS, "any"} for cargo in GOODS.values())


def test_only_grapes_travel_with_so2_pads():
    assert [code for code, cargo in GOODS.items() if cargo.so2_pads] == ["grape_table"]


# ---------------------------------------------------------------- setpoints

boxes = st.sets(st.sampled_from(sorted(GOODS)), min_size=1, max_size=4).map(
    lambda codes: [GOODS[code] for code in sorted(codes)]
)
tolerances = st.sampled_from([0.0, 1.0, 2.0])


def test_the_setpoint_is_the_warmest_of_the_lowest_optima_never_an_average():
    fruit = cargo("fruit", setpoint_min_c=-1.0, setpoint_max_c=1.0)
    tender = cargo("tender", setpoint_min_c=0.5, setpoint_max_c=4.0)
    assert box_setpoint_c([fruit, tender]) == 0.5
    assert box_setpoint_c([fruit]) == -1.0
    # The tender want at least 3 °C: the fruit bear 2.
    tender = cargo("tender", setpoint_min_c=3.0, setpoint_max_c=4.0)
    assert box_setpoint_c([fruit, tender]) == 2.0
    assert box_setpoint_c([fruit, tender], tolerance_k=0.0) is None


@given(boxes, tolerances)
def test_at_its_setpoint_a_box_freezes_chills_and_spoils_nobody(box: list[Cargo], kelvin: float):
    setpoint = box_setpoint_c(box, tolerance_k=kelvin)
    assert (setpoint is None) is (common_range_c(box, kelvin) is None)
    if setpoint is None:
        return
    for one in box:
        goods = one.perishable
        assert goods.freezing_c is None or setpoint > goods.freezing_c
        assert goods.setpoint_min_c - kelvin - 1e-6 <= setpoint
        assert setpoint <= goods.setpoint_max_c + kelvin + 1e-6
        assert goods.domain_min_c <= setpoint <= goods.domain_max_c
        assert goods.chill_threshold_c is None or setpoint >= goods.chill_threshold_c
        assert math.isfinite(life_cost(one, setpoint).relative_rate)


@given(boxes, tolerances)
def test_pairs_with_a_common_setpoint_have_one_all_together(box: list[Cargo], kelvin: float):
    pairs = (common_range_c(pair, kelvin) for pair in combinations(box, 2))
    assert (common_range_c(box, kelvin) is not None) is all(pair is not None for pair in pairs)


def test_the_listed_setpoint_is_the_one_that_costs_least_life_and_freezes_nobody():
    delicate = cargo("delicate", setpoint_min_c=0.0, setpoint_max_c=1.0, freezing_c=-0.5)
    hardy = cargo("hardy", setpoint_min_c=-1.0, setpoint_max_c=3.0)
    listed = (-1.0, -0.5, 0.0, 1.0, 2.0, 5.0)
    assert cheapest_setpoint_c([delicate, hardy], listed) == 0.0
    assert cheapest_setpoint_c([delicate, hardy], (-0.5, 5.0)) is None
    assert cheapest_setpoint_c([hardy], listed) == -1.0


@given(boxes, st.sets(st.sampled_from([-1.5, -0.5, 0.0, 1.0, 2.0, 5.0, 8.0, 10.0]), min_size=1))
def test_no_listed_setpoint_that_suits_costs_less(box: list[Cargo], listed: set[float]):
    chosen = cheapest_setpoint_c(box, listed)
    common = common_range_c(box, 1.0)
    suits = [
        s
        for s in listed
        if common is not None
        and common[0] <= s <= common[1]
        and all(c.perishable.freezing_c is None or s > c.perishable.freezing_c for c in box)
    ]
    assert (chosen is None) is (not suits)

    liked = max(one.perishable.setpoint_min_c for one in box)

    def cost(setpoint: float) -> tuple[float, float]:
        rates = [life_cost(one, setpoint).relative_rate for one in box]
        return max(0.0, liked - setpoint), sum(rates)

    if chosen is not None:
        assert cost(chosen) == min(map(cost, suits))


def test_of_listed_setpoints_that_cost_the_same_the_warmer_is_taken():
    level = cargo("level", activation_energy_kj_mol=1e-12)
    assert cheapest_setpoint_c([level], (0.0, 2.0, 1.0)) == 2.0
    assert cheapest_setpoint_c([level, cargo("steep")], (0.0, 2.0, 1.0)) == 0.0


def test_a_listed_setpoint_too_cold_for_somebody_is_the_last_resort():
    hardy = cargo("hardy")
    tender = cargo("tender", setpoint_min_c=1.0)
    assert cheapest_setpoint_c([hardy, tender], (0.0, 0.5, 1.5)) == 1.5
    assert cheapest_setpoint_c([hardy, tender], (0.0, 0.5)) == 0.5


def test_a_setpoint_costs_the_life_the_law_says():
    one = cargo("a", setpoint_min_c=0.0, activation_energy_kj_mol=66.0)
    rate = math.exp(66_000 / 8.314462618 * (1 / 273.15 - 1 / 275.15))
    cost = life_cost(one, 2.0)
    assert cost.best_c == 0.0
    assert cost.relative_rate == pytest.approx(rate)
    assert cost.extra_d(10.0) == pytest.approx(10 * (rate - 1))
    assert life_cost(one, -1.0).extra_d(10.0) < 0
    with pytest.raises(OutOfDomain):
        life_cost(one, -5.0)


# ---------------------------------------------------------------- groups


def partitions(items: Sequence[int]) -> Iterator[list[list[int]]]:
    """All of them: each item joins a part of a partition of the others, or stands alone."""
    if not items:
        yield []
        return
    first, *rest = items
    for smaller in partitions(rest):
        yield [[first], *smaller]
        for n, part in enumerate(smaller):
            yield [*smaller[:n], [first, *part], *smaller[n + 1 :]]


graphs = st.integers(1, 7).flatmap(
    lambda n: st.tuples(
        st.just(n),
        st.sets(st.sampled_from([*combinations(range(n), 2)])) if n > 1 else st.just(set()),
        st.lists(st.integers(0, 30), min_size=n, max_size=n),
    )
)


@given(graphs)
def test_the_best_groups_are_those_of_all_partitions(
    graph: tuple[int, set[tuple[int, int]], list[int]],
):
    n, edges, weights = graph
    beside = [sum(1 << j for j in range(n) if {(i, j), (j, i)} & edges) for i in range(n)]

    def worth(parts: list[list[int]]) -> tuple[int, int]:
        pairs = (weights[i] * weights[j] for part in parts for i, j in combinations(part, 2))
        return -sum(pairs), len(parts)

    best = min(
        worth(parts)
        for parts in partitions(range(n))
        if all(pair in edges for part in parts for pair in combinations(sorted(part), 2))
    )
    table = [[a * b for b in weights] for a in weights]
    cliques = grouping.best_cliques(beside, table, (1 << n) - 1)
    found = [[i for i in range(n) if clique >> i & 1] for clique in cliques]
    assert sorted(i for part in found for i in part) == list(range(n))
    assert all(pair in edges for part in found for pair in combinations(part, 2))
    assert worth(found) == best


sets_of_cargoes = st.lists(st.sampled_from(PACKED), min_size=1, max_size=14, unique=True)


@given(sets_of_cargoes, st.randoms(), tolerances)
def test_groups_hold_only_pairs_that_may_share_whatever_the_order(
    chosen: list[Cargo], rng: Any, kelvin: float
):
    groups = stowage_groups(chosen, tolerance_k=kelvin)
    shuffled = list(chosen)
    rng.shuffle(shuffled)
    assert stowage_groups(shuffled, tolerance_k=kelvin) == groups
    assert set(groups) == {one.key for one in chosen}
    for name in set(groups.values()):
        members = [one for one in chosen if groups[one.key] == name]
        assert {one.name for one in members} == set(name.split("+"))
        assert all(judge(a, b, tolerance_k=kelvin).allowed for a, b in combinations(members, 2))
        assert common_range_c(members, kelvin) is not None


@given(sets_of_cargoes, st.sampled_from(PACKED))
def test_one_more_cargo_never_brings_a_forbidden_pair_together(chosen: list[Cargo], more: Cargo):
    assume(more not in chosen)
    groups = stowage_groups([*chosen, more])
    for a, b in combinations(chosen, 2):
        if not judge(a, b).allowed:
            assert groups[a.key] != groups[b.key]


def test_the_best_groups_let_more_meet_than_the_first_that_fit(monkeypatch: pytest.MonkeyPatch):
    # a gets along with b and c, b with d. If a takes b, who comes first, c and d stay alone.
    chosen = [
        cargo("a", odour_emits="apple"),
        cargo("b", odour_emits="onion"),
        cargo("c", odour_emits="citrus", odour_absorbs="onion"),
        cargo("d", odour_absorbs="apple;citrus"),
    ]
    assert set(stowage_groups(chosen).values()) == {"a+c", "b+d"}
    monkeypatch.setattr(grouping, "EXACT_UP_TO", 3)
    assert set(stowage_groups(chosen).values()) == {"a+b", "c", "d"}


def test_what_pairs_have_to_gain_decides_between_groups():
    # b gets along with a and with c, who do not with each other.
    chosen = [
        cargo("a", odour_emits="onion"),
        cargo("b"),
        cargo("c", odour_absorbs="onion"),
    ]
    a, b, c = (one.key for one in chosen)
    for gains, names in (((45, 5), {"a+b", "c"}), ((5, 45), {"a", "b+c"})):
        meetings = {frozenset((a, b)): gains[0], frozenset((b, c)): gains[1]}
        groups = stowage_groups(chosen, meetings=meetings)
        assert set(groups.values()) == names


def test_beyond_a_dozen_that_hang_together_groups_are_found_too():
    groups = stowage_groups(PACKED)
    assert set(groups) == {one.key for one in PACKED}
    assert len(set(groups.values())) < len(PACKED) / 3


def test_cargoes_are_called_by_what_decides():
    assert cargo("a").name == "a"
    assert cargo("a", packed="map").name == "a/map"
    assert cargo("a", treatment="cold").name == "a/naked/cold"
    assert cargo("a", packed="liner", treatment="cold").key == ("a", Packaging.LINER, "cold")
