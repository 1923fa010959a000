import contextlib
import csv
import json
import os
import pty
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len
from test_exporters_example import write_scenario

from coldchain import __version__
from coldchain.cli.exits import Exit, code_of, words_of
from coldchain.cli.progress import words_of as progress_words
from coldchain.errors import AuditFailure, NoPlanFound, SolverFailed
from coldchain.exporters.page import WIDTH
from coldchain.exporters.wording import PACKED
from coldchain.goods import Packaging
from coldchain.selection import Progress
from coldchain.tables import data_folder, read_scenario

ROOT = Path(__file__).resolve().parents[1]


def environment(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "FORCE_COLOR", "NO_COLOR")}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **more}


def coldchain(*arguments: object, cwd: Path | None = None, **more: str):
    return subprocess.run(
        [sys.executable, "-m", "coldchain", *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        cwd=cwd,
        env=environment(**more),
        timeout=240,
        check=False,
    )


def edit_consignments(folder: Path, column: str, value: str, *, row: int = 0) -> None:
    table = folder / "consignments.csv"
    with table.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    rows[row][column] = value
    with table.open("w", encoding="utf-8", newline="") as sink:
        writer = csv.DictWriter(sink, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scenario file of two consignments, both served."""
    return write_scenario(tmp_path_factory.mktemp("made") / "mine", consignments="C-013 C-025")


@pytest.fixture(scope="module")
def planned(scenario: Path, tmp_path_factory: pytest.TempPathFactory):
    """A plan folder and how planning it went."""
    folder = tmp_path_factory.mktemp("plans") / "plan"
    return folder, coldchain("plan", scenario, "--out", folder)


@pytest.fixture
def plan(planned, tmp_path: Path) -> Path:
    """A plan folder of one's own."""
    return Path(shutil.copytree(planned[0], tmp_path / "plan"))


# ---------------------------------------------------------------- help and versions


def test_help_is_quick_because_it_imports_nothing_heavy():
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "coldchain", "--help"],
        capture_output=True,
        encoding="utf-8",
        env=environment(),
        check=True,
        timeout=60,
    )
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "typer" in imported
    for heavy in ("pandas", "numpy", "ortools", "networkx", "rich", "matplotlib", "pydantic"):
        assert not {name for name in imported if name.split(".")[0] == heavy}
    assert "plan" in done.stdout
    assert "Exit codes" in done.stdout


def test_the_version_is_that_of_the_package():
    assert coldchain("--version").stdout == f"coldchain {__version__}\n"


def test_a_checkout_has_a_launcher():
    launched = subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), "--help"],
        capture_output=True,
        encoding="utf-8",
        env=environment(PYTHONPATH=""),
        check=True,
        timeout=60,
    )
    assert launched.stdout == coldchain("--help").stdout


@pytest.mark.parametrize(
    "command",
    [
        *("plan", "check", "export", "init", "show", "show way", "show commodity"),
        *("show node", "show service", "show border"),
    ],
)
def test_every_command_has_a_help_that_fits(command: str):
    done = coldchain(*command.split(), "--help")
    assert done.returncode == Exit.DONE
    assert max(map(cell_len, done.stdout.splitlines())) <= WIDTH


def test_without_a_command_the_help_is_shown():
    done = coldchain()
    assert done.returncode == Exit.INPUT
    assert "Commands:" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("coldchain ", "plan"),
        ("coldchain show ", "consignments"),
        ("coldchain plan ", "cherry-week"),
    ],
)
def test_a_shell_is_told_how_to_go_on(words: str, offered: str):
    done = coldchain(
        _COLDCHAIN_COMPLETE="complete_bash",
        COMP_WORDS=words,
        COMP_CWORD=str(len(words.split())),
    )
    assert offered in done.stdout.split()


# ---------------------------------------------------------------- plan


def test_a_plan_that_serves_everybody_is_done(planned):
    folder, done = planned
    assert done.returncode == Exit.DONE, done.stderr
    summary = (folder / "summary.txt").read_text(encoding="utf-8")
    assert [line.rstrip() for line in done.stdout.splitlines()] == summary.splitlines()
    assert f"written to {folder}" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(os.listdir(folder)) == [
        "bookings.csv",
        "certificate.json",
        "charters.csv",
        "consignments.csv",
        "load-list.csv",
        "plan.json",
        "summary.txt",
    ]


