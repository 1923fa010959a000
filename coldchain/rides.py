"""Rides priced and timed: what of a sealed unit's run a later stage reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from coldchain.charges import by_kg_usd, pallets_per_unit, unit_charges
from coldchain.clock import Clock, Ride
from coldchain.goods import Consignment
from coldchain.network import Operation, Service
from coldchain.pace import Pace
from coldchain.timetable import Departure, Timetable


@dataclass(frozen=True, slots=True)
class RatedRide:
    """A ride with everything a later stage reads of it.

    ``unit_usd`` per load unit, ``kg_usd`` per gross kg, ``life`` the fraction used from stuffing
    to hand-over per (setpoint, column) of :class:`Rates`; infinite outside its domain.

    ``charter_usd`` is, for each load unit (by air each gross kg), its part of the departures that
    are chartered, every one of them full; ``idle_usd`` the part of ``unit_usd`` (``kg_usd``) that
    such a departure may cost though nobody uses the slot.
    """

    ride: Ride
    unit_usd: float
    kg_usd: float
    pallets: int
    life: tuple[tuple[float, ...], ...]
    charter_usd: float = 0.0
    idle_usd: float = 0.0

    @property
    def chartered(self) -> bool:
        """Whether a departure of it runs only if paid for."""
        return any(s.chartered for s in self.ride.services)

    @property
    def charters(self) -> tuple[Departure, ...]:
        """Departures of it that run only if paid for."""
        both = zip(self.ride.services, self.ride.legs, strict=True)
        return tuple(leg for service, leg in both if service.chartered)

    def full_usd(self, consignment: Consignment) -> float:
        """What a consignment pays of units and chartered departures, every one of them full."""
        if not self.pallets:
            return self.charter_usd * consignment.gross_kg
        return (self.unit_usd + self.charter_usd) * consignment.pallets / self.pallets

    def alone_usd(self, consignment: Consignment) -> float:
        """The same with load units to itself."""
        if not self.pallets:
            return self.charter_usd * consignment.gross_kg
        return (self.unit_usd + self.charter_usd) * -(-consignment.pallets // self.pallets)


Warm = list[tuple[Operation | None, float, float]]
"""Minutes in air that is not the unit's: (operation that exposes, else None, °C, minutes)."""


class Rates:
    """Life reckoned per minute by each pace at each temperature; a pace per (goods, packaging).

    Columns are the paces in order, and after them what the limits aside use, of those that have
    any: one ride is no better than another if it injures more.
    """

    def __init__(self, paces: Sequence[Pace], setpoints_c: Sequence[float]) -> None:
        self.paces = tuple(paces)
        self.setpoints_c = tuple(setpoints_c)
        self._columns = [
            *(pace.per_h for pace in self.paces),
            *(pace.aside_per_h for pace in self.paces if pace.has_aside),
        ]
        self._rates: dict[float, tuple[float, ...]] = {}
        self._worked: dict[tuple[tuple[str, ...], int], tuple[tuple[float, ...], ...]] = {}

    @property
    def columns(self) -> int:
        """How many rates there are at each temperature."""
        return len(self._columns)

    def at(self, air_c: float) -> tuple[float, ...]:
        """Life reckoned per minute in air of ``air_c``, by column; infinite if out of domain."""
        if air_c not in self._rates:
            self._rates[air_c] = tuple(per_h(air_c) / 60.0 for per_h in self._columns)
        return self._rates[air_c]

    def life_in(
        self, timetable: Timetable, operations: Sequence[Operation], at: int
    ) -> tuple[tuple[float, ...], ...]:
        """Life used while ``operations`` have their turn from ``at`` on, waiting to open included.

        A tuple per setpoint of a number per column.
        """
        key = (tuple(o.id for o in operations), at)
        if key not in self._worked:
            warm: Warm = []
            chilled = 0.0
            for operation in operations:
                begins = timetable.next_open(operation, at)
                minutes = timetable.operation_minutes(operation)
                exposed = min(60.0 * operation.exposed_h, minutes)
                if exposed:
                    warm.append((operation, 0.0, exposed))
                ends = timetable.ends(operation, begins)
                chilled += ends - at - exposed
                at = ends
            self._worked[key] = self._used(warm, chilled)
        return self._worked[key]

    def _used(self, warm: Warm, chilled: float) -> tuple[tuple[float, ...], ...]:
        """Life used by minutes at given temperatures and at each setpoint, per column."""
        out: list[tuple[float, ...]] = []
        for setpoint in self.setpoints_c:
            spans = [
                (self.at(air if operation is None else operation.air_c(setpoint)), minutes)
                for operation, air, minutes in warm
            ]
            if chilled:
                spans.append((self.at(setpoint), chilled))
            out.append(tuple(sum(r[i] * m for r, m in spans) for i in range(self.columns)))
        return tuple(out)

    def life(self, ride: Ride) -> tuple[tuple[float, ...], ...]:
        """Life used on ``ride``: a tuple per setpoint of a number per column."""
        warm: Warm = []
        chilled = 0.0
        for stretch in ride.stretches:
            minutes = float(stretch.ends - stretch.begins)
            if stretch.held_c is not None:
                warm.append((None, stretch.held_c, minutes))
                continue
            operation = stretch.operation
            exposed = 60.0 * stretch.exposed_h
            if exposed:
                warm.append((operation, 0.0, exposed))
            chilled += minutes - exposed
        return self._used(warm, chilled)


def rate_ride(
    clock: Clock, rates: Rates, services: Sequence[Service], departures: Sequence[int]
) -> RatedRide:
    """The ride over ``services`` with these departures, priced and timed."""
    ride = clock.ride(services, departures)
    start = clock.origin_operations(ride.origin, services[0].rides_as)
    by_kg = services[0].shared_by_kg
    return RatedRide(
        ride=ride,
        unit_usd=unit_charges(clock, ride, start).total,
        kg_usd=sum(sum(by_kg_usd(clock.scenario, s)) for s in services)
        + sum(o.usd_per_kg for o in ride.operations),
        pallets=0 if by_kg else pallets_per_unit(services),
        life=rates.life(ride),
        charter_usd=sum(s.charter_usd_per_slot for s in services),
        idle_usd=sum(s.slot_usd for s in services if s.min_paid_slots),
    )


class RideBook:
    """What searches over one set of goods learn of rides: each is rated, and timed, but once.

    ``first`` and ``last`` are the minutes between which anything may happen.
    """

    def __init__(self, clock: Clock, rates: Rates, *, first: int, last: int) -> None:
        self.clock = clock
        self.rates = rates
        self.first = first
        self.last = last
        self.rides: list[RatedRide] = []
        self.timely: dict[tuple[tuple[str, ...], str, int], tuple[int, ...] | None] = {}
        """Latest departures of chains on demand: by their services, what for, and by when."""
        self._number: dict[tuple[tuple[str, ...], tuple[int, ...]], int] = {}

    def number(self, services: Sequence[Service], departures: Sequence[int]) -> int:
        """Number of the ride over ``services`` with these departures."""
        key = (tuple(s.id for s in services), tuple(departures))
        if key not in self._number:
            self._number[key] = len(self.rides)
            self.rides.append(rate_ride(self.clock, self.rates, services, departures))
        return self._number[key]
