"""What stands in for cells of a commodity that were left blank.

Only what has a general value is filled in, and each value filled in is told as *assumed*, so that
a plan can say what it rests on. All else stays unknown.
"""

from __future__ import annotations

import math
from statistics import NormalDist

from coldchain.tables.rows import Row

ACTIVATION_ENERGY_KJ_MOL = (50.0, 65.0, 80.0)
"""Low, usual and high activation energy of quality loss in fruit and vegetables.

The usual Q10 of 2.5-4 between 0 and 10 °C and 2-2.5 between 10 and 20 °C (Kader & Saltveit, USDA
Handbook 66) is 60-70 kJ/mol.
"""

LIFE_VARIATION = 0.25
"""Coefficient of variation of life among lots, where its spread was not measured."""

MOSTLY_WATER_PCT = 50.0
"""Below this share of water, fat and sugar decide the specific heat and Siebel's rule fails."""

FRESH = ("fruit", "vegetable")

MCGREGOR_GROUPS_C = {"4": 4.5, "5": 10.0, "6": 14.0, "7": 19.5}
"""Temperatures of the groups of McGregor (1989) that are not carried at 0 to 2 °C."""


def activation_energy_kj_mol(row: Row) -> tuple[float, float, float] | None:
    """Low, usual and high activation energy, where the row states none and one may be assumed."""
    stated = row.has("ea_default_kj_mol") or row.text("decay_law") != "arrhenius"
    if stated or row.text("category") not in FRESH:
        return None
    return ACTIVATION_ENERGY_KJ_MOL


def life_factor(share: float) -> float:
    r"""Life at a ``share`` of lots, as a multiple of the typical life.

    .. math:: \exp(z \sqrt{\ln(1 + v^2)})

    with the normal quantile :math:`z` and the coefficient of variation :math:`v = 0.25`.

    Examples
    --------
    Lots keep from two thirds to one and a half of the typical life:

    >>> round(life_factor(0.05), 2), life_factor(0.5), round(life_factor(0.95), 2)
    (0.67, 1.0, 1.5)
    """
    return math.exp(
        NormalDist().inv_cdf(share) * math.sqrt(math.log(1 + LIFE_VARIATION * LIFE_VARIATION))
    )


def siebel_kj_kg_k(water_pct: float) -> float:
    """Specific heat above freezing by the share of water (Siebel 1892): 3.35 w + 0.84.

    Examples
    --------
    Sweet cherries with 80.4 % water, which USDA Handbook 66 gives 3.52 kJ/kg/K:

    >>> round(siebel_kj_kg_k(80.4), 2)
    3.53
    """
    return 3.35 * water_pct / 100 + 0.84


def mcgregor_group(temperature_c: float, humidity_pct: float) -> str:
    """The group of McGregor (1989) goods fall into by the middle of what they want.

    Examples
    --------
    Apples at 1 °C and 93 % belong to group 1, onions at 1 °C and 68 % to group 3:

    >>> mcgregor_group(1.0, 93.0), mcgregor_group(1.0, 68.0), mcgregor_group(10.0, 88.0)
    ('1', '3', '5')
    """
    if temperature_c <= 3.0:
        if humidity_pct <= 75.0:
            return "3"
        return "1" if humidity_pct <= 95.0 else "2"
    return min(MCGREGOR_GROUPS_C, key=lambda g: abs(MCGREGOR_GROUPS_C[g] - temperature_c))


def middle(row: Row, low: str, high: str) -> float:
    """The middle between two cells."""
    return (row.number(low) + row.number(high)) / 2
