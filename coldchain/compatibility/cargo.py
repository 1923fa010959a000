"""What meets in a box: a commodity as it is packed and treated, and the setpoints it bears."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from coldchain.errors import UnknownName
from coldchain.goods import Packaging, Perishable

ODOURS = ("apple", "cabbage", "citrus", "earthy", "ginger", "melon", "onion", "pepper", "sulphur")
"""Smells goods give off and take up.

The pairs are those of the Postharvest Technology Center of UC Davis, as carriers hand them on, and
of Wilson, Boyette & Estes (NC State Extension, HIL-803, 1999): pears smell of apple, garlic of
onion, broccoli of cabbage, and nobody rides with citrus who takes up citrus.
"""

ANY_ODOUR = "any"
"""Said of goods that take up whatever smells: mushrooms, dairy."""

SHORT_LEG_D = 3.0
"""A journey shorter than this is a short one: a setpoint that is a little wrong does less harm."""

CargoKey = tuple[str, Packaging, str]
"""Commodity, packaging and quarantine treatment: what decides who may meet whom."""


def tolerance_for(days: float) -> float:
    """How far beyond its range a commodity may be carried on a journey of so many days (K).

    Examples
    --------
    >>> tolerance_for(2.5), tolerance_for(3.0)
    (2.0, 1.0)
    """
    return 2.0 if days < SHORT_LEG_D else 1.0


def _odours(text: str, *others: str) -> frozenset[str]:
    """The codes in a cell such as ``onion;cabbage``; ``none`` is as good as a blank."""
    codes = frozenset(part.strip() for part in text.split(";")) - {"", "none"}
    for code in sorted(codes - {*ODOURS, *others}):
        raise UnknownName("odour", code, (*ODOURS, *others))
    return codes


@dataclass(frozen=True, slots=True, kw_only=True)
class Cargo:
    """A commodity as it travels.

    Rules of mixing ask for all of it: the same cherries may meet grapes bare and not in a
    modified-atmosphere liner. ``treatment`` names the quarantine protocol the goods are under, if
    any: it owns the setpoint.
    """

    perishable: Perishable
    packaging: Packaging = Packaging.NAKED
    treatment: str = ""

    def __post_init__(self) -> None:
        if self.packaging is Packaging.ANY:
            raise ValueError(f"how {self.perishable.code} is packed must be chosen first")

    @property
    def key(self) -> CargoKey:
        """What it is known by."""
        return self.perishable.code, self.packaging, self.treatment

    @property
    def name(self) -> str:
        """Its key in one word: ``apricot``, ``cherry_sweet/map``, ``lemon/naked/cold``.

        Bare goods without treatment are called as the commodity is.
        """
        code, packaging, treatment = self.key
        if treatment:
            return f"{code}/{packaging.value}/{treatment}"
        return code if packaging is Packaging.NAKED else f"{code}/{packaging.value}"

    @property
    def emits(self) -> frozenset[str]:
        """Smells it gives off."""
        return _odours(self.perishable.odour_emits)

    @property
    def absorbs(self) -> frozenset[str]:
        """Smells it takes up."""
        return _odours(self.perishable.odour_absorbs, ANY_ODOUR)

    @property
    def so2_pads(self) -> bool:
        """Whether it travels with pads that give off sulphur dioxide."""
        return "SO2 pads" in (part.strip() for part in self.perishable.so2_or_special.split(";"))

    @property
    def chart_groups(self) -> frozenset[str]:
        """Numbers of the groups of the chart it stands in."""
        parts = (part.strip() for part in self.perishable.mcgregor_group.split(";"))
        return frozenset(part for part in parts if part.isdigit())

    def range_c(self, tolerance_k: float) -> tuple[float, float]:
        """Lowest and highest setpoint it bears (°C).

        Its range widened by ``tolerance_k``, but not to where chilling adds up or its law of decay
        does not hold, nor warmer than is lawful. Chilling has no tolerance: it shows only after the
        goods are warm again.
        """
        goods = self.perishable
        low = max(goods.setpoint_min_c - tolerance_k, goods.domain_min_c)
        if goods.chill_threshold_c is not None:
            low = max(low, goods.chill_threshold_c)
        high = min(goods.setpoint_max_c + tolerance_k, goods.domain_max_c)
        if goods.regulatory_max_c is not None:
            high = min(high, goods.regulatory_max_c)
        return round(low, 6), round(high, 6)


def freezing_c(cargoes: Collection[Cargo]) -> float:
    """Temperature (°C) at which the first of ``cargoes`` freezes; -inf if none is known to."""
    points = (c.perishable.freezing_c for c in cargoes)
    return max((point for point in points if point is not None), default=float("-inf"))


def common_range_c(cargoes: Collection[Cargo], tolerance_k: float) -> tuple[float, float] | None:
    """Lowest and highest setpoint all of ``cargoes`` bear (°C); None if there is none.

    The lowest is still too cold if somebody freezes at it.

    Raises
    ------
    ValueError
        There are no cargoes.
    """
    ranges = [cargo.range_c(tolerance_k) for cargo in cargoes]
    low, high = max(low for low, _ in ranges), min(high for _, high in ranges)
    return (low, high) if low <= high and high > freezing_c(cargoes) else None
