"""Small named scenarios, and the builders they are made with."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import settings

from coldchain.admission import EntryRule, Permission, Unconfirmed
from coldchain.calendars import Calendar, Closure, Delay
from coldchain.goods import Consignment, Duty, Packaging, PackagingTerms, Perishable
from coldchain.network import Mode, Network, Node, Operation, Season, Service, Spread, Trigger
from coldchain.scenario import Objective, Prices, Scenario
from coldchain.tables import read_scenario

# The first example imports and draws lots; how long it takes says nothing. The same examples each
# time: a run that fails can be repeated, and one that passed does not fail by the draw.
settings.register_profile("unhurried", deadline=None, derandomize=True)
settings.load_profile("unhurried")

DAILY = frozenset(range(1, 8))


def utc(text: str) -> datetime:
    """``day hour:minute`` of May 2027, whose 24th is a Monday; UTC."""
    return datetime.fromisoformat(f"2027-05-{text}+00:00")


def at(text: str) -> int:
    """:func:`utc` in minutes since 1970."""
    return int(utc(text).timestamp()) // 60


def exactly(hours: float) -> Spread:
    return Spread(p10=hours, p50=hours, p90=hours)


def node(name: str, **known: Any) -> Node:
    given = {"country": "TJ", "timezone": "UTC", "cross_dock": False, **known}
    return Node(
        id=name,
        name=name,
        name_zh="",
        unlocode="",
        latitude_deg=40.0,
        longitude_deg=70.0,
        node_type="",
        gauge_mm="",
        role="",
        fruit_import_site="",
        source="invented",
        confidence="D",
        **given,
    )


def service(name: str, way: str, hours: float, usd: float = 0.0, **known: Any) -> Service:
    """An on-demand truck for 20 pallets unless ``known`` says otherwise; ``way`` is ``A>B``."""
    origin, destination = way.split(">")
    given = {
        "mode": Mode.ROAD,
        "equipment": "TRUCK_CA",
        "status": "existing",
        "transit": exactly(hours),
        "days": DAILY,
        "departure_times": (),
        "every_n_weeks": 1,
        "first_departure": None,
        "cutoff_h": 0.0,
        "capacity_units": 99,
        "shared_by_kg": False,
        "payload_kg": 18_000,
        "pallets_per_unit": 20,
        "linehaul_usd_per_kg": 0.0,
        "reefer_usd_per_unit_h": 0.0,
        "temperature_c": None,
        "border_included": False,
        "season": None,
        **known,
    }
    return Service(
        id=name,
        origin=origin,
        destination=destination,
        name=name,
        service_type="",
        distance_km=1.0,
        great_circle_km=1.0,
        linehaul_usd_per_unit=usd,
        gco2e_per_tkm=0.0,
        reefer_uplift=0.0,
        genset_kgco2e_per_h=0.0,
        source="invented",
        confidence="D",
        **given,
    )


def train(name: str, way: str, hours: float, usd: float = 0.0, **known: Any) -> Service:
    """A daily container train at 20:00 unless ``known`` says otherwise."""
    given = {
        "mode": Mode.RAIL,
        "equipment": "FEU",
        "departure_times": (time(20),),
        "cutoff_h": 4.0,
        "capacity_units": 10,
        **known,
    }
    return service(name, way, hours, usd, **given)


def flight(name: str, way: str, hours: float, usd_per_kg: float, **known: Any) -> Service:
    """A daily flight at 10:00 unless ``known`` says otherwise."""
    given = {
        "mode": Mode.AIR,
        "equipment": "AIR",
        "departure_times": (time(10),),
        "cutoff_h": 3.0,
        "capacity_units": 20_000,
        "shared_by_kg": True,
        "payload_kg": 1,
        "pallets_per_unit": 0,
        "linehaul_usd_per_kg": usd_per_kg,
        **known,
    }
    return service(name, way, hours, 0.0, **given)


def operation(
    name: str, place: str, trigger: Trigger, hours: float = 0.0, **known: Any
) -> Operation:
    given = {
        "from_country": "any",
        "equipment_in": frozenset(),
        "equipment_out": frozenset(),
        "opens_unit": False,
        "charge": "handling",
        "exposed_h": 0.0,
        "exposed_c": 20.0,
        "usd_per_unit": 0.0,
        "usd_per_kg": 0.0,
        "usd_per_t_day": 0.0,
        "opens": time(0),
        "closes": time(0),
        "days": DAILY,
        "probability": 1.0,
        **known,
    }
    return Operation(
        id=name,
        node=place,
        code=name,
        name=name,
        trigger=trigger,
        hours=exactly(hours),
        source="invented",
        confidence="D",
        **given,
    )


def cross_dock(name: str, place: str, change: str, hours: float, **known: Any) -> Operation:
    """Goods from one kind of equipment into another; ``change`` is ``FEU_C>TRUCK_CN``."""
    return transfer(name, place, change, hours, opens_unit=True, **known)


def transfer(name: str, place: str, change: str, hours: float, **known: Any) -> Operation:
    came, goes = (frozenset(side.split("|")) for side in change.split(">"))
    return operation(
        name, place, Trigger.TRANSFER, hours, equipment_in=came, equipment_out=goes, **known
    )


def store(place: str, usd_per_t_day: float = 1.0) -> Operation:
    return operation(
        f"STORE-{place}",
        place,
        Trigger.GOODS_STORAGE,
        charge="storage",
        usd_per_t_day=usd_per_t_day,
    )


def perishable(code: str, **known: Any) -> Perishable:
    """Keeps 20 days at 0 °C whichever lot; nothing forbids it to ride with others."""
    given = {
        "category": "fruit",
        "domain_min_c": -2.0,
        "domain_max_c": 30.0,
        "setpoint_min_c": -1.0,
        "setpoint_max_c": 6.0,
        "freezing_c": -2.0,
        "life_ref_c": 0.0,
        "life_min_d": 20.0,
        "life_typ_d": 20.0,
        "life_max_d": 20.0,
        "activation_energy_kj_mol": 66.0,
        "map_life_factor": 1.4,
        "ethylene_production": "VL",
        "ethylene_sensitivity": "L",
        "odour_emits": "none",
        "odour_absorbs": "none",
        "so2_or_special": "",
        "mcgregor_group": "1",
        **known,
    }
    return Perishable(
        code=code,
        name=code,
        name_zh="",
        hs6="080929",
        decay_law="arrhenius",
        source="invented",
        confidence="D",
        **given,
    )


def packing(packaging: Packaging, **known: Any) -> PackagingTerms:
    """Costs nothing, lags not, keeps all water; only MAP touches life, at any temperature."""
    given = {
        "life_factor": "commodity" if packaging is Packaging.MAP else "1",
        "water_loss_factor": 0.0,
        "max_c": None,
        "usd_per_kg": 0.0,
        "outer_half_cooling_h": None,
        "core_half_cooling_h": None,
        **known,
    }
    return PackagingTerms(
        packaging_id=packaging,
        name=packaging.value,
        source="invented",
        confidence="D",
        **given,
    )


def packings() -> dict[str, PackagingTerms]:
    return {p.value: packing(p) for p in Packaging if p is not Packaging.ANY}


def consignment(
    name: str, way: str, pallets: int, ready: str, due: str, **known: Any
) -> Consignment:
    """800 kg net and 850 kg gross to the pallet; ready and due as :func:`utc` reads them."""
    origin, destination = way.split(">")
    given = {
        "commodity": "fruit",
        "net_kg": 800 * pallets,
        "gross_kg": 850 * pallets,
        "shelf_life_required_h": 0.0,
        "retail_c": 5.0,
        "life_used_at_ready": 0.0,
        "value_usd": 0.0,
        "packaging": Packaging.NAKED,
        **known,
    }
    return Consignment(
        id=name,
        origin=origin,
        destination=destination,
        pallets=pallets,
        ready_at=utc(ready),
        due_at=utc(due),
        **given,
    )


def network(
    nodes: Iterable[Node], services: Iterable[Service], operations: Iterable[Operation] = ()
) -> Network:
    return Network(
        nodes={n.id: n for n in nodes},
        services={s.id: s for s in services},
        operations={o.id: o for o in operations},
        equipment={},
    )


def scenario(
    net: Network,
    consignments: Iterable[Consignment],
    *,
    perishables: Mapping[str, Perishable] | None = None,
    unserved_usd_per_kg: float = 4.0,
    freshness_usd_per_kg_d: float = 0.0,
    **known: Any,
) -> Scenario:
    """Planned at the median for every lot, with waits and detours that never bind."""
    given = {
        "quantile": 0.5,
        "confidence": 0.5,
        "setpoints_c": (0.0,),
        "max_dwell_h": 240.0,
        "max_dwell_without_store_h": 240.0,
        "max_cross_docks": 3,
        "max_detour": 100.0,
        "service_status": frozenset({"existing"}),
        "reporting_currency": "USD",
        "usd_rates": {},
        **known,
    }
    return Scenario(
        name="invented",
        title="invented",
        season_date=date(2027, 5, 24),
        network=net,
        perishables=perishables or {"fruit": perishable("fruit")},
        packaging=packings(),
        consignments=tuple(consignments),
        objective=Objective(
            unserved_usd_per_kg=unserved_usd_per_kg,
            freshness_usd_per_kg_d=freshness_usd_per_kg_d,
        ),
        seed=1,
        **given,
    )


def random_scenario(seed: int) -> Scenario:
    """Up to two layers between packhouses and cities; boxes, trucks, trains, planes, a border."""
    rng = random.Random(seed)
    origins = ["P1", "P2"][: rng.choice([1, 2, 2])]
    hubs = ["H", "T"][: rng.choice([1, 2, 2])]
    border = ["X"][: rng.choice([0, 1])]
    cities = ["D1", "D2"][: rng.choice([1, 2])]
    docks = {h for h in [*hubs, *border] if rng.random() < 0.7} | {"H"}
    services: list[Service] = []

    def days() -> frozenset[int]:
        return DAILY if rng.random() < 0.6 else frozenset(rng.sample(range(1, 8), 5))

    def offer(a: str, b: str) -> None:
        name = f"{a}{b}{len(services)}"
        usd = float(rng.randint(10, 40) * 10)
        reefer = float(rng.choice([2, 3, 5]))
        kind = rng.choice(["truck", "truck", "cn", "box", "rail", "rail", "air", "timed"])
        pallets = rng.choice([8, 10, 10])
        common = {"reefer_usd_per_unit_h": reefer, "pallets_per_unit": pallets}
        hours = rng.choice([3.0, 5.5, 9.0, 16.0])
        cutoff = rng.choice([0.0, 1.0, 2.5])
        if kind in ("truck", "cn", "box"):
            equipment = {"truck": "TRUCK_CA", "cn": "TRUCK_CN", "box": "FEU"}[kind]
            services.append(
                service(
                    name,
                    f"{a}>{b}",
                    hours,
                    usd,
                    equipment=equipment,
                    cutoff_h=cutoff,
                    border_included=rng.random() < 0.2,
                    **common,
                )
            )
        elif kind == "timed":
            services.append(
                service(
                    name,
                    f"{a}>{b}",
                    hours,
                    usd,
                    departure_times=(time(rng.randrange(24)),),
                    cutoff_h=cutoff,
                    days=days(),
                    capacity_units=rng.choice([1, 2, 9]),
                    **common,
                )
            )
        elif kind == "rail":
            services.append(
                train(
                    name,
                    f"{a}>{b}",
                    rng.choice([8.0, 14.0, 21.0]),
                    usd,
                    departure_times=(time(rng.randrange(24), rng.choice([0, 30])),),
                    cutoff_h=rng.choice([1.0, 3.0]),
                    days=days(),
                    capacity_units=rng.choice([1, 1, 2, 9]),
                    **common,
                )
            )
        else:
            services.append(
                flight(
                    name,
                    f"{a}>{b}",
                    rng.choice([1.5, 4.0]),
                    rng.choice([0.1, 0.3]),
                    departure_times=(time(rng.randrange(24)),),
                    days=days(),
                    capacity_units=rng.choice([3000, 20_000]),
                    temperature_c=rng.choice([None, 8.0]),
                )
            )

    for a in origins:
        for b in hubs:
            for _ in range(rng.choice([1, 2])):
                offer(a, b)
        if rng.random() < 0.4:
            offer(a, rng.choice([*border, *cities]))
    if len(hubs) == 2 and rng.random() < 0.5:
        offer("H", "T")
        if rng.random() < 0.5:
            offer("T", "H")
    for a in [*hubs, *border]:
        for b in [*([] if a in border else border), *cities]:
            for _ in range(rng.choice([0, 1, 1, 2])):
                offer(a, b)
    operations: list[Operation] = []
    # Goods never pay to wait in one store rather than in another, nor would they for a later truck.
    everywhere = rng.random() < 0.3
    rate = 0.5 if everywhere else 0.0
    for place in origins:
        operations.append(
            operation(
                f"PACK-{place}",
                place,
                Trigger.ORIGIN,
                rng.choice([1.0, 4.0]),
                exposed_h=rng.choice([0.0, 1.0]),
                usd_per_kg=0.05,
                usd_per_unit=rng.choice([0.0, 30.0]),
            )
        )
        if rng.random() < 0.3:
            operations.append(
                operation(
                    f"EMPTY-{place}",
                    place,
                    Trigger.ORIGIN_EQUIPMENT,
                    rng.choice([0.0, 2.0]),
                    equipment_out=frozenset({"FEU_C", "FEU_R"}),
                    charge="reefer",
                    usd_per_unit=50.0,
                    usd_per_kg=rng.choice([0.0, 0.01]),
                )
            )
    for place in [*origins, *hubs, *border]:
        if everywhere or rng.random() < 0.6:
            operations.append(store(place, rate))
        operations.append(
            operation(
                f"PLUG-{place}",
                place,
                Trigger.UNIT_STORAGE,
                charge="storage",
                usd_per_t_day=1.0,
            )
        )
    for place in [*hubs, *border]:
        if rng.random() < 0.6:
            operations.append(
                transfer(
                    f"LIFT-{place}",
                    place,
                    "FEU_C|FEU_R>FEU_C|FEU_R",
                    rng.choice([1.0, 3.0]),
                    usd_per_unit=20.0,
                    exposed_h=rng.choice([0.0, 0.5]),
                    warming_per_h=0.5 if seed % 3 else None,
                )
            )
        if place in docks:
            office = rng.random() < 0.4
            operations.append(
                operation(
                    f"DOCK-{place}",
                    place,
                    Trigger.TRANSFER,
                    rng.choice([1.0, 3.0]),
                    opens_unit=True,
                    exposed_h=rng.choice([0.0, 0.5]),
                    usd_per_unit=rng.choice([0.0, 20.0]),
                    usd_per_kg=rng.choice([0.0, 0.02]),
                    opens=time(7) if office else time(0),
                    closes=time(19) if office else time(0),
                    days=days() if office else DAILY,
                )
            )
    for place in border:
        operations.append(
            operation(
                "BORDER",
                place,
                Trigger.ARRIVE,
                rng.choice([1.0, 4.0]),
                charge="border",
                usd_per_unit=40.0,
                equipment_in=frozenset(
                    rng.choice([(), ("TRUCK_CA", "TRUCK_CN"), ("FEU_C", "FEU_R")])
                ),
                opens=time(9),
                closes=time(rng.choice([13, 18])),
                days=days(),
            )
        )
    for place in cities:
        operations.append(
            operation(
                f"UNLOAD-{place}",
                place,
                Trigger.DESTINATION,
                1.0,
                exposed_h=0.5,
                usd_per_unit=20.0,
                opens=time(rng.choice([0, 5])),
                closes=time(0),
            )
        )
    goods = {
        code: perishable(code, life_min_d=life, life_typ_d=life, life_max_d=life, **known)
        for code, life, known in (
            ("fruit", 8.0, {}),
            ("berry", 4.0, {"setpoint_max_c": rng.choice([1.0, 6.0])}),
        )
    }
    carried = [
        consignment(
            f"C{i}",
            f"{rng.choice(origins)}>{rng.choice(cities)}",
            rng.choice([1, 2, 3, 5, 7, 10, 12]),
            f"24 {rng.choice([0, 6, 11, 17]):02}:{rng.choice([0, 20])}0",
            f"{rng.choice([26, 27, 27])} {rng.choice([0, 12, 18]):02}:00",
            commodity=rng.choice(["fruit", "fruit", "berry"]),
            shelf_life_required_h=rng.choice([0.0, 24.0, 48.0]),
            life_used_at_ready=rng.choice([0.0, 0.03]),
        )
        for i in range(rng.choice([2, 3, 3, 4]))
    ]
    return scenario(
        network(
            [node(n, cross_dock=n in docks) for n in [*origins, *hubs, *border, *cities]],
            services,
            operations,
        ),
        carried,
        perishables=goods,
        setpoints_c=rng.choice([(0.0,), (0.0,), (0.0, 3.0)]),
        max_cross_docks=rng.choice([1, 2, 2]),
        freshness_usd_per_kg_d=rng.choice([0.0, 0.02]),
        unserved_usd_per_kg=rng.choice([0.6, 4.0]),
    )


def rule(name: str, permission: str, **known: Any) -> EntryRule:
    """About any goods that enter CN anywhere unless ``known`` says otherwise."""
    given = {
        "commodity": "any",
        "from_country": "any",
        "to_country": "CN",
        "entry_node": "any",
        "treatments": (),
        **known,
    }
    return EntryRule(
        id=name, permission=Permission(permission), source="invented", confidence="D", **given
    )


def bordered(given: Scenario, seed: int) -> Scenario:
    """The same with borders between its places, and rules of who may cross which of them where."""
    rng = random.Random(seed)
    nodes = {
        name: replace(place, country=rng.choice(["TJ", "UZ", "CN", "CN"]))
        for name, place in given.network.nodes.items()
    }
    names = sorted(nodes)
    services = {
        s.id: replace(s, enters_at=rng.choice(["", rng.choice(names)]))
        for s in given.network.services.values()
    }
    rules = tuple(
        rule(
            f"E{number}",
            rng.choice(["allowed", "allowed", "unconfirmed", "refused"]),
            commodity=rng.choice(["any", "fruit", "berry", "berry"]),
            from_country=rng.choice(["any", "any", "TJ", "UZ"]),
            to_country=rng.choice(["TJ", "UZ", "CN", "CN"]),
            entry_node=rng.choice(["any", *names]),
            treatments=rng.choice([(), (), (), ("cold_18d",)]),
        )
        for number in range(10)
    )
    return replace(
        given,
        network=replace(
            given.network,
            nodes=nodes,
            services=services,
            transit_limits_h={"UZ": rng.choice([0.5, 4, 12, 1000])},
        ),
        entry_rules=rules,
        unconfirmed=rng.choice([Unconfirmed.STRICT, Unconfirmed.ASSUME]),
        perishables={
            code: replace(goods, category="fruit" if code == "fruit" else "vegetable")
            for code, goods in given.perishables.items()
        },
    )


def duty(name: str, way: str, duty_pct: float, vat_pct: float, hs: str = "") -> Duty:
    """Duty and VAT; ``way`` is ``TJ>CN``, with nothing before or after for any country."""
    ends = (frozenset(side.split("|")) - {""} for side in way.split(">"))
    origin, destination = ends
    return Duty(
        id=name,
        hs=hs,
        from_countries=origin,
        to_countries=destination,
        duty_pct=duty_pct,
        vat_pct=vat_pct,
        source="invented",
        confidence="D",
    )


def with_all_charges(given: Scenario, seed: int) -> Scenario:
    """The same with every kind of charge: by the hour, beyond free hours, on value, for carbon."""
    rng = random.Random(seed)
    services: dict[str, Service] = {}
    for s in given.network:
        carbon = {
            "distance_km": float(rng.randint(5, 90) * 10),
            "gco2e_per_tkm": rng.choice([25.0, 92.0, 600.0]),
            "reefer_uplift": rng.choice([0.0, 0.12]),
        }
        unit = {
            "linehaul_usd_per_unit_h": rng.choice([0.0, 1.5]),
            "genset_l_per_h": rng.choice([0.0, 2.0, 3.0]),
            "genset_kgco2e_per_h": rng.choice([0.0, 9.6]),
            "detention_usd_per_unit_h": rng.choice([0.0, 2.0, 5.0]),
            "detention_free_h": rng.choice([0.0, 1.0, 6.0]),
        }
        services[s.id] = replace(s, **carbon, **({} if s.shared_by_kg else unit))
    operations: dict[str, Operation] = {}
    for o in given.network.operations.values():
        if o.trigger is Trigger.UNIT_STORAGE:
            free = rng.choice([0.0, 3.0, 12.0])
            a_day = rng.choice([0.0, 35.0])
            operations[o.id] = replace(o, usd_per_unit_day=a_day, free_h=free)
        elif o.trigger is Trigger.GOODS_STORAGE:
            operations[o.id] = replace(o, free_h=rng.choice([0.0, 0.0, 8.0]))
        else:
            operations[o.id] = o
    nodes = {
        n.id: replace(n, country="CN" if n.id.startswith("D") else "TJ")
        for n in given.network.nodes.values()
    }
    return replace(
        given,
        network=replace(given.network, services=services, operations=operations, nodes=nodes),
        consignments=tuple(
            replace(c, value_usd=float(rng.choice([0, 1, 3])) * c.net_kg)
            for c in given.consignments
        ),
        objective=replace(given.objective, carbon_usd_per_t=rng.choice([0.0, 80.0])),
        prices=Prices(diesel_usd_per_l=0.95, insurance_pct=rng.choice([0.0, 0.3])),
        duties=(duty("APRICOTS", "TJ>CN", 25, 9, "080910"), duty("STONE", ">", 10, 9, "0809")),
    )


def capped(given: Scenario, seed: int) -> Scenario:
    """The same, with work on wagons that takes few of them a day: arrivals, and lifts from them."""
    rng = random.Random(seed)
    operations: dict[str, Operation] = {}
    for name, o in given.network.operations.items():
        if o.trigger is Trigger.TRANSFER and not o.opens_unit:
            few = replace(
                o,
                id=f"{name}-R",
                equipment_in=frozenset({"FEU_R"}),
                units_per_day=rng.choice([1, 1, 2]),
            )
            operations[few.id] = few
        if o.trigger is not Trigger.ARRIVE:
            operations[name] = o
    for place in given.network.nodes:
        if not place.startswith("P") and rng.random() < 0.6:
            check = operation(
                f"CHECK-{place}",
                place,
                Trigger.ARRIVE,
                rng.choice([0.5, 3.0]),
                equipment_in=frozenset({"FEU_R"}),
                units_per_day=rng.choice([0, 1, 1, 2]),
                opens=time(6),
                closes=time(rng.choice([0, 20])),
            )
            operations[check.id] = check
    return replace(given, network=replace(given.network, operations=operations))


def bound_to_a_hub(given: Scenario, seed: int) -> Scenario:
    """The same with goods that must go through a hub, some by one of their own, some free."""
    rng = random.Random(seed)
    inner = [n for n in given.network.nodes if not n.startswith("P")]
    carried = tuple(
        replace(c, via=rng.choice([None, None, (), (rng.choice(inner),)]))
        for c in given.consignments
    )
    return replace(given, consignments=carried, via=tuple(rng.sample(inner, rng.choice([1, 1, 2]))))


def chartered(given: Scenario, seed: int) -> Scenario:
    """The same with some departures that run only if paid for, some with a minimum of slots."""
    rng = random.Random(seed)
    services: dict[str, Service] = {}
    for name, runs in given.network.services.items():
        services[name] = runs
        if rng.random() > (0.7 if not runs.on_demand else 0.3):
            continue
        by_kg = runs.shared_by_kg
        least = rng.choice([0, 0, 2000] if by_kg else [0, 0, 1, 2, 3])
        services[name] = replace(
            runs,
            charter_usd_per_departure=rng.choice([0.0, 40.0, 150.0, 350.5]),
            min_paid_slots=min(least, runs.capacity_units),
            linehaul_usd_per_unit=0.6 * runs.linehaul_usd_per_unit,
            linehaul_usd_per_kg=rng.choice([0.04, 0.1]) if by_kg else 0.0,
        )
    return replace(given, network=replace(given.network, services=services))


def disturbed(given: Scenario, seed: int) -> Scenario:
    """The same with holidays, a late season, places shut for hours or days, and queues."""
    rng = random.Random(seed)
    net = given.network
    nodes = list(net.nodes)
    first = date(2027, 5, 24)
    calendars = {
        name: Calendar(
            id=name,
            days={first + timedelta(days=n): f"feast of {name}" for n in days},
            first=date(2027, 1, 1),
            last=date(2027, 12, 31),
            source="invented",
            confidence="D",
        )
        for name, days in (
            ("ONE", rng.sample(range(5), 1)),
            ("TWO", rng.sample(range(-1, 5), 2)),
        )
    }

    def observed(share: float) -> frozenset[str]:
        return frozenset(name for name in calendars if rng.random() < share / 2)

    def span(longest_h: int) -> tuple[datetime, datetime]:
        begins = utc("24 00:00") + timedelta(minutes=10 * rng.randrange(-72, 6 * 60))
        return begins, begins + timedelta(minutes=10 * rng.randint(1, 6 * longest_h))

    def passed(service: Service) -> frozenset[str]:
        others = [n for n in nodes if n not in (service.origin, service.destination)]
        return frozenset(rng.sample(others, 1)) if rng.random() < 0.4 else frozenset()

    services = {
        s.id: replace(s, closed_on=observed(0.3), passes=passed(s)) for s in net.services.values()
    }
    operations = {o.id: replace(o, closed_on=observed(0.4)) for o in net.operations.values()}
    places = {
        n.id: replace(n, open_season=Season(first=(5, rng.choice([25, 26])), last=(3, 1)))
        if rng.random() < 0.1
        else n
        for n in net.nodes.values()
    }
    closures: list[Closure] = []
    for _ in range(rng.choice([1, 2, 3])):
        begins, ends = span(36)
        subject = rng.choice([*nodes, *services])
        closures.append(Closure(subject=subject, begins_at=begins, ends_at=ends, why="shut"))
    delays: list[Delay] = []
    subjects = rng.sample([*operations, *services], 2)
    for subject in [*subjects, *rng.sample(subjects, 1)]:
        begins, ends = span(24)
        delays.append(
            Delay(
                subject=subject,
                begins_at=begins,
                ends_at=ends,
                hours=rng.randint(1, 60) / 6,
                why="a queue",
            )
        )
    return replace(
        given,
        network=replace(
            net,
            nodes=places,
            services=services,
            operations=operations,
            calendars=calendars,
            closures=tuple(closures),
            delays=tuple(delays),
        ),
    )


def lagging(
    given: Scenario,
    *,
    confidence: float = 0.8,
    longer: float = 1.0,
    half_cooling_h: tuple[float, float] | None = (6.0, 10.0),
    **known: Any,
) -> Scenario:
    """The same with goods on pallets that follow the air late and breathe, and no two lots alike.

    They keep so many times ``longer``. ``known`` is of every commodity; MAP gives up at 5 °C.
    ``half_cooling_h`` is of the outer half and the core; None: no lag after all.
    """
    outer_h, core_h = half_cooling_h or (None, None)
    return replace(
        given,
        confidence=confidence,
        packaging={
            name: replace(
                terms,
                outer_half_cooling_h=outer_h,
                core_half_cooling_h=core_h,
                water_loss_factor=0.5,
                max_c=5.0 if terms.packaging_id is Packaging.MAP else None,
            )
            for name, terms in given.packaging.items()
        },
        perishables={
            code: replace(
                goods,
                life_min_d=0.7 * longer * goods.life_typ_d,
                life_typ_d=longer * goods.life_typ_d,
                life_max_d=1.3 * longer * goods.life_typ_d,
                activation_energy_low_kj_mol=58.0,
                activation_energy_high_kj_mol=80.0,
                respiration_mg_kg_h=((0.0, 7.9), (5.0, 13.5), (10.0, 30.3)),
                heat_capacity_kj_kg_k=3.52,
                **known,
            )
            for code, goods in given.perishables.items()
        },
    )


@pytest.fixture
def three_node() -> Scenario:
    """``P1`` and ``P2`` truck to ``HUB``, where goods change into one truck for ``CITY``.

    Straight from ``P1`` to ``CITY`` costs 700, over the hub 100 + 500; two of eight pallets share.
    """
    return scenario(
        network(
            [node("P1"), node("P2"), node("HUB", cross_dock=True), node("CITY")],
            [
                service("P1-HUB", "P1>HUB", 5, 100.0),
                service("P2-HUB", "P2>HUB", 8, 100.0),
                service("HUB-CITY", "HUB>CITY", 30, 500.0, equipment="TRUCK_CN"),
                service("P1-CITY", "P1>CITY", 34, 700.0),
            ],
            [
                operation("PACK", "P1", Trigger.ORIGIN, 4, exposed_h=2.0, usd_per_kg=0.1),
                cross_dock("DOCK", "HUB", "TRUCK_CA>TRUCK_CN", 2, usd_per_unit=40.0),
                store("HUB"),
                operation("UNLOAD", "CITY", Trigger.DESTINATION, 1, usd_per_unit=20.0),
            ],
        ),
        [
            consignment("A", "P1>CITY", 8, "24 06:00", "28 00:00"),
            consignment("B", "P2>CITY", 8, "24 08:00", "28 00:00"),
        ],
    )


@pytest.fixture
def one_train() -> Scenario:
    """A packhouse, drayage, one daily train of two slots, drayage, a city; and a dear truck."""
    return scenario(
        network(
            [node("PH"), node("RT"), node("CT", country="CN"), node("CITY", country="CN")],
            [
                service("DRAY", "PH>RT", 2, 100.0, equipment="FEU", reefer_usd_per_unit_h=4.0),
                train("TRAIN", "RT>CT", 40, 1500.0, reefer_usd_per_unit_h=5.0, capacity_units=2),
                service("CART", "CT>CITY", 3, 150.0, equipment="FEU", reefer_usd_per_unit_h=4.0),
                service("ROAD", "PH>CITY", 60, 4000.0, reefer_usd_per_unit_h=3.0),
            ],
            [
                operation("PACK", "PH", Trigger.ORIGIN, 6, exposed_h=3.0, usd_per_kg=0.1),
                store("PH"),
                transfer("LIFT-ON", "RT", "FEU_C>FEU_R", 3, usd_per_unit=80.0),
                operation(
                    "CUSTOMS",
                    "CT",
                    Trigger.ARRIVE,
                    5,
                    charge="border",
                    usd_per_unit=120.0,
                    opens=time(8),
                    closes=time(17),
                ),
                transfer("LIFT-OFF", "CT", "FEU_R>FEU_C", 2, usd_per_unit=90.0),
                operation("UNLOAD", "CITY", Trigger.DESTINATION, 2, usd_per_unit=60.0),
            ],
        ),
        [
            consignment("A", "PH>CITY", 20, "24 00:00", "31 00:00"),
            consignment("B", "PH>CITY", 12, "24 09:00", "31 00:00"),
            consignment("C", "PH>CITY", 8, "25 00:00", "31 00:00"),
        ],
    )


@pytest.fixture
def gauge_change() -> Scenario:
    """Wagons of two gauges: sealed boxes are lifted over at ``BX`` and never opened."""
    return scenario(
        network(
            [node("RT"), node("BX", country="KZ"), node("CITY", country="CN")],
            [
                train("WIDE", "RT>BX", 30, 900.0, reefer_usd_per_unit_h=5.0),
                train(
                    "NORMAL",
                    "BX>CITY",
                    50,
                    1100.0,
                    reefer_usd_per_unit_h=6.0,
                    departure_times=(time(2), time(14)),
                    cutoff_h=2.0,
                ),
            ],
            [
                operation("BORDER", "BX", Trigger.ARRIVE, 8, charge="border", from_country="TJ"),
                transfer("LIFT-OVER", "BX", "FEU_R>FEU_R", 6, usd_per_unit=150.0),
                operation(
                    "PLUG",
                    "BX",
                    Trigger.UNIT_STORAGE,
                    charge="storage",
                    usd_per_t_day=2.0,
                ),
            ],
        ),
        [consignment("A", "RT>CITY", 20, "24 00:00", "31 00:00")],
    )


@pytest.fixture(scope="session")
def cherry_week() -> Scenario:
    return read_scenario("cherry-week")
