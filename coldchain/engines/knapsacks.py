"""Many small knapsacks solved side by side: what a pool earns at given prices.

A pool is paid ``price[pair]`` for every customer it takes and pays ``cost`` for every unit it
opens. All pools are solved by one dynamic program over numpy rows, in integers or in floats alike;
with integers the result is exact, which is what makes a Lagrangian bound a certificate.

Two prunings keep the rows few, both exact: a pool whose *fractional* knapsack of one unit does not
pay for that unit opens none (the fractional value is concave, so more units pay even less), and a
pool never opens more units than the fractional knapsack can pay for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldchain.selection import Ints

Numbers = NDArray[Any]

GRID = 60
"""Most steps a unit is divided in. Larger units are coarsened: loads are rounded down on the grid,
which relaxes the knapsack, so a bound stays a bound."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Knapsacks:
    """The pools to solve, with their pairs sorted by pool.

    Attributes
    ----------
    pair : int64[m]
        Pairs that matter, sorted by pool.
    pool : int64[m]
        Pool of each of them.
    weight : int64[m]
        Load on the pool's own grid.
    steps : int64[n_pools]
        Grid steps of one unit.
    most : int64[n_pools]
        Most units a limit allows.
    """

    pair: Ints
    pool: Ints
    weight: Ints
    steps: Ints
    most: Ints

    def solve(self, price: Numbers, cost: Numbers) -> tuple[Numbers, NDArray[np.bool_], Ints]:
        """Solve every pool.

        Parameters
        ----------
        price : n_pairs
            What a pair pays (>= 0), int64 or float64.
        cost : n_pools
            What a unit costs, of the same kind.

        Returns
        -------
        value : n_pools
            Unit costs less prices earned; never positive.
        used : bool[n_pairs]
        units : int64[n_pools]
        """
        used = np.zeros(len(price), dtype=bool)
        units = np.zeros(len(cost), dtype=np.int64)
        value: Numbers = np.zeros(len(cost), dtype=price.dtype)
        for bucket in _promising(self, price, cost):
            _fill(self, bucket, price, cost, used, units, value)
        return value, used, units


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Rows:
    """Pools of similar size, most pairs first; ``start``, ``count`` index into ``order``."""

    pools: Ints
    start: Ints
    count: Ints
    most: Ints
    order: Ints


def _promising(knapsacks: Knapsacks, price: Numbers, cost: Numbers) -> list[_Rows]:
    """Pools that may pay for a unit, with the most units they can pay for, in buckets of size."""
    paid = price[knapsacks.pair]
    keep = np.flatnonzero(paid > 0)
    if not len(keep):
        return []
    pool, paid, weight = knapsacks.pool[keep], paid[keep], knapsacks.weight[keep]
    density = paid / np.maximum(weight, 1e-3)
    order = np.lexsort((-density, pool))
    pool, paid, weight, order = pool[order], paid[order], weight[order], keep[order]
    start = np.flatnonzero(np.r_[True, pool[1:] != pool[:-1]])
    count = np.diff(np.r_[start, len(pool)])
    here = pool[start]
    base = np.repeat(start, count)
    total_paid, total_weight = np.cumsum(paid), np.cumsum(weight)
    before_paid = (total_paid - paid) - (total_paid - paid)[base]
    before_weight = (total_weight - weight) - (total_weight - weight)[base]
    steps, unit = knapsacks.steps[pool], cost[pool]
    # The fractional value of one unit, compared with its cost without dividing.
    splits = (before_weight < steps) & (before_weight + weight >= steps)
    pays = np.zeros(len(start), dtype=bool)
    row = np.repeat(np.arange(len(start)), count)
    worth = before_paid * weight + paid * (steps - before_weight) > unit * weight
    pays[row[splits & worth]] = True
    whole = total_weight[start + count - 1] - (total_weight - weight)[start]
    sum_paid = total_paid[start + count - 1] - (total_paid - paid)[start]
    pays |= (whole < knapsacks.steps[here]) & (sum_paid > cost[here])
    # Beyond the first item at which the fractional profit is gone no unit pays.
    gone = (before_paid + paid) * steps < unit * (before_weight + weight)
    reach = np.where(gone, before_weight + weight, np.iinfo(np.int64).max)
    reach = np.minimum.reduceat(reach, start)
    most = np.where(
        reach < np.iinfo(np.int64).max,
        reach // knapsacks.steps[here],
        -(-whole // knapsacks.steps[here]),
    )
    # Items of weight 0 (coarse grids) still need one unit to ride in.
    most = np.minimum(np.maximum(most, 1), knapsacks.most[here])
    pays &= most > 0
    buckets: list[_Rows] = []
    size = np.ceil(np.log2(most.clip(1))).astype(np.int64)
    for level in np.unique(size[pays]):
        rows = np.flatnonzero(pays & (size == level))
        rows = rows[np.argsort(-count[rows], kind="stable")]
        buckets.append(
            _Rows(
                pools=here[rows], start=start[rows], count=count[rows], most=most[rows], order=order
            )
        )
    return buckets


def _fill(
    knapsacks: Knapsacks,
    rows: _Rows,
    price: Numbers,
    cost: Numbers,
    used: NDArray[np.bool_],
    units: Ints,
    value: Numbers,
) -> None:
    """Dynamic program over the rows of one bucket; marks what is used and notes the values."""
    n = len(rows.pools)
    steps = knapsacks.steps[rows.pools]
    width = int((rows.most * steps).max()) + 1
    pad = int(knapsacks.weight[rows.order].max())
    # ``pad`` leading cells stay at minus infinity, so that an item too heavy is never taken.
    best = np.zeros((n, pad + width), dtype=price.dtype)
    lowest = np.iinfo(np.int64).min // 4 if price.dtype.kind == "i" else -np.inf
    best[:, :pad] = lowest
    flat = best.reshape(-1)
    cells = np.arange(width) + pad
    rounds = int(rows.count[0])
    took: list[NDArray[np.bool_]] = []
    items: list[Ints] = []
    alive = np.searchsorted(-rows.count, -np.arange(1, rounds + 1), side="right")
    for turn in range(rounds):
        live = int(alive[turn])
        item = rows.order[rows.start[:live] + turn]
        source = (np.arange(live) * (pad + width) - knapsacks.weight[item])[:, None] + cells
        offer = flat[source]
        offer += price[knapsacks.pair[item]][:, None]
        current = best[:live, pad:]
        took.append(offer > current)
        items.append(item)
        np.maximum(current, offer, out=current)
    top = int(rows.most.max())
    counts = np.arange(top + 1)
    at = np.minimum(counts[None, :], rows.most[:, None]) * steps[:, None]
    earned = (
        np.take_along_axis(best, at + pad, axis=1) - counts[None, :] * cost[rows.pools][:, None]
    )
    earned = np.where(counts[None, :] <= rows.most[:, None], earned, lowest)
    # No unit holds nothing: even items of weight 0 need one.
    earned[:, 0] = 0
    opened = np.argmax(earned, axis=1)
    room = opened * steps
    for turn in range(rounds - 1, -1, -1):
        live = len(items[turn])
        take = took[turn][np.arange(live), room[:live]] & (opened[:live] > 0)
        chosen = items[turn][take]
        used[knapsacks.pair[chosen]] = True
        room[:live][take] -= knapsacks.weight[chosen]
    units[rows.pools] = opened
    value[rows.pools] = -earned[np.arange(n), opened]
