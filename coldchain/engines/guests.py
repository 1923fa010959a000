"""Pools a cluster owns but does not have for itself: guests fill the room its members leave.

For each such pool one dynamic program over its guests gives the most they pay for a given room,
and from it V(h), the least cost of the pool, less what guests pay, when members put ``h`` into it.
Integers in, integers out: exact, as everything a bound is certified with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldchain.engines.columns import Columns
from coldchain.engines.knapsacks import Numbers
from coldchain.selection import Ints


class Guests:
    """The pools with guests, a row each.

    Parameters
    ----------
    columns : Columns
    pairs : int64[...]
        Pairs that are guests. Their pools hold a moderate number of steps of the greatest common
        divisor of all loads and the capacity.
    """

    def __init__(self, columns: Columns, pairs: Ints) -> None:
        self.n_pairs = columns.n_pairs
        pool = columns.pair_pool[pairs]
        self.pools, row, count = np.unique(pool, return_inverse=True, return_counts=True)
        # Rows with most guests first, so that those with another guest are always the first few.
        order = np.argsort(-count, kind="stable")
        self.pools, self.count = self.pools[order], count[order]
        place = np.zeros(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        row = place[row]
        self.row_of = np.full(columns.n_pools, -1, dtype=np.int64)
        self.row_of[self.pools] = np.arange(len(self.pools))
        common = columns.pool_capacity.copy()
        np.gcd.at(common, columns.pair_pool, columns.pair_load)
        self.common = common
        total = np.zeros(columns.n_pools, dtype=np.int64)
        np.add.at(total, columns.pair_pool, columns.pair_load)
        self.steps = (columns.pool_capacity // common)[self.pools]
        self.most = -(-total // columns.pool_capacity)[self.pools]
        """Units that hold all that could come."""
        most_guests = int(self.count.max(initial=0))
        self.guest = np.full((len(self.pools), most_guests), columns.n_pairs, dtype=np.int64)
        by_row = np.argsort(row, kind="stable")
        start = np.cumsum(self.count) - self.count
        self.guest[row[by_row], np.arange(len(row)) - start[row[by_row]]] = pairs[by_row]
        self.weight = np.append(columns.pair_load // common[columns.pair_pool], 0)[self.guest]
        self.pad = int(self.weight.max(initial=0))
        self.width = int((self.steps * self.most).max(initial=0)) + 1

    def pack(self, price: Numbers, unit: Numbers) -> Packed:
        """Solve all rows at these prices of pairs and costs of units."""
        n, size = len(self.pools), self.pad + self.width
        lowest = np.iinfo(np.int64).min // 8 if price.dtype.kind == "i" else -np.inf
        best = np.zeros((n, size), dtype=price.dtype)
        best[:, : self.pad] = lowest
        flat = best.reshape(-1)
        cells = np.arange(self.pad, size)
        took: list[NDArray[np.bool_]] = []
        for turn in range(self.guest.shape[1]):
            live = int(np.searchsorted(-self.count, -turn, side="left"))
            source = (np.arange(live) * size - self.weight[:live, turn])[:, None] + cells
            offer = flat[source]
            offer += price[self.guest[:live, turn]][:, None]
            current = best[:live, self.pad :]
            took.append(offer > current)
            np.maximum(current, offer, out=current)
        earned = best[:, self.pad :]
        cost = unit[self.pools]
        far = np.iinfo(np.int64).max // 16 if price.dtype.kind == "i" else np.inf
        value = np.full((n, self.width), far, dtype=price.dtype)
        row = np.arange(n)[:, None]
        for units in range(int(self.most.max(initial=-1)) + 1):
            room = units * self.steps[:, None] - np.arange(self.width)
            holds = (room >= 0) & (units <= self.most)[:, None]
            net = units * cost[:, None] - earned[row, np.where(holds, room, 0)]
            value = np.where(holds, np.minimum(value, net), value)
        # No unit holds nobody, and nothing is left to pay for.
        return Packed(guests=self, earned=earned, value=value, took=took, base=value[:, 0].sum())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Packed:
    """What the guests of each row pay for each room, V, and the sum of V(0)."""

    guests: Guests
    earned: Numbers
    value: Numbers
    took: list[NDArray[np.bool_]]
    base: Any

    def extra(self, pool: Ints, load: Ints, units: Ints, unit: Numbers) -> Numbers:
        """What it costs to put ``load`` into ``pool``: V(load) - V(0), or the units without guests.

        Parameters
        ----------
        pool, load, units : int64[m]
            ``units`` hold ``load``.
        unit : n_pools
            Cost of a unit.
        """
        guests = self.guests
        extra: Numbers = units * unit[pool]
        row = guests.row_of[pool]
        shared = np.flatnonzero(row >= 0)
        row, held = row[shared], (load // guests.common[pool])[shared]
        extra[shared] = self.value[row, held] - self.value[row, 0]
        return extra

    def slope(self, pool: Ints, load: Ints, unit: Numbers) -> Ints:
        """How often each pair is packed, when members put these loads in: int64[n_pairs]."""
        guests = self.guests
        packs = np.zeros(guests.n_pairs + 1, dtype=np.int64)
        every = np.arange(len(guests.pools))
        row = guests.row_of[pool]
        shared = row >= 0
        row, held = row[shared], (load // guests.common[pool])[shared]
        self._walk(every, np.zeros(len(every), dtype=np.int64), unit, packs, 1)
        self._walk(row, np.zeros(len(row), dtype=np.int64), unit, packs, -1)
        self._walk(row, held, unit, packs, 1)
        return packs[:-1]

    def _walk(self, row: Ints, held: Ints, unit: Numbers, packs: Ints, sign: int) -> None:
        guests = self.guests
        if not len(row):
            return
        counts = np.arange(int(guests.most[row].max()) + 1)
        room = counts * guests.steps[row][:, None] - held[:, None]
        holds = (room >= 0) & (counts <= guests.most[row][:, None])
        net = counts * unit[guests.pools[row]][:, None]
        net = net - self.earned[row[:, None], np.where(holds, room, 0)]
        units = np.argmax(holds & (net == self.value[row, held][:, None]), axis=1)
        left = room[np.arange(len(row)), units]
        for turn in range(len(self.took) - 1, -1, -1):
            live = np.flatnonzero(row < len(self.took[turn]))
            take = live[self.took[turn][row[live], left[live]]]
            np.add.at(packs, guests.guest[row[take], turn], sign)
            left[take] -= guests.weight[row[take], turn]
