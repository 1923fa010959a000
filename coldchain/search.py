"""What a search over a set of consignments knows before it looks for their itineraries."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import accumulate

import numpy as np

from coldchain.admission import entered
from coldchain.carriages import NOTHING_SCARCE, Dating, Scarcity, sealed_work
from coldchain.chains import Chains, Choice
from coldchain.charges import packed_usd
from coldchain.clock import Clock, Ride
from coldchain.goods import Consignment, Packaging
from coldchain.network import Service
from coldchain.onward import Connections
from coldchain.prospects import Means, Outlook, Prospects
from coldchain.rides import RatedRide, Rates, RideBook
from coldchain.scenario import Scenario
from coldchain.timetable import DAY_MIN, minute

LONGEST_DAY_MIN = DAY_MIN + 60
"""The day on which clocks go back."""


Sought = Mapping[int, Collection[tuple[str, int]]]
"""Departures by consignment: a service, by id, and the minute."""


class Search:
    """Everything a search over one set of consignments needs, worked out once.

    ``limits`` off: any freshness will do, and slots do not run out; ``grace_d`` days are added to
    every deadline. ``hasty``: only the earliest ways are wanted. ``admission`` off: everybody may
    enter everywhere. ``again`` are services on demand and operations, by id, that an itinerary may
    come to more than once a day. ``means`` is what each may spend (whatever it costs, if left out).
    ``without`` are services nobody may ride, ``scarcity`` what may run out (worked out, if left
    out), ``sought`` departures that some may take besides, by consignment: what is worked out
    reckons with them. ``like`` is a search over these consignments and others, whose rides and
    their numbers it shares.

    Consignments that are barred from the same services are one *class*, a bit of their own in
    masks; a service barred for all is left out.
    """

    def __init__(
        self,
        scenario: Scenario,
        consignments: Sequence[Consignment],
        *,
        limits: bool = True,
        hasty: bool = False,
        grace_d: int = 0,
        admission: bool = True,
        again: frozenset[str] = frozenset(),
        means: Means | None = None,
        without: frozenset[str] = frozenset(),
        scarcity: Scarcity | None = None,
        sought: Sought | None = None,
        like: Search | None = None,
    ) -> None:
        self.scenario = scenario
        self.means = means or Means.unlimited(len(consignments))
        self.again = again
        self.consignments = tuple(consignments)
        self.limits = limits
        self.entry_class = [0] * len(self.consignments)
        """Bit of the class of each consignment; 0 if it is barred from nothing that is left."""
        self.barred: dict[str, int] = {}
        """Classes barred from a service, by its id; services open to all are not in it."""
        self.packagings = [scenario.packagings_for(c) for c in consignments]
        self.ready = [minute(c.ready_at) for c in consignments]
        self.due = [minute(c.due_at) + grace_d * DAY_MIN for c in consignments]
        self.allowed = [
            {p: scenario.life_allowed(c, p) if limits else math.inf for p in ps}
            for c, ps in zip(consignments, self.packagings, strict=True)
        ]
        self.setpoints = [
            tuple(scenario.setpoints_c.index(s) for s in scenario.setpoints_for(c))
            for c in consignments
        ]
        self.first = min(self.ready, default=0)
        self.last = max(self.due, default=0)
        if like is None:
            self.pace_of = _paces(self.consignments, self.packagings)
            paces = [scenario.pace(*key) for key in self.pace_of]
            self.rates = Rates(paces, scenario.setpoints_c)
            self.clock = Clock(scenario)
            self.book = RideBook(self.clock, self.rates, first=self.first, last=self.last)
        else:
            self.pace_of, self.book = like.pace_of, like.book
            self.clock, self.rates = like.clock, like.rates
        # Before they are packed, goods may be colder than anything later is.
        self._packed = [
            max(
                (
                    self.clock.perform(self.clock.packing_operations(c, rides_as), ready)
                    for rides_as in self.clock.equipment_from(c.origin)
                ),
                default=ready,
            )
            for c, ready in zip(self.consignments, self.ready, strict=True)
        ]
        self._tighten()
        allowed = [
            s
            for s in scenario.network
            if s.status in scenario.service_status and s.capacity_units > 0 and s.id not in without
        ]
        if admission:
            allowed = self._admitted(allowed)
        self._sought = sought or {}
        terms = [
            [packed_usd(scenario, c, p) for p in ps]
            for c, ps in zip(consignments, self.packagings, strict=True)
        ]
        self._packing_usd = np.array([min((t for t, _ in of), default=0.0) for of in terms])
        self._usd_per_min = np.array(
            [
                min(
                    (usd * self._slowest(c, p) for (_, usd), p in zip(of, ps, strict=True)),
                    default=0.0,
                )
                for c, of, ps in zip(consignments, terms, self.packagings, strict=True)
            ]
        )
        self.prospects = self._prospects(allowed)
        ridden = {name for departures in self._sought.values() for name, _ in departures}
        ridden |= self.prospects.ridden()
        of_use = [s for s in allowed if s.id in ridden]
        if len(of_use) < len(allowed):
            self.prospects = self._prospects(of_use)
        self.connections = self.prospects.connections
        if scarcity is None:
            scarcity = Scarcity(self._demand(), self._crowded()) if limits else NOTHING_SCARCE
        self.dating = Dating(
            self.book,
            connections=self.connections,
            prospects=self.prospects,
            first=self.first,
            last=self.last,
            barred=self.barred,
            scarcity=scarcity,
            hasty=hasty,
        )
        self._outlooks: dict[int, Mapping[str, Outlook]] = {}
        self._daily: dict[int, frozenset[tuple[str, date]]] = {}
        self.together = self._together()
        """Those each may share a unit with, a bit each, itself included."""

    def _admitted(self, services: Sequence[Service]) -> list[Service]:
        """Services somebody may ride; notes who may not ride which of them."""
        crossing = [s for s in services if entered(self.scenario.network, s) is not None]
        known: dict[tuple[str, str, str], frozenset[str]] = {}
        barred: list[frozenset[str]] = []
        for c in self.consignments:
            country = self.scenario.network.nodes[c.origin].country
            key = (c.commodity, country, c.treatment)
            if key not in known:
                known[key] = frozenset(s.id for s in crossing if not self.scenario.admits(c, s))
            barred.append(known[key])
        nobody = frozenset(s.id for s in crossing if all(s.id in b for b in barred))
        classes = dict.fromkeys(sorted({b - nobody for b in barred} - {frozenset()}, key=sorted), 0)
        for number, rest in enumerate(classes):
            classes[rest] = 1 << number
            for service in rest:
                self.barred[service] = self.barred.get(service, 0) | 1 << number
        self.entry_class = [classes.get(b - nobody, 0) for b in barred]
        return [s for s in services if s.id not in nobody]

    def _categories(self) -> dict[str, str]:
        """Category of all goods that start at an origin; empty if they are of several."""
        of_origin: dict[str, set[str]] = {}
        for c in self.consignments:
            of_origin.setdefault(c.origin, set()).add(
                self.scenario.perishable(c.commodity).category
            )
        return {
            origin: categories.pop() if len(categories) == 1 else ""
            for origin, categories in of_origin.items()
        }

    def _together(self) -> list[int]:
        """Who may share a unit with whom: asked once of all who are alike in it."""
        kinds = [
            (frozenset(self.scenario.setpoints_for(c)), frozenset(self.scenario.groups_of(c)))
            for c in self.consignments
        ]
        of_kind: dict[tuple[frozenset[float], frozenset[str]], int] = {}
        for k, kind in enumerate(kinds):
            of_kind[kind] = of_kind.get(kind, 0) | 1 << k
        mates = {
            mine: sum(
                them for other, them in of_kind.items() if mine[0] & other[0] and mine[1] & other[1]
            )
            for mine in of_kind
        }
        return [mates[kind] for kind in kinds]

    def _tighten(self) -> None:
        """Bring ``due`` forward to where even the coldest way has used up the life allowed."""
        for k, c in enumerate(self.consignments):
            latest = -math.inf
            for packaging, allowed in self.allowed[k].items():
                slowest = self._slowest(c, packaging)
                life = allowed - c.life_used_at_ready
                known = math.isfinite(life) and 0 < slowest < math.inf
                latest = max(latest, self._packed[k] + life / slowest if known else math.inf)
            if self.allowed[k] and latest < self.due[k]:
                self.due[k] = math.floor(latest)

    def _slowest(self, consignment: Consignment, packaging: Packaging) -> float:
        """Least life used by the minute in any air there is."""
        pace = self.scenario.pace(consignment.commodity, packaging)
        return min((pace.per_h(air) for air in pace.airs_c), default=0.0) / 60.0

    def _prospects(self, services: Sequence[Service]) -> Prospects:
        return Prospects(
            Connections(self.clock, services),
            self.consignments,
            ready=self.ready,
            packed=self._packed,
            due=self.due,
            means=self.means,
            packing_usd=self._packing_usd,
            usd_per_min=self._usd_per_min,
            barred={
                service: [k for k, mine in enumerate(self.entry_class) if mine & classes]
                for service, classes in self.barred.items()
            },
            categories=self._categories(),
        )

    def _demand(self) -> dict[str, int]:
        """The most units (kg for air) that all who could ride one departure would fill, each alone.

        By service; of one on demand, units of all who could leave on one day, once if it is not
        among those one itinerary may ride ``again``.
        """
        demand: dict[str, int] = {}
        for service in self.connections.services:
            # All who leave on one local day share the units of a service on demand.
            shared = LONGEST_DAY_MIN if service.on_demand else 0
            demand[service.id] = self._times(service.id) * _most_at_once(
                (
                    first,
                    last + shared,
                    self.consignments[k].gross_kg
                    if service.shared_by_kg
                    else self._units(k, service),
                )
                for k, (first, last) in self._could_ride(service).items()
            )
        return demand

    def _times(self, name: str) -> int:
        """The most often an itinerary comes to a service or an operation on one day.

        In one carriage it comes there once, for that comes to no node twice.
        """
        return self.scenario.max_cross_docks + 1 if name in self.again else 1

    def _could_ride(self, service: Service) -> dict[int, tuple[int, int]]:
        """Who could be delivered after a ride on ``service``: departures from, to."""
        p = self.prospects
        row = p.number[service.id]
        first, last = np.floor(p.earliest[row]), np.ceil(p.latest_departure[row])
        them = p.may[row] & (first <= last)
        windows = {k: (int(first[k]), int(last[k])) for k in np.flatnonzero(them).tolist()}
        for k, departures in self._sought.items():
            for name, at in departures:
                if name == service.id:
                    begin, end = windows.get(k, (at, at))
                    windows[k] = min(begin, at), max(end, at)
        return windows

    def _units(self, k: int, service: Service) -> int:
        """Units a consignment fills alone, where they are no larger than any they may be."""
        return -(-self.consignments[k].pallets // self._smallest[service.equipment])

    @cached_property
    def _smallest(self) -> dict[str, int]:
        """Fewest pallets in a unit, by equipment: a unit holds what its smallest leg does."""
        smallest: dict[str, int] = {}
        for service in self.connections.services:
            if not service.shared_by_kg:
                known = smallest.get(service.equipment, service.pallets_per_unit)
                smallest[service.equipment] = min(known, service.pallets_per_unit)
        return smallest

    def _crowded(self) -> frozenset[str]:
        """Operations for which all who could want them on one day exceed what they take."""
        wanted: dict[str, dict[int, int]] = {}
        takes: dict[str, int] = {}
        for service in self.connections.services:
            if service.shared_by_kg:
                continue
            for operation in sealed_work(self.connections, service):
                if operation.units_per_day is None:
                    continue
                takes[operation.id] = operation.units_per_day
                by = wanted.setdefault(operation.id, {})
                for k in self._could_ride(service):
                    by[k] = max(self._units(k, service), by.get(k, 0))
        return frozenset(
            operation
            for operation, by in wanted.items()
            if takes[operation]
            < self._times(operation)
            * _most_at_once(
                (self.ready[k], self.due[k] + LONGEST_DAY_MIN, units) for k, units in by.items()
            )
        )

    def counted_twice(self, links: Iterable[int]) -> set[str]:
        """Services and operations, by id, of which an itinerary takes two slots of one day."""
        once: set[tuple[str, date]] = set()
        twice: set[str] = set()
        for link in links:
            index = link // len(self.rates.setpoints_c)
            if index not in self._daily:
                self._daily[index] = daily_slots(self.clock, self.rides[index].ride)
            twice.update(name for name, _ in once & self._daily[index])
            once |= self._daily[index]
        return twice

    @property
    def rides(self) -> Sequence[RatedRide]:
        """All that are known, by number."""
        return self.book.rides

    def number(self, services: Sequence[Service], departures: Sequence[int]) -> int:
        """Number of the ride over ``services`` with these departures."""
        return self.book.number(services, departures)

    def chains(
        self, k: int, choices: Callable[[str, str, int], Sequence[Choice]], packaging: Packaging
    ) -> Chains:
        """The dated graph of the ``k``-th consignment, packed so, over ``choices``."""
        c = self.consignments[k]
        return Chains(
            self.dating,
            self.scenario,
            c,
            choices=choices,
            outlook=self.outlook(k),
            ready=self.ready[k],
            due=self.due[k],
            allowed=self.allowed[k][packaging],
            packaging=packaging,
            pace=self.pace_of[c.commodity, packaging],
            entry_class=self.entry_class[k],
        )

    def outlook(self, k: int) -> Mapping[str, Outlook]:
        """What is left to the ``k``-th consignment once its unit is opened, by service."""
        if k not in self._outlooks:
            self._outlooks[k] = self.prospects.outlook(k)
        return self._outlooks[k]

    def soonest(self, k: int) -> float:
        """Minute before which the ``k``-th consignment cannot be delivered; infinite if never.

        As if it might wait, and be opened, as long and as often as it liked.
        """
        c, clock, connections = self.consignments[k], self.clock, self.connections
        barred = {name for name, classes in self.barred.items() if classes & self.entry_class[k]}
        queue: list[tuple[int, str]] = []
        departs: dict[str, int] = {}

        def reach(service: Service, at: int) -> None:
            runs = self.dating.next_departures(service, at)
            if runs and service.id not in barred and runs[0] < departs.get(service.id, math.inf):
                departs[service.id] = runs[0]
                heapq.heappush(queue, (runs[0], service.id))

        for service in connections.leaving.get(c.origin, ()):
            operations = clock.packing_operations(c, service.rides_as)
            packed = clock.perform(operations, self.ready[k])
            reach(service, packed + clock.cutoff(service))
        unloading = clock.destination_operations(c)
        soonest = math.inf
        while queue:
            departed, name = heapq.heappop(queue)
            if departed > departs[name]:
                continue
            service = connections.services[connections.number[name]]
            at = clock.after_arrival(service, departed)
            if service.destination == c.destination:
                soonest = min(soonest, clock.perform(unloading, at))
            for after, _ in connections.sealed[name]:
                reach(after, clock.earliest_onward(service, after, at))
            for after, dock in connections.opened[name]:
                reach(after, clock.timetable.finish(dock, at) + clock.cutoff(after))
        return soonest

    def starts(self) -> set[str]:
        """Nodes at which a carriage may start: origins, and cross-docks."""
        return {c.origin for c in self.consignments} | {
            n.id for n in self.scenario.network.nodes.values() if n.cross_dock
        }


def _paces(
    consignments: Sequence[Consignment], packagings: Sequence[Sequence[Packaging]]
) -> dict[tuple[str, Packaging], int]:
    """Paces of the goods in every packaging they may have, numbered."""
    keys = {
        (c.commodity, packaging)
        for c, ways in zip(consignments, packagings, strict=True)
        for packaging in ways
    }
    return {key: number for number, key in enumerate(sorted(keys))}


def daily_slots(clock: Clock, ride: Ride) -> frozenset[tuple[str, date]]:
    """Slots of a day that ``ride`` takes: of services on demand, and of work counted by the day."""
    timetable = clock.timetable
    slots = {
        (service.id, timetable.local_day(service, leg.departs))
        for service, leg in zip(ride.services, ride.legs, strict=True)
        if service.on_demand
    }
    if not ride.services[0].shared_by_kg:
        slots |= {
            (s.operation.id, timetable.day_begun(s.operation, s.begins))
            for s in ride.stretches
            if s.operation is not None and s.operation.units_per_day is not None
        }
    return frozenset(slots)


def _most_at_once(wishes: Iterable[tuple[int, int, int]]) -> int:
    """The most that is wanted in any one minute; a wish is its first and last minute, and units."""
    changes: list[tuple[int, int]] = []
    for first, last, units in wishes:
        changes += [(first, units), (last + 1, -units)]
    return max(accumulate(units for _, units in sorted(changes)), default=0)
