"""A scenario answers for its digest, its floor and its names."""

from dataclasses import replace
from typing import Any

import pytest
from conftest import perishable, random_scenario, utc
from hypothesis import given
from hypothesis import strategies as st

from coldchain.errors import UnknownName
from coldchain.goods import Packaging
from coldchain.network import Network
from coldchain.scenario import Scenario


def shuffled(given_: Scenario, rng) -> Scenario:
    """The same rows in another order; operations of one node and trigger keep theirs."""

    def mixed(table):
        keys = list(table)
        rng.shuffle(keys)
        return {key: table[key] for key in keys}

    net = given_.network
    places = sorted({o.node for o in net.operations.values()})
    rng.shuffle(places)
    operations = {o.id: o for p in places for o in net.operations.values() if o.node == p}
    consignments = list(given_.consignments)
    rng.shuffle(consignments)
    return replace(
        given_,
        network=Network(
            nodes=mixed(net.nodes),
            services=mixed(net.services),
            operations=operations,
            equipment=mixed(net.equipment),
        ),
        perishables=mixed(given_.perishables),
        consignments=tuple(consignments),
    )


@given(st.integers(0, 50), st.randoms())
def test_the_digest_does_not_depend_on_the_order_of_rows(seed, rng):
    given_ = random_scenario(seed)
    assert shuffled(given_, rng).digest == given_.digest


