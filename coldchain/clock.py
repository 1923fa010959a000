"""The clock of goods and sealed units along services: docs/concepts.md, "Clock" and "Cold".

A :class:`Ride` is a dated run of one sealed unit, not yet at any setpoint; a carriage is a ride at
a setpoint and in a stowage group. Minutes since 1970-01-01T00:00Z throughout.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from coldchain.decay import Surroundings, merged
from coldchain.goods import Consignment, Packaging
from coldchain.itinerary import Carriage, Itinerary, Step, StepKind
from coldchain.network import Mode, Operation, Service, Trigger
from coldchain.scenario import Scenario
from coldchain.timetable import Departure, minute, minutes_of


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of a clock: an operation, a wait or a leg, before any setpoint is known.

    ``operation`` is the one done, ``held_c`` the temperature a leg is held at whatever the
    setpoint. The last ``delay`` minutes of an operation it would not take if nothing delayed it.
    """

    kind: StepKind
    node: str
    subject: str
    begins: int
    ends: int
    operation: Operation | None = None
    held_c: float | None = None
    delay: int = 0

    @property
    def exposed_h(self) -> float:
        """Hours in the air of the operation, of its own without a delay."""
        if self.operation is None:
            return 0.0
        return min(self.operation.exposed_h, (self.ends - self.begins - self.delay) / 60)

    def surroundings(self, setpoint_c: float) -> tuple[Surroundings, ...]:
        """Airs the goods stand in, in a unit at ``setpoint_c``: exposed first, then cooled."""
        hours = (self.ends - self.begins) / 60
        if not hours:
            return ()
        if self.held_c is not None:
            return (Surroundings(hours=hours, air_c=self.held_c),)
        if self.operation is None:
            return (Surroundings(hours=hours, air_c=setpoint_c),)
        fast = self.operation.half_cooling_h
        exposed = self.exposed_h
        out: list[Surroundings] = []
        if exposed:
            out.append(
                Surroundings(
                    hours=exposed,
                    air_c=self.operation.air_c(setpoint_c),
                    half_cooling_h=fast,
                    relative_humidity_pct=self.operation.exposed_rh_pct,
                )
            )
        if exposed < hours:
            out.append(Surroundings(hours=hours - exposed, air_c=setpoint_c, half_cooling_h=fast))
        return tuple(out)

    def step(self, carriage: int, setpoint_c: float) -> Step:
        """The stretch as a step of an itinerary's ``carriage``-th carriage."""
        return Step(
            kind=self.kind,
            node=self.node,
            subject=self.subject,
            begins=self.begins,
            ends=self.ends,
            carriage=carriage,
            surroundings=self.surroundings(setpoint_c),
        )


