"""Numbers in a text as values, without a model: used to check a claim's figures against its quote.

Digits of any script in any grouping, number words (`number_words`), ordinals, Roman numerals, ratios, percentages and
document codes. Separators and words for millions and per cent are CLDR's (babel). This module does not decide whether a
claim is proved, and does not handle dates or units.

A claim's number is proved if one of its `values` is among `number_values` of the quote. Kind "ambiguous" marks
words that are more often something else ("ein", "one", "year" and "five" in Vietnamese): they count as evidence for a
figure, but no claim should be refused for them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Literal

import regex
from babel.units import format_unit

from rag.language.folding import fold, lower
from rag.language.number_words import find_numerals, hangs_on, scale, scale_stands_first, scales
from rag.language.registry import Language, entries, language_of, locale_of, money_letters

Kind = Literal["number", "ordinal", "ratio", "code", "percent", "ambiguous"]


@dataclass(frozen=True, slots=True)
class FoundNumber:
    """A number at `text[start:end]`. `values` are its canonical readings, the likeliest first.

    Canonical is "1234", "56.2", "7/8" (not reduced) or "43-NQ/TW"; a percentage has its number's value.
    """

    start: int
    end: int
    values: tuple[str, ...]
    kind: Kind

    @property
    def value(self) -> str:
        """The likeliest reading."""
        return self.values[0]


def find_numbers(text: str, language: str) -> list[FoundNumber]:
    """All numbers of a text (NFC) in order, without overlap. `language` is a BCP 47 tag."""
    own = language_of(language)
    found = _codes(text, own)
    found += _outside(found, _ratios(text, own))
    found += _outside(found, _digits(text, own))
    found += _outside(found, _romans(text))
    found += _outside(found, _words(text, own))
    found = [_as_percent(text, number, own) for number in sorted(found, key=lambda number: number.start)]
    return [number for number in found if not _in_percent(text, number, own)]


def number_values(text: str, language: str) -> set[str]:
    """Every canonical value that the text can prove; "7/8" also proves 7 and 8, a code none of its digits."""
    values: set[str] = set()
    for number in find_numbers(text, language):
        values.update(number.values)
        if number.kind == "ratio":
            values.update(part for value in number.values for part in value.split("/"))
    return values


def multiplies_elsewhere(word: str) -> bool:
    """Whether a word behind a figure means thousands or more in some language: "bin" is Turkish for thousand.

    A report may name another country's money by that country's words.
    """
    return fold(word) in _scale_words()


@cache
def _scale_words() -> frozenset[str]:
    """Kept in a file, since the tables of all languages take a second to load; see `scale_words`."""
    return frozenset((resources.files("rag.language") / "scale_words.txt").read_text(encoding="utf-8").split())


def scale_words() -> list[str]:
    """The words and signs of every language that multiply a figure by a thousand or more, folded and sorted."""
    found = {word for code in entries() for word in [*scales(code), *_short_scales(code)]}
    return sorted({fold(word) for word in found if " " not in word and len(word) > 1})


def reads_words(language: str) -> bool:
    """Whether words for millions are known: without them "1,2 млрд" reads as 1.2."""
    return bool(_short_scales(language_of(language).code))


def _outside(taken: Sequence[FoundNumber], found: Iterator[FoundNumber]) -> list[FoundNumber]:
    """Those that touch no number found before; a set of covered offsets keeps it linear."""
    covered = {at for number in taken for at in range(number.start, number.end)}
    return [number for number in found if covered.isdisjoint(range(number.start, number.end))]


# --- codes, ratios, digits -------------------------------------------------------------------------------------------

_CODE = re.compile(r"(?<![\w/.-])(?:\d+ ?- ?(?=[A-ZĐ]+/)|\d+(?=[-/]))\w*(?:[-/]\w+(?:\.\w+)*)+")
# Without the figures of more than one part: "Sh1.2 billion", "GPT-4.5".
_NAMED_CODE = re.compile(r"(?<![\w-])([A-ZĐ][^\W\d_]{0,20})-?(\d++(?:[A-Z]++\d*+)?+)(?![.,]?\d|[\w-]*[a-z])")
# The letters of CLDR's longest sign of money that has letters only: FCFA.
_MOST_MONEY = 4
_NO_CODE = frozenset("ke se mid post pre pra pasca us usd eur gbp rm rp vnd idr myr sgd pln zl rs tl no nr".split())
_MARKS = str.maketrans({"Đ": "D", "Ư": "U", "Ơ": "O", "Ă": "A", "Â": "A", "Ê": "E", "Ô": "O", ".": None, " ": None})


def _codes(text: str, language: Language) -> list[FoundNumber]:
    """Numbers of documents (43-NQ/TW, 123/2024/NĐ-CP) and names with a number (COVID-19, H5N1)."""
    found = []
    for match in _CODE.finditer(text):
        segments = re.split(r"[-/]", match.group())
        capitals = [part for part in segments if len(part.strip()) > 1 and part.strip()[:2].isupper()]
        if "/" in match.group() and len(segments) > 2 and capitals:
            # The Party's centre is written TƯ, T.Ư and TW; without its mark it would read as the province's TU.
            canonical = re.sub(r"T\.?Ư\b", "TW", match.group().upper()).translate(_MARKS)
            found.append(FoundNumber(*match.span(), (canonical,), "code"))
    named = (m for m in _NAMED_CODE.finditer(text) if _is_named_code(m, language))
    return found + _outside(found, (FoundNumber(*m.span(), (m.group().upper(),), "code") for m in named))


def _is_named_code(match: re.Match[str], language: Language) -> bool:
    if re.fullmatch(r"(?:19|20)\d\d", match[2]) or match[1].lower() in _NO_CODE:
        return False
    if match.start(2) > match.end(1):  # behind a hyphen no money is written
        return True
    scaled = match[2].isdigit() and _scaled(match.string, *match.span(2), language)[2] > 1
    return match[1] not in money_letters(language.code) and not (scaled and len(match[1]) <= _MOST_MONEY)


_SLASHED = re.compile(r"(?<![\w/.,])(\d{1,7}) ?/ ?(?!(?:19|20)\d\d(?!\d))(\d{1,7})(?![\d/]| ?/ ?\d)")
_SHARE = r"(?<![\w/.,])(\d{{1,4}}) (?:{}) (?:the )?(?!(?:19|20)\d\d\b)(\d{{1,4}})(?![\w/]|[.,]\d)"
_VULGAR = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3"}
# Those that are written on to a whole number, but for thirds, which no decimal is.
_MIXED = {"½": Decimal("0.5"), "¼": Decimal("0.25"), "¾": Decimal("0.75")}


def _ratios(text: str, language: Language) -> Iterator[FoundNumber]:
    """7/8 and 8/33, but not 5/7/2024, 5/2024 or 2023/24; also "7 out of 8" in the text's language."""
    for match in _SLASHED.finditer(text):
        if len(match[1]) < 4 or not match[1].startswith(("19", "20")):
            yield FoundNumber(*match.span(), (f"{int(match[1])}/{int(match[2])}",), "ratio")
    if between := language.numbers.out_of:
        for match in re.finditer(_SHARE.format(between), text):
            yield FoundNumber(*match.span(), (f"{int(match[1])}/{int(match[2])}",), "ratio")
    for match in re.finditer(f"(?<!\\d)[{''.join(_VULGAR)}]", text):
        yield FoundNumber(*match.span(), (_VULGAR[match.group()],), "ratio")


