"""``coldchain check`` and ``coldchain export``: what is done with a plan that is there."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from coldchain.audit import Violation
from coldchain.audit import check as audit
from coldchain.cli.certificate_page import in_figures, in_words
from coldchain.cli.exits import Exit
from coldchain.cli.screen import print_json, print_tables, say
from coldchain.errors import DataError, Fault, UnknownName
from coldchain.exporters import EXPORTERS, FILES
from coldchain.exporters.page import plain, table
from coldchain.plan_folder import CERTIFICATE_FILE, read_plan
from coldchain.plan_folder.documents import encode

if TYPE_CHECKING:
    from coldchain.certified import Recomputed
    from coldchain.plan import Plan


def check_plan(path: Path, *, certificate: bool = False, as_json: bool) -> Exit:
    """Audit the plan at ``path``; with ``certificate`` work out cost and bound again, too."""
    plan = read_plan(path)
    violations = audit(plan)
    proven = _recomputed(plan, path) if certificate else None
    if proven is not None:
        violations += proven.violations
    if as_json:
        document: dict[str, object] = {
            "scenario": plan.scenario.name,
            "scenario_digest": plan.scenario.digest,
            "violations": [encode(violation) for violation in violations],
        }
        if proven is not None:
            document["certificate"] = in_figures(proven)
        print_json(document)
        return Exit.FAILED if violations else Exit.DONE
    if violations:
        print_tables(plain(_count(violations), "bold"), _violations(violations))
    else:
        print_tables(plain("no rule broken"))
    if proven is not None:
        print_tables(*in_words(proven, plan))
    return Exit.FAILED if violations else Exit.DONE


def _recomputed(plan: Plan, path: Path) -> Recomputed:
    if plan.certificate is None:
        folder = path if path.is_dir() else path.parent
        expected = "there is no such file: the plan came without a certificate"
        raise DataError(
            [
                Fault(
                    file=str(folder / CERTIFICATE_FILE),
                    row=0,
                    column="",
                    value="",
                    expected=expected,
                )
            ]
        )
    # The search is needed for this alone.
    from coldchain.certified import recompute

    return recompute(plan, plan.certificate)


def export_plan(
    path: Path, to: Sequence[str], *, out: Path | None, force: bool, as_json: bool
) -> Exit:
    """Write the files ``to`` names; a plan that breaks a rule is handed to nobody."""
    for name in to:
        if name not in EXPORTERS:
            raise UnknownName("exporter", name, EXPORTERS)
    plan = read_plan(path)
    violations = audit(plan)
    if violations:
        print_tables(plain(_count(violations), "bold"), _violations(violations))
        say("nothing was exported")
        return Exit.FAILED
    folder = out if out is not None else (path if path.is_dir() else path.parent)
    names = list(dict.fromkeys(file for name in to for file in FILES[name]))
    there = [name for name in names if (folder / name).exists()]
    if there and not force:
        why = "already there; --force replaces it"
        raise FileExistsError(errno.EEXIST, why, str(folder / there[0]))
    folder.mkdir(parents=True, exist_ok=True)
    written = [file for name in to for file in EXPORTERS[name](plan, folder)]
    files = list(dict.fromkeys(str(file) for file in written))
    if as_json:
        print_json({"files": files})
    else:
        print_tables(*(plain(file) for file in files))
    return Exit.DONE


def _count(violations: Sequence[Violation]) -> str:
    number = len(violations)
    return f"The plan breaks {number} rule{'' if number == 1 else 's'}."


def _violations(violations: Sequence[Violation]) -> Table:
    return table(
        "",
        (
            ("rule", "left"),
            ("what", "words"),
            ("message", "words"),
            ("found", "words"),
            ("expected", "words"),
        ),
        ((v.rule, v.subject, v.message, v.found, v.expected) for v in violations),
    )
