"""One cell of text to one value, or the words for what was expected instead.

Nothing is guessed and nothing clamped: ``1,400`` may be 1400 or 1.4 and ``01.06.2026`` may be
June or January, so both are refused with both readings shown.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from coldchain.columns import Column, Kind
from coldchain.network import Season

MAX_CELL = 2000

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(10))]
)
NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
INTEGER = re.compile(r"-?[0-9]{1,15}")
THOUSANDS = re.compile(r"-?[0-9]{1,3}([.,'’   ])[0-9]{3}(\1[0-9]{3})*([.,][0-9]+)?")
COMMA = re.compile(r"-?[0-9]+,[0-9]+")
WITH_UNIT = re.compile(
    r"-?[0-9]+([.,][0-9]+)?\s*[^\W\d_°%][\w°%/]*|-?[0-9]+([.,][0-9]+)?\s*[°%]\w*"
)
DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
OTHER_DATE = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4}|[0-9]{2})")
CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
LOCAL = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]((?:[01][0-9]|2[0-3]):[0-5][0-9])(?::00)?"
    r"(Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])?"
)
DAYS = re.compile(r"[1-7](-[1-7])?(;[1-7](-[1-7])?)*")
SEASON = re.compile(r"([0-9]{2})-([0-9]{2})\.\.([0-9]{2})-([0-9]{2})")

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)


class Refused(Exception):
    """A cell that cannot be used; its text says what was expected."""


def nearest(name: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """``"; nearest: a, b"`` for a message, or ``otherwise``."""
    # Names come from files too, and a message must not carry control characters to a terminal.
    names = sorted(name for name in known if name.isprintable())
    near = [n for n in names if n.casefold() == name.casefold()]
    near = near or difflib.get_close_matches(name[:80], names, n=3, cutoff=0.5)
    if not near and len(names) <= 12:
        near = names
    return f"; nearest: {', '.join(near)}" if near else otherwise


def odd_character(text: str) -> str | None:
    """Name of the first character that must not be in any cell, None if there is none.

    Control characters carry terminal escapes and line breaks, format characters reverse the
    direction of text or hide in it, surrogates cannot be written out again.
    """
    if text.isascii() and text.isprintable():
        return None
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"):
            return f"U+{ord(character):04X} {unicodedata.name(character, 'control character')}"
    return None


def parse(column: Column, text: str) -> object:
    """Value of a filled cell.

    References and local times need other tables: a reference is returned as the id it is, a
    local time as ``(naive datetime, None)`` or ``(naive datetime, offset)``.

    Raises
    ------
    Refused
        With what was expected.
    """
    if len(text) > MAX_CELL:
        raise Refused(f"at most {MAX_CELL} characters")
    odd = odd_character(text)
    if odd:
        raise Refused(f"text without {odd}")
    return PARSERS[column.kind](column, text)


def check_range(column: Column, number: float) -> None:
    """Refuse ``number`` outside the column's range."""
    low, high = column.minimum, column.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        raise Refused(f"a number {column.range_words}")


def _id(column: Column, text: str) -> str:
    if not ID.fullmatch(text):
        raise Refused(
            "an id of letters A-Z, digits, '.', '_', '-', at most 64, not beginning with a sign"
        )
    if text.endswith("."):
        raise Refused("an id that does not end in '.'")
    if text.split(".", maxsplit=1)[0].lower() in DEVICES:
        raise Refused("an id other than a device name of Windows")
    return text


def _text(column: Column, text: str) -> str:
    return text


def _code(column: Column, text: str) -> str:
    if not re.fullmatch(column.pattern, text, re.ASCII):
        hint = ""
        if column.name == "hs6" and re.fullmatch(r"[0-9]{5}", text):
            hint = "; a spreadsheet has dropped the leading 0: format the column as text"
        raise Refused(f"{column.pattern_words.replace('`', '')}{hint}")
    return text


