"""HiGHS over the steps of walks: flows, units, and a forcing row for every customer and pool.

A pool that only one customer can ever use is a cost of his steps, not a decision. What HiGHS says
is not believed: the cost is recomputed from the walks, the bound is lowered by a tolerance.
"""
# ortools ships no complete types: what it returns is narrowed here, once.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from coldchain.engines.exact import rounded
from coldchain.engines.mathopt import unwrapped
from coldchain.errors import SolverFailed
from coldchain.selection import Effort, Status
from coldchain.walks import Ints, Walk, WalkAnswer, WalkProblem

SPARE = 0.5
"""A flow above this counts as taken."""

SMALL_FLOW = 0.02
"""Where a gap is allowed, services are first left out on which a customer has less flow than this
when nothing need be whole. The bound is then that of the program before."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Rows:
    """Rows of a program: entries, and the least and the most each row may be."""

    row: Ints
    column: Ints
    value: Ints
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def solve_walks(problem: WalkProblem, effort: Effort) -> WalkAnswer:
    """Least cost walks by HiGHS, proven as far as the effort allows.

    Raises
    ------
    SolverFailed
        With the solver's own message.
    """
    begun = time.perf_counter()
    own = _own_pools(problem)
    skipped: tuple[Walk, ...] = ((),) * problem.n_customers
    walks, floor = skipped, 0.0
    every = np.ones(problem.n_steps, dtype=bool)
    if effort.gap > 0:
        flows, floor = _run(problem, own, effort, every, relaxed=True)
        if flows is not None:
            kept = _near(problem, flows)
            left = effort.seconds - (time.perf_counter() - begun)
            few = replace(effort, seconds=left / 2, gap=effort.gap / 2)
            values, _ = _run(problem, own, few, kept, relaxed=False)
            walks = _better(problem, walks, values)
    if not effort.gap or not _within(problem.cost(walks), floor, effort.gap):
        left = effort.seconds - (time.perf_counter() - begun)
        values, proven = _run(problem, own, replace(effort, seconds=left), every, relaxed=False)
        walks, floor = _better(problem, walks, values), max(floor, proven)
    cost = problem.cost(walks)
    bound = min(cost, max(0, rounded(floor)))
    done = cost - bound <= effort.gap * max(1, abs(cost))
    return WalkAnswer(
        walks=walks,
        cost=cost,
        bound=bound,
        status=Status.OPTIMAL if done else Status.LIMIT,
        engine="walks_exact",
        seconds=time.perf_counter() - begun,
    )


def _within(cost: int, floor: float, gap: float) -> bool:
    return cost - max(0, rounded(floor)) <= gap * cost


def _better(
    problem: WalkProblem, walks: tuple[Walk, ...], values: NDArray[np.float64] | None
) -> tuple[Walk, ...]:
    """The cheaper of walks known and walks by a solver, which may be none."""
    if values is None:
        return walks
    found = _walks(problem, values)
    return walks if problem.faults(found) or problem.cost(found) > problem.cost(walks) else found


def _near(problem: WalkProblem, flows: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Steps without a pool, and those of families a customer has some flow on."""
    pooled = problem.step_pool >= 0
    family = np.where(pooled, problem.pool_family[np.maximum(problem.step_pool, 0)], 0)
    pair = problem.step_customer * (int(family.max(initial=0)) + 1) + family
    total = np.bincount(pair[pooled], weights=flows[pooled], minlength=int(pair.max(initial=0)) + 1)
    return ~pooled | (total[pair] > SMALL_FLOW)


def _own_pools(problem: WalkProblem) -> NDArray[np.bool_]:
    """Pools outside limits that one customer alone can use, at most once in any walk."""
    used = problem.step_pool >= 0
    pairs = np.stack([problem.step_pool[used], problem.step_customer[used]])
    customers = np.bincount(np.unique(pairs, axis=1)[0], minlength=problem.n_pools)
    # Two steps into one pool may lie on one walk, and would then share a unit.
    steps = np.bincount(problem.step_pool[used], minlength=problem.n_pools)
    own = (customers == 1) & (steps == 1)
    own[problem.limit_pool] = False
    return own


