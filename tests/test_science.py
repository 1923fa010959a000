"""The page on the science says what the code does, with numbers that are the code's."""

import contextlib
import io
import re
import runpy
from pathlib import Path

import pytest

from coldchain.decay import (
    ArrheniusKeepingQuality,
    Exposure,
    SelfHeating,
    Surroundings,
    saturation_vapour_pressure_pa,
    vapour_pressure_deficit_pa,
)
from coldchain.goods import Packaging
from coldchain.lots import Lots
from coldchain.tables import read_scenario

CHECKOUT = Path(__file__).parents[1]
PAGE = (CHECKOUT / "docs" / "science.md").read_text(encoding="utf-8")
TEXT, _, REFERENCES = PAGE.partition("## References")
FLOWING = re.sub(r"\s+", " ", TEXT)
SCENARIO = read_scenario("cherry-week")
DOI = re.compile(r"doi:(10\.\d{4,9}/\S+?)[.;,]?(?=\s|$)", re.MULTILINE)


def lots(code: str, packaging: Packaging = Packaging.NAKED) -> Lots:
    return SCENARIO.lots(code, packaging)


def cherry(energy_kj_mol: float = 66.0, domain_max_c: float = 40.0) -> ArrheniusKeepingQuality:
    return ArrheniusKeepingQuality(
        life_h=21 * 24,
        reference_c=0.0,
        activation_energy_j_mol=1000 * energy_kj_mol,
        domain_min_c=-1.5,
        domain_max_c=domain_max_c,
    )


def times_as_fast(at_c: float) -> float:
    return cherry().keeping_quality_h(0.0) / cherry().keeping_quality_h(at_c)


def share_of_heat(code: str) -> float:
    """Heat of respiration at 20 °C by the line the pulp is reckoned with, over the table's."""
    goods = SCENARIO.perishable(code)
    heating = SelfHeating.of(goods.respiration_mg_kg_h, 1.0)
    [measured] = [rate for at, rate in goods.respiration_mg_kg_h if at == 20.0]
    return heating.k_h(20.0) / (measured * 2816 / (6 * 44.0095) / 1000)


def test_the_verdicts_on_measured_lives_are_those_the_benchmark_prints():
    bench = runpy.run_path(str(CHECKOUT / "benchmarks" / "shelf_life.py"))
    cases = bench["read_cases"]()
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        bench["print_summary"](cases)
    verdicts = printed.getvalue().rsplit("1.15\n", 1)[1].strip()
    assert len(verdicts.splitlines()) == 3
    assert verdicts in TEXT
    measured = sum(case.kind == "measured" for case in cases)
    assert measured == 24
    assert len(cases) - measured == 7
    assert "24 measured histories (and seven judged" in FLOWING
    judged = [case for case in cases if case.kind == "measured"]
    counted = bench["errors_in"](bench["COUNTED"]["row"], judged)
    _, accuracy, _ = bench["factors"](counted)
    assert f"miss measured lives by a factor of {accuracy:.2f} on average" in FLOWING


def test_what_one_life_of_ones_own_is_worth():
    bench = runpy.run_path(str(CHECKOUT / "benchmarks" / "shelf_life.py"))
    cases = [c for c in bench["read_cases"]() if c.error(c.by_slope) is not None]
    assert len(cases) == 11
    assert sum(c.made == "slope" for c in cases) == 8
    _, accuracy, bias = bench["factors"](c.by_slope for c in cases)
    assert f"with those it is Af {accuracy:.2f}, Bf {bias:.2f}" in FLOWING
    _, accuracy, bias = bench["factors"](c.by_row for c in cases)
    assert f"the row as it is has {accuracy:.2f} and {bias:.2f}" in FLOWING
    cherries = [c for c in cases if "cherry" in c.series]
    by_slope, by_row = (
        bench["factors"](way(c) for c in cherries)[1]
        for way in (bench["FORETOLD"]["slope"], bench["FORETOLD"]["row"])
    )
    assert by_row < by_slope  # so that all of the gain is indeed milk's


def test_no_row_is_judged_by_a_life_it_was_made_from():
    """A slope fitted to a series, or a life chosen by its mean, proves nothing when it fits."""
    bench = runpy.run_path(str(CHECKOUT / "benchmarks" / "shelf_life.py"))
    cases = {case.name: case for case in bench["read_cases"]()}
    assert {name: case.made for name, case in cases.items() if case.made} == {
        **{f"milk-{t}": "slope" for t in (2, 4, 9, 14, 16)},
        **{f"co2-hb66-{t}": "slope" for t in (0, 5, 10, 15, 20)},
        "lamb-cold": "life",
    }
    ways = {name: way for name, _, way in bench["WAYS"]}
    for case in cases.values():
        assert case.made != "slope" or ways["slope"](case) is None
        assert case.made != "life" or ways["row"](case) is None
    assert bench["shown"]("slope", cases["milk-4"]) == "(0.80)"
    assert bench["shown"]("slope", cases["co2-ucd-5"]) == "1.02"


def test_the_cost_of_warm_hours():
    trip = [
        Exposure(hours=14 * 24, temperature_c=1.0),
        Exposure(hours=24, temperature_c=20.0),
    ]
    least, typical, most = (100 * cherry(energy).life_used(trip) for energy in (58, 66, 80))
    assert f"use {least:.0f}, {typical:.0f} or {most:.0f} % of the life" in FLOWING


def test_the_law_planned_with():
    assert SCENARIO.confidence == 0.8
    law = lots("cherry_sweet").planned(0.8).limits[0]
    assert isinstance(law, ArrheniusKeepingQuality)
    assert f"{law.life_h / 24:.1f} days at 0 °C" in FLOWING
    assert f"{law.activation_energy_j_mol / 1000:.1f} kJ/mol. How it is made" in FLOWING


