"""The audit's own clock: an itinerary's decisions in, what then happens out.

Written from docs/concepts.md, "Clock" and "Cold", and from nothing else: it shares no code with
the search, so that a mistake has to be made twice to go unseen. It is plain on purpose (opening
hours are found by asking minute after minute) and quick enough for the few itineraries chosen.
Rules do not speak here: a replay goes on whatever the decisions break.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from coldchain.audit.hours import delay, duration, minute_of, next_open, whole_minutes
from coldchain.audit.pulp import Air
from coldchain.audit.tasks import (
    air_in,
    arrive_operations,
    cross_dock,
    operations,
    origin_equipment,
    sealed_transfer,
    transit,
)
from coldchain.audit.treatment import in_transit, named
from coldchain.goods import Consignment
from coldchain.itinerary import Carriage, Itinerary, StepKind
from coldchain.network import Operation, Service, Trigger
from coldchain.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of the clock: what is done, and the airs the goods stand in meanwhile."""

    kind: StepKind
    node: str
    subject: str
    begins: int
    ends: int
    carriage: int = 0
    airs: tuple[Air, ...] = ()


class _Diary:
    """Writes stretches one after the other and keeps the time."""

    def __init__(self, scenario: Scenario, at: int, *, setpoint_c: float) -> None:
        self.scenario = scenario
        self.at = at
        self.setpoint_c = setpoint_c
        self.stretches: list[Stretch] = []

    def wait(self, until: int, *, node: str, subject: str) -> None:
        """Wait; no time passes where the plan leaves too early (the rules of the clock say so)."""
        if until > self.at:
            air = Air(hours=(until - self.at) / 60, air_c=self.setpoint_c)
            self._write(StepKind.WAIT, node, subject, self.at, until, (air,))

    def perform(self, tasks: Iterable[Operation]) -> int:
        for task in tasks:
            network = self.scenario.network
            begins = next_open(network, task, self.at)
            self.wait(begins, node=task.node, subject=task.id)
            minutes = duration(task.hours, quantile=self.scenario.quantile)
            late = delay(network, task.id, begins)
            self._write(
                StepKind.OPERATION,
                task.node,
                task.id,
                begins,
                begins + minutes + late,
                self._around(task, minutes / 60, late / 60),
            )
        return self.at

    def ride(self, service: Service, departs: int) -> int:
        self.wait(departs, node=service.origin, subject=service.id)
        minutes = transit(self.scenario, service, departs)
        held = self.setpoint_c if service.temperature_c is None else service.temperature_c
        self._write(
            StepKind.LEG,
            service.destination,
            service.id,
            departs,
            departs + minutes,
            (Air(hours=minutes / 60, air_c=held),),
        )
        return self.at

    def _around(self, task: Operation, hours: float, late_h: float) -> tuple[Air, ...]:
        """Airs around goods while ``task`` is done: outside first, then in the cold again.

        Of its own ``hours`` some pass outside; what it is delayed by does not.
        """
        outside = min(task.exposed_h, hours)
        return (
            Air(
                hours=outside,
                air_c=air_in(task, self.setpoint_c),
                half_cooling_h=task.half_cooling_h,
                humidity_pct=task.exposed_rh_pct,
            ),
            Air(
                hours=hours - outside + late_h,
                air_c=self.setpoint_c,
                half_cooling_h=task.half_cooling_h,
            ),
        )

    def _write(
        self,
        kind: StepKind,
        node: str,
        subject: str,
        begins: int,
        ends: int,
        airs: tuple[Air, ...],
    ) -> None:
        self.stretches.append(
            Stretch(
                kind=kind,
                node=node,
                subject=subject,
                begins=begins,
                ends=ends,
                airs=tuple(air for air in airs if air.hours > 0),
            )
        )
        self.at = ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """What happens to a sealed unit between two of its legs."""

    before: Service
    after: Service
    transfer: Operation | None
    ready: int
    departs: int
    cutoff: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ride:
    """One sealed load unit from stuffing to hand-over."""

    services: tuple[Service, ...]
    stuffed: int
    handed_over: int
    stops: tuple[Stop, ...]
    performed: tuple[Operation, ...]
    stretches: tuple[Stretch, ...]


