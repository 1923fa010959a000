"""The model of the corridor against what is reported of it.

python benchmarks/corridor.py [--trials N] [--markdown]

``corridor_reported.csv`` holds a figure a row: ``kind`` is ``reported`` (press, statistics,
carriers) or ``researched`` (what an earlier model of the same corridor gave); ``basis`` is
``input`` where the row of the tables was set with this figure in view, so that a hit says no more
than that the table says so, and ``outcome`` where the figure comes out of rows that know nothing of
it. ``selector`` says how the model is asked, in the language of ``coldchain.measures``:

    operations O155 O158 O159 hours      operations in turn, from the coming of a unit on;
                                         work_hours (no waits), usd, usd_per_unit_d
    crossings rail hours country=KZ      all crossings of a mode, each once; usd
    service L198 days                    a row of routes.csv; hours, km, km_per_h, per_week,
                                         units_per_day, payload_t, usd, usd_per_km, usd_per_kg,
                                         reefer_usd_per_h, genset_kgco2e_per_h
    country TJ road km_per_h             all its trucks or trains inside it; usd_per_500km_20t
    course A B days entry=CN-KHR-BR      cheapest course from A to B; days_under_way,
                                         hours_under_way, km_per_h, km, usd_per_kg,
                                         usd_per_unit, kgco2e_per_kg

A course may be held to a corridor by ``crossings=UZ:road>KZ:rail>CN:rail``, ``entry=NODE`` and
``then=rail>road``; ``status=proposed`` allows services of that status too.

``statistic`` of the model is compared with ``low`` to ``high``: a mean with a mean, the median
with a timetable, the 10th percentile with a record, the 90th with the worst. A range is taken as it
is (a blank end is open); a single number counts as reached within a fifth of it. A miss must have
its ``reason``, and only a miss may have one: else the exit code is 1 (2 where a row is faulty).
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from pathlib import Path
from string import Template

from coldchain.cli.corridor_page import course_in_short
from coldchain.corridors import Corridors, corridors
from coldchain.errors import DataError, Fault
from coldchain.goods import Packaging
from coldchain.measures import STATISTICS, Measured, Measures
from coldchain.scenario import Scenario
from coldchain.tables import read_scenario

HERE = Path(__file__).parent
FIGURES = HERE / "corridor_reported.csv"
TEMPLATE = HERE / "corridor_page.md"
PAGE = HERE.parent / "docs" / "corridor.md"
COLUMNS = (
    "figure_id",
    "section",
    "what",
    "kind",
    "basis",
    "selector",
    "statistic",
    "low",
    "high",
    "unit",
    "source",
    "reason",
)
KINDS = ("reported", "researched")
BASES = ("input", "outcome")
NEAR = 1.2
"""A single number is reached within this factor of it, either way."""
DOUBT = " \\*"
"""Marks a way at whose entry the goods are not known to be let in."""
GOODS, PACKED, TRIALS = "cherry_sweet", Packaging.MAP, 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One row of the CSV; ``high`` is infinite and ``low`` 0 where the row leaves them open."""

    row: int
    figure_id: str
    section: str
    what: str
    kind: str
    basis: str
    selector: str
    statistic: str
    low: float
    high: float
    unit: str
    source: str
    reason: str

    def reached_by(self, value: float) -> bool:
        if self.low == self.high:
            return self.low / NEAR <= value <= self.high * NEAR
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A figure and what the model says."""

    figure: Figure
    measured: Measured

    @property
    def value(self) -> float:
        return self.measured.statistic(self.figure.statistic)

    @property
    def within(self) -> bool:
        return self.figure.reached_by(self.value)

    @property
    def complaint(self) -> str:
        """What is wrong with the reason, if anything."""
        if self.within:
            return "a reason stands beside a hit" if self.figure.reason else ""
        return "" if self.figure.reason else "a miss without a reason"


def read_figures(path: Path = FIGURES) -> list[Figure]:
    """Rows of the CSV.

    Raises
    ------
    DataError
        With every bad cell.
    """
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
        head = tuple(reader.fieldnames or ())
    if head != COLUMNS:
        raise DataError([_fault(path, 1, "", ",".join(head), f"the columns {','.join(COLUMNS)}")])
    faults: list[Fault] = []
    figures: list[Figure] = []
    known: set[str] = set()
    for number, row in enumerate(rows, start=2):
        cells = {column: (row[column] or "").strip() for column in COLUMNS}
        asked = {
            "figure_id": (cells["figure_id"] not in ("", *known), "an id of its own"),
            "kind": (cells["kind"] in KINDS, f"one of {', '.join(KINDS)}"),
            "basis": (cells["basis"] in BASES, f"one of {', '.join(BASES)}"),
            "statistic": (cells["statistic"] in STATISTICS, f"one of {', '.join(STATISTICS)}"),
            **{
                column: (bool(cells[column]), "something")
                for column in ("section", "what", "selector", "unit", "source")
            },
        }
        known.add(cells["figure_id"])
        low, high = _number(cells["low"], 0.0), _number(cells["high"], math.inf)
        asked["low"] = (low is not None, "a number from 0 on, or nothing")
        asked["high"] = (
            high is not None
            and (low is None or low <= high)
            and bool(cells["low"] + cells["high"]),
            "a number no less than low; or nothing, if low is not",
        )
        faults += [
            _fault(path, number, column, cells[column], expected)
            for column, (good, expected) in asked.items()
            if not good
        ]
        if low is not None and high is not None:
            texts = {
                column: text for column, text in cells.items() if column not in ("low", "high")
            }
            figures.append(Figure(row=number, low=low, high=high, **texts))
    if faults:
        raise DataError(faults)
    return figures


def _fault(path: Path, row: int, column: str, value: str, expected: str) -> Fault:
    return Fault(file=path.name, row=row, column=column, value=value, expected=expected)


def _number(text: str, blank: float) -> float | None:
    try:
        value = float(text) if text else blank
    except ValueError:
        return None
    return value if value >= 0 else None


def compare(figures: Iterable[Figure], measures: Measures) -> list[Compared]:
    """What the model says of each figure; a :class:`DataError` has all bad selectors."""
    compared: list[Compared] = []
    faults: list[Fault] = []
    for figure in figures:
        try:
            found = Compared(figure=figure, measured=measures.of(figure.selector))
            found.measured.statistic(figure.statistic)
        except DataError as error:
            faults += [replace(f, file=FIGURES.name, row=figure.row) for f in error.faults]
        else:
            compared.append(found)
    if faults:
        raise DataError(faults)
    return compared


def ready_at(scenario: Scenario) -> datetime:
    """Goods are ready from 08:00 local on the scenario's first day."""
    return datetime.combine(scenario.season_date, time(3), UTC)


