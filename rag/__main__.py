"""The command `askreports`: `index`, `ask`, `search`, `serve`, `articles`, `remove`, `doctor`, `evaluate` and more.

Exit codes: 0 done, 1 nothing found (`ask`, `search`), 2 bad usage or input, 3 something needed is missing or broken,
130 stopped. Answers go to standard output, progress and messages to standard error.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from getpass import getpass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from rag.errors import AskReportsError, InputError
from rag.language import is_tag, primary_tag, relative_days
from rag.language import name as language_name
from rag.models import Answer, Article, Filtered, FilterOptions, Passage, Skipped, Update
from rag.models import Progress as ProgressFunction
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.reports import Reports

app = typer.Typer(
    name="askreports",
    help="Ask questions about news reports in any language; every answer cites the sentences that prove it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
out = Console(soft_wrap=True, highlight=False, markup=False)
err = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)

# Seconds between two progress lines of a long step when there is no terminal.
LINE_SECONDS = 10.0

Home = Annotated[Path | None, typer.Option(help="Folder of the indexes. Default: ASKREPORTS_HOME, or .askreports.")]
From = Annotated[
    list[str] | None,
    typer.Option(
        "--reports", "-r", help="Folder, file or address to ask. Default: the main collection, set with `index`."
    ),
]
Language = Annotated[list[str] | None, typer.Option(help="Only reports in this language (pl, de, ...).")]
Only = Annotated[list[str] | None, typer.Option("--article", help="Only this report, by its id.")]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r}: write the day as year-month-day, such as 2024-07-05") from None


Since = Annotated[
    date | None, typer.Option(parser=_day, metavar="YYYY-MM-DD", help="Only reports of this day or later.")
]
Until = Annotated[
    date | None, typer.Option(parser=_day, metavar="YYYY-MM-DD", help="Only reports of this day or earlier.")
]


def _version(wanted: bool) -> None:
    if wanted:
        out.print(f"askreports {version('askreports')}")
        raise typer.Exit


@app.callback()
def start(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Ask questions about news reports in any language; every answer cites the sentences that prove it."""


@app.command()
def index(
    paths: Annotated[
        list[str] | None,
        typer.Argument(help="Folders, files or addresses. Default: check those given last time for changes."),
    ] = None,
    home: Home = None,
    again: Annotated[bool, typer.Option(help="Read and embed all reports again.")] = False,
) -> None:
    """Make PATHS the main collection and update its index. Run the same command again to resume after a stop."""
    settings = _quiet()
    place = home or settings.home
    err.print(_shown(f"indexing {', '.join(paths) if paths else 'the main collection'} in {place}"))
    from rag.homes import is_indexed
    from rag.reports import Reports

    if not paths and not is_indexed(place):
        raise InputError(f"{place}: nothing is indexed there; name folders, files or addresses to index")
    try:
        with (
            _progress() as progress,
            Reports.open(
                paths or None, home=home, settings=settings, main=True, again=again, progress=progress
            ) as reports,
        ):
            update, count = reports.updated, sum(reports.languages.values())
    except KeyboardInterrupt:
        err.print(f"askreports: stopped; {_kept(place)}")
        raise typer.Exit(130) from None
    _tell(update, update.skipped)
    out.print(
        f"{count} reports: {len(update.added)} added, {len(update.changed)} changed, {len(update.removed)} removed, "
        f"{len(update.skipped)} skipped"
    )


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="In any language.")],
    reports_from: From = None,
    home: Home = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole answer as JSON.")] = False,
    language: Language = None,
    since: Since = None,
    until: Until = None,
    article: Only = None,
    answer_language: Annotated[str, typer.Option(help="Language to answer in (en, de, ...).")] = "",
    context: Annotated[bool, typer.Option("--context", help="Show the sentences before and after each quote.")] = False,
) -> None:
    """Answer one question. Exit code 1: the reports contain no answer."""
    # What was named is read whole; an index that was stopped is asked as far as it goes.
    wait = bool(reports_from)
    settings = Settings()
    _open_vocabulary()
    with _progress() as progress, _opened(reports_from, home, settings, progress, wait=wait) as reports:
        reports.load()
        filters = _filters(reports, language, since, until, article)
        answer = reports.ask(question, answer_language=answer_language, **filters)
        around = {c.number: reports.context(c.article_id, c.start, c.end) for c in answer.citations if context}
    if answer.filtered:
        _tell_filtered(answer.filtered)
    if as_json:
        sys.stdout.write(json.dumps(answer.to_dict(), ensure_ascii=False, indent=2) + "\n")
    else:
        _show(answer, around)
    raise typer.Exit(0 if answer.answered else 1)


