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


def _maybe_between(least: float, most: float) -> Callable[[float | None], float | None]:
    """:func:`_between` for an option that may be absent."""
    check = _between(least, most)
    return lambda value: None if value is None else check(value)


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
Changed = Annotated[
    Optional[list[str]],  # noqa: UP045 - typer 0.24 reads it so
    typer.Option(
        "--set",
        metavar="STATEMENT",
        help='Change the world, as in --set "close KZ-NZH-BX 2027-05-24..2027-05-28" or '
        '--set "demand *= 1.3"; may be repeated.',
        show_default=False,
    ),
]
PlanPath = Annotated[
    Path, typer.Argument(metavar="PLAN", help="A plan folder, or a plan.json.", show_default=False)
]

LEGS_MAY_BE_WRONG = {"ignore_unknown_options": True}
"""``-3h@2`` is no option but a leg that is wrong, and is told of with the other wrong legs."""


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
    changes: Changed = None,
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
        str,
        typer.Option(help="auto, season, exact, cpsat or greedy.", autocompletion=_engine_names),
    ] = "auto",
    seconds: Annotated[
        float,
        typer.Option(
            callback=_between(0.1, math.inf),
            help="Seconds the engine may take (0.1 up); with via, half of them for its price.",
        ),
    ] = 60.0,
    gap: Annotated[
        float,
        typer.Option(callback=_between(0.0, 1.0), help="Stop this near to the bound (0 to 1)."),
    ] = 0.001,
    threads: Annotated[int, typer.Option(min=1, max=1024, help="Threads of the engine.")] = 2,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Seed of the engine.")] = 1,
    warm_start: Annotated[
        Optional[Path],  # noqa: UP045 - typer 0.24 reads it so
        typer.Option(
            "--warm-start",
            metavar="PLAN",
            help="Begin with what still stands of an earlier plan.",
            show_default=False,
        ),
    ] = None,
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
        changes or (),
        out=out,
        force=force,
        engine=engine,
        effort=Effort(seconds=seconds, gap=gap, threads=threads, seed=seed),
        warm_start=warm_start,
        allow_unserved=allow_unserved,
        as_json=as_json,
        quiet=quiet,
    )
    raise typer.Exit(code)


