"""Token scores -> spans: the best span of a window, its rivals, and their margins over "none".

A span's score is its first token's start plus its last token's end; "none" has a score of its own, read at the <s>
token (the span model of BERT for SQuAD 2.0, Devlin et al. 2019).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Longest span in tokens. Training answers are at most 40; of these 995 in a thousand are at most 30.
LONGEST = 30


@dataclass(frozen=True, slots=True)
class TokenSpan:
    """Tokens `first` to `last`, both included, counted in the window; `margin` is over "none", in logits."""

    first: int
    last: int
    margin: float


def best_spans(start: NDArray[np.float32], end: NDArray[np.float32], none: float, count: int = 1) -> list[TokenSpan]:
    """The `count` best spans that do not overlap, best first.

    `start` and `end` have shape (tokens of the window,), `none` is the score of finding nothing (start plus end).
    """
    length = len(start)
    if not length:
        return []
    scores = start[:, None] + end[None, :]
    rows, columns = np.indices((length, length), sparse=True)
    scores = np.where((columns >= rows) & (columns < rows + LONGEST), scores, -np.inf)
    found: list[TokenSpan] = []
    for _ in range(count):
        first, last = divmod(int(scores.argmax()), length)
        if not np.isfinite(scores[first, last]):
            break
        found.append(TokenSpan(first, last, float(scores[first, last]) - none))
        scores[: last + 1, first:] = -np.inf
    return found
