"""The question: its text, its language, the language of its answer, and its kind.

The kind is predicted from the question's vector (`rag.training.kinds` makes the table). If it is not confident, the
question asks for one fact.
"""

from __future__ import annotations

import re
from collections.abc import Collection as Several
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from rag.answering.classes import chances
from rag.errors import QuestionError
from rag.language import detect, primary_tag

Talk = Literal["greeting", "thanks", "help", "contents"]
Kind = Literal["fact", "several", "reports", "total", "compare", "yes_no", "overview", Talk]
TALK: tuple[Talk, ...] = get_args(Talk)
KINDS: tuple[Kind, ...] = get_args(Kind)
TABLE = "kinds.npz"
# Lowest probability at which a kind other than a fact is taken, and that of talk as a whole; see `docs/experiments.md`.
LEAST, LEAST_TALK = 0.5, 0.6
# What no tokenizer and no database takes: NULs, and the halves of characters that a command line in another encoding
# is read as.
_UNSAID = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Question:
    """A question with white space normalised; `language` is a BCP 47 tag, `answer_language` too, or "" for the same."""

    text: str
    language: str
    answer_language: str = ""

    @property
    def told_in(self) -> str:
        """The language of the answer."""
        return self.answer_language or self.language


def understand(text: str, *, limit: int, languages: Several[str], likely: str = "", answer: str = "") -> Question:
    """Read a question; `languages` are the collection's, `likely` is assumed for a question of a word or two.

    `answer` is the language of the answer, the question's if empty. Raises QuestionError for a question
    that is empty, longer than `limit` code points, or without a letter or digit.
    """
    text = " ".join(_UNSAID.sub(" ", text).split())
    if not text:
        raise QuestionError("the question is empty; write what you want to know")
    if len(text) > limit:
        raise QuestionError(
            f"the question has {len(text)} characters, but the limit is {limit}; ask one thing at a time, "
            "or raise ASKREPORTS_MAX_QUESTION_CHARS"
        )
    if not any(map(str.isalnum, text)):
        raise QuestionError(f"the question {text[:20]!r} contains no word; write it in words, in any language")
    return Question(text, detect(text, expected=languages, likely=likely), primary_tag(answer) if answer else "")


def kind_of(vector: NDArray[np.float32]) -> Kind:
    """The kind of a question from its vector (dimension,), with its language's mean removed.

    For a vector from another embedder than the table's, the kind is one fact.
    """
    likely = chances(TABLE, vector)
    return "fact" if likely is None else decide(likely)


def decide(likely: Mapping[str, float]) -> Kind:
    """The chosen kind, given the probability of each."""
    if sum(likely[talk] for talk in TALK) >= LEAST_TALK:
        return max(TALK, key=lambda talk: likely[talk])
    best = max(KINDS, key=lambda kind: likely[kind])
    return best if likely[best] >= LEAST and best not in TALK else "fact"
