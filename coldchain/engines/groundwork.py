"""What every exact engine does first: reduce, find a selection, prove a bound.

Phases, by number of rounds rather than by the clock, so that a run can be repeated; the clock only
cuts what would not end in time:

1. reduce the columns; insert greedily; a short unguided search;
2. climb the Lagrangian bound, every customer alone, then with clusters solved jointly;
3. a long search guided by the prices of the bound.

Often nothing is left to do for a solver. What is left is handed over as ``Ground``: columns, the
prices and bound that tell which columns can still matter, and the record.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coldchain.engines.clusters import find_clusters
from coldchain.engines.columns import Columns, reduce
from coldchain.engines.lagrangian import Relaxation
from coldchain.engines.record import Record
from coldchain.engines.search import Search
from coldchain.selection import Ints

SMALL = 10
"""Up to so many undecided customers a solver proves the optimum at once; the bound of the
decomposition is poor there, and a long search a waste."""

CLIMB_ROUNDS = 1_500
SEARCH_ROUNDS = 2_000
"""Rounds of the long search per undecided customer."""

HOT, COLD = 0.2, 0.003
"""Temperatures of the search, as shares of the mean price of a unit in use."""

FEW_COLUMNS = 3_000
"""Up to so many columns a solver makes better use of the time than the long search."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """Where a solver starts.

    Attributes
    ----------
    columns : Columns
    slack : float64[n]
        ``floor + slack[r]`` is a bound for every selection that takes column ``r`` (money).
    floor : float
        The bound behind ``slack``.
    share : float64[n_pairs]
        Price of each pair in the bound.
    """

    columns: Columns
    slack: NDArray[np.float64]
    floor: float
    share: NDArray[np.float64]


def prepare(record: Record) -> Ground:
    """Reduce the problem, fill the record, and return what a solver needs to go on."""
    record.enter("reduce")
    columns = reduce(record.problem)
    record.offer(columns.lift(np.full(columns.n_customers, -1, dtype=np.int64)))
    relaxation = Relaxation(columns)
    prices = relaxation.start()
    movable = int((np.diff(columns.first) > 0).sum())
    if not movable:
        record.prove(int(columns.rest_cost.sum()))
    small = movable <= SMALL
    record.enter("insert")
    _search(record, columns, prices.pair, rounds=30 * movable, share_of_time=0.1, stream=1)
    floor = -np.inf
    if not record.finished:
        record.enter("bound")
        prices, _ = relaxation.climb(
            prices,
            target=float(record.cost),
            rounds=150 if small else CLIMB_ROUNDS,
            until=_until(record, 0.3),
            enough=_good_bound(record),
        )
        certified = relaxation.certify(prices)
        # Slack is worked out in floats at the unrounded prices: keep a cent in a million aside.
        floor = certified - 1.0 - 1e-6 * abs(certified)
        record.prove(certified)
    slack = relaxation.slack(prices)
    ground = Ground(columns=columns, slack=slack, floor=floor, share=prices.pair)
    if record.finished or small:
        return ground
    _search(record, columns, prices.pair, rounds=100 * movable, share_of_time=0.2, stream=2)
    clusters = None if record.finished else find_clusters(columns)
    if clusters is not None:
        record.enter("bound of clusters")
        joint = Relaxation(columns, clusters)
        tight, _ = joint.climb(
            prices,
            target=float(record.cost),
            rounds=CLIMB_ROUNDS,
            until=_until(record, 0.5),
            enough=_good_bound(record),
        )
        record.prove(joint.certify(tight))
    if not record.finished and columns.n > FEW_COLUMNS:
        _search(
            record,
            columns,
            prices.pair,
            rounds=SEARCH_ROUNDS * movable,
            share_of_time=0.8,
            stream=3,
        )
    return ground


def _until(record: Record, share_of_time: float) -> float:
    """Clock at which a phase ends that may use so much of what is left."""
    return time.monotonic() + max(0.0, record.left) * share_of_time


def _good_bound(record: Record) -> float:
    """Bound at which the gap asked for is reached."""
    return record.cost - record.effort.gap * abs(record.cost)


def _search(
    record: Record,
    columns: Columns,
    share: NDArray[np.float64],
    *,
    rounds: int,
    share_of_time: float,
    stream: int,
) -> None:
    """Search from the best selection known and offer what is found."""
    if record.finished or not columns.n:
        return
    if stream > 1:
        record.enter("search")
    search = Search(columns, share=share, seed=record.effort.seed * 8 + stream)
    search.reset(columns.lower(record.chosen))
    search.greedy()
    record.offer(columns.lift(np.array(search.taken, dtype=np.int64)))
    # Heat in the scale of what a move is about: the price of a unit in use.
    units = np.ceil(search.load / search.capacity)
    typical = max(1.0, float(units @ search.unit) / max(1.0, float(units.sum())))

    def tell(cost: float, taken: list[int]) -> None:
        record.offer(columns.lift(np.array(taken, dtype=np.int64)))

    gap = record.effort.gap
    search.run(
        rounds=rounds,
        hot=HOT * typical,
        cold=COLD * typical,
        until=_until(record, share_of_time),
        enough=record.bound / (1.0 - gap) if 0.0 <= gap < 1.0 else np.inf,
        tell=tell,
    )


def survivors(record: Record, ground: Ground, most: int) -> tuple[Ints, float]:
    """Columns a solver should see, and a bound for all selections that use another.

    A column whose slack passes the gap cannot be in a cheaper selection. If more than ``most``
    remain, those of least slack are taken; then the bound for the others may be below the cost.
    """
    columns = ground.columns
    alive = np.flatnonzero(ground.floor + ground.slack < record.cost)
    if len(alive) <= most:
        return alive, float(record.cost)
    order = alive[np.argsort(ground.slack[alive], kind="stable")]
    mine = columns.lower(record.chosen)
    kept = np.unique(np.concatenate([order[:most], mine[mine >= 0]]))
    return kept, min(float(record.cost), ground.floor + float(ground.slack[order[most]]))
