"""Every engine against brute force on small problems, and what must hold of every answer."""

import itertools
import math
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coldchain.engines import ENGINES, groundwork, stand_alone_cost
from coldchain.engines.clusters import find_clusters
from coldchain.engines.columns import reduce
from coldchain.engines.groundwork import Ground
from coldchain.engines.kernels import climb, recreate
from coldchain.engines.knapsacks import GRID
from coldchain.engines.lagrangian import Prices, Relaxation
from coldchain.engines.program import build
from coldchain.engines.record import Record, is_selection, silent, trivial_bound, verify
from coldchain.engines.search import Search
from coldchain.engines.worker import NAMES, pack, unpack
from coldchain.errors import SolverFailed
from coldchain.selection import Effort, Ints, Progress, SelectionProblem, Status

EXACT = ("exact", "cpsat")
QUICK = Effort(seconds=20.0, threads=1)


def array(values) -> np.ndarray:
    return np.array(list(values), dtype=np.int64)


def problem_of(options, skips, pools, limits=()) -> SelectionProblem:
    """From rows: (customer, cost, {pool: load}), skips, (capacity, cost), (capacity, pools)."""
    options = sorted(options, key=lambda row: row[0])
    widths = [len(row[2]) for row in options]
    sizes = [len(row[1]) for row in limits]
    return SelectionProblem(
        option_customer=array(row[0] for row in options),
        option_cost=array(row[1] for row in options),
        option_start=array(itertools.accumulate(widths, initial=0)),
        option_pool=array(pool for row in options for pool in row[2]),
        option_load=array(load for row in options for load in row[2].values()),
        skip_cost=array(skips),
        pool_capacity=array(pool[0] for pool in pools),
        pool_cost=array(pool[1] for pool in pools),
        limit_capacity=array(row[0] for row in limits),
        limit_start=array(itertools.accumulate(sizes, initial=0)),
        limit_pool=array(pool for row in limits for pool in row[1]),
    )


def random_problem(seed: int, *, customers: int = 4, scale: int = 1) -> SelectionProblem:
    """A small problem with every oddity: idle pools, free pools, capacity 1, loads above it."""
    rng = np.random.default_rng(seed)
    n_pools = int(rng.integers(0, 7))
    many = int(rng.integers(1, customers + 1))
    capacity = rng.choice([1, 3, 4, 10, 20, 200], size=n_pools)
    pools = [(int(c), int(rng.choice([0, 7, 40, 90])) * scale) for c in capacity]
    loads = rng.integers(1, 26, size=(many, max(1, n_pools)))
    options = []
    for k in range(many):
        for _ in range(int(rng.integers(0, 6))):
            width = int(rng.integers(0, min(4, n_pools) + 1))
            used = rng.choice(n_pools, size=width, replace=False) if width else []
            cost = int(rng.integers(-5, 60)) * scale
            options.append((k, cost, {int(p): int(loads[k, p]) for p in used}))
    limits = []
    if n_pools:
        for _ in range(int(rng.integers(0, 4))):
            size = int(rng.integers(1, n_pools + 1))
            listed = rng.choice(n_pools, size=size, replace=False)
            limits.append((int(rng.integers(0, 12)), [int(p) for p in listed]))
    skips = [int(rng.choice([0, 30, 90, 400])) * scale for _ in range(many)]
    return problem_of(options, skips, pools, limits)


def town_week(customers: int, *, seed: int = 1) -> SelectionProblem:
    """A trunk train a day and a truck a day into each of a few towns: enough to need a search."""
    rng = np.random.default_rng(seed)
    towns, days = 4, 6
    pools = [(20, 6000)] * days + [(20, 1500)] * (towns * days)
    options = []
    for k in range(customers):
        town, load, ready = (int(x) for x in rng.integers([0, 1, 0], [towns, 13, days - 2]))
        for day in range(ready, days):
            for wait in range(2):
                if day + wait < days:
                    last = days + town * days + day + wait
                    own = 90 * load * (day - ready + wait) + int(rng.integers(0, 50))
                    options.append((k, own, {day: load, last: load}))
    limits = [(3, [day]) for day in range(days)]
    return problem_of(options, [20000] * customers, pools, limits)


def brute_force(problem: SelectionProblem) -> int:
    menus = [
        [-1, *np.flatnonzero(problem.option_customer == k).tolist()]
        for k in range(problem.n_customers)
    ]
    choices = (np.array(c, dtype=np.int64) for c in itertools.product(*menus))
    return min(problem.cost(c) for c in choices if not problem.broken_limits(c))


