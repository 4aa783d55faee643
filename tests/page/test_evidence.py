"""HTML of reports and answers: exact highlights, and hostile text that stays text."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from fake_reports import KIM_BANG, answer, article, citation, hit, seeds, sentence_with
from html_reader import Reader

from rag.models import Alternative, Answer, Claim, Passage
from ui import evidence
from ui.strings import ENGLISH, LANGUAGES, TAGS

SENTENCES = [
    ("ms", "Pada 5 Julai, 7/8 tugas biasa telah dilaksanakan."),
    ("tr", "İl Parti Komitesi 08-DA/TU sayılı Proje'yi ciddi bir şekilde uyguladı."),
    ("es", "Se celebró la reunión el 19 de enero; «muy bien» dijo la señora Ñandú."),
    ("de", "Am 3. März meldeten sich 29 Modelle der „Geschickten Massenmobilisierung“ an."),
    ("pl", "Wdrożono 109 modeli „wykwalifikowanej mobilizacji” w całym regionie."),
    ("en", 'He said "109 models & more" <today>.'),
    ("vi", "Ông Đỗ Việt Anh ở huyện Kim Bảng đã báo cáo 109 mô hình."),
]


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
    assert ENGLISH.report_removed in seen.text and ENGLISH.translate not in seen.text


def test_a_long_report_is_shown_around_its_sentence_and_counts_what_it_leaves_out():
    report = article("a" * 100_000 + " Zdanie. " + "b" * 30_000)
    seen = Reader(evidence.report_html(report, [citation(report, "Zdanie.")], 1, ENGLISH))
    assert seen.marks == ["Zdanie."]
    assert len(seen.text) < 2 * evidence.CONTEXT_CHARS + 200
    left = [int(n) for n in re.findall(r"(\d+) characters left out", seen.text)]
    assert sum(left) == len(report.text) - 2 * evidence.CONTEXT_CHARS - len("Zdanie.")


TABLE = "| Köprü | المدينة |\n| --- | :---: |\n| 桥 | 109 |\n| - | a \\| b |\n"


def test_rows_between_bars_are_drawn_as_a_table_and_the_text_and_its_marks_stay_whole():
    report = article(f"Önce.\n{TABLE}Sonra.")
    for quote in ("| 桥 | 109 |", "109", TABLE, f"Önce.\n{TABLE}Sonra.", "桥 | 10", "Sonra."):
        markup = evidence.report_html(report, [citation(report, quote)], 1, ENGLISH)
        seen = Reader(markup)
        assert "".join(seen.marks) == quote
        assert seen.text == report.text.replace(quote, f"1{quote}"), "the badge, and nothing else"
        assert [seen.tags.count(tag) for tag in ("table", "tr", "th", "td")] == [1, 4, 2, 5]
        assert markup.count('<tr class="bar">') == 1, "a row of dashes that are values stays"
        assert seen.attributes.count(("id", "citation-1-1")) == 1


@pytest.mark.parametrize("text", ["| a | b |", "a | b\nc | d", "| a | b |\n\n| c | d |", "| a \\|\n| b \\|", "|\n|"])
def test_bars_that_make_no_table_stay_text(text):
    markup = evidence.report_html(article(text), [], 1, ENGLISH)
    assert Reader(markup).tags == [] and Reader(markup).text == text


def test_rows_of_other_line_ends_are_drawn_too():
    seen = Reader(evidence.report_html(article("| a | b |\r\n| c | d |\r\n"), [], 1, ENGLISH))
    assert seen.tags.count("td") == 4


def test_a_report_shown_in_parts_draws_the_rows_that_it_shows():
    text = "| ab | cd |\n" * 20_000 + "| here | cd |\n" + "| ab | cd |\n" * 20_000
    report = article(text)
    seen = Reader(evidence.report_html(report, [citation(report, "| here | cd |")], 1, ENGLISH))
    assert "".join(seen.marks) == "| here | cd |" and seen.tags.count("table") == 1


def test_page_furniture_is_set_apart_from_the_report():
    report = article("Der Bericht.\nKommentar (0)", body_end=len("Der Bericht."))
    assert re.search(r'<span class="furniture">[^<]*Kommentar', evidence.report_html(report, [], 1, ENGLISH))


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


@pytest.mark.parametrize("tag", TAGS)
def test_the_authors_stand_beside_title_language_and_date_whether_the_report_is_still_there_or_not(tag):
    strings = LANGUAGES[tag]
    report = article("Ein Satz.", authors=("Mai Lan", "علي حسن"))
    for texts in ({report.id: report}, {}):
        cited = evidence.cited_html(answer("?", "x [1]", [citation(report, "Ein Satz.")], []), texts, 1, strings)
        assert strings.authors(report.authors) in Reader(cited).text
        assert all(name in Reader(cited).text for name in report.authors)
    unknown = Reader(evidence.cited_html(answer("?", "x [1]", [citation(article("Ja."), "Ja.")], []), {}, 1, strings))
    assert strings.by.format(names="").strip() not in unknown.text


def test_beside_a_quote_stands_how_likely_it_is_right_and_beside_one_that_proves_nothing():
    report = article("Ein Satz. Noch einer. Der letzte.")
    quotes = ("Ein Satz.", "Noch einer.", "Der letzte.")
    cited = [citation(report, quote, number) for number, quote in enumerate(quotes, 1)]
    made = replace(
        answer("?", "A. [1] B. [2]", cited, []),
        claims=(Claim("A.", (1,), "supported", 0.97), Claim("B.", (2,), "weak", 0.81)),
        others=(Alternative("112", 0.12, 3),),
    )
    for texts in ({report.id: report}, {}):
        markup = evidence.cited_html(made, texts, 1, ENGLISH)
        said = [" ".join(Reader(one).text.split()) for one in re.findall(r'<p class="odds".*?</p>', markup)]
        assert said == ["2 · Probably (81 %)", "3 · It may also be: 112 (12 %)"]


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
    shown = Reader(evidence.welcome_html([], ENGLISH))
    assert ENGLISH.empty_collection in shown.text
    assert ("id", "goto-collection") in shown.attributes


def test_a_found_sentence_stands_amid_its_window():
    report = article("Eins. Zwei. Drei.", language="de")
    window = Passage(report.id, 0, len(report.text), report.text)
    found = replace(hit(report, "Zwei."), passage=window)
    markup = evidence.found_html([found], 1, ENGLISH)
    assert "Eins. Zwei. Drei." in Reader(markup).text
    assert Reader(re.search(r'<span class="sought">.*?</span>', markup)[0]).text == "Zwei."


def test_the_nearest_sentence_is_marked_in_its_whole_report_without_a_number():
    report = article("Eins. Zwei. Drei.", source_url="https://bao.example/1")
    seen = Reader(evidence.nearest_html([hit(report, "Zwei.")], 2, ENGLISH))
    assert seen.marks == ["Zwei."]
    assert not [value for name, value in seen.attributes if name == "class" and value == "number"]
    assert ("href", "https://bao.example/1") in seen.attributes
    assert ("id", "translate-2-h0") in seen.attributes


def test_a_translation_is_marked_as_made_by_a_machine_or_asked_for():
    report = article("Ein Satz.", language="de")
    bare, told = citation(report, "Ein Satz."), citation(report, "Ein Satz.", 2, gloss="A sentence.")
    seen = Reader(evidence.cited_html(answer("?", "x [1] [2]", [bare, told], []), {report.id: report}, 1, ENGLISH))
    assert ("id", "translate-1-c1") in seen.attributes and ("id", "translate-1-c2") not in seen.attributes
    assert f"2 · {ENGLISH.gloss}" in seen.text and ENGLISH.gloss_note in seen.text


def test_a_report_of_the_collection_opens_whole():
    report = article("Ein Satz. Noch einer.", source_url="https://bao.example/1")
    seen = Reader(evidence.reader_html(report, ENGLISH))
    assert report.text in seen.text and ("href", "https://bao.example/1") in seen.attributes


def test_a_relative_day_stands_beside_its_quote_with_its_date_marked_as_computed():
    report = article("Der Rat tagte. Gestern schloss das Museum.", language="de", published=date(2024, 7, 4))
    proof = citation(report, "Gestern schloss das Museum.")
    seen = Reader(evidence.cited_html(answer("?", "x [1]", [proof], []), {report.id: report}, 1, ENGLISH))
    assert "1 · “Gestern”: 3 July 2024 (computed from the report’s date)" in seen.text
    undated = replace(report, published=None)
    proof = citation(undated, "Gestern schloss das Museum.")
    seen = Reader(evidence.cited_html(answer("?", "x [1]", [proof], []), {report.id: undated}, 1, ENGLISH))
    assert "computed" not in seen.text
    near = Reader(evidence.nearest_html([hit(report, "Gestern schloss das Museum.")], 1, ENGLISH))
    assert "“Gestern”: 3 July 2024" in near.text


def test_each_quote_has_its_context_and_its_link_to_ask_for():
    report = article("Eins. Zwei. Drei.", language="de", id="b-1")
    proofs = [citation(report, "Eins."), citation(report, "Drei.", 2)]
    markup = evidence.cited_html(answer("?", "x [1] [2]", proofs, []), {report.id: report}, 3, ENGLISH)
    for number, place in ((1, "0-5"), (2, "12-17")):
        ids = [value for name, value in Reader(markup).attributes if name == "id"]
        assert {f"context-3-c{number}", f"link-3-c{number}"} <= set(ids)
        assert re.search(rf'id="address-3-c{number}">[^<]*report&#61;b&#45;1[^<]*{place.replace("-", "&#45;")}', markup)
    gone = evidence.cited_html(answer("?", "x [1]", proofs[:1], []), {}, 3, ENGLISH)
    assert "do-context" not in gone and "do-link" not in gone


def test_a_quote_in_context_is_set_apart_from_the_sentences_around_it():
    report = article("Bir. İki <b>. Üç.", language="tr")
    around = Passage(report.id, 0, len(report.text), report.text)
    markup = evidence.context_html(report, around, 5, 13, ENGLISH)
    assert Reader(markup).text == report.text and "<b>" not in markup
    assert re.search(r'<span class="sought">İki [^<]*</span>', markup)


def test_a_report_opened_at_a_sentence_marks_it_and_says_what_is_told():
    report = article("Eins. Zwei. Drei.", language="de")
    seen = Reader(evidence.reader_html(report, ENGLISH, span=(6, 11)))
    assert seen.marks == ["Zwei."]
    assert ENGLISH.copy_link in seen.text
    told = Reader(evidence.reader_html(report, ENGLISH, told=ENGLISH.link_changed))
    assert told.marks == [] and ENGLISH.link_changed in told.text


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("he", "rtl"), ("fa-IR", "rtl"), ("pl", "auto")])
def test_a_quote_runs_as_its_language_does_though_it_begins_with_latin_letters(language, direction):
    report = article("NATO أعلن. Zwei.", language=language)
    markup = evidence.cited_html(
        answer("?", "x [1]", [citation(report, "NATO أعلن.")], []), {"report": report}, 1, ENGLISH
    )
    assert f'class="report" lang="{language.replace("-", "&#45;")}" dir="{direction}"' in markup
