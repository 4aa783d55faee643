"""Cases asked of the reports that users get: each once, kept at once, gone on with after a stop."""

from __future__ import annotations

import json
import shutil
from datetime import date

import pytest
from fake_model import FakeModel, WordEmbedder, excerpts

import rag.evaluation.evaluating as evaluating
from rag import Reports, Settings
from rag.errors import InputError, ModelError
from rag.evaluation import CaseSet, evaluate, load_run
from rag.evaluation.loading import Case
from rag.llm import Completion

pytestmark = pytest.mark.usefixtures("clean_environment")

VOTES = {"question": "How many votes did the council of Lund count?", "language": "en", "kind": "fact:number",
         "answerable": True, "answers": ["12"], "number": 12, "articles": ["lund"],
         "quotes": ["It counted 12 votes for the old bridge."]}  # fmt: skip
OSLO = {"question": "Ile głosów oddano za parkiem w Oslo?", "language": "pl", "kind": "fact:number",
        "answerable": True, "answers": ["109"], "number": 109, "articles": ["oslo"]}  # fmt: skip
NOBODY = {"question": "How many votes did Hai Phong count?", "language": "en", "kind": "unanswerable",
          "answerable": False, "why": "another place"}  # fmt: skip
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
def ask(tmp_path):
    """`evaluate` into `run` with an embedder of words and a model that knows the votes of Lund and Oslo."""

    def run(held, model=None, **options):
        options = {"out": tmp_path / "run", "settings": NONE, "embedder": WordEmbedder(), **options}
        return evaluate(held, llm=model or knowing(), **options)

    return run


def knowing() -> FakeModel:
    return FakeModel(excerpts(("12 votes", "It counted 12 votes."), ("109", "Oddano 109 głosów.")))


def test_each_question_is_asked_scored_and_kept(cases, ask, tmp_path):
    told = []
    run = ask(cases(), progress=lambda *step: told.append(step))
    first, second, third = run.rows
    assert (first.scores.right, first.scores.recall_1, first.scores.proof_recall) == (1.0, 1.0, 1.0)
    assert (second.scores.right, second.languages, second.scores.language_right) == (1.0, ("pl",), None)
    assert third.scores.declined_rightly == 1.0
    assert set(first.retrieved) == {"lund", "lyon", "oslo"}
    assert load_run(tmp_path / "run") == run
    assert [step for step in told if step[0] == "asking"] == [("asking", 1, 3), ("asking", 2, 3), ("asking", 3, 3)]
    assert run.stamp.models == {"embedder": "fake/words-512", "llm": "fake"} and set(run.reports) == {
        "lund",
        "lyon",
        "oslo",
    }
    assert run.stamp.settings["llm"] == "none" and "llm_key" not in run.stamp.settings


def test_what_is_answered_is_not_asked_again(cases, ask, tmp_path):
    first = ask(cases())
    before = (tmp_path / "run" / "answers.jsonl").read_bytes()
    model = knowing()
    assert ask(cases(), model).rows == first.rows
    assert model.prompts == [] and (tmp_path / "run" / "answers.jsonl").read_bytes() == before


def test_a_stopped_run_goes_on_where_it_was(cases, ask, tmp_path):
    def stopping(prompt):
        if "109" in prompt.excerpt and "Ile" in prompt.user:
            raise KeyboardInterrupt
        return knowing()._reply(prompt)

    with pytest.raises(KeyboardInterrupt):
        ask(cases(), FakeModel(stopping))
    assert [row.case.id for row in load_run(tmp_path / "run").rows] == ["q1"]
    model = knowing()
    assert [row.scores.get("right") for row in ask(cases(), model).rows] == [1.0, 1.0, None]
    assert model.prompts and not any("council of Lund count" in prompt.user for prompt in model.prompts)


def test_a_model_that_fails_keeps_what_was_answered(cases, ask, tmp_path):
    failing = FakeModel(excerpts(("12 votes", "It counted 12 votes."), otherwise="NONE"))
    replies = failing._reply

    def reply(prompt):
        return ModelError("gone") if "Ile" in prompt.user else replies(prompt)

    with pytest.raises(ModelError, match="gone"):
        ask(cases(), FakeModel(reply))
    assert [row.case.id for row in load_run(tmp_path / "run").rows] == ["q1"]


