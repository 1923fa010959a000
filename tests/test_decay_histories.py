"""Many histories at once give what each of them gives alone, or say where they do not."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from coldchain.decay import (
    TYPICAL_Q10,
    ArrheniusKeepingQuality,
    ChillingBand,
    ChillingDose,
    Exposure,
    FirstLimit,
    MicrobialGrowth,
    SquareRootResponse,
    StemBrowning,
    WaterLoss,
    exponential_keeping_quality,
    life_used_along,
    piecewise_q10_keeping_quality,
    square_root_keeping_quality,
)
from coldchain.decay.histories import BLOCK
from coldchain.errors import OutOfDomain

DOMAIN: dict[str, Any] = {"domain_min_c": 0.0, "domain_max_c": 30.0}
AGE = ArrheniusKeepingQuality(life_h=504.0, reference_c=0.0, activation_energy_j_mol=66e3, **DOMAIN)
COLD = ChillingDose(threshold_c=10.0, critical_dose_k_h=168.0, **DOMAIN)
DRY = WaterLoss(transpiration_mg_kg_s_mpa=360.0, max_loss_share=0.03, **DOMAIN)
LAWS = {
    "arrhenius": AGE,
    "square root": square_root_keeping_quality(
        life_h=504.0, reference_c=0.0, tmin_c=-10.0, **DOMAIN
    ),
    "exponential": exponential_keeping_quality(
        life_h=504.0, reference_c=0.0, slope_per_k=0.1, **DOMAIN
    ),
    "piecewise": piecewise_q10_keeping_quality(life_h=504.0, reference_c=0.0, q10=TYPICAL_Q10),
    "dose": COLD,
    "band": ChillingBand(band_min_c=2.2, band_max_c=7.6, critical_h=240.0, **DOMAIN),
    "water": DRY,
    "stems": StemBrowning(half_deficit_kpa_h=40.0, spread_kpa_h=8.0, max_share=0.2, **DOMAIN),
    "microbes": MicrobialGrowth(
        growth_rate_per_h=0.05,
        lag_h=24.0,
        initial_log10=3.0,
        spoilage_log10=7.0,
        maximum_log10=9.0,
        response=SquareRootResponse(reference_c=2.0, tmin_c=-8.0, **DOMAIN),
    ),
    "first": FirstLimit(limits=(AGE, COLD, DRY)),
}
each_law = pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
shapes = st.tuples(st.integers(0, 5), st.integers(0, 4))


@each_law
@given(st.data(), shapes)
def test_together_they_use_what_each_uses_alone(law, data, shape):
    hours = data.draw(arrays(float, shape, elements=st.floats(0, 500)))
    pulp = data.draw(arrays(float, shape, elements=st.floats(0, 30)))
    air = data.draw(arrays(float, shape, elements=st.floats(0, 30)))
    humidity = data.draw(arrays(float, shape, elements=st.floats(0, 100)))
    together = life_used_along(law, hours, pulp, air_c=air, relative_humidity_pct=humidity)
    alone = [
        law.life_used(
            Exposure(hours=h, temperature_c=t, air_c=a, relative_humidity_pct=r)
            for h, t, a, r in zip(*row, strict=True)
        )
        for row in zip(hours.tolist(), pulp.tolist(), air.tolist(), humidity.tolist(), strict=True)
    ]
    assert together.shape == (shape[0],)
    assert together.tolist() == pytest.approx(alone, rel=1e-9, abs=1e-12)


def test_more_histories_than_a_block_holds_are_all_told_of():
    rng = np.random.default_rng(1)
    hours, pulp = rng.uniform(0, 50, (BLOCK + 7, 3)), rng.uniform(0, 30, (BLOCK + 7, 3))
    together = life_used_along(AGE, hours, pulp)
    direct = (hours / 504.0 * AGE.response.rate(pulp)).sum(axis=1)
    np.testing.assert_allclose(together, direct, rtol=1e-12)


def test_a_history_longer_than_a_block_is_one_history():
    pulp = np.full((2, BLOCK + 1), 5.0)
    used = life_used_along(AGE, np.full_like(pulp, 0.01), pulp)
    alone = AGE.life_used([Exposure(hours=0.01 * (BLOCK + 1), temperature_c=5.0)])
    assert used.tolist() == pytest.approx([alone, alone])


def test_one_humidity_does_for_all():
    one = life_used_along(DRY, [[24.0, 24.0]], [[2.0, 5.0]], relative_humidity_pct=90.0)
    each = life_used_along(DRY, [[24.0, 24.0]], [[2.0, 5.0]], relative_humidity_pct=[[90.0, 90.0]])
    assert one.tolist() == each.tolist()


def test_the_arrays_given_are_left_as_they_were():
    hours, pulp = np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])
    hours.setflags(write=False)
    pulp.setflags(write=False)
    for law in (AGE, COLD, LAWS["piecewise"]):
        life_used_along(law, hours, pulp)
    assert (hours.tolist(), pulp.tolist()) == ([[1.0, 2.0]], [[3.0, 4.0]])


@pytest.mark.parametrize(
    ("where", "bad", "error", "says"),
    [
        ("hours", -0.5, ValueError, "0 hours or more, not -0.5"),
        ("hours", math.nan, ValueError, "0 hours or more, not nan"),
        ("hours", math.inf, ValueError, "0 hours or more, not inf"),
        ("pulp", math.nan, ValueError, "a temperature is a finite number, not nan"),
        ("pulp", -math.inf, ValueError, "a temperature is a finite number, not -inf"),
        ("pulp", 30.1, OutOfDomain, "the law holds from 0 to 30 °C, not at 30.1 °C"),
        ("pulp", -0.1, OutOfDomain, "not at -0.1 °C"),
        ("air", math.nan, ValueError, "the air is not nan"),
    ],
)
@pytest.mark.parametrize(("row", "column"), [(0, 0), (2, 3), (BLOCK + 5, 1)])
def test_what_cannot_be_told_is_named_by_history_and_segment(where, bad, error, says, row, column):
    tables = {
        "hours": np.ones((BLOCK + 9, 4)),
        "pulp": np.full((BLOCK + 9, 4), 5.0),
        "air": np.full((BLOCK + 9, 4), 5.0),
    }
    tables[where][row, column] = bad
    with pytest.raises(error, match=f"history {row}, segment {column}: .*{says}"):
        life_used_along(
            LAWS["first"],
            tables["hours"],
            tables["pulp"],
            air_c=tables["air"],
            relative_humidity_pct=90.0,
        )


def test_of_several_limits_the_one_that_does_not_hold_is_found():
    narrow = ChillingDose(
        threshold_c=10.0, critical_dose_k_h=168.0, domain_min_c=2.0, domain_max_c=30.0
    )
    both = FirstLimit(limits=(AGE, narrow))
    with pytest.raises(OutOfDomain, match="history 1, segment 0: the law holds from 2 to 30"):
        life_used_along(both, [[1.0], [1.0]], [[5.0], [1.0]])


@pytest.mark.parametrize(
    ("hours", "pulp"), [([1.0], [5.0]), ([[1.0]], [[5.0, 5.0]]), ([[[1.0]]], [[[5.0]]])]
)
def test_tables_that_do_not_fit_are_refused(hours, pulp):
    with pytest.raises(ValueError, match="two tables of one shape"):
        life_used_along(AGE, hours, pulp)
