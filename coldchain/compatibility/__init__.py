"""Who may share a box, at what setpoint, and what that costs each: mixed loads.

Three questions, one module each: what travels (:mod:`~coldchain.compatibility.cargo`), whether two
may meet (:mod:`~coldchain.compatibility.rules`), and then the box they meet in: its setpoint
(:mod:`~coldchain.compatibility.setpoints`) and the groups that settle beforehand who is stowed with
whom (:mod:`~coldchain.compatibility.groups`).
"""

from coldchain.compatibility.cargo import (
    ODOURS,
    Cargo,
    CargoKey,
    common_range_c,
    tolerance_for,
)
from coldchain.compatibility.groups import stowage_groups
from coldchain.compatibility.rules import ETHYLENE_LEVELS, Axis, Finding, Severity, Verdict, judge
from coldchain.compatibility.setpoints import (
    LifeCost,
    box_setpoint_c,
    cheapest_setpoint_c,
    life_cost,
)

__all__ = [
    "ETHYLENE_LEVELS",
    "ODOURS",
    "Axis",
    "Cargo",
    "CargoKey",
    "Finding",
    "LifeCost",
    "Severity",
    "Verdict",
    "box_setpoint_c",
    "cheapest_setpoint_c",
    "common_range_c",
    "judge",
    "life_cost",
    "stowage_groups",
    "tolerance_for",
]
