"""A run's folder: whole lines, torn ends, one set-up, one writer."""

import json
from dataclasses import replace

import pytest
from fake_runs import STAMP, answer, case, row, unanswerable

from rag.errors import InputError, StoreError
from rag.evaluation.llm_judge import Judgement
from rag.evaluation.runs import Row, RunFile, load_run, load_runs, write_whole

ROWS = (row(given=answer()), row(unanswerable(), answer("")))


def opened(folder, stamp=STAMP):
    return RunFile(folder, stamp, name="first", cases="cases", reports={"kb": "KB"})


@pytest.fixture
def folder(tmp_path):
    with opened(tmp_path / "run") as file:
        for one in ROWS:
            file.append(one)
        file.finish([one.case for one in ROWS])
    return tmp_path / "run"


def test_what_was_written_is_read(folder):
    run = load_run(folder)
    assert run.rows == ROWS
    assert (run.name, run.cases, run.stamp, run.reports, run.folder) == ("first", "cases", STAMP, {"kb": "KB"}, folder)


def test_a_line_is_an_answer_as_everywhere_with_its_hash(folder):
    held = json.loads((folder / "answers.jsonl").read_text("utf-8").splitlines()[0])
    assert held["answer"] == answer().to_dict()
    assert (held["case"]["id"], held["settings_hash"], held["scores"]["right"]) == ("a", STAMP.settings_hash, 1.0)


def test_a_row_survives_json_with_its_judgement():
    judged = replace(ROWS[0], judgement=Judgement("j", True, None), proving=("kb",))
    assert Row.from_dict(json.loads(json.dumps(judged.to_dict()))) == judged
    alone = row(given=None)
    assert Row.from_dict(json.loads(json.dumps(alone.to_dict()))) == alone


@pytest.mark.parametrize("torn", [b'{"case": {"id": "b"', b"x", '{"case": "ż'.encode()[:-1]])
def test_a_torn_last_line_is_passed_over_and_then_cut_off(folder, torn):
    path = folder / "answers.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + torn)
    assert load_run(folder).rows == ROWS
    assert path.read_bytes() == whole + torn  # reading changes nothing
    with opened(folder) as file:
        assert path.read_bytes() == whole
        file.append(row(case("b"), answer()))
    assert [json.loads(line)["case"]["id"] for line in path.read_text("utf-8").splitlines()] == ["a", "u", "b"]


def test_a_line_in_the_middle_that_is_no_answer_is_told(folder):
    path = folder / "answers.jsonl"
    path.write_text("nonsense\n" + path.read_text("utf-8"), "utf-8")
    with pytest.raises(InputError, match="answers.jsonl, line 1: is not an answer .*remove the line"):
        load_run(folder)


def test_a_later_line_takes_the_earlier_ones_place(folder):
    with opened(folder) as file:
        file.append(row(given=answer("It reported 7 models. [1]")))
    first, second = load_run(folder).rows
    assert "7 models" in first.answer.text and second == ROWS[1]


def test_a_run_is_of_the_cases_that_were_asked_last(folder):
    with opened(folder) as file:
        run = file.finish([ROWS[1].case])
    assert run.rows == load_run(folder).rows == (ROWS[1],)
    with opened(folder) as file:  # what else was answered is not lost
        assert set(file.rows) == {"a", "u"}


def test_a_run_that_was_stopped_can_be_compared(tmp_path):
    with opened(tmp_path) as file:
        file.append(ROWS[0])
    assert load_run(tmp_path).rows == (ROWS[0],)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"settings": {"llm": "bundled", "window_chars": 900}}, "llm was 'none', is 'bundled'"),
        ({"settings_hash": "x"}, "other settings"),
        ({"models": {"llm": "other"}}, "other models"),
        ({"program": "x"}, "the program has changed since"),
        ({"collection": "x"}, "other reports"),
        ({"only_retrieval": True}, "one is of retrieval alone"),
    ],
)
def test_a_folder_holds_one_set_up(folder, change, words):
    before = (folder / "run.json").read_bytes()
    with (
        pytest.raises(InputError, match=f"another configuration .{words}.*; give another --out"),
        opened(folder, replace(STAMP, **change)),
    ):
        pass
    assert (folder / "run.json").read_bytes() == before
    with opened(folder):  # and the lock is free again
        pass


def test_two_writers_are_one_too_many(folder):
    with opened(folder), pytest.raises(StoreError, match="another evaluation is writing here"), opened(folder):
        pass


def test_a_full_disk_is_told_and_costs_no_answer(folder, monkeypatch):
    def full(number):
        raise OSError(28, "No space left on device")

    with opened(folder) as file:
        monkeypatch.setattr("rag.evaluation.runs.os.fsync", full)
        with pytest.raises(
            StoreError, match="answers.jsonl: cannot be written .No space left.*run the same command again"
        ):
            file.append(row(case("b"), answer()))
    assert load_run(folder).rows[:2] == ROWS


def test_what_is_no_runs_folder_is_refused(tmp_path, folder):
    with pytest.raises(InputError, match="is not a run's folder"):
        load_run(tmp_path / "nowhere")
    with opened(tmp_path / "empty"):
        pass
    with pytest.raises(InputError, match="contains no answers yet"):
        load_run(tmp_path / "empty")
    (folder / "run.json").write_text('{"name": 1}', "utf-8")
    with pytest.raises(InputError, match=r"run.json: is not a valid run file"):
        load_run(folder)
    (folder / "run.json").unlink()
    with pytest.raises(InputError, match="contains answers.jsonl but no run.json"), opened(folder):
        pass


def test_a_folder_that_cannot_be_made_says_so(tmp_path):
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(StoreError, match="give another --out"):
        opened(tmp_path / "file" / "run")


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    write_whole(tmp_path / "a.txt", "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(tmp_path / "a.txt", "new \ud800")
    assert (tmp_path / "a.txt").read_text("utf-8") == "old"
    with pytest.raises(StoreError, match="cannot be written"):
        write_whole(tmp_path / "nowhere" / "a.txt", "x")


def test_the_collections_of_one_language_are_one_run_and_the_mixed_one_another(tmp_path, folder):
    for part, asked in (("de", case("de-1")), ("pl", case("pl-1")), ("mixed", case("pl-1"))):
        with RunFile(tmp_path / "dev" / part, STAMP, name=part, cases="dev", reports={part: "x"}) as file:
            file.append(row(asked, answer()))
            file.finish([asked])
    runs = load_runs(tmp_path / "dev")
    assert {part: [one.case.id for one in run.rows] for part, run in runs.items()} == {
        "apart": ["de-1", "pl-1"],
        "mixed": ["pl-1"],
    }
    assert (runs["apart"].name, runs["mixed"].name) == ("dev apart", "dev mixed")
    assert set(runs["apart"].reports) == {"de", "pl"}
    assert load_runs(folder) == {"": load_run(folder)}
    with pytest.raises(InputError, match="is not a run's folder"):
        load_runs(tmp_path / "nowhere")
