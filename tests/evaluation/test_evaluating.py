"""Cases asked of a collection: each once, kept at once, gone on with after a stop."""

from __future__ import annotations

import json
import shutil

import pytest
from scripted_reports import ScriptedReports

import rag.evaluation.evaluating as evaluating
from rag import Settings
from rag.errors import InputError, ModelError
from rag.evaluation import CaseSet, evaluate, load_run
from rag.evaluation.loading import Case
from rag.llm.model import Completion

pytestmark = pytest.mark.usefixtures("clean_environment")

VOTES = {"question": "How many votes did the council of Lund count?", "language": "en", "kind": "fact:number",
         "answerable": True, "answers": ["12"], "number": 12, "articles": ["lund"],
         "quotes": ["It counted 12 votes for the old bridge."]}  # fmt: skip
OSLO = {"question": "Ile głosów oddano za parkiem w Oslo?", "language": "pl", "kind": "fact:number",
        "answerable": True, "answers": ["109"], "number": 109, "articles": ["oslo"]}  # fmt: skip
NOBODY = {"question": "How many votes did Hai Phong count?", "language": "en", "kind": "unanswerable",
          "answerable": False, "why": "another place"}  # fmt: skip
SCRIPT = {VOTES["question"]: "12 votes", OSLO["question"]: "109 głosów"}
NONE = Settings(llm="none")


@pytest.fixture
def cases(tmp_path, folder):
    """A case file of these questions, asked of the three reports."""

    def write(*held, header=True):
        lines = [{"reports": ["reports"]}] if header else []
        lines += [{"id": f"q{at}", **one} for at, one in enumerate(held or (VOTES, OSLO, NOBODY), 1)]
        path = tmp_path / "cases.jsonl"
        path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
        return path

    return write


@pytest.fixture
def ask(tmp_path, monkeypatch):
    """`evaluate` into `run`, with reports that answer by a script; the last ones are `ask.reports`."""

    def run(held, script=SCRIPT, **options):
        def opened(locations, home, given):
            run.reports = ScriptedReports(locations, script, given["settings"])
            return run.reports

        monkeypatch.setattr(evaluating, "_open", opened)
        return evaluate(held, **{"out": tmp_path / "run", "settings": NONE, **options})

    return run


def test_each_question_is_asked_scored_and_kept(cases, ask, tmp_path):
    told = []
    run = ask(cases(), progress=lambda *step: told.append(step))
    first, second, third = run.rows
    assert (first.scores.right, first.scores.recall_1, first.scores.proof_recall) == (1.0, 1.0, 1.0)
    assert (second.scores.right, second.languages, second.scores.short_seconds) == (1.0, ("pl",), 0.02)
    assert third.scores.declined_rightly == 1.0
    assert set(first.retrieved) == {"lund", "lyon", "oslo"}
    assert load_run(tmp_path / "run") == run
    assert told == [("asking", 1, 3), ("asking", 2, 3), ("asking", 3, 3)]
    assert ask.reports.warmed and ask.reports.closed
    assert run.stamp.models["embedder"] == "scripted" and set(run.reports) == {"lund", "lyon", "oslo"}
    assert run.stamp.settings["llm"] == "none" and "llm_key" not in run.stamp.settings


def test_what_is_answered_is_not_asked_again(cases, ask, tmp_path):
    first = ask(cases())
    before = (tmp_path / "run" / "answers.jsonl").read_bytes()
    assert ask(cases()).rows == first.rows
    assert ask.reports.asked == [] and (tmp_path / "run" / "answers.jsonl").read_bytes() == before


@pytest.mark.parametrize("failure", [KeyboardInterrupt(), ModelError("gone")])
def test_a_stopped_run_keeps_its_answers_and_goes_on_where_it_was(cases, ask, tmp_path, failure):
    with pytest.raises(type(failure)):
        ask(cases(), {**SCRIPT, OSLO["question"]: failure})
    assert [row.case.id for row in load_run(tmp_path / "run").rows] == ["q1"]
    assert [row.scores.get("right") for row in ask(cases()).rows] == [1.0, 1.0, None]
    assert ask.reports.asked == [OSLO["question"], NOBODY["question"]]


def test_a_changed_case_is_asked_again_and_another_set_up_refused(cases, ask, tmp_path):
    ask(cases())
    rows = ask(cases({**VOTES, "answers": ["thirteen"], "number": None}, OSLO, NOBODY)).rows
    assert ask.reports.asked == [VOTES["question"]] and rows[0].scores.contains == 0.0
    with pytest.raises(InputError, match="window_chars was 900, is 300"):
        ask(cases(), settings=Settings(llm="none", window_chars=300))
    (tmp_path / "reports" / "lyon.txt").unlink()
    with pytest.raises(InputError, match="other reports"):
        ask(cases())


