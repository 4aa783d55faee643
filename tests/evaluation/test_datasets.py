"""SQuAD-style files and BEIR folders become cases, each with its report, or are refused by place."""

import json

import pytest

from rag.errors import InputError
from rag.evaluation.datasets import load_any, load_parts
from rag.evaluation.loading import CaseSet, Subset

OSLO = "The council of Oslo met in May. It counted 109 votes for the park."
LUND = "The council of Lund met in June. It counted 12 votes for the bridge."
OSLO_DE = "Der Rat von Oslo tagte im Mai. Er zählte 109 Stimmen für den Park."


def asked(id, question, *answers, **more):
    return {"id": id, "question": question, "answers": [{"text": a, "answer_start": 0} for a in answers], **more}


def squad(*paragraphs):
    return {"version": "2.0", "data": [{"title": "t", "paragraphs": [{"context": c, "qas": q} for c, q in paragraphs]}]}


@pytest.fixture
def write(tmp_path):
    def made(name, held):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(held if isinstance(held, str) else json.dumps(held), encoding="utf-8")
        return path

    return made


VOTES = asked("1", "How many votes did the council of Oslo count for the park?", "109")
MAYOR = asked("2", "Who is the mayor of Oslo and of the whole country?", is_impossible=True)


def test_paragraphs_become_reports_and_questions_cases(write):
    held = load_any(write("x.json", squad((OSLO, [VOTES, MAYOR]), (LUND, []), (OSLO, []))))
    assert held.passages == (("paragraph-00001", OSLO), ("paragraph-00002", LUND))  # the same text is one report
    first, second = held.cases
    assert (first.id, first.language, first.kind, first.answers) == ("1", "en", "span", ("109",))
    assert (first.articles, first.quotes) == (("paragraph-00001",), ("109",))
    assert (second.answerable, second.kind, second.answers, second.articles) == (False, "unanswerable", (), ())
    assert held.places["2"].endswith("article 1, paragraph 1, question 2")


def test_questions_of_one_file_are_asked_of_its_translation(write):
    questions = write("en.json", squad((OSLO, [VOTES])))
    german = asked("1", "Wie viele Stimmen zählte der Rat?", "109 Stimmen")
    held = load_any(questions, write("de.json", squad((LUND, []), (OSLO_DE, [german]))))
    (case,) = held.cases
    assert (case.question, case.language, case.answers) == (VOTES["question"], "en", ("109",))
    assert (case.articles, case.quotes) == (("paragraph-00002",), ("109 Stimmen",))
    assert dict(held.passages)["paragraph-00002"] == OSLO_DE


def test_poquad_words_answers_freely_and_counts_its_questions(write):
    entry = {"id": 7, "question": "Ile głosów oddano za parkiem w mieście?", "is_impossible": False,
             "answers": [{"text": "109", "answer_start": 1, "generative_answer": "sto dziewięć"}]}  # fmt: skip
    (case,) = load_any(write("pl.json", squad(("Za parkiem oddano 109 głosów.", [entry])))).cases
    assert (case.id, case.answers, case.language) == ("7", ("109", "sto dziewięć"), "pl")


@pytest.mark.parametrize(
    ("held", "told"),
    [
        ("{]", "line 1: is not JSON"),
        ({}, "the field data is missing"),
        ({"data": [{"title": "t"}]}, "article 1: the field paragraphs is missing"),
        (squad((OSLO, [{"id": "1"}])), "article 1, paragraph 1, question 1: the field question is missing"),
        (squad((OSLO, [asked("1", "Who?")])), "question 1: no answers; give one, or set is_impossible"),
        (squad((OSLO, [asked("1", " ", "x")])), "the question is empty"),
        (squad((OSLO, [VOTES]), (LUND, [VOTES])), "paragraph 1, question 1: the id 1 occurs twice"),
        (squad((OSLO, [])), "contains no question"),
        (squad((7, [])), "context has the wrong type, got 7"),
    ],
)
def test_what_is_no_such_file_is_refused_by_place(write, held, told):
    with pytest.raises(InputError, match=told):
        load_any(write("x.json", held))


