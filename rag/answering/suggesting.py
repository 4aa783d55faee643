"""A report -> spans that a simple question may ask for: dates, shares, sums of money, names; without a model.

The caller has to check whether the reader finds the span; for most spans it does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import regex

from rag.language import find_dates, find_numbers, fold, language_of, measured
from rag.models import Article, Candidate, CandidateKind, Passage

# Sentences of a report that are looked at: what a report is about stands at its head.
LOOKED_AT = 20
_KINDS: dict[str, CandidateKind] = {"percent": "share", "money": "amount"}
# Two to four words with capitals, the first of which does not begin the sentence.
_NAME = regex.compile(r"(?<=[^.!?…\s]\s)\p{Lu}[\p{L}\p{M}]+(?:\s\p{Lu}[\p{L}\p{M}]+){1,3}")


def candidates(article: Article, sentences: Sequence[Passage]) -> list[Candidate]:
    """The first span of each kind; none for a report without a place, since the questions name the place."""
    if not article.places:
        return []
    found: dict[str, Candidate] = {}
    for sentence in sentences[:LOOKED_AT]:
        for candidate in _of(article, sentence):
            found.setdefault(candidate.kind, candidate)
    return list(found.values())


def _of(article: Article, sentence: Passage) -> Iterator[Candidate]:
    text, language, at = sentence.text, article.language, sentence.start
    for day in find_dates(text, language):
        if day.full:
            yield Candidate("when", article.id, article.sha256, at + day.start, at + day.end)
    for number in find_numbers(text, language):
        measure = measured(text, number, language)
        kind = _KINDS.get(measure.dimension) if measure else None
        if kind:
            yield Candidate(kind, article.id, article.sha256, at + number.start, at + number.end)
    # Where nouns have capitals these tell no name.
    if not language_of(language).capital_nouns:
        places = {fold(place) for place in article.places}
        for name in _NAME.finditer(text):
            if fold(name.group()) not in places:
                yield Candidate("who", article.id, article.sha256, at + name.start(), at + name.end())
