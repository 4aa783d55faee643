"""Figures of groups."""

from dataclasses import replace

from fake_runs import answer, case, row, unanswerable

from rag.evaluation.summary import decisions, groups, language_pairs, summarise, verdict

ROWS = [
    row(case("a"), answer()),
    row(case("b", language="de"), answer("Nein. [1]", "ns"), ("ns", "kb")),
    row(case("c", kind="fact:date", number=None, answers=("May",)), answer("")),
    row(unanswerable("u"), answer("")),
    row(unanswerable("v", language="de"), answer(timings={"total": 4.0})),
]


def test_a_summary_counts_and_averages_what_applies():
    told = summarise("all", ROWS)
    assert (told.n, told.answerable, told.unanswerable) == (5, 3, 2)
    assert (told.means["right"], told.means["declined_rightly"], told.means["number_match"]) == (1 / 3, 0.5, 0.5)
    assert (told.refusals.precision, told.refusals.recall, told.refusals.false_refusals) == (0.5, 0.5, 1 / 3)
    assert (told.citations, told.wrong_citations, told.misquoted) == (2, 1, 0)
    assert (told.median_seconds, told.means["prompt_tokens"]) == (2.0, None)
    assert 2.0 < told.p95_seconds < 4.0


def test_a_quote_that_does_not_stand_there_is_counted():
    given = answer()
    moved = replace(given, citations=(replace(given.citations[0], end=5),))
    assert summarise("all", [row(given=moved), row(given=given)]).misquoted == 1


def test_groups_are_all_languages_facts_and_kinds():
    made = {label: [one.case.id for one in rows] for label, rows in groups(ROWS)}
    assert list(made) == ["all", "de", "en", "facts", "fact:date", "fact:number", "unanswerable"]
    assert made["facts"] == ["a", "b", "c"] and made["de"] == ["b", "v"]
    assert "facts" not in dict(groups(ROWS[:2]))  # of one kind only


def test_pairs_are_question_by_report():
    both = row(case("d", articles=("kb", "ns")), answer(), ("kb", "ns"))
    pairs = [(pair.asked, pair.reported, pair.n, pair.recall) for pair in language_pairs([*ROWS, both])]
    assert pairs == [("de", "pl", 1, 0.0), ("en", "pl", 2, 1.0), ("en", "several", 1, 0.5)]


def test_decisions_carry_the_confidence_and_retrieval_alone_has_none():
    made = decisions([*ROWS, row(given=None)])
    assert [(one.answerable, one.declined, one.confidence) for one in made][2:4] == [
        (True, True, 0.2),
        (False, True, 0.2),
    ]
    assert [one.right for one in made] == [True, False, None, False, False]


def test_a_verdict_is_what_a_question_comes_down_to():
    assert [verdict(one) for one in ROWS] == [1.0, 0.0, 0.0, 1.0, 0.0]
    assert verdict(row(given=None, retrieved=("ns", "kb"))) == 0.5
    assert verdict(row(case(answers=(), number=None), answer())) == 1.0  # no words to be right: the report is