@app.command()
def search(
    phrase: Annotated[str, typer.Argument(help="The words to find, as written in a report.")],
    reports_from: From = None,
    home: Home = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the matches as a JSON list.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of matches.")] = 20,
    language: Language = None,
    since: Since = None,
    until: Until = None,
    article: Only = None,
) -> None:
    """Find an exact phrase, ignoring case, accents and line breaks. Exit code 1: no report contains it."""
    with _progress() as progress, _opened(reports_from, home, _quiet(), progress, wait=bool(reports_from)) as reports:
        found = reports.search(phrase, limit, **_filters(reports, language, since, until, article))
    if as_json:
        told = [
            {
                "article_id": one.article.id,
                "start": one.start,
                "end": one.end,
                "text": one.article.text[one.start : one.end],
                "sentence": one.passage.text,
            }
            for one in found
        ]
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    else:
        for one in found:
            out.print(f"{one.article.id}:{one.start}-{one.end}  {_shown(' '.join(one.passage.text.split()))}")
    if not found:
        err.print("no report contains this phrase")
    elif len(found) == limit:
        err.print(f"only the first {limit} matches are shown; raise --limit for more")
    raise typer.Exit(0 if found else 1)


@app.command()
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
    with _progress(plainly=True) as progress:
        reports = _opened(reports_from, home, Settings(), progress, wait=False, serving=True)
    from ui.server import Limits
    from ui.server import serve as serve_page

    settings = reports.settings
    limits = Limits(
        settings.max_upload_mb,
        settings.max_upload_files,
        settings.max_question_chars,
        Path(settings.auth) if settings.auth else None,
        samples=_asks_samples(reports_from, home, settings),
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


articles_app = typer.Typer(help="List the reports of the collection, and correct their titles, dates and other fields.")
app.add_typer(articles_app, name="articles", invoke_without_command=True)


@articles_app.callback()
def articles(
    context: typer.Context,
    reports_from: From = None,
    home: Home = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON, with titles, places and locations.")] = False,
) -> None:
    """List the reports, and where title, date and other fields were found if not in the text."""
    if context.invoked_subcommand:
        return
    with (
        _progress() as progress,
        _opened(reports_from, home, _quiet(), progress, all_skipped=True, wait=False) as reports,
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
            _origins(a),
        )
        for a in held
    ]
    also = [f"also: {', '.join(article.also)}" if article.also else "" for article in held]
    if not out.is_terminal:
        # One line per report, however long: a table would be truncated to an arbitrary width.
        for row, more in zip(rows, also, strict=True):
            sys.stdout.write(_shown("\t".join((*row, more)).rstrip("\t")) + "\n")
        return
    table = Table("id", "language", "date", "places", "title", "found in", box=None)
    for row, more in zip(rows, also, strict=True):
        table.add_row(*row[:-2], _shown(f"{row[-2]}\n{more}".rstrip()), row[-1])
    out.print(table)


def _origins(article: Article) -> str:
    """Where the values were found that the text's own words do not tell: "date: file name, title: by hand"."""
    names = {"published": "date", "places": "place", "authors": "author", "source_url": "address"}
    found = [(names.get(name, name), origin) for name, origin in article.origins if origin not in ("text", "address")]
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
    with _progress() as progress, _opened(reports_from, home, _quiet(), progress) as reports:
        reports.set(article, pairs)
        held = reports.article(article)
    assert held is not None
    day = held.published.isoformat() if held.published else "no date"
    out.print(_shown(f"{held.id}: {held.title}, {day}, {', '.join(held.places) or 'no place'}, {held.language}"))


@app.command()
def remove(
    ids: Annotated[list[str], typer.Argument(help="Ids of the reports to remove.")],
    reports_from: From = None,
    home: Home = None,
) -> None:
    """Remove reports, and erase their text from the index and from saved conversations; the files are kept."""
    with _progress() as progress, _opened(reports_from, home, _quiet(), progress) as reports:
        gone = reports.remove(ids).removed
    out.print(f"{len(gone)} reports removed and erased: {_shown(', '.join(gone))}")


