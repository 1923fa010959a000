"""Who may cross where: the rules, what the search makes of them, and how they are told."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import (
    consignment,
    network,
    node,
    operation,
    perishable,
    rule,
    scenario,
    service,
    store,
    train,
)
from enumeration import Oracle
from test_candidates import PENNIES, names, searched_usd
from test_tables import copy_tables, faults, read, save, table, the_fault

from coldchain.admission import Permission, Unconfirmed, entered
from coldchain.audit import check
from coldchain.candidates import enumerate_itineraries
from coldchain.exporters import EXPORTERS
from coldchain.exporters.page import page_text
from coldchain.exporters.summary import summarise
from coldchain.goods import Consignment
from coldchain.itinerary import Reason
from coldchain.network import Network, Trigger
from coldchain.planner import solve
from coldchain.scenario import Scenario
from coldchain.selection import Effort
from coldchain.tables import itineraries_frame, read_scenario

GOODS = {
    "fruit": perishable("fruit"),
    "berry": perishable("berry", category="vegetable"),
}

BERRY_BARRED = (rule("E1", "refused", commodity="berry", entry_node="X"),)
"""No berry enters CN at X, the cheap and quick way in."""


def both(way: str, due: str = "27 00:00") -> list[Consignment]:
    return [
        consignment(name, way, 4, "24 00:00", due, commodity=code)
        for name, code in (("F", "fruit"), ("V", "berry"))
    ]


def places(*more: str) -> list:
    return [node(n) for n in ("A", *more)] + [node(n, country="CN") for n in "XYRB"]


def over_two_borders() -> Network:
    """Sealed trucks all the way, by X or by Y."""
    return network(
        places(),
        [
            service("AX", "A>X", 5, 100.0),
            service("XB", "X>B", 5, 100.0),
            service("AY", "A>Y", 6, 150.0),
            service("YB", "Y>B", 6, 150.0),
        ],
    )


def two_trains() -> Network:
    """Two trains alike in time from A to B, which clear at X and at Y."""
    return network(
        places(),
        [
            train("TX", "A>B", 20, 100.0, enters_at="X"),
            train("TY", "A>B", 20, 150.0, enters_at="Y"),
        ],
        [store("A", 0.0)],
    )


def fed_by_two_borders() -> Network:
    """Drayage by X or by Y to the railway at R, and a train on."""
    box = {"equipment": "FEU"}
    return network(
        places(),
        [
            service("AX", "A>X", 5, 100.0, **box),
            service("XR", "X>R", 5, 100.0, **box),
            service("AY", "A>Y", 6, 150.0, **box),
            service("YR", "Y>R", 6, 150.0, **box),
            train("RB", "R>B", 10, 100.0),
        ],
        [
            store("A", 0.0),
            operation(
                "LIFT",
                "R",
                Trigger.TRANSFER,
                1,
                equipment_in=frozenset({"FEU_C"}),
                equipment_out=frozenset({"FEU_R"}),
            ),
        ],
    )


@pytest.mark.parametrize("net", [over_two_borders(), two_trains(), fed_by_two_borders()])
def test_a_way_not_open_to_all_makes_no_other_pointless(net: Network):
    given = scenario(net, both("A>B"), perishables=GOODS, entry_rules=BERRY_BARRED)
    found = enumerate_itineraries(given)
    oracle = Oracle(given)
    assert not found.refusals
    assert abs(searched_usd(found, oracle) - oracle.choice().least()) <= PENNIES
    by_x = {"AX", "TX"}
    for row in range(len(found)):
        whose = given.consignments[int(found.consignment[row])]
        if whose.id == "V":
            assert by_x.isdisjoint(name for name, _, _ in names(found, row))


def test_goods_share_a_unit_only_where_all_of_them_may_enter():
    given = scenario(over_two_borders(), both("A>B"), perishables=GOODS, entry_rules=BERRY_BARRED)
    plan = solve(given, effort=Effort(seconds=10))
    # Together by Y (300) is dearer than apart (200 + 300) only if the berries could go by X.
    assert plan.proof.cost_usd == pytest.approx(300.0)
    assert {leg.service for u in plan.load_units for leg in u.carriage.legs} == {"AY", "YB"}


def test_the_first_rule_that_fits_decides():
    given = scenario(
        over_two_borders(),
        both("A>B"),
        perishables=GOODS,
        entry_rules=(
            rule("E1", "allowed", commodity="berry", entry_node="X"),
            rule("E2", "refused", entry_node="X"),
            rule("E3", "refused", from_country="KZ"),
        ),
    )
    fruit, berry = given.consignments
    by_x, by_y = (given.network.services[name] for name in ("AX", "AY"))
    assert not given.admits(fruit, by_x)
    assert given.admits(berry, by_x)
    # For goods from TJ no rule fits at Y: no regime is known, and they pass.
    assert given.admits(fruit, by_y)


def test_a_service_within_a_country_enters_none():
    net = over_two_borders()
    assert entered(net, net.services["XB"]) is None
    assert entered(net, net.services["AX"]) == ("CN", "X")
    assert entered(two_trains(), two_trains().services["TY"]) == ("CN", "Y")


# Unconfirmed ----------------------------------------------------------------------------------

MAYBE = (rule("E7", "unconfirmed", entry_node="X"), rule("E8", "refused"))


def doubtful(unconfirmed: Unconfirmed) -> Scenario:
    return scenario(
        over_two_borders(),
        both("A>B"),
        perishables=GOODS,
        entry_rules=MAYBE,
        unconfirmed=unconfirmed,
    )


def test_a_strict_plan_leaves_unconfirmed_goods_behind_and_says_where_and_what_would_help():
    refusals = enumerate_itineraries(doubtful(Unconfirmed.STRICT)).refusals
    assert [(r.reason, r.where, r.unit) for r in refusals] == [(Reason.NOT_ADMITTED, "X", "")] * 2
    assert refusals[0].detail == (
        "the earliest way enters China at X, where fruit is not confirmed (E7); "
        '`unconfirmed = "assume"` would plan with it'
    )


def test_goods_refused_are_told_so_though_assuming_would_not_help():
    given = replace(doubtful(Unconfirmed.ASSUME), entry_rules=(rule("E8", "refused"),))
    assert [r.detail for r in enumerate_itineraries(given).refusals] == [
        "the earliest way enters China at X, where fruit is refused (E8)",
        "the earliest way enters China at X, where berry is refused (E8)",
    ]


def test_an_assumption_is_told_in_every_output(tmp_path: Path):
    given = doubtful(Unconfirmed.ASSUME)
    kinds = {kind.id: kind for kind in read_scenario("cherry-week").network.equipment.values()}
    given = replace(given, network=replace(given.network, equipment=kinds))
    plan = solve(given, effort=Effort(seconds=10))
    assert [i.unconfirmed for i in plan.itineraries] == [("E7",)] * 2
    words = "assumes fruit may enter China at X: not confirmed (E7)"
    EXPORTERS["all"](plan, tmp_path)
    for file, owner in (
        ("consignments.csv", ""),
        ("load-list.csv", ""),
        ("bookings.csv", "F "),
    ):
        rows = list(csv.DictReader((tmp_path / file).read_text("utf-8-sig").splitlines()))
        assert any(f"{owner}{words}" in row["unconfirmed"] for row in rows), file
    assert f"NOT CONFIRMED: F {words}." in " ".join(page_text(summarise(plan)).split())
    assert summarise(plan).journeys[0].unconfirmed == (words,)
    assert list(itineraries_frame(plan)["unconfirmed"]) == ["E7", "E7"]


# Treatments -----------------------------------------------------------------------------------


def treated(treatment: str) -> Scenario:
    given = scenario(
        over_two_borders(),
        [consignment("F", "A>B", 4, "24 00:00", "27 00:00", treatment=treatment)],
        entry_rules=(rule("E9", "allowed", treatments=("mb_2h", "cold_18d")),),
    )
    cure = operation("CURE", "A", Trigger.ORIGIN, 2, treatment="mb_2h")
    other = operation("OTHER", "A", Trigger.ORIGIN, 2, treatment="hot_1h")
    operations = {o.id: o for o in (cure, other)}
    return replace(given, network=replace(given.network, operations=operations))


def test_goods_enter_once_they_undergo_one_of_the_treatments_asked_for():
    assert len(enumerate_itineraries(treated("mb_2h")))


@pytest.mark.parametrize(("treatment", "chosen"), [("", "none"), ("hot_1h", "hot_1h")])
def test_goods_without_it_are_told_which_they_need(treatment: str, chosen: str):
    (refusal,) = enumerate_itineraries(treated(treatment)).refusals
    assert refusal.reason is Reason.NOT_ADMITTED
    assert refusal.detail.endswith(
        f"where fruit needs one of mb_2h, cold_18d: {chosen} chosen (E9)"
    )


def test_only_those_who_undergo_it_ride_where_it_is_asked_for():
    # Treated and untreated goods are two classes: the untreated go by Y.
    given = treated("mb_2h")
    one = given.consignments[0]
    rules = (rule("E9", "allowed", treatments=("mb_2h",), entry_node="X"),)
    given = replace(
        given, consignments=(one, replace(one, id="U", treatment="")), entry_rules=rules
    )
    found = enumerate_itineraries(given)
    ways = {
        (given.consignments[int(found.consignment[row])].id, names(found, row)[0][0])
        for row in range(len(found))
    }
    assert ("U", "AY") in ways
    assert ("U", "AX") not in ways
    assert ("F", "AX") in ways


def test_a_plan_with_entries_passes_its_audit():
    for unconfirmed in Unconfirmed:
        plan = solve(doubtful(unconfirmed), effort=Effort(seconds=10))
        assert check(plan) == ()


# The table ------------------------------------------------------------------------------------

HEADER = [
    *("rule_id", "commodity", "from_country", "to_country", "entry_node"),
    *("permission", "treatment", "source", "confidence"),
]


def with_rules(folder: Path, *rows: str) -> Path:
    save(folder / "entry_rules.csv", [HEADER, *(row.split(",") for row in rows)])
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_tables(tmp_path)


def test_a_folder_without_the_file_knows_no_regime(folder: Path):
    (folder / "entry_rules.csv").unlink()
    assert read(folder).entry_rules == ()


def test_rules_are_read_in_their_order(folder: Path):
    with_rules(
        folder,
        "E2,cherry_sweet,TJ,CN,CN-KHX-BX,allowed,mb_2h;cold_origin_18d,s,B",
        "E1,fruit,any,CN,any,refused,,s,C",
    )
    first, second = read(folder).entry_rules
    assert (first.id, first.treatments) == ("E2", ("mb_2h", "cold_origin_18d"))
    assert (second.permission, second.entry_node) == (Permission.REFUSED, "any")
    assert read(folder).unconfirmed is Unconfirmed.STRICT


def test_the_order_of_rules_is_in_the_digest():
    given = doubtful(Unconfirmed.STRICT)
    assert replace(given, entry_rules=MAYBE[::-1]).digest != given.digest
    assert replace(given, unconfirmed=Unconfirmed.ASSUME).digest != given.digest


@pytest.mark.parametrize(
    ("row", "column", "expected"),
    [
        ("E1,cherry,any,CN,any,refused,,s,B", "commodity", "any, a category"),
        ("E1,fruit,any,CN,CN-KHX,refused,,s,B", "entry_node", "a node of nodes.csv"),
        ("E1,fruit,any,KZ,CN-KHX-BX,refused,,s,B", "entry_node", "any or a node of KZ"),
        ("E1,fruit,any,China,any,refused,,s,B", "to_country", "two capital letters"),
        ("E1,fruit,any,CN,any,perhaps,,s,B", "permission", "one of allowed"),
        ("E1,fruit,any,CN,any,allowed,mb_3h,s,B", "treatment", "not mb_3h; nearest: mb_2h"),
        ("E1,fruit,any,CN,any,allowed,mb_2h;mb_2h,s,B", "treatment", "each treatment once"),
        ("E1,fruit,any,CN,any,refused,mb_2h,s,B", "treatment", "nothing, as the goods are refused"),
        ("E1,fruit,any,CN,any,allowed,,,B", "source", "a value"),
    ],
)
def test_a_rule_that_makes_no_sense_is_a_fault(folder: Path, row: str, column: str, expected: str):
    fault = the_fault(with_rules(folder, row))
    assert (fault.file, fault.row, fault.column) == ("entry_rules.csv", 2, column)
    assert expected in fault.expected


@pytest.mark.parametrize(
    ("above", "reached"),
    [
        ("any,any,CN,any", False),
        ("fruit,TJ,CN,any", False),
        ("cherry_sweet,any,CN,CN-KHX-BX", False),
        ("vegetable,any,CN,any", True),
        ("fruit,UZ,CN,any", True),
        ("fruit,any,KZ,any", True),
        ("any,any,CN,CN-ALR-BR", True),
    ],
)
def test_a_rule_that_can_never_decide_is_a_fault(folder: Path, above: str, reached: bool):
    with_rules(
        folder,
        f"E1,{above},allowed,,s,B",
        "E2,cherry_sweet,TJ,CN,CN-KHX-BX,refused,,s,B",
    )
    if reached:
        assert len(read(folder).entry_rules) == 2
    else:
        fault = the_fault(folder)
        assert (fault.row, fault.column) == (3, "rule_id")
        assert "above row 2 (E1)" in fault.expected


@pytest.mark.parametrize(
    ("service_id", "node_id", "expected"),
    [
        ("L134", "CN-KHR-BR", "nothing, as both ends lie in CN"),
        ("L199", "KZ-ALT-BR", "a node of CN, not of KZ"),
        ("L199", "CN-NOWHERE", "a node of nodes.csv"),
    ],
)
def test_where_a_service_enters_is_in_the_country_it_enters(
    folder: Path, service_id: str, node_id: str, expected: str
):
    rows = table(folder / "routes.csv")
    number = next(i for i, row in enumerate(rows) if row[0] == service_id)
    rows[number][rows[0].index("enters_at")] = node_id
    save(folder / "routes.csv", rows)
    fault = the_fault(folder)
    assert (fault.column, fault.row) == ("enters_at", number + 1)
    assert expected in fault.expected


def test_a_word_for_unconfirmed_that_is_none_is_a_fault(folder: Path):
    path = folder / "cherry-week.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("[planning]\n", '[planning]\nunconfirmed = "hope"\n'), "utf-8")
    assert [(f.column, f.value) for f in faults(folder)] == [("planning.unconfirmed", "hope")]


# The bundled rules ----------------------------------------------------------------------------


def test_cherries_of_the_bundled_week_enter_china_only_where_that_is_known(cherry_week: Scenario):
    carried = cherry_week.consignments[0]
    open_to = {
        s.enters_at or s.destination
        for s in cherry_week.network
        if entered(cherry_week.network, s) is not None
        and cherry_week.network.nodes[s.destination].country == "CN"
        and cherry_week.admits(carried, s)
    }
    assert {"CN-KHX-BX", "CN-KHR-BR", "CN-ALR-BR", "CN-IRK-BX", "CN-URC-AP"} <= open_to
    assert open_to.isdisjoint({"CN-KAS-BX", "CN-TOR-BX", "CN-ALX-BX", "CN-CKG-AP"})


def test_every_fruit_has_a_rule_at_every_entry_of_china(cherry_week: Scenario):
    one = cherry_week.consignments[0]
    for s in cherry_week.network:
        place = entered(cherry_week.network, s)
        if place is not None and place[0] == "CN":
            (entry,) = cherry_week.entries(one, (s,))
            assert entry.rule is not None
            assert entry.rule.entry_node == entry.node, f"{s.id}: only the rule for anywhere fits"


def test_through_trains_into_china_clear_at_the_border(cherry_week: Scenario):
    for s in cherry_week.network:
        place = entered(cherry_week.network, s)
        if place is not None and place[0] == "CN" and s.border_included:
            assert s.enters_at, s.id
            assert cherry_week.network.nodes[s.enters_at].node_type == "border_rail"