@app.command(short_help="Audit a plan.")
def check(
    path: PlanPath,
    certificate: Annotated[
        bool,
        typer.Option(
            "--certificate", help="Work out cost and bound again, exactly and without an engine."
        ),
    ] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Audit any plan, one made by hand too: recompute clock, cold, boxes and books."""
    from coldchain.cli.plans import check_plan

    raise typer.Exit(check_plan(path, certificate=certificate, as_json=as_json))


@app.command(short_help="Write files of a plan.")
def export(
    path: PlanPath,
    to: Annotated[
        list[str],
        typer.Option(
            "--to",
            "-t",
            metavar="WHAT",
            help="bookings, load-list, consignments, charters, summary, forwarder or all; "
            "may be repeated.",
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


@app.command(short_help="Fit a commodity to measured lives.")
def fit(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="CSV of temperature_c, shelf_life_d and, if known, life_sd_d or life_cv, "
            "censored (the life was longer) and source.",
            show_default=False,
        ),
    ],
    commodity: Annotated[
        str, typer.Option(metavar="ID", help="The commodity.  [default: the file's name]")
    ] = "",
    reference_c: Annotated[
        Optional[float],  # noqa: UP045 - typer 0.24 reads it so
        typer.Option(
            "--reference-c",
            callback=_maybe_between(-30.0, 60.0),
            metavar="°C",
            help="Temperature to state the life at.  [default: the coldest measured]",
        ),
    ] = None,
    chill_threshold_c: Annotated[
        Optional[float],  # noqa: UP045 - typer 0.24 reads it so
        typer.Option(
            "--chill-threshold-c",
            callback=_maybe_between(-5.0, 30.0),
            metavar="°C",
            help="Set aside lives measured below it, which chilling ended.",
        ),
    ] = None,
    out: Annotated[
        Optional[Path],  # noqa: UP045 - typer 0.24 reads it so
        typer.Option("--out", "-o", metavar="ROW.csv", help="Write the row there, too."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", "-f", help="Replace a file that is there.")
    ] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Make a row of perishables.csv of lives measured at several temperatures, or say why not."""
    from coldchain.cli.fitting import fit_file

    code = fit_file(
        path,
        commodity=commodity,
        reference_c=reference_c,
        chill_threshold_c=chill_threshold_c,
        out=out,
        force=force,
        as_json=as_json,
    )
    raise typer.Exit(code)


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


@app.command(short_help="See what a journey does to life.", context_settings=LEGS_MAY_BE_WRONG)
def life(
    commodity: Annotated[
        str, typer.Argument(metavar="COMMODITY", help="Its id: see coldchain show commodities.")
    ],
    legs: Annotated[
        Optional[list[str]],  # noqa: UP045 - typer 0.24 reads it so
        typer.Argument(
            metavar="[LEG]...",
            help="10h@2: ten hours with the pulp at 2 °C; 0.25d@-1; 90min@20; with humidity of "
            "the air in %, 10h@2@90.",
            show_default=False,
        ),
    ] = None,
    logger: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(metavar="FILE", help="A data logger's CSV export instead of legs."),
    ] = None,
    plot: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            metavar="FILE", help="Draw it: .svg, or .png and .pdf if matplotlib is installed."
        ),
    ] = None,
    scenario: Given = DEFAULT_SCENARIO,
    changes: Changed = None,
    packaging: Annotated[str, typer.Option(help="naked, liner or map.")] = "naked",
    confidence: Annotated[
        float,
        typer.Option(callback=_between(0.01, 0.99), help="Share of lots to be sure of."),
    ] = 0.8,
    retail_c: Annotated[
        float,
        typer.Option(callback=_between(-50, 60), help="°C at which what is left is told."),
    ] = 5.0,
    life_used_before: Annotated[
        float,
        typer.Option(callback=_between(0, 0.999), help="Share of life used before (0 to 1)."),
    ] = 0.0,
    humidity: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(
            "--rh",
            metavar="%",
            help="Humidity where none is known.  [default: the least the goods are kept at]",
        ),
    ] = None,
    unit: Annotated[
        str, typer.Option(metavar="C|F", help="Logger: unit, whatever the file says.")
    ] = "",
    date_order: Annotated[
        str, typer.Option(metavar="dmy|mdy|ymd", help="Logger: order of the dates.")
    ] = "",
    column: Annotated[
        str, typer.Option(metavar="LABEL", help="Logger: column of temperatures, if of several.")
    ] = "",
    no_humidity: Annotated[
        bool, typer.Option("--no-humidity", help="Logger: leave its humidity out.")
    ] = False,
    allow_gaps: Annotated[
        bool, typer.Option("--allow-gaps", help="Logger: take it though much is missing.")
    ] = False,
    begins: Annotated[
        str,
        typer.Option("--from", metavar="WHEN", help="Logger: from 2027-05-24T08:00, its clock."),
    ] = "",
    ends: Annotated[
        str, typer.Option("--until", metavar="WHEN", help="Logger: until then, on its clock.")
    ] = "",
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show life used leg by leg, what is left, and what the warm hours cost.

    Temperatures are those of the pulp, not of the air or the setpoint.
    """
    from coldchain.cli.life import Asked, show_life
    from coldchain.cli.life_options import logger_options, packaging_called

    asked = Asked(
        scenario=scenario,
        changes=tuple(changes or ()),
        commodity=commodity,
        packaging=packaging_called(packaging),
        confidence=confidence,
        retail_c=retail_c,
        life_used_before=life_used_before,
        humidity_pct=None if humidity is None else _between(0, 100)(humidity),
    )
    options = logger_options(
        logger,
        unit=unit,
        date_order=date_order,
        column=column,
        humidity=not no_humidity,
        allow_gaps=allow_gaps,
        begins=begins,
        ends=ends,
    )
    raise typer.Exit(show_life(asked, legs or [], logger=options, plot=plot, as_json=as_json))


@show.command(name="scenario")
def effective(
    scenario: Annotated[
        str,
        typer.Argument(
            metavar="SCENARIO",
            help="A bundled scenario or a scenario file.",
            autocompletion=_scenario_names,
        ),
    ] = DEFAULT_SCENARIO,
    changes: Changed = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show a scenario as it is planned: its keys, what it extends, what was changed and why."""
    from coldchain.cli.scenario_page import show_scenario

    raise typer.Exit(show_scenario(scenario, changes or (), as_json=as_json))


