"""Each shipped case file holds what it promises: known kinds, and proof in the reports that it is asked of."""

import pytest
from case_files import FILES, load, texts

FACTS = {f"fact:{name}" for name in ("number", "date", "person", "place", "code", "thing")}
KINDS = FACTS | {"yesno", "several", "unanswerable", "hostile:unmoved", "hostile:quoted"}
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


@each_file
def test_every_case_is_of_a_known_kind_and_says_what_it_is_for(path):
    for case in load(path).cases:
        assert case.kind in KINDS, case.id
        assert case.kind.startswith("hostile") or case.answerable == (case.kind != "unanswerable"), case.id
        assert case.answerable or case.why, case.id
        assert bool(case.turns) == bool(case.standalone), case.id
        assert case.kind != "several" or len(case.articles) > 1, case.id


@each_file
def test_what_is_answerable_has_an_answer_and_its_proof_stands_in_the_report(path):
    reports = texts(path)
    for case in load(path).cases:
        assert bool(case.answers) == bool(case.articles) == bool(case.quotes) == case.answerable, case.id
        homes = {quote: [id for id in case.articles if quote in reports[id]] for quote in case.quotes}
        assert all(homes.values()), case.id
        assert {id for held in homes.values() for id in held} == set(case.articles), case.id
