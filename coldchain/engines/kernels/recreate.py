"""Ruin and recreate, compiled: see ``engines.search`` for what it does and why."""

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
from coldchain.engines.kernels.table import Floats, Table
from coldchain.selection import Ints

FAR = 1e18
"""A price no selection pays: the unit is not to be had."""

OPENED = 0.1
"""Share of ruins that take out customers who could all use one pool, which then looks free."""

SHUT = 0.2
"""Beyond it, up to here, one pool is emptied and shut for the round."""

SHARED = 0.6
"""Beyond it, up to here, the pools of one customer are emptied."""

ANY = 0.92
"""Beyond it, up to here, customers who could ride along are taken out; then customers at random."""

WHOLE = 0.04
"""Share of rounds that open or close a whole departure, where there are any: they take out many."""

TRUE = 0.4
"""Share of rounds that see the true price of a unit."""

PROMOTED = 0.35
"""Share of rounds in which pools look free."""

BLINK = 0.02
"""Probability that a customer does not see a row that is better than those seen so far."""

NOW, BEST, HEAT = 0, 1, 2
"""Places in ``Standing.money``."""


class Standing(NamedTuple):
    """A selection under change.

    Attributes
    ----------
    taken : int64[n_customers]
        Row of each customer, or -1.
    load : int64[n_pools]
    room : int64[n_limits + 1]
        Units left of each limit.
    used : int64[n_commitments + 1]
        Units open on each commitment.
    user : int64[n_pools]
        A pair in use of each pool, or -1: the first of a list by ``after`` and ``before``.
    after, before : int64[n_pairs]
    best : int64[n_customers]
        The best selection met, where ``changed`` does not say otherwise.
    changed : int64[n_customers + 1]
        Customers that differ from ``best`` (how many, then which), or may.
    is_changed : bool[n_customers]
    money : float64[3]
        Cost now, cost of the best, temperature.
    stamp : int64[n_customers + 1]
        Marks who is out in this round; the last cell counts rounds.
    price : float64[most pairs of a customer + 1]
    """

    taken: Ints
    load: Ints
    room: Ints
    used: Ints
    user: Ints
    after: Ints
    before: Ints
    best: Ints
    changed: Ints
    is_changed: NDArray[np.bool_]
    money: Floats
    stamp: Ints
    price: Floats


def standing_of(table: Table) -> Standing:
    """Everybody out."""
    n, n_pools, n_pairs = len(table.rest), len(table.unit), len(table.pair_pool)
    widest = int(np.diff(table.pair_first).max(initial=0))
    cost = float(table.rest.sum())
    return Standing(
        taken=np.full(n, -1, dtype=np.int64),
        load=np.zeros(n_pools, dtype=np.int64),
        room=table.limit_capacity.copy(),
        used=np.zeros(len(table.commitment_cost), dtype=np.int64),
        user=np.full(n_pools, -1, dtype=np.int64),
        after=np.full(n_pairs, -1, dtype=np.int64),
        before=np.full(n_pairs, -1, dtype=np.int64),
        best=np.full(n, -1, dtype=np.int64),
        changed=np.zeros(n + 1, dtype=np.int64),
        is_changed=np.zeros(n, dtype=np.bool_),
        money=np.array([cost, cost, 0.0]),
        stamp=np.zeros(n + 1, dtype=np.int64),
        price=np.zeros(widest + 1),
    )


@inner
def _paid(table: Table, commitment: int, units: int) -> float:
    """What a commitment costs with so many units."""
    if units <= 0:
        return 0.0
    short = max(0, table.commitment_minimum[commitment] - units)
    return table.commitment_cost[commitment] + table.commitment_short[commitment] * short


@inner
def _shift(table: Table, now: Standing, pool: int, load: int) -> float:
    """Put ``load`` into a pool, or take it out where it is negative; the change of cost."""
    capacity, held = table.capacity[pool], now.load[pool]
    now.load[pool] = held + load
    units = (held + load + capacity - 1) // capacity - (held + capacity - 1) // capacity
    if units == 0:
        return 0.0
    change = units * table.unit[pool]
    for slot in range(table.pool_limit.shape[1]):
        now.room[table.pool_limit[pool, slot]] -= units
    for slot in range(table.pool_commitment.shape[1]):
        c = table.pool_commitment[pool, slot]
        change += _paid(table, c, now.used[c] + units) - _paid(table, c, now.used[c])
        now.used[c] += units
    return change


