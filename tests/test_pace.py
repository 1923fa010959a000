"""Pace: exact without memory, never too fresh with it, and how much it gives away."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from coldchain.decay import Surroundings
from coldchain.errors import OutOfDomain
from coldchain.goods import Packaging
from coldchain.lots import Lots
from coldchain.pace import Pace, convex_majorant
from coldchain.tables import read_scenario

BUNDLED = read_scenario("cherry-week")
WARM = (8.0, 20.0)


def pace_of(
    code: str,
    packaging: Packaging = Packaging.NAKED,
    *,
    units: tuple[float, ...] | None = None,
    lags: bool = True,
) -> Pace:
    terms = BUNDLED.packaging[packaging]
    if not lags:
        terms = replace(terms, outer_half_cooling_h=None, core_half_cooling_h=None)
    goods = BUNDLED.perishables[code]
    set_to = (goods.setpoint_min_c,) if units is None else units
    return Pace(
        Lots(goods, terms, seed=1),
        confidence=0.8,
        airs_c=[*set_to, *WARM],
        units_c=set_to,
        humidity_pct={20.0: 50.0},
    )


def test_goods_that_follow_their_air_age_as_their_law_says():
    pace = pace_of("apricot", units=(0.0,), lags=False)
    law = pace.limits.limits[0]
    for air_c in (0.0, 8.0, 20.0):
        assert pace.per_h(air_c) == pytest.approx(law.rate_per_h(air_c), rel=1e-12)
    assert pace.per_h(-5.0) == float("inf")
    assert pace.begin([], pulp_c=None, unit_c=0.0).life == 0.0


CASES = [
    ("cherry_sweet", Packaging.NAKED),
    ("cherry_sweet", Packaging.MAP),
    ("apricot", Packaging.LINER),
    ("peach_nectarine", Packaging.NAKED),
    ("broccoli", Packaging.NAKED),
    ("beef_chilled_vacuum", Packaging.NAKED),
    ("strawberry", Packaging.MAP),
]


@settings(max_examples=200, deadline=None)
@given(
    case=st.sampled_from(CASES),
    cold=st.lists(st.floats(0.5, 90), min_size=1, max_size=6),
    warm=st.lists(st.tuples(st.floats(0.1, 2), st.sampled_from(WARM)), max_size=5),
    packed=st.floats(0, 12),
    field=st.floats(0, 12),
)
def test_the_pace_is_never_too_fresh(
    case: tuple[str, Packaging],
    cold: list[float],
    warm: list[tuple[float, float]],
    packed: float,
    field: float,
):
    """Cold stretches with warm ones between, after packing: at least what the pulp goes through."""
    pace = pace_of(*case)
    unit = pace.coldest_air_c
    before = [
        Surroundings(hours=packed, air_c=min(field, 12.0), half_cooling_h=0.08),
        Surroundings(hours=packed, air_c=unit, half_cooling_h=0.5),
    ]
    airs: list[Surroundings] = []
    for place, hours in enumerate(cold):
        airs.append(Surroundings(hours=hours, air_c=unit))
        airs += [Surroundings(hours=h, air_c=c) for h, c in warm[place : place + 1]]
    begin = pace.begin(before, pulp_c=field, unit_c=unit)
    assume(np.isfinite(begin.life))
    trace = pace.pallet.trace(airs, start_c=(begin.outer_c, begin.core_c))
    assume(float(trace.warmest_c[0]) <= pace.ceiling_c)
    try:
        used = pace.used(trace)[:, :, 0] + begin.used
    except OutOfDomain:
        return
    leads = np.array([pace.limits.limits[0] is limit for limit in pace.limits.limits])
    reckoned = begin.life + begin.warmth + sum(s.hours * pace.per_h(s.air_c) for s in airs)
    assert used[leads].max() <= reckoned * (1 + 1e-9)
    aside = begin.aside + begin.aside_warmth
    aside += sum(s.hours * pace.aside_per_h(s.air_c) for s in airs)
    assert used.max() <= max(reckoned, aside) * (1 + 1e-9)


@pytest.mark.parametrize("case", CASES)
def test_the_pace_gives_away_little_on_a_usual_journey(case: tuple[str, Packaging]):
    """Two warm docks and a fortnight of cold: within a tenth of what the pulp goes through."""
    pace = pace_of(*case)
    unit = pace.coldest_air_c
    settled = pace.pallet.settled(unit)
    airs = [
        Surroundings(hours=h, air_c=unit if c is None else c)
        for h, c in ((60, None), (0.75, 20.0), (150, None), (0.75, 20.0), (100, None))
    ]
    trace = pace.pallet.trace(airs, start_c=settled)
    used = float(pace.used(trace)[0].max())
    reckoned = sum(s.hours * pace.per_h(s.air_c) for s in airs)
    assert 1.0 <= reckoned / used < 1.1


def test_constant_air_is_reckoned_exactly():
    pace = pace_of("cherry_sweet", Packaging.MAP)
    unit = pace.coldest_air_c
    trace = pace.pallet.trace([Surroundings(hours=300, air_c=unit)])
    used = float(pace.used(trace)[0].max())
    assert 300 * pace.per_h(unit) == pytest.approx(used, rel=1e-6)


def test_a_limit_that_leads_in_a_unit_sets_the_pace_there():
    """Peaches at 4 °C break down before they are old; at 0 °C they do not."""
    inside, outside = (pace_of("peach_nectarine", units=(u,)) for u in (4.0, -0.4))
    assert inside.aside_per_h(4.0) < inside.per_h(4.0)
    breaking = inside.limits.limits[1].rate_per_h(4.5)
    assert inside.per_h(4.0) >= breaking
    assert outside.aside_per_h(-0.4) <= outside.per_h(-0.4)


@given(st.lists(st.floats(-10, 10), min_size=3, max_size=40))
def test_a_convex_majorant_is_convex_and_nowhere_lower(values: list[float]):
    given_ = np.array(values)
    found = convex_majorant(given_)
    assert found[0] == given_[0]
    assert (found >= given_ - 1e-9).all()
    assert (np.diff(found, 2) >= -1e-9).all()


@given(st.lists(st.floats(0, 5), min_size=3, max_size=40))
def test_what_is_convex_stays_as_it_is(slopes: list[float]):
    values = np.concatenate([[1.0], 1.0 + np.cumsum(np.sort(slopes))])
    assert convex_majorant(values) == pytest.approx(values)
