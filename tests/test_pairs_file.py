"""Files of measured lives: forms of a spreadsheet are read, faults are told all at once."""

from pathlib import Path

import pytest

from coldchain.errors import DataError, Fault
from coldchain.fitting import DEFAULT_CV, MeasuredLife
from coldchain.tables.pairs_file import read_lives

ROWS = (
    ("temperature_c", "shelf_life_d", "life_sd_d", "life_cv", "censored", "source"),
    ("0", "26", "5.2", "", "", "Холодильник № 1"),
    ("5", "9.5", "", "0.3", "no", "冷库"),
    ("10", "7.4", "", "", "yes", "Холодильник № 1"),
)


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "lives.csv"
    path.write_bytes(text.encode(encoding))
    return path


def faults(path: Path) -> tuple[Fault, ...]:
    with pytest.raises(DataError) as caught:
        read_lives(path)
    return caught.value.faults


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_forms_of_a_spreadsheet_are_read(tmp_path: Path, delimiter: str, encoding: str, end: str):
    text = end.join(delimiter.join(row) for row in ROWS) + end
    read = read_lives(written(tmp_path, text, encoding))
    assert read.lives == (
        MeasuredLife(temperature_c=0, life_d=26, cv=0.2),
        MeasuredLife(temperature_c=5, life_d=9.5, cv=0.3),
        MeasuredLife(temperature_c=10, life_d=7.4, cv=DEFAULT_CV, outlived=True),
    )
    assert read.sources == ("Холодильник № 1", "冷库")


def test_two_columns_are_enough_and_temperatures_may_come_again(tmp_path: Path):
    read = read_lives(written(tmp_path, "shelf_life_d,temperature_c\n26,0\n24,0\n"))
    assert [life.life_d for life in read.lives] == [26, 24]
    assert read.sources == ()


@pytest.mark.parametrize(("encoding", "named"), [("cp1251", "Windows-1251"), ("gb18030", "GBK")])
def test_the_encodings_of_an_old_excel_are_refused_with_the_remedy(
    tmp_path: Path, encoding: str, named: str
):
    text = "temperature_c;shelf_life_d;source\n0;26;" + (
        "склад" if encoding == "cp1251" else "冷库"
    )
    [fault] = faults(written(tmp_path, text, encoding))
    assert named in fault.expected
    assert "CSV UTF-8" in fault.expected


def test_every_fault_is_told_with_its_place(tmp_path: Path):
    header = "temperature_c;shelf_life_d;life_sd_d;life_cv;censored\n"
    text = f"{header}0;26,5;;;\n5 °C;9;;;ja\n10;7;1;0.2;\n99;0;20;;\n"
    found = [(f.row, f.column, f.value) for f in faults(written(tmp_path, text))]
    assert found == [
        (2, "shelf_life_d", "26,5"),
        (3, "temperature_c", "5 °C"),
        (3, "censored", "ja"),
        (5, "temperature_c", "99"),
        (5, "shelf_life_d", "0"),
        (4, "life_cv", "0.2"),
    ]


def test_a_decimal_comma_is_shown_with_its_point(tmp_path: Path):
    [fault] = faults(written(tmp_path, "temperature_c;shelf_life_d\n0;26,5\n"))
    assert "26.5" in fault.expected


@pytest.mark.parametrize("spread", ["0.1", "27"])
def test_a_spread_of_another_size_than_the_life_is_refused(tmp_path: Path, spread: str):
    text = f"temperature_c,shelf_life_d,life_sd_d\n0,26,{spread}\n"
    [fault] = faults(written(tmp_path, text))
    assert (fault.column, fault.expected[:16]) == ("life_sd_d", "from 0.26 to 26:")


def test_a_column_that_is_lacking_or_unknown_is_named(tmp_path: Path):
    told = [f.expected for f in faults(written(tmp_path, "temperature_c,shelf_life\n0,26\n"))]
    assert any("nearest: shelf_life_d" in words for words in told)
    assert any(words.startswith("a column 'shelf_life_d'") for words in told)


def test_a_header_alone_is_refused(tmp_path: Path):
    [fault] = faults(written(tmp_path, "temperature_c,shelf_life_d\n"))
    assert fault.expected.startswith("at least one row")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path):
    [fault] = faults(tmp_path / "none.csv")
    assert fault.file == "none.csv"
