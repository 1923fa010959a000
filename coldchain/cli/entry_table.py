"""Who may enter at a border, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from coldchain.admission import Unconfirmed
from coldchain.borders import Regime, Verdict
from coldchain.exporters.page import plain, table
from coldchain.goods import Perishable
from coldchain.scenario import Scenario

MEANT = {
    Verdict.ADMITTED: "plans with it",
    Verdict.FLAGGED: "plans with it, flags it",
    Verdict.KEPT_OUT: "keeps it out",
}


def entry_table(
    given: Scenario, goods: Perishable, entry: Sequence[Regime]
) -> Iterator[RenderableType]:
    """Who may enter where, by the country goods come from, and the rules that say so."""
    yield Text()
    strict = given.unconfirmed is Unconfirmed.STRICT
    words = "refuses" if strict else "plans with, and flags,"
    yield plain(f"Entry of {goods.name} ({goods.code})", "bold")
    yield plain(
        f'{given.name} has unconfirmed = "{given.unconfirmed.value}": it {words} what nobody has '
        "confirmed."
    )
    yield table(
        "",
        (
            ("enters at", "words"),
            ("goods of", "words"),
            ("rule", "left"),
            ("says", "words"),
            ("treatment", "words"),
            ("the scenario", "words"),
        ),
        (
            (
                f"{r.country} {r.node}",
                " ".join(r.origins),
                r.rule.id if r.rule else "none",
                r.rule.permission.value if r.rule else "goods pass",
                "one of " + ", ".join(r.rule.treatments) if r.rule and r.rule.treatments else "",
                _meant(r),
            )
            for r in entry
        ),
        limit=None,
    )
    rules = {r.rule.id: r.rule for r in entry if r.rule is not None}
    for rule in rules.values():
        yield plain(f"{rule.id} ({rule.confidence}): {rule.source}.")


def _meant(regime: Regime) -> str:
    """What the scenario makes of it."""
    treated = regime.rule is not None and regime.rule.treatments
    once = ", once treated" if treated and regime.verdict is not Verdict.KEPT_OUT else ""
    return MEANT[regime.verdict] + once


def entry_document(regime: Regime) -> dict[str, object]:
    """One row of it for programs."""
    rule = regime.rule
    return {
        "country": regime.country,
        "at": regime.node,
        "from_countries": list(regime.origins),
        "permission": rule.permission.value if rule else None,
        "treatments": list(rule.treatments) if rule else [],
        "verdict": regime.verdict.value,
        "rule": rule.id if rule else None,
        "source": rule.source if rule else None,
        "confidence": rule.confidence if rule else None,
    }
