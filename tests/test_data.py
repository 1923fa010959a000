"""The bundled tables: whole, sourced, plausible, and connected as the corridor is."""

import csv
import math
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import networkx
import pytest

from coldchain.goods import PackagingTerms, Perishable
from coldchain.network import Mode, Network, Trigger, great_circle_km
from coldchain.scenario import Scenario
from coldchain.tables import (
    data_folder,
    read_network,
    read_perishables,
    read_scenario,
    scenario_names,
)
from coldchain.timetable import Timetable, minute, moment

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
    listed = [r for r in rows(data_folder() / "operations.csv") if r["node_id"] != "any"]
    assert len(network.operations) == len(listed) >= 213
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


def test_a_laboratory_holds_what_comes_from_abroad_once(network: Network):
    holds = [o for o in network.operations.values() if o.code == "LAB_HOLD"]
    assert holds
    for hold in holds:
        assert hold.from_country not in ("any", network.nodes[hold.node].country), hold.id
        abroad = {
            network.nodes[s.origin].country
            for s in network
            if s.destination == hold.node and s.mode is not Mode.AIR
        } - {network.nodes[hold.node].country}
        assert hold.from_country in abroad, hold.id


def test_the_network_hangs_together(network: Network):
    assert networkx.is_weakly_connected(network.graph)


def test_every_packhouse_reaches_every_chinese_city(network: Network):
    usual = networkx.MultiDiGraph()
    usual.add_edges_from((s.origin, s.destination) for s in network if s.status in USUAL)
    nodes = network.nodes.values()
    cities = {n.id for n in nodes if n.country == "CN" and n.node_type == "city"}
    packhouses = [n.id for n in nodes if (n.country, n.node_type) == ("TJ", "packhouse")]
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


def test_every_commodity_is_complete(perishables: dict[str, Perishable]):
    for goods, row in zip(
        perishables.values(),
        sorted(rows(data_folder() / "perishables.csv"), key=lambda r: r["commodity_id"]),
        strict=True,
    ):
        assert row["name_zh"], goods.code
        assert row["name_ru"], goods.code
        assert row["notes"] or goods.confidence != "low", goods.code
        assert len(goods.hs6) == 6, goods.code
        assert goods.limiting_attribute, goods.code
        assert goods.heat_capacity_kj_kg_k is not None, goods.code
        assert not goods.assumed, goods.code
        breathes = goods.category in ("fruit", "vegetable")
        assert len(goods.respiration_mg_kg_h) == (5 if breathes else 0), goods.code
        assert row["resp_source"], goods.code


def test_setpoints_neither_freeze_nor_chill(perishables: dict[str, Perishable]):
    for goods in perishables.values():
        low, high = goods.setpoint_min_c, goods.setpoint_max_c
        assert goods.domain_min_c <= low <= high <= goods.domain_max_c, goods.code
        if goods.chill_threshold_c is not None:
            assert low >= goods.chill_threshold_c, goods.code
        if goods.chill_zone_min_c is not None and goods.chill_zone_max_c is not None:
            assert high < goods.chill_zone_min_c or low > goods.chill_zone_max_c, goods.code


LATENCIES = [
    # commodity, °C, days until injury as published: see the notes in the table
    ("cucumber", 7.2, 2.5),
    ("tomato_mature_green", 3.0, 3.0),
    ("pepper_sweet", 5.0, 14.0),
    ("eggplant", 5.0, 3.5),
    ("watermelon", 0.0, 7.0),
    ("melon_netted", 0.0, 15.0),
    ("mandarin", 1.0, 20.0),
    ("pomegranate", 2.0, 28.0),
    ("lemon", 1.0, 14.0),
    ("orange_navel", 1.0, 20.0),
]


@pytest.mark.parametrize(("code", "at_c", "days"), LATENCIES)
def test_cold_injures_when_it_was_seen_to(
    perishables: dict[str, Perishable], code: str, at_c: float, days: float
):
    goods = perishables[code]
    assert goods.chill_threshold_c is not None
    assert goods.chill_dose_k_d is not None
    latency_d = goods.chill_dose_k_d / (goods.chill_threshold_c - at_c)
    assert latency_d == pytest.approx(days, rel=0.15)


