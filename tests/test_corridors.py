"""The corridors from Khujand to Chongqing side by side, as reported and as a planner asks."""

import json
import subprocess
import sys

import pytest
from conftest import utc

from coldchain.cli.places import ENDS, STARTS, end_of
from coldchain.corridors import Corridors, corridors
from coldchain.errors import UnknownName
from coldchain.goods import Packaging
from coldchain.network import Mode
from coldchain.scenario import Scenario
from coldchain.tables import read_network


@pytest.fixture(scope="module")
def found(cherry_week: Scenario) -> Corridors:
    return corridors(
        cherry_week,
        "TJ-KHU-PH",
        "CN-CKG-HB",
        commodity="cherry_sweet",
        packaging=Packaging.MAP,
        retail_c=5.0,
        first_ready_at=utc("24 03:00"),
        trials=400,
    )


def test_all_figures_hang_together(found: Corridors):
    assert len(found.found) > 10
    for f in found.found:
        assert 0 < f.days[0] <= f.days[1] <= f.days[2]
        assert f.left_d[0] <= f.left_d[1] <= f.left_d[2]
        assert f.usd_per_kg * found.consignment.net_kg == pytest.approx(f.charges.total)
        assert f.charges.packaging == f.charges.freshness == f.charges.unserved == 0.0
        assert len(f.trials.hours) + f.trials.stranded == 400
    assert [f.usd_per_kg for f in found.found] == sorted(f.usd_per_kg for f in found.found)


def test_who_is_slower_and_dearer_at_the_same_entry_is_left_out(found: Corridors):
    for f in found.found:
        for other in found.found:
            if other is not f and other.corridor.crossings[-1:] == f.corridor.crossings[-1:]:
                assert (
                    other.course.usd_per_kg > f.course.usd_per_kg
                    or other.days[1] > f.days[1]
                    or other.course.usd_per_kg == f.course.usd_per_kg
                )
    kept = {f.corridor for f in found.found}
    assert kept.isdisjoint(course.corridor for course in found.beaten)


def test_air_is_fast_and_dear_rail_slow_and_cheap(found: Corridors):
    def modes(f) -> set[Mode]:
        return {service.mode for service in f.course.services}

    fastest = min(found.found, key=lambda f: f.days[1])
    assert Mode.AIR in modes(fastest)
    assert Mode.RAIL in modes(found.found[0])
    assert fastest.usd_per_kg > 3 * found.found[0].usd_per_kg
    assert fastest.left_d[1] > found.found[0].left_d[1]


def test_where_cherries_are_not_known_to_be_let_in_is_told(found: Corridors):
    """Corridors are compared all the same: a planner who asks for entry wants to know what for."""
    doubted = {e.node for f in found.found for e in f.kept_out}
    assert doubted == {"CN-KAS-BX", "CN-TOR-BX", "CN-ALX-BX"}
    for f in found.found:
        last = f.corridor.crossings[-1][2]
        assert [e.node for e in f.kept_out] == ([last] if last in doubted else [])


def test_a_town_is_the_packhouse_goods_start_at_and_the_hub_they_go_to():
    network = read_network()
    assert end_of(network, "KHUJAND", kinds=STARTS).id == "TJ-KHU-PH"
    assert end_of(network, "Chongqing", kinds=ENDS).id == "CN-CKG-HB"
    assert end_of(network, "shanghai", kinds=ENDS).id == "CN-SHA-CT"
    assert end_of(network, "CN-CKG-CT", kinds=ENDS).id == "CN-CKG-CT"
    with pytest.raises(UnknownName, match="TJ-KHU-PH"):
        end_of(network, "TJ-KHU-PX", kinds=STARTS)


def show(*arguments: str):
    return subprocess.run(
        [sys.executable, "-m", "coldchain", "show", "corridor", *arguments],
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=240,
    )


def test_a_planner_is_shown_the_corridors():
    shown = show("KHUJAND", "CHONGQING", "--trials", "100", "--days", "7", "--json")
    assert shown.returncode == 0, shown.stderr
    document = json.loads(shown.stdout)
    assert {c["crossings"][-1]["at"] for c in document["corridors"]} >= {
        "CN-IRK-BX",
        "CN-KHR-BR",
        "CN-URC-AP",
    }
    doubts = [e["at"] for c in document["corridors"] for e in c["kept_out"]]
    assert "CN-KAS-BX" in doubts
    assert "CN-IRK-BX" not in doubts
    page = show("KHUJAND", "CHONGQING", "--trials", "100", "--days", "7")
    assert page.returncode == 0
    words = " ".join(page.stdout.split())
    # One note for all places of which the same is to be said.
    assert words.count("Sweet cherry is not confirmed") == 1
    assert "China at CN-KAS-BX (E012)" in words
    assert words.count("Irkeshtam (CN-IRK-BX) 5") == 1
    capped = {
        (one["at"], one["units_per_day"]) for c in document["corridors"] for one in c["capped"]
    }
    assert ("CN-IRK-BX", 5) in capped
    assert "from Khujand (TJ-KHU-PH) to Chongqing (CN-CKG-HB)" in page.stdout


def test_an_end_that_is_nowhere_is_told():
    shown = show("KHUJAND", "ATLANTIS")
    assert shown.returncode == 2
    assert "ATLANTIS" in shown.stderr
