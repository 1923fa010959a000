"""``coldchain plan``: read, solve, write the folder, show the summary."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from coldchain.cli.exits import Exit
from coldchain.cli.progress import ProgressDisplay
from coldchain.cli.screen import print_json, print_tables, say
from coldchain.errors import DataError, Fault, UnknownName
from coldchain.exporters.page import page
from coldchain.exporters.summary import summarise
from coldchain.plan_folder import check_destination, read_plan, write_plan
from coldchain.plan_folder.documents import encode

if TYPE_CHECKING:
    from coldchain.plan import Plan
    from coldchain.selection import Effort
    from coldchain.warm_start import TakenOver

TOLD = 10
"""Consignments not taken over that are named on the screen."""


def make_plan(
    scenario: str,
    changes: Sequence[str] = (),
    *,
    out: Path | None,
    force: bool,
    engine: str,
    effort: Effort,
    warm_start: Path | None = None,
    allow_unserved: bool,
    as_json: bool,
    quiet: bool,
) -> Exit:
    """Plan ``scenario``; the folder is written before anything is shown.

    An interrupt while the engine works leaves the best plan so far in the folder; before that
    there is none, and afterwards the folder is either written or as it was.
    """
    from coldchain.engines import ENGINES
    from coldchain.planner import solve
    from coldchain.tables import read_scenario

    if engine not in ENGINES:
        raise UnknownName("engine", engine, ENGINES)
    try:
        with ProgressDisplay(quiet=quiet) as progress:
            progress(f"reading {scenario}")
            earlier = read_plan(warm_start) if warm_start is not None else None
            given = read_scenario(scenario, overrides=changes)
            if not given.consignments:
                raise DataError(
                    [Fault(file=scenario, row=0, column="", value="", expected="no consignments")]
                )
            place = out if out is not None else Path("plans") / given.name
            # Asked now: a folder in the way must not cost the time of a whole search.
            check_destination(place, force=force)
            kept: list[TakenOver] = []
            plan = solve(
                given,
                engine=engine,
                effort=effort,
                on_progress=progress,
                warm_start=earlier,
                on_taken_over=kept.append,
            )
            progress(f"writing {place}")
            files = write_plan(plan, place, force=force)
    except KeyboardInterrupt:
        say("interrupted; nothing was written")
        return Exit.INTERRUPTED
    if kept and not quiet:
        _tell(kept[0], warm_start)
    if as_json:
        print_json(
            {
                "folder": str(place),
                "files": [str(place / file.name) for file in files],
                "summary": encode(summarise(plan)),
                **({"warm_start": _as_json(kept[0])} if kept else {}),
            }
        )
    elif not quiet:
        print_tables(page(summarise(plan)))
    if not quiet:
        say(f"written to {place}")
    return _code(plan, allow_unserved=allow_unserved)


def _tell(taken: TakenOver, warm_start: Path | None) -> None:
    """Say what was taken over, and of some others why not."""
    whole = len(taken.taken) + len(taken.left)
    say(f"taken over from {warm_start}: {len(taken.taken)} of {whole} consignments")
    for name, why in taken.left[:TOLD]:
        say(f"  {name}: {why}")
    if len(taken.left) > TOLD:
        say(f"  and {len(taken.left) - TOLD} more; --json names them all")


def _as_json(taken: TakenOver) -> dict[str, object]:
    return {"taken": list(taken.taken), "left": dict(taken.left)}


def _code(plan: Plan, *, allow_unserved: bool) -> Exit:
    if plan.proof.status == "interrupted":
        say("interrupted: this is the best plan so far, and the folder says so")
        return Exit.INTERRUPTED
    if plan.scenario.mandate and plan.mandate is None:
        say("interrupted: the plan is whole, but what its mandate costs is not known")
        return Exit.INTERRUPTED
    return Exit.UNSERVED if plan.unserved and not allow_unserved else Exit.DONE
