"""What a leg, and a stop on the way, costs a sealed unit and the life of its goods.

Each is worked out once, for the comparisons of :mod:`coldchain.carriages`: money without the hours
of the unit, and life beyond that at the setpoint, which are the same for all who have waited for
each other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from coldchain.charges import (
    Running,
    by_kg_usd,
    linehaul_usd,
    plug_usd_per_min,
    running,
    stay_usd,
)
from coldchain.clock import Clock
from coldchain.network import Operation, Service, Trigger
from coldchain.onward import Connections, leg_price
from coldchain.rides import Rates


class Legs:
    """Terms of legs and stops, by service and node."""

    def __init__(self, clock: Clock, rates: Rates, connections: Connections) -> None:
        self.clock = clock
        self.rates = rates
        self.connections = connections
        self._leg: dict[str, tuple[float, tuple[float, ...]]] = {}
        self._price: dict[str, tuple[float, float]] = {}
        self._plug: dict[tuple[str, str], list[tuple[Operation, float]]] = {}
        self._hour: dict[str, Running] = {}
        self._lift: dict[tuple[str, str], list[Operation | None]] = {}

    def extra(self, operations: Iterable[Operation]) -> tuple[float, ...]:
        """Life beyond that at the setpoint which operations cost, per setpoint and pace."""
        total = [0.0] * (len(self.rates.setpoints_c) * self.rates.columns)
        for operation in operations:
            minutes = self.clock.timetable.operation_minutes(operation)
            exposed = min(60.0 * operation.exposed_h, minutes)
            if exposed:
                self.add(total, operation.air_c, exposed)
        return tuple(total)

    def add(self, total: list[float], air_c: Callable[[float], float], minutes: float) -> None:
        """Put ``minutes`` in air of ``air_c`` (of the setpoint) into :meth:`extra`'s ``total``."""
        n = self.rates.columns
        for number, setpoint in enumerate(self.rates.setpoints_c):
            warm, cold = self.rates.at(air_c(setpoint)), self.rates.at(setpoint)
            for column in range(n):
                known = warm[column] < math.inf and cold[column] < math.inf
                extra = (warm[column] - cold[column]) * minutes if known else math.inf
                total[number * n + column] += extra

    def terms(self, service: Service) -> tuple[float, tuple[float, ...]]:
        """Money and extra life of one leg with its arrival operations."""
        if service.id not in self._leg:
            arrival = self.clock.arrival_operations(service)
            usd = linehaul_usd(self.clock, service) + sum(o.usd_per_unit for o in arrival)
            # Money per kg is compared in the same currency: the price of a unit's full load.
            usd += service.payload_kg * (
                sum(by_kg_usd(self.clock.scenario, service)) + sum(o.usd_per_kg for o in arrival)
            )
            extra = list(self.extra(arrival))
            if service.temperature_c is not None:
                held = service.temperature_c
                self.add(extra, lambda _: held, float(self.clock.transit(service)))
            self._leg[service.id] = (usd, tuple(extra))
        return self._leg[service.id]

    def price(self, service: Service) -> tuple[float, float]:
        """:func:`coldchain.onward.leg_price`, worked out once."""
        if service.id not in self._price:
            self._price[service.id] = leg_price(self.clock, service)
        return self._price[service.id]

    def spare_usd(self, service: Service) -> float:
        """What of :meth:`terms` a departure may cost though nobody uses the slot."""
        if not service.min_paid_slots:
            return 0.0
        return service.slot_usd * (service.payload_kg if service.shared_by_kg else 1)

    def plugs(self, node: str, before: Service) -> list[tuple[Operation, float]]:
        """What a unit pays for waiting sealed at ``node``, each with its price per minute."""
        key = (node, before.id)
        if key not in self._plug:
            operations = self.clock.network.operations_at(node, Trigger.UNIT_STORAGE)
            self._plug[key] = [
                (o, plug_usd_per_min(o, before.payload_kg))
                for o in operations
                if o.takes(before.rides_as)
            ]
        return self._plug[key]

    def plug_usd(self, node: str, before: Service, minutes: int) -> float:
        """Price of waiting sealed at ``node`` for so long, per unit."""
        return sum(stay_usd(o, rate, minutes) for o, rate in self.plugs(node, before))

    def running(self, service: Service) -> Running:
        """What an hour of a unit costs on ``service``."""
        if service.id not in self._hour:
            self._hour[service.id] = running(self.clock.scenario, service)
        return self._hour[service.id]

    def lifts(self, node: str, before: Service) -> list[Operation | None]:
        """Sealed transfers a unit that came by ``before`` may wait for at ``node``."""
        key = (node, before.rides_as)
        if key not in self._lift:
            onward = self.connections.sealed[before.id]
            self._lift[key] = list({None if o is None else o.id: o for _, o in onward}.values())
        return self._lift[key]
