"""The engines on the synthetic corridor, from 100 to 10,000 consignments, beside plain solvers.

python benchmarks/synthetic.py [--sizes 100 500 1000] [--engines season] [--runs 1]

The corridor: eight packhouses, two collection hubs, five trunk services and a flight with slots
into two cross-dock hubs, twenty cities. A consignment of 1-12 t takes three carriages, each shared
by everything equal on it and paid per container of 20 t: collection when it is ready; a trunk
within a week; distribution at one of the next arrivals at the hub within two days. Its own cost is
handling and the value lost with life; left behind it costs 50,000 USD. The stream of random numbers
is fixed, so that figures of different engines belong together.

``plain-highs`` and ``plain-cpsat`` are what a modeller would write down first: one variable per
itinerary and carriage, one row per consignment, carriage and slot limit, handed to the solver as
it is. Each run is a process of its own, with the next seed; figures are medians over the runs.
Gaps are cost / bound - 1: of the total, and the same difference over the transport bill alone.
"""

from __future__ import annotations

import argparse
import csv
import json
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from plain import solve_plainly
from synthetic_scenario import (
    CROSS_DOCK_H,
    HUBS_OUT,
    LIFE_H,
    READY_H,
    TRUCK_WAIT_H,
    TRUNK_WAIT_H,
    UNIT_T,
    UNSERVED_USD,
    USD_PER_KG_HANDLING,
    USD_PER_KG_LIFE,
    draw,
)

from coldchain.engines.process import solve
from coldchain.selection import Effort, SelectionProblem

SERVICE_DAYS_BEYOND = 25
"""Days on which trunks run after the last consignment may be ready."""

MOST_EVENTS = 8
"""Arrivals at a hub that goods may wait for."""

SIZES = {100: (30, 60), 500: (60, 120), 1000: (60, 180), 3000: (60, 600), 10_000: (60, 1800)}
"""Days over which so many consignments are spread, and seconds allowed."""

KNOWN = {
    100: (1_187_411, 1_207_880),
    500: (5_361_772, 5_470_387),
    1000: (10_236_503, 10_419_684),
    3000: (29_016_878, 29_485_331),
    10_000: (95_852_163, 99_415_391),
}
"""Best bound and best plan known before (USD)."""

COLUMNS = (
    ("size", "cons.", 6, ",d"),
    ("engine", "engine", 12, "s"),
    ("seconds", "s", 6, ",.0f"),
    ("cpu_s", "CPU s", 6, ",.0f"),
    ("memory_mb", "MB", 6, ",.0f"),
    ("served", "served", 7, ",.0f"),
    ("cost_usd", "cost", 11, ",.0f"),
    ("bound_usd", "bound", 11, ",.0f"),
    ("gap", "gap", 7, ".2%"),
    ("transport_gap", "transp.", 8, ".2%"),
)


def problem_of(size: int, days: int) -> SelectionProblem:
    """Every itinerary as an option, every carriage as a pool; cents and tonnes."""
    legs, lots = draw(size, days)
    trunks = [leg for leg in legs if leg.weekdays]
    trucks = {(leg.origin, leg.destination): leg for leg in legs if not leg.weekdays}
    departures: dict[str, list[tuple[int, int, str, int]]] = defaultdict(list)
    for number, trunk in enumerate(trunks):
        for day in range(days + SERVICE_DAYS_BEYOND):
            if day % 7 in trunk.weekdays:
                leaves = day * 24 + trunk.hour
                row = (leaves, number, trunk.destination, leaves + trunk.transit_h)
                departures[trunk.origin].append(row)
    ready: dict[str, set[int]] = defaultdict(set)
    for origin, rows in departures.items():
        departures[origin] = sorted(rows)
        for _, _, to, arrives in rows:
            ready[to].add(arrives + CROSS_DOCK_H)
    events = {hub: np.array(sorted(hours)) for hub, hours in ready.items()}
    leaving = {hub: np.array([row[0] for row in rows]) for hub, rows in departures.items()}
    pools: dict[tuple[Any, ...], int] = {}
    unit: list[int] = []
    slots: dict[int, int] = {}

    def pool(key: tuple[Any, ...], usd: float, most: int | None = None) -> int:
        if key not in pools:
            pools[key] = len(unit)
            unit.append(round(usd * 100))
            if most is not None:
                slots[pools[key]] = most
        return pools[key]

    customer: list[int] = []
    cost: list[int] = []
    used: list[int] = []
    load: list[int] = []
    for k, lot in enumerate(lots):
        start = lot.day * 24 + READY_H
        for hub in HUBS_OUT:
            collection = trucks[lot.origin, hub]
            first = pool(("collection", lot.origin, hub, start), collection.usd)
            there = start + collection.transit_h + CROSS_DOCK_H
            for at in range(int(np.searchsorted(leaving[hub], there)), len(leaving[hub])):
                leaves, number, to, arrives = departures[hub][at]
                if leaves > there + TRUNK_WAIT_H:
                    break
                last = trucks[to, lot.destination]
                handed = arrives + CROSS_DOCK_H
                place = int(np.searchsorted(events[to], handed))
                for event in events[to][place : place + MOST_EVENTS].tolist():
                    life = (event + last.transit_h - start) / LIFE_H
                    if event > handed + TRUCK_WAIT_H or 1 - life < lot.left:
                        break
                    customer.append(k)
                    per_kg = USD_PER_KG_HANDLING + USD_PER_KG_LIFE * life
                    cost.append(round(lot.tonnes * 1000 * per_kg * 100))
                    used += [
                        first,
                        pool(("trunk", number, leaves), trunks[number].usd, trunks[number].slots),
                        pool(("distribution", to, lot.destination, event), last.usd),
                    ]
                    load += [lot.tonnes] * 3
    limited = np.array(sorted(slots), dtype=np.int64)
    return SelectionProblem(
        option_customer=np.array(customer, dtype=np.int64),
        option_cost=np.array(cost, dtype=np.int64),
        option_start=np.arange(len(customer) + 1, dtype=np.int64) * 3,
        option_pool=np.array(used, dtype=np.int64),
        option_load=np.array(load, dtype=np.int64),
        skip_cost=np.full(size, UNSERVED_USD * 100),
        pool_capacity=np.full(len(unit), UNIT_T),
        pool_cost=np.array(unit, dtype=np.int64),
        limit_capacity=np.array([slots[p] for p in limited.tolist()], dtype=np.int64),
        limit_start=np.arange(len(limited) + 1),
        limit_pool=limited,
    )


