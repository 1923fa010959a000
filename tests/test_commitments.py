"""Commitments: what is paid only if anything uses it, in the problem and in every engine."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from test_engines import (
    EXACT,
    QUICK,
    array,
    brute_force,
    problem_of,
    random_problem,
    town_week,
)

from coldchain.engines import ENGINES, groundwork, stand_alone_cost
from coldchain.engines.clusters import find_clusters
from coldchain.engines.columns import reduce
from coldchain.engines.lagrangian import Prices, Relaxation
from coldchain.engines.program import build
from coldchain.engines.record import silent
from coldchain.engines.search import Search
from coldchain.engines.worker import pack, unpack
from coldchain.selection import Effort, SelectionProblem, Status


def commit(problem: SelectionProblem, rows) -> SelectionProblem:
    """With commitments from rows (cost, minimum, short cost, pools)."""
    sizes = [len(row[3]) for row in rows]
    return replace(
        problem,
        commitment_cost=array(row[0] for row in rows),
        commitment_minimum=array(row[1] for row in rows),
        commitment_short_cost=array(row[2] for row in rows),
        commitment_start=array(itertools.accumulate(sizes, initial=0)),
        commitment_pool=array(pool for row in rows for pool in row[3]),
    )


def random_charters(seed: int, *, customers: int = 4, scale: int = 1) -> SelectionProblem:
    """A small problem whose pools belong to none, one or several commitments, some with limits."""
    problem = random_problem(seed, customers=customers, scale=scale)
    rng = np.random.default_rng([seed, 7])
    left = problem.pool_cost.copy()
    rows = []
    limits = list(zip(problem.limit_start[:-1], problem.limit_start[1:], strict=True))
    for _ in range(int(rng.integers(1, 4)) if problem.n_pools else 0):
        if limits and rng.random() < 0.4:
            # A departure: the same pools as a limit.
            low, high = limits[int(rng.integers(len(limits)))]
            pools = problem.limit_pool[low:high]
        else:
            size = int(rng.integers(1, problem.n_pools + 1))
            pools = rng.choice(problem.n_pools, size=size, replace=False)
        short = int(rng.choice([0, int(left[pools].min()) // 2, int(left[pools].min())]))
        left[pools] -= short
        cost = int(rng.choice([0, 5, 30, 120, 300])) * scale
        rows.append((cost, int(rng.integers(0, 6)), short, pools.tolist()))
    return commit(problem, rows)


def charter_week(customers: int, *, share: float, seed: int = 1) -> SelectionProblem:
    """Chartered trains of 25 slots on three days, a dearer way by truck on every day."""
    rng = np.random.default_rng(seed)
    days, slot = 6, 310_000
    fixed = round(share * slot * 25)
    trains = (1, 3, 5)
    unit = round((1 - share) * slot)
    pools = [(20, unit)] * len(trains) + [(20, 560_000)] * days
    options = []
    for k in range(customers):
        load, ready = (int(x) for x in rng.integers([2, 0], [24, days - 2]))
        delay = int(rng.integers(500, 2500))
        for day in range(ready, days):
            options.append((k, load * delay * (day - ready), {len(trains) + day: load}))
            if day in trains:
                at = trains.index(day)
                options.append((k, load * delay * (day - ready + 5), {at: load}))
    limits = [(25, [at]) for at in range(len(trains))]
    problem = problem_of(options, [40_000_000] * customers, pools, limits)
    return commit(problem, [(fixed, 0, 0, [at]) for at in range(len(trains))])


# The problem ----------------------------------------------------------------------------------


@pytest.fixture
def train() -> SelectionProblem:
    """Two customers who may fill a box each of a train for 100 and 3 boxes at 20, or go by road."""
    problem = problem_of(
        [(0, 0, {0: 20}), (0, 90, {}), (1, 0, {1: 5}), (1, 90, {})],
        [500, 500],
        [(20, 30), (20, 40)],
    )
    return commit(problem, [(100, 3, 20, [0, 1])])


def test_a_commitment_is_paid_once_if_anything_uses_it(train: SelectionProblem):
    assert train.cost(array([1, 3])) == 180
    assert train.cost(array([0, 3])) == 90 + 30 + 100 + 2 * 20
    assert train.cost(array([0, 2])) == 30 + 40 + 100 + 1 * 20
    assert train.cost(array([-1, -1])) == 1000
    assert train.commitment_costs(array([0, 0])).tolist() == [0]
    assert train.commitment_costs(array([3, 2])).tolist() == [100]


@pytest.mark.parametrize(
    "fault",
    [
        {"commitment_cost": array([-1])},
        {"commitment_minimum": array([-1])},
        {"commitment_short_cost": array([-1])},
        {"commitment_minimum": array([1, 2])},
        {"commitment_start": array([0])},
        {"commitment_pool": array([1, 1])},
        {"commitment_short_cost": array([31])},
    ],
)
def test_terms_that_do_not_fit_are_refused(train: SelectionProblem, fault: dict):
    with pytest.raises(ValueError, match=r"must|differ"):
        replace(train, **fault)


def test_a_unit_may_not_save_two_commitments_more_than_it_costs(train: SelectionProblem):
    with pytest.raises(ValueError, match="saves"):
        commit(train, [(100, 3, 20, [0, 1]), (0, 1, 20, [0])])


def test_commitments_survive_the_pipe(train: SelectionProblem):
    again, _, _ = unpack(pack(train, QUICK, "exact")[16:])
    for name in SelectionProblem.__slots__:
        assert np.array_equal(getattr(again, name), getattr(train, name)), name


# The engines ----------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", EXACT)
@pytest.mark.parametrize("block", range(10))
def test_exact_engines_equal_brute_force(engine: str, block: int):
    opened = 0
    for seed in range(3000 + block * 25, 3025 + block * 25):
        problem = random_charters(seed)
        answer = ENGINES[engine](problem, QUICK, silent)
        best = brute_force(problem)
        assert answer.cost == best, seed
        assert answer.bound == best, seed
        assert answer.status is Status.OPTIMAL, seed
        opened += int(problem.commitment_costs(array(answer.units)).sum())
    assert opened > 0


@pytest.mark.parametrize("engine", EXACT)
def test_money_in_cents_of_millions_stays_exact(engine: str):
    for seed in range(3400, 3412):
        problem = random_charters(seed, scale=1_000_003)
        answer = ENGINES[engine](problem, QUICK, silent)
        assert (answer.cost, answer.bound) == (brute_force(problem),) * 2, seed


def test_greedy_never_beats_the_optimum():
    for seed in range(3500, 3700):
        problem = random_charters(seed)
        answer = ENGINES["greedy"](problem, QUICK, silent)
        assert answer.bound <= brute_force(problem) <= answer.cost, seed


def test_greedy_charters_only_what_pays_for_one_alone(train: SelectionProblem):
    assert ENGINES["greedy"](train, QUICK, silent).chosen == (1, 3)
    assert stand_alone_cost(train) == 180
    dear = commit(train, [(20, 3, 10, [0, 1])])
    assert stand_alone_cost(dear) == (30 + 20 + 20) + (40 + 20 + 20)
    assert ENGINES["greedy"](dear, QUICK, silent).cost == 70 + 20 + 10


@pytest.mark.parametrize("engine", EXACT)
def test_a_departure_runs_when_enough_ride_it(engine: str):
    def with_riders(riders: int) -> SelectionProblem:
        options = [row for k in range(riders) for row in ((k, 0, {0: 20}), (k, 50, {}))]
        problem = problem_of(options, [500] * riders, [(20, 10)])
        return commit(problem, [(400, 5, 10, [0])])

    for riders in (8, 10, 11, 14):
        answer = ENGINES[engine](with_riders(riders), QUICK, silent)
        runs = 400 + 10 * riders < 50 * riders
        assert answer.cost == min(50 * riders, 400 + 10 * riders), riders
        if 400 + 10 * riders != 50 * riders:
            assert (answer.units[0] == riders) == runs, riders


@pytest.mark.parametrize("engine", EXACT)
def test_the_long_way_keeps_the_optimum(engine: str, monkeypatch: pytest.MonkeyPatch):
    for name, value in (("SMALL", 0), ("SEARCH_ROUNDS", 5), ("BRIEF_ROUNDS", 5), ("REHEATINGS", 1)):
        monkeypatch.setattr(groundwork, name, value)
    for seed in range(3800, 3840):
        problem = random_charters(seed, customers=5)
        answer = ENGINES[engine](problem, QUICK, silent)
        assert (answer.cost, answer.bound) == (brute_force(problem),) * 2, seed
    monkeypatch.setattr(f"coldchain.engines.{engine}.MOST_COLUMNS", 2)
    for seed in range(3840, 3880):
        problem = random_charters(seed, customers=5)
        answer = ENGINES[engine](problem, QUICK, silent)
        assert (answer.cost, answer.bound) == (brute_force(problem),) * 2, seed


@pytest.mark.parametrize("share", [0.2, 0.6])
def test_the_gap_of_a_season_of_charters_closes(share: float):
    answer = ENGINES["exact"](
        charter_week(40, share=share), Effort(seconds=60.0, gap=0.005), silent
    )
    assert answer.status is Status.OPTIMAL


# The parts ------------------------------------------------------------------------------------


def test_every_bound_stays_below_the_optimum():
    tight = 0
    for seed in range(4000, 4200):
        problem = random_charters(seed, customers=5)
        best = brute_force(problem)
        columns = reduce(problem)
        alone = Relaxation(columns)
        prices, value = alone.climb(
            alone.start(), target=float(best), rounds=60, until=np.inf, enough=np.inf
        )
        assert alone.certify(alone.start()) <= best, seed
        assert alone.certify(prices) <= best, seed
        assert value <= best + 1e-6, seed
        tight += alone.certify(prices) == best
        clusters = find_clusters(columns)
        if clusters is not None:
            joint = Relaxation(columns, clusters)
            assert joint.certify(prices) <= best, seed
            adopted = joint.adopt(prices)
            start = float(joint.evaluate(adopted).value)
            assert start >= value - 1e-6 * max(1.0, abs(value)), seed
            better, _ = joint.climb(
                adopted, target=float(best), rounds=40, until=np.inf, enough=np.inf
            )
            assert joint.certify(better) <= best, seed
    assert tight > 50


def test_the_slope_is_what_the_copies_disagree_on():
    moved = 0
    for seed in range(4200, 4260):
        problem = random_charters(seed, customers=5)
        relaxation = Relaxation(reduce(problem))
        prices, _ = relaxation.climb(
            relaxation.start(), target=1000.0, rounds=15, until=np.inf, enough=np.inf
        )
        seen = relaxation.evaluate(prices)
        for toll in relaxation.moving:
            there = prices.toll.copy()
            there[toll] = max(there[toll], relaxation.least_toll[toll]) + 7.0
            rise = 7.0 * int(seen.over[toll])
            value = float(relaxation.evaluate(Prices(pair=prices.pair, toll=there)).value)
            assert value <= float(seen.value) + rise + 1e-6, (seed, toll)
            moved += 1
        for pair in np.flatnonzero(~relaxation.free_pair & (prices.pair > 0.0))[:5]:
            there = prices.pair.copy()
            there[pair] += 7.0
            rise = 7.0 * (int(seen.uses[pair]) - int(seen.packs[pair]))
            value = float(relaxation.evaluate(Prices(pair=there, toll=prices.toll)).value)
            assert value <= float(seen.value) + rise + 1e-6, (seed, pair)
    assert moved > 0


def test_a_fixed_cost_is_no_loss_of_the_bound():
    """Spread over 25 slots of which 14 are used, a fixed cost would leave two fifths unproven."""
    options = [row for k in range(14) for row in ((k, 0, {0: 20}), (k, 9000, {}))]
    problem = problem_of(options, [50_000] * 14, [(20, 1000)], [(25, [0])])
    problem = commit(problem, [(100_000, 0, 0, [0])])
    relaxation = Relaxation(reduce(problem))
    prices, _ = relaxation.climb(
        relaxation.start(), target=114_000.0, rounds=400, until=np.inf, enough=np.inf
    )
    assert relaxation.certify(prices) >= 0.999 * 114_000


def test_reducing_loses_no_optimum():
    for seed in range(4300, 4400):
        problem = random_charters(seed)
        columns = reduce(problem)
        menus = [
            [-1, *range(columns.first[k], columns.first[k + 1])] for k in range(columns.n_customers)
        ]
        lifted = (columns.lift(array(c)) for c in itertools.product(*menus))
        best = min(problem.cost(c) for c in lifted if not problem.broken_limits(c))
        assert best == brute_force(problem), seed


def test_a_program_holds_what_its_columns_mean():
    columns = reduce(charter_week(12, share=0.4))
    program = build(columns, np.arange(columns.n))
    for fares in (0.0, 1.0):
        search = Search(columns, share=Relaxation(columns).start().pair, seed=3)
        search.reset(array(columns.first[k] if fares else -1 for k in range(columns.n_customers)))
        search.run(rounds=60, hot=1e6, cold=1e4, until=np.inf, enough=0.0)
        taken = array(search.taken)
        values = program.values(taken)
        assert values is not None
        left = np.zeros(len(program.right), dtype=np.int64)
        np.add.at(left, program.row, program.coefficient * values[program.variable])
        assert (left <= program.right).all()
        assert (values <= program.upper).all()
        assert program.constant + int(program.objective @ values) == search.cost()


def test_search_keeps_its_books_and_opens_and_closes_departures():
    problem = charter_week(60, share=0.4)
    columns = reduce(problem)
    search = Search(columns, share=Relaxation(columns).start().pair, seed=3)
    search.greedy()
    assert search.used == [0, 0, 0]
    cost, taken = search.run(rounds=3000, hot=1e6, cold=1e4, until=np.inf, enough=0.0)
    chosen = columns.lift(taken)
    assert cost == problem.cost(chosen)
    assert not problem.broken_limits(chosen)
    assert problem.commitment_costs(problem.units(chosen)).any()
    assert search.cost() == problem.cost(columns.lift(array(search.taken)))


def test_commitments_that_cost_nothing_change_nothing():
    problem = town_week(12)
    free = commit(problem, [(0, 5, 0, [0, 1]), (0, 0, 10, [2])])
    assert not reduce(free).commitments
    assert reduce(free).n == reduce(problem).n
