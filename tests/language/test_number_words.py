"""Number words in any order, in every language that has a table of them: each text is read to its end."""

from __future__ import annotations

import json
import signal
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as draw

import rag.language
from rag.language import find_numbers, number_values

with zipfile.ZipFile(Path(rag.language.__file__).parent / "number_words.zip") as _tables:
    TABLES = {name.removesuffix(".json"): json.loads(_tables.read(name)) for name in _tables.namelist()}
# Far more than any of these takes: an endless loop is to fail here, and not to stop the whole run.
SECONDS = 60


def words_of(code: str) -> list[str]:
    """One word, of the many forms that some languages have, for each of a few numbers and for what multiplies."""
    told = TABLES[code]
    few = {value: said for said, value in told["cardinals"].items() if value in (0, 1, 2, 3, 7, 10, 11, 20, 100)}
    return [*few.values(), *{value: said for said, value in told["scales"].items()}.values()]


@contextmanager
def in_time() -> Iterator[None]:
    def late(*_: object) -> None:
        raise TimeoutError(f"not read in {SECONDS} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def read(text: str, code: str) -> None:
    end = 0
    for found in find_numbers(text, code):
        assert end <= found.start < found.end <= len(text)
        end = found.end


@pytest.mark.parametrize("code", TABLES)
def test_any_two_number_words_are_read(code):
    with in_time():
        for one, other in product(words_of(code), repeat=2):
            read(f"{one} {other}", code)
            read(f"{one}{other}", code)


@given(draw.data())
def test_any_number_words_in_any_order_are_read(data):
    code = data.draw(draw.sampled_from(sorted(TABLES)))
    words = data.draw(draw.lists(draw.sampled_from(words_of(code)), min_size=1, max_size=8))
    gap = data.draw(draw.sampled_from((" ", "", "-")))
    with in_time():
        read(gap.join(words), code)


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("de", "neunzehn"),
        ("nl", "negentien"),
        ("nb", "seksti"),
        ("sv", "tjugoettio"),
        ("fi", "yksitoista"),
        ("hu", "tizenegy"),
        ("it", "ottanta"),
    ],
)
def test_a_long_word_of_many_cuts_is_read(code, word):
    with in_time():
        for times in (1, 2, 400):
            assert find_numbers(f"{word * times}x", code) == []


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("de", "neunhundertneunundneunzig"),
        ("it", "centottanta"),
        ("nl", "honderdtwaalfde"),
        ("tr", "yüzotuzdördünde"),
    ],
)
def test_a_word_is_read_whose_pieces_overlap(code, word):
    found = find_numbers(word, code)
    assert (found[0].start, found[-1].end) == (0, len(word))


@pytest.mark.parametrize(
    ("code", "text", "values"),
    [
        ("en", "zero one", {"0", "1"}),
        ("en", "zero million", {"0"}),
        ("de", "null eins", {"0", "1"}),
        ("ko", "영이", {"0", "2"}),
        ("zh", "零三", {"0", "3"}),
        ("vi", "không một", {"0", "1"}),
        ("sw", "sifuri moja", {"0", "1"}),
        ("en", "two million zero", {"2000000", "0"}),
    ],
)
def test_nothing_follows_a_zero(code, text, values):
    with in_time():
        assert number_values(text, code) == values