def test_measures_that_are_new_are_taken_of_old_answers(cases, ask, tmp_path):
    ask(cases())
    path = tmp_path / "run" / "answers.jsonl"
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    lines[0]["scores"].pop("token_f1")
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    assert ask(cases()).rows[0].scores.token_f1 is not None
    assert ask.reports.asked == [] and load_run(tmp_path / "run").rows[0].scores.token_f1 is not None


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ({**VOTES, "articles": ["lundt"]}, "line 3: the article lundt is not in the collection of 3 .*mean lund"),
        ({**VOTES, "articles": ["0817"]}, "line 3: the article 0817 is not .*the header, or --reports"),
        ({**VOTES, "quotes": ["It counted 13"]}, "line 3: the quote 'It counted 13' is in none"),
        ({**VOTES, "spans": [["lund", 0, 9000]]}, "line 3: the span 0 to 9000 is outside lund"),
    ],
)
def test_gold_that_is_not_there_is_refused_with_its_line_before_anything_is_asked(cases, ask, tmp_path, case, told):
    with pytest.raises(InputError, match=told):
        ask(cases(OSLO, case))
    assert ask.reports.asked == [] and not (tmp_path / "run" / "answers.jsonl").exists()


def test_a_report_that_was_skipped_is_told_as_that(cases, ask, folder):
    (folder / "empty.txt").write_bytes(b"")
    with pytest.raises(InputError, match="line 2: the article empty was skipped, it is empty"):
        ask(cases({**OSLO, "articles": ["empty"]}))


def test_the_copy_of_a_report_is_the_report(cases, ask, folder):
    shutil.copy(folder / "lund.txt", folder / "zz-copy.txt")
    at = (folder / "lund.txt").read_text("utf-8").index("12 votes")
    (row,) = ask(cases({**VOTES, "articles": ["zz-copy"], "spans": [["zz-copy", at, at + 8]]})).rows
    assert (row.scores.right, row.scores.recall_1) == (1.0, 1.0)
    assert (row.case.articles, row.proving) == (("zz-copy",), ("lund",))


def test_a_question_that_cannot_be_read_is_told_with_its_line(cases, ask):
    with pytest.raises(InputError, match="line 3: the question"):
        ask(cases(VOTES, {**NOBODY, "question": "🎉🎉"}))


def test_earlier_turns_are_asked_first_and_their_answers_are_the_history(cases, ask):
    follow = {**VOTES, "question": "And for the park?", "turns": [VOTES["question"], "Where?"]}
    ask(cases(follow))
    assert ask.reports.asked == [VOTES["question"], "Where?", "And for the park?"]
    assert [turn.answer for turn in ask.reports.histories[-1]] == ["12 votes. [1]", "-"]


def test_retrieval_alone_asks_no_model(cases, ask):
    rows = ask(cases(), only_retrieval=True, settings=Settings(llm="bundled")).rows
    assert ask.reports.asked == [] and not ask.reports.warmed and ask.reports.settings.llm == "none"
    assert [row.answer for row in rows] == [None] * 3
    assert [row.scores.recall_1 for row in rows] == [1.0, 1.0, None]


def test_a_judge_may_come_later_and_asks_nothing_again(cases, ask):
    class Judge:
        name, small, constrains = "judge", True, True

        def complete(self, prompt, *, on_text=None):
            return Completion("YES", ())

    ask(cases())
    rows = ask(cases(), judge=Judge()).rows
    assert ask.reports.asked == []
    said = [(row.judgement.faithful, row.judgement.correct) for row in rows]
    assert said == [(True, True), (True, True), (None, None)]


def test_passages_become_the_reports(ask, tmp_path):
    context = "The council of Oslo met in May. It counted 12 votes for the park."
    question = "How many votes were counted for the park?"
    qas = [{"id": "1", "question": question, "answers": [{"text": "12"}]}]
    paragraphs = [{"context": context, "qas": qas}, {"context": "Lund has a bridge over a small river.", "qas": []}]
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"data": [{"paragraphs": paragraphs}]}), encoding="utf-8")
    (row,) = ask(path, {question: "12 votes"}).rows
    assert (row.scores.right, row.retrieved[0]) == (1.0, "paragraph-00001")
    assert (tmp_path / "run" / "reports" / "paragraph-00001.txt").read_text("utf-8") == context
    ask(path)  # the same passages: nothing is asked again
    assert ask.reports.asked == []


