"""Question + evidence -> the claims that hold: drafts are read, put right, verified and weighed.

A small model's best draft is the answer where it is likely enough; a strong one's claims are all kept that are proven.
What several reports say together is for `rag.combining`. Knows nothing of stores or of how answers are told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice, tee

from rag.clauses import clauses
from rag.dates import find_dates
from rag.deciding import AGREES, DECLINE, ENOUGH, SURE, UNIT, likelihood
from rag.grammars import copied
from rag.llm import LanguageModel
from rag.measures import asked_measure, measured
from rag.models import Article, Evidence, Passage, Support
from rag.numbers import find_numbers, number_values
from rag.places import asked_places, of_other_type
from rag.pointing import POINTED, TYPED, Likeness
from rag.probing import agreement
from rag.questions import Question, person_runs
from rag.reading import Draft, read, translate
from rag.units import asked_unit, told_unit
from rag.verification import Verdict, check
from rag.wording import alone, reworded, says_place

# A report that may contradict is at least this near, as a share of the nearest's score.
AS_NEAR = 0.9
# Stretches among which another report's is looked for.
MOST_RIVALS = 8
# Letters of a report that are told in its own words.
MOST_TOLD = 240
NO_PLACE = Verdict("unsupported", "the claim names no place but the question's, or one of another type")
# A translation has at most so many times the letters of what was translated.
MOST_GROWN = 3
# How alike a measure is taken to be to what is asked.
MEASURED = 0.55
# What the second word after a figure is worth less than the first ("29 kursus kemahiran" counts courses, not skills).
LATER = 0.08


@dataclass(frozen=True, slots=True)
class Found:
    """A claim, the sentences that prove it with their reports, how far, and how likely it answers (0 to 1)."""

    text: str
    proofs: tuple[tuple[Article, Passage], ...]
    support: Support
    likelihood: float
    words: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The claims of an answer, none where the reports do not say, and how likely they say it (0 to 1)."""

    found: tuple[Found, ...]
    confidence: float


def claims(
    model: LanguageModel, question: Question, evidence: Iterable[Evidence], most: int, likeness: Likeness
) -> Outcome:
    """Read at most `most` stretches, and one more where another report may tell another figure. Raises ModelError."""
    if not model.small:
        drafts = read(model, question, evidence, most, likeness)
        proven = tuple(one for draft in drafts if (one := verified(model, question, draft, likeness)))
        return Outcome(proven, 1.0 if proven else 0.0)
    evidence, again = tee(evidence)
    found = best(model, question, evidence, most, likeness)
    if found is None or found.likelihood < DECLINE:
        return Outcome((), found.likelihood if found else 0.0)
    rival = _rival(model, question, again, found, likeness)
    return Outcome((found, rival) if rival else (found,), found.likelihood)


def best(
    model: LanguageModel, question: Question, evidence: Iterable[Evidence], most: int, likeness: Likeness
) -> Found | None:
    """The first claim likely enough to be told, for the likeliest stretch is read first; else the likeliest.

    Of figures, codes and dates it is the first, told or not: that of a farther stretch is mostly a wrong one.
    """
    held: Found | None = None
    for draft in read(model, question, evidence, most, likeness):
        one = verified(model, question, draft, likeness)
        if one and (held is None or one.likelihood > held.likelihood):
            held = one
        if held and (held.likelihood >= DECLINE or question.kind in TYPED):
            break
    return held


def _rival(
    model: LanguageModel, question: Question, evidence: Iterable[Evidence], found: Found, likeness: Likeness
) -> Found | None:
    """What another report that is as near says to the same how-many, where it says another figure as surely."""
    if question.kind != "number" or not question.names or found.likelihood < SURE:
        return None
    article, quote = found.proofs[0]
    pieces = list(islice(evidence, MOST_RIVALS))
    nearness = next((p.score for p in pieces if p.article.id == article.id and quote in p.sentences), pieces[0].score)
    others = [p for p in pieces if p.article.id != article.id and p.score >= AS_NEAR * nearness]
    other = best(model, question, others[:1], 1, likeness)
    if other is None or other.likelihood < SURE:
        return None
    other_article, other_quote = other.proofs[0]
    same = number_values(other.words, other_article.language) & number_values(found.words, article.language)
    # "Of the eight tasks": where one quote has the figure that the question names, what another tells is of others.
    years = {*map(str, question.years)}
    named = number_values(question.text, question.language) & number_values(quote.text, article.language) - years
    return None if same or not named <= number_values(other_quote.text, other_article.language) else other


