"""From lives to the numbers of a row, or to the reasons why there are none."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from statistics import NormalDist

import numpy as np

from coldchain.errors import ColdchainError, OutOfDomain
from coldchain.fitting.chances import exp, student_quantile
from coldchain.fitting.curves import Curve, Form, abscissa, tmin_range
from coldchain.fitting.lives import MeasuredLife, Sample, covariance_of, squares

PRIOR_KJ_MOL, PRIOR_SD_KJ_MOL = 66.0, 10.0
"""Activation energy of fresh produce, where one temperature says nothing of it: 67 from the Q10
table of USDA Handbook 66 between 0 and 20 °C, 66 from respiration-limited life of sweet cherry."""

PRIOR_WARMEST_C = 20.0
"""Warmest temperature that prior comes from."""

EXACT_HALF_WIDTH_KJ_MOL = 10.0
"""What two temperatures leave open at least: they fit any curve exactly."""

PLAUSIBLE_KJ_MOL = (30.0, 130.0)
WORST_ACCURACY = 1.5
WARMEST_C = 30.0
"""Above it other things end a life than below it; such lives are not fitted."""

MARGIN_K = 2.0
"""How far beyond the warmest life measured the law is trusted: there it errs on the short side.
Below the coldest it is not trusted at all, for there come chilling and frost."""

LEAST_STEP_K = 0.001
"""Temperatures nearer to each other are one, written twice: no thermometer tells them apart, and
no slope can be reckoned from them."""

AICC_PAIRS = 6
CHANCE = 0.90
"""Chance of all intervals: from the 5th to the 95th percentile."""


class Basis(StrEnum):
    """What the slope rests on."""

    PRIOR = "one temperature, slope of the class"
    EXACT = "two temperatures, exact"
    LEAST_SQUARES = "least squares"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A form fitted, and how well it foretells each life from all the others.

    ``accuracy_factor`` and ``bias_factor`` are None where leaving one out leaves no curve,
    ``aicc`` is for comparison between forms and None below six lives.
    """

    curve: Curve
    accuracy_factor: float | None = None
    bias_factor: float | None = None
    aicc: float | None = None

    @property
    def form(self) -> Form:
        return self.curve.form


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What the lives say. Life (5th, 50th, 95th percentile of a lot) holds at ``reference_c``.

    ``candidates`` are all forms that could be fitted, ``chosen`` the one the life is read from;
    the activation energy is that of the Arrhenius curve whichever form was chosen.
    """

    basis: Basis
    lives: tuple[MeasuredLife, ...]
    too_cold: tuple[MeasuredLife, ...]
    too_warm: tuple[MeasuredLife, ...]
    candidates: tuple[Candidate, ...]
    chosen: Candidate
    activation_energy_kj_mol: float
    activation_energy_low_kj_mol: float
    activation_energy_high_kj_mol: float
    reference_c: float
    life_p5_d: float
    life_p50_d: float
    life_p95_d: float
    domain_min_c: float
    domain_max_c: float

    @property
    def tmin_sqrt_c(self) -> float | None:
        """Tmin of the square-root curve, if there is one."""
        roots = (c.curve.parameter for c in self.candidates if c.form is Form.SQUARE_ROOT)
        return next(roots, None)

    @property
    def measured(self) -> int:
        return sum(not life.outlived for life in self.lives)


class UnfitLives(ColdchainError, ValueError):
    """Lives from which no row can be made; ``fit`` is what they would have given, if anything."""

    def __init__(self, reasons: Iterable[str], fit: Fit | None = None) -> None:
        self.reasons = tuple(reasons)
        self.fit = fit
        super().__init__(f"{'; '.join(self.reasons)}; more lives are needed")


def fit_lives(
    lives: Iterable[MeasuredLife],
    *,
    reference_c: float | None = None,
    chill_threshold_c: float | None = None,
    choose_from: Collection[Form] = tuple(Form),
) -> Fit:
    """Fit all forms to ``lives`` and choose one of ``choose_from``.

    Parameters
    ----------
    lives : iterable of MeasuredLife
        In any order. Weights are 1 / variance of ln life.
    reference_c : float, optional
        Where the life is stated; by default the coldest temperature that was measured and used.
    chill_threshold_c : float, optional
        Lives measured below it are set aside, since chilling ended them; so are those above 30 °C.
    choose_from : collection of Form
        Forms a reader of the row understands; Arrhenius is one whenever the slope cannot choose.

    Returns
    -------
    Fit
        With one temperature the activation energy is that of the class, 66 +- 10 kJ/mol. Two give
        it exactly, +- 10 kJ/mol at least. From three on the interval is Student's; that of a lot's
        life is as wide as the residuals say or as the spread stated for the lives, whichever
        is wider: three points on a line do not show that lots are alike. The domain reaches
        from the coldest life to 2 K above the warmest, not beyond 30 °C; one temperature carries
        the class's slope up to 22 °C.

    Raises
    ------
    UnfitLives
        Nothing to fit, temperatures less than 0.001 K apart, an activation energy outside 30-130
        kJ/mol, one whose interval is open downwards, or an accuracy factor above 1.5. More lives
        are needed.
    OutOfDomain
        ``reference_c`` lies outside the domain.

    Examples
    --------
    Life of sweet cherry limited by 5 g CO2/kg (Sekse 1996) at the respiration of USDA Handbook 66:

    >>> days = {0: 26, 5: 9.5, 10: 7.4, 15: 4.5, 20: 3.2}
    >>> cherry = fit_lives(MeasuredLife(temperature_c=t, life_d=d) for t, d in days.items())
    >>> round(cherry.activation_energy_kj_mol, 1)
    66.0
    >>> [(str(c.form), round(c.accuracy_factor, 2)) for c in cherry.candidates]
    [('arrhenius', 1.28), ('exponential', 1.31), ('square_root', 1.17)]
    >>> round(cherry.tmin_sqrt_c, 1)
    -11.3
    """
    given = sorted(lives, key=lambda m: (m.temperature_c, m.life_d, m.cv, m.outlived))
    coldest_c = -math.inf if chill_threshold_c is None else chill_threshold_c
    too_cold = tuple(m for m in given if m.temperature_c < coldest_c)
    too_warm = tuple(m for m in given if m.temperature_c > WARMEST_C)
    used = tuple(m for m in given if coldest_c <= m.temperature_c <= WARMEST_C)
    measured_c = sorted({m.temperature_c for m in used if not m.outlived})
    if not measured_c:
        raise UnfitLives(["no life was measured at a temperature that can be used"])
    _require_steps({m.temperature_c for m in used})
    basis = (Basis.PRIOR, Basis.EXACT, Basis.LEAST_SQUARES)[min(len(measured_c), 3) - 1]
    sample = Sample.of(used)
    if basis is Basis.PRIOR:
        candidates = (Candidate(curve=_prior_curve(sample)),)
    elif basis is Basis.EXACT:
        candidates = (Candidate(curve=sample.curve(Form.ARRHENIUS)),)
    else:
        candidates = tuple(_candidates(sample))
    arrhenius = candidates[0]
    chosen = min(
        (c for c in candidates if c.form in choose_from),
        key=lambda c: c.accuracy_factor or math.inf,
        default=arrhenius,
    )
    energy = arrhenius.curve.parameter / 1000.0
    half = _energy_half_width(sample, arrhenius.curve, basis)
    domain_max_c = max(measured_c[-1], PRIOR_WARMEST_C if basis is Basis.PRIOR else -math.inf)
    domain_max_c = min(domain_max_c + MARGIN_K, WARMEST_C)
    at_c = measured_c[0] if reference_c is None else reference_c
    if not measured_c[0] <= at_c <= domain_max_c:
        raise OutOfDomain(
            f"these lives say what happens from {measured_c[0]:g} to {domain_max_c:g} °C, "
            f"not at {at_c:g} °C"
        )
    width = _log_half_width(sample, chosen.curve, at_c, basis)
    level = math.log(chosen.curve.life_d(at_c))
    fit = Fit(
        basis=basis,
        lives=used,
        too_cold=too_cold,
        too_warm=too_warm,
        candidates=candidates,
        chosen=chosen,
        activation_energy_kj_mol=energy,
        activation_energy_low_kj_mol=energy - half,
        activation_energy_high_kj_mol=energy + half,
        reference_c=at_c,
        life_p5_d=exp(level - width),
        life_p50_d=exp(level),
        life_p95_d=exp(level + width),
        domain_min_c=measured_c[0],
        domain_max_c=domain_max_c,
    )
    reasons = list(_objections(fit))
    if reasons:
        raise UnfitLives(reasons, fit)
    return fit


def _require_steps(temperatures_c: Iterable[float]) -> None:
    """Refuse temperatures that are different in writing only."""
    for colder, warmer in pairwise(sorted(temperatures_c)):
        if warmer - colder < LEAST_STEP_K - 1e-9:
            pair = f"{colder!r} and {warmer!r} °C"
            raise UnfitLives([f"{pair} are less than {LEAST_STEP_K:g} K apart, so no slope shows"])


def _objections(fit: Fit) -> Iterable[str]:
    low, high = PLAUSIBLE_KJ_MOL
    energy = fit.activation_energy_kj_mol
    if not low <= energy <= high:
        yield (
            f"an activation energy of {energy:.1f} kJ/mol is none of a perishable "
            f"({low:g} to {high:g})"
        )
    if fit.activation_energy_low_kj_mol <= 0:
        yield (
            f"the activation energy may be anything from {fit.activation_energy_low_kj_mol:.0f} "
            f"to {fit.activation_energy_high_kj_mol:.0f} kJ/mol"
        )
    accuracy = fit.chosen.accuracy_factor
    if accuracy is not None and accuracy > WORST_ACCURACY:
        yield (
            f"each life is foretold from the others only within a factor of {accuracy:.2f} "
            f"(at most {WORST_ACCURACY:g})"
        )


def _prior_curve(sample: Sample) -> Curve:
    """The class's slope through the lives of one temperature, at the likeliest level."""
    x = abscissa(Form.ARRHENIUS, sample.c)
    pivot = float(x[sample.measured][0])
    curve = Curve(form=Form.ARRHENIUS, log_life=0.0, parameter=1000.0 * PRIOR_KJ_MOL, pivot=pivot)
    return sample.levelled(curve)