def test_output_fits_its_width(planned):
    assert max(map(cell_len, planned[1].stdout.splitlines())) <= WIDTH


def test_the_default_folder_is_called_after_the_scenario(scenario: Path, tmp_path: Path):
    done = coldchain("plan", scenario, "--quiet", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (Exit.DONE, "", "")
    assert (tmp_path / "plans" / "mine" / "plan.json").exists()


def test_a_scenario_without_consignments_is_not_planned(tmp_path: Path):
    given = write_scenario(tmp_path / "mine", consignments="none of them")
    done = coldchain("plan", given, "--out", tmp_path / "plan")
    assert (done.returncode, done.stdout) == (Exit.INPUT, "")
    assert "no consignments" in done.stderr
    assert os.listdir(tmp_path) == ["mine"]


def test_goods_that_stay_behind_are_an_exit_code(tmp_path: Path):
    given = write_scenario(tmp_path / "mine", consignments="C-013 C-025")
    edit_consignments(tmp_path / "mine", "due_local", "2027-05-26T06:00")
    done = coldchain("plan", given, "--out", tmp_path / "plan", "--json")
    assert done.returncode == Exit.UNSERVED, done.stderr
    document = json.loads(done.stdout)
    assert document["folder"] == str(tmp_path / "plan")
    (left,) = document["summary"]["unserved"]
    assert (left["consignment"], left["reason"]) == ("C-013", "TOO_LATE")
    again = coldchain("plan", given, "--out", tmp_path / "plan", "--force", "--allow-unserved")
    assert again.returncode == Exit.DONE
    assert "TOO_LATE" in again.stdout


def test_two_runs_hand_over_the_same_files(planned, scenario: Path, tmp_path: Path):
    coldchain("plan", scenario, "--out", tmp_path / "again", "--quiet")
    for name in ("bookings.csv", "load-list.csv", "consignments.csv"):
        assert (tmp_path / "again" / name).read_bytes() == (planned[0] / name).read_bytes()


def test_a_plan_in_the_way_is_told_before_the_work(planned, scenario: Path):
    before = (planned[0] / "plan.json").read_bytes()
    done = coldchain("plan", scenario, "--out", planned[0])
    assert (done.returncode, done.stdout) == (Exit.INPUT, "")
    assert done.stderr == f"coldchain: {planned[0]}: already there; --force replaces it\n"
    assert (planned[0] / "plan.json").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["plan", "chery-week"], "no scenario is called 'chery-week'; did you mean cherry-week, "),
        (["plan", "--engine", "high", "--out", "x"], "no engine is called 'high'"),
        (["plan", "none/such.toml"], "such.toml"),
        (["plan", "--seconds", "0"], "0"),
        (["plan", "--seconds", "nan"], "--seconds"),
        (["plan", "--seconds", "inf"], "finite"),
        (["plan", "--gap", "2"], "2 is not a number from 0 to 1"),
        (["plan", "--gap", "nan"], "finite"),
        (["plan", "--seconds", "0.01"], "0.01 is not a number of at least 0.1"),
        (["show", "way", "TJ-KHU-PH", "CN-SHA-CT", "--days", "nan"], "finite"),
        (["plan", "--threads", "many"], "--threads"),
        (["plan", "--sed", "1"], "--sed"),
        (["plna"], "plna"),
        (["check", "none/such"], "there is no such file"),
        (["check", "file"], "not a plan.json"),
        (["export", "none/such", "--to", "pdf"], "no exporter is called 'pdf'"),
        (["export", "none/such"], "--to"),
        (["show", "services", "--from", "TJ-KHU-P"], "did you mean TJ-KHU-PH"),
        (["show", "way", "TJ-KHU-PH", "CN-SHA-C"], "did you mean"),
        (["show", "way", "TJ-KHU-PH", "chongqing"], "nodes there are CN-CKG-CT, CN-CKG-HB"),
        (["show", "services", "--to", "Chongqing"], "coldchain show network"),
        (["show", "way", "TJ-KHU-PH", "TJ-KHU-PH"], "they are one place"),
        (["show", "way", "TJ-KHU-PH", "CN-SHA-CT", "--ready", "24.05.2027"], "2027-05-24T08:00"),
        (["show", "way", "TJ-KHU-PH", "CN-SHA-CT", "--ready", "9999-12-31T23:59"], "to 2099-12-31"),
        (["show", "way", "TJ-KHU-PH", "CN-SHA-CT", "--commodity", "chery"], "chery"),
        (["show", "commodity", "chery"], "no commodity is called 'chery'"),
        (["show", "way", "TJ-KHU-PH", "CN-SHA-CT", "--packaging", "box"], "naked, liner"),
        (["init", "."], "not empty"),
    ],
)
def test_a_mistake_is_told_in_a_line_on_stderr(arguments: list[str], words: str, tmp_path: Path):
    (tmp_path / "file").write_text("")
    done = coldchain(*arguments, cwd=tmp_path)
    assert done.returncode == Exit.INPUT
    assert done.stdout == ""
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert os.listdir(tmp_path) == ["file"]


