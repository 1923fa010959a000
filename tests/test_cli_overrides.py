"""``--set`` and ``show scenario``, as a planner uses them."""

import json
from pathlib import Path

import pytest
from test_cli import coldchain
from test_exporters_example import write_scenario

from coldchain.cli.scenario_page import APART
from coldchain.columns import SCENARIO

SHUT = "close KZ-NZH-BX 2027-05-24..2027-05-28"


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scenario file of two consignments, both served."""
    return write_scenario(tmp_path_factory.mktemp("made") / "mine", consignments="C-013 C-025")


def test_the_effective_scenario_is_shown(scenario: Path, tmp_path: Path):
    child = scenario.parent / "child.toml"
    child.write_text(
        f'name = "child"\ntitle = "A child"\nextends = "{scenario.name}"\n'
        f'[[overrides]]\nset = "{SHUT}"\nwhy = "a queue"\nsource = "zakon.kz"\n',
        encoding="utf-8",
    )
    done = coldchain("show", "scenario", child, "--set", "seed = 9", "--set", "demand*=2")
    assert done.returncode == 0, done.stderr
    for words in (
        "A child",
        "Extends ",
        SHUT,
        "a queue (zakon.kz)",
        "child.toml:5",
        "--set 1",
        "1 closure",
    ):
        assert words in done.stdout
    document = json.loads(
        coldchain("show", "scenario", child, "--set", "seed = 9", "--json").stdout
    )
    assert document["name"] == "child"
    assert len(document["extends"]) == 1
    assert document["settings"]["seed"] == 9
    assert document["counts"]["consignments"] == 2
    assert document["counts"]["closures"] == 1
    assert document["overrides"] == [
        {
            "statement": SHUT,
            "why": "a queue",
            "source": "zakon.kz",
            "stated_in": "child.toml:5",
            "changes": 1,
        },
        {
            "statement": "seed = 9",
            "why": "",
            "source": "",
            "stated_in": "--set 1",
            "changes": 1,
        },
    ]


def test_every_key_of_a_scenario_file_is_shown(scenario: Path):
    document = json.loads(coldchain("show", "scenario", scenario, "--json").stdout)
    for section, columns in SCENARIO.items():
        if section and not columns:
            assert section in document["settings"]
        for column in columns:
            key = f"{section}.{column.name}" if section else column.name
            assert key in document["settings"] or column.name in APART, key


def test_a_scenario_without_overrides_says_so(scenario: Path):
    shown = coldchain("show", "scenario", scenario)
    assert "No overrides" in shown.stdout
    assert "Extends" not in shown.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan",),
        ("show", "scenario"),
        ("show", "network", "--scenario"),
        ("show", "services", "--scenario"),
        ("show", "commodities", "--scenario"),
        ("show", "commodity", "apricot", "--scenario"),
        ("show", "consignments", "--scenario"),
        ("show", "mix", "--scenario"),
        ("show", "way", "TJ-KHU-PH", "CN-CKG-CT", "--scenario"),
        ("show", "corridor", "TJ-KHU-PH", "CN-CKG-CT", "--scenario"),
        ("life", "apricot", "10h@2", "--scenario"),
    ],
)
def test_every_command_that_reads_a_scenario_takes_changes(
    arguments: tuple[str, ...], scenario: Path
):
    done = coldchain(
        *arguments, scenario, "--set", "use propsed", "--set", "sed = 2", cwd=scenario.parent
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert "--set 1 = 'use propsed'" in done.stderr
    assert "nearest: proposed" in done.stderr
    assert "--set 2 = 'sed = 2'" in done.stderr
    assert not (scenario.parent / "plans").exists()
    assert "--set" in coldchain(*arguments[:2], "--help").stdout


@pytest.mark.parametrize(
    ("arguments", "statement", "words"),
    [
        (
            ("show", "services", "--from", "TJ-KHU-PH"),
            "routes.L001.linehaul_usd_per_unit = 77777",
            "77,777",
        ),
        (("show", "commodities"), "perishables.apricot.name = Sunfruit", "Sunfruit"),
        (("show", "commodity", "apricot"), "perishables.apricot.name = Sunfruit", "Sunfruit"),
        (("show", "consignments"), "consignments.C-013.net_kg = 777", "0.8"),
        (
            ("show", "mix", "apricot", "cherry_sweet"),
            "perishables.apricot.ethylene_sensitivity = X",
            "parts",
        ),
        (("life", "apricot", "10h@2"), "perishables.apricot.name = Sunfruit", "Sunfruit"),
    ],
)
def test_what_is_shown_is_what_was_changed(
    arguments: tuple[str, ...], statement: str, words: str, scenario: Path
):
    before = coldchain(*arguments, "--scenario", scenario)
    after = coldchain(*arguments, "--scenario", scenario, "--set", statement)
    assert after.returncode == before.returncode == 0, after.stderr
    assert words not in before.stdout
    assert words in after.stdout


def test_a_plan_is_made_listed_and_audited_with_its_changes(scenario: Path, tmp_path: Path):
    folder = tmp_path / "plan"
    done = coldchain(
        "plan", scenario, "--set", "demand *= 1.5", "--set", "seed = 9", "--out", folder
    )
    assert done.returncode == 0, done.stderr
    for text in (done.stdout, (folder / "summary.txt").read_text(encoding="utf-8")):
        assert "Overrides" in text
        assert "demand *= 1.5" in text
        assert "seed = 9" in text
    document = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    assert [o["statement"] for o in document["scenario"]["overrides"]] == [
        "demand *= 1.5",
        "seed = 9",
    ]
    assert coldchain("check", folder).returncode == 0
    document["scenario"]["overrides"].pop()
    (folder / "plan.json").write_text(json.dumps(document), encoding="utf-8")
    spoilt = coldchain("check", folder)
    assert spoilt.returncode == 2
    assert "scenario_digest" in spoilt.stderr
