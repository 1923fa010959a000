"""Laws of freshness: a thermal history in, the fraction of keeping quality used out.

Keeping quality (Tijskens & Polderdijk 1996) is the time a product stays acceptable at a constant
temperature. For attribute kinetics of the form ``dQ/dt = -k(T) f(Q)`` – zero order, first order
and logistic alike – it is inversely proportional to the rate ``k(T)``, so along a varying
temperature the *life used* adds up [1]_:

    life_used = integral of dt / KQ(T(t)),       1.0 = the end of keeping quality,

    KQ(T) = KQ_ref * k(T_ref) / k(T).

References
----------
.. [1] L.M.M. Tijskens, J.J. Polderdijk (1996). A generic model for keeping quality of vegetable
   produce during storage and distribution. Agricultural Systems 51(4), 431-452.
   doi:10.1016/0308-521X(95)00058-D
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from coldchain.errors import OutOfDomain

GAS_CONSTANT_J_MOL_K = 8.314462618
"""Molar gas constant (CODATA 2018, exact)."""

ZERO_CELSIUS_K = 273.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """A stretch of time at one product temperature."""

    hours: float
    temperature_c: float

    def __post_init__(self) -> None:
        if not (self.hours >= 0 and math.isfinite(self.hours)):
            raise ValueError(f"an exposure lasts 0 hours or more, not {self.hours}")
        if not math.isfinite(self.temperature_c):
            raise ValueError(f"a temperature is a finite number, not {self.temperature_c}")


class DecayLaw(Protocol):
    """What the rest of coldchain asks of a law: life used, monotone in the history."""

    def keeping_quality_h(self, temperature_c: float) -> float:
        """Hours until the end of keeping quality at constant ``temperature_c``."""
        ...

    def life_used(self, history: Iterable[Exposure]) -> float:
        """Fraction of keeping quality used along ``history``; 1.0 = the end."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrheniusKeepingQuality:
    r"""Keeping quality whose rate follows Arrhenius in reference form.

    .. math:: KQ(T) = KQ_{ref} \exp\left[\frac{E_a}{R}
              \left(\frac{1}{T} - \frac{1}{T_{ref}}\right)\right], \quad T \text{ in K}

    Parameters
    ----------
    life_h : float
        Keeping quality at ``reference_c`` (h).
    reference_c : float
        Reference temperature (°C).
    activation_energy_j_mol : float
        Activation energy ``Ea`` (J/mol).
    domain_min_c, domain_max_c : float
        Temperatures between which the law holds (°C); outside it raises :class:`OutOfDomain`.

    References
    ----------
    Equation 7.4-7.5 of Tijskens & Polderdijk (1996) with an Arrhenius rate. Sweet cherry in air:
    21 d at 0 °C (USDA Handbook 66: 14-28 d), Ea = 66 kJ/mol fitted to the Handbook's Q10 table
    between 0 and 20 °C.

    Examples
    --------
    Sweet cherry keeps 21 / 12.5 / 7.5 / 2.9 days at 0 / 5 / 10 / 20 °C:

    >>> cherry = ArrheniusKeepingQuality(
    ...     life_h=21 * 24,
    ...     reference_c=0.0,
    ...     activation_energy_j_mol=66e3,
    ...     domain_min_c=-1.8,
    ...     domain_max_c=30.0,
    ... )
    >>> [round(cherry.keeping_quality_h(t) / 24, 1) for t in (0, 5, 10, 20)]
    [21.0, 12.5, 7.5, 2.9]
    >>> round(cherry.life_used([Exposure(hours=24 * 10, temperature_c=0.0)]), 4)
    0.4762
    """

    life_h: float
    reference_c: float
    activation_energy_j_mol: float
    domain_min_c: float
    domain_max_c: float

    def __post_init__(self) -> None:
        if not self.life_h > 0:
            raise ValueError(f"a life is longer than 0 h, not {self.life_h}")
        if not self.activation_energy_j_mol >= 0:
            raise ValueError(
                f"an activation energy is 0 or more, not {self.activation_energy_j_mol}"
            )
        if not self.domain_min_c <= self.reference_c <= self.domain_max_c:
            raise ValueError("the reference temperature lies outside the law's own domain")

    def keeping_quality_h(self, temperature_c: float) -> float:
        """Hours until the end of keeping quality at constant ``temperature_c``.

        Raises
        ------
        OutOfDomain
            Outside ``[domain_min_c, domain_max_c]``.
        """
        if not self.domain_min_c <= temperature_c <= self.domain_max_c:
            raise OutOfDomain(
                f"the law holds from {self.domain_min_c:g} to {self.domain_max_c:g} °C, "
                f"not at {temperature_c:g} °C"
            )
        inverse = 1.0 / (temperature_c + ZERO_CELSIUS_K) - 1.0 / (self.reference_c + ZERO_CELSIUS_K)
        return self.life_h * math.exp(self.activation_energy_j_mol / GAS_CONSTANT_J_MOL_K * inverse)

    def life_used(self, history: Iterable[Exposure]) -> float:
        """Fraction of keeping quality used along ``history``; additive, whatever the order."""
        return math.fsum(
            e.hours / self.keeping_quality_h(e.temperature_c) for e in history if e.hours
        )


DECAY_LAWS: Mapping[str, Callable[..., DecayLaw]] = {
    "arrhenius": ArrheniusKeepingQuality,
}
"""Laws by the name they carry in ``perishables.csv`` (column ``decay_law``)."""
