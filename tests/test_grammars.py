"""Which replies a grammar lets through: words that stand in the excerpt, then a sentence, or NONE."""

from __future__ import annotations

import pytest
from fake_model import admitted
from fake_reports import seeds

from rag.grammars import MOST_WORDS, MOST_WRITTEN, NOTHING, copied, copying
from rag.passages import sentences

REPORTS = {report.language: report for report in seeds()}


def excerpt(language: str, words: str) -> str:
    """The sentence with these words, its white space narrowed as a reader is shown it."""
    return " ".join(next(s.text for s in sentences(REPORTS[language]) if words in s.text).split())


def span(text: str, words: str) -> tuple[int, int]:
    return text.index(words), text.index(words) + len(words)


PL, DE = excerpt("pl", "109 modeli"), excerpt("de", "29 Modellen")
ES, TR, MS = excerpt("es", "presidió la conferencia"), excerpt("tr", "40 yoldaş"), excerpt("ms", "8/33")

COPIES = [
    (PL, "109 modeli"),
    (PL, "wdrożono i powielono 109 modeli i typowych przykładów"),
    (PL, "Do tej pory"),
    (DE, "29 Modellen"),
    (DE, "drei Modelle für die nationale Verteidigung und Sicherheit"),
    (ES, "El camarada Do Viet Anh"),
    (TR, "40 yoldaş"),
    (MS, "menyelesaikan 8/33 tugas"),
]


@pytest.mark.parametrize(("text", "words"), COPIES)
def test_words_that_stand_side_by_side_may_be_copied(text, words):
    grammar = copying(text, None)
    assert admitted(grammar, f'"{words}" => Something is said.')
    assert copied(text, words) == span(text, words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (PL, "109 models"),
        (PL, "190 modeli"),
        (PL, "09 modeli"),
        (PL, "109"[:2]),
        (PL, "modeli 109"),
        (PL, "109 typowych"),
        (DE, "39 Modellen"),
        (ES, "Anh Viet Do"),
        (ES, "Nguyen Van Giang"),
        (MS, "8/33  tugas"),
        (MS, ""),
    ],
)
def test_words_that_do_not_stand_there_may_not(text, words):
    assert not admitted(copying(text, None), f'"{words}" => Something is said.')


@pytest.mark.parametrize("text", [PL, DE, ES, TR, MS])
def test_declining_is_always_open_and_nothing_else_goes_without_copying(text):
    for grammar in (copying(text, None), copying(text, [(0, 5)]), copying(text, [])):
        assert admitted(grammar, NOTHING)
        for said in ("", "109 models.", "=> 109 models.", f"{NOTHING} => 109.", f"{NOTHING}."):
            assert not admitted(grammar, said)


def test_what_is_written_is_one_line_of_bounded_length():
    grammar = copying(PL, None)
    for said, goes in (
        ("x" * MOST_WRITTEN, True),
        ("x" * (MOST_WRITTEN + 1), False),
        ("Kim Bang'da 109 model uygulandı “…”.", True),
        ("One.\nTwo.", False),
        ("", False),
    ):
        assert admitted(grammar, f'"109 modeli" => {said}') is goes


@pytest.mark.parametrize("text", [PL, DE, TR])
def test_at_most_so_many_words_are_copied_from_anywhere(text):
    grammar, words = copying(text, None), text.split()
    bare = [word.strip('„”“"') for word in words]
    for first in range(len(bare)):
        for count in (1, MOST_WORDS, MOST_WORDS + 1):
            if first + count <= len(bare):
                said = " ".join(bare[first : first + count])
                assert admitted(grammar, f'"{said}" => So it is.') is (count <= MOST_WORDS)
                assert count > MOST_WORDS or copied(text, said) is not None


