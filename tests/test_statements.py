"""The grammar of overrides: what is meant is read, what cannot be meant is refused with a form."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldchain.columns import SCENARIO, TABLES, Kind, Table
from coldchain.tables.cells import Refused
from coldchain.tables.grammar import FIXED_KEYS, MAX_STATEMENT, parse, stems
from coldchain.tables.statements import (
    Cells,
    Close,
    Condition,
    Demand,
    Key,
    Operator,
    Reckon,
    Shift,
    Slow,
    Span,
    written,
)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (
            "close KZ-NZH-BX 2027-05-24..2027-05-28",
            Close(subjects=("KZ-NZH-BX",), span=Span(begins="2027-05-24", ends="2027-05-28")),
        ),
        ("close A B always", Close(subjects=("A", "B"), span=Span())),
        ("close border TJ-KG always", Close(border=("TJ", "KG"), span=Span())),
        (
            "delay O148 96 h 2027-05-24",
            Slow(
                subjects=("O148",),
                hours=Decimal(96),
                span=Span(begins="2027-05-24", ends="2027-05-24"),
            ),
        ),
        ("delay X 4d always", Slow(subjects=("X",), hours=Decimal(96), span=Span())),
        ("use proposed plausible", Reckon(use=True, status=("proposed", "plausible"))),
        ("drop occasional", Reckon(use=False, status=("occasional",))),
        ("demand *= 1.30", Demand(factor=Decimal("1.3"))),
        (
            "demand[commodity=apricot|fig, origin!=TJ-*] *= 2",
            Demand(
                factor=Decimal(2),
                where=(
                    Condition(column="commodity", patterns=("apricot", "fig")),
                    Condition(column="origin", patterns=("TJ-*",), differs=True),
                ),
            ),
        ),
        ("shift demand 14 d", Shift(days=14)),
        ("shift demand -7d", Shift(days=-7)),
        (
            "shift demand [commodity=fig, origin!=TJ-*] +03 d",
            Shift(
                days=3,
                where=(
                    Condition(column="commodity", patterns=("fig",)),
                    Condition(column="origin", patterns=("TJ-*",), differs=True),
                ),
            ),
        ),
        (
            "services.a.b-1.capacity_units = 10",
            Cells(
                table="routes",
                id="a.b-1",
                column="capacity_units",
                operator=Operator.SET,
                value="10",
            ),
        ),
        (
            "routes.L0*.transit_h*=1.2",
            Cells(
                table="routes",
                id="L0*",
                column="transit_h",
                operator=Operator.TIMES,
                value="1.2",
            ),
        ),
        (
            "operations[node_id=X].note = blank",
            Cells(
                table="operations",
                where=(Condition(column="node_id", patterns=("X",)),),
                column="note",
                operator=Operator.SET,
                value="",
            ),
        ),
        (
            "commodities.fig.water_pct += -3",
            Cells(
                table="perishables",
                id="fig",
                column="water_pct",
                operator=Operator.PLUS,
                value="-3",
            ),
        ),
        ("seed = 2", Key(path=("seed",), operator=Operator.SET, value="2")),
        (
            "currency.per_usd.CNY *= 1.1",
            Key(path=("currency", "per_usd", "CNY"), operator=Operator.TIMES, value="1.1"),
        ),
        (
            "parties.forwarder = Somebody & Sons, Dushanbe",
            Key(
                path=("parties", "forwarder"),
                operator=Operator.SET,
                value="Somebody & Sons, Dushanbe",
            ),
        ),
    ],
)
def test_what_is_written_is_read(text, meant):
    assert parse(text) == meant
    assert parse(written(meant)) == meant


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "a statement: close, delay, use"),
        ("cloze X always", "nearest: close"),
        ("close", "then days such as"),
        ("close X", "then days such as"),
        ("close X 24.05.2027", "days such as 2027-05-24..2027-05-28"),
        ("close X 2027-02-30", "a day that exists"),
        ("close X 2027-05-28..2027-05-24", "an end after the begin"),
        ("close X 2027-05-24T18:00", "or always, not 2027-05-24T18:00"),
        ("close X X always", "X stands twice"),
        ("close X, Y always", "ids with spaces between them, not X,"),
        ("close border TJ always", "two countries such as TJ-KG"),
        ("close border TJ-TJ always", "two countries such as TJ-KG"),
        ("delay X always", "then hours such as 14 h"),
        ("delay X 14 always", "then hours such as 14 h"),
        ("delay X 0 h always", "above 0 h"),
        ("delay X 1.2.3 h always", "a number in plain digits"),
        ("delay X 99999 h always", "at most 10000 h"),
        ("use", "a status of services: existing,"),
        ("use propsed", "nearest: proposed"),
        ("demand = 3", "demand *= and a factor above 0"),
        ("demand *= 0", "demand *= and a factor above 0"),
        ("demand *= 1,3", "a number in plain digits such as 1.2, not '1,3'"),
        ("demand *=", "a value after *="),
        ("demand[comodity=fig] *= 2", "nearest: commodity"),
        ("demand[commodity] *= 2", "conditions such as"),
        ("demand[commodity=] *= 2", "conditions such as"),
        ("demand[commodity=a|] *= 2", "both sides of |"),
        ("shift", "then whole days such as 14 d"),
        ("shift demand", "then whole days such as 14 d"),
        ("shift demand 14", "then whole days such as 14 d"),
        ("shift demand 14 h", "then whole days such as 14 d"),
        ("shift demand 1.5 d", "then whole days such as 14 d"),
        ("shift supply 3 d", "then whole days such as 14 d"),
        ("shift demand 0 d", "a shift of 1 d to 3650 d"),
        ("shift demand -3651 d", "a shift of 1 d to 3650 d"),
        ("shift demand[comodity=fig] 3 d", "nearest: commodity"),
        ("shift demand[commodity] 3 d", "conditions such as"),
        ("shif demand 3 d", "nearest: shift"),
        ("routs.L001.status = x", "nearest: routes"),
        ("routes.status = x", "routes.ID.COLUMN"),
        ("routes.L001.capcity_units = 3", "nearest: capacity_units"),
        ("routes.L001.service_id = X", "by which rows are known"),
        ("routes[mode=rail].L001.status = x", "conditions or an id, not both"),
        ("routes[mod=rail].status = x", "nearest: mode"),
        ("routes.L 1.status = x", "TABLE.ID.COLUMN"),
        ("planning.quntile = 0.5", "nearest: quantile"),
        ("planning = 3", "a table, a section or a key"),
        ("planning.quantile.x = 3", "planning.quantile"),
        ("planning[a=b].quantile = 3", "a table before ["),
        ("currency.per_usd = 3", "currency.per_usd.CNY"),
        ("consignments = x.csv", "which only a scenario file states"),
        ("data.folder = x", "which only a scenario file states"),
        ("extends = x", "which only a scenario file states"),
        ("sed = 2", "nearest: seed"),
        ("title = \x1b[31m", "text without U+001B"),
        ("title = " + "x" * MAX_STATEMENT, f"at most {MAX_STATEMENT} characters"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_was_expected(text, expected):
    with pytest.raises(Refused) as refused:
        parse(text)
    assert expected in str(refused.value)


IDS = st.from_regex(r"[A-Z][A-Z0-9]{0,3}(-[A-Z0-9]{1,3}){0,2}", fullmatch=True)
DAYS = st.dates(date(2001, 1, 1), date(2098, 1, 1))
MOMENTS = st.tuples(DAYS, st.times()).map(lambda at: f"{at[0]}T{at[1]:%H:%M}")
SPANS = st.one_of(
    st.just(Span()),
    DAYS.map(lambda d: Span(begins=str(d), ends=str(d))),
    st.tuples(DAYS, DAYS).map(lambda p: Span(begins=str(min(p)), ends=str(max(p)))),
    st.lists(MOMENTS, min_size=2, max_size=2, unique=True).map(
        lambda p: Span(begins=min(p), ends=max(p))
    ),
)
NUMBERS = st.decimals(min_value="0.001", max_value=9999, places=3).map(
    lambda d: Decimal(f"{d.normalize():f}")
)
SUBJECTS = st.lists(IDS, min_size=1, max_size=3, unique=True).map(tuple)


@st.composite
def conditions(draw: st.DrawFn, table: str) -> Condition:
    return Condition(
        column=draw(st.sampled_from([c.name for c in TABLES[table].columns])),
        patterns=tuple(draw(st.lists(IDS | st.just("CN-*"), min_size=1, max_size=2))),
        differs=draw(st.booleans()),
    )


@st.composite
def cells(draw: st.DrawFn) -> Cells:
    table = draw(st.sampled_from(sorted(TABLES)))
    key = TABLES[table].key
    names = [c.name for c in TABLES[table].columns if c.name != key] + sorted(stems(table))
    operator = draw(st.sampled_from(Operator))
    by_id = draw(st.booleans())
    value = draw(NUMBERS.map(str) if operator is not Operator.SET else IDS | st.just(""))
    return Cells(
        table=table,
        id=draw(IDS) if by_id else "",
        where=() if by_id else tuple(draw(st.lists(conditions(table), min_size=1, max_size=2))),
        column=draw(st.sampled_from(names)),
        operator=operator,
        value=value,
    )


KEYS = st.sampled_from(
    [
        (section, c.name) if section else (c.name,)
        for section, columns in SCENARIO.items()
        for c in columns
        if c.name not in FIXED_KEYS and c.name != "per_usd" and c.kind is not Kind.CHOICES
    ]
    + [("parties", "notify"), ("currency", "per_usd", "CNY")]
)
STATEMENTS = st.one_of(
    st.builds(Close, subjects=SUBJECTS.filter(lambda s: s[0] != "border"), span=SPANS),
    st.builds(Close, border=st.sampled_from([("TJ", "KG"), ("CN", "KZ")]), span=SPANS),
    st.builds(Slow, subjects=SUBJECTS, hours=NUMBERS, span=SPANS),
    st.builds(
        Reckon,
        use=st.booleans(),
        status=st.lists(st.sampled_from(["existing", "proposed"]), min_size=1, unique=True).map(
            tuple
        ),
    ),
    st.builds(
        Demand, factor=NUMBERS, where=st.lists(conditions("consignments"), max_size=2).map(tuple)
    ),
    st.builds(
        Shift,
        days=st.integers(-3650, 3650).filter(bool),
        where=st.lists(conditions("consignments"), max_size=2).map(tuple),
    ),
    cells(),
    st.builds(Key, path=KEYS, operator=st.just(Operator.SET), value=IDS),
    st.builds(
        Key, path=KEYS, operator=st.sampled_from(["*=", "+="]).map(Operator), value=NUMBERS.map(str)
    ),
)


@given(STATEMENTS)
def test_a_statement_written_is_read_as_itself(statement):
    assert parse(written(statement)) == statement


@given(STATEMENTS, st.randoms())
def test_spaces_say_nothing(statement, random):
    text = written(statement)
    spread = "".join(c if c != " " else " " * random.randint(1, 3) for c in text)
    assert parse(f"  {spread} ") == statement


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        statement = parse(text)
    except Refused:
        return
    assert parse(written(statement)) == statement


def test_a_section_and_a_table_may_share_a_name(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(cast("dict[str, Table]", TABLES), "prices", TABLES["packaging"])
    key = parse("prices.unserved_usd_per_kg = 5")
    assert key == Key(path=("prices", "unserved_usd_per_kg"), operator=Operator.SET, value="5")
    for text in ("prices.map.usd_per_kg = 5", "prices[name=map].usd_per_kg = 5"):
        cell = parse(text)
        assert isinstance(cell, Cells)
        assert cell.column == "usd_per_kg"


def test_days_are_whole_on_the_clock_of_the_place():
    span = Span(begins="2027-05-24", ends="2027-05-28")
    assert span.instants("Asia/Almaty") == (
        datetime(2027, 5, 23, 19, tzinfo=UTC),
        datetime(2027, 5, 28, 19, tzinfo=UTC),
    )
    hours = Span(begins="2027-05-24T18:00", ends="2027-05-25T06:00")
    assert hours.instants("Asia/Shanghai") == (
        datetime(2027, 5, 24, 10, tzinfo=UTC),
        datetime(2027, 5, 24, 22, tzinfo=UTC),
    )


def test_a_day_that_loses_an_hour_is_whole_all_the_same():
    # Clocks in Berlin go forward on 28 March 2027; in Beirut at midnight.
    span = Span(begins="2027-03-28", ends="2027-03-28")
    begins, ends = span.instants("Europe/Berlin")
    assert (ends - begins).total_seconds() == 23 * 3600
    begins, ends = span.instants("Asia/Beirut")
    assert begins == datetime(2027, 3, 27, 22, tzinfo=UTC)
    assert (ends - begins).total_seconds() == 23 * 3600


def test_a_moment_the_clock_skips_is_refused():
    span = Span(begins="2027-03-28T02:30", ends="2027-03-29")
    with pytest.raises(Refused, match="put forward past it"):
        span.instants("Europe/Berlin")
    assert span.instants("UTC")[0] == datetime(2027, 3, 28, 2, 30, tzinfo=UTC)
