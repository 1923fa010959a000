"""What a planner wants to know of a plan, gathered from it as facts and words.

The page that shows it is drawn in :mod:`coldchain.exporters.page`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import fields
from itertools import chain

from coldchain.charges import Charges
from coldchain.emissions import Emissions
from coldchain.exporters.cargo import assumptions, contents, in_order, itineraries_of
from coldchain.exporters.chartered import in_words
from coldchain.exporters.facts import Journey, Left, Packed, Shared, Summary
from coldchain.exporters.wording import (
    VEHICLE,
    Route,
    at_node,
    at_node_short,
    passed,
    place,
    places,
    routed,
    stretches,
    way_in_short,
)
from coldchain.goods import Consignment, Packaging
from coldchain.itinerary import Carriage
from coldchain.network import Mode
from coldchain.plan import LoadUnit, Plan

CALLED = {Mode.RAIL: "rail", Mode.ROAD: "road", Mode.AIR: "air"}


def summarise(plan: Plan) -> Summary:
    """The facts of ``plan`` in the order a planner asks for them."""
    scenario, proof = plan.scenario, plan.proof
    called = _called(plan)
    shared = _shared(plan, called)
    apart = proof.greedy_usd + proof.constant_usd
    saved = proof.greedy_usd - proof.cost_usd
    return Summary(
        scenario=scenario.name,
        title=scenario.title,
        scenario_digest=scenario.digest,
        headline=_headline(plan, shared),
        journeys=_journeys(plan, called),
        packed=_packed(plan),
        shared=shared,
        charters=in_words(plan),
        unserved=_left(plan, called),
        charges_usd=plan.total,
        total_usd=plan.total.total,
        invoiced_usd=plan.total.invoiced,
        emissions=sum(plan.emissions.values(), start=Emissions()),
        reporting_currency=scenario.reporting_currency,
        units_per_usd=(
            1.0
            if scenario.reporting_currency == "USD"
            else scenario.usd_rates[scenario.reporting_currency]
        ),
        apart_usd=apart,
        saved_usd=saved,
        saved_share=saved / apart if apart else 0.0,
        quantile=scenario.quantile,
        confidence=scenario.confidence,
        max_detour=scenario.max_detour,
        proof=proof,
        mandate=tuple(f"{place(scenario.network.nodes[n])} ({n})" for n in scenario.mandate),
        mandate_price=plan.mandate_price,
        extends=scenario.extends,
        overrides=scenario.overrides,
    )


def _called(plan: Plan) -> Mapping[str, str]:
    """What places are called on the whole page."""
    network = plan.scenario.network
    ends = ((c.origin, c.destination) for c in plan.scenario.consignments)
    carriages = chain(
        (carriage for itinerary in plan.itineraries for carriage in itinerary.carriages),
        (unit.carriage for unit in plan.load_units),
    )
    stops = passed(network, carriages)
    return places(chain((network.nodes[end] for pair in ends for end in pair), stops))


def _journeys(plan: Plan, called: Mapping[str, str]) -> tuple[Journey, ...]:
    network = plan.scenario.network
    itineraries = itineraries_of(plan)
    journeys: list[Journey] = []
    for consignment in plan.scenario.consignments:
        if consignment.id not in itineraries:
            continue
        itinerary = itineraries[consignment.id]
        departs = itinerary.carriages[0].legs[0].departs
        charges = plan.charges.get(consignment.id, Charges())
        cost = charges.total
        journeys.append(
            Journey(
                consignment=consignment.id,
                net_kg=consignment.net_kg,
                origin=called[consignment.origin],
                destination=called[consignment.destination],
                way=way_in_short(network, itinerary, called),
                departs_at=at_node(network, consignment.origin, departs),
                departs_short=at_node_short(network, consignment.origin, departs),
                delivered_at=at_node(network, consignment.destination, itinerary.delivered),
                delivered_short=at_node_short(
                    network, consignment.destination, itinerary.delivered
                ),
                packaging=itinerary.packaging,
                packaging_asked=consignment.packaging,
                packaging_max_c=plan.scenario.packaging[itinerary.packaging].max_c,
                life_used=itinerary.life_used,
                life_reckoned=itinerary.life_reckoned,
                shelf_life_left_h=itinerary.shelf_life_left_h,
                shelf_life_left_p10_h=itinerary.shelf_life_left_p10_h,
                shelf_life_left_p50_h=itinerary.shelf_life_left_p50_h,
                shelf_life_left_p90_h=itinerary.shelf_life_left_p90_h,
                shelf_life_required_h=consignment.shelf_life_required_h,
                retail_c=consignment.retail_c,
                lots_fresh=itinerary.sure,
                limited_by=itinerary.limited_by,
                pulp_warmest_c=itinerary.pulp_warmest_c,
                spare_h=consignment.due_at.timestamp() / 3600 - itinerary.delivered / 60,
                cost_usd=cost,
                usd_per_kg=cost / consignment.net_kg,
                value_usd=consignment.value_usd,
                duty_usd=charges.duty,
                vat_usd=charges.vat,
                landed_usd=plan.landed_usd(consignment.id),
                co2e_kg=plan.emissions.get(consignment.id, Emissions()).total_kg,
                unconfirmed=assumptions(plan.scenario, itinerary),
            )
        )
    return tuple(journeys)


def _packed(plan: Plan) -> tuple[Packed, ...]:
    by: defaultdict[Packaging, list[Consignment]] = defaultdict(list)
    for itinerary in plan.itineraries:
        by[itinerary.packaging].append(plan.scenario.consignment(itinerary.consignment))
    return tuple(
        Packed(
            packaging=packaging,
            consignments=len(by[packaging]),
            open=sum(c.packaging is Packaging.ANY for c in by[packaging]),
            gross_kg=sum(c.gross_kg for c in by[packaging]),
            usd=sum(plan.charges.get(c.id, Charges()).packaging for c in by[packaging]),
        )
        for packaging in Packaging
        if packaging in by
    )


def _shared(plan: Plan, called: Mapping[str, str]) -> tuple[Shared, ...]:
    network = plan.scenario.network
    cargo = contents(plan)
    by_carriage: defaultdict[Carriage, list[LoadUnit]] = defaultdict(list)
    for unit in in_order(plan):
        by_carriage[unit.carriage].append(unit)
    shared: list[Shared] = []
    for carriage, units in by_carriage.items():
        route = routed(network, carriage)
        items = [item for unit in units for item in cargo[unit.id]]
        gross = sum(item.gross_kg for item in items)
        shared.append(
            Shared(
                load_units=tuple(unit.id for unit in units),
                units=0 if route.by_kg else len(units),
                equipment=carriage.equipment,
                way=_vehicles(route),
                origin=called[route.origin],
                destination=called[route.destination],
                departs_at=at_node(network, route.origin, carriage.legs[0].departs),
                departs_short=at_node_short(network, route.origin, carriage.legs[0].departs),
                setpoint_c=carriage.setpoint_c,
                consignments=tuple(dict.fromkeys(item.consignment.id for item in items)),
                taken=gross if route.by_kg else sum(item.pallets for item in items),
                places=None if route.by_kg else route.pallets_per_unit * len(units),
                gross_kg=gross,
            )
        )
    return tuple(shared)


def _vehicles(route: Route) -> str:
    """The main service of a carriage as one looks for it: ``train L139``, ``truck L077 +2``."""
    others = len(route.services) - 1
    more = f" +{others}" if others else ""
    return f"{VEHICLE[route.main.mode]} {route.main.id}{more}"


def _left(plan: Plan, called: Mapping[str, str]) -> tuple[Left, ...]:
    left: list[Left] = []
    for refusal in plan.unserved:
        consignment = plan.scenario.consignment(refusal.consignment)
        left.append(
            Left(
                consignment=consignment.id,
                net_kg=consignment.net_kg,
                origin=called[consignment.origin],
                destination=called[consignment.destination],
                reason=refusal.reason.value,
                shortfall=refusal.shortfall,
                unit=refusal.unit,
                where=refusal.where,
                detail=refusal.detail,
            )
        )
    return tuple(left)


def _headline(plan: Plan, shared: Sequence[Shared]) -> str:
    """What rides what, in plain words."""
    network = plan.scenario.network
    itineraries = itineraries_of(plan)
    goods = [c for c in plan.scenario.consignments if c.id in itineraries]
    tonnes = sum(c.net_kg for c in goods) / 1000
    if not goods:
        return f"None of {_count(len(plan.scenario.consignments), 'consignment')} travels."
    modes = Counter(
        " and ".join(
            dict.fromkeys(
                CALLED[mode]
                for mode in (Mode.RAIL, Mode.AIR, Mode.ROAD)
                if mode in {m for m, _ in stretches(network, itinerary)}
            )
        )
        for itinerary in itineraries.values()
    )
    by_mode = ", ".join(f"{number} by {means}" for means, number in modes.most_common())
    by_mode = f" by {next(iter(modes))}" if len(modes) == 1 else f": {by_mode}"
    units = sum(s.units for s in shared)
    by_air = any(s.units == 0 for s in shared)
    kinds: Counter[str] = Counter()
    for s in shared:
        kinds[s.equipment] += s.units
    unit_words = ", ".join(
        _count(number, network.equipment[kind].name if kind in network.equipment else kind)
        for kind, number in kinds.most_common()
        if number
    )
    riding = {c for s in shared if len(s.consignments) > 1 for c in s.consignments}
    total = len(plan.scenario.consignments)
    which = f"All {total}" if len(goods) == total > 1 else f"{len(goods)} of {total}"
    parts = [
        f"{which} consignments ({tonnes:,.1f} t) travel{by_mode}.",
        f"They take {_count(units, 'load unit')} ({unit_words})" if units else "They take no box",
    ]
    if by_air:
        parts[-1] += " and air cargo space"
    parts[-1] += f"; {len(riding)} share a unit with others." if riding else "; none shares a unit."
    if len(goods) < total:
        parts.append(f"{total - len(goods)} stay{'s' if total - len(goods) == 1 else ''} behind.")
    return " ".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun if number == 1 else _plural(noun)}"


def _plural(noun: str) -> str:
    """English plural of ``noun``; a word of another script has none."""
    if not noun[-1:].isascii():
        return noun
    return f"{noun}es" if noun.endswith(("s", "x", "ch", "sh")) else f"{noun}s"


def charges_by_kind(charges: Charges) -> list[tuple[str, float]]:
    """Kinds and money (USD), those that are nothing left out."""
    return [(f.name, getattr(charges, f.name)) for f in fields(charges) if getattr(charges, f.name)]
