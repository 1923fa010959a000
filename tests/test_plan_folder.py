import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_exporters_example import example_plan

from coldchain.audit import check
from coldchain.calendars import Calendar, Closure, Delay
from coldchain.certificate import Certificate, Cluster
from coldchain.errors import DataError
from coldchain.exporters import FILES
from coldchain.network import Network, Season
from coldchain.plan_folder import (
    CERTIFICATE_FILE,
    PLAN_FILE,
    check_destination,
    read_plan,
    write_plan,
)
from coldchain.plan_folder.certificate_file import certificate_bytes
from coldchain.plan_folder.plan_file import plan_bytes
from coldchain.plan_folder.writing import PLAN_FILES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "plan"
    write_plan(example_plan(), place)
    return place


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below ``folder`` with its bytes, hidden ones too."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def edited(folder: Path, edit: Callable[[Any], None]) -> Path:
    file = folder / PLAN_FILE
    document = json.loads(file.read_text(encoding="utf-8"))
    edit(document)
    file.write_text(json.dumps(document), encoding="utf-8")
    return folder


# ---------------------------------------------------------------- reading what was written


def test_a_plan_is_read_back_as_it_was_written(folder: Path):
    plan = read_plan(folder)
    assert plan == example_plan()
    assert plan.scenario.digest == example_plan().scenario.digest
    assert check(plan) == ()


def example_disturbed() -> Network:
    net = example_plan().scenario.network
    service, node, operation = (
        next(iter(table.values())) for table in (net.services, net.nodes, net.operations)
    )
    begins, ends = datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 3, 4, 30, tzinfo=UTC)
    feast = Calendar(
        id="FEAST",
        days={date(2026, 5, 27): "Eid al-Adha (estimated) (TJ)"},
        first=date(2000, 1, 1),
        last=date(2049, 12, 31),
        source="invented",
        confidence="D",
    )
    return replace(
        net,
        nodes={
            **net.nodes,
            node.id: replace(node, open_season=Season(first=(5, 1), last=(11, 30))),
        },
        services={
            **net.services,
            service.id: replace(service, closed_on=frozenset({"FEAST"})),
        },
        operations={
            **net.operations,
            operation.id: replace(operation, closed_on=frozenset({"FEAST"})),
        },
        calendars={"FEAST": feast},
        closures=(Closure(subject=node.id, begins_at=begins, ends_at=ends, why="a storm"),),
        delays=(
            Delay(subject=operation.id, begins_at=begins, ends_at=ends, hours=96.5, why="a queue"),
        ),
    )


def test_holidays_closures_and_delays_are_read_back(tmp_path: Path):
    plan = example_plan()
    plan = replace(plan, scenario=replace(plan.scenario, network=example_disturbed()))
    write_plan(plan, tmp_path / "plan")
    read = read_plan(tmp_path / "plan")
    assert read.scenario == plan.scenario
    assert read.scenario.digest == plan.scenario.digest != example_plan().scenario.digest


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda n: n["closures"][0].update(subject="NOWHERE"), "a node or service"),
        (lambda n: n["delays"][0].update(subject="NOWHERE"), "a service or operation"),
        (lambda n: n["delays"][0].update(hours=0), "a delay is longer than 0 h"),
        (lambda n: n["closures"][0].update(ends_at="2026-01-01T00:00:00+00:00"), "ends before"),
        (lambda n: n["closures"][0].update(ends_at="2026-01-05T00:00:00"), "need a time zone"),
        (lambda n: n["calendars"].pop("FEAST"), "a calendar of the scenario"),
        (lambda n: n["calendars"]["FEAST"].update(id="OTHER"), "the id it is filed under"),
        (lambda n: n["calendars"]["FEAST"]["days"].update({"feast": "x"}), "a day such as"),
        (lambda n: n["calendars"]["FEAST"]["days"].update({"2050-01-01": "x"}), "lies outside"),
    ],
)
def test_a_closure_of_nothing_is_a_fault(tmp_path: Path, edit: Any, words: str):
    plan = example_plan()
    plan = replace(plan, scenario=replace(plan.scenario, network=example_disturbed()))
    write_plan(plan, tmp_path / "plan")
    with pytest.raises(DataError, match=words):
        read_plan(edited(tmp_path / "plan", lambda d: edit(d["scenario"]["network"])))


def test_the_file_alone_is_a_plan_too(folder: Path, tmp_path: Path):
    alone = tmp_path / "elsewhere.json"
    alone.write_bytes((folder / PLAN_FILE).read_bytes())
    # What its bound is proven with stayed in the folder.
    assert read_plan(alone) == replace(example_plan(), certificate=None)


