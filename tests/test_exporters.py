import csv
import io
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from test_exporters_example import MARKET, example_plan

from coldchain.columns import Column, Kind, Table
from coldchain.exporters import EXPORTERS, FILES, SINGLE, TABLES, bookings, load_list
from coldchain.exporters.cargo import contents
from coldchain.exporters.consignments import FRESHNESS
from coldchain.exporters.files import put
from coldchain.exporters.page import SHOWN_ROWS, WIDTH, page, page_text, table
from coldchain.exporters.sheets import csv_bytes, decimal, signed
from coldchain.exporters.summary import summarise
from coldchain.exporters.wording import goes_on, place, places, routed, visible
from coldchain.goods import Packaging
from coldchain.itinerary import Carriage
from coldchain.network import Trigger
from coldchain.plan import Plan
from coldchain.tables import read_network
from coldchain.timetable import Departure

GOLDEN = Path(__file__).parent / "test_exporters_golden"


def sheet(path: Path) -> list[dict[str, str]]:
    text = path.read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    EXPORTERS["all"](example_plan(), tmp_path)
    return tmp_path


@pytest.mark.parametrize("file", FILES["all"])
def test_files_are_those_agreed_on_byte_for_byte(folder: Path, file: str):
    # COLDCHAIN_GOLDEN=1 pytest writes them anew; look at the difference before committing it.
    if os.environ.get("COLDCHAIN_GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        (GOLDEN / file).write_bytes((folder / file).read_bytes())
    assert (folder / file).read_bytes() == (GOLDEN / file).read_bytes()


def test_the_same_plan_gives_the_same_bytes(folder: Path, tmp_path: Path):
    again = tmp_path / "again"
    again.mkdir()
    for path in EXPORTERS["all"](example_plan(), again):
        assert path.read_bytes() == (folder / path.name).read_bytes()


@pytest.mark.parametrize("name", EXPORTERS)
def test_an_exporter_writes_the_files_it_declares_and_no_others(name: str, tmp_path: Path):
    written = EXPORTERS[name](example_plan(), tmp_path)
    assert tuple(path.name for path in written) == FILES[name]
    assert sorted(os.listdir(tmp_path)) == sorted(FILES[name])


def test_all_is_every_single_exporter():
    assert FILES["all"] == tuple(file for name in SINGLE for file in FILES[name])


@pytest.mark.parametrize("sheet_table", TABLES, ids=lambda table: table.name)
def test_columns_are_declared_once_in_plain_ascii_with_a_meaning(sheet_table: Table):
    names = [column.name for column in sheet_table.columns]
    assert len(set(names)) == len(names)
    assert all(name.isascii() and name == name.lower() and " " not in name for name in names)
    assert all(column.meaning for column in sheet_table.columns)
    for column in sheet_table.columns:
        for ending, unit in (("_kg", "kg"), ("_usd", "USD"), ("_c", "°C"), ("_h", "h")):
            if column.name.endswith(ending) and not column.name.endswith("_per_kg"):
                assert column.unit == unit


@pytest.mark.parametrize("sheet_table", TABLES, ids=lambda table: table.name)
def test_a_cell_is_blank_only_where_its_column_may_be(folder: Path, sheet_table: Table):
    for row in sheet(folder / sheet_table.file):
        blank = {name for name, cell in row.items() if not cell}
        assert blank <= {column.name for column in sheet_table.columns if not column.required}


@pytest.mark.parametrize("sheet_table", TABLES, ids=lambda table: table.name)
def test_sheets_open_in_a_spreadsheet_as_they_are_meant(folder: Path, sheet_table: Table):
    data = (folder / sheet_table.file).read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\n") == data.count(b"\r\n")
    assert data.endswith(b"\r\n")
    kinds = {column.name: column.kind for column in sheet_table.columns}
    for row in sheet(folder / sheet_table.file):
        for name, cell in row.items():
            if kinds[name] in (Kind.NUMBER, Kind.INTEGER):
                assert not cell or float(cell) == float(cell)
            else:
                assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))


TABLE = Table(
    name="t",
    file="t.csv",
    meaning="m",
    columns=(
        Column(name="words", kind=Kind.TEXT, meaning="m"),
        Column(name="setpoint_c", kind=Kind.NUMBER, meaning="m"),
    ),
)


