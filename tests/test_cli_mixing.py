"""``coldchain show mix``: every pair is judged, every refusal has its reason, a box its price."""

import json

import pytest

from coldchain.cli.exits import Exit
from coldchain.cli.mixing import LETTER, show_mix
from coldchain.compatibility import Axis
from coldchain.errors import DataError, UnknownName
from coldchain.exporters.page import WIDTH
from coldchain.tables import read_perishables

WEEK = "cherry-week"


def shown(capsys: pytest.CaptureFixture[str], *codes: str, days: float = 10.0) -> str:
    assert show_mix(WEEK, codes, days=days, as_json=False) is Exit.DONE
    return capsys.readouterr().out


def told(capsys: pytest.CaptureFixture[str], *codes: str, days: float = 10.0) -> dict:
    assert show_mix(WEEK, codes, days=days, as_json=True) is Exit.DONE
    return json.loads(capsys.readouterr().out)


def test_a_matrix_the_reasons_and_the_boxes_are_shown(capsys: pytest.CaptureFixture[str]):
    out = shown(capsys, "cherry_sweet", "apricot", "persimmon")
    assert "3 cargoes, 2 of 3 pairs may share a box" in out
    lines = [line.split() for line in out.splitlines()]
    assert ["1", "apricot", "·+E"] in lines
    assert ["2", "cherry_sweet", "+·+"] in lines
    assert ["3", "persimmon", "E+·"] in lines
    flat = " ".join(out.split())
    assert "apricot makes ethylene (M-H), persimmon is sensitive to it (H)" in flat
    assert "group chart says together (both in 1)" in flat


def test_what_the_setpoint_costs_is_told_for_each(capsys: pytest.CaptureFixture[str]):
    [box] = told(capsys, "cherry_sweet", "strawberry")["boxes"]
    cherry, strawberry = box["cargoes"]
    assert box["setpoint_c"] == read_perishables()["strawberry"].setpoint_min_c
    assert box["scenario_setpoint_c"] == 0.0
    assert strawberry["extra_d"] == pytest.approx(0.0)
    assert cherry["extra_d"] == pytest.approx(10 * (cherry["relative_rate"] - 1))
    assert cherry["relative_rate"] > 1


def test_pairs_are_told_axis_by_axis(capsys: pytest.CaptureFixture[str]):
    [pair] = told(capsys, "apple", "kiwifruit")["pairs"]
    assert not pair["allowed"]
    assert "parts per billion" in pair["why_not"]
    assert [finding["axis"] for finding in pair["findings"]] == [axis.value for axis in Axis]
    assert set(LETTER) == set(Axis)
    assert len(set(LETTER.values())) == len(LETTER)


def test_a_short_journey_is_given_more_tolerance(capsys: pytest.CaptureFixture[str]):
    assert told(capsys, "apricot", days=2.0)["tolerance_k"] == 2.0
    assert told(capsys, "apricot", days=3.0)["tolerance_k"] == 1.0


def test_without_codes_it_is_all_that_is_carried(capsys: pytest.CaptureFixture[str]):
    pairs = told(capsys)["pairs"]
    carried = {name for pair in pairs for name in pair["cargoes"]}
    assert carried == {"apricot", "cherry_sweet", "cherry_sweet/liner", "cherry_sweet/map"}
    # C-001 is in MAP, C-004 in open cartons.
    [pair] = told(capsys, "C-001", "C-004")["pairs"]
    assert pair["cargoes"] == ["apricot", "cherry_sweet/map"]
    assert pair in pairs


def test_one_alone_is_given_its_box(capsys: pytest.CaptureFixture[str]):
    out = shown(capsys, "apricot", "apricot/naked")
    assert out.startswith("apricot alone\n")
    assert "Boxes" in out


def test_the_whole_table_fits_the_page(capsys: pytest.CaptureFixture[str]):
    out = shown(capsys, *read_perishables())
    assert max(len(line.rstrip()) for line in out.splitlines()) <= WIDTH
    assert f"{len(read_perishables())} cargoes" in out


def test_a_treatment_rides_alone(capsys: pytest.CaptureFixture[str]):
    [pair] = told(capsys, "lemon/naked/cold_arrival_18d", "lemon")["pairs"]
    assert "quarantine" in pair["why_not"]


def test_what_is_no_code_is_refused():
    with pytest.raises(UnknownName, match="did you mean apricot"):
        show_mix(WEEK, ["aprikot"], days=10.0, as_json=True)
    with pytest.raises(UnknownName, match="did you mean cold_arrival_18d"):
        show_mix(WEEK, ["lemon/naked/cold_arival_18d"], days=10.0, as_json=True)
    with pytest.raises(DataError, match="apricot packed as naked or liner"):
        show_mix(WEEK, ["apricot/map"], days=10.0, as_json=True)
