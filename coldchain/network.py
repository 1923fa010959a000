"""Places, services and operations, and the graph they make.

Times are kept as spreads (p10, p50, p90); a plan reads them at one quantile. Equipment matters: a
service carries one kind of load unit, and what an operation does to it decides whether the unit
stays sealed (``opens_unit = False``) or its goods change units (a cross-dock).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from statistics import NormalDist
from typing import TYPE_CHECKING

from coldchain.calendars import Calendar, Closure, Delay
from coldchain.errors import UnknownName

if TYPE_CHECKING:
    import networkx

NORMAL_P90 = NormalDist().inv_cdf(0.9)


class Mode(StrEnum):
    """How a service moves."""

    RAIL = "rail"
    ROAD = "road"
    AIR = "air"


class Trigger(StrEnum):
    """What makes an operation happen."""

    ORIGIN = "origin"
    """To goods before they are stuffed where they start."""
    ORIGIN_EQUIPMENT = "origin_equipment"
    """To a load unit stuffed where its goods start, by its equipment."""
    IN_TRANSIT = "in_transit"
    """A quarantine treatment by cold on the way, in the last unit of goods that start here."""
    ARRIVE = "arrive"
    """To a sealed unit that comes in, by its equipment and the country it comes from."""
    TRANSFER = "transfer"
    """Between two legs, by the equipment before and after; sealed or opened."""
    DESTINATION = "destination"
    """To goods where they end."""
    GOODS_STORAGE = "goods_storage"
    """The cold store goods wait in, per tonne and day."""
    UNIT_STORAGE = "unit_storage"
    """The plug a sealed unit waits at, per tonne of its payload and day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A duration known by its 10th, 50th and 90th percentile (h): a two-piece lognormal.

    Each side of the median is a lognormal of its own, with sigma = ln(ratio) / 1.2816.

    Examples
    --------
    >>> transit = Spread(p10=82.0, p50=98.0, p90=140.0)
    >>> [round(transit.at(q), 6) for q in (0.1, 0.5, 0.9)]
    [82.0, 98.0, 140.0]
    """

    p10: float
    p50: float
    p90: float

    def __post_init__(self) -> None:
        if not 0 <= self.p10 <= self.p50 <= self.p90 < math.inf:
            raise ValueError(
                f"0 <= p10 <= p50 <= p90 does not hold: {self.p10}, {self.p50}, {self.p90}"
            )

    def at(self, quantile: float) -> float:
        """Hours at ``quantile`` (0 < quantile < 1)."""
        if not 0 < quantile < 1:
            raise ValueError(f"a quantile lies between 0 and 1, not at {quantile}")
        if self.p50 == 0 or self.p10 == self.p90:
            # A lognormal cannot start at 0; a spread with median 0 happens in no time at p50.
            return self.p50 if quantile <= 0.5 or self.p50 else self.p90
        z = NormalDist().inv_cdf(quantile) / NORMAL_P90
        far = self.p90 if z > 0 else self.p10
        if far == 0:
            return self.p50 * (1 + z) if z > -1 else 0.0
        return self.p50 * math.exp(abs(z) * math.log(far / self.p50))


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """Days of the year: from ``(month, day)`` to ``(month, day)``, both included."""

    first: tuple[int, int]
    last: tuple[int, int]

    def holds(self, day: date) -> bool:
        """Whether ``day`` lies in the season; a season may run over New Year."""
        this = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= this <= self.last
        return this >= self.first or this <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A place: packhouse, terminal, border station, airport, hub or city.

    Outside ``open_season`` (None: all year) no operation begins there and nothing departs from it.
    """

    id: str
    name: str
    name_zh: str
    country: str
    unlocode: str
    latitude_deg: float
    longitude_deg: float
    node_type: str
    timezone: str
    cross_dock: bool
    gauge_mm: str
    role: str
    fruit_import_site: str
    source: str
    confidence: str
    open_season: Season | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A bookable offer between two nodes.

    ``departure_times`` (local, at ``origin``) make it scheduled: it leaves on ``days`` (ISO, 1 =
    Monday) of every ``every_n_weeks``-th week counted from ``first_departure``. Without them it
    leaves on demand, on ``days``. ``capacity_units`` are slots per departure when scheduled and
    units a day when on demand; for ``shared_by_kg`` services they are kilograms. ``enters_at`` is
    the node at which it enters the country of its destination, empty if that is where it ends. On
    the holidays of the calendars ``closed_on`` it does not leave. It ``passes`` nodes without
    stopping there.

    Money is in USD. ``linehaul_usd_per_unit_h`` is paid for the hours of transit beside
    ``linehaul_usd_per_unit``; ``reefer_usd_per_unit_h`` is the lease of a unit, whose genset burns
    ``genset_l_per_h``. A unit that came by this service waits ``detention_free_h`` for nothing,
    then for ``detention_usd_per_unit_h``.

    A *chartered* departure runs only if paid for: ``charter_usd_per_departure``, and at least
    ``min_paid_slots`` units (kilograms) at the price of one.
    """

    id: str
    origin: str
    destination: str
    mode: Mode
    equipment: str
    name: str
    service_type: str
    status: str
    distance_km: float
    great_circle_km: float
    transit: Spread
    days: frozenset[int]
    departure_times: tuple[time, ...]
    every_n_weeks: int
    first_departure: date | None
    cutoff_h: float
    capacity_units: int
    shared_by_kg: bool
    payload_kg: int
    pallets_per_unit: int
    linehaul_usd_per_unit: float
    linehaul_usd_per_kg: float
    reefer_usd_per_unit_h: float
    temperature_c: float | None
    border_included: bool
    gco2e_per_tkm: float
    reefer_uplift: float
    genset_kgco2e_per_h: float
    season: Season | None
    source: str
    confidence: str
    carrier: str = ""
    note: str = ""
    enters_at: str = ""
    linehaul_usd_per_unit_h: float = 0.0
    genset_l_per_h: float = 0.0
    detention_usd_per_unit_h: float = 0.0
    detention_free_h: float = 0.0
    charter_usd_per_departure: float = 0.0
    min_paid_slots: int = 0
    closed_on: frozenset[str] = frozenset()
    passes: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not 0 <= self.charter_usd_per_departure < math.inf:
            raise ValueError(f"{self.id}: a charter costs 0 or more")
        if self.min_paid_slots and not 0 <= self.min_paid_slots <= self.capacity_units:
            raise ValueError(f"{self.id}: no more slots can be paid than there are")
        # A kilogram not used is paid by the thousand: a fraction of a cent would be many dollars.
        cents = 100 * self.linehaul_usd_per_kg
        if self.shared_by_kg and self.min_paid_slots and abs(cents - round(cents)) > 1e-6:
            raise ValueError(f"{self.id}: a minimum of kilograms needs a price in whole cents")

    @property
    def chartered(self) -> bool:
        """Whether a departure runs only if somebody pays for all of it."""
        return self.charter_usd_per_departure > 0 or self.min_paid_slots > 0

    @property
    def charter_usd_per_slot(self) -> float:
        """A slot's (a kilogram's) part of the charter when the departure is full."""
        return self.charter_usd_per_departure / max(1, self.capacity_units)

    @property
    def slot_usd(self) -> float:
        """Price of a slot beside the charter; by air of a gross kilogram."""
        return self.linehaul_usd_per_kg if self.shared_by_kg else self.linehaul_usd_per_unit

    @property
    def on_demand(self) -> bool:
        return not self.departure_times

    @property
    def rides_as(self) -> str:
        """Equipment as the operations table has it: a FEU is ``FEU_R`` on rail, else ``FEU_C``."""
        if self.equipment == "FEU":
            return "FEU_R" if self.mode is Mode.RAIL else "FEU_C"
        return self.equipment


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What a node does to goods or to a load unit, timed and priced.

    ``exposed_h`` of the hours pass at ``exposed_c`` (goods handled at ambient, doors open), the
    rest at the goods' setpoint. With ``warming_per_h`` the unit stays shut but without power in an
    ambient of ``exposed_c``, like a thermos: its air closes that share of the difference per hour.
    ``exposed_rh_pct`` is the humidity of the air meanwhile, None if it is that of the unit.
    ``half_cooling_h`` is how fast the goods follow the air meanwhile, None if as slowly as a
    pallet; only at the origin are goods handled otherwise than on pallets.
    ``equipment_in`` and ``equipment_out`` empty mean any. ``treatment`` names the quarantine
    treatment it is: then it is done only to goods that must undergo it. ``done_to`` are the
    categories of goods it is done to, empty if to all. On the holidays of the calendars
    ``closed_on`` it does not begin.
    ``units_per_day`` is on how many sealed units it can begin on one local day, None if on any.
    Money is per unit (``usd_per_unit``), per gross kg, or per gross tonne and day (storage; of a
    sealed unit also ``usd_per_unit_day``), for the time of a stay beyond ``free_h``.
    """

    id: str
    node: str
    code: str
    name: str
    trigger: Trigger
    from_country: str
    equipment_in: frozenset[str]
    equipment_out: frozenset[str]
    opens_unit: bool
    charge: str
    hours: Spread
    exposed_h: float
    exposed_c: float
    usd_per_unit: float
    usd_per_kg: float
    usd_per_t_day: float
    opens: time
    closes: time
    days: frozenset[int]
    probability: float
    source: str
    confidence: str
    closed_on: frozenset[str] = frozenset()
    half_cooling_h: float | None = None
    warming_per_h: float | None = None
    exposed_rh_pct: float | None = None
    treatment: str = ""
    done_to: frozenset[str] = frozenset()
    units_per_day: int | None = None
    note: str = ""
    usd_per_unit_day: float = 0.0
    free_h: float = 0.0

    def __post_init__(self) -> None:
        if self.warming_per_h is not None and not 0 < self.warming_per_h < math.inf:
            raise ValueError(f"{self.id}: a shut unit warms by a share above 0 per hour")
        if self.trigger is Trigger.IN_TRANSIT and not self.treatment:
            raise ValueError(f"{self.id}: what is done in transit is a treatment and has its name")
        if self.half_cooling_h is None:
            return
        if self.trigger not in (Trigger.ORIGIN, Trigger.ORIGIN_EQUIPMENT):
            raise ValueError(f"{self.id}: goods are cooled by the piece at their origin only")
        if not self.half_cooling_h > 0:
            raise ValueError(f"{self.id}: a half-cooling time is longer than 0 h")

    def takes(self, equipment_in: str, equipment_out: str | None = None) -> bool:
        """Whether the operation is meant for this change of equipment."""
        return (not self.equipment_in or equipment_in in self.equipment_in) and (
            equipment_out is None or not self.equipment_out or equipment_out in self.equipment_out
        )

    def air_c(self, setpoint_c: float) -> float:
        """Air around the goods while they are exposed (°C), in a unit set to ``setpoint_c``.

        In a shut unit that of the end: the air drifts from the setpoint towards the ambient.
        """
        if self.warming_per_h is None:
            return self.exposed_c
        drift = 1.0 - math.exp(-self.warming_per_h * self.exposed_h)
        return setpoint_c + (self.exposed_c - setpoint_c) * drift

    def happens(self, quantile: float) -> bool:
        """Whether a plan at ``quantile`` must reckon with it (rare events lie beyond it)."""
        return quantile > 1.0 - self.probability


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """A kind of load unit."""

    id: str
    name: str
    name_zh: str
    iso_size_type: str
    source: str
    confidence: str


