"""Which setpoints goods bear: docs/mixed-loads.md."""

from __future__ import annotations

from coldchain.goods import Perishable
from coldchain.scenario import Scenario

LONG_K = 1.0
"""How far beside its range a setpoint may be on a journey of whatever length."""

ROUNDING_K = 1e-6


def bears(goods: Perishable, kelvin: float) -> tuple[float, float]:
    """Coldest and warmest setpoint, so many kelvin beside the range if nothing is harmed there."""
    coldest = [goods.setpoint_min_c - kelvin, goods.domain_min_c]
    if goods.chill_threshold_c is not None:
        coldest.append(goods.chill_threshold_c)
    warmest = [goods.setpoint_max_c + kelvin, goods.domain_max_c]
    if goods.regulatory_max_c is not None:
        warmest.append(goods.regulatory_max_c)
    return max(coldest), min(warmest)


def suits(goods: Perishable, setpoint_c: float) -> bool:
    """Whether goods may be carried at a setpoint."""
    low, high = bears(goods, LONG_K)
    return low - ROUNDING_K <= setpoint_c <= high + ROUNDING_K


def suitable(scenario: Scenario, goods: Perishable) -> list[float]:
    """Setpoints of the scenario that suit a commodity, from cold to warm."""
    return sorted({setpoint for setpoint in scenario.setpoints_c if suits(goods, setpoint)})
