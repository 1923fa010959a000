"""The cheapest chain of services in each corridor, against plain enumeration."""

import math
import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
from conftest import at, consignment, cross_dock, flight, network, node, scenario, service, train

from coldchain.clock import Clock
from coldchain.courses import Corridor, Course, courses, dated
from coldchain.network import Mode, Network, Service
from coldchain.scenario import Scenario

COUNTRY = {"P": "TJ", "U": "UZ", "K": "KZ", "L": "KZ", "X": "CN", "H": "CN", "C": "CN"}
START = at("24 06:00")


def random_network(seed: int) -> Network:
    """Seven places in four countries; boxes, trucks and planes at random prices."""
    rng = random.Random(seed)
    names = list(COUNTRY)
    services: list[Service] = []
    for a in names:
        for b in names:
            if b in (a, "P") or a == "C" or rng.random() > 0.8:
                continue
            hours, usd = rng.randint(4, 60), rng.randint(100, 3000)
            name = f"{a}{b}{len(services)}"
            kind = rng.choice(["truck", "truck", "box", "train", "plane"])
            if kind == "truck":
                services.append(service(name, f"{a}>{b}", hours, usd))
            elif kind == "box":
                services.append(service(name, f"{a}>{b}", hours, usd, equipment="FEU"))
            elif kind == "train":
                services.append(train(name, f"{a}>{b}", hours, usd))
            else:
                services.append(flight(name, f"{a}>{b}", 5, usd / 2000))
    docks = [
        cross_dock(f"DOCK-{place}{i}", place, f"{came}>{goes}", 2, usd_per_kg=0.01)
        for place in "UXH"
        for i, (came, goes) in enumerate(
            (c, g)
            for c in ("TRUCK_CA", "FEU_R", "FEU_C", "AIR")
            for g in ("TRUCK_CA", "FEU_R", "FEU_C", "AIR")
            if rng.random() < 0.7
        )
    ]
    nodes = [
        node(name, country=country, cross_dock=name in "UXH") for name, country in COUNTRY.items()
    ]
    return network(nodes, services, docks)


def a_scenario(net: Network) -> Scenario:
    return scenario(net, [consignment("c", "P>C", 20, "24 06:00", "28 06:00")])


def chains(net: Network, max_cross_docks: int) -> Iterator[list[list[Service]]]:
    """Every chain of services from P to C by carriage, no node and no country twice."""

    def walk(chain: list[list[Service]], seen: set[str]) -> Iterator[list[list[Service]]]:
        last = chain[-1][-1]
        if last.destination == "C":
            yield chain
            return
        for after in net.services_from(last.destination):
            if after.destination in seen:
                continue
            if net.stays_sealed(last, after):
                yield from walk([*chain[:-1], [*chain[-1], after]], seen | {after.destination})
            dock = net.cross_dock(last.destination, last.rides_as, after.rides_as)
            if dock is not None and len(chain) <= max_cross_docks:
                yield from walk([*chain, [after]], seen | {after.destination})

    for first in net.services_from("P"):
        yield from walk([[first]], {"P", first.destination})


def corridor_of(chain: list[list[Service]]) -> Corridor | None:
    """Written once more: crossings, then the modes in the last country."""
    crossings: list[tuple[str, Mode, str]] = []
    modes: list[Mode] = []
    entered = ["TJ"]
    for leg in (s for carriage in chain for s in carriage):
        here, there = COUNTRY[leg.origin], COUNTRY[leg.destination]
        if here != there:
            if there in entered:
                return None
            entered.append(there)
            crossings.append((there, leg.mode, leg.destination if there == "CN" else ""))
        if there == "CN" and (here != there or leg.mode is Mode.AIR or modes[-1] is not leg.mode):
            modes.append(leg.mode)
    return Corridor(tuple(crossings), tuple(modes))


def usd_per_kg(chain: list[list[Service]]) -> float:
    """Full units: 18 t in each, docks at 0.01 USD/kg."""
    legs = [s for carriage in chain for s in carriage]
    freight = sum(s.linehaul_usd_per_unit / 18_000 + s.linehaul_usd_per_kg for s in legs)
    return freight + 0.01 * (len(chain) - 1)


@pytest.mark.parametrize("seed", range(40))
def test_the_course_of_a_corridor_is_its_cheapest_chain(seed: int):
    net = random_network(seed)
    best: dict[Corridor, float] = {}
    for chain in chains(net, 2):
        corridor = corridor_of(chain)
        if corridor is not None:
            best[corridor] = min(best.get(corridor, math.inf), usd_per_kg(chain))
    found = courses(Clock(a_scenario(net)), "P", "C", services=net, max_cross_docks=2, at=START)
    assert {c.corridor: pytest.approx(c.usd_per_kg) for c in found} == best
    assert [c.usd_per_kg for c in found] == sorted(c.usd_per_kg for c in found)


def test_random_networks_have_corridors_to_compare():
    numbers: list[int] = []
    for seed in range(40):
        clock = Clock(a_scenario(random_network(seed)))
        found = courses(clock, "P", "C", services=clock.network, max_cross_docks=2, at=START)
        numbers.append(len(found))
    assert sum(numbers) > 200


def test_two_flights_are_two_and_two_trucks_are_one():
    net = network(
        [node(name, country=country) for name, country in COUNTRY.items()],
        [
            service("a", "P>X", 5),
            service("b", "X>H", 5),
            service("c", "H>C", 5),
            flight("f", "P>H", 5, 1.0),
            flight("g", "H>C", 5, 1.0),
        ],
        [cross_dock("D", "H", "AIR>AIR", 2)],
    )
    found = courses(Clock(a_scenario(net)), "P", "C", services=net, max_cross_docks=2, at=START)
    assert [c.corridor.modes for c in found] == [(Mode.ROAD,), (Mode.AIR, Mode.AIR)]


def test_a_service_that_never_leaves_is_in_no_course():
    net = network(
        [node(name, country=country) for name, country in COUNTRY.items()],
        [service("never", "P>C", 5, days=frozenset()), service("dear", "P>C", 5, 900)],
    )
    found = courses(Clock(a_scenario(net)), "P", "C", services=net, max_cross_docks=0, at=START)
    assert [s.id for c in found for s in c.services] == ["dear"]


def course_of(net: Network) -> tuple[Clock, Course]:
    clock = Clock(a_scenario(net))
    (course,) = courses(clock, "P", "C", services=net, max_cross_docks=2, at=START)
    return clock, course


def test_goods_take_the_next_departure_of_each_service():
    net = network(
        [node(name, country=country) for name, country in COUNTRY.items()],
        [service("truck", "P>X", 10), train("train", "X>C", 30, cutoff_h=4)],
        [cross_dock("D", "X", "TRUCK_CA>FEU_R", 2)],
    )
    clock, course = course_of(net)
    truck, box = dated(clock, course, at("24 06:00"))
    assert (truck.handed_over, box.stuffed) == (at("24 16:00"), at("25 16:00"))
    truck, box = dated(clock, course, at("24 04:00"))
    assert (truck.handed_over, box.stuffed) == (at("24 14:00"), at("24 16:00"))


def test_a_course_ends_where_nothing_leaves_any_more():
    net = network(
        [node(name, country=country) for name, country in COUNTRY.items()],
        [service("truck", "P>C", 10)],
    )
    clock, course = course_of(net)
    assert len(list(dated(clock, course, START))) == 1
    never = replace(course, carriages=((replace(net.services["truck"], days=frozenset()),),))
    assert list(dated(clock, never, START)) == []
