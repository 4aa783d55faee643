"""One fuzzer's process: atheris must instrument modules before they are imported."""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

FOLDER = Path(__file__).parent
sys.path[:0] = [str(FOLDER.parent), str(FOLDER.parent.parent)]

# Our own code, and the Python libraries that see hostile input first.
WATCHED = ["rag.sources", "rag.language", "rag.verification", "rag.retrieval.phrases", "ui"]

if __name__ == "__main__":
    target = sys.argv.pop(1)
    with atheris.instrument_imports(include=WATCHED):
        import targets
    atheris.Setup(sys.argv, targets.TARGETS[target])
    atheris.Fuzz()
