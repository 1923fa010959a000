"""Who may share a box, and why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from coldchain.goods import Perishable

ETHYLENE_LEVELS = ("VL", "L", "M", "H", "VH", "X")


def _worst_level(levels: str) -> int:
    """Highest of a range such as ``M-H``; nothing stated counts as the lowest."""
    known = [ETHYLENE_LEVELS.index(part) for part in levels.split("-") if part in ETHYLENE_LEVELS]
    return max(known, default=0)


def why_not_together(a: Perishable, b: Perishable) -> str | None:
    """The hard rule that forbids ``a`` and ``b`` one box, in words; None if they may share it.

    Pairwise rules decide, not group charts (Lipton & Harvey 1977, McGregor 1989: AH-668): common
    setpoint, ethylene, dry goods beside moist ones, SO2 pads, odour, raw meat.
    """
    if a.code == b.code:
        return None
    if max(a.setpoint_min_c, b.setpoint_min_c) > min(a.setpoint_max_c, b.setpoint_max_c):
        return "no common setpoint"
    for one, other in ((a, b), (b, a)):
        sensitivity = _worst_level(other.ethylene_sensitivity)
        production = _worst_level(one.ethylene_production)
        if other.ethylene_sensitivity == "X" and production >= ETHYLENE_LEVELS.index("L"):
            return f"{other.code} reacts to parts per billion of ethylene, {one.code} makes it"
        if production >= ETHYLENE_LEVELS.index("M") and sensitivity >= ETHYLENE_LEVELS.index("H"):
            return f"{one.code} makes ethylene, {other.code} is sensitive to it"
        if one.category == "meat" and other.category != "meat":
            return "raw meat never with other goods"
        if one.mcgregor_group == "3" and other.mcgregor_group != "3":
            return f"{one.code} needs dry air, {other.code} does not"
        if "SO2" in one.so2_or_special and "SO2" not in other.so2_or_special:
            return f"{one.code} travels with SO2 pads"
        if one.odour_emits not in ("", "none", "mild") and (
            other.odour_absorbs not in ("", "none") or other.category == "dairy"
        ):
            return f"{one.code} smells, {other.code} takes it up"
    return None


def stowage_groups(perishables: Iterable[Perishable]) -> Mapping[str, str]:
    """Group of each commodity: within a group every pair may share a box.

    Sharing is not transitive, so the commodities are gathered, in the order of their codes, into
    the first group all of whose members they get along with. This forbids some mixtures that
    would be allowed and allows none that is forbidden. Setpoint ranges that overlap in pairs
    have a point in common, so a group has a setpoint. It is named by its members.
    """
    groups: list[list[Perishable]] = []
    for perishable in sorted(perishables, key=lambda p: p.code):
        for group in groups:
            if all(why_not_together(perishable, p) is None for p in group):
                group.append(perishable)
                break
        else:
            groups.append([perishable])
    return {p.code: "+".join(q.code for q in group) for group in groups for p in group}
