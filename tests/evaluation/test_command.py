"""`askreports evaluate`: what it prints, where it writes, and what it refuses before anything is asked."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest
from scripted_reports import ScriptedReports
from typer.testing import CliRunner

import rag.evaluation.command
import rag.evaluation.evaluating
import rag.evaluation.webpage
from rag.commands import app
from rag.errors import AskReportsError
from rag.evaluation.command import run_command
from rag.evaluation.loading import Subset
from rag.evaluation.runs import load_run
from rag.llm.model import Completion

pytestmark = pytest.mark.usefixtures("clean_environment")

LINES = (
    {"reports": ["reports"]},
    {"id": "a", "question": "How many votes did the council of Lund count?", "language": "en", "kind": "fact:number",
     "answerable": True, "answers": ["12"], "number": 12, "articles": ["lund"]},
    {"id": "u", "question": "How many votes did Hai Phong count?", "language": "en", "kind": "unanswerable",
     "answerable": False},
)  # fmt: skip
SCRIPT = {"How many votes did the council of Lund count?": "12 votes", "Wie viele?": "29", "いつ?": "2024年"}
CONTEXTS = (
    {"lang": "de", "context": "Der Rat zählte 29 Stimmen.",
     "qas": [{"id": "1", "question": "Wie viele?", "answers": [{"text": "29", "start": 15}]}]},
    {"lang": "ja", "context": "橋は2024年に開いた。",
     "qas": [{"id": "2", "question": "いつ?", "answers": [{"text": "2024年", "start": 2}]},
             {"id": "3", "question": "誰が?", "impossible": True}]},
)  # fmt: skip


@dataclass
class Tried:
    """The command in this process; `opened` are the collections that were asked."""

    opened: list[ScriptedReports] = field(default_factory=list)

    def __call__(self, *arguments: object) -> tuple[int, str, str]:
        result = CliRunner().invoke(app, ["evaluate", *map(str, arguments)])
        if isinstance(result.exception, AskReportsError):
            return result.exception.exit_code, result.stdout, f"{result.stderr}{result.exception}"
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.stdout, result.stderr

    def opens(self, locations, home, options):
        self.opened.append(ScriptedReports(locations, SCRIPT, options["settings"]))
        return self.opened[-1]

    @property
    def asked(self):
        return [question for reports in self.opened for question in reports.asked]


class Judge:
    name, small, constrains = "judge", True, True

    def complete(self, prompt, *, on_text=None):
        return Completion("YES", ())

    def close(self):
        pass


@pytest.fixture
def cli(monkeypatch, tmp_path):
    tried = Tried()
    monkeypatch.setenv("ASKREPORTS_LLM", "none")
    monkeypatch.setattr(rag.evaluation.evaluating, "_open", tried.opens)
    monkeypatch.setattr(rag.evaluation.webpage, "charts", lambda runs: [])  # half a second a page, and told elsewhere
    monkeypatch.setattr(rag.evaluation.command, "open_llm", lambda settings, progress=None: Judge())
    monkeypatch.chdir(tmp_path)
    return tried


@pytest.fixture
def cases(tmp_path, folder):
    path = tmp_path / "cases.jsonl"
    path.write_text("\n".join(map(json.dumps, LINES)), encoding="utf-8")
    return path


@pytest.fixture
def marked(tmp_path):
    path = tmp_path / "dev.jsonl"
    path.write_text("\n".join(map(json.dumps, CONTEXTS)), encoding="utf-8")
    return path


def test_a_run_is_printed_kept_and_made_a_page(cli, cases, tmp_path):
    code, told, remarks = cli(cases, "--out", "run")
    assert code == 0
    assert "all\t2\t1.00\t1.00\t1.00\t0 of 1\t1.00" in told
    assert told.rstrip().endswith("run/report.html") and "asking: done (2)" in remarks
    assert [row.case.id for row in load_run(tmp_path / "run").rows] == ["a", "u"]
    assert "How many votes did the council of Lund count?" in (tmp_path / "run" / "report.html").read_text("utf-8")


def test_the_same_command_again_asks_nothing(cli, cases):
    assert cli(cases, "--out", "run")[0] == cli(cases, "--out", "run")[0] == 0
    assert len(cli.asked) == 2 and cli.opened[1].asked == []


def test_contexts_are_asked_by_language_and_all_together(cli, marked, tmp_path):
    code, told, _ = cli(marked, "--out", "run")
    assert code == 0
    assert {part.name for part in (tmp_path / "run").iterdir() if part.is_dir()} == {"de", "ja", "mixed"}
    assert [len(reports.articles()) for reports in cli.opened] == [1, 1, 2]
    assert told.count("By language of question and text") == 2
    assert told.count("same language\tmean of 2\t3\t1.00") == 2 and "all\t\t3\t1.00" in told
    assert told.rstrip().endswith("run/report-mixed.html") and (tmp_path / "run" / "report-apart.html").exists()
    assert len(load_run(tmp_path / "run" / "mixed").rows) == 3


def test_contexts_are_compared_collection_by_collection(cli, marked, tmp_path):
    cli(marked, "--out", "old")
    code, told, _ = cli(marked, "--out", "new", "--against", "old")
    assert code == 0 and "apart against old apart" in told and "mixed against old mixed" in told
    (tmp_path / "a.toml").write_text("window_chars = 200\n", "utf-8")
    code, told, _ = cli(marked, "--settings", "a.toml", "--out", "both", "--against", "old")
    assert code == 0 and "a mixed against old mixed" in told
    assert (tmp_path / "both" / "a" / "ja" / "run.json").exists() and (tmp_path / "both" / "report-apart.html").exists()


def test_a_part_of_the_questions_is_asked(cli, marked):
    options = {"against": (), "settings": (), "out": None, "reports": (), "passages": None, "only_retrieval": False}
    page = run_command(
        marked,
        **options,
        judge="",
        console=rag.evaluation.command.Console(quiet=True),
        progress=None,
        subset=Subset(languages=("ja",), limit=1),
    )
    assert cli.asked == ["いつ?"] and str(page).startswith("out/dev-")


def test_stopping_keeps_what_was_answered(cli, cases, monkeypatch, tmp_path):
    def stop(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(rag.evaluation.command, "evaluate", stop)
    code, told, remarks = cli(cases, "--out", "run")
    assert code == 130 and told == ""
    assert "the same command resumes from there" in remarks and not (tmp_path / "run").exists()


def test_two_set_ups_are_compared(cli, cases, tmp_path):
    (tmp_path / "long.toml").write_text('llm = "none"\n', "utf-8")
    (tmp_path / "short.toml").write_text('llm = "none"\nwindow_chars = 200\n', "utf-8")
    code, told, _ = cli(cases, "--settings", "long.toml", "--settings", "short.toml", "--out", "both")
    assert code == 0 and "short against long" in told and "short: 0 lost or gained" in told
    assert load_run(tmp_path / "both" / "short").stamp.settings["window_chars"] == 200
    assert "window_chars = 200" in (tmp_path / "both" / "report.html").read_text("utf-8")


def test_an_earlier_run_is_the_base(cli, cases, tmp_path):
    cli(cases, "--out", "old")
    code, told, _ = cli(cases, "--out", "new", "--against", "old")
    assert code == 0 and "new against old" in told and "all\tright\t1\t1.00\t1.00\t+.000" in told
    assert "Came out the same (2)" in (tmp_path / "new" / "report.html").read_text("utf-8")


def test_retrieval_alone_and_other_reports(cli, cases, folder):
    code, told, _ = cli(cases, "--retrieval", "-r", folder, "--out", "run")
    assert code == 0 and "all\t2\t1.00\t1.00\t1.00\t1.00\t1.00" in told
    assert cli.asked == []


def test_a_judge_is_shown_with_its_agreement(cli, cases):
    code, told, _ = cli(cases, "--judge", "judge", "--out", "run")
    assert code == 0 and "Judged by judge" in told and "correct\tcontains gold\t1\t1.00\t1.00\t-\n" in told
    code, _, remarks = cli(cases, "--judge", "judge", "--retrieval")
    assert code == 2 and "drop --judge or --retrieval" in remarks


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gone.jsonl"], "gone.jsonl: no such file"),
        (["cases.jsonl", "--against", "nowhere"], "nowhere: is not a run's folder"),
        (["dev.jsonl", "--against", "earlier"], "earlier: contains no run of these collections"),
        (["dev.jsonl", "--reports", "reports"], "dev.jsonl: brings its own reports, in 3 collections"),
        (["cases.jsonl", "--settings", "gone.toml"], "gone.toml: cannot be read"),
        (["cases.jsonl", "--settings", "bad.toml"], "bad.toml: is not TOML"),
        (["cases.jsonl", "--settings", "unknown.toml"], "unknown.toml: unknown setting lmm; did you mean llm?"),
        (["cases.jsonl", "--settings", "a/x.toml", "--settings", "b/x.toml"], "two settings files are called x"),
        (["cases.jsonl", "--passages", "cases.jsonl"], "only with SQuAD-style .json files"),
        (["empty.jsonl"], "contains no cases"),
        (["broken.jsonl"], "broken.jsonl, line 2: is not JSON"),
    ],
)
def test_bad_input_is_refused_before_anything_is_written(cli, cases, marked, tmp_path, arguments, words):
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "x.toml").write_text("", "utf-8")
    (tmp_path / "bad.toml").write_text("llm = none", "utf-8")
    (tmp_path / "unknown.toml").write_text('lmm = "none"', "utf-8")
    (tmp_path / "empty.jsonl").write_text("\n", "utf-8")
    (tmp_path / "broken.jsonl").write_text(json.dumps(LINES[1]) + "\n{\n", "utf-8")
    if "earlier" in arguments:
        cli(cases, "--out", "earlier")
        cli.opened.clear()
    code, told, remarks = cli(*arguments, "--out", "run")
    assert (code, told) == (2, "") and words in remarks
    assert not (tmp_path / "run").exists() and cli.opened == []


def test_gold_that_is_not_there_costs_no_question(cli, cases, tmp_path):
    cases.write_text(cases.read_text("utf-8").replace('["lund"]', '["lnud"]'), "utf-8")
    code, told, remarks = cli(cases, "--out", "run")
    assert (code, told) == (2, "") and "cases.jsonl, line 2: the article lnud is not in" in remarks
    assert not (tmp_path / "run" / "answers.jsonl").exists()


def test_a_folder_of_another_set_up_is_left_alone(cli, cases, monkeypatch, tmp_path):
    cli(cases, "--out", "run")
    before = {path: path.read_bytes() for path in (tmp_path / "run").glob("*.js*")}
    monkeypatch.setenv("ASKREPORTS_WINDOW_CHARS", "200")
    code, _, remarks = cli(cases, "--out", "run")
    assert code == 2 and "window_chars was 900, is 200" in remarks and "give another --out" in remarks
    assert before == {path: path.read_bytes() for path in (tmp_path / "run").glob("*.js*")}
