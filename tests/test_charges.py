"""The books by hand, in dollars."""

from dataclasses import fields, replace
from datetime import time

import pytest
from conftest import (
    at,
    consignment,
    cross_dock,
    duty,
    flight,
    network,
    node,
    operation,
    scenario,
    service,
    store,
    train,
)
from hypothesis import given
from hypothesis import strategies as st

from coldchain.charges import (
    Charges,
    detention_usd,
    freshness_usd,
    goods_charges,
    handling_usd,
    least_packing_usd,
    packing_usd,
    pallets_per_unit,
    unit_charges,
    unserved_usd,
    value_charges,
)
from coldchain.clock import Clock, itinerary_of
from coldchain.goods import Consignment, Packaging
from coldchain.itinerary import Itinerary
from coldchain.network import Trigger
from coldchain.planner import solve
from coldchain.scenario import Prices, Scenario
from coldchain.selection import Effort

money = st.floats(0, 1e6)
charges = st.builds(Charges, **{f.name: money for f in fields(Charges)})


def ride_of(given_: Scenario, names, times):
    services = [given_.network.services[name] for name in names]
    return Clock(given_).ride(services, [at(t) for t in times])


def followed(clock: Clock, carried: Consignment, chain) -> Itinerary:
    return itinerary_of(clock, carried, chain, packaging=carried.packaging, stowage_group="fruit")


def charges_of_unit(given_: Scenario, ride) -> Charges:
    clock = Clock(given_)
    start = clock.origin_operations(ride.origin, ride.services[0].rides_as)
    return unit_charges(clock, ride, start)


def approx(**known: float):
    return pytest.approx([known.get(f.name, 0.0) for f in fields(Charges)])


def listed(some: Charges) -> list[float]:
    return [getattr(some, f.name) for f in fields(some)]


def test_a_box_by_rail_pays_freight_reefer_hours_customs_and_lifts(one_train: Scenario):
    ride = ride_of(one_train, ["DRAY", "TRAIN", "CART"], ["24 11:00", "24 20:00", "26 19:00"])
    # 59 hours from stuffing to hand-over at the dearest rate, 5 an hour.
    assert listed(charges_of_unit(one_train, ride)) == approx(
        freight=100 + 1500 + 150, reefer=59 * 5.0, handling=80 + 90, border=120
    )


def test_a_waiting_box_pays_the_plug_for_its_payload(gauge_change: Scenario):
    ride = ride_of(gauge_change, ["WIDE", "NORMAL"], ["24 20:00", "27 02:00"])
    # Ten hours at 2 dollars a tonne and day for 18 tonnes; 108 hours at 6.
    assert listed(charges_of_unit(gauge_change, ride)) == approx(
        freight=900 + 1100, reefer=108 * 6.0, handling=150, storage=2 * 18 * 10 / 24
    )


def test_the_payload_of_a_unit_is_the_least_its_legs_allow(gauge_change: Scenario):
    services = dict(gauge_change.network.services)
    services["NORMAL"] = replace(services["NORMAL"], payload_kg=15_000)
    lighter = replace(gauge_change, network=replace(gauge_change.network, services=services))
    ride = ride_of(lighter, ["WIDE", "NORMAL"], ["24 20:00", "27 02:00"])
    assert charges_of_unit(lighter, ride).storage == pytest.approx(2 * 15 * 10 / 24)


def test_what_is_done_to_a_unit_where_it_is_stuffed_is_paid_by_the_unit(one_train: Scenario):
    net = one_train.network
    extra = {
        o.id: o
        for o in (
            operation("PAPER", "PH", Trigger.ORIGIN, 1, charge="border", usd_per_unit=60.0),
            operation(
                "EMPTY",
                "PH",
                Trigger.ORIGIN_EQUIPMENT,
                equipment_out=frozenset({"FEU_C"}),
                charge="reefer",
                usd_per_unit=800.0,
            ),
        )
    }
    more = replace(one_train, network=replace(net, operations={**net.operations, **extra}))
    box = charges_of_unit(more, ride_of(more, ["DRAY"], ["24 11:00"]))
    assert (box.border, box.reefer) == (60.0, 800.0 + 2 * 4.0)
    truck = charges_of_unit(more, ride_of(more, ["ROAD"], ["24 11:00"]))
    assert (truck.border, truck.reefer) == (60.0, 60 * 3.0)


