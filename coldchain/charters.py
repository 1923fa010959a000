"""Chartered departures that a plan runs: how full they are, what is paid, and by whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from coldchain.itinerary import Carriage
from coldchain.network import Service
from coldchain.plan import LoadUnit
from coldchain.scenario import Scenario
from coldchain.timetable import Departure


@dataclass(frozen=True, slots=True, kw_only=True)
class Charter:
    """A chartered departure that runs.

    ``used`` and ``paid`` are slots, or gross kilograms by air; ``fixed_usd`` is the price of the
    departure whole, ``idle_usd`` that of the slots paid and not used. ``carriages`` say how much
    each takes of what is used.
    """

    service: Service
    leg: Departure
    carriages: tuple[tuple[Carriage, int], ...]
    fixed_usd: float
    idle_usd: float

    @property
    def used(self) -> int:
        return sum(taken for _, taken in self.carriages)

    @property
    def paid(self) -> int:
        return max(self.used, self.service.min_paid_slots)

    @property
    def slots_usd(self) -> float:
        """Price of all slots paid, used or not."""
        return self.paid * self.service.slot_usd

    @property
    def usd(self) -> float:
        """All that is paid for it: the departure whole, and its slots."""
        return self.fixed_usd + self.slots_usd


def charters(scenario: Scenario, units: Sequence[LoadUnit]) -> tuple[Charter, ...]:
    """Chartered departures ``units`` ride, in order of departure."""
    taken: dict[Departure, dict[Carriage, int]] = {}
    for unit in units:
        for leg in unit.carriage.legs:
            service = scenario.network.services[leg.service]
            if not service.chartered:
                continue
            amount = 1
            if service.shared_by_kg:
                amount = sum(scenario.consignment(name).gross_kg for name, _ in unit.contents)
            on = taken.setdefault(leg, {})
            on[unit.carriage] = on.get(unit.carriage, 0) + amount
    out: list[Charter] = []
    for leg in sorted(taken, key=lambda leg: (leg.departs, leg.service)):
        service = scenario.network.services[leg.service]
        idle = max(0, service.min_paid_slots - sum(taken[leg].values()))
        out.append(
            Charter(
                service=service,
                leg=leg,
                carriages=tuple(taken[leg].items()),
                fixed_usd=service.charter_usd_per_departure,
                idle_usd=idle * service.slot_usd,
            )
        )
    return tuple(out)


def charter_usd(scenario: Scenario, units: Sequence[LoadUnit]) -> dict[str, float]:
    """What each consignment pays of charters and of slots nobody uses (USD), where it is anything.

    Load units pay alike, and what is in them by the pallet; by air all pay by the gross kilogram.
    """
    pallets: dict[Carriage, dict[str, int]] = {}
    for unit in units:
        on = pallets.setdefault(unit.carriage, {})
        for name, count in unit.contents:
            on[name] = on.get(name, 0) + count
    out: dict[str, float] = {}
    for charter in charters(scenario, units):
        extra = charter.fixed_usd + charter.idle_usd
        for carriage, taken in charter.carriages:
            held = pallets[carriage]
            weights = {
                name: scenario.consignment(name).gross_kg if charter.service.shared_by_kg else count
                for name, count in held.items()
            }
            whole = sum(weights.values())
            for name, weight in weights.items():
                share = extra * (taken / charter.used) * (weight / whole)
                out[name] = out.get(name, 0.0) + share
    return out
