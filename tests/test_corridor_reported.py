"""What is reported of the corridor: each figure is asked for, and every miss says why."""

import csv
import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from coldchain.errors import DataError
from coldchain.measures import Measured
from coldchain.scenario import Scenario

CHECKOUT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def bench() -> dict[str, Any]:
    return runpy.run_path(str(CHECKOUT / "benchmarks" / "corridor.py"))


@pytest.fixture(scope="module")
def compared(bench: dict[str, Any], cherry_week: Scenario) -> list[Any]:
    measures = bench["measures_of"](cherry_week, trials=bench["TRIALS"])
    return bench["compare"](bench["read_figures"](), measures)


def test_every_figure_is_asked_for(bench: dict[str, Any], compared: list[Any]):
    assert len(compared) == len(bench["read_figures"]()) > 140
    for c in compared:
        assert c.measured.p10 <= c.measured.p50 <= c.measured.p90 < float("inf")
        assert c.value > 0, c.figure.figure_id


def test_every_miss_says_why(compared: list[Any]):
    silent = [c.figure.figure_id for c in compared if not c.within and not c.figure.reason]
    assert not silent, "give a reason in corridor_reported.csv, or mend the tables"


def test_what_the_corridor_is_known_by_is_within(compared: list[Any]):
    """Of what nothing in the tables was set to: trains joined at the border, flights, corridors."""
    within = {c.figure.figure_id for c in compared if c.within}
    assert {"ckg-tas-chain", "tas-ckg-chain", "lzh-tas-d", "air-tj-urc-d"} <= within
    corridors = [c for c in compared if c.figure.section == "Corridors Khujand–Chongqing"]
    assert len(corridors) == 42
    assert sum(c.within for c in corridors) >= 38


@pytest.fixture
def figure(bench: dict[str, Any]) -> Any:
    return replace(bench["read_figures"]()[0], low=10.0, high=10.0, statistic="p50", reason="")


@pytest.mark.parametrize(
    ("low", "high", "value", "within"),
    [
        (10, 10, 8.4, True),
        (10, 10, 8.3, False),
        (10, 10, 11.9, True),
        (10, 10, 12.1, False),
        (9, 11, 11, True),
        (9, 11, 11.1, False),
        (9, 11, 8.9, False),
        (9, float("inf"), 1e6, True),
        (0, 11, 0.1, True),
    ],
)
def test_a_range_is_taken_as_it_is_and_one_number_within_a_fifth(
    figure: Any, low: float, high: float, value: float, within: bool
):
    assert replace(figure, low=low, high=high).reached_by(value) is within


def test_a_reason_belongs_to_a_miss_and_to_nothing_else(bench: dict[str, Any], figure: Any):
    def complaint(value: float, reason: str) -> str:
        measured = Measured(p10=value, p50=value, p90=value, mean=value)
        found = bench["Compared"](figure=replace(figure, reason=reason), measured=measured)
        return found.complaint

    assert complaint(10, "") == complaint(20, "another year") == ""
    assert complaint(20, "") == "a miss without a reason"
    assert complaint(10, "another year") == "a reason stands beside a hit"


def test_the_statistic_that_is_reported_is_compared(bench: dict[str, Any], figure: Any):
    measured = Measured(p10=1, p50=2, p90=10, mean=3)
    found = bench["Compared"](figure=replace(figure, statistic="p90"), measured=measured)
    assert (found.value, found.within) == (10, True)
    assert not replace(found, figure=replace(figure, statistic="mean")).within


def test_all_bad_cells_are_told_with_their_place(bench: dict[str, Any], tmp_path: Path):
    good = dict.fromkeys(bench["COLUMNS"], "x") | {
        "kind": "reported",
        "basis": "input",
        "statistic": "mean",
        "low": "1",
        "high": "",
    }
    rows = [
        good,
        good | {"figure_id": "y", "kind": "rumoured", "low": "2", "high": "1"},
        good | {"figure_id": "x", "basis": "", "statistic": "p5", "low": "-1", "source": ""},
        good | {"figure_id": "z", "low": "", "high": ""},
    ]
    path = tmp_path / "corridor_reported.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, bench["COLUMNS"])
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(DataError) as refused:
        bench["read_figures"](path)
    assert {(f.row, f.column) for f in refused.value.faults} == {
        (3, "kind"),
        (3, "high"),
        (4, "figure_id"),
        (4, "basis"),
        (4, "statistic"),
        (4, "low"),
        (4, "source"),
        (5, "high"),
    }


def test_a_selector_that_leads_nowhere_is_told_with_its_row(
    bench: dict[str, Any], figure: Any, cherry_week: Scenario
):
    measures = bench["measures_of"](cherry_week, trials=10)
    bad = replace(figure, row=7, selector="service L999 days")
    with pytest.raises(DataError, match=r"corridor_reported\.csv:7: selector"):
        bench["compare"]([bad], measures)


def test_the_page_says_how_it_is_made_and_holds_every_section(bench: dict[str, Any]):
    page = (CHECKOUT / "docs" / "corridor.md").read_text(encoding="utf-8")
    assert "python benchmarks/corridor.py --markdown" in page
    for section in {f.section for f in bench["read_figures"]()}:
        assert f"### {section}\n" in page
    assert "$" not in page