def test_goods_pay_packing_the_store_and_their_share_of_unloading(one_train: Scenario):
    ride = ride_of(one_train, ["DRAY", "TRAIN", "CART"], ["24 11:00", "24 20:00", "26 19:00"])
    clock = Clock(one_train)
    way = followed(clock, one_train.consignment("A"), [(ride, 0.0)])
    # 17 t gross; packed at 06:00, stuffed at 11:00, the store takes 1 dollar a tonne and day.
    assert listed(goods_charges(clock, way)) == approx(handling=1700 + 60, storage=17 * 5 / 24)


def test_a_cross_dock_is_paid_by_the_pallet(three_node: Scenario):
    clock = Clock(three_node)
    first = ride_of(three_node, ["P1-HUB"], ["24 10:00"])
    second = ride_of(three_node, ["HUB-CITY"], ["24 21:00"])
    way = followed(clock, three_node.consignment("A"), [(first, 0.0), (second, 0.0)])
    # Eight of twenty pallets: 0.4 of 40 and of 20; 6.8 t wait from 17:00 to 21:00.
    assert listed(goods_charges(clock, way)) == approx(
        handling=0.1 * 6800 + 0.4 * (40 + 20), storage=6.8 * 4 / 24
    )


def air_scenario() -> Scenario:
    return scenario(
        network(
            map(node, ("AP", "BP", "CP", "CITY")),
            [
                flight("F1", "AP>BP", 4, 1.5),
                flight("F2", "BP>CP", 4, 0.5, departure_times=(time(20),)),
                service("VAN", "BP>CITY", 2, 90.0, equipment="TRUCK_CN", pallets_per_unit=4),
                service("LORRY", "BP>CITY", 2, 90.0, equipment="TRUCK_CN", pallets_per_unit=20),
            ],
            [
                operation(
                    "ULD", "AP", Trigger.ORIGIN_EQUIPMENT, 1, usd_per_unit=50.0, usd_per_kg=0.05
                ),
                cross_dock("IN", "BP", "AIR>TRUCK_CN", 2, usd_per_unit=100.0, usd_per_kg=0.2),
                cross_dock("ON", "BP", "AIR>AIR", 2, usd_per_unit=100.0, usd_per_kg=0.1),
                operation("OUT", "CP", Trigger.DESTINATION, 1, usd_per_unit=70.0, usd_per_kg=0.01),
            ],
        ),
        [
            consignment("A", "AP>CITY", 2, "24 00:00", "27 00:00"),
            consignment("B", "AP>CP", 2, "24 00:00", "27 00:00"),
        ],
    )


@pytest.mark.parametrize(("onward", "pallets"), [("VAN", 4), ("LORRY", 20)])
def test_off_an_aircraft_pallets_are_those_of_the_unit_goods_go_into(onward, pallets):
    given_ = air_scenario()
    clock = Clock(given_)
    chain = [
        (ride_of(given_, ["F1"], ["24 10:00"]), 0.0),
        (ride_of(given_, [onward], ["24 16:00"]), 0.0),
    ]
    way = followed(clock, given_.consignment("A"), chain)
    assert listed(goods_charges(clock, way)) == approx(
        freight=1.5 * 1700, handling=(0.05 + 0.2) * 1700 + 100 * 2 / pallets
    )


def test_between_aircraft_only_kilograms_count():
    given_ = air_scenario()
    clock = Clock(given_)
    chain = [
        (ride_of(given_, ["F1"], ["24 10:00"]), 0.0),
        (ride_of(given_, ["F2"], ["24 20:00"]), 0.0),
    ]
    way = followed(clock, given_.consignment("B"), chain)
    assert listed(goods_charges(clock, way)) == approx(
        freight=(1.5 + 0.5) * 1700, handling=(0.05 + 0.1 + 0.01) * 1700
    )


