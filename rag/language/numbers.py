"""Numbers in a text as values, without a model: what a claim's figures are checked by against its quote.

Digits in any grouping, number words of eight languages, ordinals, Roman numerals, ratios, percentages and document
codes. Nothing here decides whether a claim is proved, and nothing here knows of dates or units.

A claim's number is proved where one of its `values` is among `number_values` of the quote. Kind "ambiguous" marks
words that are more often something else ("ein", "one", "year" and "five" in Vietnamese): they count as evidence for a
figure, but no claim should be refused for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from typing import Literal

from num2words import num2words  # type: ignore[import-not-found,import-untyped,unused-ignore]

Kind = Literal["number", "ordinal", "ratio", "code", "percent", "ambiguous"]
Span = tuple[int, int]


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
    """All numbers of a text (NFC) in order, without overlap; words only in the languages listed in `_WORDS`."""
    code = language.replace("_", "-").split("-")[0].lower()
    table = _table("ms" if code == "id" else code)
    found = _codes(text)
    found += _outside(found, _ratios(text, table))
    found += _outside(found, _digits(text, code, table))
    found += _outside(found, _romans(text))
    found += _outside(found, _words(text, table))
    return [_as_percent(text, number) for number in sorted(found, key=lambda number: number.start)]


def number_values(text: str, language: str) -> set[str]:
    """Every canonical value that the text can prove; "7/8" also proves 7 and 8, a code none of its digits."""
    values: set[str] = set()
    for number in find_numbers(text, language):
        values.update(number.values)
        if number.kind == "ratio":
            values.update(part for value in number.values for part in value.split("/"))
    return values


def reads_words(language: str) -> bool:
    """Whether number words of the language are known: without them "1,2 млрд" reads as 1.2."""
    code = language.replace("_", "-").split("-")[0].lower()
    return ("ms" if code == "id" else code) in _WORDS


def _outside(taken: Sequence[FoundNumber], found: Iterator[FoundNumber]) -> list[FoundNumber]:
    """Those that touch no number found before; a set of covered offsets keeps it linear."""
    covered = {at for number in taken for at in range(number.start, number.end)}
    return [number for number in found if covered.isdisjoint(range(number.start, number.end))]


# --- codes, ratios, digits -------------------------------------------------------------------------------------------

_CODE = re.compile(r"(?<![\w/.-])(?:\d+ ?- ?(?=[A-ZĐ]+/)|\d+(?=[-/]))\w*(?:[-/]\w+(?:\.\w+)*)+")
_NAMED_CODE = re.compile(r"(?<![\w-])([A-ZĐ][^\W\d_]{0,20})-?\d+(?:[A-Z]+\d*)?(?![\w-]*[a-z])")
_NO_CODE = frozenset("ke se mid post pre pra pasca us usd eur gbp rm rp vnd idr myr sgd pln zl rs tl no nr".split())
_MARKS = str.maketrans({"Đ": "D", "Ư": "U", "Ơ": "O", "Ă": "A", "Â": "A", "Ê": "E", "Ô": "O", ".": None, " ": None})


def _codes(text: str) -> list[FoundNumber]:
    """Numbers of documents (43-NQ/TW, 123/2024/NĐ-CP) and names with a number (COVID-19, H5N1)."""
    found = []
    for match in _CODE.finditer(text):
        segments = re.split(r"[-/]", match.group())
        capitals = [part for part in segments if len(part.strip()) > 1 and part.strip()[:2].isupper()]
        if "/" in match.group() and len(segments) > 2 and capitals:
            # The Party's centre is written TƯ, T.Ư and TW; without its mark it would read as the province's TU.
            canonical = re.sub(r"T\.?Ư\b", "TW", match.group().upper()).translate(_MARKS)
            found.append(FoundNumber(*match.span(), (canonical,), "code"))
    named = (m for m in _NAMED_CODE.finditer(text) if _is_named_code(m))
    return found + _outside(found, (FoundNumber(*m.span(), (m.group().upper(),), "code") for m in named))


def _is_named_code(match: re.Match[str]) -> bool:
    digits = match.group()[len(match[1]) :]
    is_year = re.fullmatch(r"-?(?:19|20)\d\d", digits) is not None
    return match[1].lower() not in _NO_CODE and not is_year


_SLASHED = re.compile(r"(?<![\w/.,])(\d{1,7}) ?/ ?(?!(?:19|20)\d\d(?!\d))(\d{1,7})(?![\d/]| ?/ ?\d)")
_VULGAR = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3"}


def _ratios(text: str, table: _Table) -> Iterator[FoundNumber]:
    """7/8 and 8/33, but not 5/7/2024, 5/2024 or 2023/24; also "7 out of 8" in the text's language."""
    for match in _SLASHED.finditer(text):
        if len(match[1]) < 4 or not match[1].startswith(("19", "20")):
            yield FoundNumber(*match.span(), (f"{int(match[1])}/{int(match[2])}",), "ratio")
    if table.out_of:
        for match in table.out_of.finditer(text):
            yield FoundNumber(*match.span(), (f"{int(match[1])}/{int(match[2])}",), "ratio")
    for match in re.finditer(f"(?<!\\d)[{''.join(_VULGAR)}]", text):
        yield FoundNumber(*match.span(), (_VULGAR[match.group()],), "ratio")


