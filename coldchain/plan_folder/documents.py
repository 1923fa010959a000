"""Frozen freight objects as JSON documents and back, field by field.

A document says what a dataclass says: its fields by name, enumerations by value, instants in ISO
8601, sets sorted, mappings and tuples in their order (the order of operations is a rule of the
clock). Reading is strict: nothing missing, nothing unknown, every value of its declared type, and
all faults are reported at once with their path. ``decode(type(x), encode(x)) == x``.
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Mapping
from datetime import date, datetime, time
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from coldchain.errors import DataError, Fault
from coldchain.exporters.wording import visible

T = TypeVar("T")

SHOWN = 60
"""Characters of a wrong value that a fault shows."""


def encode(value: object) -> Any:
    """The document of ``value``: dicts, lists, strings, numbers, booleans and null only."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: encode(getattr(value, name)) for name in _hints(type(value))}
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"a document holds finite numbers, not {value}")
        return value
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Mapping):
        mapping = cast("Mapping[str, object]", value)
        return {str(key): encode(item) for key, item in mapping.items()}
    if isinstance(value, frozenset):
        return sorted(encode(item) for item in cast("frozenset[object]", value))
    if isinstance(value, (tuple, list)):
        return [encode(item) for item in cast("tuple[object, ...]", value)]
    raise TypeError(f"no document is made of a {type(value).__name__}")


def decode(kind: type[T], document: object, *, file: str) -> T:
    """The ``kind`` that ``document`` describes; ``file`` is named in faults.

    Raises
    ------
    DataError
        With every fault of the document: its path, what stands there and what was expected.
    """
    reading = _Reading(file)
    value = reading.read(kind, document, "")
    if reading.faults:
        raise DataError(reading.faults)
    return cast(T, value)


@lru_cache(maxsize=64)
def _hints(kind: type) -> Mapping[str, Any]:
    """Declared types of the fields a constructor takes, in their order."""
    hints = get_type_hints(kind)
    return {f.name: hints[f.name] for f in dataclasses.fields(kind) if f.init}


class _Missing:
    """What a faulty part reads as; an object that holds one is not built."""


MISSING = _Missing()


class _Reading:
    """One pass over a document; gathers faults instead of stopping at the first."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []

    def fault(self, path: str, value: object, expected: str) -> _Missing:
        text = value if isinstance(value, str) else repr(value)
        shown = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
        self.faults.append(
            Fault(file=self.file, row=0, column=path or "document", value=shown, expected=expected)
        )
        return MISSING

    def read(self, hint: Any, value: object, path: str) -> object:
        """``value`` as ``hint`` declares it, or ``MISSING`` and a fault."""
        origin = get_origin(hint)
        if origin in (Union, types.UnionType):
            return self._read_optional(hint, value, path)
        if origin is tuple:
            return self._read_tuple(get_args(hint), value, path)
        if origin is frozenset:
            items = self._read_items(get_args(hint)[0], value, path)
            return items if isinstance(items, _Missing) else frozenset(items)
        if origin is not None and issubclass(origin, Mapping):
            key, item = get_args(hint)
            return self._read_mapping(key, item, value, path)
        if dataclasses.is_dataclass(hint):
            return self._read_object(cast(type, hint), value, path)
        if isinstance(hint, type) and issubclass(hint, Enum):
            return self._read_member(hint, value, path)
        return self._read_scalar(hint, value, path)

    def _read_object(self, kind: type, value: object, path: str) -> object:
        if not isinstance(value, dict):
            return self.fault(path, value, f"an object ({kind.__name__})")
        given = cast("dict[str, object]", value)
        hints = _hints(kind)
        whole = True
        for name in given.keys() - hints.keys():
            self.fault(_join(path, name), given[name], f"no such field in {kind.__name__}")
            whole = False
        read: dict[str, object] = {}
        for name, hint in hints.items():
            if name not in given:
                self.fault(_join(path, name), "", "the field is missing")
                whole = False
                continue
            read[name] = self.read(hint, given[name], _join(path, name))
            whole = whole and read[name] is not MISSING
        if not whole:
            return MISSING
        try:
            return kind(**read)
        except (ValueError, TypeError) as error:
            return self.fault(path, "", str(error))

    def _read_optional(self, hint: Any, value: object, path: str) -> object:
        kinds = get_args(hint)
        if value is None and type(None) in kinds:
            return None
        (kind,) = (k for k in kinds if k is not type(None))
        return self.read(kind, value, path)

    def _read_tuple(self, kinds: tuple[Any, ...], value: object, path: str) -> object:
        if len(kinds) == 2 and kinds[1] is Ellipsis:
            items = self._read_items(kinds[0], value, path)
            return items if isinstance(items, _Missing) else tuple(items)
        given = cast("list[object]", value) if isinstance(value, list) else []
        if len(given) != len(kinds):
            return self.fault(path, value, f"a list of {len(kinds)}")  # pyright: ignore[reportUnknownArgumentType]
        parts = [
            self.read(kind, item, f"{path}[{i}]")
            for i, (kind, item) in enumerate(zip(kinds, given, strict=True))
        ]
        return MISSING if MISSING in parts else tuple(parts)

    def _read_items(self, kind: Any, value: object, path: str) -> list[object] | _Missing:
        if not isinstance(value, list):
            return self.fault(path, value, "a list")
        given = cast("list[object]", value)
        items = [self.read(kind, item, f"{path}[{i}]") for i, item in enumerate(given)]
        return MISSING if any(item is MISSING for item in items) else items

    def _read_mapping(self, names: Any, kind: Any, value: object, path: str) -> object:
        if not isinstance(value, dict):
            return self.fault(path, value, "an object")
        given = cast("dict[str, object]", value)
        items: dict[object, object] = {}
        whole = True
        for name, item in given.items():
            key = self._read_scalar(names, name, path) if names is date else name
            items[key] = self.read(kind, item, _join(path, name))
            whole = whole and MISSING not in (key, items[key])
        return items if whole else MISSING

    def _read_member(self, kind: type[Enum], value: object, path: str) -> object:
        try:
            return kind(value)
        except ValueError:
            return self.fault(path, value, "one of " + ", ".join(str(m.value) for m in kind))

    def _read_scalar(self, kind: Any, value: object, path: str) -> object:
        if kind is float and isinstance(value, (int, float)) and not isinstance(value, bool):
            # A whole number stays one: it is equal, and so is the digest made of it.
            return value if math.isfinite(value) else self.fault(path, value, "a finite number")
        if kind is int and type(value) is int and value not in WHOLE:
            words = f"a whole number from {WHOLE.start} to {WHOLE.stop - 1}"
            return self.fault(path, value, words)
        if kind in (bool, int, str) and type(value) is kind:
            if kind is str and visible(cast(str, value)) != value:
                return self.fault(path, value, "text without control characters")
            return value
        if kind in (datetime, date, time) and isinstance(value, str):
            try:
                return kind.fromisoformat(value)
            except ValueError:
                pass
        return self.fault(path, value, WORDS.get(kind, str(kind)))


WHOLE = range(-1_000_000_000, 4_000_000_001)
"""Whole numbers in a plan: as minutes since 1970 they are moments of the calendar."""

WORDS: Mapping[Any, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    datetime: "an instant such as 2026-06-15T08:00:00+00:00",
    date: "a day such as 2026-06-15",
    time: "a time of day such as 08:00:00",
}


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
