"""A scenario: its TOML file and all the tables it names, read and cross-checked as one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import cast

from coldchain.admission import EntryRule, Unconfirmed
from coldchain.columns import CONSIGNMENTS, PRICED, TABLES
from coldchain.errors import DataError, Fault
from coldchain.goods import OPEN_TO, Packaging, PackagingTerms, Perishable
from coldchain.network import Network
from coldchain.scenario import Objective, Override, Prices, Scenario
from coldchain.tables.asked import asked_in_files, asked_on_the_command_line
from coldchain.tables.attribution import attributed, in_order
from coldchain.tables.cells import nearest
from coldchain.tables.entry_tables import entry_rules, read_entry_rules_sheet
from coldchain.tables.extends import Merged, read_merged
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
from coldchain.tables.network_tables import NetworkSheets, read_network_sheets
from coldchain.tables.overrides import Overrides
from coldchain.tables.rows import Sheet
from coldchain.tables.settings import Settings, check_relative, check_reporting, read_settings


def read_scenario(name_or_path: str | Path, *, overrides: Sequence[str] = ()) -> Scenario:
    """The scenario of a bundled name (``"cherry-week"``) or of a TOML file.

    ``overrides`` are statements such as ``"close KZ-NZH-BX 2027-05-24..2027-05-28"``, made after
    those of the file, as ``--set`` makes them.

    Raises
    ------
    DataError
        With every fault of every file: file, row, column, value, expected.
    UnknownName
        No bundled scenario has that name.
    """
    merged = read_merged(scenario_path(name_or_path))
    asked, badly_asked = asked_in_files(merged.files)
    asked += asked_on_the_command_line(overrides)
    world = _World(merged, Overrides(asked))
    faults = world.faults
    if faults and asked:
        faults = attributed(
            asked, lambda n: _World(merged, Overrides(asked[:n])).faults, world.overrides.written
        )
    _raise(in_order(asked, [*faults, *badly_asked, *world.overrides.faults]))
    return world.scenario()


class _World:
    """All tables and settings of a scenario with some overrides made, and their faults."""

    def __init__(self, merged: Merged, overrides: Overrides) -> None:
        self.overrides = overrides
        self._merged = merged
        self._settings = settings = read_settings(merged, overrides.document(merged.document))
        check_relative(settings, "consignments")
        folder = _tables_folder(settings)
        self._money = money = read_money_sheets(folder, edit=overrides.edit)
        self._rates = money.usd_rates(stated_rates(settings))
        check_reporting(settings, self._rates)
        self._network = read_network_sheets(folder, self._rates, edit=overrides.edit)
        _check_via(settings, self._network)
        check_diesel(money, settings, self._network.services)
        self._goods = read_perishables_sheet(folder, edit=overrides.edit)
        self._packagings = read_packaging_sheet(folder, self._rates, edit=overrides.edit)
        self._rules = read_entry_rules_sheet(
            folder, network=self._network, goods=self._goods, edit=overrides.edit
        )
        self._carried = self._read_carried()
        if self._carried is not None:
            overrides.check_tables()
        self._events = overrides.events(self._network)

    def _read_carried(self) -> Sheet | None:
        settings = self._settings
        shown = settings.text("consignments")
        if not shown:
            return None
        carried = read_consignments_sheet(
            settings.beside("consignments"),
            shown=shown,
            network=self._network,
            goods=self._goods,
            packagings=self._packagings,
            open_to=cast("frozenset[str]", settings.values.get("planning.packagings", OPEN_TO)),
            edit=self.overrides.edit,
        )
        check_duties(self._money, carried, nodes=self._network.nodes, goods=self._goods)
        season = settings.values.get("season_date")
        if isinstance(season, date) and self._network.calendars.rows:
            _check_windows(carried, season_years(season))
        return carried

    @property
    def faults(self) -> list[Fault]:
        """Faults of files and of what was changed in them, not those of statements."""
        # Rates and prices first: what is wrong there shows in the other tables too.
        sheets = [*self._money.all, *self._network.all, self._goods, self._packagings, self._rules]
        carried = [self._carried] if self._carried is not None else []
        return [*self._settings.faults, *_faults([*sheets, *carried])]

    def scenario(self) -> Scenario:
        """The scenario; only once there is no fault."""
        assert self._carried is not None
        closures, delays = self._events
        years = season_years(cast("date", self._settings.values["season_date"]))
        return _scenario(
            self._settings,
            network=replace(self._network.network(years), closures=closures, delays=delays),
            goods=perishables(self._goods),
            packagings=packaging(self._packagings),
            rules=entry_rules(self._rules),
            carried=self._carried,
            zones=node_zones(self._network),
            money=self._money,
            rates=self._rates,
            overrides=self.overrides.told(),
            extends=self._merged.bases,
        )


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


def _check_via(settings: Settings, network: NetworkSheets) -> None:
    """Fault of each node of the mandate that is none."""
    for name in cast("tuple[str, ...]", settings.values.get("planning.via", ())):
        if network.nodes.whole and name not in network.nodes.ids:
            words = f"nodes of {network.nodes.shown}{nearest(name, network.nodes.ids)}"
            settings.blame("planning.via", name, words)


def _tables_folder(settings: Settings) -> Path:
    given = check_relative(settings, "data.folder")
    if not given:
        return data_folder()
    folder = settings.beside("data.folder")
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
    overrides: tuple[Override, ...],
    extends: tuple[str, ...],
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
        overrides=overrides,
        extends=extends,
    )
