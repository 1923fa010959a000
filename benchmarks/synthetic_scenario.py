"""A synthetic corridor as a scenario: K consignments over DAYS days, for measuring the search.

python benchmarks/synthetic_scenario.py K DAYS --out DIR

Writes ``DIR/synthetic.toml``, its consignments and ``DIR/data`` with the other tables; ``coldchain
plan DIR/synthetic.toml`` plans it. The same K and DAYS always give the same files (numpy's
``default_rng(0)``).

Eight packhouses send goods of one kind by truck to two collection hubs; from there scheduled
trunks with few slots lead to two hubs, where trucks on demand bring them to twenty cities. Goods
change units at both hubs (6 h each); units hold 20 pallets of a tonne. Goods keep for 504 h and
are worth 2,400 USD/t less at the end of these than at the beginning.

What cannot be said alike, if one counts itineraries as (collection, trunk, distribution) triples:

* There, goods may take any departure within their limits; here, only one that can serve a purpose:
  they wait for a later trunk or truck only if others can ride it too, or if slots may run out.
  Nobody waits for goods off a dearer and later unit.
* There, goods wait for one of the next eight trucks within 48 h; here, for any within 48 h.
* There, what stays behind costs 50,000 USD each; here it is charged by the kilogram.
* There, trucks leave the packhouse at once; here, waiting there is ruled out by what it costs, as
  long as ``--max-detour`` is no more than 0.6, and so are the dear trunks.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

DAY_0 = datetime(2027, 5, 3, tzinfo=UTC)
"""A Monday: weekday 0."""
ZONE = "Asia/Dushanbe"
READY_H = 18
"""Hour of the day at which goods are ready."""
LIFE_H = 504
UNIT_T = 20
TRUNK_WAIT_H = 168
TRUCK_WAIT_H = 48
CROSS_DOCK_H = 6
USD_PER_KG_HANDLING = 0.02
USD_PER_KG_LIFE = 2.4
UNSERVED_USD = 50_000
MEAN_T = 6.5
PROHIBITIVE_USD_PER_T_DAY = 1000
HUBS_OUT = ("KHU", "DYU")
HUBS_IN = ("CKG", "URC")
DAILY = tuple(range(7))
TRUNKS: Sequence[tuple[str, Sequence[int], int, int, int, int]] = (
    ("CKG", (1, 4), 20, 216, 6000, 20),
    ("CKG", DAILY, 8, 168, 8500, 8),
    ("CKG", DAILY, 6, 130, 11000, 30),
    ("URC", DAILY, 6, 84, 6500, 30),
    ("URC", (2, 5), 22, 110, 4500, 15),
)
"""From each collection hub: to, weekdays, hour, transit (h), USD per unit, slots."""
EXPRESS = ("CKG", (3,), 3, 16, 60000, 2)
"""The dear one, from the second hub only."""
MADE_UP = {"source": "made up for measuring the search", "confidence": "D"}
ALWAYS = {"open_season": "all"}

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Lot:
    """A consignment: ready at ``READY_H`` of ``day``, to arrive with ``left`` of its life."""

    origin: str
    day: int
    destination: str
    tonnes: int
    left: float


@dataclass(frozen=True, slots=True)
class Leg:
    """A service: on demand if it has no ``weekdays``."""

    origin: str
    destination: str
    equipment: str
    transit_h: int
    usd: float
    weekdays: Sequence[int] = ()
    hour: int = 0
    slots: int = 100_000


def draw(n: int, days: int) -> tuple[list[Leg], list[Lot]]:
    """Services and consignments, from a fixed stream of random numbers."""
    rng = np.random.default_rng(0)
    packhouses = [f"P{i}" for i in range(8)]
    cities = [f"C{i}" for i in range(20)]
    legs = [
        Leg(p, hub, "VAN", int(rng.integers(2, 10)), 200 + 100 * rng.random())
        for p in packhouses
        for hub in HUBS_OUT
    ]
    for hub in HUBS_OUT:
        for to, weekdays, hour, transit_h, usd, slots in TRUNKS:
            legs.append(Leg(hub, to, "BOX", transit_h, usd, weekdays, hour, slots))
    to, weekdays, hour, transit_h, usd, slots = EXPRESS
    legs.append(Leg(HUBS_OUT[1], to, "BOX", transit_h, usd, weekdays, hour, slots))
    for hub, (low, high), base in (("CKG", (8, 40), 1200), ("URC", (50, 90), 4500)):
        legs += [
            Leg(hub, c, "TRUCK", int(rng.integers(low, high)), base + 2500 * rng.random())
            for c in cities
        ]
    lots = [
        Lot(
            origin=packhouses[rng.integers(8)],
            day=int(rng.integers(0, days)),
            destination=cities[rng.integers(20)],
            tonnes=int(rng.integers(1, 13)),
            left=0.15 + 0.2 * rng.random(),
        )
        for _ in range(n)
    ]
    return legs, lots


def _nodes() -> list[Row]:
    kinds = (
        [(f"P{i}", "packhouse") for i in range(8)]
        + [(name, "hub") for name in (*HUBS_OUT, *HUBS_IN)]
        + [(f"C{i}", "city") for i in range(20)]
    )
    return [
        {
            "node_id": name,
            "name": name,
            "country": "XX",
            "lat": 40,
            "lon": 60 + place / 1000,
            "node_type": kind,
            "timezone": ZONE,
            "cross_dock": "yes" if kind == "hub" else "no",
            **ALWAYS,
            **MADE_UP,
        }
        for place, (name, kind) in enumerate(kinds)
    ]


def _routes(legs: Sequence[Leg]) -> list[Row]:
    return [
        {
            "service_id": f"S{number:03}",
            "from_node": leg.origin,
            "to_node": leg.destination,
            "mode": "rail" if leg.weekdays else "road",
            "equipment": leg.equipment,
            "service_name": f"{leg.equipment} {leg.origin}-{leg.destination}",
            "service_type": "scheduled_block_train" if leg.weekdays else "on_demand",
            "status": "existing",
            "distance_km": 10,
            "great_circle_km": 5,
            "transit_h_p10": leg.transit_h,
            "transit_h_p50": leg.transit_h,
            "transit_h_p90": leg.transit_h,
            "departure_days_iso": ";".join(str(d + 1) for d in leg.weekdays) or "1-7",
            "departure_times_local": f"{leg.hour:02}:00" if leg.weekdays else "",
            "every_n_weeks": 1,
            "cutoff_h": 0,
            "capacity_units": leg.slots,
            "capacity_unit": "FEU" if leg.weekdays else "truck",
            "payload_kg_per_unit": 1000 * UNIT_T,
            "pallets_per_unit": UNIT_T,
            "linehaul_usd_per_unit": leg.usd,
            "reefer_usd_per_unit_h": 0,
            "detention_usd_per_unit_h": 0,
            "detention_free_h": 0,
            "border_included": "no",
            "ef_gco2e_per_tkm_wtw": 0,
            "reefer_uplift_frac": 0,
            "genset_kgco2e_per_unit_h": 0,
            "season": "all",
            **MADE_UP,
        }
        for number, leg in enumerate(legs)
    ]


def _operations() -> list[Row]:
    def operation(node: str, code: str, trigger: str, hours: int = 0, **known: Any) -> Row:
        return {
            "op_id": f"{code}-{node}",
            "node_id": node,
            "op_code": code,
            "op_name": code.lower(),
            "trigger": trigger,
            "from_country": "any",
            "equipment_in": "any",
            "opens_unit": "no",
            "charge": "storage",
            "hours_p10": hours,
            "hours_p50": hours,
            "hours_p90": hours,
            "open_hours_local": "24h",
            "open_days_iso": "1-7",
            "probability": 1,
            **MADE_UP,
            **known,
        }

    dock = {"opens_unit": "yes", "charge": "handling"}
    rows = [
        operation(f"P{i}", "STORE", "goods_storage", cost_usd_per_t_day=PROHIBITIVE_USD_PER_T_DAY)
        for i in range(8)
    ]
    for hub in HUBS_OUT:
        ways = {"equipment_in": "VAN", "equipment_out": "BOX", **dock}
        rows.append(operation(hub, "STORE", "goods_storage"))
        rows.append(operation(hub, "DOCK", "transfer", CROSS_DOCK_H, **ways))
    for hub in HUBS_IN:
        ways = {"equipment_in": "BOX", "equipment_out": "TRUCK", **dock}
        price = {"cost_usd_per_kg": USD_PER_KG_HANDLING}
        rows.append(operation(hub, "DOCK", "transfer", CROSS_DOCK_H, **ways, **price))
    return rows


def _equipment() -> list[Row]:
    return [{"equipment": name, "name": name, **MADE_UP} for name in ("VAN", "BOX", "TRUCK")]


def _goods() -> list[Row]:
    days = LIFE_H / 24
    return [
        {
            "commodity_id": "fruit",
            "name": "fruit",
            "hs6": "080929",
            "category": "fruit",
            "decay_law": "arrhenius",
            "domain_min_c": -1,
            "domain_max_c": 20,
            "temp_opt_min_c": 0,
            "temp_opt_max_c": 0,
            "life_ref_temp_c": 0,
            "life_min_days": days,
            "life_typ_days": days,
            "life_max_days": days,
            "ea_default_kj_mol": 60,
            "ea_low_kj_mol": 60,
            "ea_high_kj_mol": 60,
            "source": "made up",
            "confidence": "low",
        }
    ]


def _packagings() -> list[Row]:
    return [
        {
            "packaging_id": "naked",
            "name": "cartons",
            "life_factor": "1",
            "water_loss_factor": 1,
            "usd_per_kg": 0,
            **MADE_UP,
        }
    ]


def _consignments(lots: Sequence[Lot]) -> list[Row]:
    rows: list[Row] = []
    for number, lot in enumerate(lots):
        ready = DAY_0 + timedelta(days=lot.day, hours=READY_H)
        rows.append(
            {
                "consignment_id": f"K{number:05}",
                "commodity": "fruit",
                "origin": lot.origin,
                "destination": lot.destination,
                "net_kg": 1000 * lot.tonnes,
                "gross_kg": 1000 * lot.tonnes,
                "pallets": lot.tonnes,
                "ready_local": f"{ready:%Y-%m-%dT%H:%M}",
                "due_local": f"{ready + timedelta(hours=LIFE_H):%Y-%m-%dT%H:%M}",
                "shelf_life_required_d": round(lot.left * LIFE_H / 24, 9),
                "retail_c": 0,
                "life_used_at_ready": 0,
                "value_usd_per_kg": 3,
                "packaging": "naked",
                **MADE_UP,
            }
        )
    return rows


def _text(name: str, max_detour: float) -> str:
    freshness = USD_PER_KG_LIFE / (LIFE_H / 24)
    return f"""name = "{name}"
