"""Keeping quality by the name of its temperature response, as a table states it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from coldchain.decay.keeping_quality import ArrheniusKeepingQuality, KeepingQuality
from coldchain.decay.limits import Limit
from coldchain.decay.responses import ExponentialResponse, PiecewiseQ10Response
from coldchain.decay.square_root import SquareRootResponse


def square_root_keeping_quality(
    *,
    life_h: float,
    reference_c: float,
    tmin_c: float,
    domain_min_c: float,
    domain_max_c: float,
) -> KeepingQuality:
    """Keeping quality whose rate is :class:`SquareRootResponse`: microbial spoilage.

    Examples
    --------
    >>> fish = square_root_keeping_quality(
    ...     life_h=21 * 24, reference_c=5.0, tmin_c=-10.0, domain_min_c=-2.0, domain_max_c=15.0
    ... )
    >>> round(fish.keeping_quality_h(0.0) / 24, 2)
    47.25
    """
    response = SquareRootResponse(
        reference_c=reference_c,
        tmin_c=tmin_c,
        domain_min_c=domain_min_c,
        domain_max_c=domain_max_c,
    )
    return KeepingQuality(life_h=life_h, response=response)


def exponential_keeping_quality(
    *,
    life_h: float,
    reference_c: float,
    slope_per_k: float,
    domain_min_c: float,
    domain_max_c: float,
) -> KeepingQuality:
    """Keeping quality whose rate is :class:`ExponentialResponse`.

    Examples
    --------
    >>> salmon = exponential_keeping_quality(
    ...     life_h=28 * 24, reference_c=5.0, slope_per_k=0.089, domain_min_c=0.0, domain_max_c=15.0
    ... )
    >>> round(salmon.keeping_quality_h(15.0) / 24, 1)
    11.5
    """
    response = ExponentialResponse(
        reference_c=reference_c,
        slope_per_k=slope_per_k,
        domain_min_c=domain_min_c,
        domain_max_c=domain_max_c,
    )
    return KeepingQuality(life_h=life_h, response=response)


def piecewise_q10_keeping_quality(
    *, life_h: float, reference_c: float, q10: tuple[tuple[float, float, float], ...]
) -> KeepingQuality:
    """Keeping quality whose rate is :class:`PiecewiseQ10Response`; its pieces are its domain.

    Examples
    --------
    >>> from coldchain.decay import TYPICAL_Q10
    >>> typical = piecewise_q10_keeping_quality(life_h=100.0, reference_c=0.0, q10=TYPICAL_Q10)
    >>> [round(typical.keeping_quality_h(t)) for t in (0.0, 10.0, 20.0, 30.0, 40.0)]
    [100, 33, 13, 7, 4]
    """
    return KeepingQuality(
        life_h=life_h, response=PiecewiseQ10Response(reference_c=reference_c, q10=q10)
    )


DECAY_LAWS: Mapping[str, Callable[..., Limit]] = {
    "arrhenius": ArrheniusKeepingQuality,
    "square_root": square_root_keeping_quality,
    "exponential": exponential_keeping_quality,
    "piecewise_q10": piecewise_q10_keeping_quality,
}
"""Laws by the name they carry in ``perishables.csv`` (column ``decay_law``)."""
