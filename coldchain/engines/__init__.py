"""Engines: ``(SelectionProblem, Effort, Report) -> Selection``, all of them in one list.

``auto`` is the default and chooses between the two next: ``season`` is made for many customers,
``exact`` proves what can be proven; ``cpsat`` is an independent second opinion; ``greedy`` is the
baseline of everybody for himself. Run them through ``process.solve``, which puts the engine into a
process of its own: solvers crash, ignore Ctrl-C and do not suffer another HiGHS beside them, and
compiling takes a while. Nothing but that process imports this package's engines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from coldchain.engines.greedy import stand_alone_cost
from coldchain.engines.record import Report, silent
from coldchain.selection import Effort, Selection, SelectionProblem

__all__ = ["ENGINES", "Engine", "Report", "stand_alone_cost"]

Engine = Callable[[SelectionProblem, Effort, Report], Selection]


def _engine(name: str) -> Engine:
    """``choose_NAME`` of the module ``NAME``, imported when it is called.

    Its effort begins when what it needs is compiled.
    """

    def choose(problem: SelectionProblem, effort: Effort, report: Report = silent) -> Selection:
        if name != "greedy":
            import_module("coldchain.engines.groundwork").warm()
        module = import_module(f"coldchain.engines.{name}")
        engine: Engine = getattr(module, f"choose_{name}")
        return engine(problem, effort, report)

    return choose


ENGINES: Mapping[str, Engine] = {
    name: _engine(name) for name in ("auto", "season", "exact", "cpsat", "greedy")
}
