"""Rules of the border: who may enter which country where, and what a plan says of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from coldchain.admission import EntryRule
from coldchain.audit.case import Case, Run
from coldchain.audit.violation import Violation
from coldchain.goods import Consignment
from coldchain.itinerary import Reason
from coldchain.network import Service
from coldchain.scenario import Scenario


def crossing(scenario: Scenario, service: Service) -> tuple[str, str] | None:
    """Country a service brings goods into, and where; None if it stays in one country."""
    start = scenario.network.nodes[service.origin].country
    end = scenario.network.nodes[service.destination].country
    if start == end:
        return None
    return end, service.enters_at if service.enters_at else service.destination


def deciding(
    scenario: Scenario, consignment: Consignment, country: str, node: str
) -> EntryRule | None:
    """The first row of the table that speaks of this consignment, country and node."""
    goods = scenario.perishables[consignment.commodity]
    home = scenario.network.nodes[consignment.origin].country
    for rule in scenario.entry_rules:
        if rule.to_country != country:
            continue
        if rule.entry_node not in ("any", node):
            continue
        if rule.from_country not in ("any", home):
            continue
        if rule.commodity in ("any", goods.code):
            return rule
        if rule.commodity == goods.category:
            return rule
    return None


def barred(scenario: Scenario, consignment: Consignment, rule: EntryRule | None) -> str:
    """Why the rule keeps the consignment out; empty if it lets it in."""
    if rule is None:
        return ""
    if rule.permission == "refused":
        return f"{rule.id} refuses it"
    if rule.permission == "unconfirmed" and scenario.unconfirmed == "strict":
        return f"{rule.id} is not confirmed, and the scenario is strict"
    if rule.treatments and consignment.treatment not in rule.treatments:
        return f"{rule.id} asks for one of {', '.join(rule.treatments)}"
    return ""


def _crossed(case: Case, run: Run) -> Iterator[tuple[Service, str, str, EntryRule | None]]:
    for carriage in run.itinerary.carriages:
        for service in case.services(carriage):
            place = crossing(case.scenario, service)
            if place is not None:
                rule = deciding(case.scenario, run.consignment, *place)
                yield service, *place, rule


def admitted(case: Case) -> Iterable[Violation]:
    """Goods enter a country only where its rules let them."""
    for run in case.runs:
        for service, country, node, rule in _crossed(case, run):
            why = barred(case.scenario, run.consignment, rule)
            if why:
                yield Violation(
                    rule="admitted",
                    subject=run.consignment.id,
                    found=f"{country} entered at {node} by {service.id}",
                    expected=f"another way: {why}",
                    message="it enters a country where it may not",
                )


def unconfirmed(case: Case) -> Iterable[Violation]:
    """Every entry nobody has confirmed is told, in the order of the way, and no other."""
    for run in case.runs:
        assumed = tuple(
            rule.id
            for _, _, _, rule in _crossed(case, run)
            if rule is not None and rule.permission == "unconfirmed"
        )
        if run.itinerary.unconfirmed != assumed:
            yield Violation(
                rule="unconfirmed",
                subject=run.consignment.id,
                found=", ".join(run.itinerary.unconfirmed) or "nothing",
                expected=", ".join(assumed) or "nothing",
                message="what it takes for granted of entries is not what it relies on",
            )


def refusal_admission(case: Case) -> Iterable[Violation]:
    """Who is left behind for want of admission would indeed be kept out where that is said."""
    for refusal in case.plan.unserved:
        consignment = case.consignments.get(refusal.consignment)
        if refusal.reason is not Reason.NOT_ADMITTED or consignment is None:
            continue
        places = {crossing(case.scenario, service) for service in case.scenario.network}
        there = {place for place in places if place is not None and place[1] == refusal.where}
        rules = [deciding(case.scenario, consignment, *place) for place in there]
        if not any(barred(case.scenario, consignment, rule) for rule in rules):
            yield Violation(
                rule="refusal_admission",
                subject=refusal.consignment,
                found=f"{refusal.reason} at {refusal.where or 'no node'}",
                expected="a node where a rule keeps it out",
                message="nothing keeps it out where it is said to be kept out",
            )