title = "Synthetic corridor"
season_date = {DAY_0:%Y-%m-%d}
consignments = "{name}-consignments.csv"
seed = 1

[planning]
quantile = 0.5
confidence = 0.5
setpoints_c = [0.0]
max_dwell_h = {TRUNK_WAIT_H}
max_dwell_without_store_h = {TRUCK_WAIT_H}
max_cross_docks = 2
max_detour = {max_detour}
service_status = ["existing"]

[prices]
unserved_usd_per_kg = {UNSERVED_USD / MEAN_T / 1000:.3f}
freshness_usd_per_kg_d = {freshness:.9f}

[currency]
reporting = "USD"

[parties]
forwarder = "forwarder"
notify = "import desk"

[data]
folder = "data"
"""


def write(n: int, days: int, out: Path, *, max_detour: float) -> Path:
    """Write the scenario into ``out``; returns its file."""
    legs, lots = draw(n, days)
    tables = {
        "nodes": _nodes(),
        "routes": _routes(legs),
        "operations": _operations(),
        "equipment": _equipment(),
        "perishables": _goods(),
        "packaging": _packagings(),
    }
    folder = out / "data"
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        _table(folder / f"{name}.csv", rows)
    _table(out / "synthetic-consignments.csv", _consignments(lots))
    path = out / "synthetic.toml"
    path.write_text(_text("synthetic", max_detour), encoding="utf-8")
    return path


def _table(path: Path, rows: Sequence[Row]) -> None:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, columns)
        table.writeheader()
        table.writerows(rows)


def main() -> None:
    """Write what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("consignments", type=int, metavar="K")
    parser.add_argument("days", type=int, metavar="DAYS")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--max-detour", type=float, default=0.6)
    asked = parser.parse_args()
    print(write(asked.consignments, asked.days, asked.out, max_detour=asked.max_detour))


if __name__ == "__main__":
    main()
