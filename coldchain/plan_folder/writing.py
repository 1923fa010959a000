"""Writing a plan folder: built beside its place, flushed, moved in whole."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from pathlib import Path

from coldchain.exporters import EXPORTERS, FILES
from coldchain.exporters.files import flush_folder, put
from coldchain.plan import Plan
from coldchain.plan_folder.certificate_file import CERTIFICATE_FILE, certificate_bytes
from coldchain.plan_folder.plan_file import PLAN_FILE, plan_bytes

PLAN_FILES = frozenset(
    {PLAN_FILE, CERTIFICATE_FILE, *(file for files in FILES.values() for file in files)}
)
"""Files a plan folder may hold; a folder with others is not replaced, forced or not."""


def check_destination(folder: Path | str, *, force: bool = False) -> Path:
    """Where a plan would be written, symbolic links followed.

    Ask before a long calculation, not after it: a folder is made there and taken away again.

    Raises
    ------
    OSError
        Something stands there that ``force`` does not allow to be replaced, or nothing can be
        made there. It names ``folder``.
    """
    place = Path(folder).resolve()
    if place.is_dir():
        strangers = sorted(set(os.listdir(place)) - PLAN_FILES)
        if strangers:
            raise FileExistsError(
                errno.EEXIST,
                f"holds {strangers[0]}, which no plan wrote; left as it is",
                str(folder),
            )
        if not force:
            raise FileExistsError(errno.EEXIST, "already there; --force replaces it", str(folder))
    elif os.path.lexists(place):
        raise NotADirectoryError(errno.ENOTDIR, "is not a folder", str(folder))
    parent = place.parent
    while not parent.exists():
        parent = parent.parent
    probe = parent / f".{place.name}.{secrets.token_hex(4)}.new"
    try:
        os.mkdir(probe)
        os.rmdir(probe)
    except OSError as error:
        raise _at(folder, error) from error
    finally:
        with contextlib.suppress(OSError):
            os.rmdir(probe)
    return place


def _at(folder: Path | str, error: OSError) -> OSError:
    """``error`` at the folder that was asked for, not at a name nobody has heard of."""
    why = error.strerror or type(error).__name__
    return OSError(error.errno, f"no plan can be written there: {why}", str(folder))


def write_plan(plan: Plan, folder: Path | str, *, force: bool = False) -> tuple[Path, ...]:
    """Write ``plan`` as a complete folder and name its files.

    Parameters
    ----------
    plan : Plan
    folder : path
        Made with its parents. If it exists it is replaced only with ``force``, and stays until
        the new one is complete.

    Raises
    ------
    OSError
        The folder is what it was: the former one, or absent.

    Notes
    -----
    A power cut between the two renames of a replacement leaves the former folder under its
    hidden name ``.<name>.<digits>.old`` beside the new one's place.
    """
    place = check_destination(folder, force=force)
    try:
        return _write(plan, place)
    except OSError as error:
        raise _at(folder, error) from error


def _write(plan: Plan, place: Path) -> tuple[Path, ...]:
    made = _make_parents(place)
    mark = secrets.token_hex(4)
    draft = place.with_name(f".{place.name}.{mark}.new")
    try:
        os.mkdir(draft)
        written = [put(draft / PLAN_FILE, plan_bytes(plan))]
        if plan.certificate is not None:
            written.append(put(draft / CERTIFICATE_FILE, certificate_bytes(plan.certificate)))
        written += EXPORTERS["all"](plan, draft)
        flush_folder(draft)
        _move_in(draft, place, place.with_name(f".{place.name}.{mark}.old"))
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        for parent in reversed(made):
            if not os.listdir(parent):
                os.rmdir(parent)
        raise
    return tuple(place / path.name for path in written)


def _make_parents(place: Path) -> list[Path]:
    """Make the parents of ``place`` that are missing, outermost first, and name them."""
    missing = [parent for parent in place.parents if not parent.exists()][::-1]
    made: list[Path] = []
    try:
        for parent in missing:
            os.mkdir(parent)
            made.append(parent)
    except BaseException:
        for parent in reversed(made):
            os.rmdir(parent)
        raise
    return made


def _move_in(draft: Path, place: Path, former: Path) -> None:
    """Put ``draft`` in its ``place``; what was there comes back if that fails."""
    try:
        if place.exists():
            os.rename(place, former)
        os.rename(draft, place)
        flush_folder(place.parent)
    except BaseException:
        if former.exists():
            if place.exists():
                os.rename(place, draft)
            os.rename(former, place)
        elif place.exists() and not draft.exists():
            os.rename(place, draft)
        raise
    shutil.rmtree(former, ignore_errors=True)
