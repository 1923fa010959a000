"""What a bound of reduced columns is proven with, said of the problem itself.

The reductions lose nothing on the way: a pool that was no decision is paid by each of its pairs
with the whole units they need alone; a limit or a commitment that was dropped has no toll; a pair
left in no column costs nothing, for a column no dearer uses some of the same pairs.
"""

from __future__ import annotations

import numpy as np

from coldchain.certificate import Certificate, Cluster
from coldchain.engines.clusters import Clusters
from coldchain.engines.columns import Columns
from coldchain.selection import Ints, SelectionProblem


def certificate_of(
    columns: Columns,
    prices: Ints,
    tolls: Ints,
    *,
    scale: int,
    bound: int,
    clusters: Clusters | None = None,
) -> Certificate:
    """The certificate of a bound.

    Parameters
    ----------
    columns : Columns
    prices : int64[n_pairs]
        Price of each pair, those of pools of whole units too; at the entry pair of a pool that
        ``clusters`` own its entry price, at their other inner pairs anything (1/scale of the money
        unit).
    tolls : int64[n_limits + n_commitments]
        Likewise.
    scale : int
        Parts of a money unit.
    bound : int
        What they prove (money).
    clusters : Clusters, optional
        Customers solved jointly.
    """
    customer, pool = columns.pair_customer, columns.pool_number[columns.pair_pool]
    open_to = np.ones(columns.n_pairs, dtype=bool) if clusters is None else ~clusters.inner
    priced = np.flatnonzero(open_to & (prices > 0))
    own = np.stack([customer[priced], pool[priced], prices[priced]], axis=1)
    settled = columns.settled * np.array([1, 1, scale])
    rows = np.concatenate([own, settled[settled[:, 2] > 0]])
    rows = rows[np.lexsort((rows[:, 1], rows[:, 0]))]
    n_limits = len(columns.limit_capacity)
    limits = zip(columns.limit_number.tolist(), tolls[:n_limits].tolist(), strict=True)
    numbers = [commitment.number for commitment in columns.commitments]
    fares = zip(numbers, tolls[n_limits:].tolist(), strict=True)
    return Certificate(
        problem=columns.problem.digest,
        bound=bound,
        scale=scale,
        prices=tuple((k, p, price) for k, p, price in rows.tolist()),
        limit_tolls=tuple(row for row in limits if row[1]),
        commitment_tolls=tuple(row for row in fares if row[1]),
        clusters=() if clusters is None else _clusters(columns, clusters, prices),
    )


def _clusters(columns: Columns, clusters: Clusters, prices: Ints) -> tuple[Cluster, ...]:
    """Those clusters that own some pool."""
    group_of = np.zeros(columns.n_customers, dtype=np.int64)
    for at, group in enumerate(clusters.groups):
        group_of[group] = at
    inner: list[list[tuple[int, int]]] = [[] for _ in clusters.groups]
    entries: list[list[tuple[int, int]]] = [[] for _ in clusters.groups]
    for pair in np.flatnonzero(clusters.inner).tolist():
        customer = int(columns.pair_customer[pair])
        number = int(columns.pool_number[columns.pair_pool[pair]])
        inner[int(group_of[customer])].append((customer, number))
    for pair in clusters.entry[prices[clusters.entry] > 0]:
        number = int(columns.pool_number[columns.pair_pool[pair]])
        at = int(group_of[columns.pair_customer[pair]])
        entries[at].append((number, int(prices[pair])))
    return tuple(
        Cluster(customers=tuple(group), inner=tuple(pairs), entries=tuple(sorted(paid)))
        for group, pairs, paid in zip(clusters.groups, inner, entries, strict=True)
        if pairs
    )


def trivial_certificate(problem: SelectionProblem, bound: int) -> Certificate:
    """The certificate of ``trivial_bound``: every load pays its exact share of a unit."""
    width = np.diff(problem.option_start)
    customer = np.repeat(problem.option_customer, width)
    table = np.stack([customer, problem.option_pool, problem.option_load], axis=1)
    rows: list[list[int]] = np.unique(table, axis=0).tolist()
    cost: list[int] = problem.pool_cost.tolist()
    capacity: list[int] = problem.pool_capacity.tolist()
    prices = [(k, p, cost[p] * load // capacity[p]) for k, p, load in rows]
    return Certificate(
        problem=problem.digest,
        bound=bound,
        scale=1,
        prices=tuple(row for row in prices if row[2]),
    )
