"""Departure boards: what may be taken from where and when, alone or to ride with others.

Rides bound to a scheduled departure are known from the timetable (:func:`scheduled_boards`).
On-demand rides leave at the instants at which goods become available: for a consignment by itself
these are its own (:class:`Lone`); for consignments that may share units they are found for all
together, in order of time, with the least each has paid so far (:class:`Shared`).
"""

from __future__ import annotations

import bisect
import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from coldchain.chains import Choice
from coldchain.charges import store_at
from coldchain.dominance import scarce_slots, undominated
from coldchain.network import Operation
from coldchain.prospects import CENT
from coldchain.rides import RatedRide
from coldchain.search import Search
from coldchain.timetable import DAY_MIN, Departure


@dataclass(slots=True)
class Option:
    """A ride as the search sees it: who may take it, and whose instant it leaves at."""

    rated: RatedRide
    index: int
    instant: int
    """Minute of availability it was dated from; -1 if it is bound to a scheduled departure."""
    owners: int = 0
    company: int = 0
    """Owners, and those who at that instant own another ride on a chartered departure of it."""
    riders: int = 0
    scarce: bool = False
    """Whether slots it needs may run out, or a departure it needs not run."""
    barred: int = 0
    """Classes of goods, a bit each, that may not enter where it goes."""
    path: tuple[str, ...] = field(init=False)
    """Services ridden, by id."""
    last: int = field(init=False)
    """When the last of them departs."""

    def __post_init__(self) -> None:
        self.path = tuple(leg.service for leg in self.rated.ride.legs)
        self.last = self.rated.ride.legs[-1].departs


@dataclass(slots=True)
class Board:
    """Options that start at one node by one kind of equipment, by the minute they are stuffed."""

    options: list[Option] = field(default_factory=list["Option"])
    stuffed: list[int] = field(default_factory=list[int])

    def sort(self) -> None:
        self.options.sort(key=lambda o: (o.rated.ride.stuffed, o.index))
        self.stuffed = [o.rated.ride.stuffed for o in self.options]

    def between(self, first: int, last: int) -> Sequence[Option]:
        return self.options[
            bisect.bisect_left(self.stuffed, first) : bisect.bisect_right(self.stuffed, last)
        ]


Key = tuple[str, str]
"""Node and the equipment goods go on by, in the words of the operations table."""


def scheduled_boards(search: Search) -> dict[Key, Board]:
    """Rides bound to a scheduled departure, by where and by what equipment they start."""
    dating, clock = search.dating, search.clock
    starts = frozenset(search.starts())
    rides = undominated(dating.scheduled(starts), dating)
    # Where goods cannot wait in the cold, trucks that bring them leave just in time for these.
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
                    if departures is not None and not clock.overstays(chain, departures):
                        timely.add(departures)
            brought.extend(
                search.rides[search.number(chain, departures)] for departures in sorted(timely)
            )
    rides.extend(undominated(brought, dating))
    boards: dict[Key, Board] = {}
    for rated in rides:
        index = search.number(rated.ride.services, [leg.departs for leg in rated.ride.legs])
        key = (rated.ride.origin, rated.ride.services[0].rides_as)
        scarce = bool(scarce_slots(dating, rated.ride))
        boards.setdefault(key, Board()).options.append(
            Option(rated, index, -1, scarce=scarce, barred=dating.barred(rated.ride.services))
        )
    for board in boards.values():
        board.sort()
    return boards


def _latest_begin(search: Search, operation: Operation, deadline: int) -> int:
    """Last minute at which ``operation`` can have its turn and be done by ``deadline``.

    The minute before the search begins if there is none since.
    """
    timetable = search.clock.timetable
    begin = deadline - timetable.operation_minutes(operation)
    if timetable.finish(operation, begin) <= deadline:
        return begin
    step, high = DAY_MIN, begin - 1
    low = begin - step
    while timetable.finish(operation, max(low, search.first)) > deadline:
        if low <= search.first:
            return search.first - 1
        step *= 2
        high, low = low - 1, low - step
    low = max(low, search.first)
    while low < high:
        middle = (low + high + 1) // 2
        if timetable.finish(operation, middle) <= deadline:
            low = middle
        else:
            high = middle - 1
    return low


