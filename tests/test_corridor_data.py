"""The bundled network against itself: what a reader of one row cannot see.

Reading already refuses wrong cells, double ids and unknown names; ``test_data.py`` asks for
sources, order and connection. Here the rows are held against each other and against bands.
"""

import csv
import re
from itertools import pairwise

import networkx
import pytest

from coldchain.columns import NODES, OPERATIONS, ROUTES
from coldchain.network import Mode, Network, Node, Service, Trigger, great_circle_km
from coldchain.tables import data_folder, read_network

USUAL = {"existing", "occasional"}

TOWN_KM = 1.2
"""Coordinates of a port are those of its town: so much shorter than the great circle may a
shunt be. Two are, between Altynkol and Khorgos."""

TENTH_H = 0.05
"""Transit times are written in tenths of an hour: half a tenth either way is rounding."""

SLOWEST_TO_FASTEST_KM_H = {
    # service type: at the median, of services of 50 km and more
    (Mode.ROAD, "on_demand"): (11, 62),
    (Mode.RAIL, "wagonload"): (9, 23),
    (Mode.RAIL, "scheduled_block_train"): (14, 48.4),
    # Gauge change and borders are in their time: a block train runs at twice the speed.
    (Mode.RAIL, "through_block_train"): (16, 34),
    (Mode.AIR, "scheduled_flight"): (350, 662),
    (Mode.AIR, "charter"): (600, 662),
}

USD_PER_UNIT_KM = {Mode.ROAD: (1.39, 3.7), Mode.RAIL: (0.38, 2.5)}
"""Freight of a load unit, on ways of 100 km (road) and 200 km (rail) and more. The dearest roads
are the mountains of Pamir and Kyrgyzstan and those with a border fee in them; the cheapest train
is the empty direction home from Duisburg, the dearest the short hauls around Khujand."""

USD_PER_KG_1000_KM = (0.29, 0.77)
"""Freight by air, on ways of 1,000 km and more."""

FOR_NOBODY_YET = {
    # Airports in the interior have what Urumqi and Chongqing have, and no onward flight is listed.
    *("O116", "O117", "O119", "O120", "O122", "O123", "O125", "O126"),
    "O190",  # no train comes to Kashgar
    "O197",  # no train leaves Chengdu
    *("O206", "O208"),  # the trains to Xiaonanya come from Laos, which is not in the tables
}
"""Transfers between equipment of which no service brings or takes the one or the other."""


@pytest.fixture(scope="module")
def network() -> Network:
    return read_network()