def _number(column: Column, text: str) -> float:
    whole = column.kind is Kind.INTEGER
    if not (INTEGER if whole else NUMBER).fullmatch(text):
        raise Refused(_number_words(column, text))
    number = int(text) if whole else float(text) + 0.0  # + 0.0 makes -0 a plain 0
    check_range(column, number)
    return number


def _number_words(column: Column, text: str) -> str:
    kind = "a whole number" if column.kind is Kind.INTEGER else "a number"
    words = f"{kind} {column.range_words}".strip()
    if THOUSANDS.fullmatch(text):
        digits = re.sub(r"[^0-9-]", "", text)
        point = re.sub(r"[,'’   ]", ".", text)
        if NUMBER.fullmatch(point):
            return f"{words}; looks like {digits} or {float(point):g}? Write it without separators"
        return f"{words}, without thousands separators"
    if COMMA.fullmatch(text):
        return f"{words}, with a decimal point: {text.replace(',', '.')}?"
    if text.strip().lower().lstrip("+-") in ("nan", "inf", "infinity", "na", "n/a", "#n/a", "null"):
        return f"{words}; leave the cell blank if nothing is known and the column allows it"
    if not text.isascii() and any(c.isnumeric() for c in text):
        return f"{words}, in digits 0-9"
    if text != text.strip():
        return f"{words}, without spaces"
    if WITH_UNIT.fullmatch(text):
        return f"{words}; the number alone" + (f", in {column.unit}" if column.unit else "")
    return f"{words}, in plain digits"


def _choice(column: Column, text: str) -> str:
    if text not in column.allowed:
        near = difflib.get_close_matches(text.lower(), column.allowed, n=1, cutoff=0.6)
        hint = f"; nearest: {near[0]}" if near else ""
        raise Refused(f"one of {', '.join(column.allowed)}{hint}")
    return text


def _yes_no(column: Column, text: str) -> bool:
    if text not in ("yes", "no"):
        raise Refused("yes or no")
    return text == "yes"


def _date(column: Column, text: str) -> date:
    found = DATE.fullmatch(text)
    if not found:
        raise Refused(f"a date such as 2027-05-24{_date_hint(text)}")
    return _day(text)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Refused("a day that exists in the calendar") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise Refused(f"a day from {FIRST_DAY} to {LAST_DAY}")
    return day


def _date_hint(text: str) -> str:
    found = OTHER_DATE.match(text)
    if not found:
        return ""
    one, two, year = (int(part) for part in found.groups())
    year = year + 2000 if year < 100 else year
    readings: list[str] = []
    for day, month in ((one, two), (two, one)):
        try:
            reading = date(year, month, day).isoformat()
        except ValueError:
            continue
        if reading not in readings:
            readings.append(reading)
    return f"; is it {' or '.join(readings)}?" if readings else ""


def _local(column: Column, text: str) -> tuple[datetime, timedelta | None]:
    found = LOCAL.fullmatch(text)
    if not found:
        raise Refused(f"a local time such as 2027-05-24T06:30{_date_hint(text)}")
    day, clock, offset = found.groups()
    at = datetime.combine(_day(day), time.fromisoformat(clock))
    if offset is None:
        return at, None
    if offset == "Z":
        return at, timedelta(0)
    sign = -1 if offset[0] == "-" else 1
    return at, sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[4:6]))


def instant(at: datetime, offset: timedelta | None, zone: str) -> datetime:
    """The instant, in UTC, at which the clock in ``zone`` (or at ``offset``) shows ``at``.

    Raises
    ------
    Refused
        If the clock was put forward past ``at``, or back so that it showed ``at`` twice.
    """
    if offset is not None:
        return at.replace(tzinfo=timezone(offset)).astimezone(UTC)
    there = ZoneInfo(zone)
    first, second = at.replace(tzinfo=there), at.replace(tzinfo=there, fold=1)
    if first.utcoffset() != second.utcoffset():
        back = first.astimezone(UTC).astimezone(there).replace(tzinfo=None)
        if back != at:
            raise Refused(f"a time that exists in {zone}; the clock is put forward past it")
        offsets = " or ".join(_offset_words(x) for x in (first, second))
        raise Refused(f"a time that {zone} has once; the clock is put back, so add {offsets}")
    return first.astimezone(UTC)


