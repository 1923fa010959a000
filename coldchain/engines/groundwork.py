"""What every exact engine does first: reduce, find a selection, prove a bound.

Phases, by number of rounds rather than by the clock, so that a run can be repeated; the clock only
cuts what would not end in time:

1. reduce the columns; insert greedily; a short unguided search;
2. climb the Lagrangian bound, every customer alone, then with clusters solved jointly;
3. on long tables, twice: an integer program over the columns of least slack, beside step 2 with
   clusters, and a search from what it found;
4. long searches guided by the prices of the bound.

A long table of columns is priced lazily: bound and search work on a few hundred columns a
customer, and after each pass all columns are priced and the cheapest join. What is proven is
always evaluated over all of them.

Often nothing is left to do for a solver. What is left is handed over as ``Ground``: columns, the
prices and bound that tell which columns can still matter, and the record.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coldchain.engines.clusters import MOST_CUSTOMERS, Clusters, find_clusters
from coldchain.engines.columns import Columns, reduce, restrict
from coldchain.engines.lagrangian import Prices, Relaxation
from coldchain.engines.record import Record
from coldchain.engines.search import Search
from coldchain.selection import Ints

SMALL = 10
"""Up to so many undecided customers a solver proves the optimum at once; the bound of the
decomposition is poor there, and a long search a waste."""

CLIMB_ROUNDS = 1_500
"""Most evaluations of the bound in one phase."""

JOINT_ROUNDS = 1_500
"""Most evaluations of the bound with clusters."""

TRIALS = 0.003, 0.01, 0.0
"""Lengths of the steps that show where most is at stake; 0.0: pools of few users count most."""

STAKE_ROUNDS, TRIAL_ROUNDS = 100, 100
"""Evaluations of such a walk, and of a trial of the clusters it suggests."""

SEARCH_ROUNDS = 1_500
"""Rounds of the long search per undecided customer."""

HOT, COLD = 0.2, 0.003
"""Temperatures of the search, as shares of the mean price of a unit in use."""

FEW_COLUMNS = 3_000
"""Up to so many columns a solver makes better use of the time than the long search."""

ALL_COLUMNS = 40_000
"""Up to so many columns none is put aside."""

CHEAPEST = 200
"""Columns of each customer that join in a pass of pricing."""

SEARCHED = 1_000
"""Columns of each customer that a search looks at: more than the bound needs, for a good
selection takes what is not best for anybody."""

TURNS = 2
"""Turns of bound and integer program side by side, each from the best selection so far."""

ANNEALS = 12
"""Long searches, one after the other: by turns afresh and from the best selection so far, for an
early selection that is too good to be left holds a search back."""

PASSES = 16
"""Passes of pricing in one phase."""


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
    """

    columns: Columns
    slack: NDArray[np.float64]
    floor: float


