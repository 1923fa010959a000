"""How little it takes to and from a service, timetable aside: what the search may cut by.

Services are the states: what can follow a service depends on the equipment it came on, sealed or
through a cross-dock. Values are shortest ways over these states, for many consignments (or
destinations) at once, so no itinerary beats them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coldchain.charges import by_kg_usd, linehaul_usd, running
from coldchain.clock import Clock
from coldchain.goods import Consignment
from coldchain.network import Operation, Service, Trigger

Floats = NDArray[np.float64]


class Connections:
    """Which service can follow which, and how."""

    def __init__(self, clock: Clock, services: Iterable[Service]) -> None:
        self.clock = clock
        self.services = tuple(services)
        self.number = {service.id: number for number, service in enumerate(self.services)}
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


@dataclass(frozen=True, slots=True)
class Weights:
    """What ways are weighed by, for N goods or targets at once.

    Attributes
    ----------
    ride : float64[services, N]
        Departure to the end of the arrival operations.
    stuffing : float64[services, N]
        Of a unit that starts with a service.
    sealed, opened : float64[pairs, N]
        Between two services, in the order of :class:`Connections`; ``stuffing`` is not in it.
    """

    ride: Floats
    stuffing: Floats
    sealed: Floats
    opened: Floats


@dataclass(frozen=True, slots=True)
class Least:
    """Least weight by service (rows), for each of N; infinite where there is no way.

    ``any``: sealed or opened. ``open``: the unit being opened where the service ends, or stuffed
    where it starts (that stuffing not counted).
    """

    any: Floats
    open: Floats


class Ways:
    """Shortest ways over the services of ``connections``."""

    def __init__(self, connections: Connections) -> None:
        number = connections.number
        self.sealed, self.opened = (
            np.array(
                [(number[b], number[s.id]) for b, after in pairs.items() for s, _ in after],
                dtype=np.int64,
            ).reshape(-1, 2)
            for pairs in (connections.sealed, connections.opened)
        )

    def onward(self, weights: Weights, unload: Floats) -> Least:
        """From the end of the arrival operations; ``unload`` is finite of services that may end."""
        sealed = _Pairs(self.sealed, into=0)
        opened = _Pairs(self.opened, into=0)
        least = unload.copy()
        while True:
            whole = weights.ride + least
            by_dock = np.minimum(
                unload, opened.least(weights.stuffing + whole, weights.opened, len(least))
            )
            better = np.minimum(by_dock, sealed.least(whole, weights.sealed, len(least)))
            if np.array_equal(better, least):
                return Least(least, by_dock)
            least = better

    def before(self, weights: Weights, start: Floats) -> Least:
        """Until the departure; ``start`` is finite of services goods may set out with."""
        sealed = _Pairs(self.sealed, into=1)
        opened = _Pairs(self.opened, into=1)
        least = start + weights.stuffing
        while True:
            whole = least + weights.ride
            stuffed = np.minimum(start, opened.least(whole, weights.opened, len(least)))
            better = np.minimum(
                stuffed + weights.stuffing, sealed.least(whole, weights.sealed, len(least))
            )
            if np.array_equal(better, least):
                return Least(least, stuffed)
            least = better


class _Pairs:
    """Pairs of services, grouped by the one of them (``into``) that values are wanted of."""

    def __init__(self, pairs: NDArray[np.int64], *, into: int) -> None:
        self._order = np.argsort(pairs[:, into], kind="stable")
        self._out_of = pairs[self._order, 1 - into]
        self._into, self._first = np.unique(pairs[self._order, into], return_index=True)

    def least(self, values: Floats, weights: Floats, rows: int) -> Floats:
        """Least value plus weight over the pairs of each service."""
        out = np.full((rows, values.shape[1]), math.inf)
        if len(self._order):
            sums = values[self._out_of] + weights[self._order]
            out[self._into] = np.minimum.reduceat(sums, self._first, axis=0)
        return out


# Minutes ----------------------------------------------------------------------------------------


def ride_minutes(clock: Clock, service: Service) -> int:
    """Fewest minutes from departure until the arrival operations are done."""
    operations = clock.arrival_operations(service)
    return clock.transit(service) + sum(clock.timetable.operation_minutes(o) for o in operations)


def minutes_onward(connections: Connections, targets: Sequence[str]) -> Least:
    """Fewest minutes to each target (columns) from the end of a service's arrival operations."""
    clock = connections.clock
    minutes = clock.timetable.operation_minutes
    unload = np.full((len(connections.services), len(targets)), math.inf)
    for column, target in enumerate(targets):
        work = sum(minutes(o) for o in connections.unloading(target))
        for row, service in enumerate(connections.services):
            if service.destination == target:
                unload[row, column] = work
    weights = _minutes(connections, lambda after: 0, lambda before, after: 0)
    return Ways(connections).onward(weights, unload)