_SPACES = " \u00a0\u2009\u202f"
_DIGITS = re.compile(rf"(?<!\d)(?:\d{{1,3}}(?:[{_SPACES}]\d{{3}})+(?:[.,]\d+)?(?![{_SPACES}]?\d)|\d+(?:[.,'’]\d+)*)")
_ORDINAL_AFTER = re.compile(r"(?:st|nd|rd|th)\b|[ºª°]|\.[ºª]|['’]?(?:[ıiuü]?nc[ıiuü])(?!\w)", re.IGNORECASE)
_ORDINAL_BEFORE = re.compile(r"(?:\bke[- ]|\bthứ )\Z", re.IGNORECASE)
_DOT_ORDINAL = re.compile(r"\.(?=\s+[^\W\d_])")


def _digits(text: str, code: str, table: _Table) -> Iterator[FoundNumber]:
    for match in _DIGITS.finditer(text):
        written = match.group()
        values = _readings(written, code)
        if not values:  # 5.7.2024 and 192.168.1.1 are several numbers
            for part in re.finditer(r"\d+", written):
                yield FoundNumber(
                    match.start() + part.start(), match.start() + part.end(), _canonical(part[0]), "number"
                )
            continue
        end, scale = table.scale_after(text, match.end())
        if scale > 1:
            values = tuple(_plain(Decimal(value) * scale) for value in values)
        yield FoundNumber(match.start(), end, values, "number" if scale > 1 else _digit_kind(text, match, code))


def _digit_kind(text: str, match: re.Match[str], code: str) -> Kind:
    if not match.group().isdigit():
        return "number"
    dotted = code in {"de", "pl", "tr"} and len(match.group()) < 4 and _DOT_ORDINAL.match(text, match.end())
    before = _ORDINAL_BEFORE.search(text, max(0, match.start() - 5), match.start())
    return "ordinal" if dotted or before or _ORDINAL_AFTER.match(text, match.end()) else "number"


def _readings(written: str, code: str) -> tuple[str, ...]:
    """The values of digits with separators, the likeliest first; empty where they are no one number.

    A separator that groups thousands in this language is read so only. The language's decimal separator before
    exactly three digits is read both ways, as thousands first: machine translation leaves foreign grouping standing.
    """
    bare = re.sub(f"[{_SPACES}'’]", "", written)
    marks = re.findall(r"[.,]", bare)
    if not marks:
        return _canonical(bare)
    parts = re.split(r"[.,]", bare)
    grouped = all(len(part) == 3 for part in parts[1:]) and 0 < len(parts[0]) < 4 and parts[0] != "0"
    if len(set(marks)) == 2:
        whole, decimals = bare.rsplit(marks[-1], 1)
        regular = marks.count(marks[-1]) == 1 and all(len(p) == 3 for p in parts[1:-1]) and len(parts[0]) < 4
        return (_plain(Decimal(f"{re.sub('[.,]', '', whole)}.{decimals}")),) if regular else ()
    if len(marks) > 1:
        return _canonical("".join(parts)) if grouped else ()
    decimal = _plain(Decimal(f"{parts[0]}.{parts[1]}"))
    if not grouped or any(space in written for space in _SPACES):
        return (decimal,)
    thousands = _plain(Decimal("".join(parts)))
    if code in _COMMA_DECIMALS and marks[0] == "." or code in _POINT_DECIMALS and marks[0] == ",":
        return (thousands,)
    return (thousands, decimal)