# The exact engines --------------------------------------------------------------------------


@pytest.mark.parametrize("engine", EXACT)
@pytest.mark.parametrize("block", range(10))
def test_exact_engines_equal_brute_force(engine: str, block: int):
    for seed in range(block * 20, block * 20 + 20):
        problem = random_problem(seed)
        answer = ENGINES[engine](problem, QUICK, silent)
        best = brute_force(problem)
        assert answer.cost == best, seed
        assert answer.bound == best, seed
        assert answer.status is Status.OPTIMAL, seed


@pytest.mark.parametrize("engine", EXACT)
def test_money_in_cents_of_millions_stays_exact(engine: str):
    for seed in range(400, 412):
        problem = random_problem(seed, scale=1_000_003)
        answer = ENGINES[engine](problem, QUICK, silent)
        assert (answer.cost, answer.bound) == (brute_force(problem),) * 2, seed


@pytest.mark.parametrize("engine", ENGINES)
def test_nobody_to_serve_and_nothing_on_offer(engine: str):
    nobody = problem_of([], [], [])
    assert ENGINES[engine](nobody, QUICK, silent).cost == 0
    no_options = problem_of([], [5, 7], [(20, 100)], [(1, [0])])
    answer = ENGINES[engine](no_options, QUICK, silent)
    assert answer.chosen == (-1, -1)
    assert (answer.cost, answer.bound) == (12, 12)


@pytest.mark.parametrize("engine", ENGINES)
def test_skipping_wins_where_it_is_cheaper(engine: str):
    problem = problem_of([(0, 10, {0: 5}), (1, 10, {0: 5})], [20, 20], [(20, 100)])
    assert ENGINES[engine](problem, QUICK, silent).chosen == (-1, -1)


@pytest.mark.parametrize("engine", EXACT)
def test_sharing_is_found_where_it_pays(engine: str):
    problem = problem_of(
        [(0, 0, {0: 5}), (0, 80, {}), (1, 0, {0: 5}), (1, 80, {})], [500, 500], [(20, 100)]
    )
    answer = ENGINES[engine](problem, QUICK, silent)
    assert (answer.chosen, answer.units, answer.cost) == ((0, 2), (1,), 100)


@pytest.mark.parametrize("engine", EXACT)
def test_a_run_stops_at_the_gap_asked_for(engine: str):
    problem = town_week(24)
    answer = ENGINES[engine](problem, Effort(seconds=120.0, gap=0.1), silent)
    assert answer.status is Status.OPTIMAL
    assert answer.bound < answer.cost
    assert answer.gap <= 0.1
    assert answer.seconds < 60.0


@pytest.mark.parametrize("engine", EXACT)
def test_time_up_is_said_and_the_bound_still_holds(engine: str):
    problem = town_week(30)
    answer = ENGINES[engine](problem, Effort(seconds=0.3), silent)
    assert answer.status is Status.LIMIT
    assert 0 < answer.bound < answer.cost
    better = ENGINES["exact"](problem, Effort(seconds=4.0, gap=0.01), silent)
    assert answer.bound <= better.cost


@pytest.mark.parametrize("engine", EXACT)
def test_the_same_whatever_the_number_of_threads(engine: str):
    problem = town_week(11)
    answers = [
        ENGINES[engine](problem, Effort(seconds=60.0, threads=threads, seed=7), silent)
        for threads in (1, 2, 4)
    ]
    assert len({answer.chosen for answer in answers}) == 1
    assert len({answer.cost for answer in answers}) == 1
    assert all(answer.status is Status.OPTIMAL for answer in answers)


