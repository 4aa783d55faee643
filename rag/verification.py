"""Claim + quote -> supported, weak or unsupported, by rules and without a model.

What a claim says in figures, dates, codes and names must stand in its quote (names also in the report, years also in
the report's date), in whatever language and spelling; what the question pins down (place, person, year, code) must
stand in the report; a question for a number, a date or a person must get one that the quote holds. A claim with
nothing that rules can check is weak. This module knows nothing of how claims are made.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise

from rag.dates import FoundDate, find_dates, weekdays
from rag.languages import detect, fold, likelihood
from rag.lexical import starts_sentence
from rag.models import Article, Passage, Support
from rag.numbers import find_numbers, number_values
from rag.questions import GERMAN_NAME_LIKELIHOOD, NAME_LIKELIHOOD, Question, name_runs

_WORD = re.compile(r"[^\W\d_]+")
# A capitalised word that stands in no report is taken for a translated title unless it reads as a name this clearly.
STRANGE_LIKELIHOOD = 0.15
# Words from which on a claim's language can be told.
TELLING_WORDS = 4
# A word of a claim with as many letters as LEAST_WORD and the first STEM of a word of the quote was copied from it.
LEAST_WORD, STEM = 4, 5
# Share of letters that two spellings of a name have in common (Ratcliff and Obershelp).
ALIKE = 0.85
# Shorter names are alike by chance: "Phong" and "Hong".
LONG_NAME = 6


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far a quote proves a claim, and the first thing that it does not prove.

    `badly_said`: what the quote says may answer, but the claim was not written in the question's language or repeats
    the question.
    """

    support: Support
    reason: str = ""
    badly_said: bool = False


def meets(question: Question, article: Article) -> bool:
    """Whether the report is about what the question pins down: its person, one of its names, years, days and codes."""
    return not missing_pins(question, article)


def names_held(question: Question, article: Article) -> int:
    """How many of the question's names the report holds."""
    return sum(_holds(article, name) for name in question.names)


def names_person(question: Question, article: Article) -> bool:
    """Whether the report holds the person that the question names beside a place; true where it names none."""
    return not question.person or _holds(article, question.person)


def missing_pins(question: Question, article: Article) -> str:
    """What the question pins down and the report does not hold, empty where nothing is missing."""
    if question.names and not any(_holds(article, name) for name in question.names):
        return question.names[0]
    # That a report does not name a person may be what No is the answer to.
    if question.kind != "yesno" and not names_person(question, article):
        return question.person
    for stranger in question.strangers:
        if not _spelled_otherwise(article, stranger):
            return stranger
    if question.years and not any(_holds_year(article, year) for year in question.years):
        return str(question.years[0])
    if question.days and not any(day in _days_of(article) for day in question.days):
        return "{1}.{0}.".format(*question.days[0])
    text = fold(article.text) if question.codes else ""
    if question.codes and not any(_holds_code(text, code) for code in question.codes):
        return question.codes[0]
    return ""


def check(claim: str, question: Question, article: Article, quote: Passage) -> Verdict:
    """Whether the quote, a stretch of the article, proves the claim, made in the question's language."""
    if missing := missing_pins(question, article):
        return Verdict("unsupported", f"the report does not speak of {missing}")
    language = question.language
    if _untranslated(claim, question, article, quote):
        return Verdict("unsupported", "the claim is not in the question's language", badly_said=True)
    claimed_dates = [found for found in find_dates(claim, language) if found.month or found.year]
    quoted_dates = find_dates(quote.text, article.language)
    for found in claimed_dates:
        if not _dated(found, quoted_dates, article):
            return Verdict("unsupported", f"the quote does not say {claim[found.start : found.end]}")
    if weekdays(claim, language) - weekdays(quote.text, article.language) - weekdays(question.text, language):
        return Verdict("unsupported", "the quote does not say the day of the week")
    values = _values(quote.text, quoted_dates, article.language, question.kind)
    spans = [(found.start, found.end) for found in claimed_dates]
    figures = [
        found
        for found in find_numbers(claim, language)
        if found.kind != "ambiguous" and not any(start < found.end and found.start < end for start, end in spans)
    ]
    asked = number_values(question.text, language)
    for number in figures:
        if not values.intersection(number.values) and not (number.kind == "code" and number.value in asked):
            return Verdict("unsupported", f"the quote does not say {claim[number.start : number.end]}")
    # A month has a capital in many languages, and is no name.
    names, stranger = _names(_blanked(claim, claimed_dates, ","), question, article)
    if stranger:
        return Verdict("unsupported", f"the report does not name {stranger}")
    fresh = [number for number in figures if not asked.intersection(number.values)]
    asked_dates = find_dates(question.text, language)
    answered = {
        "number": bool(fresh) or _ambiguous_number(claim, language, values),
        "code": any(number.kind in ("code", "ratio") for number in fresh),
        "date": bool(fresh) or any(not _told(found, asked_dates) for found in claimed_dates),
        "person": _names_person(names, quote.text, article, question),
    }
    if not answered.get(question.kind, True):
        return Verdict("unsupported", f"the question asks for a {question.kind}, the claim gives none")
    # Another ending says nothing new: "Projeyi kim imzaladı?", "Proje imzaladı."
    said, heard = ({word[:STEM] for word in _WORD.findall(fold(text))} for text in (claim, question.text))
    no_more = said <= heard and not fresh and all(_told(found, asked_dates) for found in claimed_dates)
    if question.kind != "yesno" and no_more:
        return Verdict("unsupported", "the claim says no more than the question", badly_said=True)
    if question.codes and not any(_holds_code(fold(quote.text), code) for code in question.codes):
        # The sentence beside one that names the document may speak of it, or of something else.
        return Verdict("weak", f"the quote does not speak of {question.codes[0]}")
    checked = bool(figures) or bool(claimed_dates) or bool(names)
    return Verdict("supported" if checked else "weak", "" if checked else "nothing in it that rules can check")


