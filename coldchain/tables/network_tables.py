"""Nodes, services, operations and equipment: from their sheets to a :class:`Network`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from itertools import pairwise
from pathlib import Path
from typing import cast

from coldchain.columns import COUNTRIES, EQUIPMENT, NODES, OPERATIONS, ROUTES
from coldchain.network import (
    Equipment,
    Mode,
    Network,
    Node,
    Operation,
    Season,
    Service,
    Spread,
    Trigger,
    great_circle_km,
)
from coldchain.tables.anywhere import ANY, opens, spread
from coldchain.tables.cells import nearest
from coldchain.tables.holiday_rules import (
    KNOWN_YEARS,
    calendar_ids,
    calendars,
    read_calendars_sheet,
)
from coldchain.tables.money_tables import to_usd
from coldchain.tables.rows import Edit, Row, Sheet, read_sheet

TOP_SPEED_KM_H: Mapping[str, float] = {"road": 110.0, "rail": 200.0, "air": 1000.0}
"""Faster than this at the median, minutes or miles were written for hours or km."""

FEU_RIDES = frozenset({"FEU_C", "FEU_R"})
"""Equipment a FEU is in the words of operations: on a chassis, on a wagon."""

BY_UNIT = (
    *("linehaul_usd_per_unit", "linehaul_usd_per_unit_h", "pallets_per_unit"),
    *("genset_l_per_unit_h", "detention_usd_per_unit_h", "detention_free_h"),
)
"""Columns that mean nothing where a service is sold by the kg."""

SHORTEST = 0.97
"""A way is no shorter than the great circle; less 3 % for coordinates that are town centres."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSheets:
    """The sheets of a network, checked against each other."""

    nodes: Sheet
    services: Sheet
    operations: Sheet
    equipment: Sheet
    calendars: Sheet
    countries: Sheet

    @property
    def all(self) -> tuple[Sheet, ...]:
        return (
            *(self.nodes, self.services, self.operations, self.equipment),
            *(self.calendars, self.countries),
        )

    def network(self, years: range = KNOWN_YEARS) -> Network:
        """The network, with holidays of ``years``; only once no sheet has a fault."""
        nodes = map(_node, self.nodes.rows)
        services = map(_service, self.services.rows)
        equipment = map(_equipment, self.equipment.rows)
        return Network(
            nodes={n.id: n for n in sorted(nodes, key=lambda n: n.id)},
            services={s.id: s for s in sorted(services, key=lambda s: s.id)},
            # The order of operations is meant: they are done in it.
            operations={o.id: o for o in map(_operation, self.operations.rows)},
            equipment={e.id: e for e in sorted(equipment, key=lambda e: e.id)},
            calendars=calendars(self.calendars, years),
            transit_limits_h={
                row.text("country"): row.number("transit_limit_h")
                for row in sorted(self.countries.rows, key=lambda row: row.text("country"))
            },
        )


def read_network_sheets(
    folder: Path, rates: Mapping[str, float], *, edit: Edit | None = None
) -> NetworkSheets:
    """The sheets of the network in ``folder``, their money in USD, with all their faults.

    ``rates`` are units of each currency for a USD.
    """
    sheets = NetworkSheets(
        nodes=read_sheet(folder / NODES.file, table=NODES, edit=edit),
        services=read_sheet(folder / ROUTES.file, table=ROUTES, edit=edit),
        operations=read_sheet(folder / OPERATIONS.file, table=OPERATIONS, edit=edit),
        equipment=read_sheet(folder / EQUIPMENT.file, table=EQUIPMENT, edit=edit),
        calendars=read_calendars_sheet(folder, edit=edit),
        countries=read_sheet(folder / COUNTRIES.file, table=COUNTRIES, edit=edit),
    )
    for sheet in (sheets.services, sheets.operations):
        to_usd(sheet, rates)
    known = calendar_ids(sheets.calendars)
    for sheet in (sheets.services, sheets.operations):
        for row in sheet.rows:
            _check_closed_on(sheet, row, sheets.calendars, known)
    nodes = {row.text("node_id"): row for row in sheets.nodes.sound_rows()}
    for row in sheets.services.rows:
        check_reference(sheets.services, row, "from_node", sheets.nodes)
        check_reference(sheets.services, row, "to_node", sheets.nodes)
        check_reference(sheets.services, row, "equipment", sheets.equipment)
        check_reference(sheets.services, row, "enters_at", sheets.nodes)
        _check_entry(sheets.services, row, nodes)
        _check_passes(sheets.services, row, sheets.nodes)
        _check_service(sheets.services, row, nodes)
    rides = _ways_to_ride(sheets.equipment)
    for row in sheets.operations.rows:
        if row.text("node_id") != ANY:
            check_reference(sheets.operations, row, "node_id", sheets.nodes)
        _check_operation(sheets.operations, row, rides)
    spread(sheets.nodes, sheets.operations)
    _check_cross_docks(sheets)
    return sheets


