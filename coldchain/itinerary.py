"""Itineraries: the carriages of one consignment door to door; and the word for having none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from coldchain.decay import Surroundings
from coldchain.goods import Packaging
from coldchain.timetable import Departure


@dataclass(frozen=True, slots=True, kw_only=True)
class Carriage:
    """Legs travelled in one sealed load unit at one setpoint.

    Consignments may share load units exactly when they hold equal carriages.
    """

    legs: tuple[Departure, ...]
    equipment: str
    setpoint_c: float
    stowage_group: str

    def __post_init__(self) -> None:
        if not self.legs:
            raise ValueError("a carriage has at least one leg")


class StepKind(StrEnum):
    """What a stretch of an itinerary's clock is spent on."""

    OPERATION = "operation"
    WAIT = "wait"
    LEG = "leg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A stretch of the clock: where, what, from minute to minute, and the air it meant.

    ``subject`` is the id of the operation or service; for a wait, of what is waited for.
    ``carriage`` counts from 0; a leg's ``node`` is where it ends.
    """

    kind: StepKind
    node: str
    subject: str
    begins: int
    ends: int
    carriage: int
    surroundings: tuple[Surroundings, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Itinerary:
    """One consignment's way: carriages, clock and freshness; minutes since 1970-01-01T00:00Z.

    Attributes
    ----------
    life_reckoned : float
        Life used as the search added it up, hour by hour in the air; what freshness is priced by.
        Never less than ``life_used`` but for lots beyond the scenario's confidence.
    life_used : float
        Life used at delivery that a share ``confidence`` of lots does not exceed, pulp and all.
    shelf_life_left_h : float
        Hours left at the retail temperature that a share ``confidence`` of lots has at least.
    shelf_life_left_p10_h, shelf_life_left_p50_h, shelf_life_left_p90_h : float
        Percentiles of the lots: one in ten has less than the first.
    sure : float
        Share of lots that have the shelf life required.
    limited_by : str
        What ends the life of a typical lot.
    pulp_warmest_c : float
        Warmest the pulp becomes once it is packed (°C).
    unconfirmed : tuple of str
        Entry rules by which it enters a country though nobody has confirmed that it may; by id, in
        the order of the way.
    """

    consignment: str
    packaging: Packaging
    carriages: tuple[Carriage, ...]
    steps: tuple[Step, ...]
    delivered: int
    life_reckoned: float
    life_used: float
    shelf_life_left_h: float
    shelf_life_left_p10_h: float
    shelf_life_left_p50_h: float
    shelf_life_left_p90_h: float
    sure: float
    limited_by: str
    pulp_warmest_c: float
    unconfirmed: tuple[str, ...] = ()

    @property
    def history(self) -> tuple[Surroundings, ...]:
        """Air the goods stood in from ``ready_at`` to delivery."""
        return tuple(s for step in self.steps for s in step.surroundings)


class Reason(StrEnum):
    """Why a consignment has no itinerary, or stays behind though it has one."""

    NO_PATH = "NO_PATH"
    """No chain of services reaches the destination in equipment that fits."""
    NOT_ADMITTED = "NOT_ADMITTED"
    """Ways exist, but each enters some country where the goods are not admitted."""
    NO_SETPOINT = "NO_SETPOINT"
    """None of the scenario's setpoints suits the commodity."""
    TOO_LATE = "TOO_LATE"
    """The earliest delivery is after ``due_at``."""
    NOT_FRESH = "NOT_FRESH"
    """In time, but with less shelf life left than required, whichever way."""
    OUT_OF_DOMAIN = "OUT_OF_DOMAIN"
    """Every way passes temperatures the commodity's law of decay says nothing of."""
    NO_SLOT = "NO_SLOT"
    """Ways exist, but the slots on them went to others."""
    TOO_DEAR = "TOO_DEAR"
    """Ways exist, but each costs more than leaving the goods behind."""
    NOT_CHOSEN = "NOT_CHOSEN"
    """Ways exist and may be worth it, but the search ended before it said so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why, and by how much: ``shortfall`` in ``unit`` (h, d or USD), at node ``where``."""

    consignment: str
    reason: Reason
    shortfall: float
    unit: str
    where: str
    detail: str

    def __str__(self) -> str:
        return f"{self.consignment}: {self.reason}, {self.detail}"
