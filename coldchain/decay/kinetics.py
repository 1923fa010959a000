"""How an attribute falls with time, and when it meets its limit.

All of them are of the form ``dQ/dt = -k(T) f(Q)``, so quality is a function of one number, the
*extent* ``theta`` – the integral of ``k(T) dt`` – whatever way temperature went. The extent at
which quality meets its limit divided into the extent so far is life used, the same for each: that
is why the rest of the package need not know which of them holds, and why they are only needed
when quality itself is to be told.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass


class Kinetics(ABC):
    """An attribute that starts at ``initial`` and is acceptable down to ``limit``."""

    __slots__ = ()

    @property
    @abstractmethod
    def extent_at_limit(self) -> float:
        """Integral of ``k dt`` at which quality meets its limit."""

    @abstractmethod
    def quality(self, extent: float) -> float:
        """Quality after ``extent``, the integral of ``k dt``, 0 or more."""

    def keeping_quality(self, rate: float) -> float:
        """Time to the limit at constant ``rate``, in the unit of time of ``rate``."""
        if not rate >= 0:
            raise ValueError(f"a rate is 0 or more, not {rate}")
        return self.extent_at_limit / rate if rate else math.inf

    def quality_at(self, life_used: float) -> float:
        """Quality when a share ``life_used`` of keeping quality is gone; the limit at 1."""
        return self.quality(life_used * self.extent_at_limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZeroOrder(Kinetics):
    r"""Quality falls by the same amount every day.

    .. math:: Q = Q_0 - k t, \quad KQ = (Q_0 - Q_l) / k

    Examples
    --------
    >>> ZeroOrder(initial=100.0, limit=20.0).keeping_quality(rate=10.0)
    8.0
    """

    initial: float
    limit: float

    def __post_init__(self) -> None:
        if not -math.inf < self.limit < self.initial < math.inf:
            raise ValueError(f"quality falls to its limit, not from {self.initial} to {self.limit}")

    @property
    def extent_at_limit(self) -> float:
        return self.initial - self.limit

    def quality(self, extent: float) -> float:
        return self.initial - _require_extent(extent)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstOrder(Kinetics):
    r"""Quality falls by the same share every day.

    .. math:: Q = Q_0 e^{-k t}, \quad KQ = \ln(Q_0 / Q_l) / k

    Examples
    --------
    From 100 to 20 at 0.1 a day takes 16.0944 days:

    >>> round(FirstOrder(initial=100.0, limit=20.0).keeping_quality(rate=0.1), 4)
    16.0944
    """

    initial: float
    limit: float

    def __post_init__(self) -> None:
        _require_falling(self.initial, self.limit)

    @property
    def extent_at_limit(self) -> float:
        return math.log(self.initial / self.limit)

    def quality(self, extent: float) -> float:
        return self.initial * math.exp(-_require_extent(extent))


@dataclass(frozen=True, slots=True, kw_only=True)
class Logistic(Kinetics):
    r"""Quality stays near its maximum, falls, and lingers: an S turned over.

    .. math:: Q = \frac{Q_m}{1 + \frac{Q_m - Q_0}{Q_0} e^{k t}}, \quad
              KQ = \frac{1}{k} \ln\frac{Q_0 (Q_m - Q_l)}{Q_l (Q_m - Q_0)}

    Parameters
    ----------
    initial, limit : float
        ``Q0`` and ``Ql``.
    maximum : float
        ``Qm``, above ``Q0``.

    Examples
    --------
    >>> round(Logistic(initial=90.0, limit=50.0, maximum=100.0).keeping_quality(rate=0.2), 2)
    10.99
    """

    initial: float
    limit: float
    maximum: float

    def __post_init__(self) -> None:
        _require_falling(self.initial, self.limit)
        if not self.initial < self.maximum < math.inf:
            raise ValueError(f"a maximum lies above {self.initial}, not at {self.maximum}")

    @property
    def extent_at_limit(self) -> float:
        return math.log(
            self.initial
            * (self.maximum - self.limit)
            / (self.limit * (self.maximum - self.initial))
        )

    def quality(self, extent: float) -> float:
        # The exponential stands where it can only vanish, never overflow.
        fallen = math.exp(-_require_extent(extent))
        return self.maximum * fallen / (fallen + (self.maximum - self.initial) / self.initial)


@dataclass(frozen=True, slots=True, kw_only=True)
class MichaelisMenten(Kinetics):
    r"""An enzyme eats the substrate: zero order while there is plenty, first order at the end.

    .. math:: \frac{dQ}{dt} = -\frac{v_{max} Q}{K_m + Q}, \quad
              KQ = \frac{Q_0 - Q_l + K_m \ln(Q_0 / Q_l)}{v_{max}}

    Parameters
    ----------
    initial, limit : float
        ``Q0`` and ``Ql``.
    half_saturation : float
        ``Km``, in the unit of quality.

    Examples
    --------
    >>> sugar = MichaelisMenten(initial=100.0, limit=20.0, half_saturation=10.0)
    >>> round(sugar.keeping_quality(rate=1.0), 2)
    96.09
    >>> round(sugar.quality(96.0943791243), 6)
    20.0
    """

    initial: float
    limit: float
    half_saturation: float

    def __post_init__(self) -> None:
        _require_falling(self.initial, self.limit)
        if not 0 < self.half_saturation < math.inf:
            raise ValueError(f"a half saturation is above 0, not {self.half_saturation}")

    @property
    def extent_at_limit(self) -> float:
        used = self.initial - self.limit
        return used + self.half_saturation * math.log(self.initial / self.limit)

    def quality(self, extent: float) -> float:
        # Q + Km ln Q = Q0 + Km ln Q0 - extent, solved for ln Q: convex and rising, so Newton's
        # steps from ln Q0 fall towards the root and never beyond it.
        at_start = self.initial + self.half_saturation * math.log(self.initial)
        target = at_start - _require_extent(extent)
        logarithm = math.log(self.initial)
        while True:
            value = math.exp(logarithm)
            excess = value + self.half_saturation * logarithm - target
            lower = logarithm - excess / (value + self.half_saturation)
            if not lower < logarithm:
                return value
            logarithm = lower


def _require_extent(extent: float) -> float:
    if not 0 <= extent < math.inf:
        raise ValueError(f"the integral of a rate is 0 or more, not {extent}")
    return extent


def _require_falling(initial: float, limit: float) -> None:
    if not 0 < limit < initial < math.inf:
        raise ValueError(f"quality falls to a limit above 0, not from {initial} to {limit}")
