"""Spans that simple questions may ask for, in several languages."""

from __future__ import annotations

import pytest
from fake_reports import article

from rag.answering import candidates
from rag.models import Passage


def found(text: str, language: str, places=("Lund",)) -> dict[str, str]:
    report = article(text, language=language, places=places)
    held = candidates(report, [Passage(report.id, 0, len(text), text, "sentence")])
    assert all(one.article_id == report.id and one.sha256 == report.sha256 for one in held)
    return {one.kind: text[one.start : one.end] for one in held}


@pytest.mark.parametrize(
    ("language", "text", "spans"),
    [
        ("en", "On 3 March 2021 the mayor Anna Berg paid 12 euros to 40 % of all.",
         {"when": "3 March 2021", "who": "Anna Berg", "share": "40", "amount": "12"}),
        ("pl", "Dnia 3 marca 2021 r. wójt Łukasz Żak dał 12 euro.",
         {"when": "3 marca 2021", "who": "Łukasz Żak", "amount": "12"}),
        ("tr", "Belediye başkanı Işıl Öztürk konuştu.", {"who": "Işıl Öztürk"}),
        ("de", "Der Rat tagte am 3. März 2021 in Bad Ems.", {"when": "3. März 2021"}),
        ("vi", "Hôm nay ông Đỗ Việt Anh phát biểu.", {"who": "Đỗ Việt Anh"}),
        ("ja", "2021年3月5日に会議が開かれた。", {"when": "2021年3月5日"}),
        ("en", "Lund Council met. Nothing else.", {}),
    ],
)  # fmt: skip
def test_days_names_shares_and_sums_are_found_where_they_stand(language, text, spans):
    assert found(text, language) == spans


def test_a_report_without_a_place_is_not_asked_for():
    assert found("On 3 March 2021 it rained.", "en", places=()) == {}


def test_its_own_place_is_no_name():
    assert found("The council of Ninh Binh met.", "en", places=("Ninh Binh",)) == {}
