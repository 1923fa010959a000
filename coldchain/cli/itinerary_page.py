"""``coldchain show itinerary``: the clock of one consignment of a plan, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from coldchain.cli.exits import Exit
from coldchain.cli.screen import print_json, print_tables
from coldchain.errors import UnknownName
from coldchain.exporters.page import plain, table
from coldchain.exporters.wording import VEHICLE, at_node, at_node_short, places
from coldchain.itinerary import Itinerary, Step, StepKind
from coldchain.plan import Plan
from coldchain.plan_folder import read_plan
from coldchain.waits import waiting_for


def show_itinerary(path: Path, consignment: str, *, as_json: bool) -> Exit:
    """Every step of a consignment's way, on the clock of its place."""
    plan = read_plan(path)
    carried = {itinerary.consignment: itinerary for itinerary in plan.itineraries}
    left = {refusal.consignment: refusal for refusal in plan.unserved}
    if consignment not in carried and consignment not in left:
        raise UnknownName("consignment", consignment, {**carried, **left})
    if consignment in left:
        refusal = left[consignment]
        if as_json:
            print_json({"consignment": consignment, "steps": [], "refusal": str(refusal)})
        else:
            print_tables(plain(str(refusal)))
        return Exit.DONE
    itinerary = carried[consignment]
    if as_json:
        steps = [_document(plan, step) for step in itinerary.steps]
        print_json({"consignment": consignment, "steps": steps, "refusal": None})
        return Exit.DONE
    print_tables(
        table(
            f"{consignment}, step by step (local times)",
            (
                ("unit", "right"),
                ("from", "right"),
                ("h", "right"),
                ("where", "words"),
                ("what", "words"),
            ),
            _rows(plan, itinerary),
            limit=None,
        )
    )
    return Exit.DONE


def _document(plan: Plan, step: Step) -> dict[str, object]:
    network = plan.scenario.network
    return {
        "carriage": step.carriage + 1,
        "kind": step.kind.value,
        "node": step.node,
        "subject": step.subject,
        "begins_at": at_node(network, _where(plan, step), step.begins),
        "ends_at": at_node(network, step.node, step.ends),
        "waits_for": waiting_for(plan.scenario.timetable, step),
    }


def _where(plan: Plan, step: Step) -> str:
    """The node a step begins at; a leg's own is where it ends."""
    if step.kind is StepKind.LEG:
        return plan.scenario.network.services[step.subject].origin
    return step.node


def _rows(plan: Plan, itinerary: Itinerary) -> Iterator[tuple[str, ...]]:
    network = plan.scenario.network
    called = places(network.nodes[_where(plan, step)] for step in itinerary.steps)
    for step in itinerary.steps:
        where = _where(plan, step)
        yield (
            str(step.carriage + 1),
            at_node_short(network, where, step.begins),
            f"{(step.ends - step.begins) / 60:.1f}",
            called[where],
            _what(plan, step),
        )


def _what(plan: Plan, step: Step) -> str:
    network = plan.scenario.network
    if step.kind is StepKind.WAIT:
        return f"wait: {waiting_for(plan.scenario.timetable, step)}"
    if step.kind is StepKind.OPERATION:
        operation = network.operations[step.subject]
        late = plan.scenario.timetable.delay_minutes(operation.id, step.begins)
        return operation.name + (f" ({late / 60:.1f} h of it a queue)" if late else "")
    service = network.services[step.subject]
    return f"{VEHICLE[service.mode]} {service.id} to {step.node}"
