"""HTML -> text and metadata, on pages of seventeen layouts in as many languages, and on bad HTML."""

import json
import time
from datetime import date

import pytest
from places import ROOT

from rag.sources.reading_view import blocks_of
from rag.sources.web_pages import ALL_VISIBLE, CROWDED, TOO_DEEP, is_page, read_page

PAGES = ROOT / "tests" / "data" / "pages"
EXPECTED = json.loads((PAGES / "expected.json").read_text("utf-8"))
LONG = "The council met on Monday evening and decided to keep the ferry, which carries 1,350 commuters a day."
SAID = "The council of Lund counted 109 votes for the new bridge on Tuesday."
MORE = "After that the council went home, and the bridge will be opened in May."


def page(body, head=""):
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"


@pytest.mark.parametrize("name", EXPECTED)
def test_a_pages_report_is_read_and_its_furniture_is_not(name):
    expected = EXPECTED[name]
    found = read_page((PAGES / name).read_text("utf-8"))
    lines = [" ".join(line.split()) for line in found.text.splitlines()]
    assert [line for line in expected["lines"] if line not in lines] == []
    assert [word for word in expected["absent"] if word in found.text] == []
    assert "<" not in found.text and "&" not in found.text and found.warnings == ()


@pytest.mark.parametrize("name", EXPECTED)
def test_a_page_says_title_date_authors_language_and_address(name):
    expected = EXPECTED[name]
    found = read_page((PAGES / name).read_text("utf-8")).metadata
    assert found.title == expected["title"]
    assert found.published == (date.fromisoformat(expected["date"]) if expected["date"] else None)
    assert found.authors == tuple(expected["authors"])
    assert (found.language, found.source_url) == (expected["language"], expected["url"])


# --- what is seen ---


@pytest.mark.parametrize(
    "hidden",
    [
        '<p style="color:red; display: none">SECRET</p>',
        '<div style="visibility:hidden"><p>SECRET</p></div>',
        "<p hidden>SECRET</p>",
        '<p aria-hidden="true">SECRET</p>',
        "<!-- SECRET -->",
        "<template><p>SECRET</p></template>",
        "<noscript>SECRET</noscript>",
        "<script>var x = 'SECRET';</script>",
        "<style>.SECRET{}</style>",
    ],
)
@pytest.mark.parametrize("around", [page, lambda body: body])
def test_what_a_browser_hides_is_no_evidence(hidden, around):
    found = read_page(around(f"<article><p>{LONG}</p>{hidden} <p>{LONG[::-1]}</p></article>"))
    assert LONG in found.text and LONG[::-1] in found.text and "SECRET" not in found.text


def test_the_text_behind_a_comment_stays():
    assert (
        "ferry and harbour" in read_page(page(f"<p>{LONG}</p><p>The ferry<!-- x --> and <b>harbour</b> stay.</p>")).text
    )


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            "<div class=nav><a href=/>Home</a></div><h1>Fire in Velm</h1><p>A <b>barn</b> burnt down.</p>",
            "Fire in Velm\n\nA barn burnt down.",
        ),
        ("<p>시의회는 다리를 <i>아홉</i> 달 동안 닫는다.</p><p>공사비는 <b>삼억</b> 원이다.<br>끝.</p>",
         "시의회는 다리를 아홉 달 동안 닫는다.\n\n공사비는 삼억 원이다.\n끝."),
        ("<ul><li>один<ul><li>два</li></ul></li><li><p>три</p></li></ul>", "- один\n  - два\n- три"),
        ("<table><tr><th>Miasto</th><th>Głosy</th></tr><tr><td>Łódź</td><td>1 204</td></tr></table>",
         "| Miasto | Głosy |\n| --- | --- |\n| Łódź | 1 204 |"),
        ("<p><ruby>海辺<rt>うみべ</rt></ruby>市は図書館を開館した。</p>", "海辺市は図書館を開館した。"),
    ],
)  # fmt: skip
def test_a_short_page_keeps_its_lines_lists_and_tables(body, text):
    assert read_page(page(body)).text == text


