"""A deterministic embedder, and seven small reports: what the tests of the index and of retrieval stand on.

`FakeEmbedder` behaves as a multilingual model does: words that mean the same lie together whatever their language,
and each language adds a constant of its own, the greater part of the vector, which language means must take out.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np

from rag.encoder.embedding import Vectors, unit
from rag.errors import ModelError
from rag.language.folding import fold

DIMENSION = 256
LANGUAGES = ("ms", "tr", "es", "de", "pl", "en", "vi")

REPORTS = {
    "ms": "Pada petang 5 Julai 2024, kerajaan daerah Ninh Thuan mengadakan persidangan bersama penduduk kampung. "
    "Jambatan baharu merentasi sungai itu dibuka semula selepas dibaiki selama dua tahun. "
    "Seramai 1.234 keluarga kini menerima bekalan air bersih daripada kerajaan.\n",
    "tr": "21 Aralık 2023 sabahı Thai Binh il yönetimi halkın katıldığı bir toplantı düzenledi. "
    "Yeni hastane bu yıl açıldı ve kırk doktor işe alındı. "
    "Işıklı sokakların onarımı için İl Meclisi 08-DA/TU sayılı kararı kabul etti.\n",
    "es": "El 19 de enero de 2024 la provincia de Ninh Binh celebró una reunión con los vecinos de la ciudad. "
    "La escuela de la aldea recibió libros nuevos para todos los alumnos. "
    "La Resolución No. 43-NQ/TW fue leída por Do Viet Anh al final de la jornada.\n",
    "de": "Am 3. März 2024 trafen sich die Bauern des Bezirks Ninh Son, um über das vergangene Jahr zu beraten. "
    "Die Ernte war trotz der Dürre besser als im Vorjahr, sagte der Vorsitzende. "
    "Der Bezirk förderte 29 Höfe in den Dörfern.\n",
    "pl": "Komitet dystryktu Kim Bang podsumował w 2023 roku swoją działalność i wyznaczył nowe zadania. "
    "W całym dystrykcie wdrożono 109 modeli wykwalifikowanej mobilizacji mieszkańców. "
    "Przewodniczący podziękował wszystkim wolontariuszom za ich wytrwałą pracę.\n",
    "en": "The museum of Hai Phong opened a new hall on 2 May 2024, after three years of building work. "
    "Visitors can see old maps of the harbour and letters of sailors there. "
    "The director said that the hall cost less than planned.\n",
    "vi": "Ngày 10 tháng 9 năm 2024, trận lụt lớn đã làm ngập nhiều xã của huyện Kim Bảng. "
    "Ông Đỗ Việt Anh cho biết người dân đã được sơ tán an toàn trước khi nước dâng cao. "
    "Chính quyền địa phương đang giúp đỡ các gia đình bị thiệt hại.\n",
}  # fmt: skip

# The same thing in LANGUAGES' order; what the reports hold of each is one word, so that no other word gives it away.
CONCEPTS = {
    "bridge": "jambatan köprü puente brücke most bridge cầu",
    "hospital": "klinik hastane sanatorio krankenhaus szpital hospital viện",
    "school": "sekolah okul escuela schule szkoła school trường",
    "harvest": "tuaian hasat cosecha ernte zbiory harvest gặt",
    "model": "teladan örnek modelo vorbilder modeli models mẫu",
    "flood": "banjir sel inundación überschwemmung powódź flood lụt",
    "year": "tahun yıl año jahr roku year năm",
    "new": "baharu yeni nuevo neu nowe new mới",
    "opened": "dibuka açıldı abrió eröffnet otwarto opened mở",
}
ASKED = {
    "ms": "Bilakah apakah mana yang di daerah itu",
    "tr": "Ne zaman nerede hangi kim mi",
    "es": "Cuándo dónde qué se de la el",
    "de": "Wann wo wurde wie viele der die das",
    "pl": "Kiedy gdzie ile jak czy w na",
    "en": "When where was how many did the of a",
    "vi": "Khi nào ở đâu bao nhiêu có",
}
_WORD = re.compile(r"\w+")


class FakeEmbedder:
    """`strength` is how much longer the language's constant is than the meaning; `fail_after` that many batches.

    `texts` keeps every passage that was embedded, in order; `asked` every question.
    """

    def __init__(self, name: str = "fake", *, strength: float = 2.0, fail_after: int | None = None) -> None:
        self.name = name
        self.strength = strength
        self.fail_after = fail_after
        self.texts: list[str] = []
        self.asked: list[str] = []

    def queries(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return self._run("query", texts)

    def passages(self, texts: Sequence[str]) -> Vectors:
        if self.fail_after is not None:
            if not self.fail_after:
                raise ModelError("the embedder went away")
            self.fail_after -= 1
        self.texts += texts
        return self._run("passage", texts)

    def _run(self, role: str, texts: Sequence[str]) -> Vectors:
        rows = []
        for text in texts:
            # What is a concept weighs more than a word that says little.
            words = [_meanings().get(word, word) for word in _words(text)]
            parts = [_direction(word) * (3 if word.startswith("concept ") else 1) for word in words]
            meaning = np.sum(parts, axis=0) if parts else np.zeros(DIMENSION)
            meaning /= np.linalg.norm(meaning) or 1
            language = _direction(f"language {language_of(text)}") + 0.3 * _direction(f"role {role}")
            rows.append(meaning + self.strength * language)
        return unit(np.asarray(rows, dtype=np.float32).reshape(len(texts), DIMENSION))


def language_of(text: str) -> str:
    """The language whose vocabulary holds most of the text's words; English where none holds any."""
    counted = Counter({language: sum(word in known for word in _words(text)) for language, known in _known().items()})
    language, most = counted.most_common(1)[0]
    return language if most else "en"


def write_reports(folder: Path, languages: Sequence[str] = LANGUAGES) -> Path:
    """The reports as LANGUAGE.txt in `folder`, which comes back."""
    folder.mkdir(parents=True, exist_ok=True)
    for language in languages:
        (folder / f"{language}.txt").write_text(REPORTS[language], encoding="utf-8")
    return folder


def write_parallel(folder: Path, languages: Sequence[str] = LANGUAGES) -> Path:
    """CODE.txt a language: one concept a line, the same line by line."""
    folder.mkdir(parents=True, exist_ok=True)
    for language in languages:
        lines = [words.split()[LANGUAGES.index(language)] for words in CONCEPTS.values()]
        (folder / f"{language}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@contextmanager
def serving(answer: Callable[[str, dict[str, str], Any], tuple[int, str, bytes]]) -> Iterator[str]:
    """A real HTTP server on loopback; `answer` takes path, headers and JSON body, gives status, type and bytes."""

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            status, media, body = answer(self.path, dict(self.headers), json.loads(raw) if raw else None)
            self.send_response(status)
            self.send_header("Content-Type", media)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = handle_any  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _words(text: str) -> list[str]:
    return [fold(word) for word in _WORD.findall(text)]


@cache
def _meanings() -> dict[str, str]:
    return {fold(word): f"concept {name}" for name, words in CONCEPTS.items() for word in words.split()}


@cache
def _known() -> dict[str, frozenset[str]]:
    return {
        language: frozenset(
            _words(REPORTS[language] + ASKED[language]) + [fold(words.split()[row]) for words in CONCEPTS.values()]
        )
        for row, language in enumerate(LANGUAGES)
    }


@cache
def _direction(name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    vector = np.random.default_rng(seed).standard_normal(DIMENSION)
    return np.asarray(vector / np.linalg.norm(vector))
