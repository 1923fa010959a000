"""Small groups of customers solved jointly and exactly inside the relaxation.

The pools of a last leg are wanted by few customers each, and there the loss of the decomposition
is greatest: two customers of one town either meet in a truck or pay for two. So customers that
compete for the same small pools are put into clusters, the pools only a cluster can use become its
own (*local*), and the cluster's problem (given prices for all other pools) is solved by dynamic
programming over subsets:

    block(T)  = least cost at which the customers of T share one local pool
    whole(S)  = min over T, a subset of S with the first customer of S, of block(T) + whole(S - T)

A cluster has at most ``LARGEST`` customers, and a column at most one local pool; of two the cheaper
one stays outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldchain.engines.columns import Columns
from coldchain.engines.knapsacks import Numbers
from coldchain.selection import Ints

LARGEST = 8
"""Most customers of a cluster: the work grows as 3**LARGEST."""

MOST_BLOCKS = 150_000
"""Clusters are kept smaller when they would need more (pool, subset) blocks than this."""

MOST_CUSTOMERS = 1_500
"""Beyond this the table of affinities itself becomes the burden."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Level:
    """Subsets of one size: best of ``source`` (block) + ``remainder`` over segments."""

    target: Ints
    start: Ints
    source: Ints
    remainder: Ints


