"""Prices, rates of exchange and duties; and money in another currency to USD."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from coldchain.columns import CURRENCIES, CURRENCY, DUTIES, PRICED, PRICES
from coldchain.goods import Duty
from coldchain.tables.cells import Refused, check_range, nearest
from coldchain.tables.rows import Edit, Row, Sheet, read_sheet
from coldchain.tables.settings import Settings

BURNING = "genset_l_per_unit_h"
DIESEL = "diesel_usd_per_l"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneySheets:
    """The sheets all other money is read by."""

    prices: Sheet
    currencies: Sheet
    duties: Sheet

    @property
    def all(self) -> tuple[Sheet, ...]:
        return (self.prices, self.currencies, self.duties)

    def usd_rates(self, stated: Mapping[str, float] | None = None) -> Mapping[str, float]:
        """Units of each currency for a USD: as ``stated``, else as the sheet has them.

        A currency whose rate cannot be read has an infinite one: that is told once, in its sheet,
        and not again of all that is paid in it.
        """
        known = {
            row.text("currency"): row.number("per_usd", blank=math.inf)
            for row in self.currencies.rows
            if row.has("currency")
        }
        return {**known, **(stated or {}), "USD": 1.0}

    def price(self, settings: Settings, name: str) -> float | None:
        """A price of the scenario, else of the sheet; None if neither has it."""
        if f"prices.{name}" in settings.values:
            return settings.number(f"prices.{name}")
        rows = [r for r in self.prices.rows if r.has("value") and r.text("price_id") == name]
        return rows[0].number("value") if rows else None

    def duty_rows(self) -> tuple[Duty, ...]:
        """Duties in the order of the file; only once the sheet has no fault."""
        return tuple(map(_duty, self.duties.rows))


def read_money_sheets(folder: Path, *, edit: Edit | None = None) -> MoneySheets:
    """The sheets of money in ``folder``, with all their faults."""
    sheets = MoneySheets(
        prices=read_sheet(folder / PRICES.file, table=PRICES, edit=edit),
        currencies=read_sheet(folder / CURRENCIES.file, table=CURRENCIES, edit=edit),
        duties=read_sheet(folder / DUTIES.file, table=DUTIES, edit=edit),
    )
    priced = {column.name: column for column in PRICED}
    for row in sheets.prices.rows:
        if not row.has("price_id", "value", "unit"):
            continue
        column = priced[row.text("price_id")]
        if row.text("unit") != column.unit:
            sheets.prices.blame(row, "unit", f"{column.unit}, as the price is {column.name}")
        try:
            check_range(column, row.number("value"))
        except Refused as refused:
            sheets.prices.blame(row, "value", str(refused))
    for row in sheets.currencies.rows:
        if row.text("currency") == "USD" and row.has("per_usd") and row.number("per_usd") != 1:
            sheets.currencies.blame(row, "per_usd", "1: all rates are for one USD")
    _check_reached(sheets.duties)
    return sheets


def _check_reached(duties: Sheet) -> None:
    """Blame a row that never decides: an earlier one fits whatever it fits."""
    before: list[tuple[Row, Duty]] = []
    for row in duties.sound_rows():
        duty = _duty(row)
        for other, wider in before:
            if _is_wider(wider, duty):
                words = (
                    f"a place above row {other.position} ({wider.id}), "
                    "which fits whatever this row fits and decides first"
                )
                duties.blame(row, "duty_id", words)
                break
        before.append((row, duty))


def _is_wider(wide: Duty, other: Duty) -> bool:
    """Whether ``wide`` fits whatever ``other`` fits."""
    pairs = (
        (wide.from_countries, other.from_countries),
        (wide.to_countries, other.to_countries),
    )
    return other.hs.startswith(wide.hs) and all(
        not some or (few and few <= some) for some, few in pairs
    )


def to_usd(sheet: Sheet, rates: Mapping[str, float]) -> None:
    """Convert the money of every row that names a currency; one without a rate is a fault."""
    money = [column for column in sheet.table.columns if column.money]
    for row in sheet.rows:
        name = row.text(CURRENCY.name)
        if not name or name == "USD":
            continue
        if name not in rates:
            known = sorted(rates)
            words = f"a currency of {CURRENCIES.file} or [currency.per_usd]{nearest(name, known)}"
            sheet.blame(row, CURRENCY.name, words)
            continue
        for column in money:
            if not row.has(column.name):
                continue
            usd = row.number(column.name) / rates[name]
            try:
                check_range(column, usd)
            except Refused as refused:
                sheet.blame(row, column.name, f"{refused}; {name} are {usd:.6g} USD")
            row.values[column.name] = usd


def check_diesel(sheets: MoneySheets, settings: Settings, services: Sheet) -> None:
    """Blame diesel that is burnt and has no price."""
    burning = [row for row in services.rows if row.has(BURNING) and row.number(BURNING)]
    if burning and sheets.price(settings, DIESEL) is None and sheets.prices.whole:
        where = f"{services.shown}, row {burning[0].position}"
        words = f"a price here or in {PRICES.file}: units burn diesel ({where})"
        settings.blame(f"prices.{DIESEL}", None, words)


def check_duties(sheets: MoneySheets, carried: Sheet, *, nodes: Sheet, goods: Sheet) -> None:
    """Blame consignments that end in another country and for which no duty is known."""
    if not sheets.duties.rows:
        return
    country = {r.text("node_id"): r.text("country") for r in nodes.rows if r.has("country")}
    hs6 = {r.text("commodity_id"): r.text("hs6") for r in goods.rows if r.has("hs6")}
    # A row that is faulty otherwise may be meant for the goods: told once, there.
    rows = [_duty(row) for row in sheets.duties.rows if row.has("hs", "from_country", "to_country")]
    if len(rows) < len(sheets.duties.rows) or not sheets.duties.whole:
        return
    for row in carried.rows:
        start, end = (country.get(row.text(name)) for name in ("origin", "destination"))
        code = hs6.get(row.text("commodity"))
        if start is None or end is None or code is None or start == end:
            continue
        if not any(duty.fits(hs6=code, origin=start, destination=end) for duty in rows):
            words = f"a country for which {sheets.duties.shown} has a row: HS {code[:4]}.{code[4:]}"
            carried.blame(row, "destination", f"{words} from {start} into {end} has none")


def _countries(row: Row, column: str) -> frozenset[str]:
    text = row.text(column)
    return frozenset() if text == "any" else frozenset(text.split(";"))


def _duty(row: Row) -> Duty:
    hs = row.text("hs")
    return Duty(
        id=row.text("duty_id"),
        hs="" if hs == "any" else hs.removeprefix("HS ").replace(".", ""),
        from_countries=_countries(row, "from_country"),
        to_countries=_countries(row, "to_country"),
        duty_pct=row.number("duty_pct", blank=0.0),
        vat_pct=row.number("vat_pct", blank=0.0),
        source=row.text("source"),
        confidence=row.text("confidence"),
        note=row.text("note"),
    )


def stated_rates(settings: Settings) -> Mapping[str, float]:
    """Rates of exchange of the scenario file."""
    return cast("Mapping[str, float]", settings.values.get("currency.per_usd", {}))
