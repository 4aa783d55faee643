"""Files and addresses in, reports out: text, language, title, day, places, authors, source address.

A format is one `Reader` in `READERS`; everything after it sees text only. Report text is kept as it was read
(NFC, line ends untouched), so that offsets stay; what is page furniture is told by `Article.body_end`, not cut.
Knows nothing of passages, of the index or of the collection's other reports, but for the ids that must differ.
"""

from __future__ import annotations

import codecs
import hashlib
import json
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Protocol

import httpx
from charset_normalizer import from_bytes

from rag.dates import published
from rag.errors import ArticleError
from rag.languages import detect, fold
from rag.models import Article

MEGABYTE = 1_000_000
MAX_TITLE = 90
MAX_PLACES = 5

_MAX_HEADLINE = 150
_MAX_AUTHORS_LINE = 80
_MAX_SOURCE_LINE = 400
_SAMPLE_BYTES = 200_000
_MAX_CHAOS = 0.2
_MAX_CONTROL = 0.005
_MOSTLY_ASCII = 0.75
_PLACES_CHARS = 200_000
_TAIL_CHARS = 4_000


@dataclass(frozen=True, slots=True)
class Draft:
    """A location's text in NFC, before anything was made of it. `sha256` is over the text in UTF-8."""

    text: str
    sha256: str
    location: str


class Reader(Protocol):
    """One file format."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Lower case, with their dot."""

    @property
    def media_types(self) -> tuple[str, ...]:
        """What servers call the format."""

    def read(self, data: bytes, location: str) -> str:
        """The text in the bytes; raises `ArticleError` naming `location` where there is none."""


class TextReader:
    """Plain text in UTF-8, in UTF-16 or UTF-32 with its mark, or in an encoding that can be told from the text."""

    suffixes = (".txt", ".text")
    media_types = ("text/plain",)

    def read(self, data: bytes, location: str) -> str:
        """The text, without byte order mark; raises `ArticleError` for binary data and untold encodings."""
        text = _decode(data, location)
        text = text.replace("\0", "")
        controls = sum(text.count(chr(code)) for code in range(1, 32) if code not in (9, 10, 11, 12, 13))
        if controls > _MAX_CONTROL * len(text):
            raise ArticleError(location, "is binary data, not text; hand in the report as a text file")
        return text


READERS: tuple[Reader, ...] = (TextReader(),)


def readable(path: Path) -> bool:
    """Whether a reader takes files with this suffix."""
    return _reader_for(path.suffix.lower()) is not None


def list_files(folder: Path) -> list[Path]:
    """All files under the folder, sorted by path, without hidden files and folders.

    Linked folders are followed once each. A folder that may not be opened is listed itself, so that reading it
    tells why, instead of its files going missing in silence.
    """
    return sorted(_walk(folder, set()))


def read_file(path: Path, *, max_bytes: int) -> Draft:
    """The file's text. `max_bytes` is the largest size taken; raises `ArticleError`, whose text says what to do."""
    location = str(path)
    reader = _reader_for(path.suffix.lower())
    try:
        if path.is_dir():
            os.scandir(path).close()
            raise ArticleError(location, "is a folder, not a file")
        if reader is None:
            raise ArticleError(location, f"has no known format; known: {', '.join(_suffixes())}")
        if path.exists() and not path.is_file():
            raise ArticleError(location, "is not a regular file")
        size = path.stat().st_size
        if size > max_bytes:
            raise _too_large(location, size, max_bytes)
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except OSError as error:
        raise ArticleError(location, f"cannot be opened: {(error.strerror or str(error)).lower()}") from None
    if len(data) > max_bytes:
        raise _too_large(location, len(data), max_bytes)
    return _draft(reader.read(data, location), location)