def _values(text: str, dates: list[FoundDate], language: str, kind: str) -> set[str]:
    """Numbers that the text can prove; a day or year proves no count."""
    if kind == "date":
        return number_values(text, language)
    return number_values(_blanked(text, [found for found in dates if found.month], " "), language)


def _blanked(text: str, dates: list[FoundDate], by: str) -> str:
    """The text with a character in place of each of the dates', so that offsets stay."""
    characters = list(text)
    for found in dates:
        characters[found.start : found.end] = by * (found.end - found.start)
    return "".join(characters)


def _told(found: FoundDate, dates: list[FoundDate]) -> bool:
    """Whether one of the dates says all that this one says."""
    wanted = (found.year, found.month, found.day)
    return any(
        all(
            part is None or part == other for part, other in zip(wanted, (date.year, date.month, date.day), strict=True)
        )
        for date in dates
    )


def _dated(found: FoundDate, quoted: list[FoundDate], article: Article) -> bool:
    """Day and month must stand in the quote or be the report's own date; a year may stand anywhere in the report."""
    published = article.published
    own = FoundDate(0, 0, published.year, published.month, published.day) if published else None
    for other in [*quoted, own] if own else quoted:
        if found.month is not None and found.month != other.month:
            continue
        if found.day is not None and found.day != other.day:
            continue
        if found.year is None or found.year == other.year:
            return True
        if other.year is None and _holds_year(article, found.year):
            return True
    return (
        found.month is None
        and found.year is not None
        and str(found.year) in " ".join(str(other.year) for other in quoted)
    )


def _names(claim: str, question: Question, article: Article) -> tuple[list[str], str]:
    """Names of the claim that the report holds beyond those of the question, and one that it does not hold."""
    words = _folded_words(article)
    asked = {fold(word) for word in _WORD.findall(question.text)}
    capitals = _capitalised(article.sha256, article.text[: article.body_end])
    fresh: list[str] = []
    for run in name_runs(claim):
        held = [word for _, word in run if fold(word) in words]
        strange = [
            word
            for at, word in run
            if fold(word) not in words and fold(word) not in asked and not starts_sentence(claim, at)
        ]
        inner = [word for at, word in run if fold(word) in words and not starts_sentence(claim, at)]
        if question.kind == "person" and not strange and not _in_order(inner, question.language, article):
            return fresh, " ".join(held)
        # A sentence's first word has a capital of its own: a name has one in the report too.
        fresh += [
            word
            for at, word in run
            if fold(word) in words and fold(word) not in asked
            if fold(word) in capitals or not starts_sentence(claim, at)
        ]
        if question.language.split("-")[0] == "de" or not strange:
            continue
        # Where a place is asked for, a capital is a place's, be it a word of the language as well ("Kuala Lumpur").
        if question.kind == "place":
            return fresh, " ".join(strange)
        sure = len(strange) > 1 or bool(held)
        if sure and likelihood(" ".join(strange), question.language) < STRANGE_LIKELIHOOD:
            return fresh, " ".join(strange)
    return fresh, ""


