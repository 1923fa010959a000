"""Places, services and operations: durations, seasons, and what keeps a unit sealed."""

import math
from dataclasses import replace
from datetime import date

import pytest
from conftest import (
    cross_dock,
    flight,
    network,
    node,
    operation,
    service,
    train,
    transfer,
)
from hypothesis import given
from hypothesis import strategies as st

from coldchain.errors import UnknownName
from coldchain.network import Season, Spread, Trigger, great_circle_km

quantiles = st.floats(0.001, 0.999)
hours = st.just(0.0) | st.floats(0.01, 400)
spreads = st.lists(hours, min_size=3, max_size=3).map(
    lambda h: Spread(p10=sorted(h)[0], p50=sorted(h)[1], p90=sorted(h)[2])
)


def test_goods_cool_by_the_piece_only_where_they_start():
    operation("PACK", "P", Trigger.ORIGIN, half_cooling_h=0.08)
    operation("LOAD", "P", Trigger.ORIGIN_EQUIPMENT, half_cooling_h=0.08)
    for trigger in set(Trigger) - {Trigger.ORIGIN, Trigger.ORIGIN_EQUIPMENT}:
        with pytest.raises(ValueError, match="X: goods are cooled by the piece at their origin"):
            operation("X", "P", trigger, half_cooling_h=0.08, treatment="any")
    with pytest.raises(ValueError, match="longer than 0 h"):
        operation("X", "P", Trigger.ORIGIN, half_cooling_h=0.0)


@given(spreads, quantiles, quantiles)
def test_a_spread_never_shrinks_with_the_quantile(spread, one, other):
    low, high = sorted((one, other))
    assert spread.at(low) <= spread.at(high) + 1e-9


@given(spreads.filter(lambda s: s.p10 > 0))
def test_a_spread_passes_through_its_three_percentiles(spread):
    assert spread.at(0.1) == pytest.approx(spread.p10)
    assert spread.at(0.5) == pytest.approx(spread.p50)
    assert spread.at(0.9) == pytest.approx(spread.p90)


def test_a_spread_that_may_take_no_time_still_passes_through_its_percentiles():
    spread = Spread(p10=0.0, p50=2.0, p90=4.0)
    assert [spread.at(q) for q in (0.1, 0.5, 0.9)] == pytest.approx([0.0, 2.0, 4.0])


@given(spreads, quantiles)
def test_a_spread_is_never_negative_nor_infinite(spread, quantile):
    assert 0 <= spread.at(quantile) < math.inf


@pytest.mark.parametrize("hours", [(2, 1, 3), (1, 3, 2), (-1, 0, 1), (0, 1, math.inf)])
def test_a_spread_out_of_order_is_refused(hours):
    with pytest.raises(ValueError, match="does not hold"):
        Spread(p10=hours[0], p50=hours[1], p90=hours[2])


@pytest.mark.parametrize("quantile", [0.0, 1.0, -0.5])
def test_a_spread_is_read_between_0_and_1(quantile):
    with pytest.raises(ValueError, match="between 0 and 1"):
        Spread(p10=1, p50=2, p90=3).at(quantile)


@pytest.mark.parametrize(
    ("first", "last", "day", "holds"),
    [
        ((5, 1), (11, 30), date(2027, 5, 1), True),
        ((5, 1), (11, 30), date(2027, 11, 30), True),
        ((5, 1), (11, 30), date(2027, 4, 30), False),
        ((11, 1), (3, 31), date(2027, 12, 31), True),
        ((11, 1), (3, 31), date(2027, 1, 1), True),
        ((11, 1), (3, 31), date(2027, 4, 1), False),
        ((11, 1), (3, 31), date(2027, 10, 31), False),
    ],
)
def test_a_season_holds_its_ends_and_may_run_over_new_year(first, last, day, holds):
    assert Season(first=first, last=last).holds(day) is holds


def test_a_box_is_called_by_what_carries_it():
    assert service("S", "A>B", 1, equipment="FEU").rides_as == "FEU_C"
    assert train("T", "A>B", 1).rides_as == "FEU_R"
    assert service("S", "A>B", 1).rides_as == "TRUCK_CA"