def test_a_changed_case_is_asked_again_and_another_set_up_refused(cases, ask, tmp_path):
    ask(cases())
    model = knowing()
    rows = ask(cases({**VOTES, "answers": ["twelve"], "number": None}, OSLO, NOBODY), model).rows
    assert len(model.read) == 1 and rows[0].scores.contains == 0.0
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
    model = knowing()
    assert ask(cases(), model).rows[0].scores.token_f1 is not None
    assert model.prompts == [] and load_run(tmp_path / "run").rows[0].scores.token_f1 is not None


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ({**VOTES, "articles": ["lundt"]}, "line 3: the article lundt is not in the collection of 3 .*mean lund"),
        ({**VOTES, "articles": ["0817"]}, "line 3: the article 0817 is not .*the header, or --reports"),
        ({**VOTES, "quotes": ["It counted 13"]}, "line 3: the quote 'It counted 13' stands in none"),
    ],
)
def test_gold_that_is_not_there_is_refused_with_its_line_before_anything_is_asked(cases, ask, tmp_path, case, told):
    model = knowing()
    with pytest.raises(InputError, match=told):
        ask(cases(OSLO, case), model)
    assert model.prompts == [] and not (tmp_path / "run" / "answers.jsonl").exists()


def test_a_report_that_was_skipped_is_told_as_that(cases, ask, folder):
    (folder / "empty.txt").write_bytes(b"")
    with pytest.raises(InputError, match="line 2: the article empty was skipped, it "):
        ask(cases({**OSLO, "articles": ["empty"]}))


def test_the_copy_of_a_report_is_the_report(cases, ask, folder):
    shutil.copy(folder / "lund.txt", folder / "zz-copy.txt")
    (row,) = ask(cases({**VOTES, "articles": ["zz-copy"]})).rows
    assert (row.scores.right, row.scores.recall_1) == (1.0, 1.0) and row.case.articles == ("zz-copy",)


def test_a_question_that_cannot_be_read_is_told_with_its_line(cases, ask):
    with pytest.raises(InputError, match="line 3: the question"):
        ask(cases(VOTES, {**NOBODY, "question": "🎉🎉"}))


def test_earlier_turns_are_asked_first_and_their_answers_are_the_history(cases, ask):
    model = knowing()
    follow = {**VOTES, "question": "And where did it meet?", "turns": [VOTES["question"]], "number": None,
              "answers": ["Lund"], "kind": "fact:place"}  # fmt: skip
    (row,) = ask(cases(follow), model).rows
    assert model.prompts[0].question == VOTES["question"]
    assert row.answer.question == "And where did it meet?"
    assert row.answer.standalone_question == "And where did it meet?", "Lund alone is no name of the collection"


def test_a_day_to_count_from_is_handed_on_where_it_is_taken(cases, ask, monkeypatch):
    taken, plain = [], Reports.ask

    def asking(self, question, *, history=(), today=None):
        taken.append(today)
        return plain(self, question, history=history)

    ask(cases({**VOTES, "today": "2024-07-05"}), out=cases().parent / "before")
    monkeypatch.setattr(Reports, "ask", asking)
    ask(cases({**VOTES, "today": "2024-07-05"}, OSLO))
    assert taken == [date(2024, 7, 5), None]


def test_retrieval_alone_asks_no_model(cases, ask):
    model = knowing()
    rows = ask(cases(), model, only_retrieval=True).rows
    assert model.prompts == []
    assert [row.answer for row in rows] == [None] * 3
    assert [row.scores.recall_1 for row in rows] == [1.0, 1.0, None]


def test_a_judge_may_come_later_and_asks_nothing_again(cases, ask):
    class Judge:
        name, small, constrains = "judge", True, True

        def complete(self, messages, **options):
            return Completion("YES", ())

    ask(cases())
    model = knowing()
    rows = ask(cases(), model, judge=Judge()).rows
    assert model.prompts == []
    assert [(row.judgement.faithful, row.judgement.correct) for row in rows] == [
        (True, True),
        (True, True),
        (None, None),
    ]


