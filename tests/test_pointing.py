"""Which stretch holds the figure, code, date or person asked for: what the words around each candidate decide."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_model import FakeLikeness
from fake_reports import article, passage

import rag.pointing
from rag.matching import SAME
from rag.models import Evidence
from rag.pointing import FARTHER, MATCH, WEIGHT, Pointed, pointed
from rag.questions import Question

BRIDGE = "Der Bau begann mit 12 Arbeitern, kostete 4.000 Dong und dauerte 3 Jahre."
COST = FakeLikeness(("Dong", 0.5), otherwise=0.3)
DAYS = "Es begann am 12. Mai 2020 mit Arbeitern, am 4. Juni 2021 kamen Dong, und am Ende, am 3. Juli 2022, war er da."


@pytest.fixture(autouse=True)
def _weights_that_fitting_does_not_move(monkeypatch):
    monkeypatch.setattr(rag.pointing, "FARTHER", 0.12)
    monkeypatch.setattr(rag.pointing, "WEIGHT", 0.5)
    monkeypatch.setattr(rag.pointing, "MATCH", 1.5)


def ask(
    text: str = "Which number tells of the bridge?", kind: str = "number", language: str = "en", **more
) -> Question:
    return Question(text, language, kind, (), (), (), (), **more)


def piece(text: str, language: str = "de", score: float = 0.9) -> Evidence:
    report = article(text, id=text, language=language)
    return Evidence(report, (passage(report, text),), 0, score)


def point(question: Question, *pieces: Evidence, near: FakeLikeness) -> list[Pointed]:
    made = list(pointed(question, pieces, near))
    for one in made:
        assert one.spans is None or (one.spans == tuple(sorted(one.spans)) and len(one.near) == len(one.spans))
    return made


def offered(one: Pointed) -> list[str]:
    return [one.excerpt[start:end] for start, end in one.spans or ()]


def texts(made: list[Pointed]) -> list[str]:
    return [one.excerpt for one in made]


def test_a_figure_is_judged_by_the_words_up_to_the_figures_beside_it():
    near = FakeLikeness()
    point(ask(), piece(BRIDGE), near=near)
    compared, *words = near.compared
    assert compared[:3] == ("en", ("Which number tells of the bridge?",), "de")
    assert {one[1] for one in words} == {("which", "number", "tells", "bridge")}
    around = compared[3]
    # All the words between its neighbours, and those from shortly before it on.
    assert around[0::2] == (
        "Der Bau begann mit 12 Arbeitern, kostete",
        "Arbeitern, kostete 4.000 Dong und dauerte",
        "Dong und dauerte 3 Jahre.",
    )
    assert around[1::2] == (
        "begann mit 12 Arbeitern, kostete",
        "rn, kostete 4.000 Dong und dauerte",
        "und dauerte 3 Jahre.",
    )


def test_the_mean_of_both_counts_and_the_far_ones_are_not_offered():
    when = ask("When did the money come?", "date")
    (one,) = point(when, piece(DAYS), near=COST)
    assert offered(one) == ["4. Juni 2021", "3. Juli 2022"]
    assert one.near == pytest.approx((0.5, 0.4))
    (all_three,) = point(when, piece(DAYS), near=FakeLikeness(("Dong", 0.4), otherwise=0.3))
    assert offered(all_three) == ["12. Mai 2020", "4. Juni 2021", "3. Juli 2022"]
    (far,) = point(when, piece(DAYS), near=FakeLikeness(("Arbeitern, am 4. Juni", 0.9), otherwise=0.1))
    assert offered(far) == ["4. Juni 2021"]
    assert FARTHER > 0


def test_of_figures_only_the_likeliest_is_offered_and_what_is_as_likely():
    assert offered(point(ask(), piece(BRIDGE), near=COST)[0]) == ["4.000"]
    assert offered(point(ask(), piece(BRIDGE), near=FakeLikeness())[0]) == ["12", "4.000", "3"]

    class Years(FakeLikeness):
        """Only the last figure has the question's words around it."""

        def matches(self, words, language, others, other_language):
            return [float("dauerte" in others and "kostete" not in others)] * len(words)

    (one,) = point(ask(), piece("Sie kostete 4.000 Dong und" + " so" * 30 + " dauerte es 3 Jahre."), near=Years())
    assert (offered(one), one.matches) == (["3"], (SAME,))


