"""Engines: ``(SelectionProblem, Effort, Report) -> Selection``, all of them in one list.

``highs`` is the default; ``cpsat`` is an independent second opinion; ``greedy`` is the baseline of
everybody for himself. Run them through ``process.solve``, which puts the solver into a process of
its own: solvers crash, ignore Ctrl-C and do not suffer another HiGHS beside them. This package and
the modules it names import ortools only when an engine is called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from coldchain.engines.cpsat import choose_cpsat
from coldchain.engines.greedy import choose_greedy, stand_alone_cost
from coldchain.engines.highs import choose_highs
from coldchain.engines.record import Report
from coldchain.selection import Effort, Selection, SelectionProblem

__all__ = ["ENGINES", "Engine", "Report", "stand_alone_cost"]

Engine = Callable[[SelectionProblem, Effort, Report], Selection]

ENGINES: Mapping[str, Engine] = {
    "highs": choose_highs,
    "cpsat": choose_cpsat,
    "greedy": choose_greedy,
}
