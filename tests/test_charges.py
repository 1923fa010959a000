"""The books by hand, in dollars."""

from dataclasses import fields, replace
from datetime import time

import pytest
from conftest import (
    at,
    consignment,
    cross_dock,
    flight,
    network,
    node,
    operation,
    scenario,
    service,
)
from hypothesis import given
from hypothesis import strategies as st

from coldchain.charges import (
    Charges,
    freshness_usd,
    goods_charges,
    handling_usd,
    least_packing_usd,
    packing_usd,
    pallets_per_unit,
    unit_charges,
    unserved_usd,
)
from coldchain.clock import Clock, itinerary_of
from coldchain.goods import Consignment, Packaging
from coldchain.itinerary import Itinerary
from coldchain.network import Trigger
from coldchain.scenario import Scenario

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
