"""An engine in a process of its own: ``solve`` outside, ``worker`` inside.

Why: a solver may crash or run past its time, MathOpt holds Ctrl-C back for the whole solve, and
ortools cannot be loaded beside another HiGHS. So the problem goes to a child as an npz archive
(no pickle), selections and bounds come back as lines of JSON as they are found, and the parent
keeps the best of both. Whatever happens to the child, an early Ctrl-C or a late crash, there is a
plan: the first line holds one.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, cast

import numpy as np

from coldchain.certificate import Certificate, certificate_in
from coldchain.engines.certificates import trivial_certificate
from coldchain.engines.record import is_selection, trivial_bound, verify
from coldchain.engines.worker import BEGINNING, NAMES, pack
from coldchain.errors import SolverFailed, UnknownName
from coldchain.selection import Effort, Ints, Progress, Selection, SelectionProblem, Status

GRACE = 10.0
"""Seconds a child may take beyond its effort before it is killed: a solver looks at the clock only
now and then, and start-up and transfer take their share."""

COMPILING = 600.0
"""Seconds a child may take to compile its kernels, once on a machine, before its effort begins."""

PATIENCE = 1.0
"""Seconds a child is given to end by itself after Ctrl-C."""


def solve(
    problem: SelectionProblem,
    effort: Effort,
    engine: str,
    on_progress: Callable[[Progress], None] | None = None,
) -> Selection:
    """Run ``engine`` in a child process and return its answer, or the best seen before it ended.

    Ctrl-C ends the run with the best selection so far (``Status.INTERRUPTED``); a second one kills
    the child at once. A child that overruns its time is killed (``Status.LIMIT``).

    Parameters
    ----------
    problem : SelectionProblem
    effort : Effort
    engine : str
        A name of ``ENGINES``.
    on_progress : callable, optional
        Called in this thread with every ``Progress``.

    Raises
    ------
    UnknownName
        If no engine has that name.
    SolverFailed
        If the child ended without any selection; with its last words.
    """
    if engine not in NAMES:
        raise UnknownName("engine", engine, NAMES)
    with tempfile.TemporaryFile() as words:
        child = _start(words)
        run = _Run(problem, effort, engine, on_progress, child)
        try:
            return run.follow(words)
        finally:
            run.end()


def _start(words: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start the child in a session of its own, so that the terminal's Ctrl-C does not reach it."""
    environment = dict(os.environ)
    # The child must find this very package, from a wheel or from a checkout, wherever it starts.
    package = str(Path(__file__).resolve().parents[2])
    inherited = environment.get("PYTHONPATH")
    environment["PYTHONPATH"] = os.pathsep.join([package, *([inherited] if inherited else [])])
    return subprocess.Popen(
        [sys.executable, "-m", "coldchain.engines.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=words,
        env=environment,
        start_new_session=True,
    )


class _Run:
    """One child: what it said, and what of it holds."""

    def __init__(
        self,
        problem: SelectionProblem,
        effort: Effort,
        engine: str,
        on_progress: Callable[[Progress], None] | None,
        child: subprocess.Popen[bytes],
    ) -> None:
        self.problem, self.effort, self.engine = problem, effort, engine
        self.on_progress = on_progress
        self.child = child
        self.began = time.monotonic()
        self.chosen: Ints | None = None
        self.cost = 0
        self.bound = trivial_bound(problem)
        self.certificate: Certificate | None = None
        self.version = "unknown"
        self.answer: Selection | None = None
        self.lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()

    def _send(self) -> None:
        """Write the problem and leave the pipe open: its end tells the child that we are gone."""
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        threading.Thread(target=self._listen, args=(self.child.stdout,), daemon=True).start()
        with contextlib.suppress(BrokenPipeError):
            self.child.stdin.write(pack(self.problem, self.effort, self.engine))
            self.child.stdin.flush()

    def _listen(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(ValueError, OSError):
            for line in pipe:
                self.lines.put(line)
        self.lines.put(None)

    def follow(self, words: IO[bytes]) -> Selection:
        """Take in lines until the child has answered, died, overrun, or someone stops us."""
        deadline = self.began + COMPILING
        status = Status.INTERRUPTED
        try:
            self._send()
            while True:
                try:
                    line = self.lines.get(timeout=max(0.0, deadline - time.monotonic()))
                except queue.Empty:
                    status = Status.LIMIT
                    break
                if line is None:
                    break
                if self._read(line):
                    self.began = time.monotonic()
                    deadline = self.began + self.effort.seconds + GRACE
                if self.answer is not None:
                    verify(self.problem, self.answer)
                    return self.answer
        except KeyboardInterrupt:
            self._stop()
            # Interrupted before the child said a word: skipping everybody is a plan, too.
            self._hold(np.full(self.problem.n_customers, -1, dtype=np.int64))
        if self.chosen is None:
            self.end()
            words.seek(0)
            tail = words.read().decode(errors="replace").strip().splitlines()[-5:]
            code = self.child.returncode
            head = f"engine {self.engine} ended (exit {code}) without a plan"
            raise SolverFailed("\n".join([head, *tail]))
        return self._best(status)

    def _stop(self) -> None:
        """Ask the child to end, take in what it still says; a second Ctrl-C ends that too."""
        try:
            with contextlib.suppress(OSError):
                assert self.child.stdin is not None
                self.child.stdin.close()
            deadline = time.monotonic() + PATIENCE
            while True:
                line = self.lines.get(timeout=max(0.0, deadline - time.monotonic()))
                if line is None:
                    break
                self._read(line)
        except (queue.Empty, KeyboardInterrupt):
            pass
        finally:
            self.child.kill()

    def _read(self, line: bytes) -> bool:
        """Take in one line; whether it says that the effort begins.

        One that was torn when the child died is passed over.
        """
        try:
            said = cast("dict[str, Any]", json.loads(line))
        except ValueError:
            return False
        if "error" in said:
            return False
        if said.get("chosen") is not None:
            self._hold(np.array(said["chosen"], dtype=np.int64))
        if said.get("bound") is not None:
            self.bound = max(self.bound, int(said["bound"]))
        if said.get("certificate") is not None:
            self.certificate = certificate_in(said["certificate"])
        self.version = str(said.get("version", self.version))
        if "status" in said:
            chosen = np.array(said["chosen"], dtype=np.int64)
            self.answer = Selection(
                chosen=tuple(chosen.tolist()),
                units=tuple(self.problem.units(chosen).tolist()),
                cost=int(said["cost"]),
                bound=int(said["bound"]),
                status=Status(said["status"]),
                engine=str(said.get("engine", self.engine)),
                engine_version=self.version,
                seconds=time.monotonic() - self.began,
                certificate=self.certificate,
            )
        elif self.on_progress is not None:
            self.on_progress(
                Progress(
                    phase=str(said["phase"]),
                    seconds=time.monotonic() - self.began,
                    cost=said["cost"],
                    bound=said["bound"],
                )
            )
        return said.get("phase") == BEGINNING

    def _hold(self, chosen: Ints) -> None:
        """Keep a selection if it holds and is the best; nothing the child says is believed."""
        if not is_selection(self.problem, chosen) or self.problem.broken_limits(chosen):
            return
        cost = self.problem.cost(chosen)
        if self.chosen is None or cost < self.cost:
            self.chosen, self.cost = chosen, cost

    def _best(self, status: Status) -> Selection:
        assert self.chosen is not None
        answer = Selection(
            chosen=tuple(self.chosen.tolist()),
            units=tuple(self.problem.units(self.chosen).tolist()),
            cost=self.cost,
            bound=min(self.bound, self.cost),
            status=status,
            engine=self.engine,
            engine_version=self.version,
            seconds=time.monotonic() - self.began,
            certificate=self.certificate
            or trivial_certificate(self.problem, trivial_bound(self.problem)),
        )
        verify(self.problem, answer)
        return answer

    def end(self) -> None:
        """Leave no child behind."""
        child = self.child
        if child.poll() is None:
            child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=5.0)
