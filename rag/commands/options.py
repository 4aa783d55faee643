"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.errors import InputError
from rag.models import FilterOptions, day_of

if TYPE_CHECKING:
    from rag.reports import Reports

Home = Annotated[Path | None, typer.Option(help="Folder of the indexes. Default: ASKREPORTS_HOME, or .askreports.")]
From = Annotated[
    list[str] | None,
    typer.Option(
        "--reports", "-r", help="Folder, file or address to ask. Default: the main collection, set with `index`."
    ),
]
Language = Annotated[list[str] | None, typer.Option(help="Only reports in this language (pl, de, ...).")]
Only = Annotated[list[str] | None, typer.Option("--article", help="Only this report, by its id.")]


Since = Annotated[
    date | None, typer.Option(parser=day_of, metavar="YYYY-MM-DD", help="Only reports of this day or later.")
]
Until = Annotated[
    date | None, typer.Option(parser=day_of, metavar="YYYY-MM-DD", help="Only reports of this day or earlier.")
]


def filters_of(
    reports: Reports,
    languages: Sequence[str] | None,
    since: date | None,
    until: date | None,
    articles: Sequence[str] | None,
) -> FilterOptions:
    """The options as filters. Raises InputError for a language that no report is in."""
    from rag.language import is_tag, primary_tag
    from rag.language import name as language_name
    from rag.reports import told_languages

    held = reports.languages
    for tag in languages or ():
        if held and primary_tag(tag) not in map(primary_tag, held):
            wrong = f"no report is in {language_name(tag)}" if is_tag(tag) else "not a language tag"
            raise InputError(f"--language {tag}: {wrong}; {told_languages(held)}")
    return {
        "languages": languages or (),
        "since": since,
        "until": until,
        "articles": articles or (),
    }
