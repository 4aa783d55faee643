"""The chain: question -> passages -> readings -> findings -> answer, as events.

Evidence comes first, then the short answer, then the answer's text piece by piece, then the whole answer. Nothing is
emitted before it is verified.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.answering.aggregation import comparison_of, joined, reports_of, several_of, total_of
from rag.answering.confidence import Sure, weigh
from rag.answering.fact import findings_of
from rag.answering.findings import Finding, Found, Numbering
from rag.answering.question import Kind, Question, kind_of, understand
from rag.answering.rewriting import make_standalone, sentence, translate
from rag.answering.sentences import overview_of, yes_or_no_of
from rag.language import detect, fold, language_of
from rag.llm import LanguageModel, Metered
from rag.models import (
    Alternative,
    Answer,
    AnswerReady,
    Article,
    Event,
    EvidenceFound,
    Hit,
    Passage,
    ShortFound,
    TextDelta,
    Turn,
)
from rag.reading import Reader
from rag.verification import Statement, Verifier, missing

# Passages retrieved, and those for a question over many reports.
HITS, HITS_OF_MANY = 12, 60
# Earlier questions that a follow-up may refer to.
MOST_TURNS = 3
# A follow-up uses the question before it only if that makes its answer likelier by this much. Not tuned.
LEANS = 0.1
# Cosine, language means removed, from which a translation counts as saying what its source says. A sentence and its
# translation have .5 on average across the languages of the means table; a phrase has less. Not tuned.
ALIKE = 0.3


class Collection(Protocol):
    """What answering needs from a collection."""

    @property
    def languages(self) -> list[str]:
        """The languages of the reports."""
        ...

    def retrieve(self, question: str, language: str, limit: int) -> list[Hit]:
        """At most `limit` nearest windows, best first."""
        ...

    def sentences(self, article: Article, start: int, end: int) -> list[Passage]:
        """The sentences that overlap `article.text[start:end]`."""
        ...

    def vector(self, question: str, language: str) -> NDArray[np.float32]:
        """The question's vector (dimension,), with its language's mean removed."""
        ...

    def likeness(self, text: str, language: str, other: str, other_language: str) -> float:
        """Cosine of two texts, each with its language's mean removed."""
        ...


