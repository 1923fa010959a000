"""Remove and reinsert walks, compiled: see ``engines.walks_search`` for what it does and why."""

# What is an element of an array is a number here: compiled code knows no other.
# pyright: reportArgumentType=false, reportReturnType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownMemberType=false

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coldchain.engines.kernels.compiler import compiled, inner
from coldchain.engines.kernels.random import State, below, uniform
from coldchain.selection import Ints

Floats = NDArray[np.float64]

FAR = 1e18
"""No walk costs that much."""

SAME_POOL = 0.35
"""Share of rounds that take out who uses one pool of a customer's walk."""

SAME_FAMILY = 0.75
"""Beyond it, up to here, who uses one service, whenever; then customers at random."""

TRUE = 0.5
"""Share of rounds that see the true price of a unit, not a blend with its price by load."""

PROMOTED = 0.3
"""Share of rounds in which a pool looks free."""

SHUT = 0.2
"""Share of rounds that open no new unit in the pool just emptied."""

NOW, BEST, HEAT = 0, 1, 2
"""Places in ``Stroll.money``."""


class Paths(NamedTuple):
    """The graphs, sorted by customer and tail.

    Attributes
    ----------
    first : int64[n_customers + 1]
        Customer ``k`` has steps ``first[k]:first[k + 1]``.
    tail, head, pool, load : int64[n_steps]
    cost : float64[n_steps]
    end : int64[n_customers]
    skip : float64[n_customers]
    capacity, family : int64[n_pools]
    unit : float64[n_pools]
    pool_limit : int64[n_pools, most limits of a pool]
        The last limit, which is always wide, fills the rows.
    limit_capacity : int64[n_limits + 1]
    """

    first: Ints
    tail: Ints
    head: Ints
    pool: Ints
    load: Ints
    cost: Floats
    end: Ints
    skip: Floats
    capacity: Ints
    family: Ints
    unit: Floats
    pool_limit: Ints
    limit_capacity: Ints


class Stroll(NamedTuple):
    """A choice under change, and room to work in.

    Attributes
    ----------
    walk, best : int64[n_customers, longest + 1]
        Length of each walk, then its steps from the last to the first; length 0 is skipped.
    held : int64[n_pools]
    room : int64[n_limits + 1]
    money : float64[3]
        Cost now, cost of the best, temperature.
    reach : float64[most states]
    by : int64[most states]
        Cheapest way to each state, and the step it comes by.
    """

    walk: Ints
    best: Ints
    held: Ints
    room: Ints
    money: Floats
    reach: Floats
    by: Ints


@inner
def _put(paths: Paths, now: Stroll, k: int, sign: int) -> float:
    """Enter (1) or withdraw (-1) the walk written down for ``k``; returns the change of cost."""
    n = now.walk[k, 0]
    if n == 0:
        return sign * paths.skip[k]
    change = 0.0
    for at in range(1, n + 1):
        step = now.walk[k, at]
        change += sign * paths.cost[step]
        pool = paths.pool[step]
        if pool >= 0:
            capacity = paths.capacity[pool]
            old = now.held[pool]
            new = old + sign * paths.load[step]
            now.held[pool] = new
            units = (new + capacity - 1) // capacity - (old + capacity - 1) // capacity
            if units != 0:
                change += units * paths.unit[pool]
                for slot in range(paths.pool_limit.shape[1]):
                    now.room[paths.pool_limit[pool, slot]] -= units
    return change


@inner
def _fits(paths: Paths, now: Stroll) -> bool:
    """Whether every limit holds."""
    return now.room.min() >= 0


@inner
def _find(paths: Paths, now: Stroll, k: int, weight: float, free: int, shut: int) -> None:
    """Write down the cheapest walk of ``k``, who is out, at the present loads."""
    end = paths.end[k]
    reach, by = now.reach, now.by
    for state in range(end + 1):
        reach[state] = FAR
    reach[0] = 0.0
    by[end] = -1
    most = paths.skip[k]
    for step in range(paths.first[k], paths.first[k + 1]):
        cost = reach[paths.tail[step]]
        if cost >= most:
            # Costs are never negative: this is dearer than a walk known already.
            continue
        head = paths.head[step]
        cost += paths.cost[step]
        if cost >= reach[head]:
            continue
        pool = paths.pool[step]
        if pool >= 0 and pool != free:
            capacity = paths.capacity[pool]
            held, load = now.held[pool], paths.load[step]
            units = (held + load + capacity - 1) // capacity - (held + capacity - 1) // capacity
            if units > 0:
                if pool == shut:
                    continue
                closed = False
                for slot in range(paths.pool_limit.shape[1]):
                    closed = closed or now.room[paths.pool_limit[pool, slot]] < units
                if closed:
                    continue
            cost += paths.unit[pool] * (weight * units + (1.0 - weight) * load / capacity)
        if cost < reach[head]:
            reach[head] = cost
            by[head] = step
            if head == end:
                most = min(most, cost)
    n = 0
    if reach[end] < paths.skip[k]:
        state = end
        while state > 0:
            n += 1
            now.walk[k, n] = by[state]
            state = paths.tail[by[state]]
    now.walk[k, 0] = n


