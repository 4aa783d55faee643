"""Behind the collection tab: uploading, removing and re-reading reports.

Uploaded files are copied to `uploads/` under the reports' home, an ordinary folder of the collection. Files
are copied atomically, and one copied by a killed server is read at its next start. Changes run one at a time in their
own thread, so that no question waits. Independent of Gradio and HTML.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Literal, Protocol

from rag.errors import ArticleError, InputError, StoreError
from rag.homes import GONE, UPLOADS
from rag.models import Article, Progress, Update, Warned
from rag.sources import MEGABYTE, known_suffixes, read_file, readable
from ui.listing import plain
from ui.names import safe_stem
from ui.strings import Strings

SUFFIXES = tuple(known_suffixes())  # of the files that can be uploaded; names without one are taken too
_PART = ".part-"  # a hidden file, which no update reads

Why = Literal["large", "many", "format", "empty", "known", "unread"]


class Keeper(Protocol):
    """What the tab needs from `rag.Reports`."""

    @property
    def home(self) -> Path:
        """The folder of the index."""
        ...

    def articles(self) -> list[Article]:
        """The reports of the collection."""
        ...

    def add(self, paths: Sequence[Path], *, progress: Progress | None = None) -> Update:
        """Add files or folders to the collection."""
        ...

    def remove(self, article_ids: Iterable[str]) -> Update:
        """Remove reports from it."""
        ...

    def update(self, *, again: bool = False, progress: Progress | None = None) -> Update:
        """Bring it up to date with its sources."""
        ...

    def warm(self) -> None:
        """Prepare the first question."""
        ...


@dataclass(frozen=True, slots=True)
class Upload:
    """A file uploaded by a browser: its name there, and its path here."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that was skipped; `detail` is the limit, the report with the same text, or why it could not be read."""

    name: str
    why: Why
    detail: str = ""

    def reason(self, strings: Strings) -> str:
        """The rest of the sentence that begins with the file's name."""
        match self.why:
            case "large":
                return strings.skip_large.format(mb=self.detail)
            case "many":
                return strings.skip_many.format(files=self.detail)
            case "format":
                return strings.skip_format
            case "empty":
                return strings.skip_empty
            case "known":
                return strings.skip_known.format(report=self.detail)
            case "unread":
                return strings.skip_unread.format(reason=self.detail)


@dataclass(frozen=True, slots=True)
class UpdateStep:
    """A change's progress; `label` is the current step, in English, as `rag` names it."""

    label: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a change: ids of reports, files of the upload that were skipped, and what `rag` warns of."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    skipped: tuple[Refusal, ...] = ()
    warned: tuple[Warned, ...] = ()


class Job:
    """A change in progress. Iterating yields its steps until it is done; then ask for `result`."""

    def __init__(self) -> None:
        self._steps: SimpleQueue[UpdateStep | None] = SimpleQueue()
        self._done: Future[Outcome] = Future()

    def __iter__(self) -> Iterator[UpdateStep]:
        """The steps; may be left early, the change goes on. Only one consumer may iterate."""
        while (step := self._steps.get()) is not None:
            yield step

    def result(self, timeout: float | None = None) -> Outcome:
        """The outcome, once done; waits `timeout` seconds. Raises what the change raised; what was ready is kept."""
        return self._done.result(timeout)

    def afterwards(self, act: Callable[[], object]) -> None:
        """Run `act` when the change is done, whoever watches."""
        self._done.add_done_callback(lambda _: act())

    def run(self, change: Callable[[Progress], Outcome]) -> None:
        """Run the change in this thread."""
        try:
            self._done.set_result(change(lambda label, done, total: self._steps.put(UpdateStep(label, done, total))))
        except BaseException as error:
            self._done.set_exception(error)
        finally:
            self._steps.put(None)

    def drop(self) -> None:
        """Tell the consumer that the change was cancelled."""
        self._done.set_exception(StoreError("the server is closing; the collection was not changed"))
        self._steps.put(None)