def test_all_bad_cells_are_told_with_their_places(tmp_path: Path):
    given = write_scenario(tmp_path / "mine", consignments="C-013 C-025")
    edit_consignments(tmp_path / "mine", "net_kg", "9 000")
    edit_consignments(tmp_path / "mine", "commodity", "apricott", row=1)
    done = coldchain("plan", given, "--out", tmp_path / "plan")
    assert done.returncode == Exit.INPUT
    assert re.search(r"consignments\.csv:2: net_kg = '9 000'", done.stderr)
    assert re.search(r"consignments\.csv:3: commodity = 'apricott'", done.stderr)
    assert not (tmp_path / "plan").exists()


def test_debug_shows_where(tmp_path: Path):
    done = coldchain("check", tmp_path, "--debug")
    assert done.returncode == Exit.INPUT
    assert "Traceback" in done.stderr


def test_a_place_that_cannot_be_written_to_is_told(scenario: Path):
    done = coldchain("plan", scenario, "--out", "/proc/plan")
    assert (done.returncode, done.stdout) == (Exit.INPUT, "")
    *before, last = done.stderr.splitlines()
    assert last.startswith("coldchain: /proc/plan: no plan can be written there")
    assert len(before) <= 1  # the reading, and no search


def test_a_starter_names_the_folder_that_cannot_be_made():
    done = coldchain("init", "/proc/mine")
    assert (done.returncode, done.stdout) == (Exit.INPUT, "")
    assert done.stderr == "coldchain: /proc/mine: No such file or directory\n"


def test_a_terminal_of_few_letters_shows_marks(planned):
    done = coldchain("show", "commodities", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == Exit.DONE, done.stderr
    assert "Sweet cherry" in done.stdout


def test_a_full_disk_under_the_output_is_told():
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "coldchain", "show", "consignments"],
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=environment(),
            check=False,
            timeout=60,
        )
    assert done.returncode == Exit.INPUT
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


# ---------------------------------------------------------------- interrupts


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scenario that is quickly enumerated and takes an engine more than a minute."""
    folder = tmp_path_factory.mktemp("hard") / "mine"
    given = write_scenario(folder, consignments="C-025")
    table = folder / "consignments.csv"
    with table.open(encoding="utf-8", newline="") as source:
        (model,) = csv.DictReader(source)
    rng = random.Random(3)
    with table.open("w", encoding="utf-8", newline="") as sink:
        writer = csv.DictWriter(sink, list(model))
        writer.writeheader()
        for number in range(60):
            pallets = rng.randint(1, 15)
            net_kg = pallets * 700 + rng.randint(0, 50)
            writer.writerow(
                {
                    **model,
                    "consignment_id": f"H-{number:02}",
                    "origin": rng.choice(["TJ-KON-PH", "TJ-ISF-PH", "TJ-KHU-PH"]),
                    "pallets": pallets,
                    "net_kg": net_kg,
                    "gross_kg": round(net_kg * 1.08),
                    "ready_local": f"2027-05-{24 + number % 5}T{6 + number % 12:02}:00",
                }
            )
    return given


def start(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "coldchain", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment(),
        start_new_session=True,
    )


def press_ctrl_c(running: subprocess.Popen[str]) -> None:
    """A terminal interrupts the whole group: the solver's process too."""
    os.killpg(running.pid, signal.SIGINT)


