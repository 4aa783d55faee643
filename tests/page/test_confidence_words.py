"""How sure an answer is, in words: what is called proven, what probable, and what else it may be."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_reports import answer, article, citation

from rag.models import Alternative, Claim
from ui import confidence_words
from ui.strings import ENGLISH, LANGUAGES

REPORT = article("Eins. Zwei. Drei.", language="de")
QUOTES = [citation(REPORT, text, number) for number, text in enumerate(("Eins.", "Zwei.", "Drei."), 1)]
PROVEN = answer("?", "A. [1] B. [2]", QUOTES[:2], [])


def claimed(*claims: Claim, **more):
    return replace(PROVEN, claims=claims, **more)


def test_proven_is_what_every_claim_is():
    sure, weak = Claim("A.", (1,), "supported", 0.99), Claim("B.", (2,), "weak", 0.6)
    assert confidence_words.verdict(
        claimed(sure, replace(weak, support="supported")), ENGLISH
    ) == confidence_words.Badge(True, "Proven by 2 sentences")
    found = confidence_words.verdict(claimed(sure, weak, confidence=0.814), ENGLISH)
    assert found == confidence_words.Badge(False, "Probably (81\N{NO-BREAK SPACE}%)")


def test_sentences_of_other_readings_prove_nothing():
    sure = Claim("A.", (1,), "supported", 0.97)
    beside = claimed(sure, others=(Alternative("B", 0.1, 2),))
    assert confidence_words.verdict(beside, ENGLISH) == confidence_words.Badge(True, "Proven by 1 sentence")


def test_nothing_is_called_proven_where_nothing_was_answered_or_cited():
    declined = replace(PROVEN, answered=False, others=(Alternative("B", 0.1, 2),))
    assert confidence_words.verdict(declined, ENGLISH) is None and confidence_words.others(declined, ENGLISH) == ()
    assert confidence_words.verdict(claimed(), ENGLISH) is None
    assert confidence_words.verdict(claimed(Claim("Hello!", (), "supported", 1.0)), ENGLISH) is None


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_probability_is_never_rounded_up_to_what_would_be_proven(tag):
    assert confidence_words.probably(0.9499, LANGUAGES[tag]) == confidence_words.probably(0.94, LANGUAGES[tag])
    assert "29" in confidence_words.probably(0.29, LANGUAGES[tag])
    assert confidence_words.probably(0.4999, ENGLISH) == "Possibly (49\N{NO-BREAK SPACE}%)"


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("en", "Probably (81 %)"),
        ("ms", "Kemungkinan besar (81%)"),
        ("tr", "Büyük olasılıkla (%81)"),
        ("es", "Probablemente (81 %)"),
        ("de", "Wahrscheinlich (81 %)"),
        ("pl", "Prawdopodobnie (81%)"),
        ("vi", "Nhiều khả năng (81%)"),
    ],
)
def test_each_language_says_probably_in_its_own_way(tag, words):
    assert " ".join(confidence_words.probably(0.816, LANGUAGES[tag]).split()) == words


def test_a_probability_that_is_not_known_is_not_told_as_none():
    assert confidence_words.probably(0.0, ENGLISH) == "Probably"
    assert " ".join(confidence_words.probably(0.38, ENGLISH).split()) == "Possibly (38 %)"
    assert " ".join(confidence_words.probably(0.5, ENGLISH).split()) == "Probably (50 %)"


def test_other_readings_come_with_their_marker_and_probability():
    found = confidence_words.others(replace(PROVEN, others=(Alternative("112", 0.128, 3),)), ENGLISH)
    assert found == (confidence_words.Other("112", "[3] (12\N{NO-BREAK SPACE}%)"),)


def test_beside_a_quote_stands_how_likely_is_what_rests_on_it():
    made = claimed(
        Claim("A.", (1,), "supported", 0.97),
        Claim("B.", (2,), "weak", 0.6),
        Claim("C.", (2,), "weak", 0.8),
        others=(Alternative("2", 0.2, 2), Alternative("3", 0.1, 3)),
    )
    said = {number: " ".join(words.split()) for number, words in confidence_words.beside_quotes(made, ENGLISH).items()}
    assert said == {2: "Probably (60 %) · It may also be: 2 (20 %)", 3: "It may also be: 3 (10 %)"}


@pytest.mark.parametrize(
    ("text", "short", "shown"),
    [
        ("Kim Bang melaporkan 109 model. [1]", "109", True),
        ("109 [1]", "109", False),
        ("109 model. [1] [2] [3]", "109", False),
        ("“109 modeli” (Polish) [1]", "109 modeli", False),
        ("One hundred and nine. [1]", "109", True),
        ("Hello!", "", False),
    ],
)
def test_the_short_answer_is_told_apart_where_the_words_say_more(text, short, shown):
    made = replace(PROVEN, text=text, short=short)
    assert confidence_words.headline(made) == (short if shown else "")
    assert confidence_words.headline(replace(made, answered=False)) == ""
