"""Level one of the candidates: timed ways of one sealed unit between places where it may be opened.

A *path* is a chain of services a unit can take without being opened. Dating it gives rides:

* A path with a scheduled service is dated backwards from each departure of its first scheduled
  service: the unit is stuffed just in time for that cut-off, since goods waiting in their store
  cost no more than goods waiting in a hired unit. After that departure it goes on at once by a
  service on demand, and by the first departure it can take of a scheduled one, or by a later: the
  first may run out of slots, or wait where it is dearer. For later ones it waits `max_dwell_h` at
  most, in all.
* A path of on-demand services alone is dated forwards from an instant at which something becomes
  available (:mod:`coldchain.boards` knows those), and backwards, just in time, for the dated
  rides that start where it ends, if goods cannot wait there in a cold store.

**Prospects.** A unit is followed as long as it can bring somebody home, in time and within what
he may spend (:mod:`coldchain.prospects`); rides nobody can gain by are left out.

Units on their way are compared as whole rides are (:mod:`coldchain.dominance`): what one that
comes sooner, costs no more and takes no more makes pointless is not followed.

Free hours make a wait cheaper than its price by the minute. What the better one waits longer is
counted at that price, in a store or at a plug, so nothing is dropped that free hours would save.
"""

from __future__ import annotations

import bisect
import heapq
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coldchain.charges import (
    Running,
    detention_usd,
    store_at,
)
from coldchain.legs import Legs
from coldchain.network import Operation, Service
from coldchain.onward import Connections
from coldchain.prospects import Party, Prospects
from coldchain.rides import RatedRide, RideBook
from coldchain.timetable import DAY_MIN, Departure

Floats = NDArray[np.float64]

Slot = Departure | tuple[str, date]
"""What may run out: a departure, or an operation on a local day."""

TINY = 1e-9
"""Money and life nearer than this are equal."""


@dataclass(frozen=True, slots=True)
class Scarcity:
    """What may run out: services with fewer slots than ``below`` says of them, by id.

    And ``crowded`` operations, wanted for more units than they take on one day, by id.
    """

    below: Mapping[str, int]
    crowded: frozenset[str]


NOTHING_SCARCE = Scarcity({}, frozenset())


@dataclass(slots=True, eq=False)  # made by the million: to freeze them would take its time
class _Label:
    """A sealed unit at a node, its arrival operations done: what a Pareto search compares.

    ``usd`` leaves out the running hours and ``extra_life`` (per setpoint and pace) life at the
    setpoint, which are the same for all labels once they have waited for each other; and the
    detention where it is, of which ``idle`` minutes have passed already. ``spare`` is the part of
    ``usd`` that chartered departures may cost though nobody uses the slot. ``barred`` are the
    classes of goods (a bit each) that may not ride so far, ``ahead`` slots of work to go on.

    ``before`` is what each of the party has spent at least when it started, ``unit_usd`` and
    ``kg_usd`` what a unit (running hours left out) and a gross kg cost since, charters full;
    ``passed`` the minutes waited for later departures than the first it could have taken.
    """

    at: int
    stuffed: int
    usd: float
    extra_life: tuple[float, ...]
    running: Running
    idle: int
    pallets: int
    payloads: frozenset[int]
    spare: float
    slots: frozenset[Slot]
    ahead: frozenset[Slot]
    barred: int
    services: tuple[Service, ...]
    departures: tuple[int, ...]
    before: Floats
    unit_usd: float
    kg_usd: float
    passed: int

    def spent(self, party: Party, before: Floats | None = None) -> Floats:
        """What each of ``party`` has spent so far, at least; ``before``: if it began like this."""
        if before is None:
            before = self.before
        minutes = self.at - self.departures[0]
        unit, pallets = 0.0, 0
        if not self.services[0].shared_by_kg:
            unit = self.unit_usd + self.running.usd_per_h * minutes / 60
            pallets = self.pallets
        return party.spent(
            before, unit_usd=unit, kg_usd=self.kg_usd, pallets=pallets, minutes=minutes
        )


@dataclass(frozen=True, slots=True)
class _Feeder:
    """An on-demand chain as a static comparison sees it.

    ``free``: nothing opens, shuts, stands still on some day or is delayed on it.
    """

    services: tuple[Service, ...]
    terms: tuple[float, ...]
    free: bool
    barred: int
    chartered: frozenset[str]

    def beats(self, other: _Feeder) -> bool:
        return (
            self.free
            and not self.barred & ~other.barred
            and self.chartered <= other.chartered
            and all(a <= b for a, b in zip(self.terms, other.terms, strict=True))
        )


