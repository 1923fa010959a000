"""``show node``, ``show service`` and ``show border`` on the bundled network."""

import json
from dataclasses import replace
from datetime import date

import pytest
from rich.cells import cell_len
from test_cli import coldchain

from coldchain.admission import EntryRule, Permission, Unconfirmed, entered, rule_for
from coldchain.borders import Verdict, border_at, border_between, regimes
from coldchain.cli.dates import day_asked
from coldchain.cli.exits import Exit
from coldchain.errors import DataError
from coldchain.exporters.page import WIDTH
from coldchain.network import Network
from coldchain.scenario import Scenario
from coldchain.tables import read_scenario

SHUT = "close KZ-NZH-BX 2027-05-24..2027-05-28"


@pytest.fixture(scope="module")
def given() -> Scenario:
    return read_scenario("cherry-week")


def words(*arguments: str) -> str:
    """What is printed, runs of spaces as one; the page fits."""
    done = coldchain("show", *arguments)
    assert done.returncode == Exit.DONE, done.stderr
    assert max(map(cell_len, done.stdout.splitlines())) <= WIDTH
    return " ".join(done.stdout.split())


def told(*arguments: str):
    done = coldchain("show", *arguments, "--json")
    assert done.returncode == Exit.DONE, done.stderr
    return json.loads(done.stdout)


# ---------------------------------------------------------------- places


def test_khorgos_is_shut_on_dragon_boat_and_opens_the_next_morning():
    asked = ("node", "CN-KHX-BX", "--date", "2027-06-09", "--days", "2")
    page = words(*asked)
    assert "霍尔果斯公路口岸" in page
    assert "UN/LOCODE CNHUP; Asia/Shanghai, UTC+08:00 on Wed 9 Jun 2027" in page
    assert "O149 Wed 9 Jun shut for Dragon Boat Festival (CN) Thu 10 Jun 10:00–20:00" in page
    assert "Wed 9 Jun Dragon Boat Festival (CN) O149" in page
    document = told(*asked)
    [o149] = [o for o in document["operations"] if o["id"] == "O149"]
    assert o149["opening"] == [
        {"date": "2027-06-09", "open": [], "why_not": ["for Dragon Boat Festival (CN)"]},
        {
            "date": "2027-06-10",
            "open": [{"from": "2027-06-10T10:00+08:00", "until": "2027-06-10T20:00+08:00"}],
            "why_not": [],
        },
    ]
    assert document["holidays"] == [
        {"date": "2027-06-09", "holiday": "Dragon Boat Festival (CN)", "observed_by": ["O149"]}
    ]


def test_kulma_is_out_of_season_in_january():
    page = words("node", "TJ-KUL-BX", "--date", "2027-01-12", "--days", "1")
    assert "open 1 May to 30 Nov" in page
    assert "O140 Tue 12 Jan shut out of season" in page
    assert "O140 Tue 1 Jun 09:00–16:30" in words("node", "TJ-KUL-BX", "--date", "2027-06-01")


def test_a_closure_asked_for_is_shown_with_why():
    asked = ("node", "KZ-NZH-BX", "--date", "2027-05-28", "--days", "2", "--set", SHUT)
    page = words(*asked)
    assert f"KZ-NZH-BX shut 2027-05-24 00:00 2027-05-29 00:00 {SHUT}" in page
    assert f"O148 Fri 28 May shut: {SHUT} Sat 29 May all day" in page
    document = told(*asked)
    assert document["disturbances"] == [
        {
            "kind": "closure",
            "subject": "KZ-NZH-BX",
            "begins_at": "2027-05-24T00:00+05:00",
            "ends_at": "2027-05-29T00:00+05:00",
            "hours": None,
            "why": SHUT,
        }
    ]
    [o148] = document["operations"]
    assert [day["why_not"] for day in o148["opening"]] == [[SHUT], []]


def test_a_place_shows_what_leaves_next_and_whether_it_is_planned_with():
    page = words("node", "TJ-KHU-RT", "--days", "1")
    assert "gauge 1520 mm" in page
    assert "L120 train Mon 24 May 20:00 Nau TJ-NAU-BR Tue 25 May 00:00 yes" in page
    assert "no: proposed" in page
    leaving = told("node", "TJ-KHU-RT", "--days", "1")["leaving"]
    assert leaving == [{"mode": "rail", "on_demand": False, "services": 3, "planned_with": 1}]


