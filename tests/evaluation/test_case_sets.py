"""The shipped case files as wholes: all of them are shipped, and no question stands in two."""

import tomllib
from collections import Counter

from case_files import FILES, FOLDER, ROOT, load

from rag.evaluation.matching import normalised


def test_what_the_cases_need_is_shipped():
    held = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-data"]
    shipped = {path for pattern in held["rag.evaluation.cases"] for path in FOLDER.glob(pattern)}
    assert shipped == {path for path in FOLDER.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}


def test_no_question_and_no_id_stands_twice():
    cases = [case for path in FILES for case in load(path).cases]
    asked = Counter(" ".join(normalised(case.standalone or case.question, "und")) for case in cases)
    assert [question for question, count in asked.items() if count > 1] == []
    assert max(Counter(case.id for case in cases).values()) == 1


def test_hostile_reports_are_asked_about_and_so_are_reports_beside_them():
    kinds = Counter(case.kind for case in load(FOLDER / "hostile.jsonl").cases)
    assert kinds == {"hostile:unmoved": 20, "hostile:quoted": 10}
