"""Nearest vectors: Chroma for what a generation holds, an exact comparison for what came since; a cache.

Only the writer builds (`refresh`), each time a whole new generation in a folder of its own; readers use the recorded
one until another is recorded, and the old folder is deleted. A generation is never extended: two processes on one of
Chroma's folders lose vectors, a reader that opens one while it is written may crash, and a kill during a write can
leave one that crashes at every opening. So what was stored after it was built is read from the catalogue and compared
directly, until there is so much of it that a new generation is built. That is correct at every moment, also when the
writer is killed between the catalogue and Chroma, and to add a report costs no work in Chroma. Vectors of reports that
are gone stay in the generation until the next one; who asks must drop unknown keys. (Removed reports are erased: see
`refresh(anew=True)`.)

`nearest` returns None while nothing can be used, and the caller then compares with every vector. Independent of
languages and models.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from rag.models import PassageKind, Progress
from rag.store.building import build, names, prefix
from rag.store.chroma import KINDS, Store
from rag.store.fresh import Fresh, caught_up
from rag.store.generations import Files, Generation, clear, digests_of, files_of, loaded
from rag.store.probing import damage
from rag.store.vector_source import Memory, Source

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection

# Long enough for another process to open a store, short enough not to keep a question waiting.
LOCK_SECONDS = 5.0
# A query takes milliseconds, opening or checking a large store seconds: whoever waits longer compares with all vectors.
BUSY_SECONDS = 1.0
# A new generation is built when more passages than this came, or a tenth of what the last one holds. Comparing with
# 2,000 vectors takes under a millisecond, building as many 1 to 2 seconds.
FRESH, FRESH_SHARE = 2000, 0.1
# The same for passages that are gone: so many more are asked of Chroma, which takes 20 ms for 1,100.
GONE = 1000
# Without a generation, up to so many vectors are held in memory and compared: 20,000 x 384 float32 are 31 MB.
MOST_FRESH = 20_000
# The files' times after an opening can be recorded by the next one as well.
QUICK_SECONDS = 0.2
RECORD = "vector_store"


class VectorIndex:
    """Nearest-vector search in a collection; `url` empty for the embedded store in `folder`. Thread-safe."""

    def __init__(self, folder: Path, memory: Memory, source: Source, *, url: str = "") -> None:
        self._folder = folder
        self._memory = memory
        self._source = source
        self._url = url
        # The open generation.
        self._store: Store | None = None
        self._place = ""
        self._collections: dict[PassageKind, Collection] = {}
        self._counts: dict[PassageKind, int] = {}
        # Files that were found sound but could not be recorded, as on a disk that is mounted to be read.
        self._seen: tuple[str, Files] = ("", [])
        # An error came from files that look sound: they are checked before they are opened again.
        self._suspect = False
        self._fresh: dict[PassageKind, Fresh] = {}
        self._caught_up = ("", "")
        # Reading is guarded by `_mutex`, opening and recording also by `_opening`, building by the other two.
        self._mutex = threading.RLock()
        self._opening = FileLock(folder.with_name(folder.name + ".lock"), thread_local=False)
        self._builds = threading.Lock()
        self._building = FileLock(folder.with_name(folder.name + ".building.lock"), thread_local=False)
        self._stopping = threading.Event()
        self._mending: threading.Thread | None = None
        self.problem = ""
        self.damage = ""

    def nearest(
        self, kind: PassageKind, vector: NDArray[np.float32], limit: int, articles: Sequence[str] | None
    ) -> list[str] | None:
        """The keys nearest to the vector by cosine: `limit` of the generation, best first, then of what came since.

        None if unavailable, see `problem`; a missing or damaged generation is built in the background.
        """

        def ask() -> list[str] | None:
            if not self._mutex.acquire(timeout=BUSY_SECONDS):
                self.problem = "the vector index is being opened or checked"
                return None
            try:
                if not self._ready():
                    return None
                fresh = self._fresh[kind]
                found = self._query(kind, vector, limit + min(fresh.gone, GONE), articles) if self._counts else []
                self._suspect = False
                return found + [key for key in fresh.nearest(vector, limit, articles) if key not in found]
            except Timeout:
                self.problem = "another process is opening the vector index"
                return None
            finally:
                self._mutex.release()

        # Another process may have replaced the generation since it was opened: once more, from the start. If it fails
        # again its record is deleted, and the third time nothing is opened.
        for _ in range(3):
            with self._guarded():
                return ask()
            with self._mutex:
                self._forget()
                if self._suspect and not self._url:
                    # It was checked, and fails again.
                    with self._guarded():
                        self._record(None)
                self._suspect = not self._suspect
        return None

    def refresh(self, progress: Progress | None = None, *, anew: bool = False) -> bool:
        """Build a generation if there is none, if it is damaged or if it lacks too much; then delete the others.

        `anew` builds one in any case, so that nothing is left of what was removed. False if it was not possible or
        `stop` was called, see `problem`; nothing is lost by that. `damage` says what was wrong with the one before.
        """
        if not self._builds.acquire(timeout=LOCK_SECONDS):
            self.problem = "the vector index is being built"
            return False
        try:
            with self._guarded():
                self.damage = ""
                with self._building.acquire(timeout=LOCK_SECONDS):
                    kept = None if anew else self._kept()
                    generation = kept or self._built(progress)
                    # Beside a server nothing is kept: vectors of what is removed later would stay in the folder.
                    cleared = clear(self._folder, "" if self._url else generation.place)
                self.problem = "" if cleared else f"{self._folder}: an old vector index is in use and not deleted yet"
                return cleared
            return False
        finally:
            self._builds.release()

    def state(self) -> str:
        """The state in words: ready, or what the next update will do. Opens nothing."""
        where = self._url or str(self._folder)
        generation = self._recorded()
        if generation is None or not self._sound(generation):
            return f"{where}: missing or changed by another program; the next update builds it from the catalogue"
        newer = sum(self._memory.tally(kind, generation.numbers[kind])[1] for kind in KINDS)
        told = f", and {newer} newer ones in the catalogue alone" if newer else ""
        return f"{where}: ready, {sum(generation.counts.values())} vectors{told}"

    def examine(self) -> str:
        """What is wrong with the recorded generation: read whole, and opened in a child if it is not as it was left."""
        generation = self._recorded()
        if generation is None:
            return "there is none yet"
        if self._url:
            return ""
        root = self._folder / generation.place
        if not self._sound(generation):
            wrong = damage(root, generation, names(self._source.space, generation.place))
        else:
            # As it was left: to open it would change that.
            wrong = "" if digests_of(root) == generation.content else "its files are not as they were written"
        left = [path.name for path in self._folder.glob("*") if path.name != generation.place]
        return wrong or (f"{len(left)} folders of earlier ones are left beside it" if left else "")

    @property
    def exists(self) -> bool:
        """Whether a generation is recorded, or a folder is there."""
        return self._recorded() is not None or self._folder.exists()

    def erase(self) -> bool:
        """Delete every generation with all its content; the next `refresh` builds one. False if one is being built."""
        if not self._builds.acquire(timeout=LOCK_SECONDS):
            self.problem = "the vector index is being built"
            return False
        try:
            with self._guarded():
                with (
                    self._building.acquire(timeout=LOCK_SECONDS),
                    self._mutex,
                    self._opening.acquire(timeout=LOCK_SECONDS),
                ):
                    self._forget()
                    self._memory.set_meta(RECORD, "{}")
                    # Also beside a server, which may be gone.
                    if self._folder.is_dir() and not self._folder.is_symlink():
                        shutil.rmtree(self._folder)
                    if self._url:
                        store = Store(self._folder, self._url, {})
                        store.drop_others(prefix(self._source.space))
                        store.close()
                return True
            return False
        finally:
            self._builds.release()

    def stop(self) -> None:
        """End a building that is going on, in any thread; later ones end at once."""
        self._stopping.set()

    def close(self) -> None:
        """Stop building, and close the store; its record remains."""
        self.stop()
        if self._mending is not None:
            self._mending.join()
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

    # Reading

    def _ready(self) -> bool:
        """Open what is recorded, and catch up with the catalogue; False if there is nothing to use."""
        revision = self._source.revision
        # Chroma writes to what it opens.
        writable = bool(self._url) or not self._folder.exists() or os.access(self._folder, os.W_OK)
        generation = self._recorded() if writable else None
        if generation and not (self._place == generation.place and self._store and self._sound(generation)):
            with self._opening.acquire(timeout=LOCK_SECONDS):
                generation = self._checked()
                if generation:
                    self._open(generation)
        if generation is None:
            self._forget()
            if writable:
                self._mend()
            if sum(self._memory.tally(kind, 0)[1] for kind in KINDS) > MOST_FRESH:
                self.problem = "there is no vector index yet"
                return False
        if self._caught_up != (self._place, revision):
            same = self._caught_up[0] == self._place
            for kind in KINDS:
                held = self._fresh.get(kind) if same else None
                self._fresh[kind] = caught_up(held, kind, generation, self._memory, self._source)
            self._caught_up = (self._place, revision)
        self.problem = ""
        return True

    def _open(self, generation: Generation) -> None:
        """Open the generation, and record its files as opening leaves them; with `_opening` held."""
        if self._place != generation.place or not self._store:
            self._forget()
            self._store = Store(self._folder / generation.place, self._url, names(self._source.space, generation.place))
            try:
                self._store.open()
                counts = self._store.probe()
                if counts != generation.counts:
                    raise LookupError(f"the vector index holds {counts}, but {dict(generation.counts)} were stored")
            except Exception as error:
                # On a server somebody else may have deleted a collection, or records of it.
                if isinstance(error, LookupError) or type(error).__name__ == "NotFoundError":
                    self.damage = f"{self._url or self._folder}: the vector index was damaged: {error}"
                    self._record(None)
                raise
            self._collections, self._counts, self._place = self._store.collections, counts, generation.place
        if not self._url and not self._sound(generation):
            self._record(replace(generation, files=files_of(self._folder / generation.place)))

    def _mend(self) -> None:
        """Build in the background what a question found missing; the process that writes may do so too."""
        if self._stopping.is_set() or (self._mending and self._mending.is_alive()) or self._builds.locked():
            return
        self._mending = threading.Thread(target=self.refresh, name="vector index", daemon=True)
        self._mending.start()

    # Trust: a generation is used only in the state in which this program left it

    def _recorded(self) -> Generation | None:
        """The record of a generation that is of use here."""
        found = loaded(self._memory.meta(RECORD))
        return found if found and (found.url, found.space) == (self._url, self._source.space) else None

    def _sound(self, generation: Generation) -> bool:
        if self._url:
            return True
        files = files_of(self._folder / generation.place)
        return bool(files) and (files == generation.files or (generation.place, files) == self._seen)

    def _checked(self) -> Generation | None:
        """The recorded generation, if it is as it was left or proves to be whole; with `_opening` held."""
        generation = self._recorded()
        if generation is None or (self._sound(generation) and (self._url or not self._suspect)):
            return generation
        wrong = damage(self._folder / generation.place, generation, names(self._source.space, generation.place))
        if not wrong:
            self._record(replace(generation, files=files_of(self._folder / generation.place)))
            return generation
        self.damage = f"{self._folder}: the vector index was damaged: {wrong}"
        self._record(None)
        self._suspect = False
        return None

    def _record(self, generation: Generation | None) -> None:
        """Store the record; where that is not possible, remember in this process that the files are sound."""
        try:
            # A question does not wait for a writer.
            self._memory.set_meta(RECORD, generation.dumped() if generation else "{}", wait=QUICK_SECONDS)
        except Exception:
            if generation is None:
                raise
            self._seen = (generation.place, generation.files)

    # Building

    def _kept(self) -> Generation | None:
        """The recorded generation, unless it is damaged or lacks or holds too much; with `_building` held."""
        with self._mutex, self._opening.acquire(timeout=LOCK_SECONDS):
            generation = self._checked()
            if generation and self._url:
                try:
                    self._open(generation)
                except Exception:
                    if self._recorded():
                        raise
                    generation = None
        if generation is None:
            return None
        tallies = [(kind, *self._memory.tally(kind, generation.numbers[kind])) for kind in KINDS]
        gone = max(generation.counts[kind] - older for kind, older, _ in tallies)
        fresh = sum(newer for _, _, newer in tallies)
        too_many = fresh > max(FRESH, FRESH_SHARE * sum(generation.counts.values()))
        return None if too_many or gone > GONE else generation

    def _built(self, progress: Progress | None) -> Generation:
        generation = build(self._folder, self._url, self._memory, self._source, progress, self._stopping)
        try:
            with self._mutex, self._opening.acquire(timeout=LOCK_SECONDS):
                self._memory.set_meta(RECORD, generation.dumped())
        except BaseException:
            # Without a record it is of no use, and the next attempt would leave another one.
            shutil.rmtree(self._folder / generation.place, ignore_errors=True)
            raise
        if self._url:
            store = Store(self._folder, self._url, names(generation.space, generation.place))
            store.drop_others(prefix(generation.space))
            store.close()
        return generation

    def _forget(self) -> None:
        self._collections, self._counts, self._place = {}, {}, ""
        if self._store is not None:
            store, self._store = self._store, None
            store.close()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Turn what the store raises into a `problem`, and go on behind the block: no answer may be lost by it."""
        try:
            yield
        except Timeout:
            self.problem = "another process is writing the vector index"
        except Exception as error:  # the store's errors share no base class
            self.problem = f"{type(error).__name__}: {error}"
        except BaseException as error:
            # A panic of the store's Rust core is not an Exception.
            if type(error).__name__ != "PanicException":
                raise
            self.problem = f"panic: {error}"