def test_every_place_has_a_page_that_fits(
    given: Scenario, capsys: pytest.CaptureFixture[str], monkeypatch
):
    from coldchain.cli import node_page

    monkeypatch.setattr(node_page, "read_scenario", lambda name, overrides: given)
    for node in given.network.nodes:
        node_page.show_node("cherry-week", node, asked="2027-06-09", days=2, as_json=False)
        lines = capsys.readouterr().out.splitlines()
        assert lines[0].startswith(f"{node}: ")
        assert max(map(cell_len, lines)) <= WIDTH


# ---------------------------------------------------------------- services


def test_the_cherry_express_leaves_on_fridays_on_local_clocks():
    asked = ("service", "L131", "--date", "2027-06-18", "--count", "3")
    page = words(*asked)
    assert "Status proposed: cherry-week does not plan with it" in page
    assert "at least 20 slots paid for" in page
    assert "58,900 for a chartered departure" in page
    assert "Thu 17 Jun 20:00 Fri 18 Jun 20:00 Mon 28 Jun 03:00" in page
    document = told(*asked)
    assert document["departures"] == [
        {
            "departs_at": f"2027-{leaves}T20:00+05:00",
            "cutoff_at": f"2027-{cutoff}T20:00+05:00",
            "arrives_at": f"2027-{arrives}T03:00+08:00",
        }
        for cutoff, leaves, arrives in (
            ("06-17", "06-18", "06-28"),
            ("06-24", "06-25", "07-05"),
            ("07-01", "07-02", "07-12"),
        )
    ]
    assert document["skipped"] == []
    assert document["enters"] == {"country": "CN", "at": "CN-KHR-BR"}
    assert document["planned_with"] is False


def test_a_departure_that_does_not_take_place_says_why():
    closing = "close KZ-ALT-BR 2027-06-26..2027-06-30"
    document = told("service", "L131", "--date", "2027-06-20", "--count", "2", "--set", closing)
    assert document["departures"][0]["departs_at"] == "2027-07-02T20:00+05:00"
    first, *others = document["skipped"]
    assert first == {
        "departs_at": "2027-06-25T20:00+05:00",
        "why": f"held while KZ-ALT-BR on its way is shut: {closing}",
    }
    assert {one["why"] for one in others} == {"out of season"}
    page = words("service", "L131", "--date", "2027-06-20", "--count", "2", "--set", closing)
    assert "Fri 9 Jul 20:00 to Fri 12" in page, "a season apart in one row"
    assert "not: out of season" in page


def test_a_delay_is_in_the_arrival_and_said():
    delay = "delay L120 3h 2027-06-09..2027-06-09"
    page = words("service", "L120", "--date", "2027-06-09", "--count", "2", "--set", delay)
    assert "L120 3 h more 2027-06-09 00:00 2027-06-10 00:00" in page
    assert "Wed 9 Jun 20:00 Thu 10 Jun 03:00 3 h of a delay in it" in page
    assert "Thu 10 Jun 20:00 Fri 11 Jun 00:00" in page


def test_what_arrives_at_a_shut_place_waits():
    closing = "close CN-KHR-BR 2027-05-24T10:00..2027-05-25T15:00"
    page = words("service", "L132", "--count", "5", "--set", closing)
    assert "Mon 24 May 03:35 Mon 24 May 08:35 Mon 24 May 04:00" in page
    assert "Mon 24 May 08:20 Mon 24 May 13:20 waits: CN-KHR-BR is shut," in page


def test_a_world_without_holidays_has_days_enough(given: Scenario):
    network = given.network
    kept = ("nodes", "equipment")
    free = Network(
        **{name: getattr(network, name) for name in kept},
        services={s.id: replace(s, closed_on=frozenset()) for s in network},
        operations={o.id: replace(o, closed_on=frozenset()) for o in network.operations.values()},
    )
    world = replace(given, network=free)
    assert day_asked(world, "2099-12-25", 7) == date(2099, 12, 25)
    with pytest.raises(DataError, match=r"a day from 2000-01-01 to 2099-12-25$"):
        day_asked(world, "2099-12-26", 7)


