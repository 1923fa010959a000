"""Lives as measured, and the likeliest curve through them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from coldchain.fitting.chances import Array, inverse_mills, log_tail
from coldchain.fitting.curves import Curve, Form, least_squares

DEFAULT_CV = 0.20
"""Spread of a life among lots, as a share of it, where none is stated."""

MAX_STEPS = 1000
ENOUGH = 1e-8
"""Change of ln life below which a curve no longer changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredLife:
    """One life (d) at one temperature (°C), its spread as a share of it, and if it was outlived."""

    temperature_c: float
    life_d: float
    cv: float = DEFAULT_CV
    outlived: bool = False

    def __post_init__(self) -> None:
        if not math.isfinite(self.temperature_c):
            raise ValueError(f"a temperature is a finite number, not {self.temperature_c}")
        if not (self.life_d > 0 and math.isfinite(self.life_d)):
            raise ValueError(f"a life is longer than 0 d and finite, not {self.life_d}")
        if not (self.cv > 0 and math.isfinite(self.cv)):
            raise ValueError(f"the spread of a life is more than 0 and finite, not {self.cv}")


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Lives as arrays: temperature, ln life, standard deviation of ln life, outlived or not."""

    c: Array
    y: Array
    sd: Array
    outlived: npt.NDArray[np.bool_]

    @staticmethod
    def of(lives: Sequence[MeasuredLife]) -> Sample:
        return Sample(
            np.array([m.temperature_c for m in lives]),
            np.log([m.life_d for m in lives]),
            np.sqrt(np.log1p(np.square([m.cv for m in lives]))),
            np.array([m.outlived for m in lives]),
        )

    @property
    def measured(self) -> npt.NDArray[np.intp]:
        """Places of the lives that were measured to their end."""
        return np.flatnonzero(~self.outlived)

    def without(self, index: int) -> Sample:
        kept = np.arange(len(self.c)) != index
        return Sample(self.c[kept], self.y[kept], self.sd[kept], self.outlived[kept])

    def curve(self, form: Form) -> Curve:
        """The likeliest curve: Newton's steps, each of them a weighted least squares.

        Where such a step does not help, the outlived lives are taken to be what they are expected
        to have been, given the curve (expectation-maximisation), which never harms.
        """
        curve = least_squares(form, self.c, self.y, self.sd**-2.0)
        if not np.any(self.outlived):
            return curve
        for _ in range(MAX_STEPS):
            expected = curve.log_life_at(self.c)
            z = (self.y - expected) / self.sd
            mills = inverse_mills(z)
            told = np.where(self.outlived, mills * (mills - z), 1.0)
            scored = np.where(self.outlived, expected + self.sd / (mills - z), self.y)
            better = least_squares(form, self.c, scored, told / self.sd**2)
            if self.log_likelihood(better) < self.log_likelihood(curve):
                lived = np.where(self.outlived, expected + self.sd * mills, self.y)
                better = least_squares(form, self.c, lived, self.sd**-2.0)
            if np.max(np.abs(better.log_life_at(self.c) - expected)) < ENOUGH:
                return better
            curve = better
        return curve

    def levelled(self, curve: Curve) -> Curve:
        """``curve``, its slope as it is, at the likeliest level (expectation-maximisation)."""
        shape = curve.log_life_at(self.c) - curve.log_life
        weight = self.sd**-2.0
        lived, level = self.y, math.nan
        for _ in range(MAX_STEPS):
            better = float(np.average(lived - shape, weights=weight))
            if abs(better - level) < ENOUGH:
                break
            level = better
            expected = shape + level
            mills = inverse_mills((self.y - expected) / self.sd)
            lived = np.where(self.outlived, expected + self.sd * mills, self.y)
        return replace(curve, log_life=level)

    def log_likelihood(self, curve: Curve) -> float:
        """Logarithm of the likelihood of ``curve``, but for a constant."""
        z = (self.y - curve.log_life_at(self.c)) / self.sd
        return float(np.sum(np.where(self.outlived, log_tail(z), -0.5 * z**2)))


def squares(sample: Sample, curve: Curve) -> float:
    """Sum of squared residuals of the measured lives, in standard deviations stated for them."""
    one = sample.measured
    residuals = (sample.y - curve.log_life_at(sample.c))[one] / sample.sd[one]
    return float(np.sum(residuals**2))


def covariance_of(sample: Sample, curve: Curve) -> Array:
    """Of level and parameter, if the spread stated for the lives is the true one."""
    z = (sample.y - curve.log_life_at(sample.c)) / sample.sd
    mills = inverse_mills(z)
    # What an outlived life tells of the curve: nothing far below it, all that a measured life
    # tells far above.
    told = np.where(sample.outlived, mills * (mills - z), 1.0)
    gradient = curve.gradient_at(sample.c)
    information = gradient.T @ (gradient * (told / sample.sd**2)[:, None])
    return np.asarray(np.linalg.inv(information), dtype=np.float64)
