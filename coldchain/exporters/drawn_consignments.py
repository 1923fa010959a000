"""Consignments of the bundled scenarios that are drawn from supply and demand.

``python -m coldchain.exporters.drawn_consignments season`` prints
``data/scenarios/season-consignments.csv``. With ``--data`` the same is drawn from tables of one's
own, with the other options for other days, commodities, markets or quantities or another seed.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from coldchain.columns import CONSIGNMENTS
from coldchain.errors import DataError, UnknownName
from coldchain.market import Lot, draw
from coldchain.tables.market_tables import read_market

PROGRAM = "coldchain.exporters.drawn_consignments"

LEFT_OUT = frozenset({"treatment", "pulp_at_ready_c", "via"})
"""Columns of consignments that nothing is drawn for; blank means none, not known, and any way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """What is drawn for a scenario: whose supply meets whose demand, when.

    ``countries`` are those of the destinations; ``letter`` begins the ids. Origins offer
    ``offered_pct`` hundredths of what the table of supply says.
    """

    letter: str
    first: date
    last: date
    commodities: frozenset[str]
    countries: frozenset[str]
    offered_pct: int = 100
    seed: int = 1


DRAWS: Mapping[str, Draw] = {
    "season": Draw(
        letter="S",
        first=date(2027, 5, 1),
        last=date(2027, 6, 30),
        commodities=frozenset({"cherry_sweet", "apricot"}),
        countries=frozenset({"CN"}),
        offered_pct=250,
    ),
    "may-holidays": Draw(
        letter="H",
        first=date(2027, 4, 26),
        last=date(2027, 5, 9),
        commodities=frozenset({"cherry_sweet", "apricot"}),
        countries=frozenset({"CN"}),
    ),
    "mixed-month": Draw(
        letter="M",
        first=date(2027, 10, 4),
        last=date(2027, 10, 31),
        commodities=frozenset(
            {
                *("grape_table", "melon_inodorus_hami", "lemon", "pomegranate"),
                *("dried_apricot", "lamb_chilled_vacuum"),
            }
        ),
        countries=frozenset({"CN"}),
    ),
    "europe-return": Draw(
        letter="E",
        first=date(2027, 11, 1),
        last=date(2027, 11, 28),
        commodities=frozenset(
            {
                *("orange_navel", "mandarin", "pomelo", "kiwifruit"),
                *("grape_table", "pomegranate", "lemon", "persimmon"),
            }
        ),
        countries=frozenset({"DE", "PL", "RU"}),
    ),
}
"""The bundled scenarios that are drawn, by name."""


def drawn_consignments(what: Draw, folder: str | Path | None = None) -> str:
    """The CSV text of the consignments of ``what``, from the tables in ``folder``."""
    market = read_market(folder)
    lots = draw(
        [
            replace(s, weekly=s.weekly.times(what.offered_pct))
            for s in market.supplies
            if s.commodity in what.commodities
        ],
        [
            d
            for d in market.demands
            if d.commodity in what.commodities and market.countries[d.destination] in what.countries
        ],
        first=what.first,
        last=what.last,
        heaviest_pallet_kg=market.heaviest_pallet_kg,
        seed=what.seed,
    )
    text = io.StringIO()
    columns = [c.name for c in CONSIGNMENTS.columns if c.name not in LEFT_OUT]
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    digits = max(3, len(str(len(lots))))
    source = _source(what)
    for number, lot in enumerate(lots, start=1):
        writer.writerow(_row(f"{what.letter}-{number:0{digits}}", lot, source))
    return text.getvalue()


def _row(name: str, lot: Lot, source: str) -> dict[str, str]:
    supply, demand = lot.supply, lot.demand
    return {
        "consignment_id": name,
        "commodity": supply.commodity,
        "origin": supply.origin,
        "destination": demand.destination,
        "net_kg": str(lot.net_kg),
        "gross_kg": str(lot.gross_kg),
        "pallets": str(lot.pallets),
        "ready_local": lot.ready_local.isoformat(timespec="minutes"),
        "due_local": lot.due_local.isoformat(timespec="minutes"),
        "shelf_life_required_d": f"{demand.shelf_life_required_d:g}",
        "retail_c": f"{demand.retail_c:g}",
        "life_used_at_ready": _hundredths(lot.life_used_pct),
        "value_usd_per_kg": _hundredths(lot.usd_cents_per_kg),
        "packaging": demand.packaging.value,
        "shipper": supply.shipper,
        "consignee": demand.consignee,
        "note": f"{supply.id} to {demand.id}",
        "source": source,
        "confidence": "D",
    }


def _source(what: Draw) -> str:
    supply = "supply.csv and"
    if what.offered_pct != 100:
        supply = f"{what.offered_pct} % of supply.csv and from"
    return f"drawn from {supply} demand.csv by {PROGRAM}, seed {what.seed}"


def _hundredths(number: int) -> str:
    return f"{number // 100}.{number % 100:02d}"


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"python -m {PROGRAM}",
        description="Draw consignments from supply.csv and demand.csv and print them as CSV.",
    )
    parser.add_argument("name", help=f"one of {', '.join(DRAWS)}: what is meant by the rest")
    parser.add_argument("--first", type=date.fromisoformat, help="first day goods are ready")
    parser.add_argument("--last", type=date.fromisoformat, help="last day goods are ready")
    parser.add_argument("--seed", type=int)
    parser.add_argument(
        "--offered",
        type=_percent,
        dest="offered_pct",
        metavar="PERCENT",
        help="of what the table of supply says: 250 is two and a half times as much",
    )
    parser.add_argument("--commodities", nargs="+", metavar="COMMODITY")
    parser.add_argument("--countries", nargs="+", metavar="COUNTRY", help="of the markets")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="with tables of one's own")
    return parser


def _percent(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r}, expected a whole number of percent")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the CSV of a draw."""
    given = _options().parse_args(arguments)
    if given.name not in DRAWS:
        raise UnknownName("draw", given.name, DRAWS)
    what = DRAWS[given.name]
    for option in ("first", "last", "seed", "offered_pct"):
        if getattr(given, option) is not None:
            what = replace(what, **{option: getattr(given, option)})
    for option in ("commodities", "countries"):
        if getattr(given, option):
            what = replace(what, **{option: frozenset(getattr(given, option))})
    sys.stdout.buffer.write(drawn_consignments(what, given.data).encode())


if __name__ == "__main__":
    try:
        main()
    except (DataError, UnknownName) as error:
        raise SystemExit(f"drawn_consignments: {error}") from error
