"""How fresh goods arrive, and what they are packed in for it: the words and cells of a page."""

from __future__ import annotations

from collections.abc import Iterator

from coldchain.exporters.facts import Packed, Summary
from coldchain.exporters.sheets import signed
from coldchain.exporters.wording import PACKED

LEAST_SURE = 3
"""Consignments with the fewest lots fresh enough that are named."""

COLUMNS = (
    ("id", "left"),
    ("packed", "left"),
    ("life used", "right"),
    ("days left", "right"),
    ("of", "right"),
    ("at °C", "right"),
    ("lots fresh", "right"),
    ("limited by", "left"),
    ("pulp at most", "right"),
)
"""Headers of the table of freshness, and how they are laid out."""


def title(summary: Summary) -> str:
    """What the table shows."""
    return (
        f"Freshness at delivery – days that {summary.confidence:.0%} of lots have left at least "
        "(10th to 90th percentile)"
    )


def cells(summary: Summary) -> Iterator[tuple[str, ...]]:
    """A row for each consignment that travels."""
    for j in summary.journeys:
        chosen = ", chosen" if j.packaging_asked != j.packaging else ""
        yield (
            j.consignment,
            f"{j.packaging.value}{chosen}",
            f"{j.life_used:.0%}",
            days_left(j.shelf_life_left_h, j.shelf_life_left_p10_h, j.shelf_life_left_p90_h),
            f"{j.shelf_life_required_h / 24:.1f}",
            f"{j.retail_c:g}",
            share(j.lots_fresh),
            j.limited_by,
            f"{signed(round(j.pulp_warmest_c, 1))} °C",
        )


def days_left(left_h: float, p10_h: float, p90_h: float) -> str:
    """Days of shelf life left, with the percentiles between which most lots lie.

    Examples
    --------
    >>> days_left(115.2, 81.6, 295.2)
    '4.8 (3.4 to 12.3)'
    """
    return f"{left_h / 24:.1f} ({p10_h / 24:.1f} to {p90_h / 24:.1f})"


def share(part: float) -> str:
    """A share of lots in per cent that is never rounded up to all of them, nor down to none.

    Examples
    --------
    >>> share(0.902), share(0.998), share(1.0), share(0.002)
    ('90%', '>99%', '100%', '<1%')
    """
    if 0.99 < part < 1:
        return ">99%"
    return "<1%" if 0 < part < 0.01 else f"{part:.0%}"


def least_sure(summary: Summary) -> str:
    """Of whose goods the fewest lots are fresh enough."""
    first = sorted(summary.journeys, key=lambda j: j.lots_fresh)[:LEAST_SURE]
    named = ", ".join(f"{j.consignment} with {share(j.lots_fresh)}" for j in first)
    return f"Least sure: {named} of lots fresh enough."


def too_warm(summary: Summary) -> str:
    """Whose pulp becomes warmer than its packaging is good for; empty if nobody's does."""
    named = [
        j.consignment
        for j in summary.journeys
        if j.packaging_max_c is not None and j.pulp_warmest_c > j.packaging_max_c
    ]
    if not named:
        return ""
    limits = sorted(
        {f"{j.packaging_max_c:g} °C" for j in summary.journeys if j.packaging_max_c is not None}
    )
    return (
        f"For a time warmer than the {' or '.join(limits)} up to which their packaging lengthens "
        f"life: {', '.join(named)}."
    )


def packed_in(summary: Summary) -> str:
    """What is packed in what, and for how much."""

    def in_words(packed: Packed) -> str:
        cost = f" for {packed.usd:,.0f} USD" if packed.usd >= 0.5 else ""
        number = "" if packed.open == packed.consignments else f"{packed.open} "
        chosen = f" ({number}chosen by the plan)" if packed.open else ""
        return f"{packed.consignments} {PACKED[packed.packaging]}{cost}{chosen}"

    return f"Packed: {', '.join(map(in_words, summary.packed))}."
