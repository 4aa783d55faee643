"""Examples -> batches of padded arrays. Lengths are rounded up: for each new shape kernels are made, which is slow."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.encoder.pack import Pack
from rag.encoder.reader_input import reader_input
from rag.training.examples import Example

ROUND = 32
# Examples that are sorted by length together; more make fuller batches, fewer a better mix.
TOGETHER = 4096


@dataclass(frozen=True, slots=True)
class Batch:
    """`words` (examples, tokens, width), masks (examples, tokens), targets (examples,).

    `window` marks the tokens that may be answers; `start` and `end` are 0 where there is none; `other` is -1 where
    unknown.
    """

    words: NDArray[np.float32]
    mask: NDArray[np.bool_]
    window: NDArray[np.bool_]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    other: NDArray[np.float32]


def rounded(example: Example) -> int:
    """Tokens of an example, padding included."""
    return -(-len(example) // ROUND) * ROUND


def plan(examples: Sequence[Example], tokens: int, seed: int) -> list[list[int]]:
    """Which examples go together: about `tokens` in a batch, of one length, in random order."""
    rng = random.Random(seed)
    order = list(range(len(examples)))
    rng.shuffle(order)
    full: list[list[int]] = []
    open_: dict[int, list[int]] = defaultdict(list)
    for at in range(0, len(order), TOGETHER):
        for row in order[at : at + TOGETHER]:
            length = rounded(examples[row])
            open_[length].append(row)
            if len(open_[length]) * length >= tokens:
                full.append(open_.pop(length))
    return full + [rows for rows in open_.values() if rows]


def batch(examples: Sequence[Example], pack: Pack) -> Batch:
    """One batch, padded to its longest example rounded up."""
    length = max(map(rounded, examples))
    shape = (len(examples), length)
    ids = np.full(shape, pack.pad, np.int64)
    mask, window = np.zeros(shape, bool), np.zeros(shape, bool)
    start, end = np.zeros(len(examples), np.int64), np.zeros(len(examples), np.int64)
    for row, example in enumerate(examples):
        put = reader_input(example.question, example.header, example.window, pack.begin, pack.end)
        ids[row, : len(put.ids)] = put.ids
        mask[row, : len(put.ids)] = True
        window[row, put.first : put.last] = True
        if example.start >= 0:
            start[row], end[row] = put.first + example.start, put.first + example.end
    other = np.array([example.other for example in examples], np.float32)
    return Batch(pack.word_vectors(ids), mask, window, start, end, other)
