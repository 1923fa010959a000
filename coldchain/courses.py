"""Courses: chains of services door to door before any is dated, one for each corridor.

A *corridor* is how a way crosses borders: by what mode it enters each country on the way, where it
enters the country of its destination, and by what modes it goes on there. Its course is the
cheapest chain of services in it, by the kilogram in full units and at median times, whatever the
timetable: corridors are compared although some are dearer and slower than others.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from coldchain.charges import by_kg_usd, unit_charges
from coldchain.clock import Clock, Ride
from coldchain.network import Mode, Operation, Service, Trigger
from coldchain.onward import Connections
from coldchain.timetable import DAY_MIN

Crossing = tuple[str, Mode, str]
"""Country entered, mode, and the node where if it is the destination's country (else empty)."""

LONGEST_WAIT_D = 60
"""A departure further ahead than this is none (days)."""


@dataclass(frozen=True, slots=True, order=True)
class Corridor:
    """How a way crosses borders, and the modes it goes on by in the last country.

    Legs of one mode in a row are one, but for flights: two are two.
    """

    crossings: tuple[Crossing, ...]
    modes: tuple[Mode, ...]

    def then(self, clock: Clock, service: Service, last_country: str) -> Corridor | None:
        """The corridor with ``service`` after it; None if it would enter a country again."""
        nodes = clock.network.nodes
        origin, country = nodes[service.origin].country, nodes[service.destination].country
        inside = country == last_country
        if origin == country:
            goes_on = self.modes[-1:] == (service.mode,) and service.mode is not Mode.AIR
            if not inside or goes_on:
                return self
            return Corridor(self.crossings, (*self.modes, service.mode))
        left = {origin, *(name for name, _, _ in self.crossings)}
        if country in left:
            return None
        where = service.destination if inside else ""
        modes = (service.mode,) if inside else ()
        return Corridor((*self.crossings, (country, service.mode, where)), modes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Services door to door, by carriage; ``usd_per_kg`` as it was compared by, without waits."""

    corridor: Corridor
    carriages: tuple[tuple[Service, ...], ...]
    usd_per_kg: float

    @property
    def services(self) -> tuple[Service, ...]:
        """All services in turn."""
        return tuple(service for carriage in self.carriages for service in carriage)

    @property
    def distance_km(self) -> float:
        """Length of all legs (km)."""
        return sum(service.distance_km for service in self.services)


@dataclass(frozen=True, slots=True)
class _Label:
    corridor: Corridor
    carriages: tuple[tuple[Service, ...], ...]
    seen: frozenset[str]


def courses(
    clock: Clock,
    origin: str,
    destination: str,
    *,
    services: Iterable[Service],
    max_cross_docks: int,
    at: int,
) -> list[Course]:
    """The cheapest course of each corridor from ``origin`` to ``destination``, cheapest first.

    Of ``services``, those that leave within two months of minute ``at``; none by a border post or a
    terminal that takes no unit at all.
    """
    rates = {
        service.id: (service, usd)
        for service in services
        if math.isfinite(usd := _ride_usd_per_kg(clock, service, at))
    }
    connections = Connections(clock, (service for service, _ in rates.values()))
    country = clock.network.nodes[destination].country
    queue: list[tuple[float, int, _Label]] = []
    best: dict[tuple[str, int, Corridor], float] = {}
    serial = itertools.count()
    found: dict[Corridor, Course] = {}

    def push(usd: float, label: _Label) -> None:
        last = label.carriages[-1][-1]
        key = (last.id, len(label.carriages), label.corridor)
        if usd < best.get(key, math.inf):
            best[key] = usd
            heapq.heappush(queue, (usd, next(serial), label))

    def ride(usd: float, label: _Label, service: Service, operation: Operation | None) -> None:
        corridor = label.corridor.then(clock, service, country)
        if corridor is None or service.destination in label.seen:
            return
        carriages = label.carriages
        if operation is not None and operation.opens_unit:
            carriages = (*carriages, (service,))
        else:
            carriages = (*carriages[:-1], (*carriages[-1], service))
        work = 0.0 if operation is None else _work_usd_per_kg(operation, service)
        push(
            usd + work + rates[service.id][1],
            _Label(corridor, carriages, label.seen | {service.destination}),
        )

    for service in connections.leaving.get(origin, ()):
        first = _Label(Corridor((), ()), ((),), frozenset((origin,)))
        papers = clock.origin_operations(origin, service.rides_as)
        start = sum(
            _work_usd_per_kg(o, service) for o in papers if o.trigger is Trigger.ORIGIN_EQUIPMENT
        )
        ride(start, first, service, None)
    while queue:
        usd, _, label = heapq.heappop(queue)
        last = label.carriages[-1][-1]
        if usd > best[last.id, len(label.carriages), label.corridor]:
            continue
        if last.destination == destination:
            work = sum(_work_usd_per_kg(o, last) for o in connections.unloading(destination))
            course = Course(
                corridor=label.corridor, carriages=label.carriages, usd_per_kg=usd + work
            )
            found.setdefault(label.corridor, course)
            continue
        for service, transfer in connections.sealed[last.id]:
            if transfer is not None and transfer.units_per_day == 0:
                continue
            ride(usd, label, service, transfer)
        if len(label.carriages) <= max_cross_docks:
            for service, dock in connections.opened[last.id]:
                ride(usd, label, service, dock)
    return sorted(found.values(), key=lambda course: course.usd_per_kg)


def _ride_usd_per_kg(clock: Clock, service: Service, at: int) -> float:
    """Price of one leg with its arrival operations, in a full unit.

    Infinite if it never leaves, or goes where no unit is taken in. A chartered departure is full.
    """
    departs = next_departure(clock, service, at)
    shut = any(o.units_per_day == 0 for o in clock.arrival_operations(service))
    if departs is None or shut:
        return math.inf
    ride = clock.ride((service,), (departs,))
    by_kg = sum(by_kg_usd(clock.scenario, service)) + sum(o.usd_per_kg for o in ride.operations)
    per_unit = unit_charges(clock, ride, ()).total + service.charter_usd_per_slot
    return by_kg + per_unit / service.payload_kg


def _work_usd_per_kg(operation: Operation, service: Service) -> float:
    """Price of an operation on the goods of a full unit of ``service``."""
    return operation.usd_per_kg + operation.usd_per_unit / service.payload_kg


def next_departure(clock: Clock, service: Service, at: int) -> int | None:
    """First minute from ``at`` on at which ``service`` leaves; None if it is too far ahead."""
    last = at + LONGEST_WAIT_D * DAY_MIN
    if service.on_demand:
        return clock.timetable.next_on_demand(service, at, last)
    for days in (8, LONGEST_WAIT_D):
        until = at + days * DAY_MIN
        departs = next(clock.timetable.departures(service, at, until), None)
        if departs is not None:
            return departs.departs
    return None


def dated(clock: Clock, course: Course, available: int) -> Iterator[Ride]:
    """Rides of ``course`` for goods available at its origin, each by the next departure.

    Ends early, with rides that do not reach the destination, where nothing leaves any more or a
    unit would stay longer in a country on the way than it allows.
    """
    at = available
    for number, services in enumerate(course.carriages):
        if number:
            before = course.carriages[number - 1][-1]
            dock = clock.network.cross_dock(
                before.destination, before.rides_as, services[0].rides_as
            )
            assert dock is not None
            at = clock.timetable.finish(dock, at)
        departures: list[int] = []
        ready = at + clock.cutoff(services[0])
        for position, service in enumerate(services):
            departs = next_departure(clock, service, ready)
            if departs is None:
                return
            departures.append(departs)
            ready = clock.after_arrival(service, departs)
            if position + 1 < len(services):
                ready = clock.earliest_onward(service, services[position + 1], ready)
        if clock.overstays(services, departures):
            return
        ride = clock.ride(services, departures)
        at = ride.handed_over
        yield ride
