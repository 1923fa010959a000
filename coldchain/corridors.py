"""Corridors between two places side by side: days, money and what they leave of the goods' life."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from coldchain.admission import Entry, Unconfirmed
from coldchain.charges import Charges, packing_usd
from coldchain.charters import charter_usd, charters
from coldchain.clock import Clock, itinerary_of
from coldchain.courses import Corridor, Course, courses, dated
from coldchain.goods import Consignment, Packaging
from coldchain.itinerary import Itinerary
from coldchain.network import Operation, Service, Trigger
from coldchain.scenario import Scenario
from coldchain.stowage import plan_charges, plan_emissions, stow
from coldchain.timetable import minute
from coldchain.trials import Trials, try_course

GROSS_PER_NET = 1.08
"""Cartons and pallets."""

STARTS = 7
"""Days on which a way is begun to see what it costs, in equal steps."""

FOR_THE_WAY_D = 90
"""Longer than any way takes (days); the lot has no deadline of its own."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CorridorFigures:
    """One corridor as its course does in many trials, and what it costs.

    Attributes
    ----------
    itinerary : Itinerary
        The course at median times, for a full load unit ready on the first day.
    days : tuple of float
        10th, 50th and 90th percentile of the days from packed to handed over.
    left_d : tuple of float
        The same percentiles of the shelf life left at the retail temperature (days), as reckoned
        for a lot which the scenario's share of lots outlasts.
    charges : Charges
        Of a full load unit for the way, mean over ``STARTS`` days: without packing
        and packaging, which cost the same on every way, and without freshness (USD).
    usd_per_kg : float
        The same by net kilogram.
    co2e_kg_per_kg : float
        Greenhouse gases of the same unit by net kilogram, from well to wheel.
    capped : tuple of Operation
        Work on the way that is begun on so many units a day at the most. One unit alone never has
        to wait for that; the trials know nothing of others.
    kept_out : tuple of Entry
        Entries at which the goods are refused, or not confirmed: corridors are compared all the
        same, whatever the scenario makes of them.
    """

    course: Course
    itinerary: Itinerary
    trials: Trials
    days: tuple[float, float, float]
    left_d: tuple[float, float, float]
    charges: Charges
    usd_per_kg: float
    co2e_kg_per_kg: float
    capped: tuple[Operation, ...]
    kept_out: tuple[Entry, ...]

    @property
    def corridor(self) -> Corridor:
        return self.course.corridor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Corridors:
    """Corridors between two places, cheapest first.

    ``packing_h`` and ``packing_usd_per_kg`` come before each: work and papers at the origin (mean).
    ``beaten`` are those that another with the same entry beats in days and money, before waits.
    """

    consignment: Consignment
    found: tuple[CorridorFigures, ...]
    beaten: tuple[Course, ...]
    packing_h: float
    packing_usd_per_kg: float


def corridors(
    scenario: Scenario,
    origin: str,
    destination: str,
    *,
    commodity: str,
    packaging: Packaging,
    retail_c: float,
    first_ready_at: datetime,
    days: int = 14,
    trials: int = 1000,
) -> Corridors:
    """Corridors for full load units of ``commodity``, ready at any time of ``days`` days.

    Every corridor is gone ``trials`` times with the scenario's seed, whatever the scenario's
    quantile.
    """
    compared = Comparison(
        scenario,
        origin,
        destination,
        commodity=commodity,
        packaging=packaging,
        retail_c=retail_c,
        first_ready_at=first_ready_at,
        days=days,
        trials=trials,
    )
    tried = [(course, compared.trials(course)) for course in compared.courses()]
    gone = [(course, found) for course, found in tried if len(found.hours)]
    figures: list[CorridorFigures] = []
    beaten: list[Course] = []
    for course, found in gone:
        if any(_beats(*other, course, found) for other in gone):
            beaten.append(course)
        elif (known := compared.figures(course, found)) is not None:
            figures.append(known)
    figures.sort(key=lambda f: (f.usd_per_kg, f.days[1], f.corridor))
    packed = [f.trials.packing_h.mean() for f in figures]
    lot = compared.lot
    return Corridors(
        consignment=lot,
        found=tuple(figures),
        beaten=tuple(beaten),
        packing_h=float(np.mean(packed)) if packed else 0.0,
        packing_usd_per_kg=_packing_usd(compared.clock, lot) / lot.net_kg,
    )


