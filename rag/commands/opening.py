"""Opening the collection that a command is about."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rag.commands.terminal import err, shown
from rag.models import Progress, Skipped, Update
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.encoder import Embedder
    from rag.reports import Reports


def opened(
    given: list[str] | None,
    home: Path | None,
    settings: Settings,
    progress: Progress,
    *,
    embedder: Embedder | None = None,
    all_skipped: bool = False,
    wait: bool = True,
    serving: bool = False,
) -> Reports:
    """The collection that was named, or the main one, or the samples; warnings about it go to standard error."""
    from rag.reports import SEEDS, Reports

    samples = asks_samples(given, home, settings)
    reports = Reports.open(
        [SEEDS] if samples else given or None,
        home=home,
        settings=settings,
        embedder=embedder,
        wait=wait or samples,
        load=False,  # a command that asks loads its models by itself
        progress=progress,
    )
    if samples:
        more = sum(not Path(article.location).is_relative_to(SEEDS) for article in reports.articles())
        added = f" and {more} added to them" if more else ""
        err.print(
            f"no index in {settings.home}: asking the five sample reports{added}; "
            "name others with -r FOLDER, or: askreports index FOLDER"
        )
    if reports.indexing and not serving:
        count = sum(reports.languages.values())
        err.print(f"{count} reports are indexed so far; index the rest with: askreports index")
    if reports.busy:
        count = sum(reports.languages.values())
        err.print(f"another process is changing this collection; asking the {count} reports indexed so far")
    tell_update(reports.updated, reports.updated.skipped if all_skipped else reports.updated.newly_skipped)
    return reports


def asks_samples(given: list[str] | None, home: Path | None, settings: Settings) -> bool:
    """Whether nobody named a collection or a home, and nothing is indexed where one would be."""
    from rag.homes import is_indexed

    named = bool(given) or home is not None or "home" in settings.model_fields_set
    return not named and not is_indexed(settings.home)


def quiet() -> Settings:
    """Settings for commands that need no language model."""
    return Settings(llm="none")


def tell_update(update: Update, skipped: Sequence[Skipped]) -> None:
    """Name the files that were skipped, and tell what was odd about others."""
    for one in skipped:
        err.print(f"skipped {shown(one.location)}: {shown(one.reason)}")
    for warned in update.warned:
        err.print(f"warning {shown(warned.location)}: {shown(warned.warning)}")
