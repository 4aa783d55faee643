"""A yes-or-no question answered by a small model's opinion of the nearest stretches of evidence.

A small model leans to Yes, and finds that a report tells nothing where it says the opposite; so Yes, No and that the
reports do not say are weighed against each other by what it thinks of all the stretches together.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import islice
from operator import mul

from rag.claiming import Found, Outcome
from rag.deciding import DECLINE
from rag.llm import LanguageModel
from rag.models import Evidence
from rag.probing import Opinion, opinion
from rag.questions import Question, yes_or_no
from rag.verification import names_person

# Log-odds of Yes, and of No, against that no report says: a constant, then the weights of the greatest log-odds over
# the stretches of Yes against No, of No against Unknown, of Yes against Unknown. A logistic fit to 62 tuning questions,
# those of `tuning_yes_no.jsonl` among them; each judged by a fit to the others, yes or no is told rightly for 18 of 37
# and wrongly for 4, and told for 3 of 25 that no report answers (before, by two thresholds: 13, 3 and 0).
YES = (0.13, 1.27, 2.43, 1.06)
NO = (3.33, 0.22, 5.1, 0.6)
# Evidence that is this much farther than the nearest, as a share of its score, is not asked about.
FAR = 0.7


def affirmed(model: LanguageModel, question: Question, evidence: Iterable[Evidence], most: int) -> Outcome:
    """Yes or no in the question's language, with the sentence that the model thinks so of. Raises ModelError.

    The question's language must be one of which `yes_or_no` knows the words.
    """
    words = [word.rstrip(",") + "." for word in yes_or_no(question.language)]
    asked: list[tuple[Evidence, Opinion]] = []
    nearest = 0.0
    for piece in islice(evidence, most):
        nearest = max(nearest, piece.score)
        if piece.score < FAR * nearest:
            break
        asked.append((piece, opinion(model, question, piece)))
    if not asked:
        return Outcome((), 0.0)
    held = [view for _, view in asked]
    naming = [(piece, view) for piece, view in asked if names_person(question, piece.article)]
    seen = (
        max(view.affirms for view in held),
        max(view.denies for view in held),
        max(view.confirms for view in held),
    )
    odds = [bias + sum(map(mul, weights, seen)) for bias, *weights in (YES, NO)]
    yes, no = (1 / (math.exp(-own) + 1 + math.exp(other - own)) for own, other in (odds, reversed(odds)))
    if not naming:
        yes = 0.0  # a report that does not name a person tells no Yes of them
    likely = max(yes, no)
    if likely < DECLINE:
        return Outcome((), likely)
    if yes > no:
        piece, _ = max(naming, key=lambda one: one[1].affirms)
    else:
        piece, _ = max(asked, key=lambda one: one[1].denies)
    proof = piece.article, piece.sentences[piece.best]
    return Outcome((Found(words[no > yes], (proof,), "weak", likely),), likely)