def _in_order(names: list[str], language: str, article: Article) -> bool:
    """Whether neighbours that read as a person's name stand side by side in the report too."""
    text = " ".join(_WORD.findall(fold(article.text)))
    for left, right in pairwise(names):
        pair = f"{left} {right}"
        if f" {fold(pair)} " not in f" {text} " and likelihood(pair, language) < NAME_LIKELIHOOD:
            return False
    return True


def _untranslated(claim: str, question: Question, article: Article, quote: Passage) -> bool:
    """Whether the model copied the report's words instead of answering in the question's language."""
    asked, written = (tag.split("-")[0] for tag in (question.language, article.language))
    if {asked, written} <= {"ms", "id"} or asked == written:
        return False
    heard = set(_WORD.findall(fold(question.text)))
    said = [word for word in _WORD.findall(claim) if word[0].islower() and len(word) >= LEAST_WORD]
    fresh = [word for word in map(fold, said) if word not in heard]
    beginnings = {word[:STEM] for word in _WORD.findall(fold(quote.text)) if len(word) >= LEAST_WORD}
    copied = sum(word[:STEM] in beginnings for word in fresh)
    # Words that both languages share ("kolektif") are no copies.
    taken = detect(claim, expected=[asked, written])
    if copied >= 2 and 2 * copied >= len(fresh) and taken != asked:
        return True
    return len(_WORD.findall(claim)) >= TELLING_WORDS and taken == written and 3 * copied >= len(fresh)


def _spelled_otherwise(article: Article, stranger: str) -> bool:
    """Whether a word of the report is nearly one of the name's: "Tibetan Buddhism" is "Tibetischer Buddhismus"."""
    words = _capitalised(article.sha256, article.text[: article.body_end])
    return any(
        SequenceMatcher(None, part, word).ratio() >= ALIKE
        for part in stranger.split()
        if len(part) >= LONG_NAME
        for word in words
        if len(word) >= LONG_NAME
    )


def _ambiguous_number(claim: str, language: str, values: set[str]) -> bool:
    found = find_numbers(claim, language)
    return any(number.kind == "ambiguous" and values.intersection(number.values) for number in found)


def _names_person(names: list[str], quote: str, article: Article, question: Question) -> bool:
    """Whether one of the names is a person's; where the quote names none, another may answer.

    A name of the question in another form answers nothing.
    """
    heard = {word[:STEM] for word in _WORD.findall(fold(question.text))}
    names = [name for name in names if fold(name)[:STEM] not in heard]
    runs = [" ".join(word for _, word in run) for run in name_runs(quote) if len(run) > 1]
    if not names:
        return not runs
    places = {*map(fold, article.places), *question.names}
    persons = [
        fold(run)
        for run in runs
        if fold(run) not in places and likelihood(run.lower(), article.language) < GERMAN_NAME_LIKELIHOOD
    ]
    return any(fold(name) in person.split() for name in names for person in persons) or not persons


def _holds(article: Article, name: str) -> bool:
    """More than half of the name's words, side by side: a German noun in front of it is not in a Polish report."""
    text, parts = _running_words(article.sha256, article.text), name.split()
    size = len(parts) // 2 + 1
    return any(f" {' '.join(parts[at : at + size])} " in text for at in range(len(parts) - size + 1))


def _holds_year(article: Article, year: int) -> bool:
    if article.published and article.published.year == year:
        return True
    return re.search(rf"(?<!\d){year}(?!\d)", article.text) is not None


def _days_of(article: Article) -> frozenset[tuple[int, int]]:
    return _days_in(article.sha256, article.text, article.language) | (
        {(article.published.month, article.published.day)} if article.published else set()
    )


def _holds_code(folded: str, code: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(fold(code))}(?!\w)", re.sub(r"\s*([-/])\s*", r"\1", folded)) is not None


def _folded_words(article: Article) -> frozenset[str]:
    return _words_of(article.sha256, article.text)


@lru_cache(maxsize=128)
def _capitalised(_sha256: str, body: str) -> frozenset[str]:
    return frozenset(fold(word) for word in _WORD.findall(body) if word[0].isupper())


@lru_cache(maxsize=128)
def _days_in(_sha256: str, text: str, language: str) -> frozenset[tuple[int, int]]:
    return frozenset((found.month, found.day) for found in find_dates(text, language) if found.month and found.day)


@lru_cache(maxsize=128)
def _running_words(_sha256: str, text: str) -> str:
    return f" {' '.join(_WORD.findall(fold(text)))} "


@lru_cache(maxsize=128)
def _words_of(_sha256: str, text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(fold(text)))