def test_a_service_on_demand_has_a_line_a_day():
    page = words("service", "L033", "--date", "2027-06-09", "--count", "4")
    assert (
        "Wed 9 Jun does not run for Dragon Boat Festival (CN) Thu 10 Jun all day "
        "Fri 11 Jun all day Sat 12 Jun does not run on Saturdays"
    ) in page
    assert "detention 6.25 per hour of waiting after 24 h free" in page


@pytest.mark.parametrize("asked", ["2027-01-04", "2027-06-09"])
def test_every_service_has_a_page_that_fits(
    asked: str, given: Scenario, capsys: pytest.CaptureFixture[str], monkeypatch
):
    from coldchain.cli import service_page

    monkeypatch.setattr(service_page, "read_scenario", lambda name, overrides: given)
    for service in given.network.services:
        code = service_page.show_service(
            "cherry-week", service, asked=asked, count=3, as_json=False
        )
        assert code is Exit.DONE
        lines = capsys.readouterr().out.splitlines()
        assert lines[0].startswith(f"{service}: ")
        assert max(map(cell_len, lines)) <= WIDTH


# ---------------------------------------------------------------- borders


def test_the_posts_between_tajikistan_and_kyrgyzstan():
    page = words("border", "TJ-KG")
    assert "Border Tajikistan - Kyrgyzstan, Mon 24 May 2027" in page
    assert "TJ-GUL-BX Guliston" in page
    assert "TJ-KAR-BX Karamyk" in page
    document = told("border", "tj-kg")
    assert [node["id"] for node in document["posts"]] == ["TJ-GUL-BX", "TJ-KAR-BX"]
    assert {s["id"] for s in document["services"]} == {"L037", "L042"}


def test_cherries_are_unconfirmed_at_karasu_and_allowed_at_khorgos():
    def entry(post: str, *more: str):
        [one] = told("border", post, "--from", "TJ", "--commodity", "cherry_sweet", *more)["entry"]
        return one

    karasu, khorgos = entry("CN-KAS-BX"), entry("CN-KHX-BX")
    assert (karasu["permission"], karasu["verdict"], karasu["rule"]) == (
        "unconfirmed",
        "kept out",
        "E012",
    )
    assert (khorgos["permission"], khorgos["verdict"], khorgos["rule"]) == (
        "allowed",
        "admitted",
        "E007",
    )
    assert khorgos["confidence"] == "B"
    assumed = entry("CN-KAS-BX", "--set", "planning.unconfirmed = assume")
    assert assumed["verdict"] == "flagged"


def test_a_queue_and_a_holiday_are_on_the_page_of_a_border():
    page = words("border", "CN-KHX-BX", "--date", "2027-06-09")
    assert "KZ-NZH-BX Nur Zholy" in page
    assert "L059 truck KZ-NZH-BX → CN-KHX-BX" in page
    assert "Dragon Boat Festival (CN) O148, O149, L059" in page
    queue = "delay O148 30h 2027-05-24..2027-05-26"
    [o148] = [
        o
        for o in told("border", "KZ-NZH-BX", "--date", "2027-05-25", "--set", queue)["operations"]
        if o["id"] == "O148"
    ]
    assert o148["queue_h"] == 30
    assert o148["units_per_day"] == 700


def test_a_border_nothing_crosses_says_so():
    assert words("border", "TJ-KZ") == "No service crosses TJ-KZ."


def test_services_of_a_border_are_those_that_go_over_it(given: Scenario):
    network = given.network
    country = {name: node.country for name, node in network.nodes.items()}
    between = {s.id for s in border_between(network, "UZ", "KZ").services}
    assert between == {s.id for s in border_between(network, "KZ", "UZ").services}
    ends = {s.id for s in network if {country[s.origin], country[s.destination]} == {"UZ", "KZ"}}
    assert ends <= between
    for name in between - ends:
        service = network.services[name]
        assert {"UZ", "KZ"} <= {country[n] for n in (service.origin, *service.passes)} | {
            country[service.destination]
        }
    assert "L131" in between, "it passes Keles"
    assert "L206" not in between, "from China to Russia it passes Kazakhstan alone"
    for post in ("KZ-ALT-BR", "CN-URC-AP"):
        border = border_at(network, post)
        assert border is not None
        assert {s.id for s in border.services} == {
            s.id
            for s in network
            if (place := entered(network, s))
            and post in (s.origin, s.destination, place[1], *s.passes)
        }
    assert border_at(network, "TJ-KHU-PH") is None


