"""From a scenario to an audited plan: the pipeline, readable aloud."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from coldchain.audit import check
from coldchain.candidates import (
    Candidates,
    Floats,
    enumerate_alone,
    enumerate_itineraries,
    joined,
    refuse,
    row_of,
)
from coldchain.charges import Charges
from coldchain.clock import Clock, itinerary_of
from coldchain.emissions import Emissions
from coldchain.engines import stand_alone_cost
from coldchain.engines.process import solve as run_engine
from coldchain.errors import AuditFailure
from coldchain.goods import Consignment, Packaging
from coldchain.itinerary import Itinerary, Refusal
from coldchain.lowering import Lifting, Lowered, lower
from coldchain.plan import Mandate, Plan
from coldchain.rides import RatedRide
from coldchain.scenario import Scenario
from coldchain.selection import Effort, Progress, Selection, SelectionProblem, Status
from coldchain.stowage import plan_charges, plan_emissions, stow
from coldchain.warm_start import TakenOver, take_over

DEFAULT_EFFORT = Effort(seconds=60.0, gap=0.001, threads=2, seed=1)


def solve(
    scenario: Scenario,
    *,
    engine: str = "auto",
    effort: Effort = DEFAULT_EFFORT,
    on_progress: Callable[[Progress | str], None] | None = None,
    warm_start: Plan | None = None,
    on_taken_over: Callable[[TakenOver], None] | None = None,
) -> Plan:
    """The cheapest plan the engine finds for ``scenario`` within ``effort``, audited.

    Where consignments are bound to go through some node, the same is planned without that, so that
    the plan can say what it costs. Both engine runs share the seconds: half of them at most are for
    the plan, what it leaves of the whole is for its price.

    ``on_progress`` is given a phase in words while itineraries are found, then
    :class:`~coldchain.selection.Progress` while the engine works. An interrupt while the engine
    works ends it; the best plan so far is returned, with ``proof.status == "interrupted"``.

    ``warm_start`` is an earlier plan, of this scenario or of one much like it: the engine begins
    with what of it still stands, and the plan costs no more than that. ``on_taken_over`` is told
    what that is.

    Raises
    ------
    UnknownName
        No such engine.
    NoPlanFound, SolverFailed
        The engine has nothing to show.
    AuditFailure
        The plan breaks a rule of its own: a bug.
    """
    candidates = enumerate_itineraries(scenario, on_progress=on_progress)
    lowered = lower(candidates)
    if warm_start is not None:
        taken = take_over(lowered, warm_start)
        effort = replace(effort, hint=taken.hint)
        if on_taken_over is not None:
            on_taken_over(taken)
    half = replace(effort, seconds=effort.seconds / 2) if scenario.mandate else effort
    selection = run_engine(lowered.problem, half, engine, on_progress=on_progress)
    selection = _no_dearer(lowered.problem, selection, effort)
    alone = stand_alone_cost(lowered.problem) / 100
    plan = Lifting(lowered).plan(selection, greedy_usd=alone, effort=effort)
    if scenario.mandate and plan.proof.status != Status.INTERRUPTED:
        try:
            # Starting an engine takes a while that no effort counts: half is left in any case.
            rest = replace(effort, seconds=max(half.seconds, effort.seconds - selection.seconds))
            mandate = _mandate(lowered, selection, plan, rest, engine, on_progress)
        except KeyboardInterrupt:
            # The plan is there; only what its mandate costs is not known.
            mandate = None
        plan = replace(plan, mandate=mandate)
    violations = check(plan)
    if violations:
        raise AuditFailure(violations)
    return plan


def _no_dearer(problem: SelectionProblem, selection: Selection, effort: Effort) -> Selection:
    """``selection``, or the hint if that costs less: an engine may have compared nothing."""
    if effort.hint is None:
        return selection
    hint = np.array(effort.hint, dtype=np.int64)
    cost = problem.cost(hint)
    if cost >= selection.cost or problem.broken_limits(hint):
        return selection
    return replace(
        selection, chosen=effort.hint, units=tuple(problem.units(hint).tolist()), cost=cost
    )


def _mandate(
    bound: Lowered,
    selection: Selection,
    plan: Plan,
    effort: Effort,
    engine: str,
    on_progress: Callable[[Progress | str], None] | None,
) -> Mandate:
    """What the plan would cost free of its mandate; never more than it does.

    The plan itself is among what may be chosen, and where the engine begins.
    """
    scenario = plan.scenario
    if on_progress is not None:
        on_progress("the same, free of its mandate")
    rows = [row for row in selection.chosen if row >= 0]
    free = enumerate_itineraries(scenario.freed(), on_progress=on_progress)
    free = joined(free, bound.candidates, rows)
    lowered = lower(free)
    taken = {
        int(bound.candidates.consignment[row]): row_of(free, bound.candidates, row) for row in rows
    }
    hint = tuple(taken.get(k, -1) for k in lowered.customers)
    found = run_engine(lowered.problem, replace(effort, hint=hint), engine, on_progress=on_progress)
    cost = plan.proof.cost_usd + plan.proof.constant_usd
    return Mandate(
        via=scenario.mandate,
        free_cost_usd=min(cost, found.cost / 100 + lowered.constant_usd),
        free_bound_usd=min(cost, found.bound / 100 + lowered.constant_usd),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way of going: what it takes, costs and leaves of life.

    ``charges`` and ``emissions`` are with load units to itself; ``full_usd`` is the cost with every
    unit full, by the share of pallets (USD). ``unconfirmed`` are the entries into countries it
    takes for granted, in words.
    """

    label: str
    itinerary: Itinerary
    charges: Charges
    emissions: Emissions
    full_usd: float
    unconfirmed: tuple[str, ...]


