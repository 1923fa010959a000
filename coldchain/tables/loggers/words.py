"""What the makers of loggers call their columns, in English, Chinese, Russian and German."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """Unit in which a logger writes temperatures."""

    C = "C"
    F = "F"

    @property
    def other(self) -> Unit:
        return Unit.F if self is Unit.C else Unit.C

    def to_c(self, reading: float) -> float:
        """Degrees Celsius of a ``reading`` in this unit.

        Examples
        --------
        >>> Unit.F.to_c(32.0), Unit.F.to_c(77.0), Unit.C.to_c(4.5)
        (0.0, 25.0, 4.5)
        """
        return (reading - 32.0) / 1.8 if self is Unit.F else reading


class Role(StrEnum):
    """What a column holds."""

    DATE = "date"
    TIME = "time"
    MOMENT = "date and time"
    TEMPERATURE = "temperature"
    HUMIDITY = "humidity"


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's label, what it means, and the unit it states."""

    label: str
    role: Role | None
    unit: Unit | None


# A word ending in - is a beginning; Chinese words stand anywhere, as Chinese puts no spaces.
WORDS = {
    Role.DATE: ("date", "datum", "дата", "日期"),
    Role.TIME: ("time", "zeit", "uhrzeit", "время", "时间", "時間"),
    Role.MOMENT: ("datetime", "timestamp", "zeitstempel"),
    Role.TEMPERATURE: ("temp-", "температ-", "温度", "溫度", "celsius", "fahrenheit"),
    Role.HUMIDITY: ("humid-", "rh", "feucht-", "влажн-", "湿度", "濕度"),
}
DERIVED = (
    *("max-", "min", "minimum", "avg", "average", "mean", "high-", "low-", "upper", "alarm-"),
    *("limit-", "set", "setpoint", "dew", "mkt", "elapsed", "duration", "start-", "stop-"),
    *("макс-", "мин", "миним-", "средн-", "росы", "тревог-", "порог-"),
    *("最高", "最低", "平均", "报警", "上限", "下限", "露点", "开始", "结束"),
)
"""Words of columns and lines that are reckoned from readings, or are none."""

LONGEST_LABEL = 120
DEGREE_SIGNS = str.maketrans({"º": "°", "˚": "°"})
CYRILLIC = str.maketrans({"с": "c"})
UNITS = re.compile(
    r"°\s*([cf])(?![a-z])"
    r"|\b(celsius|fahrenheit)\b"
    r"|(?:[(\[,;:/_\s]|^)(?:deg(?:rees?|\.)?\s*)?([cf])\s*(?=[)\],;:_\s]|$)"
)


def folded(text: str) -> str:
    """``text`` as it is compared: one form of each sign, small letters.

    Examples
    --------
    >>> folded("  Temperature（℃）")
    'temperature(°c)'
    """
    return unicodedata.normalize("NFKC", text.translate(DEGREE_SIGNS)).casefold().strip()


def unit_in(text: str) -> Unit | None:
    """The one unit that ``text`` states; None if it states none, or both.

    Examples
    --------
    >>> [unit_in(t) for t in ("Temp (F)", "Температура, °С", "T[°C]", "Temperature", "°C/°F")]
    [<Unit.F: 'F'>, <Unit.C: 'C'>, <Unit.C: 'C'>, None, None]
    """
    # Russian headings write the unit with their own letter, which looks the same.
    found = {
        "".join(groups)[0].upper() for groups in UNITS.findall(folded(text).translate(CYRILLIC))
    }
    return Unit(found.pop()) if len(found) == 1 else None


def heading(label: str) -> Heading:
    """What a column of this ``label`` holds.

    Examples
    --------
    >>> heading("Humidity(%rh)").role, heading("Dew Point(°C)").role, heading("温度(℃)").role
    (<Role.HUMIDITY: 'humidity'>, None, <Role.TEMPERATURE: 'temperature'>)
    """
    if len(label) > LONGEST_LABEL:
        return Heading(label, None, None)
    text = folded(label)
    unit = unit_in(label)
    if _says(text, DERIVED):
        return Heading(label, None, unit)
    said = {role for role, words in WORDS.items() if _says(text, words)}
    if Role.TEMPERATURE in said:
        return Heading(label, Role.TEMPERATURE, unit)
    if Role.HUMIDITY in said:
        return Heading(label, Role.HUMIDITY, None)
    if {Role.DATE, Role.TIME} <= said or Role.MOMENT in said:
        return Heading(label, Role.MOMENT, None)
    if said:
        return Heading(label, said.pop(), None)
    return Heading(label, Role.TEMPERATURE if unit else None, unit)


def _says(text: str, words: tuple[str, ...]) -> bool:
    tokens = re.findall(r"[^\W\d_]+", text)
    return any(
        word in text
        if not word[0].isascii() and unicodedata.name(word[0]).startswith("CJK")
        else any(token.startswith(word[:-1]) for token in tokens)
        if word.endswith("-")
        else word in tokens
        for word in words
    )
