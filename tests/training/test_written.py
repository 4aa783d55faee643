"""Written reports and drawn tables -> examples: what is marked is the answer, and what is shipped is well formed."""

import random
from collections import Counter

import pytest
from places import TESTS

from rag.encoder import Tokenizer, open_tokenizer
from rag.encoder.pack import find_pack
from rag.encoder.reader_input import QUESTION_TOKENS
from rag.errors import InputError
from rag.evaluation.marked_answers import load_marked
from rag.training import tables, written
from rag.training.questions import HELD_BACK
from rag.training.tempting import Nearest
from rag.training.trials import write_news

TEACHING, CALIBRATING = TESTS / "teaching", TESTS / "calibrating"
FILES = sorted([*TEACHING.rglob("*.txt"), *CALIBRATING.glob("*.txt")])

PAGE = """=== report: 2024-03-05_hafen.txt
NORDHAFEN, 5. März (dpx) - In den Hafen kamen vier-
zehn Boote, zwei mehr als im Jahr
davor.

| Boot | Fang | Schiffer |
| --- | --- | --- |
| Möwe | 120 kg | Uwe Thorn |
| Lachs | 95 kg | Ida Brandt |
--- questions
en || How many boats came in? || vier-zehn Boote || kamen vier-zehn Boote
uk || Хто шкіпер човна Lachs? || Ida Brandt || | Lachs | 95 kg | Ida Brandt |
de || Welches Boot brachte 120 kg? || Möwe || | Möwe | 120 kg
de || Was kostet ein Liegeplatz in Nordhafen? || NONE

=== report: b.txt
Der Bäcker von Ahlbek backt 300 Brote am Tag.
--- questions
tr || Ahlbek'te fırın günde kaç ekmek yapıyor? || 300 || backt 300 Brote
"""


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return open_tokenizer()


def made(tmp_path, tokenizer, page=PAGE):
    (tmp_path / "de.txt").write_text(page, encoding="utf-8")
    return written.make(tmp_path, tokenizer, find_pack().shape.vocabulary, 1)


def words(ids):
    pieces = [piece for piece, _ in find_pack().pieces]
    return "".join(pieces[i] for i in ids).replace("\u2581", " ").strip()


def test_answers_are_marked_over_line_breaks_and_in_table_cells(tmp_path, tokenizer):
    answered = [one for one in made(tmp_path, tokenizer) if one.start >= 0]
    said = {(words(one.question).split()[0], words(one.window[one.start : one.end + 1])) for one in answered}
    assert said == {
        ("How", "vierzehn Boote"),
        ("Хто", "Ida Brandt"),
        ("Welches", "Möwe"),
        ("Ahlbek'te", "300"),
    }


def test_rows_of_a_table_are_windows_of_their_own_with_their_headings(tmp_path, tokenizer):
    of_lachs = [words(one.window) for one in made(tmp_path, tokenizer) if "Lachs" in words(one.window)]
    assert "Boot: Lachs, Fang: 95 kg; Boot: Lachs, Schiffer: Ida Brandt." in of_lachs
    assert not any("Thorn" in text for text in of_lachs)


def test_what_a_report_does_not_say_has_no_answer_in_any_of_its_windows(tmp_path, tokenizer):
    about = [one for one in made(tmp_path, tokenizer) if words(one.question).startswith("Was kostet")]
    assert about
    assert all(one.start < 0 for one in about)
    assert any(one.other == 1 for one in about)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("backt 300 Brote\n", "backt 400 Brote\n", "quote found 0 times"),
        ("tr || Ahlbek'te fırın günde kaç ekmek yapıyor? || 300", "tr || 300", "3 parts"),
        ("|| 300 || backt", "|| 299 || backt", "299 found 0 times"),
        ("=== report: 2024", "2024", "does not begin with"),
        ("--- questions\ntr", "tr", 'no line "--- questions"'),
    ],
)
def test_a_fault_names_the_file_and_what_is_wrong(tmp_path, tokenizer, old, new, says):
    assert old in PAGE
    with pytest.raises(InputError, match=says) as told:
        made(tmp_path, tokenizer, PAGE.replace(old, new))
    assert "de.txt" in str(told.value)


def test_a_folder_without_files_says_so(tmp_path, tokenizer):
    with pytest.raises(InputError, match=r"no LANG\.txt"):
        written.make(tmp_path, tokenizer, 10, 1)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(TESTS).as_posix())
