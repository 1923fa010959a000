"""Supply and demand: read strictly, drawn the same on every machine, and planned."""

import csv
import io
import shutil
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from coldchain.audit import check
from coldchain.errors import DataError
from coldchain.exporters.drawn_consignments import DRAWS, drawn_consignments, main
from coldchain.goods import Packaging
from coldchain.market import FULL, Demand, Dice, Quantity, Supply, draw
from coldchain.network import Season
from coldchain.planner import solve
from coldchain.selection import Effort
from coldchain.tables import data_folder, read_scenario, scenario_names
from coldchain.tables.market_tables import Market, read_market

SLICES = {"season": 20, "may-holidays": 6, "mixed-month": 8, "europe-return": 8}
"""Consignments planned in the tests; all of them are in benchmarks/scenarios.py."""

MAY_TO_JULY = Season(first=(5, 1), last=(7, 10))


@pytest.fixture(scope="module")
def market() -> Market:
    return read_market()


def supply(name: str = "S-1", **known) -> Supply:
    given = {
        "season": MAY_TO_JULY,
        "peak": Season(first=(5, 11), last=(6, 30)),
        "weekly": Quantity(low_kg=10_000, typical_kg=20_000, high_kg=30_000),
        "ready_days": frozenset({2, 5}),
        "ready_times": (time(9),),
        **known,
    }
    return Supply(
        id=name,
        origin="A",
        commodity="fruit",
        gross_pct=108,
        life_used_pct=(2, 6),
        shipper="a farmer",
        **given,
    )


def demand(name: str = "D-1", **known) -> Demand:
    given = {
        "weekly": Quantity(low_kg=20_000, typical_kg=30_000, high_kg=40_000),
        "lot_kg": (2_000, 6_000),
        "commodity": "fruit",
        **known,
    }
    return Demand(
        id=name,
        destination="Z",
        usd_cents_per_kg=500,
        shelf_life_required_d=3.0,
        retail_c=5.0,
        due_days=(8, 12),
        packaging=Packaging.NAKED,
        consignee="a grocer",
        **given,
    )


def drawn(supplies, demands, *, first=date(2027, 5, 24), last=date(2027, 6, 20), seed=1):
    return draw(supplies, demands, first=first, last=last, heaviest_pallet_kg=900.0, seed=seed)


