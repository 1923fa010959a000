import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from coldchain.errors import DataError
from coldchain.exporters.life_plot import MOST_POINTS, LifePicture, svg, write_plot

PICTURE = LifePicture(
    title="Sweet cherry",
    subtitle="as typed",
    hours=np.array([0.0, 10, 10, 16, 16, 276]),
    temperature_c=np.array([2.0, 2, 20, 20, 0, 0]),
    used=(("quality", np.array([0, 0.02, 0.02, 0.11, 0.11, 0.63])),),
    range_used=(0.5, 0.63, 0.86),
    setpoint_c=(-1.0, 0.0),
)
NAMESPACE = "{http://www.w3.org/2000/svg}"


def lines(picture: LifePicture) -> list[list[tuple[float, float]]]:
    tree = ElementTree.fromstring(svg(picture))
    return [
        [(float(x), float(y)) for x, y in (p.split(",") for p in line.attrib["points"].split())]
        for line in tree.iter(f"{NAMESPACE}polyline")
    ]


def test_a_line_goes_where_the_readings_do():
    temperature, quality = lines(PICTURE)
    assert len(temperature) == len(quality) == 6
    assert temperature[0][0] == 60
    assert temperature[-1][0] == 880
    heights = [y for _, y in temperature]
    assert heights[2] < heights[0] < heights[-1], "warmer is higher"
    assert [y for _, y in quality] == sorted((y for _, y in quality), reverse=True)


def test_three_weeks_by_the_minute_keep_their_peaks():
    count = 21 * 1440
    warm = np.zeros(count)
    warm[12_345], warm[20_000] = 17.0, -3.0
    long = replace(
        PICTURE,
        hours=np.arange(count) / 60,
        temperature_c=warm,
        used=(("quality", np.linspace(0, 1.2, count)),),
    )
    temperature, _ = lines(long)
    assert len(temperature) <= MOST_POINTS + 2
    at_rest = temperature[0][1]
    assert min(y for _, y in temperature) < at_rest - 90
    assert max(y for _, y in temperature) > at_rest + 10


def test_everything_drawn_lies_on_the_page():
    extreme = replace(PICTURE, temperature_c=PICTURE.temperature_c * 9 - 80, range_used=(1, 2, 9))
    for line in lines(extreme):
        assert all(0 <= x <= 900 and 0 <= y <= 498 for x, y in line)


def test_names_from_outside_are_text_and_nothing_more():
    drawn = svg(replace(PICTURE, title="<script>&\x1b[31m", gaps=((16.0, 40.0),)))
    tree = ElementTree.fromstring(drawn)
    assert not list(tree.iter(f"{NAMESPACE}script"))
    assert "\x1b" not in drawn
    assert "grey: no readings" in drawn


@pytest.mark.parametrize("ending", [".svg", ".png", ".pdf"])
def test_a_plot_is_the_same_each_time(tmp_path: Path, ending: str):
    first, second = (
        write_plot(PICTURE, tmp_path / f"{n}{ending}").read_bytes() for n in ("a", "b")
    )
    assert first == second
    assert first.startswith({".svg": b"<?xml", ".png": b"\x89PNG", ".pdf": b"%PDF"}[ending])


def test_without_matplotlib_the_way_out_is_named(tmp_path: Path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    write_plot(PICTURE, tmp_path / "a.svg")
    with pytest.raises(
        DataError, match=r"ends in \.svg, or matplotlib for \.png: pip install 'coldchain\[plot\]'"
    ):
        write_plot(PICTURE, tmp_path / "a.png")


def test_another_ending_is_refused(tmp_path: Path):
    with pytest.raises(DataError, match=r"\.svg, \.png or \.pdf"):
        write_plot(PICTURE, tmp_path / "a.jpg")
    assert not list(tmp_path.iterdir())
