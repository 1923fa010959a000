"""Numbers in a scenario with which nothing can be reckoned, where it did not come by the tables.

Only what has no meaning is refused. Tables are stricter, and a scenario made in code may be bolder.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from coldchain.goods import Perishable
from coldchain.lots import LAWS
from coldchain.plan_folder.references import LooseEnd
from coldchain.scenario import Scenario

ABSOLUTE_ZERO_C = -273.15

POSITIVE = (
    "life_min_d",
    "activation_energy_kj_mol",
    "activation_energy_low_kj_mol",
    "map_life_factor",
    "transpiration_mg_kg_s_mpa",
    "max_weight_loss_pct",
    "chill_dose_k_d",
    "chill_zone_limit_d",
)
"""Fields of a commodity that are above 0 wherever they are known."""

ASCENDING = (
    ("life_min_d", "life_typ_d", "life_max_d"),
    ("activation_energy_low_kj_mol", "activation_energy_kj_mol", "activation_energy_high_kj_mol"),
    ("chill_zone_min_c", "chill_zone_max_c"),
    ("humidity_min_pct", "humidity_max_pct"),
)
"""Fields of a commodity of which none is less than the one before it, unknown ones left out."""

PARAMETER = {"arrhenius": "activation_energy_kj_mol", "square_root": "tmin_sqrt_c"}
"""What each law of decay cannot do without."""

MIN_HEAT_CAPACITY_KJ_KG_K = 0.1
"""No goods take less; with nearly none, a breath would burn them."""


def out_of_range(scenario: Scenario) -> Iterator[LooseEnd]:
    """Every number of ``scenario`` with which no life and no money can be reckoned."""
    if scenario.seed < 0:
        yield "scenario.seed", str(scenario.seed), "0 or more"
    for name in ("quantile", "confidence"):
        if not 0 < getattr(scenario, name) < 1:
            yield f"scenario.{name}", f"{getattr(scenario, name):g}", "between 0 and 1"
    for name, rate in scenario.usd_rates.items():
        if not rate > 0:
            yield f"scenario.usd_rates.{name}", f"{rate:g}", "above 0"
    for code, goods in scenario.perishables.items():
        for name, value, expected in _of_goods(goods):
            yield f"scenario.perishables.{code}.{name}", value, expected


def _of_goods(goods: Perishable) -> Iterator[LooseEnd]:
    known = {
        name: float(getattr(goods, name))
        for name in (*POSITIVE, *(n for names in ASCENDING for n in names))
        if getattr(goods, name) is not None
    }
    for name in POSITIVE:
        if name in known and not known[name] > 0:
            yield name, f"{known[name]:g}", "above 0"
    for names in ASCENDING:
        for low, high in pairwise(name for name in names if name in known):
            if known[low] > known[high]:
                yield high, f"{known[high]:g}", f"no less than {low}"
    if not ABSOLUTE_ZERO_C < goods.domain_min_c < goods.domain_max_c:
        yield "domain_max_c", f"{goods.domain_max_c:g}", "warmer than domain_min_c, in °C"
    if goods.decay_law not in LAWS:
        yield "decay_law", goods.decay_law, f"one of {', '.join(LAWS)}"
    elif getattr(goods, PARAMETER[goods.decay_law]) is None:
        yield PARAMETER[goods.decay_law], "", f"a number, as the law is {goods.decay_law}"
    if goods.tmin_sqrt_c is not None and goods.tmin_sqrt_c > goods.domain_min_c:
        yield "tmin_sqrt_c", f"{goods.tmin_sqrt_c:g}", "no warmer than domain_min_c"
    if known.get("max_weight_loss_pct", 0.0) >= 100:
        yield "max_weight_loss_pct", f"{known['max_weight_loss_pct']:g}", "below 100"
    if not all(rate > 0 and math.isfinite(at) for at, rate in goods.respiration_mg_kg_h):
        yield "respiration_mg_kg_h", "", "rates above 0"
    capacity = goods.heat_capacity_kj_kg_k
    if capacity is not None and capacity < MIN_HEAT_CAPACITY_KJ_KG_K:
        yield "heat_capacity_kj_kg_k", f"{capacity:g}", f"at least {MIN_HEAT_CAPACITY_KJ_KG_K:g}"
