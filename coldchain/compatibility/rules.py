"""The hard rules: whether two cargoes may share a box, judged axis by axis, the worst decides.

Eight axes, a function each. Rules read the columns of ``perishables.csv``, never the name of a
commodity. Group charts (McGregor 1989, USDA Agriculture Handbook 668) are quoted beside a verdict
and decide nothing: they are made for days in a shop, and put ethylene makers beside those it harms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from coldchain.compatibility.cargo import ANY_ODOUR, Cargo, common_range_c
from coldchain.goods import Packaging

DRY_RH_PCT = 75.0
"""Goods that want no moister air than this are damaged by the air moist goods want (%)."""

ETHYLENE_LEVELS = ("VL", "L", "M", "H", "VH", "X")
VL, _, MEDIUM, HIGH, _, EXTREME = range(6)

PRODUCE = frozenset({"fruit", "vegetable"})


class Axis(StrEnum):
    """In what respect two cargoes are compared."""

    TEMPERATURE = "temperature"
    HUMIDITY = "humidity"
    ETHYLENE = "ethylene"
    ODOUR = "odour"
    SO2 = "SO2"
    HYGIENE = "hygiene"
    ATMOSPHERE = "atmosphere"
    TREATMENT = "treatment"


class Severity(IntEnum):
    """How bad it is; only the last forbids."""

    FINE = 0
    WARNED = 1
    FORBIDDEN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one axis says: how bad, by which rule (empty where none speaks), and in words."""

    axis: Axis
    severity: Severity
    rule: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether two cargoes may share a box: a finding for each axis, the worst decides.

    ``chart`` is what the group chart says of them, for whoever expected otherwise.
    """

    cargoes: tuple[Cargo, Cargo]
    findings: tuple[Finding, ...]
    chart: str

    @property
    def worst(self) -> Finding:
        """The first of the worst findings."""
        return max(self.findings, key=lambda finding: finding.severity)

    @property
    def allowed(self) -> bool:
        """Whether no rule forbids it."""
        return self.worst.severity < Severity.FORBIDDEN

    @property
    def why_not(self) -> str | None:
        """The rule that forbids it, in words; None if they may share a box."""
        return None if self.allowed else self.worst.words

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is to be minded though it is allowed."""
        return tuple(f.words for f in self.findings if f.severity is Severity.WARNED)


def judge(one: Cargo, other: Cargo, *, tolerance_k: float = 1.0) -> Verdict:
    """Whether ``one`` and ``other`` may share a box, and why.

    Parameters
    ----------
    one, other : Cargo
        In either order: the verdict is the same.
    tolerance_k : float
        How far beyond its range a commodity may be carried (K).
    """
    a, b = sorted((one, other), key=lambda cargo: cargo.key)
    if a.perishable.code == b.perishable.code:
        axes = (axis for axis in Axis if axis is not Axis.TREATMENT)
        findings = tuple(_fine(axis, "the same commodity") for axis in axes)
    else:
        findings = (
            _temperature(a, b, tolerance_k),
            *(_either(rule, a, b) for rule in (_humidity, _ethylene, _odour, _so2, _hygiene)),
            _atmosphere(a, b),
        )
    return Verdict(cargoes=(a, b), findings=(*findings, _treatment(a, b)), chart=_chart(a, b))


def _either(rule: Callable[[Cargo, Cargo], Finding], a: Cargo, b: Cargo) -> Finding:
    """The worse of what ``rule`` says of a beside b and of b beside a."""
    return max(rule(a, b), rule(b, a), key=lambda finding: finding.severity)


def _fine(axis: Axis, words: str) -> Finding:
    return Finding(axis=axis, severity=Severity.FINE, rule="", words=words)


def _warned(axis: Axis, rule: str, words: str) -> Finding:
    return Finding(axis=axis, severity=Severity.WARNED, rule=rule, words=words)


def _forbidden(axis: Axis, rule: str, words: str) -> Finding:
    return Finding(axis=axis, severity=Severity.FORBIDDEN, rule=rule, words=words)


def _between(low: float, high: float) -> str:
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _temperature(a: Cargo, b: Cargo, tolerance_k: float) -> Finding:
    common = common_range_c((a, b), tolerance_k)
    if common is not None:
        return _fine(Axis.TEMPERATURE, f"both bear {_between(*common)} °C")
    of_a, of_b = (f"{c.name} bears {_between(*c.range_c(tolerance_k))} °C" for c in (a, b))
    within = f"within {tolerance_k:g} K of its range" if tolerance_k else "each in its range"
    return _forbidden(
        Axis.TEMPERATURE, "no_common_setpoint", f"no common setpoint: {of_a}, {of_b}, {within}"
    )


def _humidity(one: Cargo, other: Cargo) -> Finding:
    """Dry goods beside moist ones: one rots or the other withers, whatever the air."""
    dry, moist = one.perishable.humidity_max_pct, other.perishable.humidity_min_pct
    if dry is None or moist is None or moist <= dry:
        return _fine(Axis.HUMIDITY, "no quarrel over moisture")
    words = f"{one.name} wants at most {dry:g} % relative humidity, {other.name} at least {moist:g}"
    if dry <= DRY_RH_PCT < moist:
        return _forbidden(Axis.HUMIDITY, "dry_beside_moist", words)
    return _warned(Axis.HUMIDITY, "humidity_apart", words)