def rows(name: str) -> list[dict[str, str]]:
    with (data_folder() / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def ends(network: Network, service: Service) -> tuple[Node, Node]:
    return network.nodes[service.origin], network.nodes[service.destination]


def goes_on(network: Network, before: Service, after: Service) -> bool:
    """Whether goods can go on by ``after``: in the unit they are in, or over a cross-dock."""
    return before.destination == after.origin and (
        network.stays_sealed(before, after)
        or network.cross_dock(after.origin, before.rides_as, after.rides_as) is not None
    )


def rides(network: Network, services: list[Service]) -> "networkx.DiGraph[str]":
    """Service to service, as far as equipment, cross-docks and direction let goods go on."""
    graph: networkx.DiGraph[str] = networkx.DiGraph()
    graph.add_nodes_from(s.id for s in services)
    leaving: dict[str, list[Service]] = {}
    for service in services:
        leaving.setdefault(service.origin, []).append(service)
    for before in services:
        for after in leaving.get(before.destination, ()):
            if goes_on(network, before, after):
                graph.add_edge(before.id, after.id)
    return graph


def test_no_id_is_given_twice():
    for table in (NODES, ROUTES, OPERATIONS):
        ids = [row[table.key].lower() for row in rows(table.file)]
        assert len(ids) == len(set(ids)), table.file


def test_every_node_has_its_names_and_codes(network: Network):
    for row in rows("nodes.csv"):
        node = network.nodes[row["node_id"]]
        assert re.search(r"[一-鿿]", node.name_zh), node.id
        assert row["unlocode_basis"], node.id
        if node.unlocode:
            assert re.fullmatch(r"[A-Z]{2}[A-Z2-9]{3}", node.unlocode), node.id
            assert node.unlocode.startswith(node.country), node.id
        assert bool(row["iata"]) == (node.node_type == "airport"), node.id
        if node.node_type in ("rail_terminal", "border_rail"):
            assert node.gauge_mm, node.id


def test_no_node_stands_alone(network: Network):
    assert min(dict(network.graph.degree()).values()) >= 1
    assert networkx.number_weakly_connected_components(network.graph) == 1


def test_trains_run_where_there_are_rails_and_flights_between_airports(network: Network):
    for service in network:
        for node in ends(network, service):
            if service.mode is Mode.RAIL:
                assert node.gauge_mm, service.id
            if service.mode is Mode.AIR:
                assert node.node_type == "airport", service.id


def test_every_packhouse_reaches_every_chinese_city_with_goods(network: Network):
    """Not on the map alone: over services that exist, in units that can be had."""
    usual = [s for s in network if s.status in USUAL]
    graph = rides(network, usual)
    cities = {n.id for n in network.nodes.values() if (n.country, n.node_type) == ("CN", "city")}
    packhouses = [
        n.id for n in network.nodes.values() if (n.country, n.node_type) == ("TJ", "packhouse")
    ]
    assert len(cities) == 15
    assert len(packhouses) == 7
    for packhouse in packhouses:
        first = {s.id for s in usual if s.origin == packhouse}
        reached = first.union(*(networkx.descendants(graph, s) for s in first))
        assert cities <= {network.services[s].destination for s in reached}, packhouse


def test_distances_are_no_shorter_than_the_great_circle(network: Network):
    shorter: dict[str, float] = {}
    for service in network:
        direct = great_circle_km(*ends(network, service))
        assert service.great_circle_km == pytest.approx(direct, abs=1.0, rel=0.005), service.id
        if service.distance_km < direct:
            shorter[service.id] = direct - service.distance_km
    assert shorter.keys() == {"L132", "L172"}
    assert max(shorter.values()) < TOWN_KM


def test_speeds_lie_in_the_band_of_the_mode_and_service(network: Network):
    for service in network:
        if service.distance_km < 50:
            continue  # the crossing of a border, the ramp of a town
        slowest, fastest = SLOWEST_TO_FASTEST_KM_H[service.mode, service.service_type]
        hours = service.transit.p50
        assert service.distance_km / (hours + TENTH_H) <= fastest, service.id
        assert service.distance_km / (hours - TENTH_H) >= slowest, service.id


def test_nothing_short_is_faster_than_a_truck(network: Network):
    for service in network:
        if service.distance_km < 50:
            assert service.distance_km / (service.transit.p50 + TENTH_H) <= 62, service.id


def test_the_timetable_keeps_the_published_frequency(network: Network):
    """More often than daily is rounded down to whole runs a day: days and times can say no more."""
    for row in rows("routes.csv"):
        service = network.services[row["service_id"]]
        published = float(row["departures_per_week"])
        if service.service_type == "charter":
            assert published < 1, "a charter flies when it is paid for"
        elif service.on_demand:
            assert published == len(service.days) * service.capacity_units, service.id
        else:
            runs = len(service.days) * len(service.departure_times) / service.every_n_weeks
            daily = 7 * (published // 7)
            assert runs == (daily if published > 7 else published), service.id


def test_every_service_has_a_way_in_and_a_way_out(network: Network):
    """Goods begin or end at its ends, or come and go on without turning straight back."""
    services = list(network)
    begin, end = (
        {o.node for o in network.operations.values() if o.trigger is trigger}
        for trigger in (Trigger.ORIGIN, Trigger.DESTINATION)
    )
    for service in services:
        fed = service.origin in begin or any(
            goes_on(network, other, service) and other.origin != service.destination
            for other in services
        )
        leads_on = service.destination in end or any(
            goes_on(network, service, other) and other.destination != service.origin
            for other in services
        )
        assert fed, f"{service.id}: nothing can be on it"
        assert leads_on, f"{service.id}: it leads nowhere"


def test_every_transfer_is_between_what_comes_and_what_goes(network: Network):
    idle: set[str] = set()
    for operation in network.operations.values():
        if operation.trigger is not Trigger.TRANSFER:
            continue
        come = {s.rides_as for s in network if s.destination == operation.node}
        go = {s.rides_as for s in network if s.origin == operation.node}
        if not (operation.equipment_in & come and operation.equipment_out & go):
            idle.add(operation.id)
    assert idle == FOR_NOBODY_YET


def test_every_arrival_that_is_worked_on_arrives(network: Network):
    for operation in network.operations.values():
        if operation.trigger is Trigger.ARRIVE:
            assert any(
                s.destination == operation.node
                and not s.border_included
                and operation.takes(s.rides_as)
                and operation.from_country in ("any", network.nodes[s.origin].country)
                for s in network
            ), operation.id


def test_freight_lies_in_the_band_of_the_mode(network: Network):
    for service in network:
        km = service.distance_km
        if service.mode is Mode.AIR:
            assert service.linehaul_usd_per_unit == 0, service.id
            if km >= 1000:
                low, high = USD_PER_KG_1000_KM
                usd_per_kg = service.linehaul_usd_per_kg + service.charter_usd_per_slot
                assert low <= usd_per_kg / km * 1000 <= high, service.id
            continue
        assert service.linehaul_usd_per_kg == 0, service.id
        assert service.linehaul_usd_per_unit >= 40, service.id
        if km >= (100 if service.mode is Mode.ROAD else 200):
            low, high = USD_PER_UNIT_KM[service.mode]
            # A chartered train as it is when full.
            usd_per_unit = service.linehaul_usd_per_unit + service.charter_usd_per_slot
            assert low <= usd_per_unit / km <= high, service.id


def test_work_is_priced_as_such_work_is(network: Network):
    for operation in network.operations.values():
        assert 0 <= operation.usd_per_unit <= 1000, operation.id
        assert 0 <= operation.usd_per_kg <= 0.2, operation.id
        assert 0 <= operation.usd_per_t_day <= 4, operation.id
        assert 0 <= operation.usd_per_unit_day <= 40, operation.id
        prices = (operation.usd_per_unit, operation.usd_per_kg)
        free = not any((*prices, operation.usd_per_t_day, operation.usd_per_unit_day))
        assert not free, f"{operation.id}: who does it for nothing?"


def test_the_longer_the_chance_the_longer_the_time(network: Network):
    for spread in (
        *(s.transit for s in network),
        *(o.hours for o in network.operations.values()),
    ):
        assert all(a <= b for a, b in pairwise((spread.p10, spread.p50, spread.p90)))
