"""Commodities and consignments: how long, with whom, and what cannot be."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import combinations
from typing import Any

import pytest
from conftest import consignment, perishable
from hypothesis import given
from hypothesis import strategies as st

from coldchain.compatibility import stowage_groups, why_not_together
from coldchain.errors import UnknownName
from coldchain.goods import Packaging, Perishable
from coldchain.tables import read_perishables

GOODS = read_perishables()
quantiles = st.floats(0.001, 0.999)


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("cherry_sweet", "apricot", None),
        ("cherry_sweet", "cherry_sour", None),
        ("beef_chilled_vacuum", "lamb_chilled_vacuum", None),
        ("kiwifruit", "apple", "parts per billion of ethylene"),
        ("onion_dry", "cherry_sweet", "dry air"),
        ("garlic", "carrot", "dry air"),
        ("cherry_sweet", "grape_table", "SO2"),
        ("beef_chilled_vacuum", "cherry_sweet", "raw meat"),
        ("apricot", "apple", "makes ethylene"),
        ("watermelon", "cherry_sweet", "no common setpoint"),
    ],
)
def test_bundled_commodities_share_a_box_by_the_rules(one, other, why):
    for a, b in ((one, other), (other, one)):
        said = why_not_together(GOODS[a], GOODS[b])
        if why is None:
            assert said is None
        else:
            assert said is not None
            assert why in said


def test_every_meat_is_kept_from_every_fruit():
    meats = [p for p in GOODS.values() if p.category == "meat"]
    fruits = [p for p in GOODS.values() if p.category == "fruit"]
    assert meats
    assert fruits
    assert all(why_not_together(m, f) is not None for m in meats for f in fruits)


@given(st.sampled_from(sorted(GOODS)), st.sampled_from(sorted(GOODS)))
def test_whether_two_may_share_does_not_depend_on_who_is_asked(one, other):
    a, b = GOODS[one], GOODS[other]
    assert (why_not_together(a, b) is None) is (why_not_together(b, a) is None)


def test_a_commodity_may_share_with_itself_whatever_it_gives_off():
    assert all(why_not_together(p, p) is None for p in GOODS.values())


# Each rule alone, between goods that differ in nothing else.
@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ({"setpoint_max_c": 0.0}, {"setpoint_min_c": 0.5}, "no common setpoint"),
        ({"ethylene_production": "L"}, {"ethylene_sensitivity": "X"}, "parts per billion"),
        ({"ethylene_production": "M-H"}, {"ethylene_sensitivity": "M-H"}, "makes ethylene"),
        ({"category": "meat"}, {}, "raw meat"),
        ({"mcgregor_group": "3"}, {}, "dry air"),
        ({"so2_or_special": "SO2 pads"}, {}, "SO2 pads"),
        ({"odour_emits": "strong"}, {"odour_absorbs": "dairy"}, "smells"),
        ({"odour_emits": "medium"}, {"category": "dairy"}, "smells"),
    ],
)
def test_each_rule_forbids_by_itself(one: dict[str, Any], other: dict[str, Any], why):
    a, b = perishable("a", **one), perishable("b", **other)
    assert why_not_together(perishable("a"), perishable("b")) is None
    for said in (why_not_together(a, b), why_not_together(b, a)):
        assert said is not None
        assert why in said


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"setpoint_max_c": 0.0}, {"setpoint_min_c": 0.0}),
        ({"ethylene_production": "VL"}, {"ethylene_sensitivity": "X"}),
        ({"ethylene_production": "L"}, {"ethylene_sensitivity": "H"}),
        ({"ethylene_production": "H"}, {"ethylene_sensitivity": "M"}),
        ({"category": "meat"}, {"category": "meat"}),
        ({"mcgregor_group": "3"}, {"mcgregor_group": "3"}),
        ({"so2_or_special": "SO2 pads"}, {"so2_or_special": "SO2"}),
        ({"odour_emits": "mild"}, {"odour_absorbs": "high"}),
    ],
)
def test_just_short_of_a_rule_is_allowed(one: dict[str, Any], other: dict[str, Any]):
    assert why_not_together(perishable("a", **one), perishable("b", **other)) is None


@given(st.sets(st.sampled_from(sorted(GOODS)), min_size=1, max_size=12), st.randoms())
def test_groups_hold_only_pairs_that_may_share_and_one_common_setpoint(codes, rng):
    chosen = [GOODS[code] for code in codes]
    groups = stowage_groups(chosen)
    rng.shuffle(chosen)
    assert stowage_groups(chosen) == groups
    assert set(groups) == codes
    for name in set(groups.values()):
        members = [GOODS[code] for code in codes if groups[code] == name]
        assert all(why_not_together(a, b) is None for a, b in combinations(members, 2))
        low = max(p.setpoint_min_c for p in members)
        assert low <= min(p.setpoint_max_c for p in members)


def test_a_group_needs_one_setpoint_for_all_not_one_for_each_pair():
    ranges = {"a": (0.0, 2.0), "b": (1.0, 4.0), "c": (2.0, 2.0), "d": (3.0, 4.0)}
    goods = [perishable(n, setpoint_min_c=x, setpoint_max_c=y) for n, (x, y) in ranges.items()]
    assert stowage_groups(goods) == {"a": "a+b+c", "b": "a+b+c", "c": "a+b+c", "d": "d"}


@pytest.mark.parametrize(("quantile", "days"), [(0.05, 14.0), (0.5, 21.0), (0.95, 28.0)])
def test_life_min_typ_max_are_its_5th_50th_and_95th_percentile(quantile, days):
    assert GOODS["cherry_sweet"].life_d(quantile) == pytest.approx(days)


@given(quantiles, quantiles)
def test_surer_never_means_a_longer_life(one, other):
    sure, surer = sorted((one, other))
    law = {c: GOODS["cherry_sweet"].law(c) for c in (sure, surer)}
    assert law[surer].keeping_quality_h(0) <= law[sure].keeping_quality_h(0)


@pytest.mark.parametrize("quantile", [0.0, 1.0, -1.0, 2.0, math.nan])
def test_a_life_is_asked_at_a_quantile_between_0_and_1(quantile):
    with pytest.raises(ValueError, match="between 0 and 1"):
        GOODS["cherry_sweet"].life_d(quantile)


def test_map_packing_lengthens_life_by_its_factor():
    goods: Perishable = GOODS["cherry_sweet"]
    naked, packed = goods.law(0.8), goods.law(0.8, Packaging.MAP)
    assert packed.keeping_quality_h(3) == pytest.approx(1.4 * naked.keeping_quality_h(3))


def test_goods_without_a_map_factor_cannot_be_packed_so():
    with pytest.raises(ValueError, match="no map_life_factor"):
        perishable("a", map_life_factor=None).law(0.5, Packaging.MAP)


def test_an_unknown_law_is_refused_by_name():
    with pytest.raises(UnknownName, match="arrhenius"):
        replace(perishable("a"), decay_law="arrhenios").law(0.5)


FAULTS: Mapping[str, dict[str, Any]] = {
    "time zone": {"ready_at": datetime(2027, 5, 24)},  # noqa: DTZ001
    "net_kg <= gross_kg": {"net_kg": 900, "gross_kg": 850},
    "0 < net_kg": {"net_kg": 0},
    "one pallet": {"pallets": 0},
    "life_used_at_ready": {"life_used_at_ready": 1.0},
}


@pytest.mark.parametrize("said", FAULTS)
def test_a_consignment_that_cannot_be_is_refused(said):
    good = consignment("A", "P>C", 1, "24 00:00", "25 00:00")
    with pytest.raises(ValueError, match=f"A: .*{said}"):
        replace(good, **FAULTS[said])
