"""What several reports say together: comparisons and sums (lists are `rag.gathering`'s).

Each report is read by itself for one place; what is put together is computed here from cited figures and dates, never
by the model. Knows nothing of stores or of how answers are told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from rag.candidates import candidates
from rag.claiming import Found, Outcome, best
from rag.deciding import DECLINE
from rag.languages import fold
from rag.llm import LanguageModel
from rag.models import Article, Evidence
from rag.numbers import find_numbers
from rag.pointing import Likeness
from rag.questions import Question, asked_of, asks_for
from rag.verification import meets

# A figure of each place need be this likely only: the question names another place as well, and takes all or nothing.
LEAST = 0.44


def combined(
    model: LanguageModel, question: Question, evidence: Sequence[Evidence], most: int, likeness: Likeness
) -> Outcome | None:
    """The outcome for a question over several reports, None for one that is not. Raises ModelError."""
    apart = not any(all(_about(piece.article, question, name) for name in question.names) for piece in evidence)
    if len(question.names) > 1 and (apart or any(asks_for(what, question) for what in ("more", "sum", "earlier"))):
        return _compared(model, question, evidence, most, likeness)
    return None


def _about(article: Article, question: Question, name: str) -> bool:
    return meets(replace(question, names=(name,)), article)


def _compared(
    model: LanguageModel, question: Question, evidence: Sequence[Evidence], most: int, likeness: Likeness
) -> Outcome | None:
    """The same question put to each place it names; figures are subtracted or added where that is asked."""
    counting = question.kind == "number" or asks_for("more", question)
    kind = "number" if counting else "date" if asks_for("earlier", question) else question.kind
    found: list[Found] = []
    for place in question.names:
        alone = asked_of(place, question) if counting else replace(question, names=(place,))
        alone = replace(alone, kind=kind)
        fitting = [piece for piece in evidence if meets(alone, piece.article)]
        one = best(model, alone, fitting, max(2, most // len(question.names)), likeness)
        if one is not None and one.likelihood >= LEAST and all(one.proofs != other.proofs for other in found):
            found.append(replace(one, text=_of_place(one, place, question)) if kind in ("number", "date") else one)
    # On the scale of the other answers, on which DECLINE is the least.
    chance = min((min(1.0, one.likelihood + DECLINE - LEAST) for one in found), default=0.0)
    if len(found) < len(question.names):
        if asks_for("more", question) or asks_for("sum", question):
            # One of two figures tells neither which is more nor by how much.
            return Outcome((), 0.0)
        return Outcome(tuple(found), chance) if found else None
    computed = _computed(question, found) if counting else None
    return Outcome((*found, computed) if computed else tuple(found), chance)


def _computed(question: Question, found: Sequence[Found]) -> Found | None:
    figures = [_figure(one, question) for one in found]
    if any(figure is None for figure in figures):
        return None
    values = [figure for figure in figures if figure is not None]
    proofs = tuple(proof for one in found for proof in one.proofs)
    chance = min(one.likelihood for one in found)
    if asks_for("sum", question):
        text = f"{' + '.join(map(str, values))} = {sum(values)}"
    elif len(values) == 2 and asks_for("more", question):
        high, low = max(values), min(values)
        text = f"{high} − {low} = {high - low}"
    else:
        return None
    return Found(text, proofs, "supported", chance)


def _figure(found: Found, question: Question) -> Decimal | None:
    language = found.proofs[0][0].language
    spans = candidates(replace(question, kind="number"), found.words, language) or [(0, 0)]
    numbers = [number for number in find_numbers(found.words, language) if (number.start, number.end) == spans[0]]
    try:
        return Decimal(numbers[0].value.split("/")[0]) if numbers else None
    except ArithmeticError:
        return None


def _of_place(found: Found, place: str, question: Question) -> str:
    article = found.proofs[0][0]
    shown = next((name for name in article.places if fold(name) == place), place.title())
    figure = _figure(found, question)
    told = str(figure) if figure is not None and question.kind == "number" else found.text
    return told if shown in told else f"{shown}: {told}"