class Comparison:
    """Courses between two places, gone by a full load unit of ``commodity``.

    Ready at any time of ``days`` days; every course is gone ``trials`` times with the scenario's
    seed, whatever the scenario's quantile.
    """

    def __init__(
        self,
        scenario: Scenario,
        origin: str,
        destination: str,
        *,
        commodity: str,
        packaging: Packaging,
        retail_c: float,
        first_ready_at: datetime,
        days: int,
        trials: int,
    ) -> None:
        self.lot = _full_unit(
            scenario, origin, destination, commodity, packaging, retail_c, first_ready_at
        )
        alone = replace(scenario, consignments=(self.lot,), quantile=0.5)
        self.clock = Clock(alone)
        self._days, self._trials = days, trials
        self._first = minute(first_ready_at)
        self._category = alone.perishable(commodity).category
        self._pace = alone.pace(commodity, packaging)
        self._setpoint_c = min(
            alone.setpoints_for(self.lot), key=lambda s: (self._pace.per_h(s), s)
        )

    def courses(self) -> list[Course]:
        """The cheapest course of each corridor, by services of the scenario's status."""
        scenario = self.clock.scenario
        return courses(
            self.clock,
            self.lot.origin,
            self.lot.destination,
            services=[s for s in scenario.network if s.status in scenario.service_status],
            max_cross_docks=scenario.max_cross_docks,
            at=self._first,
        )

    def trials(self, course: Course) -> Trials:
        """What comes of going ``course`` many times."""
        return try_course(
            self.clock,
            course,
            first=self._first,
            days=self._days,
            trials=self._trials,
            seed=self.clock.scenario.seed,
            setpoint_c=self._setpoint_c,
            category=self._category,
            life_per_h=self._pace.per_h,
        )

    def figures(self, course: Course, tried: Trials) -> CorridorFigures | None:
        """Days, money and life left; None if at median times it never arrives."""
        lot = self.lot
        starts = list(_itineraries(self.clock, course, lot, self._setpoint_c, self._days))
        if not starts:
            return None
        charges = _way_charges(self.clock, lot, starts)
        d10, d50, d90 = tried.days(0.1, 0.5, 0.9)
        keeps_d = self._pace.keeping_quality_h(lot.retail_c) / 24
        used = lot.life_used_at_ready + np.quantile(tried.life, (0.9, 0.5, 0.1))
        l10, l50, l90 = (float(keeps_d * (1.0 - u)) for u in used)
        return CorridorFigures(
            course=course,
            itinerary=starts[0],
            trials=tried,
            days=(d10, d50, d90),
            left_d=(l10, l50, l90),
            charges=charges,
            usd_per_kg=charges.total / lot.net_kg,
            co2e_kg_per_kg=_co2e_kg(self.clock, lot, starts) / lot.net_kg,
            capped=tuple(
                operation
                for services in course.carriages
                for operation in _work(self.clock, services)
                if operation.units_per_day is not None
            ),
            kept_out=tuple(
                entry
                for entry in self.clock.scenario.entries(lot, course.services)
                if not entry.admits(lot, Unconfirmed.STRICT)
            ),
        )


def _work(clock: Clock, services: Sequence[Service]) -> Iterator[Operation]:
    """Operations on a sealed unit that goes by ``services``, whenever it does."""
    for position, service in enumerate(services):
        if position:
            transfer, _ = clock.onward(services[position - 1], service)
            if transfer is not None:
                yield transfer
        yield from clock.arrival_operations(service)


