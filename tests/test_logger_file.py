# ruff: noqa: DTZ001 - a logger's own clock has no zone
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldchain.decay import ArrheniusKeepingQuality
from coldchain.errors import DataError, Fault
from coldchain.tables.logger_file import DateOrder, LoggerRecord, Unit, read_logger

SAMPLES = Path(__file__).parent / "loggers"
READINGS_C = [1.2, 1.0, 0.9, 0.8, 0.8, 6.4, 11.9, 4.1, 1.5, 0.9]
"""What every sample recorded, from 22:00 on 24 May 2026, every half hour."""

CHERRY_C = (-1.8, 30.0)


@pytest.fixture
def read(tmp_path: Path):
    def reading(text: str | bytes, **options) -> LoggerRecord:
        path = tmp_path / "log.csv"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return read_logger(path, **options)

    return reading


@pytest.fixture
def faults(read):
    def blamed(text: str | bytes, **options) -> tuple[Fault, ...]:
        with pytest.raises(DataError) as caught:
            read(text, **options)
        return caught.value.faults

    return blamed


def table(*readings: object, header: str = "Time,Temp (C)", minutes: int = 10) -> str:
    start = datetime(2026, 5, 24, 6)
    rows = [f"{start + timedelta(minutes=minutes * i)},{r}" for i, r in enumerate(readings)]
    return "\n".join([header, *rows]) + "\n"


def record(hours: list[float], temperatures: list[float]) -> LoggerRecord:
    return LoggerRecord(
        file="x.csv",
        starts=datetime(2026, 5, 24),
        hours=np.array(hours),
        temperature_c=np.array(temperatures),
        humidity_pct=None,
        rows=np.arange(2, 2 + len(hours)),
        notes=(),
    )


# ---------------------------------------------------------------- what makers write


@pytest.mark.parametrize("sample", sorted(path.name for path in SAMPLES.iterdir()))
def test_every_makers_file_says_the_same(sample: str):
    found = read_logger(SAMPLES / sample)
    # The file in °F was rounded to a tenth of a degree Fahrenheit.
    np.testing.assert_allclose(found.temperature_c, READINGS_C, atol=0.05 / 1.8 + 1e-9)
    np.testing.assert_allclose(found.hours, np.arange(10) / 2)
    assert found.starts in (datetime(2026, 5, 24, 22), datetime(2026, 5, 24, 14, tzinfo=UTC))
    assert found.gaps == ()


@pytest.mark.parametrize("sample", ["iso.csv", "easy.csv", "chinese.csv", "russian.csv"])
def test_humidity_is_read_where_there_is_one(sample: str):
    humidity = read_logger(SAMPLES / sample).humidity_pct
    assert humidity is not None
    assert humidity.tolist() == [91, 92, 92, 93, 93, 80, 71, 85, 90, 92]
    assert read_logger(SAMPLES / sample, humidity=False).humidity_pct is None


@pytest.mark.parametrize(
    ("sample", "said"),
    [
        ("chinese.csv", "GBK, commas, header in row 3"),
        ("russian.csv", "Windows-1251, semicolons, header in row 2"),
        ("easy.csv", "Windows-1252, commas, header in row 1"),
        ("newest-first.tsv", "UTF-16, tabs, header in row 1"),
        ("newest-first.tsv", "readings newest first; turned round"),
        ("us.csv", "temperatures in °F, as the file says, column 'Temp (F)'"),
        ("iso.csv", "times in UTC, by the offsets stated"),
        ("european.csv", "times on the logger's own clock"),
    ],
)
def test_how_a_file_was_read_is_reported(sample: str, said: str):
    assert said in read_logger(SAMPLES / sample).notes


