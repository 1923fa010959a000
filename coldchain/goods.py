"""What is carried: commodities with their law of decay, and consignments."""

from __future__ import annotations

import math
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