def _check_closed_on(sheet: Sheet, row: Row, calendars: Sheet, known: frozenset[str]) -> None:
    for name in sorted(row.names("closed_on") - known):
        if calendars.whole:
            words = f"calendar_ids of {calendars.shown}, not {name}{nearest(name, known)}"
            sheet.blame(row, "closed_on", words)


def _check_passes(sheet: Sheet, row: Row, nodes: Sheet) -> None:
    for name in sorted(row.names("passes")):
        if nodes.whole and name not in nodes.ids:
            words = f"nodes of {nodes.shown}, not {name}{nearest(name, nodes.ids)}"
            sheet.blame(row, "passes", words)
        elif name in (row.text("from_node"), row.text("to_node")):
            sheet.blame(row, "passes", f"nodes on the way, not {name}, where it begins or ends")


def check_reference(sheet: Sheet, row: Row, column: str, other: Sheet) -> None:
    """Fault if a cell is no key of ``other``; silent where ``other`` may lack rows."""
    name = row.values.get(column)
    if isinstance(name, str) and other.whole and name not in other.ids:
        words = f"{_article(other.table.name)} of {other.shown}{nearest(name, other.ids)}"
        sheet.blame(row, column, words)


def _article(table: str) -> str:
    return {
        "nodes": "a node",
        "equipment": "a kind of equipment",
        "perishables": "a commodity",
        "packaging": "a packaging",
    }[table]


def check_order(sheet: Sheet, row: Row, *columns: str) -> None:
    """Fault unless the numbers in these cells do not fall from left to right."""
    for low, high in pairwise(columns):
        if row.has(low, high) and row.number(low) > row.number(high):
            words = f"{' <= '.join(columns)}; {low} is {row.cells[low]}"
            sheet.blame(row, high, words)


def _ways_to_ride(equipment: Sheet) -> frozenset[str]:
    """Equipment in the words of operations: a FEU rides on a chassis or on a wagon."""
    ids = equipment.ids
    return (ids - {"FEU"}) | (FEU_RIDES if "FEU" in ids else frozenset[str]())


def _check_service(sheet: Sheet, row: Row, nodes: Mapping[str, Row]) -> None:
    check_order(sheet, row, "transit_h_p10", "transit_h_p50", "transit_h_p90")
    if row.has("from_node", "to_node") and row.text("from_node") == row.text("to_node"):
        sheet.blame(row, "to_node", "another node than from_node")
    _check_timetable(sheet, row)
    _check_prices(sheet, row)
    if not row.has("mode", "distance_km", "transit_h_p50"):
        return
    hours, km, mode = row.number("transit_h_p50"), row.number("distance_km"), row.text("mode")
    if hours <= 0 or km / hours > TOP_SPEED_KM_H[mode]:
        words = f"hours for {km:g} km at no more than {TOP_SPEED_KM_H[mode]:g} km/h by {mode}"
        sheet.blame(row, "transit_h_p50", words)
    ends = [nodes.get(row.text(c)) for c in ("from_node", "to_node") if row.has(c)]
    if len(ends) == 2 and ends[0] is not None and ends[1] is not None:
        direct = great_circle_km(_node(ends[0]), _node(ends[1]))
        if km < direct * SHORTEST - 1:
            sheet.blame(row, "distance_km", f"at least the {direct:.0f} km between the two nodes")


def _check_entry(sheet: Sheet, row: Row, nodes: Mapping[str, Row]) -> None:
    """``enters_at`` is of services between countries, and lies in the one they enter."""
    if not row.has("enters_at", "from_node", "to_node"):
        return
    countries = [
        nodes[name].text("country") if name in nodes else ""
        for name in map(row.text, ("from_node", "to_node", "enters_at"))
    ]
    if not all(countries):
        return
    start, end, entered = countries
    if start == end:
        sheet.blame(row, "enters_at", f"nothing, as both ends lie in {end}")
    elif entered != end:
        sheet.blame(row, "enters_at", f"a node of {end}, not of {entered}")


