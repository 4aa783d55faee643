"""The catalogue: one SQLite file (WAL) with reports, passages, vectors and the full-text index.

It is the only source of truth; everything else on disk can be rebuilt from it. A change to the collection is made in
one or more transactions (`replace`), each of which leaves it consistent. Vectors are keyed by the hash of the embedded
text, so nothing is embedded twice. Removed text is also erased from the file (`erase`): a source's safety may depend
on it. Tokens for the full-text index are passed in: this module is independent of languages and models.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.errors import StoreError
from rag.models import Article, Passage, PassageKind
from rag.store.reading import CatalogReader
from rag.store.records import Entry, Listing, PackRow, Stored, row_of
from rag.store.schema import NUMBERED, SCHEMA_VERSION, TO_BUILD, numbered, prepare, prepared

_USUAL_LENGTH = (
    "(SELECT LENGTH(vector) size FROM vectors WHERE embedder = ? GROUP BY size ORDER BY COUNT(*) DESC LIMIT 1)"
)
_STRAYS = (
    "FROM passages WHERE article_id NOT IN (SELECT id FROM articles)",
    "FROM terms WHERE rowid NOT IN (SELECT number FROM passages WHERE kind = 'window')",
)


class Catalog(CatalogReader):
    """Opens or creates the catalogue at `path`. Raises StoreError, here and in all methods, if the file is unusable."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"{path}: cannot be created ({error}); give another folder with ASKREPORTS_HOME"
            ) from error
        with self._sound():
            version = prepared(self._db)
        if not version:
            with self._writing() as db:
                version = prepare(db)
        if version != SCHEMA_VERSION:
            raise StoreError(
                f"{path}: made by another version of askreports (schema {version}, this one reads {SCHEMA_VERSION}); "
                "delete it and index again, or give another folder with ASKREPORTS_HOME"
            )

    def set_meta(self, key: str, value: str, *, wait: float | None = None) -> None:
        """Store one value under a key; `wait`: seconds to wait for another writer, if not the usual ones."""
        with self._writing(wait) as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def set_given(self, location: str, values: Mapping[str, str]) -> None:
        """Store values set by hand for a location; an empty value is deleted. The next update rebuilds the report."""
        with self._writing() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (TO_BUILD, _sorted(self.to_build | {location})))
            for name, value in values.items():
                db.execute("DELETE FROM given WHERE location = ? AND field = ?", (location, name))
                if value:
                    db.execute("INSERT INTO given VALUES (?, ?, ?)", (location, name, value))

    @property
    def to_build(self) -> frozenset[str]:
        """The locations whose reports the next update builds again, from the stored text."""
        return frozenset(json.loads(self.meta(TO_BUILD) or "[]"))

    def build_again(self, locations: Iterable[str], *, read: Iterable[str] = ()) -> None:
        """Have the next update build the reports of these locations again, and read the files of `read`."""
        with self._writing() as db:
            held = self.to_build.union(locations)
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (TO_BUILD, _sorted(held)))
            db.executemany("UPDATE files SET mtime_ns = -1 WHERE location = ?", [(location,) for location in read])

    # What belongs together, for checks

    def strays(self) -> int:
        """Number of rows that belong to no report."""
        return sum(int(self._read(f"SELECT COUNT(*) {query}")[0][0]) for query in _STRAYS)

    def drop_strays(self) -> None:
        """Delete the rows that belong to no report."""
        with self._writing() as db:
            for query in _STRAYS:
                db.execute(f"DELETE {query}")
            db.execute("UPDATE meta SET value = value + 1 WHERE key = 'revision'")

    def without_vectors(self, embedder: str) -> dict[str, int]:
        """Report id -> number of its passages without a vector of this embedder, or with one of another length."""
        rows = self._read(
            """SELECT p.article_id, COUNT(*) FROM passages p
               LEFT JOIN vectors v ON v.input_hash = p.input_hash AND v.embedder = ?
               WHERE v.vector IS NULL OR LENGTH(v.vector) <> """
            + _USUAL_LENGTH
            + " GROUP BY 1",
            (embedder, embedder),
        )
        return dict(rows)

    def drop_odd_vectors(self, embedder: str) -> None:
        """Delete the vectors of this embedder whose length is not that of most."""
        with self._writing() as db:
            db.execute(
                f"DELETE FROM vectors WHERE embedder = ? AND LENGTH(vector) <> {_USUAL_LENGTH}", (embedder, embedder)
            )

    def terms_rows(self, numbers: Iterable[int]) -> dict[int, tuple[str, ...]]:
        """Passage number -> what the full-text index holds of it: words, names, proper names."""
        rows = self._read(
            "SELECT rowid, words, names, proper FROM terms WHERE rowid IN (SELECT value FROM json_each(?))",
            (json.dumps(list(numbers)),),
        )
        return {row[0]: tuple(row[1:]) for row in rows}

    def keep_gloss(self, article: Article, text_hash: str, language: str, model: str, gloss: str) -> None:
        """Store a translation of a span of the report for reuse; not of a report that is gone or changed meanwhile."""
        with self._writing() as db:
            db.execute(
                "INSERT OR REPLACE INTO glosses SELECT ?, ?, ?, ? "
                "WHERE EXISTS (SELECT 1 FROM articles WHERE id = ? AND sha256 = ?)",
                (text_hash, language, model, gloss, article.id, article.sha256),
            )

    def keep_vectors(self, embedder: str, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        """Store vectors at once: a run killed afterwards does not embed these inputs again."""
        with self._writing() as db:
            db.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)",
                [(key, embedder, np.asarray(vector, np.float32).tobytes()) for key, vector in vectors.items()],
            )

    def keep_packs(self, space: str, packs: Iterable[PackRow]) -> None:
        """Store packs of reports in a vector space; those of reports that are gone meanwhile are dropped."""
        with self._writing() as db:
            db.executemany(
                "INSERT OR REPLACE INTO packs SELECT ?, ?, ?, ?, ?, ?, ? "
                "WHERE EXISTS (SELECT 1 FROM articles WHERE id = ?)",
                [(p.article_id, space, p.passages, p.codes, p.terms, p.reads, p.rest, p.article_id) for p in packs],
            )

    def replace(
        self,
        *,
        remove: Iterable[str],
        add: Mapping[Article, Sequence[Entry]],
        files: Iterable[Listing],
        sources: Mapping[str, str],
        meta: Mapping[str, str],
        forget: Iterable[str] = (),
        last: bool = True,
    ) -> None:
        """Remove and add reports, and replace the records of files and sources, in one transaction.

        What was set by hand for the locations in `forget` is deleted. `last` False: one of several transactions of a
        change; files and sources that it does not name are kept. The last one deletes the vectors of removed texts;
        then `erase` has to be called, see `unerased`.
        """
        with self._writing() as db:
            gone: set[str] = set()
            for article_id in remove:
                gone.update(row[0] for row in db.execute("SELECT sha256 FROM articles WHERE id = ?", (article_id,)))
                db.execute(
                    "DELETE FROM terms WHERE rowid IN (SELECT number FROM passages WHERE article_id = ?)", (article_id,)
                )
                db.execute("DELETE FROM articles WHERE id = ?", (article_id,))
            db.executemany("DELETE FROM given WHERE location = ?", [(location,) for location in forget])
            number = numbered(db)
            for article, entries in add.items():
                db.execute(f"INSERT INTO articles VALUES ({','.join('?' * 13)})", row_of(article))
                for entry in entries:
                    passage = entry.passage
                    number += 1
                    db.execute(
                        "INSERT INTO passages (number, article_id, kind, start, end, input_hash) "
                        "VALUES (?, ?, ?, ?, ?, ?)",
                        (number, passage.article_id, passage.kind, passage.start, passage.end, entry.input_hash),
                    )
                    if passage.kind == "window":
                        db.execute(
                            "INSERT INTO terms (rowid, words, names, proper) VALUES (?, ?, ?, ?)",
                            (number, entry.words, entry.names, entry.proper),
                        )
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (NUMBERED, str(number)))
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
            gone -= {article.sha256 for article in add}
            unerased = db.execute("SELECT 1 FROM meta WHERE key = 'unerased'").fetchone() is not None
            # Looking at all reports takes as long as reading all of their texts: not for each group of many edits.
            if not unerased and gone and gone - {row[0] for row in db.execute("SELECT sha256 FROM articles")}:
                db.execute("INSERT INTO meta VALUES ('unerased', '1')")
                unerased = True
            if last and unerased:
                db.execute("DELETE FROM vectors WHERE input_hash NOT IN (SELECT input_hash FROM passages)")
                # A gloss does not tell which report it is of; those of the others are made again.
                db.execute("DELETE FROM glosses")

    # Which passages are newer than a vector index

    @property
    def numbered(self) -> int:
        """The highest number that a passage ever had: one that is stored later has a higher one."""
        with self._sound():
            return numbered(self._db)

    def since(self, kind: PassageKind, number: int) -> list[Stored]:
        """The passages of a kind with a higher number, without their texts."""
        rows = self._read(
            "SELECT number, article_id, kind, start, end, input_hash FROM passages WHERE number > ? AND kind = ?",
            (number, kind),
        )
        return [Stored(row[0], Passage(row[1], row[3], row[4], "", row[2]), row[5]) for row in rows]

    def tally(self, kind: PassageKind, number: int) -> tuple[int, int]:
        """How many passages of a kind have at most this number, and how many a higher one."""
        (newer,) = self._read("SELECT COUNT(*) FROM passages WHERE number > ? AND kind = ?", (number, kind))[0]
        return self.count(kind) - newer, newer

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


def _sorted(values: Iterable[str]) -> str:
    return json.dumps(sorted(values))