@app.command()
def doctor(
    home: Home = None,
    repair: Annotated[bool, typer.Option("--repair", help="Repair what can be repaired, then check.")] = False,
) -> None:
    """Check everything an answer needs, and say how to fix what is missing."""
    from rag.doctor import examine
    from rag.doctor import repair as mend

    findings = []
    if repair:
        with _progress() as progress:
            findings = mend(Settings(), home, progress)
    findings += examine(Settings(), home)
    for finding in findings:
        out.print(f"{'ok  ' if finding.well else 'FAIL'}  {finding.what}: {_shown(finding.says)}")
    raise typer.Exit(0 if all(finding.well for finding in findings) else 3)


@app.command()
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


@app.command()
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


@app.command()
def means(
    folder: Annotated[Path, typer.Argument(help="Folder with one file CODE.txt per language, parallel line by line.")],
    to: Annotated[Path, typer.Option("--out", help="The file to write.")],
    sentences: Annotated[
        int, typer.Option(min=0, help="Number of lines to use from each file, evenly spaced; 0 for all.")
    ] = 50,
) -> None:
    """Compute each language's mean vector for the current embedder; set ASKREPORTS_MEANS to the file."""
    from rag.encoder import compute_means, open_embedder

    with _progress() as progress:
        table = compute_means(open_embedder(Settings()), folder, sentences=sentences, progress=progress)
    table.save(to)
    out.print(f"{to}: {len(table.languages)} languages for {table.embedder}")


@app.command()
def password(name: Annotated[str, typer.Argument(help="The user's name.")]) -> None:
    """Print a line for the ASKREPORTS_AUTH file: a user name and the hash of a password, which you enter twice."""
    from ui.auth import make_line

    secret = getpass("Password: ")
    line = make_line(name, secret)
    if getpass("Once more: ") != secret:
        raise InputError("the two passwords differ; start again")
    out.print(line)
    err.print("add this line to the file that ASKREPORTS_AUTH names")


@app.command()
def evaluate(
    cases: Annotated[Path, typer.Argument(help="A case file, a SQuAD-style .json file or a BEIR folder.")],
    against: Annotated[list[Path] | None, typer.Option(help="Folder of an earlier run to compare with.")] = None,
    settings: Annotated[
        list[Path] | None, typer.Option(help="TOML file of settings; give two to compare them.")
    ] = None,
    to: Annotated[Path | None, typer.Option("--out", help="Folder of the run. Default: one in out/.")] = None,
    reports_from: Annotated[
        list[str] | None,
        typer.Option("--reports", "-r", help="Reports to ask. Default: those that the case file names."),
    ] = None,
    passages: Annotated[
        Path | None, typer.Option(help="Translation of a SQuAD-style file; its passages become the reports.")
    ] = None,
    retrieval: Annotated[bool, typer.Option("--retrieval", help="Evaluate retrieval only; no language model.")] = False,
    judge: Annotated[
        str, typer.Option(help="Language model that also judges the answers; values as for ASKREPORTS_LLM.")
    ] = "",
    languages: Annotated[str, typer.Option(help="Only texts in these languages, for example de,es.")] = "",
    every: Annotated[int, typer.Option(min=1, help="Only every n-th question of each language pair.")] = 1,
    limit: Annotated[int, typer.Option(min=0, help="Maximum number of questions per language pair; 0 for all.")] = 0,
) -> None:
    """Ask the questions of a case file, score the answers and compare runs. Run it again to resume after a stop."""
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
        err.print("askreports: stopped; the answers so far are kept, and the same command resumes from there")
        raise typer.Exit(130) from None
    out.print(f"\n{page}")


def main() -> None:
    """Run the command; an AskReportsError becomes a one-line message and its exit code."""
    try:
        app()
    except AskReportsError as error:
        err.print(f"askreports: {error}")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        err.print("askreports: stopped")
        sys.exit(130)