def test_writing_what_was_read_changes_no_byte(folder: Path, tmp_path: Path):
    write_plan(read_plan(folder), tmp_path / "again")
    assert tree(tmp_path / "again") == tree(folder)


def test_the_folder_holds_what_it_should(folder: Path, tmp_path: Path):
    assert set(os.listdir(folder)) == {PLAN_FILE, CERTIFICATE_FILE, *FILES["all"]} == PLAN_FILES
    assert os.listdir(tmp_path) == ["plan"]


CERTIFICATE = Certificate(
    problem="5e",
    bound=-7,
    scale=64,
    prices=((0, 3, 10**15), (2, 3, 5)),
    limit_tolls=((1, 4),),
    commitment_tolls=((0, -9),),
    clusters=(Cluster(customers=(0, 2), inner=((0, 5), (2, 5)), entries=((5, 1),)),),
)


def test_a_certificate_is_read_back_as_it_was_written(tmp_path: Path):
    plan = replace(example_plan(), certificate=CERTIFICATE)
    written = write_plan(plan, tmp_path / "plan")
    assert tmp_path / "plan" / CERTIFICATE_FILE in written
    assert set(os.listdir(tmp_path / "plan")) == PLAN_FILES
    assert read_plan(tmp_path / "plan") == read_plan(tmp_path / "plan" / PLAN_FILE) == plan
    # As a plan made by hand, which has none.
    write_plan(replace(plan, certificate=None), tmp_path / "plan", force=True)
    assert read_plan(tmp_path / "plan").certificate is None


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b"}", b"", "not a certificate.json: no JSON"),
        (b'"coldchain certificate"', b'"plan"', "not a certificate.json, which begins with"),
        (b'"version": 1', b'"version": 2', "version = '2': version 1 of the format"),
        (b'"bound": -7', b'"bound": -7.0', "bound = '': expected a whole number"),
        (b'"scale"', b'"bound"', "the key 'bound' stands twice"),
        (b"[2,3,5]", b"[2,3]", r"prices\[1\] = '': expected 3 whole numbers"),
    ],
)
def test_a_certificate_that_is_none_is_refused(tmp_path: Path, old: bytes, new: bytes, words: str):
    write_plan(example_plan(), tmp_path / "plan")
    data = certificate_bytes(CERTIFICATE).replace(old, new)
    (tmp_path / "plan" / CERTIFICATE_FILE).write_bytes(data)
    with pytest.raises(DataError, match=words):
        read_plan(tmp_path / "plan")


def test_operations_keep_their_order(folder: Path):
    # It is a rule of the clock, so a sorted table would be another scenario.
    before = list(example_plan().scenario.network.operations)
    assert before != sorted(before)
    assert list(read_plan(folder).scenario.network.operations) == before


def test_numbers_that_are_none_are_not_written():
    plan = example_plan()
    lost = replace(plan, proof=replace(plan.proof, bound_usd=float("nan")))
    with pytest.raises(ValueError, match="finite"):
        plan_bytes(lost)


# ---------------------------------------------------------------- reading what others wrote


def test_a_changed_scenario_is_noticed(folder: Path):
    def dearer(document: Any) -> None:
        document["scenario"]["objective"]["unserved_usd_per_kg"] = 5.0

    with pytest.raises(DataError, match="scenario was changed after planning"):
        read_plan(edited(folder, dearer))


def test_a_plan_made_by_hand_may_leave_the_digest_out(folder: Path):
    def by_hand(document: Any) -> None:
        document["scenario"]["objective"]["unserved_usd_per_kg"] = 5.0
        document["scenario_digest"] = ""

    assert read_plan(edited(folder, by_hand)).scenario.objective.unserved_usd_per_kg == 5.0


def test_all_faults_are_told_at_once_with_their_paths(folder: Path):
    def break_it(document: Any) -> None:
        del document["proof"]["status"]
        document["proof"]["colour"] = "red"
        document["itineraries"][0]["delivered"] = "tomorrow"
        document["load_units"][0]["contents"][0] = ["C-1"]
        document["scenario"]["season_date"] = "24.05.2027"
        document["scenario"]["network"]["nodes"]["HUB"]["cross_dock"] = 1
        document["scenario"]["network"]["services"]["T1"]["mode"] = "sledge"

    with pytest.raises(DataError) as caught:
        read_plan(edited(folder, break_it))
    assert {fault.column for fault in caught.value.faults} == {
        "proof.status",
        "proof.colour",
        "itineraries[0].delivered",
        "load_units[0].contents[0]",
        "scenario.season_date",
        "scenario.network.nodes.HUB.cross_dock",
        "scenario.network.services.T1.mode",
    }


