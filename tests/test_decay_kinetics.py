"""Kinetics of an attribute: integrated finely, each meets its limit when life used is 1."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldchain.decay import (
    ArrheniusKeepingQuality,
    Exposure,
    FirstOrder,
    Logistic,
    MichaelisMenten,
    ZeroOrder,
)

DOMAIN: dict[str, Any] = {"domain_min_c": -1.8, "domain_max_c": 30.0}
KINETICS = [
    (ZeroOrder(initial=100.0, limit=20.0), lambda q: 1.0),
    (FirstOrder(initial=100.0, limit=20.0), lambda q: q),
    (Logistic(initial=90.0, limit=20.0, maximum=100.0), lambda q: q * (1 - q / 100.0)),
    (MichaelisMenten(initial=100.0, limit=20.0, half_saturation=30.0), lambda q: q / (30.0 + q)),
]
each_kinetics = pytest.mark.parametrize(
    ("kinetics", "fall"), KINETICS, ids=[type(k).__name__ for k, _ in KINETICS]
)
journeys = st.lists(
    st.builds(Exposure, hours=st.floats(1, 100), temperature_c=st.floats(-1.8, 30.0)),
    min_size=1,
    max_size=4,
)


def integrated(quality, fall, rate_at, history, steps=400):
    """Quality at the end of ``history`` by the classical fourth-order method, step by step."""
    for exposure in history:
        step = exposure.hours / steps
        k = rate_at(exposure.temperature_c)
        for _ in range(steps):
            a = -k * fall(quality)
            b = -k * fall(quality + step / 2 * a)
            c = -k * fall(quality + step / 2 * b)
            d = -k * fall(quality + step * c)
            quality += step / 6 * (a + 2 * b + 2 * c + d)
    return quality


@each_kinetics
@settings(deadline=None, max_examples=25)
@given(journeys, st.sampled_from([0.25, 0.5, 1.0]), st.floats(0.001, 0.1))
def test_quality_integrated_along_any_history_is_what_life_used_says(
    kinetics, fall, journey, share, rate_at_0
):
    law = ArrheniusKeepingQuality(
        life_h=kinetics.keeping_quality(rate_at_0),
        reference_c=0.0,
        activation_energy_j_mol=66e3,
        **DOMAIN,
    )
    # Stretched or shortened until this share of life is used: at 1 quality must be at its limit.
    scale = share / law.life_used(journey)
    history = [Exposure(hours=e.hours * scale, temperature_c=e.temperature_c) for e in journey]
    left = integrated(
        kinetics.quality(0.0),
        fall,
        lambda t: rate_at_0 * law.life_h / law.keeping_quality_h(t),
        history,
    )
    assert left == pytest.approx(kinetics.quality_at(share), rel=1e-6)
    if share == 1.0:
        assert left == pytest.approx(20.0, rel=1e-6)


def test_first_order_from_100_to_20_at_a_tenth_a_day_is_16_0944_d():
    kinetics = FirstOrder(initial=100.0, limit=20.0)
    assert kinetics.keeping_quality(0.1) == pytest.approx(16.0944, abs=0.001)


@each_kinetics
@given(st.floats(0, 5), st.floats(0, 5))
def test_quality_never_rises(kinetics, fall, one, other):
    early, late = sorted((one, other))
    assert kinetics.quality_at(early) >= kinetics.quality_at(late) - 1e-9


@each_kinetics
def test_quality_starts_at_its_start_and_ends_at_its_limit(kinetics, fall):
    assert kinetics.quality_at(0.0) == pytest.approx(kinetics.initial)
    assert kinetics.quality_at(1.0) == pytest.approx(20.0)


@each_kinetics
def test_what_does_not_happen_lasts_for_ever(kinetics, fall):
    assert kinetics.keeping_quality(0.0) == math.inf


@each_kinetics
@pytest.mark.parametrize("extent", [-1.0, math.nan, math.inf])
def test_time_does_not_run_backwards(kinetics, fall, extent):
    with pytest.raises(ValueError, match="0 or more"):
        kinetics.quality(extent)


@each_kinetics
@pytest.mark.parametrize("rate", [-1.0, math.nan])
def test_decay_does_not_run_backwards(kinetics, fall, rate):
    with pytest.raises(ValueError, match="rate"):
        kinetics.keeping_quality(rate)


def test_an_old_logistic_vanishes_and_does_not_overflow():
    assert Logistic(initial=90.0, limit=20.0, maximum=100.0).quality(5000.0) == 0.0


@given(st.floats(1e-3, 1e3), st.floats(1e-3, 0.999), st.floats(1e-3, 1e3))
def test_michaelis_menten_between_its_two_ends(initial, share, half):
    kinetics = MichaelisMenten(initial=initial, limit=share * initial, half_saturation=half)
    assert kinetics.quality(kinetics.extent_at_limit) == pytest.approx(share * initial, rel=1e-6)


@pytest.mark.parametrize("initial", [20.0, 10.0, math.inf])
@pytest.mark.parametrize(
    "make",
    [
        lambda q: ZeroOrder(initial=q, limit=20.0),
        lambda q: FirstOrder(initial=q, limit=20.0),
        lambda q: Logistic(initial=q, limit=20.0, maximum=100.0),
        lambda q: MichaelisMenten(initial=q, limit=20.0, half_saturation=1.0),
    ],
    ids=["zero", "first", "logistic", "michaelis"],
)
def test_quality_falls_to_its_limit(make, initial):
    with pytest.raises(ValueError, match="falls to"):
        make(initial)


@pytest.mark.parametrize("maximum", [90.0, 50.0, math.inf])
def test_a_logistic_starts_below_its_maximum(maximum):
    with pytest.raises(ValueError, match="maximum"):
        Logistic(initial=90.0, limit=20.0, maximum=maximum)
