"""Reports, citations and answers -> escaped HTML. The only place of the project where HTML is made.

Report text, questions and answers are hostile: each reaches the page through `escape` and nothing else. What comes
out is one line without a blank one, because it passes through Markdown renderers whose sanitiser keeps `class`, `id`,
`lang`, `title` and `tabindex` and drops `data-*` and `aria-*`; words for screen readers are therefore spans.
This module knows nothing of Gradio, nor of where answers come from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from rag.models import Answer, Article, Citation, Hit
from ui.strings import Strings

REPORT_CHARS = 60_000  # a longer report is shown around its cited sentences only
CONTEXT_CHARS = 4_000
EVIDENCE_CARDS = 8
COLLECTION_ROWS = 40

_ACTIVE = re.compile(r"[!-/:-@\[-`{-~]")  # all ASCII punctuation: HTML, Markdown, autolinks and TeX need some of it
_MARKER = re.compile(r"\[(\d{1,3})\]")


def escape(text: str) -> str:
    """Text that neither HTML nor Markdown can read anything into; line ends become `&#10;`."""
    plain = text.replace("\0", "\N{REPLACEMENT CHARACTER}").replace("\r", "")
    return _ACTIVE.sub(lambda found: f"&#{ord(found[0])};", plain).replace("\n", "&#10;").replace("\t", "&#9;")


def question_html(question: str) -> str:
    """What the person asked, as it was typed."""
    return f'<div class="question" dir="auto">{escape(question)}</div>'


def status_html(text: str) -> str:
    """What is being done, until the first word comes."""
    return f'<div class="status">{escape(text)}</div>'


def words_html(text: str) -> str:
    """The answer so far; its markers are no links yet, for their citations are not known."""
    return f'<div class="answer writing" dir="auto">{_with_markers(text, {}, 0, "")}</div>'


def problem_html(message: str, written: str, strings: Strings) -> str:
    """Why there is no (whole) answer, after the words that had come."""
    return f"{words_html(written) if written else ''}{_note('problem', '!', strings.problem, message)}"


def stopped_html(written: str, strings: Strings) -> str:
    """The words that had come when the person stopped the answer."""
    return f"{words_html(written) if written else ''}{_note('halted', '■', strings.stopped)}"


def answer_html(answer: Answer, turn: int, strings: Strings) -> str:
    """The whole answer, each marker a link to its sentence, and how far it is proven.

    `turn` counts the questions of the conversation, so that ids stay apart.
    """
    lang = escape(answer.language)
    if not answer.answered:
        label = _note("verdict", "∅", strings.declined)
        return f'<div class="answer declined" lang="{lang}" dir="auto">{label}{escape(answer.text)}</div>'
    known = {citation.number: citation for citation in answer.citations}
    words = _with_markers(answer.text, known, turn, strings.show_source)
    if any(claim.support == "weak" for claim in answer.claims):
        note = _note("verdict weak", "≈", strings.weak)
    else:
        note = _note("verdict", "✓", strings.count(strings.proven, len(known)))
    return f'<div class="answer" lang="{lang}" dir="auto">{words}</div>{note}'


def welcome_html(articles: Sequence[Article], strings: Strings) -> str:
    """The panel before the first question: what the collection holds."""
    if not articles:
        return _section("sources", "", strings.sources, "", f"<p>{escape(strings.empty_collection)}</p>")
    rows = "".join(f"<li>{_heading(article, strings)}</li>" for article in articles[:COLLECTION_ROWS])
    if (more := len(articles) - COLLECTION_ROWS) > 0:
        rows += f"<li>{escape(strings.count(strings.more_reports, more))}</li>"
    body = f"<h3>{escape(strings.collection)}</h3><ul>{rows}</ul>"
    return _section("collection", "", strings.sources, strings.sources_intro, body)


def summary_html(articles: Sequence[Article], strings: Strings) -> str:
    """The head of the page: name, purpose, and how many reports in which languages."""
    names = sorted({strings.language(article.language) for article in articles})
    chips = "".join(_chip(name) for name in (strings.count(strings.reports, len(articles)), *names[:8]))
    head = f"<h1>{escape(strings.title)}</h1><p>{escape(strings.tagline)}</p>"
    words = f'<div class="words" id="word-send">{escape(strings.send)}</div>'
    words += f'<div class="words" id="word-stop">{escape(strings.stop)}</div>'
    return f'<div class="masthead"><div>{head}</div><div class="chips">{chips}</div>{words}</div>'


def found_html(hits: Sequence[Hit], turn: int, strings: Strings) -> str:
    """The sentences that were found, before any word of the answer."""
    return _hits("found", hits, turn, strings.found_title, strings.found_note, strings)


def nearest_html(hits: Sequence[Hit], turn: int, strings: Strings) -> str:
    """The sentences that come closest to a question which the reports do not answer."""
    return _hits("nearest", hits, turn, strings.nearest_title, strings.nearest_note, strings)


def cited_html(answer: Answer, articles: Mapping[str, Article], turn: int, strings: Strings) -> str:
    """One card a cited report, in the order of its first citation, with the whole text and its sentences marked."""
    by_report: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        by_report.setdefault(citation.article_id, []).append(citation)
    cards = "".join(_cited_card(cited, articles.get(key), turn, strings) for key, cited in by_report.items())
    asked = strings.sources_for.format(question=answer.question)
    return _section("cited", f"sources-{turn}", strings.cited_title, asked, cards)


def report_html(article: Article, citations: Iterable[Citation], turn: int, strings: Strings) -> str:
    """The text of a report with `article.text[start:end]` of each citation inside `<mark>`.

    Sentences that overlap share marks: a mark names every citation that covers it. A citation whose offsets no
    longer hold its quote marks nothing. Past `REPORT_CHARS` code points only the surroundings are shown.
    """
    true = [c for c in citations if c.start < c.end and article.text[c.start : c.end] == c.quote]
    seen: set[int] = set()
    parts: list[str] = []
    at = 0
    for low, high in _shown(article, true):
        parts.append(_gap(low - at, strings))
        cuts = {low, high, article.body_end, *(c.start for c in true), *(c.end for c in true)}
        inside = sorted(cut for cut in cuts if low <= cut <= high)
        for start, end in zip(inside, inside[1:], strict=False):
            covering = [c.number for c in true if c.start <= start and end <= c.end]
            piece = escape(article.text[start:end])
            if covering:
                parts.append(_mark(piece, covering, turn, seen))
            else:
                parts.append(piece if start < article.body_end else f'<span class="furniture">{piece}</span>')
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
    fresh = [number for number in numbers if number not in seen]
    seen.update(fresh)
    anchors = "".join(
        f'<span class="number" id="citation-{turn}-{number}" tabindex="-1">{number}</span>' for number in fresh
    )
    names = " ".join(f"for-{turn}-{number}" for number in numbers)
    return f'{anchors}<mark class="{names}">{piece}</mark>'


def _cited_card(citations: Sequence[Citation], article: Article | None, turn: int, strings: Strings) -> str:
    first = citations[0]
    head = _heading(article or first, strings, [c.number for c in citations])
    lost = [c for c in citations if article is None or article.text[c.start : c.end] != c.quote]
    body = "".join(
        f'<blockquote id="citation-{turn}-{c.number}" lang="{escape(c.language)}" dir="auto" tabindex="-1">'
        f'<span class="number">{c.number}</span>{escape(c.quote)}</blockquote>'
        for c in lost
    )
    if lost:
        body += f'<p class="hint">{escape(strings.changed)}</p>'
    body += "".join(_gloss(c, strings) for c in citations if c.gloss)
    if article is not None:
        text = report_html(article, citations, turn, strings)
        body += (
            f'<div class="report" lang="{escape(article.language)}" dir="auto" tabindex="0" role="region"'
            f' title="{escape(strings.report_text)}">{text}</div>'
            f'<p class="foot"><button type="button" class="expand"><span class="more">{escape(strings.expand)}</span>'
            f'<span class="less">{escape(strings.collapse)}</span></button>{_source(article.source_url, strings)}</p>'
        )
    return f'<article class="card">{head}{body}</article>'


def _gloss(citation: Citation, strings: Strings) -> str:
    label = f'<span class="chip">{citation.number} · {escape(strings.gloss)}</span>'
    return f'<p class="gloss" dir="auto">{label} {escape(citation.gloss or "")}</p>'


def _hits(kind: str, hits: Sequence[Hit], turn: int, title: str, note: str, strings: Strings) -> str:
    cards: list[str] = []
    seen: set[tuple[str, int, int]] = set()
    for hit in hits:
        sentence = hit.sentence or hit.passage
        place = (sentence.article_id, sentence.start, sentence.end)
        if place in seen or len(cards) == EVIDENCE_CARDS:
            continue
        seen.add(place)
        quote = f'<blockquote lang="{escape(hit.article.language)}" dir="auto">{escape(sentence.text)}</blockquote>'
        cards.append(f'<article class="card">{_heading(hit.article, strings)}{quote}</article>')
    body = "".join(cards) or f"<p>{escape(strings.no_evidence)}</p>"
    return _section(kind, f"sources-{turn}", title, note if cards else "", body)


def _heading(report: Article | Citation, strings: Strings, numbers: Sequence[int] = ()) -> str:
    badges = "".join(f'<span class="badge">{number}</span>' for number in numbers)
    badges = f'<div class="badges">{badges}</div>' if numbers else ""
    place = ", ".join(report.places[:2]) if isinstance(report, Article) else ""
    meta = "".join(_chip(x) for x in (strings.language(report.language), strings.day(report.published), place) if x)
    title = escape(report.title or strings.untitled)
    lang = escape(report.language)
    return f'<div class="head">{badges}<h4 lang="{lang}" dir="auto">{title}</h4><p class="chips">{meta}</p></div>'


def _section(kind: str, anchor: str, title: str, note: str, body: str) -> str:
    name = f' id="{anchor}"' if anchor else ""
    hint = f'<p class="hint" dir="auto">{escape(note)}</p>' if note else ""
    return f'<section class="sources {kind}"{name}><h2>{escape(title)}</h2>{hint}{body}</section>'


def _with_markers(text: str, known: Mapping[int, Citation], turn: int, label: str) -> str:
    parts: list[str] = []
    at = 0
    for found in _MARKER.finditer(text):
        parts.append(escape(text[at : found.start()]))
        parts.append(_marker(found, known.get(int(found[1])), turn, label))
        at = found.end()
    parts.append(escape(text[at:]))
    return "".join(parts).replace("&#10;", "<br>")


def _marker(found: re.Match[str], citation: Citation | None, turn: int, label: str) -> str:
    if citation is None:
        return escape(found[0])
    return (
        f'<a class="marker" href="#citation-{turn}-{citation.number}" title="{escape(citation.quote)}">'
        f'<span class="sr">{escape(label)} </span>{citation.number}</a>'
    )


def _note(kind: str, sign: str, title: str, text: str = "") -> str:
    rest = f": {escape(text)}" if text else ""
    return f'<div class="note {kind}"><span class="sign">{sign}</span> <strong>{escape(title)}</strong>{rest}</div>'


def _chip(text: str) -> str:
    return f'<span class="chip">{escape(text)}</span>'


def _source(address: str | None, strings: Strings) -> str:
    if not address or not address.startswith(("https://", "http://")):
        return ""
    label = f"{escape(strings.open_source)} ↗"
    return f'<a class="origin" href="{escape(address)}" target="_blank" rel="noopener noreferrer">{label}</a>'
