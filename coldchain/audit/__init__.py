"""An auditor that trusts no search: it recomputes clock, cold, boxes and books of a plan.

It is written from docs/concepts.md and reads only ``plan.scenario`` and the decisions of the plan
(carriages, load units, refusals); whatever else the plan states is compared with what follows from
those. It shares no code with the search. One rule is one function; ``RULES`` is all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from coldchain.audit import books, boxes, climate, clock, cold, entry, mixing, ways
from coldchain.audit.case import Case
from coldchain.audit.violation import Violation
from coldchain.plan import Plan

__all__ = ["RULES", "Case", "Violation", "check"]

Rule = Callable[[Case], Iterable[Violation]]

RULES: Mapping[str, Rule] = {
    "once": ways.once,
    "refusal_reason": ways.refusal_reason,
    "refusal_shortfall": ways.refusal_shortfall,
    "refusal_setpoint": ways.refusal_setpoint,
    "refusal_admission": entry.refusal_admission,
    "service_exists": ways.service_exists,
    "service_status": ways.service_status,
    "door_to_door": ways.door_to_door,
    "connected": ways.connected,
    "no_node_twice": ways.no_node_twice,
    "equipment": ways.equipment,
    "sealed": ways.sealed,
    "cross_docked": ways.cross_docked,
    "max_cross_docks": ways.max_cross_docks,
    "via": ways.via,
    "treated": ways.treated,
    "admitted": entry.admitted,
    "unconfirmed": entry.unconfirmed,
    "runs": clock.runs,
    "not_closed": clock.not_closed,
    "arrives": clock.arrives,
    "transit_limit": clock.transit_limit,
    "cutoff": clock.cutoff,
    "stuffed": clock.stuffed,
    "dwell": clock.dwell,
    "in_time": clock.in_time,
    "delivered": clock.delivered,
    "steps": clock.steps,
    "setpoint_listed": cold.setpoint_listed,
    "setpoint_suits": cold.setpoint_suits,
    "packaging": cold.packaging,
    "surroundings": cold.surroundings,
    "within_domain": cold.within_domain,
    "pulp_warmest": cold.pulp_warmest,
    "life_reckoned": cold.life_reckoned,
    "life_used": cold.life_used,
    "shelf_life_left": cold.shelf_life_left,
    "percentiles": cold.percentiles,
    "sure": cold.sure,
    "limited_by": cold.limited_by,
    "fresh_enough": cold.fresh_enough,
    "unit_ids": boxes.unit_ids,
    "unit_filled": boxes.unit_filled,
    "unit_held": boxes.unit_held,
    "pallets_stowed": boxes.pallets_stowed,
    "unit_pallets": boxes.unit_pallets,
    "unit_payload": boxes.unit_payload,
    "fewest_units": boxes.fewest_units,
    "one_air_unit": boxes.one_air_unit,
    "slots": boxes.slots,
    "capacity": boxes.capacity,
    "get_along": mixing.get_along,
    "stowage_group": mixing.stowage_group,
    "charged": books.charged,
    "charges": books.charges,
    "co2e": climate.co2e,
    "proof_cost": books.proof_cost,
    "proof_bound": books.proof_bound,
    "proof_gap": books.proof_gap,
    "proof_status": books.proof_status,
    "mandate": books.mandate,
}
"""Every rule by its name, in the order in which a plan is read."""


def check(plan: Plan) -> tuple[Violation, ...]:
    """Every rule that ``plan`` breaks, and where; empty if it breaks none."""
    case = Case(plan=plan)
    return tuple(violation for rule in RULES.values() for violation in rule(case))
