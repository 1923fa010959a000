"""What a pool earns at given prices: an exact 0/1 knapsack of whole units, compiled.

Units are opened one by one as long as they may pay. For each number of units the fractional
knapsack bounds the integer one from above, a greedy filling bounds it from below, and an item whose
other choice would fall below the best filling known is settled (Dantzig's bound, as in Balas and
Zemel's core). A dynamic program over the few items left decides the rest.

References
----------
Balas, E.; Zemel, E. (1980). An algorithm for large zero-one knapsack problems. Operations Research
28, 1130-1154.
"""

# What is an element of an array is a number here: compiled code knows no other.
# pyright: reportArgumentType=false, reportReturnType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownMemberType=false

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coldchain.engines.columns import Columns
from coldchain.engines.kernels.compiler import inner
from coldchain.engines.kernels.table import Floats
from coldchain.engines.knapsacks import Knapsacks
from coldchain.selection import Ints

Bytes = NDArray[np.uint8]


MOST_CELLS = 1 << 24
"""Most cells of the dynamic program; a pool that needs more is paid its upper bound instead, which
only relaxes."""


class Packing(NamedTuple):
    """The pools to be packed.

    Attributes
    ----------
    first : int64[n_pools + 1]
        Items of pool ``p`` are ``item[first[p]:first[p + 1]]``.
    item : int64[m]
        Pairs; kept sorted by what they pay for their weight from one evaluation to the next.
    weight : int64[n_pairs]
        Load on the pool's own grid.
    steps : int64[n_pools]
        Grid steps of one unit.
    most : int64[n_pools]
        Most units a limit allows.
    """

    first: Ints
    item: Ints
    weight: Ints
    steps: Ints
    most: Ints


class Bench(NamedTuple):
    """Room to work in, for any pool: per item, and ``cell`` and ``took`` for dynamic programs."""

    density: Floats
    mark: Bytes
    best: Bytes
    core: Ints
    cell: Floats
    took: Bytes


def packing_of(knapsacks: Knapsacks, columns: Columns) -> Packing:
    """Lay out the pools to be packed."""
    first = np.searchsorted(knapsacks.pool, np.arange(columns.n_pools + 1))
    weight = np.zeros(columns.n_pairs, dtype=np.int64)
    weight[knapsacks.pair] = knapsacks.weight
    return Packing(
        first=first.astype(np.int64),
        item=knapsacks.pair.astype(np.int64).copy(),
        weight=weight,
        steps=knapsacks.steps.astype(np.int64),
        most=knapsacks.most.astype(np.int64),
    )


def bench_of(packing: Packing) -> Bench:
    """Room enough for any pool."""
    counts = np.diff(packing.first)
    items = int(counts.max(initial=0)) + 1
    cells = 1
    for pool in np.flatnonzero(counts):
        rows = packing.item[packing.first[pool] : packing.first[pool + 1]]
        cells = max(cells, int(packing.weight[rows].sum()) + 1)
    return Bench(
        density=np.zeros(items),
        mark=np.zeros(items, dtype=np.uint8),
        best=np.zeros(items, dtype=np.uint8),
        core=np.zeros(items, dtype=np.int64),
        cell=np.zeros(cells),
        took=np.zeros(min(items * cells, MOST_CELLS), dtype=np.uint8),
    )


