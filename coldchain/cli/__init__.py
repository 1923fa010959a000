"""The command line: each command is a whole errand.

Tables go to stdout; progress and errors to stderr. Nothing heavier than typer is imported until a
command needs it, so ``coldchain --help`` answers at once.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run ``coldchain`` with ``arguments`` (those of the process by default) and leave."""
    from coldchain.cli.exits import fail, flush_output
    from coldchain.cli.place_commands import app

    given = list(sys.argv[1:] if arguments is None else arguments)
    # Asked here and not of the parsed command, since parsing may be what went wrong.
    debug = "--debug" in given
    # Both, always: a shell script's background jobs are born deaf to SIGINT.
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    for stream in (sys.stdout, sys.stderr):
        # A terminal without ° or → shows a mark there instead of a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    try:
        try:
            app(args=given, prog_name="coldchain")
        finally:
            flush_output()
    except (Exception, KeyboardInterrupt) as error:
        fail(error, debug=debug)
    raise SystemExit(0)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    """A polite request to end is an interrupt: what there is so far is kept."""
    raise KeyboardInterrupt
