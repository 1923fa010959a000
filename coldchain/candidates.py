"""Level two of the candidates: every itinerary that is in time and fresh enough, in columns.

Rules that keep the set small, the same for every engine:

* **Wait only where waiting can buy consolidation or a connection.** An on-demand unit leaves at an
  instant at which something that can ride becomes available; goods wait for a later instant only
  if somebody else becomes available then, and pass over a scheduled departure only for one that
  somebody else can take too (or because its slots may run out).
* **No pointless detour.** With every unit and every chartered departure full an itinerary costs at
  most ``max_detour`` more than the cheapest one that needs no chartered departure, for that may
  not run. The cheapest way of going alone always is a candidate, and so is the cheapest on
  departures whose slots cannot run out and that run anyway.
* **Stop a branch** when the time, the life or the money cannot reach the destination any more:
  least minutes, life and cost still to come are worked out backwards and are never too high.

The instants are closed: riding with others leads only to instants that are theirs already. They
are found for all consignments together, in order of time (:mod:`coldchain.boards`); then the
chains of each are walked (:mod:`coldchain.chains`).

A refusal is worded by a second search without the floor and the deadline, never from a pruned
branch; one for want of admission by a third, in which everybody may enter everywhere.
"""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coldchain.admission import Entry
from coldchain.appraisal import Appraisal, appraise, departures_taken
from coldchain.boards import Lone, Shared, scheduled_boards
from coldchain.carriages import NOTHING_SCARCE
from coldchain.chains import Chains, Rows
from coldchain.charges import least_packing_usd, value_charges
from coldchain.clock import Clock
from coldchain.goods import Consignment, Packaging
from coldchain.itinerary import Reason, Refusal
from coldchain.network import Trigger
from coldchain.rides import RatedRide
from coldchain.scenario import Scenario
from coldchain.scrutiny import Scrutiny, Struck
from coldchain.search import Search
from coldchain.timetable import local_time, minute

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

