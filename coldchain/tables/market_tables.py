"""Supply and demand: from their sheets to what consignments are drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from coldchain.columns import DEMAND, SUPPLY
from coldchain.errors import DataError
from coldchain.goods import Packaging
from coldchain.market import Demand, Quantity, Supply, days_after
from coldchain.network import Season
from coldchain.tables.folders import data_folder
from coldchain.tables.goods_tables import heaviest_pallet_kg, read_perishables_sheet
from coldchain.tables.money_tables import read_money_sheets
from coldchain.tables.network_tables import check_order, check_reference, read_network_sheets
from coldchain.tables.rows import Row, Sheet, read_sheet

WEEKLY = ("t_per_week_low", "t_per_week_typical", "t_per_week_high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """Both tables, and what else drawing from them takes."""

    supplies: tuple[Supply, ...]
    demands: tuple[Demand, ...]
    countries: Mapping[str, str]
    """Country of each node."""
    heaviest_pallet_kg: float


def read_market(folder: str | Path | None = None) -> Market:
    """Supply and demand of the tables in ``folder``, by default the bundled ones.

    Raises
    ------
    DataError
        With every fault of every file, those of the network and the commodities included.
    """
    place = data_folder() if folder is None else Path(folder)
    money = read_money_sheets(place)
    network = read_network_sheets(place, money.usd_rates())
    goods = read_perishables_sheet(place)
    supply = read_sheet(place / SUPPLY.file, table=SUPPLY)
    demand = read_sheet(place / DEMAND.file, table=DEMAND)
    commodities = {row.text("commodity_id"): row for row in goods.sound_rows()}
    for sheet, end in ((supply, "origin"), (demand, "destination")):
        for row in sheet.rows:
            check_reference(sheet, row, end, network.nodes)
            check_reference(sheet, row, "commodity", goods)
            check_order(sheet, row, *WEEKLY)
    for row in supply.rows:
        _check_supply(supply, row)
    for row in demand.rows:
        _check_demand(demand, row, commodities.get(row.text("commodity")))
    faults = [
        fault
        for sheet in (money.currencies, *network.all, goods, supply, demand)
        for fault in sorted(sheet.faults, key=lambda f: f.row)
    ]
    if faults:
        raise DataError(faults)
    return Market(
        supplies=tuple(sorted(map(_supply, supply.rows), key=lambda s: s.id)),
        demands=tuple(sorted(map(_demand, demand.rows), key=lambda d: d.id)),
        countries={r.text("node_id"): r.text("country") for r in network.nodes.rows},
        heaviest_pallet_kg=heaviest_pallet_kg(network.services.rows),
    )


def _check_supply(sheet: Sheet, row: Row) -> None:
    check_order(sheet, row, "life_used_at_ready_low", "life_used_at_ready_high")
    season, peak = (cast("Season | None", row.values.get(c)) for c in ("season", "peak"))
    if season is None or peak is None:
        return
    along = [days_after(season.first, day) for day in (peak.first, peak.last, season.last)]
    if along != sorted(along):
        sheet.blame(row, "peak", f"days within the season ({row.cells['season']})")


def _check_demand(sheet: Sheet, row: Row, commodity: Row | None) -> None:
    check_order(sheet, row, "lot_t_min", "lot_t_max")
    check_order(sheet, row, "due_days_min", "due_days_max")
    if commodity is None:
        return
    code = commodity.text("commodity_id")
    if row.text("packaging") == "map" and not commodity.has("map_life_factor_typ"):
        sheet.blame(row, "packaging", f"naked, liner or any: {code} has no map_life_factor_typ")
    low, high = commodity.number("domain_min_c"), commodity.number("domain_max_c")
    if row.has("retail_c") and not low <= row.number("retail_c") <= high:
        words = f"from {low:g} to {high:g} °C, where the law of {code} holds"
        sheet.blame(row, "retail_c", words)


def _quantity(row: Row) -> Quantity:
    low, typical, high = (_whole(row, column, 1000) for column in WEEKLY)
    return Quantity(low_kg=low, typical_kg=typical, high_kg=high)


def _whole(row: Row, column: str, times: int) -> int:
    """The number in a cell, in so many parts of its unit."""
    return round(row.number(column) * times)


def _supply(row: Row) -> Supply:
    return Supply(
        id=row.text("supply_id"),
        origin=row.text("origin"),
        commodity=row.text("commodity"),
        season=cast("Season | None", row.values["season"]),
        peak=cast("Season | None", row.values.get("peak")),
        weekly=_quantity(row),
        gross_pct=_whole(row, "gross_per_net", 100),
        life_used_pct=(
            _whole(row, "life_used_at_ready_low", 100),
            _whole(row, "life_used_at_ready_high", 100),
        ),
        ready_days=row.days("ready_days_iso"),
        ready_times=row.times("ready_times_local"),
        shipper=row.text("shipper"),
    )


def _demand(row: Row) -> Demand:
    return Demand(
        id=row.text("demand_id"),
        destination=row.text("destination"),
        commodity=row.text("commodity"),
        weekly=_quantity(row),
        lot_kg=(_whole(row, "lot_t_min", 1000), _whole(row, "lot_t_max", 1000)),
        usd_cents_per_kg=_whole(row, "wholesale_usd_per_kg", 100),
        shelf_life_required_d=row.number("shelf_life_required_d"),
        retail_c=row.number("retail_c"),
        due_days=(row.whole("due_days_min"), row.whole("due_days_max")),
        packaging=Packaging(row.text("packaging")),
        consignee=row.text("consignee"),
    )
