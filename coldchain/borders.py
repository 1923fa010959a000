"""Borders as one looks at them: a post, or all posts between two countries, and what crosses there.

Rules that fit consignments at a border are those of :mod:`coldchain.admission`; here they are put
together by the country goods come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from coldchain.admission import EntryRule, Permission, Unconfirmed, entered, rule_for
from coldchain.errors import UnknownName
from coldchain.goods import Perishable
from coldchain.network import Network, Operation, Service, Trigger
from coldchain.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Border:
    """``posts`` (ids of nodes, both sides), and the services that cross there.

    ``countries`` are the two it lies between; empty if it was asked for by one post, at which
    services of several countries may pass.
    """

    name: str
    countries: frozenset[str]
    posts: tuple[str, ...]
    services: tuple[Service, ...]

    def operations(self, network: Network) -> Iterator[Operation]:
        """What is done at the posts to what crosses: formalities, and all that arrives there."""
        for operation in network.operations.values():
            crossing = operation.trigger is Trigger.ARRIVE or operation.charge == "border"
            meant = not self.countries or operation.from_country in ("", "any", *self.countries)
            if operation.node in self.posts and crossing and meant:
                yield operation


def is_post(network: Network, node: str) -> bool:
    """Whether the node is a border station by its type."""
    return network.nodes[node].node_type.startswith("border")


def border_at(network: Network, node: str) -> Border | None:
    """The border at ``node`` and the posts across from it; None if nothing is cleared there."""
    crossing = [(s, place) for s in network if (place := entered(network, s)) is not None]
    if not is_post(network, node) and all(place[1] != node for _, place in crossing):
        return None
    over = [
        s
        for s, place in crossing
        if node in (s.origin, s.destination, place[1]) or node in s.passes
    ]
    ends = {
        end for s in over for end in (s.origin, s.destination) if node in (s.origin, s.destination)
    }
    across = sorted(end for end in ends - {node} if is_post(network, end))
    return Border(name=node, countries=frozenset(), posts=(node, *across), services=tuple(over))


def border_between(network: Network, one: str, other: str) -> Border:
    """The border between two countries: posts at which services between them begin or end.

    Over it go services between the countries, and those that pass one of its posts and touch both.

    Raises
    ------
    UnknownName
        No node lies in a country called so.
    """
    known = {node.country for node in network.nodes.values()}
    for country in (one, other):
        if country not in known:
            raise UnknownName("country", country, known)
    both = {one, other}
    country = {name: node.country for name, node in network.nodes.items()}
    direct = [s for s in network if {country[s.origin], country[s.destination]} == both]
    posts = {end for s in direct for end in (s.origin, s.destination) if is_post(network, end)}
    posts |= {s.destination for s in direct if not s.enters_at and s.shared_by_kg}
    over = [
        s
        for s in network
        if s in direct
        or (
            not posts.isdisjoint(s.passes)
            and both <= {country[n] for n in (s.origin, s.destination, *s.passes)}
        )
    ]
    return Border(
        name=f"{one}-{other}",
        countries=frozenset(both),
        posts=tuple(sorted(posts, key=lambda n: (country[n] != one, n))),
        services=tuple(over),
    )


class Verdict(StrEnum):
    """What a plan makes of goods that would enter somewhere."""

    ADMITTED = "admitted"
    FLAGGED = "flagged"
    """They enter, and the plan says that nobody has confirmed it."""
    KEPT_OUT = "kept out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """How goods of ``origins`` (countries) are dealt with where they enter ``country``."""

    country: str
    node: str
    origins: tuple[str, ...]
    rule: EntryRule | None
    verdict: Verdict


def verdict(rule: EntryRule | None, unconfirmed: Unconfirmed) -> Verdict:
    """What a plan that treats ``unconfirmed`` so makes of ``rule``, treatments aside."""
    if rule is None or rule.permission is Permission.ALLOWED:
        return Verdict.ADMITTED
    if rule.permission is Permission.REFUSED or unconfirmed is Unconfirmed.STRICT:
        return Verdict.KEPT_OUT
    return Verdict.FLAGGED


def regimes(
    scenario: Scenario, border: Border, goods: Perishable, origins: Iterable[str]
) -> Iterator[Regime]:
    """How ``goods`` are dealt with at every entry over ``border``; origins of one rule together."""
    network = scenario.network
    places = sorted({p for s in border.services if (p := entered(network, s)) is not None})
    if not border.countries:
        places = [p for p in places if p[1] in border.posts] or places
    for country, node in places:
        if border.countries and country not in border.countries:
            continue
        alike: dict[str, tuple[EntryRule | None, list[str]]] = {}
        for origin in origins:
            if origin != country:
                rule = rule_for(scenario.entry_rules, goods, origin, country, node)
                alike.setdefault(rule.id if rule else "", (rule, []))[1].append(origin)
        for rule, of in alike.values():
            yield Regime(
                country=country,
                node=node,
                origins=tuple(of),
                rule=rule,
                verdict=verdict(rule, scenario.unconfirmed),
            )
