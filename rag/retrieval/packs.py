"""Packs: what retrieval needs of a report's passages, in one row of the catalogue; read for many reports at once.

Places, terms, reading views and vectors of a hundred reports are read by one statement, instead of passage by passage,
and no report is taken apart anew. A vector as it is compared (language mean removed) stands there as two numbers of 8
bits for each dimension: its codes, by which the nearest of a large collection are found (`rag.retrieval.codes`), and
what they leave out. Packs are a cache: a report without one is packed when it is read.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from rag.encoder import Vectors
from rag.models import Article, Passage, PassageKind
from rag.sources import as_read
from rag.store import PackRow

# A passage: its number and span, whether it is a window, the beginning of its input's hash as in `Stored.key`, and the
# rows of the same report that belong to it (first, last exclusive): a window's sentences, a sentence's windows.
ROW = np.dtype(
    [("number", "<i8"), ("start", "<i4"), ("end", "<i4"), ("first", "<i4"), ("last", "<i4"), ("window", "?")]
    + [("hash", "S12")]
)
# Codes go from -127 to 127.
MOST = 127
# Parts of a code's step: what is left of a dimension, half a step at the most, goes from -127 to 127 too.
FINER = 2 * MOST
# Passages turned to 32 bits at once: 512 x 384 x 4 bytes stay in the processor's second cache.
BLOCK = 512
# Number, start, end, and the hash of the embedded text.
Place = tuple[int, int, int, str]


@dataclass(frozen=True, slots=True)
class Packs:
    """The passages of some reports, report after report, windows before sentences, both in text order.

    `rows` (n,); the vectors (n, dimension) are `scales` (n,) times the sum of `codes` and `rest` / `FINER`. `first`
    (reports,) is each report's first row. `terms` are hashes of the
    windows' words and names (`hashed`), window after window; `counts` (windows,) says how many each window has.
    `reads` are the reading views of each report's passages, as JSON.
    """

    ids: tuple[str, ...]
    first: dict[str, int]
    owner: NDArray[np.int64]
    rows: NDArray[np.void]
    codes: NDArray[np.int8]
    rest: NDArray[np.int8]
    scales: NDArray[np.float32]
    terms: NDArray[np.uint64]
    counts: NDArray[np.int32]
    reads: tuple[bytes, ...]

    @classmethod
    def of(cls, held: Sequence[PackRow]) -> Packs:
        """From the catalogue's rows."""
        sizes = np.array([len(pack.passages) // ROW.itemsize for pack in held], np.int64)
        firsts = np.cumsum(sizes) - sizes
        owner = np.repeat(np.arange(len(held)), sizes)
        rows = np.frombuffer(b"".join(pack.passages for pack in held), ROW).copy()
        rows["first"] += firsts[owner].astype(np.int32)
        rows["last"] += firsts[owner].astype(np.int32)
        windows = np.bincount(owner[rows["window"]], minlength=len(held)).tolist()
        counts = b"".join(pack.terms[: 4 * windows[place]] for place, pack in enumerate(held))
        terms = b"".join(pack.terms[4 * windows[place] :] for place, pack in enumerate(held))
        return cls(
            ids=tuple(pack.article_id for pack in held),
            first={pack.article_id: first for pack, first in zip(held, firsts.tolist(), strict=True)},
            owner=owner,
            rows=rows,
            codes=_joined([pack.codes[4 * size :] for pack, size in zip(held, sizes.tolist(), strict=True)], len(rows)),
            rest=_joined([pack.rest for pack in held], len(rows)),
            scales=np.frombuffer(
                b"".join(pack.codes[: 4 * size] for pack, size in zip(held, sizes.tolist(), strict=True)), "<f4"
            ),
            terms=np.frombuffer(terms, "<u8"),
            counts=np.frombuffer(counts, "<i4"),
            reads=tuple(pack.reads for pack in held),
        )

    def id(self, row: int) -> str:
        """The report of a passage."""
        return self.ids[int(self.owner[row])]

    def passage(self, article: Article, row: int) -> Passage:
        """The passage in its report, as `rag.sources.as_read` reads it."""
        _, start, end, _, _, window, _ = self.rows[row].item()
        kind: PassageKind = "window" if window else "sentence"
        views = json.loads(self.reads[int(self.owner[row])])
        view = views.get(str(row - self.first[article.id]), "")
        return Passage(article.id, start, end, article.text[start:end], kind, view)

    def key(self, row: int) -> str:
        """`Stored.key` of a passage."""
        _, start, end, _, _, window, hash = self.rows[row].item()
        return f"{self.id(row)}:{start}-{end}:{'w' if window else 's'}:{hash.decode()}"

    def cosines(self, vector: Vectors) -> NDArray[np.float32]:
        """Products (n,) of the vector with all passages' vectors."""
        found = np.empty(len(self.rows), np.float32)
        for at in range(0, len(self.rows), BLOCK):
            here = slice(at, at + BLOCK)
            found[here] = self.codes[here].astype(np.float32) @ vector
            found[here] += (self.rest[here].astype(np.float32) @ vector) / FINER
        return found * self.scales

    def nearest(self, places: Sequence[tuple[str, int]], cosines: NDArray[np.float32], limit: int) -> list[int]:
        """The rows of the `limit` passages with the highest cosines, best first, of those given by report and row."""
        rows = [self.first[id] + row for id, row in places]
        if not rows:
            return []
        scored = zip((-cosines[rows]).tolist(), map(self.key, rows), rows, strict=True)
        return [row for _, _, row in heapq.nsmallest(limit, scored)]

    def terms_held(self, wanted: Sequence[int]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which of these hashed terms each window holds, and which any window of its report does: (windows, terms)."""
        order = np.argsort(np.array(wanted, np.uint64))
        ranked = np.array(wanted, np.uint64)[order]
        at = np.minimum(np.searchsorted(ranked, self.terms), len(ranked) - 1)
        hits = np.flatnonzero(ranked[at] == self.terms)
        held = np.zeros((len(self.counts), len(wanted)), bool)
        held[np.searchsorted(np.cumsum(self.counts), hits, side="right"), order[at[hits]]] = True
        owner = self.owner[self.rows["window"]]
        reports = np.zeros((len(self.ids), len(wanted)), bool)
        np.logical_or.at(reports, owner, held)
        return held, reports[owner]


def packed(
    article: Article,
    windows: Sequence[Place],
    sentences: Sequence[Place],
    terms: Sequence[Iterable[int]],
    vectors: Vectors,
) -> PackRow:
    """The row of one report: its passages in text order, each window's hashed terms, and the vectors of all."""
    rows = np.zeros(len(windows) + len(sentences), ROW)
    for row, (number, start, end, hash) in enumerate((*windows, *sentences)):
        rows[row] = (number, start, end, 0, 0, row < len(windows), hash[:12])
    whole, parts = rows[: len(windows)], rows[len(windows) :]
    # Both kinds are in order and none lies inside another of its kind: what belongs together is a range.
    whole["first"] = len(whole) + np.searchsorted(parts["start"], whole["start"])
    whole["last"] = len(whole) + np.searchsorted(parts["end"], whole["end"], side="right")
    parts["first"] = np.searchsorted(whole["end"], parts["end"])
    parts["last"] = np.searchsorted(whole["start"], parts["start"], side="right")
    rows["last"] = np.maximum(rows["first"], rows["last"])
    held = [sorted(each) for each in terms]
    codes, rest, scales = coded(vectors)
    spans = [Passage(article.id, start, end, article.text[start:end]) for _, start, end, _ in (*windows, *sentences)]
    views = {row: view for row, span in enumerate(spans) if (view := as_read(article, span).reads)}
    return PackRow(
        article.id,
        rows.tobytes(),
        scales.tobytes() + codes.tobytes(),
        np.array([len(each) for each in held], "<i4").tobytes()
        + np.array([hash for each in held for hash in each], "<u8").tobytes(),
        json.dumps(views, ensure_ascii=False).encode(),
        rest.tobytes(),
    )


def _joined(blobs: Sequence[bytes], count: int) -> NDArray[np.int8]:
    return np.frombuffer(b"".join(blobs), np.int8).reshape(max(1, count), -1)


def coded(vectors: Vectors) -> tuple[NDArray[np.int8], NDArray[np.int8], NDArray[np.float32]]:
    """Codes and rest (n, dimension) and scales (n,): `codes * scales` is about the vectors, see `Packs`."""
    scales = (np.abs(vectors).max(axis=1, initial=0) / MOST).astype(np.float32)
    digits = vectors / np.where(scales > 0, scales, 1)[:, None]
    codes = np.rint(digits)
    return codes.astype(np.int8), np.rint((digits - codes) * FINER).astype(np.int8), scales


@lru_cache(maxsize=100_000)
def hashed(column: str, term: str) -> int:
    """64 bits: among a million windows of a hundred terms, two terms of a question meet by chance once in 10^9."""
    return int.from_bytes(blake2b(f"{column}:{term}".encode(), digest_size=8).digest(), "little")
