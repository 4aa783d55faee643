"""`doctor`, `backup`, `restore` and `means`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rag.commands.options import Home
from rag.commands.terminal import err, out, progress_shown, shown
from rag.settings import Settings


def doctor(
    home: Home = None,
    repair: Annotated[bool, typer.Option("--repair", help="Repair what can be repaired, then check.")] = False,
) -> None:
    """Check everything an answer needs, and say how to fix what is missing."""
    from rag.doctor import examine
    from rag.doctor import repair as mend
    from rag.errors import InputError

    if home is not None and not home.exists():
        raise InputError(f"{home}: no such folder; check the path, or index reports there first")
    findings = []
    if repair:
        with progress_shown() as progress:
            findings = mend(Settings(), home, progress)
    findings += examine(Settings(), home)
    for finding in findings:
        out.print(f"{'ok  ' if finding.well else 'FAIL'}  {finding.what}: {shown(finding.says)}")
    raise typer.Exit(0 if all(finding.well for finding in findings) else 3)


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    home: Home = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
) -> None:
    """Save the whole home in one file: reports, conversations, uploads. Others may go on reading and writing."""
    from rag.backups import backup as save

    saved = save(home or Settings().home, file, force=force)
    out.print(f"{file}: {saved.reports} reports, {saved.files} files, {saved.size / 1e6:,.1f} MB")
    err.print(f"restore it with: askreports restore {file}")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `askreports backup` has written.")],
    home: Home = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what the home holds.")] = False,
) -> None:
    """Make the home what it was when the file was written. End `askreports serve` on this home first."""
    from rag.backups import restore as bring_back

    place = home or Settings().home
    saved = bring_back(file, place, force=force)
    out.print(f"{place}: {saved.reports} reports, {saved.files} files restored")
    err.print(f"build its vector index with: askreports index{f' --home {home}' if home else ''}")


def means(
    folder: Annotated[Path, typer.Argument(help="Folder with one file CODE.txt per language, parallel line by line.")],
    to: Annotated[Path, typer.Option("--out", help="The file to write.")],
    sentences: Annotated[
        int, typer.Option(min=0, help="Number of lines to use from each file, evenly spaced; 0 for all.")
    ] = 50,
) -> None:
    """Compute each language's mean vector for the current embedder; set ASKREPORTS_MEANS to the file."""
    from rag.encoder import open_embedder
    from rag.retrieval import compute_means

    with progress_shown() as progress:
        table = compute_means(open_embedder(Settings()), folder, sentences=sentences, progress=progress)
    table.save(to)
    out.print(f"{to}: {len(table.languages)} languages for {table.embedder}")
