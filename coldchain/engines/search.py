"""Selections by ruin and recreate: take some customers out, put each back where it is cheapest.

The search is guided by the prices of the bound (``lagrangian``): in half of the rounds opening a
unit looks only partly as dear as it is, the rest being what the customer would pay for its share.
Sometimes a pool looks free for one round (*promoted*), so that several customers may move there
together. A departure with a price of its own (a commitment) is opened and closed whole: in some
rounds one that runs is emptied and forbidden, or those who could ride one are taken out and its
price is not seen. True cost decides what is kept, by simulated annealing. The result depends on
the seed and on the number of rounds, not on the clock, unless ``until`` passes.

References
----------
Schrimpf, G.; Schneider, J.; Stamm-Wilbrandt, H.; Dueck, G. (2000). Record breaking optimization
results using the ruin and recreate principle. Journal of Computational Physics 159, 139-171.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coldchain.engines.columns import Columns
from coldchain.selection import Ints

WHOLE = 0.04
"""Share of rounds that open or close a whole departure, where there are any: they take out many."""

FAR = 1e18
"""A price no selection pays: the unit is not to be had."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Customer:
    """What one customer can do, in arrays small enough to scan whole."""

    first: int
    pairs: slice
    pool: Ints
    load: NDArray[np.float64]
    capacity: NDArray[np.float64]
    unit: NDArray[np.float64]
    share: NDArray[np.float64]
    cost: NDArray[np.float64]
    table: Ints
    rest: float