def _opened(
    given: list[str] | None,
    home: Path | None,
    settings: Settings,
    progress: ProgressFunction,
    *,
    all_skipped: bool = False,
    wait: bool = True,
    serving: bool = False,
) -> Reports:
    """The collection that was named, or the main one, or the samples; warnings about it go to standard error."""
    from rag.reports import SEEDS, Reports

    samples = _asks_samples(given, home, settings)
    reports = Reports.open(
        [SEEDS] if samples else given or None, home=home, settings=settings, wait=wait or samples, progress=progress
    )
    if samples:
        more = sum(not Path(article.location).is_relative_to(SEEDS) for article in reports.articles())
        added = f" and {more} added to them" if more else ""
        err.print(f"asking the five sample reports{added}; name others with -r FOLDER, or: askreports index FOLDER")
    if reports.indexing and not serving:
        count = sum(reports.languages.values())
        err.print(f"{count} reports are indexed so far; index the rest with: askreports index")
    if reports.busy:
        count = sum(reports.languages.values())
        err.print(f"another process is changing this collection; asking the {count} reports indexed so far")
    _tell(reports.updated, reports.updated.skipped if all_skipped else reports.updated.newly_skipped)
    return reports


def _open_vocabulary() -> None:
    """Begin with what takes longest of a question's first second, while the program's modules are imported."""
    from rag.encoder import open_ahead, open_tokenizer

    open_ahead(open_tokenizer)


def _asks_samples(given: list[str] | None, home: Path | None, settings: Settings) -> bool:
    """Whether nobody named a collection or a home, and nothing is indexed where one would be."""
    from rag.homes import is_indexed

    named = bool(given) or home is not None or "home" in settings.model_fields_set
    return not named and not is_indexed(settings.home)


def _filters(
    reports: Reports,
    languages: Sequence[str] | None,
    since: date | None,
    until: date | None,
    articles: Sequence[str] | None,
) -> FilterOptions:
    """The options as filters. Raises InputError for a language that no report is in."""
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


def _quiet() -> Settings:
    """Settings for commands that need no language model."""
    return Settings(llm="none")


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


def _tell(update: Update, skipped: Sequence[Skipped]) -> None:
    for one in skipped:
        err.print(f"skipped {_shown(one.location)}: {_shown(one.reason)}")
    for warned in update.warned:
        err.print(f"warning {_shown(warned.location)}: {_shown(warned.warning)}")


def _tell_filtered(left: Filtered) -> None:
    """How many reports the filters left, where they left some out, and why."""
    if left.admitted == left.of:
        return
    told = f"{left.admitted} of {left.of} reports match the filters"
    if left.without_date:
        told += f"; left out by --since and --until because they have no date: {left.without_date}"
    if not left.admitted:
        told += "; widen the filters or drop one"
    err.print(told)


def _show(answer: Answer, around: Mapping[int, Passage]) -> None:
    """The answer, and each quote with its report; `around` are quotes with their context, by citation."""
    out.print(_shown(answer.text))
    if answer.claims:
        sure = all(claim.support == "supported" for claim in answer.claims)
        others = "; ".join(f"{other.short} [{other.citation}] ({other.probability:.0%})" for other in answer.others)
        out.print(
            f"    {'proven' if sure else 'probably'} ({answer.confidence:.0%})"
            + (f"; it may also be: {_shown(others)}" if others else "")
        )
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
def _progress(*, plainly: bool = False) -> Iterator[ProgressFunction]:
    """A progress bar on a terminal; elsewhere a plain line when a long step ends, and every ten seconds before."""
    if plainly or not err.is_terminal:
        begun: dict[str, tuple[float, int]] = {}
        told: dict[str, float] = {}

        def plain(label: str, done: int, total: int) -> None:
            now = time.monotonic()
            if done >= total:
                err.print(f"{label}: done ({total:,})")
                return
            since, first = begun.setdefault(label, (now, done))
            if now - told.setdefault(label, since) >= LINE_SECONDS:
                told[label] = now
                rate = (done - first) / (now - since)
                left = f", {rate:,.0f} a second, {(total - done) / rate:,.0f} s left" if rate else ""
                err.print(f"{label}: {done:,} of about {total:,}{left}")

        yield plain
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def show(label: str, done: int, total: int) -> None:
            if label not in tasks:
                tasks[label] = bars.add_task(label)
            bars.update(tasks[label], completed=done, total=total, visible=done < total)

        yield show


class _Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        """Empty while it is not known."""
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


if __name__ == "__main__":
    main()
