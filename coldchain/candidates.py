"""Level two of the candidates: every itinerary that is in time and fresh enough, in columns.

Rules that keep the set small, the same for every engine:

* **Wait only where waiting can buy consolidation or a connection.** An on-demand unit leaves at an
  instant at which something that can ride becomes available; goods wait for a later instant only
  if somebody else becomes available then, and pass over a scheduled departure only for one that
  somebody else can take too (or because its slots may run out).
* **No pointless detour.** With every unit full an itinerary costs at most ``max_detour`` more than
  the cheapest one, and with its units filled by all who can meet there no more than going alone.
  Going alone, in the cheapest way, always stays a candidate.
* **Stop a branch** when the time, the life or the money cannot reach the destination any more:
  least minutes, life and cost still to come are worked out backwards and are never too high.

The instants are closed: riding with others leads only to instants that are theirs already. They
are found for all consignments together, in order of time (:func:`_close`); then the chains of each
are walked (:mod:`coldchain.chains`).

A refusal is worded by a second search without the floor and the deadline, never from a pruned
branch.
"""

from __future__ import annotations

import bisect
import heapq
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from coldchain.carriages import Dating, Outlook, RatedRide, Rates, undominated
from coldchain.chains import CENT, Chains, Cheapest, Choice, Rows
from coldchain.charges import (
    storage_usd_per_kg_min,
)
from coldchain.clock import Clock
from coldchain.goods import Consignment
from coldchain.itinerary import Reason, Refusal
from coldchain.network import Operation, Service, Trigger
from coldchain.onward import (
    Connections,
    minutes_onward,
    minutes_to_depart,
    ride_minutes,
    usd_onward,
)
from coldchain.scenario import Scenario
from coldchain.timetable import DAY_MIN, Departure, local_time, minute

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BEYOND_DEADLINE_D = 30
"""How long after ``due_at`` the second search still looks for a delivery (days)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidates:
    """Itineraries in columns; row ``i`` belongs to consignment ``consignment[i]`` (ascending).

    Attributes
    ----------
    consignment : int64[n]
        Index into ``scenario.consignments``.
    delivered : int64[n]
        Minute of delivery.
    life_used : float64[n]
        At delivery.
    own_usd : float64[n]
        What the consignment pays whoever shares its units: handling, storage, freight by the kg,
        freshness; without the constant of its packing (``constant_usd``).
    start : int64[n + 1]
        Row ``i`` rides ``carriage[start[i]:start[i + 1]]``, in order.
    carriage : int64[m]
        Index into ``rides``, times the number of setpoints, plus the setpoint's index.
    rides : tuple of RatedRide
        The distinct rides.
    constant_usd : float64[n_consignments]
        Paid by the consignment whichever itinerary it takes (USD).
    refusals : tuple of Refusal
        Consignments without any row.
    """

    scenario: Scenario
    consignment: Ints
    delivered: Ints
    life_used: Floats
    own_usd: Floats
    start: Ints
    carriage: Ints
    rides: tuple[RatedRide, ...]
    setpoints_c: tuple[float, ...]
    constant_usd: Floats
    refusals: tuple[Refusal, ...]

    def __len__(self) -> int:
        return len(self.consignment)

    def chain(self, row: int) -> tuple[tuple[RatedRide, float], ...]:
        """Rides and setpoints of row ``row``, in order."""
        n = len(self.setpoints_c)
        return tuple(
            (self.rides[c // n], self.setpoints_c[c % n])
            for c in self.carriage[self.start[row] : self.start[row + 1]]
        )


@dataclass(slots=True)
class _Option:
    """A ride as the search sees it: who may take it, and whose instant it leaves at."""

    rated: RatedRide
    index: int
    instant: int
    """Minute of availability it was dated from; -1 if it is bound to a scheduled departure."""
    owners: int = 0
    riders: int = 0

    @property
    def path(self) -> tuple[str, ...]:
        """Services ridden, by id."""
        return tuple(leg.service for leg in self.rated.ride.legs)


@dataclass(slots=True)
class _Board:
    """Options that start at one node by one kind of equipment, by the minute they are stuffed."""

    options: list[_Option] = field(default_factory=list["_Option"])
    stuffed: list[int] = field(default_factory=list[int])

    def sort(self) -> None:
        self.options.sort(key=lambda o: (o.rated.ride.stuffed, o.index))
        self.stuffed = [o.rated.ride.stuffed for o in self.options]

    def between(self, first: int, last: int) -> Sequence[_Option]:
        return self.options[
            bisect.bisect_left(self.stuffed, first) : bisect.bisect_right(self.stuffed, last)
        ]


Key = tuple[str, str]
"""Node and the equipment goods go on by, in the words of the operations table."""


class Search:
    """Everything a search over one set of consignments needs, worked out once."""

    def __init__(
        self, scenario: Scenario, consignments: Sequence[Consignment], *, limits: bool = True
    ) -> None:
        self.scenario = scenario
        self.consignments = tuple(consignments)
        self.limits = limits
        self.clock = Clock(scenario)
        keys = sorted({(c.commodity, c.packaging) for c in consignments})
        self.law_of = [keys.index((c.commodity, c.packaging)) for c in consignments]
        self.rates = Rates([scenario.law(*key) for key in keys], scenario.setpoints_c)
        self.ready = [minute(c.ready_at) for c in consignments]
        extra = 0 if limits else BEYOND_DEADLINE_D * DAY_MIN
        self.due = [minute(c.due_at) + extra for c in consignments]
        self.allowed = [scenario.life_allowed(c) if limits else math.inf for c in consignments]
        self.setpoints = [
            tuple(scenario.setpoints_c.index(s) for s in scenario.setpoints_for(c))
            for c in consignments
        ]
        self.first = min(self.ready, default=0)
        self.last = max(self.due, default=0)
        destinations = frozenset(c.destination for c in consignments)
        self._tighten()
        allowed = [s for s in scenario.network if s.status in scenario.service_status]
        self.connections = Connections(self.clock, allowed)
        self.onward = minutes_onward(self.connections, sorted(destinations))
        self.onward_usd, self.onward_alone_usd = (
            [
                usd_onward(
                    self.connections,
                    c.destination,
                    gross_kg=c.gross_kg,
                    pallets=c.pallets,
                    full=full,
                )
                for c in consignments
            ]
            for full in (True, False)
        )
        origins = sorted({c.origin for c in consignments})
        self.depart = {origin: minutes_to_depart(self.connections, origin) for origin in origins}
        self.dating = Dating(
            self.clock,
            self.rates,
            connections=self.connections,
            outlook=self._outlook(),
            first=self.first,
            last=self.last,
            scarce_below=self._demand() if limits else {},
        )
        self.rides: list[RatedRide] = []
        self._number: dict[tuple[Departure, ...], int] = {}
        self.together = [
            sum(1 << j for j, other in enumerate(consignments) if self._may_meet(c, other))
            for c in consignments
        ]

    def _may_meet(self, a: Consignment, b: Consignment) -> bool:
        groups = self.scenario.stowage_group
        return groups[a.commodity] == groups[b.commodity] and bool(
            set(self.scenario.setpoints_for(a)) & set(self.scenario.setpoints_for(b))
        )

    def _tighten(self) -> None:
        """Bring ``due`` forward to where even the coldest way has used up the life allowed."""
        temperatures = {*self.scenario.setpoints_c}
        temperatures |= {
            s.temperature_c for s in self.scenario.network if s.temperature_c is not None
        }
        temperatures |= {
            o.exposed_c for o in self.scenario.network.operations.values() if o.exposed_h
        }
        for k, c in enumerate(self.consignments):
            slowest = min(self.rates.at(t)[self.law_of[k]] for t in temperatures)
            life = self.allowed[k] - c.life_used_at_ready
            if math.isfinite(life) and slowest > 0:
                self.due[k] = min(self.due[k], math.floor(self.ready[k] + life / slowest))

    def _outlook(self) -> Outlook:
        """When each service can be of use to anybody."""
        earliest: dict[str, float] = {}
        any_: dict[str, float] = {}
        open_: dict[str, float] = {}
        for k, c in enumerate(self.consignments):
            onward = self.onward[c.destination]
            for service, minutes in self.depart[c.origin].items():
                earliest[service] = min(earliest.get(service, math.inf), self.ready[k] + minutes)
                for least, last in ((onward.any, any_), (onward.open, open_)):
                    if service in least:
                        last[service] = max(
                            last.get(service, -math.inf), self.due[k] - least[service]
                        )
        return Outlook(earliest, any_, open_)

    def _demand(self) -> dict[str, int]:
        """Units (kg for air) that all who could ever ride a service would fill, each alone."""
        demand: dict[str, int] = {}
        for service in self.connections.services:
            total = 0
            ride = ride_minutes(self.clock, service)
            for k, c in enumerate(self.consignments):
                before = self.depart[c.origin].get(service.id, math.inf)
                after = self.onward[c.destination].any.get(service.id, math.inf)
                if self.ready[k] + before + ride + after <= self.due[k]:
                    total += (
                        c.gross_kg
                        if service.shared_by_kg
                        else -(-c.pallets // service.pallets_per_unit)
                    )
            demand[service.id] = total
        return demand

    def number(self, services: Sequence[Service], departures: Sequence[int]) -> int:
        """Number of the ride over ``services`` with these departures, rated once."""
        legs = tuple(
            self.clock.timetable.departure(service, departs)
            for service, departs in zip(services, departures, strict=True)
        )
        if legs not in self._number:
            self._number[legs] = len(self.rides)
            self.rides.append(self.dating.rate(services, departures))
        return self._number[legs]

    def chains(self, k: int, choices: Callable[[str, str, int], Sequence[Choice]]) -> Chains:
        """The dated graph of the ``k``-th consignment over ``choices``."""
        c = self.consignments[k]
        return Chains(
            self.dating,
            self.scenario,
            c,
            choices=choices,
            onward=self.onward[c.destination],
            ready=self.ready[k],
            due=self.due[k],
            allowed=self.allowed[k],
            law=self.law_of[k],
        )

    def starts(self) -> set[str]:
        """Nodes at which a carriage may start: origins, and cross-docks."""
        return {c.origin for c in self.consignments} | {
            n.id for n in self.scenario.network.nodes.values() if n.cross_dock
        }


def _board(search: Search) -> dict[Key, _Board]:
    """Rides bound to a scheduled departure, by where and by what equipment they start."""
    dating, clock = search.dating, search.clock
    starts = frozenset(search.starts())
    rides = dating.scheduled(starts)
    # Where goods cannot wait in the cold, trucks that bring them leave just in time for these rides.
    deadlines: dict[str, dict[str, set[int]]] = {}
    for rated in rides:
        if not clock.has_store(rated.ride.origin):
            by = deadlines.setdefault(rated.ride.origin, {})
            by.setdefault(rated.ride.services[0].rides_as, set()).add(rated.ride.stuffed)
    brought: list[RatedRide] = []
    chains = dating.feeders(s for s in starts if clock.has_store(s))
    for node, by in sorted(deadlines.items()):
        for chain in chains.get(node, ()):
            timely: set[tuple[int, ...]] = set()
            for onward, stuffed in by.items():
                operation = clock.network.cross_dock(node, chain[-1].rides_as, onward)
                if operation is None:
                    continue
                for deadline in stuffed:
                    begin = _latest_begin(search, operation, deadline)
                    departures = dating.just_in_time(chain, None, begin)
                    if departures is not None:
                        timely.add(departures)
            brought.extend(dating.rate(chain, departures) for departures in sorted(timely))
    rides.extend(undominated(brought, dating))
    boards: dict[Key, _Board] = {}
    for rated in rides:
        index = search.number(rated.ride.services, [leg.departs for leg in rated.ride.legs])
        key = (rated.ride.origin, rated.ride.services[0].rides_as)
        boards.setdefault(key, _Board()).options.append(_Option(rated, index, -1))
    for board in boards.values():
        board.sort()
    return boards


def _latest_begin(search: Search, operation: Operation, deadline: int) -> int:
    """Last minute at which ``operation`` can have its turn and be done by ``deadline``."""
    timetable = search.clock.timetable
    begin = deadline - timetable.operation_minutes(operation)
    if timetable.next_open(operation, begin) == begin:
        return begin
    low, high = begin - 8 * DAY_MIN, begin
    while low < high:
        middle = (low + high + 1) // 2
        if timetable.finish(operation, middle) <= deadline:
            low = middle
        else:
            high = middle - 1
    return low


def _close(
    search: Search, boards: dict[Key, _Board], most_usd: Sequence[float]
) -> dict[Key, dict[int, dict[int, float]]]:
    """Date on-demand rides at every instant goods become available; note who may ride what.

    ``most_usd`` is the most each consignment's itinerary may cost with every unit full. Returns
    the least each consignment has paid, every unit full, where and when it becomes available.
    """
    clock, dating = search.clock, search.dating
    # Least cost so far, every unit full, of each consignment that becomes available there and then.
    available: dict[Key, dict[int, dict[int, float]]] = {}
    instants: dict[Key, list[int]] = {}
    # Events in order of time: at one minute goods become available (0) before units leave (1).
    events: list[tuple[int, int, str, str, int]] = []
    leaving: list[tuple[_Option, dict[int, float]]] = []

    def arrive(key: Key, at: int, k: int, usd: float) -> None:
        known = available.setdefault(key, {})
        if at not in known:
            known[at] = {}
            heapq.heappush(events, (at, 0, *key, 0))
        if usd < known[at].get(k, math.inf):
            known[at][k] = usd

    def leave(option: _Option, riders: dict[int, float]) -> None:
        heapq.heappush(events, (option.rated.ride.stuffed, 1, "", "", len(leaving)))
        leaving.append((option, riders))

    def waiting(key: Key, first: int, last: int, stuffed: int) -> dict[int, float]:
        """Those who became available between two minutes, with what they paid when stuffed."""
        rate = storage_usd_per_kg_min(clock.network, key[0])
        out: dict[int, float] = {}
        times = instants.get(key, [])
        for at in times[bisect.bisect_left(times, first) : bisect.bisect_right(times, last)]:
            for k, usd in available[key][at].items():
                usd += rate * search.consignments[k].gross_kg * (stuffed - at)
                if usd < out.get(k, math.inf):
                    out[k] = usd
        return out

    def ride(rated: RatedRide, at_stuffing: dict[int, float]) -> dict[int, float]:
        """Those for whom the ride still makes sense, with what they will have paid."""
        last = rated.ride.services[-1].id
        out: dict[int, float] = {}
        for k, usd in at_stuffing.items():
            c = search.consignments[k]
            rest = search.onward[c.destination].open.get(last, math.inf)
            if rated.ride.handed_over + rest > search.due[k]:
                continue
            usd += rated.kg_usd * c.gross_kg
            if rated.pallets:
                usd += rated.unit_usd * c.pallets / rated.pallets
            if usd + search.onward_usd[k].open.get(last, math.inf) <= most_usd[k]:
                out[k] = usd
        return out

    for k, c in enumerate(search.consignments):
        for rides_as in search.clock.equipment_from(c.origin):
            operations = clock.origin_operations(c.origin, rides_as)
            arrive((c.origin, rides_as), clock.perform(operations, search.ready[k]), k, 0.0)
    for board in boards.values():
        for option in board.options:
            leave(option, {})

    while events:
        at, kind, node, rides_as, number = heapq.heappop(events)
        if kind == 1:
            option, riders = leaving[number]
            rated = option.rated
            if option.instant < 0:
                key = (rated.ride.origin, rated.ride.services[0].rides_as)
                first = at - clock.longest_wait(rated.ride.origin)
                riders = ride(rated, waiting(key, first, at, at))
                option.riders = sum(1 << k for k in riders)
            end = rated.ride.destination
            for onward, operation in dating.openings(end, rated.ride.services[-1].rides_as):
                done = clock.timetable.finish(operation, rated.ride.handed_over)
                for k, usd in riders.items():
                    arrive((end, onward), done, k, usd)
            continue
        key = (node, rides_as)
        instants.setdefault(key, [])
        owners = available[key][at]
        earliest = at - clock.longest_wait(node)
        board = boards.setdefault(key, _Board())
        for label in dating.leaving(node, rides_as, at):
            index = search.number(label.services, label.departures)
            rated = search.rides[index]
            own = ride(rated, owners)
            if own:
                riders = ride(rated, waiting(key, earliest, at - 1, rated.ride.stuffed))
                riders.update((k, usd) for k, usd in own.items() if usd < riders.get(k, math.inf))
                option = _Option(rated, index, at)
                option.owners = sum(1 << k for k in own)
                option.riders = sum(1 << k for k in riders)
                board.options.append(option)
                leave(option, riders)
        instants[key].append(at)
    for board in boards.values():
        board.options = [o for o in board.options if o.riders]
        board.sort()
    return available


class Lone:
    """Choices of goods that wait for nobody: the first departure of each path they can make."""

    def __init__(self, search: Search, boards: dict[Key, _Board]) -> None:
        self.search = search
        self.boards = boards
        self._choices: dict[tuple[str, str, int], list[Choice]] = {}

    def choices(self, node: str, rides_as: str, at: int) -> Sequence[Choice]:
        """Rides from ``node`` for goods available at ``at``."""
        key = (node, rides_as, at)
        if key not in self._choices:
            chosen: list[Choice] = []
            paths: set[tuple[str, ...]] = set()
            board = self.boards.get((node, rides_as))
            if board is not None:
                for option in board.between(at, at + self.search.clock.longest_wait(node)):
                    if option.path not in paths:
                        paths.add(option.path)
                        chosen.append(Choice(option.rated, option.index, option.rated.pallets))
            for label in self.search.dating.leaving(node, rides_as, at):
                index = self.search.number(label.services, label.departures)
                rated = self.search.rides[index]
                chosen.append(Choice(rated, index, rated.pallets))
            self._choices[key] = chosen
        return self._choices[key]


class Shared:
    """Choices of goods that may wait to ride with others, once :func:`_close` knows the instants."""

    def __init__(
        self, search: Search, boards: dict[Key, _Board], most_usd: Sequence[float]
    ) -> None:
        self.search = search
        self.boards = boards
        self.most_usd = most_usd
        self.available = _close(search, boards, most_usd)
        self._fills: dict[tuple[int, int], int] = {}

    def of(self, k: int) -> Callable[[str, str, int], Sequence[Choice]]:
        """Choices of the ``k``-th consignment."""
        search = self.search
        me = 1 << k
        others = search.together[k] & ~me
        known: dict[tuple[str, str, int], list[Choice]] = {}

        def choices(node: str, rides_as: str, at: int) -> Sequence[Choice]:
            key = (node, rides_as, at)
            if key in known:
                return known[key]
            chosen: list[Choice] = []
            paths: set[tuple[str, ...]] = set()
            board = self.boards.get((node, rides_as), _Board())
            paid = self.available.get((node, rides_as), {}).get(at, {}).get(k, math.inf)
            most = self.most_usd[k] - paid
            c = search.consignments[k]
            onward = search.onward_usd[k].open
            for option in board.between(at, at + search.clock.longest_wait(node)):
                if not option.riders & me:
                    continue
                rated = option.rated
                usd = onward.get(rated.ride.services[-1].id, math.inf) + rated.kg_usd * c.gross_kg
                if rated.pallets:
                    usd += rated.unit_usd * c.pallets / rated.pallets
                if usd > most + CENT:
                    continue
                if option.instant < 0:
                    # The first departure of a path; later ones only to meet somebody there.
                    first = option.path not in paths
                    paths.add(option.path)
                    if not first and not option.riders & others:
                        continue
                elif option.instant == at:
                    if not option.owners & me:
                        continue
                elif not option.owners & others:
                    continue
                fill = self._fill(option, search.together[k])
                chosen.append(Choice(option.rated, option.index, fill))
            known[key] = chosen
            return chosen

        return choices

    def _fill(self, option: _Option, together: int) -> int:
        """Pallets over which the price of a unit may be spread: all that can meet, a unit at most."""
        if not option.rated.pallets:
            return 0
        key = (option.index, together)
        if key not in self._fills:
            pallets = sum(
                self.search.consignments[j].pallets for j in _bits(option.riders & together)
            )
            self._fills[key] = min(option.rated.pallets, pallets)
        return self._fills[key]


def _bits(mask: int) -> Iterator[int]:
    """Indices of the bits set in ``mask``."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def constant_usd(scenario: Scenario, consignment: Consignment) -> float:
    """What a consignment pays whichever way it goes: packing and the like at its origin, by the kg."""
    operations = scenario.network.operations_at(consignment.origin, Trigger.ORIGIN)
    return consignment.gross_kg * sum(
        o.usd_per_kg for o in operations if o.happens(scenario.quantile)
    )