def minutes_to_depart(connections: Connections, starts: Sequence[tuple[str, str]]) -> Floats:
    """Fewest minutes from ready until each service (rows) can depart with the goods.

    ``starts`` (columns) are origins, each with the category of its goods: blank if of several.
    """
    clock = connections.clock
    start = np.full((len(connections.services), len(starts)), math.inf)
    for column, (origin, category) in enumerate(starts):
        for service in connections.leaving.get(origin, ()):
            operations = clock.origin_operations(origin, service.rides_as, category=category)
            start[connections.number[service.id], column] = sum(
                clock.timetable.operation_minutes(o) for o in operations
            )
    weights = _minutes(
        connections, clock.cutoff, lambda before, after: clock.onward(before, after)[1]
    )
    return Ways(connections).before(weights, start).any


def _minutes(
    connections: Connections,
    stuffing: Callable[[Service], int],
    sealed: Callable[[Service, Service], int],
) -> Weights:
    clock, by_id = connections.clock, {s.id: s for s in connections.services}
    minutes = clock.timetable.operation_minutes

    def column(values: Iterable[float]) -> Floats:
        return np.array(list(values), dtype=np.float64).reshape(-1, 1)

    return Weights(
        ride=column(ride_minutes(clock, s) for s in connections.services),
        stuffing=column(map(stuffing, connections.services)),
        sealed=column(
            (0 if o is None else minutes(o)) + sealed(by_id[b], after)
            for b, pairs in connections.sealed.items()
            for after, o in pairs
        ),
        opened=column(minutes(o) for pairs in connections.opened.values() for _, o in pairs),
    )


# Money ------------------------------------------------------------------------------------------


class Tariff:
    """What services and the work between them cost consignments at least, in USD.

    ``usd_per_min`` is what each loses at least by the minute once packed. Waits, and what is
    charged for them once they are longer than is free, count nothing; chartered departures are
    full. A unit is priced as if it held what it holds on that leg.
    """

    def __init__(
        self,
        connections: Connections,
        consignments: Sequence[Consignment],
        usd_per_min: Floats,
    ) -> None:
        self.connections = connections
        self.consignments = tuple(consignments)
        self.usd_per_min = usd_per_min
        self.gross_kg = np.array([c.gross_kg for c in consignments], dtype=np.float64)
        self.pallets = np.array([c.pallets for c in consignments], dtype=np.float64)
        places = [0 if s.shared_by_kg else s.pallets_per_unit for s in connections.services]
        self._shares = self.pallets / np.array([p or math.inf for p in places])[:, None]
        self._ways = Ways(connections)

    def weights(self, *, full: bool) -> Weights:
        """Prices of everything: with every unit full (a share of it), or with whole ones alone."""
        connections, clock = self.connections, self.connections.clock
        services = connections.services
        units = self._shares if full else np.ceil(self._shares)
        number, by_id = connections.number, {s.id: s for s in services}

        def priced(rows: Sequence[int], terms: Sequence[Terms], units: Floats = units) -> Floats:
            unit, kg, minutes = np.array(terms, dtype=np.float64).reshape(-1, 3).T
            return (
                unit[:, None] * units[rows]
                + kg[:, None] * self.gross_kg
                + minutes[:, None] * self.usd_per_min
            )

        every = range(len(services))
        sealed = [(by_id[b], s, o) for b, pairs in connections.sealed.items() for s, o in pairs]
        opened = [(by_id[b], s, o) for b, pairs in connections.opened.items() for s, o in pairs]
        return Weights(
            ride=priced(every, [leg_terms(clock, s) for s in services]),
            stuffing=priced(every, [stuffing_terms(clock, s) for s in services]),
            sealed=priced(
                [number[b.id] for b, _, _ in sealed],
                [sealed_terms(clock, *pair) for pair in sealed],
            ),
            opened=priced(
                [number[by_share_of(b, s).id] for b, s, _ in opened],
                [dock_terms(clock, o) for _, _, o in opened],
                self._shares,
            ),
        )

    def onward(self, weights: Weights) -> Least:
        """Least cost from the end of a service's arrival operations until unloaded."""
        unload = np.full(self._shares.shape, math.inf)
        for column, c in enumerate(self.consignments):
            work = self.connections.unloading(c.destination)
            usd = sum(o.usd_per_kg for o in work) * c.gross_kg + self.usd_per_min[column] * sum(
                self.connections.clock.timetable.operation_minutes(o) for o in work
            )
            by_unit = sum(o.usd_per_unit for o in work)
            for row, service in enumerate(self.connections.services):
                if service.destination == c.destination:
                    unload[row, column] = usd + by_unit * self._shares[row, column]
        return self._ways.onward(weights, unload)

    def before(self, weights: Weights, packing_usd: Floats) -> Least:
        """Least cost until a service departs; ``packing_usd``: paid by each once it is packed."""
        start = np.full(self._shares.shape, math.inf)
        for column, c in enumerate(self.consignments):
            for service in self.connections.leaving.get(c.origin, ()):
                start[self.connections.number[service.id], column] = packing_usd[column]
        return self._ways.before(weights, start)


