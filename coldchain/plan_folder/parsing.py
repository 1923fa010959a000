"""JSON documents of a plan folder, strict in reading: every way to be none is told in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NoReturn

from coldchain.errors import DataError, Fault

MAX_BYTES = 512 * 2**20
"""Larger files are refused before they are read into memory."""


def refused(file: str, expected: str, column: str = "", value: str = "") -> DataError:
    """The error of a file that cannot be used: what was expected of it, or of one field."""
    return DataError([Fault(file=file, row=0, column=column, value=value, expected=expected)])


def parsed(file: Path, kind: str) -> object:
    """The JSON of ``file``, a ``kind``; every way in which it can be none is a ``DataError``."""
    name = str(file)
    try:
        if file.stat().st_size > MAX_BYTES:
            raise refused(name, f"at most {MAX_BYTES // 2**20} MB")
        data = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise refused(name, "there is no such file") from None
    try:
        return json.loads(
            data.decode("utf-8-sig"), parse_constant=_no_number, object_pairs_hook=_once
        )
    except UnicodeDecodeError as error:
        raise refused(name, f"not a {kind}: no UTF-8 text at byte {error.start}") from None
    except RecursionError:
        raise refused(name, f"not a {kind}: JSON nested without end") from None
    except ValueError as error:
        raise refused(name, f"not a {kind}: no JSON, {error}") from None


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object whose keys are all different; the last one does not silently win."""
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return found
