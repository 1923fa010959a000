"""Prints ``docs/curves.md``: how long each commodity keeps at four temperatures.

The page is made from ``perishables.csv`` and ``packaging.csv`` by the laws the search plans with,
of a typical lot, so that whoever checks a law or a row sees what it promises.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator

from coldchain.decay import Limit
from coldchain.goods import Packaging, Perishable
from coldchain.lots import Lots
from coldchain.scenario import Scenario
from coldchain.tables import read_scenario

AT_C = (0.0, 5.0, 10.0, 20.0)
"""Temperatures of the columns (°C)."""

LETTERS = {"chilling injury": "c", "internal breakdown": "b", "water loss": "w"}
"""What stands for a limit that ends a life before age does."""

SCENARIO = "cherry-week"
"""Any scenario that reads the bundled tables."""


def curves_markdown() -> str:
    """The text of ``docs/curves.md``.

    Examples
    --------
    >>> [cherry] = [row for row in curves_markdown().splitlines() if "`cherry_sweet`" in row]
    >>> cherry.split(" | ")[-5:-1]
    ['21.0', '12.5', '7.5', '2.9']
    """
    given = read_scenario(SCENARIO)
    warmth = " | ".join(f"{at:g} °C" for at in AT_C)
    lines = [
        "# How long each commodity keeps",
        "",
        "Made by `python -m coldchain.exporters.life_curves > docs/curves.md`; edit",
        "`data/perishables.csv`, where each row also names its source.",
        "",
        "Days a typical lot keeps at a constant temperature of the goods, in open cartons, in air",
        "of the least humidity it is kept at. The number is the life that age allows. In brackets",
        "stands what ends it sooner, and after how many days: *c* chilling injury, *b* internal",
        "breakdown in a band of cold, *w* water lost; the first number is then what the law says",
        "of goods that nobody could keep so long. Blank: outside the domain, nothing is known.",
        "What the numbers rest on, and where they are wrong, is told in [science](science.md).",
        "",
        "*Life* is in days at the temperature it is stated for: the 5th, 50th and 95th percentile",
        "of lots. *Ea* is the activation energy in kJ/mol, typical, least and most; Tmin that of",
        "the square-root law. *Confidence* grades the row as a whole.",
        "",
        f"| commodity | life | answer to warmth | domain °C | {warmth} | confidence |",
        "|---|---|---|---|" + "---:|" * len(AT_C) + "---|",
        *(_row(given, goods) for goods in _by_name(given)),
    ]
    return "\n".join(lines) + "\n"


def _by_name(given: Scenario) -> Iterator[Perishable]:
    for code in sorted(given.perishables):
        yield given.perishables[code]


def _row(given: Scenario, goods: Perishable) -> str:
    lots = given.lots(goods.code, Packaging.NAKED)
    life = f"{goods.life_min_d:g} / {goods.life_typ_d:g} / {goods.life_max_d:g}"
    cells = [
        f"{goods.name} `{goods.code}`",
        f"{life} at {goods.life_ref_c:g} °C",
        _answer(goods),
        f"{goods.domain_min_c:g} to {goods.domain_max_c:g}",
        *(_cell(lots, at) for at in AT_C),
        goods.confidence,
    ]
    return f"| {' | '.join(cells)} |"


def _answer(goods: Perishable) -> str:
    """How the law answers to temperature, in short."""
    if goods.tmin_sqrt_c is not None and goods.decay_law == "square_root":
        return f"Tmin {goods.tmin_sqrt_c:g} °C"
    low, high = goods.activation_energy_low_kj_mol, goods.activation_energy_high_kj_mol
    energy = f"Ea {goods.activation_energy_kj_mol:g}"
    return energy if low is None or high is None else f"{energy} ({low:g} to {high:g})"


def _cell(lots: Lots, at_c: float) -> str:
    """Days by age, and by the limit that is reached before; blank outside the domain."""
    typical = lots.typical
    if not typical.domain_min_c <= at_c <= typical.domain_max_c:
        return ""
    age, *others = typical.limits
    aged = _days(lots, age, at_c)
    first = min(others, key=lambda limit: _days(lots, limit, at_c), default=age)
    sooner = _days(lots, first, at_c)
    words = f" ({_shown(sooner)} {LETTERS[first.name]})" if sooner < aged else ""
    return _shown(aged) + words


def _days(lots: Lots, limit: Limit, at_c: float) -> float:
    humidity = lots.goods.humidity_min_pct
    rate = limit.rate_per_h(at_c, air_c=at_c, relative_humidity_pct=humidity)
    return 1.0 / rate / 24.0 if rate else math.inf


def _shown(days: float) -> str:
    return f"{days:.1f}" if days < 99.95 else f"{days:,.0f}"


if __name__ == "__main__":
    sys.stdout.buffer.write(curves_markdown().encode())
