"""A data logger's export to a record: CSV as makers write it, read without a silent guess.

What a file leaves open is decided by a rule that is stated and reported, or refused with the
option that decides it. Every fault of the file is told at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import compress
from pathlib import Path

import numpy as np
import numpy.typing as npt

from coldchain.tables.loggers.faults import Faults
from coldchain.tables.loggers.moments import DAY_S, DateOrder, read_moments
from coldchain.tables.loggers.readings import read_humidities, read_temperatures
from coldchain.tables.loggers.record import GAP_INTERVALS, LoggerRecord
from coldchain.tables.loggers.sheet import CALLED, LoggerSheet, read_logger_sheet
from coldchain.tables.loggers.words import Role, Unit

__all__ = ["DateOrder", "LoggerRecord", "Unit", "read_logger"]

MOST_IN_GAPS = 0.05
"""Share of the time that may lie in gaps before the user must allow it."""


def read_logger(
    path: Path,
    *,
    unit: Unit | None = None,
    date_order: DateOrder | None = None,
    column: str = "",
    humidity: bool = True,
    allow_gaps: bool = False,
    typical_c: tuple[float, float] | None = None,
) -> LoggerRecord:
    """The record in the logger export at ``path``.

    Parameters
    ----------
    path : Path
        A CSV file: any lines about the logger, a header, the readings.
    unit : Unit, optional
        Unit the user vouches for; without it the file must state one, and readings that only the
        other unit explains are refused.
    date_order : DateOrder, optional
        Order of day and month, where the dates themselves leave it open.
    column : str
        Label of the column of temperatures, where there are several.
    humidity : bool
        Whether a column of humidity is read.
    allow_gaps : bool
        Accept more than ``MOST_IN_GAPS`` of the time in gaps, and rows without a reading.
    typical_c : tuple of float, optional
        Between which temperatures (°C) readings of these goods lie, to tell units apart.

    Raises
    ------
    DataError
        With every fault: file, row, column, value and what was expected.
    """
    faults = Faults(path.name)
    sheet = read_logger_sheet(path, faults)
    when, what, damp = _columns(sheet, column, humidity, faults)
    faults.check()
    when_label = " ".join(sheet.headings[i].label for i in when)
    what_heading = sheet.headings[what]
    moments = read_moments(
        [(row, " ".join(cells[i].strip() for i in when)) for row, cells in sheet.rows],
        column=when_label,
        order=date_order,
        faults=faults,
    )
    readings = read_temperatures(
        [(row, cells[what].strip()) for row, cells in sheet.rows],
        column=what_heading.label,
        stated=what_heading.unit or sheet.unit,
        asked=unit,
        leave_out=allow_gaps,
        typical_c=typical_c,
        faults=faults,
    )
    read = np.full(len(sheet.rows), True)
    if readings is not None:
        read = ~np.isnan(readings.temperature_c)
    humidities = None
    if damp is not None:
        humidities = read_humidities(
            [(row, cells[damp].strip()) for row, cells in compress(sheet.rows, read)],
            column=sheet.headings[damp].label,
            faults=faults,
        )
    seconds = None if moments is None else moments.seconds
    backwards = seconds is not None and len(seconds) > 1 and bool((np.diff(seconds) < 0).all())
    if seconds is not None and not backwards:
        _check_order(seconds, sheet, when, when_label, faults)
    faults.check()
    assert moments is not None
    assert readings is not None
    kept = np.flatnonzero(read)
    if len(kept) < 2:
        faults.tell(f"at least two readings, not {len(kept)}")
        faults.check()
    left_out = len(sheet.rows) - len(kept)
    if backwards:
        kept = kept[::-1]
        humidities = None if humidities is None else humidities[::-1]
    start = float(moments.seconds[kept[0]])
    record = LoggerRecord(
        file=path.name,
        starts=_moment(start, utc=moments.utc),
        hours=(moments.seconds[kept] - start) / 3600,
        temperature_c=readings.temperature_c[kept],
        humidity_pct=humidities,
        rows=np.array([row for row, _ in sheet.rows], dtype=np.int64)[kept],
        notes=(
            f"{sheet.encoding}, {CALLED[sheet.separator]}s, header in row {sheet.header_row}",
            *([moments.note] if moments.note else []),
            "times in UTC, by the offsets stated"
            if moments.utc
            else "times on the logger's own clock",
            f"{readings.note}, column {what_heading.label!r}",
            *(["readings newest first; turned round"] if backwards else []),
            *([f"{left_out:,} rows without a reading left out"] if left_out else []),
        ),
    )
    if not allow_gaps and record.gap_share > MOST_IN_GAPS:
        _refuse_gaps(record, faults)
    return record


def _columns(
    sheet: LoggerSheet, column: str, humidity: bool, faults: Faults
) -> tuple[tuple[int, ...], int, int | None]:
    """Places of the columns of times, of temperatures and of humidity, if it is read."""
    row = sheet.header_row
    labels = [heading.label for heading in sheet.headings]
    moments, dates, times = (sheet.columns(r) for r in (Role.MOMENT, Role.DATE, Role.TIME))
    if len(moments) == 1 and not dates:
        when = moments  # a column "Time" beside one of date and time is the same again, or a part
    elif not moments and len(dates) <= 1 and len(times) <= 1:
        when = (*dates, *times)
    else:
        when = (0,)
        found = ", ".join(repr(labels[i]) for i in (*moments, *dates, *times))
        faults.tell(f"one column of times; found {found}: delete all but one", row)
    warm = sheet.columns(Role.TEMPERATURE)
    if column:
        warm = tuple(i for i, label in enumerate(labels) if label.strip() == column.strip())
    if len(warm) != 1:
        offered = ", ".join(repr(labels[i]) for i in sheet.columns(Role.TEMPERATURE))
        several = "there are several" + (f" called {column!r}" if column else "")
        wanted = f"no column is called {column!r}" if column and not warm else several
        faults.tell(f"one column of temperatures; {wanted}: --column with one of {offered}", row)
    damp = sheet.columns(Role.HUMIDITY) if humidity else ()
    if len(damp) > 1:
        found = ", ".join(repr(labels[i]) for i in damp)
        faults.tell(f"one column of humidity, or --no-humidity; found {found}", row)
    return when, warm[0] if warm else 0, damp[0] if damp else None


def _check_order(
    seconds: npt.NDArray[np.float64],
    sheet: LoggerSheet,
    when: Sequence[int],
    label: str,
    faults: Faults,
) -> None:
    """Blame rows that are no later than the row before: a clock put back, or rows twice."""
    steps = np.diff(seconds)
    for place in np.flatnonzero(steps <= 0) + 1:
        row, cells = sheet.rows[int(place)]
        text = " ".join(cells[i].strip() for i in when)
        above = sheet.rows[int(place) - 1][0]
        if steps[place - 1] < 0:
            words = f"a time after that of row {above}; was the clock put back?"
        else:
            words = f"a time after that of row {above}, which has the same"
        faults.blame(row, label, text, words)


def _moment(seconds: float, *, utc: bool) -> datetime:
    whole = datetime(1, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds - DAY_S)
    return whole if utc else whole.replace(tzinfo=None)


def _refuse_gaps(record: LoggerRecord, faults: Faults) -> None:
    for gap in record.gaps:
        faults.blame(
            gap.to_row,
            "",
            "",
            f"a reading within {GAP_INTERVALS:g} intervals of {record.interval_h * 60:.3g} min; "
            f"there is none for {gap.hours:.1f} h after {gap.starts:%Y-%m-%d %H:%M}",
        )
    faults.tell(
        f"at most {MOST_IN_GAPS:.0%} of the time without readings, not {record.gap_share:.0%}; "
        "--allow-gaps counts each gap at the worse of the two readings beside it"
    )
    faults.check()
