"""Lives at several temperatures: what is made of them, and what is refused."""

import math
from collections.abc import Mapping
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldchain.errors import OutOfDomain
from coldchain.fitting import (
    Basis,
    Fit,
    Form,
    MeasuredLife,
    UnfitLives,
    accuracy_factor,
    bias_factor,
    fit_lives,
)
from coldchain.fitting.chances import inverse_mills, student_quantile
from coldchain.fitting.lives import Sample

GAS = 8.314462618


def lives(days: Mapping[int, float] | Mapping[float, float], **known: object) -> list[MeasuredLife]:
    return [MeasuredLife(temperature_c=t, life_d=d, **known) for t, d in days.items()]  # type: ignore[arg-type]


def factor(fit: Fit, form: Form) -> float:
    [candidate] = [c for c in fit.candidates if c.form is form]
    assert candidate.accuracy_factor is not None
    return candidate.accuracy_factor


def fitted(given_lives: list[MeasuredLife]) -> Fit | None:
    try:
        return fit_lives(given_lives)
    except UnfitLives as refused:
        return refused.fit


def arrhenius(energy_kj_mol: float, at_0c_d: float, temperature_c: float) -> float:
    inverse = 1 / (temperature_c + 273.15) - 1 / 273.15
    return at_0c_d * math.exp(1000 * energy_kj_mol / GAS * inverse)


# Published cases


def test_usda_handbook_66_relative_lives_0_to_20_c():
    fit = fit_lives(lives({0: 100, 10: 33, 20: 13}))
    assert fit.activation_energy_kj_mol == pytest.approx(68.0, abs=0.05)
    assert factor(fit, Form.ARRHENIUS) == pytest.approx(1.09, abs=0.005)
    assert fit.chosen.form is Form.ARRHENIUS


def test_sekse_1996_cherry_limited_by_carbon_dioxide():
    fit = fit_lives(lives({0: 26, 5: 9.5, 10: 7.4, 15: 4.5, 20: 3.2}))
    assert fit.activation_energy_kj_mol == pytest.approx(66.0, abs=0.05)
    assert factor(fit, Form.ARRHENIUS) == pytest.approx(1.28, abs=0.005)
    assert factor(fit, Form.SQUARE_ROOT) == pytest.approx(1.17, abs=0.005)
    assert fit.tmin_sqrt_c == pytest.approx(-11.3, abs=0.05)
    assert fit.chosen.form is Form.SQUARE_ROOT


def test_petrus_2010_milk_in_hdpe():
    fit = fit_lives(lives({2: 43, 4: 36, 9: 8, 14: 5, 16: 3}))
    assert fit.activation_energy_kj_mol == pytest.approx(127.6, abs=0.05)
    assert factor(fit, Form.ARRHENIUS) == pytest.approx(1.23, abs=0.005)
    assert factor(fit, Form.SQUARE_ROOT) == pytest.approx(1.43, abs=0.005)
    assert fit.tmin_sqrt_c == pytest.approx(-3.0, abs=0.05)
    assert fit.chosen.form is Form.ARRHENIUS


def test_a_form_that_may_not_be_chosen_is_still_shown():
    days = lives({0: 26, 5: 9.5, 10: 7.4, 15: 4.5, 20: 3.2})
    fit = fit_lives(days, choose_from=[Form.ARRHENIUS])
    assert fit.chosen.form is Form.ARRHENIUS
    assert {c.form for c in fit.candidates} == set(Form)


# One, two, many temperatures


def test_one_temperature_takes_the_slope_of_its_class():
    fit = fit_lives(lives({0: 21}))
    assert fit.basis is Basis.PRIOR
    assert fit.activation_energy_kj_mol == 66
    assert (fit.activation_energy_low_kj_mol, fit.activation_energy_high_kj_mol) == (56, 76)
    assert fit.life_p50_d == pytest.approx(21)
    assert fit.chosen.accuracy_factor is None
    assert (fit.domain_min_c, fit.domain_max_c) == (0, 22)


