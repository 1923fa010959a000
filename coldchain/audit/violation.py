"""What a broken rule says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One place where a plan breaks one rule.

    ``subject`` is what breaks it (a consignment, a load unit, a dated service …); ``found`` is what
    the plan says or does, ``expected`` what the audit recomputed or allows.
    """

    rule: str
    subject: str
    found: str
    expected: str
    message: str

    def __str__(self) -> str:
        return (
            f"{self.subject}: {self.message} – found {self.found}, expected {self.expected} "
            f"[{self.rule}]"
        )


def clock(minutes: int) -> str:
    """A minute of the plan's clock as a planner reads it."""
    return f"{datetime.fromtimestamp(minutes * 60, UTC):%Y-%m-%d %H:%MZ}"
