"""When things can happen: whole minutes, opening hours, running days."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from conftest import DAILY, at, exactly, network, node, operation, service, train, utc
from hypothesis import given
from hypothesis import strategies as st

from coldchain.calendars import Calendar, Closure, Delay
from coldchain.network import Operation, Season, Spread, Trigger
from coldchain.timetable import (
    NEVER,
    Timetable,
    local_time,
    minute,
    minutes_of,
    moment,
    spread_minutes,
)

ZONES = ("UTC", "Asia/Dushanbe", "Asia/Shanghai", "Europe/Berlin", "Asia/Kathmandu")
clocks = st.times().map(lambda t: t.replace(second=0, microsecond=0))
weekdays = st.sets(st.integers(1, 7), min_size=1).map(frozenset)
minutes = st.integers(at("01 00:00"), at("01 00:00") + 400 * 1440)


@st.composite
def offices(draw):
    """A timetable of one node and an operation there, with hours that open before they close."""
    first, last = sorted((draw(clocks), draw(clocks)))
    if draw(st.booleans()):
        last = time(0)
    elif first == last:
        first = last = time(0)
    work = operation(
        "WORK",
        "A",
        Trigger.ARRIVE,
        draw(st.floats(0, 30)),
        opens=first,
        closes=last,
        days=draw(weekdays),
    )
    zone = draw(st.sampled_from(ZONES))
    return Timetable(network=network([node("A", timezone=zone)], [], [work]), quantile=0.5), work


@given(offices(), minutes)
def test_next_open_is_never_earlier_and_stays_where_it_is(office, when):
    timetable, work = office
    begins = timetable.next_open(work, when)
    assert begins >= when
    assert timetable.next_open(work, begins) == begins


@given(offices(), minutes)
def test_next_open_is_within_the_local_hours_and_days(office, when):
    timetable, work = office
    zone = timetable.network.nodes["A"].timezone
    local = local_time(timetable.next_open(work, when), zone)
    assert local.isoweekday() in work.days
    assert local.time() >= work.opens
    assert work.closes == time(0) or local.time() < work.closes


@given(offices(), minutes, st.integers(0, 3000))
def test_who_comes_later_is_never_served_earlier(office, when, later):
    timetable, work = office
    assert timetable.finish(work, when) <= timetable.finish(work, when + later)


@given(offices(), minutes)
def test_an_operation_takes_its_time_without_a_break(office, when):
    timetable, work = office
    lasts = timetable.finish(work, when) - timetable.next_open(work, when)
    assert lasts == timetable.operation_minutes(work) == minutes_of(work.hours.p50)


def test_an_office_may_begin_up_to_its_last_minute_but_not_at_closing():
    work = operation("W", "A", Trigger.ARRIVE, 2, opens=time(8), closes=time(17), days=DAILY - {7})
    zone = "Asia/Dushanbe"  # UTC+5
    timetable = Timetable(network=network([node("A", timezone=zone)], [], [work]), quantile=0.5)
    assert timetable.next_open(work, at("24 11:59")) == at("24 11:59")
    assert timetable.next_open(work, at("24 12:00")) == at("25 03:00")
    assert timetable.next_open(work, at("29 12:00")) == at("31 03:00")  # Saturday to Monday
    assert timetable.finish(work, at("24 11:59")) == at("24 13:59")


@pytest.mark.parametrize(
    ("hours", "expected"), [(1.0, 60), (0.0083, 0), (0.0084, 1), (0.025, 2), (1 / 3, 20), (0, 0)]
)
def test_hours_are_rounded_half_up_to_minutes(hours, expected):
    assert minutes_of(hours) == expected


def test_durations_are_read_at_the_quantile():
    spread = Spread(p10=10, p50=20, p90=40)
    assert [spread_minutes(spread, q) for q in (0.1, 0.5, 0.9)] == [600, 1200, 2400]


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)), st.sampled_from(ZONES))  # noqa: DTZ001
def test_moment_undoes_minute(when, zone):
    aware = when.replace(second=0, microsecond=0, tzinfo=ZoneInfo(zone))
    assert moment(minute(aware)) == aware.astimezone(UTC)


def test_local_time_keeps_summer_time():
    clock = train("T", "A>B", 10, departure_times=(time(8),))
    net = network([node("A", timezone="Europe/Berlin"), node("B")], [clock])
    timetable = Timetable(network=net, quantile=0.5)
    march = minute(datetime(2027, 3, 27, tzinfo=UTC))
    runs = list(timetable.departures(clock, march, march + 3 * 1440))
    # The clock goes forward on 28 March: 08:00 is 07:00Z the day before and 06:00Z from then on.
    assert [moment(r.departs).hour for r in runs] == [7, 6, 6]
    assert all(r.arrives - r.departs == 600 for r in runs)


def test_departures_hold_both_ends_of_the_window():
    daily = train("T", "A>B", 10)
    timetable = Timetable(network=network(map(node, "AB"), [daily]), quantile=0.5)
    runs = [r.departs for r in timetable.departures(daily, at("24 20:00"), at("26 20:00"))]
    assert runs == [at("24 20:00"), at("25 20:00"), at("26 20:00")]
    assert not list(timetable.departures(daily, at("24 20:01"), at("25 19:59")))


def test_a_service_runs_on_its_days_in_its_season_every_other_week():
    run = train(
        "T",
        "A>B",
        10,
        days=frozenset({1, 5}),
        every_n_weeks=2,
        first_departure=date(2027, 5, 14),
        season=Season(first=(5, 1), last=(6, 11)),
    )
    timetable = Timetable(network=network(map(node, "AB"), [run]), quantile=0.5)
    days = [date(2027, 5, 1) + timedelta(days=n) for n in range(60)]
    # The Monday of the first week lies before the first departure; 25 June after the season.
    assert [d for d in days if timetable.runs_on(run, d)] == [
        date(2027, 5, 14),
        date(2027, 5, 24),
        date(2027, 5, 28),
        date(2027, 6, 7),
        date(2027, 6, 11),
    ]


@given(weekdays, minutes, st.sampled_from(ZONES), st.integers(0, 5000))
def test_an_on_demand_service_leaves_at_once_or_when_its_next_day_begins(days, when, zone, later):
    truck = service("S", "A>B", 1, days=days)
    net = network([node("A", timezone=zone), node("B")], [truck])
    timetable = Timetable(network=net, quantile=0.5)
    departs = timetable.next_on_demand(truck, when, when + 20 * 1440)
    assert departs is not None
    assert departs >= when
    assert timetable.local_day(truck, departs).isoweekday() in days
    if departs > when:
        assert local_time(when, zone).isoweekday() not in days
        assert local_time(departs, zone).time() == time(0)
    after = timetable.next_on_demand(truck, when + later, when + 40 * 1440)
    assert after is not None
    assert after >= departs


def test_nothing_leaves_beyond_the_horizon():
    truck, monday = service("S", "A>B", 1), service("M", "A>B", 1, days=frozenset({1}))
    timetable = Timetable(network=network(map(node, "AB"), [truck, monday]), quantile=0.5)
    assert timetable.next_on_demand(truck, at("24 10:00"), at("24 09:59")) is None
    assert timetable.next_on_demand(monday, at("25 00:00"), at("30 23:59")) is None
    assert timetable.next_on_demand(monday, at("25 00:00"), at("31 00:00")) == at("31 00:00")


def test_a_run_arrives_after_its_transit_at_the_quantile():
    slow = service("S", "A>B", 1, transit=exactly(7.5))
    timetable = Timetable(network=network(map(node, "AB"), [slow]), quantile=0.5)
    run = timetable.departure(slow, at("24 10:00"))
    assert (run.service, run.departs, run.arrives) == ("S", at("24 10:00"), at("24 17:30"))


# Holidays, seasons, closures, queues -------------------------------------------------------------


def feasts(*days: str) -> dict[str, Calendar]:
    return {
        "FEAST": Calendar(
            id="FEAST",
            days={date.fromisoformat(f"2027-05-{day}"): "Feast (XX)" for day in days},
            first=date(2027, 1, 1),
            last=date(2027, 12, 31),
            source="invented",
            confidence="D",
        )
    }


def shut(subject: str, begins: str, ends: str) -> Closure:
    return Closure(subject=subject, begins_at=utc(begins), ends_at=utc(ends), why="a storm")


def queue(subject: str, begins: str, ends: str, hours: float) -> Delay:
    return Delay(
        subject=subject, begins_at=utc(begins), ends_at=utc(ends), hours=hours, why="a queue"
    )


def clocked(*operations: Operation, **known: Any) -> Timetable:
    places = [node("A"), node("B"), node("X")]
    services = known.pop("services", [])
    net = replace(network(places, services, operations), **known)
    return Timetable(network=net, quantile=0.5)


FESTIVE = frozenset({"FEAST"})


def test_nothing_begins_on_a_holiday():
    work = operation("W", "A", Trigger.ARRIVE, 2, opens=time(8), closes=time(17), closed_on=FESTIVE)
    timetable = clocked(work, calendars=feasts("25", "26"))
    assert timetable.next_open(work, at("24 16:59")) == at("24 16:59")
    assert timetable.next_open(work, at("24 17:00")) == at("27 08:00")
    assert not timetable.always_open(work)


def test_a_holiday_is_a_local_day():
    work = operation("W", "A", Trigger.ARRIVE, 2, closed_on=FESTIVE)
    china = Timetable(
        network=replace(
            network([node("A", timezone="Asia/Shanghai")], [], [work]), calendars=feasts("25")
        ),
        quantile=0.5,
    )
    # 16:00Z is midnight in China.
    assert china.next_open(work, at("24 15:59")) == at("24 15:59")
    assert china.next_open(work, at("24 16:00")) == at("25 16:00")


def test_hours_over_midnight_belong_to_the_day_on_which_they_begin():
    work = operation("W", "A", Trigger.ARRIVE, 1, opens=time(22), closes=time(6), closed_on=FESTIVE)
    timetable = clocked(work, calendars=feasts("26"))
    assert timetable.next_open(work, at("26 03:00")) == at("26 03:00")
    assert timetable.next_open(work, at("26 06:00")) == at("27 22:00")
    assert timetable.next_open(work, at("27 03:00")) == at("27 22:00")


def test_a_place_out_of_season_opens_when_it_begins():
    work = operation("W", "A", Trigger.ARRIVE, 1)
    season = Season(first=(5, 1), last=(11, 30))
    place = replace(node("A"), open_season=season)
    truck = service("S", "A>B", 1)
    net = network([place, node("B")], [truck], [work])
    timetable = Timetable(network=net, quantile=0.5)
    december = at("01 00:00") + 214 * 1440
    assert timetable.next_open(work, december - 1) == december - 1
    spring = timetable.next_open(work, december)
    assert moment(spring) == datetime(2028, 5, 1, tzinfo=UTC)
    assert timetable.next_on_demand(truck, december, december + 300 * 1440) == spring
    assert timetable.next_on_demand(truck, december, december + 100 * 1440) is None


def test_a_closure_of_weeks_is_waited_for_and_no_holiday_after_it_forgotten():
    work = operation("W", "A", Trigger.ARRIVE, 2, opens=time(8), closes=time(17), closed_on=FESTIVE)
    timetable = clocked(
        work,
        calendars=feasts("29"),
        closures=(shut("A", "01 12:00", "20 00:00"), shut("A", "19 00:00", "28 16:30")),
    )
    assert timetable.next_open(work, at("01 11:59")) == at("01 11:59")
    assert timetable.next_open(work, at("01 12:00")) == at("28 16:30")
    assert timetable.next_open(work, at("28 17:00")) == at("30 08:00")


def test_beyond_the_years_of_a_calendar_nothing_is_planned():
    work = operation("W", "A", Trigger.ARRIVE, 2, closed_on=FESTIVE)
    truck = service("S", "A>B", 1, closed_on=FESTIVE)
    timetable = clocked(work, services=[truck], calendars=feasts("25"))
    last = minute(datetime(2027, 12, 31, 23, 59, tzinfo=UTC))
    assert timetable.next_open(work, last) == last
    assert timetable.next_open(work, last + 1) == NEVER
    done = timetable.finish(work, NEVER)
    assert done >= NEVER
    assert timetable.day_begun(work, last) == date(2027, 12, 31)
    assert timetable.day_begun(work, NEVER) == timetable.day_begun(work, done) == date.max
    assert timetable.next_on_demand(truck, last, last + 9) == last
    assert timetable.next_on_demand(truck, last + 1, last + 1000 * 1440) is None
    calendar = timetable.network.calendars["FEAST"]
    assert calendar.holiday(date(2027, 5, 25)) == "Feast (XX)"
    assert calendar.holiday(date(2027, 5, 24)) is None
    with pytest.raises(ValueError, match="2028-01-01"):
        calendar.holiday(date(2028, 1, 1))


def test_a_shut_service_and_what_leaves_a_shut_node_wait():
    truck, daily = service("S", "A>B", 1), train("T", "A>B", 10)
    by_node = clocked(services=[truck, daily], closures=(shut("A", "24 10:00", "25 20:01"),))
    assert by_node.next_on_demand(truck, at("24 09:59"), at("30 00:00")) == at("24 09:59")
    assert by_node.next_on_demand(truck, at("24 10:00"), at("30 00:00")) == at("25 20:01")
    runs = [r.departs for r in by_node.departures(daily, at("24 00:00"), at("26 23:00"))]
    assert runs == [at("26 20:00")]
    by_service = clocked(services=[truck, daily], closures=(shut("T", "24 10:00", "25 20:00"),))
    assert by_service.next_on_demand(truck, at("24 10:00"), at("30 00:00")) == at("24 10:00")
    runs = [r.departs for r in by_service.departures(daily, at("24 00:00"), at("26 23:00"))]
    assert runs == [at("25 20:00"), at("26 20:00")]


def test_no_through_service_is_under_way_past_a_shut_node():
    through = train("T", "A>B", 10, passes=frozenset({"X"}), departure_times=(time(0), time(12)))
    shut_by_day = (shut("X", "25 10:00", "26 12:00"),)
    timetable = clocked(services=[through], closures=shut_by_day)
    runs = [r.departs for r in timetable.departures(through, at("24 12:00"), at("27 00:00"))]
    # The run that arrives as the node is shut has gone by; one that leaves as it opens finds it so.
    assert runs == [at("24 12:00"), at("25 00:00"), at("26 12:00"), at("27 00:00")]
    late = clocked(
        services=[through], closures=shut_by_day, delays=(queue("T", "25 00:00", "25 01:00", 0.5),)
    )
    assert at("25 00:00") not in [
        r.departs for r in late.departures(through, at("24 12:00"), at("27 00:00"))
    ]
    truck = service("S", "A>B", 10, passes=frozenset({"X"}))
    timetable = clocked(services=[truck], closures=shut_by_day)
    assert timetable.next_on_demand(truck, at("25 00:00"), at("30 00:00")) == at("25 00:00")
    assert timetable.next_on_demand(truck, at("25 00:01"), at("30 00:00")) == at("26 12:00")


def test_a_delay_is_a_queue_that_empties():
    work = operation("W", "A", Trigger.ARRIVE, 2)
    timetable = clocked(work, delays=(queue("W", "24 06:00", "25 06:00", 5.0),))
    done = {when: timetable.finish(work, at(when)) for when in ("24 05:59", "24 06:00", "25 05:59")}
    assert done["24 05:59"] == at("24 07:59")
    assert done["24 06:00"] == at("24 13:00")
    assert done["25 05:59"] == at("25 12:59")
    # Of what joined it at 06:00 an hour is left at 10:00; after 11:00 nothing.
    assert timetable.finish(work, at("25 06:00")) == at("25 13:00")
    assert timetable.finish(work, at("25 10:00")) == at("25 13:00")
    assert timetable.finish(work, at("25 11:00")) == at("25 13:00")
    assert timetable.finish(work, at("25 11:01")) == at("25 13:01")
    assert timetable.operation_minutes(work) == 120
    assert not timetable.always_open(work)


def test_of_several_delays_the_longest_counts():
    work = operation("W", "A", Trigger.ARRIVE, 0)
    delays = (queue("W", "24 00:00", "24 12:00", 10.0), queue("W", "24 06:00", "25 00:00", 4.0))
    timetable = clocked(work, delays=delays)
    late = {h: timetable.finish(work, at(f"24 {h:02}:00")) - at(f"24 {h:02}:00") for h in range(24)}
    assert [late[h] // 60 for h in (5, 8, 12, 15, 18, 20, 23)] == [10, 10, 10, 7, 4, 4, 4]


def test_a_service_delayed_arrives_late_and_never_before_an_earlier_one():
    truck = service("S", "A>B", 3)
    timetable = clocked(services=[truck], delays=(queue("S", "24 06:00", "24 08:00", 6.0),))
    arrivals = [timetable.departure(truck, at("24 05:00") + n).arrives for n in range(0, 720, 10)]
    assert arrivals == sorted(arrivals)
    assert timetable.departure(truck, at("24 07:00")).arrives == at("24 16:00")
    assert not timetable.leaves_any_time(truck)
    assert timetable.leaves_any_time(service("OTHER", "A>B", 3))


spans_of_may = st.tuples(st.integers(0, 40_000), st.integers(1, 20_000), st.integers(1, 300))


@given(st.lists(spans_of_may, max_size=4), minutes, st.integers(0, 20_000))
def test_the_clock_never_runs_backwards(queues, when, later):
    work = operation("W", "A", Trigger.ARRIVE, 2)
    first = utc("01 00:00")
    delays = tuple(
        Delay(
            subject="W",
            begins_at=first + timedelta(minutes=begins),
            ends_at=first + timedelta(minutes=begins + lasts),
            hours=hours,
            why="a queue",
        )
        for begins, lasts, hours in queues
    )
    timetable = clocked(work, delays=delays)
    assert timetable.finish(work, when) <= timetable.finish(work, when + later)