def test_the_slope_of_the_class_is_less_sure_away_from_the_temperature_measured():
    near = fit_lives(lives({0: 21}))
    far = fit_lives(lives({0: 21}), reference_c=20)
    assert far.life_p95_d / far.life_p5_d > near.life_p95_d / near.life_p5_d


def test_lives_of_one_temperature_are_averaged_as_logarithms():
    twice = [MeasuredLife(temperature_c=0, life_d=d) for d in (10, 40)]
    assert fit_lives(twice).life_p50_d == pytest.approx(20)


def test_an_outlived_life_moves_the_level_of_one_temperature():
    alone = fit_lives(lives({0: 21})).life_p50_d
    longer = MeasuredLife(temperature_c=0, life_d=30, outlived=True)
    shorter = MeasuredLife(temperature_c=20, life_d=0.3, outlived=True)
    assert fit_lives([*lives({0: 21}), longer]).life_p50_d > 1.1 * alone
    assert fit_lives([*lives({0: 21}), shorter]).life_p50_d == pytest.approx(alone)


def test_two_temperatures_are_met_exactly_and_leave_ten_kj_open():
    fit = fit_lives(lives({0: 21, 20: 3}))
    exact = GAS * math.log(7) / (1 / 273.15 - 1 / 293.15) / 1000
    assert fit.basis is Basis.EXACT
    assert fit.activation_energy_kj_mol == pytest.approx(exact)
    assert fit.activation_energy_low_kj_mol == pytest.approx(exact - 10)
    assert fit.activation_energy_high_kj_mol == pytest.approx(exact + 10)
    assert fit_lives(lives({0: 21, 20: 3}), reference_c=20).life_p50_d == pytest.approx(3)


def test_repeated_lives_at_two_temperatures_show_their_scatter():
    wide = [
        MeasuredLife(temperature_c=t, life_d=d) for t, d in [(0, 30), (0, 15), (20, 6), (20, 2)]
    ]
    fit = fit_lives([*wide, *wide])
    assert fit.basis is Basis.EXACT
    assert fit.activation_energy_high_kj_mol - fit.activation_energy_kj_mol > 10


# What is set aside


def test_lives_below_the_chilling_threshold_and_above_30_c_are_set_aside():
    fit = fit_lives(lives({2: 5, 10: 14, 15: 8, 20: 5, 35: 0.1}), chill_threshold_c=10)
    assert [m.temperature_c for m in fit.too_cold] == [2]
    assert [m.temperature_c for m in fit.too_warm] == [35]
    assert fit.lives == fit_lives(lives({10: 14, 15: 8, 20: 5})).lives
    assert (fit.domain_min_c, fit.domain_max_c) == (10, 22)


def test_the_domain_ends_2_k_above_the_warmest_life_but_not_beyond_30_c():
    assert fit_lives(lives({0: 30, 10: 10, 18: 5})).domain_max_c == 20
    assert fit_lives(lives({0: 30, 10: 10, 29: 2})).domain_max_c == 30


def test_a_reference_is_not_looked_for_outside_the_domain():
    with pytest.raises(OutOfDomain, match="from 0 to 22 °C, not at -1 °C"):
        fit_lives(lives({0: 26, 10: 9, 20: 3}), reference_c=-1)


# What is refused


def test_nothing_measured_is_refused():
    with pytest.raises(UnfitLives, match="no life was measured"):
        fit_lives(lives({0: 20}, outlived=True))
    with pytest.raises(UnfitLives, match="no life was measured"):
        fit_lives(lives({0: 20}), chill_threshold_c=5)


@pytest.mark.parametrize("days", [{0: 20, 10: 19, 20: 18}, {0: 300, 10: 20, 20: 1}])
def test_an_activation_energy_of_no_perishable_is_refused(days: dict[float, float]):
    with pytest.raises(UnfitLives, match=r"30 to 130") as caught:
        fit_lives(lives(days))
    assert caught.value.fit is not None


