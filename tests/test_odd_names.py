"""Names and texts that no terminal and no database takes: they are refused or cleaned, and nothing else is lost."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from places import ROOT

from rag import Reports, Settings
from rag.errors import AskReportsError, InputError

TEXT = "The council met in Lund on 3 March 2021. It counted 12 votes for the old bridge."
NOT_UTF8 = b"oslo-\xff\xe9.txt"
COMMANDS = b"kiel\n\x1b[2J.txt"
HALF = "\ud800"

pytestmark = pytest.mark.usefixtures("clean_environment")


@pytest.fixture
def reports(tmp_path, embedder):
    """A collection with one good report, beside two whose names cannot be printed."""
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "lund.txt").write_text(TEXT, encoding="utf-8")
    for name in (NOT_UTF8, COMMANDS):
        with open(os.path.join(os.fsencode(folder), name), "w", encoding="utf-8") as file:
            file.write(TEXT.replace("Lund", repr(name)))
    home = tmp_path / "home"
    with Reports.open(folder, home=home, main=True, settings=Settings(llm="none"), embedder=embedder) as opened:
        yield opened


def test_a_name_that_cannot_be_printed_is_skipped_with_the_way_out_and_the_others_are_read(reports):
    assert [article.id for article in reports.articles()] == ["lund"]
    skipped = reports.updated.skipped
    assert len(skipped) == 2 and all("rename it" in one.reason for one in skipped)
    assert all(one.location.isprintable() for one in skipped)
    again = reports.update()
    assert not again.added and not again.newly_skipped and len(again.skipped) == 2


def test_halves_of_characters_are_refused_or_left_out_everywhere(reports, tmp_path):
    for wrong in (
        lambda: reports.ask("votes", articles=[HALF]),
        lambda: reports.ask("votes", languages=[HALF]),
        lambda: reports.ask("votes", answer_language=HALF),
        lambda: reports.ask(HALF),
        lambda: reports.search(HALF),
        lambda: reports.remove([HALF]),
        lambda: reports.add([tmp_path / HALF]),
        lambda: reports.add([f"http://{HALF}.example/"]),
        lambda: reports.add(["/\0"]),
        lambda: reports.set(HALF, {"title": "x"}),
    ):
        with pytest.raises(InputError) as caught:
            wrong()
        str(caught.value).encode("utf-8")
    assert reports.ask(f"How many votes did Lund count?{HALF}").answered
    reports.set("lund", {"title": f"Bridge{HALF}\0\x1b[31m", "place": f"{HALF}Lund"})
    held = reports.article("lund")
    assert held is not None
    assert held.title == "Bridge\ufffd [31m" and held.places == ("\ufffdLund",)


def test_an_error_can_be_printed_whatever_it_quotes():
    assert str(AskReportsError(f"x{HALF}")) == "x?"


@pytest.mark.parametrize("arguments", [[b"index", b"caf\xe9"], [b"search", b"caf\xe9"], [b"ask", b"caf\xe9 \xff?"]])
def test_a_command_in_another_encoding_ends_without_a_traceback(arguments, tmp_path):
    ran = subprocess.run(
        [os.fsencode(sys.executable), b"-m", b"rag", *arguments],
        cwd=ROOT,
        env={**os.environ, "ASKREPORTS_HOME": str(tmp_path), "ASKREPORTS_LLM": "none", "PYTHONUTF8": "1"},
        capture_output=True,
        check=False,
    )
    assert ran.returncode in (1, 2) and b"Traceback" not in ran.stderr, ran.stderr.decode("utf-8", "replace")
