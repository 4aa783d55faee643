"""Runs as the page shows them: their tables, what changed between two, and no folder but those under the root."""

from __future__ import annotations

import pytest
from html_reader import HOSTILE, Reader
from kept_runs import keep_two_runs

from rag.errors import InputError
from ui.run_view import find_runs, runs_html
from ui.strings import ENGLISH


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("out")
    keep_two_runs(folder)
    return folder


def test_the_runs_under_the_root_are_found_and_nothing_else(root):
    assert sorted(find_runs(root)) == ["first", "second"]
    assert find_runs(root / "nowhere") == []


def test_one_run_shows_its_tables_and_two_show_what_changed(root):
    alone = Reader(runs_html(root, "first", "", ENGLISH))
    assert "By language and kind" in alone.text and "table" in alone.tags and "article" not in alone.tags
    both = Reader(runs_html(root, "first", "second", ENGLISH))
    assert ENGLISH.count(ENGLISH.changed_answers, 3) in both.text
    assert both.tags.count("article") == 3
    for word in (ENGLISH.better, ENGLISH.worse, ENGLISH.same, ENGLISH.run_before, ENGLISH.run_after):
        assert word in both.text
    assert "Ile modeli <b>zgłoszono</b>?" in both.text and "b" not in both.tags
    assert "29 Modelle wurden gemeldet." in both.text


@pytest.mark.parametrize("name", ["../first", "/etc", "third", HOSTILE])
def test_no_other_folder_is_opened(root, name):
    with pytest.raises(InputError, match="askreports evaluate"):
        runs_html(root, name, "", ENGLISH)
