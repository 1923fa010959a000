"""Baranyi and Roberts' growth, against a fine integration of their own equations."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldchain.decay import Exposure, MicrobialGrowth, SquareRootResponse
from coldchain.errors import OutOfDomain

# Red meat: the domain in which the MLA/UTAS refrigeration index is held reliable.
ROOT = SquareRootResponse(reference_c=2.0, tmin_c=-8.0, domain_min_c=-1.0, domain_max_c=8.0)
journeys = st.lists(
    st.builds(Exposure, hours=st.floats(1, 200), temperature_c=st.floats(-1.0, 8.0)),
    min_size=1,
    max_size=4,
)


def growth(lag_h: float, **other: float) -> MicrobialGrowth:
    known: dict[str, Any] = {
        "growth_rate_per_h": 0.05,
        "initial_log10": 3.0,
        "spoilage_log10": 7.0,
        "maximum_log10": 9.0,
        **other,
    }
    return MicrobialGrowth(lag_h=lag_h, response=ROOT, **known)


def integrated_log10(law: MicrobialGrowth, history: list[Exposure], steps: int = 1000) -> float:
    """``log10 N`` by the midpoint method on the differential equations as published."""
    number = law.initial_log10 * math.log(10)
    most = law.maximum_log10 * math.log(10)
    state = -math.log(math.expm1(law.growth_rate_per_h * law.lag_h))
    for exposure in history:
        step = exposure.hours / steps
        mu = law.growth_rate_per_h * law.response.rate(exposure.temperature_c)

        def slope(ln_n: float, ln_q: float, mu: float = mu) -> float:
            return mu / (1 + math.exp(-ln_q)) * (1 - math.exp(ln_n - most))

        for _ in range(steps):
            middle = number + step / 2 * slope(number, state)
            number += step * slope(middle, state + step / 2 * mu)
            state += step * mu
    return number / math.log(10)


@settings(deadline=None, max_examples=40)
@given(journeys, st.floats(0.1, 200))
def test_numbers_along_any_history_are_those_of_the_equations_integrated(history, lag):
    law = growth(lag)
    assert law.numbers_log10(history) == pytest.approx(integrated_log10(law, history), abs=1e-4)


@settings(deadline=None, max_examples=40)
@given(journeys, st.floats(0.1, 200))
def test_numbers_reach_spoilage_exactly_when_life_used_is_1(journey, lag):
    law = growth(lag)
    scale = 1.0 / law.life_used(journey)
    history = [Exposure(hours=e.hours * scale, temperature_c=e.temperature_c) for e in journey]
    assert integrated_log10(law, history) == pytest.approx(7.0, abs=1e-3)
    assert law.numbers_log10(history) == pytest.approx(7.0, abs=1e-9)


@given(st.permutations([(10.0, 0.0), (50.0, 8.0), (90.0, 4.0)]), st.floats(0, 200))
def test_a_lag_done_at_the_rate_of_growth_makes_the_order_irrelevant(order, lag):
    law = growth(lag)
    history = [Exposure(hours=h, temperature_c=t) for h, t in order]
    asked = [Exposure(hours=h, temperature_c=t) for h, t in sorted(order)]
    assert law.numbers_log10(history) == pytest.approx(law.numbers_log10(asked), rel=1e-12)


@given(st.floats(-1.0, 8.0), st.floats(-1.0, 8.0), st.floats(0, 200))
def test_life_is_inverse_to_growth_as_the_square_root_law_has_it(one, other, lag):
    law = growth(lag)
    ratio = law.keeping_quality_h(one) / law.keeping_quality_h(other)
    assert ratio == pytest.approx(ROOT.rate(other) / ROOT.rate(one))


@given(st.floats(0.0, 200))
def test_a_lag_lengthens_life_by_itself_and_no_more(lag):
    # In the limit of exponential growth the curve is moved by the lag.
    longer = growth(lag).keeping_quality_h(2.0) - growth(0.0).keeping_quality_h(2.0)
    assert longer == pytest.approx(lag, abs=0.01)


def test_without_lag_or_crowding_life_is_the_doublings_it_takes():
    law = growth(0.0, maximum_log10=40.0)
    assert law.keeping_quality_h(2.0) == pytest.approx(4 * math.log(10) / 0.05)


@pytest.mark.parametrize("lag", [0.0, 1.0, 1e6])
def test_numbers_start_at_the_start_and_stay_below_the_most(lag):
    law = growth(lag)
    assert law.numbers_log10([]) == pytest.approx(3.0)
    for_ever = [Exposure(hours=1e9, temperature_c=2.0)]
    assert law.numbers_log10(for_ever) == pytest.approx(9.0)


def test_mla_utas_meat_is_not_told_of_outside_the_temperatures_it_was_tested_at():
    for outside in (-2.1, 12.1):
        with pytest.raises(OutOfDomain):
            growth(0.0).life_used([Exposure(hours=1.0, temperature_c=outside)])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("growth_rate_per_h", 0.0),
        ("growth_rate_per_h", math.nan),
        ("lag_h", -1.0),
        ("initial_log10", 7.0),
        ("maximum_log10", 7.0),
    ],
)
def test_growth_without_sense_is_refused(name, value):
    with pytest.raises(ValueError, match=r"growth rate|lag|numbers"):
        growth(**{"lag_h": 1.0, name: value})
