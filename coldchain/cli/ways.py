"""``coldchain show way``: the cheapest, fastest and freshest way of going alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from rich.table import Table
from rich.text import Text

from coldchain.cli.commodity import packagings_of
from coldchain.cli.exits import Exit
from coldchain.cli.places import node_called
from coldchain.cli.screen import print_json, print_tables
from coldchain.errors import DataError, Fault
from coldchain.exporters.freshness import days_left
from coldchain.exporters.page import plain, table
from coldchain.exporters.sheets import signed
from coldchain.exporters.wording import (
    PACKED,
    VEHICLE,
    Route,
    at_node,
    at_node_short,
    passed,
    places,
    routed,
    way_in_short,
)
from coldchain.goods import Packaging, Perishable
from coldchain.itinerary import Itinerary, Refusal
from coldchain.network import Network
from coldchain.plan_folder.documents import encode
from coldchain.planner import Way
from coldchain.planner import ways as find_ways
from coldchain.scenario import Scenario
from coldchain.tables import read_scenario
from coldchain.tables.cells import FIRST_DAY, LAST_DAY

RETAIL_C = 5.0
"""Temperature at which :func:`coldchain.planner.ways` counts what is left (°C)."""


def show_way(
    scenario: str,
    origin: str,
    destination: str,
    changes: Sequence[str] = (),
    *,
    commodity: str,
    net_kg: int,
    ready: str,
    days: float,
    packaging: str,
    as_json: bool,
) -> Exit:
    """Show up to four ways, each leg by leg.

    Without a ``packaging`` goods are packed as most consignments of the commodity are.
    """
    given = read_scenario(scenario, overrides=changes)
    zone = ZoneInfo(node_called(given.network, origin).timezone)
    if node_called(given.network, destination).id == origin:
        raise refused("DESTINATION", destination, "another place than ORIGIN: they are one place")
    ready_at = ready_moment(given, ready, zone)
    beyond = given.network.beyond_calendars(ready_at, ready_at + timedelta(days=days))
    if beyond:
        raise refused("--ready", ready, f"a moment of the scenario's years: {beyond}")
    goods = goods_called(given, commodity)
    packed = packaging_called(given, goods, packaging)
    found = find_ways(
        given,
        origin,
        destination,
        commodity=goods.code,
        net_kg=net_kg,
        ready_at=ready_at,
        due_at=ready_at + timedelta(days=days),
        packaging=packed,
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
    pallets = _pallets(network, net_kg)
    ends = (network.node(origin), network.node(destination))
    carriages = (carriage for way in found for carriage in way.itinerary.carriages)
    called = places(chain(ends, passed(network, carriages)))
    merged = _merged(found)
    start = f"{ready_at:%Y-%m-%d %H:%M}"
    print_tables(
        plain(
            f"{net_kg:,} kg of {goods.name}, {PACKED[packed]}, from {called[origin]} to "
            f"{called[destination]}, ready {start} local",
            "bold",
        ),
        plain(
            f"USD with load units to itself{_how_many(network, found, pallets)}; "
            "shared: USD/kg in units that others fill up; CO2e: kg per kg, well to wheel"
        ),
        plain(_freshness_words(given, found)),
        table(
            "",
            (
                ("", "words"),
                ("way", "words"),
                *([("packed", "left")] if packed is Packaging.ANY else []),
                ("delivered", "right"),
                ("days", "right"),
                ("used", "right"),
                ("days left", "right"),
                ("USD", "right"),
                ("USD/kg", "right"),
                ("shared", "right"),
                ("CO2e", "right"),
            ),
            (
                (
                    label,
                    way_in_short(network, way.itinerary, called),
                    *([way.itinerary.packaging.value] if packed is Packaging.ANY else []),
                    at_node_short(network, destination, way.itinerary.delivered),
                    f"{way.itinerary.delivered / 1440 - ready_at.timestamp() / 86400:.1f}",
                    f"{way.itinerary.life_used:.0%}",
                    days_left(
                        way.itinerary.shelf_life_left_h,
                        way.itinerary.shelf_life_left_p10_h,
                        way.itinerary.shelf_life_left_p90_h,
                    ),
                    f"{way.charges.total:,.0f}",
                    f"{way.charges.total / net_kg:.2f}",
                    f"{way.full_usd / net_kg:.2f}",
                    f"{way.emissions.total_kg / net_kg:.2f}",
                )
                for label, way in merged
            ),
        ),
        *(
            part
            for label, way in merged
            for part in (
                Text(),
                _legs(network, label, way, called, pallets),
                *(plain(f"NOT CONFIRMED: {words}.") for words in way.unconfirmed),
            )
        ),
    )
    return Exit.DONE


def _freshness_words(given: Scenario, found: Sequence[Way]) -> str:
    """Of which lots the numbers are, and what ends their life."""
    limits = " or ".join(dict.fromkeys(way.itinerary.limited_by for way in found))
    return (
        f"days left at {RETAIL_C:g} °C: {given.confidence:.0%} of lots have at least so many "
        f"(10th to 90th percentile); limited by {limits}"
    )


def _merged(found: Sequence[Way]) -> list[tuple[str, Way]]:
    """Each itinerary once, with all that it is the best in."""
    labels: dict[Itinerary, list[Way]] = {}
    for way in found:
        labels.setdefault(way.itinerary, []).append(way)
    return [(", ".join(way.label for way in ways), ways[0]) for ways in labels.values()]


def _pallets(network: Network, net_kg: int) -> int:
    """Pallets of the goods, as :func:`coldchain.planner.ways` packs them."""
    heaviest = min(s.payload_kg // s.pallets_per_unit for s in network if not s.shared_by_kg)
    return -(-round(net_kg * 1.08) // heaviest)


def _units(route: Route, pallets: int) -> int:
    """Load units that ``pallets`` take on ``route``; 0 by air."""
    return 0 if route.by_kg else -(-pallets // route.pallets_per_unit)


def _how_many(network: Network, found: Sequence[Way], pallets: int) -> str:
    """Of how many units there is talk, if of more than one."""
    routes = (routed(network, carriage) for way in found for carriage in way.itinerary.carriages)
    most = max(_units(route, pallets) for route in routes)
    return f" (up to {most} of a kind for {pallets} pallets)" if most > 1 else ""


def _legs(network: Network, label: str, way: Way, called: Mapping[str, str], pallets: int) -> Table:
    rows: list[tuple[str, ...]] = []
    for carriage in way.itinerary.carriages:
        route = routed(network, carriage)
        units = _units(route, pallets)
        kind = f"{units} × {carriage.equipment}" if units > 1 else carriage.equipment
        for number, (leg, service) in enumerate(zip(carriage.legs, route.services, strict=True)):
            rows.append(
                (
                    f"{kind} {signed(carriage.setpoint_c)} °C" if not number else "",
                    f"{VEHICLE[service.mode]} {service.id}",
                    called[service.origin],
                    at_node(network, service.origin, leg.departs),
                    called[service.destination],
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


def goods_called(given: Scenario, commodity: str) -> Perishable:
    """The commodity asked for, or what the scenario carries most of."""
    return given.perishable(commodity or _most_carried(given))


def _most_carried(given: Scenario) -> str:
    """The commodity that most kilograms of the scenario are of."""
    kg: Counter[str] = Counter()
    if not given.consignments:
        raise refused("--commodity", "", "what is carried, since the scenario has no consignments")
    for consignment in given.consignments:
        kg[consignment.commodity] += consignment.net_kg
    return max(sorted(kg), key=lambda code: kg[code])


def _usual_packaging(given: Scenario, commodity: str) -> Packaging:
    """How most consignments of the commodity are packed; naked if there is none."""
    packed = Counter(c.packaging for c in given.consignments if c.commodity == commodity)
    return max(Packaging, key=lambda packaging: packed[packaging])


def packaging_called(
    given: Scenario, goods: Perishable, asked: str, *, choice: bool = True
) -> Packaging:
    """The packaging called ``asked``, or the usual one, which the goods can be had in.

    Where the plan would choose and ``choice`` is not wanted, the first that suits.
    """
    wanted = asked.lower() or _usual_packaging(given, goods.code).value
    offered = [packaging.packaging_id for packaging in packagings_of(given, goods)]
    open_to = [Packaging.ANY] if given.packagings.intersection(offered) else []
    if not choice:
        if wanted == Packaging.ANY and not asked and offered:
            wanted = offered[0].value
        open_to = []
    called = {packaging.value: packaging for packaging in (*offered, *open_to)}
    if wanted not in called:
        words = f"{', '.join(called)} for {goods.code}"
        if not called:
            words = f"goods that the scenario has a packaging for; it has none for {goods.code}"
        elif wanted == Packaging.ANY:
            words += f": none that suits it is in [planning] packagings of {given.name}"
        raise refused("--packaging", asked or wanted, words)
    return called[wanted]


def refused(option: str, value: str, expected: str) -> DataError:
    """What is wrong with an argument."""
    return DataError([Fault(file=option, row=0, column="", value=value, expected=expected)])


def ready_moment(given: Scenario, ready: str, zone: ZoneInfo) -> datetime:
    """The moment on the origin's clock, unless it carries an offset of its own."""
    if not ready:
        return datetime.combine(given.season_date, time(8), zone)
    try:
        moment = datetime.fromisoformat(ready)
    except ValueError:
        words = "a moment such as 2027-05-24T08:00, on the origin's clock"
        raise refused("--ready", ready, words) from None
    if not FIRST_DAY <= moment.date() <= LAST_DAY:
        raise refused("--ready", ready, f"a moment from {FIRST_DAY} to {LAST_DAY}")
    return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)
