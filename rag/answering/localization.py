"""Words of a report -> the answer in the asker's language, without a language model.

In the report's own language the words stay as they are. Across languages, figures, money, measures and dates are
written in the asker's language (CLDR, through babel), names and codes stay, and other words are quoted with the name of
their language. A dollar stays a dollar: a currency sign in the report is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import regex
from babel import Locale
from babel.dates import format_date, format_skeleton

from rag.language import (
    FoundDate,
    FoundNumber,
    cardinal_alone,
    days_between,
    find_dates,
    find_numbers,
    fold,
    language_of,
    likelihood,
    lower,
    measured,
    multiplies_elsewhere,
    primary_tag,
    reads_words,
    tell_figure,
    tell_number,
    told_in,
    weekdays,
    with_sign,
)

# Words after a figure that it counts, and that the question usually names: "109 modeli". More is kept whole.
COUNTED = 3
# Below this likelihood as words of the language, capitalised words are a name: "Hai Phong" has .10 in English and .00
# in German, "Steering Committee" .63, "Anfang März" .99.
NAME_LIKELIHOOD = 0.4
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SIGN = regex.compile(r"\p{Sc}")
OPENING, CLOSING = "“", "”"


@dataclass(frozen=True, slots=True)
class Told:
    """The short answer; `foreign` if it is the report's words in a language other than the asker's."""

    text: str
    foreign: bool = False


def tell(words: str, written: str, asked: str, text: str = "") -> Told:
    """`words` of a report in the language `written`, for someone who asks in the language `asked` (BCP 47).

    `text` is the report's, by which names are told from other words.
    """
    words = " ".join(words.split())
    if same_language(written, asked):
        return Told(words)
    if plain := tell_value(words, written, asked):
        return Told(plain)
    if is_name(words, written, text):
        return Told(words)
    return Told(words, foreign=True)


def quoted(words: str, written: str, asked: str) -> str:
    """The report's words in quotation marks, with the name of their language in the asker's."""
    return f"{OPENING}{words}{CLOSING} ({language_name(written, asked)})"


def tell_value(words: str, written: str, asked: str) -> str:
    """The words as a date or a figure in the asker's language; empty if they are more than that."""
    dates = [found for found in find_dates(words, written) if found.month or found.year]
    if dates and _little_left(words, [(found.start, found.end) for found in dates]):
        return _tell_dates(words, dates, written, asked)
    figures = find_numbers(words, written)
    if len(figures) != 1 or dates:
        return ""
    figure = figures[0]
    if figure.kind in ("code", "ratio"):
        said = figure.value if figure.kind == "ratio" else words[figure.start : figure.end]
        return said if _little_left(words, [(figure.start, figure.end)]) else ""
    if figure.kind not in ("number", "percent") and not _spells_figure(words, figure, written):
        return ""
    before = _WORD.findall(words[: figure.start])
    after = _WORD.findall(words[figure.end :])
    measure = measured(words, figure, written)
    if after and multiplies_elsewhere(after[0]) and (measure is None or measure.dimension == "money"):
        return ""
    if measure and _is_rate(words[figure.end :], after, written):
        return ""
    if after and words[figure.end : figure.end + 1].isalpha() and not measure:
        return ""  # "3.2xy": letters written on to a figure may be its scale
    # An unknown word may mean millions.
    most = COUNTED if measure or reads_words(written) else 0
    if sign := _SIGN.search(words):
        return with_sign(tell_number(figure, asked), sign.group(), asked) if len(before + after) <= most else ""
    # Turkish writes the word for per cent first.
    if len(before) > (figure.kind == "percent") or len(after) > most:
        return ""
    return tell_figure(figure, measure, asked)


def _spells_figure(words: str, figure: FoundNumber, language: str) -> bool:
    """Whether words that are a number or something else are a number, since they are the whole answer.

    One may be an article, a capital may be a name's ("Tatu"). All 155 such answers of the questions in tests/teaching
    and tests/calibrating are numbers. A unit may follow.
    """
    said, rest = words[figure.start : figure.end], words[figure.end :].split()
    alone = figure.start == 0 and (not rest or len(rest) == 1 and measured(words, figure, language) is not None)
    return alone and said == lower(said, language) and cardinal_alone(said, language) > 1


