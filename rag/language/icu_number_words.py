"""What ICU writes for numbers, split into the tables that `number_words` reads.

`python -m rag.language.icu_number_words FILE` makes them.

ICU holds rules for spelling numbers out in some 80 languages (CLDR's rule-based formats). A language is learnt by
having it write numbers in every gender and case that it knows: words for 0 to 999, words that multiply (thousand,
lakh, 万), and what may follow these ("and nine"). Needs icu4py, of the extra `test`; the tables are shipped.
"""

from __future__ import annotations

import json
import re
import sys
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from pathlib import Path

import regex
from babel.localedata import locale_identifiers
from icu4py.messageformat import MessageFormat

from rag.language.folding import lower
from rag.language.number_words import Spelled

# The parts from which ICU's names of rule sets are made; a name that a language lacks gives its plain form.
_GENDERS = ("", "-masculine", "-feminine", "-neuter", "-common", "-masculine-personal", "-reale")
_CASES = (
    "", "-plural", "-nominative", "-genitive", "-dative", "-accusative", "-instrumental", "-locative", "-prepositional",
    "-ablative", "-partitive", "-essive", "-translative", "-inessive", "-elative", "-illative", "-adessive",
    "-allative", "-plural-genitive", "-n", "-r", "-s", "-m", "-verbose", "-native", "-sinokorean", "-alternate2",
)  # fmt: skip
_POWERS = range(3, 16)
_COUNTS = (1, 2, 3, 5, 11, 21, 100)
_LAST_ORDINAL = 199
# Numbers by which another gender or case is learnt.
_SAMPLE = (*range(101), *range(200, 1000, 100), 111, 121, 999)
_ORDINALS = (*range(1, 32), *range(40, 101, 10))
# Where ICU spells out as in English it knows nothing of the language.
_PROBE = (2, 3, 7)
# Between the words of a number: blanks, hyphens, the marks where ICU would let a line break.
_BETWEEN = re.compile(r"[\s\-\u00ad\u200b,]+")
_ONE_BY_ONE = regex.compile(r"[\p{Han}\p{Hangul}]")

Words = tuple[str, ...]


