"""The reader around its network: windows, offsets in every script, whole words, and what is said where weights lack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pytest
from fake_reports import article

from rag.encoder import ReaderInput, WindowScores, best_spans, open_tokenizer, reader_input
from rag.encoder.reader_input import HEADER_TOKENS, QUESTION_TOKENS
from rag.encoder.spans import LONGEST
from rag.errors import NeedError
from rag.models import Article, Hit, Passage
from rag.reading import open_reader
from rag.reading.reader import SHARED, SPANS, WINDOW, SpanReader, header_of, whole_words
from rag.settings import Settings

pytestmark = pytest.mark.usefixtures("clean_environment")


@pytest.mark.parametrize(
    ("text", "cut", "whole"),
    [
        ("Der Bürgermeister kam", "germeis", "Bürgermeister"),
        ("Prezydent Łukasz Żak mówił", "kasz Ża", "Łukasz Żak"),
        ("Ông Đỗ Việt Anh nói", "ỗ Việt An", "Đỗ Việt Anh"),
        ("Прибыл Иванов вчера", "вано", "Иванов"),
        ("وصل محمد أمس", "حم", "محمد"),
        ("مُحَمَّد جاء", "مُ", "مُحَمَّد"),  # marks belong to the letter before them
        ("हिन्दी भाषा", "न्द", "हिन्दी"),
        ("ஆயிரம் பேர்", "ஆயி", "ஆயிரம்"),
        ("১২৩ জন", "১২", "১২৩"),
        ("او می‌نویسد", "نویس", "می‌نویسد"),  # a joiner stands inside a word
        ("cafe\u0301s ouverts", "cafe", "cafe\u0301s"),
        ("ประชุมในกรุงเทพวันนี้", "กรุงเทพ", "กรุงเทพ"),  # no spaces: nothing says where a word ends
        ("会议在北京举行", "北京", "北京"),
        ("会議は東京で開かれた", "東京", "東京"),
        ("Thai Binh'deki konferans", "Thai Bin", "Thai Binh"),  # an ending after an apostrophe is not of the name
        ("l’école d’Art", "cole", "école"),
        ("wdrożono 109 modeli.", " 109 modeli", "109 modeli"),
        ("12.345", "12.345", "12.345"),
        ("und 25 Jahre", "5", "25"),
    ],
)
def test_spans_end_where_words_end(text, cut, whole):
    start = text.index(cut)
    found_start, found_end = whole_words(text, start, start + len(cut))
    assert text[found_start:found_end] == whole


def test_white_space_alone_is_no_word():
    start, end = whole_words("a  b", 1, 3)
    assert start == end


def test_the_header_is_title_place_and_date_and_tells_nothing_twice():
    report = article("x", title="Rada tagte", places=("Kim Bang", "Lund"), published=date(2024, 7, 5))
    assert header_of(report) == "Rada tagte · Kim Bang · 2024-07-05"
    assert header_of(article("x", title="Kim Bang: 109 modeli", places=("Kim Bang",))) == "Kim Bang: 109 modeli"
    assert header_of(article("x", title="")) == ""


def scores(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_the_best_span_has_the_highest_sum_and_its_margin_over_none():
    start, end = scores(0, 4, 0, 1), scores(0, 0, 3, 1)
    (best,) = best_spans(start, end, 2.5)
    assert (best.first, best.last, best.margin) == (1, 2, 4.5)
    (best,) = best_spans(start, end, 9.0)
    assert best.margin == -2


def test_a_span_ends_where_it_begins_or_later():
    (best,) = best_spans(scores(0, 0, 9), scores(9, 0, 1), 0)
    assert (best.first, best.last, best.margin) == (2, 2, 10)


def test_a_span_is_at_most_so_long():
    start, end = np.zeros((2, LONGEST + 5), np.float32)
    start[0] = end[LONGEST] = 9  # a token too far
    (best,) = best_spans(start, end, 0)
    assert best.last - best.first < LONGEST and best.margin == 9
    end[LONGEST - 1] = 8
    (best,) = best_spans(start, end, 0)
    assert (best.first, best.last, best.margin) == (0, LONGEST - 1, 17)


def test_further_spans_share_no_token_with_better_ones():
    start, end = scores(1, 5, 4.5, 0, 2), scores(0, 4, 5, 0, 2)
    found = best_spans(start, end, 0, 9)
    taken = [set(range(span.first, span.last + 1)) for span in found]
    assert taken[0] == {1, 2} and len(set().union(*taken)) == sum(map(len, taken))
    assert [span.margin for span in found] == sorted((span.margin for span in found), reverse=True)
    assert len(found) == 4 and best_spans(scores(), scores(), 0) == []


def test_long_questions_and_headers_lose_their_end_and_the_window_nothing():
    one = reader_input(range(100), range(200, 300), range(400, 800), -1, -2)
    assert one.ids[one.first : one.last] == list(range(400, 800))
    assert one.ids[: QUESTION_TOKENS + 2] == [-1, *range(QUESTION_TOKENS), -2]
    assert one.ids[QUESTION_TOKENS + 2 : one.first] == [*range(200, 200 + HEADER_TOKENS), -2]
    assert one.ids[one.last :] == [-2]


class Marking:
    """In place of the network: tokens `first` to `last` of the n-th window have this score over "none"."""

    def __init__(self, marked: Mapping[int, Sequence[tuple[int, int, float]]]) -> None:
        self.inputs: list[ReaderInput] = []
        self._marked = marked

    def score(self, inputs: Sequence[ReaderInput]) -> list[WindowScores]:
        self.inputs += inputs
        return [self._scores(number, one.last - one.first) for number, one in enumerate(inputs)]

    def _scores(self, number: int, length: int) -> WindowScores:
        start, end = np.full((2, length), -9, np.float32)
        for first, last, score in self._marked.get(number, ()):
            start[first], end[last] = score / 2, score / 2
        return WindowScores(start, end, 0.0, float(-number))


def reader_with(tmp_path, marked: Mapping[int, Sequence[tuple[int, int, float]]]) -> tuple[SpanReader, Marking]:
    (tmp_path / "reader.onnx").write_bytes(b"never loaded")
    reader, scorer = SpanReader(tmp_path), Marking(marked)
    reader.__dict__["_scorer"] = scorer
    return reader, scorer


def hit(report: Article, start: int = 0, end: int | None = None) -> Hit:
    end = len(report.text) if end is None else end
    return Hit(Passage(report.id, start, end, report.text[start:end]), report, 1.0, 1, None)


def tokens_of(text: str, words: str, at: int = 0) -> tuple[int, int]:
    """First and last token that touch the words."""
    start = text.index(words, at)
    touching = [
        number
        for number, (first, last) in enumerate(open_tokenizer().tokens(text).offsets)
        if first < start + len(words) and start < last
    ]
    return touching[0], touching[-1]


def narrow(text):
    """Figures of full width in ASCII."""
    return text.translate({ord(wide): str(at) for at, wide in enumerate("０１２３４５６７８９")})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("W dystrykcie wdrożono 109 modeli.", "109 modeli"),
        ("Ông Đỗ Việt Anh   nói 🎉 với người dân.", "người dân"),
        ("वाराणसी में 12 लोग आए।", "12 लोग"),
        ("ประชุมในกรุงเทพวันนี้", "กรุงเทพ"),
        ("会议在北京举行，共有３０人参加。", "３０人"),
        ("اجتمع المجلس في القاهرة يوم الأحد.", "القاهرة"),
        ("Cafe\u0301 ﬁnance — 5 km² ½ — fini", "5 km²"),
    ],
)
def test_what_is_read_stands_in_the_report_at_its_offsets(tmp_path, text, words):
    report = article("Ein Titel.\n" + text)
    first, last = tokens_of(text, words)
    reader, _ = reader_with(tmp_path, {0: [(first, last, 7.0)]})
    best = reader.read("?", [hit(report, 11)])[0]
    assert narrow(report.text[best.start : best.end]) == best.words
    assert narrow(words) in best.words and len(best.words) <= len(words) + 3
    assert (best.article, best.margin, best.rank) == (report, 7.0, 0)


def test_a_long_passage_is_read_in_windows_that_share_tokens(tmp_path):
    text = " ".join(f"słowo{number}" for number in range(260))
    tokens = open_tokenizer().tokens(text)
    step = WINDOW - SHARED
    wanted = "słowo200"
    first, last = tokens_of(text, wanted)
    window = first // step  # the last one that begins before it
    assert first >= window * step and last < window * step + WINDOW
    reader, scorer = reader_with(tmp_path, {window: [(first - window * step, last - window * step, 5.0)]})
    report = article(text)
    best = reader.read("Gdzie?", [hit(report)])[0]
    assert best.words == wanted and best.start == text.index(wanted)
    cut = [one.ids[one.first : one.last] for one in scorer.inputs]
    assert len(cut) > 3 and all(len(ids) <= WINDOW for ids in cut)
    assert all(one[-SHARED:] == other[:SHARED] for one, other in zip(cut, cut[1:], strict=False))
    assert [*cut[0], *(id for ids in cut[1:] for id in ids[SHARED:])] == tokens.ids


def test_the_question_and_the_header_are_read_with_every_window(tmp_path):
    report = article("Es kamen 12 Leute.", title="Lund tagte", published=date(2024, 7, 5))
    reader, scorer = reader_with(tmp_path, {})
    reader.read("Wie viele?", [hit(report)])
    (one,) = scorer.inputs
    tokenizer = open_tokenizer()
    asked, header = tokenizer.tokens("Wie viele?").ids, tokenizer.tokens("Lund tagte · 2024-07-05").ids
    text = tokenizer.tokens(report.text).ids
    begin, end = tokenizer.begin, tokenizer.end
    assert one.ids == [begin, *asked, end, *header, end, *text, end]
    assert one.ids[one.first : one.last] == text


def test_the_same_words_in_overlapping_passages_are_one_reading_with_the_higher_margin(tmp_path):
    text = "Rada tagte. Es gab 12 Stimmen. Alle gingen."
    report = article(text)
    one, two = hit(report, 0, 30), hit(report, 12)
    places = [tokens_of(held.passage.text, "12 Stimmen") for held in (one, two)]
    reader, _ = reader_with(tmp_path, {number: [(*place, 3.0 + number)] for number, place in enumerate(places)})
    readings = reader.read("?", [one, two])
    (found,) = [reading for reading in readings if reading.words == "12 Stimmen"]
    assert (found.margin, found.rank, found.other) == (4.0, 1, -1.0)


def test_readings_of_all_passages_come_by_margin_a_few_of_each(tmp_path):
    reports = [article(f"Es kamen {number} Leute und 7 Hunde nach Lund.", id=f"r{number}") for number in (11, 22, 33)]
    marked = {}
    for number, margin in enumerate((1.0, 9.0, -2.0)):
        place = tokens_of(reports[number].text, f"{number + 1}{number + 1} Leute")
        other = tokens_of(reports[number].text, "7 Hunde")
        marked[number] = [(*place, margin), (*other, margin - 4)]
    reader, _ = reader_with(tmp_path, marked)
    readings = reader.read("?", [hit(report) for report in reports])
    assert [reading.margin for reading in readings] == sorted((one.margin for one in readings), reverse=True)
    assert (readings[0].words, readings[0].rank) == ("22 Leute", 1)
    assert len(readings) == SPANS * len(reports)
    assert [one.words for one in readings if one.article.id == "r22"] == ["22 Leute", "7 Hunde"]


def test_nothing_to_read_gives_nothing(tmp_path):
    reader, scorer = reader_with(tmp_path, {})
    assert reader.read("?", []) == [] == scorer.inputs
    assert reader.read("?", [hit(article(" \n "))]) == []


def test_a_folder_without_weights_is_told_with_the_way_out(tmp_path):
    with pytest.raises(NeedError, match=r"reader\.onnx.*ASKREPORTS_READER to bundled") as told:
        open_reader(Settings(reader=str(tmp_path)))
    assert str(tmp_path) in str(told.value) and told.value.exit_code == 3
    (tmp_path / "reader.onnx").write_bytes(b"\x00")
    assert open_reader(Settings(reader=str(tmp_path))).name == str(tmp_path)


def test_a_damaged_file_is_told_at_the_first_question(tmp_path):
    (tmp_path / "reader.onnx").write_bytes(b"<html>")
    reader = open_reader(Settings(reader=str(tmp_path)))
    with pytest.raises(NeedError, match=r"reader\.onnx"):
        reader.read("?", [hit(article("Es kamen 12 Leute."))])
