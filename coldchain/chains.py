"""Chains of carriages of one consignment: a dated graph, its bounds, and the walk through it.

A *state* is goods available at a node to go on by one kind of equipment, and whether they have
been opened at one of the nodes they must be opened at; an *arc* is a ride
taken from there, with the wait for it and the operations before it. The graph runs forward in
time, so the least cost and life still to come are worked out backwards, and the walk looks into a
branch only if something can come of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from coldchain.carriages import Dating
from coldchain.charges import (
    handling_usd,
    hold_usd,
    packed_usd,
    store_at,
)
from coldchain.clock import Clock, Stretch
from coldchain.goods import Consignment, Packaging
from coldchain.network import Operation, Trigger
from coldchain.prospects import CENT, Outlook
from coldchain.rides import RatedRide
from coldchain.scenario import Scenario

ROUNDING = 1e-12
"""Life nearer than this to the allowed is within it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A ride a consignment may take.

    ``scarce``: nobody can count on it, for its slots may run out or a departure of it not run.
    ``barred`` are the classes of goods, a bit each, that it takes to where they may not enter.
    """

    rated: RatedRide
    index: int
    scarce: bool
    barred: int = 0


@dataclass(slots=True, eq=False)
class _Arc:
    """A ride taken from a state; ``then`` is the next state, or -1 if it delivers at ``at``.

    Units cost ``shared_usd`` when full, ``alone_usd`` to oneself, on chartered departures that are
    full; ``scarce``: slots may run out, or a departure not run.
    """

    link: int
    own_usd: float
    shared_usd: float
    alone_usd: float
    scarce: bool
    chartered: bool
    life: float
    end: str
    then: int
    at: int


@dataclass(slots=True)
class _State:
    arcs: list[_Arc] = field(default_factory=list[_Arc])
    least_shared: list[float] = field(default_factory=list[float])
    """Least own and shared cost to delivery, by how many cross-docks may follow."""
    least_alone: list[float] = field(default_factory=list[float])
    least_life: float = math.inf
    least_at: float = math.inf
    """Earliest minute of delivery."""


@dataclass(frozen=True, slots=True)
class Cheapest:
    """The cheapest itinerary of some kind; if there is none, ``usd`` is infinite."""

    usd: float
    delivered: int
    life_used: float
    own_usd: float
    links: tuple[int, ...]


@dataclass(slots=True)
class Rows:
    """Itineraries of one consignment: minute of delivery, life used, own cost, links."""

    delivered: list[int] = field(default_factory=list[int])
    life_used: list[float] = field(default_factory=list[float])
    own_usd: list[float] = field(default_factory=list[float])
    links: list[tuple[int, ...]] = field(default_factory=list["tuple[int, ...]"])

    def add(self, found: Cheapest) -> None:
        """Put an itinerary in, if it is not there yet."""
        if found.links and found.links not in self.links:
            self.delivered.append(found.delivered)
            self.life_used.append(found.life_used)
            self.own_usd.append(found.own_usd)
            self.links.append(found.links)


class Chains:
    """The dated graph of one consignment.

    Parameters
    ----------
    choices
        Rides to choose from at (node, equipment as it rides, minute available).
    outlook
        What is left to the goods once their unit is opened where a service ends, by its id.
    due, allowed
        Minute by which goods must be delivered; life that may be used then.
    packaging, pace
        How the goods are packed, and the number of their pace in the rates.
    entry_class
        Bit of the goods in the masks of who may not enter where.
    """

    def __init__(
        self,
        dating: Dating,
        scenario: Scenario,
        consignment: Consignment,
        *,
        choices: Callable[[str, str, int], Sequence[Choice]],
        outlook: Mapping[str, Outlook],
        ready: int,
        due: int,
        allowed: float,
        packaging: Packaging,
        pace: int,
        entry_class: int = 0,
    ) -> None:
        self.dating = dating
        self.scenario = scenario
        self.consignment = consignment
        self.choices = choices
        self.due = due
        self.allowed = allowed
        self.packaging = packaging
        self.pace = pace
        self.entry_class = entry_class
        self.clock: Clock = dating.clock
        self.rates = dating.rates
        self.setpoints = tuple(
            self.rates.setpoints_c.index(s) for s in scenario.setpoints_for(consignment)
        )
        self._last_setpoints = frozenset(
            self.rates.setpoints_c.index(s) for s in scenario.last_setpoints_for(consignment)
        )
        self._n = len(self.rates.setpoints_c)
        self._outlook = outlook
        self._treated = scenario.treatment_in_transit(consignment) is not None
        self._docks = scenario.max_cross_docks
        self._packing_usd, self._usd_per_life = packed_usd(scenario, consignment, packaging)
        self._states: list[_State] = []
        self._number: dict[tuple[str, str, str, int, bool, bool], int] = {}
        self._handled: dict[tuple[str, int, int], float] = {}
        self._following: dict[tuple[int, bool], list[tuple[int, int, float]]] = {}
        self._via = scenario.via_of(consignment)
        ends = {consignment.origin, consignment.destination}
        met = not self._via or not ends.isdisjoint(self._via)
        self._unloading = self.clock.destination_operations(consignment)
        self.starts: list[int] = []
        for rides_as in self.clock.equipment_from(consignment.origin):
            operations = self.clock.packing_operations(consignment, rides_as)
            packing: list[Stretch] = []
            at = self.clock.perform(operations, ready, packing)
            self.starts.append(
                self._state(
                    consignment.origin,
                    rides_as,
                    operations,
                    ready,
                    at,
                    met=met,
                    packing=packing,
                )
            )

    # The graph ------------------------------------------------------------------------------

    def _state(
        self,
        node: str,
        rides_as: str,
        operations: Sequence[Operation],
        since: int,
        at: int,
        *,
        met: bool,
        by_kg: bool = False,
        packing: Sequence[Stretch] | None = None,
    ) -> int:
        """Number of the state after ``operations`` ran from ``since`` to ``at`` at ``node``.

        ``met``: goods have been where they must be opened, or will be where they end.
        ``by_kg``: goods came by the kilogram, so a cross-dock is paid by the unit they go on in.
        ``packing``: the stretches of the operations where they are those before goods are packed.
        """
        key = (node, rides_as, "+".join(o.id for o in operations), since, by_kg, met)
        if key in self._number:
            return self._number[key]
        number = self._number[key] = len(self._states)
        state = _State()
        self._states.append(state)
        c = self.consignment
        store = store_at(self.clock.network, node)
        stored = store.usd_per_kg_min * c.gross_kg
        papers = c.gross_kg * sum(
            o.usd_per_kg for o in operations if o.trigger is Trigger.ORIGIN_EQUIPMENT
        )
        before: list[float] = []
        for choice in self.choices(node, rides_as, at):
            if choice.barred & self.entry_class:
                continue
            rated = choice.rated
            ride = rated.ride
            outlook = self._outlook.get(ride.services[-1].id)
            if outlook is None or ride.handed_over > outlook.latest:
                continue
            wait = ride.stuffed - at
            stay = store.usd_per_kg(wait) * c.gross_kg if store.free else stored * wait
            own = stay + rated.kg_usd * c.gross_kg + papers
            if by_kg:
                own += sum(self._handling(o, 0, rated.pallets) for o in operations)
            shared, alone = rated.full_usd(c), rated.alone_usd(c)
            if own + shared > outlook.left_usd[0] and own + alone > outlook.left_usd[1]:
                continue
            if not before:
                before = self._before(operations, since, packing)
            for setpoint in self.setpoints:
                rate = self.rates.at(self.rates.setpoints_c[setpoint])[self.pace]
                life = before[setpoint] + wait * rate + rated.life[setpoint][self.pace]
                if not life <= self.allowed:
                    continue
                link = choice.index * self._n + setpoint
                if ride.destination == c.destination:
                    if setpoint not in self._last_setpoints or not met:
                        continue
                    held = self.clock.hold(c, ride) if self._treated else 0
                    there = ride.handed_over + held
                    done = self.clock.perform(self._unloading, there)
                    life += held * rate + self._life(self._unloading, there, setpoint)
                    if done > self.due or not life <= self.allowed:
                        continue
                    usd = own + sum(self._handling(o, rated.pallets, 0) for o in self._unloading)
                    if held:
                        usd += hold_usd(self.clock, c, ride)
                    usd += self._usd_per_life * life
                    state.arcs.append(
                        _Arc(
                            link,
                            usd,
                            shared,
                            alone,
                            choice.scarce,
                            rated.chartered,
                            life,
                            ride.destination,
                            -1,
                            done,
                        )
                    )
                    continue
                usd = own + self._usd_per_life * life
                for then, done, dock in self._onward_states(choice, met):
                    state.arcs.append(
                        _Arc(
                            link,
                            usd + dock,
                            shared,
                            alone,
                            choice.scarce,
                            rated.chartered,
                            life,
                            ride.destination,
                            then,
                            done,
                        )
                    )
        self._bound(state)
        return number

    def _before(
        self, operations: Sequence[Operation], since: int, packing: Sequence[Stretch] | None
    ) -> list[float]:
        """Life used by what is done to goods before they may be stuffed, by setpoint."""
        if packing is None:
            return [self._life(operations, since, s) for s in range(self._n)]
        return [self._begin(packing, s) for s in range(self._n)]

    def _onward_states(self, choice: Choice, met: bool) -> list[tuple[int, int, float]]:
        """States a ride can lead to through a cross-dock, with its end and its price."""
        key = (choice.index, met)
        if key not in self._following:
            rated = choice.rated
            ride = rated.ride
            out: list[tuple[int, int, float]] = []
            for onward, operation in self.dating.openings(
                ride.destination, ride.services[-1].rides_as
            ):
                done = self.clock.timetable.finish(operation, ride.handed_over)
                then = self._state(
                    ride.destination,
                    onward,
                    (operation,),
                    ride.handed_over,
                    done,
                    met=met or ride.destination in self._via,
                    by_kg=not rated.pallets,
                )
                if self._states[then].arcs:
                    dock = self._handling(operation, rated.pallets, 0) if rated.pallets else 0.0
                    out.append((then, done, dock))
            self._following[key] = out
        return self._following[key]

    def _bound(self, state: _State) -> None:
        """Least cost and life to come; all states that follow have theirs."""
        shared = [math.inf] * (self._docks + 1)
        alone = [math.inf] * (self._docks + 1)
        least_life = least_at = math.inf
        for arc in state.arcs:
            own = arc.own_usd + arc.shared_usd
            own_alone = arc.own_usd + arc.alone_usd
            if arc.then < 0:
                least_life = min(least_life, arc.life)
                least_at = min(least_at, arc.at)
                for docks in range(self._docks + 1):
                    shared[docks] = min(shared[docks], own)
                    alone[docks] = min(alone[docks], own_alone)
                continue
            following = self._states[arc.then]
            least_life = min(least_life, arc.life + following.least_life)
            least_at = min(least_at, following.least_at)
            for docks in range(self._docks):
                shared[docks + 1] = min(shared[docks + 1], own + following.least_shared[docks])
                alone[docks + 1] = min(alone[docks + 1], own_alone + following.least_alone[docks])
        state.least_shared, state.least_alone = shared, alone
        state.least_life, state.least_at = least_life, least_at

    def _handling(self, operation: Operation, unit_in: int, unit_out: int) -> float:
        key = (operation.id, unit_in, unit_out)
        if key not in self._handled:
            c = self.consignment
            self._handled[key] = handling_usd(
                operation,
                gross_kg=c.gross_kg,
                pallets=c.pallets,
                unit_in=unit_in,
                unit_out=unit_out,
            )
        return self._handled[key]

    def _life(self, operations: Sequence[Operation], at: int, setpoint: int) -> float:
        """Life used from ``at`` until ``operations`` are done, waits for opening included."""
        return self.rates.life_in(self.clock.timetable, operations, at)[setpoint][self.pace]

    def _begin(self, packing: Sequence[Stretch], setpoint: int) -> float:
        """Life used until goods are packed, and what the warmth they keep may cost later."""
        if setpoint not in self.setpoints:
            return math.inf
        setpoint_c = self.rates.setpoints_c[setpoint]
        history = [s for stretch in packing for s in stretch.surroundings(setpoint_c)]
        pace = self.rates.paces[self.pace]
        begin = pace.begin(history, pulp_c=self.consignment.pulp_at_ready_c, unit_c=setpoint_c)
        return begin.life + begin.warmth

    # The walk -------------------------------------------------------------------------------

    def cheapest(self, *, alone: bool, sure: bool = False, regular: bool = False) -> Cheapest:
        """The cheapest itinerary: with load units to itself, or with a share of full ones.

        ``sure``: on departures whose slots cannot run out and that are not chartered; ``regular``:
        on departures that are not chartered.
        """
        best = Cheapest(math.inf, 0, 0.0, 0.0, ())
        c = self.consignment
        links: list[int] = []

        def walk(
            number: int, docks: int, own: float, boxes: float, life: float, seen: frozenset[str]
        ) -> None:
            nonlocal best
            options: list[tuple[float, float, _Arc]] = []
            for arc in self._states[number].arcs:
                if (sure and arc.scarce) or (regular and arc.chartered):
                    continue
                units = boxes + (arc.alone_usd if alone else arc.shared_usd)
                rest = 0.0
                if arc.then >= 0:
                    if not docks:
                        continue
                    following = self._states[arc.then]
                    least = following.least_alone if alone else following.least_shared
                    rest = least[docks - 1]
                options.append((own + arc.own_usd + units + rest, units, arc))
            options.sort(key=lambda option: option[0])
            for total, units, arc in options:
                if total >= best.usd:
                    return
                used = life + arc.life
                rest_life = self._states[arc.then].least_life if arc.then >= 0 else 0.0
                if used + rest_life > self.allowed + ROUNDING or arc.end in seen:
                    continue
                paid = own + arc.own_usd
                if arc.then < 0:
                    best = Cheapest(paid + units, arc.at, used, paid, (*links, arc.link))
                else:
                    links.append(arc.link)
                    walk(arc.then, docks - 1, paid, units, used, seen | {arc.end})  # noqa: F821
                    links.pop()

        for start in self.starts:
            walk(
                start,
                self._docks,
                self._packing_usd,
                0.0,
                c.life_used_at_ready,
                frozenset({c.origin}),
            )
        del walk  # a function that knows itself is freed by nobody, and all it knows with it
        return best

    def earliest(self) -> float:
        """Earliest minute of delivery, infinite if there is none."""
        return self.soonest()[0]

    def soonest(self) -> tuple[float, tuple[int, ...]]:
        """Earliest minute of delivery and the links it takes; infinite, and none."""
        return self._least(lambda arc: 0.0, lambda arc: arc.at, lambda state: state.least_at, 0.0)

    def freshest(self) -> float:
        """Least life used at delivery, infinite if there is none."""
        return self._least(
            lambda arc: arc.life,
            lambda arc: 0.0,
            lambda state: state.least_life,
            self.consignment.life_used_at_ready,
        )[0]

    def _least(
        self,
        step: Callable[[_Arc], float],
        end: Callable[[_Arc], float],
        rest: Callable[[_State], float],
        start: float,
    ) -> tuple[float, tuple[int, ...]]:
        """Least sum of ``step`` along an itinerary, and ``end`` at delivery; ``rest`` bounds it."""
        best = math.inf
        taken: tuple[int, ...] = ()
        links: list[int] = []

        def walk(number: int, docks: int, so_far: float, seen: frozenset[str]) -> None:
            nonlocal best, taken
            options: list[tuple[float, float, _Arc]] = []
            for arc in self._states[number].arcs:
                if arc.end in seen or (arc.then >= 0 and not docks):
                    continue
                value = so_far + step(arc)
                more = rest(self._states[arc.then]) if arc.then >= 0 else end(arc)
                options.append((value + more, value, arc))
            options.sort(key=lambda option: option[0])
            for total, value, arc in options:
                if total >= best:
                    return
                if arc.then < 0:
                    best, taken = total, (*links, arc.link)
                else:
                    links.append(arc.link)
                    walk(arc.then, docks - 1, value, seen | {arc.end})  # noqa: F821
                    links.pop()

        for number in self.starts:
            walk(number, self._docks, start, frozenset({self.consignment.origin}))
        del walk
        return best, taken

    def rows(self, most_usd: float = math.inf) -> Rows:
        """Itineraries that cost no more than ``most_usd``, units and chartered departures full."""
        out = Rows()
        c = self.consignment
        links: list[int] = []

        def walk(
            number: int, docks: int, own: float, shared: float, life: float, seen: frozenset[str]
        ) -> None:
            for arc in self._states[number].arcs:
                usd = own + arc.own_usd
                boxes = shared + arc.shared_usd
                used = life + arc.life
                rest_usd = rest_life = 0.0
                if arc.then >= 0:
                    if not docks:
                        continue
                    state = self._states[arc.then]
                    rest_usd, rest_life = state.least_shared[docks - 1], state.least_life
                if (
                    usd + boxes + rest_usd > most_usd + CENT
                    or used + rest_life > self.allowed + ROUNDING
                    or arc.end in seen
                ):
                    continue
                if arc.then < 0:
                    out.delivered.append(arc.at)
                    out.life_used.append(used)
                    out.own_usd.append(usd)
                    out.links.append((*links, arc.link))
                else:
                    links.append(arc.link)
                    walk(arc.then, docks - 1, usd, boxes, used, seen | {arc.end})  # noqa: F821
                    links.pop()

        for start in self.starts:
            walk(
                start,
                self._docks,
                self._packing_usd,
                0.0,
                c.life_used_at_ready,
                frozenset({c.origin}),
            )
        del walk
        return out