def test_a_rule_of_a_type_is_a_fault_too(folder: Path):
    def break_it(document: Any) -> None:
        document["scenario"]["consignments"][0]["pallets"] = 0

    with pytest.raises(DataError, match="at least one pallet"):
        read_plan(edited(folder, break_it))


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda s: s["consignments"][0].update(commodity="gold"), "a commodity of the scenario"),
        (lambda s: s["consignments"][0].update(origin="MOON"), "a node of the scenario"),
        (lambda s: s["packaging"].pop("naked"), "a packaging of the scenario"),
        (lambda s: s["consignments"][0].update(treatment="steam"), "had at its origin or"),
        (lambda s: s["packaging"].update(box=s["packaging"]["naked"]), "the id it is filed under"),
        (lambda s: s["consignments"][1].update(id="C-1"), "no other consignment has"),
        (lambda s: s["network"]["services"]["T1"].update(origin="MOON"), "a node of the scenario"),
        (lambda s: s["network"]["services"]["T1"].update(id="T2"), "the id it is filed under"),
        (lambda s: s["network"]["services"]["T1"].update(equipment="SLED"), "kind of load unit"),
        (lambda s: s["network"]["operations"]["UNLOAD"].update(node="MOON"), "a node of the"),
        (lambda s: s.update(reporting_currency="XYZ"), "a currency with a rate"),
    ],
)
def test_a_name_that_leads_nowhere_is_a_fault(folder: Path, edit: Any, words: str):
    with pytest.raises(DataError, match=words):
        read_plan(edited(folder, lambda document: edit(document["scenario"])))


@pytest.mark.parametrize(
    ("known", "column"),
    [
        ({"life_min_d": 0.0}, "life_min_d"),
        ({"life_max_d": 20.0}, "life_max_d"),
        ({"activation_energy_low_kj_mol": 70.0}, "activation_energy_kj_mol"),
        ({"activation_energy_kj_mol": None}, "activation_energy_kj_mol"),
        ({"decay_law": "magic"}, "decay_law"),
        ({"decay_law": "square_root"}, "tmin_sqrt_c"),
        ({"domain_max_c": -5.0}, "domain_max_c"),
        ({"respiration_mg_kg_h": [[0.0, 0.0], [5.0, 1.0]]}, "respiration_mg_kg_h"),
        ({"heat_capacity_kj_kg_k": 0.0001}, "heat_capacity_kj_kg_k"),
        ({"transpiration_mg_kg_s_mpa": -5.0}, "transpiration_mg_kg_s_mpa"),
        ({"max_weight_loss_pct": 100.0}, "max_weight_loss_pct"),
    ],
)
def test_goods_of_which_no_life_can_be_reckoned_are_a_fault(
    folder: Path, known: dict[str, Any], column: str
):
    def edit(document: Any) -> None:
        document["scenario"]["perishables"]["cherry_sweet"].update(known)

    with pytest.raises(DataError) as caught:
        read_plan(edited(folder, edit))
    path = f"scenario.perishables.cherry_sweet.{column}"
    assert [fault.column for fault in caught.value.faults] == [path]


@pytest.mark.parametrize("rate", [0, -7.1])
def test_money_that_is_worth_nothing_is_a_fault(folder: Path, rate: float):
    file = folder / PLAN_FILE
    document = json.loads(file.read_text(encoding="utf-8"))
    name = next(iter(document["scenario"]["usd_rates"]))
    document["scenario"]["usd_rates"][name] = rate
    file.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(DataError, match=rf"usd_rates\.{name}.*above 0"):
        read_plan(folder)


@pytest.mark.parametrize(("name", "value"), [("seed", -1), ("confidence", 1.5), ("quantile", 0.0)])
def test_a_scenario_that_draws_no_lots_is_a_fault(folder: Path, name: str, value: float):
    def edit(document: Any) -> None:
        document["scenario"][name] = value

    with pytest.raises(DataError, match=rf"scenario\.{name} = "):
        read_plan(edited(folder, edit))


