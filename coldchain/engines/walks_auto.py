"""Walks by whatever suits their number: HiGHS over all steps, or a bound and a search that meet.

Few steps go to HiGHS at once (:mod:`coldchain.engines.walks_exact`), as do those with limits. Else
the search gives a plan, the merged departures a bound, and each goes on until they are within the
gap asked for. What time is left after that, where a proof is asked for, goes to HiGHS again.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from coldchain.engines.walks_bound import relax
from coldchain.engines.walks_exact import solve_walks as solve_exactly
from coldchain.engines.walks_search import Wanderer
from coldchain.selection import Effort, Status
from coldchain.walks import WalkAnswer, WalkProblem

FEW_STEPS = 1_500
"""HiGHS alone ends sooner than anything else below this."""

MOST_STEPS = 40_000
"""Above this HiGHS over all steps is not begun: its first relaxation takes too long."""

BRIEF = 0.5
"""Seconds of the first search; each that follows is longer by ``LONGER``."""

LONGER = 2.5

BOUND_SHARE = 0.5
"""Share of the time for the bound."""


def solve_walks(problem: WalkProblem, effort: Effort) -> WalkAnswer:
    """Least cost walks, proven as far as the effort allows.

    Raises
    ------
    SolverFailed
        With the solver's own message.
    """
    begun = time.perf_counter()

    def left() -> float:
        return effort.seconds - (time.perf_counter() - begun)

    if problem.n_steps <= FEW_STEPS or len(problem.limit_capacity):
        return solve_exactly(problem, effort)
    if effort.gap == 0.0 and _cheap_units(problem) and problem.n_steps <= MOST_STEPS:
        return solve_exactly(problem, effort)
    wanderer = Wanderer(problem, effort.seed)
    seconds = min(BRIEF, effort.seconds / 4)
    wanderer.search(seconds, 0.0)

    def enough(bound: int) -> bool:
        return wanderer.cost * (1.0 - effort.gap) <= bound

    floor = relax(problem, left() * BOUND_SHARE, enough=enough)
    # Half of the time is kept for HiGHS where it can take all steps; more once the search idles.
    solvable = problem.n_steps <= MOST_STEPS
    reserve = left() / 2 if solvable else 0.0
    idle = 0
    while left() > reserve and not enough(floor) and not (solvable and idle == 2):
        before = wanderer.cost
        seconds = min(seconds * LONGER, left() - reserve)
        wanderer.search(seconds, floor / (1.0 - effort.gap))
        idle = 0 if wanderer.cost < before else idle + 1
    walks = wanderer.walks()
    cost = problem.cost(walks)
    answer = WalkAnswer(
        walks=walks,
        cost=cost,
        bound=min(cost, floor),
        status=Status.LIMIT,
        engine="walks_auto",
        seconds=0.0,
    )
    if solvable and left() > 0.0 and not enough(floor):
        proof = solve_exactly(problem, replace(effort, seconds=left()))
        best = min(answer, proof, key=lambda one: one.cost)
        answer = replace(best, engine="walks_auto", bound=max(answer.bound, proof.bound))
    done = answer.cost - answer.bound <= effort.gap * max(1, abs(answer.cost))
    return replace(
        answer,
        status=Status.OPTIMAL if done else Status.LIMIT,
        seconds=time.perf_counter() - begun,
    )


def _cheap_units(problem: WalkProblem) -> bool:
    """Whether most pools hold far more than a customer brings, at little cost beside his steps."""
    riding = problem.step_pool >= 0
    pool = problem.step_pool[riding]
    share = problem.step_load[riding] / problem.pool_capacity[pool] * problem.pool_cost[pool]
    return bool(np.median(share) < np.median(problem.step_cost[riding]))
