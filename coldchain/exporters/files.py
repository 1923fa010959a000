"""Files that are whole or not there: written beside their place, flushed to the disk, moved in."""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path

BINARY = getattr(os, "O_BINARY", 0)
"""Windows would write ``\\r\\r\\n`` without it."""


def put(path: Path, data: bytes) -> Path:
    """Write ``data`` to ``path`` in one step; what stood there stays until the new file is whole.

    Raises
    ------
    OSError
        Nothing is left behind, and ``path``, which it names, is as it was; so if a device or a
        pipe stands there, which a file moved in would do away with.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise OSError(errno.EINVAL, "a device or a pipe, not a file", str(path))
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY, 0o666)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(handle, rest) :]
            os.fsync(handle)
        finally:
            os.close(handle)
        os.replace(draft, path)
    except BaseException as error:
        draft.unlink(missing_ok=True)
        if isinstance(error, OSError):
            why = error.strerror or type(error).__name__
            raise OSError(error.errno, why, str(path)) from error
        raise
    return path


def flush_folder(folder: Path) -> None:
    """Make renames inside ``folder`` survive a power cut, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
