"""Contexts with marked answers become reports, questions and places, or are refused with their line."""

import json
import lzma
import unicodedata

import pytest

from rag.errors import InputError
from rag.evaluation.datasets import load_any, load_parts
from rag.evaluation.loading import Subset
from rag.evaluation.marked_answers import MIXED, is_marked, load_marked, only_asked

OSLO = "Rada miasta Oslo zebrała się w maju. Za parkiem oddano 109 głosów."
OSLO_DE = "Der Rat von Oslo tagte im Mai. Für den Park gab es 109 Stimmen."
TOKYO = "東京都は2024年に新しい橋を開いた。"


def asked(id, question, context, *answers, **more):
    marks = [{"text": answer, "start": context.index(answer)} for answer in answers]
    return {"id": id, "question": question, "answers": marks, "impossible": not answers, **more}


def context(lang, text, *qas, title="", **more):
    return {"lang": lang, "title": title, "context": text, "source": "made", "qas": list(qas), **more}


VOTES = context(
    "pl",
    OSLO,
    asked("1", "Ile głosów oddano?", OSLO, "109", "109 głosów"),
    asked("2", "How many votes?", OSLO, "109", qlang="en"),
    title="Oslo_(miasto)",
)
PARK = context("de", OSLO_DE, asked("2", "How many votes?", OSLO_DE, "109 Stimmen", qlang="en"))
BRIDGE = context(
    "ja", TOKYO, asked("3", "いつ開いたか。", TOKYO, "2024年"), asked("4", "誰が?", TOKYO), title="made:123"
)


