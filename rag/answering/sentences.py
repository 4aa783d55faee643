"""Questions answered with sentences quoted from a report: overviews, and yes-or-no questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.answering.confidence import Sure, calibration_table, named
from rag.answering.fact import Sentences
from rag.answering.findings import Finding, Found, Proof, as_it_stands
from rag.answering.question import Question
from rag.answering.rewriting import yes_or_no
from rag.language import fold, language_of
from rag.llm import LanguageModel
from rag.models import EVEN, Article, Hit, Passage

# Sentences per overview, and how much one counts against another that says the same. Not tuned: read on reports in
# five languages.
SENTENCES, SAID_ALREADY = 3, 0.5


class Reports(Protocol):
    """A collection that can lay out a report."""

    def laid_out(self, article: Article) -> tuple[list[Passage], NDArray[np.float32]]:
        """The sentences of a report's body in text order, and their vectors (sentences, dimension)."""
        ...


def overview_of(question: Question, hits: Sequence[Hit], reports: Reports) -> Found:
    """The first sentence of the report that the question is about, and its most central sentences, in text order."""
    if not hits:
        return Found((), (), 0.0)
    # The nearest report of those that hold most of the names and figures that are asked about.
    best = max(hits, key=lambda hit: named(question, hit.article)[0])
    sentences, vectors = reports.laid_out(best.article)
    chosen = [sentences[row] for row in summary(sentences, vectors, best.article.title)] or [best.passage]
    told = tuple(as_it_stands(question, best.article, passage, EVEN) for passage in chosen)
    return Found(told, (), EVEN)


def summary(sentences: Sequence[Passage], vectors: NDArray[np.float32], title: str) -> list[int]:
    """Row numbers of the sentences that sum up a report: the first of its body, then those nearest to the mean of all.

    Sentences similar to a chosen one count less (maximal marginal relevance, Carbonell and Goldstein 1998). The title
    and sentences shorter than two thirds of the median length (fragments) are left out.
    """
    plain = fold(" ".join(title.split()))
    long = [row for row, one in enumerate(sentences) if fold(" ".join(one.reading.split())) != plain]
    if not long:
        return []
    middle = float(np.median([len(sentences[row].reading) for row in long]))
    rows = [row for row in long if len(sentences[row].reading) >= middle * 2 / 3]
    centre = vectors[rows].mean(axis=0)
    centre /= float(np.linalg.norm(centre)) or 1.0
    chosen = rows[:1]
    while len(chosen) < min(SENTENCES, len(rows)):
        rest = [row for row in rows if row not in chosen]
        worth = vectors[rest] @ centre - SAID_ALREADY * (vectors[rest] @ vectors[chosen].T).max(axis=1)
        chosen.append(rest[int(worth.argmax())])
    return sorted(chosen)


def yes_or_no_of(question: Question, sure: Sequence[Sure], sentences: Sentences, model: LanguageModel | None) -> Found:
    """Yes or No if a language model finds it in the sentences of the best reading, else the first of them itself."""
    if not sure or sure[0].probability < calibration_table().told:
        return Found((), (), sure[0].probability if sure else 0.0)
    reading = sure[0].reading
    proving = sentences(reading.article, reading.start, reading.end) or [reading.hit.passage]
    chance = min(EVEN, sure[0].probability)
    asked = language_of(question.told_in)
    if model is not None and asked.yes:
        quote = " ".join(passage.reading for passage in proving)
        verdict, likely = yes_or_no(model, question.text, quote, reading.article.title)
        if verdict != "unknown":
            proofs = tuple(Proof(reading.article, passage) for passage in proving)
            said = asked.yes if verdict == "yes" else asked.no
            return Found((Finding(said, said, proofs, min(likely, chance)),), (), min(likely, chance))
    return Found((as_it_stands(question, reading.article, proving[0], chance),), (), chance)
