"""Laws of freshness: published numbers, and what must hold of any history."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldchain.decay import DECAY_LAWS, ArrheniusKeepingQuality, Exposure, KeepingQuality
from coldchain.errors import OutOfDomain
from coldchain.goods import Perishable
from coldchain.tables import read_perishables

hours = st.floats(0, 500)
temperatures = st.floats(-1.8, 30.0)
histories = st.lists(
    st.builds(lambda h, t: Exposure(hours=h, temperature_c=t), hours, temperatures), max_size=8
)
CHERRY = ArrheniusKeepingQuality(
    life_h=21 * 24,
    reference_c=0.0,
    activation_energy_j_mol=66e3,
    domain_min_c=-1.8,
    domain_max_c=30.0,
)


@pytest.fixture(scope="module")
def cherry() -> Perishable:
    return read_perishables()["cherry_sweet"]


@pytest.mark.parametrize(
    ("at_c", "days"),
    [
        (-0.5, 22.1),
        (0, 21.0),
        (2, 17.0),
        (5, 12.5),
        (10, 7.5),
        (15, 4.6),
        (20, 2.9),
        (25, 1.8),
        (30, 1.2),
    ],
)
def test_sweet_cherry_in_air_keeps_as_long_as_published(cherry: Perishable, at_c, days):
    law = cherry.law(0.5)
    assert law.keeping_quality_h(at_c) / 24 == pytest.approx(days, abs=0.05)


def test_eight_segment_journey_uses_the_published_equivalent_days(cherry: Perishable):
    law = cherry.law(0.5)
    days_at = [(0.25, 25), (0.5, 8), (10, 0.5), (0.25, 12), (3, 1), (1, 5), (2, 8), (1, 20)]
    used = law.life_used(Exposure(hours=24 * d, temperature_c=t) for d, t in days_at)
    assert used * law.keeping_quality_h(0) / 24 == pytest.approx(32.25, abs=0.005)


@pytest.mark.parametrize(("kj_mol", "used"), [(58, 1.00), (66, 1.09), (80, 1.29)])
def test_a_warm_day_after_a_fortnight_decides_by_its_activation_energy(kj_mol, used):
    law = replace(CHERRY, activation_energy_j_mol=1000.0 * kj_mol)
    journey = [
        Exposure(hours=24 * 14, temperature_c=1.0),
        Exposure(hours=24, temperature_c=20.0),
    ]
    assert law.life_used(journey) == pytest.approx(used, abs=0.01)


def test_keeping_quality_on_an_arrhenius_response_is_arrhenius_keeping_quality():
    law = KeepingQuality(life_h=CHERRY.life_h, response=CHERRY.response)
    for at_c in (-1.8, 0.0, 7.0, 30.0):
        assert law.keeping_quality_h(at_c) == pytest.approx(CHERRY.keeping_quality_h(at_c))
        assert CHERRY.rate_per_h(at_c) == pytest.approx(1.0 / CHERRY.keeping_quality_h(at_c))
    assert (law.domain_min_c, law.domain_max_c) == (-1.8, 30.0)


def test_laws_are_equal_by_what_they_were_made_of():
    assert replace(CHERRY) == CHERRY
    assert replace(CHERRY, life_h=1.0) != CHERRY
    assert "response" not in repr(CHERRY)


def test_all_of_the_keeping_quality_is_one_life():
    assert CHERRY.life_used([Exposure(hours=21 * 24, temperature_c=0)]) == pytest.approx(1.0)


@given(histories, hours, temperatures)
def test_more_time_never_uses_less_life(history, more, temperature):
    longer = [*history, Exposure(hours=more, temperature_c=temperature)]
    assert CHERRY.life_used(longer) >= CHERRY.life_used(history)


@given(hours, temperatures, temperatures)
def test_warmer_never_uses_less_life(time, one, other):
    cool, warm = sorted((one, other))
    used = [CHERRY.life_used([Exposure(hours=time, temperature_c=t)]) for t in (cool, warm)]
    assert used[0] <= used[1]


@given(st.data(), histories)
def test_order_of_exposures_is_irrelevant(data, history):
    shuffled = data.draw(st.permutations(history))
    assert CHERRY.life_used(shuffled) == pytest.approx(CHERRY.life_used(history), rel=1e-12)


@given(histories, histories)
def test_life_used_adds_up(first, second):
    both = CHERRY.life_used([*first, *second])
    apart = CHERRY.life_used(first) + CHERRY.life_used(second)
    assert both == pytest.approx(apart, rel=1e-12, abs=1e-15)


@given(st.floats(-100, 100).filter(lambda t: not -1.8 <= t <= 30.0))
def test_outside_its_domain_the_law_is_silent_and_never_clamped(temperature):
    with pytest.raises(OutOfDomain, match="the law holds from"):
        CHERRY.keeping_quality_h(temperature)
    with pytest.raises(OutOfDomain):
        CHERRY.life_used([Exposure(hours=1, temperature_c=temperature)])


def test_the_ends_of_the_domain_belong_to_it():
    assert CHERRY.keeping_quality_h(-1.8) > CHERRY.keeping_quality_h(30.0) > 0


@given(st.floats(0.5, 1000), st.floats(0, 150e3))
def test_keeping_quality_at_the_reference_is_the_life(life_h, energy):
    law = ArrheniusKeepingQuality(
        life_h=life_h,
        reference_c=5.0,
        activation_energy_j_mol=energy,
        domain_min_c=0.0,
        domain_max_c=10.0,
    )
    assert law.keeping_quality_h(5.0) == pytest.approx(life_h)


@pytest.mark.parametrize("given_hours", [-0.1, math.inf, math.nan])
def test_an_exposure_lasts_a_finite_time_of_zero_or_more(given_hours):
    with pytest.raises(ValueError, match="0 hours or more"):
        Exposure(hours=given_hours, temperature_c=0.0)


@pytest.mark.parametrize("temperature", [math.inf, math.nan])
def test_a_temperature_is_finite(temperature):
    with pytest.raises(ValueError, match="finite"):
        Exposure(hours=1.0, temperature_c=temperature)


@pytest.mark.parametrize(
    ("name", "value"),
    [("life_h", 0.0), ("activation_energy_j_mol", -1.0), ("reference_c", 31.0)],
)
def test_a_law_without_sense_is_refused(name, value):
    known = {
        "life_h": 10.0,
        "reference_c": 0.0,
        "activation_energy_j_mol": 60e3,
        "domain_min_c": -1.8,
        "domain_max_c": 30.0,
    }
    with pytest.raises(ValueError, match=r"life|energy|domain"):
        ArrheniusKeepingQuality(**{**known, name: value})


@given(st.sampled_from(list(read_perishables().values())), st.floats(0, 1), st.floats(0, 1))
def test_every_bundled_commodity_keeps_longer_the_cooler_it_is(goods, one, other):
    law = goods.law(0.5)
    inside = [
        min(goods.domain_max_c, (1 - x) * goods.domain_min_c + x * goods.domain_max_c)
        for x in sorted((one, other))
    ]
    cool, warm = map(law.keeping_quality_h, inside)
    assert cool >= warm > 0


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("arrhenius", {"activation_energy_j_mol": 66e3}),
        ("square_root", {"tmin_c": -10.0}),
        ("exponential", {"slope_per_k": 0.1}),
    ],
)
def test_a_law_called_by_its_name_keeps_its_life_at_its_reference(name, own):
    law = DECAY_LAWS[name](
        life_h=100.0, reference_c=5.0, domain_min_c=0.0, domain_max_c=20.0, **own
    )
    assert law.keeping_quality_h(5.0) == pytest.approx(100.0)
    assert law.keeping_quality_h(15.0) < 50.0


def test_the_q10_law_called_by_its_name_has_its_pieces_for_a_domain():
    law = DECAY_LAWS["piecewise_q10"](life_h=100.0, reference_c=0.0, q10=((0.0, 10.0, 3.0),))
    assert law.keeping_quality_h(10.0) == pytest.approx(100.0 / 3.0)
    with pytest.raises(OutOfDomain):
        law.keeping_quality_h(10.1)


@pytest.mark.parametrize("life_h", [0.0, -1.0, math.nan])
def test_a_life_is_longer_than_nothing(life_h):
    with pytest.raises(ValueError, match="life is longer"):
        KeepingQuality(life_h=life_h, response=CHERRY.response)


def test_laws_are_listed_by_the_name_in_the_table():
    assert {p.decay_law for p in read_perishables().values()} <= set(DECAY_LAWS)
