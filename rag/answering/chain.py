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
from rag.answering.conversation import LEAST_TO_FOLLOW, UNSURE, chance_to_follow, leading, spoken
from rag.answering.fact import findings_of
from rag.answering.findings import Finding, Found, Numbering
from rag.answering.question import TALK, Kind, Question, kind_of, understand
from rag.answering.rewriting import make_standalone, sentence, translate
from rag.answering.sentences import overview_of, yes_or_no_of
from rag.answering.talk import talk
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
    rounded_down,
)
from rag.reading import Reader
from rag.verification import Statement, Verifier, missing

# Passages retrieved, and those for a question over many reports.
HITS, HITS_OF_MANY = 12, 60
# Earlier questions that a follow-up may refer to.
MOST_TURNS = 3
# Where it is unsure whether a question is a follow-up, it is read against what it looks like only if that makes its
# answer likelier by this much. Not tuned.
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

    def heads(self) -> list[Article]:
        """The reports that match the filters, without their text."""
        ...

    def retrieve(self, question: str, language: str, limit: int) -> list[Hit]:
        """At most `limit` nearest windows, best first."""
        ...

    def sentences(self, article: Article, start: int, end: int) -> list[Passage]:
        """The sentences that overlap `article.text[start:end]`; a table row is followed by its heading row."""
        ...

    def laid_out(self, article: Article) -> tuple[list[Passage], NDArray[np.float32]]:
        """The sentences of a report's body in text order, and their vectors (sentences, dimension)."""
        ...

    def vector(self, question: str, language: str) -> NDArray[np.float32]:
        """The question's vector (dimension,), with its language's mean removed."""
        ...

    def likeness(self, text: str, language: str, other: str, other_language: str) -> float:
        """Cosine of two texts, each with its language's mean removed."""
        ...


@dataclass(frozen=True, slots=True)
class Sought:
    """A question and its passages, with its readings if they were needed to decide.

    `question` is read with the passages, `text` was used to retrieve them; `follows` is the earlier question that a
    follow-up refers to, "" for a new question.
    """

    question: Question
    text: str
    follows: str
    hits: list[Hit]
    sure: list[Sure] | None = None

    @property
    def probability(self) -> float:
        """The probability of the likeliest reading; 0 without one."""
        return self.sure[0].probability if self.sure else 0.0


