"""Chroma: nearest-vector search. A cache of the catalogue, rebuilt automatically when missing, stale or damaged.

The store is trusted only if its files are unchanged (sizes, mtimes and inodes, recorded outside the folder). Opening a
store that was damaged, replaced or half written may crash the process, so it is rebuilt from the catalogue's vectors
instead. A lock separates writers. `nearest` returns None while Chroma is unavailable, and the caller then compares with
every vector. Independent of languages and models, and the only module that imports chromadb.
"""

from __future__ import annotations

import json
import shutil
import threading
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import urlsplit

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from rag.errors import NeedError
from rag.models import PassageKind

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

KINDS: tuple[PassageKind, ...] = ("window", "sentence")
# Chroma takes at most 5,461 records per call.
BATCH = 2000
# Long enough for another process to fill a small store, short enough not to keep a question waiting.
LOCK_SECONDS = 5.0
# A query takes milliseconds, building a large store a minute: whoever waits longer compares with every vector instead.
BUSY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Item:
    """One unit vector (dimension,) with its deterministic key and its report."""

    key: str
    article_id: str
    vector: NDArray[np.float32]


class Source(Protocol):
    """Where the vectors come from. `revision` changes whenever any key or vector does."""

    @property
    def revision(self) -> str:
        """Identifies the state of the collection and the vector space."""
        ...

    @property
    def space(self) -> str:
        """Identifies the catalogue and the vector space, in letters, digits and hyphens."""
        ...

    def keys(self, kind: PassageKind) -> list[str]:
        """Every key of a kind."""
        ...

    def items(self, kind: PassageKind, keys: set[str]) -> Iterator[Item]:
        """The vectors of these keys."""
        ...


class Memory(Protocol):
    """A few values stored outside the vector store."""

    def meta(self, key: str) -> str | None:
        """The value stored under the key, or None."""
        ...

    def set_meta(self, key: str, value: str) -> None:
        """Store a value."""
        ...


