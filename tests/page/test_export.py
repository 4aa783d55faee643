"""What is exported reads as the page did, and holds nothing active, whatever reports and people have written."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest
from fake_reports import KIM_BANG, POPULATION, FakeReports, answer, article, citation
from markdown_it import MarkdownIt

from rag.models import Alternative, Answer, Claim, Filtered, Filters, Hit, Passage, Support
from ui.exchanges import Exchange
from ui.export import file_name, to_html, to_json, to_markdown, to_text
from ui.strings import ENGLISH, LANGUAGES, TAGS

DAY = date(2024, 7, 5)
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=https://evil.example/x.png onerror=alert(1)>",
    "![x](https://evil.example/x.png)",
    "[click](javascript:alert(1))",
    "[^1-1]: stolen footnote",
    "[1]: https://evil.example",
    "</q></li></ol><form action=https://evil.example><input></form>",
    '" onmouseover="alert(1)',
    "{{ 7 * 7 }}{% raw %}",
    "`code` **bold** _em_ ~~gone~~ $x$ https://evil.example www.evil.example a@evil.example",
    "# heading",
    "- list",
    "1. list",
    "> quote",
    "&lt;b&gt; &amp; &#60;",
    "a | b",
    "+ x",
    "===",
    "<!-- --> <![CDATA[x]]>",
    "back\\slash \\[x\\]",
]


class Page(HTMLParser):
    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(markup)
        self.close()
        assert not self._open, self._open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if "style" not in self._open:
            self.text += data


def asked(question: str = KIM_BANG, *, support: Support = "supported") -> Exchange:
    exchange = Exchange(question)
    reports = FakeReports()
    reports.support = support
    for event in reports.stream(question):
        exchange = exchange.after(event)
    return exchange


def one(text: str, quote: str | None = None, **more: object) -> Exchange:
    quote = quote or text
    report = article(quote, id="r", **{"title": quote, "source_url": "https://example.org/a b>c", **more})
    cited = citation(report, quote, gloss=quote)
    made = answer(text, f"{text} [1]", [cited], ())
    weak = (Claim(text, (1,), "weak", 0.5),)
    return Exchange(
        text, answer=replace(made, claims=weak, short=f"{text} x x x x", others=(Alternative(text, 0.1, 1),))
    )


def whole(text: str) -> str:
    return " ".join(text.split())


def test_markdown_reads_as_the_conversation_did():
    said = to_markdown("Kim Bảng", [asked(), asked(POPULATION)], ENGLISH, DAY)
    lines = said.split("\n\n")
    assert lines[0] == "# Kim Bảng"
    assert lines[1] == "*Exported on 5 July 2024 from askreports*"
    assert lines[2] == f"## {KIM_BANG}"
    assert lines[3:6] == ["**Proven by 1 sentence**", "**109**", "Kim Bang melaporkan 109 model. [^1-1]"]
    assert lines[6].startswith("[^1-1]: ") and "109 modeli" in lines[6] and "(Polish, No date)" in lines[6]
    assert lines[7] == f"## {POPULATION}"
    assert lines[8] == "**Not found in the reports**"
    assert lines[9] == "Nothing was found in the reports that answers this question."
    assert lines[10] == f"{ENGLISH.nearest_title}. {ENGLISH.nearest_note}"
    closest = lines[11].splitlines()
    assert 0 < len(closest) <= 3 and all(line.startswith("- ") and " — " in line for line in closest)


def test_what_the_filters_left_out_is_exported_with_the_answer():
    filtered = Filtered(admitted=7, of=20, without_date=2)
    for question in (KIM_BANG, POPULATION):
        made = asked(question)
        made = replace(made, answer=replace(made.answer, filtered=filtered))
        for said in (to_markdown("", [made], ENGLISH, DAY), to_html("", [made], ENGLISH, DAY)):
            assert ENGLISH.left.format(admitted=7, of=20) in said


def declined(text: str, source_url: str | None = "https://example.org/a b>c", **more: object) -> Exchange:
    """A question that was declined, with the text as the closest sentence and its report's title."""
    exchange = one(text)
    report = article(text, id="r", title=text, source_url=source_url, **more)
    hit = Hit(Passage("r", 0, len(text), text, "window"), report, 1.0, 1, 1)
    return replace(exchange, answer=replace(exchange.answer, answered=False, claims=(), citations=(), hits=(hit,)))


