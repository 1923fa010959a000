"""A bound on walks from intervals of departures, refined where its linear relaxation is split.

Departures of one service in one interval are merged into one pool, of the same capacity and price.
A customer may then ride with anybody in the interval: his merged step leaves from the latest of
the states its steps leave from, and arrives in the earliest of those they arrive in. That is a
relaxation where states are joined by *chains* of free waiting steps: who rides one of the steps
can wait to the latest tail, and from the earliest head to his own. So a bound of the merged problem
holds for the whole one. Departures are refined for the linear relaxation only.
"""
# ortools ships no complete types: what it returns is narrowed here, once.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from coldchain.engines.mathopt import unwrapped
from coldchain.errors import SolverFailed
from coldchain.selection import Ints
from coldchain.walks import WalkProblem

Floats = NDArray[np.float64]

PARTS = 2**16
"""Fineness of prices: parts of one unit of money."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Merged:
    """A problem of merged departures.

    Attributes
    ----------
    problem : WalkProblem
    block : int64[n_pools of the original]
        Pool each original pool was merged into.
    state : int64[states of all customers]
        Original state behind each state of the merged problem, customer by customer.
    base : int64[n_customers + 1]
        Where the states of each customer begin.
    tail, instant : int64[...]
    first : int64[n_steps + 1]
        Step ``e`` was merged from those with ``tail[first[e]:first[e + 1]]``, ascending, which
        leave at ``instant``; waiting was merged from none.
    """

    problem: WalkProblem
    block: Ints
    state: Ints
    base: Ints
    tail: Ints
    instant: Ints
    first: Ints

    def old_state(self, customer: int, state: int) -> int:
        """The original of a state."""
        return int(self.state[self.base[customer] + state])

    def ready(self, step: int) -> tuple[Ints, Ints]:
        """Instants and original tails of what a step was merged from."""
        rows = slice(self.first[step], self.first[step + 1])
        return self.instant[rows], self.tail[rows]


def chains_of(problem: WalkProblem) -> tuple[Ints, Ints, Ints, Ints]:
    """Chain of the tail and of the head of every step, the waiting steps, and chains of all states.

    States joined by free steps without a pool are one chain if each of them has at most one such
    step out and one in.
    """
    base = np.concatenate([[0], np.cumsum(problem.end_state + 1)])
    tail = base[problem.step_customer] + problem.step_tail
    head = base[problem.step_customer] + problem.step_head
    free = (problem.step_pool < 0) & (problem.step_cost == 0)
    out = np.bincount(tail[free], minlength=base[-1])
    into = np.bincount(head[free], minlength=base[-1])
    wait = free & (out[tail] == 1) & (into[head] == 1)
    before = np.full(base[-1], -1, dtype=np.int64)
    before[head[wait]] = tail[wait]
    chain = np.arange(base[-1], dtype=np.int64)
    for state in np.flatnonzero(before >= 0).tolist():
        # Tails are lower than heads, so the chain of the tail is known.
        chain[state] = chain[before[state]]
    return chain[tail], chain[head], np.flatnonzero(wait), chain


def merge(problem: WalkProblem, block: Ints) -> Merged:
    """Merge pools of equal ``block`` (0 .. n_blocks - 1), all of one family, capacity and price.

    Raises
    ------
    ValueError
        If pools of a block differ, or the problem has limits.
    """
    n_blocks = int(block.max(initial=-1)) + 1
    some = np.zeros(n_blocks, dtype=np.int64)
    some[block] = np.arange(problem.n_pools)
    alike = some[block]
    for column in (problem.pool_capacity, problem.pool_cost, problem.pool_family):
        if bool((column != column[alike]).any()):
            raise ValueError("pools of a block must be of one family, capacity and price")
    if len(problem.limit_capacity):
        raise ValueError("merging is not written for limits")
    tail_chain, head_chain, waits, chain = chains_of(problem)
    rides = np.ones(problem.n_steps, dtype=bool)
    rides[waits] = False
    at = np.flatnonzero(rides)
    pool = problem.step_pool[at]
    to = np.where(pool >= 0, block[np.maximum(pool, 0)], -1)
    key = np.stack(
        [
            problem.step_customer[at],
            tail_chain[at],
            head_chain[at],
            to,
            problem.step_cost[at],
            problem.step_load[at],
        ]
    )
    steps, which, tail, head = _groups(problem, at, key)
    back = tail >= head
    if bool(back.any()):
        # States are not ordered by time there: those steps stay as they are.
        alone = np.where(back[which], at + 1, 0)
        steps, which, tail, head = _groups(problem, at, np.vstack([key, alone]))
    customer, cost, load, into = steps[0], steps[4], steps[5], steps[3]
    tails, heads = steps[1], steps[2]
    # Waiting runs from state to state of a chain, of those that are still in use.
    base = np.concatenate([[0], np.cumsum(problem.end_state + 1)])
    everybody, nil = np.arange(problem.n_customers), np.zeros(problem.n_customers, dtype=np.int64)
    ends = np.stack(
        [
            np.concatenate([customer, customer, everybody, everybody]),
            np.concatenate([tails, heads, chain[base[:-1]], chain[base[1:] - 1]]),
            np.concatenate([tail, head, nil, problem.end_state]),
        ]
    )
    ends = np.unique(ends, axis=1)
    same = (ends[1, 1:] == ends[1, :-1]).nonzero()[0]
    none = np.zeros(len(same), dtype=np.int64)
    customer = np.concatenate([customer, ends[0, same]])
    tail = np.concatenate([tail, ends[2, same]])
    head = np.concatenate([head, ends[2, same + 1]])
    cost = np.concatenate([cost, none])
    into = np.concatenate([into, none - 1])
    load = np.concatenate([load, none])
    order = np.lexsort((tail, customer))
    # States are numbered anew, without those nobody visits.
    n = problem.n_customers
    used = np.zeros(base[-1], dtype=np.int64)
    used[base[customer] + tail] = 1
    used[base[customer] + head] = 1
    used[base[:-1]] = 1
    used[base[1:] - 1] = 1
    number = np.cumsum(used) - 1
    number -= np.repeat(number[base[:-1]], problem.end_state + 1)
    merged = WalkProblem(
        end_state=number[base[1:] - 1] if n else problem.end_state,
        skip_cost=problem.skip_cost,
        step_customer=customer[order],
        step_tail=number[base[customer] + tail][order],
        step_head=number[base[customer] + head][order],
        step_cost=cost[order],
        step_pool=into[order],
        step_load=load[order],
        pool_capacity=problem.pool_capacity[some],
        pool_cost=problem.pool_cost[some],
        pool_family=problem.pool_family[some],
        pool_instant=problem.pool_instant[some],
    )
    places = np.flatnonzero(used)
    old = places - np.repeat(base[:-1], np.add.reduceat(used, base[:-1]))
    where = np.argsort(order)[which]
    inside = np.lexsort((problem.step_tail[at], where))
    instant = np.where(pool >= 0, problem.pool_instant[np.maximum(pool, 0)], 0)
    return Merged(
        problem=merged,
        block=block,
        state=old,
        base=np.concatenate([[0], np.cumsum(merged.end_state + 1)]),
        tail=problem.step_tail[at][inside],
        instant=instant[inside],
        first=np.searchsorted(where[inside], np.arange(merged.n_steps + 1)),
    )


def _groups(problem: WalkProblem, at: Ints, key: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Keys without repetition, which of them each step has, and latest tail and earliest head."""
    keys, which = np.unique(key, axis=1, return_inverse=True)
    which = which.ravel()
    tail = np.zeros(keys.shape[1], dtype=np.int64)
    head = np.full(keys.shape[1], 2**62, dtype=np.int64)
    np.maximum.at(tail, which, problem.step_tail[at])
    np.minimum.at(head, which, problem.step_head[at])
    return keys, which, tail, head