# Spanish and Malay are in neither: both habits are alive in them.
_COMMA_DECIMALS = frozenset({"de", "pl", "tr", "vi", "id", "fr", "it", "pt", "nl"})
_POINT_DECIMALS = frozenset({"en"})


def _canonical(digits: str) -> tuple[str, ...]:
    return (_plain(Decimal(digits)),)


def _plain(value: Decimal) -> str:
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text.lstrip("0")) or "0"


_PERCENT_AFTER = re.compile(
    r"\s?(?:%|percent|per cent|prozent|por ciento|procent\w*|proc\.|peratus|persen|phần trăm)", re.IGNORECASE
)
_PERCENT_BEFORE = re.compile(r"(?:%\s?|\byüzde\s+)\Z", re.IGNORECASE)


def _as_percent(text: str, number: FoundNumber) -> FoundNumber:
    if number.kind in {"code", "ratio"}:
        return number
    before = _PERCENT_BEFORE.search(text, max(0, number.start - 7), number.start)
    after = None if before else _PERCENT_AFTER.match(text, number.end)
    return replace(number, kind="percent") if before or after else number


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


# --- words -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Table:
    """The number words of a language, folded. `bare` are multipliers that are numbers by themselves."""

    atoms: Mapping[str, int] = field(default_factory=dict)
    ordinals: Mapping[str, int] = field(default_factory=dict)
    tens: frozenset[str] = frozenset()  # "hai mươi" = 2 x 10
    teens: frozenset[str] = frozenset()  # "dua belas" = 2 + 10
    hundreds: frozenset[str] = frozenset()
    scales: Mapping[str, int] = field(default_factory=dict)
    bare: frozenset[str] = frozenset()
    joiners: frozenset[str] = frozenset()
    inner: frozenset[str] = frozenset()  # only behind other number words
    silent: frozenset[str] = frozenset()  # only before multipliers: "a hundred"
    ambiguous: frozenset[str] = frozenset()
    halves: frozenset[str] = frozenset()
    glue: str = ""  # thousand inside one word: "zweitausenddreihundert"
    ten_unit: int = 20  # the smallest ten that a unit may follow in a word of its own
    out_of: re.Pattern[str] | None = None
    turkish: bool = False

    def atom(self, word: str) -> int | None:
        value = self.atoms.get(word)
        if value is None and self.glue and self.glue in word:
            left, right = word.split(self.glue, 1)
            if (left or right) and (not left or left in self.atoms) and (not right or right in self.atoms):
                return 1000 * (self.atoms[left] if left else 1) + (self.atoms[right] if right else 0)
        return value

    def scale_after(self, text: str, end: int) -> tuple[int, int]:
        """Where "million" and the like after digits end, and what they multiply by; (`end`, 1) without."""
        scale = 1
        while match := _NEXT_WORD.match(text, end):
            factor = self.scales.get(_fold(match[1], self.turkish), 0)
            if not factor:
                break
            scale, end = scale * factor, match.end(1)
        return end, scale


_NEXT_WORD = re.compile(r"\s([^\W\d_]+)")
_LETTERS = re.compile(r"[^\W\d_]+")
_GAP = re.compile(r"\s{1,2}|-")


def _fold(word: str, turkish: bool = False) -> str:
    """Lower case, one code point each, so that offsets stay."""
    if turkish:
        word = word.replace("I", "ı")
    return "".join(char.lower()[0] for char in word)


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    folded: str
    joined: bool  # only a space or hyphen lies between it and the word before


def _words(text: str, table: _Table) -> Iterator[FoundNumber]:
    words: list[_Word] = []
    for match in _LETTERS.finditer(text) if table.atoms else ():
        gap = text[words[-1].end : match.start()] if words else ""
        words.append(_Word(*match.span(), _fold(match.group(), table.turkish), bool(_GAP.fullmatch(gap))))
    at = 0
    while at < len(words):
        word = words[at]
        read, value = _read(words, at, table)
        if read and word.folded == "ciento" and at and words[at - 1].folded == "por":
            pass  # it says percent
        elif read:
            yield _word_number(text, words, at, read, value, table)
        elif word.folded in table.ordinals:
            value = table.ordinals[word.folded]
            yield FoundNumber(word.start, word.end, (str(value),), "ordinal" if value > 2 else "ambiguous")
        elif word.folded in table.halves:
            yield FoundNumber(word.start, word.end, ("1/2", "0.5"), "ambiguous")
        at += read or 1