@pytest.mark.parametrize("below", ["di Giulia Ferrandi", "af Mette Lykke", "кореспондент з Умані", "του Νίκου Βαλή"])
def test_no_sentence_runs_over_the_border_of_two_blocks(below):
    found = read_page(page(f"<h1>Ferry</h1><h3>The mayor: «Pillars are ill»</h3><p><i>{below}</i></p><p>{LONG}</p>"))
    read = [block.view.text for block in blocks_of(found.text, len(found.text), "it")]
    assert read == ["Ferry", "The mayor: «Pillars are ill»", below, LONG]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<blockquote>«Meno un quarto»<cite>Silvia, madre</cite></blockquote>", "«Meno un quarto» Silvia, madre"),
        ("<div>„Der Fluss!“<span><b>Änne Groß</b></span></div>", "„Der Fluss!“ Änne Groß"),
        ("<div><i>Мост закрыт.</i>Редактор</div>", "Мост закрыт. Редактор"),
        ("<div><span>Mette Lykke</span><span>Journalist</span></div>", "Mette Lykke Journalist"),
        ("<p>L’<b>Europe</b>, the U.<b>S.</b>, <b>W</b>ord, <b>e</b>Bay</p>", "L’Europe, the U.S., Word, eBay"),
        ('<p><b>"돕겠다"</b>고 했다. <b>「橋」</b>田中</p>', '"돕겠다"고 했다. 「橋」田中'),
        ('<p>他在“<b>Apple</b>”工作, ב"<i>New York</i>"</p>', '他在“Apple”工作, ב"New York"'),
        (
            "<p>www.<b>Nature</b>.com, <b>Mc</b><i>Donald</i>, i<a id=x></a><b>Phone</b></p>",
            "www.Nature.com, McDonald, iPhone",
        ),
    ],
)
def test_a_blank_stands_between_elements_that_no_word_joins(body, text):
    assert read_page(page(body)).text == text


def test_lists_of_other_reports_go_with_their_heading():
    links = "<h3>Read also</h3><ul><li><a href=/1>Ten best beaches of the year</a></li></ul>"
    found = read_page(page(f"<article><h1>Ferry</h1><p>{LONG}</p>{links}<h3>Tickets</h3><p>640 kroner.</p></article>"))
    assert found.text == f"Ferry\n\n{LONG}\n\nTickets\n\n640 kroner."


def test_links_to_other_reports_without_a_block_of_their_own_go_with_their_label():
    told = "<p>The ferry was repaired in three weeks, and the council paid for <a href=/a>half</a> of it.</p>" * 3
    links = "<hr><b>Read also</b><br><a href=/b>The old bridge is closed to lorries</a><br><a href=/c>Jug stolen</a>"
    page = f"<table><tr><td><h1>Ferry repaired</h1>{told}{links}</td></tr></table>"
    text = read_page(f"<html><body>{page}</body></html>").text
    assert text.endswith("paid for half of it.") and "Read also" not in text and "Jug" not in text


def test_a_sentence_with_two_links_stays_wherever_it_stands():
    told = "<p>The ferry was repaired in three weeks, and the council paid for <a href=/a>half</a> of it.</p>" * 3
    named = "Asked by this paper, this was told by <a href=/b>the council</a> and <a href=/c>the harbour office</a>"
    for page in (f"<h1>Ferry repaired</h1>{named}{told}", f"<h1>Ferry repaired</h1>{told}<hr>{named}"):
        text = read_page(f"<html><body><table><tr><td>{page}</td></tr></table></body></html>").text
        assert "told by the council and the harbour office" in text


AD = "Köp nya däck hos oss, 40 % i maj."


