"""The vector space of a collection: the catalogue's vectors with language means removed, by their keys.

It combines catalogue, embedder and language means. Independent of ranking or of Chroma.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from rag.encoder import Embedder, LanguageMeans, Vectors
from rag.models import PassageKind
from rag.store import Catalog, Item, Stored

# Vectors per block of a scan: 5,000 x 384 float32 are 8 MB.
PIECE = 5000
# Vectors cached between questions: 20,000 x 384 float32 are 31 MB.
HELD = 20_000


class VectorSpace:
    """A `rag.store.vectors.Source`; `means` None leaves the vectors as the embedder returns them."""

    def __init__(self, catalog: Catalog, embedder: Embedder, means: LanguageMeans | None) -> None:
        self._catalog = catalog
        self._embedder = embedder
        self._means = means
        self._held: dict[tuple[str, str], Vectors] = {}
        self._languages = lru_cache(maxsize=2)(self._read_languages)
        self._questions = lru_cache(maxsize=32)(self._embed_question)
        self._stretches = lru_cache(maxsize=512)(self._embed_stretches)

    @property
    def space(self) -> str:
        """Identifies the catalogue, embedder and means."""
        named = f"{self._embedder.name}|{self._means.stamp if self._means else 'as they come'}"
        return f"{self._catalog.revision.split(':')[0][:12]}-{hashlib.sha256(named.encode()).hexdigest()[:8]}"

    @property
    def revision(self) -> str:
        """Identifies the state of the collection in this space."""
        return f"{self._catalog.revision}:{self.space}"

    def question(self, text: str, language: str) -> Vectors:
        """The question's vector, shape (dimension,); the last few are cached."""
        return self._questions(text, language)

    def _embed_question(self, text: str, language: str) -> Vectors:
        vectors = self._embedder.queries([text])
        if self._means:
            vectors = self._means.questions(vectors, self._embedder.passages([text]), [language])
        return np.asarray(vectors[0])

    def stretches(self, texts: tuple[str, ...], language: str) -> Vectors:
        """Vectors of texts outside the catalogue, shape (len(texts), dimension); the last few are cached."""
        return self._stretches(texts, language)

    def likeness(self, text: str, language: str, other: str, other_language: str) -> float:
        """Cosine of two texts, each with its language's mean removed."""
        one, two = self.stretches((text,), language)[0], self.stretches((other,), other_language)[0]
        return float(one @ two)

    def _embed_stretches(self, texts: tuple[str, ...], language: str) -> Vectors:
        vectors = self._embedder.passages(texts)
        return self._means.passages(vectors, [language] * len(texts)) if self._means else vectors

    def similarities(self, stored: Sequence[Stored], text: str, language: str) -> Vectors:
        """Similarities of passages to a question, shape (len(stored),): cosines, raised for foreign languages.

        Use these to compare across reports: plain cosines favour the question's own language.
        """
        if not stored:
            return np.zeros(0, dtype=np.float32)
        similar = self.matrix(stored) @ self.question(text, language)
        if self._means is None:
            return similar
        languages = self._languages(self._catalog.revision)
        return similar * self._means.nearness(language, [languages[one.passage.article_id] for one in stored])

    def matrix(self, stored: Sequence[Stored]) -> Vectors:
        """The passages' vectors, shape (len(stored), dimension)."""
        if not stored:
            return np.zeros((0, 1), dtype=np.float32)
        languages = self._languages(self._catalog.revision)
        keys = [(passage.input_hash, languages[passage.passage.article_id]) for passage in stored]
        found = {key: vector for key in keys if (vector := self._held.get(key)) is not None}
        if missing := [key for key in dict.fromkeys(keys) if key not in found]:
            read = self._catalog.vectors([input_hash for input_hash, _ in missing], self._embedder.name)
            vectors = np.stack([read[input_hash] for input_hash, _ in missing])
            if self._means:
                vectors = self._means.passages(vectors, [language for _, language in missing])
            new = dict(zip(missing, vectors, strict=True))
            found |= new
            # Vectors are keyed by the hash of their input, so the cache stays valid whatever the collection does.
            if len(self._held) + len(new) > HELD:
                self._held = {}
            if len(new) <= HELD:
                self._held.update(new)
        return np.stack([found[key] for key in keys])

    def keys(self, kind: PassageKind) -> list[str]:
        """Every key of a kind."""
        return self._catalog.keys(kind)

    def items(self, kind: PassageKind, keys: set[str]) -> Iterator[Item]:
        """The vectors of these keys, report by report."""
        if not keys:
            return
        for article in self._catalog.heads():
            with self._catalog.snapshot():
                stored = [passage for passage in self._catalog.passages(article.id, kind) if passage.key in keys]
                vectors = self.matrix(stored)
            for passage, vector in zip(stored, vectors, strict=True):
                yield Item(passage.key, article.id, vector)

    def scan(self, kind: PassageKind, vector: Vectors, limit: int, articles: Sequence[str] | None) -> list[str]:
        """Nearest keys by comparing with every vector: the index's result, more slowly."""
        allowed = None if articles is None else set(articles)
        best: list[tuple[float, str]] = []
        with self._catalog.snapshot():
            wanted = [key for key in self.keys(kind) if allowed is None or key.rsplit(":", 3)[0] in allowed]
            for at in range(0, len(wanted), PIECE):
                stored = list(self._catalog.find(wanted[at : at + PIECE]).values())
                scores = self.matrix(stored) @ vector
                best += [(-float(score), passage.key) for score, passage in zip(scores, stored, strict=True)]
                best = sorted(best)[:limit]
        return [key for _, key in best]

    def _read_languages(self, _revision: str) -> dict[str, str]:
        return {article.id: article.language for article in self._catalog.heads()}
