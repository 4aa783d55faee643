"""The command `askreports`: `index`, `ask`, `serve`, `articles`, `remove`, `doctor`, `means`, `password`, `evaluate`.

Exit codes: 0 done, 1 the reports do not say (`ask`), 2 bad usage or input, 3 something required is missing or broken.
Answers go to standard output, progress and messages to standard error.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from getpass import getpass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from rag.errors import AskReportsError, InputError
from rag.language import name as language_name
from rag.language import relative_days
from rag.models import Answer, Passage, Update
from rag.models import Progress as ProgressFunction
from rag.settings import Settings

app = typer.Typer(
    name="askreports",
    help="Ask news reports in any language; every sentence of the answer carries the sentence that proves it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
out = Console(soft_wrap=True, highlight=False, markup=False)
err = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)

Home = Annotated[Path | None, typer.Option(help="Folder of the index; else ASKREPORTS_HOME, else .askreports.")]
From = Annotated[
    list[str] | None, typer.Option("--reports", "-r", help="Folder, file or address to ask; else what was indexed.")
]
Day = typer.Option(formats=["%Y-%m-%d"])


@app.command()
def index(
    paths: Annotated[list[str] | None, typer.Argument(help="Folders, files, addresses; none: look again.")] = None,
    home: Home = None,
    again: Annotated[bool, typer.Option(help="Read and embed everything anew.")] = False,
) -> None:
    """Say what the collection holds, and bring its index up to date."""
    from rag.reports import Reports

    with (
        _progress() as progress,
        Reports.open(paths or None, home=home, settings=_quiet(), again=again, progress=progress) as reports,
    ):
        update, count = reports.updated, len(reports.articles())
    _tell(update)
    out.print(
        f"{count} reports: {len(update.added)} added, {len(update.changed)} changed, {len(update.removed)} removed, "
        f"{len(update.skipped)} skipped"
    )


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="In any language.")],
    reports_from: From = None,
    home: Home = None,
    as_json: Annotated[bool, typer.Option("--json", help="The whole answer as JSON.")] = False,
    language: Annotated[list[str] | None, typer.Option(help="Only reports in this language (pl, de, ...).")] = None,
    since: Annotated[datetime | None, Day] = None,
    until: Annotated[datetime | None, Day] = None,
    article: Annotated[list[str] | None, typer.Option(help="Only this report, by its id.")] = None,
    context: Annotated[bool, typer.Option("--context", help="Each quote with the sentence before and after.")] = False,
) -> None:
    """Answer one question. Exit code 1: the reports do not say."""
    from rag.reports import Reports

    with (
        _progress() as progress,
        Reports.open(_collection(reports_from, home), home=home, progress=progress) as reports,
    ):
        _tell(reports.updated)
        answer = reports.ask(
            question,
            languages=language or (),
            since=since.date() if since else None,
            until=until.date() if until else None,
            articles=article or (),
        )
        around = {c.number: reports.context(c.article_id, c.start, c.end) for c in answer.citations if context}
    if as_json:
        sys.stdout.write(json.dumps(answer.to_dict(), ensure_ascii=False, indent=2) + "\n")
    else:
        _show(answer, around)
    raise typer.Exit(0 if answer.answered else 1)


@app.command()
def serve(
    reports_from: From = None,
    home: Home = None,
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 7860,
) -> None:
    """Open the page: chat, and beside it the sentences that prove the answer.

    The page opens at once; the models are made ready meanwhile.
    """
    from rag.reports import Reports

    with _progress() as progress:
        reports = Reports.open(_collection(reports_from, home), home=home, progress=progress)
        _tell(reports.updated)
    from ui.server import Limits
    from ui.server import serve as serve_page

    settings = reports.settings
    limits = Limits(
        settings.max_upload_mb,
        settings.max_upload_files,
        settings.max_question_chars,
        Path(settings.auth) if settings.auth else None,
    )
    with reports:
        serve_page(reports, host=host, port=port, limits=limits, started=lambda at: err.print(f"The page: {at}"))


@app.command()
def articles(home: Home = None, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List the reports of the collection."""
    from rag.reports import Reports

    with _progress() as progress:
        collection = _collection(None, home)
        with Reports.open(collection, home=home, settings=_quiet(), progress=progress) as reports:
            held = reports.articles()
            update = reports.updated
    _tell(update)
    if as_json:
        told = [
            {
                "id": article.id,
                "language": article.language,
                "published": article.published.isoformat() if article.published else None,
                "places": article.places,
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
        (a.id, a.language, a.published.isoformat() if a.published else "-", ", ".join(a.places), a.title) for a in held
    ]
    also = [f"also: {', '.join(article.also)}" if article.also else "" for article in held]
    if not out.is_terminal:
        # One line per report, however long: a table would be truncated to an arbitrary width.
        for row, more in zip(rows, also, strict=True):
            sys.stdout.write(_shown("\t".join((*row, more)).rstrip("\t")) + "\n")
        return
    table = Table("id", "language", "date", "places", "title", box=None)
    for row, more in zip(rows, also, strict=True):
        table.add_row(*row[:-1], _shown(f"{row[-1]}\n{more}".rstrip()))
    out.print(table)


@app.command()
def remove(
    ids: Annotated[list[str], typer.Argument(help="Reports to remove, by their ids.")], home: Home = None
) -> None:
    """Remove reports, and erase from the index and from kept conversations what they said; files stay."""
    from rag.reports import Reports

    with (
        _progress() as progress,
        Reports.open(_collection(None, home), home=home, settings=_quiet(), progress=progress) as reports,
    ):
        gone = reports.remove(ids).removed
    out.print(f"{len(gone)} reports removed and erased: {_shown(', '.join(gone))}")


@app.command()
def doctor(home: Home = None) -> None:
    """Check everything an answer needs, and say what to do about what is missing."""
    from rag.doctor import examine

    findings = examine(Settings(), home)
    for finding in findings:
        out.print(f"{'ok  ' if finding.well else 'FAIL'}  {finding.what}: {finding.says}")
    raise typer.Exit(0 if all(finding.well for finding in findings) else 3)


@app.command()
def means(
    folder: Annotated[Path, typer.Argument(help="CODE.txt a language, parallel line by line.")],
    to: Annotated[Path, typer.Option("--out", help="The table to write.")],
    sentences: Annotated[int, typer.Option(min=0, help="That many of a file, evenly spaced; 0 all.")] = 50,
) -> None:
    """Compute the language means of the embedder at hand (ASKREPORTS_EMBEDDER); use them with ASKREPORTS_MEANS."""
    from rag.encoder import compute_means, open_embedder

    with _progress() as progress:
        table = compute_means(open_embedder(Settings()), folder, sentences=sentences, progress=progress)
    table.save(to)
    out.print(f"{to}: {len(table.languages)} languages for {table.embedder}")


@app.command()
def password(name: Annotated[str, typer.Argument(help="Who is to come in.")]) -> None:
    """Make a line of the file that ASKREPORTS_AUTH names: a name and the hash of a password, asked for twice."""
    from ui.auth import make_line

    secret = getpass("Password: ")
    line = make_line(name, secret)
    if getpass("Once more: ") != secret:
        raise InputError("the two passwords differ; start again")
    out.print(line)
    err.print("add this line to the file that ASKREPORTS_AUTH names")


@app.command()
def evaluate(
    cases: Annotated[Path, typer.Argument(help="Cases, marked contexts, SQuAD-style .json, or a BEIR folder.")],
    against: Annotated[list[Path] | None, typer.Option(help="Folder of an earlier run to compare with.")] = None,
    settings: Annotated[list[Path] | None, typer.Option(help="TOML file of settings; two compare set-ups.")] = None,
    to: Annotated[Path | None, typer.Option("--out", help="Folder of the run; else one in out/, by cases.")] = None,
    reports_from: Annotated[
        list[str] | None, typer.Option("--reports", "-r", help="Reports to ask; else those the cases name.")
    ] = None,
    passages: Annotated[
        Path | None, typer.Option(help="Translation of a SQuAD-style file, whose passages are the reports.")
    ] = None,
    retrieval: Annotated[bool, typer.Option("--retrieval", help="Only retrieve; no language model.")] = False,
    judge: Annotated[str, typer.Option(help="Judge answers too: a value of ASKREPORTS_LLM.")] = "",
    languages: Annotated[str, typer.Option(help="Only texts in these languages, as in de,es.")] = "",
    every: Annotated[int, typer.Option(min=1, help="Only every n-th question of each pair of languages.")] = 1,
    limit: Annotated[int, typer.Option(min=0, help="At most so many questions of each pair; 0 for all.")] = 0,
) -> None:
    """Ask the questions of a case file, score the answers, compare runs. Stopped, it goes on where it was."""
    from rag.evaluation import Subset, run_command

    try:
        with _progress() as progress:
            page = run_command(
                cases,
                against=against or (),
                settings=settings or (),
                out=to,
                reports=reports_from or (),
                passages=passages,
                only_retrieval=retrieval,
                judge=judge,
                console=out,
                progress=progress,
                subset=Subset(tuple(filter(None, languages.split(","))), every, limit),
            )
    except KeyboardInterrupt:
        err.print("askreports: stopped; what was answered is kept, the same command goes on from there")
        raise typer.Exit(130) from None
    out.print(f"\n{page}")


def main() -> None:
    """Run the command; our own errors become one line and their exit code."""
    try:
        app()
    except AskReportsError as error:
        err.print(f"askreports: {error}")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        err.print("askreports: stopped")
        sys.exit(130)


def _collection(given: list[str] | None, home: Path | None) -> list[str] | None:
    """What to open: what was given, else what is indexed, else the bundled reports."""
    from rag.reports import SEEDS

    if given:
        return given
    place = (home or Settings().home) / "catalog.sqlite3"
    # A failed first run leaves a catalogue without sources.
    return None if place.exists() and _names_something(place) else [str(SEEDS)]


def _names_something(place: Path) -> bool:
    from rag.store import Catalog

    catalog = Catalog(place)
    try:
        return bool(catalog.sources())
    finally:
        catalog.close()


def _quiet() -> Settings:
    """Settings for commands that need no language model."""
    return Settings(llm="none")


def _tell(update: Update) -> None:
    for skipped in update.skipped:
        err.print(f"skipped {skipped.location}: {skipped.reason}")
    for warned in update.warned:
        err.print(f"warning {warned.location}: {warned.warning}")


def _show(answer: Answer, around: Mapping[int, Passage]) -> None:
    """The answer, and each quote with its report; `around` are quotes with their context, by citation."""
    out.print(_shown(answer.text))
    for citation in answer.citations:
        day = f", {citation.published.isoformat()}" if citation.published else ""
        source = f", {citation.source_url}" if citation.source_url else ""
        quote = citation.quote
        if passage := around.get(citation.number):
            start, end = citation.start - passage.start, citation.end - passage.start
            quote = f"{passage.text[:start]}»{quote}«{passage.text[end:]}"
        out.print(f"\n[{citation.number}] {_shown(quote)}")
        for start, end, meant in relative_days(citation.quote, citation.language, citation.published):
            said = _shown(citation.quote[start:end])
            out.print(f"    “{said}” = {meant.isoformat()} (computed from the report's date)")
        out.print(f"    {citation.article_id} ({language_name(citation.language)}{day}{source})")


def _shown(text: str) -> str:
    """Report text with control characters replaced, since they could drive the terminal."""
    return _CONTROL.sub("\ufffd", text)


@contextmanager
def _progress() -> Iterator[ProgressFunction]:
    """A progress bar on a terminal; elsewhere one plain line when a long step ends."""
    if not err.is_terminal:

        def plain(label: str, done: int, total: int) -> None:
            if done >= total:
                err.print(f"{label}: done ({total:,})")

        yield plain
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def show(label: str, done: int, total: int) -> None:
            if label not in tasks:
                tasks[label] = bars.add_task(label)
            bars.update(tasks[label], completed=done, total=total, visible=done < total)

        yield show


if __name__ == "__main__":
    main()
