"""Which language model answers: the setting `ASKREPORTS_LLM` -> a `LanguageModel`.

Expensive steps (joining, downloading, loading) wait for the first completion.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import ModelError, SettingsError
from rag.llm.bundled import QWEN, bundled_model, installed
from rag.llm.model import LanguageModel
from rag.models import Progress
from rag.settings import Settings

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

MAGIC = b"GGUF"
INSTALL = "pip install -e '.[local]'"


def open_llm(settings: Settings, *, progress: Progress | None = None) -> LanguageModel | None:
    """The model that the setting names, None for `none` (or for an empty one without the extra `local`).

    Raises SettingsError for an unknown kind of value, ModelError if a named file or package is missing.
    """
    dial = settings.llm.strip()
    if dial == "none" or (not dial and not installed()):
        return None
    if dial in ("", "bundled"):
        _need_engine()
        if not (settings.cache / QWEN.file_name).is_file():
            QWEN.parts()  # missing parts are reported now, not at the first question
        return _local(lambda: bundled_model(settings.cache, progress), Path(QWEN.file_name).stem, settings)
    if dial.startswith(("http://", "https://")):
        from rag.llm.endpoint import Endpoint

        return Endpoint(dial, model=settings.llm_model, key=settings.llm_key, timeout=settings.llm_timeout)
    if dial.startswith("hf:"):
        from rag.llm.hub import HubFile, fetch

        wanted = HubFile.parse(dial)
        _need_engine()
        return _local(lambda: _gguf(fetch(wanted, settings.cache, progress)), Path(wanted.file).stem, settings)
    if dial.lower().endswith(".gguf"):
        _need_engine()
        path = _gguf(Path(dial).expanduser())
        return _local(lambda: _gguf(path), path.stem, settings)
    raise SettingsError(
        f"ASKREPORTS_LLM={dial!r} is none of: bundled, none, a path that ends in .gguf, hf:owner/repo/file.gguf, "
        "http://... or https://... (an OpenAI-compatible address)"
    )


def _local(find: Callable[[], Path], name: str, settings: Settings) -> LanguageModel:
    from rag.llm.local import LocalModel

    return LocalModel(find, name=name, context=settings.llm_context, threads=settings.threads)


def _need_engine() -> None:
    if importlib.util.find_spec("xllamacpp") is None:
        raise ModelError(
            f"a language model in this process needs the package xllamacpp: {INSTALL} "
            "(or set ASKREPORTS_LLM to an address, or to none for quotes only)"
        )


def _gguf(path: Path) -> Path:
    try:
        with path.open("rb") as file:
            magic = file.read(len(MAGIC))
    except OSError as error:
        raise ModelError(f"{path} (ASKREPORTS_LLM) cannot be read: {error.strerror}; check the path") from error
    if magic != MAGIC:
        raise ModelError(f"{path} (ASKREPORTS_LLM) is not a GGUF file (it begins with {magic!r}); download it again")
    return path


def from_llama_index(llm: LLM) -> LanguageModel:
    """Any llama-index `LLM` as a `LanguageModel`: no log-probabilities, no grammar; its errors pass through."""
    from rag.llm.llama import LlamaIndexModel

    return LlamaIndexModel(llm)
