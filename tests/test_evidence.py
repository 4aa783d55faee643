"""HTML of reports and answers: exact highlights, and hostile text that stays text."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest
from fake_reports import KIM_BANG, answer, article, citation, hit, seeds, sentence_with

from rag.models import Answer, Claim
from ui import evidence
from ui.strings import ENGLISH

HOSTILE = (
    '<script>alert(1)</script> <img src=x onerror="alert(2)"> ![x](http://evil.example/x.png)\n\n'
    '<form action="http://evil.example"><input name=p></form> [click](javascript:alert(3))'
    " https://evil.example www.evil.example\n"
    "<div style='position:fixed;inset:0'> # head\n    code\n| a | b |\n| - | - |\n"
    "$$x$$ `c` **b** _i_ ~~s~~ &lt;b&gt; {{value}} ${1}\n"
)
SENTENCES = [
    ("ms", "Pada 5 Julai, 7/8 tugas biasa telah dilaksanakan."),
    ("tr", "İl Parti Komitesi 08-DA/TU sayılı Proje'yi ciddi bir şekilde uyguladı."),
    ("es", "Se celebró la reunión el 19 de enero; «muy bien» dijo la señora Ñandú."),
    ("de", "Am 3. März meldeten sich 29 Modelle der „Geschickten Massenmobilisierung“ an."),
    ("pl", "Wdrożono 109 modeli „wykwalifikowanej mobilizacji” w całym regionie."),
    ("en", 'He said "109 models & more" <today>.'),
    ("vi", "Ông Đỗ Việt Anh ở huyện Kim Bảng đã báo cáo 109 mô hình."),
]


class Reader(HTMLParser):
    """Collects what a browser would see: tags, attributes, the text of each `<mark>`, all text."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.marks: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(markup)
        self.close()
        assert not self._open, f"left open: {self._open}"

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in {"br", "img", "input"}:
            self._open.append(tag)
        if tag == "mark":
            self.marks.append("")

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.text += data
        if "mark" in self._open:
            self.marks[-1] += data


@pytest.mark.parametrize(("language", "sentence"), SENTENCES)
def test_the_mark_holds_the_quote_exactly_in_every_language(language, sentence):
    report = article(f"Önce İ ı ş. Ẹ 𝒳 trước.\n{sentence} Później ÄÖÜ.", language=language)
    seen = Reader(evidence.report_html(report, [citation(report, sentence)], 1, ENGLISH))
    assert seen.marks == [sentence]
    assert seen.text.replace("1" + sentence, sentence) == report.text
    assert ("id", "citation-1-1") in seen.attributes


def test_sentences_that_overlap_share_marks_and_keep_their_own_anchor():
    report = article("eins zwei drei vier")
    first, second = citation(report, "eins zwei"), citation(report, "zwei drei", 2)
    markup = evidence.report_html(report, [first, second, citation(report, "zwei drei", 3)], 7, ENGLISH)
    seen = Reader(markup)
    assert seen.marks == ["eins ", "zwei", " drei"]
    assert [value for name, value in seen.attributes if name == "id"] == [f"citation-7-{n}" for n in (1, 2, 3)]
    assert 'class="for-7-1 for-7-2 for-7-3"' in markup


def test_offsets_that_no_longer_hold_the_quote_mark_nothing_and_the_card_says_so():
    report = article("Der alte Satz. Der andere Satz.")
    moved = replace(citation(report, "Der alte Satz."), start=3, end=17)
    card = evidence.cited_html(answer("?", "x [1]", [moved], []), {report.id: report}, 1, ENGLISH)
    seen = Reader(card)
    assert not seen.marks
    assert ENGLISH.changed in seen.text
    assert 'id="citation-1-1"' in card


def test_a_citation_of_a_removed_report_still_shows_its_quote():
    report = article("Ein Satz.", language="de")
    seen = Reader(evidence.cited_html(answer("?", "x [1]", [citation(report, "Ein Satz.")], []), {}, 1, ENGLISH))
    assert "Ein Satz." in seen.text
    assert "German" in seen.text


def test_a_long_report_is_shown_around_its_sentence_and_counts_what_it_leaves_out():
    report = article("a" * 100_000 + " Zdanie. " + "b" * 30_000)
    seen = Reader(evidence.report_html(report, [citation(report, "Zdanie.")], 1, ENGLISH))
    assert seen.marks == ["Zdanie."]
    assert len(seen.text) < 2 * evidence.CONTEXT_CHARS + 200
    left = [int(n) for n in re.findall(r"(\d+) characters left out", seen.text)]
    assert sum(left) == len(report.text) - 2 * evidence.CONTEXT_CHARS - len("Zdanie.")


def test_page_furniture_is_set_apart_from_the_report():
    report = article("Der Bericht.\nKommentar (0)", body_end=len("Der Bericht."))
    assert re.search(r'<span class="furniture">[^<]*Kommentar', evidence.report_html(report, [], 1, ENGLISH))


def test_no_character_of_hostile_text_is_read_as_html_or_markdown():
    escaped = evidence.escape(HOSTILE)
    assert html.unescape(escaped) == HOSTILE
    assert not re.search(r"[<>\"'`*_\[\]()!:/.|$~{}\n#-]", re.sub(r"&#\d+;", "", escaped))