@pytest.mark.parametrize(
    "first",
    [
        "2026-05-24 06:05",
        "2026-05-24T06:05:00.000",
        "2026/5/24 6:05:00",
        "2026年5月24日 06:05",
        "24-May-2026 06:05",
        "May 24 2026 6:05 am",
        "5/24/2026 6:05 AM",
        "24.05.2026 06:05",
        "2026/05/24 上午 6:05",
        "06:05 24.05.2026",
    ],
)
def test_moments_are_read_as_they_are_written(read, first: str):
    found = read(f"Time,Temp (C)\n{first},1\n{first.replace('6:05', '6:15')},2\n")
    assert found.starts == datetime(2026, 5, 24, 6, 5)
    assert found.duration_h == pytest.approx(1 / 6)


@pytest.mark.parametrize(("clock", "hour"), [("12:00 AM", 0), ("12:00 PM", 12), ("1:00 p.m.", 13)])
def test_noon_and_midnight_are_told_apart(read, clock: str, hour: int):
    found = read(f"Time,Temp (C)\n2026-05-24 {clock},1\n2026-05-25 00:30,2\n")
    assert found.starts == datetime(2026, 5, 24, hour)


@pytest.mark.parametrize(
    "header",
    [
        (
            '"Plot Title: Reefer 12"\n"#","Date Time, GMT+05:00",'
            '"Temp, °C (LGR S/N: 20000001, SEN S/N: 20000001, LBL: Box)","RH, % (LGR S/N: 2000)"'
        ),
        "Trip;4711\nHigh alarm;8,0;°C\n\nNo.;Time (zone GMT+8);CH1 Temp (°C);CH2 Humidity",
        "Index\tDate/Time\t°C\t%RH",
        "序号,日期时间,温度℃,湿度%RH",
        "№;Дата и время;Темп., °С;Отн. влажность, %",
        "Nr.;Zeitstempel;Temperatur [°C];rel. Feuchte [%]",
    ],
)
def test_headers_of_many_makers_are_understood(read, header: str):
    separator = next(s for s in "\t;," if s in header.splitlines()[-1])
    rows = [("1", "2026-05-24 06:00", "2.5", "91"), ("2", "2026-05-24 06:10", "2.6", "92")]
    found = read("\n".join([header, *(separator.join(row) for row in rows)]))
    assert found.temperature_c.tolist() == [2.5, 2.6]
    assert found.humidity_pct is not None
    assert found.humidity_pct.tolist() == [91, 92]


def test_a_line_about_the_logger_may_state_the_unit(read):
    found = read("Temperature unit: °F\nTime,Temp\n2026-05-24 06:00,32\n2026-05-24 07:00,50\n")
    assert found.temperature_c.tolist() == pytest.approx([0, 10])


# ---------------------------------------------------------------- day and month


def test_midnight_tells_the_order_of_day_and_month(read):
    rows = "05/06/2026 22:00,1\n05/06/2026 23:00,1\n05/07/2026 00:00,1\n05/07/2026 01:00,1\n"
    found = read(f"Time,Temp (C)\n{rows}")
    assert found.starts == datetime(2026, 5, 6, 22)
    assert any("only so does midnight lead to the next day" in note for note in found.notes)


def test_two_digits_of_a_year_may_stand_first(read):
    rows = "26/05/11 23:00,1\n26/05/12 00:00,1\n"
    assert read(f"Time,Temp (C)\n{rows}").starts == datetime(2026, 5, 11, 23)


def test_an_open_date_is_refused_with_the_option_that_decides_it(read, faults):
    text = "Time,Temp (C)\n05/06/2026 22:00,1\n05/06/2026 23:00,1\n"
    [fault] = faults(text)
    assert (fault.row, fault.column, fault.value) == (2, "Time", "05/06/2026 22:00")
    assert "2026-06-05 (--date-order dmy) or 2026-05-06 (--date-order mdy)" in fault.expected
    assert read(text, date_order=DateOrder.DMY).starts.month == 6
    assert read(text, date_order=DateOrder.MDY).starts.month == 5


def test_an_order_that_changes_midway_is_blamed(faults):
    rows = "25/05/2026 22:00,1\n25/05/2026 23:00,1\n05/26/2026 00:00,1\n"
    [fault] = faults(f"Time,Temp (C)\n{rows}")
    assert fault.row == 4
    assert fault.expected == "a date that exists day first, as in the other rows"


