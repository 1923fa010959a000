"""The problem made smaller without losing any optimum, in numpy columns every engine reads.

Four reductions, all exact:

* a pool that cannot be shared (one user, or every load a whole number of units) and stands in no
  limit and no commitment is no decision: its units are added to the cost of the options;
* an option is dropped when another of the same customer uses the same pools, or fewer, and costs
  no more (being skipped is the option with no pools at all; no unit saves money);
* an option that alone breaks a limit is dropped;
* a limit that cannot bind is dropped, and so is a commitment that costs nothing.

They are repeated until nothing changes, for an option less may leave a pool with a single user.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from coldchain.selection import Ints, SelectionProblem

SUBSET_WIDTH = 5
"""Options with more pools than this are compared only with equal sets: subsets grow as 2**width."""

SUBSET_OPTIONS = 150_000
"""In longer tables all options are compared only with equal sets: the few that a smaller set
dominates are not worth the time, for prices put them aside later."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Commitment:
    """What is paid as soon as a unit of its ``pools`` is opened.

    Attributes
    ----------
    number : int
        Number in the problem.
    pools : int64[...]
    cost, minimum, short_cost : int
        ``cost``, and ``short_cost`` for every unit missing to ``minimum`` (money).
    most : int
        Most units its pools may open together: by a limit on them, or by the loads. It is that of
        the problem before anything was reduced, so that a bound holds for that in so many words.
    capped : bool
        Whether a limit lists just these pools.
    """

    number: int
    pools: Ints
    cost: int
    minimum: int
    short_cost: int
    most: int
    capped: bool

    def paid(self, units: int) -> int:
        """What is paid with so many units (money)."""
        if not units:
            return 0
        return self.cost + self.short_cost * max(0, self.minimum - units)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Columns:
    """What is left to decide. A *pair* is a customer and a pool it can use; its load is fixed.

    Attributes
    ----------
    problem : SelectionProblem
        What was reduced.
    option : int64[n]
        Option of the problem behind each column; columns are sorted by customer.
    first : int64[n_customers + 1]
        Columns of customer ``k`` are ``first[k]:first[k + 1]``.
    customer_of : int64[n]
        Customer of each column.
    cost : int64[n]
        Cost of the column (cents) with everything that is no decision added.
    pairs : int64[n, width]
        Pairs of the column, filled up with ``n_pairs`` (a pair that weighs nothing).
    rest_cost, rest_option : int64[n_customers]
        Cheapest way to use no pool at all: its cost (cents), and the option, or -1 for skipped.
    pair_customer, pair_pool, pair_load : int64[n_pairs]
        Sorted by customer; ``pair_pool`` counts the pools of the next line.
    pool_capacity, pool_cost : int64[n_pools]
        Pools left.
    limit_capacity : int64[n_limits]
    limit_pools : tuple of int64 arrays
        Pools (counted as above) of each limit left.
    commitments : tuple of Commitment
        Commitments left.
    pool_number : int64[n_pools]
    limit_number : int64[n_limits]
        Their numbers in the problem.
    settled : int64[..., 3]
        Customer, pool (numbers of the problem) and price (cents) of what was no decision.
    """

    problem: SelectionProblem
    option: Ints
    first: Ints
    customer_of: Ints
    cost: Ints
    pairs: Ints
    rest_cost: Ints
    rest_option: Ints
    pair_customer: Ints
    pair_pool: Ints
    pair_load: Ints
    pool_capacity: Ints
    pool_cost: Ints
    limit_capacity: Ints
    limit_pools: tuple[Ints, ...]
    commitments: tuple[Commitment, ...]
    pool_number: Ints
    limit_number: Ints
    settled: Ints

    @property
    def n(self) -> int:
        return len(self.cost)

    @property
    def n_customers(self) -> int:
        return len(self.rest_cost)

    @property
    def n_pairs(self) -> int:
        return len(self.pair_pool)

    @property
    def n_pools(self) -> int:
        return len(self.pool_cost)

    @property
    def pair_units(self) -> Ints:
        """Units a pair needs when it is alone in its pool: int64[n_pairs]."""
        return -(-self.pair_load // self.pool_capacity[self.pair_pool])

    def lift(self, taken: Ints) -> Ints:
        """Options of the problem behind ``taken`` (a column or -1 per customer)."""
        if not self.n:
            return self.rest_option.copy()
        return np.where(taken >= 0, self.option[taken], self.rest_option)

    def lower(self, chosen: Ints) -> Ints:
        """Columns that stand for ``chosen`` options; -1 where the option was reduced away."""
        column_of = np.full(self.problem.n_options + 1, -1, dtype=np.int64)
        column_of[self.option] = np.arange(self.n)
        return column_of[chosen]


def restrict(columns: Columns, kept: Ints) -> Columns:
    """Only the ``kept`` columns (ascending); customers, pairs, pools and limits stay as counted."""
    customer_of = columns.customer_of[kept]
    return replace(
        columns,
        option=columns.option[kept],
        first=np.searchsorted(customer_of, np.arange(columns.n_customers + 1)),
        customer_of=customer_of,
        cost=columns.cost[kept],
        pairs=columns.pairs[kept],
    )


def reduce(problem: SelectionProblem) -> Columns:
    """Apply the reductions of this module until nothing changes."""
    work = _Work(problem)
    while work.fold() | work.drop_dominated():
        pass
    return work.finish()


class _Work:
    """The option table while it shrinks."""

    def __init__(self, problem: SelectionProblem) -> None:
        self.problem = problem
        width = np.diff(problem.option_start)
        entry_customer = np.repeat(problem.option_customer, width)
        keys, pair = np.unique(
            entry_customer * max(1, problem.n_pools) + problem.option_pool, return_inverse=True
        )
        self.pair_customer = keys // max(1, problem.n_pools)
        self.pair_pool = keys % max(1, problem.n_pools)
        self.pair_load = np.zeros(len(keys), dtype=np.int64)
        self.pair_load[pair] = problem.option_load
        if not np.array_equal(self.pair_load[pair], problem.option_load):
            raise ValueError("a customer must put one and the same load into a pool")
        self.empty = len(keys)
        self.pairs = np.full((problem.n_options, max(1, int(width.max(initial=0)))), self.empty)
        row = np.repeat(np.arange(problem.n_options), width)
        self.pairs[row, np.arange(len(pair)) - problem.option_start[row]] = pair
        self.option = np.arange(problem.n_options)
        self.customer = problem.option_customer.astype(np.int64)
        self.cost = problem.option_cost.astype(np.int64)
        self.rest_cost = problem.skip_cost.astype(np.int64).copy()
        self.rest_option = np.full(problem.n_customers, -1, dtype=np.int64)
        self.units = -(-self.pair_load // problem.pool_capacity[self.pair_pool])
        self.limits = [
            problem.limit_pool[problem.limit_start[limit] : problem.limit_start[limit + 1]]
            for limit in range(problem.n_limits)
        ]
        self.live_limits = np.ones(problem.n_limits, dtype=bool)
        dearest = (
            problem.commitment_cost + problem.commitment_minimum * problem.commitment_short_cost
        )
        self.live_commitments = np.flatnonzero(dearest > 0)
        self.committed = np.zeros(problem.n_pools, dtype=bool)
        for commitment in self.live_commitments.tolist():
            self.committed[problem.committed(commitment)] = True
        self._drop_misfits()
        self.first_most = self._most()
        """Units of each pool that hold all that may come at all."""
        self.settled = np.zeros((0, 3), dtype=np.int64)

    def _keep(self, mask: NDArray[np.bool_]) -> bool:
        if bool(mask.all()):
            return False
        self.option, self.customer = self.option[mask], self.customer[mask]
        self.cost, self.pairs = self.cost[mask], self.pairs[mask]
        return True

    def _drop_misfits(self) -> None:
        """Options that break a limit all by themselves."""
        misfit = np.zeros(len(self.option), dtype=bool)
        units = np.append(self.units, 0)
        for limit, pools in enumerate(self.limits):
            inside = np.append(np.isin(self.pair_pool, pools), False)
            alone = np.where(inside, units, 0)
            misfit |= alone[self.pairs].sum(axis=1) > self.problem.limit_capacity[limit]
        self._keep(~misfit)

    def _most(self) -> Ints:
        """Units of each pool that hold all that could still come."""
        used = np.zeros(self.empty + 1, dtype=bool)
        used[self.pairs] = True
        most = np.zeros(self.problem.n_pools, dtype=np.int64)
        np.add.at(most, self.pair_pool[used[:-1]], self.pair_load[used[:-1]])
        return -(-most // self.problem.pool_capacity)

    def _limited(self) -> NDArray[np.bool_]:
        """Pools in a limit that can still bind; limits that cannot any more are put aside."""
        limited = np.zeros(self.problem.n_pools, dtype=bool)
        most = self._most()
        for limit, pools in enumerate(self.limits):
            if int(most[pools].sum()) <= int(self.problem.limit_capacity[limit]):
                self.live_limits[limit] = False
            if self.live_limits[limit]:
                limited[pools] = True
        return limited

    def fold(self) -> bool:
        """Add the pools that are no decision to the cost of the options."""
        problem = self.problem
        used = np.zeros(self.empty + 1, dtype=bool)
        used[self.pairs] = True
        users = np.bincount(self.pair_pool[used[:-1]], minlength=problem.n_pools)
        capacity = problem.pool_capacity[self.pair_pool]
        ragged = np.zeros(problem.n_pools, dtype=bool)
        ragged[self.pair_pool[used[:-1] & (self.pair_load % capacity != 0)]] = True
        settled = ((users <= 1) | ~ragged | (problem.pool_cost == 0)) & ~self._limited()
        settled &= ~self.committed
        gone = np.append(settled[self.pair_pool], False)
        if not bool((gone & used).any()):
            return False
        price = np.append(self.units * problem.pool_cost[self.pair_pool], 0) * gone
        new = np.flatnonzero((gone & used)[:-1])
        rows = np.stack([self.pair_customer[new], self.pair_pool[new], price[new]], axis=1)
        self.settled = np.concatenate([self.settled, rows])
        self.cost = self.cost + price[self.pairs].sum(axis=1)
        self.pairs = np.where(gone[self.pairs], self.empty, self.pairs)
        return True

    def drop_dominated(self) -> bool:
        """Drop options with the same pools as another, or more, that are not cheaper."""
        self.pairs = np.sort(self.pairs, axis=1)
        before = len(self.option)
        bare = self.pairs[:, 0] == self.empty if len(self.option) else np.zeros(0, dtype=bool)
        for row in np.flatnonzero(bare):
            customer = self.customer[row]
            if self.cost[row] < self.rest_cost[customer]:
                self.rest_cost[customer] = self.cost[row]
                self.rest_option[customer] = self.option[row]
        self._keep(~bare & (self.cost < self.rest_cost[self.customer]))
        if not len(self.option):
            return before > 0
        # Equal sets have equal sums of random words; neighbours are then compared for real.
        order = np.lexsort((self.cost, self._words()[self.pairs].sum(axis=1)))
        ordered = self.pairs[order]
        fresh = np.ones(len(order), dtype=bool)
        fresh[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
        keep = np.zeros(len(order), dtype=bool)
        keep[order[fresh]] = True
        self._keep(keep)
        if len(self.option) <= SUBSET_OPTIONS:
            self._keep(~self._has_better_subset())
        return len(self.option) < before

    def _words(self) -> NDArray[np.uint64]:
        """A random word for each pair; the sum of the words of a set stands for the set."""
        words = np.random.default_rng(0).integers(1, 2**62, size=self.empty + 1, dtype=np.uint64)
        words[self.empty] = 0
        return words

    def _has_better_subset(self) -> NDArray[np.bool_]:
        """Options with a witness: another that uses some of their pools and costs no more.

        Sets are found by a sum of random words and then compared for real.
        """
        words = self._words()
        word = words[self.pairs].sum(axis=1)
        size = (self.pairs != self.empty).sum(axis=1)
        order = np.argsort(word)
        ordered = word[order]
        dominated = np.zeros(len(word), dtype=bool)
        for width in range(2, min(SUBSET_WIDTH, int(size.max(initial=0))) + 1):
            rows = np.flatnonzero(size == width)
            for part in (c for n in range(1, width) for c in combinations(range(width), n)):
                subset = self.pairs[rows][:, part]
                target: NDArray[np.uint64] = words[subset].sum(axis=1)
                at = np.searchsorted(ordered, target)
                witness = order[np.minimum(at, len(word) - 1)]
                same = (self.pairs[witness][:, : len(part)] == subset).all(axis=1)
                same &= size[witness] == len(part)
                dominated[rows] |= same & (self.cost[witness] <= self.cost[rows])
        return dominated

    def finish(self) -> Columns:
        problem = self.problem
        self._limited()
        used = np.zeros(self.empty + 1, dtype=bool)
        used[self.pairs] = True
        live_pairs = np.flatnonzero(used[:-1])
        pools = np.unique(self.pair_pool[live_pairs])
        new_pair = np.full(self.empty + 1, len(live_pairs))
        new_pair[live_pairs] = np.arange(len(live_pairs))
        new_pool = np.full(problem.n_pools, -1)
        new_pool[pools] = np.arange(len(pools))
        pairs = new_pair[self.pairs]
        width = int((pairs != len(live_pairs)).sum(axis=1).max(initial=0))
        live = np.flatnonzero(self.live_limits)
        members = [new_pool[self.limits[limit]] for limit in live]
        limit_pools = tuple(pool[pool >= 0] for pool in members)
        limit_capacity = problem.limit_capacity[live].astype(np.int64)
        commitments: list[Commitment] = []
        for commitment in self.live_commitments.tolist():
            whole = problem.committed(commitment)
            mine = new_pool[whole]
            mine = np.sort(mine[mine >= 0])
            if not len(mine):
                continue
            caps = [
                int(capacity)
                for number, capacity, listed in zip(live, limit_capacity, limit_pools, strict=True)
                if np.array_equal(np.sort(listed), mine)
                and bool(np.isin(whole, self.limits[number]).all())
            ]
            commitments.append(
                Commitment(
                    number=commitment,
                    pools=mine,
                    cost=int(problem.commitment_cost[commitment]),
                    minimum=int(problem.commitment_minimum[commitment]),
                    short_cost=int(problem.commitment_short_cost[commitment]),
                    most=min([int(self.first_most[whole].sum()), *caps]),
                    capped=bool(caps),
                )
            )
        return Columns(
            problem=problem,
            option=self.option,
            first=np.searchsorted(self.customer, np.arange(problem.n_customers + 1)),
            customer_of=self.customer,
            cost=self.cost,
            pairs=pairs[:, :width],
            rest_cost=self.rest_cost,
            rest_option=self.rest_option,
            pair_customer=self.pair_customer[live_pairs],
            pair_pool=new_pool[self.pair_pool[live_pairs]],
            pair_load=self.pair_load[live_pairs],
            pool_capacity=problem.pool_capacity[pools].astype(np.int64),
            pool_cost=problem.pool_cost[pools].astype(np.int64),
            limit_capacity=limit_capacity,
            limit_pools=limit_pools,
            commitments=tuple(commitments),
            pool_number=pools,
            limit_number=live,
            settled=self.settled,
        )
