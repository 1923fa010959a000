"""The integer program over some of the columns, in arrays that any solver can be fed with.

Being at rest (no pool, or skipped) is the constant of the objective, a column is worth what it
changes:

    minimise   constant + sum (cost - rest) x + sum pool_cost y
    choice     sum x of a customer <= 1
    pool       sum load x - capacity y <= 0
    strong     pair_units * (sum x of a pair) - y <= 0
    limit      sum y of a limit <= capacity

A commitment adds ``z``, whether it is paid for, and ``w``, the units missing to its minimum, with
``cost z + short_cost w`` in the objective:

    runs       y - most units of the pool z <= 0         for each of its pools
    rides      sum x of a customer in its pools - z <= 0
    room       sum y of its pools - most z <= 0
    short      minimum z - sum y of its pools - w <= 0

Every row is "<=" and every number an integer. The strong rows, the rides and the room follow from
the others for integers only; they are what gives the linear relaxation its strength.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coldchain.engines.columns import Columns, Commitment
from coldchain.selection import Ints


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Program:
    """Variables: columns (binary), pools (integer), commitments (binary), units short (integer).

    Attributes
    ----------
    kept, pools : int64[...]
        Columns behind the variables, and the pools they use.
    commitments : tuple of Commitment
        Those of the pools.
    objective, upper : int64[n_variables]
        Cost (cents) and upper bound; lower bounds are 0.
    constant : int
    row, variable, coefficient : int64[n_entries]
        The matrix, sorted by row and variable.
    right : int64[n_rows]
        Right hand sides of the "<=" rows.
    """

    columns: Columns
    kept: Ints
    pools: Ints
    commitments: tuple[Commitment, ...]
    objective: Ints
    upper: Ints
    constant: int
    row: Ints
    variable: Ints
    coefficient: Ints
    right: Ints

    @property
    def n_variables(self) -> int:
        return len(self.objective)

    def values(self, taken: Ints) -> Ints | None:
        """Variables at ``taken`` columns (or -1); None if one of them is not kept."""
        columns = self.columns
        chosen = taken[taken >= 0]
        at = np.searchsorted(self.kept, chosen)
        if bool((at >= len(self.kept)).any()) or not np.array_equal(self.kept[at], chosen):
            return None
        values = np.zeros(self.n_variables, dtype=np.int64)
        values[at] = 1
        load = np.zeros(columns.n_pools, dtype=np.int64)
        pairs = columns.pairs[chosen]
        pairs = pairs[pairs < columns.n_pairs]
        np.add.at(load, columns.pair_pool[pairs], columns.pair_load[pairs])
        units = -(-load // columns.pool_capacity)
        at = len(self.kept) + len(self.pools)
        values[len(self.kept) : at] = units[self.pools]
        for number, commitment in enumerate(self.commitments):
            used = int(units[commitment.pools].sum())
            if used:
                values[at + number] = 1
                short = max(0, commitment.minimum - used)
                values[at + len(self.commitments) + number] = short
        return values

    def taken(self, chosen: Ints) -> Ints:
        """Column of each customer (or -1), from the variables that are one."""
        taken = np.full(self.columns.n_customers, -1, dtype=np.int64)
        columns = self.kept[chosen]
        taken[self.columns.customer_of[columns]] = columns
        return taken


def build(columns: Columns, kept: Ints) -> Program:
    """Write the program over the ``kept`` columns (ascending)."""
    n = len(kept)
    spot, slot = np.nonzero(columns.pairs[kept] < columns.n_pairs)
    pair = columns.pairs[kept][spot, slot]
    pools, pool_of_entry = np.unique(columns.pair_pool[pair], return_inverse=True)
    common = columns.pool_capacity.copy()
    for x in np.unique(pair):
        common[columns.pair_pool[x]] = np.gcd(common[columns.pair_pool[x]], columns.pair_load[x])
    capacity = (columns.pool_capacity // common)[pools]
    load = columns.pair_load[pair] // common[columns.pair_pool[pair]]

    customers, choice_row = np.unique(columns.customer_of[kept], return_inverse=True)
    pairs, strong_row = np.unique(pair, return_inverse=True)
    n_choice, n_pool, n_strong = len(customers), len(pools), len(pairs)
    most = np.zeros(n_pool, dtype=np.int64)
    pool_of_pair = np.searchsorted(pools, columns.pair_pool[pairs])
    np.add.at(most, pool_of_pair, columns.pair_load[pairs] // common[columns.pair_pool[pairs]])
    most = -(-most // capacity)

    rows = [choice_row, n_choice + pool_of_entry, n_choice + np.arange(n_pool)]
    variables = [np.arange(n), spot, n + np.arange(n_pool)]
    coefficients = [np.ones(n, dtype=np.int64), load, -capacity]
    base = n_choice + n_pool
    rows += [base + strong_row, base + np.arange(n_strong)]
    variables += [spot, n + pool_of_pair]
    coefficients += [columns.pair_units[pair], np.full(n_strong, -1)]
    right = [np.ones(n_choice, dtype=np.int64), np.zeros(n_pool + n_strong, dtype=np.int64)]
    base += n_strong
    for limit, members in enumerate(columns.limit_pools):
        inside = np.flatnonzero(np.isin(pools, members))
        most[inside] = np.minimum(most[inside], columns.limit_capacity[limit])
        rows.append(np.full(len(inside), base))
        variables.append(n + inside)
        coefficients.append(np.ones(len(inside), dtype=np.int64))
        right.append(columns.limit_capacity[limit : limit + 1])
        base += 1
    live = np.zeros(columns.n_pools, dtype=bool)
    live[pools] = True
    commitments = tuple(c for c in columns.commitments if bool(live[c.pools].any()))
    for at, commitment in enumerate(commitments):
        runs = n + n_pool + at
        short = runs + len(commitments)
        inside = np.flatnonzero(np.isin(pools, commitment.pools))
        m = len(inside)
        riding = np.flatnonzero(np.isin(pool_of_entry, inside))
        # A column may use several of the pools.
        riding = np.unique(spot[riding])
        riders, rider_row = np.unique(columns.customer_of[kept[riding]], return_inverse=True)
        base_rides, base_room = base + m, base + m + len(riders)
        ones = np.ones(m, dtype=np.int64)
        rows += [base + np.arange(m), base + np.arange(m)]
        variables += [n + inside, np.full(m, runs)]
        coefficients += [ones, -most[inside]]
        rows += [base_rides + rider_row, base_rides + np.arange(len(riders))]
        variables += [riding, np.full(len(riders), runs)]
        coefficients += [np.ones(len(riding), dtype=np.int64), np.full(len(riders), -1)]
        rows += [np.full(m, base_room), np.array([base_room])]
        variables += [n + inside, np.array([runs])]
        coefficients += [ones, np.array([-min(commitment.most, int(most[inside].sum()))])]
        rows += [np.full(m, base_room + 1), np.full(2, base_room + 1)]
        variables += [n + inside, np.array([runs, short])]
        coefficients += [-ones, np.array([commitment.minimum, -1])]
        right.append(np.zeros(m + len(riders) + 2, dtype=np.int64))
        base = base_room + 2
    row, variable = np.concatenate(rows), np.concatenate(variables)
    order = np.lexsort((variable, row))
    gain = columns.cost[kept] - columns.rest_cost[columns.customer_of[kept]]
    return Program(
        columns=columns,
        kept=kept,
        pools=pools,
        commitments=commitments,
        objective=np.concatenate(
            [
                gain,
                columns.pool_cost[pools],
                np.array([c.cost for c in commitments], dtype=np.int64),
                np.array([c.short_cost for c in commitments], dtype=np.int64),
            ]
        ),
        upper=np.concatenate(
            [
                np.ones(n, dtype=np.int64),
                most,
                np.ones(len(commitments), dtype=np.int64),
                np.array([c.minimum for c in commitments], dtype=np.int64),
            ]
        ),
        constant=int(columns.rest_cost.sum()),
        row=row[order],
        variable=variable[order],
        coefficient=np.concatenate(coefficients)[order],
        right=np.concatenate(right),
    )