@dataclass(frozen=True, slots=True)
class Ride:
    """A sealed unit's dated run from stuffing to hand-over.

    ``stretches`` cover the clock without holes; ``operations`` are those done to the unit on the
    way, ``plug_waits`` the (node, equipment it came on, minutes) it waited sealed. ``idle`` are
    the minutes it was kept after each leg, until the next departure or the hand-over, without the
    time the operations there take themselves.
    """

    services: tuple[Service, ...]
    legs: tuple[Departure, ...]
    stuffed: int
    handed_over: int
    stretches: tuple[Stretch, ...]
    operations: tuple[Operation, ...]
    plug_waits: tuple[tuple[str, str, int], ...]
    idle: tuple[int, ...]

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

    def planned(
        self, operations: Iterable[Operation], *, category: str = "", treatment: str = ""
    ) -> tuple[Operation, ...]:
        """Those that a plan at the scenario's quantile reckons with.

        For goods of ``category`` that undergo ``treatment``; without them, what is done to all.
        """
        return tuple(
            o
            for o in operations
            if o.happens(self.scenario.quantile)
            and o.treatment in ("", treatment)
            and (not o.done_to or category in o.done_to)
        )

    def arrival_operations(self, service: Service) -> tuple[Operation, ...]:
        """What is done to a sealed unit that came in by ``service``, in the order of the file."""
        if service.id not in self._arrivals:
            self._arrivals[service.id] = self.planned(self.network.arrival_operations(service))
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
        """Fewest minutes from departure to arrival."""
        if service.id not in self._transit:
            self._transit[service.id] = self.timetable.transit_minutes(service)
        return self._transit[service.id]

    def after_arrival(self, service: Service, departs: int) -> int:
        """When a unit that left by ``service`` at ``departs`` has its arrival operations done."""
        at = self.timetable.arrival(service, departs)
        for operation in self.arrival_operations(service):
            at = self.timetable.finish(operation, at)
        return at

    def earliest_onward(self, before: Service, after: Service, at: int) -> int:
        """First minute ``after`` may depart when the operations of ``before`` end at ``at``."""
        transfer, cutoff = self.onward(before, after)
        if transfer is not None:
            at = self.timetable.finish(transfer, at)
        return at + cutoff

    def origin_operations(
        self, node: str, rides_as: str, *, category: str = "", treatment: str = ""
    ) -> tuple[Operation, ...]:
        """What is done where goods start, for a first carriage that ``rides_as``."""
        return self.planned(
            (
                *self.network.operations_at(node, Trigger.ORIGIN),
                *(
                    o
                    for o in self.network.operations_at(node, Trigger.ORIGIN_EQUIPMENT)
                    if o.takes("", rides_as)
                ),
            ),
            category=category,
            treatment=treatment,
        )

    def destination_operations(self, consignment: Consignment) -> tuple[Operation, ...]:
        """What is done to a consignment where it ends, its treatment included if due there."""
        operations = self.network.operations_at(consignment.destination, Trigger.DESTINATION)
        place = self.scenario.treated_at(consignment)
        return self.planned(
            operations,
            category=self.scenario.perishable(consignment.commodity).category,
            treatment=consignment.treatment if place is Trigger.DESTINATION else "",
        )

    def packing_operations(self, consignment: Consignment, rides_as: str) -> tuple[Operation, ...]:
        """What is done to a consignment before it is stuffed, treatment included if due then."""
        place = self.scenario.treated_at(consignment)
        return self.origin_operations(
            consignment.origin,
            rides_as,
            category=self.scenario.perishable(consignment.commodity).category,
            treatment=consignment.treatment if place is Trigger.ORIGIN else "",
        )

    def hold(self, consignment: Consignment, ride: Ride) -> int:
        """Minutes the last unit must be kept shut at its end to complete a treatment in transit."""
        treatment = self.scenario.treatment_in_transit(consignment)
        if treatment is None:
            return 0
        needed = self.timetable.operation_minutes(treatment)
        return max(0, needed - (ride.handed_over - ride.stuffed))

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
            ends = self.timetable.ends(operation, begins)
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
                        operation,
                        delay=ends - begins - self.timetable.operation_minutes(operation),
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
        idle: list[int] = []
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
                work = self._work((*self.arrival_operations(before), transfer))
                idle.append(departs - legs[-1].arrives - work)
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
        idle.append(at - legs[-1].arrives - self._work(self.arrival_operations(services[-1])))
        return Ride(
            services=tuple(services),
            legs=tuple(legs),
            stuffed=stuffed,
            handed_over=at,
            stretches=tuple(stretches),
            operations=tuple(operations),
            plug_waits=tuple(plug_waits),
            idle=tuple(idle),
        )

    def _work(self, operations: Iterable[Operation | None]) -> int:
        """Minutes ``operations`` take themselves."""
        return sum(self.timetable.operation_minutes(o) for o in operations if o is not None)

    def idle_on_arrival(self, service: Service, departs: int) -> int:
        """Minutes a unit that left at ``departs`` waits until its arrival operations are done.

        Queues there are waits.
        """
        work = self._work(self.arrival_operations(service))
        arrives = self.timetable.arrival(service, departs)
        return self.after_arrival(service, departs) - arrives - work

    def entered(
        self,
        services: Sequence[Service],
        departures: Sequence[int],
        arrivals: Sequence[int] | None = None,
    ) -> float:
        """Minute a sealed unit came into the country it is in, if it came by road and stayed on it.

        Infinite otherwise: no transit limit counts its hours. ``arrivals`` are those of the
        services, if they are others than the clock has.
        """
        nodes = self.network.nodes
        since = math.inf
        for at, (service, departs) in enumerate(zip(services, departures, strict=True)):
            if service.mode is not Mode.ROAD:
                since = math.inf
            elif nodes[service.origin].country != nodes[service.destination].country:
                since = arrivals[at] if arrivals else self.timetable.arrival(service, departs)
        return since

    def overstays(
        self,
        services: Sequence[Service],
        departures: Sequence[int],
        arrivals: Sequence[int] | None = None,
    ) -> bool:
        """Whether a sealed unit stays longer in a country it passes than this allows.

        From the arrival of the leg that enters it to the departure of the one that leaves it.
        ``arrivals`` are those of the services, if they are others than the clock has.
        """
        return any(
            departures[at] - self.entered(services[:at], departures[:at], arrivals) > limit
            for at, limit in self._leaving_limits(services)
        )

    def _leaving_limits(self, services: Sequence[Service]) -> Iterator[tuple[int, int]]:
        """Legs by road that leave a country with a transit limit, and the limit (minutes)."""
        limits, nodes = self.network.transit_limits_h, self.network.nodes
        for at, service in enumerate(services):
            country = nodes[service.origin].country
            crosses = country != nodes[service.destination].country
            if country in limits and crosses and service.mode is Mode.ROAD:
                yield at, minutes_of(limits[country])

    def has_store(self, node: str) -> bool:
        """Whether goods out of their unit can wait in the cold at ``node``."""
        return bool(self.network.operations_at(node, Trigger.GOODS_STORAGE))

    def longest_wait(self, node: str) -> int:
        """Minutes goods may wait for a departure at ``node``."""
        return self._waits[self.has_store(node)]

    @cached_property
    def longest_sealed_wait(self) -> int:
        """Minutes a sealed unit may wait, in all, for later departures than it could take."""
        return minutes_of(self.scenario.max_dwell_h)

    @cached_property
    def _waits(self) -> tuple[int, int]:
        return (
            minutes_of(self.scenario.max_dwell_without_store_h),
            minutes_of(self.scenario.max_dwell_h),
        )


