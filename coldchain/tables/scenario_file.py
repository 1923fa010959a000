"""A scenario: its TOML file and all the tables it names, read and cross-checked as one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import cast

from coldchain.admission import EntryRule, Unconfirmed
from coldchain.columns import CONSIGNMENTS, PRICED, TABLES
from coldchain.errors import DataError, Fault
from coldchain.goods import OPEN_TO, Packaging, PackagingTerms, Perishable
from coldchain.network import Network
from coldchain.scenario import Objective, Prices, Scenario
from coldchain.tables.cells import nearest
from coldchain.tables.entry_tables import entry_rules, read_entry_rules_sheet
from coldchain.tables.folders import data_folder, scenario_path
from coldchain.tables.goods_tables import (
    consignments,
    node_zones,
    packaging,
    perishables,
    read_consignments_sheet,
    read_packaging_sheet,
    read_perishables_sheet,
)
from coldchain.tables.holiday_rules import season_years
from coldchain.tables.money_tables import (
    MoneySheets,
    check_diesel,
    check_duties,
    read_money_sheets,
    stated_rates,
)
from coldchain.tables.network_tables import read_network_sheets
from coldchain.tables.rows import Sheet
from coldchain.tables.settings import Settings, check_relative, check_reporting, read_settings


def read_scenario(name_or_path: str | Path) -> Scenario:
    """The scenario of a bundled name (``"cherry-week"``) or of a TOML file.

    Raises
    ------
    DataError
        With every fault of every file: file, row, column, value, expected.
    UnknownName
        No bundled scenario has that name.
    """
    path = scenario_path(name_or_path)
    settings = read_settings(path)
    folder = _tables_folder(settings, path)
    money = read_money_sheets(folder)
    rates = money.usd_rates(stated_rates(settings))
    check_reporting(settings, rates)
    network = read_network_sheets(folder, rates)
    check_diesel(money, settings, network.services)
    goods = read_perishables_sheet(folder)
    packagings = read_packaging_sheet(folder, rates)
    rules = read_entry_rules_sheet(folder, network=network, goods=goods)
    sheets: list[Sheet] = [*network.all, goods, packagings, rules, *money.all]
    for name in cast("tuple[str, ...]", settings.values.get("planning.via", ())):
        if network.nodes.whole and name not in network.nodes.ids:
            words = f"nodes of {network.nodes.shown}{nearest(name, network.nodes.ids)}"
            settings.blame("planning.via", name, words)
    shown = settings.text("consignments")
    if shown:
        carried = read_consignments_sheet(
            path.parent / shown,
            shown=shown,
            network=network,
            goods=goods,
            packagings=packagings,
            open_to=cast("frozenset[str]", settings.values.get("planning.packagings", OPEN_TO)),
        )
        sheets.append(carried)
        check_duties(money, carried, nodes=network.nodes, goods=goods)
        season = settings.values.get("season_date")
        if isinstance(season, date) and network.calendars.rows:
            _check_windows(carried, season_years(season))
        _raise([*settings.faults, *_faults(sheets)])
        return _scenario(
            settings,
            network=network.network(season_years(cast("date", settings.values["season_date"]))),
            goods=perishables(goods),
            packagings=packaging(packagings),
            rules=entry_rules(rules),
            carried=carried,
            zones=node_zones(network),
            money=money,
            rates=rates,
        )
    raise DataError([*settings.faults, *_faults(sheets)])


def _check_windows(carried: Sheet, years: range) -> None:
    """Fault where a window lies in a year whose holidays the scenario does not know."""
    for row in carried.rows:
        for column in ("ready_local", "due_local"):
            if row.has(column):
                at, _ = cast("tuple[datetime, object]", row.values[column])
                if at.year not in years:
                    words = f"a moment of {years[0]} to {years[-1]}, the years around season_date"
                    carried.blame(row, column, words)


def read_network(folder: str | Path | None = None) -> Network:
    """The network of the tables in ``folder``, by default the bundled ones.

    Its calendars know the years 2000 to 2049.

    Raises
    ------
    DataError
        With every fault of every file.
    """
    place = data_folder() if folder is None else Path(folder)
    money = read_money_sheets(place)
    sheets = read_network_sheets(place, money.usd_rates())
    _raise(_faults([*sheets.all, money.currencies]))
    return sheets.network()


def read_perishables(folder: str | Path | None = None) -> Mapping[str, Perishable]:
    """Commodities of the table in ``folder``, by default the bundled one, by code.

    Raises
    ------
    DataError
        With every fault of the file.
    """
    sheet = read_perishables_sheet(data_folder() if folder is None else Path(folder))
    _raise(_faults([sheet]))
    return perishables(sheet)


def _faults(sheets: Iterable[Sheet]) -> list[Fault]:
    return [f for sheet in sheets for f in sorted(sheet.faults, key=lambda f: f.row)]


def _raise(faults: list[Fault]) -> None:
    if faults:
        raise DataError(faults)


def _tables_folder(settings: Settings, path: Path) -> Path:
    check_relative(settings, "consignments")
    given = check_relative(settings, "data.folder")
    if not given:
        return data_folder()
    folder = path.parent / given
    files = [t.file for t in TABLES.values() if t is not CONSIGNMENTS and not t.optional]
    missing = [name for name in files if not (folder / name).exists()]
    if missing:
        words = f"a folder with all tables; it lacks {', '.join(missing)}"
        settings.blame("data.folder", given, words)
    return folder if not missing else data_folder()


def _scenario(
    settings: Settings,
    *,
    network: Network,
    goods: Mapping[str, Perishable],
    packagings: Mapping[str, PackagingTerms],
    rules: tuple[EntryRule, ...],
    carried: Sheet,
    zones: Mapping[str, str],
    money: MoneySheets,
    rates: Mapping[str, float],
) -> Scenario:
    values = settings.values
    price = {column.name: money.price(settings, column.name) or 0.0 for column in PRICED}
    return Scenario(
        name=settings.text("name"),
        title=settings.text("title"),
        season_date=cast("date", values["season_date"]),
        network=network,
        perishables=goods,
        packaging=packagings,
        consignments=consignments(carried, zones),
        objective=Objective(
            unserved_usd_per_kg=settings.number("prices.unserved_usd_per_kg"),
            freshness_usd_per_kg_d=settings.number("prices.freshness_usd_per_kg_d"),
            carbon_usd_per_t=price["carbon_usd_per_t"],
        ),
        prices=Prices(
            diesel_usd_per_l=price["diesel_usd_per_l"], insurance_pct=price["insurance_pct"]
        ),
        duties=money.duty_rows(),
        quantile=settings.number("planning.quantile"),
        confidence=settings.number("planning.confidence"),
        setpoints_c=cast("tuple[float, ...]", values["planning.setpoints_c"]),
        max_dwell_h=settings.number("planning.max_dwell_h"),
        max_dwell_without_store_h=settings.number("planning.max_dwell_without_store_h"),
        max_cross_docks=settings.whole("planning.max_cross_docks"),
        max_detour=settings.number("planning.max_detour"),
        service_status=cast("frozenset[str]", values["planning.service_status"]),
        packagings=frozenset(
            Packaging(name)
            for name in cast("frozenset[str]", values.get("planning.packagings", OPEN_TO))
        ),
        reporting_currency=settings.text("currency.reporting"),
        usd_rates=rates,
        seed=settings.whole("seed"),
        parties=cast("Mapping[str, str]", values.get("parties", {})),
        entry_rules=rules,
        via=cast("tuple[str, ...]", values.get("planning.via", ())),
        unconfirmed=Unconfirmed(settings.text("planning.unconfirmed") or Unconfirmed.STRICT),
    )
