"""Lists -> their escaped HTML: a user's conversations, the collection, the result of a change. No Gradio."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import PurePath

from rag.models import Article, Passage
from ui.collection import SUFFIXES, Outcome, UpdateStep
from ui.conversations import Heading
from ui.listing import View
from ui.markup import button, chip, copy_link, escape, facts
from ui.strings import Strings

SHOWN_ROWS = 200  # the search finds the rest of a longer list


def shelf_html(headings: Sequence[Heading], here: str, strings: Strings) -> str:
    """The user's conversations, newest first, each with its menu; `here` is the id of the one that is open."""
    rows = "".join(_row(heading, heading.id == here, strings) for heading in headings)
    rows = f'<ul class="talks">{rows}</ul>' if rows else f'<p class="hint">{escape(strings.no_conversations)}</p>'
    fresh = button("act wide do-fresh", "fresh", strings.new_conversation)
    title = f"<summary><h2>{escape(strings.conversations)}</h2></summary>"
    return f'<details class="shelf" open>{title}{fresh}{rows}</details>'


def _row(heading: Heading, current: bool, strings: Strings) -> str:
    kind = "talk do-talk current" if current else "talk do-talk"
    acts = [button("do-rename", f"rename-{heading.id}", strings.rename)]
    for form, text in (
        ("md", strings.export_markdown),
        ("html", strings.export_html),
        ("json", strings.export_json),
    ):
        acts.append(button("do-export", f"export-{form}-{heading.id}", text))
    acts.append(button("do-delete", f"delete-{heading.id}", strings.delete))
    return (
        f'<li><button type="button" class="{kind}" id="talk-{escape(heading.id)}" dir="auto">{escape(heading.title)}'
        f'</button><details class="menu"><summary><span class="sign">⋯</span><span class="sr">{escape(strings.menu)} '
        f'{escape(heading.title)}</span></summary><div class="acts">{"".join(acts)}</div></details></li>'
    )


def rows_html(articles: Sequence[Article], view: View, strings: Strings) -> str:
    """The reports of the collection that a view shows, as a table to sort, open, ask about and remove from."""
    if not articles:
        return f'<p class="hint">{escape(strings.no_match)}</p>'
    heads = "".join(_column(name, text, view, strings) for name, text in _columns(strings))
    body = "".join(_report_row(article, strings) for article in articles[:SHOWN_ROWS])
    more = len(articles) - SHOWN_ROWS
    rest = f'<p class="hint">{escape(strings.count(strings.more_reports, more))}</p>' if more > 0 else ""
    remove = f'{escape(strings.remove)} <span class="chosen-count"></span>'
    return (
        f'<p class="rows-head"><span>{escape(strings.count(strings.reports, len(articles)))}</span>'
        f'<button type="button" class="wide do-remove-chosen" disabled>{remove}</button></p>'
        f'<table><thead><tr><th scope="col"><label><input type="checkbox" class="pick-all">'
        f'<span class="sr">{escape(strings.select_all)}</span></label></th>{heads}<th scope="col">'
        f'<span class="sr">{escape(strings.menu)}</span></th></tr></thead><tbody>{body}</tbody></table>{rest}'
    )


def phrases_html(
    phrase: str, found: Sequence[Passage], articles: Mapping[str, Article], strings: Strings, *, more: bool
) -> str:
    """The sentences that hold a phrase, by report; each opens its report at the place, and has a link to it.

    `more`: others were left out.
    """
    if not found:
        return f'<p class="hint" role="status">{escape(strings.phrase_none)}</p>'
    told = strings.count(strings.phrase_found, len(found))
    hint = f" {escape(strings.phrase_most.format(n=len(found)))}" if more else ""
    groups = "".join(
        f'<li><h3 lang="{escape(article.language)}" dir="{strings.direction(article.language)}">'
        f"{escape(article.title or strings.untitled)}</h3>"
        f'<p class="chips">{"".join(chip(fact) for fact in facts(article, strings))}</p>'
        f"<ul>{''.join(_phrase_row(number, one, phrase, article, strings) for number, one in group)}</ul></li>"
        for id, group in groupby(enumerate(found), key=lambda one: one[1].article_id)
        if (article := articles.get(id))
    )
    return f'<p class="hint" role="status">{escape(told)}{hint}</p><ul class="phrases">{groups}</ul>'