def whole_families(problem: WalkProblem, most: int = 2) -> Ints:
    """A first partition: each family cut into ``most`` runs of like length, or fewer.

    Pools of one family that differ in capacity or price are never in one run.
    """
    block = np.zeros(problem.n_pools, dtype=np.int64)
    order = np.lexsort((problem.pool_instant, problem.pool_family))
    kind = np.stack([problem.pool_family, problem.pool_capacity, problem.pool_cost])[:, order]
    bounds = [0, *(np.flatnonzero((np.diff(kind) != 0).any(axis=0)) + 1).tolist(), len(order)]
    n = 0
    for low, high in pairwise(bounds):
        for part in np.array_split(order[low:high], min(most, high - low)):
            block[part] = n
            n += 1
    return block


def relax(
    problem: WalkProblem,
    seconds: float,
    enough: Callable[[int], bool] = lambda _: False,
) -> int:
    """The bound after rounds of refining.

    Parameters
    ----------
    problem : WalkProblem
        Without limits.
    seconds : float
        Wall time allowed.
    enough : callable
        Whether a bound will do.
    """
    begun = time.perf_counter()
    block = whole_families(problem)
    bound = 0
    while True:
        merged = merge(problem, block)
        left = seconds - (time.perf_counter() - begun)
        solved = linear(merged.problem, left) if left > 0 else None
        if solved is None:
            break
        flow, load_price, force_price = solved
        value = worth(merged.problem, load_price, force_price)
        gained = value - bound
        bound = max(bound, value)
        if enough(bound) or gained < FLAT * bound:
            break
        finer = refine(problem, merged, flow)
        if int(finer.max(initial=-1)) == int(block.max(initial=-1)):
            break
        block = finer
    return bound


