"""Goods bound to go through a hub: where they are opened, and what that costs."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import (
    bound_to_a_hub,
    consignment,
    cross_dock,
    network,
    node,
    random_scenario,
    scenario,
    service,
    store,
)
from enumeration import Oracle
from test_candidates import PENNIES, names
from test_tables import copy_tables, edit, faults, read, save, table, the_fault

from coldchain.audit import check
from coldchain.candidates import enumerate_itineraries, joined, row_of
from coldchain.cli.exits import Exit
from coldchain.cli.planning import make_plan
from coldchain.engines.process import solve as run_engine
from coldchain.exporters.page import page_text
from coldchain.exporters.summary import summarise
from coldchain.itinerary import Reason
from coldchain.plan import Plan
from coldchain.plan_folder import read_plan, write_plan
from coldchain.planner import solve
from coldchain.scenario import Scenario
from coldchain.selection import Effort, Selection, SelectionProblem

PROVEN = Effort(seconds=30, gap=0.0, threads=1, seed=1)


def by_hub_or_straight(*, via: tuple[str, ...] = (), due: str = "28 00:00") -> Scenario:
    """Straight on by one truck for 300, past the hub sealed for 350, or opened there for 400."""
    return scenario(
        network(
            [node("A"), node("H", cross_dock=True), node("B")],
            [
                service("AB", "A>B", 20, 300.0),
                service("AH", "A>H", 10, 150.0),
                service("HB", "H>B", 10, 200.0),
                service("HB-CN", "H>B", 10, 250.0, equipment="TRUCK_CN"),
            ],
            [store("H", 0.0), cross_dock("DOCK", "H", "TRUCK_CA>TRUCK_CN", 1)],
        ),
        [consignment(f"C{n}", "A>B", 20, "24 00:00", due) for n in range(2)],
        via=via,
    )


def test_goods_bound_to_a_hub_are_opened_there():
    given = by_hub_or_straight(via=("H",))
    found = enumerate_itineraries(given)
    # Passing the hub shut does not do.
    assert {tuple(s for s, _, _ in names(found, row)) for row in range(len(found))} == {
        ("AH", "HB-CN")
    }


def test_a_consignment_may_be_free_or_bound_elsewhere():
    given = by_hub_or_straight(via=("H",))
    one, other = given.consignments
    free = replace(given, consignments=(replace(one, via=()), other))
    first = {names(enumerate_itineraries(free), 0)[0][0]}
    assert first <= {"AB", "AH"}
    assert free.via_of(free.consignments[0]) == frozenset()
    assert free.mandate == ("H",)
    # Where goods start or end, they need no opening on the way.
    ends = replace(given, consignments=(replace(one, via=("B",)), replace(other, via=("A",))))
    assert {names(enumerate_itineraries(ends), row)[0][0] for row in range(2)} <= {"AB", "AH"}


def test_goods_that_cannot_go_through_it_are_told_where_they_should():
    given = by_hub_or_straight(via=("H",))
    docks = {k: o for k, o in given.network.operations.items() if k != "DOCK"}
    given = replace(given, network=replace(given.network, operations=docks))
    refusals = enumerate_itineraries(given).refusals
    assert {r.reason for r in refusals} == {Reason.NO_PATH}
    assert "from A to B by way of H with the waits" in refusals[0].detail


def test_the_mandate_has_a_price_and_the_summary_says_it():
    plan = solve(by_hub_or_straight(via=("H",)), effort=PROVEN)
    price = plan.mandate_price
    assert price is not None
    # Two boxes at 400 opened at the hub, at 300 straight on.
    assert (price.usd, price.least_usd, price.most_usd) == pytest.approx((200, 200, 200))
    words = "Going through H (H) costs 200 USD more than going free (between 200 and 200)."
    assert words in " ".join(page_text(summarise(plan)).split())
    assert check(plan) == ()


def test_an_interrupt_while_its_price_is_reckoned_keeps_the_plan_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    kept: list[Plan] = []

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    def keep(plan: Plan, *_: object, **__: object) -> tuple[()]:
        kept.append(plan)
        return ()

    given = by_hub_or_straight(via=("H",))
    whole = solve(given, effort=PROVEN)
    monkeypatch.setattr("coldchain.planner._mandate", interrupted)
    monkeypatch.setattr("coldchain.tables.read_scenario", lambda *_, **__: given)
    monkeypatch.setattr("coldchain.cli.planning.write_plan", keep)
    done = make_plan(
        "by-hub",
        out=tmp_path / "plan",
        force=False,
        engine="exact",
        effort=PROVEN,
        allow_unserved=False,
        as_json=False,
        quiet=True,
    )
    assert done is Exit.INTERRUPTED
    assert "what its mandate costs is not known" in capsys.readouterr().err
    (plan,) = kept
    assert plan == replace(whole, mandate=None, proof=plan.proof)
    words = "What going through H (H) costs is not known"
    assert words in " ".join(page_text(summarise(plan)).split())


@pytest.mark.parametrize(("took", "left"), [(2.0, 28.0), (15.5, 15.0)])
def test_both_searches_share_the_seconds(monkeypatch: pytest.MonkeyPatch, took: float, left: float):
    given: list[float] = []

    def timed(problem: SelectionProblem, effort: Effort, *rest: Any, **named: Any) -> Selection:
        given.append(effort.seconds)
        return replace(run_engine(problem, effort, *rest, **named), seconds=took)

    monkeypatch.setattr("coldchain.planner.run_engine", timed)
    solve(by_hub_or_straight(via=("H",)), effort=PROVEN)
    assert given == [15.0, left]
    # Nobody bound: all of them are for the plan.
    given.clear()
    solve(by_hub_or_straight(), effort=PROVEN)
    assert given == [30.0]


def test_a_time_limit_that_does_not_bind_changes_nothing():
    given = by_hub_or_straight(via=("H",))
    long = solve(given, effort=PROVEN)
    longer = solve(given, effort=replace(PROVEN, seconds=300))
    assert replace(longer, proof=long.proof) == long
    assert replace(longer.proof, seconds=long.proof.seconds) == long.proof


def test_a_plan_without_a_mandate_has_no_price():
    plan = solve(by_hub_or_straight(), effort=PROVEN)
    assert plan.mandate is None
    assert plan.mandate_price is None
    assert "Going through" not in page_text(summarise(plan))


def test_a_mandate_that_changes_nothing_costs_nothing():
    given = by_hub_or_straight(via=("A",))
    price = solve(given, effort=PROVEN).mandate_price
    assert price is not None
    assert price.usd == price.least_usd == price.most_usd == 0


@pytest.mark.parametrize("engine", ["exact", "greedy"])
@pytest.mark.parametrize("seed", range(12))
def test_the_price_is_the_difference_of_the_best_plans_and_lies_within_its_bounds(
    seed: int, engine: str
):
    given = bound_to_a_hub(random_scenario(seed), seed)
    plan = solve(given, engine=engine, effort=PROVEN)
    price = plan.mandate_price
    if not given.mandate:
        assert price is None
        return
    assert price is not None
    exact = Oracle(given).choice().least() - Oracle(given.freed()).choice().least()
    assert price.usd >= 0
    assert price.least_usd <= price.usd <= price.most_usd
    assert 100 * price.least_usd - PENNIES <= exact <= 100 * price.most_usd + PENNIES
    if engine == "exact":
        assert abs(100 * price.usd - exact) <= PENNIES
    assert check(plan) == ()


def test_the_plan_itself_may_be_chosen_free_of_its_mandate_however_dear():
    # Opened at the hub goods cost a third more than straight on: no candidate of a free plan.
    bound = replace(by_hub_or_straight(via=("H",)), max_detour=0.1)
    mandated = enumerate_itineraries(bound)
    free = enumerate_itineraries(bound.freed())
    rows = list(range(len(mandated)))
    assert all(row_of(free, mandated, row) < 0 for row in rows)
    both = joined(free, mandated, rows)
    assert len(both) == len(free) + len(mandated)
    assert list(both.consignment) == sorted(both.consignment)
    for row in rows:
        there = row_of(both, mandated, row)
        assert names(both, there) == names(mandated, row)
        assert both.own_usd[there] == mandated.own_usd[row]
    assert {tuple(names(both, row)) for row in range(len(both))} >= {
        tuple(names(free, row)) for row in range(len(free))
    }
    assert joined(both, mandated, rows) is both


def test_the_price_is_kept_in_the_folder(tmp_path: Path):
    plan = solve(by_hub_or_straight(via=("H",)), effort=PROVEN)
    kinds = {s.equipment for s in plan.scenario.network}
    # Equipment is a table of its own, which plan files are checked against.
    from coldchain.network import Equipment

    equipment = {
        kind: Equipment(
            id=kind, name=kind, name_zh="", iso_size_type="", source="invented", confidence="D"
        )
        for kind in kinds
    }
    given = replace(plan.scenario, network=replace(plan.scenario.network, equipment=equipment))
    plan = replace(plan, scenario=given)
    write_plan(plan, tmp_path / "plan")
    again = read_plan(tmp_path / "plan")
    assert again.mandate == plan.mandate
    assert again.scenario.via == ("H",)
    assert again.mandate_price == plan.mandate_price


def test_the_mandate_is_in_the_digest():
    given = by_hub_or_straight()
    bound = by_hub_or_straight(via=("H",))
    own = replace(given, consignments=tuple(replace(c, via=()) for c in given.consignments))
    assert len({given.digest, bound.digest, own.digest}) == 3


# The tables -----------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_tables(tmp_path)


def with_via(folder: Path, value: str) -> Path:
    path = folder / "cherry-week-consignments.csv"
    rows = table(path)
    rows = [[*row, "via" if not number else ""] for number, row in enumerate(rows)]
    rows[1][-1] = value
    save(path, rows)
    return folder


def test_a_mandate_is_read(folder: Path):
    edit(folder, "[planning]\n", '[planning]\nvia = ["CN-CKG-HB", "CN-XIY-CT"]\n')
    with_via(folder, "CN-URC-HB;CN-KHG-HB")
    given = read(folder)
    assert given.via == ("CN-CKG-HB", "CN-XIY-CT")
    first, second, *_ = given.consignments
    assert first.via == ("CN-URC-HB", "CN-KHG-HB")
    assert second.via is None
    assert read(with_via_none(folder)).consignments[0].via == ()


def with_via_none(folder: Path) -> Path:
    path = folder / "cherry-week-consignments.csv"
    rows = table(path)
    rows[1][-1] = "none"
    save(path, rows)
    return folder


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("CN-CKG", "not CN-CKG; nearest: CN-CKG-"),
        ("CN-CKG-HB;CN-CKG-HB", "each node once"),
        ("CN-CKG-HB,CN-XIY-CT", "nodes with ; between them"),
    ],
)
def test_a_consignment_bound_to_no_node_is_a_fault(folder: Path, value: str, expected: str):
    fault = the_fault(with_via(folder, value))
    assert (fault.row, fault.column) == (2, "via")
    assert expected in fault.expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('["CN-CKG"]', "nodes of nodes.csv; nearest: CN-CKG-"),
        ('["CN-CKG-HB", "CN-CKG-HB"]', "each value once"),
        ("[]", "a list with something in it"),
        ('"CN-CKG-HB"', "a list with something in it"),
        ("[7]", "ids in quotes, not 7"),
        ('["CN CKG"]', "an id of letters"),
    ],
)
def test_a_scenario_bound_to_no_node_is_a_fault(folder: Path, value: str, expected: str):
    edit(folder, "[planning]\n", f"[planning]\nvia = {value}\n")
    [fault] = faults(folder)
    assert fault.column == "planning.via"
    assert expected in fault.expected
