"""Everything one run may know: network, goods, consignments, prices and how to plan."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date, datetime, time
from enum import Enum
from functools import cached_property
from itertools import combinations, pairwise

from coldchain.admission import Entry, EntryRule, Unconfirmed, entries
from coldchain.compatibility import Cargo, CargoKey, judge, stowage_groups, tolerance_for
from coldchain.errors import UnknownName
from coldchain.goods import OPEN_TO, Consignment, Duty, Packaging, PackagingTerms, Perishable
from coldchain.lots import Lots
from coldchain.network import Network, Operation, Service, Trigger
from coldchain.pace import Pace
from coldchain.timetable import Timetable

LONG_HAUL_K = tolerance_for(math.inf)
"""How far from its range a commodity bears a setpoint: how long a unit rides is not known yet."""

WAYS_OF_PACKING = 36
"""Shares of two consignments with up to three packagings each are whole numbers of it."""

TREATING = (Trigger.ORIGIN, Trigger.IN_TRANSIT, Trigger.DESTINATION)
"""When a quarantine treatment can be done, in the order in which it is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """Prices of what is not on an invoice.

    ``unserved_usd_per_kg`` of net weight left behind; ``freshness_usd_per_kg_d`` for each day of
    life at the retail temperature used up on the way, per net kg; ``carbon_usd_per_t`` of CO2e.
    """

    unserved_usd_per_kg: float
    freshness_usd_per_kg_d: float
    carbon_usd_per_t: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Prices that are the same for every service: of diesel, and of insurance (% of the value)."""

    diesel_usd_per_l: float = 0.0
    insurance_pct: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A change to the tables or settings that a scenario asks for, already made in it.

    ``statement`` is in the grammar of :mod:`coldchain.tables.grammar`, ``stated_in`` the file
    and line or the option. ``changes`` counts cells and keys changed, closures and delays added.
    """

    statement: str
    why: str
    source: str
    stated_in: str = field(compare=False)
    changes: int


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Input of one run, cross-checked where it is read.

    Attributes
    ----------
    season_date : date
        First day of the week planned; says which season the data are read for.
    packaging : mapping of str to PackagingTerms
        Ways of packing that may be had, by their id.
    quantile : float
        Transit and operation times are planned at this quantile of their spread.
    confidence : float
        Share of lots that must still have the shelf life required when they arrive.
    setpoints_c : tuple of float
        Setpoints a carriage may be given (°C).
    max_dwell_h, max_dwell_without_store_h : float
        Longest wait for a departure where goods can wait in a cold store, and where they cannot
        (then they stay in the unit they came in).
    max_cross_docks : int
        How often goods may change units.
    max_detour : float
        How much more than the cheapest itinerary another may cost, as a share, both with every load
        unit full, to be a candidate.
    service_status : frozenset of str
        Status classes of services that may be used.
    packagings : frozenset of Packaging
        What a consignment of packaging ``any`` may be packed in.
    entry_rules : tuple of EntryRule
        Who may enter which country where; the first that fits decides.
    unconfirmed : Unconfirmed
        Whether entries nobody has confirmed are refused, or planned with and told.
    via : tuple of str
        Nodes of which goods must be opened at one, or start or end there; none if empty.
    reporting_currency : str
        Currency summaries are shown in beside USD; ``usd_rates`` gives units per USD.
    duties : tuple of Duty
        Duty and VAT by goods and countries, the first that fits; empty: none are charged.
    overrides : tuple of Override
        What was changed for this scenario, in the order in which it was.
    extends : tuple of str
        Scenarios it was made from, the nearest first; of them only what they say counts.
    """

    name: str
    title: str
    season_date: date
    network: Network
    perishables: Mapping[str, Perishable]
    packaging: Mapping[str, PackagingTerms]
    consignments: tuple[Consignment, ...]
    objective: Objective
    quantile: float
    confidence: float
    setpoints_c: tuple[float, ...]
    max_dwell_h: float
    max_dwell_without_store_h: float
    max_cross_docks: int
    max_detour: float
    service_status: frozenset[str]
    reporting_currency: str
    usd_rates: Mapping[str, float]
    seed: int
    packagings: frozenset[Packaging] = OPEN_TO
    parties: Mapping[str, str] = field(default_factory=dict[str, str])
    entry_rules: tuple[EntryRule, ...] = ()
    unconfirmed: Unconfirmed = Unconfirmed.STRICT
    via: tuple[str, ...] = ()
    prices: Prices = field(default_factory=Prices)
    duties: tuple[Duty, ...] = ()
    overrides: tuple[Override, ...] = ()
    extends: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        # By id, so that the order of rows changes neither the digest nor the plan.
        ordered = tuple(sorted(self.consignments, key=lambda c: c.id))
        object.__setattr__(self, "consignments", ordered)
        twice = [a.id for a, b in pairwise(ordered) if a.id == b.id]
        if twice:
            raise ValueError(f"{', '.join(twice)}: an id no other consignment has is needed")
        for c in ordered:
            words = self.network.beyond_calendars(c.ready_at, c.due_at)
            if words:
                raise ValueError(f"{c.id}: {words}")

    def consignment(self, name: str) -> Consignment:
        """The consignment called ``name``."""
        if name not in self._consignments:
            raise UnknownName("consignment", name, self._consignments)
        return self._consignments[name]

    def perishable(self, code: str) -> Perishable:
        """The commodity called ``code``."""
        if code not in self.perishables:
            raise UnknownName("commodity", code, self.perishables)
        return self.perishables[code]

    def lots(self, commodity: str, packaging: Packaging) -> Lots:
        """Sample of lots of a commodity, packed so."""
        key = (commodity, packaging)
        if key not in self._lots:
            terms = self.packaging[packaging]
            self._lots[key] = Lots(self.perishable(commodity), terms, seed=self.seed)
        return self._lots[key]

    def pace(self, commodity: str, packaging: Packaging) -> Pace:
        """How fast a search reckons the commodity to age, at the scenario's confidence."""
        key = (commodity, packaging)
        if key not in self._paces:
            goods = self.perishable(commodity)
            units = self._suiting(goods)
            exposing = [
                o
                for o in self.network.operations.values()
                if o.exposed_h and o.trigger not in (Trigger.ORIGIN, Trigger.ORIGIN_EQUIPMENT)
            ]
            held = [s.temperature_c for s in self.network if s.temperature_c is not None]
            humidity: dict[float, float] = {}
            for operation in exposing:
                if operation.exposed_rh_pct is not None:
                    for air in {operation.air_c(u) for u in units}:
                        humidity[air] = min(operation.exposed_rh_pct, humidity.get(air, 100.0))
            self._paces[key] = Pace(
                self.lots(commodity, packaging),
                confidence=self.confidence,
                airs_c=[*units, *held, *(o.air_c(u) for o in exposing for u in units)],
                units_c=units,
                humidity_pct=humidity,
            )
        return self._paces[key]

    def longest_life_h(self, commodity: str, retail_c: float) -> float:
        """Hours the commodity keeps at ``retail_c`` in the packaging that is best for it there."""
        return max(
            self.pace(commodity, packaging).keeping_quality_h(retail_c)
            for packaging in self._ways_of_packing(self.perishable(commodity))
        )

    def _ways_of_packing(self, goods: Perishable) -> list[Packaging]:
        """Packagings that mean something to the commodity."""
        return [
            terms.packaging_id
            for terms in self.packaging.values()
            if terms.life_factor != "commodity" or goods.map_life_factor is not None
        ]

    def packagings_for(self, consignment: Consignment) -> tuple[Packaging, ...]:
        """How the consignment may be packed: as asked, or in any way that suits its commodity."""
        return tuple(cargo.packaging for cargo in self.cargoes_of(consignment))

    def life_allowed(self, consignment: Consignment, packaging: Packaging) -> float:
        """Life that may be used up at delivery, so that the shelf life required is left."""
        pace = self.pace(consignment.commodity, packaging)
        return 1.0 - consignment.shelf_life_required_h / pace.keeping_quality_h(
            consignment.retail_c
        )

    def setpoints_for(self, consignment: Consignment) -> tuple[float, ...]:
        """Setpoints of the scenario within the commodity's range, widened by a tolerance."""
        return self._suiting(self.perishable(consignment.commodity))

    def last_setpoints_for(self, consignment: Consignment) -> tuple[float, ...]:
        """Setpoints its last unit may have: with a treatment in transit those that are cold enough.

        Both halves of the pulp must come to the temperature of the treatment or below, in every
        packaging the consignment may have.
        """
        suiting = self.setpoints_for(consignment)
        treatment = self.treatment_in_transit(consignment)
        if treatment is None:
            return suiting
        pallets = [
            self.lots(consignment.commodity, packaging).pallet
            for packaging in self.packagings_for(consignment)
        ]
        return tuple(
            s for s in suiting if all(p.warmest_settled(s) <= treatment.exposed_c for p in pallets)
        )

    def _suiting(self, goods: Perishable) -> tuple[float, ...]:
        low, high = Cargo(perishable=goods).range_c(LONG_HAUL_K)
        return tuple(s for s in self.setpoints_c if low <= s <= high)

    def treated_at(self, consignment: Consignment) -> Trigger | None:
        """Where a consignment undergoes its treatment: origin, in transit or destination.

        The first of these that offers it; None if it needs none.

        Raises
        ------
        UnknownName
            It needs one that none of these offers.
        """
        c = consignment
        if not c.treatment:
            return None
        for trigger in TREATING:
            node = c.destination if trigger is Trigger.DESTINATION else c.origin
            offered = self.network.operations_at(node, trigger)
            if any(o.treatment == c.treatment for o in offered):
                return trigger
        places = (c.origin, c.destination)
        known = {
            o.treatment for n in places for t in TREATING for o in self.network.operations_at(n, t)
        }
        raise UnknownName(f"treatment offered at {c.origin} or {c.destination}", c.treatment, known)

    def treatment_in_transit(self, consignment: Consignment) -> Operation | None:
        """The treatment a consignment undergoes in its sealed unit, if it does."""
        if not consignment.treatment or self.treated_at(consignment) is not Trigger.IN_TRANSIT:
            return None
        offered = self.network.operations_at(consignment.origin, Trigger.IN_TRANSIT)
        return next(o for o in offered if o.treatment == consignment.treatment)

    def entries(self, consignment: Consignment, services: Iterable[Service]) -> tuple[Entry, ...]:
        """Every country the consignment enters along ``services``, where, and by which rule."""
        goods = self.perishable(consignment.commodity)
        return tuple(entries(self.entry_rules, self.network, consignment, goods, services))

    def assumptions(self, consignment: Consignment, services: Iterable[Service]) -> tuple[str, ...]:
        """What going along ``services`` takes for granted of entries into countries, in words."""
        goods = self.perishable(consignment.commodity)
        found = self.entries(consignment, services)
        return tuple(entry.assumption(goods) for entry in found if entry.assumed)

    def admits(self, consignment: Consignment, service: Service) -> bool:
        """Whether the consignment may enter where ``service`` does, if it enters anywhere."""
        found = self.entries(consignment, (service,))
        return all(entry.admits(consignment, self.unconfirmed) for entry in found)

    def via_of(self, consignment: Consignment) -> frozenset[str]:
        """Nodes of which the consignment must be opened at one, start or end there; or none."""
        return frozenset(self.via if consignment.via is None else consignment.via)

    def duty(self, consignment: Consignment) -> Duty | None:
        """Duty and VAT of a consignment; None if it ends in its own country or none are charged.

        Raises
        ------
        UnknownName
            It goes into a country for which no row fits.
        """
        ends = (consignment.origin, consignment.destination)
        origin, destination = (self.network.nodes[node].country for node in ends)
        if origin == destination or not self.duties:
            return None
        hs6 = self.perishable(consignment.commodity).hs6
        for row in self.duties:
            if row.fits(hs6=hs6, origin=origin, destination=destination):
                return row
        known = {country for row in self.duties for country in row.to_countries}
        raise UnknownName(f"country with a duty on HS {hs6} from {origin}", destination, known)

    @property
    def mandate(self) -> tuple[str, ...]:
        """Nodes some consignment must be opened at, start or end at: those asked for, by id."""
        return tuple(sorted({node for c in self.consignments for node in self.via_of(c)}))

    def freed(self) -> Scenario:
        """The same with no consignment bound to go through any node."""
        free = tuple(replace(c, via=None) for c in self.consignments)
        return replace(self, via=(), consignments=free)

    @cached_property
    def timetable(self) -> Timetable:
        """The clock at the scenario's quantile."""
        return Timetable(network=self.network, quantile=self.quantile)

    def cargoes_of(self, consignment: Consignment) -> tuple[Cargo, ...]:
        """What the consignment may travel as: one cargo, or one for each packaging it may get."""
        goods = self.perishable(consignment.commodity)
        if consignment.packaging is not Packaging.ANY:
            packagings = [consignment.packaging]
        else:
            packagings = [p for p in self._ways_of_packing(goods) if p in self.packagings]
        return tuple(
            Cargo(perishable=goods, packaging=packaging, treatment=consignment.treatment)
            for packaging in packagings
        )

    @cached_property
    def stowage_group(self) -> Mapping[CargoKey, str]:
        """Stowage group of each cargo that is carried.

        Pallets of two consignments have to gain from a common box what they are, times each other;
        of a consignment of open packaging each way of packing has its share. Consignments that can
        be packed alike meet in any case.
        """
        meetings: Counter[frozenset[CargoKey]] = Counter()
        cargoes: dict[CargoKey, Cargo] = {}
        pallets: Counter[tuple[CargoKey, ...]] = Counter()
        for consignment in self.consignments:
            ways = self.cargoes_of(consignment)
            cargoes |= {cargo.key: cargo for cargo in ways}
            pallets[tuple(cargo.key for cargo in ways)] += consignment.pallets
        for (some, p), (others, q) in combinations(pallets.items(), 2):
            if not set(some) & set(others):
                gain = p * q * WAYS_OF_PACKING // (len(some) * len(others) or 1)
                meetings.update({frozenset((a, b)): gain for a in some for b in others})
        return stowage_groups(cargoes.values(), tolerance_k=LONG_HAUL_K, meetings=meetings)

    def groups_of(self, consignment: Consignment) -> frozenset[str]:
        """Stowage groups the consignment may be in: one, unless its packaging is open."""
        key = (consignment.commodity, consignment.packaging, consignment.treatment)
        if key not in self._groups:
            cargoes = self.cargoes_of(consignment)
            self._groups[key] = frozenset(self.stowage_group[c.key] for c in cargoes)
        return self._groups[key]

    def group_of(self, consignment: Consignment, packaging: Packaging | None = None) -> str:
        """Stowage group of the consignment, packed in ``packaging`` if its own is open."""
        packed = packaging or consignment.packaging
        goods = self.perishable(consignment.commodity)
        cargo = Cargo(perishable=goods, packaging=packed, treatment=consignment.treatment)
        return self.stowage_group[cargo.key]

    def why_apart(self, a: Consignment, b: Consignment) -> str | None:
        """Why ``a`` and ``b`` may never share a box, in words; None if they may."""
        if self.groups_of(a) & self.groups_of(b):
            common = set(self.setpoints_for(a)) & set(self.setpoints_for(b))
            return None if common else "none of the scenario's setpoints suits both"
        verdicts = [
            judge(one, other, tolerance_k=LONG_HAUL_K)
            for one in self.cargoes_of(a)
            for other in self.cargoes_of(b)
        ]
        for verdict in verdicts:
            if verdict.allowed:
                in_a, in_b = (self.stowage_group[cargo.key] for cargo in verdict.cargoes)
                return f"they get along, but not all their companions do: {in_a} apart from {in_b}"
        return verdicts[0].why_not

    @cached_property
    def _consignments(self) -> dict[str, Consignment]:
        return {c.id: c for c in self.consignments}

    @cached_property
    def _groups(self) -> dict[tuple[str, Packaging, str], frozenset[str]]:
        return {}

    @cached_property
    def _lots(self) -> dict[tuple[str, Packaging], Lots]:
        return {}

    @cached_property
    def _paces(self) -> dict[tuple[str, Packaging], Pace]:
        return {}

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything in the scenario; equal input, equal digest, whatever the row order.

        The order of the operations of one node and trigger counts: they are done in it.
        """
        sink = hashlib.sha256()
        sink.update(_canonical(self).encode())
        return sink.hexdigest()


def _canonical(value: object) -> str:
    """Text that is equal for equal values, whatever the order of tables."""
    if is_dataclass(value) and not isinstance(value, type):
        parts = [
            f"{f.name}={_canonical(getattr(value, f.name))}"
            for f in fields(value)
            if f.compare and not f.name.startswith("_")
        ]
        if isinstance(value, Network):
            at = {(o.node, o.trigger): "" for o in value.operations.values()}
            for operation in value.operations.values():
                at[operation.node, operation.trigger] += f"{operation.id};"
            parts.append(f"order={_canonical(at)}")
        return f"{type(value).__name__}({','.join(parts)})"
    if isinstance(value, Mapping):
        items = sorted((_canonical(k), _canonical(v)) for k, v in value.items())  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        return "{" + ",".join(f"{k}:{v}" for k, v in items) + "}"
    if isinstance(value, tuple) and value and isinstance(value[0], Consignment):
        return "[" + ",".join(sorted(_canonical(v) for v in value)) + "]"  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, (tuple, list)):
        return "[" + ",".join(_canonical(v) for v in value) + "]"  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, frozenset):
        return "[" + ",".join(sorted(_canonical(v) for v in value)) + "]"  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, Enum):
        return repr(value.value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else "nan"
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    return repr(value)