FLAT = 2e-4
"""A round that raises the bound by a smaller share is the last."""

TRACE = 0.02
"""A flow above this is looked at."""


def refine(problem: WalkProblem, merged: Merged, flow: NDArray[np.float64]) -> Ints:
    """Cut blocks where those who ride in them can be there at the earliest."""
    coarse = merged.problem
    live = np.flatnonzero(flow > TRACE)
    tails, heads, waits, _ = chains_of(coarse)
    riding = live[~np.isin(live, waits)]
    arrivals: dict[int, set[int]] = {}
    for step in riding.tolist():
        arrivals.setdefault(int(heads[step]), set()).add(int(coarse.step_head[step]))
    cuts: dict[int, set[int]] = {}
    ready = merged.ready
    for step in riding.tolist():
        pool = int(coarse.step_pool[step])
        if pool < 0:
            continue
        instants, states = ready(step)
        came = arrivals.get(int(tails[step]), {0})
        for arrival in came:
            state = merged.old_state(int(coarse.step_customer[step]), arrival)
            place = int(np.searchsorted(states, state))
            if place < len(states):
                cuts.setdefault(pool, set()).add(int(instants[place]))
    start = np.zeros(problem.n_pools, dtype=bool)
    order = np.lexsort((problem.pool_instant, problem.pool_family))
    sorted_block = merged.block[order]
    start[:1] = True
    start[1:] = sorted_block[1:] != sorted_block[:-1]
    instant = problem.pool_instant[order]
    edges = np.flatnonzero(np.append(start, True))
    for low, high in pairwise(edges.tolist()):
        for cut in cuts.get(int(sorted_block[low]), ()):
            place = low + int(np.searchsorted(instant[low:high], cut))
            if place < high:
                start[place] = True
    finer = np.zeros(problem.n_pools, dtype=np.int64)
    finer[order] = np.cumsum(start) - 1
    return finer


