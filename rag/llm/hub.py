"""A model file named `hf:owner/repo/file.gguf`: downloaded once from the model hub, then taken from the cache.

Only the model hub (or the one that HF_ENDPOINT names) is contacted, and only while the file is not in the cache. Does
not depend on what a model is for, nor on how progress is shown.
"""

from __future__ import annotations

import io
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import ModelError, SettingsError

if TYPE_CHECKING:
    from rag.models import Progress

PATTERN = re.compile(r"hf:([\w.-]+/[\w.-]+)/([^\s?#]+\.gguf)", re.IGNORECASE)
SECONDS = 10.0  # until the hub's first response


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file of a repository on the hub; `file` may contain folders."""

    repository: str
    file: str

    @classmethod
    def parse(cls, dial: str) -> HubFile:
        """Parse `hf:owner/repo/file.gguf`. Raises SettingsError for anything else."""
        match = PATTERN.fullmatch(dial)
        if match is None or ".." in match[2].split("/"):
            raise SettingsError(f"ASKREPORTS_LLM={dial!r} should read hf:owner/repo/file.gguf")
        return cls(match[1], match[2])


def fetch(wanted: HubFile, cache: Path, progress: Progress | None = None, *, endpoint: str | None = None) -> Path:
    """Path of the file under `cache`; no request is made if it is there already.

    Raises ModelError if it is not on the hub, gated, the hub is unreachable, or there is no room.
    """
    from huggingface_hub import errors as hub
    from huggingface_hub import hf_hub_download, try_to_load_from_cache

    folder = cache / "hub"
    address = endpoint or os.environ.get("HF_ENDPOINT") or "the model hub"
    try:
        held = try_to_load_from_cache(wanted.repository, wanted.file, cache_dir=folder)
        if isinstance(held, str):
            return Path(held)
        return Path(
            hf_hub_download(
                wanted.repository,
                wanted.file,
                cache_dir=folder,
                endpoint=endpoint or os.environ.get("HF_ENDPOINT"),
                etag_timeout=SECONDS,
                tqdm_class=_bar(progress),
            )
        )
    except hub.GatedRepoError as error:
        raise ModelError(
            f"{wanted.repository} is gated: accept its terms on its page, then set HF_TOKEN to a token that may read it"
        ) from error
    except hub.RepositoryNotFoundError as error:
        raise ModelError(
            f"{address} has no repository {wanted.repository} (or it is private: then set HF_TOKEN); check the name"
        ) from error
    except hub.RemoteEntryNotFoundError as error:
        raise ModelError(f"{wanted.repository} has no file {wanted.file}; check its name on the page") from error
    except hub.LocalEntryNotFoundError as error:
        raise ModelError(
            f"{wanted.file} is not in {folder} and {address} cannot be reached; connect once to download it, "
            "or set ASKREPORTS_LLM to the path of a .gguf that is here"
        ) from error
    except hub.HFValidationError as error:
        raise ModelError(f"{wanted.repository} is no name of a repository; check the name in ASKREPORTS_LLM") from error
    except (OSError, hub.HTTPError) as error:  # type: ignore[attr-defined]
        raise ModelError(
            f"{wanted.file} of {wanted.repository} could not be downloaded from {address} ({error}); "
            "run again to resume the download"
        ) from error


def _bar(progress: Progress | None) -> Any:
    """A progress bar class that draws nothing and calls `progress` instead."""
    from huggingface_hub.utils.tqdm import tqdm

    class Silent(tqdm):
        monitor_interval = 0  # no monitor thread

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **{**kwargs, "file": io.StringIO(), "disable": False})  # type: ignore[no-untyped-call]

        def update(self, n: float | None = 1) -> bool | None:
            drawn: bool | None = super().update(n)
            if progress:
                progress("downloading the language model", int(self.n), int(self.total or 0))
            return drawn

    return Silent