@pytest.mark.parametrize(
    ("kind", "question", "language", "right", "wrong", "words"),
    [
        ("number", "How many guests came?", "de", "Es kamen 40 Gäste.", "Es kamen 12 Arbeiter.", "Gäste"),
        ("number", "Ilu było gości?", "ms", "Seramai 40 tetamu datang.", "Seramai 12 pekerja datang.", "tetamu"),
        ("code", "Welcher Beschluss gilt?", "es", "La Resolución 43-NQ/TW rige.", "Citó 05-CT/TW.", "rige"),
        ("date", "When was it built?", "pl", "Zbudowano go 3 maja 2021 r.", "Otwarto 5 maja 2021 r.", "Zbudowano"),
        ("date", "¿Cuándo se abrió?", "tr", "3 Mayıs 2021'de açıldı.", "5 Mayıs 2021'de yıkıldı.", "açıldı"),
        ("person", "Kto przemawiał?", "tr", "Do Viet Anh konuştu.", "Le Van Ba yazdı.", "konuştu"),
        ("place", "Which commune won?", "de", "Es gewann Hoang Tay.", "Es verlor Tri Hai.", "gewann"),
    ],
)
def test_the_likeliest_stretch_comes_first(kind, question, language, right, wrong, words):
    near = FakeLikeness((words, 0.6), otherwise=0.2)
    pieces = piece(wrong, language), piece(right, language)
    made = point(ask(question, kind), *pieces, near=near)
    assert texts(made) == [right, wrong]
    assert texts(point(ask(question, kind), *pieces, near=FakeLikeness())) == [wrong, right]  # else in their order


def test_evidences_score_counts_beside_the_words():
    close, far = piece("Es kamen 12 Arbeiter.", score=1.2), piece("Sie kostete 40 Dong.", score=0.9)
    for cosine, first in ((0.8, close), (1.0, far)):
        made = point(ask(), close, far, near=FakeLikeness(("kostete", cosine), otherwise=0.3))
        assert made[0].piece is first
    (one,) = point(ask(), far, near=FakeLikeness(otherwise=0.4, alike=0.2))
    assert one.score == pytest.approx(0.9 + 0.5 * 0.4 + 1.5 * 0.2)
    assert WEIGHT > 0 and MATCH > 0


def test_single_words_are_matched_where_a_figure_is_asked_for():
    class Guests(FakeLikeness):
        """Guests are guests."""

        def matches(self, words, language, others, other_language):
            return [float("guests" in words and "gäste" in others)] * len(words)

    few, many = piece("Es kamen 12 Arbeiter.", score=1.0), piece("Sie sahen 40 Gäste.", score=0.9)
    made = point(ask("How many guests came?"), few, many, near=Guests())
    assert [(one.piece, one.matches) for one in made] == [(many, (SAME,)), (few, (0.0,))]
    assert made[0].matching((10, 12)) == SAME and made[0].matching((0, 3)) == made[0].matching(None) == 0.0
    for kind, text in (("date", "Am 3. Mai 2021 sahen sie Gäste."), ("person", "Do Viet Anh sah Gäste.")):
        (other,) = point(ask("When did guests come?", kind), piece(text), near=Guests())
        assert other.matches == () and other.matching(other.spans[0]) == 0.0


def test_what_holds_nothing_of_the_kind_is_left_out_but_for_persons():
    bare, told = piece("Die Brücke steht."), piece("Do Viet Anh sah 12 Arbeiter am 3. Mai 2021.")
    for kind in ("number", "date"):
        assert texts(point(ask(kind=kind), bare, told, near=FakeLikeness())) == [told.excerpt]
    assert point(ask(kind="code"), bare, told, near=FakeLikeness()) == []
    # A body may be who did it.
    named, unnamed = point(ask("Who saw them?", "person"), bare, told, near=FakeLikeness())
    assert offered(named) == ["Do Viet Anh"] and (unnamed.piece, unnamed.spans, unnamed.near) == (bare, None, ())
    assert unnamed.score == bare.score


