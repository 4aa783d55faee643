"""The command: what it prints where, and its exit codes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from fake_model import WordEmbedder
from fake_reader import FakeReader, pin
from places import ROOT
from typer.testing import CliRunner

import rag.encoder
import rag.reports
from rag.answering.chain import declined
from rag.commands import app, main
from rag.errors import AskReportsError
from rag.models import Answer
from rag.retrieval.means import LanguageMeans
from ui.strings import ENGLISH, LANGUAGES

pytestmark = pytest.mark.usefixtures("clean_environment")

QUESTION = "How many votes did the council of Lund count?"
ESCAPE = "\x1b"


@pytest.fixture
def cli(monkeypatch, tmp_path):
    """Runs the command in this process with fakes of both networks: (exit code, standard output, standard error)."""
    pin(monkeypatch.setattr)
    monkeypatch.setattr(rag.reports, "open_reader", lambda settings: FakeReader({"Lund": "12 votes"}))
    monkeypatch.setenv("ASKREPORTS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ASKREPORTS_LLM", "none")
    for opener in (rag.reports, rag.encoder):  # `ask` opens it before it knows the collection
        monkeypatch.setattr(opener, "open_embedder", lambda settings: WordEmbedder())
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> tuple[int, str, str]:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        if isinstance(result.exception, AskReportsError):  # what `main` turns into a line and an exit code
            return result.exception.exit_code, result.stdout, f"{result.stderr}askreports: {result.exception}\n"
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert ESCAPE not in result.output
        return result.exit_code, result.stdout, result.stderr

    return run


COMMAND = ("-m", "rag")
WITHOUT_PAGE = (
    "-c",
    "import sys\nfrom rag.__main__ import main\ntry:\n    main()\nfinally:\n    assert 'gradio' not in sys.modules",
)


def process(
    home: Path, *arguments: object, ran: Sequence[str] = COMMAND, **dials: str
) -> subprocess.CompletedProcess[str]:
    """Runs the command as a person does, without a terminal."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ASKREPORTS_")}
    dials = {"ASKREPORTS_HOME": str(home), "ASKREPORTS_LLM": "none", **dials}
    return subprocess.run(
        [sys.executable, *ran, *map(str, arguments)],
        cwd=ROOT,
        env={**kept, "FORCE_COLOR": "", **dials},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


# index, articles


def test_index_says_what_came_and_twice_changes_nothing(cli, folder):
    home = folder.parent / "home"
    first = f"indexing {folder} in {home}\n"
    assert cli("index", folder) == (
        0,
        "3 reports: 3 added, 0 changed, 0 removed, 0 skipped\n",
        f"{first}embedding passages: done (9)\n",
    )
    assert cli("index", folder) == (0, "3 reports: 0 added, 0 changed, 0 removed, 0 skipped\n", first)
    again = f"indexing the main collection in {home}\n"
    assert cli("index") == (0, "3 reports: 0 added, 0 changed, 0 removed, 0 skipped\n", again)
    (folder / "lyon.txt").unlink()
    (folder / "oslo.txt").write_text("Rada miasta Oslo zebrała się 6 lipca 2023 r.", encoding="utf-8")
    assert cli("index")[1] == "2 reports: 0 added, 1 changed, 1 removed, 0 skipped\n"
    assert cli("index", "--again")[1] == "2 reports: 0 added, 2 changed, 0 removed, 0 skipped\n"


def test_bad_files_are_named_on_standard_error_and_cost_no_other(cli, folder):
    (folder / "empty.txt").write_bytes(b"")
    (folder / "binary.txt").write_bytes(bytes(range(256)) * 40)
    (folder / "copy.txt").write_bytes((folder / "lund.txt").read_bytes())
    (folder / "old.txt").write_bytes("Rada miasta Łódź zebrała się w środę. Źródła mówią o głosach.".encode("cp1250"))
    (folder / "sub").mkdir()
    (folder / "sub" / "lyon.txt").write_text("El alcalde de Lyon habló. Hubo 7 votos.", encoding="utf-8")
    code, told, remarks = cli("index", folder)
    assert code == 0
    skipped = [line for line in remarks.splitlines() if line.startswith("skipped ")]
    assert f"{len(skipped)} skipped" in told
    for name in ("empty.txt", "binary.txt"):
        (line,) = (line for line in skipped if name in line)
        assert line.partition(f"{name}: ")[2]
    code, told, _ = cli("articles", "--json")
    held = json.loads(told)
    places = {Path(place).name for row in held for place in (row["location"], *row["also"])}
    assert places >= {"lund.txt", "copy.txt", "lyon.txt", "oslo.txt"}
    # An encoding that is not UTF-8 is read right.
    assert cli("search", "środę")[1].startswith("old:")
    assert len({row["id"] for row in held}) == len(held) >= 4
    _, told, _ = cli("articles")
    (line,) = (line for line in told.splitlines() if "also: " in line)
    assert line.startswith(("lund\t", "copy\t")) and line.endswith(("lund.txt", "copy.txt"))


def test_a_file_that_is_too_large_is_refused_by_name(cli, folder, monkeypatch):
    (folder / "large.txt").write_text("Rada miasta. " * 5000, encoding="utf-8")
    monkeypatch.setenv("ASKREPORTS_MAX_FILE_MB", "0.05")
    code, told, remarks = cli("index", folder)
    assert code == 0 and "3 reports: 3 added" in told and "1 skipped" in told
    assert "large.txt" in remarks and "ASKREPORTS_MAX_FILE_MB" in remarks


@pytest.mark.parametrize("kind", ["missing", "empty", "only bad", "missing file"])
def test_nothing_to_index_is_bad_input(cli, tmp_path, kind):
    place = tmp_path / "place"
    if kind != "missing":
        place.mkdir()
    if kind == "only bad":
        (place / "empty.txt").write_bytes(b"")
    if kind == "missing file":
        place = place / "gone.txt"
    code, told, remarks = cli("index", place)
    assert (code, told) == (2, "")
    assert str(place) in remarks


def test_articles_as_a_table_and_as_json(cli, folder):
    cli("index", folder)
    code, told, _ = cli("articles")
    assert code == 0
    assert [line.split("\t")[:3] for line in told.splitlines()] == [
        ["lund", "en", "2021-03-03"],
        ["lyon", "de", "2022-05-04"],
        ["oslo", "pl", "2023-07-05"],
    ]
    rows = json.loads(cli("articles", "--json")[1])
    assert [row["id"] for row in rows] == ["lund", "lyon", "oslo"]
    assert rows[1]["published"] == "2022-05-04" and rows[1]["location"].endswith("lyon.txt")


def test_what_was_read_wrongly_of_a_report_is_set_by_hand_and_given_back(cli, folder):
    cli("index", folder)
    code, told, _ = cli("articles", "set", "lund", "date=2020-01-02", "title=By hand", "author=A B; C D")
    assert (code, told) == (0, "lund: By hand, 2020-01-02, no place, A B; C D, en\n")
    row = json.loads(cli("articles", "--json")[1])[0]
    assert (row["published"], row["title"], row["authors"]) == ("2020-01-02", "By hand", ["A B", "C D"])
    assert row["origins"]["published"] == "hand"
    told = cli("articles")[1]
    assert "date: by hand, title: by hand" in told and "A B, C D" in told
    cli("articles", "set", "lund", "date=", "title=", "author=")
    assert json.loads(cli("articles", "--json")[1])[0]["published"] == "2021-03-03"


def test_a_language_set_by_hand_is_found_under_each_of_its_tags(cli, folder):
    cli("index", folder)
    cli("articles", "set", "lund", "language=deu")
    for tag in ("de", "deu", "de-DE"):
        assert "lund" in cli("search", "old bridge", "--language", tag)[1]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["lund", "date=yesterday"], "date=yesterday: is not a date; write it as 2021-03-05"),
        (["lund", "colour=red"], "colour: no such field; known: title, date, place, author, language"),
        (["lund", "2021-03-05"], "2021-03-05: write it as FIELD=VALUE"),
        (["nowhere", "date=2021-03-05"], "nowhere: no report has this id"),
    ],
)
def test_what_cannot_be_set_is_refused_and_changes_nothing(cli, folder, values, said):
    cli("index", folder)
    before = cli("articles", "--json")[1]
    code, _, remarks = cli("articles", "set", *values)
    assert code == 2 and said in remarks
    assert cli("articles", "--json")[1] == before


