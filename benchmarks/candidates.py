"""How long it takes to find all itineraries of the synthetic corridor, in how much memory.

python benchmarks/candidates.py [K/DAYS ...]

One process for each size, so that memory is its own. Any scenario, bundled or a file, may be named
in place of a size.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from synthetic_scenario import write

from coldchain.candidates import enumerate_itineraries
from coldchain.tables import read_scenario

SIZES = ("100/30", "500/60", "1000/60", "3000/60")
MAX_DETOUR = 0.6


def measure(name: str) -> None:
    """Find the itineraries of a size or a scenario and print a row."""
    with tempfile.TemporaryDirectory() as folder:
        which: str | Path = name
        if "/" in name and not name.endswith(".toml"):
            n, days = map(int, name.split("/"))
            which = write(n, days, Path(folder), max_detour=MAX_DETOUR)
        elif name.endswith(".toml"):
            which = Path(name)
        begun = time.process_time()
        scenario = read_scenario(which)
        read = time.process_time()
        candidates = enumerate_itineraries(scenario)
        found = time.process_time()
        # In KiB on Linux.
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{name:16} {len(scenario.consignments):12,} {len(candidates):10,} "
            f"{len(candidates.refusals):7,} {read - begun:6.1f} {found - read:8.1f} {most:6,.0f}",
            flush=True,
        )


def main() -> None:
    """Measure each of what the command line names in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=SIZES, metavar="K/DAYS")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        measure(asked.names[0])
        return
    print("name             consignments candidates refused read s search s     MB", flush=True)
    for name in asked.names:
        subprocess.run([sys.executable, __file__, "--one", name], check=True)


if __name__ == "__main__":
    main()
