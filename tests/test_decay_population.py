"""Populations that fail one by one, and the one temperature of a history."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldchain.decay import (
    ArrheniusKeepingQuality,
    Exposure,
    WeibullPopulation,
    mean_kinetic_temperature_c,
)

CHERRY = ArrheniusKeepingQuality(
    life_h=21 * 24,
    reference_c=0.0,
    activation_energy_j_mol=66e3,
    domain_min_c=-1.8,
    domain_max_c=30.0,
)
shapes = st.floats(0.3, 10)
exposures = st.builds(Exposure, hours=st.floats(0, 300), temperature_c=st.floats(-1.8, 30.0))
histories = st.lists(exposures, max_size=6)
lasting = st.lists(
    st.builds(Exposure, hours=st.floats(0.1, 300), temperature_c=st.floats(-1.8, 30.0)),
    min_size=1,
    max_size=6,
)


@given(shapes, histories)
def test_the_share_depends_on_the_history_through_life_used_alone(shape, history):
    population = WeibullPopulation(law=CHERRY, shape=shape)
    used = CHERRY.life_used(history)
    assert population.share_good(history) == math.exp(-(used**shape))
    at_reference = [Exposure(hours=used * CHERRY.life_h, temperature_c=0.0)]
    assert population.share_good(at_reference) == pytest.approx(
        population.share_good(history), rel=1e-9, abs=1e-12
    )


@given(shapes, histories, exposures)
def test_nothing_gets_well_again(shape, history, more):
    population = WeibullPopulation(law=CHERRY, shape=shape)
    assert population.share_good([*history, more]) <= population.share_good(history)


@given(shapes)
def test_at_the_end_of_keeping_quality_one_in_e_is_good(shape):
    population = WeibullPopulation(law=CHERRY, shape=shape)
    end = [Exposure(hours=21 * 24, temperature_c=0.0)]
    assert population.share_good(end) == pytest.approx(1 / math.e)


@given(shapes, st.floats(0.01, 0.99), st.floats(-1.8, 30.0))
def test_after_the_hours_for_a_share_that_share_is_good(shape, share, at_c):
    population = WeibullPopulation(law=CHERRY, shape=shape)
    hours = population.keeping_quality_h(at_c, share_good=share)
    assert population.share_good([Exposure(hours=hours, temperature_c=at_c)]) == pytest.approx(
        share
    )


def test_shape_1_fails_at_random():
    population = WeibullPopulation(law=CHERRY, shape=1.0)
    assert population.share_good_at(0.6) == pytest.approx(population.share_good_at(0.3) ** 2)


@pytest.mark.parametrize("shape", [0.0, -1.0, math.nan, math.inf])
def test_a_shape_is_above_zero(shape):
    with pytest.raises(ValueError, match="shape"):
        WeibullPopulation(law=CHERRY, shape=shape)


def test_shares_and_lives_are_what_they_are_called():
    population = WeibullPopulation(law=CHERRY, shape=2.0)
    for share in (0.0, 1.0, math.nan):
        with pytest.raises(ValueError, match="share"):
            population.life_used_at(share)
    with pytest.raises(ValueError, match="life used"):
        population.share_good_at(-0.1)


# Mean kinetic temperature


@pytest.mark.parametrize(("kj_mol", "mean_c"), [(83.144, 5.19), (66.0, 3.85)])
def test_haynes_twenty_days_at_0_and_one_at_25_c(kj_mol, mean_c):
    trip = [
        Exposure(hours=480, temperature_c=0.0),
        Exposure(hours=24, temperature_c=25.0),
    ]
    assert mean_kinetic_temperature_c(trip, 1000 * kj_mol) == pytest.approx(mean_c, abs=0.005)


@given(lasting)
def test_at_its_mean_kinetic_temperature_a_history_uses_the_same_life(history):
    hours = sum(e.hours for e in history)
    mean = mean_kinetic_temperature_c(history, 66e3)
    constant = CHERRY.life_h / hours * CHERRY.life_used(history)
    law = ArrheniusKeepingQuality(
        life_h=CHERRY.life_h,
        reference_c=0.0,
        activation_energy_j_mol=66e3,
        domain_min_c=-2.0,
        domain_max_c=31.0,
    )
    assert law.life_h / law.keeping_quality_h(mean) == pytest.approx(constant, rel=1e-9)


@given(lasting, st.floats(6e3, 150e3))
def test_it_is_not_below_the_plain_mean_nor_above_the_warmest(history, energy):
    hours = sum(e.hours for e in history)
    plain = sum(e.hours * e.temperature_c for e in history) / hours
    mean = mean_kinetic_temperature_c(history, energy)
    assert plain - 1e-9 <= mean <= max(e.temperature_c for e in history) + 1e-9


def test_it_does_not_underflow_for_a_strong_dependence():
    same = [Exposure(hours=5.0, temperature_c=3.0), Exposure(hours=1.0, temperature_c=3.0)]
    assert mean_kinetic_temperature_c(same, 3e6) == pytest.approx(3.0)


def test_a_history_without_time_has_no_mean():
    with pytest.raises(ValueError, match="without time"):
        mean_kinetic_temperature_c([Exposure(hours=0.0, temperature_c=3.0)], 66e3)
    with pytest.raises(ValueError, match="activation energy"):
        mean_kinetic_temperature_c([Exposure(hours=1.0, temperature_c=3.0)], 0.0)