def linear(problem: WalkProblem, seconds: float) -> tuple[Floats, Floats, Floats] | None:
    """Solve the linear relaxation: flows, and the prices of the rows of each step.

    Returns
    -------
    tuple of float64[n_steps], or None if it is not solved in time
        Flow of each step, the price of a unit of its pool that its load pays its share of, and the
        price of forcing it open.
    """
    from ortools.math_opt import model_pb2
    from ortools.math_opt.python import mathopt

    row, column, value, low, high, load_row, force_row = _rows(problem)
    prices = np.concatenate([problem.step_cost, problem.skip_cost, problem.pool_cost]).astype(float)
    n = len(prices)
    proto = model_pb2.ModelProto()
    proto.variables.ids.extend(range(n))
    proto.variables.lower_bounds.extend([0.0] * n)
    proto.variables.upper_bounds.extend([np.inf] * n)
    proto.variables.integers.extend([False] * n)
    priced = np.flatnonzero(prices)
    proto.objective.linear_coefficients.ids.extend(priced.tolist())
    proto.objective.linear_coefficients.values.extend(prices[priced].tolist())
    proto.linear_constraints.ids.extend(range(len(low)))
    proto.linear_constraints.lower_bounds.extend(low.tolist())
    proto.linear_constraints.upper_bounds.extend(high.tolist())
    order = np.lexsort((column, row))
    matrix = proto.linear_constraint_matrix
    matrix.row_ids.extend(row[order].tolist())
    matrix.column_ids.extend(column[order].tolist())
    matrix.coefficients.extend(value[order].tolist())
    model = mathopt.Model.from_model_proto(proto)
    try:
        result = mathopt.solve(
            model,
            mathopt.SolverType.HIGHS,
            params=mathopt.SolveParameters(time_limit=timedelta(seconds=max(0.1, seconds))),
        )
    except Exception as error:
        raise SolverFailed(f"HIGHS: {unwrapped(error)}") from error
    if result.termination.reason != mathopt.TerminationReason.OPTIMAL:
        return None
    by_number = sorted(model.variables(), key=lambda variable: variable.id)
    flow = np.array(result.variable_values(by_number[: problem.n_steps]))
    rows = sorted(model.linear_constraints(), key=lambda one: one.id)
    dual = np.maximum(-np.array(result.dual_values(rows)), 0.0)
    none = np.zeros(problem.n_steps)
    return (
        flow,
        np.where(load_row >= 0, dual[load_row], none),
        np.where(force_row >= 0, dual[force_row], none),
    )


