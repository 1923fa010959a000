"""Candidates looked at in full where the pace of the search does not say it all.

The pace (:mod:`coldchain.pace`) is never too fresh as long as the pulp stays below a ceiling, and
leaves aside limits that do not lead. Both are bounded here, carriage by carriage, for every
candidate; the few that may break through are followed with their pulp, and struck if they arrive
with less than the shelf life required.

The bound on the pulp: along a ride both halves are no warmer than they would settle at in air ``E``
warmer than that of the unit. ``E`` grows by what an exposure can warm them, fades with the time in
the cold, and, the pallet being a linear filter, what is left of an earlier warmth simply adds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coldchain.chains import Rows
from coldchain.clock import Stretch, way_of
from coldchain.decay import Surroundings, Trace, merged
from coldchain.goods import Packaging
from coldchain.network import Operation
from coldchain.pace import Begin, Pace
from coldchain.search import Search
from coldchain.timetable import minute

Floats = NDArray[np.float64]

BLOCK = 2000
"""Histories followed at once; more would not fit the cache."""


class Warmth(NamedTuple):
    """What a stretch of the way does to the warmth ``E`` of the goods, at most.

    It becomes ``fade * E + rise`` at its end and never more than ``E + peak`` on the way, in K of
    air; ``aside`` is the share of the limits that do not lead used meanwhile, ``hours`` its length.
    """

    fade: float
    rise: float
    peak: float
    aside: float
    hours: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Struck:
    """The best of the candidates struck: hours left at most, and what it was limited by."""

    left_h: float
    limited_by: str


class Bounds(NamedTuple):
    """The warmest the pulp may become once packed (°C), and the share used of limits aside."""

    warmest_c: float
    aside: float


class Scrutiny:
    """Looks at the candidates of one search; what it learns of a ride serves all who take it."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self._rides: dict[tuple[int, int], Warmth] = {}
        self._handling: dict[tuple[int, str, float], Warmth] = {}
        self._begins: dict[tuple[int, int, str, float], Begin] = {}

    def keep(self, k: int, packaging: Packaging, rows: Rows) -> tuple[Rows, Struck | None]:
        """Rows of the ``k``-th consignment that stand up to it, and the best of the others."""
        number = self.search.pace_of[self.search.consignments[k].commodity, packaging]
        pace = self.search.rates.paces[number]
        if pace.stands_alone or not rows.links:
            return rows, None
        doubtful = [
            row
            for row, links in enumerate(rows.links)
            if self._doubtful(k, pace, self.bounds(k, number, links, rows.delivered[row]))
        ]
        if not doubtful:
            return rows, None
        left, limits = self._followed(k, number, [rows.links[row] for row in doubtful])
        required = self.search.consignments[k].shelf_life_required_h - 1e-9
        if not self.search.limits:
            required = -math.inf
        struck = {row for row, hours in zip(doubtful, left, strict=True) if not hours >= required}
        if not struck:
            return rows, None
        best = max(
            (place for place, row in enumerate(doubtful) if row in struck),
            key=lambda place: -math.inf if math.isnan(left[place]) else left[place],
        )
        kept = Rows()
        for row, links in enumerate(rows.links):
            if row not in struck:
                kept.delivered.append(rows.delivered[row])
                kept.life_used.append(rows.life_used[row])
                kept.own_usd.append(rows.own_usd[row])
                kept.links.append(links)
        return kept, Struck(left_h=left[best], limited_by=limits[best])

    # What bounds can tell ----------------------------------------------------------------------

    def _doubtful(self, k: int, pace: Pace, bounds: Bounds) -> bool:
        """Whether the pulp may break through the ceiling, or a limit aside may be reached."""
        c = self.search.consignments[k]
        needed = c.shelf_life_required_h / pace.aside_keeping_quality_h(c.retail_c)
        return bounds.warmest_c > pace.ceiling_c or bounds.aside + needed > 1.0

    def bounds(
        self,
        k: int,
        number: int,
        links: Sequence[int],
        delivered: int,
    ) -> Bounds:
        """What the ``k``-th consignment, of pace ``number``, can come to at most over ``links``."""
        search, c = self.search, self.search.consignments[k]
        pace = search.rates.paces[number]
        n = len(search.rates.setpoints_c)
        first = search.rides[links[0] // n].ride
        setpoint_c = search.rates.setpoints_c[links[0] % n]
        begin = self._begin(k, number, first.services[0].rides_as, setpoint_c)
        behind_c = pace.pallet.air_behind(begin.outer_c, begin.core_c)
        aside, hours, fastest, warmest_c = begin.aside + begin.aside_warmth, 0.0, 0.0, -math.inf
        for position, link in enumerate(links):
            setpoint_c = search.rates.setpoints_c[link % n]
            warm = max(0.0, behind_c - setpoint_c)
            ride = search.rides[link // n].ride
            operations: Iterable[Operation] = ()
            if position:
                before = search.rides[links[position - 1] // n].ride
                dock = search.clock.network.cross_dock(
                    before.destination, before.services[-1].rides_as, ride.services[0].rides_as
                )
                operations = () if dock is None else (dock,)
            steps = [self._handled(number, pace, o, setpoint_c) for o in operations]
            steps.append(self._ride(number, pace, link))
            if position + 1 == len(links):
                steps += [
                    self._handled(number, pace, o, setpoint_c)
                    for o in search.clock.destination_operations(c)
                ]
            for step in steps:
                warmest_c = max(warmest_c, setpoint_c + warm + step.peak)
                warm = step.fade * warm + step.rise
                aside += step.aside
                hours += step.hours
            behind_c = setpoint_c + warm
            fastest = max(fastest, pace.aside_per_h(setpoint_c))
        waiting = max(0.0, (delivered - minute(c.ready_at)) / 60 - hours)
        return Bounds(pace.pallet.warmest_settled(warmest_c), aside + waiting * fastest)

    def _begin(
        self,
        k: int,
        number: int,
        rides_as: str,
        setpoint_c: float,
    ) -> Begin:
        """How the goods are when they are packed, to go on by ``rides_as``."""
        key = (k, number, rides_as, setpoint_c)
        if key not in self._begins:
            clock, c = self.search.clock, self.search.consignments[k]
            packing: list[Stretch] = []
            operations = clock.packing_operations(c, rides_as)
            clock.perform(operations, self.search.ready[k], packing)
            history = [s for stretch in packing for s in stretch.surroundings(setpoint_c)]
            pace = self.search.rates.paces[number]
            self._begins[key] = pace.begin(history, pulp_c=c.pulp_at_ready_c, unit_c=setpoint_c)
        return self._begins[key]

    def _ride(self, number: int, pace: Pace, link: int) -> Warmth:
        key = (number, link)
        if key not in self._rides:
            n = len(self.search.rates.setpoints_c)
            setpoint_c = self.search.rates.setpoints_c[link % n]
            stretches = self.search.rides[link // n].ride.stretches
            airs = [s for stretch in stretches for s in stretch.surroundings(setpoint_c)]
            self._rides[key] = warmth(pace, airs, setpoint_c)
        return self._rides[key]

    def _handled(self, number: int, pace: Pace, operation: Operation, setpoint_c: float) -> Warmth:
        key = (number, operation.id, setpoint_c)
        if key not in self._handling:
            minutes = self.search.clock.timetable.operation_minutes(operation)
            hours = min(operation.exposed_h, minutes / 60)
            air = Surroundings(hours=hours, air_c=operation.air_c(setpoint_c))
            self._handling[key] = warmth(pace, [air], setpoint_c)
        return self._handling[key]

    # What following the pulp tells -------------------------------------------------------------

    def _followed(
        self,
        k: int,
        number: int,
        chains: Sequence[Sequence[int]],
    ) -> tuple[list[float], list[str]]:
        """Hours left of each chain by the law to plan with, and by which limit; NaN: unknown."""
        left: list[float] = []
        limits: list[str] = []
        for first in range(0, len(chains), BLOCK):
            hours, names = self._block(k, number, chains[first : first + BLOCK])
            left += hours
            limits += names
        return left, limits

    def _block(
        self,
        k: int,
        number: int,
        chains: Sequence[Sequence[int]],
    ) -> tuple[list[float], list[str]]:
        search, c = self.search, self.search.consignments[k]
        pace = search.rates.paces[number]
        n = len(search.rates.setpoints_c)
        histories: list[list[Surroundings]] = []
        started: list[Begin] = []
        for links in chains:
            chain = [
                (search.rides[link // n].ride, search.rates.setpoints_c[link % n]) for link in links
            ]
            way = way_of(search.clock, c, chain)
            airs = [
                s
                for position, stretch in way.rest
                for s in stretch.surroundings(chain[position][1])
            ]
            histories.append(merged(airs))
            first, setpoint_c = chain[0]
            rides_as = first.services[0].rides_as
            started.append(self._begin(k, number, rides_as, setpoint_c))
        left: list[float] = []
        names: list[str] = []
        for trace, begins in _traced(pace, histories, started):
            low, high = pace.limits.domain_min_c, pace.limits.domain_max_c
            known = (trace.coldest_c >= low) & (trace.warmest_c <= high)
            hours, limits = np.full(len(begins), math.nan), ["its domain"] * len(begins)
            rows = np.flatnonzero(known)
            if len(rows):
                used = pace.used(trace.rows(rows))
                used += np.stack([begins[row].used for row in rows.tolist()], axis=2)
                used[0] += c.life_used_at_ready
                hours[rows], found = pace.left_h(used, c.retail_c)
                for row, name in zip(rows.tolist(), found, strict=True):
                    limits[row] = name
            left += hours.tolist()
            names += limits
        return left, names


def _traced(
    pace: Pace, histories: Sequence[Sequence[Surroundings]], started: Sequence[Begin]
) -> Iterable[tuple[Trace, Sequence[Begin]]]:
    """The pulp along ``histories``: of all at once, or of each if a rate jumps on its way."""
    if pace.lots.jumps_c:
        for history, begin in zip(histories, started, strict=True):
            start_c = begin.outer_c, begin.core_c
            yield pace.pallet.trace(history, start_c=start_c, jumps_c=pace.lots.jumps_c), [begin]
        return
    shape = len(histories), max(map(len, histories))
    hours, air, humidity = np.zeros(shape), np.zeros(shape), np.full(shape, math.nan)
    for row, history in enumerate(histories):
        air[row] = history[-1].air_c
        for place, s in enumerate(history):
            hours[row, place], air[row, place] = s.hours, s.air_c
            if s.relative_humidity_pct is not None:
                humidity[row, place] = s.relative_humidity_pct
    trace = pace.pallet.traces(
        hours=hours,
        air_c=air,
        relative_humidity_pct=humidity,
        start_c=np.array([(b.outer_c, b.core_c) for b in started]),
    )
    yield trace, started


def warmth(pace: Pace, airs: Iterable[Surroundings], setpoint_c: float) -> Warmth:
    """What a history does to the warmth of goods in a unit at ``setpoint_c``, at most."""
    pallet = pace.pallet
    fade, level, peak, aside, hours = 1.0, 0.0, 0.0, 0.0, 0.0
    for s in airs:
        warmer, left = max(0.0, s.air_c - setpoint_c), pallet.fade(s.hours)
        moved = pallet.nearing(s.hours) if warmer > level else 1.0 - left
        level, fade = level + (warmer - level) * moved, fade * left
        peak = max(peak, level)
        aside += s.hours * pace.aside_per_h(s.air_c)
        hours += s.hours
    return Warmth(fade, level, peak, aside, hours)