def test_by_air_there_is_no_unit_to_pay():
    given_ = air_scenario()
    assert listed(charges_of_unit(given_, ride_of(given_, ["F1"], ["24 10:00"]))) == approx()


def test_a_carriage_holds_the_fewest_pallets_of_its_legs():
    legs = [service("S", "A>B", 1, pallets_per_unit=n) for n in (12, 10, 18)]
    assert pallets_per_unit(legs) == 10
    assert pallets_per_unit([flight("F", "A>B", 1, 1.0)]) == 0


@pytest.mark.parametrize(
    ("unit_in", "unit_out", "usd"), [(20, 10, 55.0), (0, 10, 60.0), (0, 0, 50.0)]
)
def test_handling_counts_the_unit_goods_came_in_first(unit_in, unit_out, usd):
    work = cross_dock("D", "H", "AIR>AIR", 1, usd_per_unit=20.0, usd_per_kg=0.05)
    paid = handling_usd(work, gross_kg=1000, pallets=5, unit_in=unit_in, unit_out=unit_out)
    assert paid == pytest.approx(usd)


def test_freshness_is_paid_for_the_days_a_journey_uses(one_train: Scenario):
    dear = replace(one_train, objective=replace(one_train.objective, freshness_usd_per_kg_d=0.1))
    carried = replace(one_train.consignment("A"), life_used_at_ready=0.2)
    for packaging in (Packaging.NAKED, Packaging.MAP):
        days = dear.pace("fruit", packaging).keeping_quality_h(carried.retail_c) / 24
        unused, used = (freshness_usd(dear, carried, packaging, life) for life in (0.2, 0.7))
        assert used - unused == pytest.approx(0.1 * 16_000 * 0.5 * days)


def test_freshness_is_paid_for_the_days_a_packaging_does_not_give(one_train: Scenario):
    """Goods are worth the days they have left: MAP's 1.4 times as many are missed by the others."""
    dear = replace(one_train, objective=replace(one_train.objective, freshness_usd_per_kg_d=0.1))
    carried = replace(one_train.consignment("A"), life_used_at_ready=0.2)
    days = dear.pace("fruit", Packaging.NAKED).keeping_quality_h(carried.retail_c) / 24
    naked, lined = (freshness_usd(dear, carried, p, 0.2) for p in (Packaging.NAKED, Packaging.MAP))
    assert lined == pytest.approx(0.0)
    assert naked == pytest.approx(0.1 * 16_000 * 0.8 * 0.4 * days, rel=1e-3)


@pytest.mark.parametrize(
    ("packaging", "usd"), [(Packaging.NAKED, 0.01), (Packaging.LINER, 0.02), (Packaging.MAP, 0.05)]
)
def test_packaging_is_paid_by_the_gross_kilogram(one_train: Scenario, packaging, usd):
    prices = {Packaging.NAKED: 0.01, Packaging.LINER: 0.02, Packaging.MAP: 0.05}
    priced = replace(
        one_train,
        packaging={
            name: replace(terms, usd_per_kg=prices[terms.packaging_id])
            for name, terms in one_train.packaging.items()
        },
    )
    packed = replace(priced.consignment("A"), packaging=packaging)
    open_ = replace(packed, packaging=Packaging.ANY)
    assert packing_usd(priced, packed, packaging) == pytest.approx(usd * 17_000)
    assert least_packing_usd(priced, packed) == pytest.approx(usd * 17_000)
    assert least_packing_usd(priced, open_) == pytest.approx(0.01 * 17_000)
    ride = ride_of(priced, ["ROAD"], ["24 11:00"])
    way = followed(Clock(priced), packed, [(ride, 0.0)])
    assert goods_charges(Clock(priced), way).packaging == pytest.approx(usd * 17_000)


@pytest.mark.parametrize(("value", "usd"), [(0.0, 64_000.0), (70_000.0, 70_000.0)])
def test_left_behind_costs_the_value_or_the_price_whichever_is_more(one_train, value, usd):
    carried = replace(one_train.consignment("A"), value_usd=value)
    assert unserved_usd(one_train, carried) == usd


