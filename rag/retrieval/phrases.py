"""Phrase -> its occurrences in the reports: an exact search, in addition to the search by meaning.

Case, diacritics of Latin, Greek and Cyrillic letters, the shape of quotation marks and dashes, and white space are
ignored: a phrase is found across line breaks, and in scripts without spaces also if a line was broken inside it. The
full-text index is not used, since it contains stems, which differ for spellings that match here; folded texts are
cached instead.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator

from rag.errors import QuestionError
from rag.language import UNSPACED, UNSPACED_MARKS, fold
from rag.models import Article, Filters, Passage, PhraseMatch
from rag.store import Catalog

# Folded texts kept, in code points: 2,000 news reports are about 8 million.
TEXTS_HELD = 32_000_000
_UNSPACED = f"[{UNSPACED}{UNSPACED_MARKS}]"
_ANY = re.compile(_UNSPACED)
# Diacritics without a letter of their own in NFC: the stress of "за́мок", the tone of "ẹ́".
_MARKS = re.compile("[\u0300-\u036f]+")
_WITHIN = re.compile(rf"(?<={_UNSPACED})\s+(?={_UNSPACED})")
# Anything but one plain space.
_WIDE = re.compile(r"\s{2,}|[^\S ]")
_SINGLE, _DOUBLE, _DASH = re.compile("[‘’ʼ‚]"), re.compile("[“”„«»]"), re.compile("[‐‑‒–—]")


class PhraseSearch:
    """Searches a catalogue's texts. Thread-safe."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._folded: dict[tuple[str, str], str] = {}
        self._size = 0
        self._keeping = threading.Lock()

    def find(self, phrase: str, *, limit: int, filters: Filters | None = None) -> list[PhraseMatch]:
        """At most `limit` places, by report id and offset. Raises QuestionError for a phrase without a letter or digit.

        A phrase may begin and end inside a word.
        """
        wanted = squeezed(unicodedata.normalize("NFC", phrase).strip())
        if not any(char.isalnum() for char in wanted):
            raise QuestionError("the phrase has no letter or digit; give some words of the report")
        found: list[PhraseMatch] = []
        with self._catalog.snapshot():
            heads = [head for head in self._catalog.heads() if filters is None or filters.admit(head)]
            for head in self._holding(heads, wanted):
                article = self._catalog.article(head.id)
                if article is not None:
                    found += self._places(article, wanted, limit - len(found))
                if len(found) >= limit:
                    break
        return found

    def _holding(self, heads: list[Article], wanted: str) -> Iterator[Article]:
        for head in heads:
            key = (head.id, head.sha256)
            text = self._folded.get(key)
            if text is None:
                article = self._catalog.article(head.id)
                text = squeezed(article.text) if article else ""
                with self._keeping:
                    if self._size + len(text) > TEXTS_HELD:
                        self._folded.clear()
                        self._size = 0
                    self._folded[key] = text
                    self._size += len(text)
            if wanted in text:
                yield head

    def _places(self, article: Article, wanted: str, limit: int) -> list[PhraseMatch]:
        text = squeezed(article.text)
        at = offsets(article.text)
        sentences = [stored.passage for stored in self._catalog.passages(article.id, "sentence")]
        starts = [sentence.start for sentence in sentences]
        found: list[PhraseMatch] = []
        place = text.find(wanted)
        while place >= 0 and len(found) < limit:
            start, end = at[place], at[place + len(wanted) - 1] + 1
            if marks := _MARKS.match(article.text, end):
                end = marks.end()
            found.append(PhraseMatch(article, start, end, _around(article, sentences, starts, start, end)))
            place = text.find(wanted, place + len(wanted))
        return found


def squeezed(text: str) -> str:
    """The text for comparison: folded, with single spaces, and no spaces inside scripts written without them."""
    text = _MARKS.sub("", _same(text))
    if _ANY.search(text):
        text = _WITHIN.sub("", text)
    return _WIDE.sub(" ", text)


def offsets(text: str) -> list[int]:
    """For each code point of `squeezed(text)` its offset in the text."""
    text = _same(text)
    kept = list(range(len(text)))
    if _MARKS.search(text):
        kept = [at for at in kept if not _MARKS.match(text[at])]
        bare = "".join(text[at] for at in kept)
    else:
        bare = text
    if _ANY.search(bare):
        gone = {at for match in _WITHIN.finditer(bare) for at in range(match.start(), match.end())}
        kept = [at for number, at in enumerate(kept) if number not in gone]
    blank = [text[at].isspace() for at in kept]
    return [at for number, at in enumerate(kept) if not (blank[number] and number and blank[number - 1])]


def _same(text: str) -> str:
    """Folded, with one shape of quotation marks and dashes; one code point comes out for each."""
    # Letter by letter of those that the text uses: five times as fast as folding the text.
    for char in set(text):
        if (folded := fold(char)) != char:
            text = text.replace(char, folded)
    return _DASH.sub("-", _DOUBLE.sub('"', _SINGLE.sub("'", text)))


def _around(article: Article, sentences: list[Passage], starts: list[int], start: int, end: int) -> Passage:
    """The sentences that the span touches; a span outside all of them, as in page furniture, is its own passage."""
    first = max(0, bisect_right(starts, start) - 1)
    touched = [one for one in sentences[first : bisect_right(starts, end - 1)] if one.start < end and start < one.end]
    low, high = (min(touched[0].start, start), max(touched[-1].end, end)) if touched else (start, end)
    return Passage(article.id, low, high, article.text[low:high], "sentence")
