"""Days that a text gives relative to its own date: "yesterday", "hôm qua", "on Tuesday" -> calendar days.

Words for days come from CLDR by way of dateparser's tables, names of weekdays from CLDR. A weekday is the last such day
on or before the text's date, and only in a sentence about the past: the words that show this, and those that change the
day ("next", "every"), are in the language's entry. Without them, weekdays are not resolved. Neither are "today", which
mostly means "nowadays", words that may mean two days (Hindi कल) or a time of day (mañana), and days with a date next to
them ("Tuesday, 5 July"). Independent of reports.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

import regex

from rag.language.dates import find_dates
from rag.language.days_of_week import find_weekdays
from rag.language.folding import lower
from rag.language.registry import language_of, locale_of
from rag.language.scripts import UNSPACED_SCRIPTS

# dateparser's keys: "0 day ago", "2 day ago", "in 1 day".
_KEY = re.compile(r"(?:(?P<ago>\d) day ago|in (?P<ahead>\d) day)")
# In Korean particles follow a word.
_SUFFIXED = {"Kore"}
_SENTENCE = re.compile(r"[^.!?…。！？؟।\n]+(?:[.!?…。！？؟।]+|\n|$)")
# A date this near is the day's own, in characters.
_NEAR = 24


class RelativeDay(NamedTuple):
    """`text[start:end]`, offsets in code points, and the day it means."""

    start: int
    end: int
    day: date


def relative_days(text: str, language: str, published: date | None) -> list[RelativeDay]:
    """The relative days of a text in order; `published` is the date of the text; without it there are none.

    `language` is a BCP 47 tag; for an unknown one nothing is found.
    """
    if published is None:
        return []
    code = language_of(language).code
    plain = lower(text, code)
    found = [
        RelativeDay(match.start(), match.end(), published + timedelta(days=offset))
        for match in (_pattern(code).finditer(plain) if _offsets(code) else ())
        if (offset := _offsets(code)[match.group()])
    ]
    for sentence in _SENTENCE.finditer(plain):
        found += _weekday(text, plain, sentence.span(), code, published)
    dates = [one for one in find_dates(text, code) if one.day] if found else []
    return sorted(
        day for day in found if not any(one.start < day.end + _NEAR and day.start - _NEAR < one.end for one in dates)
    )


def _weekday(text: str, plain: str, span: tuple[int, int], code: str, published: date) -> Iterator[RelativeDay]:
    """The weekday of a sentence that names one only and tells the past."""
    words = language_of(code).dates
    if not words.past or not words.not_last:
        return
    low, high = span
    named = [(start + low, end + low, day) for start, end, day in find_weekdays(text[low:high], code, sure=True)]
    if len(named) != 1:
        return
    start, end, day = named[0]
    around, whole = f"{plain[low:start]}#{plain[end:high]}".strip(), plain[low:high]
    if not re.search(words.past, around) or any(re.search(words.not_last, one) for one in (around, whole)):
        return
    yield RelativeDay(start, end, published - timedelta(days=(published.weekday() - day) % 7))


@cache
def _offsets(code: str) -> Mapping[str, int | None]:
    """Words in lower case -> days from today, and 0 or None for what means no certain day but contains such a word."""
    found: dict[str, int | None] = {}
    for key, words in _table(code).get("relative-type", {}).items():
        if match := _KEY.fullmatch(key):
            offset = int(match["ahead"] or 0) - int(match["ago"] or 0)
            for word in words:
                # A word with two meanings has none.
                found[word] = offset if found.get(word, offset) == offset else None
    for word in language_of(code).dates.no_day | _times_of_day(code):
        if word in found or any(one in word for one in found):
            found[word] = None
    return found


@cache
def _times_of_day(code: str) -> frozenset[str]:
    """CLDR's words for parts of a day, of which "Morgen" and "mañana" are days as well."""
    locale = locale_of(code)
    contexts = locale.day_periods.values() if locale else ()
    return frozenset(lower(word, code) for widths in contexts for held in widths.values() for word in held.values())


@cache
def _pattern(code: str) -> regex.Pattern[str]:
    words = "|".join(re.escape(word) for word in sorted(_offsets(code), key=len, reverse=True))
    script = language_of(code).script
    # Vowel signs of Hindi and Arabic marks are no letters, yet parts of the word.
    before = "" if script in UNSPACED_SCRIPTS else r"(?<![\w\p{M}-])"
    after = "" if script in UNSPACED_SCRIPTS | _SUFFIXED else r"(?![\w\p{M}-])"
    return regex.compile(f"{before}(?:{words}){after}")


@cache
def _table(code: str) -> Mapping[str, Any]:
    # Imported when the first such text comes: a tenth of a second.
    try:
        held: Mapping[str, Any] = importlib.import_module(f"dateparser.data.date_translation_data.{code}").info
    except ModuleNotFoundError:
        return {}
    return held