@inner
def put(table: Table, now: Standing, k: int, row: int) -> float:
    """Let ``k``, who is out, take ``row`` (or none); returns the change of cost."""
    now.taken[k] = row
    if row < 0:
        return 0.0
    change = table.cost[row] - table.rest[k]
    empty = len(table.pair_pool)
    for at in range(table.pairs.shape[1]):
        pair = table.pairs[row, at]
        if pair == empty:
            continue
        pool = table.pair_pool[pair]
        change += _shift(table, now, pool, table.pair_load[pair])
        first = now.user[pool]
        now.after[pair] = first
        now.before[pair] = -1
        if first >= 0:
            now.before[first] = pair
        now.user[pool] = pair
    return change


@inner
def remove(table: Table, now: Standing, k: int) -> float:
    """Take ``k`` out; returns the change of cost."""
    row = now.taken[k]
    now.taken[k] = -1
    if row < 0:
        return 0.0
    change = table.rest[k] - table.cost[row]
    empty = len(table.pair_pool)
    for at in range(table.pairs.shape[1]):
        pair = table.pairs[row, at]
        if pair == empty:
            continue
        pool = table.pair_pool[pair]
        change += _shift(table, now, pool, -table.pair_load[pair])
        one, two = now.before[pair], now.after[pair]
        if one >= 0:
            now.after[one] = two
        else:
            now.user[pool] = two
        if two >= 0:
            now.before[two] = one
    return change


@inner
def fits(table: Table, now: Standing, row: int) -> bool:
    """Whether the limits hold with one row more (its pools may share a limit)."""
    width = table.pairs.shape[1]
    empty = len(table.pair_pool)
    for at in range(width):
        pair = table.pairs[row, at]
        if pair == empty:
            continue
        pool = table.pair_pool[pair]
        for slot in range(table.pool_limit.shape[1]):
            limit = table.pool_limit[pool, slot]
            need = 0
            for other in range(width):
                x = table.pairs[row, other]
                if x == empty:
                    continue
                p = table.pair_pool[x]
                inside = False
                for s in range(table.pool_limit.shape[1]):
                    inside |= table.pool_limit[p, s] == limit
                if inside:
                    capacity, held = table.capacity[p], now.load[p]
                    need += (held + table.pair_load[x] + capacity - 1) // capacity
                    need -= (held + capacity - 1) // capacity
            if need > now.room[limit]:
                return False
    return True


@inner
def _see_prices(
    table: Table,
    now: Standing,
    share: Floats,
    k: int,
    weight: float,
    one: int,
    two: int,
    closed: int,
    free: int,
    shut: int,
) -> None:
    """What the pools of ``k`` look like to him, into ``now.price``.

    Of a new unit he sees ``weight`` parts of the true price, and for the rest the ``share`` of the
    pair; pools ``one`` and ``two`` look free, commitment ``free`` costs nothing, ``shut`` is not to
    be had (-1: none).
    """
    base = table.pair_first[k]
    for pair in range(base, table.pair_first[k + 1]):
        pool = table.pair_pool[pair]
        capacity, held = table.capacity[pool], now.load[pool]
        extra = (held + table.pair_load[pair] + capacity - 1) // capacity
        extra -= (held + capacity - 1) // capacity
        if extra <= 0:
            now.price[pair - base] = 0.0
            continue
        room = extra
        for slot in range(table.pool_limit.shape[1]):
            room = min(room, now.room[table.pool_limit[pool, slot]])
        if room < extra:
            now.price[pair - base] = FAR
            continue
        price = extra * table.unit[pool]
        gone = pool == closed
        for slot in range(table.pool_commitment.shape[1]):
            c = table.pool_commitment[pool, slot]
            if c == shut:
                gone = True
            elif c != free:
                price += _paid(table, c, now.used[c] + extra) - _paid(table, c, now.used[c])
        if gone:
            price = FAR
        elif pool in (one, two):
            price = 0.0
        elif weight < 1.0:
            price = weight * price + (1.0 - weight) * min(price, share[pair])
        now.price[pair - base] = price