def test_with_spans_one_of_them_is_among_the_words_and_whole():
    spans = [span(DE, "29"), span(DE, "drei")]
    grammar = copying(DE, spans)
    for words in ("29", "von 29 Modellen", "29 Modellen der Geschickten", "drei Modelle", "und drei Modelle für"):
        assert admitted(grammar, f'"{words}" => So it is.'), words
    for words in ("Bis 2024", "13 Wirtschaftsmodelle", "Modellen der", "Umsetzung von", "Wirtschaftsmodelle, 13"):
        assert not admitted(grammar, f'"{words}" => So it is.'), words
    date = excerpt("tr", "08-DA/TU")
    whole = copying(date, [span(date, "5 Temmuz 2023")])
    assert admitted(whole, '"5 Temmuz 2023 tarihli" => So it is.')
    for words in ("5 Temmuz", "5", "Temmuz 2023"):
        assert not admitted(whole, f'"{words}" => So it is.')


@pytest.mark.parametrize("text", ["", "   ", "„ ” …"])
def test_where_nothing_can_be_copied_only_declining_is_left(text):
    assert copying(text, None) == copying(PL, []) == f'root ::= "{NOTHING}"\n'


def test_quotation_marks_of_the_excerpt_are_left_out_and_found_again():
    said = "„wykwalifikowanej mobilizacji masowej” w różnych"
    bare = "wykwalifikowanej mobilizacji masowej w różnych"
    assert said in PL
    grammar = copying(PL, None)
    assert admitted(grammar, f'"{bare}" => So it is.') and not admitted(grammar, f'"{said}" => So it is.')
    start, end = copied(PL, bare) or (0, 0)
    assert PL[start:end] == said[1:]
    lone = 'buku " 100 model " itu'
    assert copied(lone, "buku 100 model itu") == (0, len(lone))


def test_no_copy_begins_with_a_blank():
    lone = "Es gab „ 29 ” Modelle"
    grammar = copying(lone, [span(lone, "29")])
    assert admitted(grammar, '"29 Modelle" => So it is.') and not admitted(grammar, '" 29 Modelle" => So it is.')


def test_punctuation_at_the_end_of_a_word_may_be_left_out():
    text = "Es waren 29 Modelle, sagte er; nicht 13."
    grammar = copying(text, None)
    for words in ("29 Modelle", "29 Modelle,", "29 Modelle, sagte er", "nicht 13", "nicht 13."):
        assert admitted(grammar, f'"{words}" => So it is.'), words
        assert (copied(text, words) or (-1,))[0] == text.index(words.split()[0])


@pytest.mark.parametrize(
    "text", ['a\\b "c\\n" d"e', 'root ::= "x" | [^a] (b)? c*', "100 % {2} $x ^y | z", "Đỗ Việt Anh 🎉 市"]
)
def test_odd_characters_are_copied_as_they_are(text):
    grammar = copying(text, None)
    for word in text.split():
        bare = word.strip('"')
        assert not bare or admitted(grammar, f'"{bare}" => So it is.'), word
    assert copied(text, text.split()[0]) == (0, len(text.split()[0]))


@pytest.mark.parametrize("words", ["", " ", "keine Modelle", "modeli 109"])
def test_words_that_were_not_copied_stand_nowhere(words):
    assert copied(PL, words) is None


@pytest.mark.parametrize(
    ("text", "words", "at"),
    [("113 Modelle, davon 13 Modelle für den Markt", "13 Modelle", 19), ("Modelle des Modells Modell", "Modell", 20)],
)
def test_copied_words_are_whole_words(text, words, at):
    assert copied(text, words) == (at, at + len(words))


@pytest.mark.model
def test_the_bundled_model_copies_words_of_the_excerpt():
    from rag.llm import Message, open_llm
    from rag.settings import Settings

    model = open_llm(Settings(llm="bundled"))
    assert model is not None
    try:
        asked = (
            f"{PL}\n\nHow many models are there? First copy the words that answer, in quotes, then => and a sentence."
        )
        grammar = copying(PL, [span(PL, "109")])
        reply = model.complete([Message("user", asked)], max_tokens=80, grammar=grammar)
    finally:
        model.close()
    assert admitted(grammar, reply.text)
    assert reply.text == NOTHING or "109" in reply.text.partition(" => ")[0]
