"""What a way costs each consignment at least: the measure of its detours, and what is left else.

For each consignment by itself, as if it waited for nobody and no slots ran out: the least it costs
with every unit full, and the cheapest way of going alone. Where that way takes slots that may run
out, or a chartered departure, the cheapest way that takes none is found too.

The cheapest is looked for within a sum that is little more than no way can cost
(:mod:`coldchain.prospects`), and if it costs more, within more: what is found within its sum is the
cheapest of all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coldchain.boards import Lone, scheduled_boards
from coldchain.carriages import NOTHING_SCARCE, Scarcity
from coldchain.chains import Chains, Cheapest
from coldchain.goods import Packaging
from coldchain.prospects import Means
from coldchain.scenario import Scenario
from coldchain.scrutiny import Scrutiny
from coldchain.search import Search, Sought

Floats = NDArray[np.float64]

SUMS = (1.3, 2.0, 4.0, math.inf)
"""Within how much more than the least possible a way is looked for, one after the other."""

WIDER = (1.0, 2.0, 4.0, 16.0, math.inf)
"""How much dearer than the cheapest way a sound one is looked for, one after the other."""


@dataclass(slots=True)
class Appraisal:
    """What one consignment's way costs at least with every unit full, and ways it has alone.

    Infinite, and none, if it has no way at all. The links of ways are those of the search that
    was asked, and of all like it.
    """

    full_usd: float = math.inf
    alone: tuple[Packaging, Cheapest] | None = None
    sure: tuple[Packaging, Cheapest] | None = None

    @property
    def ways(self) -> tuple[tuple[Packaging, Cheapest], ...]:
        """Those it has."""
        return tuple(way for way in (self.alone, self.sure) if way is not None)


def departures_taken(search: Search, appraisals: Sequence[Appraisal]) -> Sought:
    """Departures that the ways alone of each consignment take."""
    n = len(search.rates.setpoints_c)
    return {
        k: frozenset(
            (leg.service, leg.departs)
            for _, way in appraisal.ways
            for link in way.links
            for leg in search.rides[link // n].ride.legs
        )
        for k, appraisal in enumerate(appraisals)
    }


def affordable(scenario: Scenario, appraisals: Sequence[Appraisal]) -> Means:
    """What each may spend by the rule of ``max_detour``, with every unit full; no way, nothing."""
    full = np.array([a.full_usd for a in appraisals])
    nothing = np.full(len(full), -math.inf)
    most = np.where(np.isfinite(full), (1 + scenario.max_detour) * full, nothing)
    return Means(full=most, alone=nothing)


def appraise(whole: Search, say: Callable[[str], None]) -> tuple[list[Appraisal], Search]:
    """The appraisal of each consignment of ``whole``, whose links ways have.

    And a search like it within the means that follow, which seeks the departures those ways take.
    ``say`` is told, in words, what is being done.
    """
    scenario = whole.scenario
    out = [Appraisal() for _ in whole.consignments]
    full, alone = (whole.prospects.least_usd(full=by) for by in (True, False))
    unpriced = {k for k in range(len(out)) if math.isfinite(full[k])}
    unsent = set(unpriced)
    for times in SUMS:
        looking = sorted(unpriced | unsent)
        if not looking:
            break
        say(f"cheapest ways of {len(looking)} consignments by themselves")
        search = Search(
            scenario,
            [whole.consignments[k] for k in looking],
            like=whole,
            scarcity=NOTHING_SCARCE,
            means=Means(
                full=_sums(times, full, looking, unpriced),
                alone=_sums(times, alone, looking, unsent),
            ),
        )
        for i, k, chains in _chains(search, looking):
            if k in unpriced:
                usd = _cheapest_usd(search, i, chains, anyhow=times == math.inf)
                if usd <= search.means.full[i]:
                    out[k].full_usd = usd
                    unpriced.discard(k)
            if k in unsent:
                way = _cheapest_alone(chains, sure=False)
                if way is not None and way[1].usd <= search.means.alone[i]:
                    out[k].alone = way
                    unsent.discard(k)
    without: frozenset[str] = frozenset()
    while True:
        # What is sure depends on who rides what, and that on what is sure.
        sought = departures_taken(whole, out)
        means = affordable(scenario, out)
        whole = Search(scenario, whole.consignments, like=whole, means=means, sought=sought)
        if whole.dating.run_out <= without:
            return out, whole
        without |= whole.dating.run_out
        unsure = {
            k
            for k, a in enumerate(out)
            if a.alone and not any(_is_sure(whole, way, without) for _, way in a.ways)
        }
        for k in unsure:
            out[k].sure = None
        _find_sure(whole, out, unsure, without, say)


def _find_sure(
    whole: Search,
    out: Sequence[Appraisal],
    unsure: set[int],
    without: frozenset[str],
    say: Callable[[str], None],
) -> None:
    """Find the cheapest way alone, ``without`` what may run out, for those who have none."""
    scarcity = Scarcity({}, without)

    def search(looking: Sequence[int], means: Means | None = None) -> Search:
        goods = [whole.consignments[k] for k in looking]
        return Search(
            whole.scenario, goods, like=whole, without=without, scarcity=scarcity, means=means
        )

    least = np.full(len(out), math.inf)
    looking = sorted(unsure)
    if looking:
        least[looking] = search(looking).prospects.least_usd(full=False)
    unsure = {k for k in unsure if math.isfinite(least[k])}
    for times in SUMS:
        looking = sorted(unsure)
        if not looking:
            break
        say(f"ways of {len(looking)} consignments on slots that are sure")
        nothing = np.full(len(looking), -math.inf)
        within = search(looking, Means(nothing, _sums(times, least, looking, unsure)))
        for i, k, chains in _chains(within, looking):
            way = _cheapest_alone(chains, sure=True)
            if way is not None and way[1].usd <= within.means.alone[i]:
                out[k].sure = way
                unsure.discard(k)


def _sums(times: float, least: Floats, looking: Sequence[int], of: set[int]) -> Floats:
    """``times`` the ``least`` of those ``looking`` for a way; nothing if not among ``of``."""
    sums = [math.inf if times == math.inf else times * float(least[k]) for k in looking]
    return np.array([usd if k in of else -math.inf for usd, k in zip(sums, looking, strict=True)])


def _chains(search: Search, numbers: Sequence[int]) -> Iterator[tuple[int, int, list[Chains]]]:
    """Ways of each consignment that waits for nobody: its column, its number, one per packaging."""
    lone = Lone(search, scheduled_boards(search))
    for i, k in enumerate(numbers):
        yield i, k, [search.chains(i, lone.choices, p) for p in search.packagings[i]]


def _is_sure(search: Search, way: Cheapest, without: frozenset[str]) -> bool:
    """Whether ``way`` takes nothing of these services and operations, and no charter."""
    n = len(search.rates.setpoints_c)
    rides = [search.rides[link // n] for link in way.links]
    return not any(
        ride.chartered or not without.isdisjoint({s.subject for s in ride.ride.stretches})
        for ride in rides
    )


def _cheapest_alone(chains: Sequence[Chains], *, sure: bool) -> tuple[Packaging, Cheapest] | None:
    """The cheapest way with units to itself; ``sure``: on slots that cannot run out."""
    found = [(c.packaging, c.cheapest(alone=True, sure=sure)) for c in chains]
    best = min(found, key=lambda one: one[1].usd, default=None)
    return best if best is not None and best[1].links else None


def _cheapest_usd(search: Search, k: int, chains: Sequence[Chains], *, anyhow: bool) -> float:
    """Cost, every unit full, of the cheapest way without a charter that stands up to scrutiny.

    Infinite if there is none; ``anyhow``, of the cheapest that does not, or if every way needs a
    chartered departure, of the cheapest of these.
    """
    regular = min((c.cheapest(alone=False, regular=True).usd for c in chains), default=math.inf)
    cheapest = regular
    if anyhow and not math.isfinite(regular):
        cheapest = min((c.cheapest(alone=False).usd for c in chains), default=math.inf)
    if not math.isfinite(cheapest):
        return math.inf
    scrutiny = Scrutiny(search)
    consignment = search.consignments[k]
    n = len(search.rates.setpoints_c)
    for wider in WIDER:
        costs: list[float] = []
        for c in chains:
            kept, _ = scrutiny.keep(k, c.packaging, c.rows(wider * cheapest))
            for own, links in zip(kept.own_usd, kept.links, strict=True):
                rides = [search.rides[link // n] for link in links]
                if math.isfinite(regular) and any(r.chartered for r in rides):
                    continue
                costs.append(own + sum(r.full_usd(consignment) for r in rides))
        if costs:
            return min(costs)
    return cheapest if anyhow else math.inf
