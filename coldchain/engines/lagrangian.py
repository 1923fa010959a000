"""A bound for the whole problem by Lagrangian decomposition.

Every pair (customer, pool) is copied: one copy for the customer, who chooses an option, one for
the pool, which packs whole units. A multiplier ``price >= 0`` per pair pays the pool for what the
customer uses, a multiplier ``toll >= 0`` per limit pays for its units:

    L(price, toll) =  sum over customers of min over options [cost + prices of its pairs]
                    + sum over pools of min over y [(pool_cost + tolls) y - best packing of y units]
                    - sum over limits of toll * limit_capacity

The pools of a *commitment* are one block, open or closed: closed it costs nothing and packs
nothing, open it costs ``commitment_cost`` and what its pools pack. So the price of a pair bears,
beside its part of a unit, a part of the departure, however few of its units are used. How many
units an open block holds is counted twice as well, once by its pools and once by the
block, and a ``toll`` of either sign, at least minus the short cost, keeps the two together:

    min(0, commitment_cost + sum over its pools of min over y [...]
           + min over 0 <= u <= most of short_cost * max(0, minimum - u) - toll * u)

where ``most`` is the capacity of a limit on just these pools, which then needs no toll of its own.
A pool of several commitments is in the block of the dearest, and pays the tolls of all.

Any multipliers give a bound, and because the pools stay integer the best of them is at least as
good as the linear program with all strong inequalities, residual-capacity and cover rows of single
pools. The pools a small *cluster* of customers owns are not copied for its members: such a cluster
is solved jointly and exactly (see ``clusters``), which tightens the bound further.

The search for multipliers runs in floats. What is reported is evaluated again in integers, on
multipliers rounded to 1/64 of the money unit: exact, with no tolerance to argue about. As an
optimum is an integer, the bound may be rounded up.

References
----------
Guignard, M.; Kim, S. (1987). Lagrangean decomposition. Mathematical Programming 39, 215-228.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldchain.certificate import Certificate
from coldchain.engines.certificates import certificate_of
from coldchain.engines.clusters import Clusters
from coldchain.engines.columns import Columns
from coldchain.engines.kernels import climb as kernel
from coldchain.engines.kernels.joint import joint_of, no_joint
from coldchain.engines.kernels.packing import bench_of, packing_of
from coldchain.engines.kernels.table import Table, table_of
from coldchain.engines.knapsacks import GRID, Knapsacks, Numbers
from coldchain.selection import Ints

SCALE = 64
"""Parts of a money unit that integer multipliers are rounded to."""

SLICE = 25
"""Evaluations between two looks at the clock."""

PATIENCE = 40
"""Evaluations without a better value before the steps of a climb shorten."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prices:
    """Multipliers (money): ``pair`` per pair, ``toll`` per limit, then per commitment, floats."""

    pair: NDArray[np.float64]
    toll: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Relaxed:
    """One evaluation: the value, and what each copy chose.

    ``over`` is by how many units each toll's pools pass what the other side of it allows.
    """

    value: Any
    taken: Ints
    uses: NDArray[np.bool_]
    packs: Ints
    units: Ints
    over: Ints


