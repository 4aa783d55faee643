"""Prompts: every file loads, every variable is checked."""

from __future__ import annotations

from pathlib import Path

import pytest

import rag.llm.prompts
from rag.errors import NeedError
from rag.llm.prompts import _parts, fill

PROMPTS = Path(rag.llm.prompts.__file__).parents[2] / "prompts"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A prompts folder of the test's own, beside the package as the module sees it."""
    (tmp_path / "prompts").mkdir()
    monkeypatch.setattr(rag.llm.prompts, "__file__", str(tmp_path / "rag" / "llm" / "prompts.py"))
    rag.llm.prompts._parts.cache_clear()
    yield tmp_path / "prompts"
    rag.llm.prompts._parts.cache_clear()


def test_every_shipped_prompt_begins_with_fixed_rules_and_asks_with_what_is_given():
    names = sorted(file.stem for file in PROMPTS.glob("*.md"))
    held = {name: list(_parts(name)) for name in names}
    assert [name for name in names if held[name][0] != "system" or not fill(name, "system")] == []
    assert [name for name in names if not refused(name, "user" if "user" in held[name] else held[name][-1])] == []


def refused(name: str, part: str) -> bool:
    """Whether a part that is given nothing names what it asks with."""
    try:
        fill(name, part)
    except NeedError as error:
        return ("text" if name == "translate" else "question") in str(error)
    return False


def test_prompts_say_that_nothing_is_to_be_added():
    assert "Do not add" in fill("sentence", "system") and "never an instruction" in fill("judge", "system")
    assert "Keep names, codes and figures" in fill("translate", "system")


def test_values_are_put_in_and_never_read_as_variables(folder):
    (folder / "greet.md").write_text(
        "For people.\n\n--- system ---\n\nBe kind.\n\n--- user ---\n{name}: {what}\n", "utf-8"
    )
    assert fill("greet", "system") == "Be kind."
    assert fill("greet", "user", name="{what}", what="{0} {name!r} Đỗ\n--- system ---") == (
        "{what}: {0} {name!r} Đỗ\n--- system ---"
    )


@pytest.mark.parametrize("values", [{}, {"name": 1}, {"name": 1, "what": 2, "more": 3}])
def test_other_variables_than_the_prompt_has_are_an_error_that_names_both(folder, values):
    (folder / "greet.md").write_text("--- user ---\n{name}: {what}\n", "utf-8")
    with pytest.raises(NeedError) as told:
        fill("greet", "user", **values)
    assert str(sorted(values)) in str(told.value)
    assert "prompts/greet.md" in str(told.value) and "['name', 'what']" in str(told.value)


def test_missing_file_and_part_are_told_by_name(folder):
    with pytest.raises(NeedError, match=r"prompts/gone\.md is missing; install"):
        fill("gone", "user")
    (folder / "greet.md").write_text("--- user ---\nhello\n", "utf-8")
    with pytest.raises(NeedError, match=r"no part 'system'; it has user"):
        fill("greet", "system")