def test_marked_contexts_are_asked_and_held_to_where_words_were_read(ask, tmp_path):
    contexts = ("Der Rat zählte 29 Stimmen.", "橋は2024年に開いた。")
    lines = [
        {"lang": lang, "title": title, "context": text, "qas": [
            {"id": "1", "question": asked, "answers": [{"text": gold, "start": text.index(gold)}]},
            {"id": "2", "question": "?" + asked, "answers": [], "impossible": True},
        ]}
        for lang, title, text, asked, gold in (
            ("de", "Lund", contexts[0], "Wie viele?", "29"), ("ja", "", contexts[1], "いつ?", "2024年"),
        )
    ]  # fmt: skip
    path = tmp_path / "dev.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    run = ask(path, {"Wie viele?": "29 Stimmen", "いつ?": "橋", "?いつ?": "2024年"})
    right, declined, other, told = run.rows
    assert (right.scores.right, right.scores.span_f1, right.languages) == (1.0, pytest.approx(2 / 3), ("de",))
    assert (declined.scores.declined_rightly, declined.languages, declined.case.articles) == (1.0, ("de",), ())
    assert (other.scores.right, other.scores.span_f1, other.scores.recall_1) == (0.0, 0.0, 1.0)
    assert (told.scores.proven_right, told.scores.wrong_citations) == (0.0, 1.0)


def test_beir_is_retrieval_alone(ask):
    case = Case("q", "votes for the park", "en", "retrieval", True, articles=("d1", "d2"), grades=(1.0, 2.0))
    passages = (("d1", "The park got 12 votes."), ("d2", "Votes for the park were counted."), ("d3", "A bridge."))
    (row,) = ask(CaseSet("beir", (case,), passages=passages, only_retrieval=True)).rows
    assert row.answer is None and 0 < row.scores.ndcg_10 <= 1 and row.scores.recall_5 == 1.0


def test_an_open_collection_is_asked_as_it_is_and_left_open(cases, folder, tmp_path):
    settings = Settings(llm="none", window_chars=500)
    reports = ScriptedReports(folder, SCRIPT, settings)
    run = evaluate(cases(header=False), reports=reports, out=tmp_path / "run")
    assert run.stamp.settings_hash == settings.hash and run.rows[0].scores.right == 1.0
    assert not reports.closed


def test_without_a_folder_the_run_goes_by_cases_and_set_up(cases, ask, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = ask(cases(VOTES), out=None)
    assert str(run.folder) == f"out/cases-{NONE.hash}-{evaluating.program_hash()[:6]}"


def test_without_a_header_the_reports_that_come_with_the_program_are_asked(cases, ask):
    seeds = {"question": "Ile modeli?", "language": "pl", "kind": "fact:number", "answerable": True, "number": 109,
             "articles": ["004_1ac8f92e85ca3eff"]}  # fmt: skip
    run = ask(cases(seeds, header=False), {}, only_retrieval=True)
    assert len(run.reports) == 5


def test_secrets_are_not_written(cases, ask, tmp_path):
    address = "https://me:secret@example.org/v1"
    run = ask(cases(), settings=Settings(llm=address, llm_key="hidden", embedder_key="hidden"))
    assert run.stamp.settings["llm"] == "https://example.org/v1"
    written = "".join((tmp_path / "run" / name).read_text("utf-8") for name in ("run.json", "answers.jsonl"))
    assert "secret" not in written and "hidden" not in written


def test_the_program_is_told_by_code_weights_and_prompts_that_answer(tmp_path, monkeypatch):
    package = tmp_path / "rag"
    for name in ("reading/weights/a.bin", "reading/reader.py", "evaluation/x.py", "training/train.py", "commands/x.py"):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text("1", "utf-8")
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "judge.md").write_text("1", "utf-8")
    monkeypatch.setattr(evaluating, "PACKAGE", package)
    hashes = [evaluating.program_hash()]
    for unrelated in ("rag/evaluation/x.py", "rag/training/train.py", "rag/commands/x.py", "prompts/judge.md"):
        (tmp_path / unrelated).write_text("2", "utf-8")
    assert [evaluating.program_hash()] == hashes
    for telling in ("rag/reading/weights/a.bin", "rag/reading/reader.py", "prompts/read.md"):
        (tmp_path / telling).write_text("2", "utf-8")
        hashes.append(evaluating.program_hash())
    assert len(set(hashes)) == 4
