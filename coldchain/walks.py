"""The integer problem under a plan whose options are too many to list: walks through small graphs.

Every *customer* has states ``0 .. end_state`` and takes a walk of *steps* from state 0 to his end
state, or is skipped at a price. A step leads from a lower state to a higher one, has a cost of its
own and puts a load into one *pool*, or into none. Pools and limits are those of
:mod:`coldchain.selection`, where every walk is listed as an option: the special case of two states.

    minimise   sum step_cost[e] x[e] + sum skip_cost[k] s[k] + sum pool_cost[p] y[p]
    subject to x is a path from state 0 to end_state[k], or s[k] = 1   for every customer k
               sum step_load[e] x[e] <= pool_capacity[p] y[p]          for every pool p
               sum over pools p of l of y[p] <= limit_capacity[l]      for every limit l
               x, s binary; y integer >= 0

All numbers are integers, so a cost or a bound is exact. Skipping everybody is always feasible.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from coldchain.selection import SelectionProblem, Status

Ints = NDArray[np.int64]
Walk = tuple[int, ...]


def _none() -> Ints:
    return np.zeros(0, dtype=np.int64)


def _no_rows() -> Ints:
    return np.zeros(1, dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WalkProblem:
    """What an engine for walks is given.

    Attributes
    ----------
    end_state : int64[n_customers]
        State in which a walk ends (>= 1); walks begin in state 0.
    skip_cost : int64[n_customers]
        Price of leaving the customer out.
    step_customer : int64[n_steps]
        Customer of each step, in ascending order.
    step_tail, step_head : int64[n_steps]
        States of that customer, ``0 <= tail < head <= end_state``.
    step_cost : int64[n_steps]
        Cost of the step itself (>= 0), without its pool.
    step_pool, step_load : int64[n_steps]
        Pool used, and load put into it (> 0); -1 and 0 for none.
    pool_capacity, pool_cost : int64[n_pools]
        What one unit holds (>= 1), what one unit costs (>= 0).
    pool_family, pool_instant : int64[n_pools]
        Service a pool belongs to and its departure (minutes): neighbours in one family may be
        merged into one pool that costs no more, which is a relaxation.
    limit_capacity, limit_start, limit_pool : int64 arrays
        As in :class:`~coldchain.selection.SelectionProblem`; by default there are no limits.

    Raises
    ------
    ValueError
        If lengths, order or ranges are not as stated.
    """

    end_state: Ints
    skip_cost: Ints
    step_customer: Ints
    step_tail: Ints
    step_head: Ints
    step_cost: Ints
    step_pool: Ints
    step_load: Ints
    pool_capacity: Ints
    pool_cost: Ints
    pool_family: Ints
    pool_instant: Ints
    limit_capacity: Ints = field(default_factory=_none)
    limit_start: Ints = field(default_factory=_no_rows)
    limit_pool: Ints = field(default_factory=_none)

    def __post_init__(self) -> None:
        steps = (self.step_tail, self.step_head, self.step_cost, self.step_pool, self.step_load)
        pools = (self.pool_cost, self.pool_family, self.pool_instant)
        if (
            len(self.skip_cost) != self.n_customers
            or any(len(column) != self.n_steps for column in steps)
            or any(len(column) != self.n_pools for column in pools)
            or len(self.limit_start) != len(self.limit_capacity) + 1
        ):
            raise ValueError("columns of one table differ in length")
        if bool((self.end_state < 1).any()):
            raise ValueError("a walk must have at least one step")
        customer = self.step_customer
        if bool((np.diff(customer) < 0).any()) or _outside(customer, 0, self.n_customers):
            raise ValueError("steps must be sorted by customer, and every customer known")
        if bool(((self.step_tail < 0) | (self.step_tail >= self.step_head)).any()) or bool(
            (self.step_head > self.end_state[customer]).any()
        ):
            raise ValueError("a step must lead from a state to a higher one of its customer")
        if bool(((self.step_pool >= 0) != (self.step_load > 0)).any()):
            raise ValueError("a step must put a positive load into its pool, and none into none")
        if _outside(self.step_pool, -1, self.n_pools) or _outside(self.limit_pool, 0, self.n_pools):
            raise ValueError("a pool is not known")
        if bool((self.step_cost < 0).any()):
            raise ValueError("a step must cost at least 0")
        if bool((self.pool_capacity < 1).any()) or bool((self.pool_cost < 0).any()):
            raise ValueError("a unit must hold at least 1 and cost at least 0")

    @property
    def n_customers(self) -> int:
        return len(self.end_state)

    @property
    def n_steps(self) -> int:
        return len(self.step_customer)

    @property
    def n_pools(self) -> int:
        return len(self.pool_capacity)

    def units(self, walks: tuple[Walk, ...]) -> Ints:
        """Fewest units of each pool that hold what the walks put there: int64[n_pools]."""
        steps = np.array([step for walk in walks for step in walk], dtype=np.int64)
        used = steps[self.step_pool[steps] >= 0]
        load = np.zeros(self.n_pools, dtype=np.int64)
        np.add.at(load, self.step_pool[used], self.step_load[used])
        return -(-load // self.pool_capacity)

    def cost(self, walks: tuple[Walk, ...]) -> int:
        """Exact cost of one walk per customer; an empty walk is a customer skipped."""
        steps = np.array([step for walk in walks for step in walk], dtype=np.int64)
        skipped = np.array([not walk for walk in walks], dtype=bool)
        return int(
            self.step_cost[steps].sum()
            + self.skip_cost[skipped].sum()
            + (self.units(walks) * self.pool_cost).sum()
        )

    def faults(self, walks: tuple[Walk, ...]) -> list[str]:
        """What is wrong with ``walks``, in words; nothing if they are a choice within limits."""
        if len(walks) != self.n_customers:
            return [f"{len(walks)} walks for {self.n_customers} customers"]
        found: list[str] = []
        for customer, walk in enumerate(walks):
            state = 0
            for step in walk:
                if not 0 <= step < self.n_steps or int(self.step_customer[step]) != customer:
                    found.append(f"customer {customer}: step {step} is not his")
                    break
                if int(self.step_tail[step]) != state:
                    found.append(f"customer {customer}: step {step} does not leave state {state}")
                    break
                state = int(self.step_head[step])
            else:
                if walk and state != int(self.end_state[customer]):
                    found.append(f"customer {customer}: the walk ends in state {state}")
        return found or self._broken_limits(walks)

    def _broken_limits(self, walks: tuple[Walk, ...]) -> list[str]:
        units = self.units(walks)
        found: list[str] = []
        for limit, most in enumerate(self.limit_capacity.tolist()):
            rows = slice(self.limit_start[limit], self.limit_start[limit + 1])
            opened = int(units[self.limit_pool[rows]].sum())
            if opened > most:
                found.append(f"limit {limit}: {opened} units of {most}")
        return found

    def every_walk(self, customer: int) -> Iterator[Walk]:
        """All walks of a customer, one by one: there may be very many."""
        first, last = np.searchsorted(self.step_customer, (customer, customer + 1)).tolist()
        leaving: dict[int, list[int]] = {}
        for step in range(first, last):
            leaving.setdefault(int(self.step_tail[step]), []).append(step)
        end = int(self.end_state[customer])
        stack: list[tuple[int, Walk]] = [(0, ())]
        while stack:
            state, walk = stack.pop()
            if state == end:
                yield walk
                continue
            for step in reversed(leaving.get(state, [])):
                stack.append((int(self.step_head[step]), (*walk, step)))

    def listed(self, most: int) -> tuple[SelectionProblem, tuple[Walk, ...]]:
        """Every walk as an option, and the walk each option stands for.

        Raises
        ------
        ValueError
            If there are more than ``most`` walks, if one visits a pool twice, or if a customer
            puts different loads into one pool.
        """
        walks: list[Walk] = []
        customers: list[int] = []
        for customer in range(self.n_customers):
            loads: dict[int, int] = {}
            for walk in self.every_walk(customer):
                if len(walks) == most:
                    raise ValueError(f"there are more than {most} walks")
                pools = [int(self.step_pool[step]) for step in walk if self.step_pool[step] >= 0]
                if len(set(pools)) < len(pools):
                    raise ValueError(f"a walk of customer {customer} visits a pool twice")
                for step in walk:
                    load = int(self.step_load[step])
                    if loads.setdefault(int(self.step_pool[step]), load) != load:
                        raise ValueError(f"customer {customer} puts two loads into one pool")
                walks.append(walk)
                customers.append(customer)
        entries = [[step for step in walk if self.step_pool[step] >= 0] for walk in walks]
        used = np.array([step for entry in entries for step in entry], dtype=np.int64)
        sizes = np.array([0, *map(len, entries)], dtype=np.int64)
        costs = [int(self.step_cost[list(walk)].sum()) for walk in walks]
        problem = SelectionProblem(
            option_customer=np.array(customers, dtype=np.int64),
            option_cost=np.array(costs, dtype=np.int64),
            option_start=np.cumsum(sizes),
            option_pool=self.step_pool[used],
            option_load=self.step_load[used],
            skip_cost=self.skip_cost,
            pool_capacity=self.pool_capacity,
            pool_cost=self.pool_cost,
            limit_capacity=self.limit_capacity,
            limit_start=self.limit_start,
            limit_pool=self.limit_pool,
        )
        return problem, tuple(walks)


def _outside(column: Ints, low: int, beyond: int) -> bool:
    return bool(((column < low) | (column >= beyond)).any())


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkAnswer:
    """An engine's answer: a walk per customer (empty: skipped), its exact cost, and a bound.

    ``bound <= cost`` holds for the whole problem, whatever part of it the engine looked at.
    """

    walks: tuple[Walk, ...]
    cost: int
    bound: int
    status: Status
    engine: str
    seconds: float

    @property
    def gap(self) -> float:
        """Relative distance between cost and bound, as a share of the cost (0.0 = proven)."""
        return 0.0 if self.cost <= self.bound else (self.cost - self.bound) / max(1, abs(self.cost))
