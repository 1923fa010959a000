"""What an itinerary and a load unit cost, by kind: docs/concepts.md, "Books"."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from coldchain.clock import Clock, Ride
from coldchain.emissions import KG_PER_T, haulage_kg_per_kg
from coldchain.goods import Consignment, Packaging
from coldchain.itinerary import Itinerary, StepKind
from coldchain.network import Network, Operation, Service, Trigger
from coldchain.scenario import Scenario
from coldchain.timetable import DAY_MIN

NOT_INVOICED = ("freshness", "carbon", "unserved")
"""Kinds nobody sends a bill for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charges:
    """Money by kind (USD)."""

    freight: float = 0.0
    detention: float = 0.0
    reefer: float = 0.0
    genset: float = 0.0
    handling: float = 0.0
    storage: float = 0.0
    border: float = 0.0
    duty: float = 0.0
    vat: float = 0.0
    insurance: float = 0.0
    packaging: float = 0.0
    freshness: float = 0.0
    carbon: float = 0.0
    unserved: float = 0.0

    @property
    def total(self) -> float:
        return sum(getattr(self, f.name) for f in fields(self))

    @property
    def invoiced(self) -> float:
        """What somebody sends a bill for: not freshness lost, carbon priced, goods left behind."""
        return self.total - sum(getattr(self, kind) for kind in NOT_INVOICED)

    def __add__(self, other: Charges) -> Charges:
        return Charges(
            **{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)}
        )

    def __mul__(self, factor: float) -> Charges:
        return Charges(**{f.name: getattr(self, f.name) * factor for f in fields(self)})


# Load units -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Running:
    """What an hour of a load unit costs on a service (USD); of a carriage the dearest of each."""

    reefer: float
    genset: float
    carbon: float

    @property
    def usd_per_h(self) -> float:
        return self.reefer + self.genset + self.carbon

    def within(self, other: Running) -> bool:
        """Whether it is no dearer, whatever legs may follow both."""
        return (
            self.reefer <= other.reefer
            and self.genset <= other.genset
            and self.carbon <= other.carbon
        )

    def dearest(self, other: Running) -> Running:
        """The dearer of each."""
        return Running(
            max(self.reefer, other.reefer),
            max(self.genset, other.genset),
            max(self.carbon, other.carbon),
        )

    def charges(self, minutes: float) -> Charges:
        """Charges of so many minutes."""
        hours = minutes / 60
        return Charges(
            reefer=self.reefer * hours, genset=self.genset * hours, carbon=self.carbon * hours
        )


def running(scenario: Scenario, service: Service) -> Running:
    """Lease, diesel and carbon of a unit on ``service``, by the hour."""
    return Running(
        service.reefer_usd_per_unit_h,
        service.genset_l_per_h * scenario.prices.diesel_usd_per_l,
        service.genset_kgco2e_per_h * scenario.objective.carbon_usd_per_t / KG_PER_T,
    )


def _running(scenario: Scenario, services: Sequence[Service]) -> Running:
    rates = [running(scenario, s) for s in services]
    dearest = rates[0]
    for rate in rates[1:]:
        dearest = dearest.dearest(rate)
    return dearest


def linehaul_usd(clock: Clock, service: Service) -> float:
    """Freight of a unit on one leg: the price of the leg and of its hours of transit."""
    hourly = service.linehaul_usd_per_unit_h * clock.transit(service) / 60
    return service.linehaul_usd_per_unit + hourly


def by_kg_usd(scenario: Scenario, service: Service) -> tuple[float, float]:
    """What a gross kilogram pays on one leg: freight by the kg, and carbon of its haulage."""
    carbon = haulage_kg_per_kg(service) * scenario.objective.carbon_usd_per_t / KG_PER_T
    return service.linehaul_usd_per_kg, carbon


def detention_usd(service: Service, minutes: float) -> float:
    """Price of keeping a unit that came by ``service`` waiting so long: beyond its free hours."""
    charged = max(0.0, minutes - 60.0 * service.detention_free_h)
    return service.detention_usd_per_unit_h * charged / 60


def plug_usd_per_min(operation: Operation, payload_kg: float) -> float:
    """What a ``unit_storage`` operation takes of one unit per minute, once it takes anything."""
    return (operation.usd_per_unit_day + operation.usd_per_t_day * payload_kg / 1000) / DAY_MIN


def stay_usd(operation: Operation, usd_per_min: float, minutes: float) -> float:
    """Price of a stay of so many minutes: those beyond the free hours of ``operation``."""
    return usd_per_min * max(0.0, minutes - 60.0 * operation.free_h)