GRACES_D = (4, 30)
"""How long after ``due_at`` the second search looks for a delivery, one after the other (days)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidates:
    """Itineraries in columns; row ``i`` belongs to consignment ``consignment[i]`` (ascending).

    Attributes
    ----------
    consignment : int64[n]
        Index into ``scenario.consignments``.
    delivered : int64[n]
        Minute of delivery.
    life_used : float64[n]
        At delivery.
    own_usd : float64[n]
        What the consignment pays whoever shares its units: handling, storage, freight by the kg,
        freshness; without the constant of its packing (``constant_usd``).
    start : int64[n + 1]
        Row ``i`` rides ``carriage[start[i]:start[i + 1]]``, in order.
    carriage : int64[m]
        Index into ``rides``, times the number of setpoints, plus the setpoint's index.
    rides : tuple of RatedRide
        The distinct rides.
    constant_usd : float64[n_consignments]
        Paid by the consignment whichever itinerary it takes (USD).
    packaging : int64[n]
        Index into ``packagings``: how the goods are packed.
    packagings : tuple of Packaging
        All that occur.
    refusals : tuple of Refusal
        Consignments without any row.
    """

    scenario: Scenario
    consignment: Ints
    delivered: Ints
    life_used: Floats
    own_usd: Floats
    start: Ints
    carriage: Ints
    rides: tuple[RatedRide, ...]
    setpoints_c: tuple[float, ...]
    constant_usd: Floats
    packaging: Ints
    packagings: tuple[Packaging, ...]
    refusals: tuple[Refusal, ...]

    def __len__(self) -> int:
        return len(self.consignment)

    def packed(self, row: int) -> Packaging:
        """How the goods of row ``row`` are packed."""
        return self.packagings[int(self.packaging[row])]

    def links(self, row: int) -> list[int]:
        """Entries of ``carriage`` that row ``row`` rides."""
        return self.carriage[self.start[row] : self.start[row + 1]].tolist()

    def chain(self, row: int) -> tuple[tuple[RatedRide, float], ...]:
        """Rides and setpoints of row ``row``, in order."""
        n = len(self.setpoints_c)
        return tuple(
            (self.rides[link // n], self.setpoints_c[link % n]) for link in self.links(row)
        )


def joined(some: Candidates, other: Candidates, rows: Sequence[int]) -> Candidates:
    """``some`` and these ``rows`` of ``other``, those it lacks, of the same consignments."""
    missing = [row for row in rows if row_of(some, other, row) < 0]
    place = {rated.ride.legs: index for index, rated in enumerate(some.rides)}
    rides = list(some.rides)
    packagings = list(some.packagings)
    n = len(some.setpoints_c)
    if not missing:
        return some
    carriages = [some.links(row) for row in range(len(some))]
    for row in missing:
        links: list[int] = []
        for rated, setpoint_c in other.chain(row):
            if rated.ride.legs not in place:
                place[rated.ride.legs] = len(rides)
                rides.append(rated)
            links.append(place[rated.ride.legs] * n + some.setpoints_c.index(setpoint_c))
        carriages.append(links)
        if other.packed(row) not in packagings:
            packagings.append(other.packed(row))
    consignment = np.append(some.consignment, other.consignment[missing])
    order: Ints = np.argsort(consignment, kind="stable")
    chains: list[list[int]] = [carriages[row] for row in order.tolist()]
    packed = [packagings.index(other.packed(row)) for row in missing]
    found = {int(k) for k in consignment}
    return replace(
        some,
        consignment=consignment[order],
        delivered=np.append(some.delivered, other.delivered[missing])[order],
        life_used=np.append(some.life_used, other.life_used[missing])[order],
        own_usd=np.append(some.own_usd, other.own_usd[missing])[order],
        start=np.cumsum([0, *map(len, chains)], dtype=np.int64),
        carriage=np.array([link for chain in chains for link in chain], dtype=np.int64),
        rides=tuple(rides),
        packaging=np.append(some.packaging, np.array(packed, dtype=np.int64))[order],
        packagings=tuple(packagings),
        refusals=tuple(
            refusal
            for refusal in some.refusals
            if not any(some.scenario.consignments[k].id == refusal.consignment for k in found)
        ),
    )


def row_of(some: Candidates, other: Candidates, row: int) -> int:
    """Row of ``some`` that is the itinerary of ``row`` of ``other``; -1 if there is none."""
    k = int(other.consignment[row])
    first, last = np.searchsorted(some.consignment, [k, k + 1]).tolist()
    alike = np.flatnonzero(some.delivered[first:last] == other.delivered[row]) + first
    wanted = [(rated.ride.legs, setpoint) for rated, setpoint in other.chain(row)]
    for mine in alike.tolist():
        if some.packed(mine) is other.packed(row) and wanted == [
            (rated.ride.legs, setpoint) for rated, setpoint in some.chain(mine)
        ]:
            return mine
    return -1


def constant_usd(clock: Clock, consignment: Consignment) -> float:
    """What a consignment pays whichever way it goes (USD).

    Work at its origin, packaging, and what goes by its value: duty, VAT, insurance.
    """
    scenario, c = clock.scenario, consignment
    # No equipment: what is done for one kind of it is a choice, and in no constant.
    work = [o for o in clock.packing_operations(c, "") if o.trigger is Trigger.ORIGIN]
    in_transit = scenario.treatment_in_transit(c)
    if in_transit is not None:
        work.append(in_transit)
    by_kg = c.gross_kg * sum(o.usd_per_kg for o in work)
    return by_kg + least_packing_usd(scenario, c) + value_charges(scenario, c).total


def enumerate_itineraries(
    scenario: Scenario, *, on_progress: Callable[[str], None] | None = None
) -> Candidates:
    """Every itinerary of every consignment within its window and freshness.

    ``on_progress`` is told, in words, what is being done.
    """

    def say(phase: str) -> None:
        if on_progress is not None:
            on_progress(phase)

    # Millions of small tuples and no cycle among them: the collector would only walk them.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _enumerate(scenario, say)
    finally:
        if collecting:
            gc.enable()


def _enumerate(scenario: Scenario, say: Callable[[str], None]) -> Candidates:
    say("least cost of each consignment")
    by_itself = Search(scenario, scenario.consignments, scarcity=NOTHING_SCARCE)
    appraisals, search = appraise(by_itself, say)
    sought = departures_taken(by_itself, appraisals)
    while True:
        found = _rows(search, appraisals, say)
        more = _coming_again(search, found)
        if not more:
            break
        # Slots said to be enough for all may run out if some come there twice a day.
        search = Search(
            scenario,
            scenario.consignments,
            like=by_itself,
            means=search.means,
            sought=sought,
            again=search.again | more,
        )
    all_rows = [rows for rows, _ in found]
    refusals = [
        refuse(scenario, scenario.consignments[k], struck=struck)
        for k, (rows, struck) in enumerate(found)
        if not any(by.links for by in rows.values())
    ]
    return _columns(search, all_rows, refusals)


Found = list[tuple[dict[Packaging, Rows], Struck | None]]
"""Rows of each consignment, and the best of those that did not stand up to scrutiny."""


def _coming_again(search: Search, found: Found) -> frozenset[str]:
    """Services and operations some itinerary takes two slots of a day of, that might run out so.

    By id; without those whose slots the search knows may run out.
    """
    twice: set[str] = set()
    for rows, _ in found:
        for by in rows.values():
            for links in by.links:
                if len(links) > 1:
                    twice |= search.counted_twice(links)
    return frozenset(twice - search.again - search.dating.run_out)


def _rows(search: Search, appraisals: Sequence[Appraisal], say: Callable[[str], None]) -> Found:
    """Itineraries of every consignment within its means, and the ways alone it has besides."""
    scenario = search.scenario
    say("dating departures")
    boards = scheduled_boards(search)
    scrutiny = Scrutiny(search)
    say("finding who can ride with whom")
    shared = Shared(search, boards)
    found: Found = []
    for k, consignment in enumerate(scenario.consignments):
        say(f"itineraries of {consignment.id} ({k + 1} of {len(scenario.consignments)})")
        rows: dict[Packaging, Rows] = {}
        if math.isfinite(most := float(search.means.full[k])):
            choices = shared.of(k)
            for packaging in search.packagings[k]:
                rows[packaging] = search.chains(k, choices, packaging).rows(most)
        for packaging, way in appraisals[k].ways:
            rows.setdefault(packaging, Rows()).add(way)
        found.append(_kept(scrutiny, k, rows))
    return found


def _kept(
    scrutiny: Scrutiny, k: int, rows: Mapping[Packaging, Rows]
) -> tuple[dict[Packaging, Rows], Struck | None]:
    """Rows that stand up to scrutiny, and the best that does not."""
    looked = {packaging: scrutiny.keep(k, packaging, found) for packaging, found in rows.items()}
    struck = [best for _, best in looked.values() if best is not None]
    return (
        {packaging: kept for packaging, (kept, _) in looked.items()},
        max(struck, key=lambda s: -math.inf if math.isnan(s.left_h) else s.left_h, default=None),
    )


def _columns(
    search: Search,
    all_rows: Sequence[Mapping[Packaging, Rows]],
    refusals: Sequence[Refusal],
) -> Candidates:
    n = len(search.rates.setpoints_c)
    packagings = tuple(sorted({p for rows in all_rows for p in rows}))
    found = [(k, p, rows) for k, by in enumerate(all_rows) for p, rows in sorted(by.items())]
    used = sorted({link // n for _, _, rows in found for chain in rows.links for link in chain})
    place = {index: position for position, index in enumerate(used)}
    lengths = [len(chain) for _, _, rows in found for chain in rows.links]
    start = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=start[1:])
    counts = [len(rows.links) for _, _, rows in found]
    return Candidates(
        scenario=search.scenario,
        consignment=np.repeat(np.array([k for k, _, _ in found], dtype=np.int64), counts),
        delivered=np.array([d for _, _, r in found for d in r.delivered], dtype=np.int64),
        life_used=np.array([x for _, _, r in found for x in r.life_used], dtype=np.float64),
        own_usd=np.array([x for _, _, r in found for x in r.own_usd], dtype=np.float64),
        start=start,
        carriage=np.array(
            [
                place[link // n] * n + link % n
                for _, _, rows in found
                for chain in rows.links
                for link in chain
            ],
            dtype=np.int64,
        ),
        rides=tuple(search.rides[index] for index in used),
        setpoints_c=search.rates.setpoints_c,
        constant_usd=np.array([constant_usd(search.clock, c) for c in search.consignments]),
        packaging=np.repeat(
            np.array([packagings.index(p) for _, p, _ in found], dtype=np.int64), counts
        ),
        packagings=packagings,
        refusals=tuple(refusals),
    )


def enumerate_alone(scenario: Scenario, consignment: Consignment) -> Candidates:
    """Itineraries of one consignment that waits for nobody."""
    search = Search(scenario, (consignment,))
    if search.soonest(0) > search.due[0]:
        return _columns(search, [{}], ())
    lone = Lone(search, scheduled_boards(search))
    rows = {p: search.chains(0, lone.choices, p).rows() for p in search.packagings[0]}
    kept, _ = _kept(Scrutiny(search), 0, rows)
    return _columns(search, [kept], ())


def _unlimited(
    scenario: Scenario, consignment: Consignment, grace_d: int = 0, *, admission: bool = True
) -> tuple[Search, list[Chains]]:
    """Ways of one consignment however fresh, with its deadline ``grace_d`` days later.

    One set of ways for each packaging it may have; of those beyond the deadline, or where it is
    not admitted, only the earliest are of use.
    """
    # To be early is not to be done early where a treatment in the unit has to be over.
    hasty = bool(grace_d or not admission) and not scenario.treatment_in_transit(consignment)
    search = Search(
        scenario,
        (consignment,),
        limits=False,
        hasty=hasty,
        grace_d=grace_d,
        admission=admission,
    )
    if search.soonest(0) > search.due[0]:
        return search, []
    choices = Lone(search, scheduled_boards(search)).choices
    return search, [search.chains(0, choices, p) for p in search.packagings[0]]


def _via_words(scenario: Scenario, consignment: Consignment) -> str:
    """Where goods must be opened, in words that follow where they go."""
    via = sorted(scenario.via_of(consignment))
    return f" by way of {' or '.join(via)}" if via else ""


def _barred_entry(scenario: Scenario, consignment: Consignment) -> Entry | None:
    """The first entry at which the earliest way is not admitted, if everybody were elsewhere."""
    for grace_d in (0, *GRACES_D):
        search, chains = _unlimited(scenario, consignment, grace_d, admission=False)
        best, links = min((c.soonest() for c in chains), default=(math.inf, ()))
        if math.isfinite(best):
            n = len(search.rates.setpoints_c)
            services = [s for link in links for s in search.rides[link // n].ride.services]
            found = scenario.entries(consignment, services)
            barred = (e for e in found if not e.admits(consignment, scenario.unconfirmed))
            return next(barred, None)
    return None


def refuse(
    scenario: Scenario, consignment: Consignment, *, struck: Struck | None = None
) -> Refusal:
    """Why ``consignment`` has no itinerary, by how much and where.

    ``struck`` is the best of its itineraries that did not stand up to scrutiny, if there are any.
    """
    c = consignment

    def refusal(reason: Reason, shortfall: float, unit: str, detail: str) -> Refusal:
        return Refusal(
            consignment=c.id,
            reason=reason,
            shortfall=shortfall,
            unit=unit,
            where=c.destination,
            detail=detail,
        )

    goods = scenario.perishable(c.commodity)
    if not scenario.last_setpoints_for(c):
        asked = ", ".join(f"{s:+.1f}" for s in scenario.setpoints_c)
        gap = min(
            max(goods.setpoint_min_c - s, s - goods.setpoint_max_c, 0.0)
            for s in scenario.setpoints_c
        )
        treatment = scenario.treatment_in_transit(c)
        if treatment is not None and gap == 0.0:
            return refusal(
                Reason.NO_SETPOINT,
                0.0,
                "",
                f"none of the scenario's setpoints ({asked} °C) holds the pulp at "
                f"{treatment.exposed_c:+.2f} °C, as {c.treatment} in transit asks",
            )
        return refusal(
            Reason.NO_SETPOINT,
            gap,
            "K",
            f"needs {goods.setpoint_min_c:+.1f} to {goods.setpoint_max_c:+.1f} °C, "
            f"the scenario's setpoints are {asked} °C",
        )
    _, ways = _unlimited(scenario, c)
    earliest = min((chains.earliest() for chains in ways), default=math.inf)
    for grace_d in GRACES_D:
        # Looking far beyond the deadline takes long, and is seldom needed.
        if not math.isfinite(earliest):
            _, later = _unlimited(scenario, c, grace_d)
            earliest = min((chains.earliest() for chains in later), default=math.inf)
    if not math.isfinite(earliest) and scenario.entry_rules:
        entry = _barred_entry(scenario, c)
        if entry is not None:
            return Refusal(
                consignment=c.id,
                reason=Reason.NOT_ADMITTED,
                shortfall=0.0,
                unit="",
                where=entry.node,
                detail=f"the earliest way enters {entry.place}, {entry.why_not(c, goods)}",
            )
    if not math.isfinite(earliest):
        return refusal(
            Reason.NO_PATH,
            0.0,
            "",
            f"no chain of at most {scenario.max_cross_docks} cross-docks leads from {c.origin} "
            f"to {c.destination}{_via_words(scenario, c)} with the waits allowed",
        )
    zone = scenario.network.nodes[c.destination].timezone
    due = minute(c.due_at)
    if earliest > due:
        late = (earliest - due) / 60
        return refusal(
            Reason.TOO_LATE,
            late,
            "h",
            f"{late:.1f} h late at {c.destination} "
            f"(earliest {local_time(int(earliest), zone):%d %b %H:%M}, "
            f"due {local_time(due, zone):%d %b %H:%M})",
        )
    best_h: list[float] = []
    for chains in ways:
        least = chains.freshest()
        if math.isfinite(least):
            pace = scenario.pace(c.commodity, chains.packaging)
            best_h.append((1.0 - least) * pace.keeping_quality_h(c.retail_c))
    left_h = max(best_h, default=math.nan)
    by = ""
    if struck is not None and not left_h < c.shelf_life_required_h:
        left_h, by = struck.left_h, f", limited by {struck.limited_by}"
    if math.isnan(left_h):
        return _out_of_domain(scenario, c, refusal)
    short = (c.shelf_life_required_h - left_h) / 24
    words = f"{short:.1f} d" if short >= 0.1 else f"{24 * short:.1f} h"
    best = f"best {left_h / 24:.1f} d" if left_h >= 0 else "past its end"
    return refusal(
        Reason.NOT_FRESH,
        short,
        "d",
        f"{words} short at {c.destination} ({best} of "
        f"{c.shelf_life_required_h / 24:.1f} d at {c.retail_c:g} °C{by})",
    )


def _out_of_domain(
    scenario: Scenario, c: Consignment, refusal: Callable[[Reason, float, str, str], Refusal]
) -> Refusal:
    """Goods whose law says nothing of a temperature that every way passes."""
    goods = scenario.perishable(c.commodity)
    units = scenario.setpoints_for(c)
    category = goods.category
    stated = [c.pulp_at_ready_c, *(s.temperature_c for s in scenario.network)]
    passed = set(units) | {t for t in stated if t is not None}
    for o in scenario.network.operations.values():
        if o.exposed_h and not o.treatment and (not o.done_to or category in o.done_to):
            passed |= {o.air_c(unit) for unit in units}
    beyond = {t: max(goods.domain_min_c - t, t - goods.domain_max_c) for t in passed}
    worst = max(sorted(beyond), key=lambda t: beyond[t])
    return refusal(
        Reason.OUT_OF_DOMAIN,
        max(0.0, beyond[worst]),
        "K",
        f"its law of decay holds from {goods.domain_min_c:g} to {goods.domain_max_c:g} °C, "
        f"and every way takes its pulp outside (it passes {worst:g} °C)",
    )
