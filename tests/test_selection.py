"""Which stretches a reader is shown: nearest first, cut at clauses, within a paragraph, none twice."""

from __future__ import annotations

from datetime import date

import pytest
from fake_model import WordEmbedder

from rag import Reports, Settings
from rag.clauses import LIMIT, WHOLE, clauses
from rag.dates import FoundDate
from rag.models import Evidence
from rag.passages import sentences
from rag.selection import _shortly_before, choose_evidence

pytestmark = pytest.mark.usefixtures("clean_environment")
FILLER = ("Der Bürgermeister sprach von der alten Brücke am Fluss.", "Danach gab es Kaffee und Kuchen im Rathaus.")
VOTES = "Wie viele Stimmen entfielen auf den neuen Park?"
# One sentence beyond the limit; what each question is nearest to lies in one of its clauses.
LONG = (
    "Die Gemeinde reparierte im Frühling zunächst das undichte Dach der kleinen Turnhalle am Marktplatz, "
    "kaufte anschließend vierzehn gebrauchte Feuerwehrschläuche samt Kupplungen von der Nachbargemeinde, "
    "pflanzte siebzig junge Kastanienbäume entlang der staubigen Landstraße nach Norden, "
    "und eröffnete zuletzt eine Bücherei mit Lesesaal im ehemaligen Bahnhofsgebäude."
)


@pytest.fixture
def reports(folder, tmp_path):
    lines = [*FILLER * 6, "Zwölf Stimmen entfielen auf den neuen Park.", *FILLER * 6]
    (folder / "park.txt").write_text(" ".join(lines), encoding="utf-8")
    (folder / "long.txt").write_text(f"Kurz davor. {LONG} Kurz danach.\n", encoding="utf-8")
    (folder / "lines.txt").write_text(
        "Ein Bild der Orgel.\nDie Orgel wurde im Mai gestimmt.\nEin anderer Absatz.\n", encoding="utf-8"
    )
    (folder / "unbroken.txt").write_text("Zuvor. " + "Zwetschgen " * 80 + "reif. Danach.", encoding="utf-8")
    with Reports.open(folder, home=tmp_path / "home", settings=Settings(llm="none"), embedder=WordEmbedder()) as opened:
        yield opened


def chosen(reports: Reports, question: str, limit: int = 20) -> list[Evidence]:
    asked = reports._understand(question)
    hits = reports.retrieve(question, limit=limit)
    return list(choose_evidence(reports._catalog, reports._space, asked, hits))


def test_the_nearest_sentence_comes_first_with_what_stands_beside_it(reports):
    first = chosen(reports, VOTES)[0]
    assert first.article.id == "park"
    assert first.sentences[first.best].text == "Zwölf Stimmen entfielen auf den neuen Park."
    assert first.sentences[first.best].text in first.excerpt and len(first.excerpt) <= LIMIT
    assert [s.text for s in first.sentences] == [FILLER[1], first.sentences[first.best].text, FILLER[0]]


def test_scores_fall_and_no_sentence_that_was_shown_is_sought_again(reports):
    found = chosen(reports, VOTES)
    assert [piece.score for piece in found] == sorted((piece.score for piece in found), reverse=True)
    shown: set[tuple[str, int]] = set()
    for piece in found:
        start, end = piece.span or (0, 0)
        assert (piece.article.id, piece.sentences[piece.best].start) not in shown
        shown |= {(piece.article.id, s.start) for s in piece.sentences if start <= s.start and s.end <= end}


@pytest.mark.parametrize(
    "question", [VOTES, "Wer pflanzte Kastanienbäume?", "Wann wurde die Orgel gestimmt?", "Zwetschgen?"]
)
def test_every_stretch_is_text_of_its_report_and_touches_the_sentences_it_is_given_with(reports, question):
    for piece in chosen(reports, question):
        start, end = piece.span or (0, 0)
        assert piece.article.text[start:end] == piece.excerpt and piece.start == start
        held = sentences(piece.article)
        assert list(piece.sentences) == [s for s in held if s.start < end and start < s.end]
        sought = piece.sentences[piece.best]
        assert sought.start < end and start < sought.end
        assert "\n" not in piece.excerpt.strip()
        assert len(piece.excerpt) <= WHOLE or len(clauses(sought.text)) == 1


@pytest.mark.parametrize(
    ("question", "words", "far"),
    [
        ("Wie viele Kastanienbäume pflanzte die Gemeinde?", "siebzig junge Kastanienbäume", "Turnhalle"),
        ("Was reparierte die Gemeinde, das Dach der Turnhalle?", "Dach der kleinen Turnhalle", "Lesesaal"),
        ("Wo eröffnete die Bücherei mit Lesesaal?", "Bücherei mit Lesesaal", "Turnhalle"),
    ],
)
def test_of_a_long_sentence_the_clauses_nearest_to_the_question_are_shown(reports, question, words, far):
    piece = next(p for p in chosen(reports, question) if p.article.id == "long")
    assert words in piece.excerpt and far not in piece.excerpt
    assert piece.sentences[piece.best].text == LONG
    start, end = (at - piece.sentences[piece.best].start for at in piece.span or (0, 0))
    cuts = {at for span in clauses(LONG) for at in span}
    assert (start in cuts or start < 0) and (end in cuts or end > len(LONG))
    assert len(piece.excerpt) <= LIMIT