@pytest.mark.parametrize(
    "ad",
    [
        f"<div class=annons><p>{AD}</p></div>",
        f"<div class='box reklam-kutusu'>{AD}</div>",
        f"<aside-x><section id=promoBox><h4>Erbjudande</h4><p>{AD}</p></section></aside-x>",
        f"<div class=quang-cao>{AD}</div>",
        f"<p class=in-article-ad>{AD}</p>",
        f"<p>ANNONS: {AD}</p>",
        f"<p><b>Pubblicità</b> {AD}</p>",
        f"<div><span>- 広告 -</span><p>{AD}</p></div>",
        f"<div><p>Реклама</p><p>{AD}</p></div>",
    ],
)
def test_advertising_between_paragraphs_is_left_out(ad):
    found = read_page(page(f"<article><h1>Ferry</h1><p>{LONG}</p>{ad}<p>{MORE}</p><p>{SAID}</p></article>"))
    assert found.text == f"Ferry\n\n{LONG}\n\n{MORE}\n\n{SAID}"


@pytest.mark.parametrize(
    "told",
    [
        "<p class=after-ad>The ferry is 40 years old.</p>",
        "<p class=pub-date>The ferry is 40 years old.</p>",
        "<p class=pr-4>The ferry is 40 years old.</p>",
        "<p>Reklam och priser: the ferry is 40 years old.</p>",
        "<ul><li>Reklama: 15</li><li>Tickets: 640</li></ul>",
        "<h2>ANZEIGE: ferry sold twice</h2>",
        "<p>Anzeige: The ferry is 40 years old.</p>",
        "<p><b>Werbung</b> machte 61 Prozent aus.</p>",
        "<p><b>Advertising</b> 61 percent, tickets the rest.</p>",
        "<p><a href=/ads>Advertising</a> Fees rose by a third.</p>",
        "<p class=promo>The ferry is 40 years old.</p>",
        f"<div>Advertisement<p>One.</p><p>{MORE}</p><p>Two.</p><p>Three.</p></div>",
        f"<div class=ad><p>{LONG[::-1]}</p></div>",
    ],
)
def test_what_only_looks_like_advertising_stays(told):
    found = read_page(page(f"<article><h1>Ferry</h1><p>{LONG}</p>{told}<p>{MORE}</p><p>{SAID}</p></article>"))
    assert len(found.text.split("\n\n")) > 4


def test_a_page_of_small_ads_stays_whole():
    ads = "".join(f"<div class=annons><p>Boat number {number} for sale, 640 kroner.</p></div>" for number in range(8))
    found = read_page(page(f"<article><h1>Boats</h1><p>{LONG}</p>{ads}</article>"))
    assert len(found.text.split("\n\n")) == 10


def test_readers_comments_are_not_the_report():
    comments = f"<section id=comments><h2>3 comments</h2><div class=comment><p>{LONG[::-1]}</p></div></section>"
    found = read_page(page(f"<article><p>{LONG}</p><p>It costs 640 kroner.</p></article>{comments}"))
    assert found.text == f"{LONG}\n\nIt costs 640 kroner."


def test_a_table_becomes_rows_with_their_header():
    rows = (
        "<tr><td>Year</td><td>Tonnes</td></tr><tr><td>2022</td><td>1 250</td></tr><tr><td>2023</td><td>1 410</td></tr>"
    )
    found = read_page(page(f"<article><p>{LONG}</p><table>{rows}</table><p>{LONG[::-1]}</p></article>"))
    assert "\n| Year | Tonnes |\n| --- | --- |\n| 2022 | 1 250 |\n| 2023 | 1 410 |\n" in found.text


def test_a_cell_over_rows_and_columns_stands_in_each_of_them():
    rows = (
        "<tr><th>Port</th><th>Year</th><th>Tonnes</th></tr><tr><td rowspan=2>Brunn</td><td>2023</td><td>12</td></tr>"
        "<tr><td>2024</td><td>14</td></tr><tr><td>Kessau</td><td colspan=2>closed</td></tr>"
    )
    found = read_page(page(f"<article><p>{LONG}</p><table><caption>Ports</caption>{rows}</table></article>"))
    assert found.text.endswith(
        "Ports\n\n| Port | Year | Tonnes |\n| --- | --- | --- |\n| Brunn | 2023 | 12 |\n| Brunn | 2024 | 14 |\n"
        "| Kessau | closed | closed |"
    )


