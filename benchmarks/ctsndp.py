"""Continuous-time service network design by coldchain's engines, against what is published.

python benchmarks/ctsndp.py [--instances DIR] [--sample NAME ...] [--seconds 300] [--threads 1]
                            [--gap 0.01] [--results FILE]
"""

from __future__ import annotations

import argparse
import csv
import resource
import statistics
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import lcm
from pathlib import Path

import numpy as np

from coldchain.engines.walks_auto import solve_walks
from coldchain.selection import Effort
from coldchain.walks import WalkAnswer, WalkProblem

HERE = Path(__file__).parent / "ctsndp"
PUBLISHED = {  # mean gap %, seconds, share solved: "significant time points", 12 cores, Gurobi
    "HC/HF": (0.79, 393.0, 0.960),
    "HC/LF": (0.41, 36.0, 1.0),
    "LC/HF": (0.12, 0.07, 1.0),
    "LC/LF": (0.15, 0.43, 1.0),
}


@dataclass(frozen=True, slots=True)
class Arc:
    """A lane on which trucks leave at any minute."""

    tail: int
    head: int
    var_cost: Fraction
    fixed_cost: Fraction
    capacity: Fraction
    transit: int


@dataclass(frozen=True, slots=True)
class Commodity:
    """What is sent, from where to where, and within which minutes."""

    origin: int
    destination: int
    quantity: Fraction
    release: int
    deadline: int


@dataclass(frozen=True, slots=True)
class Instance:
    """One file."""

    arcs: tuple[Arc, ...]
    commodities: tuple[Commodity, ...]


Journey = tuple[tuple[int, int], ...]
"""Arcs of a commodity with the minute it leaves on each."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """An instance as walks, and what the steps and the numbers stand for."""

    problem: WalkProblem
    money: int
    """Integers to one unit of the file's money."""

    def journeys(self, answer: WalkAnswer) -> tuple[Journey, ...]:
        """Arcs and minutes of every commodity."""
        problem = self.problem
        pools = [[int(problem.step_pool[step]) for step in walk] for walk in answer.walks]
        return tuple(
            tuple(
                (int(problem.pool_family[pool]), int(problem.pool_instant[pool]))
                for pool in used
                if pool >= 0
            )
            for used in pools
        )


