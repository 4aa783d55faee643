"""Questions answered by sentences of a report as they stand: overviews, and yes or no."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answering.aggregation import EVEN
from rag.answering.confidence import Sure, calibration_table
from rag.answering.fact import Sentences
from rag.answering.findings import Finding, Found, Proof
from rag.answering.localization import quoted, same_language
from rag.answering.question import Question
from rag.answering.rewriting import yes_or_no
from rag.language import language_of
from rag.llm import LanguageModel
from rag.models import Article, Hit, Passage

# Sentences per overview.
SENTENCES = 3


def overview_of(question: Question, hits: Sequence[Hit]) -> Found:
    """The sentences of the best report that are nearest to the question, in text order."""
    if not hits:
        return Found((), (), 0.0)
    near = [hit.sentence or hit.passage for hit in hits if hit.article.id == hits[0].article.id]
    article = hits[0].article
    chosen = sorted(list(dict.fromkeys(near))[:SENTENCES], key=lambda passage: passage.start)
    told = tuple(_as_it_stands(question, article, passage, EVEN) for passage in chosen)
    return Found(told, (), EVEN)


def yes_or_no_of(question: Question, sure: Sequence[Sure], sentences: Sentences, model: LanguageModel | None) -> Found:
    """Yes or No if a language model finds it in the sentences of the best reading, else the first of them itself."""
    if not sure or sure[0].probability < calibration_table().told:
        return Found((), (), sure[0].probability if sure else 0.0)
    reading = sure[0].reading
    proving = sentences(reading.article, reading.start, reading.end) or [reading.hit.passage]
    chance = min(EVEN, sure[0].probability)
    asked = language_of(question.told_in)
    if model is not None and asked.yes:
        quote = " ".join(passage.text for passage in proving)
        verdict, likely = yes_or_no(model, question.text, quote, reading.article.title)
        if verdict != "unknown":
            proofs = tuple(Proof(reading.article, passage) for passage in proving)
            said = asked.yes if verdict == "yes" else asked.no
            return Found((Finding(said, said, proofs, min(likely, chance)),), (), min(likely, chance))
    return Found((_as_it_stands(question, reading.article, proving[0], chance),), (), chance)


def _as_it_stands(question: Question, article: Article, passage: Passage, chance: float) -> Finding:
    words = " ".join(passage.text.split())
    own = same_language(article.language, question.told_in)
    text = words if own else quoted(words, article.language, question.told_in)
    return Finding(text, "", (Proof(article, passage),), chance)
