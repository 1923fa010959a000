"""Where the tables are: in the installed package, or at the top of a checkout."""

from __future__ import annotations

from pathlib import Path

from coldchain.errors import UnknownName


def data_folder() -> Path:
    """Folder of the bundled tables.

    A wheel carries them inside the package; an editable install and a checkout have them beside it.
    """
    package = Path(__file__).resolve().parents[1]
    inside = package / "data"
    return inside if inside.is_dir() else package.parent / "data"


def scenario_names() -> tuple[str, ...]:
    """Names of the bundled scenarios."""
    return tuple(sorted(path.stem for path in (data_folder() / "scenarios").glob("*.toml")))


def scenario_path(name_or_path: str | Path) -> Path:
    """Path of a scenario file, given it or the name of a bundled scenario.

    A string without folder and without ``.toml`` is a name, so that a file lying about in the
    working folder never takes the place of a bundled scenario.

    Raises
    ------
    UnknownName
        No bundled scenario has that name.
    """
    if isinstance(name_or_path, Path):
        return name_or_path
    if name_or_path.endswith(".toml") or "/" in name_or_path or "\\" in name_or_path:
        return Path(name_or_path)
    names = scenario_names()
    if name_or_path not in names:
        raise UnknownName("scenario", name_or_path, names)
    return data_folder() / "scenarios" / f"{name_or_path}.toml"
