"""The reader's input: <s> question </s> header </s> window </s>, in tokens.

Training and reading both build their input here, so that they cannot diverge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# Longer questions and headers are truncated: one training question in a thousand is longer.
QUESTION_TOKENS = 48
HEADER_TOKENS = 32
# Special tokens around the three parts.
MARKS = 4


@dataclass(frozen=True, slots=True)
class ReaderInput:
    """Token ids of one window with its question; the window's tokens are `ids[first:last]`."""

    ids: list[int]
    first: int
    last: int


def reader_input(
    question: Sequence[int], header: Sequence[int], window: Sequence[int], begin: int, end: int
) -> ReaderInput:
    """Join the three parts, question and header cut to their limits; `begin` and `end` are the ids of <s> and </s>."""
    asked, told = list(question)[:QUESTION_TOKENS], list(header)[:HEADER_TOKENS]
    first = len(asked) + len(told) + 3
    return ReaderInput([begin, *asked, end, *told, end, *window, end], first, first + len(window))
