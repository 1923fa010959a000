"""The library of disruptions: read, sourced and felt, and kept to by what is planned in it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import chain

import pytest

from coldchain.audit import check
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
    "may-holidays": ("H-002", "H-003", "H-004", "H-007", "H-009"),
    "kulma-winter": ("M-005", "M-024"),
    "poland-belarus": ("E-007", "E-019"),
    "perfect-storm": ("S-007", "S-011"),
}
"""Consignments planned here."""


@cache
def part(name: str, of: str, *statements: str) -> Scenario:
    """The consignments of ``SLICES[of]`` in the scenario ``name``."""
    whole = read_scenario(name, overrides=(*NARROW, *statements))
    chosen = tuple(c for c in whole.consignments if c.id in SLICES[of])
    assert len(chosen) == len(SLICES[of])
    return replace(whole, consignments=chosen)


@cache
def plan_of(name: str, of: str, *statements: str) -> Plan:
    return solve(part(name, of, *statements), engine="greedy", effort=EFFORT)


def rules(plan: Plan, scenario: Scenario) -> dict[str, list[str]]:
    """What the audit says of the decisions of ``plan`` in another world, by rule."""
    told: dict[str, list[str]] = {}
    for violation in check(replace(plan, scenario=scenario)):
        told.setdefault(violation.rule, []).append(f"{violation.found}: {violation.message}")
    return told


def without_holidays(scenario: Scenario) -> Scenario:
    calendars = {name: replace(c, days={}) for name, c in scenario.network.calendars.items()}
    return replace(scenario, network=replace(scenario.network, calendars=calendars))


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
    plan = plan_of(name, name)
    assert check(plan) == ()
    assert len(plan.itineraries) + len(plan.unserved) == len(SLICES[name])
    assert 2 * len(plan.itineraries) >= len(SLICES[name]), plan.unserved


def test_a_plan_over_a_border_is_refused_once_the_border_is_shut():
    base, closed = plan_of("cherry-week", "tj-kg-closed"), part("tj-kg-closed", "tj-kg-closed")
    over = {c.subject for c in closed.network.closures}
    crossings = [service for service, _ in legs(base) if service in over]
    assert crossings
    told = rules(base, closed)
    assert told.keys() == {"not_closed"}
    assert len(told["not_closed"]) == len(crossings)
    found = plan_of("tj-kg-closed", "tj-kg-closed")
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
    base, late = (
        plan_of("europe-return", "poland-belarus"),
        part("poland-belarus", "poland-belarus"),
    )
    through = {"L202", "L203", "L204", "L205"}
    assert through & {service for service, _ in legs(base)}
    told = rules(base, late)
    assert told["arrives"]
    assert told["not_closed"]
    found = plan_of("poland-belarus", "poland-belarus")
    assert_nothing_leaves_while_shut(found)
    assert found.total.total > base.total.total


def test_what_is_planned_without_holidays_is_refused_with_them():
    with_them = part("dragon-boat", "dragon-boat")
    free = solve(without_holidays(with_them), engine="greedy", effort=EFFORT)
    assert rules(free, with_them)["not_closed"]
    assert plan_of("dragon-boat", "dragon-boat").itineraries


APRICOTS = ("C-004", "C-013")
"""Rain does nothing to them, and in the heat nobody carries them."""


@pytest.mark.parametrize("name", ["heat-wave", "rain-at-harvest"])
def test_what_makes_goods_older_leaves_them_less_life(name: str):
    usual, worse = plan_of("cherry-week", name), plan_of(name, name)
    told = rules(usual, worse.scenario)
    assert told["life_used"]
    left = {way.consignment: way.shelf_life_left_h for way in usual.itineraries}
    same_way = {way.consignment: way.carriages for way in usual.itineraries}
    alike = [
        w
        for w in worse.itineraries
        if same_way.get(w.consignment) == w.carriages and w.consignment not in APRICOTS
    ]
    assert alike
    assert all(way.shelf_life_left_h < left[way.consignment] for way in alike)
