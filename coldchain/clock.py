"""The clock of goods and sealed units along services: docs/concepts.md, "Clock" and "Cold".

A :class:`Ride` is a dated run of one sealed unit, not yet at any setpoint; a carriage is a ride at
a setpoint and in a stowage group. Minutes since 1970-01-01T00:00Z throughout.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from coldchain.decay import Exposure
from coldchain.goods import Consignment
from coldchain.itinerary import Carriage, Itinerary, Step, StepKind
from coldchain.network import Operation, Service, Trigger
from coldchain.scenario import Scenario
from coldchain.timetable import Departure, minute, minutes_of


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of a clock: an operation, a wait or a leg, before any setpoint is known."""

    kind: StepKind
    node: str
    subject: str
    begins: int
    ends: int
    exposed_h: float = 0.0
    exposed_c: float = 0.0
    held_c: float | None = None

    def exposures(self, setpoint_c: float) -> tuple[Exposure, ...]:
        """Temperatures of the stretch for goods at ``setpoint_c``."""
        hours = (self.ends - self.begins) / 60
        if self.held_c is not None:
            return (Exposure(hours=hours, temperature_c=self.held_c),)
        exposed = min(self.exposed_h, hours)
        if not exposed:
            return (Exposure(hours=hours, temperature_c=setpoint_c),) if hours else ()
        warm = Exposure(hours=exposed, temperature_c=self.exposed_c)
        if exposed == hours:
            return (warm,)
        return (warm, Exposure(hours=hours - exposed, temperature_c=setpoint_c))

    def step(self, carriage: int, setpoint_c: float) -> Step:
        """The stretch as a step of an itinerary's ``carriage``-th carriage."""
        return Step(
            kind=self.kind,
            node=self.node,
            subject=self.subject,
            begins=self.begins,
            ends=self.ends,
            carriage=carriage,
            exposures=self.exposures(setpoint_c),
        )


@dataclass(frozen=True, slots=True)
class Ride:
    """A sealed unit's dated run from stuffing to hand-over.

    ``stretches`` cover the clock without holes; ``operations`` are those done to the unit on the
    way, ``plug_waits`` the (node, equipment it came on, minutes) it waited sealed.
    """

    services: tuple[Service, ...]
    legs: tuple[Departure, ...]
    stuffed: int
    handed_over: int
    stretches: tuple[Stretch, ...]
    operations: tuple[Operation, ...]
    plug_waits: tuple[tuple[str, str, int], ...]

    @property
    def origin(self) -> str:
        return self.services[0].origin

    @property
    def destination(self) -> str:
        return self.services[-1].destination


