"""What is in each load unit, in kilograms: a consignment's weight shared out by its pallets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from coldchain.columns import Column, Kind
from coldchain.goods import Consignment, Packaging
from coldchain.itinerary import Itinerary
from coldchain.network import Trigger
from coldchain.plan import LoadUnit, Plan
from coldchain.scenario import Scenario

PACKAGINGS = tuple(p.value for p in Packaging if p is not Packaging.ANY)
"""What goods can be packed in once that is decided, as files name it."""

TREATMENT = (
    Column(
        name="treatment",
        kind=Kind.CODE,
        meaning="quarantine treatment it must undergo, as operations name it",
        required=False,
    ),
    Column(
        name="treated_at",
        kind=Kind.CHOICE,
        meaning="where that is done: at the origin, in the sealed unit on its way, or at the "
        "destination",
        allowed=tuple(t.value for t in (Trigger.ORIGIN, Trigger.IN_TRANSIT, Trigger.DESTINATION)),
        required=False,
    ),
)
"""Columns of the quarantine treatment."""


UNCONFIRMED = Column(
    name="unconfirmed",
    kind=Kind.TEXT,
    meaning="entries into countries that the plan assumes though nobody has confirmed them; `;` "
    "between several",
    required=False,
)
"""Column of what a plan takes for granted of entries."""


def assumptions(scenario: Scenario, itinerary: Itinerary) -> tuple[str, ...]:
    """What the itinerary takes for granted of entries into countries, in words."""
    services = (
        scenario.network.services[leg.service]
        for carriage in itinerary.carriages
        for leg in carriage.legs
    )
    return scenario.assumptions(scenario.consignment(itinerary.consignment), services)


def treatment(scenario: Scenario, consignment: Consignment) -> Mapping[str, str]:
    """Cells of :data:`TREATMENT`."""
    at = scenario.treated_at(consignment)
    return {"treatment": consignment.treatment, "treated_at": "" if at is None else at.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """The part of a consignment in one load unit."""

    consignment: Consignment
    pallets: int
    net_kg: int
    gross_kg: int


def contents(plan: Plan) -> Mapping[str, tuple[Item, ...]]:
    """Items by load unit id, in the order of the plan.

    A consignment spread over units of one carriage weighs its full weight, to the kilogram: each
    unit gets what brings the running total nearest to its share.
    """
    stowed: defaultdict[tuple[object, str], int] = defaultdict(int)
    items: dict[str, tuple[Item, ...]] = {}
    for unit in plan.load_units:
        held: list[Item] = []
        for name, pallets in unit.contents:
            consignment = plan.scenario.consignment(name)
            before = stowed[unit.carriage, name]
            after = stowed[unit.carriage, name] = before + pallets
            held.append(
                Item(
                    consignment=consignment,
                    pallets=pallets,
                    net_kg=_share(consignment.net_kg, before, after, consignment.pallets),
                    gross_kg=_share(consignment.gross_kg, before, after, consignment.pallets),
                )
            )
        items[unit.id] = tuple(held)
    return items


def _share(total: int, before: int, after: int, whole: int) -> int:
    return (2 * total * after + whole) // (2 * whole) - (2 * total * before + whole) // (2 * whole)


def itineraries_of(plan: Plan) -> Mapping[str, Itinerary]:
    """Itineraries by consignment."""
    return {itinerary.consignment: itinerary for itinerary in plan.itineraries}


def in_order(plan: Plan) -> list[LoadUnit]:
    """Load units by first departure, then by id: the order in which they are dealt with."""
    return sorted(plan.load_units, key=lambda unit: (unit.carriage.legs[0], unit.id))
