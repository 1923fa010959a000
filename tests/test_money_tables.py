"""Prices, rates of exchange, duties, and money in other currencies: read, converted, refused."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from test_tables import GOODS, add_column, copy_tables, edit, faults, read, save, spoil, table

from coldchain.scenario import Scenario
from coldchain.tables import read_network, read_scenario


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_tables(tmp_path)


@pytest.fixture(scope="module")
def original() -> Scenario:
    return read_scenario("cherry-week")


def test_prices_are_those_of_the_table_unless_the_scenario_has_others(folder: Path):
    given = read(folder)
    assert given.prices.diesel_usd_per_l == 0.95
    assert (given.prices.insurance_pct, given.objective.carbon_usd_per_t) == (0, 0)
    priced = "[prices]\ndiesel_usd_per_l = 1.2\ninsurance_pct = 0.4\ncarbon_usd_per_t = 80"
    edit(folder, "[prices]", priced)
    given = read(folder)
    assert given.prices.diesel_usd_per_l == 1.2
    assert (given.prices.insurance_pct, given.objective.carbon_usd_per_t) == (0.4, 80)


def test_a_reefer_hour_costs_what_it_did_diesel_and_lease_together(original: Scenario):
    cooled = [s for s in original.network if s.equipment == "FEU"]
    assert cooled
    for s in cooled:
        burnt = s.genset_l_per_h * original.prices.diesel_usd_per_l
        assert s.reefer_usd_per_unit_h + burnt == pytest.approx(4.93)
    assert {s.genset_l_per_h for s in original.network if s.equipment != "FEU"} == {0}


def test_diesel_that_is_burnt_must_have_its_price(folder: Path):
    (folder / "prices.csv").unlink()
    (fault,) = faults(folder)
    assert (fault.file, fault.column) == ("cherry-week.toml", "prices.diesel_usd_per_l")
    assert "routes.csv" in fault.expected
    edit(folder, "[prices]", "[prices]\ndiesel_usd_per_l = 0.9")
    assert read(folder).prices.diesel_usd_per_l == 0.9


def test_money_of_a_row_is_in_its_currency(folder: Path, original: Scenario):
    trunk = original.network.services["L070"]
    assert trunk.linehaul_usd_per_unit == pytest.approx(10 * trunk.distance_km / 7.1)
    assert trunk.detention_usd_per_unit_h == pytest.approx(1000 / 24 / 7.1, rel=1e-3)
    edit(folder, "[parties]", "[currency.per_usd]\nCNY = 5.0\n[parties]")
    dearer = read(folder)
    assert dearer.usd_rates["CNY"] == 5.0
    assert dearer.usd_rates["KZT"] == 520
    trunk = dearer.network.services["L070"]
    assert trunk.linehaul_usd_per_unit == pytest.approx(10 * trunk.distance_km / 5)
    assert dearer.network.services["L001"].linehaul_usd_per_unit == 90
    # A network read by itself has the rates of the table.
    assert read_network(folder).services["L070"].linehaul_usd_per_unit < trunk.linehaul_usd_per_unit


def test_operations_and_packaging_have_currencies_too(folder: Path):
    spoil(folder, "operations.csv", 2, "currency", "TJS")
    add_column(folder, "packaging.csv", "currency", {3: "CNY"})
    rows = table(folder / "operations.csv")
    by_kg = float(rows[1][rows[0].index("cost_usd_per_kg")])
    given = read(folder)
    assert given.network.operations[rows[1][0]].usd_per_kg == pytest.approx(by_kg / 10.9)
    assert given.packaging["liner"].usd_per_kg == pytest.approx(0.03 / 7.1)


def test_large_sums_in_small_money_are_read_and_too_large_ones_refused(folder: Path):
    spoil(folder, "routes.csv", 2, "currency", "UZS")
    spoil(folder, "routes.csv", 2, "linehaul_usd_per_unit", "1260000")
    assert read(folder).network.services["L001"].linehaul_usd_per_unit == pytest.approx(100)
    spoil(folder, "routes.csv", 2, "linehaul_usd_per_unit", "2000000000")
    (fault,) = faults(folder)
    assert (fault.file, fault.row, fault.column) == ("routes.csv", 2, "linehaul_usd_per_unit")
    assert "UZS are 158730 USD" in fault.expected


def test_a_currency_without_a_rate_is_a_fault(folder: Path):
    spoil(folder, "routes.csv", 2, "currency", "XAU")
    (fault,) = faults(folder)
    assert (fault.file, fault.row, fault.column) == ("routes.csv", 2, "currency")
    assert "currencies.csv or [currency.per_usd]" in fault.expected


def test_without_a_table_the_rates_of_the_scenario_must_do(folder: Path):
    (folder / "currencies.csv").unlink()
    assert {f.column for f in faults(folder)} == {"currency", "currency.reporting"}
    edit(folder, "[parties]", "[currency.per_usd]\nCNY = 7.1\n[parties]")
    assert read(folder).usd_rates == {"CNY": 7.1, "USD": 1.0}


def test_the_first_duty_that_fits_is_charged(folder: Path, original: Scenario):
    rates: dict[str, tuple[float, float]] = {}
    for c in original.consignments:
        row = original.duty(c)
        assert row is not None
        rates[c.commodity] = (row.duty_pct, row.vat_pct)
    assert rates == {"cherry_sweet": (10, 9), "apricot": (25, 9)}
    head, *body = table(folder / "duties.csv")
    first = ["FIRST", "HS 08", "UZ;TJ", "CN", "3", "4", "invented", "D", ""]
    save(folder / "duties.csv", [head, first, *body])
    given = read(folder)
    assert {given.duty(c) for c in given.consignments} == {given.duties[0]}
    assert given.duties[0].id == "FIRST"


def test_without_the_file_no_duty_is_charged(folder: Path):
    (folder / "duties.csv").unlink()
    given = read(folder)
    assert all(given.duty(c) is None for c in given.consignments)


def test_goods_that_no_duty_fits_are_a_fault(folder: Path):
    head, *body = table(folder / "duties.csv")
    save(folder / "duties.csv", [head, *(row for row in body if row[0] != "CN-APRICOT")])
    goods = table(folder / GOODS)
    apricots = [n for n, row in enumerate(goods, start=1) if "apricot" in row]
    found = faults(folder)
    assert [(f.file, f.row, f.column) for f in found] == [
        (GOODS, row, "destination") for row in apricots
    ]
    assert all("HS 0809.10 from TJ into CN" in f.expected for f in found)


@pytest.mark.parametrize(
    ("file", "row", "column", "value", "expected"),
    [
        ("prices.csv", 2, "unit", "%", "USD/l, as the price is diesel_usd_per_l"),
        ("prices.csv", 2, "value", "101", "from 0 to 100 USD/l"),
        ("prices.csv", 2, "price_id", "petrol", "one of diesel_usd_per_l"),
        ("currencies.csv", 2, "currency", "yuan", "three capital letters"),
        ("currencies.csv", 2, "per_usd", "0", "from 1e-06"),
        ("duties.csv", 2, "hs", "0809", "HS 0809"),
        ("duties.csv", 2, "hs", "HS 809", "HS 0809"),
        ("duties.csv", 2, "to_country", "CN,RU", "countries with ; between them"),
        ("duties.csv", 2, "vat_pct", "109", "from 0 to 100 %"),
        ("routes.csv", 2, "detention_free_h", "3", "as detention_free_h has one"),
    ],
)
def test_a_wrong_cell_is_refused(
    folder: Path, file: str, row: int, column: str, value: str, expected: str
):
    spoil(folder, file, row, column, value)
    found = [f for f in faults(folder) if f.file == file and f.row == row]
    assert any(expected in f.expected for f in found), [str(f) for f in found]


def test_a_rate_that_cannot_be_read_is_told_once(folder: Path):
    spoil(folder, "currencies.csv", 2, "per_usd", "7,1")
    (fault,) = faults(folder)
    assert (fault.file, fault.row, fault.column) == ("currencies.csv", 2, "per_usd")


def test_what_is_wrong_with_money_is_told_before_what_follows_from_it(folder: Path):
    spoil(folder, "currencies.csv", 2, "currency", "cny")
    files = [fault.file for fault in faults(folder)]
    assert files.index("currencies.csv") < files.index("routes.csv")


@pytest.mark.parametrize(
    ("hs", "from_country", "to_country", "reached"),
    [
        ("HS 0809.2", "any", "CN", False),
        ("HS 0809.29", "TJ;UZ", "CN", False),
        ("HS 0809", "any", "CN", True),
        ("HS 0809.2", "any", "CN;VN", True),
        ("HS 0809.2", "any", "any", True),
    ],
)
def test_a_duty_that_no_goods_reach_is_refused(
    folder: Path, hs: str, from_country: str, to_country: str, *, reached: bool
):
    head, first, *body = table(folder / "duties.csv")
    assert first[:4] == ["CN-CHERRY", "HS 0809.2", "any", "CN"]
    late = ["LATE", hs, from_country, to_country, "0", "0", "invented", "D", ""]
    # Without the rows below, which a wide row would keep from ever deciding.
    narrow = [row for row in body if not row[1].startswith("HS 0809")] if reached else body
    narrow = [row for row in narrow if to_country != "any" or "CN" not in row[3]]
    save(folder / "duties.csv", [head, first, late, *narrow])
    if reached:
        goods = table(folder / GOODS)
        save(folder / GOODS, [row for row in goods if "apricot" not in row])
        assert "LATE" in {duty.id for duty in read(folder).duties}
    else:
        (fault,) = faults(folder)
        assert (fault.file, fault.row, fault.column) == ("duties.csv", 3, "duty_id")
        assert "a place above row 2 (CN-CHERRY)" in fault.expected


def test_an_optional_file_that_leads_nowhere_is_not_taken_as_left_out(folder: Path):
    for name in ("duties.csv", "entry_rules.csv"):
        (folder / name).unlink()
        (folder / name).symlink_to(folder / "moved-away.csv")
    assert [fault.file for fault in faults(folder)] == ["duties.csv", "entry_rules.csv"]


def test_a_dollar_is_a_dollar(folder: Path):
    rows = table(folder / "currencies.csv")
    save(folder / "currencies.csv", [*rows, ["USD", "2", "2025-07-01", "invented", "D", ""]])
    (fault,) = faults(folder)
    assert (fault.column, fault.value) == ("per_usd", "2")


def put(folder: Path, file: str, wanted: Callable[[dict[str, str]], bool], **cells: str) -> None:
    """Put ``cells`` into the first row of ``file`` that is ``wanted``."""
    for name in cells:
        if name not in table(folder / file)[0]:
            add_column(folder, file, name, {})
    head, *rows = table(folder / file)
    dicts = (dict(zip(head, row, strict=True)) for row in rows)
    number = next(n for n, row in enumerate(dicts, start=2) if wanted(row))
    for name, value in cells.items():
        spoil(folder, file, number, name, value)


def test_what_is_sold_by_the_kilogram_has_no_units_to_keep_waiting(folder: Path):
    cells = {
        "linehaul_usd_per_unit_h": "1",
        "genset_l_per_unit_h": "3",
        "detention_usd_per_unit_h": "5",
        "detention_free_h": "2",
    }
    put(folder, "routes.csv", lambda row: row["mode"] == "air", **cells)
    assert {f.column for f in faults(folder)} == set(cells)


STORED = {"cost_usd_per_unit_day": "20", "free_h": "24"}


@pytest.mark.parametrize(
    ("trigger", "wrong"),
    [
        ("goods_storage", {"cost_usd_per_unit_day"}),
        ("arrive", {"cost_usd_per_unit_day", "free_h"}),
    ],
)
def test_only_storage_has_free_hours_and_only_units_a_price_by_the_day(
    folder: Path, trigger: str, wrong: set[str]
):
    put(folder, "operations.csv", lambda row: row["trigger"] == trigger, **STORED)
    assert {f.column for f in faults(folder)} == wrong


def test_a_plug_has_its_price_by_the_day_and_its_free_hours(folder: Path):
    put(folder, "operations.csv", lambda row: row["trigger"] == "unit_storage", **STORED)
    plugs = [o for o in read(folder).network.operations.values() if o.free_h]
    assert [(o.usd_per_unit_day, o.free_h) for o in plugs] == [(20.0, 24.0)]


def test_every_commodity_has_a_duty_between_any_two_countries(original: Scenario):
    countries = {node.country for node in original.network.nodes.values()}
    for goods in original.perishables.values():
        for origin in countries:
            for destination in countries - {origin}:
                assert any(
                    row.fits(hs6=goods.hs6, origin=origin, destination=destination)
                    for row in original.duties
                ), f"{goods.code} from {origin} into {destination}"


def test_every_duty_can_be_met(original: Scenario):
    """A row that an earlier one hides, or whose goods are none of ours, would be dead text."""
    countries = {node.country for node in original.network.nodes.values()}
    met = set()
    for goods in original.perishables.values():
        for origin in countries:
            for destination in countries - {origin}:
                ends = {"origin": origin, "destination": destination}
                met.add(next(r.id for r in original.duties if r.fits(hs6=goods.hs6, **ends)))
    assert met == {row.id for row in original.duties}


def test_every_duty_says_where_it_comes_from(original: Scenario):
    for row in original.duties:
        assert row.source
        if re.search(r"estimate|background", row.source):
            assert row.confidence in "CD"