def unit_charges(clock: Clock, ride: Ride, origin_operations: Iterable[Operation]) -> Charges:
    """What one load unit costs on ``ride``; ``origin_operations`` as done where it is stuffed."""
    network, scenario = clock.network, clock.scenario
    if ride.services[0].shared_by_kg:
        return Charges()
    hire = _running(scenario, ride.services).charges(ride.handed_over - ride.stuffed)
    usd = {
        "freight": sum(linehaul_usd(clock, s) for s in ride.services),
        "detention": sum(map(detention_usd, ride.services, ride.idle)),
        "reefer": hire.reefer,
        "genset": hire.genset,
        "carbon": hire.carbon,
    }
    for operation in (*origin_operations, *ride.operations):
        kind = operation.charge
        usd[kind] = usd.get(kind, 0.0) + operation.usd_per_unit
    payload_kg = min(s.payload_kg for s in ride.services)
    for node, equipment, minutes in ride.plug_waits:
        for operation in network.operations_at(node, Trigger.UNIT_STORAGE):
            if operation.takes(equipment):
                stay = stay_usd(operation, plug_usd_per_min(operation, payload_kg), minutes)
                usd[operation.charge] = usd.get(operation.charge, 0.0) + stay
    return Charges(**usd)


def hold_charges(clock: Clock, ride: Ride, minutes: int) -> Charges:
    """What one last unit costs while it stays shut ``minutes`` longer to complete a treatment."""
    if not minutes or ride.services[0].shared_by_kg:
        return Charges()
    last, kept = ride.services[-1], ride.idle[-1]
    more = detention_usd(last, kept + minutes) - detention_usd(last, kept)
    return Charges(detention=more) + _running(clock.scenario, ride.services).charges(minutes)


def hold_usd(clock: Clock, consignment: Consignment, ride: Ride) -> float:
    """What the last units cost while they stay shut to complete a treatment in transit."""
    held = hold_charges(clock, ride, clock.hold(consignment, ride))
    return held.total * units_alone(consignment, ride)


def units_alone(consignment: Consignment, ride: Ride) -> int:
    """Load units the goods fill by themselves, as those under treatment in transit do."""
    places = pallets_per_unit(ride.services)
    return math.ceil(consignment.pallets / places) if places else 0


# Goods ------------------------------------------------------------------------------------------


def pallets_per_unit(services: Iterable[Service]) -> int:
    """Pallets one unit holds on these services; 0 if they are shared by the kilogram."""
    return min((s.pallets_per_unit for s in services if not s.shared_by_kg), default=0)


def handling_usd(
    operation: Operation, *, gross_kg: int, pallets: int, unit_in: int, unit_out: int
) -> float:
    """Price of an operation on opened goods: by the kilogram, and by the pallet's share of a unit.

    ``unit_in`` and ``unit_out`` are the pallets per unit the goods came in and go on in (0: by kg).
    """
    share = pallets / (unit_in or unit_out) if unit_in or unit_out else 0.0
    return operation.usd_per_kg * gross_kg + operation.usd_per_unit * share


@dataclass(frozen=True, slots=True)
class Store:
    """The cold store of a node.

    ``usd_per_kg_min`` is the price of one more minute for a gross kg, once nothing of it is free:
    no wait adds more. ``free`` are the (price, free minutes) it is made of, if any minutes are.
    """

    usd_per_kg_min: float
    free: tuple[tuple[float, float], ...]

    def usd_per_kg(self, minutes: float) -> float:
        """Price of a stay of so many minutes, for a gross kg."""
        if not self.free:
            return self.usd_per_kg_min * minutes
        return sum(rate * max(0.0, minutes - free) for rate, free in self.free)


def store_at(network: Network, node: str) -> Store:
    """The cold store at ``node``; without one, staying costs nothing."""
    stores = network.operations_at(node, Trigger.GOODS_STORAGE)
    terms = tuple((o.usd_per_t_day / (1000 * DAY_MIN), 60.0 * o.free_h) for o in stores)
    return Store(sum(rate for rate, _ in terms), terms if any(f for _, f in terms) else ())


def freshness_usd(
    scenario: Scenario, consignment: Consignment, packaging: Packaging, life_reckoned: float
) -> float:
    """Price of the shelf life lost to goods delivered with ``life_reckoned``.

    In days at the retail temperature: what the way uses from ``life_used_at_ready`` on, and what
    the packaging gives less than that in which the commodity keeps longest there.
    """
    keeps_h = scenario.pace(consignment.commodity, packaging).keeping_quality_h(
        consignment.retail_c
    )
    longest_h = scenario.longest_life_h(consignment.commodity, consignment.retail_c)
    ready = consignment.life_used_at_ready
    lost_h = (life_reckoned - ready) * keeps_h + (1.0 - ready) * (longest_h - keeps_h)
    return scenario.objective.freshness_usd_per_kg_d * consignment.net_kg * lost_h / 24


