"""Ranking metrics over reports. `ranked` holds ids, best first, each once. Independent of how they were found.

None if a question has no relevant report.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence


def recall_at(k: int, ranked: Sequence[str], relevant: Collection[str], *, any_of: bool = False) -> float | None:
    """Share of the relevant reports among the first k; with `any_of`, 1 if one of them is there.

    Manning, Raghavan and Schütze, Introduction to Information Retrieval (2008), section 8.3 and 8.4.
    """
    if not relevant:
        return None
    found = len(set(ranked[:k]) & set(relevant))
    return float(found > 0) if any_of else found / len(set(relevant))


def reciprocal_rank(ranked: Sequence[str], relevant: Collection[str]) -> float | None:
    """One over the rank of the first relevant report, 0 if none was found.

    Its mean is MRR: Voorhees, The TREC-8 Question Answering Track Report (1999).
    """
    if not relevant:
        return None
    return next((1 / rank for rank, id in enumerate(ranked, 1) if id in relevant), 0.0)


def ndcg_at(k: int, ranked: Sequence[str], grades: Mapping[str, float]) -> float | None:
    """Discounted cumulative gain of the first k over the best possible; linear gain, as in trec_eval and BEIR.

    Järvelin and Kekäläinen, Cumulated Gain-Based Evaluation of IR Techniques (2002).
    """
    best = sorted((grade for grade in grades.values() if grade > 0), reverse=True)[:k]
    if not best:
        return None
    return _discounted([max(grades.get(id, 0.0), 0.0) for id in ranked[:k]]) / _discounted(best)


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))