class Clock:
    """Runs goods and units through a scenario's network at its quantile."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.network = scenario.network
        self.timetable = scenario.timetable
        self._arrivals: dict[str, tuple[Operation, ...]] = {}
        self._onward: dict[tuple[str, str], tuple[Operation | None, int]] = {}
        self._transit: dict[str, int] = {}

    def planned(self, operations: Iterable[Operation]) -> tuple[Operation, ...]:
        """Those that a plan at the scenario's quantile reckons with."""
        return tuple(o for o in operations if o.happens(self.scenario.quantile))

    def arrival_operations(self, service: Service) -> tuple[Operation, ...]:
        """What is done to a sealed unit that came in by ``service``, in the order of the file."""
        if service.id not in self._arrivals:
            country = self.network.nodes[service.origin].country
            self._arrivals[service.id] = (
                ()
                if service.border_included
                else tuple(
                    o
                    for o in self.planned(
                        self.network.operations_at(service.destination, Trigger.ARRIVE)
                    )
                    if o.takes(service.rides_as) and o.from_country in ("any", country)
                )
            )
        return self._arrivals[service.id]

    def onward(self, before: Service, after: Service) -> tuple[Operation | None, int]:
        """Sealed transfer between two legs, if listed, and the cut-off to keep (minutes)."""
        key = (before.id, after.id)
        if key not in self._onward:
            transfer = self.network.sealed_transfer(after.origin, before, after)
            same_vehicle = before.on_demand and after.on_demand and transfer is None
            self._onward[key] = (transfer, 0 if same_vehicle else self.cutoff(after))
        return self._onward[key]

    def cutoff(self, service: Service) -> int:
        """Minutes before departure by which goods or unit must be there."""
        return minutes_of(service.cutoff_h)

    def transit(self, service: Service) -> int:
        """Minutes from departure to arrival."""
        if service.id not in self._transit:
            self._transit[service.id] = self.timetable.transit_minutes(service)
        return self._transit[service.id]

    def after_arrival(self, service: Service, departs: int) -> int:
        """When a unit that left by ``service`` at ``departs`` has its arrival operations done."""
        at = departs + self.transit(service)
        for operation in self.arrival_operations(service):
            at = self.timetable.finish(operation, at)
        return at

    def earliest_onward(self, before: Service, after: Service, at: int) -> int:
        """First minute ``after`` may depart when the operations of ``before`` end at ``at``."""
        transfer, cutoff = self.onward(before, after)
        if transfer is not None:
            at = self.timetable.finish(transfer, at)
        return at + cutoff

    def origin_operations(self, node: str, rides_as: str) -> tuple[Operation, ...]:
        """What is done where goods start, for a first carriage that ``rides_as``."""
        return self.planned(
            (
                *self.network.operations_at(node, Trigger.ORIGIN),
                *(
                    o
                    for o in self.network.operations_at(node, Trigger.ORIGIN_EQUIPMENT)
                    if o.takes("", rides_as)
                ),
            )
        )

    def equipment_from(self, node: str) -> list[str]:
        """Equipment goods can leave ``node`` by, in the words of the operations table."""
        allowed = self.scenario.service_status
        services = self.network.services_from(node)
        return sorted({s.rides_as for s in services if s.status in allowed})

    def perform(
        self, operations: Iterable[Operation], at: int, into: list[Stretch] | None = None
    ) -> int:
        """Run ``operations`` one after the other from ``at``; the stretches go ``into`` a list."""
        for operation in operations:
            begins = self.timetable.next_open(operation, at)
            ends = begins + self.timetable.operation_minutes(operation)
            if into is not None:
                if begins > at:
                    into.append(Stretch(StepKind.WAIT, operation.node, operation.id, at, begins))
                into.append(
                    Stretch(
                        StepKind.OPERATION,
                        operation.node,
                        operation.id,
                        begins,
                        ends,
                        operation.exposed_h,
                        operation.exposed_c,
                    )
                )
            at = ends
        return at

    def ride(self, services: Sequence[Service], departures: Sequence[int]) -> Ride:
        """The sealed run of one unit; ``departures`` must be reachable, which is not checked."""
        stuffed = departures[0] - self.cutoff(services[0])
        stretches: list[Stretch] = []
        operations: list[Operation] = []
        plug_waits: list[tuple[str, str, int]] = []
        legs: list[Departure] = []
        at = stuffed
        for position, (service, departs) in enumerate(zip(services, departures, strict=True)):
            if position:
                before = services[position - 1]
                transfer, _ = self.onward(before, service)
                if transfer is not None:
                    operations.append(transfer)
                    at = self.perform((transfer,), at, stretches)
                if departs > at:
                    plug_waits.append((service.origin, before.rides_as, departs - at))
            if departs > at:
                stretches.append(Stretch(StepKind.WAIT, service.origin, service.id, at, departs))
            leg = self.timetable.departure(service, departs)
            legs.append(leg)
            stretches.append(
                Stretch(
                    StepKind.LEG,
                    service.destination,
                    service.id,
                    departs,
                    leg.arrives,
                    held_c=service.temperature_c,
                )
            )
            arrival = self.arrival_operations(service)
            operations.extend(arrival)
            at = self.perform(arrival, leg.arrives, stretches)
        return Ride(
            services=tuple(services),
            legs=tuple(legs),
            stuffed=stuffed,
            handed_over=at,
            stretches=tuple(stretches),
            operations=tuple(operations),
            plug_waits=tuple(plug_waits),
        )

    def has_store(self, node: str) -> bool:
        """Whether goods out of their unit can wait in the cold at ``node``."""
        return bool(self.network.operations_at(node, Trigger.GOODS_STORAGE))

    def longest_wait(self, node: str) -> int:
        """Minutes goods may wait for a departure at ``node``."""
        return self._waits[self.has_store(node)]

    @cached_property
    def _waits(self) -> tuple[int, int]:
        return (
            minutes_of(self.scenario.max_dwell_without_store_h),
            minutes_of(self.scenario.max_dwell_h),
        )


def itinerary_of(
    clock: Clock,
    consignment: Consignment,
    chain: Sequence[tuple[Ride, float]],
    stowage_group: str,
) -> Itinerary:
    """The itinerary of ``consignment`` over rides, each at its setpoint (°C)."""
    scenario = clock.scenario
    ready = minute(consignment.ready_at)
    steps: list[Step] = []

    def add(stretches: Sequence[Stretch], carriage: int) -> None:
        steps.extend(s.step(carriage, chain[carriage][1]) for s in stretches)

    first = chain[0][0].services[0]
    before: list[Stretch] = []
    at = clock.perform(clock.origin_operations(first.origin, first.rides_as), ready, before)
    for position, (ride, _) in enumerate(chain):
        add(before, position)
        if ride.stuffed > at:
            add(
                [Stretch(StepKind.WAIT, ride.origin, ride.services[0].id, at, ride.stuffed)],
                position,
            )
        add(ride.stretches, position)
        before = []
        if position + 1 < len(chain):
            onward = chain[position + 1][0].services[0]
            operation = clock.network.cross_dock(
                ride.destination, ride.services[-1].rides_as, onward.rides_as
            )
            assert operation is not None
            operations = (operation,)
        else:
            operations = clock.planned(
                clock.network.operations_at(ride.destination, Trigger.DESTINATION)
            )
        at = clock.perform(operations, ride.handed_over, before)
    add(before, len(chain) - 1)
    law = scenario.law(consignment.commodity, consignment.packaging)
    used = consignment.life_used_at_ready + law.life_used(e for s in steps for e in s.exposures)
    return Itinerary(
        consignment=consignment.id,
        carriages=tuple(
            Carriage(
                legs=ride.legs,
                equipment=ride.services[0].equipment,
                setpoint_c=setpoint,
                stowage_group=stowage_group,
            )
            for ride, setpoint in chain
        ),
        steps=tuple(steps),
        delivered=at,
        life_used=used,
        shelf_life_left_h=(1.0 - used) * law.keeping_quality_h(consignment.retail_c),
    )
