"""A conversation -> its HTML: the messages of the chat, and the sources panel.

Both depend only on the conversation and the reports. Independent of Gradio.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from rag.models import Answer, Article, Citation, Hit
from ui import evidence, messages_html
from ui.answer_stream import Asker
from ui.exchanges import Exchange
from ui.markup import button, escape
from ui.strings import Strings

KEPT_SOURCES = 12  # answers per conversation whose sources stay in the panel

Footnoted = Callable[[Answer], str]
# What has become of the reports that an answer cites: edited elsewhere, changed where it was quoted, or gone.
Stale = Literal["", "edited", "changed", "gone"]
_WORSE: tuple[Stale, ...] = ("", "edited", "changed", "gone")


def chat(
    talk: Sequence[Exchange],
    strings: Strings,
    *,
    busy: bool = False,
    place: int = 0,
    footnoted: Footnoted | None = None,
    aged: Mapping[str, Stale] | None = None,
) -> list[dict[str, str]]:
    """The messages of a conversation, for `gr.Chatbot`.

    While `busy`, no retry is offered; `place` is the last question's position in the queue. `footnoted` formats an
    answer for copying. `aged` is the result of `stale`.
    """
    shown: list[dict[str, str]] = []
    install = True  # how to install a translator is shown once
    for turn, past in enumerate(talk, start=1):
        asked = messages_html.question_html(past.question, turn, strings, editable=not busy)
        shown.append({"role": "user", "content": asked})
        last = turn == len(talk) and not busy
        if place and busy and turn == len(talk):
            reply = messages_html.status_html(strings.queue_place.format(n=place))
        else:
            old = _told_of((aged or {}).get(past.id, ""), strings)
            reply = _reply(past, turn, strings, busy=busy, last=last, install=install, footnoted=footnoted, old=old)
            install = install and not (past.answer and messages_html.untranslated(past.answer))
        shown.append({"role": "assistant", "content": reply})
    return shown


def stale(talk: Sequence[Exchange], find: Callable[[str], Article | None]) -> dict[str, Stale]:
    """The ids of exchanges whose cited reports are no longer as they were read; `find` gives a report as it is now."""
    cited = {one.article_id for past in talk if past.answer for one in past.answer.citations}
    now = {id: find(id) for id in cited}
    aged: dict[str, Stale] = {}
    for past in talk:
        states: set[Stale] = {"", *(_state(one, now[one.article_id]) for one in _citations(past))}
        if worst := max(states, key=_WORSE.index):
            aged[past.id] = worst
    return aged


def _citations(past: Exchange) -> Sequence[Citation]:
    return past.answer.citations if past.answer else ()


def _state(citation: Citation, article: Article | None) -> Stale:
    if article is None:
        return "gone"
    if article.text[citation.start : citation.end] != citation.quote:
        return "changed"
    # Older answers do not say which text they were read from.
    return "edited" if citation.sha256 and citation.sha256 != article.sha256 else ""


def _told_of(state: Stale, strings: Strings) -> str:
    told = {"": "", "gone": strings.stale_gone, "changed": strings.stale_changed, "edited": strings.stale_edited}
    return told[state]


def panel(reports: Asker, talk: Sequence[Exchange], strings: Strings) -> str:
    """The sources of the last exchanges, newest first (the style sheet shows one); the collection before any."""
    turns = [(turn, past) for turn, past in enumerate(talk, start=1) if _has_sources(past)]
    if not turns:
        return evidence.welcome_html(reports.articles(), strings)
    return "".join(_sources(reports, past, turn, strings) for turn, past in reversed(turns[-KEPT_SOURCES:]))


def welcome(
    suggestions: Sequence[str], strings: Strings, *, empty: bool, samples: bool = False, model: bool = True
) -> str:
    """What the chat shows before the first question; an `empty` collection needs reports first.

    Also that the reports are `samples`, or that no language `model` is set.
    """
    offers = "".join(
        f'<li><button type="button" class="suggest do-suggest">{escape(question)}</button></li>'
        for question in suggestions
    )
    label = f'<p class="hint">{escape(strings.suggestions)}</p>' if offers else ""
    lost = "" if not empty else button("goto do-goto", "goto-collection", strings.upload)
    told = f'<p class="aside">{escape(strings.samples)}</p>' if samples else ""
    told += "" if model else f'<p class="aside">{escape(strings.no_model)}</p>'
    return (
        f'<div class="welcome"><h2>{escape(strings.welcome)}</h2>{label}<ul class="offers">{offers}</ul>{lost}'
        f"{told}</div>"
    )


def _reply(
    past: Exchange,
    turn: int,
    strings: Strings,
    *,
    busy: bool,
    last: bool,
    install: bool,
    footnoted: Footnoted | None,
    old: str,
) -> str:
    if past.erased:
        return messages_html.erased_html(strings)
    lead = messages_html.lead_html(past.short, past.likely, strings)
    if past.problem:
        return messages_html.problem_html(past.problem, past.written, turn, strings, lead=lead, again=not busy)
    if past.stopped:
        return messages_html.stopped_html(past.written, turn, strings, lead=lead, again=not busy)
    if past.broken_off:
        why = strings.broken_off
        return messages_html.stopped_html(past.written, turn, strings, lead=lead, why=why, again=not busy)
    if past.answer:
        copied = footnoted(past.answer) if footnoted else past.answer.text
        return messages_html.answer_html(
            past.answer,
            turn,
            strings,
            rating=_rating(past),
            copied=copied,
            last=last,
            install=install,
            stale=old,
            again=not busy,
        )
    if past.written or lead:
        return messages_html.words_html(past.written, lead)
    if past.hits is None:
        return messages_html.status_html(strings.searching)
    found = strings.count(strings.found, len(past.hits)) if past.hits else strings.nothing_found
    return messages_html.status_html(found)


def _has_sources(past: Exchange) -> bool:
    talk = past.answer is not None and past.answer.kind == "talk"
    return past.hits is not None and not past.erased and not talk


def _rating(past: Exchange) -> str:
    if past.feedback is None:
        return ""
    return "up" if past.feedback.good else "down"


def _sources(reports: Asker, past: Exchange, turn: int, strings: Strings) -> str:
    hits = past.hits or ()
    if past.answer is None:
        return evidence.found_html(hits, turn, strings)
    if not past.answer.answered:
        whole = [_whole(hit, reports) for hit in hits]
        return evidence.nearest_html(whole, turn, strings, past.answer.filtered)
    texts = {hit.article.id: hit.article for hit in hits if hit.article.text}
    for citation in past.answer.citations:
        if citation.article_id not in texts and (article := reports.article(citation.article_id)):
            texts[article.id] = article
    return evidence.cited_html(past.answer, texts, turn, strings)


def _whole(hit: Hit, reports: Asker) -> Hit:
    """The hit with the text of its report, which a stored conversation lacks."""
    if hit.article.text:
        return hit
    article: Article | None = reports.article(hit.article.id)
    return Hit(hit.passage, article, hit.score, hit.dense_rank, hit.lexical_rank, hit.sentence) if article else hit
