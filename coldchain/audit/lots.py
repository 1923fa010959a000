"""The audit's own lots: their draw, the law planned with, and what becomes of them.

Written from docs/concepts.md, "Lots", and docs/science.md, "The law planned with".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coldchain.audit.hours import quantile_of
from coldchain.audit.limits import QUALITY, Limits, inverse
from coldchain.audit.pulp import Course
from coldchain.goods import Perishable

Floats = NDArray[np.float64]

COUNT = 500
MIXTURES = 1001
MARGIN = 1.0005


def enough(share: float) -> int:
    """How many lots make a ``share`` of them; a rounding of the product makes none more."""
    return max(1, math.ceil(round(share * COUNT, 6)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lots:
    """Life at the reference (h) and activation energy (J/mol) of each."""

    life_h: Floats
    energy_j_mol: Floats


def lots_of(goods: Perishable, *, seed: int) -> Lots:
    """The lots of a commodity: the same quantiles for every commodity."""
    random = np.random.Generator(np.random.PCG64(seed))
    quantiles = (np.arange(COUNT) + 0.5) / COUNT
    of_life, of_energy = random.permutation(quantiles), random.permutation(quantiles)
    days = [
        quantile_of(goods.life_min_d, goods.life_typ_d, goods.life_max_d, share=share, tail=0.95)
        for share in of_life.tolist()
    ]
    typical = goods.activation_energy_kj_mol or 0.0
    low, high = goods.activation_energy_low_kj_mol, goods.activation_energy_high_kj_mol
    kj_mol = [
        triangular(
            share,
            low=typical if low is None else low,
            middle=typical,
            high=typical if high is None else high,
        )
        if goods.activation_energy_kj_mol is not None
        else 0.0
        for share in of_energy.tolist()
    ]
    return Lots(life_h=24 * np.array(days), energy_j_mol=1000 * np.array(kj_mol))


def triangular(share: float, *, low: float, middle: float, high: float) -> float:
    """Quantile of the triangular distribution from ``low`` over ``middle`` to ``high``."""
    if low == high:
        return middle
    if share * (high - low) <= middle - low:
        return low + math.sqrt(share * (high - low) * (middle - low))
    return high - math.sqrt((1 - share) * (high - low) * (high - middle))


def law_of(goods: Perishable, lots: Lots, *, confidence: float) -> Lots:
    """The law planned with, as a single lot."""
    number = enough(confidence) - 1
    if goods.decay_law != "arrhenius":
        return Lots(life_h=np.sort(lots.life_h)[::-1][[number]], energy_j_mol=np.zeros(1))
    ends = inverse(goods.life_ref_c, np.array([goods.domain_min_c, goods.domain_max_c]))
    rates = np.exp(np.outer(ends, lots.energy_j_mol)) / lots.life_h
    cold, warm = np.sort(rates, axis=1)[:, number].tolist()
    energy = max(0.0, math.log(warm / cold) / float(ends[1] - ends[0]))
    relative = rates / np.array([[cold], [warm]])
    worst = 0.0
    for place in range(MIXTURES):
        share = place / (MIXTURES - 1)
        mixed = np.sort((1 - share) * relative[0] + share * relative[1])
        worst = max(worst, float(mixed[number]))
    life_h = math.exp(energy * float(ends[0])) / (cold * worst * MARGIN)
    return Lots(life_h=np.array([life_h]), energy_j_mol=np.array([energy]))


def used_along(
    limits: Limits, lots: Lots, course: Course, *, before: float
) -> Mapping[str, tuple[Floats, Floats]]:
    """Of every limit, what each lot has used of it in the outer half and in the core."""
    used: dict[str, list[Floats]] = {}
    for half in (0, 1):
        pulp, side = course.pulp_c[half], course.side_c[half]
        aged = limits.ageing(lots.energy_j_mol, pulp, side) @ course.hours / lots.life_h
        used.setdefault(QUALITY, []).append(before + aged)
        # Between the goods inside a pallet the air is as warm as they are.
        around = pulp if half else course.air_c
        for name, rate in limits.others(pulp, side, around, course.humidity_pct).items():
            whole = np.full(len(lots.life_h), float(rate @ course.hours))
            used.setdefault(name, []).append(whole)
    return {name: (outer, core) for name, (outer, core) in used.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What becomes of the lots: life used and hours left of each, and what a typical one has left.

    ``whole_h`` is what a typical lot keeps at the retail temperature if nothing is used of it.
    """

    life_used: Floats
    left_h: Floats
    typical_h: Mapping[str, float]
    whole_h: float

    def used_by(self, share: float) -> float:
        """Life used that a ``share`` of the lots does not exceed."""
        return float(np.sort(self.life_used)[enough(share) - 1])

    def left_at(self, share: float) -> float:
        """Hours that a ``share`` of the lots have left at least."""
        return float(np.sort(self.left_h)[::-1][enough(share) - 1])

    def share_with(self, hours: float) -> float:
        """Share of the lots that have ``hours`` left."""
        return float(np.mean(self.left_h >= hours))

    @property
    def limited_by(self) -> str:
        """The limit a typical lot reaches first."""
        return min(self.typical_h, key=lambda name: self.typical_h[name])


def fate_of(limits: Limits, lots: Lots, course: Course, *, before: float, retail_c: float) -> Fate:
    """What a course does to the lots, which then go on at ``retail_c``."""
    used = {
        name: np.maximum(*halves)
        for name, halves in used_along(limits, lots, course, before=before).items()
    }
    goods, here = limits.goods, np.array([retail_c])
    ageing = limits.ageing(lots.energy_j_mol, here, here)[:, 0] / lots.life_h
    typical = np.array([1000 * (goods.activation_energy_kj_mol or 0.0)])
    whole_h = 24 * goods.life_typ_d / float(limits.ageing(typical, here, here)[0, 0])
    left_h = (1 - used[QUALITY]) / ageing
    typical_h = {QUALITY: (1 - float(np.median(used[QUALITY]))) * whole_h}
    for name, rate in limits.at_rest(retail_c).items():
        unused = 1 - float(used[name][0])
        at_rest = math.inf if unused > 0 else -1.0
        typical_h[name] = unused / rate if rate else at_rest
        left_h = np.minimum(left_h, typical_h[name])
    return Fate(
        life_used=np.max(list(used.values()), axis=0),
        left_h=left_h,
        typical_h=typical_h,
        whole_h=whole_h,
    )
