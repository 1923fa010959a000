"""What is going on, on stderr: nothing within the first second, then a line that stays current."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING

from coldchain.cli.screen import say
from coldchain.selection import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Display

PATIENCE_S = 1.0
"""Seconds in which nothing needs to be said."""

INTERVAL_S = 10.0
"""Seconds between two lines of the same phase where there is no terminal."""


class ProgressDisplay:
    """Shows phases and, while an engine works, the best cost and the bound.

    On a terminal it is one line that comes and goes; elsewhere (a log) a line now and then.
    Call it with what ``planner.solve`` reports; it may be called from any thread.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._terminal = sys.stderr.isatty()
        self._started = time.monotonic()
        self._said = ("", 0.0)
        self._words = "starting"
        self._display: Display | None = None
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> ProgressDisplay:
        if not self._quiet and self._terminal:
            self._timer = threading.Timer(PATIENCE_S, self._appear)
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        with self._lock:
            self._quiet = True
            if self._display is not None:
                self._display.stop()

    def __call__(self, report: Progress | str) -> None:
        """Take note of a phase or of an engine's progress."""
        with self._lock:
            if self._quiet:
                return
            phase = report.partition(" ")[0] if isinstance(report, str) else report.phase
            self._words = words_of(report)
            if self._display is not None:
                self._display.update(self._display.task_ids[0], description=self._words)
            elif not self._terminal:
                self._log(phase)

    def _log(self, phase: str) -> None:
        """A line when the kind of work changes, and now and then while it does not."""
        now = time.monotonic() - self._started
        said, at = self._said
        if now >= PATIENCE_S and (phase != said or now - at >= INTERVAL_S):
            self._said = (phase, now)
            say(f"{now:5.0f} s  {self._words}")

    def _appear(self) -> None:
        from rich.console import Console
        from rich.progress import Progress as Display
        from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

        with self._lock:
            if self._quiet:
                return
            self._display = Display(
                SpinnerColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.description}", markup=False),
                console=Console(stderr=True, highlight=False, emoji=False),
                transient=True,
                refresh_per_second=4,
            )
            self._display.add_task(self._words, total=None)
            self._display.start()


def words_of(report: Progress | str) -> str:
    """``report`` on one line; an engine counts cents."""
    if isinstance(report, str):
        return report
    if report.cost is None:
        return report.phase
    words = f"{report.phase}: {report.cost / 100:,.0f} USD"
    if report.bound is not None:
        gap = (report.cost - report.bound) / max(1, abs(report.cost))
        words += f", none below {report.bound / 100:,.0f} ({max(gap, 0.0):.2%} apart)"
    return words
