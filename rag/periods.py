"""The time that a question speaks of, as days: "last week", "in the first half of 2024", "the latest report".

Evidence from reports of that time is taken alone; where there is none the question is left as it stands, since reports
tell of earlier times too. Weeks begin on Monday. Knows questions and evidence, nothing of retrieval.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from itertools import islice

from rag.models import Evidence
from rag.questions import Question

# Stretches of evidence that are put in order of time.
LOOKED_AT = 40
# A newest report counts that is at least this near to the question, as a share of the nearest's score.
AS_NEAR = 0.8
# Half a year is reviewed in the weeks after it.
REVIEW = timedelta(days=45)


@dataclass(frozen=True, slots=True)
class Period:
    """Days, both ends included; `latest`: the newest report that fits."""

    since: date | None = None
    until: date | None = None
    latest: bool = False


def period(question: Question, today: date) -> Period | None:
    """The time that the question's words pin down, None where they do not."""
    asked = [kind for kind in _words() if _says(kind, question)]
    for kind in asked:
        if kind == "yesterday":
            return Period(today - timedelta(days=1), today - timedelta(days=1))
        if kind == "last week":
            monday = today - timedelta(days=today.weekday() + 7)
            return Period(monday, monday + timedelta(days=6))
        if kind == "last month":
            end = today.replace(day=1) - timedelta(days=1)
            return Period(end.replace(day=1), end)
        if kind in ("this year", "last year"):
            year = today.year - (kind == "last year")
            return Period(date(year, 1, 1), date(year, 12, 31))
        if kind in ("first half", "second half") and question.years:
            year = question.years[0]
            first = kind == "first half"
            start, end = (date(year, 1, 1), date(year, 6, 30)) if first else (date(year, 7, 1), date(year, 12, 31))
            return Period(start, end + REVIEW)
    return Period(latest=True) if "latest" in asked else None


def in_time(evidence: Iterable[Evidence], when: Period | None) -> Iterator[Evidence]:
    """The evidence of that time alone, nearest first, or the newest first; all of it where none is of that time."""
    if when is None:
        yield from evidence
        return
    evidence = iter(evidence)
    held = list(islice(evidence, LOOKED_AT))
    if when.latest:
        near = [piece for piece in held if piece.score >= AS_NEAR * held[0].score]
        near.sort(key=lambda piece: piece.article.published or date.min, reverse=True)
        yield from near
        yield from (piece for piece in held if piece not in near)
        return
    fitting = [piece for piece in held if _within(piece.article.published, when)]
    yield from fitting or held


def _within(day: date | None, when: Period) -> bool:
    return day is not None and (when.since or date.min) <= day <= (when.until or date.max)


def _says(kind: str, question: Question) -> bool:
    words = _words()[kind].get(question.language.split("-")[0])
    return bool(words and re.search(rf"\b(?:{words})\b", question.text, re.IGNORECASE))


@cache
def _words() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = json.loads(
        (resources.files("rag") / "data" / "time_words.json").read_text(encoding="utf-8")
    )
    return loaded