@pytest.mark.parametrize(
    "text", ["=1+1", "+7 992", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠a"]
)
def test_text_that_is_a_formula_to_a_spreadsheet_becomes_text(text: str):
    data = csv_bytes(TABLE, [{"words": text, "setpoint_c": "-0.5"}])
    (row,) = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
    assert row == {"words": f"'{text}", "setpoint_c": "-0.5"}


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_any_text_is_read_back_as_it_was_written(text: str):
    data = csv_bytes(TABLE, [{"words": text, "setpoint_c": "+0.0"}])
    (row,) = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
    assert row["words"].removeprefix("'") == text.removeprefix("'")


def test_a_row_with_other_columns_is_refused():
    with pytest.raises(ValueError, match="speed"):
        csv_bytes(TABLE, [{"words": "", "setpoint_c": "", "speed": ""}])


@pytest.mark.parametrize(
    ("setpoint", "written"),
    [(0.0, "+0.0"), (-0.0, "+0.0"), (-0.5, "-0.5"), (13, "+13.0"), (0.25, "+0.25")],
)
def test_a_setpoint_has_its_sign_and_a_decimal(setpoint: float, written: str):
    assert signed(setpoint) == written


@pytest.mark.parametrize(
    ("value", "written"), [(-0.001, "0.00"), (1234.5, "1234.50"), (-2, "-2.00")]
)
def test_a_decimal_has_no_thousands_separator_and_no_negative_zero(value: float, written: str):
    assert decimal(value, 2) == written


def test_weights_in_the_units_add_up_to_the_consignment():
    plan = example_plan()
    for carriage in {unit.carriage for unit in plan.load_units}:
        items = [
            item
            for unit in plan.load_units
            if unit.carriage == carriage
            for item in contents(plan)[unit.id]
        ]
        for name in {item.consignment.id for item in items}:
            consignment = plan.scenario.consignment(name)
            mine = [item for item in items if item.consignment.id == name]
            assert sum(item.net_kg for item in mine) == consignment.net_kg
            assert sum(item.gross_kg for item in mine) == consignment.gross_kg


def test_bookings_agree_with_the_charges_on_line_haul(folder: Path):
    booked = sum(float(row["linehaul_usd"]) for row in sheet(folder / "bookings.csv"))
    assert booked == pytest.approx(example_plan().total.freight, abs=0.05)


def test_a_load_unit_can_be_booked_as_one_job(folder: Path):
    rows = sheet(folder / "bookings.csv")
    for name in {row["load_unit"] for row in rows}:
        legs = [row for row in rows if row["load_unit"] == name]
        assert {row["carriage_from"] for row in legs} == {legs[0]["from_node"]}
        assert {row["carriage_to"] for row in legs} == {legs[-1]["to_node"]}
        whole = sum(float(row["linehaul_usd"]) for row in legs)
        assert float(legs[0]["unit_usd"]) == pytest.approx(whole, abs=0.02)
        assert not any(row["unit_usd"] for row in legs[1:])
    assert {row["units"] for row in rows if row["mode"] == "air"} == {""}


def test_a_commodity_code_keeps_its_zero_in_a_spreadsheet(folder: Path):
    assert {row["hs_code"] for row in sheet(folder / "load-list.csv")} == {"HS 0809.29"}


def test_consignments_add_up_to_the_plan(folder: Path):
    rows = sheet(folder / "consignments.csv")
    assert [row["consignment"] for row in rows] == ["C-1", "C-2", "C-3", "C-4"]
    total = sum(float(row["total_usd"]) for row in rows)
    assert total == pytest.approx(example_plan().total.total, abs=0.05)
    (left,) = [row for row in rows if row["outcome"] == "unserved"]
    assert (left["consignment"], left["reason"]) == ("C-4", "NOT_FRESH")
    assert float(left["shortfall"]) > 0


@pytest.mark.parametrize("packaging", [p for p in Packaging if p is not Packaging.ANY])
def test_a_cell_that_is_a_choice_is_one_of_those_declared(packaging: Packaging, tmp_path: Path):
    plan = example_plan()
    packed = tuple(replace(i, packaging=packaging) for i in plan.itineraries)
    EXPORTERS["all"](replace(plan, itineraries=packed), tmp_path)
    for sheet_table in TABLES:
        allowed = {c.name: c.allowed for c in sheet_table.columns if c.kind is Kind.CHOICE}
        for row in sheet(tmp_path / sheet_table.file):
            assert all(row[name] in ("", *choices) for name, choices in allowed.items())


def test_the_forwarder_is_told_the_packaging_that_was_chosen(folder: Path):
    assert example_plan().scenario.consignment("C-3").packaging is Packaging.ANY
    loaded = {(r["consignment"], r["packaging"]) for r in sheet(folder / "load-list.csv")}
    assert loaded == {("C-1", "naked"), ("C-2", "naked"), ("C-3", "map")}
    for row in sheet(folder / "bookings.csv"):
        packed = {packaging for name, packaging in loaded if name in row["consignments"].split(";")}
        assert set(row["packagings"].split(";")) == packed
    asked = {r["consignment"]: r["packaging_asked"] for r in sheet(folder / "consignments.csv")}
    assert (asked["C-3"], asked["C-4"]) == ("any", "naked")


def test_a_load_list_names_the_treatment_and_where_it_is_done():
    plan = example_plan()
    net = plan.scenario.network
    cold = replace(
        net.operations["PACKING"], id="COLD", trigger=Trigger.IN_TRANSIT, treatment="cold_18d_0.56"
    )
    scenario = replace(
        plan.scenario,
        network=replace(net, operations={**net.operations, "COLD": cold}),
        consignments=tuple(
            replace(c, treatment="cold_18d_0.56") if c.id == "C-1" else c
            for c in plan.scenario.consignments
        ),
    )
    told = {
        row["consignment"]: (row["treatment"], row["treated_at"])
        for row in load_list.rows(replace(plan, scenario=scenario))
    }
    assert told == {"C-1": ("cold_18d_0.56", "in_transit"), "C-2": ("", ""), "C-3": ("", "")}


def test_freshness_is_that_of_the_itinerary_and_blank_where_there_is_none(folder: Path):
    itineraries = {i.consignment: i for i in example_plan().itineraries}
    for row in sheet(folder / "consignments.csv"):
        if row["outcome"] == "unserved":
            assert not any(row[name] for name in FRESHNESS)
            continue
        itinerary = itineraries[row["consignment"]]
        assert float(row["life_used"]) == pytest.approx(itinerary.life_used, abs=1e-4)
        assert float(row["life_reckoned"]) == pytest.approx(itinerary.life_reckoned, abs=1e-4)
        assert float(row["lots_fresh_pct"]) == pytest.approx(100 * itinerary.sure, abs=0.05)
        assert float(row["pulp_warmest_c"]) == pytest.approx(itinerary.pulp_warmest_c, abs=0.05)
        assert row["limited_by"] == itinerary.limited_by
        few, half, most = (float(row[f"shelf_life_left_{p}_h"]) for p in ("p10", "p50", "p90"))
        # Eight lots in ten have what is stated, nine in ten what the first percentile says.
        assert few < float(row["shelf_life_left_h"]) < half < most
        assert float(row["shelf_life_required_h"]) <= float(row["shelf_life_left_h"])


def test_packaging_is_paid_by_the_gross_kilogram(folder: Path):
    packaging = example_plan().scenario.packaging
    for row in sheet(folder / "consignments.csv"):
        usd = packaging[row["packaging"]].usd_per_kg if row["packaging"] else 0.0
        assert float(row["packaging_usd"]) == pytest.approx(usd * int(row["gross_kg"]), abs=0.01)


def test_a_unit_is_stripped_when_its_formalities_are_done(folder: Path):
    unit = next(row for row in sheet(folder / "load-list.csv") if row["equipment"] == "TRUCK_CA")
    legs = [row for row in sheet(folder / "bookings.csv") if row["load_unit"] == unit["load_unit"]]
    assert unit["stuffed_at"] == legs[0]["cut_off"]
    # Ten hours on the road end at 20:00 local; the border takes two more.
    assert legs[-1]["eta"] < unit["stripped_at"]


def test_no_cut_off_is_kept_where_the_same_truck_goes_on():
    network = read_network()
    by_road = [
        (before, after)
        for before in network
        for after in network.services_from(before.destination)
        if before.on_demand and after.on_demand and network.stays_sealed(before, after)
    ]
    same = [
        (before, after)
        for before, after in by_road
        if network.sealed_transfer(after.origin, before, after) is None
    ]
    assert same
    for before, after in same[:20]:
        legs = (
            Departure(departs=0, arrives=1, service=before.id),
            Departure(departs=2, arrives=3, service=after.id),
        )
        route = routed(
            network,
            Carriage(legs=legs, equipment=before.equipment, setpoint_c=0.0, stowage_group=""),
        )
        assert not goes_on(network, route, 0)
        assert goes_on(network, route, 1)


def lines_of(plan: Plan) -> list[str]:
    return page_text(summarise(plan)).splitlines()


def test_the_summary_fits_its_width():
    assert max(cell_len(line) for line in lines_of(example_plan())) <= WIDTH


def test_the_summary_fits_with_the_longest_ids_and_names():
    plan = example_plan()
    names = {c.id: f"{c.id}-{'x' * (63 - len(c.id))}" for c in plan.scenario.consignments}
    scenario = replace(
        plan.scenario,
        title="标题" * 90,
        consignments=tuple(replace(c, id=names[c.id]) for c in plan.scenario.consignments),
    )
    renamed = replace(
        plan,
        scenario=scenario,
        itineraries=tuple(replace(i, consignment=names[i.consignment]) for i in plan.itineraries),
        load_units=tuple(
            replace(u, contents=tuple((names[c], n) for c, n in u.contents))
            for u in plan.load_units
        ),
        unserved=tuple(
            replace(r, consignment=names[r.consignment], shortfall=123456789.0)
            for r in plan.unserved
        ),
        charges={names[c]: charges * 1000 for c, charges in plan.charges.items()},
    )
    text = page_text(summarise(renamed))
    assert max(cell_len(line) for line in text.splitlines()) <= WIDTH
    assert "123,456,789.0" in text


@pytest.mark.parametrize("number", [0, 1, 20])
def test_a_table_that_fits_loses_no_letter(number: int):
    cells = (
        "C-001",
        "train L134 +12",
        "a place with quite a long name " * 3,
        "2027-05-29T15:18+08:00",
    )
    columns = (("id", "left"), ("by", "left"), ("to", "words"), ("at", "right"), ("to", "words"))
    drawn = table("t", (*columns, ("arrives", "right")), [(*cells, cells[2], cells[3])] * number)
    sink = io.StringIO()
    Console(file=sink, width=WIDTH).print(drawn)
    lines = sink.getvalue().splitlines()
    assert max(map(cell_len, lines)) <= WIDTH
    assert sum(line.count(cells[3]) for line in lines) == 2 * number
    assert lines[1].rstrip().endswith("arrives")


def test_markup_in_names_is_shown_and_not_obeyed():
    text = page_text(summarise(example_plan()))
    assert "[bold]Tiny[/bold] week" in text
    assert "=[red]Pack[/red]" in text
    assert ":smile:" in text
    assert MARKET.split()[0] in text


def test_what_drives_a_terminal_is_not_printed():
    plan = example_plan()
    hostile = "\x1b]0;owned\x07 \u202eevil\u2028 \x9b31m"
    text = page_text(summarise(replace(plan, scenario=replace(plan.scenario, title=hostile))))
    assert not set("\x1b\x07\x9b\u202e\u2028") & set(text)
    assert "owned" in text


@given(st.text())
def test_visible_text_can_always_be_printed(text: str):
    shown = visible(text)
    assert len(shown) == len(text)
    shown.encode()
    assert "\n" not in shown


def test_a_plan_of_many_consignments_is_summed_up():
    plan = example_plan()
    summary = summarise(plan)
    many = replace(summary, journeys=summary.journeys * 50, shared=summary.shared * 50)
    sink = io.StringIO()
    Console(file=sink, width=WIDTH).print(page(many))
    assert f"… and {150 - SHOWN_ROWS} more in consignments.csv" in sink.getvalue()
    assert f"… and {150 - SHOWN_ROWS} more in load-list.csv" in sink.getvalue()
    assert len(sink.getvalue().splitlines()) < 9 * SHOWN_ROWS
    whole = page_text(many)
    assert " more" not in whole.partition("Charges")[0]
    assert whole.count("\nC-1 ") == 3 * 50  # its way, its freshness and its landed cost


def said_at_the_end(plan: Plan) -> str:
    text = " ".join(page_text(summarise(plan)).split())
    return text[text.index("The plan costs") :]


@pytest.mark.parametrize(
    ("proof", "words"),
    [
        ({}, "Proof: proven; cost"),
        ({"gap": 0.0007, "gap_asked": 0.001}, "Proof: within the 0.10% asked for; cost"),
        ({"gap": 0.2, "status": "limit"}, "Proof: stopped at its limit; cost"),
        ({"bound_usd": 9000.0}, "no plan of these candidates (max_detour 0.25) below 9,000.00 USD"),
    ],
)
def test_no_more_is_called_proven_than_is(proof: dict[str, float | str], words: str):
    plan = example_plan()
    assert words in said_at_the_end(replace(plan, proof=replace(plan.proof, **proof)))  # type: ignore[arg-type]


def test_consolidation_is_compared_with_the_total_that_is_shown():
    plan = example_plan()
    apart = plan.proof.greedy_usd + plan.proof.constant_usd
    said = said_at_the_end(plan)
    assert said.startswith(f"The plan costs {plan.total.total:,.0f} USD where")
    assert f"would cost {apart:,.0f} USD" in said
    assert f"saves {plan.proof.greedy_usd - plan.proof.cost_usd:,.0f} USD" in said
    dearer = replace(plan, proof=replace(plan.proof, greedy_usd=plan.proof.cost_usd))
    assert "consolidation saves nothing here" in said_at_the_end(dearer)


def test_a_plan_that_sought_no_sharing_claims_no_saving():
    plan = example_plan()
    said = said_at_the_end(replace(plan, proof=replace(plan.proof, engine="greedy")))
    assert "consolidates nothing on purpose" in said
    assert "saves" not in said


def test_who_has_the_least_time_to_spare_is_named():
    plan = example_plan()
    goods = plan.scenario.consignments
    delivered = next(i.delivered for i in plan.itineraries if i.consignment == "C-2")
    due = datetime.fromtimestamp(delivered * 60 + 36 * 60, UTC)
    tight = tuple(replace(c, due_at=due) if c.id == "C-2" else c for c in goods)
    text = page_text(summarise(replace(plan, scenario=replace(plan.scenario, consignments=tight))))
    assert "Tightest: C-2 with 0.6 h, C-1 with 8.8 d, C-3 with 12 d to spare." in text


def test_the_page_says_how_fresh_goods_arrive_and_what_that_took():
    plan = example_plan()
    text = " ".join(page_text(summarise(plan)).split())
    for i in plan.itineraries:
        left, low, high = (
            hours / 24
            for hours in (i.shelf_life_left_h, i.shelf_life_left_p10_h, i.shelf_life_left_p90_h)
        )
        required = plan.scenario.consignment(i.consignment).shelf_life_required_h / 24
        assert f"{left:.1f} ({low:.1f} to {high:.1f}) {required:.1f} 5" in text
    assert "C-3 map, chosen" in text
    assert "Least sure: C-3 with 90%" in text
    assert "Packed: 2 in open cartons, 1 in MAP liners for 192 USD (chosen by the plan)." in text


def test_packaging_that_became_too_warm_is_named():
    plan = example_plan()
    assert "lengthens life" not in page_text(summarise(plan))
    warm = tuple(replace(i, pulp_warmest_c=5.1) for i in plan.itineraries)
    said = " ".join(page_text(summarise(replace(plan, itineraries=warm))).split())
    # Of the three only C-3 is in a packaging that multiplies life, up to 5 °C.
    assert "than the 5 °C up to which their packaging lengthens life: C-3." in said


def test_what_limits_and_how_many_lots_keep_the_floor_is_said():
    plan = example_plan()
    first, *others = plan.itineraries
    dry = replace(first, limited_by="water loss", sure=0.496, pulp_warmest_c=-0.04)
    text = page_text(summarise(replace(plan, itineraries=(dry, *others))))
    (line,) = [row for row in text.splitlines() if "water loss" in row]
    assert line.split()[-5:] == ["50%", "water", "loss", "+0.0", "°C"]


def test_a_shortfall_of_minutes_does_not_seem_none(tmp_path: Path):
    plan = example_plan()
    missed = replace(plan, unserved=tuple(replace(r, shortfall=0.025) for r in plan.unserved))
    EXPORTERS["all"](missed, tmp_path)
    assert " 0.6 h " in (tmp_path / "summary.txt").read_text(encoding="utf-8")
    row = sheet(tmp_path / "consignments.csv")[-1]
    assert (row["shortfall"], row["shortfall_unit"]) == ("0.60", "h")


def test_the_summary_says_what_matters():
    plan = example_plan()
    text = " ".join(page_text(summarise(plan)).split())
    assert "3 of 4 consignments (21.0 t) travel" in text
    assert "consolidation saves" in text
    assert "(2 truck_cas, 2 feus)" in text
    assert "quantile 0.5 of transit and operation times, 80% of lots fresh enough" in text
    assert "Proof: proven" in text
    assert plan.scenario.digest[:12] in text
    assert "C-4" in text
    assert "NOT_FRESH" in text
    assert "CNY" in text


def test_a_plan_that_serves_nobody_is_summed_up():
    plan = example_plan()
    empty = replace(plan, itineraries=(), load_units=())
    assert "None of 4 consignments travels." in page_text(summarise(empty))


@pytest.mark.parametrize(
    ("name", "town"),
    [
        ("Khujand / B.Gafurov packhouse cluster (Sughd)", "Khujand"),
        ("Khorgos rail port (CN)", "Khorgos"),
        ("Xi an International Port (hub + market)", "Xi an"),
        ("Chongqing cold-chain consolidation centre (Shapingba/Xingzhou)", "Chongqing"),
        ("重庆 市场", "重庆 市场"),
        ("hub", "hub"),
    ],
)
def test_a_place_is_called_by_its_town(name: str, town: str):
    node = next(iter(read_network().nodes.values()))
    assert place(replace(node, name=name)) == town


def towns_apart(*names_and_kinds: str) -> list[str]:
    model = next(iter(read_network().nodes.values()))
    parts = [text.split(":") for text in names_and_kinds]
    nodes = [
        replace(model, id=f"N-{i}", name=name, node_type=kind, country=country)
        for i, (name, kind, country) in enumerate(parts)
    ]
    called = places([*nodes, *nodes])
    return [called[node.id] for node in nodes]


def test_places_of_one_town_are_told_apart():
    assert towns_apart("Osh:city:KG", "Osh rail:rail_terminal:KG", "Kashgar:hub:CN") == [
        "Osh market",
        "Osh rail",
        "Kashgar",
    ]
    assert towns_apart("Irkeshtam:border_road:KG", "Irkeshtam port:border_road:CN") == [
        "Irkeshtam KG",
        "Irkeshtam CN",
    ]
    assert towns_apart("Hisor:packhouse:TJ", "Hisor:packhouse:TJ") == ["Hisor N-0", "Hisor N-1"]


def test_no_two_places_of_the_network_are_called_the_same():
    nodes = read_network().nodes
    assert len(set(places(nodes.values()).values())) == len(nodes)


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path, monkeypatch):
    target = tmp_path / "a.csv"
    put(target, b"old")

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space") as told:
        put(target, b"new")
    assert told.value.filename == str(target)
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.csv"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes have names here")
def test_a_pipe_or_a_device_is_not_done_away_with(tmp_path: Path):
    target = tmp_path / "a.csv"
    os.mkfifo(target)
    with pytest.raises(OSError, match="a device or a pipe, not a file") as told:
        put(target, b"new")
    assert told.value.filename == str(target)
    assert target.is_fifo()
    assert os.listdir(tmp_path) == ["a.csv"]


def test_rows_are_in_the_order_of_departure():
    etds = [row["etd"] for row in bookings.rows(example_plan()) if row["leg"] == "1"]
    assert etds == sorted(etds)
