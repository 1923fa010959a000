"""What it costs at least to go on from a service at a given time.

The bounds of :mod:`coldchain.onward` know no timetable: a train that leaves once a week costs them
no wait. These do. Time is cut into spans; the value of a span is no more than that of any minute in
it. Goods alike in destination and commodity are one class, and values are by the pallet, of the
lightest and least perishable of the class: one table serves thousands of consignments.

A wait costs what the goods lose by the minute, and the unit by the hour while it stays sealed.
Opening hours, closures and limits of waiting count nothing, delays of scheduled departures do.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from coldchain.goods import Consignment
from coldchain.network import Operation, Service
from coldchain.onward import (
    Connections,
    Terms,
    by_share_of,
    dock_terms,
    hour_usd,
    leg_terms,
    sealed_terms,
    stuffing_terms,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SPAN_MIN = 120
"""Length of a span in minutes."""


class CostToGo:
    """Least USD per pallet from the end of a service's arrival operations until unloaded.

    Parameters
    ----------
    connections, consignments
        The services, and who may ride them.
    usd_per_min : float64[consignments]
        What each loses at least by the minute.
    departures
        Minutes at which each scheduled service leaves, ascending, by its id.
    first, last
        Minutes between which values are wanted.
    order : int64[services]
        Services, those with the least to come first: values of later ones build on theirs.

    Attributes
    ----------
    of : int64[consignments]
        Class of each consignment.
    any, open : float64[services, spans, classes]
        Sealed or opened; the unit being opened there. Infinite where there is no way.
    """

    def __init__(
        self,
        connections: Connections,
        consignments: Sequence[Consignment],
        usd_per_min: Floats,
        *,
        departures: Mapping[str, Sequence[int]],
        first: int,
        last: int,
        order: Ints,
    ) -> None:
        self._connections = connections
        self._clock = connections.clock
        self._first = first
        keys = [(c.destination, c.commodity) for c in consignments]
        classes = sorted(set(keys))
        self.of: Ints = np.array([classes.index(key) for key in keys], dtype=np.int64)
        kg, per_min = np.full(len(classes), math.inf), np.full(len(classes), math.inf)
        for number, c, loses in zip(self.of, consignments, usd_per_min, strict=True):
            kg[number] = min(kg[number], c.gross_kg / c.pallets)
            per_min[number] = min(per_min[number], loses / c.pallets)
        self._kg, self._per_min = kg, per_min
        self._spans = max(1, (last - first) // SPAN_MIN + 2)
        self.begins: Ints = first + SPAN_MIN * np.arange(self._spans)
        """First minute of each span."""
        shape = (len(connections.services), self._spans, len(classes))
        self.any: Floats = np.full(shape, math.inf)
        self.open: Floats = np.full(shape, math.inf)
        self._minutes = {name: np.array(runs, dtype=np.int64) for name, runs in departures.items()}
        self._reached = {
            s.id: np.array(
                [self._clock.after_arrival(s, at) for at in departures[s.id]], dtype=np.int64
            )
            for s in connections.services
            if not s.on_demand
        }
        self._leg = {s.id: self._priced(leg_terms(self._clock, s), s) for s in connections.services}
        self._gone: dict[str, dict[tuple[float, float], Floats]] = {}
        for row, service in enumerate(connections.services):
            self._unload(row, service, [destination for destination, _ in classes])
        # A value changes only if one it builds on has.
        rows: list[int] = order.tolist()
        due = set(rows)
        before = self._before()
        while due:
            for row in rows:
                if row in due:
                    due.discard(row)
                    if self._improve(row):
                        due |= before[row]
        self._gone.clear()

    def _before(self) -> list[set[int]]:
        """By service, those whose values build on its."""
        connections = self._connections
        out: list[set[int]] = [set() for _ in connections.services]
        for pairs in (connections.opened, connections.sealed):
            for name, following in pairs.items():
                for after, _ in following:
                    out[connections.number[after.id]].add(connections.number[name])
        return out

    def span(self, at: int) -> int:
        """The span in which minute ``at`` lies; those beyond are in the last."""
        return min(max(0, (at - self._first) // SPAN_MIN), self._spans - 1)

    def _priced(self, terms: Terms, service: Service) -> Floats:
        """By class, of a pallet in a unit of ``service``."""
        share = 0.0 if service.shared_by_kg else terms.unit_usd / service.pallets_per_unit
        return share + terms.kg_usd * self._kg + terms.minutes * self._per_min

    def _unload(self, row: int, service: Service, destinations: Sequence[str]) -> None:
        here = np.array([service.destination == d for d in destinations])
        if here.any():
            work = self._connections.unloading(service.destination)
            minutes = sum(map(self._clock.timetable.operation_minutes, work))
            terms = Terms(
                sum(o.usd_per_unit for o in work), sum(o.usd_per_kg for o in work), minutes
            )
            self.open[row][:, here] = self.any[row][:, here] = self._priced(terms, service)[here]

    def _improve(self, row: int) -> bool:
        """Bring the values of a service down to what those of its followers tell."""
        connections = self._connections
        service = connections.services[row]
        least = self.open[row].copy()
        for after, dock in connections.opened[service.id]:
            np.minimum(least, self._opened(service, after, dock), out=least)
        sealed = np.minimum(self.any[row], least)
        for after, transfer in connections.sealed[service.id]:
            np.minimum(sealed, self._sealed(service, after, transfer), out=sealed)
        changed = not (
            np.array_equal(least, self.open[row]) and np.array_equal(sealed, self.any[row])
        )
        self.open[row], self.any[row] = least, sealed
        if changed:
            self._gone.pop(service.id, None)
        return changed

    def _opened(self, before: Service, after: Service, dock: Operation) -> Floats:
        work, start = dock_terms(self._clock, dock), stuffing_terms(self._clock, after)
        usd = self._priced(work, by_share_of(before, after)) + self._priced(start, after)
        return usd + self._go(after, work.minutes + start.minutes, 0.0)

    def _sealed(self, before: Service, after: Service, transfer: Operation | None) -> Floats:
        terms = sealed_terms(self._clock, before, after, transfer)
        unit_per_min = 0.0
        if not after.shared_by_kg:
            hour = max(hour_usd(self._clock, before), hour_usd(self._clock, after))
            places = max(before.pallets_per_unit, after.pallets_per_unit)
            unit_per_min = hour / 60 / places
        # The transfer is paid by the unit the goods came in, which may hold more later.
        return self._priced(terms, before) + self._go(after, terms.minutes, unit_per_min)

    def _go(self, service: Service, minutes: float, unit_per_min: float) -> Floats:
        """From each span by ``service``, leaving ``minutes`` later.

        A wait costs what goods lose, and ``unit_per_min``.
        """
        known = self._gone.setdefault(service.id, {})
        key = minutes, unit_per_min
        if key not in known:
            known[key] = self._going(service, minutes, self._per_min + unit_per_min)
        return known[key]

    def _going(self, service: Service, minutes: float, per_min: Floats) -> Floats:
        onward = self.any[self._connections.number[service.id]]
        if service.on_demand:
            lasts = minutes + leg_terms(self._clock, service).minutes
            steps, rest = divmod(int(lasts), SPAN_MIN)
            return self._leg[service.id] + _later(onward, steps, within_next=rest > 0)
        out = np.full(onward.shape, math.inf)
        departs, reached = self._minutes[service.id], self._reached[service.id]
        if not len(departs):
            return out
        spans = np.clip((reached - self._first) // SPAN_MIN, 0, self._spans - 1)
        ends = (departs - self._first)[:, None] * per_min + self._leg[service.id] + onward[spans]
        late = (reached - departs)[:, None] - leg_terms(self._clock, service).minutes
        ends += np.maximum(late, 0.0) * self._per_min
        # The best of this departure and all later ones.
        best = np.minimum.accumulate(ends[::-1], axis=0)[::-1]
        begins = SPAN_MIN * np.arange(self._spans) + minutes
        nth = np.searchsorted(departs - self._first, begins)
        some = nth < len(departs)
        out[some] = best[nth[some]] - (begins[some] + SPAN_MIN - 1)[:, None] * per_min
        return out


def _later(values: Floats, steps: int, *, within_next: bool) -> Floats:
    """Values ``steps`` spans later, or the span after that if one may come into it."""
    spans = len(values)
    nth = np.minimum(np.arange(spans) + steps, spans - 1)
    out = values[nth]
    if within_next:
        out = np.minimum(out, values[np.minimum(nth + 1, spans - 1)])
    return out