def measures_of(scenario: Scenario, *, trials: int) -> Measures:
    return Measures(
        scenario,
        commodity=GOODS,
        packaging=PACKED,
        first_ready_at=ready_at(scenario),
        trials=trials,
    )


def number(value: float) -> str:
    """Three figures; all there are of an integer part."""
    if value == 0 or math.isinf(value):
        return f"{value:g}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}"


def reported(figure: Figure) -> str:
    low, high, unit = figure.low, figure.high, figure.unit
    if math.isinf(high):
        return f"over {low:,.6g} {unit}"
    if low == 0:
        return f"up to {high:,.6g} {unit}"
    return f"{low:,.6g} {unit}" if low == high else f"{low:,.6g}–{high:,.6g} {unit}"


def modelled(compared: Compared) -> str:
    words = number(compared.value)
    if compared.figure.statistic != "p50":
        words = f"{compared.figure.statistic} {words}"
    if compared.measured.spreads:
        words += f" ({number(compared.measured.p10)} to {number(compared.measured.p90)})"
    return words


def tally(compared: Sequence[Compared]) -> list[tuple[str, str, int, int]]:
    """Kind, basis, how many figures, how many within."""
    groups = [(kind, basis) for kind in KINDS for basis in BASES]
    return [
        (kind, basis, len(rows), sum(c.within for c in rows))
        for kind, basis in groups
        if (rows := [c for c in compared if (c.figure.kind, c.figure.basis) == (kind, basis)])
    ]