# ask


@pytest.fixture
def answering(cli, folder):
    """The command over an indexed folder; the reader knows the votes of Lund."""
    cli("index", folder)
    return cli


def test_ask_prints_the_answer_and_its_proof(answering, folder):
    code, told, remarks = answering("ask", QUESTION)
    assert (code, remarks) == (0, "")
    lines = told.splitlines()
    assert lines[0] == "12 votes [1]"
    assert lines[1].strip().startswith(("Proven by 1 sentence", "Probably (", "Possibly ("))
    assert lines[3] == "[1] It counted 12 votes for the old bridge."
    assert "lund" in lines[4] and "English" in lines[4] and "2021-03-03" in lines[4]


def test_ask_names_the_authors_of_a_quoted_report(answering):
    answering("articles", "set", "lund", "author=A B; C D")
    assert "(English, 2021-03-03, by A B and C D)" in answering("ask", QUESTION)[1]
    assert "von A B und C D" in answering("ask", "Wie viele Stimmen zählte Lund?")[1]


def test_the_words_around_an_answer_are_in_its_language(answering):
    code, told, _ = answering("ask", "Wie viele Stimmen zählte Lund?")
    lines = told.splitlines()
    assert code == 0 and lines[1].strip().startswith(("Durch 1 Satz belegt", "Wahrscheinlich (", "Möglicherweise ("))
    assert "(Englisch, 2021-03-03)" in lines[4]
    code, told, _ = answering("ask", "Wie viele Stimmen zählte Hai Phong?")
    assert code == 1 and f"\n{LANGUAGES['de'].nearest_title}:\n" in told


