"""How little it takes from a service to the destination, timetable aside: what search may cut by.

Services are the states: what can follow a service depends on the equipment it came on, sealed or
through a cross-dock. Values are shortest ways over these states, so no itinerary beats them.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Mapping

from coldchain.charges import by_kg_usd, linehaul_usd, running
from coldchain.clock import Clock
from coldchain.network import Operation, Service, Trigger


class Connections:
    """Which service can follow which, and how."""

    def __init__(self, clock: Clock, services: Iterable[Service]) -> None:
        self.clock = clock
        self.services = tuple(services)
        self.leaving: dict[str, list[Service]] = {}
        for service in self.services:
            self.leaving.setdefault(service.origin, []).append(service)
        network = clock.network
        self.sealed: dict[str, list[tuple[Service, Operation | None]]] = {}
        self.opened: dict[str, list[tuple[Service, Operation]]] = {}
        for before in self.services:
            after = self.leaving.get(before.destination, [])
            self.sealed[before.id] = [
                (s, clock.onward(before, s)[0]) for s in after if network.stays_sealed(before, s)
            ]
            docks = [
                (s, network.cross_dock(before.destination, before.rides_as, s.rides_as))
                for s in after
            ]
            self.opened[before.id] = [(s, o) for s, o in docks if o is not None]

    def unloading(self, node: str) -> tuple[Operation, ...]:
        """Operations goods undergo where they end."""
        return self.clock.planned(self.clock.network.operations_at(node, Trigger.DESTINATION))


class Onward:
    """Least weight from the end of each service's arrival operations until unloaded at ``target``.

    ``ride`` weighs a service (transit and arrival operations), ``work`` an operation between two.
    """

    def __init__(
        self,
        connections: Connections,
        target: str,
        *,
        ride: Callable[[Service], float],
        work: Callable[[Operation], float],
        unload: float,
    ) -> None:
        before_sealed: dict[str, list[tuple[Service, float]]] = {}
        before_opened: dict[str, list[tuple[Service, float]]] = {}
        for service in connections.services:
            for after, transfer in connections.sealed[service.id]:
                weight = work(transfer) if transfer is not None else 0.0
                before_sealed.setdefault(after.id, []).append((service, weight))
            for after, dock in connections.opened[service.id]:
                before_opened.setdefault(after.id, []).append((service, work(dock)))
        self.any: dict[str, float] = {}
        """Sealed or opened."""
        self.open: dict[str, float] = {}
        """The unit being opened where the service ends."""
        queue: list[tuple[float, str]] = []
        by_id = {s.id: s for s in connections.services}
        for service in connections.services:
            if service.destination == target:
                self.any[service.id] = self.open[service.id] = unload
                heapq.heappush(queue, (unload, service.id))
        done: set[str] = set()
        while queue:
            weight, name = heapq.heappop(queue)
            if name in done:
                continue
            done.add(name)
            whole = weight + ride(by_id[name])
            for before, extra in before_sealed.get(name, ()):
                if whole + extra < self.any.get(before.id, math.inf):
                    self.any[before.id] = whole + extra
                    heapq.heappush(queue, (whole + extra, before.id))
            for before, extra in before_opened.get(name, ()):
                if whole + extra < self.open.get(before.id, math.inf):
                    self.open[before.id] = whole + extra
                    if whole + extra < self.any.get(before.id, math.inf):
                        self.any[before.id] = whole + extra
                        heapq.heappush(queue, (whole + extra, before.id))


def ride_minutes(clock: Clock, service: Service) -> int:
    """Fewest minutes from departure until the arrival operations are done."""
    operations = clock.arrival_operations(service)
    return clock.transit(service) + sum(clock.timetable.operation_minutes(o) for o in operations)


def minutes_onward(connections: Connections, targets: Iterable[str]) -> Mapping[str, Onward]:
    """Fewest minutes to each target."""
    clock = connections.clock
    rides = {s.id: float(ride_minutes(clock, s)) for s in connections.services}
    return {
        target: Onward(
            connections,
            target,
            ride=lambda s: rides[s.id],
            work=clock.timetable.operation_minutes,
            unload=sum(clock.timetable.operation_minutes(o) for o in connections.unloading(target)),
        )
        for target in targets
    }


def minutes_to_depart(
    connections: Connections, origin: str, category: str = ""
) -> Mapping[str, float]:
    """Fewest minutes from ready at ``origin`` until each service can depart with the goods.

    ``category`` of the goods, if all have one.
    """
    clock = connections.clock
    least: dict[str, float] = {}
    by_id = {s.id: s for s in connections.services}
    queue: list[tuple[float, str]] = []

    def reach(service: Service, minutes: float) -> None:
        if minutes < least.get(service.id, math.inf):
            least[service.id] = minutes
            heapq.heappush(queue, (minutes, service.id))

    for service in connections.leaving.get(origin, ()):
        operations = clock.origin_operations(origin, service.rides_as, category=category)
        work = sum(clock.timetable.operation_minutes(o) for o in operations)
        reach(service, work + clock.cutoff(service))
    while queue:
        minutes, name = heapq.heappop(queue)
        if minutes > least[name]:
            continue
        service = by_id[name]
        done = minutes + ride_minutes(clock, service)
        for after, transfer in connections.sealed[service.id]:
            work = 0 if transfer is None else clock.timetable.operation_minutes(transfer)
            reach(after, done + work + clock.onward(service, after)[1])
        for after, dock in connections.opened[service.id]:
            reach(after, done + clock.timetable.operation_minutes(dock) + clock.cutoff(after))
    return least


def usd_onward(
    connections: Connections, target: str, *, gross_kg: int, pallets: int, full: bool
) -> Onward:
    """Least cost to ``target``: with every unit full (a share of it), or with units to oneself.

    Waits, and what is charged for them once they are longer than is free, count nothing; chartered
    departures are full.
    """
    clock = connections.clock
    scenario = clock.scenario

    def ride(service: Service) -> float:
        operations = clock.arrival_operations(service)
        by_kg = sum(by_kg_usd(scenario, service)) + sum(o.usd_per_kg for o in operations)
        if service.shared_by_kg:
            return gross_kg * (by_kg + service.charter_usd_per_slot)
        hours = ride_minutes(clock, service) / 60
        unit = linehaul_usd(clock, service) + running(scenario, service).usd_per_h * hours
        unit += sum(o.usd_per_unit for o in operations) + service.charter_usd_per_slot
        units = pallets / service.pallets_per_unit
        return gross_kg * by_kg + unit * (units if full else math.ceil(units))

    def work(operation: Operation) -> float:
        return gross_kg * operation.usd_per_kg

    unload = sum(gross_kg * o.usd_per_kg for o in connections.unloading(target))
    return Onward(connections, target, ride=ride, work=work, unload=unload)