@pytest.mark.parametrize("wide", [99, 1000, "9" * 5_000])
def test_a_cell_that_spans_more_columns_than_there_are_stands_in_those(wide):
    rows = f"<tr><th>Порт<th>Тонны</tr><tr><td>Кем<td>12</tr><tr><td colspan={wide}>закрыт</tr>"
    found = read_page(page(f"<article><p>{LONG}</p><table>{rows}</table></article>"))
    assert found.text.endswith("| Порт | Тонны |\n| --- | --- |\n| Кем | 12 |\n| закрыт | закрыт |")


def test_a_last_cell_spans_the_columns_that_rows_below_have():
    rows = "<tr><td rowspan=2>North<td colspan=2>new</tr><tr><td>702<td>655</tr>"
    found = read_page(page(f"<article><p>{LONG}</p><table>{rows}</table></article>"))
    assert found.text.endswith("| North | new | new |\n| --- | --- | --- |\n| North | 702 | 655 |")


def test_two_rows_of_headings_become_one():
    rows = (
        "<tr><th rowspan=2>District</th><th colspan=2>Dwellings</th></tr><tr><th>2023</th><th>2024</th></tr>"
        "<tr><td>North</td><td>702</td><td>655</td></tr>"
    )
    found = read_page(page(f"<article><p>{LONG}</p><table>{rows}</table></article>"))
    assert found.text.endswith(
        "| District | Dwellings 2023 | Dwellings 2024 |\n| --- | --- | --- |\n| North | 702 | 655 |"
    )


def test_row_headings_do_not_make_a_header_of_each_row():
    rows = "".join(f"<tr><th>{name}</th><td>{seats} seats</td></tr>" for name, seats in (("Red", 12), ("Blue", 9)))
    found = read_page(page(f"<article><p>{LONG}</p><table>{rows}</table></article>"))
    assert found.text.endswith("| Red | 12 seats |\n| Blue | 9 seats |")


def test_raised_figures_do_not_join_the_figure_before():
    text = read_page(
        page(
            f"<article><p>{LONG}</p><p>The hall has 1200 m<sup>2</sup> and room for 350"
            "<sup><a href='#1'>1</a></sup> guests, at 10<sup>6</sup> kroner<sup>[3]</sup>.</p></article>"
        )
    ).text
    assert "1200 m² and room for 350 guests, at 10⁶ kroner." in text


def test_without_a_main_text_all_visible_text_is_taken_and_told(monkeypatch):
    import trafilatura

    monkeypatch.setattr(trafilatura, "extract", lambda *given, **options: None)
    found = read_page(page("<nav><a>Home</a></nav><p>One <b>bold</b> line.<br>Two.</p><ul><li>item<li>other</ul>"))
    assert found.text == "Home\n\nOne bold line.\nTwo.\n\n- item\n- other" and found.warnings == (ALL_VISIBLE,)


# --- metadata ---


@pytest.mark.parametrize(
    ("title", "heading", "expected"),
    [
        ("Bridge closes | The Paper", "Bridge closes", "Bridge closes"),
        ("The Paper: Bridge closes", "Bridge closes", "Bridge closes"),
        ("橋が閉鎖へ｜海辺新聞", "橋が閉鎖へ", "橋が閉鎖へ"),
        ("إغلاق الجسر - صحيفة الأفق", "إغلاق الجسر", "إغلاق الجسر"),
        ("Election: the count - day two - The Paper", "Election: the count - day two", "Election: the count - day two"),
        ("A well-known bridge closes", "Other words", "A well-known bridge closes"),
        ("Wybory – co dalej", "Wybory – co dalej", "Wybory – co dalej"),
    ],
)
def test_a_title_is_without_the_sites_name(title, heading, expected):
    body = f"<div class=top><h2>The Paper</h2></div><article><h1>{heading}</h1><p>{LONG}</p></article>"
    assert read_page(page(body, f"<title>{title}</title>")).metadata.title == expected


def test_a_named_site_is_left_out_without_a_heading():
    head = '<meta property="og:title" content="Puente cerrado - El Día"><meta property="og:site_name" content="El Día">'
    assert read_page(page(f"<p>{LONG}</p>", head)).metadata.title == "Puente cerrado"


