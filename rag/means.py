"""Language means: what a multilingual embedder adds to a vector only because of the text's language.

Subtracting the mean vector of the text's language, then normalising, lets a question find reports in other languages
as easily as in its own (language identity removal, after Libovický et al. 2020, "On the Language Neutrality of
Pre-trained Multilingual Representations"). Means are taken over parallel sentences, apart for questions and passages
because the two carry different prefixes. The shipped table was made from 60 languages of NTREX-128 (Federmann et al.
2022, CC BY-SA 4.0) by `askreports means FOLDER`. This module knows nothing of passages or of where vectors are kept.
"""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from collections.abc import Callable, Sequence
from functools import cached_property
from importlib import resources
from pathlib import Path

import langcodes
import numpy as np

from rag.embedding import BATCH, Embedder, Vectors, unit
from rag.errors import ArticleError, InputError, StoreError

SHIPPED = "means-multilingual-e5-small.npz"


class LanguageMeans:
    """A table of mean vectors for one embedder: `query` and `passage`, each (languages, dimension)."""

    def __init__(self, embedder: str, languages: Sequence[str], query: Vectors, passage: Vectors) -> None:
        self.embedder = embedder
        self.languages = tuple(languages)
        self._tables = {"query": query.astype(np.float32), "passage": passage.astype(np.float32)}
        self._row = {language: row for row, language in enumerate(self.languages)}

    def queries(self, vectors: Vectors, languages: Sequence[str]) -> Vectors:
        """Free (n, d) question vectors of their languages, one BCP 47 tag a row."""
        return self._centre("query", vectors, languages)

    def passages(self, vectors: Vectors, languages: Sequence[str]) -> Vectors:
        """Free (n, d) passage vectors of their languages, one BCP 47 tag a row."""
        return self._centre("passage", vectors, languages)

    @cached_property
    def stamp(self) -> str:
        """Changes when the table does."""
        import hashlib

        digest = hashlib.sha256(self._tables["query"].tobytes() + self._tables["passage"].tobytes())
        return digest.hexdigest()[:12]

    def save(self, path: Path) -> None:
        """Write the table, as float16, in one piece."""
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".partial.npz")
        np.savez_compressed(
            temporary,
            embedder=np.array(self.embedder),
            languages=np.array(self.languages),
            query=self._tables["query"].astype(np.float16),
            passage=self._tables["passage"].astype(np.float16),
        )
        os.replace(temporary, path)

    @classmethod
    def load(cls, path: Path) -> LanguageMeans:
        """Read a table. Raises StoreError naming the command that makes one."""
        try:
            # Read here: numpy leaves a file that it cannot make out open.
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as held:
                return cls(str(held["embedder"]), [str(x) for x in held["languages"]], held["query"], held["passage"])
        except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile, zlib.error) as error:
            raise StoreError(
                f"{path}: not a table of language means ({error}); make one with: askreports means FOLDER --out {path}"
            ) from error

    def _centre(self, role: str, vectors: Vectors, languages: Sequence[str]) -> Vectors:
        table = self._tables[role]
        # A language outside the table gets the mean of all: what every text shares goes, its language stays.
        everyone = table.mean(axis=0)
        rows = [self._find(language) for language in languages]
        means = np.stack([everyone if row is None else table[row] for row in rows]) if rows else vectors
        return unit(vectors - means)

    def _find(self, language: str) -> int | None:
        if language in self._row:
            return self._row[language]
        primary = language.split("-")[0]
        found = [row for tag, row in self._row.items() if tag.split("-")[0] == primary]
        return found[0] if found else None


def means_for(embedder: Embedder, path: Path | None) -> LanguageMeans | None:
    """The table for this embedder: the one at `path`, else the shipped one if it fits, else None.

    Raises StoreError when the table at `path` was made with another embedder.
    """
    if path is not None:
        table = LanguageMeans.load(path)
        if table.embedder != embedder.name:
            raise StoreError(
                f"{path}: made for {table.embedder}, but the embedder is {embedder.name}; "
                "make its own with: askreports means FOLDER --out FILE"
            )
        return table
    with resources.as_file(resources.files("rag") / "data" / SHIPPED) as shipped:
        if not shipped.exists():
            return None
        table = LanguageMeans.load(shipped)
    return table if table.embedder == embedder.name else None


def compute_means(
    embedder: Embedder, folder: Path, *, sentences: int = 0, progress: Callable[[str, int, int], None] | None = None
) -> LanguageMeans:
    """Mean vectors over `folder`/CODE.txt, one file a language, the same sentences line by line.

    `sentences` takes that many, evenly spaced, 0 all; 50 retrieve within half a point of 300 (README).
    CODE is an ISO 639 code, with a region or script where needed ("zho-TW"). Raises InputError for a folder without
    such files, ArticleError for a file whose number of lines differs, whose name is no language or another's, or that
    is not in UTF-8.
    """
    files = sorted(folder.glob("*.txt"))
    if not files:
        raise InputError(f"{folder}: no CODE.txt in it; one file of parallel sentences a language is needed")
    lines: dict[str, list[str]] = {}
    for file in files:
        if not langcodes.tag_is_valid(file.stem):
            raise ArticleError(str(file), "its name is no language code such as pol or zho-TW")
        tag = langcodes.standardize_tag(file.stem, macro=True)
        if tag in lines:
            raise ArticleError(str(file), f"another file holds {tag}; keep one of them")
        try:
            lines[tag] = file.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            raise ArticleError(str(file), "is not in UTF-8; save it as that") from None
        if not lines[tag]:
            raise ArticleError(str(file), "holds no line; one sentence a line is needed")
        if len(lines[tag]) != len(next(iter(lines.values()))):
            raise ArticleError(str(file), f"{len(lines[tag])} lines; the files before it have another number")
    if sentences:
        step = max(1, len(next(iter(lines.values()))) // sentences)
        lines = {tag: held[::step][:sentences] for tag, held in lines.items()}
    query, passage = [], []
    for done, (tag, held) in enumerate(lines.items()):
        if progress:
            progress(f"means: {tag}", done, len(lines))
        query.append(_mean(embedder.queries, held))
        passage.append(_mean(embedder.passages, held))
    if progress:
        progress("means", len(lines), len(lines))
    return LanguageMeans(embedder.name, list(lines), np.stack(query), np.stack(passage))


def _mean(embed: Callable[[Sequence[str]], Vectors], sentences: Sequence[str]) -> Vectors:
    parts = [embed(sentences[at : at + BATCH]) for at in range(0, len(sentences), BATCH)]
    return np.asarray(np.concatenate(parts).mean(axis=0), dtype=np.float32)
