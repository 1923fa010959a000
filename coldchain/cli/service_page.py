"""``coldchain show service``: what a service is, costs and emits, and when it next leaves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby

from rich.console import RenderableType
from rich.text import Text

from coldchain.admission import COUNTRIES, entered
from coldchain.cli.dates import (
    clock_words,
    day_asked,
    days_words,
    disturbances,
    disturbances_table,
    holidays,
    holidays_table,
    named,
    opening_document,
    opening_words,
    season_words,
    spread_words,
)
from coldchain.cli.exits import Exit
from coldchain.cli.screen import print_json, print_tables
from coldchain.emissions import haulage_kg_per_kg
from coldchain.errors import UnknownName
from coldchain.exporters.page import plain, table
from coldchain.exporters.wording import VEHICLE, at_node
from coldchain.network import Network, Service
from coldchain.openings import NotRun, OpenDay, leaving_days, runs
from coldchain.plan_folder.documents import encode
from coldchain.scenario import Scenario
from coldchain.tables import read_scenario
from coldchain.timetable import Departure, local_time, minutes_of

AHEAD = timedelta(days=366)
"""How far ahead departures are looked for, as far as holidays are known."""


def show_service(
    scenario: str,
    name: str,
    changes: Sequence[str] = (),
    *,
    asked: str,
    count: int,
    as_json: bool,
) -> Exit:
    """Show a service and its next ``count`` departures, or days if it leaves on demand."""
    given = read_scenario(scenario, overrides=changes)
    network = given.network
    if name not in network.services:
        raise UnknownName("service", name, network.services)
    service = network.services[name]
    first = day_asked(given, asked, count if service.on_demand else 1)
    days = list(leaving_days(given.timetable, service, first, count)) if service.on_demand else []
    dated = [] if service.on_demand else _dated(given, service, first, count)
    until = _last_day(network, service, dated) if dated else first + timedelta(days=count - 1)
    feasts = list(holidays(network, [service], first, (until - first).days + 1))
    nodes = (service.origin, service.destination, *sorted(service.passes))
    troubles = disturbances(network, {service.id: service.origin, **{n: n for n in nodes}})
    if as_json:
        print_json(_document(given, service, first, days, dated, feasts, troubles))
        return Exit.DONE
    print_tables(
        *_what_it_is(given, service),
        table("", (("", "left"), ("", "words")), _terms(given, service), limit=None),
        *disturbances_table(troubles),
        *holidays_table(feasts),
        Text(),
        *(
            _leaving(network, service, days)
            if service.on_demand
            else _departures(given, service, first, dated)
        ),
    )
    return Exit.DONE


def _dated(given: Scenario, service: Service, first: date, count: int) -> list[Departure | NotRun]:
    """The next runs, ``count`` of which leave, and those between them that do not."""
    known = min((c.last for c in given.network.calendars.values()), default=date.max)
    found: list[Departure | NotRun] = []
    left = 0
    for run in runs(given.timetable, service, first, min(first + AHEAD, known)):
        found.append(run)
        left += isinstance(run, Departure)
        if left == count:
            break
    return found


def _last_day(network: Network, service: Service, dated: Sequence[Departure | NotRun]) -> date:
    return local_time(dated[-1].departs, network.nodes[service.origin].timezone).date()


def _what_it_is(given: Scenario, service: Service) -> Iterator[RenderableType]:
    network = given.network
    origin, end = network.nodes[service.origin], network.nodes[service.destination]
    yield plain(f"{service.id}: {service.name}", "bold")
    yield plain(
        f"{VEHICLE[service.mode].capitalize()} from {origin.name} ({origin.id}) to {end.name} "
        f"({end.id}), {service.distance_km:,.0f} km."
    )
    uses = given.service_status
    if service.status in uses:
        yield plain(f"Status {service.status}: {given.name} plans with it.")
    else:
        listed = ", ".join(sorted(uses))
        yield plain(
            f"Status {service.status}: {given.name} does not plan with it, only with {listed}."
        )
    yield plain(f"Source ({service.confidence}): {service.source}.")
    if service.note:
        yield plain(f"Note: {service.note}.")


def _terms(given: Scenario, service: Service) -> Iterator[tuple[str, str]]:
    network = given.network
    unit = "kg" if service.shared_by_kg else service.equipment
    by_h = given.timetable.transit_minutes(service) / 60
    hours = f"{spread_words(service.transit)} h at p10 / p50 / p90"
    yield "transit", f"{hours}; planned with {by_h:g} h (quantile {given.quantile:g})"
    times = " ".join(f"{at:%H:%M}" for at in service.departure_times)
    weeks = f", every {service.every_n_weeks} weeks" if service.every_n_weeks > 1 else ""
    since = f", from {service.first_departure}" if service.first_departure else ""
    how = f"at {times}" if times else "on demand"
    yield "runs", f"{days_words(service.days)} {how}{weeks}{since}; {season_words(service.season)}"
    yield "cut-off", f"{service.cutoff_h:g} h before departure" if service.cutoff_h else "none"
    per = "a day" if service.on_demand else "a departure"
    each = (
        ""
        if service.shared_by_kg
        else (f", each {service.payload_kg:,} kg and {service.pallets_per_unit} pallets")
    )
    yield "slots", f"{service.capacity_units:,} {unit} {per}{each}"
    if service.temperature_c is not None:
        yield "air", f"{service.temperature_c:g} °C"
    yield "price", "; ".join(_prices(given, service))
    yield "CO2e", _emitted(service)
    if service.passes:
        yield "passes", ", ".join(sorted(service.passes))
    entry = entered(network, service)
    if entry is not None:
        yield "enters", f"{COUNTRIES.get(entry[0], entry[0])} at {entry[1]}"
    if service.border_included:
        yield "borders", "formalities on the way are in its hours and its price"
    if service.closed_on:
        yield "stays on", f"holidays of {', '.join(sorted(service.closed_on))}"


def _prices(given: Scenario, service: Service) -> Iterator[str]:
    """Every price of the service, in USD."""
    if service.shared_by_kg:
        yield f"{service.linehaul_usd_per_kg:,.2f} USD per gross kg"
    else:
        yield f"{service.linehaul_usd_per_unit:,.2f} USD per {service.equipment}"
    if service.linehaul_usd_per_unit_h:
        yield f"{service.linehaul_usd_per_unit_h:,.2f} per hour of transit"
    if service.charter_usd_per_departure:
        yield f"{service.charter_usd_per_departure:,.0f} for a chartered departure"
    if service.min_paid_slots:
        unit = "kg" if service.shared_by_kg else "slots"
        yield f"at least {service.min_paid_slots:,} {unit} paid for"
    if service.reefer_usd_per_unit_h:
        yield f"lease {service.reefer_usd_per_unit_h:,.2f} per hour"
    if service.genset_l_per_h:
        price = given.prices.diesel_usd_per_l
        yield (
            f"genset {service.genset_l_per_h:g} l/h of diesel at {price:g} USD/l, "
            f"{service.genset_l_per_h * price:,.2f} per hour"
        )
    if service.detention_usd_per_unit_h:
        yield (
            f"detention {service.detention_usd_per_unit_h:,.2f} per hour of waiting after "
            f"{service.detention_free_h:g} h free"
        )


def _emitted(service: Service) -> str:
    """Factors of CO2e, and what they make of a kilogram."""
    parts = [f"{service.gco2e_per_tkm:g} g/tkm well to wheel"]
    if service.reefer_uplift:
        parts.append(f"{service.reefer_uplift:.0%} more for cooling")
    if service.genset_kgco2e_per_h:
        parts.append(f"{service.genset_kgco2e_per_h:g} kg/h of a genset")
    return f"{', '.join(parts)}; haulage: {haulage_kg_per_kg(service):.3g} kg per gross kg"


def _leaving(
    network: Network, service: Service, days: Sequence[OpenDay]
) -> Iterator[RenderableType]:
    yield plain(f"When it may leave (local times at {service.origin})", "bold")
    yield table(
        "",
        (("day", "left"), ("leaves", "words")),
        ((named(day.day), opening_words(network, service.origin, day, shut="")) for day in days),
        limit=None,
    )


def _departures(
    given: Scenario, service: Service, first: date, dated: Sequence[Departure | NotRun]
) -> Iterator[RenderableType]:
    network = given.network
    rows: list[tuple[str, ...]] = []
    for why, group in groupby(dated, key=lambda run: run.why if isinstance(run, NotRun) else ""):
        held = list(group)
        if why:
            ends = dict.fromkeys((held[0].departs, held[-1].departs))
            days = [clock_words(network, service.origin, departs, first.year) for departs in ends]
            rows.append(("", " to ".join(days), "", f"not: {why}"))
            continue
        for run in held:
            assert isinstance(run, Departure)
            cutoff = run.departs - minutes_of(service.cutoff_h)
            late = given.timetable.delay_minutes(service.id, run.departs)
            notes = [f"{late / 60:g} h of a delay in it"] if late else []
            notes += _shut_on_arrival(network, service, run.arrives)
            rows.append(
                (
                    clock_words(network, service.origin, cutoff, first.year),
                    clock_words(network, service.origin, run.departs, first.year),
                    clock_words(network, service.destination, run.arrives, first.year),
                    "; ".join(notes),
                )
            )
    if not rows:
        yield plain(f"No departure within a year of {first}.")
        return
    yield table(
        f"Departures from {named(first)} {first.year} on (local times)",
        (("cut-off", "right"), ("departs", "words"), ("arrives", "right"), ("", "words")),
        rows,
        limit=None,
    )


def _shut_on_arrival(network: Network, service: Service, arrives: int) -> list[str]:
    """Closures of its end that what arrives then waits for."""
    return [
        f"waits: {service.destination} is shut, {closure.why}"
        for closure in network.closures
        if closure.subject == service.destination
        and closure.begins_at.timestamp() <= arrives * 60 < closure.ends_at.timestamp()
    ]


def _document(
    given: Scenario,
    service: Service,
    first: date,
    days: Sequence[OpenDay],
    dated: Sequence[Departure | NotRun],
    feasts: Sequence[tuple[date, str, list[str]]],
    troubles: Sequence[dict[str, object]],
) -> dict[str, object]:
    network = given.network
    entry = entered(network, service)
    return {
        "service": encode(service),
        "planned_with": service.status in given.service_status,
        "quantile": given.quantile,
        "transit_h": given.timetable.transit_minutes(service) / 60,
        "diesel_usd_per_l": given.prices.diesel_usd_per_l,
        "haulage_kgco2e_per_kg": haulage_kg_per_kg(service),
        "enters": None if entry is None else {"country": entry[0], "at": entry[1]},
        "date": first.isoformat(),
        "disturbances": list(troubles),
        "holidays": [{"date": day.isoformat(), "holiday": feast} for day, feast, _ in feasts],
        "leaves": [opening_document(network, service.origin, day) for day in days],
        "departures": [
            {
                "departs_at": at_node(network, service.origin, run.departs),
                "cutoff_at": at_node(
                    network, service.origin, run.departs - minutes_of(service.cutoff_h)
                ),
                "arrives_at": at_node(network, service.destination, run.arrives),
            }
            for run in dated
            if isinstance(run, Departure)
        ],
        "skipped": [
            {"departs_at": at_node(network, service.origin, run.departs), "why": run.why}
            for run in dated
            if isinstance(run, NotRun)
        ],
    }
