"""The commands and their options; what they do is in the modules they call."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Optional

import typer

DEFAULT_SCENARIO = "cherry-week"

app = typer.Typer(
    name="coldchain",
    help="Plan cross-border cold-chain freight: in time, still fresh, at least cost.",
    epilog=(
        "Exit codes: 0 done; 1 a rule is broken, or a bug; 2 input or usage; 3 planned, but some "
        "goods stay behind; 4 no plan in time; 130 interrupted."
    ),
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
show = typer.Typer(
    help="Look at a scenario: its network, goods, consignments and single ways.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(show, name="show", short_help="Look at a scenario.")


def _print_version(wanted: bool) -> None:
    if wanted:
        from coldchain import __version__

        typer.echo(f"coldchain {__version__}")
        raise typer.Exit


def _between(least: float, most: float) -> Callable[[float], float]:
    """A check of an option; typer's own calls what is no number too large."""

    def check(value: float) -> float:
        if not math.isfinite(value):
            raise typer.BadParameter(f"{value} is not a finite number")
        if not least <= value <= most:
            words = f"from {least:g} to {most:g}" if most < math.inf else f"of at least {least:g}"
            raise typer.BadParameter(f"{value:g} is not a number {words}")
        return value

    return check


def _scenario_names(incomplete: str) -> list[str]:
    from coldchain.tables import scenario_names

    return [name for name in scenario_names() if name.startswith(incomplete)]


def _engine_names(incomplete: str) -> list[str]:
    from coldchain.engines import ENGINES

    return [name for name in ENGINES if name.startswith(incomplete)]


def _exporter_names(incomplete: str) -> list[str]:
    from coldchain.exporters import EXPORTERS

    return [name for name in EXPORTERS if name.startswith(incomplete)]


Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
Given = Annotated[
    str,
    typer.Option(
        "--scenario",
        "-s",
        metavar="SCENARIO",
        help="A bundled scenario or a scenario file.",
        autocompletion=_scenario_names,
    ),
]
PlanPath = Annotated[
    Path, typer.Argument(metavar="PLAN", help="A plan folder, or a plan.json.", show_default=False)
]


