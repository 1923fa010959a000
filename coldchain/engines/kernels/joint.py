"""Clusters of customers solved jointly, compiled: see ``engines.clusters``."""

# What is an element of an array is a number here: compiled code knows no other.
# pyright: reportArgumentType=false, reportReturnType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownMemberType=false

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coldchain.engines.clusters import Clusters
from coldchain.engines.kernels.compiler import inner
from coldchain.engines.kernels.table import Floats, Small, Table
from coldchain.selection import Ints


class Joint(NamedTuple):
    """The clusters of a problem.

    Attributes
    ----------
    cluster_first : int64[n_clusters + 1]
        Subset ``S`` of cluster ``c`` stands at ``cluster_first[c] + S``.
    member_first : int64[n_clusters + 1]
        Members of cluster ``c`` are ``member[member_first[c]:member_first[c + 1]]``, by bit.
    member : int64[n_customers]
    single : int64[n_customers]
        Subset of each customer alone.
    segment : int32[n]
        Segment of each row: rows of a customer with the same inner pair, or with none.
    segment_customer : int64[n_segments]
    bare : int64[n_customers]
        Segment without an inner pair, or -1.
    block_before, block_segment, block_pool, block_units, block_held, block_subset : int64[n_blocks]
        Customers that share one pool: those of the block before and one more; the units their load
        needs, the load in grid steps, and the subset they are.
    entry_of : int64[n_pools]
        Pair whose price every block of an owned pool pays.
    entry : int64[...]
        Those pairs.
    row_of : int64[n_pools]
        Row of a pool among those with guests, or -1.
    pools, steps, most, pool_unit : int64[n_rows]
        Those pools, grid steps of a unit, units that hold all that could come.
    guest_first : int64[n_rows + 1]
    guest, weight : int64[...]
        Pairs of guests of each row, and their loads on the grid.
    """

    cluster_first: Ints
    member_first: Ints
    member: Ints
    single: Ints
    segment: Small
    segment_customer: Ints
    bare: Ints
    block_before: Ints
    block_segment: Ints
    block_pool: Ints
    block_units: Ints
    block_held: Ints
    block_subset: Ints
    entry_of: Ints
    entry: Ints
    row_of: Ints
    pools: Ints
    steps: Ints
    most: Ints
    guest_first: Ints
    guest: Ints
    weight: Ints


class Seats(NamedTuple):
    """Room to work in.

    Attributes
    ----------
    least, least_row : [n_segments]
    cost : float64[n_blocks + 1]
    block, block_at : [n_subsets]
    whole, choice : [n_subsets]
    earned, value : float64[n_rows, width]
    took : bool[n_guests, width]
    """

    least: Floats
    least_row: Ints
    cost: Floats
    block: Floats
    block_at: Ints
    whole: Floats
    choice: Ints
    earned: Floats
    value: Floats
    took: NDArray[np.bool_]


def no_joint() -> tuple[Joint, Seats]:
    """Every customer alone."""
    none = np.zeros(0, dtype=np.int64)
    joint = Joint(
        cluster_first=np.zeros(1, dtype=np.int64),
        segment=np.zeros(0, dtype=np.int32),
        guest_first=np.zeros(1, dtype=np.int64),
        **{
            name: none
            for name in Joint._fields
            if name not in ("cluster_first", "segment", "guest_first")
        },
    )
    return joint, seats_of(joint)


