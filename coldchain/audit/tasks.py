"""The audit's own look-up of what is done where, and of how units ride; see replay.py."""

from __future__ import annotations

import math
from datetime import date

from coldchain.audit.hours import delay, duration, local
from coldchain.network import Operation, Service, Trigger
from coldchain.scenario import Scenario


def local_day(scenario: Scenario, service: Service, departs: int) -> date:
    """Local date at the origin of ``service`` when it departs."""
    return local(departs, zone=scenario.network.nodes[service.origin].timezone).date()


def transit(scenario: Scenario, service: Service, departs: int) -> int:
    """Minutes from a departure to its arrival, delays included."""
    late = delay(scenario.network, service.id, departs)
    return duration(service.transit, quantile=scenario.quantile) + late


def operations(
    scenario: Scenario, node: str, trigger: Trigger, *, category: str = "", treatment: str = ""
) -> tuple[Operation, ...]:
    """Operations planned for at a node, in the order of the file; the rare ones are not.

    Those done to goods of ``category`` that undergo ``treatment``: other treatments are not done to
    them, nor what is done to other categories. Without either it is what is done to all.
    """
    return tuple(
        operation
        for operation in scenario.network.operations.values()
        if operation.node == node
        and operation.trigger is trigger
        and scenario.quantile > 1 - operation.probability
        and operation.treatment in ("", treatment)
        and (not operation.done_to or category in operation.done_to)
    )


def _meant_for(equipment: frozenset[str], rides_as: str) -> bool:
    return not equipment or rides_as in equipment


def rides_as(service: Service) -> str:
    """Equipment in the words of the operations table."""
    if service.equipment == "FEU":
        return "FEU_R" if service.mode == "rail" else "FEU_C"
    return service.equipment


def sealed_transfer(scenario: Scenario, before: Service, after: Service) -> Operation | None:
    """Operation that takes a sealed unit from one service to the next, if one is listed."""
    return _transfer(scenario, before, after, opens_unit=False)


def cross_dock(scenario: Scenario, before: Service, after: Service) -> Operation | None:
    """Operation that takes goods out of one unit into the next, if one is listed."""
    return _transfer(scenario, before, after, opens_unit=True)


def _transfer(
    scenario: Scenario, before: Service, after: Service, *, opens_unit: bool
) -> Operation | None:
    for operation in operations(scenario, before.destination, Trigger.TRANSFER):
        if (
            operation.opens_unit == opens_unit
            and _meant_for(operation.equipment_in, rides_as(before))
            and _meant_for(operation.equipment_out, rides_as(after))
        ):
            return operation
    return None


def arrive_operations(scenario: Scenario, service: Service) -> tuple[Operation, ...]:
    """What is done to a unit that came by ``service``."""
    if service.border_included:
        return ()
    country = scenario.network.nodes[service.origin].country
    return tuple(
        operation
        for operation in operations(scenario, service.destination, Trigger.ARRIVE)
        if _meant_for(operation.equipment_in, rides_as(service))
        and operation.from_country in ("any", country)
    )


def origin_equipment(
    scenario: Scenario, service: Service, *, category: str = "", treatment: str = ""
) -> tuple[Operation, ...]:
    """What is done, where goods start, for the unit that first rides ``service``."""
    listed = operations(
        scenario,
        service.origin,
        Trigger.ORIGIN_EQUIPMENT,
        category=category,
        treatment=treatment,
    )
    return tuple(
        operation for operation in listed if _meant_for(operation.equipment_out, rides_as(service))
    )


def air_in(operation: Operation, setpoint_c: float) -> float:
    """Air around goods exposed by ``operation``: outside, or the warmest a shut unit gets."""
    if operation.warming_per_h is None:
        return operation.exposed_c
    kept = math.exp(-operation.warming_per_h * operation.exposed_h)
    return operation.exposed_c + (setpoint_c - operation.exposed_c) * kept
