"""Rides that others make pointless.

A ride is dropped when another between the same places, by the same equipment at
both ends, is stuffed no earlier and handed over no later, costs no more per unit (also if it is
kept shut until a treatment of goods that end there is over) and, the waits before and after
counted, no more per kg and no more life of any commodity, holds no fewer pallets, needs no scarce
slot and no chartered departure the other does not (with its slots at no price where they may be
paid though nobody uses them) and bars nobody from entering a country whom the other lets in.
Whatever rides the first can ride the second, together, so the cheapest choice remains – with
consolidation. (Where goods cannot wait in a cold store only rides stuffed, or handed over, at the
same minute are compared.)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from coldchain.carriages import TINY, Dating, Slot
from coldchain.charges import hold_charges, store_at
from coldchain.clock import Clock, Ride
from coldchain.rides import RatedRide


def scarce_slots(dating: Dating, ride: Ride) -> frozenset[Slot]:
    """Slots of ``ride`` nobody can count on: on its departures, and of work done to its unit."""
    slots: set[Slot] = {
        leg for leg, s in zip(ride.legs, ride.services, strict=True) if dating.few_slots(s)
    }
    if dating.crowded:
        for stretch in ride.stretches:
            if stretch.operation is not None:
                slots |= dating.work_slots(ride.services[0], stretch.operation, stretch.begins)
    return frozenset(slots)


def _held_usd(clock: Clock, rated: RatedRide, treatments: Sequence[int]) -> list[float]:
    """Price of a unit that stays shut until each of these many minutes since stuffing are over."""
    ride = rated.ride
    return [
        rated.unit_usd
        + hold_charges(clock, ride, max(0, needed - (ride.handed_over - ride.stuffed))).total
        for needed in treatments
    ]


def undominated(rides: Sequence[RatedRide], dating: Dating) -> list[RatedRide]:
    """Rides that no other makes pointless, in the order given; equal ones keep the first."""
    groups: dict[tuple[str, str, str, str], list[RatedRide]] = {}
    for rated in rides:
        services = rated.ride.services
        key = (
            rated.ride.origin,
            services[0].rides_as,
            rated.ride.destination,
            services[-1].rides_as,
        )
        groups.setdefault(key, []).append(rated)
    kept: set[int] = set()
    for group in groups.values():
        kept.update(id(rated) for rated in _undominated_group(group, dating))
    return [rated for rated in rides if id(rated) in kept]


def _undominated_group(group: list[RatedRide], dating: Dating) -> list[RatedRide]:
    if len(group) == 1:
        return group
    clock, rates = dating.clock, dating.rates
    origin, destination = group[0].ride.origin, group[0].ride.destination
    stuffed = np.array([r.ride.stuffed for r in group])
    handed = np.array([r.ride.handed_over for r in group])
    # A ride that needs fewer chartered departures may leave slots that are paid all the same.
    spare = np.array([r.idle_usd if r.pallets else 0.0 for r in group])
    unit = np.array([r.unit_usd for r in group]) - spare
    held = np.array([_held_usd(clock, r, dating.treatments(destination)) for r in group])
    held = held - spare[:, None]
    per_kg = np.array([r.kg_usd - (0.0 if r.pallets else r.idle_usd) for r in group])
    pallets = np.array([r.pallets for r in group])
    life = np.array([[x for row in r.life for x in row] for r in group])
    waiting = np.array([x for s in rates.setpoints_c for x in rates.at(s)])
    store_before = store_at(clock.network, origin).usd_per_kg_min
    store_after = store_at(clock.network, destination).usd_per_kg_min
    slots = [scarce_slots(dating, r.ride) for r in group]
    barred = [dating.barred(r.ride.services) for r in group]
    before_free, after_free = clock.has_store(origin), clock.has_store(destination)
    kept: list[int] = []
    # Best first, so that most comparisons end early; the order of equals is the order given.
    order = np.lexsort((np.arange(len(group)), unit, handed - stuffed))
    alive = np.ones(len(group), dtype=bool)
    for i in order:
        if not alive[i]:
            continue
        kept.append(int(i))
        later = stuffed[i] - stuffed
        sooner = handed - handed[i]
        wait = later + sooner
        beaten = alive & ((later >= 0) if before_free else (later == 0))
        beaten &= (sooner >= 0) if after_free else (sooner == 0)
        if not dating.hasty:
            beaten &= (
                (unit[i] <= unit + TINY)
                & np.all(held[i] <= held + TINY, axis=1)
                & (pallets[i] >= pallets)
                & (per_kg[i] + store_before * later + store_after * sooner <= per_kg + TINY)
            )
        candidates = np.flatnonzero(beaten)
        for j in candidates:
            if j == i or not slots[i] <= slots[j] or barred[i] & ~barred[j]:
                continue
            with np.errstate(invalid="ignore"):
                extra = life[i] + waiting * wait[j]
            if dating.hasty or np.all((extra <= life[j] + TINY) | np.isinf(life[j])):
                alive[j] = False
    return [group[i] for i in sorted(kept) if alive[i]]
