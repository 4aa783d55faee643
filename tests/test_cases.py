"""The question sets hold what they promise: proof in the reports, the mix of kinds and languages, no overlap."""

import json
import re
import unicodedata
from collections import Counter
from difflib import SequenceMatcher
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import rag.evaluation.cases

Case = dict[str, Any]

FOLDER = Path(rag.evaluation.cases.__file__).parent
SEEDS = Path(__file__).parents[1] / "seeds"
REPORTS = {path.stem: unicodedata.normalize("NFC", path.read_text("utf-8")) for path in SEEDS.glob("*.txt")}
REPORT_LANGUAGE = {
    "000_5fe3b321a3d238dd": "ms",
    "001_6a72a35fca063047": "tr",
    "002_081d26a8072a2b6b": "es",
    "003_1d8f1abbb1195809": "de",
    "004_1ac8f92e85ca3eff": "pl",
}
LANGUAGES = {"en", "pl", "de", "es", "tr", "ms"}
FACTS = {f"fact:{name}" for name in ("number", "date", "person", "place", "code", "thing")}
KINDS = FACTS | {"yesno", "several", "unanswerable"}
REQUIRED = {"id", "question", "language", "answers", "number", "articles", "quotes", "answerable", "kind"}
OPTIONAL = {"why", "any_article", "parts", "number_word", "sum_of"}
# the line that opens each report's page furniture
FURNITURE = re.compile(r"^(Sumber:|Kaynak$|Fuente$|Quelle$|Źródło$)", re.MULTILINE)