def test_a_report_cannot_steer_the_terminal(cli, folder):
    more = "The mayor spoke of the bridge and of the school. " * 20  # few enough to pass for text
    (folder / "lund.txt").write_text(f"The council met. It counted 12 votes {ESCAPE}[2J\a today. {more}", "utf-8")
    code, told, _ = cli("ask", "-r", folder, QUESTION)
    assert code == 0 and "12 votes" in told and ESCAPE not in told and "\a" not in told
    assert "lund" in cli("articles", "-r", folder)[1]


def test_ask_shows_the_sentences_around_and_the_day_that_yesterday_was(cli, tmp_path):
    folder = tmp_path / "reports"
    folder.mkdir()
    text = "It rained on 3 March 2021. Lund counted 12 votes yesterday. All went home."
    (folder / "lund.txt").write_text(text, encoding="utf-8")
    code, said, _ = cli("ask", QUESTION, "--reports", folder, "--context")
    assert code == 0
    assert "[1] It rained on 3 March 2021. »Lund counted 12 votes yesterday.« All went home." in said
    assert "“yesterday”: 2 March 2021 (computed from the report’s date)" in said
    plain = cli("ask", QUESTION, "--reports", folder)[1]
    assert "[1] Lund counted 12 votes yesterday.\n" in plain and "went home" not in plain


def test_ask_shows_the_sentences_around_those_that_come_closest_to_a_declined_question(cli, tmp_path):
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "lund.txt").write_text("It rained all day. Lund counted 12 votes. All went home.", encoding="utf-8")
    code, said, _ = cli("ask", "Who painted the ceiling of the chapel?", "--reports", folder, "--context")
    assert code == 1
    assert "Lund counted 12 votes. »All went home.«" in said


def test_context_that_an_earlier_quote_already_shows_is_not_repeated(cli, tmp_path):
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "lund.csv").write_text(
        "town,counted,asked\nLund,12 votes,40\nOslo,9 votes,51\nLyon,8 votes,60\n", encoding="utf-8"
    )
    code, said, _ = cli("ask", QUESTION, "--reports", folder, "--context")
    assert code == 0
    assert "[1] town,counted,asked\n»Lund,12 votes,40«\nOslo,9 votes,51\n" in said
    assert "[2] town,counted,asked\n    lund" in said and said.count("Oslo") == 1


def test_remove_erases_a_report_by_its_id(cli, folder, tmp_path):
    cli("index", folder)
    assert cli("remove", "lund")[:2] == (0, "removed and erased: lund\n")
    assert "lund" not in cli("articles")[1] and (folder / "lund.txt").exists()
    held = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert held and not any(b"old bridge" in path.read_bytes() for path in held)
    assert cli("index")[1].startswith("2 reports: 0 added")
    code, _, error = cli("remove", "lund")
    assert code == 2 and "no report has this id" in error


