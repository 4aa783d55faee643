"""Examples -> batches of padded arrays. Lengths are rounded up: kernels are compiled per shape, which is slow."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence, Sized
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.encoder.pack import Pack
from rag.encoder.reader_input import reader_input
from rag.training.examples import Example

ROUND = 32


@dataclass(frozen=True, slots=True)
class Batch:
    """`words` (examples, tokens, width), masks (examples, tokens), targets (examples,).

    `window` marks the tokens that may be answers; `start` and `end` are 0 if there is none; `other` is -1 if unknown.
    """

    words: NDArray[np.float32]
    mask: NDArray[np.bool_]
    window: NDArray[np.bool_]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    other: NDArray[np.float32]


def plan(examples: Sequence[Sized], tokens: int, seed: int) -> list[list[int]]:
    """Group rows into batches: about `tokens` per batch, of one rounded length, in random order."""
    rng = random.Random(seed)
    order = list(range(len(examples)))
    rng.shuffle(order)
    full: list[list[int]] = []
    open_: dict[int, list[int]] = defaultdict(list)
    for row in order:
        length = -(-len(examples[row]) // ROUND) * ROUND
        open_[length].append(row)
        if len(open_[length]) * length >= tokens:
            full.append(open_.pop(length))
    return full + [rows for rows in open_.values() if rows]


def batch(examples: Sequence[Example], pack: Pack) -> Batch:
    """One batch, padded to its longest example rounded up."""
    put = [reader_input(one.question, one.header, one.window, pack.begin, pack.end) for one in examples]
    words, mask = padded([one.ids for one in put], pack)
    window = np.zeros(mask.shape, bool)
    start, end = np.zeros(len(examples), np.int64), np.zeros(len(examples), np.int64)
    for row, (example, held) in enumerate(zip(examples, put, strict=True)):
        window[row, held.first : held.last] = True
        if example.start >= 0:
            start[row], end[row] = held.first + example.start, held.first + example.end
    other = np.array([example.other for example in examples], np.float32)
    return Batch(words, mask, window, start, end, other)


def padded(rows: Sequence[Sequence[int]], pack: Pack) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Word vectors (rows, tokens, width) and mask (rows, tokens) of token ids, padded to the longest, rounded up."""
    length = max(-(-len(row) // ROUND) * ROUND for row in rows)
    ids, mask = np.full((len(rows), length), pack.pad, np.int64), np.zeros((len(rows), length), bool)
    for place, row in enumerate(rows):
        ids[place, : len(row)] = row
        mask[place, : len(row)] = True
    return pack.word_vectors(ids), mask
