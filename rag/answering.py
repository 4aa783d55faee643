"""The chain: question -> evidence -> drafts -> verified claims -> answer, told as events.

Evidence comes first, then the answer's text piece by piece, then the answer. Nothing is put into the text before it was
verified. This module knows nothing of files, stores or pages; retrieval and evidence come in as functions.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib import resources
from itertools import islice

from rag.affirming import affirmed
from rag.bylines import asks_author, written_by
from rag.claiming import Found, Outcome, claims
from rag.combining import combined
from rag.followups import standalone
from rag.gathering import codes, listed
from rag.llm import LanguageModel, Metered
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
from rag.periods import in_time, period
from rag.places import asked_places
from rag.placing import placed, telling
from rag.pointing import Likeness
from rag.questions import Question, asks_for, topic, yes_or_no
from rag.reading import make_standalone
from rag.verification import meets, names_held

# Without a language model: the least score of evidence that is quoted as an answer; on the tuning questions it keeps
# 83 % of the answerable and declines 29 % of the others.
LEAST_SIMILARITY = 0.8
QUOTES = 3
# Windows in which evidence is looked for, and those for a list, which may be of many reports.
HITS = 12
LISTED_HITS = 60
# Earlier questions that a follow-up may lean on.
MOST_TURNS = 3


@dataclass(frozen=True, slots=True)
class Chain:
    """Everything that answers a question, for one collection as it stands."""

    understand: Callable[[str], Question]
    retrieve: Callable[[Question, int], list[Hit]]
    evidence: Callable[[Question, Sequence[Hit]], Iterator[Evidence]]
    likeness: Likeness
    today: date
    model: LanguageModel | None
    pieces: int
    models: dict[str, str]
    settings_hash: str

    def events(self, text: str, history: Sequence[Turn]) -> Iterator[Event]:
        """`EvidenceFound`, `TextDelta` ..., `AnswerReady`. Raises QuestionError or ModelError."""
        begun = time.monotonic()
        meter = Metered(self.model) if self.model else None
        asked = question = self.understand(text)
        if history:
            question = self._standalone(asked, history)
        hits = self.retrieve(question, HITS)
        yield EvidenceFound(tuple(hits))
        timings = {"evidence": time.monotonic() - begun}
        outcome = self._outcome(meter, question, hits)
        timings["first_word"] = time.monotonic() - begun
        told, citations = _cite(outcome.found)
        if told:
            answer_text = " ".join(claim.text + "".join(f" [{n}]" for n in claim.citations) for claim in told)
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
                answered=bool(told),
                text=answer_text,
                claims=told,
                citations=citations,
                hits=tuple(hits),
                timings={key: round(seconds, 4) for key, seconds in timings.items()},
                models=self.models,
                settings_hash=self.settings_hash,
                confidence=round(outcome.confidence, 4),
                tokens={"prompt": meter.prompt_tokens, "completion": meter.completion_tokens} if meter else {},
            )
        )

    def _standalone(self, asked: Question, history: Sequence[Turn]) -> Question:
        """The question with what it refers to; a strong model rewrites it, for the others rules do."""
        if self.model and not self.model.small:
            told = [(turn.question, turn.answer) for turn in history[-MOST_TURNS:]]
            return self.understand(make_standalone(self.model, told, asked) or asked.text)
        earlier: Question | None = None
        for turn in (*history[-MOST_TURNS:], Turn(asked.text, "")):
            now = self.understand(turn.question)
            if earlier is not None:
                text, context = standalone(earlier, now)
                now = replace(self.understand(text), language=now.language, context=context)
            earlier = now
        return earlier or asked

    def _outcome(self, model: LanguageModel | None, question: Question, hits: Sequence[Hit]) -> Outcome:
        fitting = self._fitting(question, question, hits)
        if asks_author(question):
            return written_by(question, fitting)
        if model is None:
            return _quoted(fitting)
        if not model.small:
            return claims(model, question, fitting, self.pieces, self.likeness)
        if question.kind == "gather" and asks_for("codes", question):
            return codes(list(fitting))
        if question.kind == "gather" and (sought := topic(question)).text:
            return listed(
                question, sought, self._fitting(question, sought, self.retrieve(sought, LISTED_HITS)), self.likeness
            )
        comparing = len(question.names) > 1 and any(asks_for(what, question) for what in ("more", "sum", "earlier"))
        if question.kind == "yesno" and yes_or_no(question.language) and not comparing:
            # A year that no report tells may be what No is the answer to.
            held = list(fitting) or list(self._fitting(question, replace(question, years=(), days=()), hits))
            return affirmed(model, question, held, self.pieces)
        if question.kind == "place" and not question.names:
            held = _of_places(question, fitting) or _of_places(
                question, self._fitting(question, question, self.retrieve(question, LISTED_HITS))
            )
            if own := placed(question, held):
                return own
            fitting = iter(held)
        if len(question.names) > 1:
            held = list(fitting)
            together = combined(model, question, held, self.pieces, self.likeness)
            if together is not None:
                return together
            most = max((names_held(question, piece.article) for piece in held), default=0)
            fitting = (piece for piece in held if names_held(question, piece.article) == most)
        return claims(model, question, fitting, self.pieces, self.likeness)

    def _fitting(self, question: Question, sought: Question, hits: Sequence[Hit]) -> Iterator[Evidence]:
        """Evidence near to what is sought, of the question's time and of what is pinned down."""
        told = in_time(self.evidence(sought, hits), period(question, self.today))
        return (piece for piece in told if meets(sought, piece.article))


def _of_places(question: Question, evidence: Iterable[Evidence]) -> list[Evidence]:
    """The evidence of reports whose place may be what a which-place asks for, or that have none."""
    held = (piece for piece in evidence if asked_places(question, piece.article) or not piece.article.places)
    return telling(question, held)


def declined(language: str) -> str:
    """The sentence that says that the reports do not say, in the language or else in English."""
    sentences = _declined()
    return sentences.get(language.split("-")[0], sentences["en"])


def _quoted(pieces: Iterator[Evidence]) -> Outcome:
    """The nearest sentences themselves, without a language model."""
    found: list[Found] = []
    nearest = 0.0
    for piece in islice(pieces, QUOTES):
        nearest = max(nearest, piece.score)
        if piece.score >= LEAST_SIMILARITY or found:
            quote = piece.sentences[piece.best]
            found.append(Found(" ".join(quote.text.split()), ((piece.article, quote),), "supported", 1.0))
    return Outcome(tuple(found), min(1.0, max(0.0, nearest)))


def _cite(found: Sequence[Found]) -> tuple[tuple[Claim, ...], tuple[Citation, ...]]:
    numbers: dict[tuple[str, int, int], int] = {}
    citations: list[Citation] = []
    claims: dict[str, tuple[list[int], Support]] = {}
    for one in found:
        cited, _ = claims.setdefault(one.text, ([], one.support))
        for article, quote in one.proofs:
            place = (article.id, quote.start, quote.end)
            if place not in numbers:
                numbers[place] = len(numbers) + 1
                citations.append(_citation(numbers[place], article, quote))
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
