"""A small plan with names that mean harm; the tests of exporters, folders and commands use it."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

from conftest import packing

from coldchain.audit import check
from coldchain.goods import Consignment, Packaging, PackagingTerms, Perishable
from coldchain.network import Equipment, Mode, Network, Node, Operation, Service, Spread, Trigger
from coldchain.plan import Plan
from coldchain.planner import solve
from coldchain.scenario import Objective, Scenario
from coldchain.selection import Effort
from coldchain.tables import read_perishables

PACKHOUSE = "=[red]Pack[/red] house (TJ)"
MARKET = "上海市江桥批发市场 [/] :smile: (market)"


def node(id_: str, title: str, *, kind: str, zone: str, country: str, cross_dock: bool = False):
    return Node(
        id=id_,
        name=title,
        name_zh="",
        country=country,
        unlocode="CNSHA" if id_ == "CITY" else "",
        latitude_deg=40.0,
        longitude_deg=70.0,
        node_type=kind,
        timezone=zone,
        cross_dock=cross_dock,
        gauge_mm="",
        role="",
        fruit_import_site="",
        source="invented",
        confidence="D",
    )


def service(id_: str, origin: str, destination: str, mode: Mode, equipment: str, **given: object):
    settings: dict[str, object] = {
        "id": id_,
        "origin": origin,
        "destination": destination,
        "mode": mode,
        "equipment": equipment,
        "name": f"service {id_}",
        "service_type": "test",
        "status": "existing",
        "distance_km": 500.0,
        "great_circle_km": 400.0,
        "transit": Spread(p10=8.0, p50=10.0, p90=14.0),
        "days": frozenset(range(1, 8)),
        "departure_times": (),
        "every_n_weeks": 1,
        "first_departure": None,
        "cutoff_h": 1.0,
        "capacity_units": 10,
        "shared_by_kg": False,
        "payload_kg": 20000,
        "pallets_per_unit": 20,
        "linehaul_usd_per_unit": 500.0,
        "linehaul_usd_per_kg": 0.0,
        "reefer_usd_per_unit_h": 1.0,
        "temperature_c": None,
        "border_included": False,
        "gco2e_per_tkm": 50.0,
        "reefer_uplift": 0.0,
        "genset_kgco2e_per_h": 0.0,
        "season": None,
        "source": "invented",
        "confidence": "D",
    }
    return Service(**{**settings, **given})  # type: ignore[arg-type]


def operation(id_: str, place: str, trigger: Trigger, **given: object):
    settings: dict[str, object] = {
        "id": id_,
        "node": place,
        "code": id_,
        "name": id_.lower(),
        "trigger": trigger,
        "from_country": "any",
        "equipment_in": frozenset(),
        "equipment_out": frozenset(),
        "opens_unit": False,
        "charge": "handling",
        "hours": Spread(p10=1.0, p50=2.0, p90=3.0),
        "exposed_h": 0.0,
        "exposed_c": 0.0,
        "usd_per_unit": 40.0,
        "usd_per_kg": 0.0,
        "usd_per_t_day": 0.0,
        "opens": time(0, 0),
        "closes": time(0, 0),
        "days": frozenset(range(1, 8)),
        "probability": 1.0,
        "closed_on": frozenset[str](),
        "source": "invented",
        "confidence": "D",
    }
    return Operation(**{**settings, **given})  # type: ignore[arg-type]


def network() -> Network:
    nodes = [
        node("PACK", PACKHOUSE, kind="packhouse", zone="Asia/Dushanbe", country="TJ"),
        node("HUB", "Almaty hub", kind="hub", zone="Asia/Almaty", country="KZ", cross_dock=True),
        node("CITY", MARKET, kind="city", zone="Asia/Shanghai", country="CN"),
    ]
    services = [
        service("T1", "PACK", "HUB", Mode.ROAD, "TRUCK_CA"),
        service(
            "R1",
            "HUB",
            "CITY",
            Mode.RAIL,
            "FEU",
            name="@train",
            departure_times=(time(20, 0),),
            days=frozenset({2, 5}),
            transit=Spread(p10=60.0, p50=72.0, p90=96.0),
            linehaul_usd_per_unit=2000.0,
        ),
        service(
            "A1",
            "HUB",
            "CITY",
            Mode.AIR,
            "AIR",
            departure_times=(time(9, 0),),
            transit=Spread(p10=6.0, p50=6.0, p90=7.0),
            shared_by_kg=True,
            capacity_units=5000,
            linehaul_usd_per_unit=0.0,
            linehaul_usd_per_kg=2.5,
            reefer_usd_per_unit_h=0.0,
            temperature_c=8.0,
        ),
    ]
    operations = [
        operation("PACKING", "PACK", Trigger.ORIGIN, usd_per_kg=0.1, usd_per_unit=0.0),
        operation("BORDER", "HUB", Trigger.ARRIVE, equipment_in=frozenset({"TRUCK_CA"})),
        operation(
            "XDOCK",
            "HUB",
            Trigger.TRANSFER,
            opens_unit=True,
            equipment_in=frozenset({"TRUCK_CA"}),
            equipment_out=frozenset({"FEU_R", "AIR"}),
        ),
        operation("STORE", "HUB", Trigger.GOODS_STORAGE, charge="storage", usd_per_t_day=3.0),
        operation("STORE_0", "PACK", Trigger.GOODS_STORAGE, charge="storage", usd_per_t_day=3.0),
        operation("UNLOAD", "CITY", Trigger.DESTINATION),
    ]
    equipment = [
        Equipment(
            id=name, name=name.lower(), name_zh="", iso_size_type=iso, source="x", confidence="A"
        )
        for name, iso in (("TRUCK_CA", ""), ("FEU", "45R1"), ("AIR", ""))
    ]
    return Network(
        nodes={n.id: n for n in nodes},
        services={s.id: s for s in services},
        operations={o.id: o for o in operations},
        equipment={e.id: e for e in equipment},
    )


def packings() -> dict[str, PackagingTerms]:
    """Cartons, liners and MAP liners that lag, hold water back and cost as the trade has them."""
    terms = (
        packing(
            Packaging.NAKED,
            water_loss_factor=0.5,
            outer_half_cooling_h=6.0,
            core_half_cooling_h=10.0,
        ),
        packing(
            Packaging.LINER,
            water_loss_factor=0.2,
            usd_per_kg=0.03,
            outer_half_cooling_h=10.0,
            core_half_cooling_h=12.0,
        ),
        packing(
            Packaging.MAP,
            water_loss_factor=0.1,
            max_c=5.0,
            usd_per_kg=0.12,
            outer_half_cooling_h=10.0,
            core_half_cooling_h=12.0,
        ),
    )
    return {t.packaging_id.value: t for t in terms}


def consignment(name: str, pallets: int, due_day: int, floor_d: float, **known: Any) -> Consignment:
    given = {"packaging": Packaging.NAKED, **known}
    return Consignment(
        id=name,
        commodity="cherry_sweet",
        origin="PACK",
        destination="CITY",
        net_kg=pallets * 750 + 1,
        gross_kg=pallets * 800 + 1,
        pallets=pallets,
        ready_at=datetime(2027, 5, 24, 3, 0, tzinfo=UTC),
        due_at=datetime(2027, 6, due_day, 12, 0, tzinfo=UTC),
        shelf_life_required_h=floor_d * 24,
        retail_c=5.0,
        life_used_at_ready=0.05,
        value_usd=pallets * 750 * 4.0,
        **given,
    )


def cherry() -> Perishable:
    """Sweet cherry with the life it has today, so that better data leave the tests alone."""
    return replace(
        read_perishables()["cherry_sweet"],
        name="Sweet cherry",
        name_zh="甜樱桃",
        life_min_d=14.0,
        life_typ_d=21.0,
        life_max_d=28.0,
        activation_energy_kj_mol=66.0,
        activation_energy_low_kj_mol=58.0,
        activation_energy_high_kj_mol=80.0,
        respiration_mg_kg_h=((0.0, 7.9), (5.0, 13.5), (10.0, 30.3)),
        heat_capacity_kj_kg_k=3.52,
        transpiration_mg_kg_s_mpa=360.0,
        max_weight_loss_pct=3.0,
        humidity_min_pct=90.0,
        map_life_factor=1.4,
    )


def scenario() -> Scenario:
    return Scenario(
        name="tiny",
        title="[bold]Tiny[/bold] week",
        season_date=date(2027, 5, 24),
        network=network(),
        perishables={"cherry_sweet": cherry()},
        packaging=packings(),
        consignments=(
            consignment("C-1", 12, 6, 3.0, shipper="-2+3 Sons", note="+992 1234"),
            consignment("C-2", 14, 6, 3.0, consignee="＝SUM(A1)", note="-"),
            consignment("C-3", 2, 6, 11.0, shipper="@home", packaging=Packaging.ANY),
            consignment("C-4", 3, 6, 20.0),
        ),
        objective=Objective(unserved_usd_per_kg=4.0, freshness_usd_per_kg_d=0.02),
        quantile=0.5,
        confidence=0.8,
        setpoints_c=(0.0, -0.5),
        max_dwell_h=72.0,
        max_dwell_without_store_h=12.0,
        max_cross_docks=2,
        max_detour=0.25,
        service_status=frozenset({"existing"}),
        reporting_currency="CNY",
        usd_rates={"CNY": 7.1},
        seed=1,
        parties={"forwarder": "Iron [/] Horse"},
    )


@cache
def example_plan() -> Plan:
    """The optimum of the scenario above; what differs from run to run is set by hand."""
    plan = solve(scenario(), effort=Effort(seconds=30.0))
    return replace(
        plan, proof=replace(plan.proof, seconds=1.5, engine_version="test", candidates=7)
    )


def test_the_example_keeps_every_rule():
    assert check(example_plan()) == ()


def test_the_example_has_what_the_tests_need():
    plan = example_plan()
    modes = {leg.service for i in plan.itineraries for c in i.carriages for leg in c.legs}
    assert modes == {"T1", "R1", "A1"}
    assert [refusal.consignment for refusal in plan.unserved] == ["C-4"]
    split = [unit.id for unit in plan.load_units if len(unit.contents) > 1]
    assert split, "nobody shares a unit"


def write_scenario(folder: Path, *, consignments: str, cross_docks: int = 2) -> Path:
    """A starter folder with only some of its consignments, quick to plan."""
    from coldchain.cli.starter import write_starter

    write_starter(folder)
    table = folder / "consignments.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines[1:] if line.split(",")[0] in consignments.split()]
    table.write_text("\n".join([lines[0], *kept]) + "\n", encoding="utf-8")
    settings = folder / "scenario.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(
        text.replace("max_cross_docks = 3", f"max_cross_docks = {cross_docks}"), encoding="utf-8"
    )
    return settings
