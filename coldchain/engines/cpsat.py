"""CP-SAT over the columns that can still matter, after the groundwork every engine shares.

CP-SAT counts in integers only, so cost and bound are its own exact words (and are recomputed all
the same).

Repeatable: the search is interleaved (``interleave_search`` with a fixed batch and a fixed list of
strategies), which CP-SAT runs in the same order however many threads there are; time aside, the
same problem, seed and effort give the same selection on one thread or on eight.
"""
# ortools ships no complete types: what it returns is narrowed here, once.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

from __future__ import annotations

import math

import numpy as np

from coldchain.engines.exact import begin, rounded
from coldchain.engines.groundwork import Ground, portions, prepare
from coldchain.engines.mathopt import version
from coldchain.engines.program import Program, build
from coldchain.engines.record import Record, Report, silent
from coldchain.selection import Effort, Selection, SelectionProblem

MOST_COLUMNS = 4_000
"""More columns than this cost CP-SAT its time before it begins; those of least slack are kept."""

BATCH = 4
"""Tasks between two synchronisations; fixed, for it is part of what makes a run repeatable."""

STRATEGIES = ("max_lp", "reduced_costs")
"""Complete searches that take turns; both lean on the linear relaxation, without which CP-SAT
proves next to nothing here. Neighbourhood searches come on top."""


def choose_cpsat(problem: SelectionProblem, effort: Effort, report: Report = silent) -> Selection:
    """Least cost selection by CP-SAT, proven as far as the effort allows."""
    record = Record(problem, effort, report)
    ground = prepare(record)
    begin(record, ground)
    for kept, outside in portions(record, ground, MOST_COLUMNS):
        record.enter("constraint program")
        _solve(record, ground, build(ground.columns, kept), outside)
    return record.selection(engine="cpsat", version=version())


def _solve(record: Record, ground: Ground, program: Program, outside: float) -> None:
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    n = len(program.kept)
    variables = [
        model.new_bool_var("") if at < n else model.new_int_var(0, int(program.upper[at]), "")
        for at in range(program.n_variables)
    ]
    bounds = np.searchsorted(program.row, np.arange(len(program.right) + 1))
    for row, right in enumerate(program.right.tolist()):
        entries = slice(int(bounds[row]), int(bounds[row + 1]))
        terms = [variables[at] for at in program.variable[entries]]
        coefficients = program.coefficient[entries].tolist()
        if coefficients == [1] * len(terms) and right == 1:
            model.add_at_most_one(terms)
        else:
            model.add(cp_model.LinearExpr.weighted_sum(terms, coefficients) <= right)
    model.minimize(
        cp_model.LinearExpr.weighted_sum(variables, program.objective.tolist()) + program.constant
    )
    hint = program.values(ground.columns.lower(record.chosen))
    if hint is not None:
        for variable, value in zip(variables, hint.tolist(), strict=True):
            model.add_hint(variable, value)

    def lift(values: list[int]) -> None:
        taken = program.taken(np.flatnonzero(np.array(values, dtype=np.int64)))
        record.offer(ground.columns.lift(taken))

    class Listener(cp_model.CpSolverSolutionCallback):
        def on_solution_callback(self) -> None:
            lift([int(self.value(variable)) for variable in variables[:n]])

    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(0.1, record.left)
    solver.parameters.num_workers = max(1, record.effort.threads)
    solver.parameters.interleave_search = True
    solver.parameters.interleave_batch_size = BATCH
    solver.parameters.subsolvers.extend(STRATEGIES)
    solver.parameters.random_seed = record.effort.seed % 2**31
    solver.parameters.relative_gap_limit = record.effort.gap
    status = solver.solve(model, Listener())
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        lift([int(solver.value(variable)) for variable in variables[:n]])
    if status == cp_model.INFEASIBLE:
        return
    # The bound is an integer in exact arithmetic, handed over as a float.
    bound = math.ceil(solver.best_objective_bound - 1e-6)
    record.prove(min(bound, record.cost, rounded(outside)))
