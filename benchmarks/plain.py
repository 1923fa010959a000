"""The integer program of ``coldchain.selection`` as it stands there, handed to a solver as it is.

What a modeller would pick instead of the engines: no reductions, no strong inequalities, no bound
but the solver's, no plan to start from but skipping everybody.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt
from ortools.sat.python import cp_model

from coldchain.selection import SelectionProblem

Ints = NDArray[np.int64]


def solve_plainly(
    problem: SelectionProblem, solver: str, seconds: float, threads: int
) -> tuple[Ints, int]:
    """Option (or -1) of each customer, and the bound; ``solver`` is "highs" or "cpsat".

    Raises
    ------
    ValueError
        If the problem has commitments: the plain program is written without them.
    """
    if problem.n_commitments:
        raise ValueError("no commitments")
    if not problem.n_options:
        return np.full(problem.n_customers, -1), int(problem.skip_cost.sum())
    taken, bound = (_highs if solver == "highs" else _cpsat)(problem, seconds, threads)
    chosen = np.full(problem.n_customers, -1, dtype=np.int64)
    chosen[problem.option_customer[taken]] = taken
    return chosen, bound


def _rows(problem: SelectionProblem) -> list[tuple[Ints, Ints, int]]:
    """Rows "sum <= right" over options, then units of pools: variables, coefficients, right."""
    n = problem.n_options
    entry = np.repeat(np.arange(n), np.diff(problem.option_start))
    rows: list[tuple[Ints, Ints, int]] = []
    first = np.searchsorted(problem.option_customer, np.arange(problem.n_customers + 1))
    for k in range(problem.n_customers):
        mine = np.arange(first[k], first[k + 1])
        rows.append((mine, np.ones(len(mine), dtype=np.int64), 1))
    order = np.argsort(problem.option_pool, kind="stable")
    bounds = np.searchsorted(problem.option_pool[order], np.arange(problem.n_pools + 1))
    for pool in range(problem.n_pools):
        mine = order[bounds[pool] : bounds[pool + 1]]
        variables = np.append(entry[mine], n + pool)
        rows.append(
            (variables, np.append(problem.option_load[mine], -problem.pool_capacity[pool]), 0)
        )
    for limit in range(problem.n_limits):
        listed = slice(problem.limit_start[limit], problem.limit_start[limit + 1])
        pools = problem.limit_pool[listed]
        rows.append(
            (n + pools, np.ones(len(pools), dtype=np.int64), int(problem.limit_capacity[limit]))
        )
    return rows


def _objective(problem: SelectionProblem) -> tuple[Ints, int]:
    """Cost of each variable, skipping everybody being the constant; and that constant."""
    gain = problem.option_cost - problem.skip_cost[problem.option_customer]
    return np.concatenate([gain, problem.pool_cost]), int(problem.skip_cost.sum())


def _most(problem: SelectionProblem) -> Ints:
    """Units that hold all that could come into each pool."""
    keys = problem.option_customer.repeat(np.diff(problem.option_start)) * problem.n_pools
    _, once = np.unique(keys + problem.option_pool, return_index=True)
    load = np.zeros(problem.n_pools, dtype=np.int64)
    np.add.at(load, problem.option_pool[once], problem.option_load[once])
    return -(-load // problem.pool_capacity)


def _highs(problem: SelectionProblem, seconds: float, threads: int) -> tuple[Ints, int]:
    costs, constant = _objective(problem)
    most = _most(problem)
    n = problem.n_options
    proto = model_pb2.ModelProto()
    proto.variables.ids.extend(range(len(costs)))
    proto.variables.lower_bounds.extend([0.0] * len(costs))
    proto.variables.upper_bounds.extend([1.0] * n + most.astype(float).tolist())
    proto.variables.integers.extend([True] * len(costs))
    proto.objective.offset = float(constant)
    proto.objective.linear_coefficients.ids.extend(np.flatnonzero(costs).tolist())
    proto.objective.linear_coefficients.values.extend(costs[costs != 0].astype(float).tolist())
    matrix = proto.linear_constraint_matrix
    for number, (variables, coefficients, right) in enumerate(_rows(problem)):
        order = np.argsort(variables)
        proto.linear_constraints.ids.append(number)
        proto.linear_constraints.lower_bounds.append(-np.inf)
        proto.linear_constraints.upper_bounds.append(float(right))
        matrix.row_ids.extend([number] * len(order))
        matrix.column_ids.extend(variables[order].tolist())
        matrix.coefficients.extend(coefficients[order].astype(float).tolist())
    model = mathopt.Model.from_model_proto(proto)
    variables = sorted(model.variables(), key=lambda v: v.id)
    result = mathopt.solve(
        model,
        mathopt.SolverType.HIGHS,
        params=mathopt.SolveParameters(time_limit=timedelta(seconds=seconds), threads=threads),
    )
    bound = result.termination.objective_bounds.dual_bound
    proven = int(np.floor(bound)) if np.isfinite(bound) else 0
    if not result.has_primal_feasible_solution():
        return np.zeros(0, dtype=np.int64), proven
    values = np.array(result.variable_values(variables[:n]))
    return np.flatnonzero(values > 0.5), proven


def _cpsat(problem: SelectionProblem, seconds: float, threads: int) -> tuple[Ints, int]:
    costs, constant = _objective(problem)
    most = _most(problem).tolist()
    n = problem.n_options
    model = cp_model.CpModel()
    variables = [model.new_bool_var("") for _ in range(n)]
    variables += [model.new_int_var(0, units, "") for units in most]
    for number, (mine, coefficients, right) in enumerate(_rows(problem)):
        terms = [variables[at] for at in mine.tolist()]
        if number < problem.n_customers:
            model.add_at_most_one(terms)
        else:
            total = cp_model.LinearExpr.weighted_sum(terms, coefficients.tolist())
            model.add(total <= right)
    model.minimize(cp_model.LinearExpr.weighted_sum(variables, costs.tolist()) + constant)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = threads
    status = solver.solve(model)
    bound = int(np.floor(solver.best_objective_bound))
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return np.zeros(0, dtype=np.int64), bound
    return np.array([at for at in range(n) if solver.value(variables[at])], dtype=np.int64), bound
