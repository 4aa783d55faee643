"""A conversation as it is seen: the messages, and the panel of sources beside them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_reports import KIM_BANG, POPULATION, FakeReports, answer, article, citation, hit, sentence_with
from html_reader import Reader

from rag.models import Filtered
from ui.answer_stream import follow
from ui.conversation_html import chat, panel, stale, welcome
from ui.exchanges import Exchange, Feedback
from ui.messages_html import INSTALL
from ui.strings import ENGLISH, LANGUAGES, TAGS


def asked(reports: FakeReports, *questions: str) -> list[Exchange]:
    return [list(follow(reports, (), Exchange(question)))[-1].exchange for question in questions]


def replies(talk: list[Exchange], **more) -> list[str]:
    return [message["content"] for message in chat(talk, ENGLISH, **more) if message["role"] == "assistant"]


def test_the_panel_has_the_evidence_first_and_then_the_cited_sentence_marked():
    reports = FakeReports()
    steps = [step.exchange for step in follow(reports, (), Exchange(KIM_BANG))]
    found = panel(reports, [steps[1]], ENGLISH)
    assert "sources found" in found and "Kim Bang" in found and "Polish" in found
    assert sentence_with(reports.collection[-1], "109")[:20] in found
    end = panel(reports, [steps[-1]], ENGLISH)
    assert "sources cited" in end and end.count("<mark") == 1 and 'id="citation-1-1"' in end


def test_a_declined_question_shows_the_nearest_sentences_and_no_marker():
    reports = FakeReports()
    talk = asked(reports, POPULATION)
    assert "declined" in replies(talk)[0] and "marker" not in replies(talk)[0]
    shown = panel(reports, talk, ENGLISH)
    assert "sources nearest" in shown and "sources cited" not in shown and "<blockquote" in shown


@pytest.mark.parametrize("tag", TAGS)
def test_where_the_filters_leave_no_report_the_panel_says_so(tag):
    strings = LANGUAGES[tag]
    none = answer("?", "Nein.", [], [])
    for left, told, untold in (
        (Filtered(0, 7, 2), strings.no_match, strings.no_evidence),
        (Filtered(3, 7, 2), strings.no_evidence, strings.no_match),
        (None, strings.no_evidence, strings.no_match),
    ):
        past = Exchange("?", hits=(), answer=replace(none, filtered=left))
        shown = Reader(panel(FakeReports(), [Exchange.from_dict(past.to_dict())], strings)).text
        assert told in shown and untold not in shown


def test_what_has_no_answer_says_why_and_keeps_its_evidence():
    reports = FakeReports()
    (gone,) = asked(reports, "gone?")
    assert "went away" in replies([gone])[0] and "Kim Bang melaporkan" in replies([gone])[0]
    assert "sources found" in panel(reports, [gone], ENGLISH)
    halted = Exchange("?", hits=gone.hits, stopped=True)
    broken = Exchange("?", hits=gone.hits, broken_off=True)
    assert ENGLISH.stopped in replies([halted])[0]
    assert ENGLISH.broken_off in Reader(replies([broken])[0]).text


def test_while_one_is_answered_nothing_offers_to_ask_again_and_the_place_in_line_is_told():
    talk = [*asked(FakeReports(), KIM_BANG), Exchange(POPULATION, hits=())]
    shown = chat(talk, ENGLISH, busy=True, place=3)
    assert not any("do-edit" in message["content"] or "do-retry" in message["content"] for message in shown)
    assert ENGLISH.queue_place.format(n=3) in Reader(shown[-1]["content"]).text
    assert any("do-edit" in message["content"] for message in chat(talk, ENGLISH))


def test_what_a_person_thinks_of_an_answer_is_seen():
    (known,) = asked(FakeReports(), KIM_BANG)
    assert "pressed" not in replies([known])[0]
    assert "pressed" in replies([replace(known, feedback=Feedback(False))])[0]


def test_the_copied_text_lies_beside_the_answer():
    talk = asked(FakeReports(), KIM_BANG)
    assert "COPY" in replies(talk, footnoted=lambda answer: f"COPY {answer.text}")[0]


def test_what_would_translate_is_told_once_in_a_conversation():
    reports = FakeReports()
    reports.llm = "none"
    shown = [Reader(reply).text for reply in replies(asked(reports, POPULATION, KIM_BANG, KIM_BANG))]
    own = ENGLISH.own_words.format(languages="Polish")
    assert [own in text for text in shown] == [False, True, True]
    assert [INSTALL in text for text in shown] == [False, True, False]
    reports.llm = "bundled"
    assert not any(own in Reader(reply).text for reply in replies(asked(reports, KIM_BANG)))


def test_the_short_answer_is_seen_before_its_words():
    steps = [step.exchange for step in follow(FakeReports(), (), Exchange(KIM_BANG))]
    early = next(step for step in steps if step.short)
    assert not early.written
    assert Reader(replies([early])[0]).text.startswith("109Probably (97")
    for broken in (replace(early, stopped=True), replace(early, broken_off=True), replace(early, problem="gone")):
        assert Reader(replies([broken])[0]).text.startswith("109Probably (97")


def test_earlier_answers_keep_their_own_sources_newest_first():
    reports = FakeReports()
    shown = panel(reports, asked(reports, KIM_BANG, POPULATION), ENGLISH)
    assert shown.index('id="sources-2"') < shown.index('id="sources-1"')
    assert 'id="citation-1-1"' in shown


def test_a_kept_conversation_comes_back_with_its_reports_whole():
    reports = FakeReports()
    kept = [Exchange.from_dict(one.to_dict()) for one in asked(reports, KIM_BANG, POPULATION)]
    assert not any(hit.article.text for one in kept for hit in one.hits or ())
    shown = panel(reports, kept, ENGLISH)
    assert '<mark class="for-1-1">' in shown and '<mark class="for-2-0">' in shown


@pytest.mark.parametrize("language", ["ms", "tr", "es", "de", "pl", "en", "vi"])
def test_each_language_of_a_report_is_named(language):
    reports = FakeReports([article("109. 2024.", language=language)])
    assert ENGLISH.language(language) in panel(reports, [], ENGLISH)
    assert ENGLISH.language(language) != language


def test_an_empty_collection_offers_to_upload_instead_of_questions():
    shown = Reader(welcome([], ENGLISH, empty=True))
    assert ENGLISH.suggestions not in shown.text and ("id", "goto-collection") in shown.attributes
    for offers in (["Why?"], []):
        assert ENGLISH.upload not in Reader(welcome(offers, ENGLISH, empty=False)).text


def test_an_answer_is_marked_when_its_report_is_edited_changed_or_gone():
    report = article("Eins. Zwei.", language="de")
    proof = citation(report, "Zwei.")
    talk = [Exchange("?", answer=answer("?", "x [1]", [proof], [])), Exchange("?", answer=answer("?", "-", [], []))]

    def state(now):
        return [stale(talk, lambda _: now).get(one.id, "") for one in talk]

    assert state(report) == ["", ""]
    assert state(article("Eins. Zwei. Drei.")) == ["edited", ""]
    assert state(article("Neu. Eins. Zwei.")) == ["changed", ""]
    assert state(None) == ["gone", ""]
    old = replace(talk[0], answer=answer("?", "x [1]", [replace(proof, sha256="")], []))
    assert stale([old], lambda _: article("Eins. Zwei. Drei.")) == {}, "it was not said which text was read"
    for kind in ("edited", "changed", "gone"):
        said = chat(talk[:1], ENGLISH, aged={talk[0].id: kind})[1]["content"]
        assert Reader(getattr(ENGLISH, f"stale_{kind}")).text in Reader(said).text
    assert "stale" not in chat(talk, ENGLISH)[1]["content"]


def test_a_follow_up_says_what_it_was_read_with_and_can_be_asked_as_typed():
    made = replace(answer("Und dann?", "x", [], []), follows="Wer <b> war da?")
    said = chat([Exchange("Und dann?", answer=made)], ENGLISH)[1]["content"]
    assert "Read as a follow-up to “Wer <b> war da?”" in Reader(said).text and "<b>" not in said
    assert ("id", "alone-1") in Reader(said).attributes
    assert "do-alone" not in chat([Exchange("?", answer=answer("?", "x", [], []))], ENGLISH)[1]["content"]


@pytest.mark.parametrize("answered", [True, False])
def test_small_talk_has_neither_confidence_nor_sources(answered):
    report = article("Eins.")
    made = replace(answer("Hi", "Hello!", [], [hit(report, "Eins.")]), kind="talk", answered=answered)
    talk = [Exchange("Hi", answer=made, hits=made.hits)]
    said = Reader(chat(talk, ENGLISH)[1]["content"]).text
    assert "Hello!" in said
    for words in (ENGLISH.declined, ENGLISH.declined_note, ENGLISH.probably):
        assert words not in said
    beside = Reader(panel(FakeReports(), talk, ENGLISH)).text
    assert ENGLISH.nearest_title not in beside and ENGLISH.collection in beside


def test_an_erased_answer_leaves_a_note_and_no_sources():
    report = article("Secret words.")
    made = answer("Q?", "Secret [1]", [citation(report, "Secret words.")], [hit(report, "Secret words.")])
    gone = Exchange("Q?", hits=made.hits, written="Secret", answer=made, short="Secret").without({report.id})
    said = chat([gone], ENGLISH)[1]["content"]
    assert ENGLISH.erased in Reader(said).text and "Secret" not in said
    assert "Secret" not in panel(FakeReports(), [gone], ENGLISH)


def test_an_arabic_answer_is_set_from_right_to_left():
    report = article("NATO أعلن.", language="ar")
    made = replace(answer("?", "NATO أعلن [1]", [citation(report, "NATO أعلن.")], []), language="ar")
    assert 'lang="ar" dir="rtl"' in chat([Exchange("?", answer=made)], ENGLISH)[1]["content"]
