"""A yes-or-no question answered by a small model's opinion of each stretch of evidence.

Yes needs to be far likelier than No, as a small model leans to it; No needs to be likelier than that the report does
not say. What is neither is declined.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from rag.claiming import Found, Outcome
from rag.deciding import DECLINE, SURE, chance
from rag.llm import LanguageModel
from rag.models import Evidence
from rag.probing import opinion
from rag.questions import Question, yes_or_no

# Log-odds at which yes and no are as likely right as wrong, and how fast they become sure. Set on 49 tuning questions
# (18 yes, 19 no, 12 that no report answers): yes is told for 9 of the 18 and once wrongly, no for 4 of the 19 and once
# wrongly.
YES, YES_SLOPE = 2.14, 1.0
NO, NO_SLOPE = 0.24, 4.0
# Evidence that is this much farther than the nearest, as a share of its score, is not asked about.
FAR = 0.7


def affirmed(model: LanguageModel, question: Question, evidence: Iterable[Evidence], most: int) -> Outcome:
    """Yes or no in the question's language, with the sentence that the model thinks so of. Raises ModelError.

    The question's language must be one of which `yes_or_no` knows the words.
    """
    words = [word.rstrip(",") + "." for word in yes_or_no(question.language)]
    best: Found | None = None
    nearest = 0.0
    for piece in islice(evidence, most):
        nearest = max(nearest, piece.score)
        if piece.score < FAR * nearest:
            break
        held = opinion(model, question, piece)
        chances = chance(YES_SLOPE * (held.affirms - YES)), chance(NO_SLOPE * (held.denies - NO))
        for word, likely in zip(words, chances, strict=True):
            if best is None or likely > best.likelihood:
                best = Found(word, ((piece.article, piece.sentences[piece.best]),), "weak", likely)
        if best and best.likelihood >= SURE:
            break
    if best is None or best.likelihood < DECLINE:
        return Outcome((), best.likelihood if best else 0.0)
    return Outcome((best,), best.likelihood)
