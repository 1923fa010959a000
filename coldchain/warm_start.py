"""What of an earlier plan still stands in the present choice: where an engine may begin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coldchain.candidates import Candidates
from coldchain.itinerary import Itinerary
from coldchain.lowering import Lowered
from coldchain.plan import Plan

Key = tuple[object, ...]
"""Packaging, and per carriage its setpoint and dated services: equal keys, equal itineraries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver:
    """A selection made of an earlier plan.

    Attributes
    ----------
    hint : tuple of int
        An option or -1 per customer of the present problem; keeps every limit.
    taken : tuple of str
        Ids of the consignments that begin with their earlier itinerary.
    left : tuple of (str, str)
        Ids of the others, of both plans, and why.
    """

    hint: tuple[int, ...]
    taken: tuple[str, ...]
    left: tuple[tuple[str, str], ...]


def take_over(lowered: Lowered, earlier: Plan) -> TakenOver:
    """Earlier itineraries that are among the present candidates, as far as slots allow.

    Consignments are matched by id, itineraries by their services, departures, setpoints and
    packaging; what they cost or how long they take may have changed since.
    """
    scenario = lowered.candidates.scenario
    former = {itinerary.consignment: itinerary for itinerary in earlier.itineraries}
    number = {k: customer for customer, k in enumerate(lowered.customers)}
    hint = np.full(len(lowered.customers), -1, dtype=np.int64)
    why: dict[str, str] = {}
    for k, consignment in enumerate(scenario.consignments):
        itinerary = former.pop(consignment.id, None)
        if itinerary is None:
            known = any(refusal.consignment == consignment.id for refusal in earlier.unserved)
            why[consignment.id] = "was left behind" if known else "was not in the earlier plan"
            continue
        row = _row(lowered.candidates, k, itinerary)
        if row < 0:
            why[consignment.id] = _reason(lowered, itinerary)
            continue
        hint[number[k]] = row
    for customer in _crowded_out(lowered, hint):
        why[scenario.consignments[lowered.customers[customer]].id] = (
            "the slots of its itinerary no longer suffice for all"
        )
    why |= dict.fromkeys(former, "is no longer to be carried")
    return TakenOver(
        hint=tuple(hint.tolist()),
        taken=tuple(
            scenario.consignments[k].id
            for k, option in zip(lowered.customers, hint, strict=True)
            if option >= 0
        ),
        left=tuple(why.items()),
    )


def _row(candidates: Candidates, k: int, itinerary: Itinerary) -> int:
    """Row of consignment ``k`` that is ``itinerary``; -1 if there is none."""
    wanted: Key = (
        itinerary.packaging,
        *(
            (carriage.setpoint_c, *((leg.service, leg.departs) for leg in carriage.legs))
            for carriage in itinerary.carriages
        ),
    )
    first, last = np.searchsorted(candidates.consignment, [k, k + 1]).tolist()
    for row in range(first, last):
        found: Key = (
            candidates.packed(row),
            *(
                (setpoint, *((leg.service, leg.departs) for leg in rated.ride.legs))
                for rated, setpoint in candidates.chain(row)
            ),
        )
        if found == wanted:
            return row
    return -1


def _reason(lowered: Lowered, itinerary: Itinerary) -> str:
    """Why an earlier itinerary is not among the candidates."""
    services = lowered.candidates.scenario.network.services
    for carriage in itinerary.carriages:
        for leg in carriage.legs:
            if leg.service not in services:
                return f"service {leg.service} is no longer offered"
    refused = {refusal.consignment: refusal for refusal in lowered.candidates.refusals}
    if itinerary.consignment in refused:
        return f"has no itinerary any more: {refused[itinerary.consignment].reason}"
    # Told apart only by a search without the rules, which would cost more than a hint is worth.
    return "its itinerary is no longer possible, or left out by the rules of the search"


def _crowded_out(lowered: Lowered, hint: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[int]:
    """Take from ``hint`` the customers that break a limit, the later ones first to go."""
    problem = lowered.problem
    if not problem.broken_limits(hint):
        return []
    wanted = hint.copy()
    hint[:] = -1
    out: list[int] = []
    for customer in np.flatnonzero(wanted >= 0).tolist():
        hint[customer] = wanted[customer]
        if problem.broken_limits(hint):
            hint[customer] = -1
            out.append(customer)
    return out
