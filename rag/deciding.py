"""How likely a verified claim answers the question: one calibrated number, and the thresholds that decline or stop.

A logistic model over what reading and verification give, with weights of its own for figures, codes, dates, persons and
places, which are pointed at in the text, and for all other answers. The weights were set by regularised fits to the
drafts of tuning questions (`tests/benchmarks/calibrate.py`) and shifted to one scale. For what is pointed at, one word
of the model on whether the copied words are what is asked for tells most; how sure it was of copying them tells nothing
beside it. This module knows nothing of how claims are made.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from rag.models import Support
from rag.pointing import POINTED
from rag.questions import Question
from rag.reading import Draft

# Below DECLINE the reports are taken not to say it. The first draft that reaches it is told: of 56 answerable tuning
# questions 36 are right so, 32 where the likeliest of three stretches is told. Figures, codes and dates are decided by
# the first draft alone: of 85 how-many, with weights of before, 44 are right and 4 wrong so, 47 and 10 where a second
# one is read; of 52 whens 39 and 7, and 39 and 8. A SURE one may be contradicted.
SURE = 0.6
DECLINE = 0.54


@dataclass(frozen=True, slots=True)
class Weights:
    """Of the log-odds: `bias`, then one for each feature of a draft."""

    bias: float
    copying: float
    confidence: float
    answering: float
    nearness: float
    unit: float
    weak: float
    pointing: float = 0.0
    matching: float = 0.0
    agrees: float = 0.0
    code: float = 0.0
    date: float = 0.0
    person: float = 0.0
    place: float = 0.0
    pinned: float = 0.0


OPEN_WEIGHTS = Weights(bias=0.9, copying=1.5, confidence=0.8, answering=2.0, nearness=0.3, unit=0.0, weak=-0.4)
POINTED_WEIGHTS = Weights(
    bias=-0.47,
    copying=0.0,
    confidence=0.0,
    answering=1.85,
    nearness=1.0,
    unit=1.95,
    weak=-1.45,
    pointing=0.95,
    matching=3.0,
    agrees=1.6,
    code=1.56,
    date=-0.34,
    person=0.56,
    place=1.66,
    pinned=1.55,
)
# How alike what is asked and what is told are, where the question counts nothing: without effect.
UNIT = 0.58
# Likeness beyond UNIT proves nothing more from here on, and as far below it nothing less.
ENOUGH, FOREIGN = 0.1, -0.16
# Usual values of evidence's score, of a candidate's nearness, of how far its words match, and of the model's agreement:
# that of figures, which is asked for with the report's place in view; the weights of the other kinds make up for .13.
NEAR, POINTING, MATCHING, AGREES = 1.0, 0.35, 0.53, 2.43


def likelihood(
    draft: Draft,
    question: Question,
    support: Support,
    *,
    unit: float = UNIT,
    agrees: float = AGREES,
    weights: Weights | None = None,
) -> float:
    """Probability, 0 to 1, that the draft answers its question; 0 for one that is unsupported.

    `unit`: cosine of what the question counts and what the draft's figure counts; `agrees`: log-odds with which the
    model finds that the copied words are what is asked for. `weights` are those of the question's kind where none are
    given.
    """
    if support == "unsupported":
        return 0.0
    if weights is None:
        weights = POINTED_WEIGHTS if question.kind in POINTED else OPEN_WEIGHTS
    kinds = {"code": weights.code, "date": weights.date, "person": weights.person, "place": weights.place}
    odds = (
        weights.bias
        + weights.copying * max(draft.copying, -4.0)
        + weights.confidence * max(draft.confidence, -4.0)
        + weights.answering * max(draft.answering, -4.0)
        + weights.nearness * (draft.nearness - NEAR)
        + weights.unit * max(FOREIGN, min(unit - UNIT, ENOUGH))
        # Where nothing was pointed at (a body for a person, the report's own place) it says nothing.
        + weights.pointing * (draft.pointing - POINTING if draft.pointing else 0.0)
        + weights.matching * (draft.matching - MATCHING if draft.matching else 0.0)
        + weights.agrees * (agrees - AGREES)
        + weights.weak * (support == "weak")
        + kinds.get(question.kind, 0.0)
        + weights.pinned * bool(question.codes)
    )
    return chance(odds)


def chance(odds: float) -> float:
    """The probability of log-odds."""
    return 1.0 / (1.0 + math.exp(-odds))
