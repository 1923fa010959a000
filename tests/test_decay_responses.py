"""Temperature responses: published numbers, and what must hold of each."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldchain.decay import (
    TYPICAL_Q10,
    ArrheniusResponse,
    ExponentialResponse,
    KeepingQuality,
    ParallelResponse,
    PiecewiseQ10Response,
    RatkowskyResponse,
    Response,
    SquareRootResponse,
    activation_energy_of,
    q10_of,
    response_with_optimum,
)
from coldchain.errors import OutOfDomain


def arrhenius(energy_j_mol: float, reference_c: float = 0.0) -> ArrheniusResponse:
    return ArrheniusResponse(
        reference_c=reference_c,
        activation_energy_j_mol=energy_j_mol,
        domain_min_c=-2.0,
        domain_max_c=40.0,
    )


FISH = SquareRootResponse(reference_c=5.0, tmin_c=-10.0, domain_min_c=-2.0, domain_max_c=15.0)
CUCUMBER = response_with_optimum(
    optimum_c=11.25,
    activation_energy_j_mol=63e3,
    chilling_energy_j_mol=-250e3,
    domain_min_c=0.0,
    domain_max_c=30.0,
)
RATKOWSKY = RatkowskyResponse(
    reference_c=5.0,
    tmin_c=-10.0,
    tmax_c=40.0,
    c_per_k=0.3,
    domain_min_c=-2.0,
    domain_max_c=38.0,
)
RESPONSES: list[Response] = [
    arrhenius(66e3),
    ExponentialResponse(reference_c=4.0, slope_per_k=0.089, domain_min_c=0.0, domain_max_c=15.0),
    FISH,
    PiecewiseQ10Response(reference_c=0.0, q10=TYPICAL_Q10),
    RATKOWSKY,
    CUCUMBER,
]
each_response = pytest.mark.parametrize("response", RESPONSES, ids=lambda r: type(r).__name__)
shares = st.floats(0, 1)


def inside(response: Response, share: float) -> float:
    low, high = response.domain_min_c, response.domain_max_c
    return min(high, max(low, (1 - share) * low + share * high))


# Published numbers


def test_seafood_predictor_square_root_21_d_at_5_is_47_2_d_at_0():
    assert 21 / FISH.rate(0.0) == pytest.approx(47.2, abs=0.1)


def test_seafood_predictor_arrhenius_100_kj_21_d_at_5_is_46_4_d_at_0():
    assert 21 / arrhenius(100e3, 5.0).rate(0.0) == pytest.approx(46.4, abs=0.15)


def test_what_agrees_in_the_cold_parts_at_15_7_6_against_4_7_d():
    assert 21 / FISH.rate(15.0) == pytest.approx(7.6, abs=0.05)
    assert 21 / arrhenius(100e3, 5.0).rate(15.0) == pytest.approx(4.7, abs=0.05)


@pytest.mark.parametrize("at_c", [0.0, 5.0, 10.0, 15.0])
def test_fresh_fish_root_of_relative_rate_is_1_plus_a_tenth_of_the_temperature(at_c):
    fresh = SquareRootResponse(reference_c=0.0, tmin_c=-10.0, domain_min_c=-1.0, domain_max_c=15.0)
    assert math.sqrt(fresh.rate(at_c)) == pytest.approx(1 + 0.1 * at_c)


@pytest.mark.parametrize(("at_c", "life"), [(0, 100), (10, 33), (20, 13), (30, 7), (40, 4)])
def test_kader_saltveit_q10_life_of_100(at_c, life):
    response = PiecewiseQ10Response(reference_c=0.0, q10=TYPICAL_Q10)
    assert round(100 / response.rate(float(at_c))) == life


@pytest.mark.parametrize(("at_c", "rate"), [(0, 1), (10, 3), (20, 7.5), (30, 15), (40, 22.5)])
def test_kader_saltveit_q10_relative_rate(at_c, rate):
    response = PiecewiseQ10Response(reference_c=0.0, q10=TYPICAL_Q10)
    assert response.rate(float(at_c)) == pytest.approx(rate, rel=1e-12)


def test_handbook_66_from_0_to_20_c_is_67_1_kj():
    energy = activation_energy_of(cold_c=0.0, warm_c=20.0, rate_ratio=3.0 * 2.5)
    assert energy == pytest.approx(67.1e3, abs=50)


def test_one_activation_energy_misses_handbook_66_above_30_c_and_the_miss_stays_visible():
    # 17.7 and 40.9 where the handbook has 15 and 22.5: why a law ends with its domain.
    rates = [arrhenius(66e3).rate(t) for t in (30.0, 40.0)]
    assert rates == pytest.approx([17.7, 40.9], abs=0.05)


def test_sweet_cherry_q10_is_2_79_below_10_c_and_2_60_above():
    assert q10_of(66e3, 0.0) == pytest.approx(2.79, abs=0.005)
    assert q10_of(66e3, 10.0) == pytest.approx(2.60, abs=0.005)


def test_micke_1965_eight_hours_uncooled_at_35_c_cost_nine_days_of_transit():
    assert 8 * arrhenius(66e3).rate(35.0) >= 9 * 24
    assert 8 * arrhenius(66e3).rate(30.0) < 9 * 24 <= 8 * arrhenius(76e3).rate(30.0) * 1.005


@pytest.mark.parametrize(
    ("days", "at_c", "equivalent"), [(18, 0.56, 19.1), (20, 1.11, 22.5), (22, 1.67, 26.2)]
)
def test_cold_treatments_cost_sweet_cherry_days_at_0_c(days, at_c, equivalent):
    assert days * arrhenius(66e3).rate(at_c) == pytest.approx(equivalent, abs=0.05)


@pytest.mark.parametrize(
    ("at_c", "days"), [(5.0, 4.61), (7.2, 8.16), (11.25, 12.0), (15.0, 10.16), (20.0, 6.75)]
)
def test_cucumber_with_a_chilling_process_of_negative_energy(at_c, days):
    law = KeepingQuality(life_h=12 * 24, response=CUCUMBER)
    assert law.keeping_quality_h(at_c) / 24 == pytest.approx(days, abs=0.005)


# What must hold


@each_response
def test_the_rate_at_the_reference_is_1(response):
    assert response.rate(response.reference_c) == pytest.approx(1.0, rel=1e-12)


@each_response
@given(st.lists(shares, min_size=1, max_size=20))
def test_an_array_of_temperatures_gives_what_each_of_them_gives(response, shares):
    temperatures = [inside(response, share) for share in shares]
    together = response.rate(np.array(temperatures))
    assert together == pytest.approx([response.rate(t) for t in temperatures], rel=1e-12)


@pytest.mark.parametrize("response", RESPONSES[:4], ids=lambda r: type(r).__name__)
@given(shares, shares)
def test_without_an_optimum_warmer_is_never_slower(response, one, other):
    cool, warm = (inside(response, share) for share in sorted((one, other)))
    assert response.rate(cool) <= response.rate(warm) * (1 + 1e-12)


@each_response
def test_no_response_jumps(response):
    fine = np.linspace(response.domain_min_c, response.domain_max_c, 100_001)
    rates = response.rate(fine)
    assert (rates > 0).all()
    assert np.abs(np.diff(np.log(rates))).max() < 0.01


@each_response
@given(st.floats(0.001, 50))
def test_outside_its_domain_a_response_is_silent_for_one_and_for_many(response, beyond):
    for outside in (response.domain_min_c - beyond, response.domain_max_c + beyond):
        with pytest.raises(OutOfDomain, match="the law holds from"):
            response.rate(outside)
        with pytest.raises(OutOfDomain, match=f"not at {outside:g} °C"):
            response.rate(np.array([response.reference_c, outside]))


@each_response
def test_nan_is_outside_every_domain(response):
    for nothing in (math.nan, np.array([response.reference_c, math.nan])):
        with pytest.raises(OutOfDomain):
            response.rate(nothing)


@each_response
def test_no_temperature_asked_is_no_temperature_outside(response):
    assert response.rate(np.empty((0, 3))).shape == (0, 3)


@given(st.floats(1e3, 150e3), st.floats(-1, 20), st.floats(1, 15))
def test_activation_energy_and_rate_ratio_are_each_other_reversed(energy, cold, width):
    response = arrhenius(energy)
    ratio = response.rate(cold + width) / response.rate(cold)
    found = activation_energy_of(cold_c=cold, warm_c=cold + width, rate_ratio=ratio)
    assert found == pytest.approx(energy, rel=1e-6)


@given(st.floats(1e3, 150e3), st.floats(-1, 30))
def test_q10_is_the_ratio_of_rates_ten_kelvin_apart(energy, at_c):
    response = arrhenius(energy)
    assert q10_of(energy, at_c) == pytest.approx(response.rate(at_c + 10) / response.rate(at_c))


@given(st.floats(20e3, 120e3), st.floats(-400e3, -50e3), st.floats(5, 20), st.floats(0.1, 5))
def test_the_optimum_is_where_it_was_asked_for(ageing, chilling, optimum, away):
    response = response_with_optimum(
        optimum_c=optimum,
        activation_energy_j_mol=ageing,
        chilling_energy_j_mol=chilling,
        domain_min_c=0.0,
        domain_max_c=25.0,
    )
    assert response.rate(optimum - away) > 1.0 < response.rate(optimum + away)


def test_parallel_rates_add_up():
    both = ParallelResponse(processes=((1.0, arrhenius(60e3)), (3.0, arrhenius(90e3))))
    expected = (arrhenius(60e3).rate(10.0) + 3 * arrhenius(90e3).rate(10.0)) / 4
    assert both.rate(10.0) == pytest.approx(expected)


def test_a_stretch_of_q10_needs_not_begin_at_the_reference():
    warm = PiecewiseQ10Response(reference_c=25.0, q10=TYPICAL_Q10)
    cold = PiecewiseQ10Response(reference_c=0.0, q10=TYPICAL_Q10)
    assert warm.rate(5.0) == pytest.approx(cold.rate(5.0) / cold.rate(25.0))


@pytest.mark.parametrize(
    "pieces",
    [
        (),
        ((10.0, 0.0, 3.0),),
        ((0.0, 10.0, 0.0),),
        ((0.0, 10.0, math.inf),),
        ((0.0, 10.0, 3.0), (11.0, 20.0, 2.5)),
        ((5.0, 10.0, 3.0),),
    ],
    ids=["none", "descending", "no q10", "endless q10", "gap", "reference outside"],
)
def test_stretches_of_q10_that_make_no_law_are_refused(pieces):
    with pytest.raises(ValueError, match=r"stretch|Q10|reference"):
        PiecewiseQ10Response(reference_c=0.0, q10=pieces)


def test_growth_does_not_stop_inside_the_domain():
    with pytest.raises(ValueError, match="growth stops"):
        SquareRootResponse(reference_c=5.0, tmin_c=-2.0, domain_min_c=-2.0, domain_max_c=15.0)
    with pytest.raises(ValueError, match="growth stops"):
        RatkowskyResponse(
            reference_c=5.0,
            tmin_c=-10.0,
            tmax_c=30.0,
            c_per_k=0.3,
            domain_min_c=0.0,
            domain_max_c=35.0,
        )


def test_processes_are_weighed_at_one_temperature():
    with pytest.raises(ValueError, match="one reference"):
        ParallelResponse(processes=((1.0, arrhenius(60e3)), (1.0, arrhenius(60e3, 5.0))))


@pytest.mark.parametrize(
    ("ageing", "chilling"), [(-63e3, -250e3), (0.0, -250e3), (63e3, 250e3), (63e3, 0.0)]
)
def test_an_optimum_lies_between_a_process_of_warmth_and_one_of_cold(ageing, chilling):
    with pytest.raises(ValueError, match="ageing"):
        response_with_optimum(
            optimum_c=11.0,
            activation_energy_j_mol=ageing,
            chilling_energy_j_mol=chilling,
            domain_min_c=0.0,
            domain_max_c=25.0,
        )


@pytest.mark.parametrize("weight", [0.0, -1.0, math.nan, math.inf])
def test_a_process_has_a_weight(weight):
    with pytest.raises(ValueError, match="weight"):
        ParallelResponse(processes=((weight, arrhenius(60e3)),))
    with pytest.raises(ValueError, match="at least one"):
        ParallelResponse(processes=())


@pytest.mark.parametrize("c_per_k", [0.0, -0.3, math.nan, math.inf])
def test_growth_stops_sharply_at_the_warm_end_but_not_at_once(c_per_k):
    with pytest.raises(ValueError, match="sharpness"):
        replace(RATKOWSKY, c_per_k=c_per_k)


@pytest.mark.parametrize(
    ("cold_c", "warm_c", "ratio"),
    [
        (5.0, 5.0, 2.0),
        (10.0, 5.0, 2.0),
        (-273.15, 5.0, 2.0),
        (0.0, math.inf, 2.0),
        (0.0, math.nan, 2.0),
        (0.0, 10.0, 0.0),
        (0.0, 10.0, math.inf),
    ],
)
def test_two_rates_without_an_activation_energy_are_refused(cold_c, warm_c, ratio):
    with pytest.raises(ValueError, match=r"not colder|ratio"):
        activation_energy_of(cold_c=cold_c, warm_c=warm_c, rate_ratio=ratio)


@pytest.mark.parametrize(("low", "high"), [(-math.inf, 10.0), (0.0, math.inf), (10.0, 0.0)])
def test_no_response_holds_everywhere_or_nowhere(low, high):
    with pytest.raises(ValueError, match=r"domain|absolute zero"):
        replace(arrhenius(66e3), domain_min_c=low, domain_max_c=high)
    with pytest.raises(ValueError, match="domain"):
        ExponentialResponse(reference_c=5.0, slope_per_k=0.1, domain_min_c=low, domain_max_c=high)


@pytest.mark.parametrize("slope", [math.nan, math.inf])
def test_slopes_are_finite(slope):
    with pytest.raises(ValueError, match="finite"):
        arrhenius(slope)
    with pytest.raises(ValueError, match="finite"):
        ExponentialResponse(reference_c=5.0, slope_per_k=slope, domain_min_c=0.0, domain_max_c=10.0)


def test_arrhenius_ends_above_absolute_zero():
    with pytest.raises(ValueError, match="absolute zero"):
        replace(arrhenius(66e3), domain_min_c=-273.15)


@pytest.mark.parametrize("end", [-2.0, 40.0])
def test_the_reference_may_be_an_end_of_the_domain(end):
    assert arrhenius(66e3, end).rate(end) == 1.0