def test_a_date_in_the_text_or_footer_is_not_the_pages_date():
    body = f"<article><p>{LONG} The vote is on 5 May 2026.</p></article><footer>© 2019, updated 3.4.2020</footer>"
    assert read_page(page(body)).metadata.published is None


def test_authors_of_one_word_and_several_are_kept_and_addresses_are_not():
    head = (
        '<script type="application/ld+json">[{"@type":["NewsArticle"],"headline":"x y",'
        '"author":[{"name":"森川由美"},"Suharto",{"name":"https://a.example/me"}]}]</script>'
    )
    assert read_page(page(f"<p>{LONG}</p>", head)).metadata.authors == ("森川由美", "Suharto")


def test_broken_json_is_no_obstacle():
    head = '<script type="application/ld+json">{"@type": "NewsArticle", "headline": </script>'
    found = read_page(page(f"<p>{LONG}</p>", f"{head}<meta name=author content='A B'>"))
    assert found.metadata.authors == ("A B",) and LONG in found.text


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('<link rel="canonical" href="/news/a">', "https://a.example/news/a"),
        ('<link rel="canonical" href="https://a.example/">', ""),
        ('<meta property="og:url" content="https://b.example/x?id=1">', "https://b.example/x?id=1"),
        ('<meta property="og:url" content="http://[bad">', ""),
        ("<!-- saved from url=(0026)https://c.example/1987/x -->", "https://c.example/1987/x"),
    ],
)
def test_the_address_of_a_page(source, expected):
    assert read_page(page(f"<p>{LONG}</p>", source), address="https://a.example/r").metadata.source_url == expected


# --- what is a page ---


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE html><p>x",
        "\ufeff\n  <HTML><BODY>x",
        "<?xml version='1.0' encoding='utf-8'?>\n<!DOCTYPE html PUBLIC 'x'><html/>",
        "<!-- saved from url=(0014)about:internet -->\n<html>",
        f"<p>{LONG}</p>\n<p>Второй абзац.</p>\n<div>第三段</div>",
    ],
)
def test_html_is_told_by_what_it_begins_with_or_holds_throughout(text):
    assert is_page(text)


@pytest.mark.parametrize(
    "text",
    [
        "The tag <b> makes text bold; </p> ends a paragraph.",
        "Web pages begin with <!DOCTYPE html><html>, the course said.",
        "1\n00:00:01,000 --> 00:00:03,000\n<i>Merhaba</i>\n\n2\n00:00:04,000 --> 00:00:05,000\n<i>Selam</i>",
        "if a <b and c> d: 3 < 5",
        LONG * 3,
        "<council> met",
        "# A title\n\nText.\n\n" * 10 + "<p>a</p><p>b</p><p>c</p>",
    ],
)
def test_a_text_that_mentions_tags_is_a_text(text):
    assert not is_page(text)


# --- bad pages ---


def test_a_hundred_thousand_empty_tags_are_no_text():
    for tags in ("<b></b>" * 100_000, "<div>" * 100_000):
        read = read_page(f"<html><body><p>{SAID}</p>{tags}<p>{MORE}</p></body></html>")
        assert read.text.split("\n\n") == [SAID, MORE]


def test_a_tag_of_a_hundred_thousand_attributes_is_refused_at_once():
    many = " ".join(f'a{number}="x"' for number in range(100_000))
    read = read_page(f"<html><body><p {many}>{SAID}</p></body></html>")
    assert (read.text, read.warnings) == ("", (CROWDED,))
    # Long values are no attributes.
    state = "{'votes': 109, 'town': 'Lund'} " * 5_000
    read = read_page(f'<html><body><div data-state="{state}"><p>{SAID}</p><p>{MORE}</p></div></body></html>')
    assert read.text.split("\n\n") == [SAID, MORE] and not read.warnings


def test_a_page_a_thousand_levels_deep():
    found = read_page(page("<div>" * 1000 + f"<p>{LONG}</p>" + "</div>" * 1000))
    assert found.text == LONG


