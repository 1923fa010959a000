"""The setpoint of a mixed box, and what it costs each cargo in life."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from coldchain.compatibility.cargo import Cargo, common_range_c, freezing_c

STEPS = 20
"""Into so many a commodity's range is cut in search of its best setpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeCost:
    """What a setpoint costs a cargo, against its own best setpoint.

    ``relative_rate`` is how fast life is used up at ``setpoint_c``, 1 at ``best_c``.
    """

    cargo: Cargo
    setpoint_c: float
    best_c: float
    relative_rate: float

    def extra_d(self, days: float) -> float:
        """Days of life (at the best setpoint) lost beyond the ``days`` of the journey.

        Less than nothing where the tolerance lets goods travel colder than their range.
        """
        return (self.relative_rate - 1.0) * days


def life_cost(cargo: Cargo, setpoint_c: float, *, confidence: float = 0.5) -> LifeCost:
    """What ``setpoint_c`` costs ``cargo``, by its law of decay.

    The best setpoint is the one within the commodity's own range at which it keeps longest.

    Raises
    ------
    OutOfDomain
        The law does not hold at the setpoint.

    Examples
    --------
    A degree and a half too warm, sweet cherries (66 kJ/mol) live 1.17 times as fast, which is
    exp(66000 / 8.314 * (1 / 272.15 - 1 / 273.65)), and lose 1.7 days in ten.

    >>> from coldchain.tables import read_perishables
    >>> cost = life_cost(Cargo(perishable=read_perishables()["cherry_sweet"]), 0.5)
    >>> cost.best_c, round(cost.relative_rate, 2), round(cost.extra_d(10), 1)
    (-1.0, 1.17, 1.7)
    """
    goods = cargo.perishable
    law = goods.law(confidence, cargo.packaging)
    low, high = goods.setpoint_min_c, goods.setpoint_max_c
    own = sorted({low + (high - low) * step / STEPS for step in range(STEPS + 1)})
    keeps, best = max(((law.keeping_quality_h(t), t) for t in own), key=lambda pair: pair[0])
    return LifeCost(
        cargo=cargo,
        setpoint_c=setpoint_c,
        best_c=best,
        relative_rate=keeps / law.keeping_quality_h(setpoint_c),
    )


def box_setpoint_c(cargoes: Collection[Cargo], *, tolerance_k: float = 1.0) -> float | None:
    """Setpoint of a box (°C); None if nothing suits all.

    The warmest of the lowest temperatures its cargoes like, so that nobody is chilled or frozen,
    as far as all bear it. Never an average: it may harm on both sides.
    """
    common = common_range_c(cargoes, tolerance_k)
    if common is None:
        return None
    return min(max(cargo.perishable.setpoint_min_c for cargo in cargoes), common[1])


def cheapest_setpoint_c(
    cargoes: Collection[Cargo],
    setpoints_c: Iterable[float],
    *,
    tolerance_k: float = 1.0,
    confidence: float = 0.5,
) -> float | None:
    """The setpoint among ``setpoints_c`` at which ``cargoes`` lose least life; None if none suits.

    One that is colder than somebody likes is taken only where there is no other, for what laws of
    decay promise there, chilling may take back. Of two that cost the same, the warmer takes less
    power.
    """
    common = common_range_c(cargoes, tolerance_k)
    if common is None:
        return None
    frozen = freezing_c(cargoes)
    liked = max(cargo.perishable.setpoint_min_c for cargo in cargoes)

    def harm(setpoint: float) -> tuple[float, float, float]:
        costs = (life_cost(cargo, setpoint, confidence=confidence) for cargo in cargoes)
        rate = sum(cost.relative_rate for cost in costs)
        return max(0.0, liked - setpoint), round(rate, 9), -setpoint

    suits = [s for s in setpoints_c if common[0] <= s <= common[1] and s > frozen]
    return min(suits, key=harm, default=None)
