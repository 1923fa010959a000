"""What a logger recorded: readings in time, their gaps, and the thermal history they stand for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from coldchain.decay import Exposure
from coldchain.errors import DataError, Fault

GAP_INTERVALS = 3.0
"""An interval longer than this many usual ones is a gap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A stretch without readings, from the row before it to the row after it."""

    from_row: int
    to_row: int
    starts: datetime
    hours: float
    before_c: float
    after_c: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoggerRecord:
    """Readings of one logger, in the order of time.

    ``starts`` is the first reading's moment, in UTC if the file states offsets and on the
    logger's own clock, without zone, if it does not. ``rows`` are line numbers in the file;
    ``notes`` say how the file was read.
    """

    file: str
    starts: datetime
    hours: npt.NDArray[np.float64]
    temperature_c: npt.NDArray[np.float64]
    humidity_pct: npt.NDArray[np.float64] | None
    rows: npt.NDArray[np.int64]
    notes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.hours)

    @property
    def duration_h(self) -> float:
        """Hours from the first reading to the last."""
        return float(self.hours[-1])

    @property
    def interval_h(self) -> float:
        """The usual time between two readings: the median (h)."""
        return float(np.median(np.diff(self.hours)))

    @property
    def gap_places(self) -> npt.NDArray[np.intp]:
        """Places of the readings after which a gap begins."""
        return np.flatnonzero(np.diff(self.hours) > GAP_INTERVALS * self.interval_h + 1e-9)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Stretches without readings, in the order of time."""
        return tuple(
            Gap(
                from_row=int(self.rows[i]),
                to_row=int(self.rows[i + 1]),
                starts=self.moment(int(i)),
                hours=float(self.hours[i + 1] - self.hours[i]),
                before_c=float(self.temperature_c[i]),
                after_c=float(self.temperature_c[i + 1]),
            )
            for i in self.gap_places
        )

    @property
    def gap_share(self) -> float:
        """Share of the time that lies in gaps."""
        return sum(gap.hours for gap in self.gaps) / self.duration_h

    def moment(self, place: int) -> datetime:
        """When the reading at ``place`` was taken."""
        return self.starts + timedelta(hours=float(self.hours[place]))

    def between(self, begins: datetime | None, ends: datetime | None) -> LoggerRecord:
        """The readings from ``begins`` until ``ends``, on the clock of ``starts``.

        Raises
        ------
        DataError
            Fewer than two readings lie between.
        """
        first, last = (
            None if at is None else (at.replace(tzinfo=self.starts.tzinfo) - self.starts)
            for at in (begins, ends)
        )
        kept = np.full(len(self), True)
        if first is not None:
            kept &= self.hours >= first / timedelta(hours=1) - 1e-9
        if last is not None:
            kept &= self.hours <= last / timedelta(hours=1) + 1e-9
        if kept.all():
            return self
        places = np.flatnonzero(kept)
        if len(places) < 2:
            words = f"at least two readings between --from and --until, not {len(places)}"
            raise DataError([Fault(file=self.file, row=0, column="", value="", expected=words)])
        start = int(places[0])
        return replace(
            self,
            starts=self.moment(start),
            hours=self.hours[places] - self.hours[start],
            temperature_c=self.temperature_c[places],
            humidity_pct=None if self.humidity_pct is None else self.humidity_pct[places],
            rows=self.rows[places],
            notes=(*self.notes, f"{len(self) - len(places):,} readings left out, as asked"),
        )

    def weights_h(self, *, bridge_colder: bool = False) -> npt.NDArray[np.float64]:
        r"""Hours for which each reading stands, so that a sum over readings is an integral.

        .. math:: w_i = \tfrac12 (t_{i+1} - t_{i-1}), \qquad
                  \sum_i w_i\, k(T_i) \approx \int k(T(t))\, dt

        is the trapezoidal rule on the *rate* ``k``, whatever the rate is. Averaging the
        temperature instead would flatter: the rate bends upwards, so its mean is above the rate
        of the mean (Jensen). A gap counts wholly for the warmer of the two readings beside it,
        or with ``bridge_colder`` for the colder, which chilling asks for.

        Examples
        --------
        Three readings an hour apart and one after a gap of nine hours:

        >>> record = LoggerRecord(
        ...     file="x.csv",
        ...     starts=datetime(2026, 5, 24),
        ...     hours=np.array([0.0, 1, 2, 11, 12, 13]),
        ...     temperature_c=np.array([2.0, 2, 2, 4, 2, 2]),
        ...     humidity_pct=None,
        ...     rows=np.arange(2, 8),
        ...     notes=(),
        ... )
        >>> record.weights_h().tolist()
        [0.5, 1.0, 0.5, 9.5, 1.0, 0.5]
        >>> record.weights_h(bridge_colder=True).tolist()
        [0.5, 1.0, 9.5, 0.5, 1.0, 0.5]
        """
        steps = np.diff(self.hours)
        before, after = steps / 2, steps / 2
        for i in self.gap_places:
            holds = bool(self.temperature_c[i] >= self.temperature_c[i + 1]) != bridge_colder
            before[i], after[i] = (steps[i], 0.0) if holds else (0.0, steps[i])
        weights = np.zeros(len(self))
        weights[:-1] += before
        weights[1:] += after
        return weights

    def history(
        self, *, bridge_colder: bool = False, humidity_pct: float | None = None
    ) -> tuple[Exposure, ...]:
        """The thermal history, equal readings gathered: life used does not ask in what order.

        ``humidity_pct`` stands in where the logger has none.
        """
        weights = self.weights_h(bridge_colder=bridge_colder)
        humidity = np.full(len(self), -1.0) if self.humidity_pct is None else self.humidity_pct
        keys, inverse = np.unique(
            np.column_stack([self.temperature_c, humidity]), axis=0, return_inverse=True
        )
        hours = np.bincount(np.ravel(inverse), weights=weights, minlength=len(keys))
        return tuple(
            Exposure(
                hours=float(h),
                temperature_c=float(t),
                relative_humidity_pct=humidity_pct if self.humidity_pct is None else float(rh),
            )
            for h, (t, rh) in zip(hours, keys, strict=True)
            if h
        )