def prepare(
    record: Record, beside: Callable[[Record, Ground], Callable[[], None]] | None = None
) -> Ground:
    """Reduce the problem, fill the record, and return what a solver needs to go on.

    Parameters
    ----------
    record : Record
    beside : callable, optional
        Begins something that may run beside the climb with clusters and a long search; what it
        returns is called after them. Only for long tables.
    """
    record.enter("reduce")
    columns = reduce(record.problem)
    record.offer(columns.lift(np.full(columns.n_customers, -1, dtype=np.int64)))
    alone = Relaxation(columns)
    prices = alone.start()
    movable = int((np.diff(columns.first) > 0).sum())
    if not movable:
        record.prove(int(columns.rest_cost.sum()))
    small = movable <= SMALL
    record.enter("insert")
    active = _cheapest(columns, alone.slack(prices))
    _search(record, columns, active, prices, rounds=30 * movable, share_of_time=0.1, stream=1)
    floor = -np.inf
    if not record.finished:
        record.enter("bound")
        rounds = 150 if small else CLIMB_ROUNDS
        prices, certified, active = _climb(record, alone, prices, active, rounds, 0.3)
        # Slack is worked out in floats at the unrounded prices: keep a cent in a million aside.
        floor = certified - 1.0 - 1e-6 * abs(certified)
    slack = alone.slack(prices)
    ground = Ground(columns=columns, slack=slack, floor=floor)
    if record.finished or small:
        return ground
    wide = _cheapest(columns, slack, SEARCHED)
    _search(record, columns, wide, prices, rounds=200 * movable, share_of_time=0.2, stream=2)
    side = beside if columns.n > ALL_COLUMNS else None
    rounds = SEARCH_ROUNDS * movable
    joined: tuple[Relaxation, Prices, Ints] | None = None
    for turn in range(1 if side is None else TURNS):
        if record.finished:
            break
        take_in = None if side is None else side(record, ground)
        if turn == 0:
            joined = _join(record, alone, prices, active)
        elif joined is not None:
            # The better selection makes for better steps.
            record.enter("bound of clusters")
            _climb(record, *joined, JOINT_ROUNDS, 0.4)
        if take_in is not None:
            record.enter("integer program")
            take_in()
            stream = 2 * turn + 4
            _search(
                record, columns, wide, prices, rounds=rounds // 2, share_of_time=0.2, stream=stream
            )
    if columns.n > FEW_COLUMNS:
        end = _until(record, 0.7)
        first = 3 if side is None else 2 * TURNS + 3
        for stream in range(first, first + ANNEALS):
            left = max(0.0, end - time.monotonic()) / max(1e-9, record.left)
            if left > 0.0:
                _search(
                    record, columns, wide, prices, rounds=rounds, share_of_time=left, stream=stream
                )
    return ground


def _join(
    record: Record, alone: Relaxation, prices: Prices, active: Ints
) -> tuple[Relaxation, Prices, Ints] | None:
    """Climb the bound with customers in clusters.

    Which customers belong together is a guess: several are tried for a few rounds, and the one
    that climbs highest is pursued. Returned is what it takes to climb on.
    """
    columns = alone.columns
    if columns.n_customers > MOST_CUSTOMERS:
        return None
    record.enter("bound of clusters")
    until = _until(record, 0.4)
    target = float(record.cost)
    best, best_prices, best_value = None, prices, -np.inf
    for length in TRIALS:
        if record.finished or time.monotonic() >= until:
            break
        worth: NDArray[np.float64] | None = None
        if length > 0.0:
            part = _over(alone, active)
            worth = part.stakes(prices, target=target, rounds=STAKE_ROUNDS, length=length)
        clusters = find_clusters(columns, worth)
        if clusters is None:
            continue
        joint = Relaxation(columns, clusters)
        tried, value = _over(joint, active).climb(
            joint.adopt(prices),
            target=target,
            rounds=TRIAL_ROUNDS,
            until=until,
            enough=np.inf,
            step=0.02,
        )
        if value > best_value:
            best, best_prices, best_value = joint, tried, value
    if best is not None and not record.finished:
        share = max(0.0, until - time.monotonic()) / max(1e-9, record.left)
        best_prices, _, active = _climb(record, best, best_prices, active, JOINT_ROUNDS, share)
    return None if best is None else (best, best_prices, active)


def _until(record: Record, share_of_time: float) -> float:
    """Clock at which a phase ends that may use so much of what is left."""
    return time.monotonic() + max(0.0, record.left) * share_of_time


def _cheapest(columns: Columns, slack: NDArray[np.float64], most: int = CHEAPEST) -> Ints:
    """Columns worth looking at: all of a short table, else those of least slack per customer."""
    if columns.n <= ALL_COLUMNS:
        return np.arange(columns.n)
    chosen: list[Ints] = []
    for k in range(columns.n_customers):
        low, high = int(columns.first[k]), int(columns.first[k + 1])
        if high - low > most:
            chosen.append(low + np.argpartition(slack[low:high], most)[:most])
        else:
            chosen.append(np.arange(low, high))
    return np.unique(np.concatenate(chosen))