def write(path: Path) -> list[str]:
    """Write the tables of all languages that ICU can spell into a zip of CODE.json; returns the codes."""
    made = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as tables:
        for code in sorted(tag for tag in locale_identifiers() if "_" not in tag):
            if _known(code):
                # A fixed date: the same tables make the same file.
                entry = zipfile.ZipInfo(f"{code}.json", (1980, 1, 1, 0, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                tables.writestr(entry, json.dumps(table(code), ensure_ascii=False, separators=(",", ":")))
                made.append(code)
    return made


def table(code: str) -> Spelled:
    """A language's number words: `cardinals`, `after` (behind a multiplier) and `ordinals` by their words, lower-cased.

    `same` gives other spellings and cases of a word, `scales` what multiplies, `bare` what of this stands alone,
    `scale_first` whether it stands before what it multiplies, `joins` whether words grow together.
    """
    plain, *others = (_Form(code, name) for name in _forms(code, "cardinal"))
    same: dict[str, str] = {}
    cardinals: dict[Words, int] = {}
    for number, words in enumerate(_apart(plain, range(1000))):
        cardinals.setdefault(words, number)
    for form in others:
        _learn_form(form, plain, cardinals, same)
    scales, bare, scale_first = _scales([plain, *others], cardinals, same)
    after: dict[Words, int] = {}
    for form in (plain, *(form for form in others if _is_verbose(form, plain))):
        for power in (3, 6):
            heads = _apart(form, [10**power])[0]
            for number, words in enumerate(_apart(form, range(10**power + 1, 10**power + 1000)), 1):
                rest = _with(words[len(heads) :], same)
                if words[: len(heads)] == heads and rest not in cardinals:
                    after.setdefault(rest, number)
    return {
        "cardinals": {" ".join(words): number for words, number in cardinals.items()},
        "after": {" ".join(words): number for words, number in after.items()},
        "ordinals": {" ".join(words): number for words, number in _ordinals(code, cardinals, same).items()},
        "scales": scales,
        "same": same,
        "bare": sorted(bare),
        "scale_first": scale_first,
        "joins": _joins(plain),
    }


class _Form:
    """One of ICU's ways to spell numbers out, by the name of its rules; empty for the plain one."""

    def __init__(self, locale: str, rules: str) -> None:
        self.locale = locale
        self._format = MessageFormat(f"{{0,spellout,{rules}}}" if rules else "{0,spellout}", locale)

    def say(self, number: int) -> str:
        return str(self._format.format({"0": number}))


def _known(code: str) -> bool:
    own, english = _Form(code, ""), _Form("en", "")
    return code == "en" or any(own.say(number) != english.say(number) for number in _PROBE)


def _forms(code: str, kind: str) -> list[str]:
    """Names of the rules that differ from one another, the plain ones first; for ordinals there may be none."""
    seen = {_said(_Form(code, ""))}
    found = [""] if kind == "cardinal" else []
    for gender, case in product(_GENDERS, _CASES):
        name = f"%spellout-{kind}{gender}{case}"
        if (said := _said(_Form(code, name))) not in seen:
            seen.add(said)
            found.append(name)
    return found


def _said(form: _Form) -> Words:
    return tuple(form.say(n) for n in (1, 2, 3, 5, 8, 12, 20, 101, 1000))


def _joins(form: _Form) -> bool:
    """Whether words grow together: ICU then marks where a line may break."""
    return any(mark in form.say(n) for mark in "\u00ad\u200b" for n in (342, 2300))


def _is_verbose(form: _Form, plain: _Form) -> bool:
    """Whether it writes more words: "one thousand and nine"."""
    return len(_BETWEEN.split(form.say(1109))) > len(_BETWEEN.split(plain.say(1109)))


def _apart(form: _Form, numbers: Iterable[int]) -> list[Words]:
    """What ICU writes for the numbers, each in its pieces."""
    said = lower("|".join(form.say(number) for number in numbers), form.locale)
    said = _ONE_BY_ONE.sub(r"\g<0> ", said)
    return [tuple(filter(None, _BETWEEN.split(one))) for one in said.split("|")]


def _with(words: Words, same: Mapping[str, str]) -> Words:
    return tuple(same.get(word, word) for word in words)


def _learn_form(form: _Form, plain: _Form, cardinals: dict[Words, int], same: dict[str, str]) -> None:
    """Take over another gender or case: its words as other spellings of the plain ones, else as new numbers."""
    known = {word for words in cardinals for word in words}
    pairs = list(zip(_SAMPLE, _apart(plain, _SAMPLE), _apart(form, _SAMPLE), strict=True))
    for _, usual, words in pairs:
        if len(usual) == len(words) == 1 and words[0] not in known:
            same.setdefault(words[0], same.get(usual[0], usual[0]))
    built = any(_with(words, same) not in cardinals for number, _, words in pairs if number > 100)
    told = enumerate(_apart(form, range(1000))) if built else ((number, words) for number, _, words in pairs)
    for number, words in told:
        cardinals.setdefault(_with(words, same), number)


def _scales(
    forms: Sequence[_Form], cardinals: dict[Words, int], same: Mapping[str, str]
) -> tuple[dict[str, int], set[str], bool]:
    """Words that multiply, those of them that stand alone, and whether they stand before what they multiply.

    What is written in one word of a count and a multiplier ("ألفين", two thousand) becomes a number of its own.
    """
    scales: dict[str, int] = {}
    bare: set[str] = set()
    first = 0
    counted = list(product(_POWERS, _COUNTS))
    told: list[tuple[int, int, Words]] = []
    for form in forms:
        for (power, count), words in zip(counted, _apart(form, [c * 10**p for p, c in counted]), strict=True):
            words = _with(words, same)
            told.append((power, count, words))
            found = _scale(words, count, cardinals)
            if found:
                scales.setdefault(found, 10**power)
                if len(words) == 1:
                    bare.add(found)
                else:
                    first += 1 if words[0] == found else -1
    for power, count, words in told:
        if len(words) == 1 and words[0] not in scales:
            cardinals.setdefault(words, count * 10**power)
        elif len(words) > 1 and scales.get(words[-1]) == 10**power and not scales.keys() & set(words[:-1]):
            # "két" of "kétezer", where two alone is "kettő".
            cardinals.setdefault(words[:-1], count)
    return scales, bare, first > 0


def _scale(words: Words, count: int, cardinals: Mapping[Words, int]) -> str:
    """The one word that multiplies a known count; empty where the words are not count and multiplier."""
    if cardinals.get(words[:-1]) == count:
        return words[-1]
    if cardinals.get(words[1:]) == count:
        return words[0]
    return words[0] if count == 1 and len(words) == 1 and words not in cardinals else ""


def _ordinals(code: str, cardinals: Mapping[Words, int], same: Mapping[str, str]) -> dict[Words, int]:
    found: dict[Words, int] = {}
    for place, name in enumerate(_forms(code, "ordinal")):
        form = _Form(code, name)
        numbers = range(1, _LAST_ORDINAL + 1) if not place else _ORDINALS
        for number, words in zip(numbers, _apart(form, numbers), strict=True):
            words = _with(words, same)
            if words not in cardinals:
                found.setdefault(words, number)
    return found


if __name__ == "__main__":
    print(*write(Path(sys.argv[1])))  # noqa: T201
