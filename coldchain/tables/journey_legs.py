"""Legs of a journey as they are typed: ``10h@2``, ``0.25d@-1``, ``10h@2@90``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from coldchain.decay import Exposure
from coldchain.errors import DataError, Fault

HOURS_IN = {"min": 1 / 60, "h": 1.0, "d": 24.0}
NUMBER = r"[0-9]{1,6}(?:\.[0-9]{1,6})?"
LEG = re.compile(
    rf"(?P<time>{NUMBER})(?P<unit>min|h|d)"
    rf"@(?P<pulp>-?{NUMBER})(?:°?C)?(?:@(?P<humidity>{NUMBER})%?)?",
    re.IGNORECASE,
)
NEGATIVE = re.compile(rf"-{NUMBER}(min|h|d)@.*", re.IGNORECASE)
NOT_FINITE = re.compile(r"[-+]?(nan|inf(inity)?)", re.IGNORECASE)


def read_legs(tokens: Sequence[str], *, shown: str = "LEG") -> tuple[Exposure, ...]:
    """The history that ``tokens`` spell: time @ pulp temperature in °C [@ humidity in %].

    Raises
    ------
    DataError
        With every token that is no leg.

    Examples
    --------
    >>> [(leg.hours, leg.temperature_c) for leg in read_legs(["10h@2", "0.25d@-1"])]
    [(10.0, 2.0), (6.0, -1.0)]
    """
    legs: list[Exposure] = []
    faults: list[Fault] = []
    for number, token in enumerate(tokens, start=1):
        leg = _leg(token)
        if isinstance(leg, Exposure):
            legs.append(leg)
        else:
            faults.append(
                Fault(file=f"{shown} {number}", row=0, column="", value=token[:100], expected=leg)
            )
    if faults:
        raise DataError(faults)
    return tuple(legs)


def _leg(token: str) -> Exposure | str:
    """The leg, or what was expected."""
    found = LEG.fullmatch(token)
    if found is None:
        time, _, rest = token.partition("@")
        if NEGATIVE.fullmatch(token):
            return "a time above 0"
        if NOT_FINITE.match(time) or NOT_FINITE.match(rest):
            return "finite numbers, such as 10h@2"
        if token.startswith("-"):
            return "a leg such as 10h@2; there is no such option, see --help"
        if re.fullmatch(rf".*@-?{NUMBER}°?F.*", token, re.IGNORECASE):
            return "°C"
        return "a time, @ and °C of the pulp: 10h@2 or 0.25d@-1, with humidity 10h@2@90"
    hours = float(found["time"]) * HOURS_IN[found["unit"].lower()]
    if not hours:
        return "a time above 0"
    humidity = None if found["humidity"] is None else float(found["humidity"])
    if humidity is not None and humidity > 100:
        return "a relative humidity from 0 to 100 %"
    return Exposure(
        hours=hours, temperature_c=float(found["pulp"]) + 0.0, relative_humidity_pct=humidity
    )