@given(
    start=st.datetimes(datetime(2001, 1, 1), datetime(2090, 1, 1)),
    count=st.integers(2, 40),
    hours=st.integers(1, 20),
    form=st.sampled_from(["%d/%m/%Y %H:%M", "%m/%d/%Y %I:%M %p", "%d.%m.%y %H:%M"]),
)
def test_an_order_that_is_decided_is_the_true_one(tmp_path_factory, start, count, hours, form):
    start = start.replace(second=0, microsecond=0)
    moments = [start + timedelta(hours=hours * i) for i in range(count)]
    path = tmp_path_factory.mktemp("log") / "log.csv"
    path.write_text("Time;Temp (C)\n" + "".join(f"{m.strftime(form)};2\n" for m in moments))
    try:
        found = read_logger(path)
    except DataError as error:
        if "--date-order" not in str(error):
            raise
    else:
        assert found.starts == start
        assert found.duration_h == pytest.approx(hours * (count - 1))


# ---------------------------------------------------------------- units


def test_a_header_without_unit_is_refused_with_both_readings(read, faults):
    text = table(34, 36, 50, header="Time,Temp")
    [fault] = faults(text)
    assert "--unit C or --unit F; in °F these would be 1.1 to 10.0 °C" in fault.expected
    assert read(text, unit=Unit.F).temperature_c[2] == pytest.approx(10)


def test_a_swapped_unit_is_refused_in_words(read, faults):
    text = table(34, 35, 36, 50, 77, 40, header="Time,Temperature (°C)")
    [fault] = faults(text, typical_c=CHERRY_C)
    assert fault.value == "34 to 77"
    assert "they read like °F (1.1 to 25.0 °C): --unit F takes them so" in fault.expected
    assert read(text, unit=Unit.F, typical_c=CHERRY_C).temperature_c[4] == pytest.approx(25)


def test_celsius_under_a_header_in_fahrenheit_is_refused(faults):
    [fault] = faults(table(1, 2, 3, 4, header="Time,Temp °F"), typical_c=CHERRY_C)
    assert "they read like °C (1.0 to 4.0 °C)" in fault.expected


def test_a_unit_swapped_midway_is_blamed_where_it_jumps(read, faults):
    text = table(2.0, 2.1, 35.9, 36.0, 2.2)
    there, back = faults(text)
    assert (there.row, there.value, back.row, back.value) == (4, "35.9", 6, "2.2")
    assert "the jump from 2.1 is just that from °C to °F" in there.expected
    assert "the jump from 36 is just that from °F to °C" in back.expected
    assert len(read(text, unit=Unit.C)) == 5


def test_a_hot_afternoon_is_no_change_of_unit(read):
    assert read(table(2.0, 14.0, 27.0, 29.0, 12.0, 3.0), typical_c=CHERRY_C).gaps == ()


def test_cells_with_their_own_unit_must_agree(faults):
    [fault] = faults(table("2.0 °C", "35.6 °F"))
    assert (fault.row, fault.value, fault.expected) == (
        3,
        "35.6 °F",
        "°C as elsewhere in this file",
    )


@given(st.floats(-60, 60))
def test_units_agree_on_every_temperature(celsius: float):
    assert Unit.F.to_c(celsius * 1.8 + 32) == pytest.approx(celsius, abs=1e-9)


# ---------------------------------------------------------------- faults


def test_all_faults_are_told_at_once(faults):
    rows = table(2.0, "---", "warm", 3.0) + "yesterday,2\n2026-05-24 06:30,3\n"
    found = faults(rows)
    assert [(f.file, f.row, f.column, f.value) for f in found] == [
        ("log.csv", 3, "Temp (C)", "---"),
        ("log.csv", 4, "Temp (C)", "warm"),
        ("log.csv", 6, "Time", "yesterday"),
    ]


