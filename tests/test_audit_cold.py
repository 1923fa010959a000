"""The cold written twice: the audit's pulp, lots and pace by hand, and beside the search's."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from conftest import packing, packings
from hypothesis import given
from hypothesis import strategies as st
from test_audit import CARRIAGES, CHERRY, GOOD, NETWORK, SCENARIO, at, in_scenario, rules

from coldchain import lots as searched
from coldchain.audit import Case, check, cold
from coldchain.audit.fates import kind_of
from coldchain.audit.limits import Limits
from coldchain.audit.lots import fate_of, law_of, lots_of, triangular
from coldchain.audit.pace import straightened
from coldchain.audit.pulp import Air, Pallet, follow, joined, pallet_of
from coldchain.clock import Clock, itinerary_of
from coldchain.goods import Packaging, PackagingTerms, Perishable
from coldchain.itinerary import StepKind
from coldchain.pace import convex_majorant
from coldchain.plan import Plan
from coldchain.scenario import Scenario

STILL = Pallet(outer=math.log(2) / 6, core=math.log(2) / 10, warming_k_h=0.0, warming_per_h=0.0)
ALIVE = replace(STILL, warming_k_h=0.023, warming_per_h=0.0045)


def end_c(pallet: Pallet, *airs: Air, start: float) -> tuple[float, float]:
    return follow(pallet, airs, (start, start), humidity_pct=None, jumps_c=()).end_c


# --- the pulp ------------------------------------------------------------------------------------


def test_loose_fruit_halves_its_distance_to_the_water_again_and_again():
    water = Air(hours=0.24, air_c=0.0, half_cooling_h=0.08)
    assert end_c(STILL, water, start=20.0) == pytest.approx((2.5, 2.5), rel=1e-5)


def test_a_pallet_ends_where_its_equations_say():
    # x' = A x: the solution by eigenvectors, at which the audit itself never looks.
    k, m = STILL.outer, STILL.core
    values, vectors = np.linalg.eigh(np.array([[-k - m, m], [m, -m]]))
    start = np.array([20.0, 20.0])
    exact = vectors @ (np.exp(values * 30.0) * (vectors.T @ start))
    assert end_c(STILL, Air(hours=30.0, air_c=0.0), start=20.0) == pytest.approx(
        tuple(exact.tolist()), rel=1e-6
    )


def test_breathing_goods_settle_above_their_air():
    outer, core = ALIVE.settled(0.0)
    assert 0 < outer < core < 1.5
    assert ALIVE.change(Air(hours=1.0, air_c=0.0), outer, core) == pytest.approx((0, 0), abs=1e-12)
    assert end_c(ALIVE, Air(hours=2000.0, air_c=0.0), start=20.0) == pytest.approx((outer, core))


def test_a_kelvin_of_warmth_adds_up_to_the_mean_lag():
    course = follow(
        ALIVE, [Air(hours=1000.0, air_c=0.0)], (3.0, 3.0), humidity_pct=None, jumps_c=()
    )
    for half, (rest, lag) in enumerate(zip(ALIVE.settled(0.0), ALIVE.lag_h, strict=True)):
        other = ALIVE.settled(0.0)[1 - half]
        # Both halves begin 3 K above 0 °C, not above where they settle: the core further above it.
        excess = float((course.pulp_c[half] - rest) @ course.hours)
        assert excess == pytest.approx(lag * 3.0 - _sum_of(ALIVE, half, rest, other), rel=1e-5)


def _sum_of(pallet: Pallet, half: int, mine: float, other: float) -> float:
    """Hours x K that a warmth of ``mine`` in one half and ``other`` in the other comes to in it."""
    k, m, slope = pallet.outer, pallet.core, pallet.warming_per_h
    inverse = np.linalg.inv(np.array([[k + m - slope, -m], [-m, m - slope]]))
    return float(inverse[half, half] * mine + inverse[half, 1 - half] * other)


def test_pulp_without_lag_is_as_warm_as_its_air():
    at_once = pallet_of(CHERRY, packing(Packaging.NAKED))
    course = follow(
        at_once,
        [Air(hours=2.0, air_c=20.0), Air(hours=3.0, air_c=0.0)],
        (9.0, 9.0),
        humidity_pct=None,
        jumps_c=(5.0,),
    )
    assert (course.coldest_c, course.warmest_c, course.hours.sum()) == (0.0, 20.0, 5.0)


@given(
    st.lists(st.tuples(st.floats(0.1, 30), st.floats(-1, 20)), min_size=1, max_size=6),
    st.floats(-1, 25),
)
def test_a_course_is_as_long_as_its_airs_and_ends_between_them(
    airs: list[tuple[float, float]], start: float
):
    history = [Air(hours=hours, air_c=air) for hours, air in airs]
    course = follow(STILL, history, (start, start), humidity_pct=None, jumps_c=(5.0, 8.0))
    assert course.hours.sum() == pytest.approx(sum(hours for hours, _ in airs))
    met = [start, *(air for _, air in airs)]
    assert min(met) - 1e-9 <= course.coldest_c <= course.warmest_c <= max(met) + 1e-9
    for jump in (5.0, 8.0):  # no piece lies on both sides
        beyond, side = course.pulp_c - jump, course.side_c - jump
        assert np.all((beyond * side >= 0) | (np.abs(beyond) < 1e-6))


def test_airs_that_are_alike_are_one():
    cold, warm = Air(hours=1.0, air_c=0.0), Air(hours=0.5, air_c=20.0)
    nothing = replace(warm, hours=0.0)
    assert joined([cold, nothing, cold, warm]) == [replace(cold, hours=2.0), warm]


# --- the limits ----------------------------------------------------------------------------------


def test_a_liner_counts_from_the_minute_the_pulp_is_cold_enough_for_it():
    terms = packing(Packaging.MAP, max_c=5.0)
    goods = replace(CHERRY, map_life_factor=1.4, activation_energy_kj_mol=0.0)
    limits = Limits(goods=goods, terms=terms)
    cooled = Air(hours=12.0, air_c=0.0, half_cooling_h=2.0)
    course = follow(
        pallet_of(goods, terms), [cooled], (20.0, 20.0), humidity_pct=None, jumps_c=limits.jumps_c
    )
    fate = fate_of(limits, lots_of(goods, seed=1), course, before=0.0, retail_c=0.0)
    # From 20 to 5 °C are two half-cooling times.
    assert fate.used_by(0.5) == pytest.approx((4.0 + 8.0 / 1.4) / 504, rel=1e-6)


def test_goods_that_dry_are_limited_by_it():
    # 3 % of the weight at 360 mg/kg/s/MPa and 20 °C, 60 %: 2338 Pa x 0.4.
    goods = replace(
        CHERRY, transpiration_mg_kg_s_mpa=360.0, max_weight_loss_pct=3.0, humidity_min_pct=60.0
    )
    limits = Limits(goods=goods, terms=packing(Packaging.NAKED, water_loss_factor=1.0))
    hours = 0.03 / (3600 * 360e-6 * 2338e-6 * 0.4)
    assert 1 / limits.at_rest(20.0)["water loss"] == pytest.approx(hours, rel=1e-3)


# --- the same written twice ----------------------------------------------------------------------

days = st.tuples(*[st.floats(2, 60)] * 3).map(sorted)
energies = st.tuples(*[st.floats(35, 120)] * 3).map(sorted)


@st.composite
def goods(draw: st.DrawFn) -> Perishable:
    life, energy = draw(days), draw(energies)
    return replace(
        CHERRY,
        life_min_d=life[0],
        life_typ_d=life[1],
        life_max_d=life[2],
        activation_energy_low_kj_mol=energy[0],
        activation_energy_kj_mol=energy[1],
        activation_energy_high_kj_mol=energy[2],
        domain_max_c=draw(st.floats(8, 35)),
    )


@given(goods(), st.integers(0, 2**32))
def test_lots_are_drawn_alike(one: Perishable, seed: int):
    theirs = searched.Lots(one, packing(Packaging.NAKED), seed=seed)
    mine = lots_of(one, seed=seed)
    np.testing.assert_allclose(mine.life_h, theirs.life_h, rtol=1e-12)
    np.testing.assert_allclose(mine.energy_j_mol, theirs.energy_j_mol, rtol=1e-12)


@given(goods(), st.floats(0.01, 0.99))
def test_the_law_planned_with_is_one(one: Perishable, confidence: float):
    law = law_of(one, lots_of(one, seed=1), confidence=confidence)
    theirs = searched.Lots(one, packing(Packaging.NAKED), seed=1).planned(confidence).limits[0]
    limits = Limits(goods=one, terms=packing(Packaging.NAKED))
    for degrees in (one.domain_min_c, 0.0, one.domain_max_c):
        here = np.array([degrees])
        rate = limits.ageing(law.energy_j_mol, here, here)[0, 0] / law.life_h[0]
        assert rate == pytest.approx(theirs.rate_per_h(degrees), rel=1e-9)


@given(st.lists(st.integers(0, 50), min_size=2, max_size=12))
def test_tables_are_straightened_alike(values: list[int]):
    table = np.array(values, dtype=np.float64)
    np.testing.assert_allclose(straightened(table), convex_majorant(table), rtol=1e-12)


@given(st.floats(0.001, 0.999))
def test_the_triangle_passes_its_mode_where_its_sides_meet(share: float):
    quantile = triangular(share, low=58.0, middle=66.0, high=80.0)
    assert (quantile <= 66.0) is (share <= 8 / 22)


LATE = {"outer_half_cooling_h": 6.0, "core_half_cooling_h": 10.0}
BREATHES: dict[str, Any] = {
    "respiration_mg_kg_h": ((0.0, 7.9), (5.0, 13.5), (10.0, 30.3), (20.0, 45.8)),
    "heat_capacity_kj_kg_k": 3.52,
}
DIFFERS: dict[str, Any] = {
    "life_min_d": 14.0,
    "life_max_d": 28.0,
    "activation_energy_low_kj_mol": 58.0,
    "activation_energy_high_kj_mol": 80.0,
}
WITHERS: dict[str, Any] = {
    "transpiration_mg_kg_s_mpa": 360.0,
    "max_weight_loss_pct": 3.0,
    "humidity_min_pct": 90.0,
}
# What the goods are, and how they are packed.
KINDS: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "as warm as their air": (DIFFERS, {}),
    "breathing on pallets": ({**DIFFERS, **BREATHES}, LATE),
    "in liners that give up": ({**DIFFERS, **BREATHES, "map_life_factor": 1.4}, LATE),
    "withering": ({**DIFFERS, **BREATHES, **WITHERS}, {**LATE, "water_loss_factor": 1.0}),
    "withering in open air": ({**DIFFERS, **WITHERS}, {"water_loss_factor": 1.0}),
    "chilled in flight": ({**DIFFERS, "chill_threshold_c": 0.0, "chill_dose_k_d": 0.15}, {}),
    "chilled in flight on pallets": (
        {**DIFFERS, "chill_threshold_c": 0.0, "chill_dose_k_d": 0.01},
        LATE,
    ),
    "hurt in a zone": (
        {
            **DIFFERS,
            "chill_zone_min_c": 2.0,
            "chill_zone_max_c": 8.0,
            "chill_zone_limit_d": 0.5,
        },
        LATE,
    ),
    "spoilt by bacteria": (
        {
            "life_min_d": 14.0,
            "life_max_d": 28.0,
            "decay_law": "square_root",
            "activation_energy_kj_mol": None,
            "tmin_sqrt_c": -10.0,
        },
        LATE,
    ),
}


def world(kind: str) -> tuple[Scenario, Packaging]:
    """The small world with other goods and packaging; docks, gates and packing are not the same."""
    given_, packed = KINDS[kind]
    way = Packaging.MAP if "map_life_factor" in given_ else Packaging.NAKED
    terms: dict[str, PackagingTerms] = packings()
    terms[way] = packing(way, **({**packed, "max_c": 5.0} if way is Packaging.MAP else packed))
    other: dict[str, dict[str, Any]] = {
        "PACK": {"half_cooling_h": 0.5},
        "DOCK-BOX": {"exposed_rh_pct": 60.0},
        "CUSTOMS": {"warming_per_h": 0.2, "exposed_h": 5.0},
    }
    flight = NETWORK.services["FLIGHT"]
    if "chill_threshold_c" in given_:
        # A cold hold, and nothing that warms the goods before.
        flight = replace(flight, temperature_c=-1.0)
        other["AIR-OUT"] = {"exposed_h": 0.0}
    operations = {
        name: replace(operation, **other.get(name, {}))
        for name, operation in NETWORK.operations.items()
    }
    services = {**NETWORK.services, "FLIGHT": flight}
    one = replace(CHERRY, **given_)
    scenario = replace(
        SCENARIO,
        network=replace(NETWORK, services=services, operations=operations),
        perishables={"cherry": one, "apricot": replace(one, code="apricot")},
        packaging=terms,
        confidence=0.8,
        consignments=tuple(
            replace(c, packaging=way, retail_c=5.0, pulp_at_ready_c=15.0 if c.id == "C5" else None)
            for c in SCENARIO.consignments
        ),
    )
    return scenario, way


def told_by_the_search(scenario: Scenario, way: Packaging) -> Plan:
    """The plan of the small world as the search would tell of its itineraries."""
    clock = Clock(scenario)
    itineraries = tuple(
        itinerary_of(
            clock,
            scenario.consignment(name),
            [
                (
                    clock.ride(
                        [scenario.network.services[leg.service] for leg in carriage.legs],
                        [leg.departs for leg in carriage.legs],
                    ),
                    carriage.setpoint_c,
                )
                for carriage in carriages
            ],
            packaging=way,
            stowage_group="",
        )
        for name, carriages in CARRIAGES.items()
    )
    return replace(GOOD, scenario=scenario, itineraries=itineraries)


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_search_tells_of_the_cold_the_audit_finds(kind: str):
    case = Case(plan=told_by_the_search(*world(kind)))
    for rule in (
        cold.packaging,
        cold.surroundings,
        cold.within_domain,
        cold.pulp_warmest,
        cold.life_reckoned,
        cold.life_used,
        cold.shelf_life_left,
        cold.percentiles,
        cold.sure,
        cold.limited_by,
    ):
        assert list(rule(case)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_life_reckoned_is_the_same_but_for_rounding(kind: str):
    scenario, way = world(kind)
    case = Case(plan=told_by_the_search(scenario, way))
    for run in case.runs:
        expected = case.told[run.consignment.id].life_reckoned
        assert run.itinerary.life_reckoned == pytest.approx(expected, rel=1e-3)
    theirs = scenario.pace("cherry", way)
    mine = kind_of(scenario, scenario.perishables["cherry"], scenario.packaging[way]).pace
    for air in sorted({*mine.airs, *theirs.airs_c}):
        assert mine.per_h(air) == pytest.approx(theirs.per_h(air), rel=1e-9)
    assert mine.keeping_quality_h(0.0) == pytest.approx(theirs.keeping_quality_h(0.0), rel=1e-9)


def test_kinds_differ_in_what_ends_their_life():
    ends = {
        kind: {one.limited_by for one in told_by_the_search(*world(kind)).itineraries}
        for kind in KINDS
    }
    assert ends["withering"] == {"water loss"}
    assert "chilling injury" in ends["chilled in flight"]
    assert "chilling injury" in ends["chilled in flight on pallets"]
    assert ends["hurt in a zone"] == {"internal breakdown"}
    assert ends["breathing on pallets"] == {"quality"}


# --- what the rules let pass, and what not --------------------------------------------------------


def test_air_out_of_order_is_seen():
    plan = GOOD
    one = plan.itineraries[0]
    steps = list(one.steps)
    packing_ = steps[0]
    steps[0] = replace(packing_, surroundings=packing_.surroundings[::-1])
    turned = replace(plan, itineraries=(replace(one, steps=tuple(steps)), *plan.itineraries[1:]))
    assert rules(check(turned)) == {"surroundings"}


def test_humidity_and_cooling_belong_to_the_air():
    def in_packing(**changed: Any) -> Plan:
        one = GOOD.itineraries[0]
        step = one.steps[0]
        first = replace(step.surroundings[0], **changed)
        steps = (replace(step, surroundings=(first, *step.surroundings[1:])), *one.steps[1:])
        return replace(GOOD, itineraries=(replace(one, steps=steps), *GOOD.itineraries[1:]))

    assert check(in_packing()) == ()
    assert rules(check(in_packing(relative_humidity_pct=90.0))) == {"surroundings"}
    assert rules(check(in_packing(half_cooling_h=0.1))) == {"surroundings"}


def test_a_shut_unit_is_as_warm_as_it_gets():
    customs = replace(NETWORK.operations["CUSTOMS"], warming_per_h=math.log(2), exposed_h=2.0)
    plan = in_scenario(
        network=replace(NETWORK, operations={**NETWORK.operations, "CUSTOMS": customs})
    )
    stretches = Case(plan=plan).runs[0].replay.stretches
    (gate,) = (s for s in stretches if s.subject == "CUSTOMS" and s.kind is StepKind.OPERATION)
    # Half of the difference in an hour, three quarters in two: 15 of 20 K.
    assert [(air.hours, air.air_c) for air in gate.airs] == [
        (2.0, pytest.approx(15.0)),
        (4.0, 0.0),
    ]
    assert gate.begins == at("06-02 00:00")
