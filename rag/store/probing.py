"""Whether a generation can be opened: tried in a child process, since opening a damaged one may crash the process.

Run as a module it is that child: it opens the generation that standard input names and writes what it holds.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from itertools import chain
from pathlib import Path

from rag.models import PassageKind
from rag.store.chroma import Store
from rag.store.generations import Generation, digest_of, digests_of

# Reading the keys of a million passages takes a minute.
PROBE_SECONDS = 300.0


def damage(root: Path, generation: Generation, names: Mapping[PassageKind, str]) -> str:
    """What is wrong with the generation in the folder `root`; empty if it holds what was recorded."""
    if not root.is_dir():
        return "it was deleted"
    try:
        found = digests_of(root)
    except OSError as error:
        return f"it cannot be read ({error})"
    if wrong := sorted(
        name for name in {*found, *generation.content} if found.get(name) != generation.content.get(name)
    ):
        return f"{wrong[0]} is not as it was written"
    # The package may not be installed but lie in a folder on the path.
    path = os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])])
    try:
        done = subprocess.run(
            [sys.executable, "-m", "rag.store.probing"],
            input=json.dumps({"root": str(root), "names": dict(names)}),
            capture_output=True,
            text=True,
            timeout=PROBE_SECONDS,
            env={**os.environ, "PYTHONPATH": path},
        )
    except subprocess.TimeoutExpired:
        return "opening it does not end"
    if done.returncode < 0:
        return f"opening it crashes the process ({signal.Signals(-done.returncode).name})"
    if done.returncode:
        return f"it cannot be opened ({(done.stderr.strip().splitlines() or ['no message'])[-1]})"
    told = json.loads(done.stdout)
    return "" if told == {"counts": generation.counts, "keys": generation.keys} else "it holds other passages"


def main() -> None:
    """Open the generation and write its counts and digests as JSON; raises or crashes if it is damaged."""
    asked = json.load(sys.stdin)
    store = Store(Path(asked["root"]), "", asked["names"])
    store.open()
    counts = store.probe()
    keys = {kind: digest_of(chain.from_iterable(store.keys(kind))) for kind in counts}
    store.close()
    json.dump({"counts": counts, "keys": keys}, sys.stdout)


if __name__ == "__main__":
    main()