@given(charges, charges, st.floats(0, 100))
def test_charges_add_and_scale_kind_by_kind(one, other, factor):
    assert (one + other).total == pytest.approx(one.total + other.total)
    assert (one * factor).total == pytest.approx(one.total * factor)
    priced = one.freshness + one.unserved + one.carbon
    assert one.invoiced == pytest.approx(one.total - priced, abs=1e-6)


# What waiting costs -------------------------------------------------------------------------------


def waiting(**kept: float) -> Scenario:
    """A truck through a border that opens at 08:00, ``kept`` being its detention; UTC."""
    return scenario(
        network(
            [node("A"), node("BX"), node("B", country="CN")],
            [
                service("TO", "A>BX", 10, 100.0, **kept),
                service("ON", "BX>B", 10, 100.0, detention_usd_per_unit_h=7.0, cutoff_h=1.0),
            ],
            [
                store("A", 2.4),
                operation("CUSTOMS", "BX", Trigger.ARRIVE, 3, opens=time(8), closes=time(17)),
                operation("UNLOAD", "B", Trigger.DESTINATION, 1),
                operation("GATE", "B", Trigger.ARRIVE, 2, opens=time(6), closes=time(17)),
            ],
        ),
        [consignment("X", "A>B", 20, "24 00:00", "28 00:00")],
    )


@pytest.mark.parametrize(
    ("free_h", "usd"),
    # In at 20:00, twelve hours before the office opens. The next stop: in at 21:00, open at 06:00.
    [(0.0, 12 * 5 + 9 * 7), (4.0, 8 * 5 + 9 * 7), (12.0, 9 * 7), (99.0, 9 * 7)],
)
def test_a_truck_kept_waiting_is_paid_beyond_its_free_hours_at_each_stop(free_h, usd):
    given_ = waiting(detention_usd_per_unit_h=5.0, detention_free_h=free_h)
    ride = ride_of(given_, ["TO", "ON"], ["24 10:00", "25 11:00"])
    assert ride.idle == (12 * 60, 9 * 60)
    assert charges_of_unit(given_, ride).detention == pytest.approx(usd)


def test_waiting_for_a_departure_is_waiting_too_and_work_is_not(gauge_change: Scenario):
    ride = ride_of(gauge_change, ["WIDE", "NORMAL"], ["24 20:00", "27 02:00"])
    # Of 24 hours at the border customs and lift take 14.
    assert ride.idle == (10 * 60, 0)


@pytest.mark.parametrize(("free_h", "hours"), [(0, 10), (4, 6), (48, 0)])
def test_a_plug_is_paid_by_unit_and_tonne_beyond_its_free_hours(gauge_change, free_h, hours):
    operations = dict(gauge_change.network.operations)
    operations["PLUG"] = replace(operations["PLUG"], usd_per_unit_day=12.0, free_h=float(free_h))
    given_ = replace(gauge_change, network=replace(gauge_change.network, operations=operations))
    ride = ride_of(given_, ["WIDE", "NORMAL"], ["24 20:00", "27 02:00"])
    assert charges_of_unit(given_, ride).storage == pytest.approx((2 * 18 + 12) * hours / 24)


@pytest.mark.parametrize(("free_h", "hours"), [(0, 5), (2, 3), (24, 0)])
def test_a_store_is_paid_beyond_its_free_hours(one_train: Scenario, free_h, hours):
    operations = dict(one_train.network.operations)
    operations["STORE-PH"] = replace(operations["STORE-PH"], free_h=float(free_h))
    given_ = replace(one_train, network=replace(one_train.network, operations=operations))
    ride = ride_of(given_, ["DRAY", "TRAIN", "CART"], ["24 11:00", "24 20:00", "26 19:00"])
    way = followed(Clock(given_), given_.consignment("A"), [(ride, 0.0)])
    assert goods_charges(Clock(given_), way).storage == pytest.approx(17 * hours / 24)


