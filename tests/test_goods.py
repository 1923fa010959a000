"""Commodities and consignments: how long they keep, and what cannot be."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from conftest import consignment, packing, perishable
from hypothesis import given
from hypothesis import strategies as st

from coldchain.errors import UnknownName
from coldchain.goods import Packaging, Perishable
from coldchain.tables import read_perishables

GOODS = read_perishables()
quantiles = st.floats(0.001, 0.999)


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


def test_a_liner_leaves_the_law_alone():
    goods = GOODS["cherry_sweet"]
    assert goods.law(0.8, Packaging.LINER) == goods.law(0.8)


def test_how_goods_are_packed_is_chosen_before_a_law_is_asked():
    with pytest.raises(ValueError, match="must be chosen first"):
        GOODS["cherry_sweet"].law(0.8, Packaging.ANY)


def test_meat_follows_the_square_root_law():
    beef = GOODS["beef_chilled_vacuum"].law(0.5)
    ratio = beef.keeping_quality_h(5) / beef.keeping_quality_h(-1)
    assert ratio == pytest.approx(((-1 + 9) / (5 + 9)) ** 2)


@pytest.mark.parametrize(
    "known", [{"activation_energy_kj_mol": None}, {"activation_energy_kj_mol": 66.0}]
)
def test_a_law_without_its_parameters_is_refused(known: dict[str, Any]):
    goods = replace(perishable("a", **known), decay_law="square_root")
    with pytest.raises(ValueError, match="a lacks the parameters of the law square_root"):
        goods.law(0.5)


UNPACKED: Mapping[str, dict[str, Any]] = {
    "no terms of its own": {"packaging_id": Packaging.ANY},
    "life_factor is commodity or 1": {"life_factor": "1.4"},
    r"water_loss_factor lies in \[0, 1\]": {"water_loss_factor": 1.01},
    "usd_per_kg is 0 or more": {"usd_per_kg": -0.01},
    "given in pairs": {"outer_half_cooling_h": 6.0},
    "longer than 0 h": {"outer_half_cooling_h": 0.0, "core_half_cooling_h": 10.0},
    "times are longer": {"outer_half_cooling_h": 6.0, "core_half_cooling_h": -1.0},
}


@pytest.mark.parametrize("said", UNPACKED)
def test_a_packaging_that_cannot_be_is_refused(said: str):
    with pytest.raises(ValueError, match=said):
        replace(packing(Packaging.LINER), **UNPACKED[said])


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
