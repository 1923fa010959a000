"""Bytes of a text file to text: strict UTF-8, or UTF-16 with a byte order mark, or a refusal.

Guessing is unsafe: text in GBK always decodes as Windows-1251 too. So nothing else is read; a
refusal shows what the bytes could be and how to save the file anew.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from coldchain.errors import DataError, Fault

MAX_BYTES = 64 * 1024 * 1024

REMEDY = "save it as 'CSV UTF-8' (spreadsheet) or UTF-8 (editor)"

OTHERS = (("gb18030", "GBK/GB18030"), ("cp1251", "Windows-1251"), ("cp1252", "Windows-1252"))


def read_text(path: Path, *, shown: str, limit: int = MAX_BYTES) -> str:
    """Text of the file at ``path``, called ``shown`` in errors; without byte order mark.

    Raises
    ------
    DataError
        No such file, too long, or neither UTF-8 nor UTF-16 with a byte order mark.
    """
    try:
        # A pipe or a device would never end.
        if not path.is_file():
            raise _refusal(shown, "", f"a file; {path} is none")
        if path.stat().st_size > limit:
            raise _refusal(shown, "", f"a file of at most {limit // 1024:,} KiB")
        return decode(path.read_bytes(), shown=shown)
    except (OSError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        # ValueError: a NUL in the name.
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise _refusal(shown, "", f"a file that can be read ({reason})") from None


def decode(raw: bytes, *, shown: str) -> str:
    """Text of ``raw``; see :func:`read_text`."""
    if raw.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise _refusal(shown, "", f"text in UTF-8, not UTF-32: {REMEDY}")
    for mark, name in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if raw.startswith(mark):
            try:
                return raw[len(mark) :].decode(name)
            except UnicodeDecodeError:
                raise _refusal(shown, "", f"whole UTF-16 after its mark: {REMEDY}") from None
    if raw.startswith(b"PK\x03\x04"):
        raise _refusal(shown, "", "text, not an Excel workbook: save the sheet as 'CSV UTF-8'")
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise _refusal(shown, "", "text, not an old Excel workbook: save the sheet as 'CSV UTF-8'")
    if raw.startswith((b"\x1f\x8b", b"%PDF")):
        raise _refusal(shown, "", "text, not a gzip or PDF file")
    pairs = raw[:2000]
    if pairs[1::2].count(0) * 2 > len(pairs) // 2 or pairs[::2].count(0) * 2 > len(pairs) // 2:
        raise _refusal(shown, "", f"UTF-16 only with a byte order mark: {REMEDY}")
    try:
        return raw.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        start = raw.rfind(b"\n", 0, error.start) + 1
        end = raw.find(b"\n", error.start)
        line = raw[start : end if end >= 0 else len(raw)]
        raise _refusal(shown, "", f"text in UTF-8; {_readings(line)}: {REMEDY}", row) from None


def _readings(line: bytes) -> str:
    readings: list[str] = []
    for codec, name in OTHERS:
        try:
            text = line.decode(codec)
        except UnicodeDecodeError:
            continue
        # Only what is printed: escapes of a hostile file must not reach a terminal.
        part = "".join(c for c in text if c.isprintable() and not c.isascii())[:12]
        if part:
            readings.append(f"{part!r} in {name}")
    return f"this line reads {' or '.join(readings)}" if readings else "this line is binary"


def _refusal(shown: str, value: str, expected: str, row: int = 0) -> DataError:
    return DataError([Fault(file=shown, row=row, column="", value=value, expected=expected)])