_SPACES = " \u00a0\u2009\u202f"
_DIGITS = re.compile(rf"(?<!\d)(?:\d{{1,3}}(?:[{_SPACES}]\d{{3}})+(?:[.,٫]\d+)?(?![{_SPACES}]?\d)|\d+(?:[.,'’٫٬]\d+)*)")
# As CLDR's short ordinals end in English and the Romance languages.
_ORDINAL_AFTER = re.compile(r"(?:st|nd|rd|th)\b|[ºª°]|\.[ºª]", re.IGNORECASE)
# Languages that mark an ordinal by a point, as CLDR's rules for ordinals in digits have it.
_DOTTED = frozenset("bs cs da de et fi fo hr hu is lb lv nb nn no pl se sk sl sr tr".split())
_DOT_ORDINAL = re.compile(r"\.(?=\s+[^\W\d_])")
_ARABIC = str.maketrans("٫٬", ".,")


def _digits(text: str, language: Language) -> Iterator[FoundNumber]:
    end = 0
    for match in _DIGITS.finditer(text):
        written = match.group()
        values = _readings(written.translate(_ARABIC), language)
        if match.start() < end:
            continue
        if not values:  # 5.7.2024 and 192.168.1.1 are several numbers
            for part in re.finditer(r"\d+", written):
                yield FoundNumber(
                    match.start() + part.start(), match.start() + part.end(), _canonical(part[0]), "number"
                )
            continue
        end = match.end()
        if more := _MIXED.get(text[end : end + 1]):
            values, end = tuple(_plain(Decimal(value) + more) for value in values), end + 1
        start, end, times = _scaled(text, match.start(), end, language)
        if times > 1:
            values = tuple(_plain(Decimal(value) * times) for value in values)
            end, values = _and_more(text, end, times, values, language)
        kind = "number" if times > 1 else _digit_kind(text, match, language)
        yield FoundNumber(start, end, values, kind)


