"""Runs held against each other: pairs, intervals, and which questions changed."""

from dataclasses import replace

import pytest
from fake_runs import answer, case, row, run, unanswerable

from rag.errors import InputError
from rag.evaluation.comparison import compare
from rag.evaluation.runs import RunFile

WRONG = answer("Nobody said. [1]", "ns")
CASES = [case(str(at)) for at in range(4)] + [unanswerable()]
BASE = run("base", *(row(one, answer()) for one in CASES[:4]), row(CASES[4], answer()))
OTHER = run(
    "other",
    row(CASES[0], WRONG),
    row(CASES[1], answer("There were 109 models. [1]")),
    row(CASES[2], answer()),
    row(CASES[3], answer(""), retrieved=("ns",)),
    row(CASES[4], answer("")),
)


def test_questions_are_lost_gained_or_in_other_words():
    (against,) = compare(BASE, OTHER).others
    assert [(change.how, change.base.case.id) for change in against.changes] == [
        ("lost", "0"),
        ("lost", "3"),
        ("gained", "u"),
        ("other words", "1"),
    ]


def test_every_measure_is_compared_for_all_and_some_for_groups():
    comparison = compare(BASE, OTHER)
    found = {(one.group, one.metric.name): one.difference for one in comparison.others[0].measured}
    right = found["all", "right"]
    assert (right.n, right.base, right.other, right.mean) == (4, 1.0, 0.5, -0.5)
    assert right.low <= right.mean <= right.high
    assert found["all", "declined_rightly"].mean == 1.0
    assert found["en", "recall_1"].mean == -0.25
    assert ("en", "token_f1") not in found and ("all", "token_f1") in found
    assert ("all", "prompt_tokens") not in found  # no answer told its tokens
    assert [one.name for one in comparison.runs] == ["base", "other"]


def test_only_shared_cases_are_compared_and_the_rest_is_counted():
    changed = row(replace(CASES[0], answers=("110",)), answer())
    fewer = run("fewer", changed, *OTHER.rows[1:3])
    comparison = compare(BASE, fewer)
    assert [one.case.id for one in comparison.base.rows] == ["1", "2"]
    assert comparison.left_out == {"base": 3, "fewer": 1}
    with pytest.raises(InputError, match="base and fewer have no case in common"):
        compare(BASE, run("fewer", changed))


def test_three_runs_are_held_against_the_first():
    comparison = compare(BASE, OTHER, BASE)
    assert [one.run.name for one in comparison.others] == ["other", "base (3)"]
    assert comparison.base.name == "base (1)"
    assert comparison.others[1].changes == ()
    assert all(one.difference.mean == 0.0 for one in comparison.others[1].measured)


def test_one_run_is_no_comparison():
    with pytest.raises(InputError, match="needs two runs"):
        compare(BASE)


def test_retrieval_alone_is_compared_by_rank():
    found = [run(name, row(CASES[0], None, order)) for name, order in (("a", ("kb",)), ("b", ("ns", "kb")))]
    (against,) = compare(*found).others
    assert [change.how for change in against.changes] == ["lost"]
    assert {one.metric.name for one in against.measured} >= {"recall_1", "reciprocal_rank"}


def test_folders_are_runs_too(tmp_path):
    for one in (BASE, OTHER):
        with RunFile(tmp_path / one.name, one.stamp, name=one.name, cases="cases", reports={}) as file:
            for held in one.rows:
                file.append(held)
    comparison = compare(tmp_path / "base", str(tmp_path / "other"))
    assert len(comparison.others[0].changes) == 4
