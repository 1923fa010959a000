"""What is carried: commodities with their law of decay, and consignments."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from statistics import NormalDist

from coldchain.decay import DECAY_LAWS, DecayLaw, Limit
from coldchain.errors import UnknownName

NORMAL_P95 = NormalDist().inv_cdf(0.95)

LIFE_FACTORS = ("commodity", "1")
"""By what a packaging multiplies life: the commodity's ``map_life_factor``, or nothing."""


class Packaging(StrEnum):
    """How goods are packed for the journey."""

    NAKED = "naked"
    """In cartons open to the air."""
    LINER = "liner"
    """In a liner that keeps water in and lets gases through: slows drying, and cooling."""
    MAP = "map"
    """Modified-atmosphere liner: multiplies the life by the commodity's ``map_life_factor``."""
    ANY = "any"
    """Whichever of the scenario's packagings suits the plan best; a wish, no way to be packed."""


OPEN_TO = frozenset(Packaging) - {Packaging.ANY}
"""What goods may be packed in at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagingTerms:
    """What a way of packing does and costs: one row of ``packaging.csv``.

    ``life_factor`` is ``commodity`` where the packing multiplies life by the commodity's
    ``map_life_factor`` while the pulp is at or below ``max_c`` (None: at any temperature), and
    ``1`` where it leaves life alone. ``water_loss_factor`` is the share of the water that bare
    goods would lose in the same air. ``usd_per_kg`` is paid by the gross kilogram.

    A pallet is two equal halves: the outer follows the air, the core the outer, each with the
    half-cooling time given here. Without them the pulp is as warm as its air at once.
    """

    packaging_id: Packaging
    name: str
    life_factor: str
    water_loss_factor: float
    max_c: float | None
    usd_per_kg: float
    outer_half_cooling_h: float | None
    core_half_cooling_h: float | None
    source: str
    confidence: str

    def __post_init__(self) -> None:
        if self.packaging_id is Packaging.ANY:
            raise ValueError("any is a choice among packagings and has no terms of its own")
        if self.life_factor not in LIFE_FACTORS:
            raise ValueError(f"life_factor is {' or '.join(LIFE_FACTORS)}, not {self.life_factor}")
        if not 0 <= self.water_loss_factor <= 1:
            raise ValueError(f"{self.packaging_id}: water_loss_factor lies in [0, 1]")
        if not self.usd_per_kg >= 0:
            raise ValueError(f"{self.packaging_id}: usd_per_kg is 0 or more")
        times = (self.outer_half_cooling_h, self.core_half_cooling_h)
        if (times[0] is None) != (times[1] is None):
            raise ValueError(f"{self.packaging_id}: half-cooling times are given in pairs")
        if any(hours is not None and not hours > 0 for hours in times):
            raise ValueError(f"{self.packaging_id}: half-cooling times are longer than 0 h")


@dataclass(frozen=True, slots=True, kw_only=True)
class Perishable:
    """A commodity: one row of ``perishables.csv``.

    Life is in days at ``life_ref_c``; min / typ / max are read as the 5th, 50th and 95th
    percentile of a two-piece lognormal. Ethylene production is one of VL, L, M, H, VH (or a range
    such as M-H), sensitivity one of L, M, H, X (X: reacts to parts per billion).

    What the row leaves blank is None here, or empty, unless a general value stands in for it:
    ``assumed`` then says for which field, and which value.

    Attributes
    ----------
    activation_energy_kj_mol : float, optional
        Of the law ``arrhenius``; None under any other.
    activation_energy_low_kj_mol, activation_energy_high_kj_mol : float, optional
        Between which the activation energy is believed to lie.
    tmin_sqrt_c : float, optional
        Where the law ``square_root`` comes to rest (°C); None under any other.
    respiration_mg_kg_h : tuple of (float, float)
        Temperature (°C) and respiration (mg CO2 per kg and hour) there, from cold to warm; empty
        if the goods do not respire.
    heat_capacity_kj_kg_k : float, optional
        Specific heat above freezing.
    transpiration_mg_kg_s_mpa, max_weight_loss_pct : float, optional
        Water lost by the vapour pressure deficit, and the loss at which the goods no longer sell.
    chill_threshold_c, chill_dose_k_d : float, optional
        Below this temperature chilling adds up (kelvin times days), and injures at this dose.
    chill_zone_min_c, chill_zone_max_c, chill_zone_limit_d : float, optional
        Band of temperatures that injures, and the days in it that do.
    humidity_min_pct, humidity_max_pct : float, optional
        Relative humidity the goods want.
    oxygen_pct, carbon_dioxide_pct : tuple of (float, float), optional
        Least and most in a controlled atmosphere.
    map_life_factor_low, map_life_factor_high : float, optional
        Between which ``map_life_factor`` is believed to lie.
    limiting_attribute : str
        What ends the life.
    regulatory_max_c : float, optional
        Warmest the law of the land allows.
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
    activation_energy_kj_mol: float | None
    map_life_factor: float | None
    ethylene_production: str
    ethylene_sensitivity: str
    odour_emits: str
    odour_absorbs: str
    so2_or_special: str
    mcgregor_group: str
    source: str
    confidence: str
    activation_energy_low_kj_mol: float | None = None
    activation_energy_high_kj_mol: float | None = None
    tmin_sqrt_c: float | None = None
    respiration_mg_kg_h: tuple[tuple[float, float], ...] = ()
    heat_capacity_kj_kg_k: float | None = None
    transpiration_mg_kg_s_mpa: float | None = None
    max_weight_loss_pct: float | None = None
    chill_threshold_c: float | None = None
    chill_dose_k_d: float | None = None
    chill_zone_min_c: float | None = None
    chill_zone_max_c: float | None = None
    chill_zone_limit_d: float | None = None
    humidity_min_pct: float | None = None
    humidity_max_pct: float | None = None
    oxygen_pct: tuple[float, float] | None = None
    carbon_dioxide_pct: tuple[float, float] | None = None
    map_life_factor_low: float | None = None
    map_life_factor_high: float | None = None
    limiting_attribute: str = ""
    regulatory_max_c: float | None = None
    assumed: tuple[str, ...] = ()

    def life_d(self, quantile: float) -> float:
        """Days of life at ``life_ref_c`` that a share ``quantile`` of lots falls short of.

        Examples
        --------
        With a life of 14 / 21 / 28 d, nine lots in ten keep at least 15.3 d.

        >>> from coldchain.tables import read_perishables
        >>> round(read_perishables()["cherry_sweet"].life_d(0.1), 1)
        15.3
        """
        if not 0 < quantile < 1:
            raise ValueError(f"a quantile lies between 0 and 1, not at {quantile}")
        z = NormalDist().inv_cdf(quantile) / NORMAL_P95
        far = self.life_max_d if z > 0 else self.life_min_d
        return self.life_typ_d * math.exp(abs(z) * math.log(far / self.life_typ_d))

    def law(self, confidence: float, packaging: Packaging = Packaging.NAKED) -> DecayLaw:
        """The law of ageing with the life that a share ``confidence`` of lots has at least.

        Activation energy is the typical one, and the factor of MAP holds at every temperature: a
        law to compare temperatures of a box by. A journey is judged by
        :meth:`coldchain.lots.Lots.planned`, where energies differ between lots and the factor
        ends with ``max_c`` of the packaging.
        """
        factor = 1.0
        if packaging is Packaging.ANY:
            raise ValueError(f"how {self.code} is packed must be chosen first")
        if packaging is Packaging.MAP:
            if self.map_life_factor is None:
                raise ValueError(
                    f"{self.code} has no map_life_factor, so it cannot be packed in MAP"
                )
            factor = self.map_life_factor
        return self.ageing(24.0 * self.life_d(1.0 - confidence) * factor)

    def ageing(self, life_h: float, energy_j_mol: float | None = None) -> Limit:
        """The law of ageing of a lot that keeps ``life_h`` at ``life_ref_c``, in air.

        ``energy_j_mol`` is its activation energy, by default the typical one; a law that has none
        does without.
        """
        if self.decay_law not in DECAY_LAWS:
            raise UnknownName("decay law", self.decay_law, DECAY_LAWS)
        return DECAY_LAWS[self.decay_law](
            life_h=life_h,
            reference_c=self.life_ref_c,
            domain_min_c=self.domain_min_c,
            domain_max_c=self.domain_max_c,
            **self._response(energy_j_mol),
        )

    def _response(self, energy_j_mol: float | None) -> dict[str, float]:
        """Parameters of the law's answer to temperature."""
        if self.decay_law == "square_root" and self.tmin_sqrt_c is not None:
            return {"tmin_c": self.tmin_sqrt_c}
        if self.decay_law == "arrhenius" and self.activation_energy_kj_mol is not None:
            typical = 1000.0 * self.activation_energy_kj_mol
            return {"activation_energy_j_mol": typical if energy_j_mol is None else energy_j_mol}
        raise ValueError(f"{self.code} lacks the parameters of the law {self.decay_law}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What customs and tax ask for goods that come from one country into another: a row.

    ``hs`` is how their Harmonized System code begins (digits); ``from_countries`` and
    ``to_countries`` are empty for any. Rates in percent: ``duty_pct`` of the customs value,
    ``vat_pct`` of that and the duty.
    """

    id: str
    hs: str
    from_countries: frozenset[str]
    to_countries: frozenset[str]
    duty_pct: float
    vat_pct: float
    source: str
    confidence: str
    note: str = ""

    def fits(self, *, hs6: str, origin: str, destination: str) -> bool:
        """Whether the row is meant for goods of ``hs6`` between these countries."""
        return (
            hs6.startswith(self.hs)
            and (not self.from_countries or origin in self.from_countries)
            and (not self.to_countries or destination in self.to_countries)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Consignment:
    """Goods from one consignor to one consignee: what is planned.

    ``via`` are nodes of which it must be opened at one, or start or end there: of its own, none
    (empty), or those of the scenario (None).

    ``ready_at`` is when the goods are at the packhouse, before packing and papers; they must be
    unloaded at the destination by ``due_at`` with at least ``shelf_life_required_h`` left at
    ``retail_c``. ``pulp_at_ready_c`` is the temperature inside the goods then; where it is None
    they come at the temperature of what is done to them first.
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
    treatment: str = ""
    pulp_at_ready_c: float | None = None
    shipper: str = ""
    consignee: str = ""
    note: str = ""
    via: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.ready_at.tzinfo is None or self.due_at.tzinfo is None:
            raise ValueError(f"{self.id}: ready_at and due_at need a time zone")
        if not 0 < self.net_kg <= self.gross_kg:
            raise ValueError(f"{self.id}: 0 < net_kg <= gross_kg does not hold")
        if self.pallets < 1:
            raise ValueError(f"{self.id}: at least one pallet")
        if not 0 <= self.life_used_at_ready < 1:
            raise ValueError(f"{self.id}: life_used_at_ready lies in [0, 1)")
