"""Question + evidence -> the claims that hold: drafts are read, put right, verified and weighed.

A small model's best draft is the answer where it is likely enough; a strong one's claims are all kept that are proven.
What several reports say together is for `rag.combining`. Knows nothing of stores or of how answers are told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rag.deciding import DECLINE, SURE, likelihood
from rag.llm import LanguageModel
from rag.models import Article, Evidence, Passage, Support
from rag.questions import Question
from rag.reading import Draft, read, translate
from rag.verification import Verdict, check
from rag.wording import alone, reworded

TYPED = frozenset({"number", "code", "date"})


@dataclass(frozen=True, slots=True)
class Found:
    """A claim, the sentences that prove it with their reports, how far, and how likely it answers (0 to 1)."""

    text: str
    proofs: tuple[tuple[Article, Passage], ...]
    support: Support
    likelihood: float
    words: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The claims of an answer, none where the reports do not say, and how likely they say it (0 to 1)."""

    found: tuple[Found, ...]
    confidence: float


def claims(model: LanguageModel, question: Question, evidence: Iterable[Evidence], most: int) -> Outcome:
    """Read at most `most` stretches. Raises ModelError."""
    if not model.small:
        proven = [one for draft in read(model, question, evidence, most) if (one := verified(model, question, draft))]
        return Outcome(tuple(proven), 1.0 if proven else 0.0)
    found = best(model, question, evidence, most)
    if found is None:
        return Outcome((), 0.0)
    return Outcome((found,) if found.likelihood >= DECLINE else (), found.likelihood)


def best(model: LanguageModel, question: Question, evidence: Iterable[Evidence], most: int) -> Found | None:
    """The likeliest claim; reading stops at the first that is sure."""
    held: Found | None = None
    for draft in read(model, question, evidence, most):
        one = verified(model, question, draft)
        if one and (held is None or one.likelihood > held.likelihood):
            held = one
        if held and held.likelihood >= SURE:
            break
    return held


def verified(model: LanguageModel, question: Question, draft: Draft) -> Found | None:
    """The draft as a claim with the sentence that proves it; None where none does.

    What a small model copied is often right where its sentence is not: a figure, code or date is then told alone, other
    words are translated where the sentence was left in the report's language or only repeats the question.
    """
    held, quote, verdict = _proven(question, draft)
    if verdict.support == "unsupported" and model.small and draft.words:
        if question.kind in TYPED:
            text = alone(draft.words, question, draft.article.language)
        elif verdict.badly_said:
            text = _as_sentence(translate(model, draft.words, draft.article.language, question.language))
        else:
            return None
        held, quote, verdict = _proven(question, replace(draft, text=text))
    if verdict.support == "unsupported":
        return None
    chance = likelihood(held, verdict.support, typed=question.kind in TYPED) if model.small else 1.0
    return Found(held.text, ((draft.article, quote),), verdict.support, chance, draft.words)


def _proven(question: Question, draft: Draft) -> tuple[Draft, Passage, Verdict]:
    """The first of the draft's sentences that proves it, else the first that does so weakly."""
    tried: list[tuple[Draft, Passage, Verdict]] = []
    for quote in draft.quotes:
        text = reworded(draft.text, draft.words, quote.text, question, draft.article.language)
        verdict = check(text, question, draft.article, quote)
        tried.append((replace(draft, text=text), quote, verdict))
        if verdict.support == "supported":
            return tried[-1]
    return next((one for one in tried if one[2].support == "weak"), tried[0])


def _as_sentence(text: str) -> str:
    text = text.strip(" \"'")
    return text if text.endswith((".", "!", "?")) else f"{text[:1].upper()}{text[1:]}."


def of_each(evidence: Sequence[Evidence]) -> list[list[Evidence]]:
    """The stretches report by report, reports in the order of their best one."""
    held: dict[str, list[Evidence]] = {}
    for piece in evidence:
        held.setdefault(piece.article.id, []).append(piece)
    return list(held.values())
