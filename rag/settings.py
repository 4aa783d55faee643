"""One strict settings object: from code, or from the environment as `ASKREPORTS_*`.

An unknown key is an error in both; the message names the nearest known one. `Settings().hash` stamps every answer, so
that answers from the same configuration can be recognised. Does not depend on what the settings do.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
from pathlib import Path
from typing import Any, Literal

from platformdirs import user_cache_path
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from rag.errors import SettingsError

PREFIX = "ASKREPORTS_"


class Settings(BaseSettings):
    """All settings. Values given in code override the environment; the hash omits secrets. Raises SettingsError."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True)

    home: Path = Field(Path(".askreports"), description="folder of the catalogue and its Chroma cache")
    cache: Path = Field(
        default_factory=lambda: user_cache_path("askreports"), description="folder of joined or downloaded models"
    )
    llm: str = Field("", description="bundled, none, a .gguf path, hf:owner/repo/file.gguf, or a base URL")
    llm_model: str = Field("", description="model name at a base URL; empty takes the endpoint's first")
    llm_key: str = Field("", description="key for a base URL", repr=False)
    llm_context: int = Field(4096, ge=1024, le=1_000_000, description="context size in tokens")
    llm_timeout: float = Field(60.0, gt=0, description="seconds to wait for a remote model")
    threads: int = Field(0, ge=0, description="processor threads for models; 0 takes all cores")
    device: Literal["auto", "cpu"] = Field("auto", description="auto: a GPU for the embedder if there is one; or cpu")
    reader: str = Field("bundled", description="bundled, or a folder of a reader's weights")
    verifier: str = Field("bundled", description="bundled, or a folder of a verifier's weights")
    embedder: str = Field("bundled", description="bundled, or a base URL")
    embedder_model: str = Field("", description="model name at a base URL")
    embedder_key: str = Field("", description="key for a base URL", repr=False)
    embedder_query_prefix: str = Field("", description="put before each question at a base URL")
    embedder_passage_prefix: str = Field("", description="put before each passage at a base URL")
    means: Path | None = Field(None, description="table of language means for an embedder given by URL")
    chroma: str = Field("", description="empty: in large collections; embedded: in all; or a Chroma server's URL")
    window_chars: int = Field(900, ge=100, le=4000, description="target length of a passage, in characters")
    reading_windows: int = Field(8, ge=1, le=20, description="number of passages the reader reads per question")
    max_question_chars: int = Field(2000, ge=10, description="limit; longer questions are refused")
    max_file_mb: float = Field(100.0, gt=0, description="limit; larger files are refused")
    local_addresses: bool = Field(False, description="allow fetching from this machine and its local network")
    auth: str = Field("", description="file of name:hash lines for the users who may open the page; empty: everyone")
    max_upload_mb: float = Field(25.0, gt=0, description="upload limit of the page, per file")
    max_upload_files: int = Field(200, ge=1, description="upload limit of the page, files at once")

    def __init__(self, **values: Any) -> None:
        unknown = [name for name in os.environ if name.startswith(PREFIX) and not _known(name)]
        if unknown:
            raise SettingsError(_unknown(unknown[0], [PREFIX + field.upper() for field in Settings.model_fields]))
        for name in values:
            if name not in Settings.model_fields:
                raise SettingsError(_unknown(name, list(Settings.model_fields)))
        try:
            super().__init__(**values)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            got = "" if where.endswith("_key") else f", got {first['input']!r}"
            raise SettingsError(f"{PREFIX}{where.upper()} (setting {where}): {first['msg']}{got}") from None

    @property
    def chroma_url(self) -> str:
        """Of a Chroma server; empty for a folder of one's own."""
        return "" if self.chroma == "embedded" else self.chroma

    @property
    def hash(self) -> str:
        """Twelve hex digits over everything that can change an answer (folders, keys and access cannot)."""
        without = {"home", "cache", "llm_key", "embedder_key", "threads", "device"}
        without |= {"local_addresses", "auth", "max_upload_mb", "max_upload_files"}
        held = self.model_dump(mode="json", exclude=without)
        return hashlib.sha256(json.dumps(held, sort_keys=True).encode()).hexdigest()[:12]


def _known(variable: str) -> bool:
    return variable.removeprefix(PREFIX).lower() in Settings.model_fields


def _unknown(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean {near[0]}?" if near else f"; known: {', '.join(sorted(known))}"
    return f"unknown setting {name}{hint}"
