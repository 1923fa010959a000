r"""Modified atmosphere: a liner that multiplies life while it is cold enough to hold."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from coldchain.decay.limits import AdditiveLimit, Limit
from coldchain.decay.temperatures import Number


@dataclass(frozen=True, slots=True, kw_only=True)
class ModifiedAtmosphere(AdditiveLimit):
    r"""A law of temperature for goods shut in with an atmosphere of their own making.

    .. math:: KQ_{MAP}(T) = f\,KQ(T) \text{ for } T \le T_{max}, \qquad
              KQ_{MAP}(T) = KQ(T) \text{ above}

    Respiration grows with temperature (Q10 of 2.5-3) faster than a film lets gases through
    (1.3-1.8). In the warm the bag runs out of oxygen, and what it did for life in the cold it does
    no longer: the factor is never a substitute for temperature.

    Parameters
    ----------
    law : Limit
        Of the same goods in air.
    life_factor : float
        ``f``, above 0.
    max_c : float, optional
        ``Tmax`` (°C); None: the atmosphere holds at every temperature of the law.

    References
    ----------
    Sweet cherries, 3-10 % O2 and 10-15 % CO2: UC Davis Postharvest Technology Center, produce
    facts. Trials at 0-1 °C kept them 4-6 weeks in liners against 2-4 in air: a factor of 1.4
    (1.0-2.0), read off by judgement.

    Examples
    --------
    >>> from coldchain.decay import ArrheniusKeepingQuality
    >>> air = ArrheniusKeepingQuality(
    ...     life_h=21 * 24,
    ...     reference_c=0.0,
    ...     activation_energy_j_mol=66e3,
    ...     domain_min_c=-1.5,
    ...     domain_max_c=30.0,
    ... )
    >>> cherry = ModifiedAtmosphere(law=air, life_factor=1.4, max_c=5.0)
    >>> [round(cherry.keeping_quality_h(t) / 24, 1) for t in (0, 5, 10)]
    [29.4, 17.4, 7.5]
    """

    law: Limit
    life_factor: float
    max_c: float | None = None

    def __post_init__(self) -> None:
        if not 0 < self.life_factor < math.inf:
            raise ValueError(f"a life factor is above 0, not {self.life_factor}")

    @property
    def name(self) -> str:
        return self.law.name

    @property
    def domain_min_c(self) -> float:
        return self.law.domain_min_c

    @property
    def domain_max_c(self) -> float:
        return self.law.domain_max_c

    def rate_per_h(
        self,
        pulp_c: Number,
        *,
        air_c: Number | None = None,
        relative_humidity_pct: Number | None = None,
    ) -> Number:
        in_air = self.law.rate_per_h(
            pulp_c, air_c=air_c, relative_humidity_pct=relative_humidity_pct
        )
        return in_air / life_factor(pulp_c, self.life_factor, self.max_c)


def life_factor(pulp_c: Number, factor: float, max_c: float | None) -> Number:
    """By what life is multiplied at ``pulp_c``: ``factor`` up to ``max_c``, 1 above."""
    if isinstance(pulp_c, np.ndarray):
        return np.where(pulp_c <= (math.inf if max_c is None else max_c), factor, 1.0)
    return factor if max_c is None or pulp_c <= max_c else 1.0
