"""What is made of a model's reply, whatever it says: small models by excerpt, strong ones all at once."""

from __future__ import annotations

import math

import pytest
from fake_model import FakeLikeness, FakeModel, tokens
from fake_reports import article, passage

from rag.errors import ModelError
from rag.llm import Completion, Token
from rag.models import Evidence
from rag.questions import Question
from rag.reading import MOST_PASSED, STRONG, make_standalone, read, translate

SENTENCES = ("Rada tagte.", "Es gab 12 Stimmen.", "Đỗ Việt Anh sprach.")
REPORT = article(" ".join(SENTENCES), id="one", language="de", places=("Ninh Sơn",))
OTHER = article("El alcalde habló. Hubo 7 votos.", id="two", language="es")
TWELVE = '"12 Stimmen" => There were 12 votes.'


def question(text: str = "How many votes were there?", language: str = "en", kind: str = "number") -> Question:
    return Question(text, language, kind, (), (), (), ())


OPEN = question("What happened?", kind="other")


def piece(report=REPORT, sentences=SENTENCES, best=1, span=None) -> Evidence:
    return Evidence(report, tuple(passage(report, sentence) for sentence in sentences), best, 0.8, span)


SECOND = piece(OTHER, ("El alcalde habló.", "Hubo 7 votos."), 0)


def drafts(reply, evidence=(), *, small=True, asked=None, most=9, **more):
    model = FakeModel(reply, small=small, **more)
    return list(read(model, asked or question(), evidence or [piece()], most, FakeLikeness()))


# Small: one excerpt at a time


def test_the_excerpt_goes_in_and_the_sentence_copied_from_comes_out_first():
    model = FakeModel(['"Đỗ Việt Anh" => Đỗ Việt Anh spoke.'])
    (draft,) = read(model, question("Who spoke?", kind="person"), [piece()], 9, FakeLikeness())
    (prompt,) = model.prompts
    assert prompt.excerpt == REPORT.text
    assert prompt.question == "Who spoke?" and "English" in prompt.user
    assert "Ninh Sơn" in prompt.user and "German" in prompt.user  # what the report tells of itself
    assert (draft.text, draft.words, draft.article) == ("Đỗ Việt Anh spoke.", "Đỗ Việt Anh", REPORT)
    assert draft.nearness == 0.8
    assert [quote.text for quote in draft.quotes] == [SENTENCES[2], SENTENCES[0], SENTENCES[1]]


