"""How long a scenario takes to plan, how much memory, and how good the plans are, engine by engine.

python benchmarks/plan.py [SCENARIO] [--engines auto exact cpsat greedy] [--seconds 60] [--runs 1]

Each run is a process of its own with the next seed; figures are medians over the runs. Every plan
passes the audit before it counts. Times are wall times, so leave the machine alone meanwhile.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import coldchain
from coldchain.candidates import enumerate_itineraries
from coldchain.engines import stand_alone_cost
from coldchain.engines.process import solve
from coldchain.lowering import Lifting, lower

HOME = Path(coldchain.__file__).resolve().parents[1]
WATCH_S = 0.1
"""How often memory is looked at (s)."""

Figures = dict[str, float]

COLUMNS = (
    ("enumerate_s", "find s", 7, ",.1f"),
    ("rows", "rows", 9, ",.0f"),
    ("engine_s", "engine s", 9, ",.1f"),
    ("audit_s", "audit s", 8, ",.1f"),
    ("memory_mb", "MB", 6, ",.0f"),
    ("served", "served", 7, ".0f"),
    ("cost_usd", "cost", 9, ",.0f"),
    ("bound_usd", "bound", 9, ",.0f"),
    ("gap", "gap", 7, ".2%"),
    ("saving", "saves", 7, ".1%"),
)


def run(scenario: str, engine: str, seconds: float, threads: int, seed: int) -> Figures:
    """Plan once, in this process, stage by stage as ``coldchain.solve`` does."""
    effort = coldchain.Effort(seconds=seconds, gap=0.0, threads=threads, seed=seed)
    given = coldchain.read_scenario(scenario)
    began = time.perf_counter()
    lowered = lower(enumerate_itineraries(given))
    found = time.perf_counter()
    selection = solve(lowered.problem, effort, engine)
    chosen = time.perf_counter()
    alone_usd = stand_alone_cost(lowered.problem) / 100
    plan = Lifting(lowered).plan(selection, greedy_usd=alone_usd, effort=effort)
    violations = coldchain.check(plan)
    if violations:
        raise SystemExit(f"{engine}, seed {seed}: {violations[0]}")
    proof = plan.proof
    left_d = [way.shelf_life_left_h / 24 for way in plan.itineraries]
    return {
        "enumerate_s": found - began,
        "rows": proof.candidates,
        "engine_s": chosen - found,
        "audit_s": time.perf_counter() - chosen,
        "served": len(plan.itineraries),
        "cost_usd": proof.cost_usd,
        "bound_usd": proof.bound_usd,
        "gap": proof.gap,
        "constant_usd": proof.constant_usd,
        "alone_usd": alone_usd,
        "saving": 1 - proof.cost_usd / alone_usd,
        "carried_kg": plan_kg(plan),
        "total_usd": plan.total.total,
        "co2e_t": sum(plan.co2e_kg.values()) / 1000,
        "life_left_d": statistics.median(left_d) if left_d else float("nan"),
        **modes(plan),
    }


def plan_kg(plan: coldchain.Plan) -> float:
    """Net weight of what travels (kg)."""
    return sum(plan.scenario.consignment(way.consignment).net_kg for way in plan.itineraries)


def modes(plan: coldchain.Plan) -> Figures:
    """Share of rail, road and air in the tonne-kilometres (net weight)."""
    done = {"rail": 0.0, "road": 0.0, "air": 0.0}
    for way in plan.itineraries:
        net_kg = plan.scenario.consignment(way.consignment).net_kg
        for leg in (leg for carriage in way.carriages for leg in carriage.legs):
            service = plan.scenario.network.services[leg.service]
            done[service.mode] += net_kg * service.distance_km
    total = sum(done.values())
    return {mode: kg_km / total if total else float("nan") for mode, kg_km in done.items()}


def measure(scenario: str, engine: str, seconds: float, threads: int, seed: int) -> Figures:
    """One run in a process of its own, with the most memory it and its children held together."""
    command = [sys.executable, __file__, scenario, "--one", engine, "--seconds", str(seconds)]
    command += ["--threads", str(threads), "--seed", str(seed)]
    most = 0.0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        while child.poll() is None:
            most = max(most, resident_mb(child.pid))
            time.sleep(WATCH_S)
        assert child.stdout is not None
        answer = child.stdout.read()
    if child.returncode:
        raise SystemExit(f"{engine}, seed {seed}: ended with {child.returncode}")
    return {**json.loads(answer), "memory_mb": most}


def resident_mb(pid: int) -> float:
    """Memory that a process and its children hold (MB); nan where there is no /proc."""
    if not Path("/proc/self").exists():
        return float("nan")
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        children = [
            int(name)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for name in (task / "children").read_text().split()
        ]
    except OSError:  # ended meanwhile
        return 0.0
    own = sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
    return own / 1000 + sum(resident_mb(c) for c in children)


def machine() -> str:
    """Processor, cores and memory, as far as the system tells."""
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
        gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    except (OSError, StopIteration, ValueError):
        return f"{name}, {os.cpu_count()} cores"
    return f"{name}, {os.cpu_count()} cores, {gb:.0f} GB"


def revision() -> str:
    """The commit measured, if this is a checkout with git at hand."""
    try:
        told = subprocess.run(
            ["git", "-C", str(HOME), "describe", "--always", "--dirty"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "no commit"
    return told.stdout.strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("scenario", nargs="?", default="cherry-week")
    parser.add_argument("--engines", nargs="+", default=["exact", "cpsat", "greedy"])
    parser.add_argument("--seconds", type=float, default=60.0, help="each engine may take")
    parser.add_argument("--runs", type=int, default=1, help="with seed, seed + 1, …")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--one", metavar="ENGINE", help=argparse.SUPPRESS)
    a = parser.parse_args()
    if a.one:
        print(json.dumps(run(a.scenario, a.one, a.seconds, a.threads, a.seed)))
        return

    seeds = f"seed {a.seed}" if a.runs == 1 else f"seeds {a.seed}-{a.seed + a.runs - 1}"
    print(f"{a.scenario}, {a.seconds:g} s, {a.threads} threads, {seeds}, median of {a.runs}")
    print(f"{machine()}, {platform.system()}, Python {platform.python_version()}")
    used = ", ".join(f"{name} {version(name)}" for name in ("ortools", "numpy"))
    print(f"coldchain {coldchain.__version__} ({revision()}), {used}")
    print()
    print("engine  " + "".join(f"{head:>{width}}" for _, head, width, _ in COLUMNS))
    for engine in a.engines:
        runs = [
            measure(a.scenario, engine, a.seconds, a.threads, a.seed + n) for n in range(a.runs)
        ]
        median = {key: statistics.median(r[key] for r in runs) for key in runs[0]}
        cells = "".join(f"{format(median[key], form):>{width}}" for key, _, width, form in COLUMNS)
        print(f"{engine:8s}{cells}", flush=True)
    print()
    print(
        f"Money in USD, without the {median['constant_usd']:,.0f} paid whichever way goods go. "
        f"Every consignment for itself: {median['alone_usd']:,.0f}."
    )


if __name__ == "__main__":
    main()
