"""The collection tab: the searchable list with filters, uploads, the view of one report, and the event handlers.

`CollectionActions` makes the changes; this module only shows them. Changes run in their own thread: they do not block
questions, and leaving the page does not stop them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import gradio as gr
from gradio.utils import get_upload_folder

from rag.errors import AskReportsError
from rag.models import Article, Filters
from ui import evidence
from ui import list_view as lists
from ui.answer_stream import Asker
from ui.chat_components import PLAIN, QUIET
from ui.collection import CollectionActions, Job, Outcome, Refusal, Upload, drop
from ui.filtering import choices, day_field, kept, offered, only, read_day
from ui.links import link_of
from ui.listing import Sort, View, languages_of, places_of, plain, rows
from ui.localized import Localized
from ui.markup import escape
from ui.people import strings_of
from ui.script_events import Order, lever, pulled
from ui.strings import Strings
from ui.updates import updates

FOUND = 200  # sentences shown for an exact phrase

Parts = list[Any]
Refreshed = Callable[[str, gr.Request], dict[Any, Any]]


class CollectionRoom:
    """Builds the tab's components in the Blocks at hand; `wire` connects them."""

    def __init__(self, reports: Asker, max_mb: float, max_files: int, wording: Localized) -> None:
        self._reports = reports
        self._limits = max_mb, max_files
        self._collection = CollectionActions(reports, max_mb=max_mb, max_files=max_files)
        self._drop = gr.Markdown(elem_id="drop", **PLAIN)
        self._told = gr.Markdown(elem_id="taken", **PLAIN)
        with gr.Row(elem_id="sieve"):
            search = gr.Textbox(elem_id="search", lines=1, max_lines=1, scale=2)
            languages, places = (choices(f"rows-{name}") for name in ("languages", "places"))
            since, until = (day_field(f"rows-{name}") for name in ("since", "until"))
        self._sort = gr.State("newest")
        self._phrase = gr.Textbox(elem_id="phrase", lines=1, max_lines=1)
        self._phrases = gr.Markdown(elem_id="phrases", **PLAIN)
        with gr.Row(elem_id="whole-collection"):
            self._refresh = gr.Button(size="sm", elem_id="refresh")
            self._again = gr.Button(size="sm", elem_id="reindex")
        with gr.Row(elem_id="collected"):
            self._rows = gr.Markdown(elem_id="rows", **PLAIN)
            self._reader = gr.Markdown(elem_id="reader", **PLAIN)
        self._view: Parts = [search, languages, places, since, until, self._sort]
        wording.say(search, lambda strings: {"label": strings.search_reports, "placeholder": strings.search_hint})
        wording.say(self._phrase, lambda strings: {"label": strings.phrase, "placeholder": strings.phrase_hint})
        wording.label(languages, lambda strings: strings.filter_languages)
        wording.label(places, lambda strings: strings.filter_places)
        wording.label(since, lambda strings: strings.filter_since)
        wording.label(until, lambda strings: strings.filter_until)
        wording.say(self._refresh, lambda strings: {"value": strings.refresh})
        wording.say(self._again, lambda strings: {"value": strings.reindex})

    @property
    def reader(self) -> gr.Markdown:
        """Where one whole report is read."""
        return self._reader

    def linked(self, query: Mapping[str, str], strings: Strings) -> str:
        """The report that a link opens, at its sentence; empty if the page was opened without one."""
        link = link_of(query)
        if link is None:
            return ""
        article = self._reports.article(link.report)
        if article is None:
            return f'<p class="hint linked" role="status">{escape(strings.link_gone)}</p>'
        if link.fits(article.text):
            return evidence.reader_html(article, strings, span=(link.start, link.end))
        return evidence.reader_html(article, strings, told=strings.link_changed)

    @property
    def shown(self) -> list[Any]:
        """The components that `opened` fills."""
        return [self._drop, self._rows, *self._view[1:3]]

    def opened(self, request: gr.Request, *chosen: Any) -> dict[Any, Any]:
        """What the tab shows; `chosen` are the values of search and filters, nothing on a new page."""
        strings = strings_of(request)
        articles = self._reports.articles()
        tags = sorted((strings.language(tag), tag) for tag in languages_of(articles))
        return updates(
            {
                self._drop: lists.dropzone_html(*self._limits, strings),
                self._rows: self._listed(articles, chosen, strings),
                self._view[1]: gr.update(choices=tags),
                self._view[2]: gr.update(choices=places_of(articles)),
            }
        )

    def wire(
        self,
        tab: gr.Tab,
        chosen_reports: gr.Dropdown,
        here: gr.Textbox,
        after: Refreshed,
        more: list[Any],
        forget: Callable[[], None],
    ) -> None:
        """Connect the events.

        `forget` deletes copies that the page has made of what is removed. `after` updates the rest of the page (`more`)
        after a change of the collection; `chosen_reports` is the chat's filter, which "ask about this report" sets.
        """
        self._after, self._forget = after, forget
        changed = [self._told, self._phrases, self._reader, *self.shown, *more]
        take, sort, remove, read, about = (lever(name) for name in ("take", "sort", "remove", "read", "about"))
        for part in self._view[:5]:
            part.change(self._looked, self._view, [self._rows, *self._view[1:3]], **QUIET)
        sort.change(self._sorted, [sort, *self._view], [self._rows, self._sort], **QUIET)
        take.change(self._take, [take, here, *self._view], changed, **QUIET)
        remove.change(self._remove, [remove, here, *self._view], changed, **QUIET)
        self._refresh.click(self._look, [here, *self._view], changed, **QUIET)
        self._again.click(self._anew, [here, *self._view], changed, **QUIET)
        read.change(self._read, read, self._reader, **QUIET)
        self._phrase.submit(self._find, [self._phrase, *self._view], self._phrases, **QUIET)
        about.change(self._ask_about, about, chosen_reports, **QUIET)
        tab.select(self.opened, self._view, self.shown, **QUIET)

    # Event handlers

    def _looked(self, request: gr.Request, *chosen: Any) -> tuple[Any, ...]:
        articles = self._reports.articles()
        lists = kept(chosen[1], languages_of(articles)), kept(chosen[2], places_of(articles))
        return self._seen(request, *chosen), *lists

    def _seen(self, request: gr.Request, *chosen: Any) -> str:
        return self._listed(self._reports.articles(), chosen, strings_of(request))

    def _sorted(self, request: gr.Request, written: str, *chosen: Any) -> tuple[str, str]:
        order = pulled(written)
        now = str(chosen[-1])
        if order and order.id == "date":
            now = "oldest" if now == "newest" else "newest"
        elif order and order.id in get_args(Sort):
            now = order.id
        return self._seen(request, *chosen[:-1], now), now

    def _take(self, request: gr.Request, written: str, here: str, *chosen: Any) -> Iterator[dict[Any, Any]]:
        order = pulled(written)
        if order is None:
            return
        folder = Path(get_upload_folder()).resolve()
        places = [place for place in map(Path, order.ids) if place.resolve().is_relative_to(folder)]
        refused = _refused(order, self._limits)
        job = self._collection.upload([Upload(place.name, place) for place in places])
        # Whoever leaves the page meanwhile leaves no copy behind.
        job.afterwards(lambda: drop(places))
        yield from self._follow(job, here, chosen, request, refused)

    def _remove(self, request: gr.Request, written: str, here: str, *chosen: Any) -> Iterator[dict[Any, Any]]:
        if (order := pulled(written)) and order.ids:
            job = self._collection.remove(order.ids)
            job.afterwards(self._forget)
            for update in self._follow(job, here, chosen, request):
                # What was found and opened may be of a report that is gone.
                yield {**update, **updates({self._phrases: "", self._reader: ""})}

    def _look(self, request: gr.Request, here: str, *chosen: Any) -> Iterator[dict[Any, Any]]:
        yield from self._follow(self._collection.refresh(), here, chosen, request)

    def _anew(self, request: gr.Request, here: str, *chosen: Any) -> Iterator[dict[Any, Any]]:
        yield from self._follow(self._collection.refresh(again=True), here, chosen, request)

    def _follow(
        self, job: Job, here: str, chosen: Sequence[Any], request: gr.Request, refused: Sequence[Refusal] = ()
    ) -> Iterator[dict[Any, Any]]:
        strings = strings_of(request)
        yield updates({self._told: lists.step_html(None, strings)})
        for step in job:
            yield updates({self._told: lists.step_html(step, strings)})
        try:
            done = job.result()
        except AskReportsError as error:
            gr.Warning(str(error))
            done = Outcome()
        done = replace(done, skipped=(*done.skipped, *refused))
        told = {self._told: lists.outcome_html(done, strings)}
        yield updates({**told, **self.opened(request, *chosen), **self._after(here, request)})

    def _read(self, request: gr.Request, written: str) -> str:
        order = pulled(written)
        article = self._reports.article(order.id) if order else None
        if not order or not article:
            return ""
        place = link_of({"report": order.id, "at": order.text})
        span = (place.start, place.end) if place and place.fits(article.text) else None
        return evidence.reader_html(article, strings_of(request), span=span)

    def _find(self, request: gr.Request, phrase: str, *chosen: Any) -> str:
        strings = strings_of(request)
        if not phrase.strip():
            return ""
        try:
            articles = self._reports.articles()
            shown = rows(articles, _view(chosen, strings, articles))
            only_in = [one.id for one in shown] if len(shown) < len(articles) else []
            # Without a report left nothing is searched: an empty filter means all of them.
            found = self._reports.search(phrase, limit=FOUND + 1, articles=only_in) if shown or not articles else []
        except AskReportsError as error:
            return f'<p class="hint">{escape(str(error))}</p>'
        holding = {match.article.id: match.article for match in found}
        passages = list(dict.fromkeys(match.passage for match in found))
        return lists.phrases_html(phrase, passages[:FOUND], holding, strings, more=len(found) > FOUND)

    def _ask_about(self, request: gr.Request, written: str) -> Any:
        order = pulled(written)
        article = self._reports.article(order.id) if order else None
        return only(article, self._reports.articles(), strings_of(request)) if article else gr.skip()

    # Rendering

    def _listed(self, articles: Sequence[Article], chosen: Sequence[Any], strings: Strings) -> str:
        try:
            view = _view(chosen, strings, articles)
        except AskReportsError as error:
            gr.Warning(str(error))
            view = View()
        return lists.rows_html(rows(articles, view), view, strings)


def _view(chosen: Sequence[Any], strings: Strings, articles: Sequence[Article]) -> View:
    """The values of search and filters, without places and languages that no report has any more."""
    if not chosen:
        return View()
    search, languages, places, since, until, sort = chosen
    filters = Filters(tuple(languages or ()), read_day(since, strings), read_day(until, strings))
    named = set(map(plain, places_of(articles)))
    kept = tuple(place for place in places or () if plain(place) in named)
    return View(search or "", offered(filters, articles), kept, sort)


def _refused(order: Order, limits: tuple[float, int]) -> list[Refusal]:
    """The files that the browser did not send."""
    max_mb, max_files = limits
    try:
        told = json.loads(order.text or "[]")
    except ValueError:
        return []
    made: list[Refusal] = []
    for one in told if isinstance(told, list) else []:
        match one:
            case [str(name), "large"]:
                made.append(Refusal(name, "large", f"{max_mb:g}"))
            case [str(name), "many"]:
                made.append(Refusal(name, "many", str(max_files)))
            case [str(name), str(reason)]:
                made.append(Refusal(name, "unread", reason.removeprefix("unread ")))
    return made
