"""Rides of sealed units: what is dropped can be replaced, and just in time is the last moment."""

from dataclasses import replace
from datetime import time

import pytest
from conftest import (
    at,
    consignment,
    network,
    node,
    operation,
    perishable,
    random_scenario,
    scenario,
    service,
    store,
    train,
)
from enumeration import Oracle, Sealed, air_c

from coldchain.candidates import enumerate_itineraries
from coldchain.clock import Clock
from coldchain.decay import Exposure
from coldchain.dominance import undominated
from coldchain.goods import Packaging
from coldchain.network import Service, Trigger
from coldchain.rides import RatedRide, rate_ride
from coldchain.scenario import Scenario
from coldchain.search import Search


def search_of(given: Scenario) -> Search:
    return Search(given, given.consignments)


def scheduled_of(given: Scenario) -> list[RatedRide]:
    search = search_of(given)
    return undominated(search.dating.scheduled(frozenset(search.starts())), search.dating)


def departures_of(rated: RatedRide) -> list[tuple[str, int]]:
    return [(leg.service, leg.departs) for leg in rated.ride.legs]


def replaces(search: Search, rated: RatedRide, unit: Sealed) -> bool:
    """Whether whoever rides ``unit`` can ride ``rated`` instead and be no worse off."""
    ride, first, last = rated.ride, unit.services[0], unit.services[-1]
    if (ride.origin, ride.destination) != (first.origin, last.destination):
        return False
    if (ride.services[0].rides_as, ride.services[-1].rides_as) != (first.rides_as, last.rides_as):
        return False
    later, sooner = ride.stuffed - unit.stuffed, unit.handed_over - ride.handed_over
    if later < 0 or sooner < 0 or rated.pallets < unit.pallets:
        return False
    scarce = {
        (s.id, leg.departs)
        for s, leg in zip(ride.services, ride.legs, strict=True)
        if search.dating.few_slots(s)
    }
    if not scarce <= set(unit.name):
        return False
    rates = search.rates
    for number, setpoint in enumerate(rates.setpoints_c):
        for law, rate in enumerate(rates.at(setpoint)):
            before = sum(
                minutes * rates.at(air_c(air, setpoint))[law] for air, minutes in unit.spans
            )
            if rated.life[number][law] + rate * (later + sooner) > before + 1e-6:
                return False
    # Waits cost 0.5 a tonne and day at most in these networks, which the ride itself makes up for.
    waiting = 0.0005 / 1440 * (later + sooner)
    return rated.unit_usd <= unit.unit_usd + 1e-6 and rated.kg_usd <= unit.kg_usd + waiting + 1e-6


@pytest.mark.parametrize("seed", range(60))
def test_every_useful_ride_with_a_departure_is_kept_or_replaced(seed: int):
    given = random_scenario(seed)
    search = search_of(given)
    kept = undominated(search.dating.scheduled(frozenset(search.starts())), search.dating)
    useful = {
        unit.name: unit
        for ways in Oracle(given).ways.values()
        for way in ways
        for unit in way.sealed
        if not all(s.on_demand for s in unit.services)
    }
    for unit in useful.values():
        assert any(replaces(search, rated, unit) for rated in kept), unit.name


@pytest.mark.parametrize("seed", range(30))
def test_life_on_a_ride_is_that_of_its_thermal_history(seed: int):
    given = random_scenario(seed)
    search = search_of(given)
    for rated in scheduled_of(given):
        for number, setpoint in enumerate(given.setpoints_c):
            history = [
                Exposure(hours=a.hours, temperature_c=a.air_c)
                for stretch in rated.ride.stretches
                for a in stretch.surroundings(setpoint)
            ]
            for pace, used in zip(search.rates.paces, rated.life[number], strict=True):
                assert used == pytest.approx(pace.limits.life_used(history), abs=1e-9)


def test_the_box_is_stuffed_just_in_time_for_each_train(one_train: Scenario):
    rides = [r for r in scheduled_of(one_train) if r.ride.destination == "CITY"]
    assert [departures_of(r)[:2] for r in rides] == [
        [("DRAY", at(f"{day} 11:00")), ("TRAIN", at(f"{day} 20:00"))]
        for day in (24, 25, 26, 27, 28)
    ]
    assert [r.ride.handed_over for r in rides][:2] == [at("26 22:00"), at("27 22:00")]


