"""What the reader is shown: <s> question </s> header </s> window </s>, in tokens.

Training and reading both put their input together here, so that they cannot part ways.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# Longer questions and headers lose their end: of the training questions one in a thousand is longer.
QUESTION_TOKENS = 48
HEADER_TOKENS = 32
# Marks around the three parts.
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
    """Put the three parts together; `begin` and `end` are the ids of the marks."""
    asked, told = list(question)[:QUESTION_TOKENS], list(header)[:HEADER_TOKENS]
    first = len(asked) + len(told) + 3
    return ReaderInput([begin, *asked, end, *told, end, *window, end], first, first + len(window))
