"""Case files are read whole or refused with the line to change."""

from datetime import date

import pytest

from rag.errors import InputError
from rag.evaluation.loading import load_cases

GOOD = (
    '{"id": "a", "question": "Ile?", "language": "pl", "kind": "fact:number", "answerable": true, "answers": ["109"]}'
)


def test_a_case_comes_as_it_was_written(tmp_path):
    path = tmp_path / "cases.jsonl"
    path.write_text(GOOD + "\n\n", encoding="utf-8")
    (case,) = load_cases(path)
    assert (case.id, case.question, case.language, case.answers, case.number) == ("a", "Ile?", "pl", ("109",), None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no case"),
        (GOOD + "\nnonsense\n", "line 2"),
        (GOOD + "\n[1]\n", "line 2"),
        ('{"id": "a"}', "line 1"),
        (GOOD.replace('"kind"', '"today": "12 June", "kind"'), "line 1"),
        (GOOD.replace('"kind"', '"kindd"'), "kindd"),
        (GOOD + "\n" + GOOD, "two cases have the id a"),
    ],
)
def test_what_is_no_case_file_is_refused(tmp_path, text, told):
    path = tmp_path / "cases.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=told):
        load_cases(path)


def test_a_missing_file_is_refused_by_name(tmp_path):
    with pytest.raises(InputError, match="none.jsonl"):
        load_cases(tmp_path / "none.jsonl")


def test_a_header_is_no_case_and_a_follow_up_keeps_its_turns(tmp_path):
    path = tmp_path / "cases.jsonl"
    extra = '"turns": ["Ile w Kim Bang?"], "standalone": "Ile w Kim Boi?", "today": "2024-06-12", "answers"'
    path.write_text('{"reports": ["made"]}\n' + GOOD.replace('"answers"', extra), encoding="utf-8")
    (case,) = load_cases(path)
    assert (case.turns, case.standalone, case.today) == (("Ile w Kim Bang?",), "Ile w Kim Boi?", date(2024, 6, 12))


def test_a_header_stands_first_or_not_at_all(tmp_path):
    path = tmp_path / "cases.jsonl"
    path.write_text(GOOD + '\n{"reports": ["made"]}\n', encoding="utf-8")
    with pytest.raises(InputError, match="line 2"):
        load_cases(path)
