"""How many of many are still good: fruit of a lot do not fail on the same day."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from coldchain.decay.exposure import Exposure
from coldchain.decay.limits import DecayLaw


@dataclass(frozen=True, slots=True, kw_only=True)
class WeibullPopulation:
    r"""Share of fruit or packages still good, with keeping quality as the scale.

    .. math:: S(\tau) = e^{-\tau^\beta}, \quad \tau = \int \frac{dt}{KQ(T(t))}

    The scale is the time at which 1/e, 37 %, are still good. Along a varying temperature ``tau`` is
    life used, so the share at the end depends on the history through that one number.

    Parameters
    ----------
    law : DecayLaw
        Gives ``tau``: any limit, or several as a :class:`~coldchain.decay.limits.FirstLimit`.
    shape : float
        ``beta``, above 0. At 1 the good ones fail at random; the further above, the more they fail
        together.

    References
    ----------
    W. Weibull (1951). A statistical distribution function of wide applicability. Journal of
    Applied Mechanics 18(3), 293-297. doi:10.1115/1.4010337

    Examples
    --------
    >>> from coldchain.decay import KeepingQuality, ArrheniusResponse
    >>> cherries = WeibullPopulation(
    ...     law=KeepingQuality(
    ...         life_h=21 * 24,
    ...         response=ArrheniusResponse(
    ...             reference_c=0.0,
    ...             activation_energy_j_mol=66e3,
    ...             domain_min_c=-1.5,
    ...             domain_max_c=30.0,
    ...         ),
    ...     ),
    ...     shape=3.0,
    ... )
    >>> round(cherries.share_good([Exposure(hours=21 * 12, temperature_c=0.0)]), 3)
    0.882
    >>> round(cherries.keeping_quality_h(0.0, share_good=0.9) / 24, 1)
    9.9
    """

    law: DecayLaw
    shape: float

    def __post_init__(self) -> None:
        if not 0 < self.shape < math.inf:
            raise ValueError(f"the shape of a Weibull distribution is above 0, not {self.shape}")

    def share_good(self, history: Iterable[Exposure]) -> float:
        """Share of the population still good after ``history``."""
        return self.share_good_at(self.law.life_used(history))

    def share_good_at(self, life_used: float) -> float:
        """Share of the population still good at ``life_used``, 0 or more."""
        if not life_used >= 0:
            raise ValueError(f"life used is 0 or more, not {life_used}")
        return math.exp(-(life_used**self.shape))

    def life_used_at(self, share_good: float) -> float:
        """Life used at which a share ``share_good``, between 0 and 1, is still good."""
        if not 0 < share_good < 1:
            raise ValueError(f"a share lies between 0 and 1, not at {share_good}")
        return (-math.log(share_good)) ** (1.0 / self.shape)

    def keeping_quality_h(self, temperature_c: float, *, share_good: float) -> float:
        """Hours at constant ``temperature_c`` until only ``share_good`` are good.

        Meant for laws that add up. A ``FirstLimit`` adds up along one temperature, so it may stand
        here, too.
        """
        return self.law.keeping_quality_h(temperature_c) * self.life_used_at(share_good)
