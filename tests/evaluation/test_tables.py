"""Tables as text."""

from dataclasses import replace

import pytest
from fake_runs import answer, case, marked, row, run, span, unanswerable

from rag.evaluation.comparison import compare
from rag.evaluation.llm_judge import Judgement
from rag.evaluation.scoring import Metric
from rag.evaluation.tables import pair_sheet, share, sheets, signed, trust_sheet, value

ROWS = (row(case("a"), answer()), row(case("b"), answer("No. [1]", "ns")), row(unanswerable(), answer("")))


def test_a_run_by_language_and_kind():
    first, _, measures = sheets([run("first", *ROWS)], None)
    assert first.columns == ("", "n", "right", "words", "declined", "wrong cit.", "recall@1", "median s")
    assert first.rows[0] == ("all", "3", ".50", ".50", "1.00", "1 of 2", "1.00", "2.00")
    assert first.rows[-1] == ("unanswerable", "1", "-", "-", "1.00", "-", "-", "2.00")
    assert first.remark.endswith("does not stand in its report: 0.")
    told = dict(measures.rows)
    assert (told["citation precision"], told["refusal F1"], told["seconds, median"]) == (".50", "1.00", "2.00")
    assert "tokens read" not in told


def test_retrieval_alone_has_columns_of_its_own():
    found = run("first", row(case(), None, ("ns", "kb")), only_retrieval=True)
    first, measures = sheets([found], None)
    assert first.columns == ("", "n", "recall@1", "recall@5", "recall@10", "MRR", "nDCG@10")
    assert first.rows[0] == ("all", "1", ".00", "1.00", "1.00", ".50", ".63")
    assert [cells[0] for cells in measures.rows] == list(first.columns[2:])


def test_a_comparison_says_what_moved_and_how_sure_that_is():
    base = run("old", *(row(case(str(at)), answer()) for at in range(20)))
    other = run("new", *(row(case(str(at)), answer("") if at < 15 else answer()) for at in range(20)))
    sheet = sheets([base, other], compare(base, other))[-1]
    assert (sheet.title, sheet.labels) == ("new against old", 2)
    right = next(cells for cells in sheet.rows if cells[:2] == ("all", "right"))
    assert right[2:6] == ("20", "1.00", ".25", "-.750")
    assert right[6].startswith("-.9") and " to -." in right[6] and right[7] == "worse"
    refusals = next(cells for cells in sheet.rows if cells[:2] == ("all", "false refusals"))
    assert refusals[5] == "+.750" and refusals[7] == "worse"  # less would be better
    exact = next(cells for cells in sheet.rows if cells[1] == "citation exactness")
    assert exact[5:] == ("+.000", "+.000 to +.000", "")
    assert all(cells[0] == "all" or cells[5] != "+.000" for cells in sheet.rows)


def test_cases_left_out_are_counted():
    base, other = run("old", *ROWS), run("new", *ROWS[:1])
    assert "2 other cases of old are left out" in sheets([base, other], compare(base, other))[-1].remark


def test_the_judges_agreement_is_shown_where_there_is_a_judge():
    judged = [_judged(case(str(at)), correct) for at, correct in ((1, True), (2, False))]
    (sheet,) = (one for one in sheets([run("first", *judged)], None) if one.title.startswith("Judged"))
    assert sheet.title == "Judged by j"
    assert sheet.rows[0] == ("faithful", "supported by rules", "2", "1.00", "1.00", "-")
    assert sheet.rows[1] == ("correct", "contains gold", "2", ".50", ".50", "+.000")


def _judged(asked, correct):
    made = row(asked, answer())
    return replace(made, judgement=Judgement("j", True, correct))


@pytest.mark.parametrize(("held", "text"), [(None, "-"), (0.0, ".00"), (0.794, ".79"), (1.0, "1.00"), (0.999, "1.00")])
def test_shares_have_no_zero_in_front(held, text):
    assert share(held) == text


def test_units_are_kept():
    seconds, count = Metric("s", "s", "less", "seconds"), Metric("c", "c", "less", "count")
    assert (value(seconds, 12.345), value(count, 104.6), value(seconds, None)) == ("12.35", "105", "-")
    assert (signed(seconds, -0.5), signed(count, 12.4), signed(Metric("r", "r"), -0.0001)) == ("-.50", "+12", "+.000")


def test_a_run_with_marked_words_is_shown_by_pair_of_languages():
    right = answer("Tak. [1]", span=span("109 modeli"), confidence=0.9)
    wrong = answer("Koniec. [1]", "ns", span=span("Koniec"), confidence=0.6)
    rows = (
        row(marked("a"), right),
        row(marked("b"), wrong, ("ns", "kb")),
        row(marked("c", language="de", text_language="de"), right),
        row(marked("d", language="en"), answer("")),
        row(unanswerable("u", language="pl", text_language="pl"), answer("")),
    )
    sheet = pair_sheet(run("first", *rows))
    told = {cells[:2]: cells[2:] for cells in sheet.rows}
    assert list(told) == [
        ("de", "de"),
        ("pl", "pl"),
        ("en", "pl"),
        ("same language", "mean of 2"),
        ("same language: worst", "pl on pl"),
        ("across", "mean of 1"),
        ("across: worst", "en on pl"),
        ("all", ""),
    ]
    assert told["pl", "pl"] == (
        "3", ".50", ".09 to .91", ".50", ".50", ".00", "1.00 of 1", ".50 of 2", ".50 of 2", "2.00", ".30",
    )  # fmt: skip
    assert told["same language", "mean of 2"][:4] == ("4", ".75", "", ".75")
    assert told["across", "mean of 1"][1] == ".00" and len(sheet.columns) == len(sheet.rows[3]) == 13
    assert sheet.title in [one.title for one in sheets([run("first", *rows)], None)]
    assert pair_sheet(run("first", *ROWS)).rows == ()


def test_trust_in_the_confidence_is_shown_by_language():
    rows = [row(marked(str(at)), answer("Tak. [1]", span=span("109 modeli"), confidence=0.95)) for at in range(3)]
    sheet = trust_sheet(run("first", *rows, row(marked("x"), answer("")), row(unanswerable(), answer(confidence=0.8))))
    assert [cells[0] for cells in sheet.rows] == ["all", "en", "pl"]
    assert sheet.rows[0] == ("all", "4", ".75", ".91", ".24", "1.00", ".95", "3")
    assert sheet.rows[1][5:] == ("-", "-", "0")
    assert sheet.remark.endswith("Not known of 1 answers.")
    unsure = trust_sheet(run("first", row(given=answer(confidence=0.0))))
    assert unsure.rows == ()
