"""The vector space of a collection: the catalogue's vectors with language means removed, by their keys.

It combines catalogue, embedder and language means. Independent of ranking or of Chroma.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import chain, groupby

import numpy as np

from rag.encoder import Embedder, InBothRoles, Vectors, give_memory_back
from rag.models import PassageKind, Progress
from rag.retrieval.codes import Codes
from rag.retrieval.means import LanguageMeans
from rag.retrieval.packs import ROW, Packs, Place, hashed, packed
from rag.store import KINDS, Catalog, Item, PackRow, Stored

# Reports packed at once: some thousand passages.
PIECE = 200
# Up to this many passages are compared with directly (`rag.retrieval.codes`): no slower than Chroma and what comes with
# it, and exact. Not so many are loaded for that in Chroma's place: 200,000 codes are 77 MB.
COMPARED = 200_000
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
        self._size = lru_cache(maxsize=2)(self._read_size)
        # One: two would hold two collections for a while. A reader that waits for another's loads it again.
        self._codes = lru_cache(maxsize=1)(self._read_codes)
        self._questions = lru_cache(maxsize=32)(self._embed_question)
        self._stretches = lru_cache(maxsize=512)(self._embed_stretches)

    @property
    def space(self) -> str:
        """Identifies the catalogue, embedder and means."""
        return self._name

    @cached_property
    def _name(self) -> str:
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
        if self._means is None:
            return np.asarray(self._embedder.queries([text])[0])
        if isinstance(self._embedder, InBothRoles):
            as_query, as_passage = self._embedder.in_both_roles(text)
        else:
            as_query, as_passage = self._embedder.queries([text])[0], self._embedder.passages([text])[0]
        return np.asarray(self._means.questions(as_query[None], as_passage[None], [language])[0])

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

    def nearness(self, language: str, tags: Sequence[str]) -> Vectors:
        """Factors (n,) that raise the similarity of a question to texts in other languages; see `LanguageMeans`.

        Needed to compare across reports: plain cosines favour the question's own language.
        """
        return np.ones(len(tags), np.float32) if self._means is None else self._means.nearness(language, tags)

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

    def nearest(
        self, vector: Vectors, limit: int, articles: Sequence[str] | None
    ) -> dict[PassageKind, list[tuple[str, int]]]:
        """By comparing with every vector of these reports, or of all: see `Codes.nearest`. Within a snapshot."""
        return self._codes(self.revision).nearest(vector, limit, articles)

    def scan(self, kind: PassageKind, vector: Vectors, limit: int, articles: Sequence[str] | None) -> list[str]:
        """Keys of the nearest passages of a kind, best first: the index's result, by comparing with every vector."""
        with self._catalog.snapshot():
            near = self.nearest(vector, limit, articles)[kind]
            packs = self.packs({id for id, _ in near})
            return [packs.key(row) for row in packs.nearest(near, packs.cosines(vector), limit)]

    @property
    def compared(self) -> bool:
        """Whether the collection is small enough to compare a question with all of it."""
        return self._size(self._catalog.revision) <= COMPARED

    def packs(self, article_ids: Iterable[str]) -> Packs:
        """The packs of these reports; unknown ids are left out. Within a snapshot."""
        ids = list(article_ids)
        held = self._catalog.packs(ids, self.space)
        missing = [id for id in ids if id not in held] if len(held) < len(ids) else []
        return Packs.of([*held.values(), *self._made(missing)])

    def pack(self, progress: Progress | None = None) -> None:
        """Store the packs that are missing; for the one process that changes the collection."""
        missing = self._catalog.unpacked(self.space)
        for at in range(0, len(missing), PIECE):
            if progress and len(missing) > PIECE:
                progress("packing passages", at, len(missing))
            with self._catalog.snapshot():
                made = self._made(missing[at : at + PIECE])
            self._catalog.keep_packs(self.space, made)
        if progress and len(missing) > PIECE:
            progress("packing passages", len(missing), len(missing))

    def _made(self, article_ids: Sequence[str]) -> list[PackRow]:
        """Packs made from the catalogue's tables; none for a report without a passage."""
        placed = self._catalog.placed(article_ids) if article_ids else []
        if not placed:
            return []
        articles = self._catalog.articles_of(article_ids)
        read = self._catalog.vectors([row[5] for row in placed], self._embedder.name)
        vectors = np.stack([read[row[5]] for row in placed])
        if self._means:
            vectors = self._means.passages(vectors, [articles[row[0]].language for row in placed])
        tokens = self._catalog.terms(row[1] for row in placed if row[2] == "window")
        made: list[PackRow] = []
        at = 0
        for id, group in groupby(placed, key=lambda row: row[0]):
            places: dict[str, list[Place]] = {kind: [] for kind in KINDS}
            for _, number, kind, start, end, key in group:
                places[kind].append((number, start, end, key))
            windows, sentences = places["window"], places["sentence"]
            size = len(windows) + len(sentences)
            terms = [_hashes(*tokens[number]) for number, *_ in windows]
            made.append(packed(articles[id], windows, sentences, terms, vectors[at : at + size]))
            at += size
        return made

    def _read_codes(self, _revision: str) -> Codes:
        made: list[tuple[str, bytes, bytes]] = []
        missing = self._catalog.unpacked(self.space)
        for at in range(0, len(missing), PIECE):
            made += [(row.article_id, row.passages, row.codes) for row in self._made(missing[at : at + PIECE])]
        size = self._catalog.packed_bytes(self.space) + sum(len(passages) for _, passages, _ in made)
        total = size // ROW.itemsize
        codes = Codes.of(chain(self._catalog.codes(self.space), made), total)
        give_memory_back()
        return codes

    def _read_size(self, _revision: str) -> int:
        return self._catalog.count()

    def _read_languages(self, _revision: str) -> dict[str, str]:
        return {article.id: article.language for article in self._catalog.heads()}


def _hashes(words: str, names: str) -> set[int]:
    """The hashed terms of a window, from the columns of the full-text index."""
    return {hashed("w", word) for word in words.split()} | {hashed("n", name) for name in names.split()}
