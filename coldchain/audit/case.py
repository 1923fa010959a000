"""What the rules are given: a plan, and the audit's own replay of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from coldchain.audit.fates import Kind, Told, kind_of, packagings, told
from coldchain.audit.replay import Replay, replay
from coldchain.goods import Consignment, Packaging, PackagingTerms, Perishable
from coldchain.itinerary import Carriage, Itinerary
from coldchain.network import Service
from coldchain.plan import LoadUnit, Plan
from coldchain.scenario import Scenario


@dataclass(frozen=True, kw_only=True)
class Run:
    """An itinerary that can be replayed, and its replay."""

    consignment: Consignment
    goods: Perishable
    itinerary: Itinerary
    replay: Replay

    @property
    def cargo(self) -> tuple[str, Packaging]:
        """Commodity, and how the plan packs it."""
        return self.goods.code, self.itinerary.packaging


@dataclass(frozen=True, kw_only=True)
class Case:
    """A plan under audit. Only ``plan.scenario`` and the plan's decisions are read as facts."""

    plan: Plan

    @property
    def scenario(self) -> Scenario:
        return self.plan.scenario

    @cached_property
    def consignments(self) -> Mapping[str, Consignment]:
        """Consignments of the scenario by id."""
        return {consignment.id: consignment for consignment in self.scenario.consignments}

    def services(self, carriage: Carriage) -> list[Service]:
        """Services of a carriage's legs, those that exist."""
        known = self.scenario.network.services
        return [known[leg.service] for leg in carriage.legs if leg.service in known]

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """Itineraries of known consignments on known services; others have their own rules."""
        found: list[Run] = []
        for itinerary in self.plan.itineraries:
            consignment = self.consignments.get(itinerary.consignment)
            legs = [leg for carriage in itinerary.carriages for leg in carriage.legs]
            if consignment is None or not legs:
                continue
            if all(leg.service in self.scenario.network.services for leg in legs):
                found.append(
                    Run(
                        consignment=consignment,
                        goods=self.scenario.perishables[consignment.commodity],
                        itinerary=itinerary,
                        replay=replay(self.scenario, consignment, itinerary),
                    )
                )
        return tuple(found)

    def terms(self, run: Run) -> PackagingTerms | None:
        """How the goods of a run are packed; None if they may not be packed so."""
        return packagings(self.scenario, run.consignment).get(run.itinerary.packaging)

    @cached_property
    def kinds(self) -> Mapping[tuple[str, Packaging], Kind]:
        """What is known of goods that are carried, in every packaging that suits them."""
        return {
            (code, terms.packaging_id): kind_of(self.scenario, goods, terms)
            for code, goods in sorted({run.goods.code: run.goods for run in self.runs}.items())
            for terms in self.scenario.packaging.values()
            if terms.life_factor != "commodity" or goods.map_life_factor is not None
        }

    def longest_h(self, consignment: Consignment) -> float:
        """Hours a commodity keeps at the retail temperature in the best packaging for it."""
        return max(
            kind.pace.keeping_quality_h(consignment.retail_c)
            for (code, _), kind in self.kinds.items()
            if code == consignment.commodity
        )

    @cached_property
    def told(self) -> Mapping[str, Told]:
        """What becomes of the goods of every run that are packed as they may be."""
        return {
            run.consignment.id: told(
                self.scenario,
                run.consignment,
                run.replay,
                self.kinds[run.cargo],
                unit_c=run.itinerary.carriages[0].setpoint_c,
            )
            for run in self.runs
            if self.terms(run) is not None
        }

    @cached_property
    def carriages(self) -> tuple[Carriage, ...]:
        """Every carriage held or loaded, once."""
        held = (carriage for one in self.plan.itineraries for carriage in one.carriages)
        loaded = (unit.carriage for unit in self.plan.load_units)
        return tuple(dict.fromkeys([*held, *loaded]))

    @cached_property
    def units(self) -> Mapping[Carriage, tuple[LoadUnit, ...]]:
        """Load units of each carriage."""
        return {
            carriage: tuple(u for u in self.plan.load_units if u.carriage == carriage)
            for carriage in self.carriages
        }

    def pallets_on(self, carriage: Carriage, consignment: str | None = None) -> int:
        """Pallets in all units of a carriage, of one consignment or of all."""
        return sum(
            pallets
            for unit in self.units[carriage]
            for name, pallets in unit.contents
            if consignment in (None, name)
        )

    def gross_kg(self, unit: LoadUnit) -> float:
        """Gross weight in a load unit; the pallets of a consignment weigh the same."""
        return sum(
            pallets * self.consignments[name].gross_kg / self.consignments[name].pallets
            for name, pallets in unit.contents
            if name in self.consignments
        )

    def legs(self) -> Iterator[tuple[str, Service, int, int]]:
        """(consignment, service, departs, arrives) of every leg that is held."""
        for one in self.plan.itineraries:
            for carriage in one.carriages:
                for leg in carriage.legs:
                    service = self.scenario.network.services.get(leg.service)
                    if service is not None:
                        yield one.consignment, service, leg.departs, leg.arrives


def name_of(carriage: Carriage) -> str:
    """A carriage as a planner tells it from others."""
    return f"carriage {'>'.join(leg.service for leg in carriage.legs)}"
