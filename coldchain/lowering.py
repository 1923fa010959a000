"""Freight to integers and back: the only place that rounds money, to cents, once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coldchain.candidates import Candidates
from coldchain.charges import unserved_usd
from coldchain.clock import Clock, itinerary_of
from coldchain.goods import Consignment
from coldchain.itinerary import Itinerary, Reason, Refusal
from coldchain.plan import Plan, Proof
from coldchain.rides import RatedRide
from coldchain.scenario import Scenario
from coldchain.selection import Effort, Selection, SelectionProblem, Status
from coldchain.stowage import plan_charges, plan_emissions, stow
from coldchain.timetable import local_time


def cents(usd: float) -> int:
    """USD as whole cents, rounded half up."""
    return math.floor(usd * 100 + 0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered:
    """A problem of integers, and what its numbers mean in freight.

    ``pools`` are (carriage link of the candidates, stowage group); ``customers`` indices into the
    scenario's consignments, those with an itinerary; ``limits`` say in words whose slots they are.
    """

    candidates: Candidates
    problem: SelectionProblem
    pools: tuple[tuple[int, str], ...]
    customers: tuple[int, ...]
    limits: tuple[str, ...]
    constant_usd: float


def lower(candidates: Candidates) -> Lowered:
    """The choice among ``candidates`` as integers."""
    scenario = candidates.scenario
    consignments = scenario.consignments
    n_setpoints = len(candidates.setpoints_c)
    whose: list[int] = candidates.consignment.tolist()
    customers = sorted(set(whose))
    number = {k: i for i, k in enumerate(customers)}
    pools: dict[tuple[int, str], int] = {}
    option_pool: list[int] = []
    option_load: list[int] = []
    for k, row in zip(whose, range(len(candidates)), strict=True):
        consignment = consignments[k]
        group = scenario.group_of(consignment, candidates.packed(row))
        for link in candidates.links(row):
            pool = pools.setdefault((link, group), len(pools))
            rated = candidates.rides[link // n_setpoints]
            option_pool.append(pool)
            option_load.append(consignment.pallets if rated.pallets else consignment.gross_kg)
    rated_of = [candidates.rides[link // n_setpoints] for link, _ in pools]
    commitments = _commitments(rated_of)
    limit_capacity, limit_members, limit_words = _limits(
        candidates, rated_of, option_pool, option_load
    )
    # Kilograms of a flight are in its own cost, unless some may have to be paid that nobody uses.
    by_kg = [0 if rated.pallets else cents(rated.idle_usd) for rated in rated_of]
    moved = np.array(by_kg, dtype=np.int64)[option_pool] * np.array(option_load, dtype=np.int64)
    row = np.repeat(np.arange(len(candidates)), np.diff(candidates.start))
    own = candidates.own_usd - np.bincount(row, weights=moved / 100, minlength=len(candidates))
    problem = SelectionProblem(
        option_customer=np.array([number[k] for k in whose], dtype=np.int64),
        option_cost=np.array([cents(usd) for usd in own.tolist()], dtype=np.int64),
        option_start=candidates.start,
        option_pool=np.array(option_pool, dtype=np.int64),
        option_load=np.array(option_load, dtype=np.int64),
        skip_cost=np.array(
            [
                cents(unserved_usd(scenario, consignments[k]) - float(candidates.constant_usd[k]))
                for k in customers
            ],
            dtype=np.int64,
        ),
        pool_capacity=np.array([rated.pallets or 1 for rated in rated_of], dtype=np.int64),
        pool_cost=np.array(
            [
                cents(rated.unit_usd) if rated.pallets else by_kg[p]
                for p, rated in enumerate(rated_of)
            ],
            dtype=np.int64,
        ),
        limit_capacity=np.array(limit_capacity, dtype=np.int64),
        limit_start=np.cumsum([0, *(len(m) for m in limit_members)], dtype=np.int64),
        limit_pool=np.array([p for members in limit_members for p in members], dtype=np.int64),
        commitment_cost=np.array([c.cost for c in commitments], dtype=np.int64),
        commitment_minimum=np.array([c.minimum for c in commitments], dtype=np.int64),
        commitment_short_cost=np.array([c.short_cost for c in commitments], dtype=np.int64),
        commitment_start=np.cumsum([0, *(len(c.pools) for c in commitments)], dtype=np.int64),
        commitment_pool=np.array([p for c in commitments for p in c.pools], dtype=np.int64),
    )
    constant = sum(float(candidates.constant_usd[k]) for k in customers)
    served = set(customers)
    constant += sum(
        unserved_usd(scenario, c) for k, c in enumerate(consignments) if k not in served
    )
    return Lowered(
        candidates=candidates,
        problem=problem,
        pools=tuple(pools),
        customers=tuple(customers),
        limits=tuple(limit_words),
        constant_usd=constant,
    )


def _limits(
    candidates: Candidates,
    rated_of: Sequence[RatedRide],
    option_pool: Sequence[int],
    option_load: Sequence[int],
) -> tuple[list[int], list[list[int]], list[str]]:
    """Slots that may run out: capacity, the pools that draw on it, and whose they are.

    Of departures, of an on-demand service's day, and of an operation's day: the sealed units it
    begins on, those of an aircraft apart.
    """
    scenario = candidates.scenario
    timetable = scenario.timetable
    members: dict[tuple[str, str, str], list[int]] = {}
    capacity: dict[tuple[str, str, str], int] = {}
    counted = any(o.units_per_day is not None for o in scenario.network.operations.values())
    for pool, rated in enumerate(rated_of):
        for service, leg in zip(rated.ride.services, rated.ride.legs, strict=True):
            when = (
                timetable.local_day(service, leg.departs).isoformat()
                if service.on_demand
                else str(leg.departs)
            )
            members.setdefault(("", service.id, when), []).append(pool)
            capacity["", service.id, when] = service.capacity_units
        if not counted or not rated.pallets:
            continue
        for stretch in rated.ride.stretches:
            operation = stretch.operation
            if operation is not None and operation.units_per_day is not None:
                day = timetable.day_begun(operation, stretch.begins).isoformat()
                members.setdefault((WORK, operation.id, day), []).append(pool)
                capacity[WORK, operation.id, day] = operation.units_per_day
    # Most a customer can draw on a limit by one option; a limit nobody can reach is none.
    drawn = _drawn(candidates, rated_of, option_pool, option_load, list(members.values()))
    kept_capacity: list[int] = []
    kept_members: list[list[int]] = []
    kept_words: list[str] = []
    for (key, pools), most in zip(members.items(), drawn, strict=True):
        if sum(most.values()) > capacity[key]:
            kept_capacity.append(capacity[key])
            kept_members.append(pools)
            kept_words.append(_slots_in_words(scenario, *key))
    return kept_capacity, kept_members, kept_words


def _drawn(
    candidates: Candidates,
    rated_of: Sequence[RatedRide],
    option_pool: Sequence[int],
    option_load: Sequence[int],
    limits: Sequence[Sequence[int]],
) -> list[dict[int, int]]:
    """Of each limit, given by its pools, the most units each consignment draws by one itinerary."""
    of_pool: list[list[int]] = [[] for _ in rated_of]
    for limit, pools in enumerate(limits):
        for pool in pools:
            of_pool[pool].append(limit)
    most: list[dict[int, int]] = [{} for _ in limits]
    start: list[int] = candidates.start.tolist()
    whose: list[int] = candidates.consignment.tolist()
    for row, k in enumerate(whose):
        draws: dict[int, int] = {}
        for entry in range(start[row], start[row + 1]):
            pool = option_pool[entry]
            units = -(-option_load[entry] // (rated_of[pool].pallets or 1))
            for limit in of_pool[pool]:
                # An itinerary may come twice in a day.
                draws[limit] = draws.get(limit, 0) + units
        for limit, units in draws.items():
            most[limit][k] = max(units, most[limit].get(k, 0))
    return most


@dataclass(frozen=True, slots=True)
class _Commitment:
    """A chartered departure in cents, and the pools that ride it."""

    cost: int
    minimum: int
    short_cost: int
    pools: list[int]


def _commitments(rated_of: Sequence[RatedRide]) -> list[_Commitment]:
    """Departures that run only if paid for; an on-demand one is that of its minute."""
    found: dict[tuple[str, int], _Commitment] = {}
    for pool, rated in enumerate(rated_of):
        for service, leg in zip(rated.ride.services, rated.ride.legs, strict=True):
            if not service.chartered:
                continue
            key = (service.id, leg.departs)
            if key not in found:
                # Rounded down, so that no unit saves more than it costs.
                slot = math.floor(service.slot_usd * 100 + 1e-6) if service.min_paid_slots else 0
                found[key] = _Commitment(
                    cents(service.charter_usd_per_departure), service.min_paid_slots, slot, []
                )
            found[key].pools.append(pool)
    return list(found.values())


WORK = "work"
"""Kind of a limit that counts units an operation begins on, beside those of services."""


def _slots_in_words(scenario: Scenario, kind: str, name: str, when: str) -> str:
    """Whose slots a limit counts: the service, and its departure or its day, on the local clock.

    Or the operation, its node and the day.
    """
    if kind == WORK:
        operation = scenario.network.operations[name]
        return f"{operation.name} {name} at {operation.node} of {when}"
    return _departure_in_words(scenario, name, when)


def _departure_in_words(scenario: Scenario, service_id: str, when: str) -> str:
    service = scenario.network.services[service_id]
    if not service.on_demand:
        zone = scenario.network.nodes[service.origin].timezone
        when = f"{local_time(int(when), zone):%d %b %H:%M}"
    return f"{service.name} {service_id} of {when}"


class Lifting:
    """Turns a selection back into freight."""

    def __init__(self, lowered: Lowered) -> None:
        self.lowered = lowered
        self.candidates = lowered.candidates
        self.scenario = lowered.candidates.scenario
        self.clock = Clock(self.scenario)

    def itinerary(self, row: int) -> Itinerary:
        """Candidate ``row`` with its whole clock and thermal history."""
        k = int(self.candidates.consignment[row])
        consignment = self.scenario.consignments[k]
        packaging = self.candidates.packed(row)
        return itinerary_of(
            self.clock,
            consignment,
            [(rated.ride, s) for rated, s in self.candidates.chain(row)],
            packaging=packaging,
            stowage_group=self.scenario.group_of(consignment, packaging),
        )

    def plan(self, selection: Selection, *, greedy_usd: float, effort: Effort) -> Plan:
        """The plan ``selection`` stands for."""
        scenario, lowered = self.scenario, self.lowered
        itineraries: dict[str, Itinerary] = {}
        unserved: list[Refusal] = list(self.candidates.refusals)
        for customer, option in enumerate(selection.chosen):
            consignment = scenario.consignments[lowered.customers[customer]]
            if option >= 0:
                itineraries[consignment.id] = self.itinerary(option)
            else:
                unserved.append(self._left_behind(customer, consignment, selection))
        in_order = tuple(itineraries[c.id] for c in scenario.consignments if c.id in itineraries)
        order = {c.id: i for i, c in enumerate(scenario.consignments)}
        units = stow(scenario, in_order)
        return Plan(
            scenario=scenario,
            itineraries=in_order,
            load_units=units,
            unserved=tuple(sorted(unserved, key=lambda r: order[r.consignment])),
            charges=plan_charges(self.clock, in_order, units),
            emissions=plan_emissions(self.clock, in_order, units),
            proof=Proof(
                status=selection.status.value,
                cost_usd=selection.cost / 100,
                bound_usd=selection.bound / 100,
                constant_usd=lowered.constant_usd,
                gap=selection.gap,
                gap_asked=effort.gap,
                greedy_usd=greedy_usd,
                engine=selection.engine,
                engine_version=selection.engine_version,
                seed=effort.seed,
                seconds=selection.seconds,
                candidates=len(self.candidates),
            ),
            certificate=selection.certificate,
        )

    def _left_behind(
        self, customer: int, consignment: Consignment, selection: Selection
    ) -> Refusal:
        """Why a consignment with itineraries was skipped."""
        problem = self.lowered.problem
        rows = np.flatnonzero(problem.option_customer == customer)
        price = unserved_usd(self.scenario, consignment)
        greedy = selection.status is Status.HEURISTIC
        constant = float(self.candidates.constant_usd[self.lowered.customers[customer]])
        dearest = blocked = math.inf
        full: list[int] = []
        chosen = np.array(selection.chosen, dtype=np.int64)
        without = problem.cost(chosen) - int(problem.skip_cost[customer])
        for row in rows.tolist():
            trial = chosen.copy()
            trial[customer] = row
            extra = (problem.cost(trial) - without) / 100 + constant
            broken = problem.broken_limits(trial)
            if not broken:
                dearest = min(dearest, extra)
            elif extra < blocked:
                blocked, full = extra, broken
        if dearest >= price and blocked >= price:
            best = min(dearest, blocked)
            reason, short = Reason.TOO_DEAR, best - price
            detail = (
                f"the cheapest way costs {best:,.0f} USD, "
                f"{short:,.0f} USD more than leaving it behind"
            )
        elif blocked < price <= dearest:
            reason, short = Reason.NO_SLOT, price - blocked
            words = ", ".join(self.lowered.limits[limit] for limit in full)
            detail = f"no slot left on {words}; one would save {short:,.0f} USD"
        else:
            reason, short = Reason.NOT_CHOSEN, price - dearest
            more = "greedy does not look for it" if greedy else "let the search run longer"
            detail = f"a way that saves {short:,.0f} USD exists; {more}"
        return Refusal(
            consignment=consignment.id,
            reason=reason,
            shortfall=short,
            unit="USD",
            where=consignment.origin,
            detail=detail,
        )
