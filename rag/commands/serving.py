"""`serve` and `password`."""

from __future__ import annotations

from getpass import getpass
from pathlib import Path
from typing import Annotated

import typer

from rag.commands.opening import asks_samples, opened
from rag.commands.options import From, Home
from rag.commands.terminal import err, out, progress_shown
from rag.errors import InputError
from rag.settings import Settings


def serve(
    reports_from: From = None,
    home: Home = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 7860,
) -> None:
    """Serve the web page: a chat, and next to it the sentences that prove each answer.

    The page opens as soon as the first report is indexed; other reports and the models are loaded in the background.
    """
    # Plain lines: the rest of the reports may still be coming while the page is open.
    with progress_shown(plainly=True) as progress:
        reports = opened(reports_from, home, Settings(), progress, wait=False, serving=True)
    from ui.server import Limits
    from ui.server import serve as serve_page

    settings = reports.settings
    limits = Limits(
        settings.max_upload_mb,
        settings.max_upload_files,
        settings.max_question_chars,
        Path(settings.auth) if settings.auth else None,
        samples=asks_samples(reports_from, home, settings),
    )
    with reports:
        serve_page(
            reports,
            host=host,
            port=port,
            limits=limits,
            embedder=reports.embedder,
            started=lambda at: err.print(f"The page: {at}"),
        )


def password(name: Annotated[str, typer.Argument(help="The user's name.")]) -> None:
    """Print a line for the ASKREPORTS_AUTH file: a user name and the hash of a password, which you enter twice."""
    from ui.auth import make_line

    secret = getpass("Password: ")
    line = make_line(name, secret)
    if getpass("Once more: ") != secret:
        raise InputError("the two passwords differ; start again")
    out.print(line)
    err.print("add this line to the file that ASKREPORTS_AUTH names")
