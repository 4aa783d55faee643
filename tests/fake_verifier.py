"""A stand-in for the trained verifier, deterministic: it says what it was told to say of texts that hold some words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.verification import Entailment, Statement

SILENT = Entailment(0.0, 0.0, 1.0)


class FakeVerifier:
    """A `rag.verification.Verifier`: `verdicts` by a part of the passage."""

    name = "fake"

    def __init__(self, verdicts: Mapping[str, Entailment] | None = None) -> None:
        self.asked: list[Statement] = []
        self._verdicts = verdicts or {}

    def carries(self, claims: Sequence[Statement]) -> list[Entailment]:
        self.asked += claims
        return [
            next((verdict for part, verdict in self._verdicts.items() if part in claim.passage.text), SILENT)
            for claim in claims
        ]
