"""Supply and demand by the week, and consignments drawn from them.

Everything is drawn in whole numbers from the raw output of PCG64, which numpy promises not to
change, so that the same seed gives the same consignments on every machine and version.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from typing import TypeVar

from coldchain.goods import Packaging
from coldchain.network import Season

STEP_KG = 100
"""Consignments weigh a multiple of this."""

DUE_HOURS = (6, 12, 18, 20)
"""Hours of the day at which markets want their goods."""

PRICE_SPREAD_PCT = 10
"""How far a price may lie from the one in the table, either way."""

FULL = 1000
"""All of a quantity, in thousandths."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """Net kilograms a week: in one week of two between low and typical, else up to high."""

    low_kg: int
    typical_kg: int
    high_kg: int

    def times(self, percent: int) -> Quantity:
        """So many hundredths of it, to the kilogram, rounded down."""
        low, typical, high = (
            kg * percent // 100 for kg in (self.low_kg, self.typical_kg, self.high_kg)
        )
        return Quantity(low_kg=low, typical_kg=typical, high_kg=high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """What an origin offers: all of it at the ``peak``, rising and falling evenly around it.

    Lots are made ready at ``ready_times`` of ``ready_days`` (ISO, 1 = Monday).
    ``season`` and ``peak`` None mean all year and all season. Prices are in cents, shares of life
    in hundredths, ``gross_per_net`` in hundredths.
    """

    id: str
    origin: str
    commodity: str
    season: Season | None
    peak: Season | None
    weekly: Quantity
    gross_pct: int
    life_used_pct: tuple[int, int]
    ready_days: frozenset[int]
    ready_times: tuple[time, ...]
    shipper: str

    def share(self, day: date) -> int:
        """Thousandths of the weekly quantity offered at the pace of ``day``."""
        if self.season is None:
            return FULL
        if not self.season.holds(day):
            return 0
        if self.peak is None:
            return FULL
        last, rises, falls, now = (
            days_after(self.season.first, other)
            for other in (
                self.season.last,
                self.peak.first,
                self.peak.last,
                (day.month, day.day),
            )
        )
        if now < rises:
            return FULL * (now + 1) // (rises + 1)
        if now > falls:
            return FULL * (last - now + 1) // (last - falls + 1)
        return FULL


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a market takes: in lots of ``lot_kg``, ``due_days`` after they are ready."""

    id: str
    destination: str
    commodity: str
    weekly: Quantity
    lot_kg: tuple[int, int]
    usd_cents_per_kg: int
    shelf_life_required_d: float
    retail_c: float
    due_days: tuple[int, int]
    packaging: Packaging
    consignee: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """A consignment as drawn; moments are on the clocks of its origin and its destination."""

    supply: Supply
    demand: Demand
    net_kg: int
    gross_kg: int
    pallets: int
    ready_local: datetime
    due_local: datetime
    life_used_pct: int
    usd_cents_per_kg: int


def draw(
    supplies: Sequence[Supply],
    demands: Sequence[Demand],
    *,
    first: date,
    last: date,
    heaviest_pallet_kg: float,
    seed: int,
) -> tuple[Lot, ...]:
    """Consignments made ready from ``first`` to ``last``, both included, in the order of time.

    Week by week each origin offers and each market takes a quantity drawn anew; then lots are drawn
    one by one, origins by what they have left and markets by what they still take, until no
    market takes a lot of what is left. Nothing is carried over to the next week.
    """
    dice = Dice(seed)
    lots: list[Lot] = []
    for monday in range(0, (last - first).days + 1, 7):
        days = [first + timedelta(days=monday + n) for n in range(7)]
        lots += _week(
            sorted(supplies, key=lambda s: s.id),
            sorted(demands, key=lambda d: d.id),
            [day for day in days if day <= last],
            heaviest_pallet_kg,
            dice,
        )
    return tuple(sorted(lots, key=lambda x: (x.ready_local, x.supply.id, x.demand.id, x.net_kg)))


