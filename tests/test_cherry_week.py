"""The bundled week of cherries: everybody can go, and going together pays."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from coldchain.audit import check
from coldchain.candidates import Candidates, enumerate_itineraries
from coldchain.engines import stand_alone_cost
from coldchain.engines.process import solve as run_engine
from coldchain.itinerary import Carriage
from coldchain.lowering import Lifting, Lowered, lower
from coldchain.network import Mode
from coldchain.plan import Plan
from coldchain.scenario import Scenario
from coldchain.selection import Effort
from coldchain.timetable import minute

SHORT = Effort(seconds=15.0, gap=0.001, threads=2, seed=1)
HUB = "CN-CKG-HB"


@pytest.fixture(scope="session")
def candidates(cherry_week: Scenario) -> Candidates:
    return enumerate_itineraries(cherry_week)


@pytest.fixture(scope="session")
def lowered(candidates: Candidates) -> Lowered:
    return lower(candidates)


@pytest.fixture(scope="session")
def plan(lowered: Lowered) -> Plan:
    selection = run_engine(lowered.problem, SHORT, "exact")
    alone = stand_alone_cost(lowered.problem) / 100
    return Lifting(lowered).plan(selection, greedy_usd=alone, effort=SHORT)


def ends(scenario: Scenario, carriage: Carriage) -> tuple[str, str]:
    services = scenario.network.services
    first, last = carriage.legs[0].service, carriage.legs[-1].service
    return services[first].origin, services[last].destination


def test_every_consignment_has_a_candidate(cherry_week: Scenario, candidates: Candidates):
    assert candidates.refusals == ()
    assert set(candidates.consignment.tolist()) == set(range(len(cherry_week.consignments)))


def test_every_candidate_is_in_time_and_fresh_enough(cherry_week: Scenario, candidates: Candidates):
    due = np.array([minute(c.due_at) for c in cherry_week.consignments])
    ready = np.array([minute(c.ready_at) for c in cherry_week.consignments])
    whose = candidates.consignment
    allowed = np.array(
        [
            cherry_week.life_allowed(cherry_week.consignments[k], candidates.packed(row))
            for row, k in enumerate(whose.tolist())
        ]
    )
    assert bool(np.all(candidates.delivered <= due[whose]))
    assert bool(np.all(candidates.delivered > ready[whose]))
    assert bool(np.all(candidates.life_used <= allowed + 1e-9))
    assert bool(np.all(candidates.own_usd > 0))


def test_no_candidate_opens_its_goods_too_often(cherry_week: Scenario, candidates: Candidates):
    carriages = np.diff(candidates.start)
    assert carriages.min() >= 1
    assert carriages.max() <= cherry_week.max_cross_docks + 1


def test_carriages_of_a_candidate_follow_on_one_another(candidates: Candidates):
    for row in range(0, len(candidates), max(1, len(candidates) // 500)):
        chain = candidates.chain(row)
        carried = candidates.scenario.consignments[int(candidates.consignment[row])]
        assert chain[0][0].ride.origin == carried.origin
        assert chain[-1][0].ride.destination == carried.destination
        for (before, _), (after, _) in pairwise(chain):
            assert before.ride.destination == after.ride.origin
            assert before.ride.handed_over < after.ride.stuffed


def test_the_plan_keeps_every_rule(plan: Plan):
    assert check(plan) == ()
    assert plan.proof.bound_usd <= plan.proof.cost_usd


def test_the_plan_serves_everybody_or_says_why_not(cherry_week: Scenario, plan: Plan):
    served = {way.consignment for way in plan.itineraries}
    left = {refusal.consignment for refusal in plan.unserved}
    assert served | left == {c.id for c in cherry_week.consignments}
    assert not served & left
    assert len(served) > len(left)


def modes(plan: Plan) -> Iterator[Mode]:
    for unit in plan.load_units:
        for leg in unit.carriage.legs:
            yield plan.scenario.network.services[leg.service].mode


def test_the_plan_uses_more_than_one_mode(plan: Plan):
    assert len(set(modes(plan))) >= 2


def test_goods_share_load_units_stuffed_or_stripped_at_the_chongqing_hub(
    cherry_week: Scenario, plan: Plan
):
    shared = [
        unit
        for unit in plan.load_units
        if len({name for name, _ in unit.contents}) > 1 and HUB in ends(cherry_week, unit.carriage)
    ]
    assert shared


def test_going_together_costs_less_than_everybody_for_himself(plan: Plan):
    assert plan.proof.cost_usd < plan.proof.greedy_usd


def test_the_engine_is_asked_about_every_candidate(lowered: Lowered, candidates: Candidates):
    problem = lowered.problem
    assert problem.n_options == len(candidates)
    assert problem.n_customers == len(candidates.scenario.consignments)
    assert set(problem.option_pool.tolist()) == set(range(problem.n_pools))