def _beats(a: Course, by_a: Trials, b: Course, by_b: Trials) -> bool:
    """Whether ``a``, entering the destination's country where ``b`` does, is cheaper and faster."""
    entries = [course.corridor.crossings[-1:] for course in (a, b)]
    better = (a.usd_per_kg, by_a.days(0.5)) < (b.usd_per_kg, by_b.days(0.5))
    return entries[0] == entries[1] and (
        better and a.usd_per_kg <= b.usd_per_kg and by_a.days(0.5) <= by_b.days(0.5)
    )


def _full_unit(
    scenario: Scenario,
    origin: str,
    destination: str,
    commodity: str,
    packaging: Packaging,
    retail_c: float,
    ready_at: datetime,
) -> Consignment:
    """A consignment that fills the smallest load unit there is."""
    boxes = [s for s in scenario.network if not s.shared_by_kg]
    gross_kg = min(s.payload_kg for s in boxes)
    return Consignment(
        id="lot",
        commodity=scenario.perishable(commodity).code,
        origin=scenario.network.node(origin).id,
        destination=scenario.network.node(destination).id,
        net_kg=round(gross_kg / GROSS_PER_NET),
        gross_kg=gross_kg,
        pallets=min(s.pallets_per_unit for s in boxes),
        ready_at=ready_at,
        due_at=ready_at + timedelta(days=FOR_THE_WAY_D),
        shelf_life_required_h=0.0,
        retail_c=retail_c,
        life_used_at_ready=0.0,
        value_usd=0.0,
        packaging=packaging,
    )


def _itineraries(
    clock: Clock, course: Course, lot: Consignment, setpoint_c: float, days: int
) -> Iterator[Itinerary]:
    """The course at median times, for a lot ready at the same hour of ``STARTS`` of the days."""
    for start in range(min(STARTS, days)):
        day = start * days // min(STARTS, days)
        ready = replace(lot, ready_at=lot.ready_at + timedelta(days=day))
        work = clock.packing_operations(ready, course.carriages[0][0].rides_as)
        available = clock.perform(work, minute(ready.ready_at))
        rides = list(dated(clock, course, available))
        if len(rides) == len(course.carriages):
            yield itinerary_of(
                clock,
                ready,
                [(ride, setpoint_c) for ride in rides],
                packaging=lot.packaging,
                stowage_group=clock.scenario.group_of(lot, lot.packaging),
            )


def _way_charges(clock: Clock, lot: Consignment, starts: Sequence[Itinerary]) -> Charges:
    """Mean charges of the way alone: no packing, no packaging, no price on freshness."""
    total = Charges()
    for itinerary in starts:
        units = stow(clock.scenario, (itinerary,))
        alone = plan_charges(clock, (itinerary,), units)[lot.id]
        # A chartered departure is full, and not paid by this lot whole.
        whole = charter_usd(clock.scenario, units).get(lot.id, 0.0)
        part = sum(c.used * c.service.charter_usd_per_slot for c in charters(clock.scenario, units))
        total += alone + Charges(freight=part - whole)
    mean = total * (1 / len(starts))
    return replace(
        mean,
        handling=mean.handling - _packing_work_usd(clock, lot),
        packaging=0.0,
        freshness=0.0,
    )


def _co2e_kg(clock: Clock, lot: Consignment, starts: Sequence[Itinerary]) -> float:
    """Mean emissions of the way, from stuffing to hand-over of its units (kg CO2e)."""
    emitted = [
        plan_emissions(clock, (itinerary,), stow(clock.scenario, (itinerary,)))[lot.id].total_kg
        for itinerary in starts
    ]
    return sum(emitted) / len(emitted)


def _packing_work_usd(clock: Clock, lot: Consignment) -> float:
    """Price of the work at the origin that is done whatever the goods go by."""
    work = clock.packing_operations(lot, "")
    return lot.gross_kg * sum(o.usd_per_kg for o in work if o.trigger is Trigger.ORIGIN)


def _packing_usd(clock: Clock, lot: Consignment) -> float:
    return _packing_work_usd(clock, lot) + packing_usd(clock.scenario, lot, lot.packaging)
