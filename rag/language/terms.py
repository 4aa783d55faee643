"""Text -> index tokens, so that words help within a language and never harm across languages.

Words are stemmed in their own language and carry its tag (`de_mobilisier`), so that a Spanish "de" or "la" cannot
match a report in another language. Names, numbers and codes carry no tag. Numbers and codes are kept whole; of a long
name only the beginning of its sound is kept, so that "Kim Bảng" in a question finds "Kim Bang" in a Polish report, and
"Warschau" finds "Varsovia". Scripts without spaces give the pairs of neighbouring letters instead of words, as is usual
for Chinese (Nie, Gao, Zhang and Zhou, "On the use of words and n-grams for Chinese information retrieval", 2000).
Independent of where tokens are stored.
"""

from __future__ import annotations

import threading
import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import regex
import snowballstemmer

from rag.language.detection import name as english_name
from rag.language.folding import fold, lower
from rag.language.registry import language_of, primary_tag
from rag.language.scripts import UNSPACED

# Letters of scripts without spaces, with their marks.
_UNSPACED = rf"[[{UNSPACED}]&&[\w\p{{M}}--\d]]"
# Codes (43-NQ/TW) whole, numbers with their grouping, runs of those letters, then words. A letter's marks belong to it:
# in the scripts of India they are its vowels.
TOKEN = regex.compile(
    r"\d+[-/][^\W_][\w/-]*|\d{1,3}(?:[.,\u00a0\u202f\u066c]\d{3})+(?!\d)|\d+[.,\u066b]\d+"
    rf"|(?P<unspaced>{_UNSPACED}+)|(?:[\w--{_UNSPACED}][\p{{M}}\u200d]*)+",
    flags=regex.V1,
)
# Points for vowels in Hebrew and Arabic, which are mostly left out, the stroke that widens a word, and the joiner.
_OPTIONAL = regex.compile(r"[\p{Mn}&&[\p{Block=Hebrew}\p{Block=Arabic}]]|[\u0640\u200d]", flags=regex.V1)
_LETTER = regex.compile(r"\X")
# Spellings of one sound, the longer first; an h that is left is heard in some languages only.
_SOUNDS = (("sch", "s"), ("ph", "f"), ("th", "t"), ("ch", "k"), ("sh", "s"), ("qu", "k"))
_LETTERS = str.maketrans("wyjczqx", "viikskk", "h")
_DOUBLED = regex.compile(r"(.)\1")
_KNOWN = frozenset(snowballstemmer.algorithms())
_of_thread = threading.local()
_GROUPED = regex.compile(r"\d{1,3}(?:[.,\u00a0\u202f\u066c]\d{3})+")


@dataclass(frozen=True, slots=True)
class Terms:
    """Index tokens of a text, in order and with repetitions.

    `names` are numbers, codes and the `sketch` of each capitalised word; `proper` are the names, folded, that are
    not capitalised merely because they begin a sentence.
    """

    words: tuple[str, ...]
    names: tuple[str, ...]
    proper: tuple[str, ...]


def tokens(text: str, language: str, *, asked: bool = False) -> Terms:
    """Tokens of a passage; of a question with `asked`, where any word may be a name that was typed in lower case."""
    primary = primary_tag(language)
    words: list[str] = []
    names: list[str] = []
    proper: list[str] = []
    text = unicodedata.normalize("NFC", text)
    for match in TOKEN.finditer(text):
        if match["unspaced"]:
            words += [f"{primary}_{pair}" for pair in _pairs(match["unspaced"])]
            continue
        token = _OPTIONAL.sub("", match.group())
        if token[:1].isdigit():
            names.append(_number(token))
            continue
        if not token:
            continue
        words.append(f"{primary}_{stem(token, primary)}")
        if asked or token[0].isupper():
            names.append(sketch(token))
        if token[0].isupper() and not starts_sentence(text, match.start()):
            proper.append(fold(token))
    return Terms(tuple(words), tuple(names), tuple(proper))


def starts_sentence(text: str, at: int) -> bool:
    """Whether the word at this offset is capitalised only because it begins a sentence."""
    before = text[max(0, at - 20) : at].rstrip(" \t\"'“”„«»‘’([¿¡")
    return not before or before[-1] in ".!?:;…\n\r"


def stem(word: str, language: str) -> str:
    """The word's stem in its language, folded; the folded word if there is no stemmer."""
    lowered = lower(word, language)
    stemmer = _stemmer(language)
    plain: str = stemmer.stemWord(lowered) if stemmer else lowered
    # What joins the parts of a Persian word is of use to its stemmer alone.
    return fold(plain).replace("\u200c", "")


def sketch(name: str) -> str:
    """What a name's spellings have in common across languages: its first four letters by their sound.

    "Warschau", "Varsovia", "Varşova" and "Warszawa" all give "vars". A name of up to four letters is kept whole.
    """
    plain = fold(name)
    if len(plain) < 5:
        return plain
    heard = plain
    for letters, sound in _SOUNDS:
        heard = heard.replace(letters, sound)
    return _DOUBLED.sub(r"\1", heard.translate(_LETTERS))[:4] or plain


def _pairs(text: str) -> list[str]:
    """Each two neighbouring letters, with their marks; a lone letter is itself."""
    letters = _LETTER.findall(text)
    return [one + other for one, other in pairwise(letters)] or letters


def _number(token: str) -> str:
    """In plain digits, whatever those of the script are; without grouping, and with a point for the decimals."""
    plain = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in token)
    if _GROUPED.fullmatch(plain):
        return "".join(char for char in plain if char.isdecimal())
    return fold(plain).replace(",", ".").replace("\u066b", ".")


def _stemmer(language: str) -> Any:
    """Snowball's stemmer of the language, which it knows by its English name; None where it has none."""
    # A stemmer keeps the word that it works on: two threads in one raise errors, or give each other's stems.
    held: dict[str, Any] = _of_thread.__dict__
    if language not in held:
        name = english_name(language_of(language).stemmed_as or language).lower()
        held[language] = snowballstemmer.stemmer(name) if name in _KNOWN else None
    return held[language]
