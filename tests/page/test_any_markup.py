"""Any text is text on the page and in every export: all of it, and nothing active."""

from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import invariants as hold
from hypothesis import given
from hypothesis import strategies as draw
from markdown_it import MarkdownIt
from odd_texts import articles, spans, texts

from rag.models import Answer, Citation, Claim
from ui.exchanges import Exchange
from ui.export import file_name, to_html, to_json, to_markdown, to_text
from ui.links import link_of, link_to
from ui.strings import ENGLISH

ACTIVE = draw.sampled_from(
    ["<script>alert(1)</script>", "[x](javascript:alert(1))", "![](//evil.example/x)", '" onload="alert(1)', "$x$",
     "<!--", "]]>", "{{7*7}}", "&lt;b&gt;", "# x", "| a |\n| - |", "```", "<https://evil.example>", "\\", "[^1-1]: x"]
)  # fmt: skip
anything = draw.lists(draw.one_of(ACTIVE, texts(storable=False, most=8)), min_size=1, max_size=6).map("".join)
TODAY = date(2024, 8, 1)
_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


class Tags(HTMLParser):
    """Tags and the names and addresses of their attributes."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: set[str] = set()
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses |= {value or "" for name, value in attrs if name in ("href", "src", "action")}


@given(anything)
def test_escaped_text_is_text_to_html_and_to_markdown(text):
    hold.check_written(text)


@given(draw.data(), articles(), anything)
def test_a_report_is_shown_whole_with_its_citations_marked(data, article, title):
    held = replace(article, title=title, places=(title,), authors=(title,), source_url=title, id=title)
    hold.check_shown(held, data.draw(draw.lists(spans(article), min_size=1, max_size=4)))


@given(anything, anything, anything)
def test_an_export_is_inert_and_says_all(text, title, address):
    place = 0, len(text), text
    link = f"https://a.example/{address}"
    cited = Citation(1, title, title, "en", None, link, *place, gloss=title, authors=(text, title))
    claims = (Claim(text, (1,), "supported", 0.97),)
    answer = Answer(text, text, "en", True, f"{text} [1]", claims, (cited,), (), confidence=0.97, short=text)
    talk = [Exchange(title, answer=answer), Exchange(text, problem=text), Exchange(text, written=title, stopped=True)]
    page = to_html(title, talk, ENGLISH, TODAY)
    seen = Tags(page)
    assert seen.tags <= set("html head meta title style body main h1 h2 p section sup a ol li q br span bdi".split())
    assert not any(name.startswith("on") for name in seen.attributes)
    assert all(address.startswith(("#note-", "https://a.example/")) for address in seen.addresses)
    rendered = Tags(_MARKDOWN.render(to_markdown(title, talk, ENGLISH, TODAY)))
    assert rendered.tags <= {"h1", "h2", "p", "em", "strong", "a"}
    assert all(address.startswith("https://a.example/") for address in rendered.addresses)
    hold.check_json(to_json(talk))
    to_text(answer, ENGLISH).encode("utf-8")
    file_name(title, ".md").encode("utf-8")


@given(anything, draw.integers(0, 10**9), draw.integers(1, 10**6), anything)
def test_a_link_leads_back_to_its_sentence(report, start, size, quote):
    from urllib.parse import parse_qsl

    report = "x" + report.encode("utf-8", "replace").decode()
    made = link_to(report, start, start + size, quote)
    link = link_of(dict(parse_qsl(made.removeprefix("?"), keep_blank_values=True)))
    assert link is not None and (link.report, link.start, link.end) == (report, start, start + size)