class VectorIndex:
    """Nearest-vector search in a collection; `url` empty for the embedded store in `folder`."""

    def __init__(self, folder: Path, memory: Memory, source: Source, *, url: str = "") -> None:
        self._folder = folder
        self._memory = memory
        self._source = source
        self._url = url
        self._client: Client | None = None
        self._collections: dict[PassageKind, Collection] = {}
        self._counts: dict[PassageKind, int] = {}
        self._place: str | None = None
        self._revision: str | None = None
        self._mutex = threading.RLock()
        self._file_lock = FileLock(folder.with_name(folder.name + ".lock"), thread_local=False)
        self.problem = ""

    def nearest(
        self, kind: PassageKind, vector: NDArray[np.float32], limit: int, articles: Sequence[str] | None
    ) -> list[str] | None:
        """At most `limit` keys nearest to the vector by cosine, best first; None if unavailable, see `problem`."""
        for attempt in (1, 2):
            try:
                if not self._mutex.acquire(timeout=BUSY_SECONDS):
                    self.problem = "the vector store is being built"
                    return None
                try:
                    if not self._ready(afresh=attempt == 2):
                        return None
                    return self._query(kind, vector, limit, articles)
                finally:
                    self._mutex.release()
            except Exception as error:  # the store's errors share no base class, and none may cost an answer
                self.problem = f"{type(error).__name__}: {error}"
            except BaseException as error:
                # A panic of the store's Rust core is not an Exception.
                if type(error).__name__ != "PanicException":
                    raise
                self.problem = f"panic: {error}"
            self._forget()
        return None

    def state(self) -> str:
        """The state in words: ready, or what the next question will rebuild. Opens nothing."""
        state = self._state()
        where = self._url or str(self._folder)
        if not self._sound(state):
            return f"{where}: missing or changed by another program; the next question rebuilds it from the catalogue"
        behind = state.get("revision") != self._source.revision
        return f"{where}: {'out of date; the next question updates it' if behind else 'ready'}"

    def erase(self) -> bool:
        """Delete the store with all its content; the next question rebuilds it from the catalogue.

        This is needed because Chroma only marks entries as deleted. False if another process is writing: try again
        later. On a server the collections are dropped, but its files are not touched.
        """
        try:
            with self._mutex, self._file_lock.acquire(timeout=LOCK_SECONDS):
                if self._url and self._state():
                    self._open()
                    for collection in self._collections.values():
                        if self._client:
                            self._client.delete_collection(collection.name)
                self._forget()
                self._revision = None
                if not self._url and self._folder.is_dir() and not self._folder.is_symlink():
                    shutil.rmtree(self._folder)
                self._memory.set_meta("vector_store", "{}")
        except (Timeout, OSError) as error:
            self.problem = f"{type(error).__name__}: {error}"
            return False
        return True

    def close(self) -> None:
        """Close the store; its recorded state remains."""
        with self._mutex:
            self._forget()

    def _query(
        self, kind: PassageKind, vector: NDArray[np.float32], limit: int, articles: Sequence[str] | None
    ) -> list[str]:
        collection = self._collections[kind]
        limit = min(limit, self._counts[kind])
        if limit == 0:
            return []
        where: Any = None
        if articles is not None:
            where = {"article_id": {"$in": list(articles)}}
        found = collection.query(query_embeddings=[vector.tolist()], n_results=limit, where=where, include=[])
        return list(found["ids"][0])

    # Trust: the store is used only in the state in which this program left it

    def _ready(self, *, afresh: bool) -> bool:
        revision = self._source.revision
        if self._collections and not afresh and self._trusted(revision):
            return True
        try:
            with self._file_lock.acquire(timeout=LOCK_SECONDS):
                self._forget()
                state = self._state()
                if afresh or not self._sound(state):
                    self._place = self._wipe()
                else:
                    self._place = state["place"]
                self._open()
                # A server's store may have lost records without a new revision.
                if self._url or self._place != state.get("place") or revision != state.get("revision"):
                    self._fill()
                self._remember(revision)
                self._revision = revision
        except Timeout:
            self.problem = "another process is writing the vector store"
            return False
        self.problem = ""
        return True

    def _trusted(self, revision: str) -> bool:
        # An open store does not see other processes' writes: it is reopened for a state that it did not fill.
        if self._revision != revision:
            return False
        state = self._state()
        return state.get("revision") == revision and state.get("place") == self._place and self._sound(state)

    def _state(self) -> dict[str, Any]:
        held = self._memory.meta("vector_store")
        state: dict[str, Any] = json.loads(held) if held else {}
        return state

    def _sound(self, state: dict[str, Any]) -> bool:
        if self._url:
            return state.get("place") == self._url
        return bool(state.get("files")) and state["files"] == self._files(state["place"])

    def _files(self, place: str) -> list[list[object]]:
        root = self._folder / place
        if not root.is_dir():
            return []
        return sorted(
            [str(path.relative_to(root)), seen.st_size, seen.st_mtime_ns, seen.st_ino]
            for path in root.rglob("*")
            if path.is_file() and (seen := path.stat())
        )

    def _remember(self, revision: str) -> None:
        # The first query of a process still modifies the files; run it before their state is recorded.
        for kind in KINDS:
            # Counting takes as long as a query, and only a change to the collection changes the count.
            self._counts[kind] = count = self._collections[kind].count()
            if count:
                probe = self._collections[kind].get(limit=1, include=["embeddings"])["embeddings"]
                self._collections[kind].query(query_embeddings=probe, n_results=min(2, count), include=[])
        place = self._place or ""
        state = {"place": place, "revision": revision, "files": [] if self._url else self._files(place)}
        self._memory.set_meta("vector_store", json.dumps(state))

    def _wipe(self) -> str:
        if self._url:
            return self._url
        if self._folder.is_dir() and not self._folder.is_symlink():
            shutil.rmtree(self._folder, ignore_errors=True)
        else:
            self._folder.unlink(missing_ok=True)
        # A new folder each time: other threads and processes may still have the old one open.
        place = uuid.uuid4().hex[:12]
        (self._folder / place).mkdir(parents=True)
        return place

    def _open(self) -> None:
        import chromadb
        from chromadb.config import Settings as ChromaSettings

        quiet = ChromaSettings(anonymized_telemetry=False)
        if self._url:
            parts = urlsplit(self._url)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise NeedError(
                    f"ASKREPORTS_CHROMA={self._url}: use a server's URL such as http://host:8000, or leave it empty"
                )
            ssl = parts.scheme == "https"
            port = parts.port or (443 if ssl else 8000)
            client = chromadb.HttpClient(host=parts.hostname, port=port, ssl=ssl, settings=quiet)
        else:
            client = chromadb.PersistentClient(str(self._folder / (self._place or "")), settings=quiet)
        self._client = cast("Client", client)
        for kind in KINDS:
            self._collections[kind] = self._client.get_or_create_collection(
                f"askreports-{self._source.space}-{kind}",
                embedding_function=None,
                configuration={"hnsw": {"space": "cosine"}},
            )

    def _fill(self) -> None:
        for kind in KINDS:
            collection = self._collections[kind]
            wanted = set(self._source.keys(kind))
            held: set[str] = set()
            while page := collection.get(limit=BATCH, offset=len(held), include=[])["ids"]:
                held.update(page)
            for batch in _batches(held - wanted):
                collection.delete(ids=batch)
            missing = self._source.items(kind, wanted - held)
            while items := list(islice(missing, BATCH)):
                collection.upsert(
                    ids=[item.key for item in items],
                    embeddings=np.stack([item.vector for item in items]),
                    metadatas=[{"article_id": item.article_id} for item in items],
                )

    def _forget(self) -> None:
        self._collections.clear()
        if self._client is not None:
            # chromadb's client for a server leaves its two connections open when it is closed.
            parts = (self._client, getattr(self._client, "_admin_client", None))
            sessions = [getattr(getattr(part, "_server", None), "_session", None) for part in parts]
            self._client.close()
            self._client = None
            for session in filter(None, sessions):
                session.close()


def _batches(keys: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(sorted(keys))
    while batch := list(islice(rest, BATCH)):
        yield batch
