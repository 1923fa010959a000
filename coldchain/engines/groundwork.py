"""What every exact engine does first: reduce, find a selection, prove a bound.

Phases, by number of rounds rather than by the clock, so that a run can be repeated; the clock only
cuts what would not end in time:

1. reduce the columns; insert greedily; a short unguided search;
2. climb the Lagrangian bound, every customer alone, then with clusters solved jointly; beside it,
   a search that is not guided by any prices;
3. searches guided by the prices of the bound, several side by side, then again and again from the
   best selection so far, reheated.

Work that goes on side by side meets only at the end of a phase, so that the number of threads
changes the time it takes and nothing else.

Often nothing is left to do for a solver. What is left is handed over as ``Ground``: columns, the
prices and bound that tell which columns can still matter.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from coldchain.certificate import Certificate
from coldchain.engines.clusters import find_clusters
from coldchain.engines.columns import Columns, reduce
from coldchain.engines.kernels.table import Table, table_of
from coldchain.engines.lagrangian import Prices, Relaxation
from coldchain.engines.record import Record
from coldchain.engines.search import Search
from coldchain.engines.side_by_side import side_by_side
from coldchain.selection import Ints, SelectionProblem

SMALL = 10
"""Up to so many undecided customers a solver proves the optimum at once; the bound of the
decomposition is poor there, and a long search a waste."""

FEW_ROUNDS = 150
"""Evaluations of the bound where a solver proves the optimum anyway."""

CLIMB_ROUNDS = 6_000
"""Most evaluations of the bound in one phase."""

CLIMB_STEP, JOINT_STEP = 0.1, 0.05
"""Lengths of the first steps, as shares of what would close the gap."""

FIRST_ROUNDS = 60
"""Rounds of the first search per undecided customer."""

CHAINS = 2
"""Searches side by side."""

SEARCH_ROUNDS = 15_000
"""Most rounds of one long search per undecided customer."""

BRIEF_ROUNDS = 600
"""The same where a solver has better use for the time."""

PACE = 12_500
"""Rounds of long searches per second of the effort, whatever the clock says: what any machine of
these years can do in the time that is left to searches. A slower one cools with the clock."""

HOT, COLD = 0.3, 0.008
"""Temperatures of the search, as shares of the mean price of a unit in use."""

WARM = 0.06
"""Temperature at which a search goes on from the best selection so far."""

BOUND_SHARE = 0.3
"""Share of the time left that a climb of the bound may take."""

BESIDE = 4_000
"""Most rounds per undecided customer of the search beside the bound."""

LONG, REHEATED = 0.5, 0.125
"""Lengths of the first long searches and of each reheating, as shares of all the rounds there are.
"""

STAKE_ROUNDS, TRIAL_ROUNDS = 100, 100
"""Evaluations that show where most is at stake, and of a trial of the clusters it suggests."""

REHEATINGS = 16
"""Most times the searches go on from the best selection."""

FEW_COLUMNS = 3_000
"""Up to so many columns that can still matter a solver makes better use of the time."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """Where a solver or a long search starts.

    Attributes
    ----------
    columns : Columns
    table : Table
        The same for kernels.
    prices : Prices
        Of the best bound with every customer alone.
    slack : float64[n]
        ``floor + slack[r]`` is a bound for every selection that takes column ``r`` (money).
    floor : float
        The bound behind ``slack``.
    movable : int
        Customers that are not decided yet.
    """

    columns: Columns
    table: Table
    prices: Prices
    slack: NDArray[np.float64]
    floor: float
    movable: int

    @property
    def small(self) -> bool:
        """Whether a solver should have it at once."""
        return self.movable <= SMALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """One search: its stream of random numbers, its length, its heat, and where it begins.

    Heat is in shares of the mean price of a unit in use. ``guided`` by the prices of the bound, or
    only by what a full unit costs; ``afresh``, or from the best selection so far.
    """

    stream: int
    rounds: int
    hot: float = HOT
    cold: float = COLD
    guided: bool = True
    afresh: bool = True


@cache
def warm() -> None:
    """Compile every kernel, or load it from disk, on a problem of two customers: once a process."""
    pair = np.zeros(2, dtype=np.int64)
    problem = SelectionProblem(
        option_customer=np.arange(2),
        option_cost=pair,
        option_start=np.arange(3),
        option_pool=pair,
        option_load=pair + 1,
        skip_cost=pair + 9,
        pool_capacity=pair[:1] + 3,
        pool_cost=pair[:1] + 1,
        limit_capacity=pair[:0],
        limit_start=pair[:1],
        limit_pool=pair[:0],
    )
    columns = reduce(problem)
    relaxation = Relaxation(columns)
    prices = relaxation.start()
    relaxation.climb(prices, target=9.0, rounds=1, until=np.inf, enough=np.inf)
    search = Search(columns, share=prices.pair, seed=0)
    search.greedy()
    search.reset(search.taken)
    search.run(rounds=1, hot=2.0, cold=1.0, until=np.inf, enough=-np.inf)


def prepare(record: Record) -> Ground:
    """Reduce the problem, fill the record, and return what is needed to go on."""
    record.enter("reduce")
    columns = reduce(record.problem)
    record.offer(columns.lift(np.full(columns.n_customers, -1, dtype=np.int64)))
    table = table_of(columns)
    alone = Relaxation(columns, table=table)
    ground = Ground(
        columns=columns,
        table=table,
        prices=alone.start(),
        slack=np.zeros(columns.n),
        floor=-np.inf,
        movable=len(table.movable),
    )
    if not ground.movable:
        certificate = alone.certificate(ground.prices)
        record.prove(certificate.bound, certificate)
    record.enter("insert")
    first = Chain(stream=1, rounds=FIRST_ROUNDS * ground.movable)
    _search(record, ground, [first], _until(record, 0.1))
    if record.finished:
        return replace(ground, slack=alone.slack(ground.prices))
    record.enter("bound")
    prices, certified = _climb(record, alone, ground)
    # Slack is worked out in floats at the unrounded prices: keep a cent in a million aside.
    floor = certified - 1.0 - 1e-6 * abs(certified)
    return replace(ground, prices=prices, slack=alone.slack(prices), floor=floor)


def _climb(record: Record, alone: Relaxation, ground: Ground) -> tuple[Prices, int]:
    """Climb the bound with every customer alone and record it; the prices and what they prove."""
    first = ground.prices
    better, _ = alone.climb(
        first,
        target=float(record.cost),
        rounds=FEW_ROUNDS if ground.small else CLIMB_ROUNDS,
        until=_until(record, BOUND_SHARE),
        enough=_enough_bound(record),
        step=CLIMB_STEP,
    )
    before, after = alone.certificate(first), alone.certificate(better)
    best = after if after.bound >= before.bound else before
    record.prove(best.bound, best)
    return (better if best is after else first), best.bound


def deepen_bound(record: Record, ground: Ground, share_of_time: float = BOUND_SHARE) -> None:
    """Climb the bound with clusters, beside a search that nothing guides."""
    if record.finished or ground.small:
        return
    record.enter("bound of clusters")
    until = _until(record, share_of_time)
    target, enough = float(record.cost), _enough_bound(record)
    rounds = _rounds(record, ground, BESIDE, share_of_time)
    chain = Chain(stream=2, rounds=rounds, cold=WARM, guided=False)

    def bound() -> Certificate | None:
        return _joint_bound(ground, target=target, enough=enough, until=until)

    def search() -> Certificate | None:
        _run(record, ground, chain, until)
        return None

    for proven in side_by_side(record.effort.threads, [bound, search]):
        if proven is not None:
            record.prove(proven.bound, proven)


def deepen_search(record: Record, ground: Ground, *, most: int, share_of_time: float = 1.0) -> None:
    """Long searches side by side, then reheated from the best, as long as it is not enough.

    ``most`` is the number of rounds per undecided customer after which a search is long enough.
    """
    if record.finished or ground.small:
        return
    record.enter("search")
    end = _until(record, share_of_time)
    seconds = max(0.0, end - time.monotonic())
    rounds = _rounds(record, ground, most, share_of_time)
    stream = 3
    for turn in range(1 + REHEATINGS):
        left = end - time.monotonic()
        if record.finished or left <= 0.0:
            return
        share, hot = (LONG, HOT) if turn == 0 else (REHEATED, WARM)
        chains = [
            Chain(
                stream=stream + at,
                rounds=int(rounds * share),
                hot=hot,
                afresh=turn == 0 and at % 2 == 0,
            )
            for at in range(CHAINS)
        ]
        stream += CHAINS
        _search(record, ground, chains, time.monotonic() + min(left, share * 1.5 * seconds))


def _rounds(record: Record, ground: Ground, most: int, share_of_time: float) -> int:
    """Rounds of a search: ``most`` for each undecided customer, or what the effort allows."""
    return min(most * ground.movable, int(PACE * record.effort.seconds * share_of_time))


def _joint_bound(
    ground: Ground, *, target: float, enough: float, until: float
) -> Certificate | None:
    """The bound with clusters and its proof; None where there are none.

    Which customers belong together is a guess: two are tried for a few rounds, and the one that
    climbs higher is pursued.
    """
    alone = Relaxation(ground.columns, table=ground.table)
    best: Relaxation | None = None
    best_prices, best_value = ground.prices, -np.inf
    for worth in (None, alone.stakes(ground.prices, target=target, rounds=STAKE_ROUNDS)):
        clusters = find_clusters(ground.columns, worth)
        if clusters is None or time.monotonic() >= until:
            continue
        joint = Relaxation(ground.columns, clusters, table=ground.table)
        prices, value = joint.climb(
            joint.adopt(ground.prices),
            target=target,
            rounds=TRIAL_ROUNDS,
            until=until,
            enough=np.inf,
            step=JOINT_STEP,
        )
        if value > best_value:
            best, best_prices, best_value = joint, prices, value
    if best is None:
        return None
    best_prices, _ = best.climb(
        best_prices,
        target=target,
        rounds=CLIMB_ROUNDS,
        until=until,
        enough=enough,
        step=JOINT_STEP,
    )
    return best.certificate(best_prices)


def _until(record: Record, share_of_time: float) -> float:
    """Clock at which a phase ends that may use so much of what is left."""
    return time.monotonic() + max(0.0, record.left) * share_of_time


def _enough_bound(record: Record) -> float:
    """Bound at which the gap asked for is reached by the best selection so far."""
    return record.cost - record.effort.gap * abs(record.cost)


def _search(record: Record, ground: Ground, chains: list[Chain], until: float) -> None:
    """Run the chains side by side, each from what is best before they start."""
    if record.finished or not ground.columns.n:
        return
    start = record.chosen
    tasks = [partial(_run, record, ground, chain, until, start) for chain in chains]
    side_by_side(record.effort.threads, tasks)


def _run(
    record: Record, ground: Ground, chain: Chain, until: float, start: Ints | None = None
) -> None:
    """Run one chain and offer what is found."""
    columns = ground.columns
    share = ground.prices.pair if chain.guided else Relaxation(columns).start().pair
    search = Search(
        columns, share=share, seed=record.effort.seed, stream=chain.stream, table=ground.table
    )
    if start is not None and not chain.afresh:
        search.reset(columns.lower(start))
    search.greedy()
    typical = search.typical()
    gap = record.effort.gap

    def tell(search: Search) -> None:
        record.offer(columns.lift(search.best))

    tell(search)
    search.run(
        rounds=chain.rounds,
        hot=chain.hot * typical,
        cold=chain.cold * typical,
        until=until,
        enough=record.bound / (1.0 - gap) if 0.0 <= gap < 1.0 else np.inf,
        tell=tell,
    )
    tell(search)


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
