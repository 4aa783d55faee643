"""Blocks of a report -> its title: its headline, or the beginning of its first sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence

import regex

from rag.sources.credit_lines import LONG
from rag.sources.datelines import BLOCKS, Dateline
from rag.sources.reading_view import Block

MAX_TITLE = 90
_MAX_HEADLINE = 150
# What closes a quotation behind a sentence's last mark.
_CLOSED = r"[\"”“»’)」』）]*"
# Of another script's mark a few letters before it do not make a sentence ("ایم۔ اے۔"); "。" has no blank behind it, and
# within quotation marks it may end a name ("モーニング娘。").
_SENTENCE_END = regex.compile(
    rf"(?:(?<=[^\W\d]{{4}})|(?<=[a-zß-ÿ]{{3}})|(?<=[)\]\"”»’]))[.!?…]+{_CLOSED}(?=\s|$)"
    rf"|(?<=.{{10}})[^\P{{STerm}}.!?。！？｡]+{_CLOSED}(?=\s|$)"
    r"|[。！？｡]+(?:[」』）]+(?=\s|$)|(?![」』）]))"
)
# Digits, of a line's letters and digits, without years; headlines have fewer.
_FIGURES = 0.25
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_NO_HEADLINE = regex.compile(rf"[\p{{STerm}}…:;]{_CLOSED}$")
_FULL_STOP = regex.compile(r"[.。｡।॥۔։።။៕]$")


def find_title(text: str) -> str:
    """The first line if it is a headline, else the first sentence, cut at a word boundary to 90 code points."""
    line = next((stripped for line in text.splitlines() if (stripped := line.strip())), "")
    line = re.sub(r"^#{1,6}\s+", "", line)
    if len(line) <= _MAX_HEADLINE and not _NO_HEADLINE.search(line):
        return line
    end = _SENTENCE_END.search(line)
    sentence = " ".join(line[: end.end()].split() if end else line.split())
    if len(sentence) <= MAX_TITLE:
        return str(_FULL_STOP.sub("", sentence))
    cut = sentence[:MAX_TITLE]
    border = cut.rfind(" ")
    return cut[: border if border > MAX_TITLE // 2 else MAX_TITLE - 1].rstrip(" ,;:-–—(\"“„«'") + "…"


def opening_text(own: Sequence[Block], dateline: tuple[Block, Dateline] | None) -> str:
    """The text of the first block that is no agency's number; without the dateline where it begins with one."""
    first = next((block for block in own[:BLOCKS] if not _is_number(block.view.text)), own[0] if own else None)
    if first is None:
        return ""
    return first.view.text[dateline[1].end if dateline and dateline[0] is first else 0 :]


def _is_number(line: str) -> bool:
    """A line such as "AVP REG 0742 / 08112023", in which agencies count what they send."""
    digits = sum(map(str.isdecimal, _YEAR.sub("", line)))
    return digits >= _FIGURES * sum(map(str.isalnum, line)) and len(line) <= LONG
