"""A draft put right where rules can: dates told in the asker's language, a lost figure, code or name put back.

A small model finds the words that answer more often than it writes the sentence well. What it copied is known exactly,
so a date is told by CLDR's forms (babel) and a figure that the sentence lost is given alone. Nothing here decides
whether the claim is true. Knows text only, no language models.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib import resources

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.lists import format_list

from rag.candidates import candidates
from rag.dates import FoundDate, find_dates
from rag.languages import fold, likelihood
from rag.lexical import starts_sentence
from rag.measures import measured, tell_figure
from rag.models import Article
from rag.numbers import FoundNumber, find_numbers, number_values
from rag.questions import NAME_LIKELIHOOD, Question, asks_for, name_runs, person_runs, place_runs

# Day before month, as reports write; CLDR's plain "en" is American.
_LOCALES = {"en": "en_GB"}
_CAPITAL = r"[^\W\d_a-z]"
_ISO = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")


def reworded(text: str, words: str, quote: str, question: Question, language: str) -> str:
    """The claim `text` with its dates told in the question's language, and with what was asked for in it.

    `words` is what was copied from `quote`, both in `language`.
    """
    if question.language.split("-")[0] != (written := language.split("-")[0]) and (titles := _titles().get(written)):
        # "Yoldaş Nguyen Tien Thanh": the form of address is copied with the name.
        text = titles.sub("", text)
        words = titles.sub("", words)
    text = _redated(text, find_dates(quote, language), question.language, language)
    if question.kind == "date" and words and not _tells_date(text, words, question, language):
        return alone(words, question, language)
    if question.kind in ("number", "code"):
        values = {value for number in _figures(words, question, language) for value in _values(number)}
        # "How many of the 8" is answered by the 7 of "7/8".
        values -= number_values(question.text, question.language)
        if values and not values.intersection(number_values(text, question.language)):
            return alone(words, question, language)
    if question.kind in ("person", "place"):
        runs = [" ".join(word for _, word in run) for run in name_runs(words) if len(run) > 1]
        asked, said = fold(question.text), fold(text).split()
        fresh = [run for run in runs if fold(run) not in asked and likelihood(run.lower(), language) < NAME_LIKELIHOOD]
        if fresh and not any(sum(word in said for word in fold(run).split()) > 1 for run in fresh):
            return fresh[0]
    return text


def says_place(text: str, question: Question, article: Article) -> bool:
    """Whether the claim names a place that the question does not.

    That is one of the report's, two Vietnamese syllables, or else a capitalised word that is no word of the report's or
    the question's language: a body has capitals too ("Steering Committee").
    """
    asked, said = fold(question.text), fold(text)
    if any(fold(place) in said and fold(place) not in asked for place in article.places):
        return True
    if any(fold(text[start:end]) not in asked for start, end in place_runs(text)):
        return True
    words = set(re.findall(r"[^\W\d_]+", asked))
    names = [
        [word for at, word in run if fold(word) not in words and (len(run) > 1 or not starts_sentence(text, at))]
        for run in name_runs(text)
    ]
    tags = question.language, article.language
    return any(
        name and all(likelihood(" ".join(name).lower(), tag) < NAME_LIKELIHOOD for tag in tags) for name in names
    )


def alone(words: str, question: Question, language: str) -> str:
    """The date, person, figure or code in the copied words and nothing else; the words where there is none."""
    if question.kind == "date" and (dates := find_dates(words, language)):
        return "–".join(dict.fromkeys(tell_date(found, question.language) for found in dates))
    if question.kind == "person" and (persons := person_runs(words)):
        return words[slice(*persons[0])]
    figures = _figures(words, question, language)
    return _figure_alone(figures[0], words, question, language) if figures else words


def tell_date(found: FoundDate, language: str) -> str:
    """A date in words of the language, with the parts it has; ISO parts where CLDR does not know the language."""
    if found.month is None:
        return str(found.year)
    locale = _locale(language)
    if full := found.full:
        return format_date(full, "long", locale)
    # A day without its year, or 29 February of another one.
    day = date(2000 if found.day else found.year or 2000, found.month, found.day or 1)
    return format_skeleton("MMMMd" if found.day else "yMMMM" if found.year else "MMMM", day, locale=locale)


def tell_day(day: date, language: str) -> str:
    """A calendar day in words of the language."""
    return format_date(day, "long", _locale(language))


def tell_list(names: Sequence[str], language: str) -> str:
    """Names one after another as the language joins them ("A, B and C")."""
    return format_list(names, locale=_locale(language))


def _redated(text: str, quoted: list[FoundDate], asked: str, written: str) -> str:
    """Dates that stand in the report's language, as ISO or with a wrong month, in the words of the asker's language."""
    source = [found for found in quoted if found.month]
    own = {(found.start, found.end): found for found in find_dates(text, asked) if found.month}
    foreign = {(found.start, found.end): found for found in find_dates(text, written) if found.month}
    spans = dict(own)
    for span, found in foreign.items():
        if not any(span[0] < end and start < span[1] and own[(start, end)].month for start, end in own):
            spans[span] = found
    for (start, end), found in sorted(spans.items(), reverse=True):
        iso = _ISO.search(text[start:end])
        match = next((other for other in source if _same_day(found, other)), None)
        if match is None and (start, end) in own:
            match = next((o for o in source if found.day and o.day == found.day and _year(found, o)), None)
        elif match is not None and (start, end) in own and not iso:
            continue
        if match is not None:
            told = FoundDate(0, 0, match.year or found.year, match.month, match.day)
            # A full stop after a month is taken for its abbreviation's.
            stop = "." if end == len(text) and text[start:end].endswith(".") else ""
            text = text[:start] + tell_date(told, asked) + stop + text[end:]
    return text


def _same_day(found: FoundDate, other: FoundDate) -> bool:
    return (found.month, found.day) == (other.month, other.day) and _year(found, other)


def _year(found: FoundDate, other: FoundDate) -> bool:
    return found.year is None or other.year is None or found.year == other.year


def _tells_date(text: str, words: str, question: Question, language: str) -> bool:
    copied = find_dates(words, language)
    if not copied:
        return bool(number_values(words, language) & number_values(text, question.language))
    told = find_dates(text, question.language)
    enough = all if asks_for("period", question) else any
    return enough(
        any((found.month, found.day) == (other.month, other.day) and _year(found, other) for found in told)
        for other in copied
    )


def _figures(words: str, question: Question, language: str) -> list[FoundNumber]:
    """The figures or codes in the words that may answer."""
    spans = set(candidates(question, words, language) or ())
    return [number for number in find_numbers(words, language) if (number.start, number.end) in spans]


def _values(number: FoundNumber) -> list[str]:
    return [*number.values, *(part for value in number.values if number.kind == "ratio" for part in value.split("/"))]


def _figure_alone(number: FoundNumber, words: str, question: Question, language: str) -> str:
    part, _, whole = number.value.partition("/")
    if number.kind == "ratio":
        asked = number_values(question.text, question.language)
        if whole in asked:
            return part
        if part in asked:
            return whole
    if number.kind in ("code", "ratio"):
        return words[number.start : number.end]
    return tell_figure(number, measured(words, number, language), question.language)


@cache
def _locale(language: str) -> str:
    primary = language.split("-")[0]
    try:
        Locale(primary)
    except (UnknownLocaleError, ValueError):
        return "en_GB"
    return _LOCALES.get(primary, primary)


@cache
def _titles() -> dict[str, re.Pattern[str]]:
    """Forms of address that stand before names, by language; those marked + only before names of three words."""
    held = json.loads((resources.files("rag") / "data" / "titles.json").read_text(encoding="utf-8"))
    made = {}
    for language, titles in held.items():
        words = [title.replace("_", " ") for title in titles.split()]
        sure = "|".join(word for word in words if not word.endswith("+"))
        before_persons = "|".join(word[:-1] for word in words if word.endswith("+")) or "(?!)"
        made[language] = re.compile(
            rf"\b(?:(?:{sure})\.? (?={_CAPITAL})|(?:{before_persons}) (?=(?:{_CAPITAL}\w* ){{2}}{_CAPITAL}))"
        )
    return made