def _check_timetable(sheet: Sheet, row: Row) -> None:
    if not row.has("service_type"):
        return
    kind, times = row.text("service_type"), row.cells.get("departure_times_local", "")
    if kind in ("on_demand", "charter"):
        if times:
            sheet.blame(row, "departure_times_local", f"nothing: {kind} leaves when asked to")
    elif not times:
        words = f"local times such as 06:00;18:00, as it is {kind}"
        sheet.blame(row, "departure_times_local", words)
    skips = row.has("every_n_weeks") and row.whole("every_n_weeks") > 1
    if skips and not row.cells.get("first_departure"):
        sheet.blame(row, "first_departure", "a date from which the weeks are counted")


def _check_prices(sheet: Sheet, row: Row) -> None:
    if not row.has("capacity_unit"):
        return
    by_kg = row.text("capacity_unit") == "kg"
    wanted = ("linehaul_usd_per_kg",) if by_kg else ("linehaul_usd_per_unit", "pallets_per_unit")
    barred = BY_UNIT if by_kg else ("linehaul_usd_per_kg",)
    sold = "by the kg" if by_kg else "by the unit"
    for column in wanted:
        if not row.cells.get(column):
            sheet.blame(row, column, f"a value, as the service is sold {sold}")
    for column in barred:
        if row.cells.get(column):
            sheet.blame(row, column, f"nothing, as the service is sold {sold}")
    if row.has("min_paid_slots"):
        _check_minimum(sheet, row, by_kg=by_kg)
    if row.has("mode") and by_kg != (row.text("mode") == "air"):
        sheet.blame(row, "capacity_unit", "kg by air, FEU or truck otherwise")
    if row.has("detention_free_h") and not row.has("detention_usd_per_unit_h"):
        sheet.blame(row, "detention_usd_per_unit_h", "a value, as detention_free_h has one")
    if by_kg and row.has("payload_kg_per_unit") and row.whole("payload_kg_per_unit") != 1:
        sheet.blame(row, "payload_kg_per_unit", "1, as the service is sold by the kg")


def _check_minimum(sheet: Sheet, row: Row, *, by_kg: bool) -> None:
    most = row.whole("capacity_units") if row.has("capacity_units") else None
    if most is not None and row.whole("min_paid_slots") > most:
        sheet.blame(row, "min_paid_slots", f"at most the {most} of capacity_units")
    if by_kg and row.has("linehaul_usd_per_kg") and row.whole("min_paid_slots"):
        cents = 100 * row.number("linehaul_usd_per_kg")
        if abs(cents - round(cents)) > 1e-6:
            words = "whole cents, as kilograms not used are paid by it (min_paid_slots)"
            sheet.blame(row, "linehaul_usd_per_kg", words)