def ride(scenario: Scenario, carriage: Carriage) -> Ride:
    """Take one load unit of ``carriage`` along its legs (rules 2, 3 and 4 of the clock)."""
    services = [scenario.network.services[leg.service] for leg in carriage.legs]
    stuffed = carriage.legs[0].departs - whole_minutes(services[0].cutoff_h)
    diary = _Diary(scenario, stuffed, setpoint_c=carriage.setpoint_c)
    stops: list[Stop] = []
    performed: list[Operation] = []
    for position, (leg, service) in enumerate(zip(carriage.legs, services, strict=True)):
        if position:
            before = services[position - 1]
            transfer = sealed_transfer(scenario, before, service)
            moved = (transfer,) if transfer else ()
            ready = diary.perform(moved)
            performed += moved
            # Where nobody moves the unit from one on-demand vehicle to the next, it is the same
            # vehicle, and there is no gate to be at in time.
            stays = _on_demand(before) and _on_demand(service) and not transfer
            stops.append(
                Stop(
                    before=before,
                    after=service,
                    transfer=transfer,
                    ready=ready,
                    departs=leg.departs,
                    cutoff=0 if stays else whole_minutes(service.cutoff_h),
                )
            )
        diary.ride(service, leg.departs)
        arrived = arrive_operations(scenario, service)
        diary.perform(arrived)
        performed += arrived
    return Ride(
        services=tuple(services),
        stuffed=stuffed,
        handed_over=diary.at,
        stops=tuple(stops),
        performed=tuple(performed),
        stretches=tuple(diary.stretches),
    )


def _on_demand(service: Service) -> bool:
    return not service.departure_times


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """An itinerary's clock, recomputed.

    ``available`` is when goods can be stuffed, by carriage; the first ``packing`` stretches are
    those at the origin until then.
    """

    rides: tuple[Ride, ...]
    available: tuple[int, ...]
    at_origin: tuple[Operation, ...]
    cross_docks: tuple[Operation | None, ...]
    at_destination: tuple[Operation, ...]
    delivered: int
    stretches: tuple[Stretch, ...]
    packing: int

    @property
    def performed(self) -> tuple[Operation, ...]:
        """Every operation the goods undergo."""
        docks = tuple(dock for dock in self.cross_docks if dock is not None)
        on_the_way = tuple(operation for ride in self.rides for operation in ride.performed)
        return (*self.at_origin, *on_the_way, *docks, *self.at_destination)


def replay(scenario: Scenario, consignment: Consignment, itinerary: Itinerary) -> Replay:
    """Take ``consignment`` along the decisions of ``itinerary``, whose services must exist."""
    rides = tuple(ride(scenario, carriage) for carriage in itinerary.carriages)
    first, last = rides[0].services[0], rides[-1].services[-1]
    category = scenario.perishables[consignment.commodity].category
    treatment = named(scenario, consignment, Trigger.ORIGIN)
    at_origin = (
        *operations(scenario, first.origin, Trigger.ORIGIN, category=category, treatment=treatment),
        *origin_equipment(scenario, first, category=category, treatment=treatment),
    )
    treatment = named(scenario, consignment, Trigger.DESTINATION)
    at_destination = operations(
        scenario, last.destination, Trigger.DESTINATION, category=category, treatment=treatment
    )
    stretches: list[Stretch] = []
    available: list[int] = []
    docks: list[Operation | None] = []
    at, tasks, packing = minute_of(consignment.ready_at), at_origin, 0
    for number, (one, carriage) in enumerate(zip(rides, itinerary.carriages, strict=True)):
        if number:
            dock = cross_dock(scenario, rides[number - 1].services[-1], one.services[0])
            docks.append(dock)
            tasks = (dock,) if dock else ()
        # From one hand-over to the next goods are at the setpoint of the carriage they go into.
        diary = _Diary(scenario, at, setpoint_c=carriage.setpoint_c)
        available.append(diary.perform(tasks))
        if not number:
            packing = len(diary.stretches)
        # Goods wait for their first departure, stuffed or not: one wait.
        diary.wait(
            carriage.legs[0].departs, node=one.services[0].origin, subject=one.services[0].id
        )
        stretches += _numbered([*diary.stretches, *_from_first_departure(one)], number)
        at = one.handed_over
    diary = _Diary(scenario, at, setpoint_c=itinerary.carriages[-1].setpoint_c)
    treating = in_transit(scenario, consignment)
    if treating is not None:
        # The unit stays shut until the treatment is over.
        over = rides[-1].stuffed + duration(treating.hours, quantile=scenario.quantile)
        diary.wait(over, node=last.destination, subject=treating.treatment)
    delivered = diary.perform(at_destination)
    stretches += _numbered(diary.stretches, len(rides) - 1)
    return Replay(
        rides=rides,
        available=tuple(available),
        at_origin=at_origin,
        cross_docks=tuple(docks),
        at_destination=at_destination,
        delivered=delivered,
        stretches=tuple(stretches),
        packing=packing,
    )


def _from_first_departure(one: Ride) -> Sequence[Stretch]:
    return one.stretches[1 if one.stretches[0].kind is StepKind.WAIT else 0 :]


def _numbered(stretches: Iterable[Stretch], carriage: int) -> list[Stretch]:
    return [replace(stretch, carriage=carriage) for stretch in stretches]
