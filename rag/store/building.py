"""Fills a generation of the vector index from the catalogue. Independent of who uses it, and of when one is built."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path
from threading import Event

from rag.models import PassageKind, Progress
from rag.store.chroma import FEWEST, KINDS, Store
from rag.store.generations import Generation, blank_unused, digest_of, digests_of, files_of, make_folder, to_disk
from rag.store.vector_source import Memory, Source


class StoppedError(Exception):
    """The index was closed while a generation was built."""


def build(
    folder: Path, url: str, memory: Memory, source: Source, progress: Progress | None, stopping: Event
) -> Generation:
    """Fill a new folder under `folder`, or new collections on the server: the record to be stored.

    Nothing is left after an error, which may be any of Chroma's or of the disk, or StoppedError once `stopping` is set.
    """
    place = uuid.uuid4().hex[:12]
    root = folder / place
    with memory.snapshot():
        number = memory.numbered
        wanted = {kind: set(source.keys(kind)) for kind in KINDS}
    few = {kind for kind in KINDS if len(wanted[kind]) < FEWEST}
    total = sum(len(keys) for kind, keys in wanted.items() if kind not in few)
    held: dict[PassageKind, list[str]] = {kind: [] for kind in KINDS}
    if not url:
        make_folder(folder)
    try:
        store = Store(root, url, names(source.space, place))
        try:
            for kind in KINDS:
                keys = set() if kind in few else wanted[kind]
                for batch in store.fill(kind, source.items(kind, keys), len(keys)):
                    if stopping.is_set():
                        raise StoppedError("the vector index was closed while it was built")
                    held[kind] += batch
                    if progress:
                        progress("building the vector index", sum(map(len, held.values())), total)
            counts = store.probe()
            if counts != {kind: len(held[kind]) for kind in KINDS}:
                raise ValueError(f"Chroma stored {counts} of {total} vectors")
        except BaseException:
            if url:
                store.drop()
            raise
        finally:
            store.close()
        if not url:
            blank_unused(root)
            to_disk(root)
        return Generation(
            place=place,
            url=url,
            space=source.space,
            numbers={kind: 0 if kind in few else number for kind in KINDS},
            counts={kind: counts[kind] for kind in KINDS},
            keys={kind: digest_of(held[kind]) for kind in KINDS},
            content={} if url else digests_of(root),
            files=[] if url else files_of(root),
        )
    except BaseException:
        # Also of what was filled whole: its unused parts may not be blank yet.
        shutil.rmtree(root, ignore_errors=True)
        raise


def names(space: str, place: str) -> Mapping[PassageKind, str]:
    """The names of a generation's collections."""
    return {kind: f"askreports-{space}-{place}-{kind}" for kind in KINDS}


def prefix(space: str) -> str:
    """How the names of all collections of this catalogue begin, whatever the space."""
    return f"askreports-{space.partition('-')[0]}-"
