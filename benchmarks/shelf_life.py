"""Measured lives against those that the rows of ``perishables.csv`` foretell.

python benchmarks/shelf_life.py

A case is a history (``5d@4 3d@20``) at whose end the goods were just over (``=``), not yet over
(``>``) or over for some time (``<``). How much longer they keep by the row is 1 / life used. A
bound that is kept scores nothing; one that is broken counts by how far.

``row`` is the bundled row as it is, its typical life and its law. ``slope`` is its law with the
coldest life of the series in place of its own: what one gets who measures one life. ``others`` is
Arrhenius fitted to all other lives of the series: what one gets who measures several.

A row proves nothing on a life it was made from. Where ``made`` says that its ``slope`` or its
``life`` was, the ratio is shown in brackets and counts in no mean.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from coldchain.decay import DecayLaw, Exposure
from coldchain.errors import OutOfDomain
from coldchain.fitting import (
    Form,
    MeasuredLife,
    UnfitLives,
    accuracy_factor,
    bias_factor,
    fit_lives,
)
from coldchain.goods import Packaging
from coldchain.tables import read_perishables
from coldchain.tables.journey_legs import read_legs

CASES = Path(__file__).with_name("shelf_life_cases.csv")
MOST_ACCURACY, LEAST_BIAS, MOST_BIAS = 1.4, 0.8, 1.15
MISS = 1.4
"""A single case further off than this, or its inverse, is listed as a miss."""
ENOUGH = 3
"""Other lives needed to foretell one of a series."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One row of the CSV, with predicted / measured life in the three ways."""

    name: str
    series: str
    kind: str
    legs: str
    bound: str
    confidence: str
    made: str
    by_row: float | None
    by_slope: float | None
    by_others: float | None

    def error(self, ratio: float | None) -> float | None:
        """``ratio`` where it counts: None if a bound is kept or nothing was foretold."""
        if (
            ratio is None
            or (self.bound == ">" and ratio >= 1)
            or (self.bound == "<" and ratio <= 1)
        ):
            return None
        return ratio


def read_cases() -> list[Case]:
    goods = read_perishables()
    with CASES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Case(
            name=row["case"],
            series=row["series"],
            kind=row["kind"],
            legs=row["legs"] + (f" : {row['against']}" if row["against"] else ""),
            bound=row["bound"],
            confidence=row["confidence"],
            made=row["made"],
            by_row=lasts(
                goods[row["commodity"]].law(0.5, Packaging(row["packaging"])),
                history(row["legs"]),
                history(row["against"]),
            ),
            by_slope=by_slope(row, rows, goods[row["commodity"]].law(0.5)),
            by_others=by_others(row, rows),
        )
        for row in rows
    ]


def history(legs: str) -> tuple[Exposure, ...]:
    return read_legs(legs.split())


def lasts(law: DecayLaw, legs: tuple[Exposure, ...], against: tuple[Exposure, ...]) -> float | None:
    """How many times ``legs`` fit into a life, or into ``against``; None outside the domain."""
    try:
        return (law.life_used(against) if against else 1.0) / law.life_used(legs)
    except OutOfDomain:
        return None


def anchors(row: dict[str, str]) -> bool:
    """Whether a case is one measured life at one temperature, in air."""
    exact = (row["kind"], row["bound"], row["packaging"]) == ("measured", "=", "naked")
    return exact and len(row["legs"].split()) == 1


def by_slope(row: dict[str, str], rows: list[dict[str, str]], law: DecayLaw) -> float | None:
    """Predicted / measured life by the row's law through the coldest life of the series."""
    lives = [
        history(other["legs"])
        for other in rows
        if other["series"] == row["series"] and anchors(other)
    ]
    coldest = min(lives, key=lambda legs: legs[0].temperature_c, default=())
    legs = history(row["legs"])
    if not anchors({**row, "bound": "="}) or not coldest or legs == coldest:
        return None
    return lasts(law, legs, coldest)


def by_others(row: dict[str, str], rows: list[dict[str, str]]) -> float | None:
    """Predicted / measured life by an Arrhenius law through the other lives of the series."""
    if not anchors(row):
        return None
    [leg] = history(row["legs"])
    others = [
        MeasuredLife(temperature_c=there.temperature_c, life_d=there.hours / 24)
        for other in rows
        if other["series"] == row["series"] and other is not row and anchors(other)
        for there in history(other["legs"])
    ]
    if len(others) < ENOUGH:
        return None
    try:
        fit = fit_lives(others, choose_from=[Form.ARRHENIUS])
    except UnfitLives as refused:
        if refused.fit is None:
            return None
        fit = refused.fit
    return fit.chosen.curve.life_d(leg.temperature_c) / (leg.hours / 24)


