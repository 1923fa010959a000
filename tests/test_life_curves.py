"""The page of curves: up to date, whole, and made by the laws it speaks of."""

import math
import re
import subprocess
import sys
from pathlib import Path

import pytest

from coldchain.exporters.life_curves import AT_C, curves_markdown
from coldchain.tables import read_perishables

CHECKOUT = Path(__file__).parents[1]
PAGE = CHECKOUT / "docs" / "curves.md"
PERISHABLES = read_perishables()


@pytest.fixture(scope="module")
def cells() -> dict[str, list[str]]:
    """What stands at each temperature, by commodity."""
    rows = re.findall(r"^\| [^`|]+ `(\w+)` \|(.+)\|$", curves_markdown(), re.MULTILINE)
    return {code: [cell.strip() for cell in rest.split("|")][3:-1] for code, rest in rows}


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == curves_markdown()


def test_its_command_prints_it():
    done = subprocess.run(
        [sys.executable, "-m", "coldchain.exporters.life_curves"],
        cwd=CHECKOUT,
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode() == curves_markdown()


def test_every_commodity_has_one_row(cells: dict[str, list[str]]):
    assert sorted(cells) == sorted(PERISHABLES)
    assert len(cells) == 41
    assert {len(row) for row in cells.values()} == {len(AT_C)}


@pytest.mark.parametrize("code", PERISHABLES)
def test_a_cell_is_blank_exactly_outside_the_domain(cells: dict[str, list[str]], code: str):
    goods = PERISHABLES[code]
    for at, cell in zip(AT_C, cells[code], strict=True):
        assert bool(cell) == (goods.domain_min_c <= at <= goods.domain_max_c)


@pytest.mark.parametrize("code", PERISHABLES)
def test_life_by_age_follows_the_equation_of_its_law(cells: dict[str, list[str]], code: str):
    """Written out anew here, from ``docs/science.md``."""
    goods = PERISHABLES[code]
    for at, cell in zip(AT_C, cells[code], strict=True):
        if not cell:
            continue
        if goods.decay_law == "square_root":
            assert goods.tmin_sqrt_c is not None
            root = (goods.life_ref_c - goods.tmin_sqrt_c) / (at - goods.tmin_sqrt_c)
            days = goods.life_typ_d * root**2
        else:
            inverse = 1 / (at + 273.15) - 1 / (goods.life_ref_c + 273.15)
            assert goods.activation_energy_kj_mol is not None
            energy = 1000 * goods.activation_energy_kj_mol
            days = goods.life_typ_d * math.exp(energy / 8.314462618 * inverse)
        shown = float(cell.split(" ")[0].replace(",", ""))
        assert shown == pytest.approx(days, abs=0.051 if days < 99.95 else 0.51)


@pytest.mark.parametrize(
    ("code", "at", "cell"),
    [
        ("cucumber", 5.0, "21.3 (1.4 c)"),  # 7 K d over 10 - 5 K
        ("persimmon", 10.0, "41.4 (15.0 b)"),  # 15 days between 5 and 15 °C
        ("cherry_sweet", 0.0, "21.0"),  # stems dry later, in 90 % and cartons
    ],
)
def test_what_ends_a_life_sooner_is_named(
    cells: dict[str, list[str]], code: str, at: float, cell: str
):
    assert cells[code][AT_C.index(at)] == cell


def test_water_ends_the_life_of_carrots_and_by_the_equation(cells: dict[str, list[str]]):
    """1,207 mg/kg/s/MPa, half of it in cartons, 2 % short of saturation at 0 °C, 8 % allowed."""
    days = 0.08 / (1207 * 0.5 * 0.02 * 610.78 * 86400e-12)
    assert cells["carrot"][0] == f"180 ({days:.0f} w)"
