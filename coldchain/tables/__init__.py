"""CSV and TOML to freight objects, and results to data frames.

Reading is strict: nothing is guessed or clamped, and every fault of every file is told at once.
"""

from __future__ import annotations

from coldchain.tables.folders import data_folder, scenario_names
from coldchain.tables.frames import consignments_frame, services_frame
from coldchain.tables.plan_frames import (
    charges_frame,
    itineraries_frame,
    legs_frame,
    load_units_frame,
    steps_frame,
)
from coldchain.tables.scenario_file import read_network, read_perishables, read_scenario

__all__ = [
    "charges_frame",
    "consignments_frame",
    "data_folder",
    "itineraries_frame",
    "legs_frame",
    "load_units_frame",
    "read_network",
    "read_perishables",
    "read_scenario",
    "scenario_names",
    "services_frame",
    "steps_frame",
]