def _check_operation(sheet: Sheet, row: Row, rides: frozenset[str]) -> None:
    check_order(sheet, row, "hours_p10", "hours_p50", "hours_p90")
    for column in ("equipment_in", "equipment_out"):
        for name in sorted(row.names(column) - rides):
            sheet.blame(row, column, f"any or kinds of load unit, not {name}{nearest(name, rides)}")
    for one, other in (("exposed_h", "exposed_c"), ("exposed_c", "exposed_h")):
        if row.cells.get(one) and not row.cells.get(other):
            sheet.blame(row, other, f"a value, as {one} has one")
    if not row.has("trigger"):
        return
    trigger = row.text("trigger")
    if trigger in ("transfer", "origin_equipment") and not row.cells.get("equipment_out"):
        sheet.blame(row, "equipment_out", f"a value, as the trigger is {trigger}")
    if trigger not in ("origin", "origin_equipment") and row.cells.get("half_cooling_h"):
        words = f"nothing: by {trigger} goods are handled as pallets"
        sheet.blame(row, "half_cooling_h", words)
    for column in ("exposed_rh_pct", "warming_per_h"):
        if row.cells.get(column) and not row.cells.get("exposed_h"):
            sheet.blame(row, column, "nothing, as exposed_h is blank")
    if row.cells.get("warming_per_h") and row.yes("opens_unit"):
        sheet.blame(row, "warming_per_h", "nothing: an opened unit is not shut")
    treated = row.cells.get("treatment")
    if trigger == "in_transit" and not treated:
        sheet.blame(row, "treatment", "a name: what is done in transit is a treatment")
    if treated and trigger not in ("origin", "in_transit", "destination"):
        sheet.blame(row, "treatment", f"nothing: by {trigger} goods are not treated")
    if treated and row.cells.get("cost_usd_per_unit"):
        sheet.blame(row, "cost_usd_per_unit", "nothing: treatments are priced by the kg")
    if row.cells.get("done_to"):
        if trigger not in ("origin", "destination"):
            sheet.blame(row, "done_to", f"nothing: {trigger} is done to units, whatever is in them")
        if row.cells.get("cost_usd_per_unit"):
            words = "nothing: what is done to some goods only is priced by the kg"
            sheet.blame(row, "cost_usd_per_unit", words)
    if trigger == "in_transit" and not row.cells.get("exposed_c"):
        sheet.blame(row, "exposed_c", "a value: what the pulp must be held at or below")
    sealed = trigger == "arrive" or (trigger == "transfer" and not row.yes("opens_unit"))
    if row.cells.get("capacity_units_per_day") and not sealed:
        words = "nothing: units are counted where they arrive, or go on sealed"
        sheet.blame(row, "capacity_units_per_day", words)
    if row.yes("opens_unit") and trigger not in ("transfer", "destination"):
        sheet.blame(row, "opens_unit", f"no: units are not opened by {trigger}")
    store = trigger in ("goods_storage", "unit_storage")
    for column in ("cost_usd_per_unit", "cost_usd_per_kg"):
        if store and row.cells.get(column):
            sheet.blame(row, column, "nothing: storage is priced by cost_usd_per_t_day")
    if not store and row.cells.get("cost_usd_per_t_day"):
        sheet.blame(row, "cost_usd_per_t_day", f"nothing: {trigger} is priced by unit or kg")
    if not store and row.cells.get("free_h"):
        sheet.blame(row, "free_h", f"nothing: only storage has free hours, not {trigger}")
    if trigger != "unit_storage" and row.cells.get("cost_usd_per_unit_day"):
        words = f"nothing: only unit_storage is priced by the unit and day, not {trigger}"
        sheet.blame(row, "cost_usd_per_unit_day", words)


def _check_cross_docks(sheets: NetworkSheets) -> None:
    """A node is a cross-dock exactly when an operation there moves goods between units."""
    nodes = {r.text("node_id"): r for r in sheets.nodes.rows if r.has("node_id", "cross_dock")}
    opened: set[str] = set()
    for row in sheets.operations.rows:
        if not row.has("node_id", "trigger", "opens_unit"):
            # Its node may be meant to be opened here; no second fault for that.
            opened.add(row.text("node_id"))
        elif opens(row):
            name = row.text("node_id")
            opened.add(name)
            if name in nodes and not nodes[name].yes("cross_dock"):
                words = f"no, as {name} has cross_dock = no in {sheets.nodes.shown}"
                sheets.operations.blame(row, "opens_unit", words)
    for name, row in nodes.items():
        if row.yes("cross_dock") and name not in opened and sheets.operations.whole:
            words = "no, or a transfer with opens_unit = yes here in "
            sheets.nodes.blame(row, "cross_dock", words + sheets.operations.shown)


def distance_km(one: Row, other: Row) -> float:
    """Great-circle distance between the nodes of two sound rows."""
    return great_circle_km(_node(one), _node(other))


def _node(row: Row) -> Node:
    return Node(
        id=row.text("node_id"),
        name=row.text("name"),
        name_zh=row.text("name_zh"),
        country=row.text("country"),
        unlocode=row.text("unlocode"),
        latitude_deg=row.number("lat"),
        longitude_deg=row.number("lon"),
        node_type=row.text("node_type"),
        timezone=row.text("timezone"),
        cross_dock=row.yes("cross_dock"),
        gauge_mm=row.text("gauge_mm"),
        role=row.text("role"),
        open_season=cast("Season | None", row.values["open_season"]),
        fruit_import_site=row.text("fruit_import_site"),
        source=row.text("source"),
        confidence=row.text("confidence"),
    )


def _spread(row: Row, stem: str) -> Spread:
    return Spread(
        p10=row.number(f"{stem}_p10"), p50=row.number(f"{stem}_p50"), p90=row.number(f"{stem}_p90")
    )


