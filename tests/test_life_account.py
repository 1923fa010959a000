import math
from itertools import accumulate

import numpy as np
import pytest
from conftest import packing, perishable
from hypothesis import given, settings
from hypothesis import strategies as st

from coldchain.decay import GAS_CONSTANT_J_MOL_K, ZERO_CELSIUS_K, Exposure
from coldchain.exporters.life_account import Steps, account_of, percentiles
from coldchain.goods import Packaging
from coldchain.lots import Lots
from coldchain.tables import read_scenario

CHERRY = read_scenario("cherry-week").perishable("cherry_sweet")
CUCUMBER = read_scenario("cherry-week").perishable("cucumber")
NAKED = read_scenario("cherry-week").packaging[Packaging.NAKED]
MAP = read_scenario("cherry-week").packaging[Packaging.MAP]
LOTS = Lots(CHERRY, NAKED, seed=1)


def steps(*legs: tuple[float, float]) -> Steps:
    return Steps.of(tuple(Exposure(hours=h, temperature_c=c) for h, c in legs))


def account(*legs: tuple[float, float], lots: Lots = LOTS, **options):
    known = {"life_used_before": 0.0, "retail_c": 5.0, **options}
    return account_of(lots, steps(*legs), **known)


LEGS = st.lists(
    st.tuples(st.floats(0.1, 200), st.sampled_from([-1.0, 0.0, 1.0, 5.5, 12.0, 29.0])),
    min_size=1,
    max_size=8,
)


@given(LEGS)
@settings(max_examples=30)
def test_lots_age_as_they_do_one_by_one(legs):
    """Against a loop over lots and legs that knows nothing but the equation."""
    found = account(*legs).fate
    reference = 1 / (CHERRY.life_ref_c + ZERO_CELSIUS_K)
    water = LOTS.side_limits[0].life_used(
        Exposure(hours=h, temperature_c=c, relative_humidity_pct=CHERRY.humidity_min_pct)
        for h, c in legs
    )
    used = [
        max(
            water,
            sum(
                h / life * math.exp(ea / GAS_CONSTANT_J_MOL_K * (reference - 1 / (c + 273.15)))
                for h, c in legs
            ),
        )
        for life, ea in zip(LOTS.life_h.tolist(), LOTS.energy_j_mol.tolist(), strict=True)
    ]
    np.testing.assert_allclose(found.life_used, used, rtol=1e-9)


@given(LEGS)
@settings(max_examples=30)
def test_warm_hours_never_do_good_to_what_does_not_chill(legs):
    found = account(*legs)
    assert (found.cool.left_h >= found.fate.left_h - 1e-9).all()
    assert (found.cool.life_used <= found.fate.life_used + 1e-12).all()
    assert found.warm_h == pytest.approx(sum(h for h, c in legs if c > CHERRY.setpoint_max_c))
    if not found.warm_h:
        assert found.cost_d == pytest.approx((0, 0, 0))


@given(LEGS, st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_neither_order_nor_splitting_changes_what_is_left(legs, random):
    halves = [(h / 2, c) for h, c in [*legs, *legs]]
    random.shuffle(halves)
    np.testing.assert_allclose(
        account(*halves).fate.left_h, account(*legs).fate.left_h, rtol=1e-9, atol=1e-6
    )


@given(LEGS)
@settings(max_examples=30)
def test_steps_add_up_to_the_typical_lots_life(legs):
    found = account(*legs)
    history = [
        Exposure(hours=h, temperature_c=c, relative_humidity_pct=CHERRY.humidity_min_pct)
        for h, c in legs
    ]
    assert found.life_used[-1] == pytest.approx(LOTS.typical.life_used(history))
    assert (np.diff(found.life_used) >= 0).all()


def test_a_day_at_the_reference_is_worth_a_day():
    assert account((24, 0.0)).equivalent_d.tolist() == pytest.approx([1.0])
    in_map = Lots(CHERRY, MAP, seed=1)
    assert account((24, 0.0), lots=in_map).equivalent_d.tolist() == pytest.approx([1.0])


def test_six_hours_at_twenty_degrees_are_worth_almost_two_days_at_zero():
    # Sweet cherry keeps 21 d at 0 °C and 2.9 d at 20 °C: 6 h are 6/24 × 21/2.9 d.
    assert account((6, 20.0)).equivalent_d.sum() == pytest.approx(6 / 24 * 21 / 2.9, rel=0.01)


def test_mean_kinetic_temperature_takes_the_goods_own_energy():
    # Twenty days at 0 °C and one at 25 °C, with 66 kJ/mol.
    assert account((480, 0.0), (24, 25.0)).mean_kinetic_c == pytest.approx(3.85, abs=0.005)


def test_goods_of_unknown_energy_have_no_mean_kinetic_temperature():
    beef = read_scenario("cherry-week").perishable("beef_chilled_vacuum")
    assert beef.activation_energy_kj_mol is None
    assert account((24, 0.0), lots=Lots(beef, NAKED, seed=1)).mean_kinetic_c is None


def test_the_end_is_found_within_a_step():
    found = account((2000, 0.0))
    # Quality of a typical lot: 21 d; water lost ends it sooner or later than that.
    water = 1 / LOTS.side_limits[0].rate_per_h(0.0, relative_humidity_pct=90.0)
    ends = [24 * 21, water]
    assert found.ended_h == pytest.approx(min(ends))
    assert account((24, 0.0)).ended_h is None


def test_life_used_before_ages_quality_alone():
    fresh, old = account((24, 0.0)), account((24, 0.0), life_used_before=0.5)
    assert old.so_far("quality")[0] == pytest.approx(fresh.so_far("quality")[0] + 0.5)
    assert old.so_far("water loss")[0] == fresh.so_far("water loss")[0]
    assert (old.fate.left_h < fresh.fate.left_h).all()


def test_cold_is_what_ends_a_cucumber():
    found = account((40, 7.2), (10, 12.0), lots=Lots(CUCUMBER, NAKED, seed=1))
    assert found.fate.limited_by == "chilling injury"
    assert found.cold_h == 40
    assert found.warm_h == 0


def test_dry_air_is_told_by_its_humidity():
    damp, dry = (
        account_of(LOTS, steps((100, 0.0)), life_used_before=0, retail_c=5, humidity_pct=rh)
        for rh in (95.0, 50.0)
    )
    assert dry.used["water loss"].sum() > 5 * damp.used["water loss"].sum()
    assert dry.used["quality"].sum() == damp.used["quality"].sum()


@given(LEGS)
def test_gathering_loses_no_hour(legs):
    whole = steps(*legs)
    gathered = whole.gathered()
    assert gathered.hours.sum() == pytest.approx(whole.hours.sum())
    for pulp_c in {c for _, c in legs}:
        assert gathered.hours[gathered.pulp_c == pulp_c].sum() == pytest.approx(
            sum(h for h, c in legs if c == pulp_c)
        )


def test_percentiles_are_values_that_occur():
    values = np.array(list(accumulate([1.0] * 20)))
    assert percentiles(values) == (2.0, 10.0, 18.0)


def test_what_the_table_does_not_know_is_no_limit():
    plain = perishable("plain", humidity_min_pct=None)
    found = account((24, 0.0), lots=Lots(plain, packing(Packaging.NAKED), seed=1))
    assert list(found.used) == ["quality"]
