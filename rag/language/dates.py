"""Dates in running text: where they are, and which of them dates the report.

Month names and the order of year, month and day come from CLDR (babel); case forms and small words that CLDR lacks
come from the language's entry, other calendars from `calendars`. On news sentences in 35 languages it finds more dates
than dateparser's search, and none where there is none (docs/experiments.md). Independent of reports and questions.
Relative days ("yesterday") are read by `relative_days`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from rag.language import calendars
from rag.language.folding import fold
from rag.language.registry import (
    Language,
    date_words,
    entries,
    joining_words,
    language_of,
    locale_of,
    regional_months,
)

_LEAD_CHARS = 1000
_LEAD_SENTENCES = 3
_BODY_CHARS = 100_000
# A day this many years ago dates a report only where at most so many characters of its line stand before it.
_OLD_YEARS, _HEAD_CHARS = 20, 40
# A year that is told elsewhere is the one before it in the last months ("tasks for 2024" in December 2023).
_LATE, _EARLY = 10, 3
# Letters up to which a month's name of some countries alone is read with a year only.
_BRIEF = 3
# CLDR's names for the forms that a date is written in.
_SKELETONS = ("yMMMMd", "yMMMd", "yMMMM", "yMMM", "MMMMd", "MMMd")


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date as written: `text[start:end]`, offsets in code points; missing parts are None."""

    start: int
    end: int
    year: int | None
    month: int | None
    day: int | None

    @property
    def full(self) -> date | None:
        """The calendar day, if all three parts are given."""
        if self.year and self.month and self.day:
            return _day(self.year, self.month, self.day)
        return None


def find_dates(text: str, language: str) -> list[FoundDate]:
    """All dates of the text in order, without overlap: days, months with a year, and bare years 1900 to 2099.

    `language` is a BCP 47 tag; for a language not in CLDR, only numeric dates are found. Fractions (7/8) and
    codes (43-NQ/TW, 12/2024/QH15) are not dates. A range of days or years gives both ends.
    """
    pattern = _pattern(language_of(language).code)
    found: list[FoundDate] = []
    for match in pattern.regex.finditer(_plain(text)):
        found.extend(_read(match, text, pattern))
    return found


def published(text: str, language: str) -> date | None:
    """The date of the event or of publication according to the text, or None.

    It is the first day with a month in the first three sentences; the year comes from the same expression, else from
    the year that the text speaks of most. Dates of documents ("No. 08, dated 5 July 2023") are skipped, and so are
    dates long past in mid-sentence ("founded on 3 June 1902").
    """
    lead_end = _lead_end(text)
    for found in find_dates(text[:lead_end], language):
        if found.day is None or found.month is None or _is_document(text, found):
            continue
        if found.year:
            day = found.full
            if day and not _long_ago(day, text[: found.start]):
                return day
            continue
        month = found.month
        year = _told_year(text[:lead_end], language, month) or _told_year(text[:_BODY_CHARS], language, month)
        if year and (day := _day(year, found.month, found.day)):
            return day
    return None


def _long_ago(day: date, before: str) -> bool:
    """Whether a day in mid-sentence is too old to be the report's: it then dates a founding, a birth, a war."""
    line = before.rpartition("\n")[2]
    return len(line.strip()) > _HEAD_CHARS and day.year < date.today().year - _OLD_YEARS


def url_date(url: str | None) -> date | None:
    """The day in an address such as `.../2024/07/05/...` or `.../d20240705153551198.htm`."""
    for match in _URL_DATE.finditer(url or ""):
        if day := _day(*(int(part) for part in match.group(1, 3, 4))):
            return day
    return None


@dataclass(frozen=True, slots=True)
class _Pattern:
    regex: re.Pattern[str]
    months: dict[str, int]
    month_first: bool
    language: Language


_YEAR = r"(?:19|20)\d\d"
# The first two digits of years from 1900 to 2099 where they are counted from the Buddha's death.
_BUDDHIST, _BUDDHIST_YEAR = 543, r"2[4-6]\d\d"
_DAY, _MONTH = calendars.DAY, calendars.MONTH
_URL_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)([-/_]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?=\D|\d{6}|$)")
_NUMERIC = (
    rf"(?<![\d/.-])(?P<iso_y>{_YEAR})(?P<iso_sep>[-/.])(?P<iso_m>{_MONTH})(?P=iso_sep)(?P<iso_d>{_DAY})(?![\d/-])",
    rf"(?<![\d/.,-])(?P<num_a>\d{{1,2}})(?P<num_sep>[./-])\s?(?P<num_b>\d{{1,2}})(?P=num_sep)\s?(?P<num_y>{_YEAR})"
    r"(?![\d/-]|[.,]\d)",
)
_BARE = (
    rf"(?<![\w/.,$€£₫-])(?P<from_y>{_YEAR})\s?[-–—/]\s?(?P<to_y>{_YEAR})(?![\w/%-]|[.,]\d)",
    rf"(?<![\w/.,$€£₫-])(?P<bare_y>{_YEAR})(?![\w/%]|-\w|[.,]\d|\s?[€$₫])",
)


