"""Dialogues -> the table that distinguishes follow-ups from new questions (`rag.answering.conversation`).

A follow-up cannot be understood without what was asked before. A dialogue is a line of JSON: `id, language, part`
(`train`, or `held` to measure on), and `turns`, each `question` and `follows`, whether it is a follow-up.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.answering import ALONE, FOLLOWS, LEAST_TO_FOLLOW
from rag.encoder import Vectors
from rag.errors import InputError
from rag.training.kinds import KindExample
from rag.training.linear import Linear

LABELS = (ALONE, FOLLOWS)


@dataclass(frozen=True, slots=True)
class Turn:
    """A question of a dialogue; `first` ones are taught, not judged, and `held` ones judged, not taught."""

    question: str
    language: str
    dialogue: str
    follows: bool
    first: bool
    held: bool

    @property
    def label(self) -> str:
        """Its class."""
        return FOLLOWS if self.follows else ALONE


def read(path: Path) -> list[Turn]:
    """The turns of a file of dialogues. Raises InputError for an invalid line."""
    found: list[Turn] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            found += _turns(json.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path}, line {number}: id, language, part and turns are needed ({error!r})") from error
    return found


def _turns(row: dict[str, Any]) -> Iterator[Turn]:
    for at, turn in enumerate(row["turns"]):
        yield Turn(turn["question"], row["language"], row["id"], bool(turn["follows"]), at == 0, row["part"] == "held")


def facts_alone(facts: Sequence[KindExample]) -> list[Turn]:
    """Questions of the reader's training sets, which were asked of one text each: new ones."""
    return [Turn(one.text, one.language, "", False, True, False) for one in facts]


def judged(model: Linear, vectors: Vectors, turns: Sequence[Turn]) -> dict[str, dict[str, tuple[int, int]]]:
    """By language, of follow-ups and of new questions: how many are taken for what they are, of how many."""
    column = model.labels.index(FOLLOWS)
    counted: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for turn, chance in zip(turns, model.chances(vectors)[:, column].tolist(), strict=True):
        right, of = counted[turn.language].get(turn.label, (0, 0))
        counted[turn.language][turn.label] = (right + ((chance >= LEAST_TO_FOLLOW) == turn.follows), of + 1)
    return dict(sorted(counted.items()))


def total(counted: Mapping[str, Mapping[str, tuple[int, int]]]) -> dict[str, tuple[int, int]]:
    """The counts of `judged` over all languages, by label."""
    labels = sorted({label for own in counted.values() for label in own})
    held = {label: [own[label] for own in counted.values() if label in own] for label in labels}
    return {label: (sum(right for right, _ in own), sum(of for _, of in own)) for label, own in held.items()}
