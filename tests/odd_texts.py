"""Texts that nobody means: for the property tests, which draw from them (hypothesis)."""

from __future__ import annotations

from hypothesis import strategies as draw

from rag.models import Article

LANGUAGES = ("en", "de", "tr", "pl", "es", "ms", "vi", "ja", "zh", "ar", "he", "hi", "th", "ko", "el", "und", "tlh")
# Every line end that Unicode has, and what only looks like one.
ENDS = ("\n", "\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029", "\x1c", "\n\n", "\n\n\n")
# Marks that join, hide, turn round or stack.
MARKS = ("\u200b", "\u200d", "\u202e", "\u2066", "\u2069", "\ufeff", "\u00ad", "\u0301" * 5, "\u0e34", "\0", "\u00a0")
NUMBER_WORDS = (
    "zero", "one", "million", "null", "drei", "hundert", "sıfır", "bin", "zwei", "sto", "cero", "mil", "không", "mươi",
    "영", "이", "백", "만", "零", "三", "百", "万", "صفر", "ألف", "אפס", "शून्य", "सौ", "ศูนย์", "ล้าน", "μηδέν",
)  # fmt: skip
WORDS = (
    "The", "ferry", "A.B.", "Dr.", "No.", "etc.", "1,350", "12.5", "3. März", "2024", "5/7/2024", "co-op",
    "Ab-", "fü-",
    "мост", "Ёлка", "الجسر", "١٢٣", "גשר", "पुल", "१,२३,४५६", "สะพาน", "橋が落ちた。", "２０２４年", "다리",
    "„Zitat“", "“said”",
    "«так»", "(", ")", "[", "]", '"', "'", "…", "...", "?!", "।", "。", ">", "> >", "|", "| a | b |", "\t", ";", ",",
    "--",
    "---", "- item", "1.", "12)", "title:", "https://example.org/?a=1", "1\n00:00:01,000 --> 00:00:02,000\n", "WEBVTT",
    "e\u0301", "😀👩\u200d👩\u200d👧", "x" * 300, "字" * 120, "İıIi", "ﬁ", "½", "Ⅷ", "5%", "$3.2bn",
    "COVID-19", "43-NQ/TW",
    *NUMBER_WORDS,
)  # fmt: skip
SPACES = ("", " ", " ", " ", "  ", "\t", "\u3000")

_piece = draw.one_of(draw.sampled_from(WORDS), draw.sampled_from(ENDS), draw.sampled_from(MARKS), draw.text(max_size=6))
languages = draw.sampled_from(LANGUAGES)


@draw.composite
def texts(pick: draw.DrawFn, *, storable: bool = True, most: int = 60) -> str:
    """A text with at least one letter; `storable`: without halves of characters, which no file holds."""
    pieces = pick(draw.lists(draw.tuples(_piece, draw.sampled_from(SPACES)), min_size=1, max_size=most))
    text = "".join(word + space for word, space in pieces)
    return text.encode("utf-8", "replace").decode() if storable else text


@draw.composite
def articles(pick: draw.DrawFn) -> Article:
    """A report as no reader makes it: any text, any end of its body."""
    text = pick(texts())
    end = pick(draw.one_of(draw.just(len(text)), draw.integers(0, len(text))))
    return Article("x", text, text[:90], pick(languages), None, (), (), None, "0" * 64, end)


@draw.composite
def spans(pick: draw.DrawFn, article: Article) -> tuple[int, int]:
    """A place in a report that is not empty."""
    start = pick(draw.integers(0, max(0, len(article.text) - 1)))
    return start, pick(draw.integers(start + 1, max(start + 1, len(article.text))))