class Clusters:
    """Customers solved jointly.

    Parameters
    ----------
    columns : Columns
    groups : list of list of int
        Customers of each cluster; together they are all customers, each once.
    local : bool[n_pools]
        Pools that belong to one cluster each; a column has at most one of them.
    """

    def __init__(self, columns: Columns, groups: list[list[int]], local: NDArray[np.bool_]) -> None:
        self.columns = columns
        self.groups = groups
        self.local = local
        bit = np.zeros(columns.n_customers, dtype=np.int64)
        offset = np.zeros(columns.n_customers, dtype=np.int64)
        self.full = np.zeros(len(groups), dtype=np.int64)
        size = 0
        for at, group in enumerate(groups):
            bit[group] = 1 << np.arange(len(group))
            offset[group] = size
            self.full[at] = size + (1 << len(group)) - 1
            size += 1 << len(group)
        self.size = size
        """Subsets of all clusters; subset ``S`` of a cluster stands at its offset + S."""
        self.single = offset + bit
        self._group_columns()
        self._list_blocks(bit, offset)
        self._list_levels()

    def _group_columns(self) -> None:
        """Columns by (customer, local pair or none): only the cheapest of each matters."""
        columns = self.columns
        is_local = np.append(self.local[columns.pair_pool], False)
        mine = np.where(is_local[columns.pairs], columns.pairs, -1).max(axis=1, initial=-1)
        self.order = np.lexsort((mine, columns.customer_of))
        keys = columns.customer_of[self.order] * (columns.n_pairs + 1) + mine[self.order] + 1
        self.segment = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])[: len(keys)]
        pair = keys[self.segment] % (columns.n_pairs + 1) - 1
        self.segment_of_pair = np.full(columns.n_pairs, -1, dtype=np.int64)
        with_pair = np.flatnonzero(pair >= 0)
        self.segment_of_pair[pair[with_pair]] = with_pair
        bare = np.flatnonzero(pair < 0)
        self.bare_segment = np.full(columns.n_customers, -1, dtype=np.int64)
        self.bare_segment[keys[self.segment[bare]] // (columns.n_pairs + 1)] = bare

    def _list_blocks(self, bit: Ints, offset: Ints) -> None:
        """Every subset of the users of every local pool, smaller subsets first."""
        columns = self.columns
        users: dict[int, list[int]] = {}
        for pair in np.flatnonzero(self.local[columns.pair_pool] & (self.segment_of_pair >= 0)):
            users.setdefault(int(columns.pair_pool[pair]), []).append(int(pair))
        before: list[int] = []
        pairs: list[int] = []
        subset: list[int] = []
        units: list[int] = []
        pools: list[int] = []
        counts: list[int] = []
        for pool, members in users.items():
            capacity = int(columns.pool_capacity[pool])
            made: list[tuple[int, int, int, int]] = [(-1, 0, 0, 0)]
            for pair in members:
                customer = int(columns.pair_customer[pair])
                load = int(columns.pair_load[pair])
                for at, mask, held, count in list(made):
                    here = (len(before), mask | int(bit[customer]), held + load, count + 1)
                    before.append(at)
                    pairs.append(pair)
                    subset.append(int(offset[customer]) + here[1])
                    units.append(-(-here[2] // capacity))
                    pools.append(pool)
                    counts.append(count + 1)
                    made.append(here)
        level = np.array(counts, dtype=np.int64)
        self.block_before = np.array(before, dtype=np.int64)
        self.block_segment = self.segment_of_pair[np.array(pairs, dtype=np.int64)]
        self.block_units = np.array(units, dtype=np.int64)
        self.block_pool = np.array(pools, dtype=np.int64)
        self.block_levels = [np.flatnonzero(level == n) for n in range(1, level.max(initial=0) + 1)]
        subsets = np.array(subset, dtype=np.int64)
        self.by_subset = np.argsort(subsets, kind="stable")
        ordered = subsets[self.by_subset]
        self.subset_start = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])[: len(ordered)]
        self.subset = ordered[self.subset_start]

    def _list_levels(self) -> None:
        """Splits (S -> T and the rest), for subsets by size."""
        exists = np.zeros(self.size, dtype=bool)
        exists[self.subset] = True
        exists[self.single] = True
        rows: list[list[tuple[int, int, int]]] = [[] for _ in range(LARGEST + 1)]
        base = 0
        for group in self.groups:
            n = len(group)
            for whole in range(1, 1 << n):
                low = whole & -whole
                rest = whole ^ low
                part = rest
                while True:
                    block = part | low
                    if exists[base + block]:
                        split = (base + whole, base + block, base + (whole ^ block))
                        rows[whole.bit_count()].append(split)
                    if not part:
                        break
                    part = (part - 1) & rest
            base += 1 << n
        self.levels: list[_Level] = []
        for table in rows:
            if table:
                target, source, remainder = np.array(table, dtype=np.int64).T
                start = np.flatnonzero(np.r_[True, target[1:] != target[:-1]])
                self.levels.append(
                    _Level(target=target[start], start=start, source=source, remainder=remainder)
                )

    def over(self, columns: Columns) -> Clusters:
        """The same clusters over other columns of the same problem."""
        return Clusters(columns, self.groups, self.local)

    def cheapest(self, reduced: Numbers) -> Ints:
        """The cheapest column of each customer with each of its local pools, and with none."""
        ordered = reduced[self.order]
        lengths = np.diff(np.r_[self.segment, len(ordered)])
        least = np.repeat(np.minimum.reduceat(ordered, self.segment), lengths)
        hits = np.flatnonzero(ordered == least)
        owner = np.searchsorted(self.segment, hits, side="right")
        return self.order[hits[np.r_[True, owner[1:] != owner[:-1]]]]

    def solve(
        self, reduced: Numbers, rest: Numbers, unit: Numbers, units: Ints
    ) -> tuple[Any, Ints]:
        """Least total cost of all clusters.

        Parameters
        ----------
        reduced : n
            Cost of each column with the prices of its pools that are not local.
        rest : n_customers
            Cost of using no pool at all.
        unit : n_pools
            Cost of a unit.
        units : int64[n_pools]
            Units of the local pools are added to it.

        Returns
        -------
        value, taken
            The sum, and the column (or -1) of each customer.
        """
        far = np.iinfo(np.int64).max // 8 if reduced.dtype.kind == "i" else np.inf
        ordered = reduced[self.order]
        least = np.minimum.reduceat(ordered, self.segment) if len(self.segment) else ordered
        least = np.append(least, reduced.dtype.type(far))
        alone = np.minimum(least[self.bare_segment], rest)
        cost = np.zeros(len(self.block_before) + 1, dtype=reduced.dtype)
        for blocks in self.block_levels:
            cost[blocks] = cost[self.block_before[blocks]] + least[self.block_segment[blocks]]
            # The last cell stands for "nothing yet" and stays zero.
        cost[:-1] += self.block_units * unit[self.block_pool]
        block = np.full(self.size, far, dtype=reduced.dtype)
        if len(self.subset):
            block[self.subset] = np.minimum.reduceat(cost[self.by_subset], self.subset_start)
        shared = block[self.single] < alone
        block[self.single] = np.where(shared, block[self.single], alone)
        whole = np.zeros(self.size, dtype=reduced.dtype)
        choice = np.zeros(self.size, dtype=np.int64)
        remainder = np.zeros(self.size, dtype=np.int64)
        for level in self.levels:
            total = block[level.source] + whole[level.remainder]
            best = np.minimum.reduceat(total, level.start)
            whole[level.target] = best
            lengths = np.diff(np.r_[level.start, len(total)])
            hits = np.flatnonzero(total == np.repeat(best, lengths))[::-1]
            owner = np.searchsorted(level.start, hits, side="right") - 1
            pick = np.zeros(len(best), dtype=np.int64)
            pick[owner] = hits
            choice[level.target] = level.source[pick]
            remainder[level.target] = level.remainder[pick]
        taken = self._unfold(
            cost, block, shared, alone, rest, least, ordered, choice, remainder, units
        )
        return whole[self.full].sum(), taken

    def _unfold(
        self,
        cost: Numbers,
        block: Numbers,
        shared: NDArray[np.bool_],
        alone: Numbers,
        rest: Numbers,
        least: Numbers,
        ordered: Numbers,
        choice: Ints,
        remainder: Ints,
        units: Ints,
    ) -> Ints:
        """Walk back from the full sets to the columns."""
        columns = self.columns
        segments: list[Ints] = []
        at = self.full
        # A subset's offset is the cell of the empty set, at which the walk ends.
        chosen: list[Ints] = []
        while len(at):
            chosen.append(choice[at])
            at = remainder[at]
            at = at[choice[at] > 0]
        blocks = np.concatenate(chosen) if chosen else np.zeros(0, dtype=np.int64)
        selected = np.zeros(self.size, dtype=bool)
        selected[blocks] = True
        bare = selected[self.single] & ~shared
        go = bare & (least[self.bare_segment] < rest)
        segments.append(self.bare_segment[go])
        selected[self.single[bare]] = False
        wanted = np.flatnonzero(selected[self.subset])
        if len(wanted):
            position = _ranges(self.subset_start, wanted, len(self.by_subset))
            entries = self.by_subset[position[0]]
            hit = cost[entries] == np.repeat(block[self.subset[wanted]], position[1])
            owner = np.repeat(np.arange(len(wanted)), position[1])[hit][::-1]
            pick = np.zeros(len(wanted), dtype=np.int64)
            pick[owner] = entries[hit][::-1]
            np.add.at(units, self.block_pool[pick], self.block_units[pick])
            while len(pick):
                segments.append(self.block_segment[pick])
                pick = self.block_before[pick]
                pick = pick[pick >= 0]
        taken = np.full(columns.n_customers, -1, dtype=np.int64)
        for segment in np.concatenate(segments):
            start = self.segment[segment]
            stop = self.segment[segment + 1] if segment + 1 < len(self.segment) else len(ordered)
            column = self.order[start + int(np.argmin(ordered[start:stop]))]
            taken[columns.customer_of[column]] = column
        return taken


def _ranges(start: Ints, wanted: Ints, end: int) -> tuple[Ints, Ints]:
    """Positions of all members of the wanted segments, and how many each has."""
    stop = np.append(start[1:], end)
    lengths = stop[wanted] - start[wanted]
    shift = np.repeat(start[wanted] - np.r_[0, np.cumsum(lengths)[:-1]], lengths)
    return np.arange(int(lengths.sum())) + shift, lengths


def find_clusters(columns: Columns) -> Clusters | None:
    """Clusters of customers that compete for the same small pools, or None if nothing is local."""
    if not columns.n or columns.n_customers > MOST_CUSTOMERS:
        return None
    pool, customer = columns.pair_pool, columns.pair_customer
    users = np.bincount(pool, minlength=columns.n_pools)
    ragged = np.zeros(columns.n_pools, dtype=bool)
    ragged[pool[columns.pair_load % columns.pool_capacity[pool] != 0]] = True
    table = np.zeros((columns.n_pools, columns.n_customers))
    table[pool, customer] = np.sqrt(columns.pool_cost[pool]) / users[pool]
    affinity = table.T @ table
    np.fill_diagonal(affinity, 0.0)
    for largest in range(LARGEST, 1, -1):
        groups = _merge(affinity, largest)
        local = _local_pools(columns, groups, ragged)
        if not local.any():
            return None
        if int((1 << np.minimum(users[local], 40)).sum()) <= MOST_BLOCKS:
            return Clusters(columns, groups, local)
    return None


def _merge(affinity: NDArray[np.float64], largest: int) -> list[list[int]]:
    """Merge the two groups of greatest mean affinity while they stay small enough."""
    total = affinity.copy()
    n = len(total)
    size = np.ones(n)
    groups: list[list[int]] = [[k] for k in range(n)]
    mean = total.copy()
    while n:
        at = int(np.argmax(mean))
        one, two = divmod(at, n)
        if mean[one, two] <= 0.0:
            break
        if size[one] + size[two] > largest:
            mean[one, two] = mean[two, one] = 0.0
            continue
        groups[one] += groups[two]
        groups[two] = []
        size[one] += size[two]
        size[two] = 0.0
        total[one] += total[two]
        total[:, one] += total[:, two]
        total[two] = total[:, two] = 0.0
        total[one, one] = 0.0
        mean[two] = mean[:, two] = 0.0
        alive = (size > 0) & (size + size[one] <= largest)
        mean[one] = np.where(alive, total[one] / np.maximum(size * size[one], 1.0), 0.0)
        mean[one, one] = 0.0
        mean[:, one] = mean[one]
    return [sorted(group) for group in groups if group]


def _local_pools(
    columns: Columns, groups: list[list[int]], ragged: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Pools used inside one group only, at most one per column (the dearer ones win)."""
    group_of = np.zeros(columns.n_customers, dtype=np.int64)
    for at, group in enumerate(groups):
        group_of[group] = at
    low = np.full(columns.n_pools, len(groups), dtype=np.int64)
    high = np.full(columns.n_pools, -1, dtype=np.int64)
    np.minimum.at(low, columns.pair_pool, group_of[columns.pair_customer])
    np.maximum.at(high, columns.pair_pool, group_of[columns.pair_customer])
    local = (low == high) & ragged
    padded_pool = np.append(columns.pair_pool, columns.n_pools)[columns.pairs]
    rank = np.zeros(columns.n_pools + 1, dtype=np.int64)
    rank[np.argsort(columns.pool_cost, kind="stable")] = np.arange(1, columns.n_pools + 1)
    while True:
        inside = np.append(local, False)[padded_pool]
        crowded = np.flatnonzero(inside.sum(axis=1) > 1)
        if not len(crowded):
            return local
        ranks = np.where(inside[crowded], rank[padded_pool[crowded]], columns.n_pools + 1)
        cheapest = np.argmin(ranks, axis=1)
        local[np.unique(padded_pool[crowded, cheapest])] = False
