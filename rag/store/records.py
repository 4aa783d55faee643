"""What the catalogue stores, and the rows of its table of reports."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rag.models import Article, Passage


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


@dataclass(frozen=True, slots=True)
class PackRow:
    """What retrieval needs of a report's passages, in one row; `rag.retrieval.packs` makes and reads the bytes."""

    article_id: str
    passages: bytes
    codes: bytes
    terms: bytes
    reads: bytes
    rest: bytes


def row_of(article: Article) -> tuple[object, ...]:
    """The row of a report, in the order of the table's columns."""
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


def article_of(row: Sequence[str]) -> Article:
    """The report of a row; the inverse of `row_of`."""
    return Article(
        id=row[0],
        text=row[1],
        title=row[2],
        language=row[3],
        published=date.fromisoformat(row[4]) if row[4] else None,
        places=_several(row[5]),
        authors=_several(row[6]),
        source_url=row[7],
        sha256=row[8],
        body_end=int(row[9]),
        location=row[10],
        also=_several(row[11]),
        origins=tuple((name, origin) for name, origin in json.loads(row[12])),
    )


def _several(held: str) -> tuple[str, ...]:
    # Mostly none, and to parse that for thousands of reports takes longer than to read them.
    return () if held == "[]" else tuple(json.loads(held))