@pytest.fixture
def write(tmp_path):
    def made(*lines, name="dev.jsonl"):
        path = tmp_path / name
        text = "\n".join(line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
        path.write_bytes(lzma.compress(text.encode()) if name.endswith(".xz") else text.encode())
        return path

    return made


@pytest.mark.parametrize("name", ["dev.jsonl", "dev.jsonl.xz"])
def test_each_language_is_a_collection_and_all_are_one(write, name):
    path = write(VOTES, PARK, BRIDGE, name=name)
    assert is_marked(path)
    sets = load_parts(path)
    assert [(held.name, held.part, len(held.cases)) for held in sets] == [
        ("dev", "de", 1),
        ("dev", "ja", 2),
        ("dev", "pl", 2),
        ("dev", MIXED, 4),
    ]
    assert load_any(path) == sets[-1]
    assert [len(held.passages) for held in sets] == [1, 1, 1, 3]


def test_words_stand_where_the_case_says_under_the_title(write):
    polish = load_marked(write(VOTES, PARK, BRIDGE))[2]
    ((id, text),) = polish.passages
    assert text == f"Oslo (miasto)\n\n{OSLO}"
    votes, english = polish.cases
    assert (votes.id, votes.language, votes.text_language, votes.kind) == ("pl-pl:1", "pl", "pl", "span")
    assert (votes.articles, votes.about, votes.answers) == ((id,), id, ("109", "109 głosów"))
    assert [text[start:end] for _, start, end in votes.spans] == ["109", "109 głosów"]
    assert (english.id, english.language, english.text_language) == ("en-pl:2", "en", "pl")
    assert polish.places["pl-pl:1"].endswith("dev.jsonl, line 1")


def test_the_number_of_a_document_is_no_title_and_a_question_may_have_no_answer(write):
    japanese = load_marked(write(VOTES, BRIDGE))[0]
    assert japanese.passages[0][1] == TOKYO
    nobody = japanese.cases[1]
    assert (nobody.answerable, nobody.kind, nobody.articles, nobody.spans) == (False, "unanswerable", (), ())
    assert nobody.about == japanese.passages[0][0] and nobody.text_language == "ja"
    (numbered,) = load_marked(
        write(context("en", "It met in May.", asked("1", "When?", "It met in May.", "May"), title="630"))
    )
    assert numbered.passages[0][1] == "It met in May."


def test_one_question_of_several_texts_is_one_case_that_each_answers(write):
    mixed = load_marked(write(VOTES, PARK))[-1]
    (english,) = (case for case in mixed.cases if case.language == "en")
    assert english.any_article and set(english.articles) == {id for id, _ in mixed.passages}
    texts = dict(mixed.passages)
    assert {texts[id][start:end] for id, start, end in english.spans} == {"109", "109 Stimmen"}


def test_the_same_context_twice_is_one_report_and_a_longer_one_that_holds_it_answers_too(write):
    longer = f"Wczoraj. {OSLO} Koniec."
    held = load_marked(
        write(VOTES, context("pl", OSLO, asked("5", "Kto?", OSLO, "Rada miasta")), context("pl", longer))
    )
    (polish,) = held  # of one language: there is nothing to mix
    assert polish.part == "pl" and len(polish.passages) == 2
    texts = dict(polish.passages)
    for case in polish.cases:
        assert len(case.articles) == 2 and case.any_article
        assert all(texts[id][start:end] in case.answers for id, start, end in case.spans)


def test_places_count_code_points_of_the_normalised_text(write):
    decomposed = unicodedata.normalize("NFD", "Đỗ Việt Anh họp ở Kim Bảng.")
    name = unicodedata.normalize("NFD", "Kim Bảng")
    (held,) = load_marked(write(context("vi", decomposed, asked("1", "Ở đâu?", decomposed, name))))
    (_, start, end) = held.cases[0].spans[0]
    assert held.passages[0][1][start:end] == held.cases[0].answers[0] == "Kim Bảng"


def test_ids_stay_from_one_reading_to_the_next_and_are_never_twice(write):
    again = context("de", OSLO_DE, asked("2", "Wie viele?", OSLO_DE, "109"), asked("2", "Wann?", OSLO_DE, "Mai"))
    first, second = (load_marked(write(VOTES, again))[0] for _ in range(2))
    assert first == second and [case.id for case in first.cases] == ["de-de:2", "de-de:2#2"]


def test_a_subset_keeps_the_reports_of_its_languages(write):
    held = load_marked(write(VOTES, PARK, BRIDGE), Subset(languages=("pl", "ja"), limit=1))
    assert [one.part for one in held] == ["ja", "pl", MIXED]
    # One of each pair of languages.
    assert [case.id for case in held[-1].cases] == ["pl-pl:1", "en-pl:2", "ja-ja:3"] and len(held[-1].passages) == 2
    with pytest.raises(InputError, match="no question in these languages"):
        load_marked(write(VOTES), Subset(languages=("fr",)))


def test_reports_that_nothing_asks_about_can_be_left_out(write):
    held = load_marked(
        write(VOTES, context("pl", "Nikt o to nie pyta."), context("pl", OSLO + " I nic.", asked("6", "Po co?", OSLO)))
    )[0]
    assert len(held.passages) == 3
    kept = only_asked(held)
    assert len(kept.passages) == 2 and kept.cases == held.cases  # what tempts without an answer stays


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{]", "line 2: is not JSON"),
        ({"lang": "pl", "qas": []}, "line 2: the field context is missing"),
        (context("pl", "x", {"id": "1", "answers": []}), "line 2: the field qas.0.question is missing"),
        (context("polish tongue", "x"), "line 2: 'polish tongue' is not a language tag"),
        (
            context("pl", "x", {"id": "1", "question": "Co?", "answers": [{"text": "y", "start": 0}]}),
            "'y' is not at 0",
        ),
        (context("pl", "x", {"id": "1", "question": "Co?", "answers": []}), "the question 1 needs either answers or"),
        (context("pl", "x", asked("1", "Co?", "x", "x", impossible=True)), "the question 1 needs either answers or"),
    ],
)
def test_what_is_no_such_line_is_refused(write, line, told):
    with pytest.raises(InputError, match=told):
        load_marked(write(VOTES, line))


def test_other_files_are_not_taken_for_it(write):
    assert not is_marked(write('{"question": "Co?", "language": "pl"}')) and not is_marked(write("nonsense"))
    path = write(VOTES, name="broken.jsonl.xz")
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(InputError, match="broken.jsonl.xz: cannot be unpacked"):
        load_any(path)
