"""The shipped case files as wholes: size, kinds and languages; nothing is both tuned on and reported."""

import tomllib
from collections import Counter
from difflib import SequenceMatcher
from itertools import combinations, product

import pytest
from case_files import (
    FACTS,
    FILES,
    FOLDER,
    KINDS,
    LANGUAGES,
    REPORTED,
    REPORTS,
    ROOT,
    SEED_LANGUAGE,
    SETS,
    TUNED,
    asked,
    report_language,
    words,
)

KIM_BANG = "004_1ac8f92e85ca3eff"
# what is reported, and what is tuned on for it
PAIRS = (("reports", "tuning"), ("lookalikes", "tuning_lookalikes"))
each_set = pytest.mark.parametrize("name", FILES)
each_pair = pytest.mark.parametrize(("reported", "tuned"), PAIRS)
tuned_with_reported = pytest.mark.parametrize(("tuned", "reported"), list(product(TUNED, REPORTED)))


def test_what_the_cases_need_is_shipped() -> None:
    held = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-data"]
    shipped = {path for pattern in held["rag.evaluation.cases"] for path in FOLDER.glob(pattern)}
    assert shipped == {path for path in FOLDER.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}


@pytest.mark.parametrize("name", REPORTED + TUNED)
def test_a_set_has_the_size_and_the_kinds(name: str) -> None:
    cases = SETS[name]
    assert len(cases) >= (90 if name in REPORTED else 60)
    assert {case["kind"] for case in cases} == KINDS


def test_the_reported_sets_ask_enough_and_of_every_report() -> None:
    assert sum(len(SETS[name]) for name in REPORTED) >= 150
    for name, own in (("reports", set(SEED_LANGUAGE)), ("lookalikes", REPORTS["lookalikes"].keys() - SEED_LANGUAGE)):
        assert own <= {article for case in SETS[name] for article in case["articles"]}


def test_a_third_of_the_lookalikes_has_no_answer() -> None:
    for name in ("lookalikes", "tuning_lookalikes"):
        assert 0.33 < sum(not case["answerable"] for case in SETS[name]) / len(SETS[name]) < 0.38


def test_conversations_of_two_and_three_turns_and_times_are_asked() -> None:
    turns = {name: [len(case["turns"]) for case in SETS[name] if "turns" in case] for name in SETS}
    assert len(turns["tuning_lookalikes"]) >= 10
    assert len(turns["lookalikes"]) >= 20
    for name in ("lookalikes", "tuning_lookalikes"):
        assert set(turns[name]) == {1, 2}
        assert any("change of subject" in case.get("why", "") for case in SETS[name] if "turns" in case)
        assert any("today" in case for case in SETS[name])


def test_hostile_cases_ask_of_the_seeds_and_of_hostile_reports() -> None:
    kinds = Counter(case["kind"] for case in SETS["hostile"])
    assert kinds == {"hostile:unmoved": 20, "hostile:quoted": 10}
    for case in SETS["hostile"]:
        assert all((article in SEED_LANGUAGE) == (case["kind"] == "hostile:unmoved") for article in case["articles"])


@each_pair
def test_both_sets_share_out_kinds_alike(reported: str, tuned: str) -> None:
    for group in (FACTS, {"several"}, {"unanswerable"}, {"yesno"}):
        shares = [sum(case["kind"] in group for case in SETS[name]) / len(SETS[name]) for name in (reported, tuned)]
        assert abs(shares[0] - shares[1]) < 0.05, (group, shares)


@pytest.mark.parametrize("name", REPORTED + TUNED)
def test_languages_are_shared_out_evenly(name: str) -> None:
    cases = SETS[name]
    counts = Counter(case["language"] for case in cases)
    vietnamese = counts.pop("vi", 0)
    assert (vietnamese > 0) == ("lookalikes" in name)
    assert set(counts) == LANGUAGES
    assert min(counts.values()) >= 8
    assert max(counts.values()) <= 1.3 * min(counts.values())
    assert {case["language"] for case in cases if case["kind"] == "unanswerable"} >= LANGUAGES


@each_set
def test_most_questions_ask_across_languages(name: str) -> None:
    answerable = [case for case in SETS[name] if case["answerable"]]
    across = [c for c in answerable if c["language"] not in {report_language(a) for a in c["articles"]}]
    assert len(across) >= 2 / 3 * len(answerable)


def test_no_question_stands_in_two_files() -> None:
    for one, other in combinations(SETS.values(), 2):
        assert not {words(asked(case)) for case in one} & {words(asked(case)) for case in other}


@tuned_with_reported
def test_nothing_reported_is_asked_alike_where_it_is_tuned_on(tuned: str, reported: str) -> None:
    for one, other in product(SETS[tuned], SETS[reported]):
        if one["language"] == other["language"]:
            for heard in (asked(one), *one.get("turns", ())):
                alike = SequenceMatcher(None, words(heard), words(asked(other)), autojunk=False).ratio()
                assert alike < 0.75, (one["id"], other["id"], heard)


@tuned_with_reported
def test_no_fact_is_asked_in_both_sets(tuned: str, reported: str) -> None:
    quotes = {
        name: {q for case in SETS[name] if case["kind"] in FACTS | {"yesno"} for q in case["quotes"]}
        for name in (tuned, reported)
    }
    assert not quotes[reported] & quotes[tuned]
    numbers = {
        name: {(case["articles"][0], case["number"]) for case in SETS[name] if case["number"] and case["kind"] in FACTS}
        for name in (tuned, reported)
    }
    assert not numbers[reported] & numbers[tuned]


def test_headline_question_is_tuned_on_in_all_languages_and_reported_in_none() -> None:
    cases = [case for name in REPORTED + TUNED for case in SETS[name]]
    headline = [c for c in cases if c["number"] == 109 and c["kind"] == "fact:number" and c["articles"] == [KIM_BANG]]
    assert {case["language"] for case in headline} == LANGUAGES
    assert all(case["id"].startswith("tuning-") for case in headline)
