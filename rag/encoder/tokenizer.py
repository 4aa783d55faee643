"""Text -> token ids, each with its offsets in the text.

The vocabulary and its normalisation are the model's own (SentencePiece's Unigram model). Offsets
count code points of the text as given, whatever normalisation did to it. Independent of vectors.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sentencepiece import SentencePieceProcessor

from rag.encoder.pack import Pack
from rag.encoder.vocabulary import model_proto

# How SentencePiece writes a space.
SPACE = "\u2581"


@dataclass(frozen=True, slots=True)
class Tokens:
    """Ids, and for each its start and end (exclusive) in code points of the text as given."""

    ids: list[int]
    offsets: list[tuple[int, int]]


class Tokenizer:
    """The tokenizer of a packed model; adds no <s> and </s>."""

    def __init__(self, pack: Pack) -> None:
        self.begin, self.end, self.pad = pack.begin, pack.end, pack.pad
        # Not characters: NUL ends C strings, and half a surrogate pair is not Unicode.
        self._normal = pack.normal | dict.fromkeys((0, *range(0xD800, 0xE000)), " ")
        self._unknown = pack.unknown
        self._engine = SentencePieceProcessor(model_proto=model_proto(pack))

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text; each code point outside the vocabulary is one unknown id."""
        written = [self._write(re.sub(" {2,}", " ", text.translate(self._normal))) for text in texts]
        return [self._apart(one, self._engine.encode(one)) for one in written]

    def tokens(self, text: str) -> Tokens:
        """The ids of a text with their offsets, which leave out a space before a piece."""
        out: list[str] = []
        source: list[int] = []
        for at, char in enumerate(text):
            for new in self._normal.get(ord(char), char):
                if new == " " and out and out[-1] == " ":
                    continue
                out.append(new)
                source.append(at)
        if not out:
            return Tokens([], [])
        if out[0] != " ":
            out.insert(0, " ")
            source.insert(0, 0)
        written = "".join(out).replace(" ", SPACE)
        cut = self._engine.encode(written, return_type="offset_mapping")
        offsets = []
        for first, last in cut["offsets"]:
            if written[first] == SPACE and last - first > 1:
                first += 1
            offsets.append((source[first], source[last - 1] + 1))
        return Tokens(cut["ids"], offsets)

    def _write(self, text: str) -> str:
        return (text if text.startswith(" ") else " " + text).replace(" ", SPACE)

    def _apart(self, written: str, ids: list[int]) -> list[int]:
        # SentencePiece merges adjacent unknown code points; the model was trained with one token for each.
        if self._unknown not in ids:
            return ids
        offsets = self._engine.encode(written, return_type="offset_mapping")["offsets"]
        return [
            number
            for number, (first, last) in zip(ids, offsets, strict=True)
            for _ in range(last - first if number == self._unknown else 1)
        ]