def packing_usd(scenario: Scenario, consignment: Consignment, packaging: Packaging) -> float:
    """Price of packing a consignment so, beyond its cartons."""
    return scenario.packaging[packaging].usd_per_kg * consignment.gross_kg


def least_packing_usd(scenario: Scenario, consignment: Consignment) -> float:
    """Price of the cheapest packaging the consignment may have: paid whichever way it goes."""
    ways = scenario.packagings_for(consignment)
    return min((packing_usd(scenario, consignment, way) for way in ways), default=0.0)


def packed_usd(
    scenario: Scenario, consignment: Consignment, packaging: Packaging
) -> tuple[float, float]:
    """What goods packed so pay whichever way they go, and for each unit of life used on it.

    Packaging beyond the cheapest they may have, and freshness that other packaging would give.
    """
    before = consignment.life_used_at_ready
    unused = freshness_usd(scenario, consignment, packaging, before)
    per_life = freshness_usd(scenario, consignment, packaging, 1.0 + before) - unused
    dearer = packing_usd(scenario, consignment, packaging)
    return dearer - least_packing_usd(scenario, consignment) + unused, per_life


def value_charges(scenario: Scenario, consignment: Consignment) -> Charges:
    """Duty, VAT and insurance: by the value of the goods, whichever way they go."""
    value = consignment.value_usd
    if not value:
        return Charges()
    insurance = value * scenario.prices.insurance_pct / 100
    terms = scenario.duty(consignment)
    if terms is None:
        return Charges(insurance=insurance)
    duty = value * terms.duty_pct / 100
    return Charges(duty=duty, vat=(value + duty) * terms.vat_pct / 100, insurance=insurance)


def unserved_usd(scenario: Scenario, consignment: Consignment) -> float:
    """Price of leaving a consignment behind: its value, or the scenario's price if higher."""
    return max(consignment.value_usd, scenario.objective.unserved_usd_per_kg * consignment.net_kg)


def goods_charges(clock: Clock, itinerary: Itinerary) -> Charges:
    """What the consignment pays whoever shares its units."""
    scenario, network = clock.scenario, clock.network
    c = scenario.consignment(itinerary.consignment)
    rides = rides_of(clock, itinerary)
    total = Charges()
    for operation in clock.packing_operations(c, rides[0].services[0].rides_as):
        total += Charges(handling=operation.usd_per_kg * c.gross_kg)
    for position, ride in enumerate(rides):
        stayed = ride.stuffed - _available(itinerary, position, ride.stuffed)
        stored = store_at(network, ride.origin).usd_per_kg(stayed)
        total += Charges(storage=stored * c.gross_kg)
        for service in ride.services:
            freight, carbon = (usd * c.gross_kg for usd in by_kg_usd(scenario, service))
            total += Charges(freight=freight, carbon=carbon)
        for operation in ride.operations:
            total += Charges(handling=operation.usd_per_kg * c.gross_kg)
        unit_in = pallets_per_unit(ride.services)
        if position + 1 < len(rides):
            onward = rides[position + 1].services
            operation = network.cross_dock(
                ride.destination, ride.services[-1].rides_as, onward[0].rides_as
            )
            assert operation is not None
            operations = (operation,)
            unit_out = pallets_per_unit(onward)
        else:
            operations = clock.destination_operations(c)
            unit_out = 0
        for operation in operations:
            usd = handling_usd(
                operation,
                gross_kg=c.gross_kg,
                pallets=c.pallets,
                unit_in=unit_in,
                unit_out=unit_out,
            )
            total += Charges(handling=usd)
    in_transit = scenario.treatment_in_transit(c)
    if in_transit is not None:
        total += Charges(handling=in_transit.usd_per_kg * c.gross_kg)
        held = hold_charges(clock, rides[-1], clock.hold(c, rides[-1]))
        total += held * units_alone(c, rides[-1])
    return (
        total
        + value_charges(scenario, c)
        + Charges(
            packaging=packing_usd(scenario, c, itinerary.packaging),
            freshness=freshness_usd(scenario, c, itinerary.packaging, itinerary.life_reckoned),
        )
    )


def rides_of(clock: Clock, itinerary: Itinerary) -> list[Ride]:
    """The run of a unit of each carriage."""
    services = clock.network.services
    return [
        clock.ride([services[leg.service] for leg in c.legs], [leg.departs for leg in c.legs])
        for c in itinerary.carriages
    ]


def _available(itinerary: Itinerary, position: int, stuffed: int) -> int:
    """When the goods of carriage ``position`` were available, from the steps."""
    waits = [
        s
        for s in itinerary.steps
        if s.carriage == position and s.kind is StepKind.WAIT and s.ends == stuffed
    ]
    first = itinerary.carriages[position].legs[0].service
    return min((s.begins for s in waits if s.subject == first), default=stuffed)
