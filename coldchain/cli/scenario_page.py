"""``coldchain show scenario``: what is planned, once everything that changes it is in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, cast

from rich.console import RenderableType
from rich.text import Text

from coldchain.cli.exits import Exit
from coldchain.cli.screen import print_json, print_tables
from coldchain.columns import SCENARIO
from coldchain.exporters.page import extends_words, overrides_table, plain, table
from coldchain.plan_folder.documents import encode
from coldchain.scenario import Scenario
from coldchain.tables import read_scenario

APART = frozenset({"name", "title", "extends", "consignments", "folder"})
"""Keys shown elsewhere, and those that say which files are read."""

FIELDS = {"reporting": "reporting_currency", "per_usd": "usd_rates"}
"""What a scenario calls keys of its file that it calls otherwise."""


def show_scenario(scenario: str, changes: Sequence[str] = (), *, as_json: bool) -> Exit:
    """Show keys, overrides and how much there is of what."""
    given = read_scenario(scenario, overrides=changes)
    settings = dict(_settings(given))
    if as_json:
        print_json(
            {
                "name": given.name,
                "title": given.title,
                "digest": given.digest,
                "extends": list(given.extends),
                "settings": settings,
                "overrides": [encode(one) for one in given.overrides],
                "counts": dict(_counts(given)),
            }
        )
        return Exit.DONE
    parts: list[RenderableType] = [plain(given.title, "bold")]
    if given.extends:
        parts.append(plain(extends_words(given.extends)))
    parts += [
        plain(f"Scenario {given.name}, digest {given.digest[:12]}."),
        Text(),
        table("Settings", (("key", "left"), ("value", "words")), _rows(settings), limit=None),
        Text(),
        overrides_table(given.overrides)
        if given.overrides
        else plain("No overrides: the tables are planned with as they are."),
        Text(),
        table(
            "Counts",
            (("of", "left"), ("number", "right")),
            ((noun, f"{number:,}") for noun, number in _counts(given)),
        ),
    ]
    print_tables(*parts)
    return Exit.DONE


def _settings(given: Scenario) -> Iterator[tuple[str, Any]]:
    """Value of each key of a scenario file, called as statements call it."""
    parts = (getattr(given, f.name) for f in fields(given) if f.name != "network")
    holders = [given, *(part for part in parts if is_dataclass(part))]
    for section, columns in SCENARIO.items():
        prefix = f"{section}." if section else ""
        for column in columns:
            name = FIELDS.get(column.name, column.name)
            holder = next((h for h in holders if hasattr(h, name)), None)
            if holder is not None and column.name not in APART:
                yield prefix + column.name, encode(getattr(holder, name))
        if section and not columns:
            yield section, encode(getattr(given, section))


def _rows(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in settings.items():
        if isinstance(value, dict):
            for key, inner in cast("dict[str, Any]", value).items():
                yield f"{name}.{key}", _words(inner)
        else:
            yield name, _words(value)


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_words(item) for item in cast("list[Any]", value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _counts(given: Scenario) -> Iterator[tuple[str, int]]:
    network = given.network
    yield "consignments", len(given.consignments)
    yield "net kg", sum(c.net_kg for c in given.consignments)
    yield "pallets", sum(c.pallets for c in given.consignments)
    yield "commodities carried", len({c.commodity for c in given.consignments})
    yield "nodes", len(network.nodes)
    yield "services", len(network.services)
    yield "services planned with", sum(s.status in given.service_status for s in network)
    yield "operations", len(network.operations)
    yield "closures", len(network.closures)
    yield "delays", len(network.delays)
