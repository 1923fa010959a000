"""``coldchain show border``: posts, what crosses there, what is done there, and who may enter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from rich.console import RenderableType
from rich.text import Text

from coldchain.admission import COUNTRIES
from coldchain.borders import Border, border_at, border_between, regimes
from coldchain.cli.dates import (
    day_asked,
    disturbances,
    disturbances_table,
    happens_when,
    holidays,
    holidays_table,
    named,
    opening_document,
    opening_words,
    operation_price,
    queue_minutes,
    season_words,
    spread_words,
)
from coldchain.cli.entry_table import entry_document, entry_table
from coldchain.cli.exits import Exit
from coldchain.cli.places import node_called
from coldchain.cli.screen import print_json, print_tables
from coldchain.cli.ways import goods_called, refused
from coldchain.errors import UnknownName
from coldchain.exporters.page import plain, table
from coldchain.exporters.wording import VEHICLE
from coldchain.network import Network, Operation, Service
from coldchain.openings import NotRun, OpenDay, leaving_days, open_days, runs
from coldchain.plan_folder.documents import encode
from coldchain.scenario import Scenario
from coldchain.tables import read_scenario
from coldchain.timetable import Departure, Timetable, local_time

COUNTRY_PAIR = re.compile(r"([A-Z]{2})-([A-Z]{2})")


MOST_TIMES = 3
"""Departures of a day that are listed one by one."""


def show_border(
    scenario: str,
    name: str,
    changes: Sequence[str] = (),
    *,
    commodity: str,
    origin: str,
    asked: str,
    as_json: bool,
) -> Exit:
    """Show the border called ``name`` on one day, and what becomes of a commodity there."""
    given = read_scenario(scenario, overrides=changes)
    network = given.network
    border = border_called(network, name)
    day = day_asked(given, asked)
    goods = goods_called(given, commodity)
    countries = sorted({node.country for node in network.nodes.values()})
    if origin and origin not in countries:
        raise UnknownName("country", origin, countries)
    operations = list(border.operations(network))
    entry = list(regimes(given, border, goods, [origin] if origin else countries))
    clocks = {
        **{post: post for post in border.posts},
        **{o.id: o.node for o in operations},
        **{s.id: s.origin for s in border.services},
    }
    troubles = disturbances(network, clocks)
    feasts = list(holidays(network, [*operations, *border.services], day, 1))
    opening = {o.id: next(open_days(given.timetable, o, day, 1)) for o in operations}
    if as_json:
        print_json(
            {
                "border": border.name,
                "date": day.isoformat(),
                "posts": [encode(network.nodes[post]) for post in border.posts],
                "services": [_service_document(given, s, day) for s in border.services],
                "operations": [
                    {
                        **encode(o),
                        "queue_h": queue_minutes(given.timetable, o, opening[o.id]) / 60,
                        "opening": opening_document(network, o.node, opening[o.id]),
                    }
                    for o in operations
                ],
                "disturbances": troubles,
                "holidays": [
                    {"date": on.isoformat(), "holiday": feast, "observed_by": ids}
                    for on, feast, ids in feasts
                ],
                "commodity": goods.code,
                "unconfirmed": given.unconfirmed.value,
                "entry": [entry_document(regime) for regime in entry],
            }
        )
        return Exit.DONE
    if not border.services:
        print_tables(plain(f"No service crosses {border.name}."))
        return Exit.DONE
    print_tables(
        plain(f"{_title(border)}, {named(day)} {day.year}", "bold"),
        *_posts(network, border),
        Text(),
        *_services(given, border, day),
        *_operations(given.timetable, operations, opening),
        *disturbances_table(troubles),
        *holidays_table(feasts),
        *entry_table(given, goods, entry),
    )
    return Exit.DONE


def border_called(network: Network, name: str) -> Border:
    """The border at a node, or between two countries.

    Raises
    ------
    DataError, UnknownName
        No node and no pair of countries is called so, or nothing crosses a border there.
    """
    pair = None if name in network.nodes else COUNTRY_PAIR.fullmatch(name.upper())
    if pair is not None:
        if pair[1] == pair[2]:
            raise refused("BORDER", name, "two countries, such as TJ-KG")
        return border_between(network, pair[1], pair[2])
    border = border_at(network, node_called(network, name).id)
    if border is None:
        words = "a post, or a place of entry: nothing is cleared there"
        raise refused("BORDER", name, words)
    return border


def _title(border: Border) -> str:
    if not border.countries:
        return f"Border at {border.name}"
    return "Border " + " - ".join(COUNTRIES.get(c, c) for c in border.name.split("-"))


def _posts(network: Network, border: Border) -> Iterator[RenderableType]:
    if not border.posts:
        yield plain("No post: what crosses passes other countries.")
        return
    yield table(
        "Posts",
        (
            ("node", "left"),
            ("name", "words"),
            ("name_zh", "words"),
            ("kind", "words"),
            ("open", "words"),
            ("role", "words"),
        ),
        (
            (
                node.id,
                node.name,
                node.name_zh,
                node.node_type.replace("_", " "),
                season_words(node.open_season),
                node.role,
            )
            for node in map(network.node, border.posts)
        ),
        limit=None,
    )


def _leaves(timetable: Timetable, service: Service, day: date) -> OpenDay | None:
    """When an on-demand service may leave on ``day``; None if it is scheduled."""
    return next(leaving_days(timetable, service, day, 1)) if service.on_demand else None


def _services(given: Scenario, border: Border, day: date) -> Iterator[RenderableType]:
    network = given.network

    def direction(service: Service) -> tuple[str, str]:
        ends = network.nodes[service.origin], network.nodes[service.destination]
        return ends[0].country, ends[1].country

    def leaves(service: Service) -> str:
        on = _leaves(given.timetable, service, day)
        if on is not None:
            return opening_words(network, service.origin, on, shut="")
        dated = list(runs(given.timetable, service, day, day))
        zone = network.nodes[service.origin].timezone
        times = [f"{local_time(r.departs, zone):%H:%M}" for r in dated if isinstance(r, Departure)]
        if len(times) > MOST_TIMES:
            times = [f"{len(times)} times, {times[0]} to {times[-1]}"]
        whys = [run.why for run in dated if isinstance(run, NotRun)]
        return ", ".join(dict.fromkeys(times + whys)) or "no departure"

    ordered = sorted(border.services, key=lambda s: (direction(s), s.mode, s.id))
    # Not as the title of a narrow table, in which it would be broken.
    title = f"Services that cross it: hours p10 / p50 / p90, and when they leave on {named(day)}"
    yield plain(title, "bold")
    yield table(
        "",
        (
            ("", "left"),
            ("id", "left"),
            ("by", "left"),
            ("from → to", "words"),
            ("hours", "right"),
            ("slots", "right"),
            ("leaves", "words"),
            ("planned with", "words"),
        ),
        (
            (
                "→".join(direction(s)),
                s.id,
                VEHICLE[s.mode],
                f"{s.origin} → {s.destination}",
                spread_words(s.transit),
                f"{s.capacity_units:,}{' kg' if s.shared_by_kg else ''}",
                leaves(s),
                "yes" if s.status in given.service_status else f"no: {s.status}",
            )
            for s in ordered
        ),
        limit=None,
    )


def _operations(
    timetable: Timetable, operations: Sequence[Operation], opening: dict[str, OpenDay]
) -> Iterator[RenderableType]:
    yield Text()
    if not operations:
        yield plain("No formalities of their own here: they are in the hours of the services.")
        return
    yield table(
        "What is done on the way: hours p10 / p50 / p90, USD, units a day",
        (
            ("id", "left"),
            ("at", "left"),
            ("what", "words"),
            ("when", "words"),
            ("hours", "right"),
            ("queue", "right"),
            ("USD", "words"),
            ("open that day", "words"),
            ("units", "right"),
        ),
        (
            (
                o.id,
                o.node,
                o.name,
                happens_when(o),
                spread_words(o.hours),
                f"{late / 60:g} h" if (late := queue_minutes(timetable, o, opening[o.id])) else "",
                operation_price(o),
                opening_words(timetable.network, o.node, opening[o.id]),
                "" if o.units_per_day is None else f"{o.units_per_day:,}",
            )
            for o in operations
        ),
        limit=None,
    )


def _service_document(given: Scenario, service: Service, day: date) -> dict[str, object]:
    network = given.network
    on = _leaves(given.timetable, service, day)
    return {
        "id": service.id,
        "mode": service.mode.value,
        "equipment": service.equipment,
        "from_country": network.nodes[service.origin].country,
        "to_country": network.nodes[service.destination].country,
        "origin": service.origin,
        "destination": service.destination,
        "transit": encode(service.transit),
        "capacity_units": service.capacity_units,
        "planned_with": service.status in given.service_status,
        "runs": given.timetable.runs_on(service, day),
        "leaves": None if on is None else opening_document(network, service.origin, on),
    }
