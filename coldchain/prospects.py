"""Who can still gain from a ride: in time for somebody's delivery, and within his means.

The search follows a unit only as long as it can bring home the goods of at least one consignment.
What anybody may spend is given to it (infinite where that is not known yet), what the way before
and after takes at least is worked out for all consignments at once (:mod:`coldchain.onward`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coldchain.cost_to_go import SPAN_MIN, CostToGo
from coldchain.goods import Consignment
from coldchain.network import Service
from coldchain.onward import (
    Connections,
    Least,
    Tariff,
    minutes_onward,
    minutes_to_depart,
    ride_minutes,
)
from coldchain.rides import RatedRide

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

CENT = 0.01

BLOCK = 32
"""Spans looked at together for the first that can be afforded: mostly it is an early one."""


@dataclass(frozen=True, slots=True)
class Means:
    """What each consignment may spend on its way (USD): units full, and units to itself.

    An itinerary is looked for if it keeps either.
    """

    full: Floats
    alone: Floats

    @staticmethod
    def unlimited(n: int) -> Means:
        """Whatever it costs, for ``n`` consignments."""
        return Means(np.full(n, math.inf), np.full(n, math.inf))


class Outlook(NamedTuple):
    """What is left to one consignment once its unit is opened where a service ends.

    ``latest`` is the last minute at which it may be handed over, ``left_usd`` the most it may have
    spent by then, ``least_usd`` what it costs at least from there: full, and alone.
    """

    latest: float
    left_usd: tuple[float, float]
    least_usd: tuple[float, float]


class Prospects:
    """Least minutes and money of every consignment (columns) by service (rows).

    ``ready``, ``packed`` (at the latest) and ``due`` in minutes. ``packing_usd`` is what each pays
    at least for how it is packed, ``usd_per_min`` what it loses from then on. ``barred`` are the
    services, by id, with the consignments that may not ride them; ``categories`` of the goods of
    an origin, blank if of several.
    """

    def __init__(
        self,
        connections: Connections,
        consignments: Sequence[Consignment],
        *,
        ready: Sequence[int],
        packed: Sequence[int],
        due: Sequence[int],
        means: Means,
        packing_usd: Floats,
        usd_per_min: Floats,
        barred: Mapping[str, Sequence[int]],
        categories: Mapping[str, str],
    ) -> None:
        self.connections = connections
        self.number = connections.number
        services = connections.services
        targets = sorted({c.destination for c in consignments})
        origins = sorted({c.origin for c in consignments})
        minutes = minutes_onward(connections, targets)
        to = [targets.index(c.destination) for c in consignments]
        out_of = [origins.index(c.origin) for c in consignments]
        depart = minutes_to_depart(connections, [(o, categories[o]) for o in origins])
        self.earliest = np.array(ready, dtype=np.float64) + depart[:, out_of]
        """First minute at which a service can depart with the goods."""
        last = np.array(due, dtype=np.float64)
        self.latest_any = last - minutes.any[:, to]
        """Last minute at which the arrival operations of a service may end."""
        self.latest_open = last - minutes.open[:, to]
        """The same, the unit being opened there."""
        for name, them in barred.items():
            row = self.number.get(name)
            if row is not None:
                self.latest_any[row, them] = self.latest_open[row, them] = -math.inf
        tariff = self.tariff = Tariff(connections, consignments, usd_per_min)
        shape = (2, len(services), len(consignments))
        self.before, self.stuffed = np.empty(shape), np.empty(shape)
        """Least cost until a service departs; until goods may be stuffed to go by it (USD)."""
        self._money, self._money_stuffed = np.empty(shape), np.empty(shape)
        """The same but for what goods lose by the minute: of that, time since ``packed`` tells."""
        self._packed = np.array(packed, dtype=np.float64)
        timeless = Tariff(connections, consignments, np.zeros(len(consignments)))
        self.ride = np.empty(shape)
        self.left_any, self.left_open = np.empty(shape), np.empty(shape)
        """Most that may be spent by the end of a service's arrival operations (USD)."""
        self.onward: list[Least] = []
        for how, (most, full) in enumerate(((means.full, True), (means.alone, False))):
            weights = tariff.weights(full=full)
            before = tariff.before(weights, packing_usd)
            onward = tariff.onward(weights)
            self.before[how], self.stuffed[how] = before.any, before.open
            paid = timeless.before(timeless.weights(full=full), packing_usd)
            self._money[how], self._money_stuffed[how] = paid.any, paid.open
            self.ride[how] = weights.ride
            self.onward.append(onward)
            for left, least in ((self.left_any, onward.any), (self.left_open, onward.open)):
                known = np.isfinite(least)
                left[how] = np.where(known, most - np.where(known, least, 0.0) + CENT, -math.inf)
        self.means = np.stack([means.full, means.alone])
        self.to_go = None if np.isposinf(self.means).all() else self._to_go(ready, due)
        spent = self.before + self.ride
        rideable = (spent <= self.left_any).any(axis=0)
        shortest = np.array([ride_minutes(connections.clock, s) for s in services], dtype=float)
        self.latest_departure = self.latest_any - shortest[:, None]
        """Last minute at which a service can depart with the goods."""
        may: Bools = rideable & (self.earliest <= self.latest_departure)
        if self.to_go is not None:
            self._narrow(self.to_go, shortest, may)
        self.may: Bools = may & (self.earliest <= self.latest_departure)
        """Who may be on a service at all."""
        self.latest_any[~self.may] = self.latest_open[~self.may] = -math.inf

    def _to_go(self, ready: Sequence[int], due: Sequence[int]) -> CostToGo:
        first, last = min(ready), max(due)
        departures = self.connections.clock.timetable.departures
        return CostToGo(
            self.connections,
            self.tariff.consignments,
            self.tariff.usd_per_min,
            departures={
                s.id: sorted(run.departs for run in departures(s, first, last))
                for s in self.connections.services
                if not s.on_demand
            },
            first=first,
            last=last,
            order=np.argsort(self.onward[0].any.min(axis=1, initial=math.inf), kind="stable"),
        )

    def spent_at(
        self, row: int, at: Floats | float, columns: Ints | slice, *, stuffed: bool = False
    ) -> Floats:
        """Least the consignments ``columns`` have spent when service ``row`` departs with them.

        Or, at minute ``at`` too, when they are stuffed to go by it.
        """
        least, money = (
            (self.stuffed, self._money_stuffed) if stuffed else (self.before, self._money)
        )
        loses = self.tariff.usd_per_min[columns] * (at - self._packed[columns])
        paid = money[:, row, columns]
        if loses.ndim > 1:
            return np.maximum(least[:, row][:, None, columns], paid[:, None] + loses)
        return np.maximum(least[:, row, columns], paid + loses)

    def _narrow(self, to_go: CostToGo, shortest: Floats, may: Bools) -> None:
        """Narrow when services can depart with the goods to when that can be afforded.

        Of those who ``may`` be on them else.
        """
        spans = np.arange(len(to_go.begins))
        for row in np.flatnonzero(may.any(axis=1)).tolist():
            them = np.flatnonzero(may[row])
            first = self._first_fit(row, them, spans, to_go, shortest[row])
            some = first >= 0
            last = np.full(len(them), -1, dtype=np.int64)
            last[some] = self._first_fit(row, them[some], spans[::-1], to_go, shortest[row])
            begins = np.where(some, to_go.begins[first], math.inf)
            ends = np.where(some, to_go.begins[last] + SPAN_MIN - 1, -math.inf)
            self.earliest[row, them] = np.maximum(self.earliest[row, them], begins - shortest[row])
            self.latest_departure[row, them] = np.minimum(
                self.latest_departure[row, them], ends - shortest[row]
            )

    def _first_fit(
        self, row: int, them: Ints, spans: Ints, to_go: CostToGo, shortest: float
    ) -> Ints:
        """The first of ``spans`` at which each of ``them`` can afford what is to come; -1: none."""
        found = np.full(len(them), -1, dtype=np.int64)
        left = np.arange(len(them))
        for start in range(0, len(spans), BLOCK):
            if not len(left):
                break
            some, who = spans[start : start + BLOCK], them[left]
            least = to_go.any[row, some][:, to_go.of[who]] * self.tariff.pallets[who]
            departs: Floats = (to_go.begins[some] - shortest)[:, None].astype(np.float64)
            spent = self.spent_at(row, departs, who)
            spent += self.ride[:, row][:, None, who]
            spent += least
            fits: Bools = np.any(spent <= self.means[:, None, who] + CENT, axis=0)
            any_fits: Bools = np.any(fits, axis=0)
            found[left[any_fits]] = some[np.argmax(fits[:, any_fits], axis=0)]
            left = left[~any_fits]
        return found

    def ridden(self) -> set[str]:
        """Services anybody may be on, by id."""
        rows = np.flatnonzero(self.may.any(axis=1)).tolist()
        return {self.connections.services[row].id for row in rows}

    def least_usd(self, *, full: bool) -> Floats:
        """Less than any way of each consignment costs; infinite if there is none."""
        how = 0 if full else 1
        whole = self.before[how] + self.ride[how] + self.onward[how].any
        return whole.min(axis=0, initial=math.inf)

    def outlook(self, k: int) -> Mapping[str, Outlook]:
        """What is left to the ``k``-th consignment, by the services it may ride."""
        full, alone = (least.open[:, k] for least in self.onward)
        return {
            self.connections.services[row].id: Outlook(
                self.latest_open[row, k],
                (self.left_open[0, row, k], self.left_open[1, row, k]),
                (full[row], alone[row]),
            )
            for row in np.flatnonzero(self.may[:, k] & np.isfinite(full)).tolist()
        }

    def party(self, departing: Iterable[tuple[Service, int]]) -> Party:
        """Those who can be on one of these departures."""
        can = np.zeros(self.may.shape[1], dtype=bool)
        for service, departs in departing:
            row = self.number[service.id]
            can |= self.may[row] & (self.earliest[row] <= departs)
        return Party(self, np.flatnonzero(can))

    def useful(self, rated: RatedRide) -> bool:
        """Whether anybody can take ``rated``, opened at both ends, and be home in time."""
        ride = rated.ride
        party = self.party([(ride.services[0], ride.legs[0].departs)])
        charter = rated.charter_usd
        spent = party.spent(
            party.before(ride.services[0], ride.legs[0].departs, stuffed=True),
            unit_usd=rated.unit_usd + charter if rated.pallets else 0.0,
            kg_usd=rated.kg_usd if rated.pallets else rated.kg_usd + charter,
            pallets=rated.pallets,
            minutes=ride.handed_over - ride.stuffed,
        )
        return party.gains(ride.services[-1], ride.handed_over, spent, opened=True)


