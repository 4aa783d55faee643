"""Reports and citations -> the escaped HTML of the sources panel: cards, and reports with marked sentences.

Independent of Gradio, of the conversation, and of where answers come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rag.models import Answer, Article, Citation, Filtered, Hit, Passage
from ui import confidence_words
from ui.computed_days import computed_days
from ui.markup import button, chip, copy_link, escape, heading, section, source_link
from ui.strings import Strings
from ui.tables import tables

REPORT_CHARS = 60_000  # a longer report is shown around its cited sentences only
CONTEXT_CHARS = 4_000
EVIDENCE_CARDS = 8
COLLECTION_ROWS = 40


def welcome_html(articles: Sequence[Article], strings: Strings) -> str:
    """The panel before the first question: what the collection holds."""
    if not articles:
        way = button("goto do-goto", "goto-collection", strings.upload)
        return section("sources", "", strings.sources, "", f"<p>{escape(strings.empty_collection)}</p><p>{way}</p>")
    rows = "".join(f"<li>{heading(article, strings)}</li>" for article in articles[:COLLECTION_ROWS])
    if (more := len(articles) - COLLECTION_ROWS) > 0:
        rows += f"<li>{escape(strings.count(strings.more_reports, more))}</li>"
    body = f'<p class="label">{escape(strings.collection)}</p><ul>{rows}</ul>'
    return section("collection", "", strings.sources, strings.sources_intro, body)


def found_html(hits: Sequence[Hit], turn: int, strings: Strings) -> str:
    """The sentences that were found, before any text of the answer."""
    return _hits("found", hits, turn, strings.found_title, strings.found_note, strings, strings.no_evidence)


def nearest_html(hits: Sequence[Hit], turn: int, strings: Strings, filtered: Filtered | None = None) -> str:
    """The sentences that come closest to a question that the reports do not answer; `filtered` as in its answer."""
    unread = filtered is not None and not filtered.admitted
    none = strings.no_match if unread else strings.no_evidence
    return _hits("nearest", hits, turn, strings.nearest_title, strings.nearest_note, strings, none)


def reader_html(article: Article, strings: Strings, *, span: tuple[int, int] | None = None, told: str = "") -> str:
    """One whole report, as opened from the collection; `article.text[start:end]` of `span` is marked.

    `told` is shown above the text.
    """
    ask = button("act do-ask-about", f"ask-{article.id}", strings.ask_about)
    marked: list[Citation] = []
    link = ""
    if span:
        quote = article.text[span[0] : span[1]]
        marked = [Citation(0, article.id, "", article.language, article.published, None, *span, quote)]
        link = copy_link("reader", article.id, *span, quote, strings)
    days = _days(marked, strings)
    foot = f'<p class="foot">{ask}{link}{source_link(article.source_url, strings)}</p>'
    hint = f'<p class="hint" role="status">{escape(told)}</p>' if told else ""
    text = _report(article, marked, 0, strings)
    return f'<article class="card open reader">{heading(article, strings)}{hint}{days}{text}{foot}</article>'


def context_html(article: Article, around: Passage, start: int, end: int, strings: Strings) -> str:
    """A quote, `article.text[start:end]`, among the sentences before and after it."""
    before, after = article.text[around.start : start], article.text[end : around.end]
    quote = f'<span class="sought">{escape(article.text[start:end])}</span>'
    return (
        f'<blockquote class="context" lang="{escape(article.language)}" dir="{strings.direction(article.language)}" '
        f'tabindex="-1">{escape(before)}{quote}{escape(after)}</blockquote>'
    )


def cited_html(answer: Answer, articles: Mapping[str, Article], turn: int, strings: Strings) -> str:
    """One card per cited report, in order of its first citation, with the whole text and its sentences marked."""
    by_report: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        by_report.setdefault(citation.article_id, []).append(citation)
    said = confidence_words.beside_quotes(answer, strings)
    cards = "".join(_cited_card(cited, articles.get(key), said, turn, strings) for key, cited in by_report.items())
    asked = strings.sources_for.format(question=answer.question)
    return section("cited", f"sources-{turn}", strings.cited_title, asked, cards)


def report_html(article: Article, citations: Iterable[Citation], turn: int, strings: Strings) -> str:
    """The text of a report with `article.text[start:end]` of each citation inside `<mark>`.

    Overlapping sentences share marks: a mark names every citation that covers it. A citation whose offsets no longer
    match its quote marks nothing; one with the number 0 gets no badge. Past `REPORT_CHARS` code points only the
    surroundings are shown. Tables are drawn; a mark in one ends with its cell and goes on in the next.
    """
    true = [c for c in citations if c.start < c.end and article.text[c.start : c.end] == c.quote]
    seen: set[int] = set()
    parts: list[str] = []
    at = 0
    for low, high in _shown(article, true):
        parts.append(_gap(low - at, strings))
        drawn = tables(article.text, low, high)
        cuts = {low, high, article.body_end, *(c.start for c in true), *(c.end for c in true), *drawn.edges}
        inside = sorted(cut for cut in cuts if low <= cut <= high)
        for start, end in zip(inside, inside[1:], strict=False):
            covering = [c.number for c in true if c.start <= start and end <= c.end]
            piece = escape(article.text[start:end])
            if start in drawn.bars:
                piece = f'<span class="bar">{piece}</span>'
            parts.append(drawn.tags.get(start, ""))
            if covering:
                parts.append(_mark(piece, covering, turn, seen))
            else:
                parts.append(piece if start < article.body_end else f'<span class="furniture">{piece}</span>')
        parts.append(drawn.tags.get(high, ""))
        at = high
    parts.append(_gap(len(article.text) - at, strings))
    return "".join(parts)


def _shown(article: Article, citations: Sequence[Citation]) -> list[tuple[int, int]]:
    size = len(article.text)
    if size <= REPORT_CHARS:
        return [(0, size)]
    ranges: list[tuple[int, int]] = []
    for c in sorted(citations, key=lambda citation: citation.start):
        low, high = max(0, c.start - CONTEXT_CHARS), min(size, c.end + CONTEXT_CHARS)
        if ranges and low <= ranges[-1][1]:
            low, high = ranges[-1][0], max(high, ranges.pop()[1])
        ranges.append((low, high))
    return ranges or [(0, REPORT_CHARS)]


def _gap(size: int, strings: Strings) -> str:
    return f'<span class="gap">{escape(strings.count(strings.left_out, size))}</span>' if size > 0 else ""


def _mark(piece: str, numbers: Sequence[int], turn: int, seen: set[int]) -> str:
    fresh = [number for number in numbers if number and number not in seen]
    seen.update(fresh)
    anchors = "".join(
        f'<span class="number" id="citation-{turn}-{number}" tabindex="-1">{number}</span>' for number in fresh
    )
    names = " ".join(f"for-{turn}-{number}" for number in numbers)
    return f'{anchors}<mark class="{names}">{piece}</mark>'


def _cited_card(
    citations: Sequence[Citation], article: Article | None, said: Mapping[int, str], turn: int, strings: Strings
) -> str:
    head = heading(article or citations[0], strings, tuple(c.number for c in citations))
    head += "".join(
        f'<p class="odds" dir="auto">{c.number} · {escape(said[c.number])}</p>' for c in citations if c.number in said
    )
    lost = [c for c in citations if article is None or article.text[c.start : c.end] != c.quote]
    body = "".join(
        f'<blockquote id="citation-{turn}-{c.number}" lang="{escape(c.language)}" '
        f'dir="{strings.direction(c.language)}" tabindex="-1">'
        f'<span class="number">{c.number}</span>{escape(c.quote)}</blockquote>'
        for c in lost
    )
    if lost:
        body += f'<p class="hint">{escape(strings.changed if article else strings.report_removed)}</p>'
    if article is not None:
        fold = (
            f'<button type="button" class="expand do-expand"><span class="more">{escape(strings.expand)}</span>'
            f'<span class="less">{escape(strings.collapse)}</span></button>'
        )
        foot = f'<p class="foot">{fold}{source_link(article.source_url, strings)}</p>'
        body += _report(article, citations, turn, strings) + foot
    body += _days(citations, strings)
    if article is not None:
        body += "".join(_controls(c, turn, strings) for c in citations if c not in lost)
    shown = [c for c in citations if c.gloss or c not in lost]  # what is gone cannot be translated any more
    body += "".join(_gloss(f"{turn}-c{c.number}", c.gloss, str(c.number), strings) for c in shown)
    return f'<article class="card">{head}{body}</article>'


def _controls(citation: Citation, turn: int, strings: Strings) -> str:
    """What can be done with a quote: see the sentences around it, copy a link to it."""
    place = f"{turn}-c{citation.number}"
    around = button("surround do-context", f"context-{place}", strings.context, number=str(citation.number))
    link = copy_link(place, citation.article_id, citation.start, citation.end, citation.quote, strings)
    return f'<div class="spot"><div class="around" id="around-{place}">{around}</div>{link}</div>'


def _days(citations: Iterable[Citation], strings: Strings) -> str:
    """The relative days of quotes with their dates, marked as computed."""
    return "".join(
        f'<p class="days">{f"{c.number} · " if c.number else ""}{escape(one.told(strings))}</p>'
        for c in citations
        for one in computed_days(c.quote, c.language, c.published)
    )


def _report(article: Article, citations: Iterable[Citation], turn: int, strings: Strings) -> str:
    text = report_html(article, citations, turn, strings)
    return (
        f'<div class="report" lang="{escape(article.language)}" dir="{strings.direction(article.language)}" '
        f'tabindex="0" role="region"'
        f' title="{escape(strings.report_text)}">{text}</div>'
    )


def gloss_html(text: str, number: str, strings: Strings) -> str:
    """A sentence in the asker's language, labelled as a machine translation. `number` is its citation's, or ""."""
    label = chip(f"{number} · {strings.gloss}" if number else strings.gloss)
    hint = f'<span class="hint">{escape(strings.gloss_note)}</span>'
    return f'<p class="gloss">{label} <span class="translated" dir="auto">{escape(text)}</span> {hint}</p>'


def _gloss(place: str, made: str | None, number: str, strings: Strings) -> str:
    if made:
        return gloss_html(made, number, strings)
    ask = button("translate do-translate", f"translate-{place}", strings.translate, number=number)
    return f'<div class="glossary" id="gloss-{place}">{ask}</div>'


def _hits(kind: str, hits: Sequence[Hit], turn: int, title: str, note: str, strings: Strings, none: str) -> str:
    """The sentences; `none` is said where there are none."""
    cards: list[str] = []
    seen: set[tuple[str, int, int]] = set()
    for rank, hit in enumerate(hits):
        sentence = hit.sentence or hit.passage
        place = (sentence.article_id, sentence.start, sentence.end)
        if place in seen or len(cards) == EVIDENCE_CARDS:
            continue
        seen.add(place)
        spot = _spot_of(hit.article, sentence)
        body = _in_context(hit, sentence, strings) + _days([spot], strings)
        if kind == "nearest":
            link = copy_link(f"{turn}-h{rank}", hit.article.id, sentence.start, sentence.end, sentence.text, strings)
            body += f'<div class="spot">{_gloss(f"{turn}-h{rank}", None, "", strings)}{link}</div>'
            body += _whole(hit.article, sentence, turn, strings)
        cards.append(f'<article class="card">{heading(hit.article, strings)}{body}</article>')
    body = "".join(cards) or f"<p>{escape(none)}</p>"
    return section(kind, f"sources-{turn}", title, note if cards else "", body)


def _spot_of(article: Article, sentence: Passage) -> Citation:
    """A sentence as a citation without a number."""
    places = sentence.start, sentence.end, sentence.text
    return Citation(0, article.id, "", article.language, article.published, None, *places)


def _in_context(hit: Hit, sentence: Passage, strings: Strings) -> str:
    """The sentence, among the others of its window if it is in it."""
    window = hit.passage
    start, end = sentence.start - window.start, sentence.end - window.start
    before, after = "", ""
    if 0 <= start and window.text[start:end] == sentence.text:
        before, after = escape(window.text[:start].lstrip()), escape(window.text[end:].rstrip())
    text = f'<span class="sought">{escape(sentence.text)}</span>'
    language = hit.article.language
    told = f"{before}{text}{after}"
    return f'<blockquote lang="{escape(language)}" dir="{strings.direction(language)}">{told}</blockquote>'


def _whole(article: Article, sentence: Passage, turn: int, strings: Strings) -> str:
    if not article.text:
        return ""
    spot = _spot_of(article, sentence)
    link = source_link(article.source_url, strings)
    foot = f'<p class="foot">{link}</p>' if link else ""
    return (
        f'<details class="whole"><summary>{escape(strings.expand)}</summary>'
        f"{_report(article, [spot], turn, strings)}{foot}</details>"
    )
