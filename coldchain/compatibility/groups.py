"""Stowage groups: who is stowed with whom, settled once for all boxes of a scenario.

Sharing is not transitive: apricots may ride with cherries and cherries with persimmons, but not
apricots with persimmons. A plan that were free to mix would have to look at every box anew, so the
cargoes are first parted into groups within which every pair gets along. Some mixtures that would be
allowed are thereby forbidden; which, is chosen so that little is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import combinations

from coldchain.compatibility.cargo import Cargo, CargoKey
from coldchain.compatibility.rules import judge

EXACT_UP_TO = 12
"""Cargoes that hang together, up to which the best groups are found; beyond, quick ones."""

Neighbours = Sequence[int]
"""Of each vertex a bit mask of those it gets along with."""


def stowage_groups(
    cargoes: Iterable[Cargo],
    *,
    tolerance_k: float = 1.0,
    meetings: Mapping[frozenset[CargoKey], int] | None = None,
) -> Mapping[CargoKey, str]:
    """Group of each cargo, named by its members.

    Those in which most ``meetings`` are free to happen: what each pair of cargoes has to gain from
    sharing, 1 for every pair if not stated. Among equal ones as few groups as can be, for each has
    boxes of its own of which one is left part full. That is a clique partition of greatest weight,
    found exactly where no more than ``EXACT_UP_TO`` cargoes hang together, else greedily in the
    order of their keys. The order of ``cargoes`` changes nothing.

    Setpoint ranges that overlap in pairs have a point in common, so a group has a setpoint.
    """
    known = {cargo.key: cargo for cargo in cargoes}
    members = [known[key] for key in sorted(known)]
    beside = [0] * len(members)
    weights = [[0] * len(members) for _ in members]
    for (i, a), (j, b) in combinations(enumerate(members), 2):
        if judge(a, b, tolerance_k=tolerance_k).allowed:
            beside[i] |= 1 << j
            beside[j] |= 1 << i
            pair = frozenset((a.key, b.key))
            weights[i][j] = weights[j][i] = 1 if meetings is None else meetings.get(pair, 0)
    groups: dict[CargoKey, str] = {}
    for part in _components(beside):
        exact = part.bit_count() <= EXACT_UP_TO
        cliques = best_cliques(beside, weights, part) if exact else _first_fit(beside, part)
        for clique in cliques:
            within = [members[i] for i in _bits(clique)]
            name = "+".join(cargo.name for cargo in within)
            groups.update({cargo.key: name for cargo in within})
    return groups


def best_cliques(
    beside: Neighbours, weights: Sequence[Sequence[int]], part: int
) -> tuple[int, ...]:
    """The vertices of mask ``part`` in cliques, with the most ``weights`` of pairs within them.

    Among partitions of equal weight one of the fewest cliques. By dynamic programming over
    subsets: the lowest vertex left is in some clique, all of which are tried.
    """

    @cache
    def best(left: int) -> tuple[int, int, tuple[int, ...]]:
        if all(left & ~(1 << i) == left & beside[i] for i in _bits(left)):  # all get along
            return -_weight(weights, left), int(left > 0), (left,) if left else ()
        lowest = left & -left
        found: tuple[int, int, tuple[int, ...]] | None = None
        for clique in _cliques(beside, lowest, left & beside[lowest.bit_length() - 1]):
            together, count, rest = best(left & ~clique)
            candidate = (together - _weight(weights, clique), count + 1, (clique, *rest))
            if found is None or candidate[:2] < found[:2]:
                found = candidate
        assert found is not None
        return found

    return best(part)[2]


def _cliques(beside: Neighbours, clique: int, candidates: int) -> Iterable[int]:
    """All cliques of ``clique`` and some of ``candidates``, who get along with all of it."""
    yield clique
    for i in _bits(candidates):
        candidates &= ~(1 << i)
        yield from _cliques(beside, clique | 1 << i, candidates & beside[i])


def _weight(weights: Sequence[Sequence[int]], clique: int) -> int:
    """Weights of the pairs within a clique."""
    return sum(weights[i][j] for i, j in combinations(_bits(clique), 2))


def _first_fit(beside: Neighbours, part: int) -> tuple[int, ...]:
    """Each vertex of ``part`` in the first clique all of whose members it gets along with."""
    cliques: list[int] = []
    for i in _bits(part):
        fits = (n for n, clique in enumerate(cliques) if clique & beside[i] == clique)
        number = next(fits, None)
        if number is None:
            cliques.append(1 << i)
        else:
            cliques[number] |= 1 << i
    return tuple(cliques)


def _components(beside: Neighbours) -> Iterable[int]:
    """Masks of the vertices that hang together, directly or through others."""
    left = (1 << len(beside)) - 1
    while left:
        part, grown = 0, left & -left
        while part != grown:
            part = grown
            for i in _bits(part):
                grown |= beside[i]
        yield part
        left &= ~part


def _bits(mask: int) -> list[int]:
    return [i for i in range(mask.bit_length()) if mask >> i & 1]