def test_season_is_the_same_whatever_the_number_of_threads(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(groundwork, "SEARCH_ROUNDS", 100)
    answers = [
        ENGINES["season"](town_week(40), Effort(seconds=60.0, threads=threads, seed=7), silent)
        for threads in (1, 2, 4)
    ]
    assert len({(answer.chosen, answer.bound) for answer in answers}) == 1


@pytest.mark.parametrize("engine", EXACT)
def test_a_hint_is_where_a_run_starts(engine: str):
    problem = town_week(30)
    known = ENGINES["exact"](problem, Effort(seconds=3.0, gap=0.03), silent)
    seen: list[int | None] = []
    ENGINES[engine](
        problem,
        Effort(seconds=0.01, hint=known.chosen),
        lambda progress, chosen: seen.append(progress.cost),
    )
    assert seen[1] == known.cost


def test_a_hint_that_holds_nothing_is_passed_over():
    problem = town_week(6)
    wrong = (0,) * 6
    answer = ENGINES["exact"](problem, Effort(seconds=10.0, hint=wrong), silent)
    assert answer.status is Status.OPTIMAL


def test_progress_begins_with_a_plan_and_only_improves():
    told: list[tuple[Progress, bool]] = []
    ENGINES["exact"](
        town_week(20),
        Effort(seconds=5.0, gap=0.02),
        lambda progress, chosen: told.append((progress, chosen is not None)),
    )
    assert told[0][1]
    assert all(p.cost is not None and p.bound is not None for p, _ in told)
    costs = [progress.cost or 0 for progress, _ in told]
    bounds = [progress.bound or 0 for progress, _ in told]
    assert costs == sorted(costs, reverse=True)
    assert bounds == sorted(bounds)
    assert all(bound <= cost for bound, cost in zip(bounds, costs, strict=True))


# Laws -----------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10**6), more=st.integers(1, 5))
def test_more_room_never_costs_more(seed: int, more: int):
    problem = random_problem(seed)
    wider = replace(problem, limit_capacity=problem.limit_capacity + more)
    tight, loose = (ENGINES["exact"](p, QUICK, silent).cost for p in (problem, wider))
    assert loose <= tight


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10**6), factor=st.integers(2, 90))
def test_money_in_another_unit_scales_the_answer(seed: int, factor: int):
    problem = random_problem(seed)
    dearer = replace(
        problem,
        option_cost=problem.option_cost * factor,
        skip_cost=problem.skip_cost * factor,
        pool_cost=problem.pool_cost * factor,
    )
    one, other = (ENGINES["exact"](p, QUICK, silent).cost for p in (problem, dearer))
    assert other == one * factor


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10**6), factor=st.integers(2, 50))
def test_load_in_another_unit_changes_nothing(seed: int, factor: int):
    problem = random_problem(seed)
    finer = replace(
        problem,
        option_load=problem.option_load * factor,
        pool_capacity=problem.pool_capacity * factor,
    )
    one, other = (ENGINES["exact"](p, QUICK, silent).cost for p in (problem, finer))
    assert other == one


# The long way ---------------------------------------------------------------------------------


