"""``coldchain show node``: what a place is, what is done there, and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.text import Text

from coldchain.cli.dates import (
    clock_words,
    day_asked,
    disturbances,
    disturbances_table,
    exposure_words,
    happens_when,
    holidays,
    holidays_table,
    hours_words,
    named,
    offset_words,
    opening_document,
    opening_words,
    operation_price,
    season_words,
    spread_words,
)
from coldchain.cli.exits import Exit
from coldchain.cli.places import node_called
from coldchain.cli.screen import print_json, print_tables
from coldchain.exporters.page import plain, table
from coldchain.exporters.wording import VEHICLE, at_node, place
from coldchain.network import Network, Node, Operation, Service
from coldchain.openings import OpenDay, open_days, runs
from coldchain.plan_folder.documents import encode
from coldchain.scenario import Scenario
from coldchain.tables import read_scenario
from coldchain.timetable import Departure, Timetable

NEXT_RUNS = 2
"""Departures of each scheduled service that are shown."""

AHEAD = timedelta(days=60)
"""How far ahead they are looked for."""


def show_node(
    scenario: str,
    name: str,
    changes: Sequence[str] = (),
    *,
    asked: str,
    days: int,
    as_json: bool,
) -> Exit:
    """Show a node on ``days`` days from the one asked for on."""
    given = read_scenario(scenario, overrides=changes)
    network = given.network
    node = node_called(network, name)
    first = day_asked(given, asked, days)
    operations = [o for o in network.operations.values() if o.node == node.id]
    leaving = list(network.services_from(node.id))
    arriving = [s for s in network if s.destination == node.id]
    opening = {o.id: list(open_days(given.timetable, o, first, days)) for o in operations}
    subjects = (node.id, *(o.id for o in operations), *(s.id for s in leaving))
    troubles = disturbances(network, dict.fromkeys(subjects, node.id))
    feasts = list(holidays(network, [*operations, *leaving], first, days))
    nearest = list(_next_runs(given.timetable, leaving, first))
    if as_json:
        print_json(
            {
                "node": encode(node),
                "date": first.isoformat(),
                "days": days,
                "offset": offset_words(_noon(node, first)),
                "disturbances": troubles,
                "holidays": [
                    {"date": day.isoformat(), "holiday": feast, "observed_by": ids}
                    for day, feast, ids in feasts
                ],
                "operations": [
                    {
                        **encode(o),
                        "opening": [opening_document(network, node.id, d) for d in opening[o.id]],
                    }
                    for o in operations
                ],
                "leaving": _counts(given, leaving),
                "arriving": _counts(given, arriving),
                "departures": [
                    {
                        "service": service.id,
                        "departs_at": at_node(network, service.origin, run.departs),
                        "arrives_at": at_node(network, service.destination, run.arrives),
                        "planned_with": service.status in given.service_status,
                    }
                    for service, run in nearest
                ],
            }
        )
        return Exit.DONE
    print_tables(
        *_what_it_is(node, first),
        *disturbances_table(troubles),
        *holidays_table(feasts),
        *_operations(operations),
        *_openings(network, operations, opening),
        *_traffic(given, leaving, arriving),
        *_departures(given, nearest, first.year),
    )
    return Exit.DONE


def _noon(node: Node, day: date) -> datetime:
    return datetime.combine(day, time(12), ZoneInfo(node.timezone))


def _what_it_is(node: Node, day: date) -> Iterator[RenderableType]:
    zh = f", {node.name_zh}" if node.name_zh else ""
    yield plain(f"{node.id}: {node.name}{zh}", "bold")
    facts = [node.node_type.replace("_", " "), f"in {node.country}"]
    facts.append(f"UN/LOCODE {node.unlocode}" if node.unlocode else "no UN/LOCODE")
    facts.append(f"{node.timezone}, {offset_words(_noon(node, day))} on {named(day)} {day.year}")
    if node.gauge_mm:
        facts.append(f"gauge {node.gauge_mm} mm")
    facts.append("goods may change units" if node.cross_dock else "no cross-dock")
    facts.append(f"open {season_words(node.open_season)}")
    yield plain("; ".join(facts) + ".")
    if node.role:
        yield plain(f"Role: {node.role}.")
    if node.fruit_import_site:
        yield plain(f"Fruit import site: {node.fruit_import_site}.")
    yield plain(f"Source ({node.confidence}): {node.source}.")


def _operations(operations: Sequence[Operation]) -> Iterator[RenderableType]:
    yield Text()
    if not operations:
        yield plain("Nothing is done here but passing through.")
        return
    yield table(
        "Operations: hours p10 / p50 / p90, USD, units a day",
        (
            ("id", "left"),
            ("what", "words"),
            ("when", "words"),
            ("hours", "right"),
            ("USD", "words"),
            ("exposed", "words"),
            ("opening", "words"),
            ("units", "right"),
        ),
        (
            (
                o.id,
                o.name,
                happens_when(o),
                spread_words(o.hours),
                operation_price(o),
                exposure_words(o),
                hours_words(o),
                "" if o.units_per_day is None else f"{o.units_per_day:,}",
            )
            for o in operations
        ),
        limit=None,
    )


def _openings(
    network: Network, operations: Sequence[Operation], opening: dict[str, list[OpenDay]]
) -> Iterator[RenderableType]:
    """Days of the operations that open and shut; those that do so alike stand together."""
    alike: dict[tuple[str, ...], list[str]] = {}
    node = ""
    for o in operations:
        node = o.node
        if not (o.opens == o.closes and len(o.days) == 7 and all(d.whole for d in opening[o.id])):
            words = tuple(
                f"{named(d.day)}: {opening_words(network, node, d)}" for d in opening[o.id]
            )
            alike.setdefault(words, []).append(o.id)
    if not operations:
        return
    yield Text()
    if not alike:
        yield plain("Everything is open at all hours of these days.")
        return
    columns = [(", ".join(ids), days) for days, ids in alike.items()]
    # Not as the title of a narrow table, in which it would be broken.
    yield plain(f"When work may begin (local times at {node})", "bold")
    yield table(
        "",
        (("operations", "words"), ("day", "left"), ("open", "words")),
        (
            (ids if not number else "", *line.split(": ", 1))
            for ids, days in columns
            for number, line in enumerate(days)
        ),
        limit=None,
    )


def _counts(given: Scenario, services: Sequence[Service]) -> list[dict[str, object]]:
    number = Counter((s.mode, s.on_demand) for s in services)
    planned = Counter((s.mode, s.on_demand) for s in services if s.status in given.service_status)
    return [
        {
            "mode": mode.value,
            "on_demand": on_demand,
            "services": number[mode, on_demand],
            "planned_with": planned[mode, on_demand],
        }
        for mode, on_demand in sorted(number)
    ]


def _traffic(
    given: Scenario, leaving: Sequence[Service], arriving: Sequence[Service]
) -> Iterator[RenderableType]:
    vehicles = {mode.value: vehicle for mode, vehicle in VEHICLE.items()}
    rows = [
        (
            way,
            vehicles[str(one["mode"])],
            "on demand" if one["on_demand"] else "scheduled",
            str(one["services"]),
            str(one["planned_with"]),
        )
        for way, services in (("leave", leaving), ("arrive", arriving))
        for one in _counts(given, services)
    ]
    yield Text()
    if not rows:
        yield plain("No service leaves or arrives.")
        return
    yield table(
        "Services",
        (
            ("", "left"),
            ("by", "left"),
            ("runs", "left"),
            ("services", "right"),
            ("planned with", "right"),
        ),
        rows,
    )


def _next_runs(
    timetable: Timetable, services: Sequence[Service], first: date
) -> Iterator[tuple[Service, Departure]]:
    """The next departures of each scheduled service, the soonest first."""
    last = first + AHEAD
    found: list[tuple[Service, Departure]] = []
    for service in services:
        if not service.on_demand:
            going = (r for r in runs(timetable, service, first, last) if isinstance(r, Departure))
            found += [(service, run) for run, _ in zip(going, range(NEXT_RUNS), strict=False)]
    yield from sorted(found, key=lambda pair: (pair[1].departs, pair[0].id))


def _departures(
    given: Scenario, nearest: Sequence[tuple[Service, Departure]], year: int
) -> Iterator[RenderableType]:
    if not nearest:
        return
    network = given.network
    yield Text()
    yield table(
        "Next departures of scheduled services (local times)",
        (
            ("service", "left"),
            ("by", "left"),
            ("departs", "right"),
            ("to", "words"),
            ("arrives", "right"),
            ("planned with", "left"),
        ),
        (
            (
                service.id,
                VEHICLE[service.mode],
                clock_words(network, service.origin, run.departs, year),
                f"{place(network.nodes[service.destination])} {service.destination}",
                clock_words(network, service.destination, run.arrives, year),
                "yes" if service.status in given.service_status else f"no: {service.status}",
            )
            for service, run in nearest
        ),
    )
