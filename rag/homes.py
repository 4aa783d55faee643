"""Where indexes lie: a home with its main collection, and beside it one for each set of paths that was asked."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from rag.errors import StoreError
from rag.store import Catalog

FILE = "catalog.sqlite3"
# Under a home: the collections that were asked by their locations, each in a folder named by them.
COLLECTIONS = "collections"


def is_indexed(home: Path) -> bool:
    """Whether the home has a main collection. A failed first run leaves a catalogue without sources."""
    return bool(sources_of(home / FILE))


def place_of(home: Path, locations: Sequence[str]) -> Path:
    """The folder of the collection with these locations: the home for its main collection, else a separate one."""
    names = sorted(set(locations))
    try:
        if sources_of(home / FILE) == dict.fromkeys(names, "declared"):
            return home
    except StoreError:
        pass  # A broken main collection is no reason not to ask another.
    return home / COLLECTIONS / hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]


def sources_of(file: Path) -> dict[str, str]:
    """The sources that a catalogue's file names; empty where there is no file."""
    if not file.is_file():
        return {}
    catalog = Catalog(file)
    try:
        return catalog.sources()
    finally:
        catalog.close()


def others(home: Path, place: Path) -> list[Path]:
    """The catalogues of the home's other collections."""
    files = [home / FILE, *sorted(home.glob(f"{COLLECTIONS}/*/{FILE}"))]
    return [file for file in files if file.parent != place and file.is_file()]


def not_indexed(home: Path, named: bool) -> str:
    """The message for a home without an index; `named`: the user named it."""
    way = f" --home {home}" if named else ""
    check = "check the path, or create an index there" if named else "name reports with -r, or index some"
    return f"{home}: nothing is indexed there; {check} with: askreports index FOLDER{way}"
