"""Hits -> evidence: the stretches of a report that a reader is shown, cut at clauses around the nearest one.

Small evidence reads better: a language model of a laptop finds the figure in three lines that it misses in a page.
This module knows nothing of language models.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from heapq import heapify, heappop, heappush

from rag.catalog import Catalog, Stored
from rag.clauses import WHOLE, clauses, stretch
from rag.dates import FoundDate, find_dates
from rag.models import Article, Evidence, Hit, Passage
from rag.questions import Question, person_runs
from rag.space import VectorSpace

# A window's worth beside its sentence's: on the tuning questions 1 puts the proving sentence among the first three for
# 83 %, .5 for 80 %, 2 for 81 %.
WINDOW_WEIGHT = 1.0
# Sentences at a report's beginning that may tell the day of what it reports, and how old that may be: news.
LEADING = 3
NEWS = timedelta(days=14)


def choose_evidence(
    catalog: Catalog, space: VectorSpace, question: Question, hits: Sequence[Hit]
) -> Iterator[Evidence]:
    """Stretches nearest to the question first, none within another; what a long sentence has left comes later."""
    ranked: dict[str, tuple[float, Stored, Hit]] = {}
    inside = catalog.within_many([hit.passage for hit in hits])
    for hit, held in zip(hits, inside, strict=True):
        for sentence, similar in zip(held, space.similarities(held, question.sought, question.language), strict=True):
            # A hit's score is the sum of two cosines.
            score = float(similar) + WINDOW_WEIGHT * hit.score / 2
            if sentence.key not in ranked or ranked[sentence.key][0] < score:
                ranked[sentence.key] = (score, sentence, hit)
    around = catalog.sentences_of({hit.article.id for hit in hits})
    waiting = [(-score, key, 0) for key, (score, _, _) in ranked.items()]
    heapify(waiting)
    shown: dict[str, list[tuple[int, int]]] = {}
    while waiting:
        score, key, turn = heappop(waiting)
        _, sentence, hit = ranked[key]
        group = _paragraph(hit.article, sentence, around[hit.article.id])
        passages = [member.passage for member in group]
        units = _units(space, question, hit.article, sentence.passage, passages)
        taken = shown.setdefault(hit.article.id, [])
        span, left = _stretch(units, taken)
        if span is None:
            continue
        taken.append(span)
        if left is not None:
            heappush(waiting, (score + left, key, turn + 1))
        touched = [m for m in group if m.passage.start < span[1] and span[0] < m.passage.end]
        at = next(row for row, member in enumerate(touched) if member.key == key)
        touching = tuple(member.passage for member in touched)
        elsewhere = _elsewhere(question, hit.article, touching, around[hit.article.id])
        yield Evidence(hit.article, touching, at, -score, span, elsewhere)


def _paragraph(article: Article, sentence: Stored, sentences: Sequence[Stored]) -> list[Stored]:
    """The sentence with the one before and the one after it, where these stand in its paragraph."""
    at = next(row for row, other in enumerate(sentences) if other.key == sentence.key)
    near = sentences[max(at - 1, 0) : at + 2]
    held = sentence.passage

    def apart(other: Passage) -> bool:
        return "\n" in article.text[min(held.end, other.end) : max(held.start, other.start)]

    return [other for other in near if not apart(other.passage)]


def _elsewhere(
    question: Question, article: Article, shown: Sequence[Passage], sentences: Sequence[Stored]
) -> Passage | None:
    """The sentence that tells the day of what is reported, or who speaks, where that is asked for."""
    told = None
    if question.kind == "date":
        told = _dateline(article, sentences)
    elif question.kind == "person":
        before = (stored.passage for stored in reversed(sentences) if stored.passage.end <= shown[0].start)
        told = next((passage for passage in before if person_runs(passage.text)), None)
    return None if told in shown else told


def _dateline(article: Article, sentences: Sequence[Stored]) -> Passage | None:
    """The sentence near the beginning that tells a day shortly before the report's own: the day of its events."""
    if article.published is None:
        return None
    for stored in sentences[:LEADING]:
        for found in find_dates(stored.passage.text, article.language):
            if found.month and found.day and _shortly_before(article.published, found):
                return stored.passage
    return None


def _shortly_before(published: date, found: FoundDate) -> bool:
    for year in (published.year, published.year - 1):
        try:
            told = date(found.year or year, found.month or 0, found.day or 0)
        except ValueError:
            continue
        if timedelta(0) <= published - told <= NEWS:
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Units:
    """The clauses of a sentence and its neighbours; `first` to `last` are the sentence's own."""

    spans: list[tuple[int, int]]
    first: int
    last: int
    similar: list[float]


def _units(
    space: VectorSpace, question: Question, article: Article, sought: Passage, group: Sequence[Passage]
) -> _Units:
    spans: list[tuple[int, int]] = []
    first = last = 0
    for passage in group:
        cut = [(passage.start + start, passage.start + end) for start, end in clauses(passage.text)]
        if passage.start == sought.start:
            first, last = len(spans), len(spans) + len(cut) - 1
        spans += cut
    similar = [0.0] * len(spans)
    if sought.end - sought.start > WHOLE:
        texts = tuple(article.text[start:end] for start, end in spans[first : last + 1])
        nearness = space.stretches(texts, article.language) @ space.question(question.sought, question.language)
        similar[first : last + 1] = [float(value) for value in nearness]
    return _Units(spans, first, last, similar)


def _stretch(units: _Units, taken: Sequence[tuple[int, int]]) -> tuple[tuple[int, int] | None, float | None]:
    """The span around the nearest clause of the sentence that was not shown yet, and how much farther its next is.

    None where all were shown, and where nothing is left.
    """

    def fresh(held: Sequence[tuple[int, int]]) -> list[int]:
        spans = units.spans
        return [
            at
            for at in range(units.first, units.last + 1)
            if not any(start <= spans[at][0] and spans[at][1] <= end for start, end in held)
        ]

    open_units = fresh(taken)
    if not open_units:
        return None, None
    similar = [value if at in open_units else value - 2.0 for at, value in enumerate(units.similar)]
    low, high = stretch(units.spans, units.first, units.last, similar)
    span = units.spans[low][0], units.spans[high][1]
    left = fresh([*taken, span])
    best = max(units.similar[at] for at in open_units)
    return span, best - max(units.similar[at] for at in left) if left else None
