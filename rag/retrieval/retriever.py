"""Question -> hits, over a collection in mixed languages.

A window's score is its cosine plus that of its best sentence, with language means removed, plus a lexical bonus: the
share of the question's terms that it contains, weighted by rarity (idf as in BM25, Robertson and Zaragoza 2009). A
window in the question's language is matched on the question's words and numbers, any other on names, numbers and codes
only, so that stop words cannot favour the question's own language; nor can terms that nearly every window of that
language contains, since there the bonus is a share's margin over the next best ones.

Candidates come from a comparison with all vectors, or from Chroma where a collection is large and no filter is set,
separately for windows and sentences, and from the full-text index. They are scored exactly, from their reports' packs,
in a number of statements that does not depend on how many there are. Independent of language models.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rag.encoder import Vectors, on_one_core
from rag.language import Terms, primary_tag, tokens
from rag.models import Filters, Hit, PassageKind
from rag.retrieval.facts import Facts
from rag.retrieval.packs import Packs, hashed
from rag.retrieval.space import VectorSpace
from rag.store import KINDS, Catalog, VectorIndex

Scores = NDArray[np.float64]

# Candidates from each search; not tuned.
CANDIDATES = 100
# Weights of the lexical share relative to the two cosines, within the question's language and across languages. Chosen
# on one half of the development data; on the other, .15 to .3 across and .25 to .5 within differ by under one point.
WITHIN_WEIGHT = 0.37
ACROSS_WEIGHT = 0.2
# Within the question's language, the mean of this many shares after the best is subtracted from each.
NEXT_BEST = 3
# What a name counts that the window leaves out and the rest of its report contains. Not tuned.
ELSEWHERE = 0.5
# Idf sum below which a share counts only in part: one matching name of a vague question proves little.
LEXICAL_FLOOR = 8.0


class Retriever:
    """Finds the windows that may answer a question. `by_index`: by the index, however small the collection is."""

    def __init__(self, catalog: Catalog, space: VectorSpace, index: VectorIndex, *, by_index: bool = False) -> None:
        self._catalog = catalog
        self._space = space
        self._index = index
        self._by_index = by_index
        self._facts = lru_cache(maxsize=2)(self._read_facts)
        self._seen = lru_cache(maxsize=2)(self._new_counts)

    @property
    def asks_index(self) -> bool:
        """Whether questions without filters are put to the index, and not to all vectors."""
        return self._by_index or not self._space.compared

    def retrieve(self, question: str, language: str, *, limit: int, filters: Filters | None = None) -> list[Hit]:
        """At most `limit` hits, best first; `language` is the question's BCP 47 tag."""
        with on_one_core():
            return self._retrieved(question, language, limit, filters)

    def _retrieved(self, question: str, language: str, limit: int, filters: Filters | None) -> list[Hit]:
        asked = tokens(question, language, asked=True)
        vector = self._space.question(question, language)
        filtered = filters is not None and filters != Filters()
        keys: dict[PassageKind, list[str] | None] = {}
        if not filtered and self.asks_index:
            keys = {kind: self._index.nearest(kind, vector, CANDIDATES, None) for kind in KINDS}
        # Chroma's results may have been removed since; from here on one state of the collection is read.
        with self._catalog.snapshot():
            facts = self._facts(self._catalog.revision)
            articles = facts.admitted(filters) if filters is not None and filtered else None
            if articles is not None and not articles:
                return []
            packs, cosines, windows = self._candidates(keys, vector, asked, articles)
            return self._hits(packs, cosines, windows, facts, asked, language, limit) if windows else []

    def _hits(
        self,
        packs: Packs,
        cosines: NDArray[np.float32],
        windows: Sequence[int],
        facts: Facts,
        asked: Terms,
        language: str,
        limit: int,
    ) -> list[Hit]:
        tags = [facts.languages[packs.id(row)] for row in windows]
        dense, best = self._dense(packs, cosines, windows, tags, language)
        ours = {tag: primary_tag(tag) == primary_tag(language) for tag in set(tags)}
        own = np.asarray([ours[tag] for tag in tags])
        shares = self._lexical(packs, windows, own, asked, language)
        scores = dense + _bonus(shares, own)
        dense_ranks, lexical_ranks = _ranks(dense), _ranks(shares)
        order = np.argsort(-scores, kind="stable")[:limit].tolist()
        found = self._catalog.articles_of({packs.id(windows[place]) for place in order})
        hits = []
        for place in order:
            window, sentence = windows[place], best[place]
            article = found[packs.id(window)]
            hits.append(
                Hit(
                    passage=packs.passage(article, window),
                    article=article,
                    score=float(scores[place]),
                    dense_rank=dense_ranks[place],
                    lexical_rank=lexical_ranks[place] if shares[place] > 0 else None,
                    sentence=None if sentence is None else packs.passage(article, sentence),
                )
            )
        return hits

    def _candidates(
        self,
        keys: Mapping[PassageKind, list[str] | None],
        vector: Vectors,
        asked: Terms,
        articles: list[str] | None,
    ) -> tuple[Packs, NDArray[np.float32], list[int]]:
        """Packs, their cosines, and the rows of the windows to score, by key.

        So ties rank alike whichever search found them.
        """
        by_index = all(keys.get(kind) is not None for kind in KINDS)
        compared = {} if by_index else self._space.nearest(vector, CANDIDATES, articles)
        query = _match_query(asked)
        matched = self._catalog.match(query, CANDIDATES, articles) if query else []
        owners = {id for near in compared.values() for id, _ in near} | {id for _, id in matched}
        owners |= {key.rsplit(":", 3)[0] for near in keys.values() for key in near or ()}
        packs = self._space.packs(sorted(owners))
        cosines = packs.cosines(vector)
        near: dict[PassageKind, list[int]] = {
            kind: _found(keys[kind] or (), packs) if by_index else packs.nearest(compared[kind], cosines, CANDIDATES)
            for kind in KINDS
        }
        chosen = set(near["window"])
        for sentence in near["sentence"]:
            chosen.update(range(packs.rows["first"][sentence], packs.rows["last"][sentence]))
        chosen.update(np.flatnonzero(np.isin(packs.rows["number"], [number for number, _ in matched])).tolist())
        return packs, cosines, sorted(chosen, key=packs.key)

    def _dense(
        self,
        packs: Packs,
        cosines: NDArray[np.float32],
        windows: Sequence[int],
        tags: Sequence[str],
        language: str,
    ) -> tuple[Scores, list[int | None]]:
        """Per window (windows,): its similarity plus its best sentence's, and the row of that sentence."""
        factors = self._space.nearness(language, tags)
        scores: list[float] = []
        best: list[int | None] = []
        for window, factor in zip(windows, factors, strict=True):
            first, last = int(packs.rows["first"][window]), int(packs.rows["last"][window])
            inside = cosines[first:last] * factor
            alone = float(cosines[window] * factor)
            row = int(inside.argmax()) if len(inside) else None
            best.append(None if row is None else first + row)
            scores.append(alone + (alone if row is None else float(inside[row])))
        return np.asarray(scores), best

    def _lexical(
        self, packs: Packs, windows: Sequence[int], own: NDArray[np.bool_], asked: Terms, language: str
    ) -> Scores:
        """Per window (windows,): its share of the question's terms; `own`: those in the question's language."""
        sizes = self._catalog.windows_by_language()
        primary = primary_tag(language)
        among = sum(count for tag, count in sizes.items() if primary_tag(tag) == primary)
        words = _idf(self._windows_with("words", asked.words), among)
        names = _idf(self._windows_with("names", asked.names), sum(sizes.values()))
        if not words and not names:
            return np.zeros(len(windows))
        weights = np.array([*words.values(), *names.values()])
        is_name = np.arange(len(weights)) >= len(words)
        is_number = np.array([False] * len(words) + [name[0].isdigit() for name in names])
        # Within the question's language words and numbers count, across languages names, numbers and codes.
        within, across = weights * (~is_name | is_number), weights * is_name
        held, elsewhere = packs.terms_held([*(hashed("w", one) for one in words), *(hashed("n", one) for one in names)])
        places = (np.cumsum(packs.rows["window"]) - 1)[list(windows)]
        counted = np.where(held, 1.0, ELSEWHERE * (elsewhere & is_name))[places]
        most = np.where(own, max(float(within.sum()), LEXICAL_FLOOR), max(float(across.sum()), LEXICAL_FLOOR))
        return np.asarray((counted * np.where(own[:, None], within, across)).sum(axis=1) / most)

    def _windows_with(self, column: str, terms: Iterable[str]) -> dict[str, int]:
        """`Catalog.windows_with`, for each term once as long as the collection does not change."""
        known = self._seen(self._catalog.revision)
        wanted = dict.fromkeys(terms)
        if missing := [term for term in wanted if (column, term) not in known]:
            found = self._catalog.windows_with(column, missing)
            known.update({(column, term): found.get(term, 0) for term in missing})
        return {term: count for term in wanted if (count := known[column, term])}

    def _new_counts(self, _revision: str) -> dict[tuple[str, str], int]:
        return {}

    def _read_facts(self, _revision: str) -> Facts:
        return Facts.of(self._catalog.heads())


