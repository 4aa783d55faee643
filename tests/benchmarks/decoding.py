"""How many texts are read without loss: `python tests/benchmarks/decoding.py PARALLEL [--half test]`.

PARALLEL is a folder of `CODE.txt.xz`, sentences of one language each, a sentence a line. Texts of 200, 600 and 2,000
characters are encoded, or damaged in UTF-8, and read; right is what equals the text in NFC. What is read was chosen on
the first half of the sentences (`--half dev`). Sentences that an encoding cannot write are left out, or written with
plain quotation marks and dashes. Prints Markdown: a row an encoding, a row a kind of damage, mostly plain texts.
"""

from __future__ import annotations

import argparse
import lzma
import random
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from rag.errors import ArticleError
from rag.sources.encodings import decode

CENTRAL = "ces pol hun ron slk slv hrv"
WEST = "deu fra spa por ita nld swe dan nob fin isl cat"
WIDE = "eng fra kor jpn zho-CN rus arb hin tha ell heb"
CASES = {
    "cp1250": CENTRAL, "iso8859-2": CENTRAL, "mac_latin2": "ces pol hun", "cp852": "ces pol hun",
    "cp1251": "rus bul ukr srp-Cyrl bel mkd", "koi8-r": "rus", "koi8-u": "ukr", "iso8859-5": "rus bul srp-Cyrl mkd bel",
    "mac_cyrillic": "rus ukr bul", "cp866": "rus bel", "cp1252": WEST, "iso8859-1": WEST,
    "iso8859-15": "fra fin deu spa",
    "mac_roman": "fra deu spa por ita", "cp850": "deu fra spa por", "cp1253": "ell", "iso8859-7": "ell",
    "cp1254": "tur aze-Latn", "iso8859-9": "tur", "cp1255": "heb", "iso8859-8": "heb", "cp1256": "arb fas urd",
    "iso8859-6": "arb", "cp1257": "lit lav est", "iso8859-13": "lit lav", "iso8859-4": "lit lav", "cp1258": "vie",
    "cp874": "tha", "tis-620": "tha", "gb18030": "zho-CN zho-TW", "gbk": "zho-CN", "gb2312": "zho-CN",
    "big5": "zho-TW yue", "euc_jp": "jpn", "shift_jis": "jpn", "iso2022_jp": "jpn", "euc_kr": "kor",
    "iso2022_kr": "kor", "hz": "zho-CN", "utf-16-le": WIDE, "utf-16-be": WIDE, "utf-32-le": "eng kor rus hin",
    "utf-32-be": "eng kor rus hin",
}  # fmt: skip
MOSTLY_PLAIN = "eng ind msa swa nld ita fil zul som"
DAMAGE = ("cut", "1 dropped", "1 changed", "3 dropped", "3 changed", "9 changed")
SIZES = (200, 600, 2000)
INVISIBLE = str.maketrans({"\u200b": "", "\u200e": "", "\u200f": "", "‑": "-", "−": "-"})
PLAIN = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...", "‑": "-", "\u00a0": " ",
     "\u200b": "", "\u200c": "", "\u200e": "", "\u200f": "", "，": ","}
)  # fmt: skip
TONES = "\u0300\u0301\u0303\u0309\u0323"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parallel", type=Path)
    parser.add_argument("--half", choices=("dev", "test"), default="test")
    options = parser.parse_args()
    read = sentences(options.parallel, options.half)
    print("| encoding | languages | texts | read without loss |\n| --- | ---: | ---: | ---: |")
    for encoding, codes in CASES.items():
        held = [(text, data) for code in codes.split() for text, data in encoded(read(code), encoding, code, 12)]
        row(encoding, len(codes.split()), held)
    for size in (60, *SIZES):
        held = [pair for code in MOSTLY_PLAIN.split() for pair in mostly_plain(read(code), code, size, 15)]
        row(f"cp1252, mostly plain, {size} characters", len(MOSTLY_PLAIN.split()), held)
    codes = [path.name.removesuffix(".txt.xz") for path in sorted(options.parallel.glob("*.txt.xz"))]
    for kind in DAMAGE:
        held = [pair for code in codes for pair in damaged(read(code), kind, code)]
        row(f"UTF-8, {kind}", len(codes), held)