def _plain(text: str) -> str:
    """Folded, and the digits of every script as 0 to 9; offsets stay."""
    folded = fold(text)
    if folded.isascii():
        return folded
    return "".join(str(unicodedata.digit(char, char)) if char.isdecimal() else char for char in folded)


@cache
def _pattern(code: str) -> _Pattern:
    language = language_of(code)
    words = language.dates
    months = _month_names(language)
    month_first = _month_before_day(language)
    year = f"{_YEAR}|{_BUDDHIST_YEAR}" if words.buddhist_years else _YEAR
    parts = [*calendars.patterns(words), *_NUMERIC, *_as_in_cldr(language, year)]
    # "3월" is a number with a word: read as CLDR writes it.
    named = [name for name in months if not name[0].isdigit()]
    if named:
        name = "|".join(re.escape(m).replace(r"\ ", r"\s+") for m in sorted(named, key=len, reverse=True))
        # In the Levant a month has two names: "شباط/فبراير".
        month = rf"{words.before_month}(?P<@_m>{name}){words.suffix}(?!\w)\.?(?:/(?:{name})(?!\w))?"
        # A year with a word grown on to it is one where letters are not ours: "2021న".
        told_year = rf"{words.before_year}(?P<@_y>{year})(?![0-9A-Za-z_]|[.,]\d)"
        first = rf"(?:(?P<@_from>{_DAY})\.?(?:st|nd|rd|th)?\s*(?:{_between()})\s*)?"
        forms = {
            "dm": rf"(?<![\w/.,-]){words.before_day}{first}(?P<@_d>{_DAY}){words.after_day}\s*(?<!\w){month}"
            rf"(?:{told_year})?",
            "my": rf"(?<!\w){month}{told_year}",
            "ym": rf"(?<![\w/.,-])(?P<@_y>{year})(?:\s+(?:{words.year}))?\s+{month}",
        }
        # "May 19, 2024" is written in many languages where the day comes first otherwise; without a year it is not.
        with_year = rf"(?:{told_year})?" if month_first else told_year
        forms["md"] = rf"(?<!\w){month}\s+{first}(?P<@_d>{_DAY})(?:st|nd|rd|th)?(?![\w/%]|[.,]\d|-\d){with_year}"
        parts += [form.replace("@", kind) for kind, form in forms.items()]
    if words.unyeared:
        parts.append(words.unyeared.replace("DAY", _DAY).replace("MONTH", _MONTH))
    return _Pattern(re.compile("|".join([*parts, *_BARE])), months, month_first, language)


def _as_in_cldr(language: Language, year: str) -> list[str]:
    """The forms in which CLDR writes a language's dates: "2021年3月5日", "5 de xullo de 2021", "5 جولائی، 2021"."""
    locale = language.locale
    if not locale:
        return []
    held = [locale.date_formats[length].pattern for length in ("long", "full", "medium")]
    if held[0].startswith("y"):
        # Where the year comes first, no form of ours reads a day or a month without it.
        held += [locale.datetime_skeletons[name].pattern for name in _SKELETONS if name in locale.datetime_skeletons]
    eras = {fold(name) for names in locale.eras.values() for name in names.values()}
    era = "|".join(re.escape(name) for name in sorted(eras, key=len, reverse=True))
    names = "|".join(re.escape(name) for name in sorted(_month_names(language), key=len, reverse=True))
    made: dict[str, str] = {}
    for pattern in held:
        fields = [match.span() for match in _CLDR_FIELD.finditer(pattern) if match[2]]
        # Without the weekday that stands before or behind.
        core = pattern[fields[0][0] :] if fields[-1][1] == len(pattern) else pattern[fields[0][0] : fields[-1][1] + 1]
        core = core.rstrip("', ") if core.count("'") % 2 else core
        if core not in made and "E" not in core and not _IN_FIGURES.fullmatch(core):
            made[core] = _as_pattern(core, len(made), year, names, era, language)
    # "COP28 December": a figure that letters stand on is none of a date, but where words are written on to figures.
    return [rf"(?<![0-9{_APART}/.,-]){form}(?![0-9])" for form in made.values()]


