"""``coldchain show commodity``: all that is known of one commodity, and what is only assumed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from coldchain.cli.exits import Exit
from coldchain.cli.screen import print_json, print_tables
from coldchain.exporters.freshness import days_left
from coldchain.exporters.page import plain, table
from coldchain.exporters.sheets import hs_code
from coldchain.exporters.wording import PACKED
from coldchain.goods import Packaging, PackagingTerms, Perishable
from coldchain.lots import Fate, Lots
from coldchain.plan_folder.documents import encode
from coldchain.scenario import Scenario
from coldchain.tables import read_scenario

QUALITY = "quality"
"""What the limit of age is called."""

LAWS = {"arrhenius": "Arrhenius", "square_root": "square root (Ratkowsky)"}

SHOWN_C = (0.0, 2.0, 5.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0)
"""Temperatures at which it is told how long goods keep, as far as their law holds.

The ends of the range of setpoints and the temperature that the life is stated at are added.
"""


def show_commodity(scenario: str, code: str, changes: Sequence[str] = (), *, as_json: bool) -> Exit:
    """Show law, life, limits and packaging of the commodity ``code``."""
    given = read_scenario(scenario, overrides=changes)
    goods = given.perishable(code)
    packings = packagings_of(given, goods)
    lots = [Lots(goods, terms, seed=given.seed) for terms in packings]
    own_c = (goods.setpoint_min_c, goods.setpoint_max_c, goods.life_ref_c)
    temperatures = sorted(
        t for t in {*SHOWN_C, *own_c} if goods.domain_min_c <= t <= goods.domain_max_c
    )
    fates = [[_kept(sample, t) for sample in lots] for t in temperatures]
    if as_json:
        print_json(_document(given, goods, packings, temperatures, fates))
        return Exit.DONE
    print_tables(
        plain(", ".join(filter(None, (goods.name, goods.name_zh, hs_code(goods.hs6)))), "bold"),
        table("", ((goods.code, "left"), ("", "words")), _facts(goods), limit=None),
        Text(),
        # Not as the title of a narrow table, in which it would be broken.
        plain(
            f"Days that {given.confidence:.0%} of lots keep at least (10th to 90th percentile)",
            "bold",
        ),
        _keeping(goods, packings, temperatures, fates, given.confidence),
        Text(),
        _packings(goods, packings),
        *_footing(goods),
    )
    return Exit.DONE


def packagings_of(given: Scenario, goods: Perishable) -> list[PackagingTerms]:
    """What the goods can be packed in: nothing is known of those without a factor in MAP."""
    return [
        given.packaging[packaging]
        for packaging in Packaging
        if packaging in given.packaging
        and (
            given.packaging[packaging].life_factor != "commodity"
            or goods.map_life_factor is not None
        )
    ]


def _kept(lots: Lots, temperature_c: float) -> Fate:
    """How long fresh goods keep with air and pulp at one temperature."""
    fresh = lots.pallet.trace([], start_c=temperature_c)
    return lots.fate(fresh, life_used_before=0.0, retail_c=temperature_c)


# ---------------------------------------------------------------- for programs


def _document(
    given: Scenario,
    goods: Perishable,
    packings: Sequence[PackagingTerms],
    temperatures: Sequence[float],
    fates: Sequence[Sequence[Fate]],
) -> dict[str, Any]:
    return {
        "commodity": encode(goods),
        "packaging": [encode(terms) for terms in packings],
        "confidence": given.confidence,
        "keeps": [
            {
                "temperature_c": temperature,
                "packaging": terms.packaging_id.value,
                "at_confidence_d": fate.left_at(given.confidence) / 24,
                "p10_d": fate.left_at(0.9) / 24,
                "p50_d": fate.left_at(0.5) / 24,
                "p90_d": fate.left_at(0.1) / 24,
                "limited_by": fate.limited_by,
            }
            for temperature, row in zip(temperatures, fates, strict=True)
            for terms, fate in zip(packings, row, strict=True)
        ],
    }


# ---------------------------------------------------------------- for people


def _facts(goods: Perishable) -> Iterator[tuple[str, str]]:
    """A line for each thing known."""
    yield "setpoint", f"{_span(goods.setpoint_min_c, goods.setpoint_max_c)} °C"
    if goods.regulatory_max_c is not None:
        yield "lawful up to", f"{goods.regulatory_max_c:g} °C"
    if goods.freezing_c is not None:
        yield "freezes at", f"{goods.freezing_c:g} °C"
    days = f"{goods.life_min_d:g} / {goods.life_typ_d:g} / {goods.life_max_d:g} days"
    yield "life", f"{days} at {goods.life_ref_c:g} °C (5th, 50th, 95th percentile of lots)"
    if goods.limiting_attribute:
        yield "limited by", goods.limiting_attribute
    yield "law", ", ".join(_law(goods))
    yield from _limits(goods)
    yield from _surroundings(goods)


def _law(goods: Perishable) -> Iterator[str]:
    yield LAWS.get(goods.decay_law, goods.decay_law)
    energy = goods.activation_energy_kj_mol
    if energy is not None:
        low, high = goods.activation_energy_low_kj_mol, goods.activation_energy_high_kj_mol
        between = "" if low is None or high is None else f" ({_span(low, high)})"
        yield f"activation energy {energy:g}{between} kJ/mol"
    if goods.tmin_sqrt_c is not None:
        yield f"at rest at {goods.tmin_sqrt_c:g} °C"
    yield f"holds from {_span(goods.domain_min_c, goods.domain_max_c)} °C"


def _limits(goods: Perishable) -> Iterator[tuple[str, str]]:
    """Limits beside age; what is missing of one is said, as it then does not count."""
    if goods.chill_threshold_c is not None:
        dose = goods.chill_dose_k_d
        injures = "injures at a dose unknown" if dose is None else f"{dose:g} K·d injure"
        yield "chilling", f"adds up below {goods.chill_threshold_c:g} °C; {injures}"
    if goods.chill_zone_min_c is not None and goods.chill_zone_max_c is not None:
        limit = goods.chill_zone_limit_d
        zone = f"between {goods.chill_zone_min_c:g} and {goods.chill_zone_max_c:g} °C"
        days = "for a time unknown" if limit is None else f"for {limit:g} days"
        yield "breakdown", f"inside, {zone} {days}"
    if goods.max_weight_loss_pct is not None:
        rate = goods.transpiration_mg_kg_s_mpa
        speed = "how fast is unknown" if rate is None else f"{rate:g} mg/kg/s/MPa when bare"
        yield "water", f"may lose {goods.max_weight_loss_pct:g}% of its weight; {speed}"


def _surroundings(goods: Perishable) -> Iterator[tuple[str, str]]:
    if goods.humidity_min_pct is not None and goods.humidity_max_pct is not None:
        yield "humidity", f"{_span(goods.humidity_min_pct, goods.humidity_max_pct)}%"
    if goods.respiration_mg_kg_h:
        points = ", ".join(f"{rate:g} at {at:g} °C" for at, rate in goods.respiration_mg_kg_h)
        yield "breathes", f"{points} (mg CO2/kg/h)"
    if goods.heat_capacity_kj_kg_k is not None:
        yield "heat", f"{goods.heat_capacity_kj_kg_k:g} kJ/kg/K"
    gases = [
        f"{name} {_span(*pct)}%"
        for name, pct in (("O2", goods.oxygen_pct), ("CO2", goods.carbon_dioxide_pct))
        if pct is not None
    ]
    if gases:
        yield "atmosphere", ", ".join(gases)
    made, felt = goods.ethylene_production, goods.ethylene_sensitivity
    if made or felt:
        yield "ethylene", f"makes {made or 'unknown'}, sensitive {felt or 'unknown'}"


def _span(low: float, high: float) -> str:
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _keeping(
    goods: Perishable,
    packings: Sequence[PackagingTerms],
    temperatures: Sequence[float],
    fates: Sequence[Sequence[Fate]],
    confidence: float,
) -> RenderableType:
    """Days fresh goods keep at one temperature, by packaging, and what ends them but age."""
    rows: list[tuple[str, ...]] = []
    for temperature, row in zip(temperatures, fates, strict=True):
        limits = {fate.limited_by for fate in row}
        ends = [
            fate.limited_by if len(limits) == 1 else f"{fate.limited_by} ({terms.packaging_id})"
            for terms, fate in zip(packings, row, strict=True)
            if fate.limited_by != QUALITY
        ]
        within = goods.setpoint_min_c <= temperature <= goods.setpoint_max_c
        rows.append(
            (
                f"{temperature:g}",
                *(days_left(f.left_at(confidence), f.left_at(0.9), f.left_at(0.1)) for f in row),
                ", ".join(dict.fromkeys(["setpoint"] * within + ends)),
            )
        )
    return table(
        "",
        (
            ("°C", "right"),
            *((terms.packaging_id.value, "right") for terms in packings),
            ("", "words"),
        ),
        rows,
        limit=None,
    )


def _packings(goods: Perishable, packings: Sequence[PackagingTerms]) -> RenderableType:
    return table(
        "Packaging it may get",
        (
            ("", "left"),
            ("", "words"),
            ("USD/kg", "right"),
            ("life ×", "left"),
            ("water ×", "right"),
            ("half-cooling h, outer + core", "right"),
        ),
        (
            (
                terms.packaging_id.value,
                PACKED[terms.packaging_id],
                f"{terms.usd_per_kg:.2f}",
                _factor(goods, terms),
                f"{terms.water_loss_factor:g}",
                _cooling(terms),
            )
            for terms in packings
        ),
    )


def _factor(goods: Perishable, terms: PackagingTerms) -> str:
    if terms.life_factor != "commodity":
        return "1"
    low, high = goods.map_life_factor_low, goods.map_life_factor_high
    between = "" if low is None or high is None else f" ({_span(low, high)})"
    colder = "" if terms.max_c is None else f", up to {terms.max_c:g} °C"
    return f"{goods.map_life_factor:g}{between}{colder}"


def _cooling(terms: PackagingTerms) -> str:
    if terms.outer_half_cooling_h is None or terms.core_half_cooling_h is None:
        return "at once"
    return f"{terms.outer_half_cooling_h:g} + {terms.core_half_cooling_h:g}"


def _footing(goods: Perishable) -> Iterator[RenderableType]:
    """What all this rests on."""
    yield Text()
    if goods.assumed:
        yield plain(f"Assumed, as its row is blank there: {'; '.join(goods.assumed)}.")
    yield plain(f"Confidence {goods.confidence}. Sources: {goods.source}.")