def test_milk_spoils_as_was_measured(perishables: dict[str, Perishable]):
    measured_d = {2: 43, 4: 36, 9: 8, 14: 5, 16: 3}  # Petrus et al. (2010)
    law = perishables["milk_pasteurised"].law(0.5)
    logs = [math.log(law.keeping_quality_h(c) / 24 / d) for c, d in measured_d.items()]
    bias = sum(logs) / len(logs)
    accuracy = math.exp(sum(abs(x - bias) for x in logs) / len(logs))
    assert accuracy < 1.2, "the slope; ordinary milk keeps shorter than the milk measured"


def test_lamb_spoils_as_was_measured(perishables: dict[str, Perishable]):
    # IIR (2000): mean life 55 d (sd 20) below -1.1 °C. Its other two means, 41 d and 28 d, have an
    # sd as large as they are, and are no points to hold a law against.
    law = perishables["lamb_chilled_vacuum"].law(0.5)
    assert law.keeping_quality_h(-1.2) / 24 == pytest.approx(55, rel=0.2)


def slow_half_cooling_h(terms: PackagingTerms) -> float:
    """Half-cooling time of a pallet's middle in the long run: the slow one of its two modes."""
    outer_h, core_h = terms.outer_half_cooling_h, terms.core_half_cooling_h
    assert outer_h is not None
    assert core_h is not None
    air, core = math.log(2) / outer_h, math.log(2) / core_h
    rate = (air + 2 * core - math.sqrt(air * air + 4 * core * core)) / 2
    return math.log(2) / rate


def test_a_pallet_cools_as_slowly_as_pallets_do(cherry_week: Scenario):
    packaging = cherry_week.packaging
    assert 15 <= slow_half_cooling_h(packaging["naked"]) <= 30
    assert 20 <= slow_half_cooling_h(packaging["liner"]) <= 40
    assert 20 <= slow_half_cooling_h(packaging["map"]) <= 40


def test_what_holds_back_more_costs_more(cherry_week: Scenario):
    naked, liner, packed = (cherry_week.packaging[name] for name in ("naked", "liner", "map"))
    assert naked.usd_per_kg < liner.usd_per_kg < packed.usd_per_kg
    assert naked.water_loss_factor > liner.water_loss_factor > packed.water_loss_factor
    packing = {o.usd_per_kg for o in cherry_week.network.operations.values() if o.code == "PACK"}
    assert len(packing) == 1
    assert packing.pop() + packed.usd_per_kg == pytest.approx(0.30)


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
        for packaging in cherry_week.packagings_for(c):
            assert c.life_used_at_ready < cherry_week.life_allowed(c, packaging)


def test_consignments_of_one_packhouse_share_days(cherry_week: Scenario):
    days = {(c.origin, c.ready_at.date()) for c in cherry_week.consignments}
    assert len(days) * 2 <= len(cherry_week.consignments) + 2


# Time as it is on the ground ---------------------------------------------------------------------

OFFSETS_H = {
    # Winter and summer 2027; Kazakhstan is one zone since 1 March 2024.
    **dict.fromkeys(("TJ", "UZ", "KZ"), (5, 5)),
    "KG": (6, 6),
    "CN": (8, 8),
    **dict.fromkeys(("RU", "BY"), (3, 3)),
    **dict.fromkeys(("PL", "DE"), (1, 2)),
}


def test_every_node_keeps_the_time_of_its_country(network: Network):
    for node in network.nodes.values():
        zone = ZoneInfo(node.timezone)
        offsets = (datetime(2027, month, 15, 12, tzinfo=zone).utcoffset() for month in (1, 7))
        wanted = tuple(timedelta(hours=hours) for hours in OFFSETS_H[node.country])
        assert tuple(offsets) == wanted, node.id


def test_all_countries_have_a_calendar_of_public_holidays(network: Network):
    countries = {node.country for node in network.nodes.values()}
    assert {f"{country}-PUBLIC" for country in countries} <= set(network.calendars)
    assert countries == set(OFFSETS_H)


