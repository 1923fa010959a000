"""The commands that look at one place, one service or one border, and their options."""

from __future__ import annotations

from typing import Annotated

import typer

from coldchain.cli import application
from coldchain.cli.application import DEFAULT_SCENARIO, AsJson, Changed, Debug, Given, show

app = application.app
"""The whole command line, these commands among its others."""

Day = Annotated[
    str,
    typer.Option(
        "--date",
        metavar="DAY",
        help="2027-06-09, on the clock of the place.  [default: the scenario's first day]",
    ),
]


@show.command()
def node(
    name: Annotated[
        str, typer.Argument(metavar="NODE", help="Its id: see coldchain show network.")
    ],
    scenario: Given = DEFAULT_SCENARIO,
    changes: Changed = None,
    date: Day = "",
    days: Annotated[int, typer.Option(min=1, max=31, help="Days that are shown.")] = 7,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show one place: what is done there, and when it is open."""
    from coldchain.cli.node_page import show_node

    code = show_node(scenario, name, changes or (), asked=date, days=days, as_json=as_json)
    raise typer.Exit(code)


@show.command()
def service(
    name: Annotated[
        str, typer.Argument(metavar="SERVICE", help="Its id: see coldchain show services.")
    ],
    scenario: Given = DEFAULT_SCENARIO,
    changes: Changed = None,
    date: Day = "",
    count: Annotated[
        int, typer.Option(min=1, max=60, help="Departures, or days if on demand, that are shown.")
    ] = 6,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show one service: its terms, and when it next leaves."""
    from coldchain.cli.service_page import show_service

    code = show_service(scenario, name, changes or (), asked=date, count=count, as_json=as_json)
    raise typer.Exit(code)


@show.command()
def border(
    name: Annotated[
        str,
        typer.Argument(
            metavar="BORDER", help="A node such as CN-KHX-BX, or two countries such as TJ-KG."
        ),
    ],
    scenario: Given = DEFAULT_SCENARIO,
    changes: Changed = None,
    commodity: Annotated[
        str, typer.Option(help="What is to enter.  [default: what the scenario carries most of]")
    ] = "",
    origin: Annotated[
        str,
        typer.Option("--from", metavar="COUNTRY", help="Only goods of this country, such as TJ."),
    ] = "",
    date: Day = "",
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show a border: posts, what crosses, who may enter."""
    from coldchain.cli.border_page import show_border

    raise typer.Exit(
        show_border(
            scenario,
            name,
            changes or (),
            commodity=commodity,
            origin=origin,
            asked=date,
            as_json=as_json,
        )
    )