def verified(model: LanguageModel, question: Question, draft: Draft, likeness: Likeness) -> Found | None:
    """The draft as a claim with the sentence that proves it; None where none does.

    What a small model copied is often right where its sentence is not: a figure, code or date is then told alone, other
    words are translated where the sentence was left in the report's language or only repeats the question. A report in
    the question's language speaks for itself.
    """
    if model.small and question.kind == "other" and _same_language(question, draft.article):
        draft = replace(draft, text=_own_words(question, draft, likeness))
    held, quote, verdict = _proven(question, draft)
    if verdict.support == "unsupported" and model.small and draft.words:
        if question.kind in TYPED or (question.kind == "person" and person_runs(draft.words)):
            text = alone(draft.words, question, draft.article.language)
        elif verdict.badly_said:
            text = _as_sentence(translate(model, draft.words, draft.article.language, question.language))
            if len(text) > MOST_GROWN * len(draft.words):
                return None  # the model speaks of translating instead
        else:
            return None
        held, quote, verdict = _proven(question, replace(draft, text=text))
    if verdict.support == "unsupported":
        return None
    beside = draft.beside if draft.beside != quote else None
    proofs = tuple((draft.article, sentence) for sentence in (quote, beside) if sentence)
    if not model.small:
        return Found(held.text, proofs, verdict.support, 1.0, draft.words)
    unit = unit_likeness(question, draft, quote, likeness)
    agrees = agreement(model, question, draft.article, quote.text, draft.words) if question.kind in POINTED else AGREES
    chance = likelihood(held, question, verdict.support, unit=unit, agrees=agrees)
    return Found(held.text, proofs, verdict.support, chance, draft.words)


def unit_likeness(question: Question, draft: Draft, quote: Passage, likeness: Likeness) -> float:
    """Cosine of what a how-many asks for and what the figure counts; `UNIT`, without effect, for other questions.

    A when that is answered by the report's own day counts as much as the best of figures.
    """
    if question.kind == "date" and not question.codes and (day := draft.article.published):
        dates = find_dates(draft.words, draft.article.language)
        return UNIT + ENOUGH if any((day.month, day.day) == (found.month, found.day) for found in dates) else UNIT
    if question.kind != "number":
        return UNIT
    language = draft.article.language
    if "vi" in (question.language, language):
        return UNIT  # a Vietnamese word is written as several, each of which means something else
    asked, told = asked_unit(question), told_unit(quote.text, draft.words, language)
    alike = likeness.matches(told, language, asked, question.language) if asked and told else []
    cosines = [value - LATER * at for at, value in enumerate(alike)]
    figures = find_numbers(draft.words, language)
    measure = measured(draft.words, figures[0], language) if figures else None
    wanted = asked_measure(question)
    if measure and measure.dimension == wanted:
        return UNIT + ENOUGH
    if not cosines:
        return UNIT
    # "How long" and "how much" are answered by a measure that they do not name.
    return max(*cosines, MEASURED) if measure and wanted is None else max(cosines)


def _proven(question: Question, draft: Draft) -> tuple[Draft, Passage, Verdict]:
    """The first of the draft's sentences that proves it, else the first that does so weakly."""
    tried: list[tuple[Draft, Passage, Verdict]] = []
    for quote in draft.quotes:
        text = reworded(draft.text, draft.words, quote.text, question, draft.article.language)
        verdict = None
        if question.kind == "place" and not says_place(text, question, draft.article):
            # What was asked for is the report's own place, which the excerpt need not repeat.
            own = asked_places(question, draft.article)
            text, verdict = (own[0], None) if own else (text, NO_PLACE)
        elif question.kind == "place" and of_other_type(question, text, draft.article):
            verdict = NO_PLACE
        verdict = verdict or check(text, question, draft.article, quote)
        tried.append((replace(draft, text=text), quote, verdict))
        if verdict.support == "supported" or verdict.badly_said:
            return tried[-1]
    return next((one for one in tried if one[2].support == "weak"), tried[0])


def _same_language(question: Question, article: Article) -> bool:
    asked, written = (tag.split("-")[0] for tag in (question.language, article.language))
    return asked == written or {asked, written} == {"ms", "id"}


def _own_words(question: Question, draft: Draft, likeness: Likeness) -> str:
    """The report's own clauses from the one nearest to the question to the one that words were copied from."""
    quote = draft.quotes[0]
    spans = clauses(quote.text)
    near = likeness.near(
        question.text, question.language, tuple(quote.text[start:end] for start, end in spans), draft.article.language
    )
    nearest = spans[near.index(max(near))]
    place = copied(quote.text, draft.words)
    own = [span for span in spans if place and span[0] < place[1] and place[0] < span[1]] or [nearest]
    start, end = min(nearest[0], own[0][0]), max(nearest[1], own[-1][1])
    if end - start > MOST_TOLD:
        start, end = own[0][0], own[-1][1]
    text = " ".join(quote.text[start:end].split()).strip(" ,;:-–—")
    return _as_sentence(text[:1].upper() + text[1:])


def _as_sentence(text: str) -> str:
    text = text.strip(" \"'")
    return text if text.endswith((".", "!", "?")) else f"{text[:1].upper()}{text[1:]}."
