"""Carriages are equal exactly when goods may share their units."""

from dataclasses import FrozenInstanceError

import pytest

from coldchain.decay import Surroundings
from coldchain.goods import Packaging
from coldchain.itinerary import Carriage, Itinerary, Reason, Refusal, Step, StepKind
from coldchain.timetable import Departure

LEG = Departure(departs=100, arrives=200, service="T")


def carriage(**known) -> Carriage:
    given = {"legs": (LEG,), "equipment": "FEU", "setpoint_c": 0.0, "stowage_group": "fruit"}
    return Carriage(**{**given, **known})


def test_equal_carriages_are_one():
    assert len({carriage(), carriage()}) == 1


@pytest.mark.parametrize(
    "difference",
    [
        {"setpoint_c": 1.0},
        {"stowage_group": "meat"},
        {"equipment": "TRUCK_CA"},
        {"legs": (LEG, Departure(departs=300, arrives=400, service="S"))},
        {"legs": (Departure(departs=101, arrives=200, service="T"),)},
    ],
)
def test_carriages_that_differ_in_anything_are_two(difference):
    assert carriage() != carriage(**difference)


def test_a_carriage_without_legs_is_refused():
    with pytest.raises(ValueError, match="at least one leg"):
        carriage(legs=())


def test_an_itinerary_never_changes():
    with pytest.raises(FrozenInstanceError):
        carriage().setpoint_c = 5.0  # pyright: ignore[reportAttributeAccessIssue]


def test_the_history_is_that_of_the_steps_in_order():
    warm, cold = (Surroundings(hours=1.0, air_c=t) for t in (20.0, 0.0))
    steps = tuple(
        Step(
            kind=StepKind.OPERATION,
            node="A",
            subject="X",
            begins=n,
            ends=n + 1,
            carriage=0,
            surroundings=e,
        )
        for n, e in enumerate([(warm, cold), (), (cold,)])
    )
    way = Itinerary(
        consignment="C",
        packaging=Packaging.NAKED,
        carriages=(carriage(),),
        steps=steps,
        delivered=3,
        life_reckoned=0.1,
        life_used=0.1,
        shelf_life_left_h=1.0,
        shelf_life_left_p10_h=1.0,
        shelf_life_left_p50_h=1.0,
        shelf_life_left_p90_h=1.0,
        sure=1.0,
        limited_by="quality",
        pulp_warmest_c=20.0,
    )
    assert way.history == (warm, cold, cold)


def test_departures_sort_by_time():
    later = Departure(departs=101, arrives=150, service="A")
    assert sorted([later, LEG]) == [LEG, later]


def test_a_refusal_names_the_consignment_the_reason_and_the_detail():
    refusal = Refusal(
        consignment="C1",
        reason=Reason.NOT_FRESH,
        shortfall=0.5,
        unit="d",
        where="CITY",
        detail="0.5 d short at CITY",
    )
    assert str(refusal) == "C1: NOT_FRESH, 0.5 d short at CITY"
