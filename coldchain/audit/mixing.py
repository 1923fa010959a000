"""Rules of mixed loads: whether what is in one load unit gets along."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from coldchain.audit.case import Case
from coldchain.audit.setpoints import bears
from coldchain.audit.violation import Violation
from coldchain.goods import Packaging, Perishable
from coldchain.itinerary import Carriage

SHORT_MINUTES = 3 * 24 * 60
ROUNDING = 1e-6

Packed = tuple[Perishable, Packaging, str]
"""Goods, how they are packed and which treatment they undergo (none: empty)."""


def _words(text: str, separator: str) -> set[str]:
    return {word.strip() for word in text.split(separator)}


def _clash(one: Perishable, other: Perishable) -> str | None:
    """What ``one`` does to ``other`` in a shared box, if anything."""
    makes = _words(one.ethylene_production, "-")
    minds = _words(other.ethylene_sensitivity, "-")
    smells = _words(one.odour_emits, ";") - {"", "none"}
    takes_up = _words(other.odour_absorbs, ";")
    dry, moist = one.humidity_max_pct, other.humidity_min_pct
    pads = ["SO2 pads" in _words(goods.so2_or_special, ";") for goods in (one, other)]
    harm = {
        "ethylene at parts per billion": "X" in minds
        and bool(makes & {"VL", "L", "M", "H", "VH", "X"}),
        "ethylene": bool(makes & {"M", "H", "VH", "X"}) and bool(minds & {"H", "VH", "X"}),
        "raw meat": one.category == "meat" and other.category != "meat",
        "dry air": dry is not None and moist is not None and dry <= 75 < moist,
        "SO2": pads == [True, False],
        "odour": bool((smells and "any" in takes_up) or smells & takes_up),
    }
    return next((name for name, applies in harm.items() if applies), None)


def _no_common_setpoint(one: Perishable, other: Perishable, kelvin: float) -> bool:
    (a, b), (c, d) = bears(one, kelvin), bears(other, kelvin)
    freezing = [t for t in (one.freezing_c, other.freezing_c) if t is not None]
    return max(a, c) > min(b, d) + ROUNDING or any(min(b, d) <= t for t in freezing)


def _atmosphere(one: Packed, other: Packed) -> bool:
    """Whether one is in a modified atmosphere the other is not known to bear."""
    if Packaging.MAP not in (one[1], other[1]):
        return False
    for gas in ("oxygen_pct", "carbon_dioxide_pct"):
        a, b = getattr(one[0], gas), getattr(other[0], gas)
        if a is None or b is None or a[1] < b[0] or b[1] < a[0]:
            return True
    return False


def _reason(one: Packed, other: Packed, kelvin: float) -> str | None:
    same = one[0].code == other[0].code
    if one[2] != other[2] or (one[2] and not same):
        return "treatment"
    if same:
        return None
    if _no_common_setpoint(one[0], other[0], kelvin):
        return "no common setpoint"
    if _atmosphere(one, other):
        return "atmosphere"
    return _clash(one[0], other[0]) or _clash(other[0], one[0])


def _tolerance_k(carriage: Carriage) -> float:
    """Two kelvin if the goods are under way for less than three days, else one."""
    minutes = carriage.legs[-1].arrives - carriage.legs[0].departs if carriage.legs else 0
    return 2.0 if minutes < SHORT_MINUTES else 1.0


def get_along(case: Case) -> Iterable[Violation]:
    """Every two kinds of goods in one load unit may share it (ethylene, odour, hygiene …)."""
    packed = {one.consignment: one.packaging for one in case.plan.itineraries}
    for unit in case.plan.load_units:
        aboard = {
            (
                case.consignments[name].commodity,
                packed[name],
                case.consignments[name].treatment,
            )
            for name, _ in unit.contents
            if name in case.consignments and name in packed
        }
        kelvin = _tolerance_k(unit.carriage)
        for a, b in combinations(sorted(aboard), 2):
            one, other = case.scenario.perishables[a[0]], case.scenario.perishables[b[0]]
            reason = _reason((one, a[1], a[2]), (other, b[1], b[2]), kelvin)
            if reason:
                yield Violation(
                    rule="get_along",
                    subject=unit.id,
                    found=f"{a[0]} with {b[0]}",
                    expected="goods that may share a box",
                    message=f"goods do not get along ({reason})",
                )


def stowage_group(case: Case) -> Iterable[Violation]:
    """A consignment travels in carriages of a stowage group that names what it travels as."""
    for run in case.runs:
        name, packed = run.goods.code, run.itinerary.packaging
        treatment = run.consignment.treatment
        if packed is not Packaging.NAKED or treatment:
            name += f"/{packed.value}"
        if treatment:
            name += f"/{treatment}"
        for number, carriage in enumerate(run.itinerary.carriages, start=1):
            if name not in carriage.stowage_group.split("+"):
                yield Violation(
                    rule="stowage_group",
                    subject=run.consignment.id,
                    found=carriage.stowage_group,
                    expected=f"a group with {name}",
                    message=f"carriage {number} is of a group it does not belong to",
                )
