"""The how-to pages, followed to the letter."""

import csv
import io
import json
import re
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from test_exporters_example import write_scenario

from coldchain.candidates import enumerate_itineraries
from coldchain.network import Trigger
from coldchain.tables import read_scenario
from coldchain.tables.grammar import parse
from coldchain.tables.statements import Statement

HOW_TO = Path(__file__).parents[1] / "docs" / "how-to"


def coldchain(*arguments: str, cwd: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "coldchain", *arguments],
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def tables_of(page: str) -> list[list[dict[str, str]]]:
    text = (HOW_TO / page).read_text(encoding="utf-8")
    return [
        list(csv.DictReader(io.StringIO(block)))
        for block in re.findall(r"```csv\n(.*?)```", text, re.DOTALL)
    ]


def edit(table: Path, rows: list[dict[str, str]], key: str) -> int:
    """Write cells into the rows of a table that have these keys, or new rows; how many."""
    with table.open(encoding="utf-8-sig", newline="") as source:
        there = {row[key]: row for row in csv.DictReader(source)}
    header = list(next(iter(there.values())))
    for row in rows:
        there.setdefault(row[key], dict.fromkeys(header, "")).update(row)
    with table.open("w", encoding="utf-8", newline="") as sink:
        writer = csv.DictWriter(sink, header)
        writer.writeheader()
        writer.writerows(there.values())
    return len(rows)


@pytest.fixture
def week(tmp_path: Path) -> Path:
    coldchain("init", "my-week", cwd=tmp_path)
    return tmp_path / "my-week"


def test_a_hub_at_almaty_and_a_service_to_it_are_two_rows(week: Path):
    nodes, services = tables_of("add-a-hub.md")
    before = read_scenario(week / "scenario.toml")
    assert edit(week / "data" / "nodes.csv", nodes, "node_id") == 1
    assert edit(week / "data" / "routes.csv", services, "service_id") == 1
    after = read_scenario(week / "scenario.toml")
    assert set(after.network.services) - set(before.network.services) == {"MY-ALM"}
    at_hub = [o for o in after.network.operations.values() if o.node == "KZ-ALA-HB"]
    assert any(o.opens_unit and o.trigger is Trigger.TRANSFER for o in at_hub)
    stores = [o.id for o in at_hub if o.trigger is Trigger.GOODS_STORAGE]
    assert stores == ["O045"], "it has a store of its own, and gets no second one"

    shown = coldchain(
        "show", "services", "--to", "KZ-ALA-HB", "--scenario", "scenario.toml", cwd=week
    )
    assert "MY-ALM" in shown

    from_khujand = [c for c in after.consignments if c.origin == "TJ-KHU-PH"]
    some = replace(after, consignments=tuple(from_khujand[:2]), max_detour=1.0)
    rides = enumerate_itineraries(some).rides
    hub = {"MY-ALM"} & {s.id for rated in rides for s in rated.ride.services}
    opened = [r for r in rides if r.ride.destination == "KZ-ALA-HB"]
    assert hub
    assert opened, "units are opened at the new hub"


def statements_of(page: str) -> list[str]:
    """Statements in the first column of a page's tables."""
    text = (HOW_TO / page).read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.*?`) \| ", text, re.MULTILINE)
    return [s.replace("\\|", "|") for row in rows for s in re.findall(r"`([^`]+)`", row)]


@pytest.mark.parametrize("statement", statements_of("change-a-scenario.md"))
def test_each_statement_of_the_page_can_be_made(statement: str):
    [told] = read_scenario("cherry-week", overrides=[statement]).overrides
    assert told.changes > 0


def test_the_page_has_every_kind_of_statement():
    kinds = {type(parse(s)) for s in statements_of("change-a-scenario.md")}
    assert kinds == set(get_args(Statement))


def test_an_earlier_plan_is_replanned_from_by_the_two_commands_of_the_page(tmp_path: Path):
    few = write_scenario(tmp_path / "few", consignments="C-025 C-033")
    page = (HOW_TO / "replan-from-an-earlier-plan.md").read_text(encoding="utf-8")
    [block] = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    commands = [shlex.split(line.replace("cherry-week", str(few))) for line in block.splitlines()]
    assert len(commands) == 2
    told = [json.loads(coldchain(*command[1:], "--json", cwd=tmp_path)) for command in commands]
    assert "warm_start" not in told[0]
    assert told[1]["warm_start"] == {"taken": ["C-025", "C-033"], "left": {}}
    for plan in ("monday", "tuesday"):
        assert coldchain("check", f"plans/{plan}", cwd=tmp_path).strip() == "no rule broken"