def test_the_closest_sentences_have_what_their_sources_are_found_and_checked_by():
    exchange = replace(declined("Nothing."), asked_on=DAY)
    report = article("Nothing.", id="r", location="/reports/r.txt")
    for said in (
        to_markdown("", [exchange], ENGLISH, DAY, lambda _: report),
        to_html("", [exchange], ENGLISH, DAY, lambda _: report),
    ):
        for fact in ("r.txt", report.sha256, ENGLISH.day(DAY), "https://example.org/a%20b%3Ec"):
            assert fact in said.split(ENGLISH.nearest_note)[1].replace("\\", "")


@pytest.mark.parametrize("tag", TAGS)
def test_every_export_names_the_authors_of_cited_and_of_closest_reports(tag):
    strings, names = LANGUAGES[tag], ("Mai {Lan}", "علي")
    cited = one("Nothing.", authors=names)
    closest = declined("Nothing.", authors=names)
    for exchange in (cited, closest):
        for said in (to_markdown("", [exchange], strings, DAY), to_html("", [exchange], strings, DAY)):
            assert strings.authors(names) in said.replace("\\", "")
    assert strings.authors(names) in to_text(cited.answer, strings)
    assert json.loads(to_json([cited]))[0]["citations"][0]["authors"] == list(names)
    assert json.loads(to_json([closest]))[0]["hits"][0]["article"]["authors"] == list(names)
    assert "(English, No date)" in to_markdown("", [one("Nothing.")], ENGLISH, DAY), "nothing where they are unknown"


def test_the_filters_themselves_are_exported():
    chosen = Filters(("sv", "it"), date(2024, 5, 1), None, ("a", "b"))
    exchange = replace(asked(), filters=chosen)
    titled = article("Hej.", id="a", title="Bron")
    said = to_markdown("t", [exchange], ENGLISH, DAY, lambda id: titled if id == "a" else None)
    assert "Languages: Swedish and Italian. Reports: Bron; b. From: 1 May 2024." in said
    assert json.loads(to_json([exchange]))[0]["filters"] == {
        "languages": ["sv", "it"],
        "since": "2024-05-01",
        "until": None,
        "articles": ["a", "b"],
    }


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_has_nothing_active_in_it(text):
    said = to_markdown(text, [one(text), Exchange(text, problem=text, written=text), declined(text)], ENGLISH, DAY)
    # Footnotes are GitHub's: for plain CommonMark their definitions are paragraphs and links stay what they are.
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    tokens = [child for token in reader.parse(said) for child in (token, *(token.children or ()))]
    kinds = {token.type for token in tokens}
    links = {token.attrs["href"] for token in tokens if token.type == "link_open"}
    assert links <= {"https://example.org/a%20b%3Ec"}
    assert kinds <= {
        "heading_open", "inline", "text", "heading_close", "paragraph_open", "paragraph_close", "em_open", "em_close",
        "strong_open", "strong_close", "link_open", "link_close", "text_special", "softbreak", "bullet_list_open",
        "bullet_list_close", "list_item_open", "list_item_close",
    }  # fmt: skip
    assert [token.content for token in tokens if token.type == "inline"][0] == said.split("\n")[0].removeprefix("# ")
    plain = whole("".join(token.content for token in tokens if token.type in ("text", "text_special")))
    assert plain.count(whole(text)) >= 6
    assert "https://evil" not in said and not re.search(r"(?<!\\)@evil|www\.evil", said)


