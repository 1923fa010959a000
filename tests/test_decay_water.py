"""Water: published losses of cherries, condensation that is no gain, stems."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldchain.decay import (
    Exposure,
    StemBrowning,
    WaterLoss,
    condenses,
    saturation_vapour_pressure_pa,
    transpiration_of_permeance,
    vapour_pressure_deficit_pa,
)
from coldchain.errors import OutOfDomain

DOMAIN: dict[str, Any] = {"domain_min_c": -1.8, "domain_max_c": 30.0}
CHERRY = WaterLoss(transpiration_mg_kg_s_mpa=360.0, max_loss_share=0.03, **DOMAIN)
STEMS = StemBrowning(half_deficit_kpa_h=40.0, spread_kpa_h=8.0, max_share=0.2, **DOMAIN)
BARE_CHERRY_PCT_PER_D = [
    (0.0, 95.0, 0.10),
    (0.0, 90.0, 0.21),
    (2.0, 85.0, 0.36),
    (6.5, 80.0, 0.64),
    (22.0, 75.0, 2.1),
]
pulp = st.floats(-1.8, 30.0)
air = st.floats(-10.0, 40.0)
humidity = st.floats(0, 100)


@pytest.mark.parametrize(("at_c", "humidity_pct", "loss_pct"), BARE_CHERRY_PCT_PER_D)
def test_athoo_2015_permeance_gives_the_weight_a_bare_cherry_loses(at_c, humidity_pct, loss_pct):
    coefficient = transpiration_of_permeance(
        permeance_m_s=2.1e-4, area_m2_kg=0.235, temperature_c=at_c
    )
    cherry = WaterLoss(transpiration_mg_kg_s_mpa=coefficient, max_loss_share=0.03, **DOMAIN)
    loss = 100 * cherry.share_per_d(at_c, relative_humidity_pct=humidity_pct)
    assert loss == pytest.approx(loss_pct, abs=0.05 if loss_pct > 1 else 0.005)


@pytest.mark.parametrize(("at_c", "humidity_pct", "loss_pct"), BARE_CHERRY_PCT_PER_D)
def test_one_coefficient_for_every_temperature_is_a_tenth_low_in_the_cold(
    at_c, humidity_pct, loss_pct
):
    loss = 100 * CHERRY.share_per_d(at_c, relative_humidity_pct=humidity_pct)
    assert 0.9 * loss_pct <= loss <= loss_pct


def test_athoo_2015_permeance_is_360_mg_per_kg_s_mpa():
    coefficient = transpiration_of_permeance(
        permeance_m_s=2.1e-4, area_m2_kg=0.235, temperature_c=22.0
    )
    assert coefficient == pytest.approx(360, abs=3)


@pytest.mark.parametrize(
    ("at_c", "pascal"), [(0.0, 611.2), (10.0, 1228), (20.0, 2339), (30.0, 4247)]
)
def test_saturated_vapour_is_within_a_thousandth_of_the_steam_tables(at_c, pascal):
    assert saturation_vapour_pressure_pa(at_c) == pytest.approx(pascal, rel=1.5e-3)


@given(pulp, air, humidity)
def test_what_condenses_is_flagged_and_never_a_gain(pulp_c, air_c, humidity_pct):
    deficit = vapour_pressure_deficit_pa(pulp_c, air_c, humidity_pct)
    lost = CHERRY.share_per_d(pulp_c, air_c=air_c, relative_humidity_pct=humidity_pct)
    assert condenses(pulp_c, air_c, humidity_pct) == (deficit < 0)
    assert (lost > 0) == (deficit > 0)
    assert lost >= 0


def test_saturated_air_as_warm_as_the_fruit_neither_dries_nor_wets_it():
    assert not condenses(5.0, 5.0, 100.0)
    assert CHERRY.share_per_d(5.0, relative_humidity_pct=100.0) == 0.0


@given(pulp, humidity, st.floats(0, 10))
def test_fruit_warmer_than_the_air_dries_faster(at_c, humidity_pct, warmer):
    cold = CHERRY.share_per_d(at_c, relative_humidity_pct=humidity_pct)
    warm_c = min(30.0, at_c + warmer)
    warm = CHERRY.share_per_d(warm_c, air_c=at_c, relative_humidity_pct=humidity_pct)
    assert warm >= cold


@given(pulp, humidity, humidity)
def test_damper_air_never_dries_faster(at_c, one, other):
    dry, damp = sorted((one, other))
    lost = [CHERRY.rate_per_h(at_c, relative_humidity_pct=h) for h in (dry, damp)]
    assert lost[0] >= lost[1]


@given(st.floats(0.01, 1.0), pulp, humidity)
def test_a_barrier_lets_its_share_through(factor, at_c, humidity_pct):
    liner = WaterLoss(
        transpiration_mg_kg_s_mpa=360.0, max_loss_share=0.03, barrier_factor=factor, **DOMAIN
    )
    bare = CHERRY.rate_per_h(at_c, relative_humidity_pct=humidity_pct)
    through = liner.rate_per_h(at_c, relative_humidity_pct=humidity_pct)
    assert through == pytest.approx(factor * bare)


def test_an_exposure_carries_its_air():
    shared: dict[str, Any] = {"hours": 24.0, "temperature_c": 20.0, "relative_humidity_pct": 95.0}
    late = CHERRY.life_used([Exposure(**shared, air_c=0.0)])
    assert late == pytest.approx(1758 * 360 * 86400e-12 / 0.03, rel=1e-3)
    assert late > 10 * CHERRY.life_used([Exposure(**shared)])


def test_without_a_humidity_there_is_no_answer():
    for limit in (CHERRY, STEMS):
        with pytest.raises(ValueError, match="needs a relative humidity"):
            limit.life_used([Exposure(hours=1.0, temperature_c=5.0)])


@pytest.mark.parametrize("humidity_pct", [-1.0, 100.1, math.nan])
def test_a_humidity_is_a_percentage(humidity_pct):
    with pytest.raises(ValueError, match="relative humidity"):
        CHERRY.rate_per_h(5.0, relative_humidity_pct=humidity_pct)
    with pytest.raises(ValueError, match="relative humidity"):
        Exposure(hours=1.0, temperature_c=5.0, relative_humidity_pct=humidity_pct)


def test_the_air_of_an_exposure_has_a_temperature():
    with pytest.raises(ValueError, match="finite"):
        Exposure(hours=1.0, temperature_c=5.0, air_c=math.nan)


def test_vapour_has_a_domain_of_its_own():
    with pytest.raises(OutOfDomain):
        saturation_vapour_pressure_pa(-41.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("transpiration_mg_kg_s_mpa", 0.0),
        ("transpiration_mg_kg_s_mpa", math.inf),
        ("transpiration_mg_kg_s_mpa", math.nan),
        ("max_loss_share", 1.0),
        ("max_loss_share", 3.0),
        ("barrier_factor", 0.0),
        ("barrier_factor", 1.5),
        ("domain_max_c", -5.0),
    ],
)
def test_a_loss_without_sense_is_refused(name, value):
    known = {"transpiration_mg_kg_s_mpa": 360.0, "max_loss_share": 0.03, **DOMAIN}
    with pytest.raises(ValueError, match=r"coefficient|share|domain"):
        WaterLoss(**{**known, name: value})


# Stems


@given(pulp, st.floats(50, 99))
def test_stems_reach_the_accepted_share_exactly_when_their_life_is_used(at_c, humidity_pct):
    hours = STEMS.keeping_quality_h(at_c, relative_humidity_pct=humidity_pct)
    end = Exposure(hours=hours, temperature_c=at_c, relative_humidity_pct=humidity_pct)
    assert STEMS.share_brown([end]) == pytest.approx(0.2)


def test_half_of_the_stems_are_brown_at_w50():
    # 2 kPa for twenty hours.
    drying = saturation_vapour_pressure_pa(25.0)
    air = Exposure(hours=20.0, temperature_c=25.0, relative_humidity_pct=100 * (1 - 2000 / drying))
    assert STEMS.share_brown([air]) == pytest.approx(0.5)


def test_linke_2010_dry_air_browns_stems_faster_than_warm_air_does():
    cold_and_dry = STEMS.keeping_quality_h(2.0, relative_humidity_pct=70.0)
    warm_and_damp = STEMS.keeping_quality_h(10.0, relative_humidity_pct=95.0)
    assert cold_and_dry < warm_and_damp


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("half_deficit_kpa_h", 8.0 * math.log(4)),
        ("half_deficit_kpa_h", math.nan),
        ("spread_kpa_h", 0.0),
        ("max_share", 1.0),
        ("max_share", 0.001),
        ("domain_max_c", -5.0),
    ],
)
def test_stems_that_make_no_limit_are_refused(name, value):
    known = {"half_deficit_kpa_h": 40.0, "spread_kpa_h": 8.0, "max_share": 0.2, **DOMAIN}
    with pytest.raises(ValueError, match=r"spread|share|accepted|domain"):
        StemBrowning(**{**known, name: value})