CHANGES: dict[str, Any] = {
    "quantile": 0.51,
    "confidence": 0.51,
    "setpoints_c": (0.0, 1.0),
    "max_dwell_h": 47.0,
    "max_dwell_without_store_h": 11.0,
    "max_cross_docks": 1,
    "max_detour": 0.2,
    "service_status": frozenset({"existing", "planned"}),
    "seed": 2,
    "parties": {"forwarder": "somebody"},
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_digest_changes_with_every_setting(three_node: Scenario, name):
    assert replace(three_node, **{name: CHANGES[name]}).digest != three_node.digest


def test_the_digest_changes_with_one_cell_of_a_table(three_node: Scenario):
    net = three_node.network
    for table, name, change in (
        ("services", "P1-HUB", {"cutoff_h": 0.5}),
        ("nodes", "HUB", {"timezone": "Asia/Almaty"}),
        ("operations", "DOCK", {"exposed_h": 0.1}),
    ):
        rows = dict(getattr(net, table))
        rows[name] = replace(rows[name], **change)
        other = replace(three_node, network=replace(net, **{table: rows}))
        assert other.digest != three_node.digest
    first, *rest = three_node.consignments
    later = replace(first, due_at=utc("28 00:01"))
    assert replace(three_node, consignments=(later, *rest)).digest != three_node.digest


def test_the_digest_counts_the_order_in_which_operations_are_done(one_train: Scenario):
    net = one_train.network
    twice = {
        o.id: o
        for o in (
            *net.operations.values(),
            replace(net.operations["PACK"], id="PAPER", exposed_h=0.0),
        )
    }
    swapped = dict(reversed(twice.items()))
    one, other = (
        replace(one_train, network=replace(net, operations=table)) for table in (twice, swapped)
    )
    assert one.digest != other.digest


def test_the_life_allowed_leaves_the_shelf_life_required(three_node: Scenario):
    carried = replace(three_node.consignments[0], shelf_life_required_h=48.0, retail_c=5.0)
    pace = three_node.pace("fruit", carried.packaging)
    allowed = three_node.life_allowed(carried, carried.packaging)
    assert (1 - allowed) * pace.keeping_quality_h(5.0) == pytest.approx(48.0)


@pytest.mark.parametrize(
    ("known", "suiting"),
    [
        ({}, (-2.0, -1.0, 0.0, 2.0, 3.0)),
        ({"domain_min_c": -1.5}, (-1.0, 0.0, 2.0, 3.0)),
        ({"chill_threshold_c": -0.5, "chill_dose_k_d": 1.0}, (0.0, 2.0, 3.0)),
        ({"regulatory_max_c": 2.0}, (-2.0, -1.0, 0.0, 2.0)),
    ],
)
def test_setpoints_are_those_within_a_kelvin_of_the_range(three_node: Scenario, known, suiting):
    goods = perishable("fruit", setpoint_min_c=-1.0, setpoint_max_c=2.0, **known)
    given_ = replace(
        three_node,
        setpoints_c=(-2.1, -2.0, -1.0, 0.0, 2.0, 3.0, 3.1),
        perishables={"fruit": goods},
    )
    assert given_.setpoints_for(given_.consignments[0]) == suiting


def test_unknown_names_are_refused_with_what_is_near(three_node: Scenario):
    with pytest.raises(UnknownName, match="did you mean fruit"):
        three_node.perishable("friut")
    with pytest.raises(UnknownName, match="known: A, B"):
        three_node.consignment("Z9")


def test_only_what_is_carried_is_grouped(three_node: Scenario):
    more = replace(three_node, perishables={**three_node.perishables, "meat": perishable("meat")})
    assert more.stowage_group == {("fruit", Packaging.NAKED, ""): "fruit"}


def mixed_load(three_node: Scenario, *commodities: str, **known: dict[str, Any]) -> Scenario:
    """Consignments ``0``, ``1``, ... of these commodities, all alike but for what is said."""
    return replace(
        three_node,
        perishables={code: perishable(code, **known.get(code, {})) for code in commodities},
        consignments=tuple(
            replace(three_node.consignments[0], id=str(n), commodity=code)
            for n, code in enumerate(commodities)
        ),
    )


def why_apart(given_: Scenario, one: int, other: int) -> str | None:
    words = given_.why_apart(given_.consignments[one], given_.consignments[other])
    assert words == given_.why_apart(given_.consignments[other], given_.consignments[one])
    return words


def test_two_consignments_are_told_why_they_may_not_share(three_node: Scenario):
    given_ = mixed_load(three_node, "fig", "apple", fig={"odour_absorbs": "apple"})
    assert why_apart(given_, 0, 1) is None
    given_ = mixed_load(
        three_node, "fig", "apple", fig={"odour_absorbs": "apple"}, apple={"odour_emits": "apple"}
    )
    assert why_apart(given_, 0, 1) == "fig takes up the smell of apple (apple)"


def test_two_who_get_along_may_be_apart_for_their_companions_or_the_setpoints(
    three_node: Scenario,
):
    # b gets along with both, a and c not with each other; of a there is more to share.
    given_ = mixed_load(
        three_node, "a", "b", "c", a={"odour_emits": "onion"}, c={"odour_absorbs": "onion"}
    )
    a, b, c = given_.consignments
    given_ = replace(given_, consignments=(replace(a, pallets=c.pallets + 1), b, c))
    assert why_apart(given_, 0, 1) is None
    words = why_apart(given_, 1, 2)
    assert words is not None
    assert "a+b apart from c" in words
    none_listed = replace(given_, setpoints_c=(20.0,))
    assert why_apart(none_listed, 0, 1) == "none of the scenario's setpoints suits both"


def test_goods_whose_packaging_is_open_may_be_in_the_groups_of_each(three_node: Scenario):
    # Of b there is more than of a, and b bears no liner of a's.
    given_ = mixed_load(three_node, "a", "b")
    a, b = given_.consignments
    open_ = replace(a, packaging=Packaging.ANY)
    more = replace(b, pallets=4 * a.pallets)
    given_ = replace(given_, consignments=(open_, more))
    packed = {cargo.packaging for cargo in given_.cargoes_of(open_)}
    assert packed == {Packaging(name) for name in given_.packaging}
    assert given_.group_of(open_, Packaging.MAP) != given_.group_of(more)
    assert given_.group_of(open_, Packaging.NAKED) == given_.group_of(more)
    assert given_.groups_of(open_) == {given_.group_of(open_, p) for p in packed}
    assert why_apart(given_, 0, 1) is None


def test_goods_that_lack_a_map_factor_are_never_thought_of_in_map_liners(three_node: Scenario):
    given_ = mixed_load(three_node, "a", a={"map_life_factor": None})
    [a] = given_.consignments
    open_ = replace(a, packaging=Packaging.ANY)
    packed = {cargo.packaging for cargo in given_.cargoes_of(open_)}
    assert packed == {Packaging(name) for name in given_.packaging} - {Packaging.MAP}