# Letters of Latin, Greek and Cyrillic, inside a character class: their scripts write no word on to a day or a month.
_APART = r"A-Za-z_\u0370-\u052f"
# A quoted text, a year, month or day, an era, anything else.
_CLDR_FIELD = re.compile(r"'([^']*)'|(y+|[ML]+|d+)|(G+)|([^yMLdG'])")
# A form that has figures and usual marks only is read by `_NUMERIC`, which knows whose month comes first.
_IN_FIGURES = re.compile(r"[dMLy]{1,4}([./-])\s?[dML]{1,2}\1\s?[dMLy]{1,4}")


def _as_pattern(form: str, place: int, year: str, names: str, era: str, language: Language) -> str:
    made = ""
    for literal, field, epoch, other in _CLDR_FIELD.findall(form):
        if field:
            kind = field[0].replace("L", "M").lower()
            inner = {"y": year, "d": _DAY, "m": names if len(field) > 2 and names else _MONTH}[kind]
            word = kind == "m" and len(field) > 2
            made += rf"(?P<c{place}_{kind}>{inner})" + (language.dates.suffix + r"\.?" if word else "")
        elif epoch:
            made += rf"(?:{era})?\s*"
        else:
            told = re.escape(fold(literal or other))
            made += r"\s*" if (literal or other).isspace() else rf"(?:{told})?" if other in (".", ",") else told
    return made


@cache
def days_between(language: str) -> frozenset[str]:
    """What stands between the first and the last day of a span in the language: dashes and "to", folded; no "and"."""
    words = {*date_words(language).between.split("|")} - {""} - {fold(word) for word in joining_words(language)}
    return frozenset(["-", "–", "—", *words])


@cache
def _between() -> str:
    """What stands between the first and the last day of some, in any language."""
    words = {word for code in entries() for word in date_words(code).between.split("|")} - {""}
    return "|".join(["-", "–", "—", *sorted(words)])


@cache
def _month_names(language: Language) -> dict[str, int]:
    """Folded name, in every form known, to the month's number."""
    names: dict[str, int] = {}
    for tag in (language.code, language.dates.months_of):
        locale = locale_of(tag)
        if locale is None:
            continue
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in locale.months[context][width].items():
                    names.setdefault(fold(name).rstrip("."), number)
        for number, name in regional_months(tag):
            names.setdefault(fold(name).rstrip("."), number)
        for number, forms in language_of(tag).dates.months.items():
            names.update(dict.fromkeys(forms.split(), int(number)))
    return {name: number for name, number in names.items() if any(map(str.isalpha, name))}


@cache
def _brief_names(language: Language) -> frozenset[str]:
    """Month names of some countries alone that may be other words: "می" is May in Kabul, and begins many a verb."""
    months = language.locale.months["format"] if language.locale else {}
    own = {fold(name).rstrip(".") for width in ("wide", "abbreviated") for name in months.get(width, {}).values()}
    told = {fold(name).rstrip(".") for _, name in regional_months(language.code)}
    return frozenset(name for name in told if len(name) <= _BRIEF) - own


def _month_before_day(language: Language) -> bool:
    locale = locale_of(language.code)
    short = locale.date_formats["short"].pattern if locale else "d/M/y"
    return short.find("M") < short.find("d") and not short.startswith("y")


def _read(match: re.Match[str], text: str, pattern: _Pattern) -> Iterator[FoundDate]:
    got = {name: value for name, value in match.groupdict().items() if value is not None}
    start, end = match.span()
    if any(name.startswith(("era", "hijri")) for name in got):
        if told := calendars.read(got, pattern.language.dates):
            yield from _of_parts(start, end, *told)
    elif cldr := {name.partition("_")[2]: value for name, value in got.items() if re.match(r"c\d_", name)}:
        yield from _as_written(start, end, cldr, pattern)
    elif "bare_y" in got:
        yield FoundDate(start, end, int(got["bare_y"]), None, None)
    elif "from_y" in got:
        for side in ("from_y", "to_y"):
            yield FoundDate(*match.span(side), int(got[side]), None, None)
    elif "iso_y" in got:
        yield from _checked(start, end, int(got["iso_y"]), int(got["iso_m"]), int(got["iso_d"]))
    elif "num_y" in got:
        first, second = int(got["num_a"]), int(got["num_b"])
        # Nobody writes the month first before a full stop.
        month_first = pattern.month_first and got["num_sep"] != "."
        if month_first and pattern.language.code == "en" and first <= 12 and second <= 12 and first != second:
            # Which it is depends on the country, and the language does not tell it.
            yield FoundDate(start, end, int(got["num_y"]), None, None)
            return
        swap = (month_first and first <= 12) or second > 12
        month, day = (first, second) if swap else (second, first)
        yield from _checked(start, end, int(got["num_y"]), month, day)
    elif "un_d" in got:
        yield from _checked(match.start("un_d"), end, None, int(got["un_m"]), int(got["un_d"]))
    else:
        yield from _named(match, got, text, pattern)


