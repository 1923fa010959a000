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
from collections.abc import Iterable
from dataclasses import dataclass, field

from coldchain.decay.exposure import Exposure
from coldchain.decay.limits import AdditiveLimit
from coldchain.decay.responses import ArrheniusResponse, Response
from coldchain.decay.temperatures import (
    GAS_CONSTANT_J_MOL_K,
    ZERO_CELSIUS_K,
    Number,
    require_domain,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepingQuality(AdditiveLimit):
    r"""Keeping quality on any temperature response.

    .. math:: KQ(T) = KQ_{ref}\, k(T_{ref}) / k(T)

    Parameters
    ----------
    life_h : float
        Keeping quality at the reference temperature of ``response`` (h).
    response : Response
        How much faster quality is lost at another temperature; its domain is that of the law.
    name : str
        What of the goods is no longer acceptable at the end.

    References
    ----------
    Tijskens & Polderdijk (1996), with any rate. The example is sweet cherry
    in air: 21 d at 0 °C, 66 kJ/mol.

    Examples
    --------
    >>> cherry = KeepingQuality(
    ...     life_h=21 * 24,
    ...     response=ArrheniusResponse(
    ...         reference_c=0.0,
    ...         activation_energy_j_mol=66e3,
    ...         domain_min_c=-1.5,
    ...         domain_max_c=30.0,
    ...     ),
    ... )
    >>> [round(cherry.keeping_quality_h(t) / 24, 1) for t in (0, 5, 10, 20)]
    [21.0, 12.5, 7.5, 2.9]
    """

    life_h: float
    response: Response
    name: str = "quality"

    def __post_init__(self) -> None:
        _require_life(self.life_h)

    @property
    def domain_min_c(self) -> float:
        return self.response.domain_min_c

    @property
    def domain_max_c(self) -> float:
        return self.response.domain_max_c

    def rate_per_h(
        self,
        pulp_c: Number,
        *,
        air_c: Number | None = None,
        relative_humidity_pct: Number | None = None,
    ) -> Number:
        return self.response.rate(pulp_c) / self.life_h


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrheniusKeepingQuality(AdditiveLimit):
    r"""Keeping quality whose rate follows Arrhenius in reference form.

    .. math:: KQ(T) = KQ_{ref} \exp\left[\frac{E_a}{R}
              \left(\frac{1}{T} - \frac{1}{T_{ref}}\right)\right], \quad T \text{ in K}

    The law most commodities are planned with, in one piece: the search asks it by the million.

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
    name : str
        What of the goods is no longer acceptable at the end.

    References
    ----------
    Tijskens & Polderdijk (1996) with an Arrhenius rate. Sweet cherry in air:
    21 d at 0 °C (USDA Handbook 66: 14-28 d), Ea = 66 kJ/mol fitted to the Handbook's Q10 table
    between 0 and 20 °C.

    Examples
    --------
    Sweet cherry keeps 21 / 12.5 / 7.5 / 2.9 days at 0 / 5 / 10 / 20 °C:

    >>> cherry = ArrheniusKeepingQuality(
    ...     life_h=21 * 24,
    ...     reference_c=0.0,
    ...     activation_energy_j_mol=66e3,
    ...     domain_min_c=-1.5,
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
    name: str = "quality"
    response: ArrheniusResponse = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _require_life(self.life_h)
        if not self.activation_energy_j_mol >= 0:
            raise ValueError(
                f"an activation energy is 0 or more, not {self.activation_energy_j_mol}"
            )
        response = ArrheniusResponse(
            reference_c=self.reference_c,
            activation_energy_j_mol=self.activation_energy_j_mol,
            domain_min_c=self.domain_min_c,
            domain_max_c=self.domain_max_c,
        )
        object.__setattr__(self, "response", response)

    def rate_per_h(
        self,
        pulp_c: Number,
        *,
        air_c: Number | None = None,
        relative_humidity_pct: Number | None = None,
    ) -> Number:
        return self.response.rate(pulp_c) / self.life_h

    def keeping_quality_h(
        self,
        temperature_c: float,
        *,
        air_c: float | None = None,
        relative_humidity_pct: float | None = None,
    ) -> float:
        """Hours until the end of keeping quality at constant ``temperature_c``.

        Raises
        ------
        OutOfDomain
            Outside ``[domain_min_c, domain_max_c]``.
        """
        require_domain(temperature_c, self.domain_min_c, self.domain_max_c)
        inverse = 1.0 / (temperature_c + ZERO_CELSIUS_K) - 1.0 / (self.reference_c + ZERO_CELSIUS_K)
        return self.life_h * math.exp(self.activation_energy_j_mol / GAS_CONSTANT_J_MOL_K * inverse)

    def life_used(self, history: Iterable[Exposure]) -> float:
        """Fraction of keeping quality used along ``history``; additive, whatever the order."""
        return math.fsum(
            e.hours / self.keeping_quality_h(e.temperature_c) for e in history if e.hours
        )


def _require_life(life_h: float) -> None:
    if not life_h > 0:
        raise ValueError(f"a life is longer than 0 h, not {life_h}")
