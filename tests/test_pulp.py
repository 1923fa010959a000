"""Pulp temperature: published cooling numbers, a fine integration as the oracle, and the bound."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldchain.decay import (
    ArrheniusKeepingQuality,
    Pallet,
    SelfHeating,
    Surroundings,
    half_cooling_h,
    merged,
    respiration_heat_w_t,
    seven_eighths_cooling_h,
)
from coldchain.errors import OutOfDomain

CHERRY = [(0.0, 7.9), (5.0, 13.5), (10.0, 30.3), (15.0, 38.0), (20.0, 45.8)]
BREATHING = SelfHeating.of(CHERRY, 3.52)
NAKED = Pallet(outer_half_cooling_h=6.0, core_half_cooling_h=10.0, heating=BREATHING)
LINER = Pallet(outer_half_cooling_h=10.0, core_half_cooling_h=12.0, heating=BREATHING)
AT_ONCE = Pallet(outer_half_cooling_h=None, core_half_cooling_h=None, heating=SelfHeating())
LAW = ArrheniusKeepingQuality(
    life_h=21 * 24,
    reference_c=0.0,
    activation_energy_j_mol=66e3,
    domain_min_c=-30.0,
    domain_max_c=60.0,
)


def air(hours: float, air_c: float, **known: float) -> Surroundings:
    return Surroundings(hours=hours, air_c=air_c, **known)


def integrated(pallet: Pallet, history: list[Surroundings], start: tuple[float, float]):
    """Life used by both halves, and where they end, by Runge and Kutta's rule in small steps."""
    outer_h, core_h = pallet.outer_half_cooling_h, pallet.core_half_cooling_h
    assert outer_h is not None
    assert core_h is not None
    x, used = np.array(start), np.zeros(2)

    def rate(temperature: np.ndarray) -> np.ndarray:
        return np.array([1.0 / LAW.keeping_quality_h(float(t)) for t in temperature])

    for s in history:
        loose = s.half_cooling_h
        ko = math.log(2) / (outer_h if loose is None else loose)
        kc = 0.0 if loose is None else ko
        m = math.log(2) / core_h if loose is None else 0.0

        def speed(x: np.ndarray, s=s, ko=ko, kc=kc, m=m) -> np.ndarray:
            gap = m * (x[1] - x[0])
            return np.array(
                [
                    ko * (s.air_c - x[0]) + gap + pallet.heating.k_h(float(x[0])),
                    kc * (s.air_c - x[1]) - gap + pallet.heating.k_h(float(x[1])),
                ]
            )

        steps = max(1, math.ceil(s.hours / min(0.1, 0.02 / ko)))
        d = s.hours / steps
        for _ in range(steps):
            k1 = speed(x)
            k2 = speed(x + d / 2 * k1)
            k3 = speed(x + d / 2 * k2)
            k4 = speed(x + d * k3)
            after = x + d / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
            used += d / 6 * (rate(x) + 4 * rate(x + d / 2 * k2) + rate(after))
            x = after
    return used, x


JOURNEYS = {
    "late precooling": ([air(30, 0), air(200, 0)], (25.0, 25.0)),
    "a door opened at a cross-dock": ([air(60, 0), air(0.75, 20), air(100, 0)], (0.0, 0.0)),
    "a warm truck": ([air(40, 0), air(18, 8), air(60, 0)], (0.5, 0.5)),
    "hydrocooled, then shipped": (
        [air(4, 20, half_cooling_h=0.08), air(6, 0, half_cooling_h=0.08), air(240, 0)],
        (20.0, 20.0),
    ),
    "many changes": (
        [air(h, c) for h, c in ((1, 20), (9, 0), (0.1, 30), (3, -1), (80, 2))],
        (5, 9),
    ),
}


@pytest.mark.parametrize("pallet", [NAKED, LINER], ids=["naked", "liner"])
@pytest.mark.parametrize("name", JOURNEYS)
def test_the_closed_form_agrees_with_a_fine_integration(name: str, pallet: Pallet):
    history, start = JOURNEYS[name]
    trace = pallet.trace(history, start_c=start)
    used, end = integrated(pallet, history, start)
    assert trace.end_c[0] == pytest.approx(end, abs=1e-4)
    for pulp, expected in zip((trace.outer_c[0], trace.core_c[0]), used, strict=True):
        found = float(trace.hours[0] @ LAW.rate_per_h(pulp))
        assert found == pytest.approx(expected, rel=1e-5)  # asked for: 1e-3