def read(path: Path) -> Instance:
    """Read a file.

    Raises
    ------
    ValueError
        Naming file, row, column, value and what is expected.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    at = 0

    def table(name: str, columns: tuple[str, ...]) -> list[list[Fraction]]:
        nonlocal at
        head = lines[at].split(",") if at < len(lines) else [""]
        if len(head) != 2 or head[0] != name or not head[1].isdigit():
            raise ValueError(f"{path.name}: row {at + 1}: expected '{name},<number of rows>'")
        found: list[list[Fraction]] = []
        for row in range(at + 1, at + 1 + int(head[1])):
            cells = lines[row].split(",") if row < len(lines) else []
            values: list[Fraction] = []
            for place, column in enumerate(columns):
                cell = cells[place] if place < len(cells) else ""
                try:
                    values.append(Fraction(cell))
                except ValueError:
                    raise ValueError(
                        f"{path.name}: row {row + 1}: {column} is '{cell}', expected a number"
                    ) from None
            found.append(values)
        at += 1 + int(head[1])
        return found

    table("NODES", ("index",))
    arcs = table(
        "ARCS", ("index", "tail", "head", "var_cost", "fixed_cost", "capacity", "transit_time")
    )
    goods = table(
        "COMMODITIES", ("index", "origin", "destination", "quantity", "release", "deadline")
    )
    for row in [*arcs, *goods]:
        for place in (1, 2, 6) if len(row) == 7 else (1, 2, 4, 5):
            if row[place].denominator != 1:
                raise ValueError(f"{path.name}: {float(row[place])}: expected a whole number")
    return Instance(
        tuple(Arc(int(a[1]), int(a[2]), a[3], a[4], a[5], int(a[6])) for a in arcs),
        tuple(Commodity(int(c[1]), int(c[2]), c[3], int(c[4]), int(c[5])) for c in goods),
    )


def simple_paths(instance: Instance) -> list[list[tuple[int, ...]]]:
    """All simple paths of each commodity that keep its window, as tuples of arcs."""
    leaving: dict[int, list[int]] = defaultdict(list)
    for number, arc in enumerate(instance.arcs):
        leaving[arc.tail].append(number)
    nodes = {node for arc in instance.arcs for node in (arc.tail, arc.head)}
    left: dict[int, dict[int, float]] = {}
    for destination in {commodity.destination for commodity in instance.commodities}:
        time_to = dict.fromkeys(nodes, float("inf"))
        time_to[destination] = 0
        changed = True
        while changed:
            changed = False
            for arc in instance.arcs:
                if arc.transit + time_to[arc.head] < time_to[arc.tail]:
                    time_to[arc.tail] = arc.transit + time_to[arc.head]
                    changed = True
        left[destination] = time_to

    def extend(to: int, node: int, spare: float, seen: set[int]) -> Iterator[tuple[int, ...]]:
        if node == to:
            yield ()
            return
        for number in leaving[node]:
            arc = instance.arcs[number]
            if arc.head not in seen and arc.transit + left[to][arc.head] <= spare:
                for rest in extend(to, arc.head, spare - arc.transit, seen | {arc.head}):
                    yield (number, *rest)

    return [
        list(extend(c.destination, c.origin, c.deadline - c.release, {c.origin}))
        for c in instance.commodities
    ]


def instants(instance: Instance, paths: list[list[tuple[int, ...]]]) -> list[list[int]]:
    """Minutes at which trucks need leave on each arc: closed under earliest arrivals."""
    uses: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    found: list[set[int]] = [set() for _ in instance.arcs]
    todo: list[tuple[int, int]] = []

    def add(arc: int, minute: int) -> None:
        if minute not in found[arc]:
            found[arc].add(minute)
            todo.append((arc, minute))

    for commodity, ways in zip(instance.commodities, paths, strict=True):
        for path in ways:
            transit = sum(instance.arcs[arc].transit for arc in path)
            slack = commodity.deadline - commodity.release - transit
            ready = commodity.release
            for arc, onward in zip(path, (*path[1:], -1), strict=True):
                uses[arc].append((ready, ready + slack, onward))
                ready += instance.arcs[arc].transit
            add(path[0], commodity.release)
    while todo:
        arc, minute = todo.pop()
        for earliest, latest, onward in uses[arc]:
            if onward >= 0 and earliest <= minute <= latest:
                add(onward, minute + instance.arcs[arc].transit)
    return [sorted(minutes) for minutes in found]


def as_walks(instance: Instance) -> Mapped:
    """The instance as walks: a state per path, leg and minute, and steps to wait and to leave.

    Raises
    ------
    ValueError
        If a commodity cannot arrive in time.
    """
    arcs, commodities = instance.arcs, instance.commodities
    paths = simple_paths(instance)
    minutes = instants(instance, paths)
    pool_of = {
        pair: number
        for number, pair in enumerate(
            (arc, minute) for arc, some in enumerate(minutes) for minute in some
        )
    }
    load = lcm(
        *(c.quantity.denominator for c in commodities), *(a.capacity.denominator for a in arcs)
    )
    variable = [[a.var_cost * c.quantity for a in arcs] for c in commodities]
    money = lcm(
        *(a.fixed_cost.denominator for a in arcs),
        *(cost.denominator for row in variable for cost in row),
    )
    steps: list[tuple[int, int, int, int, int, int]] = []
    end_state: list[int] = []
    skip_cost: list[int] = []
    for number, (commodity, ways) in enumerate(zip(commodities, paths, strict=True)):
        if not ways:
            raise ValueError(f"commodity {number}: no path arrives by {commodity.deadline}")
        own: list[tuple[int, int, int, int]] = []
        free = 1
        for path in ways:
            own_steps, free = _steps(instance, commodity, path, minutes, free)
            own += own_steps
        for tail, head, arc, minute in own:
            cost = 0 if arc < 0 else int(variable[number][arc] * money)
            pool = -1 if arc < 0 else pool_of[arc, minute]
            amount = 0 if arc < 0 else int(commodity.quantity * load)
            steps.append((number, tail, free if head < 0 else head, cost, pool, amount))
        end_state.append(free)
        alone = min(
            sum(
                variable[number][arc]
                + arcs[arc].fixed_cost * -(-commodity.quantity // arcs[arc].capacity)
                for arc in path
            )
            for path in ways
        )
        # Far dearer than alone on the cheapest path: nobody is left out, not within a gap either.
        skip_cost.append(10 * int(alone * money) + 1)
    table = np.array(steps, dtype=np.int64).reshape(-1, 6)
    family = np.array([arc for arc, _ in pool_of], dtype=np.int64)
    problem = WalkProblem(
        end_state=np.array(end_state, dtype=np.int64),
        skip_cost=np.array(skip_cost, dtype=np.int64),
        step_customer=table[:, 0],
        step_tail=table[:, 1],
        step_head=table[:, 2],
        step_cost=table[:, 3],
        step_pool=table[:, 4],
        step_load=table[:, 5],
        pool_capacity=np.array([int(a.capacity * load) for a in arcs], dtype=np.int64)[family],
        pool_cost=np.array([int(a.fixed_cost * money) for a in arcs], dtype=np.int64)[family],
        pool_family=family,
        pool_instant=np.array([minute for _, minute in pool_of], dtype=np.int64),
    )
    return Mapped(problem, money)


def _steps(
    instance: Instance,
    commodity: Commodity,
    path: tuple[int, ...],
    minutes: list[list[int]],
    free: int,
) -> tuple[list[tuple[int, int, int, int]], int]:
    """Steps ``(tail, head, arc, minute)`` of one path, and the next free state.

    ``head`` is -1 for the end, ``arc`` -1 for waiting and for entering the path.
    """
    slack = commodity.deadline - commodity.release - sum(instance.arcs[arc].transit for arc in path)
    ready = commodity.release
    legs: list[dict[int, int]] = []
    for arc in path:
        inside = [minute for minute in minutes[arc] if ready <= minute <= ready + slack]
        legs.append({minute: free + place for place, minute in enumerate(inside)})
        free += len(inside)
        ready += instance.arcs[arc].transit
    steps = [(0, next(iter(legs[0].values())), -1, -1)]
    for place, (arc, leg) in enumerate(zip(path, legs, strict=True)):
        states = list(leg.values())
        steps += [(a, b, -1, -1) for a, b in pairwise(states)]
        for minute, state in leg.items():
            arrival = minute + instance.arcs[arc].transit
            # The closure holds every arrival as an instant of the next leg.
            head = -1 if place + 1 == len(path) else legs[place + 1][arrival]
            steps.append((state, head, arc, minute))
    return steps, free


def recomputed(instance: Instance, journeys: Iterable[Journey]) -> Fraction:
    """Cost of a plan from the file's own numbers, after checking all the problem asks.

    Raises
    ------
    ValueError
        Naming the commodity and what it breaks.
    """
    cost = Fraction(0)
    loads: dict[tuple[int, int], Fraction] = defaultdict(Fraction)
    for number, (commodity, journey) in enumerate(zip(instance.commodities, journeys, strict=True)):
        node, now, seen = commodity.origin, commodity.release, {commodity.origin}
        for name, minute in journey:
            arc = instance.arcs[name]
            if arc.tail != node or arc.head in seen:
                raise ValueError(f"commodity {number}: arc {name} makes no simple path")
            if minute < now:
                raise ValueError(f"commodity {number}: leaves at {minute}, is there at {now}")
            node, now = arc.head, minute + arc.transit
            seen.add(node)
            cost += arc.var_cost * commodity.quantity
            loads[name, minute] += commodity.quantity
        if node != commodity.destination or now > commodity.deadline:
            raise ValueError(f"commodity {number}: ends at {node} at {now}")
    for (name, _), amount in loads.items():
        arc = instance.arcs[name]
        cost += arc.fixed_cost * -(-amount // arc.capacity)
    return cost


def cpu_seconds() -> float:
    """CPU time of this process and of its children that have ended."""
    spent = time.process_time()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent + children.ru_utime + children.ru_stime


def solve(path: Path, effort: Effort) -> dict[str, float]:
    """Solve one file, check the plan, and return cost, bound, gap and CPU seconds."""
    begun = cpu_seconds()
    instance = read(path)
    mapped = as_walks(instance)
    answer = solve_walks(mapped.problem, effort)
    took = cpu_seconds() - begun
    skipped = sum(not walk for walk in answer.walks)
    if not skipped:
        cost = recomputed(instance, mapped.journeys(answer))
        if cost * mapped.money != answer.cost:
            raise ValueError(f"{path.name}: the engine says {answer.cost}, the plan costs {cost}")
    # A plan that leaves somebody out is none: its cost counts as unknown.
    cost = float("inf") if skipped else answer.cost / mapped.money
    return {
        "cost": cost,
        "bound": answer.bound / mapped.money,
        "gap": 1.0 if skipped else answer.gap,
        "cpu_s": took,
        "steps": mapped.problem.n_steps,
        "pools": mapped.problem.n_pools,
    }


def main() -> None:
    """Solve each and print a row; then a table by class."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", type=Path, default=HERE / "instances")
    parser.add_argument("--sample", nargs="*", default=[], help="names, or a class such as LC/LF")
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--gap", type=float, default=0.01)
    parser.add_argument("--results", type=Path)
    asked = parser.parse_args()
    effort = Effort(seconds=asked.seconds, gap=asked.gap, threads=asked.threads)
    with (HERE / "references.csv").open(encoding="utf-8", newline="") as file:
        references = list(csv.DictReader(file))
    done: list[dict[str, str | float]] = []
    for known in references:
        name, kind = known["instance"], known["class"]
        if asked.sample and not {name, kind, kind[:2]} & set(asked.sample):
            continue
        found = solve(asked.instances / f"{name}.txt", effort)
        reference = known["proven_optimum"] or known["best_plan_known"] or "-"
        print(
            f"{name:18} {kind} {found['cost']:10,.0f} {found['bound']:12,.1f} {found['gap']:7.2%} "
            f"{found['cpu_s']:7.2f} s  reference {reference}",
            flush=True,
        )
        done.append({"instance": name, "class": kind, **found, "reference": reference})
    if asked.results and done:
        with asked.results.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(done[0]))
            writer.writeheader()
            writer.writerows(done)
    print("class   to 1 %   proven   mean s  median s  mean gap | published: gap, s, solved")
    for kind, (gap, seconds, share) in PUBLISHED.items():
        rows = [row for row in done if row["class"] == kind]
        if rows:
            gaps = [float(row["gap"]) for row in rows]
            times = [float(row["cpu_s"]) for row in rows]
            print(
                f"{kind}  {sum(g <= 0.01 for g in gaps):3}/{len(rows):<3} "
                f"{sum(g <= 0 for g in gaps):4}/{len(rows):<3} {statistics.mean(times):8.2f} "
                f"{statistics.median(times):9.2f} {statistics.mean(gaps):9.2%} | "
                f"{gap} %, {seconds:g} s, {share:.1%}"
            )


if __name__ == "__main__":
    main()
