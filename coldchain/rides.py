"""Rides priced and timed: what of a sealed unit's run a later stage reads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from coldchain.charges import pallets_per_unit, unit_charges
from coldchain.clock import Clock, Ride
from coldchain.decay import DecayLaw
from coldchain.errors import OutOfDomain
from coldchain.network import Operation, Service
from coldchain.timetable import Timetable


@dataclass(frozen=True, slots=True)
class RatedRide:
    """A ride with everything a later stage reads of it.

    ``unit_usd`` per load unit, ``kg_usd`` per gross kg, ``life`` the fraction used from stuffing
    to hand-over per (setpoint, law) in the order of :class:`Rates`; infinite outside its domain.
    """

    ride: Ride
    unit_usd: float
    kg_usd: float
    pallets: int
    life: tuple[tuple[float, ...], ...]


class Rates:
    """Life used per minute of each law at each temperature; the laws are (commodity, packaging)."""

    def __init__(self, laws: Sequence[DecayLaw], setpoints_c: Sequence[float]) -> None:
        self.laws = tuple(laws)
        self.setpoints_c = tuple(setpoints_c)
        self._rates: dict[float, tuple[float, ...]] = {}
        self._worked: dict[tuple[tuple[str, ...], int], tuple[tuple[float, ...], ...]] = {}

    def at(self, temperature_c: float) -> tuple[float, ...]:
        """Life used per minute at ``temperature_c``, one per law; infinite outside its domain."""
        if temperature_c not in self._rates:
            rates: list[float] = []
            for law in self.laws:
                try:
                    rates.append(1.0 / (60.0 * law.keeping_quality_h(temperature_c)))
                except OutOfDomain:
                    rates.append(math.inf)
            self._rates[temperature_c] = tuple(rates)
        return self._rates[temperature_c]

    def life_in(
        self, timetable: Timetable, operations: Sequence[Operation], at: int
    ) -> tuple[tuple[float, ...], ...]:
        """Life used while ``operations`` have their turn from ``at`` on, waiting to open included.

        A tuple per setpoint of a number per law.
        """
        key = (tuple(o.id for o in operations), at)
        if key not in self._worked:
            warm: dict[float, float] = {}
            chilled = 0.0
            for operation in operations:
                begins = timetable.next_open(operation, at)
                minutes = timetable.operation_minutes(operation)
                exposed = min(60.0 * operation.exposed_h, minutes)
                if exposed:
                    warm[operation.exposed_c] = warm.get(operation.exposed_c, 0.0) + exposed
                chilled += begins - at + minutes - exposed
                at = begins + minutes
            self._worked[key] = self._used(warm, chilled)
        return self._worked[key]

    def _used(self, warm: dict[float, float], chilled: float) -> tuple[tuple[float, ...], ...]:
        """Life used by minutes at given temperatures and at each setpoint, per law."""
        spans = [(self.at(temperature), minutes) for temperature, minutes in warm.items()]
        out: list[tuple[float, ...]] = []
        for setpoint in self.setpoints_c:
            everything = [*spans, (self.at(setpoint), chilled)] if chilled else spans
            out.append(
                tuple(sum(r[law] * m for r, m in everything) for law in range(len(self.laws)))
            )
        return tuple(out)

    def life(self, ride: Ride) -> tuple[tuple[float, ...], ...]:
        """Life used on ``ride``: a tuple per setpoint of a number per law."""
        held: dict[float, float] = {}
        chilled = 0.0
        for stretch in ride.stretches:
            minutes = float(stretch.ends - stretch.begins)
            if stretch.held_c is not None:
                held[stretch.held_c] = held.get(stretch.held_c, 0.0) + minutes
                continue
            exposed = min(60.0 * stretch.exposed_h, minutes)
            if exposed:
                held[stretch.exposed_c] = held.get(stretch.exposed_c, 0.0) + exposed
            chilled += minutes - exposed
        return self._used(held, chilled)


def rate_ride(
    clock: Clock, rates: Rates, services: Sequence[Service], departures: Sequence[int]
) -> RatedRide:
    """The ride over ``services`` with these departures, priced and timed."""
    ride = clock.ride(services, departures)
    network = clock.network
    start = clock.origin_operations(ride.origin, services[0].rides_as)
    by_kg = services[0].shared_by_kg
    return RatedRide(
        ride=ride,
        unit_usd=unit_charges(network, ride, start).total,
        kg_usd=sum(s.linehaul_usd_per_kg for s in services)
        + sum(o.usd_per_kg for o in ride.operations),
        pallets=0 if by_kg else pallets_per_unit(services),
        life=rates.life(ride),
    )