@pytest.mark.parametrize(
    ("packaging", "words"),
    [
        (Packaging.NAKED, "settle at {0:.1f} °C outside and {1:.1f} °C inside"),
        (Packaging.LINER, "In a liner it is {0:.1f} and {1:.1f} °C"),
    ],
)
def test_where_the_pulp_settles(packaging: Packaging, words: str):
    assert words.format(*lots("cherry_sweet", packaging).pallet.settled(0.0)) in FLOWING


@pytest.mark.parametrize(
    ("packaging", "words"),
    [
        (Packaging.NAKED, "lag behind their air by {0:.0f} and {1:.0f} hours"),
        (Packaging.LINER, "1.3 °C, {0:.0f} and {1:.0f} hours"),
    ],
)
def test_how_far_the_pulp_lags(packaging: Packaging, words: str):
    assert words.format(*lots("cherry_sweet", packaging).pallet.lag_h) in FLOWING


def test_how_wrong_the_heat_of_respiration_is_in_the_warm():
    shares = {
        code: f"{share_of_heat(code):.2f}"
        for code in ("cherry_sweet", "strawberry", "broccoli", "peach_nectarine")
    }
    assert shares == {
        "cherry_sweet": "0.90",
        "strawberry": "0.74",
        "broccoli": "0.35",
        "peach_nectarine": "0.35",
    }
    assert "0.90 of the heat of cherries, 0.74 of strawberries, 0.35 of broccoli and" in FLOWING


def test_a_liner_still_counts_in_the_shop():
    in_map = lots("cherry_sweet", Packaging.MAP)
    cold = [Surroundings(hours=240, air_c=0.0, relative_humidity_pct=92.0)]
    trace = in_map.pallet.trace(cold, start_c=0.0)
    sealed, given_up = (
        in_map.fate(trace, life_used_before=0.0, retail_c=at_c).left_at(0.8) / 24
        for at_c in (5.0, 5.1)
    )
    assert f"have {sealed:.1f} days at 5.0 °C and {given_up:.1f} at 5.1 °C" in FLOWING


def test_a_dry_shop_is_not_seen():
    naked = lots("cherry_sweet")
    [water] = naked.side_limits
    cold = [Surroundings(hours=240, air_c=0.0, relative_humidity_pct=92.0)]
    trace = naked.pallet.trace(cold, start_c=0.0)
    drying = water.rate_per_h(
        trace.outer_c[0], air_c=trace.air_c[0], relative_humidity_pct=trace.relative_humidity_pct[0]
    )
    left = 1 - float(trace.hours[0] @ drying)
    moist, dry = (
        left / water.rate_per_h(5.0, air_c=5.0, relative_humidity_pct=humidity) / 24
        for humidity in (90.0, 75.0)
    )
    assert f"have {moist:.0f} days of water left at 90 % and {dry:.0f} at 75 %" in FLOWING


def test_one_activation_energy_in_the_heat():
    assert f"{times_as_fast(30.0):.1f} times as fast at 30 °C" in FLOWING
    assert f"it would be {times_as_fast(40.0):.0f} against" in FLOWING
    assert f"the row says {8 / 24 * times_as_fast(30.0):.1f} if the fruit was at 30 °C" in FLOWING


def test_who_averages_temperatures_flatters():
    apart = [Exposure(hours=10, temperature_c=0.0), Exposure(hours=10, temperature_c=20.0)]
    mean = [Exposure(hours=20, temperature_c=10.0)]
    ratio = cherry().life_used(apart) / cherry().life_used(mean)
    assert f"age cherries {ratio:.2f} times as much as twenty at 10" in FLOWING


def test_what_a_cold_treatment_costs():
    assert f"{18 * times_as_fast(0.56):.1f} days at 0 °C" in FLOWING


def test_how_fast_warm_fruit_dries():
    cold = vapour_pressure_deficit_pa(0.0, 0.0, 95.0)
    ratio = vapour_pressure_deficit_pa(20.0, 0.0, 95.0) / cold
    assert f"lose {ratio:.0f} times as fast as cold ones" in FLOWING
    assert saturation_vapour_pressure_pa(0.0) == 610.78


def test_how_many_rows_have_what_a_limit_takes():
    laws = [goods.decay_law for goods in SCENARIO.perishables.values()]
    assert (laws.count("arrhenius"), laws.count("square_root")) == (39, 2)
    assert "39 of the 41 rows use Arrhenius" in FLOWING
    dry = [
        code
        for code in SCENARIO.perishables
        if any(limit.name == "water loss" for limit in lots(code).side_limits)
    ]
    assert len(dry) == 10
    assert "Ten rows have what this takes" in FLOWING
    sealed = {c for c, goods in SCENARIO.perishables.items() if goods.map_life_factor is not None}
    assert sealed == {"cherry_sweet", "strawberry"}


def test_every_reference_is_used_and_every_use_has_one():
    listed = [int(n) for n in re.findall(r"^(\d+)\. ", REFERENCES, re.MULTILINE)]
    assert listed == list(range(1, len(listed) + 1))
    cited = {int(n) for n in re.findall(r"\[(\d+)\](?!\()", TEXT)}
    assert cited == set(listed)


@pytest.mark.parametrize("package", ["decay", "fitting"])
def test_papers_the_code_names_stand_on_a_page(package: str):
    pages = REFERENCES + (CHECKOUT / "coldchain" / "fitting" / "__init__.py").read_text("utf-8")
    known = set(DOI.findall(pages))
    for path in sorted((CHECKOUT / "coldchain" / package).rglob("*.py")):
        for doi in DOI.findall(path.read_text(encoding="utf-8")):
            assert doi in known, f"{path.name}: {doi}"