def worth(problem: WalkProblem, load_price: Floats, force_price: Floats) -> int:
    """Bound at these prices, exact in whole numbers whatever they are.

    Steps pay for their pools: ``load_price`` for a whole unit of load, ``force_price`` for each
    unit their own load fills. Prices are rounded to multiples of 1 / ``PARTS``, and those of a pool
    are lowered until a unit costs no less than all who ride are asked to pay for it; then the
    cheapest walks, each on its own, cost no more than any choice.
    """
    riding = np.flatnonzero(problem.step_pool >= 0)
    pool = problem.step_pool[riding]
    cost = [value * PARTS for value in problem.step_cost.tolist()]
    capacity = problem.pool_capacity.tolist()
    shared: dict[int, int] = {}
    forced: dict[int, dict[int, int]] = {}
    rows: dict[tuple[int, int], list[int]] = {}
    again = _again(problem)
    for step, at in zip(riding.tolist(), pool.tolist(), strict=True):
        shared[at] = int(load_price[step] * PARTS)
        # One row for all steps of a customer, unless a walk may use two of them.
        row = -1 - step if again[step] else int(problem.step_customer[step])
        forced.setdefault(at, {})[row] = int(force_price[step] * PARTS)
        rows.setdefault((at, row), []).append(step)
    for at, share in shared.items():
        asked, price = share + sum(forced[at].values()), int(problem.pool_cost[at]) * PARTS
        if asked > price:
            shared[at] = share * price // asked
            forced[at] = {row: value * price // asked for row, value in forced[at].items()}
    for (at, row), some in rows.items():
        for step in some:
            load = int(problem.step_load[step])
            cost[step] += shared[at] * load // capacity[at]
            cost[step] += forced[at][row] * -(-load // capacity[at])
    total = 0
    first = np.searchsorted(problem.step_customer, np.arange(problem.n_customers + 1)).tolist()
    order = np.lexsort((problem.step_tail, problem.step_customer)).tolist()
    tails, heads = problem.step_tail.tolist(), problem.step_head.tolist()
    for customer, (low, high) in enumerate(pairwise(first)):
        reach: dict[int, int] = {0: 0}
        for step in order[low:high]:
            if tails[step] in reach:
                value = reach[tails[step]] + cost[step]
                if value < reach.get(heads[step], value + 1):
                    reach[heads[step]] = value
        skip = int(problem.skip_cost[customer]) * PARTS
        total += min(skip, reach.get(int(problem.end_state[customer]), skip))
    return -(-total // PARTS)


def _rows(problem: WalkProblem) -> tuple[Ints, Ints, Floats, Floats, Floats, Ints, Ints]:
    """Conservation, loads, and a forcing row for every customer and pool.

    Returns
    -------
    tuple
        Row, column and value of the entries; least and most of the rows; and for each step its row
        of loads and its forcing row, or -1.
    """
    n_steps, n_customers = problem.n_steps, problem.n_customers
    steps = np.arange(n_steps, dtype=np.int64)
    first = np.concatenate([[0], np.cumsum(problem.end_state + 1)])
    start, end = first[:-1], first[:-1] + problem.end_state
    skips = n_steps + np.arange(n_customers, dtype=np.int64)
    unit = n_steps + n_customers
    balance = np.zeros(int(first[-1]))
    balance[start], balance[end] = 1.0, -1.0
    ones = np.ones(n_steps)
    row = [
        first[problem.step_customer] + problem.step_tail,
        first[problem.step_customer] + problem.step_head,
        start,
        end,
    ]
    column = [steps, steps, skips, skips]
    value = [ones, -ones, np.ones(n_customers), -np.ones(n_customers)]
    low, high, n = [balance], [balance], len(balance)
    riding = steps[problem.step_pool >= 0]
    pool = problem.step_pool[riding]
    row += [n + pool, n + np.arange(problem.n_pools)]
    column += [riding, unit + np.arange(problem.n_pools)]
    value += [problem.step_load[riding] / problem.pool_capacity[pool], -np.ones(problem.n_pools)]
    low.append(np.full(problem.n_pools, -np.inf))
    high.append(np.zeros(problem.n_pools))
    n += problem.n_pools
    group = problem.step_customer[riding] * problem.n_pools + pool
    group = np.where(_again(problem)[riding], -1 - riding, group)
    groups, which = np.unique(group, return_inverse=True)
    some = np.zeros(len(groups), dtype=np.int64)
    some[which] = pool
    row += [n + which, n + np.arange(len(groups))]
    column += [riding, unit + some]
    value += [
        np.ceil(problem.step_load[riding] / problem.pool_capacity[pool]),
        -np.ones(len(groups)),
    ]
    low.append(np.full(len(groups), -np.inf))
    high.append(np.zeros(len(groups)))
    load_row = np.full(n_steps, -1, dtype=np.int64)
    force_row = load_row.copy()
    load_row[riding], force_row[riding] = n - problem.n_pools + pool, n + which
    return (
        np.concatenate(row),
        np.concatenate(column),
        np.concatenate(value),
        np.concatenate(low),
        np.concatenate(high),
        load_row,
        force_row,
    )


def _again(problem: WalkProblem) -> NDArray[np.bool_]:
    """Steps whose pool the same walk may use by another step: they get rows of their own."""
    tails, heads, _, _ = chains_of(problem)
    pairs = np.unique(np.stack([tails, heads]), axis=1)
    onward: dict[int, set[int]] = {}
    for tail, head in zip(pairs[0].tolist(), pairs[1].tolist(), strict=True):
        if tail != head:
            onward.setdefault(tail, set()).add(head)
    reached: dict[int, frozenset[int]] = {}

    def beyond(chain: int) -> frozenset[int]:
        if chain not in reached:
            found = {chain}
            for head in onward.get(chain, ()):
                found |= beyond(head)
            reached[chain] = frozenset(found)
        return reached[chain]

    members: dict[tuple[int, int], list[int]] = {}
    for step in np.flatnonzero(problem.step_pool >= 0).tolist():
        key = int(problem.step_customer[step]), int(problem.step_pool[step])
        members.setdefault(key, []).append(step)
    again = np.zeros(problem.n_steps, dtype=bool)
    for some in members.values():
        if len(some) > 1:
            ends = {int(tails[step]) for step in some}
            again[some] = any(beyond(int(heads[step])) & ends for step in some)
    return again
