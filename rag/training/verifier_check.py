"""A verifier's accuracy: by head, and by head and language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.encoder.claims import columns
from rag.encoder.pack import Pack
from rag.training.batches import padded
from rag.training.claim_pairs import ClaimPair

AT_ONCE = 16
# Word vectors and mask -> scores (pairs, labels of all heads).
Judge = Callable[[NDArray[np.float32], NDArray[np.bool_]], NDArray[np.float32]]


def judge(run: Judge, pairs: Sequence[ClaimPair], pack: Pack) -> list[tuple[ClaimPair, NDArray[np.float32]]]:
    """Each pair with the logits of its head's labels."""
    order = sorted(pairs, key=len)
    judged = []
    for at in range(0, len(order), AT_ONCE):
        part = order[at : at + AT_ONCE]
        found = run(*padded([pair.ids for pair in part], pack))
        judged += [(pair, row[columns(pair.head)]) for pair, row in zip(part, found, strict=True)]
    return judged


def accuracy(judged: Sequence[tuple[ClaimPair, NDArray[np.float32]]], *, by_language: bool = False) -> dict[str, float]:
    """Accuracy by head: the mean over its languages and the worst, or each language by itself."""
    right: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for pair, scores in judged:
        right[pair.head][pair.language].append(int(scores.argmax()) == pair.label)
    told: dict[str, float] = {}
    for head, languages in sorted(right.items()):
        shares = {language: float(np.mean(held)) for language, held in sorted(languages.items())}
        if by_language:
            told |= {f"{head} {language}": round(share, 3) for language, share in shares.items()}
        else:
            told |= {
                head: round(float(np.mean(list(shares.values()))), 4),
                f"{head}_worst": round(min(shares.values()), 4),
            }
    return told
