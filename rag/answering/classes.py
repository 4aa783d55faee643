"""Classes of questions, predicted from a question's vector with its language's mean removed.

A class table is a multinomial logistic model that `rag.training` makes for the bundled embedder, so that no word lists
are needed. Independent of what the classes mean.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray


def chances(table: str, vector: NDArray[np.float32]) -> dict[str, float] | None:
    """The probability of each class for a vector (dimension,), by the shipped table of this name.

    None if the vector's size differs from the table's, that is, for another embedder.
    """
    labels, weights, bias = read_table(table)
    if weights.shape[1] != len(vector):
        return None
    scores = weights @ vector + bias
    likely = np.exp(scores - scores.max())
    return dict(zip(labels, (likely / likely.sum()).tolist(), strict=True))


@cache
def read_table(name: str) -> tuple[tuple[str, ...], NDArray[np.float32], NDArray[np.float32]]:
    """Class names, weights (classes, dimension) and bias (classes,) of a shipped table."""
    with resources.as_file(resources.files("rag.answering") / name) as path, np.load(path) as held:
        return tuple(str(label) for label in held["labels"]), held["weights"], held["bias"]
