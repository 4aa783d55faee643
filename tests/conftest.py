"""What several test files share: the five reports, indexed once with the bundled embedder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from fake_reader import FakeReader
from places import SEEDS

from rag.encoder.embedding import BundledEmbedder, Vectors

# The same examples in every run, and no clock. More, and others: pytest --hypothesis-profile long
hypothesis.settings.register_profile(
    "same",
    derandomize=True,
    deadline=None,
    max_examples=100,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
hypothesis.settings.register_profile(
    "long", hypothesis.settings.get_profile("same"), derandomize=False, max_examples=3_000
)
hypothesis.settings.load_profile("same")


@pytest.fixture(scope="session", autouse=True)
def no_proxy() -> Iterator[None]:
    """No proxy of the person who runs the tests: what has a network of its own here would be sent to it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.lower().endswith("_proxy"):
                patch.delenv(name)
        yield


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No dial of the person who runs the tests."""
    for name in os.environ:
        if name.startswith("ASKREPORTS_"):
            monkeypatch.delenv(name)


@pytest.fixture
def by_chroma(clean_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chroma is asked in collections of any size, as otherwise in large ones only; in other processes too."""
    monkeypatch.setenv("ASKREPORTS_CHROMA", "embedded")


class Remembering(BundledEmbedder):
    """The bundled embedder; what several tests ask of it or index is embedded once."""

    def __init__(self) -> None:
        super().__init__()
        self._held: dict[tuple[str, str], Vectors] = {}

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self._remembered("query", texts, super().queries)

    def passages(self, texts: Sequence[str]) -> Vectors:
        return self._remembered("passage", texts, super().passages)

    def _remembered(self, role: str, texts: Sequence[str], embed: Callable[[Sequence[str]], Vectors]) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if (role, text) not in self._held]
        self._held.update(zip([(role, text) for text in new], embed(new), strict=True))
        return np.stack([self._held[role, text] for text in texts]) if texts else embed([])


@pytest.fixture(scope="session")
def embedder() -> BundledEmbedder:
    """The bundled one, loaded once."""
    return Remembering()


@pytest.fixture(scope="session")
def seeds_home(tmp_path_factory: pytest.TempPathFactory, embedder: BundledEmbedder) -> Path:
    """The index of the five reports; only read it, or copy it (`home`)."""
    from rag import Reports, Settings

    home = tmp_path_factory.mktemp("seeds") / "home"
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith("ASKREPORTS_"):
                patch.delenv(name)
        settings = Settings(llm="none")
        held = {"settings": settings, "embedder": embedder, "reader": FakeReader({})}
        Reports.open(SEEDS, home=home, main=True, **held).close()
    return home


@pytest.fixture
def home(seeds_home: Path, tmp_path: Path) -> Path:
    """A copy of that index, to be changed at will."""
    copy = tmp_path / "home"
    shutil.copytree(seeds_home, copy)
    return copy


TINY = {
    "lund": "The council met in Lund on 3 March 2021. It counted 12 votes for the old bridge.",
    "lyon": "Der Rat von Lyon tagte am 4. Mai 2022. Er zählte 29 Stimmen für die neue Schule.",
    "oslo": "Rada miasta Oslo zebrała się 5 lipca 2023 r. Za parkiem oddano 109 głosów.",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three reports of two sentences in three languages."""
    made = tmp_path / "reports"
    made.mkdir()
    for stem, text in TINY.items():
        (made / f"{stem}.txt").write_text(text, encoding="utf-8")
    return made
