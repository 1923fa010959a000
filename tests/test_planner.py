"""From a scenario to an audited plan, its refusals, its ways; and that growth is a row."""

import csv
import shutil
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import (
    consignment,
    network,
    node,
    perishable,
    random_scenario,
    scenario,
    service,
    utc,
    with_all_charges,
)

from coldchain.audit import check
from coldchain.candidates import enumerate_itineraries
from coldchain.charges import Charges
from coldchain.goods import Packaging
from coldchain.itinerary import Reason, Refusal
from coldchain.lots import BETWEEN
from coldchain.network import Mode
from coldchain.plan import Plan
from coldchain.planner import Way, solve, ways
from coldchain.scenario import Scenario
from coldchain.selection import Effort, Progress
from coldchain.tables import data_folder, read_scenario

PROVEN = Effort(seconds=30.0, gap=0.0, threads=1, seed=1)

# --- every kind of charge, reckoned twice ---------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_a_plan_with_every_kind_of_charge_passes_the_audit(seed: int):
    plan = solve(with_all_charges(random_scenario(seed), seed), effort=PROVEN)
    assert check(plan) == ()
    carried = {i.consignment for i in plan.itineraries}
    assert set(plan.co2e_kg) == carried
    for name in carried:
        goods, charges = plan.scenario.consignment(name), plan.charges[name]
        assert plan.co2e_kg[name] > 0
        priced = charges.carbon + charges.freshness
        assert plan.landed_usd(name) == pytest.approx(goods.value_usd + charges.total - priced)


# --- who stays behind, and why ----------------------------------------------------------------


@pytest.fixture(scope="module")
def refusing() -> Plan:
    """One consignment for each reason, each on a truck of its own, and one that goes."""
    served = service("S", "A>CITY", 30, 500.0)
    given = scenario(
        network(
            [node(n) for n in ("A", "Q", "R", "ISLE", "CITY")],
            [
                served,
                service("SCARCE", "Q>CITY", 30, 500.0, capacity_units=1),
                service("DEAR", "R>CITY", 30, 500.0),
            ],
        ),
        [
            consignment("GOES", "A>CITY", 10, "24 00:00", "26 00:00"),
            # 30 of 48 hours at 0 °C are used up; 18 of them are left, and 24 asked for. The law
            # planned with keeps half a per mille less.
            consignment(
                "STALE",
                "A>CITY",
                5,
                "24 00:00",
                "26 00:00",
                commodity="berry",
                retail_c=0.0,
                shelf_life_required_h=24.0,
            ),
            consignment("LATE", "A>CITY", 5, "24 00:00", "25 00:00"),
            consignment("LOST", "ISLE>CITY", 5, "24 00:00", "26 00:00"),
            consignment("WARM", "A>CITY", 5, "24 00:00", "26 00:00", commodity="banana"),
            consignment("FIRST", "Q>CITY", 20, "24 00:00", "25 12:00", value_usd=99_000.0),
            consignment("SECOND", "Q>CITY", 20, "24 00:00", "25 12:00"),
            consignment("CHEAP", "R>CITY", 1, "24 00:00", "26 00:00", net_kg=100, gross_kg=100),
        ],
        perishables={
            "fruit": perishable("fruit"),
            "berry": perishable("berry", life_min_d=2.0, life_typ_d=2.0, life_max_d=2.0),
            "banana": perishable("banana", setpoint_min_c=13.0, setpoint_max_c=14.0),
        },
    )
    return solve(given, effort=PROVEN)


@pytest.mark.parametrize(
    ("name", "reason", "shortfall", "unit", "where"),
    [
        ("STALE", Reason.NOT_FRESH, (24.0 - (48.0 / BETWEEN - 30.0)) / 24.0, "d", "CITY"),
        ("LATE", Reason.TOO_LATE, 6.0, "h", "CITY"),
        ("LOST", Reason.NO_PATH, 0.0, "", "CITY"),
        ("WARM", Reason.NO_SETPOINT, 13.0, "K", "CITY"),
        ("SECOND", Reason.NO_SLOT, 4.0 * 16_000 - 500, "USD", "Q"),
        ("CHEAP", Reason.TOO_DEAR, 500 - 4.0 * 100, "USD", "R"),
    ],
)
def test_who_stays_behind_is_told_why_by_how_much_and_where(
    refusing: Plan, name, reason, shortfall, unit, where
):
    refusal = next(r for r in refusing.unserved if r.consignment == name)
    assert (refusal.reason, refusal.unit, refusal.where) == (reason, unit, where)
    assert refusal.shortfall == pytest.approx(shortfall)
    assert refusal.detail


