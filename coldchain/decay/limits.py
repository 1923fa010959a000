"""What can end a life, and which of it does so first.

A *limit* is one attribute with a level it must not pass: quality, a dose of chilling, water lost.
It states how much of itself an hour uses; along a history these shares add up, and the life ends
when the first limit reaches 1. Shares of different limits are never added to each other: a cherry
with a dry stem and firm flesh is not half of each.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from coldchain.decay.exposure import Exposure
from coldchain.decay.temperatures import Number


class DecayLaw(Protocol):
    """What the rest of coldchain asks of a law: life used, monotone in the history."""

    def keeping_quality_h(self, temperature_c: float) -> float:
        """Hours until the end of keeping quality at constant ``temperature_c``."""
        ...

    def life_used(self, history: Iterable[Exposure]) -> float:
        """Fraction of keeping quality used along ``history``; 1.0 = the end."""
        ...


class UsesLife(Protocol):
    """Anything that says what share of its life an hour uses."""

    def rate_per_h(
        self,
        pulp_c: Number,
        *,
        air_c: Number | None = None,
        relative_humidity_pct: Number | None = None,
    ) -> Number:
        """Share of life an hour uses; ``OutOfDomain`` where the law does not hold."""
        ...


class Limit(UsesLife, DecayLaw, Protocol):
    """One attribute that can end a life."""

    @property
    def name(self) -> str:
        """What reaches its limit, in the words of the trade."""
        ...

    @property
    def domain_min_c(self) -> float:
        """Lowest temperature of the goods at which the law holds (°C)."""
        ...

    @property
    def domain_max_c(self) -> float:
        """Highest temperature of the goods at which the law holds (°C)."""
        ...


class AdditiveLimit:
    """Everything a limit can tell from its rate alone.

    The rate depends on the moment and not on what went before, so life used is additive, and the
    order of the segments makes no difference.
    """

    __slots__ = ()

    def keeping_quality_h(
        self: UsesLife,
        temperature_c: float,
        *,
        air_c: float | None = None,
        relative_humidity_pct: float | None = None,
    ) -> float:
        """Hours a fresh lot lasts at constant ``temperature_c``; infinite if nothing is used."""
        rate = self.rate_per_h(
            temperature_c, air_c=air_c, relative_humidity_pct=relative_humidity_pct
        )
        return 1.0 / rate if rate else math.inf

    def life_used(self: UsesLife, history: Iterable[Exposure]) -> float:
        """Share of life used along ``history``; 1.0 = the end. Additive, whatever the order."""
        return math.fsum(
            e.hours
            * self.rate_per_h(
                e.temperature_c, air_c=e.air_c, relative_humidity_pct=e.relative_humidity_pct
            )
            for e in history
            if e.hours
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstLimit:
    """Several limits at once: the first to be reached ends the life.

    Parameters
    ----------
    limits : tuple of Limit
        At least one; each under a name of its own.

    Examples
    --------
    A cucumber at 7.2 °C is injured by cold long before it is old:

    >>> from coldchain.decay import ChillingDose, KeepingQuality, SquareRootResponse
    >>> cucumber = FirstLimit(
    ...     limits=(
    ...         KeepingQuality(
    ...             life_h=12 * 24,
    ...             response=SquareRootResponse(
    ...                 reference_c=11.25, tmin_c=-2.0, domain_min_c=0.0, domain_max_c=25.0
    ...             ),
    ...         ),
    ...         ChillingDose(
    ...             threshold_c=10.0, critical_dose_k_h=7 * 24, domain_min_c=0.0, domain_max_c=25.0
    ...         ),
    ...     )
    ... )
    >>> cold = [Exposure(hours=48, temperature_c=7.2)]
    >>> cucumber.limiting(cold), round(cucumber.life_used(cold), 2)
    ('chilling injury', 0.8)
    >>> cucumber.limiting([Exposure(hours=48, temperature_c=12.0)])
    'quality'
    """

    limits: tuple[Limit, ...]

    def __post_init__(self) -> None:
        if not self.limits:
            raise ValueError("a life has at least one limit")
        names = [limit.name for limit in self.limits]
        if len(set(names)) < len(names):
            raise ValueError(f"each limit has a name of its own, not {', '.join(names)}")
        if not self.domain_min_c <= self.domain_max_c:
            raise ValueError("there is no temperature at which all of the limits hold")

    @property
    def domain_min_c(self) -> float:
        """Lowest temperature at which every limit holds (°C)."""
        return max(limit.domain_min_c for limit in self.limits)

    @property
    def domain_max_c(self) -> float:
        """Highest temperature at which every limit holds (°C)."""
        return min(limit.domain_max_c for limit in self.limits)

    def used(self, history: Iterable[Exposure]) -> dict[str, float]:
        """Share of each limit used along ``history``, by its name."""
        history = tuple(history)
        return {limit.name: limit.life_used(history) for limit in self.limits}

    def life_used(self, history: Iterable[Exposure]) -> float:
        """Share used of the limit that is nearest to its end. Not additive: a maximum."""
        return max(self.used(history).values())

    def limiting(self, history: Iterable[Exposure]) -> str:
        """Name of the limit nearest to its end; of two equally near, the one listed first."""
        used = self.used(history)
        return max(used, key=used.__getitem__)

    def keeping_quality_h(
        self,
        temperature_c: float,
        *,
        air_c: float | None = None,
        relative_humidity_pct: float | None = None,
    ) -> float:
        """Hours a fresh lot lasts at constant ``temperature_c``."""
        return self.remaining_h(
            (), temperature_c, air_c=air_c, relative_humidity_pct=relative_humidity_pct
        )

    def remaining_h(
        self,
        history: Iterable[Exposure],
        temperature_c: float,
        *,
        air_c: float | None = None,
        relative_humidity_pct: float | None = None,
    ) -> float:
        """Hours left at ``temperature_c`` after ``history``: the least over the limits.

        This is not ``(1 - life_used) * keeping_quality_h``: the limit that is furthest used need
        not be the one that goes on. A life that is over has hours below 0, as many as it has been
        over for at that temperature; 0 where the limit passed no longer moves.
        """
        used = self.used(history)
        left: list[float] = []
        for limit in self.limits:
            rest = 1.0 - used[limit.name]
            rate = limit.rate_per_h(
                temperature_c, air_c=air_c, relative_humidity_pct=relative_humidity_pct
            )
            left.append(rest / rate if rate else math.inf if rest > 0 else 0.0)
        return min(left)
