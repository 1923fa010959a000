"""What a plan says it waits for."""

from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest
from conftest import DAILY, at, network, node, operation, service, train, utc

from coldchain.calendars import Calendar, Closure
from coldchain.itinerary import Step, StepKind
from coldchain.network import Network, Operation, Season, Service, Trigger
from coldchain.timetable import Timetable
from coldchain.waits import waiting_for, why_kept, why_shut

FEAST = Calendar(
    id="FEAST",
    days={date(2027, 5, 26): "Dragon Boat Festival (CN)"},
    first=date(2027, 1, 1),
    last=date(2027, 12, 31),
    source="invented",
    confidence="D",
)
FESTIVE = frozenset({"FEAST"})


def border(**known: Any) -> Operation:
    given = {"opens": time(10), "closes": time(20), "closed_on": FESTIVE, **known}
    return operation("BORDER", "BX", Trigger.ARRIVE, 6, **given)


def world(
    work: Operation | None = None,
    services: tuple[Service, ...] = (),
    closures: tuple[Closure, ...] = (),
    **place: Any,
) -> Network:
    bx = replace(node("BX", timezone="Asia/Shanghai"), **place)
    net = network([bx, node("A"), node("X")], services, [] if work is None else [work])
    return replace(net, calendars={"FEAST": FEAST}, closures=closures)


def shut(subject: str, begins: str, ends: str, why: str = "snow") -> Closure:
    return Closure(subject=subject, begins_at=utc(begins), ends_at=utc(ends), why=why)


def said(net: Network, subject: str, begins: str, ends: str, kind: StepKind = StepKind.WAIT) -> str:
    step = Step(
        kind=kind,
        node="BX",
        subject=subject,
        begins=at(begins),
        ends=at(ends),
        carriage=0,
        surroundings=(),
    )
    return waiting_for(Timetable(network=net, quantile=0.5), step)


# 10:00 in China is 02:00 in UTC.


def test_a_night():
    assert said(world(border()), "BORDER", "24 13:00", "25 02:00") == (
        "BX shut for the night, opens 25 May 10:00"
    )


def test_a_holiday_by_its_name():
    assert said(world(border()), "BORDER", "25 18:00", "27 02:00") == (
        "BX shut for Dragon Boat Festival (CN), opens 27 May 10:00"
    )


def test_a_night_before_a_holiday():
    assert said(world(border()), "BORDER", "25 13:00", "27 02:00") == (
        "BX shut for the night and for Dragon Boat Festival (CN), opens 27 May 10:00"
    )


def test_a_weekend():
    work = border(days=frozenset(range(1, 6)))
    assert said(world(work), "BORDER", "28 12:30", "31 02:00") == (
        "BX shut for the night and on Saturdays and on Sundays, opens 31 May 10:00"
    )


def test_a_closure_with_its_reason():
    net = world(border(), closures=(shut("BX", "24 03:00", "25 04:00"),))
    assert said(net, "BORDER", "24 05:00", "25 04:00") == ("BX shut: snow, opens 25 May 12:00")


def test_a_season():
    net = world(border(), open_season=Season(first=(5, 26), last=(11, 30)))
    # The first day of the season is a holiday.
    assert said(net, "BORDER", "23 18:00", "27 02:00") == (
        "BX shut out of season and for Dragon Boat Festival (CN), opens 27 May 10:00"
    )


def test_a_departure_and_its_cut_off():
    daily = train("T", "BX>A", 10, cutoff_h=4.0)
    net = world(services=(daily,))
    assert said(net, "T", "24 02:00", "24 12:00") == "for departure T"
    assert said(net, "T", "24 08:00", "24 12:00") == "cut-off of T"


def test_a_train_that_does_not_run_on_a_holiday():
    daily = train("T", "BX>A", 10, cutoff_h=0.0, closed_on=FESTIVE)
    assert said(world(services=(daily,)), "T", "26 02:00", "27 12:00") == (
        "T does not run for Dragon Boat Festival (CN); for departure T"
    )


def test_a_train_kept_by_closures():
    through = train("T", "BX>A", 10, cutoff_h=0.0, passes=frozenset({"X"}))
    past = world(services=(through,), closures=(shut("X", "24 13:00", "24 14:00"),))
    assert said(past, "T", "24 02:00", "25 12:00") == (
        "T held while X on its way is shut: snow; for departure T"
    )
    there = world(services=(through,), closures=(shut("BX", "24 11:00", "24 14:00", "a strike"),))
    assert said(there, "T", "24 02:00", "25 12:00") == (
        "T held while BX is shut: a strike; for departure T"
    )
    itself = world(services=(through,), closures=(shut("T", "24 11:00", "24 14:00", "a ban"),))
    assert said(itself, "T", "24 02:00", "25 12:00") == "T shut: a ban; for departure T"


def test_a_truck_that_would_leave_at_once():
    truck = service("S", "BX>A", 5, closed_on=FESTIVE, days=DAILY - {4})
    assert said(world(services=(truck,)), "S", "25 17:00", "27 16:00") == (
        "S does not run for Dragon Boat Festival (CN); S does not run on Thursdays; for departure S"
    )


def test_a_treatment_and_what_is_no_wait():
    net = world(border())
    assert said(net, "cold_18d", "24 00:00", "27 00:00") == "until cold_18d is over"
    assert said(net, "BORDER", "24 02:00", "24 08:00", StepKind.OPERATION) == ""


@pytest.mark.parametrize("when", ["24 02:00", "24 11:59"])
def test_nothing_is_said_where_nothing_hinders(when: str):
    truck = service("S", "BX>A", 5, closed_on=FESTIVE)
    timetable = Timetable(network=world(border(), (truck,)), quantile=0.5)
    assert why_shut(timetable, timetable.network.operations["BORDER"], at(when)) == ""
    assert why_kept(timetable, truck, at(when)) == ""


def test_a_year_whose_holidays_are_unknown_is_named():
    work = border()
    timetable = Timetable(network=world(work), quantile=0.5)
    new_year = at("01 00:00") + 245 * 1440
    assert why_shut(timetable, work, new_year) == "in 2028, of which FEAST knows no holidays"