def test_the_rest_is_planned(refusing: Plan):
    assert [w.consignment for w in refusing.itineraries] == ["FIRST", "GOES"]
    assert {r.consignment for r in refusing.unserved} == {
        "STALE",
        "LATE",
        "LOST",
        "WARM",
        "SECOND",
        "CHEAP",
    }
    assert check(refusing) == ()
    assert refusing.proof.status == "optimal"


def test_a_lower_floor_sends_the_stale_one_too(refusing: Plan):
    given = refusing.scenario
    stale = replace(given.consignment("STALE"), shelf_life_required_h=17.0)
    relaxed = replace(given, consignments=(stale,))
    assert solve(relaxed, effort=PROVEN).unserved == ()


# --- the pipeline -----------------------------------------------------------------------------


def test_two_packhouses_share_the_truck_from_the_hub(three_node: Scenario):
    plan = solve(three_node, effort=PROVEN)
    shared = [u for u in plan.load_units if len(u.contents) > 1]
    assert [leg.service for u in shared for leg in u.carriage.legs] == ["HUB-CITY"]
    assert dict(shared[0].contents) == {"A": 8, "B": 8}
    # 100 and 100 to the hub, 500 onward; two fifths of the dock and of unloading each; packing A.
    assert plan.total.freight == pytest.approx(700.0)
    assert plan.total.handling == pytest.approx(0.1 * 6800 + 2 * 0.4 * (40 + 20))
    assert check(plan) == ()


def test_one_train_takes_all_three(one_train: Scenario):
    plan = solve(one_train, effort=PROVEN)
    assert plan.unserved == ()
    assert {leg.service for u in plan.load_units for leg in u.carriage.legs} == {
        "DRAY",
        "TRAIN",
        "CART",
    }
    assert len(plan.load_units) == 2


def test_a_box_stays_sealed_across_the_gauge(gauge_change: Scenario):
    plan = solve(gauge_change, effort=PROVEN)
    assert [[leg.service for leg in u.carriage.legs] for u in plan.load_units] == [
        ["WIDE", "NORMAL"]
    ]


def test_progress_is_words_first_and_numbers_then(three_node: Scenario):
    said: list[Progress | str] = []
    solve(three_node, effort=PROVEN, on_progress=said.append)
    kinds = [isinstance(one, str) for one in said]
    assert kinds[0] is True
    assert kinds == sorted(kinds, reverse=True)


@pytest.mark.parametrize("engine", ["exact", "cpsat", "greedy"])
def test_every_engine_gives_an_audited_plan(one_train: Scenario, engine: str):
    plan = solve(one_train, engine=engine, effort=PROVEN)
    assert check(plan) == ()
    assert plan.proof.engine == engine
    assert plan.proof.bound_usd <= plan.proof.cost_usd + 1e-6


def test_the_order_of_consignments_does_not_matter(one_train: Scenario):
    turned = replace(one_train, consignments=tuple(reversed(one_train.consignments)))
    costs = [solve(given, effort=PROVEN).total.total for given in (one_train, turned)]
    assert costs[0] == pytest.approx(costs[1], abs=0.05)


# --- ways -------------------------------------------------------------------------------------


def by_label(found: tuple[Way, ...] | Refusal) -> dict[str, Way]:
    assert not isinstance(found, Refusal)
    return {way.label: way for way in found}


def consistent(found: dict[str, Way]) -> None:
    assert {"cheapest", "fastest", "freshest"} <= set(found)
    for way in found.values():
        assert found["cheapest"].charges.total <= way.charges.total + 0.01
        assert found["fastest"].itinerary.delivered <= way.itinerary.delivered
        assert found["freshest"].itinerary.life_used <= way.itinerary.life_used + 1e-9
        assert way.full_usd <= way.charges.total + 0.01
        steps = way.itinerary.steps
        assert all(a.ends == b.begins for a, b in pairwise(steps))


def test_ways_are_the_best_of_their_kind(one_train: Scenario):
    found = by_label(
        ways(
            one_train,
            "PH",
            "CITY",
            commodity="fruit",
            net_kg=4000,
            ready_at=utc("24 00:00"),
            due_at=utc("31 00:00"),
        )
    )
    consistent(found)
    services = {
        label: [leg.service for c in way.itinerary.carriages for leg in c.legs]
        for label, way in found.items()
    }
    assert services["cheapest"] == ["DRAY", "TRAIN", "CART"]
    assert services["fastest"] == ["ROAD"]


