"""Who wrote a report: `rag.bylines`, which cites the authors' line and asks no language model."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_reports import SEEDS
from test_claiming import ask

from rag.articles import make_article
from rag.bylines import asks_author, written_by
from rag.files import read_file
from rag.models import Evidence
from rag.passages import sentences

FILES = sorted(SEEDS.glob("*.txt"))
ARTICLES = [make_article(read_file(path, max_bytes=1_000_000), id=path.stem) for path in FILES]
MS, TR, ES, DE, PL = (Evidence(article, tuple(sentences(article)[:3]), 0, 0.9) for article in ARTICLES)


@pytest.mark.parametrize(
    "question",
    [
        "Who wrote the report about Kim Bang?",
        "Whose name stands under the report about Kim Bang?",
        "Who are the authors of the article on Kim Bang?",
        "Wer hat den Bericht über Kim Bang geschrieben?",
        "Welche Namen stehen als Verfasser unter dem Bericht über Kim Bang?",
        "Wessen Name steht unter dem Bericht über Kim Bang?",
        "¿Quién firma la noticia sobre Kim Bang?",
        "¿Qué periodista contó en su crónica la labor de Kim Bang?",
        "Kim Bang haberini kim yazdı?",
        "Kim Bang'daki çalışmaları kim haberleştirdi?",
        "Kto napisał artykuł o Kim Bang?",
        "Jakim nazwiskiem podpisano relację o Kim Bang?",
        "Siapakah penulis laporan tentang Kim Bang?",
        "Ai viết bài về Kim Bảng?",
    ],
)
def test_the_authors_are_told_with_their_line(question):
    assert asks_author(ask(question))
    made = written_by(ask(question), iter([PL, DE]))
    assert [found.text for found in made.found] == ["Huong Giang"] and made.confidence == 1.0
    ((report, line),) = made.found[0].proofs
    assert report is PL.article and line.text == "Huong Giang"
    assert report.text[line.start : line.end] == line.text and line.start >= report.body_end


@pytest.mark.parametrize(
    "question",
    [
        "Who signed Project 08-DA/TU?",
        "Kto napisał „Pana Tadeusza”?",
        "Which reports mention authors?",
        "Does the report name its authors?",
        "¿Qué dice el informe de Kim Bang?",
        "What goals are written in the report on Kim Bang?",
        "08-DA/TU sayılı Projeyi kim imzaladı?",
    ],
)
def test_other_questions_are_not_about_authors(question):
    assert not asks_author(ask(question))


def test_several_authors_are_joined_as_the_language_does():
    told = {
        "Who wrote the report on Ninh Binh?": "Kieu An and Truong Giang",
        "Wer hat den Bericht über Ninh Binh geschrieben?": "Kieu An und Truong Giang",
        "Ninh Binh haberini kim yazdı?": "Kieu An ve Truong Giang",
    }
    for question, expected in told.items():
        (found,) = written_by(ask(question), iter([MS])).found
        assert found.text == expected and found.proofs[0][1].text == "Kieu An - Truong Giang"


def test_a_report_without_authors_or_without_their_line_is_declined():
    nameless = replace(PL, article=replace(PL.article, authors=()))
    elsewhere = replace(PL, article=replace(PL.article, authors=("Nguyen Van Hung",)))
    for shown in ([nameless], [elsewhere], []):
        assert written_by(ask("Who wrote the report about Kim Bang?"), iter(shown)).found == ()


def test_a_question_that_pins_nothing_down_takes_near_evidence_only():
    question = ask("Who wrote the report on the tea festival?")
    assert written_by(question, iter([replace(ES, score=0.5)])).found == ()
    assert written_by(question, iter([replace(ES, score=1.2)])).found
