"""Trials: one course gone many times, with every duration drawn anew.

Sums of medians make a way too short: delays are one-sided, and who comes late waits for the next
opening or the next train. Here each trial starts at a drawn minute of a period and draws every leg
and operation from its spread (two-piece lognormals, independent of each other), rare operations by
their probability; waits follow from timetable and opening hours. A unit that would stay longer in a
country on the way than this allows does not go.

The long side of an operation that is not open at all hours already holds missed openings, as such
times are measured. They happen here by themselves, so of these operations the short side alone is
believed: the long one is its mirror (the same sigma).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coldchain.clock import Clock
from coldchain.courses import Course, next_departure
from coldchain.network import NORMAL_P90, Operation, Spread, Trigger
from coldchain.timetable import ALL_DAYS, DAY_MIN, MIDNIGHT, Timetable

Floats = NDArray[np.float64]
Draw = Callable[[], float]
Stage = tuple[float, float]
"""Air (°C) and minutes in it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trials:
    """What came of them.

    Trials that found no departure within two months are in ``stranded``, and those whose unit
    would have stayed longer in a country on the way than it allows.

    Attributes
    ----------
    ready : int64[n]
        Minute at which the goods are ready.
    packing_h : float64[n]
        From ready until the goods can be stuffed.
    waited_h : float64[n]
        From then until the first service leaves.
    hours : float64[n]
        From packed until they are handed over at the destination.
    life : float64[n]
        Life used as a pace reckons it, from being packed to being handed over.
    stranded : int
        Trials that never arrive.
    """

    ready: NDArray[np.int64]
    packing_h: Floats
    waited_h: Floats
    hours: Floats
    life: Floats
    stranded: int

    def days(self, *shares: float) -> tuple[float, ...]:
        """Quantiles of the days on the way, packing aside; infinite where trials are stranded."""
        return quantiles(np.concatenate([self.hours, np.full(self.stranded, np.inf)]) / 24, *shares)


def quantiles(values: Floats, *shares: float) -> tuple[float, ...]:
    """Least values of which at least a share are no greater."""
    return tuple(float(q) for q in np.quantile(values, shares, method="inverted_cdf"))


def sigmas(spread: Spread, *, mirrored: bool = False) -> tuple[float, float, float]:
    """Median and the sigmas of the short and the long side of a two-piece lognormal.

    ``mirrored`` takes the short side's for both. A side without a percentile above 0 has none.
    """
    if spread.p50 <= 0:
        return spread.p50, 0.0, 0.0
    short = math.log(spread.p50 / spread.p10) / NORMAL_P90 if spread.p10 > 0 else 0.0
    long = math.log(spread.p90 / spread.p50) / NORMAL_P90
    return spread.p50, short, short if mirrored else long


def always_open(operation: Operation) -> bool:
    """Whether the operation may begin at any minute of the week."""
    return operation.days == ALL_DAYS and operation.opens == operation.closes == MIDNIGHT


