"""Remove-and-reinsert search over walks: a good choice, no bound.

Each round takes out some customers who share a pool or a service, and lets them in again one by
one, each on the cheapest walk at the present loads: one pass over his steps. A dearer choice is
kept with a probability that falls with the temperature, which goes from ``HOT`` to ``COLD`` times
the mean price of a unit in use.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from coldchain.walks import Ints, Walk, WalkProblem

if TYPE_CHECKING:
    from coldchain.engines.kernels.stroll import Paths

HOT, COLD = 0.3, 0.008
"""Temperatures, in mean prices of a unit in use."""

MOST = 12
"""Most customers of one pool or service taken out at once."""

CHUNK = 500
"""Rounds between two looks at the clock."""


class Wanderer:
    """A search that can go on: each call anneals anew and keeps the best of all.

    Attributes
    ----------
    cost : float
        Cost of the best choice met.
    """

    def __init__(self, problem: WalkProblem, seed: int) -> None:
        from coldchain.engines.kernels import random, stroll

        self._paths, self._order = _paths(problem)
        n, states = problem.n_customers, int(problem.end_state.max(initial=0)) + 1
        width = _longest(problem) + 1
        self._state = random.state_of(seed, 0)
        self._old = np.zeros((n, width), dtype=np.int64)
        self._now = stroll.Stroll(
            walk=np.zeros((n, width), dtype=np.int64),
            best=np.zeros((n, width), dtype=np.int64),
            held=np.zeros(problem.n_pools, dtype=np.int64),
            room=self._paths.limit_capacity.copy(),
            money=np.zeros(3),
            reach=np.zeros(states),
            by=np.zeros(states, dtype=np.int64),
        )
        stroll.start(self._paths, self._now)
        # Compiled before any clock starts.
        stroll.wander(self._paths, self._now, self._old, self._state, 0, 1.0, MOST)
        units = -(-self._now.held // problem.pool_capacity)
        self._price = float((units * problem.pool_cost).sum()) / max(1, int(units.sum()))

    @property
    def cost(self) -> float:
        return float(self._now.money[1])

    def search(self, seconds: float, enough: float) -> None:
        """Anneal for ``seconds`` of wall time, or until a choice costs no more than ``enough``."""
        from coldchain.engines.kernels import stroll

        now = self._now
        begun, part = time.perf_counter(), 0.0
        while part < 1.0 and self.cost > enough:
            now.money[stroll.HEAT] = self._price * HOT * (COLD / HOT) ** part
            stroll.wander(self._paths, now, self._old, self._state, CHUNK, 1.0, MOST)
            part = (time.perf_counter() - begun) / max(1e-9, seconds)

    def walks(self) -> tuple[Walk, ...]:
        """The best choice met."""
        return tuple(
            tuple(int(self._order[step]) for step in row[int(row[0]) : 0 : -1])
            for row in self._now.best
        )


def _longest(problem: WalkProblem) -> int:
    """Steps of the longest walk of any customer."""
    longest = 1
    first = np.searchsorted(problem.step_customer, np.arange(problem.n_customers + 1))
    for low, high in zip(first[:-1].tolist(), first[1:].tolist(), strict=True):
        order = low + np.argsort(problem.step_tail[low:high], kind="stable")
        depth: dict[int, int] = {}
        for tail, head in zip(
            problem.step_tail[order].tolist(), problem.step_head[order].tolist(), strict=True
        ):
            depth[head] = max(depth.get(head, 0), depth.get(tail, 0) + 1)
        longest = max(longest, max(depth.values(), default=1))
    return longest


def _paths(problem: WalkProblem) -> tuple[Paths, Ints]:
    """The graphs as the kernel wants them, and the step behind each of its steps."""
    from coldchain.engines.kernels import stroll

    order = np.lexsort((problem.step_tail, problem.step_customer))
    n_limits = len(problem.limit_capacity)
    limits: list[list[int]] = [[] for _ in range(problem.n_pools)]
    for limit in range(n_limits):
        for pool in problem.limit_pool[problem.limit_start[limit] : problem.limit_start[limit + 1]]:
            limits[int(pool)].append(limit)
    pool_limit = np.full((problem.n_pools, max(1, max(map(len, limits), default=0))), n_limits)
    for pool, some in enumerate(limits):
        pool_limit[pool, : len(some)] = some
    first = np.searchsorted(problem.step_customer, np.arange(problem.n_customers + 1))
    return stroll.Paths(
        first=first.astype(np.int64),
        tail=problem.step_tail[order],
        head=problem.step_head[order],
        pool=problem.step_pool[order],
        load=problem.step_load[order],
        cost=problem.step_cost[order].astype(np.float64),
        end=problem.end_state,
        skip=problem.skip_cost.astype(np.float64),
        capacity=problem.pool_capacity,
        family=problem.pool_family,
        unit=problem.pool_cost.astype(np.float64),
        pool_limit=pool_limit.astype(np.int64),
        limit_capacity=np.append(problem.limit_capacity, 2**40).astype(np.int64),
    ), order
