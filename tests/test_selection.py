"""The integer problem itself: what it refuses, what a selection costs."""

from dataclasses import replace

import numpy as np
import pytest

from coldchain.selection import Selection, SelectionProblem, Status


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


@pytest.fixture
def two_on_a_train() -> SelectionProblem:
    """Two customers of 12 t and 8 t may share a box of 20 t, or ride alone, or stay behind."""
    return SelectionProblem(
        option_customer=ints(0, 0, 1, 1),
        option_cost=ints(10, 200, 20, 300),
        option_start=ints(0, 1, 1, 2, 2),
        option_pool=ints(0, 0),
        option_load=ints(12, 8),
        skip_cost=ints(1000, 1000),
        pool_capacity=ints(20),
        pool_cost=ints(250),
        limit_capacity=ints(1),
        limit_start=ints(0, 1),
        limit_pool=ints(0),
    )


def test_a_shared_unit_is_paid_once(two_on_a_train: SelectionProblem):
    assert two_on_a_train.units(ints(0, 2)).tolist() == [1]
    assert two_on_a_train.cost(ints(0, 2)) == 10 + 20 + 250
    assert two_on_a_train.cost(ints(0, 3)) == 10 + 300 + 250
    assert two_on_a_train.cost(ints(-1, -1)) == 2000


def test_a_load_above_the_capacity_fills_several_units(two_on_a_train: SelectionProblem):
    heavy = replace(two_on_a_train, option_load=ints(41, 8))
    assert heavy.units(ints(0, -1)).tolist() == [3]
    assert heavy.units(ints(0, 2)).tolist() == [3]


def test_limits_count_units(two_on_a_train: SelectionProblem):
    heavy = replace(two_on_a_train, option_load=ints(13, 8))
    assert two_on_a_train.broken_limits(ints(0, 2)) == []
    assert heavy.broken_limits(ints(0, 2)) == [0]
    assert heavy.broken_limits(ints(0, 3)) == []


@pytest.mark.parametrize(
    "fault",
    [
        {"option_customer": ints(0, 1, 0, 1)},
        {"option_start": ints(0, 1, 1, 2)},
        {"option_load": ints(12)},
        {"option_load": ints(12, 0)},
        {"pool_capacity": ints(0)},
        {"pool_cost": ints(-1)},
        {"limit_start": ints(0)},
    ],
)
def test_tables_that_do_not_fit_are_refused(two_on_a_train: SelectionProblem, fault: dict):
    with pytest.raises(ValueError, match=r"must|differ"):
        replace(two_on_a_train, **fault)


@pytest.mark.parametrize(("cost", "bound", "gap"), [(200, 150, 0.25), (200, 200, 0.0), (0, 0, 0.0)])
def test_the_gap_is_a_share_of_the_cost(cost: int, bound: int, gap: float):
    answer = Selection(
        chosen=(),
        units=(),
        cost=cost,
        bound=bound,
        status=Status.LIMIT,
        engine="none",
        engine_version="0",
        seconds=0.0,
    )
    assert answer.gap == gap