def test_lives_that_do_not_foretell_each_other_are_refused():
    with pytest.raises(UnfitLives, match=r"within a factor of \d") as caught:
        fit_lives(lives({0: 20, 5: 5, 10: 25, 15: 3, 20: 4}))
    assert caught.value.fit is not None
    assert caught.value.fit.chosen.accuracy_factor == pytest.approx(1.9, abs=0.5)


def test_an_activation_energy_that_may_be_nothing_at_all_is_refused():
    with pytest.raises(UnfitLives, match=r"may be anything from -\d+ to \d+"):
        fit_lives(lives({0: 20, 5: 17, 10: 8}, cv=0.2))


def test_all_reasons_are_told_at_once():
    with pytest.raises(UnfitLives) as caught:
        fit_lives(lives({0: 20, 5: 60, 10: 5, 15: 40, 20: 15}))
    assert len(caught.value.reasons) == 3


# Outlived lives


def test_an_outlived_life_below_the_curve_changes_next_to_nothing():
    days = {0.0: 26.0, 5.0: 12.0, 10.0: 7.4, 15.0: 4.5, 20.0: 3.2}
    with_it = [*lives(days), MeasuredLife(temperature_c=2, life_d=4, outlived=True)]
    plain, more = fit_lives(lives(days)), fit_lives(with_it)
    assert more.activation_energy_kj_mol == pytest.approx(plain.activation_energy_kj_mol, rel=1e-6)
    assert more.measured == plain.measured == 5


def test_an_outlived_life_above_the_curve_pulls_it_up_but_less_than_a_measured_longer_one():
    days = {5.0: 12.0, 10.0: 7.4, 15.0: 4.5, 20.0: 3.2}

    def energy(*more: MeasuredLife) -> float:
        return fit_lives([*lives(days), *more]).activation_energy_kj_mol

    outlived = MeasuredLife(temperature_c=0, life_d=35, outlived=True)
    assert energy() < energy(outlived) < energy(MeasuredLife(temperature_c=0, life_d=60))


@given(
    st.lists(st.tuples(st.floats(0, 25), st.floats(2, 40), st.booleans()), min_size=1, max_size=4)
)
def test_the_curve_with_outlived_lives_is_the_likeliest(more: list[tuple[float, float, bool]]):
    given_lives = [
        *lives({0: 21, 10: 8, 20: 3}),
        *(MeasuredLife(temperature_c=t, life_d=d, outlived=o) for t, d, o in more),
    ]
    sample = Sample.of(given_lives)
    curve = sample.curve(Form.ARRHENIUS)

    def likelihood(level: float, slope: float) -> float:
        x = 1 / (GAS * (sample.c + 273.15)) - curve.pivot
        z = (sample.y - level - slope * x) / sample.sd
        return sum(
            math.log(0.5 * math.erfc(v / math.sqrt(2))) if outlived else -v * v / 2
            for v, outlived in zip(z, sample.outlived, strict=True)
        )

    best = likelihood(curve.log_life, curve.parameter)
    for by in (0.02, -0.02):
        assert likelihood(curve.log_life + by, curve.parameter) < best + 1e-9
        assert likelihood(curve.log_life, curve.parameter + 1e5 * by) < best + 1e-9


# Laws of the fit itself

TEMPERATURES = st.lists(st.integers(0, 28), min_size=3, max_size=8, unique=True).filter(
    lambda t: max(t) - min(t) >= 6
)


@given(TEMPERATURES, st.floats(32, 128), st.floats(1, 500))
def test_lives_of_an_arrhenius_law_give_it_back(
    temperatures: list[int], energy_kj_mol: float, at_0c_d: float
):
    fit = fit_lives(lives({t: arrhenius(energy_kj_mol, at_0c_d, t) for t in temperatures}))
    assert fit.activation_energy_kj_mol == pytest.approx(energy_kj_mol, rel=1e-6)
    assert fit.life_p50_d == pytest.approx(arrhenius(energy_kj_mol, at_0c_d, min(temperatures)))
    assert fit.chosen.form is Form.ARRHENIUS
    assert factor(fit, Form.ARRHENIUS) == pytest.approx(1)


