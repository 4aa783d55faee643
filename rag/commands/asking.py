"""`ask` and `search`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from rag.commands.opening import opened, quiet
from rag.commands.options import From, Home, Language, Only, Since, Until, filters_of
from rag.commands.terminal import err, out, progress_shown, shown
from rag.models import Answer, Article, Filtered, Passage
from rag.settings import Settings

# Sentences shown with a declined question.
NEAREST = 3
# Of a quote: the report's id, and its begin and end in the report's text.
Place: TypeAlias = tuple[str, int, int]

if TYPE_CHECKING:
    from rag.encoder import Embedder
    from rag.reports import Reports
    from ui.strings import Strings


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
    embedder = _opening(settings)
    with (
        progress_shown() as progress,
        opened(reports_from, home, settings, progress, embedder=embedder, wait=wait) as reports,
    ):
        reports.load()
        filters = filters_of(reports, language, since, until, article)
        answer = reports.ask(question, answer_language=answer_language, **filters)
        around = _context(reports, answer) if context else {}
    if answer.filtered:
        _tell_filtered(answer.filtered)
    if as_json:
        sys.stdout.write(json.dumps(answer.to_dict(), ensure_ascii=False, indent=2) + "\n")
    else:
        _show(answer, around)
    raise typer.Exit(0 if answer.answered else 1)


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
    with (
        progress_shown() as progress,
        opened(reports_from, home, quiet(), progress, wait=bool(reports_from)) as reports,
    ):
        found = reports.search(phrase, limit + 1, **filters_of(reports, language, since, until, article))
    found, more = found[:limit], len(found) > limit
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
            out.print(f"{one.article.id}:{one.start}-{one.end}  {shown(' '.join(one.passage.text.split()))}")
    if not found:
        err.print("no report contains this phrase")
    elif more:
        err.print(f"only the first {limit} matches are shown; raise --limit for more")
    raise typer.Exit(0 if found else 1)


def _context(reports: Reports, answer: Answer) -> dict[Place, Passage]:
    """What is quoted with the sentences around it, but for what stands in the context of an earlier quote.

    Nor for a report that has changed or gone since: the offsets are those of its text before.
    """
    quoted = [((one.article_id, one.start, one.end), one.sha256) for one in answer.citations]
    quoted += [((one.article_id, one.start, one.end), article.sha256) for article, one in _nearest(answer)]
    around: dict[Place, Passage] = {}
    for place, sha256 in quoted:
        id, start, end = place
        shown_before = any(one.article_id == id and one.start <= start and end <= one.end for one in around.values())
        now = reports.article(id)
        if not shown_before and now is not None and now.sha256 == sha256:
            around[place] = reports.context(id, start, end)
    return around


def _nearest(answer: Answer) -> Sequence[tuple[Article, Passage]]:
    """The sentences that come closest to a question that was declined."""
    return () if answer.answered else answer.closest[:NEAREST]


def _quoted(text: str, place: Place, around: Mapping[Place, Passage]) -> str:
    """A quote, marked in its context if that is shown."""
    if passage := around.get(place):
        _, start, end = place
        return f"{passage.text[: start - passage.start]}»{text}«{passage.text[end - passage.start :]}"
    return text


def _show_nearest(answer: Answer, strings: Strings, around: Mapping[Place, Passage]) -> None:
    nearest = _nearest(answer)
    if nearest:
        out.print(f"\n{strings.nearest_title}:", style="dim")
    for article, one in nearest:
        text = _quoted(one.text, (one.article_id, one.start, one.end), around)
        out.print(f"\n    {shown(' '.join(text.split()))}")
        out.print(f"    {article.id}", style="dim")


def _opening(settings: Settings) -> Embedder:
    """The embedder, which opens with its vocabulary while the other modules are imported: they take about as long.

    Whatever is imported before this call delays it, and must be light. Raises ModelError for an unknown embedder.
    """
    from rag.encoder import BundledEmbedder, open_ahead, open_embedder

    embedder = open_embedder(settings)
    if isinstance(embedder, BundledEmbedder):
        open_ahead(embedder.load)
    return embedder


def _tell_filtered(left: Filtered) -> None:
    """How many reports the filters left, where they left some out, and why."""
    if left.admitted == left.of:
        return
    told = f"{left.admitted} of {left.of} reports match the filters"
    if left.without_date:
        told += f"; left out by --since and --until because they have no date: {left.without_date}"
        told += " (set one with: askreports articles set ID date=2024-07-05)"
    if not left.admitted:
        told += "; widen the filters or drop one"
    err.print(told)


def _show(answer: Answer, around: Mapping[Place, Passage]) -> None:
    """The answer, and each quote with its report; `around` has the context of quotes.

    The words around them are the page's, in the language of the answer, or English where the page lacks it.
    """
    from ui.computed_days import computed_days
    from ui.confidence_words import others, verdict
    from ui.strings import choose

    strings = choose(answer.language)
    out.print(shown(answer.text))
    _show_nearest(answer, strings, around)
    if said := verdict(answer, strings):
        out.print(f"    {said.text}")
    if rivals := others(answer, strings):
        out.print(f"    {strings.may_be} {shown('; '.join(f'{one.short} {one.rest}' for one in rivals))}")
    for citation in answer.citations:
        day = f", {citation.published.isoformat()}" if citation.published else ""
        authors = f", {shown(written)}" if (written := strings.authors(citation.authors)) else ""
        source = f", {citation.source_url}" if citation.source_url else ""
        quote = _quoted(citation.quote, (citation.article_id, citation.start, citation.end), around)
        out.print(f"\n[{citation.number}] {shown(quote)}")
        for computed in computed_days(citation.quote, citation.language, citation.published):
            out.print(f"    {shown(computed.told(strings))}")
        out.print(f"    {citation.article_id} ({strings.language(citation.language)}{day}{authors}{source})")
