"""Measures: what the model says of one thing, asked for by a selector.

A selector is a line of words: a subject, its names, one quantity, and conditions ``key=value``::

    operations O155 O158 O159 hours      in turn, from the coming of a unit on (see OPERATIONS)
    crossings rail hours country=KZ      all crossings of a mode, each once; usd
    service L198 days                    a row of routes.csv (see SERVICE)
    country TJ road km_per_h             all its trucks or trains inside it; usd_per_500km_20t
    course A B days entry=CN-KHR-BR      cheapest course from A to B (see COURSE, COURSE_UNIT)

A course may be held to a corridor: ``crossings=UZ:road>KZ:rail>CN:rail`` are the countries entered
and by what, ``entry`` is the node at which the last is entered, ``then=rail>road`` are the modes
there from the entry on (one country: from the start on). ``status=proposed`` allows services of
that status beside the scenario's.

Durations have a spread. Those of operations and courses come from trials, so that waits for the
next opening and departure are in them; those of services are the row's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from coldchain.corridors import Comparison, CorridorFigures
from coldchain.courses import Course
from coldchain.errors import DataError, Fault
from coldchain.goods import Consignment, Packaging
from coldchain.network import Mode, Operation, Service, Spread
from coldchain.scenario import Scenario
from coldchain.timetable import minute
from coldchain.trials import Floats, Trials, quantiles, try_operations

STATISTICS = ("p10", "p50", "p90", "mean")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A value with its percentiles; all alike where nothing varies.

    ``mean`` is None where only the percentiles are known.
    """

    p10: float
    p50: float
    p90: float
    mean: float | None

    @property
    def spreads(self) -> bool:
        """Whether the value varies."""
        return self.p10 < self.p90

    def statistic(self, name: str) -> float:
        """One of ``STATISTICS``.

        Raises
        ------
        DataError
            There is none of this name, or it is not known.
        """
        value = getattr(self, name) if name in STATISTICS else None
        if value is None:
            raise _refused(name, f"one of {', '.join(STATISTICS)}; no mean of a row's own spread")
        return value


def _refused(selector: str, expected: str) -> DataError:
    fault = Fault(file="", row=0, column="selector", value=selector, expected=expected)
    return DataError([fault])


def _fixed(value: float) -> Measured:
    return Measured(p10=value, p50=value, p90=value, mean=value)


def _sampled(values: Floats) -> Measured:
    p10, p50, p90 = quantiles(values, 0.1, 0.5, 0.9)
    return Measured(p10=p10, p50=p50, p90=p90, mean=float(values.mean()))


def _percentiles(spread: Spread) -> Measured:
    return Measured(p10=spread.p10, p50=spread.p50, p90=spread.p90, mean=None)


def _spread(service: Service, of_hours: Callable[[float], float]) -> Measured:
    low, middle, high = (of_hours(service.transit.at(q)) for q in (0.1, 0.5, 0.9))
    return Measured(p10=min(low, high), p50=middle, p90=max(low, high), mean=None)


OPERATIONS = ("hours", "work_hours", "usd", "usd_per_unit_d")
"""``hours`` with waits for openings, ``work_hours`` without; ``usd`` per unit,
``usd_per_unit_d`` of plugs."""

SERVICE: Mapping[str, Callable[[Service, Scenario], Measured]] = {
    "hours": lambda s, _: _spread(s, lambda h: h),
    "days": lambda s, _: _spread(s, lambda h: h / 24),
    "km_per_h": lambda s, _: _spread(s, lambda h: s.distance_km / h),
    "km": lambda s, _: _fixed(s.distance_km),
    "per_week": lambda s, _: _fixed(len(s.days) * len(s.departure_times) / s.every_n_weeks),
    "units_per_day": lambda s, _: _fixed(s.capacity_units),
    "payload_t": lambda s, _: _fixed(s.payload_kg / 1000),
    "usd": lambda s, _: _fixed(s.linehaul_usd_per_unit),
    "usd_per_km": lambda s, _: _fixed(s.linehaul_usd_per_unit / s.distance_km),
    "usd_per_kg": lambda s, _: _fixed(s.linehaul_usd_per_kg),
    "reefer_usd_per_h": lambda s, given: _fixed(
        s.reefer_usd_per_unit_h + s.genset_l_per_h * given.prices.diesel_usd_per_l
    ),
    "genset_kgco2e_per_h": lambda s, _: _fixed(s.genset_kgco2e_per_h),
}
"""``per_week`` counts departures of scheduled services, ``units_per_day`` is of those on demand;
``reefer_usd_per_h`` is lease and diesel."""


def _under_way(tried: Trials) -> Floats:
    """Hours from the first departure on, without end where trials are stranded."""
    return np.concatenate([tried.hours - tried.waited_h, np.full(tried.stranded, np.inf)])


def _since_packed(tried: Trials) -> Floats:
    return np.concatenate([tried.hours, np.full(tried.stranded, np.inf)])


