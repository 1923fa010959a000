"""Bound by merged departures and search over walks, against HiGHS over all steps."""

import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from coldchain.engines import walks_auto, walks_bound, walks_exact
from coldchain.engines.walks_search import Wanderer
from coldchain.selection import Effort
from coldchain.walks import WalkProblem

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import ctsndp  # pyright: ignore[reportMissingImports]
from test_walks import a_problem, cheapest


def a_network(seed: int) -> WalkProblem:
    """A random complete network of four nodes and five commodities, as walks."""
    draw = np.random.default_rng(seed)
    arcs = tuple(
        ctsndp.Arc(a, b, Fraction(int(draw.integers(0, 3))), Fraction(50), Fraction(10), time)
        for a in range(4)
        for b in range(4)
        if a != b
        for time in [int(draw.integers(3, 9))]
    )
    commodities = []
    for _ in range(5):
        origin, destination = draw.choice(4, 2, replace=False).tolist()
        release = int(draw.integers(0, 10))
        late = release + int(draw.integers(9, 22))
        quantity = Fraction(int(draw.integers(2, 8)))
        commodities.append(ctsndp.Commodity(origin, destination, quantity, release, late))
    return ctsndp.as_walks(ctsndp.Instance(arcs, tuple(commodities))).problem


def test_merged_departures_never_give_a_bound_above_the_optimum():
    tight = 0
    for seed in range(25):
        problem = a_network(seed)
        least = walks_exact.solve_walks(problem, Effort(seconds=20)).cost
        bound = walks_bound.relax(problem, 20.0)
        assert bound <= least, seed
        tight += bound >= 0.9 * least
    assert tight > 15


def test_the_bound_of_random_walks_is_not_above_brute_force():
    for seed in range(100):
        problem = a_problem(seed)
        assert walks_bound.relax(problem, 20.0) <= cheapest(problem), seed


def test_any_prices_give_a_bound():
    for seed in range(40):
        problem = a_problem(seed)
        draw = np.random.default_rng(seed)
        load_price, force_price = draw.uniform(0, 90, (2, problem.n_steps))
        # One price for all steps into a pool, and for all steps of a customer into it.
        assert walks_bound.worth(problem, load_price, force_price) <= cheapest(problem), seed


@pytest.mark.parametrize("limited", [False, True])
def test_the_search_keeps_limits_and_finds_what_brute_force_finds(limited: bool):
    found = 0
    for seed in range(60):
        problem = a_problem(seed, limited)
        wanderer = Wanderer(problem, seed)
        least = cheapest(problem)
        wanderer.search(0.02, least)
        walks = wanderer.walks()
        assert not problem.faults(walks), seed
        assert problem.cost(walks) == wanderer.cost >= least, seed
        found += wanderer.cost == least
    assert found >= 54


def test_bound_and_search_meet_within_the_gap(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(walks_auto, "FEW_STEPS", 0)
    for seed in range(6):
        problem = a_network(seed)
        least = walks_exact.solve_walks(problem, Effort(seconds=20)).cost
        answer = walks_auto.solve_walks(problem, Effort(seconds=4, gap=0.01))
        assert not problem.faults(answer.walks), seed
        assert answer.bound <= least <= answer.cost == problem.cost(answer.walks), seed
        assert answer.gap <= 0.01, seed
