"""Reading the catalogue: reports, passages, full text and vectors."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.models import Article, Passage, PassageKind
from rag.store.connections import Connections
from rag.store.records import Listing, PackRow, Stored, article_of

# Report texts cached in memory, in code points: 2,000 news reports are about 8 million.
TEXTS_HELD = 32_000_000


class CatalogReader(Connections):
    """The reading half of `rag.store.catalog.Catalog`."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._texts: dict[tuple[str, str], str] = {}
        self._keeping = threading.Lock()
        self._heads = lru_cache(maxsize=2)(self._read_heads)
        self._sizes = lru_cache(maxsize=2)(self._read_sizes)

    @property
    def revision(self) -> str:
        """A string that differs after each change of the collection and between catalogues."""
        (id,), (revision,) = self._read("SELECT value FROM meta WHERE key IN ('id', 'revision') ORDER BY key")
        return f"{id}:{revision}"

    def meta(self, key: str) -> str | None:
        """The value stored under a key, or None."""
        rows = self._read("SELECT value FROM meta WHERE key = ?", (key,))
        return rows[0][0] if rows else None

    def sources(self) -> dict[str, str]:
        """Location -> origin of every source of the collection."""
        return dict(self._read("SELECT location, origin FROM sources ORDER BY location"))

    def files(self) -> dict[str, Listing]:
        """Every file and address as last seen, by location."""
        rows = self._read("SELECT location, source, size, mtime_ns, sha256, reason, metadata FROM files")
        return {row[0]: Listing(*row) for row in rows}

    def given(self) -> dict[str, dict[str, str]]:
        """Location -> field -> the value that a person has set."""
        held: dict[str, dict[str, str]] = {}
        for location, name, value in self._read("SELECT location, field, value FROM given"):
            held.setdefault(location, {})[name] = value
        return held

    def articles(self) -> list[Article]:
        """The reports, sorted by id."""
        return [article_of(row) for row in self._read("SELECT * FROM articles ORDER BY id")]

    def heads(self) -> list[Article]:
        """The reports, sorted by id, with an empty text: fast if only metadata is needed."""
        with self.snapshot():
            return list(self._heads(self.revision))

    def article(self, article_id: str) -> Article | None:
        """One report, None for an unknown id."""
        try:
            rows = self._read("SELECT * FROM articles WHERE id = ?", (article_id,))
        except UnicodeEncodeError:  # half of a character, which is in no id
            return None
        return article_of(rows[0]) if rows else None

    def articles_of(self, ids: Iterable[str]) -> dict[str, Article]:
        """Reports by id; unknown ids are left out."""
        rows = self._read("SELECT * FROM articles WHERE id IN (SELECT value FROM json_each(?))", (_json(ids),))
        return {row[0]: article_of(row) for row in rows}

    def windows_by_language(self) -> dict[str, int]:
        """Language -> number of windows, most frequent first."""
        with self.snapshot():
            return dict(self._sizes(self.revision))

    def windows_with(self, column: str, terms: Iterable[str]) -> dict[str, int]:
        """Term -> number of windows with it in the column `words`, `names` or `proper`; absent terms are left out."""
        rows = self._read(
            "SELECT term, doc FROM terms_seen WHERE col = ? AND term IN (SELECT value FROM json_each(?))",
            (column, _json(terms)),
        )
        return dict(rows)

    def count(self, kind: PassageKind | None = None) -> int:
        """Number of passages, of one kind or of all."""
        query = "SELECT COUNT(*) FROM passages" + (" WHERE kind = ?" if kind else "")
        return int(self._read(query, (kind,) if kind else ())[0][0])

    def passages(self, article_id: str, kind: PassageKind) -> list[Stored]:
        """The passages of one report, in text order."""
        return self._stored("WHERE p.article_id = ? AND p.kind = ? ORDER BY p.start", (article_id, kind))

    def keys(self, kind: PassageKind) -> list[str]:
        """`Stored.key` of all passages of a kind, without reading their texts."""
        rows = self._read(
            "SELECT number, article_id, kind, start, end, input_hash FROM passages WHERE kind = ? "
            "ORDER BY article_id, start",
            (kind,),
        )
        return [Stored(n, Passage(a, start, end, "", k), hashed).key for n, a, k, start, end, hashed in rows]

    def find(self, keys: Iterable[str]) -> dict[str, Stored]:
        """Passages by `Stored.key`; unknown keys are left out."""
        wanted = set(keys)
        places = []
        for key in sorted(wanted):
            article_id, span, kind, _ = key.rsplit(":", 3)
            start, end = span.split("-")
            places.append((article_id, int(start), int(end), "window" if kind == "w" else "sentence"))
        found = self._beside(
            places, "p.kind = json_extract(place.value, '$[3]') AND p.start = {start} AND p.end = {end}"
        )
        return {stored.key: stored for group in found for stored in group if stored.key in wanted}

    def within_many(self, windows: Sequence[Passage]) -> list[list[Stored]]:
        """The sentences of each window, in text order, in one query."""
        places = [(window.article_id, window.start, window.end) for window in windows]
        return self._beside(places, "p.kind = 'sentence' AND p.start >= {start} AND p.end <= {end}")

    def sentences_of(self, article_ids: Iterable[str]) -> dict[str, list[Stored]]:
        """Report id -> its sentences in text order, in one query."""
        found = self._stored(
            "WHERE p.article_id IN (SELECT value FROM json_each(?)) AND p.kind = 'sentence' "
            "ORDER BY p.article_id, p.start",
            (_json(article_ids),),
        )
        return {id: list(group) for id, group in groupby(found, key=lambda stored: stored.passage.article_id)}

    def match(self, query: str, limit: int, articles: Sequence[str] | None) -> list[tuple[int, str]]:
        """Full-text search over windows: (passage number, report id) by BM25, best first."""
        if articles is not None and not articles:
            return []
        among = "" if articles is None else "AND p.article_id IN (SELECT value FROM json_each(?))"
        return self._read(
            f"""SELECT p.number, p.article_id FROM terms JOIN passages p ON p.number = terms.rowid
                WHERE terms MATCH ? {among} ORDER BY bm25(terms), p.article_id, p.start LIMIT ?""",
            (query, *([] if articles is None else [_json(articles)]), limit),
        )

    # What retrieval packs for each report

    def placed(self, article_ids: Iterable[str]) -> list[tuple[str, int, str, int, int, str]]:
        """Report id, number, kind, start, end and input hash of each passage; windows before sentences, in order."""
        return self._read(
            "SELECT article_id, number, kind, start, end, input_hash FROM passages "
            "WHERE article_id IN (SELECT value FROM json_each(?)) ORDER BY article_id, kind DESC, start",
            (_json(article_ids),),
        )

    def terms(self, numbers: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Window number -> its index tokens, separated by spaces: words, names."""
        rows = self._read(
            "SELECT rowid, words, names FROM terms WHERE rowid IN (SELECT value FROM json_each(?))", (_json(numbers),)
        )
        return {number: (words, names) for number, words, names in rows}

    def packs(self, article_ids: Iterable[str], space: str) -> dict[str, PackRow]:
        """Report id -> its pack in this space; reports that are not packed are left out."""
        rows = self._read(
            "SELECT article_id, passages, codes, terms, reads, rest FROM packs "
            "WHERE space = ? AND article_id IN (SELECT value FROM json_each(?))",
            (space, _json(article_ids)),
        )
        return {row[0]: PackRow(*row) for row in rows}

    def codes(self, space: str) -> Iterator[tuple[str, bytes, bytes]]:
        """Report id, `passages` and `codes` of every pack in this space, as they are read; within a snapshot."""
        with self._sound():
            yield from self._db.execute(
                "SELECT article_id, passages, codes FROM packs WHERE space = ? ORDER BY rowid", (space,)
            )

    def packed_bytes(self, space: str) -> int:
        """Bytes of `passages` of all packs in this space."""
        return int(self._read("SELECT COALESCE(SUM(LENGTH(passages)), 0) FROM packs WHERE space = ?", (space,))[0][0])

    def unpacked(self, space: str) -> list[str]:
        """Ids of the reports without a pack in this space."""
        rows = self._read(
            "SELECT id FROM articles WHERE id NOT IN (SELECT article_id FROM packs WHERE space = ?)", (space,)
        )
        return [id for (id,) in rows]

    def vectors(self, hashes: Sequence[str], embedder: str) -> dict[str, NDArray[np.float32]]:
        """Input hash -> vector (dimension,), for known hashes."""
        rows = self._read(
            "SELECT input_hash, vector FROM vectors "
            "WHERE embedder = ? AND input_hash IN (SELECT value FROM json_each(?))",
            (embedder, _json(hashes)),
        )
        return {key: np.frombuffer(blob, dtype=np.float32) for key, blob in rows}

    def gloss(self, text_hash: str, language: str, model: str) -> str | None:
        """The stored translation of a text into the language, by text hash and model name, or None."""
        rows = self._read(
            "SELECT gloss FROM glosses WHERE text_hash = ? AND language = ? AND model = ?", (text_hash, language, model)
        )
        return rows[0][0] if rows else None

    def _stored(self, where: str, values: tuple[object, ...]) -> list[Stored]:
        columns = "p.number, p.article_id, p.kind, p.start, p.end, p.input_hash"
        with self.snapshot():
            return self._placed(self._read(f"SELECT {columns} FROM passages p {where}", values))

    def _beside(self, places: Sequence[tuple[object, ...]], condition: str) -> list[list[Stored]]:
        """For each (report, start, end, ...) the passages that meet the condition, in text order."""
        where = condition.format(start="json_extract(place.value, '$[1]')", end="json_extract(place.value, '$[2]')")
        found: list[list[Stored]] = [[] for _ in places]
        with self.snapshot():
            # CROSS JOIN: places as the outer loop, passages by their index.
            rows = self._read(
                f"""SELECT place.key, p.number, p.article_id, p.kind, p.start, p.end, p.input_hash
                    FROM json_each(?) place CROSS JOIN passages p
                    ON p.article_id = json_extract(place.value, '$[0]') AND {where} ORDER BY place.key, p.start""",
                (_json(places),),
            )
            for row, stored in zip(rows, self._placed([row[1:] for row in rows]), strict=True):
                found[row[0]].append(stored)
        return found

    def _placed(self, rows: Sequence[Sequence[Any]]) -> list[Stored]:
        texts = self._texts_of({row[1] for row in rows})
        # Sliced here: SQLite's substr() scans the text from its start each time.
        return [
            Stored(number, Passage(article_id, start, end, texts[article_id][start:end], kind), input_hash)
            for number, article_id, kind, start, end, input_hash in rows
        ]

    def _texts_of(self, ids: set[str]) -> dict[str, str]:
        """Report id -> text; within a snapshot."""
        revision = self.revision
        held = {id: text for id in ids if (text := self._texts.get((id, revision))) is not None}
        if missing := ids - held.keys():
            rows = self._read(
                "SELECT id, text FROM articles WHERE id IN (SELECT value FROM json_each(?))", (_json(missing),)
            )
            held |= dict(rows)
            with self._keeping:
                if sum(map(len, self._texts.values())) > TEXTS_HELD or any(key[1] != revision for key in self._texts):
                    self._texts.clear()
                self._texts.update({(id, revision): text for id, text in rows})
        return held

    def _read_heads(self, _revision: str) -> tuple[Article, ...]:
        rows = self._read(
            "SELECT id, '', title, language, published, places, authors, source_url, sha256, body_end, location, also, "
            "origins FROM articles ORDER BY id"
        )
        return tuple(map(article_of, rows))

    def _read_sizes(self, _revision: str) -> tuple[tuple[str, int], ...]:
        return tuple(
            self._read(
                "SELECT a.language, COUNT(*) n FROM passages p JOIN articles a ON a.id = p.article_id "
                "WHERE p.kind = 'window' GROUP BY 1 ORDER BY n DESC, 1"
            )
        )


def _json(values: Iterable[object]) -> str:
    return json.dumps(list(values))
