"""``coldchain show itinerary``: a consignment's clock, and what it waits for."""

import json
from pathlib import Path

import pytest
from rich.cells import cell_len
from test_cli import coldchain
from test_exporters_example import example_plan

from coldchain.cli.exits import Exit
from coldchain.exporters.page import WIDTH
from coldchain.plan_folder import write_plan


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("plans") / "plan"
    write_plan(example_plan(), place)
    return place


def test_every_step_is_told_with_what_is_waited_for(folder: Path):
    done = coldchain("show", "itinerary", folder, "C-1")
    assert done.returncode == Exit.DONE, done.stderr
    lines = done.stdout.splitlines()
    assert max(map(cell_len, lines)) <= WIDTH
    assert "C-1, step by step (local times)" in lines[0]
    text = " ".join(done.stdout.split())
    assert "wait: cut-off of T1" in text
    assert "wait: for departure R1" in text
    assert "train R1 to CITY" in text


def test_json_holds_every_step_on_local_clocks(folder: Path):
    done = coldchain("show", "itinerary", folder, "C-1", "--json")
    told = json.loads(done.stdout)
    itinerary = next(i for i in example_plan().itineraries if i.consignment == "C-1")
    assert len(told["steps"]) == len(itinerary.steps)
    assert told["refusal"] is None
    waits = [step for step in told["steps"] if step["kind"] == "wait"]
    assert all(step["waits_for"] for step in waits)
    assert all(not step["waits_for"] for step in told["steps"] if step["kind"] != "wait")
    last = told["steps"][-1]
    assert last["ends_at"] == "2027-05-29T01:00+08:00"


def test_who_stays_behind_has_a_reason_and_no_steps(folder: Path):
    done = coldchain("show", "itinerary", folder, "C-4")
    assert done.returncode == Exit.DONE
    assert "NOT_FRESH" in done.stdout
    told = json.loads(coldchain("show", "itinerary", folder, "C-4", "--json").stdout)
    assert told["steps"] == []
    assert "NOT_FRESH" in told["refusal"]


def test_an_unknown_consignment_is_named_with_its_neighbours(folder: Path):
    done = coldchain("show", "itinerary", folder, "C-9")
    assert done.returncode == Exit.INPUT
    assert "did you mean C-4" in done.stderr
