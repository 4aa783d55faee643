"""Figures by language of question and text: a language counts once, however many questions it has."""

from fake_runs import answer, case, marked, row, span, unanswerable

from rag.evaluation.pairs import averaged, judged, pairs, worst

RIGHT = answer("Tak. [1]", short="109", span=span("109 modeli"), confidence=0.9)
WRONG = answer("Koniec. [1]", "ns", span=span("Koniec"), confidence=0.6)
ROWS = [
    row(marked("a"), RIGHT),
    row(marked("b"), RIGHT),
    row(marked("c"), WRONG, ("ns", "kb")),
    row(unanswerable("u", language="pl", text_language="pl"), answer("", confidence=0.1)),
    row(marked("d", language="en"), answer("", confidence=0.2)),
    row(marked("e", text_language="de", language="de"), RIGHT),
]


def test_pairs_of_one_language_come_first():
    assert [(one.asked, one.text, one.n) for one in pairs(ROWS)] == [("de", "de", 1), ("pl", "pl", 4), ("en", "pl", 1)]


def test_each_figure_is_of_the_questions_that_it_applies_to():
    polish = pairs(ROWS)[1]
    told = {name: (polish.share(name).count, polish.share(name).n) for name in ("right", "gold", "first", "declined")}
    assert told == {"right": (2, 3), "gold": (2, 3), "first": (2, 3), "declined": (0, 3)}
    assert [(held.count, held.n) for held in (polish.refused, polish.proven, polish.wrong)] == [(1, 1), (2, 3), (1, 3)]
    assert (polish.seconds, polish.apart) == (2.0, 1.0)
    english = pairs(ROWS)[2]
    assert (english.right.value, english.declined.value, english.proven.value) == (0.0, 1.0, None)


def test_a_language_counts_once_and_the_worst_is_named():
    same = [one for one in pairs(ROWS) if one.same]
    assert averaged(same, "right") == (1 + 2 / 3) / 2
    assert averaged(same, "refused") == 1.0  # only where something was to be declined
    assert worst(same).text == "pl" and worst([]) is None


def test_what_a_declined_reading_was_is_not_guessed():
    assert judged(ROWS) == [(0.9, True), (0.9, True), (0.6, False), (0.1, False), (0.9, True)]
    assert judged([row(given=None)]) == []


def test_cases_without_marked_words_are_told_by_the_reports_that_prove_them():
    both = row(case("f", articles=("kb", "ns")), answer())
    assert [(one.asked, one.text) for one in pairs([row(), both, row(unanswerable())])] == [
        ("en", "-"),
        ("en", "pl"),
        ("en", "several"),
    ]