def read_url(url: str, client: httpx.Client, *, max_bytes: int) -> Draft:
    """The text at an http(s) address; raises `ArticleError` for anything but a text of at most `max_bytes`."""
    try:
        with client.stream("GET", url, follow_redirects=True) as response:
            if response.is_error:
                raise ArticleError(url, f"the server answered {response.status_code} {response.reason_phrase}")
            media = response.headers.get("content-type", "text/plain").partition(";")[0].strip().lower()
            reader = next((reader for reader in READERS if media in reader.media_types), None)
            if reader is None:
                raise ArticleError(
                    url, f"holds {media}, which is not supported yet; save its text as a .txt file and add that"
                )
            declared = response.headers.get("content-length", "")
            if declared.isdigit() and int(declared) > max_bytes:
                raise _too_large(url, int(declared), max_bytes)
            data = bytearray()
            for part in response.iter_bytes():
                data += part
                if len(data) > max_bytes:
                    raise _too_large(url, len(data), max_bytes)
            return _draft(reader.read(_as_declared(bytes(data), response.charset_encoding), url), url)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ArticleError(url, f"cannot be fetched: {str(error) or type(error).__name__}") from None


def make_article(draft: Draft, *, id: str, expected: Collection[str] = ()) -> Article:
    """What can be told of a report from its text. `expected`: tags of languages to be reckoned with.

    Raises `ArticleError` where the text holds page furniture only.
    """
    text = draft.text
    furniture = find_furniture(text)
    body = text[: furniture.body_end]
    if not body.strip():
        raise ArticleError(draft.location, "holds page furniture only, no report")
    source_url = furniture.source_url or (draft.location if _URL.fullmatch(draft.location) else None)
    language = detect(body, expected=expected)
    return Article(
        id=id,
        text=text,
        title=find_title(body),
        language=language,
        published=published(body, language, source_url),
        places=find_places(body, language),
        authors=furniture.authors,
        source_url=source_url,
        sha256=draft.sha256,
        body_end=furniture.body_end,
        location=draft.location,
    )


def assign_ids(paths: Sequence[Path], root: Path | None = None) -> dict[Path, str]:
    """An id for each path, whatever their order: its stem; where two collide the path from `root`, without suffix.

    Where that collides too (`a.txt`, `a.text`) the suffix stays. Without a root the paths' common folder is it.
    """
    distinct = sorted(set(paths))
    if root is None and distinct:
        root = Path(os.path.commonpath([path.absolute().parent for path in distinct]))
    forms = {path: _id_forms(path, root) for path in distinct}
    level = dict.fromkeys(distinct, 0)
    while True:
        ids = {path: forms[path][level[path]] for path in distinct}
        counts = Counter(ids.values())
        raised = [path for path in distinct if counts[ids[path]] > 1 and level[path] + 1 < len(forms[path])]
        if not raised:
            return ids
        for path in raised:
            level[path] += 1


# --- reading -------------------------------------------------------------------------------------------------------

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = (
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x7fELF", "a program"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"SQLite format 3", "an SQLite database"),
)
# Letters outside ASCII of languages whose single-byte encodings are mistaken for each other.
_TYPOGRAPHY = frozenset("„”“‟‘’‚«»‹›–—…·•°€£§№ºª¿¡©®™²³½\u00a0\u00ad")
_LATIN = ("cp1252", "cp1250", "iso8859_2", "cp1254")
_LETTERS = {
    "tr": "çğıöşüâîû",
    "es": "áéíñóúü",
    "de": "äöüß",
    "pl": "ąćęłńóśźż",
    "fr": "àâæçéèêëîïôœùûüÿ",
    "pt": "àáâãçéêíóôõúü",
    "it": "àèéìíòóùú",
    "cs": "áčďéěíňóřšťúůýž",
    "hu": "áéíóöőúüű",
    "ro": "ăâîșşțţ",
}


def _decode(data: bytes, location: str) -> str:
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            raise ArticleError(location, f"is {kind}, not text; hand in the report as a text file")
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    if encoding is None and b"\0" in data:
        kind = "a program" if data.startswith(b"MZ") else "binary data"
        raise ArticleError(location, f"is {kind}, not text; hand in the report as a text file")
    try:
        return data.decode(encoding or "utf-8")
    except UnicodeDecodeError:
        if encoding is not None:
            raise ArticleError(location, f"is damaged: it says {encoding} and is not; save it as UTF-8") from None
    guess = _guess_encoding(data)
    if guess is not None:
        try:
            return data.decode(guess)
        except UnicodeDecodeError:
            pass
    raise ArticleError(location, "is in an encoding that cannot be told; save it as UTF-8")


