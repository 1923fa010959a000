"""Walk problems: exact costs, faults, listing, and the engine against brute force."""

from itertools import product

import numpy as np
import pytest

from coldchain.engines.walks_exact import solve_walks
from coldchain.selection import Effort
from coldchain.walks import WalkProblem


def a_problem(seed: int, limited: bool = False) -> WalkProblem:
    """A random tiny problem: up to three customers of up to four states."""
    draw = np.random.default_rng(seed)
    n_pools = int(draw.integers(2, 5))
    end_state = draw.integers(1, 4, int(draw.integers(2, 4)))
    steps: list[tuple[int, int, int, int, int, int]] = []
    for customer, end in enumerate(end_state.tolist()):
        load = int(draw.integers(1, 7))
        for tail in range(end):
            for _ in range(int(draw.integers(1, 4))):
                head = int(draw.integers(tail + 1, end + 1))
                pool = int(draw.integers(-1, n_pools))
                cost = int(draw.integers(0, 30)) + 40 * (pool < 0)
                steps.append((customer, tail, head, cost, pool, load if pool >= 0 else 0))
    table = np.array(steps, dtype=np.int64)
    return WalkProblem(
        end_state=end_state,
        skip_cost=draw.integers(60, 200, len(end_state)),
        step_customer=table[:, 0],
        step_tail=table[:, 1],
        step_head=table[:, 2],
        step_cost=table[:, 3],
        step_pool=table[:, 4],
        step_load=table[:, 5],
        pool_capacity=draw.integers(2, 10, n_pools),
        pool_cost=draw.integers(0, 60, n_pools),
        pool_family=np.zeros(n_pools, dtype=np.int64),
        pool_instant=np.arange(n_pools, dtype=np.int64),
        limit_capacity=np.array([1] if limited else [], dtype=np.int64),
        limit_start=np.array([0, 2] if limited else [0], dtype=np.int64),
        limit_pool=np.array([0, 1] if limited else [], dtype=np.int64),
    )


def cheapest(problem: WalkProblem) -> int:
    """Least cost over every combination of walks."""
    choices = [[(), *problem.every_walk(k)] for k in range(problem.n_customers)]
    return min(problem.cost(walks) for walks in product(*choices) if not problem.faults(walks))


@pytest.mark.parametrize("limited", [False, True])
def test_the_engine_finds_and_proves_what_brute_force_finds(limited: bool):
    for seed in range(80):
        problem = a_problem(seed, limited)
        least = cheapest(problem)
        answer = solve_walks(problem, Effort(seconds=10))
        assert not problem.faults(answer.walks), seed
        assert answer.cost == problem.cost(answer.walks) == least, seed
        assert answer.bound == least, seed


def test_a_bound_at_a_wide_gap_is_not_above_the_optimum():
    for seed in range(80, 120):
        problem = a_problem(seed)
        answer = solve_walks(problem, Effort(seconds=10, gap=0.5))
        assert answer.bound <= cheapest(problem) <= answer.cost, seed


def test_listed_walks_cost_the_same():
    compared = 0
    for seed in range(40):
        problem = a_problem(seed)
        try:
            listed, walks = problem.listed(1000)
        except ValueError:  # a walk that visits a pool twice cannot be listed
            continue
        for option, walk in enumerate(walks):
            customer = int(listed.option_customer[option])
            chosen = np.full(listed.n_customers, -1)
            chosen[customer] = option
            choice = tuple(walk if k == customer else () for k in range(listed.n_customers))
            assert listed.cost(chosen) == problem.cost(choice)
            compared += 1
    assert compared > 50


def test_too_many_walks_are_not_listed():
    with pytest.raises(ValueError, match="more than 1 walks"):
        a_problem(3).listed(1)


def test_faults_are_named():
    problem = a_problem(3)
    skipped: tuple[tuple[int, ...], ...] = ((),) * problem.n_customers
    assert problem.faults(skipped) == []
    assert problem.faults(skipped[1:]) != []
    assert "not his" in problem.faults(((problem.n_steps - 1,), *skipped[1:]))[0]