def enumerate_itineraries(
    scenario: Scenario, *, on_progress: Callable[[str], None] | None = None
) -> Candidates:
    """Every itinerary of every consignment within its window and freshness.

    ``on_progress`` is told, in words, what is being done.
    """
    say = on_progress or (lambda _: None)
    say("dating departures")
    search = Search(scenario, scenario.consignments)
    boards = _board(search)
    lone = Lone(search, boards)
    alone: list[Cheapest] = []
    most_usd: list[float] = []
    for k, consignment in enumerate(scenario.consignments):
        say(f"ways of {consignment.id} ({k + 1} of {len(scenario.consignments)})")
        chains = search.chains(k, lone.choices)
        alone.append(chains.cheapest(alone=True))
        least = chains.cheapest(alone=False).usd
        most_usd.append(min(alone[-1].usd, (1 + scenario.max_detour) * least))
    say("finding who can ride with whom")
    shared = Shared(search, boards, most_usd)
    all_rows: list[Rows] = []
    refusals: list[Refusal] = []
    for k, consignment in enumerate(scenario.consignments):
        say(f"itineraries of {consignment.id} ({k + 1} of {len(scenario.consignments)})")
        rows = Rows()
        if math.isfinite(most_usd[k]):
            rows = search.chains(k, shared.of(k)).rows(
                most_full_usd=most_usd[k], most_met_usd=alone[k].usd
            )
            rows.add(alone[k])
        all_rows.append(rows)
        if not rows.links:
            refusals.append(refuse(scenario, consignment))
    return _columns(search, all_rows, refusals)


