"""What the audit finds of an itinerary's cold: everything the plan states of it, recomputed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from coldchain.audit.limits import Limits
from coldchain.audit.lots import Fate, Lots, fate_of, law_of, lots_of
from coldchain.audit.pace import Pace, pace_of
from coldchain.audit.pulp import Air, Course, Pair, Pallet, follow, pallet_of
from coldchain.audit.replay import Replay
from coldchain.goods import Consignment, Packaging, PackagingTerms, Perishable
from coldchain.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an itinerary tells of its cold, by the same names.

    ``pulp_met_c`` are the coldest and the warmest the pulp is from ``ready_at`` on, ``fate`` is of
    the lots one by one. ``unsure_h`` are hours that may have been on either side of where a rate
    jumps, and in no less than ``shortest_h`` a life of any kind is used up there.
    """

    life_reckoned: float
    life_used: float
    shelf_life_left_h: float
    shelf_life_left_p10_h: float
    shelf_life_left_p50_h: float
    shelf_life_left_p90_h: float
    sure: float
    limited_by: str
    pulp_warmest_c: float
    pulp_met_c: tuple[float, float]
    unsure_h: float
    shortest_h: float
    fate: Fate


def packagings(scenario: Scenario, consignment: Consignment) -> Mapping[Packaging, PackagingTerms]:
    """Ways the consignment may be packed: as asked, or in any that are open to it."""
    goods, wanted = scenario.perishables[consignment.commodity], {consignment.packaging}
    if consignment.packaging is Packaging.ANY:
        wanted = set(scenario.packagings)
    return {
        terms.packaging_id: terms
        for terms in scenario.packaging.values()
        if terms.packaging_id in wanted
        and (terms.life_factor != "commodity" or goods.map_life_factor is not None)
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Goods as they are packed, worked out once for all who carry them."""

    limits: Limits
    pallet: Pallet
    lots: Lots
    pace: Pace


def kind_of(scenario: Scenario, goods: Perishable, terms: PackagingTerms) -> Kind:
    """Goods of one commodity in one packaging."""
    limits, pallet = Limits(goods=goods, terms=terms), pallet_of(goods, terms)
    lots = lots_of(goods, seed=scenario.seed)
    law = law_of(goods, lots, confidence=scenario.confidence)
    return Kind(
        limits=limits, pallet=pallet, lots=lots, pace=pace_of(scenario, limits, pallet, law)
    )


def told(
    scenario: Scenario, consignment: Consignment, replayed: Replay, kind: Kind, *, unit_c: float
) -> Told:
    """Follow a consignment through its replay; its first unit is set to ``unit_c``."""
    airs = [air for stretch in replayed.stretches for air in stretch.airs]
    at_origin = sum(len(stretch.airs) for stretch in replayed.stretches[: replayed.packing])
    start_c = _begin(consignment, kind.pallet, airs[:at_origin], unit_c)
    packing = _followed(kind, airs[:at_origin], start_c)
    rest = _followed(kind, airs[at_origin:], packing.end_c)
    before, retail_c = consignment.life_used_at_ready, consignment.retail_c
    fate = fate_of(kind.limits, kind.lots, packing.then(rest), before=before, retail_c=retail_c)
    return Told(
        life_reckoned=kind.pace.reckoned(packing, airs[at_origin:], before=before),
        life_used=fate.used_by(scenario.confidence),
        shelf_life_left_h=fate.left_at(scenario.confidence),
        shelf_life_left_p10_h=fate.left_at(0.9),
        shelf_life_left_p50_h=fate.left_at(0.5),
        shelf_life_left_p90_h=fate.left_at(0.1),
        sure=fate.share_with(consignment.shelf_life_required_h),
        limited_by=fate.limited_by,
        pulp_warmest_c=rest.warmest_c,
        pulp_met_c=(
            min(packing.coldest_c, rest.coldest_c),
            max(packing.warmest_c, rest.warmest_c),
        ),
        unsure_h=packing.unsure_h + rest.unsure_h,
        shortest_h=min(fate.whole_h, 24 * (kind.limits.goods.chill_zone_limit_d or math.inf)),
        fate=fate,
    )


def _followed(kind: Kind, airs: Iterable[Air], start_c: Pair) -> Course:
    return follow(
        kind.pallet,
        airs,
        start_c,
        humidity_pct=kind.limits.goods.humidity_min_pct,
        jumps_c=kind.limits.jumps_c,
    )


def _begin(consignment: Consignment, pallet: Pallet, airs: Iterable[Air], unit_c: float) -> Pair:
    """Pulp at ``ready_at``: as stated, or as the first air would have made it.

    That is the air of their first unit where nothing is done to the goods before.
    """
    stated = consignment.pulp_at_ready_c
    if stated is not None:
        return stated, stated
    first = next((air for air in airs if air.hours > 0), None)
    if first is None:
        return pallet.settled(unit_c)
    if first.half_cooling_h is not None:
        return first.air_c, first.air_c
    return pallet.settled(first.air_c)