@pytest.mark.parametrize("text", HOSTILE)
def test_html_has_nothing_active_in_it(text):
    made = [one(text, language='en" x="y'), Exchange(text, problem=text), declined(text)]
    page = Page(to_html(text, made, ENGLISH, DAY))
    kinds = {tag for tag, _ in page.tags}
    assert kinds <= {
        "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "section", "sup", "a", "ol", "ul",
        "li", "q", "br", "span", "bdi",
    }  # fmt: skip
    names = {name for _, attributes in page.tags for name in attributes}
    assert names <= {
        "lang", "charset", "name", "content", "http-equiv", "dir", "class", "id", "value", "href", "rel"
    }  # fmt: skip
    links = {attributes["href"] for tag, attributes in page.tags if tag == "a"}
    assert links == {"#note-1-1", "https://example.org/a%20b%3Ec"}
    assert whole(page.text).count(whole(text)) >= 6


def test_the_html_file_forbids_itself_to_load_anything():
    page = Page(to_html("t", [asked()], ENGLISH, DAY))
    policy = next(a["content"] for tag, a in page.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy and policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "form", "object"}


def test_every_marker_leads_to_its_note_and_every_note_is_numbered():
    both = [asked(), asked()]
    page = Page(to_html("t", both, ENGLISH, DAY))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = [a["href"][1:] for tag, a in page.tags if tag == "a" and a["href"].startswith("#")]
    assert targets == ["note-1-1", "note-2-1"] and set(targets) <= set(ids)
    assert [attributes["value"] for tag, attributes in page.tags if tag == "li"] == ["1", "1"]
    assert "109 modeli" in page.text


@pytest.mark.parametrize("address", ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "", None])
def test_only_a_web_address_becomes_a_link(address):
    exchange = one("x", source_url=address)
    assert exchange.answer
    both = [exchange, declined("x", address)]
    assert {a["href"] for tag, a in Page(to_html("t", both, ENGLISH, DAY)).tags if tag == "a"} == {"#note-1-1"}
    for said in (to_markdown("t", both, ENGLISH, DAY), to_text(exchange.answer, ENGLISH)):
        assert not address or address not in said


def test_a_marker_without_a_citation_is_only_text():
    made = answer("?", "See [7] and [1].", [citation(article("Ğ.", id="r"), "Ğ.")], ())
    said = to_markdown("t", [Exchange("?", answer=made)], ENGLISH, DAY)
    assert r"See \[7\] and [^1-1]." in said
    assert "See [7] and [1]." in Page(to_html("t", [Exchange("?", answer=made)], ENGLISH, DAY)).text


@pytest.mark.parametrize(
    ("fields", "remark"),
    [
        ({"problem": "koniec"}, f"{ENGLISH.problem}: koniec"),
        ({"stopped": True}, "Stopped"),
        ({"broken_off": True}, ENGLISH.broken_off),
        ({}, ENGLISH.broken_off),
    ],
)
def test_what_has_no_whole_answer_says_so_and_keeps_its_words(fields, remark):
    exchange = Exchange("Ile?", written="Kim Bang\nmelaporkan", **fields)
    said = to_markdown("t", [exchange], ENGLISH, DAY)
    assert f"## Ile?\n\n**{remark}**\n\nKim Bang\n\nmelaporkan\n" in said
    assert remark in Page(to_html("t", [exchange], ENGLISH, DAY)).text


@pytest.mark.parametrize("tag", TAGS)
def test_what_is_only_probable_says_so_and_what_else_it_may_be(tag):
    strings = LANGUAGES[tag]
    exchange = asked(support="weak")
    assert exchange.answer
    sure, rival = strings.percent(0.81), strings.percent(0.12)
    said = to_markdown("t", [exchange], strings, DAY)
    assert f"**{strings.probably} ({' '.join(sure.split())})**\n\n**109**\n\nKim Bang" in said
    assert f"{strings.may_be} 29 [^1-2] ({rival})\n\n[^1-1]: " in said and "\n\n[^1-2]: " in said
    page = to_html("t", [exchange], strings, DAY)
    read = whole(Page(page).text)
    order = [
        f"{strings.probably} ({whole(sure)})",
        "109",
        "melaporkan 109",
        f"{strings.may_be} 29 [2] ({whole(rival)})",
    ]
    assert [read.index(words) for words in order] == sorted(read.index(words) for words in order)
    assert ("a", {"href": "#note-1-2"}) in Page(page).tags
    copied = to_text(exchange.answer, strings)
    assert f"\n\n{strings.probably} ({sure})\n\n{strings.may_be} 29 [2] ({rival})\n\n[1] " in copied
    for proven in (to_markdown("t", [asked()], strings, DAY), to_html("t", [asked()], strings, DAY)):
        assert strings.count(strings.proven, 1) in proven
        assert strings.probably not in proven and strings.may_be not in proven


