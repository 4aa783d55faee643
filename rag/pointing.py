"""Which stretch of evidence holds the figure, code, date or name that is asked for, and where in it.

A stretch may hold several figures, and a report more of them than a small model can be shown. Each is compared with the
question by the words around it, up to the figures beside it: what it counts or dates is told there, in every language.
This module knows nothing of language models.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Protocol

from rag.candidates import Span, answers_first, candidates, may_stand_elsewhere, tells_day
from rag.matching import Words, matched
from rag.models import Evidence
from rag.questions import Question
from rag.wholes import beside_the_point

TYPED = frozenset({"number", "code", "date"})
# Kinds whose answers have a place in the text.
POINTED = TYPED | {"person", "place"}
# Stretches this far behind the nearest, as a share of its score, are not put first for naming a person.
NEAR_ENOUGH = 0.7
# A candidate that is so much farther from the question than the nearest of its stretch is not offered.
FARTHER = 0.12
# Nor a figure that is so much less likely than another: of 74 tuning questions the likeliest of its stretch is right
# for 54, what the model picks of those that are not far for 49.
LESS_LIKELY = 0.02
# What the words around a figure weigh beside the evidence's score. On 67 tuning questions the right figure comes first
# for 54 with .5, for 52 with 1, for 48 without.
WEIGHT = 0.5
# What the single words around it weigh. Whole numbers of tuning questions are the same from 1 to 2.
MATCH = 1.5
# What a match counts for a part where the whole is asked for, or the other way. On 136 how-many questions the right
# figure is the first for 105 so, 104 without; of ten that name nothing but models ("Wie viele Modelle hat Ninh Son?")
# for 8, and 5 without.
OF_A_WHOLE = 0.93
# Letters before a figure that are told with it.
BEFORE = 12
LEFT_OUT = " […] "


class Likeness(Words, Protocol):
    """How alike words and texts are by meaning, whatever their languages: cosines of vectors freed of them."""

    def near(self, question: str, asked: str, texts: tuple[str, ...], language: str) -> list[float]:
        """Of a question in the language `asked` and each of the texts."""


@dataclass(frozen=True, slots=True)
class Pointed:
    """Evidence with its text on one line, and the stretches of that text that may answer.

    `spans` is None where any words may answer. `near` holds a cosine for each span, `matches` how far the single words
    around it match the question's where it is a figure, else nothing. The first `before` characters of the excerpt are
    of another sentence of the report, the piece's `elsewhere`.
    """

    piece: Evidence
    excerpt: str
    spans: tuple[Span, ...] | None = None
    near: tuple[float, ...] = ()
    matches: tuple[float, ...] = ()
    before: int = 0

    @property
    def score(self) -> float:
        """The evidence's score and what its likeliest candidate adds."""
        added = zip_longest(self.near, self.matches, fillvalue=0.0)
        return self.piece.score + max((WEIGHT * near + MATCH * match for near, match in added), default=0.0)

    def pointing(self, place: Span | None) -> float:
        """The greatest cosine of a candidate that touches the place in the excerpt; 0 where none does."""
        return self._touched(place, self.near)

    def matching(self, place: Span | None) -> float:
        """The same of how far single words match."""
        return self._touched(place, self.matches)

    def _touched(self, place: Span | None, values: tuple[float, ...]) -> float:
        touched = (
            value
            for (start, end), value in zip(self.spans or (), values, strict=False)
            if place and start < place[1] and place[0] < end
        )
        return max(touched, default=0.0)


def pointed(question: Question, evidence: Iterable[Evidence], likeness: Likeness) -> Iterator[Pointed]:
    """Stretches that hold what may answer, as they come; for `POINTED` kinds the likeliest first."""
    held = (_pointed(question, piece, likeness) for piece in evidence)
    if question.kind not in POINTED:
        yield from held
        return
    fitting = [one for one in held if one.spans != ()]
    nearest = max((one.piece.score for one in fitting), default=0.0)

    def first(one: Pointed) -> bool:
        if question.kind == "person":
            return bool(one.spans) and one.piece.score >= NEAR_ENOUGH * nearest
        # A when is answered by a day sooner than by a year, a part of a whole by its ratio and nothing else.
        return answers_first(question, one.excerpt, one.piece.article.language)

    if question.kind == "number":
        fitting = [one for one in fitting if first(one)] or fitting
    yield from sorted(fitting, key=lambda one: (not first(one), -one.score))


def _pointed(question: Question, piece: Evidence, likeness: Likeness) -> Pointed:
    excerpt = " ".join(piece.excerpt.split())
    language = piece.article.language
    spans = candidates(question, excerpt, language)
    before = 0
    # A year may be meant, but what is told with no more happened on a day as well.
    told_here = bool(spans) and (question.kind != "date" or tells_day(question, excerpt, language))
    if not told_here and piece.elsewhere and may_stand_elsewhere(question):
        # What is told without a day happened on the report's; what is said without a name, the last one named said.
        told = " ".join(piece.elsewhere.text.split()) + LEFT_OUT
        if there := candidates(question, told, language):
            excerpt, before = told + excerpt, len(told)
            spans = [*there, *((start + before, end + before) for start, end in spans or ())]
    if not spans:
        return Pointed(piece, excerpt, None if spans is None else ())
    spans = sorted(set(spans))
    # What a figure counts ends at the figure beside it, be that of another measure.
    borders = candidates(question, excerpt, language, of_measure=False) or spans
    around = tuple(text for both in _around(excerpt, spans, borders) for text in both)
    values = likeness.near(question.sought, question.language, around, language)
    near = [(values[at] + values[at + 1]) / 2 for at in range(0, len(values), 2)]
    matches = _matches(question, excerpt, spans, language, likeness) if question.kind == "number" else ()
    likely = [WEIGHT * value + MATCH * match for value, match in zip_longest(near, matches, fillvalue=0.0)]
    farther = LESS_LIKELY if matches else WEIGHT * FARTHER
    kept = [at for at, value in enumerate(likely) if value >= max(likely) - farther]
    spans, near = [spans[at] for at in kept], [near[at] for at in kept]
    return Pointed(piece, excerpt, tuple(spans), tuple(near), tuple(matches[at] for at in kept if matches), before)


def _matches(
    question: Question, excerpt: str, spans: Sequence[Span], language: str, likeness: Likeness
) -> tuple[float, ...]:
    beside = beside_the_point(question, excerpt, spans, language)
    matches = matched(question, excerpt, spans, language, likeness)
    return tuple(match * (OF_A_WHOLE if told else 1.0) for match, told in zip(matches, beside, strict=True))


def _around(text: str, spans: Sequence[Span], borders: Sequence[Span]) -> Iterator[tuple[str, str]]:
    """The words about each candidate up to the borders beside it, and of those the ones from shortly before it on."""
    for start, end in spans:
        low = max((other for _, other in borders if other <= start), default=0)
        high = min((other for other, _ in borders if other >= end), default=len(text))
        yield text[low:high].strip(), text[max(low, start - BEFORE) : high].strip()
