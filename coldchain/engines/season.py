"""Many customers: bound by decomposition, plans by ruin and recreate, all in compiled kernels.

It needs no solver and no floats for its proof. A handful of customers is left to ``exact``.
"""

from __future__ import annotations

from coldchain.engines import groundwork, mathopt
from coldchain.engines.exact import finish
from coldchain.engines.groundwork import deepen_bound, deepen_search, prepare
from coldchain.engines.record import Record, Report, silent
from coldchain.selection import Effort, Selection, SelectionProblem


def choose_season(problem: SelectionProblem, effort: Effort, report: Report = silent) -> Selection:
    """Least cost selection by decomposition and ruin and recreate."""
    record = Record(problem, effort, report)
    ground = prepare(record)
    deepen_bound(record, ground)
    deepen_search(record, ground, most=groundwork.SEARCH_ROUNDS)
    if ground.small:
        finish(record, ground)
    return record.selection(engine="season", version=mathopt.version())
