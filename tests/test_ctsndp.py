"""Continuous-time service network design mapped onto walks, against proven optima."""

import sys
from pathlib import Path

import pytest

from coldchain.engines.walks_exact import solve_walks
from coldchain.selection import Effort

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import ctsndp  # pyright: ignore[reportMissingImports]

TINY = """NODES,3
1,1
2,2
3,3
ARCS,2
0,1,2,{var},10,4,5
1,2,3,0,20,4,7
COMMODITIES,2
0,1,3,1.5,{release},40
1,2,3,2,10,30
"""


def tiny(folder: Path, var: str = "0.5", release: str = "6") -> Path:
    path = folder / "tiny.txt"
    path.write_text(TINY.format(var=var, release=release), encoding="utf-8")
    return path


def test_two_commodities_share_a_truck_that_waits_for_the_later(tmp_path: Path):
    instance = ctsndp.read(tiny(tmp_path))
    mapped = ctsndp.as_walks(instance)
    answer = solve_walks(mapped.problem, Effort(seconds=10))
    journeys = mapped.journeys(answer)
    # 0.5 x 1.5 for the first arc, one truck on each arc.
    assert ctsndp.recomputed(instance, journeys) * mapped.money == answer.cost
    assert answer.cost == answer.bound == 30.75 * mapped.money
    assert journeys[0][1] == journeys[1][0] == (1, 11)


def test_a_plan_that_leaves_too_early_is_refused(tmp_path: Path):
    instance = ctsndp.read(tiny(tmp_path))
    with pytest.raises(ValueError, match="commodity 0: leaves at 5, is there at 6"):
        ctsndp.recomputed(instance, (((0, 5), (1, 11)), ((1, 11),)))
    with pytest.raises(ValueError, match="commodity 1: ends at 3 at 31"):
        ctsndp.recomputed(instance, (((0, 6), (1, 11)), ((1, 24),)))


def test_a_cell_that_is_no_number_is_named(tmp_path: Path):
    with pytest.raises(ValueError, match=r"tiny.txt: row 6: var_cost is 'dear'"):
        ctsndp.read(tiny(tmp_path, var="dear"))


def test_a_commodity_that_cannot_arrive_is_named(tmp_path: Path):
    with pytest.raises(ValueError, match="commodity 0: no path arrives by 40"):
        ctsndp.as_walks(ctsndp.read(tiny(tmp_path, release="30")))


@pytest.mark.parametrize(
    ("name", "optimum"),
    [("c33_.1111_.25_1", 684482), ("c36_.1111_.25_1", 901921), ("c35_.1111_.25_1", 704562)],
)
def test_published_instances_have_the_optimum_that_is_proven(name: str, optimum: int):
    instance = ctsndp.read(ctsndp.HERE / "instances" / f"{name}.txt")
    mapped = ctsndp.as_walks(instance)
    answer = solve_walks(mapped.problem, Effort(seconds=60))
    assert answer.cost == answer.bound == optimum * mapped.money
    assert ctsndp.recomputed(instance, mapped.journeys(answer)) == optimum
