"""Courses gone with drawn durations: their law, their waits, and what they do undrawn."""

import math
from dataclasses import replace
from datetime import time

import numpy as np
import pytest
from conftest import at, consignment, cross_dock, network, node, operation, scenario, service, train

from coldchain.clock import Clock
from coldchain.courses import Course, courses, dated
from coldchain.network import Network, Spread, Trigger
from coldchain.trials import Dice, Trials, sigmas, try_course, try_operations

START = at("24 06:00")
WIDE = Spread(p10=5.0, p50=8.0, p90=20.0)


def a_network(*, transit: Spread | None = None, **border: object) -> Network:
    truck = service("truck", "P>X", 10, 500)
    if transit is not None:
        truck = replace(truck, transit=transit)
    return network(
        [node("P"), node("X", country="CN"), node("C", country="CN")],
        [truck, train("train", "X>C", 30, 800)],
        [
            operation("PACK", "P", Trigger.ORIGIN, 2),
            replace(operation("BORDER", "X", Trigger.ARRIVE, 3), **border),
            cross_dock("D", "X", "TRUCK_CA>FEU_R", 2),
        ],
    )


def course_of(net: Network) -> tuple[Clock, Course]:
    clock = Clock(scenario(net, [consignment("c", "P>C", 20, "24 06:00", "28 06:00")]))
    (course,) = courses(clock, "P", "C", services=net, max_cross_docks=2, at=START)
    return clock, course


def gone(net: Network, *, trials: int = 400, days: int = 7, seed: int = 1) -> Trials:
    clock, course = course_of(net)
    return try_course(
        clock,
        course,
        first=START,
        days=days,
        trials=trials,
        seed=seed,
        setpoint_c=0.0,
        category="fruit",
        life_per_h=lambda air_c: 0.001 * (1 + air_c),
    )


def test_without_spread_a_trial_is_the_course_at_its_median():
    net = a_network()
    clock, course = course_of(net)
    found = gone(net)
    assert START <= found.ready.min() <= found.ready.max() < START + 7 * 1440
    for ready, hours, packing in zip(found.ready, found.hours, found.packing_h, strict=True):
        rides = list(dated(clock, course, int(ready) + 120))
        assert packing == 2.0
        assert hours == pytest.approx((rides[-1].handed_over - ready - 120) / 60)
    assert found.stranded == 0


def test_the_wait_for_the_first_departure_is_told_apart():
    """Trucks of weekdays only: who is packed on Saturday at 06:00 waits until Monday."""
    net = network(
        [node("P"), node("C", country="CN")],
        [service("truck", "P>C", 10, days=frozenset({1, 2, 3, 4, 5}))],
    )
    found = gone(net)
    packed = found.ready + 60 * found.packing_h
    monday, saturday = at("31 00:00"), at("29 00:00")
    waits = np.where((saturday <= packed) & (packed < monday), (monday - packed) / 60, 0.0)
    assert found.waited_h == pytest.approx(waits)
    assert found.hours - found.waited_h == pytest.approx(np.full(400, 10.0))


def test_operations_tried_alone_wait_for_their_openings():
    net = a_network(opens=time(8), closes=time(16), hours=Spread(p10=2, p50=2, p90=2))
    clock, _ = course_of(net)
    hours = try_operations(
        clock.timetable, [net.operations["BORDER"]], first=START, days=1, trials=2000, seed=1
    )
    # Two thirds of the day it is shut; who comes at 16:00 waits 16 h, who comes at 8:00 none.
    assert (hours.min(), hours.max()) == pytest.approx((2, 18), abs=0.2)
    assert np.mean(hours == 2) == pytest.approx(1 / 3, abs=0.04)


def test_arrivals_are_those_of_where_a_unit_comes_from_and_on_what():
    net = a_network(from_country="TJ")
    assert [o.id for o in net.arrival_operations(net.services["truck"])] == ["BORDER"]
    assert a_network(from_country="KZ").arrival_operations(net.services["truck"]) == ()
    through = replace(net.services["truck"], border_included=True)
    assert net.arrival_operations(through) == ()


def across(limit_h: float, *, cap: int | None = None) -> Network:
    """By truck into a country past a post, through it, and out again."""
    return replace(
        network(
            [node("P"), node("X", country="UZ"), node("Y", country="UZ"), node("C", country="CN")],
            [
                service("in", "P>X", 4),
                replace(service("through", "X>Y", 20), transit=Spread(p10=10, p50=20, p90=40)),
                service("out", "Y>C", 4),
            ],
            [replace(operation("POST", "X", Trigger.ARRIVE, 1), units_per_day=cap)],
        ),
        transit_limits_h={"UZ": limit_h},
    )


def test_who_would_stay_longer_than_a_country_allows_does_not_go():
    free = gone(across(1000), trials=4000)
    assert free.stranded == 0
    # From the arrival of the truck that enters to the departure of the one that leaves: all but
    # the four hours to the post and the four after the country.
    within = free.hours - 8
    kept = gone(across(30), trials=4000)
    assert 500 < kept.stranded < 3500
    assert len(kept.hours) + kept.stranded == 4000
    assert sorted(kept.hours) == pytest.approx(sorted(free.hours[within <= 30]))
    assert kept.days(0.99) == (math.inf,)