def test_json_holds_the_short_answer_how_likely_it_is_and_what_else_it_may_be():
    (held,) = json.loads(to_json([asked(support="weak")]))
    assert (held["short"], held["confidence"], held["claims"][0]["probability"]) == ("109", 0.81, 0.81)
    assert held["others"] == [{"short": "29", "probability": 0.12, "citation": 2}]


def test_a_short_answer_whose_words_did_not_come_says_how_likely_it_is():
    stopped = Exchange("Ile?", short="109", likely=0.81, stopped=True)
    assert "**Stopped**\n\n**109 · Probably (81 %)**\n" in to_markdown("t", [stopped], ENGLISH, DAY)


def test_json_is_a_list_of_answers():
    exchanges = [asked(), Exchange("Bao nhiêu?", problem="không"), asked(POPULATION)]
    said = to_json(exchanges)
    held = [Answer.from_dict(data) for data in json.loads(said)]
    assert [answer.question for answer in held] == [KIM_BANG, POPULATION]
    assert exchanges[0].answer and held[0].citations == exchanges[0].answer.citations
    assert "wykwalifikowanej" in said, "letters stay letters"
    assert to_json([]) == "[]\n"


def test_an_answer_is_copied_with_its_footnotes():
    report = article(
        "Wdrożono 109 modeli.", id="r", language="pl", title="Kim Bang", source_url="https://example.org/a"
    )
    cited = citation(replace(report, published=date(2023, 12, 1)), report.text, gloss="109 models\x07 were set up.")
    made = answer("?", "Kim Bang có 109 mô hình. [1]", [cited], ())
    assert to_text(made, LANGUAGES["vi"]) == (
        "Kim Bang có 109 mô hình. [1]\n\n"
        "[1] Wdrożono 109 modeli.\n"
        "    Bản dịch máy: 109 models were set up.\n"
        "    Kim Bang (Tiếng Ba Lan, 1 tháng 12, 2023), https://example.org/a\n"
    )


def test_a_declined_answer_is_copied_as_it_is():
    exchange = asked(POPULATION)
    assert exchange.answer
    assert to_text(exchange.answer, ENGLISH) == "Nothing was found in the reports that answers this question.\n"


@pytest.mark.parametrize("tag", TAGS)
def test_exports_speak_the_language_of_the_page(tag):
    strings = LANGUAGES[tag]
    exchanges = [asked(POPULATION), Exchange("Ğđżñßả?", broken_off=True)]
    page = to_html("Ğđżñßả", exchanges, strings, DAY)
    assert f'<html lang="{tag}">' in page
    for said in (Page(page).text, to_markdown("Ğđżñßả", exchanges, strings, DAY)):
        assert strings.declined in said and strings.broken_off in said and "Ğđżñßả" in said
        assert strings.exported.format(date=strings.day(DAY)) in said


def test_an_empty_conversation_is_exported_empty():
    assert to_markdown("t", [], ENGLISH, DAY) == "# t\n\n*Exported on 5 July 2024 from askreports*\n"
    assert "<section>" not in to_html("t", [], ENGLISH, DAY)


@pytest.mark.parametrize(
    ("title", "name"), [("Kaç köprü?", "Kaç köprü.md"), ("../x", "x.md"), ("\u202e", "askreports.md")]
)
def test_the_file_is_named_after_the_conversation(title, name):
    assert file_name(title, ".md") == name