def _meet(search: Search, boards: dict[Key, Board]) -> dict[Key, dict[int, dict[int, float]]]:
    """Date on-demand rides at every instant goods become available; note who may ride what.

    Those may who can afford it with every unit full, by the means of the search. Returns the least
    each consignment has paid, every unit full, where and when it becomes available.
    """
    clock, dating = search.clock, search.dating
    # Least cost so far, every unit full, of each consignment that becomes available there and then.
    available: dict[Key, dict[int, dict[int, float]]] = {}
    instants: dict[Key, list[int]] = {}
    # Events in order of time: at one minute goods become available (0) before units leave (1).
    events: list[tuple[int, int, str, str, int]] = []
    leaving: list[tuple[Option, dict[int, float]]] = []

    def arrive(key: Key, at: int, k: int, usd: float) -> None:
        known = available.setdefault(key, {})
        if at not in known:
            known[at] = {}
            heapq.heappush(events, (at, 0, *key, 0))
        if usd < known[at].get(k, math.inf):
            known[at][k] = usd

    def leave(option: Option, riders: dict[int, float]) -> None:
        heapq.heappush(events, (option.rated.ride.stuffed, 1, "", "", len(leaving)))
        leaving.append((option, riders))

    def waiting(key: Key, first: int, last: int, stuffed: int) -> dict[int, float]:
        """Those who became available between two minutes, with what they paid when stuffed."""
        store = store_at(clock.network, key[0])
        out: dict[int, float] = {}
        times = instants.get(key, [])
        for at in times[bisect.bisect_left(times, first) : bisect.bisect_right(times, last)]:
            stay = store.usd_per_kg(stuffed - at)
            for k, usd in available[key][at].items():
                stored = usd + stay * search.consignments[k].gross_kg
                if stored < out.get(k, math.inf):
                    out[k] = stored
        return out

    def ride(rated: RatedRide, at_stuffing: dict[int, float]) -> dict[int, float]:
        """Those for whom the ride still makes sense, with what they will have paid."""
        last = rated.ride.services[-1].id
        out: dict[int, float] = {}
        barred = dating.barred(rated.ride.services)
        for k, usd in at_stuffing.items():
            if barred & search.entry_class[k]:
                continue
            c = search.consignments[k]
            outlook = search.outlook(k).get(last)
            if outlook is None or rated.ride.handed_over > outlook.latest:
                continue
            paid = usd + rated.kg_usd * c.gross_kg + rated.full_usd(c)
            if paid <= outlook.left_usd[0]:
                out[k] = paid
        return out

    for k, c in enumerate(search.consignments):
        for rides_as in search.clock.equipment_from(c.origin):
            operations = clock.packing_operations(c, rides_as)
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
        board = boards.setdefault(key, Board())
        leavers: list[tuple[int, bool, dict[int, float]]] = []
        chartering: dict[Departure, int] = {}
        for label in dating.leaving(node, rides_as, at):
            index = search.number(label.services, label.departures)
            own = ride(search.rides[index], owners)
            leavers.append((index, bool(label.slots), own))
            for leg in search.rides[index].charters:
                chartering[leg] = chartering.get(leg, 0) | sum(1 << k for k in own)
        for index, scarce, own in leavers:
            rated = search.rides[index]
            option = Option(rated, index, at, scarce=scarce)
            option.owners = option.company = sum(1 << k for k in own)
            for leg in rated.charters:
                option.company |= chartering[leg]
            if not option.company:
                continue
            riders = ride(rated, waiting(key, earliest, at - 1, rated.ride.stuffed))
            riders.update((k, usd) for k, usd in own.items() if usd < riders.get(k, math.inf))
            option.riders = sum(1 << k for k in riders)
            board.options.append(option)
            leave(option, riders)
        instants[key].append(at)
    for board in boards.values():
        board.options = [o for o in board.options if o.riders]
        board.sort()
    return available