def joint_of(table: Table, clusters: Clusters) -> tuple[Joint, Seats]:
    """Lay out ``clusters`` for the kernel."""
    columns, guests = clusters.columns, clusters.guests
    segment_of_column = np.zeros(columns.n, dtype=np.int64)
    lengths = np.diff(np.r_[clusters.segment, columns.n])
    segment_of_column[clusters.order] = np.repeat(np.arange(len(clusters.segment)), lengths)
    subset = np.zeros(len(clusters.block_before), dtype=np.int64)
    ends = np.diff(np.r_[clusters.subset_start, len(clusters.by_subset)])
    subset[clusters.by_subset] = np.repeat(clusters.subset, ends)
    sizes = [1 << len(group) for group in clusters.groups]
    empty = columns.n_pairs
    inside = guests.guest != empty
    if not len(guests.pools):
        inside = np.zeros((0, 0), dtype=bool)
    joint = Joint(
        cluster_first=np.cumsum([0, *sizes]).astype(np.int64),
        member_first=np.cumsum([0, *map(len, clusters.groups)]).astype(np.int64),
        member=np.concatenate([np.array(group, dtype=np.int64) for group in clusters.groups]),
        single=clusters.single.astype(np.int64),
        segment=segment_of_column[table.column].astype(np.int32),
        segment_customer=columns.customer_of[clusters.order[clusters.segment]],
        bare=clusters.bare_segment,
        block_before=clusters.block_before,
        block_segment=clusters.block_segment,
        block_pool=clusters.block_pool,
        block_units=clusters.block_units,
        block_held=clusters.block_load // guests.common[clusters.block_pool],
        block_subset=subset,
        entry_of=clusters.entry_of,
        entry=clusters.entry.astype(np.int64),
        row_of=guests.row_of,
        pools=guests.pools.astype(np.int64),
        steps=guests.steps.astype(np.int64),
        most=guests.most.astype(np.int64),
        guest_first=np.cumsum(np.r_[0, inside.sum(axis=1)]).astype(np.int64),
        guest=guests.guest[inside],
        weight=guests.weight[inside].astype(np.int64),
    )
    return joint, seats_of(joint)


def seats_of(joint: Joint) -> Seats:
    """Room enough for ``joint``."""
    segments = int(joint.segment.max(initial=-1)) + 1
    subsets = int(joint.cluster_first[-1])
    width = int((joint.steps * joint.most).max(initial=0)) + 1
    return Seats(
        least=np.zeros(segments),
        least_row=np.zeros(segments, dtype=np.int64),
        cost=np.zeros(len(joint.block_before) + 1),
        block=np.zeros(subsets),
        block_at=np.zeros(subsets, dtype=np.int64),
        whole=np.zeros(subsets),
        choice=np.zeros(subsets, dtype=np.int64),
        earned=np.zeros((len(joint.pools), width)),
        value=np.zeros((len(joint.pools), width)),
        took=np.zeros((len(joint.guest), width), dtype=np.bool_),
    )


@inner
def _pack_guests(joint: Joint, seats: Seats, price: Floats, unit: Floats) -> float:
    """Fill ``earned`` and ``value``; the sum of the values of empty pools."""
    total = 0.0
    for row in range(len(joint.pools)):
        steps, most = joint.steps[row], joint.most[row]
        width = steps * most + 1
        earned, value = seats.earned[row], seats.value[row]
        for w in range(width):
            earned[w] = 0.0
        reach = 0
        for at in range(joint.guest_first[row], joint.guest_first[row + 1]):
            paid, heavy = price[joint.guest[at]], joint.weight[at]
            took = seats.took[at]
            if paid <= 0.0:
                for w in range(width):
                    took[w] = False
                continue
            for w in range(min(heavy, width)):
                took[w] = False
            # Room beyond all guests so far is worth what they pay together.
            for w in range(width - 1, heavy - 1, -1):
                offer = earned[w - heavy] + paid
                took[w] = offer > earned[w]
                if took[w]:
                    earned[w] = offer
            reach += heavy
        cost = unit[joint.pools[row]]
        for held in range(width):
            value[held] = np.inf
        for units in range(most + 1):
            room = units * steps
            for held in range(min(room, width - 1) + 1):
                net = units * cost - earned[room - held]
                value[held] = min(value[held], net)
        total += value[0]
    return total


@inner
def _walk_guests(
    joint: Joint, seats: Seats, unit: Floats, row: int, held: int, sign: int, packs: Ints
) -> None:
    """Add ``sign`` to the pairs packed when members put ``held`` into the pool of ``row``."""
    steps, cost = joint.steps[row], unit[joint.pools[row]]
    room = -1
    for units in range(joint.most[row] + 1):
        left = units * steps - held
        if left >= 0 and units * cost - seats.earned[row, left] == seats.value[row, held]:
            room = left
            break
    for at in range(joint.guest_first[row + 1] - 1, joint.guest_first[row] - 1, -1):
        if seats.took[at, room]:
            packs[joint.guest[at]] += sign
            room -= joint.weight[at]


