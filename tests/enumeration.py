"""The oracle: every itinerary there is, leg by leg, without a cut; and the best joint choice.

It shares durations and local days with :mod:`coldchain.timetable` and nothing else: the rules are
those of docs/concepts.md, written down once more as plainly as they go, minute after minute.
Only for small networks – nothing is dropped because something else is better.

Scheduled services: every departure within the horizon. On-demand services: a carriage leaves at
each minute at which any consignment's goods become available there (worked out to a fixpoint), or
just in time – for the first scheduled departure of its own path, or for that of a carriage to
follow where goods cannot wait in a cold store. Further on-demand legs go on at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from zoneinfo import ZoneInfo

from coldchain.goods import Consignment
from coldchain.network import Operation, Service, Trigger
from coldchain.scenario import Scenario
from coldchain.selection import SelectionProblem
from coldchain.timetable import local_time, minute, minutes_of, moment

Air = float | Operation | None
"""A temperature; that of the setpoint if None, and what a unit shut in an operation drifts to."""

Spans = tuple[tuple[Air, int], ...]
"""Minutes in an air."""


def air_c(air: Air, setpoint_c: float) -> float:
    """Temperature of ``air`` around goods in a unit at ``setpoint_c``."""
    if not isinstance(air, Operation):
        return setpoint_c if air is None else air
    assert air.warming_per_h is not None
    return air.exposed_c + (setpoint_c - air.exposed_c) * math.exp(
        -air.warming_per_h * air.exposed_h
    )


@dataclass(frozen=True)
class Sealed:
    """A unit from stuffing to hand-over, and what it costs."""

    services: tuple[Service, ...]
    departs: tuple[int, ...]
    stuffed: int
    handed_over: int
    spans: Spans
    unit_usd: float
    kg_usd: float
    kept: int
    """Minutes it waited at its end, operations not counted."""
    counted: tuple[tuple[Operation, date], ...] = ()
    """Operations that take so many units a day, and the local day they begin on."""

    @property
    def name(self) -> tuple[tuple[str, int], ...]:
        return tuple((s.id, d) for s, d in zip(self.services, self.departs, strict=True))

    @property
    def nodes(self) -> list[str]:
        return [self.services[0].origin, *(s.destination for s in self.services)]

    def better(self, other: Sealed) -> bool:
        """Whether it leaves no sooner, comes no later and costs no more, from and to the same."""
        one, two = (
            (-u.stuffed, u.handed_over, u.unit_usd, u.kg_usd, -u.pallets) for u in (self, other)
        )
        ends = [
            (u.nodes[0], u.services[0].rides_as, u.nodes[-1], u.services[-1].rides_as)
            for u in (self, other)
        ]
        alike = ends[0] == ends[1] and all(x <= y for x, y in zip(one, two, strict=True))
        return alike and (one != two or self.name < other.name)

    @property
    def pallets(self) -> int:
        """Pallets to the unit; 0 by air."""
        if self.services[0].shared_by_kg:
            return 0
        return min(s.pallets_per_unit for s in self.services)


@dataclass(frozen=True)
class Way:
    """An itinerary of one consignment."""

    consignment: str
    sealed: tuple[Sealed, ...]
    setpoints: tuple[float, ...]
    delivered: int
    life_used: float
    own_usd: float
    instants: tuple[tuple[str, str, int], ...]
    """(node, equipment to go on by, minute) at which the goods became available."""

    def units_usd(self, units: Callable[[Sealed], float]) -> float:
        """Price of the load units, ``units`` of each."""
        return sum(unit.unit_usd * units(unit) for unit in self.sealed if unit.pallets)

    def cost_usd(self, carried: Consignment, *, full: bool) -> float:
        """Cost with every unit full (a share of it), or with units to itself; no charters."""

        def units(unit: Sealed) -> float:
            share = carried.pallets / unit.pallets
            return share if full else math.ceil(share)

        return self.own_usd + self.units_usd(units)

    @property
    def name(self) -> tuple[tuple[tuple[tuple[str, int], ...], float], ...]:
        return tuple((s.name, t) for s, t in zip(self.sealed, self.setpoints, strict=True))


class Oracle:
    """All ways of all consignments of ``scenario``.

    ``limits`` off: deadlines are ``grace_d`` days later and any freshness will do. ``admission``
    off: everybody may enter everywhere.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        limits: bool = True,
        grace_d: float = 0.0,
        admission: bool = True,
    ) -> None:
        self.admission = admission
        self.scenario = scenario
        self.network = scenario.network
        self.timetable = scenario.timetable
        self.limits = limits
        self.grace = round(grace_d * 1440)
        self.services = [s for s in scenario.network if s.status in scenario.service_status]
        self.first = min(minute(c.ready_at) for c in scenario.consignments)
        self.last = max(minute(c.due_at) for c in scenario.consignments) + self.grace
        self._begins: dict[tuple[str, int], int] = {}
        self._leaves: dict[tuple[str, int], bool] = {}
        self._runs: dict[str, list[int]] = {}

    @cached_property
    def ways(self) -> dict[str, list[Way]]:
        """Ways by consignment, with the instants closed."""
        instants = {
            (c.origin, rides_as, self.at_origin(c, rides_as)[0])
            for c in self.scenario.consignments
            for rides_as in self.equipment_from(c.origin)
        }
        while True:
            sealed = self.all_sealed(instants)
            reached: set[tuple[str, str, int]] = set()
            found = {
                c.id: list(self.ways_of(c, sealed, reached)) for c in self.scenario.consignments
            }
            if reached <= instants:
                return found
            instants |= reached

    def ways_by_rule(self) -> dict[str, list[Way]]:
        """Those of :attr:`ways` on which nobody waits for a truck for want of company.

        A unit that needs no scheduled departure leaves at the instant its goods become available,
        or somebody else's who rides it from there: one they may share a unit with, or anybody if
        the departure is chartered. Nobody becomes available off a unit that is worse than another.
        Nor does anybody let a scheduled departure go for a later one that nobody else could ride,
        if there is room for all on both.
        """
        goods = {c.id: c for c in self.scenario.consignments}
        units = {unit for ways in self.ways.values() for way in ways for unit in way.sealed}
        worse = {unit for unit in units if any(other.better(unit) for other in units)}
        left = {
            name: [(way, *self.left_at(way)) for way in ways if not self.lets_go(name, way)]
            for name, ways in self.ways.items()
        }
        owners: dict[Sealed, set[str]] = {}

        def met(name: str, unit: Sealed) -> bool:
            chartered = any(s.chartered for s in unit.services)
            return any(
                other != name and (chartered or self.may_share(goods[other], goods[name]))
                for other in owners.get(unit, ())
            )

        while True:
            known = sum(map(len, owners.values()))
            obeying: dict[str, list[Way]] = {}
            for name, ways in left.items():
                kept = [one for one in ways if all(met(name, unit) for unit in one[2])]
                obeying[name] = [way for way, _, _ in kept]
                for way, own, _ in kept:
                    if worse.isdisjoint(way.sealed):
                        for unit in own:
                            owners.setdefault(unit, set()).add(name)
            if sum(map(len, owners.values())) == known:
                return obeying

    def lets_go(self, name: str, way: Way) -> bool:
        """Whether ``way`` lets a scheduled departure go, for one nobody else rides, for nothing."""
        riding = [c for c in self.scenario.consignments if self.ways[c.id]]
        shared = {u for c in riding if c.id != name for w in self.ways[c.id] for u in w.sealed}
        kg, pallets = (sum(getattr(c, of) for c in riding) for of in ("gross_kg", "pallets"))
        for position, unit in enumerate(way.sealed):
            room = all(
                s.capacity_units >= (kg if s.shared_by_kg else pallets) and not s.chartered
                for s in unit.services
            )
            if not room or unit in shared or all(s.on_demand for s in unit.services):
                continue
            for other in self.ways[name]:
                if (
                    len(other.sealed) > position
                    and other.sealed[:position] == way.sealed[:position]
                    and other.sealed[position].services == unit.services
                    and other.sealed[position].departs[-1] < unit.departs[-1]
                ):
                    return True
        return False

    def left_at(self, way: Way) -> tuple[list[Sealed], list[Sealed]]:
        """Units of ``way`` that leave at its own instants, and those it waits for.

        Without those that need a scheduled departure.
        """
        own: list[Sealed] = []
        waiting: list[Sealed] = []
        for unit, (_, _, at) in zip(way.sealed, way.instants, strict=True):
            head = unit.services[0]
            if all(s.on_demand for s in unit.services):
                first = self.leaves(head, at + minutes_of(head.cutoff_h))
                (own if first == unit.departs[0] else waiting).append(unit)
        return own, waiting

    def may_share(self, a: Consignment, b: Consignment) -> bool:
        group = self.scenario.stowage_group
        one, other = (group[c.commodity, c.packaging, ""] for c in (a, b))
        return one == other and bool(set(self.setpoints(a)) & set(self.setpoints(b)))

    def setpoints(self, c: Consignment) -> list[float]:
        goods = self.scenario.perishable(c.commodity)
        low = max(goods.setpoint_min_c - 1.0, goods.domain_min_c)
        high = min(goods.setpoint_max_c + 1.0, goods.domain_max_c)
        return [s for s in self.scenario.setpoints_c if low <= s <= high]

    def admits(self, c: Consignment, service: Service) -> bool:
        """Whether the first rule that fits lets ``c`` enter where ``service`` does."""
        nodes = self.network.nodes
        country = nodes[service.destination].country
        if not self.admission or nodes[service.origin].country == country:
            return True
        goods = self.scenario.perishable(c.commodity)
        for rule in self.scenario.entry_rules:
            if (
                rule.to_country == country
                and rule.entry_node in ("any", service.enters_at or service.destination)
                and rule.from_country in ("any", nodes[c.origin].country)
                and rule.commodity in ("any", goods.category, goods.code)
            ):
                assumed = self.scenario.unconfirmed == "assume"
                allowed = {"allowed", "unconfirmed"} if assumed else {"allowed"}
                treated = not rule.treatments or c.treatment in rule.treatments
                return rule.permission in allowed and treated
        return True

    def through(self, c: Consignment, chain: Sequence[Sealed]) -> bool:
        """Whether ``c`` is opened at one of the nodes it must be, or starts or ends there."""
        asked = self.scenario.via if c.via is None else c.via
        opened = {chain[0].nodes[0], *(unit.nodes[-1] for unit in chain)}
        return not asked or not opened.isdisjoint(asked)

    # The clock --------------------------------------------------------------------------------

    def shut(self, subject: str, minutes: int) -> bool:
        now = moment(minutes)
        return any(
            c.subject == subject and c.begins_at <= now < c.ends_at for c in self.network.closures
        )

    def feast(self, calendars: Iterable[str], day: date) -> bool:
        known = [self.network.calendars[name] for name in calendars]
        return any(not c.first <= day <= c.last or day in c.days for c in known)

    def in_season(self, node: str, day: date) -> bool:
        season = self.network.nodes[node].open_season
        return season is None or season.holds(day)

    def may_begin(self, o: Operation, minutes: int) -> bool:
        """Whether ``o`` may begin in this very minute."""
        local = local_time(minutes, self.network.nodes[o.node].timezone)
        day, now = local.date(), local.time()
        hours = now >= o.opens and (now < o.closes or o.closes == time(0))
        return (
            hours
            and day.isoweekday() in o.days
            and not self.feast(o.closed_on, day)
            and self.in_season(o.node, day)
            and not self.shut(o.node, minutes)
        )

    def late(self, subject: str, minutes: int) -> int:
        """How much longer what begins in this minute takes: it stands behind those before it."""
        longest = 0
        for d in self.network.delays:
            if d.subject != subject or minutes < minute(d.begins_at):
                continue
            end, extra = minute(d.ends_at), minutes_of(d.hours)
            longest = max(longest, extra if minutes < end else end + extra - minutes)
        return longest

    def begins(self, o: Operation, since: int) -> int:
        """The first minute in which ``o`` may begin."""
        passed: list[int] = []
        now = since
        while (o.id, now) not in self._begins and not self.may_begin(o, now):
            passed.append(now)
            now += 1
            assert now < since + 60 * 1440, f"{o.id} never begins"
        found = self._begins.get((o.id, now), now)
        self._begins.update({(o.id, at): found for at in [*passed, now]})
        return found

    def finish(self, o: Operation, since: int) -> int:
        begins = self.begins(o, since)
        return begins + self.timetable.operation_minutes(o) + self.late(o.id, begins)

    def arrives(self, service: Service, departs: int) -> int:
        return departs + self.timetable.transit_minutes(service) + self.late(service.id, departs)

    def may_leave(self, service: Service, minutes: int) -> bool:
        """Whether nothing keeps ``service`` from leaving in this minute, but its times of day."""
        day = local_time(minutes, self.network.nodes[service.origin].timezone).date()
        way = range(minutes, self.arrives(service, minutes)) if service.passes else ()
        return (
            day.isoweekday() in service.days
            and (service.season is None or service.season.holds(day))
            and not self.feast(service.closed_on, day)
            and self.in_season(service.origin, day)
            and not self.shut(service.origin, minutes)
            and not self.shut(service.id, minutes)
            and not any(self.shut(node, at) for node in service.passes for at in way)
        )

    def leaves(self, service: Service, first: int) -> int | None:
        """The first minute in which an on-demand service leaves."""
        for now in range(first, self.last + 1):
            if (service.id, now) not in self._leaves:
                self._leaves[service.id, now] = self.may_leave(service, now)
            if self._leaves[service.id, now]:
                return now
        return None

    # What is done where -----------------------------------------------------------------------

    def happening(self, node: str, trigger: Trigger) -> list[Operation]:
        return [
            o
            for o in self.network.operations.values()
            if o.node == node
            and o.trigger is trigger
            and self.scenario.quantile > 1 - o.probability
        ]

    def arrival(self, service: Service) -> list[Operation]:
        if service.border_included:
            return []
        country = self.network.nodes[service.origin].country
        return [
            o
            for o in self.happening(service.destination, Trigger.ARRIVE)
            if (not o.equipment_in or service.rides_as in o.equipment_in)
            and o.from_country in ("any", country)
        ]

    def change(self, node: str, came: str, goes: str, *, opens: bool) -> Operation | None:
        for o in self.happening(node, Trigger.TRANSFER):
            if (
                o.opens_unit is opens
                and (not o.equipment_in or came in o.equipment_in)
                and (not o.equipment_out or goes in o.equipment_out)
            ):
                return o
        return None

    def equipment_from(self, node: str) -> set[str]:
        return {s.rides_as for s in self.services if s.origin == node}

    def has_store(self, node: str) -> bool:
        return bool(self.happening(node, Trigger.GOODS_STORAGE))

    def longest_wait(self, node: str) -> int:
        s = self.scenario
        return minutes_of(s.max_dwell_h if self.has_store(node) else s.max_dwell_without_store_h)

    def perform(self, operations: Iterable[Operation], since: int) -> tuple[int, Spans]:
        """When ``operations`` are done one after the other, and how warm it was."""
        spans: list[tuple[Air, int]] = []
        now = since
        for o in operations:
            begins = self.begins(o, now)
            warm = min(round(60 * o.exposed_h), self.timetable.operation_minutes(o))
            exposed = o.exposed_c if o.warming_per_h is None else o
            done = self.finish(o, now)
            spans += [(None, begins - now), (exposed, warm), (None, done - begins - warm)]
            now = done
        return now, tuple(s for s in spans if s[1])

    def counted(
        self, operations: Iterable[Operation], since: int
    ) -> Iterator[tuple[Operation, date]]:
        """Those that take so many units a day, and the local day on which each begins."""
        now = since
        for o in operations:
            begins = self.begins(o, now)
            now = self.finish(o, now)
            if o.units_per_day is not None:
                zone = ZoneInfo(self.network.nodes[o.node].timezone)
                yield o, datetime.fromtimestamp(60 * begins, zone).date()

    def origin_operations(self, node: str, rides_as: str) -> list[Operation]:
        return self.happening(node, Trigger.ORIGIN) + [
            o
            for o in self.happening(node, Trigger.ORIGIN_EQUIPMENT)
            if not o.equipment_out or rides_as in o.equipment_out
        ]

    def at_origin(self, c: Consignment, rides_as: str) -> tuple[int, Spans]:
        return self.perform(self.origin_operations(c.origin, rides_as), minute(c.ready_at))

    def beyond(self, minutes: float, free_h: float) -> float:
        """Hours of a wait that are charged."""
        return max(0.0, minutes / 60 - free_h)

    def by_the_hour(self, services: Sequence[Service]) -> float:
        """Lease, diesel and carbon of a unit's genset."""
        s = self.scenario
        return (
            max(one.reefer_usd_per_unit_h for one in services)
            + max(one.genset_l_per_h for one in services) * s.prices.diesel_usd_per_l
            + max(one.genset_kgco2e_per_h for one in services) * s.objective.carbon_usd_per_t / 1000
        )

    def carbon_usd_per_kg(self, service: Service) -> float:
        tkm = service.distance_km / 1000
        kg = tkm * service.gco2e_per_tkm * (1 + service.reefer_uplift) / 1000
        return kg / 1000 * self.scenario.objective.carbon_usd_per_t

    # Sealed units -----------------------------------------------------------------------------

    def paths(self) -> Iterator[tuple[Service, ...]]:
        """Every chain of services a unit can take without being opened or coming back."""
        pending: list[tuple[Service, ...]] = [(s,) for s in self.services]
        while pending:
            path = pending.pop()
            yield path
            last = path[-1]
            seen = {s.origin for s in path} | {last.destination}
            for s in self.services:
                if s.origin != last.destination or s.destination in seen:
                    continue
                if s.equipment != last.equipment or s.shared_by_kg:
                    continue
                if (
                    s.rides_as == last.rides_as
                    or self.change(s.origin, last.rides_as, s.rides_as, opens=False) is not None
                ):
                    pending.append((*path, s))

    def onward(self, before: Service, after: Service, at: int) -> tuple[int, Operation | None, int]:
        """Ready for ``after`` when, by which transfer, and the first minute it may depart."""
        lift = self.change(after.origin, before.rides_as, after.rides_as, opens=False)
        ready = at if lift is None else self.finish(lift, at)
        same_vehicle = before.on_demand and after.on_demand and lift is None
        return ready, lift, ready + (0 if same_vehicle else minutes_of(after.cutoff_h))

    def after_arrival(self, service: Service, departs: int) -> int:
        return self.perform(self.arrival(service), self.arrives(service, departs))[0]

    def runs(self, service: Service, first: int) -> list[int]:
        """All departures of a scheduled service, the next one of an on-demand service."""
        if service.on_demand:
            departs = self.leaves(service, first)
            return [] if departs is None else [departs]
        if service.id not in self._runs:
            zone = self.network.nodes[service.origin].timezone
            self._runs[service.id] = [
                at
                for at in range(self.first, self.last + 1)
                if local_time(at, zone).time() in service.departure_times
                and self.may_leave(service, at)
            ]
        return [at for at in self._runs[service.id] if at >= first]

    def dated(self, path: Sequence[Service], starts: Iterable[int]) -> set[tuple[int, ...]]:
        """Departures along ``path`` that begin with one of ``starts``.

        For later ones than it could take the unit waits no longer, in all, than goods may.
        """
        done: set[tuple[int, ...]] = set()
        pending: list[tuple[tuple[int, ...], int]] = [((d,), 0) for d in set(starts)]
        while pending:
            departs, passed = pending.pop()
            if len(departs) == len(path):
                done.add(departs)
                continue
            before, after = path[len(departs) - 1], path[len(departs)]
            at = self.after_arrival(before, departs[-1])
            _, _, earliest = self.onward(before, after, at)
            runs = [d for d in self.runs(after, earliest) if d <= self.last]
            longer = [(d, passed + d - runs[0]) for d in runs]
            limit = 60 * self.scenario.max_dwell_h
            pending += [((*departs, d), waited) for d, waited in longer if waited <= limit]
        return done

    def in_time(self, path: Sequence[Service], then: Service | Operation, by: int) -> int | None:
        """Last minute at which on-demand ``path`` can start to be ready for ``then`` at ``by``."""

        def ready(start: int) -> float:
            at: float = start
            for position, s in enumerate(path):
                departs = self.leaves(s, int(at))
                if departs is None:
                    return math.inf
                at = self.after_arrival(s, departs)
                if position + 1 < len(path):
                    at = self.onward(s, path[position + 1], int(at))[2]
            if isinstance(then, Operation):
                return self.finish(then, int(at))
            return self.onward(path[-1], then, int(at))[2]

        # The clock never runs backwards, so halving finds the last minute.
        low, high = self.first - 1, by + 1
        while high - low > 1:
            middle = (low + high) // 2
            if ready(middle) <= by:
                low = middle
            else:
                high = middle
        if low < self.first:
            return None
        return self.leaves(path[0], low)

    def overstays(self, services: Sequence[Service], departs: Sequence[int]) -> bool:
        """Whether a truck is in a country it only passes for longer than it may be."""
        came: dict[str, int] = {}
        for s, leaves in zip(services, departs, strict=True):
            here, there = (self.network.nodes[n].country for n in (s.origin, s.destination))
            if s.mode != "road":
                came = {}
            elif here != there:
                longest = self.network.transit_limits_h.get(here, math.inf)
                if here in came and leaves - came[here] > 60 * longest:
                    return True
                came = {there: self.arrives(s, leaves)}
        return False

    def all_sealed(
        self, instants: Iterable[tuple[str, str, int]]
    ) -> dict[tuple[str, str], list[Sealed]]:
        """Every dated sealed unit, by where and by what equipment it starts."""
        at: dict[tuple[str, str], set[int]] = {}
        for node, rides_as, when in instants:
            at.setdefault((node, rides_as), set()).add(when)
        dated: dict[tuple[Service, ...], set[tuple[int, ...]]] = {}
        paths = list(self.paths())
        for path in paths:
            head = path[0]
            if not head.on_demand:
                dated[path] = self.dated(path, self.runs(head, self.first))
                continue
            cut = minutes_of(head.cutoff_h)
            starts: set[int] = set()
            for when in at.get((head.origin, head.rides_as), ()):
                starts.update(self.runs(head, when + cut))
            position = next((i for i, s in enumerate(path) if not s.on_demand), len(path))
            if position < len(path):
                timely = {
                    self.in_time(path[:position], path[position], departs)
                    for departs in self.runs(path[position], self.first)
                }
                starts.update(t for t in timely if t is not None)
            dated[path] = self.dated(path, starts)
        for path in paths:
            end = path[-1].destination
            if all(s.on_demand for s in path) and not self.has_store(end):
                timely = set()
                for other, runs in list(dated.items()):
                    if other[0].origin != end or all(s.on_demand for s in other):
                        continue
                    dock = self.change(end, path[-1].rides_as, other[0].rides_as, opens=True)
                    if dock is not None:
                        cut = minutes_of(other[0].cutoff_h)
                        timely |= {self.in_time(path, dock, departs[0] - cut) for departs in runs}
                dated[path] |= self.dated(path, {t for t in timely if t is not None})
        out: dict[tuple[str, str], list[Sealed]] = {}
        for path, runs in dated.items():
            for departs in sorted(runs):
                if self.overstays(path, departs):
                    continue
                out.setdefault((path[0].origin, path[0].rides_as), []).append(
                    self.sealed(path, departs)
                )
        return out

    def sealed(self, services: Sequence[Service], departs: Sequence[int]) -> Sealed:
        """The unit on these departures; a connection that is missed is an error."""
        first = services[0]
        air = first.shared_by_kg
        stuffed = at = departs[0] - minutes_of(first.cutoff_h)
        spans: list[tuple[Air, int]] = [(None, departs[0] - stuffed)]
        start = self.origin_operations(first.origin, first.rides_as)
        usd = sum(o.usd_per_unit for o in start) + sum(s.linehaul_usd_per_unit for s in services)
        kg_usd = sum(s.linehaul_usd_per_kg + self.carbon_usd_per_kg(s) for s in services)
        kept = 0
        payload_t = min(s.payload_kg for s in services) / 1000
        counted: list[tuple[Operation, date]] = []
        for position, (service, leaves) in enumerate(zip(services, departs, strict=True)):
            if position:
                before = services[position - 1]
                ready, lift, earliest = self.onward(before, service, at)
                assert leaves >= earliest, f"{service.id} leaves before the unit is ready"
                if lift is not None:
                    spans += self.perform([lift], at)[1]
                    counted += self.counted([lift], at)
                    usd += lift.usd_per_unit
                    kg_usd += lift.usd_per_kg
                spans.append((None, leaves - ready))
                for plug in self.happening(service.origin, Trigger.UNIT_STORAGE):
                    if not plug.equipment_in or before.rides_as in plug.equipment_in:
                        a_day = plug.usd_per_t_day * payload_t + plug.usd_per_unit_day
                        usd += a_day * self.beyond(leaves - ready, plug.free_h) / 24
                lifting = 0 if lift is None else self.timetable.operation_minutes(lift)
                kept += leaves - at - lifting
                hours = self.beyond(kept, before.detention_free_h)
                usd += before.detention_usd_per_unit_h * hours
            arrives = self.arrives(service, leaves)
            spans.append((service.temperature_c, arrives - leaves))
            arrival = self.arrival(service)
            counted += self.counted(arrival, arrives)
            # Paid by the hour of the transit agreed; a queue is no work, and no transit.
            transit = self.timetable.transit_minutes(service)
            usd += service.linehaul_usd_per_unit_h * transit / 60
            at, more = self.perform(arrival, arrives)
            working = sum(self.timetable.operation_minutes(o) for o in arrival)
            kept = at - arrives - working
            spans += more
            usd += sum(o.usd_per_unit for o in arrival)
            kg_usd += sum(o.usd_per_kg for o in arrival)
        last = services[-1]
        usd += last.detention_usd_per_unit_h * self.beyond(kept, last.detention_free_h)
        usd += self.by_the_hour(services) * (at - stuffed) / 60
        return Sealed(
            services=tuple(services),
            departs=tuple(departs),
            stuffed=stuffed,
            handed_over=at,
            spans=tuple(s for s in spans if s[1]),
            unit_usd=0.0 if air else usd,
            kg_usd=kg_usd,
            kept=kept,
            counted=() if air else tuple(counted),
        )

    # Itineraries ------------------------------------------------------------------------------

    def due(self, c: Consignment) -> int:
        return minute(c.due_at) + self.grace

    def keeping_quality_h(self, c: Consignment, temperature_c: float) -> float:
        lots = self.scenario.lots(c.commodity, c.packaging)
        return lots.planned(self.scenario.confidence).keeping_quality_h(temperature_c)

    def life(self, c: Consignment, spans: Spans, setpoint_c: float) -> float:
        return sum(
            minutes / 60 / self.keeping_quality_h(c, air_c(air, setpoint_c))
            for air, minutes in spans
        )

    def fresh_enough(self, c: Consignment, life_used: float) -> bool:
        left = (1 - life_used) * self.keeping_quality_h(c, c.retail_c)
        return not self.limits or left >= c.shelf_life_required_h - 1e-9

    def ways_of(
        self,
        c: Consignment,
        sealed: dict[tuple[str, str], list[Sealed]],
        reached: set[tuple[str, str, int]],
    ) -> Iterator[Way]:
        """Ways of ``c`` over these units; every (node, equipment onward, minute) on the way."""
        setpoints = self.setpoints(c)

        def extend(
            chain: tuple[tuple[Sealed, float], ...],
            node: str,
            rides_as: str,
            at: int,
            before: Spans,
            seen: frozenset[str],
            life: float,
        ) -> Iterator[Way]:
            reached.add((node, rides_as, at))
            for unit in sealed.get((node, rides_as), ()):
                wait = unit.stuffed - at
                if not 0 <= wait <= self.longest_wait(node) or unit.handed_over > self.due(c):
                    continue
                end = unit.nodes[-1]
                if end in seen or not all(self.admits(c, s) for s in unit.services):
                    continue
                for setpoint in setpoints:
                    spans = (*before, (None, wait), *unit.spans)
                    used = life + self.life(c, spans, setpoint)
                    if not self.fresh_enough(c, used):
                        continue
                    longer = (*chain, (unit, setpoint))
                    if end == c.destination:
                        if not self.through(c, [unit for unit, _ in longer]):
                            continue
                        way = self.reckon(c, longer)
                        if way is not None:
                            yield way
                    elif len(longer) <= self.scenario.max_cross_docks:
                        for onward in sorted(self.equipment_from(end)):
                            dock = self.change(end, unit.services[-1].rides_as, onward, opens=True)
                            if dock is not None:
                                done, more = self.perform([dock], unit.handed_over)
                                yield from extend(
                                    longer,
                                    end,
                                    onward,
                                    done,
                                    more,
                                    seen | {end},
                                    used,
                                )

        if setpoints:
            for rides_as in sorted(self.equipment_from(c.origin)):
                at, before = self.at_origin(c, rides_as)
                yield from extend(
                    (),
                    c.origin,
                    rides_as,
                    at,
                    before,
                    frozenset({c.origin}),
                    c.life_used_at_ready,
                )

    def reckon(self, c: Consignment, chain: Sequence[tuple[Sealed, float]]) -> Way | None:
        """``chain`` with its whole clock, cold and books; None if it is late or not fresh."""
        first = chain[0][0].services[0]
        operations = self.origin_operations(c.origin, first.rides_as)
        at, spans = self.perform(operations, minute(c.ready_at))
        # Operations for everybody at the origin are the same whatever way: the constant.
        usd = c.gross_kg * sum(
            o.usd_per_kg for o in operations if o.trigger is Trigger.ORIGIN_EQUIPMENT
        )
        life = c.life_used_at_ready
        instants: list[tuple[str, str, int]] = []
        for position, (unit, setpoint) in enumerate(chain):
            here = unit.services[0].origin
            instants.append((here, unit.services[0].rides_as, at))
            wait = unit.stuffed - at
            assert 0 <= wait <= self.longest_wait(here), f"{c.id} waits {wait} min at {here}"
            # Goods wait at the setpoint of the carriage that follows; so does what came before.
            spans = (*spans, (None, wait), *unit.spans)
            life += self.life(c, spans, setpoint)
            for o in self.happening(here, Trigger.GOODS_STORAGE):
                usd += o.usd_per_t_day * c.gross_kg / 1000 * self.beyond(wait, o.free_h) / 24
            usd += unit.kg_usd * c.gross_kg
            end, came = unit.nodes[-1], unit.services[-1].rides_as
            if position + 1 < len(chain):
                after = chain[position + 1][0]
                dock = self.change(end, came, after.services[0].rides_as, opens=True)
                assert dock is not None, f"nobody opens units at {end}"
                work = [dock]
                per_unit = unit.pallets or after.pallets
            else:
                assert end == c.destination
                work = self.happening(end, Trigger.DESTINATION)
                per_unit = unit.pallets
            at, spans = self.perform(work, unit.handed_over)
            usd += c.gross_kg * sum(o.usd_per_kg for o in work)
            if per_unit:
                usd += sum(o.usd_per_unit for o in work) * c.pallets / per_unit
        life += self.life(c, spans, chain[-1][1])
        days = self.keeping_quality_h(c, c.retail_c) / 24
        price = self.scenario.objective.freshness_usd_per_kg_d
        used = days * (life - c.life_used_at_ready)
        best = self.scenario.longest_life_h(c.commodity, c.retail_c) / 24
        usd += price * c.net_kg * (used + (best - days) * (1 - c.life_used_at_ready))
        if at > self.due(c) or not self.fresh_enough(c, life):
            return None
        return Way(
            consignment=c.id,
            sealed=tuple(unit for unit, _ in chain),
            setpoints=tuple(setpoint for _, setpoint in chain),
            delivered=at,
            life_used=life,
            own_usd=usd,
            instants=tuple(instants),
        )

    # The joint choice -------------------------------------------------------------------------

    def unserved_usd(self, c: Consignment) -> float:
        price = self.scenario.objective.unserved_usd_per_kg * c.net_kg
        constant = sum(o.usd_per_kg for o in self.happening(c.origin, Trigger.ORIGIN)) * c.gross_kg
        return max(c.value_usd, price) - constant - self.by_value_usd(c)

    def by_value_usd(self, c: Consignment) -> float:
        """Duty, VAT and insurance."""
        start, end = (self.network.nodes[n].country for n in (c.origin, c.destination))
        rate = self.scenario.prices.insurance_pct
        hs6 = self.scenario.perishable(c.commodity).hs6
        for row in self.scenario.duties:
            countries = (row.from_countries or {start}, row.to_countries or {end})
            meant = start in countries[0] and end in countries[1]
            if start != end and meant and hs6.startswith(row.hs):
                rate += row.duty_pct + row.vat_pct * (1 + row.duty_pct / 100)
                break
        return c.value_usd * rate / 100

    def choice(self, ways: dict[str, list[Way]] | None = None) -> Choice:
        """The choice among ``ways`` (all of them) with a price for staying behind."""
        group = self.scenario.stowage_group
        pools: dict[object, int] = {}
        capacity: list[int] = []
        price: list[int] = []
        slots: dict[object, int] = {}
        members: list[list[int]] = []
        room: list[int] = []
        options: list[list[Option]] = []
        charters: dict[tuple[str, int], Charter] = {}
        for c in self.scenario.consignments:
            mine = [Option(cents(self.unserved_usd(c)), ())]
            for way in (self.ways if ways is None else ways)[c.id]:
                loads: list[tuple[int, int]] = []
                for unit, setpoint in zip(way.sealed, way.setpoints, strict=True):
                    key = (unit.name, setpoint, group[c.commodity, c.packaging, ""])
                    if key not in pools:
                        pools[key] = len(pools)
                        capacity.append(unit.pallets or 1)
                        price.append(cents(unit.unit_usd))
                        members.append([])
                        for service, departs in zip(unit.services, unit.departs, strict=True):
                            day = self.timetable.local_day(service, departs)
                            when = (service.id, day if service.on_demand else departs)
                            if when not in slots:
                                slots[when] = len(slots)
                                room.append(service.capacity_units)
                            members[-1].append(slots[when])
                            if service.charter_usd_per_departure or service.min_paid_slots:
                                slot = service.linehaul_usd_per_unit + service.linehaul_usd_per_kg
                                charters.setdefault(
                                    (service.id, departs),
                                    Charter(
                                        cents(service.charter_usd_per_departure),
                                        service.min_paid_slots,
                                        cents(slot),
                                        set(),
                                    ),
                                ).pools.add(pools[key])
                        for done in unit.counted:
                            if done not in slots:
                                slots[done] = len(slots)
                                room.append(done[0].units_per_day or 0)
                            members[-1].append(slots[done])
                    loads.append((pools[key], c.pallets if unit.pallets else c.gross_kg))
                mine.append(Option(cents(way.own_usd), tuple(loads)))
            options.append(mine)
        return Choice(options, capacity, price, members, room, list(charters.values()))


