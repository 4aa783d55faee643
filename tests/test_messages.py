"""HTML of questions and answers: markers, what stands behind them, and how support looks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from fake_reports import answer, article, citation
from html_reader import Reader

from rag.models import Claim
from ui import messages
from ui.strings import ENGLISH


def test_markers_of_known_citations_are_links_and_others_stay_words():
    report = article("Ein Satz.", language="de")
    markup = messages.answer_html(answer("?", "A [1], b [2].", [citation(report, "Ein Satz.")], []), 3, ENGLISH)
    seen = Reader(markup)
    assert ("href", "#citation-3-1") in seen.attributes
    assert seen.tags.count("a") == 1
    assert "b [2]." in seen.text


def test_behind_a_marker_stand_quote_report_language_and_date():
    report = article("Ein Satz.", language="de", title="Das Blatt", published=date(2024, 7, 5))
    markup = messages.answer_html(answer("?", "A [1]", [citation(report, "Ein Satz.")], []), 3, ENGLISH)
    tip = Reader(markup[markup.index('<span class="tip"') : markup.index("</span></span>") + len("</span></span>")])
    assert ("id", "tip-3-1") in tip.attributes and ("lang", "de") in tip.attributes
    assert tip.text == "Ein Satz.Das Blatt · German · 5 July 2024"


def test_a_declined_answer_says_so_in_words_and_a_weak_one_too():
    report = article("Ein Satz.")
    proven = answer("?", "Ja. [1]", [citation(report, "Ein Satz.")], [])
    weak = replace(proven, claims=(Claim("Ja.", (1,), "weak"),))
    declined = answer("?", "Die Berichte sagen es nicht.", [], [], "de")
    texts = [Reader(messages.answer_html(x, 1, ENGLISH)).text for x in (proven, weak, declined)]
    assert [ENGLISH.count(ENGLISH.proven, 1) in x for x in texts] == [True, False, False]
    assert [ENGLISH.weak in x for x in texts] == [False, True, False]
    assert [ENGLISH.declined in x for x in texts] == [False, False, True]
    assert [ENGLISH.declined_note in x for x in texts] == [False, False, True]


def test_of_two_claims_only_the_weak_one_looks_doubtful():
    report = article("Ein Satz.")
    both = answer("?", "Ja. [1] Viele. [1]", [citation(report, "Ein Satz.")], [])
    both = replace(both, claims=(Claim("Ja.", (1,), "supported"), Claim("Viele.", (1,), "weak")))
    markup = messages.answer_html(both, 1, ENGLISH)
    doubtful = markup[markup.index('<span class="doubtful">') :]
    assert "Viele" in doubtful and "Ja" not in doubtful and ENGLISH.claim_weak in doubtful


def test_only_the_last_answer_offers_to_ask_again_and_a_rating_is_seen():
    whole = answer("?", "Die Berichte sagen es nicht.", [], [], "de")
    last = messages.answer_html(whole, 2, ENGLISH, last=True, rating="down")
    assert 'id="retry&#45;2"' in last and "retry" not in messages.answer_html(whole, 2, ENGLISH)
    pressed = [part for part in last.split("<button")[1:] if "pressed" in part]
    assert len(pressed) == 1 and ENGLISH.thumbs_down in pressed[0]


def test_a_problem_and_a_stop_keep_the_words_and_offer_to_ask_again():
    problem = messages.problem_html("gone", "half a", 4, ENGLISH)
    stopped = messages.stopped_html("half a", 4, ENGLISH, why=ENGLISH.broken_off)
    for markup in (problem, stopped):
        assert "half a" in markup and 'id="retry&#45;4"' in markup
    assert "gone" in problem and ENGLISH.broken_off in Reader(stopped).text
