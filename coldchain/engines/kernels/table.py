"""The columns of a problem as kernels read them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coldchain.engines.columns import Columns
from coldchain.selection import Ints

Floats = NDArray[np.float64]
Small = NDArray[np.int32]


class Table(NamedTuple):
    """Columns sorted by customer, then by cost, so that a scan may end early.

    Attributes
    ----------
    column : int64[n]
        The column of ``Columns`` behind each row.
    first : int64[n_customers + 1]
        Rows of customer ``k`` are ``first[k]:first[k + 1]``.
    cost : float64[n]
        Cost of each row (money).
    pairs : int32[n, width]
        Pairs of each row, filled up with ``n_pairs``.
    rest : float64[n_customers]
        Cost of using no pool at all.
    movable : int64[...]
        Customers that have a row.
    pair_first : int64[n_customers + 1]
        Pairs of customer ``k`` are ``pair_first[k]:pair_first[k + 1]``.
    pair_customer, pair_pool : int32[n_pairs]
    pair_load : int64[n_pairs]
    pool_first : int64[n_pools + 1]
        Pairs of pool ``p`` are ``pool_pair[pool_first[p]:pool_first[p + 1]]``.
    pool_pair : int32[n_pairs]
    capacity : int64[n_pools]
    unit : float64[n_pools]
        Cost of a unit (money).
    pool_limit : int32[n_pools, ...]
        Limits of each pool, filled up with ``n_limits``.
    limit_capacity : int64[n_limits + 1]
        The last one is that of no limit: out of reach.
    pool_commitment : int32[n_pools, ...]
        Commitments of each pool, filled up with ``n_commitments``.
    commitment_first : int64[n_commitments + 1]
    commitment_pool : int64[...]
        Pools of each commitment.
    commitment_cost, commitment_short : float64[n_commitments + 1]
    commitment_minimum : int64[n_commitments + 1]
        The last one is that of no commitment: nothing.
    """

    column: Ints
    first: Ints
    cost: Floats
    pairs: Small
    rest: Floats
    movable: Ints
    pair_first: Ints
    pair_customer: Small
    pair_pool: Small
    pair_load: Ints
    pool_first: Ints
    pool_pair: Small
    capacity: Ints
    unit: Floats
    pool_limit: Small
    limit_capacity: Ints
    pool_commitment: Small
    commitment_first: Ints
    commitment_pool: Ints
    commitment_cost: Floats
    commitment_short: Floats
    commitment_minimum: Ints


def table_of(columns: Columns) -> Table:
    """Lay out ``columns`` for kernels."""
    order = np.lexsort((columns.cost, columns.customer_of))
    by_pool = np.argsort(columns.pair_pool, kind="stable")
    customers = np.arange(columns.n_customers + 1)
    commitments = columns.commitments
    nothing = [0]
    return Table(
        column=order,
        first=columns.first.astype(np.int64),
        cost=columns.cost[order].astype(np.float64),
        pairs=np.ascontiguousarray(columns.pairs[order], dtype=np.int32),
        rest=columns.rest_cost.astype(np.float64),
        movable=np.flatnonzero(np.diff(columns.first) > 0),
        pair_first=np.searchsorted(columns.pair_customer, customers).astype(np.int64),
        pair_customer=columns.pair_customer.astype(np.int32),
        pair_pool=columns.pair_pool.astype(np.int32),
        pair_load=columns.pair_load.astype(np.int64),
        pool_first=np.searchsorted(
            columns.pair_pool[by_pool], np.arange(columns.n_pools + 1)
        ).astype(np.int64),
        pool_pair=by_pool.astype(np.int32),
        capacity=columns.pool_capacity.astype(np.int64),
        unit=columns.pool_cost.astype(np.float64),
        pool_limit=_listed(columns.n_pools, columns.limit_pools),
        limit_capacity=np.append(columns.limit_capacity, np.iinfo(np.int64).max // 2),
        pool_commitment=_listed(columns.n_pools, tuple(c.pools for c in commitments)),
        commitment_first=np.cumsum([0, *(len(c.pools) for c in commitments)]).astype(np.int64),
        commitment_pool=np.concatenate(
            [np.zeros(0, dtype=np.int64), *(c.pools for c in commitments)]
        ),
        commitment_cost=np.array([c.cost for c in commitments] + nothing, dtype=np.float64),
        commitment_short=np.array([c.short_cost for c in commitments] + nothing, dtype=np.float64),
        commitment_minimum=np.array([c.minimum for c in commitments] + nothing, dtype=np.int64),
    )


def _listed(n_pools: int, lists: tuple[Ints, ...]) -> Small:
    """Numbers of the lists each pool stands in, filled up with how many lists there are."""
    pool = np.concatenate([np.zeros(0, dtype=np.int64), *lists])
    number = np.repeat(np.arange(len(lists)), [len(pools) for pools in lists])
    order = np.argsort(pool, kind="stable")
    pool, number = pool[order], number[order]
    place = np.arange(len(pool)) - np.searchsorted(pool, pool)
    table = np.full((n_pools, int(place.max(initial=-1)) + 1), len(lists), dtype=np.int32)
    table[pool, place] = number
    return table