@dataclass(frozen=True, kw_only=True)
class Network:
    """Everything that can be ridden, and what is done where and when it is not.

    Tables in the order of the files; ``closures`` and ``delays`` are those of one scenario.
    ``transit_limits_h`` are by country: the longest a sealed unit may stay that comes by road and
    leaves by road.
    """

    nodes: Mapping[str, Node]
    services: Mapping[str, Service]
    operations: Mapping[str, Operation]
    equipment: Mapping[str, Equipment]
    calendars: Mapping[str, Calendar] = field(default_factory=dict[str, Calendar])
    closures: tuple[Closure, ...] = ()
    delays: tuple[Delay, ...] = ()
    transit_limits_h: Mapping[str, float] = field(default_factory=dict[str, float])
    _from: Mapping[str, tuple[Service, ...]] = field(init=False, repr=False, compare=False)
    _at: Mapping[tuple[str, Trigger], tuple[Operation, ...]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        leaving: dict[str, list[Service]] = {}
        for service in self.services.values():
            leaving.setdefault(service.origin, []).append(service)
        at: dict[tuple[str, Trigger], list[Operation]] = {}
        for operation in self.operations.values():
            at.setdefault((operation.node, operation.trigger), []).append(operation)
        object.__setattr__(self, "_from", {n: tuple(s) for n, s in leaving.items()})
        object.__setattr__(self, "_at", {k: tuple(o) for k, o in at.items()})

    def node(self, name: str) -> Node:
        """The node called ``name``; :class:`UnknownName` with the nearest names otherwise."""
        if name not in self.nodes:
            raise UnknownName("node", name, self.nodes)
        return self.nodes[name]

    def beyond_calendars(self, *moments: datetime) -> str:
        """Why a plan cannot reach these moments: days of unknown holidays; empty if it can."""
        for at in moments:
            for calendar in self.calendars.values():
                # Its local day is near enough that of UTC.
                near = (at + timedelta(days=n) for n in (-1, 1))
                if not any(calendar.knows(day.astimezone(UTC).date()) for day in near):
                    return (
                        f"{at:%Y-%m-%d} lies outside {calendar.first} to {calendar.last}, "
                        "for which holidays are known; choose season_date accordingly"
                    )
        return ""

    def services_from(self, node: str) -> tuple[Service, ...]:
        """Services that leave ``node``."""
        return self._from.get(node, ())

    def operations_at(self, node: str, trigger: Trigger) -> tuple[Operation, ...]:
        """Operations of one trigger at ``node``, in the order of the file."""
        return self._at.get((node, trigger), ())

    def arrival_operations(self, service: Service) -> tuple[Operation, ...]:
        """What may be done to a unit that came by ``service``, in the order of the file.

        Rare operations included.
        """
        if service.border_included:
            return ()
        country = self.nodes[service.origin].country
        return tuple(
            o
            for o in self.operations_at(service.destination, Trigger.ARRIVE)
            if o.takes(service.rides_as) and o.from_country in ("any", country)
        )

    def sealed_transfer(self, node: str, before: Service, after: Service) -> Operation | None:
        """Operation that moves a sealed unit from ``before`` to ``after``, if one is listed."""
        for operation in self.operations_at(node, Trigger.TRANSFER):
            if not operation.opens_unit and operation.takes(before.rides_as, after.rides_as):
                return operation
        return None

    def cross_dock(self, node: str, rides_as: str, next_rides_as: str) -> Operation | None:
        """Operation that moves goods from one unit into another at ``node``, if one is listed."""
        for operation in self.operations_at(node, Trigger.TRANSFER):
            if operation.opens_unit and operation.takes(rides_as, next_rides_as):
                return operation
        return None

    def stays_sealed(self, before: Service, after: Service) -> bool:
        """Whether a unit that came by ``before`` can go on by ``after`` without being opened."""
        if before.destination != after.origin or before.equipment != after.equipment:
            return False
        if before.shared_by_kg:
            return False
        same = before.rides_as == after.rides_as
        return same or self.sealed_transfer(after.origin, before, after) is not None

    @cached_property
    def graph(self) -> networkx.MultiDiGraph[str]:
        """The topology: nodes and services by id, parallel services kept apart by their key.

        Attributes: nodes carry ``country`` and ``node_type``; edges ``mode``, ``equipment``,
        ``distance_km`` and ``transit_h`` (median).
        """
        import networkx

        graph: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
        for node in self.nodes.values():
            graph.add_node(node.id, country=node.country, node_type=node.node_type)
        for service in self.services.values():
            graph.add_edge(
                service.origin,
                service.destination,
                key=service.id,
                mode=service.mode.value,
                equipment=service.equipment,
                distance_km=service.distance_km,
                transit_h=service.transit.p50,
            )
        return graph

    def __iter__(self) -> Iterator[Service]:
        return iter(self.services.values())


def great_circle_km(a: Node, b: Node) -> float:
    """Great-circle distance (km) on a sphere of 6,371.0088 km (IUGG mean radius), haversine."""
    lat_a, lat_b = math.radians(a.latitude_deg), math.radians(b.latitude_deg)
    half_lat = (lat_b - lat_a) / 2
    half_lon = math.radians(b.longitude_deg - a.longitude_deg) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lon) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(chord))
