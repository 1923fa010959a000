"""Cells of temperature and humidity to numbers; what was no reading; whether the unit is true."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coldchain.tables.loggers.faults import Faults
from coldchain.tables.loggers.words import Unit, folded

NUMBER = re.compile(r"([+-]?\d{1,6}(?:[.,]\d{1,9})?)\s*(?:°?\s*(?:deg\.?\s*)?([cf]))?")
PERCENT = re.compile(r"(\d{1,6}(?:[.,]\d{1,9})?)\s*(?:%\s*(?:rh)?)?")
NO_READING = frozenset(
    (
        *("", "-", "--", "---", "----", "–", "—", "nan", "n/a", "na", "null", "none", "err"),
        *("error", "no data", "nodata", "ol", "open", "fault", "无", "нет", "нет данных", "ошибка"),
    )
)
"""How makers write that there was no reading."""

COLDEST_C, WARMEST_C = -100.0, 100.0
"""What a logger beside goods can read; codes of faulty sensors (-999, 850) lie outside."""

JUMP_TOLERANCE = 2.0
"""Degrees by which a jump may miss the change of unit it looks like."""

SMALLEST_JUMP = 12.0
"""Degrees below which a jump is weather rather than a unit: at -20 °C both units meet at -4."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """Temperatures (°C) of all rows, NaN where there was no reading, and how they were read."""

    temperature_c: npt.NDArray[np.float64]
    unit: Unit
    note: str


def read_temperatures(
    cells: Sequence[tuple[int, str]],
    *,
    column: str,
    stated: Unit | None,
    asked: Unit | None,
    leave_out: bool,
    typical_c: tuple[float, float] | None,
    faults: Faults,
) -> Readings | None:
    """Temperatures of all rows, or None and faults.

    ``stated`` is the unit of the header, ``asked`` one that the user vouches for, ``typical_c``
    where the readings of these goods lie; with ``leave_out`` a cell that says there was no reading
    is NaN instead of a fault.
    """
    before = len(faults.gathered)
    numbers, units = _numbers(cells, column=column, leave_out=leave_out, faults=faults)
    in_cells = {unit for unit in units if unit is not None}
    unit = asked or stated or (next(iter(in_cells)) if len(in_cells) == 1 else None)
    if unit is None and len(in_cells) < 2:
        known = numbers[~np.isnan(numbers)]
        if len(known):
            low, high = float(known.min()), float(known.max())
            faults.blame(
                0,
                column,
                f"{low:g} to {high:g}",
                "a unit in the header, or --unit C or --unit F; in °F these would be "
                f"{Unit.F.to_c(low):.1f} to {Unit.F.to_c(high):.1f} °C",
            )
        return None
    for (row, text), own in zip(cells, units, strict=True):
        if own is not None and own is not (unit or Unit.C):
            faults.blame(row, column, text, f"°{unit or Unit.C} as elsewhere in this file")
    if len(faults.gathered) > before or unit is None:
        return None
    celsius = (numbers - 32.0) / 1.8 if unit is Unit.F else numbers
    for place in np.flatnonzero((celsius < COLDEST_C) | (celsius > WARMEST_C)):
        row, text = cells[int(place)]
        faults.blame(row, column, text, f"a temperature from {COLDEST_C:g} to {WARMEST_C:g} °C")
    if asked is None:
        _check_unit(numbers, cells, unit, column=column, typical_c=typical_c, faults=faults)
    if len(faults.gathered) > before:
        return None
    return Readings(temperature_c=celsius, unit=unit, note=_unit_note(unit, stated, asked))


def read_humidities(
    cells: Sequence[tuple[int, str]], *, column: str, faults: Faults
) -> npt.NDArray[np.float64]:
    """Relative humidities (%) of all rows; a cell without one is a fault.

    So is a column that nowhere exceeds 1 %, drier than any desert: it holds shares, or its sensor
    is dead.
    """
    found = np.full(len(cells), np.nan)
    known: dict[str, float | None] = {}
    for place, (row, text) in enumerate(cells):
        if text not in known:
            match = PERCENT.fullmatch(folded(text))
            number = float(match[1].replace(",", ".")) if match else None
            known[text] = number if number is not None and number <= 100 else None
        value = known[text]
        if value is None:
            faults.blame(row, column, text, "0 to 100 %; --no-humidity leaves the column out")
        else:
            found[place] = value
    damp = found[~np.isnan(found)]
    if len(damp) and damp.max() <= 1.0:
        words = "0 to 100 %; these read like shares of 1; --no-humidity leaves the column out"
        faults.blame(0, column, f"{damp.min():g} to {damp.max():g}", words)
    return found


def _numbers(
    cells: Sequence[tuple[int, str]], *, column: str, leave_out: bool, faults: Faults
) -> tuple[npt.NDArray[np.float64], list[Unit | None]]:
    numbers = np.full(len(cells), np.nan)
    units: list[Unit | None] = []
    # A logger repeats few readings very often.
    known: dict[str, tuple[float, Unit | None] | None] = {}
    for place, (row, text) in enumerate(cells):
        if text not in known:
            known[text] = _number(text)
        found = known[text]
        if found is not None:
            numbers[place] = found[0]
        elif folded(text) not in NO_READING:
            faults.blame(row, column, text, "a temperature such as 4.5")
        elif not leave_out:
            words = "a temperature; --allow-gaps takes rows without one as a gap"
            faults.blame(row, column, text, words)
        units.append(found[1] if found is not None else None)
    return numbers, units


def _number(text: str) -> tuple[float, Unit | None] | None:
    found = NUMBER.fullmatch(folded(text.replace("\N{MINUS SIGN}", "-")))
    if not found:
        return None
    return float(found[1].replace(",", ".")), Unit(found[2].upper()) if found[2] else None


def _unit_note(unit: Unit, stated: Unit | None, asked: Unit | None) -> str:
    if asked is not None:
        against = f", against the file, which says °{stated}" if stated not in (None, asked) else ""
        return f"temperatures in °{unit}, as asked{against}"
    return f"temperatures in °{unit}, as the file says"


def _check_unit(
    numbers: npt.NDArray[np.float64],
    cells: Sequence[tuple[int, str]],
    unit: Unit,
    *,
    column: str,
    typical_c: tuple[float, float] | None,
    faults: Faults,
) -> None:
    """Refuse readings that only the other unit explains.

    Two rules. As a whole: most readings lie outside ``typical_c`` in the unit stated, and inside
    in the other. Midway: a jump between neighbours of just the size by which one temperature
    differs in the two units.
    """
    places = np.flatnonzero(~np.isnan(numbers))
    known = numbers[places]
    other = unit.other
    if typical_c is not None and len(known):
        low, high = typical_c
        as_stated, as_other = (
            (known - 32.0) / 1.8 if u is Unit.F else known for u in (unit, other)
        )
        outside = float(np.mean((as_stated < low) | (as_stated > high)))
        inside = float(np.mean((as_other >= low) & (as_other <= high)))
        if outside > 0.5 and inside > 0.9:
            faults.blame(
                0,
                column,
                f"{known.min():g} to {known.max():g}",
                f"readings in °{unit} as the file says; they read like °{other} "
                f"({other.to_c(float(known.min())):.1f} to "
                f"{other.to_c(float(known.max())):.1f} °C): --unit {other} takes them so, "
                f"--unit {unit} as they are",
            )
            return
    _check_jumps(known, [cells[int(i)] for i in places], unit, column=column, faults=faults)


def _check_jumps(
    known: npt.NDArray[np.float64],
    cells: Sequence[tuple[int, str]],
    unit: Unit,
    *,
    column: str,
    faults: Faults,
) -> None:
    before, after = known[:-1], known[1:]
    jump = np.abs(after - before) >= SMALLEST_JUMP
    for new, expected in ((Unit.F, 1.8 * before + 32.0), (Unit.C, (before - 32.0) / 1.8)):
        for place in np.flatnonzero(jump & (np.abs(after - expected) <= JUMP_TOLERANCE)):
            row, text = cells[int(place) + 1]
            faults.blame(
                row,
                column,
                text,
                f"one unit; the jump from {before[place]:g} is just that from °{new.other} to "
                f"°{new}: split the file, or --unit {unit} if it is true",
            )