def _word_number(text: str, words: Sequence[_Word], at: int, read: int, value: int, table: _Table) -> FoundNumber:
    kind: Kind = "number"
    if at and words[at - 1].folded == "thứ" and words[at].joined:
        kind = "ordinal" if value > 7 else "ambiguous"  # "thứ ba" is also a day of the week
    elif read == 1 and (words[at].folded in table.ambiguous or _is_name(text, words, at, table)):
        kind = "ambiguous"
    return FoundNumber(words[at].start, words[at + read - 1].end, (str(value),), kind)


def _is_name(text: str, words: Sequence[_Word], at: int, table: _Table) -> bool:
    """In Vietnamese a capital before a capital is a name: "Ba Đình", "Hai Bà Trưng"."""
    following = words[at + 1] if at + 1 < len(words) else None
    return bool(
        table.tens and not table.teens and following and following.joined
        and text[words[at].start].isupper() and text[following.start].isupper()
    )  # fmt: skip


def _read(words: Sequence[_Word], at: int, table: _Table) -> tuple[int, int]:
    """The longest number that starts here: how many words, and its value; (0, 0) where there is none."""
    total, group, last_scale, read, value = 0, 0, 10**18, 0, 0
    joining = False
    for count, word in enumerate(words[at : at + 16], 1):
        name = word.folded
        if count > 1 and not word.joined:
            break
        atom = table.atom(name)
        if name in table.joiners and count > 1 and not joining:
            joining = True
            continue
        if atom is not None and name in table.inner and not group:
            break
        if atom is not None and _fits(group, atom, table) and (count == 1 or value):
            group += atom
        elif name in table.tens and 2 <= group % 100 <= 9:
            group += 9 * (group % 10)
        elif name in table.teens and 2 <= group % 100 <= 9:
            group += 10
        elif name in table.hundreds and count > 1 and table.atom(words[at + count - 2].folded) == 0:
            group = 0  # "hai nghìn không trăm"
        elif name in table.hundreds and (0 < group < 100 or (not group and name in table.bare)):
            group = 100 * (group or 1)
        elif name in table.scales:
            factor = table.scales[name]
            if group and factor < last_scale:
                total, group, last_scale = total + group * factor, 0, factor
            elif not group and total and value == total and not joining:
                total, last_scale = total * factor, factor
            elif not group and not total and name in table.bare:
                total, last_scale = factor, factor
            else:
                break
        else:
            break
        joining = False
        read, value = count, total + group
    return (0, 0) if read == 1 and words[at].folded in table.silent else (read, value)


def _fits(group: int, atom: int, table: _Table) -> bool:
    """Whether an atom may follow what was read of this group of three digits: 1-9 a ten, 1-99 a hundred."""
    if group == 0:
        return True
    if atom == 0:
        return False
    rest = group % 100
    return (rest == 0 and atom < 100) or (rest >= table.ten_unit and rest % 10 == 0 and atom < 10)


def _spread(text: str) -> dict[str, int]:
    """Reads "2 zwo zweier;3 dreier" into a mapping from each word to its number."""
    held = {}
    for entry in text.split(";"):
        number, *forms = entry.split()
        held.update({form: int(number) for form in forms})
    return held


@dataclass(frozen=True)
class _Words:
    """What num2words does not know of a language: inflected forms, multipliers, words of two meanings."""

    more: str
    scales: str
    ordinals: str
    hundreds: str = ""
    bare: str = ""
    joiners: str = ""
    ambiguous: str = ""
    inner: str = ""
    silent: str = ""
    halves: str = ""
    out_of: str = ""
    tens: str = ""
    teens: str = ""
    glue: str = ""
    ten_unit: int = 20