def test_ways_in_an_open_packaging_are_the_best_over_all_packagings(one_train: Scenario):
    prices = {Packaging.NAKED: 0.01, Packaging.LINER: 0.02, Packaging.MAP: 0.05}
    priced = replace(
        one_train,
        packaging={
            name: replace(terms, usd_per_kg=prices[terms.packaging_id])
            for name, terms in one_train.packaging.items()
        },
    )

    def asked(packaging: Packaging) -> dict[str, Way]:
        found = ways(
            priced,
            "PH",
            "CITY",
            commodity="fruit",
            net_kg=4000,
            ready_at=utc("24 00:00"),
            due_at=utc("31 00:00"),
            packaging=packaging,
        )
        return by_label(found)

    open_ = asked(Packaging.ANY)
    consistent(open_)
    fixed = [asked(packaging) for packaging in prices]
    for label, best in (("cheapest", Packaging.NAKED), ("freshest", Packaging.MAP)):
        assert open_[label].itinerary.packaging is best
    assert open_["cheapest"].charges == min((f["cheapest"].charges for f in fixed), key=total)
    least = min(f["freshest"].itinerary.life_used for f in fixed)
    assert open_["freshest"].itinerary.life_used == least
    gross_kg = round(4000 * 1.08)
    for way in open_.values():
        paid = prices[way.itinerary.packaging] * gross_kg
        assert way.charges.packaging == pytest.approx(paid)


def total(charges: Charges) -> float:
    return charges.total


def test_without_a_way_there_is_a_refusal(one_train: Scenario):
    found = ways(
        one_train,
        "PH",
        "CITY",
        commodity="fruit",
        net_kg=4000,
        ready_at=utc("24 00:00"),
        due_at=utc("24 12:00"),
    )
    assert isinstance(found, Refusal)
    assert found.reason is Reason.TOO_LATE
    assert found.shortfall > 0


def test_from_khujand_to_shanghai_the_fastest_way_flies(cherry_week: Scenario):
    ready = cherry_week.consignments[0].ready_at
    found = by_label(
        ways(
            cherry_week,
            "TJ-KHU-PH",
            "CN-SHA-CT",
            commodity="cherry_sweet",
            net_kg=4000,
            ready_at=ready,
            due_at=ready + timedelta(days=21),
        )
    )
    consistent(found)
    modes = {
        label: {
            cherry_week.network.services[leg.service].mode
            for c in way.itinerary.carriages
            for leg in c.legs
        }
        for label, way in found.items()
    }
    assert Mode.AIR in modes["fastest"]
    assert Mode.AIR not in modes["cheapest"]
    assert found["fastest"].itinerary.delivered < found["cheapest"].itinerary.delivered


# --- growth is a row --------------------------------------------------------------------------


