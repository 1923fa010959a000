"""The integer problem under a plan, and its answer. It knows no freight.

Every *customer* takes one of its *options* or is skipped at a price. An option has a cost of its
own and puts loads into *pools*. A pool is opened in whole units; a unit costs ``pool_cost`` and
holds ``pool_capacity``, and loads may be divided among the units of one pool. A *limit* caps the
units of the pools listed under it, added up. A *commitment* is paid as soon as a unit of the pools
listed under it is opened: ``commitment_cost``, and ``commitment_short_cost`` for every unit they
open together less than ``commitment_minimum``.

    minimise   sum cost[r] x[r] + sum skip[k] s[k] + sum pool_cost[p] y[p]
               + sum commitment_cost[c] z[c] + sum commitment_short_cost[c] w[c]
    subject to sum over options r of k of x[r] + s[k] = 1             for every customer k
               sum load[r, p] x[r] <= pool_capacity[p] y[p]           for every pool p
               sum over pools p of l of y[p] <= limit_capacity[l]     for every limit l
               y[p] = 0 if z[c] = 0                                   for every pool p of c
               sum over pools p of c of y[p] + w[c] >= commitment_minimum[c] z[c]
                                                                      for every commitment c
               x, s, z binary; y, w integer >= 0

No unit may save money: it costs at least the short costs of all its pool's commitments together,
so that the fewest units that hold the loads are the cheapest.

All numbers are integers, so a cost or a bound is exact. Skipping everybody is always feasible.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, fields
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from coldchain.certificate import Certificate

Ints = NDArray[np.int64]


def _none() -> Ints:
    return np.zeros(0, dtype=np.int64)


def _no_rows() -> Ints:
    return np.zeros(1, dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SelectionProblem:
    """What an engine is given.

    Attributes
    ----------
    option_customer : int64[n_options]
        Customer of each option, in ascending order.
    option_cost : int64[n_options]
        Cost of the option itself (cents), without its pools.
    option_start : int64[n_options + 1]
        Option ``r`` uses entries ``option_start[r]:option_start[r + 1]`` of the two next arrays.
    option_pool, option_load : int64[n_entries]
        Pool used and load put into it (> 0). A pool stands at most once in an option, and a
        customer puts the same load into a pool whichever of its options uses it.
    skip_cost : int64[n_customers]
        Price of leaving the customer out (cents).
    pool_capacity, pool_cost : int64[n_pools]
        What one unit holds (>= 1), what one unit costs (cents, >= 0).
    limit_capacity : int64[n_limits]
        Units the pools of a limit may open together (>= 0).
    limit_start : int64[n_limits + 1]
        Limit ``l`` lists entries ``limit_start[l]:limit_start[l + 1]`` of ``limit_pool``.
    limit_pool : int64[n_limit_entries]
    commitment_cost : int64[n_commitments]
        Price of opening any unit of the commitment's pools (cents, >= 0); by default there are no
        commitments.
    commitment_minimum : int64[n_commitments]
        Units below which more is paid (>= 0).
    commitment_short_cost : int64[n_commitments]
        Price of each unit missing to the minimum (cents, >= 0), if any is opened.
    commitment_start : int64[n_commitments + 1]
        Commitment ``c`` lists entries ``commitment_start[c]:commitment_start[c + 1]`` of
        ``commitment_pool``, each pool at most once.
    commitment_pool : int64[n_commitment_entries]
    """

    option_customer: Ints
    option_cost: Ints
    option_start: Ints
    option_pool: Ints
    option_load: Ints
    skip_cost: Ints
    pool_capacity: Ints
    pool_cost: Ints
    limit_capacity: Ints
    limit_start: Ints
    limit_pool: Ints
    commitment_cost: Ints = field(default_factory=_none)
    commitment_minimum: Ints = field(default_factory=_none)
    commitment_short_cost: Ints = field(default_factory=_none)
    commitment_start: Ints = field(default_factory=_no_rows)
    commitment_pool: Ints = field(default_factory=_none)

    def __post_init__(self) -> None:
        if (
            len(self.option_start) != self.n_options + 1
            or len(self.limit_start) != self.n_limits + 1
            or len(self.commitment_start) != self.n_commitments + 1
        ):
            raise ValueError("starts must be one longer than what they index")
        if (
            len(self.option_pool) != len(self.option_load)
            or len(self.pool_cost) != self.n_pools
            or len(self.commitment_minimum) != self.n_commitments
            or len(self.commitment_short_cost) != self.n_commitments
        ):
            raise ValueError("columns of one table differ in length")
        if self.n_options and bool(np.any(np.diff(self.option_customer) < 0)):
            raise ValueError("options must be sorted by customer")
        if len(self.option_load) and int(self.option_load.min()) <= 0:
            raise ValueError("loads must be positive")
        if self.n_pools and (int(self.pool_capacity.min()) < 1 or int(self.pool_cost.min()) < 0):
            raise ValueError("a unit must hold at least 1 and cost at least 0")
        for terms in (self.commitment_cost, self.commitment_minimum, self.commitment_short_cost):
            if len(terms) and int(terms.min()) < 0:
                raise ValueError("the terms of a commitment must be at least 0")
        saved = np.zeros(self.n_pools, dtype=np.int64)
        for commitment in range(self.n_commitments):
            pools = self.committed(commitment)
            if len(np.unique(pools)) != len(pools):
                raise ValueError("a commitment must list a pool once")
            saved[pools] += self.commitment_short_cost[commitment]
        if bool((saved > self.pool_cost).any()):
            raise ValueError("a unit must cost at least what it saves its commitments")

    @property
    def digest(self) -> str:
        """SHA-256 over all arrays, by name: equal for equal problems on any machine."""
        seen = hashlib.sha256()
        for held in fields(self):
            values: Ints = getattr(self, held.name)
            seen.update(f"{held.name} {len(values)}\n".encode())
            seen.update(values.astype("<i8").tobytes())
        return seen.hexdigest()

    @property
    def n_customers(self) -> int:
        return len(self.skip_cost)

    @property
    def n_options(self) -> int:
        return len(self.option_customer)

    @property
    def n_pools(self) -> int:
        return len(self.pool_capacity)

    @property
    def n_limits(self) -> int:
        return len(self.limit_capacity)

    @property
    def n_commitments(self) -> int:
        return len(self.commitment_cost)

    def committed(self, commitment: int) -> Ints:
        """Pools of a commitment."""
        rows = self.commitment_start[commitment : commitment + 2]
        return self.commitment_pool[rows[0] : rows[1]]

    def commitment_costs(self, units: Ints) -> Ints:
        """What each commitment costs with these units of each pool: int64[n_commitments]."""
        if not self.n_commitments:
            return _none()
        listed = np.zeros(len(self.commitment_pool) + 1, dtype=np.int64)
        np.cumsum(units[self.commitment_pool], out=listed[1:])
        used = np.diff(listed[self.commitment_start])
        short = np.maximum(self.commitment_minimum - used, 0)
        paid = self.commitment_cost + self.commitment_short_cost * short
        return np.where(used > 0, paid, 0)

    def units(self, chosen: Ints) -> Ints:
        """Fewest units of each pool that hold what ``chosen`` puts there: int64[n_pools]."""
        load = np.zeros(self.n_pools, dtype=np.int64)
        for option in chosen[chosen >= 0]:
            entries = slice(self.option_start[option], self.option_start[option + 1])
            load[self.option_pool[entries]] += self.option_load[entries]
        return -(-load // self.pool_capacity)

    def cost(self, chosen: Ints) -> int:
        """Exact cost (cents) of ``chosen``: int64[n_customers], an option or -1 for skipped."""
        taken = chosen[chosen >= 0]
        units = self.units(chosen)
        return int(
            self.option_cost[taken].sum()
            + self.skip_cost[chosen < 0].sum()
            + (units * self.pool_cost).sum()
            + self.commitment_costs(units).sum()
        )

    def broken_limits(self, chosen: Ints) -> list[int]:
        """Limits that ``chosen`` exceeds."""
        units = self.units(chosen)
        return [
            limit
            for limit in range(self.n_limits)
            if int(
                units[self.limit_pool[self.limit_start[limit] : self.limit_start[limit + 1]]].sum()
            )
            > int(self.limit_capacity[limit])
        ]


class Status(StrEnum):
    """Why the engine stopped."""

    OPTIMAL = "optimal"
    """The bound meets the cost, or is within the gap asked for."""
    LIMIT = "limit"
    """The time or work allowed was used up."""
    INTERRUPTED = "interrupted"
    """Someone stopped it, or the solver's process died."""
    HEURISTIC = "heuristic"
    """The engine proves nothing by design (its bound is only the trivial one)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How hard an engine may try.

    ``seconds`` of wall time, relative ``gap`` at which it may stop (0.0 = proven optimal),
    ``threads`` and ``seed`` for the solver. ``hint`` is a known selection (an option or -1 per
    customer) to start from.
    """

    seconds: float = 60.0
    gap: float = 0.0
    threads: int = 2
    seed: int = 1
    hint: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """An engine's answer; every field is stated, none defaults to good news.

    ``chosen`` is an option index or -1 (skipped) per customer, ``units`` the units opened per
    pool, ``cost`` and ``bound`` exact integers in the problem's money with ``bound <= cost``;
    the bound holds for the whole problem, not for the columns an engine happened to look at. It is
    ``engine``'s word; ``certificate`` proves a bound to anybody, though not always as high a one:
    what a solver proves beyond it, only the solver knows.
    """

    chosen: tuple[int, ...]
    units: tuple[int, ...]
    cost: int
    bound: int
    status: Status
    engine: str
    engine_version: str
    seconds: float
    certificate: Certificate | None = None

    @property
    def certified_bound(self) -> int | None:
        """The bound that can be worked out again, None where there is no certificate."""
        return None if self.certificate is None else min(self.certificate.bound, self.cost)

    @property
    def gap(self) -> float:
        """Relative distance between cost and bound, as a share of the cost (0.0 = proven)."""
        return 0.0 if self.cost <= self.bound else (self.cost - self.bound) / max(1, abs(self.cost))


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What an engine reports while it works: its phase, the best cost and the bound so far.

    ``certificate`` is that of the best certified bound, when it is new.
    """

    phase: str
    seconds: float
    cost: int | None
    bound: int | None
    certificate: Certificate | None = None