@dataclass(frozen=True, slots=True)
class Chain:
    """Everything that answers a question on one collection. `passages` is how many are read for an answer."""

    collection: Collection
    reader: Reader
    verifier: Verifier
    model: LanguageModel | None
    passages: int
    question_limit: int
    models: dict[str, str]
    settings_hash: str

    def events(self, text: str, history: Sequence[Turn]) -> Iterator[Event]:
        """Yield `EvidenceFound`, `ShortFound`, `TextDelta` ..., `AnswerReady`. Raises QuestionError or ModelError."""
        begun = time.monotonic()
        meter = Metered(self.model) if self.model else None
        asked = understand(text, limit=self.question_limit, languages=self.collection.languages)
        question, hits, sure = self._standalone(meter, asked, history[-MOST_TURNS:])
        yield EvidenceFound(tuple(hits))
        timings = {"evidence": time.monotonic() - begun}
        if sure is None:
            sure = self._read(question, hits)
        kind = kind_of(self.collection.vector(question.text, question.language))
        found = self._found(meter, kind, question, hits, sure)
        # Contradicting reports are shown side by side, the later first: its answer is the short one.
        short = joined(found.told[:1] if kind in ("fact", "talk") else found.told, asked.language)
        timings["short"] = time.monotonic() - begun
        if short:
            yield ShortFound(short, round(found.confidence, 4))
        told = self._phrased(meter, question, found.told) if kind == "fact" else found.told
        numbering = Numbering()
        claims = tuple(numbering.claim(finding) for finding in told)
        others = tuple(
            Alternative(finding.short, round(finding.probability, 4), numbering.cite(finding.proofs)[0])
            for finding in found.others
        )
        answer_text = " ".join(f"{claim.text}{''.join(f' [{n}]' for n in claim.citations)}" for claim in claims)
        for piece in _pieces(answer_text or declined(asked.language)):
            yield TextDelta(piece)
        timings["total"] = time.monotonic() - begun
        yield AnswerReady(
            Answer(
                question=asked.text,
                standalone_question=question.text,
                language=asked.language,
                answered=bool(told),
                text=answer_text or declined(asked.language),
                claims=claims,
                citations=tuple(numbering.citations),
                hits=tuple(hits),
                timings={key: round(seconds, 4) for key, seconds in timings.items()},
                models=self.models,
                settings_hash=self.settings_hash,
                confidence=round(found.confidence, 4),
                tokens={"prompt": meter.prompt_tokens, "completion": meter.completion_tokens} if meter else {},
                short=short,
                others=others,
                span=told[0].span if told else found.span,
            )
        )

    def reading(self, text: str) -> tuple[Passage, float] | None:
        """The likeliest reading of a question for one fact, and the probability that it is right; no language model.

        None for a question of another kind. Raises QuestionError.
        """
        question = understand(text, limit=self.question_limit, languages=self.collection.languages)
        if kind_of(self.collection.vector(question.text, question.language)) != "fact":
            return None
        sure = self._read(question, self._retrieve(question))
        if not sure:
            return None
        one = sure[0].reading
        return Passage(one.article.id, one.start, one.end, one.words), sure[0].probability

    def _retrieve(self, question: Question) -> list[Hit]:
        return self.collection.retrieve(question.text, question.language, HITS)

    def _read(self, question: Question, hits: Sequence[Hit]) -> list[Sure]:
        return weigh(question, self.reader.read(question.text, hits[: self.passages]), self.verifier)

    def _standalone(
        self, model: LanguageModel | None, asked: Question, history: Sequence[Turn]
    ) -> tuple[Question, list[Hit], list[Sure] | None]:
        """The standalone question, its passages, and its readings if they were needed to decide.

        A strong language model rewrites a follow-up. Otherwise it is read both alone and with the question before it,
        which is used only if that makes the answer likelier.
        """
        if not history:
            return asked, self._retrieve(asked), None
        if model is not None and not model.small:
            text = make_standalone(model, history, asked.text, asked.language) or asked.text
            question = replace(asked, text=text)
            return question, self._retrieve(question), None
        hits = self._retrieve(asked)
        sure = self._read(asked, hits)
        leaning = replace(asked, text=f"{history[-1].question} {asked.text}")
        more = self._retrieve(leaning)
        leant = self._read(leaning, more)
        if leant and (not sure or leant[0].probability > sure[0].probability + LEANS):
            return leaning, more, leant
        return asked, hits, sure

    def _found(
        self, model: LanguageModel | None, kind: Kind, question: Question, hits: Sequence[Hit], sure: Sequence[Sure]
    ) -> Found:
        sentences = self.collection.sentences

        def translated(words: str, source: str, target: str) -> str:
            return self._translated(model, words, source, target)

        match kind:
            case "reports":
                return reports_of(question, self.collection.retrieve(question.text, question.language, HITS_OF_MANY))
            case "several":
                return several_of(question, sure, sentences, translated)
            case "total":
                return total_of(question, sure, sentences)
            case "compare":
                return comparison_of(question, sure, sentences, translated)
            case "yes_no":
                return yes_or_no_of(question, sure, sentences, model)
            case "overview":
                return overview_of(question, hits)
            case "fact" | "talk":
                return findings_of(question, sure, sentences, translated)

    def _translated(self, model: LanguageModel | None, words: str, source: str, target: str) -> str:
        """The words in the asker's language if the model's translation says the same, else empty."""
        if model is None:
            return ""
        said = translate(model, words, source, target)
        if not said or fold(said) == fold(words):
            return ""
        return said if self.collection.likeness(words, source, said, target) >= ALIKE else ""

    def _phrased(self, model: LanguageModel | None, question: Question, told: Sequence[Finding]) -> tuple[Finding, ...]:
        """The single finding as a sentence, if the language model writes one that its quotes support."""
        if model is None or len(told) != 1 or told[0].verbatim:
            return tuple(told)
        finding, article = told[0], told[0].proofs[0].article
        quotes = [proof.quote.text for proof in finding.proofs]
        said = sentence(model, question.text, finding.short, question.language)
        held = fold(finding.short) in fold(said) and detect(said, expected=[question.language]) == question.language
        # A small model may repeat the question before the answer.
        repeats = fold(question.text.strip(" ?!.¿？؟")) in fold(said)
        if not held or repeats or missing(said, question.language, article, quotes, asked=question.text):
            return tuple(told)
        quote = finding.proofs[0].quote
        carried = self.verifier.carries([Statement(said, article, quote, quote.start, quote.end)])[0]
        if carried.no > carried.yes:
            return tuple(told)
        return (replace(finding, text=said),)


def declined(language: str) -> str:
    """The sentence for "the reports do not say", in the language or else in English."""
    return language_of(language).declined or language_of("en").declined


def _pieces(text: str) -> Iterator[str]:
    for at, word in enumerate(text.split(" ")):
        yield word if at == 0 else " " + word
