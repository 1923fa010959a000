"""Chilling, and which of several limits is reached first."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from coldchain.decay import (
    ArrheniusKeepingQuality,
    ChillingBand,
    ChillingDose,
    Exposure,
    FirstLimit,
    WaterLoss,
)
from coldchain.errors import OutOfDomain

DOMAIN: dict[str, Any] = {"domain_min_c": 0.0, "domain_max_c": 30.0}
AGE = ArrheniusKeepingQuality(
    life_h=12 * 24, reference_c=11.25, activation_energy_j_mol=63e3, **DOMAIN
)
COLD = ChillingDose(threshold_c=10.0, critical_dose_k_h=7 * 24, **DOMAIN)
BAND = ChillingBand(band_min_c=2.2, band_max_c=7.6, critical_h=240.0, **DOMAIN)
DRY = WaterLoss(transpiration_mg_kg_s_mpa=360.0, max_loss_share=0.03, **DOMAIN)
ALL = FirstLimit(limits=(AGE, COLD, BAND, DRY))
temperatures = st.floats(0.0, 30.0)
exposures = st.builds(
    Exposure,
    hours=st.floats(0, 300),
    temperature_c=temperatures,
    relative_humidity_pct=st.floats(50, 100),
)
histories = st.lists(exposures, max_size=6)


def stay(days: float, at_c: float, humidity: float = 90.0) -> Exposure:
    return Exposure(hours=24 * days, temperature_c=at_c, relative_humidity_pct=humidity)


# Chilling


def test_handbook_66_cucumber_stands_two_to_three_days_at_7_2_c():
    assert 2 <= COLD.keeping_quality_h(7.2) / 24 <= 3


@given(histories)
def test_a_chilling_dose_is_the_degree_hours_below_the_threshold(history):
    dose = sum(e.hours * (10.0 - e.temperature_c) for e in history if e.temperature_c < 10.0)
    assert COLD.life_used(history) == pytest.approx(dose / 168.0)


@given(histories)
def test_a_band_counts_the_hours_inside_it(history):
    inside = sum(e.hours for e in history if 2.2 <= e.temperature_c <= 7.6)
    assert BAND.life_used(history) == pytest.approx(inside / 240.0)


@pytest.mark.parametrize(("at_c", "rate"), [(2.2, 1), (7.6, 1), (2.199, 0), (7.601, 0)])
def test_the_ends_of_a_band_belong_to_it(at_c, rate):
    assert BAND.rate_per_h(at_c) == rate / 240.0
    assert BAND.rate_per_h(np.array([at_c])).tolist() == [rate / 240.0]


@given(histories, exposures)
def test_warming_does_not_undo_chilling(history, more):
    for limit in (COLD, BAND):
        assert limit.life_used([*history, more]) >= limit.life_used(history)


def test_where_there_is_no_chilling_the_goods_last_for_ever():
    assert COLD.keeping_quality_h(10.0) == math.inf
    assert BAND.keeping_quality_h(1.0) == math.inf


@pytest.mark.parametrize("limit", [COLD, BAND, DRY, AGE], ids=lambda limit: limit.name)
@pytest.mark.parametrize("outside", [-0.1, 30.1, math.nan])
def test_a_limit_is_silent_outside_its_domain(limit, outside):
    with pytest.raises(OutOfDomain):
        limit.rate_per_h(outside, relative_humidity_pct=90.0)


@pytest.mark.parametrize("dose", [0.0, -1.0, math.nan, math.inf])
def test_a_critical_dose_is_above_zero(dose):
    with pytest.raises(ValueError, match="critical dose"):
        ChillingDose(threshold_c=10.0, critical_dose_k_h=dose, **DOMAIN)
    with pytest.raises(ValueError, match="time in the band"):
        ChillingBand(band_min_c=2.2, band_max_c=7.6, critical_h=dose, **DOMAIN)


def test_a_band_and_a_domain_ascend():
    with pytest.raises(ValueError, match="band ascends"):
        ChillingBand(band_min_c=7.6, band_max_c=2.2, critical_h=240.0, **DOMAIN)
    with pytest.raises(ValueError, match="domain"):
        ChillingDose(threshold_c=10.0, critical_dose_k_h=168.0, domain_min_c=30.0, domain_max_c=0.0)


# The first limit


@given(histories)
def test_the_life_used_is_the_largest_share_and_its_name_the_limiting_one(history):
    used = ALL.used(history)
    assert set(used) == {"quality", "chilling injury", "internal breakdown", "water loss"}
    assert ALL.life_used(history) == max(used.values()) == used[ALL.limiting(history)]
    for limit in ALL.limits:
        assert used[limit.name] == limit.life_used(history)


@given(histories, exposures)
def test_more_of_a_history_never_uses_less(history, more):
    assert ALL.life_used([*history, more]) >= ALL.life_used(history)


@given(histories, temperatures, st.floats(50, 100), st.floats(0, 0.95))
def test_after_the_hours_left_the_first_limit_is_reached_and_none_is_passed(
    history, at_c, humidity, share
):
    used = ALL.life_used(history)
    if used > share:  # the same history, but short of its end
        history = [replace(e, hours=e.hours * share / used) for e in history]
    left = ALL.remaining_h(history, at_c, relative_humidity_pct=humidity)
    assume(0 < left < 1e6)
    rest = Exposure(hours=left, temperature_c=at_c, relative_humidity_pct=humidity)
    assert ALL.life_used([*history, rest]) == pytest.approx(1.0)


def test_the_hours_left_are_those_of_the_limit_that_goes_on():
    # Used is mostly cold, but at 15 °C it is age that counts.
    cold = [stay(2.0, 7.2)]
    assert ALL.limiting(cold) == "chilling injury"
    alone = FirstLimit(limits=(AGE, COLD))
    expected = (1 - AGE.life_used(cold)) * AGE.keeping_quality_h(15.0)
    assert alone.remaining_h(cold, 15.0) == pytest.approx(expected)


def test_a_fresh_lot_has_its_keeping_quality_left():
    one = FirstLimit(limits=(AGE, COLD))
    assert one.keeping_quality_h(7.2) == pytest.approx(60.0)
    assert one.keeping_quality_h(15.0) == AGE.keeping_quality_h(15.0)


def test_a_life_that_is_over_has_been_so_for_some_hours():
    one = FirstLimit(limits=(AGE,))
    over = [stay(13.0, 11.25)]
    assert one.remaining_h(over, 11.25) == pytest.approx(-24.0)


def test_an_injury_that_no_longer_grows_leaves_no_hours():
    one = FirstLimit(limits=(AGE, COLD))
    assert one.remaining_h([stay(3.0, 5.0)], 12.0) == 0.0
    exactly = FirstLimit(limits=(replace(COLD, critical_dose_k_h=24.0),))
    assert exactly.remaining_h([stay(1.0, 9.0)], 12.0) == 0.0
    assert exactly.remaining_h([stay(0.9, 9.0)], 12.0) == math.inf


def test_a_history_may_be_handed_over_only_once():
    assert ALL.life_used(iter([stay(2.0, 7.2)])) == pytest.approx(0.8)


def test_limits_hold_where_all_of_them_hold():
    narrow = ChillingDose(
        threshold_c=10.0, critical_dose_k_h=168.0, domain_min_c=2.0, domain_max_c=40.0
    )
    both = FirstLimit(limits=(AGE, narrow))
    assert (both.domain_min_c, both.domain_max_c) == (2.0, 30.0)
    with pytest.raises(OutOfDomain):
        both.life_used([stay(1.0, 1.0)])
    with pytest.raises(OutOfDomain):
        both.remaining_h([], 35.0)


@pytest.mark.parametrize(
    "limits",
    [
        (),
        (COLD, COLD),
        (AGE, ChillingDose(threshold_c=1, critical_dose_k_h=1, domain_min_c=40, domain_max_c=50)),
    ],
    ids=["none", "one name twice", "no common temperature"],
)
def test_limits_that_make_no_life_are_refused(limits):
    with pytest.raises(ValueError, match="limit"):
        FirstLimit(limits=limits)