def _guess_encoding(data: bytes) -> str | None:
    """The encoding by charset-normalizer; of those it finds equal, the one whose letters are the language's own."""
    # From the first byte outside ASCII on: a long plain beginning tells nothing.
    at = next((match.start() for match in re.finditer(rb"[\x80-\xff]", data)), 0)
    start = data.rfind(b"\n", 0, at) + 1
    sample = data[start : start + _SAMPLE_BYTES]
    if len(data) > start + _SAMPLE_BYTES:
        sample = sample[: max(sample.rfind(b"\n"), sample.rfind(b" ")) + 1] or sample
    found = list(from_bytes(sample))
    found = [match for match in found if match.chaos <= min(_MAX_CHAOS, found[0].chaos + 0.01)]
    if not found:
        return None
    names = [match.encoding for match in found]
    if sum(byte < 128 for byte in sample) > _MOSTLY_ASCII * len(sample):
        names += [name for name in _LATIN if name not in names]
    ranked = [(_foreign_share(sample.decode(name, "replace")), at) for at, name in enumerate(names)]
    return names[min(ranked)[1]]


def _foreign_share(text: str) -> float:
    """Share of the characters outside ASCII that the text's language does not use; half where it is not known."""
    used = _LETTERS.get(detect(text))
    marks = [char for char in text.lower() if not char.isascii() and char not in _TYPOGRAPHY]
    if used is None or not marks:
        return 0.5
    return sum(char not in used for char in marks) / len(marks)


