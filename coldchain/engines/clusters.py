"""Small groups of customers solved jointly and exactly inside the relaxation.

The pools of a last leg are wanted by few customers each, and there the loss of the decomposition
is greatest: two customers of one town either meet in a truck or pay for two. So customers that
compete for the same pools are put into clusters, and a cluster *owns* the pools that matter most
to it. What its members put there (their pairs are *inner*) has no price; the cluster's
problem, given prices for all other pairs, is solved by dynamic programming over subsets:

    block(T)  = least cost at which the customers of T share one pool of their own
    whole(S)  = min over T, a subset of S with the first customer of S, of block(T) + whole(S - T)

A *guest* uses an owned pool by a pair that is not inner. Guests pay their price as everywhere; the
owner packs those of them into what room is left that pay best, so with V(h) = least cost of a pool,
less what its guests pay, when members put h into it, a block costs V(h) - V(0), and V(0) is added
once. Two blocks of one partition may name the same pool and both count on its room: that only
relaxes, and an *entry* price >= 0, which every block of a pool pays and which is given back once,
keeps it rare. It has its place among the prices of pairs, at the pool's first inner pair.

A cluster has at most ``LARGEST`` customers, and a column at most one inner pair: of two, the one at
whose pool less is at stake keeps its price.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldchain.engines.columns import Columns
from coldchain.engines.guests import Guests
from coldchain.engines.knapsacks import GRID, Numbers
from coldchain.selection import Ints

LARGEST = 8
"""Most customers of a cluster: the work grows as 3**LARGEST."""

MOST_BLOCKS = 150_000
"""Clusters are kept smaller when they would need more (pool, subset) blocks than this."""

MOST_UNITS = 8
"""A pool with guests is owned if this many units hold all that could come there."""

BLOCKS_EACH = 300
"""The same per customer, where there are many."""

MOST_USERS = 48
"""Pools that more customers could use say nothing about who belongs together."""

MOST_FRIENDS = 24
"""How many others a customer is compared with."""


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
    inner : bool[n_pairs]
        Pairs without a price: at most one in a column, and in a pool all of one cluster.
    """

    def __init__(self, columns: Columns, groups: list[list[int]], inner: NDArray[np.bool_]) -> None:
        self.columns = columns
        self.groups = groups
        self.inner = inner
        self.owned = np.zeros(columns.n_pools, dtype=bool)
        """Pools packed here: bool[n_pools]."""
        pairs = np.flatnonzero(inner)
        pools, first = np.unique(columns.pair_pool[pairs], return_index=True)
        self.owned[pools] = True
        self.entry = pairs[first]
        """Pairs whose price is an entry price, one for each owned pool (ascending)."""
        self.entry_of = np.zeros(columns.n_pools, dtype=np.int64)
        self.entry_of[pools] = self.entry
        self.guests = Guests(columns, np.flatnonzero(self.owned[columns.pair_pool] & ~self.inner))
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
        """Columns by (customer, inner pair or none): only the cheapest of each matters."""
        columns = self.columns
        is_inner = np.append(self.inner, False)
        mine = np.where(is_inner[columns.pairs], columns.pairs, -1).max(axis=1, initial=-1)
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
        """Every subset of the members that use an owned pool, each after the one it extends.

        Pools with equally many members are listed together: the subset ``mask`` of a pool extends
        that without its highest bit.
        """
        columns = self.columns
        pairs = np.flatnonzero(self.inner & (self.segment_of_pair >= 0))
        pairs = pairs[np.argsort(columns.pair_pool[pairs], kind="stable")]
        pools, first, count = np.unique(
            columns.pair_pool[pairs], return_index=True, return_counts=True
        )
        parts: list[tuple[Ints, ...]] = []
        listed = 0
        for n in np.unique(count).tolist():
            here = np.flatnonzero(count == n)
            member = pairs[first[here][:, None] + np.arange(n)]
            mask: Ints = np.arange(1, 1 << n, dtype=np.int64)
            highest: Ints = np.floor(np.log2(mask)).astype(np.int64)
            inside = np.array((mask[:, None] >> np.arange(n)) & 1, dtype=np.int64)
            start = listed + np.arange(len(here))[:, None] * len(mask)
            shorter: Ints = mask ^ (1 << highest)
            customer = columns.pair_customer[member]
            parts.append(
                (
                    np.where(shorter > 0, start + shorter - 1, -1).ravel(),
                    self.segment_of_pair[member[:, highest]].ravel(),
                    np.repeat(pools[here], len(mask)),
                    (columns.pair_load[member] @ inside.T).ravel(),
                    (offset[customer[:, :1]] + bit[customer] @ inside.T).ravel(),
                    np.tile(inside.sum(axis=1), len(here)),
                )
            )
            listed += len(here) * len(mask)
        tables = [np.concatenate(part) for part in zip(*parts, strict=True)] or [
            np.zeros(0, dtype=np.int64)
        ] * 6
        self.block_before, self.block_segment, self.block_pool = tables[:3]
        self.block_load, subsets, level = tables[3:]
        self.block_units = -(-self.block_load // columns.pool_capacity[self.block_pool])
        self.block_levels = [np.flatnonzero(level == n) for n in range(1, level.max(initial=0) + 1)]
        self.by_subset = np.argsort(subsets, kind="stable")
        ordered = subsets[self.by_subset]
        self.subset_start = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])[: len(ordered)]
        self.subset = ordered[self.subset_start]

    def _list_levels(self) -> None:
        """Splits (S -> T and the rest), for subsets by size."""
        exists = np.zeros(self.size, dtype=bool)
        exists[self.subset] = True
        exists[self.single] = True
        sizes = np.array([len(group) for group in self.groups], dtype=np.int64)
        bases = np.cumsum(np.r_[0, 1 << sizes])[:-1]
        rows: list[list[Ints]] = [[] for _ in range(LARGEST + 1)]
        for n in np.unique(sizes).tolist():
            whole, block = _splits(n)
            members = np.array([int(x).bit_count() for x in range(1 << n)])[whole]
            base = bases[sizes == n][:, None]
            for size in range(1, n + 1):
                at = np.flatnonzero(members == size)
                table = np.stack(
                    np.broadcast_arrays(
                        base + whole[at], base + block[at], base + (whole ^ block)[at]
                    )
                ).reshape(3, -1)
                rows[size].append(table[:, exists[table[1]]])
        self.levels: list[_Level] = []
        for tables in rows:
            if tables:
                target, source, remainder = np.concatenate(tables, axis=1)
                start = np.flatnonzero(np.r_[True, target[1:] != target[:-1]])
                self.levels.append(
                    _Level(target=target[start], start=start, source=source, remainder=remainder)
                )

    def over(self, columns: Columns) -> Clusters:
        """The same clusters over other columns of the same problem."""
        return Clusters(columns, self.groups, self.inner)

    def cheapest(self, reduced: Numbers) -> Ints:
        """The cheapest column of each customer with each of its inner pairs, and with none."""
        ordered = reduced[self.order]
        lengths = np.diff(np.r_[self.segment, len(ordered)])
        least = np.repeat(np.minimum.reduceat(ordered, self.segment), lengths)
        hits = np.flatnonzero(ordered == least)
        owner = np.searchsorted(self.segment, hits, side="right")
        return self.order[hits[np.r_[True, owner[1:] != owner[:-1]]]]

    def solve(
        self, reduced: Numbers, rest: Numbers, unit: Numbers, price: Numbers, units: Ints
    ) -> tuple[Any, Ints, Ints]:
        """Least total cost of all clusters and of the pools they own.

        Parameters
        ----------
        reduced : n
            Cost of each column with the prices of its pairs that are not inner.
        rest : n_customers
            Cost of using no pool at all.
        unit : n_pools
            Cost of a unit.
        price : n_pairs
            What a guest pays, and entry prices.
        units : int64[n_pools]
            Units of pools without guests are added to it.

        Returns
        -------
        value, taken, packs
            The sum, the column (or -1) of each customer, and how often each guest is packed: the
            value falls so fast as its price rises (entry prices likewise).
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
        packed = self.guests.pack(price, unit)
        cost[:-1] += packed.extra(self.block_pool, self.block_load, self.block_units, unit)
        cost[:-1] += price[self.entry_of[self.block_pool]]
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
        taken, blocks = self._unfold(
            cost, block, shared, alone, rest, least, ordered, choice, remainder, units
        )
        packs = packed.slope(self.block_pool[blocks], self.block_load[blocks], unit)
        # One entry is given back, so the slope there is the number of blocks less one.
        packs[self.entry] += 1
        np.add.at(packs, self.entry_of[self.block_pool[blocks]], -1)
        return whole[self.full].sum() + packed.base - price[self.entry].sum(), taken, packs

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
    ) -> tuple[Ints, Ints]:
        """Walk back from the full sets to the columns; also the blocks taken."""
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
        picked = np.zeros(0, dtype=np.int64)
        if len(wanted):
            position = _ranges(self.subset_start, wanted, len(self.by_subset))
            entries = self.by_subset[position[0]]
            hit = cost[entries] == np.repeat(block[self.subset[wanted]], position[1])
            owner = np.repeat(np.arange(len(wanted)), position[1])[hit][::-1]
            pick = np.zeros(len(wanted), dtype=np.int64)
            pick[owner] = entries[hit][::-1]
            picked = pick
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
        return taken, picked


def _group_of(columns: Columns, groups: list[list[int]]) -> Ints:
    group_of = np.zeros(columns.n_customers, dtype=np.int64)
    for at, group in enumerate(groups):
        group_of[group] = at
    return group_of


def _ranges(start: Ints, wanted: Ints, end: int) -> tuple[Ints, Ints]:
    """Positions of all members of the wanted segments, and how many each has."""
    stop = np.append(start[1:], end)
    lengths = stop[wanted] - start[wanted]
    shift = np.repeat(start[wanted] - np.r_[0, np.cumsum(lengths)[:-1]], lengths)
    return np.arange(int(lengths.sum())) + shift, lengths


def _splits(n: int) -> tuple[Ints, Ints]:
    """Every set of ``n`` and every part of it with its first member, by the set."""
    rows: list[tuple[int, int]] = []
    for whole in range(1, 1 << n):
        low = whole & -whole
        part = rest = whole ^ low
        while True:
            rows.append((whole, part | low))
            if not part:
                break
            part = (part - 1) & rest
    whole, block = np.array(rows, dtype=np.int64).T
    return whole, block


def find_clusters(columns: Columns, worth: NDArray[np.float64] | None = None) -> Clusters | None:
    """Clusters of customers that compete for the same pools, or None if nothing is to be owned.

    Parameters
    ----------
    columns : Columns
    worth : float64[n_pairs], optional
        How much (money) is at stake at a pair. Without it, pools of few users count most.
    """
    if not columns.n:
        return None
    pool = columns.pair_pool
    users = np.bincount(pool, minlength=columns.n_pools)
    ragged = np.zeros(columns.n_pools, dtype=bool)
    ragged[pool[columns.pair_load % columns.pool_capacity[pool] != 0]] = True
    if worth is None:
        worth = columns.pool_cost[pool] / np.square(users[pool])
    # A trace of the cost settles what nothing is at stake at.
    worth = worth + 1e-3 * columns.pool_cost[pool] / np.square(users[pool])
    friends = _affinity(columns, np.sqrt(worth))
    most = max(MOST_BLOCKS, BLOCKS_EACH * columns.n_customers)
    for largest in range(LARGEST, 1, -1):
        groups = _merge(columns.n_customers, friends, largest)
        inner = _inner(columns, groups, ragged, worth)
        if not inner.any():
            return None
        members = np.bincount(pool[inner], minlength=columns.n_pools)
        if int((1 << np.minimum(members, 40)).sum()) <= most:
            return Clusters(columns, groups, inner)
    return None


def _affinity(columns: Columns, weight: NDArray[np.float64]) -> list[dict[int, float]]:
    """How much each customer has in common with his nearest friends, by customer.

    It is the sum over the pools both could use of the product of their weights. Pools that many
    could use tie nobody to anybody.
    """
    n = columns.n_customers
    order = np.argsort(columns.pair_pool, kind="stable")
    _, first, count = np.unique(columns.pair_pool[order], return_index=True, return_counts=True)
    keys: list[Ints] = []
    values: list[NDArray[np.float64]] = []
    for users in np.unique(count[(count >= 2) & (count <= MOST_USERS)]).tolist():
        pair = order[first[count == users][:, None] + np.arange(users)]
        one, two = np.triu_indices(users, 1)
        customer = np.sort(columns.pair_customer[pair], axis=1)
        by_customer = np.argsort(columns.pair_customer[pair], axis=1, kind="stable")
        mine = np.take_along_axis(weight[pair], by_customer, axis=1)
        keys.append((customer[:, one] * n + customer[:, two]).ravel())
        values.append((mine[:, one] * mine[:, two]).ravel())
    friends: list[dict[int, float]] = [{} for _ in range(n)]
    if not keys:
        return friends
    key, at = np.unique(np.concatenate(keys), return_inverse=True)
    value = np.bincount(at, weights=np.concatenate(values))
    # The nearest of each customer, whichever of the two he is.
    one, two = np.r_[key // n, key % n], np.r_[key % n, key // n]
    both = np.r_[value, value]
    by_one = np.lexsort((two, -both, one))
    begins = np.array(np.searchsorted(one[by_one], one[by_one]), dtype=np.int64)
    nearest = by_one[np.arange(len(by_one)) - begins < MOST_FRIENDS]
    for at in nearest.tolist():
        friends[one[at]][int(two[at])] = friends[two[at]][int(one[at])] = float(both[at])
    return friends


def _merge(n: int, friends: list[dict[int, float]], largest: int) -> list[list[int]]:
    """Merge the two groups of greatest mean affinity while they stay small enough."""
    groups: list[list[int]] = [[k] for k in range(n)]
    common = [dict(mine) for mine in friends]
    queue = [(-value, one, two) for one in range(n) for two, value in common[one].items()]
    heapq.heapify(queue)
    while queue:
        mean, one, two = heapq.heappop(queue)
        size = len(groups[one]) * len(groups[two])
        # What was said of groups that have grown since is said no more.
        if not size or two not in common[one] or common[one][two] != -mean * size:
            continue
        if len(groups[one]) + len(groups[two]) > largest:
            continue
        groups[one] += groups[two]
        groups[two] = []
        del common[one][two]
        for other, value in common[two].items():
            if other != one:
                common[one][other] = common[one].get(other, 0.0) + value
                common[other][one] = common[one][other]
                del common[other][two]
        common[two] = {}
        for other, value in common[one].items():
            mean = value / (len(groups[one]) * len(groups[other]))
            common[one][other] = common[other][one] = mean * len(groups[one]) * len(groups[other])
            heapq.heappush(queue, (-mean, min(one, other), max(one, other)))
    return [sorted(group) for group in groups if group]


def _inner(
    columns: Columns,
    groups: list[list[int]],
    ragged: NDArray[np.bool_],
    worth: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Pairs to be inner: bool[n_pairs].

    A pool is owned by the cluster with most at stake there. Pools are gone through by what is at
    stake; a member's pair is inner unless one of its columns has an inner pair already. Fewer than
    two inner pairs are none. Pools with guests must be small enough to be packed exactly, and
    limits must not touch them. Pools of a commitment open and close together: no cluster has them.
    """
    n_groups, n_pools = len(groups), columns.n_pools
    pool, load = columns.pair_pool, columns.pair_load
    group = _group_of(columns, groups)[columns.pair_customer]
    common = columns.pool_capacity.copy()
    np.gcd.at(common, pool, load)
    total = np.zeros(n_pools, dtype=np.int64)
    np.add.at(total, pool, load)
    packable = columns.pool_capacity // common <= GRID
    packable &= total <= MOST_UNITS * columns.pool_capacity
    for pools in columns.limit_pools:
        packable[pools] = False
    committed = np.zeros(n_pools, dtype=bool)
    for commitment in columns.commitments:
        committed[commitment.pools] = True
    users = np.bincount(pool, minlength=n_pools)
    stake = np.bincount(pool * n_groups + group, weights=worth, minlength=n_pools * n_groups)
    stake = stake.reshape(n_pools, n_groups)
    owner = np.argmax(stake, axis=1)
    stake = stake[np.arange(n_pools), owner]
    mates, start = _conflicts(columns)
    by_pool = np.argsort(pool, kind="stable")
    bounds = np.searchsorted(pool[by_pool], np.arange(n_pools + 1))
    inner = np.zeros(columns.n_pairs, dtype=bool)
    for at in np.argsort(-stake, kind="stable"):
        pairs = by_pool[bounds[at] : bounds[at + 1]]
        pairs = pairs[group[pairs] == owner[at]]
        if not ragged[at] or committed[at] or len(pairs) < 2:
            continue
        free = [x for x in pairs if not inner[mates[start[x] : start[x + 1]]].any()]
        if len(free) >= 2 and (len(free) == users[at] or packable[at]):
            inner[free] = True
    return inner


def _conflicts(columns: Columns) -> tuple[Ints, Ints]:
    """Pairs that stand in a column with pair ``x``: ``mates[start[x]:start[x + 1]]``."""
    base = columns.n_pairs + 1
    width = columns.pairs.shape[1]
    keys = [
        np.unique(columns.pairs[:, one] * base + columns.pairs[:, two])
        for one in range(width)
        for two in range(width)
        if one != two
    ]
    key = np.unique(np.concatenate(keys)) if keys else np.zeros(0, dtype=np.int64)
    key = key[(key // base < columns.n_pairs) & (key % base < columns.n_pairs)]
    return key % base, np.searchsorted(key // base, np.arange(columns.n_pairs + 1))
