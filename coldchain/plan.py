"""A plan: who rides with whom on what, what stays behind, what it costs and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from coldchain.certificate import Certificate
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

    ``bound_usd`` is the word of ``engine``; what of it anybody can work out again is
    ``Plan.certified_bound_usd``.

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
class Mandate:
    """What a plan bound to go through a hub would cost free of that.

    ``via`` are the nodes some consignment is bound to. ``free_cost_usd`` is what the best plan
    found costs that is bound to none, ``free_bound_usd`` what no such plan of its candidates
    undercuts; both with what every plan pays (USD).
    """

    via: tuple[str, ...]
    free_cost_usd: float
    free_bound_usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What going through a hub costs more (USD), and between what it lies for certain."""

    usd: float
    least_usd: float
    most_usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The answer to a scenario.

    ``charges`` are per consignment: its own and its share, by pallets, of the units it rides in;
    ``emissions`` those of each consignment that is carried, reckoned likewise. ``mandate`` is None
    where nobody is bound to go through any node, or the run ended before it was known.
    ``certificate`` is None in a plan that came without one, as one made by hand.
    """

    scenario: Scenario
    itineraries: tuple[Itinerary, ...]
    load_units: tuple[LoadUnit, ...]
    unserved: tuple[Refusal, ...]
    charges: Mapping[str, Charges]
    emissions: Mapping[str, Emissions]
    proof: Proof
    mandate: Mandate | None = None
    certificate: Certificate | None = None

    @property
    def certified_bound_usd(self) -> float | None:
        """The bound its certificate claims to prove (USD), counted as ``proof.bound_usd`` is."""
        return None if self.certificate is None else self.certificate.bound / 100

    @property
    def mandate_price(self) -> Price | None:
        """What the mandate costs: the difference of the two costs, and each less the other's bound.

        The optimum of either lies between its bound and its cost.
        """
        if self.mandate is None:
            return None
        cost = self.proof.cost_usd + self.proof.constant_usd
        bound = self.proof.bound_usd + self.proof.constant_usd
        return Price(
            usd=cost - self.mandate.free_cost_usd,
            least_usd=bound - self.mandate.free_cost_usd,
            most_usd=cost - self.mandate.free_bound_usd,
        )

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
