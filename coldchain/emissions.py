"""Greenhouse gases of a plan, well to wheel: docs/concepts.md, "CO2e".

Transport activity (gross tonnes times the distance of a leg) times the emission intensity of its
service, and what the gensets of load units burn beside it.

References
----------
ISO 14083:2023, Greenhouse gases – Quantification and reporting of greenhouse gas emissions arising
from transport chain operations.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from coldchain.network import Service

KG_PER_T = 1000.0
G_PER_KG = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Emissions:
    """Greenhouse gases (kg CO2e): of haulage, and of the gensets that cool load units."""

    transport_kg: float = 0.0
    genset_kg: float = 0.0

    @property
    def total_kg(self) -> float:
        return self.transport_kg + self.genset_kg

    def __add__(self, other: Emissions) -> Emissions:
        return Emissions(
            transport_kg=self.transport_kg + other.transport_kg,
            genset_kg=self.genset_kg + other.genset_kg,
        )


def haulage_kg_per_kg(service: Service) -> float:
    """What carrying a gross kilogram along ``service`` emits (kg CO2e)."""
    intensity_g = service.gco2e_per_tkm * (1.0 + service.reefer_uplift)
    return service.distance_km * intensity_g / (KG_PER_T * G_PER_KG)


def genset_kg_per_h(services: Iterable[Service]) -> float:
    """What the genset of a unit emits per hour (kg CO2e): at the highest rate among its legs."""
    return max((s.genset_kgco2e_per_h for s in services if not s.shared_by_kg), default=0.0)
