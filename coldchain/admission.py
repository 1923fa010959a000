"""Who may cross where: entry rules of countries, and what they make of a consignment.

A consignment enters a country with every service whose ends lie in different countries: that of the
service's destination, at the node the service states (``enters_at``) or else where it ends. The
first rule that fits decides; where none fits no regime is known, and goods pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from coldchain.goods import Consignment, Perishable
from coldchain.network import Network, Service

COUNTRIES: Mapping[str, str] = {
    "BY": "Belarus",
    "CN": "China",
    "DE": "Germany",
    "KG": "Kyrgyzstan",
    "KZ": "Kazakhstan",
    "PL": "Poland",
    "RU": "Russia",
    "TJ": "Tajikistan",
    "UZ": "Uzbekistan",
}
"""English short names; a country that is not here is called by its ISO 3166 code."""

ANY = "any"
"""Stands for every commodity, country of origin or node of entry."""


class Permission(StrEnum):
    """What a rule says of goods it fits."""

    ALLOWED = "allowed"
    UNCONFIRMED = "unconfirmed"
    """Nothing found says that they may enter here, nor that they may not."""
    REFUSED = "refused"


class Unconfirmed(StrEnum):
    """What a plan makes of an entry nobody has confirmed."""

    STRICT = "strict"
    """It refuses it."""
    ASSUME = "assume"
    """It plans with it, and says so wherever the consignment is listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRule:
    """One row of ``entry_rules.csv``.

    ``commodity`` is one, a category, or any; ``treatments`` are those of which the consignment must
    undergo one, none if empty.
    """

    id: str
    commodity: str
    from_country: str
    to_country: str
    entry_node: str
    permission: Permission
    treatments: tuple[str, ...]
    source: str
    confidence: str
    note: str = ""

    def fits(self, goods: Perishable, origin: str, country: str, node: str) -> bool:
        """Whether it is about ``goods`` from ``origin`` that enter ``country`` at ``node``."""
        return (
            self.to_country == country
            and self.commodity in (ANY, goods.code, goods.category)
            and self.from_country in (ANY, origin)
            and self.entry_node in (ANY, node)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A consignment that enters ``country`` at ``node``, and the rule for it (None: no regime)."""

    country: str
    node: str
    rule: EntryRule | None

    def admits(self, consignment: Consignment, unconfirmed: Unconfirmed) -> bool:
        """Whether the consignment may enter, in a plan that treats ``unconfirmed`` so."""
        rule = self.rule
        if rule is None:
            return True
        if rule.permission is Permission.REFUSED:
            return False
        if rule.permission is Permission.UNCONFIRMED and unconfirmed is Unconfirmed.STRICT:
            return False
        return not rule.treatments or consignment.treatment in rule.treatments

    @property
    def assumed(self) -> bool:
        """Whether nobody has confirmed it."""
        return self.rule is not None and self.rule.permission is Permission.UNCONFIRMED

    @property
    def place(self) -> str:
        """Country and node as one says them: ``China at CN-KHX-BX``."""
        return f"{COUNTRIES.get(self.country, self.country)} at {self.node}"

    def assumption(self, goods: Perishable) -> str:
        """What a plan with this unconfirmed entry takes for granted, in words."""
        rule = "" if self.rule is None else f" ({self.rule.id})"
        return f"assumes {goods.name} may enter {self.place}: not confirmed{rule}"

    def why_not(self, consignment: Consignment, goods: Perishable) -> str:
        """Why the consignment is not admitted here, in words that follow the place."""
        rule = self.rule
        if rule is None:
            return ""
        if rule.permission is Permission.REFUSED:
            return f"where {goods.name} is refused ({rule.id})"
        parts: list[str] = []
        if rule.permission is Permission.UNCONFIRMED:
            parts.append(
                f"where {goods.name} is not confirmed ({rule.id}); "
                '`unconfirmed = "assume"` would plan with it'
            )
        if rule.treatments and consignment.treatment not in rule.treatments:
            chosen = consignment.treatment or "none"
            needs = f"needs one of {', '.join(rule.treatments)}: {chosen} chosen"
            parts.append(needs if parts else f"where {goods.name} {needs} ({rule.id})")
        return ", and ".join(parts)


def entered(network: Network, service: Service) -> tuple[str, str] | None:
    """Country a service enters and the node at which; None if both its ends lie in one."""
    country = network.nodes[service.destination].country
    if network.nodes[service.origin].country == country:
        return None
    return country, service.enters_at or service.destination


def rule_for(
    rules: Iterable[EntryRule], goods: Perishable, origin: str, country: str, node: str
) -> EntryRule | None:
    """The rule for ``goods`` from ``origin`` that enter ``country`` at ``node``: the first."""
    return next((r for r in rules if r.fits(goods, origin, country, node)), None)


def entries(
    rules: Sequence[EntryRule],
    network: Network,
    consignment: Consignment,
    goods: Perishable,
    services: Iterable[Service],
) -> Iterator[Entry]:
    """Every entry of ``consignment``, whose commodity is ``goods``, along ``services``."""
    origin = network.nodes[consignment.origin].country
    for service in services:
        place = entered(network, service)
        if place is not None:
            country, node = place
            rule = rule_for(rules, goods, origin, country, node)
            yield Entry(country=country, node=node, rule=rule)