def cents(usd: float) -> int:
    return math.floor(100 * usd + 0.5)


@dataclass(frozen=True)
class Option:
    """Cost of its own (cents), and what it puts into which pools."""

    own: int
    loads: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Charter:
    """A departure paid for if any of ``pools`` is used: ``fixed``, ``slot`` for each missing."""

    fixed: int
    minimum: int
    slot: int
    pools: set[int]

    def paid(self, units: int) -> int:
        return self.fixed + self.slot * max(0, self.minimum - units) if units else 0


@dataclass(frozen=True)
class Choice:
    """One option for everybody, units opened as needed, slots kept, charters paid."""

    options: list[list[Option]]
    capacity: list[int]
    price: list[int]
    slots: list[list[int]]
    room: list[int]
    charters: list[Charter]

    @classmethod
    def of(cls, problem: SelectionProblem) -> Choice:
        """The same question as an engine is asked it."""
        options = [[Option(int(cost), ())] for cost in problem.skip_cost]
        for row, customer in enumerate(problem.option_customer):
            entries = slice(int(problem.option_start[row]), int(problem.option_start[row + 1]))
            loads = zip(
                problem.option_pool[entries].tolist(),
                problem.option_load[entries].tolist(),
                strict=True,
            )
            options[customer].append(Option(int(problem.option_cost[row]), tuple(loads)))
        slots: list[list[int]] = [[] for _ in range(problem.n_pools)]
        for limit in range(problem.n_limits):
            entries = slice(int(problem.limit_start[limit]), int(problem.limit_start[limit + 1]))
            for pool in problem.limit_pool[entries].tolist():
                slots[pool].append(limit)
        return cls(
            options,
            problem.pool_capacity.tolist(),
            problem.pool_cost.tolist(),
            slots,
            problem.limit_capacity.tolist(),
            [
                Charter(
                    int(problem.commitment_cost[c]),
                    int(problem.commitment_minimum[c]),
                    int(problem.commitment_short_cost[c]),
                    set(problem.committed(c).tolist()),
                )
                for c in range(problem.n_commitments)
            ],
        )

    def full(self, option: Option) -> float:
        """What the option costs with every unit full: never more than it comes to."""
        return option.own + sum(
            self.price[pool] * load / self.capacity[pool] for pool, load in option.loads
        )

    def least(self) -> int:
        """Least total cost (cents), over all combinations that could be it."""
        return self.best()[0]

    def best(self) -> tuple[int, list[int]]:
        """Least total cost (cents), and the option everybody takes (0: stays behind)."""
        order = sorted(range(len(self.options)), key=lambda k: len(self.options[k]))
        ranked = [
            sorted((self.full(o), i, o) for i, o in enumerate(self.options[k])) for k in order
        ]
        floor = [0.0]
        for mine in reversed(ranked):
            floor.insert(0, floor[0] + mine[0][0])
        best = sum(self.options[k][0].own for k in order)
        taken = [0] * len(order)
        trial = [0] * len(order)

        def walk(
            depth: int, full: float, cost: int, held: dict[int, int], used: dict[int, int]
        ) -> None:
            nonlocal best, taken
            if depth == len(ranked):
                for charter in self.charters:
                    cost += charter.paid(
                        sum(-(-held.get(p, 0) // self.capacity[p]) for p in charter.pools)
                    )
                if cost < best:
                    best, taken = cost, list(trial)
                return
            for least, number, option in ranked[depth]:
                trial[order[depth]] = number
                if full + least + floor[depth + 1] > best - 0.5:
                    return
                total, load, slots = cost + option.own, dict(held), dict(used)
                fits = True
                for pool, more in option.loads:
                    before = load.get(pool, 0)
                    load[pool] = before + more
                    opened = -(-load[pool] // self.capacity[pool]) - -(
                        -before // self.capacity[pool]
                    )
                    total += opened * self.price[pool]
                    for slot in self.slots[pool]:
                        slots[slot] = slots.get(slot, 0) + opened
                        fits = fits and slots[slot] <= self.room[slot]
                if fits:
                    walk(depth + 1, full + least, total, load, slots)

        walk(0, 0.0, 0, {}, {})
        return best, taken
