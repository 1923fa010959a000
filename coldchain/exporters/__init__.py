"""What a forwarder and a planner are handed: each exporter writes its file of a plan into a folder.

An exporter declares the table it writes, with the meaning of each column (``TABLES``), and is
entered under its name in ``EXPORTERS``; nothing else needs to know it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from coldchain.columns import Table
from coldchain.exporters import bookings, chartered, consignments, load_list
from coldchain.plan import Plan

Exporter = Callable[[Plan, Path], tuple[Path, ...]]
"""Writes files of a plan into an existing folder and names them."""


def write_summary(plan: Plan, folder: Path) -> tuple[Path, ...]:
    """Write ``summary.txt``, what the terminal shows, into ``folder``."""
    from coldchain.exporters import page  # rich is loaded when a page is drawn, not before

    return page.write_summary(plan, folder)


def write_forwarder_files(plan: Plan, folder: Path) -> tuple[Path, ...]:
    """Write what a forwarder needs: the bookings, the load list and the charters."""
    return (
        *bookings.write_bookings(plan, folder),
        *load_list.write_load_list(plan, folder),
        *chartered.write_charters(plan, folder),
    )


def write_all(plan: Plan, folder: Path) -> tuple[Path, ...]:
    """Write every file there is."""
    return tuple(path for name in SINGLE for path in EXPORTERS[name](plan, folder))


EXPORTERS: Mapping[str, Exporter] = {
    "bookings": bookings.write_bookings,
    "load-list": load_list.write_load_list,
    "consignments": consignments.write_consignments,
    "charters": chartered.write_charters,
    "summary": write_summary,
    "forwarder": write_forwarder_files,
    "all": write_all,
}
"""Exporters by the name ``coldchain export --to`` takes."""

SINGLE = ("bookings", "load-list", "consignments", "charters", "summary")
"""Exporters that are not made of others."""

FILES: Mapping[str, tuple[str, ...]] = {
    "bookings": (bookings.TABLE.file,),
    "load-list": (load_list.TABLE.file,),
    "consignments": (consignments.TABLE.file,),
    "charters": (chartered.TABLE.file,),
    "summary": ("summary.txt",),
    "forwarder": (bookings.TABLE.file, load_list.TABLE.file, chartered.TABLE.file),
    "all": (
        bookings.TABLE.file,
        load_list.TABLE.file,
        consignments.TABLE.file,
        chartered.TABLE.file,
        "summary.txt",
    ),
}
"""Files each exporter writes, so that nothing else is ever replaced."""

TABLES: tuple[Table, ...] = (
    bookings.TABLE,
    load_list.TABLE,
    consignments.TABLE,
    chartered.TABLE,
)
"""What stands in the CSV files; ``docs/columns.md`` lists it."""