@pytest.mark.parametrize("mark", ["", "---", "NaN", "N/A", "Err", "无", "нет данных"])
def test_a_row_without_a_reading_is_blamed_or_left_out(read, faults, mark: str):
    text = table(2.0, mark, 3.0)
    [fault] = faults(text)
    assert fault.expected == "a temperature; --allow-gaps takes rows without one as a gap"
    left = read(text, allow_gaps=True)
    assert left.rows.tolist() == [2, 4]
    assert "1 rows without a reading left out" in left.notes


def test_times_twice_and_backwards_are_blamed(faults):
    rows = ["01:30", "02:30", "02:30", "02:00", "03:00"]
    text = "Time,Temp (C)\n" + "".join(f"2026-10-25 {r},2\n" for r in rows)
    twice, back = faults(text)
    assert (twice.row, twice.expected) == (4, "a time after that of row 3, which has the same")
    assert (back.row, back.expected) == (
        5,
        "a time after that of row 4; was the clock put back?",
    )


def test_codes_of_a_faulty_sensor_are_no_temperatures(faults):
    assert [f.value for f in faults(table(2.0, -999, 850, 3.0))] == ["-999", "850"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "this file is empty"),
        ("\n\n", "this file is empty"),
        ("Time,Temp (C)\n", "readings below the header"),
        ("2026-05-24 06:00,2.0\n", "a header with a column of times"),
        ("Time,Temp (C)\n2026-05-24 06:00,2.0\n", "at least two readings, not 1"),
        ("Time,Temp 1 (C),Temp 2 (C)\n2026-05-24 06:00,2,3\n", "one column of temperatures"),
        ("Time,Local time,Temp (C)\n2026-05-24 06:00,2026-05-24 09:00,2\n", "one column of times"),
        ("Time,Temp (C)\n2026-05-24 06:00,2,5\n", "a decimal comma need ';'"),
        (b"PK\x03\x04rest", "not an Excel workbook"),
        (b"\x00\xff\xfe\x81binary", "this line"),
    ],
)
def test_what_is_no_record_is_refused_in_words(faults, text: str | bytes, words: str):
    assert any(words in str(fault) for fault in faults(text))


def test_one_of_several_columns_is_asked_for(read):
    text = "Time,Temp in (C),Temp out (C)\n2026-05-24 06:00,2,20\n2026-05-24 07:00,3,21\n"
    assert read(text, column="Temp out (C)").temperature_c.tolist() == [20, 21]


def test_thousands_of_faults_are_counted_after_ten(faults):
    found = faults(table(*["---"] * 5000))
    assert len(found) == 11
    assert found[-1].expected.endswith("– in 4,990 more rows")


def test_no_escape_of_a_hostile_file_reaches_a_terminal(faults):
    [fault] = faults(table(2.0, "\x1b[31mhot\x1b[0m"))
    assert "\x1b" not in str(fault)


CELLS = st.sampled_from(
    [
        *("Time", "Temp (C)", "温度", "Humidity", "2026-05-24 06:00", "05/06/26 7:00 PM", "2.0"),
        *("2,0", "-999", "NaN", "", '"', "12:99", "31.02.2026 10:00", "1e5", "٣", "°F", "\x00"),
    ]
)
MESSES = st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=8).flatmap(
    lambda rows: st.sampled_from(",;\t").map(
        lambda separator: "\n".join(separator.join(row) for row in rows).encode()
    )
)


@given(st.one_of(st.binary(max_size=200), MESSES))
def test_any_file_is_a_record_or_refused(tmp_path_factory: pytest.TempPathFactory, raw: bytes):
    path = tmp_path_factory.mktemp("log") / "log.csv"
    path.write_bytes(raw)
    for allow_gaps in (False, True):
        try:
            found = read_logger(path, allow_gaps=allow_gaps)
        except DataError:
            continue  # anything else than a record or a refusal is a bug
        else:
            assert (np.diff(found.hours) > 0).all()
            assert np.isfinite(found.temperature_c).all()


@given(st.text(alphabet="0123456789/-.: TZAPMapm年月日+", max_size=30))
def test_any_moment_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str):
    path = tmp_path_factory.mktemp("log") / "log.csv"
    path.write_text(f"Time;Temp (C)\n2026-05-24 06:00;1\n{text};1\n", encoding="utf-8")
    try:
        found = read_logger(path)
    except DataError:
        return
    assert found.duration_h > 0


