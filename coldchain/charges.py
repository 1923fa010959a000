"""What an itinerary and a load unit cost, by kind; the rules are those of docs/concepts.md, "Books"."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Charges:
    """Money by kind (USD)."""

    freight: float = 0.0
    reefer: float = 0.0
    handling: float = 0.0
    storage: float = 0.0
    border: float = 0.0
    freshness: float = 0.0
    unserved: float = 0.0

    @property
    def total(self) -> float:
        return sum(getattr(self, f.name) for f in fields(self))

    @property
    def invoiced(self) -> float:
        """What somebody sends a bill for: everything but freshness lost and goods left behind."""
        return self.total - self.freshness - self.unserved

    def __add__(self, other: Charges) -> Charges:
        return Charges(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})

    def __mul__(self, factor: float) -> Charges:
        return Charges(**{f.name: getattr(self, f.name) * factor for f in fields(self)})
