"""What a wider `max_detour` finds in the cherry week, and what it costs to look.

python benchmarks/detour.py [--seconds 60] [DETOUR ...]
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

from coldchain.candidates import enumerate_itineraries
from coldchain.engines.process import solve
from coldchain.lowering import lower
from coldchain.selection import Effort
from coldchain.tables import read_scenario


def main() -> None:
    """Plan at each value and print a row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("detours", nargs="*", type=float, default=[0.05, 0.1, 0.15, 0.2])
    parser.add_argument("--seconds", type=float, default=60.0)
    asked = parser.parse_args()
    scenario = read_scenario("cherry-week")
    print("max_detour  candidates  found in s   plan USD  bound USD    gap")
    for detour in asked.detours:
        begun = time.perf_counter()
        candidates = enumerate_itineraries(replace(scenario, max_detour=detour))
        took = time.perf_counter() - begun
        effort = Effort(seconds=asked.seconds, gap=0.001)
        selection = solve(lower(candidates).problem, effort, "exact")
        print(
            f"{detour:10.2f}  {len(candidates):10,}  {took:10.1f} "
            f"{selection.cost / 100:10,.0f} {selection.bound / 100:10,.0f} {selection.gap:6.2%}",
            flush=True,
        )


if __name__ == "__main__":
    main()
