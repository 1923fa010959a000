"""Distributions and scores that a fit needs: Student, the normal tail, accuracy and bias factor."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

FAR = 30.0
"""Where the normal tail is about to underflow."""


def accuracy_factor(predicted: Sequence[float], observed: Sequence[float]) -> float:
    """10 to the mean absolute decimal logarithm of predicted / observed (Ross 1996); 1 is exact.

    Examples
    --------
    Twice too long and half too short are as wrong:

    >>> accuracy_factor([2.0, 0.5], [1.0, 1.0])
    2.0
    """
    return exp(float(np.mean(np.abs(np.log(predicted) - np.log(observed)))))


def bias_factor(predicted: Sequence[float], observed: Sequence[float]) -> float:
    """10 to the mean decimal logarithm of predicted / observed (Ross 1996); above 1: too long.

    Examples
    --------
    >>> bias_factor([2.0, 0.5], [1.0, 1.0])
    1.0
    """
    return exp(float(np.mean(np.log(predicted) - np.log(observed))))


def student_quantile(share: float, freedom: int) -> float:
    """Quantile of Student's t for whole degrees of freedom.

    Bisection on the finite sums of Abramowitz & Stegun (1964), 26.7.3 and 26.7.4.

    Examples
    --------
    >>> [round(student_quantile(0.95, n), 3) for n in (1, 2, 3, 10)]
    [6.314, 2.92, 2.353, 1.812]
    """
    if not 0.5 <= share < 1.0 or freedom < 1:
        raise ValueError("an upper share from 0.5 up and at least one degree of freedom")
    low, high = 0.0, math.pi / 2.0  # the angle whose tangent is t / sqrt(freedom)
    for _ in range(60):
        angle = (low + high) / 2.0
        if _two_sided(angle, freedom) < 2.0 * share - 1.0:
            low = angle
        else:
            high = angle
    return math.sqrt(freedom) * math.tan(low)


def _two_sided(angle: float, freedom: int) -> float:
    cosine, term, total = math.cos(angle), 1.0, 0.0
    odd = freedom % 2
    for k in range((freedom - odd) // 2):
        if k:
            term *= (2 * k - 1 + odd) / (2 * k + odd) * cosine**2
        total += term
    if odd:
        return 2.0 / math.pi * (angle + math.sin(angle) * cosine * total)
    return math.sin(angle) * total


def inverse_mills(z: Array) -> Array:
    """Density over upper tail of the standard normal distribution: the mean beyond ``z``."""
    density = np.exp(-0.5 * np.minimum(z, FAR) ** 2) / math.sqrt(2.0 * math.pi)
    return np.where(z > FAR, 1.0 / _tail_over_density(z), density / _tail(z))


def log_tail(z: Array) -> Array:
    """Logarithm of the upper tail of the standard normal distribution."""
    far = np.log(_tail_over_density(z)) - 0.5 * z**2 - 0.5 * math.log(2.0 * math.pi)
    return np.where(z > FAR, far, np.log(_tail(z)))


def _tail(z: Array) -> Array:
    return np.array([0.5 * math.erfc(min(value, FAR) / math.sqrt(2.0)) for value in z])


def _tail_over_density(z: Array) -> Array:
    """Asymptotic series (Abramowitz & Stegun 26.2.12), good beyond ``FAR``."""
    far = np.maximum(z, FAR)
    return (1.0 - far**-2.0 + 3.0 * far**-4.0 - 15.0 * far**-6.0) / far


def exp(log_ratio: float) -> float:
    """Exponential; infinite where it is too large for a float."""
    with np.errstate(over="ignore"):
        return float(np.exp(log_ratio))