def test_a_minute_later_misses_the_train(one_train: Scenario):
    search = search_of(one_train)
    dray, run = (one_train.network.services[n] for n in ("DRAY", "TRAIN"))
    for departs in ("24 20:00", "25 20:00"):
        latest = search.dating.just_in_time([dray], run, at(departs))
        assert latest is not None
        clock = search.clock
        for leaves, makes_it in ((latest[0], True), (latest[0] + 1, False)):
            ready = clock.earliest_onward(dray, run, clock.after_arrival(dray, leaves))
            assert (ready <= at(departs)) is makes_it


def test_just_in_time_waits_out_a_night_at_the_border():
    truck = service("S", "A>B", 2)
    office = operation("BORDER", "B", Trigger.ARRIVE, 1, opens=time(8), closes=time(12))
    leaves = train("T", "B>C", 10, equipment="TRUCK_CA", mode="road", departure_times=(time(9),))
    given = scenario(
        network(map(node, "ABC"), [truck, leaves], [office]),
        [consignment("X", "A>C", 1, "24 00:00", "29 00:00")],
    )
    # Ready by 05:00 on the 26th means through a border that closes at noon the day before.
    latest = search_of(given).dating.just_in_time([truck], leaves, at("26 09:00"))
    assert latest == (at("25 09:59"),)


def test_no_departure_is_early_enough_for_a_train_before_the_goods(one_train: Scenario):
    dray, run = (one_train.network.services[n] for n in ("DRAY", "TRAIN"))
    assert search_of(one_train).dating.just_in_time([dray], run, at("23 20:00")) is None


def pair(first: dict, second: dict, **known) -> tuple[Search, list[RatedRide]]:
    """Two trucks of a timetable side by side, told apart by what they are given."""
    given = {"equipment": "TRUCK_CA", "mode": "road", "cutoff_h": 0.0}
    runs = [
        train(name, "A>B", 10, 100.0, **{**given, **extra})
        for name, extra in (("S1", first), ("S2", second))
    ]
    stores = [store("A", 0.0), store("B", 0.0)] if known.get("stores", True) else []
    some = scenario(
        network(map(node, "AB"), runs, stores),
        [
            consignment(f"X{n}", "A>B", known.get("pallets", 1), "24 00:00", "25 12:00")
            for n in range(2)
        ],
    )
    search = search_of(some)
    rides = [
        rate_ride(search.clock, search.rates, [run], [d])
        for run in runs
        for d in search.dating.departures(run)
    ]
    return search, rides


def kept_of(search: Search, rides: list[RatedRide]) -> list[str]:
    return [r.ride.services[0].id for r in undominated(rides, search.dating)]


@pytest.mark.parametrize(
    ("second", "kept"),
    [
        ({}, ["S1"]),  # alike: the first
        ({"linehaul_usd_per_kg": 0.01}, ["S1"]),
        ({"reefer_usd_per_unit_h": 1.0}, ["S1"]),
        ({"temperature_c": 5.0}, ["S1"]),
        ({"pallets_per_unit": 19}, ["S1"]),
        ({"pallets_per_unit": 21}, ["S2"]),
        ({"temperature_c": -1.0}, ["S2"]),
        ({"pallets_per_unit": 21, "reefer_usd_per_unit_h": 0.1}, ["S1", "S2"]),
        ({"temperature_c": -1.0, "linehaul_usd_per_kg": 0.01}, ["S1", "S2"]),
        ({"departure_times": (time(21),)}, ["S1", "S2"]),
        ({"departure_times": (time(21),), "cutoff_h": 1.0}, ["S1"]),
    ],
)
def test_a_ride_is_dropped_only_for_one_no_worse_in_anything(second, kept):
    assert kept_of(*pair({}, second)) == kept


def test_a_ride_on_scarce_slots_replaces_none_without():
    dearer = {"reefer_usd_per_unit_h": 1.0}
    assert kept_of(*pair({"capacity_units": 2}, dearer, pallets=20)) == ["S1"]
    assert kept_of(*pair({"capacity_units": 1}, dearer, pallets=20)) == ["S1", "S2"]
    assert kept_of(*pair({"capacity_units": 1}, {}, pallets=20)) == ["S2"]


def test_without_a_store_only_equal_times_are_compared():
    early = {"departure_times": (time(19),), "cutoff_h": 0.0}
    later_and_faster = {"cutoff_h": 0.0}
    # S1 leaves earlier and, at twice the cut-off, is handed over at the same minute as S2.
    slow = {**early, "transit": train("X", "A>B", 11).transit}
    assert kept_of(*pair(slow, later_and_faster)) == ["S2"]
    assert kept_of(*pair(slow, later_and_faster, stores=False)) == ["S1", "S2"]


