"""GBNF grammars that hold a language model to copy words of an excerpt before it writes.

Knows words only: neither what is asked nor what runs the grammar (llama.cpp's GBNF).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# Words copied at most: an answer, not the sentence around it.
MOST_WORDS = 10
# Words copied at most beside what must be among them.
BEFORE, AFTER = 1, 4
MOST_WRITTEN = 220

NOTHING = "NONE"
_WORD = re.compile(r"\S+")
_QUOTES = '"„”“«»…'
_STOPS = ",;:.!?"


def copying(excerpt: str, spans: Sequence[tuple[int, int]] | None) -> str:
    """Either `NONE`, or words that stand side by side in the excerpt, in quotes, then ` => ` and free text.

    With `spans` the copied words hold one of these stretches whole.
    """
    words = [(match.start(), match.end(), match.group()) for match in _WORD.finditer(excerpt)]
    rules: list[str] = []
    starts: dict[str, None] = {}
    if spans is None:
        for at in range(len(words)):
            if _said(words[at][2]):
                rules.append(_chain(f"c{at}", words, at, at, MOST_WORDS))
                starts[f"c{at}"] = None
    else:
        for number, (start, end) in enumerate(spans):
            held = [at for at, word in enumerate(words) if word[0] < end and start < word[1]]
            for at in range(max(held[0] - BEFORE, 0), held[0] + 1) if held else ():
                if not _said(words[at][2]):
                    continue
                name = f"c{number}x{at}"
                rules.append(_chain(name, words, at, held[-1], held[-1] - at + 1 + AFTER))
                starts[name] = None
    if not starts:
        return f'root ::= "{NOTHING}"\n'
    root = f'root ::= "{NOTHING}" | "\\"" ( {" | ".join(starts)} ) "\\" => " said\n'
    return root + f"said ::= [^\\n]{{2,{MOST_WRITTEN}}}\n" + "\n".join(rules) + "\n"


def copied(excerpt: str, words: str) -> tuple[int, int] | None:
    """Where words that were copied under the grammar stand; quotation marks and punctuation may have been left out."""
    parts = [re.escape(word.rstrip(_STOPS)) or re.escape(word) for word in words.split()]
    gap = rf"[{_QUOTES}{_STOPS}]*\s+(?:[{_QUOTES}]+\s+)*[{_QUOTES}]*"
    match = re.search(rf"(?<![^\s{_QUOTES}])" + gap.join(parts) + r"(?!\w)", excerpt) if parts else None
    return match.span() if match else None


def _chain(name: str, words: Sequence[tuple[int, int, str]], first: int, needed: int, most: int) -> str:
    """A rule for the words from `first` on: those up to `needed` always, then up to `most` in all."""
    last = min(first + max(most, needed - first + 1), len(words))
    said = [_said(word) for _, _, word in words[first:last]]
    body = " ".join(
        _spoken((" " if at else "") + word) for at, word in enumerate(said[: needed - first + 1]) if word or at == 0
    )
    tail = ""
    for word in reversed([word for word in said[needed - first + 1 :] if word]):
        tail = f"( {_spoken(' ' + word)} {tail})? "
    return f"{name} ::= {body} {tail}".rstrip()


def _spoken(word: str) -> str:
    """The word, with the punctuation at its end left to the model, which would rather stop before it."""
    bare = word.rstrip(_STOPS)
    rest = word[len(bare) :]
    return f"{_literal(bare)} {_literal(rest)}?" if bare.strip() and rest else _literal(word)


def _said(word: str) -> str:
    return word.strip(_QUOTES)


def _literal(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