class Relaxation:
    """The decomposition of one problem; ``clusters`` may be empty.

    Parameters
    ----------
    columns : Columns
    clusters : Clusters
        Customers solved jointly, and the pools that are theirs alone.
    table : Table, optional
        The columns as kernels read them, where there is one already.
    """

    def __init__(
        self, columns: Columns, clusters: Clusters | None = None, table: Table | None = None
    ) -> None:
        self.columns = columns
        self.clusters = clusters
        self.table = table
        self._parts: kernel.Parts | None = None
        pool, load = columns.pair_pool, columns.pair_load
        capacity = columns.pool_capacity
        linear = np.ones(columns.n_pools, dtype=bool)
        linear[pool[load % capacity[pool] != 0]] = False
        self.local = np.zeros(columns.n_pools, dtype=bool) if clusters is None else clusters.owned
        self.inner = np.zeros(columns.n_pairs, dtype=bool) if clusters is None else clusters.inner
        commitments = columns.commitments
        self.block = np.full(columns.n_pools, -1, dtype=np.int64)
        """Commitment a pool opens and closes with, -1 for none: int64[n_pools]."""
        for at in sorted(range(len(commitments)), key=lambda c: commitments[c].cost):
            self.block[commitments[at].pools] = at
        self.linear = linear & ~self.local & (self.block < 0)
        """Pools whose loads are whole units: their price is known, nothing is to be packed."""
        self.loose = np.flatnonzero((linear & (self.block >= 0))[pool])
        """Pairs of whole units in a block: each is packed by itself."""
        packed = ~linear & ~self.local
        order = np.argsort(pool, kind="stable")
        order = order[packed[pool[order]]]
        common = capacity.copy()
        for pair in order:
            common[pool[pair]] = np.gcd(common[pool[pair]], load[pair])
        steps = capacity // common
        coarse = steps > GRID
        weight = np.where(coarse[pool], load * GRID // capacity[pool], load // common[pool])
        steps = np.where(coarse, GRID, steps)
        most = np.full(columns.n_pools, np.iinfo(np.int32).max, dtype=np.int64)
        for limit, pools in enumerate(columns.limit_pools):
            most[pools] = np.minimum(most[pools], columns.limit_capacity[limit])
        capping = {tuple(c.pools.tolist()) for c in commitments if c.capped}
        self.tolled = [
            limit
            for limit, pools in enumerate(columns.limit_pools)
            if (len(pools) > 1 or not packed[pools].all())
            and tuple(np.sort(pools).tolist()) not in capping
        ]
        """Limits that need a toll; the others cap the units of their only pool directly, or those
        of a commitment."""
        n_limits = len(columns.limit_pools)
        tolls = [
            *((limit, columns.limit_pools[limit]) for limit in self.tolled),
            *((n_limits + at, c.pools) for at, c in enumerate(commitments)),
        ]
        self.n_tolls = n_limits + len(commitments)
        self.toll_of = np.repeat([at for at, _ in tolls], [len(pools) for _, pools in tolls])
        """Toll of each entry of ``toll_pool``: int64[...]."""
        self.toll_of = self.toll_of.astype(np.int64)
        self.toll_pool = np.concatenate([np.zeros(0, dtype=np.int64), *(p for _, p in tolls)])
        self.moving = np.unique(self.toll_of)
        """Tolls there are: int64[...]."""
        self.least_toll = np.zeros(self.n_tolls)
        self.whole = np.ones(self.n_tolls)
        """Units whose toll moves as one price does: a limit may count kilograms by the thousand,
        and tolls per unit would drown the prices in a step length they share."""
        for limit in self.tolled:
            self.whole[limit] = max(1.0, float(columns.limit_capacity[limit]))
        for at, commitment in enumerate(commitments):
            self.least_toll[n_limits + at] = -float(commitment.short_cost)
            self.whole[n_limits + at] = max(1.0, float(commitment.most))
        self.knapsacks = Knapsacks(
            pair=order, pool=pool[order], weight=weight[order], steps=steps, most=most
        )
        self.free_pair = self.linear[pool] | self.inner
        if clusters is not None:
            # The price of an entry stands at an inner pair, and moves.
            self.free_pair[clusters.entry] = False

    def start(self) -> Prices:
        """Prices at which a full unit just pays for itself (the weak linear program's duals)."""
        columns = self.columns
        pool = columns.pair_pool
        unit = columns.pool_cost.astype(float)
        for commitment in columns.commitments:
            most = max(1, commitment.most)
            unit[commitment.pools] += commitment.paid(most) / most
        share = unit[pool] * (columns.pair_load / columns.pool_capacity[pool])
        return Prices(pair=share, toll=np.zeros(self.n_tolls))

    def evaluate(self, prices: Prices, *, exact: bool = False) -> Relaxed:
        """Evaluate the decomposition, in floats or (``exact``) in integers of ``1/SCALE``."""
        columns = self.columns
        scale: Any = SCALE if exact else 1.0
        kind = np.int64 if exact else np.float64
        toll, unit, pair = self._multipliers(prices, exact=exact)
        linear = self.linear[columns.pair_pool]
        asked_pair = pair.copy()
        pair[self.inner] = 0
        reduced = (columns.cost * scale).astype(kind)
        padded = np.append(pair, pair.dtype.type(0))
        for at in range(columns.pairs.shape[1]):
            reduced += padded[columns.pairs[:, at]]
        rest = (columns.rest_cost * scale).astype(kind)
        units = np.zeros(columns.n_pools, dtype=np.int64)
        packs = np.zeros(columns.n_pairs, dtype=np.int64)
        if self.clusters is None:
            value, taken = _cheapest(columns, reduced, rest)
        else:
            value, taken, guests = self.clusters.solve(reduced, rest, unit, asked_pair, units)
            packs += guests
        earned, packed, packed_units = self.knapsacks.solve(pair, unit)
        fares, filled = self._blocks(toll, scale, pair, unit, earned, packed, packed_units)
        value = value + earned.sum() + fares
        packs += packed
        uses = np.zeros(columns.n_pairs + 1, dtype=bool)
        uses[columns.pairs[taken[taken >= 0]]] = True
        uses = uses[:-1] & ~self.inner
        units += packed_units
        np.add.at(units, columns.pair_pool[linear & uses], columns.pair_units[linear & uses])
        allowed = np.concatenate([columns.limit_capacity, filled])
        value = value - (toll * allowed)[: len(columns.limit_capacity)].sum()
        over = -allowed
        np.add.at(over, self.toll_of, units[self.toll_pool])
        return Relaxed(value=value, taken=taken, uses=uses, packs=packs, units=units, over=over)

    def _multipliers(self, prices: Prices, *, exact: bool) -> tuple[Numbers, Numbers, Numbers]:
        """Tolls, costs of a unit with them, and prices of pairs; in integers of ``1/SCALE`` or not.

        None is of the wrong sign, and pools of whole units have the price that is known.
        """
        columns = self.columns
        scale: Any = SCALE if exact else 1.0
        kind = np.int64 if exact else np.float64
        toll: Numbers = np.zeros(self.n_tolls, dtype=kind)
        asked = np.maximum(prices.toll, self.least_toll)[self.moving] * scale
        toll[self.moving] = np.rint(asked) if exact else asked
        unit = (columns.pool_cost * scale).astype(kind)
        np.add.at(unit, self.toll_pool, toll[self.toll_of])
        pair = prices.pair * scale
        pair = np.rint(pair).astype(np.int64) if exact else pair.copy()
        np.maximum(pair, 0, out=pair)
        linear = self.linear[columns.pair_pool]
        pair[linear] = (unit[columns.pair_pool] * columns.pair_units)[linear]
        return toll, unit, pair

    def _blocks(
        self,
        toll: Numbers,
        scale: Any,
        pair: Numbers,
        unit: Numbers,
        earned: Numbers,
        packed: NDArray[np.bool_],
        units: Ints,
    ) -> tuple[Any, Ints]:
        """Open or close each commitment's pools; what open ones pay, and the units they allow.

        ``earned``, ``packed`` and ``units`` of the pools are completed, and undone where closed.
        """
        columns = self.columns
        loose, pool = self.loose, columns.pair_pool
        gain = unit[pool[loose]] * columns.pair_units[loose] - pair[loose]
        pays = gain < 0
        packed[loose] = pays
        np.add.at(earned, pool[loose[pays]], gain[pays])
        np.add.at(units, pool[loose[pays]], columns.pair_units[loose[pays]])
        filled = np.zeros(len(columns.commitments), dtype=np.int64)
        paid = pair.dtype.type(0)
        runs = np.ones(len(filled) + 1, dtype=bool)
        taken = np.zeros(len(filled) + 1, dtype=pair.dtype)
        np.add.at(taken, self.block, earned)
        for at, commitment in enumerate(columns.commitments):
            fare = toll[len(columns.limit_capacity) + at]
            terms = [
                (scale * commitment.short_cost * max(0, commitment.minimum - u) - fare * u, u)
                for u in (commitment.most, min(commitment.minimum, commitment.most), 0)
            ]
            least, most = min(terms, key=lambda term: term[0])
            cost = scale * commitment.cost + least
            if cost + taken[at] < 0:
                paid += cost
                filled[at] = most
            else:
                runs[at] = False
        shut = ~runs[self.block]
        earned[shut] = 0
        units[shut] = 0
        packed[shut[pool]] = False
        return paid, filled

    def adopt(self, prices: Prices) -> Prices:
        """Prices of the decomposition without clusters, with entry prices that lose nothing.

        With the entry at V(0) less the pool's value there, members of a cluster pay at least their
        old prices, and the pool keeps its value.
        """
        if self.clusters is None:
            return prices
        columns, clusters = self.columns, self.clusters
        seen = Relaxation(columns).evaluate(prices)
        pair = np.maximum(prices.pair, 0.0)
        value = seen.units * columns.pool_cost.astype(float)
        np.subtract.at(value, columns.pair_pool, pair * seen.packs)
        packed = clusters.guests.pack(pair, columns.pool_cost.astype(float))
        empty = np.zeros(columns.n_pools)
        empty[clusters.guests.pools] = packed.value[:, 0]
        pools = columns.pair_pool[clusters.entry]
        pair[clusters.entry] = np.maximum(empty - value, 0.0)[pools]
        return Prices(pair=pair, toll=prices.toll)

    def certify(self, prices: Prices) -> int:
        """The bound (money) these prices prove, in exact integers."""
        return -(-int(self.evaluate(prices, exact=True).value) // SCALE)

    def certificate(self, prices: Prices) -> Certificate:
        """What :meth:`certify` proves, with all that is needed to work it out again."""
        toll, _, pair = self._multipliers(prices, exact=True)
        return certificate_of(
            self.columns,
            pair,
            toll,
            scale=SCALE,
            bound=self.certify(prices),
            clusters=self.clusters,
        )

    def slack(self, prices: Prices) -> NDArray[np.float64]:
        """By how much each column is worse than its customer's best, at these prices.

        Only without clusters: there, bound + slack is a bound for all selections with the column.
        """
        columns = self.columns
        reduced = self.reduced(prices)
        best = columns.rest_cost.astype(float).copy()
        np.minimum.at(best, columns.customer_of, reduced)
        return reduced - best[columns.customer_of]

    def reduced(self, prices: Prices) -> NDArray[np.float64]:
        """Cost of each column (money) with the prices of all its pairs that have one."""
        columns = self.columns
        pair = np.maximum(prices.pair, 0.0)
        unit = columns.pool_cost.astype(float)
        np.add.at(unit, self.toll_pool, np.maximum(prices.toll, self.least_toll)[self.toll_of])
        linear = self.linear[columns.pair_pool]
        pair = np.where(linear, unit[columns.pair_pool] * columns.pair_units, pair)
        pair[self.inner] = 0.0
        padded = np.append(pair, 0.0)
        reduced = columns.cost.astype(float)
        for at in range(columns.pairs.shape[1]):
            reduced += padded[columns.pairs[:, at]]
        return reduced

    def stakes(
        self, prices: Prices, *, target: float, rounds: int, length: float = 0.01
    ) -> NDArray[np.float64]:
        """What is at stake at each pair: its price times how often its copies want it.

        A walk in short steps about ``prices``; customers and pools cannot agree there on the pairs
        that keep bound and cost apart, and now want them and now do not.

        Parameters
        ----------
        prices : Prices
            Good multipliers.
        target : float
            Cost of a known selection (money): sets the step length.
        rounds : int
            Evaluations; those of the first third do not count.
        length : float
            Length of the steps, as a share of what would close the gap.

        Returns
        -------
        float64[n_pairs]
            Money.
        """
        parts = self._laid_out()
        seen = kernel.seen_of(parts.table, self.n_tolls)
        walk = kernel.walk_of(prices.pair, prices.toll, length)
        # Never back to the best prices: what is looked for is the disagreement.
        kernel.climb(parts, walk, seen, rounds // 3, target, np.inf, rounds)
        walk.wanted[:] = 0
        kernel.climb(parts, walk, seen, rounds - rounds // 3, target, np.inf, rounds)
        most = max(1, int(walk.wanted.max(initial=0)))
        return np.maximum(prices.pair, 0.0) * walk.wanted / most

    def climb(
        self,
        prices: Prices,
        *,
        target: float,
        rounds: int,
        until: float,
        enough: float,
        patience: int = PATIENCE,
        step: float = 0.1,
    ) -> tuple[Prices, float]:
        """Improve the prices by a deflected subgradient walk.

        Parameters
        ----------
        prices : Prices
            Where to start.
        target : float
            Cost of a known selection (money): sets the step length.
        rounds : int
            Most evaluations.
        until : float
            Clock (``time.monotonic``) at which to stop.
        enough : float
            Value (money) at which the bound is good enough.
        patience : int
            Evaluations without a better value before the steps shorten.
        step : float
            Length of the first steps, as a share of what would close the gap.

        Returns
        -------
        prices, value
            The best prices met and their value in floats (certify before use).
        """
        parts = self._laid_out()
        seen = kernel.seen_of(parts.table, self.n_tolls)
        walk = kernel.walk_of(prices.pair, prices.toll, step)
        for begun in range(0, rounds, SLICE):
            part = min(SLICE, rounds - begun)
            goes_on = kernel.climb(parts, walk, seen, part, target, enough, patience)
            if not goes_on or time.monotonic() >= until:
                break
        best = Prices(pair=walk.best_pair, toll=walk.best_toll)
        return best, float(walk.state[kernel.VALUE])

    def _laid_out(self) -> kernel.Parts:
        """Arrays for the kernel, made once."""
        if self._parts is None:
            columns, clusters = self.columns, self.clusters
            table = table_of(columns) if self.table is None else self.table
            packing = packing_of(self.knapsacks, columns)
            if clusters is None:
                joint, seats = no_joint()
            else:
                joint, seats = joint_of(table, clusters)
            dual = kernel.Dual(
                linear=self.linear,
                inner=self.inner,
                free=self.free_pair,
                pair_units=columns.pair_units,
                toll_of=self.toll_of,
                toll_pool=self.toll_pool,
                moving=self.moving,
                least=self.least_toll,
                whole=self.whole,
                limit_capacity=columns.limit_capacity,
                block=self.block,
                loose=self.loose,
                most=np.array([c.most for c in columns.commitments], dtype=np.int64),
            )
            self._parts = kernel.Parts(table, dual, packing, bench_of(packing), joint, seats)
        return self._parts


def _cheapest(columns: Columns, reduced: Numbers, rest: Numbers) -> tuple[Any, Ints]:
    """Every customer alone: the sum of the cheapest, and the column taken (-1 for none)."""
    taken = np.full(columns.n_customers, -1, dtype=np.int64)
    has = np.flatnonzero(np.diff(columns.first) > 0)
    if not len(has):
        return rest.sum(), taken
    least = np.minimum.reduceat(reduced, columns.first[has])
    level = np.full(columns.n_customers, 0, dtype=reduced.dtype)
    level[has] = least
    hits = np.flatnonzero(reduced == np.repeat(level, np.diff(columns.first)))
    owner = columns.customer_of[hits]
    first = np.r_[True, owner[1:] != owner[:-1]]
    pick = hits[first]
    better = least < rest[has]
    taken[has[better]] = pick[better]
    total = rest.copy()
    total[has] = np.minimum(least, rest[has])
    return total.sum(), taken
