"""HiGHS over the columns that can still matter, after the groundwork every engine shares.

A bound is a whole number and never overstated: HiGHS's own is lowered by ``TOLERANCE`` (absolute
and relative) before it is rounded up to the next integer, which is allowed because every cost is
one; for columns left out the bound of the decomposition counts.
"""

from __future__ import annotations

import math

from coldchain.engines import groundwork, mathopt
from coldchain.engines.groundwork import (
    FEW_COLUMNS,
    Ground,
    deepen_bound,
    deepen_search,
    portions,
    prepare,
)
from coldchain.engines.program import Program, build
from coldchain.engines.record import Record, Report, silent
from coldchain.errors import SolverFailed
from coldchain.selection import Effort, Selection, SelectionProblem

TOLERANCE = 0.01, 1e-9
"""Absolute (money) and relative part of what is taken off a bound in floats."""

MOST_COLUMNS = 4_000
"""More columns than this often make the proof hopeless in minutes. Then the integer program over
those of least slack is one more search for a better selection, and the decomposition's bound
counts; where it ends in time all the same, it is given more of them."""

SEARCH_SHARE = 0.4
"""Share of the time for bound and searches before the integer program."""


def choose_exact(problem: SelectionProblem, effort: Effort, report: Report = silent) -> Selection:
    """Least cost selection by HiGHS, proven as far as the effort allows."""
    record = Record(problem, effort, report)
    ground = prepare(record)
    begin(record, ground)
    finish(record, ground)
    return record.selection(engine="exact", version=mathopt.version())


def begin(record: Record, ground: Ground) -> None:
    """Bound and searches before a solver: brief ones where it sees the whole table anyway."""
    few = ground.columns.n <= FEW_COLUMNS
    most = groundwork.BRIEF_ROUNDS if few else groundwork.SEARCH_ROUNDS
    deepen_bound(record, ground, SEARCH_SHARE / 2)
    deepen_search(record, ground, most=most, share_of_time=SEARCH_SHARE)


def finish(record: Record, ground: Ground) -> None:
    """Solve what is left, more columns each time, until it is proven or the time is up."""
    for kept, outside in portions(record, ground, MOST_COLUMNS):
        record.enter("integer program")
        _solve(record, ground, build(ground.columns, kept), outside)


def _solve(record: Record, ground: Ground, program: Program, outside: float) -> None:
    """Run HiGHS, or SCIP where HiGHS errs, and record what holds."""
    hint = program.values(ground.columns.lower(record.chosen))
    solvers: tuple[mathopt.Solver, ...] = ("HIGHS", "GSCIP")
    for solver in solvers:
        try:
            outcome = mathopt.solve(
                program,
                solver=solver,
                seconds=record.left,
                gap=record.effort.gap,
                seed=record.effort.seed,
                hint=hint,
            )
        except SolverFailed:
            if solver == solvers[-1]:
                # What the groundwork found is an answer; the solver only could not improve it.
                record.enter("integer program failed")
            continue
        if outcome.taken is not None:
            record.offer(ground.columns.lift(outcome.taken))
        if outcome.bound is not None:
            record.prove(min(rounded(outcome.bound), record.cost, rounded(outside)))
        return


def rounded(bound: float) -> int:
    """A bound in floats as an integer bound that is not above the truth."""
    absolute, relative = TOLERANCE
    return math.ceil(bound - absolute - relative * abs(bound))