def _make_everything_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let small problems go the way of those with thousands of customers."""
    for name, value in (("SMALL", 0), ("SEARCH_ROUNDS", 5), ("BRIEF_ROUNDS", 5), ("REHEATINGS", 1)):
        monkeypatch.setattr(groundwork, name, value)


def test_the_long_way_keeps_the_optimum(monkeypatch: pytest.MonkeyPatch):
    _make_everything_long(monkeypatch)
    for seed in range(1500, 1560):
        problem = random_problem(seed, customers=5)
        answer = ENGINES["exact"](problem, QUICK, silent)
        assert (answer.cost, answer.bound) == (brute_force(problem),) * 2, seed


def test_season_never_passes_the_optimum(monkeypatch: pytest.MonkeyPatch):
    """On small problems, without leaving them to the solver."""
    _make_everything_long(monkeypatch)
    monkeypatch.setattr(groundwork, "SEARCH_ROUNDS", 200)
    missed = 0
    for seed in range(1700, 1900):
        problem = random_problem(seed, customers=5)
        answer = ENGINES["season"](problem, QUICK, silent)
        best = brute_force(problem)
        assert answer.bound <= best <= answer.cost, seed
        missed += answer.cost > best
    assert missed <= 2


@pytest.mark.parametrize("block", range(10))
def test_auto_equals_brute_force(block: int):
    for seed in range(block * 20 + 2500, block * 20 + 2520):
        problem = random_problem(seed)
        answer = ENGINES["auto"](problem, QUICK, silent)
        assert (answer.cost, answer.bound) == (brute_force(problem),) * 2, seed


@pytest.mark.parametrize("engine", EXACT)
def test_columns_put_aside_do_not_lift_the_bound(engine: str, monkeypatch: pytest.MonkeyPatch):
    _make_everything_long(monkeypatch)
    monkeypatch.setattr(f"coldchain.engines.{engine}.MOST_COLUMNS", 2)

    def once(record: Record, ground: Ground, most: int) -> Iterator[tuple[Ints, float]]:
        if not record.finished:
            yield groundwork.survivors(record, ground, most)

    monkeypatch.setattr(f"coldchain.engines.{engine}.portions", once)
    for seed in range(1600, 1660):
        problem = random_problem(seed, customers=5)
        answer = ENGINES[engine](problem, QUICK, silent)
        assert answer.bound <= brute_force(problem) <= answer.cost, seed


@pytest.mark.parametrize("engine", EXACT)
def test_columns_put_aside_are_taken_up_while_there_is_time(
    engine: str, monkeypatch: pytest.MonkeyPatch
):
    _make_everything_long(monkeypatch)
    monkeypatch.setattr(f"coldchain.engines.{engine}.MOST_COLUMNS", 2)
    for seed in range(1600, 1660):
        problem = random_problem(seed, customers=5)
        answer = ENGINES[engine](problem, QUICK, silent)
        assert (answer.cost, answer.bound) == (brute_force(problem),) * 2, seed


# Greedy ---------------------------------------------------------------------------------------


def test_greedy_never_beats_the_optimum_and_claims_no_proof():
    for seed in range(600, 700):
        problem = random_problem(seed)
        answer = ENGINES["greedy"](problem, QUICK, silent)
        best = brute_force(problem)
        assert answer.bound <= best <= answer.cost, seed
        assert answer.status is Status.HEURISTIC


def test_first_come_first_served():
    options = [(0, 0, {0: 20}), (0, 50, {1: 20}), (1, 0, {0: 20}), (1, 50, {1: 20}), (2, 0, {0: 1})]
    problem = problem_of(options, [999] * 3, [(20, 100), (20, 100)], [(1, [0]), (1, [1])])
    answer = ENGINES["greedy"](problem, QUICK, silent)
    assert answer.chosen == (0, 3, -1)


def test_stand_alone_customers_share_nothing():
    problem = problem_of(
        [(0, 1, {0: 5}), (1, 2, {0: 25}), (2, 3, {0: 5})], [500, 500, 90], [(20, 100)]
    )
    assert stand_alone_cost(problem) == (1 + 100) + (2 + 200) + 90
    assert ENGINES["greedy"](problem, QUICK, silent).cost == 1 + 2 + 90 + 200


# The parts ------------------------------------------------------------------------------------


def test_every_bound_stays_below_the_optimum():
    for seed in range(1000, 1150):
        problem = random_problem(seed, customers=5)
        best = brute_force(problem)
        assert trivial_bound(problem) <= best, seed
        columns = reduce(problem)
        alone = Relaxation(columns)
        prices, value = alone.climb(
            alone.start(), target=float(best), rounds=60, until=np.inf, enough=np.inf
        )
        assert alone.certify(prices) <= best, seed
        assert value <= best + 1e-6, seed
        clusters = find_clusters(columns)
        if clusters is not None:
            joint = Relaxation(columns, clusters)
            assert joint.certify(prices) <= best, seed
            start = float(joint.evaluate(joint.adopt(prices)).value)
            assert start >= value - 1e-6 * max(1.0, abs(value)), seed


def test_pools_with_guests_still_bound(monkeypatch: pytest.MonkeyPatch):
    # Clusters of two: most pools are shared with customers of other clusters.
    monkeypatch.setattr("coldchain.engines.clusters.LARGEST", 2)
    met = 0
    for seed in range(2000, 2100):
        problem = random_problem(seed, customers=6)
        best = brute_force(problem)
        columns = reduce(problem)
        alone = Relaxation(columns)
        prices, _ = alone.climb(
            alone.start(), target=float(best), rounds=40, until=np.inf, enough=np.inf
        )
        worth = alone.stakes(prices, target=float(best), rounds=30)
        clusters = find_clusters(columns, worth)
        if clusters is None:
            continue
        met += len(clusters.guests.pools)
        joint = Relaxation(columns, clusters)
        adopted = joint.adopt(prices)
        assert joint.certify(prices) <= best, seed
        assert joint.certify(adopted) <= best, seed
        start = float(alone.evaluate(prices).value)
        assert float(joint.evaluate(adopted).value) >= start - 1e-6 * max(1.0, abs(start)), seed
        better, value = joint.climb(
            adopted, target=float(best), rounds=60, until=np.inf, enough=np.inf
        )
        assert joint.certify(better) <= best, seed
        assert value <= best + 1e-6, seed
        # The slope of the value in the prices is what the copies disagree on.
        seen = joint.evaluate(better)
        for pair in np.flatnonzero(~joint.free_pair & (better.pair > 0.0))[:5]:
            moved = better.pair.copy()
            moved[pair] += 7.0
            rise = 7.0 * (int(seen.uses[pair]) - int(seen.packs[pair]))
            there = joint.evaluate(Prices(pair=moved, toll=better.toll))
            assert float(there.value) <= float(seen.value) + rise + 1e-6, seed
    assert met > 0


def test_a_limit_in_kilograms_does_not_drown_the_prices():
    """The same flight by the kilogram or by the tonne: the climb gets as far."""

    def with_flight(unit: int) -> SelectionProblem:
        problem = town_week(24)
        customers = len(problem.skip_cost)
        flight, load = len(problem.pool_cost), 4 * unit
        dear = [(k, 2500 + 7 * k, {flight: load}) for k in range(customers)]
        starts = itertools.pairwise(problem.option_start.tolist())
        surface = [
            (
                int(problem.option_customer[row]),
                int(problem.option_cost[row]),
                dict(
                    zip(
                        problem.option_pool[a:b].tolist(),
                        problem.option_load[a:b].tolist(),
                        strict=True,
                    )
                ),
            )
            for row, (a, b) in enumerate(starts)
        ]
        pools = list(zip(problem.pool_capacity.tolist(), problem.pool_cost.tolist(), strict=True))
        return problem_of(
            [*surface, *dear],
            problem.skip_cost.tolist(),
            [*pools, (1, 0)],
            [(10 * unit, [flight])],
        )

    values: list[float] = []
    for unit in (1, 1000):
        relaxation = Relaxation(reduce(with_flight(unit)))
        assert relaxation.tolled
        _, value = relaxation.climb(
            relaxation.start(), target=2e5, rounds=1500, until=math.inf, enough=math.inf
        )
        values.append(value)
    assert values[1] == pytest.approx(values[0], rel=0.01)


def test_slack_is_a_bound_for_every_column():
    for seed in range(1200, 1260):
        problem = random_problem(seed)
        columns = reduce(problem)
        relaxation = Relaxation(columns)
        start = relaxation.start()
        prices, value = relaxation.climb(
            start, target=float(brute_force(problem)), rounds=30, until=np.inf, enough=np.inf
        )
        slack = relaxation.slack(prices)
        for column in range(columns.n):
            forced = _force(problem, int(columns.option[column]))
            if forced is not None:
                assert value + slack[column] <= forced + 1e-6, (seed, column)


def _force(problem: SelectionProblem, option: int) -> int | None:
    """Least cost of a selection that takes ``option``; None if a limit forbids it."""
    keep = (problem.option_customer != problem.option_customer[option]) | (
        np.arange(problem.n_options) == option
    )
    menus = [
        [] if k == problem.option_customer[option] else [-1] for k in range(problem.n_customers)
    ]
    for other in np.flatnonzero(keep):
        menus[problem.option_customer[other]].append(int(other))
    choices = (np.array(c, dtype=np.int64) for c in itertools.product(*menus))
    return min((problem.cost(c) for c in choices if not problem.broken_limits(c)), default=None)


def test_reducing_loses_no_optimum():
    for seed in range(1300, 1400):
        problem = random_problem(seed)
        columns = reduce(problem)
        menus = [
            [-1, *range(columns.first[k], columns.first[k + 1])] for k in range(columns.n_customers)
        ]
        lifted = (columns.lift(array(c)) for c in itertools.product(*menus))
        best = min(problem.cost(c) for c in lifted if not problem.broken_limits(c))
        assert best == brute_force(problem), seed


def test_reducing_folds_what_is_no_decision():
    problem = problem_of(
        [(0, 5, {0: 12, 1: 30}), (0, 9, {0: 12, 1: 30}), (1, 5, {1: 60, 2: 7}), (1, 50, {2: 7})],
        [9999, 9999],
        [(20, 100), (30, 10), (20, 1)],
    )
    columns = reduce(problem)
    # Pool 0 has one user, pool 1 holds whole units only, pool 2 has one user: nothing is left.
    assert columns.n == 0
    assert columns.rest_cost.tolist() == [5 + 100 + 10, 5 + 20 + 1]
    assert columns.rest_option.tolist() == [0, 2]


def test_large_units_are_coarsened_and_still_bound():
    rng = np.random.default_rng(5)
    capacity = 20 * GRID + 1
    options = [
        (k, int(rng.integers(0, 9)), {p: int(load) for p in range(2)})
        for k, load in enumerate(rng.integers(1, capacity, size=6))
    ]
    problem = problem_of(options, [150] * 6, [(capacity, 100), (capacity, 90)])
    columns = reduce(problem)
    relaxation = Relaxation(columns)
    best = brute_force(problem)
    prices, _ = relaxation.climb(
        relaxation.start(), target=float(best), rounds=200, until=np.inf, enough=np.inf
    )
    assert trivial_bound(problem) < relaxation.certify(prices) <= best
    assert ENGINES["exact"](problem, QUICK, silent).cost == best


def test_search_keeps_its_books_and_its_limits():
    problem = town_week(30)
    columns = reduce(problem)
    search = Search(columns, share=Relaxation(columns).start().pair, seed=3)
    search.greedy()
    inserted = search.cost()
    cost, taken = search.run(rounds=800, hot=900.0, cold=9.0, until=np.inf, enough=0.0)
    chosen = columns.lift(taken)
    assert cost == problem.cost(chosen) < inserted
    assert search.cost() == problem.cost(columns.lift(array(search.taken)))
    assert not problem.broken_limits(chosen)


def test_a_program_holds_what_its_columns_mean():
    columns = reduce(town_week(8))
    program = build(columns, np.arange(columns.n))
    search = Search(columns, share=Relaxation(columns).start().pair, seed=3)
    search.greedy()
    taken = array(search.taken)
    values = program.values(taken)
    assert values is not None
    left = np.zeros(len(program.right), dtype=np.int64)
    np.add.at(left, program.row, program.coefficient * values[program.variable])
    assert (left <= program.right).all()
    assert (values <= program.upper).all()
    assert program.constant + int(program.objective @ values) == search.cost()
    assert program.taken(np.flatnonzero(values[: columns.n])).tolist() == taken.tolist()


def test_kernels_are_compiled_once_and_for_all():
    groundwork.warm()
    kernels = (climb.climb, recreate.anneal, recreate.insert_all, recreate.restart)
    for seed in range(1000, 1010):
        ENGINES["season"](random_problem(seed), QUICK, silent)
    ENGINES["season"](town_week(20), Effort(seconds=1.0), silent)
    assert [len(kernel.signatures) for kernel in kernels] == [1] * len(kernels)


def test_an_answer_that_breaks_a_rule_never_leaves():
    problem = problem_of([(0, 1, {0: 25}), (1, 1, {0: 5})], [500, 500], [(20, 100)], [(2, [0])])
    record = Record(problem, QUICK, silent)
    good = record.selection(engine="test", version="1")
    verify(problem, good)
    faults = [
        {"chosen": (1, -1)},
        {"chosen": (2, -1)},
        {"chosen": (-1,)},
        {"cost": good.cost - 1},
        {"units": (1,)},
        {"bound": good.cost + 1},
    ]
    for fault in faults:
        with pytest.raises(SolverFailed, match="test"):
            verify(problem, replace(good, **fault))
    crowded = replace(problem, limit_capacity=array([1]))
    full = replace(good, chosen=(0, -1), units=(2,), cost=701)
    with pytest.raises(SolverFailed, match="limits"):
        verify(crowded, full)
    with pytest.raises(SolverFailed, match="bound"):
        record.prove(good.cost + 1)


def test_what_is_a_selection():
    problem = problem_of([(0, 1, {}), (1, 1, {})], [5, 5], [])
    assert is_selection(problem, array([0, 1]))
    assert is_selection(problem, array([-1, -1]))
    assert not is_selection(problem, array([1, 0]))
    assert not is_selection(problem, array([-2, 1]))
    assert not is_selection(problem, array([0, 2]))
    assert not is_selection(problem, array([0]))


def test_a_problem_survives_the_pipe():
    problem = random_problem(3)
    effort = Effort(seconds=1.5, gap=0.25, threads=3, seed=9, hint=(-1,) * problem.n_customers)
    again, same_effort, engine = unpack(pack(problem, effort, "greedy")[16:])
    assert (same_effort, engine) == (effort, "greedy")
    for name in SelectionProblem.__slots__:
        assert np.array_equal(getattr(again, name), getattr(problem, name)), name


def test_the_list_of_engines_is_whole_and_cheap_to_read():
    assert tuple(sorted(ENGINES)) == NAMES
    code = (
        "import sys, coldchain.engines, coldchain.engines.process; print('ortools' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