def test_hostile_text_is_inert_everywhere_it_can_stand():
    report = article(
        HOSTILE, id=HOSTILE, language=HOSTILE, title=HOSTILE, places=(HOSTILE,), source_url="javascript:alert(4)"
    )
    proof = replace(citation(report, HOSTILE), gloss=HOSTILE)
    hits = (hit(report, HOSTILE),)
    good = answer(HOSTILE, f"{HOSTILE} [1] [9]", [proof], hits, language=HOSTILE)
    none = replace(good, answered=False, citations=(), claims=())
    pieces = [
        evidence.question_html(HOSTILE),
        evidence.status_html(HOSTILE),
        evidence.words_html(HOSTILE),
        evidence.problem_html(HOSTILE, HOSTILE, ENGLISH),
        evidence.stopped_html(HOSTILE, ENGLISH),
        evidence.answer_html(good, 1, ENGLISH),
        evidence.answer_html(none, 1, ENGLISH),
        evidence.found_html(hits, 1, ENGLISH),
        evidence.nearest_html(hits, 1, ENGLISH),
        evidence.cited_html(good, {report.id: report}, 1, ENGLISH),
        evidence.cited_html(good, {}, 1, ENGLISH),
        evidence.welcome_html([report], ENGLISH),
        evidence.summary_html([report], ENGLISH),
    ]
    for piece in pieces:
        assert "\n" not in piece, "a blank line would end the block that Markdown leaves alone"
        seen = Reader(piece)
        assert not {"script", "img", "form", "input", "iframe", "style"} & set(seen.tags)
        assert not [name for name, _ in seen.attributes if name.startswith("on") or name in {"style", "src"}]
        links = [value for name, value in seen.attributes if name == "href"]
        assert all(str(link).startswith("#citation-") for link in links)


def test_markers_of_known_citations_are_links_that_show_the_quote_and_others_stay_words():
    report = article("Ein Satz.", language="de")
    markup = evidence.answer_html(answer("?", "A [1], b [2].", [citation(report, "Ein Satz.")], []), 3, ENGLISH)
    seen = Reader(markup)
    assert ("href", "#citation-3-1") in seen.attributes
    assert ("title", "Ein Satz.") in seen.attributes
    assert seen.tags.count("a") == 1
    assert "b [2]." in seen.text


def test_a_declined_answer_says_so_in_words_and_a_weak_one_too():
    report = article("Ein Satz.")
    proven = answer("?", "Ja. [1]", [citation(report, "Ein Satz.")], [])
    weak = replace(proven, claims=(Claim("Ja.", (1,), "weak"),))
    declined = answer("?", "Die Berichte sagen es nicht.", [], [], "de")
    texts = [Reader(evidence.answer_html(x, 1, ENGLISH)).text for x in (proven, weak, declined)]
    assert [ENGLISH.count(ENGLISH.proven, 1) in x for x in texts] == [True, False, False]
    assert [ENGLISH.weak in x for x in texts] == [False, True, False]
    assert [ENGLISH.declined in x for x in texts] == [False, False, True]


def test_one_card_a_report_in_order_of_citation_with_language_date_and_place():
    reports = seeds()
    malay, polish = reports[0], reports[4]
    quotes = [sentence_with(polish, "109"), sentence_with(malay, "2024"), sentence_with(polish, "Praca na rzecz")]
    cited = [citation(r, q, n) for n, (r, q) in enumerate(zip((polish, malay, polish), quotes, strict=True), 1)]
    whole: Answer = answer(KIM_BANG, "a [1] b [2] c [3]", cited, [])
    markup = evidence.cited_html(whole, {r.id: r for r in reports}, 1, ENGLISH)
    cards = markup.split('<article class="card">')[1:]
    assert len(cards) == 2
    assert sorted(Reader(f"<article>{cards[0]}".removesuffix("</section>")).marks) == sorted([quotes[0], quotes[2]])
    assert "Polish" in cards[0]
    assert all(
        words in Reader(f"<article>{cards[1]}".removesuffix("</section>")).text
        for words in ("Malay", "5 July 2024", "Ninh Thuan")
    )


def test_the_same_sentence_is_shown_once_among_the_evidence():
    report = article("Ein Satz. Noch einer.", published=date(2024, 1, 2))
    hits = [hit(report, "Ein Satz."), hit(report, "Ein Satz.", 2), hit(report, "Noch einer.", 3)]
    assert evidence.found_html(hits, 1, ENGLISH).count("<blockquote") == 2


def test_only_web_addresses_become_links_to_the_source():
    for address, links in (
        ("https://bao.example/a?b=1&c=<2>", 1),
        ("javascript:alert(1)", 0),
        ("file:///etc/passwd", 0),
    ):
        report = article("Ein Satz.", source_url=address)
        markup = evidence.cited_html(
            answer("?", "x [1]", [citation(report, "Ein Satz.")], []), {report.id: report}, 1, ENGLISH
        )
        hrefs = [value for name, value in Reader(markup).attributes if name == "href"]
        assert hrefs == [address] * links


def test_an_empty_collection_explains_itself():
    assert ENGLISH.empty_collection in Reader(evidence.welcome_html([], ENGLISH)).text
    assert "0 reports" in Reader(evidence.summary_html([], ENGLISH)).text