def test_squad_paragraphs_become_the_reports(ask, tmp_path):
    context = "The council of Oslo met in May. It counted 12 votes for the park."
    qas = [{"id": "1", "question": "How many votes were counted for the park?", "answers": [{"text": "12"}]}]
    paragraphs = [{"context": context, "qas": qas}, {"context": "Lund has a bridge over a small river.", "qas": []}]
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"data": [{"paragraphs": paragraphs}]}), encoding="utf-8")
    (row,) = ask(path).rows
    assert (row.scores.right, row.retrieved[0]) == (1.0, "paragraph-00001")
    assert (tmp_path / "run" / "reports" / "paragraph-00001.txt").read_text("utf-8") == context
    model = knowing()
    ask(path, model)  # the same passages: nothing is asked again
    assert model.prompts == []


def test_beir_is_retrieval_alone(ask, tmp_path):
    case = Case("q", "votes for the park", "en", "retrieval", True, articles=("d1", "d2"), grades=(1.0, 2.0))
    passages = (("d1", "The park got 12 votes."), ("d2", "Votes for the park were counted."), ("d3", "A bridge."))
    (row,) = ask(CaseSet("beir", (case,), passages=passages, only_retrieval=True)).rows
    assert row.answer is None and 0 < row.scores.ndcg_10 <= 1 and row.scores.recall_5 == 1.0


def test_an_open_collection_is_asked_as_it_is_and_left_open(cases, folder, tmp_path):
    settings = Settings(llm="none", window_chars=500)
    home = tmp_path / "home"
    with Reports.open(folder, home=home, settings=settings, embedder=WordEmbedder(), llm=knowing()) as reports:
        run = evaluate(cases(header=False), reports=reports, out=tmp_path / "run")
        assert run.stamp.settings_hash == settings.hash and run.rows[0].scores.right == 1.0
        assert len(reports.articles()) == 3


def test_without_a_folder_the_run_goes_by_cases_and_set_up(cases, ask, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = ask(cases(VOTES), out=None)
    assert str(run.folder) == f"out/cases-{NONE.hash}-{evaluating.program_hash()[:6]}"


def test_without_a_header_the_reports_that_come_with_the_program_are_asked(cases, ask, folder, monkeypatch):
    assert evaluating.SEEDS.name == "seeds"
    monkeypatch.setattr(evaluating, "SEEDS", folder)
    run = ask(cases(header=False), only_retrieval=True)
    assert set(run.reports) == {"lund", "lyon", "oslo"} and run.rows[0].scores.recall_1 == 1.0


def test_secrets_are_not_written(cases, ask, tmp_path):
    address = "https://me:secret@example.org/v1"
    run = ask(cases(), settings=Settings(llm=address, llm_key="hidden", embedder_key="hidden"))
    assert run.stamp.settings["llm"] == "https://example.org/v1"
    written = (tmp_path / "run" / "run.json").read_text("utf-8") + (tmp_path / "run" / "answers.jsonl").read_text(
        "utf-8"
    )
    assert "secret" not in written and "hidden" not in written


def test_the_program_is_told_by_code_and_prompts_that_answer(tmp_path, monkeypatch):
    package = tmp_path / "rag"
    for place in (package / "data", package / "evaluation", tmp_path / "prompts"):
        place.mkdir(parents=True)
    for path in (package / "reading.py", package / "evaluation" / "x.py", package / "__main__.py"):
        path.write_text("1", "utf-8")
    (tmp_path / "prompts" / "judge.md").write_text("1", "utf-8")
    monkeypatch.setattr(evaluating, "PACKAGE", package)
    first = evaluating.program_hash()
    for unrelated in ("rag/evaluation/x.py", "rag/__main__.py", "prompts/judge.md"):
        (tmp_path / unrelated).write_text("2", "utf-8")
    assert evaluating.program_hash() == first
    (tmp_path / "prompts" / "read.md").write_text("1", "utf-8")
    second = evaluating.program_hash()
    (package / "reading.py").write_text("2", "utf-8")
    assert len({first, second, evaluating.program_hash()}) == 3
