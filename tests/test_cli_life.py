import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from test_cli import ROOT, environment
from test_docs import shown_commands

from coldchain.cli import main
from coldchain.cli.exits import Exit

SAMPLES = Path(__file__).parent / "loggers"
JOURNEY = ("10h@2", "6h@20", "260h@0")


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def life(capsys: pytest.CaptureFixture[str]):
    """The command in this process: starting one for each question would take a minute."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def run(*arguments: object) -> Done:
        with pytest.raises(SystemExit) as left:
            main(["life", *map(str, arguments)])
        said = capsys.readouterr()
        assert isinstance(left.value.code, int)
        return Done(left.value.code, said.out, said.err)

    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def document(life: Callable[..., Done]):
    def read(*arguments: object) -> dict:
        done = life(*arguments, "--json")
        assert done.returncode == Exit.DONE, done.stderr
        return json.loads(done.stdout)

    return read


# ---------------------------------------------------------------- a journey that is typed


def test_a_journey_is_told_leg_by_leg(life):
    done = life("cherry_sweet", *JOURNEY)
    assert done.returncode == Exit.DONE, done.stderr
    for leg in JOURNEY:
        assert re.search(rf"^{leg} .*%$", done.stdout, re.MULTILINE)
    for words in (
        "those of the pulp",
        "life used",
        "days left at 5 °C",
        "the same without the warm hours",
        "What ends the life of a typical lot first: quality",
        "Warm hours: 16.0 h above 0 °C",
        "own activation energy of 66 kJ/mol",
    ):
        assert words in done.stdout


def test_programs_are_told_the_same_in_json(document):
    told = document("cherry_sweet", *JOURNEY)
    assert [leg["leg"] for leg in told["legs"]] == list(JOURNEY)
    assert told["hours"] == 276
    assert told["warm_h"] == 16
    used = told["life_used"]
    assert used["p10"] < used["p50"] < used["p90"]
    assert told["without_warm_hours"]["left_d"]["p50"] > told["left_d"]["p50"]
    # About 21 d at 0 °C, 66 kJ/mol: half a day, 1.8 d and 10.8 d of it.
    days = [leg["equivalent_d"] for leg in told["legs"]]
    assert days == pytest.approx([0.51, 1.81, 10.83], abs=0.02)


def test_options_change_the_answer_as_they_should(document):
    plain = document("cherry_sweet", *JOURNEY)
    in_map = document("cherry_sweet", *JOURNEY, "--packaging", "map")
    older = document("cherry_sweet", *JOURNEY, "--life-used-before", "0.2")
    warmer = document("cherry_sweet", *JOURNEY, "--retail-c", "20")
    surer = document("cherry_sweet", *JOURNEY, "--confidence", "0.95")
    assert in_map["left_d"]["p50"] > plain["left_d"]["p50"]
    assert older["life_used"]["p50"] == pytest.approx(plain["life_used"]["p50"] + 0.2, abs=1e-9)
    assert warmer["left_d"]["p50"] < plain["left_d"]["p50"]
    assert surer["left_d_at_confidence"] < plain["left_d_at_confidence"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("cherry_sweet", "6h@45"), r"LEG 1 = '6h@45': -1\.\d to 30 °C, where what is known"),
        (("cherry_sweet", "10h@-9"), r"LEG 1 = '10h@-9'"),
        (("cherry_sweet", "-3h@2", "3h@nan", "1h@1"), r"2 faults.*\n.*LEG 1.*\n.*LEG 2"),
        (("cherry_sweet",), r"either legs such as 10h@2 or --logger FILE"),
        (("cherry_sweet", "1h@1", "--logger", SAMPLES / "iso.csv"), r"not both"),
        (("cherry_sweet", "--logger", SAMPLES / "iso.csv", "--alow-gaps"), r"no such option"),
        (("cherry_swet", "1h@1"), r"did you mean cherry_sweet"),
        (("cherry_sweet", "1h@1", "--packaging", "crate"), r"one of naked, liner, map"),
        (("honey", "1h@15", "--packaging", "map"), r"nothing is known of honey in MAP"),
        (("cherry_sweet", "1h@1", "--retail-c", "40"), r"--retail-c = '40'"),
        (("cherry_sweet", "1h@1", "--unit", "K"), r"2 faults.*\n.*--logger FILE.*\n.*one of C, F"),
        (("cherry_sweet", "1h@1", "--plot", "a.jpg"), r"ends in \.svg, \.png or \.pdf"),
        (("cherry_sweet", "--logger", "nowhere.csv"), r"nowhere\.csv"),
        (("cherry_sweet", "1h@1", "--rh", "140"), r"from 0 to 100"),
        (("cherry_sweet", "1h@1", "--confidence", "nan"), r"not a finite number"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(life, arguments, said: str):
    done = life(*arguments)
    assert done.returncode == Exit.INPUT
    assert re.search(said, done.stderr), done.stderr
    assert not done.stdout


# ---------------------------------------------------------------- a logger


def test_a_logger_gives_the_same_answer_as_the_legs_it_spells(document, tmp_path: Path):
    """Ten steady hours, then ten steady hours: between them half an interval of each."""
    log = tmp_path / "log.csv"
    rows = [(f"2026-05-24 {h:02}:00", 2 if h < 11 else 12) for h in range(22)]
    log.write_text("Time,Temp (C)\n" + "".join(f"{t},{c}\n" for t, c in rows))
    read, typed = (
        document("cherry_sweet", "--logger", log),
        document("cherry_sweet", "10.5h@2", "10.5h@12"),
    )
    for key in ("life_used", "left_d", "mean_kinetic_temperature_c", "warm_h"):
        assert read[key] == pytest.approx(typed[key])


@pytest.mark.parametrize("sample", ["us.csv", "russian.csv", "chinese.csv"])
def test_a_logger_is_told_day_by_day(life, sample: str):
    done = life("cherry_sweet", "--logger", SAMPLES / sample)
    assert done.returncode == Exit.DONE, done.stderr
    for words in ("Read as: ", "2026-05-24", "2026-05-25", "Warmer than 0 °C", "Mean kinetic"):
        assert words in done.stdout


def test_a_swapped_unit_is_refused_and_can_be_set_right(life, document, tmp_path: Path):
    log = tmp_path / "log.csv"
    text = (SAMPLES / "us.csv").read_text(encoding="utf-8")
    log.write_text(text.replace("Temp (F)", "Temp (C)"), encoding="utf-8")
    done = life("cherry_sweet", "--logger", log)
    assert done.returncode == Exit.INPUT
    assert "they read like °F" in done.stderr
    right = document("cherry_sweet", "--logger", log, "--unit", "F")
    assert (
        right["life_used"] == document("cherry_sweet", "--logger", SAMPLES / "us.csv")["life_used"]
    )


def test_readings_where_the_law_does_not_hold_are_told_row_by_row(life, document, tmp_path: Path):
    log = tmp_path / "log.csv"
    warm = "2026-05-24 06:00,33\n2026-05-24 07:00,31\n"
    cool = "".join(f"2026-05-24 {h:02}:00,2\n" for h in range(8, 20))
    log.write_text(f"Time,Temp (C)\n{warm}{cool}")
    done = life("cherry_sweet", "--logger", log, "--unit", "C")
    assert done.returncode == Exit.INPUT
    assert "log.csv:2 = '33.0 °C'" in done.stderr
    assert "--from and --until leave out what was not the journey" in done.stderr
    trimmed = document("cherry_sweet", "--logger", log, "--from", "2026-05-24T08:00")
    assert trimmed["hours"] == pytest.approx(11)


def test_a_gap_counts_at_the_worse_end_whichever_that_is(life, document, tmp_path: Path):
    log = tmp_path / "log.csv"
    rows = [
        *(f"2026-05-24 {h:02}:00,12" for h in range(12)),
        "2026-05-24 22:00,7",
        "2026-05-24 23:00,7",
    ]
    log.write_text("Time,Temp (C)\n" + "\n".join(rows))
    gap = ("--logger", log, "--allow-gaps", "--json")
    cucumber = json.loads(life("cucumber", *gap).stdout)
    cherry = json.loads(life("cherry_sweet", *gap).stdout)
    assert len(cucumber["logger"]["gaps"]) == 1
    # The hours of the gap are cold for the cucumber, warm for the cherry.
    assert cucumber["typical_lot"]["chilling injury"] == pytest.approx(12 * 3 / (7 * 24), rel=0.05)
    kept = document("cherry_sweet", "22.0h@12", "1h@7")
    assert cherry["left_d"]["p50"] == pytest.approx(kept["left_d"]["p50"], rel=0.05)


# ---------------------------------------------------------------- plots, consoles, the page


def test_the_page_shows_what_is_printed(life: Callable[..., Done], tmp_path: Path, monkeypatch):
    shutil.copytree(ROOT / "tests" / "journeys", tmp_path / "tests" / "journeys")
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "life.md").read_text(encoding="utf-8")
    commands = list(shown_commands(page))
    assert len(commands) >= 5
    for shown in commands:
        done = life(*shlex.split(shown.command)[2:])
        assert (done.stdout + done.stderr).split() == shown.printed.split(), shown.command


def test_a_plot_is_drawn_and_told_of(life, tmp_path: Path):
    plot = tmp_path / "life.svg"
    done = life("cherry_sweet", *JOURNEY, "--plot", plot)
    assert done.returncode == Exit.DONE
    assert f"wrote {plot}" in done.stderr
    assert plot.read_text(encoding="utf-8").startswith("<?xml")


def test_a_plot_that_cannot_be_written_is_told_of(life, tmp_path: Path):
    done = life("cherry_sweet", *JOURNEY, "--plot", tmp_path / "none" / "life.svg")
    assert done.returncode == Exit.INPUT
    assert "No such file" in done.stderr


@pytest.mark.parametrize("encoding", ["gbk", "cp1251", "cp866", "ascii"])
def test_consoles_of_other_alphabets_are_no_trouble(encoding: str, tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-m", "coldchain", "life", "apricot", "--logger", SAMPLES / "chinese.csv"],
        capture_output=True,
        cwd=ROOT,
        env=environment(PYTHONUTF8="0", PYTHONIOENCODING=encoding),
        timeout=60,
        check=False,
    )
    assert done.returncode == Exit.DONE, done.stderr
    assert b"life used" in done.stdout