class Lone:
    """Choices of goods that wait for nobody: the first departure of each path they can make.

    Later ones only where slots may run out.
    """

    def __init__(self, search: Search, boards: dict[Key, Board]) -> None:
        self.search = search
        self.boards = boards
        self._choices: dict[tuple[str, str, int], list[Choice]] = {}

    def choices(self, node: str, rides_as: str, at: int) -> Sequence[Choice]:
        """Rides from ``node`` for goods available at ``at``."""
        key = (node, rides_as, at)
        if key not in self._choices:
            chosen: list[Choice] = []
            first: dict[tuple[str, ...], int] = {}
            board = self.boards.get((node, rides_as))
            if board is not None:
                for option in board.between(at, at + self.search.clock.longest_wait(node)):
                    # One that leaves later for the same last departure may wait more cheaply.
                    if first.setdefault(option.path, option.last) == option.last or option.scarce:
                        chosen.append(
                            Choice(option.rated, option.index, option.scarce, option.barred)
                        )
            for label in self.search.dating.leaving(node, rides_as, at):
                index = self.search.number(label.services, label.departures)
                rated = self.search.rides[index]
                chosen.append(Choice(rated, index, bool(label.slots), label.barred))
            self._choices[key] = chosen
        return self._choices[key]


class _Mine(NamedTuple):
    """An option of one consignment: whether it leaves at its instant, and its cost to the end."""

    option: Option
    own: bool
    usd: float
    choice: Choice


class Shared:
    """Choices of goods that may wait to ride with others, once :func:`_meet` knows the instants."""

    def __init__(self, search: Search, boards: dict[Key, Board]) -> None:
        self.search = search
        self.boards = boards
        self.available = _meet(search, boards)

    def of(self, k: int) -> Callable[[str, str, int], Sequence[Choice]]:
        """Choices of the ``k``-th consignment."""
        search = self.search
        others = search.together[k] & ~(1 << k)
        # A chartered departure is shared even by those who share no unit.
        everybody = ((1 << len(search.consignments)) - 1) & ~(1 << k)
        known: dict[tuple[str, str, int], list[Choice]] = {}
        mine: dict[Key, tuple[list[int], list[_Mine]]] = {}

        def choices(node: str, rides_as: str, at: int) -> Sequence[Choice]:
            key = (node, rides_as, at)
            if key in known:
                return known[key]
            board = (node, rides_as)
            if board not in mine:
                mine[board] = self._mine(k, board)
            stuffed, options = mine[board]
            first = bisect.bisect_left(stuffed, at)
            last = bisect.bisect_right(stuffed, at + search.clock.longest_wait(node))
            paid = self.available.get(board, {}).get(at, {}).get(k, math.inf)
            most = float(search.means.full[k]) - paid + CENT
            chosen: list[Choice] = []
            soonest: dict[tuple[str, ...], int] = {}
            for option, own, usd, choice in options[first:last]:
                if usd > most:
                    continue
                if option.instant < 0:
                    # The first departure of a path (a unit may leave for it sooner or later); later
                    # ones only to meet somebody there, or because slots may run out.
                    if (
                        soonest.setdefault(option.path, option.last) != option.last
                        and not option.riders & others
                        and not option.scarce
                    ):
                        continue
                elif not (
                    own
                    if option.instant == at
                    else option.company & (everybody if option.rated.chartered else others)
                ):
                    continue
                chosen.append(choice)
            known[key] = chosen
            return chosen

        return choices

    def _mine(self, k: int, key: Key) -> tuple[list[int], list[_Mine]]:
        """Options of a board the ``k``-th consignment may take, and when they are stuffed."""
        search = self.search
        c = search.consignments[k]
        me = 1 << k
        outlooks = search.outlook(k)
        stuffed: list[int] = []
        options: list[_Mine] = []
        # Nobody rides before he is ready, nor once he is due.
        possible = self.boards.get(key, Board()).between(search.ready[k], search.due[k])
        for option in possible:
            if not option.riders & me:
                continue
            rated = option.rated
            rest = outlooks[rated.ride.services[-1].id].least_usd[0]
            stuffed.append(rated.ride.stuffed)
            options.append(
                _Mine(
                    option,
                    bool(option.owners & me),
                    rest + rated.kg_usd * c.gross_kg + rated.full_usd(c),
                    Choice(rated, option.index, option.scarce),
                )
            )
        return stuffed, options
