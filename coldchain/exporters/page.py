"""The summary as it stands in the terminal and in ``summary.txt``: plain words and small tables.

Every word that comes from the outside passes :func:`plain`: it is never read as markup, and what
could drive the terminal is not printed.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from coldchain.exporters import freshness, landed
from coldchain.exporters.facts import Summary
from coldchain.exporters.files import put
from coldchain.exporters.sheets import signed
from coldchain.exporters.summary import charges_by_kind, summarise
from coldchain.exporters.wording import shortfall_in, visible
from coldchain.plan import Plan, Proof
from coldchain.scenario import Override

WIDTH = 100
"""Columns a page fits."""

SHOWN_ROWS = 60
"""Rows of a table that a screen is given; all are in the files."""

TIGHTEST = 3
"""Consignments with the least time to spare that are named."""

UNBROKEN = 24
"""Columns up to which an id is kept on one line."""

SUMMARY_FILE = "summary.txt"

STATUS_WORDS = {
    "limit": "stopped at its limit",
    "interrupted": "interrupted",
    "heuristic": "nothing proven, by design",
}


def plain(text: str, style: str = "") -> Text:
    """``text`` as it is: no markup, no control characters."""
    return Text(visible(text), style=style)


def table(
    title: str,
    columns: Sequence[tuple[str, str]],
    rows: Iterable[Sequence[str]],
    *,
    limit: int | None = SHOWN_ROWS,
    rest_in: str = "",
) -> Table:
    """A table in the house's plain style; of more than ``limit`` rows the rest is counted.

    ``rest_in`` is the file that holds them all.

    ``columns`` are (header, layout), layout one of ``left`` and ``right`` (not broken) and
    ``words`` (broken between words).
    """
    drawn = Table(
        title=plain(title) if title else None,
        title_justify="left",
        title_style="bold",
        box=None,
        padding=(0, 1, 0, 0),
        collapse_padding=True,
        pad_edge=False,
        header_style="dim",
    )
    body = list(rows)
    for index, (header, layout) in enumerate(columns):
        longest = max(cell_len(text) for text in (header, *(row[index] for row in body)))
        drawn.add_column(
            plain(header),
            justify="right" if layout == "right" else "left",
            # Words give way first; of the others only a monstrous id is folded.
            no_wrap=layout == "right" or (layout == "left" and longest <= UNBROKEN),
            overflow="fold",
        )
    for row in body[:limit]:
        drawn.add_row(*(plain(cell) for cell in row))
    if limit is not None and len(body) > limit:
        drawn.caption = plain(
            f"… and {len(body) - limit:,} more{f' in {rest_in}' if rest_in else ''}"
        )
        drawn.caption_justify = "left"
    return drawn


def page(summary: Summary, *, limit: int | None = SHOWN_ROWS) -> RenderableType:
    """The whole summary, at most ``limit`` rows of each table."""
    parts: list[RenderableType] = [
        plain(f"{summary.title or summary.scenario}", "bold"),
        plain(summary.headline),
        plain(
            f"Planned at quantile {summary.quantile:g} of transit and operation times, "
            f"{summary.confidence:.0%} of lots fresh enough; times are local at each place."
        ),
    ]
    if summary.extends:
        parts.append(plain(extends_words(summary.extends)))
    if summary.overrides:
        parts += [Text(), overrides_table(summary.overrides)]
    if summary.journeys:
        parts += [
            Text(),
            _journeys(summary, limit),
            *_tightest(summary),
            *_unconfirmed(summary),
            Text(),
            # Not as the title of a narrow table, in which it would be broken.
            plain(freshness.title(summary), "bold"),
            _freshness(summary, limit),
            plain(freshness.least_sure(summary)),
            plain(freshness.packed_in(summary)),
            *([plain(warm)] if (warm := freshness.too_warm(summary)) else []),
            Text(),
            _shared(summary, limit),
        ]
    if summary.charters:
        parts += [Text(), plain("Chartered departures", "bold")]
        parts += [plain(line) for line in summary.charters]
    if summary.unserved:
        parts += [Text(), _unserved(summary, limit)]
    parts += [Text(), _charges(summary)]
    if summary.journeys:
        parts += [Text(), plain(landed.TITLE, "bold"), _landed(summary, limit)]
        parts += map(plain, landed.in_all(summary))
    parts += [Text(), *_proof(summary)]
    return Group(*parts)


def extends_words(extends: Sequence[str]) -> str:
    """What a scenario was made from."""
    return f"Extends {', which extends '.join(extends)}."


def overrides_table(overrides: Sequence[Override]) -> Table:
    """Every change to tables and settings, with why; none is left out."""
    return table(
        "Overrides",
        (
            ("changed", "words"),
            ("what", "right"),
            ("why (source)", "words"),
            ("stated in", "words"),
        ),
        (
            (
                one.statement,
                _changes(one),
                f"{one.why} ({one.source})" if one.source else one.why,
                one.stated_in,
            )
            for one in overrides
        ),
        limit=None,
    )


def _changes(override: Override) -> str:
    """How much an override changed, in the words of what it is."""
    number = override.changes
    if not number:
        return "nothing"
    verb = override.statement.split(maxsplit=1)[0]
    noun = {"close": "closure", "delay": "delay"}.get(verb, "value")
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _journeys(summary: Summary, limit: int | None) -> Table:
    return table(
        "Consignments",
        (
            ("id", "left"),
            ("t", "right"),
            ("from → to", "words"),
            ("way", "words"),
            ("departs", "right"),
            ("delivered", "right"),
            ("spare", "right"),
            ("USD/kg", "right"),
        ),
        (
            (
                j.consignment,
                f"{j.net_kg / 1000:,.1f}",
                f"{j.origin} → {j.destination}",
                j.way,
                j.departs_short,
                j.delivered_short,
                _spare(j.spare_h),
                f"{j.usd_per_kg:.2f}",
            )
            for j in summary.journeys
        ),
        limit=limit,
        rest_in="consignments.csv",
    )


def _freshness(summary: Summary, limit: int | None) -> Table:
    return table(
        "",
        freshness.COLUMNS,
        freshness.cells(summary),
        limit=limit,
        rest_in="consignments.csv",
    )


def _landed(summary: Summary, limit: int | None) -> Table:
    return table(
        "",
        landed.columns(summary),
        landed.cells(summary),
        limit=limit,
        rest_in="consignments.csv",
    )


def _shared(summary: Summary, limit: int | None) -> Table:
    return table(
        "Load units – who rides with whom",
        (
            ("units", "right"),
            ("kind", "left"),
            ("by", "words"),
            ("from → to", "words"),
            ("departs", "right"),
            ("°C", "right"),
            ("fill", "right"),
            ("consignments", "words"),
        ),
        (
            (
                str(s.units) if s.units else "–",
                s.equipment,
                s.way,
                f"{s.origin} → {s.destination}",
                s.departs_short,
                signed(s.setpoint_c),
                f"{s.gross_kg:,} kg" if s.fill is None else f"{s.taken}/{s.places} {s.fill:.0%}",
                " ".join(s.consignments),
            )
            for s in summary.shared
        ),
        limit=limit,
        rest_in="load-list.csv",
    )


def _unserved(summary: Summary, limit: int | None) -> Table:
    return table(
        "Left behind",
        (
            ("id", "left"),
            ("t", "right"),
            ("from → to", "words"),
            ("reason", "left"),
            ("short by", "right"),
            ("in words", "words"),
        ),
        (
            (
                left.consignment,
                f"{left.net_kg / 1000:,.1f}",
                f"{left.origin} → {left.destination}",
                left.reason,
                _short(left.shortfall, left.unit),
                left.detail,
            )
            for left in summary.unserved
        ),
        limit=limit,
        rest_in="consignments.csv",
    )


def _short(shortfall: float, unit: str) -> str:
    if not shortfall:
        return "–"
    if unit == "USD":
        return f"{shortfall:,.0f} USD"
    amount, unit = shortfall_in(shortfall, unit)
    return f"{amount:,.1f} {unit}" if amount >= 0.05 else f"under 0.1 {unit}"


def _spare(hours: float) -> str:
    if abs(hours) < 24:
        return f"{hours:.1f} h"
    return f"{hours / 24:.1f} d" if abs(hours) < 240 else f"{hours / 24:.0f} d"


def _tightest(summary: Summary) -> list[Text]:
    """Who has the least time to spare."""
    first = sorted(summary.journeys, key=lambda j: j.spare_h)[:TIGHTEST]
    named = ", ".join(f"{j.consignment} with {_spare(j.spare_h)}" for j in first)
    return [plain(f"Tightest: {named} to spare.")]


def _unconfirmed(summary: Summary) -> list[Text]:
    """Every entry that is taken for granted, and who takes it."""
    takers: dict[str, list[str]] = {}
    for journey in summary.journeys:
        for words in journey.unconfirmed:
            takers.setdefault(words, []).append(journey.consignment)
    return [plain(f"NOT CONFIRMED: {' '.join(who)} {words}.") for words, who in takers.items()]


def _charges(summary: Summary) -> Table:
    money = [*charges_by_kind(summary.charges_usd), ("total", summary.total_usd)]
    if summary.invoiced_usd != summary.total_usd:
        money.append(("of which invoiced", summary.invoiced_usd))
    currency = summary.reporting_currency
    columns = [("kind", "left"), ("USD", "right"), ("%", "right")]
    if currency != "USD":
        columns.append((currency, "right"))
    whole = summary.total_usd or 1.0
    return table(
        "Charges",
        columns,
        (
            (
                kind,
                f"{usd:,.0f}",
                f"{usd / whole:.0%}",
                *([f"{usd * summary.units_per_usd:,.0f}"] if currency != "USD" else []),
            )
            for kind, usd in money
        ),
    )


def _proof(summary: Summary) -> list[Text]:
    proof = summary.proof
    whole, apart = (round(usd + proof.constant_usd) for usd in (proof.cost_usd, proof.greedy_usd))
    if proof.engine == "greedy":
        comparison = (
            f"The plan costs {whole:,} USD; engine greedy consolidates nothing on purpose: each "
            "consignment takes the way that is cheapest for it alone."
        )
    else:
        saves = (
            f"saves {apart - whole:,} USD ({summary.saved_share:.1%})"
            if apart > whole
            else "saves nothing here"
        )
        comparison = (
            f"The plan costs {whole:,} USD where every consignment going for itself, in load units "
            f"of its own, would cost {apart:,} USD: consolidation {saves}."
        )
    return [
        plain(comparison),
        *_mandate(summary),
        plain(
            f"Proof: {_status(proof)}; cost {proof.cost_usd:,.2f} USD, no plan of these candidates "
            f"(max_detour {summary.max_detour:g}) below {proof.bound_usd:,.2f} USD "
            f"(gap {proof.gap:.2%}), {proof.constant_usd:,.2f} USD more whichever way."
        ),
        plain(
            f"Engine {proof.engine} {proof.engine_version}, seed {proof.seed}, "
            f"{proof.candidates:,} candidates, {proof.seconds:.1f} s. "
            f"Scenario {summary.scenario}, digest {summary.scenario_digest[:12]}."
        ),
    ]


def _mandate(summary: Summary) -> list[Text]:
    """What going through a hub costs, and how sure that is."""
    price = summary.mandate_price
    through = " or ".join(summary.mandate)
    if price is None:
        words = f"What going through {through} costs is not known: its reckoning was interrupted."
        return [plain(words)] if through else []
    costs = f"{price.usd:,.0f} USD more than" if price.usd >= 0.5 else "no more than"
    return [
        plain(
            f"Going through {through} costs {costs} going free "
            f"(between {price.least_usd:,.0f} and {price.most_usd:,.0f})."
        )
    ]


def _status(proof: Proof) -> str:
    if proof.status == "optimal":
        return "proven" if proof.gap == 0 else f"within the {proof.gap_asked:.2%} asked for"
    return STATUS_WORDS.get(proof.status, proof.status)


def page_text(summary: Summary) -> str:
    """The whole page as plain text of at most ``WIDTH`` columns."""
    sink = io.StringIO()
    console = Console(
        file=sink,
        width=WIDTH,
        force_terminal=False,
        color_system=None,
        legacy_windows=False,
        highlight=False,
        emoji=False,
        markup=False,
        _environ={},
    )
    console.print(page(summary, limit=None))
    return "\n".join(line.rstrip() for line in sink.getvalue().splitlines()) + "\n"


def write_summary(plan: Plan, folder: Path) -> tuple[Path, ...]:
    """Write ``summary.txt`` into ``folder``."""
    return (put(folder / SUMMARY_FILE, page_text(summarise(plan)).encode()),)
