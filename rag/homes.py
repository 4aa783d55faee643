"""Where indexes lie: a home with its main collection, and beside it one for each set of paths that was asked."""

from __future__ import annotations

import hashlib
import shlex
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from filelock import FileLock

from rag.errors import StoreError
from rag.models import Article, Warned
from rag.store import Catalog

FILE = "catalog.sqlite3"
# Under a home: the collections that were asked by their locations, each in a folder named by them.
COLLECTIONS = "collections"
# In a collection's folder: what was uploaded to the page. It hides a file, with GONE before the name, and then removes
# its report.
UPLOADS, GONE = "uploads", ".gone-"


def is_indexed(home: Path) -> bool:
    """Whether the home has a main collection. A failed first run leaves a catalogue without sources."""
    return bool(sources_of(home / FILE))


def place_of(home: Path, locations: Sequence[str]) -> Path:
    """The folder of the collection with these locations: the home for its main collection, else a separate one."""
    names = sorted(set(locations))
    try:
        # What was added to it or removed from it since does not make it another one.
        if _declared(sources_of(home / FILE)) == names:
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


def _declared(sources: Mapping[str, str]) -> list[str]:
    """The paths that a collection was made of, in order."""
    return sorted(path for path, origin in sources.items() if origin == "declared")


def discard_unused(place: Path) -> None:
    """Delete the folder of a collection without sources, unless another process is filling it or waits to do so."""
    # A lock that is held is an OSError too.
    with suppress(OSError, StoreError), FileLock(place / "writing.lock", thread_local=False).acquire(timeout=0):
        # SQLite deletes the log with the last connection to the file.
        if not sources_of(place / FILE) and not (place / f"{FILE}-wal").exists():
            shutil.rmtree(place, ignore_errors=True)


def hidden_uploads(home: Path) -> dict[str, Path]:
    """Location -> where it lies now, of every upload that was hidden for the removal of its report."""
    hidden = (home.resolve() / UPLOADS).glob(f"{GONE}*")
    return {str(file.with_name(file.name.removeprefix(GONE))): file for file in sorted(hidden)}


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
        # Its paths may have become those of the main collection, which a command with them then opens.
        asked = file.parent in (home, place_of(home, paths))
        found += [
            Warned(
                article.location,
                "another collection still has its text; erase it there too: "
                f"askreports remove {shlex.quote(article.id)}{where} --home {shlex.quote(str(home))}"
                if asked
                else "another collection, which is not asked any more, still has its text; "
                f"delete that folder: {file.parent}",
            )
            for article in heads
            if article.sha256 in texts or not places.isdisjoint((article.location, *article.also))
        ]
    return found


def _heads_and_paths(file: Path) -> tuple[list[Article], list[str]]:
    """The reports of a catalogue without their text, and the paths that it was made of."""
    catalog = Catalog(file)
    try:
        return catalog.heads(), _declared(catalog.sources())
    finally:
        catalog.close()


def not_indexed(home: Path, named: bool) -> str:
    """The message for a home without an index; `named`: the user named it."""
    way = f" --home {home}" if named else ""
    check = "check the path, or create an index there" if named else "name reports with -r, or index some"
    return f"{home}: nothing is indexed there; {check} with: askreports index FOLDER{way}"