@show.command()
def network(
    scenario: Given = DEFAULT_SCENARIO,
    changes: Changed = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show nodes, and services by mode and equipment."""
    from coldchain.cli.showing import show_network

    raise typer.Exit(show_network(scenario, changes or (), as_json=as_json))


@show.command()
def services(
    scenario: Given = DEFAULT_SCENARIO,
    changes: Changed = None,
    origin: Annotated[str, typer.Option("--from", metavar="NODE", help="Only from there.")] = "",
    destination: Annotated[str, typer.Option("--to", metavar="NODE", help="Only to there.")] = "",
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show the services that can be booked."""
    from coldchain.cli.showing import show_services

    raise typer.Exit(
        show_services(
            scenario, changes or (), origin=origin, destination=destination, as_json=as_json
        )
    )


@show.command()
def commodities(
    scenario: Given = DEFAULT_SCENARIO,
    changes: Changed = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show what can be carried, and how long it keeps."""
    from coldchain.cli.showing import show_commodities

    raise typer.Exit(show_commodities(scenario, changes or (), as_json=as_json))


@show.command()
def commodity(
    code: Annotated[
        str, typer.Argument(metavar="CODE", help="Its id: see coldchain show commodities.")
    ],
    scenario: Given = DEFAULT_SCENARIO,
    changes: Changed = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show one commodity: its law, its limits, its packaging, how long it keeps where."""
    from coldchain.cli.commodity import show_commodity

    raise typer.Exit(show_commodity(scenario, code, changes or (), as_json=as_json))


@show.command()
def consignments(
    scenario: Given = DEFAULT_SCENARIO,
    changes: Changed = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show what is to be carried."""
    from coldchain.cli.showing import show_consignments

    raise typer.Exit(show_consignments(scenario, changes or (), as_json=as_json))


@show.command()
def itinerary(
    path: PlanPath,
    consignment: Annotated[str, typer.Argument(metavar="CONSIGNMENT", help="Its id.")],
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show a consignment's clock step by step, and what it waits for."""
    from coldchain.cli.itinerary_page import show_itinerary

    raise typer.Exit(show_itinerary(path, consignment, as_json=as_json))


@show.command()
def mix(
    codes: Annotated[
        Optional[list[str]],  # noqa: UP045 - typer 0.24 reads it so
        typer.Argument(
            metavar="CODE",
            help="Commodities (apricot, cherry_sweet/map, lemon/naked/TREATMENT) or consignments."
            "  [default: all the scenario carries]",
            show_default=False,
        ),
    ] = None,
    scenario: Given = DEFAULT_SCENARIO,
    changes: Changed = None,
    days: Annotated[
        float,
        typer.Option(callback=_between(0.1, 366.0), help="Days on the way (0.1 to 366)."),
    ] = 10.0,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show who may share a box, why not, and what its setpoint costs each in life."""
    from coldchain.cli.mixing import show_mix

    raise typer.Exit(show_mix(scenario, codes or [], changes or (), days=days, as_json=as_json))


@show.command()
def corridor(
    origin: Annotated[
        str, typer.Argument(metavar="ORIGIN", help="Node, or town with a packhouse or hub.")
    ],
    destination: Annotated[
        str, typer.Argument(metavar="DESTINATION", help="Node, or town with a hub or market.")
    ],
    scenario: Given = DEFAULT_SCENARIO,
    changes: Changed = None,
    commodity: Annotated[
        str, typer.Option(help="What is carried.  [default: what the scenario carries most of]")
    ] = "",
    packaging: Annotated[
        str, typer.Option(help="naked, liner or map.  [default: as the scenario packs most of it]")
    ] = "",
    ready: Annotated[
        str,
        typer.Option(
            metavar="WHEN",
            help="2027-05-24T08:00 on the origin's clock.  [default: 08:00 of the first day]",
        ),
    ] = "",
    days: Annotated[
        int, typer.Option(min=1, max=92, help="Days on which goods may be ready.")
    ] = 14,
    trials: Annotated[int, typer.Option(min=100, max=100_000, help="Trials of each way.")] = 1000,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show the corridors between two places side by side: days, money, life left."""
    from coldchain.cli.corridor_page import show_corridor

    raise typer.Exit(
        show_corridor(
            scenario,
            origin,
            destination,
            changes or (),
            commodity=commodity,
            packaging=packaging,
            ready=ready,
            days=days,
            trials=trials,
            as_json=as_json,
        )
    )


@show.command()
def way(
    origin: Annotated[str, typer.Argument(metavar="ORIGIN", help="Node where goods are ready.")],
    destination: Annotated[str, typer.Argument(metavar="DESTINATION", help="Node they go to.")],
    scenario: Given = DEFAULT_SCENARIO,
    changes: Changed = None,
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
    packaging: Annotated[
        str,
        typer.Option(
            help="naked, liner, map, or any: whichever suits each way best.  [default: as the "
            "scenario packs most of it]",
        ),
    ] = "",
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show the cheapest, fastest and freshest way for goods that share with nobody."""
    from coldchain.cli.ways import show_way

    raise typer.Exit(
        show_way(
            scenario,
            origin,
            destination,
            changes or (),
            commodity=commodity,
            net_kg=kg,
            ready=ready,
            days=days,
            packaging=packaging,
            as_json=as_json,
        )
    )