@given(TEMPERATURES, st.floats(-20, -8))
def test_lives_of_a_square_root_law_give_it_back(temperatures: list[int], tmin_c: float):
    days = {t: 21 * ((0 - tmin_c) / (t - tmin_c)) ** 2 for t in temperatures}
    fit = fitted(lives(days))  # three lives may leave the activation energy open
    assert fit is not None
    assert fit.tmin_sqrt_c == pytest.approx(tmin_c, abs=1e-4)
    assert fit.chosen.form is Form.SQUARE_ROOT


@given(TEMPERATURES, st.floats(0.05, 0.15))
def test_lives_of_an_exponential_law_give_it_back(temperatures: list[int], slope: float):
    fit = fit_lives(lives({t: 21 * math.exp(-slope * t) for t in temperatures}))
    [curve] = [c.curve for c in fit.candidates if c.form is Form.EXPONENTIAL]
    assert curve.parameter == pytest.approx(slope)
    assert fit.chosen.form is Form.EXPONENTIAL


SCATTERED = st.lists(
    st.builds(
        MeasuredLife,
        temperature_c=st.integers(0, 25).map(float),
        life_d=st.floats(1, 60),
        cv=st.floats(0.05, 0.5),
        outlived=st.booleans(),
    ),
    min_size=1,
    max_size=7,
)


@settings(deadline=None)  # some scatter is hard to settle
@given(SCATTERED, st.randoms())
def test_the_order_of_lives_changes_nothing(given_lives: list[MeasuredLife], random):
    shuffled = list(given_lives)
    random.shuffle(shuffled)
    assert fitted(shuffled) == fitted(given_lives)


@settings(deadline=None)  # some scatter is hard to settle
@given(SCATTERED, st.sampled_from([1 / 24, 24.0, 7.0]))
def test_the_unit_of_life_only_shifts_it(given_lives: list[MeasuredLife], times: float):
    one = fitted(given_lives)
    other = fitted(
        [
            MeasuredLife(
                temperature_c=m.temperature_c, life_d=times * m.life_d, cv=m.cv, outlived=m.outlived
            )
            for m in given_lives
        ]
    )
    assert (one is None) == (other is None)
    if one is None or other is None:
        return
    assert other.activation_energy_kj_mol == pytest.approx(
        one.activation_energy_kj_mol, rel=1e-5, abs=1e-4
    )
    arrhenius_of = [f.candidates[0].accuracy_factor for f in (one, other)]
    if arrhenius_of[0] is not None:
        assert arrhenius_of[1] == pytest.approx(arrhenius_of[0], rel=1e-5)


@given(TEMPERATURES, st.floats(40, 100))
def test_intervals_lie_around_their_middle(temperatures: list[int], energy_kj_mol: float):
    fit = fit_lives(lives({t: arrhenius(energy_kj_mol, 21, t) for t in temperatures}))
    assert fit.life_p5_d < fit.life_p50_d < fit.life_p95_d
    # Points exactly on a line do not show that lots are alike: the stated 20 % stays.
    stated = math.exp(1.6448536 * math.sqrt(math.log1p(0.04)))
    assert fit.life_p95_d / fit.life_p50_d > stated


def test_nine_intervals_in_ten_hold_what_they_are_for():
    random = np.random.default_rng(7)
    spread = math.sqrt(math.log1p(0.2**2))
    trials = [fit for _ in range(400) if (fit := _trial(random, spread))]
    energies = [
        f.activation_energy_low_kj_mol < 66 < f.activation_energy_high_kj_mol for f in trials
    ]
    lots = [
        f.life_p5_d < 21 * math.exp(spread * random.standard_normal()) < f.life_p95_d
        for f in trials
    ]
    assert len(trials) > 350
    assert 0.85 < np.mean(energies) < 0.95
    assert 0.87 < np.mean(lots) < 0.97  # the wider of two intervals