def _climb(
    record: Record,
    full: Relaxation,
    prices: Prices,
    active: Ints,
    rounds: int,
    share_of_time: float,
) -> tuple[Prices, int, Ints]:
    """Climb the bound over the ``active`` columns, pricing others in; prove what holds for all.

    Returns the prices of the best bound, that bound, and the columns active at the end.
    """
    columns = full.columns
    until = _until(record, share_of_time)
    enough = record.cost - record.effort.gap * abs(record.cost)
    lazy = len(active) < columns.n
    best, certified = prices, full.certify(prices)
    record.prove(certified)
    step = 0.1 if full.clusters is None else 0.03
    astray = PASSES // 2 if full.clusters is None else 1
    for turn in range(PASSES if lazy else 1):
        part = _over(full, active) if lazy else full
        prices, value = part.climb(
            prices,
            target=float(record.cost),
            # While columns are missing the prices lead astray: do not follow them far.
            rounds=(100 if turn < astray else rounds // 4) if lazy else rounds,
            until=until,
            enough=enough,
            patience=10 if lazy and turn < astray else 20,
            step=step,
        )
        step = max(0.02, step * 0.8)
        bound = full.certify(prices)
        if bound > certified:
            best, certified = prices, bound
            record.prove(bound)
        closed = value - bound <= 2e-4 * abs(value)
        if not lazy or record.finished or time.monotonic() >= until:
            break
        before = len(active)
        active = np.union1d(active, _newcomers(full, prices))
        if closed and len(active) == before and turn >= astray:
            break
    return best, certified, active


def _over(full: Relaxation, active: Ints) -> Relaxation:
    """The same relaxation over the active columns."""
    columns = restrict(full.columns, active)
    clusters: Clusters | None = None if full.clusters is None else full.clusters.over(columns)
    return Relaxation(columns, clusters)


def _newcomers(full: Relaxation, prices: Prices) -> Ints:
    """The cheapest columns at these prices, whether active already or not."""
    if full.clusters is None:
        return _cheapest(full.columns, full.slack(prices))
    return full.clusters.cheapest(full.reduced(prices))


def _search(
    record: Record,
    columns: Columns,
    active: Ints,
    prices: Prices,
    *,
    rounds: int,
    share_of_time: float,
    stream: int,
) -> None:
    """Search the active columns and offer what is found.

    An even ``stream`` begins with the best selection known, an odd one afresh.
    """
    if record.finished or not columns.n:
        return
    if stream > 1:
        record.enter("search")
    mine = columns.lower(record.chosen)
    part = restrict(columns, np.union1d(active, mine[mine >= 0]))
    search = Search(part, share=prices.pair, seed=record.effort.seed * 32 + stream)
    if stream % 2 == 0:
        search.reset(part.lower(record.chosen))
    search.greedy()
    record.offer(part.lift(np.array(search.taken, dtype=np.int64)))
    # Heat in the scale of what a move is about: the price of a unit in use.
    units = np.ceil(search.load / search.capacity)
    typical = max(1.0, float((units * search.unit).sum()) / max(1.0, float(units.sum())))

    def tell(cost: float, taken: list[int]) -> None:
        record.offer(part.lift(np.array(taken, dtype=np.int64)))

    gap = record.effort.gap
    search.run(
        rounds=rounds,
        hot=(HOT if stream % 2 else HOT / 4) * typical,
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


def portions(record: Record, ground: Ground, most: int) -> Iterator[tuple[Ints, float]]:
    """:func:`survivors` for a solver, twice as many each time, until none that matters is left out.

    Or the gap is reached, or the time is up.
    """
    while not record.finished:
        cost = record.cost
        kept, outside = survivors(record, ground, most)
        yield kept, outside
        if outside >= cost:
            return
        most *= 2
