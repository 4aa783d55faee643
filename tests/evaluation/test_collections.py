"""The collections of `cases/collections`: what their questions, quotes and reports promise, checked in the files."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from collection_files import COLLECTIONS, FOLDER, flat, lines, visible

from rag.evaluation.loading import Case, load_case_set
from rag.language import detect

SOURCES = {"wire", "web", "mail", "srt", "minutes", "table"}
# Texts without blanks are counted in pairs of characters.
UNSPACED = {"ja", "zh"}

each = pytest.mark.parametrize("folder", COLLECTIONS, ids=lambda folder: folder.relative_to(FOLDER).as_posix())


def texts(folder: Path) -> dict[str, str]:
    """What can be seen of each report, by id."""
    told = lines(folder / "reports.jsonl")
    return {Path(one["file"]).stem: visible(folder / "reports" / one["file"], one["encoding"]) for one in told}


def answerable(folder: Path) -> list[Case]:
    return [case for case in load_case_set(folder / "questions.jsonl").cases if case.answerable]


def test_each_half_has_six_languages_and_every_kind_of_source_twice() -> None:
    for half in ("mending", "once", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"):
        folders = [folder for folder in COLLECTIONS if folder.parent.name == half]
        used = Counter(one for folder in folders for one in {row["source"] for row in lines(folder / "reports.jsonl")})
        assert len(folders) == 6
        assert used == dict.fromkeys(SOURCES, 2)


@each
def test_there_are_ten_reports_of_each_of_two_kinds(folder: Path) -> None:
    told = lines(folder / "reports.jsonl")
    files = {file.name for file in (folder / "reports").iterdir()}
    assert {row["file"] for row in told} == files
    assert sorted(Counter(row["source"] for row in told).values()) == [10, 10]
    assert len({Path(name).stem for name in files}) == 20


@each
def test_reports_are_in_the_language_and_length_that_is_promised(folder: Path) -> None:
    for id, text in texts(folder).items():
        words = len("".join(text.split())) / 2 if folder.name in UNSPACED else len(text.split())
        assert words >= 60, id
    mixed = "\n".join(texts(folder).values())
    assert detect(mixed) == folder.name


@each
def test_two_reports_are_in_legacy_encodings_except_in_those_asked_first(folder: Path) -> None:
    legacy = [row["file"] for row in lines(folder / "reports.jsonl") if row["encoding"] != "utf-8"]
    assert len(legacy) == (0 if folder.parent.name == "once" else 2)
    for name in legacy:
        if not name.endswith(".eml"):
            with pytest.raises(UnicodeDecodeError):
                (folder / "reports" / name).read_text("utf-8")


@each
def test_the_expected_title_author_and_day_are_in_the_file(folder: Path) -> None:
    for row in lines(folder / "reports.jsonl"):
        file = folder / "reports" / row["file"]
        seen = flat(visible(file, row["encoding"]))
        assert row["title"] is None or row["title"] in seen
        assert row["date"] is None or date.fromisoformat(row["date"])
        if file.suffix != ".eml":
            assert all(author in seen + file.read_text(row["encoding"]) for author in row["authors"])


@each
def test_of_fifteen_questions_three_have_no_answer_and_eight_are_in_the_reports_language(folder: Path) -> None:
    cases = load_case_set(folder / "questions.jsonl").cases
    assert len(cases) == 15
    assert sum(not case.answerable for case in cases) == 3
    assert sum(case.language == folder.name for case in cases) == 8
    assert all(case.text_language == folder.name for case in cases)
    # The questions of `sixth` and its like are taken as they came.
    wanted = set() if folder.parent.name in ("sixth", "seventh", "eighth") else {"fact:number", "fact:person"}
    assert {case.kind for case in cases} >= wanted | {"unanswerable"}
    assert len({case.language for case in cases}) >= 4


@each
def test_questions_are_in_the_language_that_they_name(folder: Path) -> None:
    # Short questions full of names of another language are mistaken now and then.
    cases = load_case_set(folder / "questions.jsonl").cases
    mistaken = [case.question for case in cases if detect(case.question, expected=[case.language]) != case.language]
    assert len(mistaken) <= 2, mistaken


@each
def test_every_quote_can_be_seen_in_a_report_that_its_case_names(folder: Path) -> None:
    seen = texts(folder)
    for case in answerable(folder):
        assert case.articles
        assert set(case.articles) <= set(seen)
        assert case.quotes
        for quote in case.quotes:
            assert any(quote in seen[id] for id in case.articles), (case.id, quote)


@each
def test_every_answer_is_in_its_quote(folder: Path) -> None:
    for case in answerable(folder):
        quoted = flat("\n".join(case.quotes)).casefold()
        assert any(answer.casefold() in quoted for answer in case.answers), case.id


@each
def test_questions_that_no_report_answers_name_a_tempting_one(folder: Path) -> None:
    seen = texts(folder)
    for case in load_case_set(folder / "questions.jsonl").cases:
        if not case.answerable:
            assert case.about in seen
            assert case.why
