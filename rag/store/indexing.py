"""Locations -> catalogue: brings a collection up to date with its folders, files and addresses.

Unchanged files are recognised by size and mtime, so that an update reads only what changed. Vectors are stored as they
are made and the change itself is one transaction: a killed run has changed nothing and resumes without embedding
anything twice. Knows nothing of questions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import httpx

from rag.encoder import BATCH, Embedder
from rag.errors import ArticleError, InputError, StoreError
from rag.language import tokens
from rag.models import Article, Passage, Progress, Skipped, Update, Warned
from rag.settings import Settings
from rag.sources import (
    MEGABYTE,
    Draft,
    assign_ids,
    embedding_text,
    list_files,
    make_article,
    read_file,
    read_url,
    sentences,
    windows,
)
from rag.store.catalog import Catalog, Entry, Listing

# Raise this when the same files yield other reports or passages: the next update then rereads all of them.
PROCESSING = 2
URL_SECONDS = 30.0

Origin = Literal["declared", "added", "removed"]


@dataclass
class _Seen:
    """What the locations contain now."""

    listings: dict[str, Listing] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)


class Indexer:
    """Updates a catalogue, one update at a time; the caller keeps other writers away."""

    def __init__(
        self, catalog: Catalog, embedder: Embedder, settings: Settings, *, client: httpx.Client | None = None
    ) -> None:
        self._catalog = catalog
        self._embedder = embedder
        self._settings = settings
        self._client = client

    def check(self) -> None:
        """Raise StoreError if the index was made with another embedder."""
        made_with = self._catalog.meta("embedder")
        if made_with and made_with != self._embedder.name:
            raise StoreError(
                f"the index in {self._catalog.path.parent} was made with the embedder {made_with}, the settings name "
                f"{self._embedder.name}; go back with ASKREPORTS_EMBEDDER, or run: askreports index --again"
            )

    def update(
        self,
        sources: Mapping[str, Origin],
        *,
        again: bool = False,
        required: Iterable[str] = (),
        notes: Mapping[str, str] | None = None,
        progress: Progress | None = None,
    ) -> Update:
        """Make the collection match what `sources` contain now; other reports, and removed ones, leave it.

        `notes` are stored as the catalogue's `meta` in the same transaction. `again` rereads every file and address;
        vectors that this embedder has already made are reused. Raises InputError if one of the locations in `required`
        does not exist, or if they contain no report at all; then nothing is changed.
        """
        processing = f"{PROCESSING}:{self._settings.window_chars}"
        again = again or self._catalog.meta("processing") != processing
        seen = self._look(sources, again=again, required=set(required), progress=progress)
        wanted = self._arrange(seen)
        held = {article.id: article for article in self._catalog.heads()}
        texts = {article.sha256: article.id for article in held.values()}
        keep = {
            id
            for id, (location, also) in wanted.items()
            if not again
            and id in held
            and (held[id].sha256, held[id].location, held[id].also) == (seen.listings[location].sha256, location, also)
        }
        made: dict[str, Article] = {}
        for id in sorted(wanted.keys() - keep):
            location, also = wanted[id]
            try:
                made[id] = replace(make_article(self._draft(location, seen, texts), id=id), also=also)
            except ArticleError as error:
                seen.listings[location] = replace(seen.listings[location], sha256=None, reason=error.reason)
        skipped = tuple(
            Skipped(listing.location, listing.reason)
            for listing in sorted(seen.listings.values(), key=lambda listing: listing.location)
            if listing.reason
        )
        self._require(set(required), seen)
        update = Update(
            added=tuple(sorted(made.keys() - held.keys())),
            changed=tuple(
                sorted(id for id in made.keys() & held.keys() if again or made[id].sha256 != held[id].sha256)
            ),
            removed=tuple(sorted(held.keys() - made.keys() - keep)),
            skipped=skipped,
            warned=tuple(
                Warned(location, warning)
                for location, draft in sorted(seen.drafts.items())
                for warning in draft.warnings
            ),
        )
        unchanged = not made and not update.removed and seen.listings == self._catalog.files()
        if unchanged and dict(sources) == self._catalog.sources() and not again:
            return update
        entries = {article: self._entries(article) for article in made.values()}
        self._embed(entries, progress)
        self._catalog.replace(
            remove=[id for id in held if id not in keep],
            add=entries,
            files=seen.listings.values(),
            sources=sources,
            meta={"embedder": self._embedder.name, "processing": processing, **(notes or {})},
        )
        return update

    # Reading the sources

    def _look(
        self, sources: Mapping[str, Origin], *, again: bool, required: set[str], progress: Progress | None
    ) -> _Seen:
        known = self._catalog.files()
        # Failures are tried again: the cause, or the limit, need not show in size and mtime.
        before = {location: old for location, old in known.items() if not again and not old.reason}
        seen = _Seen()
        removed = {location for location, origin in sources.items() if origin == "removed"}
        for source in sorted(sources.keys() - removed):
            if is_url(source):
                if source in before:
                    seen.listings[source] = before[source]
                else:
                    self._read(source, source, (0, 0), seen, known.get(source))
                continue
            path = Path(source)
            if not path.exists():
                kept = self._missing(source, required, known)
                seen.listings |= {location: old for location, old in kept.items() if location not in removed}
                continue
            files = [file for file in (list_files(path) if path.is_dir() else [path]) if str(file) not in removed]
            for number, file in enumerate(files):
                if progress and len(files) > BATCH:
                    progress("reading reports", number + 1, len(files))
                location = str(file)
                if location in seen.listings:
                    continue
                try:
                    stat = file.stat()
                except OSError:
                    stat = None
                state = (stat.st_size, stat.st_mtime_ns) if stat else (0, 0)
                old = before.get(location)
                if old and (old.size, old.mtime_ns) == state:
                    seen.listings[location] = replace(old, source=source)
                else:
                    self._read(location, source, state, seen)
        return seen

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
            draft = self._fetch(location)
        except ArticleError as error:
            kept = known.sha256 if known else None
            reason = f"{error.reason}; what it gave before stays" if kept else error.reason
            seen.listings[location] = Listing(location, source, *state, kept, reason)
        else:
            seen.drafts[location] = draft
            seen.listings[location] = Listing(location, source, *state, draft.sha256, None)

    def _fetch(self, location: str) -> Draft:
        limit = int(self._settings.max_file_mb * MEGABYTE)
        if not is_url(location):
            return read_file(Path(location), max_bytes=limit)
        if self._client is not None:
            return read_url(location, self._client, max_bytes=limit)
        with httpx.Client(timeout=URL_SECONDS) as client:
            return read_url(location, client, max_bytes=limit)

    def _draft(self, location: str, seen: _Seen, texts: Mapping[str, str]) -> Draft:
        if draft := seen.drafts.get(location):
            return draft
        # A text in the catalogue is not read again from a disk or server that may be gone.
        article = self._catalog.article(texts.get(seen.listings[location].sha256 or "", ""))
        return Draft(article.text, article.sha256, location) if article else self._fetch(location)

    def _arrange(self, seen: _Seen) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Report id -> (its location, other locations of the same text); one report per text."""
        places: dict[str, list[str]] = {}
        for location in sorted(seen.listings):
            if sha256 := seen.listings[location].sha256:
                places.setdefault(sha256, []).append(location)
        ids = _ids([same[0] for same in places.values()])
        return {ids[same[0]]: (same[0], tuple(same[1:])) for same in places.values()}

    def _require(self, wanted: set[str], seen: _Seen) -> None:
        found = [
            listing
            for location, listing in sorted(seen.listings.items())
            if not wanted.isdisjoint((location, *map(str, Path(location).parents)))
        ]
        if not wanted or any(listing.sha256 for listing in found):
            return
        reasons = "; ".join(f"{listing.location} {listing.reason}" for listing in found[:3])
        raise InputError(
            f"{', '.join(sorted(wanted))}: no report to be read there ({reasons or 'no file in it'}); "
            "put .txt files in it"
        )

    # Writing

    def _entries(self, article: Article) -> list[Entry]:
        entries = []
        for passage in windows(article, aim=self._settings.window_chars):
            found = tokens(passage.text, article.language)
            columns = (" ".join(column) for column in (found.words, found.names, found.proper))
            entries.append(Entry(passage, _hash(article, passage), *columns))
        return entries + [Entry(passage, _hash(article, passage)) for passage in sentences(article)]

    def _embed(self, entries: Mapping[Article, Sequence[Entry]], progress: Progress | None) -> None:
        inputs = {entry.input_hash: (article, entry.passage) for article, held in entries.items() for entry in held}
        known = self._catalog.vectors(list(inputs), self._embedder.name)
        missing = [key for key in inputs if key not in known]
        for at in range(0, len(missing), BATCH):
            keys = missing[at : at + BATCH]
            vectors = self._embedder.passages([embedding_text(*inputs[key]) for key in keys])
            self._catalog.keep_vectors(self._embedder.name, dict(zip(keys, vectors, strict=True)))
            if progress:
                progress("embedding passages", at + len(keys), len(missing))


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
