"""Rows -> figures by language of question and text, their mean over languages and the worst. Independent of tables.

Each language counts once in a mean, however many questions it has, so that uneven quality shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.evaluation.reliability import Told, calibration_error, discrimination
from rag.evaluation.runs import Row
from rag.evaluation.uncertainty import Share, mean, percentile

# Name of a pair whose texts are in several languages, or in an unknown one.
SEVERAL, UNTOLD = "several", "-"
# The figures that are averaged over languages.
AVERAGED = ("right", "gold", "first", "declined", "refused", "proven", "wrong")


@dataclass(frozen=True, slots=True)
class Pair:
    """Results of questions in one language on texts in one language.

    Of answerable questions, `right`, `gold` in the answer, right report `first`, `declined`; of answered ones, those
    citing a `wrong` report; of unanswerable ones, those `refused`; of proven answers, the right ones. `seconds` is the
    median, `error` the calibration error, `apart` how well confidence separates right from wrong (AUC).
    """

    asked: str
    text: str
    n: int
    right: Share
    gold: Share
    first: Share
    declined: Share
    refused: Share
    proven: Share
    wrong: Share
    seconds: float | None
    error: float | None
    apart: float | None

    @property
    def same(self) -> bool:
        """Whether question and text are in one language."""
        return self.asked == self.text

    def share(self, name: str) -> Share:
        """The figure of that name."""
        found: Share = getattr(self, name)
        return found


def pairs(rows: Sequence[Row]) -> list[Pair]:
    """All language pairs, same-language ones first, in alphabetical order."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row.case.language, text_language(row)), []).append(row)
    made = [pair(*names, held) for names, held in found.items()]
    return sorted(made, key=lambda one: (not one.same, one.text, one.asked))


def pair(asked: str, text: str, rows: Sequence[Row]) -> Pair:
    """The figures of these rows; retrieval-only rows have none of answers."""
    known = [row for row in rows if row.case.answerable]
    answered = [row for row in rows if row.answer and row.answer.answered]
    told = judged(rows)
    return Pair(
        asked=asked,
        text=text,
        n=len(rows),
        right=_share(known, "right"),
        gold=_share(known, "contains"),
        first=_share(known, "recall_1"),
        declined=_share(known, "declined_wrongly"),
        refused=_share(rows, "declined_rightly"),
        proven=_share(rows, "proven_right"),
        wrong=Share.of([bool(row.scores.wrong_citations) for row in answered if row.case.answerable]),
        seconds=percentile([row.scores.seconds for row in rows if row.scores.seconds is not None], 0.5),
        error=calibration_error(told),
        apart=discrimination(told),
    )


def judged(rows: Sequence[Row]) -> list[Told]:
    """The best reading's confidence and whether it was right, where that is known."""
    return [
        (row.answer.confidence, row.scores.reading_right == 1.0)
        for row in rows
        if row.answer and row.scores.reading_right is not None
    ]


def averaged(made: Sequence[Pair], name: str) -> float | None:
    """The mean over the pairs of the figure of that name; None without any."""
    return mean([one.share(name).value for one in made])


def worst(made: Sequence[Pair]) -> Pair | None:
    """The pair with the smallest share right; None without any."""
    told = [(value, one) for one in made if (value := one.right.value) is not None]
    return min(told, key=lambda one: one[0])[1] if told else None


def text_language(row: Row) -> str:
    """The language of the text that a question is about."""
    if not row.languages:
        return UNTOLD
    return row.languages[0] if len(row.languages) == 1 else SEVERAL


def _share(rows: Sequence[Row], name: str) -> Share:
    return Share.of([value == 1.0 for row in rows if (value := row.scores.get(name)) is not None])
