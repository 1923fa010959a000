"""How soon ``coldchain --help`` answers: CPU and wall seconds of the child, median of several runs.

python benchmarks/startup.py [RUNS]
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time

COMMANDS = (["--help"], ["--version"], ["plan", "--help"], ["show", "consignments"])


def measure(arguments: list[str], runs: int) -> tuple[float, float]:
    """Median CPU and wall time (s) of ``coldchain`` with ``arguments``."""
    cpu: list[float] = []
    wall: list[float] = []
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "coldchain", *arguments],
            stdout=subprocess.DEVNULL,
            check=True,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""},
        )
        wall.append(time.perf_counter() - began)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(cpu), statistics.median(wall)


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 11
    print(f"median of {runs} runs   cpu s  wall s")
    for arguments in COMMANDS:
        cpu, wall = measure(arguments, runs)
        print(f"{' '.join(arguments):20s} {cpu:6.3f}  {wall:6.3f}")


if __name__ == "__main__":
    main()
