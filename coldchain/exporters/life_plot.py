"""A journey drawn: pulp temperature above, life used below, on one axis of time.

An SVG of our own opens in any browser and is the same byte for byte each time; PNG and PDF are
drawn by matplotlib, if it is installed. Both draw the same :class:`LifePicture`.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from coldchain.errors import DataError, Fault
from coldchain.exporters.files import put
from coldchain.exporters.wording import visible

Floats = NDArray[np.float64]

BY_MATPLOTLIB = (".png", ".pdf")
COLOURS = ("#b2182b", "#2166ac", "#7b3294", "#1b7837")
"""Of temperature and of the limits, in their order; told apart by those who see no red, too."""

WIDTH, LEFT, RIGHT = 900, 60, 20
TEMPERATURE = (80, 250)
"""Top and bottom of the upper panel."""
LIFE = (290, 450)
HEIGHT = 498
MOST_POINTS = 800
"""Points of a line; of more, the least and the greatest of each stretch are kept."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LifePicture:
    """What a plot shows.

    ``hours`` run from 0; ``used`` are the shares of each limit a typical lot has used by then;
    ``range_used`` is how much life 10, 50 and 90 % of lots have used at most, at the end; ``gaps``
    are stretches without readings, in hours.
    """

    title: str
    subtitle: str
    hours: Floats
    temperature_c: Floats
    used: Sequence[tuple[str, Floats]]
    range_used: tuple[float, float, float]
    setpoint_c: tuple[float, float]
    gaps: Sequence[tuple[float, float]] = ()


def write_plot(picture: LifePicture, path: Path) -> Path:
    """Draw ``picture`` to ``path``: ``.svg``, or ``.png`` or ``.pdf`` with matplotlib.

    Raises
    ------
    DataError
        Another ending, or matplotlib is not installed.
    OSError
        The place cannot be written to.
    """
    ending = check_ending(path)
    if ending == ".svg":
        return put(path, svg(picture).encode())
    return put(path, _by_matplotlib(picture, ending))


def check_ending(path: Path) -> str:
    """The ending of ``path``, once it is known that such a plot can be drawn.

    Raises
    ------
    DataError
        It cannot.
    """
    ending = path.suffix.lower()
    words = ""
    if ending not in (".svg", *BY_MATPLOTLIB):
        words = "a name that ends in .svg, .png or .pdf"
    elif ending != ".svg":
        try:
            import matplotlib  # noqa: F401  # pyright: ignore[reportUnusedImport]
        except ImportError:
            words = (
                f"a name that ends in .svg, or matplotlib for {ending}: "
                "pip install 'coldchain[plot]'"
            )
    if words:
        raise DataError([Fault(file="--plot", row=0, column="", value=str(path), expected=words)])
    return ending


def svg(picture: LifePicture) -> str:
    """``picture`` as an SVG document."""
    return "\n".join(["<?xml version='1.0' encoding='UTF-8'?>", *_elements(picture), ""])