def _as_written(start: int, end: int, got: dict[str, str], pattern: _Pattern) -> Iterator[FoundDate]:
    year = _year(got["y"]) if "y" in got else None
    told = re.sub(r"\s+", " ", got["m"])
    month = int(told) if told.isdigit() else pattern.months[told]
    if "d" in got:
        yield from _checked(start, end, year, month, int(got["d"]))
    elif year:
        yield FoundDate(start, end, year, month, None)


def _year(digits: str) -> int:
    year = int(digits)
    return year - _BUDDHIST if year >= 2400 else year


def _named(match: re.Match[str], got: dict[str, str], text: str, pattern: _Pattern) -> Iterator[FoundDate]:
    kind = next(kind for kind in ("dm", "md", "my", "ym") if f"{kind}_m" in got)
    name = re.sub(r"\s+", " ", got[f"{kind}_m"])
    year = _year(got[f"{kind}_y"]) if f"{kind}_y" in got else None
    at = match.start(f"{kind}_m")
    if year is None and text[at].islower() and name in pattern.language.dates.ambiguous:
        return
    if year is None and name in _brief_names(pattern.language):
        return
    month = pattern.months[name]
    if f"{kind}_d" not in got:
        yield FoundDate(*match.span(), year, month, None)
        return
    start, end = match.span()
    if f"{kind}_from" in got:
        # "2-24 May": the month belongs to the last day; "May 2-24": to the first.
        low, high = match.span(f"{kind}_from")
        yield from _checked(low if kind == "dm" else start, high, year, month, int(got[f"{kind}_from"]))
        start = match.start(f"{kind}_d")
    yield from _checked(start, end, year, month, int(got[f"{kind}_d"]))


def _of_parts(start: int, end: int, year: int, month: int | None, day: int | None) -> Iterator[FoundDate]:
    if month and day:
        yield from _checked(start, end, year, month, day)
    else:
        yield FoundDate(start, end, year, month, None)


def _checked(start: int, end: int, year: int | None, month: int, day: int) -> Iterator[FoundDate]:
    # 2024 is a leap year: 29 February stands where the year is not told.
    if _day(year or 2024, month, day):
        yield FoundDate(start, end, year, month, day)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


# No blank follows the full-width marks; those of Hindi, Arabic and Urdu end nothing but a sentence.
_SENTENCE_END = re.compile(r"(?<=[^\W\d])[.!?…]+[\"”“»'’)]*\s|[。！？।؟۔]+[”’」』）)]*|\n")


def _lead_end(text: str) -> int:
    ends = _SENTENCE_END.finditer(text[:_LEAD_CHARS])
    stops = [match.end() for match in ends if text[match.start() - 1 : match.start()].strip()]
    return stops[_LEAD_SENTENCES - 1] if len(stops) >= _LEAD_SENTENCES else _LEAD_CHARS


def _is_document(text: str, found: FoundDate) -> bool:
    before = fold(text[max(0, found.start - 24) : found.start])
    after = fold(text[found.end : found.end + 12])
    marks = _document_marks()
    return bool(re.search(rf"\b(?:{marks[0]})\s+$", before) or re.match(rf"\s+(?:{marks[1]})\b", after))


@cache
def _document_marks() -> tuple[str, str]:
    """What marks the date of a document in any language, before it and behind it."""
    held = [date_words(code) for code in entries()]
    before, after = (
        [words for words in told if words]
        for told in ([d.document_before for d in held], [d.document_after for d in held])
    )
    return "|".join(before), "|".join(after)


def _told_year(text: str, language: str, month: int) -> int | None:
    """The year that the text speaks of most, but for those long past or to come, and one in a range (2021-2025)."""
    dates = find_dates(text, language)
    today = date.today().year
    years = Counter(
        found.year
        for at, found in enumerate(dates)
        if found.year
        and today - _OLD_YEARS <= found.year <= today + 1
        and found.day is None
        and not _in_range(text, dates, at)
    )
    if not years:
        return None
    year = max(years, key=lambda told: (years[told], -next(i for i, f in enumerate(dates) if f.year == told)))
    if month >= _LATE and year - 1 in years:
        return year - 1
    if month <= _EARLY and year + 1 in years:
        return year + 1
    return year


def _in_range(text: str, dates: list[FoundDate], at: int) -> bool:
    gaps = [(dates[i].end, dates[i + 1].start) for i in (at - 1, at) if 0 <= i < len(dates) - 1]
    return any(re.fullmatch(r"\s?[-–—/]\s?", text[start:end]) for start, end in gaps)
