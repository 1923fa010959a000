"""How fast a process runs at a temperature, relative to 1 at a reference temperature.

A response says nothing of what decays, only how much faster it does so when warm. Each holds
between two temperatures and is silent outside them: extrapolated responses are how shelf life is
promised that nobody has measured.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from coldchain.decay.temperatures import (
    GAS_CONSTANT_J_MOL_K,
    ZERO_CELSIUS_K,
    Number,
    exponential,
    require_domain,
    require_reference,
)


class Response(Protocol):
    """What a law asks of a response: a rate within a domain, 1 at the reference."""

    @property
    def reference_c(self) -> float:
        """Temperature at which the rate is 1 (°C)."""
        ...

    @property
    def domain_min_c(self) -> float:
        """Lowest temperature at which the response holds (°C)."""
        ...

    @property
    def domain_max_c(self) -> float:
        """Highest temperature at which the response holds (°C)."""
        ...

    def rate(self, temperature_c: Number) -> Number:
        """Rate at ``temperature_c`` relative to the reference; ``OutOfDomain`` outside."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrheniusResponse:
    r"""Arrhenius' law in reference form.

    .. math:: k(T) / k(T_{ref}) = \exp\left[\frac{E_a}{R}
              \left(\frac{1}{T_{ref}} - \frac{1}{T}\right)\right], \quad T \text{ in K}

    The reference form is not a matter of taste: a pre-exponential factor and an activation energy
    fitted to the same points correlate almost perfectly.

    Parameters
    ----------
    reference_c : float
        Temperature at which the rate is 1 (°C).
    activation_energy_j_mol : float
        Activation energy (J/mol). A negative one is a process that cold quickens, as chilling
        injury is in :func:`~coldchain.decay.parallel.response_with_optimum`.
    domain_min_c, domain_max_c : float
        Temperatures between which the response holds (°C).

    References
    ----------
    P. Dalgaard, Seafood Spoilage and Safety Predictor (DTU): 21 d at 5 °C and 100 kJ/mol are
    46.4 d at 0 °C, read off its screen; exactly it is 46.34.

    Examples
    --------
    >>> fish = ArrheniusResponse(
    ...     reference_c=5.0, activation_energy_j_mol=100e3, domain_min_c=-2.0, domain_max_c=15.0
    ... )
    >>> round(21 / fish.rate(0.0), 2)
    46.34
    """

    reference_c: float
    activation_energy_j_mol: float
    domain_min_c: float
    domain_max_c: float

    def __post_init__(self) -> None:
        if not math.isfinite(self.activation_energy_j_mol):
            raise ValueError(
                f"an activation energy is a finite number, not {self.activation_energy_j_mol}"
            )
        if not self.domain_min_c > -ZERO_CELSIUS_K:
            raise ValueError("Arrhenius' law ends above absolute zero")
        require_reference(self.reference_c, self.domain_min_c, self.domain_max_c)

    def rate(self, temperature_c: Number) -> Number:
        require_domain(temperature_c, self.domain_min_c, self.domain_max_c)
        inverse = 1.0 / (self.reference_c + ZERO_CELSIUS_K) - 1.0 / (temperature_c + ZERO_CELSIUS_K)
        return exponential(self.activation_energy_j_mol / GAS_CONSTANT_J_MOL_K * inverse)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExponentialResponse:
    r"""A rate whose logarithm is linear in °C; one Q10 at every temperature.

    .. math:: \ln k(T) = \ln k(T_{ref}) + a (T - T_{ref}), \quad Q_{10} = e^{10 a}

    Parameters
    ----------
    reference_c : float
        Temperature at which the rate is 1 (°C).
    slope_per_k : float
        ``a`` (1/K).
    domain_min_c, domain_max_c : float
        Temperatures between which the response holds (°C).

    References
    ----------
    P. Dalgaard, Food Spoilage and Safety Predictor (DTU): a = 0.089 for cold-smoked salmon, 0.15
    for cooked and brined shrimp in MAP.

    Examples
    --------
    >>> shrimp = ExponentialResponse(
    ...     reference_c=0.0, slope_per_k=0.15, domain_min_c=0.0, domain_max_c=15.0
    ... )
    >>> round(shrimp.rate(10.0), 2)
    4.48
    """

    reference_c: float
    slope_per_k: float
    domain_min_c: float
    domain_max_c: float

    def __post_init__(self) -> None:
        if not math.isfinite(self.slope_per_k):
            raise ValueError(f"a slope is a finite number, not {self.slope_per_k}")
        require_reference(self.reference_c, self.domain_min_c, self.domain_max_c)

    def rate(self, temperature_c: Number) -> Number:
        require_domain(temperature_c, self.domain_min_c, self.domain_max_c)
        return exponential(self.slope_per_k * (temperature_c - self.reference_c))


