"""Reading: what is right is read whatever its form, what is wrong is told all at once."""

import csv
import math
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_exporters_example import example_plan

from coldchain.charges import Charges
from coldchain.columns import CONSIGNMENTS, NODES, ROUTES, Column, Kind
from coldchain.errors import DataError, Fault, UnknownName
from coldchain.goods import Packaging
from coldchain.itinerary import Carriage, Itinerary, Reason, Refusal, Step, StepKind
from coldchain.plan import LoadUnit, Plan, Proof
from coldchain.scenario import Scenario
from coldchain.tables import (
    charges_frame,
    consignments_frame,
    data_folder,
    itineraries_frame,
    legs_frame,
    load_units_frame,
    read_network,
    read_scenario,
    services_frame,
    steps_frame,
)
from coldchain.tables.cells import Refused, instant, parse
from coldchain.tables.rows import read_sheet
from coldchain.timetable import minute

GOODS = "cherry-week-consignments.csv"
TABLES = (
    *("nodes", "routes", "operations", "calendars", "perishables", "packaging", "equipment"),
    *("countries", "entry_rules"),
    *("prices", "currencies", "duties"),
)


@pytest.fixture(scope="module")
def original() -> Scenario:
    return read_scenario("cherry-week")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of all tables and of the scenario cherry-week, to be spoilt."""
    return copy_tables(tmp_path)


def copy_tables(folder: Path) -> Path:
    for name in TABLES:
        shutil.copy(data_folder() / f"{name}.csv", folder)
    for name in (GOODS, "cherry-week.toml"):
        shutil.copy(data_folder() / "scenarios" / name, folder)
    with (folder / "cherry-week.toml").open("a", encoding="utf-8") as file:
        file.write('\n[data]\nfolder = "."\n')
    return folder


def read(folder: Path) -> Scenario:
    return read_scenario(folder / "cherry-week.toml")


def faults(folder: Path) -> tuple[Fault, ...]:
    with pytest.raises(DataError) as caught:
        read(folder)
    return caught.value.faults


def the_fault(folder: Path) -> Fault:
    found = faults(folder)
    assert len(found) == 1, "\n".join(map(str, found))
    return found[0]


def table(path: Path) -> list[list[str]]:
    import csv

    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


def save(path: Path, rows: list[list[str]], delimiter: str = ",", encoding: str = "utf-8") -> None:
    import csv

    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)


def spoil(folder: Path, file: str, row: int, column: str, value: str) -> None:
    """Write ``value`` into a cell; ``row`` counts as a spreadsheet does."""
    rows = table(folder / file)
    rows[row - 1][rows[0].index(column)] = value
    save(folder / file, rows)


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "cherry-week.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


# What is right


def test_a_name_and_a_path_give_the_same(original: Scenario):
    path = data_folder() / "scenarios" / "cherry-week.toml"
    assert read_scenario(path).digest == read_scenario(str(path)).digest == original.digest


def test_tables_of_ones_own_are_read(folder: Path, original: Scenario):
    assert read(folder).digest == original.digest
    spoil(folder, "routes.csv", 2, "linehaul_usd_per_unit", "91")
    assert read(folder).digest != original.digest


def test_an_unknown_scenario_is_named_with_its_neighbour():
    with pytest.raises(UnknownName, match="cherry-week"):
        read_scenario("cherry-weak")


def test_a_consignment_is_read_in_full(original: Scenario):
    first = original.consignment("C-001")
    assert first.origin == "TJ-HIS-PH"
    assert first.ready_at == datetime(2027, 5, 24, 4, 0, tzinfo=UTC)  # 09:00 in Dushanbe
    assert first.due_at == datetime(2027, 6, 7, 12, 0, tzinfo=UTC)  # 20:00 in Chongqing
    assert first.shelf_life_required_h == 96
    assert first.value_usd == pytest.approx(12000 * 3.8)
    assert first.packaging is Packaging.MAP


def test_prices_and_rates_are_read(original: Scenario):
    assert original.objective.unserved_usd_per_kg == 8
    assert original.usd_rates["USD"] == 1
    assert original.usd_rates[original.reporting_currency] == pytest.approx(7.1)
    assert original.service_status == {"existing", "occasional"}
    assert original.setpoints_c == (0.0,)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_forms_of_a_spreadsheet_are_read(
    folder: Path, original: Scenario, delimiter: str, encoding: str
):
    for name in (*(f"{t}.csv" for t in TABLES), GOODS):
        save(folder / name, table(folder / name), delimiter, encoding)
    assert read(folder).digest == original.digest


def test_line_ends_mean_nothing(folder: Path, original: Scenario):
    for end in ("\r\n", "\r"):
        for name in ("nodes.csv", GOODS):
            text = (data_folder() / "nodes.csv").parent
            source = text / name if name != GOODS else text / "scenarios" / name
            raw = source.read_bytes().replace(b"\n", end.encode())
            (folder / name).write_bytes(raw)
        assert read(folder).digest == original.digest


def test_the_order_of_columns_and_empty_lines_mean_nothing(folder: Path, original: Scenario):
    for name in ("nodes.csv", GOODS):
        rows = [list(reversed(row)) for row in table(folder / name)]
        save(folder / name, [*rows, [""] * len(rows[0]), []])
    assert read(folder).digest == original.digest


def test_optional_columns_may_be_left_out(folder: Path):
    rows = table(folder / GOODS)
    gone = [rows[0].index(name) for name in ("note", "shipper")]
    save(folder / GOODS, [[c for i, c in enumerate(row) if i not in gone] for row in rows])
    assert read(folder).consignment("C-001").shipper == ""


def test_a_byte_order_mark_before_toml_is_no_matter(folder: Path, original: Scenario):
    path = folder / "cherry-week.toml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read(folder).digest == original.digest


def add_column(folder: Path, file: str, name: str, values: dict[int, str]) -> None:
    """Add a column; ``values`` by row, counted as a spreadsheet does, are blank elsewhere."""
    head, *rows = table(folder / file)
    filled = [[*row, values.get(number, "")] for number, row in enumerate(rows, start=2)]
    save(folder / file, [[*head, name], *filled])


def test_goods_may_come_warm_and_the_pulp_is_read(folder: Path):
    add_column(folder, GOODS, "pulp_at_ready_c", {2: "18.5"})
    given = read(folder)
    assert given.consignment("C-001").pulp_at_ready_c == 18.5
    assert given.consignment("C-002").pulp_at_ready_c is None
    assert list(consignments_frame(given)["pulp_at_ready_c"].dropna()) == [18.5]


def test_pulp_warmer_than_the_law_knows_is_refused(folder: Path):
    add_column(folder, GOODS, "pulp_at_ready_c", {2: "34"})
    fault = the_fault(folder)
    assert (fault.row, fault.column) == (2, "pulp_at_ready_c")
    assert "where the law of cherry_sweet holds" in fault.expected


def test_packagings_are_read_with_their_price(original: Scenario):
    assert list(original.packaging) == ["liner", "map", "naked"]
    packed = original.packaging[Packaging.MAP]
    assert packed.packaging_id is Packaging.MAP
    assert (packed.life_factor, packed.max_c, packed.usd_per_kg) == ("commodity", 5, 0.12)
    assert original.packaging["naked"].max_c is None
    assert original.packaging["naked"].usd_per_kg == 0


@pytest.mark.parametrize("packaging", ["liner", "any"])
def test_goods_may_come_in_any_packaging(folder: Path, packaging: str):
    spoil(folder, GOODS, 5, "packaging", packaging)
    assert read(folder).consignment("C-004").packaging.value == packaging


def test_a_packaging_that_is_not_offered_is_refused_where_it_is_wanted(folder: Path):
    head, naked, _, packed = table(folder / "packaging.csv")
    save(folder / "packaging.csv", [head, naked, packed])
    assert read(folder).packaging.keys() == {"naked", "map"}
    spoil(folder, GOODS, 5, "packaging", "liner")
    fault = the_fault(folder)
    assert (fault.row, fault.column) == (5, "packaging")
    assert "a packaging of packaging.csv" in fault.expected


def test_fruit_cools_by_the_piece_while_it_is_packed(original: Scenario):
    """Tajik cherries in cold water, Chinese citrus and kiwifruit in a draught."""
    packing = [o for o in original.network.operations.values() if o.code == "PACK"]
    by_country = {(o.node[:2], o.half_cooling_h) for o in packing}
    assert by_country == {("TJ", 0.08), ("CN", 1.0)}
    others = [
        o for o in original.network.operations.values() if o not in packing and not o.treatment
    ]
    assert {o.half_cooling_h for o in others} == {None}


def test_an_offset_takes_the_place_of_the_zone(folder: Path, original: Scenario):
    spoil(folder, GOODS, 2, "ready_local", "2027-05-24T04:00Z")
    assert read(folder).digest == original.digest
    spoil(folder, GOODS, 2, "ready_local", "2027-05-24 12:00+08:00")
    assert read(folder).digest == original.digest


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(random=st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    random: object, tmp_path_factory: pytest.TempPathFactory, original: Scenario
):
    shuffle: Callable[[list[list[str]]], None] = random.shuffle  # pyright: ignore[reportAttributeAccessIssue]
    folder = copy_tables(tmp_path_factory.mktemp("shuffled"))
    # Operations are done in the order of the file, so theirs does matter.
    for name in ("nodes.csv", "routes.csv", "perishables.csv", "equipment.csv", GOODS):
        head, *rows = table(folder / name)
        shuffle(rows)
        save(folder / name, [head, *rows])
    again = read(folder)
    assert again.digest == original.digest
    assert again.consignments == original.consignments
    assert list(again.network.services) == list(original.network.services)


def test_the_order_of_operations_matters_where_they_follow_each_other(
    folder: Path, original: Scenario
):
    head, *rows = table(folder / "operations.csv")
    place = head.index("node_id")
    by_node = sorted(rows, key=lambda row: row[place])
    save(folder / "operations.csv", [head, *by_node])
    assert read(folder).digest == original.digest
    save(folder / "operations.csv", [head, *reversed(rows)])
    assert read(folder).digest != original.digest


# What is wrong


def test_all_faults_are_told_at_once(folder: Path):
    spoil(folder, GOODS, 3, "ready_local", "24.05.2027 09:30")
    spoil(folder, GOODS, 5, "destination", "CN-CKG-CX")
    spoil(folder, GOODS, 7, "net_kg", "-4500")
    spoil(folder, GOODS, 9, "consignment_id", "C-007")
    with pytest.raises(DataError) as caught:
        read(folder)
    found = {(f.file, f.row, f.column): f for f in caught.value.faults}
    assert set(found) == {
        (GOODS, 3, "ready_local"),
        (GOODS, 5, "destination"),
        (GOODS, 7, "net_kg"),
        (GOODS, 9, "consignment_id"),
    }
    assert "2027-05-24" in found[GOODS, 3, "ready_local"].expected
    assert "CN-CKG-CT" in found[GOODS, 5, "destination"].expected
    assert "at least" in found[GOODS, 7, "net_kg"].expected or "from 1" in str(caught.value)
    assert "row 8" in found[GOODS, 9, "consignment_id"].expected
    for place in (f"{GOODS}:3: ready_local = '24.05.2027 09:30'", f"{GOODS}:7: net_kg = '-4500'"):
        assert place in str(caught.value)


def test_faults_of_all_files_are_told_at_once(folder: Path):
    spoil(folder, "nodes.csv", 2, "lat", "940.284")
    spoil(folder, "routes.csv", 2, "transit_h_p90", "0.5")
    spoil(folder, "operations.csv", 2, "open_hours_local", "8-17")
    spoil(folder, "perishables.csv", 2, "hs6", "80929")
    spoil(folder, "equipment.csv", 2, "confidence", "E")
    spoil(folder, GOODS, 2, "pallets", "2")
    edit(folder, "quantile = 0.5", "quantile = 1.5")
    assert [f.file for f in faults(folder)] == [
        "cherry-week.toml",
        "nodes.csv",
        "routes.csv",
        "operations.csv",
        "equipment.csv",
        "perishables.csv",
        GOODS,
    ]


def test_a_faulty_row_still_owns_its_id(folder: Path):
    spoil(folder, "nodes.csv", 2, "lat", "north")  # Khujand, which many rows refer to
    assert the_fault(folder).column == "lat"


CELLS = [
    # file, row, column, value, part of what is expected
    (GOODS, 2, "net_kg", "1,400", "looks like 1400 or 1.4?"),
    (GOODS, 2, "net_kg", "1 400", "looks like 1400 or 1.4?"),
    (GOODS, 2, "net_kg", "1 400", "looks like 1400 or 1.4?"),
    (GOODS, 2, "net_kg", "1.400", "looks like 1400 or 1.4?"),
    (GOODS, 2, "net_kg", "1_000", "whole number"),
    (GOODS, 2, "net_kg", "1e4", "whole number"),
    (GOODS, 2, "net_kg", "0x10", "whole number"),
    (GOODS, 2, "net_kg", "+5", "whole number"),
    (GOODS, 2, "net_kg", " 7 ", "without spaces"),
    (GOODS, 2, "net_kg", "12 t", "the number alone, in kg"),
    (GOODS, 2, "net_kg", "１２", "digits 0-9"),
    (GOODS, 2, "net_kg", "٣", "digits 0-9"),
    (GOODS, 2, "net_kg", "9" * 400, "whole number"),
    (GOODS, 2, "retail_c", "nan", "a number"),
    (GOODS, 2, "retail_c", "inf", "a number"),
    (GOODS, 2, "retail_c", "1e400", "a number"),
    (GOODS, 2, "retail_c", "2,5", "with a decimal point: 2.5?"),
    (GOODS, 2, "retail_c", "41F", "the number alone, in °C"),
    (GOODS, 2, "retail_c", "35", "where the law of cherry_sweet holds"),
    (GOODS, 2, "retail_c", "", "a value"),
    (GOODS, 2, "ready_local", "01.06.2026", "2026-06-01 or 2026-01-06"),
    (GOODS, 2, "ready_local", "06/01/26", "2026-01-06 or 2026-06-01"),
    (GOODS, 2, "ready_local", "24/05/2027 09:00", "is it 2027-05-24?"),
    (GOODS, 2, "ready_local", "2027-02-30T09:00", "exists in the calendar"),
    (GOODS, 2, "ready_local", "2027-05-24T24:00", "a local time"),
    (GOODS, 2, "ready_local", "2027-05-24", "a local time"),
    (GOODS, 2, "ready_local", "1927-05-24T09:00", "2000-01-01"),
    (GOODS, 2, "due_local", "2027-05-23T09:00", "after ready_local"),
    (GOODS, 2, "consignment_id", "../x", "an id"),
    (GOODS, 2, "consignment_id", "/etc/x", "an id"),
    (GOODS, 2, "consignment_id", "=C-001", "an id"),
    (GOODS, 2, "consignment_id", "-C-001", "an id"),
    (GOODS, 2, "consignment_id", "C-001.", "end in '.'"),
    (GOODS, 2, "consignment_id", "C-001 ", "an id"),
    (GOODS, 2, "consignment_id", "CON", "device name"),
    (GOODS, 2, "consignment_id", "nul.csv", "device name"),
    (GOODS, 2, "consignment_id", "C" * 65, "an id"),
    (GOODS, 2, "consignment_id", "Ｃ-001", "an id"),
    (GOODS, 2, "consignment_id", "c-002", "'c-002' too"),
    (GOODS, 2, "consignment_id", "", "a value"),
    (GOODS, 2, "shipper", "\x1b]0;owned\x07", "U+001B"),
    (GOODS, 2, "shipper", "a\x9bb", "U+009B"),
    (GOODS, 2, "shipper", "a\u202eb", "RIGHT-TO-LEFT OVERRIDE"),
    (GOODS, 2, "shipper", "two\nlines", "U+000A"),
    (GOODS, 2, "shipper", "a\x00b", "U+0000"),
    (GOODS, 2, "shipper", "x" * 5000, "characters"),
    (GOODS, 2, "commodity", "cherry_swet", "cherry_sweet"),
    (GOODS, 2, "origin", "TJ-HIS", "TJ-HIS-PH"),
    (GOODS, 2, "destination", "TJ-HIS-PH", "another node"),
    (GOODS, 2, "gross_kg", "11000", "12000 kg net"),
    (GOODS, 2, "pallets", "14", "at least 15 pallets"),
    (GOODS, 2, "gross_kg", "13", "were tonnes meant?"),
    (GOODS, 2, "packaging", "MAP", "nearest: map"),
    (GOODS, 5, "packaging", "map", "no map_life_factor"),
    (GOODS, 2, "life_used_at_ready", "1", "from 0 to 0.99"),
    (GOODS, 2, "source", "", "a value"),
    (GOODS, 2, "confidence", "", "a value"),
    ("nodes.csv", 2, "timezone", "Asia/Duschanbe", "time zone"),
    ("nodes.csv", 2, "timezone", "../../etc/passwd", "time zone"),
    ("nodes.csv", 2, "country", "TJK", "two capital letters"),
    ("nodes.csv", 2, "cross_dock", "ja", "yes or no"),
    ("routes.csv", 2, "from_node", "TJ-KHU-RT", "another node"),
    ("routes.csv", 2, "equipment", "FEW", "FEU"),
    ("routes.csv", 2, "transit_h_p50", "0.7", "p10 is 0.8"),
    ("routes.csv", 2, "departure_days_iso", "1-8", "weekdays"),
    ("routes.csv", 2, "departure_days_iso", "1-3;2", "once"),
    ("routes.csv", 2, "departure_times_local", "08:00", "leaves when asked to"),
    ("routes.csv", 2, "every_n_weeks", "2", "weeks"),
    ("routes.csv", 2, "season", "05-01..11-31", "calendar"),
    ("routes.csv", 2, "linehaul_usd_per_unit", "", "by the unit"),
    ("routes.csv", 2, "linehaul_usd_per_kg", "1", "by the unit"),
    ("routes.csv", 2, "charter_usd_per_departure", "-1", "from 0 to 10000000"),
    ("routes.csv", 2, "min_paid_slots", "21", "at most the 20 of capacity_units"),
    ("routes.csv", 2, "distance_km", "1", "between the two nodes"),
    ("operations.csv", 2, "equipment_in", "TRUCK", "TRUCK_CA"),
    ("operations.csv", 2, "opens_unit", "yes", "not opened by origin"),
    ("operations.csv", 2, "open_hours_local", "17:00-08:00", "within one day"),
    ("operations.csv", 2, "exposed_c", "", "as exposed_h has one"),
    ("operations.csv", 2, "hours_p90", "9", "<="),
    ("operations.csv", 2, "probability", "1.5", "from 0 to 1"),
    ("operations.csv", 4, "half_cooling_h", "0", "from 0.01"),
    ("operations.csv", 5, "half_cooling_h", "0.1", "by goods_storage goods are handled as pallets"),
    ("packaging.csv", 3, "packaging_id", "bag", "naked, liner, map"),
    ("packaging.csv", 3, "packaging_id", "naked", "row 2 has it too"),
    ("packaging.csv", 4, "life_factor", "1.4", "commodity, 1"),
    ("packaging.csv", 2, "life_factor", "commodity", "only map changes"),
    ("packaging.csv", 4, "max_c", "41F", "the number alone, in °C"),
    ("packaging.csv", 2, "water_loss_factor", "1.5", "from 0 to 1"),
    ("packaging.csv", 2, "usd_per_kg", "-0.1", "from 0 to 100"),
    ("packaging.csv", 2, "outer_half_cooling_h", "0", "from 0.01"),
    ("packaging.csv", 2, "core_half_cooling_h", "", "a value"),
    ("packaging.csv", 2, "source", "", "a value"),
    (GOODS, 2, "packaging", "box", "naked, liner, map, any"),
    ("perishables.csv", 2, "hs6", "80929", "leading 0"),
    ("perishables.csv", 2, "life_min_days", "22", "<="),
    ("perishables.csv", 2, "temp_opt_min_c", "-1.8", "freezing point"),
    ("perishables.csv", 2, "decay_law", "weibull", "arrhenius"),
]


@pytest.mark.parametrize(("file", "row", "column", "value", "expected"), CELLS)
def test_a_hostile_cell_is_refused(
    folder: Path, file: str, row: int, column: str, value: str, expected: str
):
    spoil(folder, file, row, column, value)
    found = faults(folder)
    assert {f.file for f in found} == {file}
    assert {f.row for f in found} <= {row, 3}
    assert any(expected in f.expected for f in found), [str(f) for f in found]


def test_a_scheduled_service_needs_its_times(folder: Path):
    rows = table(folder / "routes.csv")
    column = rows[0].index("departure_times_local")
    row = next(n for n, r in enumerate(rows[1:], start=2) if r[column])
    for value, expected in (("", "local times"), ("6:00", "such as 08:00"), ("25:00", "23:59")):
        spoil(folder, "routes.csv", row, "departure_times_local", value)
        assert expected in the_fault(folder).expected


def drop_rows(folder: Path, file: str, wanted: str) -> None:
    """Drop lines that hold ``wanted``."""
    lines = (folder / file).read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / file).write_text("".join(x for x in lines if wanted not in x), encoding="utf-8")


def test_a_cross_dock_without_operations_works_as_any_does(folder: Path):
    spoil(folder, "nodes.csv", 2, "cross_dock", "yes")
    network = read_scenario(folder / "cherry-week.toml").network
    own = {o.id for o in network.operations.values() if o.node == "TJ-KHU-PH"}
    assert {"O004", "O402.TJ-KHU-PH"} <= own
    assert "O401.TJ-KHU-PH" not in own, "it lists a store of its own"
    assert not any(o.node == "any" for o in network.operations.values())


def test_a_cross_dock_without_any_operation_is_none(folder: Path):
    spoil(folder, "nodes.csv", 2, "cross_dock", "yes")
    drop_rows(folder, "operations.csv", ",any,XDOCK,")
    fault = the_fault(folder)
    assert (fault.file, fault.column) == ("nodes.csv", "cross_dock")
    assert "transfer with opens_unit" in fault.expected


def test_goods_are_opened_only_at_cross_docks(folder: Path):
    rows = table(folder / "operations.csv")
    at, opens = rows[0].index("node_id"), rows[0].index("opens_unit")
    trigger = rows[0].index("trigger")
    row = next(
        n
        for n, r in enumerate(rows[1:], start=2)
        if r[trigger] == "transfer" and r[opens] == "no" and r[at] == "TJ-KHU-RT"
    )
    spoil(folder, "operations.csv", row, "opens_unit", "yes")
    assert "cross_dock = no" in the_fault(folder).expected


def change_header(folder: Path, change: Callable[[list[list[str]]], None]) -> tuple[Fault, ...]:
    rows = table(folder / GOODS)
    change(rows)
    save(folder / GOODS, rows)
    return faults(folder)


def test_a_misspelt_column_is_named_with_its_neighbour(folder: Path):
    def change(rows: list[list[str]]) -> None:
        rows[0][rows[0].index("net_kg")] = "net_kgs"

    unknown, missing = change_header(folder, change)
    assert "net_kg" in unknown.expected
    assert unknown.row == missing.row == 1
    assert "'net_kg'" in missing.expected


def test_a_double_column_is_refused(folder: Path):
    def change(rows: list[list[str]]) -> None:
        for row in rows:
            row.append(row[0])

    (fault,) = change_header(folder, change)
    assert "column 1 and 20" in fault.expected


def test_ragged_rows_are_refused_and_the_others_read(folder: Path):
    path = folder / GOODS
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[2] += ",one more"
    lines[4] = ",".join(lines[4].split(",")[:5])
    path.write_text("\n".join(lines), encoding="utf-8")
    spoil_free = faults(folder)
    assert [(f.row, f.column) for f in spoil_free] == [(3, ""), (5, "")]
    assert "19 cells as in the header, not 20" in spoil_free[0].expected


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("C-002", '"C-002', "closing quote"),  # closed by the next quote in the file
        ("C-002", '"C-002"x', "closing quote"),
        ("C-040", '"C-040', "closing quote"),
    ],
)
def test_broken_quotes_are_refused(folder: Path, name: str, text: str, expected: str):
    path = folder / GOODS
    whole = path.read_text(encoding="utf-8").replace(name, text, 1)
    path.write_text(whole, encoding="utf-8")
    fault = the_fault(folder)
    assert expected in fault.expected
    assert fault.row == int(name[-3:]) + 1


def test_an_unclosed_quote_is_refused_where_it_opens(folder: Path):
    path = folder / GOODS
    path.write_text(path.read_text(encoding="utf-8") + '"C-041,cherry_sweet\n\n', encoding="utf-8")
    fault = the_fault(folder)
    assert "never closed" in fault.expected
    assert fault.row == 42


def test_a_broken_table_of_nodes_is_told_once(folder: Path):
    path = folder / "nodes.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("TJ-ISF-PH", '"TJ', 1), encoding="utf-8"
    )
    assert "well-formed" in the_fault(folder).expected


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("gb18030", "GBK"),
        ("utf-16-le", "byte order mark"),
        ("utf-32", "UTF-32"),
    ],
)
def test_other_encodings_are_refused_with_the_remedy(folder: Path, encoding: str, expected: str):
    path = folder / "nodes.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    fault = the_fault(folder)
    assert expected in fault.expected
    assert "UTF-8" in fault.expected


def test_cyrillic_in_windows_code_is_shown_as_what_it_may_be(folder: Path):
    path = folder / GOODS
    raw = path.read_bytes().replace(b"packhouse Hisor", "Гиссар".encode("cp1251"), 1)
    path.write_bytes(raw)
    fault = the_fault(folder)
    assert fault.row == 2
    assert "'Гиссар' in Windows-1251" in fault.expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", "a header"),
        (b"\n\n", "a header"),
        (b"PK\x03\x04" + bytes(100), "Excel"),
        (b"\xd0\xcf\x11\xe0", "old Excel"),
        (b"\x1f\x8b", "gzip"),
        (b"\xff\xfea", "whole UTF-16"),
        (b"hello", "only known columns"),
    ],
)
def test_what_is_no_table_is_refused(folder: Path, raw: bytes, expected: str):
    (folder / GOODS).write_bytes(raw)
    assert any(expected in f.expected for f in faults(folder)), [str(f) for f in faults(folder)]


def test_a_missing_file_is_a_fault(folder: Path):
    (folder / GOODS).unlink()
    assert the_fault(folder).file == GOODS
    with pytest.raises(DataError, match="a file"):
        read_scenario(folder / "nowhere.toml")
    with pytest.raises(DataError, match="a file"):
        read_scenario(folder)
    with pytest.raises(DataError, match=r"nodes\.csv"):
        read_network(folder / "nowhere")


def test_too_many_rows_and_columns_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("coldchain.tables.rows.MAX_ROWS", 262)
    assert "at most 262 rows" in the_fault(folder).expected
    monkeypatch.setattr("coldchain.tables.rows.MAX_FIELDS", 30)
    assert any("at most 30 columns" in f.expected for f in faults(folder))


def test_a_large_file_is_not_even_read(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("coldchain.tables.encoding.read_text.__kwdefaults__", {"limit": 10_000})
    assert any("at most" in f.expected for f in faults(folder))


SETTINGS = [
    ("quantile = 0.5", "quantile = nan", "planning.quantile", "from 0.01 to 0.99"),
    ("quantile = 0.5", "quantile = 0", "planning.quantile", "from 0.01 to 0.99"),
    ("quantile = 0.5", 'quantile = "0.5"', "planning.quantile", "without quotes"),
    ("quantile = 0.5", "quantil = 0.5", "planning.quantil", "nearest: quantile"),
    ("max_dwell_h = 48", "max_dwell_h = inf", "planning.max_dwell_h", "from 0 to 1000 h"),
    ("max_cross_docks = 3", "max_cross_docks = true", "planning.max_cross_docks", "whole"),
    ("max_cross_docks = 3", "max_cross_docks = 4.0", "planning.max_cross_docks", "whole"),
    ("setpoints_c = [0.0]", "setpoints_c = []", "planning.setpoints_c", "a list"),
    ("setpoints_c = [0.0]", "setpoints_c = [0.0, 0]", "planning.setpoints_c", "once"),
    ("setpoints_c = [0.0]", "setpoints_c = [68]", "planning.setpoints_c", "from -30 to 30"),
    ('"existing", ', '"existing", "rumoured", ', "planning.service_status", "not 'rumoured'"),
    ("2027-05-24\n", '"2027-05-24"\n', "season_date", "without quotes"),
    ("2027-05-24\n", '"24.05.2027"\n', "season_date", "2027-05-24"),
    ("2027-05-24\n", "2027-05-24T08:00:00\n", "season_date", "a date"),
    ('reporting = "CNY"', 'reporting = "CNX"', "currency.reporting", "nearest: CNY"),
    ("[parties]", "[currency.per_usd]\nCNY = -7\n[parties]", "currency.per_usd.CNY", "above 0"),
    ("[parties]", "[currency.per_usd]\nCNY = nan\n[parties]", "currency.per_usd.CNY", "above 0"),
    ("[parties]", "[currency.per_usd]\nyuan = 7\n[parties]", "currency.per_usd.yuan", "capital"),
    ("[prices]", "[prices]\ncarbon_usd_per_t = -1", "prices.carbon_usd_per_t", "from 0"),
    ("[prices]", "[prices]\ninsurance_pct = 101", "prices.insurance_pct", "from 0 to 100 %"),
    ("seed = 1", "seed = -1", "seed", "from 0"),
    ("seed = 1", "", "seed", "a value"),
    ("[prices]", "[price]", "price", "nearest: prices"),
    ('name = "cherry-week"', 'name = "../cherry"', "name", "an id"),
    ('title = "', 'title = "\\u001b', "title", "U+001B"),
    ('forwarder = "', 'forwarder = "\\u0000', "parties.forwarder", "U+0000"),
    (f'"{GOODS}"', '"/etc/passwd"', "consignments", "beside this file"),
    (f'"{GOODS}"', "'C:\\goods.csv'", "consignments", "beside this file"),
    ('folder = "."', 'folder = "elsewhere"', "data.folder", "all tables"),
    ('folder = "."', "folder = 1", "data.folder", "text in quotes"),
]


@pytest.mark.parametrize(("old", "new", "column", "expected"), SETTINGS)
def test_a_wrong_setting_is_refused(folder: Path, old: str, new: str, column: str, expected: str):
    edit(folder, old, new)
    found = {f.column: f for f in faults(folder)}
    assert column in found, list(found)
    assert expected in found[column].expected
    assert found[column].file == "cherry-week.toml"


def test_a_fault_in_a_scenario_file_names_its_line(folder: Path):
    lines = (folder / "cherry-week.toml").read_text(encoding="utf-8").splitlines()
    edit(folder, "confidence = 0.8", "confidence = 80")
    assert the_fault(folder).row == lines.index("confidence = 0.8") + 1


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("a = [" + "[" * 5000, 0),
        ('name = "x"\nseed = 1 2', 2),
        ('name = "x"\nname = "y"', 2),
        ("seed = " + "9" * 5000, 0),
    ],
)
def test_broken_toml_is_refused(folder: Path, text: str, row: int):
    (folder / "cherry-week.toml").write_text(text, encoding="utf-8")
    fault = the_fault(folder)
    assert fault.row == row
    assert "TOML" in fault.expected


def test_a_bomb_of_toml_is_refused_unread(folder: Path):
    (folder / "cherry-week.toml").write_text("#" * 1_000_001, encoding="utf-8")
    assert "at most" in the_fault(folder).expected


@pytest.mark.parametrize("odd", ["\x1b]0;owned\x07", "\x9b31m", "\u202e"])
def test_no_fault_carries_what_it_refuses_to_a_terminal(folder: Path, odd: str):
    spoil(folder, "nodes.csv", 2, "node_id", f"TJ-HIS-P{odd}")
    spoil(folder, GOODS, 2, "origin", "TJ-HIS-P")
    spoil(folder, GOODS, 3, "consignment_id", f"x{odd}")
    spoil(folder, GOODS, 4, "consignment_id", f"X{odd}")
    spoil(folder, GOODS, 1, "note", f"not{odd}")
    escaped = odd.encode("unicode_escape").decode().replace("\\x", "\\u00")
    edit(folder, "[planning]", f'"a{escaped}" = 1\n\n[planning]\n"b{escaped}" = 2')
    edit(folder, '"existing", ', f'"existing{escaped}", ')
    with pytest.raises(DataError) as caught:
        read(folder)
    assert len(caught.value.faults) >= 8
    for line in str(caught.value).splitlines():
        assert line.isprintable(), line


def test_a_long_cell_is_shown_in_part(folder: Path):
    spoil(folder, GOODS, 2, "shipper", "x" * 100_000)
    assert len(str(the_fault(folder))) < 500


# Single cells


def column(kind: Kind) -> Column:
    return Column(name="x", kind=kind, meaning="x")


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Europe/Warsaw"])
def test_times_that_do_not_exist_or_come_twice_are_refused(zone: str):
    with pytest.raises(Refused, match="put forward"):
        instant(datetime(2027, 3, 28, 2, 30), None, zone)  # noqa: DTZ001
    with pytest.raises(Refused, match=r"\+02:00 or \+01:00"):
        instant(datetime(2027, 10, 31, 2, 30), None, zone)  # noqa: DTZ001


@pytest.mark.parametrize(("year", "hours"), [(2023, 6), (2026, 5)])
def test_almaty_changed_its_clock_in_2024(year: int, hours: int):
    noon = instant(datetime(year, 6, 1, 12, 0), None, "Asia/Almaty")  # noqa: DTZ001
    assert noon == datetime(year, 6, 1, 12 - hours, 0, tzinfo=UTC)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str):
    for table in (NODES, ROUTES, CONSIGNMENTS):
        for each in table.columns:
            try:
                parse(each, text)
            except Refused as refused:
                words = str(refused)
                assert words


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e6, max_value=1e6))
def test_numbers_are_read_as_they_are_written(number: float):
    text = f"{number:.6f}"
    assert parse(column(Kind.NUMBER), text) == float(text)


def test_minus_zero_is_zero():
    assert str(parse(column(Kind.NUMBER), "-0.0")) == "0.0"


@given(st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes_are_refused_in_order(tmp_path_factory: pytest.TempPathFactory, raw: bytes):
    folder = tmp_path_factory.mktemp("bytes")
    (folder / "x.toml").write_bytes(raw)
    for name in TABLES:
        (folder / f"{name}.csv").write_bytes(raw)
    with pytest.raises(DataError):
        read_scenario(folder / "x.toml")
    with pytest.raises(DataError):
        read_network(folder)


# Frames


@pytest.fixture
def empty_plan(original: Scenario) -> Plan:
    proof = Proof(
        status="optimal",
        cost_usd=0,
        bound_usd=0,
        constant_usd=0,
        gap=0,
        gap_asked=0,
        greedy_usd=0,
        engine="none",
        engine_version="0",
        seed=1,
        seconds=0,
        candidates=0,
    )
    return Plan(
        scenario=original,
        itineraries=(),
        load_units=(),
        unserved=(),
        charges={},
        emissions={},
        proof=proof,
    )


def test_frames_of_a_scenario(original: Scenario):
    goods = consignments_frame(original)
    assert list(goods["consignment"]) == [c.id for c in original.consignments]
    assert str(goods["ready_at"].dtype) == "datetime64[us, UTC]"
    assert list(goods["net_kg"]) == [c.net_kg for c in original.consignments]
    services = services_frame(original.network)
    assert len(set(services["service"])) == len(services) == len(original.network.services)
    assert set(services["mode"]) == {"air", "rail", "road"}


def test_frames_of_a_plan_without_anything(empty_plan: Plan):
    assert set(itineraries_frame(empty_plan)["served"]) == {False}
    for of in (legs_frame, steps_frame, load_units_frame, charges_frame):
        frame = of(empty_plan)
        assert frame.empty
        assert len(frame.columns) > 5


def test_frames_of_a_plan(empty_plan: Plan, original: Scenario):
    c = original.consignment("C-007")
    ready = minute(c.ready_at)
    timetable = original.timetable
    legs = tuple(
        timetable.departure(original.network.services[name], ready + 60 * hours)
        for name, hours in (("L001", 10), ("L018", 20))
    )
    carriage = Carriage(legs=legs, equipment="FEU", setpoint_c=0.0, stowage_group="cherry_sweet")
    steps = tuple(
        Step(
            kind=kind,
            node=c.origin,
            subject="x",
            begins=begins,
            ends=ends,
            carriage=0,
            surroundings=(),
        )
        for kind, begins, ends in (
            (StepKind.WAIT, ready, legs[0].departs),
            (StepKind.LEG, legs[0].departs, legs[0].arrives),
            (StepKind.LEG, legs[1].departs, legs[1].arrives),
        )
    )
    itinerary = Itinerary(
        consignment=c.id,
        packaging=Packaging.LINER,
        carriages=(carriage,),
        steps=steps,
        delivered=legs[1].arrives,
        life_reckoned=0.28,
        life_used=0.25,
        shelf_life_left_h=144.0,
        shelf_life_left_p10_h=120.0,
        shelf_life_left_p50_h=216.0,
        shelf_life_left_p90_h=288.0,
        sure=0.875,
        limited_by="water loss",
        pulp_warmest_c=3.5,
    )
    refusal = Refusal(
        consignment="C-008", reason=Reason.NO_SLOT, shortfall=0, unit="h", where="", detail=""
    )
    plan = replace(
        empty_plan,
        itineraries=(itinerary,),
        load_units=(
            LoadUnit(id="F001", carriage=carriage, contents=((c.id, 20),)),
            LoadUnit(id="F002", carriage=carriage, contents=((c.id, 1),)),
        ),
        unserved=(refusal,),
        charges={
            c.id: Charges(freight=900.0, packaging=100.0, freshness=600.0),
            "C-008": Charges(unserved=10.0),
        },
    )
    ways = legs_frame(plan)
    assert list(ways["service"]) == ["L001", "L018"]
    assert list(ways["leg"]) == [1, 2]
    assert list(ways["transit_h"]) == [
        pytest.approx(original.network.services[name].transit.p50, abs=0.01)
        for name in ("L001", "L018")
    ]
    journeys = itineraries_frame(plan).set_index("consignment")
    assert len(journeys) == 40
    assert list(journeys["served"]).count(True) == 1
    for name, value in {
        "packaging": "liner",
        "life_reckoned": 0.28,
        "life_used": 0.25,
        "shelf_life_left_d": 6,
        "shelf_life_left_p10_d": 5,
        "shelf_life_left_p50_d": 9,
        "shelf_life_left_p90_d": 12,
        "lots_fresh_pct": 87.5,
        "limited_by": "water loss",
        "pulp_warmest_c": 3.5,
    }.items():
        assert journeys.loc[c.id, name] == value
    behind = journeys[~journeys["served"]]
    assert set(behind["packaging"]) == set(behind["limited_by"]) == {""}
    assert all(math.isnan(share) for share in behind["lots_fresh_pct"])
    assert journeys.loc[c.id, "waiting_h"] == 10
    assert journeys.loc[c.id, "total_usd_per_kg"] == pytest.approx(0.1)
    assert list(journeys["reason"]).count("NO_SLOT") == 1
    assert list(journeys["delivered_at"].isna()).count(False) == 1
    units = load_units_frame(plan)
    assert list(units["pallets"]) == [20, 1]
    assert list(units["services"]) == ["L001;L018"] * 2
    money = charges_frame(plan).set_index("consignment")
    assert money.loc[c.id, "total_usd"] == 1600
    assert money.loc[c.id, "packaging_usd"] == 100
    assert money.loc[c.id, "invoiced_usd"] == 1000
    assert money.loc["C-008", "unserved_usd"] == 10


def test_a_frame_of_steps_follows_air_and_pulp_door_to_door():
    plan = example_plan()
    steps = steps_frame(plan)
    for itinerary in plan.itineraries:
        mine = steps.loc[steps["consignment"] == itinerary.consignment]
        c = plan.scenario.consignment(itinerary.consignment)
        assert list(mine["air_c"]) == [s.air_c for s in itinerary.history]
        assert mine["hours"].sum() == pytest.approx((itinerary.delivered - minute(c.ready_at)) / 60)
        # Each stretch begins where the one before ended, the first when the goods are ready.
        assert list(mine["begins_at"]) == [c.ready_at, *mine["ends_at"][:-1]]
        assert mine["ends_at"].iloc[-1].timestamp() == 60 * itinerary.delivered
        pallet = plan.scenario.lots(c.commodity, itinerary.packaging).pallet
        whole = pallet.trace(itinerary.history, start_c=c.pulp_at_ready_c)
        end = mine[["pulp_outer_c", "pulp_core_c"]].iloc[-1]
        assert list(end) == pytest.approx(list(whole.end_c[0]))
        # The points of the trace come close to the ends of stretches, where the pulp is warmest.
        assert mine[["pulp_outer_c", "pulp_core_c"]].max().max() <= whole.warmest_c[0] + 0.01


def test_reading_loads_no_data_frames():
    code = (
        "import sys; from coldchain.tables import read_scenario; read_scenario('cherry-week');"
        "sys.exit(bool({'pandas', 'pydantic', 'networkx'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_open_packaging_that_no_packaging_of_the_scenario_suits_is_refused(folder: Path):
    """Onions have no factor in MAP, and nothing else is left open to them."""
    edit(folder, "[planning]\n", '[planning]\npackagings = ["map"]\n')
    spoil(folder, GOODS, 3, "packaging", "any")
    spoil(folder, GOODS, 2, "commodity", "onion_dry")
    spoil(folder, GOODS, 2, "packaging", "any")
    found = {fault.row: fault for fault in faults(folder)}
    assert 3 not in found, "cherries may go in MAP"
    assert {(f.file, f.column, f.value) for f in found.values()} == {(GOODS, "packaging", "any")}
    words = "a packaging that suits onion_dry: the scenario leaves open map only"
    assert found[2].expected == words


def test_a_calendar_nobody_keeps_is_named_with_its_neighbours(folder: Path):
    spoil(folder, "operations.csv", 146, "closed_on", "CN-ROD")
    spoil(folder, "routes.csv", 60, "closed_on", "CN-ROAD;XX")
    found = {fault.file: fault for fault in faults(folder)}
    assert "CN-ROAD" in found["operations.csv"].expected
    assert "not XX" in found["routes.csv"].expected
    assert {fault.column for fault in found.values()} == {"closed_on"}


def test_a_service_passes_nodes_that_exist_and_are_not_its_ends(folder: Path):
    with (folder / "routes.csv").open(encoding="utf-8", newline="") as file:
        ids = [row["service_id"] for row in csv.DictReader(file)]
    spoil(folder, "routes.csv", ids.index("L199") + 2, "passes", "KZ-ALT-BR;KZ-ALT")
    spoil(folder, "routes.csv", ids.index("L131") + 2, "passes", "CN-CKG-TJ")
    told = [fault.expected for fault in faults(folder)]
    assert any("not KZ-ALT; nearest: KZ-ALT-BR" in words for words in told)
    assert any("not CN-CKG-TJ, where it begins or ends" in words for words in told)


def test_tables_without_calendars_have_no_holidays(folder: Path):
    (folder / "calendars.csv").unlink()
    for name in ("operations.csv", "routes.csv"):
        rows = table(folder / name)
        at = rows[0].index("closed_on")
        save(folder / name, [[*row[:at], *row[at + 1 :]] for row in rows])
    given = read(folder)
    assert given.network.calendars == {}
    assert not any(s.closed_on for s in given.network)


def test_a_window_beyond_the_years_of_the_season_is_refused(folder: Path):
    edit(folder, "season_date = 2027-05-24", "season_date = 2025-05-24")
    found = faults(folder)
    assert {fault.column for fault in found} == {"ready_local", "due_local"}
    assert all("2024 to 2026" in fault.expected for fault in found)


def test_a_scenario_never_plans_into_years_whose_holidays_it_does_not_know(original: Scenario):
    first = original.consignments[0]
    beyond = replace(first, due_at=first.due_at.replace(year=2029))
    with pytest.raises(ValueError, match="lies outside 2026-01-01 to 2028-12-31"):
        replace(original, consignments=(beyond,))


def test_ids_are_those_of_the_rows_that_are_there():
    sheet = read_sheet(data_folder() / "nodes.csv", table=NODES)
    assert "CN-CKG-HB" in sheet.ids
    kept = [row for row in sheet.rows if row.text("country") != "CN"]
    sheet.put_in_place(kept)
    assert sheet.ids == {row.text("node_id") for row in kept}