def test_at_median_times_too():
    for limit_h, rides in ((21, 1), (20, 0)):
        clock, course = course_of(across(limit_h))
        assert len(list(dated(clock, course, START))) == rides


def test_where_no_unit_is_taken_in_nobody_goes():
    clock, course = course_of(across(1000, cap=1))
    assert [s.id for s in course.services] == ["in", "through", "out"]
    shut = across(1000, cap=0)
    clock = Clock(scenario(shut, [consignment("c", "P>C", 20, "24 06:00", "28 06:00")]))
    assert courses(clock, "P", "C", services=shut, max_cross_docks=2, at=START) == []


def test_life_is_that_of_the_air_gone_through():
    found = gone(a_network())
    assert found.life == pytest.approx(0.001 * found.hours)
    warm = gone(a_network(exposed_h=1.0, exposed_c=20.0))
    assert warm.life == pytest.approx(0.001 * found.hours + 0.001 * 20)


def test_draws_have_the_percentiles_of_their_spread():
    dice = Dice(7)
    drawn = [dice.minutes("a", WIDE, mirrored=False) / 60 for _ in range(40_000)]
    assert np.quantile(drawn, (0.1, 0.5, 0.9)) == pytest.approx((5.0, 8.0, 20.0), rel=0.03)


def test_a_mirrored_spread_keeps_its_short_side_only():
    dice = Dice(7)
    drawn = [dice.minutes("a", WIDE, mirrored=True) / 60 for _ in range(40_000)]
    assert np.quantile(drawn, (0.1, 0.5, 0.9)) == pytest.approx((5.0, 8.0, 12.8), rel=0.03)


@pytest.mark.parametrize(
    ("spread", "expected"),
    [
        (Spread(p10=0, p50=0, p90=3), (0, 0.0, 0.0)),
        (Spread(p10=0, p50=2, p90=2), (2, 0.0, 0.0)),
        (Spread(p10=1, p50=1, p90=math.e), (1, 0.0, 1 / 1.2815515655446004)),
    ],
)
def test_sigmas_of_flat_sides_are_zero(spread: Spread, expected: tuple[float, float, float]):
    assert sigmas(spread) == pytest.approx(expected)


@pytest.mark.parametrize(("closes", "p90"), [(time(0), 20.0), (time(23, 59), 12.8)])
def test_an_operation_with_opening_hours_has_no_long_side_of_its_own(closes: time, p90: float):
    border = replace(operation("BORDER", "C", Trigger.ARRIVE), hours=WIDE, closes=closes)
    ends = [node("P"), node("C", country="CN")]
    found = gone(network(ends, [service("truck", "P>C", 10)], [border]), trials=20_000)
    drawn = np.quantile(found.hours - 10, (0.1, 0.5, 0.9))
    assert drawn == pytest.approx((5.0, 8.0, p90), rel=0.04)


def test_who_comes_late_waits_for_the_next_train():
    """The train leaves at 20:00: goods are there 30 h after a 20:00, whatever the truck took."""
    clock, course = course_of(a_network())
    found = try_course(
        clock,
        course,
        first=at("24 00:00"),
        days=1,
        trials=300,
        seed=1,
        setpoint_c=0.0,
        category="fruit",
        life_per_h=lambda _: 0.0,
    )
    arrived = (found.ready + 60 * (found.packing_h + found.hours)) % 1440
    assert np.unique(np.round(arrived)).tolist() == [2 * 60]
    spread = gone(a_network(transit=Spread(p10=6, p50=10, p90=30)), trials=1000)
    assert spread.hours.std() > gone(a_network()).hours.std()


def test_a_rare_operation_happens_as_often_as_it_says():
    rare = gone(a_network(probability=0.25, hours=Spread(p10=900, p50=900, p90=900)), trials=2000)
    assert np.mean(rare.hours > 800) == pytest.approx(0.25, abs=0.03)


def test_the_same_seed_gives_the_same_trials_and_another_does_not():
    net = a_network(transit=WIDE)
    one, same, other = gone(net, seed=1), gone(net, seed=1), gone(net, seed=2)
    assert one.hours.tolist() == same.hours.tolist()
    assert one.hours.tolist() != other.hours.tolist()


def test_those_who_find_no_departure_count_as_never_there():
    clock, course = course_of(a_network())
    never = Course(
        corridor=course.corridor,
        carriages=(course.carriages[0], (replace(course.carriages[1][0], days=frozenset()),)),
        usd_per_kg=0.0,
    )
    found = try_course(
        clock,
        never,
        first=START,
        days=7,
        trials=50,
        seed=1,
        setpoint_c=0.0,
        category="fruit",
        life_per_h=lambda _: 0.0,
    )
    assert found.stranded == 50
    assert found.days(0.1, 0.9) == (math.inf, math.inf)
