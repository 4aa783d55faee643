"""Claim + quotes -> what the claim says and the quotes do not, determined by rules without a model.

Numbers, dates, weekdays and codes of a claim must occur in its quotes (the year of a date that is quoted without one
anywhere in the report; a date may be the report's own), names in the report, in any language and spelling. These checks
can only drop a claim, never raise its confidence. Training cannot replace them, since they must always hold.
Independent of how claims are made.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rag.language import (
    FoundDate,
    find_dates,
    find_numbers,
    fold,
    language_of,
    likelihood,
    number_values,
    reads_weekdays,
    starts_sentence,
    weekdays,
)
from rag.models import Article

_WORD = re.compile(r"[^\W\d_]+")
# A capitalised word that the report lacks is a name only below this likelihood as a word of the language; above it, it
# is taken for a translated title.
NAME_LIKELIHOOD = 0.15


def missing(claim: str, language: str, article: Article, quotes: Sequence[str], asked: str = "") -> str:
    """The first item in the claim (in `language`) that its quotes do not contain; empty if there is none.

    `quotes` are spans of the article; items that the question `asked` contains need no proof.
    """
    text = "\n".join(quotes)
    dates = [found for found in find_dates(claim, language) if found.month or found.year]
    proved = find_dates(text, article.language)
    questioned = find_dates(asked, language)
    for found in dates:
        if not _dated(found, proved, article) and not any(_tells(date, found) for date in questioned):
            return claim[found.start : found.end]
    days = weekdays(claim, language, sure=True) - weekdays(text, article.language) - weekdays(asked, language)
    if days and reads_weekdays(article.language):
        return f"day {min(days) + 1} of the week"
    values = number_values(text, article.language) | number_values(asked, language)
    for number in find_numbers(claim, language):
        within = any(found.start < number.end and number.start < found.end for found in dates)
        if number.kind != "ambiguous" and not within and not values.intersection(number.values):
            return claim[number.start : number.end]
    return _stranger(claim, dates, language, article, asked)


def _dated(found: FoundDate, quoted: Sequence[FoundDate], article: Article) -> bool:
    """A date must occur in the quote or be the report's own; the year of one quoted without it, in the report."""
    published = article.published
    own = [FoundDate(0, 0, published.year, published.month, published.day)] if published else []
    for other in [*quoted, *own]:
        if found.month not in (None, other.month) or found.day not in (None, other.day):
            continue
        if found.year in (None, other.year) or (other.year is None and str(found.year) in article.text):
            return True
    return False


def _tells(date: FoundDate, found: FoundDate) -> bool:
    """Whether `date` has every part that `found` has."""
    pairs = ((found.year, date.year), (found.month, date.month), (found.day, date.day))
    return all(part is None or part == other for part, other in pairs)


def _without(text: str, dates: Sequence[FoundDate]) -> str:
    """The text with its dates masked: months are capitalised in many languages, but are not names."""
    kept = list(text)
    for found in dates:
        kept[found.start : found.end] = "," * (found.end - found.start)
    return "".join(kept)


def _stranger(claim: str, dates: Sequence[FoundDate], language: str, article: Article, asked: str) -> str:
    """A name of the claim that neither report nor question contains; not for languages that capitalise nouns.

    Words that a date is part of are not names: in scripts without blanks a word may begin in one.
    """
    if language_of(language).capital_nouns:
        return ""
    held = _words(article.sha256, f"{article.title}\n{article.text}")
    said = {fold(word) for word in _WORD.findall(asked)}
    masked = _without(claim, dates)
    for match in _WORD.finditer(claim):
        word = match.group()
        if masked[match.start() : match.end()] != word:
            continue
        if not word[0].isupper() or len(word) < 2 or starts_sentence(masked, match.start()) or weekdays(word, language):
            continue
        if fold(word) not in held and fold(word) not in said and likelihood(word.lower(), language) < NAME_LIKELIHOOD:
            return word
    return ""


@lru_cache(maxsize=128)
def _words(_sha256: str, text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(fold(text)))