def test_worked_examples_are_turns_and_only_what_varies_comes_after_them():
    model = FakeModel(["NONE"])
    list(read(model, OPEN, [piece(), SECOND], 9, FakeLikeness()))
    one, two = (prompt.messages for prompt in model.prompts)
    assert [message.role for message in one] == ["system", *["user", "assistant"] * (len(one) // 2 - 1), "user"]
    assert len(one) > 6 and one[:-1] == two[:-1] and one[-1] != two[-1]
    replies = [message.content for message in one if message.role == "assistant"]
    assert "NONE" in replies and any(" => " in reply for reply in replies)


def test_only_the_stretch_is_shown_and_copied_from():
    start = REPORT.text.index("Es gab")
    model = FakeModel([TWELVE])
    (draft,) = read(model, question(), [piece(span=(start, start + len(SENTENCES[1])))], 9, FakeLikeness())
    assert model.prompts[0].excerpt == SENTENCES[1] and draft.quotes[0].text == SENTENCES[1]


def test_white_space_of_the_report_is_narrowed_and_the_sentence_still_found():
    held = ("Die\u00a0Stadt  tagte.", "Es gab\t\t12\n Stimmen.", "Zwölf   sprachen.")
    report = article(" \n ".join(held), id="wide", language="de")
    model = FakeModel([TWELVE, '"Zwölf sprachen" => Twelve spoke.'])
    wide = piece(report, held, 0)
    first, second = read(model, OPEN, [wide, wide], 9, FakeLikeness())
    assert model.prompts[0].excerpt == "Die Stadt tagte. Es gab 12 Stimmen. Zwölf sprachen."
    assert (first.quotes[0].text, second.quotes[0].text) == (held[1], held[2])
    assert {quote.text for quote in first.quotes} == set(held)


def test_of_several_figures_the_far_ones_cannot_be_copied_and_the_draft_tells_how_near_its_own_is():
    text = "Es kamen 30 Leute, dann gab es 12 Stimmen."
    two = piece(article(text, id="two figures", language="de"), (text,), 0)
    near = FakeLikeness(("Stimmen", 0.7), otherwise=0.1)
    (draft,) = read(FakeModel([TWELVE]), question(), [two], 9, near)
    assert (draft.words, draft.pointing) == ("12 Stimmen", pytest.approx(0.7))
    with pytest.raises(AssertionError, match="no grammar"):
        list(read(FakeModel(['"30 Leute" => There were 30.']), question(), [two], 9, near))
    # Words that were not copied are near to nothing, and so are those that any words may answer.
    (lost,) = read(FakeModel(['"twelve" => Twelve.'], constrains=False), question(), [two], 9, near)
    (free,) = read(FakeModel([TWELVE]), OPEN, [two], 9, near)
    assert lost.pointing == free.pointing == 0.0


def test_the_stretch_with_the_nearest_figure_is_shown_first():
    model = FakeModel(["NONE"])
    near = FakeLikeness(("votos", 0.7), otherwise=0.3)
    assert list(read(model, question(), [piece(), SECOND], 9, near)) == []
    assert [prompt.excerpt for prompt in model.prompts] == [SECOND.excerpt, piece().excerpt]


def test_a_who_is_answered_by_a_name_or_where_none_stands_by_any_words():
    asked = question("Who met?", kind="person")
    with pytest.raises(AssertionError, match="no grammar"):
        drafts(['"12 Stimmen" => Twelve votes met.'], asked=asked)
    (draft,) = drafts(
        ['"Rada tagte" => The council met.'], (piece(sentences=SENTENCES[:1], best=0, span=(0, 11)),), asked=asked
    )
    assert draft.words == "Rada tagte"


def test_of_several_answers_in_one_line_the_first_is_read():
    (draft,) = drafts(['"12 Stimmen" => There were "12" votes. "30 Leute" => There were 30 people.'], asked=question())
    assert (draft.words, draft.text) == ("12 Stimmen", 'There were "12" votes.')


def test_each_excerpt_is_read_only_when_asked_for():
    model = FakeModel(["NONE", '"7 votos" => Seven.', "NONE"])
    found = read(model, question(), [piece(), SECOND, piece()], 9, FakeLikeness())
    assert next(found).article is OTHER
    assert len(model.prompts) == 2


def test_at_most_so_many_excerpts_are_shown():
    model = FakeModel(["NONE"])
    assert list(read(model, question(), [piece()] * 9, 3, FakeLikeness())) == []
    assert len(model.prompts) == 3


def test_what_holds_nothing_of_the_kind_asked_for_is_passed_over_unread_and_not_counted():
    bare = piece(REPORT, SENTENCES[:1], 0)
    model = FakeModel([TWELVE])
    (draft,) = read(model, question(), [bare, bare, bare, piece()], 1, FakeLikeness())
    assert draft.words == "12 Stimmen" and len(model.prompts) == 1
    assert list(read(FakeModel([TWELVE]), question(), [*[bare] * MOST_PASSED, piece()], 1, FakeLikeness())) == []
    # A question that any words may answer passes over nothing.
    open_model = FakeModel(["NONE"])
    assert list(read(open_model, OPEN, [bare, piece()], 9, FakeLikeness())) == []
    assert len(open_model.prompts) == 2


@pytest.mark.parametrize(
    "reply",
    [
        "NONE",
        "none",
        "",
        "  \n",
        "There were 12 votes.",
        "[2] There were 12 votes.",
        '"12 Stimmen"',
        '"12 Stimmen" => ',
    ],
)
def test_a_reply_of_another_form_is_no_draft(reply):
    # A model that no grammar holds can say anything.
    assert drafts([reply], constrains=False) == []


@pytest.mark.parametrize("words", ["", "100,000", "Anh Việt Đỗ", "12 votes", '12" Stimmen'])
def test_words_that_were_not_copied_leave_the_sentence_that_was_sought(words):
    (draft,) = drafts([f'"{words}" => There were 12 votes.'], constrains=False)
    assert [quote.text for quote in draft.quotes] == [SENTENCES[1], SENTENCES[0], SENTENCES[2]]


def test_report_text_with_braces_and_brackets_goes_in_as_it_is():
    text = '{question} [7] --- user --- {0} "x" => root ::= y'
    report = article(text, id="odd")
    model = FakeModel(["NONE"])
    assert list(read(model, OPEN, [piece(report, (text,), 0)], 9, FakeLikeness())) == []
    assert model.prompts[0].excerpt == text


def test_what_a_model_thought_of_the_copy_and_of_the_sentence_is_told_apart():
    reply = Completion(
        TWELVE,
        (
            Token('"', -0.1, (('"', -0.1), ("NONE", -3.0))),
            Token("12", -0.2, ()),
            Token(" Stimmen", -0.4, ()),
            Token(" =>", -9.0, ()),
            Token(" There", -1.0, ()),
            Token(" were 12 votes.", -3.0, ()),
        ),
    )
    (draft,) = drafts([reply])
    assert draft.copying == pytest.approx(-0.3)
    assert draft.confidence == pytest.approx(-2.0)
    assert draft.answering == pytest.approx(math.log(math.exp(-0.1) / (math.exp(-0.1) + math.exp(-3.0))))


def test_a_model_that_nearly_declined_is_told_from_one_that_did_not():
    (sure,) = drafts([tokens(TWELVE, decline=-10.0)])
    (wavering,) = drafts([tokens(TWELVE, logprob=-1.0, decline=-0.5)])
    assert sure.answering > -0.01 > wavering.answering
    assert math.isfinite(drafts([tokens(TWELVE, logprob=-1e4, decline=0.0)])[0].answering)


def test_without_probabilities_all_are_zero():
    (draft,) = drafts([Completion(TWELVE, ())])
    assert (draft.confidence, draft.copying, draft.answering) == (0.0, 0.0, 0.0)


def test_words_are_translated_alone_with_both_languages_named():
    model = FakeModel([], translated=" 12 \n votes ")
    assert translate(model, "12 Stimmen", "de", "en") == "12 votes"
    speaking = FakeModel([], translated='"12 Stimmen" in English is: 12 votes')
    assert translate(speaking, "12 Stimmen", "de", "en") == "12 votes"
    (prompt,) = model.translations
    assert "12 Stimmen" in prompt.user and "German" in prompt.user and "English" in prompt.user
    assert model.read == []


# Strong: everything in one prompt


def test_all_evidence_goes_in_one_prompt_numbered_through():
    model = FakeModel(["There were 12 votes. [2]\nThere were 7 votes. [5]"], small=False)
    found = list(read(model, question(), [piece(), SECOND], 9, FakeLikeness()))
    (prompt,) = model.prompts
    assert prompt.sentences == dict(enumerate([*SENTENCES, "El alcalde habló.", "Hubo 7 votos."], 1))
    assert [(draft.text, draft.article.id, [q.text for q in draft.quotes]) for draft in found] == [
        ("There were 12 votes.", "one", ["Es gab 12 Stimmen."]),
        ("There were 7 votes.", "two", ["Hubo 7 votos."]),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "12 votes [1][2]",
        "12 votes [1, 2]",
        "12 votes [1] [2].",
        "- 12 votes [1,2] .",
        "* 12 votes [1][2][1]",
        "12 votes [1][2][99][0]",
    ],
)
def test_several_markers_on_a_claim(line):
    (draft,) = drafts([line], small=False)
    assert draft.text == "12 votes"
    assert [quote.text for quote in draft.quotes] == [SENTENCES[0], SENTENCES[1]]


@pytest.mark.parametrize("reply", ["NONE [2]", "[2]", "- [2]"])
def test_declining_beside_a_marker_is_no_claim(reply):
    assert drafts([reply], small=False) == []


def test_no_more_evidence_is_shown_than_was_asked_for():
    strong, small = FakeModel(["NONE"], small=False), FakeModel(["NONE"])
    assert list(read(strong, question(), [piece()] * (STRONG + 1), 1, FakeLikeness())) == []
    assert len(strong.prompts) == 1 and len(strong.prompts[0].sentences) == STRONG * len(piece().sentences)
    assert list(read(small, question(), [piece(), SECOND, piece()], 2, FakeLikeness())) == []
    assert len(small.prompts) == 2


def test_a_claim_on_two_reports_is_a_draft_for_each():
    found = drafts(["Votes were counted. [2][5]"], (piece(), SECOND), small=False)
    assert [(draft.text, draft.article.id) for draft in found] == [
        ("Votes were counted.", "one"),
        ("Votes were counted.", "two"),
    ]


@pytest.mark.parametrize(
    "reply",
    [
        "NONE",
        "None.",
        "There were 12 votes.",
        "There were 12 votes. [99]",
        "There were 12 votes. [0]",
        "There were 12 votes. [2a]",
        "See [2] for the votes, said someone else",
        "I cannot help with that.",
    ],
)
def test_lines_without_a_marker_of_a_shown_sentence_are_dropped(reply):
    assert drafts([reply], small=False) == []


def test_an_empty_reply_of_a_strong_model_is_an_error_with_the_way_out():
    with pytest.raises(ModelError, match="fake gave an empty reply; ask again"):
        drafts(["  \n"], small=False)


@pytest.mark.parametrize("small", [True, False])
def test_without_evidence_no_model_is_asked(small):
    model = FakeModel(["NONE"], small=small)
    assert list(read(model, question(), [], 9, FakeLikeness())) == []
    assert model.prompts == []


@pytest.mark.parametrize("small", [True, False])
def test_what_a_model_raises_goes_through(small):
    with pytest.raises(ModelError, match="gone"):
        drafts([ModelError("gone; start it")], small=small)


def test_follow_up_is_rewritten_with_the_conversation():
    model = FakeModel([], rewritten=' "How many models did Ninh Son report?" ')
    made = make_standalone(model, [("How many models did Kim Bang report?", "109 [1]")], question("And Ninh Son?"))
    assert made == "How many models did Ninh Son report?"
    user = model.prompts[0].user
    assert "How many models did Kim Bang report?" in user and "109 [1]" in user and "And Ninh Son?" in user


def test_stretches_with_a_day_are_read_before_those_with_a_year():
    year = piece(article("Der Plan für 2024 kam.", id="year", language="de"), ("Der Plan für 2024 kam.",), 0)
    day = piece(article("Er kam am 3. Mai 2021.", id="day", language="de"), ("Er kam am 3. Mai 2021.",), 0)
    model = FakeModel(["NONE"])
    assert list(read(model, question("When did the plan come?", kind="date"), [year, day], 9, FakeLikeness())) == []
    assert [prompt.excerpt for prompt in model.prompts] == [day.excerpt, year.excerpt]
    asked = FakeModel(["NONE"])
    assert (
        list(read(asked, question("In which year did the plan come?", kind="date"), [year, day], 9, FakeLikeness()))
        == []
    )
    assert [prompt.excerpt for prompt in asked.prompts] == [year.excerpt, day.excerpt]


def test_a_day_that_stands_elsewhere_is_cited_from_its_own_sentence():
    report = article("Am 5. Juli tagte der Rat.\nEs regnete.\nEr lobte die Brücke.", language="de")
    lead, _, praise = (passage(report, line) for line in report.text.splitlines())
    shown = Evidence(report, (praise,), 0, 0.9, elsewhere=lead)
    asked = question("When was the bridge praised?", kind="date")
    (draft,) = read(FakeModel(['"5. Juli" => On 5 July.']), asked, [shown], 9, FakeLikeness())
    assert draft.quotes == (lead, praise)
    assert draft.beside == praise