def test_remove_names_the_other_collections_that_have_the_report(cli, folder, tmp_path):
    file, home = folder / "lund.txt", tmp_path / "home"
    cli("index", folder)
    cli("ask", "-r", file, QUESTION)
    code, _, remarks = cli("remove", "lund")
    command = f"askreports remove lund -r {file} --home {home}"
    assert code == 0 and f"warning {file}: " in remarks and command in " ".join(remarks.split())
    assert any(b"old bridge" in path.read_bytes() for path in home.rglob("*") if path.is_file())
    code, _, remarks = cli(*command.split()[1:])
    assert code == 0 and "warning" not in remarks
    assert not any(b"old bridge" in path.read_bytes() for path in home.rglob("*") if path.is_file())


def test_ask_that_is_declined_exits_with_one_and_shows_the_closest_sentences(answering):
    code, told, _ = answering("ask", "How many votes did Hai Phong count?")
    first, *nearest = told.split("\n\n")
    assert (code, first) == (1, declined("en"))
    # What came closest is shown with its report.
    assert nearest[0] == f"{ENGLISH.nearest_title}:"
    assert any("12 votes" in one and one.endswith("\n    lund") for one in nearest[1:])
    code, told, _ = answering("ask", "--json", "Wie viele Stimmen zählte Hai Phong?")
    assert code == 1
    answer = Answer.from_dict(json.loads(told))
    assert (answer.answered, answer.citations, answer.text) == (False, (), declined("de"))


def test_ask_json_is_the_answer(answering, folder):
    code, told, _ = answering("ask", QUESTION, "--json")
    assert code == 0
    answer = Answer.from_dict(json.loads(told))
    assert answer.to_dict() == json.loads(told)
    (citation,) = answer.citations
    assert (folder / "lund.txt").read_text("utf-8")[citation.start : citation.end] == citation.quote


def test_ask_with_filters(answering, folder):
    def asked(*options: str) -> set[str]:
        return {hit["article"]["id"] for hit in json.loads(answering("ask", QUESTION, "--json", *options)[1])["hits"]}

    assert asked() == {"lund", "lyon", "oslo"}
    assert asked("--language", "pl", "--language", "de") == {"lyon", "oslo"}
    assert asked("--since", "2022-05-04") == {"lyon", "oslo"}
    assert asked("--until", "2022-05-04") == {"lund", "lyon"}
    assert asked("--article", "oslo") == {"oslo"}
    code, _, remarks = answering("ask", QUESTION, "--article", "nowhere")
    assert code == 2 and "nowhere" in remarks
    assert answering("ask", QUESTION, "--since", "May")[0] == 2


def test_ask_a_folder_by_name(cli, folder):
    code, told, _ = cli("ask", "-r", folder, QUESTION)
    assert code == 0 and "12 votes" in told


def test_a_folder_by_name_leaves_the_main_collection_as_it_is(answering, folder):
    other = folder.parent / "other"
    other.mkdir()
    (other / "rome.txt").write_text("El alcalde de Roma habló. Hubo 7 votos.", encoding="utf-8")
    code, told, _ = answering("ask", "-r", other, QUESTION, "--json")
    assert {hit["article"]["id"] for hit in json.loads(told)["hits"]} == {"rome"}
    assert [line.split("\t")[0] for line in answering("articles", "-r", other)[1].splitlines()] == ["rome"]
    assert [line.split("\t")[0] for line in answering("articles")[1].splitlines()] == ["lund", "lyon", "oslo"]
    assert answering("ask", QUESTION)[0] == 0


def test_the_samples_answer_only_where_nothing_was_named(cli, tmp_path, monkeypatch):
    monkeypatch.delenv("ASKREPORTS_HOME")
    code, told, remarks = cli("articles")
    assert code == 0 and len(told.splitlines()) == 5
    assert "no index in .askreports: " in remarks
    assert remarks.endswith("asking the five sample reports; name others with -r FOLDER, or: askreports index FOLDER\n")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "lund.txt").write_text("The council met in Lund. It counted 12 votes.", encoding="utf-8")
    cli("index", "mine")
    code, told, remarks = cli("articles")
    assert (len(told.splitlines()), remarks) == (1, "")