@pytest.mark.parametrize(
    "stop",
    [
        press_ctrl_c,
        lambda running: running.send_signal(signal.SIGINT),
        lambda running: running.send_signal(signal.SIGTERM),
    ],
    ids=["ctrl-c", "SIGINT", "SIGTERM"],
)
def test_an_interrupted_engine_leaves_its_best_plan(
    hard: Path, tmp_path: Path, stop: Callable[[subprocess.Popen[str]], None]
):
    place = tmp_path / "plan"
    running = start("plan", hard, "--out", place, "--gap", "0", "--seconds", "200")
    watchdog = threading.Timer(180, running.kill)
    watchdog.start()
    assert running.stderr is not None
    said: list[str] = []
    for line in running.stderr:
        said.append(line)
        if "integer program" in line:
            break
    stop(running)
    out, err = running.communicate()
    watchdog.cancel()
    assert running.returncode == Exit.INTERRUPTED, "".join(said) + err
    assert "Traceback" not in err
    assert "interrupted: this is the best plan so far" in err
    assert "Proof: interrupted" in out
    document = json.loads((place / "plan.json").read_text(encoding="utf-8"))
    assert document["proof"]["status"] == "interrupted"
    checked = coldchain("check", place)
    assert (checked.returncode, checked.stdout.strip()) == (Exit.DONE, "no rule broken")


def test_an_interrupt_before_there_is_a_plan_writes_nothing(tmp_path: Path):
    running = start("plan", "--out", tmp_path / "plan", "--seconds", "60", "--engine", "greedy")
    assert running.stderr is not None
    watchdog = threading.Timer(180, running.kill)
    watchdog.start()
    first = running.stderr.readline()
    running.send_signal(signal.SIGINT)
    out, err = running.communicate()
    watchdog.cancel()
    assert running.returncode == Exit.INTERRUPTED, first + err
    assert "Traceback" not in err
    if not (tmp_path / "plan").exists():  # a quick machine may have had a plan by then
        assert out == ""
        assert "interrupted; nothing was written" in err
        assert os.listdir(tmp_path) == []


# ---------------------------------------------------------------- check and export


def test_a_good_plan_breaks_no_rule(plan: Path):
    done = coldchain("check", plan)
    assert (done.returncode, done.stdout, done.stderr) == (Exit.DONE, "no rule broken\n", "")
    document = json.loads(coldchain("check", plan / "plan.json", "--json").stdout)
    assert document["violations"] == []


def test_a_bound_is_worked_out_again(plan: Path):
    done = coldchain("check", plan, "--certificate")
    assert (done.returncode, done.stderr) == (Exit.DONE, "")
    for words in ("no rule broken", "Certified bound", "Certified gap", "transport bill", "search"):
        assert words in done.stdout
    assert max(map(cell_len, done.stdout.splitlines())) <= WIDTH
    told = json.loads(coldchain("check", plan, "--certificate", "--json").stdout)
    figures = told["certificate"]
    assert told["violations"] == []
    assert figures["certified_bound_usd"] <= figures["claimed_bound_usd"] <= figures["cost_usd"]


def test_a_solver_s_word_beyond_the_certificate_is_called_that(plan: Path):
    """Two consignments are left to the solver at once: what it proves no multipliers do."""
    figures = json.loads(coldchain("check", plan, "--certificate", "--json").stdout)["certificate"]
    done = coldchain("check", plan, "--certificate")
    assert figures["claim_beyond_certificate"] == ("which no certificate backs" in done.stdout)


def test_a_certificate_raised_is_told(plan: Path):
    file = plan / "certificate.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    document["bound"] += 10**9
    file.write_text(json.dumps(document), encoding="utf-8")
    done = coldchain("check", plan, "--certificate")
    assert (done.returncode, done.stderr) == (Exit.FAILED, "")
    assert "certificate_bound" in done.stdout
    assert coldchain("check", plan).returncode == Exit.DONE


@pytest.mark.parametrize(("cut", "words"), [(True, "no JSON"), (False, "without a certificate")])
def test_a_certificate_that_is_cut_or_missing_is_told(plan: Path, cut: bool, words: str):
    file = plan / "certificate.json"
    if cut:
        file.write_bytes(file.read_bytes()[:-9])
    else:
        file.unlink()
    done = coldchain("check", plan, "--certificate")
    assert (done.returncode, done.stdout) == (Exit.INPUT, "")
    assert "certificate.json" in done.stderr
    assert words in done.stderr


@pytest.fixture
def broken(plan: Path) -> Path:
    """A plan whose first load unit holds a pallet more than there are."""
    document = json.loads((plan / "plan.json").read_text(encoding="utf-8"))
    document["load_units"][0]["contents"][0][1] += 1
    (plan / "plan.json").write_text(json.dumps(document), encoding="utf-8")
    return plan


