"""The forms life may take over temperature, and their weighted least squares."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from coldchain.decay import GAS_CONSTANT_J_MOL_K, ZERO_CELSIUS_K
from coldchain.fitting.chances import Array

COLDEST_TMIN_C = -30.0
"""Coldest Tmin looked for, as in ``perishables.csv``; colder ones hardly bend the line."""


class Form(StrEnum):
    """How life depends on temperature."""

    ARRHENIUS = "arrhenius"
    EXPONENTIAL = "exponential"
    SQUARE_ROOT = "square_root"


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Life by temperature: ``parameter`` is Ea (J/mol), a slope (1/K) or Tmin (°C) by ``form``."""

    form: Form
    log_life: float
    parameter: float
    pivot: float = 0.0

    def log_life_at(self, temperature_c: Array) -> Array:
        """Logarithm of the life (d); infinite at Tmin and below."""
        if self.form is not Form.SQUARE_ROOT:
            return self.log_life + self.parameter * (
                abscissa(self.form, temperature_c) - self.pivot
            )
        above = temperature_c - self.parameter
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(above > 0, self.log_life - 2.0 * np.log(above), np.inf)

    def gradient_at(self, temperature_c: Array) -> Array:
        """Derivatives of :meth:`log_life_at` by level and parameter, one row a temperature."""
        if self.form is Form.SQUARE_ROOT:
            by_parameter = 2.0 / (temperature_c - self.parameter)
        else:
            by_parameter = abscissa(self.form, temperature_c) - self.pivot
        return np.column_stack([np.ones_like(temperature_c), by_parameter])

    def life_d(self, temperature_c: float) -> float:
        """Life at a temperature (d)."""
        return float(np.exp(self.log_life_at(np.array([temperature_c])))[0])


def abscissa(form: Form, temperature_c: Array) -> Array:
    """What ln life is a straight line of."""
    if form is Form.ARRHENIUS:
        return 1.0 / (GAS_CONSTANT_J_MOL_K * (temperature_c + ZERO_CELSIUS_K))
    return -temperature_c


def least_squares(form: Form, temperature_c: Array, y: Array, weight: Array) -> Curve:
    """The curve of least weighted squares through ln lives ``y``."""
    if form is Form.SQUARE_ROOT:
        return _square_root(temperature_c, y, weight)
    x = abscissa(form, temperature_c)
    pivot, level = float(np.average(x, weights=weight)), float(np.average(y, weights=weight))
    slope = float(np.sum(weight * (x - pivot) * (y - level)) / np.sum(weight * (x - pivot) ** 2))
    return Curve(form=form, log_life=level, parameter=slope, pivot=pivot)


def _square_root(temperature_c: Array, y: Array, weight: Array) -> Curve:
    """For each Tmin the level is a mean, so only Tmin is searched: on grids, finer and finer."""
    coldest, warmest = tmin_range(temperature_c)
    below = float(np.min(temperature_c))
    gaps: Array = np.geomspace(below - warmest, below - coldest, 201)
    while True:
        z = y + 2.0 * np.log(temperature_c - below + gaps[:, None])
        level: Array = z @ weight / np.sum(weight)
        best = int(np.argmin((z - level[:, None]) ** 2 @ weight))
        near, far = float(gaps[max(best - 1, 0)]), float(gaps[min(best + 1, len(gaps) - 1)])
        if far - near < 1e-9 * far:
            break
        gaps = np.linspace(near, far, 41)
    tmin_c = below - float(gaps[best])
    return Curve(form=Form.SQUARE_ROOT, log_life=float(level[best]), parameter=tmin_c)


def tmin_range(temperature_c: Array) -> tuple[float, float]:
    """Between which temperatures Tmin is looked for."""
    return COLDEST_TMIN_C, float(np.min(temperature_c)) - 0.05
