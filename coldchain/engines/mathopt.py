"""A typed door to OR-Tools MathOpt: one function, in and out in our own words.

ortools is imported inside the functions only, so that naming the engines costs nothing and a
process that has loaded another HiGHS is not disturbed before it must be.
"""
# ortools ships no complete types: what it returns is narrowed here, once.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import numpy as np

from coldchain.engines.program import Program
from coldchain.errors import SolverFailed
from coldchain.selection import Ints

Solver = Literal["HIGHS", "GSCIP"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """What a solver says: the columns it takes (or None), and its bound (money, or None).

    Nothing of it is believed: the cost is recomputed, the bound is lowered by a tolerance.
    """

    taken: Ints | None
    bound: float | None


def version() -> str:
    """Version of ortools, as it names itself."""
    import ortools

    return f"ortools {ortools.__version__}"


def solve(
    program: Program,
    *,
    solver: Solver,
    seconds: float,
    gap: float,
    seed: int,
    hint: Ints | None,
) -> Outcome:
    """Solve ``program`` in this thread.

    Parameters
    ----------
    program : Program
    solver : {"HIGHS", "GSCIP"}
    seconds : float
        Wall time allowed.
    gap : float
        Relative gap at which to stop.
    seed : int
    hint : int64[n_variables] or None
        Values to start from.

    Raises
    ------
    SolverFailed
        With the solver's own message.
    """
    from ortools.math_opt import model_pb2
    from ortools.math_opt.python import mathopt

    n, rows = program.n_variables, len(program.right)
    proto = model_pb2.ModelProto()
    proto.variables.ids.extend(range(n))
    proto.variables.lower_bounds.extend([0.0] * n)
    proto.variables.upper_bounds.extend(program.upper.astype(float).tolist())
    proto.variables.integers.extend([True] * n)
    proto.objective.maximize = False
    proto.objective.offset = float(program.constant)
    priced = np.flatnonzero(program.objective)
    proto.objective.linear_coefficients.ids.extend(priced.tolist())
    proto.objective.linear_coefficients.values.extend(
        program.objective[priced].astype(float).tolist()
    )
    proto.linear_constraints.ids.extend(range(rows))
    proto.linear_constraints.lower_bounds.extend([-np.inf] * rows)
    proto.linear_constraints.upper_bounds.extend(program.right.astype(float).tolist())
    matrix = proto.linear_constraint_matrix
    matrix.row_ids.extend(program.row.tolist())
    matrix.column_ids.extend(program.variable.tolist())
    matrix.coefficients.extend(program.coefficient.astype(float).tolist())
    model = mathopt.Model.from_model_proto(proto)
    variables = sorted(model.variables(), key=lambda v: v.id)
    hints = []
    if hint is not None:
        values = dict(zip(variables, hint.astype(float).tolist(), strict=True))
        hints.append(mathopt.SolutionHint(variable_values=values))
    try:
        result = mathopt.solve(
            model,
            mathopt.SolverType[solver],
            params=mathopt.SolveParameters(
                time_limit=timedelta(seconds=max(0.1, seconds)),
                random_seed=seed % 2**31,
                relative_gap_tolerance=max(0.0, gap),
                # Costs are whole numbers: anything closer than one is a proof.
                absolute_gap_tolerance=0.5,
            ),
            model_params=mathopt.ModelSolveParameters(solution_hints=hints),
        )
    except Exception as error:
        raise SolverFailed(f"{solver}: {unwrapped(error)}") from error
    taken: Ints | None = None
    if result.has_primal_feasible_solution():
        values = result.variable_values(variables[: len(program.kept)])
        taken = program.taken(np.flatnonzero(np.array(values) > 0.5))
    bound = float(result.termination.objective_bounds.dual_bound)
    return Outcome(taken=taken, bound=bound if np.isfinite(bound) else None)


def unwrapped(error: BaseException) -> str:
    """The solver's message: MathOpt 9.15 hides it behind an AttributeError of its own."""
    seen: BaseException | None = error
    while seen is not None:
        if type(seen).__name__ == "StatusNotOk":
            return f"{getattr(seen, 'code', '')}: {getattr(seen, 'message', seen)}"
        seen = seen.__context__
    return f"{type(error).__name__}: {error}"
