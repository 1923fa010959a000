"""A row of ``perishables.csv`` with one thing wrong has exactly that fault, whatever the goods."""

import csv
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from coldchain.errors import DataError, Fault
from coldchain.goods import Perishable
from coldchain.tables import data_folder, read_perishables

Row = dict[str, str]
Change = Callable[[Row], Mapping[str, str]]


def bundled() -> dict[str, Row]:
    with (data_folder() / "perishables.csv").open(encoding="utf-8", newline="") as file:
        return {row["commodity_id"]: row for row in csv.DictReader(file, strict=True)}


ROWS = bundled()
RESPIRATION = [f"resp_{at}c_mgco2_kg_h" for at in (0, 5, 10, 15, 20)]


def save(folder: Path, row: Row) -> None:
    with (folder / "perishables.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow(row)


def faults(folder: Path, row: Row) -> list[Fault]:
    save(folder, row)
    try:
        read_perishables(folder)
    except DataError as error:
        return list(error.faults)
    return []


def read(folder: Path, row: Row) -> Perishable:
    save(folder, row)
    return read_perishables(folder)[row["commodity_id"]]


def plus(row: Row, column: str, more: float) -> str:
    return f"{float(row[column]) + more:.6g}"


def swapped(text: str) -> str:
    return "-".join(reversed(text.split("-")))


def ends(row: Row, column: str) -> tuple[float, ...]:
    return tuple(map(float, row[column].split("-")))


# What is wrong: the cells it needs, how it is made, the column that is blamed, and what is said.
WRONG: dict[str, tuple[tuple[str, ...], Change, str, str]] = {
    "typical life shorter than the shortest": (
        ("life_min_days",),
        lambda r: {"life_typ_days": plus(r, "life_min_days", -0.5)},
        "life_typ_days",
        "<=",
    ),
    "longest life shorter than the typical": (
        ("life_max_days",),
        lambda r: {"life_max_days": plus(r, "life_typ_days", -0.5)},
        "life_max_days",
        "<=",
    ),
    "setpoint near freezing": (
        ("freezing_point_c",),
        lambda r: {"temp_opt_min_c": plus(r, "freezing_point_c", 0.4)},
        "temp_opt_min_c",
        "half a kelvin",
    ),
    "law in frozen goods": (
        ("freezing_point_c",),
        lambda r: {"domain_min_c": plus(r, "freezing_point_c", 0.2)},
        "domain_min_c",
        "taken for frozen",
    ),
    "setpoint that chills": (
        ("chill_threshold_c",),
        lambda r: {"temp_opt_min_c": plus(r, "chill_threshold_c", -0.5)},
        "temp_opt_min_c",
        "chilling injures",
    ),
    "law below the threshold without a dose": (
        ("chill_dose_k_d",),
        lambda r: {"chill_dose_k_d": ""},
        "domain_min_c",
        "no chill_dose_k_d is known",
    ),
    "dose without threshold": (
        ("chill_dose_k_d",),
        lambda r: {"chill_threshold_c": ""},
        "chill_dose_k_d",
        "chill_threshold_c is blank",
    ),
    "zone upside down": (
        ("chill_zone_max_c",),
        lambda r: {"chill_zone_max_c": plus(r, "chill_zone_min_c", -1)},
        "chill_zone_max_c",
        "<=",
    ),
    "zone without upper end": (
        ("chill_zone_max_c",),
        lambda r: {"chill_zone_max_c": ""},
        "chill_zone_min_c",
        "chill_zone_max_c is blank",
    ),
    "five digits": (("hs6",), lambda r: {"hs6": r["hs6"][1:]}, "hs6", "six digits"),
    "energy below the lowest": (
        ("ea_low_kj_mol",),
        lambda r: {"ea_low_kj_mol": plus(r, "ea_default_kj_mol", 1)},
        "ea_default_kj_mol",
        "<=",
    ),
    "energy not of this world": (
        ("ea_default_kj_mol",),
        lambda r: {"ea_default_kj_mol": "131"},
        "ea_default_kj_mol",
        "from 30 to 130",
    ),
    "Tmin of another law": (
        ("ea_default_kj_mol",),
        lambda r: {"tmin_sqrt_c": "-12"},
        "tmin_sqrt_c",
        "nothing, as the law is arrhenius",
    ),
    "square root without Tmin": (
        ("tmin_sqrt_c",),
        lambda r: {"tmin_sqrt_c": ""},
        "tmin_sqrt_c",
        "a value, as the law is square_root",
    ),
    "energy of another law": (
        ("tmin_sqrt_c",),
        lambda r: {"ea_default_kj_mol": "75"},
        "ea_default_kj_mol",
        "nothing, as the law is square_root",
    ),
    "Tmin above the law": (
        ("tmin_sqrt_c",),
        lambda r: {"tmin_sqrt_c": plus(r, "domain_min_c", 0.5)},
        "domain_min_c",
        "<=",
    ),
    "less breath when warmer": (
        ("resp_20c_mgco2_kg_h",),
        lambda r: {"resp_20c_mgco2_kg_h": plus(r, "resp_15c_mgco2_kg_h", -0.5)},
        "resp_20c_mgco2_kg_h",
        "<=",
    ),
    "less breath when warmer, over a gap": (
        ("resp_20c_mgco2_kg_h",),
        lambda r: {
            "resp_15c_mgco2_kg_h": "",
            "resp_20c_mgco2_kg_h": plus(r, "resp_10c_mgco2_kg_h", -0.5),
        },
        "resp_20c_mgco2_kg_h",
        "<=",
    ),
    "humidity upside down": (
        ("rh_opt_min_pct", "rh_opt_max_pct"),
        lambda r: {"rh_opt_max_pct": plus(r, "rh_opt_min_pct", -1)},
        "rh_opt_max_pct",
        "<=",
    ),
    "oxygen upside down": (
        ("ca_o2_pct",),
        lambda r: {"ca_o2_pct": swapped(r["ca_o2_pct"])},
        "ca_o2_pct",
        "least share first",
    ),
    "carbon dioxide in words": (
        ("ca_co2_pct",),
        lambda r: {"ca_co2_pct": "up to 5"},
        "ca_co2_pct",
        "3-10",
    ),
    "specific heat of another matter": (
        ("water_pct", "cp_kj_kg_k"),
        lambda r: {"cp_kj_kg_k": plus(r, "cp_kj_kg_k", -0.5)},
        "cp_kj_kg_k",
        "Siebel",
    ),
    "setpoint the law of the land forbids": (
        ("reg_max_temp_c",),
        lambda r: {"reg_max_temp_c": plus(r, "temp_opt_max_c", -0.5)},
        "reg_max_temp_c",
        "<=",
    ),
    "MAP without a typical factor": (
        ("map_life_factor_typ",),
        lambda r: {"map_life_factor_typ": "", "map_life_factor_low": ""},
        "map_life_factor_high",
        "map_life_factor_typ is blank",
    ),
    "no source": (("source",), lambda r: {"source": ""}, "source", "a value"),
    "no confidence": (("confidence",), lambda r: {"confidence": ""}, "confidence", "a value"),
    "no law": (("decay_law",), lambda r: {"decay_law": ""}, "decay_law", "a value"),
}

MOSTLY_WATER = {name for name, row in ROWS.items() if float(row["water_pct"]) >= 50}


def applies(wrong: str, row: Row) -> bool:
    needed, _, _, _ = WRONG[wrong]
    if not all(row[column] for column in needed):
        return False
    if wrong == "specific heat of another matter":
        return row["commodity_id"] in MOSTLY_WATER
    if wrong == "oxygen upside down":
        least, most = ends(row, "ca_o2_pct")
        return least < most
    return True


CASES = [(name, wrong) for wrong in WRONG for name, row in ROWS.items() if applies(wrong, row)]


@pytest.mark.parametrize(("name", "wrong"), CASES)
def test_one_thing_wrong_is_one_fault(tmp_path: Path, name: str, wrong: str):
    _, change, column, words = WRONG[wrong]
    row = ROWS[name]
    found = faults(tmp_path, {**row, **change(row)})
    assert len(found) == 1, "\n".join(map(str, found))
    assert words in found[0].expected
    assert found[0].column == column


def test_every_wrong_thing_is_tried_on_some_goods():
    assert {wrong for _, wrong in CASES} == set(WRONG)


@pytest.mark.parametrize("name", ROWS)
def test_the_bundled_rows_have_no_fault(tmp_path: Path, name: str):
    assert faults(tmp_path, ROWS[name]) == []


@pytest.mark.parametrize(
    ("name", "at"), [("cherry_sweet", "20"), ("strawberry", "15"), ("beef_chilled_vacuum", "12")]
)
def test_a_life_stated_at_another_temperature_than_it_was_found_at_is_a_fault(
    tmp_path: Path, name: str, at: str
):
    [fault] = faults(tmp_path, {**ROWS[name], "life_ref_temp_c": at})
    assert fault.column == "life_ref_temp_c"
    assert "at their setpoints" in fault.expected


def test_fat_and_sugar_may_differ_from_water(tmp_path: Path):
    assert set(ROWS) - MOSTLY_WATER == {"butter", "honey", "dried_apricot"}
    assert faults(tmp_path, {**ROWS["butter"], "cp_kj_kg_k": "2.7"}) == []


def test_a_zone_of_chilling_may_lie_above_the_setpoints(tmp_path: Path):
    peach = read(tmp_path, ROWS["peach_nectarine"])
    assert peach.chill_zone_min_c is not None
    assert peach.setpoint_max_c < peach.chill_zone_min_c
    changed = {**ROWS["peach_nectarine"], "chill_threshold_c": "3", "chill_dose_k_d": "30"}
    assert faults(tmp_path, changed) == []


# What is assumed


@pytest.mark.parametrize("name", [n for n, r in ROWS.items() if r["category"] == "vegetable"])
def test_a_general_value_stands_in_for_a_blank_cell_and_is_told(tmp_path: Path, name: str):
    blank = (
        "ea_default_kj_mol",
        "life_min_days",
        "life_max_days",
        "cp_kj_kg_k",
        "compat_group_mcgregor",
    )
    ranged = {"ea_low_kj_mol": "", "ea_high_kj_mol": ""}
    goods = read(tmp_path, {**ROWS[name], **dict.fromkeys(blank, ""), **ranged})
    assert [said.partition(":")[0] for said in goods.assumed] == list(blank)
    assert goods.activation_energy_kj_mol == 65
    assert goods.activation_energy_low_kj_mol == 50
    assert goods.activation_energy_high_kj_mol == 80
    assert goods.life_min_d == pytest.approx(goods.life_typ_d * 0.667, rel=1e-3)
    assert goods.life_max_d == pytest.approx(goods.life_typ_d * 1.499, rel=1e-3)
    stated = read(tmp_path, ROWS[name])
    assert stated.assumed == ()
    assert goods.heat_capacity_kj_kg_k == pytest.approx(stated.heat_capacity_kj_kg_k, abs=0.2)


@pytest.mark.parametrize(
    ("name", "group"),
    [("apple", "1"), ("cabbage", "2"), ("garlic", "3"), ("mandarin", "4"), ("cucumber", "5")],
)
def test_the_group_assumed_is_the_group_of_the_handbook(tmp_path: Path, name: str, group: str):
    goods = read(tmp_path, {**ROWS[name], "compat_group_mcgregor": ""})
    assert goods.mcgregor_group == group
    assert goods.assumed == (f"compat_group_mcgregor: {group}, by temperature and humidity",)


def test_no_general_energy_is_assumed_of_dairy(tmp_path: Path):
    blank = dict.fromkeys(("ea_default_kj_mol", "ea_low_kj_mol", "ea_high_kj_mol"), "")
    [fault] = faults(tmp_path, {**ROWS["milk_pasteurised"], **blank})
    assert fault.column == "ea_default_kj_mol"
    assert "fruit and vegetables only" in fault.expected


def test_nothing_is_assumed_of_what_has_no_general_value(tmp_path: Path):
    blank = ("freezing_point_c", "rh_opt_min_pct", "transp_coef_mg_kg_s_mpa", *RESPIRATION)
    goods = read(tmp_path, {**ROWS["cherry_sweet"], **dict.fromkeys(blank, "")})
    assert goods.assumed == ()
    assert goods.freezing_c is goods.humidity_min_pct is goods.transpiration_mg_kg_s_mpa is None
    assert goods.respiration_mg_kg_h == ()


# What is read


def test_a_row_is_read_in_full(tmp_path: Path):
    cherry = read(tmp_path, ROWS["cherry_sweet"])
    assert cherry.activation_energy_kj_mol == 66
    assert (cherry.activation_energy_low_kj_mol, cherry.activation_energy_high_kj_mol) == (58, 80)
    assert cherry.respiration_mg_kg_h[0] == (0, 7.9)
    assert [at_c for at_c, _ in cherry.respiration_mg_kg_h] == [0, 5, 10, 15, 20]
    assert cherry.heat_capacity_kj_kg_k == 3.52
    assert cherry.transpiration_mg_kg_s_mpa == 360
    assert cherry.max_weight_loss_pct == 3
    assert (cherry.humidity_min_pct, cherry.humidity_max_pct) == (90, 95)
    assert cherry.oxygen_pct == (3, 10)
    assert cherry.carbon_dioxide_pct == (10, 15)
    assert (cherry.map_life_factor_low, cherry.map_life_factor_high) == (1, 2)
    assert "stem browning" in cherry.limiting_attribute
    assert cherry.chill_threshold_c is cherry.tmin_sqrt_c is cherry.regulatory_max_c is None


def test_doses_zones_and_laws_are_read(tmp_path: Path):
    cucumber = read(tmp_path, ROWS["cucumber"])
    assert (cucumber.chill_threshold_c, cucumber.chill_dose_k_d) == (10, 7)
    persimmon = read(tmp_path, ROWS["persimmon"])
    assert (persimmon.chill_zone_min_c, persimmon.chill_zone_max_c) == (5, 15)
    assert persimmon.chill_zone_limit_d == 15
    beef = read(tmp_path, ROWS["beef_chilled_vacuum"])
    assert (beef.decay_law, beef.tmin_sqrt_c) == ("square_root", -9)
    assert beef.activation_energy_kj_mol is None
    assert beef.regulatory_max_c == 7
