r"""From measured lives at several temperatures to the numbers of a commodity's row.

The logarithm of life, :math:`y = \ln L`, is what is fitted: lots differ by factors, not by days.
Three forms compete, each in a form whose level and slope hardly correlate,

.. math:: \text{Arrhenius}\quad y = \bar y + \tfrac{E_a}{R}(1/T - \overline{1/T}), \qquad
          \text{exponential}\quad y = \bar y - a (T - \bar T), \qquad
          \text{square root}\quad y = c - 2 \ln(T - T_{min}),

and the one that foretells a life it has not seen best is taken (leave-one-out accuracy factor);
a good R2 on the data fitted proves nothing.

A life that was only outlived (``outlived``: the trial ended first) enters by the chance of
outliving it, as in Tobin (1958), with the spread stated for it: it pulls the curve up where the
curve falls short of it and fades where the curve is well above. Only measured lives are counted,
scored and left out in turn.

References
----------
Reference form: Schwaab & Pinto (2007), doi:10.1016/j.ces.2007.02.020. Square root: Ratkowsky et al.
(1982), doi:10.1128/jb.149.1.1-5.1982. Accuracy and bias factor: Ross (1996),
doi:10.1111/j.1365-2672.1996.tb03539.x. Outlived lives: Tobin (1958), doi:10.2307/1907382.
"""

from __future__ import annotations

from coldchain.fitting.chances import accuracy_factor, bias_factor
from coldchain.fitting.curves import Curve, Form
from coldchain.fitting.fit import Basis, Candidate, Fit, UnfitLives, fit_lives
from coldchain.fitting.lives import DEFAULT_CV, MeasuredLife

__all__ = [
    "DEFAULT_CV",
    "Basis",
    "Candidate",
    "Curve",
    "Fit",
    "Form",
    "MeasuredLife",
    "UnfitLives",
    "accuracy_factor",
    "bias_factor",
    "fit_lives",
]