@dataclass(frozen=True, slots=True)
class Chain:
    """Answers questions about one collection. `passages` is the number of passages read per question."""

    collection: Collection
    reader: Reader
    verifier: Verifier
    model: LanguageModel | None
    passages: int
    question_limit: int
    models: dict[str, str]
    settings_hash: str

    def events(
        self,
        text: str,
        history: Sequence[Turn],
        *,
        alone: bool = False,
        answer_language: str = "",
        default_language: str = "",
    ) -> Iterator[Event]:
        """Yield `EvidenceFound`, `ShortFound`, `TextDelta` ..., `AnswerReady`; the options are those of `AskOptions`.

        Raises QuestionError or ModelError.
        """
        begun = time.monotonic()
        held = self.collection.languages
        likely = spoken([turn.question for turn in history], held) or default_language
        asked = understand(text, limit=self.question_limit, languages=held, likely=likely, answer=answer_language)
        vector = self.collection.vector(asked.text, asked.language)
        kind = kind_of(vector)
        if kind in TALK:
            yield EvidenceFound(())
            said = talk(kind, asked.told_in, self.collection)
            yield from map(TextDelta, _pieces(said))
            at_once = {"evidence": 0.0, "short": 0.0, "total": time.monotonic() - begun}
            yield AnswerReady(self._answer(asked, said, at_once, answered=True, kind="talk"))
            return
        meter = Metered(self.model) if self.model else None
        sought = self._sought(meter, asked, vector, () if alone else history[-MOST_TURNS:])
        yield EvidenceFound(tuple(sought.hits))
        timings = {"evidence": time.monotonic() - begun}
        found = self._found(meter, kind, sought)
        # Contradicting reports are shown side by side, the later first: its answer is the short one.
        short = joined(found.told[:1] if kind == "fact" else found.told, asked.told_in)
        timings["short"] = time.monotonic() - begun
        if short:
            yield ShortFound(short, rounded_down(found.confidence, 4))
        told = self._phrased(meter, sought.question, found.told) if kind == "fact" else found.told
        numbering = Numbering()
        claims = tuple(numbering.claim(finding) for finding in told)
        others = tuple(
            Alternative(finding.short, rounded_down(finding.probability, 4), numbering.cite(finding.proofs)[0])
            for finding in found.others
        )
        said = " ".join(f"{claim.text}{''.join(f' [{n}]' for n in claim.citations)}" for claim in claims)
        said = said or declined(asked.told_in)
        yield from map(TextDelta, _pieces(said))
        timings["total"] = time.monotonic() - begun
        answer = self._answer(asked, said, timings, answered=bool(told), kind=kind)
        yield AnswerReady(
            replace(
                answer,
                standalone_question=sought.text,
                follows=sought.follows,
                claims=claims,
                citations=tuple(numbering.citations),
                hits=tuple(sought.hits),
                confidence=rounded_down(found.confidence, 4),
                tokens={"prompt": meter.prompt_tokens, "completion": meter.completion_tokens} if meter else {},
                short=short,
                others=others,
                span=told[0].span if told else found.span,
            )
        )

    def _answer(self, asked: Question, said: str, timings: dict[str, float], *, answered: bool, kind: str) -> Answer:
        """An answer without claims."""
        return Answer(
            question=asked.text,
            standalone_question=asked.text,
            language=asked.told_in,
            answered=answered,
            text=said,
            claims=(),
            citations=(),
            hits=(),
            timings={key: round(seconds, 4) for key, seconds in timings.items()},
            models=self.models,
            settings_hash=self.settings_hash,
            kind=kind,
        )

    def reading(self, text: str) -> tuple[Passage, float] | None:
        """The likeliest reading for a single-fact question, and its probability; no language model.

        None for a question of another kind. Raises QuestionError.
        """
        question = understand(text, limit=self.question_limit, languages=self.collection.languages)
        if kind_of(self.collection.vector(question.text, question.language)) != "fact":
            return None
        sure = self._read(question, self._hits(question.text, question.language))
        if not sure:
            return None
        one = sure[0].reading
        return Passage(one.article.id, one.start, one.end, one.words), sure[0].probability

    def _hits(self, text: str, language: str) -> list[Hit]:
        return self.collection.retrieve(text, language, max(HITS, self.passages))

    def _read(self, question: Question, hits: Sequence[Hit]) -> list[Sure]:
        return weigh(question, self.reader.read(question.text, hits[: self.passages]))

    def _sought(
        self,
        model: LanguageModel | None,
        asked: Question,
        vector: NDArray[np.float32],
        history: Sequence[Turn],
    ) -> Sought:
        """The question's passages, as a new question or as a follow-up.

        A strong language model rewrites a follow-up. Otherwise its passages are looked for with the questions before
        it, and it is read in them as it is: of two questions at once the reader answers the first. Where it is unsure
        whether a question follows, it is read both ways.
        """
        chance = chance_to_follow(vector) if history else 0.0
        # Nothing follows from "thanks".
        history = [turn for turn in history if kind_of(self._vector(turn.question)) not in TALK]
        if not history or (chance is not None and chance < UNSURE[0]):
            return self._retrieved(asked, asked.text)
        before = history[-1].question
        if model is not None and not model.small:
            text = make_standalone(model, history, asked.text, asked.language) or asked.text
            return self._retrieved(replace(asked, text=text), text, before)
        context = leading([turn.question for turn in history], self._follows)
        following = self._retrieved(asked, " ".join([*context, asked.text]), before)
        if chance is not None and chance >= UNSURE[1]:
            return following
        ways = [self._retrieved(asked, asked.text), following]
        new, following = (replace(way, sure=self._read(way.question, way.hits)) for way in ways)
        lead = LEANS if chance is None or chance < LEAST_TO_FOLLOW else -LEANS
        return following if following.probability > new.probability + lead else new

    def _retrieved(self, question: Question, text: str, before: str = "") -> Sought:
        return Sought(question, text, before, self._hits(text, question.language))

    def _follows(self, question: str) -> bool:
        """Whether an earlier question was a follow-up itself."""
        return (chance_to_follow(self._vector(question)) or 0.0) >= LEAST_TO_FOLLOW

    def _vector(self, question: str) -> NDArray[np.float32]:
        return self.collection.vector(question, detect(question, expected=self.collection.languages))

    def _found(self, model: LanguageModel | None, kind: Kind, sought: Sought) -> Found:
        question, hits, sentences = sought.question, sought.hits, self.collection.sentences
        sure = sought.sure if sought.sure is not None else self._read(question, hits)

        def translated(words: str, source: str, target: str) -> str:
            return self._translated(model, words, source, target)

        match kind:
            case "reports":
                return reports_of(question, self.collection.retrieve(sought.text, question.language, HITS_OF_MANY))
            case "several":
                return several_of(question, sure, sentences, translated)
            case "total":
                return total_of(question, sure, sentences)
            case "compare":
                return comparison_of(question, sure, sentences, translated)
            case "yes_no":
                return yes_or_no_of(question, sure, sentences, model)
            case "overview":
                return overview_of(question, hits, self.collection)
            case _:
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
        quotes = [proof.quote.reading for proof in finding.proofs]
        said = sentence(model, question.text, finding.short, question.told_in)
        held = fold(finding.short) in fold(said) and detect(said, expected=[question.told_in]) == question.told_in
        # A small model may repeat the question before the answer.
        repeats = fold(question.text.strip(" ?!.¿？؟")) in fold(said)
        if not held or repeats or missing(said, question.told_in, article, quotes, asked=question.text):
            return tuple(told)
        quote = finding.proofs[0].quote
        carried = self.verifier.carries([Statement(said, article, quote, quote.start, quote.end)])[0]
        if carried.no > carried.yes:
            return tuple(told)
        return (replace(finding, text=said),)


def declined(language: str) -> str:
    """The sentence that says that no answer was found, in the language or else in English."""
    return language_of(language).declined or language_of("en").declined


def _pieces(text: str) -> Iterator[str]:
    for at, word in enumerate(text.split(" ")):
        yield word if at == 0 else " " + word
