"""What a run knows so far: best selection, best bound; and the one door an answer leaves by.

Every cost is recomputed by the problem itself (``SelectionProblem.cost``), whatever a search or a
solver claims, and ``Record.selection`` refuses to return anything that breaks a rule.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from threading import RLock

import numpy as np

from coldchain.certificate import Certificate
from coldchain.engines.certificates import trivial_certificate
from coldchain.errors import SolverFailed
from coldchain.selection import Effort, Ints, Progress, Selection, SelectionProblem, Status

Report = Callable[[Progress, Ints | None], None]
"""Told how a run fares; the second argument is the new best selection (an option or -1 per
customer) when there is one, else None."""


def silent(progress: Progress, chosen: Ints | None) -> None:
    """A report nobody reads."""


class Record:
    """Best selection and bound of one run.

    Several threads may fill it side by side. It begins with everybody skipped, or with the hint
    when that keeps every limit and costs less.
    """

    def __init__(self, problem: SelectionProblem, effort: Effort, report: Report) -> None:
        self.problem = problem
        self.effort = effort
        self.report = report
        self.began = time.monotonic()
        self._gate = RLock()
        self.phase = "start"
        self.chosen = np.full(problem.n_customers, -1, dtype=np.int64)
        self.cost = problem.cost(self.chosen)
        self.bound = trivial_bound(problem)
        self.certificate: Certificate | None = None
        """That of the best certified bound, None as long as it is the trivial one."""
        self.report(self._progress(), self.chosen)
        if effort.hint is not None:
            self.offer(np.array(effort.hint, dtype=np.int64))

    def _progress(self) -> Progress:
        return Progress(phase=self.phase, seconds=self.elapsed, cost=self.cost, bound=self.bound)

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.began

    @property
    def left(self) -> float:
        """Seconds left of the effort."""
        return self.effort.seconds - self.elapsed

    @property
    def enough(self) -> bool:
        """Whether the gap asked for is reached."""
        return self.cost <= self.bound or self.cost - self.bound <= self.effort.gap * abs(self.cost)

    @property
    def finished(self) -> bool:
        """Whether the gap is reached or the time is up."""
        return self.enough or self.left <= 0.0

    def enter(self, phase: str) -> None:
        """Begin a phase and say so."""
        self.phase = phase
        self.report(self._progress(), None)

    def offer(self, chosen: Ints) -> bool:
        """Keep ``chosen`` if it is a better selection; what is none is refused in silence."""
        problem = self.problem
        if not is_selection(problem, chosen):
            return False
        cost = problem.cost(chosen)
        if cost >= self.cost or problem.broken_limits(chosen):
            return False
        with self._gate:
            if cost >= self.cost:
                return False
            self.chosen, self.cost = chosen.astype(np.int64), cost
            self.report(self._progress(), self.chosen)
        return True

    def replace(self, chosen: Ints) -> None:
        """Hold ``chosen`` whatever it costs: the answer of an engine that compares nothing."""
        self.chosen, self.cost = chosen, self.problem.cost(chosen)
        self.report(self._progress(), self.chosen)

    def prove(self, bound: int, certificate: Certificate | None = None) -> None:
        """Keep ``bound`` if it is a better one, and likewise ``certificate``, which proves its own.

        Raises
        ------
        SolverFailed
            If a selection is known that costs less: then the bound is none.
        """
        if bound > self.cost:
            raise SolverFailed(f"a bound of {bound} was claimed, a selection costs {self.cost}")
        with self._gate:
            new = certificate
            if new is not None and self.certificate is not None:
                new = new if new.bound > self.certificate.bound else None
            if new is not None:
                self.certificate = new
            if bound > self.bound or new is not None:
                self.bound = max(bound, self.bound)
                self.report(replace(self._progress(), certificate=new), None)

    def selection(self, *, engine: str, version: str, status: Status | None = None) -> Selection:
        """The answer, recomputed from scratch.

        Raises
        ------
        SolverFailed
            If it breaks a rule, which would be a fault of the engine.
        """
        if status is None:
            status = Status.OPTIMAL if self.enough else Status.LIMIT
        answer = Selection(
            chosen=tuple(self.chosen.tolist()),
            units=tuple(self.problem.units(self.chosen).tolist()),
            cost=self.cost,
            bound=min(self.bound, self.cost),
            status=status,
            engine=engine,
            engine_version=version,
            seconds=self.elapsed,
            certificate=self.certificate
            or trivial_certificate(self.problem, trivial_bound(self.problem)),
        )
        verify(self.problem, answer)
        return answer


def is_selection(problem: SelectionProblem, chosen: Ints) -> bool:
    """Whether every customer has an option of its own, or -1."""
    if chosen.shape != (problem.n_customers,):
        return False
    if bool(((chosen < -1) | (chosen >= problem.n_options)).any()):
        return False
    taken = np.flatnonzero(chosen >= 0)
    return bool((problem.option_customer[chosen[taken]] == taken).all())


def verify(problem: SelectionProblem, answer: Selection) -> None:
    """Refuse an answer that does not hold.

    Raises
    ------
    SolverFailed
        With what is wrong.
    """
    chosen = np.array(answer.chosen, dtype=np.int64)
    if not is_selection(problem, chosen):
        raise SolverFailed(f"{answer.engine} chose options that are not the customers' own")
    cost = problem.cost(chosen)
    if answer.cost != cost:
        raise SolverFailed(f"{answer.engine} states cost {answer.cost}, it is {cost}")
    if answer.units != tuple(problem.units(chosen).tolist()):
        raise SolverFailed(f"{answer.engine} opened other units than its options need")
    if problem.broken_limits(chosen):
        raise SolverFailed(f"{answer.engine} broke limits {problem.broken_limits(chosen)}")
    for bound in (answer.bound, 0 if answer.certificate is None else answer.certificate.bound):
        if bound > answer.cost:
            raise SolverFailed(f"{answer.engine} states bound {bound} above cost {answer.cost}")


def trivial_bound(problem: SelectionProblem) -> int:
    """Bound (money) with every load paying its exact share of a unit: valid, cheap and weak."""
    width = np.diff(problem.option_start)
    row = np.repeat(np.arange(problem.n_options), width)
    cost, capacity = problem.pool_cost, problem.pool_capacity
    load = problem.option_load
    if int(cost.max(initial=0)) * int(load.max(initial=0)) < 2**62:
        share = cost[problem.option_pool] * load // capacity[problem.option_pool]
    else:
        # Only Python's integers hold the product.
        terms = zip(problem.option_pool.tolist(), load.tolist(), strict=True)
        shares = [int(cost[pool]) * held // int(capacity[pool]) for pool, held in terms]
        share = np.array(shares, dtype=np.int64)
    total = problem.option_cost.astype(np.int64).copy()
    np.add.at(total, row, share)
    least = problem.skip_cost.astype(np.int64).copy()
    np.minimum.at(least, problem.option_customer, total)
    return int(least.sum())
