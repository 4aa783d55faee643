"""A which-place ("Which district copied 109 models?") answered by the place of the report that tells it.

News seldom repeats in a sentence where it happens. Where a question names no place and the stretch nearest to it
names none, the place is the report's own, and how far the next report is behind tells how sure that is. No language
model.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rag.claiming import Found, Outcome
from rag.dates import find_dates
from rag.deciding import DECLINE, chance
from rag.models import Evidence
from rag.numbers import find_numbers, number_values
from rag.places import asked_places
from rag.questions import Question, place_runs

# Log-odds by how far the next report of another place is behind, and by how near the nearest is; even at these.
# The nearest report is the right one for 14 of 18 tuning questions that name no place, and for all 12 that it is .06
# ahead for.
AHEAD, PER_AHEAD = 0.06, 30.0
NEAR, PER_NEAR = 0.75, 4.0


def telling(question: Question, evidence: Iterable[Evidence]) -> list[Evidence]:
    """The evidence that tells every figure of the question: a report of 29 models is not where 109 were copied."""
    days = [range(found.start, found.end) for found in find_dates(question.text, question.language)]
    figures = {
        number.value
        for number in find_numbers(question.text, question.language)
        if number.kind != "code" and question.text[number.start].isdigit()
        if not any(number.start in day for day in days)
    }
    return [piece for piece in evidence if figures <= _figures(piece)] if figures else list(evidence)


def _figures(piece: Evidence) -> set[str]:
    return {value for one in piece.sentences for value in number_values(one.text, piece.article.language)}


def placed(question: Question, evidence: Sequence[Evidence]) -> Outcome | None:
    """Of the nearest stretch's report its own place; None where one is named, there or in the question, or unsure."""
    if question.names or not evidence:
        return None
    nearest = max(evidence, key=lambda piece: piece.score)
    places = asked_places(question, nearest.article)
    if not places or place_runs(nearest.excerpt):
        return None
    others = [piece.score for piece in evidence if places[0] not in piece.article.places]
    ahead = nearest.score - max(others) if others else AHEAD
    likely = chance(PER_AHEAD * (ahead - AHEAD) + PER_NEAR * (nearest.score - NEAR))
    if likely < DECLINE:
        return None
    proof = nearest.article, nearest.sentences[nearest.best]
    return Outcome((Found(places[0], (proof,), "supported", likely),), likely)
