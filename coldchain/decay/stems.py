"""Browning of stems: cherries look old from the stem down, and stems die of thirst."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from coldchain.decay.exposure import Exposure
from coldchain.decay.limits import AdditiveLimit
from coldchain.decay.temperatures import (
    Number,
    positive_part,
    require_domain,
    require_ends,
)
from coldchain.decay.water import vapour_pressure_deficit_pa


@dataclass(frozen=True, slots=True, kw_only=True)
class StemBrowning(AdditiveLimit):
    r"""Share of brown stems, logistic in the vapour pressure deficit they have lived through.

    .. math:: W = \int \max(0, VPD)\, dt, \quad B = \frac{1}{1 + e^{-(W - W_{50}) / s}}

    ``B`` is a function of the sum ``W`` alone, so life used is ``W`` over the ``W`` at which too
    many stems are brown. Nobody has published ``W50`` of a cherry: it is to be measured for the
    cultivar and packaging at hand, and so has no default.

    Parameters
    ----------
    half_deficit_kpa_h : float
        ``W50``: deficit after which half of the stems are brown (kPa h).
    spread_kpa_h : float
        ``s``: how unlike each other stems are (kPa h).
    max_share : float
        Share of brown stems at which the lot is refused, 0-1.
    domain_min_c, domain_max_c : float
        Temperatures of the goods between which the law holds (°C).
    name : str
        What reaches its limit.

    References
    ----------
    M. Linke, W.B. Herppich, M. Geyer (2010). Green peduncles may indicate postharvest freshness of
    sweet cherries. Postharvest Biology and Technology 58(2), 135-141: peduncles change with the
    water they lose, and much less with temperature itself.

    Examples
    --------
    With numbers made up for the example:

    >>> stems = StemBrowning(
    ...     half_deficit_kpa_h=40.0,
    ...     spread_kpa_h=8.0,
    ...     max_share=0.2,
    ...     domain_min_c=-1.5,
    ...     domain_max_c=30.0,
    ... )
    >>> dry = [Exposure(hours=240, temperature_c=2.0, relative_humidity_pct=85.0)]
    >>> round(stems.share_brown(dry), 2), round(stems.life_used(dry), 2)
    (0.14, 0.88)
    """

    half_deficit_kpa_h: float
    spread_kpa_h: float
    max_share: float
    domain_min_c: float
    domain_max_c: float
    name: str = "stem browning"

    def __post_init__(self) -> None:
        if not 0 < self.spread_kpa_h < math.inf:
            raise ValueError(f"a spread is above 0, not {self.spread_kpa_h}")
        if not 0 < self.max_share < 1:
            raise ValueError(f"a share of stems lies between 0 and 1, not {self.max_share}")
        if not 0 < self.deficit_at_limit_kpa_h < math.inf:
            raise ValueError("more stems than accepted are brown before anything has happened")
        require_ends(self.domain_min_c, self.domain_max_c)

    @property
    def deficit_at_limit_kpa_h(self) -> float:
        """``W`` at which ``max_share`` of the stems are brown (kPa h)."""
        odds = self.max_share / (1.0 - self.max_share)
        return self.half_deficit_kpa_h + self.spread_kpa_h * math.log(odds)

    def rate_per_h(
        self,
        pulp_c: Number,
        *,
        air_c: Number | None = None,
        relative_humidity_pct: Number | None = None,
    ) -> Number:
        require_domain(pulp_c, self.domain_min_c, self.domain_max_c)
        if relative_humidity_pct is None:
            raise ValueError(f"{self.name} needs a relative humidity")
        deficit_pa = vapour_pressure_deficit_pa(
            pulp_c, pulp_c if air_c is None else air_c, relative_humidity_pct
        )
        return positive_part(deficit_pa) / 1000.0 / self.deficit_at_limit_kpa_h

    def share_brown(self, history: Iterable[Exposure]) -> float:
        """Share of stems that are brown after ``history``."""
        deficit = self.life_used(history) * self.deficit_at_limit_kpa_h
        return 0.5 + 0.5 * math.tanh((deficit - self.half_deficit_kpa_h) / self.spread_kpa_h / 2.0)
