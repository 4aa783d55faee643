"""The guard holds today, and fails for what it guards against."""

from __future__ import annotations

import json
from collections import Counter

import guard
import pytest
from fake_runs import answer, marked, row, run, span, unanswerable

from rag.evaluation.runs import load_run

AGAIN = "if this is meant: python tests/guard.py --write, and defend the difference in tests/guard.json"
GOOD = {"pl-pl": {f"p{at}": True for at in range(20)}, "zh-zh": {f"z{at}": at < 15 for at in range(20)}}


def changed(group="pl-pl", lost=(), gained=()):
    now = {name: dict(one) for name, one in GOOD.items()}
    now[group] |= dict.fromkeys(lost, False) | dict.fromkeys(gained, True)
    return now


@pytest.mark.usefixtures("clean_environment")
def test_nothing_fell(tmp_path):
    assert guard.KEPT.exists(), "nothing was kept to hold it against: python tests/guard.py --write"
    kept, held = json.loads(guard.KEPT.read_text("utf-8")), guard.sample()
    made = guard.answered(held, tmp_path)
    now = guard.outcomes(made)
    assert not guard.differing(kept, now), AGAIN
    told = guard.with_questions(guard.falls(kept, now), held)
    assert not told, "\n".join([*told, AGAIN])
    assert guard.misquoted(made) == []
    assert load_run(tmp_path).rows == made.rows  # what answers in a run is what is kept of it


def test_the_sample_asks_six_pairs_of_languages_of_one_small_collection():
    held = guard.sample()
    pairs = Counter((case.language, case.text_language) for case in held.cases)
    assert pairs == dict.fromkeys(guard.PAIRS, guard.EACH)
    assert sum(not case.answerable for case in held.cases) >= 3
    assert 60 < len(held.passages) <= len(held.cases)
    ids = {id for id, _ in held.passages}
    assert all(case.about in ids and set(case.articles) <= ids for case in held.cases)
    assert guard.sample() == held


def test_a_question_comes_to_being_right_or_declined_rightly():
    made = run(
        "now",
        row(marked("a"), answer("109 [1]", span=span("109 modeli"))),
        row(marked("b"), answer("Koniec [1]", span=span("Koniec"))),
        row(unanswerable("u", language="pl", text_language="pl"), answer("")),
        row(marked("c", language="en"), answer("")),
    )
    assert guard.outcomes(made) == {"pl-pl": {"a": True, "b": False, "u": True}, "en-pl": {"c": False}}


def test_what_is_as_kept_or_better_is_no_fall():
    assert guard.falls(GOOD, GOOD) == []
    assert guard.falls(GOOD, changed("zh-zh", gained=["z15", "z16", "z17", "z18", "z19"])) == []
    assert guard.falls(json.loads(guard.written(GOOD)), GOOD) == []


@pytest.mark.parametrize(
    ("lost", "gained", "falls"),
    [(3, 0, False), (4, 0, True), (5, 0, True), (5, 2, False), (8, 5, False), (9, 5, True), (12, 5, True)],
)
def test_a_language_falls_by_more_than_three(lost, gained, falls):
    now = changed("zh-zh", [f"z{at}" for at in range(lost)], [f"z{at}" for at in range(15, 15 + gained)])
    found = [fall for fall in guard.falls(GOOD, now) if fall.group == "zh-zh"]
    assert bool(found) is falls
    for fall in found:
        assert (fall.lost, fall.gained) == (tuple(f"z{at}" for at in range(lost)), gained)


def test_what_chance_would_seldom_bring_about_is_always_a_fall():
    within = [(lost, lost - net) for lost in range(guard.EACH + 1) for net in range(guard.MOST + 1) if net <= lost]
    assert all(guard.sign_test(lost, gained) >= guard.CHANCE for lost, gained in within)


def test_a_little_lost_everywhere_is_a_fall_of_all():
    now = changed(lost=["p1", "p2", "p3"])
    now["zh-zh"] |= dict.fromkeys(["z1", "z2"], False)
    (fall,) = guard.falls(GOOD, now)
    assert (fall.group, len(fall.lost), fall.gained) == (guard.ALL, 5, 0)


def test_questions_that_fell_are_named_with_what_they_ask():
    held = guard.sample()
    ids = [case.id for case in held.cases if case.language == "pl"][:5]
    kept = {"pl-pl": dict.fromkeys(ids, True)}
    (told, _) = guard.with_questions(guard.falls(kept, {"pl-pl": dict.fromkeys(ids, False)}), held)
    assert told.startswith("pl-pl fell: 5 lost, 0 gained (by chance 0.031)")
    first = next(case for case in held.cases if case.id == ids[0])
    assert first.question in told and first.answers[0] in told and len(told.splitlines()) == 6


def test_a_sample_of_other_questions_cannot_be_compared():
    other = {**GOOD, "pl-pl": {"new": True}}
    assert guard.differing(GOOD, other) == sorted([*GOOD["pl-pl"], "new"]) and guard.differing(GOOD, GOOD) == []


def test_an_inexact_quote_is_seen():
    good, bad = row(marked("a"), answer()), row(marked("b"), answer("x [1]", "kb"))
    moved = run(
        "now",
        good,
        row(bad.case, guard.replace(bad.answer, citations=(guard.replace(bad.answer.citations[0], end=3),))),
    )
    assert guard.misquoted(moved) == ["b"]
