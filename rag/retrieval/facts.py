"""What filters ask of the reports, in arrays: one look at all of them instead of one at each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.models import Article, Filters, primary_language


@dataclass(frozen=True, slots=True)
class Facts:
    """Of each report (n,): id, primary language, day as a proleptic ordinal (0: none); and id -> language tag."""

    ids: tuple[str, ...]
    primary: NDArray[np.str_]
    days: NDArray[np.int32]
    languages: dict[str, str]

    @classmethod
    def of(cls, heads: Sequence[Article]) -> Facts:
        """From `Catalog.heads`."""
        primary = {tag: primary_language(tag) for tag in {head.language for head in heads}}
        return cls(
            tuple(head.id for head in heads),
            np.array([primary[head.language] for head in heads], dtype=np.str_),
            np.array([head.published.toordinal() if head.published else 0 for head in heads], dtype=np.int32),
            {head.id: head.language for head in heads},
        )

    def admitted(self, filters: Filters) -> list[str]:
        """The ids of the reports that `Filters.admit` admits."""
        found = np.ones(len(self.ids), bool)
        if filters.languages:
            found &= np.isin(self.primary, [primary_language(tag) for tag in filters.languages])
        if filters.articles:
            among = set(filters.articles)
            found &= np.fromiter((id in among for id in self.ids), bool, len(self.ids))
        if filters.since is not None or filters.until is not None:
            found &= self.days > 0
            found &= self.days >= (filters.since.toordinal() if filters.since else 0)
            found &= self.days <= (filters.until.toordinal() if filters.until else np.iinfo(np.int32).max)
        return [self.ids[place] for place in np.flatnonzero(found).tolist()]