def run(size: int, engine: str, seconds: float, threads: int, seed: int) -> dict[str, float]:
    """Solve once, in this process."""
    problem = problem_of(size, SIZES[size][0])
    began = time.perf_counter()
    if engine.startswith("plain-"):
        chosen, bound = solve_plainly(problem, engine.removeprefix("plain-"), seconds, threads)
    else:
        effort = Effort(seconds=seconds, gap=0.0, threads=threads, seed=seed)
        answer = solve(problem, effort, engine)
        chosen, bound = np.array(answer.chosen), answer.bound
    took = time.perf_counter() - began
    if problem.broken_limits(chosen):
        raise SystemExit(f"{engine}, seed {seed}: a limit is broken")
    cost = problem.cost(chosen)
    own = int(problem.option_cost[chosen[chosen >= 0]].sum())
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {
        "seconds": took,
        "cpu_s": sum(each.ru_utime + each.ru_stime for each in used),
        "memory_mb": max(each.ru_maxrss for each in used) / 1024,
        "served": int((chosen >= 0).sum()),
        "cost_usd": cost / 100,
        "bound_usd": bound / 100,
        "gap": cost / bound - 1 if bound > 0 else float("inf"),
        "transport_gap": (cost - bound) / (cost - own),
    }


def main() -> None:
    """Print the table, and keep it where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", nargs="+", type=int, choices=SIZES, default=list(SIZES)[:3])
    parser.add_argument("--engines", nargs="+", default=["season"])
    parser.add_argument("--seconds", type=float, help="instead of those that belong to the size")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--results", type=Path, help="CSV to add the rows to")
    parser.add_argument("--once", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.once is not None:
        engine, seed = asked.once
        seconds = asked.seconds or SIZES[asked.sizes[0]][1]
        figures = run(asked.sizes[0], engine, seconds, asked.threads, int(seed))
        print(json.dumps(figures))
        return
    print(
        f"{platform.machine()}, {asked.threads} threads, Python {platform.python_version()},"
        f" ortools {version('ortools')}, numba {version('numba')};"
        f" seeds 1 to {asked.runs}, medians"
    )
    print(" ".join(f"{title:>{width}}" for _, title, width, _ in COLUMNS))
    for size in asked.sizes:
        for engine in asked.engines:
            row = {"size": size, "engine": engine, **_medians(size, engine, asked)}
            print(" ".join(format(row[key], f">{width}{how}") for key, _, width, how in COLUMNS))
            sys.stdout.flush()
            if asked.results is not None:
                _keep(asked.results, row)
        low, high = KNOWN[size]
        print(f"{size:>6,d} known before: {high:,d}, bound {low:,d} ({high / low - 1:.2%})")


def _medians(size: int, engine: str, asked: argparse.Namespace) -> dict[str, float]:
    """The medians of the runs, each in a process of its own."""
    figures: list[dict[str, float]] = []
    for seed in range(1, asked.runs + 1):
        command = [sys.executable, __file__, "--sizes", str(size), "--once", engine, str(seed)]
        command += ["--threads", str(asked.threads)]
        if asked.seconds is not None:
            command += ["--seconds", str(asked.seconds)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        figures.append(json.loads(done.stdout.splitlines()[-1]))
    return {key: statistics.median(each[key] for each in figures) for key in figures[0]}


def _keep(path: Path, row: dict[str, Any]) -> None:
    fresh = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, list(row))
        if fresh:
            writer.writeheader()
        writer.writerow(row)


if __name__ == "__main__":
    main()