def test_a_page_too_deep_for_a_tree_is_read_and_told():
    found = read_page(page("<div>" * 3_000 + f"<p>{LONG}</p>" + "</div>" * 3_000 + "<p>After it.</p>"))
    assert LONG in found.text and TOO_DEEP in found.warnings


def test_a_page_of_entities():
    text = "".join(f"&#{ord(char)};" for char in "Совет решил закрыть мост на девять месяцев.") * 5
    assert read_page(page(f"<p>{text}</p><p>&eacute;&nbsp;&lt;b&gt;&amp;</p>")).text.startswith("Совет решил закрыть")


@pytest.mark.parametrize(
    "source", ["<!doctype html>", "<html></html>", page(""), page("<p hidden>x</p>"), "<!-- x -->"]
)
def test_an_empty_page_has_no_text(source):
    assert read_page(source).text == ""


def test_a_long_page_in_one_line_is_read_in_time():
    started = time.monotonic()
    found = read_page(page("".join(f"<p>{LONG} {number}.</p>" for number in range(9_000))))
    assert found.text.count("\n") > 8_900 and time.monotonic() - started < 30


def test_tables_that_arrange_a_page_are_no_tables_and_those_in_them_are():
    data = (
        "<table border=1><caption>Работы</caption><tr><th>Вид</th><th>Сумма</th></tr>"
        "<tr><td>Кровля</td><td>9 460</td></tr><tr><td>Окна</td><td>6 115</td></tr></table>"
    )
    told = f"<h2>Школа № 2</h2><p>{LONG}</p>{data}<p>{MORE}</p>"
    menu = "<a href=/>Главная</a><br><a href=/glava>Глава района</a><br>"
    rows = f"<tr><td colspan=2><b>Район</b></td></tr><tr><td width=180>{menu}</td><td>{told}</td></tr>"
    for around in (rows, f"<tr><td><table>{rows}</table></td></tr>"):
        found = read_page(page(f"<table width=100%>{around}<tr><td colspan=2>Карта сайта</td></tr></table>"))
        assert found.text == (
            f"Школа № 2\n\n{LONG}\n\nРаботы\n\n"
            f"| Вид | Сумма |\n| --- | --- |\n| Кровля | 9 460 |\n| Окна | 6 115 |\n\n{MORE}"
        )


def test_a_table_in_a_cell_of_data_stands_in_that_cell_alone():
    inner = "<table><tr><td>7<td>8</tr><tr><td>9<td>10</tr></table>"
    rows = f"<tr><th>港<th>年</tr><tr><td>海辺<td>{inner}</tr><tr><td>北<td>2024</tr>"
    found = read_page(page(f"<article><p>{LONG}</p><table>{rows}</table></article>"))
    assert found.text.endswith("| 港 | 年 |\n| --- | --- |\n| 海辺 | \\| 7 \\| 8 \\| \\| 9 \\| 10 \\| |\n| 北 | 2024 |")


@pytest.mark.parametrize("text", ["<!-- a -->\n" * 1_000, "<!-- б --><!--" * 1_000, "<?xml?><!-->" * 1_000])
def test_a_text_of_comments_is_no_page(text):
    # With more than one way to read each comment, 30 of them took for ever.
    assert not is_page(text)


def test_a_title_of_three_thousand_parts():
    found = read_page(page(f"<h1>Мост</h1><p>{LONG}</p>", f"<title>{'Мост | ' * 3_000}</title>"))
    assert found.metadata.title == "Мост"


def test_spans_in_one_row_are_held_back_as_in_many():
    for row in ("<td colspan=1000>x" * 300, "<td rowspan=1000 colspan=1000>x" * 300):
        rows = f"<tr><th>A</tr><tr>{row}</tr><tr>{row}</tr>"
        assert read_page(page(f"<p>{LONG}</p><table>{rows}</table>")).text.count("x") < 12_000


def test_spans_of_a_million_cells_are_held_back():
    rows = "<tr><td rowspan=999999 colspan=999999>x</td></tr>" + "<tr><td>1</td></tr>" * 300
    assert read_page(page(f"<p>{LONG}</p><table><tr><th>A</th></tr>{rows}</table>")).text.startswith(LONG)
