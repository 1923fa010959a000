"""Pallets into numbered load units, and what each consignment pays and emits of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from coldchain.charges import (
    Charges,
    goods_charges,
    pallets_per_unit,
    rides_of,
    unit_charges,
    units_alone,
    unserved_usd,
)
from coldchain.charters import charter_usd
from coldchain.clock import Clock, Ride
from coldchain.emissions import Emissions, genset_kg_per_h, haulage_kg_per_kg
from coldchain.goods import Consignment
from coldchain.itinerary import Carriage, Itinerary
from coldchain.plan import LoadUnit
from coldchain.scenario import Scenario


def stow(scenario: Scenario, itineraries: Sequence[Itinerary]) -> tuple[LoadUnit, ...]:
    """Pallets into numbered load units: the fewest units, and few consignments split.

    Pallet places are alike, so any filling in a row needs no more units than pallets do; those
    that fill units alone go first, and the rest largest first, to split few.
    """
    by_carriage: dict[Carriage, list[Consignment]] = {}
    for itinerary in itineraries:
        for carriage in itinerary.carriages:
            by_carriage.setdefault(carriage, []).append(scenario.consignment(itinerary.consignment))
    units: list[LoadUnit] = []
    numbered: dict[str, int] = {}
    for carriage in sorted(by_carriage, key=lambda c: (c.legs, c.setpoint_c, c.stowage_group)):
        services = [scenario.network.services[leg.service] for leg in carriage.legs]
        capacity = pallets_per_unit(services)
        loads = by_carriage[carriage]
        prefix = "A" if not capacity else carriage.equipment[0]
        if not capacity:
            filled = [[(c.id, c.pallets) for c in loads]]
        else:
            filled = _fill([(c.id, c.pallets) for c in loads], capacity)
        for contents in filled:
            numbered[prefix] = numbered.get(prefix, 0) + 1
            units.append(
                LoadUnit(
                    id=f"{prefix}{numbered[prefix]:03d}",
                    carriage=carriage,
                    contents=tuple(contents),
                )
            )
    return tuple(units)


def _fill(loads: Sequence[tuple[str, int]], capacity: int) -> list[list[tuple[str, int]]]:
    """Loads in units of ``capacity``: whole where the fewest units allow it, split where not."""
    fewest = -(-sum(pallets for _, pallets in loads) // capacity)
    rest: list[tuple[str, int]] = []
    full: list[list[tuple[str, int]]] = []
    for name, pallets in sorted(loads, key=lambda load: (-load[1], load[0])):
        full.extend([(name, capacity)] for _ in range(pallets // capacity))
        if pallets % capacity:
            rest.append((name, pallets % capacity))
    rest.sort(key=lambda load: (-load[1], load[0]))
    open_units: list[list[tuple[str, int]]] = [[] for _ in range(fewest - len(full))]
    room = [capacity] * len(open_units)
    split: list[tuple[str, int]] = []
    for name, pallets in rest:
        # Best fit: the fullest unit that still takes it whole.
        fitting = [i for i, r in enumerate(room) if r >= pallets]
        if fitting:
            unit = min(fitting, key=lambda i: (room[i], i))
            open_units[unit].append((name, pallets))
            room[unit] -= pallets
        else:
            split.append((name, pallets))
    for name, pallets in split:
        left = pallets
        for unit in sorted(range(len(room)), key=lambda i: (-room[i], i)):
            part = min(left, room[unit])
            if part:
                open_units[unit].append((name, part))
                room[unit] -= part
                left -= part
        assert not left
    return [*full, *open_units]


def plan_charges(
    clock: Clock, itineraries: Sequence[Itinerary], units: Sequence[LoadUnit]
) -> dict[str, Charges]:
    """Charges per consignment: its own, and its share of each carriage's units and charters."""
    scenario = clock.scenario
    total = {i.consignment: goods_charges(clock, i) for i in itineraries}
    for ride, count, shares in _shared(clock, units):
        start = clock.origin_operations(ride.origin, ride.services[0].rides_as)
        cost = unit_charges(clock, ride, start) * count
        for name, share in shares.items():
            total[name] += cost * share
    for name, usd in charter_usd(scenario, units).items():
        total[name] += Charges(freight=usd)
    served = set(total)
    for c in scenario.consignments:
        if c.id not in served:
            total[c.id] = Charges(unserved=unserved_usd(scenario, c))
    return {c.id: total[c.id] for c in scenario.consignments}


def plan_emissions(
    clock: Clock, itineraries: Sequence[Itinerary], units: Sequence[LoadUnit]
) -> dict[str, Emissions]:
    """Emissions per consignment: its haulage, and its share of the gensets as of the charges."""
    total: dict[str, Emissions] = {}
    for itinerary in itineraries:
        c = clock.scenario.consignment(itinerary.consignment)
        rides = rides_of(clock, itinerary)
        hauled = sum(haulage_kg_per_kg(s) for ride in rides for s in ride.services)
        held_h = clock.hold(c, rides[-1]) / 60 * units_alone(c, rides[-1])
        total[c.id] = Emissions(
            transport_kg=hauled * c.gross_kg,
            genset_kg=genset_kg_per_h(rides[-1].services) * held_h,
        )
    for ride, count, shares in _shared(clock, units):
        kg = genset_kg_per_h(ride.services) * (ride.handed_over - ride.stuffed) / 60 * count
        for name, share in shares.items():
            total[name] += Emissions(genset_kg=kg * share)
    return total


def _shared(
    clock: Clock, units: Sequence[LoadUnit]
) -> Iterator[tuple[Ride, int, Mapping[str, float]]]:
    """Of each carriage its run, how many units it takes, and the share of each consignment."""
    by_carriage: dict[Carriage, list[LoadUnit]] = {}
    for unit in units:
        by_carriage.setdefault(unit.carriage, []).append(unit)
    services = clock.network.services
    for carriage in sorted(by_carriage, key=lambda c: (c.legs, c.setpoint_c, c.stowage_group)):
        ride = clock.ride(
            [services[leg.service] for leg in carriage.legs], [leg.departs for leg in carriage.legs]
        )
        pallets: dict[str, int] = {}
        for unit in by_carriage[carriage]:
            for name, count in unit.contents:
                pallets[name] = pallets.get(name, 0) + count
        whole = sum(pallets.values())
        shares = {name: count / whole for name, count in pallets.items()}
        yield ride, len(by_carriage[carriage]), shares