Chain = Sequence[tuple[Ride, float]]
"""Rides of an itinerary in order, each with its setpoint (°C)."""


@dataclass(frozen=True, slots=True)
class Way:
    """The clock of an itinerary: the stretches of each carriage, and when the goods are there.

    ``packing`` are the stretches at the origin until the goods are available, ``rest`` all that
    follow, with the position of their carriage.
    """

    packing: tuple[Stretch, ...]
    rest: tuple[tuple[int, Stretch], ...]
    delivered: int


def way_of(clock: Clock, consignment: Consignment, chain: Chain) -> Way:
    """The clock of ``consignment`` over the rides of ``chain``."""
    packing: list[Stretch] = []
    rest: list[tuple[int, Stretch]] = []
    first = chain[0][0].services[0]
    operations = clock.packing_operations(consignment, first.rides_as)
    at = clock.perform(operations, minute(consignment.ready_at), packing)
    for position, (ride, _) in enumerate(chain):
        if ride.stuffed > at:
            wait = Stretch(StepKind.WAIT, ride.origin, ride.services[0].id, at, ride.stuffed)
            rest.append((position, wait))
        rest.extend((position, stretch) for stretch in ride.stretches)
        after, at = position, ride.handed_over
        if position + 1 < len(chain):
            onward = chain[position + 1][0].services[0]
            operation = clock.network.cross_dock(
                ride.destination, ride.services[-1].rides_as, onward.rides_as
            )
            assert operation is not None
            operations = (operation,)
            after = position + 1
        else:
            operations = clock.destination_operations(consignment)
            held = clock.hold(consignment, ride)
            if held:
                subject = consignment.treatment
                wait = Stretch(StepKind.WAIT, ride.destination, subject, at, at + held)
                rest.append((position, wait))
                at += held
        handled: list[Stretch] = []
        at = clock.perform(operations, at, handled)
        rest.extend((after, stretch) for stretch in handled)
    return Way(tuple(packing), tuple(rest), at)


def itinerary_of(
    clock: Clock,
    consignment: Consignment,
    chain: Chain,
    *,
    packaging: Packaging,
    stowage_group: str,
) -> Itinerary:
    """The itinerary of ``consignment`` over rides, its pulp followed door to door."""
    scenario, c = clock.scenario, consignment
    way = way_of(clock, c, chain)
    steps = [s.step(0, chain[0][1]) for s in way.packing]
    steps += [s.step(position, chain[position][1]) for position, s in way.rest]
    lots = scenario.lots(c.commodity, packaging)
    packing = [s for step in steps[: len(way.packing)] for s in step.surroundings]
    rest = [s for step in steps[len(way.packing) :] for s in step.surroundings]
    pace = scenario.pace(c.commodity, packaging)
    begin = pace.begin(packing, pulp_c=c.pulp_at_ready_c, unit_c=chain[0][1])
    reckoned = math.fsum(s.hours * pace.per_h(s.air_c) for s in rest)
    follow = partial(lots.pallet.trace, jumps_c=lots.jumps_c)
    airs, packed_c = merged(rest), (begin.outer_c, begin.core_c)
    if packing:
        trace = follow([*merged(packing), *airs], start_c=c.pulp_at_ready_c)
    else:
        trace = follow(airs, start_c=packed_c)
    warmest_c = float(follow(airs, start_c=packed_c).warmest_c[0])
    fate = lots.fate(trace, life_used_before=c.life_used_at_ready, retail_c=c.retail_c)
    return Itinerary(
        consignment=c.id,
        packaging=packaging,
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
        delivered=way.delivered,
        life_reckoned=c.life_used_at_ready + begin.life + begin.warmth + reckoned,
        life_used=fate.used_by(scenario.confidence),
        shelf_life_left_h=fate.left_at(scenario.confidence),
        shelf_life_left_p10_h=fate.left_at(0.9),
        shelf_life_left_p50_h=fate.left_at(0.5),
        shelf_life_left_p90_h=fate.left_at(0.1),
        sure=fate.share_with(c.shelf_life_required_h),
        limited_by=fate.limited_by,
        pulp_warmest_c=warmest_c,
        unconfirmed=tuple(
            entry.rule.id
            for entry in scenario.entries(c, (s for ride, _ in chain for s in ride.services))
            if entry.rule is not None and entry.assumed
        ),
    )
