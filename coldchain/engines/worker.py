"""The child of ``process.solve``: ``python -m coldchain.engines.worker``.

It reads one problem from standard input, writes lines of JSON to standard output, and dies when
its standard input ends, that is when the parent closes it or is gone.

Before the effort begins it compiles its kernels, or loads them from disk, and says so.

A line is either progress (``phase``, ``cost``, ``bound`` and, with a new best selection,
``chosen``, with a new certificate ``certificate``), or the answer (the same with ``status``), or an
``error``.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import sys
import threading
from dataclasses import fields
from typing import Any, cast

import numpy as np

from coldchain.certificate import Certificate, document_of
from coldchain.selection import Effort, Ints, Progress, SelectionProblem

NAMES = ("auto", "cpsat", "exact", "greedy", "season")
"""Names of the engines, known without importing them (a test keeps them equal to ``ENGINES``)."""

BEGINNING = "start"
"""Phase of a child that has made itself ready: its effort begins."""

_HEADER = 16


def pack(problem: SelectionProblem, effort: Effort, engine: str) -> bytes:
    """A problem as the bytes the child reads: a length of 16 digits, then an npz archive."""
    arrays: dict[str, Any] = {field.name: getattr(problem, field.name) for field in fields(problem)}
    how = {
        "engine": engine,
        "seconds": effort.seconds,
        "gap": effort.gap,
        "threads": effort.threads,
        "seed": effort.seed,
        "hint": None if effort.hint is None else [int(x) for x in effort.hint],
    }
    arrays["how"] = np.frombuffer(json.dumps(how).encode(), dtype=np.uint8)
    held = io.BytesIO()
    np.savez(held, **arrays)
    body = held.getvalue()
    return f"{len(body):0{_HEADER}d}".encode() + body


def unpack(body: bytes) -> tuple[SelectionProblem, Effort, str]:
    """The inverse of ``pack``, without the length."""
    with np.load(io.BytesIO(body), allow_pickle=False) as archive:
        arrays = {field.name: archive[field.name] for field in fields(SelectionProblem)}
        how = cast("dict[str, Any]", json.loads(archive["how"].tobytes()))
    effort = Effort(
        seconds=float(how["seconds"]),
        gap=float(how["gap"]),
        threads=int(how["threads"]),
        seed=int(how["seed"]),
        hint=None if how["hint"] is None else tuple(how["hint"]),
    )
    return SelectionProblem(**arrays), effort, str(how["engine"])


def main() -> int:
    """Serve one problem."""
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Solvers print what they like to file descriptor 1; our lines get a descriptor of their own.
    lines = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    header = sys.stdin.buffer.read(_HEADER)
    if len(header) < _HEADER:
        return 2
    problem, effort, engine = unpack(sys.stdin.buffer.read(int(header)))
    threading.Thread(target=_die_with_parent, daemon=True).start()
    gate = threading.Lock()

    def say(**line: Any) -> None:
        with gate:
            lines.write(json.dumps(line) + "\n")
            lines.flush()

    def report(progress: Progress, chosen: Ints | None) -> None:
        say(
            phase=progress.phase,
            cost=progress.cost,
            bound=progress.bound,
            chosen=None if chosen is None else chosen.tolist(),
            certificate=_in_words(progress.certificate),
        )

    say(phase="compiling, once on this machine", cost=None, bound=None)
    if engine != "greedy":
        from coldchain.engines.groundwork import warm

        warm()
    say(phase=BEGINNING, cost=None, bound=None)
    from coldchain.engines import ENGINES

    answer = ENGINES[engine](problem, effort, report)
    say(
        chosen=answer.chosen,
        cost=answer.cost,
        bound=answer.bound,
        status=answer.status.value,
        engine=answer.engine,
        version=answer.engine_version,
        certificate=_in_words(answer.certificate),
    )
    return 0


def _in_words(certificate: Certificate | None) -> dict[str, Any] | None:
    return None if certificate is None else document_of(certificate)


def _die_with_parent() -> None:
    """Wait for the end of standard input. It comes when the parent ends us, or has ended."""
    # Not through sys.stdin: its lock would be held for ever and hang the interpreter's exit.
    while os.read(0, 4096):
        pass
    os._exit(3)


if __name__ == "__main__":
    sys.exit(main())
