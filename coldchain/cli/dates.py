"""What pages of places, services and borders say of days: hours, holidays, closures, queues."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from rich.console import RenderableType
from rich.text import Text

from coldchain.cli.ways import refused
from coldchain.exporters.page import plain, table
from coldchain.exporters.wording import at_node, instant
from coldchain.network import Network, Operation, Season, Service, Spread
from coldchain.openings import OpenDay
from coldchain.scenario import Scenario
from coldchain.tables.cells import FIRST_DAY, LAST_DAY
from coldchain.timetable import ALL_DAYS, MIDNIGHT, MONTHS, Timetable, local_time

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def day_asked(given: Scenario, asked: str, days: int = 1) -> date:
    """The day asked for, or the scenario's first, from which holidays of ``days`` are known."""
    try:
        day = date.fromisoformat(asked) if asked else given.season_date
    except ValueError:
        raise refused("--date", asked, "a day such as 2027-06-09") from None
    calendars = given.network.calendars.values()
    first = max((c.first for c in calendars), default=FIRST_DAY)
    last = min((c.last for c in calendars), default=LAST_DAY)
    until = last - timedelta(days=days - 1)
    if not first <= day <= until:
        words = f"a day from {first} to {until}"
        if calendars:
            words += f": holidays are known from {first} to {last}"
        raise refused("--date", asked or str(day), words)
    return day