def _as_declared(data: bytes, charset: str | None) -> bytes:
    """The bytes in UTF-8 where the server names their charset rightly, else as they are."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        try:
            return data.decode(charset or "utf-8").encode("utf-8")
        except (LookupError, UnicodeDecodeError):
            return data
    return data


def _draft(text: str, location: str) -> Draft:
    if not text.strip():
        raise ArticleError(location, "is empty")
    text = unicodedata.normalize("NFC", text)
    return Draft(text, hashlib.sha256(text.encode("utf-8")).hexdigest(), location)


def _too_large(location: str, size: int, limit: int) -> ArticleError:
    return ArticleError(
        location,
        f"is {size / MEGABYTE:.1f} MB, more than the {limit / MEGABYTE:g} MB allowed; "
        "split it or raise ASKREPORTS_MAX_FILE_MB",
    )


def _reader_for(suffix: str) -> Reader | None:
    return next((reader for reader in READERS if suffix in reader.suffixes), None)


def _suffixes() -> list[str]:
    return [suffix for reader in READERS for suffix in reader.suffixes]


def _walk(folder: Path, seen: set[tuple[int, int]]) -> Iterable[Path]:
    try:
        status = folder.stat()
        entries = sorted(folder.iterdir())
    except PermissionError:
        return [folder]
    if (status.st_dev, status.st_ino) in seen:
        return []
    seen.add((status.st_dev, status.st_ino))
    found: list[Path] = []
    # Real folders first, so that a link to a folder beside it never takes its files away.
    for entry in sorted((e for e in entries if not e.name.startswith(".")), key=lambda e: (e.is_symlink(), e.name)):
        if entry.is_dir():
            found.extend(_walk(entry, seen))
        elif entry.is_file():
            found.append(entry)
    return found


def _id_forms(path: Path, root: Path | None) -> list[str]:
    whole = path.absolute()
    near = whole.relative_to(root.absolute()) if root and whole.is_relative_to(root.absolute()) else whole
    forms = (path.stem, near.with_suffix("").as_posix(), near.as_posix(), whole.as_posix())
    return [unicodedata.normalize("NFC", form) for form in forms]


# --- what the text tells of itself ---------------------------------------------------------------------------------

_URL = re.compile(r"https?://[^\s<>\"']+")
_SENTENCE_END = re.compile(r"(?:(?<=[^\W\d]{4})|(?<=[a-zß-ÿ]{3})|(?<=[)\]\"”»’]))[.!?…]+[\"”“»’)]*(?=\s|$)")
_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+|[^\w\s]|\n")
_BETWEEN_NAMES = re.compile(r"\s+[-–—&/|]\s+|\s*[,;]\s*")


@dataclass(frozen=True, slots=True)
class Furniture:
    """The page's own lines at a report's end. `body_end` is `len(text)` where there are none."""

    body_end: int
    authors: tuple[str, ...] = ()
    source_url: str | None = None


def find_furniture(text: str) -> Furniture:
    """Comment counters, source lines and, directly above them or at the very end, lines of names."""
    lines = _tail_lines(text)
    source_url, marked = None, False
    while lines and (_is_page_line(lines[-1][1]) or _is_source_url(lines)):
        marked = True
        url = _URL.search(lines.pop()[1])
        source_url = url.group().rstrip(").,;") if url else source_url
    authors: tuple[str, ...] = ()
    most = 2 if marked else 1
    while lines and most and (names := _names(lines[-1][1], alone=not marked)) and (marked or len(lines) > 1):
        authors = names + authors
        lines.pop()
        most -= 1
    if not marked and not authors:
        return Furniture(len(text))
    return Furniture(lines[-1][0] + len(lines[-1][1]) if lines else 0, authors, source_url)


def find_title(body: str) -> str:
    """The headline where the first line is one, else the first sentence, cut at a word to 90 code points."""
    line = next((stripped for line in body[:_TAIL_CHARS].splitlines() if (stripped := line.strip())), "")
    if len(line) <= _MAX_HEADLINE and not re.search(r"[.!?…:;][\"”“»’)]*$", line):
        return line
    end = _SENTENCE_END.search(line)
    sentence = " ".join(line[: end.end()].split() if end else line.split())
    if len(sentence) <= MAX_TITLE:
        return sentence.removesuffix(".")
    cut = sentence[:MAX_TITLE]
    border = cut.rfind(" ")
    return cut[: border if border > MAX_TITLE // 2 else MAX_TITLE - 1].rstrip(" ,;:-–—(\"“„«'") + "…"


def find_places(text: str, language: str) -> tuple[str, ...]:
    """At most five names that stand beside a word such as province or district, most frequent first.

    Names alone are not looked for, so the list is short rather than wrong; marks and case do not make two of one.
    """
    head = text[:_PLACES_CHARS]
    tokens = [(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(head)]
    forms: dict[str, Counter[str]] = {}
    for run in _place_runs(tokens, language.split("-")[0]):
        name = " ".join(run)
        if len(name) > 1 and fold(name) not in _phrases("countries"):
            forms.setdefault(fold(name), Counter())[name] += 1
    plain = fold(head)
    ranked = sorted(forms, key=lambda key: (-plain.count(key), plain.find(key)))
    return tuple(forms[key].most_common(1)[0][0] for key in ranked[:MAX_PLACES])


Token = tuple[str, int, int]


def _place_runs(tokens: list[Token], language: str) -> Iterable[list[str]]:
    before, after = _phrases("before", language), _phrases("after", language)
    small = _phrases("small_only")
    folded = [fold(token[0]) for token in tokens]
    for at, word in enumerate(folded):
        for length in (2, 1):
            phrase = " ".join(folded[at : at + length])
            if phrase in before and not (phrase in small and tokens[at][0][0].isupper()):
                run = _run(tokens, at + length, 1)
                if run and not _is_common_noun(run[-1], language):
                    yield run
                break
        if word in after:
            run = _run(tokens, at - 1, -1)[::-1]
            if run := _without_sentence_start(run, at - len(run), tokens):
                yield run


def _run(tokens: list[Token], at: int, step: int) -> list[str]:
    """Up to four capitalised words from `at` on, forwards or backwards, with single blanks between."""
    run: list[str] = []
    if step > 0 and 0 < at < len(tokens) and fold(tokens[at][0]) in _phrases("not_names"):
        at += 1
    if step > 0 and at < len(tokens) and tokens[at][0] == ".":
        at += 1
    while 0 <= at < len(tokens) and len(run) < 4:
        word, start, end = tokens[at]
        neighbour = tokens[at - step]
        gap = start - neighbour[2] if step > 0 else neighbour[1] - end
        bare = re.split(r"['’]", word)[0]
        if gap != 1 or not bare[:1].isupper() or not bare[0].isalpha() or fold(bare) in _phrases("not_names"):
            break
        if step < 0 and run and bare != word:
            break
        run.append(bare)
        at += step
    return run


def _without_sentence_start(run: list[str], at: int, tokens: list[Token]) -> list[str]:
    """Drop words that are capitalised for opening a sentence ("Today Thai Binh province")."""
    while run and fold(run[0]) in _phrases("not_leading"):
        run, at = run[1:], at + 1
    if not run or (at > 0 and tokens[at - 1][0] not in {".", "!", "?", "\n", "…"}):
        return run
    places = [i for i, token in enumerate(tokens) if i and token[0] == (run[1] if len(run) > 1 else run[0])]
    if len(run) > 1:
        return run[1:] if any(tokens[i - 1][0] != run[0] for i in places) else run
    return run if any(tokens[i - 1][0] not in {".", "!", "?", "\n", "…"} for i in places) else []


def _is_common_noun(word: str, language: str) -> bool:
    endings = _words()["nouns_end"].get(language)
    return bool(endings and re.search(rf"(?:{endings})$", word.lower()))


def _tail_lines(text: str) -> list[tuple[int, str]]:
    """The last lines that are not blank, each stripped, with its offset; enough of them for any furniture."""
    start = text.rfind("\n", 0, max(0, len(text) - _TAIL_CHARS)) + 1
    found = []
    for match in re.finditer(r"[^\r\n]+", text[start:]):
        line = match.group()
        if stripped := line.strip():
            found.append((start + match.start() + line.index(stripped), stripped))
    return found


def _is_page_line(line: str) -> bool:
    if len(line) > _MAX_SOURCE_LINE:
        return False
    plain = fold(line)
    label = plain.partition(":")[0].strip()
    if label in _phrases("source"):
        return True
    count = re.fullmatch(r"(.+?)\s*\(\s*\d+\s*\)", plain)
    return bool(count and count.group(1) in _phrases("comments"))


def _is_source_url(lines: list[tuple[int, str]]) -> bool:
    """An address in a line of its own, below the word for source."""
    return len(lines) > 1 and bool(_URL.fullmatch(lines[-1][1])) and _is_page_line(lines[-2][1])


def _names(line: str, *, alone: bool) -> tuple[str, ...]:
    """The people a line names, or nothing. Without furniture below it (`alone`) full names are asked for."""
    if len(line) > _MAX_AUTHORS_LINE:
        return ()
    first, _, rest = line.partition(" ")
    if fold(first).rstrip(":") in _phrases("by"):
        line = rest.strip()
    names: list[str] = []
    joined = "|".join(re.escape(word) for word in _words()["joined"].split())
    for part in re.split(rf"{_BETWEEN_NAMES.pattern}|\s+(?:{joined})\s+", line.strip("()")):
        sides = re.split(r"[-–—]", part)
        names += sides if len(sides) > 1 and all(len(side.split()) > 1 for side in sides) else [part]
    names = [name.strip() for name in names if name.strip()]
    return tuple(names) if names and all(_is_name(name, alone) for name in names) else ()


def _is_name(name: str, alone: bool) -> bool:
    words = name.split()
    if not (2 if alone else 1) <= len(words) <= 5 or (len(words[-1]) > 2 and words[-1].endswith(".")):
        return False
    return all(word[0].isupper() and re.sub(r"[.'’-]", "", word).isalpha() for word in words)


@cache
def _words() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((resources.files("rag") / "data" / "report_words.json").read_text("utf-8"))
    return loaded


@cache
def _phrases(kind: str, language: str | None = None) -> frozenset[str]:
    held = _words()[kind] if language is None else _words()[kind].get(language, "")
    return frozenset(fold(phrase.replace("_", " ")) for phrase in held.split())