def test_a_translation_without_the_question_is_refused(write):
    with pytest.raises(InputError, match="de.json has no question 1; give a translation"):
        load_any(write("en.json", squad((OSLO, [VOTES]))), write("de.json", squad((OSLO_DE, []))))
    with pytest.raises(InputError, match="only with SQuAD-style .json files"):
        load_any(write("a.jsonl", "{}"), write("de.json", squad((OSLO_DE, []))))
    with pytest.raises(InputError, match="gone.json: no such file"):
        load_any(write("a.jsonl", "{}").with_name("gone.json"))


# BEIR


@pytest.fixture
def beir(write):
    def made(*judged, name="test.tsv"):
        corpus = [{"_id": "d1", "title": "Oslo", "text": OSLO}, {"_id": "d/2", "title": "", "text": LUND}]
        queries = [{"_id": "q1", "text": "votes for the park in Oslo"}, {"_id": "q2", "text": "never judged"}]
        for file, entries in (("corpus", corpus), ("queries", queries)):
            write(f"set/{file}.jsonl", "\n".join(map(json.dumps, entries)) + "\n")
        lines = ("query-id\tcorpus-id\tscore", *judged)
        return write(f"set/qrels/{name}", "\n".join(lines) + "\n").parent.parent

    return made


def test_a_beir_folder_is_for_retrieval_alone(beir):
    held = load_any(beir("q1\td1\t2", "q1\td/2\t1", "q2\td1\t0"))
    assert isinstance(held, CaseSet) and held.only_retrieval and held.name == "set"
    assert held.passages == (("d1", f"Oslo\n\n{OSLO}"), ("document-0000002", LUND))
    (case,) = held.cases  # a query without a relevant document is not asked
    assert (case.id, case.articles, case.grades) == ("q1", ("d1", "document-0000002"), (2.0, 1.0))


def test_a_qrels_file_can_be_named(beir):
    folder = beir("q1\td1\t1", name="dev.tsv")
    assert load_any(folder).cases == load_any(folder / "qrels" / "dev.tsv").cases  # the only one there
    beir("q2\td1\t1", name="train.tsv")
    with pytest.raises(InputError, match="needs qrels/test.tsv .there: dev.tsv, train.tsv."):
        load_any(folder)
    assert [case.id for case in load_any(folder / "qrels" / "train.tsv").cases] == ["q2"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("q1 d1 1", "test.tsv, line 2: needs query id, document id and score"),
        ("q1\td9\t1", "test.tsv, line 2: d9 is not in .*corpus.jsonl"),
        ("q9\td1\t1", "the query q9 is not in .*queries.jsonl"),
        ("q1\td1\t0", "no query has a relevant document"),
    ],
)
def test_bad_judgements_are_refused_with_their_line(beir, line, told):
    with pytest.raises(InputError, match=told):
        load_any(beir(line))


def test_a_bad_line_of_the_corpus_is_told(beir):
    folder = beir("q1\td1\t1")
    (folder / "corpus.jsonl").write_text('{"_id": "d1"}\n', encoding="utf-8")
    with pytest.raises(InputError, match="corpus.jsonl, line 1: the field text is missing"):
        load_any(folder)
    (folder / "corpus.jsonl").write_text("{\n", encoding="utf-8")
    with pytest.raises(InputError, match="corpus.jsonl, line 1: is not JSON"):
        load_any(folder)


def test_any_form_is_asked_in_part(write):
    path = write("x.json", squad((OSLO, [VOTES, MAYOR]), (LUND, [])))
    (held,) = load_parts(path, subset=Subset(limit=1))
    assert [case.id for case in held.cases] == ["1"] and len(held.passages) == 2
    with pytest.raises(InputError, match="no question in these languages"):
        load_parts(path, subset=Subset(languages=("fi",)))
