"""The chain: question -> evidence -> drafts -> verified claims -> answer, told as events.

Evidence comes first, then the answer's text piece by piece, then the answer. Nothing is put into the text before it was
verified. This module knows nothing of files, stores or pages; retrieval and evidence come in as functions.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import islice

from rag.llm import LanguageModel
from rag.models import (
    Answer,
    AnswerReady,
    Article,
    Citation,
    Claim,
    Event,
    Evidence,
    EvidenceFound,
    Hit,
    Passage,
    Support,
    TextDelta,
    Turn,
)
from rag.questions import Question
from rag.reading import Draft, make_standalone, read
from rag.verification import check, meets

# A draft's score is how sure the model was of answering at all plus how sure of its words (natural logarithms, the
# second a mean). From SURE on reading stops, below LEAST a draft is no answer; set on the tuning questions.
SURE = -0.5
LEAST = -0.9
# Without a language model: the least similarity of a sentence that is quoted as an answer.
LEAST_SIMILARITY = 0.55
QUOTES = 3


@dataclass(frozen=True, slots=True)
class Verified:
    """A draft with the sentence that proves it and how far."""

    draft: Draft
    quote: Passage
    support: Support

    @property
    def score(self) -> float:
        """How sure the model was, natural logarithm."""
        return self.draft.confidence + self.draft.answering - (0.2 if self.support == "weak" else 0.0)


@dataclass(frozen=True, slots=True)
class Chain:
    """Everything that answers a question, for one collection as it stands."""

    understand: Callable[[str], Question]
    retrieve: Callable[[Question], list[Hit]]
    evidence: Callable[[Question, Sequence[Hit]], Iterator[Evidence]]
    model: LanguageModel | None
    pieces: int
    models: dict[str, str]
    settings_hash: str

    def events(self, text: str, history: Sequence[Turn]) -> Iterator[Event]:
        """`EvidenceFound`, `TextDelta` ..., `AnswerReady`. Raises QuestionError or ModelError."""
        begun = time.monotonic()
        asked = question = self.understand(text)
        if history and self.model:
            told = [(turn.question, turn.answer) for turn in history[-3:]]
            question = self.understand(make_standalone(self.model, told, asked) or asked.text)
        hits = self.retrieve(question)
        yield EvidenceFound(tuple(hits))
        timings = {"evidence": time.monotonic() - begun}
        found = self._claims(question, hits)
        timings["first_word"] = time.monotonic() - begun
        claims, citations = _cite(found)
        if claims:
            answer_text = " ".join(claim.text + "".join(f" [{n}]" for n in claim.citations) for claim in claims)
        else:
            answer_text = declined(asked.language)
        for piece in _pieces(answer_text):
            yield TextDelta(piece)
        timings["total"] = time.monotonic() - begun
        yield AnswerReady(
            Answer(
                question=asked.text,
                standalone_question=question.text,
                language=asked.language,
                answered=bool(claims),
                text=answer_text,
                claims=claims,
                citations=citations,
                hits=tuple(hits),
                timings={key: round(seconds, 4) for key, seconds in timings.items()},
                models=self.models,
                settings_hash=self.settings_hash,
            )
        )

    def _claims(self, question: Question, hits: Sequence[Hit]) -> list[Verified]:
        fitting = (piece for piece in self.evidence(question, hits) if meets(question, piece.article))
        if self.model is None:
            return _quoted(fitting)
        several = len(question.names) > 1
        chosen = _one_each(question, list(fitting), self.pieces) if several else list(islice(fitting, self.pieces))
        found: list[Verified] = []
        for draft in read(self.model, question, chosen):
            verified = _verified(draft, question)
            if verified is None:
                continue
            found.append(verified)
            if self.model.small and verified.score >= SURE and verified.support == "supported" and not several:
                break
        if not self.model.small:
            return found
        found = sorted((one for one in found if one.score >= LEAST), key=lambda one: -one.score)
        return _best_each(found) if several else found[:1]


def declined(language: str) -> str:
    """The sentence that says that the reports do not say, in the language or else in English."""
    sentences = _declined()
    return sentences.get(language.split("-")[0], sentences["en"])


def _verified(draft: Draft, question: Question) -> Verified | None:
    """The draft with the first of its sentences that proves it; the one the model named comes first."""
    weak: Verified | None = None
    for quote in draft.quotes:
        verdict = check(draft.text, question, draft.article, quote)
        if verdict.support == "supported":
            return Verified(draft, quote, "supported")
        if verdict.support == "weak" and weak is None:
            weak = Verified(draft, quote, "weak")
    return weak


def _quoted(pieces: Iterator[Evidence]) -> list[Verified]:
    found: list[Verified] = []
    for piece in islice(pieces, QUOTES):
        if piece.score >= LEAST_SIMILARITY or found:
            quote = piece.sentences[piece.best]
            found.append(Verified(Draft(" ".join(quote.text.split()), piece.article, (quote,)), quote, "supported"))
    return found


def _one_each(question: Question, pieces: Sequence[Evidence], limit: int) -> list[Evidence]:
    """The best pieces of each report that one of the question's names stands in, turn by turn."""
    by_report: dict[str, list[Evidence]] = {}
    for piece in pieces:
        by_report.setdefault(piece.article.id, []).append(piece)
    turns = [[row[at] for row in by_report.values() if at < len(row)] for at in range(limit)]
    return [piece for turn in turns for piece in turn][:limit]


def _best_each(found: Sequence[Verified]) -> list[Verified]:
    best: dict[str, Verified] = {}
    for one in found:
        best.setdefault(one.draft.article.id, one)
    return list(best.values())


def _cite(found: Sequence[Verified]) -> tuple[tuple[Claim, ...], tuple[Citation, ...]]:
    numbers: dict[tuple[str, int, int], int] = {}
    citations: list[Citation] = []
    claims: dict[str, tuple[list[int], Support]] = {}
    for one in found:
        place = (one.draft.article.id, one.quote.start, one.quote.end)
        if place not in numbers:
            numbers[place] = len(numbers) + 1
            citations.append(_citation(numbers[place], one.draft.article, one.quote))
        cited, support = claims.setdefault(one.draft.text, ([], one.support))
        if numbers[place] not in cited:
            cited.append(numbers[place])
    return tuple(Claim(text, tuple(cited), support) for text, (cited, support) in claims.items()), tuple(citations)


def _citation(number: int, article: Article, quote: Passage) -> Citation:
    return Citation(
        number=number,
        article_id=article.id,
        title=article.title,
        language=article.language,
        published=article.published,
        source_url=article.source_url,
        start=quote.start,
        end=quote.end,
        quote=article.text[quote.start : quote.end],
    )


def _pieces(text: str) -> Iterator[str]:
    words = text.split(" ")
    for at, word in enumerate(words):
        yield word if at == 0 else " " + word


@cache
def _declined() -> dict[str, str]:
    loaded = json.loads((resources.files("rag") / "data" / "declined.json").read_text(encoding="utf-8"))
    return {str(language): str(sentence) for language, sentence in loaded.items()}
