"""What an itinerary and a load unit cost, by kind: docs/concepts.md, "Books"."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields

from coldchain.clock import Clock, Ride
from coldchain.goods import Consignment, Packaging
from coldchain.itinerary import Itinerary, StepKind
from coldchain.network import Network, Operation, Service, Trigger
from coldchain.scenario import Scenario
from coldchain.timetable import DAY_MIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Charges:
    """Money by kind (USD)."""

    freight: float = 0.0
    reefer: float = 0.0
    handling: float = 0.0
    storage: float = 0.0
    border: float = 0.0
    packaging: float = 0.0
    freshness: float = 0.0
    unserved: float = 0.0

    @property
    def total(self) -> float:
        return sum(getattr(self, f.name) for f in fields(self))

    @property
    def invoiced(self) -> float:
        """What somebody sends a bill for: everything but freshness lost and goods left behind."""
        return self.total - self.freshness - self.unserved

    def __add__(self, other: Charges) -> Charges:
        return Charges(
            **{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)}
        )

    def __mul__(self, factor: float) -> Charges:
        return Charges(**{f.name: getattr(self, f.name) * factor for f in fields(self)})


def operation_charge(operation: Operation, usd: float) -> Charges:
    """``usd`` under the kind the operation is charged as."""
    return Charges(**{operation.charge: usd})


def unit_charges(network: Network, ride: Ride, origin_operations: Iterable[Operation]) -> Charges:
    """What one load unit costs on ``ride``; ``origin_operations`` as done where it is stuffed."""
    total = Charges(
        freight=sum(s.linehaul_usd_per_unit for s in ride.services),
        reefer=max(s.reefer_usd_per_unit_h for s in ride.services)
        * (ride.handed_over - ride.stuffed)
        / 60,
    )
    if ride.services[0].shared_by_kg:
        return Charges()
    for operation in (*origin_operations, *ride.operations):
        if operation.usd_per_unit:
            total += operation_charge(operation, operation.usd_per_unit)
    payload_t = min(s.payload_kg for s in ride.services) / 1000
    for node, equipment, minutes in ride.plug_waits:
        for operation in network.operations_at(node, Trigger.UNIT_STORAGE):
            if operation.takes(equipment):
                usd = operation.usd_per_t_day * payload_t * minutes / DAY_MIN
                total += operation_charge(operation, usd)
    return total


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


def storage_usd_per_kg_min(network: Network, node: str) -> float:
    """Price of the cold store at ``node``, per gross kg and minute."""
    return sum(o.usd_per_t_day for o in network.operations_at(node, Trigger.GOODS_STORAGE)) / (
        1000 * DAY_MIN
    )


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


def hold_usd(clock: Clock, consignment: Consignment, ride: Ride) -> float:
    """Hire of the last units while they stay shut to complete a treatment in transit.

    Goods under treatment ride alone, so all of each unit is theirs.
    """
    minutes = clock.hold(consignment, ride)
    places = pallets_per_unit(ride.services)
    if not minutes or not places:
        return 0.0
    rate = max(s.reefer_usd_per_unit_h for s in ride.services)
    return rate * minutes / 60 * math.ceil(consignment.pallets / places)


def unserved_usd(scenario: Scenario, consignment: Consignment) -> float:
    """Price of leaving a consignment behind: its value, or the scenario's price if higher."""
    return max(consignment.value_usd, scenario.objective.unserved_usd_per_kg * consignment.net_kg)


def goods_charges(clock: Clock, itinerary: Itinerary) -> Charges:
    """What the consignment pays whoever shares its units."""
    scenario, network = clock.scenario, clock.network
    c = scenario.consignment(itinerary.consignment)
    services = [[network.services[leg.service] for leg in ca.legs] for ca in itinerary.carriages]
    rides = [
        clock.ride(s, [leg.departs for leg in ca.legs])
        for s, ca in zip(services, itinerary.carriages, strict=True)
    ]
    total = Charges()
    first = services[0][0]
    for operation in clock.packing_operations(c, first.rides_as):
        total += Charges(handling=operation.usd_per_kg * c.gross_kg)
    for position, ride in enumerate(rides):
        available = _available(itinerary, position, ride.stuffed)
        rate = storage_usd_per_kg_min(network, ride.origin)
        total += Charges(storage=rate * c.gross_kg * (ride.stuffed - available))
        total += Charges(freight=sum(s.linehaul_usd_per_kg for s in ride.services) * c.gross_kg)
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
        total += Charges(reefer=hold_usd(clock, c, rides[-1]))
    return total + Charges(
        packaging=packing_usd(scenario, c, itinerary.packaging),
        freshness=freshness_usd(scenario, c, itinerary.packaging, itinerary.life_reckoned),
    )


def _available(itinerary: Itinerary, position: int, stuffed: int) -> int:
    """When the goods of carriage ``position`` were available, from the steps."""
    waits = [
        s
        for s in itinerary.steps
        if s.carriage == position and s.kind is StepKind.WAIT and s.ends == stuffed
    ]
    first = itinerary.carriages[position].legs[0].service
    return min((s.begins for s in waits if s.subject == first), default=stuffed)
