"""The trade's words for what a plan holds: places, modes, moments, ways."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from coldchain.goods import Packaging
from coldchain.itinerary import Carriage, Itinerary, StepKind
from coldchain.network import Mode, Network, Node, Service, Trigger
from coldchain.timetable import MONTHS, Timetable, local_time, minutes_of
from coldchain.waits import waiting_for

VEHICLE = {Mode.RAIL: "train", Mode.ROAD: "truck", Mode.AIR: "flight"}

PACKED = {
    Packaging.NAKED: "in open cartons",
    Packaging.LINER: "in liners",
    Packaging.MAP: "in MAP liners",
    Packaging.ANY: "packed as suits best",
}
"""How goods are packed, as one says it of them."""

KINDS_OF_PLACE = frozenset({"International", "Land", "Port"})
"""Capitalised words that say what a place is, not which."""

HIDDEN = ("Cc", "Cs", "Zl", "Zp")
"""Unicode categories that are never shown: controls, halves of characters, line separators."""

BIDI_CONTROLS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def visible(text: str) -> str:
    """``text`` with everything that could drive a terminal, or hide what it says, made a mark."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        "\ufffd" if c in BIDI_CONTROLS or unicodedata.category(c) in HIDDEN else c for c in text
    )


def place(node: Node) -> str:
    """The town in a node's name, which also says what the place is.

    Examples
    --------
    ``Khujand / B.Gafurov packhouse cluster (Sughd)`` is Khujand, ``Khorgos rail port (CN)`` is
    Khorgos.
    """
    words = node.name.partition(" (")[0].partition(" / ")[0].partition(",")[0].split()
    while len(words) > 1 and words[-1][0].islower():
        words.pop()
    while len(words) > 1 and words[-1] in KINDS_OF_PLACE:
        words.pop()
    return " ".join(words) or node.id


WHAT_IT_IS = {
    "packhouse": "packhouse",
    "rail_terminal": "rail",
    "airport": "airport",
    "border_rail": "rail",
    "border_road": "road",
    "road_junction": "junction",
    "hub": "hub",
    "city": "market",
}
"""Words that tell places of one town apart, by type of node."""


def places(nodes: Iterable[Node]) -> Mapping[str, str]:
    """What each of ``nodes`` is called where all of them may stand, by id.

    The town alone if no other is called so; else with what the place is, its country or, where
    neither tells them apart, its id.
    """
    towns: dict[str, dict[str, Node]] = {}
    for node in nodes:
        towns.setdefault(place(node), {})[node.id] = node
    called: dict[str, str] = {}
    for town, there in towns.items():
        ways = (
            dict.fromkeys(there, town),
            {id_: f"{town} {_what_it_is(node)}" for id_, node in there.items()},
            {id_: f"{town} {node.country}" for id_, node in there.items()},
            {id_: f"{town} {id_}" for id_ in there},
        )
        called |= next(way for way in ways if len(set(way.values())) == len(there))
    return called


def _what_it_is(node: Node) -> str:
    return WHAT_IT_IS.get(node.node_type, node.node_type.replace("_", " "))


def passed(network: Network, carriages: Iterable[Carriage]) -> Iterator[Node]:
    """Every node at which a leg begins or ends."""
    for carriage in carriages:
        for service in routed(network, carriage).services:
            yield network.nodes[service.origin]
            yield network.nodes[service.destination]


def shortfall_in(shortfall: float, unit: str) -> tuple[float, str]:
    """``shortfall`` in hours where it is so small a part of a day that it would seem nothing."""
    return (24 * shortfall, "h") if unit == "d" and 0 < shortfall < 0.1 else (shortfall, unit)


def at_node(network: Network, node: str, minutes: int) -> str:
    """The instant on the clock of ``node``, ISO 8601 with its offset."""
    return local_time(minutes, network.nodes[node].timezone).isoformat(timespec="minutes")


def at_node_short(network: Network, node: str, minutes: int) -> str:
    """The instant on the clock of ``node`` as a table shows it: ``15 Jun 08:00``."""
    local = local_time(minutes, network.nodes[node].timezone)
    return f"{local.day} {MONTHS[local.month - 1]} {local:%H:%M}"