@pytest.mark.parametrize(
    "text", ["\x1b[31m", "a\x07", "line\nline", "\u202egnp.exe", "\ud800", "\u2028", "\x9b"]
)
def test_text_that_could_drive_a_terminal_is_refused(folder: Path, text: str):
    def poison(document: Any) -> None:
        document["scenario"]["title"] = text

    with pytest.raises(DataError, match="control characters"):
        read_plan(edited(folder, poison))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "JSON"),
        (b"{", "JSON"),
        (b"[1, 2]", 'not a plan.json, which begins with "format"'),
        (b"null", 'not a plan.json, which begins with "format"'),
        (b'{"format": "coldchain plan", "version": 99}', "version 3 of the format"),
        (b'{"format": "coldchain plan", "version": 2}', "version 3 of the format"),
        (b'{"format": "coldchain plan", "version": 3}', "the field is missing"),
        (b'{"format": "coldchain plan", "format": "x"}', "twice"),
        (b'{"format": NaN}', "NaN is no number"),
        (b'{"format": 1e999}', 'not a plan.json, which begins with "format"'),
        (b"\xff\xfe{}", "not a plan.json: no UTF-8"),
        (b"[" * 200_000, "not a plan.json: JSON nested"),
        (b'{"a": ' + b"9" * 5000 + b"}", "JSON"),
    ],
)
def test_a_file_that_is_no_plan_is_refused_in_words(tmp_path: Path, data: bytes, words: str):
    file = tmp_path / PLAN_FILE
    file.write_bytes(data)
    with pytest.raises(DataError, match=words):
        read_plan(tmp_path)


def test_numbers_without_end_are_refused(folder: Path):
    file = folder / PLAN_FILE
    text = file.read_text(encoding="utf-8").replace('"gap": 0.0', '"gap": 1e999')
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"proof\.gap.*a finite number"):
        read_plan(folder)


@pytest.mark.parametrize("moment", [10**30, 4_000_000_001, -(10**30)])
def test_minutes_that_no_calendar_has_are_refused(folder: Path, moment: int):
    file = folder / PLAN_FILE
    document = json.loads(file.read_text(encoding="utf-8"))
    document["itineraries"][0]["steps"][1]["begins"] = moment
    file.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(DataError, match=r"steps\[1\]\.begins.*a whole number from"):
        read_plan(folder)


@pytest.mark.parametrize("moment", [4_000_000_000, -1_000_000_000])
def test_a_step_in_another_age_breaks_rules(folder: Path, moment: int):
    file = folder / PLAN_FILE
    document = json.loads(file.read_text(encoding="utf-8"))
    document["itineraries"][0]["steps"][1]["begins"] = moment
    file.write_text(json.dumps(document), encoding="utf-8")
    assert check(read_plan(folder)) != ()


def test_a_file_saved_with_a_byte_order_mark_is_read(folder: Path):
    file = folder / PLAN_FILE
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert read_plan(folder) == example_plan()


@pytest.mark.parametrize("path", ["nothing", "plan/plan.json/below"])
def test_a_plan_that_is_not_there_is_said_so(folder: Path, path: str):
    with pytest.raises(DataError, match="there is no such file"):
        read_plan(folder.parent / path)


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_one_wrong_value_anywhere_is_refused_or_read_never_a_crash(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
):
    document = json.loads(plan_bytes(example_plan()))
    document["scenario_digest"] = ""
    here = document
    while True:
        key = data.draw(
            st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here)))
        )
        below = here[key]
        if not isinstance(below, (dict, list)) or not below or data.draw(st.booleans()):
            break
        here = below
    here[key] = data.draw(SCALARS)
    file = tmp_path_factory.mktemp("fuzz") / PLAN_FILE
    file.write_text(json.dumps(document), encoding="utf-8")
    try:
        plan = read_plan(file)
    except DataError:
        return
    assert read_plan(file) == plan


# ---------------------------------------------------------------- writing: complete or absent


def test_a_folder_that_is_there_is_not_touched(folder: Path):
    before = tree(folder)
    with pytest.raises(FileExistsError, match="--force replaces it"):
        write_plan(example_plan(), folder)
    assert tree(folder) == before


def test_force_replaces_a_plan(folder: Path):
    other = replace(example_plan(), proof=replace(example_plan().proof, seconds=9.0))
    write_plan(other, folder, force=True)
    assert read_plan(folder) == other
    assert os.listdir(folder.parent) == ["plan"]


def test_force_takes_no_file_that_is_not_a_plans(folder: Path):
    (folder / "letter.txt").write_text("dear customer")
    before = tree(folder)
    with pytest.raises(FileExistsError, match=r"letter\.txt"):
        write_plan(example_plan(), folder, force=True)
    assert tree(folder) == before


def test_an_empty_folder_needs_force_as_any_other(tmp_path: Path):
    (tmp_path / "plan").mkdir()
    with pytest.raises(FileExistsError):
        write_plan(example_plan(), tmp_path / "plan")
    write_plan(example_plan(), tmp_path / "plan", force=True)
    assert read_plan(tmp_path / "plan") == example_plan()


