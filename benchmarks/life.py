"""How many thermal histories a second each law of freshness can tell the life used of, on one core.

python benchmarks/life.py [--histories 200000] [--segments 10] [--runs 7] [--seed 1]

Every law gets the same histories, drawn once from a seed, in one call of ``life_used_along``: with
its checks of every hour and temperature, which no figure leaves out. A law is run once to warm up;
figures are medians over the runs, with the slowest beside them, in wall time of one thread.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time
from dataclasses import replace
from importlib.metadata import version

import numpy as np

from coldchain import decay

DOMAIN = {"domain_min_c": -1.8, "domain_max_c": 30.0}
AGE = decay.ArrheniusKeepingQuality(
    life_h=504.0, reference_c=0.0, activation_energy_j_mol=66e3, **DOMAIN
)
DOSE = decay.ChillingDose(threshold_c=10.0, critical_dose_k_h=168.0, **DOMAIN)
WATER = decay.WaterLoss(transpiration_mg_kg_s_mpa=360.0, max_loss_share=0.03, **DOMAIN)
GROWTH = decay.MicrobialGrowth(
    growth_rate_per_h=0.05,
    lag_h=24.0,
    initial_log10=3.0,
    spoilage_log10=7.0,
    maximum_log10=9.0,
    response=decay.SquareRootResponse(reference_c=2.0, tmin_c=-8.0, **DOMAIN),
)
LAWS = {
    "arrhenius": AGE,
    "square_root": decay.square_root_keeping_quality(
        life_h=504.0, reference_c=0.0, tmin_c=-10.0, **DOMAIN
    ),
    "exponential": decay.exponential_keeping_quality(
        life_h=504.0, reference_c=0.0, slope_per_k=0.1, **DOMAIN
    ),
    "piecewise_q10": decay.piecewise_q10_keeping_quality(
        life_h=504.0,
        reference_c=0.0,
        q10=((-2.0, 10.0, 3.0), (10.0, 20.0, 2.5), (20.0, 30.0, 2.0)),
    ),
    "arrhenius with optimum": decay.KeepingQuality(
        life_h=288.0,
        response=decay.response_with_optimum(
            optimum_c=11.25,
            activation_energy_j_mol=63e3,
            chilling_energy_j_mol=-250e3,
            **DOMAIN,
        ),
    ),
    "chilling dose": DOSE,
    "chilling band": decay.ChillingBand(band_min_c=2.2, band_max_c=7.6, critical_h=240.0, **DOMAIN),
    "water loss": WATER,
    "microbial growth": GROWTH,
    "first of age, dose, water": decay.FirstLimit(limits=(AGE, DOSE, WATER)),
}
FOLLOWED = 2_000
"""Histories whose pulp is followed in two halves of a pallet: a block that fits the cache."""

ONE_BY_ONE = 5000
"""Histories asked for singly, as the search asks: the last line of the table."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--histories", type=int, default=200_000)
    parser.add_argument("--segments", type=int, default=10)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    shape = (asked.histories, asked.segments)
    rng = np.random.default_rng(asked.seed)
    hours, pulp_c = rng.uniform(0, 72, shape), rng.uniform(-1, 20, shape)
    humidity = rng.uniform(70, 100, shape)
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}, numpy {version('numpy')}"
    )
    print(
        f"{asked.histories:,} histories of {asked.segments} segments, one thread, "
        f"median of {asked.runs} runs"
    )
    print()
    print("law                        histories/s  slowest run  ns/segment")
    for name, law in LAWS.items():
        seconds: list[float] = []
        for _ in range(asked.runs + 1):
            began = time.perf_counter()
            decay.life_used_along(law, hours, pulp_c, relative_humidity_pct=humidity)
            seconds.append(time.perf_counter() - began)
        median, slowest = statistics.median(seconds[1:]), max(seconds[1:])
        print_row(name, asked.histories / median, asked.histories / slowest, asked.segments)
    few = [
        [decay.Exposure(hours=h, temperature_c=t) for h, t in zip(*row, strict=True)]
        for row in zip(hours[:ONE_BY_ONE].tolist(), pulp_c[:ONE_BY_ONE].tolist(), strict=True)
    ]
    seconds = []
    for _ in range(asked.runs):
        began = time.perf_counter()
        for history in few:
            AGE.life_used(history)
        seconds.append(time.perf_counter() - began)
    print_row(
        "arrhenius, one by one",
        len(few) / statistics.median(seconds),
        len(few) / max(seconds),
        asked.segments,
    )
    pallet = decay.Pallet(
        outer_half_cooling_h=6.0,
        core_half_cooling_h=10.0,
        heating=decay.SelfHeating.of([(0.0, 7.9), (5.0, 13.5), (10.0, 30.3)], 3.52),
    )
    part = slice(0, FOLLOWED)
    wide = replace(AGE, domain_min_c=-30.0, domain_max_c=60.0)  # goods warm themselves
    start_c = np.repeat(pulp_c[part, :1], 2, axis=1)
    seconds = []
    for _ in range(asked.runs):
        began = time.perf_counter()
        trace = pallet.traces(hours=hours[part], air_c=pulp_c[part], start_c=start_c)
        for half in (trace.outer_c, trace.core_c):
            np.sum(trace.hours * wide.rate_per_h(half), axis=1)
        seconds.append(time.perf_counter() - began)
    print_row(
        "arrhenius along the pulp",
        FOLLOWED / statistics.median(seconds),
        FOLLOWED / max(seconds),
        asked.segments,
    )


def print_row(name: str, histories_s: float, slowest_s: float, segments: int) -> None:
    """A line of the table."""
    print(
        f"{name:26s} {histories_s:11,.0f}  {slowest_s:11,.0f}  "
        f"{1e9 / histories_s / segments:10.1f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
