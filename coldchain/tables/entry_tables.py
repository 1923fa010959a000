"""Entry rules: from their sheet to what a scenario plans with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from coldchain.admission import ANY, EntryRule, Permission
from coldchain.columns import ENTRY_RULES
from coldchain.tables.cells import nearest
from coldchain.tables.network_tables import NetworkSheets, check_reference
from coldchain.tables.rows import Edit, Row, Sheet, read_sheet

CATEGORIES = ("fruit", "vegetable", "meat", "dairy", "ambient")


def read_entry_rules_sheet(
    folder: Path, *, network: NetworkSheets, goods: Sheet, edit: Edit | None = None
) -> Sheet:
    """The sheet of entry rules in ``folder``, with all its faults; without rows if there is none.

    A folder without the file knows no regime.
    """
    sheet = read_sheet(folder / ENTRY_RULES.file, table=ENTRY_RULES, edit=edit)
    countries = {r.text("node_id"): r.text("country") for r in network.nodes.rows}
    categories = {r.text("commodity_id"): r.text("category") for r in goods.rows}
    treatments = {r.text("treatment") for r in network.operations.rows} - {""}
    before: list[Row] = []
    for row in sheet.rows:
        _check_commodity(sheet, row, goods)
        _check_place(sheet, row, network, countries)
        _check_treatments(sheet, row, treatments if network.operations.whole else None)
        if row.sound:
            _check_reached(sheet, row, before, categories)
            before.append(row)
    return sheet


def entry_rules(sheet: Sheet) -> tuple[EntryRule, ...]:
    """Rules in the order of the file, which decides; only once the sheet has no fault."""
    return tuple(map(_rule, sheet.rows))


def _check_commodity(sheet: Sheet, row: Row, goods: Sheet) -> None:
    known = {ANY, *CATEGORIES, *goods.ids}
    name = row.text("commodity")
    if row.has("commodity") and goods.whole and name not in known:
        words = f"any, a category ({', '.join(CATEGORIES)}) or a commodity of {goods.shown}"
        sheet.blame(row, "commodity", words + nearest(name, known, otherwise=""))


def _check_place(
    sheet: Sheet, row: Row, network: NetworkSheets, countries: Mapping[str, str]
) -> None:
    node = row.text("entry_node")
    if node in ("", ANY):
        return
    check_reference(sheet, row, "entry_node", network.nodes)
    country = countries.get(node, "")
    if country and row.has("to_country") and country != row.text("to_country"):
        words = f"any or a node of {row.text('to_country')}; {node} lies in {country}"
        sheet.blame(row, "entry_node", words)


def _check_treatments(sheet: Sheet, row: Row, known: set[str] | None) -> None:
    if not row.has("treatment"):
        return
    names = row.text("treatment").split(";")
    if len(set(names)) != len(names):
        sheet.blame(row, "treatment", "each treatment once")
    if row.text("permission") == Permission.REFUSED:
        sheet.blame(row, "treatment", "nothing, as the goods are refused whatever is done to them")
        return
    for name in names:
        if known is not None and name not in known:
            words = f"treatments that operations name, not {name}{nearest(name, known)}"
            sheet.blame(row, "treatment", words)


def _check_reached(
    sheet: Sheet, row: Row, before: Sequence[Row], categories: Mapping[str, str]
) -> None:
    """Blame a row that never decides: an earlier one fits whatever it fits."""
    for other in before:
        goods = other.text("commodity")
        mine = row.text("commodity")
        wider = goods in (ANY, mine, categories.get(mine, mine))
        if (
            wider
            and other.text("to_country") == row.text("to_country")
            and other.text("from_country") in (ANY, row.text("from_country"))
            and other.text("entry_node") in (ANY, row.text("entry_node"))
        ):
            words = (
                f"a place above row {other.position} ({other.text('rule_id')}), "
                "which fits whatever this row fits and decides first"
            )
            sheet.blame(row, "rule_id", words)
            return


def _rule(row: Row) -> EntryRule:
    return EntryRule(
        id=row.text("rule_id"),
        commodity=row.text("commodity"),
        from_country=row.text("from_country"),
        to_country=row.text("to_country"),
        entry_node=row.text("entry_node"),
        permission=Permission(row.text("permission")),
        treatments=tuple(filter(None, row.text("treatment").split(";"))),
        source=row.text("source"),
        confidence=row.text("confidence"),
        note=row.text("note"),
    )
