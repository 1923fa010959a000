"""Evaluations of the relaxation and steps up its bound, compiled: see ``engines.lagrangian``."""

# What is an element of an array is a number here: compiled code knows no other.
# pyright: reportArgumentType=false, reportReturnType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownMemberType=false

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coldchain.engines.kernels.compiler import compiled, inner
from coldchain.engines.kernels.joint import Joint, Seats, solve_clusters
from coldchain.engines.kernels.packing import Bench, Packing, pack
from coldchain.engines.kernels.table import Floats, Table
from coldchain.selection import Ints

VALUE, STEP, STALE = 0, 1, 2
"""Places in ``Walk.state``."""

AGAIN = 0.7
"""What a step is shortened to when the bound has stood still."""

MEMORY = 0.9
"""How much of the direction is kept from one step to the next."""

SHORTEST = 2e-4
"""Steps shorter than this lead nowhere any more."""


class Dual(NamedTuple):
    """What an evaluation needs beside the table.

    Attributes
    ----------
    linear : bool[n_pools]
        Pools whose loads are whole units: the price of a pair is that of its units.
    inner : bool[n_pairs]
        Pairs without a price.
    free : bool[n_pairs]
        Pairs whose price does not move.
    pair_units : int64[n_pairs]
        Units a pair needs when it is alone.
    toll_of, toll_pool : int64[...]
        Pools that pay each toll.
    moving : int64[...]
        Tolls there are.
    least, whole : float64[n_tolls]
        Least value of a toll, and the units whose toll moves as one price does.
    n_limits : int64[1]
    limit_capacity : int64[n_limits]
    block : int64[n_pools]
        Commitment a pool opens and closes with, or -1.
    loose : int64[...]
        Pairs of whole units in a block.
    most : int64[n_commitments]
        Most units each commitment may open.
    """

    linear: NDArray[np.bool_]
    inner: NDArray[np.bool_]
    free: NDArray[np.bool_]
    pair_units: Ints
    toll_of: Ints
    toll_pool: Ints
    moving: Ints
    least: Floats
    whole: Floats
    limit_capacity: Ints
    block: Ints
    loose: Ints
    most: Ints


class Parts(NamedTuple):
    """What is evaluated, and room to work in."""

    table: Table
    dual: Dual
    packing: Packing
    bench: Bench
    joint: Joint
    seats: Seats


class Seen(NamedTuple):
    """One evaluation, in arrays that are used again.

    Attributes
    ----------
    price, shown : float64[n_pairs]
        Prices with those of whole units filled in; and the same, nothing for inner pairs.
    unit : float64[n_pools]
        Cost of a unit with its tolls.
    taken : int64[n_customers]
        Row of each customer, or -1.
    uses, packs : int64[n_pairs]
    units : int64[n_pools]
    earned : float64[n_pools]
    over : float64[n_tolls]
    """

    price: Floats
    shown: Floats
    unit: Floats
    taken: Ints
    uses: Ints
    packs: Ints
    units: Ints
    earned: Floats
    over: Floats


class Walk(NamedTuple):
    """Where a climb stands: multipliers, the best met, the direction, and ``state``.

    ``wanted`` counts how often either copy of a pair wanted it.
    """

    pair: Floats
    toll: Floats
    best_pair: Floats
    best_toll: Floats
    drift: Floats
    drift_toll: Floats
    wanted: Ints
    state: Floats


def seen_of(table: Table, n_tolls: int) -> Seen:
    """Room for an evaluation."""
    n_pairs, n_pools = len(table.pair_pool), len(table.unit)
    return Seen(
        price=np.zeros(n_pairs),
        shown=np.zeros(n_pairs),
        unit=np.zeros(n_pools),
        taken=np.zeros(len(table.rest), dtype=np.int64),
        uses=np.zeros(n_pairs, dtype=np.int64),
        packs=np.zeros(n_pairs, dtype=np.int64),
        units=np.zeros(n_pools, dtype=np.int64),
        earned=np.zeros(n_pools),
        over=np.zeros(n_tolls),
    )