class Folder:
    """A copy of the bundled tables with a scenario of one consignment, to append rows to."""

    def __init__(self, path: Path) -> None:
        self.tables = path / "tables"
        shutil.copytree(data_folder(), self.tables, ignore=shutil.ignore_patterns("scenarios"))
        source = data_folder() / "scenarios" / "cherry-week.toml"
        text = source.read_text(encoding="utf-8")
        text = text.replace('"cherry-week-consignments.csv"', '"consignments.csv"')
        self.scenario = path / "small.toml"
        self.scenario.write_text(f'{text}\n[data]\nfolder = "tables"\n', encoding="utf-8")
        self.consignments = path / "consignments.csv"
        with source.with_name("cherry-week-consignments.csv").open(encoding="utf-8") as file:
            self.header = file.readline()
        self.consignments.write_text(self.header, encoding="utf-8")

    def append(self, path: Path, **cells: str) -> None:
        """A row with these cells; a column not given is left blank."""
        with path.open(encoding="utf-8", newline="") as file:
            columns = next(csv.reader(file))
        assert set(cells) <= set(columns)
        with path.open("a", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n", restval="")
            writer.writerow({"source": "invented", "confidence": "D", **cells})

    def like(self, path: Path, key: str) -> dict[str, str]:
        """The row whose first cell is ``key``."""
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        return next(row for row in rows if next(iter(row.values())) == key)

    def consign(self, commodity: str = "cherry_sweet", **cells: str) -> None:
        given = {
            "consignment_id": "K-001",
            "commodity": commodity,
            "origin": "TJ-KHU-PH",
            "destination": "CN-SHA-CT",
            "net_kg": "4000",
            "gross_kg": "4320",
            "pallets": "6",
            "ready_local": "2027-05-24T09:00",
            "due_local": "2027-06-09T20:00",
            "shelf_life_required_d": "1",
            "retail_c": "5",
            "life_used_at_ready": "0.02",
            "value_usd_per_kg": "4",
            "packaging": "naked",
            **cells,
        }
        self.append(self.consignments, **given)

    def plan(self) -> Plan:
        plan = solve(read_scenario(self.scenario), effort=PROVEN)
        assert check(plan) == ()
        return plan


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def ridden(plan: Plan) -> list[list[str]]:
    return [[leg.service for leg in c.legs] for w in plan.itineraries for c in w.carriages]


def service_row(folder: Folder, key: str, way: str, like: str, *, crow_km: int) -> None:
    """A row of routes.csv like another one, but for where it goes, and nearly for nothing."""
    origin, destination = way.split(">")
    folder.append(
        folder.tables / "routes.csv",
        **{
            **folder.like(folder.tables / "routes.csv", like),
            "service_id": key,
            "from_node": origin,
            "to_node": destination,
            "distance_km": "6000",
            "great_circle_km": str(crow_km),
            "transit_h_p10": "80",
            "transit_h_p50": "100",
            "transit_h_p90": "120",
            "linehaul_usd_per_unit": "1",
            "status": "existing",
            "border_included": "yes",
            # Fruit enters China only where there is a yard for it, however far the service goes.
            "enters_at": "CN-KHX-BX" if way.split(">")[1].startswith("CN") else "",
        },
    )


def road_rows(folder: Folder) -> tuple[str, str]:
    """Services by Central Asian and by Chinese truck, on demand, daily and all year."""
    with (folder.tables / "routes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    def first(equipment: str) -> str:
        return next(
            row["service_id"]
            for row in rows
            if row["equipment"] == equipment
            and row["mode"] == "road"
            and row["departure_days_iso"] == "1-7"
            and not row["departure_times_local"]
            and row["season"] == "all"
        )

    return first("TRUCK_CA"), first("TRUCK_CN")


def test_a_service_is_a_row(folder: Folder):
    folder.consign()
    service_row(folder, "NEW-1", "TJ-KHU-PH>CN-SHA-CT", road_rows(folder)[0], crow_km=4718)
    assert ridden(folder.plan()) == [["NEW-1"]]


def test_a_commodity_is_a_row(folder: Folder):
    goods = folder.tables / "perishables.csv"
    cherry = folder.like(goods, "cherry_sweet")
    folder.append(goods, **{**cherry, "commodity_id": "cornelian", "name": "Cornelian cherry"})
    folder.consign("cornelian")
    plan = folder.plan()
    assert [w.consignment for w in plan.itineraries] == ["K-001"]
    assert {u.carriage.stowage_group for u in plan.load_units} == {"cornelian"}


def test_a_hub_is_its_rows(folder: Folder):
    nodes, operations = folder.tables / "nodes.csv", folder.tables / "operations.csv"
    hub = folder.like(nodes, "KZ-ALA-HB")
    folder.append(nodes, **{**hub, "node_id": "KZ-NEW-HB", "name": "New hub", "cross_dock": "yes"})
    with operations.open(encoding="utf-8", newline="") as file:
        dock = next(
            row
            for row in csv.DictReader(file)
            if row["node_id"] == "CN-CKG-HB" and row["opens_unit"] == "yes"
        )
    folder.append(
        operations,
        **{
            **dock,
            "op_id": "O-NEW",
            "node_id": "KZ-NEW-HB",
            "equipment_in": "TRUCK_CA",
            "equipment_out": "TRUCK_CN",
        },
    )
    by_ca, by_cn = road_rows(folder)
    service_row(folder, "NEW-1", "TJ-KHU-PH>KZ-NEW-HB", by_ca, crow_km=692)
    service_row(folder, "NEW-2", "KZ-NEW-HB>CN-SHA-CT", by_cn, crow_km=4109)
    folder.consign()
    plan = folder.plan()
    assert ridden(plan) == [["NEW-1"], ["NEW-2"]]
    assert "O-NEW" in {s.subject for w in plan.itineraries for s in w.steps}


def test_goods_too_warm_for_their_law_are_refused_in_so_many_words(cherry_week: Scenario):
    beef = replace(
        cherry_week.consignments[0],
        commodity="beef_chilled_vacuum",
        packaging=Packaging.NAKED,
        retail_c=4.0,
        pulp_at_ready_c=25.0,
    )
    asked = replace(cherry_week, consignments=(beef,), setpoints_c=(-1.0,), entry_rules=())
    [refusal] = enumerate_itineraries(asked).refusals
    assert refusal.reason == "OUT_OF_DOMAIN"
    assert "holds from -1.4 to 12 °C" in refusal.detail
    assert "passes 25 °C" in refusal.detail
    assert (refusal.shortfall, refusal.unit) == (13.0, "K")


def test_the_order_of_consignments_changes_nothing(cherry_week: Scenario):
    few = replace(cherry_week, consignments=cherry_week.consignments[:6])
    turned = replace(cherry_week, consignments=few.consignments[::-1])
    assert turned == few
    assert turned.digest == few.digest
