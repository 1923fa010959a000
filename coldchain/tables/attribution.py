"""Which statement brought about which fault, and in what order faults are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

from coldchain.errors import Fault
from coldchain.tables.asked import Asked


def attributed(
    asked: Sequence[Asked],
    faults_of: Callable[[int], Sequence[Fault]],
    written: Mapping[Fault, int],
) -> list[Fault]:
    """Faults of files and cells, those that a statement brought about told of that statement.

    ``faults_of(n)`` are those with the first ``n`` statements made. A fault is that of the
    statement that brought it about; one that stands without any is the files' own. ``written`` has
    the place of the first statement that wrote a cell which cannot be read at all.
    """

    @cache
    def standing(made: int) -> frozenset[Fault]:
        return frozenset(faults_of(made))

    final = faults_of(len(asked))
    owners = _owners(frozenset(final), len(asked), standing, written)
    told = [fault for fault in final if fault not in owners]
    owned: dict[int, dict[tuple[str, str, str], list[Fault]]] = {}
    for fault in final:
        if fault in owners:
            alike = owned.setdefault(owners[fault], {})
            alike.setdefault((fault.column, fault.value, fault.expected), []).append(fault)
    for place in sorted(owned):
        for (column, value, expected), found in owned[place].items():
            where = found[0].file + (f":{found[0].row}" if found[0].row else "")
            more = f" and {len(found) - 1} more" if len(found) > 1 else ""
            words = f"{expected} ({where}: {column} = {value!r}{more})"
            told.append(asked[place].fault(words))
    return told


def _owners(
    faults: frozenset[Fault],
    made: int,
    faults_of: Callable[[int], frozenset[Fault]],
    written: Mapping[Fault, int],
) -> dict[Fault, int]:
    """Of each of ``faults``, which stand with ``made`` statements, the one that brought it about.

    Those of several cells are asked for by halves, as reading all tables again after each of
    thousands would take minutes: of a fault that was made, mended and made again, it is one of
    those that made it.
    """
    owners: dict[Fault, int] = {}
    for fault in faults - faults_of(0):
        if fault in written:
            owners[fault] = written[fault]
            continue
        without, with_it = 0, made
        while with_it - without > 1:
            middle = (without + with_it) // 2
            if fault in faults_of(middle):
                with_it = middle
            else:
                without = middle
        owners[fault] = without
    return owners


def in_order(asked: Sequence[Asked], faults: Iterable[Fault]) -> list[Fault]:
    """Faults of the files first, then those of statements as these were given."""
    places: dict[tuple[str, int, str], int] = {}
    for one in asked:
        fault = one.fault("")
        places.setdefault((fault.file, fault.row, fault.value), len(places) + 1)
    return sorted(faults, key=lambda f: places.get((f.file, f.row, f.value), 0))
