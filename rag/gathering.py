"""Which reports speak of something, each with the sentence that does; document numbers that reports hold.

No language model: what a list is of is the question without the words that make it one ("which reports mention"), and
a clause that speaks of it is near to it, in whatever language.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rag.claiming import Found, Outcome
from rag.clauses import clauses
from rag.deciding import DECLINE
from rag.models import Article, Evidence, Passage
from rag.numbers import find_numbers, number_values
from rag.places import asked_places
from rag.pointing import Likeness
from rag.questions import Question, asking_words
from rag.type_words import named_types
from rag.wording import tell_day

# The least cosine of what is sought and a clause that speaks of it. For ten tuning questions, what is sought cut out by
# hand, the reports that do have .18 to .66, the median .42, the others .40 at most.
LISTED = 0.41
# The same for a sentence that holds the figure that is sought ("a book of 100 models"), which needs no translation;
# where there is one, reports without are not listed.
WITH_FIGURE = 0.38
# A report far behind the nearest speaks of something beside it.
BEHIND = 0.8
# Where the question says how many there are, up to so many, the nearest of each place are told from here on.
MOST_COUNTED = 9
LEAST_COUNTED = 0.25
# Just under the likelihood that is told.
BELOW = DECLINE - 0.01


def listed(question: Question, sought: Question, evidence: Iterable[Evidence], likeness: Likeness) -> Outcome:
    """The reports with a clause near to what is sought, told by place and day, and how many where that is asked."""
    best: dict[str, tuple[float, Article, Passage]] = {}
    holding: dict[str, tuple[float, Article, Passage]] = {}
    figures = number_values(sought.text, question.language) - {*map(str, question.years)}
    span = asking_words("gather", question) or (0, 0)
    of_places = bool(
        named_types("place", question.text[slice(*span)], question.language) or asking_words("place", question)
    )
    for piece in evidence:
        if of_places and piece.article.places and not asked_places(question, piece.article):
            continue  # "Which places in Ninh Son ..." is not answered by Ninh Son
        for sentence in piece.sentences:
            near = _nearest(sought, piece.article, sentence, likeness)
            held = figures & number_values(sentence.text, piece.article.language)
            for kept in (best, holding) if held else (best,):
                if piece.article.id not in kept or kept[piece.article.id][0] < near:
                    kept[piece.article.id] = (near, piece.article, sentence)
    with_figure = sorted((one for one in holding.values() if one[0] >= WITH_FIGURE), key=lambda one: -one[0])
    ranked = sorted(best.values(), key=lambda one: -one[0])
    nearest = ranked[0][0] if ranked else 0.0
    counting = asking_words("number", question) is not None
    # "Of these five reports, how many": five are not asked for.
    if not counting and (most := _asked_number(question.text[slice(*span)], question.language)):
        chosen = [one for one in _of_each_place(ranked) if one[0] >= LEAST_COUNTED][:most]
        chosen = chosen if len(chosen) == most else []
    elif with_figure:
        chosen = with_figure
    else:
        chosen = [one for one in ranked if one[0] >= max(LISTED, BEHIND * nearest)]
    found = [
        Found(_named(article, question.language), ((article, sentence),), "supported", _chance(near))
        for near, article, sentence in chosen
    ]
    if found and counting:
        proofs = tuple(proof for one in found for proof in one.proofs)
        found.append(Found(str(len(found)), proofs, "supported", found[0].likelihood))
    return Outcome(tuple(found), max(DECLINE, _chance(nearest)) if found else min(_chance(nearest), BELOW))


def _asked_number(words: str, language: str) -> int:
    """How many are asked for ("which two provinces"); 0 where the words do not say."""
    counts = [int(value) for number in find_numbers(words, language) for value in number.values if value.isdigit()]
    return next((count for count in counts if 1 < count <= MOST_COUNTED), 0)


def _of_each_place(ranked: Iterable[tuple[float, Article, Passage]]) -> list[tuple[float, Article, Passage]]:
    """Of each place the nearest report, and the reports without a place."""
    chosen: dict[str, tuple[float, Article, Passage]] = {}
    for one in ranked:
        chosen.setdefault("".join(one[1].places[:1]) or one[1].id, one)
    return list(chosen.values())


def codes(evidence: Sequence[Evidence]) -> Outcome:
    """Every document number that the evidence holds, each once."""
    found: dict[str, Found] = {}
    for piece in evidence:
        for sentence in piece.sentences:
            for number in find_numbers(sentence.text, piece.article.language):
                if number.kind == "code" and "/" in number.value and number.value not in found:
                    written = sentence.text[number.start : number.end]
                    found[number.value] = Found(written, ((piece.article, sentence),), "supported", 1.0, written)
    return Outcome(tuple(found.values()), 1.0 if found else 0.0)


def _nearest(question: Question, article: Article, sentence: Passage, likeness: Likeness) -> float:
    parts = [sentence.text[start:end] for start, end in clauses(sentence.text)]
    texts = tuple(dict.fromkeys([sentence.text, *parts]))
    return max(likeness.near(question.text, question.language, texts, article.language))


def _chance(near: float) -> float:
    """On the scale of the other answers, on which DECLINE is the least."""
    return min(1.0, max(0.0, DECLINE + near - LISTED))


def _named(article: Article, language: str) -> str:
    where = article.places[0] if article.places else article.title
    return f"{where} ({tell_day(article.published, language)})" if article.published else where
