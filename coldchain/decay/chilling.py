"""Injury by cold: the limit of a commodity that is too cold before it is too old.

Published limits are latencies – so many days below so many degrees before damage shows – and a
dose is what a latency measures. No keeping quality that grows as it gets colder can tell of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from coldchain.decay.limits import AdditiveLimit
from coldchain.decay.temperatures import (
    Number,
    indicator,
    positive_part,
    require_domain,
    require_ends,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChillingDose(AdditiveLimit):
    r"""Degree-hours below a threshold; injury once there are too many.

    .. math:: D = \int \max(0, T_c - T)\, dt, \quad \text{injured at } D = D_{crit}

    Parameters
    ----------
    threshold_c : float
        ``Tc``: at or above it nothing is counted (°C).
    critical_dose_k_h : float
        ``Dcrit`` (K h).
    domain_min_c, domain_max_c : float
        Temperatures between which the law holds (°C); its lower end lies above freezing.
    name : str
        What is injured.

    References
    ----------
    Cucumbers stand 2-3 d at 7.2 °C (USDA Agriculture Handbook 66), and no longer than that: with
    a threshold of 10 °C, about 7 K d.

    Examples
    --------
    >>> cucumber = ChillingDose(
    ...     threshold_c=10.0, critical_dose_k_h=7 * 24, domain_min_c=0.0, domain_max_c=30.0
    ... )
    >>> cucumber.keeping_quality_h(7.2) / 24
    2.5
    """

    threshold_c: float
    critical_dose_k_h: float
    domain_min_c: float
    domain_max_c: float
    name: str = "chilling injury"

    def __post_init__(self) -> None:
        _require_positive("a critical dose", self.critical_dose_k_h)
        require_ends(self.domain_min_c, self.domain_max_c)
        if not math.isfinite(self.threshold_c):
            raise ValueError(f"a threshold is a finite temperature, not {self.threshold_c}")

    def rate_per_h(
        self,
        pulp_c: Number,
        *,
        air_c: Number | None = None,
        relative_humidity_pct: Number | None = None,
    ) -> Number:
        require_domain(pulp_c, self.domain_min_c, self.domain_max_c)
        return positive_part(self.threshold_c - pulp_c) / self.critical_dose_k_h


@dataclass(frozen=True, slots=True, kw_only=True)
class ChillingBand(AdditiveLimit):
    """Hours within a band of temperature; injury once there are too many.

    Peaches break down inside between about 2 and 8 °C, and neither below nor above: for them the
    refrigerator's usual 5 °C is worse than 0 °C.

    Parameters
    ----------
    band_min_c, band_max_c : float
        The band; its ends belong to it (°C).
    critical_h : float
        Hours in the band until injury (h).
    domain_min_c, domain_max_c : float
        Temperatures between which the law holds (°C).
    name : str
        What is injured.

    References
    ----------
    C.H. Crisosto, F.G. Mitchell, Z. Ju (1999). Susceptibility to chilling injury of peach,
    nectarine, and plum cultivars grown in California. HortScience 34(6), 1116-1118: 2.2 to 7.6 °C
    is the zone that kills the flavour of peaches.

    Examples
    --------
    >>> peach = ChillingBand(
    ...     band_min_c=2.2, band_max_c=7.6, critical_h=240.0, domain_min_c=-0.9, domain_max_c=30.0
    ... )
    >>> [peach.keeping_quality_h(t) for t in (0.0, 5.0, 10.0)]
    [inf, 240.0, inf]
    """

    band_min_c: float
    band_max_c: float
    critical_h: float
    domain_min_c: float
    domain_max_c: float
    name: str = "internal breakdown"

    def __post_init__(self) -> None:
        _require_positive("the time in the band", self.critical_h)
        require_ends(self.domain_min_c, self.domain_max_c)
        if not -math.inf < self.band_min_c < self.band_max_c < math.inf:
            raise ValueError(
                f"a band ascends, not from {self.band_min_c:g} to {self.band_max_c:g} °C"
            )

    def rate_per_h(
        self,
        pulp_c: Number,
        *,
        air_c: Number | None = None,
        relative_humidity_pct: Number | None = None,
    ) -> Number:
        require_domain(pulp_c, self.domain_min_c, self.domain_max_c)
        return indicator(pulp_c, self.band_min_c, self.band_max_c) / self.critical_h


def _require_positive(what: str, value: float) -> None:
    if not 0 < value < math.inf:
        raise ValueError(f"{what} is above 0 and finite, not {value}")