def test_the_season_rises_to_its_peak_and_falls_again():
    offer = supply()
    days = [date(2027, 4, 30), date(2027, 5, 1), date(2027, 5, 6), date(2027, 5, 11)]
    assert [offer.share(day) for day in days] == [0, FULL // 11, 6 * FULL // 11, FULL]
    assert offer.share(date(2027, 6, 30)) == FULL
    assert offer.share(date(2027, 7, 10)) == FULL // 11
    assert offer.share(date(2027, 7, 11)) == 0


def test_a_season_may_run_over_new_year():
    offer = supply(
        season=Season(first=(11, 1), last=(2, 28)), peak=Season(first=(12, 1), last=(1, 31))
    )
    assert offer.share(date(2027, 10, 31)) == 0
    assert 0 < offer.share(date(2027, 11, 15)) < FULL
    assert offer.share(date(2028, 1, 15)) == FULL
    assert 0 < offer.share(date(2028, 2, 15)) < FULL


def test_dice_are_those_of_pcg64_whatever_the_version():
    # The first raw outputs of PCG64(1), which numpy promises to keep; a hundredth of 2**64 each.
    dice = Dice(1)
    assert [dice.below(100) for _ in range(5)] == [51, 95, 14, 94, 31]
    assert {Dice(7).between(3, 5) for _ in range(3)} <= {3, 4, 5}
    counted = Counter(Dice(2).below(6) for _ in range(1))
    assert sum(counted.values()) == 1
    fair = Dice(3)
    thrown = Counter(fair.below(6) for _ in range(6000))
    assert all(900 <= thrown[n] <= 1100 for n in range(6))


def test_lots_keep_what_the_tables_say():
    lots = drawn([supply()], [demand()])
    assert lots
    for lot in lots:
        assert 2_000 <= lot.net_kg <= 6_000
        assert lot.net_kg % 100 == 0
        assert lot.net_kg * 108 <= lot.gross_kg * 100 < lot.net_kg * 108 + 100
        assert (lot.pallets - 1) * 900 < lot.gross_kg <= lot.pallets * 900
        assert lot.ready_local.isoweekday() in {2, 5}
        assert lot.ready_local.time() == time(9)
        assert 8 <= (lot.due_local.date() - lot.ready_local.date()).days <= 12
        assert 2 <= lot.life_used_pct <= 6
        assert 450 <= lot.usd_cents_per_kg <= 550


def test_no_week_offers_or_takes_more_than_it_may():
    lots = drawn([supply("S-1"), supply("S-2")], [demand("D-1"), demand("D-2")])
    weeks: Counter[tuple[str, int]] = Counter()
    for lot in lots:
        week = (lot.ready_local.date() - date(2027, 5, 24)).days // 7
        weeks[lot.supply.id, week] += lot.net_kg
        weeks[lot.demand.id, week] += lot.net_kg
    assert all(kg <= (30_000 if name[0] == "S" else 40_000) for (name, _), kg in weeks.items())
    # What one week offers is drawn to the last lot that fits.
    for week in range(4):
        assert weeks["S-1", week] + weeks["S-2", week] > 2 * 10_000 - 2 * 2_000


def test_only_like_meets_like():
    assert drawn([supply()], [demand(commodity="fish")]) == ()


def test_nothing_is_drawn_out_of_season():
    assert drawn([supply()], [demand()], first=date(2027, 8, 2), last=date(2027, 8, 29)) == ()


def test_a_seed_draws_the_same_and_another_does_not():
    assert drawn([supply()], [demand()]) == drawn([supply()], [demand()])
    assert drawn([supply()], [demand()]) != drawn([supply()], [demand()], seed=2)


def test_a_quantity_is_taken_so_many_hundredths_of():
    weekly = Quantity(low_kg=10_001, typical_kg=20_000, high_kg=30_000)
    assert weekly.times(100) == weekly
    assert weekly.times(250) == Quantity(low_kg=25_002, typical_kg=50_000, high_kg=75_000)
    assert weekly.times(0) == Quantity(low_kg=0, typical_kg=0, high_kg=0)


def test_the_order_of_the_rows_changes_nothing():
    rows = [supply("S-1"), supply("S-2")], [demand("D-1"), demand("D-2")]
    assert drawn(*rows) == drawn(rows[0][::-1], rows[1][::-1])


def test_the_tables_are_read(market: Market):
    assert len(market.supplies) >= 20
    assert len(market.demands) >= 50
    early = [s for s in market.supplies if s.share(date(2027, 4, 28))]
    cherries = {s.origin for s in early if s.commodity == "cherry_sweet"}
    assert cherries == {"TJ-BOK-PH", "TJ-KLB-PH"}, "early fruit from late April is Khatlon's"
    assert market.heaviest_pallet_kg == 900


def test_every_commodity_on_offer_is_wanted_somewhere(market: Market):
    offered, wanted = (
        {row.commodity for row in rows} for rows in (market.supplies, market.demands)
    )
    assert offered == wanted


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("supply.csv", "TJ-BOK-PH", "TJ-BOK-PX", "a node of nodes.csv"),
        ("supply.csv", "05-05..05-20", "04-05..05-20", "days within the season"),
        ("supply.csv", "cherry_sweet", "cherry_swete", "a commodity of perishables.csv"),
        ("demand.csv", ",8,16,", ",16,8,", "lot_t_min <= lot_t_max"),
        ("demand.csv", ",naked,", ",map,", "has no map_life_factor_typ"),
    ],
)
def test_a_fault_is_told_with_its_place(
    tmp_path: Path, file: str, old: str, new: str, expected: str
):
    folder = tmp_path / "data"
    shutil.copytree(data_folder(), folder)
    path = folder / file
    path.write_text(path.read_text("utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError) as told:
        read_market(folder)
    assert [fault.file for fault in told.value.faults] == [file]
    assert expected in str(told.value)


@pytest.mark.parametrize("name", DRAWS)
def test_a_bundled_scenario_is_what_is_drawn(name: str):
    stored = data_folder() / "scenarios" / f"{name}-consignments.csv"
    assert drawn_consignments(DRAWS[name]).encode() == stored.read_bytes()


def test_the_command_prints_the_draw(capfdbinary: pytest.CaptureFixture[bytes]):
    main(["season", "--first", "2027-05-03", "--last", "2027-05-09", "--seed", "5"])
    text = capfdbinary.readouterr().out.decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows
    assert {row["source"].rsplit(" ", 1)[1] for row in rows} == {"5"}
    for row in rows:
        ready = datetime.fromisoformat(row["ready_local"])
        assert date(2027, 5, 3) <= ready.date() <= date(2027, 5, 9)


def test_origins_offer_so_many_hundredths_of_the_table(capfdbinary: pytest.CaptureFixture[bytes]):
    # Markets take more than the early valleys offer: what is sent follows what is offered.
    early = ["--first", "2027-05-03", "--last", "2027-05-30", "--commodities", "cherry_sweet"]
    sent: dict[str, int] = {}
    for percent in ("0", "100", "200"):
        main(["season", *early, "--offered", percent])
        text = capfdbinary.readouterr().out.decode()
        rows = list(csv.DictReader(io.StringIO(text)))
        sent[percent] = sum(int(row["net_kg"]) for row in rows)
        assert text == drawn_consignments(
            replace(
                DRAWS["season"],
                first=date(2027, 5, 3),
                last=date(2027, 5, 30),
                commodities=frozenset({"cherry_sweet"}),
                offered_pct=int(percent),
            )
        )
        told = "200 % of supply.csv and from" if percent == "200" else "supply.csv and"
        assert all(row["source"].startswith(f"drawn from {told} demand.csv") for row in rows)
    assert sent["0"] == 0
    assert 1.5 * sent["100"] < sent["200"] < 2.5 * sent["100"]


@pytest.mark.parametrize("wrong", ["-1", "2.5", "much"])
def test_a_percentage_is_a_whole_number(wrong: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main(["season", "--offered", wrong])
    assert "expected a whole number of percent" in capsys.readouterr().err


@pytest.mark.parametrize("name", DRAWS)
def test_a_slice_of_a_drawn_scenario_plans_and_audits_clean(name: str):
    whole = read_scenario(name)
    given = replace(whole, consignments=whole.consignments[: SLICES[name]])
    plan = solve(given, engine="greedy", effort=Effort(seconds=20.0, threads=2, seed=1))
    assert check(plan) == ()
    served = {way.consignment for way in plan.itineraries}
    assert len(served) + len(plan.unserved) == SLICES[name]
    # Greedy, and the flights of early cherries are few.
    assert 4 * len(plan.unserved) <= SLICES[name], plan.unserved


def test_the_page_of_scenarios_is_up_to_date():
    page = (Path(__file__).parents[1] / "docs" / "scenarios.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| `")]
    told = {name.strip("`"): cells for name, _, *cells in rows}
    assert told.keys() == set(scenario_names())
    for name, (consignments, tonnes, ready, detour, setpoints) in told.items():
        given = read_scenario(name)
        days = sorted(
            c.ready_at.astimezone(ZoneInfo(given.network.nodes[c.origin].timezone)).date()
            for c in given.consignments
        )
        assert int(consignments) == len(given.consignments)
        assert tonnes == f"{sum(c.net_kg for c in given.consignments) / 1000:.1f}"
        assert ready == f"{days[0]} to {days[-1]}"
        assert float(detour) == given.max_detour
        assert [float(c) for c in setpoints.split(", ")] == list(given.setpoints_c)
    sent: Counter[str] = Counter()
    for c in read_scenario("season").consignments:
        sent[c.commodity] += round(c.net_kg)
    assert f"it sends {sent['cherry_sweet'] / 1000:,.1f} t of cherries" in page
    assert f"and {sent['apricot'] / 1000:.1f} t of apricots" in page
    assert 9 < 15_000_000 / sent["cherry_sweet"] < 11, "about a tenth of the harvest"