def _service(row: Row) -> Service:
    return Service(
        id=row.text("service_id"),
        origin=row.text("from_node"),
        destination=row.text("to_node"),
        mode=Mode(row.text("mode")),
        equipment=row.text("equipment"),
        name=row.text("service_name"),
        carrier=row.text("carrier"),
        service_type=row.text("service_type"),
        status=row.text("status"),
        distance_km=row.number("distance_km"),
        great_circle_km=row.number("great_circle_km"),
        transit=_spread(row, "transit_h"),
        days=row.days("departure_days_iso"),
        departure_times=row.times("departure_times_local"),
        every_n_weeks=row.whole("every_n_weeks"),
        first_departure=row.get("first_departure", date) if row.has("first_departure") else None,
        cutoff_h=row.number("cutoff_h"),
        capacity_units=row.whole("capacity_units"),
        shared_by_kg=row.text("capacity_unit") == "kg",
        payload_kg=row.whole("payload_kg_per_unit"),
        pallets_per_unit=row.whole("pallets_per_unit", blank=0),
        linehaul_usd_per_unit=row.number("linehaul_usd_per_unit", blank=0.0),
        linehaul_usd_per_kg=row.number("linehaul_usd_per_kg", blank=0.0),
        reefer_usd_per_unit_h=row.number("reefer_usd_per_unit_h"),
        temperature_c=row.maybe("temperature_c"),
        border_included=row.yes("border_included"),
        gco2e_per_tkm=row.number("ef_gco2e_per_tkm_wtw"),
        reefer_uplift=row.number("reefer_uplift_frac"),
        genset_kgco2e_per_h=row.number("genset_kgco2e_per_unit_h"),
        season=cast("Season | None", row.values["season"]),
        closed_on=row.names("closed_on"),
        passes=row.names("passes"),
        source=row.text("source"),
        confidence=row.text("confidence"),
        note=row.text("note"),
        enters_at=row.text("enters_at"),
        linehaul_usd_per_unit_h=row.number("linehaul_usd_per_unit_h", blank=0.0),
        genset_l_per_h=row.number("genset_l_per_unit_h", blank=0.0),
        detention_usd_per_unit_h=row.number("detention_usd_per_unit_h", blank=0.0),
        detention_free_h=row.number("detention_free_h", blank=0.0),
        charter_usd_per_departure=row.number("charter_usd_per_departure", blank=0.0),
        min_paid_slots=row.whole("min_paid_slots", blank=0),
    )


def _operation(row: Row) -> Operation:
    opens, closes = cast("tuple[time, time]", row.values["open_hours_local"])
    return Operation(
        id=row.text("op_id"),
        node=row.text("node_id"),
        code=row.text("op_code"),
        name=row.text("op_name"),
        trigger=Trigger(row.text("trigger")),
        from_country=row.text("from_country"),
        equipment_in=row.names("equipment_in"),
        equipment_out=row.names("equipment_out"),
        opens_unit=row.yes("opens_unit"),
        charge=row.text("charge"),
        hours=_spread(row, "hours"),
        exposed_h=row.number("exposed_h", blank=0.0),
        exposed_c=row.number("exposed_c", blank=0.0),
        usd_per_unit=row.number("cost_usd_per_unit", blank=0.0),
        usd_per_kg=row.number("cost_usd_per_kg", blank=0.0),
        usd_per_t_day=row.number("cost_usd_per_t_day", blank=0.0),
        opens=opens,
        closes=closes,
        days=row.days("open_days_iso"),
        probability=row.number("probability"),
        closed_on=row.names("closed_on"),
        source=row.text("source"),
        confidence=row.text("confidence"),
        half_cooling_h=row.maybe("half_cooling_h"),
        warming_per_h=row.maybe("warming_per_h"),
        exposed_rh_pct=row.maybe("exposed_rh_pct"),
        treatment=row.text("treatment"),
        done_to=frozenset(filter(None, row.text("done_to").split(";"))),
        units_per_day=(
            row.whole("capacity_units_per_day") if row.has("capacity_units_per_day") else None
        ),
        note=row.text("note"),
        usd_per_unit_day=row.number("cost_usd_per_unit_day", blank=0.0),
        free_h=row.number("free_h", blank=0.0),
    )


def _equipment(row: Row) -> Equipment:
    return Equipment(
        id=row.text("equipment"),
        name=row.text("name"),
        name_zh=row.text("name_zh"),
        iso_size_type=row.text("iso_size_type"),
        source=row.text("source"),
        confidence=row.text("confidence"),
    )
