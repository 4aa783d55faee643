"""The catalogue: one SQLite file (WAL) with reports, passages, vectors and the full-text index.

It is the only source of truth; everything else on disk can be rebuilt from it. A change to the collection is made in
one or more transactions (`replace`), each of which leaves it consistent. Vectors are keyed by the hash of the embedded
text, so nothing is embedded twice. Removed text is also erased from the file (`erase`): a source's safety may depend
on it. Tokens for the full-text index are passed in: this module is independent of languages and models.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import StoreError
from rag.models import Article, Filters, Passage, PassageKind

SCHEMA_VERSION = 2
# Another writer waits up to this long for a transaction.
WAIT_SECONDS = 30.0
# Report texts cached in memory, in code points: 2,000 news reports are about 8 million.
TEXTS_HELD = 32_000_000
SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE sources (location TEXT PRIMARY KEY, origin TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE files (
    location TEXT PRIMARY KEY, source TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    sha256 TEXT, reason TEXT, metadata TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE TABLE articles (
    id TEXT PRIMARY KEY, text TEXT NOT NULL, title TEXT NOT NULL, language TEXT NOT NULL, published TEXT,
    places TEXT NOT NULL, authors TEXT NOT NULL, source_url TEXT, sha256 TEXT NOT NULL, body_end INTEGER NOT NULL,
    location TEXT NOT NULL, also TEXT NOT NULL, origins TEXT NOT NULL DEFAULT '[]'
) WITHOUT ROWID;
CREATE TABLE given (
    location TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (location, field)
) WITHOUT ROWID;
CREATE TABLE passages (
    number INTEGER PRIMARY KEY, article_id TEXT NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    kind TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, input_hash TEXT NOT NULL
);
CREATE INDEX passages_of_article ON passages (article_id, kind, start);
CREATE TABLE vectors (
    input_hash TEXT NOT NULL, embedder TEXT NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (input_hash, embedder)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE terms USING fts5 (
    words, names, proper, tokenize = "unicode61 remove_diacritics 0 tokenchars '-_/.'"
);
CREATE VIRTUAL TABLE terms_seen USING fts5vocab (terms, col);
"""
# Statements that bring a catalogue of a version to the next one.
MIGRATIONS = {
    1: (
        "ALTER TABLE files ADD COLUMN metadata TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE articles ADD COLUMN origins TEXT NOT NULL DEFAULT '[]'",
        "CREATE TABLE given (location TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, "
        "PRIMARY KEY (location, field)) WITHOUT ROWID",
    )
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A passage to be stored: with the hash of its embedding input and its index tokens."""

    passage: Passage
    input_hash: str
    words: str = ""
    names: str = ""
    proper: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """A passage in the catalogue; `number` is its row, `key` its id in a vector index."""

    number: int
    passage: Passage
    input_hash: str

    @property
    def key(self) -> str:
        """Deterministic; changes when the embedded text does."""
        return f"{self.passage.id}:{self.input_hash[:12]}"


@dataclass(frozen=True, slots=True)
class Listing:
    """A file or address of the collection as last seen: the hash of its text, or why it could not be read.

    `metadata` is the file's metadata as JSON.
    """

    location: str
    source: str
    size: int
    mtime_ns: int
    sha256: str | None
    reason: str | None
    metadata: str = ""


class Catalog:
    """Opens or creates the catalogue at `path`. Raises StoreError, here and in all methods, if the file is unusable."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._texts: dict[tuple[str, str], str] = {}
        self._keeping = threading.Lock()
        self._heads = lru_cache(maxsize=2)(self._read_heads)
        self._sizes = lru_cache(maxsize=2)(self._read_sizes)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"{path}: cannot be created ({error}); give another folder with ASKREPORTS_HOME"
            ) from error
        with self._writing() as db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version == 0:
                for statement in SCHEMA.split(";\n"):
                    db.execute(statement)
                db.execute("INSERT INTO meta VALUES ('id', ?), ('revision', '0')", (uuid.uuid4().hex,))
                db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            while version in MIGRATIONS:
                for statement in MIGRATIONS[version]:
                    db.execute(statement)
                version += 1
                db.execute(f"PRAGMA user_version = {version}")
            # Added later; older catalogues lack this table.
            db.execute(
                "CREATE TABLE IF NOT EXISTS glosses (text_hash TEXT NOT NULL, language TEXT NOT NULL, "
                "model TEXT NOT NULL, gloss TEXT NOT NULL, PRIMARY KEY (text_hash, language, model)) WITHOUT ROWID"
            )
        if version not in (0, SCHEMA_VERSION):
            raise StoreError(
                f"{path}: made by another version of askreports (schema {version}, this one reads {SCHEMA_VERSION}); "
                "delete it and index again, or give another folder with ASKREPORTS_HOME"
            )

    def close(self) -> None:
        """Close every thread's connection; the object cannot be used afterwards."""
        for connection in self._open:
            connection.close()
        self._open.clear()

    def verify(self) -> None:
        """Raise StoreError if the file is damaged."""
        found = self._read("PRAGMA quick_check")[0][0]
        if found != "ok":
            raise StoreError(f"{self.path}: damaged ({found}); delete it and index again")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """In this context the thread reads one consistent state, whatever others write; it must not write itself."""
        with self._sound():
            db = self._db
            outermost = not db.in_transaction
            if outermost:
                db.execute("BEGIN")
        try:
            yield
        finally:
            if outermost and db.in_transaction:
                with self._sound():
                    db.execute("ROLLBACK")

    # Reading the collection

    @property
    def revision(self) -> str:
        """A string that differs after each change of the collection and between catalogues."""
        (id,), (revision,) = self._read("SELECT value FROM meta WHERE key IN ('id', 'revision') ORDER BY key")
        return f"{id}:{revision}"

    def meta(self, key: str) -> str | None:
        """The value stored under a key, or None."""
        rows = self._read("SELECT value FROM meta WHERE key = ?", (key,))
        return rows[0][0] if rows else None

    def set_meta(self, key: str, value: str) -> None:
        """Store one value under a key."""
        with self._writing() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

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

    def set_given(self, location: str, values: Mapping[str, str]) -> None:
        """Store values set by hand for a location; an empty value is deleted."""
        with self._writing() as db:
            for name, value in values.items():
                db.execute("DELETE FROM given WHERE location = ? AND field = ?", (location, name))
                if value:
                    db.execute("INSERT INTO given VALUES (?, ?, ?)", (location, name, value))

    def articles(self, filters: Filters | None = None) -> list[Article]:
        """The reports that the filters admit, sorted by id."""
        found = (_article(row) for row in self._read("SELECT * FROM articles ORDER BY id"))
        return [article for article in found if filters is None or filters.admit(article)]

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
        return _article(rows[0]) if rows else None

    def articles_of(self, ids: Iterable[str]) -> dict[str, Article]:
        """Reports by id; unknown ids are left out."""
        rows = self._read("SELECT * FROM articles WHERE id IN (SELECT value FROM json_each(?))", (_json(ids),))
        return {row[0]: _article(row) for row in rows}

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

    def terms_of(
        self, numbers: Iterable[int], words: Collection[str], names: Collection[str]
    ) -> dict[int, tuple[frozenset[str], frozenset[str]]]:
        """Passage number -> which of these words and which of these names it contains."""
        rows = self._read(
            "SELECT rowid, words, names FROM terms WHERE rowid IN (SELECT value FROM json_each(?))",
            (_json(numbers),),
        )
        wanted = frozenset(words), frozenset(names)
        return {
            number: (wanted[0].intersection(held.split()), wanted[1].intersection(named.split()))
            for number, held, named in rows
        }

    def reports_with(self, names: Iterable[str], articles: Iterable[str]) -> dict[str, frozenset[str]]:
        """Report id -> which of these names its windows contain, for the given reports."""
        found: dict[str, set[str]] = {}
        among = _json(articles)
        for name in dict.fromkeys(names):
            query = f'names : "{name.replace(chr(34), "")}"'
            rows = self._read(
                "SELECT DISTINCT p.article_id FROM terms JOIN passages p ON p.number = terms.rowid "
                "WHERE terms MATCH ? AND p.article_id IN (SELECT value FROM json_each(?))",
                (query, among),
            )
            for (article_id,) in rows:
                found.setdefault(article_id, set()).add(name)
        return {article_id: frozenset(held) for article_id, held in found.items()}

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

    def within(self, window: Passage) -> list[Stored]:
        """The sentences of a window, in text order."""
        return self.within_many([window])[0]

    def within_many(self, windows: Sequence[Passage]) -> list[list[Stored]]:
        """The sentences of each window, in text order, in one query."""
        places = [(window.article_id, window.start, window.end) for window in windows]
        return self._beside(places, "p.kind = 'sentence' AND p.start >= {start} AND p.end <= {end}")

    def around_many(self, sentences: Sequence[Passage]) -> list[list[Stored]]:
        """The windows that contain each sentence, in text order, in one query."""
        places = [(sentence.article_id, sentence.start, sentence.end) for sentence in sentences]
        return self._beside(places, "p.kind = 'window' AND p.start <= {start} AND p.end >= {end}")

    def sentences_of(self, article_ids: Iterable[str]) -> dict[str, list[Stored]]:
        """Report id -> its sentences in text order, in one query."""
        found = self._stored(
            "WHERE p.article_id IN (SELECT value FROM json_each(?)) AND p.kind = 'sentence' "
            "ORDER BY p.article_id, p.start",
            (_json(article_ids),),
        )
        return {id: list(group) for id, group in groupby(found, key=lambda stored: stored.passage.article_id)}

    def match(self, query: str, limit: int, articles: Sequence[str] | None) -> list[tuple[Stored, float]]:
        """Full-text search over windows: (passage, BM25 score, higher is better), best first."""
        if articles is not None and not articles:
            return []
        among = "" if articles is None else "AND p.article_id IN (SELECT value FROM json_each(?))"
        with self.snapshot():
            rows = self._read(
                f"""SELECT p.number, p.article_id, p.kind, p.start, p.end, p.input_hash, -bm25(terms) AS score
                    FROM terms JOIN passages p ON p.number = terms.rowid
                    WHERE terms MATCH ? {among} ORDER BY score DESC, p.article_id, p.start LIMIT ?""",
                (query, *([] if articles is None else [_json(articles)]), limit),
            )
            placed = self._placed([row[:6] for row in rows])
            return [(stored, float(row[6])) for stored, row in zip(placed, rows, strict=True)]

    # Vectors

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

    def keep_gloss(self, text_hash: str, language: str, model: str, gloss: str) -> None:
        """Store a translation for reuse."""
        with self._writing() as db:
            db.execute("INSERT OR REPLACE INTO glosses VALUES (?, ?, ?, ?)", (text_hash, language, model, gloss))

    def keep_vectors(self, embedder: str, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        """Store vectors at once: a run killed afterwards does not embed these inputs again."""
        with self._writing() as db:
            db.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)",
                [(key, embedder, np.asarray(vector, np.float32).tobytes()) for key, vector in vectors.items()],
            )

    # The only way to change the collection

    def replace(
        self,
        *,
        remove: Iterable[str],
        add: Mapping[Article, Sequence[Entry]],
        files: Iterable[Listing],
        sources: Mapping[str, str],
        meta: Mapping[str, str],
        last: bool = True,
    ) -> None:
        """Remove and add reports, and replace the records of files and sources, in one transaction.

        `last` False: one of several transactions of a change; files and sources that it does not name are kept.
        The last one deletes the vectors of removed texts; then `erase` has to be called, see `unerased`.
        """
        with self._writing() as db:
            before = {row[0] for row in db.execute("SELECT sha256 FROM articles")}
            for article_id in remove:
                db.execute(
                    "DELETE FROM terms WHERE rowid IN (SELECT number FROM passages WHERE article_id = ?)", (article_id,)
                )
                db.execute("DELETE FROM articles WHERE id = ?", (article_id,))
            for article, entries in add.items():
                db.execute(f"INSERT INTO articles VALUES ({','.join('?' * 13)})", _row(article))
                for entry in entries:
                    passage = entry.passage
                    number = db.execute(
                        "INSERT INTO passages (article_id, kind, start, end, input_hash) VALUES (?, ?, ?, ?, ?)",
                        (passage.article_id, passage.kind, passage.start, passage.end, entry.input_hash),
                    ).lastrowid
                    if passage.kind == "window":
                        db.execute(
                            "INSERT INTO terms (rowid, words, names, proper) VALUES (?, ?, ?, ?)",
                            (number, entry.words, entry.names, entry.proper),
                        )
            if last:
                db.execute("DELETE FROM files")
                db.execute("DELETE FROM sources")
            db.executemany(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(f.location, f.source, f.size, f.mtime_ns, f.sha256, f.reason, f.metadata) for f in files],
            )
            db.executemany("INSERT OR REPLACE INTO sources VALUES (?, ?)", list(sources.items()))
            db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(meta.items()))
            db.execute("UPDATE meta SET value = value + 1 WHERE key = 'revision'")
            if before - {row[0] for row in db.execute("SELECT sha256 FROM articles")}:
                db.execute("INSERT OR REPLACE INTO meta VALUES ('unerased', '1')")
            if last and db.execute("SELECT 1 FROM meta WHERE key = 'unerased'").fetchone():
                db.execute("DELETE FROM vectors WHERE input_hash NOT IN (SELECT input_hash FROM passages)")
                # A gloss does not tell which report it is of; those of the others are made again.
                db.execute("DELETE FROM glosses")

    @property
    def unerased(self) -> bool:
        """Whether the file may still contain bytes of removed texts."""
        return self.meta("unerased") is not None

    def erase(self) -> bool:
        """Overwrite removed text; False if another process is reading: try again later.

        Deleted terms are purged from the full-text index, the file is rewritten, and the write-ahead log is emptied.
        """
        with self._writing() as db:
            db.execute("INSERT INTO terms (terms) VALUES ('optimize')")
        with self._sound():
            self._db.execute("VACUUM")
            (busy, _, _) = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            return False
        with self._writing() as db:
            db.execute("DELETE FROM meta WHERE key = 'unerased'")
        return True

    # Connections: one per thread; readers never wait for the writer (WAL)

    @property
    def _db(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.path, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False)
            self._open.append(connection)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")
            self._local.connection = connection
        return connection

    @contextmanager
    def _sound(self) -> Iterator[None]:
        """Turn SQLite's errors into a StoreError that says how to fix it."""
        try:
            yield
        except sqlite3.ProgrammingError:
            raise
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise StoreError(f"{self.path}: another process is writing it ({error}); ask again later") from error
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
                raise StoreError(
                    f"{self.path}: cannot be written ({error}); change its permissions, or give another folder with "
                    "ASKREPORTS_HOME"
                ) from error
            raise StoreError(
                f"{self.path}: the catalogue cannot be used ({error}); give another folder with ASKREPORTS_HOME, "
                "or delete the file and index again"
            ) from error

    def _read(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        with self._sound():
            return self._db.execute(query, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._sound():
            db = self._db
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                # SQLite may have rolled back already, as when the disk is full.
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise

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
        return tuple(map(_article, rows))

    def _read_sizes(self, _revision: str) -> tuple[tuple[str, int], ...]:
        return tuple(
            self._read(
                "SELECT a.language, COUNT(*) n FROM passages p JOIN articles a ON a.id = p.article_id "
                "WHERE p.kind = 'window' GROUP BY 1 ORDER BY n DESC, 1"
            )
        )


def _json(values: Iterable[object]) -> str:
    return json.dumps(list(values))


def _row(article: Article) -> tuple[object, ...]:
    return (
        article.id,
        article.text,
        article.title,
        article.language,
        article.published.isoformat() if article.published else None,
        json.dumps(article.places, ensure_ascii=False),
        json.dumps(article.authors, ensure_ascii=False),
        article.source_url,
        article.sha256,
        article.body_end,
        article.location,
        json.dumps(article.also, ensure_ascii=False),
        json.dumps(article.origins),
    )


def _article(row: Sequence[str]) -> Article:
    return Article(
        id=row[0],
        text=row[1],
        title=row[2],
        language=row[3],
        published=date.fromisoformat(row[4]) if row[4] else None,
        places=tuple(json.loads(row[5])),
        authors=tuple(json.loads(row[6])),
        source_url=row[7],
        sha256=row[8],
        body_end=int(row[9]),
        location=row[10],
        also=tuple(json.loads(row[11])),
        origins=tuple((name, origin) for name, origin in json.loads(row[12])),
    )