def walk_of(pair: Floats, toll: Floats, step: float) -> Walk:
    """The beginning of a climb."""
    return Walk(
        pair=pair.copy(),
        toll=toll.copy(),
        best_pair=pair.copy(),
        best_toll=toll.copy(),
        drift=np.zeros(len(pair)),
        drift_toll=np.zeros(len(toll)),
        wanted=np.zeros(len(pair), dtype=np.int64),
        state=np.array([-np.inf, step, 0.0]),
    )


@inner
def _choose(table: Table, seen: Seen) -> float:
    """Every customer alone: the sum of the cheapest; rows taken, pairs used."""
    total = 0.0
    width = table.pairs.shape[1]
    empty = len(table.pair_pool)
    for k in range(len(table.rest)):
        best, least = -1, table.rest[k]
        for row in range(table.first[k], table.first[k + 1]):
            cost = table.cost[row]
            if cost >= least:
                break
            for at in range(width):
                pair = table.pairs[row, at]
                if pair != empty:
                    cost += seen.shown[pair]
            if cost < least:
                best, least = row, cost
        seen.taken[k] = best
        total += least
        if best >= 0:
            for at in range(width):
                pair = table.pairs[best, at]
                if pair != empty:
                    seen.uses[pair] = 1
    return total


@inner
def _blocks(table: Table, dual: Dual, seen: Seen, toll: Floats) -> float:
    """Open or close each commitment's pools; what open ones pay, less what closed ones earned."""
    value = 0.0
    n_limits = len(dual.limit_capacity)
    for pair in dual.loose:
        pool = table.pair_pool[pair]
        gain = seen.unit[pool] * dual.pair_units[pair] - seen.price[pair]
        if gain < 0.0:
            seen.packs[pair] = 1
            seen.earned[pool] += gain
            seen.units[pool] += dual.pair_units[pair]
            value += gain
    for c in range(len(dual.most)):
        fare = toll[n_limits + c]
        most, minimum = dual.most[c], table.commitment_minimum[c]
        least, filled = np.inf, 0
        for units in (most, min(minimum, most), 0):
            terms = table.commitment_short[c] * max(0, minimum - units) - fare * units
            if terms < least:
                least, filled = terms, units
        cost = table.commitment_cost[c] + least
        taken = 0.0
        mine = table.commitment_pool[table.commitment_first[c] : table.commitment_first[c + 1]]
        for pool in mine:
            if dual.block[pool] == c:
                taken += seen.earned[pool]
        if cost + taken < 0.0:
            value += cost
            seen.over[n_limits + c] -= filled
            continue
        value -= taken
        for pool in mine:
            if dual.block[pool] == c:
                seen.earned[pool] = 0.0
                seen.units[pool] = 0
                for at in range(table.pool_first[pool], table.pool_first[pool + 1]):
                    seen.packs[table.pool_pair[at]] = 0
    return value


@inner
def evaluate(parts: Parts, pair: Floats, toll: Floats, seen: Seen) -> float:
    """The value of the relaxation at these multipliers, and what each copy chose."""
    table, dual, packing, bench = parts.table, parts.dual, parts.packing, parts.bench
    joint, seats = parts.joint, parts.seats
    n_pools, n_limits = len(table.unit), len(dual.limit_capacity)
    for pool in range(n_pools):
        seen.units[pool] = 0
        seen.earned[pool] = 0.0
        seen.unit[pool] = table.unit[pool]
    for at in range(len(seen.over)):
        seen.over[at] = 0.0
    for at in range(len(dual.toll_pool)):
        seen.unit[dual.toll_pool[at]] += toll[dual.toll_of[at]]
    for x in range(len(pair)):
        pool = table.pair_pool[x]
        price = seen.unit[pool] * dual.pair_units[x] if dual.linear[pool] else max(pair[x], 0.0)
        seen.uses[x] = 0
        seen.packs[x] = 0
        seen.price[x] = price
        seen.shown[x] = 0.0 if dual.inner[x] else price
    if len(joint.cluster_first) > 1:
        value = solve_clusters(
            table,
            joint,
            seats,
            seen.price,
            seen.shown,
            seen.unit,
            seen.taken,
            seen.packs,
            seen.units,
        )
        empty = len(table.pair_pool)
        for k in range(len(seen.taken)):
            row = seen.taken[k]
            if row >= 0:
                for at in range(table.pairs.shape[1]):
                    x = table.pairs[row, at]
                    if x != empty and not dual.inner[x]:
                        seen.uses[x] = 1
    else:
        value = _choose(table, seen)
    for pool in range(n_pools):
        if packing.first[pool + 1] > packing.first[pool]:
            earned, units = pack(packing, bench, pool, seen.shown, seen.unit[pool], seen.packs)
            seen.earned[pool] = earned
            seen.units[pool] += units
            value += earned
    if len(dual.most) > 0:
        value += _blocks(table, dual, seen, toll)
    for x in range(len(pair)):
        if seen.uses[x] > 0 and dual.linear[table.pair_pool[x]]:
            seen.units[table.pair_pool[x]] += dual.pair_units[x]
    for limit in range(n_limits):
        value -= toll[limit] * dual.limit_capacity[limit]
        seen.over[limit] -= dual.limit_capacity[limit]
    for at in range(len(dual.toll_pool)):
        seen.over[dual.toll_of[at]] += seen.units[dual.toll_pool[at]]
    return value