_WORDS = {
    "en": _Words(
        more="1 a an",
        scales="12 dozen;1000 thousand;1000000 million;1000000000 billion bn;1000000000000 trillion",
        ordinals="1 first;2 second",
        hundreds="hundred",
        joiners="and",
        ambiguous="one",
        silent="a an",
        halves="half",
        out_of="out of|of",
    ),
    "de": _Words(
        more="1 ein eine einen einem einer eines;2 zwo zweier zweien;3 dreier dreien;4 vieren;6 sechsen;30 dreissig",
        scales="1000 tausend;1000000 million millionen mio;1000000000 milliarde milliarden mrd;"
        "1000000000000 billion billionen",
        ordinals="1 erste ersten erster erstes erstem;2 zweite zweiten zweiter zweites zweitem",
        hundreds="hundert",
        bare="hundert tausend",
        ambiguous="ein eine einen einem einer eines",
        halves="hälfte halb halbe halben halbes halber",
        out_of="von den|von|der",
        glue="tausend",
    ),
    "es": _Words(
        more="1 un una uno;21 veintiún veintiuna;100 ciento cien;200 doscientas;300 trescientas;400 cuatrocientas;"
        "500 quinientas;600 seiscientas;700 setecientas;800 ochocientas;900 novecientas",
        scales="1000 mil;1000000 millón millones;1000000000000 billón billones",
        ordinals="1 primer primero primera primeros primeras;2 segundo segunda segundos segundas;"
        "3 tercer tercero tercera;4 cuarto cuarta;5 quinto quinta;6 sexto sexta;7 séptimo séptima;8 octavo octava;"
        "9 noveno novena;10 décimo décima;11 undécimo undécima;12 duodécimo duodécima;13 decimotercero decimotercer",
        bare="mil",
        joiners="y",
        ambiguous="un una uno",
        halves="mitad medio media",
        out_of="de los|de las|de un total de|de",
    ),
    "pl": _Words(
        more="1 jedna jedno jednego jednej jednemu jednym jedną;2 dwie dwaj dwóch dwu dwom dwóm dwoma dwiema dwoje;"
        "3 trzej trzech trzem trzema troje trojga;4 czterej czterech czterem czterema czworo;"
        "5 pięciu pięcioma pięcioro;6 sześciu sześcioma sześcioro;7 siedmiu siedmioma;8 ośmiu ośmioma;"
        "9 dziewięciu dziewięcioma;10 dziesięciu dziesięcioma;11 jedenastu;12 dwunastu;13 trzynastu;14 czternastu;"
        "15 piętnastu;16 szesnastu;"
        "17 siedemnastu;18 osiemnastu;19 dziewiętnastu;20 dwudziestu;30 trzydziestu;40 czterdziestu;50 pięćdziesięciu;"
        "60 sześćdziesięciu;70 siedemdziesięciu;80 osiemdziesięciu;90 dziewięćdziesięciu;100 stu;200 dwustu;"
        "300 trzystu;400 czterystu;500 pięciuset;600 sześciuset;700 siedmiuset;800 ośmiuset;900 dziewięciuset",
        scales="1000 tysiąc tysiące tysięcy tysiąca tysiącach tysiącami tys;"
        "1000000 milion miliony milionów miliona milionach mln;1000000000 miliard miliardy miliardów miliarda mld",
        ordinals="1 pierwszy pierwsza pierwsze pierwszego pierwszej pierwszym pierwszych",
        bare="tysiąc tysiąca milion miliard",
        ambiguous="jeden jedna jedno jednego jednej jednemu jednym jedną",
        halves="połowa połowy połowę połowie pół",
        out_of="z|ze|spośród",
    ),
    "tr": _Words(
        more="",
        scales="1000 bin;1000000 milyon;1000000000 milyar;1000000000000 trilyon",
        ordinals="1 ilk",
        hundreds="yüz",
        bare="yüz bin",
        ambiguous="bir yüz bin biri birini",
        halves="yarım yarısı yarısını",
        glue="bin",
        ten_unit=10,
    ),
    "vi": _Words(
        more="1 mốt;5 lăm nhăm;4 tư;7 bẩy;0 linh lẻ",
        scales="1000 nghìn ngàn;1000000 triệu;1000000000 tỷ tỉ",
        ordinals="",
        hundreds="trăm",
        joiners="linh lẻ",
        ambiguous="một năm không",
        inner="mốt lăm nhăm tư",
        halves="nửa",
        out_of="trên|trong|trong số|trên tổng số",
        tens="mươi",
        ten_unit=10,
    ),
    "ms": _Words(
        more="8 lapan;0 sifar kosong",
        scales="1000 ribu;1000000 juta;1000000000 bilion miliar;1000000000000 trilion triliun",
        ordinals="1 pertama;2 kedua",
        hundreds="ratus",
        ambiguous="satu kosong",
        halves="setengah separuh",
        out_of="daripada|dari|dari pada",
        tens="puluh",
        teens="belas",
    ),
}
_POLISH_ORDINALS = {3: "trzec", 4: "czwart", 5: "piąt", 6: "szóst", 7: "siódm", 8: "ósm", 9: "dziewiąt", 10: "dziesiąt",
                    11: "jedenast", 12: "dwunast", 13: "trzynast"}  # fmt: skip


