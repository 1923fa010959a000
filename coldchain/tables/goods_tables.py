"""Commodities and consignments: from their sheets to what is carried."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

from coldchain.columns import CONSIGNMENTS, PACKAGING, PERISHABLES
from coldchain.goods import Consignment, Packaging, PackagingTerms, Perishable
from coldchain.tables.assumptions import (
    FRESH,
    LIFE_VARIATION,
    MOSTLY_WATER_PCT,
    activation_energy_kj_mol,
    life_factor,
    mcgregor_group,
    middle,
    siebel_kj_kg_k,
)
from coldchain.tables.cells import Refused, instant, nearest
from coldchain.tables.commodity_checks import RESPIRATION, check_commodity
from coldchain.tables.money_tables import to_usd
from coldchain.tables.network_tables import NetworkSheets, check_reference
from coldchain.tables.rows import Edit, Row, Sheet, read_sheet

LIGHTEST_PALLET_KG = 5.0
"""Lighter than this, tonnes were written for kg."""


def read_perishables_sheet(folder: Path, *, edit: Edit | None = None) -> Sheet:
    """The sheet of commodities in ``folder``, with all its faults."""
    sheet = read_sheet(folder / PERISHABLES.file, table=PERISHABLES, edit=edit)
    for row in sheet.rows:
        before = len(sheet.faults)
        check_commodity(sheet, row)
        if row.sound and len(sheet.faults) == before:
            _check_life(sheet, row)
    return sheet


def perishables(sheet: Sheet) -> Mapping[str, Perishable]:
    """Commodities by code; only once the sheet has no fault."""
    return {p.code: p for p in sorted(map(_perishable, sheet.rows), key=lambda p: p.code)}


def _check_life(sheet: Sheet, row: Row) -> None:
    """Blame a life that, taken to the setpoints by the law, is not the life that is stated."""
    goods = _perishable(row)
    law = goods.law(0.5)
    longest = law.keeping_quality_h(goods.setpoint_min_c) / 24
    shortest = law.keeping_quality_h(goods.setpoint_max_c) / 24
    if longest < goods.life_min_d or shortest > goods.life_max_d:
        words = (
            f"a temperature at which they keep {goods.life_typ_d:g} d; by their law they would "
            f"keep {shortest:.0f} to {longest:.0f} d at their setpoints"
        )
        sheet.blame(row, "life_ref_temp_c", words)


def read_packaging_sheet(
    folder: Path, rates: Mapping[str, float], *, edit: Edit | None = None
) -> Sheet:
    """The sheet of packagings in ``folder``, its money in USD, with all its faults."""
    sheet = read_sheet(folder / PACKAGING.file, table=PACKAGING, edit=edit)
    to_usd(sheet, rates)
    halves = ("outer_half_cooling_h", "core_half_cooling_h")
    for row in sheet.rows:
        for one, other in (halves, halves[::-1]):
            if row.cells.get(one) and not row.cells.get(other):
                sheet.blame(row, other, f"a value, as {one} has one")
        if row.text("life_factor") == "commodity" and row.text("packaging_id") != Packaging.MAP:
            sheet.blame(row, "life_factor", "1: of packagings, only map changes the atmosphere")
    return sheet


def packaging(sheet: Sheet) -> Mapping[str, PackagingTerms]:
    """Packagings by id, in the order of the ids; only once the sheet has no fault."""
    terms = map(_packaging, sheet.rows)
    return {t.packaging_id.value: t for t in sorted(terms, key=lambda t: t.packaging_id)}


def read_consignments_sheet(
    path: Path,
    *,
    shown: str,
    network: NetworkSheets,
    goods: Sheet,
    packagings: Sheet,
    open_to: frozenset[str],
    edit: Edit | None = None,
) -> Sheet:
    """The sheet of consignments at ``path``, with all its faults.

    ``open_to`` are the packagings a consignment of packaging ``any`` may get.
    """
    sheet = read_sheet(path, table=CONSIGNMENTS, shown=shown, edit=edit)
    commodities = {row.text("commodity_id"): row for row in goods.sound_rows()}
    heaviest = heaviest_pallet_kg(network.services.sound_rows())
    zones = node_zones(network)
    for row in sheet.rows:
        check_reference(sheet, row, "commodity", goods)
        check_reference(sheet, row, "origin", network.nodes)
        check_reference(sheet, row, "destination", network.nodes)
        if row.text("packaging") != Packaging.ANY:
            check_reference(sheet, row, "packaging", packagings)
        if row.has("origin", "destination") and row.text("origin") == row.text("destination"):
            sheet.blame(row, "destination", "another node than origin")
        _check_moments(sheet, row, zones)
        _check_weights(sheet, row, heaviest)
        _check_treatment(sheet, row, network)
        _check_via(sheet, row, network)
        commodity = commodities.get(row.text("commodity"))
        if commodity is not None:
            _check_commodity(sheet, row, commodity)
            _check_open_packaging(sheet, row, commodity, packagings, open_to)
    return sheet


def _check_via(sheet: Sheet, row: Row, network: NetworkSheets) -> None:
    """Blame nodes that are none, and one that stands there twice."""
    names = via_of(row)
    if len(set(names or ())) != len(names or ()):
        sheet.blame(row, "via", "each node once")
    for name in names or ():
        if network.nodes.whole and name not in network.nodes.ids:
            words = f"none, or nodes of {network.nodes.shown}, not {name}"
            sheet.blame(row, "via", words + nearest(name, network.nodes.ids))


def via_of(row: Row) -> tuple[str, ...] | None:
    """Nodes of which a consignment must be opened at one; None if its scenario says."""
    if not row.has("via"):
        return None
    return () if row.text("via") == "none" else tuple(row.text("via").split(";"))


def consignments(sheet: Sheet, zones: Mapping[str, str]) -> tuple[Consignment, ...]:
    """Consignments by id, so that the order of rows changes nothing; only without faults."""
    read = (_consignment(row, zones) for row in sheet.rows)
    return tuple(sorted(read, key=lambda c: c.id))


def node_zones(network: NetworkSheets) -> Mapping[str, str]:
    """Time zone of each node whose row has one."""
    rows = network.nodes.rows
    return {r.text("node_id"): r.text("timezone") for r in rows if r.has("node_id", "timezone")}


def heaviest_pallet_kg(services: Iterable[Row]) -> float:
    """What a pallet may weigh so that a full unit is not overweight, by the tightest service."""
    return min(
        (
            row.whole("payload_kg_per_unit") / row.whole("pallets_per_unit")
            for row in services
            if row.has("pallets_per_unit")
        ),
        default=math.inf,
    )


def _moment(row: Row, column: str, place: str, zones: Mapping[str, str]) -> datetime | None:
    zone = zones.get(row.text(place))
    if not row.has(column) or zone is None:
        return None
    at, offset = cast("tuple[datetime, timedelta | None]", row.values[column])
    return instant(at, offset, zone)


def _check_moments(sheet: Sheet, row: Row, zones: Mapping[str, str]) -> None:
    moments: list[datetime | None] = []
    for column, place in (("ready_local", "origin"), ("due_local", "destination")):
        try:
            moments.append(_moment(row, column, place, zones))
        except Refused as refused:
            sheet.blame(row, column, str(refused))
            moments.append(None)
    ready, due = moments
    if ready is not None and due is not None and due <= ready:
        sheet.blame(row, "due_local", f"a moment after ready_local ({row.cells['ready_local']})")


def _check_weights(sheet: Sheet, row: Row, heaviest: float) -> None:
    if row.has("net_kg", "gross_kg") and row.whole("gross_kg") < row.whole("net_kg"):
        sheet.blame(row, "gross_kg", f"at least the {row.whole('net_kg')} kg net")
    if not row.has("gross_kg", "pallets"):
        return
    gross, pallets = row.whole("gross_kg"), row.whole("pallets")
    if gross / pallets > heaviest:
        needed = math.ceil(gross / heaviest)
        words = f"at least {needed} pallets, so that none is above {heaviest:g} kg"
        sheet.blame(row, "pallets", words)
    if gross / pallets < LIGHTEST_PALLET_KG:
        words = f"kg that {pallets} pallets may weigh; were tonnes meant?"
        sheet.blame(row, "gross_kg", words)


def _check_treatment(sheet: Sheet, row: Row, network: NetworkSheets) -> None:
    """A treatment must be offered where the consignment starts or ends."""
    name = row.text("treatment") if row.has("treatment") else ""
    if not name or not row.has("origin", "destination"):
        return
    places = {
        "origin": row.text("origin"),
        "in_transit": row.text("origin"),
        "destination": row.text("destination"),
    }
    offered = {
        o.text("treatment")
        for o in network.operations.sound_rows()
        if o.has("treatment") and places.get(o.text("trigger")) == o.text("node_id")
    }
    if name not in offered:
        where = f"a treatment offered at {places['origin']} or {places['destination']}"
        sheet.blame(row, "treatment", where + nearest(name, offered))


def _check_open_packaging(
    sheet: Sheet, row: Row, commodity: Row, packagings: Sheet, open_to: frozenset[str]
) -> None:
    """Of the packagings a scenario leaves open one at least must suit the goods."""
    if row.text("packaging") != Packaging.ANY or not packagings.rows:
        return
    suiting = {
        packed.text("packaging_id")
        for packed in packagings.rows
        if packed.text("life_factor") != "commodity" or commodity.has("map_life_factor_typ")
    }
    if not suiting & open_to:
        code, names = commodity.text("commodity_id"), " or ".join(sorted(open_to))
        words = f"a packaging that suits {code}: the scenario leaves open {names} only"
        sheet.blame(row, "packaging", words)


def _check_commodity(sheet: Sheet, row: Row, commodity: Row) -> None:
    code = commodity.text("commodity_id")
    if row.text("packaging") == "map" and not commodity.has("map_life_factor_typ"):
        sheet.blame(row, "packaging", f"naked, as {code} has no map_life_factor_typ")
    low, high = commodity.number("domain_min_c"), commodity.number("domain_max_c")
    for column in ("retail_c", "pulp_at_ready_c"):
        if row.has(column) and not low <= row.number(column) <= high:
            words = f"from {low:g} to {high:g} °C, where the law of {code} holds"
            sheet.blame(row, column, words)


def _assumed(row: Row) -> Mapping[str, tuple[object, str]]:
    """Values for blank cells by column, each with what is said of it."""
    found: dict[str, tuple[object, str]] = {}
    energy = activation_energy_kj_mol(row)
    if energy is not None:
        low, usual, high = energy
        words = f"{usual:g} kJ/mol ({low:g} to {high:g}), as of fruit and vegetables in general"
        found["ea_default_kj_mol"] = usual, words
        found["ea_low_kj_mol"], found["ea_high_kj_mol"] = (low, ""), (high, "")
    for column, share in (("life_min_days", 0.05), ("life_max_days", 0.95)):
        if not row.has(column):
            days = row.number("life_typ_days") * life_factor(share)
            words = f"{days:.1f} d, as if life varied by {LIFE_VARIATION:.0%} among lots"
            found[column] = days, words
    if not row.has("cp_kj_kg_k") and row.number("water_pct", blank=0.0) >= MOSTLY_WATER_PCT:
        heat = siebel_kj_kg_k(row.number("water_pct"))
        words = f"{heat:.2f} kJ/kg/K, by {row.cells['water_pct']} % of water (Siebel)"
        found["cp_kj_kg_k"] = heat, words
    grouped = row.has("compat_group_mcgregor") or row.text("category") not in FRESH
    if not grouped and row.has("rh_opt_min_pct", "rh_opt_max_pct"):
        temperature = middle(row, "temp_opt_min_c", "temp_opt_max_c")
        group = mcgregor_group(temperature, middle(row, "rh_opt_min_pct", "rh_opt_max_pct"))
        found["compat_group_mcgregor"] = group, f"{group}, by temperature and humidity"
    return found


def _perishable(row: Row) -> Perishable:
    assumed = _assumed(row)
    row = replace(row, values={**row.values, **{c: value for c, (value, _) in assumed.items()}})
    return Perishable(
        code=row.text("commodity_id"),
        name=row.text("name"),
        name_zh=row.text("name_zh"),
        hs6=row.text("hs6"),
        category=row.text("category"),
        decay_law=row.text("decay_law"),
        domain_min_c=row.number("domain_min_c"),
        domain_max_c=row.number("domain_max_c"),
        setpoint_min_c=row.number("temp_opt_min_c"),
        setpoint_max_c=row.number("temp_opt_max_c"),
        freezing_c=row.maybe("freezing_point_c"),
        life_ref_c=row.number("life_ref_temp_c"),
        life_min_d=row.number("life_min_days"),
        life_typ_d=row.number("life_typ_days"),
        life_max_d=row.number("life_max_days"),
        activation_energy_kj_mol=row.maybe("ea_default_kj_mol"),
        map_life_factor=row.maybe("map_life_factor_typ"),
        ethylene_production=row.text("ethylene_production"),
        ethylene_sensitivity=row.text("ethylene_sensitivity"),
        odour_emits=row.text("odour_emits"),
        odour_absorbs=row.text("odour_absorbs"),
        so2_or_special=row.text("so2_or_special"),
        mcgregor_group=row.text("compat_group_mcgregor"),
        source=row.text("source"),
        confidence=row.text("confidence"),
        activation_energy_low_kj_mol=row.maybe("ea_low_kj_mol"),
        activation_energy_high_kj_mol=row.maybe("ea_high_kj_mol"),
        tmin_sqrt_c=row.maybe("tmin_sqrt_c"),
        respiration_mg_kg_h=tuple(
            (at_c, row.number(column)) for at_c, column in RESPIRATION if row.has(column)
        ),
        heat_capacity_kj_kg_k=row.maybe("cp_kj_kg_k"),
        transpiration_mg_kg_s_mpa=row.maybe("transp_coef_mg_kg_s_mpa"),
        max_weight_loss_pct=row.maybe("max_weight_loss_pct"),
        chill_threshold_c=row.maybe("chill_threshold_c"),
        chill_dose_k_d=row.maybe("chill_dose_k_d"),
        chill_zone_min_c=row.maybe("chill_zone_min_c"),
        chill_zone_max_c=row.maybe("chill_zone_max_c"),
        chill_zone_limit_d=row.maybe("chill_zone_limit_d"),
        humidity_min_pct=row.maybe("rh_opt_min_pct"),
        humidity_max_pct=row.maybe("rh_opt_max_pct"),
        oxygen_pct=_window(row, "ca_o2_pct"),
        carbon_dioxide_pct=_window(row, "ca_co2_pct"),
        map_life_factor_low=row.maybe("map_life_factor_low"),
        map_life_factor_high=row.maybe("map_life_factor_high"),
        limiting_attribute=row.text("limiting_attribute"),
        regulatory_max_c=row.maybe("reg_max_temp_c"),
        assumed=tuple(f"{column}: {words}" for column, (_, words) in assumed.items() if words),
    )


def _window(row: Row, column: str) -> tuple[float, float] | None:
    """Both ends of a cell such as ``3-10``, None if blank."""
    if not row.has(column):
        return None
    least, most = row.text(column).split("-")
    return float(least), float(most)


def _packaging(row: Row) -> PackagingTerms:
    return PackagingTerms(
        packaging_id=Packaging(row.text("packaging_id")),
        name=row.text("name"),
        life_factor=row.text("life_factor"),
        water_loss_factor=row.number("water_loss_factor"),
        max_c=row.maybe("max_c"),
        usd_per_kg=row.number("usd_per_kg"),
        outer_half_cooling_h=row.maybe("outer_half_cooling_h"),
        core_half_cooling_h=row.maybe("core_half_cooling_h"),
        source=row.text("source"),
        confidence=row.text("confidence"),
    )


def _consignment(row: Row, zones: Mapping[str, str]) -> Consignment:
    ready = _moment(row, "ready_local", "origin", zones)
    due = _moment(row, "due_local", "destination", zones)
    assert ready is not None
    assert due is not None
    return Consignment(
        id=row.text("consignment_id"),
        commodity=row.text("commodity"),
        origin=row.text("origin"),
        destination=row.text("destination"),
        net_kg=row.whole("net_kg"),
        gross_kg=row.whole("gross_kg"),
        pallets=row.whole("pallets"),
        ready_at=ready,
        due_at=due,
        shelf_life_required_h=24.0 * row.number("shelf_life_required_d"),
        retail_c=row.number("retail_c"),
        life_used_at_ready=row.number("life_used_at_ready"),
        value_usd=round(row.whole("net_kg") * row.number("value_usd_per_kg"), 2),
        packaging=Packaging(row.text("packaging")),
        treatment=row.text("treatment"),
        pulp_at_ready_c=row.maybe("pulp_at_ready_c"),
        shipper=row.text("shipper"),
        consignee=row.text("consignee"),
        note=row.text("note"),
        via=via_of(row),
    )