RECORDED = article(
    "Gestern schloss das Museum.", id="museum-1", language="de", published=date(2024, 7, 4),
    location="/reports/museum.txt", source_url="https://example.org/museum",
)  # fmt: skip


def recorded(language: str = "de") -> Exchange:
    made = answer("Wann?", "Gestern. [1]", [citation(RECORDED, RECORDED.text)], [], language)
    return Exchange("Wann?", answer=made, asked_on=date(2024, 7, 6))


def find(id: str):
    return RECORDED if id == RECORDED.id else None


def test_each_source_says_what_it_is_found_and_checked_by():
    facts = [
        "Report: museum-1",
        "File: /reports/museum.txt",
        "Read on 6 July 2024",
        f"SHA-256 of the text: {RECORDED.sha256}",
        "“Gestern”: 3 July 2024 (computed from the report’s date)",
        "4 July 2024",
        "https://example.org/museum",
        "Gestern schloss das Museum.",
    ]
    written = to_markdown("t", [recorded()], ENGLISH, DAY, find).replace("\\", "")
    page = Page(to_html("t", [recorded()], ENGLISH, DAY, find)).text
    assert [fact for fact in facts if fact not in written] == []
    assert [fact for fact in facts if fact not in page] == []
    (held,) = json.loads(to_json([recorded()], find))
    assert held["asked_on"] == "2024-07-06" and held["citations"][0]["sha256"] == RECORDED.sha256
    day = {"words": "Gestern", "start": 0, "end": 7, "date": "2024-07-03"}
    assert held["sources"] == [{"citation": 1, "location": "/reports/museum.txt", "relative_days": [day]}]
    assert Answer.from_dict(held) == recorded().answer
    assert "“Gestern”: 3 July 2024" in to_text(recorded().answer, ENGLISH)


def test_what_is_not_known_of_a_source_is_left_out():
    bare = replace(recorded(), asked_on=None)
    bare = replace(bare, answer=replace(bare.answer, citations=(replace(bare.answer.citations[0], sha256=""),)))
    said = to_markdown("t", [bare], ENGLISH, DAY)
    assert (
        "Report: museum" in said.replace("\\", "")
        and "File:" not in said
        and "Read on" not in said
        and "SHA" not in said
    )


def test_an_arabic_answer_runs_from_right_to_left():
    tags = Page(to_html("t", [recorded("ar")], ENGLISH, DAY)).tags
    assert [a["dir"] for tag, a in tags if a.get("class") == "answer"] == ["rtl"]
    assert [a["dir"] for tag, a in tags if tag == "q"] == ["auto"]


def test_an_erased_answer_is_exported_as_a_note_and_small_talk_without_a_verdict():
    gone = recorded().without({RECORDED.id})
    said = to_markdown("t", [gone], ENGLISH, DAY, find)
    assert f"**{ENGLISH.erased}**" in said and "Gestern" not in said
    assert json.loads(to_json([gone])) == []
    talk = Exchange("Hi", answer=replace(answer("Hi", "Hello!", [], []), kind="talk"))
    assert to_markdown("t", [talk], ENGLISH, DAY).endswith("## Hi\n\nHello!\n")


@pytest.mark.parametrize("tag", TAGS)
def test_a_follow_up_names_the_question_it_was_taken_to_follow(tag):
    strings = LANGUAGES[tag]
    exchange = asked()
    follow_up = replace(exchange, answer=replace(exchange.answer, follows="Wer <b>leitet</b> das Amt?"))
    told = strings.follows.format(question="Wer <b>leitet</b> das Amt?")
    assert told in Page(to_html("x", [follow_up], strings, DAY)).text
    assert told not in Page(to_html("x", [exchange], strings, DAY)).text
    markdown = MarkdownIt("commonmark", {"html": False}).parseInline(to_markdown("x", [follow_up], strings, DAY))
    assert told in "".join(token.content for token in markdown[0].children or ())