def test_who_cannot_wait_where_a_ride_ends_may_need_the_slower_one():
    slower = {"transit": train("X", "A>B", 11).transit}
    assert kept_of(*pair({}, slower)) == ["S1"]
    assert kept_of(*pair({}, slower, stores=False)) == ["S1", "S2"]


@pytest.mark.parametrize(
    ("cheap", "better"),
    [
        # Forty reefer hours from stuffing to hand-over, at nine or at one.
        ({"reefer_usd_per_unit_h": 9.0}, {"reefer_usd_per_unit_h": 1.0}),
        # Twelve pallets fill one unit, or two of the smaller.
        ({"pallets_per_unit": 10}, {}),
        # Ten hours earlier at C means ten hours more at its plug.
        ({"departure_times": (time(6),)}, {"departure_times": (time(16),)}),
    ],
)
def test_a_sealed_unit_may_take_the_dearer_leg_for_what_comes_after(cheap, better):
    common = {"cutoff_h": 0.0, "days": frozenset({2})}
    first = train("FIRST", "A>B", 4, 50.0, days=frozenset({1}), cutoff_h=0.0)
    last = train("LAST", "C>D", 16, 50.0, days=frozenset({2}), cutoff_h=0.0)
    legs = [
        train("CHEAP", "B>C", 2, 100.0, **{"departure_times": (time(6),), **common, **cheap}),
        train("BETTER", "B>C", 2, 110.0, **{"departure_times": (time(6),), **common, **better}),
    ]
    plug = operation("PLUG", "C", Trigger.UNIT_STORAGE, charge="storage", usd_per_t_day=2.0)
    given = scenario(
        network(map(node, "ABCD"), [first, *legs, last], [plug]),
        [consignment("X", "A>D", 12, "24 00:00", "29 00:00")],
    )
    candidates = enumerate_itineraries(given)
    costs = {
        rated.ride.services[1].id: rated.unit_usd * -(-12 // rated.pallets)
        for row in range(len(candidates))
        for rated, _ in candidates.chain(row)
    }
    assert min(costs, key=lambda name: costs[name]) == "BETTER"


def test_rates_know_no_life_outside_the_domain():
    frail = perishable("fruit", domain_max_c=10.0)
    given = scenario(
        network(map(node, "AB"), [train("T", "A>B", 10)]),
        [consignment("X", "A>B", 1, "24 00:00", "29 00:00", packaging=Packaging.MAP)],
        perishables={"fruit": frail},
    )
    rates = search_of(given).rates
    assert rates.at(10.0)[0] == pytest.approx(1 / 60 / rates.paces[0].keeping_quality_h(10.0))
    assert rates.at(10.1) == (float("inf"),)


def test_a_leg_too_warm_for_the_law_is_no_way():
    given = scenario(
        network(map(node, "AB"), [train("T", "A>B", 10, temperature_c=12.0)]),
        [consignment("X", "A>B", 1, "24 00:00", "29 00:00")],
        perishables={"fruit": perishable("fruit", domain_max_c=10.0)},
    )
    assert len(enumerate_itineraries(given)) == 0
    known = replace(given, perishables={"fruit": perishable("fruit")})
    assert len(enumerate_itineraries(known)) > 0


def test_a_feeder_with_hours_to_wait_for_drops_no_other():
    quick = service("QUICK", "A>B", 2, 100.0, days=frozenset({1, 2, 3, 4, 5}))
    slow = service("SLOW", "A>B", 3, 200.0)
    given = scenario(
        network(map(node, "AB"), [quick, slow]),
        [consignment("X", "A>B", 1, "24 00:00", "29 00:00")],
    )
    found = search_of(given).dating.feeders(["A"])
    assert {chain[0].id for chain in found["B"]} == {"QUICK", "SLOW"}
    daily = replace(quick, days=frozenset(range(1, 8)))
    net = replace_service(given, daily)
    assert {chain[0].id for chain in search_of(net).dating.feeders(["A"])["B"]} == {"QUICK"}


def replace_service(given: Scenario, changed: Service) -> Scenario:
    services = {**given.network.services, changed.id: changed}
    return replace(given, network=replace(given.network, services=services))


def test_a_ride_is_rated_as_its_clock_says(one_train: Scenario):
    search = search_of(one_train)
    services = [one_train.network.services[n] for n in ("DRAY", "TRAIN", "CART")]
    departs = [at("24 11:00"), at("24 20:00"), at("26 19:00")]
    rated = rate_ride(search.clock, search.rates, services, departs)
    assert rated.ride == Clock(one_train).ride(services, departs)
    assert rated.unit_usd == pytest.approx(2335.0)
    assert rated.pallets == 20