def _elements(picture: LifePicture) -> Iterator[str]:
    lowest, highest, step = _round_range(
        min(picture.temperature_c.min(), picture.setpoint_c[0]),
        max(picture.temperature_c.max(), picture.setpoint_c[1]),
    )
    most = max([1.0, picture.range_used[2], *(float(line[-1]) for _, line in picture.used)])
    warmth, life = _Scale(TEMPERATURE, lowest, highest), _Scale(LIFE, 0.0, _round_range(0, most)[1])
    yield (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' "
        f"font-family='sans-serif' font-size='12' fill='#222' role='img'>"
    )
    yield f"<title>{_text(picture.title)}</title>"
    yield f"<desc>{_text(picture.subtitle)}</desc>"
    yield f"<rect width='{WIDTH}' height='{HEIGHT}' fill='#fff'/>"
    yield f"<text x='{LEFT}' y='22' font-size='16' font-weight='bold'>{_text(picture.title)}</text>"
    yield f"<text x='{LEFT}' y='41' fill='#555'>{_text(picture.subtitle)}</text>"
    along = _Along(float(picture.hours[-1]))
    top, bottom = warmth.at(picture.setpoint_c[1]), warmth.at(picture.setpoint_c[0])
    yield (
        f"<rect x='{LEFT}' y='{top:.1f}' width='{WIDTH - LEFT - RIGHT}' "
        f"height='{max(bottom - top, 1):.1f}' fill='#d9ecf7'/>"
    )
    for begin, end in picture.gaps:
        yield (
            f"<rect x='{along.at(begin):.1f}' y='{TEMPERATURE[0]}' "
            f"width='{along.at(end) - along.at(begin):.1f}' "
            f"height='{LIFE[1] - TEMPERATURE[0]}' fill='#eee'/>"
        )
    yield from _grid(warmth, _ticks(lowest, highest, step), "{:g}")
    yield from _grid(life, _ticks(0.0, life.high, 0.25 if life.high <= 1.5 else 0.5), "{:.0%}")
    grey = "; grey: no readings" if picture.gaps else ""
    labels = ((f"pulp °C; blue: setpoint range{grey}", TEMPERATURE), ("life used", LIFE))
    for name, panel in labels:
        yield f"<text x='{LEFT}' y='{panel[0] - 8}' fill='#555'>{name}</text>"
    yield (
        f"<text x='{WIDTH - RIGHT}' y='{LIFE[0] - 8}' fill='#555' text-anchor='end'>"
        "lines: a typical lot; bar: p10 to p90 of lots</text>"
    )
    yield from _time_axis(along)
    yield (
        f"<line x1='{LEFT}' x2='{WIDTH - RIGHT}' y1='{life.at(1):.1f}' y2='{life.at(1):.1f}' "
        "stroke='#222' stroke-dasharray='5 3'/>"
    )
    yield _line(along, warmth, picture.hours, picture.temperature_c, COLOURS[0])
    for number, (name, line) in enumerate(picture.used):
        colour = COLOURS[1 + number % 3]
        yield _line(along, life, picture.hours, line, colour)
        yield (
            f"<text x='{LEFT + 90 + 150 * number}' y='{LIFE[0] - 8}' fill='{colour}'>"
            f"{_text(name)}</text>"
        )
    low, _, high = (life.at(used) for used in picture.range_used)
    end = WIDTH - RIGHT
    yield (
        f"<path d='M{end - 5},{low:.1f}h10M{end},{low:.1f}V{high:.1f}M{end - 5},{high:.1f}h10' "
        "stroke='#222' fill='none'><title>life used: p10 to p90 of lots</title>"
        "</path>"
    )
    yield "</svg>"


@dataclass(frozen=True, slots=True)
class _Scale:
    """A vertical axis from ``low`` at the bottom of a panel to ``high`` at its top."""

    panel: tuple[int, int]
    low: float
    high: float

    def at(self, value: float) -> float:
        top, bottom = self.panel
        return bottom - (value - self.low) / (self.high - self.low) * (bottom - top)


@dataclass(frozen=True, slots=True)
class _Along:
    """The axis of time."""

    hours: float

    def at(self, hours: float) -> float:
        return LEFT + hours / self.hours * (WIDTH - LEFT - RIGHT)


def _text(text: str) -> str:
    return escape(visible(text), {"'": "&apos;", '"': "&quot;"})


def _round_range(low: float, high: float) -> tuple[float, float, float]:
    """Ends and steps of an axis that holds ``low`` to ``high``, at steps of 1, 2 or 5.

    Examples
    --------
    >>> _round_range(-1.2, 21.0), _round_range(0, 1.0)
    ((-5.0, 25.0, 5.0), (0.0, 1.0, 0.2))
    """
    rough = max(high - low, 0.5) / 6
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * unit for unit in (1, 2, 5, 10) if size * unit >= rough)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return first * step, max(last, first + 1) * step, step


def _ticks(low: float, high: float, step: float) -> list[float]:
    return [low + step * i for i in range(round((high - low) / step + 1e-9) + 1)]


