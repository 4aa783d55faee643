"""Any part of any report is found in it as a phrase, and nothing else is marked."""

import invariants as hold
from hypothesis import given
from hypothesis import strategies as draw
from odd_texts import articles, spans


@given(draw.data(), articles())
def test_what_stands_in_a_report_is_found_there(data, article):
    hold.check_phrases(article, *data.draw(spans(article)))
