"""What several reports say together: lists, comparisons, sums.

Each report is read by itself for one place; what is put together is computed here from cited figures and dates, never
by the model. Knows nothing of stores or of how answers are told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from rag.candidates import candidates
from rag.claiming import Alike, Found, Outcome, best, of_each
from rag.deciding import DECLINE, likelihood
from rag.languages import fold
from rag.llm import LanguageModel
from rag.models import Article, Evidence
from rag.numbers import find_numbers
from rag.questions import Question, asking_words, asks_for
from rag.reading import read
from rag.verification import meets
from rag.wording import tell_day

# Reports read for a list, the nearest ones.
MOST_REPORTS = 6
# A report is listed where it is likelier than this to speak of what is asked.
LISTED = 0.5


def combined(
    model: LanguageModel, question: Question, evidence: Sequence[Evidence], most: int, alike: Alike
) -> Outcome | None:
    """The outcome for a question over several reports, None for one that is not. Raises ModelError."""
    if question.kind == "gather":
        return _codes(question, evidence) if asks_for("codes", question) else _listed(model, question, evidence)
    apart = not any(all(_about(piece.article, question, name) for name in question.names) for piece in evidence)
    if len(question.names) > 1 and (apart or any(asks_for(what, question) for what in ("more", "sum", "earlier"))):
        return _compared(model, question, evidence, most, alike)
    return None


def _about(article: Article, question: Question, name: str) -> bool:
    return meets(replace(question, names=(name,)), article)


def _listed(model: LanguageModel, question: Question, evidence: Sequence[Evidence]) -> Outcome:
    """The reports that speak of it, told by place and day."""
    found: list[Found] = []
    chances = [0.0]
    for pieces in of_each(evidence)[:MOST_REPORTS]:
        for draft in read(model, question, pieces[:1], 1):
            chance = likelihood(draft, "weak")
            chances.append(chance)
            if chance >= LISTED:
                proof = (draft.article, draft.quotes[0])
                found.append(Found(_named(draft.article, question.language), (proof,), "weak", chance, draft.words))
    if found and asking_words("number", question):
        proofs = tuple(proof for one in found for proof in one.proofs)
        found.append(Found(str(len(found)), proofs, "weak", max(chances)))
    return Outcome(tuple(found), max(chances))


def _codes(question: Question, evidence: Sequence[Evidence]) -> Outcome:
    """Every document number that the evidence holds, each once."""
    found: dict[str, Found] = {}
    for piece in evidence:
        for sentence in piece.sentences:
            for number in find_numbers(sentence.text, piece.article.language):
                if number.kind == "code" and "/" in number.value and number.value not in found:
                    written = sentence.text[number.start : number.end]
                    found[number.value] = Found(written, ((piece.article, sentence),), "supported", 1.0, written)
    return Outcome(tuple(found.values()), 1.0 if found else 0.0)


def _compared(
    model: LanguageModel, question: Question, evidence: Sequence[Evidence], most: int, alike: Alike
) -> Outcome | None:
    """The same question put to each place it names; figures are subtracted or added where that is asked."""
    counting = question.kind == "number" or asks_for("more", question)
    kind = "number" if counting else "date" if asks_for("earlier", question) else question.kind
    found: list[Found] = []
    for place in question.names:
        alone = replace(question, names=(place,), kind=kind)
        fitting = [piece for piece in evidence if meets(alone, piece.article)]
        one = best(model, alone, fitting, max(2, most // len(question.names)), alike)
        if one is not None and one.likelihood >= DECLINE and all(one.proofs != other.proofs for other in found):
            found.append(replace(one, text=_of_place(one, place, question)) if kind in ("number", "date") else one)
    if len(found) < len(question.names):
        return Outcome(tuple(found), min((one.likelihood for one in found), default=0.0)) if found else None
    chance = min(one.likelihood for one in found)
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


def _named(article: Article, language: str) -> str:
    where = article.places[0] if article.places else article.title
    return f"{where} ({tell_day(article.published, language)})" if article.published else where
