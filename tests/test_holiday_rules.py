"""Calendars: rules by country and holiday, resolved to days."""

import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from coldchain.calendars import Calendar
from coldchain.errors import Fault
from coldchain.tables.holiday_rules import (
    KNOWN_YEARS,
    calendar_ids,
    calendars,
    read_calendars_sheet,
    season_years,
)

HEADER = "rule_id,calendar_id,country,holiday,first_days,observed,source,confidence"
Rules = Callable[..., Path]


@pytest.fixture
def rules(tmp_path: Path) -> Rules:
    def write(*lines: str) -> Path:
        text = "\n".join([HEADER, *(f"R{n},{line},invented,D" for n, line in enumerate(lines))])
        (tmp_path / "calendars.csv").write_text(text + "\n", encoding="utf-8")
        return tmp_path

    return write


def resolved(folder: Path, years: range = range(2026, 2029)) -> dict[str, Calendar]:
    sheet = read_calendars_sheet(folder)
    assert sheet.faults == []
    return dict(calendars(sheet, years))


def days_of(calendar: Calendar, year: int) -> dict[str, str]:
    return {f"{d:%m-%d}": name for d, name in calendar.days.items() if d.year == year}


def faults(folder: Path) -> list[Fault]:
    return read_calendars_sheet(folder).faults


def test_only_the_first_days_of_a_holiday_are_observed(rules: Rules):
    folder = rules("C,CN,National Day,3,yes", "C,CN,Dragon Boat Festival,1,yes")
    feasts = days_of(resolved(folder)["C"], 2027)
    assert feasts == {
        "06-09": "Dragon Boat Festival (CN)",
        "10-01": "National Day (CN)",
        "10-02": "National Day (CN)",
        "10-03": "National Day (CN)",
    }


def test_the_order_of_rules_changes_nothing(rules: Rules):
    folder = rules("C,KZ,05-09,,yes", "C,RU,05-09,,yes", "D,CN,National Day,3,yes")
    as_written = resolved(folder)
    assert days_of(as_written["C"], 2027) == {"05-09": "9 May (KZ) and 9 May (RU)"}
    head, *body = (folder / "calendars.csv").read_text(encoding="utf-8").splitlines()
    text = "\n".join([head, *reversed(body)])
    (folder / "calendars.csv").write_text(text, encoding="utf-8")
    assert resolved(folder) == as_written


def test_days_in_lieu_count_where_they_are_observed(rules: Rules):
    name = "Victory Day"
    folder = rules(f"IN,KZ,{name},,yes", f"OUT,KZ,{name},,no")
    found = resolved(folder)
    # 9 May 2027 is a Sunday.
    assert days_of(found["IN"], 2027) == {"05-09": f"{name} (KZ)", "05-10": f"{name} (KZ)"}
    assert days_of(found["OUT"], 2027) == {"05-09": f"{name} (KZ)"}


def test_days_that_the_moon_decides_are_told_to_be_estimated(rules: Rules):
    feasts = days_of(resolved(rules("T,TJ,Eid al-Adha,1,no"))["T"], 2027)
    assert feasts == {"05-16": "Eid al-Adha (estimated) (TJ)"}


def test_all_holidays_and_a_fixed_day(rules: Rules):
    folder = rules("ALL,DE,all,,yes", "FIXED,KZ,05-07,,no", "FIXED,KZ,02-29,,no")
    found = resolved(folder, range(2027, 2029))
    assert len(days_of(found["ALL"], 2027)) == 9
    assert days_of(found["ALL"], 2027)["05-17"] == "Pentecost Monday (DE)"
    assert days_of(found["FIXED"], 2027) == {"05-07": "7 May (KZ)"}
    assert days_of(found["FIXED"], 2028) == {"02-29": "29 February (KZ)", "05-07": "7 May (KZ)"}


def test_two_holidays_on_one_day_are_both_named(rules: Rules):
    folder = rules("C,KZ,05-09,,no", "C,KZ,Victory Day,,no", "C,UZ,05-09,,no")
    assert days_of(resolved(folder)["C"], 2027) == {
        "05-09": "9 May (KZ) and Victory Day (KZ) and 9 May (UZ)"
    }


def test_a_calendar_knows_its_years_and_is_as_sure_as_its_weakest_rule(rules: Rules):
    folder = rules("C,KZ,05-09,,no", "C,KZ,05-07,,no")
    path = folder / "calendars.csv"
    path.write_text(
        path.read_text().replace("R0,C,KZ,05-09,,no,invented,D", "R0,C,KZ,05-09,,no,b,A")
    )
    calendar = resolved(folder, season_years(date(2027, 5, 24)))["C"]
    assert (calendar.first, calendar.last) == (date(2026, 1, 1), date(2028, 12, 31))
    assert (calendar.source, calendar.confidence) == ("b; invented", "D")


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [
        ("C,CN,Dragon Bot Festival,1,yes", "holiday", "Dragon Boat Festival"),
        ("C,CN,Victory Day,1,yes", "holiday", "a holiday of CN"),
        ("C,CN,Dragon Boat Festival (observed),1,yes", "holiday", "Dragon Boat Festival"),
        ("C,CN,02-30,,yes", "holiday", "a day that exists"),
        ("C,QQ,all,,yes", "country", "a country the library holidays knows"),
        ("C,CN,all,0,yes", "first_days", "from 1 to 31"),
        ("C,CN,all,,maybe", "observed", "yes or no"),
        ("C D,CN,all,,yes", "calendar_id", "an id of letters"),
    ],
)
def test_a_rule_that_cannot_be_kept_is_refused(rules: Rules, line: str, column: str, expected: str):
    (fault,) = faults(rules(line))
    assert (fault.file, fault.row, fault.column) == ("calendars.csv", 2, column)
    assert expected in fault.expected


def test_a_folder_without_the_file_has_no_calendars(tmp_path: Path):
    sheet = read_calendars_sheet(tmp_path)
    assert sheet.faults == []
    assert calendar_ids(sheet) == frozenset()
    assert calendars(sheet, KNOWN_YEARS) == {}


def test_a_broken_file_is_a_fault(tmp_path: Path):
    (tmp_path / "calendars.csv").write_bytes(b"\xff\xfe\x00")
    assert faults(tmp_path)


def test_the_library_is_loaded_only_when_a_table_is_read():
    words = "import sys, coldchain.scenario, coldchain.audit, coldchain.candidates; "
    words += "import coldchain.tables; print('holidays' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"


def test_rules_without_the_library_do_not_load_it(rules: Rules):
    folder = rules("C,KZ,05-09,,no")
    words = "import sys; from pathlib import Path; "
    words += "from coldchain.tables.holiday_rules import calendars, read_calendars_sheet; "
    words += f"sheet = read_calendars_sheet(Path({str(folder)!r})); "
    words += "calendars(sheet, range(2027, 2028)); print('holidays' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
