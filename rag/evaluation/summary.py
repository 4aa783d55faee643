"""Rows -> figures of groups: all, each language, each kind, each pair of languages. Independent of tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.evaluation.refusals import Decision, Refusals, refusals
from rag.evaluation.runs import Row
from rag.evaluation.scoring import METRICS
from rag.evaluation.uncertainty import mean, percentile

MIXED = "several"


@dataclass(frozen=True, slots=True)
class Summary:
    """Figures of a group of n questions; `means` over those a metric applies to, None if it applies to none.

    `answerable` and `unanswerable` count questions, `citations` and `wrong_citations` those of answerable ones,
    `misquoted` answers with an inexact quote.
    """

    label: str
    n: int
    answerable: int
    unanswerable: int
    means: Mapping[str, float | None]
    refusals: Refusals
    median_seconds: float | None
    p95_seconds: float | None
    citations: int
    wrong_citations: int
    misquoted: int


@dataclass(frozen=True, slots=True)
class LanguagePair:
    """Recall@1 of questions in one language whose proof is in another (or in `several`)."""

    asked: str
    reported: str
    n: int
    recall: float


def summarise(label: str, rows: Sequence[Row]) -> Summary:
    """The figures of a group."""
    known = [row for row in rows if row.case.answerable]
    seconds = [row.scores.seconds for row in rows if row.scores.seconds is not None]
    exact = [row.scores.citation_exactness for row in rows]
    return Summary(
        label=label,
        n=len(rows),
        answerable=len(known),
        unanswerable=len(rows) - len(known),
        means={metric.name: mean([row.scores.get(metric.name) for row in rows]) for metric in METRICS},
        refusals=refusals(decisions(rows)),
        median_seconds=percentile(seconds, 0.5),
        p95_seconds=percentile(seconds, 0.95),
        citations=sum(int(row.scores.citations or 0) for row in known),
        wrong_citations=sum(int(row.scores.wrong_citations or 0) for row in known),
        misquoted=sum(value is not None and value < 1 for value in exact),
    )


def groups(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """All, each language, all facts if they are of several kinds, each kind."""
    made = [("all", list(rows))]
    languages = sorted({row.case.language for row in rows})
    made += [(language, [row for row in rows if row.case.language == language]) for language in languages]
    facts = [row for row in rows if row.case.kind.startswith("fact:")]
    if len({row.case.kind for row in facts}) > 1:
        made.append(("facts", facts))
    kinds = sorted({row.case.kind for row in rows})
    return made + [(kind, [row for row in rows if row.case.kind == kind]) for kind in kinds]


def decisions(rows: Sequence[Row]) -> list[Decision]:
    """What was declined; retrieval-only rows decline nothing and are left out."""
    return [
        Decision(
            row.case.answerable,
            not row.answer.answered,
            row.answer.confidence,
            None if row.scores.reading_right is None else row.scores.reading_right == 1.0,
        )
        for row in rows
        if row.answer
    ]


def language_pairs(rows: Sequence[Row]) -> list[LanguagePair]:
    """Recall@1 by language of question and report, in alphabetical order."""
    found: dict[tuple[str, str], list[float]] = {}
    for row in rows:
        if row.languages and row.scores.recall_1 is not None:
            reported = row.languages[0] if len(row.languages) == 1 else MIXED
            found.setdefault((row.case.language, reported), []).append(row.scores.recall_1)
    return [LanguagePair(*pair, len(held), sum(held) / len(held)) for pair, held in sorted(found.items())]


def verdict(row: Row) -> float | None:
    """A question's outcome: right, declined rightly, or citation recall; of retrieval alone the reciprocal rank."""
    if row.answer is None:
        return row.scores.reciprocal_rank
    held = row.scores.right if row.case.answerable else row.scores.declined_rightly
    return row.scores.citation_recall if held is None else held
