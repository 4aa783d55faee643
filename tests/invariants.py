"""What holds for every text, however bad: each check raises AssertionError where it does not.

The property tests (hypothesis) and the fuzzers (`tests/fuzz`) call the same checks.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence

from html_reader import Reader
from markdown_it import MarkdownIt

from rag.errors import ArticleError
from rag.language import find_dates, find_numbers, number_values
from rag.models import Article, Citation, Passage
from rag.retrieval.phrases import offsets, squeezed
from rag.sources import (
    Draft,
    blocks,
    embedding_text,
    make_article,
    reading_parts,
    reading_view,
    sentences,
    windows,
)
from rag.sources.content import Content
from rag.sources.files import make_draft
from rag.sources.formats import Format
from rag.sources.passages import APART, STRETCH
from rag.sources.reading_view import View
from rag.verification import missing
from ui import evidence
from ui.markup import escape, source_link
from ui.strings import ENGLISH

# What subtitles hold beside their words; with it, not every digit is evidence.
_SUBTITLES = ("-->", "WEBVTT")
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
AIMS = (100, 900)
# Tags and attributes that the page may hold; a report adds none.
TAGS = frozenset("a article blockquote button div h2 h3 li mark p section span strong table td th tr ul".split())
ATTRIBUTES = frozenset("class dir href id lang rel role tabindex target title type".split())


def check_draft(draft: Draft) -> None:
    """A draft is NFC text that can be stored, hashed and written."""
    assert draft.text.strip() and draft.text == unicodedata.normalize("NFC", draft.text)
    for said in (draft.text, draft.metadata.title, draft.metadata.language, draft.metadata.source_url):
        said.encode("utf-8")
    for said in (*draft.metadata.authors, *draft.warnings):
        said.encode("utf-8")


def check_read(reader: Format, data: bytes) -> Article | None:
    """Bytes of any kind are a report, or refused by an error that names the place."""
    try:
        content: Content = reader.read(data, "reports/x")
        draft = make_draft(content, "reports/x")
        check_draft(draft)
        assert not re.search("[\x00-\x08\x0e-\x1f\x7f]", draft.text)
        article = make_article(draft, id="x")
    except ArticleError as refused:
        assert refused.location == "reports/x" and refused.reason
        return None
    check_article(article)
    return article


def check_article(article: Article) -> None:
    """Blocks, sentences and windows lie in the body, in order, and hold all of its letters and digits once."""
    text, end = article.text, article.body_end
    assert 0 <= end <= len(text)
    for said in (article.title, article.language, article.id, *article.places, *article.authors):
        said.encode("utf-8")
    found = sentences(article)
    _in_order(article, found)
    assert all(one.end <= other.start for one, other in zip(found, found[1:], strict=False)), "sentences overlap"
    if not any(word in text for word in _SUBTITLES):
        _covered(text, [(one.start, one.end) for one in found], end)
    for aim in AIMS:
        held = windows(article, aim=aim)
        _in_order(article, held)
        assert all(any(one.start <= own.start and own.end <= one.end for one in held) for own in found)
        longest = max((own.end - own.start for own in found), default=0) + APART
        assert all(one.end - one.start <= max(STRETCH * aim, aim + 2 * longest) for one in held), "too long"
    for passage in found[:3]:
        assert "\0" not in embedding_text(article, passage)
    check_views(article)


def check_views(article: Article) -> None:
    """A view's pieces are the report's characters, and an offset goes there and back."""
    text = article.text
    found = blocks(article)
    assert all(one.end <= other.start for one, other in zip(found, found[1:], strict=False)), "blocks overlap"
    for block in found:
        assert 0 <= block.start < block.end <= article.body_end
        check_view(text, block.view, block.start, block.end)
    check_view(text, reading_view(article, 0, len(text)), 0, len(text))
    cuts = sorted({0, len(text), len(text) // 3, len(text) * 2 // 3, *(block.start + 1 for block in found[:3])})
    for start, end in zip(cuts, cuts[1:], strict=False):
        check_view(text, reading_view(article, start, end), start, end)
        for view in reading_parts(article, start, end):
            check_view(text, view, start, end)


def check_view(text: str, view: View, start: int, end: int) -> None:
    """The pieces of a view of `text[start:end]`."""
    at = 0
    for piece in view.pieces:
        assert at <= piece.at and piece.length > 0, "pieces overlap in the view"
        at = piece.at + piece.length
        assert at <= len(view.text)
        said, written = view.text[piece.at : at], text[piece.start : piece.start + piece.length]
        assert said == written or said == "".join(map(_narrow, said, written))
        assert piece.borrowed or start <= piece.start < piece.start + piece.length <= end
    own = [piece for piece in view.pieces if not piece.borrowed]
    assert all(one.start + one.length <= other.start for one, other in zip(own, own[1:], strict=False))
    for piece in own:
        assert view.place(piece.at, piece.at + piece.length) == (piece.start, piece.start + piece.length)
        assert view.at(piece.start) == piece.at


def check_phrases(article: Article, start: int, end: int) -> None:
    """What stands in a report is found there: squeezing a part gives a part of what squeezing the whole gives."""
    text = article.text
    whole, at = squeezed(text), offsets(text)
    assert len(whole) == len(at) and all(one < other for one, other in zip(at, at[1:], strict=False))
    wanted = squeezed(text[start:end].strip())
    if not any(map(str.isalnum, wanted)):
        return
    place = whole.find(wanted)
    assert place >= 0, "a phrase of the report is not found in it"
    found = text[at[place] : at[place + len(wanted) - 1] + 1]
    assert squeezed(found) == wanted


def check_values(text: str, language: str) -> None:
    """Numbers and dates lie in the text, in order, without overlap, and dates are of the calendar."""
    at = 0
    for number in find_numbers(text, language):
        assert at <= number.start < number.end <= len(text), "numbers overlap"
        at = number.end
        assert number.values and all(number.values)
    at = 0
    for day in find_dates(text, language):
        assert at <= day.start < day.end <= len(text), "dates overlap"
        at = day.end
        assert day.year or day.month
        if day.year and day.month and day.day:
            assert day.full is not None, "a date that is in no calendar"
    assert all(number_values(text, language))


def check_verified(article: Article) -> None:
    """A sentence proves itself, and so does the report's text that it stands in; a figure of nowhere is missing."""
    for passage in sentences(article)[:5]:
        quote = passage.text
        assert missing(quote, article.language, article, [quote]) == "", "a quote does not prove itself"
        odd = "48271936"
        if odd not in article.text:
            assert missing(f"{quote} ({odd})", article.language, article, [quote]), "an invented figure passes"


