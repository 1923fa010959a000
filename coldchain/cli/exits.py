"""How a command ends: exit codes, and one line on stderr for whatever went wrong."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import traceback
from enum import IntEnum
from typing import NoReturn

from coldchain.errors import AuditFailure, ColdchainError, NoPlanFound, SolverFailed


class Exit(IntEnum):
    """What a shell script is told."""

    DONE = 0
    FAILED = 1
    """A plan that breaks a rule, or a bug."""
    INPUT = 2
    """Input, usage, or a place that cannot be written to."""
    UNSERVED = 3
    """Planned, but some goods stay behind."""
    NO_PLAN = 4
    """The time passed without any plan."""
    INTERRUPTED = 130


REPORT = "this is a bug in coldchain; --debug shows where"


def code_of(error: BaseException) -> Exit:
    """The exit code that ``error`` stands for."""
    if isinstance(error, KeyboardInterrupt):
        return Exit.INTERRUPTED
    if isinstance(error, (AuditFailure, SolverFailed)):
        return Exit.FAILED
    if isinstance(error, NoPlanFound):
        return Exit.NO_PLAN
    if isinstance(error, (ColdchainError, OSError)):
        return Exit.INPUT
    return Exit.FAILED


def words_of(error: BaseException) -> str:
    """``error`` as a planner reads it: one line, but for the faults of an input."""
    if isinstance(error, KeyboardInterrupt):
        return "interrupted; nothing was written"
    if isinstance(error, AuditFailure):
        return f"{error}\n{REPORT}"
    if isinstance(error, OSError):
        why = error.strerror or type(error).__name__
        what = f"{error.filename}: " if error.filename else ""
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            why += "; nothing was left behind"
        return f"{what}{why}"
    if isinstance(error, ColdchainError):
        return str(error)
    if isinstance(error, MemoryError):
        return "there is not enough memory for this"
    return f"{type(error).__name__}: {error}; {REPORT}"


def fail(error: BaseException, *, debug: bool) -> NoReturn:
    """Say what went wrong on stderr and leave with its code."""
    from coldchain.exporters.wording import visible

    if debug:
        traceback.print_exception(error)
    lines = words_of(error).splitlines() or [type(error).__name__]
    text = "\n".join(visible(line) for line in lines)
    with contextlib.suppress(OSError):  # stderr may be closed: then the exit code must do
        print(f"coldchain: {text}", file=sys.stderr, flush=True)
    raise SystemExit(int(code_of(error)))


def flush_output() -> None:
    """Hand everything printed to the system while an error can still be told.

    Left to the interpreter's own end, a full disk under ``> table.txt`` would pass unseen.
    """
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _silence()  # the reader has seen enough (``| head``): nothing is wrong
    except OSError:
        _silence()
        raise


def _silence() -> None:
    """Send what is still buffered nowhere, or it would be tried again at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
