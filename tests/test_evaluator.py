"""The independent evaluator: never above the optimum, never below what an engine claims."""

import itertools
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from test_commitments import random_charters, train  # noqa: F401 - a fixture
from test_engines import brute_force, problem_of, random_problem, town_week

from coldchain.certificate import Certificate, Cluster, certificate_in, document_of
from coldchain.engines import ENGINES
from coldchain.engines.certificates import trivial_certificate
from coldchain.engines.clusters import find_clusters
from coldchain.engines.columns import reduce
from coldchain.engines.lagrangian import Relaxation
from coldchain.engines.record import silent, trivial_bound
from coldchain.evaluator import bound_of, cost_of, packed, value_of
from coldchain.selection import Effort, SelectionProblem

NOTHING = Certificate(problem="", bound=0, scale=1, prices=())


def pairs_of(problem: SelectionProblem) -> list[tuple[int, int]]:
    customer = np.repeat(problem.option_customer, np.diff(problem.option_start)).tolist()
    return sorted(set(zip(customer, problem.option_pool.tolist(), strict=True)))


def garbage(problem: SelectionProblem, seed: int) -> Certificate:
    """Multipliers nobody has thought about, of both signs, and clusters likewise."""
    rng = np.random.default_rng([seed, 11])
    pairs = pairs_of(problem)
    committed = set(problem.commitment_pool.tolist())
    members = rng.permutation(problem.n_customers).tolist()
    cut = int(rng.integers(0, len(members) + 1))
    groups = [g for g in (members[:cut], members[cut:]) if g and rng.random() < 0.7]
    owner = {pool: int(rng.integers(-1, len(groups))) for pool in range(problem.n_pools)}
    clusters: list[Cluster] = []
    for at, group in enumerate(groups):
        inner = tuple(
            (k, p)
            for k, p in pairs
            if k in group and owner[p] == at and p not in committed and rng.random() < 0.8
        )
        entries = tuple((p, int(rng.integers(-9, 60))) for p in sorted({p for _, p in inner}))
        clusters.append(Cluster(customers=tuple(group), inner=inner, entries=entries))
    taken = {pair for cluster in clusters for pair in cluster.inner}
    scale = int(rng.choice([1, 3, 64]))
    return Certificate(
        problem="",
        bound=0,
        scale=scale,
        prices=tuple(
            (k, p, int(rng.integers(-20, 90)) * scale // 2)
            for k, p in pairs
            if (k, p) not in taken and rng.random() < 0.8
        ),
        limit_tolls=tuple(
            (limit, int(rng.integers(-9, 20)) * scale)
            for limit in range(problem.n_limits)
            if rng.random() < 0.6
        ),
        commitment_tolls=tuple(
            (c, int(rng.integers(-40, 40)) * scale)
            for c in range(problem.n_commitments)
            if rng.random() < 0.6
        ),
        clusters=tuple(clusters),
    )


@pytest.mark.parametrize("block", range(8))
def test_no_multipliers_whatever_prove_more_than_the_optimum(block: int):
    for seed in range(block * 50, block * 50 + 50):
        for problem in (random_problem(seed, customers=5), random_charters(seed, customers=5)):
            best = brute_force(problem)
            for more in range(4):
                assert bound_of(problem, garbage(problem, 10 * seed + more)) <= best, seed


def test_a_cost_is_that_of_the_problem():
    for seed in range(60):
        problem = random_charters(seed)
        menus = [
            [-1, *np.flatnonzero(problem.option_customer == k).tolist()]
            for k in range(problem.n_customers)
        ]
        for choice in itertools.islice(itertools.product(*menus), 40):
            chosen = np.array(choice, dtype=np.int64)
            if problem.broken_limits(chosen):
                with pytest.raises(ValueError, match="more units than"):
                    cost_of(problem, choice)
            else:
                assert cost_of(problem, choice) == problem.cost(chosen), seed


def test_a_choice_that_is_none_is_refused():
    problem = problem_of([(0, 1, {}), (1, 1, {})], [5, 5], [])
    for wrong in ([0], [1, 0], [0, 7]):
        with pytest.raises(ValueError, match=r"expected a choice|is none of customer"):
            cost_of(problem, wrong)


@pytest.mark.parametrize("most", [None, 1, 2])
def test_a_knapsack_equals_brute_force(most: int | None):
    rng = np.random.default_rng(5)
    for _ in range(300):
        items = [tuple(row) for row in rng.integers(1, [16, 60], size=(7, 2)).tolist()]
        capacity, unit = int(rng.integers(1, 12)), int(rng.integers(0, 70))
        least = 0
        for n in range(8):
            for part in itertools.combinations(items, n):
                units = -(-sum(load for load, _ in part) // capacity)
                if most is None or units <= most:
                    least = min(least, unit * units - sum(price for _, price in part))
        assert packed(items, capacity, unit, most) == least


# What engines claim ---------------------------------------------------------------------------


def certificates(problem: SelectionProblem, rounds: int):
    """Of a walk alone and of one with clusters, on the reduced problem."""
    target = float(problem.skip_cost.sum())
    columns = reduce(problem)
    alone = Relaxation(columns)
    far: dict[str, Any] = {"target": target, "until": np.inf, "enough": np.inf}
    yield alone.certificate(alone.start())
    prices, _ = alone.climb(alone.start(), rounds=rounds, **far)
    yield alone.certificate(prices)
    for worth in (None, alone.stakes(prices, target=target, rounds=20)):
        clusters = find_clusters(columns, worth)
        if clusters is not None:
            joint = Relaxation(columns, clusters)
            yield joint.certificate(joint.adopt(prices))
            better, _ = joint.climb(joint.adopt(prices), rounds=rounds, **far)
            yield joint.certificate(better)


@pytest.mark.parametrize("largest", [2, 8])
@pytest.mark.parametrize("block", range(3))
def test_what_an_engine_claims_is_proven(block: int, largest: int, monkeypatch: pytest.MonkeyPatch):
    """Through all reductions; clusters of two leave many pools with guests."""
    monkeypatch.setattr("coldchain.engines.clusters.LARGEST", largest)
    for seed in range(block * 20, block * 20 + 20):
        for problem in (random_problem(seed, customers=6), random_charters(seed, customers=6)):
            best = brute_force(problem)
            for certificate in certificates(problem, 25):
                assert certificate.problem == problem.digest
                assert certificate.bound <= bound_of(problem, certificate) <= best, seed


def test_the_trivial_bound_is_proven():
    for seed in range(200):
        problem = random_charters(seed)
        certificate = trivial_certificate(problem, trivial_bound(problem))
        assert certificate.bound <= bound_of(problem, certificate) <= brute_force(problem), seed


def test_a_longer_problem_is_proven_and_nothing_is_lost():
    problem = town_week(40)
    for certificate in certificates(problem, 200):
        assert bound_of(problem, certificate) == certificate.bound


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_has_a_certificate(engine: str):
    for problem in (town_week(12), random_charters(3), problem_of([], [], [])):
        answer = ENGINES[engine](problem, Effort(seconds=3.0, gap=0.02), silent)
        assert answer.certificate is not None
        assert answer.certified_bound is not None
        assert answer.certified_bound <= answer.bound <= answer.cost
        assert bound_of(problem, answer.certificate) >= answer.certified_bound


# Certificates that hold nothing ---------------------------------------------------------------


TWO = problem_of([(0, 5, {0: 3}), (1, 5, {0: 4, 1: 2})], [90, 90], [(4, 30), (4, 9)], [(2, [0])])


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"scale": 0}, "scale: 0"),
        ({"prices": ((0, 1, 5),)}, "customer 0 has no option in pool 1"),
        ({"prices": ((7, 0, 5),)}, "customer 7 has no option"),
        ({"prices": ((0, 0, 5), (0, 0, 5))}, "stands there twice"),
        ({"limit_tolls": ((1, 5),)}, "there is no limit 1"),
        ({"limit_tolls": ((0, 5), (0, 5))}, "limit 0 stands there twice"),
        ({"commitment_tolls": ((0, 5),)}, "there is no commitment 0"),
        ({"clusters": ((0, 0), ())}, "each customer in one cluster"),
        ({"clusters": ((0, 9), ())}, "a customer there is not"),
        ({"clusters": ((0,), ((1, 0),))}, "no pair of 1 and pool 0"),
        ({"clusters": ((0, 1), ((0, 1),))}, "no pair of 0 and pool 1"),
        ({"clusters": ((0, 1), ((0, 0),)), "prices": ((0, 0, 1),)}, "has a price"),
        ({"clusters": ((0, 1), ((0, 0),), ((1, 4),))}, "an entry price of a pool it has not"),
        ({"clusters": ((0, 1), ((0, 0),), ((0, 4), (0, 4)))}, "two entry prices"),
        ({"clusters": (tuple(range(13)), ())}, "more than 12 customers"),
    ],
)
def test_what_the_problem_has_not_is_refused(wrong: dict[str, Any], words: str):
    if "clusters" in wrong:
        customers, inner, *entries = wrong["clusters"]
        entry = entries[0] if entries else ()
        wrong = {**wrong, "clusters": (Cluster(customers=customers, inner=inner, entries=entry),)}
    with pytest.raises(ValueError, match=words):
        bound_of(TWO, replace(NOTHING, **wrong))