def load(name: str) -> list[Case]:
    lines = (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


SETS = {name: load(name) for name in ("reports", "tuning")}
CASES = [case for cases in SETS.values() for case in cases]
each_case = pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
each_set = pytest.mark.parametrize("name", list(SETS))


def words(text: str) -> str:
    """The question as a comparer sees it: no case, marks or punctuation."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", bare))


def holds_number(quote: str, number: float) -> bool:
    return re.search(rf"(?<!\d){number}(?!\d)", quote) is not None


@each_case
def test_fields_are_known_and_typed(case: Case) -> None:
    assert set(case) >= REQUIRED
    assert set(case) - REQUIRED <= OPTIONAL
    assert case["question"] == case["question"].strip() != ""
    assert case["language"] in LANGUAGES
    assert case["kind"] in KINDS
    assert case["number"] is None or isinstance(case["number"], int | float)
    assert all(isinstance(answer, str) and answer for answer in case["answers"])
    assert all(part and all(part) for part in case.get("parts", []))


@each_case
def test_answerable_cases_have_answers_and_proof(case: Case) -> None:
    answerable = case["answerable"]
    assert answerable == (case["kind"] != "unanswerable")
    assert [bool(case[key]) for key in ("answers", "articles", "quotes")] == [answerable] * 3
    assert ("why" in case) == (not answerable)
    assert answerable or case["number"] is None
    assert case["kind"] != "several" or len(case["articles"]) >= 2
    assert case["kind"] not in FACTS or len(case["articles"]) == 1 or case.get("any_article")


@each_case
def test_quotes_stand_in_the_cited_reports_before_the_page_furniture(case: Case) -> None:
    proven = set()
    for quote in case["quotes"]:
        homes = [article for article in case["articles"] if quote in REPORTS[article]]
        assert homes, quote
        proven.update(homes)
        for article in homes:
            end = FURNITURE.search(REPORTS[article])
            assert end is not None
            assert REPORTS[article].index(quote) + len(quote) <= end.start()
    assert proven == set(case["articles"])


@each_case
def test_numbers_stand_in_the_quotes(case: Case) -> None:
    number = case["number"]
    if number is None:
        return
    quotes = case["quotes"]
    if "sum_of" in case:
        assert sum(case["sum_of"]) == number
        assert all(any(holds_number(quote, term) for quote in quotes) for term in case["sum_of"])
    elif "number_word" in case:
        assert any(case["number_word"] in quote.split() for quote in quotes)
        assert not any(holds_number(quote, number) for quote in quotes)
    else:
        proofs = [holds_number(quote, number) for quote in quotes]
        assert all(proofs) if case.get("any_article") else any(proofs)
    assert any(holds_number(answer, number) for answer in case["answers"])


@each_case
def test_codes_stand_in_the_quotes_as_answered(case: Case) -> None:
    if case["kind"] == "fact:code":
        assert all(any(answer in quote for quote in case["quotes"]) for answer in case["answers"])


@each_case
def test_model_wording_of_a_case_in_parts_matches_its_parts(case: Case) -> None:
    if case["kind"] in FACTS | {"several"} and "parts" in case:
        wording = words(" ".join(case["answers"]))
        assert all(any(words(spelling) in wording for spelling in part) for part in case["parts"])


def test_ids_are_unique() -> None:
    assert max(Counter(case["id"] for case in CASES).values()) == 1


def test_reports_set_holds_the_promised_mix() -> None:
    cases = SETS["reports"]
    kinds = Counter(case["kind"] for case in cases)
    facts = [case for case in cases if case["kind"] in FACTS]
    assert len(cases) >= 76
    assert len(facts) >= 44
    assert {kind for kind in kinds if kind in FACTS} == FACTS
    assert kinds["several"] >= 8
    assert kinds["yesno"] >= 5
    assert kinds["unanswerable"] >= 20
    assert set(REPORTS) <= {article for case in facts for article in case["articles"]}


def test_tuning_set_has_the_size_and_the_kinds() -> None:
    cases = SETS["tuning"]
    assert len(cases) >= 60
    assert {case["kind"] for case in cases} == KINDS


def test_both_sets_share_out_kinds_alike() -> None:
    for group in (FACTS, {"several"}, {"unanswerable"}, {"yesno"}):
        shares = [sum(case["kind"] in group for case in cases) / len(cases) for cases in SETS.values()]
        assert abs(shares[0] - shares[1]) < 0.05, (group, shares)


@each_set
def test_languages_are_shared_out_evenly(name: str) -> None:
    cases = SETS[name]
    counts = Counter(case["language"] for case in cases)
    assert set(counts) == LANGUAGES
    assert min(counts.values()) >= 8
    assert max(counts.values()) <= 1.3 * min(counts.values())
    assert {case["language"] for case in cases if case["kind"] == "unanswerable"} == LANGUAGES


@each_set
def test_most_questions_ask_across_languages(name: str) -> None:
    answerable = [case for case in SETS[name] if case["answerable"]]
    across = [c for c in answerable if c["language"] not in {REPORT_LANGUAGE[a] for a in c["articles"]}]
    assert len(across) >= 2 / 3 * len(answerable)


def test_no_question_stands_in_both_sets() -> None:
    for one, other in product(SETS["reports"], SETS["tuning"]):
        if one["language"] == other["language"]:
            alike = SequenceMatcher(None, words(one["question"]), words(other["question"]), autojunk=False).ratio()
            assert alike < 0.75, (one["id"], other["id"])


def test_no_fact_is_asked_in_both_sets() -> None:
    quotes = {
        name: {q for case in cases if case["kind"] in FACTS | {"yesno"} for q in case["quotes"]}
        for name, cases in SETS.items()
    }
    assert not quotes["reports"] & quotes["tuning"]
    numbers = {
        name: {(case["articles"][0], case["number"]) for case in cases if case["number"] and case["kind"] in FACTS}
        for name, cases in SETS.items()
    }
    assert not numbers["reports"] & numbers["tuning"]


def test_headline_question_is_tuned_on_in_all_languages_and_reported_in_none() -> None:
    headline = [c for c in CASES if c["number"] == 109 and c["kind"] == "fact:number"]
    assert {case["language"] for case in headline} == LANGUAGES
    assert all(case["id"].startswith("tuning-") for case in headline)
