"""Locations -> catalogue: brings a collection up to date with its folders, files and addresses.

Unchanged files are recognised by size and times (see `_stamp`), so that an update reads only what changed. All files
are read first, to determine the ids; then reports are stored in small groups, one transaction each, and removals come
last. So the first reports can be asked while others are still being embedded, and an interrupted run loses nothing: the
next one resumes without embedding anything twice. Independent of questions.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import httpx

from rag.encoder import BATCH, Embedder
from rag.errors import ArticleError, InputError, OpenError, StoreError
from rag.language import tokens
from rag.models import Article, Passage, Progress, Skipped, Update, Warned
from rag.settings import Settings
from rag.sources import (
    MEGABYTE,
    Draft,
    Fetcher,
    Metadata,
    as_read,
    assign_ids,
    embedding_text,
    is_gone,
    known_suffixes,
    list_files,
    location_of,
    make_article,
    read_file,
    sentences,
    windows,
)
from rag.store.catalog import Catalog
from rag.store.lending import Lenders
from rag.store.records import Entry, Listing
from rag.store.schema import TO_BUILD

# Raise this when the same files yield other reports or passages: the next update then rereads all of them.
PROCESSING = 11

Origin = Literal["declared", "added", "removed"]


@dataclass
class _Seen:
    """What the locations contain now. `named`: the locations as the user gave them.

    `closed`: location -> source of what is there and could not be opened. `kept`: locations whose reports stay for it.
    """

    named: frozenset[str]
    closed: dict[str, str] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    listings: dict[str, Listing] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)
    warned: list[Warned] = field(default_factory=list)


@dataclass
class _Count:
    """How many passages were embedded, and what that says about the texts that are left, in code points."""

    embedded: int = 0
    passages: int = 0
    read: int = 0
    left: int = 0

    @property
    def to_come(self) -> int:
        """Estimated number of passages left, from the length of those so far."""
        return round(self.left * self.passages / self.read) if self.read else 0


class Indexer:
    """Updates a catalogue, one update at a time; the caller must exclude other writers."""

    def __init__(
        self,
        catalog: Catalog,
        embedder: Embedder,
        settings: Settings,
        *,
        client: httpx.Client | None = None,
        lenders: Iterable[Path] = (),
    ) -> None:
        """`lenders` are other catalogues' files, whose vectors are used before a passage is embedded."""
        self._catalog = catalog
        self._embedder = embedder
        self._settings = settings
        self._fetcher = Fetcher(client, local=settings.local_addresses)
        self._lenders = Lenders(lenders)

    def check(self) -> None:
        """Raise StoreError if the index was made with another embedder."""
        made_with = self._catalog.meta("embedder")
        if made_with and made_with != self._embedder.name:
            raise StoreError(
                f"the index in {self._catalog.path.parent} was made with the embedder {made_with}, but the settings "
                f"name {self._embedder.name}; set ASKREPORTS_EMBEDDER back, or run: askreports index --again"
            )

    def update(
        self,
        sources: Mapping[str, Origin],
        *,
        again: bool = False,
        required: Iterable[str] = (),
        notes: Mapping[str, str] | None = None,
        forget: Sequence[str] = (),
        progress: Progress | None = None,
    ) -> Update:
        """Make the collection match what `sources` contain now; other reports, and removed ones, are deleted.

        `again` rereads every file and address; vectors that this embedder has already made are reused. Reports of which
        a field was set by hand are rebuilt from the stored text. `notes` are stored as the catalogue's `meta`, and what
        was set by hand for the locations in `forget` is deleted, together with the removals. Raises InputError if one
        of the locations in `required` does not exist, or if they contain no report at all; then nothing is changed.
        After any other error, and KeyboardInterrupt, the reports that were ready are kept.
        """
        with self._fetcher:
            return self._update(sources, again, set(required), notes, forget, progress)

    def _update(
        self,
        sources: Mapping[str, Origin],
        again: bool,
        required: set[str],
        notes: Mapping[str, str] | None,
        forget: Sequence[str],
        progress: Progress | None,
    ) -> Update:
        processing = f"{PROCESSING}:{self._settings.window_chars}"
        before = {key: self._catalog.meta(key) for key in ("embedder", "processing")}
        now = {"embedder": self._embedder.name, "processing": processing}
        again = again or before["processing"] != processing
        known = self._catalog.files()
        seen = self._look(sources, again=again, required=required, progress=progress)
        wanted = self._arrange(seen)
        held = {article.id: article for article in self._catalog.heads()}
        texts = {article.sha256: article.id for article in held.values()}
        given, renew = self._catalog.given(), self._catalog.to_build
        keep = {
            id
            for id, (location, also) in wanted.items()
            if not again
            and id in held
            and location not in renew
            and known.get(location, seen.listings[location]).metadata == seen.listings[location].metadata
            and (held[id].sha256, held[id].location, held[id].also) == (seen.listings[location].sha256, location, also)
        }
        came: dict[str, str] = {}
        count = _Count(left=sum(len(draft.text) for draft in seen.drafts.values()))
        with self._lenders:
            # A report that takes another one's id comes after that one has its new id.
            pending = sorted(
                wanted.keys() - keep, key=lambda id: (id in held and held[id].location != wanted[id][0], id)
            )
            made = self._made({id: wanted[id] for id in pending}, seen, texts, given)
            groups = self._groups(made, whole=bool(held) and before["embedder"] != self._embedder.name, count=count)
            there = {place for id in keep for place in (wanted[id][0], *wanted[id][1])}
            for group in self._required(groups, required, seen, there):
                self._embed(group, count, progress)
                places = [place for article in group for place in (article.location, *article.also)]
                self._catalog.replace(
                    remove=[article.id for article in group if article.id in held],
                    add=group,
                    files=[seen.listings[place] for place in places],
                    # A removal is made whole or not at all: with the last transaction.
                    sources={location: origin for location, origin in sources.items() if origin != "removed"},
                    # What was read in another way is marked as read anew when all of it is.
                    meta={
                        key: value for key, value in now.items() if key == "embedder" or before[key] in (None, value)
                    },
                    last=False,
                )
                came |= {article.id: article.sha256 for article in group}
        skipped = [
            Skipped(listing.location, listing.reason)
            for listing in sorted(seen.listings.values(), key=lambda listing: listing.location)
            if listing.reason
        ]
        update = Update(
            added=tuple(sorted(came.keys() - held.keys())),
            changed=tuple(
                sorted(
                    id
                    for id in came.keys() & held.keys()
                    if again or held[id].location in renew or came[id] != held[id].sha256
                )
            ),
            removed=tuple(sorted(held.keys() - came.keys() - keep)),
            skipped=tuple(skipped),
            newly_skipped=tuple(
                one for one in skipped if (old := known.get(one.location)) is None or old.reason != one.reason
            ),
            warned=tuple(sorted(seen.warned, key=lambda one: one.location)),
        )
        # What an interrupted run replaced is erased by the last transaction, even if nothing else is left to do.
        unchanged = not came and not update.removed and seen.listings == known and not self._catalog.unerased
        if not unchanged or dict(sources) != self._catalog.sources() or again:
            self._catalog.replace(
                remove=update.removed,
                add={},
                files=seen.listings.values(),
                sources=sources,
                meta=now | {TO_BUILD: "[]"} | (dict(notes) if notes else {}),
                forget=forget,
            )
        return update

    # Reading the sources

    def _look(
        self, sources: Mapping[str, Origin], *, again: bool, required: set[str], progress: Progress | None
    ) -> _Seen:
        known = self._catalog.files()
        # Failures are tried again: the cause, or the limit, need not show in size and mtime.
        before = {location: old for location, old in known.items() if not again and not old.reason}
        seen = _Seen(frozenset(sources))
        removed = {location for location, origin in sources.items() if origin == "removed"}
        for source in sorted(sources.keys() - removed):
            if is_url(source):
                if source in before:
                    seen.listings[source] = before[source]
                else:
                    self._read(source, source, (0, 0), seen, known.get(source))
                continue
            path = Path(source)
            if is_gone(path):
                kept = self._missing(source, required, known)
                seen.listings |= {location: old for location, old in kept.items() if location not in removed}
                continue
            files = [file for file in (list_files(path) if os.path.isdir(path) else [path]) if str(file) not in removed]
            for number, file in enumerate(files):
                if progress and len(files) > BATCH:
                    progress("reading reports", number + 1, len(files))
                try:
                    location = location_of(file)
                except ArticleError as error:
                    seen.listings[error.location] = Listing(error.location, source, 0, 0, None, error.reason)
                    continue
                if location in seen.listings:
                    continue
                try:
                    stat = file.stat()
                except OSError:
                    stat = None
                state = (stat.st_size, _stamp(stat)) if stat else (0, 0)
                old = before.get(location)
                if old and (old.size, old.mtime_ns) == state:
                    seen.listings[location] = replace(old, source=source)
                else:
                    self._read(location, source, state, seen, known.get(location))
        self._keep_in_closed(seen, known, removed)
        return seen

    def _keep_in_closed(self, seen: _Seen, known: Mapping[str, Listing], removed: set[str]) -> None:
        """Keep what was in the folders that could not be opened, unless it was read as a source of its own."""
        told = set()
        for location, old in known.items() if seen.closed else ():
            folder = next((place for place in map(str, Path(location).parents) if place in seen.closed), None)
            if folder and location not in seen.listings and location not in removed:
                seen.listings[location] = replace(old, source=seen.closed[folder])
                if old.sha256:
                    seen.kept.add(location)
                    told.add(folder)
        for folder in told:
            closed = seen.listings[folder]
            seen.listings[folder] = replace(closed, reason=f"{closed.reason}; what was read of it before is kept")

    def _missing(self, source: str, required: set[str], known: Mapping[str, Listing]) -> dict[str, Listing]:
        if source in required:
            raise InputError(f"{source}: there is no such file or folder")
        # A missing folder may be an unmounted disk: its reports stay until they are removed by name.
        kept = {location: old for location, old in known.items() if old.source == source}
        return kept if not Path(source).parent.exists() or any(location != source for location in kept) else {}

    def _read(
        self, location: str, source: str, state: tuple[int, int], seen: _Seen, known: Listing | None = None
    ) -> None:
        try:
            draft = self._fetch(location, named=location in seen.named)
        except ArticleError as error:
            closed, reason = isinstance(error, OpenError), error.reason
            if not closed and os.path.isdir(location):
                # A folder is read only if it could not be listed; that it can be by now says nothing of what is in it.
                closed, reason = True, "could not be listed just now; run the same command again"
            if closed:
                seen.closed[location] = source
            # Nothing stays of a file that is gone or has no text any more; an address may be away for a while.
            held = known if closed or is_url(location) else None
            kept = held.sha256 if held else None
            if kept:
                reason = f"{reason}; the earlier version is kept"
                if closed:
                    seen.kept.add(location)
            metadata = held.metadata if held else ""
            seen.listings[location] = Listing(location, source, *state, kept, reason, metadata)
        else:
            seen.drafts[location] = draft
            seen.warned += [Warned(location, warning) for warning in draft.warnings]
            seen.listings[location] = Listing(location, source, *state, draft.sha256, None, _dumped(draft.metadata))

    def _fetch(self, location: str, *, named: bool = False) -> Draft:
        """The location's text. `named`: the user named this very file, so that its suffix need not be known."""
        limit = int(self._settings.max_file_mb * MEGABYTE)
        if is_url(location):
            return self._fetcher.read(location, max_bytes=limit)
        return read_file(Path(location), max_bytes=limit, any_suffix=named)

    def _made(
        self,
        wanted: Mapping[str, tuple[str, tuple[str, ...]]],
        seen: _Seen,
        texts: Mapping[str, str],
        given: Mapping[str, Mapping[str, str]],
    ) -> Iterator[tuple[Article, bool]]:
        """The reports that are to come in, and whether each one's text is in the catalogue alone; these come first."""
        moved = {id: None for id, (location, _) in wanted.items() if self._is_moved(location, seen, texts)}
        for id in moved | dict.fromkeys(wanted):
            location, also = wanted[id]
            try:
                if self._is_moved(location, seen, texts):
                    held = self._catalog.article(texts[seen.listings[location].sha256 or ""])
                    assert held is not None
                    draft = Draft(held.text, held.sha256, location, _loaded(seen.listings[location].metadata))
                elif location in seen.drafts:
                    draft = seen.drafts.pop(location)
                else:
                    draft = self._fetch(location, named=location in seen.named)
                yield replace(make_article(draft, id=id, given=given.get(location)), also=also), id in moved
            except ArticleError as error:
                seen.listings[location] = replace(seen.listings[location], sha256=None, reason=error.reason)

    def _is_moved(self, location: str, seen: _Seen, texts: Mapping[str, str]) -> bool:
        # A text in the catalogue is not read again from a disk or server that may be gone.
        return location not in seen.drafts and (seen.listings[location].sha256 or "") in texts

    def _groups(
        self, made: Iterable[tuple[Article, bool]], *, whole: bool, count: _Count
    ) -> Iterator[dict[Article, list[Entry]]]:
        """The reports with their passages, `BATCH` passages or more at a time; all of them with `whole`.

        Texts that only the catalogue holds come in one group: one of them may take the id of another.
        """
        group: dict[Article, list[Entry]] = {}
        passages = 0
        for article, moved in made:
            entries = self._entries(article)
            if not moved:
                count.read += len(article.text)
                count.left = max(0, count.left - len(article.text))
                count.passages += len({entry.input_hash for entry in entries})
            if group and passages >= BATCH and not moved and not whole:
                yield group
                group, passages = {}, 0
            group[article] = entries
            passages += len(entries)
        if group:
            yield group

    def _arrange(self, seen: _Seen) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Report id -> (its location, other locations of the same text); one report per text."""
        places: dict[str, list[str]] = {}
        for location in sorted(seen.listings):
            if sha256 := seen.listings[location].sha256:
                places.setdefault(sha256, []).append(location)
        ids = _ids([same[0] for same in places.values()])
        return {ids[same[0]]: (same[0], tuple(same[1:])) for same in places.values()}

    def _required(
        self, groups: Iterator[dict[Article, list[Entry]]], wanted: set[str], seen: _Seen, there: set[str]
    ) -> Iterator[dict[Article, list[Entry]]]:
        """The groups, from when one of the `wanted` locations has given a report. Raises InputError if none does.

        `there` are the locations of the reports that stay as they are. One that stays because nothing can be opened
        there says nothing for what was named.
        """
        waiting: list[dict[Article, list[Entry]]] = []
        met = not wanted or any(_under(location, wanted) for location in there - seen.kept)
        for group in groups:
            waiting.append(group)
            places = {place for article in group for place in (article.location, *article.also)} - seen.kept
            if met := met or any(_under(place, wanted) for place in places):
                yield from waiting
                waiting = []
        if met:
            return
        held = (listing for location, listing in sorted(seen.listings.items()) if _under(location, wanted))
        found = [listing for listing in held if listing.reason]
        reasons = "; ".join(f"{listing.location} {listing.reason}" for listing in found[:3])
        raise InputError(
            f"{', '.join(sorted(wanted))}: no readable report there ({reasons or 'no file in it'}); "
            f"put files in it that end in {', '.join(known_suffixes())}"
        )

    # Writing

    def _entries(self, article: Article) -> list[Entry]:
        entries = []
        for passage in windows(article, aim=self._settings.window_chars):
            entries.append(Entry(passage, _hash(article, passage), *terms_of(article, passage)))
        return entries + [Entry(passage, _hash(article, passage)) for passage in sentences(article)]

    def _embed(self, entries: Mapping[Article, Sequence[Entry]], count: _Count, progress: Progress | None) -> None:
        inputs = {entry.input_hash: (article, entry.passage) for article, held in entries.items() for entry in held}
        name = self._embedder.name
        known = self._catalog.vectors(list(inputs), name)
        missing = [key for key in inputs if key not in known]
        if lent := self._lenders.vectors(missing, name):
            self._catalog.keep_vectors(name, lent)
            missing = [key for key in missing if key not in lent]
        if missing and progress and not count.embedded:
            # Loading the model takes a while.
            progress("embedding passages", 0, len(missing) + count.to_come)
        for at in range(0, len(missing), BATCH):
            keys = missing[at : at + BATCH]
            vectors = self._embedder.passages([embedding_text(*inputs[key]) for key in keys])
            self._catalog.keep_vectors(name, dict(zip(keys, vectors, strict=True)))
            count.embedded += len(keys)
            if progress:
                left = len(missing) - at - len(keys) + count.to_come
                progress("embedding passages", count.embedded, count.embedded + left)


def terms_of(article: Article, passage: Passage) -> tuple[str, str, str]:
    """What the full-text index holds of a window: its words, names and proper names."""
    found = tokens(as_read(article, passage).reading, article.language)
    return " ".join(found.words), " ".join(found.names), " ".join(found.proper)


def _stamp(stat: os.stat_result) -> int:
    """A number that differs after a change of the file, whatever the clock says and whatever `mtime` is set to.

    POSIX systems set `ctime` at each change, and no program can set it back; both times must be as they were. It is
    compared for equality only, so that a clock that went back does no harm. A file that was renamed, or given other
    permissions, is read again too; its text is not embedded again.
    """
    # SQLite holds 63 bits, which are full in the year 2262: a wrong clock may say so.
    return (stat.st_mtime_ns + (stat.st_ctime_ns if os.name == "posix" else 0)) & (2**63 - 1)


def _under(location: str, folders: set[str]) -> bool:
    return not folders.isdisjoint((location, *map(str, Path(location).parents)))


def _dumped(metadata: Metadata) -> str:
    held = {name: value for name, value in asdict(metadata).items() if value}
    return json.dumps(held, default=str, ensure_ascii=False) if held else ""


def _loaded(text: str) -> Metadata:
    held = json.loads(text or "{}")
    if day := held.get("published"):
        held["published"] = date.fromisoformat(day)
    return Metadata(**{**held, "authors": tuple(held.get("authors", ()))})


def is_url(location: str) -> bool:
    """Whether the location is an address rather than a path."""
    return location.startswith(("http://", "https://"))


def _hash(article: Article, passage: Passage) -> str:
    return hashlib.sha256(embedding_text(article, passage).encode()).hexdigest()[:32]


def _ids(locations: Sequence[str]) -> dict[str, str]:
    ids = {str(path): id for path, id in assign_ids([Path(x) for x in locations if not is_url(x)]).items()}
    taken = set(ids.values())
    for url in (location for location in locations if is_url(location)):
        parts = urlsplit(url)
        stem = Path(parts.path).stem or parts.netloc
        if stem in taken:
            stem = f"{stem}-{hashlib.sha256(url.encode()).hexdigest()[:8]}"
        ids[url] = stem
        taken.add(stem)
    return ids
