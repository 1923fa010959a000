"""What a plan's certificate proves of it, and what tampering with either comes to."""

import dataclasses
import random
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import random_scenario, with_all_charges
from test_exporters_example import example_plan

from coldchain.certificate import Certificate
from coldchain.certified import recompute
from coldchain.plan import Plan
from coldchain.plan_folder import read_plan, write_plan
from coldchain.planner import solve
from coldchain.selection import Effort

BRIEF = Effort(seconds=20.0, gap=0.0, threads=1, seed=1)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return solve(with_all_charges(random_scenario(3), 3), effort=BRIEF)


def certificate(plan: Plan) -> Certificate:
    assert plan.certificate is not None
    return plan.certificate


def rules(plan: Plan, tampered: Certificate) -> list[str]:
    return [violation.rule for violation in recompute(plan, tampered).violations]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("engine", ["auto", "season", "greedy"])
def test_a_plan_proves_its_bound(seed: int, engine: str):
    plan = solve(with_all_charges(random_scenario(seed), seed), engine=engine, effort=BRIEF)
    proven = recompute(plan, certificate(plan))
    assert proven.violations == ()
    assert proven.cost_usd is not None
    assert proven.bound_usd is not None
    assert proven.cost_usd == plan.proof.cost_usd
    assert plan.certified_bound_usd is not None
    assert plan.certified_bound_usd <= proven.bound_usd <= proven.cost_usd
    assert plan.certified_bound_usd <= plan.proof.bound_usd
    assert proven.beyond == (plan.proof.bound_usd > proven.bound_usd)


def test_a_plan_read_from_its_folder_proves_as_much(tmp_path: Path):
    plan = example_plan()
    write_plan(plan, tmp_path / "plan")
    read = read_plan(tmp_path / "plan")
    assert recompute(read, certificate(read)) == recompute(plan, certificate(plan))
    assert recompute(read, certificate(read)).violations == ()


def test_gaps_are_shares_of_cost_and_of_transport(plan: Plan):
    proven = recompute(plan, certificate(plan))
    assert proven.cost_usd is not None
    assert proven.missing_usd is not None
    assert proven.gap == pytest.approx(proven.missing_usd / proven.cost_usd)
    bill = plan.total
    assert proven.transport_usd == bill.freight + bill.detention + bill.reefer + bill.genset
    assert proven.transport_gap == pytest.approx(proven.missing_usd / proven.transport_usd)


def test_a_bound_raised_is_told(plan: Plan):
    raised = replace(certificate(plan), bound=certificate(plan).bound + 10**9)
    assert rules(plan, raised) == ["certificate_bound"]


def test_prices_changed_prove_less_or_hold_all_the_same(plan: Plan):
    mine = certificate(plan)
    least = recompute(plan, mine).bound_usd
    assert least is not None
    dear = tuple((k, p, price * 1000 + 10**9) for k, p, price in mine.prices)
    assert rules(plan, replace(mine, prices=dear)) == ["certificate_bound"]
    rng = random.Random(1)
    for _ in range(10):
        other = tuple((k, p, rng.randint(-(10**6), 10**8)) for k, p, _ in mine.prices)
        proven = recompute(plan, replace(mine, prices=other))
        assert proven.bound_usd is not None
        assert proven.bound_usd <= plan.proof.cost_usd


def test_another_digest_is_told(plan: Plan):
    proven = recompute(plan, replace(certificate(plan), problem="0" * 64))
    assert [v.rule for v in proven.violations] == ["certificate_problem"]
    assert proven.bound_usd is None
    assert proven.gap is None


def test_terms_of_nothing_are_told(plan: Plan):
    stray = replace(certificate(plan), prices=((0, 10**6, 5),))
    assert rules(plan, stray) == ["certificate_terms"]


def test_a_cost_that_is_not_the_plan_s_is_told(plan: Plan):
    proof = replace(plan.proof, cost_usd=plan.proof.cost_usd - 1.0)
    assert rules(replace(plan, proof=proof), certificate(plan)) == ["certificate_cost"]


def test_a_way_that_is_no_candidate_is_told(plan: Plan):
    first, *others = plan.itineraries
    carriage = first.carriages[0]
    leg = dataclasses.replace(carriage.legs[0], departs=carriage.legs[0].departs + 1)
    moved = replace(carriage, legs=(leg, *carriage.legs[1:]))
    changed = replace(first, carriages=(moved, *first.carriages[1:]))
    proven = recompute(replace(plan, itineraries=(changed, *others)), certificate(plan))
    assert [(v.rule, v.subject) for v in proven.violations] == [
        ("certificate_choice", first.consignment)
    ]
    assert proven.cost_usd is None
    assert proven.bound_usd is not None
