"""A collection of any size for measuring: synthetic reports written straight into a catalogue, without embedding them.

Sentences of `tests/data/reading_dev.jsonl.xz` in 16 languages are put together anew, one word in six replaced by two
halves of others, so that the vocabulary grows with the collection. A sentence's vector is that of the real one plus
noise, a window's the mean of its sentences' plus noise: clustered as real ones are. Dates are random.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice
from pathlib import Path

import numpy as np

from rag import Article, Passage, Reports, Settings
from rag.encoder import BATCH, BundledEmbedder, Vectors
from rag.homes import FILE
from rag.language import tokens
from rag.sources import sentences
from rag.store import Catalog
from rag.store.indexing import PROCESSING
from rag.store.records import Entry, Listing

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests/data/reading_dev.jsonl.xz"
# Real sentences per language; sentences per window and windows per report, about as news have them.
BASE, WINDOW, REPORT = 150, 7, 3
PASSAGES = REPORT * (WINDOW + 1)
NOISE = 0.3
REPLACED = 1 / 6
FIRST_DAY, DAYS = date(2015, 1, 1), 4_000
REPORTS_AT_ONCE = 500


Made = tuple[Article, list[Entry], dict[str, Vectors]]


@dataclass(frozen=True)
class Base:
    """The real sentences of one language, their vectors (sentences, dimension), and its words."""

    texts: list[str]
    vectors: Vectors
    words: list[str]


def questions(count: int) -> list[tuple[str, str]]:
    """Real questions with their languages, as many of each language."""
    held: dict[str, list[str]] = {}
    for row in _rows():
        held.setdefault(row["lang"], []).extend(asked["question"] for asked in row["qas"] if "qlang" not in asked)
    turns = [(place, tag, text) for tag, texts in held.items() for place, text in enumerate(texts)]
    return [(text, tag) for _, tag, text in islice(sorted(turns), count)]


def build(home: Path, size: int, cache: Path) -> None:
    """Write a collection of about `size` passages, and its files, into `home`; real vectors are kept in `cache`."""
    files = home / "reports"
    files.mkdir(parents=True)
    base = _base(cache)
    embedder = BundledEmbedder.name
    catalog = Catalog(home / FILE)
    made = _reports(base, max(1, size // PASSAGES), files.resolve())
    sources = {str(files.resolve()): "declared"}
    meta = {"embedder": embedder, "processing": f"{PROCESSING}:{Settings().window_chars}"}
    while group := list(islice(made, REPORTS_AT_ONCE)):
        catalog.keep_vectors(embedder, {key: vector for _, _, vectors in group for key, vector in vectors.items()})
        catalog.replace(
            remove=(),
            add={article: entries for article, entries, _ in group},
            files=[_listing(article, str(files.resolve())) for article, _, _ in group],
            sources=sources,
            meta=meta,
            last=False,
        )
    catalog.close()
    with Reports.open(home=home, settings=Settings(llm="none")) as reports:
        reports.warm()


def _reports(
    base: dict[str, Base], count: int, files: Path
) -> Iterator[tuple[Article, list[Entry], dict[str, Vectors]]]:
    chance, noise = random.Random(1), np.random.default_rng(1)
    for number in range(count):
        tag = list(base)[number % len(base)]
        yield _report(f"{number:06}", tag, base[tag], chance, noise, files)


def _report(id: str, tag: str, base: Base, chance: random.Random, noise: np.random.Generator, files: Path) -> Made:
    text = ""
    spans: list[list[tuple[int, int, int]]] = []
    for _ in range(REPORT):
        text += "\n\n" if text else ""
        spans.append([])
        for row in chance.sample(range(len(base.texts)), WINDOW):
            sentence = _varied(base, row, chance)
            text += " " if spans[-1] else ""
            spans[-1].append((len(text), len(text) + len(sentence), row))
            text += sentence
    path = files / f"{id}.txt"
    path.write_text(text, encoding="utf-8")
    article = Article(
        id=id,
        text=text,
        title=text[:60],
        language=tag,
        published=FIRST_DAY + timedelta(days=chance.randrange(DAYS)),
        places=(),
        authors=(),
        source_url=None,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        body_end=len(text),
        location=str(path),
    )
    entries: list[Entry] = []
    vectors: dict[str, Vectors] = {}
    for window in spans:
        means = base.vectors[[row for _, _, row in window]]
        noisy = _noisy(np.concatenate([means.mean(axis=0, keepdims=True), means]), noise)
        start, end = window[0][0], window[-1][1]
        found = tokens(text[start:end], tag)
        columns = (" ".join(column) for column in (found.words, found.names, found.proper))
        entries.append(Entry(Passage(id, start, end, text[start:end]), _hash(id, start, "w"), *columns))
        for first, last, _ in window:
            entries.append(Entry(Passage(id, first, last, text[first:last], "sentence"), _hash(id, first, "s")))
        vectors |= {entry.input_hash: vector for entry, vector in zip(entries[-WINDOW - 1 :], noisy, strict=True)}
    return article, entries, vectors


def _varied(base: Base, row: int, chance: random.Random) -> str:
    def word(match: re.Match[str]) -> str:
        if chance.random() > REPLACED:
            return match.group()
        # Skewed as words are: few of them often, most of them hardly ever.
        first, second = (base.words[int(len(base.words) * chance.random() ** 3)] for _ in range(2))
        made = first[: (len(first) + 1) // 2] + second[len(second) // 2 :]
        return made.capitalize() if match.group()[0].isupper() else made

    return re.sub(r"[^\W\d_]{3,}", word, base.texts[row])


def _noisy(vectors: Vectors, noise: np.random.Generator) -> Vectors:
    added = noise.standard_normal(vectors.shape).astype(np.float32)
    moved = vectors + NOISE * added / np.linalg.norm(added, axis=1, keepdims=True)
    return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), dtype=np.float32)


def _hash(id: str, start: int, kind: str) -> str:
    return hashlib.sha256(f"{id}:{start}:{kind}".encode()).hexdigest()[:32]


def _listing(article: Article, source: str) -> Listing:
    stat = Path(article.location).stat()
    return Listing(article.location, source, stat.st_size, stat.st_mtime_ns, article.sha256, None)


@lru_cache(maxsize=1)
def _rows() -> list[dict]:
    with lzma.open(DATA, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _base(cache: Path) -> dict[str, Base]:
    texts: dict[str, list[str]] = {}
    words: dict[str, dict[str, None]] = {}
    for number, row in enumerate(_rows()):
        tag, text = row["lang"], row["context"]
        words.setdefault(tag, {}).update(dict.fromkeys(re.findall(r"[^\W\d_]{3,12}", text.lower())))
        if len(texts.setdefault(tag, [])) < BASE:
            held = Article(str(number), text, "", tag, None, (), (), None, "", len(text))
            texts[tag] += [sentence.text for sentence in sentences(held)][: BASE - len(texts[tag])]
    every = [text for held in texts.values() for text in held]
    file = cache / "base.npy"
    if not file.exists():
        embedder = BundledEmbedder()
        np.save(file, np.concatenate([embedder.passages(every[at : at + BATCH]) for at in range(0, len(every), BATCH)]))
    vectors, at = np.load(file), 0
    found = {}
    for tag, held in texts.items():
        found[tag] = Base(held, vectors[at : at + len(held)], list(words[tag]))
        at += len(held)
    return found
