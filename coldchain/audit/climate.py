"""Rule of the climate: the greenhouse gases a plan states of each consignment."""

from __future__ import annotations

import math
from collections.abc import Iterable

from coldchain.audit.case import Case, Run
from coldchain.audit.treatment import in_transit
from coldchain.audit.violation import Violation
from coldchain.emissions import Emissions
from coldchain.goods import Consignment
from coldchain.itinerary import StepKind
from coldchain.network import Service

NEAR_KG = 1e-4


def haulage_kg(service: Service, goods: Consignment) -> float:
    """Emissions of carrying the gross weight along one service (kg CO2e)."""
    tonne_km = goods.gross_kg / 1000 * service.distance_km
    return tonne_km * service.gco2e_per_tkm * (1 + service.reefer_uplift) / 1000


def _burnt_kg(case: Case, run: Run) -> float:
    """Emissions of gensets: the consignment's share, by pallets, of the units it rides in."""
    total = 0.0
    for carriage, one in zip(run.itinerary.carriages, run.replay.rides, strict=True):
        if any(service.shared_by_kg for service in one.services):
            continue
        hours = (one.handed_over - one.stuffed) / 60
        rate = max(service.genset_kgco2e_per_h for service in one.services)
        pallets = case.pallets_on(carriage)
        if pallets:
            share = case.pallets_on(carriage, run.consignment.id) / pallets
            total += rate * hours * len(case.units[carriage]) * share
    treating = in_transit(case.scenario, run.consignment)
    last = run.replay.rides[-1].services
    if treating is not None and not last[0].shared_by_kg:
        held = sum(
            s.ends - s.begins
            for s in run.replay.stretches
            if s.kind is StepKind.WAIT and s.subject == treating.treatment
        )
        places = min(service.pallets_per_unit for service in last)
        units = math.ceil(run.consignment.pallets / places)
        total += max(service.genset_kgco2e_per_h for service in last) * held / 60 * units
    return total


def recomputed_kg(case: Case, run: Run) -> Emissions:
    """Emissions of a consignment that can be replayed."""
    services = [service for one in run.replay.rides for service in one.services]
    return Emissions(
        transport_kg=math.fsum(haulage_kg(service, run.consignment) for service in services),
        genset_kg=_burnt_kg(case, run),
    )


def co2e(case: Case) -> Iterable[Violation]:
    """Emissions are, by consignment, those recomputed; what stays behind has none."""
    meant = {run.consignment.id: recomputed_kg(case, run) for run in case.runs}
    carried = {one.consignment for one in case.plan.itineraries}
    for name in sorted(set(meant) | (set(case.plan.emissions) - carried)):
        told = case.plan.emissions.get(name)
        expected = meant.get(name)
        if told is not None and expected is not None:
            parts = (
                (told.transport_kg, expected.transport_kg),
                (told.genset_kg, expected.genset_kg),
            )
            if all(abs(a - b) <= NEAR_KG * max(1.0, b) for a, b in parts):
                continue
        yield Violation(
            rule="co2e",
            subject=name,
            found=_words(told),
            expected=_words(expected),
            message="its greenhouse gases do not follow from its way",
        )


def _words(told: Emissions | None) -> str:
    if told is None:
        return "nothing said"
    return f"{told.transport_kg:.3f} kg of haulage and {told.genset_kg:.3f} kg of gensets"
