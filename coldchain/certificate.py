"""What a bound is proven with: multipliers in integers, so that anybody can work it out again.

A certificate speaks of a :class:`~coldchain.selection.SelectionProblem` by its numbers alone and
names it by its digest. How a bound follows from it is told in ``docs/certificate.md`` and done, as
slowly and as plainly as possible, by ``coldchain.evaluator``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

Numbers = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Customers decided jointly, and the pools that are not copied for them.

    ``inner`` are (customer, pool) pairs without a price: all of one pool belong to one cluster.
    ``entries`` are (pool, price): what every block of customers that share the pool pays, and what
    is given back once.
    """

    customers: Numbers
    inner: tuple[tuple[int, int], ...]
    entries: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Multipliers, and the bound they prove.

    Attributes
    ----------
    problem : str
        Digest of the problem.
    bound : int
        What no selection undercuts (money of the problem).
    scale : int
        Parts of a money unit in which prices and tolls are stated.
    prices : tuple of (customer, pool, price)
        Those that are not zero.
    limit_tolls : tuple of (limit, toll)
    commitment_tolls : tuple of (commitment, toll)
    clusters : tuple of Cluster
        Nobody and nothing stands in two of them.
    """

    problem: str
    bound: int
    scale: int
    prices: tuple[tuple[int, int, int], ...]
    limit_tolls: tuple[tuple[int, int], ...] = ()
    commitment_tolls: tuple[tuple[int, int], ...] = ()
    clusters: tuple[Cluster, ...] = ()


_TABLES = {"prices": 3, "limit_tolls": 2, "commitment_tolls": 2}


def document_of(certificate: Certificate) -> dict[str, Any]:
    """The certificate as dicts, lists, strings and whole numbers."""
    return {
        "problem": certificate.problem,
        "bound": certificate.bound,
        "scale": certificate.scale,
        **{name: [list(row) for row in getattr(certificate, name)] for name in _TABLES},
        "clusters": [
            {
                "customers": list(cluster.customers),
                "inner": [list(row) for row in cluster.inner],
                "entries": [list(row) for row in cluster.entries],
            }
            for cluster in certificate.clusters
        ],
    }


def certificate_in(document: object) -> Certificate:
    """The inverse of :func:`document_of`.

    Raises
    ------
    ValueError
        With the field that is not as it should be, and what was expected.
    """
    given = _fields(document, "certificate", ("problem", "bound", "scale", *_TABLES, "clusters"))
    problem = given["problem"]
    if not isinstance(problem, str):
        raise ValueError("problem: expected the digest as text")
    bound, scale = _number(given["bound"], "bound"), _number(given["scale"], "scale")
    tables = {name: _rows(given[name], name, width) for name, width in _TABLES.items()}
    clusters: list[Cluster] = []
    for at, item in enumerate(_list(given["clusters"], "clusters")):
        path = f"clusters[{at}]"
        part = _fields(item, path, ("customers", "inner", "entries"))
        customers = _list(part["customers"], f"{path}.customers")
        clusters.append(
            Cluster(
                customers=tuple(_number(k, f"{path}.customers") for k in customers),
                inner=cast(Any, _rows(part["inner"], f"{path}.inner", 2)),
                entries=cast(Any, _rows(part["entries"], f"{path}.entries", 2)),
            )
        )
    return Certificate(
        problem=problem,
        bound=bound,
        scale=scale,
        clusters=tuple(clusters),
        **cast("dict[str, Any]", tables),
    )


def _fields(value: object, path: str, names: tuple[str, ...]) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ValueError(f"{path}: expected an object")
    given = cast("dict[str, object]", value)
    if set(given) != set(names):
        odd = sorted(set(given) ^ set(names))[0]
        raise ValueError(f"{path}: {odd} is {'no such field' if odd in given else 'missing'}")
    return given


def _list(value: object, path: str) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"{path}: expected a list")
    return cast("list[object]", value)


def _number(value: object, path: str) -> int:
    if type(value) is not int:
        raise ValueError(f"{path}: expected a whole number")
    return value


def _rows(value: object, path: str, width: int) -> tuple[Numbers, ...]:
    rows: list[Numbers] = []
    for at, item in enumerate(_list(value, path)):
        row = _list(item, f"{path}[{at}]")
        if len(row) != width:
            raise ValueError(f"{path}[{at}]: expected {width} whole numbers")
        rows.append(tuple(_number(x, f"{path}[{at}]") for x in row))
    return tuple(rows)