def test_what_a_long_sentence_has_left_comes_later(reports):
    pieces = [p for p in chosen(reports, "Wo eröffnete die Bücherei mit Lesesaal?") if p.article.id == "long"]
    assert len(pieces) > 1 and "Lesesaal" in pieces[0].excerpt and "Turnhalle" not in pieces[0].excerpt
    for words in ("Turnhalle", "Feuerwehrschläuche", "Kastanienbäume", "Lesesaal"):
        assert any(words in piece.excerpt for piece in pieces), words


def test_no_stretch_lies_within_another(reports):
    for question in (VOTES, "Wo eröffnete die Bücherei mit Lesesaal?", "Wer pflanzte Kastanienbäume?"):
        spans = [(p.article.id, *(p.span or (0, 0))) for p in chosen(reports, question)]
        for at, (article, start, end) in enumerate(spans):
            assert not any(a == article and s <= start and end <= e for a, s, e in spans[:at])


def test_text_that_cannot_be_cut_is_shown_as_it_is(reports):
    pieces = [piece for piece in chosen(reports, "Zwetschgen reif") if piece.article.id == "unbroken"]
    assert pieces and all(len(piece.sentences) >= 1 for piece in pieces)
    assert any(len(piece.excerpt) > LIMIT and len(piece.sentences) == 1 for piece in pieces)


def test_nothing_is_shown_beyond_the_paragraph(reports):
    first = chosen(reports, "Wann wurde die Orgel im Mai gestimmt?")[0]
    assert (first.article.id, first.excerpt) == ("lines", "Die Orgel wurde im Mai gestimmt.")


def test_the_first_sentence_of_a_report_has_one_neighbour(reports):
    first = chosen(reports, "When did the council meet in Lund on 3 March?")[0]
    assert (first.article.id, first.best, len(first.sentences)) == ("lund", 0, 2)


def test_without_hits_there_is_no_evidence(reports):
    asked = reports._understand("Wie viele Stimmen?")
    assert list(choose_evidence(reports._catalog, reports._space, asked, [])) == []


def test_the_same_hits_give_the_same_evidence(reports):
    assert chosen(reports, VOTES) == chosen(reports, VOTES)


# What stands elsewhere in the report

NEWS = (
    "Am Abend des 14. September hielt der Rat eine Sitzung ab.\n"
    "Bürgermeisterin Nguyen Thi Hoa sprach zuerst.\n"
    "Danach forderte sie eine neue Schwimmhalle.\n"
    "Am 20. Oktober beginnt der Bau eines Hafens.\n"
)


@pytest.fixture
def news(tmp_path):
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "news.txt").write_text(f"{NEWS}\nQuelle: https://example.org/d20240915153551198.htm\n", "utf-8")
    (folder / "undated.txt").write_text(NEWS.replace("Schwimmhalle", "Turnhalle"), encoding="utf-8")
    with Reports.open(folder, home=tmp_path / "home", settings=Settings(llm="none"), embedder=WordEmbedder()) as opened:
        yield opened


def elsewhere(reports: Reports, question: str, words: str) -> str | None:
    piece = next(piece for piece in chosen(reports, question) if words in piece.excerpt)
    return piece.elsewhere and piece.elsewhere.text


def test_a_when_is_given_the_day_of_the_report_and_a_who_the_one_who_was_named_last(news):
    day, speaker = NEWS.splitlines()[:2]
    assert elsewhere(news, "Wann wurde eine neue Schwimmhalle gefordert?", "Schwimmhalle") == day
    assert elsewhere(news, "Wer forderte eine neue Schwimmhalle?", "Schwimmhalle") == speaker
    assert elsewhere(news, "Was forderte sie, eine Schwimmhalle?", "Schwimmhalle") is None


def test_nobody_named_before_and_no_day_of_publication_leave_nothing(news):
    assert elsewhere(news, "Wer hielt am Abend eine Sitzung ab?", "Abend") is None
    assert elsewhere(news, "Wann wurde eine neue Turnhalle gefordert?", "Turnhalle") is None


@pytest.mark.parametrize(
    ("day", "told", "near"),
    [
        ((2024, 9, 15), (None, 9, 14), True),
        ((2024, 9, 15), (2024, 9, 15), True),
        ((2024, 9, 15), (2023, 9, 14), False),
        ((2024, 9, 15), (None, 10, 20), False),
        ((2024, 1, 3), (None, 12, 29), True),
        ((2024, 9, 15), (None, 2, 30), False),
    ],
)
def test_only_a_day_shortly_before_the_report_is_its_day(day, told, near):
    assert _shortly_before(date(*day), FoundDate(0, 0, *told)) is near