def _candidates(sample: Sample) -> Iterable[Candidate]:
    for form in Form:
        lowest, highest = tmin_range(sample.c)
        if form is Form.SQUARE_ROOT and lowest >= highest:
            continue
        curve = sample.curve(form)
        if form is Form.SQUARE_ROOT and not lowest + 1e-3 < curve.parameter < highest - 1e-3:
            continue  # the best Tmin lies beyond what is looked at: the form does not fit
        foretold = np.array(
            [sample.without(i).curve(form).log_life_at(sample.c[[i]])[0] for i in sample.measured]
        )
        observed = sample.y[sample.measured]
        if not np.all(np.isfinite(foretold)):
            continue  # a life left out lies below the Tmin of the others
        yield Candidate(
            curve=curve,
            accuracy_factor=exp(float(np.mean(np.abs(foretold - observed)))),
            bias_factor=exp(float(np.mean(foretold - observed))),
            aicc=_aicc(sample, curve),
        )


def _aicc(sample: Sample, curve: Curve) -> float | None:
    """Akaike's criterion for small samples; level, slope and spread are three parameters."""
    n, left = len(sample.measured), squares(sample, curve)
    if n < AICC_PAIRS or left == 0:
        return None
    return n * math.log(left / n) + 6.0 + 24.0 / (n - 4)


