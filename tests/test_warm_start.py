"""Beginning with an earlier plan: what is taken over, what is not and why, and what it promises."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import consignment, network, node, scenario, service

from coldchain.candidates import enumerate_itineraries
from coldchain.cli.exits import Exit
from coldchain.cli.planning import make_plan
from coldchain.errors import DataError
from coldchain.lowering import lower
from coldchain.plan import Plan
from coldchain.planner import solve
from coldchain.scenario import Scenario
from coldchain.selection import Effort
from coldchain.warm_start import TakenOver, take_over

PROVEN = Effort(seconds=30, gap=0.0, threads=1, seed=1)


def two_ways(
    *, names: tuple[str, ...] = ("C0", "C1"), slots: int = 9, cheap: str = "AB", usd: float = 300.0
) -> Scenario:
    return scenario(
        network(
            [node("A"), node("B")],
            [
                service(cheap, "A>B", 20, usd, capacity_units=slots),
                service("DEAR", "A>B", 10, 500.0),
            ],
            [],
        ),
        [consignment(name, "A>B", 20, "24 00:00", "28 00:00") for name in names],
    )


def taken(given: Scenario, earlier: Plan) -> TakenOver:
    return take_over(lower(enumerate_itineraries(given)), earlier)


@pytest.fixture(scope="module")
def earlier() -> Plan:
    return solve(two_ways(), effort=PROVEN)


def test_the_same_scenario_takes_over_everything_at_the_same_cost(earlier: Plan):
    lowered = lower(enumerate_itineraries(earlier.scenario))
    found = take_over(lowered, earlier)
    assert found.taken == ("C0", "C1")
    assert not found.left
    hint = lowered.problem.cost(np.array(found.hint))
    assert hint == round(earlier.proof.cost_usd * 100)


def test_other_prices_take_over_everything(earlier: Plan):
    assert taken(two_ways(usd=450.0), earlier).taken == ("C0", "C1")


def test_new_and_gone_consignments_are_told(earlier: Plan):
    found = taken(two_ways(names=("C1", "C2")), earlier)
    assert found.taken == ("C1",)
    assert dict(found.left) == {
        "C2": "was not in the earlier plan",
        "C0": "is no longer to be carried",
    }


def test_a_service_no_longer_offered_is_named(earlier: Plan):
    found = taken(two_ways(cheap="OTHER"), earlier)
    assert not found.taken
    assert dict(found.left)["C0"] == "service AB is no longer offered"


def test_what_the_slots_no_longer_hold_is_left_to_the_engine(earlier: Plan):
    found = taken(two_ways(slots=1), earlier)
    assert found.taken == ("C0",)
    assert dict(found.left)["C1"] == "the slots of its itinerary no longer suffice for all"


@pytest.mark.parametrize("engine", ["exact", "greedy"])
def test_the_plan_costs_no_more_than_what_is_taken_over(earlier: Plan, engine: str):
    heard: list[TakenOver] = []
    again = solve(
        earlier.scenario,
        engine=engine,
        effort=replace(PROVEN, seconds=0.1),
        warm_start=earlier,
        on_taken_over=heard.append,
    )
    assert again.proof.cost_usd <= earlier.proof.cost_usd
    assert heard[0].taken == ("C0", "C1")


def test_a_folder_that_is_no_plan_is_refused(tmp_path: Path):
    with pytest.raises(DataError, match="nothing"):
        plan_from(tmp_path / "nothing", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_command_says_what_it_took_over(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    earlier: Plan,
):
    later = two_ways(names=("C1", "C2"))
    monkeypatch.setattr("coldchain.tables.read_scenario", lambda *_, **__: later)
    monkeypatch.setattr("coldchain.cli.planning.read_plan", lambda _: earlier)
    monkeypatch.setattr("coldchain.cli.planning.write_plan", lambda *_, **__: ())
    assert plan_from(tmp_path / "earlier", tmp_path / "out") is Exit.DONE
    err = capsys.readouterr().err
    assert "1 of 3 consignments" in err
    assert "C0: is no longer to be carried" in err


def plan_from(earlier: Path, out: Path) -> Exit:
    return make_plan(
        "cherry-week",
        out=out,
        force=False,
        engine="exact",
        effort=PROVEN,
        warm_start=earlier,
        allow_unserved=False,
        as_json=False,
        quiet=False,
    )