def _found(keys: Iterable[str], packs: Packs) -> list[int]:
    """The rows of these keys; those that are gone are left out."""
    rows = {packs.key(row): row for row in range(len(packs.rows))}
    return [rows[key] for key in keys if key in rows]


def _bonus(shares: Scores, own: NDArray[np.bool_]) -> Scores:
    """What the shares add to the scores, (windows,); a lone window in the question's language gets nothing."""
    bonus = ACROSS_WEIGHT * shares
    if own.any():
        ranked = np.sort(shares[own])[::-1]
        bonus[own] = WITHIN_WEIGHT * (shares[own] - (ranked[1 : 1 + NEXT_BEST] if len(ranked) > 1 else ranked).mean())
    return bonus


def _idf(seen: dict[str, int], among: int) -> dict[str, float]:
    return {term: math.log(1 + (among - count + 0.5) / (count + 0.5)) for term, count in seen.items() if count <= among}


def _match_query(asked: Terms) -> str:
    columns = (("words", asked.words), ("names", asked.names))
    return " OR ".join(
        f'{column} : "{term.replace(chr(34), "")}"' for column, terms in columns for term in dict.fromkeys(terms)
    )


def _ranks(scores: Scores) -> list[int]:
    ranks = np.empty(len(scores), dtype=int)
    ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return [int(rank) for rank in ranks]