@inner
def _least_of_segments(table: Table, joint: Joint, seats: Seats, shown: Floats) -> None:
    """The cheapest row of each customer with each of its inner pairs, and with none."""
    width = table.pairs.shape[1]
    empty = len(table.pair_pool)
    for segment in range(len(seats.least)):
        seats.least[segment] = np.inf
    for row in range(len(table.cost)):
        cost = table.cost[row]
        segment = joint.segment[row]
        if cost >= seats.least[segment]:
            continue
        for at in range(width):
            pair = table.pairs[row, at]
            if pair != empty:
                cost += shown[pair]
        if cost < seats.least[segment]:
            seats.least[segment] = cost
            seats.least_row[segment] = row


@inner
def solve_clusters(
    table: Table,
    joint: Joint,
    seats: Seats,
    price: Floats,
    shown: Floats,
    unit: Floats,
    taken: Ints,
    packs: Ints,
    units: Ints,
) -> float:
    """Least total cost of all clusters and of the pools they own: see ``Clusters.solve``."""
    _least_of_segments(table, joint, seats, shown)
    total = _pack_guests(joint, seats, price, unit)
    block = seats.block
    for subset in range(len(block)):
        block[subset] = np.inf
    last = len(joint.block_before)
    seats.cost[last] = 0.0
    for b in range(last):
        before = joint.block_before[b]
        own = seats.cost[before] if before >= 0 else 0.0
        own += seats.least[joint.block_segment[b]]
        seats.cost[b] = own
        pool = joint.block_pool[b]
        row = joint.row_of[pool]
        if row >= 0:
            extra = seats.value[row, joint.block_held[b]] - seats.value[row, 0]
        else:
            extra = joint.block_units[b] * unit[pool]
        whole = own + extra + price[joint.entry_of[pool]]
        subset = joint.block_subset[b]
        if whole < block[subset]:
            block[subset] = whole
            seats.block_at[subset] = b
    for k in range(len(joint.single)):
        alone = table.rest[k]
        if joint.bare[k] >= 0:
            alone = min(alone, seats.least[joint.bare[k]])
        if not block[joint.single[k]] < alone:
            block[joint.single[k]] = alone
            seats.block_at[joint.single[k]] = -1
    for c in range(len(joint.cluster_first) - 1):
        base, end = joint.cluster_first[c], joint.cluster_first[c + 1]
        seats.whole[base] = 0.0
        for subset in range(1, end - base):
            lowest = subset & -subset
            rest = subset ^ lowest
            best, choice = np.inf, 0
            part = rest
            while True:
                cost = block[base + (part | lowest)] + seats.whole[base + (rest ^ part)]
                if cost < best:
                    best, choice = cost, part | lowest
                if part == 0:
                    break
                part = (part - 1) & rest
            seats.whole[base + subset] = best
            seats.choice[base + subset] = choice
        total += seats.whole[end - 1]
    for k in range(len(taken)):
        taken[k] = -1
    for x in joint.entry:
        total -= price[x]
        # One entry is given back, so the slope there is the number of blocks less one.
        packs[x] += 1
    for row in range(len(joint.pools)):
        _walk_guests(joint, seats, unit, row, 0, 1, packs)
    for c in range(len(joint.cluster_first) - 1):
        base = joint.cluster_first[c]
        left = joint.cluster_first[c + 1] - base - 1
        while left > 0:
            part = seats.choice[base + left]
            left ^= part
            b = seats.block_at[base + part]
            if b >= 0:
                pool = joint.block_pool[b]
                packs[joint.entry_of[pool]] -= 1
                row = joint.row_of[pool]
                if row >= 0:
                    _walk_guests(joint, seats, unit, row, 0, -1, packs)
                    _walk_guests(joint, seats, unit, row, joint.block_held[b], 1, packs)
                else:
                    units[pool] += joint.block_units[b]
                while b >= 0:
                    segment = joint.block_segment[b]
                    taken[joint.segment_customer[segment]] = seats.least_row[segment]
                    b = joint.block_before[b]
                continue
            bit = 0
            while (part >> bit) > 1:
                bit += 1
            k = joint.member[joint.member_first[c] + bit]
            bare = joint.bare[k]
            if bare >= 0 and seats.least[bare] < table.rest[k]:
                taken[k] = seats.least_row[bare]
    return total