def named(day: date) -> str:
    """``Wed 9 Jun``."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"


def clock_words(network: Network, node: str, minutes: int, year: int) -> str:
    """``Wed 9 Jun 10:00`` on the clock of ``node``; with the year if it is not ``year``."""
    local = local_time(minutes, network.nodes[node].timezone)
    which = "" if local.year == year else f" {local.year}"
    return f"{named(local.date())}{which} {local:%H:%M}"


def offset_words(at: datetime) -> str:
    """``UTC+08:00``."""
    return f"UTC{at.isoformat()[-6:]}"


def season_words(season: Season | None) -> str:
    """``1 May to 30 Nov``, or all year."""
    if season is None:
        return "all year"
    return " to ".join(f"{day} {MONTHS[month - 1]}" for month, day in (season.first, season.last))


def days_words(days: Collection[int]) -> str:
    """``daily``, or the weekdays; those that follow each other as ``Mon-Fri``."""
    if frozenset(days) == ALL_DAYS:
        return "daily"
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    parts: list[str] = []
    for run in runs:
        names = [WEEKDAYS[day - 1] for day in run]
        parts += [f"{names[0]}-{names[-1]}"] if len(run) > 2 else names
    return " ".join(parts)


def hours_words(operation: Operation) -> str:
    """Opening hours and weekdays: ``10:00-20:00 daily``."""
    if operation.opens == operation.closes == MIDNIGHT:
        hours = "24 h"
    else:
        hours = f"{operation.opens:%H:%M}-{operation.closes:%H:%M}"
    return f"{hours} {days_words(operation.days)}"


def spread_words(spread: Spread) -> str:
    """``1 / 6 / 24``: hours at p10, p50 and p90; one number if they are one."""
    if spread.p10 == spread.p90:
        return f"{spread.p50:g}"
    return " / ".join(f"{hours:g}" for hours in (spread.p10, spread.p50, spread.p90))


def opening_words(network: Network, node: str, day: OpenDay, shut: str = "shut ") -> str:
    """``10:00–20:00``, ``all day`` or why it is shut; ``shut`` is said before why."""
    if day.whole:
        return "all day"
    zone = network.nodes[node].timezone

    def at(minutes: int) -> str:
        return "24:00" if minutes == day.ends else f"{local_time(minutes, zone):%H:%M}"

    spans = [f"{at(begins)}–{at(ends)}" for begins, ends in day.spans]
    whys = [f"{shut}{why}".replace(" :", ":") for why in day.whys]
    return ", ".join(spans + whys) or shut.strip()


def opening_document(network: Network, node: str, day: OpenDay) -> dict[str, object]:
    """One day of an operation or a service: the spans it is open in, and why not otherwise."""
    return {
        "date": day.day.isoformat(),
        "open": [
            {"from": at_node(network, node, begins), "until": at_node(network, node, ends)}
            for begins, ends in day.spans
        ],
        "why_not": [why.removeprefix(": ") for why in day.whys],
    }


def holidays(
    network: Network, observing: Iterable[Operation | Service], first: date, days: int
) -> Iterator[tuple[date, str, list[str]]]:
    """Holidays from ``first`` on: day, name, and the ids of those that observe it."""
    observed: dict[tuple[date, str], list[str]] = {}
    span = [first + timedelta(days=n) for n in range(days)]
    for one in observing:
        for calendar in sorted(one.closed_on):
            for day in span:
                name = network.calendars[calendar].days.get(day)
                if name is not None and one.id not in observed.setdefault((day, name), []):
                    observed[day, name].append(one.id)
    for (day, name), ids in sorted(observed.items()):
        yield day, name, ids


def holidays_table(found: Sequence[tuple[date, str, list[str]]]) -> list[RenderableType]:
    """A table of :func:`holidays`, none if there is none."""
    if not found:
        return []
    return [
        Text(),
        table(
            "Holidays",
            (("day", "left"), ("holiday", "words"), ("observed by", "words")),
            ((named(day), name, ", ".join(ids)) for day, name, ids in found),
            limit=None,
        ),
    ]


def queue_minutes(timetable: Timetable, operation: Operation, day: OpenDay) -> int:
    """How much longer it takes at most if begun on ``day``."""
    spans = day.spans or ((day.begins, day.ends),)
    begun = (at for begins, ends in spans for at in (begins, *range(begins, ends, 15), ends - 1))
    return max(timetable.delay_minutes(operation.id, at) for at in begun)


def disturbances(network: Network, clocks: Mapping[str, str]) -> list[dict[str, object]]:
    """Closures and delays of the keys of ``clocks``, each on the clock of its node there."""
    return [
        {
            "kind": "closure" if hours is None else "delay",
            "subject": subject,
            "begins_at": instant(network, clocks[subject], begins),
            "ends_at": instant(network, clocks[subject], ends),
            "hours": hours,
            "why": why,
        }
        for subject, begins, ends, hours, why in (
            *((c.subject, c.begins_at, c.ends_at, None, c.why) for c in network.closures),
            *((d.subject, d.begins_at, d.ends_at, d.hours, d.why) for d in network.delays),
        )
        if subject in clocks
    ]


def disturbances_table(found: Sequence[dict[str, object]]) -> list[RenderableType]:
    """A table of :func:`disturbances`; one line if there is none."""
    if not found:
        return [Text(), plain("No closures and no delays in this scenario.")]
    return [
        Text(),
        table(
            "Closures and delays (local times)",
            (
                ("of", "left"),
                ("what", "left"),
                ("from", "right"),
                ("until", "right"),
                ("why", "words"),
            ),
            (
                (
                    str(one["subject"]),
                    "shut" if one["hours"] is None else f"{one['hours']:g} h more",
                    str(one["begins_at"])[:16].replace("T", " "),
                    str(one["ends_at"])[:16].replace("T", " "),
                    str(one["why"]),
                )
                for one in found
            ),
            limit=None,
        ),
    ]


def operation_price(operation: Operation) -> str:
    """``450/unit``, ``0.18/kg``, ``2/t day after 24 h``: USD, joined if there are several."""
    free = f" after {operation.free_h:g} h" if operation.free_h else ""
    parts = (
        (operation.usd_per_unit, "unit", ""),
        (operation.usd_per_kg, "kg", ""),
        (operation.usd_per_t_day, "t day", free),
        (operation.usd_per_unit_day, "unit day", free),
    )
    return ", ".join(f"{_amount(usd)}/{per}{after}" for usd, per, after in parts if usd)


def _amount(usd: float) -> str:
    """``450``, ``47.5``, ``0.845``: cents, of less than a dollar three digits."""
    return f"{usd:.3g}" if usd < 1 else f"{usd:,.2f}".rstrip("0").rstrip(".")


def happens_when(operation: Operation) -> str:
    """What makes it happen: trigger, units before and after, country it comes from."""
    words = operation.trigger.value.replace("_", " ")
    before, after = ("/".join(sorted(e)) for e in (operation.equipment_in, operation.equipment_out))
    if before:
        words += f", {before}"
    if after:
        words += f" to {after}" if before else f", to {after}"
    if operation.from_country not in ("", "any"):
        words += f", from {operation.from_country}"
    if operation.done_to:
        words += f", {'/'.join(sorted(operation.done_to))}"
    if operation.treatment:
        words += f", treatment {operation.treatment}"
    if operation.probability < 1:
        words += f", {operation.probability:.0%} of times"
    return words


def exposure_words(operation: Operation) -> str:
    """``0.5 h at 20 °C``; ``without power`` if the unit stays shut."""
    if not operation.exposed_h:
        return ""
    shut = " without power" if operation.warming_per_h is not None else ""
    return f"{operation.exposed_h:g} h at {operation.exposed_c:g} °C{shut}"
