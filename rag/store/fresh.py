"""Passages that came after a generation of the vector index was built: read from the catalogue, compared with each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rag.models import PassageKind
from rag.store.generations import Generation
from rag.store.vector_source import Memory, Source


def _none() -> NDArray[np.float32]:
    return np.zeros((0, 0), dtype=np.float32)


@dataclass(frozen=True)
class Fresh:
    """The newer passages of a kind: their keys, reports and vectors (passages, dimension).

    `number` is the highest that was looked at, `gone` how many passages of the generation are not in the catalogue.
    """

    number: int
    keys: list[str] = field(default_factory=list)
    articles: list[str] = field(default_factory=list)
    matrix: NDArray[np.float32] = field(default_factory=_none)
    gone: int = 0

    def nearest(self, vector: NDArray[np.float32], limit: int, articles: Sequence[str] | None) -> list[str]:
        """The `limit` keys nearest to the vector, best first; `articles` None for those of every report."""
        rows = np.arange(len(self.keys))
        if articles is not None:
            allowed = set(articles)
            rows = np.asarray([row for row in rows.tolist() if self.articles[row] in allowed], dtype=int)
        if not len(rows):
            return []
        scores = self.matrix[rows] @ vector
        return [self.keys[rows[at]] for at in np.argsort(-scores, kind="stable")[:limit].tolist()]


def caught_up(
    held: Fresh | None, kind: PassageKind, generation: Generation | None, memory: Memory, source: Source
) -> Fresh:
    """What came since the generation; vectors that are in `held`, read earlier for the same one, are not read again."""
    start = generation.numbers[kind] if generation else 0
    held = held or Fresh(start)
    with memory.snapshot():
        older, newer = memory.tally(kind, start)
        stored = memory.since(kind, held.number)
        if len(held.keys) + len(stored) != newer:
            # Some of those read before are gone.
            held, stored = Fresh(start), memory.since(kind, start)
        matrix = source.matrix(stored)
    return Fresh(
        number=max([held.number, *(one.number for one in stored)]),
        keys=held.keys + [one.key for one in stored],
        articles=held.articles + [one.passage.article_id for one in stored],
        matrix=np.concatenate([held.matrix, matrix]) if held.keys and stored else matrix if stored else held.matrix,
        gone=max(0, generation.counts[kind] - older) if generation else 0,
    )
