"""The question: its text, its language, and its kind.

The kind is predicted by a small classifier over the question's vector, with its language's mean removed, so that no
word lists are needed (`rag.training.kinds` makes its table). If it is not confident, the question asks for one fact.
"""

from __future__ import annotations

from collections.abc import Collection as Several
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from rag.errors import QuestionError
from rag.language import detect

Kind = Literal["fact", "several", "reports", "total", "compare", "yes_no", "overview", "talk"]
KINDS: tuple[Kind, ...] = get_args(Kind)
TABLE = "kinds.npz"


@dataclass(frozen=True, slots=True)
class Question:
    """A question with white space normalised; `language` is a BCP 47 tag."""

    text: str
    language: str


def understand(text: str, *, limit: int, languages: Several[str]) -> Question:
    """Read a question; `languages` are the collection's.

    Raises QuestionError for a question that is empty, longer than `limit` code points, or without a letter or digit.
    """
    text = " ".join(text.replace("\0", " ").split())
    if not text:
        raise QuestionError("the question is empty; write what you want to know")
    if len(text) > limit:
        raise QuestionError(
            f"the question has {len(text)} characters, at most {limit} are read; ask for one thing at a time, "
            "or raise ASKREPORTS_MAX_QUESTION_CHARS"
        )
    if not any(map(str.isalnum, text)):
        raise QuestionError(f"the question {text[:20]!r} holds no word; write it in words of any language")
    return Question(text, detect(text, expected=languages))


def kind_of(vector: NDArray[np.float32]) -> Kind:
    """The kind of a question from its vector (dimension,), with its language's mean removed.

    A vector of another size than the table's, from another embedder, asks for one fact.
    """
    weights, bias, least = _table()
    if weights.shape[1] != len(vector):
        return "fact"
    scores = weights @ vector + bias
    chances = np.exp(scores - scores.max())
    chances /= chances.sum()
    best = int(chances.argmax())
    return KINDS[best] if chances[best] >= least else "fact"


@cache
def _table() -> tuple[NDArray[np.float32], NDArray[np.float32], float]:
    """Weights (kinds, dimension), bias (kinds,), and the lowest probability at which a kind is taken."""
    with resources.as_file(resources.files("rag.answering") / TABLE) as path, np.load(path) as held:
        kinds = [str(kind) for kind in held["kinds"]]
        order = [kinds.index(kind) for kind in KINDS]
        return held["weights"][order], held["bias"][order], float(held["least"])
