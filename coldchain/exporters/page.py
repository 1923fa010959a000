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

from coldchain.exporters.files import put
from coldchain.exporters.sheets import signed
from coldchain.exporters.summary import Summary, charges_by_kind, summarise
from coldchain.exporters.wording import visible
from coldchain.plan import Plan

WIDTH = 100
"""Columns a page fits."""

SHOWN_ROWS = 60
"""Rows of a table that are shown; all are in the files."""

UNBROKEN = 24
"""Columns up to which an id is kept on one line."""

SUMMARY_FILE = "summary.txt"

STATUS_WORDS = {
    "optimal": "proven",
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
) -> Table:
    """A table in the house's plain style; of more than ``limit`` rows the rest is counted.

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
        drawn.caption = plain(f"… and {len(body) - limit:,} more")
        drawn.caption_justify = "left"
    return drawn


def page(summary: Summary) -> RenderableType:
    """The whole summary."""
    parts: list[RenderableType] = [
        plain(f"{summary.title or summary.scenario}", "bold"),
        plain(summary.headline),
    ]
    if summary.journeys:
        parts += [Text(), _journeys(summary), Text(), _shared(summary)]
    if summary.unserved:
        parts += [Text(), _unserved(summary)]
    parts += [Text(), _charges(summary), Text(), *_proof(summary)]
    return Group(*parts)


def _journeys(summary: Summary) -> Table:
    return table(
        "Consignments",
        (
            ("id", "left"),
            ("t", "right"),
            ("from → to", "words"),
            ("way", "words"),
            ("departs", "right"),
            ("delivered", "right"),
            ("days left", "right"),
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
                f"{j.shelf_life_left_h / 24:.1f} of {j.shelf_life_required_h / 24:.1f}",
                f"{j.usd_per_kg:.2f}",
            )
            for j in summary.journeys
        ),
    )


def _shared(summary: Summary) -> Table:
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
    )


def _unserved(summary: Summary) -> Table:
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
    )


def _short(shortfall: float, unit: str) -> str:
    if not shortfall:
        return "–"
    return f"{shortfall:,.0f} USD" if unit == "USD" else f"{shortfall:,.1f} {unit}"


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
    saved, share = summary.saved_usd, summary.saved_share
    alone = f"{proof.greedy_usd:,.0f} USD if every consignment goes for itself"
    if saved > 0.5:
        comparison = f"Consolidation saves {saved:,.0f} USD ({share:.1%}): {alone}."
    else:
        comparison = f"Consolidation saves nothing here: {alone}."
    return [
        plain(comparison),
        plain(
            f"Proof: {STATUS_WORDS.get(proof.status, proof.status)}; "
            f"cost {proof.cost_usd:,.2f} USD, no plan below {proof.bound_usd:,.2f} USD "
            f"(gap {proof.gap:.2%}), "
            f"{proof.constant_usd:,.2f} USD more whichever way."
        ),
        plain(
            f"Engine {proof.engine} {proof.engine_version}, seed {proof.seed}, "
            f"{proof.candidates:,} candidates, {proof.seconds:.1f} s. "
            f"Scenario {summary.scenario}, digest {summary.scenario_digest[:12]}."
        ),
    ]


def page_text(summary: Summary) -> str:
    """The page as plain text of at most ``WIDTH`` columns."""
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
    console.print(page(summary))
    return "\n".join(line.rstrip() for line in sink.getvalue().splitlines()) + "\n"


def write_summary(plan: Plan, folder: Path) -> tuple[Path, ...]:
    """Write ``summary.txt`` into ``folder``."""
    return (put(folder / SUMMARY_FILE, page_text(summarise(plan)).encode()),)