def test_a_pool_in_two_clusters_is_refused():
    clusters = tuple(Cluster(customers=(k,), inner=((k, 0),), entries=()) for k in (0, 1))
    with pytest.raises(ValueError, match="pool 0 belongs to another"):
        bound_of(TWO, replace(NOTHING, clusters=clusters))


def test_a_pool_of_a_commitment_is_in_no_cluster(train: SelectionProblem):  # noqa: F811
    cluster = Cluster(customers=(0,), inner=((0, 0),), entries=())
    with pytest.raises(ValueError, match="pool 0 opens with a commitment"):
        bound_of(train, replace(NOTHING, clusters=(cluster,)))


def test_the_worked_example():
    """The one of docs/certificate.md."""
    problem = problem_of([(0, 10, {0: 12}), (1, 20, {0: 13})], [900, 900], [(20, 400)])
    prices = ((0, 0, 400), (1, 0, 400))
    certificate = Certificate(problem=problem.digest, bound=830, scale=1, prices=prices)
    assert value_of(problem, certificate) == 410 + 420 + 0
    assert brute_force(problem) == cost_of(problem, [0, 1]) == 830


# As a document --------------------------------------------------------------------------------


def test_a_certificate_is_read_back_as_it_was():
    for seed in range(20):
        certificate = garbage(random_charters(seed), seed)
        assert certificate_in(json.loads(json.dumps(document_of(certificate)))) == certificate


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda d: d.pop("bound"), "bound is missing"),
        (lambda d: d.update(more=1), "more is no such field"),
        (lambda d: d.update(bound=1.5), "bound: expected a whole number"),
        (lambda d: d.update(scale=True), "scale: expected a whole number"),
        (lambda d: d.update(problem=3), "problem: expected the digest"),
        (lambda d: d.update(prices=[[1, 2]]), r"prices\[0\]: expected 3 whole numbers"),
        (lambda d: d.update(prices=[[1, 2, "x"]]), r"prices\[0\]: expected a whole number"),
        (lambda d: d.update(clusters=[[]]), r"clusters\[0\]: expected an object"),
        (lambda d: d.update(limit_tolls={}), "limit_tolls: expected a list"),
    ],
)
def test_a_document_that_is_none_is_refused(edit: Any, words: str):
    document = document_of(NOTHING)
    edit(document)
    with pytest.raises(ValueError, match=words):
        certificate_in(document)


def test_a_digest_tells_problems_apart():
    problem = town_week(5)
    assert problem.digest == replace(problem).digest
    for name in ("option_cost", "pool_capacity", "limit_capacity", "skip_cost"):
        other = replace(problem, **{name: getattr(problem, name) + 1})
        assert other.digest != problem.digest, name
