"""What counts as right, in the asker's language, with the reports that prove it; None where nothing applies."""

from dataclasses import fields, replace

import pytest
from fake_runs import TEXTS, answer, case, marked, span, unanswerable

from rag.evaluation.scoring import METRICS, Scores, score


def scored(asked, given, retrieved=("kb",)):
    return score(asked, given, retrieved, TEXTS)


def test_right_needs_the_number_and_its_report():
    assert scored(case(), answer()).right == 1.0
    assert scored(case(), answer("It reported 1090 models. [1]")).right == 0.0
    wrong = scored(case(), answer("It reported 109 models. [1]", "ns"))
    assert (wrong.right, wrong.contains, wrong.citations, wrong.wrong_citations) == (0.0, 1.0, 1.0, 1.0)
    assert (wrong.citation_precision, wrong.citation_recall) == (0.0, 0.0)
    beside = scored(case(), answer("It reported 109 models. [1][2]", "kb", "ns"))
    assert (beside.right, beside.citation_precision, beside.citation_recall) == (0.0, 0.5, 1.0)


def test_declining_an_answerable_question_is_not_right():
    given = scored(case(), answer(""))
    assert (given.right, given.contains, given.declined_wrongly, given.declined_rightly) == (0.0, 0.0, 1.0, None)
    assert (given.exact_match, given.token_f1, given.number_match, given.citation_recall) == (0.0, 0.0, 0.0, 0.0)
    assert given.citation_precision is given.citation_exactness is given.sentences_cited is given.supported is None


def test_the_words_of_declining_are_no_answer():
    declined = replace(answer(""), text="109: nothing was found.")
    assert scored(case(), declined).number_match == 0.0


def test_an_unanswerable_question_is_scored_on_declining_alone():
    given = scored(unanswerable(), answer(""))
    assert given.declined_rightly == 1.0
    told = scored(unanswerable(), answer())
    assert (told.declined_rightly, told.wrong_citations, told.citation_precision) == (0.0, 1.0, 0.0)
    for one in (given, told):
        absent = (one.right, one.contains, one.exact_match, one.token_f1, one.number_match, one.declined_wrongly)
        assert absent == (None,) * 6
        assert one.recall_1 is one.reciprocal_rank is one.ndcg_10 is one.citation_recall is None


@pytest.mark.parametrize(("text", "right"), [("Evet, öyle.", 1.0), ("Hayır, evet değil.", 0.0)])
def test_yes_and_no_stand_first(text, right):
    asked = case(kind="yesno", language="tr", answers=("Evet",), number=None)
    assert scored(asked, answer(text)).right == right


def test_marks_and_case_are_no_difference_and_every_part_is_needed():
    parts = (("Ninh Sơn",), ("Kim Bang", "Kim Bảng"))
    asked = case(kind="several", articles=("kb", "ns"), parts=parts, number=None)
    assert scored(asked, answer("Ninh Son y KIM BANG.", "kb", "ns")).right == 1.0
    assert scored(asked, answer("Ninh Son.", "kb", "ns")).right == 0.0
    assert scored(asked, answer("Ninh Son y Kim Bang.", "kb")).right == 0.0


def test_either_report_is_enough_where_each_proves_it():
    asked = case(articles=("kb", "ns"), any_article=True)
    given = scored(asked, answer("109", "ns"), retrieved=("ns",))
    assert (given.right, given.recall_1, given.citation_recall, given.proof_recall) == (1.0, 1.0, 1.0, None)


def test_a_word_is_right_where_the_number_is_written_out():
    asked = case(kind="fact:thing", answers=("one hundred and nine",))
    assert scored(asked, answer("One hundred and nine.")).contains == 1.0
    assert scored(case(answers=(), kind="x"), answer("It had 109.")).contains == 1.0
    assert scored(case(answers=("many",), number=None), answer("Many.")).contains == 1.0


def test_a_case_without_reports_leaves_citations_open():
    given = scored(case(articles=()), answer())
    assert (given.right, given.citation_precision, given.citation_recall, given.wrong_citations) == (
        1.0,
        None,
        None,
        0.0,
    )


def test_a_quote_that_does_not_stand_there_is_seen():
    given = answer()
    moved = replace(given, citations=(replace(given.citations[0], start=1, end=9),))
    assert scored(case(), given).citation_exactness == 1.0
    assert scored(case(), moved).citation_exactness == 0.0


