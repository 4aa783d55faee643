"""KindExample questions -> the table that predicts a question's kind (`rag.answering.question`).

A multinomial logistic model over the embedder's vectors, with language means removed, so that what is learnt in some
languages holds in others. Examples are lines of JSON: `text, language, kind, part` (`train`, or `held` to measure on).
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp

from rag.answering import KINDS
from rag.encoder import Embedder, LanguageMeans, Vectors
from rag.errors import InputError
from rag.training.questions import teaching

# L2 penalties, of which one is chosen by five-fold cross-validation on the training examples.
PENALTIES = (0.01, 0.03, 0.1, 0.3, 1.0)
FOLDS = 5
# Lowest probability at which a kind other than a fact is taken; see `docs/experiments.md`.
LEAST = 0.5


@dataclass(frozen=True, slots=True)
class KindExample:
    """A question and its kind; `held` ones are only measured on."""

    text: str
    language: str
    kind: str
    held: bool


@dataclass(frozen=True, slots=True)
class Kinds:
    """Weights (kinds, dimension) and bias (kinds,), in the order of `KINDS`."""

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    def chances(self, vectors: Vectors) -> NDArray[np.float64]:
        """Probability of each kind, (questions, kinds), for vectors (questions, dimension)."""
        scores = vectors @ self.weights.T + self.bias
        return np.asarray(np.exp(scores - logsumexp(scores, axis=1, keepdims=True)))


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


def embed(examples: Sequence[KindExample], embedder: Embedder, means: LanguageMeans) -> Vectors:
    """The vectors that questions get when they are asked, (examples, dimension)."""
    texts = [example.text for example in examples]
    return means.questions(
        embedder.queries(texts), embedder.passages(texts), [example.language for example in examples]
    )


def fit(vectors: Vectors, kinds: Sequence[str], penalty: float) -> Kinds:
    """Fit the weights with a penalty on their squares; examples count equally, so frequent kinds count more."""
    target = np.array([KINDS.index(kind) for kind in kinds])
    share = np.full(len(target), 1 / len(target))
    held = np.hstack([vectors.astype(np.float64) * np.sqrt(vectors.shape[1]), np.ones((len(vectors), 1))])

    def cost(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(len(KINDS), -1)
        scores = held @ weights.T
        likely = scores - logsumexp(scores, axis=1, keepdims=True)
        slope = np.exp(likely)
        slope[np.arange(len(target)), target] -= 1
        free = weights.copy()
        free[:, -1] = 0
        price = penalty * 1e-3
        total = -(share * likely[np.arange(len(target)), target]).sum() + price * (free**2).sum()
        return float(total), ((share[:, None] * slope).T @ held + 2 * price * free).ravel()

    best = minimize(cost, np.zeros(len(KINDS) * held.shape[1]), jac=True, method="L-BFGS-B")
    weights = best.x.reshape(len(KINDS), -1)
    return Kinds(weights[:, :-1] * np.sqrt(vectors.shape[1]), weights[:, -1])


def choose(vectors: Vectors, kinds: Sequence[str], seed: int = 7) -> tuple[Kinds, float]:
    """The model with the penalty that does best in cross-validation, and that penalty."""
    part = np.random.default_rng(seed).integers(FOLDS, size=len(kinds))
    known = np.array(kinds)

    def right(penalty: float) -> float:
        hits = 0.0
        for fold in range(FOLDS):
            model = fit(vectors[part != fold], list(known[part != fold]), penalty)
            hits += float((decide(model, vectors[part == fold]) == known[part == fold]).sum())
        return hits / len(kinds)

    best = max(PENALTIES, key=right)
    return fit(vectors, kinds, best), best


def decide(model: Kinds, vectors: Vectors) -> NDArray[np.str_]:
    """The kind of each question as answering takes it: a fact if no other is likely enough."""
    chances = model.chances(vectors)
    best = chances.argmax(axis=1)
    sure = chances.max(axis=1) >= LEAST
    return np.array([KINDS[kind] if likely else "fact" for kind, likely in zip(best, sure, strict=True)])


def by_language(examples: Sequence[KindExample], decided: Sequence[str]) -> dict[str, float]:
    """Accuracy on each language's examples."""
    right: dict[str, list[bool]] = defaultdict(list)
    for example, kind in zip(examples, decided, strict=True):
        right[example.language].append(example.kind == kind)
    return {language: sum(held) / len(held) for language, held in sorted(right.items())}


def save(model: Kinds, path: Path) -> None:
    """Write the table that answering reads."""
    np.savez_compressed(
        path,
        kinds=np.array(KINDS),
        weights=model.weights.astype(np.float32),
        bias=model.bias.astype(np.float32),
        least=np.float32(LEAST),
    )