class CollectionActions:
    """Changes a collection, one change at a time; thread-safe. `max_mb` is per file, in megabytes."""

    def __init__(self, reports: Keeper, *, max_mb: float, max_files: int) -> None:
        self._reports = reports
        self._max_mb, self._max_files = max_mb, max_files
        self._folder = reports.home.resolve() / UPLOADS
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="collection")
        for left in self._folder.glob(f"{_PART}*"):
            left.unlink(missing_ok=True)  # left by a killed server

    def close(self) -> None:
        """Wait for the current change and stop the thread; queued changes are cancelled."""
        self._pool.shutdown(cancel_futures=True)

    def upload(self, files: Sequence[Upload]) -> Job:
        """Add files to the collection. They are copied, so the originals may be deleted when it is done."""
        return self._begin(lambda progress: self._take(files, progress))

    def remove(self, ids: Sequence[str]) -> Job:
        """Remove reports, and delete their uploaded files; files from elsewhere are not touched.

        Its result raises InputError for an unknown id.
        """
        job = self._begin(lambda progress: self._take_out(ids))
        job.afterwards(self._prepare)
        return job

    def refresh(self, *, again: bool = False) -> Job:
        """Look for changed files; `again` rereads everything."""
        return self._begin(lambda progress: _outcome(self._reports.update(again=again, progress=progress)))

    def _prepare(self) -> None:
        """Build anew, in the same thread, what was deleted with the reports, so that no question has to."""
        try:
            self._pool.submit(self._reports.warm)
        except RuntimeError:
            return  # the pool is closing; the next question builds it

    # In the worker thread

    def _begin(self, change: Callable[[Progress], Outcome]) -> Job:
        job = Job()
        self._pool.submit(job.run, change).add_done_callback(lambda made: job.drop() if made.cancelled() else None)
        return job

    def _take(self, files: Sequence[Upload], progress: Progress) -> Outcome:
        skipped: list[Refusal] = []
        staged: dict[str, str] = {}  # location -> its original name
        held = self._reports.articles()
        texts = {article.sha256: article.id for article in held}
        # Files with the same stem get longer ids: an upload must not change any report's id.
        stems = {plain(Path(place).stem) for article in held for place in (article.location, *article.also)}
        self._folder.mkdir(parents=True, exist_ok=True)
        stems |= {plain(file.stem) for file in self._folder.iterdir()}
        try:
            for number, file in enumerate(files):
                progress("taking files", number, len(files))
                taken = self._stage(number, file, texts, stems)
                if isinstance(taken, Refusal):
                    skipped.append(taken)
                else:
                    staged[str(taken)] = file.name
            progress("taking files", len(files), len(files))
            if not staged:
                return Outcome(skipped=tuple(skipped))
            update = self._reports.add([self._folder], progress=progress)
        except InputError as error:
            # Nothing in the folder is a report, so nothing of what was staged is.
            drop(staged)
            return Outcome(skipped=(*skipped, *(Refusal(name, "unread", str(error)) for name in staged.values())))
        except BaseException:
            # Reports that were ready before it failed are in the collection; their files stay with them.
            there = {place for article in self._reports.articles() for place in (article.location, *article.also)}
            drop(place for place in staged if place not in there)
            raise
        late = [skip for skip in update.skipped if skip.location in staged]
        drop(skip.location for skip in late)
        skipped += (Refusal(staged[skip.location], "unread", skip.reason) for skip in late)
        return _outcome(update, tuple(skipped))

    def _stage(self, number: int, file: Upload, texts: dict[str, str], stems: set[str]) -> Path | Refusal:
        """The file's path in the folder, complete and checked, or why it was refused."""
        name = Path(file.name.replace("\\", "/")).name
        suffix = Path(name).suffix.lower()
        if number >= self._max_files:
            return Refusal(file.name, "many", str(self._max_files))
        if not readable(Path(f"x{suffix}")):
            return Refusal(file.name, "format")
        part = self._folder / f"{_PART}{number}{suffix}"
        limit = int(self._max_mb * MEGABYTE)
        try:
            if not file.path.is_file():
                return Refusal(file.name, "unread", "is not there any more")
            if (size := file.path.stat().st_size) > limit:
                return Refusal(file.name, "large", f"{self._max_mb:g}")
            if not size:
                return Refusal(file.name, "empty")
            shutil.copyfile(file.path, part)
            draft = read_file(part, max_bytes=limit)
            if known := texts.get(draft.sha256):
                return Refusal(file.name, "known", known)
            final = self._folder / f"{_unique(safe_stem(Path(name).stem, 'report'), stems)}{suffix}"
            os.replace(part, final)
        except ArticleError as error:
            blank = error.reason == "is empty"
            return Refusal(file.name, "empty") if blank else Refusal(file.name, "unread", error.reason)
        except OSError as error:
            return Refusal(file.name, "unread", error.strerror or str(error))
        finally:
            part.unlink(missing_ok=True)
        texts[draft.sha256] = file.name
        return final

    def _take_out(self, ids: Sequence[str]) -> Outcome:
        wanted = set(ids)
        places = [
            Path(place)
            for article in self._reports.articles()
            if article.id in wanted
            for place in (article.location, *article.also)
            if Path(place).parent == self._folder and Path(place).exists()
        ]
        # Hidden first: after a kill in between, the next update removes them, as requested.
        hidden = {place: place.with_name(f"{GONE}{place.name}") for place in places}
        try:
            for place, away in hidden.items():
                os.replace(place, away)
            update = self._reports.remove(ids)
        except BaseException:
            # What left the collection before it failed must not come back with its file.
            there = {place for article in self._reports.articles() for place in (article.location, *article.also)}
            for place, away in hidden.items():
                # Where another process is making the removal, it deletes them.
                if str(place) in there and away.exists():
                    os.replace(away, place)
            drop(hidden.values())
            raise
        drop(hidden.values())
        return _outcome(update)


def _outcome(update: Update, skipped: tuple[Refusal, ...] | None = None) -> Outcome:
    if skipped is None:
        skipped = tuple(Refusal(skip.location, "unread", skip.reason) for skip in update.skipped)
    return Outcome(update.added, update.changed, update.removed, skipped, update.warned)


def drop(locations: Iterable[str | Path]) -> None:
    """Delete files that still exist."""
    for location in locations:
        Path(location).unlink(missing_ok=True)


def _unique(stem: str, stems: set[str]) -> str:
    """The stem, with a number if another file has it; file systems differ in which names they treat as equal."""
    number, name = 1, stem
    while plain(name) in stems:
        number += 1
        name = f"{stem}-{number}"
    stems.add(plain(name))
    return name
