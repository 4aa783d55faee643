"""The verifier: a small multilingual encoder trained on pairs of claim and text (`rag.training`).

It judges what a text says about a claim. Its weights are in `weights/`, with their model card.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np

from rag.encoder import TEXT_TOKENS, ClaimScorer, Tokenizer, WeightsFolder, chosen, claim_input, columns, open_tokenizer
from rag.models import Article, Passage
from rag.reading import header_of
from rag.settings import Settings
from rag.sources import reading_view

WEIGHTS = Path(__file__).parent / "weights"
FILE = "verifier.onnx"


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim about a passage of a report. Of a long passage, the text around `start` to `end` is read.

    Offsets count code points of the report's text, like the passage's.
    """

    text: str
    article: Article
    passage: Passage
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Entailment:
    """Probabilities that a text supports a claim (`yes`), contradicts it (`no`), or does not say; they sum to 1."""

    yes: float
    no: float
    unknown: float


class Verifier(Protocol):
    """What answering needs from a verifier; `name` appears as `Answer.models["verifier"]`."""

    @property
    def name(self) -> str:
        """Identifies the weights."""
        ...

    def carries(self, claims: Sequence[Statement]) -> list[Entailment]:
        """Probabilities that each passage supports its claim, contradicts it, or leaves it open."""
        ...


class ClaimVerifier:
    """The trained verifier. Its weights are loaded at the first claim. Raises NeedError if they are missing."""

    def __init__(self, folder: Path, threads: int = 0) -> None:
        self._weights = WeightsFolder(folder, FILE, WEIGHTS, "ASKREPORTS_VERIFIER")
        self._scorer = ClaimScorer(self._weights.path, threads=threads)

    @property
    def name(self) -> str:
        """The folder's path; `bundled` for the package's own weights."""
        return self._weights.name

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return open_tokenizer()

    def load(self) -> None:
        """Open the weights ahead of the first claim. Raises NeedError or ModelError."""
        self._scorer.load()

    def carries(self, claims: Sequence[Statement]) -> list[Entailment]:
        """See `Verifier`. Raises NeedError for damaged weights."""
        scores = self._scorer.score([self._input(claim) for claim in claims])[:, columns("inference")]
        chances = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-np.inf))
        chances /= chances.sum(axis=1, keepdims=True)
        return [Entailment(*map(float, row)) for row in chances]

    def _input(self, claim: Statement) -> list[int]:
        said, header = self._tokenizer.ids([claim.text, header_of(claim.article)])
        view = reading_view(claim.article, claim.passage.start, claim.passage.end)
        tokens = self._tokenizer.tokens(view.text)
        first = sum(end <= view.at(claim.start) for _, end in tokens.offsets)
        last = sum(start < view.at(claim.end) for start, _ in tokens.offsets)
        before = max(0, min(first, (first + last - TEXT_TOKENS) // 2, len(tokens.ids) - TEXT_TOKENS))
        return claim_input(said, header, tokens.ids[before:], self._tokenizer.begin, self._tokenizer.end)


def open_verifier(settings: Settings) -> Verifier:
    """The verifier that `ASKREPORTS_VERIFIER` names. Raises NeedError for a folder without weights."""
    return ClaimVerifier(chosen(settings.verifier, WEIGHTS), settings.threads)