@inner
def best_row(table: Table, now: Standing, k: int, blink: float, state: State) -> int:
    """Cheapest row of ``k`` (or -1) at the prices seen last."""
    base = table.pair_first[k]
    empty = len(table.pair_pool)
    width = table.pairs.shape[1]
    best, least = -1, table.rest[k]
    for row in range(table.first[k], table.first[k + 1]):
        total = table.cost[row]
        if total >= least:
            break
        for at in range(width):
            pair = table.pairs[row, at]
            if pair != empty:
                total += now.price[pair - base]
        if total < least:
            if blink > 0.0 and uniform(state) < blink:
                continue
            if table.pool_limit.shape[1] > 0 and not fits(table, now, row):
                continue
            best, least = row, total
    return best


@compiled
def insert_all(table: Table, now: Standing, order: Ints, share: Floats, state: State) -> None:
    """Let everybody of ``order`` who is out take what is cheapest as things stand."""
    for k in order:
        if now.taken[k] < 0:
            _see_prices(table, now, share, k, 1.0, -1, -1, -1, -1, -1)
            now.money[NOW] += put(table, now, k, best_row(table, now, k, 0.0, state))
            _note(now, k)
    _keep(now)


@compiled
def restart(table: Table, now: Standing, rows: Ints) -> None:
    """Begin again with ``rows`` (or -1); what breaks a limit stays out."""
    for k in range(len(rows)):
        now.money[NOW] += remove(table, now, k)
        _note(now, k)
    for k in range(len(rows)):
        if rows[k] >= 0 and fits(table, now, rows[k]):
            now.money[NOW] += put(table, now, k, rows[k])
    _keep(now)


@inner
def _note(now: Standing, k: int) -> None:
    """Remember that ``k`` may differ from the best selection."""
    if not now.is_changed[k]:
        now.is_changed[k] = True
        now.changed[0] += 1
        now.changed[now.changed[0]] = k


@inner
def _keep(now: Standing) -> None:
    """Keep the selection if it is the best so far."""
    if now.money[NOW] < now.money[BEST] - 0.5:
        now.money[BEST] = now.money[NOW]
        for at in range(1, now.changed[0] + 1):
            k = now.changed[at]
            now.best[k] = now.taken[k]
            now.is_changed[k] = False
        now.changed[0] = 0


@inner
def _ruin(table: Table, now: Standing, state: State, out: Ints, many: int) -> tuple[int, int, int]:
    """Fill ``out`` with customers related by the pools they use or could use.

    Returns how many, a pool to look free and one to be shut (-1: none).
    """
    seed = table.movable[below(state, len(table.movable))]
    turn = now.stamp[-1]
    out[0] = seed
    now.stamp[seed] = turn
    n = 1
    kind = uniform(state)
    row = now.taken[seed]
    empty = len(table.pair_pool)
    if kind < OPENED:
        # A pool that several could use together.
        low, high = table.pair_first[seed], table.pair_first[seed + 1]
        pool = table.pair_pool[low + below(state, high - low)]
        start, end = table.pool_first[pool], table.pool_first[pool + 1]
        for _ in range(2 * many):
            if n >= many:
                break
            mate = table.pair_customer[table.pool_pair[start + below(state, end - start)]]
            if now.stamp[mate] != turn:
                now.stamp[mate] = turn
                out[n] = mate
                n += 1
        return n, pool, -1
    if kind < SHUT and row >= 0:
        # One pool is emptied for this round.
        width = table.pairs.shape[1]
        pair = table.pairs[row, below(state, width)]
        if pair != empty:
            pool = table.pair_pool[pair]
            x = now.user[pool]
            while x >= 0 and n < len(out):
                k = table.pair_customer[x]
                if now.stamp[k] != turn:
                    now.stamp[k] = turn
                    out[n] = k
                    n += 1
                x = now.after[x]
            return n, -1, pool
    if kind < SHARED and row >= 0:
        # Empty the pools of the seed, beginning with any; then those of one taken out, and so on.
        while n < many:
            before = n
            width = table.pairs.shape[1]
            first = below(state, width)
            for step in range(width):
                pair = table.pairs[row, (first + step) % width]
                if pair == empty:
                    continue
                x = now.user[table.pair_pool[pair]]
                while x >= 0 and n < many:
                    k = table.pair_customer[x]
                    if now.stamp[k] != turn:
                        now.stamp[k] = turn
                        out[n] = k
                        n += 1
                    x = now.after[x]
            if n == before or uniform(state) < 0.5:
                break
            row = now.taken[out[below(state, n)]]
            if row < 0:
                break
        return n, -1, -1
    if kind < ANY:
        # Customers that could ride along, by any pool they might both use.
        k = seed
        misses = 0
        while n < many and misses < 20:
            low, high = table.pair_first[k], table.pair_first[k + 1]
            pool = table.pair_pool[low + below(state, high - low)]
            start, end = table.pool_first[pool], table.pool_first[pool + 1]
            mate = table.pair_customer[table.pool_pair[start + below(state, end - start)]]
            if now.stamp[mate] == turn:
                misses += 1
                continue
            now.stamp[mate] = turn
            out[n] = mate
            n += 1
            if uniform(state) < 0.3:
                k = mate
        return n, -1, -1
    while n < many:
        k = table.movable[below(state, len(table.movable))]
        if now.stamp[k] == turn:
            break
        now.stamp[k] = turn
        out[n] = k
        n += 1
    return n, -1, -1


