"""Life used along many histories at once: a season of journeys, a lot drawn ten thousand times.

The same laws as for one history, asked for blocks of temperatures that stay in the processor's
cache from the first arithmetic to the last sum.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from coldchain.decay.limits import FirstLimit, Limit
from coldchain.decay.temperatures import Floats
from coldchain.errors import OutOfDomain

BLOCK = 16384
"""Segments worked on together: 128 KB an array, so that a handful of them fit the second cache."""


def life_used_along(
    law: Limit | FirstLimit,
    hours: ArrayLike,
    temperature_c: ArrayLike,
    *,
    air_c: ArrayLike | None = None,
    relative_humidity_pct: ArrayLike | None = None,
) -> Floats:
    """Life used along each of ``n`` histories of ``m`` segments.

    Histories of fewer segments are filled up with segments of 0 hours at any temperature at which
    the law holds.

    Parameters
    ----------
    law : Limit or FirstLimit
        Of several limits each history gets the one it has used most of.
    hours : array of shape (n, m)
        How long each segment lasts (h).
    temperature_c : array of shape (n, m)
        Temperature of the goods in it (°C).
    air_c, relative_humidity_pct : array that broadcasts to (n, m), optional
        The air around them (°C, %), for laws that ask for it.

    Returns
    -------
    array of shape (n,)
        Life used; 1.0 = the end.

    Raises
    ------
    OutOfDomain
        Where the law does not hold; the message names history and segment, counted from 0.
    ValueError
        For hours below 0, for anything infinite or not a number – naming history and segment – and
        for arrays that do not fit each other.

    Examples
    --------
    >>> from coldchain.decay import ArrheniusKeepingQuality
    >>> cherry = ArrheniusKeepingQuality(
    ...     life_h=21 * 24,
    ...     reference_c=0.0,
    ...     activation_energy_j_mol=66e3,
    ...     domain_min_c=-1.5,
    ...     domain_max_c=30.0,
    ... )
    >>> life_used_along(cherry, [[252.0, 0.0], [240.0, 24.0]], [[0.0, 0.0], [0.0, 20.0]]).round(3)
    array([0.5  , 0.822])
    >>> life_used_along(cherry, [[252.0, 1.0]], [[0.0, 35.0]])
    Traceback (most recent call last):
    ...
    coldchain.errors.OutOfDomain: history 0, segment 1: the law holds from -1.5 to 30 °C, not at
    35 °C
    """
    time, pulp = _floats(hours), _floats(temperature_c)
    if time.ndim != 2 or time.shape != pulp.shape:
        raise ValueError(
            "hours and temperatures are two tables of one shape, a row for each history, "
            f"not {time.shape} and {pulp.shape}"
        )
    air = _around(air_c, time.shape)
    humidity = _around(relative_humidity_pct, time.shape)
    limits = law.limits if isinstance(law, FirstLimit) else (law,)
    used = np.empty(len(time))
    rows = max(1, BLOCK // max(1, time.shape[1]))
    for first in range(0, len(time), rows):
        block = slice(first, first + rows)
        _require_hours(time[block], first)
        for limit in limits:
            try:
                rate = limit.rate_per_h(
                    pulp[block],
                    air_c=None if air is None else air[block],
                    relative_humidity_pct=None if humidity is None else humidity[block],
                )
            except OutOfDomain:
                _require_temperatures(limit, pulp[block], first)
                raise
            share = np.einsum("ij,ij->i", time[block], rate)
            if limit is limits[0]:
                used[block] = share
            else:
                np.maximum(used[block], share, out=used[block])
    return used


def _floats(values: ArrayLike) -> Floats:
    return np.asarray(values, dtype=np.float64)


def _around(values: ArrayLike | None, shape: tuple[int, ...]) -> Floats | None:
    """The air around the goods, a view of it for each segment."""
    if values is None:
        return None
    around = np.broadcast_to(_floats(values), shape)
    if not np.isfinite(around).all():
        row, column = np.argwhere(~np.isfinite(around))[0]
        raise ValueError(f"history {row}, segment {column}: the air is not {around[row, column]}")
    return around


def _require_hours(hours: Floats, first: int) -> None:
    # numpy's minimum hands NaN on, and no comparison with it is true.
    if hours.size and not (hours.min() >= 0 and hours.max() < math.inf):
        row, column = np.argwhere(~((hours >= 0) & (hours < math.inf)))[0]
        raise ValueError(
            f"history {first + row}, segment {column}: "
            f"an exposure lasts 0 hours or more, not {hours[row, column]}"
        )


def _require_temperatures(limit: Limit, pulp_c: Floats, first: int) -> None:
    """Name the segment at which ``limit`` has just refused."""
    bad = ~((pulp_c >= limit.domain_min_c) & (pulp_c <= limit.domain_max_c))
    for row, column in np.argwhere(bad)[:1]:
        where, there = f"history {first + row}, segment {column}", pulp_c[row, column]
        if not math.isfinite(there):
            raise ValueError(f"{where}: a temperature is a finite number, not {there}")
        raise OutOfDomain(
            f"{where}: the law holds from {limit.domain_min_c:g} to {limit.domain_max_c:g} °C, "
            f"not at {there:g} °C"
        )
