"""Scenarios and networks as data frames, for analysts.

Names of columns carry the unit; moments are UTC with their zone. A frame without rows has the
same columns and types. pandas is imported when the first frame is made. Plans are in
:mod:`coldchain.tables.plan_frames`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import TYPE_CHECKING

from coldchain.network import Network
from coldchain.scenario import Scenario

if TYPE_CHECKING:
    import pandas  # pyright: ignore[reportMissingTypeStubs]

Row = tuple[object, ...]

TEXT, WHOLE, REAL, FLAG = "str", "int64", "float64", "bool"
MOMENT = "datetime64[us, UTC]"


def frame(columns: Mapping[str, str], rows: Iterable[Row]) -> pandas.DataFrame:
    """``rows`` under ``columns``, each with its type."""
    import pandas  # pyright: ignore[reportMissingTypeStubs]

    listed = list(rows)
    data = {
        name: pandas.Series([row[place] for row in listed], dtype=kind)  # pyright: ignore[reportArgumentType, reportCallIssue]
        for place, (name, kind) in enumerate(columns.items())
    }
    return pandas.DataFrame(data)


def consignments_frame(scenario: Scenario) -> pandas.DataFrame:
    """One row for each consignment of ``scenario``."""
    columns = {
        "consignment": TEXT,
        "commodity": TEXT,
        "origin": TEXT,
        "destination": TEXT,
        "net_kg": WHOLE,
        "gross_kg": WHOLE,
        "pallets": WHOLE,
        "ready_at": MOMENT,
        "due_at": MOMENT,
        "shelf_life_required_d": REAL,
        "retail_c": REAL,
        "life_used_at_ready": REAL,
        "pulp_at_ready_c": REAL,
        "value_usd": REAL,
        "packaging": TEXT,
        "treatment": TEXT,
        "shipper": TEXT,
        "consignee": TEXT,
        "note": TEXT,
    }
    return frame(
        columns,
        (
            (
                *(c.id, c.commodity, c.origin, c.destination),
                *(c.net_kg, c.gross_kg, c.pallets),
                *(c.ready_at.astimezone(UTC), c.due_at.astimezone(UTC)),
                *(c.shelf_life_required_h / 24, c.retail_c),
                *(c.life_used_at_ready, c.pulp_at_ready_c, c.value_usd),
                *(c.packaging.value, c.treatment, c.shipper, c.consignee, c.note),
            )
            for c in scenario.consignments
        ),
    )


def services_frame(network: Network) -> pandas.DataFrame:
    """One row for each service of ``network``."""
    columns = {
        "service": TEXT,
        "origin": TEXT,
        "destination": TEXT,
        "mode": TEXT,
        "equipment": TEXT,
        "name": TEXT,
        "service_type": TEXT,
        "status": TEXT,
        "on_demand": FLAG,
        "distance_km": REAL,
        "transit_p10_h": REAL,
        "transit_p50_h": REAL,
        "transit_p90_h": REAL,
        "cutoff_h": REAL,
        "capacity_units": WHOLE,
        "payload_kg": WHOLE,
        "linehaul_usd_per_unit": REAL,
        "linehaul_usd_per_kg": REAL,
        "reefer_usd_per_unit_h": REAL,
        "gco2e_per_tkm": REAL,
        "source": TEXT,
        "confidence": TEXT,
    }
    return frame(
        columns,
        (
            (
                *(s.id, s.origin, s.destination, s.mode.value, s.equipment),
                *(s.name, s.service_type, s.status, s.on_demand),
                *(s.distance_km, s.transit.p10, s.transit.p50, s.transit.p90, s.cutoff_h),
                *(s.capacity_units, s.payload_kg),
                *(s.linehaul_usd_per_unit, s.linehaul_usd_per_kg, s.reefer_usd_per_unit_h),
                *(s.gco2e_per_tkm, s.source, s.confidence),
            )
            for s in network.services.values()
        ),
    )
