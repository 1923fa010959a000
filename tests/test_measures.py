"""What the model says, by selector: each quantity by hand, and every way to ask wrongly."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import consignment, cross_dock, network, node, operation, scenario, service, train
from conftest import utc as moment

from coldchain.errors import DataError
from coldchain.goods import Packaging
from coldchain.measures import Measures
from coldchain.network import Network, Service, Spread, Trigger
from coldchain.scenario import Prices

SPREAD = Spread(p10=20.0, p50=24.0, p90=48.0)


def long(leg: Service, km: float) -> Service:
    return replace(leg, distance_km=km)


def a_network() -> Network:
    return network(
        [
            node("P"),
            node("B"),
            node("X", country="CN"),
            node("C", country="CN"),
        ],
        [
            long(service("inland", "P>B", 10, 300), 400),
            long(service("truck", "B>X", 5, 200), 100),
            long(
                train("train", "X>C", 30, 900, genset_l_per_h=3.0, reefer_usd_per_unit_h=2.0), 900
            ),
            long(replace(service("last", "X>C", 20, 1800), transit=SPREAD), 800),
            long(service("north", "B>C", 9, 9000, status="proposed"), 700),
        ],
        [
            replace(operation("EXIT", "B", Trigger.ARRIVE, 3), charge="border", usd_per_unit=50),
            replace(
                operation("ENTRY", "X", Trigger.ARRIVE, 6),
                charge="border",
                usd_per_unit=100,
                equipment_in=frozenset({"TRUCK_CA"}),
            ),
            replace(
                operation("HOLD", "X", Trigger.ARRIVE, 90),
                charge="border",
                usd_per_unit=1000,
                probability=0.1,
                equipment_in=frozenset({"TRUCK_CA"}),
            ),
            replace(operation("PLUG", "X", Trigger.UNIT_STORAGE, 0), usd_per_unit_day=2.5),
            cross_dock("D", "X", "TRUCK_CA>FEU_R", 2),
        ],
    )


def measures(*, trials: int = 200, of: Network | None = None) -> Measures:
    given = scenario(of or a_network(), [consignment("c", "P>C", 20, "24 06:00", "28 06:00")])
    given = replace(given, prices=Prices(diesel_usd_per_l=0.95))
    return Measures(
        given,
        commodity=given.consignments[0].commodity,
        packaging=Packaging.NAKED,
        first_ready_at=moment("24 06:00"),
        days=7,
        trials=trials,
    )


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("operations EXIT hours", 3),
        ("operations EXIT work_hours", 3),
        ("operations EXIT ENTRY hours", 9),
        ("operations EXIT ENTRY HOLD usd", 250),
        ("operations PLUG usd_per_unit_d", 2.5),
        ("service inland hours", 10),
        ("service inland km_per_h", 40),
        ("service inland km", 400),
        ("service inland usd", 300),
        ("service inland usd_per_km", 0.75),
        ("service inland payload_t", 18),
        ("service train per_week", 7),
        ("service last days", 1),
        ("service train reefer_usd_per_h", 2 + 3 * 0.95),
        ("country TJ road km_per_h", 40),
        ("country TJ road usd_per_500km_20t", 300 / 18 / 400 * 500 * 20),
        ("course P X km", 500),
        ("course P C km crossings=CN:road entry=X then=road>rail", 1400),
        ("course P C km crossings=CN:road entry=X then=road", 1300),
        ("course P C km crossings=CN:road entry=C then=road status=proposed", 1100),
    ],
)
def test_a_measure_is_what_a_planner_would_read_off(selector: str, expected: float):
    assert measures().of(selector).p50 == pytest.approx(expected)


def test_hours_under_way_begin_with_the_first_departure():
    found = measures().of("course P X hours_under_way")
    # 10 h, 3 h at the exit, 5 h, 6 h at the entry; a tenth of them 90 h more.
    assert (found.p10, found.p50) == (24.0, 24.0)
    assert found.mean == pytest.approx(24 + 9, abs=5)


def test_all_crossings_count_once_and_rare_operations_by_their_chance():
    asked = measures(trials=4000)
    assert asked.of("crossings road usd").p50 == pytest.approx((50 + 200) / 2)
    assert asked.of("crossings road usd country=CN").p50 == pytest.approx(200)
    assert asked.of("crossings road hours country=TJ").mean == 3
    assert asked.of("crossings road hours").mean == pytest.approx((3 + 15) / 2, abs=0.7)


def test_the_spread_of_a_row_is_its_own_and_has_no_mean():
    found = measures().of("service last hours")
    assert (found.p10, found.p50, found.p90) == pytest.approx((20, 24, 48))
    assert found.statistic("p90") == pytest.approx(48)
    with pytest.raises(DataError, match="no mean"):
        found.statistic("mean")


def test_speed_is_least_where_time_is_longest():
    found = measures().of("service last km_per_h")
    assert (found.p10, found.p50, found.p90) == pytest.approx((800 / 48, 800 / 24, 40))


def test_money_of_a_course_is_that_of_a_full_unit_by_gross_weight():
    by_unit = measures().of("course P C usd_per_unit entry=X then=road").p50
    by_kg = measures().of("course P C usd_per_kg entry=X then=road").p50
    assert by_unit == pytest.approx(300 + 200 + 1800 + 50 + 100)
    assert by_kg == pytest.approx(by_unit / 18_000)


def test_emissions_are_those_of_the_corridor_by_gross_weight():
    # 100 g/tkm on 500 km of the way, nothing on the rest, no generator.
    net = a_network()
    services = {
        name: replace(s, gco2e_per_tkm=100.0 if name in ("inland", "truck") else 0.0)
        for name, s in net.services.items()
    }
    asked = measures(of=replace(net, services=services))
    found = asked.of("course P C kgco2e_per_kg entry=X then=road")
    assert found.p50 == pytest.approx(100 * 500 / 1e6)


@pytest.mark.parametrize(
    ("selector", "told"),
    [
        ("", "a subject first"),
        ("border EXIT hours", "a subject first"),
        ("service inland", "subject, names and a quantity"),
        ("service status=proposed inland hours", "subject, names and a quantity"),
        ("service inland furlongs", "km_per_h"),
        ("service inlet hours", "one service"),
        ("service inland truck hours", "one service"),
        ("service inland hours entry=X", "conditions of service"),
        ("operations EXIT NOWHERE hours", "not NOWHERE"),
        ("operations EXIT days", "a quantity"),
        ("operations EXIT ENTRY work_hours", "of one operation"),
        ("crossings sea hours", "rail, road, air"),
        ("crossings road hours country=KZ", "a country with crossings"),
        ("country TJ hours", "a country and a mode"),
        ("country KZ road km_per_h", "a country with services"),
        ("country TJ road hours", "usd_per_500km_20t"),
        ("course P P days", "two nodes"),
        ("course P NOWHERE days", "two nodes"),
        ("course P C weeks", "days_under_way"),
        ("course P C days entry=B", "crossings=CN:road entry=X"),
        ("course P C days via=X", "conditions of course"),
        ("course P C days entry=X entry=X", "each once"),
        ("course C P days", "none at all"),
    ],
)
def test_a_selector_that_says_nothing_is_refused_with_what_is_wanted(selector: str, told: str):
    with pytest.raises(DataError) as refused:
        measures().of(selector)
    (fault,) = refused.value.faults
    assert fault.value == selector
    assert told in fault.expected


def test_trials_of_a_course_are_made_once():
    asked = measures()
    days = asked.of("course P X days")
    hours = asked.of("course P X hours_under_way")
    assert np.isclose(hours.p90, days.p90 * 24)