class Terms(NamedTuple):
    """Least of a piece of the way; chartered departures are full."""

    unit_usd: float
    kg_usd: float
    """By the gross kg."""
    minutes: float


def hour_usd(clock: Clock, service: Service) -> float:
    """What an hour of a unit costs on ``service``; nothing if it is shared by the kilogram."""
    return 0.0 if service.shared_by_kg else running(clock.scenario, service).usd_per_h


def leg_price(clock: Clock, service: Service) -> tuple[float, float]:
    """What one leg with its arrival operations costs a unit, but for its hours, and a gross kg."""
    operations = clock.arrival_operations(service)
    kg = sum(by_kg_usd(clock.scenario, service)) + sum(o.usd_per_kg for o in operations)
    charter = service.charter_usd_per_slot
    if service.shared_by_kg:
        return 0.0, kg + charter
    return linehaul_usd(clock, service) + sum(o.usd_per_unit for o in operations) + charter, kg


def leg_terms(clock: Clock, service: Service) -> Terms:
    """Of one leg with its arrival operations."""
    unit, kg = leg_price(clock, service)
    minutes = ride_minutes(clock, service)
    return Terms(unit + hour_usd(clock, service) * minutes / 60, kg, minutes)


def stuffing_terms(clock: Clock, service: Service) -> Terms:
    """Of a unit that starts with ``service``, until it departs."""
    wait = clock.cutoff(service)
    if service.shared_by_kg:
        return Terms(0.0, 0.0, wait)
    work = clock.origin_operations(service.origin, service.rides_as)
    usd = sum(o.usd_per_unit for o in work) + hour_usd(clock, service) * wait / 60
    return Terms(usd, 0.0, wait)


def sealed_terms(
    clock: Clock, before: Service, after: Service, transfer: Operation | None
) -> Terms:
    """Of going on sealed, until ``after`` departs; the unit's dearest hour counts throughout."""
    wait, usd = clock.onward(before, after)[1], 0.0
    if transfer is not None:
        wait += clock.timetable.operation_minutes(transfer)
        usd = transfer.usd_per_unit
    hour = max(hour_usd(clock, before), hour_usd(clock, after))
    return Terms(usd + hour * wait / 60, 0.0, wait)


def dock_terms(clock: Clock, dock: Operation) -> Terms:
    """Of a cross-dock: work by the pallet's share of a unit (:func:`by_share_of`)."""
    return Terms(dock.usd_per_unit, dock.usd_per_kg, clock.timetable.operation_minutes(dock))


def by_share_of(before: Service, after: Service) -> Service:
    """Whose unit a cross-dock is a share of: that goods came in, or off an aircraft go on in."""
    return after if before.shared_by_kg else before