def _columns(
    search: Search,
    all_rows: Sequence[Rows],
    refusals: Sequence[Refusal],
) -> Candidates:
    n = len(search.rates.setpoints_c)
    used = sorted({link // n for rows in all_rows for chain in rows.links for link in chain})
    place = {index: position for position, index in enumerate(used)}
    lengths = [len(chain) for rows in all_rows for chain in rows.links]
    start = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=start[1:])
    return Candidates(
        scenario=search.scenario,
        consignment=np.repeat(
            np.arange(len(all_rows), dtype=np.int64), [len(rows.links) for rows in all_rows]
        ),
        delivered=np.array([d for rows in all_rows for d in rows.delivered], dtype=np.int64),
        life_used=np.array([x for rows in all_rows for x in rows.life_used], dtype=np.float64),
        own_usd=np.array([x for rows in all_rows for x in rows.own_usd], dtype=np.float64),
        start=start,
        carriage=np.array(
            [
                place[link // n] * n + link % n
                for rows in all_rows
                for chain in rows.links
                for link in chain
            ],
            dtype=np.int64,
        ),
        rides=tuple(search.rides[index] for index in used),
        setpoints_c=search.rates.setpoints_c,
        constant_usd=np.array([constant_usd(search.scenario, c) for c in search.consignments]),
        refusals=tuple(refusals),
    )


def enumerate_alone(scenario: Scenario, consignment: Consignment, *, limits: bool) -> Candidates:
    """The itineraries of one consignment that waits for nobody; ``limits`` off: late and spoilt ones too."""
    search = Search(scenario, (consignment,), limits=limits)
    lone = Lone(search, _board(search))
    rows = search.chains(0, lone.choices).rows()
    return _columns(search, [rows], ())


def refuse(scenario: Scenario, consignment: Consignment) -> Refusal:
    """Why ``consignment`` has no itinerary, by how much and where."""
    c = consignment

    def refusal(reason: Reason, shortfall: float, unit: str, detail: str) -> Refusal:
        return Refusal(
            consignment=c.id,
            reason=reason,
            shortfall=shortfall,
            unit=unit,
            where=c.destination,
            detail=detail,
        )

    goods = scenario.perishable(c.commodity)
    if not scenario.setpoints_for(c):
        asked = ", ".join(f"{s:+.1f}" for s in scenario.setpoints_c)
        gap = min(
            max(goods.setpoint_min_c - s, s - goods.setpoint_max_c) for s in scenario.setpoints_c
        )
        return refusal(
            Reason.NO_SETPOINT,
            gap,
            "K",
            f"needs {goods.setpoint_min_c:+.1f} to {goods.setpoint_max_c:+.1f} °C, "
            f"the scenario's setpoints are {asked} °C",
        )
    found = enumerate_alone(scenario, c, limits=False)
    if not len(found):
        return refusal(
            Reason.NO_PATH,
            0.0,
            "",
            f"no chain of at most {scenario.max_cross_docks} cross-docks leads from {c.origin} "
            f"to {c.destination}",
        )
    zone = scenario.network.nodes[c.destination].timezone
    due = minute(c.due_at)
    earliest = int(found.delivered.min())
    if earliest > due:
        late = (earliest - due) / 60
        return refusal(
            Reason.TOO_LATE,
            late,
            "h",
            f"{late:.1f} h late at {c.destination} (earliest {local_time(earliest, zone):%d %b %H:%M}, "
            f"due {local_time(due, zone):%d %b %H:%M})",
        )
    in_time = found.delivered <= due
    least = float(found.life_used[in_time].min())
    left_h = max(0.0, 1.0 - least) * scenario.law(c.commodity, c.packaging).keeping_quality_h(
        c.retail_c
    )
    short = (c.shelf_life_required_h - left_h) / 24
    return refusal(
        Reason.NOT_FRESH,
        short,
        "d",
        f"{short:.1f} d short at {c.destination} (best {left_h / 24:.1f} d of "
        f"{c.shelf_life_required_h / 24:.1f} d at {c.retail_c:g} °C)",
    )
