"""What a certificate proves of a plan, and what it leaves to trust."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.text import Text

from coldchain.exporters.page import plain

if TYPE_CHECKING:
    from coldchain.certified import Recomputed
    from coldchain.plan import Plan


def in_figures(proven: Recomputed) -> dict[str, float | bool | None]:
    """For programs: money in USD, gaps as shares."""
    return {
        "cost_usd": proven.cost_usd,
        "certified_bound_usd": proven.bound_usd,
        "claimed_bound_usd": proven.claimed_usd,
        "gap": proven.gap,
        "transport_usd": proven.transport_usd,
        "transport_gap": proven.transport_gap,
        "claim_beyond_certificate": proven.beyond,
    }


def in_words(proven: Recomputed, plan: Plan) -> Iterator[Text]:
    """For people: cost, bound, gaps, and whose word is taken for what."""
    if proven.cost_usd is not None:
        yield plain(
            f"Cost of the plan's choice, recomputed to the cent: {proven.cost_usd:,.2f} USD."
        )
    if proven.bound_usd is None:
        yield plain("Nothing is certified.")
        return
    yield plain(
        f"Certified bound, recomputed in whole numbers: no plan of the scenario's candidates costs "
        f"less than {proven.bound_usd:,.2f} USD."
    )
    if proven.gap is not None and proven.missing_usd is not None:
        of_bill = (
            f"; {proven.transport_gap:.2%} of the transport bill of "
            f"{proven.transport_usd:,.0f} USD (load units, their detention and their cooling)"
            if proven.transport_gap is not None
            else ""
        )
        yield plain(
            f"Certified gap: {proven.missing_usd:,.2f} USD, {proven.gap:.2%} of the cost{of_bill}."
        )
    if proven.beyond:
        yield plain(
            f"The plan states a bound of {proven.claimed_usd:,.2f} USD: what of it lies above the "
            f"certified one is the word of {plan.proof.engine} ({plan.proof.engine_version}), "
            "which no certificate backs."
        )
    yield plain(
        "Not proven but taken from the search: that it lists every itinerary of the scenario, at "
        "its price. Figures leave out what every plan pays alike."
    )