def print_table(compared: Sequence[Compared]) -> None:
    for section in dict.fromkeys(c.figure.section for c in compared):
        print(f"{section}\n")
        for c in (c for c in compared if c.figure.section == section):
            f = c.figure
            verdict = "within" if c.within else f"miss: {f.reason or 'NO REASON'}"
            print(f"{f.figure_id:22} {reported(f):24} {modelled(c):30} {verdict}")
        print()
    for kind, basis, count, within in tally(compared):
        print(f"{kind}, {basis}: {count} figures, {within} within, {count - within} missed")


def markdown(compared: Sequence[Compared], side_by_side: Corridors, scenario: Scenario) -> str:
    """docs/corridor.md: the template with its tables."""
    lines: list[str] = []
    for section in dict.fromkeys(c.figure.section for c in compared):
        rows = [c for c in compared if c.figure.section == section]
        lines += [f"### {section}", "", "| figure | given as | model | |", "|---|---|---|---|"]
        lines += [
            f"| {_what(c.figure)} | {reported(c.figure)} | {modelled(c)} "
            f"| {'within' if c.within else '**miss**'} |"
            for c in rows
        ]
        missed = [c for c in rows if not c.within]
        if missed:
            lines += ["", "Missed:", ""]
            for reason in dict.fromkeys(c.figure.reason for c in missed):
                alike = [c.figure.what for c in missed if c.figure.reason == reason]
                lines.append(f"- *{'; '.join(alike)}*: {reason}")
        sources = dict.fromkeys(c.figure.source for c in rows)
        lines += ["", f"Sources: {' | '.join(sources)}.", ""]
    table = ["| given by | of the tables | figures | within | missed |", "|---|---|---|---|---|"]
    table += [
        f"| {kind} | {basis} | {count} | {within} | {count - within} |"
        for kind, basis, count, within in tally(compared)
    ]
    network = scenario.network
    ways = [
        "| way | days p10 | p50 | p90 | USD/kg | kgCO2e/kg | days left p50 | km |",
        "|---|---|---|---|---|---|---|---|",
    ]
    ways += [
        f"| {course_in_short(network, f.course)}{DOUBT * bool(f.kept_out)} | {f.days[0]:.1f} "
        f"| {f.days[1]:.1f} | {f.days[2]:.1f} | {f.usd_per_kg:.3f} | {f.co2e_kg_per_kg:.2f} "
        f"| {f.left_d[1]:.1f} | {f.course.distance_km:,.0f} |"
        for f in side_by_side.found
    ]
    goods = scenario.perishable(GOODS)
    lot = side_by_side.consignment
    entries = dict.fromkeys(entry for f in side_by_side.found for entry in f.kept_out)
    doubts = "\n".join(f"-{DOUBT} {entry.place}: {entry.why_not(lot, goods)}." for entry in entries)
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        tally="\n".join(table),
        figures="\n".join(lines).rstrip(),
        corridors="\n".join(ways),
        doubts=doubts or "No entry is in doubt.",
        beaten=len(side_by_side.beaten),
        packing_h=f"{side_by_side.packing_h:.0f}",
        packing_usd=f"{side_by_side.packing_usd_per_kg:.2f}",
        trials=f"{len(side_by_side.found[0].trials.hours):,}",
    )


def _what(figure: Figure) -> str:
    return f"{figure.what} *(input)*" if figure.basis == "input" else figure.what


def main() -> int:
    parser = argparse.ArgumentParser(description="The model of the corridor against reports.")
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--markdown", action="store_true", help=f"write {PAGE.name} as well")
    options = parser.parse_args()
    scenario = read_scenario("cherry-week")
    try:
        compared = compare(read_figures(), measures_of(scenario, trials=options.trials))
    except DataError as error:
        print(error, file=sys.stderr)
        return 2
    print_table(compared)
    complaints = [(c.figure.figure_id, c.complaint) for c in compared if c.complaint]
    for figure_id, complaint in complaints:
        print(f"{figure_id}: {complaint}", file=sys.stderr)
    if complaints:
        return 1
    if options.markdown:
        side_by_side = corridors(
            scenario,
            "TJ-KHU-PH",
            "CN-CKG-HB",
            commodity=GOODS,
            packaging=PACKED,
            retail_c=5.0,
            first_ready_at=ready_at(scenario),
            trials=options.trials,
        )
        PAGE.write_text(markdown(compared, side_by_side, scenario), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