def ways(
    scenario: Scenario,
    origin: str,
    destination: str,
    *,
    commodity: str,
    net_kg: int,
    ready_at: datetime,
    due_at: datetime,
    packaging: Packaging = Packaging.NAKED,
) -> tuple[Way, ...] | Refusal:
    """The cheapest ways, alone and in shared units, the fastest and the freshest.

    Deadline and floor are not applied but for ``due_at``; ties go to the cheaper, then the earlier.
    """
    gross = round(net_kg * 1.08)
    heaviest = min(
        s.payload_kg // s.pallets_per_unit for s in scenario.network if not s.shared_by_kg
    )
    consignment = Consignment(
        id="way",
        commodity=scenario.perishable(commodity).code,
        origin=scenario.network.node(origin).id,
        destination=scenario.network.node(destination).id,
        net_kg=net_kg,
        gross_kg=gross,
        pallets=-(-gross // heaviest),
        ready_at=ready_at,
        due_at=due_at,
        shelf_life_required_h=0.0,
        retail_c=5.0,
        life_used_at_ready=0.0,
        value_usd=0.0,
        packaging=packaging,
    )
    alone = replace(scenario, consignments=(consignment,))
    found = enumerate_alone(alone, consignment)
    if not len(found):
        return refuse(alone, consignment)
    cost, full = _costs(found)
    by = {
        "cheapest": np.lexsort((found.delivered, found.life_used, cost)),
        "cheapest shared": np.lexsort((found.delivered, found.life_used, full)),
        "fastest": np.lexsort((cost, found.life_used, found.delivered)),
        "freshest": np.lexsort((cost, found.delivered, np.round(found.life_used, 9))),
    }
    clock = Clock(alone)
    out: list[Way] = []
    constant = float(found.constant_usd[0])
    for label, order in by.items():
        row = int(order[0])
        chain = [(rated.ride, setpoint) for rated, setpoint in found.chain(row)]
        packed = found.packed(row)
        itinerary = itinerary_of(
            clock,
            consignment,
            chain,
            packaging=packed,
            stowage_group=alone.group_of(consignment, packed),
        )
        units = stow(alone, (itinerary,))
        charges = plan_charges(clock, (itinerary,), units)
        emissions = plan_emissions(clock, (itinerary,), units)
        out.append(
            Way(
                label=label,
                itinerary=itinerary,
                charges=charges[consignment.id],
                emissions=emissions[consignment.id],
                full_usd=float(full[row]) + constant,
                unconfirmed=alone.assumptions(
                    consignment, (s for ride, _ in chain for s in ride.services)
                ),
            )
        )
    return tuple(out)


def _alone_usd(rated: RatedRide, consignment: Consignment) -> float:
    """Units, and chartered departures, that nobody shares."""
    units = -(-consignment.pallets // rated.pallets) if rated.pallets else 0
    used = units if rated.pallets else consignment.gross_kg
    whole = sum(
        s.charter_usd_per_departure + max(0, s.min_paid_slots - used) * s.slot_usd
        for s in rated.ride.services
        if s.chartered
    )
    return rated.unit_usd * units + whole


def _costs(found: Candidates) -> tuple[Floats, Floats]:
    """Cost of each row with load units to itself, and with every unit full (USD)."""
    n = len(found.setpoints_c)
    consignment = found.scenario.consignments[0]
    alone = [_alone_usd(r, consignment) for r in found.rides]
    full = [r.full_usd(consignment) for r in found.rides]

    def summed(per_ride: list[float]) -> Floats:
        return found.own_usd + np.add.reduceat(
            np.array(per_ride)[found.carriage // n], found.start[:-1]
        )

    return summed(alone), summed(full)