def test_hours_of_freight_diesel_and_carbon(gauge_change: Scenario):
    services = dict(gauge_change.network.services)
    services["WIDE"] = replace(
        services["WIDE"], linehaul_usd_per_unit_h=2.0, genset_l_per_h=3.0, genset_kgco2e_per_h=8.0
    )
    services["NORMAL"] = replace(
        services["NORMAL"],
        genset_l_per_h=2.0,
        genset_kgco2e_per_h=10.0,
        distance_km=1000.0,
        gco2e_per_tkm=25.0,
        reefer_uplift=0.2,
    )
    given_ = replace(
        gauge_change,
        network=replace(gauge_change.network, services=services),
        prices=Prices(diesel_usd_per_l=0.5),
        objective=replace(gauge_change.objective, carbon_usd_per_t=100.0),
    )
    ride = ride_of(given_, ["WIDE", "NORMAL"], ["24 20:00", "27 02:00"])
    unit = charges_of_unit(given_, ride)
    # 108 hours at the highest of each rate; 30 of them in transit on WIDE.
    assert (unit.freight, unit.genset) == pytest.approx((2000 + 60.0, 108 * 3 * 0.5))
    assert unit.carbon == pytest.approx(108 * 10 / 1000 * 100)
    way = followed(Clock(given_), given_.consignment("A"), [(ride, 0.0)])
    # 17 t x 1000 km x 30 g.
    assert goods_charges(Clock(given_), way).carbon == pytest.approx(17 * 30 / 1000 * 100)


def test_duty_on_value_tax_on_both_and_insurance(one_train: Scenario):
    given_ = replace(
        one_train,
        duties=(duty("OTHER", "TJ>RU", 1, 1), duty("CHERRY", ">CN", 10, 9, "080929")),
        prices=Prices(insurance_pct=0.5),
    )
    carried = replace(given_.consignment("A"), value_usd=50_000.0)
    paid = value_charges(given_, carried)
    assert (paid.duty, paid.vat, paid.insurance) == pytest.approx((5000, 0.09 * 55_000, 250))
    at_home = replace(carried, destination="RT")
    assert value_charges(given_, at_home) == Charges(insurance=250.0)


def test_detention_is_nothing_where_nothing_is_asked_for():
    assert detention_usd(service("S", "A>B", 1), 99_999) == 0


def cold_on_the_way() -> Scenario:
    """Two trains at one time; goods must be 100 hours in the cold, so the unit stays shut."""
    return scenario(
        network(
            [node("A"), node("B", country="CN")],
            [
                train("FAST", "A>B", 10, 100.0, reefer_usd_per_unit_h=8.0),
                train(
                    "SLOW",
                    "A>B",
                    20,
                    220.0,
                    reefer_usd_per_unit_h=2.0,
                    detention_usd_per_unit_h=1.0,
                    detention_free_h=30.0,
                ),
            ],
            [
                store("A", 0.0),
                operation(
                    "COLD", "A", Trigger.IN_TRANSIT, 100, exposed_c=0.5, treatment="cold_100h"
                ),
            ],
        ),
        [
            consignment("X", "A>B", 20, "24 00:00", "30 00:00", treatment="cold_100h"),
            consignment("Y", "A>B", 20, "24 00:00", "30 00:00"),
        ],
        unserved_usd_per_kg=40.0,
    )


def test_a_unit_kept_shut_for_a_treatment_is_paid_and_may_make_the_slow_train_cheaper():
    plan = solve(cold_on_the_way(), effort=Effort(seconds=30.0))
    ridden = {i.consignment: i.carriages[-1].legs[-1].service for i in plan.itineraries}
    # By itself the fast one costs 100 + 14 x 8 = 212 and the slow one 220 + 24 x 2 = 268.
    assert ridden == {"X": "SLOW", "Y": "FAST"}
    # Shut 76 hours after 24 of riding: 100 x 2 in all; 46 of them are not free.
    assert plan.charges["X"].reefer == pytest.approx(100 * 2)
    assert plan.charges["X"].detention == pytest.approx(46.0)
    assert plan.charges["Y"].reefer == pytest.approx(14 * 8)