class Search:
    """A selection under change.

    Parameters
    ----------
    columns : Columns
    share : float64[n_pairs]
        Price of a pair (money): what the bound thinks the customer's part of the pool is worth.
    seed : int
    """

    def __init__(self, columns: Columns, *, share: NDArray[np.float64], seed: int) -> None:
        self.columns = columns
        self.random = np.random.default_rng(seed)
        self.customers = [self._customer(k, share) for k in range(columns.n_customers)]
        self.movable = np.flatnonzero(np.diff(columns.first) > 0)
        self.taken: list[int] = [-1] * columns.n_customers
        self.load = np.zeros(columns.n_pools + 1)
        self.limits_of_pool: dict[int, list[int]] = {}
        for limit, pools in enumerate(columns.limit_pools):
            for pool in pools:
                self.limits_of_pool.setdefault(int(pool), []).append(limit)
        self.room = columns.limit_capacity.astype(float).copy()
        self.limit_table = self._limit_table()
        self.commitments = columns.commitments
        self.used = [0] * len(self.commitments)
        """Units open on each commitment."""
        self.commitments_of_pool: dict[int, list[int]] = {}
        for at, commitment in enumerate(self.commitments):
            for pool in commitment.pools:
                self.commitments_of_pool.setdefault(int(pool), []).append(at)
        self.committed = [self._committed(c) for c in self.customers]
        """Of each customer the commitments it could use, with which of its pairs."""
        self.clients = [
            [k for k, rows in enumerate(self.committed) if any(at == own for own, _ in rows)]
            for at in range(len(self.commitments))
        ]
        """Customers that could use each commitment."""
        self.capacity = np.append(columns.pool_capacity, 1).astype(float)
        self.unit = np.append(columns.pool_cost, 0).astype(float)
        self.users: list[set[int]] = [set() for _ in range(columns.n_pools)]
        order = np.argsort(columns.pair_pool, kind="stable")
        bounds = np.searchsorted(columns.pair_pool[order], np.arange(columns.n_pools + 1))
        self.could = [
            columns.pair_customer[order[bounds[p] : bounds[p + 1]]] for p in range(columns.n_pools)
        ]
        self.pools_of = [self._pools_of(column) for column in range(columns.n)]
        self.load_of = [
            [int(columns.pair_load[x]) for x in row if x < columns.n_pairs] for row in columns.pairs
        ]

    def _customer(self, k: int, share: NDArray[np.float64]) -> _Customer:
        columns = self.columns
        rows = slice(int(columns.first[k]), int(columns.first[k + 1]))
        low = int(np.searchsorted(columns.pair_customer, k))
        high = int(np.searchsorted(columns.pair_customer, k + 1))
        pool = columns.pair_pool[low:high]
        pairs = columns.pairs[rows]
        table = np.where(pairs == columns.n_pairs, high - low, pairs - low)
        return _Customer(
            first=rows.start,
            pairs=slice(low, high),
            pool=pool,
            load=columns.pair_load[low:high].astype(float),
            capacity=columns.pool_capacity[pool].astype(float),
            unit=columns.pool_cost[pool].astype(float),
            share=share[low:high],
            cost=columns.cost[rows].astype(float),
            table=np.ascontiguousarray(table.T),
            rest=float(columns.rest_cost[k]),
        )

    def _committed(self, customer: _Customer) -> list[tuple[int, NDArray[np.bool_]]]:
        rows = [
            (at, np.isin(customer.pool, commitment.pools))
            for at, commitment in enumerate(self.commitments)
        ]
        return [row for row in rows if bool(row[1].any())]

    def _limit_table(self) -> Ints | None:
        """Limits of each pool, filled up with ``n_limits``; None without limits."""
        if not self.limits_of_pool:
            return None
        width = max(map(len, self.limits_of_pool.values()))
        table = np.full((self.columns.n_pools, width), len(self.room), dtype=np.int64)
        for pool, limits in self.limits_of_pool.items():
            table[pool, : len(limits)] = limits
        return table

    def _pools_of(self, column: int) -> list[int]:
        row = self.columns.pairs[column]
        return [int(self.columns.pair_pool[x]) for x in row if x < self.columns.n_pairs]

    def cost(self) -> float:
        """Exact cost of the present selection (money; whole numbers below 2**53)."""
        taken = np.array(self.taken)
        units = np.ceil(self.load / self.capacity)
        own = self.columns.cost[taken[taken >= 0]].sum() + self.columns.rest_cost[taken < 0].sum()
        paid = sum(c.paid(n) for c, n in zip(self.commitments, self.used, strict=True))
        return float(own) + float((units * self.unit).sum()) + paid

    def put(self, k: int, column: int) -> float:
        """Let ``k`` take ``column`` (or -1); returns what that adds to the cost of the pools."""
        self.taken[k] = column
        return 0.0 if column < 0 else self._shift(k, column, 1)

    def remove(self, k: int) -> float:
        """Take ``k`` out; returns the cost saved in pools (a negative number)."""
        column = self.taken[k]
        self.taken[k] = -1
        return 0.0 if column < 0 else self._shift(k, column, -1)

    def _shift(self, k: int, column: int, sign: int) -> float:
        change = 0.0
        for pool, load in zip(self.pools_of[column], self.load_of[column], strict=True):
            capacity = float(self.capacity[pool])
            held = float(self.load[pool])
            now = held + sign * load
            self.load[pool] = now
            units = math.ceil(now / capacity) - math.ceil(held / capacity)
            if units:
                change += units * float(self.unit[pool])
                for limit in self.limits_of_pool.get(pool, ()):
                    self.room[limit] -= units
                for at in self.commitments_of_pool.get(pool, ()):
                    commitment, used = self.commitments[at], self.used[at]
                    change += commitment.paid(used + units) - commitment.paid(used)
                    self.used[at] = used + units
            if sign > 0:
                self.users[pool].add(k)
            else:
                self.users[pool].discard(k)
        return change

    def best_column(
        self,
        k: int,
        *,
        weight: float,
        promoted: Ints,
        blink: float,
        free: int = -1,
        shut: int = -1,
    ) -> int:
        """Cheapest column of ``k`` (or -1) as the present selection stands.

        Parameters
        ----------
        weight : float
            How much of a new unit's true cost is seen (1.0 = all); the rest is the pair's share.
        promoted : int64[]
            Pools whose units look free.
        blink : float
            Probability of not seeing the cheapest column.
        free, shut : int
            A commitment whose price is not seen, and one that is not to be had (-1: none).
        """
        c = self.customers[k]
        held = self.load[c.pool]
        extra = np.ceil((held + c.load) / c.capacity)
        extra -= np.ceil(held / c.capacity)
        price = extra * c.unit
        for at, mine in self.committed[k]:
            if at == free:
                continue
            commitment, used = self.commitments[at], self.used[at]
            now = float(commitment.paid(used))
            for pair in np.flatnonzero(mine & (extra > 0.0)):
                price[pair] += commitment.paid(used + int(extra[pair])) - now
        if weight < 1.0:
            price *= weight
            price += (1.0 - weight) * c.share
        if len(promoted):
            price[np.isin(c.pool, promoted)] = 0.0
        if self.limit_table is not None:
            room = np.append(self.room, np.inf)[self.limit_table[c.pool]].min(axis=1)
            price[extra > room] = FAR
        if shut >= 0:
            for at, mine in self.committed[k]:
                if at == shut:
                    price[mine] = FAR
        price = np.append(price, 0.0)
        total = c.cost.copy()
        for pairs in c.table:
            total += price[pairs]
        for _ in range(20):
            at = int(total.argmin())
            seen = float(total[at])
            if seen >= c.rest or seen >= FAR:
                return -1
            if (blink and self.random.random() < blink) or not self._fits(c.first + at):
                total[at] = np.inf
                continue
            return c.first + at
        return -1

    def _fits(self, column: int) -> bool:
        """Whether the limits hold with one column more (its pools may share a limit)."""
        if not self.limits_of_pool:
            return True
        need: dict[int, int] = {}
        for pool, load in zip(self.pools_of[column], self.load_of[column], strict=True):
            capacity, held = float(self.capacity[pool]), float(self.load[pool])
            units = math.ceil((held + load) / capacity) - math.ceil(held / capacity)
            for limit in self.limits_of_pool.get(pool, ()):
                need[limit] = need.get(limit, 0) + units
        return all(units <= self.room[limit] for limit, units in need.items())

    def reset(self, taken: Ints) -> None:
        """Start again from ``taken`` columns; what breaks a limit stays out."""
        for k in range(len(self.taken)):
            self.remove(k)
        for k in np.argsort(taken < 0, kind="stable"):
            column = int(taken[k])
            if column >= 0 and self._fits(column):
                self.put(int(k), column)

    def greedy(self) -> None:
        """Insert whoever is out, largest load first, at true cost."""
        nobody = np.zeros(0, dtype=np.int64)
        size = [float(c.load.max(initial=0.0)) for c in self.customers]
        for k in sorted(map(int, self.movable), key=lambda k: (-size[k], k)):
            if self.taken[k] < 0:
                self.put(k, self.best_column(k, weight=1.0, promoted=nobody, blink=0.0))

    def _own(self, k: int, column: int) -> float:
        c = self.customers[k]
        return c.rest if column < 0 else float(c.cost[column - c.first])

    def _ruin(self, most: int) -> list[int]:
        """Customers to take out: related by the pools they use or could use."""
        random = self.random
        many = int(random.integers(2, most + 1))
        seed = int(self.movable[random.integers(len(self.movable))])
        out = [seed]
        known = {seed}
        kind = random.random()
        column = self.taken[seed]
        pools = list(self.pools_of[column]) if column >= 0 else []
        if kind < 0.45 and pools:
            # Empty the pools of the seed.
            random.shuffle(pools)
            for pool in pools:
                mates = [k for k in self.users[pool] if k not in known]
                mates.sort()
                random.shuffle(mates)
                out += mates
                known.update(mates)
                if len(out) >= many:
                    break
        elif kind < 0.9:
            # Customers that could ride along, through pools in use where there are any.
            c = self.customers[seed]
            while len(out) < many:
                pool = int(c.pool[random.integers(len(c.pool))])
                mates = [int(k) for k in self.could[pool] if int(k) not in known]
                if not mates:
                    if random.random() < 0.2:
                        break
                    continue
                k = mates[int(random.integers(len(mates)))]
                out.append(k)
                known.add(k)
                if random.random() < 0.3:
                    c = self.customers[k]
        else:
            picks = random.choice(self.movable, size=min(many, len(self.movable)), replace=False)
            out += [int(k) for k in picks if int(k) not in known]
        return out[:many]

    def _ruin_departure(self) -> tuple[list[int], int, int]:
        """Customers to take out so that a commitment opens or closes; which is free, which shut."""
        random = self.random
        at = int(random.integers(len(self.commitments)))
        if self.used[at] and random.random() < 0.5:
            pools = self.commitments[at].pools
            return sorted({k for pool in pools for k in self.users[int(pool)]}), -1, at
        clients = list(self.clients[at])
        random.shuffle(clients)
        share = 1.0 if random.random() < 0.5 else float(random.random())
        return clients[: max(2, math.ceil(share * len(clients)))], at, -1

    def run(
        self,
        *,
        rounds: int,
        hot: float,
        cold: float,
        until: float,
        enough: float,
        most: int = 12,
        tell: Callable[[float, list[int]], None] | None = None,
    ) -> tuple[float, Ints]:
        """Anneal for ``rounds`` rounds.

        Parameters
        ----------
        rounds : int
        hot, cold : float
            Temperatures at the beginning and the end (money).
        until : float
            Clock (``time.monotonic``) at which to stop.
        enough : float
            Cost at which to stop.
        most : int
            Most customers taken out at once.
        tell : callable, optional
            Told every improvement: cost and columns.

        Returns
        -------
        cost, taken
            The best selection met.
        """
        random = self.random
        now = self.cost()
        best, best_taken = now, list(self.taken)
        if len(self.movable) < 1 or rounds < 1:
            return best, np.array(best_taken, dtype=np.int64)
        most = max(2, min(most, len(self.movable)))
        nobody = np.zeros(0, dtype=np.int64)
        cooling = (cold / hot) ** (1.0 / rounds)
        heat = hot
        for turn in range(rounds):
            heat *= cooling
            free = shut = -1
            if self.commitments and random.random() < WHOLE:
                out, free, shut = self._ruin_departure()
            else:
                out = self._ruin(most)
            old = {k: self.taken[k] for k in out}
            change = 0.0
            for k, column in old.items():
                change += self.remove(k) - self._own(k, column)
            weight = 1.0 if random.random() < 0.5 else float(random.random())
            promoted = nobody
            if random.random() < 0.35:
                c = self.customers[out[int(random.integers(len(out)))]]
                promoted = c.pool[random.integers(len(c.pool), size=int(random.integers(1, 3)))]
            random.shuffle(out)
            for k in out:
                column = self.best_column(
                    k, weight=weight, promoted=promoted, blink=0.02, free=free, shut=shut
                )
                change += self.put(k, column) + self._own(k, column)
            if change <= 0.0 or change < -heat * math.log(max(1e-300, random.random())):
                now += change
                if now < best - 0.5:
                    best, best_taken = now, list(self.taken)
                    if tell is not None:
                        tell(best, best_taken)
                    if best <= enough:
                        break
            else:
                for k in out:
                    self.remove(k)
                for k, column in old.items():
                    self.put(k, column)
            if turn % 64 == 0 and time.monotonic() >= until:
                break
        return best, np.array(best_taken, dtype=np.int64)