def instant(network: Network, node: str, at: datetime) -> str:
    """An aware datetime on the clock of ``node``."""
    return at_node(network, node, int(at.timestamp() // 60))


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A carriage with its services looked up."""

    carriage: Carriage
    services: tuple[Service, ...]

    @property
    def origin(self) -> str:
        return self.services[0].origin

    @property
    def destination(self) -> str:
        return self.services[-1].destination

    @property
    def stuffed(self) -> int:
        """When its units are stuffed: the cut-off of the first departure."""
        return self.carriage.legs[0].departs - minutes_of(self.services[0].cutoff_h)

    @property
    def by_kg(self) -> bool:
        return self.services[0].shared_by_kg

    @property
    def pallets_per_unit(self) -> int:
        return min(service.pallets_per_unit for service in self.services)

    @property
    def main(self) -> Service:
        """The service that covers most of the distance."""
        return max(self.services, key=lambda service: service.distance_km)


def routed(network: Network, carriage: Carriage) -> Route:
    """``carriage`` with its services."""
    return Route(
        carriage=carriage,
        services=tuple(network.services[leg.service] for leg in carriage.legs),
    )


def goes_on(network: Network, route: Route, leg: int) -> bool:
    """Whether the vehicle of the former leg goes on with this one, so that no cut-off is kept."""
    if not leg:
        return False
    before, after = route.services[leg - 1 : leg + 1]
    return (
        before.on_demand
        and after.on_demand
        and network.sealed_transfer(after.origin, before, after) is None
    )


def stretches(network: Network, itinerary: Itinerary) -> Iterator[tuple[Mode, str]]:
    """Modes in turn with the node each brings the goods to; legs of one vehicle run together."""
    held: tuple[Mode, str] | None = None
    for carriage in itinerary.carriages:
        for service in routed(network, carriage).services:
            if held is not None and held[0] is not service.mode:
                yield held
            held = (service.mode, service.destination)
        if held is not None:
            yield held
            held = None


def way_in_short(network: Network, itinerary: Itinerary, called: Mapping[str, str]) -> str:
    """``truck Khorgos, train Chongqing, truck``: the last vehicle goes to the destination.

    ``called`` are the places' names by id.
    """
    runs = list(stretches(network, itinerary))
    parts = [f"{VEHICLE[mode]} {called[node]}" for mode, node in runs[:-1]]
    return ", ".join([*parts, VEHICLE[runs[-1][0]]])


def way_in_words(network: Network, itinerary: Itinerary, called: Mapping[str, str]) -> str:
    """Every leg with its service and local departure; ``;`` where the goods change units."""
    carriages: list[str] = []
    for carriage in itinerary.carriages:
        legs: list[str] = []
        for leg in carriage.legs:
            service = network.services[leg.service]
            legs.append(
                f"{VEHICLE[service.mode]} {service.id} {called[service.origin]}"
                f" {at_node(network, service.origin, leg.departs)}"
                f" - {called[service.destination]}"
                f" {at_node(network, service.destination, leg.arrives)}"
            )
        carriages.append(", ".join(legs))
    return "; ".join(carriages)


def waits_in_words(timetable: Timetable, itinerary: Itinerary) -> str:
    """Waits of an hour or more, each with its hours and what it is for."""
    return "; ".join(
        f"{(step.ends - step.begins) / 60:.1f} h: {waiting_for(timetable, step)}"
        for step in itinerary.steps
        if step.kind is StepKind.WAIT and step.ends - step.begins >= 60
    )


def handed_over(network: Network, itinerary: Itinerary, carriage: int) -> int:
    """Minute at which the ``carriage``-th carriage of an itinerary may be opened.

    Its arrival operations, and the waits for them to open, follow its last leg.
    """
    last = itinerary.carriages[carriage].legs[-1]
    done = last.arrives
    following = False
    for step in itinerary.steps:
        if step.kind is StepKind.LEG:
            following = step.subject == last.service and step.begins == last.departs
        elif following and step.kind is StepKind.OPERATION:
            if network.operations[step.subject].trigger is not Trigger.ARRIVE:
                break
            done = step.ends
    return done