def test_half_cooling_as_textbooks_have_it():
    """T0 20, Ta 0, H 2 h: 10, 5 and 2.5 °C after 2, 4 and 6 h; 7/8 cooling takes 3 H."""
    for hours, expected in ((2.0, 10.0), (4.0, 5.0), (6.0, 2.5)):
        cooled = AT_ONCE.trace([air(hours, 0.0, half_cooling_h=2.0)], start_c=20.0)
        assert cooled.end_c[0] == pytest.approx([expected, expected], abs=1e-9)
    rate = math.log(2) / 2.0
    assert seven_eighths_cooling_h(1.0, rate) == pytest.approx(3 * half_cooling_h(1.0, rate))


def test_lag_factor_of_1_2():
    """j 1.2, C 0.3466/h: H 2.526 h, S 6.526 h."""
    assert half_cooling_h(1.2, 0.3466) == pytest.approx(2.526, abs=0.002)
    assert seven_eighths_cooling_h(1.2, 0.3466) == pytest.approx(6.526, abs=0.002)


@pytest.mark.parametrize(
    ("lag", "rate_per_h"), [(0.4, 0.3), (0.0, 0.3), (math.nan, 0.3), (1.0, 0.0), (1.0, -0.3)]
)
def test_no_cooling_takes_less_than_no_time(lag: float, rate_per_h: float):
    with pytest.raises(ValueError, match="lag factor is at least 1/2"):
        half_cooling_h(lag, rate_per_h)
    if lag >= 0.4 and rate_per_h > 0:
        assert seven_eighths_cooling_h(lag, rate_per_h) > 0
    else:
        with pytest.raises(ValueError, match="lag factor is at least 1/8"):
            seven_eighths_cooling_h(lag, rate_per_h)


def test_respiration_heat_of_uc_davis():
    """1 ml CO2/kg/h, 1.964 mg at 0 °C, is 122 kcal/t/d or 5.91 W/t, to 2 %."""
    assert respiration_heat_w_t(1.964) == pytest.approx(5.91, rel=0.02)


def test_heat_of_17_t_of_cherries_as_computed_from_the_handbook():
    """17.4 t: 0.41 kW at 0 °C (8 mg), 1.56 kW at 10 °C (30.3 mg)."""
    for mg, kw in ((7.9, 0.41), (30.3, 1.56)):
        assert 17.4 * respiration_heat_w_t(mg) / 1000 == pytest.approx(kw, abs=0.01)


def test_an_insulated_pallet_warms_as_the_handbook_rate_says():
    """dT/dt = 0.00303 R K/h at a heat capacity of 3.52 kJ/kg/K."""
    heating = SelfHeating.of([(0.0, 10.0)], 3.52)
    assert heating.k_h(0.0) == pytest.approx(0.00303 * 10, rel=1e-3)
    assert heating.slope_per_h == 0.0


def test_heat_of_respiration_goes_through_the_cold_points():
    two = SelfHeating.of([(0.0, 4.0), (10.0, 12.0), (20.0, 200.0)], 4.0)
    assert two.k_h(10.0) / two.k_h(0.0) == pytest.approx(3.0)
    assert SelfHeating.of([], 3.5) == SelfHeating()
    alone = SelfHeating.of([(20.0, 45.8)], 3.52)
    assert alone.slope_per_h == 0.0
    assert alone.k_h(20.0) == pytest.approx(0.00303 * 45.8, rel=1e-3)


def test_goods_settle_where_they_no_longer_change():
    for pallet in (NAKED, LINER):
        outer, core = pallet.settled(2.0)
        trace = pallet.trace([air(100, 2.0)], start_c=(outer, core))
        assert trace.end_c[0] == pytest.approx([outer, core], abs=1e-9)
        assert 2.0 < outer < core
        assert pallet.air_behind(outer, core) == pytest.approx(2.0)


def test_goods_that_breathe_too_fast_for_their_packing_are_refused():
    broccoli = SelfHeating(at_0_c_k_h=0.06, slope_per_h=0.03)
    with pytest.raises(OutOfDomain, match="heat themselves without end"):
        Pallet(outer_half_cooling_h=20.0, core_half_cooling_h=30.0, heating=broccoli)


@pytest.mark.parametrize(
    "wrong",
    [
        {"hours": math.nan, "air_c": 0.0},
        {"hours": -1.0, "air_c": 0.0},
        {"hours": 1.0, "air_c": math.inf},
        {"hours": 1.0, "air_c": 0.0, "half_cooling_h": 0.0},
    ],
)
def test_a_stretch_that_cannot_be_is_refused(wrong: dict[str, float]):
    with pytest.raises(ValueError, match="not"):
        Surroundings(**wrong)