@inner
def _ruin_departure(table: Table, now: Standing, state: State, out: Ints) -> tuple[int, int, int]:
    """Fill ``out`` so that a commitment opens or closes; how many, which is free, which is shut."""
    turn = now.stamp[-1]
    at = below(state, len(table.commitment_cost) - 1)
    pools = table.commitment_pool[table.commitment_first[at] : table.commitment_first[at + 1]]
    n = 0
    if now.used[at] > 0 and uniform(state) < 0.5:
        for pool in pools:
            x = now.user[pool]
            while x >= 0 and n < len(out):
                k = table.pair_customer[x]
                if now.stamp[k] != turn:
                    now.stamp[k] = turn
                    out[n] = k
                    n += 1
                x = now.after[x]
        return n, -1, at
    share = 1.0 if uniform(state) < 0.5 else uniform(state)
    for pool in pools:
        for x in table.pool_pair[table.pool_first[pool] : table.pool_first[pool + 1]]:
            k = table.pair_customer[x]
            if now.stamp[k] != turn and n < len(out):
                now.stamp[k] = turn
                if uniform(state) < share or n < 2:
                    out[n] = k
                    n += 1
    return n, at, -1


@compiled
def anneal(
    table: Table,
    now: Standing,
    share: Floats,
    state: State,
    rounds: int,
    cooling: float,
    most: int,
    enough: float,
) -> None:
    """Rounds of ruin and recreate; the temperature is ``now.money[HEAT]`` and cools in each.

    Parameters
    ----------
    share : float64[n_pairs]
        What the bound thinks a pair is worth (money).
    most : int
        Most customers taken out at once.
    enough : float
        Cost at which to stop.
    """
    n = len(table.rest)
    out = np.zeros(n, dtype=np.int64)
    old = np.zeros(n, dtype=np.int64)
    departures = len(table.commitment_cost) > 1
    for _ in range(rounds):
        now.money[HEAT] *= cooling
        now.stamp[n] += 1
        free = shut = opened = closed = -1
        if departures and uniform(state) < WHOLE:
            m, free, shut = _ruin_departure(table, now, state, out)
        else:
            m, opened, closed = _ruin(table, now, state, out, min(n, 2 + below(state, most - 1)))
        if m == 0:
            continue
        change = 0.0
        for at in range(m):
            k = out[at]
            old[at] = now.taken[k]
            change += remove(table, now, k)
        weight = 1.0 if uniform(state) < TRUE else uniform(state)
        one, two = opened, -1
        if one < 0 and closed < 0 and uniform(state) < PROMOTED:
            k = out[below(state, m)]
            low, high = table.pair_first[k], table.pair_first[k + 1]
            one = table.pair_pool[low + below(state, high - low)]
            if uniform(state) < 0.5:
                two = table.pair_pool[low + below(state, high - low)]
        for at in range(m - 1, 0, -1):
            other = below(state, at + 1)
            out[at], out[other] = out[other], out[at]
            old[at], old[other] = old[other], old[at]
        for at in range(m):
            k = out[at]
            _see_prices(table, now, share, k, weight, one, two, closed, free, shut)
            change += put(table, now, k, best_row(table, now, k, BLINK, state))
        if change <= 0.0 or change < -now.money[HEAT] * math.log(max(1e-300, uniform(state))):
            now.money[NOW] += change
            for at in range(m):
                _note(now, out[at])
            _keep(now)
            if now.money[BEST] <= enough:
                break
        else:
            for at in range(m):
                remove(table, now, out[at])
            for at in range(m):
                put(table, now, out[at], old[at])
