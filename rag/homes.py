"""Where indexes lie: a home with its main collection, and beside it one for each set of paths that was asked."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

from rag.errors import StoreError
from rag.models import Article, Warned
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


def still_held(place: Path, removed: Iterable[Article]) -> list[Warned]:
    """A warning for each removed report whose file or text another collection of the same home holds as well."""
    home = place.parent.parent if place.parent.name == COLLECTIONS else place
    places = {location for article in removed for location in (article.location, *article.also)}
    texts = {article.sha256 for article in removed}
    found = []
    for file in others(home, place):
        try:
            heads, paths = _heads_and_paths(file)
        except StoreError:
            found.append(Warned(str(file.parent), "cannot be read, so it may still have the text; delete that folder"))
            continue
        where = "" if file.parent == home else "".join(f" -r {shlex.quote(path)}" for path in paths)
        found += [
            Warned(
                article.location,
                "another collection still has its text; erase it there too: "
                f"askreports remove {shlex.quote(article.id)}{where} --home {shlex.quote(str(home))}",
            )
            for article in heads
            if article.sha256 in texts or not places.isdisjoint((article.location, *article.also))
        ]
    return found


def _heads_and_paths(file: Path) -> tuple[list[Article], list[str]]:
    """The reports of a catalogue without their text, and the paths that it was made of."""
    catalog = Catalog(file)
    try:
        return catalog.heads(), [path for path, origin in sorted(catalog.sources().items()) if origin == "declared"]
    finally:
        catalog.close()


def not_indexed(home: Path, named: bool) -> str:
    """The message for a home without an index; `named`: the user named it."""
    way = f" --home {home}" if named else ""
    check = "check the path, or create an index there" if named else "name reports with -r, or index some"
    return f"{home}: nothing is indexed there; {check} with: askreports index FOLDER{way}"
