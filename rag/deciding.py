"""How likely a verified claim answers the question: one calibrated number, and the thresholds that decline or stop.

A logistic model over what reading and verification give, with weights of its own for figures, codes, dates, persons and
places: there the chance with which they were chosen (`rag.choosing`) tells most, and how sure the model was of copying
and writing nothing beside it. The weights were set by regularised fits to the drafts of tuning questions
(`tests/benchmarks/calibrate.py`) and shifted to one scale. This module knows nothing of how claims are made.
"""

from __future__ import annotations

from dataclasses import dataclass

from rag.models import Support
from rag.odds import to_chance, to_odds
from rag.pointing import POINTED
from rag.questions import Question
from rag.reading import Draft

# From SURE on no further evidence is read; below DECLINE the reports are taken not to say it.
SURE = 0.6
DECLINE = 0.54


@dataclass(frozen=True, slots=True)
class Weights:
    """Of the log-odds: `bias`, then one for each feature of a draft; `choice` is of the log-odds of its chance."""

    bias: float
    copying: float
    confidence: float
    answering: float
    nearness: float
    weak: float
    choice: float = 0.0


OPEN_WEIGHTS = Weights(bias=0.9, copying=1.5, confidence=0.8, answering=2.0, nearness=0.3, weak=-0.4)
POINTED_WEIGHTS = Weights(bias=0.75, copying=0.0, confidence=0.0, answering=0.5, nearness=0.0, weak=-0.7, choice=0.9)
# The usual score of evidence.
NEAR = 1.0
# Log-odds of a chance beyond this prove nothing more.
CERTAIN = 5.0


def likelihood(draft: Draft, question: Question, support: Support, weights: Weights | None = None) -> float:
    """Probability, 0 to 1, that the draft answers its question; 0 for one that is unsupported.

    `weights` are those of the question's kind where none are given.
    """
    if support == "unsupported":
        return 0.0
    if weights is None:
        weights = POINTED_WEIGHTS if question.kind in POINTED else OPEN_WEIGHTS
    odds = (
        weights.bias
        + weights.copying * max(draft.copying, -4.0)
        + weights.confidence * max(draft.confidence, -4.0)
        + weights.answering * max(draft.answering, -4.0)
        + weights.nearness * (draft.nearness - NEAR)
        + weights.weak * (support == "weak")
        + weights.choice * max(-CERTAIN, min(to_odds(draft.chance), CERTAIN))
    )
    return to_chance(odds)
