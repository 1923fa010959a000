"""What every law of temperature stands on: constants, a number or many at once, the domain.

A law is asked for one temperature when an itinerary is searched and for a million when a season is
sampled. It is written once for both: :data:`Number` is a ``float`` or an array of them.
"""

from __future__ import annotations

import math
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from coldchain.errors import OutOfDomain

GAS_CONSTANT_J_MOL_K = 8.314462618
"""Molar gas constant (CODATA 2018, exact)."""

ZERO_CELSIUS_K = 273.15

Floats: TypeAlias = NDArray[np.float64]
Number = TypeVar("Number", float, Floats)
"""One float, or an array of floats: what goes in comes out."""


def require_domain(temperature_c: Number, domain_min_c: float, domain_max_c: float) -> None:
    """Let temperatures within ``[domain_min_c, domain_max_c]`` pass.

    Raises
    ------
    OutOfDomain
        If a temperature lies outside, or is not a number.

    Examples
    --------
    >>> require_domain(31.0, -1.5, 30.0)
    Traceback (most recent call last):
    ...
    coldchain.errors.OutOfDomain: the law holds from -1.5 to 30 °C, not at 31 °C
    """
    if isinstance(temperature_c, np.ndarray):
        if not temperature_c.size:
            return
        # Comparisons with the extremes fail on NaN, too: numpy's min and max hand it on.
        low, high = float(temperature_c.min()), float(temperature_c.max())
        outside = high if low >= domain_min_c else low
    else:
        low = high = outside = temperature_c
    if not (domain_min_c <= low and high <= domain_max_c):
        raise OutOfDomain(
            f"the law holds from {domain_min_c:g} to {domain_max_c:g} °C, not at {outside:g} °C"
        )


def require_ends(domain_min_c: float, domain_max_c: float) -> None:
    """Refuse a domain that is none."""
    if not -math.inf < domain_min_c <= domain_max_c < math.inf:
        raise ValueError("the domain of a law ascends between finite ends")


def require_reference(reference_c: float, domain_min_c: float, domain_max_c: float) -> None:
    """Refuse a reference temperature at which the law itself does not hold."""
    require_ends(domain_min_c, domain_max_c)
    if not domain_min_c <= reference_c <= domain_max_c:
        raise ValueError("the reference temperature lies outside the law's own domain")


def exponential(x: Number) -> Number:
    """``e`` to the power of a number or of each in an array."""
    if isinstance(x, np.ndarray):
        return np.exp(x)
    return math.exp(x)


def positive_part(x: Number) -> Number:
    """The number where it is above 0, else 0: a dose never runs backwards.

    Examples
    --------
    >>> positive_part(2.5), positive_part(-1.0)
    (2.5, 0.0)
    """
    if isinstance(x, np.ndarray):
        return np.maximum(x, 0.0)
    return max(x, 0.0)


def indicator(x: Number, low: float, high: float) -> Number:
    """1 where ``low <= x <= high``, else 0.

    Examples
    --------
    >>> indicator(5.0, 2.2, 7.6), indicator(0.0, 2.2, 7.6)
    (1.0, 0.0)
    """
    if isinstance(x, np.ndarray):
        return ((low <= x) & (x <= high)).astype(np.float64)
    return 1.0 if low <= x <= high else 0.0
