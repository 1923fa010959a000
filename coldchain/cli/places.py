"""Places as a command is given them: ids of nodes; a town where a command says which it takes."""

from __future__ import annotations

from collections.abc import Sequence

from coldchain.errors import ColdchainError, UnknownName
from coldchain.exporters.wording import place
from coldchain.network import Network, Node


class NameOfTown(UnknownName):
    """A town where a node is wanted; names the nodes there, never picks one."""

    def __init__(self, town: str, nodes: Sequence[str]) -> None:
        ColdchainError.__init__(
            self,
            f"no node is called {town!r}; the nodes there are {', '.join(nodes)} "
            "(`coldchain show network` lists all)",
        )


def node_called(network: Network, name: str) -> Node:
    """The node whose id is ``name``.

    Raises
    ------
    NameOfTown, UnknownName
        There is none; ``name`` is a town with nodes, or nothing at all.
    """
    if name not in network.nodes:
        there = [n.id for n in network.nodes.values() if place(n).casefold() == name.casefold()]
        if there:
            raise NameOfTown(name, there)
    return network.node(name)


STARTS = ("packhouse", "hub", "rail_terminal", "airport", "city")
"""Kinds of node goods may be ready at, in the order in which a town's are taken."""

ENDS = ("hub", "city", "rail_terminal", "airport", "packhouse")
"""Kinds of node goods may go to, in the order in which a town's are taken."""


def end_of(network: Network, name: str, *, kinds: Sequence[str]) -> Node:
    """The node whose id is ``name``, or the first of ``kinds`` that a town has: one, or none.

    Raises
    ------
    NameOfTown, UnknownName
        The town has none of these kinds, or two of the first kind it has; nothing is called so.
    """
    there = [n for n in network.nodes.values() if place(n).casefold() == name.casefold()]
    for kind in kinds:
        of_kind = [n for n in there if n.node_type == kind]
        if len(of_kind) == 1:
            return of_kind[0]
        if of_kind:
            break
    return node_called(network, name)