def test_retrieval_alone_has_no_measure_of_answers():
    given = score(case(grades=(2.0,)), None, ("ns", "kb"), TEXTS)
    assert set(given.to_dict()) == {"recall_1", "recall_5", "recall_10", "reciprocal_rank", "ndcg_10"}
    assert (given.recall_1, given.recall_5, given.reciprocal_rank) == (0.0, 1.0, 0.5)


@pytest.mark.parametrize(
    ("read", "right", "overlap"),
    [("109 modeli", 1.0, 1.0), ("Wdrożono 109 modeli", 1.0, 0.8), ("Koniec", 0.0, 0.0)],
)
def test_words_that_were_read_are_right_where_they_overlap_the_marked_ones(read, right, overlap):
    given = scored(marked(), answer("Tak. [1]", short="one hundred and nine", span=span(read)))
    assert (given.right, given.reading_right, given.span_f1) == (right, right, pytest.approx(overlap))
    assert given.contains == float("109 modeli" in read)


def test_the_same_words_of_another_report_are_not_right_unless_it_answers_too():
    texts = {"kb": TEXTS["kb"], "ns": "Es waren 109 modeli."}
    given = answer("109 modeli [1]", "ns", span=("ns", 9, 19))
    assert score(marked(), given, ("ns",), texts).right == 0.0
    both = marked(articles=("kb", "ns"), any_article=True)
    assert score(both, given, ("ns",), texts).right == 1.0


def test_a_declined_reading_is_judged_where_it_is_told():
    wordless, told = answer(""), answer("", span=span("109 modeli"))
    assert (scored(marked(), wordless).right, scored(marked(), wordless).reading_right) == (0.0, None)
    assert (scored(marked(), told).right, scored(marked(), told).reading_right) == (0.0, 1.0)
    assert scored(marked(), answer()).reading_right == 0.0  # told, and read nowhere
    assert scored(unanswerable(), answer("")).reading_right == 0.0
    assert scored(case(), answer()).reading_right == 1.0 and scored(case(), answer("")).reading_right is None


def test_proven_is_held_to_being_right():
    right, wrong = (answer("109 [1]", span=span(read)) for read in ("109 modeli", "Koniec"))
    assert (scored(marked(), right).proven_right, scored(marked(), wrong).proven_right) == (1.0, 0.0)
    assert scored(unanswerable(), answer()).proven_right == 0.0
    weak = replace(right, claims=(replace(right.claims[0], support="weak"),))
    assert scored(marked(), weak).proven_right is scored(marked(), answer("")).proven_right is None


def test_the_short_answer_counts_beside_the_text():
    asked = case(kind="fact:date", answers=("July 5, 2023",), number=None)
    given = answer("The council met then. [1]", short="5 July 2023")
    assert scored(asked, given).right == 1.0
    assert scored(asked, replace(given, short="6 July 2023")).right == 0.0
    plain = scored(case(answers=("109",)), answer("It reported many. [1]", short="109"))
    assert (plain.number_match, plain.exact_match, plain.token_f1) == (1.0, 1.0, 1.0)
    affirmed = answer("The council did. [1]", short="Evet")
    assert scored(case(kind="yesno", language="tr", answers=("Evet",), number=None), affirmed).right == 1.0


def test_time_and_tokens_are_those_of_the_answer():
    given = scored(case(), answer(tokens={"prompt": 100, "completion": 7}))
    assert (given.seconds, given.evidence_seconds, given.short_seconds) == (2.0, 0.1, 0.5)
    assert (given.prompt_tokens, given.completion_tokens) == (100, 7)
    assert scored(case(), answer()).prompt_tokens is None


def test_scores_survive_json_and_other_versions():
    given = scored(case(), answer())
    assert Scores.from_dict(given.to_dict()) == given
    assert Scores.from_dict({**given.to_dict(), "of_tomorrow": 1.0}) == given


def test_every_measure_of_the_tables_is_one_that_is_taken():
    names = {field.name for field in fields(Scores)}
    assert names - {metric.name for metric in METRICS} == {"citations", "wrong_citations"}
    assert len({metric.label for metric in METRICS}) == len(METRICS)
