"""Language means: what a multilingual embedder adds to a vector only because of the text's language.

Subtracting the mean vector of the text's language, then normalising, lets a question find reports in other languages
as easily as in its own (language identity removal, after Libovický et al. 2020, "On the Language Neutrality of
Pre-trained Multilingual Representations"). Means are taken over parallel sentences, separately for questions and
passages because their prefixes differ. Two more values come from the same sentences and from `asked.txt`:

- how similar translations of one sentence are (`likeness`). Text in the question's own language is more similar than
  that even with its mean removed, so similarity to foreign text is raised in proportion (`nearness`);
- what a vector has only because its text is a question: the mean over questions of all kinds, of which half is
  subtracted; subtracting all of it also removes what questions share with their subjects.

The shipped table was made from NTREX-128 (Federmann et al. 2022, CC BY-SA 4.0) by `askreports means FOLDER`. Knows
nothing of passages or of where vectors are stored.
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

from rag.encoder import BATCH, Embedder, Vectors, unit
from rag.errors import ArticleError, InputError, StoreError
from rag.language import primary_tag

SHIPPED = "means-multilingual-e5-small.npz"
# Share of the questions' common part that is subtracted; .5 and .75 do alike, 1 is worse (docs/experiments.md).
ASKED_SHARE = 0.5
# Likeness counts by its root: a passage is less similar to a question than a translation is to its sentence.
LIKENESS_POWER = 0.5
# Lower bound on the likeness of two languages.
LEAST_LIKENESS = 0.1


class LanguageMeans:
    """A table for one embedder: mean vectors `query` and `passage`, each (languages, dimension), and two more.

    `asked` (2, dimension) is what questions have in common, embedded as queries and as passages; `likeness` (languages,
    languages) is the mean cosine of a sentence as a question in one language with its translation in the other.
    """

    def __init__(
        self,
        embedder: str,
        languages: Sequence[str],
        query: Vectors,
        passage: Vectors,
        asked: Vectors,
        likeness: Vectors,
    ) -> None:
        self.embedder = embedder
        self.languages = tuple(languages)
        self._query, self._passage, self._asked = (part.astype(np.float32) for part in (query, passage, asked))
        self._likeness = np.maximum(likeness.astype(np.float32), LEAST_LIKENESS)
        self._row = {language: row for row, language in enumerate(self.languages)}

    def questions(self, as_queries: Vectors, as_passages: Vectors, languages: Sequence[str]) -> Vectors:
        """One vector per question, (n, d), from its two embeddings, one with each prefix, (n, d) each."""
        return unit(
            unit(self._centre(self._query, as_queries, languages) - ASKED_SHARE * self._asked[0])
            + unit(self._centre(self._passage, as_passages, languages) - ASKED_SHARE * self._asked[1])
        )

    def passages(self, vectors: Vectors, languages: Sequence[str]) -> Vectors:
        """Remove language means from passage vectors (n, d), given one BCP 47 tag per row."""
        return self._centre(self._passage, vectors, languages)

    def nearness(self, asked: str, languages: Sequence[str]) -> Vectors:
        """Factors (n,) for the similarity of a question in `asked` to texts in `languages`; 1 in its own language."""
        known = {language: self._nearness(asked, language) for language in set(languages)}
        return np.asarray([known[language] for language in languages], dtype=np.float32)

    @cached_property
    def stamp(self) -> str:
        """A hash of the table: twelve hex digits."""
        import hashlib

        parts = (self._query, self._passage, self._asked, self._likeness)
        return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()[:12]

    def save(self, path: Path) -> None:
        """Write the table atomically, as float16."""
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".partial.npz")
        np.savez_compressed(
            temporary,
            embedder=np.array(self.embedder),
            languages=np.array(self.languages),
            query=self._query.astype(np.float16),
            passage=self._passage.astype(np.float16),
            asked=self._asked.astype(np.float16),
            likeness=self._likeness.astype(np.float16),
        )
        os.replace(temporary, path)

    @classmethod
    def load(cls, path: Path) -> LanguageMeans:
        """Read a table. Raises StoreError naming the command that makes one."""
        try:
            # Read here: numpy leaves a file open that it cannot parse.
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as held:
                parts = (held[name] for name in ("query", "passage", "asked", "likeness"))
                return cls(str(held["embedder"]), [str(x) for x in held["languages"]], *parts)
        except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile, zlib.error) as error:
            raise StoreError(
                f"{path}: not a table of language means ({error}); correct ASKREPORTS_MEANS, or make one with: "
                f"askreports means FOLDER --out {path}"
            ) from error

    def _centre(self, table: Vectors, vectors: Vectors, languages: Sequence[str]) -> Vectors:
        # A language outside the table gets the mean of all: what all texts share is removed, its language is not.
        everyone = table.mean(axis=0)
        rows = [self._find(language) for language in languages]
        means = np.stack([everyone if row is None else table[row] for row in rows]) if rows else vectors
        return unit(vectors - means)

    def _nearness(self, asked: str, language: str) -> float:
        if primary_tag(asked) == primary_tag(language):
            return 1.0
        row, column = self._find(asked), self._find(language)
        if row is None or column is None:
            own, other = self._usual
        else:
            own, other = float(self._likeness[row, row]), float(self._likeness[row, column])
        return float((own / other) ** LIKENESS_POWER)

    @cached_property
    def _usual(self) -> tuple[float, float]:
        """Mean likeness within one language, and across two."""
        own = np.eye(len(self.languages), dtype=bool)
        within = float(self._likeness[own].mean())
        return within, float(self._likeness[~own].mean()) if len(own) > 1 else within

    def _find(self, language: str) -> int | None:
        if language in self._row:
            return self._row[language]
        primary = primary_tag(language)
        found = [row for tag, row in self._row.items() if primary_tag(tag) == primary]
        return found[0] if found else None


def means_for(embedder: Embedder, path: Path | None) -> LanguageMeans | None:
    """The table for this embedder: the one at `path`, else the shipped one if it fits, else None.

    Raises StoreError if the table at `path` is unreadable or was made with another embedder.
    """
    if path is not None:
        table = LanguageMeans.load(path)
        if table.embedder != embedder.name:
            raise StoreError(
                f"{path}: made for {table.embedder}, but the embedder is {embedder.name}; "
                "make its own with: askreports means FOLDER --out FILE"
            )
        return table
    with resources.as_file(resources.files("rag.retrieval") / SHIPPED) as shipped:
        if not shipped.exists():
            return None
        table = LanguageMeans.load(shipped)
    return table if table.embedder == embedder.name else None


def compute_means(
    embedder: Embedder, folder: Path, *, sentences: int = 0, progress: Callable[[str, int, int], None] | None = None
) -> LanguageMeans:
    """Compute the table from `folder`/CODE.txt, one file per language, parallel line by line.

    `sentences` is how many to use, evenly spaced, 0 for all; recall with 50 is within half a point of 300
    (docs/experiments.md). CODE is an ISO 639 code, with a region or script where needed ("zho-TW"). Raises InputError
    for a folder without such files, ArticleError for a file with another number of lines, whose name is not a language
    code or repeats one, or that is not in UTF-8.
    """
    files = sorted(folder.glob("*.txt"))
    if not files:
        raise InputError(f"{folder}: no CODE.txt in it; one file of parallel sentences per language is needed")
    lines: dict[str, list[str]] = {}
    for file in files:
        if not langcodes.tag_is_valid(file.stem):
            raise ArticleError(str(file), "its name is not a language code such as pol or zho-TW")
        tag = langcodes.standardize_tag(file.stem, macro=True)
        if tag in lines:
            raise ArticleError(str(file), f"another file is for {tag} too; keep one of them")
        try:
            lines[tag] = file.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            raise ArticleError(str(file), "is not in UTF-8; save it in UTF-8") from None
        if not lines[tag]:
            raise ArticleError(str(file), "is empty; one sentence per line is needed")
        if len(lines[tag]) != len(next(iter(lines.values()))):
            raise ArticleError(str(file), f"{len(lines[tag])} lines; the files before it have a different number")
    if sentences:
        step = max(1, len(next(iter(lines.values()))) // sentences)
        lines = {tag: held[::step][:sentences] for tag, held in lines.items()}
    spoken: list[tuple[Vectors, Vectors]] = []
    for done, (tag, held) in enumerate(lines.items()):
        if progress:
            progress(f"means: {tag}", done, len(lines))
        spoken.append((_embed(embedder.queries, held), _embed(embedder.passages, held)))
    if progress:
        progress("means", len(lines), len(lines))
    query, passage = (np.stack([vectors[role].mean(axis=0) for vectors in spoken]) for role in (0, 1))
    questions = (resources.files("rag.retrieval") / "asked.txt").read_text(encoding="utf-8").splitlines()
    english = list(lines).index("en") if "en" in lines else None
    asked = [
        unit(_embed(embed, questions) - (means.mean(axis=0) if english is None else means[english])).mean(axis=0)
        for embed, means in ((embedder.queries, query), (embedder.passages, passage))
    ]
    return LanguageMeans(embedder.name, list(lines), query, passage, np.stack(asked), _likeness(spoken, query, passage))


def _likeness(spoken: Sequence[tuple[Vectors, Vectors]], query: Vectors, passage: Vectors) -> Vectors:
    """Mean cosine, (languages, languages), of a sentence as a question with its translation, means removed."""
    held = [unit(vectors - mean) for (_, vectors), mean in zip(spoken, passage, strict=True)]
    asked = [unit(unit(vectors - mean) + freed) for (vectors, _), mean, freed in zip(spoken, query, held, strict=True)]
    count = len(held[0])
    return np.asarray(
        np.stack([part.ravel() for part in asked]) @ np.stack([part.ravel() for part in held]).T / count,
        dtype=np.float32,
    )


def _embed(embed: Callable[[Sequence[str]], Vectors], sentences: Sequence[str]) -> Vectors:
    return np.concatenate([embed(sentences[at : at + BATCH]) for at in range(0, len(sentences), BATCH)])
