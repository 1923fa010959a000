"""``coldchain init``: a scenario of one's own to begin with."""

from __future__ import annotations

import csv
import errno
import os
import re
import secrets
import shutil
import textwrap
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, cast

from coldchain.cli.exits import Exit
from coldchain.cli.screen import print_tables
from coldchain.columns import CONSIGNMENTS, MARKETS, PRICES, SCENARIO, TABLES, Table
from coldchain.exporters.files import flush_folder, put
from coldchain.exporters.page import plain
from coldchain.tables import data_folder

MODEL = "cherry-week"
"""Bundled scenario the starter is a copy of."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What a scenario may be called."""

EXAMPLES: Mapping[str, str] = {
    "packagings": '["naked", "map"]',
    "unconfirmed": '"assume"',
    "via": '["CN-CKG-HB"]',
}
"""Keys that need not be stated, each with what might be; of prices it is what prices.csv has."""

NOTES = """\
# {name}

A starter for `coldchain`, made by `coldchain init`. Everything here is yours to edit.

    coldchain plan {scenario}
    coldchain show consignments --scenario {scenario}
    coldchain show commodity cherry_sweet --scenario {scenario}
    coldchain show way TJ-KHU-PH CN-SHA-CT --scenario {scenario}

To try what a change would do, without editing anything:

    coldchain show scenario {scenario} --set "close KZ-NZH-BX always"
    coldchain plan {scenario} --set "demand *= 1.3" --out plans/third-more

- `scenario.toml`: the week, how carefully to plan, prices. Keys that begin with `#` are not stated.
- `consignments.csv`: what is to be carried, one row for each consignment.
- `data/`: everything else. Each row names its source and how sure it is, from A to D; D is an
  estimate, to be replaced by what you know.

{tables}

A mistake is told with its file, row and column; all of them at once. Columns without which a table
can do may be left out.
"""


def write_starter(folder: Path) -> Exit:
    """Write scenario.toml, consignments.csv, data/ and a README into a new or empty folder.

    Raises
    ------
    OSError
        The folder holds something, or cannot be written; it is then as it was.
    """
    place = folder.resolve()
    if place.is_dir() and os.listdir(place):
        raise FileExistsError(errno.ENOTEMPTY, "not empty; nothing was written", str(folder))
    if place.exists() and not place.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "is not a folder", str(folder))
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_name(f".{place.name}.{secrets.token_hex(4)}.new")
    try:
        _fill(draft, folder)
        flush_folder(draft)
        # An empty folder gives way to a rename on POSIX; elsewhere it has to go first.
        if os.name != "posix" and place.exists():
            os.rmdir(place)
        os.rename(draft, place)
    except BaseException as error:
        shutil.rmtree(draft, ignore_errors=True)
        if isinstance(error, OSError):
            why = error.strerror or type(error).__name__
            raise OSError(error.errno, why, str(folder)) from error
        raise
    print_tables(
        plain(f"A starter scenario is in {folder}."),
        plain(f"Edit it, then: coldchain plan {_typed(folder / 'scenario.toml')}"),
    )
    return Exit.DONE


def _fill(draft: Path, folder: Path) -> None:
    source = data_folder()
    model = source / "scenarios" / f"{MODEL}.toml"
    settings = tomllib.loads(model.read_text(encoding="utf-8"))
    carried = model.parent / str(settings["consignments"])
    settings |= {
        "name": _name_after(folder),
        "title": f"Starter: {settings['title']}",
        "consignments": "consignments.csv",
        "data": {"folder": "data"},
    }
    examples = _examples(source / PRICES.file)
    os.mkdir(draft)
    put(draft / "scenario.toml", "\n".join(_toml(settings, examples)).encode())
    put(draft / "consignments.csv", carried.read_bytes())
    tables = [
        table
        for table in (*TABLES.values(), *MARKETS)
        if table is not CONSIGNMENTS and (source / table.file).exists()
    ]
    os.mkdir(draft / "data")
    for table in tables:
        put(draft / "data" / table.file, (source / table.file).read_bytes())
    put(draft / "README.md", _notes(folder, tables).encode())


def _notes(folder: Path, tables: Sequence[Table]) -> str:
    """The README: commands with the folder as a shell wants it, and what each table is."""
    rows = "\n".join(f"| `{table.file}` | {table.meaning} |" for table in tables)
    return NOTES.format(
        name=folder.name or "starter",
        scenario=_typed(folder / "scenario.toml"),
        tables=f"| table | what is in it |\n|---|---|\n{rows}",
    )


def _typed(path: Path) -> str:
    """A path as it is typed in a shell, in quotes if it has spaces or the like."""
    return str(path) if re.fullmatch(r"[\w./\\:~-]+", str(path)) else f'"{path}"'


def _name_after(folder: Path) -> str:
    """The folder's name where a scenario may be called so: plans are filed under it."""
    name = folder.resolve().name
    return name if NAME.fullmatch(name) else "scenario"


def _examples(prices: Path) -> Mapping[str, str]:
    with prices.open(encoding="utf-8", newline="") as file:
        known = {row["price_id"]: row["value"] for row in csv.DictReader(file)}
    return {**EXAMPLES, **known}


def _comment(text: str) -> list[str]:
    return textwrap.wrap(
        text, 100, initial_indent="# ", subsequent_indent="#   ", break_on_hyphens=False
    )


def _toml(settings: Mapping[str, Any], examples: Mapping[str, str]) -> Iterator[str]:
    """The scenario file, each key with its meaning above it; keys of ``examples`` as comments."""
    for section, columns in SCENARIO.items():
        values = cast("Mapping[str, Any]", settings.get(section, {}) if section else settings)
        if section:
            yield ""
            yield f"[{section}]"
        for column in columns:
            value = values.get(column.name)
            unit = f" ({column.unit})" if column.unit else ""
            if value is None and column.name in examples:
                yield from _comment(f"not stated: {column.meaning}{unit}")
                yield f"# {column.name} = {examples[column.name]}"
            if value is None or isinstance(value, dict):
                continue
            yield from _comment(f"{column.meaning}{unit}")
            yield f"{column.name} = {_toml_value(value)}"
        if section and not columns:
            for name, value in values.items():
                yield f"{name} = {_toml_value(value)}"
        for column in columns:
            inner = values.get(column.name)
            if isinstance(inner, dict):
                yield ""
                yield f"# {column.meaning}"
                yield f"[{section}.{column.name}]"
                for name, value in cast("Mapping[str, Any]", inner).items():
                    yield f"{name} = {_toml_value(value)}"
    yield ""


def _toml_value(value: object) -> str:
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, list):
        return "[" + ", ".join(_toml_value(item) for item in cast("list[object]", value)) + "]"
    if isinstance(value, date):
        return value.isoformat()
    return repr(value)