def test_a_plan_that_breaks_a_rule_is_told(broken: Path):
    done = coldchain("check", broken)
    assert (done.returncode, done.stderr) == (Exit.FAILED, "")
    assert "pallets_stowed" in done.stdout
    assert max(map(cell_len, done.stdout.splitlines())) <= WIDTH
    told = coldchain("check", broken, "--json")
    assert told.returncode == Exit.FAILED
    assert "pallets_stowed" in {v["rule"] for v in json.loads(told.stdout)["violations"]}


def test_a_plan_that_breaks_a_rule_is_handed_to_nobody(broken: Path, tmp_path: Path):
    done = coldchain("export", broken, "--to", "all", "--out", tmp_path / "out")
    assert done.returncode == Exit.FAILED
    assert not (tmp_path / "out").exists()


def test_exports_are_those_of_the_folder(plan: Path, tmp_path: Path):
    out = tmp_path / "out"
    done = coldchain("export", plan, "--to", "forwarder", "--to", "summary", "--out", out, "--json")
    assert done.returncode == Exit.DONE, done.stderr
    files = ["bookings.csv", "load-list.csv", "charters.csv", "summary.txt"]
    assert json.loads(done.stdout) == {"files": [str(out / name) for name in files]}
    for name in files:
        assert (out / name).read_bytes() == (plan / name).read_bytes()


def test_an_export_replaces_nothing_unasked(plan: Path):
    (plan / "bookings.csv").write_text("notes of mine")
    done = coldchain("export", plan, "--to", "all")
    assert done.returncode == Exit.INPUT
    assert (plan / "bookings.csv").read_text() == "notes of mine"
    assert coldchain("export", plan, "--to", "bookings", "--force").returncode == Exit.DONE
    assert (plan / "bookings.csv").read_bytes().startswith(b"\xef\xbb\xbfload_unit,")


# ---------------------------------------------------------------- init and show


