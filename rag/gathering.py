"""Which reports speak of something, each with the sentence that does; document numbers that reports hold.

No language model: what a list is of is the question without the words that make it one ("which reports mention"), and
a clause that speaks of it is near to it, in whatever language.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rag.claiming import Found, Outcome
from rag.clauses import clauses
from rag.deciding import DECLINE
from rag.languages import fold
from rag.models import Article, Evidence, Passage
from rag.numbers import find_numbers
from rag.pointing import Likeness
from rag.questions import Question, asking_words
from rag.wording import tell_day

# The least cosine of what is sought and a clause that speaks of it. For ten tuning questions, what is sought cut out by
# hand, the reports that do have .18 to .66, the median .42, the others .40 at most.
LISTED = 0.41
# A report far behind the nearest speaks of something beside it.
BEHIND = 0.8


def listed(question: Question, sought: Question, evidence: Iterable[Evidence], likeness: Likeness) -> Outcome:
    """The reports with a clause near to what is sought, told by place and day, and how many where that is asked."""
    best: dict[str, tuple[float, Article, Passage]] = {}
    # "Which places in Ninh Son ..." is not answered by Ninh Son.
    heard = fold(question.text) if asking_words("place", question) else ""
    for piece in evidence:
        if any(fold(place) in heard for place in piece.article.places[:1]):
            continue
        for sentence in piece.sentences:
            near = _nearest(sought, piece.article, sentence, likeness)
            if piece.article.id not in best or best[piece.article.id][0] < near:
                best[piece.article.id] = (near, piece.article, sentence)
    nearest = max((near for near, _, _ in best.values()), default=0.0)
    least = max(LISTED, BEHIND * nearest)
    found = [
        Found(_named(article, question.language), ((article, sentence),), "supported", _chance(near))
        for near, article, sentence in sorted(best.values(), key=lambda one: -one[0])
        if near >= least
    ]
    if found and asking_words("number", question):
        proofs = tuple(proof for one in found for proof in one.proofs)
        found.append(Found(str(len(found)), proofs, "supported", found[0].likelihood))
    return Outcome(tuple(found), _chance(nearest))


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
