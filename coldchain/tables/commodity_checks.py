"""What a row of ``perishables.csv`` must fulfil beyond each cell for itself."""

from __future__ import annotations

from coldchain.tables.assumptions import FRESH, MOSTLY_WATER_PCT, siebel_kj_kg_k
from coldchain.tables.network_tables import check_order
from coldchain.tables.rows import Row, Sheet

SETPOINT_MARGIN_K = 0.5
"""A reefer holds its setpoint within half a kelvin; handbooks often name the freezing point."""

FREEZING_MARGIN_K = 0.3
"""Pulp this near to its freezing point is taken for frozen."""

SIEBEL_TOLERANCE_KJ_KG_K = 0.2

RESPIRATION = tuple((float(at), f"resp_{at}c_mgco2_kg_h") for at in (0, 5, 10, 15, 20))
"""Temperatures (°C) respiration is told at, and the columns it is told in."""

PAIRS = (
    ("chill_zone_min_c", "chill_zone_max_c"),
    ("chill_zone_max_c", "chill_zone_min_c"),
    ("chill_zone_limit_d", "chill_zone_min_c"),
    ("chill_dose_k_d", "chill_threshold_c"),
    ("ea_low_kj_mol", "ea_high_kj_mol"),
    ("ea_high_kj_mol", "ea_low_kj_mol"),
    ("map_life_factor_low", "map_life_factor_typ"),
    ("map_life_factor_high", "map_life_factor_typ"),
)
"""The first means nothing without the second."""

ASCENDING = (
    ("life_min_days", "life_typ_days", "life_max_days"),
    ("temp_opt_min_c", "temp_opt_max_c", "reg_max_temp_c"),
    ("ea_low_kj_mol", "ea_default_kj_mol", "ea_high_kj_mol"),
    ("map_life_factor_low", "map_life_factor_typ", "map_life_factor_high"),
    ("domain_min_c", "life_ref_temp_c", "domain_max_c"),
    ("temp_opt_max_c", "domain_max_c"),
    ("rh_opt_min_pct", "rh_opt_max_pct"),
    ("chill_zone_min_c", "chill_zone_max_c"),
    ("tmin_sqrt_c", "domain_min_c"),
)


def check_commodity(sheet: Sheet, row: Row) -> None:
    """Blame whatever of ``row`` does not fit together."""
    for columns in ASCENDING:
        check_order(sheet, row, *(c for c in columns if row.has(c)))
    # Goods that are warmer do not breathe less; a table that says so mixes lots.
    check_order(sheet, row, *(column for _, column in RESPIRATION if row.has(column)))
    for column, other in PAIRS:
        if row.has(column) and not row.cells.get(other):
            sheet.blame(row, column, f"nothing, as {other} is blank")
    _check_law(sheet, row)
    _check_cold(sheet, row)
    _check_heat(sheet, row)
    for column in ("ca_o2_pct", "ca_co2_pct"):
        if row.has(column):
            least, most = map(float, row.text(column).split("-"))
            if least > most:
                sheet.blame(row, column, "the least share first: 3-10")


def _check_law(sheet: Sheet, row: Row) -> None:
    if not row.has("decay_law"):
        return
    law = row.text("decay_law")
    if law == "square_root":
        if not row.cells.get("tmin_sqrt_c"):
            sheet.blame(row, "tmin_sqrt_c", "a value, as the law is square_root")
        for column in ("ea_default_kj_mol", "ea_low_kj_mol", "ea_high_kj_mol"):
            if row.cells.get(column):
                sheet.blame(row, column, "nothing, as the law is square_root")
        return
    if row.cells.get("tmin_sqrt_c"):
        sheet.blame(row, "tmin_sqrt_c", f"nothing, as the law is {law}")
    if row.cells.get("ea_default_kj_mol") or not row.has("category"):
        return
    if row.text("category") not in FRESH:
        words = "a value; one can be assumed of fruit and vegetables only"
        sheet.blame(row, "ea_default_kj_mol", words)
    elif row.cells.get("ea_low_kj_mol") and row.cells.get("ea_high_kj_mol"):
        sheet.blame(row, "ea_default_kj_mol", "a value between the low and the high one")


def _check_cold(sheet: Sheet, row: Row) -> None:
    """Blame a setpoint, then a law, that goes where goods freeze or are chilled."""
    if not row.has("temp_opt_min_c", "domain_min_c"):
        return
    setpoint, coldest = row.number("temp_opt_min_c"), row.number("domain_min_c")
    freezing, threshold = row.maybe("freezing_point_c"), row.maybe("chill_threshold_c")
    if freezing is not None and setpoint < freezing + SETPOINT_MARGIN_K - 1e-9:
        words = f"at least {freezing + SETPOINT_MARGIN_K:g}: reefers swing by half a kelvin, and "
        sheet.blame(row, "temp_opt_min_c", f"{words}the freezing point is {freezing:g} °C")
    elif threshold is not None and setpoint < threshold and not row.has("chill_zone_min_c"):
        words = f"at least the {threshold:g} °C below which chilling injures"
        sheet.blame(row, "temp_opt_min_c", words)
    else:
        check_order(sheet, row, "domain_min_c", "temp_opt_min_c")
    if freezing is not None and coldest < freezing + FREEZING_MARGIN_K - 1e-9:
        words = f"at least {freezing + FREEZING_MARGIN_K:g}: colder pulp is taken for frozen, as "
        sheet.blame(row, "domain_min_c", f"{words}the freezing point is {freezing:g} °C")
    elif threshold is not None and coldest < threshold and not row.cells.get("chill_dose_k_d"):
        words = f"at least the {threshold:g} °C of chill_threshold_c, as no chill_dose_k_d is known"
        sheet.blame(row, "domain_min_c", words)


def _check_heat(sheet: Sheet, row: Row) -> None:
    """Blame a specific heat that the share of water does not bear out."""
    if not row.has("water_pct", "cp_kj_kg_k") or row.number("water_pct") < MOSTLY_WATER_PCT:
        return
    expected = siebel_kj_kg_k(row.number("water_pct"))
    if abs(row.number("cp_kj_kg_k") - expected) > SIEBEL_TOLERANCE_KJ_KG_K:
        words = f"about {expected:.2f}, by {row.cells['water_pct']} % of water (Siebel)"
        sheet.blame(row, "cp_kj_kg_k", words)