# ---------------------------------------------------------------- gaps and the history


def test_a_gap_is_reported_with_where_and_how_long(read, faults):
    text = (
        table(*[2.0] * 30)
        + "2026-05-24 14:50,8.0\n"
        + "".join(f"2026-05-24 15:{m:02},2.0\n" for m in range(0, 60, 10))
    )
    gap, share = sorted(faults(text), key=lambda fault: -fault.row)
    assert gap.row == 32
    assert "there is none for 4.0 h after 2026-05-24 10:50" in gap.expected
    assert "--allow-gaps counts each gap at the worse of the two readings" in share.expected
    [found] = read(text, allow_gaps=True).gaps
    assert (found.from_row, found.to_row, found.after_c) == (31, 32, 8.0)
    assert found.hours == pytest.approx(4)


def test_a_short_gap_is_bridged_unasked(read):
    readings = table(*[2.0] * 200)
    kept = [line for line in readings.splitlines() if not line.startswith("2026-05-24 07:")]
    found = read("\n".join(kept))
    assert [round(gap.hours, 3) for gap in found.gaps] == [round(7 / 6, 3)]


RECORDS = st.lists(
    st.tuples(st.floats(0.01, 5), st.floats(-1.5, 29.5)), min_size=3, max_size=40
).map(lambda rows: record(np.cumsum([h for h, _ in rows]).tolist(), [t for _, t in rows]))


@given(RECORDS)
def test_weights_add_up_to_the_time(found: LoggerRecord):
    span = found.hours[-1] - found.hours[0]
    for colder in (False, True):
        assert found.weights_h(bridge_colder=colder).sum() == pytest.approx(span)
        assert sum(e.hours for e in found.history(bridge_colder=colder)) == pytest.approx(span)


@given(RECORDS)
def test_the_history_never_flatters(found: LoggerRecord):
    """Life used is at least that of the straight line between readings, and of their mean."""
    law = ArrheniusKeepingQuality(
        life_h=504, reference_c=0, activation_energy_j_mol=66e3, domain_min_c=-1.8, domain_max_c=30
    )
    fine = 0.0
    readings = list(zip(found.hours.tolist(), found.temperature_c.tolist(), strict=True))
    for (t0, c0), (t1, c1) in pairwise(readings):
        middles = (np.arange(200) + 0.5) / 200
        fine += (t1 - t0) * float(np.mean(law.rate_per_h(c0 + (c1 - c0) * middles)))
    used = law.life_used(found.history())
    assert used >= fine * (1 - 1e-9)
    assert law.life_used(found.history(bridge_colder=True)) <= used * (1 + 1e-12)


def test_three_weeks_at_a_minute_are_read_at_once(tmp_path: Path):
    start = datetime(2026, 5, 24)
    rows = (f"{start + timedelta(minutes=i)},{i % 37 / 10}" for i in range(21 * 1440))
    path = tmp_path / "long.csv"
    path.write_text("Time,Temp (C)\n" + "\n".join(rows))
    begun = perf_counter()
    found = read_logger(path)
    history = found.history()
    assert perf_counter() - begun < 3
    assert (len(found), len(history)) == (30_240, 37)


def test_humidities_that_are_shares_are_not_taken_for_percent(faults, read):
    header = "Time,Temp (C),RH (%)"
    [fault] = faults(table("2,0.92", "2,0.9", "2,1", header=header))
    assert (fault.column, fault.value) == ("RH (%)", "0.9 to 1")
    assert "read like shares of 1" in fault.expected
    assert read(table("2,0.9", "2,1.1", header=header)).humidity_pct is not None


def test_two_columns_of_one_label_are_not_said_to_be_missing(faults):
    [fault] = faults(table("2,3", "2,3", header="Time,Temp (C),Temp (C)"), column="Temp (C)")
    assert "there are several called 'Temp (C)'" in fault.expected
