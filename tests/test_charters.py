"""Departures that run only if paid for: what they cost, who pays, and which a plan lets run."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import (
    chartered,
    consignment,
    flight,
    network,
    node,
    random_scenario,
    scenario,
    service,
    store,
    train,
    utc,
)
from enumeration import Choice
from test_exporters_example import example_plan
from test_lowering import planned

from coldchain.audit import check
from coldchain.candidates import enumerate_itineraries
from coldchain.charters import charter_usd, charters
from coldchain.engines import stand_alone_cost
from coldchain.exporters import EXPORTERS
from coldchain.exporters.chartered import in_words
from coldchain.itinerary import Reason, Refusal
from coldchain.plan import Plan
from coldchain.planner import ways
from coldchain.scenario import Scenario
from coldchain.tables import read_network


def season(
    *pallets: int, charter: float = 900.0, least: int = 0, slot: float = 100.0, **known: object
) -> Scenario:
    """A chartered train on Monday for 100 a slot, or a truck for 500 a unit at any time."""
    runs = train(
        "T",
        "A>B",
        10,
        slot,
        days=frozenset({1}),
        charter_usd_per_departure=charter,
        min_paid_slots=least,
        **known,
    )
    return scenario(
        network(map(node, "AB"), [runs, service("S", "A>B", 10, 500.0)], [store("A", 0.0)]),
        [consignment(f"C{n}", "A>B", p, "24 00:00", "27 00:00") for n, p in enumerate(pallets)],
    )


def modes(plan: Plan) -> list[str]:
    return [i.carriages[0].legs[0].service for i in plan.itineraries]


# Which run ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("riders", "runs"), [(2, False), (3, True), (4, True)])
def test_a_train_runs_when_enough_boxes_pay_for_it(riders: int, runs: bool):
    # 900 + 100 a box against 500 a truck: 1,100, 1,200 and 1,300 against 1,000, 1,500 and 2,000.
    _, plan = planned(season(*[20] * riders))
    assert modes(plan) == ["T" if runs else "S"] * riders
    assert plan.proof.status == "optimal"
    assert plan.total.freight == min(500.0 * riders, 900.0 + 100.0 * riders)
    assert check(plan) == ()


@pytest.mark.parametrize(("riders", "runs"), [(2, False), (3, True), (6, True)])
def test_slots_paid_and_not_used_count(riders: int, runs: bool):
    # 300 + 5 x 180 at least, however few ride.
    _, plan = planned(season(*[20] * riders, charter=300.0, least=5, slot=180.0))
    assert modes(plan) == ["T" if runs else "S"] * riders
    by_train = 300.0 + 180.0 * max(5, riders)
    assert plan.total.freight == min(500.0 * riders, by_train)
    assert check(plan) == ()


def test_a_charter_is_shared_by_units_and_in_them_by_pallets():
    # Two carriages: one of 30 pallets in two boxes at 0 °C, one of 10 in a box at 3 °C.
    given_ = season(20, 10, 20, 20, charter=900.0, least=7)
    _, plan = planned(given_)
    assert set(modes(plan)) == {"T"}
    units = len(plan.load_units)
    assert units == 4
    extra = 900.0 + 3 * 100.0
    shares = charter_usd(given_, plan.load_units)
    assert sum(shares.values()) == pytest.approx(extra)
    assert shares["C1"] == pytest.approx(extra * 10 / 70)
    assert plan.charges["C1"].freight == pytest.approx((extra + 400.0) * 10 / 70)


def test_a_departure_nobody_rides_costs_nothing():
    lowered, plan = planned(season(20))
    assert lowered.problem.n_commitments == 1
    assert modes(plan) == ["S"]
    assert charters(plan.scenario, plan.load_units) == ()
    assert in_words(plan) == ()


def test_an_aircraft_is_paid_by_the_kilogram_left_empty():
    plane = flight(
        "F",
        "A>B",
        2,
        0.1,
        days=frozenset({1}),
        charter_usd_per_departure=200.0,
        min_paid_slots=6000,
        capacity_units=9000,
    )
    given_ = scenario(
        network(map(node, "AB"), [plane]),
        [consignment(f"C{n}", "A>B", p, "24 00:00", "25 00:00") for n, p in ((0, 4), (1, 2))],
    )
    lowered, plan = planned(given_)
    # 850 kg gross a pallet; what is paid per kilogram stands in the pool, no longer in the option.
    assert lowered.problem.pool_cost.tolist() == [10]
    assert lowered.problem.commitment_minimum.tolist() == [6000]
    assert lowered.problem.commitment_short_cost.tolist() == [10]
    assert plan.total.freight == pytest.approx(200.0 + 0.1 * 6000)
    assert plan.charges["C0"].freight == pytest.approx(800.0 * 4 / 6)
    assert check(plan) == ()
    (told,) = in_words(plan)
    assert told == "F of 24 May runs: 5,100 of 9,000 kg used, 6,000 paid, 800 USD"


def test_one_consignment_alone_is_refused_as_too_dear_with_the_charter_in_the_price():
    given_ = season(20, charter=90_000.0)
    given_ = replace(
        given_,
        network=network(map(node, "AB"), [given_.network.services["T"]], [store("A", 0.0)]),
    )
    lowered, plan = planned(given_)
    (left,) = plan.unserved
    price = 4.0 * 20 * 800
    assert left.reason is Reason.TOO_DEAR
    assert left.shortfall == pytest.approx(90_100.0 - price)
    assert "90,100 USD" in left.detail
    assert stand_alone_cost(lowered.problem) == round(100 * price)
    assert check(plan) == ()


def test_going_alone_pays_the_whole_departure():
    lowered, plan = planned(season(*[20] * 4))
    assert stand_alone_cost(lowered.problem) == 4 * 500_00
    assert plan.proof.greedy_usd == 2000.0
    assert plan.proof.cost_usd == 1300.0


# What is a candidate --------------------------------------------------------------------------


def services_of(given_: Scenario) -> set[str]:
    found = enumerate_itineraries(given_)
    return {r.ride.services[0].id for row in range(len(found)) for r, _ in found.chain(row)}


def test_a_chartered_departure_is_judged_by_its_price_when_full():
    # Ten slots: 90 of the charter and 100 to each; the truck costs 500.
    assert services_of(replace(season(20), max_detour=0.0)) == {"T", "S"}
    # 4,500 and 100: dearer than the truck by less than a tenth, and then by more.
    assert services_of(replace(season(20, charter=4500.0), max_detour=0.1)) == {"T", "S"}
    assert services_of(replace(season(20, charter=5000.0), max_detour=0.1)) == {"S"}


def test_ways_without_a_charter_are_judged_among_themselves():
    given_ = season(20)
    dearer = service("D", "A>B", 9, 540.0)
    net = replace(given_.network, services={**given_.network.services, "D": dearer})
    assert services_of(replace(given_, network=net, max_detour=0.1)) == {"T", "S", "D"}
    only = {name: s for name, s in net.services.items() if name == "T"}
    assert services_of(replace(given_, network=replace(net, services=only))) == {"T"}


def test_a_ride_that_needs_a_charter_replaces_none_that_does_not():
    fast = season(20, charter=1.0, slot=1.0)
    slow = train("U", "A>B", 12, 120.0, days=frozenset({1}))
    net = replace(fast.network, services={**fast.network.services, "U": slow})
    assert services_of(replace(fast, network=net)) == {"T", "U", "S"}
    free = replace(net.services["T"], charter_usd_per_departure=0.0)
    net = replace(net, services={**net.services, "T": free})
    assert "U" not in services_of(replace(fast, network=net))


def test_a_slot_that_may_be_paid_anyway_is_not_dropped_for_a_cheaper_train():
    """Of ten slots paid eight are used: what fills the ninth costs nothing more."""
    given_ = season(*[20] * 8, 10, charter=0.0, least=10, slot=150.0)
    cheap = train("U", "A>B", 10, 140.0, days=frozenset({1}), capacity_units=1)
    net = replace(given_.network, services={**given_.network.services, "U": cheap})
    _, plan = planned(replace(given_, network=net))
    assert modes(plan) == ["T"] * 9
    assert plan.total.freight == 1500.0


def test_goods_wait_for_a_chartered_train_as_for_any():
    given_ = season(*[20] * 4)
    early = tuple(
        replace(c, ready_at=c.ready_at.replace(day=22, hour=20)) if n == 0 else c
        for n, c in enumerate(given_.consignments)
    )
    _, plan = planned(replace(given_, consignments=early))
    assert modes(plan) == ["T"] * 4
    assert len({i.carriages[0].legs[0] for i in plan.itineraries}) == 1


def test_a_way_alone_pays_the_departure_whole_and_its_share_when_full():
    found = ways(
        season(20, charter=900.0, least=4),
        "A",
        "B",
        commodity="fruit",
        net_kg=16_000,
        ready_at=utc("24 00:00"),
        due_at=utc("27 00:00"),
    )
    assert not isinstance(found, Refusal)
    by = {way.label: way for way in found}
    assert by["cheapest"].itinerary.carriages[0].legs[0].service == "S"
    assert by["cheapest"].charges.freight == 500.0
    shared = by["cheapest shared"]
    assert shared.itinerary.carriages[0].legs[0].service == "T"
    # 20 pallets fill a box: 100 and a tenth of 900; alone, the departure and four slots.
    assert shared.full_usd == pytest.approx(190.0)
    assert shared.charges.freight == pytest.approx(900.0 + 4 * 100.0)


def test_a_service_cannot_pay_more_slots_than_it_has_or_a_fraction_of_a_cent_a_kilogram():
    with pytest.raises(ValueError, match="no more slots"):
        train("T", "A>B", 10, 100.0, capacity_units=3, min_paid_slots=4)
    with pytest.raises(ValueError, match="0 or more"):
        train("T", "A>B", 10, 100.0, charter_usd_per_departure=-1.0)
    with pytest.raises(ValueError, match="whole cents"):
        flight("F", "A>B", 2, 0.125, min_paid_slots=10)


def test_the_bundled_charters_cost_full_what_they_cost_by_the_slot():
    services = read_network().services
    full = {
        name: services[name].capacity_units
        * (services[name].slot_usd + services[name].charter_usd_per_slot)
        for name in ("L131", "L224", "L225")
    }
    assert full == pytest.approx({"L131": 25 * 3100, "L224": 2.6 * 24_000, "L225": 2.55 * 24_000})
    assert {s.id for s in services.values() if s.chartered} == set(full)


# Random networks ------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(40))
def test_the_plan_is_the_cheapest_of_all_combinations_and_audited(seed: int):
    lowered, plan = planned(chartered(random_scenario(seed), seed))
    assert plan.proof.status == "optimal"
    assert round(100 * plan.proof.cost_usd) == Choice.of(lowered.problem).least()
    assert check(plan) == ()


# What forwarders are told ----------------------------------------------------------------------


def test_charters_are_listed_for_the_forwarder(tmp_path: Path):
    plan = example_plan()
    runs = replace(
        plan.scenario.network.services["R1"], charter_usd_per_departure=31_000.0, min_paid_slots=4
    )
    services = {**plan.scenario.network.services, "R1": runs}
    scenario_ = replace(plan.scenario, network=replace(plan.scenario.network, services=services))
    plan = replace(plan, scenario=scenario_)
    EXPORTERS["all"](plan, tmp_path)
    text = (tmp_path / "charters.csv").read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    riding = [u for u in plan.load_units if any(leg.service == "R1" for leg in u.carriage.legs)]
    assert sum(int(row["slots_used"]) for row in rows) == len(riding) > 0
    for row, told in zip(rows, in_words(plan), strict=True):
        assert (row["service_id"], row["slots"], row["slots_paid"]) == ("R1", "10", "4")
        assert float(row["total_usd"]) == 31_000.0 + 4 * 2000.0
        assert told.endswith(f"runs: {row['slots_used']} of 10 slots used, 4 paid, 39,000 USD")
        assert told in (tmp_path / "summary.txt").read_text(encoding="utf-8")
