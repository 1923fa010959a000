"""The engine for those who do not want to choose: ``exact`` where it can prove, else ``season``."""

from __future__ import annotations

from coldchain.engines import groundwork, mathopt
from coldchain.engines.exact import finish
from coldchain.engines.groundwork import (
    FEW_COLUMNS,
    deepen_bound,
    deepen_search,
    prepare,
    survivors,
)
from coldchain.engines.record import Record, Report, silent
from coldchain.selection import Effort, Selection, SelectionProblem

BRIEF_SHARE = 0.2
"""Share of the time for a last search before the solver."""


def choose_auto(problem: SelectionProblem, effort: Effort, report: Report = silent) -> Selection:
    """Least cost selection by the engine that suits what is left once the problem is reduced.

    The decision hangs on the number of columns that can still matter after the bound and a first
    search, and the answer's ``engine`` says how it fell.
    """
    record = Record(problem, effort, report)
    ground = prepare(record)
    deepen_bound(record, ground)
    _, outside = survivors(record, ground, FEW_COLUMNS)
    exact = ground.small or outside >= record.cost
    if exact:
        deepen_search(record, ground, most=groundwork.BRIEF_ROUNDS, share_of_time=BRIEF_SHARE)
        finish(record, ground)
    else:
        deepen_search(record, ground, most=groundwork.SEARCH_ROUNDS)
    name = "exact" if exact else "season"
    return record.selection(engine=f"auto: {name}", version=mathopt.version())