def _worst_level(levels: str) -> int:
    """Highest of a range such as ``M-H``; nothing stated counts as the lowest."""
    known = [ETHYLENE_LEVELS.index(part) for part in levels.split("-") if part in ETHYLENE_LEVELS]
    return max(known, default=VL)


def _ethylene(one: Cargo, other: Cargo) -> Finding:
    """What ``one`` makes beside what ``other`` minds."""
    makes, minds = one.perishable.ethylene_production, other.perishable.ethylene_sensitivity
    production, sensitivity = _worst_level(makes), _worst_level(minds)
    source = f"{one.name} makes ethylene ({makes})"
    # Parts per billion: tonnes of goods that make very little still make that much in a shut box.
    if sensitivity == EXTREME and any(level in ETHYLENE_LEVELS for level in makes.split("-")):
        words = f"{source}, {other.name} reacts to parts per billion of it"
        return _forbidden(Axis.ETHYLENE, "ethylene_extreme", words)
    if sensitivity >= HIGH and production >= MEDIUM:
        words = f"{source}, {other.name} is sensitive to it ({minds})"
        return _forbidden(Axis.ETHYLENE, "ethylene", words)
    if sensitivity >= MEDIUM and production >= MEDIUM:
        words = f"{source}, {other.name} minds it somewhat ({minds})"
        return _warned(Axis.ETHYLENE, "ethylene_somewhat", words)
    return _fine(Axis.ETHYLENE, "no ethylene that harms")


def _odour(one: Cargo, other: Cargo) -> Finding:
    taken = one.emits if ANY_ODOUR in other.absorbs else one.emits & other.absorbs
    if not taken:
        return _fine(Axis.ODOUR, "no smell that is taken up")
    words = f"{other.name} takes up the smell of {one.name} ({', '.join(sorted(taken))})"
    return _forbidden(Axis.ODOUR, "odour", words)


def _so2(one: Cargo, other: Cargo) -> Finding:
    if one.so2_pads and not other.so2_pads:
        words = f"{one.name} travels with SO2 pads, which bleach {other.name}"
        return _forbidden(Axis.SO2, "so2_pads", words)
    return _fine(Axis.SO2, "no SO2 pads beside goods without")


def _hygiene(one: Cargo, other: Cargo) -> Finding:
    first, second = one.perishable.category, other.perishable.category
    if first == "meat" and second != "meat":
        what = "produce" if second in PRODUCE else f"{second} goods"
        words = f"raw meat never with {what}: {one.name} beside {other.name}"
        return _forbidden(Axis.HYGIENE, "raw_meat", words)
    return _fine(Axis.HYGIENE, "no raw meat beside other food")


def _atmosphere(a: Cargo, b: Cargo) -> Finding:
    if Packaging.MAP not in (a.packaging, b.packaging):
        return _fine(Axis.ATMOSPHERE, "both in plain air")
    known = tuple(c for c in (a, b) if _windows(c) is not None)
    if len(known) < 2:
        unknown = " and ".join(c.name for c in (a, b) if c not in known)
        beside = f"{a.name} beside {b.name}"
        words = f"{beside}: a modified atmosphere, and none is known that {unknown} would bear"
        return _forbidden(Axis.ATMOSPHERE, "atmosphere", words)
    windows = [_windows(c) or () for c in (a, b)]
    if all(max(x[0], y[0]) <= min(x[1], y[1]) for x, y in zip(*windows, strict=True)):
        return _fine(Axis.ATMOSPHERE, "one atmosphere serves both")
    of_a, of_b = (_atmosphere_words(c) for c in (a, b))
    words = f"no atmosphere serves both: {of_a}, {of_b}"
    return _forbidden(Axis.ATMOSPHERE, "atmosphere", words)


def _windows(cargo: Cargo) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Oxygen and carbon dioxide (%), if both are known."""
    oxygen, carbon_dioxide = cargo.perishable.oxygen_pct, cargo.perishable.carbon_dioxide_pct
    return None if oxygen is None or carbon_dioxide is None else (oxygen, carbon_dioxide)


def _atmosphere_words(cargo: Cargo) -> str:
    windows = _windows(cargo)
    assert windows is not None
    oxygen, carbon_dioxide = windows
    return f"{cargo.name} {_between(*oxygen)} % O2 and {_between(*carbon_dioxide)} % CO2"


def _treatment(a: Cargo, b: Cargo) -> Finding:
    """Goods under a quarantine protocol ride alone: it owns the setpoint, and keeps pests out."""
    same = a.treatment == b.treatment
    if not (a.treatment or b.treatment) or (same and a.perishable.code == b.perishable.code):
        return _fine(Axis.TREATMENT, "no quarantine treatment between them")
    words = f"goods under quarantine treatment ride alone: not {a.name} beside {b.name}"
    return _forbidden(Axis.TREATMENT, "treatment", words)


def _chart(a: Cargo, b: Cargo) -> str:
    """What the group chart says; empty where it does not know both."""
    if not (a.chart_groups and b.chart_groups):
        return ""
    common = sorted(a.chart_groups & b.chart_groups)
    if common:
        return f"group chart says together (both in {', '.join(common)})"
    of_a, of_b = (f"{c.name} in {', '.join(sorted(c.chart_groups))}" for c in (a, b))
    return f"group chart says apart ({of_a}; {of_b})"
