"""One word asked of a small model about an excerpt: Yes, No or Unknown, and how likely it finds each.

A small model tells more by its first word's probabilities than by a sentence (README, "What we tried").
This module knows nothing of claims.
"""

from __future__ import annotations

from dataclasses import dataclass

from rag.languages import fold
from rag.llm import Completion, LanguageModel, Message
from rag.models import Article, Evidence
from rag.prompts import fill
from rag.questions import Question

TOKENS = 2
# Letters of a quote that are shown.
MOST_QUOTED = 500
# Stands for words that are not among the likeliest.
UNLIKELY = -12.0


@dataclass(frozen=True, slots=True)
class Opinion:
    """Natural log-probabilities of the model's first word."""

    yes: float
    no: float
    unknown: float

    @property
    def affirms(self) -> float:
        """Log-odds of Yes against No."""
        return self.yes - self.no

    @property
    def confirms(self) -> float:
        """Log-odds of Yes against Unknown."""
        return self.yes - self.unknown

    @property
    def denies(self) -> float:
        """Log-odds of No against Unknown."""
        return self.no - self.unknown


def opinion(model: LanguageModel, question: Question, piece: Evidence) -> Opinion:
    """What the model thinks of a yes-or-no question on one stretch of evidence. Raises ModelError."""
    user = fill(
        "yes_or_no",
        "user",
        about=_about(piece.article),
        excerpt=" ".join(piece.excerpt.split()),
        question=question.text,
    )
    return _read(
        model.complete([Message("system", fill("yes_or_no", "system")), Message("user", user)], max_tokens=TOKENS)
    )


def agreement(model: LanguageModel, question: Question, article: Article, quote: str, words: str) -> float:
    """Log-odds that these words of the article's quote are what the question asks for, as the model thinks.

    Raises ModelError.
    """
    # A figure's quote that says "in the district" seems to tell of another one without the report's place; a place or
    # day shown beside the quote would be taken for the answer to a where or when.
    about = _about(article) if question.kind == "number" else ""
    report = f"Report ({about})" if about else "Report"
    user = fill("agree", "user", report=report, quote=quote[:MOST_QUOTED], question=question.text, words=words)
    reply = model.complete([Message("system", fill("agree", "system")), Message("user", user)], max_tokens=TOKENS)
    return _read(reply).affirms


def _about(article: Article) -> str:
    """The report's place and day."""
    return "; ".join([*article.places[:1], *([article.published.isoformat()] if article.published else [])])


def _read(reply: Completion) -> Opinion:
    """From the first token's alternatives; a model without probabilities is taken at its word."""
    said = {fold(text.strip()): logprob for text, logprob in reversed(reply.tokens[0].top)} if reply.tokens else {}
    word = fold(reply.text.strip().rstrip("."))
    yes, no, unknown = (
        max((logprob for text, logprob in said.items() if text and name.startswith(text)), default=UNLIKELY)
        if said
        else (0.0 if name == word else UNLIKELY)
        for name in ("yes", "no", "unknown")
    )
    return Opinion(yes, no, unknown)