def _phrase_row(number: int, passage: Passage, phrase: str, article: Article, strings: Strings) -> str:
    words = phrase.strip()
    before, met, after = passage.text.partition(words)
    text = f"{escape(before)}<mark>{escape(met)}</mark>{escape(after)}" if met else escape(passage.text)
    place = f"{passage.start}-{passage.end}-{article.id}"
    link = copy_link(f"p{number}", article.id, passage.start, passage.end, passage.text, strings)
    return (
        f'<li><button type="button" class="do-quote" id="quote-{escape(place)}" lang="{escape(article.language)}" '
        f'dir="{strings.direction(article.language)}">{text}</button>{link}</li>'
    )


def outcome_html(outcome: Outcome, strings: Strings) -> str:
    """What a change to the collection did, what was skipped and why, and what `rag` warns of, in its own words."""
    counts = (
        (strings.added, outcome.added),
        (strings.updated, outcome.changed),
        (strings.removed, outcome.removed),
    )
    told = [strings.count(forms, len(ids)) for forms, ids in counts if ids]
    if not told and not outcome.skipped:
        told = [strings.unchanged]
    done = f'<p class="done">{escape(" · ".join(told))}</p>' if told else ""
    if outcome.warned:
        warned = _named((one.location, one.warning) for one in outcome.warned[:SHOWN_ROWS])
        done = f'{done}<ul class="warned">{warned}</ul>'
    if not outcome.skipped:
        return done
    named = _named((skip.name, skip.reason(strings)) for skip in outcome.skipped[:SHOWN_ROWS])
    title = escape(strings.count(strings.skipped, len(outcome.skipped)))
    return f'{done}<details class="skipped" open><summary>{title}</summary><ul>{named}</ul></details>'


def _named(told: Iterable[tuple[str, str]]) -> str:
    return "".join(f'<li><bdi class="name">{escape(name)}</bdi> {escape(text)}</li>' for name, text in told)


def step_html(step: UpdateStep | None, strings: Strings) -> str:
    """A change's progress."""
    bar = f'<progress max="{max(step.total, 1)}" value="{step.done}"></progress>' if step else "<progress></progress>"
    return f'<p class="working">{escape(strings.working)}</p>{bar}'


def dropzone_html(max_mb: float, max_files: int, strings: Strings) -> str:
    """Where files are dropped; the script puts the file input into it."""
    limits = strings.upload_limits.format(mb=f"{max_mb:g}", files=max_files)
    suffixes = escape(" ".join(SUFFIXES))
    title = f"<h2>{escape(strings.upload)}</h2>"
    return (
        f'<div class="dropzone" id="dropzone">{title}<p class="hint">{escape(limits)} <bdi>({suffixes})</bdi></p></div>'
        f'<span class="words" id="word-limit-mb">{max_mb:g}</span>'
        f'<span class="words" id="word-limit-files">{max_files}</span>'
    )


def _columns(strings: Strings) -> tuple[tuple[str, str], ...]:
    return (
        ("title", strings.column_title),
        ("language", strings.column_language),
        ("date", strings.column_date),
        ("place", strings.column_place),
        ("file", strings.column_file),
    )


def _column(name: str, text: str, view: View, strings: Strings) -> str:
    sorted_by = "date" if view.sort in ("newest", "oldest") else view.sort
    kind, sign = f"column-{name}", ""
    if name == sorted_by:
        down = view.sort == "newest"
        kind, sign = f"{kind} {'sorted-down' if down else 'sorted-up'}", " ▾" if down else " ▴"
    return f'<th scope="col" class="{kind}">{button("do-sort", f"sort-{name}", text + sign)}</th>'


def _report_row(article: Article, strings: Strings) -> str:
    id, title = escape(article.id), article.title or strings.untitled
    where = PurePath(article.location).name if article.location else article.id
    ask = button("act do-ask-about", f"ask-{article.id}", strings.ask_about, sign="?")
    remove = button("act do-remove-one", f"remove-{article.id}", strings.remove, sign="×")
    lang, direction = escape(article.language), strings.direction(article.language)
    return (
        f'<tr><td><label><input type="checkbox" class="pick" id="pick-{id}" value="{id}"><span class="sr">'
        f'{escape(title)}</span></label></td><th scope="row" class="column-title"><button type="button" '
        f'class="do-read" id="read-{id}" lang="{lang}" dir="{direction}">{escape(title)}</button></th>'
        f'<td class="column-language">{escape(strings.language(article.language))}</td>'
        f'<td class="column-date">{escape(strings.day(article.published))}</td>'
        f'<td class="column-place">{escape(", ".join(article.places[:2]))}</td>'
        f'<td class="column-file" title="{escape(where)}"><bdi>{escape(where)}</bdi></td>'
        f'<td class="column-acts">{ask}{remove}</td></tr>'
    )
