"""Changes of a collection: one at a time over all processes, each whole or not made; what has left it is erased."""

from __future__ import annotations

import errno
import json
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout

from rag.errors import StoreError
from rag.homes import hidden_uploads
from rag.models import Progress, Update, Warned
from rag.retrieval import VectorSpace
from rag.sources import is_gone
from rag.store import Catalog, Indexer, Origin, VectorIndex, is_url

LOCK_SECONDS = 10.0
# A question waits this long for another process that changes the collection; then it asks what is there.
BUSY_SECONDS = 1.0
# An update in the background has this long to fail before the collection is opened without it.
EARLY_SECONDS = 2.0
# Keys in the catalogue for what is still to be erased: removed reports whose quotes may stand in kept conversations, as
# JSON, each as its id and the hash of its text, and whether Chroma's files may hold vectors of reports that are gone.
QUOTED, IN_CHROMA = "removed_but_quoted", "removed_but_in_chroma"


class Updating:
    """Brings a collection up to date with its files. Thread-safe.

    `asks_index` says whether questions ask the vector index, which is built for no other collection. `updated` is what
    the update of `open` changed, `busy` whether another process was changing the collection then.
    """

    def __init__(
        self,
        home: Path,
        catalog: Catalog,
        space: VectorSpace,
        index: VectorIndex,
        indexer: Indexer,
        asks_index: Callable[[], bool],
        progress: Progress | None,
    ) -> None:
        self.updated = Update()
        self.busy = False
        self._home = home
        self._catalog = catalog
        self._space = space
        self._index = index
        self._indexer = indexer
        self._asks_index = asks_index
        self._progress = progress
        self._writing = FileLock(home / "writing.lock", thread_local=False)
        self._changing = threading.Lock()
        self._closing = threading.Event()
        self._behind: threading.Thread | None = None

    @property
    def running(self) -> bool:
        """Whether an update runs in the background."""
        return self._behind is not None and self._behind.is_alive()

    def stop(self) -> None:
        """Tell a running update to end, for good: a change after this fails too."""
        self._closing.set()

    def join(self) -> None:
        """Wait for the update in the background."""
        if self._behind is not None:
            self._behind.join()

    def bring_up_to_date(self, declared: Sequence[str] | None, *, again: bool, lenient: bool) -> None:
        """The update of `open`; with `lenient` a collection that another process changes is asked as it is."""
        try:
            patience = BUSY_SECONDS if lenient and self._catalog.heads() else LOCK_SECONDS
            self.updated = self.change(declared=declared, again=again, patience=patience)
        except _BusyError:
            if not lenient or not self._catalog.heads():
                raise
            self.busy = True

    def begin(self, declared: Sequence[str] | None, *, again: bool, lenient: bool) -> None:
        """The same in the background, once there is a report to ask and an early error has had its time."""
        failed: list[BaseException] = []

        def work() -> None:
            try:
                self.bring_up_to_date(declared, again=again, lenient=lenient)
            except _ClosedError:
                pass
            except BaseException as error:
                failed.append(error)
                if self._progress:
                    self._progress(f"indexing stopped: {error}", 1, 1)

        self._behind = threading.Thread(target=work, name="indexing", daemon=True)
        self._behind.start()
        self._behind.join(EARLY_SECONDS)
        while self._behind.is_alive() and not self._catalog.heads():
            self._behind.join(0.1)
        if failed:
            raise failed[0]

    def _told(self, progress: Progress | None) -> Progress:
        """The progress of an update, which ends it when the collection is closed."""

        def tell(label: str, done: int, total: int) -> None:
            if self._closing.is_set():
                raise _ClosedError("the collection was closed")
            if progress:
                progress(label, done, total)

        return tell

    def change(
        self,
        *,
        declared: Sequence[str] | None = None,
        added: Sequence[str] = (),
        removed: Sequence[str] = (),
        given: Mapping[str, Mapping[str, str]] | None = None,
        again: bool = False,
        progress: Progress | None = None,
        patience: float | None = None,
    ) -> Update:
        """Bring the collection up to date, with a change of its locations.

        `declared` replaces the locations named at `open`, `added` are further ones, `removed` ids of reports, `given`
        values by location. `patience`: seconds to wait for another process. Raises InputError for a location without
        a report, StoreError if another process is changing the collection, the disk is full or cannot be written, the
        collection is being closed, or if the change is made but text that was removed is not yet erased from the disk.
        """
        try:
            # The file lock is one object in this process: threads of it wait for each other before it.
            with self._changing, self._writing.acquire(timeout=LOCK_SECONDS if patience is None else patience):
                before = self._catalog.sources()
                sources: dict[str, Origin] = {
                    location: "added" if origin == "added" else "declared"
                    for location, origin in before.items()
                    if origin == "added" or (origin == "declared" and declared is None)
                }
                sources |= {location: "declared" for location in declared or () if location not in sources}
                sources |= {location: "added" for location in added}
                named = {*(declared or ()), *added}
                for location, origin in before.items():
                    # A removed report stays out, even if its file still exists, until it is named again.
                    if origin == "removed" and not any(Path(location).is_relative_to(name) for name in named):
                        sources[location] = "removed"
                # Where the page was killed between hiding an upload and removing its report, that is done now.
                hidden = hidden_uploads(self._home)
                away = {location for location in hidden if is_gone(Path(location))}
                removed = [*removed, *(id for id in self._at(away) if id not in removed)]
                # What was set by hand can give away as much as the text.
                forget: list[str] = []
                texts: dict[str, str] = {}
                for id in removed:
                    article = self._catalog.article(id)
                    if article:
                        texts[article.sha256] = article.text
                    for location in (article.location, *article.also) if article else ():
                        forget.append(location)
                        # Without a file there is nothing to keep out; but a disk may come back with its folder.
                        path = Path(location)
                        if is_url(location) or not is_gone(path) or is_gone(path.parent):
                            sources[location] = "removed"
                        else:
                            sources.pop(location, None)
                for location, values in (given or {}).items():
                    self._catalog.set_given(location, values)
                interrupted = self._catalog.unerased
                quoted = [*json.loads(self._catalog.meta(QUOTED) or "[]"), *removed, *texts]
                update = self._indexer.update(
                    sources,
                    again=again,
                    required=[*(declared or ()), *added],
                    notes={QUOTED: json.dumps(quoted)} if removed else None,
                    forget=forget,
                    progress=self._told(progress or self._progress),
                )
                if interrupted or update.removed:
                    self._catalog.set_meta(IN_CHROMA, "1")
                # Before the vector index, which questions can do without if the disk is full.
                self._space.pack(self._told(progress or self._progress))
                update, built = self._indexed(update, progress or self._progress)
                update = replace(update, warned=(*update.warned, *self._erase(quoted, texts.values(), built)))
                for file in hidden.values():
                    file.unlink(missing_ok=True)
                return update
        except Timeout:
            raise _BusyError(
                f"{self._home}: another process is changing this collection; wait until it is done, or set "
                "another folder with ASKREPORTS_HOME"
            ) from None
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StoreError(
                    f"{self._home}: the disk is full; nothing that was stored is lost: free some room on it and run "
                    "the same command again, or give another folder with ASKREPORTS_HOME"
                ) from None
            if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise
            raise StoreError(
                f"{self._home}: cannot be written ({error.strerror}); change its permissions, or give another folder "
                "with ASKREPORTS_HOME"
            ) from None

    def _at(self, locations: set[str]) -> list[str]:
        """The ids of the reports that were read from one of these locations."""
        heads = self._catalog.heads() if locations else []
        return [head.id for head in heads if not locations.isdisjoint((head.location, *head.also))]

    def _indexed(self, update: Update, progress: Progress | None) -> tuple[Update, bool]:
        """Bring the vector index up to date with a change that is made: the update with what was wrong, and success.

        After an edit old vectors stay until the next generation; one is built at once only for reports that are gone.
        An index that no question asks is deleted, as of a collection that has become smaller.
        """
        if not self._asks_index():
            return update, not self._index.exists or self._index.erase()
        built = self._index.refresh(progress, anew=bool(self._catalog.meta(IN_CHROMA)))
        told = ""
        if self._index.damage:
            told = f"{self._index.damage}; it was built again from the catalogue, and nothing is lost"
        elif not built and not self._closing.is_set():
            told = f"the vector index could not be built ({self._index.problem}); questions take longer without it"
        return replace(update, warned=(*update.warned, Warned(str(self._home), told))) if told else update, built

    def _erase(self, quoted: Sequence[str], texts: Collection[str], built: bool) -> list[Warned]:
        """Erase what is left on disk of texts that have left the collection, and quotes of the reports in `quoted`.

        `texts` are those reports' as far as they are known, `built` says whether the vector index was brought up to
        date. Returns what the user has to erase.
        """
        warned: list[Warned] = []
        if quoted:
            # The page's own store of answers; the one thing of it that is known here, as it lies in the same home.
            from ui.conversations import erase_quotes

            held = {name for head in self._catalog.heads() for name in (head.id, head.sha256)}
            aside = erase_quotes(self._home, quoted, texts=texts, held=held)
            told = "was damaged and moved aside, and may still have quotes of removed reports; delete it"
            warned = [Warned(str(file), told) for file in aside]
            self._catalog.set_meta(QUOTED, "[]")
        if not self._catalog.unerased:
            # Of a file that was renamed the text stays and its old id goes: the index was built without that.
            if built and self._catalog.meta(IN_CHROMA):
                self._catalog.set_meta(IN_CHROMA, "")
            return warned
        if not built and self._closing.is_set():
            raise _ClosedError("the collection was closed")
        done = not self._catalog.meta(IN_CHROMA) or built or self._index.erase()
        if done:
            self._catalog.set_meta(IN_CHROMA, "")
        if not (done and self._catalog.erase()):
            raise StoreError(
                f"{self._home}: the change is made, but another process is reading the index, so the removed text is "
                "not erased from the disk yet; close the other process and run: askreports index"
                + "".join(f"; {one.location} {one.warning}" for one in warned)
            )
        return warned


class _BusyError(StoreError):
    """Another process holds the writing lock."""


class _ClosedError(StoreError):
    """The collection was closed while it was brought up to date."""
