"""A file of measured lives, as it is given to ``coldchain fit``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from coldchain.columns import LIVES
from coldchain.errors import DataError, Fault
from coldchain.fitting import DEFAULT_CV, MeasuredLife
from coldchain.tables.rows import Row, Sheet, read_sheet

LEAST_CV, MOST_CV = 0.01, 1.0
"""Spread of a life, as a share of it: below, a measurement would weigh without measure; above, a
standard deviation is no longer that of a life."""


MOST_LIVES = 500
"""Each life is foretold from all the others, which takes time by the square of their number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LivesFile:
    """Measured lives in the order of the file, and the sources it names, each once."""

    lives: tuple[MeasuredLife, ...]
    sources: tuple[str, ...]


def read_lives(path: Path | str) -> LivesFile:
    """Read a CSV file of lives; in the forms a spreadsheet writes, as all tables are.

    Raises
    ------
    DataError
        With every fault of the file: row, column, value, expected.
    """
    sheet = read_sheet(Path(path), table=LIVES)
    for row in sheet.rows:
        _check_spread(sheet, row)
    if not sheet.rows and not sheet.faults:
        words = "at least one row with a temperature and a life"
        sheet.faults.append(Fault(file=sheet.shown, row=0, column="", value="", expected=words))
    if len(sheet.rows) > MOST_LIVES:
        words = f"at most {MOST_LIVES} lives, not {len(sheet.rows):,}; take means of some, with sd"
        sheet.faults.append(Fault(file=sheet.shown, row=0, column="", value="", expected=words))
    if sheet.faults:
        raise DataError(sheet.faults)
    sources = (row.text("source") for row in sheet.rows)
    return LivesFile(
        lives=tuple(_life(row) for row in sheet.rows),
        sources=tuple(dict.fromkeys(source for source in sources if source)),
    )


def _check_spread(sheet: Sheet, row: Row) -> None:
    if row.has("life_sd_d", "life_cv"):
        sheet.blame(row, "life_cv", "nothing, as life_sd_d says how lives spread")
    elif row.has("life_sd_d", "shelf_life_d"):
        life_d = row.number("shelf_life_d")
        if not LEAST_CV <= row.number("life_sd_d") / life_d <= MOST_CV:
            words = f"from {LEAST_CV * life_d:g} to {MOST_CV * life_d:g}: 1 to 100 % of the life"
            sheet.blame(row, "life_sd_d", words)


def _life(row: Row) -> MeasuredLife:
    life_d = row.number("shelf_life_d")
    cv = row.number("life_cv", blank=DEFAULT_CV)
    return MeasuredLife(
        temperature_c=row.number("temperature_c"),
        life_d=life_d,
        cv=row.number("life_sd_d") / life_d if row.has("life_sd_d") else cv,
        outlived=row.yes("censored"),
    )
