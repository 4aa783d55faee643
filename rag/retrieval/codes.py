"""The nearest passages of a collection, or of some of its reports, by comparing with all of them in 8 bits.

100,000 vectors of 384 dimensions are 38 MB of codes and take 12 ms of one core. What comes out is a little more than
asked for: everything that may belong to it within the codes' error. The caller compares these exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.encoder import Vectors
from rag.models import PassageKind
from rag.retrieval.packs import ROW

# Vectors turned to 32 bits at once: 512 x 384 x 4 bytes stay in the processor's second cache.
BLOCK = 512
# How far a code's similarity is off, in its standard deviations, at the most.
SIGMAS = 6.0


@dataclass(frozen=True, slots=True)
class Codes:
    """All passages in arrays (n,): `owner` is the report's number in `articles`, `place` the row in its pack."""

    articles: tuple[str, ...]
    owner: NDArray[np.int32]
    place: NDArray[np.int32]
    window: NDArray[np.bool_]
    codes: NDArray[np.int8]
    scales: NDArray[np.float32]

    @classmethod
    def of(cls, packs: Iterable[tuple[str, bytes, bytes]]) -> Codes:
        """From `Catalog.codes`."""
        held = list(packs)
        counts = np.array([len(passages) // ROW.itemsize for _, passages, _ in held], np.int64)
        total = int(counts.sum())
        width = (len(held[0][2]) // int(counts[0]) - 4) if total else 1
        rows = np.frombuffer(b"".join(passages for _, passages, _ in held), ROW)
        codes, scales = np.empty((total, width), np.int8), np.empty(total, np.float32)
        at = 0
        for (_, _, blob), count in zip(held, counts.tolist(), strict=True):
            scales[at : at + count] = np.frombuffer(blob, "<f4", count=count)
            codes[at : at + count] = np.frombuffer(blob, np.int8, offset=4 * count).reshape(count, width)
            at += count
        firsts = np.cumsum(counts) - counts
        return cls(
            articles=tuple(id for id, _, _ in held),
            owner=np.repeat(np.arange(len(held), dtype=np.int32), counts),
            place=(np.arange(total) - np.repeat(firsts, counts)).astype(np.int32),
            window=np.ascontiguousarray(rows["window"]),
            codes=codes,
            scales=scales,
        )

    def nearest(
        self, vector: Vectors, limit: int, articles: Iterable[str] | None = None
    ) -> dict[PassageKind, list[tuple[str, int]]]:
        """Report id and row of the `limit` passages nearest to the vector, of each kind, and of those near the limit.

        `articles` None compares with all.
        """
        rows: NDArray[np.int64] | None = None
        if articles is not None:
            admitted = set(articles)
            among = np.fromiter((id in admitted for id in self.articles), np.bool_, len(self.articles))
            rows = np.flatnonzero(among[self.owner])
        scores = self._scores(vector, rows)
        window = self.window if rows is None else self.window[rows]
        found: dict[PassageKind, list[tuple[str, int]]] = {}
        kinds: tuple[tuple[PassageKind, NDArray[np.bool_]], ...] = (("window", window), ("sentence", ~window))
        for kind, which in kinds:
            places = np.flatnonzero(which)
            if len(places) > limit:
                near = scores[places]
                least = np.partition(near, -limit)[-limit] - self._margin(vector)
                places = places[near >= least]
            chosen = places if rows is None else rows[places]
            owners, inside = self.owner[chosen].tolist(), self.place[chosen].tolist()
            found[kind] = [(self.articles[owner], row) for owner, row in zip(owners, inside, strict=True)]
        return found

    def _scores(self, vector: Vectors, rows: NDArray[np.int64] | None) -> NDArray[np.float32]:
        total = len(self.scales) if rows is None else len(rows)
        scores = np.empty(total, np.float32)
        for at in range(0, total, BLOCK):
            block = self.codes[at : at + BLOCK] if rows is None else self.codes[rows[at : at + BLOCK]]
            scores[at : at + BLOCK] = block.astype(np.float32) @ vector
        scores *= self.scales if rows is None else self.scales[rows]
        return scores

    def _margin(self, vector: Vectors) -> float:
        """What two similarities may be off against each other: rounding is even over a step, twelve to a variance."""
        step = float(self.scales.max(initial=0)) * float(np.linalg.norm(vector))
        return SIGMAS * math.sqrt(2 / 12) * step
