"""``coldchain fit``: measured lives to a row of ``perishables.csv``, or the reasons for none."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Mapping
from pathlib import Path

from rich.console import RenderableType
from rich.table import Table

from coldchain.cli.exits import Exit
from coldchain.cli.screen import print_json, print_tables, say
from coldchain.columns import PERISHABLES
from coldchain.errors import DataError, Fault
from coldchain.exporters.files import put
from coldchain.exporters.page import plain, table
from coldchain.exporters.sheets import csv_bytes
from coldchain.fitting import Basis, Candidate, Fit, Form, UnfitLives, fit_lives
from coldchain.fitting.fit import AICC_PAIRS, PLAUSIBLE_KJ_MOL, WARMEST_C
from coldchain.plan_folder.documents import encode
from coldchain.tables.cells import MAX_CELL, Refused, parse
from coldchain.tables.pairs_file import LivesFile, read_lives

SLOPE_WORDS: Mapping[Form, str] = {
    Form.ARRHENIUS: "Ea {:.1f} kJ/mol",
    Form.EXPONENTIAL: "{:.1%} a kelvin",
    Form.SQUARE_ROOT: "Tmin {:.1f} °C",
}


def fit_file(
    path: Path,
    *,
    commodity: str,
    reference_c: float | None,
    chill_threshold_c: float | None,
    out: Path | None,
    force: bool,
    as_json: bool,
) -> Exit:
    """Fit the lives in ``path``, show how well each form does, and write or show the row.

    Raises
    ------
    DataError, UnfitLives, OutOfDomain
        Nothing was written.
    OSError
        ``out`` is there and ``force`` is not, or it cannot be written; it is then as it was.
    """
    code = _code(path, commodity)
    if out is not None and out.exists() and not force:
        raise FileExistsError(errno.EEXIST, "already there; --force replaces it", str(out))
    if out is not None and out.exists() and path.exists() and out.samefile(path):
        words = "another file than the lives, which the row would replace"
        raise DataError([Fault(file="--out", row=0, column="", value=str(out), expected=words)])
    given = read_lives(path)
    try:
        fit = fit_lives(
            given.lives,
            reference_c=reference_c,
            chill_threshold_c=chill_threshold_c,
            choose_from=_forms_of_a_row(),
        )
    except UnfitLives as refused:
        if refused.fit is not None and not as_json:
            print_tables(*_shown(refused.fit, chill_threshold_c))
        raise
    row = perishables_row(
        fit, code=code, file=path.name, given=given, chill_threshold_c=chill_threshold_c
    )
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        put(out, csv_bytes(PERISHABLES, [row]))
    filled = {column: cell for column, cell in row.items() if cell}
    if as_json:
        print_json({"row": filled, "fit": encode(fit)})
    else:
        columns = (("column", "left"), ("value", "words"))
        print_tables(
            *_shown(fit, chill_threshold_c),
            plain(""),
            table("Row of perishables.csv", columns, filled.items()),
        )
    if out is not None:
        say(f"written to {out}; what no life can tell is left blank")
    return Exit.DONE


def _forms_of_a_row() -> tuple[Form, ...]:
    return tuple(Form(law) for law in PERISHABLES.column("decay_law").allowed)


def _code(path: Path, commodity: str) -> str:
    """The commodity's id as given, or else the file's name where it may be one."""
    try:
        return str(parse(PERISHABLES.column("commodity_id"), commodity or path.stem))
    except Refused as refused:
        if not commodity:
            return ""
        fault = Fault(
            file="--commodity", row=0, column="", value=commodity[:100], expected=str(refused)
        )
        raise DataError([fault]) from None


def perishables_row(
    fit: Fit, *, code: str, file: str, given: LivesFile, chill_threshold_c: float | None
) -> Mapping[str, str]:
    """Cells of the row by column, blank where a fit says nothing.

    Raises
    ------
    DataError
        A number is none that the table takes.
    """
    cells = {
        "commodity_id": code,
        "decay_law": str(fit.chosen.form),
        "domain_min_c": _number(fit.domain_min_c),
        "domain_max_c": _number(fit.domain_max_c),
        "chill_threshold_c": "" if chill_threshold_c is None else _number(chill_threshold_c),
        "life_ref_temp_c": _number(fit.reference_c),
        "life_min_days": _significant(fit.life_p5_d),
        "life_typ_days": _significant(fit.life_p50_d),
        "life_max_days": _significant(fit.life_p95_d),
        "source": _sources(given, file),
        "confidence": _confidence(fit),
        "notes": "; ".join(_notes(fit, chill_threshold_c)),
    }
    if fit.chosen.form is Form.SQUARE_ROOT:
        cells["tmin_sqrt_c"] = _number(fit.chosen.curve.parameter)
    else:
        low, high = _plausible(fit)
        cells |= {
            "ea_default_kj_mol": f"{fit.activation_energy_kj_mol:.1f}",
            "ea_low_kj_mol": f"{low:.1f}",
            "ea_high_kj_mol": f"{high:.1f}",
        }
    _check(cells)
    return {column.name: cells.get(column.name, "") for column in PERISHABLES.columns}


def _check(cells: Mapping[str, str]) -> None:
    """Refuse cells that ``perishables.csv`` would not take, such as a life of minutes."""
    faults: list[Fault] = []
    for name, cell in cells.items():
        try:
            if cell:
                parse(PERISHABLES.column(name), cell)
        except Refused as refused:
            words = f"{refused}, as a row of {PERISHABLES.file} takes it"
            faults.append(Fault(file="the fit", row=0, column=name, value=cell, expected=words))
    if faults:
        raise DataError(faults)


def _plausible(fit: Fit) -> tuple[float, float]:
    """The interval of the activation energy as far as any perishable has one."""
    least, most = PLAUSIBLE_KJ_MOL
    low, high = fit.activation_energy_low_kj_mol, fit.activation_energy_high_kj_mol
    return max(low, least), min(high, most)


def _sources(given: LivesFile, file: str) -> str:
    named = "; ".join(given.sources) or f"lives in {file}"
    return named if len(named) <= MAX_CELL else f"{len(given.sources)} sources, named in {file}"


def _confidence(fit: Fit) -> str:
    """High once six lives allow forms to be told apart, low where the slope is not tested."""
    if fit.basis is not Basis.LEAST_SQUARES:
        return "low"
    return "high" if fit.measured >= AICC_PAIRS else "medium"


def _notes(fit: Fit, chill_threshold_c: float | None) -> Iterable[str]:
    measured = [life.temperature_c for life in fit.lives if not life.outlived]
    lives = "1 life" if fit.measured == 1 else f"{fit.measured} lives"
    span = " to ".join(map(_number, sorted({min(measured), max(measured)})))
    yield f"{fit.chosen.form} fitted to {lives} at {span} °C ({fit.basis})"
    outlived = len(fit.lives) - fit.measured
    if outlived:
        yield f"{outlived} more only outlived"
    accuracy, bias = fit.chosen.accuracy_factor, fit.chosen.bias_factor
    if accuracy is not None and bias is not None:
        yield f"leave-one-out accuracy factor {accuracy:.2f}, bias factor {bias:.2f}"
    yield from _set_aside(fit, chill_threshold_c)
    if fit.chosen.form is Form.ARRHENIUS:
        low, high = fit.activation_energy_low_kj_mol, fit.activation_energy_high_kj_mol
        if _plausible(fit) != (low, high):
            least, most = PLAUSIBLE_KJ_MOL
            yield f"Ea {low:.0f} to {high:.0f} kJ/mol, of which only {least:g} to {most:g} counts"


def _set_aside(fit: Fit, chill_threshold_c: float | None) -> Iterable[str]:
    if fit.too_cold:
        yield f"{len(fit.too_cold)} set aside, measured below {chill_threshold_c:g} °C (chilling)"
    if fit.too_warm:
        yield f"{len(fit.too_warm)} set aside, measured above {WARMEST_C:g} °C"


def _shown(fit: Fit, chill_threshold_c: float | None) -> list[RenderableType]:
    low, high = fit.activation_energy_low_kj_mol, fit.activation_energy_high_kj_mol
    parts: list[RenderableType] = [
        plain("; ".join(_notes(fit, chill_threshold_c)), "bold"),
        plain(f"Ea {fit.activation_energy_kj_mol:.1f} kJ/mol, 90 % from {low:.1f} to {high:.1f}"),
        _forms(fit),
    ]
    best = min(fit.candidates, key=lambda c: c.accuracy_factor or 9e9)
    if best is not fit.chosen:
        parts.append(plain(f"{best.form} does best, but no commodity's row can say it yet."))
    if fit.basis is Basis.LEAST_SQUARES:
        bent = [str(form) for form in Form if form not in {c.form for c in fit.candidates}]
        parts += [plain(f"{form} does not bend as these lives do.") for form in bent]
    return [*parts, plain(""), _lives(fit)]


def _forms(fit: Fit) -> Table:
    at = f"d at {_number(fit.reference_c)} °C"
    return table(
        "Forms, by how each life is foretold from the others",
        (
            ("", "left"),
            ("form", "left"),
            ("slope", "left"),
            (at, "right"),
            ("Af", "right"),
            ("Bf", "right"),
            ("AICc", "right"),
        ),
        (
            (
                "chosen" if candidate is fit.chosen else "",
                str(candidate.form),
                _slope(candidate),
                _significant(candidate.curve.life_d(fit.reference_c)),
                _maybe(candidate.accuracy_factor, 2),
                _maybe(candidate.bias_factor, 2),
                _maybe(candidate.aicc, 1),
            )
            for candidate in fit.candidates
        ),
    )


def _slope(candidate: Candidate) -> str:
    per = 1000.0 if candidate.form is Form.ARRHENIUS else 1.0
    return SLOPE_WORDS[candidate.form].format(candidate.curve.parameter / per)


def _lives(fit: Fit) -> Table:
    rows: list[tuple[str, ...]] = []
    for life in fit.lives:
        curve_d = fit.chosen.curve.life_d(life.temperature_c)
        longer = "> " if life.outlived else ""
        rows.append(
            (
                _number(life.temperature_c),
                f"{longer}{_significant(life.life_d)}",
                _significant(curve_d),
                f"{curve_d / life.life_d:.2f}",
            )
        )
    columns = (("°C", "right"), ("measured d", "right"), ("curve d", "right"), ("ratio", "right"))
    return table("Lives", columns, rows)


def _maybe(value: float | None, places: int) -> str:
    return "–" if value is None else f"{value:.{places}f}"


def _number(value: float) -> str:
    """Plain digits, at most three of them behind the point."""
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _significant(days: float) -> str:
    """Four digits, or all of those before the point."""
    return f"{days:.0f}" if days >= 1000 else f"{days:#.4g}".rstrip("0").rstrip(".")