def test_filters_are_told_with_their_counts(answering, folder):
    (folder / "rome.txt").write_text("The mayor of Rome spoke of votes and of the bridge.", encoding="utf-8")
    answering("index")
    _, _, remarks = answering("ask", QUESTION, "--until", "2022-05-04")
    assert remarks == (
        "2 of 4 reports match the filters; left out by --since and --until because they have no date: 1 "
        "(set one with: askreports articles set ID date=2024-07-05)\n"
    )
    code, told, remarks = answering("ask", QUESTION, "--since", "2030-01-01", "--language", "de", "--json")
    assert code == 1 and json.loads(told)["filtered"] == {"admitted": 0, "of": 4, "without_date": 0}
    assert remarks == "0 of 4 reports match the filters; widen the filters or drop one\n"
    code, told, _ = answering("ask", QUESTION, "--since", "2030-01-01", "--language", "de")
    assert (code, told) == (1, "No report fits the filters (0/4).\n")
    assert answering("ask", QUESTION, "--since", "2000-01-01", "--language", "de")[2].startswith("1 of 4")
    assert answering("ask", QUESTION)[2] == ""


def test_a_skipped_file_is_named_once_by_ask_and_always_by_index_and_articles(answering, folder):
    (folder / "odd.txt").write_bytes(b"")
    line = f"skipped {folder / 'odd.txt'}: is empty\n"
    assert answering("ask", QUESTION)[2] == line
    assert answering("ask", QUESTION)[2] == ""
    assert answering("articles")[2] == line
    assert answering("index")[2].endswith(line)
    (folder / "odd.txt").write_bytes(b"%PDF-1.7")
    assert "PDF" in answering("ask", QUESTION)[2]
    assert answering("ask", QUESTION)[2] == ""


def test_an_emptied_collection_is_bad_input(answering, folder):
    for file in folder.iterdir():
        file.unlink()
    for command in (["ask", QUESTION], ["articles"], ["search", "votes"]):
        code, told, remarks = answering(*command)
        assert (code, told) == (2, "") and "has no reports" in remarks


def test_search_prints_places_and_sentences(answering, folder):
    code, told, remarks = answering("search", "12   VOTES for")
    assert (code, remarks) == (0, "")
    place, _, sentence = told.strip().partition("  ")
    id, _, span = place.partition(":")
    start, end = map(int, span.split("-"))
    assert (folder / f"{id}.txt").read_text("utf-8")[start:end] == "12 votes for"
    assert sentence == "It counted 12 votes for the old bridge."
    (one,) = json.loads(answering("search", "votes", "--json")[1])
    assert (one["article_id"], one["text"], one["sentence"]) == ("lund", "votes", sentence)
    code, told, remarks = answering("search", "votes against")
    assert (code, told, remarks) == (1, "", "no report contains this phrase\n")
    assert answering("search", "e", "--limit", "2")[2] == "only the first 2 matches are shown; raise --limit for more\n"
    assert answering("search", "votes", "--limit", "1")[2] == ""


def test_a_stopped_index_says_what_is_kept(cli, folder, monkeypatch):
    monkeypatch.setattr("rag.store.indexing.BATCH", 2)
    calls = []

    class Stopped(WordEmbedder):
        def passages(self, texts):
            calls.append(texts)
            if len(calls) == 3:
                raise KeyboardInterrupt
            return super().passages(texts)

    monkeypatch.setattr(rag.reports, "open_embedder", lambda settings: Stopped())
    code, told, remarks = cli("index", folder)
    assert (code, told) == (130, "")
    assert "stopped; 1 reports are indexed and can be asked; the same command resumes from there" in remarks
    assert cli("index", folder)[1] == "3 reports: 2 added, 0 changed, 0 removed, 0 skipped\n"


def test_the_version(cli):
    code, told, _ = cli("--version")
    assert code == 0 and re.fullmatch(r"askreports \d+\.\d+\S*\n", told)


@pytest.mark.parametrize("question", ["", "a" * 10_000, "🎉🎉", " ?! "])
def test_a_question_that_cannot_be_read_is_bad_input(answering, question):
    code, told, remarks = answering("ask", question)
    assert (code, told) == (2, "")
    assert remarks.startswith("askreports: the question")


# doctor, means, usage


def test_doctor_refuses_a_home_that_is_not_there(cli, tmp_path):
    code, told, remarks = cli("doctor", "--home", tmp_path / "mistyped")
    assert (code, told) == (2, "") and "mistyped: no such folder" in remarks
    assert not (tmp_path / "mistyped").exists()