def test_who_is_sought_among_persons_before_bodies_but_not_far_off():
    body, person = piece("Der Rat beschloss es.", score=1.2), piece("Do Viet Anh beschloss es.", score=0.9)
    made = point(ask("Who decided it?", "person"), body, person, near=FakeLikeness(otherwise=0.1))
    assert [one.piece for one in made] == [person, body]
    far = piece("Do Viet Anh beschloss es.", score=0.3)
    made = point(ask("Who decided it?", "person"), body, far, near=FakeLikeness(otherwise=0.1))
    assert [one.piece for one in made] == [body, far]


def test_a_place_that_the_question_names_answers_nothing():
    (one,) = point(
        ask("Which commune of Kim Bang won?", "place"), piece("In Kim Bang siegte Hoang Tay vor Tri Hai."), near=COST
    )
    assert offered(one) == ["Hoang Tay", "Tri Hai"]
    (none,) = point(ask("Which commune of Kim Bang won?", "place"), piece("In Kim Bang siegte der Chor."), near=COST)
    assert none.spans is None


def test_other_questions_leave_the_order_and_compare_nothing():
    near = FakeLikeness()
    pieces = piece("Erst das.", score=0.1), piece("Dann 12 Arbeiter.", score=0.9)
    for kind in ("other", "yesno"):
        made = point(ask("Was geschah?", kind, "de"), *pieces, near=near)
        assert [(one.piece, one.spans) for one in made] == [(one, None) for one in pieces]
    assert near.compared == []


def test_other_questions_are_read_stretch_by_stretch_as_they_are_asked_for():
    def endless():
        while True:
            yield piece("Die Brücke steht.")

    assert next(pointed(ask(kind="other"), endless(), FakeLikeness())).excerpt == "Die Brücke steht."


def test_a_day_comes_before_a_year_however_near_and_a_part_of_the_whole_before_other_figures():
    day, year = piece("Er kam am 3. Mai 2021."), piece("Der Plan für 2024 kam.")
    near = FakeLikeness(("Plan", 0.9), otherwise=0.1)
    made = point(ask("When did the plan come?", "date"), year, day, near=near)
    assert texts(made) == [day.excerpt, year.excerpt]
    made = point(ask("In which year did the plan come?", "date"), day, year, near=near)
    assert texts(made) == [year.excerpt, day.excerpt]
    part, figure = piece("Selesai 7/8 tugas.", "ms"), piece("Plan: 29 tugas.", "ms")
    made = point(ask("How many of the 8 tasks were done?"), figure, part, near=near)
    assert (made[0].excerpt, offered(made[0])) == (part.excerpt, ["7/8"])


def test_the_text_is_put_on_one_line_and_the_spans_are_of_that_line():
    (one,) = point(ask(), piece("Sie\u00a0kostete \n\n 40\t Dong."), near=FakeLikeness())
    assert one.excerpt == "Sie kostete 40 Dong." and offered(one) == ["40"]


def test_a_follow_up_is_compared_with_what_it_leans_on():
    near = FakeLikeness()
    question = ask("And the bridge?", context="What did the school cost?")
    point(question, piece(BRIDGE), near=near)
    assert near.compared[0][1] == (question.sought,) and "school" in question.sought


def test_pointing_is_that_of_the_nearest_candidate_that_a_place_touches():
    (one,) = point(ask("When did it end?", "date"), piece(DAYS), near=COST)
    whole = (0, len(DAYS))
    start, end = (one.spans or ())[1]
    assert one.pointing(whole) == pytest.approx(0.5)
    assert one.pointing((start, end)) == one.pointing((start - 4, start + 1)) == pytest.approx(0.4)
    # Nothing is touched, nothing was copied, any words may answer.
    assert one.pointing((0, 5)) == one.pointing((end, end + 3)) == one.pointing(None) == 0.0
    assert replace(one, spans=None, near=()).pointing(whole) == 0.0


