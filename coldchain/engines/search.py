"""Selections by ruin and recreate: take some customers out, put each back where it is cheapest.

The search is guided by the prices of the bound (``lagrangian``): in many rounds opening a unit
looks only partly as dear as it is, the rest being what the customer would pay for its share.
Sometimes a pool looks free for one round (*promoted*), so that several customers may move there
together. A departure with a price of its own (a commitment) is opened and closed whole: in some
rounds one that runs is emptied and forbidden, or those who could ride one are taken out and its
price is not seen. True cost decides what is kept, by simulated annealing.

The rounds themselves are compiled (``kernels.recreate``): tens of thousands a second. The result
depends on the seed and on the number of rounds, not on the clock, unless time runs out: then the
temperature falls with the clock instead, so that what is left of a search is not cut off hot.

References
----------
Schrimpf, G.; Schneider, J.; Stamm-Wilbrandt, H.; Dueck, G. (2000). Record breaking optimization
results using the ruin and recreate principle. Journal of Computational Physics 159, 139-171.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from coldchain.engines.columns import Columns
from coldchain.engines.kernels import recreate
from coldchain.engines.kernels.random import state_of
from coldchain.engines.kernels.recreate import BEST, HEAT, NOW, Standing, standing_of
from coldchain.engines.kernels.table import Table, table_of
from coldchain.selection import Ints

MOST = 16
"""Most customers taken out at once."""

SLICES = 200
"""Looks at the clock in one run, at least."""

SLICE = 20_000
"""Most rounds between two looks at the clock."""


class Search:
    """A selection under change.

    Parameters
    ----------
    columns : Columns
    share : float64[n_pairs]
        Price of a pair (money): what the bound thinks the customer's part of the pool is worth.
    seed : int
    stream : int
        Searches of one seed differ by their stream.
    table : Table, optional
        Of the same columns, to be shared by several searches.
    """

    def __init__(
        self,
        columns: Columns,
        *,
        share: NDArray[np.float64],
        seed: int,
        stream: int = 0,
        table: Table | None = None,
    ) -> None:
        self.columns = columns
        self.table = table_of(columns) if table is None else table
        self.share = np.ascontiguousarray(share, dtype=np.float64)
        self.random = state_of(seed, stream)
        self.now: Standing = standing_of(self.table)
        size = np.zeros(columns.n_customers)
        np.maximum.at(size, columns.pair_customer, columns.pair_load)
        self.by_size = np.argsort(-size, kind="stable")
        """Customers, largest load first: int64[n_customers]."""

    @property
    def taken(self) -> Ints:
        """Column of each customer as things stand, or -1: int64[n_customers]."""
        return self._columns(self.now.taken)

    @property
    def best(self) -> Ints:
        """The same of the best selection met."""
        return self._columns(self.now.best)

    @property
    def best_cost(self) -> float:
        """Cost of the best selection met (money)."""
        return float(self.now.money[BEST])

    @property
    def used(self) -> list[int]:
        """Units open on each commitment."""
        return self.now.used[:-1].tolist()

    def _columns(self, rows: Ints) -> Ints:
        if not self.columns.n:
            return rows.copy()
        return np.where(rows >= 0, self.table.column[rows], -1)

    def cost(self) -> float:
        """Exact cost of the present selection (money; whole numbers below 2**53)."""
        columns, taken = self.columns, self.taken
        units = -(-self.now.load // columns.pool_capacity)
        own = columns.cost[taken[taken >= 0]].sum() + columns.rest_cost[taken < 0].sum()
        paid = sum(c.paid(n) for c, n in zip(columns.commitments, self.used, strict=True))
        return float(int(own) + int((units * columns.pool_cost).sum()) + paid)

    def reset(self, taken: Ints) -> None:
        """Start again from ``taken`` columns; what breaks a limit stays out."""
        row_of = np.zeros(self.columns.n + 1, dtype=np.int64)
        row_of[self.table.column] = np.arange(self.columns.n)
        rows = np.where(taken >= 0, row_of[taken], -1)
        recreate.restart(self.table, self.now, rows)

    def greedy(self) -> None:
        """Insert whoever is out, largest load first, at true cost."""
        recreate.insert_all(self.table, self.now, self.by_size, self.share, self.random)

    def typical(self) -> float:
        """Mean price of a unit in use (money): the scale of what a move is about."""
        units = -(-self.now.load // self.table.capacity)
        paid = float((units * self.table.unit).sum())
        return max(1.0, paid / max(1.0, float(units.sum())))

    def run(
        self,
        *,
        rounds: int,
        hot: float,
        cold: float,
        until: float,
        enough: float,
        tell: Callable[[Search], None] | None = None,
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
        tell : callable, optional
            Told now and then when the best selection is a new one.

        Returns
        -------
        cost, columns
            The best selection met.
        """
        money = self.now.money
        if len(self.table.movable) < 1 or rounds < 1:
            return self.best_cost, self.best
        most = max(2, min(MOST, len(self.table.movable)))
        began = time.monotonic()
        fall = math.log(cold / hot)
        done, told = 0, math.inf
        while done < rounds and money[BEST] > enough:
            clock = time.monotonic()
            if clock >= until:
                break
            gone = (clock - began) / max(1e-9, until - began) if math.isfinite(until) else 0.0
            progress = max(done / rounds, gone)
            part = max(1, min(rounds - done, SLICE, rounds // SLICES))
            money[HEAT] = hot * math.exp(fall * progress)
            cooling = math.exp(fall / rounds)
            recreate.anneal(
                self.table, self.now, self.share, self.random, part, cooling, most, enough
            )
            done += part
            if tell is not None and money[BEST] < min(told, math.inf):
                told = float(money[BEST])
                tell(self)
        return self.best_cost, self.best

    def to_best(self) -> None:
        """Go back to the best selection met."""
        if self.now.money[NOW] > self.now.money[BEST]:
            recreate.restart(self.table, self.now, self.now.best.copy())
