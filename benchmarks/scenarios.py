"""What each bundled scenario's plan is like, beside that of its base, and what it takes to plan it.

python benchmarks/scenarios.py [SCENARIO …] [--engine greedy] [--seconds 60] [--results FILE]

Each run is a process of its own, measured as ``plan.py`` does; every plan passes the audit before
it counts. With ``--results`` runs are kept in a file, one JSON object a line, and those that are
kept there are not repeated: all scenarios can be planned in several sittings. The base of a
scenario is planned too. Times are wall times, so leave the machine alone meanwhile.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from plan import Figures, machine, measure, revision

import coldchain
from coldchain.tables import scenario_names

HEAD = (
    f"{'scenario':19s} carried       USD  to base    of  rail  road   air  left d"
    f"{'t CO2e':>8}{'gap':>8}{'find s':>8}{'all s':>7}{'MB':>7}"
)


def line(name: str, goods: int, found: Figures, base: Figures | None) -> str:
    """A row of the table; ``base`` is the plan of the scenario it extends, if it extends one."""
    beside = (
        f"{found['total_usd'] - base['total_usd']:+9,.0f}{found['served'] - base['served']:+6.0f}"
        if base is not None
        else f"{'':15}"
    )
    shares = "".join(f"{found[mode]:6.0%}" for mode in ("rail", "road", "air"))
    seconds = found["enumerate_s"] + found["engine_s"] + found["audit_s"]
    return (
        f"{name:19s} {found['served']:3.0f}/{goods:3d}{found['total_usd']:10,.0f}{beside}{shares}"
        f"{found['life_left_d']:8.1f}{found['co2e_t']:8.1f}{found['gap']:8.2%}"
        f"{found['enumerate_s']:8.1f}{seconds:7.1f}{found['memory_mb']:7,.0f}"
    )


class Runs:
    """Plans measured, and kept in a file if there is one."""

    def __init__(self, engine: str, seconds: float, threads: int, seed: int, kept: Path | None):
        self._how = {"engine": engine, "seconds": seconds, "threads": threads, "seed": seed}
        self._kept = kept
        self._done: dict[str, Figures] = {}
        if kept is not None and kept.exists():
            for text in kept.read_text(encoding="utf-8").splitlines():
                run: dict[str, Any] = json.loads(text)
                self._done[json.dumps(run["of"], sort_keys=True)] = run["figures"]

    def of(self, scenario: coldchain.Scenario) -> Figures:
        """Figures of a scenario as it is now: another digest is another run."""
        of = {**self._how, "scenario": scenario.name, "digest": scenario.digest}
        key = json.dumps(of, sort_keys=True)
        if key not in self._done:
            how = self._how
            self._done[key] = measure(
                scenario.name, how["engine"], how["seconds"], how["threads"], how["seed"]
            )
            if self._kept is not None:
                with self._kept.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"of": of, "figures": self._done[key]}) + "\n")
        return self._done[key]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("scenarios", nargs="*", default=scenario_names(), metavar="SCENARIO")
    parser.add_argument("--engine", default="greedy")
    parser.add_argument("--seconds", type=float, default=60.0, help="the engine may take")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--results", type=Path, metavar="FILE", help="where runs are kept")
    a = parser.parse_args()
    runs = Runs(a.engine, a.seconds, a.threads, a.seed, a.results)
    print(f"{a.engine}, {a.seconds:g} s, {a.threads} threads, seed {a.seed}; {machine()}")
    print(f"coldchain {coldchain.__version__} ({revision()})")
    print()
    print(HEAD)
    for name in a.scenarios:
        scenario = coldchain.read_scenario(name)
        base = coldchain.read_scenario(scenario.extends[0]) if scenario.extends else None
        found = runs.of(scenario)
        beside = runs.of(base) if base is not None else None
        print(line(name, len(scenario.consignments), found, beside), flush=True)


if __name__ == "__main__":
    main()
