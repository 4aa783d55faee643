"""HTML of questions and answers: markers, what stands behind them, and how support looks."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from fake_reports import answer, article, citation
from html_reader import Reader

from rag.models import Alternative, Answer, Claim, Filtered
from ui import messages_html
from ui.strings import ENGLISH, LANGUAGES, TAGS


def test_markers_of_known_citations_are_links_and_others_stay_words():
    report = article("Ein Satz.", language="de")
    markup = messages_html.answer_html(answer("?", "A [1], b [2].", [citation(report, "Ein Satz.")], []), 3, ENGLISH)
    seen = Reader(markup)
    assert ("href", "#citation-3-1") in seen.attributes
    assert seen.tags.count("a") == 1
    assert "b [2]." in seen.text


def test_behind_a_marker_stand_quote_report_language_date_and_authors():
    report = article(
        "Ein Satz.", language="de", title="Das Blatt", published=date(2024, 7, 5), authors=("Mai Lan", "Ada")
    )
    markup = messages_html.answer_html(answer("?", "A [1]", [citation(report, "Ein Satz.")], []), 3, ENGLISH)
    tip = Reader(markup[markup.index('<span class="tip"') : markup.index("</span></span>") + len("</span></span>")])
    assert ("id", "tip-3-1") in tip.attributes and ("lang", "de") in tip.attributes
    assert tip.text == "Ein Satz.Das Blatt · German · 5 July 2024 · by Mai Lan and Ada"


def test_proven_probable_and_declined_are_told_apart_in_words():
    report = article("Ein Satz.")
    proven = answer("?", "Ja. [1]", [citation(report, "Ein Satz.")], [])
    weak = replace(proven, claims=(Claim("Ja.", (1,), "weak", 0.81),), confidence=0.81)
    declined = answer("?", "Die Berichte sagen es nicht.", [], [], "de")
    texts = [Reader(messages_html.answer_html(x, 1, ENGLISH)).text for x in (proven, weak, declined)]
    assert [ENGLISH.count(ENGLISH.proven, 1) in x for x in texts] == [True, False, False]
    assert ["Probably (81\N{NO-BREAK SPACE}%)" in x for x in texts] == [False, True, False]
    assert [ENGLISH.declined in x for x in texts] == [False, False, True]
    assert [ENGLISH.declined_note in x for x in texts] == [False, False, True]


@pytest.mark.parametrize("tag", TAGS)
def test_what_the_filters_left_is_told_under_an_answer_and_instead_of_one(tag):
    strings = LANGUAGES[tag]
    report = article("Ein Satz.")
    proven = answer("?", "Ja. [1]", [citation(report, "Ein Satz.")], [])
    some = Reader(messages_html.answer_html(replace(proven, filtered=Filtered(3, 7, 1)), 1, strings)).text
    assert strings.left.format(admitted=3, of=7) in some and strings.count(strings.left_undated, 1) in some
    all_left = messages_html.answer_html(replace(proven, filtered=Filtered(7, 7, 0)), 1, strings)
    assert all_left == messages_html.answer_html(proven, 1, strings)
    declined = replace(answer("?", "Nein.", [], []), filtered=Filtered(0, 7, 2))
    nothing = Reader(messages_html.answer_html(declined, 1, strings)).text
    assert (
        strings.no_match in nothing
        and strings.left_none in nothing
        and strings.left.format(admitted=0, of=7) in nothing
    )
    assert strings.declined_note not in nothing and strings.declined not in nothing


def test_a_sentence_that_is_only_shown_is_neither_proven_nor_likely():
    report = article("Ein Satz.")
    shown = replace(answer("?", "Ein Satz. [1]", [citation(report, "Ein Satz.")], []), models={"llm": "none"})
    assert "verdict" not in messages_html.answer_html(shown, 1, ENGLISH)
    assert "verdict" in messages_html.answer_html(replace(shown, short="Satz"), 1, ENGLISH)


def test_an_answer_that_claims_nothing_of_the_reports_has_no_verdict():
    talk = replace(answer("Hi", "Hello!", [], []), answered=True)
    assert "verdict" not in messages_html.answer_html(talk, 1, ENGLISH)


def test_of_two_claims_only_the_weak_one_looks_doubtful_and_says_how_likely_it_is():
    report = article("Ein Satz.")
    both = answer("?", "Ja. [1] Viele. [1]", [citation(report, "Ein Satz.")], [])
    both = replace(both, claims=(Claim("Ja.", (1,), "supported", 0.97), Claim("Viele.", (1,), "weak", 0.64)))
    markup = messages_html.answer_html(both, 1, ENGLISH)
    doubtful = markup[markup.index('<span class="doubtful">') : markup.index('<div class="note')]
    said = Reader(f"<div>{doubtful}").text
    assert "Viele." in said and "Ja." not in said and "Probably (64\N{NO-BREAK SPACE}%)" in said
    assert '<span class="odds">' in doubtful


def test_beside_the_quote_of_a_weak_claim_stands_how_likely_it_is():
    report = article("Ein Satz.", language="de")
    weak = answer("?", "Ja. [1]", [citation(report, "Ein Satz.")], [])
    weak = replace(weak, claims=(Claim("Ja.", (1,), "weak", 0.81),))
    tip = re.search(r'<span class="tip-odds"[^>]*>(.*?)</span>', messages_html.answer_html(weak, 1, ENGLISH))
    assert tip and Reader(f"<p>{tip[1]}</p>").text == "Probably (81\N{NO-BREAK SPACE}%)"


@pytest.mark.parametrize("tag", TAGS)
def test_what_else_it_may_be_stands_under_the_answer_with_its_marker(tag):
    strings = LANGUAGES[tag]
    report = article("Ein Satz. Noch einer.", language="de")
    cited = [citation(report, "Ein Satz."), citation(report, "Noch einer.", 2)]
    made = replace(answer("?", "Ja. [1]", cited, []), others=(Alternative("112", 0.12, 2), Alternative("9", 0.03, 7)))
    markup = messages_html.answer_html(made, 4, strings)
    under = markup[markup.index('<p class="others">') : markup.index("</p>") + len("</p>")]
    assert ("href", "#citation-4-2") in Reader(under).attributes and ("id", "tip-4-2") in Reader(under).attributes
    marker = re.compile(r'<a class="marker".*?</a><span class="tip".*?</span></span>')
    told = Reader(marker.sub("[2]", under)).text
    assert told == f"{strings.may_be} 112 [2] ({strings.percent(0.12)}); 9 [7] ({strings.percent(0.03)})"
    assert "others" not in messages_html.answer_html(replace(made, others=()), 4, strings)


def test_the_answer_in_short_stands_above_its_words():
    report = article("Ein Satz.")
    made = replace(answer("?", "Kim Bang reported 109 models. [1]", [citation(report, "Ein Satz.")], []), short="109")
    assert Reader(messages_html.answer_html(made, 1, ENGLISH)).text.startswith("109Kim Bang")
    assert 'class="short"' not in messages_html.answer_html(replace(made, short=""), 1, ENGLISH)


def test_while_the_words_are_still_to_come_the_short_answer_says_how_likely_it_is():
    lead = messages_html.lead_html("109", 0.81, ENGLISH)
    for markup in (
        messages_html.words_html("", lead),
        messages_html.problem_html("gone", "", 1, ENGLISH, lead=lead),
        messages_html.stopped_html("", 1, ENGLISH, lead=lead),
    ):
        assert Reader(markup).text.startswith("109Probably (81\N{NO-BREAK SPACE}%)")
    assert messages_html.lead_html("", 0.0, ENGLISH) == ""


def foreign(text: str = "“109 modeli” (Polish) [1]", *, llm: str = "none", language: str = "en") -> Answer:
    report = article("Wdrożono 109 modeli.", language="pl")
    made = answer("?", text, [citation(report, report.text)], [], language)
    return replace(made, claims=(Claim(text.removesuffix(" [1]"), (1,), "supported", 0.97),), models={"llm": llm})


@pytest.mark.parametrize("tag", TAGS)
def test_words_that_nothing_translated_are_said_to_be_the_reports_own_and_what_would_translate(tag):
    strings = LANGUAGES[tag]
    told = Reader(messages_html.answer_html(foreign(), 1, strings)).text
    assert strings.own_words.format(languages=strings.language("pl")) in told
    assert told.count(strings.translator.format(command="pip install -e '.[local]'")) == 1
    later = Reader(messages_html.answer_html(foreign(), 1, strings, install=False)).text
    assert strings.language("pl") in later and messages_html.INSTALL not in later


@pytest.mark.parametrize(
    "made",
    [
        foreign(llm="bundled"),
        foreign("109 [1]"),
        foreign(language="pl"),
        foreign(language="pl-PL"),
        replace(foreign(), answered=False, citations=(), claims=()),
        replace(foreign(), models={}),
    ],
)
def test_words_that_are_the_askers_or_were_translated_are_not(made):
    assert messages_html.untranslated(made) == ()
    assert 'class="own"' not in messages_html.answer_html(made, 1, ENGLISH)


def test_each_language_of_the_reports_own_words_is_named_once():
    polish, malay = article("Wdrożono 109.", language="pl"), article("Pada 5 Julai.", id="b", language="ms")
    cited = [citation(polish, "Wdrożono 109."), citation(malay, "Pada 5 Julai.", 2), citation(polish, "109.", 3)]
    made = replace(
        answer("?", "“Wdrożono” [1] “Pada” [2] “109” [3]", cited, []),
        claims=tuple(Claim(f"“{word}”", (n,), "weak") for n, word in enumerate(("Wdrożono", "Pada", "109"), 1)),
        models={"llm": "none"},
    )
    assert messages_html.untranslated(made) == ("pl", "ms")
    assert "Polish and Malay" in Reader(messages_html.answer_html(made, 1, ENGLISH)).text


def test_only_the_last_answer_offers_to_ask_again_and_a_rating_is_seen():
    whole = answer("?", "Die Berichte sagen es nicht.", [], [], "de")
    last = messages_html.answer_html(whole, 2, ENGLISH, last=True, rating="down")
    assert 'id="retry&#45;2"' in last and "retry" not in messages_html.answer_html(whole, 2, ENGLISH)
    pressed = [part for part in last.split("<button")[1:] if "pressed" in part]
    assert len(pressed) == 1 and ENGLISH.thumbs_down in pressed[0]


def test_a_problem_and_a_stop_keep_the_words_and_offer_to_ask_again():
    problem = messages_html.problem_html("gone", "half a", 4, ENGLISH)
    stopped = messages_html.stopped_html("half a", 4, ENGLISH, why=ENGLISH.broken_off)
    for markup in (problem, stopped):
        assert "half a" in markup and 'id="retry&#45;4"' in markup
    assert "gone" in problem and ENGLISH.broken_off in Reader(stopped).text