@inner
def pack(
    packing: Packing, bench: Bench, pool: int, price: Floats, unit: float, packs: Ints
) -> tuple[float, int]:
    """Unit costs less prices earned (<= 0) and units opened; what is packed is marked in ``packs``.

    Parameters
    ----------
    price : float64[n_pairs]
    unit : float
        Cost of a unit.
    packs : int64[n_pairs]
        Set to 1 for pairs packed, left alone otherwise.
    """
    low, high = packing.first[pool], packing.first[pool + 1]
    total = 0.0
    for at in range(low, high):
        total += price[packing.item[at]]
    most = packing.most[pool]
    if total <= unit or most <= 0:
        return 0.0, 0
    item, weight, steps = packing.item, packing.weight, packing.steps[pool]
    # By density, falling; nearly sorted from the last time.
    n = 0
    for at in range(low, high):
        x = item[at]
        paid = price[x]
        density = paid / max(weight[x], 1e-3)
        spot = n
        while spot > 0 and bench.density[spot - 1] < density:
            bench.density[spot] = bench.density[spot - 1]
            item[low + spot] = item[low + spot - 1]
            spot -= 1
        bench.density[spot] = density
        item[low + spot] = x
        n += 1
    while n > 0 and bench.density[n - 1] <= 0.0:
        n -= 1
    best_value, best_units = 0.0, 0
    # Greedy fillings, for every number of units that may still pay.
    filled, taken_weight, units = 0.0, 0, 0
    at = 0
    while units < most and at < n:
        units += 1
        room = units * steps
        while at < n and taken_weight + weight[item[low + at]] <= room:
            filled += price[item[low + at]]
            taken_weight += weight[item[low + at]]
            at += 1
        upper = filled
        if at < n:
            upper += bench.density[at] * (room - taken_weight)
        upper -= units * unit
        if upper <= 0.0:
            # The fractional value is concave: no more units can pay.
            break
        value, left = filled - units * unit, room - taken_weight
        for more in range(at + 1, n):
            if left <= 0:
                break
            x = item[low + more]
            if weight[x] <= left:
                value += price[x]
                left -= weight[x]
        if value > best_value:
            best_value, best_units = value, units
    if units == 0:
        return 0.0, 0
    reach = units
    chosen = False
    if best_units > 0:
        room, left = best_units * steps, best_units * steps
        for spot in range(n):
            x = item[low + spot]
            fits = weight[x] <= left
            bench.best[spot] = 1 if fits else 0
            if fits:
                left -= weight[x]
        chosen = True
    filled, taken_weight, at = 0.0, 0, 0
    for units in range(1, reach + 1):
        room = units * steps
        while at < n and taken_weight + weight[item[low + at]] <= room:
            filled += price[item[low + at]]
            taken_weight += weight[item[low + at]]
            at += 1
        upper, rate = filled - units * unit, 0.0
        if at < n:
            rate = bench.density[at]
            upper += rate * (room - taken_weight)
        slack = 1e-9 * (1.0 + units * unit)
        if upper <= best_value + slack:
            continue
        # Settle items, keep the core.
        m, left, base, core_weight = 0, room, -units * unit, 0
        for spot in range(n):
            x = item[low + spot]
            loss = price[x] - rate * weight[x]
            inside = spot < at
            if not inside:
                loss = -loss
            if upper - loss <= best_value + slack:
                bench.mark[spot] = 1 if inside else 0
                if inside:
                    left -= weight[x]
                    base += price[x]
            else:
                bench.core[m] = spot
                core_weight += weight[x]
                m += 1
        if left < 0:
            continue
        left = min(left, core_weight)
        width = left + 1
        if m * width > len(bench.took):
            best_value, best_units = upper, units
            continue
        cell = bench.cell
        for w in range(width):
            cell[w] = 0.0
        took = bench.took
        for turn in range(m):
            x = item[low + bench.core[turn]]
            heavy, paid = weight[x], price[x]
            row = turn * width
            for w in range(min(heavy, width)):
                took[row + w] = 0
            for w in range(left, heavy - 1, -1):
                offer = cell[w - heavy] + paid
                if offer > cell[w]:
                    cell[w] = offer
                    took[row + w] = 1
                else:
                    took[row + w] = 0
        value = base + cell[left]
        if value > best_value + slack:
            best_value, best_units, chosen = value, units, True
            w = left
            for turn in range(m - 1, -1, -1):
                spot = bench.core[turn]
                bench.mark[spot] = took[turn * width + w]
                if bench.mark[spot]:
                    w -= weight[item[low + spot]]
            for spot in range(n):
                bench.best[spot] = bench.mark[spot]
    if not chosen:
        return 0.0, 0
    for spot in range(n):
        if bench.best[spot]:
            packs[item[low + spot]] = 1
    return -best_value, best_units