class _Head(NamedTuple):
    """How a unit gets to its first scheduled departure, and what goods have spent there."""

    services: tuple[Service, ...]
    departures: tuple[int, ...]
    before: Floats


def sealed_work(connections: Connections, service: Service) -> tuple[Operation, ...]:
    """Operations on units that come by ``service`` and stay sealed: on arrival, and to go on."""
    transfers = (transfer for _, transfer in connections.sealed[service.id])
    onward = dict.fromkeys(t for t in transfers if t is not None)
    return (*connections.clock.arrival_operations(service), *onward)


class Dating:
    """Finds the undominated rides of sealed units between two minutes."""

    def __init__(
        self,
        book: RideBook,
        *,
        connections: Connections,
        prospects: Prospects,
        first: int,
        last: int,
        barred: Mapping[str, int],
        scarcity: Scarcity,
        hasty: bool = False,
    ) -> None:
        self.book = book
        self.clock = clock = book.clock
        self.rates = book.rates
        self.connections = connections
        self.legs = Legs(clock, book.rates, connections)
        self.services = connections.leaving
        self.prospects = prospects
        self.first = first
        self.last = last
        self._barred = barred
        self.scarcity = scarcity
        self.hasty = hasty
        """Whether nothing counts but to come early: rides are not compared by anything else."""
        self.crowded = scarcity.crowded
        self._treatments: dict[str, set[int]] = {}
        for c in clock.scenario.consignments:
            treatment = clock.scenario.treatment_in_transit(c)
            if treatment is not None:
                minutes = clock.timetable.operation_minutes(treatment)
                self._treatments.setdefault(c.destination, set()).add(minutes)
        self._departures: dict[str, list[int]] = {}
        self._feeding: dict[tuple[str, ...], Floats] = {}
        self._openings: dict[tuple[str, str], list[tuple[str, Operation]]] = {}

    def departures(self, service: Service) -> list[int]:
        """Minutes at which a scheduled ``service`` leaves, ascending."""
        if service.id not in self._departures:
            runs = self.clock.timetable.departures(service, self.first, self.last)
            self._departures[service.id] = sorted(run.departs for run in runs)
        return self._departures[service.id]

    def barred(self, services: Iterable[Service]) -> int:
        """Classes of goods, a bit each, that may not enter where one of ``services`` does."""
        mask = 0
        if self._barred:
            for service in services:
                mask |= self._barred.get(service.id, 0)
        return mask

    def few_slots(self, service: Service) -> bool:
        """Whether a departure's slots may run out, or it may not run because nobody pays for it."""
        return service.chartered or service.capacity_units < self.scarcity.below.get(service.id, 0)

    @property
    def run_out(self) -> frozenset[str]:
        """Services and operations whose slots may run out, by id."""
        few = (s.id for s in self.connections.services if self.few_slots(s))
        return self.crowded | frozenset(few)

    def _leads_to_work(self, service: Service) -> bool:
        """Whether crowded work is done to sealed units that come by ``service``."""
        if not self.crowded or service.shared_by_kg:
            return False
        return any(o.id in self.crowded for o in sealed_work(self.connections, service))

    def work_slots(self, first: Service, operation: Operation, begins: int) -> set[Slot]:
        """The slot ``operation`` takes, if it may run out; what is by the kilogram takes none."""
        if operation.id not in self.crowded or first.shared_by_kg:
            return set()
        return {(operation.id, self.clock.timetable.day_begun(operation, begins))}

    def next_departures(self, service: Service, at: int, *, passed: int = 0) -> list[int]:
        """The next departure from ``at`` on; of a scheduled service those it may be left for, too.

        An earlier one may have no slot left, and a later one may wait where it is cheaper.
        ``passed`` minutes have been waited so already.
        """
        if service.on_demand:
            departs = self.clock.timetable.next_on_demand(service, at, self.last)
            return [] if departs is None else [departs]
        runs = self.departures(service)
        first = bisect.bisect_left(runs, at)
        if self.hasty or first == len(runs):
            return runs[first : first + 1]
        latest = runs[first] + self.clock.longest_sealed_wait - passed
        return runs[first : bisect.bisect_right(runs, latest)]

    def _ride_on(
        self,
        label: _Label | None,
        service: Service,
        departs: int,
        before: Floats,
        *,
        passed: int = 0,
    ) -> _Label:
        """``label`` (none: a unit just stuffed) after the leg by ``service`` at ``departs``.

        ``before`` is what each of the party has spent when the unit was stuffed; a departure
        ``passed`` minutes sooner might have been taken.
        """
        usd, extra = self.legs.terms(service)
        unit_usd, kg_usd = self.legs.price(service)
        at = self.clock.after_arrival(service, departs)
        late = self.clock.timetable.delay_minutes(service.id, departs)
        if late and service.temperature_c is not None:
            held, more = service.temperature_c, list(extra)
            self.legs.add(more, lambda _: held, float(late))
            extra = tuple(more)
        slots: set[Slot] = set()
        if self.few_slots(service):
            slots.add(self.clock.timetable.departure(service, departs))
        if self.crowded:
            arrived = self.clock.timetable.arrival(service, departs)
            for operation in self.clock.arrival_operations(service):
                begins = self.clock.timetable.next_open(operation, arrived)
                slots |= self.work_slots(service, operation, begins)
                arrived = self.clock.timetable.finish(operation, arrived)
        barred = self._barred.get(service.id, 0)
        hour, pallets = self.legs.running(service), service.pallets_per_unit
        idle = self.clock.idle_on_arrival(service, departs)
        payload = frozenset((service.payload_kg,))
        spare = self.legs.spare_usd(service)
        if label is None:
            stuffed = departs - self.clock.cutoff(service)
            alone = (frozenset(slots), self._ahead(service, at), barred, (service,), (departs,))
            price = (before, unit_usd, kg_usd, passed)
            return _Label(
                at, stuffed, usd, extra, hour, idle, pallets, payload, spare, *alone, *price
            )
        last = label.services[-1]
        transfer, _ = self.clock.onward(last, service)
        ready = label.at if transfer is None else self.clock.timetable.finish(transfer, label.at)
        stop = self.legs.plug_usd(service.origin, last, departs - ready)
        kept = label.idle + departs - label.at
        if transfer is not None:
            kept -= self.clock.timetable.operation_minutes(transfer)
            begins = self.clock.timetable.next_open(transfer, label.at)
            slots |= self.work_slots(service, transfer, begins)
            stop += transfer.usd_per_unit
            extra = tuple(map(sum, zip(extra, self.legs.extra((transfer,)), strict=True)))
        stop += detention_usd(last, kept)
        return _Label(
            at,
            label.stuffed,
            label.usd + usd + stop,
            tuple(map(sum, zip(extra, label.extra_life, strict=True))),
            label.running.dearest(hour),
            idle,
            min(label.pallets, pallets),
            label.payloads | payload,
            label.spare + spare,
            label.slots | slots,
            self._ahead(service, at),
            label.barred | barred,
            (*label.services, service),
            (*label.departures, departs),
            before,
            label.unit_usd + unit_usd + stop,
            label.kg_usd + kg_usd,
            label.passed + passed,
        )

    def _ahead(self, service: Service, at: int) -> frozenset[Slot]:
        """Slots that work to go on from where ``service`` ends would take from ``at`` on."""
        if not self.crowded:
            return frozenset()
        ahead: set[Slot] = set()
        for _, transfer in self.connections.sealed[service.id]:
            if transfer is not None:
                begins = self.clock.timetable.next_open(transfer, at)
                ahead |= self.work_slots(service, transfer, begins)
        return frozenset(ahead)

    def _beats(self, a: _Label, b: _Label, node: str) -> bool:
        """Whether ``a`` makes ``b`` pointless at the same ``node`` and equipment.

        Units stuffed at one minute only: what waits are spared before is not in ``usd``.
        """
        if self.hasty:
            sooner = a.at <= b.at and a.stuffed == b.stuffed
            return sooner and not a.barred & ~b.barred and self._stayed_less(a, b, node)
        return (
            a.at <= b.at
            and a.stuffed == b.stuffed
            and a.usd - a.spare <= b.usd - b.spare + TINY
            and a.running.within(b.running)
            and a.pallets >= b.pallets
            # Plugs are paid by the payload, which later legs may lower: like with like only.
            and len(a.payloads) == 1
            and a.payloads == b.payloads
            and a.passed <= b.passed
            and a.slots <= b.slots
            and a.ahead <= b.ahead
            and not a.barred & ~b.barred
            and self._stayed_less(a, b, node)
            and all(x <= y + TINY for x, y in zip(a.extra_life, b.extra_life, strict=True))
            and a.usd - a.spare + self._dearer_waiting(a, b, node) <= b.usd - b.spare + TINY
        )

    def _stayed_less(self, a: _Label, b: _Label, node: str) -> bool:
        """Whether a transit limit of the country of ``node`` leaves ``a`` as long as ``b``."""
        if self.clock.network.nodes[node].country not in self.clock.network.transit_limits_h:
            return True
        entered = self.clock.entered
        return entered(a.services, a.departures) >= entered(b.services, b.departures)

    def _dearer_waiting(self, a: _Label, b: _Label, node: str) -> float:
        """The most by which waiting at ``node`` costs ``a`` more than ``b``, wherever both go on.

        ``a`` is there first and waits for the same departure, or its goods do in the store. What
        more they wait is priced by the minute, as if nothing of it were free; of detention the most
        is worked out, over all waits of ``b``.
        """
        last, other = a.services[-1], b.services[-1]
        sooner = b.at - a.at
        usd = 0.0
        rate = sum(usd_per_min for _, usd_per_min in self.legs.plugs(node, last))
        if rate and sooner:
            # A transfer that both have to wait for may leave more, or less, of it to the plug.
            finish = self.clock.timetable.finish
            usd = rate * max(
                sooner if lift is None else finish(lift, b.at) - finish(lift, a.at)
                for lift in (None, *self.legs.lifts(node, last))
            )
        if sooner and self.openings(node, last.rides_as):
            store = store_at(self.clock.network, node).usd_per_kg_min
            usd = max(usd, store * last.payload_kg * sooner)
        if last.detention_usd_per_unit_h or other.detention_usd_per_unit_h:
            if last.detention_usd_per_unit_h > other.detention_usd_per_unit_h:
                return math.inf
            # From where the free hours of ``b`` end it costs ``b`` no less by the minute.
            left = 60.0 * other.detention_free_h - b.idle
            wait = max(0.0, left)
            mine = detention_usd(last, a.idle + sooner + wait)
            usd += mine - detention_usd(other, b.idle + wait)
        return usd

    def explore(
        self, starts: Iterable[_Label], party: Party, *, on_demand_only: bool
    ) -> list[_Label]:
        """Undominated labels reached from ``starts``, those included, in order of time.

        Those that can still bring home somebody of ``party``.
        """
        found: dict[tuple[str, str], list[_Label]] = {}
        queue: list[tuple[int, int, _Label]] = []
        serial = 0
        for label in starts:
            heapq.heappush(queue, (label.at, serial, label))
            serial += 1
        out: list[_Label] = []
        while queue:
            _, _, label = heapq.heappop(queue)
            last = label.services[-1]
            node = last.destination
            rivals = found.setdefault((node, last.rides_as), [])
            if any(self._beats(rival, label, node) for rival in rivals):
                continue
            rivals.append(label)
            out.append(label)
            seen = {s.origin for s in label.services}
            for service, _ in self.connections.sealed[last.id]:
                if (on_demand_only and not service.on_demand) or service.destination in seen:
                    continue
                at = self.clock.earliest_onward(last, service, label.at)
                runs = self.next_departures(service, at, passed=label.passed)
                for departs in runs:
                    onward = self._ride_on(
                        label, service, departs, label.before, passed=departs - runs[0]
                    )
                    if not party.gains(service, onward.at, onward.spent(party), opened=False):
                        # Nor can any that departs later.
                        break
                    if self.clock.overstays(onward.services, onward.departures):
                        continue
                    heapq.heappush(queue, (onward.at, serial, onward))
                    serial += 1
        return out

    def leaving(self, node: str, rides_as: str, at: int) -> list[_Label]:
        """Undominated on-demand rides of a unit whose goods are available at ``at``."""
        runs: list[tuple[Service, int]] = []
        for service in self.services.get(node, ()):
            if service.on_demand and service.rides_as == rides_as:
                departs = self.clock.timetable.next_on_demand(
                    service, at + self.clock.cutoff(service), self.last
                )
                if departs is None:
                    continue
                if departs - self.clock.cutoff(service) - at <= self.clock.longest_wait(node):
                    runs.append((service, departs))
        party = self.prospects.party(runs)
        starts = [self._start(service, departs, party) for service, departs in runs]
        labels = self.explore(filter(None, starts), party, on_demand_only=True)
        return [label for label in labels if self.may_end(label, party)]

    def _start(self, service: Service, departs: int, party: Party) -> _Label | None:
        """A unit just stuffed for ``service``; none if nobody of ``party`` can gain by it."""
        label = self._ride_on(None, service, departs, party.before(service, departs))
        gains = party.gains(service, label.at, label.spent(party), opened=False)
        return label if gains else None

    def feeders(self, starts: Iterable[str]) -> dict[str, list[tuple[Service, ...]]]:
        """On-demand chains from ``starts`` that can bring a sealed unit to a node, by that node.

        A chain is left out if another, alike at both ends, takes no longer and costs no more
        whatever the hour; one with hours or days to wait for leaves out no other.
        """
        chains: dict[str, list[tuple[Service, ...]]] = {}
        for start in sorted(starts):
            best: dict[tuple[str, str, str], list[_Feeder]] = {}
            pending = [
                self._feeder((service,))
                for service in self.services.get(start, ())
                if service.on_demand
            ]
            while pending:
                feeder = pending.pop()
                first, last = feeder.services[0], feeder.services[-1]
                rivals = best.setdefault((first.rides_as, last.destination, last.rides_as), [])
                if any(rival.beats(feeder) for rival in rivals):
                    continue
                rivals[:] = [rival for rival in rivals if not feeder.beats(rival)]
                rivals.append(feeder)
                seen = {s.origin for s in feeder.services}
                pending.extend(
                    self._feeder((*feeder.services, service))
                    for service, _ in self.connections.sealed[last.id]
                    if service.on_demand and service.destination not in seen
                )
            for rivals in best.values():
                for feeder in rivals:
                    node = feeder.services[-1].destination
                    chains.setdefault(node, []).append(feeder.services)
        return chains

    def _feeder(self, services: tuple[Service, ...]) -> _Feeder:
        operations = [o for s in services for o in self.clock.arrival_operations(s)]
        timetable = self.clock.timetable
        hour = self.legs.running(services[0])
        minutes, usd = 0, sum(self.legs.terms(s)[0] for s in services)
        extra = [self.legs.terms(s)[1] for s in services]
        for before, after in pairwise(services):
            hour = hour.dearest(self.legs.running(after))
            transfer, cutoff = self.clock.onward(before, after)
            minutes += cutoff
            usd += self.legs.plug_usd(after.origin, before, cutoff) + detention_usd(before, cutoff)
            if transfer is not None:
                operations.append(transfer)
                usd += transfer.usd_per_unit
                extra.append(self.legs.extra((transfer,)))
        minutes += sum(self.clock.transit(s) for s in services)
        minutes += sum(timetable.operation_minutes(o) for o in operations)
        last = services[-1]
        dear = last.detention_usd_per_unit_h
        free = all(map(timetable.always_open, operations)) and all(
            timetable.leaves_any_time(s) and not self._leads_to_work(s) for s in services
        )
        terms = (
            float(minutes),
            usd - sum(self.legs.spare_usd(s) for s in services),
            hour.reefer,
            hour.genset,
            hour.carbon,
            dear,
            -last.detention_free_h if dear else -math.inf,
            -float(min(s.pallets_per_unit for s in services)),
            *map(sum, zip(*extra, strict=True)),
        )
        chartered = frozenset(s.id for s in services if s.chartered)
        return _Feeder(services, terms, free, self.barred(services), chartered)

    def _ready_after(
        self, chain: Sequence[Service], then: Service | None, at: int
    ) -> tuple[int, tuple[int, ...]] | None:
        """When a unit that may leave at ``at`` is through ``chain``, ready for ``then``."""
        departures: list[int] = []
        for position, service in enumerate(chain):
            departs = self.clock.timetable.next_on_demand(service, at, self.book.last)
            if departs is None:
                return None
            departures.append(departs)
            at = self.clock.after_arrival(service, departs)
            following = chain[position + 1] if position + 1 < len(chain) else then
            if following is not None:
                at = self.clock.earliest_onward(service, following, at)
        return at, tuple(departures)

    def just_in_time(
        self, chain: Sequence[Service], then: Service | None, deadline: int
    ) -> tuple[int, ...] | None:
        """Latest departures of on-demand ``chain`` that have it ready for ``then`` by ``deadline``.

        The clock never runs backwards, closures and delays included, so bisection on the minute is
        exact.
        """
        key = (tuple(s.id for s in chain), "" if then is None else then.id, deadline)
        if key not in self.book.timely:
            self.book.timely[key] = self._just_in_time(chain, then, deadline)
        return self.book.timely[key]

    def _just_in_time(
        self, chain: Sequence[Service], then: Service | None, deadline: int
    ) -> tuple[int, ...] | None:
        def makes_it(at: int) -> bool:
            ready = self._ready_after(chain, then, at)
            return ready is not None and ready[0] <= deadline

        low, high = self.book.first, deadline
        if high < low or not makes_it(low):
            return None
        at = self._guess(chain, then, deadline)
        if low <= at < high and makes_it(at) and not makes_it(at + 1):
            ready = self._ready_after(chain, then, at)
            assert ready is not None
            return ready[1]
        # A chain takes hours, not weeks: look close to the deadline first.
        step = 2 * sum(self.clock.transit(s) for s in chain) + DAY_MIN
        while high - step > low:
            if makes_it(high - step):
                low = high - step
                break
            high -= step
        while low < high:
            middle = (low + high + 1) // 2
            if makes_it(middle):
                low = middle
            else:
                high = middle - 1
        ready = self._ready_after(chain, then, low)
        assert ready is not None
        return ready[1]

    def _guess(self, chain: Sequence[Service], then: Service | None, deadline: int) -> int:
        """When ``chain`` would have to leave if it took as long as shortly before ``deadline``."""
        at = deadline - sum(self.clock.transit(s) for s in chain)
        ready = self._ready_after(chain, then, at)
        return -1 if ready is None else at + deadline - ready[0]

    def scheduled(self, starts: frozenset[str]) -> list[RatedRide]:
        """Rides from ``starts`` that include a scheduled service.

        What brings a unit to its first scheduled departure passes no place it will pass again.
        """
        feeders = self.feeders(starts)
        rides: list[RatedRide] = []
        for service in (s for group in self.services.values() for s in group):
            if service.on_demand:
                continue
            chains = [
                chain
                for chain in feeders.get(service.origin, ())
                if any(after is service for after, _ in self.connections.sealed[chain[-1].id])
            ]
            if not chains and service.origin not in starts:
                continue
            for departs in self.departures(service):
                party = self.prospects.party([(service, departs)])
                first = self._start(service, departs, party) if party else None
                if first is None:
                    continue
                heads = [_Head((), (), first.before)] if service.origin in starts else []
                for chain in chains:
                    before = np.maximum(first.before, self._fed(chain, party))
                    if not party.gains(service, first.at, first.spent(party, before), opened=False):
                        continue
                    departures = self.just_in_time(chain, service, departs)
                    if departures is not None:
                        heads.append(_Head(chain, departures, before))
                if not heads:
                    continue
                for label in self.explore((first,), party, on_demand_only=False):
                    passed = {s.destination for s in label.services}
                    for head in heads:
                        if not self.may_end(label, party, head.before):
                            continue
                        if passed.isdisjoint(s.origin for s in head.services):
                            services = (*head.services, *label.services)
                            departures = (*head.departures, *label.departures)
                            if not self.clock.overstays(services, departures):
                                number = self.book.number(services, departures)
                                if self.prospects.useful(self.book.rides[number]):
                                    rides.append(self.book.rides[number])
        return rides

    def treatments(self, node: str) -> tuple[int, ...]:
        """How long treatments in transit of goods that end at ``node`` take (minutes)."""
        return tuple(sorted(self._treatments.get(node, ())))

    def may_end(self, label: _Label, party: Party, before: Floats | None = None) -> bool:
        """Whether opening the unit where it is gets goods of ``party`` home, in time and means."""
        spent = label.spent(party, before)
        return party.gains(label.services[-1], label.at, spent, opened=True)

    def _fed(self, chain: Sequence[Service], party: Party) -> Floats:
        """Least each of ``party`` has spent when a unit comes by ``chain``."""
        ids = tuple(s.id for s in chain)
        if ids not in self._feeding:
            p = self.prospects
            rows = [p.number[name] for name in ids]
            self._feeding[ids] = p.before[:, rows[0]] + p.ride[:, rows].sum(axis=1)
        return self._feeding[ids][:, party.columns]

    def openings(self, node: str, rides_as: str) -> list[tuple[str, Operation]]:
        """Equipment goods can go on by after coming to ``node``, with the cross-dock it takes."""
        key = (node, rides_as)
        if key not in self._openings:
            out: list[tuple[str, Operation]] = []
            for onward in sorted({s.rides_as for s in self.services.get(node, ())}):
                operation = self.clock.network.cross_dock(node, rides_as, onward)
                if operation is not None:
                    out.append((onward, operation))
            self._openings[key] = out
        return self._openings[key]
