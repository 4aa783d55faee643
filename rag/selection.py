"""Hits -> evidence: the stretches of a report that a reader is shown, cut at clauses around the nearest one.

Small evidence reads better: a language model of a laptop finds the figure in three lines that it misses in a page.
This module knows nothing of language models.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag.catalog import Catalog, Stored
from rag.clauses import LIMIT, clauses, stretch
from rag.models import Article, Evidence, Hit, Passage
from rag.questions import Question
from rag.space import VectorSpace

# A window's worth beside its sentence's: on the tuning questions .5 puts the proving sentence among the first three
# for 81 %, 0 for 74 %, 1 for 78 %.
WINDOW_WEIGHT = 0.5


def choose_evidence(
    catalog: Catalog, space: VectorSpace, question: Question, hits: Sequence[Hit]
) -> Iterator[Evidence]:
    """One stretch for each sentence, nearest to the question first; a sentence shown whole does not come again."""
    vector = space.question(question.sought, question.language)
    ranked: dict[str, tuple[float, Stored, Hit]] = {}
    for hit in hits:
        inside = catalog.within(hit.passage)
        for sentence, similar in zip(inside, space.matrix(inside) @ vector, strict=True):
            # A hit's score is the sum of two cosines.
            score = float(similar) + WINDOW_WEIGHT * hit.score / 2
            if sentence.key not in ranked or ranked[sentence.key][0] < score:
                ranked[sentence.key] = (score, sentence, hit)
    taken: set[str] = set()
    for score, sentence, hit in sorted(ranked.values(), key=lambda entry: (-entry[0], entry[1].key)):
        if sentence.key in taken:
            continue
        group = _paragraph(hit.article, sentence, catalog.passages(sentence.passage.article_id, "sentence"))
        start, end = _stretch(space, question, hit.article, sentence.passage, [member.passage for member in group])
        taken.update(m.key for m in group if start <= m.passage.start and m.passage.end <= end)
        touched = [m for m in group if m.passage.start < end and start < m.passage.end]
        yield Evidence(
            hit.article,
            tuple(member.passage for member in touched),
            [m.key for m in touched].index(sentence.key),
            score,
            (start, end),
        )


def _paragraph(article: Article, sentence: Stored, sentences: Sequence[Stored]) -> list[Stored]:
    """The sentence with the one before and the one after it, where these stand in its paragraph."""
    at = next(row for row, other in enumerate(sentences) if other.key == sentence.key)
    near = sentences[max(at - 1, 0) : at + 2]
    held = sentence.passage

    def apart(other: Passage) -> bool:
        return "\n" in article.text[min(held.end, other.end) : max(held.start, other.start)]

    return [other for other in near if not apart(other.passage)]


def _stretch(
    space: VectorSpace, question: Question, article: Article, sought: Passage, group: Sequence[Passage]
) -> tuple[int, int]:
    units: list[tuple[int, int]] = []
    first = last = 0
    for passage in group:
        cut = [(passage.start + start, passage.start + end) for start, end in clauses(passage.text)]
        if passage.start == sought.start:
            first, last = len(units), len(units) + len(cut) - 1
        units += cut
    similar = [0.0] * len(units)
    if sought.end - sought.start > LIMIT:
        texts = tuple(article.text[start:end] for start, end in units[first : last + 1])
        vector = space.question(question.sought, question.language)
        similar[first : last + 1] = space.similarities(texts, article.language, vector)
    low, high = stretch(units, first, last, similar)
    return units[low][0], units[high][1]
