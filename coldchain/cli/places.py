"""Places as a command is given them: ids of nodes, never guessed from the name of a town."""

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