def test_a_file_in_the_way_stays(tmp_path: Path):
    (tmp_path / "plan").write_text("mine")
    with pytest.raises(NotADirectoryError):
        write_plan(example_plan(), tmp_path / "plan", force=True)
    with pytest.raises(NotADirectoryError):
        write_plan(example_plan(), tmp_path / "plan" / "below")
    assert (tmp_path / "plan").read_text() == "mine"


def test_parents_are_made(tmp_path: Path):
    write_plan(example_plan(), tmp_path / "a" / "b" / "plan")
    assert read_plan(tmp_path / "a" / "b" / "plan") == example_plan()


def test_a_link_to_a_plan_stays_a_link(folder: Path, tmp_path: Path):
    link = tmp_path / "latest"
    link.symlink_to(folder)
    other = replace(example_plan(), proof=replace(example_plan().proof, seconds=9.0))
    write_plan(other, link, force=True)
    assert link.is_symlink()
    assert read_plan(folder) == other


def test_a_place_can_be_asked_for_before_the_work(folder: Path, tmp_path: Path):
    assert check_destination(tmp_path / "new" / "plan") == tmp_path / "new" / "plan"
    with pytest.raises(FileExistsError):
        check_destination(folder)
    assert check_destination(folder, force=True) == folder
    assert os.listdir(tmp_path) == ["plan"]
    assert os.listdir(folder.parent) == ["plan"]


def test_a_place_that_takes_no_folder_is_told_before_the_work(tmp_path: Path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "a name nobody has heard of")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "mkdir", full)
    with pytest.raises(OSError, match="No space left on device") as told:
        check_destination("plans/new")
    assert told.value.filename == "plans/new"
    assert os.listdir(tmp_path) == []


CALLS = ("open", "write", "fsync", "close", "replace", "rename", "mkdir")


class Breaking:
    """Lets the operating system fail at the n-th call that changes the disk."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, failing: int | None) -> None:
        self.calls = 0
        for name in CALLS:
            monkeypatch.setattr(os, name, self.wrap(getattr(os, name), failing))

    def wrap(self, call: Callable[..., Any], failing: int | None) -> Callable[..., Any]:
        def called(*args: Any, **given: Any) -> Any:
            self.calls += 1
            if self.calls - 1 == failing:
                if call.__name__ == "close":
                    call(*args)
                raise OSError(28, "No space left on device")
            return call(*args, **given)

        return called


def count_calls(monkeypatch: pytest.MonkeyPatch, place: Path, *, force: bool) -> int:
    with monkeypatch.context() as patch:
        breaking = Breaking(patch, None)
        write_plan(example_plan(), place, force=force)
    return breaking.calls


def test_whichever_write_fails_a_new_folder_is_absent(tmp_path: Path, monkeypatch):
    calls = count_calls(monkeypatch, tmp_path / "first" / "plan", force=False)
    assert calls > 25
    for failing in range(calls):
        home = tmp_path / f"home-{failing}"
        home.mkdir()
        with monkeypatch.context() as patch:
            Breaking(patch, failing)
            with pytest.raises(OSError, match="No space"):
                write_plan(example_plan(), home / "plans" / "plan")
        assert os.listdir(home) == [], f"call {failing}"


def test_whichever_write_fails_the_old_folder_stays(tmp_path: Path, monkeypatch):
    calls = count_calls(monkeypatch, tmp_path / "first", force=False)
    other = replace(example_plan(), proof=replace(example_plan().proof, seconds=9.0))
    for failing in range(calls + 1):
        home = tmp_path / f"home-{failing}"
        write_plan(other, home / "plan")
        before = tree(home)
        with monkeypatch.context() as patch:
            Breaking(patch, failing)
            with pytest.raises(OSError, match="No space"):
                write_plan(example_plan(), home / "plan", force=True)
        assert tree(home) == before, f"call {failing}"


LIMITED = """
import resource, signal, sys
sys.path.insert(0, {tests!r})
from test_exporters_example import example_plan
from coldchain.plan_folder import write_plan
plan = example_plan()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
try:
    write_plan(plan, {place!r})
except OSError as error:
    print(error.strerror)
"""


@pytest.mark.parametrize("limit", [10, 5000])
def test_a_quota_that_runs_out_leaves_nothing(tmp_path: Path, limit: int):
    code = LIMITED.format(
        tests=str(Path(__file__).parent), limit=limit, place=str(tmp_path / "plan")
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    assert "File too large" in done.stdout
    assert os.listdir(tmp_path) == []


def test_an_interrupt_while_writing_leaves_nothing(tmp_path: Path, monkeypatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", interrupted)
        with pytest.raises(KeyboardInterrupt):
            write_plan(example_plan(), tmp_path / "plan")
    assert os.listdir(tmp_path) == []
