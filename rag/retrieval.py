"""Question -> hits, over a collection in mixed languages.

Each window is scored by itself plus its best sentence, with vectors freed of their language, plus a lexical bonus: the
share of the question's terms that it holds, weighted by their rarity (idf as in BM25, Robertson and Zaragoza 2009).
A window in the question's language is measured on the question's words, any other on its names, numbers and codes
alone, so that the bonus cannot favour the question's own language by stop words. Candidates come from Chroma, for
windows and sentences apart, and from the full-text index; they are scored exactly with the catalogue's vectors.
This module knows nothing of language models.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.catalog import Catalog, Stored
from rag.embedding import Vectors
from rag.lexical import Tokens, tokens
from rag.models import Filters, Hit, Passage, PassageKind
from rag.space import VectorSpace
from rag.vectors import KINDS, VectorIndex

Scores = NDArray[np.float64]

# How many candidates each leg brings; not tuned.
CANDIDATES = 100
# Weight of the lexical share beside two cosines. Tuned on the development data: .05 to .15 gain everywhere, from .2 on
# a mixed collection loses (README, "What we tried").
LEXICAL_WEIGHT = 0.12
# Idf sum below which a share counts only in part: one matching name of a vague question proves little.
LEXICAL_FLOOR = 8.0
# More reports than this in a filter are compared by scan; Chroma takes a bounded number of values.
MOST_FILTERED = 10_000


class Retriever:
    """Finds the windows that may answer a question."""

    def __init__(self, catalog: Catalog, space: VectorSpace, index: VectorIndex) -> None:
        self._catalog = catalog
        self._space = space
        self._index = index

    def retrieve(self, question: str, language: str, *, limit: int, filters: Filters | None = None) -> list[Hit]:
        """At most `limit` hits, best first; `language` is the question's."""
        articles: list[str] | None = None
        if filters is not None and filters != Filters():
            articles = [head.id for head in self._catalog.heads() if filters.admit(head)]
            if not articles:
                return []
        asked = tokens(question, language, asked=True)
        vector = self._space.question(question, language)
        near = {kind: self._nearest(kind, vector, articles) for kind in KINDS}
        # What Chroma brought may have been removed since; from here on one state of the collection is read.
        with self._catalog.snapshot():
            return self._hits(near, vector, asked, language, articles, limit)

    def _hits(
        self,
        near: Mapping[PassageKind, list[str]],
        vector: Vectors,
        asked: Tokens,
        language: str,
        articles: list[str] | None,
        limit: int,
    ) -> list[Hit]:
        windows = self._candidates(near, asked, articles)
        if not windows:
            return []
        dense, sentences = self._dense(windows, vector)
        lexical = self._lexical(windows, asked, language)
        scores = dense + LEXICAL_WEIGHT * lexical
        dense_ranks, lexical_ranks = _ranks(dense), _ranks(lexical)
        order = sorted(range(len(windows)), key=lambda row: (-scores[row], windows[row].key))[:limit]
        found = {
            article_id: self._catalog.article(article_id) for article_id in {_owner(windows[row]) for row in order}
        }
        return [
            Hit(
                passage=windows[row].passage,
                article=article,
                score=float(scores[row]),
                dense_rank=dense_ranks[row],
                lexical_rank=lexical_ranks[row] if lexical[row] > 0 else None,
                sentence=sentences[row],
            )
            for row in order
            if (article := found[_owner(windows[row])])
        ]

    def _candidates(
        self, near: Mapping[PassageKind, list[str]], asked: Tokens, articles: list[str] | None
    ) -> list[Stored]:
        found: dict[str, Stored] = self._catalog.find(near["window"])
        for sentence in self._catalog.find(near["sentence"]).values():
            found |= {window.key: window for window in self._catalog.around(sentence.passage)}
        if query := _match_query(asked):
            found |= {window.key: window for window, _ in self._catalog.match(query, CANDIDATES, articles)}
        # By key, so that equal scores rank alike whichever leg brought the windows.
        return [found[key] for key in sorted(found)]

    def _nearest(self, kind: PassageKind, vector: Vectors, articles: list[str] | None) -> list[str]:
        keys = None
        if articles is None or len(articles) <= MOST_FILTERED:
            keys = self._index.nearest(kind, vector, CANDIDATES, articles)
        return self._space.scan(kind, vector, CANDIDATES, articles) if keys is None else keys

    def _dense(self, windows: Sequence[Stored], vector: Vectors) -> tuple[Scores, list[Passage | None]]:
        alone = self._space.matrix(windows) @ vector
        inside = [self._catalog.within(window.passage) for window in windows]
        flat = [sentence for group in inside for sentence in group]
        similar = iter((self._space.matrix(flat) @ vector).tolist() if flat else [])
        best: list[float] = []
        sentences: list[Passage | None] = []
        for row, group in enumerate(inside):
            score, sentence = max(
                ((next(similar), sentence.passage) for sentence in group),
                key=lambda pair: pair[0],
                default=(float(alone[row]), None),
            )
            best.append(score)
            sentences.append(sentence)
        return alone.astype(np.float64) + np.asarray(best), sentences

    def _lexical(self, windows: Sequence[Stored], asked: Tokens, language: str) -> Scores:
        sizes = self._catalog.windows_by_language()
        total = sum(sizes.values())
        own = language.split("-")[0]
        among = sum(count for tag, count in sizes.items() if tag.split("-")[0] == own)
        numbers = {name for name in asked.names if name[0].isdigit()}
        rare_words = _idf(self._catalog.windows_with("words", asked.words), among)
        rare_names = _idf(self._catalog.windows_with("names", asked.names), total)
        within = rare_words | {name: weight for name, weight in rare_names.items() if name in numbers}
        held = self._catalog.terms_of(window.number for window in windows)
        languages = {head.id: head.language.split("-")[0] for head in self._catalog.heads()}
        shares = []
        for window in windows:
            words, names = held[window.number]
            weights, terms = (within, words | names) if languages[_owner(window)] == own else (rare_names, names)
            reached = sum(weight for term, weight in weights.items() if term in terms)
            shares.append(reached / max(sum(weights.values()), LEXICAL_FLOOR))
        return np.asarray(shares)


def _idf(seen: dict[str, int], among: int) -> dict[str, float]:
    return {term: math.log(1 + (among - count + 0.5) / (count + 0.5)) for term, count in seen.items() if count <= among}


def _match_query(asked: Tokens) -> str:
    columns = (("words", asked.words), ("names", asked.names))
    return " OR ".join(
        f'{column} : "{term.replace(chr(34), "")}"' for column, terms in columns for term in dict.fromkeys(terms)
    )


def _ranks(scores: Scores) -> list[int]:
    ranks = np.empty(len(scores), dtype=int)
    ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return [int(rank) for rank in ranks]


def _owner(window: Stored) -> str:
    return window.passage.article_id
