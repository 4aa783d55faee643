"""`index`, `articles`, `articles set` and `remove`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from rag.commands.opening import opened, quiet, tell_update
from rag.commands.options import From, Home
from rag.commands.terminal import err, out, progress_shown, shown
from rag.errors import InputError
from rag.models import Article


def index(
    paths: Annotated[
        list[str] | None,
        typer.Argument(help="Folders, files or addresses. Default: check those given last time for changes."),
    ] = None,
    home: Home = None,
    again: Annotated[bool, typer.Option(help="Read and embed all reports again.")] = False,
) -> None:
    """Make PATHS the main collection and update its index. Run the same command again to resume after a stop."""
    settings = quiet()
    place = home or settings.home
    err.print(shown(f"indexing {', '.join(paths) if paths else 'the main collection'} in {place}"))
    from rag.homes import is_indexed
    from rag.reports import Reports

    if not paths and not is_indexed(place):
        raise InputError(f"{place}: nothing is indexed there; name folders, files or addresses to index")
    try:
        with (
            progress_shown() as progress,
            Reports.open(
                paths or None, home=home, settings=settings, main=True, again=again, load=False, progress=progress
            ) as reports,
        ):
            update, count = reports.updated, sum(reports.languages.values())
    except KeyboardInterrupt:
        err.print(f"askreports: stopped; {_kept(place)}")
        raise typer.Exit(130) from None
    tell_update(update, update.skipped)
    out.print(
        f"{count} reports: {len(update.added)} added, {len(update.changed)} changed, {len(update.removed)} removed, "
        f"{len(update.skipped)} skipped"
    )


articles_app = typer.Typer(help="List the reports of the collection, and correct their titles, dates and other fields.")


@articles_app.callback()
def articles(
    context: typer.Context,
    reports_from: From = None,
    home: Home = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON, with titles, places and locations.")] = False,
) -> None:
    """List the reports, and where title, date, author and other fields were found."""
    if context.invoked_subcommand:
        return
    with (
        progress_shown() as progress,
        opened(reports_from, home, quiet(), progress, all_skipped=True, wait=False) as reports,
    ):
        held = reports.articles()
        place = reports.home
    if not held:
        raise InputError(f"{place}: this collection has no reports; add some with: askreports index FOLDER")
    if as_json:
        told = [
            {
                "id": article.id,
                "language": article.language,
                "published": article.published.isoformat() if article.published else None,
                "places": article.places,
                "authors": article.authors,
                "origins": dict(article.origins),
                "title": article.title,
                "source_url": article.source_url,
                "location": article.location,
                "also": article.also,
            }
            for article in held
        ]
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
        return
    rows = [
        (
            a.id,
            a.language,
            a.published.isoformat() if a.published else "-",
            ", ".join(a.places),
            a.title,
            ", ".join(a.authors),
            _origins(a),
        )
        for a in held
    ]
    also = [f"also: {', '.join(article.also)}" if article.also else "" for article in held]
    if not out.is_terminal:
        # One line per report, however long: a table would be truncated to an arbitrary width.
        for row, more in zip(rows, also, strict=True):
            sys.stdout.write(shown("\t".join((*row, more)).rstrip("\t")) + "\n")
        return
    table = Table("id", "language", "date", "places", "title", "authors", "found in", box=None)
    for row, more in zip(rows, also, strict=True):
        table.add_row(*row[:4], shown(f"{row[4]}\n{more}".rstrip()), *row[5:])
    out.print(table)


def _origins(article: Article) -> str:
    """Where the values were found: "date: file name, title: by hand"; "file" is what it says beside its text."""
    names = {"published": "date", "places": "place", "authors": "author", "source_url": "address"}
    # Languages and addresses are always in the text, if nothing else is said.
    found = [
        (names.get(name, name), origin)
        for name, origin in article.origins
        if origin != "text" or name in ("published", "authors", "title")
    ]
    return ", ".join(f"{name}: {'by hand' if origin == 'hand' else origin}" for name, origin in found)


@articles_app.command("set")
def set_values(
    article: Annotated[str, typer.Argument(metavar="ID", help="The report's id, as `askreports articles` lists it.")],
    values: Annotated[
        list[str], typer.Argument(metavar="FIELD=VALUE...", help="title, date (2021-03-05), place, author, language.")
    ],
    reports_from: From = None,
    home: Home = None,
) -> None:
    """Correct fields of a report by hand; an empty value restores what the report says.

    Several authors are separated by ";". The values are kept for the report's file or address.
    """
    pairs: dict[str, str] = {}
    for value in values:
        name, _, given = value.partition("=")
        pairs[name] = given
    if wrong := [value for value in values if "=" not in value]:
        raise InputError(f"{wrong[0]}: write it as FIELD=VALUE, as in date=2021-03-05")
    with progress_shown() as progress, opened(reports_from, home, quiet(), progress) as reports:
        reports.set(article, pairs)
        held = reports.article(article)
    assert held is not None
    day = held.published.isoformat() if held.published else "no date"
    told = (
        held.title,
        day,
        "; ".join(held.places) or "no place",
        "; ".join(held.authors) or "no author",
        held.language,
    )
    out.print(shown(f"{held.id}: {', '.join(told)}"))


def remove(
    ids: Annotated[list[str], typer.Argument(help="Ids of the reports to remove.")],
    reports_from: From = None,
    home: Home = None,
) -> None:
    """Remove reports, and erase their text from the index and from saved conversations; the files are kept."""
    with progress_shown() as progress, opened(reports_from, home, quiet(), progress) as reports:
        update = reports.remove(ids)
    gone = update.removed
    out.print(f"removed and erased: {shown(', '.join(gone))}")
    tell_update(update, ())
    err.print("their files stay: `askreports index` leaves them out, but `askreports index PATHS` reads them again")


def _kept(place: Path) -> str:
    """What an interrupted `index` has finished."""
    from rag.homes import FILE
    from rag.store import Catalog

    count = 0
    if (place / FILE).is_file():
        catalog = Catalog(place / FILE)
        count = len(catalog.heads())
        catalog.close()
    return f"{count} reports are indexed and can be asked; the same command resumes from there"
