"""Every customer for itself: the baseline that seeks no sharing.

In customer order each takes the option that is cheapest if it alone pays the whole units it needs
and the whole of every commitment, unless a limit is used up by those before it: then the next
cheapest, or it is skipped. So it never opens a departure that pays only for several together, and
does not see that those before it have paid for one already.
"""

from __future__ import annotations

import numpy as np

from coldchain.engines.record import Record, Report, silent
from coldchain.selection import Effort, Ints, Selection, SelectionProblem, Status

VERSION = "1"


def choose_greedy(problem: SelectionProblem, effort: Effort, report: Report = silent) -> Selection:
    """First come, first served.

    The stated cost is that of the selection, in which equal pools are shared where they happen to
    coincide; what the customers would pay with nothing shared is ``stand_alone_cost``. The hint is
    ignored, and the bound is the trivial one.
    """
    plain = Effort(seconds=effort.seconds, gap=effort.gap, threads=1, seed=effort.seed)
    record = Record(problem, plain, report)
    record.enter("insert")
    record.replace(_first_come(problem))
    return record.selection(engine="greedy", version=VERSION, status=Status.HEURISTIC)


def stand_alone_cost(problem: SelectionProblem) -> int:
    """Cost (cents) when every customer pays units and commitments of its own, limits ignored."""
    least = problem.skip_cost.copy()
    np.minimum.at(least, problem.option_customer, _own_cost(problem))
    return int(least.sum())


def _own_cost(problem: SelectionProblem) -> Ints:
    """Cost of each option with whole units, and commitments, for itself: int64[n_options]."""
    row = np.repeat(np.arange(problem.n_options), np.diff(problem.option_start))
    units = -(-problem.option_load // problem.pool_capacity[problem.option_pool])
    total = problem.option_cost.copy()
    np.add.at(total, row, units * problem.pool_cost[problem.option_pool])
    for commitment in range(problem.n_commitments):
        inside = np.isin(problem.option_pool, problem.committed(commitment))
        used = np.zeros(problem.n_options, dtype=np.int64)
        np.add.at(used, row[inside], units[inside])
        short = np.maximum(problem.commitment_minimum[commitment] - used, 0)
        paid = problem.commitment_cost[commitment]
        paid = paid + problem.commitment_short_cost[commitment] * short
        total += np.where(used > 0, paid, 0)
    return total


def _first_come(problem: SelectionProblem) -> Ints:
    own = _own_cost(problem)
    first = np.searchsorted(problem.option_customer, np.arange(problem.n_customers + 1))
    limits_of: dict[int, list[int]] = {}
    for limit in range(problem.n_limits):
        for pool in problem.limit_pool[problem.limit_start[limit] : problem.limit_start[limit + 1]]:
            limits_of.setdefault(int(pool), []).append(limit)
    room = problem.limit_capacity.tolist()
    held: dict[int, int] = {}
    chosen = np.full(problem.n_customers, -1, dtype=np.int64)
    for customer in range(problem.n_customers):
        base = int(first[customer])
        order = np.argsort(own[base : first[customer + 1]], kind="stable")
        for option in (order + base).tolist():
            if own[option] >= problem.skip_cost[customer]:
                break
            need: dict[int, int] = {}
            after: dict[int, int] = {}
            for entry in range(
                int(problem.option_start[option]), int(problem.option_start[option + 1])
            ):
                pool = int(problem.option_pool[entry])
                capacity, before = int(problem.pool_capacity[pool]), held.get(pool, 0)
                after[pool] = before + int(problem.option_load[entry])
                for limit in limits_of.get(pool, ()):
                    more = -(-after[pool] // capacity) - -(-before // capacity)
                    need[limit] = need.get(limit, 0) + more
            if all(units <= room[limit] for limit, units in need.items()):
                held.update(after)
                for limit, units in need.items():
                    room[limit] -= units
                chosen[customer] = option
                break
    return chosen
