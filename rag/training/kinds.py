"""Example questions -> the table that predicts a question's kind (`rag.answering.question`).

What is learnt in some languages holds in others, since language means are removed. Examples are lines of JSON: `text,
language, kind, part` (`train`, or `held` to measure on).
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.answering import KINDS, decide
from rag.encoder import Vectors
from rag.errors import InputError
from rag.training.linear import Linear
from rag.training.questions import teaching


@dataclass(frozen=True, slots=True)
class KindExample:
    """A question and its kind; `held` ones are only measured on."""

    text: str
    language: str
    kind: str
    held: bool


def read(path: Path) -> list[KindExample]:
    """The examples of a file. Raises InputError for an invalid line."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
            example = KindExample(row["text"], row["language"], row["kind"], row["part"] == "held")
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path}, line {number}: text, language, kind and part are needed ({error!r})") from error
        if example.kind not in KINDS:
            raise InputError(f"{path}, line {number}: no kind {example.kind!r}; known: {', '.join(KINDS)}")
        found.append(example)
    return found


def facts(data: Path, each: int, seed: int) -> list[KindExample]:
    """Questions for one fact from the reader's training sets, at most `each` per language. Raises InputError."""
    rng = random.Random(seed)
    asked: dict[str, list[str]] = defaultdict(list)
    for contexts in teaching(data).values():
        for context in contexts:
            for one in context.asked:
                if one.answer is not None:
                    asked[one.language].append(one.question)
    return [
        KindExample(text, language, "fact", False)
        for language, texts in sorted(asked.items())
        for text in rng.sample(texts, min(each, len(texts)))
    ]


def decided(model: Linear, vectors: Vectors) -> list[str]:
    """The kind of each question as answering takes it."""
    return [decide(dict(zip(model.labels, row, strict=True))) for row in model.chances(vectors).tolist()]


def by_language(examples: Sequence[KindExample], found: Sequence[str]) -> dict[str, float]:
    """Accuracy on each language's examples."""
    right: dict[str, list[bool]] = defaultdict(list)
    for example, kind in zip(examples, found, strict=True):
        right[example.language].append(example.kind == kind)
    return {language: sum(held) / len(held) for language, held in sorted(right.items())}
