"""The train nobody runs yet: chartered where it pays, left alone where it does not."""

from dataclasses import replace

import pytest

from coldchain.admission import Unconfirmed
from coldchain.audit import check
from coldchain.charters import Charter, charters
from coldchain.plan import Plan
from coldchain.planner import solve
from coldchain.scenario import Scenario
from coldchain.selection import Effort
from coldchain.tables import read_scenario

PRICE = "routes.L131.charter_usd_per_departure = "


def a_few(*statements: str) -> Scenario:
    """Nine boxes of the week: three packhouses, to Chongqing and to Guiyang."""
    whole = read_scenario("cherry-train", overrides=statements)
    some = tuple(c for c in whole.consignments if c.id in {"T-001", "T-003", "T-008"})
    return replace(whole, consignments=some)


def planned(*statements: str) -> tuple[Plan, tuple[Charter, ...]]:
    plan = solve(a_few(*statements), effort=Effort(seconds=20.0, gap=0.0, threads=1))
    assert plan.proof.status == "optimal"
    assert plan.unserved == ()
    assert check(plan) == ()
    return plan, charters(plan.scenario, plan.load_units)


def test_its_week_is_as_large_as_the_train():
    given = read_scenario("cherry-train")
    assert given.service_status == {"existing", "occasional", "proposed"}
    assert given.unconfirmed == Unconfirmed.STRICT
    train = given.network.services["L131"]
    assert (train.charter_usd_per_departure, train.slot_usd) == (58_900, 744)
    assert (train.capacity_units, train.min_paid_slots) == (25, 20)
    total = 0
    for c in given.consignments:
        assert c.net_kg % 16_600 == 0
        boxes = c.net_kg // 16_600
        assert (c.pallets, c.gross_kg) == (20 * boxes, 17_928 * boxes)
        assert train.season is not None
        assert train.season.holds(c.ready_at.date())
        total += boxes
    assert total == train.capacity_units


def test_the_other_proposal_is_left_out():
    given = read_scenario("cherry-train")
    proposed = {s.id for s in given.network if s.status == "proposed"}
    assert {c.subject for c in given.network.closures} == proposed - {"L131"}


@pytest.fixture(scope="module")
def without() -> Plan:
    plan, none = planned("close L131 always")
    assert none == ()
    return plan


def test_the_train_runs_when_it_is_cheap(without: Plan):
    plan, [train] = planned(f"{PRICE}1000")
    assert train.service.id == "L131"
    assert 0 < train.used <= 9
    assert train.paid == train.service.min_paid_slots == 20
    assert train.usd == 1000 + 20 * 744
    proof, other = plan.proof, without.proof
    assert proof.cost_usd + proof.constant_usd < other.bound_usd + other.constant_usd


def test_nobody_charters_it_for_nine_boxes_at_its_price(without: Plan):
    plan, none = planned()
    assert none == ()
    proof, other = plan.proof, without.proof
    assert proof.cost_usd + proof.constant_usd == pytest.approx(
        other.cost_usd + other.constant_usd, abs=0.01
    )
