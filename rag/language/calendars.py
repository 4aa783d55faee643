"""Years and days of other calendars in running text: "令和6年3月5日", "民國113年", "۱۵ فروردین ۱۴۰۳".

Eras and month names come from the language's entry, since babel has the Gregorian calendar alone; jdatetime knows which
day a day of the solar Hijri calendar is. Text is folded, with the digits 0 to 9, as for `dates`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache

from rag.language.folding import fold
from rag.language.registry import DateWords

DAY = r"(?:3[01]|[12]\d|0?[1-9])"
MONTH = r"(?:1[0-2]|0?[1-9])"
# As `dates` reads years without an era: in a claim in another language an older one is a number.
YEARS = range(1900, 2100)
# Years of the solar Hijri calendar, 1921 to 2050: above them are today's years of the lunar one.
_HIJRI_YEAR = r"(?:13\d\d|14[0-2]\d)"
# The first year of an era.
_FIRST = "元"
_ARABIC = str.maketrans("یک", "يك")
Parts = tuple[int, int | None, int | None]


def patterns(words: DateWords) -> list[str]:
    """The forms in which a language writes dates of other calendars, with groups that begin with `era` or `hijri`."""
    made = []
    # Not "50年代", a decade, "3年間", a duration, nor "7年度", a fiscal year.
    if words.eras:
        names = "|".join(re.escape(fold(name)) for name in words.eras)
        made.append(
            rf"(?P<era>{names})\s*(?P<era_y>{_FIRST}|\d{{1,3}})\s*年(?![代間间度])"
            rf"(?:\s*(?P<era_m>{MONTH})\s*月(?:\s*(?P<era_d>{DAY})\s*日)?)?"
        )
    if words.hijri_months:
        names = "|".join(_hijri_months(words.hijri_months))
        made += [
            rf"(?<![\w/.,-])(?P<hijri_d>{DAY})\s+(?P<hijri_m>{names})(?:[\s\u200c]*ماه)?[\s،,]+(?P<hijri_y>{_HIJRI_YEAR})(?![\d/])",
            rf"(?<![\d/.-])(?P<hijri_ny>{_HIJRI_YEAR})(?P<hijri_sep>[-/.])(?P<hijri_nm>{MONTH})(?P=hijri_sep)"
            rf"(?P<hijri_nd>{DAY})(?![\d/-])",
        ]
    return made


def read(got: Mapping[str, str], words: DateWords) -> Parts | None:
    """Year, month and day of the Gregorian calendar that a match's groups tell; None for no such day, or no such year.

    A day of an era has the month and day of today's calendar, as in Japan since 1873 and in Taiwan.
    """
    if "era" in got:
        years = {fold(name): before for name, before in words.eras.items()}
        year = years[got["era"]] + (1 if got["era_y"] == _FIRST else int(got["era_y"]))
        return (year, _number(got.get("era_m")), _number(got.get("era_d"))) if year in YEARS else None
    from jdatetime import date as hijri  # here: it takes a fiftieth of a second, and few texts need it

    year = int(got.get("hijri_y") or got["hijri_ny"])
    month = _hijri_months(words.hijri_months)[got["hijri_m"]] if "hijri_m" in got else int(got["hijri_nm"])
    try:
        day: date = hijri(year, month, int(got.get("hijri_d") or got["hijri_nd"])).togregorian()
    except ValueError:
        return None
    return day.year, day.month, day.day


@cache
def _hijri_months(names: str) -> dict[str, int]:
    numbered = [(name, at) for at, each in enumerate(names.split(), start=1) for name in each.split("|")]
    # Persian letters are often typed on an Arabic keyboard.
    return {fold(form): at for name, at in numbered for form in (name, name.translate(_ARABIC))}


def _number(digits: str | None) -> int | None:
    return int(digits) if digits else None