def test_a_starter_can_be_shown_and_says_how_to_go_on(tmp_path: Path):
    done = coldchain("init", "mine", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (Exit.DONE, "")
    assert "coldchain plan mine/scenario.toml" in done.stdout
    assert sorted(os.listdir(tmp_path)) == ["mine"]
    assert sorted(os.listdir(tmp_path / "mine")) == [
        "README.md",
        "consignments.csv",
        "data",
        "scenario.toml",
    ]
    mine = coldchain("show", "consignments", "-s", "mine/scenario.toml", "--json", cwd=tmp_path)
    model = coldchain("show", "consignments", "--json")
    assert json.loads(mine.stdout) == json.loads(model.stdout)


def test_a_starter_has_every_table_and_says_what_each_is(tmp_path: Path):
    assert coldchain("init", "my week", cwd=tmp_path).returncode == Exit.DONE
    mine = tmp_path / "my week"
    tables = sorted(path.name for path in data_folder().glob("*.csv"))
    assert sorted(os.listdir(mine / "data")) == tables
    notes = (mine / "README.md").read_text(encoding="utf-8")
    assert [name for name in tables if f"| `{name}` |" not in notes] == []
    assert 'coldchain plan "my week/scenario.toml"' in notes


def test_a_starter_shows_the_keys_that_need_not_be_stated(tmp_path: Path):
    assert coldchain("init", "mine", cwd=tmp_path).returncode == Exit.DONE
    file = tmp_path / "mine" / "scenario.toml"
    text = file.read_text(encoding="utf-8")
    assert max(len(line) for line in text.splitlines() if line.startswith("#")) <= 100
    plain = read_scenario(file)
    stated = re.sub(r"(?m)^# (\w+ = )", r"\1", text)
    assert stated != text
    file.write_text(stated, encoding="utf-8")
    given = read_scenario(file)
    assert (given.via, given.unconfirmed) == (("CN-CKG-HB",), "assume")
    assert given.prices == plain.prices


@pytest.mark.parametrize(("folder", "name"), [("my-week", "my-week"), ("my week", "scenario")])
def test_a_starter_is_called_after_its_folder(tmp_path: Path, folder: str, name: str):
    assert coldchain("init", folder, cwd=tmp_path).returncode == Exit.DONE
    assert f'name = "{name}"' in (tmp_path / folder / "scenario.toml").read_text(encoding="utf-8")
    shown = coldchain("show", "consignments", "-s", f"{folder}/scenario.toml", cwd=tmp_path)
    assert shown.returncode == Exit.DONE


def test_a_starter_goes_into_an_empty_folder_but_not_over_anything(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    assert coldchain("init", tmp_path / "empty").returncode == Exit.DONE
    before = sorted(path.name for path in (tmp_path / "empty").rglob("*"))
    done = coldchain("init", tmp_path / "empty")
    assert done.returncode == Exit.INPUT
    assert sorted(path.name for path in (tmp_path / "empty").rglob("*")) == before


@pytest.mark.parametrize(
    ("what", "last"),
    [
        ("network", "leave"),
        ("services", "status"),
        ("commodities", "consigned"),
        ("consignments", "days left"),
    ],
)
def test_what_is_shown_fits_and_is_json_on_demand(what: str, last: str):
    done = coldchain("show", what)
    assert (done.returncode, done.stderr) == (Exit.DONE, "")
    assert done.stdout.splitlines()[1].rstrip().endswith(last) or f"{last}\n" in done.stdout
    assert max(map(cell_len, done.stdout.splitlines())) <= WIDTH
    document = json.loads(coldchain("show", what, "--json").stdout)
    assert len(document["nodes" if what == "network" else what]) > 10


def test_a_commodity_is_shown_with_all_that_is_known_of_it():
    done = coldchain("show", "commodity", "cherry_sweet")
    assert (done.returncode, done.stderr) == (Exit.DONE, "")
    assert max(map(cell_len, done.stdout.splitlines())) <= WIDTH
    known = next(
        goods
        for goods in json.loads(coldchain("show", "commodities", "--json").stdout)["commodities"]
        if goods["code"] == "cherry_sweet"
    )
    days = " / ".join(f"{known[f'life_{which}_d']:g}" for which in ("min", "typ", "max"))
    low, high = (known[f"activation_energy_{end}_kj_mol"] for end in ("low", "high"))
    for words in (
        f"{days} days at {known['life_ref_c']:g} °C",
        f"{known['activation_energy_kj_mol']:g} ({low:g} to {high:g}) kJ/mol",
        f"holds from {known['domain_min_c']:g} to {known['domain_max_c']:g} °C",
        f"freezes at   {known['freezing_c']:g} °C",
        f"may lose {known['max_weight_loss_pct']:g}% of its weight",
        f"{known['map_life_factor']:g} ({known['map_life_factor_low']:g} to",
        known["source"].split(";")[0],
    ):
        assert words in done.stdout


def test_what_a_row_left_blank_is_told_as_assumed(tmp_path: Path):
    given = write_scenario(tmp_path / "mine", consignments="C-013")
    table = tmp_path / "mine" / "data" / "perishables.csv"
    with table.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    for row in rows:
        if row["commodity_id"] == "cherry_sweet":
            row |= {"ea_default_kj_mol": "", "ea_low_kj_mol": "", "ea_high_kj_mol": ""}
    with table.open("w", encoding="utf-8", newline="") as sink:
        writer = csv.DictWriter(sink, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    done = coldchain("show", "commodity", "cherry_sweet", "-s", given)
    assert done.returncode == Exit.DONE, done.stderr
    assert re.search(r"Assumed, as its row is blank there: .*65", done.stdout)


def test_goods_keep_longest_in_the_coldest_air_that_does_not_chill_them():
    told = json.loads(coldchain("show", "commodity", "cucumber", "--json").stdout)
    kept = {(k["temperature_c"], k["packaging"]): k for k in told["keeps"]}
    assert {k["limited_by"] for k in kept.values() if k["temperature_c"] < 10} == {
        "chilling injury"
    }
    days = [kept[t, "naked"]["p50_d"] for t in (5.0, 10.0, 20.0)]
    assert max(days) == days[1]
    for k in kept.values():
        assert 0 < k["p10_d"] <= k["at_confidence_d"] <= k["p50_d"] <= k["p90_d"]
    assert {k["packaging"] for k in kept.values()} == {"naked", "liner"}  # nothing known in MAP


def test_services_can_be_asked_for_by_their_ends():
    done = coldchain("show", "services", "--from", "CN-KHR-BR", "--to", "CN-CKG-TJ", "--json")
    assert {
        (service["origin"], service["destination"])
        for service in json.loads(done.stdout)["services"]
    } == {("CN-KHR-BR", "CN-CKG-TJ")}


def test_no_service_between_two_places_is_said_so():
    done = coldchain("show", "services", "--from", "UZ-TAS-HB", "--to", "CN-CKG-HB")
    assert (done.returncode, done.stderr) == (Exit.DONE, "")
    assert done.stdout == "no service from UZ-TAS-HB to CN-CKG-HB\n"


def test_the_ways_are_the_cheapest_the_fastest_and_the_freshest(scenario: Path):
    asked = ["show", "way", "TJ-KON-PH", "CN-URC-CT", "-s", scenario]
    done = coldchain(*asked)
    assert done.returncode == Exit.DONE, done.stderr
    assert max(map(cell_len, done.stdout.splitlines())) <= WIDTH
    assert "arrives\n" in done.stdout
    assert len(re.findall(r"T\d\d:\d\d\+0\d:00", done.stdout)) % 2 == 0
    ways = {way["label"]: way for way in json.loads(coldchain(*asked, "--json").stdout)["ways"]}
    assert set(ways) == {"cheapest", "cheapest shared", "fastest", "freshest"}
    for way in ways.values():
        assert way["total_usd"] >= ways["cheapest"]["total_usd"] - 0.01
        assert way["full_usd"] >= ways["cheapest shared"]["full_usd"] - 0.01
        assert way["full_usd"] <= way["total_usd"] + 0.01
        assert way["itinerary"]["delivered"] >= ways["fastest"]["itinerary"]["delivered"]
        least = ways["freshest"]["itinerary"]["life_reckoned"]
        assert way["itinerary"]["life_reckoned"] >= least - 1e-9


def test_a_way_says_how_the_goods_are_packed_and_how_many_units_they_take(scenario: Path):
    asked = ["show", "way", "TJ-KON-PH", "CN-URC-CT", "-s", scenario, "--kg", "30000"]
    usual = coldchain(*asked)
    assert usual.returncode == Exit.DONE, usual.stderr
    assert "2 × TRUCK_CA" in usual.stdout
    assert "(up to 2 of a kind for" in usual.stdout
    for packaging, words in (("naked", "open cartons"), ("liner", "liners"), ("MAP", "MAP liners")):
        cherries = coldchain(*asked, "--packaging", packaging, "--commodity", "cherry_sweet")
        assert f"Sweet cherry, in {words}, from" in cherries.stdout
    unknown = coldchain(*asked, "--packaging", "map", "--commodity", "apricot")
    assert (unknown.returncode, unknown.stdout) == (Exit.INPUT, "")
    assert "--packaging = 'map': naked, liner, any for apricot" in unknown.stderr


def test_where_the_packaging_is_open_each_way_says_its_own(scenario: Path):
    asked = ["show", "way", "TJ-KON-PH", "CN-URC-CT", "-s", scenario, "--commodity", "cherry_sweet"]
    done = coldchain(*asked, "--packaging", "any")
    assert done.returncode == Exit.DONE, done.stderr
    assert ", packed as suits best, from" in done.stdout
    assert max(map(cell_len, done.stdout.splitlines())) <= WIDTH
    ways = json.loads(coldchain(*asked, "--packaging", "any", "--json").stdout)["ways"]
    packed = {way["label"]: way["itinerary"]["packaging"] for way in ways}
    # Nothing of money asks for a liner here, and nothing of life for less than MAP.
    assert (packed["cheapest"], packed["freshest"]) == ("naked", "map")
    header = next(line for line in done.stdout.splitlines() if "delivered" in line)
    assert "packed" in header.split()
    assert "packed" not in coldchain(*asked, "--packaging", "map").stdout.split("cheapest")[0]


def test_a_way_says_how_much_lots_differ(scenario: Path):
    asked = ["show", "way", "TJ-KON-PH", "CN-URC-CT", "-s", scenario]
    (way, *_) = json.loads(coldchain(*asked, "--json").stdout)["ways"]
    left, low, high = (
        way["itinerary"][name] / 24
        for name in ("shelf_life_left_h", "shelf_life_left_p10_h", "shelf_life_left_p90_h")
    )
    said = " ".join(coldchain(*asked).stdout.split())
    assert f"{left:.1f} ({low:.1f} to {high:.1f})" in said
    assert f"limited by {way['itinerary']['limited_by']}" in said


def test_goods_are_packed_as_the_scenario_packs_them():
    carried = json.loads(coldchain("show", "consignments", "--json").stdout)["consignments"]
    cherries = [c["packaging"] for c in carried if c["commodity"] == "cherry_sweet"]
    usual = PACKED[Packaging(max(set(cherries), key=cherries.count))]
    done = coldchain("show", "way", "TJ-KON-PH", "CN-URC-CT", "--commodity", "cherry_sweet")
    assert f"Sweet cherry, {usual}, from" in done.stdout


def test_ways_in_a_packaging_that_the_goods_cannot_get_are_refused(tmp_path: Path):
    """Onions have no factor in MAP, and nothing else is left open or, then, there at all."""
    assert coldchain("init", tmp_path / "mine").returncode == Exit.DONE
    folder = tmp_path / "mine"
    text = (folder / "scenario.toml").read_text(encoding="utf-8")
    text = text.replace("[planning]\n", '[planning]\npackagings = ["map"]\n')
    (folder / "scenario.toml").write_text(text, encoding="utf-8")
    for name, keep in (("consignments.csv", 1), ("data/packaging.csv", 3)):
        lines = (folder / name).read_text(encoding="utf-8").splitlines()[: keep + 1]
        (folder / name).write_text("\n".join(lines), encoding="utf-8")
    asked = ("show", "way", "TJ-HIS-PH", "CN-CKG-CT", "-s", folder / "scenario.toml")
    onion = ("--commodity", "onion_dry")
    done = coldchain(*asked, *onion, "--packaging", "any")
    assert done.returncode == Exit.INPUT
    assert "--packaging = 'any': naked, liner for onion_dry: none that suits it" in done.stderr
    rows = (folder / "data" / "packaging.csv").read_text(encoding="utf-8").splitlines()
    (folder / "data" / "packaging.csv").write_text("\n".join([rows[0], rows[3]]), encoding="utf-8")
    done = coldchain(*asked, *onion)
    assert done.returncode == Exit.INPUT
    assert "--packaging = 'naked': goods that the scenario has a packaging for" in done.stderr


def test_no_way_is_an_exit_code(scenario: Path):
    done = coldchain("show", "way", "TJ-KON-PH", "CN-URC-CT", "-s", scenario, "--days", "0.5")
    assert done.returncode == Exit.UNSERVED
    assert "No way" in done.stdout


# ---------------------------------------------------------------- endings


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (AuditFailure(["C-1: late"]), Exit.FAILED),
        (SolverFailed("gone"), Exit.FAILED),
        (ZeroDivisionError("x"), Exit.FAILED),
        (NoPlanFound("60 s passed"), Exit.NO_PLAN),
        (PermissionError(13, "Permission denied", "/x"), Exit.INPUT),
        (KeyboardInterrupt(), Exit.INTERRUPTED),
    ],
)
def test_every_error_has_its_code_and_words(error: BaseException, code: Exit):
    assert code_of(error) is code
    assert words_of(error)


def test_a_bug_says_that_it_is_one():
    assert "this is a bug in coldchain" in words_of(KeyError("x"))
    assert "C-1: late" in words_of(AuditFailure(["C-1: late"]))


@pytest.mark.parametrize(
    ("report", "words"),
    [
        ("reading", "reading"),
        (Progress(phase="search", seconds=1.0, cost=None, bound=None), "search"),
        (Progress(phase="search", seconds=1.0, cost=123_456, bound=None), "search: 1,235 USD"),
        (
            Progress(phase="search", seconds=1.0, cost=200_000, bound=100_000),
            "search: 2,000 USD, none below 1,000 (50.00% apart)",
        ),
    ],
)
def test_progress_is_told_in_dollars(report: Progress | str, words: str):
    assert progress_words(report) == words


def test_on_a_terminal_progress_is_a_line_that_goes_away(hard: Path, tmp_path: Path):
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "coldchain",
            "plan",
            str(hard),
            "--out",
            str(tmp_path / "plan"),
            "--gap",
            "0",
            "--seconds",
            "4",
            "--allow-unserved",
        ],
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env=environment(TERM="xterm", COLUMNS="100"),
    )
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # the other side hangs up
        while part := os.read(ours, 65536):
            shown += part
    os.close(ours)
    assert running.wait(timeout=120) == Exit.DONE
    text = shown.decode()
    assert "none below" in text
    assert "\x1b[2K" in text  # the line was wiped
    last = text.rstrip().splitlines()[-1]
    assert "written to" in last
