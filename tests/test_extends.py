"""A scenario made from another: what it states is its own, the rest is its base's."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from coldchain.columns import SCENARIO
from coldchain.errors import DataError, Fault
from coldchain.tables import data_folder, read_scenario
from coldchain.tables.extends import MAX_CHAIN, read_merged

BASE = "cherry-week"


def write(folder: Path, name: str, more: str = "", base: str = BASE) -> Path:
    path = folder / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = f'name = "{path.stem}"\ntitle = "{path.stem}"\nextends = "{base}"\n{more}'
    path.write_text(text, encoding="utf-8")
    return path


def the_fault(path: Path) -> Fault:
    with pytest.raises(DataError) as caught:
        read_scenario(path)
    found = caught.value.faults
    assert len(found) == 1, "\n".join(map(str, found))
    return found[0]


def test_a_child_that_states_nothing_is_its_base_by_another_name(tmp_path: Path):
    base = read_scenario(BASE)
    child = read_scenario(write(tmp_path, "child"))
    assert child.name == "child"
    assert child.extends == (BASE,)
    assert replace(child, name=base.name, title=base.title).digest == base.digest


def test_keys_of_the_child_take_the_place_of_the_bases(tmp_path: Path):
    more = """
seed = 7
[planning]
quantile = 0.8
[prices]
unserved_usd_per_kg = 5.0
[currency.per_usd]
CNY = 7.3
TRY = 40.0
[parties]
forwarder = "another"
carrier = "somebody"
"""
    base, child = read_scenario(BASE), read_scenario(write(tmp_path, "child", more))
    assert (child.seed, child.quantile) == (7, 0.8)
    assert child.confidence == base.confidence
    assert child.objective == replace(base.objective, unserved_usd_per_kg=5.0)
    assert child.usd_rates == {**base.usd_rates, "CNY": 7.3, "TRY": 40.0}
    assert child.parties == {**base.parties, "forwarder": "another", "carrier": "somebody"}


def test_where_it_came_from_is_not_in_the_digest(tmp_path: Path):
    write(tmp_path, "middle", "seed = 7\n")
    long = read_scenario(write(tmp_path, "child", base="middle.toml"))
    short = read_scenario(write(tmp_path, "child", "seed = 7\n"))
    assert long.extends == ("middle", BASE)
    assert short.extends == (BASE,)
    assert long.digest == short.digest


def test_overrides_follow_those_of_the_base(tmp_path: Path):
    block = '[[overrides]]\nset = "planning.quantile = {}"\nwhy = "{}"\n'
    write(tmp_path, "middle", block.format("0.6", "first"))
    path = write(tmp_path, "child", block.format("0.7", "second"), base="middle.toml")
    child = read_scenario(path, overrides=["planning.quantile += 0.1"])
    assert [(o.why, o.stated_in) for o in child.overrides] == [
        ("first", "middle.toml:5"),
        ("second", "child.toml:5"),
        ("", "--set 1"),
    ]
    assert child.quantile == pytest.approx(0.8)


def test_paths_start_where_they_are_stated(tmp_path: Path):
    away = tmp_path / "away"
    away.mkdir()
    source = data_folder()
    for table in source.glob("*.csv"):
        shutil.copy(table, away)
    goods = (source / "scenarios" / "cherry-week-consignments.csv").read_text(encoding="utf-8")
    (away / "goods.csv").write_text(goods, encoding="utf-8")
    (tmp_path / "few.csv").write_text(
        "".join(goods.splitlines(keepends=True)[:4]), encoding="utf-8"
    )
    write(away, "middle", 'consignments = "goods.csv"\n[data]\nfolder = "."\n')
    for stated, number in (("", 40), ('consignments = "few.csv"\n', 3)):
        child = read_scenario(write(tmp_path, "child", stated, base="away/middle.toml"))
        assert len(child.consignments) == number
        back = read_scenario(write(tmp_path / "deep", "er", base="../child.toml"))
        assert len(back.consignments) == number


@pytest.mark.parametrize("key", ["name", "title"])
def test_a_child_has_a_name_and_a_title_of_its_own(tmp_path: Path, key: str):
    path = write(tmp_path, "child")
    text = path.read_text(encoding="utf-8").replace(f'{key} = "child"\n', "")
    path.write_text(text, encoding="utf-8")
    fault = the_fault(path)
    assert (fault.file, fault.column) == ("child.toml", key)
    assert fault.expected.startswith("a value")


def test_a_fault_in_an_inherited_key_is_the_bases(tmp_path: Path):
    write(tmp_path, "middle", "[planning]\nquantile = 7\n[currency.per_usd]\nEUR = 0\n")
    with pytest.raises(DataError) as caught:
        read_scenario(write(tmp_path, "child", "[planning]\nconfidence = 8\n", base="middle.toml"))
    assert {(f.file, f.row, f.column) for f in caught.value.faults} == {
        ("middle.toml", 5, "planning.quantile"),
        ("child.toml", 5, "planning.confidence"),
        ("middle.toml", 7, "currency.per_usd.EUR"),
    }


def test_a_key_nobody_states_is_the_childs_fault(tmp_path: Path):
    (tmp_path / "middle.toml").write_text('name = "middle"\n', encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_scenario(write(tmp_path, "child", base="middle.toml"))
    assert {f.file for f in caught.value.faults} == {"child.toml"}
    missing = {f.column for f in caught.value.faults}
    assert {"seed", "season_date", "consignments", "planning", "currency"} <= missing


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        (
            "cherry-weak",
            "a bundled scenario, or a file beside this one that ends in .toml; nearest: ",
        ),
        ("none.toml", "a scenario file that is there"),
        ("child.toml", "a chain of scenarios that ends, not child.toml → child.toml"),
        ("C:/x.toml", "a path beside this file, not from the root of the disk"),
        ("/x.toml", "a path beside this file, not from the root of the disk"),
    ],
)
def test_a_base_that_cannot_be_is_refused(tmp_path: Path, base: str, expected: str):
    fault = the_fault(write(tmp_path, "child", base=base))
    assert (fault.file, fault.row, fault.column) == ("child.toml", 3, "extends")
    assert fault.value == base
    assert expected in fault.expected


def test_links_that_lead_to_each_other_are_no_base(tmp_path: Path):
    (tmp_path / "a.toml").symlink_to("b.toml")
    (tmp_path / "b.toml").symlink_to("a.toml")
    fault = the_fault(write(tmp_path, "child", base="a.toml"))
    assert (fault.column, fault.expected) == ("extends", "a scenario file that is there")


def test_a_base_that_is_no_text_is_refused(tmp_path: Path):
    path = write(tmp_path, "child")
    path.write_text(
        path.read_text(encoding="utf-8").replace('"cherry-week"', "3"), encoding="utf-8"
    )
    assert "in quotes" in the_fault(path).expected


def test_a_broken_chain_is_named(tmp_path: Path):
    write(tmp_path, "b", base="a.toml")
    write(tmp_path, "a", base="c.toml")
    child = write(tmp_path, "child", base="b.toml")
    fault = the_fault(child)
    assert (fault.file, fault.value) == ("a.toml", "c.toml")
    assert "(after child.toml → b.toml → a.toml)" in fault.expected
    write(tmp_path, "c", base="b.toml")
    fault = the_fault(child)
    assert fault.file == "c.toml"
    assert "not child.toml → b.toml → a.toml → c.toml → b.toml" in fault.expected


def test_a_chain_is_not_too_long(tmp_path: Path):
    base = BASE
    for number in range(MAX_CHAIN - 1):
        path = write(tmp_path, f"s{number}", base=base)
        base = path.name
    assert len(read_scenario(path).extends) == MAX_CHAIN - 1
    fault = the_fault(write(tmp_path, "child", base=base))
    assert f"at most {MAX_CHAIN} scenarios" in fault.expected


def test_a_base_that_is_no_toml_is_told_by_its_name(tmp_path: Path):
    (tmp_path / "b.toml").write_text("name = \n", encoding="utf-8")
    fault = the_fault(write(tmp_path, "child", base="b.toml"))
    assert (fault.file, fault.row) == ("b.toml", 1)


def test_every_key_of_the_schema_is_inherited(tmp_path: Path):
    merged = read_merged(write(tmp_path, "child"))
    for section, columns in SCENARIO.items():
        for column in columns:
            key = f"{section}.{column.name}" if section else column.name
            stated = {"name", "title", "extends"} if not section else set[str]()
            file = "child.toml" if column.name in stated else "cherry-week.toml"
            if key in merged.origins:
                assert merged.origin(key).shown == file
    assert merged.document["planning"] == merged.files[0].document["planning"]