def test_doctor_lists_every_finding(cli, folder, monkeypatch):
    monkeypatch.setattr("rag.doctor.open_embedder", lambda settings: WordEmbedder())
    cli("index", folder)
    code, told, _ = cli("doctor")
    lines = told.splitlines()
    assert code == 0 and len(lines) == 8 and all(line.startswith("ok ") for line in lines)
    code, told, _ = cli("doctor", "--repair")
    first, *again = told.splitlines()
    assert code == 0 and first.endswith(": nothing to repair")
    # How much of the disk is free changes meanwhile.
    assert [line for line in again if "are free" not in line] == [line for line in lines if "are free" not in line]
    monkeypatch.setenv("ASKREPORTS_LLM", "gone.gguf")
    code, told, _ = cli("doctor")
    assert code == 3
    assert [line for line in told.splitlines() if line.startswith("FAIL")][0].startswith("FAIL  language model: gone")


def test_means_of_a_small_folder(cli, tmp_path, monkeypatch):
    monkeypatch.setattr("rag.encoder.open_embedder", lambda settings: WordEmbedder())
    parallel = tmp_path / "parallel"
    parallel.mkdir()
    (parallel / "eng.txt").write_text("The council met.\nIt voted.\n", encoding="utf-8")
    (parallel / "deu.txt").write_text("Der Rat tagte.\nEr stimmte ab.\n", encoding="utf-8")
    code, told, remarks = cli("means", parallel, "--out", tmp_path / "means.npz")
    assert code == 0 and "2 languages for fake/words-512" in told and "means: done" in remarks
    table = LanguageMeans.load(tmp_path / "means.npz")
    assert set(table.languages) == {"en", "de"}
    vectors = WordEmbedder().passages(["The council met.", "It voted."])
    freed = table.passages(vectors, ["en", "en"])
    assert np.abs(freed.mean(axis=0)).max() < 0.02  # what the language's sentences share is gone
    (parallel / "deu.txt").write_text("Der Rat tagte.\n", encoding="utf-8")
    assert cli("means", parallel, "--out", tmp_path / "means.npz")[0] == 2
    assert cli("means", tmp_path / "nowhere", "--out", tmp_path / "means.npz")[0] == 2


@pytest.mark.parametrize(
    "arguments", [["--nonsense"], ["ask"], ["ask", "--nonsense", "x"], ["nonsense"], ["index", "--x"]]
)
def test_bad_usage(cli, arguments):
    assert cli(*arguments)[0] == 2


def test_no_arguments_show_the_help(cli):
    code, told, remarks = cli()
    assert "ask" in told + remarks and "doctor" in told + remarks


# `main`: errors become one line


