"""Cost and bound of a selection problem once more: slow, exact, and sharing no code with engines.

Written from ``docs/certificate.md``, in Python's own integers: nothing is rounded but the bound, up
to the next integer, which is allowed because every cost is one. Whatever numbers a certificate
holds, what comes out is a bound: multipliers of the wrong sign count as the nearest that is
allowed. A certificate that speaks of what the problem does not have is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from coldchain.certificate import Certificate, Cluster
from coldchain.selection import Ints, SelectionProblem

LARGEST = 12
"""Most customers of a cluster: the work grows as 3**LARGEST."""

Item = tuple[int, int]
"""A load and what is paid for it."""


def cost_of(problem: SelectionProblem, chosen: Sequence[int]) -> int:
    """Exact cost (money) of ``chosen``, an option or -1 per customer.

    Raises
    ------
    ValueError
        If it is no selection or breaks a limit.
    """
    table = _Table(problem)
    if len(chosen) != len(table.skip):
        raise ValueError(f"expected a choice for each of {len(table.skip)} customers")
    total = 0
    held: dict[int, int] = {}
    for customer, option in enumerate(chosen):
        if option == -1:
            total += table.skip[customer]
            continue
        if not 0 <= option < len(table.owner) or table.owner[option] != customer:
            raise ValueError(f"option {option} is none of customer {customer}")
        total += table.cost[option]
        for pool, load in table.uses[option]:
            held[pool] = held.get(pool, 0) + load
    units = {pool: -(-load // table.capacity[pool]) for pool, load in held.items()}
    total += sum(table.unit[pool] * n for pool, n in units.items())
    for limit, (most, pools) in enumerate(table.limits):
        if sum(units.get(pool, 0) for pool in pools) > most:
            raise ValueError(f"more units than the {most} of limit {limit}")
    for paid, minimum, short, pools in table.commitments:
        used = sum(units.get(pool, 0) for pool in pools)
        if used:
            total += paid + short * max(0, minimum - used)
    return total


def bound_of(problem: SelectionProblem, certificate: Certificate) -> int:
    """What no selection undercuts (money), by the multipliers of ``certificate``.

    Its ``problem`` and ``bound`` are not looked at.

    Raises
    ------
    ValueError
        If it speaks of a pair, limit or commitment there is not, or of clusters that overlap.
    """
    return -(-value_of(problem, certificate) // certificate.scale)


def value_of(problem: SelectionProblem, certificate: Certificate) -> int:
    """Value of the relaxation (1/scale of the problem's money): exact; see :func:`bound_of`."""
    if certificate.scale < 1:
        raise ValueError(f"scale: {certificate.scale} is not at least 1")
    relaxation = _Relaxation(_Table(problem), certificate)
    return (
        relaxation.of_customers()
        + sum(relaxation.of_cluster(cluster) for cluster in certificate.clusters)
        + relaxation.of_pools()
        - relaxation.of_limits()
    )


class _Table:
    """The problem in Python's own lists."""

    def __init__(self, problem: SelectionProblem) -> None:
        self.owner: list[int] = problem.option_customer.tolist()
        self.cost: list[int] = problem.option_cost.tolist()
        entries: list[Item] = list(
            zip(problem.option_pool.tolist(), problem.option_load.tolist(), strict=True)
        )
        self.uses = [entries[a:b] for a, b in pairwise(problem.option_start.tolist())]
        self.skip: list[int] = problem.skip_cost.tolist()
        self.capacity: list[int] = problem.pool_capacity.tolist()
        self.unit: list[int] = problem.pool_cost.tolist()
        room: list[int] = problem.limit_capacity.tolist()
        self.limits = list(zip(room, _lists(problem.limit_start, problem.limit_pool), strict=True))
        """Capacity and pools of each limit; a pool that is listed twice counts twice."""
        terms: list[tuple[int, int, int]] = list(
            zip(
                problem.commitment_cost.tolist(),
                problem.commitment_minimum.tolist(),
                problem.commitment_short_cost.tolist(),
                strict=True,
            )
        )
        listed = _lists(problem.commitment_start, problem.commitment_pool)
        self.commitments = [(*t, pools) for t, pools in zip(terms, listed, strict=True)]
        """Cost, minimum, short cost and pools of each commitment."""


def _lists(start: Ints, members: Ints) -> list[list[int]]:
    whole: list[int] = members.tolist()
    return [whole[a:b] for a, b in pairwise(start.tolist())]


class _Relaxation:
    """The problem and the multipliers of one certificate, checked against each other."""

    def __init__(self, table: _Table, certificate: Certificate) -> None:
        self.table, self.scale = table, certificate.scale
        self.limits_of: list[list[int]] = [[] for _ in table.unit]
        for limit, (_, pools) in enumerate(table.limits):
            for pool in pools:
                self.limits_of[pool].append(limit)
        self.options: list[list[int]] = [[] for _ in table.skip]
        """Options of each customer that keep every limit when taken alone."""
        self.loads: list[dict[int, int]] = [{} for _ in table.unit]
        """What each customer that can use a pool puts there."""
        pairs = {
            (customer, pool)
            for customer, uses in zip(table.owner, table.uses, strict=True)
            for pool, _ in uses
        }
        for option, customer in enumerate(table.owner):
            if self._fits(option):
                self.options[customer].append(option)
                for pool, load in table.uses[option]:
                    self.loads[pool][customer] = load
        self.price: dict[tuple[int, int], int] = {}
        for customer, pool, price in certificate.prices:
            if (customer, pool) not in pairs:
                raise ValueError(f"prices: customer {customer} has no option in pool {pool}")
            if (customer, pool) in self.price:
                raise ValueError(f"prices: customer {customer} in pool {pool} stands there twice")
            self.price[customer, pool] = max(0, price)
        self.inner = self._inner(certificate.clusters, pairs)
        self.owned = {pool for _, pool in self.inner}
        self.clustered = {customer for c in certificate.clusters for customer in c.customers}
        self.limit_toll = _tolls(certificate.limit_tolls, len(table.limits), "limit")
        self.limit_toll = {limit: max(0, toll) for limit, toll in self.limit_toll.items()}
        given = _tolls(certificate.commitment_tolls, len(table.commitments), "commitment")
        self.paid = [
            c
            for c, (cost, minimum, short, _) in enumerate(table.commitments)
            if cost + minimum * short > 0
        ]
        """Commitments that may cost something, by cost: a pool opens and closes with the last."""
        self.paid.sort(key=lambda c: table.commitments[c][0])
        self.fare = {
            c: max(given.get(c, 0), -self.scale * table.commitments[c][2]) for c in self.paid
        }
        self.unit = [self.scale * cost for cost in table.unit]
        for limit, toll in self.limit_toll.items():
            for pool in table.limits[limit][1]:
                self.unit[pool] += toll
        self.block: dict[int, int] = {}
        for c in self.paid:
            for pool in table.commitments[c][3]:
                self.unit[pool] += self.fare[c]
                self.block[pool] = c
        shared = self.owned & self.block.keys()
        if shared:
            raise ValueError(f"clusters: pool {min(shared)} opens with a commitment")

    def _fits(self, option: int) -> bool:
        units: dict[int, int] = {}
        for pool, load in self.table.uses[option]:
            for limit in self.limits_of[pool]:
                alone = -(-load // self.table.capacity[pool])
                units[limit] = units.get(limit, 0) + alone
        return all(n <= self.table.limits[limit][0] for limit, n in units.items())

    def _inner(
        self, clusters: Sequence[Cluster], pairs: set[tuple[int, int]]
    ) -> set[tuple[int, int]]:
        """All inner pairs, once it is sure that no two clusters meet."""
        seen: set[int] = set()
        owner: dict[int, int] = {}
        inner: set[tuple[int, int]] = set()
        for at, cluster in enumerate(clusters):
            members = set(cluster.customers)
            if len(members) > LARGEST:
                raise ValueError(f"clusters[{at}]: more than {LARGEST} customers")
            if not members or len(members) < len(cluster.customers) or members & seen:
                raise ValueError(f"clusters[{at}]: each customer in one cluster, and once")
            if not members <= set(range(len(self.table.skip))):
                raise ValueError(f"clusters[{at}]: a customer there is not")
            seen |= members
            for customer, pool in cluster.inner:
                if customer not in members or (customer, pool) not in pairs:
                    raise ValueError(f"clusters[{at}]: no pair of {customer} and pool {pool}")
                if (customer, pool) in self.price:
                    raise ValueError(f"clusters[{at}]: {customer} in pool {pool} has a price")
                if owner.setdefault(pool, at) != at:
                    raise ValueError(f"clusters[{at}]: pool {pool} belongs to another")
                inner.add((customer, pool))
            if {pool for pool, _ in cluster.entries} - {pool for _, pool in cluster.inner}:
                raise ValueError(f"clusters[{at}]: an entry price of a pool it has not")
            if len({pool for pool, _ in cluster.entries}) < len(cluster.entries):
                raise ValueError(f"clusters[{at}]: two entry prices of one pool")
        return inner

    def of_limits(self) -> int:
        """What tolls of limits give back."""
        return sum(toll * self.table.limits[limit][0] for limit, toll in self.limit_toll.items())

    def reduced(self, option: int) -> tuple[int, list[int]]:
        """Cost of an option with the prices of its pairs, and its inner pools."""
        customer = self.table.owner[option]
        cost, inner = self.scale * self.table.cost[option], list[int]()
        for pool, _ in self.table.uses[option]:
            if (customer, pool) in self.inner:
                inner.append(pool)
            else:
                cost += self.price.get((customer, pool), 0)
        return cost, inner

    def of_customers(self) -> int:
        """The cheapest option, or being skipped, of each customer outside clusters."""
        total = 0
        for customer, skip in enumerate(self.table.skip):
            if customer not in self.clustered:
                costs = [self.reduced(option)[0] for option in self.options[customer]]
                total += min([self.scale * skip, *costs])
        return total

    def of_cluster(self, cluster: Cluster) -> int:
        """The cheapest way to divide a cluster into blocks, and the pools it owns."""
        menus = [self._menu(customer) for customer in cluster.customers]
        entry = dict(cluster.entries)
        block = {1 << at: bare for at, (bare, _) in enumerate(menus)}
        total = 0
        for pool in sorted({pool for _, pool in cluster.inner}):
            price = max(0, entry.get(pool, 0))
            room = _Room(self._guests(pool), self.table.capacity[pool], self.unit[pool])
            total += room.value(0) - price
            made = [(0, 0, 0)]
            for at, (_, shared) in enumerate(menus):
                if pool not in shared:
                    continue
                load = self.loads[pool][cluster.customers[at]]
                for mask, cost, held in list(made):
                    joined = (mask | 1 << at, cost + shared[pool], held + load)
                    made.append(joined)
                    whole = joined[1] + room.value(joined[2]) - room.value(0) + price
                    block[joined[0]] = min(whole, block.get(joined[0], whole))
        return total + _partitioned(block, len(menus))

    def _menu(self, customer: int) -> tuple[int, dict[int, int]]:
        """Least cost with no inner pool, and with each of them.

        An option with several counts for one, unless a cheaper way has no more of them: then it
        need not be looked at.
        """
        bare, shared = self.scale * self.table.skip[customer], dict[int, int]()
        several: list[tuple[int, list[int]]] = []
        for option in self.options[customer]:
            cost, pools = self.reduced(option)
            if not pools:
                bare = min(bare, cost)
            elif len(pools) == 1:
                shared[pools[0]] = min(cost, shared.get(pools[0], cost))
            else:
                several.append((cost, pools))
        for cost, pools in several:
            if cost < min([bare, *(shared[pool] for pool in pools if pool in shared)]):
                shared[pools[0]] = cost
        return bare, shared

    def _guests(self, pool: int) -> list[Item]:
        """Loads and prices of those who pay for their place in a pool."""
        return [
            (load, self.price[customer, pool])
            for customer, load in self.loads[pool].items()
            if self.price.get((customer, pool), 0) > 0
        ]

    def of_pools(self) -> int:
        """What pools cost less what they are paid: each alone, those of a commitment together."""
        earned = dict.fromkeys(self.paid, 0)
        total = 0
        for pool, unit in enumerate(self.unit):
            if pool in self.owned:
                continue
            most = min(
                (self.table.limits[limit][0] for limit in self.limits_of[pool]), default=None
            )
            value = packed(self._guests(pool), self.table.capacity[pool], unit, most)
            if pool in self.block:
                earned[self.block[pool]] += value
            else:
                total += value
        return total + sum(min(0, self._fares(c) + earned[c]) for c in self.paid)

    def _fares(self, commitment: int) -> int:
        """What a departure that runs pays, whatever number of units it counts itself."""
        cost, minimum, short, pools = self.table.commitments[commitment]
        most = sum(-(-sum(self.loads[p].values()) // self.table.capacity[p]) for p in pools)
        for room, listed in self.table.limits:
            if set(pools) <= set(listed):
                most = min(most, room)
        fare = self.fare[commitment]
        # Linear between these: no other number of units costs less.
        return self.scale * cost + min(
            self.scale * short * max(0, minimum - units) - fare * units
            for units in (0, min(minimum, most), most)
        )


def _tolls(rows: Sequence[tuple[int, int]], count: int, noun: str) -> dict[int, int]:
    tolls: dict[int, int] = {}
    for number, toll in rows:
        if not 0 <= number < count:
            raise ValueError(f"{noun}_tolls: there is no {noun} {number}")
        if number in tolls:
            raise ValueError(f"{noun}_tolls: {noun} {number} stands there twice")
        tolls[number] = toll
    return tolls


def _partitioned(block: dict[int, int], members: int) -> int:
    """Least sum of blocks that part the set of all members."""
    whole = [0] * (1 << members)
    for held in range(1, 1 << members):
        lowest = held & -held
        rest = part = held ^ lowest
        best: int | None = None
        while True:
            if part | lowest in block:
                cost = block[part | lowest] + whole[rest ^ part]
                best = cost if best is None else min(best, cost)
            if not part:
                break
            part = (part - 1) & rest
        assert best is not None  # every member alone is a block
        whole[held] = best
    return whole[-1]


class _Room:
    """A pool of a cluster: least cost, less what guests pay, when members put a load into it."""

    def __init__(self, guests: list[Item], capacity: int, unit: int) -> None:
        self.capacity, self.unit = capacity, unit
        self.fillings: list[Item] = [(0, 0)]
        for load, price in guests:
            more = [(held + load, paid + price) for held, paid in self.fillings]
            self.fillings = _best(self.fillings, more)
        self.known: dict[int, int] = {}

    def value(self, held: int) -> int:
        if held not in self.known:
            self.known[held] = min(
                self.unit * -(-(held + load) // self.capacity) - paid
                for load, paid in self.fillings
            )
        return self.known[held]


def _best(some: list[Item], more: list[Item]) -> list[Item]:
    """Fillings of both lists that no other of less load pays as much as; by load, ascending."""
    kept: list[Item] = []
    for load, paid in sorted([*some, *more], key=lambda filling: (filling[0], -filling[1])):
        if not kept or paid > kept[-1][1]:
            kept.append((load, paid))
    return kept


def packed(items: Sequence[Item], capacity: int, unit: int, most: int | None = None) -> int:
    """Least of units less prices over all sets of ``items``: an exact 0/1 knapsack, at most 0.

    Parameters
    ----------
    items : sequence of (load, price)
    capacity, unit : int
        What one unit holds (>= 1) and costs (>= 0).
    most : int, optional
        Units that may be opened.
    """
    if most is not None:
        items = [item for item in items if item[0] <= most * capacity]
    gains = [price * capacity - unit * load for load, price in items]
    if not any(gain > 0 for gain in gains) or sum(price for _, price in items) <= unit:
        # Nobody pays for his share of a unit, or all together do not pay for one.
        return 0
    if all(load % capacity == 0 for load, _ in items):
        paying = [at for at, gain in enumerate(gains) if gain > 0]
        if most is None or sum(items[at][0] for at in paying) <= most * capacity:
            return -sum(gains[at] for at in paying) // capacity
    # Those who pay most for their load first: only the time it takes hangs on the order.
    order = sorted(range(len(items)), key=lambda at: -(items[at][1] * capacity // items[at][0]))
    to_come = sum(gain for gain in gains if gain > 0)
    fillings: list[Item] = [(0, 0)]
    best = 0
    for at in order:
        load, price = items[at]
        to_come -= max(0, gains[at])
        more = [(held + load, paid + price) for held, paid in fillings]
        if most is not None:
            more = [filling for filling in more if filling[0] <= most * capacity]
        for held, paid in more:
            best = max(best, paid - unit * -(-held // capacity))
        fillings = [
            (held, paid)
            for held, paid in _best(fillings, more)
            # A part of a unit costs no more than a whole one: what is to come adds no more.
            if paid * capacity - unit * held + to_come > best * capacity
        ]
    return -best
