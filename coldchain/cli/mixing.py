"""``coldchain show mix``: who may share a box, why not, and what the box costs each in life."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from rich.console import RenderableType
from rich.text import Text

from coldchain.cli.exits import Exit
from coldchain.cli.screen import print_json, print_tables
from coldchain.compatibility import (
    Axis,
    Cargo,
    CargoKey,
    Severity,
    Verdict,
    box_setpoint_c,
    cheapest_setpoint_c,
    judge,
    life_cost,
    stowage_groups,
    tolerance_for,
)
from coldchain.errors import DataError, Fault, UnknownName
from coldchain.exporters.page import plain, table
from coldchain.exporters.sheets import signed
from coldchain.goods import Packaging
from coldchain.scenario import Scenario
from coldchain.tables import read_scenario

LETTER = {
    Axis.TEMPERATURE: "T",
    Axis.HUMIDITY: "H",
    Axis.ETHYLENE: "E",
    Axis.ODOUR: "O",
    Axis.SO2: "S",
    Axis.HYGIENE: "M",
    Axis.ATMOSPHERE: "A",
    Axis.TREATMENT: "Q",
}
"""What stands in the matrix for the axis that forbids (M: raw meat, Q: quarantine)."""

ALLOWED, WARNED, ITSELF = "+", "~", "·"


def show_mix(
    scenario: str,
    codes: Sequence[str],
    changes: Sequence[str] = (),
    *,
    days: float,
    as_json: bool,
) -> Exit:
    """Show every pair of ``codes`` (all that is carried, if none) and the boxes that follow."""
    given = read_scenario(scenario, overrides=changes)
    cargoes = _cargoes(given, codes)
    tolerance_k = tolerance_for(days)
    verdicts = {
        frozenset((a.key, b.key)): judge(a, b, tolerance_k=tolerance_k)
        for a, b in combinations(cargoes, 2)
    }
    groups = stowage_groups(cargoes, tolerance_k=tolerance_k)
    boxes = [
        _Box(given, [c for c in cargoes if groups[c.key] == name], tolerance_k=tolerance_k)
        for name in dict.fromkeys(groups[cargo.key] for cargo in cargoes)
    ]
    if as_json:
        print_json(
            {
                "days": days,
                "tolerance_k": tolerance_k,
                "pairs": [_pair(verdict) for verdict in verdicts.values()],
                "boxes": [box.document(days) for box in boxes],
            }
        )
        return Exit.DONE
    parts: list[RenderableType] = [plain(_headline(cargoes, verdicts.values()), "bold")]
    if verdicts:
        parts += [Text(), *_matrix(cargoes, verdicts), Text(), *_reasons(verdicts.values())]
    print_tables(*parts, _boxes(boxes, days))
    return Exit.DONE


def _cargoes(given: Scenario, codes: Sequence[str]) -> list[Cargo]:
    """What the codes stand for, each once, in the order of their keys."""
    if codes:
        found = [cargo for code in codes for cargo in _called(given, code)]
    else:
        found = [cargo for c in given.consignments for cargo in given.cargoes_of(c)]
    known = {cargo.key: cargo for cargo in found}
    return [known[key] for key in sorted(known)]


def _called(given: Scenario, code: str) -> tuple[Cargo, ...]:
    """The consignment of that id, or the commodity, packed and treated as ``code`` says.

    Raises
    ------
    UnknownName
        Neither is there, or nobody treats goods so.
    DataError
        Nobody packs the commodity so.
    """
    ids = {consignment.id for consignment in given.consignments}
    if code in ids:
        return given.cargoes_of(given.consignment(code))
    commodity, _, rest = code.partition("/")
    packed, _, treatment = rest.partition("/")
    if commodity not in given.perishables:
        raise UnknownName("consignment or commodity", commodity, {*ids, *given.perishables})
    goods = given.perishable(commodity)
    ways = [p for p in Packaging if p is not Packaging.ANY]
    packagings = {p.value: p for p in ways if p is not Packaging.MAP or goods.map_life_factor}
    if (packed or "naked") not in packagings:
        words = f"{commodity} packed as {' or '.join(packagings)}"
        raise DataError([Fault(file="CODE", row=0, column="", value=code, expected=words)])
    packaging = packagings[packed or "naked"]
    offered = {o.treatment for o in given.network.operations.values() if o.treatment}
    if treatment and treatment not in offered:
        raise UnknownName("treatment", treatment, offered)
    return (Cargo(perishable=goods, packaging=packaging, treatment=treatment),)


class _Box:
    """Cargoes that get along, and the setpoint they meet at."""

    def __init__(self, given: Scenario, cargoes: Sequence[Cargo], *, tolerance_k: float) -> None:
        self.cargoes = cargoes
        self.setpoint_c = box_setpoint_c(cargoes, tolerance_k=tolerance_k)
        self.listed_c = cheapest_setpoint_c(
            cargoes, given.setpoints_c, tolerance_k=tolerance_k, confidence=given.confidence
        )
        at = self.setpoint_c
        self.costs = (
            [] if at is None else [life_cost(c, at, confidence=given.confidence) for c in cargoes]
        )

    def document(self, days: float) -> dict[str, object]:
        """The box for programs."""
        return {
            "setpoint_c": self.setpoint_c,
            "scenario_setpoint_c": self.listed_c,
            "cargoes": [
                {
                    "cargo": cost.cargo.name,
                    "best_c": cost.best_c,
                    "relative_rate": cost.relative_rate,
                    "extra_d": cost.extra_d(days),
                }
                for cost in self.costs
            ],
        }


def _pair(verdict: Verdict) -> dict[str, object]:
    one, other = verdict.cargoes
    return {
        "cargoes": [one.name, other.name],
        "allowed": verdict.allowed,
        "why_not": verdict.why_not,
        "chart": verdict.chart,
        "findings": [
            {
                "axis": finding.axis.value,
                "severity": finding.severity.name.lower(),
                "rule": finding.rule,
                "words": finding.words,
            }
            for finding in verdict.findings
        ],
    }


def _headline(cargoes: Sequence[Cargo], verdicts: Iterable[Verdict]) -> str:
    judged = list(verdicts)
    if not judged:
        return f"{cargoes[0].name} alone" if cargoes else "nothing is carried"
    allowed = sum(verdict.allowed for verdict in judged)
    return f"{len(cargoes)} cargoes, {allowed} of {len(judged)} pairs may share a box"


def _mark(verdict: Verdict) -> str:
    if not verdict.allowed:
        return LETTER[verdict.worst.axis]
    return WARNED if verdict.worst.severity is Severity.WARNED else ALLOWED


def _matrix(
    cargoes: Sequence[Cargo], verdicts: Mapping[frozenset[CargoKey], Verdict]
) -> list[RenderableType]:
    """A line for each cargo, a letter for each pair; columns are numbered in tens and ones."""
    width = max(len(cargo.name) for cargo in cargoes) + 2
    numbers = range(1, len(cargoes) + 1)
    lines = [f"{'':{width + 4}}{''.join(str(n % 10) for n in numbers)}"]
    if len(cargoes) > 9:
        tens = "".join(str(n // 10) if n % 10 == 0 else " " for n in numbers)
        lines.insert(0, f"{'':{width + 4}}{tens}".rstrip())
    for number, row in zip(numbers, cargoes, strict=True):
        marks = "".join(
            ITSELF if row is column else _mark(verdicts[frozenset((row.key, column.key))])
            for column in cargoes
        )
        lines.append(f"{number:>2}  {row.name:<{width}}{marks}")
    named = ", ".join(f"{letter} {axis.value}" for axis, letter in LETTER.items())
    legend = f"{ALLOWED} may share, {WARNED} may, with care; forbidden by {named}"
    return [*(plain(line) for line in lines), plain(legend)]


def _reasons(verdicts: Iterable[Verdict]) -> list[RenderableType]:
    """Why pairs are refused, and what to mind where they are not."""
    rows: list[tuple[str, str, str]] = []
    for verdict in verdicts:
        pair = " + ".join(cargo.name for cargo in verdict.cargoes)
        said = [verdict.why_not] if verdict.why_not else list(verdict.warnings)
        if said:
            words = "; ".join([*said, verdict.chart] if verdict.chart else said)
            mark = verdict.worst.axis.value if verdict.why_not else "with care"
            rows.append((pair, mark, words))
    if not rows:
        return []
    columns = (("pair", "words"), ("refused by", "left"), ("why", "words"))
    return [table("Why", columns, rows), Text()]


def _boxes(boxes: Sequence[_Box], days: float) -> RenderableType:
    """Setpoint of each box and what it costs its cargoes."""
    rows: list[tuple[str, ...]] = []
    for number, box in enumerate(boxes, start=1):
        listed = "none" if box.listed_c is None else signed(box.listed_c)
        for place, cost in enumerate(box.costs):
            first = place == 0
            rows.append(
                (
                    str(number) if first else "",
                    cost.cargo.name,
                    signed(cost.setpoint_c) if first else "",
                    listed if first else "",
                    signed(cost.best_c),
                    f"{cost.relative_rate:.2f}",
                    f"{cost.extra_d(days):.1f}",
                )
            )
    return table(
        f"Boxes, as few as can be; life lost beyond the {days:g} days on the way",
        (
            ("box", "right"),
            ("cargo", "left"),
            ("setpoint °C", "right"),
            ("of the scenario's", "right"),
            ("own best °C", "right"),
            ("ages", "right"),
            ("days lost", "right"),
        ),
        rows,
        limit=None,
    )
