"""``coldchain show way``: the cheapest, fastest and freshest way of going alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from rich.table import Table
from rich.text import Text

from coldchain.cli.exits import Exit
from coldchain.cli.screen import print_json, print_tables
from coldchain.errors import DataError, Fault
from coldchain.exporters.page import plain, table
from coldchain.exporters.sheets import signed
from coldchain.exporters.wording import (
    VEHICLE,
    at_node,
    at_node_short,
    place,
    routed,
    way_in_short,
)
from coldchain.goods import Packaging
from coldchain.itinerary import Itinerary, Refusal
from coldchain.network import Network
from coldchain.plan_folder.documents import encode
from coldchain.planner import Way
from coldchain.planner import ways as find_ways
from coldchain.scenario import Scenario
from coldchain.tables import read_scenario


def show_way(
    scenario: str,
    origin: str,
    destination: str,
    *,
    commodity: str,
    net_kg: int,
    ready: str,
    days: float,
    in_map: bool,
    as_json: bool,
) -> Exit:
    """Show up to four ways, each leg by leg."""
    given = read_scenario(scenario)
    zone = ZoneInfo(given.network.node(origin).timezone)
    ready_at = _ready_at(given, ready, zone)
    goods = given.perishable(commodity or _most_carried(given))
    found = find_ways(
        given,
        origin,
        destination,
        commodity=goods.code,
        net_kg=net_kg,
        ready_at=ready_at,
        due_at=ready_at + timedelta(days=days),
        packaging=Packaging.MAP if in_map else Packaging.NAKED,
    )
    if isinstance(found, Refusal):
        if as_json:
            print_json({"ways": [], "refusal": encode(found)})
        else:
            print_tables(plain(f"No way: {found.reason}, {found.detail}"))
        return Exit.UNSERVED
    if as_json:
        print_json({"ways": [{**encode(way), "total_usd": way.charges.total} for way in found]})
        return Exit.DONE
    network = given.network
    merged = _merged(found)
    start = f"{ready_at:%Y-%m-%d %H:%M}"
    print_tables(
        plain(
            f"{net_kg:,} kg of {goods.name} from {place(network.node(origin))} to "
            f"{place(network.node(destination))}, ready {start} local",
            "bold",
        ),
        plain("USD with load units to itself; shared: USD/kg in units that others fill up"),
        table(
            "",
            (
                ("", "words"),
                ("way", "words"),
                ("delivered", "right"),
                ("days", "right"),
                ("life used", "right"),
                ("days left", "right"),
                ("USD", "right"),
                ("USD/kg", "right"),
                ("shared", "right"),
            ),
            (
                (
                    label,
                    way_in_short(network, way.itinerary),
                    at_node_short(network, destination, way.itinerary.delivered),
                    f"{way.itinerary.delivered / 1440 - ready_at.timestamp() / 86400:.1f}",
                    f"{way.itinerary.life_used:.0%}",
                    f"{way.itinerary.shelf_life_left_h / 24:.1f}",
                    f"{way.charges.total:,.0f}",
                    f"{way.charges.total / net_kg:.2f}",
                    f"{way.full_usd / net_kg:.2f}",
                )
                for label, way in merged
            ),
        ),
        *(part for label, way in merged for part in (Text(), _legs(network, label, way))),
    )
    return Exit.DONE


def _merged(found: Sequence[Way]) -> list[tuple[str, Way]]:
    """Each itinerary once, with all that it is the best in."""
    labels: dict[Itinerary, list[Way]] = {}
    for way in found:
        labels.setdefault(way.itinerary, []).append(way)
    return [(", ".join(way.label for way in ways), ways[0]) for ways in labels.values()]


def _legs(network: Network, label: str, way: Way) -> Table:
    rows: list[tuple[str, ...]] = []
    for carriage in way.itinerary.carriages:
        route = routed(network, carriage)
        for number, (leg, service) in enumerate(zip(carriage.legs, route.services, strict=True)):
            rows.append(
                (
                    f"{carriage.equipment} {signed(carriage.setpoint_c)} °C" if not number else "",
                    f"{VEHICLE[service.mode]} {service.id}",
                    place(network.nodes[service.origin]),
                    at_node(network, service.origin, leg.departs),
                    place(network.nodes[service.destination]),
                    at_node(network, service.destination, leg.arrives),
                )
            )
    return table(
        label,
        (
            ("unit", "left"),
            ("by", "left"),
            ("from", "words"),
            ("departs", "right"),
            ("to", "words"),
            ("arrives", "right"),
        ),
        rows,
    )


def _most_carried(given: Scenario) -> str:
    """The commodity that most kilograms of the scenario are of."""
    kg: Counter[str] = Counter()
    for consignment in given.consignments:
        kg[consignment.commodity] += consignment.net_kg
    return max(sorted(kg), key=lambda code: kg[code])


def _ready_at(given: Scenario, ready: str, zone: ZoneInfo) -> datetime:
    """The moment on the origin's clock, unless it carries an offset of its own."""
    if not ready:
        return datetime.combine(given.season_date, time(8), zone)
    try:
        moment = datetime.fromisoformat(ready)
    except ValueError:
        words = "a moment such as 2027-05-24T08:00, on the origin's clock"
        raise DataError(
            [Fault(file="--ready", row=0, column="", value=ready, expected=words)]
        ) from None
    return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)