@compiled
def climb(
    parts: Parts,
    walk: Walk,
    seen: Seen,
    rounds: int,
    target: float,
    enough: float,
    patience: int,
) -> bool:
    """Deflected subgradient steps; whether it is worth while to go on.

    Parameters
    ----------
    rounds : int
        Most evaluations.
    target : float
        Cost of a known selection (money): sets the step length.
    enough : float
        Value (money) at which the bound is good enough.
    patience : int
        Evaluations without a better value before the steps shorten.
    """
    dual = parts.dual
    state = walk.state
    for _ in range(rounds):
        value = evaluate(parts, walk.pair, walk.toll, seen)
        if value > state[VALUE] + 1e-9 * abs(value):
            if value > state[VALUE] + 1e-6 * abs(value):
                state[STALE] = 0.0
            else:
                state[STALE] += 1.0
            state[VALUE] = value
            for x in range(len(walk.pair)):
                walk.best_pair[x] = walk.pair[x]
            for t in range(len(walk.toll)):
                walk.best_toll[t] = walk.toll[t]
        else:
            state[STALE] += 1.0
        if state[VALUE] >= enough or state[STEP] < SHORTEST:
            return False
        if state[STALE] >= patience:
            state[STEP] *= AGAIN
            state[STALE] = 0.0
            for x in range(len(walk.pair)):
                walk.pair[x] = walk.best_pair[x]
                walk.drift[x] = 0.0
            for t in range(len(walk.toll)):
                walk.toll[t] = walk.best_toll[t]
                walk.drift_toll[t] = 0.0
            continue
        norm = 0.0
        for x in range(len(walk.pair)):
            walk.wanted[x] += max(seen.uses[x], seen.packs[x])
            slope = 0.0 if dual.free[x] else float(seen.uses[x] - seen.packs[x])
            # A price at zero cannot fall: keep its slope out of the step length.
            if walk.pair[x] <= 0.0 and slope < 0.0:
                slope = 0.0
            walk.drift[x] = MEMORY * walk.drift[x] + (1.0 - MEMORY) * slope
            norm += walk.drift[x] * walk.drift[x]
        for t in dual.moving:
            slope = seen.over[t] / dual.whole[t]
            if walk.toll[t] <= dual.least[t] and slope < 0.0:
                slope = 0.0
            walk.drift_toll[t] = MEMORY * walk.drift_toll[t] + (1.0 - MEMORY) * slope
            norm += walk.drift_toll[t] * walk.drift_toll[t]
        if norm <= 1e-12:
            if state[STALE] > 0.0:
                state[STALE] = float(patience)
                continue
            return False
        length = state[STEP] * max(target - value, 1e-6 * abs(target) + 1e-3) / norm
        for x in range(len(walk.pair)):
            walk.pair[x] = max(0.0, walk.pair[x] + length * walk.drift[x])
        for t in dual.moving:
            step = length * walk.drift_toll[t] / dual.whole[t]
            walk.toll[t] = max(dual.least[t], walk.toll[t] + step)
    return True
