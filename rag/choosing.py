"""Which of the figures, codes, dates and names in the evidence is the one asked for, before any of it is read.

The likeliest by their place and the words around them are each put to a small model, which says in one word whether
they are what the question asks for. A logistic model over both gives each its chance; the weights were fitted to the
candidates of tuning questions (`tests/benchmarks/calibrate.py`). How a claim is made of one is for `rag.reading`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from rag.candidates import Span
from rag.dates import find_dates
from rag.grammars import copied
from rag.llm import LanguageModel
from rag.measures import asked_measure, measured
from rag.models import Article
from rag.numbers import find_numbers
from rag.odds import to_chance
from rag.pointing import Likeness, Pointed
from rag.probing import agreement
from rag.questions import Question
from rag.units import asked_unit, told_unit

# Stretches whose candidates are weighed, and candidates that the model is asked about, up to one that is this likely.
# Of 161 tuning questions the right one is first for 63 % with two candidates asked about, and with six.
STRETCHES = 8
ASKED = 3
PLAIN = 0.8
# Usual values: how alike what is asked and what is counted are, how near a candidate is, how far the model agrees.
UNIT, POINTING, AGREES = 0.58, 0.35, 2.3
# Likeness beyond UNIT proves nothing more from here on, and as far below it nothing less.
ENOUGH, FOREIGN = 0.1, -0.16
# The model's word beyond this proves nothing more.
CERTAIN = 6.0
# How alike a measure is taken to be to what is asked.
MEASURED = 0.55
# What the second word after a figure is worth less than the first ("29 kursus kemahiran" counts courses, not skills).
LATER = 0.08


@dataclass(frozen=True, slots=True)
class Weights:
    """Of the log-odds: `bias`, then one for each feature of a candidate.

    `relative` is the evidence's score as a share of the nearest's; `agrees` and `behind` are the model's word, as it
    stands and against the candidate that it agrees with most.
    """

    bias: float
    relative: float
    pointing: float
    unit: float
    agrees: float
    behind: float
    pinned: float
    code: float
    date: float
    person: float
    place: float


WEIGHTS = Weights(
    bias=-0.29,
    relative=6.6,
    pointing=1.4,
    unit=7.2,
    agrees=1.17,
    behind=1.0,
    pinned=1.8,
    code=0.6,
    date=-0.9,
    person=0.1,
    place=0.4,
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A candidate: evidence, a stretch of its text, and how likely that is what is asked for (0 to 1)."""

    one: Pointed
    span: Span
    chance: float


@dataclass(frozen=True, slots=True)
class Features:
    """Of one candidate; see `Weights`."""

    relative: float
    pointing: float
    unit: float
    agrees: float = AGREES
    behind: float = 0.0


def chosen(
    model: LanguageModel, question: Question, held: Sequence[Pointed], nearest: float, likeness: Likeness
) -> Iterator[Choice]:
    """Candidates of the stretches, the likeliest first; `nearest` is the best evidence's score. Raises ModelError.

    The model is asked about those that are likeliest without it, until one is likely enough; about the next of them
    only where the caller wants more.
    """
    singles = [(one, span) for one in islice(held, STRETCHES) for span in one.spans or ()]
    unasked = [(one, span, features(question, one, span, nearest, likeness)) for one, span in singles]
    rest = sorted(unasked, key=lambda one: -chance(one[2], question))[:ASKED]
    while rest:
        asked: list[tuple[Pointed, Span, Features]] = []
        most, likeliest = -CERTAIN, 0.0
        while rest and likeliest < PLAIN:
            one, span, found = rest.pop(0)
            found = replace(found, agrees=agrees(model, question, one, span))
            most = max(most, found.agrees)
            asked.append((one, span, found))
            likeliest = max(likeliest, chance(replace(found, behind=found.agrees - most), question))
        choices = [
            Choice(one, span, chance(replace(found, behind=found.agrees - most), question))
            for one, span, found in asked
        ]
        yield from sorted(choices, key=lambda choice: -choice.chance)


def chance_of(
    model: LanguageModel, question: Question, one: Pointed, place: Span | None, nearest: float, likeness: Likeness
) -> float:
    """The chance of words at a place in a stretch, be they a candidate or not. Raises ModelError."""
    found = features(question, one, place, nearest, likeness)
    return chance(replace(found, agrees=agrees(model, question, one, place)), question)


def features(question: Question, one: Pointed, place: Span | None, nearest: float, likeness: Likeness) -> Features:
    """What speaks for a place in a stretch, which need not be among its candidates, before the model is asked."""
    words = one.excerpt[slice(*place)] if place else one.excerpt
    return Features(
        relative=one.piece.score / nearest if nearest > 0 else 1.0,
        pointing=one.pointing(place) or POINTING,
        unit=unit_likeness(question, words, one.sentence_at(place).text, one.piece.article, likeness),
    )


def agrees(model: LanguageModel, question: Question, one: Pointed, place: Span | None) -> float:
    """The model's word on a place in a stretch, as log-odds. Raises ModelError."""
    words = one.excerpt[slice(*place)] if place else one.excerpt
    return min(agreement(model, question, one.sentence_at(place).text, words), CERTAIN)


def chance(features: Features, question: Question, weights: Weights | None = None) -> float:
    """Probability, 0 to 1, that the candidate is what is asked for."""
    held = weights or WEIGHTS
    kinds = {"code": held.code, "date": held.date, "person": held.person, "place": held.place}
    odds = (
        held.bias
        + held.relative * (features.relative - 1.0)
        + held.pointing * (features.pointing - POINTING)
        + held.unit * max(FOREIGN, min(features.unit - UNIT, ENOUGH))
        + held.agrees * (features.agrees - AGREES)
        + held.behind * features.behind
        + held.pinned * bool(question.codes)
        + kinds.get(question.kind, 0.0)
    )
    return to_chance(odds)


def unit_likeness(question: Question, words: str, quote: str, article: Article, likeness: Likeness) -> float:
    """Cosine of what a how-many asks for and what the figure counts; `UNIT`, without effect, for other questions.

    A when that is answered by the report's own day counts as much as the best of figures.
    """
    language = article.language
    if question.kind == "date" and not question.codes and (day := article.published):
        dates = find_dates(words, language)
        return UNIT + ENOUGH if any((day.month, day.day) == (found.month, found.day) for found in dates) else UNIT
    if question.kind != "number" or "vi" in (question.language, language):
        return UNIT  # a Vietnamese word is written as several, each of which means something else
    asked, told = asked_unit(question), told_unit(quote, words, language)
    cosines = [likeness.alike(asked, question.language, (word,), language) - LATER * at for at, word in enumerate(told)]
    place = copied(quote, words)
    figure = next((n for n in find_numbers(quote, language) if place and place[0] <= n.start < place[1]), None)
    measure = measured(quote, figure, language) if figure else None
    wanted = asked_measure(question)
    if measure and measure.dimension == wanted:
        return UNIT + ENOUGH
    if not asked or not cosines:
        return UNIT
    # "How long" and "how much" are answered by a measure that they do not name.
    return max(*cosines, MEASURED) if measure and wanted is None else max(cosines)
