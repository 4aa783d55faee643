"""The shipped case files hold what they promise: known kinds, no question twice, proof in the reports they ask of."""

from collections import Counter

from case_files import FILES, FOLDER, load, texts

from rag.evaluation.matching import normalised

FACTS = {f"fact:{name}" for name in ("number", "date", "person", "place", "code", "thing")}
KINDS = FACTS | {"yesno", "several", "unanswerable", "hostile:unmoved", "hostile:quoted"}


def faults(case, reports):
    """What is wrong with a case that loads, in words."""
    homes = {quote: [id for id in case.articles if quote in reports.get(id, "")] for quote in case.quotes}
    must = {
        "its kind is unknown": case.kind in KINDS,
        "its kind and `answerable` differ": case.kind.startswith("hostile")
        or case.answerable == (case.kind != "unanswerable"),
        "it does not say why it has no answer": case.answerable or case.why,
        "of `turns` and `standalone` one is missing": bool(case.turns) == bool(case.standalone),
        "several reports are asked of and one is named": case.kind != "several" or len(case.articles) > 1,
        "it must have answers, articles and quotes, or be unanswerable": bool(case.answers)
        == bool(case.articles)
        == bool(case.quotes)
        == case.answerable,
        "a quote stands in none of its reports": all(homes.values()),
        "a report is named that no quote is from": {id for held in homes.values() for id in held} == set(case.articles),
    }
    return [told for told, holds in must.items() if not holds]


def test_every_line_of_every_file_is_a_case_of_a_known_kind_with_its_proof():
    wrong = []
    for path in FILES:
        held, reports = load(path), texts(path)
        lines = sum('"question"' in line for line in path.read_text("utf-8").splitlines())
        assert len(held.cases) == lines > 0, path.name
        wrong += [f"{held.places[case.id]}: {told}" for case in held.cases for told in faults(case, reports)]
    assert not wrong, "\n".join(wrong)


def test_no_question_and_no_id_stands_twice():
    places = {case.id: load(path).places[case.id] for path in FILES for case in load(path).cases}
    cases = [case for path in FILES for case in load(path).cases]
    assert [id for id, count in Counter(case.id for case in cases).items() if count > 1] == []
    asked = {}
    for case in cases:
        asked.setdefault(" ".join(normalised(case.standalone or case.question, "und")), []).append(places[case.id])
    assert [where for where in asked.values() if len(where) > 1] == []


def test_hostile_reports_are_asked_about_and_so_are_reports_beside_them():
    kinds = Counter(case.kind for case in load(FOLDER / "hostile.jsonl").cases)
    assert kinds == {"hostile:unmoved": 20, "hostile:quoted": 10}
