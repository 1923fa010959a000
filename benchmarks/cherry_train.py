"""Would a chartered block train with cherries run from Khujand to Chongqing, and when.

python benchmarks/cherry_train.py [tonnage] [price] [worlds] [--factors 0.5 1 1.5] [--seconds 30]
                                  [--detour 0.15]

Plans the scenario ``cherry-train`` with service L131 and with it shut: its quantities
as they are and multiplied, to its six markets and all to the market of Chongqing; bisects
for the tonnage and for the price of the train from which it runs; and plans once more in worlds in
which ways of today are shut. Every plan passes the audit.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import coldchain
from coldchain.charters import charters
from coldchain.goods import Consignment
from coldchain.itinerary import Itinerary
from coldchain.plan import Plan
from coldchain.scenario import Scenario

TRAIN = "L131"
CHONGQING = "CN-CKG-CT"
BOX_PALLETS = 20
PARTS = ["tonnage", "price", "worlds"]
WORLDS = {
    "as today": (),
    "no trucks Irkeshtam-Kashgar (L044)": ("close L044 always",),
    "no trains Altynkol-Khorgos (L132)": ("close L132 always",),
    "neither of the two": ("close L044 L132 always",),
    "4 days of life asked": ("consignments[commodity=cherry_sweet].shelf_life_required_d = 4",),
    "slow trains: times at quantile 0.8": ("planning.quantile = 0.8",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One week planned with the train and without.

    Tonnes are net, of what is carried. The train is worth between ``least_usd`` and ``most_usd``
    for certain: the optimum of either plan lies between its bound and its cost.
    """

    tonnes: float
    with_train: Plan
    without: Plan

    @property
    def slots(self) -> tuple[int, int]:
        """Slots of the train used and paid; both 0 if it does not run."""
        runs = charters(self.with_train.scenario, self.with_train.load_units)
        return sum(c.used for c in runs), sum(c.paid for c in runs)

    @property
    def least_usd(self) -> float:
        return whole(self.without, bound=True) - whole(self.with_train)

    @property
    def most_usd(self) -> float:
        return whole(self.without) - whole(self.with_train, bound=True)


def whole(plan: Plan, *, bound: bool = False) -> float:
    """Cost of a plan, or its bound, with what is paid whichever way goods go (USD)."""
    proof = plan.proof
    return (proof.bound_usd if bound else proof.cost_usd) + proof.constant_usd


def week_of(
    statements: Sequence[str] = (), *, factor: float = 1.0, market: str | None = None
) -> Scenario:
    """``factor`` times the boxes of the week; all to ``market``, if it is given."""
    given = coldchain.read_scenario("cherry-train", overrides=statements)
    some = [replace(c, destination=market or c.destination) for c in given.consignments]
    return replace(given, consignments=scaled(some, factor))


def scaled(consignments: Sequence[Consignment], factor: float) -> tuple[Consignment, ...]:
    """The same with ``factor`` times the boxes, whole ones: together to the nearest box.

    ``demand *= 1.1`` would add a pallet or two to each box that is full, and a box nearly empty.
    """
    out: list[Consignment] = []
    before = after = 0
    for c in consignments:
        boxes = c.pallets // BOX_PALLETS
        before += boxes
        more = round(before * factor) - after
        after += more
        if more:
            out.append(
                replace(
                    c,
                    net_kg=c.net_kg // boxes * more,
                    gross_kg=c.gross_kg // boxes * more,
                    pallets=BOX_PALLETS * more,
                    value_usd=c.value_usd / boxes * more,
                )
            )
    return tuple(out)


def compare(scenario: Scenario, shut: Scenario, effort: coldchain.Effort) -> Answer:
    """The week as it is, and the same with the train shut."""
    return Answer(
        tonnes=sum(c.net_kg for c in scenario.consignments) / 1000,
        with_train=coldchain.solve(scenario, effort=effort),
        without=coldchain.solve(shut, effort=effort),
    )


def riding(plan: Plan, service: str) -> set[str]:
    """Consignments that ride ``service``."""
    return {
        i.consignment
        for i in plan.itineraries
        if any(leg.service == service for c in i.carriages for leg in c.legs)
    }


def into_china(plan: Plan, itinerary: Itinerary) -> str:
    """How an itinerary enters China: mode and the node where the leg that does so ends."""
    nodes = plan.scenario.network.nodes
    for carriage in itinerary.carriages:
        for leg in carriage.legs:
            service = plan.scenario.network.services[leg.service]
            if nodes[service.origin].country != "CN" == nodes[service.destination].country:
                through = "through " if service.passes else ""
                return f"{through}{service.mode} to {service.destination}"
    return "not at all"


def entries(plan: Plan, only: set[str] | None = None) -> str:
    """Tonnes net by how they enter China, most first; of ``only`` these, if given."""
    tonnes: Counter[str] = Counter()
    for i in plan.itineraries:
        if only is None or i.consignment in only:
            net = plan.scenario.consignment(i.consignment).net_kg
            tonnes[into_china(plan, i)] += net
    return ", ".join(f"{kg / 1000:.0f} t {way}" for way, kg in tonnes.most_common())


