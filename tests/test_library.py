"""The library of disruptions: read, sourced and felt, and kept to by what is planned in it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import chain

import pytest

from coldchain.audit import check
from coldchain.itinerary import Reason, StepKind
from coldchain.network import Network
from coldchain.plan import Plan
from coldchain.planner import solve
from coldchain.scenario import Scenario
from coldchain.selection import Effort
from coldchain.tables import read_scenario, scenario_names

EFFORT = Effort(seconds=20.0, threads=1, seed=1)
NARROW = ("planning.max_detour = 0.02", "planning.max_cross_docks = 1")
"""Makes the search short; the scenarios as they are stand in benchmarks/scenarios.py."""

WEEK = ("C-004", "C-007", "C-012", "C-013", "C-016")
SLICES: Mapping[str, tuple[str, ...]] = {
    "khorgos-congestion": WEEK,
    "dostyk-ban": WEEK,
    "nur-zholy-queue": WEEK,
    "dragon-boat": WEEK,
    "reefer-shortage": WEEK,
    "rain-at-harvest": WEEK,
    "heat-wave": WEEK,
    "tj-kg-closed": WEEK,
    "may-holidays": ("H-001", "H-003", "H-006", "H-007", "H-009"),
    "kulma-winter": ("M-005", "M-024"),
    "poland-belarus": ("E-007", "E-019"),
    "perfect-storm": ("S-018", "S-022"),
}
"""Consignments planned here."""


@cache
def part(name: str, goods: tuple[str, ...], *statements: str) -> Scenario:
    """These consignments in the scenario ``name``."""
    whole = read_scenario(name, overrides=(*NARROW, *statements))
    chosen = tuple(c for c in whole.consignments if c.id in goods)
    assert len(chosen) == len(goods)
    return replace(whole, consignments=chosen)


def planned(scenario: Scenario) -> Plan:
    return solve(scenario, engine="greedy", effort=EFFORT)


@cache
def plan_of(name: str, goods: tuple[str, ...], *statements: str) -> Plan:
    return planned(part(name, goods, *statements))


def rules(plan: Plan, scenario: Scenario) -> dict[str, list[str]]:
    """What the audit says of the decisions of ``plan`` in another world, by rule."""
    told: dict[str, list[str]] = {}
    for violation in check(replace(plan, scenario=scenario)):
        told.setdefault(violation.rule, []).append(f"{violation.found}: {violation.message}")
    return told


def without_holidays(scenario: Scenario) -> Scenario:
    calendars = {name: replace(c, days={}) for name, c in scenario.network.calendars.items()}
    return replace(scenario, network=replace(scenario.network, calendars=calendars))


def without_closures(scenario: Scenario) -> Scenario:
    return replace(scenario, network=replace(scenario.network, closures=()))


def legs(plan: Plan) -> Iterator[tuple[str, int]]:
    for way in plan.itineraries:
        yield from ((leg.service, leg.departs) for c in way.carriages for leg in c.legs)


# ---------------------------------------------------------------- read


def test_the_library_is_bundled():
    assert SLICES.keys() == {n for n in scenario_names() if read_scenario(n).extends}


@pytest.mark.parametrize("name", SLICES)
def test_every_override_has_a_reason_and_a_source_and_does_something(name: str):
    scenario = read_scenario(name)
    for override in scenario.overrides:
        assert override.why, override
        assert override.source, override
        assert override.changes > 0, override


@pytest.mark.parametrize("name", SLICES)
def test_a_disruption_differs_from_its_base_in_more_than_its_name(name: str):
    scenario = read_scenario(name)
    base = read_scenario(scenario.extends[0])
    assert not base.overrides
    renamed = replace(
        base, name=scenario.name, title=scenario.title, season_date=scenario.season_date
    )
    assert replace(scenario, overrides=(), extends=()).digest != renamed.digest


@pytest.mark.parametrize("name", SLICES)
def test_a_disruption_falls_into_the_time_of_its_goods(name: str):
    scenario = read_scenario(name)
    first = min(c.ready_at for c in scenario.consignments)
    last = max(c.due_at for c in scenario.consignments)
    assert first.year == 2027
    network = scenario.network
    for event in chain(network.closures, network.delays):
        assert event.begins_at < last, event
        assert event.ends_at > first, event


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("dragon-boat", {"CN-ROAD": [date(2027, 6, 9)]}),
        (
            "may-holidays",
            {"CN-ROAD": [date(2027, 5, 1)], "KZ-ROAD": [date(2027, 5, 7), date(2027, 5, 9)]},
        ),
        ("perfect-storm", {"CN-ROAD": [date(2027, 6, 9)]}),
    ],
)
def test_holidays_lie_among_the_days_on_which_goods_travel(name, days):
    scenario = read_scenario(name)
    first = min(c.ready_at for c in scenario.consignments).date()
    last = max(c.due_at for c in scenario.consignments).date()
    for calendar, feasts in days.items():
        for day in feasts:
            assert first <= day <= last
            assert scenario.network.calendars[calendar].holiday(day) is not None


def test_the_storm_is_made_of_the_others():
    storm = read_scenario("perfect-storm")
    fewer, base = read_scenario("reefer-shortage"), read_scenario("season")
    assert capacities(storm.network) == capacities(fewer.network) != capacities(base.network)
    for name in ("khorgos-congestion", "nur-zholy-queue"):
        alike = {(d.subject, d.hours) for d in read_scenario(name).network.delays}
        assert alike <= {(d.subject, d.hours) for d in storm.network.delays}
    [khorgos] = [d for d in storm.network.delays if d.subject == "O158"]
    first = min(c.ready_at for c in storm.consignments).date()
    assert timedelta(days=6) <= khorgos.begins_at.date() - first <= timedelta(days=8)


def capacities(network: Network) -> dict[str, int]:
    return {s.id: s.capacity_units for s in network if s.equipment in ("FEU", "TRUCK_CA")}


def test_a_shortage_takes_three_in_ten():
    fewer, base = read_scenario("reefer-shortage").network, read_scenario("cherry-week").network
    for name, units in capacities(base).items():
        assert abs(capacities(fewer)[name] - 0.7 * units) <= 0.5


# ---------------------------------------------------------------- planned


@pytest.mark.parametrize("name", SLICES)
def test_a_slice_of_a_disruption_plans_and_audits_clean(name: str):
    plan = plan_of(name, SLICES[name])
    assert check(plan) == ()
    assert len(plan.itineraries) + len(plan.unserved) == len(SLICES[name])
    assert 2 * len(plan.itineraries) >= len(SLICES[name]), plan.unserved


def test_a_plan_over_a_border_is_refused_once_the_border_is_shut():
    base, closed = plan_of("cherry-week", WEEK), part("tj-kg-closed", WEEK)
    over = {c.subject for c in closed.network.closures}
    crossings = [service for service, _ in legs(base) if service in over]
    assert crossings
    told = rules(base, closed)
    assert told.keys() == {"not_closed"}
    assert len(told["not_closed"]) == len(crossings)
    found = plan_of("tj-kg-closed", WEEK)
    assert not over & {service for service, _ in legs(found)}
    assert found.total.total > base.total.total


def assert_nothing_leaves_while_shut(plan: Plan) -> None:
    network = plan.scenario.network
    for service, departs in legs(plan):
        for closure in network.closures:
            if closure.subject in (service, network.services[service].origin):
                at = departs * 60
                assert not closure.begins_at.timestamp() <= at < closure.ends_at.timestamp()


def test_trains_to_europe_come_late():
    goods = SLICES["poland-belarus"]
    base, late = plan_of("europe-return", goods), part("poland-belarus", goods)
    through = {"L202", "L203", "L204", "L205"}
    assert through & {service for service, _ in legs(base)}
    told = rules(base, late)
    assert told["arrives"]
    assert told["not_closed"]
    found = plan_of("poland-belarus", goods)
    assert_nothing_leaves_while_shut(found)
    assert found.total.total > base.total.total


NO_IRKESHTAM = "close CN-IRK-BX always"
"""Goods of the cherry week go by Irkeshtam if they may; where that is shut, by Kazakhstan."""


def worse(name: str, goods: tuple[str, ...], *world: str) -> tuple[dict[str, list[str]], Plan]:
    """What the audit says of the base's plan under the disruption, and the plan for it.

    ``world`` holds with the disruption and without.
    """
    base = plan_of(read_scenario(name).extends[0], goods, *world)
    assert len(base.itineraries) == len(goods)
    assert check(base) == ()
    found = plan_of(name, goods, *world)
    assert check(found) == ()
    assert found.total.total > base.total.total
    return rules(base, found.scenario), found


def hours_at(plan: Plan, operation: str) -> dict[str, float]:
    """How long the operation takes each consignment that undergoes it."""
    return {
        way.consignment: (step.ends - step.begins) / 60
        for way in plan.itineraries
        for step in way.steps
        if step.subject == operation and step.kind is StepKind.OPERATION
    }


def test_trucks_queue_before_nur_zholy():
    # One of the two is sold to who asks less of it: it can wait.
    told, found = worse(
        "nur-zholy-queue",
        ("C-007", "C-016"),
        NO_IRKESHTAM,
        "consignments.C-016.shelf_life_required_d = 3",
    )
    assert len(told["steps"]) == 2
    assert all("O148 at KZ-NZH-BX" in words for words in told["steps"])
    assert hours_at(found, "O148") == {"C-016": 18.0 + 96.0}
    [left] = found.unserved
    assert (left.consignment, left.reason) == ("C-007", Reason.NOT_FRESH)


def test_boxes_wait_at_khorgos_or_go_by_truck():
    goods = ("C-012", "C-016")
    told, found = worse("khorgos-congestion", goods, NO_IRKESHTAM)
    assert any("O158 at CN-KHR-BR" in words for words in told["steps"])
    assert told["fresh_enough"]
    assert {way.consignment for way in found.itineraries} == set(goods)
    assert not hours_at(found, "O158")


def test_boxes_wait_at_altynkol_while_dostyk_takes_none():
    told, found = worse("dostyk-ban", ("C-012", "C-016"), NO_IRKESHTAM)
    assert any("L132" in words for words in told["arrives"])
    assert "L132" not in {service for service, _ in legs(found)}


def test_no_container_train_goes_to_dostyk():
    # Cherries for which Dostyk is near enough and trucks through Nur Zholy are too dear.
    told, found = worse(
        "dostyk-ban",
        ("C-012",),
        NO_IRKESHTAM,
        "close CN-KHR-BR always",
        "routes.L059.linehaul_usd_per_unit = 4000",
        "consignments.C-012.due_local = 2027-06-16T06:00",
        "consignments.C-012.shelf_life_required_d = 0.5",
    )
    assert told.keys() == {"not_closed"}
    assert any("L130" in words or "L128" in words for words in told["not_closed"])
    assert found.itineraries
    assert_nothing_leaves_while_shut(found)


def test_kulma_in_winter_is_crossed_on_the_days_on_which_it_is_open():
    goods = SLICES["kulma-winter"]
    winter = part("kulma-winter", goods)
    free, found = planned(without_closures(winter)), plan_of("kulma-winter", goods)
    assert "L033" in {service for service, _ in legs(free)}
    assert any("TJ-KUL-BX" in words for words in rules(free, winter)["not_closed"])
    assert len(found.itineraries) == len(goods)
    assert_nothing_leaves_while_shut(found)
    assert found.total.total > free.total.total


def test_slots_and_reefers_are_missing():
    # Thirty-seven boxes for one train; what brings them to it is enough for all.
    lot = ("C-027",)
    told, found = worse(
        "reefer-shortage",
        lot,
        "close CN-IRK-BX CN-KHX-BX always",
        "demand[origin=TJ-KHU-PH,destination=CN-BJS-CT] *= 105",
        "routes.L008.capacity_units = 60",
    )
    assert any("37 load units" in words for words in told["slots"])
    assert [refusal.reason for refusal in found.unserved] == [Reason.NO_SLOT]
    told, found = worse("reefer-shortage", lot)
    assert told.keys() == {"charges"}
    base = plan_of("cherry-week", lot)
    dearer = found.total.total - base.total.total
    assert dearer == pytest.approx(0.5 * 800.0)


def test_the_storm_is_felt_at_khorgos_and_at_nur_zholy():
    # Two of the three go by truck, one by train: all meet at Nur Zholy, where one cannot wait.
    told, found = worse("perfect-storm", ("S-037", "S-040", "S-041"), NO_IRKESHTAM)
    assert any("O158 at CN-KHR-BR" in words for words in told["steps"])
    assert sum("O148 at KZ-NZH-BX" in words for words in told["steps"]) == 2
    assert not hours_at(found, "O158")
    assert hours_at(found, "O148") == dict.fromkeys(("S-040", "S-041"), 18.0 + 96.0)
    [left] = found.unserved
    assert (left.consignment, left.reason) == ("S-037", Reason.NOT_FRESH)


@pytest.mark.parametrize(
    ("name", "goods", "world", "gate"),
    [
        ("dragon-boat", WEEK, (), "L044"),
        ("may-holidays", SLICES["may-holidays"], (), "O145"),
        ("may-holidays", ("H-003", "H-005", "H-006"), (NO_IRKESHTAM,), "L059"),
        ("perfect-storm", ("S-138", "S-143"), (NO_IRKESHTAM,), "O149"),
    ],
)
def test_what_is_planned_without_holidays_is_refused_with_them(
    name: str, goods: tuple[str, ...], world: tuple[str, ...], gate: str
):
    with_them = part(name, goods, *world)
    free, found = planned(without_holidays(with_them)), plan_of(name, goods, *world)
    assert check(free) == ()
    told = rules(free, with_them)["not_closed"]
    assert any(gate in words for words in told)
    assert found.itineraries
    assert check(found) == ()
    # Whoever was stopped comes later, by another way, or not at all.
    kept = {way.consignment: (way.delivered, way.carriages) for way in found.itineraries}
    meant = {way.consignment: (way.delivered, way.carriages) for way in free.itineraries}
    assert any(kept.get(consignment) != way for consignment, way in meant.items())


APRICOTS = ("C-004", "C-013")
"""Rain does nothing to them, and in the heat nobody carries them."""


@pytest.mark.parametrize("name", ["heat-wave", "rain-at-harvest"])
def test_what_makes_goods_older_leaves_them_less_life(name: str):
    usual, older = plan_of("cherry-week", WEEK), plan_of(name, WEEK)
    told = rules(usual, older.scenario)
    assert told["life_used"]
    left = {way.consignment: way.shelf_life_left_h for way in usual.itineraries}
    same_way = {way.consignment: way.carriages for way in usual.itineraries}
    alike = [
        w
        for w in older.itineraries
        if same_way.get(w.consignment) == w.carriages and w.consignment not in APRICOTS
    ]
    assert alike
    assert all(way.shelf_life_left_h < left[way.consignment] for way in alike)


def test_in_the_heat_apricots_stay_and_gensets_burn_a_third_more():
    told, found = worse("heat-wave", WEEK)
    assert {r.consignment: r.reason for r in found.unserved} == dict.fromkeys(
        APRICOTS, Reason.NOT_FRESH
    )
    assert told["fresh_enough"]
    assert any("genset" in words for words in told["charges"])


def test_after_rain_there_are_fewer_cherries_to_send_and_less_to_pay():
    usual, found = plan_of("cherry-week", WEEK), plan_of("rain-at-harvest", WEEK)
    told = rules(usual, found.scenario)
    assert told["pallets_stowed"]
    assert told["charges"]
    assert {way.consignment for way in found.itineraries} == set(WEEK)
    assert found.total.total < usual.total.total