def _trial(random: np.random.Generator, spread: float) -> Fit | None:
    """Six lives of lots that scatter by ``spread``, of an Arrhenius law of 66 kJ/mol."""
    days = {
        t: arrhenius(66, 21, t) * math.exp(spread * random.standard_normal())
        for t in (0, 4, 8, 12, 16, 20)
    }
    try:
        return fit_lives(lives(days), choose_from=[Form.ARRHENIUS])
    except UnfitLives:
        return None


def test_a_life_known_better_weighs_more():
    loose = [*lives({0: 26, 10: 9}), MeasuredLife(temperature_c=20, life_d=5)]
    tight = [*lives({0: 26, 10: 9}), MeasuredLife(temperature_c=20, life_d=5, cv=0.02)]
    off = [
        abs(math.log(f.candidates[0].curve.life_d(20) / 5)) for f in map(fit_lives, (loose, tight))
    ]
    assert off[1] < off[0]


def test_aicc_is_told_from_six_lives_on():
    days = {0: 26.0, 5: 14.0, 10: 7.6, 15: 4.5, 20: 2.8, 25: 1.9}
    assert all(c.aicc is not None for c in fit_lives(lives(days)).candidates)
    del days[25]
    assert all(c.aicc is None for c in fit_lives(lives(days)).candidates)


def test_a_life_that_is_none_is_refused():
    for wrong in ({"life_d": 0.0}, {"cv": 0.0}, {"temperature_c": math.nan}):
        with pytest.raises(ValueError, match="not"):
            MeasuredLife(**{"temperature_c": 0.0, "life_d": 1.0, **wrong})  # type: ignore[arg-type]


# Chances


@pytest.mark.parametrize(
    ("share", "freedom", "table"),
    [(0.975, 1, 12.706), (0.975, 3, 3.182), (0.95, 4, 2.132), (0.995, 30, 2.750), (0.5, 5, 0.0)],
)
def test_student_as_in_the_tables(share: float, freedom: int, table: float):
    assert student_quantile(share, freedom) == pytest.approx(table, abs=5e-4)


def test_student_becomes_normal():
    assert student_quantile(0.95, 5000) == pytest.approx(NormalDist().inv_cdf(0.95), abs=1e-3)


@given(st.floats(-8, 8))
def test_the_mean_of_a_normal_tail(z: float):
    x = np.linspace(z, z + 40, 400_001)
    density = np.exp(-(x**2 - z**2) / 2)
    assert inverse_mills(np.array([z]))[0] == pytest.approx(
        float(np.sum(x * density) / np.sum(density)), rel=1e-3, abs=1e-4
    )


def test_the_tail_goes_on_where_floats_end():
    below, above = inverse_mills(np.array([30.0 - 1e-9, 30.0 + 1e-9]))
    assert below == pytest.approx(above, rel=1e-9)
    assert inverse_mills(np.array([500.0]))[0] == pytest.approx(500.002, abs=1e-5)


def test_bias_and_accuracy():
    assert bias_factor([20.0], [10.0]) == pytest.approx(2)
    assert accuracy_factor([5.0], [10.0]) == pytest.approx(2)


@pytest.mark.parametrize(
    "days",
    [
        {5.0: 26, 5.000000000000001: 25.99},
        {0.0: 26, 0.000000000000001: 25.99, 5.0: 9},
        {0.0: 26, 0.0009: 25.99, 5.0: 9},
    ],
)
def test_temperatures_that_differ_in_writing_only_are_refused(days: Mapping[float, float]):
    with pytest.raises(UnfitLives, match=r"less than 0\.001 K apart"):
        fit_lives(lives(days))


def test_a_thousandth_of_a_kelvin_is_a_difference():
    assert fitted(lives({4.999: 26, 5.0: 25.9, 10.0: 15})) is not None
