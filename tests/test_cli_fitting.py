"""``coldchain fit``: the row, what is shown, and how it ends."""

import csv
import json
from pathlib import Path

import pytest
from rich.cells import cell_len
from test_cli import coldchain

from coldchain.cli.exits import Exit
from coldchain.columns import PERISHABLES
from coldchain.exporters.page import WIDTH
from coldchain.tables.cells import parse

MILK = "temperature_c,shelf_life_d,source\n2,43,Petrus 2010\n4,36,\n9,8,\n14,5,\n16,3,Petrus 2010\n"
CHERRY = "temperature_c;shelf_life_d\n0;26\n5;9.5\n10;7.4\n15;4.5\n20;3.2\n"
WILD = "temperature_c,shelf_life_d\n0,20\n5,60\n10,5\n15,40\n20,15\n"


@pytest.fixture
def lives(tmp_path: Path):
    def write(text: str, name: str = "goods.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def row_in(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        [row] = csv.DictReader(file)
    return row


def test_the_row_has_the_columns_of_perishables_and_each_cell_is_one_it_takes(
    lives, tmp_path: Path
):
    out = tmp_path / "new" / "row.csv"
    done = coldchain("fit", lives(MILK, "milk.csv"), "--out", out)
    assert done.returncode == Exit.DONE, done.stderr
    row = row_in(out)
    assert list(row) == [column.name for column in PERISHABLES.columns]
    for name, cell in row.items():
        if cell:
            parse(PERISHABLES.column(name), cell)
    assert row["commodity_id"] == "milk"
    assert row["decay_law"] == "arrhenius"
    assert row["ea_default_kj_mol"] == "127.6"
    assert (row["domain_min_c"], row["domain_max_c"]) == ("2", "18")
    assert (row["life_ref_temp_c"], row["life_typ_days"]) == ("2", "44.23")
    assert row["source"] == "Petrus 2010"
    assert row["tmin_sqrt_c"] == ""


def test_a_square_root_law_fills_its_own_columns_only(lives):
    done = coldchain("fit", lives(CHERRY), "--json")
    row = json.loads(done.stdout)["row"]
    assert row["decay_law"] == "square_root"
    assert float(row["tmin_sqrt_c"]) == pytest.approx(-11.3, abs=0.05)
    assert not {name for name in row if name.startswith("ea_")}


def test_the_screen_shows_all_forms_with_their_factors_and_fits(lives):
    done = coldchain("fit", lives(CHERRY))
    for words in ("arrhenius", "exponential", "chosen square_root", "1.28", "1.17", "Tmin -11.3"):
        assert words in done.stdout
    assert max(map(cell_len, done.stdout.splitlines())) <= WIDTH


def test_a_form_that_cannot_be_fitted_is_named(lives):
    done = coldchain("fit", lives(WILD))
    assert "square_root does not bend as these lives do." in done.stdout


def test_the_help_fits():
    done = coldchain("fit", "--help")
    assert done.returncode == Exit.DONE
    assert max(map(cell_len, done.stdout.splitlines())) <= WIDTH


def test_json_says_the_same(lives):
    fit = json.loads(coldchain("fit", lives(MILK), "--json").stdout)["fit"]
    assert fit["activation_energy_kj_mol"] == pytest.approx(127.555, abs=0.001)
    assert [c["curve"]["form"] for c in fit["candidates"]] == [
        "arrhenius",
        "exponential",
        "square_root",
    ]


def test_a_refusal_shows_the_forms_and_every_reason(lives, tmp_path: Path):
    out = tmp_path / "row.csv"
    done = coldchain("fit", lives(WILD), "--out", out)
    assert done.returncode == Exit.INPUT
    assert "arrhenius" in done.stdout
    for words in ("30 to 130", "may be anything", "factor of 2.78", "more lives are needed"):
        assert words in done.stderr
    assert not out.exists()


def test_what_is_set_aside_is_said(lives):
    text = "temperature_c,shelf_life_d\n5,3\n10,14\n15,8\n20,5\n35,1\n"
    done = coldchain("fit", lives(text), "--chill-threshold-c", "10")
    assert "1 set aside, measured below 10 °C" in done.stdout.replace("\n", " ")
    assert "1 set aside, measured above 30 °C" in done.stdout.replace("\n", " ")
    assert "chill_threshold_c 10" in done.stdout


def test_a_row_that_is_there_is_replaced_only_by_force(lives, tmp_path: Path):
    out = tmp_path / "row.csv"
    out.write_text("mine", encoding="utf-8")
    done = coldchain("fit", lives(MILK), "--out", out)
    assert done.returncode == Exit.INPUT
    assert "--force replaces it" in done.stderr
    assert out.read_text(encoding="utf-8") == "mine"
    assert coldchain("fit", lives(MILK), "--out", out, "--force").returncode == Exit.DONE
    assert row_in(out)["life_typ_days"] == "44.23"


def test_the_reference_may_be_chosen_inside_the_domain_only(lives):
    done = coldchain("fit", lives(MILK), "--reference-c", "4", "--json")
    assert json.loads(done.stdout)["row"]["life_ref_temp_c"] == "4"
    refused = coldchain("fit", lives(MILK), "--reference-c", "0")
    assert refused.returncode == Exit.INPUT
    assert "from 2 to 18 °C" in refused.stderr


def test_a_name_that_no_commodity_may_have_is_left_blank_or_refused(lives):
    done = coldchain("fit", lives(MILK, "свежее молоко.csv"), "--json")
    assert "commodity_id" not in json.loads(done.stdout)["row"]
    refused = coldchain("fit", lives(MILK), "--commodity", "-milk")
    assert refused.returncode == Exit.INPUT
    named = coldchain("fit", lives(MILK), "--commodity", "milk_raw", "--json")
    assert json.loads(named.stdout)["row"]["commodity_id"] == "milk_raw"


def test_a_source_never_becomes_a_formula(lives, tmp_path: Path):
    out = tmp_path / "row.csv"
    coldchain("fit", lives("temperature_c,shelf_life_d,source\n0,21,=1+1\n"), "--out", out)
    assert row_in(out)["source"] == "'=1+1"


def test_faults_of_the_file_end_it(lives):
    done = coldchain("fit", lives("temperature_c,shelf_life_d\n0,x\n5,y\n"))
    assert done.returncode == Exit.INPUT
    assert "2 faults" in done.stderr


def test_a_life_too_short_for_a_row_is_refused(lives):
    done = coldchain("fit", lives("temperature_c,shelf_life_d\n0,0.06\n"))
    assert done.returncode == Exit.INPUT
    assert "life_min_days" in done.stderr
    assert "from 0.1 to 3650 d" in done.stderr


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_row_is_the_same_whatever_the_spreadsheet(
    tmp_path: Path, delimiter: str, encoding: str
):
    path = tmp_path / "milk.csv"
    path.write_bytes(MILK.replace(",", delimiter).replace("\n", "\r\n").encode(encoding))
    row = json.loads(coldchain("fit", path, "--json").stdout)["row"]
    assert (row["ea_default_kj_mol"], row["source"]) == ("127.6", "Petrus 2010")


def test_force_does_not_replace_the_lives_themselves(lives):
    path = lives(MILK)
    done = coldchain("fit", path, "--out", path, "--force")
    assert done.returncode == Exit.INPUT
    assert "another file than the lives" in done.stderr
    assert path.read_text(encoding="utf-8") == MILK


def test_more_lives_than_can_be_foretold_from_each_other_are_refused_at_once(lives):
    rows = "".join(f"{i % 30},{30 - i % 30}\n" for i in range(501))
    done = coldchain("fit", lives("temperature_c,shelf_life_d\n" + rows))
    assert done.returncode == Exit.INPUT
    assert "goods.csv: at most 500 lives, not 501" in done.stderr
