"""Coverage-guided fuzzing: `python tests/fuzz TARGET --minutes N [--out DIR]`; `--list` names the targets.

Needs the extra `fuzz` (atheris). Starts from the small files of the tests, keeps what reaches new code under
`DIR/TARGET/corpus`, and stops at the first input that breaks a check, runs longer than `SLOW` seconds or takes too much
memory; it is then in `DIR/TARGET/found`. Such an input becomes a test, and the kind of fault is mended.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
sys.path[:0] = [str(FOLDER.parent), str(FOLDER.parent.parent)]

SLOW = 20  # seconds; an input of `LONGEST` bytes takes milliseconds
LONGEST = 4_096
MEMORY = 3_000  # megabytes


def main() -> int:
    import targets

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", nargs="?", choices=sorted(targets.TARGETS))
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--out", type=Path, default=Path("out/fuzz"))
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--input", type=Path, help="run this one input only")
    options = parser.parse_args()
    if options.list or not options.target:
        print("\n".join(sorted(targets.TARGETS)))
        return 0
    if options.input:
        targets.TARGETS[options.target](options.input.read_bytes())
        return 0
    place = options.out / options.target
    corpus, found = place / "corpus", place / "found"
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(targets.seeds(options.target)):
        (corpus / f"seed-{number:03}").write_bytes(seed[:LONGEST])
    command = [
        sys.executable,
        str(FOLDER / "engine.py"),
        options.target,
        str(corpus),
        f"-artifact_prefix={found}/",
        f"-max_total_time={int(options.minutes * 60)}",
        f"-timeout={SLOW}",
        f"-rss_limit_mb={MEMORY}",
        f"-max_len={LONGEST}",
        "-print_final_stats=1",
        "-verbosity=1",
    ]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
