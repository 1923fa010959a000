"""Openings day by day say what the timetable says minute by minute."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType

import pytest

from coldchain.calendars import Closure
from coldchain.network import Network, Operation, Season, Service
from coldchain.openings import NotRun, leaving_days, open_days, runs
from coldchain.tables import read_scenario
from coldchain.timetable import Departure, Timetable, minute
from coldchain.waits import why_kept, why_shut

DAYS = 6


@pytest.fixture(scope="module")
def network() -> Network:
    return read_scenario("cherry-week").network


def minutes_in(spans) -> set[int]:
    return {at for begins, ends in spans for at in range(begins, ends)}


def somewhen(dice: random.Random, first: date, zone=UTC) -> datetime:
    return datetime.combine(first, time(0), zone) + timedelta(minutes=dice.randrange(DAYS * 1440))


def closed(dice: random.Random, subjects: list[str], first: date) -> tuple[Closure, ...]:
    out: list[Closure] = []
    for number in range(dice.randrange(4)):
        a, b = sorted((somewhen(dice, first), somewhen(dice, first)))
        end = b + timedelta(seconds=dice.randrange(1, 90))
        subject = dice.choice(subjects)
        out.append(Closure(subject=subject, begins_at=a, ends_at=end, why=f"why {number}"))
    return tuple(out)


def changed(network: Network, **more) -> Network:
    kept = ("nodes", "services", "operations", "equipment", "calendars", "closures", "delays")
    return Network(**{**{name: getattr(network, name) for name in kept}, **more})


def any_operation(dice: random.Random, network: Network) -> Operation:
    operation = dice.choice(list(network.operations.values()))
    hours = [time(0), time(8, 30), time(17), time(22)]
    return replace(
        operation,
        opens=dice.choice(hours),
        closes=dice.choice(hours),
        days=frozenset(dice.sample(range(1, 8), dice.randrange(3, 8))),
        closed_on=frozenset(dice.sample(sorted(network.calendars), dice.randrange(3))),
    )


@pytest.mark.parametrize("seed", range(40))
def test_an_operation_is_open_at_the_minutes_of_its_days_and_at_no_others(seed: int, network):
    dice = random.Random(seed)
    operation = any_operation(dice, network)
    first = date(2027, dice.choice((3, 6, 9)), dice.randrange(6, 12))
    season = dice.choice((None, Season(first=(3, 8), last=(6, 9))))
    node = replace(network.nodes[operation.node], open_season=season)
    world = changed(
        network,
        nodes=MappingProxyType({**network.nodes, node.id: node}),
        operations=MappingProxyType({**network.operations, operation.id: operation}),
        closures=closed(dice, [node.id, "elsewhere"], first),
    )
    timetable = Timetable(network=world, quantile=0.5)
    shown = list(open_days(timetable, operation, first, DAYS))
    assert [day.day for day in shown] == [first + timedelta(days=n) for n in range(DAYS)]
    for day in shown:
        told = minutes_in(day.spans)
        every = range(day.begins, day.ends)
        assert told == {at for at in every if timetable.next_open(operation, at) == at}
        assert day.whole == (len(told) == len(every))
        whys = {why_shut(timetable, operation, at) for at in every} - {""}
        assert set(day.whys) in (whys, whys - {"for the night"})
        if not told:
            assert day.whys


@pytest.mark.parametrize("seed", range(25))
def test_a_service_may_leave_at_the_minutes_of_its_days_and_at_no_others(seed: int, network):
    dice = random.Random(seed)
    service = dice.choice([s for s in network if s.on_demand])
    passes = frozenset(dice.sample(sorted(network.nodes), 1))
    service = replace(
        service,
        passes=passes,
        days=frozenset(dice.sample(range(1, 8), dice.randrange(3, 8))),
        closed_on=frozenset(dice.sample(sorted(network.calendars), dice.randrange(3))),
    )
    first = date(2027, 6, dice.randrange(4, 10))
    subjects = [service.id, service.origin, *passes, "elsewhere"]
    world = changed(
        network,
        services=MappingProxyType({**network.services, service.id: service}),
        closures=closed(dice, subjects, first),
    )
    timetable = Timetable(network=world, quantile=0.5)
    for day in leaving_days(timetable, service, first, DAYS):
        every = range(day.begins, day.ends)
        free = {at for at in every if timetable.next_on_demand(service, at, at) == at}
        assert minutes_in(day.spans) == free
        assert bool(day.whys) == (len(free) < len(every))


@pytest.mark.parametrize("seed", range(25))
def test_runs_are_the_departures_and_what_is_kept_from_leaving(seed: int, network):
    dice = random.Random(seed)
    service: Service = dice.choice([s for s in network if not s.on_demand])
    first, last = date(2027, 6, 4), date(2027, 6, 20)
    subjects = [service.id, service.origin, *service.passes]
    timetable = Timetable(
        network=changed(network, closures=closed(dice, subjects, first)), quantile=0.5
    )
    found = list(runs(timetable, service, first, last))
    span = minute(datetime(2027, 6, 3, tzinfo=UTC)), minute(datetime(2027, 6, 22, tzinfo=UTC))
    local = [
        d
        for d in timetable.departures(service, *span)
        if first <= timetable.local_day(service, d.departs) <= last
    ]
    assert [run for run in found if isinstance(run, Departure)] == local
    for run in found:
        if isinstance(run, NotRun):
            assert run.why == why_kept(timetable, service, run.departs) != ""
    whys = {r.why for r in found if isinstance(r, NotRun)}
    assert "not due" not in whys


def test_a_day_on_which_clocks_go_forward_is_told_in_full(network):
    node = replace(network.nodes["CN-KHX-BX"], timezone="Europe/Berlin")
    operation = replace(
        network.operations["O149"], opens=time(0), closes=time(0), closed_on=frozenset()
    )
    world = changed(
        network,
        nodes=MappingProxyType({**network.nodes, node.id: node}),
        operations=MappingProxyType({**network.operations, operation.id: operation}),
    )
    timetable = Timetable(network=world, quantile=0.5)
    [day] = open_days(timetable, operation, date(2027, 3, 28), 1)
    assert day.whole
    assert day.ends - day.begins == 23 * 60