@inner
def _ruin(paths: Paths, now: Stroll, state: State, out: Ints, most: int) -> int:
    """Choose who is taken out; returns how many. ``out[-1]`` is the pool emptied, or -1."""
    n = len(paths.end)
    out[n] = -1
    k = below(state, n)
    m = 0
    dice = uniform(state)
    if dice < SAME_FAMILY and now.walk[k, 0] > 0:
        step = now.walk[k, 1 + below(state, now.walk[k, 0])]
        pool = paths.pool[step]
        if pool >= 0:
            whole = dice < SAME_POOL
            if whole:
                out[n] = pool
            at = below(state, n)
            for _ in range(n):
                at += 1
                if at == n:
                    at = 0
                for place in range(1, now.walk[at, 0] + 1):
                    other = paths.pool[now.walk[at, place]]
                    if other >= 0 and (
                        other == pool or (not whole and paths.family[other] == paths.family[pool])
                    ):
                        out[m] = at
                        m += 1
                        break
                if m == most:
                    break
    if m == 0:
        out[0] = k
        m = 1
    extra = 1 + below(state, 3)
    while extra > 0 and m < n:
        extra -= 1
        k = below(state, n)
        known = False
        for at in range(m):
            known = known or out[at] == k
        if not known:
            out[m] = k
            m += 1
    return m


@compiled
def start(paths: Paths, now: Stroll) -> None:
    """Everybody out, then everybody in at prices by load."""
    total = 0.0
    for k in range(len(paths.end)):
        now.walk[k, 0] = 0
        total += paths.skip[k]
    for k in range(len(paths.end)):
        total += _put(paths, now, k, -1)
        _find(paths, now, k, 0.3, -1, -1)
        total += _put(paths, now, k, 1)
        if not _fits(paths, now):
            total += _put(paths, now, k, -1)
            now.walk[k, 0] = 0
            total += _put(paths, now, k, 1)
    now.money[NOW] = total
    _keep(now)


@inner
def _keep(now: Stroll) -> None:
    """Take the present choice as the best."""
    now.money[BEST] = now.money[NOW]
    for k in range(now.walk.shape[0]):
        for at in range(now.walk[k, 0] + 1):
            now.best[k, at] = now.walk[k, at]


@compiled
def wander(
    paths: Paths, now: Stroll, old: Ints, state: State, rounds: int, cooling: float, most: int
) -> None:
    """Rounds of removing and reinserting, from temperature ``money[HEAT]``, cooled in each.

    Parameters
    ----------
    old : int64[n_customers, longest + 1]
        Room for the walks taken out.
    most : int
        Most customers taken out at once, but for a few at random.
    """
    n = len(paths.end)
    out = np.zeros(n + 1, dtype=np.int64)
    for _ in range(rounds):
        now.money[HEAT] *= cooling
        m = _ruin(paths, now, state, out, 1 + below(state, most))
        change = 0.0
        for at in range(m - 1, 0, -1):
            other = below(state, at + 1)
            out[at], out[other] = out[other], out[at]
        for at in range(m):
            k = out[at]
            for place in range(now.walk[k, 0] + 1):
                old[at, place] = now.walk[k, place]
            change += _put(paths, now, k, -1)
        weight = 1.0 if uniform(state) < TRUE else uniform(state)
        free = shut = -1
        dice = uniform(state)
        if dice < SHUT:
            shut = out[n]
        elif dice < SHUT + PROMOTED:
            k = below(state, m)
            if old[k, 0] > 0:
                # Some pool a customer who is out could use.
                k = out[k]
                low, high = paths.first[k], paths.first[k + 1]
                free = paths.pool[low + below(state, high - low)]
        for at in range(m):
            k = out[at]
            _find(paths, now, k, weight, free, shut)
            change += _put(paths, now, k, 1)
        good = change <= 0.0 or change < -now.money[HEAT] * math.log(max(1e-300, uniform(state)))
        if good and _fits(paths, now):
            now.money[NOW] += change
            if now.money[NOW] < now.money[BEST] - 0.5:
                _keep(now)
        else:
            for at in range(m):
                _put(paths, now, out[at], -1)
            for at in range(m):
                k = out[at]
                for place in range(old[at, 0] + 1):
                    now.walk[k, place] = old[at, place]
                _put(paths, now, k, 1)
