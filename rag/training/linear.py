"""Vectors and their classes -> a multinomial logistic model, as answering reads it (`rag.answering.classes`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp

from rag.encoder import Embedder, Vectors
from rag.retrieval import LanguageMeans

# L2 penalties, of which one is chosen by five-fold cross-validation on the training examples.
PENALTIES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Linear:
    """Weights (classes, dimension) and bias (classes,), in the order of `labels`."""

    labels: tuple[str, ...]
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    def chances(self, vectors: Vectors) -> NDArray[np.float64]:
        """Probability of each class, (questions, classes), for vectors (questions, dimension)."""
        scores = vectors @ self.weights.T + self.bias
        return np.asarray(np.exp(scores - logsumexp(scores, axis=1, keepdims=True)))

    def save(self, path: Path) -> None:
        """Write the table that answering reads."""
        weights, bias = self.weights.astype(np.float32), self.bias.astype(np.float32)
        np.savez_compressed(path, labels=np.array(self.labels), weights=weights, bias=bias)


def embed(texts: Sequence[str], languages: Sequence[str], embedder: Embedder, means: LanguageMeans) -> Vectors:
    """Question vectors (n, dimension) as retrieval makes them."""
    return means.questions(embedder.queries(texts), embedder.passages(texts), languages)


def fit(vectors: Vectors, classes: Sequence[str], labels: Sequence[str], penalty: float) -> Linear:
    """Fit the weights with a penalty on their squares; examples count equally, so frequent classes count more."""
    target = np.array([labels.index(one) for one in classes])
    share = np.full(len(target), 1 / len(target))
    held = np.hstack([vectors.astype(np.float64) * np.sqrt(vectors.shape[1]), np.ones((len(vectors), 1))])

    def cost(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(len(labels), -1)
        scores = held @ weights.T
        likely = scores - logsumexp(scores, axis=1, keepdims=True)
        slope = np.exp(likely)
        slope[np.arange(len(target)), target] -= 1
        free = weights.copy()
        free[:, -1] = 0
        price = penalty * 1e-3
        total = -(share * likely[np.arange(len(target)), target]).sum() + price * (free**2).sum()
        return float(total), ((share[:, None] * slope).T @ held + 2 * price * free).ravel()

    best = minimize(cost, np.zeros(len(labels) * held.shape[1]), jac=True, method="L-BFGS-B")
    weights = best.x.reshape(len(labels), -1)
    return Linear(tuple(labels), weights[:, :-1] * np.sqrt(vectors.shape[1]), weights[:, -1])


def choose(
    vectors: Vectors, classes: Sequence[str], labels: Sequence[str], groups: Sequence[str], seed: int = 7
) -> tuple[Linear, float]:
    """The model whose penalty does best in cross-validation, and that penalty.

    Examples of one group (a language, a dialogue) are in one fold, so that none is judged by its like.
    """
    names = sorted(set(groups))
    part = dict(zip(names, np.random.default_rng(seed).integers(FOLDS, size=len(names)).tolist(), strict=True))
    fold_of = np.array([part[group] for group in groups])
    known = np.array(classes)

    def right(penalty: float) -> float:
        hits = 0.0
        for fold in range(FOLDS):
            rest, own = fold_of != fold, fold_of == fold
            if not own.any() or not rest.any():
                continue
            model = fit(vectors[rest], list(known[rest]), labels, penalty)
            hits += float((np.array(labels)[model.chances(vectors[own]).argmax(axis=1)] == known[own]).sum())
        return hits

    best = max(PENALTIES, key=right)
    return fit(vectors, classes, labels, best), best