class Dice:
    """Draws durations in minutes; the same seed, the same draws."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.Generator(np.random.PCG64(seed))
        self._normal: list[float] = []
        self._known: dict[str, tuple[float, float, float]] = {}

    def minutes(self, key: str, spread: Spread, *, mirrored: bool) -> int:
        """Minutes drawn from ``spread``, which is always the same for ``key``."""
        if key not in self._known:
            self._known[key] = sigmas(spread, mirrored=mirrored)
        median, short, long = self._known[key]
        if not self._normal:
            self._normal = self._rng.standard_normal(4096).tolist()
        z = self._normal.pop()
        return math.floor(60 * median * math.exp(z * (long if z > 0 else short)) + 0.5)

    def happens(self, probability: float) -> bool:
        """Whether something of this probability does."""
        return probability >= 1 or self._rng.random() < probability

    def below(self, n: int) -> int:
        """A whole number from 0 to below ``n``."""
        return int(self._rng.integers(n))


def perform(
    timetable: Timetable,
    dice: Dice,
    operations: Iterable[Operation],
    at: int,
    *,
    setpoint_c: float,
    stages: list[Stage],
) -> int:
    """Minute at which ``operations``, done one after the other from ``at``, are over."""
    for operation in operations:
        if not dice.happens(operation.probability):
            continue
        begins = timetable.next_open(operation, at)
        minutes = dice.minutes(operation.id, operation.hours, mirrored=not always_open(operation))
        exposed = min(60 * operation.exposed_h, minutes)
        if exposed:
            stages.append((operation.air_c(setpoint_c), exposed))
        late = timetable.delay_minutes(operation.id, begins)
        stages.append((setpoint_c, begins - at + minutes + late - exposed))
        at = begins + minutes + late
    return at


def try_operations(
    timetable: Timetable,
    operations: Sequence[Operation],
    *,
    first: int,
    days: int,
    trials: int,
    seed: int,
) -> Floats:
    """Hours that ``operations`` in turn take a unit that comes at a minute of ``days`` days.

    From its coming on: it waits where they are not open.
    """
    dice = Dice(seed)
    hours: list[float] = []
    for _ in range(trials):
        at = first + dice.below(days * DAY_MIN)
        hours.append(
            (perform(timetable, dice, operations, at, setpoint_c=0.0, stages=[]) - at) / 60
        )
    return np.array(hours, dtype=np.float64)


class Walk:
    """Goes one course again and again."""

    def __init__(self, clock: Clock, course: Course, *, setpoint_c: float, category: str) -> None:
        self.clock = clock
        self.course = course
        self.setpoint_c = setpoint_c
        network = clock.network
        first = course.carriages[0][0]
        at_origin = (
            *network.operations_at(first.origin, Trigger.ORIGIN),
            *(
                o
                for o in network.operations_at(first.origin, Trigger.ORIGIN_EQUIPMENT)
                if o.takes("", first.rides_as)
            ),
        )
        self.packing = [
            o for o in at_origin if not o.treatment and (not o.done_to or category in o.done_to)
        ]

    def _perform(
        self, dice: Dice, operations: Iterable[Operation], at: int, stages: list[Stage]
    ) -> int:
        timetable = self.clock.timetable
        return perform(timetable, dice, operations, at, setpoint_c=self.setpoint_c, stages=stages)

    def go(self, dice: Dice, ready: int) -> tuple[int, int, int, list[Stage]] | None:
        """Minutes packed, left and handed over, and the airs since packed; None if stranded."""
        clock = self.clock
        packed = at = self._perform(dice, self.packing, ready, [])
        left: int | None = None
        # Drawn to its end all the same, so that the trials after it are what they were.
        overstays = False
        stages: list[Stage] = []
        for number, services in enumerate(self.course.carriages):
            if number:
                before = self.course.carriages[number - 1][-1]
                dock = clock.network.cross_dock(
                    before.destination, before.rides_as, services[0].rides_as
                )
                assert dock is not None
                at = self._perform(dice, (dock,), at, stages)
            departures: list[int] = []
            arrivals: list[int] = []
            for position, service in enumerate(services):
                cutoff = clock.cutoff(service)
                if position:
                    transfer, cutoff = clock.onward(services[position - 1], service)
                    if transfer is not None:
                        at = self._perform(dice, (transfer,), at, stages)
                departs = next_departure(clock, service, at + cutoff)
                if departs is None:
                    return None
                left = departs if left is None else left
                minutes = dice.minutes(service.id, service.transit, mirrored=False)
                minutes += clock.timetable.delay_minutes(service.id, departs)
                held = self.setpoint_c if service.temperature_c is None else service.temperature_c
                stages += [(self.setpoint_c, departs - at), (held, minutes)]
                departures.append(departs)
                arrivals.append(departs + minutes)
                work = clock.network.arrival_operations(service)
                at = self._perform(dice, work, departs + minutes, stages)
            overstays |= clock.overstays(services, departures, arrivals)
        assert left is not None
        return None if overstays else (packed, left, at, stages)


def try_course(
    clock: Clock,
    course: Course,
    *,
    first: int,
    days: int,
    trials: int,
    seed: int,
    setpoint_c: float,
    category: str,
    life_per_h: Callable[[float], float],
) -> Trials:
    """Go ``course`` many times, ready at minutes drawn from ``days`` days from ``first`` on.

    ``life_per_h`` is the life used per hour in air of a temperature (°C), as by a pace.
    """
    dice = Dice(seed)
    walk = Walk(clock, course, setpoint_c=setpoint_c, category=category)
    rates: dict[float, float] = {}
    begun: list[int] = []
    packing: list[float] = []
    waited: list[float] = []
    hours: list[float] = []
    lives: list[float] = []
    for _ in range(trials):
        ready = first + dice.below(days * DAY_MIN)
        gone = walk.go(dice, ready)
        if gone is None:
            continue
        packed, left, handed_over, stages = gone
        life = 0.0
        for air_c, minutes in stages:
            if air_c not in rates:
                rates[air_c] = life_per_h(air_c) / 60
            life += minutes * rates[air_c] if minutes else 0.0
        begun.append(ready)
        packing.append((packed - ready) / 60)
        waited.append((left - packed) / 60)
        hours.append((handed_over - packed) / 60)
        lives.append(life)
    return Trials(
        ready=np.array(begun, dtype=np.int64),
        packing_h=np.array(packing, dtype=np.float64),
        waited_h=np.array(waited, dtype=np.float64),
        hours=np.array(hours, dtype=np.float64),
        life=np.array(lives, dtype=np.float64),
        stranded=trials - len(hours),
    )