def test_shipped_reports_have_questions_of_all_sorts(path):
    reports = written.read(path)
    asked = [one for report in reports for one in report.asked]
    assert len(reports) >= 9
    assert len({report.article.id for report in reports}) == len(reports)
    # Of those that were asked by people who had not read the reports, it is as it came.
    least, most = (0.1, 0.5) if path.parent.name == "asked" else (0.2, 0.4)
    assert least < sum(one.answer is None for one in asked) / len(asked) < most
    assert 0.4 < sum(one.language != path.stem for one in asked) / len(asked) < 0.7
    assert len({one.language for one in asked}) >= 12


def test_nothing_teaches_a_language_that_is_held_out():
    files = list(TEACHING.rglob("*.txt"))
    assert not {path.stem for path in files} & HELD_BACK
    assert not {one.language for path in files for report in written.read(path) for one in report.asked} & HELD_BACK
    assert {path.stem for path in CALIBRATING.glob("*.txt")} <= HELD_BACK
    assert not {terms.language for terms in tables.read(TEACHING / "tables.jsonl")} & HELD_BACK


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(TESTS).as_posix())
def test_most_written_answers_become_examples(path, tokenizer):
    reports = written.read(path)
    answerable = {
        tuple(tokenizer.tokens(a.question).ids[:QUESTION_TOKENS]) for r in reports for a in r.asked if a.answer
    }
    examples = written.examples_of(reports, tokenizer, find_pack().shape.vocabulary, random.Random(1))
    found = {tuple(one.question) for one in examples if one.start >= 0}
    assert len(found & answerable) >= 0.97 * len(answerable)


def test_drawn_tables_ask_for_cells_that_stand_there():
    drawn = tables.drawn(TEACHING / "tables.jsonl", 5)
    asked = [(report.article, one) for reports in drawn.values() for report in reports for one in report.asked]
    kinds = Counter(one.answer is None for _, one in asked)
    assert 0.15 < kinds[True] / len(asked) < 0.35
    for article, one in asked:
        if one.answer:
            text, start = one.answer
            assert article.text[start : start + len(text)] == text
    assert len({one.language for _, one in asked}) == len(drawn)
    assert tables.drawn(TEACHING / "tables.jsonl", 5) == drawn


def test_no_drawn_table_is_a_negative_for_another_ones_question(tokenizer, monkeypatch):
    """The same city or director stands in several of them."""

    def asked_for(*_):
        raise AssertionError("a passage of another table")

    monkeypatch.setattr(Nearest, "another", asked_for)
    assert tables.make(TEACHING / "tables.jsonl", tokenizer, find_pack().shape.vocabulary, 1)


def test_goods_are_aligned_and_all_languages_have_the_same_columns():
    every = tables.read(TEACHING / "tables.jsonl")
    assert len({tuple(sorted(terms.columns)) for terms in every}) == 1
    assert {len(terms.goods) for terms in every} == {16}
    for terms in every:
        for words_ in terms.columns.values():
            assert all("{row}" in one for one in words_["asks"])
            assert all("{value}" in one for one in words_["reverse"])


def test_a_file_of_other_words_is_refused(tmp_path):
    (tmp_path / "tables.jsonl").write_text('{"language": "de"}\n', encoding="utf-8")
    with pytest.raises(InputError, match="not a file of words for tables"):
        tables.read(tmp_path / "tables.jsonl")


def test_written_reports_become_a_collection_to_calibrate_on(tmp_path):
    (tmp_path / "el.txt").write_text(PAGE, encoding="utf-8")
    (path,) = write_news(tmp_path, tmp_path / "out")
    (held,) = load_marked(path)
    assert len(held.cases) == 5
    assert sum(not case.answerable for case in held.cases) == 1
    assert len(held.passages) == 2


def test_a_passage_with_half_of_the_answer_or_all_its_words_is_no_negative(tmp_path, tokenizer):
    page = (
        "=== report: a.txt\nIn Ahlbek kamen 41 Boote an.\n\n"
        + "Der Wind war stark. " * 60
        + "\n\n41 Boote sind ein Rekord.\n"
        "--- questions\nde || Wie viele Boote kamen in Ahlbek an? || 41 Boote || kamen 41 Boote an\n"
    )
    examples = made(tmp_path, tokenizer, page)
    assert {words(one.window[one.start : one.end + 1]) for one in examples if one.start >= 0} == {"41 Boote"}
    assert not any("41 Boote" in words(one.window) for one in examples if one.start < 0)


def test_figures_of_a_table_are_in_one_script():
    for language in ("ar", "fa", "hi"):
        native = [
            {char.isascii() for char in report.article.text if char.isdecimal()}
            for report in tables.drawn(TEACHING / "tables.jsonl", 5)[language]
        ]
        assert all(len(kinds) <= 1 for kinds in native)
        assert {True} in native
        assert {False} in native
