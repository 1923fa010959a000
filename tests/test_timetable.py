"""When things can happen: whole minutes, opening hours, running days."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from conftest import DAILY, at, exactly, network, node, operation, service, train
from hypothesis import given
from hypothesis import strategies as st

from coldchain.network import Season, Spread, Trigger
from coldchain.timetable import Timetable, local_time, minute, minutes_of, moment, spread_minutes

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
