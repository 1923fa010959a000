"""Lots: the draw, the law planned with, and what a history does to them."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldchain.decay import Exposure, FirstLimit, Surroundings
from coldchain.errors import OutOfDomain, UnknownName
from coldchain.goods import Packaging, Perishable
from coldchain.lots import Lots, rank
from coldchain.tables import read_scenario

BUNDLED = read_scenario("cherry-week")
CODES = sorted(BUNDLED.perishables)


def lots_of(code: str, packaging: Packaging = Packaging.NAKED, seed: int = 1) -> Lots:
    return Lots(BUNDLED.perishables[code], BUNDLED.packaging[packaging], seed=seed)


def lag_free(goods: Perishable, packaging: Packaging = Packaging.NAKED, **known: Any) -> Lots:
    terms = replace(
        BUNDLED.packaging[packaging], outer_half_cooling_h=None, core_half_cooling_h=None
    )
    return Lots(replace(goods, **known), terms, seed=1)


CHERRY = BUNDLED.perishables["cherry_sweet"]
DRYING_ASIDE: Mapping[str, Any] = {"transpiration_mg_kg_s_mpa": None}


def test_a_sample_has_the_percentiles_it_was_drawn_from():
    lots = lots_of("cherry_sweet")
    for share, days in ((0.05, 14), (0.5, 21), (0.95, 28)):
        assert np.quantile(lots.life_h, share) / 24 == pytest.approx(days, rel=0.01)
    assert lots.energy_j_mol.min() >= 58e3
    assert lots.energy_j_mol.max() <= 80e3
    assert lots.energy_j_mol.mean() == pytest.approx((58e3 + 66e3 + 80e3) / 3, rel=1e-3)


def test_all_goods_and_packagings_share_one_draw():
    """Common random numbers: the lot that keeps long is the same one everywhere."""
    one, other = lots_of("cherry_sweet"), lots_of("apricot", Packaging.LINER)
    assert (np.argsort(one.life_h) == np.argsort(other.life_h)).all()
    assert (np.argsort(one.energy_j_mol) == np.argsort(other.energy_j_mol)).all()
    assert not (lots_of("cherry_sweet", seed=2).life_h == one.life_h).all()


def test_life_and_activation_energy_are_drawn_independently():
    lots = lots_of("cherry_sweet")
    assert abs(np.corrcoef(lots.life_h, lots.energy_j_mol)[0, 1]) < 0.1


@pytest.mark.parametrize("code", CODES)
def test_every_commodity_can_be_sampled_and_planned_with(code: str):
    lots = lots_of(code)
    goods = BUNDLED.perishables[code]
    for confidence in (0.1, 0.5, 0.8, 0.95):
        law = lots.planned(confidence).limits[0]
        keeps = law.keeping_quality_h(goods.life_ref_c) / 24
        marginal = goods.life_d(1 - confidence)
        assert 0.85 * marginal < keeps < 1.02 * marginal


histories = st.lists(st.tuples(st.floats(0.01, 200), st.floats(0, 1)), min_size=1, max_size=10)


@settings(max_examples=150, deadline=None)
@given(histories, st.sampled_from(CODES), st.sampled_from([0.5, 0.8, 0.9, 0.95]))
def test_the_law_planned_with_is_kept_by_its_share_of_lots(
    parts: list[tuple[float, float]], code: str, confidence: float
):
    """Along any history: a share ``confidence`` of lots uses no more life than the law says."""
    lots = lots_of(code)
    goods = BUNDLED.perishables[code]
    span = goods.domain_max_c - goods.domain_min_c
    history = [(h, goods.domain_min_c + s * span) for h, s in parts]
    law = lots.planned(confidence).limits[0]
    planned = sum(h * law.rate_per_h(t) for h, t in history)
    relative = lots._relative_rates(np.array([t for _, t in history]))
    used = relative @ np.array([h for h, _ in history]) / lots.life_h
    assert np.sort(used)[rank(confidence, len(used))] <= planned * (1 + 1e-9)
    assert planned <= 1.3 * np.sort(used)[rank(confidence, len(used))]


def test_the_law_planned_with_is_tight_for_cherries():
    """Within 2 % over journeys of cold with some warm hours: what a search gives away."""
    lots = lag_free(CHERRY, **DRYING_ASIDE)
    law = lots.planned(0.8).limits[0]
    for warm in (0.0, 2.0, 6.0, 24.0):
        history = [Surroundings(hours=240, air_c=0.0), Surroundings(hours=warm, air_c=20.0)]
        fate = lots.fate(lots.pallet.trace(history), life_used_before=0.0, retail_c=5.0)
        planned = 240 * law.rate_per_h(0.0) + warm * law.rate_per_h(20.0)
        assert 1.0 <= planned / fate.used_by(0.8) < 1.02


def test_fate_is_that_of_each_lot_alone():
    """Lot by lot, through the laws of one lot: the oracle."""
    lots = lag_free(CHERRY)
    history = [(10.0, 2.0), (6.0, 20.0), (200.0, 0.0)]
    trace = lots.pallet.trace([Surroundings(hours=h, air_c=c) for h, c in history])
    fate = lots.fate(trace, life_used_before=0.05, retail_c=5.0)
    for lot in range(0, len(lots.life_h), 37):
        limits = lots.limits(
            life_h=float(lots.life_h[lot]), energy_j_mol=float(lots.energy_j_mol[lot])
        )
        exposures = [
            Exposure(hours=h, temperature_c=c, relative_humidity_pct=90.0) for h, c in history
        ]
        used = limits.used(exposures)
        used["quality"] += 0.05
        assert fate.life_used[lot] == pytest.approx(max(used.values()), rel=1e-9)
        left = [
            (1 - used[limit.name]) / limit.rate_per_h(5.0, air_c=5.0, relative_humidity_pct=90.0)
            for limit in limits.limits
        ]
        assert fate.left_h[lot] == pytest.approx(min(left), rel=1e-9)


def test_a_cherry_in_map_has_its_factor_only_while_cold():
    naked, packed = (lag_free(CHERRY, p, **DRYING_ASIDE) for p in (Packaging.NAKED, Packaging.MAP))
    for air_c, factor in ((0.0, 1.4), (5.0, 1.4), (5.1, 1.0), (20.0, 1.0)):
        trace = naked.pallet.trace([Surroundings(hours=24.0, air_c=air_c)])
        bare, lined = (
            lots.fate(trace, life_used_before=0.0, retail_c=0.0).life_used
            for lots in (naked, packed)
        )
        assert bare / lined == pytest.approx(factor)


def test_cucumbers_are_limited_by_cold_and_peaches_by_the_zone_they_break_down_in():
    for code, air_c, limit in (
        ("cucumber", 7.2, "chilling injury"),
        ("peach_nectarine", 3.0, "internal breakdown"),
    ):
        lots = lag_free(BUNDLED.perishables[code], **DRYING_ASIDE)
        trace = lots.pallet.trace([Surroundings(hours=48.0, air_c=air_c)])
        assert lots.fate(trace, life_used_before=0.0, retail_c=air_c).limited_by == limit


def test_left_is_what_a_share_of_lots_has_at_least():
    lots = lots_of("cherry_sweet")
    trace = lots.pallet.trace([Surroundings(hours=200.0, air_c=0.0)])
    fate = lots.fate(trace, life_used_before=0.0, retail_c=5.0)
    for confidence in (0.1, 0.5, 0.8, 0.9):
        left = fate.left_at(confidence)
        assert fate.share_with(left) >= confidence
        assert fate.share_with(left + 1e-6) < confidence
    assert fate.left_at(0.9) < fate.left_at(0.5) < fate.left_at(0.1)


def test_pulp_outside_the_domain_is_no_number():
    lots = lots_of("beef_chilled_vacuum")
    trace = lots.pallet.trace([Surroundings(hours=300.0, air_c=25.0)], start_c=-1.0)
    with pytest.raises(OutOfDomain):
        lots.fate(trace, life_used_before=0.0, retail_c=2.0)


@pytest.mark.parametrize("share", [0.0, 1.0, -1.0, math.nan])
def test_a_share_of_lots_lies_between_none_and_all(share: float):
    with pytest.raises(ValueError, match="share of lots"):
        rank(share, 10)


def test_goods_that_cannot_be_sampled_say_why():
    terms = BUNDLED.packaging[Packaging.NAKED]
    with pytest.raises(UnknownName, match="decay law"):
        Lots(replace(CHERRY, decay_law="magic"), terms, seed=1)
    beef = BUNDLED.perishables["beef_chilled_vacuum"]
    with pytest.raises(ValueError, match="tmin_sqrt_c"):
        Lots(replace(beef, tmin_sqrt_c=None), terms, seed=1)
    with pytest.raises(ValueError, match="map_life_factor"):
        lots_of("apricot", Packaging.MAP)


def test_typical_limits_are_those_of_the_table():
    typical = lots_of("cherry_sweet").typical
    assert isinstance(typical, FirstLimit)
    assert typical.limits[0].keeping_quality_h(0.0) == pytest.approx(21 * 24)


def test_a_packaging_that_lets_goods_heat_without_end_is_told_with_the_goods():
    slow = replace(BUNDLED.packaging["naked"], core_half_cooling_h=1000.0)
    with pytest.raises(OutOfDomain, match=r"cherry_sweet packed as naked: .*heat themselves"):
        _ = Lots(CHERRY, slow, seed=1).pallet


def test_goods_that_cold_has_ruined_pass_no_floor():
    """Cucumbers five days at 1 °C show it in the shop, where chilling no longer moves."""
    lots = lag_free(BUNDLED.perishables["cucumber"], **DRYING_ASIDE)
    trace = lots.pallet.trace([Surroundings(hours=120.0, air_c=1.0)])
    fate = lots.fate(trace, life_used_before=0.0, retail_c=12.0)
    assert fate.limited_by == "chilling injury"
    assert fate.used_by(0.5) > 1
    assert fate.share_with(0.0) == 0.0
    assert fate.left_at(0.8) < 0
