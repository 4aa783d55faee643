"""Text -> report: language, title, day, places, authors, source address, and where its evidence ends.

Page furniture is told by `Article.body_end`, not cut, so that offsets stay those of the file. Knows nothing of files,
of passages, of the index or of the collection's other reports.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from rag.errors import ArticleError
from rag.language import detect, fold, primary_tag, published
from rag.models import Article
from rag.sources.files import Draft

MAX_TITLE = 90
MAX_PLACES = 5

_MAX_HEADLINE = 150
_MAX_AUTHORS_LINE = 80
_MAX_SOURCE_LINE = 400
_PLACES_CHARS = 200_000
_TAIL_CHARS = 4_000


_URL = re.compile(r"https?://[^\s<>\"']+")
_SENTENCE_END = re.compile(r"(?:(?<=[^\W\d]{4})|(?<=[a-zß-ÿ]{3})|(?<=[)\]\"”»’]))[.!?…]+[\"”“»’)]*(?=\s|$)")
_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+|[^\w\s]|\n")
_BETWEEN_NAMES = re.compile(r"\s+[-–—&/|]\s+|\s*[,;]\s*")


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
    small = {token[0] for token in tokens if token[0].islower()}
    forms: dict[str, Counter[str]] = {}
    for run in _place_runs(tokens, primary_tag(language), small):
        name = " ".join(run)
        if len(run) == 1 and name.lower() in small:
            continue  # "Pada pagi ...": a sentence's first word, written small elsewhere
        if len(name) > 1 and fold(name) not in _phrases("countries"):
            forms.setdefault(fold(name), Counter())[name] += 1
    plain = fold(head)
    ranked = sorted(forms, key=lambda key: (-plain.count(key), plain.find(key)))
    return tuple(forms[key].most_common(1)[0][0] for key in ranked[:MAX_PLACES])


Token = tuple[str, int, int]


def _place_runs(tokens: list[Token], language: str, small: set[str]) -> Iterable[list[str]]:
    """Runs of capitals beside a kind of place; `small` holds the words that the text writes without a capital."""
    before, after = _phrases("before", language), _phrases("after", language)
    small_only = _phrases("small_only")
    folded = [fold(token[0]) for token in tokens]
    for at, word in enumerate(folded):
        for length in (2, 1):
            phrase = " ".join(folded[at : at + length])
            if phrase in before and not (phrase in small_only and tokens[at][0][0].isupper()):
                run = _run(tokens, at + length, 1)
                if run and not _is_common_noun(run[-1], language):
                    yield run
                break
        if word in after:
            run = _run(tokens, at - 1, -1)[::-1]
            if run := _without_sentence_start(run, at - len(run), tokens, small):
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


def _without_sentence_start(run: list[str], at: int, tokens: list[Token], small: set[str]) -> list[str]:
    """Drop words that are capitalised for opening a sentence ("Today Thai Binh province")."""
    while run and fold(run[0]) in _phrases("not_leading"):
        run, at = run[1:], at + 1
    if not run or (at > 0 and tokens[at - 1][0] not in {".", "!", "?", "\n", "…"}):
        return run
    rest = run[1:] or run
    places = [
        i
        for i in range(1, len(tokens))
        if [token[0] for token in tokens[i : i + len(rest)]] == rest and not _goes_on(tokens, i + len(rest))
    ]
    if len(run) > 1:
        # The rest must stand alone: "Son" of "Quang Son" says nothing of "Ninh Son".
        alone = any(not _goes_on(tokens, i) for i in places) and " ".join(rest).lower() not in small
        return rest if alone else run
    return run if any(tokens[i - 1][0] not in {".", "!", "?", "\n", "…"} for i in places) else []


def _goes_on(tokens: list[Token], at: int) -> bool:
    """Whether the word before belongs to a longer name: "Nguyen" of "Nguyen Thanh Tiep" is no place."""
    return 0 < at < len(tokens) and tokens[at][0][:1].isupper() and tokens[at][1] == tokens[at - 1][2] + 1


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
    loaded: dict[str, Any] = json.loads((resources.files("rag.sources") / "report_words.json").read_text("utf-8"))
    return loaded


@cache
def _phrases(kind: str, language: str | None = None) -> frozenset[str]:
    held = _words()[kind] if language is None else _words()[kind].get(language, "")
    return frozenset(fold(phrase.replace("_", " ")) for phrase in held.split())
