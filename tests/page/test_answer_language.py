"""The select of the language to answer in."""

from __future__ import annotations

import pytest

from ui.answer_language import offered, read
from ui.strings import LANGUAGES, TAGS


@pytest.mark.parametrize("tag", TAGS)
def test_the_questions_own_language_comes_first_then_those_of_the_page_then_many_more(tag):
    strings = LANGUAGES[tag]
    choices = offered(strings)
    assert choices[0] == (strings.as_asked, "")
    assert [value for _, value in choices[1 : 1 + len(TAGS)]] == list(TAGS)
    values = [value for _, value in choices]
    assert {"ar", "fr", "hi", "ja", "ru", "zh"} <= set(values) and len(set(values)) == len(values) > 35
    names = [name for name, _ in choices]
    assert len(set(names)) == len(names), "no two look alike"


@pytest.mark.parametrize(("value", "tag"), [("ar", "ar"), ("", ""), (None, ""), ("xx", ""), (["ar"], "")])
def test_only_what_is_offered_is_taken(value, tag):
    assert read(value) == tag