def factors(errors: Iterable[float | None]) -> tuple[int, float, float]:
    """How many count, their accuracy and their bias factor."""
    counted = [error for error in errors if error is not None]
    if not counted:
        return 0, math.nan, math.nan
    ones = [1.0] * len(counted)
    return len(counted), accuracy_factor(counted, ones), bias_factor(counted, ones)


def verdict(accuracy: float, bias: float) -> str:
    kept = accuracy <= MOST_ACCURACY and LEAST_BIAS <= bias <= MOST_BIAS
    return "kept" if kept else "MISSED"


def shown(name: str, case: Case) -> str:
    ratio = FORETOLD[name](case)
    if ratio is None:
        return "–"
    words = f"{ratio:.2f}" if case.error(ratio) is not None else "kept"
    return words if COUNTED[name](case) is not None else f"({words})"


Way = Callable[[Case], float | None]

FORETOLD: dict[str, Way] = {
    "row": lambda case: case.by_row,
    "slope": lambda case: case.by_slope,
    "others": lambda case: case.by_others,
}
COUNTED: dict[str, Way] = {
    "row": lambda case: None if case.made == "life" else case.by_row,
    "slope": lambda case: None if case.made == "slope" else case.by_slope,
    "others": lambda case: case.by_others,
}
WAYS: tuple[tuple[str, str, Way], ...] = (
    ("row", "row as it is", COUNTED["row"]),
    ("slope", "row's slope through the coldest life", COUNTED["slope"]),
    ("others", "fitted to the other lives", COUNTED["others"]),
)
"""Name, words, and the ratio that counts: None where the row was made from the life itself."""


def errors_in(way: Way, group: list[Case]) -> list[float | None]:
    return [case.error(way(case)) for case in group]


def print_summary(cases: list[Case]) -> None:
    print(f"{'':36}" + "".join(f"{name:>8} {'Af':>5} {'Bf':>5}" for name, _, _ in WAYS))
    for kind, series in dict.fromkeys((case.kind, case.series) for case in cases):
        group = [case for case in cases if (case.kind, case.series) == (kind, series)]
        print(summary_line(series if kind == "measured" else f"{series} *", group))
    measured = [case for case in cases if case.kind == "measured"]
    print(summary_line("ALL MEASURED", measured))
    print("* handbook or judged: in no total; (in brackets): the row was made from it\n")
    print(f"gate: Af at most {MOST_ACCURACY}, Bf {LEAST_BIAS} to {MOST_BIAS}")
    for _, words, way in WAYS:
        count, accuracy, bias = factors(errors_in(way, measured))
        print(
            f"{verdict(accuracy, bias):6}  {words}: {count} cases, Af {accuracy:.2f}, Bf {bias:.2f}"
        )


def summary_line(words: str, group: list[Case]) -> str:
    line = f"{words:36}"
    for _, _, way in WAYS:
        count, accuracy, bias = factors(errors_in(way, group))
        line += f"{count:8} {accuracy:5.2f} {bias:5.2f}" if count else f"{0:8} {'–':>5} {'–':>5}"
    return line


def print_misses(cases: list[Case]) -> None:
    for case in cases:
        if case.by_row is None:
            print(f"refused: {case.name}, outside the domain of the row")
        for name, way in FORETOLD.items():
            error = case.error(way(case))
            if error is not None and not 1 / MISS <= error <= MISS:
                print(f"miss: {case.name}, {name} foretells {error:.2f} of what was measured")


def main() -> None:
    cases = read_cases()
    heads = "".join(f"{name:>8}" for name, _, _ in WAYS)
    print(f"{'case':14} {'history':18}{heads}  predicted / measured")
    for case in cases:
        bound = "" if case.bound == "=" else f"{case.bound} "
        ratios = "".join(f"{shown(name, case):>8}" for name, _, _ in WAYS)
        print(f"{case.name:14} {bound + case.legs:18}{ratios}  {case.kind}, {case.confidence}")
    print()
    print_summary(cases)
    print()
    print_misses(cases)


if __name__ == "__main__":
    main()