def check_written(text: str) -> None:
    """Escaped text is text to HTML and to Markdown, and all of it."""
    made = escape(text)
    assert "\n" not in made and "<" not in made
    seen = Reader(f"<p>{made}</p>")
    assert seen.tags == ["p"] and seen.attributes == []
    wanted = re.sub("[\0\ud800-\udfff]", "\ufffd", text).replace("\r", "")
    assert seen.text == wanted
    seen = Reader(f'<p title="{made}"></p>')
    assert seen.attributes == [("title", wanted)]
    rendered = Reader(_MARKDOWN.render(f"<div>{made}</div>\n\nx {made} y"))
    assert set(rendered.tags) <= {"div", "p"} and rendered.attributes == []
    link = Reader(source_link(text, ENGLISH))
    assert all(value and value.startswith(("http://", "https://")) for name, value in link.attributes if name == "href")


def check_shown(article: Article, spans: Sequence[tuple[int, int]]) -> None:
    """A report on the page: its text and nothing else of it, and each mark is what is cited."""
    cited = [
        Citation(number, article.id, article.title, article.language, article.published, article.source_url, a, b, q)
        for number, (a, b) in enumerate(spans, 1)
        if (q := article.text[a:b])
    ]
    plain = article.text.replace("\0", "\ufffd").replace("\r", "")
    seen = Reader(f"<div>{evidence.report_html(article, cited, 1, ENGLISH)}</div>")
    numbers = sum(len(str(citation.number)) for citation in cited)
    assert len(seen.text) == len(plain) + numbers and set(seen.tags) <= TAGS
    whole = Reader(evidence.reader_html(article, ENGLISH, span=spans[0] if cited else None))
    assert set(whole.tags) <= TAGS and {name for name, _ in whole.attributes} <= ATTRIBUTES


def check_json(made: str) -> None:
    """JSON that any reader takes: no lone half of a character."""
    made.encode("utf-8")
    json.loads(made)


_MARKDOWN = MarkdownIt("commonmark", {"html": True, "linkify": False}).enable(["table", "strikethrough"])


def _narrow(said: str, written: str) -> str:
    return chr(_WIDE[ord(written)]) if ord(written) in _WIDE and said != written else written


def _in_order(article: Article, found: Sequence[Passage]) -> None:
    at = 0
    for passage in found:
        assert at <= passage.start < passage.end <= article.body_end, "out of order, empty, or behind the body"
        assert article.text[passage.start : passage.end] == passage.text
        at = passage.start


def _covered(text: str, spans: Sequence[tuple[int, int]], end: int) -> None:
    at = 0
    for start, stop in [*spans, (end, end)]:
        left = text[at:start]
        assert not any(map(str.isalnum, left)), f"in no sentence: {left!r}"
        at = stop
