"""Microbial growth between its coldest and its warmest: the responses of Ratkowsky.

Square roots of growth rates lie on a line above a notional minimum, where Arrhenius' law bends; up
to the optimum the line does, beyond it the second factor is needed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from coldchain.decay.temperatures import (
    Number,
    exponential,
    require_domain,
    require_reference,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SquareRootResponse:
    r"""The square-root law of Ratkowsky: microbial spoilage between cold and lukewarm.

    .. math:: \sqrt{k(T)} = b (T - T_{min}), \quad
              k(T) / k(T_{ref}) = \left(\frac{T - T_{min}}{T_{ref} - T_{min}}\right)^2

    Parameters
    ----------
    reference_c : float
        Temperature at which the rate is 1 (°C).
    tmin_c : float
        Notional temperature at which growth stops (°C): an intercept, not a promise. It lies
        below the domain.
    domain_min_c, domain_max_c : float
        Temperatures between which the response holds (°C).

    References
    ----------
    D.A. Ratkowsky, J. Olley, T.A. McMeekin, A. Ball (1982). Relationship between temperature and
    growth rate of bacterial cultures. Journal of Bacteriology 149(1), 1-5.
    doi:10.1128/jb.149.1.1-5.1982. As relative rate of spoilage in P. Dalgaard's Seafood Spoilage
    and Safety Predictor (DTU): 21 d at 5 °C with Tmin = -10 °C are 47.2 d at 0 °C.

    Examples
    --------
    >>> fish = SquareRootResponse(
    ...     reference_c=5.0, tmin_c=-10.0, domain_min_c=-2.0, domain_max_c=15.0
    ... )
    >>> round(21 / fish.rate(0.0), 2)
    47.25
    """

    reference_c: float
    tmin_c: float
    domain_min_c: float
    domain_max_c: float

    def __post_init__(self) -> None:
        require_reference(self.reference_c, self.domain_min_c, self.domain_max_c)
        if not -math.inf < self.tmin_c < self.domain_min_c:
            raise ValueError(
                f"growth stops below the domain, which begins at {self.domain_min_c:g} °C, "
                f"not at {self.tmin_c:g} °C"
            )

    def rate(self, temperature_c: Number) -> Number:
        require_domain(temperature_c, self.domain_min_c, self.domain_max_c)
        # Multiplied by itself rather than squared: many times as fast for a float.
        root = (temperature_c - self.tmin_c) / (self.reference_c - self.tmin_c)
        return root * root


@dataclass(frozen=True, slots=True, kw_only=True)
class RatkowskyResponse:
    r"""The square-root law with a warm end: growth up to its optimum and down again.

    .. math:: \sqrt{k(T)} = b (T - T_{min}) \left(1 - e^{c (T - T_{max})}\right)

    Parameters
    ----------
    reference_c : float
        Temperature at which the rate is 1 (°C).
    tmin_c, tmax_c : float
        Notional temperatures at which growth stops (°C): below and above the domain.
    c_per_k : float
        How sharply it stops at the warm end (1/K).
    domain_min_c, domain_max_c : float
        Temperatures between which the response holds (°C).

    References
    ----------
    D.A. Ratkowsky, R.K. Lowry, T.A. McMeekin, A.N. Stokes, R.E. Chandler (1983). Model for
    bacterial culture growth rate throughout the entire biokinetic temperature range. Journal of
    Bacteriology 154(3), 1222-1226. doi:10.1128/jb.154.3.1222-1226.1983

    Examples
    --------
    Far below its warm end it is the square-root law:

    >>> growth = RatkowskyResponse(
    ...     reference_c=5.0,
    ...     tmin_c=-10.0,
    ...     tmax_c=40.0,
    ...     c_per_k=0.3,
    ...     domain_min_c=-2.0,
    ...     domain_max_c=38.0,
    ... )
    >>> round(21 / growth.rate(0.0), 2)
    47.25
    >>> growth.rate(34.0) > growth.rate(38.0)
    True
    """

    reference_c: float
    tmin_c: float
    tmax_c: float
    c_per_k: float
    domain_min_c: float
    domain_max_c: float

    def __post_init__(self) -> None:
        require_reference(self.reference_c, self.domain_min_c, self.domain_max_c)
        if not 0 < self.c_per_k < math.inf:
            raise ValueError(f"the sharpness of the warm end is above 0, not {self.c_per_k}")
        ends = (self.tmin_c, self.domain_min_c, self.domain_max_c, self.tmax_c)
        if not -math.inf < ends[0] < ends[1] <= ends[2] < ends[3] < math.inf:
            raise ValueError("growth stops outside the domain, below it and above it")

    def rate(self, temperature_c: Number) -> Number:
        require_domain(temperature_c, self.domain_min_c, self.domain_max_c)
        root = self._root(temperature_c) / self._root(self.reference_c)
        return root * root

    def _root(self, temperature_c: Number) -> Number:
        warm_end = 1.0 - exponential(self.c_per_k * (temperature_c - self.tmax_c))
        return (temperature_c - self.tmin_c) * warm_end
