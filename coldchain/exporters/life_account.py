"""What a journey did to the life of goods: step by step, for many lots, and had it been cool.

Steps are shown of a *typical* lot, whose life and activation energy are those of the table; what
is left is told of a sample of lots. Two limits are never added: beside each limit stands its own
share, and life used is the share of the limit that is nearest to its end.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coldchain.decay import Exposure, Trace, mean_kinetic_temperature_c
from coldchain.goods import Perishable
from coldchain.lots import Fate, Lots

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Steps:
    """A history as arrays: hours at a pulp temperature in air of a humidity (NaN: not known).

    For a law that adds up, a step may be a stretch of time or a reading that stands for one.
    """

    hours: Floats
    pulp_c: Floats
    humidity_pct: Floats

    @classmethod
    def of(cls, history: tuple[Exposure, ...]) -> Steps:
        """The steps of ``history``."""
        damp = (e.relative_humidity_pct for e in history)
        return cls(
            hours=np.array([e.hours for e in history]),
            pulp_c=np.array([e.temperature_c for e in history]),
            humidity_pct=np.array([math.nan if rh is None else rh for rh in damp]),
        )

    def no_warmer_than(self, most_c: float) -> Steps:
        """The same hours with every warmer one held at ``most_c``."""
        return Steps(
            hours=self.hours,
            pulp_c=np.minimum(self.pulp_c, most_c),
            humidity_pct=self.humidity_pct,
        )

    def gathered(self) -> Steps:
        """Equal conditions in one step each; quicker, and the same to laws that add up."""
        known = np.nan_to_num(self.humidity_pct, nan=-1.0)
        keys, inverse = np.unique(
            np.column_stack([self.pulp_c, known]), axis=0, return_inverse=True
        )
        return Steps(
            hours=np.zeros(len(keys)) + np.bincount(np.ravel(inverse), weights=self.hours),
            pulp_c=keys[:, 0],
            humidity_pct=np.where(keys[:, 1] < 0, math.nan, keys[:, 1]),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LifeAccount:
    """What a history did to the life of one commodity.

    Attributes
    ----------
    used : mapping of str to float64[n]
        Share of each limit that each step used, of a typical lot.
    equivalent_d : float64[n]
        Days at the reference temperature that age a typical lot as each step does.
    fate, cool : Fate
        Of many lots; and had no hour been warmer than the setpoint range.
    warm_h, cold_h : float
        Hours warmer and colder than the setpoint range.
    mean_kinetic_c : float, optional
        With the commodity's own activation energy; None where the table knows none.
    """

    goods: Perishable
    steps: Steps
    used: Mapping[str, Floats]
    equivalent_d: Floats
    life_used_before: float
    retail_c: float
    fate: Fate
    cool: Fate
    warm_h: float
    cold_h: float
    mean_kinetic_c: float | None

    def so_far(self, name: str) -> Floats:
        """Share of the limit ``name`` that is used after each step."""
        before = self.life_used_before if name == next(iter(self.used)) else 0.0
        return before + np.cumsum(self.used[name])

    @property
    def life_used(self) -> Floats:
        """Life of a typical lot used after each step, by the limit nearest to its end."""
        return np.max([self.so_far(name) for name in self.used], axis=0)

    @property
    def ended_h(self) -> float | None:
        """Hours after which a typical lot was at its end; None if it was not."""
        ends = np.cumsum(self.steps.hours)
        met: list[float] = []
        for name, used in self.used.items():
            so_far = self.so_far(name)
            if so_far[-1] >= 1:
                at = int(np.argmax(so_far >= 1))
                met.append(float(ends[at] - (so_far[at] - 1) / used[at] * self.steps.hours[at]))
        return min(met, default=None)

    @property
    def cost_d(self) -> tuple[float, float, float]:
        """Days at the retail temperature that the warm hours cost: p10, p50, p90 of lots."""
        return percentiles((self.cool.left_h - self.fate.left_h) / 24)


def percentiles(values: Floats) -> tuple[float, float, float]:
    """The values that 10, 50 and 90 % of lots do not exceed.

    Examples
    --------
    >>> percentiles(np.arange(1.0, 11.0))
    (1.0, 5.0, 9.0)
    """
    low, middle, high = np.percentile(values, (10, 50, 90), method="inverted_cdf").tolist()
    return low, middle, high


def account_of(
    lots: Lots,
    steps: Steps,
    *,
    life_used_before: float,
    retail_c: float,
    humidity_pct: float | None = None,
) -> LifeAccount:
    """The account of ``steps``.

    ``humidity_pct`` stands where a step states none; without it the least humidity that the goods
    are kept at does.

    Raises
    ------
    OutOfDomain
        A step or ``retail_c`` lies where the laws do not hold.
    """
    goods = lots.goods
    assumed = goods.humidity_min_pct if humidity_pct is None else humidity_pct
    known = np.where(
        np.isnan(steps.humidity_pct), math.nan if assumed is None else assumed, steps.humidity_pct
    )
    steps = Steps(hours=steps.hours, pulp_c=steps.pulp_c, humidity_pct=known)
    law, *_ = lots.typical.limits
    used = {
        limit.name: steps.hours
        * limit.rate_per_h(steps.pulp_c, air_c=steps.pulp_c, relative_humidity_pct=known)
        for limit in lots.typical.limits
    }
    gathered = steps.gathered()
    return LifeAccount(
        goods=goods,
        steps=steps,
        used=used,
        equivalent_d=used[law.name] / law.rate_per_h(goods.life_ref_c) / 24,
        life_used_before=life_used_before,
        retail_c=retail_c,
        fate=_fate(lots, gathered, life_used_before, retail_c),
        cool=_fate(lots, gathered.no_warmer_than(goods.setpoint_max_c), life_used_before, retail_c),
        warm_h=float(steps.hours[steps.pulp_c > goods.setpoint_max_c].sum()),
        cold_h=float(steps.hours[steps.pulp_c < goods.setpoint_min_c].sum()),
        mean_kinetic_c=_mean_kinetic_c(goods, gathered),
    )


def _mean_kinetic_c(goods: Perishable, steps: Steps) -> float | None:
    energy = goods.activation_energy_kj_mol
    if energy is None:
        return None
    pairs = zip(steps.hours.tolist(), steps.pulp_c.tolist(), strict=True)
    history = [Exposure(hours=hours, temperature_c=pulp_c) for hours, pulp_c in pairs]
    return mean_kinetic_temperature_c(history, 1000 * energy)


def _fate(lots: Lots, steps: Steps, life_used_before: float, retail_c: float) -> Fate:
    """What pulp temperatures do to the lots; both halves of a pallet have them."""
    trace = Trace.measured(
        hours=steps.hours, pulp_c=steps.pulp_c, relative_humidity_pct=steps.humidity_pct
    )
    return lots.fate(trace, life_used_before=life_used_before, retail_c=retail_c)