@dataclass(frozen=True, slots=True, kw_only=True)
class PiecewiseQ10Response:
    r"""A Q10 for each stretch of temperature, joined without a step.

    .. math:: k(T_2) = k(T_1) \, Q_{10}^{(T_2 - T_1)/10} \quad \text{within a stretch}

    Parameters
    ----------
    reference_c : float
        Temperature at which the rate is 1 (°C).
    q10 : tuple of (from_c, to_c, q10)
        The stretches, ascending and without gaps; together they are the domain.

    References
    ----------
    A.A. Kader, M.E. Saltveit: typical Q10 of deterioration, in J.R. Morris, P.L. Brady (2005)
    after USDA Agriculture Handbook 66. They warn that a Q10 "is not valid at low temperatures for
    chilling-sensitive products".

    Examples
    --------
    A life of 100 at 0 °C is 100 / 33 / 13 / 7 / 4 at 0 / 10 / 20 / 30 / 40 °C:

    >>> typical = PiecewiseQ10Response(reference_c=0.0, q10=TYPICAL_Q10)
    >>> [round(100 / typical.rate(t)) for t in (0.0, 10.0, 20.0, 30.0, 40.0)]
    [100, 33, 13, 7, 4]
    """

    reference_c: float
    q10: tuple[tuple[float, float, float], ...]
    knots_c: tuple[float, ...] = field(init=False, repr=False, compare=False)
    log_rates: tuple[float, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.q10:
            raise ValueError("a piecewise Q10 has at least one stretch")
        for begin, end, q10 in self.q10:
            if not begin < end:
                raise ValueError(f"a stretch of temperature ascends, not from {begin:g} to {end:g}")
            if not 0 < q10 < math.inf:
                raise ValueError(f"a Q10 is above 0, not {q10:g}")
        for (_, end, _), (begin, _, _) in zip(self.q10, self.q10[1:], strict=False):
            if begin != end:
                raise ValueError(f"the stretch after {end:g} °C begins there, not at {begin:g} °C")
        require_reference(self.reference_c, self.domain_min_c, self.domain_max_c)
        # The logarithm of the rate is linear between knots: it rises to the reference, where it is
        # 0, and on from there.
        knots = (self.q10[0][0], *(end for _, end, _ in self.q10))
        logarithms = tuple(
            math.fsum(
                math.log(q10)
                / 10.0
                * (_within(knot, begin, end) - _within(self.reference_c, begin, end))
                for begin, end, q10 in self.q10
            )
            for knot in knots
        )
        object.__setattr__(self, "knots_c", knots)
        object.__setattr__(self, "log_rates", logarithms)

    @property
    def domain_min_c(self) -> float:
        return self.q10[0][0]

    @property
    def domain_max_c(self) -> float:
        return self.q10[-1][1]

    def rate(self, temperature_c: Number) -> Number:
        require_domain(temperature_c, self.domain_min_c, self.domain_max_c)
        if isinstance(temperature_c, np.ndarray):
            return np.exp(np.interp(temperature_c, self.knots_c, self.log_rates))
        upper = max(1, bisect_left(self.knots_c, temperature_c))
        slope = math.log(self.q10[upper - 1][2]) / 10.0
        from_knot = temperature_c - self.knots_c[upper - 1]
        return math.exp(self.log_rates[upper - 1] + slope * from_knot)


TYPICAL_Q10 = ((0.0, 10.0, 3.0), (10.0, 20.0, 2.5), (20.0, 30.0, 2.0), (30.0, 40.0, 1.5))
"""Kader and Saltveit's typical Q10 of fresh produce: the default where nothing was measured."""


def _within(temperature_c: float, begin: float, end: float) -> float:
    """How far up a stretch ``temperature_c`` reaches: its own ends if it lies beyond them."""
    return min(max(temperature_c, begin), end)


def q10_of(activation_energy_j_mol: float, temperature_c: float) -> float:
    r"""How much faster a process is ten kelvin above ``temperature_c``.

    .. math:: Q_{10} = \exp\left[\frac{10\,E_a}{R\,T (T + 10)}\right], \quad T \text{ in K}

    Examples
    --------
    Sweet cherry has 2.79 from 0 to 10 °C and 2.60 from 10 to 20 °C: one activation energy is not
    one Q10.

    >>> round(q10_of(66e3, 0.0), 2), round(q10_of(66e3, 10.0), 2)
    (2.79, 2.6)
    """
    kelvin = temperature_c + ZERO_CELSIUS_K
    return math.exp(
        10.0 * activation_energy_j_mol / (GAS_CONSTANT_J_MOL_K * kelvin * (kelvin + 10.0))
    )


def activation_energy_of(*, cold_c: float, warm_c: float, rate_ratio: float) -> float:
    r"""Activation energy (J/mol) of a process ``rate_ratio`` times as fast when warm.

    .. math:: E_a = R \ln(k_2 / k_1) \Big/ (1/T_1 - 1/T_2), \quad T \text{ in K}

    Examples
    --------
    Handbook 66 lets produce keep 100 at 0 °C and 13.3 at 20 °C:

    >>> round(activation_energy_of(cold_c=0.0, warm_c=20.0, rate_ratio=7.5) / 1000, 1)
    67.1
    """
    if not -ZERO_CELSIUS_K < cold_c < warm_c < math.inf:
        raise ValueError(f"{cold_c:g} °C is not colder than {warm_c:g} °C")
    if not 0 < rate_ratio < math.inf:
        raise ValueError(f"a ratio of rates is above 0, not {rate_ratio}")
    inverse = 1.0 / (cold_c + ZERO_CELSIUS_K) - 1.0 / (warm_c + ZERO_CELSIUS_K)
    return GAS_CONSTANT_J_MOL_K * math.log(rate_ratio) / inverse