@pytest.mark.parametrize(
    ("arguments", "dials", "code", "words"),
    [
        (["ask", "🎉"], {}, 2, "the question"),
        (["index", "/nowhere/at/all"], {}, 2, "/nowhere/at/all"),
        (["articles"], {"ASKREPORTS_LMM": "none"}, 2, "did you mean ASKREPORTS_LLM?"),
        (["ask", "Who?"], {"ASKREPORTS_READING_WINDOWS": "0"}, 2, "reading_windows"),
        (["ask", "Who?"], {"ASKREPORTS_LLM": "gone.gguf"}, 3, "gone.gguf"),
        (["ask", "Who?"], {"ASKREPORTS_LLM": "gpt"}, 2, "ASKREPORTS_LLM"),
        (["ask", "Who?"], {"ASKREPORTS_HOME": "broken"}, 3, "ASKREPORTS_HOME"),
        (["index", "reports"], {"ASKREPORTS_HOME": "file.txt/home"}, 3, "ASKREPORTS_HOME"),
        (["articles"], {"ASKREPORTS_HOME": "file.txt/home"}, 2, "nothing is indexed there"),
        (["index", "reports"], {"ASKREPORTS_HOME": "file.txt"}, 2, "is a file"),
        (["ask", "Who?"], {"ASKREPORTS_HOME": "nowhere"}, 2, "nowhere: nothing is indexed there; check the path"),
        (["ask", "Who?", "--home", "nowhere"], {}, 2, "nothing is indexed there"),
        (["serve", "--home", "nowhere"], {}, 2, "nothing is indexed there"),
        (["articles", "--home", "nowhere"], {}, 2, "nothing is indexed there"),
        (["search", "votes", "--home", "nowhere"], {}, 2, "nothing is indexed there"),
        (["index"], {"ASKREPORTS_HOME": "nowhere"}, 2, "name folders, files or addresses"),
        (["ask", "Who?", "--language", "fr"], {}, 2, "no report is in French; the reports are in"),
        (["ask", "Who?", "--language", "english"], {}, 2, "not a language tag; the reports are in"),
        (["ask", "Who?", "--since", "01.02.2024"], {}, 2, "write the day as year-month-day"),
        (["search", "votes", "--language", "gr"], {}, 2, "de (German)"),
        (["ask", "Who?", "--since", "2024-05-02", "--until", "2024-05-01"], {}, 2, "swap them"),
        (["search", "?"], {}, 2, "no letter or digit"),
    ],
)
def test_errors_are_one_line_and_their_exit_code(
    cli, folder, tmp_path, monkeypatch, capsys, arguments, dials, code, words
):
    cli("index", folder)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "catalog.sqlite3").write_bytes(b"garbage " * 1000)
    (tmp_path / "file.txt").write_bytes(b"")
    for name, value in dials.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["askreports", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr()
    assert (ended.value.code, told.out) == (code, "")
    lines = [line for line in told.err.splitlines() if not line.startswith("indexing ")]
    (line,) = lines
    assert line.startswith("askreports: ") and words in line and ESCAPE not in line


def test_stopping_by_hand(monkeypatch, capsys):
    def stopped() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("rag.commands.app", stopped)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130 and capsys.readouterr().err == "askreports: stopped\n"


# As a person runs it


def test_a_real_run_answers_and_loads_no_page(home):
    kim_bang = "How many skilled mass-mobilization models did Kim Bang report?"
    asked = process(home, "ask", kim_bang, "--json", ran=WITHOUT_PAGE)
    assert asked.returncode == 0, asked.stderr
    assert any("109" in citation.quote for citation in Answer.from_dict(json.loads(asked.stdout)).citations)
    assert ESCAPE not in asked.stdout + asked.stderr and "\r" not in asked.stderr


def test_a_real_run_ends_with_the_errors_code(home):
    ended = process(home, "ask", "Who?", ASKREPORTS_LLM="gone.gguf")
    assert (ended.returncode, ended.stdout) == (3, "")
    (line,) = ended.stderr.splitlines()
    assert line.startswith("askreports: gone.gguf")


def typed(home: Path, name: str, *passwords: str) -> tuple[int, str, str, str]:
    """`password NAME` at a terminal: (exit code, standard output, standard error, what the terminal echoed)."""
    master, slave = os.openpty()
    command = (sys.executable, "-m", "rag", "password", name)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "ASKREPORTS_HOME": str(home)}
    with subprocess.Popen(
        command, stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, env=environment
    ) as running:
        told = b""
        for password in passwords:
            while not told.endswith(b": ") and (more := running.stderr.read(1)):
                told += more
            os.write(master, f"{password}\n".encode())
            told += b"\n"
        said, rest = running.communicate(timeout=60)
    os.set_blocking(master, False)
    try:
        echoed = os.read(master, 10_000)
    except BlockingIOError:
        echoed = b""
    os.close(master)
    os.close(slave)
    return running.returncode, said.decode(), (told + rest).decode(), echoed.decode()


def test_a_password_is_asked_for_twice_and_shown_nowhere(tmp_path):
    code, said, told, echoed = typed(tmp_path, "Đỗ Việt Anh", "trận lụt lớn", "trận lụt lớn")
    assert code == 0, told
    assert re.fullmatch(r"Đỗ Việt Anh:\$argon2id\$\S+\n", said)
    assert "Password: " in told and "Once more: " in told and "ASKREPORTS_AUTH" in told
    assert "lụt" not in said + told + echoed and "WARNING" not in told.upper()


def test_two_passwords_that_differ_make_no_line(tmp_path):
    code, said, told, _ = typed(tmp_path, "Zofia", "gęślą jaźń", "gęślą jazn")
    assert (code, said) == (2, "") and "differ" in told


def test_a_password_that_is_too_short_makes_no_line(tmp_path):
    code, said, told, _ = typed(tmp_path, "Zofia", "krótko")
    assert (code, said) == (2, "") and "has 6 characters" in told and "krótko" not in told