def test_without_evidence_there_is_nothing_to_point_at():
    for kind in ("number", "code", "date", "person", "other"):
        assert point(ask(kind=kind), near=FakeLikeness()) == []


def test_a_stretch_without_a_day_or_a_name_is_read_with_the_sentence_that_tells_it():
    report = article("Am 5. Juli tagte der Rat.\nLe Van Ba sprach.\nEr lobte die Brücke.", language="de")
    lead, speaker, praise = (passage(report, line) for line in report.text.splitlines())
    near = FakeLikeness()
    for kind, told in (("date", lead), ("person", speaker)):
        bare = Evidence(report, (praise,), 0, 0.9, elsewhere=told)
        (one,) = point(ask("Who or when?", kind), bare, near=near)
        assert one.excerpt == f"{told.text} […] {praise.text}"
        assert one.excerpt[one.before :] == praise.text
        assert offered(one) == (["5. Juli"] if kind == "date" else ["Le Van Ba"])


def test_what_a_stretch_tells_itself_is_not_sought_elsewhere_nor_years_and_dates_of_documents():
    report = article("Am 5. Juli tagte der Rat.\nAm 9. Mai kam der Plan.\nEr lobte die Brücke.", language="de")
    lead, plan, praise = (passage(report, line) for line in report.text.splitlines())
    (one,) = point(ask("When?", "date"), Evidence(report, (plan,), 0, 0.9, elsewhere=lead), near=FakeLikeness())
    assert (one.excerpt, one.before) == (plan.text, 0)
    bare = Evidence(report, (praise,), 0, 0.9, elsewhere=lead)
    for text in ("In which year was it?", "When was the resolution issued?", "At what time was it?"):
        assert point(ask(text, "date"), bare, near=FakeLikeness()) == []
    # Who speaks has not signed the document that is spoken of.
    signed = replace(ask("Who signed Project 08-DA/TU?", "person"), codes=("08-DA/TU",))
    (one,) = point(signed, Evidence(report, (praise,), 0, 0.9, elsewhere=lead), near=FakeLikeness())
    assert (one.excerpt, one.before) == (praise.text, 0)


def test_beside_a_bare_year_the_day_that_stands_elsewhere_may_answer():
    report = article("Am 5. Juli tagte der Rat.\nDer Plan für 2024 kam.", language="de")
    lead, plan = (passage(report, line) for line in report.text.splitlines())
    bare = Evidence(report, (plan,), 0, 0.9, elsewhere=lead)
    (one,) = point(ask("When was the plan shown?", "date"), bare, near=FakeLikeness())
    assert offered(one) == ["5. Juli", "2024"]
    (one,) = point(ask("For which year is the plan?", "date"), bare, near=FakeLikeness())
    assert (offered(one), one.before) == (["2024"], 0)


def test_where_a_part_of_a_whole_is_told_nothing_else_is_offered():
    other = article("Es gab 9 Aufgaben.", id="other", language="de")
    report = article("Von den Aufgaben waren 7/8 erledigt.", language="de")
    pieces = [Evidence(one, (passage(one, one.text),), 0, score) for one, score in ((other, 0.9), (report, 0.5))]
    asked = ask("How many of the 8 tasks were done?", "number")
    assert [offered(one) for one in point(asked, *pieces, near=FakeLikeness())] == [["7/8"]]
    asked = ask("How many tasks were done?", "number")
    assert len(point(asked, *pieces, near=FakeLikeness())) == 2


def test_a_part_is_less_likely_where_the_whole_is_asked_for_and_the_other_way():
    class Models(FakeLikeness):
        """Everything is a model."""

        def matches(self, words, language, others, other_language):
            return [1.0] * len(words)

    text = piece("Der Bezirk meldete 29 Modelle an, darunter 13 Modelle der Wirtschaft.")
    (whole,) = point(ask("How many models were registered?"), text, near=Models())
    assert offered(whole) == ["29"]
    (part,) = point(ask("How many of the models are economic?"), text, near=Models())
    assert offered(part) == ["13"]