@cache
def _table(code: str) -> _Table:
    """Built once a language; a language that is not listed gets digits only."""
    if code not in _WORDS:
        return _Table()
    own = _WORDS[code]
    atoms = _base_atoms(code) | (_spread(own.more) if own.more else {})
    scales = _spread(own.scales)
    multipliers = {*scales, *own.hundreds.split(), *own.tens.split(), *own.teens.split()}
    if code == "tr":
        atoms |= {form: value for word, value in list(atoms.items()) for form in _turkish_forms(word)}
    joiners = frozenset(own.joiners.split())
    return _Table(
        atoms={word: value for word, value in atoms.items() if word not in multipliers | joiners},
        ordinals=_ordinals(code) | (_spread(own.ordinals) if own.ordinals else {}),
        tens=frozenset(own.tens.split()),
        teens=frozenset(own.teens.split()),
        hundreds=frozenset(own.hundreds.split()),
        scales=scales,
        bare=frozenset(own.bare.split()),
        joiners=joiners,
        inner=frozenset(own.inner.split()),
        silent=frozenset(own.silent.split()),
        ambiguous=frozenset(own.ambiguous.split()),
        halves=frozenset(own.halves.split()),
        glue=own.glue,
        ten_unit=own.ten_unit,
        out_of=re.compile(
            rf"(?<![\w/.,])(\d{{1,4}}) (?:{own.out_of}) (?:the )?(?!(?:19|20)\d\d\b)(\d{{1,4}})(?![\w/]|[.,]\d)"
        )
        if own.out_of
        else None,
        turkish=code == "tr",
    )


def _base_atoms(code: str) -> dict[str, int]:
    """Every number under a thousand that num2words writes as one word; Malay counts as Indonesian does."""
    written = ((num2words(number, lang="id" if code == "ms" else code), number) for number in range(1000))
    atoms = {word: number for word, number in written if _LETTERS.fullmatch(word)}
    if code == "de":
        atoms |= {word.removeprefix("ein"): n for word, n in atoms.items() if word.startswith("einhundert")}
        atoms |= {word.replace("ß", "ss"): n for word, n in atoms.items()}
    if code == "ms":
        atoms |= {"seribu": 1000, "sejuta": 1_000_000}
    return atoms


def _ordinals(code: str) -> dict[str, int]:
    """Words for 3rd to 20th (1st and 2nd are listed by hand: they have other meanings too)."""
    if code in {"en", "tr", "de", "ms"}:
        words = {num2words(n, lang="id" if code == "ms" else code, to="ordinal"): n for n in range(2, 20)}
        if code == "de":
            words = {word + ending: n for word, n in words.items() for ending in ("", "n", "r", "s", "m")}
        if code == "tr":
            words["birinci"] = 1
        return {_fold(word): n for word, n in words.items()}
    if code == "pl":
        endings = "i y ia a ie e iego ego iej ej ią ą im ym ich ych".split()
        words = {stem + ending: n for n, stem in _POLISH_ORDINALS.items() for ending in endings}
        return words | {f"drug{ending}": 2 for ending in "i a ie iego iej ą im ich".split()}
    return {}


_TURKISH_CASES = "n{v} n{v}n nd{a} nd{a}n n{a}"


def _turkish_forms(word: str) -> Iterator[str]:
    """With possessive and case ("dokuzu", "üçünü", "ikisinde"); not for words that would turn into others."""
    if word in {"on", "yüz", "bin", "sıfır"}:
        return
    vowel = [char for char in word if char in "aıoueiöü"][-1]
    high = {"a": "ı", "ı": "ı", "o": "u", "u": "u", "e": "i", "i": "i", "ö": "ü", "ü": "ü"}[vowel]
    stem = f"{word}s" if word[-1] in "aıoueiöü" else word.removesuffix("t") + "d" if word.endswith("ört") else word
    owned = stem + high
    yield owned
    for case in _TURKISH_CASES.split():
        yield owned + case.format(v=high, a="a" if high in "ıu" else "e")
