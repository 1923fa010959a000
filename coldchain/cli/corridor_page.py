"""``coldchain show corridor``: the corridors between two places side by side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from rich.text import Text

from coldchain.cli.exits import Exit
from coldchain.cli.places import ENDS, STARTS, end_of
from coldchain.cli.screen import print_json, print_tables
from coldchain.cli.ways import goods_called, packaging_called, ready_moment, refused
from coldchain.corridors import CorridorFigures, Corridors, corridors
from coldchain.courses import Course
from coldchain.exporters.page import plain, table
from coldchain.exporters.wording import PACKED, VEHICLE, place
from coldchain.goods import Perishable
from coldchain.network import Mode, Network
from coldchain.plan_folder.documents import encode
from coldchain.tables import read_scenario

RETAIL_C = 5.0
"""Temperature of the shops in which what is left is counted (°C)."""


def show_corridor(
    scenario: str,
    origin: str,
    destination: str,
    changes: Sequence[str] = (),
    *,
    commodity: str,
    packaging: str,
    ready: str,
    days: int,
    trials: int,
    as_json: bool,
) -> Exit:
    """Show days, money and life left of each corridor from ``origin`` to ``destination``."""
    given = read_scenario(scenario, overrides=changes)
    network = given.network
    start = end_of(network, origin, kinds=STARTS)
    end = end_of(network, destination, kinds=ENDS)
    if start is end:
        raise refused("DESTINATION", destination, "another place than ORIGIN: they are one place")
    first = ready_moment(given, ready, ZoneInfo(start.timezone))
    goods = goods_called(given, commodity)
    packed = packaging_called(given, goods, packaging, choice=False)
    found = corridors(
        given,
        start.id,
        end.id,
        commodity=goods.code,
        packaging=packed,
        retail_c=RETAIL_C,
        first_ready_at=first,
        days=days,
        trials=trials,
    )
    if as_json:
        print_json(_document(found))
        return Exit.DONE if found.found else Exit.UNSERVED
    last = first + timedelta(days=days - 1)
    head = (
        plain(
            f"{goods.name}, {PACKED[packed]}, from {place(start)} ({start.id}) to {place(end)} "
            f"({end.id}), ready {first:%d %b} to {last:%d %b %Y}",
            "bold",
        ),
    )
    if not found.found:
        print_tables(*head, plain("No way in these days by services the scenario reckons with."))
        return Exit.UNSERVED
    print_tables(
        *head,
        plain(
            f"Days from packed to handed over: 10th, 50th and 90th percentile of {trials:,} trials "
            "in which every leg and operation takes a time of its own. "
            f"Days left at {RETAIL_C:g} °C: the same, for goods that {given.confidence:.0%} of "
            "lots outlast. USD and kg of CO2e (well to wheel) by net kg, in units that are full."
        ),
        table(
            "",
            (
                ("way", "words"),
                ("p10", "right"),
                ("p50", "right"),
                ("p90", "right"),
                ("USD/kg", "right"),
                ("left p10", "right"),
                ("p50", "right"),
                ("p90", "right"),
                ("CO2e", "right"),
                ("km", "right"),
            ),
            (_row(network, figures) for figures in found.found),
            limit=None,
        ),
        Text(),
        *(plain(line) for line in (*_doubts(found, goods), *_caps(network, found))),
        plain(
            f"Before that, whichever way: packing and papers at {place(start)}, "
            f"{found.packing_h:.0f} h in the mean and {found.packing_usd_per_kg:.2f} USD/kg."
        ),
        plain(
            f"{len(found.beaten)} more enter {end.country} where one above does, slower and dearer."
        ),
    )
    return Exit.DONE


def _doubts(found: Corridors, goods: Perishable) -> list[str]:
    """A line for each reason why goods are kept out or not confirmed, with all its places."""
    lot = found.consignment
    places: dict[str, list[str]] = {}
    for entry in dict.fromkeys(entry for f in found.found for entry in f.kept_out):
        rule = "" if entry.rule is None else entry.rule.id
        reason = entry.why_not(lot, goods).replace(f" ({rule})", "")
        places.setdefault(reason, []).append(f"{entry.place} ({rule})")
    return [f"* {', '.join(where)}: {reason}." for reason, where in places.items()]


def _caps(network: Network, found: Corridors) -> list[str]:
    """A line of the places that take so many units a day at the most, if any are passed."""
    capped = dict.fromkeys(operation for f in found.found for operation in f.capped)
    each = [f"{place(network.nodes[o.node])} ({o.node}) {o.units_per_day:,}" for o in capped]
    if not each:
        return []
    return [f"Units a day at the most, where trials are of one alone: {', '.join(each)}."]


def _row(network: Network, f: CorridorFigures) -> tuple[str, ...]:
    return (
        course_in_short(network, f.course) + " *" * bool(f.kept_out),
        *(f"{days:.1f}" for days in f.days),
        f"{f.usd_per_kg:.3f}",
        *(f"{days:.1f}" for days in f.left_d),
        f"{f.co2e_kg_per_kg:.2f}",
        f"{f.course.distance_km:,.0f}",
    )


def course_in_short(network: Network, course: Course) -> str:
    """``truck UZ, train KZ Khorgos, truck``: what each vehicle passes.

    Countries it enters on the way, where it enters the last one, and there the town it is left in
    for another; the town goods are left in for the last truck goes without saying.
    """
    crossings = iter(course.corridor.crossings)
    runs: list[tuple[Mode, list[str], str]] = []
    country = network.nodes[course.services[-1].destination].country
    for service in course.services:
        origin, end = network.nodes[service.origin], network.nodes[service.destination]
        if not runs or runs[-1][0] is not service.mode or service.mode is Mode.AIR:
            runs.append((service.mode, [], ""))
        mode, passed, _ = runs.pop()
        if origin.country != end.country:
            entered, _, where = next(crossings)
            passed.append(place(network.nodes[where]) if where else entered)
        runs.append((mode, passed, place(end) if end.country == country else ""))
    parts: list[str] = []
    for number, (mode, passed, town) in enumerate(runs):
        last = number >= len(runs) - (2 if runs[-1][0] is Mode.ROAD else 1)
        names = passed if last or town in ("", *passed) else [*passed, town]
        parts.append(" ".join([VEHICLE[mode], *names]))
    return ", ".join(parts)


def _document(found: Corridors) -> dict[str, object]:
    return {
        "packing_h": found.packing_h,
        "packing_usd_per_kg": found.packing_usd_per_kg,
        "corridors": [
            {
                "services": [[s.id for s in carriage] for carriage in f.course.carriages],
                "crossings": [
                    {"country": country, "mode": mode.value, "at": where}
                    for country, mode, where in f.corridor.crossings
                ],
                "days_p10": f.days[0],
                "days_p50": f.days[1],
                "days_p90": f.days[2],
                "usd_per_kg": f.usd_per_kg,
                "charges_usd": encode(f.charges),
                "co2e_kg_per_kg": f.co2e_kg_per_kg,
                "days_left_p10": f.left_d[0],
                "days_left_p50": f.left_d[1],
                "days_left_p90": f.left_d[2],
                "distance_km": f.course.distance_km,
                "stranded": f.trials.stranded,
                "capped": [
                    {"operation": o.id, "at": o.node, "units_per_day": o.units_per_day}
                    for o in f.capped
                ],
                "kept_out": [
                    {"country": e.country, "at": e.node, "rule": e.rule and e.rule.id}
                    for e in f.kept_out
                ],
            }
            for f in found.found
        ],
    }
