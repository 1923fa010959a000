"""What is printed: tables for people, JSON for programs, both on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from rich.console import Console, RenderableType

from coldchain.exporters.page import WIDTH


def print_tables(*parts: RenderableType) -> None:
    """Print to stdout, at most ``WIDTH`` columns wide."""
    console = Console(highlight=False, emoji=False, markup=False, soft_wrap=False)
    width = min(console.width, WIDTH) if console.is_terminal else WIDTH
    console.width = width
    for part in parts:
        console.print(part)


def print_json(document: Mapping[str, Any]) -> None:
    """Print one JSON document to stdout; in ASCII, so that no terminal can spoil it."""
    sys.stdout.write(json.dumps(document, indent=2, allow_nan=False) + "\n")


def say(text: str) -> None:
    """A line to stderr, beside the output proper."""
    from coldchain.exporters.wording import visible

    print(visible(text), file=sys.stderr, flush=True)
