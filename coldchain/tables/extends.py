"""A scenario file and those it extends, merged into one document that knows where each key stands.

Keys of a file replace those of its base, section by section; ``name`` and ``title`` are a file's
own. ``[[overrides]]`` are not merged but follow those of the base.
"""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import cast

from coldchain.errors import DataError, Fault, UnknownName
from coldchain.tables.cells import nearest
from coldchain.tables.encoding import read_text
from coldchain.tables.folders import scenario_names, scenario_path
from coldchain.tables.rows import MAX_SHOWN

MAX_TOML_BYTES = 1_000_000
MAX_CHAIN = 8
"""Scenario files that may build on each other."""

OWN = ("name", "title")
"""Keys that no file has from its base."""

APART = ("extends", "overrides")
"""Keys that are not merged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioFile:
    """One TOML file as read: its text, its document, and the line of each ``section.key``."""

    path: Path
    text: str
    document: Mapping[str, object]
    lines: Mapping[str, int]

    @property
    def shown(self) -> str:
        return self.path.name

    def fault(self, key: str, value: object, expected: str, *, row: int | None = None) -> Fault:
        """A fault of one key of this file."""
        shown = value if isinstance(value, str) else "" if value is None else repr(value)
        return Fault(
            file=self.shown,
            row=self.lines.get(key, 0) if row is None else row,
            column=key if key.isprintable() else ascii(key),
            value=shown[:MAX_SHOWN],
            expected=expected,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """The files of a chain, base first, and what they say together.

    ``origins`` has the file of each key that is no section.
    """

    files: tuple[ScenarioFile, ...]
    document: dict[str, object]
    origins: Mapping[str, ScenarioFile] = field(default_factory=dict[str, ScenarioFile])

    def origin(self, key: str) -> ScenarioFile:
        """The file that states ``key``; the last one if none does."""
        return self.origins.get(key, self.files[-1])

    @property
    def bases(self) -> tuple[str, ...]:
        """Names of the scenarios extended, nearest first."""
        named = (file.document.get("name") for file in reversed(self.files[:-1]))
        files = (file.path.stem for file in reversed(self.files[:-1]))
        return tuple(n if isinstance(n, str) else f for n, f in zip(named, files, strict=True))


def read_merged(path: Path) -> Merged:
    """The file at ``path`` on top of those it extends.

    Raises
    ------
    DataError
        One of the files is no TOML, or the chain of files does not end.
    """
    chain = [_read(path)]
    while "extends" in chain[-1].document:
        chain.append(_read(_base(chain)))
    files = tuple(reversed(chain))
    document: dict[str, object] = {}
    origins: dict[str, ScenarioFile] = {}
    for file in files:
        for name in OWN:
            document.pop(name, None)
            origins.pop(name, None)
        _lay_over(document, {k: v for k, v in file.document.items() if k not in APART})
        origins |= dict.fromkeys(_keys(file.document), file)
    return Merged(files=files, document=document, origins=origins)


def _lay_over(below: dict[str, object], above: Mapping[str, object]) -> None:
    for key, value in above.items():
        under = below.get(key)
        if isinstance(value, dict) and isinstance(under, dict):
            _lay_over(cast("dict[str, object]", under), cast("dict[str, object]", value))
        else:
            below[key] = copy.deepcopy(cast("object", value))


def _keys(document: Mapping[str, object], prefix: str = "") -> Iterator[str]:
    for key, value in document.items():
        yield f"{prefix}{key}"
        if isinstance(value, dict):
            yield from _keys(cast("dict[str, object]", value), f"{prefix}{key}.")


def _base(chain: Sequence[ScenarioFile]) -> Path:
    """Where the file lies that the last of ``chain`` extends."""
    file = chain[-1]
    given = file.document["extends"]
    names = " → ".join(f.shown for f in chain)
    so_far = f" (after {names})" if len(chain) > 1 else ""

    def refused(expected: str) -> DataError:
        return DataError([file.fault("extends", given, expected)])

    if not isinstance(given, str) or not given.isprintable():
        raise refused("a bundled scenario or a file beside this one, in quotes")
    if PurePosixPath(given).is_absolute() or PureWindowsPath(given).anchor:
        raise refused("a path beside this file, not from the root of the disk")
    try:
        path = scenario_path(given)
    except UnknownName:
        near = nearest(given, scenario_names())
        words = f"a bundled scenario, or a file beside this one that ends in .toml{near}"
        raise refused(words + so_far) from None
    if path == Path(given):
        path = file.path.parent / given
    if not path.is_file():
        raise refused(f"a scenario file that is there{so_far}")
    if any(path.resolve() == other.path.resolve() for other in chain):
        raise refused(f"a chain of scenarios that ends, not {names} → {path.name}")
    if len(chain) >= MAX_CHAIN:
        raise refused(f"at most {MAX_CHAIN} scenarios that extend each other, not {names} → …")
    return path


def _read(path: Path) -> ScenarioFile:
    shown = path.name
    text = read_text(path, shown=shown, limit=MAX_TOML_BYTES)
    row, words = 0, ""
    try:
        document: dict[str, object] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column \d+\)", str(error))
        row = int(found[1]) if found else text.count("\n") + 1
        words = f"a TOML file: {error}"
    except RecursionError:
        words = "a TOML file that is not nested so deeply"
    except ValueError as error:
        # A number of thousands of digits, say.
        words = f"a TOML file: {str(error).partition(';')[0]}"
    else:
        return ScenarioFile(path=path, text=text, document=document, lines=_lines(text))
    raise DataError([Fault(file=shown, row=row, column="", value="", expected=words)])


def _lines(text: str) -> Mapping[str, int]:
    """Line of each ``section.key``, as far as one look at each line can tell."""
    lines: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        head = re.match(r"\s*\[\[?([A-Za-z0-9_.-]+)\]", line)
        key = re.match(r"\s*\"?([A-Za-z0-9_-]+)\"?\s*=", line)
        if head:
            section = head[1]
            lines.setdefault(section, number)
        elif key:
            lines.setdefault(f"{section}.{key[1]}" if section else key[1], number)
    return lines
