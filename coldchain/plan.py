"""A plan: who rides with whom on what, what stays behind, what it costs and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from coldchain.charges import Charges
from coldchain.emissions import Emissions
from coldchain.itinerary import Carriage, Itinerary, Refusal
from coldchain.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadUnit:
    """A numbered box or truck (or the ULD kilograms of one flight) and the pallets in it.

    ``contents`` are (consignment id, pallets); for air, units are per carriage and not per box.
    """

    id: str
    carriage: Carriage
    contents: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What is known of the optimum; no field defaults – an outcome never defaults to good news.

    Money in USD. ``cost`` and ``bound`` count what the plan can change: ``constant_usd`` (paid
    whichever way goods go) is in neither, so the gap is not flattered by it.
    """

    status: str
    cost_usd: float
    bound_usd: float
    constant_usd: float
    gap: float
    gap_asked: float
    greedy_usd: float
    engine: str
    engine_version: str
    seed: int
    seconds: float
    candidates: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The answer to a scenario.

    ``charges`` are per consignment: its own and its share, by pallets, of the units it rides in;
    ``emissions`` those of each consignment that is carried, reckoned likewise.
    """

    scenario: Scenario
    itineraries: tuple[Itinerary, ...]
    load_units: tuple[LoadUnit, ...]
    unserved: tuple[Refusal, ...]
    charges: Mapping[str, Charges]
    emissions: Mapping[str, Emissions]
    proof: Proof

    @property
    def total(self) -> Charges:
        """Charges of the whole plan."""
        return sum(self.charges.values(), start=Charges())

    @property
    def co2e_kg(self) -> Mapping[str, float]:
        """Greenhouse gases of each consignment that is carried (kg CO2e)."""
        return {name: emitted.total_kg for name, emitted in self.emissions.items()}

    def landed_usd(self, consignment: str) -> float:
        """Landed cost of a consignment: its value and everything invoiced, VAT included."""
        goods = self.scenario.consignment(consignment)
        return goods.value_usd + self.charges.get(consignment, Charges()).invoiced