def test_road_borders_shut_on_holidays_and_rail_borders_do_not(network: Network):
    for operation in network.operations.values():
        kind = network.nodes[operation.node].node_type
        at_border = operation.trigger is Trigger.ARRIVE and operation.probability == 1
        if kind == "border_road" and at_border:
            assert operation.closed_on, operation.id
        if kind in ("border_rail", "rail_terminal"):
            assert not operation.closed_on, operation.id
    for service in network:
        ends = [network.nodes[n] for n in (service.origin, service.destination)]
        crosses = len({node.country for node in ends}) == 2
        if service.mode is Mode.ROAD and crosses:
            assert service.closed_on, service.id
        if service.mode is not Mode.ROAD:
            assert not service.closed_on, service.id


@pytest.mark.parametrize(
    ("service", "shut", "open_"),
    [
        ("L059", ["2027-05-01", "2027-05-07", "2027-05-09", "2027-06-09"], ["2027-06-08"]),
        ("L059", ["2026-06-19", "2025-05-31", "2025-10-01", "2025-10-03"], ["2025-10-04"]),
        # Irkeshtam was shut on 31 May 2025, and from 1 to 3 October 2022.
        ("L044", ["2025-05-31", "2022-10-01", "2022-10-02", "2022-10-03"], ["2022-10-04"]),
        ("L033", ["2027-12-01", "2027-04-30", "2027-06-09"], ["2027-11-30", "2027-06-10"]),
        # Rail goes on.
        ("L132", [], ["2027-06-09", "2027-05-09"]),
        ("L199", [], []),
    ],
)
def test_crossings_keep_the_days_the_corridor_knows(network: Network, service, shut, open_):
    timetable = Timetable(network=network, quantile=0.5)
    crossing = network.services[service]
    for day in shut:
        assert not timetable.runs_on(crossing, date.fromisoformat(day)), day
    for day in open_:
        weekday = date.fromisoformat(day)
        assert weekday.isoweekday() not in crossing.days or timetable.runs_on(crossing, weekday)


def test_the_khorgos_road_port_is_shut_on_dragon_boat_day(network: Network):
    timetable = Timetable(network=network, quantile=0.5)
    work = network.operations["O149"]
    zone = ZoneInfo("Asia/Shanghai")
    evening = minute(datetime(2027, 6, 8, 20, 0, tzinfo=zone))
    opens = timetable.next_open(work, evening)
    assert moment(opens).astimezone(zone) == datetime(2027, 6, 10, 10, 0, tzinfo=zone)


def test_the_passes_are_shut_in_winter(network: Network):
    timetable = Timetable(network=network, quantile=0.5)
    for place, zone, hour in (
        ("O140", "Asia/Dushanbe", 9),
        ("O141", "Asia/Shanghai", 12),
    ):
        work = network.operations[place]
        there = ZoneInfo(zone)
        winter = minute(datetime(2027, 12, 1, 0, 0, tzinfo=there))
        opens = moment(timetable.next_open(work, winter)).astimezone(there)
        # The first of May is a Saturday in 2027, in 2028 a Monday, on which China celebrates.
        assert opens.date() in (date(2028, 5, 1), date(2028, 5, 2))
        assert opens.hour == hour


def test_offices_in_tajikistan_keep_public_holidays(network: Network):
    timetable = Timetable(network=network, quantile=0.5)
    there = ZoneInfo("Asia/Dushanbe")
    for operation in network.operations.values():
        if operation.code in ("PHYTO_EXP", "EXP_CUSTOMS") and operation.node.startswith("TJ"):
            # Independence Day, a Thursday.
            feast = minute(datetime(2027, 9, 9, 9, 0, tzinfo=there))
            opens = moment(timetable.next_open(operation, feast)).astimezone(there)
            assert opens == datetime(2027, 9, 10, 8, 0, tzinfo=there), operation.id


def test_through_trains_name_the_borders_they_pass(network: Network):
    for service in network:
        if service.service_type == "through_block_train":
            passed = {network.nodes[name] for name in service.passes}
            assert passed, service.id
            assert all(node.node_type == "border_rail" for node in passed)
            ends = {network.nodes[n].country for n in (service.origin, service.destination)}
            between = {node.country for node in passed}
            assert "CN" in between
            assert "KZ" in between
            assert not ends & {"PL", "DE"} or "BY" in between
