"""Each case of the shipped files holds what it promises: known fields, and proof in the reports it is asked of."""

import re
from collections import Counter
from datetime import date

import pytest
from case_files import FACTS, FILES, FOLDER, HOSTILE, KINDS, LANGUAGES, REPORTS, SETS, Case, report_language, words

from rag.evaluation.loading import load_cases
from rag.numbers import number_values

REQUIRED = {"id", "question", "language", "answers", "number", "articles", "quotes", "answerable", "kind"}
OPTIONAL = {"why", "any_article", "parts", "number_word", "sum_of", "turns", "standalone", "today"}
# the line that opens each report's page furniture
OF_FURNITURE = {"held-out-more-012"}  # asks for what stands in it
FURNITURE = re.compile(r"^(Sumber:|Kaynak(:|$)|Fuente(:|$)|Quelle(:|$)|Źródło(:|$)|Source:|Nguồn:)", re.MULTILINE)

CASES = [case for cases in SETS.values() for case in cases]
TEXTS = {case["id"]: REPORTS[name] for name, cases in SETS.items() for case in cases}
each_case = pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])


def in_digits(text: str, number: float) -> bool:
    whole, _, decimals = f"{number:,}".partition(".")
    digits = whole.replace(",", r"[.,\s]?") + (f"[.,]{decimals}" if decimals.strip("0") else "")
    return re.search(rf"(?<!\d){digits}(?!\d)", text) is not None


def holds_number(text: str, number: float, language: str) -> bool:
    """In digits, grouped or not, or as the project reads it: "5.2 billion", "twenty-nine"."""
    return in_digits(text, number) or f"{number:.15g}" in number_values(text, language)


@each_case
def test_fields_are_known_and_typed(case: Case) -> None:
    assert set(case) >= REQUIRED
    assert set(case) - REQUIRED <= OPTIONAL
    assert case["question"] == case["question"].strip() != ""
    assert case["language"] in LANGUAGES | {"vi"}
    assert case["kind"] in KINDS | HOSTILE
    assert case["number"] is None or isinstance(case["number"], int | float)
    assert all(isinstance(answer, str) and answer for answer in case["answers"])
    assert all(part and all(part) for part in case.get("parts", []))
    assert ("turns" in case) == ("standalone" in case)
    assert all(turn.strip() for turn in case.get("turns", ["-"]))
    assert "today" not in case or date.fromisoformat(case["today"])


@each_case
def test_answerable_cases_have_answers_and_proof(case: Case) -> None:
    answerable = case["answerable"]
    assert case["kind"] in HOSTILE or answerable == (case["kind"] != "unanswerable")
    assert [bool(case[key]) for key in ("answers", "articles", "quotes")] == [answerable] * 3
    assert answerable or case["why"]
    assert answerable or case["number"] is None
    assert case["kind"] != "several" or len(case["articles"]) >= 2
    assert case["kind"] not in FACTS or len(case["articles"]) == 1 or case.get("any_article")


@each_case
def test_quotes_stand_in_the_cited_reports_before_the_page_furniture(case: Case) -> None:
    reports = TEXTS[case["id"]]
    proven = set()
    for quote in case["quotes"]:
        homes = [article for article in case["articles"] if quote in reports[article]]
        assert homes, quote
        proven.update(homes)
        for article in homes:
            end = FURNITURE.search(reports[article])
            assert end is not None
            assert reports[article].index(quote) + len(quote) <= end.start() or case["id"] in OF_FURNITURE
    assert proven == set(case["articles"])


@each_case
def test_numbers_stand_in_the_quotes(case: Case) -> None:
    number = case["number"]
    if number is None:
        return
    reports = TEXTS[case["id"]]
    homes = {
        quote: next(article for article in case["articles"] if quote in reports[article]) for quote in case["quotes"]
    }
    quotes = [(quote, report_language(article)) for quote, article in homes.items()]
    if "sum_of" in case:
        assert sum(case["sum_of"]) == number
        assert all(any(holds_number(quote, abs(term), tag) for quote, tag in quotes) for term in case["sum_of"])
    elif case.get("why") == "count of reports":
        assert number == len(case["articles"])
    elif "number_word" in case:
        assert any(re.search(rf"(?<![\w-]){re.escape(case['number_word'])}(?![\w-])", quote) for quote, _ in quotes)
        assert not any(in_digits(quote, number) for quote, _ in quotes)
    else:
        proofs = [holds_number(quote, number, tag) for quote, tag in quotes]
        assert all(proofs) if case.get("any_article") else any(proofs)
    assert any(holds_number(answer, number, case["language"]) for answer in case["answers"])


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


@pytest.mark.parametrize("name", FILES)
def test_the_project_reads_every_file(name: str) -> None:
    assert [case.id for case in load_cases(FOLDER / f"{name}.jsonl")] == [case["id"] for case in SETS[name]]
