"""Commodities and consignments: how long they keep, and what cannot be."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from conftest import consignment, perishable
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
