"""The scripts that print figures and fit the confidence, on values made by hand."""

from __future__ import annotations

import json
import random

import pytest
from benchmarks import aims, calibrate, made_reports
from fake_runs import STAMP, answer, marked, row, span, unanswerable

from rag.evaluation.runs import RunFile


def made_lines(languages=("bn", "kk", "te", "th"), questions=150):
    """Readings that are right where the margin is high; of each question only the first may be; noise says nothing."""
    draw = random.Random(5)
    lines = []
    for language in languages:
        for at in range(questions):
            answerable = at % 3 > 0
            for rank in range(6):
                margin = draw.gauss(0, 1) + (1.0 if answerable and not rank else -1.0)
                right = answerable and not rank and draw.random() < calibrate.expit(3 * margin)
                features = {"margin": margin, "noise": draw.gauss(0, 1)}
                lines.append({"features": features, "right": right, "language": language, "answerable": answerable,
                              "question": f"{language}{at}"})  # fmt: skip
    return lines


@pytest.fixture
def features(tmp_path):
    path = tmp_path / "features.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in made_lines()), "utf-8")
    return path


def test_a_fit_finds_what_tells_and_is_calibrated_where_it_was_not_fitted(features):
    lines = calibrate.read(features)
    fitted = calibrate.fit(lines)
    assert fitted.weights["margin"] > 10 * abs(fitted.weights["noise"])
    found = calibrate.without_each(lines)
    assert len(found) == 600  # one reading a question
    # Drawn by these very probabilities, 600 answers are above .068 once in a hundred times.
    assert calibrate.calibration_error([(one, line.right) for one, line in found]) < 0.07
    answer_from, proven_from = calibrate.thresholds(found)
    assert 0.05 < answer_from < proven_from <= 1.0


def test_a_feature_that_is_missing_counts_with_its_mean():
    fitted = calibrate.Fit(-1.0, {"margin": 2.0}, {"margin": 0.5})
    assert fitted.odds(calibrate.Line({}, True, "th", True, "q")) == 0.0
    assert fitted.scaled(2.0, 1.0).odds(calibrate.Line({"margin": 1.0}, True, "th", True, "q")) == 3.0


def test_the_table_is_written_and_what_is_shown_names_each_language(features, tmp_path, monkeypatch, capsys):
    out = tmp_path / "calibration.json"
    monkeypatch.setattr("sys.argv", ["calibrate", str(features), "--check", str(tmp_path), "--out", str(out)])
    calibrate.main()
    assert set(json.loads(out.read_text("utf-8"))) == {"bias", "weights", "means", "best", "told", "proven"}
    told = capsys.readouterr().out
    assert told.count("<- best trade") == 2 and told.count("\nth ") == 2 and "are right" in told


@pytest.fixture
def runs(tmp_path):
    """Two collections, as `askreports evaluate` leaves them."""
    right = answer("Tak. [1]", span=span("109 modeli"), confidence=0.9)
    wrong = answer("Koniec [1]", "ns", span=span("Koniec"), confidence=0.4)
    rows = [
        row(marked("a"), right),
        row(marked("b"), answer("", confidence=0.2)),
        row(unanswerable("u", language="pl", text_language="pl"), answer("", confidence=0.1)),
        row(marked("c", language="en"), wrong),
    ]
    for part in ("pl", "mixed"):
        with RunFile(tmp_path / "dev" / part, STAMP, name=part, cases="dev", reports={}) as file:
            for one in rows:
                file.append(one)
            file.finish([one.case for one in rows])
    return tmp_path / "dev"


def test_a_run_is_a_file_of_confidences(runs):
    lines = calibrate.read(runs)
    assert [(line.right, line.language) for line in lines[:3]] == [(True, "pl"), (False, "pl"), (False, "pl")]
    assert lines[0].features["confidence"] == pytest.approx(2.197, abs=1e-3) and len(lines) == 6


def test_the_readmes_table_has_means_the_worst_and_intervals(runs, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["aims", str(runs), "--by-language"])
    aims.main()
    lines = capsys.readouterr().out.splitlines()
    same = next(line for line in lines if line.startswith("| dev apart, in the text's language, mean of 1 |"))
    assert "| 3 | .50 | pl on pl .50 (.09 to .91) of 2 |" in same and same.endswith("| 2.00 | 0.50 |")
    assert any(line.startswith("| dev mixed, across, mean of 1 | 1 | .00 | en on pl") for line in lines)
    assert "| pl | pl | 3 | .50 (.09 to .91) of 2 |" in "\n".join(lines)
    assert len({line.count("|") for line in lines if line.startswith("| dev")}) == 1


def test_a_made_report_s_figures_occur_nowhere_else(tmp_path):
    facts = made_reports.make_reports(tmp_path, 20)
    texts = [path.read_text("utf-8") for path in tmp_path.glob("*.txt")]
    assert len(texts) == 20 == len({fact.question for held in facts for fact in held}) / 3
    for held in facts:
        for fact in held:
            assert sum(text.count(fact.figure) for text in texts) == 1
        (own,) = [text for text in texts if held[0].figure in text]
        assert all(fact.figure in own for fact in held)