@app.callback()
def coldchain(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Take the options that stand before a command."""


@app.command(short_help="Plan a scenario.")
def plan(
    scenario: Annotated[
        str,
        typer.Argument(
            metavar="SCENARIO",
            help="A bundled scenario or a scenario file.",
            autocompletion=_scenario_names,
        ),
    ] = DEFAULT_SCENARIO,
    out: Annotated[
        Optional[Path],  # noqa: UP045 - typer 0.24 reads it so
        typer.Option(
            "--out", "-o", metavar="DIR", help="The plan folder.  [default: plans/<scenario>]"
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", "-f", help="Replace a plan folder that is there.")
    ] = False,
    engine: Annotated[
        str, typer.Option(help="highs, cpsat or greedy.", autocompletion=_engine_names)
    ] = "highs",
    seconds: Annotated[
        float,
        typer.Option(
            callback=_between(0.1, math.inf), help="Seconds the engine may take (0.1 up)."
        ),
    ] = 60.0,
    gap: Annotated[
        float,
        typer.Option(callback=_between(0.0, 1.0), help="Stop this near to the bound (0 to 1)."),
    ] = 0.001,
    threads: Annotated[int, typer.Option(min=1, max=1024, help="Threads of the engine.")] = 2,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Seed of the engine.")] = 1,
    allow_unserved: Annotated[
        bool, typer.Option("--allow-unserved", help="Exit with 0 though goods stay behind.")
    ] = False,
    as_json: AsJson = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No summary and no progress; only errors.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Choose itineraries and who shares load units; write a plan folder; show the summary."""
    from coldchain.cli.planning import make_plan
    from coldchain.selection import Effort

    code = make_plan(
        scenario,
        out=out,
        force=force,
        engine=engine,
        effort=Effort(seconds=seconds, gap=gap, threads=threads, seed=seed),
        allow_unserved=allow_unserved,
        as_json=as_json,
        quiet=quiet,
    )
    raise typer.Exit(code)


@app.command(short_help="Audit a plan.")
def check(path: PlanPath, as_json: AsJson = False, debug: Debug = False) -> None:
    """Audit any plan, one made by hand too: recompute clock, cold, boxes and books."""
    from coldchain.cli.plans import check_plan

    raise typer.Exit(check_plan(path, as_json=as_json))


@app.command(short_help="Write files of a plan.")
def export(
    path: PlanPath,
    to: Annotated[
        list[str],
        typer.Option(
            "--to",
            "-t",
            metavar="WHAT",
            help="bookings, load-list, consignments, summary, forwarder or all; may be repeated.",
            autocompletion=_exporter_names,
            show_default=False,
        ),
    ],
    out: Annotated[
        Optional[Path],  # noqa: UP045 - typer 0.24 reads it so
        typer.Option("--out", "-o", metavar="DIR", help="Folder to write to.  [default: PLAN's]"),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", "-f", help="Replace files that are there.")
    ] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Write files of a plan for those who carry it out, once the plan has passed the audit."""
    from coldchain.cli.plans import export_plan

    raise typer.Exit(export_plan(path, to, out=out, force=force, as_json=as_json))


@app.command(short_help="Write a starter scenario.")
def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A new or empty folder.", show_default=False)
    ],
    debug: Debug = False,
) -> None:
    """Write a starter scenario and a copy of all tables, to be edited."""
    from coldchain.cli.starter import write_starter

    raise typer.Exit(write_starter(folder))


@show.command()
def network(
    scenario: Given = DEFAULT_SCENARIO, as_json: AsJson = False, debug: Debug = False
) -> None:
    """Show nodes, and services by mode and equipment."""
    from coldchain.cli.showing import show_network

    raise typer.Exit(show_network(scenario, as_json=as_json))


@show.command()
def services(
    scenario: Given = DEFAULT_SCENARIO,
    origin: Annotated[str, typer.Option("--from", metavar="NODE", help="Only from there.")] = "",
    destination: Annotated[str, typer.Option("--to", metavar="NODE", help="Only to there.")] = "",
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show the services that can be booked."""
    from coldchain.cli.showing import show_services

    raise typer.Exit(
        show_services(scenario, origin=origin, destination=destination, as_json=as_json)
    )


@show.command()
def commodities(
    scenario: Given = DEFAULT_SCENARIO, as_json: AsJson = False, debug: Debug = False
) -> None:
    """Show what can be carried, and how long it keeps."""
    from coldchain.cli.showing import show_commodities

    raise typer.Exit(show_commodities(scenario, as_json=as_json))


@show.command()
def consignments(
    scenario: Given = DEFAULT_SCENARIO, as_json: AsJson = False, debug: Debug = False
) -> None:
    """Show what is to be carried."""
    from coldchain.cli.showing import show_consignments

    raise typer.Exit(show_consignments(scenario, as_json=as_json))


@show.command()
def way(
    origin: Annotated[str, typer.Argument(metavar="ORIGIN", help="Node where goods are ready.")],
    destination: Annotated[str, typer.Argument(metavar="DESTINATION", help="Node they go to.")],
    scenario: Given = DEFAULT_SCENARIO,
    commodity: Annotated[
        str, typer.Option(help="What is carried.  [default: what the scenario carries most of]")
    ] = "",
    kg: Annotated[int, typer.Option("--kg", min=1, max=1_000_000, help="Net kilograms.")] = 1000,
    ready: Annotated[
        str,
        typer.Option(
            metavar="WHEN",
            help="2027-05-24T08:00 on the origin's clock.  [default: 08:00 of the first day]",
        ),
    ] = "",
    days: Annotated[
        float,
        typer.Option(callback=_between(0.1, 366.0), help="Days it may take (0.1 to 366)."),
    ] = 21.0,
    in_map: Annotated[
        Optional[bool],  # noqa: UP045 - typer 0.24 reads it so
        typer.Option(
            "--map/--no-map",
            help="Packed in MAP liners or not.  [default: as the scenario packs most of it]",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show the cheapest, fastest and freshest way for goods that share with nobody."""
    from coldchain.cli.ways import show_way
    from coldchain.goods import Packaging

    packaging = None if in_map is None else Packaging.MAP if in_map else Packaging.NAKED
    raise typer.Exit(
        show_way(
            scenario,
            origin,
            destination,
            commodity=commodity,
            net_kg=kg,
            ready=ready,
            days=days,
            packaging=packaging,
            as_json=as_json,
        )
    )
