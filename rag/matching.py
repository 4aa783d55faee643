"""How far the words around a figure are those that the question asks with, word by word and across languages.

Late interaction (MaxSim: Khattab and Zaharia, ColBERT, SIGIR 2020) over vectors of single words that are freed of their
languages: each word of the question counts as the greatest cosine with a word near the figure. A vector of the whole
clause blurs what a medal, a comrade and a committee are to it; this does not. Knows text only.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Protocol

from rag.languages import fold
from rag.questions import Question

# Letters before and after a figure. On 99 tuning questions the right figure is the first for 81 with 40, 85 with 70, 81
# with 100 and 80 with the whole stretch, each set of questions judged by weights of the others; for 75 without words.
AROUND = 70
# A word weighs as many letters as it has more than SHORT, at most MOST: short ones join what long ones mean. Words
# counted alike give 80, weighed by how rare they are in questions 79.
SHORT, MOST = 3, 6
# A word beyond a comma, colon or dash counts so much of one in the figure's own clause. On 136 how-many questions the
# right figure is the first for 105 with .95, 102 with .9 and .97, 96 with 1.
BEYOND = 0.95
# Another form of the same word in another language has cosines of .6 to .8, the same form 1: it is worth no more.
SAME = 0.8
_BORDER = re.compile(r"\(|[,;:.)](?=\s|$)|\s[–—-](?=\s)")
_WORD = re.compile(r"[^\W\d_]+")


class Words(Protocol):
    """How alike words are by meaning, whatever their languages."""

    def matches(
        self, words: tuple[str, ...], language: str, others: tuple[str, ...], other_language: str
    ) -> list[float]:
        """For each word of one language the greatest cosine with a word of another."""


def matched(
    question: Question, text: str, spans: Sequence[tuple[int, int]], language: str, words: Words
) -> tuple[float, ...]:
    """For each span of a text in `language` the mean of the question's words' cosines, by their weights; else 0.

    Names are left out: they pin the report down, not the figure.
    """
    names = {word for name in question.names for word in name.split()}
    asked = dict.fromkeys(word for word in _WORD.findall(question.text.lower()) if fold(word) not in names)
    weights = {word: min(len(word) - SHORT, MOST) for word in asked if len(word) > SHORT}
    if not weights or "vi" in (question.language, language):
        return (0.0,) * len(spans)  # a Vietnamese word is written as several, each of which means something else
    asked_by = tuple(weights)

    def cosines(near: Collection[str]) -> list[float]:
        alike = words.matches(asked_by, question.language, tuple(near), language) if near else [0.0] * len(asked_by)
        return [min(value, SAME) for value in alike]

    means = []
    for span in spans:
        own = _between(text, *_clause(text, span))
        beyond = [word for word in _between(text, *_around(text, span)) if word not in own]
        best = [max(nearer, BEYOND * far) for nearer, far in zip(cosines(own), cosines(beyond), strict=True)]
        means.append(sum(map(float.__mul__, best, map(float, weights.values()))) / sum(weights.values()))
    return tuple(means)


def _around(text: str, span: tuple[int, int]) -> tuple[int, int]:
    return max(0, span[0] - AROUND), min(len(text), span[1] + AROUND)


def _clause(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """What of the letters around the span stands between the same borders as it."""
    low, high = _around(text, span)
    before = [border.end() for border in _BORDER.finditer(text, low, span[0])]
    after = _BORDER.search(text, span[1], high)
    return max(before, default=low), after.start() if after else high


def _between(text: str, low: int, high: int) -> tuple[str, ...]:
    """The words that stand whole between the two offsets."""
    found = (match for match in _WORD.finditer(text) if low <= match.start() and match.end() <= high)
    return tuple(dict.fromkeys(match.group().lower() for match in found if len(match.group()) >= SHORT))