def test_a_refusal_and_a_treatment_are_told_by_country_of_origin(given: Scenario):
    def rule(number: str, origin: str, permission: Permission, *treatments: str) -> EntryRule:
        return EntryRule(
            id=number,
            commodity="any",
            from_country=origin,
            to_country="CN",
            entry_node="CN-KHX-BX",
            permission=permission,
            treatments=treatments,
            source="made up",
            confidence="D",
        )

    rules = (
        rule("A", "UZ", Permission.REFUSED),
        rule("B", "TJ", Permission.ALLOWED, "mb_2h"),
        rule("C", "any", Permission.UNCONFIRMED),
    )
    goods = given.perishable("cherry_sweet")
    border = border_at(given.network, "CN-KHX-BX")
    assert border is not None
    for how, meant in (
        (Unconfirmed.STRICT, Verdict.KEPT_OUT),
        (Unconfirmed.ASSUME, Verdict.FLAGGED),
    ):
        world = replace(given, entry_rules=rules, unconfirmed=how)
        found = {
            r.rule and r.rule.id: r for r in regimes(world, border, goods, ["KG", "KZ", "TJ", "UZ"])
        }
        assert {k: (r.origins, r.verdict) for k, r in found.items()} == {
            "A": (("UZ",), Verdict.KEPT_OUT),
            "B": (("TJ",), Verdict.ADMITTED),
            "C": (("KG", "KZ"), meant),
        }
    assert rule_for(rules, goods, "KG", "KZ", "KZ-NZH-BX") is None


def test_every_border_has_a_page_that_fits(
    given: Scenario, capsys: pytest.CaptureFixture[str], monkeypatch
):
    from coldchain.cli import border_page

    monkeypatch.setattr(border_page, "read_scenario", lambda name, overrides: given)
    network = given.network
    posts = [node for node in network.nodes if border_at(network, node) is not None]
    assert len(posts) > 20
    for name in (*posts, "UZ-KZ", "KZ-CN", "TJ-CN", "PL-DE"):
        border_page.show_border(
            "cherry-week", name, commodity="", origin="", asked="2027-06-09", as_json=False
        )
        lines = capsys.readouterr().out.splitlines()
        assert lines[0].startswith("Border ")
        assert max(map(cell_len, lines)) <= WIDTH


# ---------------------------------------------------------------- what is asked wrongly


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (("node", "CN-KHX-B"), "did you mean CN-KHX-BX"),
        (("node", "Khujand"), "the nodes there are TJ-KHU-PH, TJ-KHU-RT, TJ-LBD-AP"),
        (("node", "CN-KHX-BX", "--date", "9 June"), "a day such as 2027-06-09"),
        (("node", "CN-KHX-BX", "--date", "2031-01-01"), "holidays are known from 2026-01-01"),
        (("node", "CN-KHX-BX", "--date", "2028-12-30"), "a day from 2026-01-01 to 2028-12-25"),
        (("service", "L33"), "did you mean L"),
        (("border", "CN-KHX"), "did you mean CN-KHX-BX"),
        (("border", "TJ-XX"), "no country is called 'XX'; known: BY, CN"),
        (("border", "TJ-TJ"), "two countries, such as TJ-KG"),
        (("border", "TJ-KHU-PH"), "nothing is cleared there"),
        (("border", "TJ-KG", "--from", "FR"), "no country is called 'FR'"),
        (("border", "TJ-KG", "--commodity", "chery"), "no commodity is called 'chery'"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(asked: tuple[str, ...], answer: str):
    done = coldchain("show", *asked)
    assert done.returncode == Exit.INPUT
    assert answer in done.stderr
    assert done.stdout == ""
