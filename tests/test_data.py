"""The bundled tables: whole, sourced, plausible, and connected as the corridor is."""

import csv
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import networkx
import pytest

from coldchain.goods import Perishable
from coldchain.network import Mode, Network, great_circle_km
from coldchain.scenario import Scenario
from coldchain.tables import (
    data_folder,
    read_network,
    read_perishables,
    read_scenario,
    scenario_names,
)

FILES = sorted(data_folder().rglob("*.csv"))
USUAL = {"existing", "occasional"}
FASTEST_KM_H = {Mode.ROAD: 62.0, Mode.RAIL: 48.4, Mode.AIR: 661.0}
"""Fastest service of each mode in the tables, at the median; a new record wants a second look."""


@pytest.fixture(scope="module")
def network() -> Network:
    return read_network()


@pytest.fixture(scope="module")
def perishables() -> dict[str, Perishable]:
    return dict(read_perishables())


@pytest.fixture(scope="module")
def cherry_week() -> Scenario:
    return read_scenario("cherry-week")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_row_names_its_source(path: Path):
    for number, row in enumerate(rows(path), start=2):
        assert row["source"].strip(), f"{path.name}:{number}"
        assert row["confidence"].strip(), f"{path.name}:{number}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_files_have_one_form(path: Path):
    raw = path.read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    assert raw.endswith(b"\n")


def test_nothing_got_lost(network: Network, perishables: dict[str, Perishable]):
    assert len(network.nodes) == len(rows(data_folder() / "nodes.csv")) >= 80
    assert len(network.services) == len(rows(data_folder() / "routes.csv")) >= 231
    assert len(network.operations) == len(rows(data_folder() / "operations.csv")) >= 213
    assert len(network.equipment) == len(rows(data_folder() / "equipment.csv")) >= 4
    assert len(perishables) == len(rows(data_folder() / "perishables.csv")) >= 41


def test_nodes_lie_where_their_country_is(network: Network):
    boxes = {
        "TJ": (36.6, 41.1, 67.3, 75.2),
        "UZ": (37.1, 45.6, 55.9, 73.2),
        "KG": (39.1, 43.3, 69.2, 80.3),
        "KZ": (40.5, 55.5, 46.4, 87.4),
        "CN": (18.1, 53.6, 73.4, 134.8),
        "RU": (41.1, 77.8, 27.3, 180.0),
        "BY": (51.2, 56.2, 23.1, 32.8),
        "PL": (49.0, 54.9, 14.1, 24.2),
        "DE": (47.2, 55.1, 5.8, 15.1),
    }
    for node in network.nodes.values():
        south, north, west, east = boxes[node.country]
        assert south <= node.latitude_deg <= north, node.id
        assert west <= node.longitude_deg <= east, node.id
        assert node.id.startswith(node.country)
        # Xinjiang keeps Beijing time in freight, so one zone does for a country here.
        assert ZoneInfo(node.timezone)


def test_no_way_is_shorter_than_the_great_circle(network: Network):
    for service in network:
        ends = network.nodes[service.origin], network.nodes[service.destination]
        direct = great_circle_km(*ends)
        assert service.distance_km >= 0.98 * direct - 1, service.id
        assert service.great_circle_km == pytest.approx(direct, abs=1.0, rel=0.02), service.id


def test_speeds_are_those_of_the_mode(network: Network):
    for service in network:
        if service.distance_km < 50:
            continue  # the crossing of a border, the ramp of a town
        speed = service.distance_km / service.transit.p50
        assert 1 <= speed <= FASTEST_KM_H[service.mode] * 1.01, (service.id, speed)


def test_durations_are_in_order(network: Network):
    spreads = [s.transit for s in network] + [o.hours for o in network.operations.values()]
    for spread in spreads:
        assert 0 <= spread.p10 <= spread.p50 <= spread.p90
    assert all(s.transit.p10 > 0 for s in network)


def test_the_network_hangs_together(network: Network):
    assert networkx.is_weakly_connected(network.graph)


def test_every_packhouse_reaches_every_chinese_city(network: Network):
    usual = networkx.MultiDiGraph()
    usual.add_edges_from((s.origin, s.destination) for s in network if s.status in USUAL)
    nodes = network.nodes.values()
    cities = {n.id for n in nodes if n.country == "CN" and n.node_type == "city"}
    packhouses = [n.id for n in nodes if n.node_type == "packhouse"]
    assert len(cities) >= 14
    assert len(packhouses) == 7
    for packhouse in packhouses:
        assert cities <= networkx.descendants(usual, packhouse), packhouse


def test_a_sealed_box_can_ride_from_chassis_to_wagon_where_trains_are_loaded(network: Network):
    trains = [s for s in network if s.mode is Mode.RAIL and s.service_type != "cross_border_shunt"]
    boxed = {s.destination for s in network if s.mode is Mode.ROAD and s.equipment == "FEU"}
    for terminal in boxed & {s.origin for s in trains}:
        before = next(s for s in network if s.destination == terminal and s.rides_as == "FEU_C")
        after = next(s for s in trains if s.origin == terminal)
        assert network.stays_sealed(before, after), terminal


def test_goods_end_where_they_can_be_unloaded(network: Network, cherry_week: Scenario):
    for consignment in cherry_week.consignments:
        triggers = {
            o.trigger for o in network.operations.values() if o.node == consignment.destination
        }
        assert "destination" in triggers, consignment.destination


def test_commodities_keep_as_long_as_handbooks_say(perishables: dict[str, Perishable]):
    cherry = perishables["cherry_sweet"]
    assert cherry.hs6 == "080929"
    assert (cherry.life_min_d, cherry.life_typ_d, cherry.life_max_d) == (14, 21, 28)
    assert cherry.map_life_factor == pytest.approx(1.4)
    for goods in perishables.values():
        law = goods.law(0.5)
        warm, cold = (
            law.keeping_quality_h(c) for c in (goods.setpoint_max_c, goods.setpoint_min_c)
        )
        assert warm <= cold
        assert law.keeping_quality_h(goods.life_ref_c) == pytest.approx(24 * goods.life_typ_d)


def test_the_bundled_scenarios_can_be_read():
    assert "cherry-week" in scenario_names()
    for name in scenario_names():
        assert read_scenario(name).name == name


def test_cherry_week_is_the_week_it_says(cherry_week: Scenario):
    goods = cherry_week.consignments
    assert len(goods) == 40
    assert len({c.origin for c in goods}) >= 5
    assert len({c.destination for c in goods}) >= 13
    assert all(c.origin.startswith("TJ") and c.destination.startswith("CN") for c in goods)
    assert {c.commodity for c in goods} == {"cherry_sweet", "apricot"}
    assert sum(c.commodity == "apricot" for c in goods) == 5
    monday = cherry_week.season_date
    assert monday == date(2027, 5, 24)
    for c in goods:
        assert 2000 <= c.net_kg <= 18000
        zone = ZoneInfo(cherry_week.network.nodes[c.origin].timezone)
        ready = c.ready_at.astimezone(zone)
        assert monday <= ready.date() < monday + timedelta(days=7)
        assert 6 <= ready.hour <= 18
        assert timedelta(days=8) <= c.due_at - c.ready_at <= timedelta(days=19)
        assert c.life_used_at_ready < cherry_week.life_allowed(c)


def test_consignments_of_one_packhouse_share_days(cherry_week: Scenario):
    days = {(c.origin, c.ready_at.date()) for c in cherry_week.consignments}
    assert len(days) * 2 <= len(cherry_week.consignments) + 2