class Dice:
    """Whole numbers from PCG64: the same for a seed on every machine."""

    def __init__(self, seed: int) -> None:
        from numpy.random import PCG64

        self._raw = PCG64(seed)

    def below(self, count: int) -> int:
        """A whole number from 0 to ``count`` - 1, all as likely (to 1 in 2**40 for a million)."""
        return int(self._raw.random_raw()) * count >> 64

    def between(self, least: int, most: int) -> int:
        """A whole number from ``least`` to ``most``, both included."""
        return least + self.below(most - least + 1)

    def one_of(self, options: Mapping[T, int]) -> T:
        """An option, as likely as its weight; the weights must not all be 0.

        >>> Dice(1).one_of({"all": 3, "nothing": 0})
        'all'
        """
        at = self.below(sum(options.values()))
        reached = accumulate(options.values())
        return next(o for o, up_to in zip(options, reached, strict=True) if at < up_to)

    def quantity(self, quantity: Quantity) -> int:
        """Kilograms of one week."""
        if self.below(2):
            return self.between(quantity.typical_kg, quantity.high_kg)
        return self.between(quantity.low_kg, quantity.typical_kg)


def _week(
    supplies: Sequence[Supply],
    demands: Sequence[Demand],
    days: Sequence[date],
    heaviest_pallet_kg: float,
    dice: Dice,
) -> Iterator[Lot]:
    offered = {s: dice.quantity(s.weekly) * sum(map(s.share, days)) // (7 * FULL) for s in supplies}
    loading = {
        s: {day: s.share(day) for day in days if day.isoweekday() in s.ready_days} for s in supplies
    }
    taken = {d: dice.quantity(d.weekly) * len(days) // 7 for d in demands}
    while True:
        wanted = {
            s: {d: left for d, left in taken.items() if _fits(s, d, offered[s], left)}
            for s in supplies
        }
        open_to = {s: offered[s] for s in supplies if wanted[s] and any(loading[s].values())}
        if not open_to:
            return
        supply = dice.one_of(open_to)
        demand = dice.one_of(wanted[supply])
        least, most = demand.lot_kg
        most = min(most, offered[supply], taken[demand])
        net_kg = STEP_KG * dice.between(-(-least // STEP_KG), most // STEP_KG)
        offered[supply] -= net_kg
        taken[demand] -= net_kg
        day = dice.one_of(loading[supply])
        yield _lot(supply, demand, net_kg, day, heaviest_pallet_kg, dice)


def _fits(supply: Supply, demand: Demand, offered_kg: int, taken_kg: int) -> bool:
    least = -(-demand.lot_kg[0] // STEP_KG) * STEP_KG
    return supply.commodity == demand.commodity and least <= min(offered_kg, taken_kg)


def _lot(
    supply: Supply,
    demand: Demand,
    net_kg: int,
    day: date,
    heaviest_pallet_kg: float,
    dice: Dice,
) -> Lot:
    ready = datetime.combine(day, supply.ready_times[dice.below(len(supply.ready_times))])
    due_day = day + timedelta(days=dice.between(*demand.due_days))
    due_hour = DUE_HOURS[dice.below(len(DUE_HOURS))]
    gross_kg = -(-net_kg * supply.gross_pct // 100)
    spread = dice.between(100 - PRICE_SPREAD_PCT, 100 + PRICE_SPREAD_PCT)
    return Lot(
        supply=supply,
        demand=demand,
        net_kg=net_kg,
        gross_kg=gross_kg,
        pallets=max(1, math.ceil(gross_kg / heaviest_pallet_kg)),
        ready_local=ready,
        due_local=datetime.combine(due_day, time(due_hour)),
        life_used_pct=dice.between(*supply.life_used_pct),
        usd_cents_per_kg=demand.usd_cents_per_kg * spread // 100,
    )


def days_after(start: tuple[int, int], day: tuple[int, int]) -> int:
    """Days from ``start`` on to ``day``, in a year of 366 days without beginning."""
    begin, end = (date(2028, *each).timetuple().tm_yday for each in (start, day))
    return (end - begin) % 366