def _tell_dates(words: str, dates: list[FoundDate], written: str, asked: str) -> str:
    """A date, or the first and the last day of a span; empty for other dates, and where a date was not read whole."""
    for one, next_one in pairwise(dates):
        between = words[one.end : next_one.start].strip()
        if fold(between) not in days_between(written):
            return ""
    for found in dates:
        # Of "03/04/2024", whose order is unknown, only the year is read.
        if found.month is None and len(re.findall(r"\d+", words[found.start : found.end])) > 1:
            return ""
    return "–".join(dict.fromkeys(tell_date(found, asked) for found in dates))


def _is_rate(rest: str, after: list[str], language: str) -> bool:
    """Whether a second unit follows a measure, with a slash or a word between them: "km/h", "Kilometer pro Stunde"."""
    if re.match(r"\s*[^\W\d_]+\s*/", rest):
        return True
    units = [part for word in after[1:] for part in re.split("['’]", word) if len(part) > 2]
    return any(
        found is not None and found.dimension != "money"
        for word in units
        for figure in find_numbers(f"1 {word}", language)[:1]
        for found in [measured(f"1 {word}", figure, language)]
    )


def tell_date(found: FoundDate, language: str) -> str:
    """A date written in the language, with the parts that it has."""
    if found.month is None:
        return str(found.year)
    locale = told_in(language)
    if full := found.full:
        return format_date(full, "long", locale=locale)
    # A day without its year, or a month with or without one.
    day = date(2000 if found.day else found.year or 2000, found.month, found.day or 1)
    return format_skeleton("MMMMd" if found.day else "yMMMM" if found.year else "MMMM", day, locale=locale)


def tell_day(day: date, language: str) -> str:
    """A calendar day written in the language."""
    return format_date(day, "long", locale=told_in(language))


def is_name(words: str, language: str, text: str = "") -> bool:
    """Whether all words are capitalised and a name: unlike ordinary words of the language, or by the report's `text`.

    Never in scripts without case.
    """
    found = _WORD.findall(words)
    long = [word for word in found if len(word) > 3]
    # A figure comes before what it counts, not before a name: in German that has a capital too.
    capital = bool(found) and not words[:1].isdecimal() and all(word[0].isupper() for word in long or found)
    return capital and (
        likelihood(words.lower(), language) < NAME_LIKELIHOOD or _always_capital(words, found, language, text)
    )


def _always_capital(words: str, found: list[str], language: str, text: str) -> bool:
    """Whether two words or more have a capital each, and none of them is in small letters anywhere in the text.

    No sign of a name where every noun has a capital, in a line of capitals, and beside a weekday.
    """
    if len(found) < 2 or not text or words.isupper() or language_of(language).capital_nouns:
        return False
    if not all(word[0].isupper() for word in found) or weekdays(words, language):
        return False
    small = "|".join(re.escape(lower(word, language)) for word in found)
    return not re.search(rf"\b(?:{small})\b", text)


def same_language(one: str, other: str) -> bool:
    """Whether someone who asks in `other` can read `one`: Malay and Indonesian are mutually readable."""
    reader = language_of(other)
    return primary_tag(one) in {reader.code, *reader.understood}


def language_name(tag: str, reader: str) -> str:
    """The name of a language in the language `reader`, in English if that is unknown, else the tag."""
    name = told_in(reader).languages.get(primary_tag(tag)) or Locale("en").languages.get(primary_tag(tag))
    return str(name or tag)


def _little_left(words: str, spans: list[tuple[int, int]]) -> bool:
    """Whether only short words ("am", "no."), and no figure, remain outside these spans."""
    kept = "".join(" " if any(start <= at < end for start, end in spans) else char for at, char in enumerate(words))
    left = _WORD.findall(kept)
    return len(left) <= COUNTED and all(len(word) <= 4 for word in left) and not any(map(str.isdigit, kept))
