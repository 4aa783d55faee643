"""The filters of the chat: the components, and their values -> `Filters`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import gradio as gr

from rag.errors import QuestionError
from rag.models import Article, Filters, primary_language
from ui.filter_words import left_words
from ui.localized import Localized
from ui.markup import note
from ui.strings import Strings

OFFERED_REPORTS = 500  # a longer list helps nobody; the collection's search finds the rest
TITLE_CHARS = 40


def choices(id: str) -> gr.Dropdown:
    """A list from which several are chosen.

    Gradio refuses every event of a page that still holds a value which is no longer offered, such as a report that was
    removed. Here any value is let in; the handlers ignore those, and `kept` takes them away.
    """
    return gr.Dropdown([], multiselect=True, allow_custom_value=True, elem_id=id, elem_classes="choice")


def kept(values: Sequence[str] | None, offered: Collection[str]) -> Any:
    """An update of such a list without the values that are not offered."""
    left = [value for value in values or () if value in offered]
    return gr.skip() if left == list(values or ()) else gr.update(value=left)


@dataclass(frozen=True, slots=True)
class FilterBox:
    """The components, in the order of `inputs`."""

    languages: gr.Dropdown
    reports: gr.Dropdown
    since: gr.Textbox
    until: gr.Textbox

    @property
    def inputs(self) -> list[Any]:
        """The inputs of a handler that calls `read`."""
        return [self.languages, self.reports, self.since, self.until]

    @property
    def lists(self) -> list[Any]:
        """What `offer` fills."""
        return [self.languages, self.reports]


def filter_box(wording: Localized) -> FilterBox:
    """An accordion with the four filters, closed at first."""
    with gr.Accordion(open=False, elem_id="filters") as fold:
        with gr.Row():
            languages, reports = (choices(f"filter-{name}") for name in ("languages", "reports"))
        with gr.Row():
            since, until = (day_field(f"filter-{name}") for name in ("since", "until"))
    wording.label(fold, lambda strings: strings.filters)
    wording.label(languages, lambda strings: strings.filter_languages)
    wording.label(reports, lambda strings: strings.filter_reports)
    wording.label(since, lambda strings: strings.filter_since)
    wording.label(until, lambda strings: strings.filter_until)
    return FilterBox(languages, reports, since, until)


def day_field(id: str) -> gr.Textbox:
    """A field for a day in ISO format.

    `static/page.js` makes it the browser's own, with a calendar and the reader's way to write dates: Gradio's keeps the
    day before, and says nothing, when it cannot read what was typed.
    """
    return gr.Textbox(lines=1, max_lines=1, elem_id=id, elem_classes="day")


def offer(articles: Sequence[Article], strings: Strings) -> tuple[Any, Any]:
    """What the two lists offer now."""
    tags = sorted({primary_language(article.language) for article in articles})
    named = sorted((strings.language(tag), tag) for tag in tags)
    titles = [(_short(article, strings), article.id) for article in articles[:OFFERED_REPORTS]]
    return gr.update(choices=named), gr.update(choices=titles)


def only(article: Article, articles: Sequence[Article], strings: Strings) -> Any:
    """The list of reports with this one chosen, which is offered even if it is far down."""
    titles = [(_short(one, strings), one.id) for one in articles[:OFFERED_REPORTS]]
    own = (_short(article, strings), article.id)
    return gr.update(choices=titles if own in titles else [*titles, own], value=[article.id])


def read(chosen: Sequence[Any], strings: Strings) -> Filters:
    """The values of the components of `FilterBox.inputs`. Raises QuestionError for invalid dates."""
    languages, reports, *days = chosen
    since, until = (read_day(day, strings) for day in days)
    if since and until and since > until:
        raise QuestionError(strings.bad_range.format(since=strings.day(since), until=strings.day(until)))
    return Filters(tuple(languages or ()), since, until, tuple(reports or ()))


def offered(filters: Filters, articles: Sequence[Article]) -> Filters:
    """Without the languages and reports that the collection does not have any more."""
    tags, ids = _held(articles)
    return replace(
        filters,
        languages=tuple(tag for tag in filters.languages if tag in tags),
        articles=tuple(id for id in filters.articles if id in ids),
    )


def _held(articles: Sequence[Article]) -> tuple[set[str], set[str]]:
    """The languages and the ids of the reports."""
    return {primary_language(article.language) for article in articles}, {article.id for article in articles}


def settled(chosen: Sequence[Any], articles: Sequence[Article], strings: Strings) -> tuple[Any, ...]:
    """`filtered_html`, and updates of the two lists, for `FilterBox.lists`."""
    tags, ids = _held(articles)
    return filtered_html(articles, chosen, strings), kept(chosen[0], tags), kept(chosen[1], ids)


def read_day(text: str | None, strings: Strings) -> date | None:
    """The day that was typed, None if the field is empty. Raises QuestionError for an invalid day."""
    text = (text or "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise QuestionError(strings.bad_date.format(text=text)) from None


def filtered_html(articles: Sequence[Article], chosen: Sequence[Any], strings: Strings) -> str:
    """How many reports the filters leave; empty without filters."""
    try:
        filters = offered(read(chosen, strings), articles)
    except QuestionError as error:
        return note("problem", "!", str(error))
    left = filters.over(articles)
    if left is None:
        return ""
    title = strings.count(strings.filtered, left.admitted) if left.admitted else strings.no_match
    return note("filtered", "▽", title, left_words(left, strings))


def _short(article: Article, strings: Strings) -> str:
    title = article.title or strings.untitled
    return title if len(title) <= TITLE_CHARS else f"{title[:TITLE_CHARS]}…"
