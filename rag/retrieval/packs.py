"""A report's pack: what retrieval needs of its passages, in one row of the catalogue.

Places, terms and vectors of a hundred reports are read by one statement, instead of passage by passage. The vectors
stand there twice: as they are compared (language mean removed), and as 8-bit codes, by which the nearest of a large
collection are found (`rag.retrieval.codes`). Packs are a cache: a report without one is packed when it is read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from rag.encoder import Vectors
from rag.store import PackRow

# A passage: its number, span and kind, and the beginning of its input's hash, as in `Stored.key`.
ROW = np.dtype([("number", "<i8"), ("start", "<i4"), ("end", "<i4"), ("window", "?"), ("hash", "S12")])
# Codes go from -127 to 127.
MOST = 127


@dataclass(frozen=True, slots=True)
class Pack:
    """A report's passages, windows first, in text order: `rows` (n,), `vectors` (n, dimension).

    `terms` are hashes of the windows' words and names (`hashed`), window after window, `ends` (windows,) where each
    window's end.
    """

    article_id: str
    rows: NDArray[np.void]
    vectors: Vectors
    terms: NDArray[np.uint64]
    ends: NDArray[np.int32]

    @property
    def windows(self) -> int:
        """The number of windows."""
        return len(self.ends)

    def key(self, row: int) -> str:
        """`Stored.key` of a passage."""
        number, start, end, window, hash = self.rows[row].item()
        return f"{self.article_id}:{start}-{end}:{'w' if window else 's'}:{hash.decode()}"

    def packed(self) -> PackRow:
        """The row to store."""
        codes, scales = coded(self.vectors)
        return PackRow(
            self.article_id,
            self.rows.tobytes(),
            scales.tobytes() + codes.tobytes(),
            self.ends.tobytes() + self.terms.tobytes(),
            self.vectors.tobytes(),
        )


def unpack(held: PackRow) -> Pack:
    """The pack of a stored row; its arrays are views of the row's bytes."""
    rows = np.frombuffer(held.passages, ROW)
    windows = int(rows["window"].sum())
    return Pack(
        held.article_id,
        rows,
        np.frombuffer(held.vectors, "<f4").reshape(len(rows), -1),
        np.frombuffer(held.terms, "<u8", offset=4 * windows),
        np.frombuffer(held.terms, "<i4", count=windows),
    )


def coded(vectors: Vectors) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Codes (n, dimension) and scales (n,), so that `codes * scales` is about the vectors."""
    scales = np.abs(vectors).max(axis=1, initial=0).astype(np.float32) / MOST
    codes = np.rint(vectors / np.where(scales > 0, scales, 1)[:, None]).astype(np.int8)
    return codes, scales


def term_hashes(words: Iterable[str], names: Iterable[str]) -> NDArray[np.uint64]:
    """Hashes of a window's distinct words and names."""
    found = {hashed("w", word) for word in words} | {hashed("n", name) for name in names}
    return np.fromiter(found, np.uint64, len(found))


@lru_cache(maxsize=100_000)
def hashed(column: str, term: str) -> int:
    """64 bits: among a million windows of a hundred terms, two terms of a question meet by chance once in 10^9."""
    return int.from_bytes(blake2b(f"{column}:{term}".encode(), digest_size=8).digest(), "little")
