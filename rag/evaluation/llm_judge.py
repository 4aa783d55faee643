"""A language model as judge of faithfulness and correctness, and its agreement with the metrics that need none.

The idea and its limits: Zheng et al., Judging LLM-as-a-Judge (2023). Its verdicts are shown next to the metrics,
never instead of them. Independent of runs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rag.evaluation.loading import Case
from rag.evaluation.matching import plain
from rag.evaluation.scoring import Scores
from rag.evaluation.uncertainty import kappa
from rag.llm import LanguageModel, Message, Prompt, fill
from rag.models import Answer

GRAMMAR = 'root ::= "YES" | "NO"\n'
VERDICT_TOKENS = 8


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdicts of the named judge; None if there was nothing to judge or its reply was neither yes nor no."""

    judge: str
    faithful: bool | None
    correct: bool | None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Judgement:
        """The inverse of `to_dict`."""
        return cls(data["judge"], data["faithful"], data["correct"])


@dataclass(frozen=True, slots=True)
class Agreement:
    """A judge's agreement with a metric over n answers: the share of equal verdicts, and Cohen's kappa."""

    verdict: str
    measure: str
    n: int
    said_yes: float
    equal: float
    kappa: float | None


def judge(model: LanguageModel, case: Case, answer: Answer) -> Judgement:
    """Judge one answer; a declined one has nothing to judge. Raises ModelError if the model fails."""
    if not answer.answered:
        return Judgement(model.name, None, None)
    faithful = _verdict(model, "faithful", case, answer, "Quotes", [citation.quote for citation in answer.citations])
    expected = case.answers or [", ".join(part[0] for part in case.parts)] * bool(case.parts)
    correct = _verdict(model, "correct", case, answer, "Expected answers", expected) if expected else None
    return Judgement(model.name, faithful, correct)


def agreements(judged: Sequence[tuple[Judgement, Scores]]) -> list[Agreement]:
    """Agreement of faithful with fully supported and cited, and of correct with containing an accepted answer."""
    faithful = [
        (verdict.faithful, scores.supported == 1.0 and scores.sentences_cited == 1.0)
        for verdict, scores in judged
        if verdict.faithful is not None and scores.supported is not None
    ]
    correct = [
        (verdict.correct, scores.contains == 1.0)
        for verdict, scores in judged
        if verdict.correct is not None and scores.contains is not None
    ]
    measured = (("faithful", "supported by rules", faithful), ("correct", "contains gold", correct))
    return [_agreement(verdict, measure, pairs) for verdict, measure, pairs in measured if pairs]


def _agreement(verdict: str, measure: str, pairs: Sequence[tuple[bool, bool]]) -> Agreement:
    said, found = [one for one, _ in pairs], [other for _, other in pairs]
    equal = sum(one == other for one, other in pairs) / len(pairs)
    return Agreement(verdict, measure, len(pairs), sum(said) / len(said), equal, kappa(said, found))


def _verdict(
    model: LanguageModel, task: str, case: Case, answer: Answer, label: str, lines: Sequence[str]
) -> bool | None:
    material = f"{label}:\n" + "\n".join(f"- {' '.join(line.split())}" for line in lines)
    question = answer.standalone_question or case.question
    messages = (
        Message("system", fill("judge", "system")),
        Message(
            "user",
            fill(
                "judge",
                "user",
                task=fill("judge", task),
                material=material,
                question=question,
                answer=plain(answer.text),
            ),
        ),
    )
    reply = model.complete(Prompt(messages, max_tokens=VERDICT_TOKENS, grammar=GRAMMAR)).text
    said = re.match(r"\W*(yes|no)\b", reply, re.IGNORECASE)
    return said.group(1).lower() == "yes" if said else None