def _freedom(sample: Sample) -> int:
    return len(sample.measured) - 2


def _energy_half_width(sample: Sample, arrhenius: Curve, basis: Basis) -> float:
    """Half the interval of the activation energy (kJ/mol)."""
    if basis is Basis.PRIOR:
        return PRIOR_SD_KJ_MOL
    freedom = _freedom(sample)
    if freedom == 0:
        return EXACT_HALF_WIDTH_KJ_MOL
    variance = squares(sample, arrhenius) / freedom * covariance_of(sample, arrhenius)[1, 1]
    half = student_quantile(_upper(), freedom) * math.sqrt(variance) / 1000.0
    return max(half, EXACT_HALF_WIDTH_KJ_MOL) if basis is Basis.EXACT else half


def _log_half_width(sample: Sample, curve: Curve, at_c: float, basis: Basis) -> float:
    """Half the prediction interval of a lot's ln life at ``at_c``."""
    measured = sample.measured
    weight = sample.sd[measured] ** -2.0
    if basis is Basis.PRIOR:
        covariance = np.diag([1.0 / np.sum(weight), (1000.0 * PRIOR_SD_KJ_MOL) ** 2])
    else:
        covariance = covariance_of(sample, curve)
    gradient = curve.gradient_at(np.array([at_c]))[0]
    variance = float(1.0 / np.mean(weight) + gradient @ covariance @ gradient)
    stated = NormalDist().inv_cdf(_upper()) * math.sqrt(variance)
    freedom = _freedom(sample)
    if basis is Basis.PRIOR or freedom == 0:
        return stated
    shown = student_quantile(_upper(), freedom) * math.sqrt(
        squares(sample, curve) / freedom * variance
    )
    return max(stated, shown)


def _upper() -> float:
    return (1.0 + CHANCE) / 2.0
