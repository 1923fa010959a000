"""The facts of a plan that a planner wants to know: what a page shows and ``--json`` prints."""

from __future__ import annotations

from dataclasses import dataclass

from coldchain.charges import Charges
from coldchain.emissions import Emissions
from coldchain.goods import Packaging
from coldchain.plan import Price, Proof
from coldchain.scenario import Override


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """One consignment that travels. ``departs_at`` and ``delivered_at`` are ISO 8601, local.

    ``spare_h`` lies between delivered and due. Freshness is as in
    :class:`~coldchain.itinerary.Itinerary`, ``lots_fresh`` being the share of lots that have the
    shelf life required; ``packaging_max_c`` is how warm the packaging may get and still lengthen
    life, None where it does not or always does. ``landed_usd`` is the value and everything
    invoiced, duty and VAT included; ``co2e_kg`` are the greenhouse gases of the way.
    ``unconfirmed`` are the entries into countries that it takes for granted, in words.
    """

    consignment: str
    net_kg: int
    origin: str
    destination: str
    way: str
    departs_at: str
    departs_short: str
    delivered_at: str
    delivered_short: str
    packaging: Packaging
    packaging_asked: Packaging
    packaging_max_c: float | None
    life_used: float
    life_reckoned: float
    shelf_life_left_h: float
    shelf_life_left_p10_h: float
    shelf_life_left_p50_h: float
    shelf_life_left_p90_h: float
    shelf_life_required_h: float
    retail_c: float
    lots_fresh: float
    limited_by: str
    pulp_warmest_c: float
    spare_h: float
    cost_usd: float
    usd_per_kg: float
    value_usd: float
    duty_usd: float
    vat_usd: float
    landed_usd: float
    co2e_kg: float
    unconfirmed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """The load units of one carriage and who rides in them.

    ``taken`` of ``places`` are pallets, or kilograms where a service is shared by the kilogram;
    ``places`` is then None. ``units`` is 0 by air.
    """

    load_units: tuple[str, ...]
    units: int
    equipment: str
    way: str
    origin: str
    destination: str
    departs_at: str
    departs_short: str
    setpoint_c: float
    consignments: tuple[str, ...]
    taken: int
    places: int | None
    gross_kg: int

    @property
    def fill(self) -> float | None:
        """Share of the places taken."""
        return self.taken / self.places if self.places else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """What is packed alike: how much of it, for how many of them it was open, what it costs."""

    packaging: Packaging
    consignments: int
    open: int
    gross_kg: int
    usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A consignment that stays behind, and by how much it misses."""

    consignment: str
    net_kg: int
    origin: str
    destination: str
    reason: str
    shortfall: float
    unit: str
    where: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Everything the page says.

    ``apart_usd`` is what it would cost if every consignment went for itself, in load units of its
    own; ``saved_usd`` and ``saved_share`` compare the plan with that. All is in both: what no plan
    can change, too. ``mandate`` are the nodes goods are bound to go through, as one says them, and
    ``mandate_price`` what that costs more. ``charters`` say in words which chartered
    departures run.
    """

    scenario: str
    title: str
    scenario_digest: str
    headline: str
    journeys: tuple[Journey, ...]
    packed: tuple[Packed, ...]
    shared: tuple[Shared, ...]
    charters: tuple[str, ...]
    unserved: tuple[Left, ...]
    charges_usd: Charges
    total_usd: float
    invoiced_usd: float
    emissions: Emissions
    reporting_currency: str
    units_per_usd: float
    apart_usd: float
    saved_usd: float
    saved_share: float
    quantile: float
    confidence: float
    max_detour: float
    proof: Proof
    mandate: tuple[str, ...]
    mandate_price: Price | None
    extends: tuple[str, ...]
    overrides: tuple[Override, ...]
