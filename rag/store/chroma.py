"""One generation in Chroma: created and filled, opened again, closed, dropped. The only module that imports chromadb.

Chroma writes its nearest-neighbour files when `sync_threshold` records have come since the last time, and otherwise
keeps the rest in a log that every later opening works through again, writing those files anew. `fill` writes batches
that all reach the threshold, so that a filled generation's files are never written again but for `chroma.sqlite3`,
which each opening touches. (Measured with 2,500 vectors: first query 0.02 s instead of 0.4 s.)

A vector keeps Chroma's default of 16 links. 64 find more among like sentences (of 1,050 sentences of twelve forms, all
instead of nine in ten are among the 100 found for their own vector), but to add many equal vectors then takes time that
grows faster than their square: 400 take 1.2 s of the processor instead of 0.07 s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from rag.errors import NeedError
from rag.models import PassageKind

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

KINDS: tuple[PassageKind, ...] = ("window", "sentence")
# Chroma takes at most 5,461 records per call.
BATCH = 2000
# Chroma's own default.
SYNC = 1000
# Fewer records than this are never written out: Chroma refuses a lower threshold.
FEWEST = 2


@dataclass(frozen=True, slots=True)
class Item:
    """One unit vector (dimension,) with its deterministic key and its report."""

    key: str
    article_id: str
    vector: NDArray[np.float32]


class Store:
    """The collections of one generation, by kind; `folder` for the embedded Chroma, or a server's `url`.

    `names` are the collections' names. Raises chromadb's errors, which share no base class, and may crash the process
    on a damaged folder.
    """

    def __init__(self, folder: Path, url: str, names: Mapping[PassageKind, str]) -> None:
        self._client = _connect(folder, url)
        self._names = dict(names)
        self.collections: dict[PassageKind, Collection] = {}

    def open(self) -> None:
        """Open the collections, which must exist."""
        for kind, name in self._names.items():
            self.collections[kind] = self._client.get_collection(name, embedding_function=None)

    def fill(self, kind: PassageKind, items: Iterator[Item], total: int) -> Iterator[list[str]]:
        """Create the collection of a kind with `total` items; yields the keys of each batch that is stored."""
        batches = -(-total // BATCH) or 1
        size = -(-total // batches) or 1
        smallest = total - size * (batches - 1)
        collection = self.collections[kind] = self._client.create_collection(
            self._names[kind],
            embedding_function=None,
            configuration={
                "hnsw": {
                    "space": "cosine",
                    "sync_threshold": max(FEWEST, min(SYNC, smallest)),
                }
            },
        )
        while batch := list(islice(items, size)):
            collection.upsert(
                ids=[item.key for item in batch],
                embeddings=np.stack([item.vector for item in batch]),
                metadatas=[{"article_id": item.article_id} for item in batch],
            )
            yield [item.key for item in batch]

    def probe(self) -> dict[PassageKind, int]:
        """The number of records of each kind, after a query of each: what may fail fails here."""
        counts: dict[PassageKind, int] = {}
        for kind, collection in self.collections.items():
            counts[kind] = count = collection.count()
            if count:
                one = collection.get(limit=1, include=["embeddings"])["embeddings"]
                collection.query(query_embeddings=one, n_results=min(2, count), include=[])
        return counts

    def keys(self, kind: PassageKind) -> Iterator[list[str]]:
        """Every key of a kind, in batches."""
        offset = 0
        while page := self.collections[kind].get(limit=BATCH, offset=offset, include=[])["ids"]:
            offset += len(page)
            yield page

    def drop_others(self, prefix: str) -> None:
        """On a server: delete the collections whose names begin with the prefix, but for this generation's."""
        for other in self._client.list_collections():
            if other.name.startswith(prefix) and other.name not in self._names.values():
                self._client.delete_collection(other.name)

    def drop(self) -> None:
        """Delete this generation's collections."""
        held = {other.name for other in self._client.list_collections()}
        for name in held.intersection(self._names.values()):
            self._client.delete_collection(name)

    def close(self) -> None:
        """Close the connection; chromadb's client for a server leaves its two open when it is closed."""
        self.collections.clear()
        parts = (self._client, getattr(self._client, "_admin_client", None))
        sessions = [getattr(getattr(part, "_server", None), "_session", None) for part in parts]
        self._client.close()
        for session in filter(None, sessions):
            session.close()


def _connect(folder: Path, url: str) -> Client:
    import chromadb
    from chromadb.config import Settings as ChromaSettings

    quiet = ChromaSettings(anonymized_telemetry=False)
    client: Any
    if url:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise NeedError(
                f"ASKREPORTS_CHROMA={url}: use embedded, a server's URL such as http://host:8000, or nothing"
            )
        ssl = parts.scheme == "https"
        port = parts.port or (443 if ssl else 8000)
        client = chromadb.HttpClient(host=parts.hostname, port=port, ssl=ssl, settings=quiet)
    else:
        client = chromadb.PersistentClient(str(folder), settings=quiet)
    return cast("Client", client)
