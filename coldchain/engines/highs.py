"""HiGHS over the columns that can still matter, after the groundwork every engine shares.

A bound is a whole number and never overstated: HiGHS's own is lowered by ``TOLERANCE`` (absolute
and relative) before it is rounded up to the next integer, which is allowed because every cost is
one; for columns left out the bound of the decomposition counts.
"""

from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Callable

from coldchain.engines import mathopt
from coldchain.engines.groundwork import Ground, portions, prepare, survivors
from coldchain.engines.program import Program, build
from coldchain.engines.record import Record, Report, silent
from coldchain.errors import SolverFailed
from coldchain.selection import Effort, Ints, Selection, SelectionProblem

TOLERANCE = 0.01, 1e-9
"""Absolute (money) and relative part of what is taken off a bound in floats."""

MOST_COLUMNS = 4_000
"""More columns than this often make the proof hopeless in minutes. Then the integer program over
those of least slack is one more search for a better selection, and the decomposition's bound
counts; where it ends in time all the same, it is given more of them."""

SHARE_BESIDE = 0.45
"""Share of the time left that an integer program beside the climb of the bound may take."""


def choose_highs(problem: SelectionProblem, effort: Effort, report: Report = silent) -> Selection:
    """Least cost selection by HiGHS, proven as far as the effort allows."""
    record = Record(problem, effort, report)
    ground = prepare(record, beside=_beside)
    for kept, outside in portions(record, ground, MOST_COLUMNS):
        record.enter("integer program")
        _solve(record, ground, build(ground.columns, kept), outside)
    return record.selection(engine="highs", version=mathopt.version())


def _beside(record: Record, ground: Ground) -> Callable[[], None]:
    """Begin an integer program over the columns of least slack; the call returned takes it in.

    With a second thread it runs beside what the caller does next (HiGHS needs no lock of Python's),
    with one it runs at once; what it finds is taken in at the same point of the run either way.
    """
    kept, _ = survivors(record, ground, MOST_COLUMNS)
    program = build(ground.columns, kept)
    hint = program.values(ground.columns.lower(record.chosen))
    seconds, gap, seed = record.left * SHARE_BESIDE, record.effort.gap, record.effort.seed
    found: list[Ints] = []

    def run() -> None:
        with contextlib.suppress(SolverFailed):
            outcome = mathopt.solve(
                program, solver="HIGHS", seconds=seconds, gap=gap, seed=seed, hint=hint
            )
            if outcome.taken is not None:
                found.append(outcome.taken)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    if record.effort.threads < 2:
        thread.join()

    def take_in() -> None:
        thread.join()
        for taken in found:
            record.offer(ground.columns.lift(taken))

    return take_in


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
