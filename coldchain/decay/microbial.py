"""Growth of what spoils meat, fish and milk, with the lag before it begins."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from coldchain.decay.exposure import Exposure
from coldchain.decay.limits import AdditiveLimit
from coldchain.decay.responses import Response
from coldchain.decay.temperatures import Number


@dataclass(frozen=True, slots=True, kw_only=True)
class MicrobialGrowth(AdditiveLimit):
    r"""Baranyi and Roberts' growth to the level at which the goods are spoilt.

    .. math:: \frac{dN}{dt} = \mu(T) \frac{Q}{1 + Q} \left(1 - \frac{N}{N_{max}}\right) N, \quad
              \frac{dQ}{dt} = \mu(T)\, Q, \quad
              \mathrm{lag} = \frac{\ln(1 + 1 / Q_0)}{\mu}

    A lag looks like a memory for which life used has no room. It is none here: the work to be done
    before growth, ``h0 = ln(1 + 1/Q0) = mu lag``, is the same at every temperature and is done at
    the rate ``mu`` itself. With it everything is a function of one number, the integral ``M`` of
    ``mu dt``:

    .. math:: A(M) = \ln\left(1 + e^{-h_0} (e^M - 1)\right), \quad
              N = \frac{N_{max}}{1 + (N_{max}/N_0 - 1)\, e^{-A}}

    and so is the end: life used is ``M`` over the ``M`` at which ``N`` is the level of spoilage. It
    adds up, whatever the order. Without a lag this is a keeping quality that goes as ``1/mu``.
    Where a cold shock sets the cells back, ``h0`` is not constant, and this law does not hold.

    Safety from pathogens is no question of it.

    Parameters
    ----------
    growth_rate_per_h : float
        Greatest specific growth rate ``mu`` at the reference temperature of ``response`` (1/h).
    lag_h : float
        Lag at that temperature (h), 0 or more.
    initial_log10, spoilage_log10, maximum_log10 : float
        Numbers at the start, at the end of life and at most (log10 cfu/g or log10 cfu/cm²).
    response : Response
        How growth responds to temperature; as a rule
        :class:`~coldchain.decay.square_root.SquareRootResponse`.
    name : str
        What reaches its limit.

    References
    ----------
    J. Baranyi, T.A. Roberts (1994). A dynamic approach to predicting bacterial growth in food.
    International Journal of Food Microbiology 23(3-4), 277-294.
    doi:10.1016/0168-1605(94)90157-0

    Examples
    --------
    >>> from coldchain.decay import SquareRootResponse
    >>> meat = MicrobialGrowth(
    ...     growth_rate_per_h=0.05,
    ...     lag_h=24.0,
    ...     initial_log10=3.0,
    ...     spoilage_log10=7.0,
    ...     maximum_log10=9.0,
    ...     response=SquareRootResponse(
    ...         reference_c=2.0, tmin_c=-8.0, domain_min_c=-1.0, domain_max_c=8.0
    ...     ),
    ... )
    >>> round(meat.keeping_quality_h(2.0) / 24, 1)
    8.7
    >>> round(meat.numbers_log10([Exposure(hours=120, temperature_c=2.0)]), 2)
    5.09
    """

    growth_rate_per_h: float
    lag_h: float
    initial_log10: float
    spoilage_log10: float
    maximum_log10: float
    response: Response
    name: str = "microbial spoilage"

    def __post_init__(self) -> None:
        if not 0 < self.growth_rate_per_h < math.inf:
            raise ValueError(f"a growth rate is above 0, not {self.growth_rate_per_h}")
        if not 0 <= self.lag_h < math.inf:
            raise ValueError(f"a lag is 0 h or more, not {self.lag_h}")
        levels = (self.initial_log10, self.spoilage_log10, self.maximum_log10)
        if not -math.inf < levels[0] < levels[1] < levels[2] < math.inf:
            raise ValueError("numbers grow from the initial to spoilage and stay below the maximum")

    @property
    def domain_min_c(self) -> float:
        return self.response.domain_min_c

    @property
    def domain_max_c(self) -> float:
        return self.response.domain_max_c

    @property
    def work_before_growth(self) -> float:
        """``h0``: the integral of ``mu dt`` that the lag takes, at any temperature."""
        return self.growth_rate_per_h * self.lag_h

    @property
    def growth_to_spoilage(self) -> float:
        """``M`` at the end: the integral of ``mu dt`` until numbers reach the spoilage level."""
        start = 10.0 ** (self.initial_log10 - self.maximum_log10)
        end = 10.0 ** (self.spoilage_log10 - self.maximum_log10)
        adjusted = math.log(end * (1.0 - start) / (start * (1.0 - end)))
        # M = ln(1 + e^h0 (e^A - 1)), with no exponential left to overflow.
        h0 = self.work_before_growth
        return h0 + adjusted + math.log(math.exp(-h0 - adjusted) - math.exp(-adjusted) + 1.0)

    def rate_per_h(
        self,
        pulp_c: Number,
        *,
        air_c: Number | None = None,
        relative_humidity_pct: Number | None = None,
    ) -> Number:
        return self.response.rate(pulp_c) * (self.growth_rate_per_h / self.growth_to_spoilage)

    def numbers_log10(self, history: Iterable[Exposure]) -> float:
        """Numbers at the end of ``history`` (log10)."""
        growth = self.life_used(history) * self.growth_to_spoilage
        h0 = self.work_before_growth
        # A = ln(1 - e^-h0 + e^(M - h0)), the larger exponential taken out so that none overflows.
        most = max(0.0, growth - h0)
        adjusted = most + math.log(
            -math.expm1(-h0) * math.exp(-most) + math.exp(growth - h0 - most)
        )
        start = 10.0 ** (self.initial_log10 - self.maximum_log10)
        return self.maximum_log10 - math.log10(1.0 + (1.0 / start - 1.0) * math.exp(-adjusted))
