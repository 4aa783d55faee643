"""What is made of a model's reply, whatever it says: small models by excerpt, strong ones all at once."""

from __future__ import annotations

import math

import pytest
from fake_model import FakeModel, tokens
from fake_reports import article, passage

from rag.errors import ModelError
from rag.llm import Completion, Token
from rag.models import Evidence
from rag.questions import Question
from rag.reading import make_standalone, read

SENTENCES = ("Rada tagte.", "Es gab 12 Stimmen.", "Đỗ Việt Anh sprach.")
REPORT = article(" ".join(SENTENCES), id="one", language="de", places=("Ninh Sơn",))
OTHER = article("El alcalde habló. Hubo 7 votos.", id="two", language="es")


def question(text: str = "How many votes were there?", language: str = "en") -> Question:
    return Question(text, language, "number", (), (), (), ())


def piece(report=REPORT, sentences=SENTENCES, best=1) -> Evidence:
    return Evidence(report, tuple(passage(report, sentence) for sentence in sentences), best, 1.0)


SECOND = piece(OTHER, ("El alcalde habló.", "Hubo 7 votos."), 0)


def drafts(reply, evidence=(), *, small=True):
    return list(read(FakeModel(reply, small=small), question(), evidence or [piece()]))


# Small: one excerpt at a time


def test_excerpt_goes_in_numbered_and_the_named_sentence_comes_out_first():
    model = FakeModel(["[3] There were 12 votes."])
    (draft,) = read(model, question(), [piece()])
    (prompt,) = model.prompts
    assert prompt.sentences == dict(enumerate(SENTENCES, 1))
    assert "How many votes were there?" in prompt.user and "English" in prompt.user
    assert "Ninh Sơn" in prompt.user and "German" in prompt.user  # what the report tells of itself
    assert prompt.grammar is not None
    assert (draft.text, draft.article) == ("There were 12 votes.", REPORT)
    # Then the one that was sought, then the rest.
    assert [quote.text for quote in draft.quotes] == [SENTENCES[2], SENTENCES[1], SENTENCES[0]]


def test_each_excerpt_is_read_only_when_asked_for():
    model = FakeModel(["NONE", "[2] Seven.", "[1] Never."])
    found = read(model, question(), [piece(), SECOND, piece()])
    assert next(found).article is OTHER
    assert len(model.prompts) == 2


@pytest.mark.parametrize(
    "reply", ["NONE", "none", "", "  \n", "There were 12 votes.", "[x] There were 12 votes.", "[2]", "[2] "]
)
def test_a_reply_that_names_no_sentence_is_no_draft(reply):
    assert drafts([reply]) == []


@pytest.mark.parametrize("number", [0, 4, 99, 10**30])
def test_a_sentence_that_was_not_shown_proves_nothing_by_itself(number):
    # A server that ignores the grammar can say any number; a quote is always one of those shown.
    for draft in drafts([f"[{number}] There were 12 votes."]):
        assert {quote.text for quote in draft.quotes} <= set(SENTENCES)


def test_report_text_with_braces_and_brackets_goes_in_as_it_is():
    text = "{question} [7] --- user --- {0}"
    report = article(text, id="odd")
    model = FakeModel(["NONE"])
    assert list(read(model, question(), [piece(report, (text,), 0)])) == []
    assert text in model.prompts[0].user


def test_confidence_is_the_mean_over_the_answers_tokens():
    reply = Completion(
        "[2] 12 votes.",
        (
            Token("[", -0.1, (("[", -0.1), ("NONE", -3.0))),
            Token("2", -9.0, ()),
            Token("] ", -9.0, ()),
            Token("12", -0.2, ()),
            Token(" votes.", -0.4, ()),
        ),
    )
    (draft,) = drafts([reply])
    assert draft.confidence == pytest.approx(-0.3)
    assert draft.answering == pytest.approx(math.log(math.exp(-0.1) / (math.exp(-0.1) + math.exp(-3.0))))


def test_a_model_that_nearly_declined_is_told_from_one_that_did_not():
    (sure,) = drafts([tokens("[2] 12 votes.", decline=-10.0)])
    (wavering,) = drafts([tokens("[2] 12 votes.", logprob=-1.0, decline=-0.5)])
    assert sure.answering > -0.01 > wavering.answering
    assert math.isfinite(drafts([tokens("[2] 12.", logprob=-1e4, decline=0.0)])[0].answering)


def test_without_probabilities_both_are_zero():
    (draft,) = drafts([Completion("[2] 12 votes.", ())])
    assert (draft.confidence, draft.answering) == (0.0, 0.0)


# Strong: everything in one prompt


def test_all_evidence_goes_in_one_prompt_numbered_through():
    model = FakeModel(["There were 12 votes. [2]\nThere were 7 votes. [5]"], small=False)
    found = list(read(model, question(), [piece(), SECOND]))
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


@pytest.mark.parametrize(
    ("reply", "small"), [("[2] NONE", True), ("NONE [2]", False), ("[2]", False), ("- [2]", False)]
)
def test_declining_beside_a_marker_is_no_claim(reply, small):
    assert drafts([reply], small=small) == []


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
    model = FakeModel(["[1] x"], small=small)
    assert list(read(model, question(), [])) == []
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