def test_half_cooling_times_come_in_pairs():
    with pytest.raises(ValueError, match="both halves"):
        Pallet(outer_half_cooling_h=6.0, core_half_cooling_h=None, heating=SelfHeating())


def test_goods_that_follow_the_air_are_as_warm_as_it():
    trace = AT_ONCE.trace([air(5, 3.0), air(2, 20.0)])
    assert trace.warmest_c[0] == 20.0
    assert trace.coldest_c[0] == 3.0
    assert float(trace.hours.sum()) == pytest.approx(7.0)


stretches = st.lists(
    st.tuples(st.floats(0.1, 60), st.sampled_from([-1.0, 0.0, 8.0, 20.0, 30.0])),
    min_size=1,
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(stretches, st.floats(-1, 30))
def test_merging_neighbours_changes_nothing(parts: list[tuple[float, float]], start: float):
    history = [air(h, c) for h, c in parts for _ in (0, 1)]
    whole, once = NAKED.trace(history, start_c=start), NAKED.trace(merged(history), start_c=start)
    assert once.end_c[0] == pytest.approx(whole.end_c[0], abs=1e-6)
    for trace in (whole, once):
        assert float(trace.hours.sum()) == pytest.approx(sum(s.hours for s in history))


@settings(max_examples=60, deadline=None)
@given(stretches, st.floats(-1, 30), st.floats(0, 10))
def test_warmer_goods_or_warmer_air_never_end_colder(
    parts: list[tuple[float, float]], start: float, warmer: float
):
    history = [air(h, c) for h, c in parts]
    hotter = [air(h, c + warmer) for h, c in parts]
    end = LINER.trace(history, start_c=start).end_c[0]
    assert (LINER.trace(history, start_c=start + warmer).end_c[0] >= end - 1e-9).all()
    assert (LINER.trace(hotter, start_c=start).end_c[0] >= end - 1e-9).all()


@settings(max_examples=100, deadline=None)
@given(stretches, st.floats(-1, 25))
def test_what_the_air_adds_up_to_is_never_fresher_than_the_pulp(
    parts: list[tuple[float, float]], start: float
):
    """Jensen's bound: settled temperatures hour by hour, and the warmth goods start with."""
    history = [air(h, c) for h, c in parts]
    coldest = min(c for _, c in parts)
    for pallet in (NAKED, LINER):
        trace = pallet.trace(history, start_c=start)
        hot = max(coldest, pallet.air_behind(start, start))

        def rate(air_c: float, pallet: Pallet = pallet) -> float:
            return 1.0 / LAW.keeping_quality_h(pallet.warmest_settled(air_c))

        bound = sum(s.hours * rate(s.air_c) for s in history)
        bound += max(pallet.lag_h) * (rate(hot) - rate(coldest))
        for pulp in (trace.outer_c[0], trace.core_c[0]):
            assert float(trace.hours[0] @ LAW.rate_per_h(pulp)) <= bound * (1 + 1e-9)


@settings(max_examples=60, deadline=None)
@given(stretches, st.floats(0, 20), st.floats(0, 20))
def test_fade_and_nearing_bound_the_warmth_of_goods(
    parts: list[tuple[float, float]], outer: float, core: float
):
    """Counted by the air that would have made it: from any warmth, in any air."""
    for pallet in (NAKED, LINER):
        pulp = outer, core
        warm = max(0.0, pallet.air_behind(*pulp))
        for hours, air_c in parts:
            warmer = max(0.0, air_c)
            moved = pallet.nearing(hours) if warmer > warm else 1.0 - pallet.fade(hours)
            warm += (warmer - warm) * moved
            end = pallet.trace([air(hours, air_c)], start_c=pulp).end_c[0]
            pulp = float(end[0]), float(end[1])
            assert pallet.air_behind(*pulp) <= warm + 1e-9


@given(st.floats(-5, 30), st.floats(-5, 30))
def test_airs_behind_settle_goods_on_either_side(outer: float, core: float):
    for pallet in (NAKED, LINER):
        cold, hot = (pallet.settled(air_c) for air_c in pallet.airs_behind(outer, core))
        assert cold[0] <= outer + 1e-9 <= hot[0] + 2e-9
        assert cold[1] <= core + 1e-9 <= hot[1] + 2e-9


def test_without_lag_warmth_comes_and_goes_with_the_air():
    assert (AT_ONCE.fade(0.0), AT_ONCE.fade(0.1)) == (1.0, 0.0)
    assert (AT_ONCE.nearing(0.0), AT_ONCE.nearing(0.1)) == (0.0, 1.0)
