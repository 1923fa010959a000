import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldchain.errors import DataError
from coldchain.tables.journey_legs import read_legs


@pytest.mark.parametrize(
    ("token", "hours", "pulp_c", "humidity_pct"),
    [
        ("10h@2", 10, 2, None),
        ("0.25d@-1", 6, -1, None),
        ("90min@20", 1.5, 20, None),
        ("260H@0C", 260, 0, None),
        ("4h@2.5°C@90%", 4, 2.5, 90),
        ("4h@-0@100", 4, 0, 100),
    ],
)
def test_legs_are_read_as_typed(token, hours, pulp_c, humidity_pct):
    [leg] = read_legs([token])
    assert (leg.hours, leg.temperature_c, leg.relative_humidity_pct) == (
        pytest.approx(hours),
        pulp_c,
        humidity_pct,
    )


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("-3h@2", "a time above 0"),
        ("0h@2", "a time above 0"),
        ("nanh@2", "finite numbers"),
        ("3h@nan", "finite numbers"),
        ("3h@inf", "finite numbers"),
        ("infh@3", "finite numbers"),
        ("10h@36F", "°C"),
        ("10h@2@101", "0 to 100 %"),
        ("10@2", "a time, @ and °C of the pulp"),
        ("10h", "a time, @ and °C of the pulp"),
        ("1,5h@2", "a time, @ and °C of the pulp"),
        ("1e9h@2", "a time, @ and °C of the pulp"),
        ("", "a time, @ and °C of the pulp"),
        ("--rtail-c", "there is no such option"),
    ],
)
def test_what_is_no_leg_is_told_in_words(token: str, expected: str):
    with pytest.raises(DataError) as caught:
        read_legs(["1h@1", token])
    [fault] = caught.value.faults
    assert (fault.file, fault.value) == ("LEG 2", token)
    assert expected in fault.expected


def test_all_wrong_legs_are_told_at_once():
    with pytest.raises(DataError) as caught:
        read_legs(["-3h@2", "10h@2", "x", "3h@nan"])
    assert [fault.file for fault in caught.value.faults] == ["LEG 1", "LEG 3", "LEG 4"]


@given(st.text(max_size=30))
def test_any_text_is_a_leg_or_refused(token: str):
    try:
        [leg] = read_legs([token])
    except DataError:
        return
    assert leg.hours > 0