BOX = service("BOX", "A>B", 1, equipment="FEU")
RAIL = train("RAIL", "B>C", 1)
BOX_ON = service("BOX-ON", "B>C", 1, equipment="FEU")
TRUCK = service("TRUCK", "B>C", 1)


@pytest.mark.parametrize(
    ("before", "after", "lift", "sealed"),
    [
        (BOX, BOX_ON, None, True),
        (BOX, RAIL, None, False),
        (BOX, RAIL, transfer("LIFT", "B", "FEU_C>FEU_R", 1), True),
        (BOX, RAIL, transfer("LIFT", "B", "FEU_R>FEU_C", 1), False),
        (BOX, RAIL, transfer("LIFT", "A", "FEU_C>FEU_R", 1), False),
        (BOX, RAIL, cross_dock("DOCK", "B", "FEU_C>FEU_R", 1), False),
        (BOX, TRUCK, transfer("LIFT", "B", "FEU_C>TRUCK_CA", 1), False),
        (RAIL, BOX, None, False),
        (flight("F1", "A>B", 1, 1.0), flight("F2", "B>C", 1, 1.0), None, False),
    ],
)
def test_a_unit_stays_sealed_where_its_equipment_goes_on_as_it_came_or_is_lifted(
    before, after, lift, sealed
):
    net = network(map(node, "ABC"), [before, after], [] if lift is None else [lift])
    assert net.stays_sealed(before, after) is sealed


def test_the_first_cross_dock_that_fits_is_taken():
    listed = [
        transfer("SEALED", "B", "TRUCK_CA>FEU_R", 1),
        cross_dock("NO", "B", "FEU_C>FEU_R", 1),
        cross_dock("FIRST", "B", "TRUCK_CA|FEU_C>FEU_R", 1),
        operation("ANY", "B", Trigger.TRANSFER, 1, opens_unit=True),
    ]
    net = network([node("B")], [], listed)
    assert net.cross_dock("B", "TRUCK_CA", "FEU_R") is listed[2]
    assert net.cross_dock("B", "AIR", "TRUCK_CN") is listed[3]
    assert net.cross_dock("A", "TRUCK_CA", "FEU_R") is None
    assert net.sealed_transfer("B", TRUCK, RAIL) is listed[0]


def test_operations_come_in_the_order_of_the_file():
    net = network([node("B")], [], [operation(n, "B", Trigger.ARRIVE) for n in ("Z", "A", "M")])
    assert [o.id for o in net.operations_at("B", Trigger.ARRIVE)] == ["Z", "A", "M"]
    assert net.operations_at("B", Trigger.ORIGIN) == ()


@pytest.mark.parametrize(
    ("probability", "quantile", "happens"),
    [(1.0, 0.01, True), (0.03, 0.5, False), (0.03, 0.97, False), (0.03, 0.98, True)],
)
def test_a_rare_operation_is_planned_for_only_beyond_its_quantile(probability, quantile, happens):
    rare = operation("LAB", "B", Trigger.ARRIVE, probability=probability)
    assert rare.happens(quantile) is happens


def test_parallel_services_are_parallel_edges():
    net = network(map(node, "AB"), [service("S", "A>B", 1), train("T", "A>B", 2)])
    assert set(net.graph["A"]["B"]) == {"S", "T"}
    assert net.graph["A"]["B"]["T"]["transit_h"] == 2


def test_an_unknown_node_is_answered_with_the_nearest_name_not_with_its_node():
    net = network([node("CN-CKG-HB")], [])
    with pytest.raises(UnknownName, match="did you mean CN-CKG-HB"):
        net.node("CN-CKG-BH")


def test_great_circle_is_a_quarter_of_the_globe_from_equator_to_pole():
    pole, equator = (replace(node(n), latitude_deg=d) for n, d in (("P", 90.0), ("E", 0.0)))
    quarter = math.pi / 2 * 6371.0088
    assert great_circle_km(equator, pole) == pytest.approx(quarter)
    assert great_circle_km(pole, pole) == 0
