"""Whether a question is a follow-up, and to which question.

A follow-up cannot be understood without what was asked before ("And how old is she?"). This is
predicted from the question's vector (`rag.training.follows` makes the table). Independent of passages.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.answering.classes import chances
from rag.language import detect, shows_none

TABLE = "follows.npz"
ALONE, FOLLOWS = "alone", "follows"
# A question is taken for a follow-up from this probability on; between the two others it is read both ways. By models
# of other languages .96 of the training dialogues' 1,872 follow-ups and .95 of their 1,361 later new questions are told
# right, and .99 of the follow-ups are above the lower bound (2026-11-29).
LEAST_TO_FOLLOW, UNSURE = 0.3, (0.08, 0.5)


def chance_to_follow(vector: NDArray[np.float32]) -> float | None:
    """The probability that a question with this vector (dimension,) is a follow-up; None for another embedder."""
    likely = chances(TABLE, vector)
    return None if likely is None else likely[FOLLOWS]


def leading(earlier: Sequence[str], follows: Callable[[str], bool]) -> list[str]:
    """The last earlier question, and those before it back to one that is not a follow-up."""
    first = len(earlier) - 1
    while first > 0 and follows(earlier[first]):
        first -= 1
    return list(earlier[first:])


def spoken(earlier: Sequence[str], expected: Collection[str]) -> str:
    """The language of the last earlier question in which it could be detected; "" if there is none."""
    return next((detect(text, expected=expected) for text in reversed(earlier) if not shows_none(text)), "")
