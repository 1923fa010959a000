"""What is carried: commodities with their law of decay, consignments, and who may share a box."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from statistics import NormalDist

from coldchain.decay import DECAY_LAWS, DecayLaw
from coldchain.errors import UnknownName

NORMAL_P95 = NormalDist().inv_cdf(0.95)


class Packaging(StrEnum):
    """How goods are packed for the journey."""

    NAKED = "naked"
    MAP = "map"
    """Modified-atmosphere liner: multiplies the life by the commodity's ``map_life_factor``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Perishable:
    """A commodity: one row of ``perishables.csv``.

    Life is in days at ``life_ref_c``; min / typ / max are read as the 5th, 50th and 95th
    percentile of a two-piece lognormal. Ethylene production is one of VL, L, M, H, VH (or a range
    such as M-H), sensitivity one of L, M, H, X (X: reacts to parts per billion).
    """

    code: str
    name: str
    name_zh: str
    hs6: str
    category: str
    decay_law: str
    domain_min_c: float
    domain_max_c: float
    setpoint_min_c: float
    setpoint_max_c: float
    freezing_c: float | None
    life_ref_c: float
    life_min_d: float
    life_typ_d: float
    life_max_d: float
    activation_energy_kj_mol: float
    map_life_factor: float | None
    ethylene_production: str
    ethylene_sensitivity: str
    odour_emits: str
    odour_absorbs: str
    so2_or_special: str
    mcgregor_group: str
    source: str
    confidence: str

    def life_d(self, quantile: float) -> float:
        """Days of life at ``life_ref_c`` that a share ``quantile`` of lots falls short of.

        Examples
        --------
        With a life of 14 / 21 / 28 d, nine lots in ten keep at least 15.3 d.

        >>> from coldchain.network import Spread
        >>> round(21 * math.exp(NormalDist().inv_cdf(0.1) / NORMAL_P95 * math.log(21 / 14)), 1)
        15.3
        """
        if not 0 < quantile < 1:
            raise ValueError(f"a quantile lies between 0 and 1, not at {quantile}")
        z = NormalDist().inv_cdf(quantile) / NORMAL_P95
        far = self.life_max_d if z > 0 else self.life_min_d
        return self.life_typ_d * math.exp(abs(z) * math.log(far / self.life_typ_d))

    def law(self, confidence: float, packaging: Packaging = Packaging.NAKED) -> DecayLaw:
        """The law of decay a share ``confidence`` of lots does at least as well as."""
        if self.decay_law not in DECAY_LAWS:
            raise UnknownName("decay law", self.decay_law, DECAY_LAWS)
        factor = 1.0
        if packaging is Packaging.MAP:
            if self.map_life_factor is None:
                raise ValueError(
                    f"{self.code} has no map_life_factor, so it cannot be packed in MAP"
                )
            factor = self.map_life_factor
        return DECAY_LAWS[self.decay_law](
            life_h=24.0 * self.life_d(1.0 - confidence) * factor,
            reference_c=self.life_ref_c,
            activation_energy_j_mol=1000.0 * self.activation_energy_kj_mol,
            domain_min_c=self.domain_min_c,
            domain_max_c=self.domain_max_c,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Consignment:
    """Goods from one consignor to one consignee: what is planned.

    ``ready_at`` is when the goods are at the packhouse, before packing and papers; they must be
    unloaded at the destination by ``due_at`` with at least ``shelf_life_required_h`` left at
    ``retail_c``.
    """

    id: str
    commodity: str
    origin: str
    destination: str
    net_kg: int
    gross_kg: int
    pallets: int
    ready_at: datetime
    due_at: datetime
    shelf_life_required_h: float
    retail_c: float
    life_used_at_ready: float
    value_usd: float
    packaging: Packaging
    shipper: str = ""
    consignee: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if self.ready_at.tzinfo is None or self.due_at.tzinfo is None:
            raise ValueError(f"{self.id}: ready_at and due_at need a time zone")
        if not 0 < self.net_kg <= self.gross_kg:
            raise ValueError(f"{self.id}: 0 < net_kg <= gross_kg does not hold")
        if self.pallets < 1:
            raise ValueError(f"{self.id}: at least one pallet")
        if not 0 <= self.life_used_at_ready < 1:
            raise ValueError(f"{self.id}: life_used_at_ready lies in [0, 1)")


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