def _rows(problem: WalkProblem, own: NDArray[np.bool_]) -> _Rows:
    """Rows over the columns: steps, then skips, then units of pools."""
    n_steps, n_customers = problem.n_steps, problem.n_customers
    steps = np.arange(n_steps, dtype=np.int64)
    first = np.concatenate([[0], np.cumsum(problem.end_state + 1)])
    start, end = first[:-1], first[:-1] + problem.end_state
    # Conservation: what enters a state leaves it; one unit leaves state 0, or skips to the end.
    skips = n_steps + np.arange(n_customers, dtype=np.int64)
    tail = first[problem.step_customer] + problem.step_tail
    head = first[problem.step_customer] + problem.step_head
    ones, negative = np.ones(n_steps, dtype=np.int64), -np.ones(n_steps, dtype=np.int64)
    one = np.ones(n_customers, dtype=np.int64)
    balance = np.zeros(int(first[-1]))
    balance[start], balance[end] = 1.0, -1.0
    row = [tail, head, start, end]
    column = [steps, steps, skips, skips]
    value = [ones, negative, one, -one]
    low, high = [balance], [balance]
    n_rows = len(balance)
    shared = steps[(problem.step_pool >= 0) & ~own[np.maximum(problem.step_pool, 0)]]
    pool = problem.step_pool[shared]
    unit = n_steps + n_customers
    # Loads fit into the units.
    pools = np.arange(problem.n_pools, dtype=np.int64)
    row += [n_rows + pool, n_rows + pools]
    column += [shared, unit + pools]
    value += [problem.step_load[shared], -problem.pool_capacity]
    low.append(np.full(problem.n_pools, -np.inf))
    high.append(np.zeros(problem.n_pools))
    n_rows += problem.n_pools
    # A step into a pool needs as many units as its load alone fills: strong. One row for each
    # customer and pool would be tighter only where two of his steps exclude each other.
    need = -(-problem.step_load[shared] // problem.pool_capacity[pool])
    each = n_rows + np.arange(len(shared), dtype=np.int64)
    row += [each, each]
    column += [shared, unit + pool]
    value += [need, -np.ones(len(shared), dtype=np.int64)]
    low.append(np.full(len(shared), -np.inf))
    high.append(np.zeros(len(shared)))
    n_rows += len(shared)
    # Limits.
    sizes = np.diff(problem.limit_start)
    row.append(n_rows + np.repeat(np.arange(len(sizes), dtype=np.int64), sizes))
    column.append(unit + problem.limit_pool)
    value.append(np.ones(len(problem.limit_pool), dtype=np.int64))
    low.append(np.full(len(sizes), -np.inf))
    high.append(problem.limit_capacity.astype(float))
    return _Rows(
        row=np.concatenate(row),
        column=np.concatenate(column),
        value=np.concatenate(value),
        low=np.concatenate(low),
        high=np.concatenate(high),
    )


def _prices(problem: WalkProblem, own: NDArray[np.bool_]) -> Ints:
    """Cost of each column; the units of a customer's own pool are part of his step."""
    pool = np.maximum(problem.step_pool, 0)
    alone = (problem.step_pool >= 0) & own[pool] if problem.n_pools else problem.step_pool >= 0
    step_cost = problem.step_cost.copy()
    units = -(-problem.step_load[alone] // problem.pool_capacity[pool[alone]])
    step_cost[alone] += units * problem.pool_cost[pool[alone]]
    return np.concatenate([step_cost, problem.skip_cost, problem.pool_cost])


def _run(
    problem: WalkProblem,
    own: NDArray[np.bool_],
    effort: Effort,
    kept: NDArray[np.bool_],
    *,
    relaxed: bool,
) -> tuple[NDArray[np.float64] | None, float]:
    """Values of the steps (or None), and HiGHS's bound in floats."""
    from ortools.math_opt import model_pb2
    from ortools.math_opt.python import mathopt

    rows, prices = _rows(problem, own), _prices(problem, own)
    n, flows = len(prices), problem.n_steps + problem.n_customers
    proto = model_pb2.ModelProto()
    proto.variables.ids.extend(range(n))
    proto.variables.lower_bounds.extend([0.0] * n)
    most = np.ones(n)
    most[flows:] = np.inf
    most[: problem.n_steps][~kept] = 0.0
    proto.variables.upper_bounds.extend(most.tolist())
    whole = np.ones(n, dtype=bool)
    whole[: problem.n_steps] = problem.step_pool >= 0
    proto.variables.integers.extend((whole & (not relaxed)).tolist())
    priced = np.flatnonzero(prices)
    proto.objective.linear_coefficients.ids.extend(priced.tolist())
    proto.objective.linear_coefficients.values.extend(prices[priced].astype(float).tolist())
    proto.linear_constraints.ids.extend(range(len(rows.low)))
    proto.linear_constraints.lower_bounds.extend(rows.low.tolist())
    proto.linear_constraints.upper_bounds.extend(rows.high.tolist())
    order = np.lexsort((rows.column, rows.row))
    matrix = proto.linear_constraint_matrix
    matrix.row_ids.extend(rows.row[order].tolist())
    matrix.column_ids.extend(rows.column[order].tolist())
    matrix.coefficients.extend(rows.value[order].astype(float).tolist())
    model = mathopt.Model.from_model_proto(proto)
    try:
        result = mathopt.solve(
            model,
            mathopt.SolverType.HIGHS,
            params=mathopt.SolveParameters(
                time_limit=timedelta(seconds=max(0.1, effort.seconds)),
                random_seed=effort.seed % 2**31,
                relative_gap_tolerance=max(0.0, effort.gap),
                # Costs are whole numbers: anything closer than one is a proof.
                absolute_gap_tolerance=0.5,
            ),
        )
    except Exception as error:
        raise SolverFailed(f"HIGHS: {unwrapped(error)}") from error
    values = None
    if result.has_primal_feasible_solution():
        by_number = sorted(model.variables(), key=lambda variable: variable.id)
        values = np.array(result.variable_values(by_number[: problem.n_steps]))
    bound = float(result.termination.objective_bounds.dual_bound)
    # A linear program that was not finished proves nothing.
    finished = result.termination.reason == mathopt.TerminationReason.OPTIMAL
    sure = np.isfinite(bound) and (finished or not relaxed)
    return values, bound if sure else 0.0


def _walks(problem: WalkProblem, values: NDArray[np.float64]) -> tuple[Walk, ...]:
    """The walks whose steps have a flow; a customer without one is skipped."""
    leaving: dict[tuple[int, int], int] = {}
    for step in np.flatnonzero(values > SPARE).tolist():
        leaving[int(problem.step_customer[step]), int(problem.step_tail[step])] = step
    walks: list[Walk] = []
    for customer, end in enumerate(problem.end_state.tolist()):
        state, walk = 0, list[int]()
        while state != end and (customer, state) in leaving:
            walk.append(leaving[customer, state])
            state = int(problem.step_head[walk[-1]])
        walks.append(tuple(walk) if state == end else ())
    return tuple(walks)
