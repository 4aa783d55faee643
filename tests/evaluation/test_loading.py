"""Case files are read whole or refused with the line to change."""

import lzma
from datetime import date
from pathlib import Path

import pytest

from rag.errors import InputError
from rag.evaluation.loading import Case, Subset, load_case_set, load_cases

GOOD = (
    '{"id": "a", "question": "Ile?", "language": "pl", "kind": "fact:number", "answerable": true, "answers": ["109"]}'
)


@pytest.fixture
def written(tmp_path):
    def write(text: str) -> Path:
        path = tmp_path / "cases.jsonl"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_case_comes_as_it_was_written(written):
    (case,) = load_cases(written(GOOD + "\n\n"))
    assert (case.id, case.question, case.language, case.answers, case.number) == ("a", "Ile?", "pl", ("109",), None)
    more = '"number": 109, "turns": ["Kto?"], "today": "2024-07-05", "parts": [["a", "b"], ["c"]], "any_article": true'
    (case,) = load_cases(written(GOOD.replace('"kind"', more + ', "kind"')))
    assert (case.number, case.turns, case.today) == (109.0, ("Kto?",), date(2024, 7, 5))
    assert case.parts == (("a", "b"), ("c",))
    assert Case.from_dict(case.to_dict()) == case


def test_a_mark_of_byte_order_and_windows_line_ends_are_no_hindrance(tmp_path):
    path = tmp_path / "cases.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode() + b"\r\n\r\n")
    assert load_cases(path)[0].id == "a"


def test_an_id_may_be_left_out(written):
    held = load_case_set(written("\n" + GOOD.replace('"id": "a", ', "")))
    assert [case.id for case in held.cases] == ["line-2"]
    assert held.places["line-2"].endswith("cases.jsonl, line 2")


def test_the_header_names_the_collection_from_where_the_file_is(written, tmp_path):
    (tmp_path / "made").mkdir()
    held = load_case_set(written('{"reports": ["made", "https://example.org/a"]}\n' + GOOD))
    assert held.reports == (str(tmp_path / "made"), "https://example.org/a")
    assert [case.id for case in held.cases] == ["a"] and held.places["a"].endswith("line 2")
    assert load_case_set(written(GOOD)).reports is None
    with pytest.raises(InputError, match="line 2: unknown key reports"):  # it stands first or not at all
        load_case_set(written(GOOD + '\n{"reports": ["made"]}\n'))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "contains no cases"),
        ('{"reports": ["."]}\n', "contains no cases"),
        (GOOD + "\nnonsense\n", "line 2: is not JSON .* column 1"),
        (GOOD + "\n[1]\n", "line 2: is not a JSON object"),
        ('{"id": "a"}', "line 1: the field question is missing; add it"),
        (GOOD.replace('"kind": "fact:number", ', ""), "line 1: the field kind is missing"),
        (GOOD.replace('"kind"', '"kindd"'), "line 1: unknown key kindd; did you mean kind"),
        (GOOD.replace('"kind"', '"zzz": 1, "kind"'), "unknown key zzz; known: .*answers"),
        (GOOD.replace("true", '"yes"'), "line 1: answerable: .*boolean, got 'yes'"),
        (GOOD.replace('["109"]', '"109"'), "line 1: answers: .*got '109'"),
        (GOOD.replace('"pl"', '"polish tongue"'), "not a language tag; give one such as en"),
        (GOOD.replace("Ile?", " "), "the question is empty"),
        (GOOD.replace('"109"', ""), "nothing to score: give answers"),
        (GOOD.replace("true", "false"), "answerable is false, yet answers"),
        (GOOD.replace('"kind"', '"articles": ["x"], "grades": [1, 2], "kind"'), "2 grades for 1 articles"),
        (GOOD.replace('"kind"', '"today": "July", "kind"'), "today: "),
        (GOOD.replace('"kind"', '"text_language": "a tongue", "kind"'), "'a tongue' is not a language tag"),
        (GOOD.replace('"kind"', '"spans": [["x", 0, 3]], "kind"'), "a span is of a report that articles does not name"),
        (GOOD.replace('"kind"', '"spans": [["x", 0]], "kind"'), "line 1: the field spans.0.2 is missing"),
        (GOOD + "\n" + GOOD, "line 2: the id a is used in .*line 1 already; ids must differ"),
        ('{"reports": "."}\n' + GOOD, "line 1: the header reports: .*got '.'"),
        ('{"reports": ["."], "note": 1}\n' + GOOD, "line 1: the header unknown key note"),
        (
            '{"reports": ["gone"]}\n' + GOOD,
            "line 1: the reports gone are not there .*paths are relative to the case file",
        ),
    ],
)
def test_what_is_no_case_file_is_refused_with_its_line(written, text, told):
    path = written(text)
    with pytest.raises(InputError, match=told) as refused:
        load_cases(path)
    assert str(path) in str(refused.value)


def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path):
    with pytest.raises(InputError, match="none.jsonl: cannot be read .*check the path"):
        load_cases(tmp_path / "none.jsonl")
    path = tmp_path / "latin.jsonl"
    path.write_bytes(GOOD.encode() + b"\n" + GOOD.replace("Ile", "Où").encode("latin-1"))
    with pytest.raises(InputError, match="latin.jsonl, line 2: is not UTF-8; save"):
        load_cases(path)


def test_a_packed_file_is_read_as_any_other(written, tmp_path):
    path = tmp_path / "cases.jsonl.xz"
    path.write_bytes(lzma.compress(GOOD.encode()))
    held = load_case_set(path)
    assert (held.name, held.cases) == ("cases", load_case_set(written(GOOD)).cases)


def asked(id, language, text_language=""):
    return Case(id, "?", language, "span", False, text_language=text_language)


MANY = [asked(f"pl{at}", "pl", "pl") for at in range(9)] + [asked(f"en{at}", "en", "pl") for at in range(3)]


@pytest.mark.parametrize(
    ("subset", "ids"),
    [
        (Subset(), [case.id for case in MANY]),
        (Subset(every=4), ["pl0", "pl4", "pl8", "en0"]),
        (Subset(limit=3), ["pl0", "pl3", "pl6", "en0", "en1", "en2"]),
        (Subset(every=2, limit=2), ["pl0", "pl4", "en0", "en2"]),
        (Subset(languages=("pl",)), [case.id for case in MANY]),  # it is the text's language
        (Subset(languages=("en",)), []),
    ],
)
def test_a_subset_is_spread_over_each_pair_of_languages(subset, ids):
    assert [case.id for case in subset.of(MANY)] == ids


def test_a_subset_goes_by_the_question_where_no_texts_language_is_told():
    assert Subset(languages=("en",)).of([asked("a", "en"), asked("b", "de")]) == (asked("a", "en"),)
