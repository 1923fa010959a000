"""Quarantine treatments: where goods undergo theirs, and what that asks of a unit.

At the origin or the destination a treatment is an operation like others, done only to goods that
must undergo it. In transit it is the sealed unit itself that is held cold for long enough.
"""

from __future__ import annotations

from coldchain.audit.pulp import pallet_of
from coldchain.goods import Consignment, PackagingTerms, Perishable
from coldchain.network import Operation, Trigger
from coldchain.scenario import Scenario

PLACES = (Trigger.ORIGIN, Trigger.IN_TRANSIT, Trigger.DESTINATION)
"""The first of these that offers the treatment is where it is done."""


def treated_at(scenario: Scenario, consignment: Consignment) -> tuple[Trigger, Operation] | None:
    """When goods undergo their treatment, and what it is; None if they need, or get, none."""
    if not consignment.treatment:
        return None
    for place in PLACES:
        at_end = place is Trigger.DESTINATION
        node = consignment.destination if at_end else consignment.origin
        for operation in scenario.network.operations.values():
            there = operation.node == node and operation.trigger is place
            if there and operation.treatment == consignment.treatment:
                return place, operation
    return None


def named(scenario: Scenario, consignment: Consignment, place: Trigger) -> str:
    """The treatment that is done to goods at ``place``; empty if none is."""
    found = treated_at(scenario, consignment)
    return consignment.treatment if found is not None and found[0] is place else ""


def in_transit(scenario: Scenario, consignment: Consignment) -> Operation | None:
    """The treatment goods undergo in their sealed unit, if they do."""
    found = treated_at(scenario, consignment)
    return found[1] if found is not None and found[0] is Trigger.IN_TRANSIT else None


def held_cold(
    treatment: Operation, setpoint_c: float, *, goods: Perishable, terms: PackagingTerms
) -> bool:
    """Whether a unit at ``setpoint_c`` brings the pulp to what the treatment asks, or below."""
    return max(pallet_of(goods, terms).settled(setpoint_c)) <= treatment.exposed_c
