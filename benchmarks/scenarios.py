"""How long each bundled scenario takes to plan, how much memory, and how near to the best.

python benchmarks/scenarios.py [SCENARIO …] [--engines greedy highs] [--seconds 60] [--seed 1]

Each run is a process of its own, measured as ``plan.py`` does; every plan passes the audit before
it counts. Times are wall times, so leave the machine alone meanwhile.
"""

from __future__ import annotations

import argparse

from plan import COLUMNS, machine, measure, revision

import coldchain
from coldchain.tables import scenario_names


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("scenarios", nargs="*", default=scenario_names(), metavar="SCENARIO")
    parser.add_argument("--engines", nargs="+", default=["greedy", "highs"])
    parser.add_argument("--seconds", type=float, default=60.0, help="each engine may take")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    print(f"{a.seconds:g} s, {a.threads} threads, seed {a.seed}; {machine()}")
    print(f"coldchain {coldchain.__version__} ({revision()})")
    print()
    print(f"{'scenario':15s} {'engine':7s}  of" + "".join(f"{h:>{w}}" for _, h, w, _ in COLUMNS))
    for name in a.scenarios:
        goods = len(coldchain.read_scenario(name).consignments)
        for engine in a.engines:
            figures = measure(name, engine, a.seconds, a.threads, a.seed)
            cells = "".join(f"{format(figures[key], form):>{w}}" for key, _, w, form in COLUMNS)
            print(f"{name:15s} {engine:7s} {goods:3d}{cells}", flush=True)


if __name__ == "__main__":
    main()