COURSE: Mapping[str, Callable[[Course, Trials], Measured]] = {
    "days": lambda _, t: _sampled(_since_packed(t) / 24),
    "days_under_way": lambda _, t: _sampled(_under_way(t) / 24),
    "hours_under_way": lambda _, t: _sampled(_under_way(t)),
    "km_per_h": lambda c, t: _sampled(c.distance_km / _under_way(t)),
    "km": lambda c, _: _fixed(c.distance_km),
}
"""``days`` from packed on; *under way* from the first departure on, as timetables count."""

COURSE_UNIT: Mapping[str, Callable[[CorridorFigures, Consignment], float]] = {
    "usd_per_kg": lambda f, lot: f.charges.total / lot.gross_kg,
    "usd_per_unit": lambda f, _: f.charges.total,
    "kgco2e_per_kg": lambda f, lot: f.co2e_kg_per_kg * lot.net_kg / lot.gross_kg,
}
"""Of a full load unit, by gross kg: as in :func:`coldchain.corridors.corridors`."""

CONDITIONS: Mapping[str, tuple[str, ...]] = {
    "operations": (),
    "crossings": ("country",),
    "service": (),
    "country": (),
    "course": ("crossings", "entry", "then", "status"),
}
"""Conditions that a subject may bear."""


class Measures:
    """What the model of a scenario says, by selector."""

    def __init__(
        self,
        scenario: Scenario,
        *,
        commodity: str,
        packaging: Packaging,
        first_ready_at: datetime,
        days: int = 14,
        trials: int = 1000,
    ) -> None:
        self.scenario = scenario
        self._commodity, self._packaging = commodity, packaging
        self._first_ready_at, self._days, self._trials = first_ready_at, days, trials
        self._subjects: Mapping[str, Callable[[str, list[str], str, dict[str, str]], Measured]] = {
            "operations": self._operations,
            "crossings": self._crossings,
            "service": self._service,
            "country": self._country,
            "course": self._course,
        }
        self._compared: dict[tuple[str, str, str], tuple[Comparison, list[Course]]] = {}
        self._gone: dict[tuple[str, Course], Trials] = {}

    def of(self, selector: str) -> Measured:
        """The value of ``selector``.

        Raises
        ------
        DataError
            It is not of the form above, or names what is not there.
        """
        words = selector.split()
        plain = [word for word in words if "=" not in word]
        pairs = [word.split("=", 1) for word in words if "=" in word]
        conditions = dict(pairs)
        subject = plain[0] if plain else ""
        if subject not in self._subjects:
            raise _refused(selector, f"a subject first: {', '.join(self._subjects)}")
        if len(plain) < 3 or any("=" in word for word in words[: len(plain)]):
            raise _refused(selector, "subject, names and a quantity, then conditions key=value")
        unknown = [key for key in conditions if key not in CONDITIONS[subject]]
        if unknown or len(conditions) < len(pairs):
            allowed = ", ".join(CONDITIONS[subject]) or "none"
            raise _refused(selector, f"conditions of {subject}, each once: {allowed}")
        return self._subjects[subject](selector, plain[1:-1], plain[-1], conditions)

    def _operations(
        self, selector: str, names: list[str], quantity: str, _: dict[str, str]
    ) -> Measured:
        known = self.scenario.network.operations
        missing = [name for name in names if name not in known]
        if missing:
            raise _refused(selector, f"operations of operations.csv; not {', '.join(missing)}")
        operations = [known[name] for name in names]
        if quantity == "usd_per_unit_d":
            return _fixed(sum(o.usd_per_unit_day for o in operations))
        if quantity == "work_hours":
            if len(operations) > 1:
                raise _refused(selector, "the work_hours of one operation")
            return _percentiles(operations[0].hours)
        return self._done(selector, [operations], quantity)

    def _done(self, selector: str, each: Sequence[Sequence[Operation]], quantity: str) -> Measured:
        """Hours or USD of each row of operations, all rows alike likely."""
        if quantity == "usd":
            rows = [sum(o.usd_per_unit * o.probability for o in row) for row in each]
            return _fixed(sum(rows) / len(rows))
        if quantity != "hours":
            raise _refused(
                selector, f"a quantity: {', '.join(OPERATIONS)}; of crossings, hours, usd"
            )
        hours = [
            try_operations(
                self.scenario.timetable,
                row,
                first=minute(self._first_ready_at),
                days=self._days,
                trials=self._trials,
                seed=self.scenario.seed,
            )
            for row in each
        ]
        return _sampled(np.concatenate(hours))

    def _crossings(
        self, selector: str, names: list[str], quantity: str, conditions: dict[str, str]
    ) -> Measured:
        mode = _mode(selector, names, 0)
        network = self.scenario.network
        rows: dict[tuple[str, ...], list[Operation]] = {}
        for service in self._usable(self.scenario.service_status):
            node = network.nodes[service.destination]
            if service.mode is not mode or conditions.get("country", node.country) != node.country:
                continue
            row = [o for o in network.arrival_operations(service) if o.charge == "border"]
            if row:
                rows[tuple(o.id for o in row)] = row
        if not rows:
            raise _refused(selector, f"a country with crossings by {mode.value}")
        return self._done(selector, list(rows.values()), quantity)

    def _service(
        self, selector: str, names: list[str], quantity: str, _: dict[str, str]
    ) -> Measured:
        known = self.scenario.network.services
        if len(names) != 1 or names[0] not in known:
            raise _refused(selector, "one service of routes.csv")
        if quantity not in SERVICE:
            raise _refused(selector, f"a quantity: {', '.join(SERVICE)}")
        return SERVICE[quantity](known[names[0]], self.scenario)

    def _country(
        self, selector: str, names: list[str], quantity: str, _: dict[str, str]
    ) -> Measured:
        mode = _mode(selector, names, 1)
        nodes = self.scenario.network.nodes
        inside = [
            s
            for s in self._usable(self.scenario.service_status)
            if s.mode is mode
            and nodes[s.origin].country == nodes[s.destination].country == names[0]
            and (mode is Mode.RAIL or s.equipment.startswith("TRUCK"))
        ]
        if not inside:
            raise _refused(selector, f"a country with services by {mode.value}")
        km = sum(s.distance_km for s in inside)
        if quantity == "km_per_h":
            return _fixed(km / sum(s.transit.p50 for s in inside))
        if quantity == "usd_per_500km_20t":
            by_t = sum(s.linehaul_usd_per_unit / s.payload_kg * 1000 for s in inside)
            return _fixed(by_t / km * 500 * 20)
        raise _refused(selector, "a quantity: km_per_h, usd_per_500km_20t")

    def _course(
        self, selector: str, names: list[str], quantity: str, conditions: dict[str, str]
    ) -> Measured:
        if quantity not in COURSE and quantity not in COURSE_UNIT:
            raise _refused(selector, f"a quantity: {', '.join((*COURSE, *COURSE_UNIT))}")
        compared, course = self._chosen(selector, names, conditions)
        key = (compared.lot.destination, course)
        if key not in self._gone:
            self._gone[key] = compared.trials(course)
        tried = self._gone[key]
        if not len(tried.hours):
            raise _refused(selector, "a course that leaves within two months")
        if quantity in COURSE:
            return COURSE[quantity](course, tried)
        figures = compared.figures(course, tried)
        if figures is None:
            raise _refused(selector, "a course that leaves within two months")
        return _fixed(COURSE_UNIT[quantity](figures, compared.lot))

    def _chosen(
        self, selector: str, names: list[str], conditions: dict[str, str]
    ) -> tuple[Comparison, Course]:
        nodes = self.scenario.network.nodes
        if len(names) != 2 or any(name not in nodes for name in names) or names[0] == names[1]:
            raise _refused(selector, "two nodes of nodes.csv")
        key = (names[0], names[1], conditions.get("status", ""))
        if key not in self._compared:
            self._compared[key] = self._comparison(*key)
        compared, known = self._compared[key]
        found = [course for course in known if _kept(course, conditions)]
        if not found:
            there = " | ".join(_corridor_words(course) for course in known[:12])
            raise _refused(selector, f"a corridor there is, such as: {there or 'none at all'}")
        return compared, found[0]

    def _comparison(
        self, origin: str, destination: str, status: str
    ) -> tuple[Comparison, list[Course]]:
        statuses = {*self.scenario.service_status, *([status] if status else [])}
        compared = Comparison(
            replace(self.scenario, service_status=frozenset(statuses)),
            origin,
            destination,
            commodity=self._commodity,
            packaging=self._packaging,
            retail_c=5.0,
            first_ready_at=self._first_ready_at,
            days=self._days,
            trials=self._trials,
        )
        return compared, compared.courses()

    def _usable(self, statuses: Iterable[str]) -> list[Service]:
        return [s for s in self.scenario.network if s.status in statuses]


def _mode(selector: str, names: list[str], place: int) -> Mode:
    """The mode that stands last among ``names``, after ``place`` others."""
    modes = {mode.value: mode for mode in Mode}
    if len(names) != place + 1 or names[-1] not in modes:
        raise _refused(selector, f"{'a country and ' * place}a mode: {', '.join(modes)}")
    return modes[names[-1]]


def _words(course: Course) -> dict[str, str]:
    """A course's corridor in the words of conditions."""
    crossings = course.corridor.crossings
    return {
        "crossings": ">".join(f"{country}:{mode.value}" for country, mode, _ in crossings),
        "entry": crossings[-1][2] if crossings else "",
        "then": ">".join(mode.value for mode in course.corridor.modes),
    }


def _kept(course: Course, conditions: dict[str, str]) -> bool:
    words = _words(course)
    return all(words[key] == value for key, value in conditions.items() if key != "status")


def _corridor_words(course: Course) -> str:
    return " ".join(f"{key}={value}" for key, value in _words(course).items() if value)