def row(name: str, languages: int, held: list[tuple[str, bytes]]) -> None:
    right = sum(is_right(text, data) for text, data in held)
    print(f"| {name} | {languages} | {len(held)} | {right / max(1, len(held)):.3f} |")


def is_right(text: str, data: bytes) -> bool:
    try:
        return unicodedata.normalize("NFC", decode(data, "text").text) == unicodedata.normalize("NFC", text)
    except ArticleError:
        return False


def sentences(folder: Path, half: str) -> Callable[[str], list[str]]:
    def read(code: str) -> list[str]:
        with lzma.open(folder / f"{code}.txt.xz", "rt", encoding="utf-8") as file:
            lines = [unicodedata.normalize("NFC", line.strip()) for line in file]
        middle = len(lines) // 2
        return lines[:middle] if half == "dev" else lines[middle:]

    return read


def encoded(lines: list[str], encoding: str, code: str, count: int) -> Iterator[tuple[str, bytes]]:
    fitting = [said for line in lines if (said := writable(line, encoding)) is not None]
    draw = random.Random(f"{code}{encoding}")
    for number in range(count if len(fitting) > 3 else 0):
        text = cut(fitting, draw, SIZES[number % len(SIZES)])
        if len(text) >= 100:
            yield text, write(text, encoding)


def writable(line: str, encoding: str) -> str | None:
    for table in (INVISIBLE, PLAIN):
        try:
            write(line.translate(table), encoding)
        except UnicodeEncodeError:
            continue
        return line.translate(table)
    return None


def write(text: str, encoding: str) -> bytes:
    if encoding != "cp1258":
        return text.encode(encoding)
    # Vietnamese for Windows writes a tone as a mark of its own behind its vowel.
    parts = []
    for char in text:
        marks = unicodedata.normalize("NFD", char)
        tone = "".join(mark for mark in marks if mark in TONES)
        base = unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in TONES))
        try:
            parts.append(char.encode(encoding))
        except UnicodeEncodeError:
            parts.append((base + tone).encode(encoding))
    return b"".join(parts)


def cut(lines: list[str], draw: random.Random, size: int) -> str:
    at = draw.randrange(len(lines) - 3)
    text = ""
    while len(text) < size and at < len(lines):
        text, at = f"{text}{lines[at]}\n", at + 1
    return text[:size]


def mostly_plain(lines: list[str], code: str, size: int, count: int) -> Iterator[tuple[str, bytes]]:
    """Texts of which at most one character in fifty is beyond ASCII."""
    lines = [line.translate(INVISIBLE) for line in lines]
    draw, found = random.Random(f"{code}{size}"), 0
    for _ in range(2000):
        text = cut(lines, draw, size)
        special = sum(char > "\x7f" for char in text)
        if not 0 < special <= 0.02 * len(text) or writable(text, "cp1252") != text:
            continue
        yield text, text.encode("cp1252")
        found += 1
        if found == count:
            return


def damaged(lines: list[str], kind: str, code: str) -> Iterator[tuple[str, bytes]]:
    """Right is the text with U+FFFD for what Python's decoder finds malformed."""
    draw = random.Random(f"{code}{kind}")
    for size in SIZES:
        data = bytearray("\n".join(lines)[:size].encode())
        places = [at for at, byte in enumerate(data) if byte > 127]
        if not places:
            continue
        if kind == "cut":
            del data[draw.choice([at for at in places if data[at] >= 0xC0]) + 1 :]
        else:
            count, what = kind.split()
            for at in sorted(draw.sample(places, min(int(count), len(places))), reverse=True):
                data[at : at + 1] = b"" if what == "dropped" else bytes([draw.randrange(128, 256)])
        text = bytes(data).decode("utf-8", "replace")
        if Counter(text)["\ufffd"]:
            yield text, bytes(data)


if __name__ == "__main__":
    main()