_NEXT_WORD = regex.compile(r"\s([\p{L}\p{M}]+\.?)")
_HANGING_WORD = regex.compile(r"\s?([\p{L}\p{M}]+\.?)")
_ATTACHED = regex.compile(r"[\p{L}\p{M}]+")
# Letters that news everywhere writes behind a figure of money, with or without a point: £4.5m, $2B. "k" needs no money.
_LETTER_SCALES = {"k": 1_000, "m": 1_000_000, "b": 1_000_000_000, "t": 1_000_000_000_000}
_LETTERS_BEFORE = re.compile(r"[^\W\d_]+\Z")
_WORD_BEFORE = regex.compile(r"([\p{L}\p{M}]+)\s\Z")


def _scaled(text: str, start: int, end: int, language: Language) -> tuple[int, int, int]:
    """Digits with "million" and the like beside them: where they stand, and what they are multiplied by."""
    times = 1
    if hangs_on(language.code) and _after_ordinal_prefix(text, start, language):  # "제5조" is Article 5
        return start, end, times
    if found := _attached(text, start, end, language):
        return start, *found
    pattern = _HANGING_WORD if hangs_on(language.code) else _NEXT_WORD
    while match := pattern.match(text, end):
        read = _scale_before(match[1], language)
        if not read:
            break
        length, factor = read
        times, end = times * factor, match.start(1) + length
    if times == 1 and scale_stands_first(language.code):
        before = _WORD_BEFORE.search(text[max(0, start - 24) : start])
        if before and (factor := scale(before[1], language.code)):
            return start - len(before.group()), end, factor
    return start, end, times


def _attached(text: str, start: int, end: int, language: Language) -> tuple[int, int] | None:
    """Where a figure ends whose scale is written on to it, and the scale: "3.2bn", "85k", "£4.5m"."""
    match = _ATTACHED.match(text, end)
    if match is None or hangs_on(language.code):
        return None
    word = match.group()
    beside = text[max(0, start - 2) : start].strip()[-1:], text[match.end() : match.end() + 1]
    if factor := _LETTER_SCALES.get(word.lower()):
        money = any(mark and unicodedata.category(mark) == "Sc" for mark in beside) or (
            (before := _LETTERS_BEFORE.search(text[max(0, start - _MOST_MONEY - 1) : start]))
            and before.group() in money_letters(language.code)
        )
        return (match.end(), factor) if word.lower() == "k" or money else None
    read = _scale_before(word, language) if len(word) > 1 else None
    return (end + read[0], read[1]) if read and read[0] == len(word) else None