class Party:
    """Some of the consignments, with what :class:`Prospects` knows of them.

    Money is float64[2, n]: with every unit full, and with units to oneself.
    """

    def __init__(self, prospects: Prospects, columns: Ints) -> None:
        self._prospects = prospects
        self.columns = columns
        tariff = prospects.tariff
        self._gross = tariff.gross_kg[columns]
        self._pallets = tariff.pallets[columns]
        self._per_min = tariff.usd_per_min[columns]
        self._means = prospects.means[:, columns] + CENT
        self._class = None if prospects.to_go is None else prospects.to_go.of[columns]
        self._units: dict[int, Floats] = {0: np.zeros((2, len(columns)))}
        self._bounds: dict[tuple[int, bool], tuple[Floats, Floats]] = {}

    def __bool__(self) -> bool:
        return bool(len(self.columns))

    def before(self, service: Service, departs: int, *, stuffed: bool = False) -> Floats:
        """Least each has spent when ``service`` departs with his goods; infinite if it cannot.

        ``stuffed``: it is the first of its carriage, whose stuffing is not counted.
        """
        prospects = self._prospects
        row = prospects.number[service.id]
        at = departs - prospects.connections.clock.cutoff(service) if stuffed else departs
        spent = prospects.spent_at(row, at, self.columns, stuffed=stuffed)
        return np.where(prospects.earliest[row, self.columns] <= departs, spent, math.inf)

    def spent(
        self, before: Floats, *, unit_usd: float, kg_usd: float, pallets: int, minutes: int
    ) -> Floats:
        """What each has spent after ``before``, on units of so many pallets (0: by the kg)."""
        if pallets not in self._units:
            share = self._pallets / pallets
            self._units[pallets] = np.stack([share, np.ceil(share)])
        units = unit_usd * self._units[pallets]
        return before + units + kg_usd * self._gross + minutes * self._per_min

    def gains(self, service: Service, at: int, spent: Floats, *, opened: bool) -> bool:
        """Whether it can bring anybody home to come by ``service``, its work done at ``at``."""
        row = self._prospects.number[service.id]
        latest, left = self._bounds_of(row, opened=opened)
        fits = (spent <= left) & (at <= latest)
        to_go = self._prospects.to_go
        if to_go is not None and fits.any():
            least = (to_go.open if opened else to_go.any)[row, to_go.span(at)]
            fits &= spent + least[self._class] * self._pallets <= self._means
        return bool(fits.any())

    def _bounds_of(self, row: int, *, opened: bool) -> tuple[Floats, Floats]:
        """Last minute for, and most that may be spent by each, at the end of a service."""
        if (row, opened) not in self._bounds:
            p = self._prospects
            latest, left = (p.latest_open, p.left_open) if opened else (p.latest_any, p.left_any)
            self._bounds[row, opened] = latest[row][self.columns], left[:, row][:, self.columns]
        return self._bounds[row, opened]