def _offset_words(at: datetime) -> str:
    return at.isoformat()[-6:]


def _clock(text: str) -> time:
    if not CLOCK.fullmatch(text):
        raise Refused("times such as 08:00 or 06:00;18:00, from 00:00 to 23:59")
    return time.fromisoformat(text)


def _times(column: Column, text: str) -> tuple[time, ...]:
    times = tuple(_clock(part) for part in text.split(";"))
    if len(set(times)) != len(times):
        raise Refused("each time once")
    return tuple(sorted(times))


def _hours(column: Column, text: str) -> tuple[time, time]:
    if text == "24h":
        return time(0, 0), time(0, 0)
    opens, dash, closes = text.partition("-")
    if not dash or not CLOCK.fullmatch(opens) or not CLOCK.fullmatch(closes):
        raise Refused("24h or hours such as 08:00-17:00")
    span = time.fromisoformat(opens), time.fromisoformat(closes)
    if span == (time(0, 0), time(0, 0)):
        raise Refused("24h for the whole day")
    if span[0] >= span[1] != time(0, 0):
        raise Refused(
            "opening hours within one day: it must close after it opens (00:00 is midnight)"
        )
    return span


def _days(column: Column, text: str) -> frozenset[int]:
    if not DAYS.fullmatch(text):
        raise Refused("ISO weekdays such as 1-7, 1-5 or 2;5 (Monday is 1)")
    days: list[int] = []
    for part in text.split(";"):
        first, _, last = part.partition("-")
        span = range(int(first), int(last or first) + 1)
        if not span:
            raise Refused("weekdays in order: 5-7;1 instead of 5-1")
        days += span
    if len(set(days)) != len(days):
        raise Refused("each weekday once")
    return frozenset(days)


def _season(column: Column, text: str) -> Season | None:
    if text == "all":
        return None
    found = SEASON.fullmatch(text)
    if not found:
        raise Refused("all or a season such as 05-01..11-30 (month-day)")
    first_month, first_day, last_month, last_day = (int(part) for part in found.groups())
    try:
        # 2028 is a leap year, so that 02-29 may begin or end a season.
        for month, day in ((first_month, first_day), (last_month, last_day)):
            date(2028, month, day)
    except ValueError:
        raise Refused("a season of days that exist in the calendar") from None
    return Season(first=(first_month, first_day), last=(last_month, last_day))


def _zone(column: Column, text: str) -> str:
    try:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)+", text):
            raise ValueError
        ZoneInfo(text)
    except (ValueError, OSError, LookupError):
        raise Refused("an IANA time zone such as Asia/Dushanbe") from None
    return text


def _equipment(column: Column, text: str) -> frozenset[str]:
    if text == "any":
        return frozenset()
    names = text.split(";")
    if len(set(names)) != len(names):
        raise Refused("each kind of load unit once")
    return frozenset(_id(column, name) for name in names)


def _keys(column: Column, text: str) -> frozenset[str]:
    names = text.split(";")
    if len(set(names)) != len(names):
        raise Refused("each id once")
    return frozenset(_id(column, name) for name in names)


PARSERS: Mapping[Kind, Callable[[Column, str], object]] = {
    Kind.ID: _id,
    Kind.TEXT: _text,
    Kind.CODE: _code,
    Kind.NUMBER: _number,
    Kind.INTEGER: _number,
    Kind.CHOICE: _choice,
    Kind.YES_NO: _yes_no,
    Kind.DATE: _date,
    Kind.LOCAL: _local,
    Kind.TIMES: _times,
    Kind.HOURS: _hours,
    Kind.DAYS: _days,
    Kind.SEASON: _season,
    Kind.ZONE: _zone,
    Kind.EQUIPMENT: _equipment,
    Kind.KEYS: _keys,
}
"""Parser of each kind of cell."""