def _scale_before(word: str, language: Language) -> tuple[int, int] | None:
    """How much of a word, its point left out, multiplies, and by what; the first letters where others hang on."""
    known = _short_scales(language.code)
    bare = word.rstrip(".")
    if language.numbers.no_scale and re.match(language.numbers.no_scale, bare):
        return None
    for length in range(len(bare), 0, -1) if hangs_on(language.code) else (len(bare),):
        said = lower(bare[:length], language.code)
        if factor := known.get(said) or scale(said, language.code):
            return length, factor
    return None


def _and_more(
    text: str, end: int, times: int, values: tuple[str, ...], language: Language
) -> tuple[int, tuple[str, ...]]:
    """What follows without a blank adds up: "1億2000万"."""
    while hangs_on(language.code) and (match := re.compile(r"\d+").match(text, end)):
        _, last, less = _scaled(text, *match.span(), language)
        if less >= times:
            break
        values = (_plain(Decimal(values[0]) + int(match.group()) * less),)
        end, times = last, less
    return end, values


@cache
def _short_scales(code: str) -> dict[str, int]:
    """CLDR's words and signs for thousands and more, as they stand behind digits: "mln", "Mrd", "tys", "万"."""
    locale = locale_of(code)
    found: dict[str, int] = {}
    for form in ("long", "short"):
        magnitudes = locale.compact_decimal_formats.get(form, {}) if locale else {}
        for plural in magnitudes.values():
            for magnitude, pattern in plural.items():
                told = pattern.pattern.partition(";")[0]  # behind it stands how the number below zero is written
                zeros = told.count("0")
                words = re.sub(r"[0'\u200f\u200e.]", "", told).split()
                # A single Latin letter stands for many things.
                if zeros and len(words) == 1 and (len(words[0]) > 1 or words[0] > "\u0250"):
                    found.setdefault(lower(words[0], code), int(magnitude) // 10 ** (zeros - 1))
    return found


def _digit_kind(text: str, match: re.Match[str], language: Language) -> Kind:
    if not match.group().isdigit():
        return "number"
    own = language.numbers
    dotted = language.code in _DOTTED and len(match.group()) < 4 and _DOT_ORDINAL.match(text, match.end())
    before = _after_ordinal_prefix(text, match.start(), language)
    after = own.ordinal_suffix and re.compile(own.ordinal_suffix, re.IGNORECASE).match(text, match.end())
    return "ordinal" if dotted or before or after or _ORDINAL_AFTER.match(text, match.end()) else "number"


def _after_ordinal_prefix(text: str, start: int, language: Language) -> bool:
    prefix = language.numbers.ordinal_prefix
    return bool(prefix and re.search(rf"(?:{prefix})\Z", text[max(0, start - 6) : start], re.IGNORECASE))


def _readings(written: str, language: Language) -> tuple[str, ...]:
    """The values of digits with separators, the likeliest first; empty where they are no one number.

    A separator that groups thousands in this language is read so only. The language's decimal separator before
    exactly three digits is read both ways, as thousands first: machine translation leaves foreign grouping standing.
    """
    bare = re.sub(f"[{_SPACES}'’]", "", written)
    marks = re.findall(r"[.,]", bare)
    if not marks:
        return _canonical(bare)
    parts = re.split(r"[.,]", bare)
    grouped = _grouped(parts) or (set(marks) == {","} and _grouped(parts, 2))
    if len(set(marks)) == 2:
        whole, decimals = bare.rsplit(marks[-1], 1)
        regular = marks.count(marks[-1]) == 1 and (
            (all(len(p) == 3 for p in parts[1:-1]) and len(parts[0]) < 4)
            or (marks[0] == "," and _grouped(parts[:-1], 2))
        )
        return (_plain(Decimal(f"{re.sub('[.,]', '', whole)}.{decimals}")),) if regular else ()
    if len(marks) > 1:
        return _canonical("".join(parts)) if grouped else ()
    decimal = _plain(Decimal(f"{parts[0]}.{parts[1]}"))
    if not grouped or any(space in written for space in _SPACES):
        return (decimal,)
    thousands = _plain(Decimal("".join(parts)))
    if not language.numbers.either_mark and language.locale and marks[0] == language.group:
        return (thousands,)
    return (thousands, decimal)


def _grouped(parts: Sequence[str], each: int = 3) -> bool:
    """Whether these are groups of three digits, or of `each` and a last one of three: 12,34,567 in India."""
    first, inner, last = parts[0], parts[1:-1], parts[-1]
    return 0 < len(first) <= each and first != "0" and len(last) == 3 and all(len(part) == each for part in inner)


def _canonical(digits: str) -> tuple[str, ...]:
    return (_plain(Decimal(digits)),)


def _plain(value: Decimal) -> str:
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text.lstrip("0")) or "0"