def means(plan: Plan) -> tuple[float, float, float, float]:
    """Means by net kg: USD (no duty, VAT, price of freshness), days, life left (d), CO2e (kg)."""
    kg = usd = days = left = co2e = 0.0
    for i in plan.itineraries:
        c = plan.scenario.consignment(i.consignment)
        paid = plan.charges[c.id]
        kg += c.net_kg
        usd += paid.total - paid.duty - paid.vat - paid.freshness
        days += c.net_kg * (i.delivered * 60 - c.ready_at.timestamp()) / 86400
        left += c.net_kg * i.shelf_life_left_h / 24
        co2e += plan.co2e_kg[c.id]
    return (usd / kg, days / kg, left / kg, co2e / kg) if kg else (0.0, 0.0, 0.0, 0.0)


HEAD = (
    f"{'':36s}{'t':>7s}{'slots':>7s}{'paid':>5s}{'cost with':>11s}{'without':>11s}"
    f"{'train is worth':>18s}   {'USD/kg':>11s}{'days':>13s}{'life left d':>13s}{'CO2e kg/kg':>12s}"
)


def row(label: str, answer: Answer) -> str:
    used, paid = answer.slots
    pairs = zip(means(answer.with_train), means(answer.without), strict=True)
    both = [f"{a:.2f}/{b:.2f}" for a, b in pairs]
    worth = f"{answer.least_usd:,.0f} to {answer.most_usd:,.0f}"
    return (
        f"{label:36s}{answer.tonnes:7,.0f}{used:7d}{paid:5d}{whole(answer.with_train):11,.0f}"
        f"{whole(answer.without):11,.0f}{worth:>18s}   "
        f"{both[0]:>11s}{both[1]:>13s}{both[2]:>13s}{both[3]:>12s}"
    )


def bisect(
    runs: Callable[[float], bool], no: float, yes: float, step: float
) -> tuple[float, float]:
    """The last value found at which it does not run and the first at which it does."""
    while abs(yes - no) > step:
        middle = (no + yes) / 2
        if runs(middle):
            yes = middle
        else:
            no = middle
    return no, yes


def main() -> None:
    parser = argparse.ArgumentParser(description="Would the cherry train run?")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=PARTS)
    parser.add_argument("--factors", type=float, nargs="+", default=[0.5, 1.0, 1.5])
    parser.add_argument("--seconds", type=float, default=30.0, help="each engine may take")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--detour", type=float, help="max_detour, instead of the scenario's")
    a = parser.parse_args()
    effort = coldchain.Effort(seconds=a.seconds, gap=0.0, threads=a.threads)
    shut = f"close {TRAIN} always"
    always = [] if a.detour is None else [f"planning.max_detour = {a.detour}"]

    def answered(*statements: str, factor: float = 1.0, market: str | None = None) -> Answer:
        return compare(
            week_of([*always, *statements], factor=factor, market=market),
            week_of([*always, *statements, shut], factor=factor, market=market),
            effort,
        )

    def tonnes(factor: float) -> float:
        return sum(c.net_kg for c in week_of(factor=factor).consignments) / 1000

    def runs(*statements: str, factor: float = 1.0, market: str | None = None) -> bool:
        scenario = week_of([*always, *statements], factor=factor, market=market)
        return bool(riding(coldchain.solve(scenario, effort=effort), TRAIN))

    def told(label: str, answer: Answer) -> None:
        print(row(label, answer))
        aboard = riding(answer.with_train, TRAIN)
        if aboard:
            print(f"{'':6s}instead of {entries(answer.without, aboard)}")
        print(f"{'':6s}without: {entries(answer.without)}", flush=True)

    if "tonnage" in a.parts:
        for heading, market in (("Six markets", None), ("All to Chongqing", CHONGQING)):
            print(f"{heading}\n{HEAD}")
            ran: dict[float, bool] = {}
            for factor in sorted(a.factors):
                answer = answered(factor=factor, market=market)
                ran[factor] = answer.slots[0] > 0
                told(f"demand x {factor:g}", answer)
            no = max((f for f, r in ran.items() if not r), default=None)
            yes = min((f for f, r in ran.items() if r), default=None)
            if no is None or yes is None:
                print("It runs in all of these." if no is None else "It runs in none of these.")
            elif no > yes:
                print("It runs at some tonnage and not at a greater: no break-even.")
            else:
                no, yes = bisect(
                    lambda f, m=market: runs(factor=f, market=m), no, yes, 16.6 / tonnes(1)
                )
                print(f"Not with {tonnes(no):,.0f} t a week, but with {tonnes(yes):,.0f} it runs.")
                told(f"demand x {yes:g}", answered(factor=yes, market=market))
            print()

    if "price" in a.parts:
        charter = f"routes.{TRAIN}.charter_usd_per_departure"
        price = week_of().network.services[TRAIN].charter_usd_per_departure
        for heading, market in (("six markets", None), ("all to Chongqing", CHONGQING)):
            if runs(market=market) or not runs(f"{charter} = 0.01", market=market):
                print(f"Price of the train, {heading}: no break-even below {price:,.0f} USD")
                continue
            dear, cheap = bisect(
                lambda usd, m=market: runs(f"{charter} = {usd:.2f}", market=m), price, 0.01, 500.0
            )
            print(
                f"Price of the train, {heading}: it runs at {cheap:,.0f} USD and not at "
                f"{dear:,.0f}, against {price:,.0f} in routes.csv\n{HEAD}"
            )
            told(f"at {cheap:,.0f} USD", answered(f"{charter} = {cheap:.2f}", market=market))
            print()

    if "worlds" in a.parts:
        print(f"Other worlds, six markets\n{HEAD}")
        for name, statements in WORLDS.items():
            told(name, answered(*statements))


if __name__ == "__main__":
    main()