def _grid(scale: _Scale, ticks: Sequence[float], words: str) -> Iterator[str]:
    for tick in ticks:
        y = scale.at(tick)
        if y < scale.panel[0] - 0.5:
            continue
        yield f"<line x1='{LEFT}' x2='{WIDTH - RIGHT}' y1='{y:.1f}' y2='{y:.1f}' stroke='#ccc'/>"
        yield (
            f"<text x='{LEFT - 8}' y='{y + 4:.1f}' text-anchor='end'>"
            f"{words.format(round(tick, 6) + 0.0)}</text>"
        )


def _time_axis(along: _Along) -> Iterator[str]:
    unit, name = (24.0, "days") if along.hours > 72 else (1.0, "hours")
    *_, step = _round_range(0, along.hours / unit)
    for tick in _ticks(0.0, math.floor(along.hours / unit / step) * step, step):
        x = along.at(tick * unit)
        yield f"<line x1='{x:.1f}' x2='{x:.1f}' y1='{LIFE[1]}' y2='{LIFE[1] + 5}' stroke='#222'/>"
        yield (
            f"<text x='{x:.1f}' y='{LIFE[1] + 19}' text-anchor='middle'>{round(tick, 6):g}</text>"
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    yield f"<text x='{middle:g}' y='{HEIGHT - 8}' text-anchor='middle'>{name}</text>"


def _line(along: _Along, scale: _Scale, hours: Floats, values: Floats, colour: str) -> str:
    kept = _kept(values)
    points = " ".join(
        f"{along.at(h):.1f},{scale.at(v):.1f}"
        for h, v in zip(hours[kept].tolist(), values[kept].tolist(), strict=True)
    )
    return f"<polyline points='{points}' fill='none' stroke='{colour}' stroke-width='1.5'/>"


def _kept(values: Floats) -> NDArray[np.intp]:
    """Places of the points that are drawn: all, or of each stretch its ends and extremes."""
    if len(values) <= MOST_POINTS:
        return np.arange(len(values))
    kept = {0, len(values) - 1}
    for part in np.array_split(np.arange(len(values)), MOST_POINTS // 2):
        kept |= {int(part[np.argmin(values[part])]), int(part[np.argmax(values[part])])}
    return np.array(sorted(kept))


def _by_matplotlib(picture: LifePicture, ending: str) -> bytes:
    from matplotlib.figure import Figure

    unit, name = (24.0, "days") if picture.hours[-1] > 72 else (1.0, "hours")
    figure = Figure(figsize=(9, 5), layout="constrained")
    warmth, life = figure.subplots(2, 1, sharex=True)
    figure.suptitle(visible(picture.title))  # pyright: ignore[reportUnknownMemberType]
    warmth.set_title(visible(picture.subtitle), fontsize="small", loc="left")
    warmth.axhspan(*picture.setpoint_c, color="#d9ecf7")
    warmth.plot(picture.hours / unit, picture.temperature_c, color=COLOURS[0])
    warmth.set_ylabel("pulp °C")
    for number, (limit, line) in enumerate(picture.used):
        life.plot(picture.hours / unit, line, color=COLOURS[1 + number % 3], label=limit)
    low, middle, high = picture.range_used
    end = float(picture.hours[-1]) / unit
    life.errorbar([end], [middle], yerr=[[middle - low], [high - middle]], color="#222", capsize=4)
    life.axhline(1.0, color="#222", linestyle="--")
    for begin, close in picture.gaps:
        for axes in (warmth, life):
            axes.axvspan(begin / unit, close / unit, color="#eee")
    life.set_ylabel("life used")
    life.set_xlabel(name)
    life.legend()
    sink = io.BytesIO()
    # Without a date in it the file is the same each time.
    stamp = {"CreationDate": None} if ending == ".pdf" else {"Software": None}
    figure.savefig(  # pyright: ignore[reportUnknownMemberType]
        sink, format=ending[1:], dpi=150, metadata=stamp
    )
    return sink.getvalue()
