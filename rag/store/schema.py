"""The tables of the catalogue, and how a file of an earlier version is brought to this one."""

from __future__ import annotations

import sqlite3
import uuid

SCHEMA_VERSION = 5
# Key in `meta`: the highest number given to a passage, so that none is given twice, not even after a removal.
NUMBERED = "numbered"
# The same: the locations, as JSON, whose reports the next update builds again, as when a value was set by hand.
TO_BUILD = "to_build"
GLOSSES = """
CREATE TABLE glosses (
    text_hash TEXT NOT NULL, language TEXT NOT NULL, model TEXT NOT NULL, gloss TEXT NOT NULL,
    PRIMARY KEY (text_hash, language, model)
) WITHOUT ROWID
"""
# With a row id, so that a report's row is read in one go; the codes stand first, so that reading all of them does not
# touch the others.
PACKS = """
CREATE TABLE packs (
    article_id TEXT PRIMARY KEY REFERENCES articles(id) ON DELETE CASCADE, space TEXT NOT NULL, passages BLOB NOT NULL,
    codes BLOB NOT NULL, terms BLOB NOT NULL, reads BLOB NOT NULL, rest BLOB NOT NULL
)
"""
# With a row id: without one a row of more than a quarter of a page takes a page of its own, 4.6 instead of 2.1 KB for a
# vector of 384 dimensions.
VECTORS = """
CREATE TABLE vectors (
    input_hash TEXT NOT NULL, embedder TEXT NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (input_hash, embedder)
)
"""
# Marks are parts of words: in the scripts of India they are its vowels.
TERMS = """
CREATE VIRTUAL TABLE {name} USING fts5 (
    words, names, proper, tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* Co' tokenchars '-_/.'"
)
"""
TERMS_SEEN = "CREATE VIRTUAL TABLE terms_seen USING fts5vocab (terms, col)"
SCHEMA = f"""
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
{VECTORS.strip()};
{TERMS.format(name="terms").strip()};
{TERMS_SEEN};
{GLOSSES.strip()};
{PACKS.strip()};
"""
# Statements that bring a catalogue of a version to the next one.
MIGRATIONS = {
    1: (
        "ALTER TABLE files ADD COLUMN metadata TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE articles ADD COLUMN origins TEXT NOT NULL DEFAULT '[]'",
        "CREATE TABLE given (location TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, "
        "PRIMARY KEY (location, field)) WITHOUT ROWID",
    ),
    # Some catalogues of version 2 already have the first.
    2: (GLOSSES.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS"), PACKS),
    # Packs are a cache; their bytes have another form.
    3: (
        "DROP TABLE packs",
        PACKS,
        TERMS.format(name="new_terms"),
        "INSERT INTO new_terms (rowid, words, names, proper) SELECT rowid, words, names, proper FROM terms",
        "DROP TABLE terms_seen",
        "DROP TABLE terms",
        "ALTER TABLE new_terms RENAME TO terms",
        TERMS_SEEN,
    ),
    4: (
        "ALTER TABLE vectors RENAME TO old_vectors",
        VECTORS,
        "INSERT INTO vectors SELECT input_hash, embedder, vector FROM old_vectors",
        "DROP TABLE old_vectors",
    ),
}


def prepared(db: sqlite3.Connection) -> int:
    """The version of a file that needs no change, or is of another version of askreports; else 0. Writes nothing."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    return int(version) if version >= SCHEMA_VERSION else 0


def prepare(db: sqlite3.Connection) -> int:
    """Create the tables in a new file, or migrate an older one; within a transaction. Returns the file's version."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version == 0:
        for statement in SCHEMA.split(";\n"):
            db.execute(statement)
        db.execute("INSERT INTO meta VALUES ('id', ?), ('revision', '0')", (uuid.uuid4().hex,))
        version = SCHEMA_VERSION
        db.execute(f"PRAGMA user_version = {version}")
    while version in MIGRATIONS:
        for statement in MIGRATIONS[version]:
            db.execute(statement)
        version += 1
        db.execute(f"PRAGMA user_version = {version}")
    return int(version)


def numbered(db: sqlite3.Connection) -> int:
    """The highest number that a passage ever had."""
    (number,) = db.execute(
        "SELECT MAX(COALESCE((SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?), 0), "
        "COALESCE((SELECT MAX(number) FROM passages), 0))",
        (NUMBERED,),
    ).fetchone()
    return int(number)
