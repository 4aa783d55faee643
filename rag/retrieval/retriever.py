"""Question -> hits, over a collection in mixed languages.

A window's score is its cosine plus that of its best sentence, with language means removed, plus a lexical bonus: the
share of the question's terms that it contains, weighted by rarity (idf as in BM25, Robertson and Zaragoza 2009). A
window in the question's language is matched on the question's words and numbers, any other on names, numbers and codes
only, so that stop words cannot favour the question's own language; nor can terms that nearly every window of that
language contains, since there the bonus is a share's margin over the next best ones. Candidates come from Chroma,
separately for windows and sentences, and from the full-text index; they are scored exactly with the catalogue's
vectors. Independent of language models.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.encoder import Vectors
from rag.language import Terms, primary_tag, tokens
from rag.models import Filters, Hit, Passage, PassageKind
from rag.retrieval.space import VectorSpace
from rag.sources import as_read
from rag.store import KINDS, Catalog, Stored, VectorIndex

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
# Filters with more reports than this use a scan; Chroma takes a limited number of values.
MOST_FILTERED = 10_000


class Retriever:
    """Finds the windows that may answer a question."""

    def __init__(self, catalog: Catalog, space: VectorSpace, index: VectorIndex) -> None:
        self._catalog = catalog
        self._space = space
        self._index = index

    def retrieve(self, question: str, language: str, *, limit: int, filters: Filters | None = None) -> list[Hit]:
        """At most `limit` hits, best first; `language` is the question's BCP 47 tag."""
        articles: list[str] | None = None
        if filters is not None and filters != Filters():
            articles = [head.id for head in self._catalog.heads() if filters.admit(head)]
            if not articles:
                return []
        asked = tokens(question, language, asked=True)
        vector = self._space.question(question, language)
        near: dict[PassageKind, list[str]] = {kind: self._nearest(kind, vector, articles) for kind in KINDS}
        # Chroma's results may have been removed since; from here on one state of the collection is read.
        with self._catalog.snapshot():
            return self._hits(near, question, asked, language, articles, limit)

    def _hits(
        self,
        near: Mapping[PassageKind, list[str]],
        question: str,
        asked: Terms,
        language: str,
        articles: list[str] | None,
        limit: int,
    ) -> list[Hit]:
        windows = self._candidates(near, asked, articles)
        if not windows:
            return []
        dense, sentences = self._dense(windows, question, language)
        shares, own, rare = self._lexical(windows, asked, language)
        scores = dense + _bonus(shares, own)
        dense_ranks, lexical_ranks = _ranks(dense), _ranks(shares)
        order = sorted(range(len(windows)), key=lambda row: (-scores[row], windows[row].key))[:limit]
        found = self._catalog.articles_of({_owner(windows[row]) for row in order})
        hits = []
        for row in order:
            article, sentence = found[_owner(windows[row])], sentences[row]
            hits.append(
                Hit(
                    passage=as_read(article, windows[row].passage),
                    article=article,
                    score=float(scores[row]),
                    dense_rank=dense_ranks[row],
                    lexical_rank=lexical_ranks[row] if shares[row] > 0 else None,
                    sentence=as_read(article, sentence) if sentence else None,
                    names=rare,
                )
            )
        return hits

    def _candidates(
        self, near: Mapping[PassageKind, list[str]], asked: Terms, articles: list[str] | None
    ) -> list[Stored]:
        found: dict[str, Stored] = self._catalog.find(near["window"])
        sentences = [sentence.passage for sentence in self._catalog.find(near["sentence"]).values()]
        for around in self._catalog.around_many(sentences):
            found |= {window.key: window for window in around}
        if query := _match_query(asked):
            found |= {window.key: window for window, _ in self._catalog.match(query, CANDIDATES, articles)}
        # By key, so that ties rank alike whichever search found the windows.
        return [found[key] for key in sorted(found)]

    def _nearest(self, kind: PassageKind, vector: Vectors, articles: list[str] | None) -> list[str]:
        keys = None
        if articles is None or len(articles) <= MOST_FILTERED:
            keys = self._index.nearest(kind, vector, CANDIDATES, articles)
        return self._space.scan(kind, vector, CANDIDATES, articles) if keys is None else keys

    def _dense(self, windows: Sequence[Stored], question: str, language: str) -> tuple[Scores, list[Passage | None]]:
        inside = self._catalog.within_many([window.passage for window in windows])
        every = [*windows, *(sentence for group in inside for sentence in group)]
        similar = self._space.similarities(every, question, language).tolist()
        scores: list[float] = []
        sentences: list[Passage | None] = []
        at = len(windows)
        for alone, group in zip(similar, inside, strict=False):
            near = similar[at : at + len(group)]
            at += len(group)
            best = max(near, default=alone)
            scores.append(alone + best)
            sentences.append(group[near.index(best)].passage if group else None)
        return np.asarray(scores), sentences

    def _lexical(
        self, windows: Sequence[Stored], asked: Terms, language: str
    ) -> tuple[Scores, NDArray[np.bool_], tuple[tuple[str, float], ...]]:
        """Per window (windows,): its share of the question's terms, and whether it is in the question's language.

        Also the question's names with their rarity.
        """
        sizes = self._catalog.windows_by_language()
        total = sum(sizes.values())
        primary = primary_tag(language)
        among = sum(count for tag, count in sizes.items() if primary_tag(tag) == primary)
        numbers = {name for name in asked.names if name[0].isdigit()}
        rare_words = _idf(self._catalog.windows_with("words", asked.words), among)
        rare_names = _idf(self._catalog.windows_with("names", asked.names), total)
        within = rare_words | {name: weight for name, weight in rare_names.items() if name in numbers}
        held = self._catalog.terms_of((window.number for window in windows), asked.words, asked.names)
        reported = self._catalog.reports_with(rare_names, set(map(_owner, windows)))
        languages = {head.id: primary_tag(head.language) for head in self._catalog.heads()}
        own = np.asarray([languages[_owner(window)] == primary for window in windows])
        most = [max(sum(weights.values()), LEXICAL_FLOOR) for weights in (rare_names, within)]
        shares = []
        for window, ours in zip(windows, own.tolist(), strict=True):
            words, names = held[window.number]
            weights, terms = (within, words | names) if ours else (rare_names, names)
            others = reported.get(_owner(window), frozenset())
            found = (
                weight * (1 if term in terms else ELSEWHERE * (term in others)) for term, weight in weights.items()
            )
            shares.append(sum(found) / most[ours])
        return np.asarray(shares), own, tuple(rare_names.items())


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


def _owner(window: Stored) -> str:
    return window.passage.article_id