_PERCENT_SIGN_AFTER = re.compile(r"\s?[%٪]")
_PERCENT_SIGN_BEFORE = re.compile(r"[%٪]\s?\Z")


def _as_percent(text: str, number: FoundNumber, language: Language) -> FoundNumber:
    if number.kind in {"code", "ratio"}:
        return number
    before, after = _percent_words(language.code)
    told = (
        _PERCENT_SIGN_BEFORE.search(text, max(0, number.start - 3), number.start)
        or _PERCENT_SIGN_AFTER.match(text, number.end)
        or (after and after.match(text, number.end))
        or (before and before.search(text[max(0, number.start - 16) : number.start]))
    )
    return replace(number, kind="percent") if told else number


def _in_percent(text: str, number: FoundNumber, language: Language) -> bool:
    """Whether it is the hundred of "pour cent"."""
    after = _percent_words(language.code)[1]
    start = max(0, number.start - 12)
    return after is not None and any(
        start + match.start() < number.start and match.end() + start >= number.end
        for match in after.finditer(text[start : number.end])
        if match.group().strip()
    )


@cache
def _percent_words(code: str) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
    """CLDR's words for per cent, in every plural form, before and behind a figure."""
    locale = locale_of(code)
    before, after = set(), {"percent", "per cent"}
    for count in (1, 2, 5, Decimal("1.5")) if locale else ():
        told = format_unit(count, "concentr-percent", "long", locale=locale)
        left, _, right = re.sub(r"\d+(?:[.,٫]\d+)?", "#", told).partition("#")
        before.add(left.strip())
        after.add(right.strip())
    spoken = [
        "|".join(re.escape(word) for word in sorted(words - {"", "%"}, key=len, reverse=True))
        for words in (before, after)
    ]
    if own := language_of(code).numbers.percent:
        spoken = [f"{words}|{own}".removeprefix("|") for words in spoken]
    return (
        re.compile(rf"\b(?:{spoken[0]})\s+\Z", re.IGNORECASE) if spoken[0] else None,
        re.compile(rf"\s?(?:{spoken[1]})", re.IGNORECASE) if spoken[1] else None,
    )


# Without C, D, L and M, which begin too many abbreviations, and without single letters.
_ROMAN = re.compile(r"(?<![\w./-])(?=[IVX]{2})(X{0,3})(IX|IV|V?I{0,3})(?![\w/-])")
_ROMAN_UNITS = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"]


def _romans(text: str) -> Iterator[FoundNumber]:
    for match in _ROMAN.finditer(text):
        around = text[max(0, match.start() - 20) : match.start()], text[match.end() : match.end() + 20]
        neighbours = [*_LETTERS.findall(around[0])[-1:], *_LETTERS.findall(around[1])[:1]]
        # "VI" is a word in Vietnamese capitals; two letters would be a code's end.
        shouted = any(word.isupper() and len(word) > 2 for word in neighbours)
        if not shouted:
            value = 10 * len(match[1]) + _ROMAN_UNITS.index(match[2])
            yield FoundNumber(*match.span(), (str(value),), "ordinal")


_LETTERS = re.compile(r"[^\W\d_]+")


def _words(text: str, language: Language) -> Iterator[FoundNumber]:
    for found in find_numerals(text, language.code):
        yield FoundNumber(found.start, found.end, (str(found.value),), found.kind)
    halves = language.numbers.halves
    for match in _LETTERS.finditer(text) if halves else ():
        if lower(match.group(), language.code) in halves:
            yield FoundNumber(*match.span(), ("1/2", "0.5"), "ambiguous")
