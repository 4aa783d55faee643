"""The nearest passages of a collection, or of some of its reports, by comparing with all of them in 8 bits.

100,000 vectors of 384 dimensions are 38 MB of codes and take 4 ms. What comes out is a little more than
asked for: everything that may belong to it within the codes' error. The caller compares these exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.encoder import Vectors, products
from rag.models import PassageKind
from rag.retrieval.packs import ROW

# Passages put in place at once, while the collection is loaded.
BLOCK = 4096
# How far a code's similarity is off, in its standard deviations, at the most.
SIGMAS = 6.0


@dataclass(frozen=True, slots=True)
class Codes:
    """All passages in arrays (n,): `owner` is the report's number in `articles`, `place` the row in its pack.

    `kinds` are the places of windows and of sentences in them. `codes` (dimension, n) are the vectors divided by their
    `scales`; `sums` those of their entries.
    """

    articles: tuple[str, ...]
    owner: NDArray[np.int32]
    place: NDArray[np.int32]
    window: NDArray[np.bool_]
    kinds: Mapping[PassageKind, NDArray[np.int64]]
    codes: NDArray[np.int8]
    sums: NDArray[np.int32]
    scales: NDArray[np.float32]

    @classmethod
    def of(cls, packs: Iterable[tuple[str, bytes, bytes]], total: int) -> Codes:
        """From `Catalog.codes`, of which `total` passages come; taken one by one, since they are large."""
        ids: list[str] = []
        sizes: list[int] = []
        window = np.empty(total, np.bool_)
        scales = np.empty(total, np.float32)
        codes = np.empty((0, total), np.int8)
        block: list[NDArray[np.int8]] = []
        at = waiting = 0
        for id, passages, blob in packs:
            rows = np.frombuffer(passages, ROW)
            count = len(rows)
            if not len(codes):
                codes = np.empty((len(blob) // count - 4, total), np.int8)
            window[at : at + count] = rows["window"]
            scales[at : at + count] = np.frombuffer(blob, "<f4", count=count)
            block.append(np.frombuffer(blob, np.int8, offset=4 * count).reshape(count, -1))
            ids.append(id)
            sizes.append(count)
            at += count
            waiting += count
            if waiting >= BLOCK or at == total:
                codes[:, at - waiting : at] = np.concatenate(block).T
                block, waiting = [], 0
        counts = np.array(sizes, np.int64)
        firsts = np.cumsum(counts) - counts
        return cls(
            articles=tuple(ids),
            owner=np.repeat(np.arange(len(ids), dtype=np.int32), counts),
            place=(np.arange(total) - np.repeat(firsts, counts)).astype(np.int32),
            window=window,
            kinds={"window": np.flatnonzero(window), "sentence": np.flatnonzero(~window)},
            codes=codes,
            sums=codes.sum(axis=0, dtype=np.int32),
            scales=scales,
        )

    def nearest(
        self, vector: Vectors, limit: int, articles: Iterable[str] | None = None
    ) -> dict[PassageKind, list[tuple[str, int]]]:
        """Report id and row of the `limit` passages nearest to the vector, of each kind, and of those near the limit.

        `articles` None compares with all.
        """
        among: NDArray[np.bool_] | None = None
        if articles is not None:
            admitted = set(articles)
            among = np.fromiter((id in admitted for id in self.articles), np.bool_, len(self.articles))[self.owner]
        scores = products(vector, self.codes, self.sums) * self.scales
        found: dict[PassageKind, list[tuple[str, int]]] = {}
        for kind, places in self.kinds.items():
            places = places if among is None else places[among[places]]
            if len(places) > limit:
                near = scores[places]
                least = np.partition(near, -limit)[-limit] - self._margin(vector)
                places = places[near >= least]
            owners, inside = self.owner[places].tolist(), self.place[places].tolist()
            found[kind] = [(self.articles[owner], row) for owner, row in zip(owners, inside, strict=True)]
        return found

    def _margin(self, vector: Vectors) -> float:
        """What two similarities may be off against each other: rounding is even over a step, twelve to a variance.

        The vector's own rounding, in steps of a 60th of these, does not count.
        """
        step = float(self.scales.max(initial=0)) * float(np.linalg.norm(vector))
        return SIGMAS * math.sqrt(2 / 12) * step
