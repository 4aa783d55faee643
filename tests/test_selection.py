"""Which sentences a reader is shown: nearest first, whole, with neighbours, without overlap."""

from __future__ import annotations

import pytest
from fake_model import WordEmbedder

from rag import Reports, Settings
from rag.models import Evidence
from rag.passages import sentences
from rag.selection import NEIGHBOURHOOD, choose_evidence

pytestmark = pytest.mark.usefixtures("clean_environment")
FILLER = ("Der Bürgermeister sprach von der alten Brücke am Fluss.", "Danach gab es Kaffee und Kuchen im Rathaus.")


@pytest.fixture
def reports(folder, tmp_path):
    lines = [*FILLER * 6, "Zwölf Stimmen entfielen auf den neuen Park.", *FILLER * 6]
    (folder / "park.txt").write_text(" ".join(lines), encoding="utf-8")
    (folder / "long.txt").write_text("Kurz davor. " + "Park " * 300 + "Stimmen. Kurz danach.", encoding="utf-8")
    with Reports.open(folder, home=tmp_path / "home", settings=Settings(llm="none"), embedder=WordEmbedder()) as opened:
        yield opened


def chosen(reports: Reports, question: str, limit: int = 20) -> list[Evidence]:
    asked = reports._understand(question)
    hits = reports.retrieve(question, limit=limit)
    return list(choose_evidence(reports._catalog, reports._space, asked, hits))


def test_the_nearest_sentence_comes_first_between_its_neighbours(reports):
    first = chosen(reports, "Wie viele Stimmen entfielen auf den neuen Park?")[0]
    assert first.article.id == "park"
    assert first.sentences[first.best].text == "Zwölf Stimmen entfielen auf den neuen Park."
    assert [s.text for s in first.sentences] == [FILLER[1], first.sentences[first.best].text, FILLER[0]]


def test_scores_fall_and_nothing_is_shown_twice(reports):
    found = chosen(reports, "Wie viele Stimmen entfielen auf den neuen Park?")
    assert [piece.score for piece in found] == sorted((piece.score for piece in found), reverse=True)
    best = [(piece.article.id, piece.sentences[piece.best].start) for piece in found]
    assert len(best) == len(set(best))
    # No sentence that was shown as a neighbour comes again as the one that was sought.
    shown: set[tuple[str, int]] = set()
    for piece in found:
        assert (piece.article.id, piece.sentences[piece.best].start) not in shown
        shown |= {(piece.article.id, sentence.start) for sentence in piece.sentences}


def test_every_sentence_stands_in_its_report_and_neighbours_are_neighbours(reports):
    for piece in chosen(reports, "Wie viele Stimmen entfielen auf den neuen Park?"):
        spans = [(s.start, s.end) for s in sentences(piece.article)]
        at = [spans.index((s.start, s.end)) for s in piece.sentences]
        assert at == list(range(at[0], at[0] + len(at))) and len(at) <= 3
        assert all(piece.article.text[s.start : s.end] == s.text for s in piece.sentences)


def test_a_long_sentence_stands_alone(reports):
    long = [
        piece
        for piece in chosen(reports, "Park Park Stimmen")
        if piece.article.id == "long" and len(piece.sentences[piece.best].text) > NEIGHBOURHOOD
    ]
    assert long
    assert all(len(piece.sentences) == 1 and piece.best == 0 for piece in long)


def test_the_first_sentence_of_a_report_has_one_neighbour(reports):
    first = chosen(reports, "When did the council meet in Lund on 3 March?")[0]
    assert (first.article.id, first.best, len(first.sentences)) == ("lund", 0, 2)


def test_without_hits_there_is_no_evidence(reports):
    asked = reports._understand("Wie viele Stimmen?")
    assert list(choose_evidence(reports._catalog, reports._space, asked, [])) == []


def test_the_same_hits_give_the_same_evidence(reports):
    question = "Wie viele Stimmen entfielen auf den neuen Park?"
    assert chosen(reports, question) == chosen(reports, question)
