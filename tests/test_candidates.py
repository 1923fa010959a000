"""The search loses nothing: against an oracle that tries everything, on networks with traps."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from conftest import (
    at,
    bordered,
    bound_to_a_hub,
    capped,
    chartered,
    consignment,
    cross_dock,
    disturbed,
    lagging,
    network,
    node,
    operation,
    perishable,
    random_scenario,
    scenario,
    service,
    store,
    train,
    utc,
    with_all_charges,
)
from enumeration import Choice, Oracle

from coldchain.candidates import Candidates, enumerate_itineraries
from coldchain.itinerary import Itinerary, Reason
from coldchain.lowering import Lifting, lower
from coldchain.network import Trigger
from coldchain.pace import Pace
from coldchain.scenario import Scenario

PENNIES = 10
"""Rounding to cents, of a dozen amounts at most."""


def oracle_unit(oracle: Oracle, candidates: Candidates, row: int):
    """The chain of a candidate as the oracle reckons it; a departure that is none is an error."""
    timetable = candidates.scenario.timetable
    chain = []
    for rated, setpoint in candidates.chain(row):
        for ridden, leg in zip(rated.ride.services, rated.ride.legs, strict=True):
            day = timetable.local_day(ridden, leg.departs)
            assert timetable.runs_on(ridden, day)
            assert oracle.may_leave(ridden, leg.departs)
            assert leg.arrives == oracle.arrives(ridden, leg.departs)
            if not ridden.on_demand:
                runs = timetable.departures(ridden, leg.departs, leg.departs)
                assert [run.departs for run in runs] == [leg.departs]
        departs = [leg.departs for leg in rated.ride.legs]
        unit = oracle.sealed(rated.ride.services, departs)
        assert (unit.stuffed, unit.handed_over) == (rated.ride.stuffed, rated.ride.handed_over)
        assert unit.pallets == rated.pallets
        assert unit.unit_usd == pytest.approx(rated.unit_usd, abs=1e-6)
        chain.append((unit, setpoint))
    return chain


def searched_usd(candidates: Candidates, oracle: Oracle) -> int:
    """Least joint cost (cents) of what an engine is asked, by all combinations."""
    lowered = lower(candidates)
    refused = {r.consignment for r in candidates.refusals}
    left = [c for c in candidates.scenario.consignments if c.id in refused]
    assert len(left) + len(lowered.customers) == len(candidates.scenario.consignments)
    return Choice.of(lowered.problem).least() + sum(
        round(100 * oracle.unserved_usd(c)) for c in left
    )


SEEDS = range(60)

Made = Callable[[Scenario, int], Scenario]


def plain(given: Scenario, seed: int) -> Scenario:
    return given


KINDS = pytest.mark.parametrize(
    "made", [plain, bordered, with_all_charges, capped, bound_to_a_hub, chartered]
)
"""What a random scenario is made into: as it is; with borders and who may cross them; with every
kind of charge; with work that takes few units a day; bound to a hub; with departures that run only
if paid for."""

TIMES = pytest.mark.parametrize("made", [plain, bordered, disturbed])
"""The same, and with holidays, closures and queues."""


@KINDS
@pytest.mark.parametrize("seed", SEEDS)
def test_candidates_hold_a_plan_as_cheap_as_any(seed: int, made: Made):
    given = made(random_scenario(seed), seed)
    oracle = Oracle(given)
    searched = searched_usd(enumerate_itineraries(given), oracle)
    assert abs(searched - oracle.choice().least()) <= PENNIES


@pytest.mark.parametrize("seed", SEEDS)
def test_charters_charges_and_borders_hold_a_plan_as_cheap_as_any(seed: int):
    given = bordered(with_all_charges(random_scenario(seed), seed), seed)
    given = chartered(given, seed + 1000)
    oracle = Oracle(given)
    searched = searched_usd(enumerate_itineraries(given), oracle)
    assert abs(searched - oracle.choice().least()) <= PENNIES


@KINDS
@pytest.mark.parametrize("seed", SEEDS)
def test_candidates_hold_a_plan_as_cheap_as_any_through_holidays_and_queues(seed: int, made: Made):
    # A unit that costs nothing while it waits: nothing is gained by leaving later, as by rule
    # nobody does to spare waiting at a closed border.
    given = waiting_for_nothing(disturbed(made(random_scenario(seed), seed), seed))
    oracle = Oracle(given)
    searched = searched_usd(enumerate_itineraries(given), oracle)
    assert abs(searched - oracle.choice().least()) <= PENNIES


def waiting_for_nothing(given: Scenario) -> Scenario:
    net = given.network
    nothing = {
        "reefer_usd_per_unit_h": 0.0,
        "genset_l_per_h": 0.0,
        "genset_kgco2e_per_h": 0.0,
        "detention_usd_per_unit_h": 0.0,
    }
    services = {s.id: replace(s, **nothing) for s in net}
    operations = {o.id: replace(o, usd_per_t_day=0.0) for o in net.operations.values()}
    return replace(given, network=replace(net, services=services, operations=operations))


def between(given: Scenario) -> bool:
    """Whether the search finds a plan no cheaper than any, and no dearer than any by the rules.

    Those of who waits for what are all that may make a difference. Says whether they do.
    """
    oracle = Oracle(given)
    searched, least = searched_usd(enumerate_itineraries(given), oracle), oracle.choice().least()
    assert searched >= least - PENNIES
    if searched <= least + PENNIES:
        return False
    assert searched <= oracle.choice(oracle.ways_by_rule()).least() + PENNIES
    return True


@pytest.mark.parametrize("made", [plain, with_all_charges])
@pytest.mark.parametrize("seed", SEEDS)
def test_through_holidays_and_queues_only_the_rules_of_waiting_cost_anything(seed: int, made: Made):
    between(disturbed(made(random_scenario(seed), seed), seed))


@pytest.mark.parametrize(("made", "seed"), [(plain, 295), (with_all_charges, 360), (chartered, 75)])
def test_nobody_leaves_later_to_wait_less_at_a_border_or_in_a_free_store(made: Made, seed: int):
    assert between(made(random_scenario(seed), seed))


@pytest.mark.parametrize("seed", [*range(30), 249])
def test_charters_caps_and_borders_hold_a_plan_as_cheap_as_any(seed: int):
    given = chartered(random_scenario(seed), seed)
    given = bordered(capped(given, seed + 1000), seed + 2000)
    oracle = Oracle(given)
    searched = searched_usd(enumerate_itineraries(given), oracle)
    assert abs(searched - oracle.choice().least()) <= PENNIES


@pytest.mark.parametrize("seed", range(30))
def test_caps_on_the_way_to_a_hub_hold_a_plan_as_cheap_as_any(seed: int):
    given = capped(bound_to_a_hub(random_scenario(seed), seed), seed + 1000)
    oracle = Oracle(given)
    searched = searched_usd(enumerate_itineraries(given), oracle)
    assert abs(searched - oracle.choice().least()) <= PENNIES


@TIMES
@pytest.mark.parametrize("seed", SEEDS)
def test_every_candidate_keeps_the_clock_the_cold_and_the_books(seed: int, made: Made):
    given = made(random_scenario(seed), seed)
    oracle = Oracle(given)
    candidates = enumerate_itineraries(given)
    for row in range(len(candidates)):
        carried = given.consignments[int(candidates.consignment[row])]
        chain = oracle_unit(oracle, candidates, row)
        places = [carried.origin, *(unit.nodes[-1] for unit, _ in chain)]
        assert len(places) == len(set(places))
        assert len(chain) <= given.max_cross_docks + 1
        assert oracle.through(carried, [unit for unit, _ in chain])
        assert all(oracle.admits(carried, s) for unit, _ in chain for s in unit.services)
        way = oracle.reckon(carried, chain)
        assert way is not None, f"{carried.id} is late or not fresh"
        assert way.delivered == candidates.delivered[row]
        assert way.life_used == pytest.approx(candidates.life_used[row], abs=1e-9)
        assert way.own_usd == pytest.approx(candidates.own_usd[row], abs=1e-6)


@TIMES
@pytest.mark.parametrize("seed", SEEDS)
def test_refusals_say_what_the_oracle_says(seed: int, made: Made):
    given = made(random_scenario(seed), seed)
    refusals = {r.consignment: r for r in enumerate_itineraries(given).refusals}
    for carried in given.consignments:
        one = replace(given, consignments=(carried,))
        if carried.id not in refusals:
            assert Oracle(one).ways[carried.id]
            continue
        refusal = refusals[carried.id]
        grace_d = 2.0
        ways = Oracle(one, limits=False, grace_d=grace_d).ways[carried.id]
        due = int(carried.due_at.timestamp()) // 60
        in_time = [way for way in ways if way.delivered <= due]
        if not ways:
            late = refusal.reason is Reason.TOO_LATE and refusal.shortfall > 24 * grace_d
            free = Oracle(one, limits=False, grace_d=grace_d, admission=False).ways[carried.id]
            barred = {s.id for s in one.network if not Oracle(one).admits(carried, s)}
            if free and not late:
                assert refusal.reason is Reason.NOT_ADMITTED
                soonest = min(way.delivered for way in free)
                entered = {
                    s.enters_at or s.destination
                    for way in free
                    if way.delivered == soonest
                    for unit in way.sealed
                    for s in unit.services
                    if s.id in barred
                }
                assert refusal.where in entered
                assert refusal.where in refusal.detail
                continue
            assert late or refusal.reason in (Reason.NO_PATH, Reason.NOT_ADMITTED)
        elif not in_time:
            assert refusal.reason is Reason.TOO_LATE
            earliest = min(way.delivered for way in ways)
            assert refusal.shortfall == pytest.approx((earliest - due) / 60)
        else:
            assert refusal.reason is Reason.NOT_FRESH
            left = 1 - min(way.life_used for way in in_time)
            oracle = Oracle(one)
            left_h = left * oracle.keeping_quality_h(carried, carried.retail_c)
            assert refusal.shortfall == pytest.approx((carried.shelf_life_required_h - left_h) / 24)
            assert refusal.shortfall > 0
        assert refusal.where == carried.destination


def with_services(given: Scenario, **change: object) -> Scenario:
    services = {s.id: replace(s, **change) for s in given.network}
    return replace(given, network=replace(given.network, services=services))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_consignments_does_not_matter_for_the_cost(seed: int):
    given = random_scenario(seed)
    turned = replace(given, consignments=tuple(reversed(given.consignments)))
    costs = [searched_usd(enumerate_itineraries(s), Oracle(s)) for s in (given, turned)]
    assert costs[0] == pytest.approx(costs[1], abs=PENNIES)


@pytest.mark.parametrize("seed", SEEDS)
def test_more_slots_never_cost_more(seed: int):
    given = random_scenario(seed)
    more = with_services(given, capacity_units=99_999)
    costs = [searched_usd(enumerate_itineraries(s), Oracle(s)) for s in (given, more)]
    assert costs[1] <= costs[0] + PENNIES


@pytest.mark.parametrize("seed", SEEDS)
def test_a_lower_floor_never_costs_more(seed: int):
    given = random_scenario(seed)
    lower_floor = tuple(
        replace(c, shelf_life_required_h=c.shelf_life_required_h / 2) for c in given.consignments
    )
    relaxed = replace(given, consignments=lower_floor)
    costs = [searched_usd(enumerate_itineraries(s), Oracle(s)) for s in (given, relaxed)]
    assert costs[1] <= costs[0] + PENNIES


@pytest.mark.parametrize("seed", range(20))
def test_a_later_deadline_or_another_cross_dock_never_costs_more(seed: int):
    given = random_scenario(seed)
    oracle = Oracle(given)
    cost = searched_usd(enumerate_itineraries(given), oracle)
    later = tuple(replace(c, due_at=c.due_at + timedelta(hours=12)) for c in given.consignments)
    for relaxed in (
        replace(given, consignments=later),
        replace(given, max_cross_docks=given.max_cross_docks + 1),
    ):
        assert searched_usd(enumerate_itineraries(relaxed), oracle) <= cost + PENNIES


# Pulp that lags ----------------------------------------------------------------------------------

LAGS = range(40)


def planned_life(way: Itinerary, pace: Pace, *, ready: float, pulp_c: float | None) -> float:
    """Life the law planned with uses along the pulp, by the worse half."""
    trace = pace.pallet.trace(way.history, start_c=pulp_c)
    law = pace.limits.limits[0]
    halves = (law.rate_per_h(pulp) for pulp in (trace.outer_c, trace.core_c))
    return ready + max(float((trace.hours * rate).sum()) for rate in halves)


@pytest.mark.parametrize("pulp_c", [None, 8.0])
@pytest.mark.parametrize("seed", LAGS)
def test_goods_that_lag_keep_the_floor_and_are_reckoned_never_too_fresh(seed: int, pulp_c):
    given = lagging(random_scenario(seed))
    come = tuple(replace(c, pulp_at_ready_c=pulp_c) for c in given.consignments)
    given = replace(given, consignments=come)
    candidates = enumerate_itineraries(given)
    lifting = Lifting(lower(candidates))
    for row in range(len(candidates)):
        way = lifting.itinerary(row)
        carried = given.consignment(way.consignment)
        assert way.sure >= given.confidence
        assert way.shelf_life_left_h >= carried.shelf_life_required_h - 1e-6
        assert way.life_reckoned == pytest.approx(candidates.life_used[row], abs=1e-9)
        pace = given.pace(carried.commodity, carried.packaging)
        used = planned_life(way, pace, ready=carried.life_used_at_ready, pulp_c=pulp_c)
        assert way.life_used <= used + 1e-9
        if way.pulp_warmest_c <= pace.ceiling_c:
            assert used <= way.life_reckoned + 1e-9


@pytest.mark.parametrize("seed", LAGS)
def test_goods_that_come_warm_are_reckoned_no_fresher_the_more_they_lag(seed: int):
    prompt = lagging(random_scenario(seed))
    late = replace(
        prompt,
        packaging={
            name: replace(terms, outer_half_cooling_h=24.0, core_half_cooling_h=24.0)
            for name, terms in prompt.packaging.items()
        },
    )
    ways = []
    for given in (prompt, late):
        found = enumerate_itineraries(given)
        ways.append(
            {
                (int(found.consignment[row]), tuple(names(found, row))): found.life_used[row]
                for row in range(len(found))
            }
        )
    for way in ways[0].keys() & ways[1].keys():
        assert ways[1][way] >= ways[0][way] - 1e-9


def names(found: Candidates, row: int) -> list[tuple[str, int, float]]:
    return [
        (leg.service, leg.departs, setpoint)
        for rated, setpoint in found.chain(row)
        for leg in rated.ride.legs
    ]


def test_goods_packed_in_air_colder_than_any_unit_are_given_their_time():
    # At 6 °C life would end within 66 h, but the first 10 pass at -1 °C.
    given = scenario(
        network(
            [node("A"), node("B")],
            [service("S", "A>B", 56, 100.0)],
            [operation("CHILL", "A", Trigger.ORIGIN, 10, exposed_h=10.0, exposed_c=-1.0)],
        ),
        [consignment("X", "A>B", 5, "24 00:00", "27 00:00")],
        perishables={"fruit": perishable("fruit", life_min_d=5, life_typ_d=5, life_max_d=5)},
        setpoints_c=(6.0,),
    )
    law = given.pace("fruit", given.consignments[0].packaging).limits
    assert 10 / law.keeping_quality_h(-1.0) + 56 / law.keeping_quality_h(6.0) < 1
    assert 66 / law.keeping_quality_h(6.0) > 1
    assert len(Oracle(given).ways["X"]) == len(enumerate_itineraries(given)) == 1


def test_progress_is_told_in_words(three_node: Scenario):
    said: list[str] = []
    enumerate_itineraries(three_node, on_progress=said.append)
    assert any("A" in words for words in said)
    assert all(words and not words.endswith(".") for words in said)


def test_candidates_are_columns_of_one_length_sorted_by_consignment(three_node: Scenario):
    candidates = enumerate_itineraries(three_node)
    rows = len(candidates)
    assert rows > 0
    assert len(candidates.delivered) == len(candidates.life_used) == len(candidates.own_usd) == rows
    assert len(candidates.start) == rows + 1
    assert candidates.start[-1] == len(candidates.carriage)
    assert list(candidates.consignment) == sorted(candidates.consignment)
    chains = [
        (int(candidates.consignment[row]), tuple(candidates.links(row))) for row in range(rows)
    ]
    assert len(set(chains)) == rows


def test_waiting_for_company_is_a_candidate_and_pays(three_node: Scenario):
    oracle = Oracle(three_node)
    cost = searched_usd(enumerate_itineraries(three_node), oracle)
    # Two trucks to the hub, one on to the city: cheaper than two straight on.
    assert cost < 100 * (100 + 500 + 100 + 500)
    assert cost == pytest.approx(oracle.choice().least(), abs=PENNIES)


def test_going_alone_is_always_a_candidate_however_small_the_detour(one_train: Scenario):
    strict = replace(one_train, max_detour=0.0)
    candidates = enumerate_itineraries(strict)
    assert {int(k) for k in candidates.consignment} == {0, 1, 2}
    wide = enumerate_itineraries(one_train)
    assert len(wide) >= len(candidates)
    assert searched_usd(wide, Oracle(one_train)) <= searched_usd(candidates, Oracle(strict))


def test_the_cheapest_way_alone_stays_though_others_are_cheaper_when_full():
    given = scenario(
        network(
            map(node, "AB"),
            [
                service("LORRY", "A>B", 5, 400.0, pallets_per_unit=20),
                service("VAN", "A>B", 5, 150.0, pallets_per_unit=5),
            ],
        ),
        [consignment("X", "A>B", 5, "24 00:00", "26 00:00")],
        max_detour=0.0,
    )
    candidates = enumerate_itineraries(given)
    assert ["VAN"] in [
        [leg.service for rated, _ in candidates.chain(row) for leg in rated.ride.legs]
        for row in range(len(candidates))
    ]


def test_where_goods_cannot_wait_trucks_bring_them_just_in_time():
    given = scenario(
        network(
            [node("A"), node("H", cross_dock=True), node("B")],
            [
                service("TRUCK", "A>H", 5, 100.0),
                train("T", "H>B", 10, 100.0, cutoff_h=4.0),
            ],
            [store("A", 0.0), cross_dock("DOCK", "H", "TRUCK_CA>FEU_R", 1)],
        ),
        [consignment("X", "A>B", 5, "24 00:00", "26 00:00")],
        max_dwell_without_store_h=2.0,
    )
    candidates = enumerate_itineraries(given)
    # The dock must be done at 16:00, four hours before the train.
    assert [
        [
            (leg.service, leg.departs)
            for rated, _ in candidates.chain(row)
            for leg in rated.ride.legs
        ]
        for row in range(len(candidates))
    ] == [[("TRUCK", at("24 10:00")), ("T", at("24 20:00"))]]
    assert len(Oracle(given).ways["X"]) == 1


def test_a_sealed_box_waits_for_the_next_train_when_the_first_is_full():
    given = scenario(
        network(
            map(node, "ABC"),
            [
                train("T1", "A>B", 5, 100.0, days=frozenset({1})),
                train("T2", "B>C", 5, 100.0, capacity_units=1),
            ],
            [store("A", 0.0)],
        ),
        [consignment(f"C{n}", "A>C", 20, "24 00:00", "28 00:00") for n in range(2)],
    )
    oracle = Oracle(given)
    cost = searched_usd(enumerate_itineraries(given), oracle)
    assert cost == oracle.choice().least() == 2 * 200_00


@pytest.mark.parametrize(
    ("change", "reason", "unit"),
    [
        ({"destination": "P1"}, Reason.NO_PATH, ""),
        ({"due_at": utc("25 12:00")}, Reason.TOO_LATE, "h"),
        ({"shelf_life_required_h": 300.0}, Reason.NOT_FRESH, "d"),
    ],
)
def test_a_refusal_gives_reason_unit_and_place(three_node: Scenario, change, reason, unit):
    stranded = replace(three_node.consignment("A"), origin="P2", **change)
    if reason is not Reason.NO_PATH:
        stranded = replace(stranded, origin="P1")
    given = replace(three_node, consignments=(stranded, three_node.consignment("B")))
    refusals = enumerate_itineraries(given).refusals
    assert [(r.consignment, r.reason, r.unit) for r in refusals] == [("A", reason, unit)]
    assert refusals[0].where == stranded.destination
    assert refusals[0].detail


def test_lateness_by_hand(three_node: Scenario):
    # Packed at 10:00, 34 h by road, unloaded in one: 21:00 the next day, nine hours late.
    late = replace(three_node.consignment("A"), due_at=utc("25 12:00"))
    refusal = enumerate_itineraries(replace(three_node, consignments=(late,))).refusals[0]
    assert refusal.shortfall == pytest.approx(9.0)


def test_no_setpoint_says_by_how_many_kelvin(three_node: Scenario):
    frosty = {"fruit": perishable("fruit", setpoint_min_c=2.0, setpoint_max_c=4.0)}
    given = replace(three_node, perishables=frosty, setpoints_c=(-1.0, 0.5))
    refusals = enumerate_itineraries(given).refusals
    assert {r.reason for r in refusals} == {Reason.NO_SETPOINT}
    assert [(r.shortfall, r.unit) for r in refusals] == [(1.5, "K")] * 2
